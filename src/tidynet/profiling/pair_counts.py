"""The counts of two columns: rows in each cell, and the exact statistics that a figure of them needs."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from tidynet.profiling.association import correlation
from tidynet.profiling.counts import MAX_LENGTH, Bars, CategorySummary, Histogram, PairCounts, count_column
from tidynet.profiling.numeric_values import to_floats
from tidynet.table.cell_text import cell_text
from tidynet.table.variable_type import TypeInference, VariableType

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


def count_pair(
    x: pl.Series, x_type: TypeInference, y: pl.Series, y_type: TypeInference, *, max_levels: int = 12
) -> PairCounts | None:
    """Rows in each cell of two columns; None unless both can be counted."""
    x, y = x.alias("x"), y.alias("y")  # Polars interprets a name such as "^a$" as a pattern
    both = x.is_not_null() & y.is_not_null()
    x, y = x.filter(both), y.filter(both)
    # Of two numbers every cell is a place on both axes; beside categories a frequent value may stand apart.
    apart = x_type.variable_type.is_categorical or y_type.variable_type.is_categorical
    axes = [
        count_column(item, inferred_type, max_levels=max_levels, apart=apart)
        for item, inferred_type in ((x, x_type), (y, y_type))
    ]
    if axes[0] is None or axes[1] is None:
        return None
    first, second = _Cells.of(x, x_type.variable_type, axes[0]), _Cells.of(y, y_type.variable_type, axes[1])
    inside = (first.codes >= 0) & (second.codes >= 0)
    flat = np.bincount(
        first.codes[inside] * second.size + second.codes[inside], minlength=first.size * second.size
    ).reshape(first.size, second.size)
    cells = tuple(tuple(row) for row in flat.tolist())
    if first.values is not None and second.values is not None:
        r = correlation(first.values[inside], second.values[inside])
        return PairCounts(axes[0], axes[1], cells, correlation=r if math.isfinite(r) else None)
    if first.values is None and second.values is None:
        return PairCounts(axes[0], axes[1], cells)
    groups, numbers = (first, second) if second.values is not None else (second, first)
    assert numbers.values is not None
    summaries = _summarize(groups.codes[inside], groups.size, numbers.values[inside])
    return PairCounts(axes[0], axes[1], cells, summaries)


class _Cells(NamedTuple):
    """The cell of each row along one axis, −1 for none; the number of cells; the values if they are numbers."""

    codes: Integers
    size: int
    values: Floats | None

    @staticmethod
    def of(series: pl.Series, variable_type: VariableType, axis: Bars | Histogram) -> _Cells:
        """The cells of a column; the last is for all categories without a bar of their own, or for a spike."""
        if isinstance(axis, Bars):
            texts = cell_text(series).str.slice(0, MAX_LENGTH)
            named = len(axis.categories)
            codes = texts.replace_strict(
                list(axis.categories), list(range(named)), default=named, return_dtype=pl.Int64
            )
            return _Cells(codes.to_numpy(), named + (axis.other_categories > 0), None)
        if variable_type is VariableType.TEXT:
            series = series.cast(pl.String).str.len_chars()
        floats = to_floats(series, variable_type)
        assert floats is not None, "a column with a histogram is numeric"
        edges = np.asarray(axis.edges)
        values = floats[0]
        indices = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, len(edges) - 2)
        size = len(edges) - 1
        if axis.spike is not None:
            indices, size = np.where(values == axis.spike, size, indices), size + 1
        return _Cells(np.where(np.isfinite(values), indices, -1), size, values)


def _summarize(codes: Integers, n_categories: int, values: Floats) -> tuple[CategorySummary | None, ...]:
    """The values of each category in numbers; None for a category without rows."""
    order = np.argsort(codes, kind="stable")
    parts = np.split(values[order], np.searchsorted(codes[order], np.arange(1, n_categories)))
    return tuple(_summary(part) if part.size else None for part in parts)


def _summary(values: Floats) -> CategorySummary:
    first, median, third = (float(value) for value in np.quantile(values, [0.25, 0.5, 0.75]))
    std = float(values.std(ddof=1)) if len(values) > 1 else 0.0
    return CategorySummary(len(values), float(values.mean()), std, first, median, third)
