"""Statistics of one column against pandas, and its properties."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidynet.profiling.categories import category_counts, spelling_groups
from tidynet.profiling.column_profile import profile_column
from tidynet.profiling.distribution import likely_distribution, symmetrizing_transformation
from tidynet.profiling.numeric_statistics import number_statistics
from tidynet.profiling.profile import ColumnProfile
from tidynet.table.infer_types import infer_type
from tidynet.table.variable_type import TypeInference, VariableType


def looked(values: object, name: str = "x", dtype: pl.DataType | None = None) -> ColumnProfile:
    series = pl.Series(name, values, dtype=dtype)
    return profile_column(series, infer_type(series))


@given(st.lists(st.floats(-1e6, 1e6).map(lambda value: round(value, 3)), min_size=1, max_size=60))
@settings(max_examples=60)
def test_numbers_are_those_of_pandas(values: list[float]) -> None:
    numbers, distinct, _ = number_statistics(np.array(values))
    series = pd.Series(values)
    spread = series.abs().max() or 1.0
    assert distinct == series.nunique()
    assert numbers["mean"] == pytest.approx(series.mean(), abs=1e-9 * spread)
    shares = {"1%": 0.01, "5%": 0.05, "25%": 0.25, "median": 0.5, "75%": 0.75, "95%": 0.95, "99%": 0.99}
    for name, share in shares.items():
        assert numbers[name] == pytest.approx(series.quantile(share), abs=1e-9 * spread)
    if len(values) > 1:
        assert numbers["std"] == pytest.approx(series.std(), abs=1e-9 * spread)
    if series.std() > 1e-3 * spread:  # pandas calls smaller spreads 0 at times
        if len(values) > 2:
            assert numbers["skew"] == pytest.approx(series.skew(), rel=1e-6, abs=1e-6)
        if len(values) > 3:
            assert numbers["kurtosis"] == pytest.approx(series.kurt(), rel=1e-6, abs=1e-6)


def test_the_hardest_floats_give_finite_numbers_and_no_warning() -> None:
    numbers, distinct, _ = number_statistics(np.array([1.7e308, -1.7e308, 5e-324, np.inf, -np.inf, 0.0]))
    assert distinct == 6
    assert numbers["infinities"] == 2
    assert all(np.isfinite(value) for value in numbers.values())


@pytest.mark.parametrize("values", [[], [None, None], [1.0], [float("inf"), float("inf")], [2, 2, 2], [None, 0.1]])
def test_columns_with_few_values_are_profiled(values: list[float | None]) -> None:
    profile = looked(values, dtype=pl.Float64())
    assert profile.rows == len(values)
    assert profile.missing == sum(value is None for value in values)


def test_columns_of_lists_and_records_have_no_statistics_but_a_size() -> None:
    profile = looked([[1, 2], [3]])
    assert set(profile.statistics) == {"bytes"}
    assert profile.distinct is None


@pytest.mark.parametrize(
    ("draw", "name"),
    [
        (lambda rng: rng.normal(10, 3, 3000), "normal"),
        (lambda rng: rng.uniform(-5, 5, 3000), "uniform"),
        (lambda rng: rng.lognormal(2, 1, 3000), "log-normal"),
        (lambda rng: rng.exponential(7, 3000), "exponential"),
        (lambda rng: rng.poisson(3, 3000).astype(float), "Poisson"),
        (lambda rng: rng.negative_binomial(2, 0.05, 3000).astype(float), "negative binomial"),
        (lambda rng: rng.pareto(1.5, 3000) + 1, "power law"),
        (lambda rng: np.append(rng.normal(0, 1, 1500), rng.normal(10, 1, 1500)), "two peaks"),
        (lambda rng: np.where(rng.random(3000) < 0.6, 0, rng.lognormal(2, 1, 3000)), "zeros, else log-normal"),
    ],
)
def test_a_sample_is_known_for_what_it_was_drawn_from(draw: object, name: str) -> None:
    ordered = np.sort(draw(np.random.default_rng(1)))  # type: ignore[operator]
    grid = 1.0 if np.array_equal(ordered, np.rint(ordered)) else 0.0
    assert likely_distribution(ordered, 3000, grid) == name


@pytest.mark.parametrize(
    ("values", "name"),
    [
        (np.exp(np.linspace(-2, 2, 301)), "log"),
        (np.linspace(0.1, 10, 301) ** 2, "square root"),
        (1 / (1 + np.exp(-np.linspace(-8, 3, 301))), "logit"),
    ],
)
def test_the_transformation_undoes_what_was_done(values: np.ndarray, name: str) -> None:  # type: ignore[type-arg]
    found = symmetrizing_transformation(np.sort(values))
    assert found is not None
    assert found[0] == name
    assert abs(found[1]) < 0.1


def test_an_even_column_needs_no_transformation() -> None:
    assert symmetrizing_transformation(np.linspace(1, 9, 100)) is None


def test_categories_with_two_spellings_are_found() -> None:
    profile = looked(["New York"] * 5 + ["new york ", "Boston", "boston", "Rome"] * 2)
    assert profile.similar_spellings == (("New York", "new york "), ("Boston", "boston"))
    assert profile.statistics["leading or trailing spaces"] == 2


def test_categories_that_differ_more_are_not_similar_spellings() -> None:
    assert spelling_groups(category_counts(pl.Series(["C", "C++", "1.5", "15"]))).is_empty()


def test_rare_categories_are_counted() -> None:
    profile = profile_column(pl.Series(["a"] * 500 + ["b"] * 3 + ["c"]), TypeInference(VariableType.NOMINAL, "levels"))
    assert profile.statistics["rare categories"] == 2
    assert profile.statistics["rows in rare categories"] == 4
    assert profile.categories == (("a", 500), ("b", 3), ("c", 1))


def test_the_pattern_of_codes_is_found() -> None:
    profile = looked([f"AB-{number:04d}" for number in range(50)])
    assert (profile.variable_type, profile.properties["pattern"], profile.statistics["pattern fraction"]) == (
        "identifier",
        "AA-9999",
        1.0,
    )


def test_days_have_steps_and_seasons() -> None:
    days = [datetime(2024, 1, 1) + timedelta(days=day) for day in range(400) if day % 7 < 5 and day != 100]
    profile = profile_column(pl.Series("day", days), TypeInference(VariableType.DATETIME, "dates"))
    assert profile.statistics["median step (days)"] == 1
    assert profile.seasonal_counts["weekday"][5:] == (0, 0)
    assert profile.properties["weekdays"].endswith("least on Saturday")
    assert profile.properties["first"] == "2024-01-01"
    assert "hour" not in profile.seasonal_counts


@pytest.mark.parametrize(
    ("series", "dtype"),
    [
        (pl.Series([1, 200, 3]), "UInt8"),
        (pl.Series([-1, 200, 3]), "Int16"),
        (pl.Series([1.0, 2.0, None]), "UInt8"),
        (pl.Series([0.5, 0.25]), "Float32"),
        (pl.Series([0.1, 0.25]), "Float64"),
        (pl.Series([datetime(2024, 1, 1), datetime(2024, 5, 1)]), "Date"),
        (pl.Series([datetime(2024, 1, 1, 5), datetime(2024, 5, 1)]), "Datetime(time_unit='us', time_zone=None)"),
        (pl.Series(["north", "south"] * 50), "Categorical"),
    ],
)
def test_the_smallest_dtype_keeps_every_value(series: pl.Series, dtype: str) -> None:
    profile = profile_column(series, infer_type(series))
    assert profile.properties["smallest dtype"] == dtype
    assert profile.statistics["bytes in smallest dtype"] <= profile.statistics["bytes"]
