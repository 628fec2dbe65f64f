"""Bars and histograms of columns of every variable type."""

from __future__ import annotations

import json
from datetime import date, datetime, time, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidynet.core.serialization import from_plain, to_plain
from tidynet.profiling.counts import Bars, Histogram, count_categories, count_column, count_values
from tidynet.table.variable_type import TypeInference, VariableType


def of(kind: VariableType, levels: tuple[str, ...] = ()) -> TypeInference:
    return TypeInference(kind, "a reason", levels)


def test_categories_are_sorted_by_frequency_then_name() -> None:
    bars = count_categories(pl.Series(["c", "b", "a", "b", None]))
    assert bars == Bars(("b", "a", "c"), (2, 1, 1), missing=1)


def test_an_ordinal_keeps_its_own_order() -> None:
    column = pl.Series(["high", "low", "high", "medium", "high"])
    bars = count_column(column, of(VariableType.ORDINAL, ("low", "medium", "high")))
    assert isinstance(bars, Bars)
    assert bars.categories == ("low", "medium", "high")


def test_a_boolean_is_sorted_by_frequency() -> None:
    bars = count_column(pl.Series([True, True, False]), of(VariableType.BOOLEAN, ("false", "true")))
    assert isinstance(bars, Bars)
    assert bars.categories == ("true", "false")


def test_a_thousand_categories_become_top_and_other() -> None:
    column = pl.Series([f"level {i}" for i in range(1000)] + ["level 7"] * 5)
    bars = count_column(column, of(VariableType.NOMINAL), max_levels=6)
    assert isinstance(bars, Bars)
    assert bars.categories[0] == "level 7"
    assert (len(bars.categories), bars.other_categories, bars.other_rows) == (5, 995, 995)
    assert bars.rows == 1005


def test_long_categories_are_cut_but_counted_once() -> None:
    bars = count_categories(pl.Series(["x" * 10_000, "y"]))
    assert [len(level) for level in bars.categories] == [120, 1]


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        (pl.Series([None, None], dtype=pl.Float64), VariableType.CONTINUOUS),
        (pl.Series([], dtype=pl.String), VariableType.NOMINAL),
        (pl.Series([float("inf"), None]), VariableType.CONTINUOUS),
        (pl.Series([[1], [2]]), VariableType.TEXT),
        (pl.Series([{"a": 1}]), VariableType.TEXT),
        (pl.Series([b"a"]), VariableType.TEXT),
        (pl.Series(["a", "b"]), VariableType.IDENTIFIER),
        (pl.Series(["a", "a"]), VariableType.CONSTANT),
        (pl.Series(["soon", "later"]), VariableType.DATETIME),
    ],
)
def test_nothing_to_draw(column: pl.Series, kind: VariableType) -> None:
    assert count_column(column, of(kind)) is None


@pytest.mark.parametrize(
    ("column", "kind", "scale", "unit"),
    [
        (pl.Series([1.5, 2.5]), VariableType.CONTINUOUS, "linear", ""),
        (pl.Series(["1.5", "2"]), VariableType.CONTINUOUS, "linear", ""),
        (pl.Series(["1.50", "2"]).cast(pl.Decimal(10, 2)), VariableType.CONTINUOUS, "linear", ""),
        (pl.Series([date(2020, 1, 1), date(2021, 1, 1)]), VariableType.DATETIME, "time", ""),
        (pl.Series([datetime(2020, 1, 1, 5), None]), VariableType.DATETIME, "time", ""),
        (pl.Series(["28.2.2024", "1.3.2024"]), VariableType.DATETIME, "time", ""),
        (pl.Series([timedelta(hours=5), timedelta(hours=1)]), VariableType.DURATION, "linear", "hours"),
        (pl.Series([time(6, 0), time(18, 0)]), VariableType.DURATION, "linear", "hours"),
        (pl.Series(["a word", "two words"]), VariableType.TEXT, "linear", "characters"),
    ],
)
def test_each_quantitative_column_is_binned_on_its_scale(
    column: pl.Series, kind: VariableType, scale: str, unit: str
) -> None:
    histogram = count_column(column, of(kind))
    assert isinstance(histogram, Histogram)
    assert (histogram.scale, histogram.unit) == (scale, unit)
    assert sum(histogram.counts) == len(column) - column.null_count()
    assert all(label for _, label in histogram.ticks())


def test_times_are_read_off_the_clock_of_their_zone() -> None:
    column = pl.Series([datetime(2020, 1, 1, 23)]).dt.replace_time_zone("America/New_York")
    histogram = count_values(column)
    assert histogram is not None
    assert histogram.ticks()[0][1] == "23:00"


def test_infinite_and_missing_values_are_counted_apart() -> None:
    histogram = count_values(pl.Series([1.0, 2.0, float("inf"), None]))
    assert histogram is not None
    assert (sum(histogram.counts), histogram.outside, histogram.missing) == (2, 1, 1)


def test_skewed_values_get_a_log_axis_with_natural_labels() -> None:
    column = pl.Series(10 ** np.random.default_rng(0).normal(4, 0.7, 400))
    histogram = count_values(column)
    assert histogram is not None
    assert histogram.scale == "log"
    assert {"1000", "10k", "100k"} <= {label for _, label in histogram.ticks()}


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([1, 2, 2, 3], "Histogram of rank: 4 rows from 1 to 3, most often 2."),
        ([5, 5], "Histogram of rank: 2 rows all 5."),
        ([date(2020, 1, 1), date(2020, 1, 1)], "Histogram of rank: 2 rows all 2020."),
    ],
)
def test_a_histogram_in_words(values: list[Any], words: str) -> None:
    histogram = count_values(pl.Series(values))
    assert histogram is not None
    assert histogram.description("rank") == words


def test_alternative_text_of_bars_counts_other_categories() -> None:
    bars = count_categories(pl.Series([f"level {i:02}" for i in range(12)]), max_levels=20)
    assert bars.description("x").endswith("level 07 1 rows, and 4 more categories.")


@given(
    st.lists(st.floats(allow_nan=False) | st.none(), min_size=1, max_size=40)
    | st.lists(st.datetimes() | st.none(), min_size=1, max_size=40)
    | st.lists(st.timedeltas(timedelta(days=-9999), timedelta(days=9999)) | st.none(), min_size=1, max_size=40)
)
def test_any_values_are_counted_described_and_kept_by_json(values: list[Any]) -> None:
    column = pl.Series(values)
    if column.dtype == pl.Null:
        column = column.cast(pl.Float64)
    histogram = count_values(column)
    if histogram is None:
        assert not any(isinstance(v, datetime | timedelta) or (v is not None and abs(v) < np.inf) for v in values)
        return
    assert sum(histogram.counts) + histogram.outside + histogram.missing == len(values)
    assert histogram.description("x").startswith("Histogram of x")
    assert all(histogram.interval(place) for place in range(len(histogram.counts)))
    assert from_plain(Histogram, json.loads(json.dumps(to_plain(histogram)))) == histogram


@given(st.lists(st.text(max_size=8) | st.none(), max_size=40))
def test_categories_are_counted_once_and_survive_json(values: list[str | None]) -> None:
    bars = count_categories(pl.Series(values, dtype=pl.String))
    assert bars.rows + bars.missing == len(values)
    assert from_plain(Bars, json.loads(json.dumps(to_plain(bars)))) == bars
