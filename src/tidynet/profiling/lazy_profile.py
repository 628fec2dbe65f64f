"""Columns of a table that is too large for its rows: whole-table aggregates in few passes, the rest from a sample."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import narwhals as nw
import numpy as np
import polars as pl

from tidynet.profiling import histogram_bins as bins
from tidynet.profiling import time_axis as dates
from tidynet.profiling.categories import category_statistics, similar_spellings
from tidynet.profiling.column_profile import MOST_BARS, profile_column
from tidynet.profiling.counts import Bars, Histogram
from tidynet.profiling.distribution import likely_distribution, symmetrizing_transformation
from tidynet.profiling.lazy_backends import collect, distinct_counts, to_microseconds
from tidynet.profiling.lazy_correlation import MOST_COLUMNS, lazy_correlations
from tidynet.profiling.log_histogram import BinnedColumn, LogBinning, choose_binning
from tidynet.profiling.numeric_statistics import QUANTILES, skew_and_kurtosis
from tidynet.profiling.profile import ColumnProfile
from tidynet.table.variable_type import TypeInference, VariableType

__all__ = ["Aggregates", "compute_aggregates", "correct_inferred_type", "large_missing_patterns", "profile_lazy_column"]

_POINTS = 20_000
_MOST_HOLED = 60
_FROM_SAMPLE = "from a random sample"


@dataclass(slots=True)
class Aggregates:
    """What was counted of all rows of a lazy frame."""

    rows: int
    missing: Mapping[str, int]
    facts: Mapping[tuple[str, str], float]
    shift: Mapping[str, tuple[float, float]]
    binned: Mapping[str, BinnedColumn]
    levels: Mapping[str, pl.DataFrame]
    distinct: Mapping[str, int]
    distinct_error: str
    correlations: Mapping[tuple[str, str], float]


def compute_aggregates(
    frame: nw.LazyFrame[Any], rows: int, sample: pl.DataFrame, inferred_types: Mapping[str, TypeInference]
) -> Aggregates:
    """Everything that is counted over all rows: one pass of sums, then one group-by for each column."""
    schema = frame.collect_schema()
    quantities = {
        name: _quantity(frame, name, dtype)
        for name, dtype in schema.items()
        if _is_quantity(dtype, inferred_types[name])
    }
    shift = {name: _shift(sample.get_column(name), schema[name]) for name in quantities}
    missing, facts = _sum_expressions(frame, quantities, shift)
    binnings = {
        name: choose_binning(facts[name, "min"], facts[name, "max"], whole=schema[name].is_integer())
        for name in quantities
        if facts[name, "count"] > 0
    }
    binned = {name: _binned(frame, quantities[name], binning) for name, binning in binnings.items()}
    levels = {
        name: _levels(frame, name)
        for name in schema.names()
        if name not in binned
        and inferred_types[name].variable_type.is_categorical
        and _few_levels(sample.get_column(name))
    }
    remaining = [
        name
        for name, dtype in schema.items()
        if name not in levels
        and not dtype.is_nested()
        and not (name in binned and binned[name].binning.form == "whole")
    ]
    distinct, error = distinct_counts(frame, remaining)
    numeric = {
        name: (quantities[name] - shift[name][0]) / shift[name][1] for name in binned if schema[name].is_numeric()
    }
    complete = [name for name in numeric if facts[name, "count"] == rows]
    together = lazy_correlations(frame, numeric, complete) if len(numeric) <= MOST_COLUMNS else {}
    return Aggregates(rows, missing, facts, shift, binned, levels, distinct, error, together)


def profile_lazy_column(name: str, sample: pl.Series, inferred_type: TypeInference, seen: Aggregates) -> ColumnProfile:
    """The profile of one column from whole-table aggregates; what they do not tell comes from the sample."""
    base = profile_column(sample.alias(name), inferred_type)
    numbers, text = dict(base.statistics), dict(base.properties)
    approximate: dict[str, str] = {}
    scale = seen.rows / max(len(sample), 1)
    for size in ("bytes", "bytes in smallest dtype"):
        if size in numbers:
            numbers[size] *= scale
    distinct: int | None = base.distinct
    changed: dict[str, Any] = {}
    if name in seen.binned:
        changed["categories"] = _exact_levels(seen.binned[name])
        distinct = _quantity_profile(name, numbers, text, approximate, seen, inferred_type)
        changed["chart_counts"] = _histogram(name, seen, inferred_type, base.chart_counts)
    elif name in seen.levels:
        counts = seen.levels[name]
        distinct = counts.height
        level_facts, changed["categories"] = category_statistics(counts)
        numbers.update(level_facts)
        changed["chart_counts"] = _bars(counts, inferred_type, seen.missing[name])
        changed["similar_spellings"] = similar_spellings(counts)
        approximate["texts"] = _FROM_SAMPLE
    else:
        approximate["all numbers"] = _FROM_SAMPLE
        # Of what comes again in the sample, the rows are those that the whole would have.
        changed["categories"] = tuple((level, round(count * scale)) for level, count in base.categories if count > 1)
    if distinct is None or name in seen.distinct:
        distinct = seen.distinct.get(name, distinct)
        approximate["distinct"] = seen.distinct_error or _FROM_SAMPLE
    for of_sample in ("smallest dtype", "pattern", "weekdays"):
        if of_sample in text:
            approximate[of_sample] = _FROM_SAMPLE
    return replace(
        base, rows=seen.rows, missing=seen.missing[name], distinct=distinct, statistics=numbers, properties=text,
        approximation_errors=approximate, **changed,
    )  # fmt: skip


def correct_inferred_type(inferred_type: TypeInference, name: str, seen: Aggregates) -> TypeInference:
    """The kind judged on a sample, mended by what all rows say.

    A running number is known by its range and its distinct values; labels that come again in the whole are no
    identifier; 0 and 1 are boolean only if nothing lies beyond.
    """
    non_missing = seen.rows - seen.missing[name]
    distinct = seen.distinct.get(name)
    if inferred_type.variable_type is VariableType.IDENTIFIER and distinct is not None and distinct < 0.5 * non_missing:
        return TypeInference(
            VariableType.NOMINAL, f"about {distinct:,} labels that come again among {non_missing:,} rows"
        )
    if inferred_type.variable_type is VariableType.DISCRETE and distinct is not None and (name, "min") in seen.facts:
        low, high = seen.facts[name, "min"], seen.facts[name, "max"]
        if low in (0, 1) and high - low + 1 == seen.rows == non_missing and distinct > 0.8 * non_missing:
            return TypeInference(VariableType.IDENTIFIER, f"a running number from {low:.0f} to {high:.0f}")
    if inferred_type.variable_type is VariableType.BOOLEAN and name in seen.levels and seen.levels[name].height > 2:
        return TypeInference(VariableType.NOMINAL, f"{seen.levels[name].height} levels, two of them frequent")
    return inferred_type


def large_missing_patterns(
    frame: nw.LazyFrame[Any], missing: Mapping[str, int], max_count: int = 30
) -> tuple[tuple[tuple[str, ...], int], ...]:
    """Sets of columns that are missing together, from one group-by of the holes as bits (of the 60 most holed)."""
    holed = sorted((name for name, count in missing.items() if count), key=lambda name: -missing[name])[:_MOST_HOLED]
    if not holed:
        return ()
    word = nw.lit(0)
    for index, name in enumerate(holed):
        word = word + nw.when(nw.col(name).is_null()).then(nw.lit(1 << index)).otherwise(nw.lit(0))
    counts = collect(frame.select(word.cast(nw.Int64).alias("word")).group_by("word").agg(nw.len().alias("rows")))
    result = []
    for bits, count in counts.sort(["rows", "word"], descending=[True, False]).iter_rows():
        columns = tuple(name for name in missing if name in holed and bits >> holed.index(name) & 1)
        if columns:
            result.append((columns, int(count)))
    return tuple(result[:max_count])


def _is_quantity(dtype: Any, inferred_type: TypeInference) -> bool:
    timely = inferred_type.variable_type is VariableType.DATETIME and dtype in (nw.Date, nw.Datetime)
    return timely or (inferred_type.variable_type.is_numeric and dtype.is_numeric())


def _quantity(frame: nw.LazyFrame[Any], name: str, dtype: Any) -> nw.Expr:
    """The finite values of a column as floats; times as microseconds since 1970."""
    if not dtype.is_numeric():
        return to_microseconds(frame, name)
    value = nw.col(name).cast(nw.Float64)
    return nw.when(value.is_finite()).then(value) if dtype.is_float() else value


def _shift(sample: pl.Series, dtype: Any) -> tuple[float, float]:
    """A centre and a spread near those of all rows, so that sums of powers keep their digits."""
    if not dtype.is_numeric():
        return 0.0, 1.0
    values = sample.cast(pl.Float64).drop_nulls().to_numpy()
    values = values[np.isfinite(values)]
    if not values.size:
        return 0.0, 1.0
    largest = float(np.abs(values).max())
    if largest > 1e60:  # squares would leave float64
        return 0.0, largest
    spread = float(values.std())
    return float(values.mean()), spread if spread > 0 else 1.0


def _sum_expressions(
    frame: nw.LazyFrame[Any], quantities: Mapping[str, nw.Expr], shift: Mapping[str, tuple[float, float]]
) -> tuple[dict[str, int], dict[tuple[str, str], float]]:
    names = frame.collect_schema().names()
    index = {name: number for number, name in enumerate(names)}
    asked = [
        nw.when(nw.col(name).is_null()).then(nw.lit(1)).otherwise(nw.lit(0)).sum().alias(f"{index[name]} missing")
        for name in names
    ]
    for name, value in quantities.items():
        center, spread = shift[name]
        even = (value - center) / spread
        square = even * even
        item = nw.when(value.is_null()).then(nw.lit(0)).otherwise(nw.lit(1))
        requested = {
            "count": item.sum(), "min": value.min(), "max": value.max(),
            "zeros": nw.when(value == 0).then(nw.lit(1)).otherwise(nw.lit(0)).sum(),
            "negatives": nw.when(value < 0).then(nw.lit(1)).otherwise(nw.lit(0)).sum(),
            "power 1": even.sum(), "power 2": square.sum(), "power 3": (square * even).sum(),
            "power 4": (square * square).sum(),
        }  # fmt: skip
        asked += [expression.alias(f"{index[name]} {what}") for what, expression in requested.items()]
    row = collect(frame.select(*asked)).row(0, named=True)
    facts: dict[tuple[str, str], float] = {}
    missing: dict[str, int] = {}
    for key, value in row.items():
        number, _, what = key.partition(" ")
        if what == "missing":
            missing[names[int(number)]] = int(value)
        else:
            facts[names[int(number)], what] = math.nan if value is None else float(value)
    return missing, facts


def _binned(frame: nw.LazyFrame[Any], value: nw.Expr, binning: LogBinning) -> BinnedColumn:
    values = frame.select(value.alias("value")).filter(~nw.col("value").is_null())
    keyed = values.select(binning.key(nw.col("value")).alias("key"))
    counts = collect(keyed.group_by("key").agg(nw.len().alias("rows")))
    return BinnedColumn.of(binning, counts["key"].cast(pl.Int64).to_numpy(), counts["rows"].cast(pl.Int64).to_numpy())


def _few_levels(sample: pl.Series) -> bool:
    # Levels that rarely come again among the sample are too many to be counted one by one.
    return sample.n_unique() <= max(1000, len(sample) // 2)


def _levels(frame: nw.LazyFrame[Any], name: str) -> pl.DataFrame:
    non_missing = frame.select(nw.col(name).alias("level")).filter(~nw.col("level").is_null())
    counts = collect(non_missing.group_by("level").agg(nw.len().alias("rows")))
    texts = counts.select(pl.col("level").cast(pl.String), pl.col("rows").cast(pl.Int64))
    return texts.sort(["rows", "level"], descending=[True, False])


def _quantity_profile(
    name: str,
    numbers: dict[str, float],
    text: dict[str, str],
    approximate: dict[str, str],
    seen: Aggregates,
    inferred_type: TypeInference,
) -> int | None:
    binned = seen.binned[name]
    result = {what: seen.facts[name, what] for what in ("min", "max", "zeros", "negatives")}
    result |= dict(zip(QUANTILES, binned.quantiles(list(QUANTILES.values())), strict=True))
    result |= _moments(name, seen)
    if binned.binning.error:
        approximate["quantiles"] = binned.binning.error
    distinct: int | None = None
    if binned.mode is not None:
        distinct = len(binned.counts)
        result["mode"], result["mode count"] = binned.mode[0], float(binned.mode[1])
    else:
        numbers.pop("mode", None)
        numbers.pop("mode count", None)
        if result["zeros"] > 0.05 * seen.facts[name, "count"]:
            result["mode"], result["mode count"] = 0.0, result["zeros"]
    if inferred_type.variable_type is VariableType.DATETIME:
        kept = ("min", "max", "mean", *QUANTILES)
        numbers.update({what: value for what, value in result.items() if what in kept and math.isfinite(value)})
        numbers["span (days)"] = (result["max"] - result["min"]) / 86_400e6
        text["first"], text["last"] = (_format_timestamp(result[end]) for end in ("min", "max"))
        approximate["steps and seasons"] = _FROM_SAMPLE
        return distinct
    result["infinities"] = seen.rows - seen.missing[name] - seen.facts[name, "count"]
    result |= _outliers(binned, result)
    numbers.update({what: value for what, value in result.items() if math.isfinite(value)})
    points = binned.points(2000)
    text.pop("distribution", None)
    text.pop("transformation", None)
    grid = 1.0 if binned.binning.form == "whole" else 0.0
    if shape := likely_distribution(points, binned.rows, grid):
        text["distribution"] = shape
    if change := symmetrizing_transformation(points):
        text["transformation"], numbers["skew after transformation"] = change
    return distinct


def _exact_levels(binned: BinnedColumn) -> tuple[tuple[str, int], ...]:
    """The values counted one by one, if they are few, most frequent first."""
    if binned.binning.form != "whole" or len(binned.counts) > 20:
        return ()
    order = np.argsort(-binned.counts, kind="stable")
    return tuple((f"{binned.lower[index]:.0f}", int(binned.counts[index])) for index in order)


def _moments(name: str, seen: Aggregates) -> dict[str, float]:
    n = seen.facts[name, "count"]
    center, spread = seen.shift[name]
    first, second, third, fourth = (seen.facts[name, f"power {k}"] / n for k in (1, 2, 3, 4))
    moments = {"mean": center + spread * first}
    variance = second - first**2
    if n > 1 and variance > 0:
        cubed = third - 3 * first * second + 2 * first**3
        fourthed = fourth - 4 * first * third + 6 * first**2 * second - 3 * first**4
        moments["std"] = spread * math.sqrt(variance * n / (n - 1))
        moments["skew"], moments["kurtosis"] = skew_and_kurtosis(int(n), variance, cubed, fourthed)
    return moments


def _outliers(binned: BinnedColumn, result: Mapping[str, float]) -> dict[str, float]:
    extent = 1.5 * (result["75%"] - result["25%"])
    low, high, median = result["25%"] - extent, result["75%"] + extent, result["median"]
    spread = 1.482602218505602 * binned.median_distance(median) or 1.2533141373155003 * binned.mean_distance(median)
    return {
        "lower fence": low,
        "upper fence": high,
        "outliers (1.5 IQR)": binned.count_outside(low, high),
        "outliers (robust z)": binned.count_outside(median - 3.5 * spread, median + 3.5 * spread),
    }


def _histogram(
    name: str, seen: Aggregates, inferred_type: TypeInference, of_sample: Bars | Histogram | None
) -> Histogram:
    binned = seen.binned[name]
    low, high = binned.binning.low, binned.binning.high
    unit = of_sample.unit if isinstance(of_sample, Histogram) else ""
    scale: Literal["linear", "log", "time"] = "linear"
    points = np.concatenate([[low], binned.points(min(_POINTS, max(binned.rows, 1))), [high]])
    if binned.binning.form == "whole":
        points = np.rint(points)
        grid = 1.0
    else:
        grid = of_sample.grid if isinstance(of_sample, Histogram) else 0.0
    if inferred_type.variable_type is VariableType.DATETIME:
        scale, edges, grid = "time", dates.time_edges(low, high, 24), 0.0
    elif bins.suits_log(points):
        scale, edges = "log", bins.log_edges(points)
    else:
        edges = bins.bin_edges(points)
    edges[0], edges[-1] = min(edges[0], low), max(edges[-1], high)
    counts = tuple(binned.counted_into(edges))
    outside = int(seen.rows - seen.missing[name] - seen.facts[name, "count"])
    return Histogram(
        tuple(edges.tolist()), counts, scale, low, high, grid, unit, outside=outside, missing=seen.missing[name]
    )


def _bars(counts: pl.DataFrame, inferred_type: TypeInference, missing: int) -> Bars:
    result = [(str(level)[:120], int(rows)) for level, rows in counts.iter_rows()]
    kept = result if len(result) <= MOST_BARS else result[: MOST_BARS - 1]
    if inferred_type.variable_type is VariableType.ORDINAL:
        index = {level: number for number, level in enumerate(inferred_type.categories)}
        kept = sorted(kept, key=lambda item: index.get(item[0], len(index)))
    rest = sum(rows for _, rows in result) - sum(rows for _, rows in kept)
    return Bars(
        tuple(level for level, _ in kept),
        tuple(rows for _, rows in kept),
        len(result) - len(kept),
        rest,
        missing=missing,
    )


def _format_timestamp(moment: float) -> str:
    text = str(np.datetime_as_string(np.int64(moment).astype("datetime64[us]"), unit="s"))
    return text.removesuffix("T00:00:00").replace("T", " ")
