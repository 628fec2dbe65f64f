"""The axis follows the bulk of the values: its scale, its range, and the value that is drawn apart."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from tidynet.profiling.axis_choice import AxisChoice, choose_axis
from tidynet.profiling.counts import Histogram, count_values

NORMAL = np.random.default_rng(1).normal(50, 8, 400)
SKEWED = np.exp(np.random.default_rng(2).normal(5, 1.5, 400))


def axis_of(values: np.ndarray) -> AxisChoice:
    return choose_axis(np.sort(values))


@pytest.mark.parametrize(
    ("values", "scale"),
    [
        (NORMAL, "linear"),
        (np.append(NORMAL, 999.0), "linear"),
        (np.append(NORMAL, [1e9, 2e9]), "linear"),
        (np.append(NORMAL, 0.001), "linear"),
        (np.append(np.arange(1, 13.0), 5000.0), "linear"),
        (SKEWED, "log"),
        (np.append(SKEWED, 1e12), "log"),
        (1 + np.random.default_rng(3).pareto(1.2, 400), "log"),
        (SKEWED - 500, "linear"),
        (np.random.default_rng(4).gamma(2, 5, 400), "linear"),
        (np.random.default_rng(4).geometric(0.2, 400).astype(float), "linear"),
        (np.random.default_rng(5).uniform(1, 1000, 400), "linear"),
        (np.append(np.random.default_rng(6).gamma(0.6, 9, 399).round(), 0.0), "sqrt"),
    ],
)
def test_the_scale_is_that_of_the_bulk(values: np.ndarray, scale: str) -> None:
    assert choose_axis(np.sort(values), apart=False).scale == scale


@pytest.mark.parametrize("outliers", [[999.0], [-400.0], [999.0, 1e6], [-1e5, 1e5], [1e300]])
def test_outliers_lie_off_the_axis_and_are_counted(outliers: list[float]) -> None:
    values = np.append(NORMAL, outliers)
    counts = count_values(pl.Series(values))
    assert counts is not None
    assert counts.edges[0] > NORMAL.min() - 10
    assert counts.edges[-1] < NORMAL.max() + 10
    assert (counts.below, counts.above) == (sum(x < 0 for x in outliers), sum(x > 0 for x in outliers))
    assert (counts.rows, counts.low, counts.high) == (len(values), values.min(), values.max())
    assert "off the axis" in counts.description("v")


def test_signed_heavy_tails_leave_most_rows_on_the_axis() -> None:
    values = np.random.default_rng(7).standard_t(1.2, 2000) * 1000
    axis = axis_of(values)
    first, third = np.quantile(values, [0.25, 0.75])
    assert axis.high - axis.low < 30 * (third - first)
    assert np.mean((values >= axis.low) & (values <= axis.high)) > 0.9


@pytest.mark.parametrize(
    ("values", "spike", "scale"),
    [
        (np.append(np.zeros(300), SKEWED[:100]), 0.0, "log"),
        (np.append(np.zeros(40), SKEWED), 0.0, "log"),  # few zeros, which a log axis has no place for
        (np.append(np.full(900, 30.0), NORMAL[:100]), 30.0, "linear"),
        (np.append(np.full(300, 100.0), np.random.default_rng(8).uniform(0, 100, 100)), 100.0, "linear"),
        (np.append(np.zeros(200), np.random.default_rng(9).normal(0, 5, 100)), 0.0, "linear"),
        (np.append(np.zeros(990), np.arange(1, 11.0)), 0.0, "linear"),
        (np.append(np.zeros(60), np.ones(40)), None, "linear"),  # two bars show two values
        (np.array([0.0] * 60 + [1.0] * 25 + [2.0] * 10 + [3.0] * 5), None, "linear"),
        (NORMAL, None, "linear"),
    ],
)
def test_a_value_that_hides_the_others_stands_apart(values: np.ndarray, spike: float | None, scale: str) -> None:
    counts = count_values(pl.Series(values))
    assert counts is not None
    assert (counts.spike, counts.scale) == (spike, scale)
    assert counts.spike_rows == (0 if spike is None else np.count_nonzero(values == spike))
    assert counts.rows == len(values)
    if spike is not None:
        assert sum(rows > 0 for rows in counts.counts) >= 4


def test_a_date_far_from_all_others_lies_off_the_axis() -> None:
    days = pl.date_range(pl.date(2021, 1, 1), pl.date(2022, 12, 31), eager=True)
    counts = count_values(pl.concat([pl.Series(["1900-01-01"]).str.to_date(), days]))
    assert counts is not None
    assert (counts.below, counts.above) == (1, 0)
    assert counts.remarks() == ["1 row off the axis, down to 1900"]


def test_quantiles_are_of_all_values() -> None:
    values = np.append(np.zeros(300), SKEWED)
    counts = count_values(pl.Series(values))
    assert isinstance(counts, Histogram)
    assert counts.quantiles == pytest.approx(np.quantile(values, [0.1, 0.25, 0.5, 0.75, 0.9]))
    assert counts.description("v").endswith("43% of rows are 0.")
