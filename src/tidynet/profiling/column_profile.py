"""One column → ColumnProfile, exactly, from the rows in memory."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from tidynet.profiling.categories import (
    category_counts,
    category_statistics,
    similar_spellings,
    spelling_groups,
    spelling_statistics,
)
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

MAX_BARS = 12
"""Bars of a categorical variable in a profile; the last is for all other categories."""

_MAX_LISTED = 20  # distinct numbers that are listed with their rows
_MAX_LENGTH = 120  # characters of a value
_TEXTS = (pl.String, pl.Categorical, pl.Enum)
_WITH_PATTERN = (VariableType.IDENTIFIER, VariableType.TEXT, VariableType.NOMINAL)


class _ColumnFacts:
    """The facts about one column, collected step by step."""

    def __init__(self, dtype: str) -> None:
        self.statistics: dict[str, float] = {}
        self.properties: dict[str, str] = {"dtype": dtype}
        self.distinct: int | None = None
        self.categories: tuple[tuple[str, int], ...] = ()
        self.similar_spellings: tuple[tuple[str, ...], ...] = ()
        self.seasonal_counts: dict[str, tuple[int, ...]] = {}


def profile_column(series: pl.Series, inferred_type: TypeInference) -> ColumnProfile:
    """The profile of one column."""
    name, variable_type = series.name, inferred_type.variable_type
    # Polars interprets a name such as "^a$" as a pattern, even in methods of the series.
    series = series.alias("values")
    facts = _ColumnFacts(str(series.dtype))
    composite = series.dtype.is_nested() or series.dtype in (pl.Binary, pl.Object)
    has_values = series.null_count() < len(series)
    if not composite and has_values:
        if variable_type.is_numeric:
            _add_numeric(series, variable_type, facts)
        elif variable_type is VariableType.CONSTANT:
            facts.properties["value"] = str(series.drop_nulls()[0])[:_MAX_LENGTH]
            facts.distinct = 1
        if facts.distinct is None:
            _add_categories(series, variable_type, facts)
    facts.statistics["bytes"] = float(series.estimated_size())
    if not composite:
        facts.properties["smallest dtype"], size = smallest_dtype(series, facts.distinct)
        facts.statistics["bytes in smallest dtype"] = float(size)
    return ColumnProfile(
        name=name,
        variable_type=str(variable_type),
        type_reason=inferred_type.reason,
        rows=len(series),
        missing=series.null_count(),
        distinct=facts.distinct if has_values else 0,
        statistics=facts.statistics,
        categories=facts.categories,
        chart_counts=count_column(series, inferred_type, max_levels=MAX_BARS),
        properties=facts.properties,
        similar_spellings=facts.similar_spellings,
        seasonal_counts=facts.seasonal_counts,
    )


def _add_numeric(series: pl.Series, variable_type: VariableType, facts: _ColumnFacts) -> None:
    converted = to_floats(series, variable_type)
    if converted is None:
        return
    values, unit = converted
    known = values[values == values]
    if not known.size:
        return
    statistics, facts.distinct, ordered = number_statistics(known)
    if unit == "time":
        _add_time(statistics, ordered, facts)
        return
    facts.statistics.update(statistics)
    if unit:
        facts.properties["unit"] = unit
    if facts.distinct <= _MAX_LISTED:
        facts.categories = category_statistics(category_counts(series))[1]
    if ordered.size:
        points = downsample(ordered)
        distribution_properties(points, len(ordered), resolution(points), facts.statistics, facts.properties)


def distribution_properties(
    points: npt.NDArray[np.float64], rows: int, grid: float, statistics: dict[str, float], properties: dict[str, str]
) -> None:
    """Add the likely distribution and a transformation that reduces the skewness, if there are any."""
    if name := likely_distribution(points, rows, grid):
        properties["distribution"] = name
    if transformation := symmetrizing_transformation(points):
        properties["transformation"], statistics["skew after transformation"] = transformation


def _add_time(statistics: dict[str, float], ordered: npt.NDArray[np.float64], facts: _ColumnFacts) -> None:
    shown = ("min", "max", "mean", "mode", "mode count", *QUANTILES)
    facts.statistics.update({name: statistics[name] for name in shown if name in statistics})
    facts.statistics.update(time_statistics(ordered))
    facts.properties["first"], facts.properties["last"] = (format_timestamp(moment) for moment in ordered[[0, -1]])
    facts.seasonal_counts = seasonal_counts(ordered)
    unevenness, peaks = describe_season(facts.seasonal_counts, facts.statistics["span (days)"])
    facts.statistics.update(unevenness)
    facts.properties.update(peaks)


def format_timestamp(microseconds: float) -> str:
    """A time in microseconds since 1970 as text, in whole seconds."""
    text = str(np.datetime_as_string(np.int64(microseconds).astype("datetime64[us]"), unit="s"))
    return text.removesuffix("T00:00:00").replace("T", " ")


def _add_categories(series: pl.Series, variable_type: VariableType, facts: _ColumnFacts) -> None:
    counts = category_counts(series)
    facts.distinct = counts.height
    statistics, facts.categories = category_statistics(counts)
    if variable_type.is_categorical:
        facts.statistics.update(statistics)
    if series.dtype not in _TEXTS:
        return
    facts.statistics.update(text_statistics(series.cast(pl.String)))
    if variable_type in _WITH_PATTERN and (pattern := text_pattern(counts["category"])):
        facts.properties["pattern"], facts.statistics["pattern fraction"] = pattern
    if variable_type is not VariableType.TEXT:
        groups = spelling_groups(counts)
        facts.similar_spellings = similar_spellings(groups)
        facts.statistics.update(spelling_statistics(groups))
