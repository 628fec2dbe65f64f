"""Comparison of two tables: distances against SciPy, noise levels by simulation, shifts by hand."""

from __future__ import annotations

import json
import sys
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy import stats
from scipy.spatial.distance import jensenshannon

from tidynet.core.errors import InputError
from tidynet.profiling import profile_table
from tidynet.profiling.compare import compare_tables
from tidynet.profiling.counts import Bars, Histogram
from tidynet.profiling.distribution_shift import jensen_shannon, kolmogorov_smirnov
from tidynet.table.read import read


@pytest.mark.parametrize("seed", range(5))
def test_the_largest_difference_of_shares_is_scipys(seed: int) -> None:
    rng = np.random.default_rng(seed)
    first, second = rng.normal(size=400).round(1), rng.normal(0.2, 1.2, 300).round(1)
    distance, _, p = kolmogorov_smirnov(first, second)
    expected = stats.ks_2samp(first, second, method="asymp")
    assert distance == pytest.approx(expected.statistic)
    assert p == pytest.approx(expected.pvalue)


@pytest.mark.parametrize("seed", range(5))
def test_the_distance_of_categories_equals_scipy(seed: int) -> None:
    rng = np.random.default_rng(seed)
    first, second = rng.integers(0, 90, 6), rng.integers(1, 50, 6)
    distance, _, p = jensen_shannon(first, second)
    assert distance == pytest.approx(jensenshannon(first, second, base=2))
    assert p == pytest.approx(stats.chi2_contingency([first, second], correction=False).pvalue)


def test_equal_distributions_exceed_the_noise_level_in_5_percent_of_samples() -> None:
    rng = np.random.default_rng(0)
    shares = np.array([0.5, 0.2, 0.15, 0.1, 0.05])
    beyond = np.zeros(2)
    cases = 800
    for _ in range(cases):
        distance, floor, _ = jensen_shannon(rng.multinomial(500, shares), rng.multinomial(300, shares))
        beyond[0] += distance > floor
        distance, floor, _ = kolmogorov_smirnov(rng.normal(size=500), rng.normal(size=300))
        beyond[1] += distance > floor
    assert np.all((beyond / cases > 0.025) & (beyond / cases < 0.075)), beyond / cases


def tables(rows: int = 2_000) -> tuple[dict[str, Any], dict[str, Any]]:
    rng = np.random.default_rng(0)

    def one(income: float, north: float) -> dict[str, Any]:
        days = rng.integers(0, 300, rows)
        return {
            "age": rng.normal(40, 10, rows),
            "income": rng.lognormal(income, 0.8, rows),
            "region": np.where(rng.random(rows) < north, "north", "south"),
            "joined": [date(2020, 1, 1) + timedelta(days=int(day)) for day in days],
            "children": rng.poisson(2, rows),
        }

    first, second = one(3.0, 0.5), one(3.4, 0.7)
    second["region"][:40] = "west"
    second["joined"] = [day + timedelta(days=365) for day in second["joined"]]
    second["children"] = pl.Series(second["children"]).set(pl.Series(rng.random(rows) < 0.15), None)
    second["extra"] = np.ones(rows)
    first["old"] = np.arange(rows) % 7
    return first, second


def test_distribution_shifts_are_ranked_and_described() -> None:
    seen = compare_tables(*tables())
    assert (seen.added, seen.dropped, seen.shared_rows) == (("extra",), ("old",), 0)
    assert [one.column for one in seen.shifts if one.is_significant] == ["joined", "income", "region", "children"]
    assert not seen["age"].is_significant
    assert seen["region"].new_categories == (("west", 40),)
    assert seen["joined"].distance == 1.0
    assert seen["children"].missing[1] == pytest.approx(0.15, abs=0.03)
    sentences = seen.sentences()
    assert sentences[:2] == ["added: 'extra'", "dropped: 'old'"]
    assert "median 2021-05-" in sentences[2]
    assert "missing 15%, was 0%" in sentences[-1]


def test_chart_counts_share_bins_and_categories() -> None:
    seen = compare_tables(*tables())
    for shift in seen.shifts:
        assert shift.chart_counts is not None
        first, second = shift.chart_counts
        if isinstance(first, Histogram):
            assert isinstance(second, Histogram)
            assert first.edges == second.edges
            assert sum(first.counts) == 2_000
        else:
            assert isinstance(second, Bars)
            assert first.categories == second.categories
        assert len(first.counts) == len(second.counts)


def test_a_table_has_no_shift_from_itself() -> None:
    penguins = read("penguins")
    seen = compare_tables(penguins, penguins)
    assert seen.sentences() == [
        "no significant distribution shift",
        "344 of 344 rows of 'penguins (second)' are shared",
    ]
    assert {one.distance for one in seen.shifts} == {0.0}
    json.dumps(seen.to_dict(), allow_nan=False)


def test_halves_of_one_table_differ_by_no_more_than_noise() -> None:
    false_alarms = 0
    for seed in range(30):
        rng = np.random.default_rng(seed)
        frame = pl.DataFrame(
            {
                **{f"x{i}": rng.normal(size=400) for i in range(5)},
                **{f"c{i}": [f"l{v}" for v in rng.poisson(3, 400)] for i in range(5)},
                "gap": pl.Series(rng.normal(size=400)).set(pl.Series(rng.random(400) < 0.2), None),
            }
        )
        false_alarms += sum(one.is_significant for one in compare_tables(frame.head(200), frame.tail(200)).shifts)
    assert false_alarms <= 1


def test_changed_variable_types_are_listed() -> None:
    first = {"zone": [1.5, 2.5, 3.0, 4.0] * 5, "size": [1, 2, 3, 4] * 5, "day": ["2020-01-01", "2020-02-01"] * 10}
    second = {"zone": ["a", "b", "c", "d"] * 5, "size": [1.0, 2.0, 3.0, 4.0] * 5, "day": [date(2020, 1, 1)] * 20}
    changed = {one.column: (one.first, one.second) for one in compare_tables(first, second).type_changes}
    assert changed["zone"] == ("continuous", "nominal")
    assert "size" not in changed
    assert changed["day"] == ("datetime", "constant")


def test_shared_rows_count_across_dtypes_and_missing_values() -> None:
    first = pl.DataFrame({"a": [1, 2, None], "b": ["x", "y", None]})
    second = pl.DataFrame({"a": [2.0, None, 9.0], "b": ["y", None, "x"]})
    assert compare_tables(first, second).shared_rows == 2


def test_large_tables_are_sampled_with_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["tidynet.profiling.compare"], "MAX_ROWS", 100)
    seen = compare_tables({"a": range(1000)}, {"a": range(50)})
    assert seen.rows == (1000, 50)
    assert seen.shared_rows is None
    assert seen.notes[0] == (
        "comparison uses 100 of 1,000 rows of 'table (first)', evenly spaced; shared rows were not counted"
    )


def test_a_profile_has_no_rows() -> None:
    with pytest.raises(InputError, match="expected rows to compare; pass the table itself"):
        compare_tables(profile_table("penguins"), "penguins")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"a": [None, None]}, {"a": [1.0, 2.0]}),
        ({"a": []}, {"a": [1]}),
        ({"a": [1]}, {"b": [1]}),
        ({"^a$": [1.0, 2.5], "": ["x", "y"]}, {"^a$": [2.0, 3.5], "": ["x", "z"]}),
        ({"a": [[1], [2]]}, {"a": [[1], [3]]}),
        ({"a": [float("inf")] * 3}, {"a": [float("nan"), 1.0, 2.0]}),
        ({"a": [True, False]}, {"a": [0, 1]}),
        ({"a": [timedelta(days=1), timedelta(days=3)]}, {"a": [timedelta(hours=1), timedelta(hours=2)]}),
    ],
)
def test_odd_tables_are_compared(first: dict[str, Any], second: dict[str, Any]) -> None:
    json.dumps(compare_tables(first, second).to_dict(), allow_nan=False)
