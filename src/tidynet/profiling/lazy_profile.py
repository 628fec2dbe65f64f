"""Column profiles of a lazy frame: aggregates of all rows in few passes, the rest from a sample."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import narwhals as nw
import numpy as np
import polars as pl

from tidynet.profiling.axis_choice import choose_axis
from tidynet.profiling.categories import category_statistics, similar_spellings, spelling_groups, spelling_statistics
from tidynet.profiling.column_profile import MAX_BARS, distribution_properties, format_timestamp, profile_column
from tidynet.profiling.counts import DRAWN_QUANTILES, Bars, Histogram, histogram_edges, make_bars
from tidynet.profiling.lazy_backends import collect, distinct_counts, to_microseconds
from tidynet.profiling.lazy_correlation import MAX_COLUMNS, lazy_correlations
from tidynet.profiling.log_histogram import BinnedColumn, LogBinning, choose_binning
from tidynet.profiling.numeric_statistics import QUANTILES, outlier_statistics, skew_and_kurtosis
from tidynet.profiling.profile import ColumnProfile
from tidynet.table.cell_text import cell_text
from tidynet.table.variable_type import TypeInference, VariableType

_POINTS = 20_000
_MAX_EXACT_CATEGORIES = 20
_FROM_SAMPLE = "from a random sample"


@dataclass(slots=True)
class Aggregates:
    """Counts and sums over all rows of a lazy frame; `sums` by column and statistic."""

    rows: int
    missing: Mapping[str, int]
    sums: Mapping[tuple[str, str], float]
    shift: Mapping[str, tuple[float, float]]
    binned: Mapping[str, BinnedColumn]
    categories: Mapping[str, pl.DataFrame]
    distinct: Mapping[str, int]
    distinct_error: str
    correlations: Mapping[tuple[str, str], float]


def compute_aggregates(
    frame: nw.LazyFrame[Any], rows: int, sample: pl.DataFrame, inferred_types: Mapping[str, TypeInference]
) -> Aggregates:
    """All counts over all rows: one pass for sums, then one group-by per column."""
    schema = frame.collect_schema()
    numeric = {
        name: _finite_values(frame, name, dtype)
        for name, dtype in schema.items()
        if _is_numeric(dtype, inferred_types[name])
    }
    shift = {name: _shift(sample.get_column(name), schema[name]) for name in numeric}
    missing, sums = _compute_sums(frame, numeric, shift)
    binned = {
        name: _binned(
            frame, value, choose_binning(sums[name, "min"], sums[name, "max"], whole=schema[name].is_integer())
        )
        for name, value in numeric.items()
        if sums[name, "count"] > 0
    }
    categories = {
        name: _category_counts(frame, name)
        for name in schema.names()
        if name not in binned
        and inferred_types[name].variable_type.is_categorical
        and _can_count(sample.get_column(name))
    }
    exact = {*categories, *(name for name, item in binned.items() if item.binning.form == "whole")}
    distinct, error = distinct_counts(
        frame, [name for name, dtype in schema.items() if name not in exact and not dtype.is_nested()]
    )
    scaled = {name: (numeric[name] - shift[name][0]) / shift[name][1] for name in binned if schema[name].is_numeric()}
    complete = [name for name in scaled if sums[name, "count"] == rows]
    correlations = lazy_correlations(frame, scaled, complete) if len(scaled) <= MAX_COLUMNS else {}
    return Aggregates(rows, missing, sums, shift, binned, categories, distinct, error, correlations)


def profile_lazy_column(
    name: str, sample: pl.Series, inferred_type: TypeInference, aggregates: Aggregates
) -> ColumnProfile:
    """The profile of one column from aggregates of all rows; the rest is from the sample."""
    base = profile_column(sample.alias(name), inferred_type)
    statistics, properties = dict(base.statistics), dict(base.properties)
    errors: dict[str, str] = {}
    scale = aggregates.rows / max(len(sample), 1)
    for size in ("bytes", "bytes in smallest dtype"):
        if size in statistics:
            statistics[size] *= scale
    distinct: int | None = base.distinct
    changed: dict[str, Any] = {}
    if name in aggregates.binned:
        binned = aggregates.binned[name]
        changed["categories"] = _exact_categories(binned)
        changed["chart_counts"] = _histogram(name, aggregates, inferred_type, base.chart_counts)
        distinct = len(binned.counts) if binned.mode is not None else None
        _add_numeric_statistics(name, statistics, properties, errors, aggregates, inferred_type)
    elif name in aggregates.categories:
        counts = aggregates.categories[name]
        distinct = counts.height
        of_categories, changed["categories"] = category_statistics(counts)
        statistics.update(of_categories)
        order = inferred_type.categories if inferred_type.variable_type is VariableType.ORDINAL else ()
        bars = [(str(category)[:120], int(rows)) for category, rows in counts.iter_rows()]
        changed["chart_counts"] = make_bars(bars, order, MAX_BARS, aggregates.missing[name])
        groups = spelling_groups(counts)
        changed["similar_spellings"] = similar_spellings(groups)
        statistics.update(spelling_statistics(groups))
        errors["texts"] = _FROM_SAMPLE
    else:
        errors["all numbers"] = _FROM_SAMPLE
        # Rows of the whole table are estimated for categories that the sample has more than once.
        changed["categories"] = tuple((item, round(count * scale)) for item, count in base.categories if count > 1)
    if distinct is None or name in aggregates.distinct:
        distinct = aggregates.distinct.get(name, distinct)
        errors["distinct"] = aggregates.distinct_error or _FROM_SAMPLE
    errors |= {key: _FROM_SAMPLE for key in ("smallest dtype", "pattern", "weekdays") if key in properties}
    return replace(
        base, rows=aggregates.rows, missing=aggregates.missing[name], distinct=distinct, statistics=statistics,
        properties=properties, approximation_errors=errors, **changed,
    )  # fmt: skip


def correct_inferred_type(inferred_type: TypeInference, name: str, aggregates: Aggregates) -> TypeInference:
    """The type inferred from a sample, corrected by all rows: row numbers, repeated labels and non-booleans."""
    variable_type = inferred_type.variable_type
    known = aggregates.rows - aggregates.missing[name]
    distinct = aggregates.distinct.get(name)
    if variable_type is VariableType.IDENTIFIER and distinct is not None and distinct < 0.5 * known:
        return TypeInference(VariableType.NOMINAL, f"about {distinct:,} distinct labels in {known:,} rows")
    if variable_type is VariableType.DISCRETE and distinct is not None and (name, "min") in aggregates.sums:
        low, high = aggregates.sums[name, "min"], aggregates.sums[name, "max"]
        if low in (0, 1) and high - low + 1 == aggregates.rows == known and distinct > 0.8 * known:
            return TypeInference(VariableType.IDENTIFIER, f"row numbers from {low:.0f} to {high:.0f}")
    if variable_type is VariableType.BOOLEAN and name in aggregates.categories:
        categories = aggregates.categories[name].height
        if categories > 2:
            return TypeInference(VariableType.NOMINAL, f"{categories} categories, two of them frequent")
    return inferred_type


def _is_numeric(dtype: Any, inferred_type: TypeInference) -> bool:
    is_time = inferred_type.variable_type is VariableType.DATETIME and dtype in (nw.Date, nw.Datetime)
    return is_time or (inferred_type.variable_type.is_numeric and dtype.is_numeric())


def _finite_values(frame: nw.LazyFrame[Any], name: str, dtype: Any) -> nw.Expr:
    """The finite values of a column as floats; times as microseconds since 1970."""
    if not dtype.is_numeric():
        return to_microseconds(frame, name)
    value = nw.col(name).cast(nw.Float64)
    return nw.when(value.is_finite()).then(value) if dtype.is_float() else value


def _shift(sample: pl.Series, dtype: Any) -> tuple[float, float]:
    """A mean and a spread from the sample; sums of powers of shifted values lose fewer digits."""
    if not dtype.is_numeric():
        return 0.0, 1.0
    values = sample.cast(pl.Float64).drop_nulls().to_numpy()
    values = values[np.isfinite(values)]
    if not values.size:
        return 0.0, 1.0
    largest = float(np.abs(values).max())
    if largest > 1e60:  # fourth powers would overflow
        return 0.0, largest
    spread = float(values.std())
    return float(values.mean()), spread if spread > 0 else 1.0


def _compute_sums(
    frame: nw.LazyFrame[Any], numeric: Mapping[str, nw.Expr], shift: Mapping[str, tuple[float, float]]
) -> tuple[dict[str, int], dict[tuple[str, str], float]]:
    names = frame.collect_schema().names()
    index = {name: number for number, name in enumerate(names)}
    columns = [
        nw.when(nw.col(name).is_null()).then(nw.lit(1)).otherwise(nw.lit(0)).sum().alias(f"{index[name]} missing")
        for name in names
    ]
    for name, value in numeric.items():
        center, spread = shift[name]
        scaled = (value - center) / spread
        square = scaled * scaled
        is_known = nw.when(value.is_null()).then(nw.lit(0)).otherwise(nw.lit(1))
        expressions = {
            "count": is_known.sum(), "min": value.min(), "max": value.max(),
            "zeros": nw.when(value == 0).then(nw.lit(1)).otherwise(nw.lit(0)).sum(),
            "negatives": nw.when(value < 0).then(nw.lit(1)).otherwise(nw.lit(0)).sum(),
            "power 1": scaled.sum(), "power 2": square.sum(), "power 3": (square * scaled).sum(),
            "power 4": (square * square).sum(),
        }  # fmt: skip
        columns += [expression.alias(f"{index[name]} {statistic}") for statistic, expression in expressions.items()]
    row = collect(frame.select(*columns)).row(0, named=True)
    sums: dict[tuple[str, str], float] = {}
    missing: dict[str, int] = {}
    for key, value in row.items():
        number, _, statistic = key.partition(" ")
        if statistic == "missing":
            missing[names[int(number)]] = int(value)
        else:
            sums[names[int(number)], statistic] = math.nan if value is None else float(value)
    return missing, sums


def _binned(frame: nw.LazyFrame[Any], value: nw.Expr, binning: LogBinning) -> BinnedColumn:
    values = frame.select(value.alias("value")).filter(~nw.col("value").is_null())
    keyed = values.select(binning.key(nw.col("value")).alias("key"))
    counts = collect(keyed.group_by("key").agg(nw.len().alias("rows")))
    return BinnedColumn.of(binning, counts["key"].cast(pl.Int64).to_numpy(), counts["rows"].cast(pl.Int64).to_numpy())


def _can_count(sample: pl.Series) -> bool:
    """Whether the categories repeat often enough in the sample for a group-by of all rows."""
    return sample.n_unique() <= max(1000, len(sample) // 2)


def _category_counts(frame: nw.LazyFrame[Any], name: str) -> pl.DataFrame:
    known = frame.select(nw.col(name).alias("category")).filter(~nw.col("category").is_null())
    counts = collect(known.group_by("category").agg(nw.len().alias("rows")))
    texts = pl.DataFrame([cell_text(counts["category"]), counts["rows"].cast(pl.Int64)])
    return texts.sort(["rows", "category"], descending=[True, False])


def _add_numeric_statistics(
    name: str,
    statistics: dict[str, float],
    properties: dict[str, str],
    errors: dict[str, str],
    aggregates: Aggregates,
    inferred_type: TypeInference,
) -> None:
    """Replace what the sample gave by the statistics of all rows."""
    binned, sums = aggregates.binned[name], aggregates.sums
    exact = {key: sums[name, key] for key in ("min", "max", "zeros", "negatives")}
    exact |= dict(zip(QUANTILES, binned.quantiles(list(QUANTILES.values())), strict=True))
    exact |= _moments(name, aggregates)
    if binned.binning.error:
        errors["quantiles"] = binned.binning.error
    for key in ("mode", "mode count"):
        statistics.pop(key, None)
    if binned.mode is not None:
        exact["mode"], exact["mode count"] = binned.mode[0], float(binned.mode[1])
    elif exact["zeros"] > 0.05 * sums[name, "count"]:
        exact["mode"], exact["mode count"] = 0.0, exact["zeros"]
    if inferred_type.variable_type is VariableType.DATETIME:
        shown = ("min", "max", "mean", *QUANTILES)
        statistics.update({key: exact[key] for key in shown if math.isfinite(exact[key])})
        statistics["span (days)"] = (exact["max"] - exact["min"]) / 86_400e6
        properties["first"], properties["last"] = (format_timestamp(exact[end]) for end in ("min", "max"))
        errors["steps and seasons"] = _FROM_SAMPLE
        return
    exact["infinities"] = aggregates.rows - aggregates.missing[name] - sums[name, "count"]
    median = exact["median"]
    exact |= outlier_statistics(
        exact, binned.median_distance(median), lambda: binned.mean_distance(median), binned.count_outside
    )
    statistics.update({key: value for key, value in exact.items() if math.isfinite(value)})
    for key in ("distribution", "transformation"):
        properties.pop(key, None)
    grid = 1.0 if binned.binning.form == "whole" else 0.0
    distribution_properties(binned.points(2000), binned.rows, grid, statistics, properties)


def _exact_categories(binned: BinnedColumn) -> tuple[tuple[str, int], ...]:
    """The distinct values with their rows, most frequent first; empty unless they are few."""
    if binned.binning.form != "whole" or len(binned.counts) > _MAX_EXACT_CATEGORIES:
        return ()
    order = np.argsort(-binned.counts, kind="stable")
    return tuple((f"{binned.lower[index]:.0f}", int(binned.counts[index])) for index in order)


def _moments(name: str, aggregates: Aggregates) -> dict[str, float]:
    n = aggregates.sums[name, "count"]
    center, spread = aggregates.shift[name]
    first, second, third, fourth = (aggregates.sums[name, f"power {k}"] / n for k in (1, 2, 3, 4))
    moments = {"mean": center + spread * first}
    variance = second - first**2
    if n > 1 and variance > 0:
        cubed = third - 3 * first * second + 2 * first**3
        fourthed = fourth - 4 * first * third + 6 * first**2 * second - 3 * first**4
        moments["std"] = spread * math.sqrt(variance * n / (n - 1))
        moments["skew"], moments["kurtosis"] = skew_and_kurtosis(int(n), variance, cubed, fourthed)
    return moments


def _histogram(
    name: str, aggregates: Aggregates, inferred_type: TypeInference, of_sample: Bars | Histogram | None
) -> Histogram:
    binned = aggregates.binned[name]
    low, high = binned.binning.low, binned.binning.high
    unit, grid = (of_sample.unit, of_sample.grid) if isinstance(of_sample, Histogram) else ("", 0.0)
    points = np.concatenate([[low], binned.points(min(_POINTS, max(binned.rows, 1))), [high]])
    if binned.binning.form == "whole":
        points, grid = np.rint(points), 1.0
    is_time = inferred_type.variable_type is VariableType.DATETIME
    axis = choose_axis(np.sort(points), is_time=is_time)
    others = binned if axis.spike is None else binned.without(axis.spike)
    if others is binned:
        axis = replace(axis, spike=None)  # the value shares its bin with others
    points = points if axis.spike is None else points[points != axis.spike]
    edges = histogram_edges(points[(points >= axis.low) & (points <= axis.high)], axis)
    if axis.low == points.min():
        edges[0] = min(edges[0], others.lower[0])
    if axis.high == points.max():
        edges[-1] = max(edges[-1], others.upper[-1])
    counts, below, above = others.counted_into(edges)
    outside = int(aggregates.rows - aggregates.missing[name] - aggregates.sums[name, "count"])
    return Histogram(
        tuple(edges.tolist()), tuple(counts), axis.scale, low, high, 0.0 if is_time else grid, unit, outside=outside,
        missing=aggregates.missing[name], below=below, above=above, spike=axis.spike,
        spike_rows=binned.rows - others.rows, quantiles=tuple(binned.quantiles(list(DRAWN_QUANTILES))),
    )  # fmt: skip
