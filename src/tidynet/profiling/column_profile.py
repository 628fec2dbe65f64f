"""One column → ColumnProfile, exactly, from the rows in memory."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from tidynet.profiling.categories import category_counts, category_statistics, similar_spellings
from tidynet.profiling.counts import count_column
from tidynet.profiling.distribution import downsample, likely_distribution, symmetrizing_transformation
from tidynet.profiling.histogram_bins import resolution
from tidynet.profiling.memory_usage import smallest_dtype
from tidynet.profiling.numeric_statistics import QUANTILES, number_statistics
from tidynet.profiling.numeric_values import to_floats
from tidynet.profiling.profile import ColumnProfile
from tidynet.profiling.seasonality import describe_season, seasonal_counts, time_statistics
from tidynet.profiling.text_statistics import text_pattern, text_statistics
from tidynet.table.variable_type import TypeInference, VariableType

__all__ = ["MOST_BARS", "profile_column"]

MOST_BARS = 12
"""Bars of a qualitative variable in a profile; the last stands for all other levels."""


def profile_column(series: pl.Series, inferred_type: TypeInference) -> ColumnProfile:
    """All numbers of one column."""
    name, kind = series.name, inferred_type.variable_type
    # Polars takes a name such as "^a$" for a pattern, even in the methods of the series itself.
    series = series.alias("values")
    numbers: dict[str, float] = {}
    text: dict[str, str] = {"dtype": str(series.dtype)}
    facts = _ColumnFacts(numbers, text)
    composite = series.dtype.is_nested() or series.dtype in (pl.Binary, pl.Object)
    if not composite and series.null_count() < len(series):
        if kind.is_numeric:
            _quantity(series, kind, facts)
        elif kind is VariableType.CONSTANT:
            text["value"] = str(series.drop_nulls()[0])[:120]
            facts.distinct = 1
        if facts.distinct is None:
            _levels(series, kind, facts)
    numbers["bytes"] = float(series.estimated_size())
    if not composite:
        text["smallest dtype"], after = smallest_dtype(series, facts.distinct)
        numbers["bytes in smallest dtype"] = float(after)
    return ColumnProfile(
        name=name,
        variable_type=str(kind),
        type_reason=inferred_type.reason,
        rows=len(series),
        missing=series.null_count(),
        distinct=0 if series.null_count() == len(series) else facts.distinct,
        statistics=numbers,
        categories=facts.levels,
        chart_counts=count_column(series, inferred_type, max_levels=MOST_BARS),
        properties=text,
        similar_spellings=facts.near_duplicates,
        seasonal_counts=facts.seasons,
    )


class _ColumnFacts:
    """What is gathered of one column on the way."""

    def __init__(self, numbers: dict[str, float], text: dict[str, str]) -> None:
        self.numbers, self.words = numbers, text
        self.distinct: int | None = None
        self.levels: tuple[tuple[str, int], ...] = ()
        self.near_duplicates: tuple[tuple[str, ...], ...] = ()
        self.seasons: dict[str, tuple[int, ...]] = {}


def _quantity(series: pl.Series, kind: VariableType, facts: _ColumnFacts) -> None:
    read = to_floats(series, kind)
    if read is None:
        return
    values, unit = read
    non_missing = values[values == values]
    if not non_missing.size:
        return
    statistics, facts.distinct, ordered = number_statistics(non_missing)
    if unit == "time":
        _time(statistics, ordered, facts)
        return
    facts.numbers.update(statistics)
    if unit:
        facts.words["unit"] = unit
    if facts.distinct <= 20:
        _top_values(series, facts)
    if ordered.size:
        points = downsample(ordered)
        if shape := likely_distribution(points, len(ordered), resolution(points)):
            facts.words["distribution"] = shape
        if change := symmetrizing_transformation(points):
            facts.words["transformation"], facts.numbers["skew after transformation"] = change


def _top_values(series: pl.Series, facts: _ColumnFacts) -> None:
    facts.levels = category_statistics(category_counts(series))[1]


def _time(statistics: dict[str, float], ordered: npt.NDArray[np.float64], facts: _ColumnFacts) -> None:
    kept = ("min", "max", "mean", "mode", "mode count", *QUANTILES)
    facts.numbers.update({name: statistics[name] for name in kept if name in statistics})
    facts.numbers.update(time_statistics(ordered))
    facts.words["first"], facts.words["last"] = (_format_timestamp(moment) for moment in ordered[[0, -1]])
    facts.seasons = seasonal_counts(ordered)
    numbers, text = describe_season(facts.seasons, facts.numbers["span (days)"])
    facts.numbers.update(numbers)
    facts.words.update(text)


def _format_timestamp(moment: float) -> str:
    text = str(np.datetime_as_string(np.int64(moment).astype("datetime64[us]"), unit="s"))
    return text.removesuffix("T00:00:00").replace("T", " ")


def _levels(series: pl.Series, kind: VariableType, facts: _ColumnFacts) -> None:
    counts = category_counts(series)
    facts.distinct = counts.height
    numbers, facts.levels = category_statistics(counts)
    textual = series.dtype in (pl.String, pl.Categorical, pl.Enum)
    if kind.is_categorical:
        facts.numbers.update(numbers)
    if textual:
        texts = series.cast(pl.String)
        facts.numbers.update(text_statistics(texts))
        if kind in (VariableType.IDENTIFIER, VariableType.TEXT, VariableType.NOMINAL) and (
            result := text_pattern(counts["level"])
        ):
            facts.words["pattern"], facts.numbers["pattern fraction"] = result
        if kind is not VariableType.TEXT:
            facts.near_duplicates = similar_spellings(counts)
