"""Counts from which all figures are drawn: bars, histograms and cells of pairs.

A figure never needs the rows, so a lazy engine can make the same objects.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from tidynet.core.serialization import Tagged
from tidynet.core.text import shorten
from tidynet.profiling import axis_scales as scales
from tidynet.profiling import histogram_bins as bins
from tidynet.profiling import time_axis as dates
from tidynet.profiling.categories import category_counts
from tidynet.profiling.numeric_values import in_unit, to_floats, to_numeric, wall_clock
from tidynet.table.variable_type import TypeInference, VariableType

Integers = npt.NDArray[np.int64]
Scale = Literal["linear", "log", "time"]

_MAX_LENGTH = 120  # characters of a category; no figure shows more


@dataclass(frozen=True, slots=True)
class Bars(Tagged):
    """Categories of a categorical variable with their rows.

    Parameters
    ----------
    categories, counts : tuple
        In drawing order: by frequency, or in the order of an ordinal variable.
    other_categories, other_rows : int
        The number of categories without a bar, and their rows.
    missing : int
        Rows without a value.
    """

    TAG: ClassVar[tuple[str, str]] = ("chart", "bars")
    categories: tuple[str, ...]
    counts: tuple[int, ...]
    other_categories: int = 0
    other_rows: int = 0
    missing: int = 0

    @property
    def rows(self) -> int:
        """Rows that have a value."""
        return sum(self.counts) + self.other_rows

    def description(self, name: str) -> str:
        """The figure as alternative text."""
        shown = zip(self.categories[:8], self.counts, strict=False)
        counts = ", ".join(f"{shorten(category, 30)} {count:,}" for category, count in shown)
        remaining = self.other_categories + max(0, len(self.categories) - 8)
        more = f", and {remaining:,} more categories" if remaining else ""
        return f"Bar chart of {shorten(name, 80)}: {counts or 'no values'} rows{more}."


@dataclass(frozen=True, slots=True)
class Histogram(Tagged):
    """Bins of a numeric variable with their rows.

    Parameters
    ----------
    edges : tuple of float
        Increasing, one more than counts; for times in microseconds since 1970.
    counts : tuple of int
        Rows in ``[edge, next edge)``.
    scale : {"linear", "log", "time"}
        The scale of the axis.
    low, high : float
        The smallest and the largest value.
    grid : float
        The step to which the values are rounded (1 for whole numbers), 0 if none.
    unit : str
        The unit of the values, if known: "days", "characters".
    outside : int
        Rows with infinite values, which are in no bin.
    missing : int
        Rows without a value.
    """

    TAG: ClassVar[tuple[str, str]] = ("chart", "histogram")
    edges: tuple[float, ...]
    counts: tuple[int, ...]
    scale: Scale
    low: float
    high: float
    grid: float = 0.0
    unit: str = ""
    outside: int = 0
    missing: int = 0

    def ticks(self, max_ticks: int = 5) -> list[tuple[float, str]]:
        """Positions and labels of the ticks, at most about `max_ticks`."""
        if self.scale == "time":
            moments = dates.time_ticks(self.low, self.high, max_ticks)
            return list(zip(moments, dates.time_labels(moments), strict=True))
        if self.scale == "log":
            ticks = scales.log_ticks(self.low, self.high, max_ticks)
            return [(tick, scales.format_tick(tick)) for tick in ticks]
        ticks = scales.linear_ticks(self.low, self.high, max_ticks)
        if self.grid == 1.0:
            ticks = [tick for tick in ticks if tick == round(tick)] or [self.low, self.high]
        return list(zip(ticks, scales.natural_labels(ticks), strict=True))

    def interval(self, bin_index: int) -> str:
        """The range of a bin as text: "3", "10 to 19" or "2.5 to 3"."""
        low, high = self.edges[bin_index], self.edges[bin_index + 1]
        if self.scale == "time":
            return " to ".join(dates.time_labels([low, high]))
        if (self.grid and self.scale == "linear") or self.grid == 1.0:
            low, high = low + self.grid / 2, high - self.grid / 2
        texts = scales.natural_labels([low, high])
        return texts[0] if texts[0] == texts[1] else " to ".join(texts)

    def description(self, name: str) -> str:
        """The figure as alternative text."""
        tallest = self.interval(int(np.argmax(self.counts)))
        ends = dates.time_labels([self.low, self.high]) if self.scale == "time" else None
        low, high = ends or scales.natural_labels([self.low, self.high])
        unit = f" {self.unit}" if self.unit else ""
        span = f"all {low}{unit}" if low == high else f"from {low} to {high}{unit}, most often {tallest}"
        log = " (log axis)" if self.scale == "log" else ""
        return f"Histogram of {shorten(name, 80)}{log}: {sum(self.counts):,} rows {span}."


@dataclass(frozen=True, slots=True)
class PairCounts:
    """Rows in each cell of two binned or categorical variables."""

    x: Bars | Histogram
    y: Bars | Histogram
    cells: tuple[tuple[int, ...], ...]


def count_column(series: pl.Series, inferred_type: TypeInference, *, max_levels: int = 6) -> Bars | Histogram | None:
    """The counts for the chart of a column; None for identifiers, constants, nested or no values.

    Parameters
    ----------
    series : polars.Series
        The column, missing values as nulls.
    inferred_type : TypeInference
        Its variable type, and the order of ordinal categories.
    max_levels : int
        The maximum number of bars; the last is for all other categories.

    Examples
    --------
    >>> count_column(pl.Series(["b", "a", "b"]), TypeInference(VariableType.NOMINAL, "few distinct texts"))
    Bars(categories=('b', 'a'), counts=(2, 1), other_categories=0, other_rows=0, missing=0)
    """
    variable_type = inferred_type.variable_type
    composite = series.dtype.is_nested() or series.dtype in (pl.Binary, pl.Object)
    if composite or series.null_count() == len(series):
        return None
    if variable_type.is_categorical:
        order = inferred_type.categories if variable_type is VariableType.ORDINAL else ()
        return count_categories(series, order, max_levels=max_levels)
    if variable_type is VariableType.TEXT:
        return count_values(series.cast(pl.String).str.len_chars(), unit="characters")
    numbers = to_numeric(series, variable_type) if variable_type.is_numeric else None
    return None if numbers is None else count_values(numbers)


def count_categories(series: pl.Series, order: Sequence[str] = (), *, max_levels: int = 6) -> Bars:
    """Rows per category, by frequency (ties by name) or in the given order."""
    counts = category_counts(series.cast(pl.String).str.slice(0, _MAX_LENGTH))
    return make_bars(list(counts.iter_rows()), order, max_levels, series.null_count())


def make_bars(counts: Sequence[tuple[str, int]], order: Sequence[str], max_bars: int, missing: int) -> Bars:
    """Bars from categories and rows by frequency; the last bar is for all others if there are too many."""
    shown = list(counts) if len(counts) <= max_bars else list(counts[: max_bars - 1])
    if order:
        position = {category[:_MAX_LENGTH]: index for index, category in enumerate(order)}
        shown.sort(key=lambda item: position.get(item[0], len(position)))
    other_rows = sum(rows for _, rows in counts) - sum(rows for _, rows in shown)
    categories, rows = tuple(item[0] for item in shown), tuple(item[1] for item in shown)
    return Bars(categories, rows, len(counts) - len(shown), other_rows, missing=missing)


def count_values(series: pl.Series, *, unit: str = "", max_levels: int = 30) -> Histogram | None:
    """Rows per bin of a numeric or temporal column; None if it has no finite value."""
    if series.dtype == pl.Duration:
        series, unit = in_unit(series)
    is_time = series.dtype in (pl.Date, pl.Datetime)
    if is_time:
        series = wall_clock(series)
    known = series.drop_nulls().cast(pl.Float64).to_numpy()
    values = known[np.isfinite(known)]
    if values.size == 0:
        return None
    low, high = float(values.min()), float(values.max())
    scale, edges = histogram_edges(values, low, high, is_time=is_time, max_bins=max_levels)
    return Histogram(
        edges=tuple(edges.tolist()),
        counts=tuple(bins.count_into_bins(values, edges)),
        scale=scale,
        low=low,
        high=high,
        grid=0.0 if is_time else bins.resolution(values),
        unit=unit,
        outside=len(known) - len(values),
        missing=series.null_count(),
    )


def histogram_edges(
    values: npt.NDArray[np.float64], low: float, high: float, *, is_time: bool, max_bins: int = 30
) -> tuple[Scale, npt.NDArray[np.float64]]:
    """The scale of the axis and the edges of the bins."""
    if is_time:
        return "time", dates.time_edges(low, high, min(max_bins, 24))
    if bins.suits_log(values):
        return "log", bins.log_edges(values)
    return "linear", bins.bin_edges(values, max_bins)


def count_pair(
    x: pl.Series, x_type: TypeInference, y: pl.Series, y_type: TypeInference, *, max_levels: int = 12
) -> PairCounts | None:
    """Rows in each cell of two columns; None unless both can be counted."""
    x, y = x.alias("x"), y.alias("y")  # Polars interprets a name such as "^a$" as a pattern
    both = x.is_not_null() & y.is_not_null()
    x, y = x.filter(both), y.filter(both)
    axes = [
        count_column(item, inferred_type, max_levels=max_levels) for item, inferred_type in ((x, x_type), (y, y_type))
    ]
    if axes[0] is None or axes[1] is None:
        return None
    cell_x, size_x = _cell_indices(x, x_type.variable_type, axes[0])
    cell_y, size_y = _cell_indices(y, y_type.variable_type, axes[1])
    inside = (cell_x >= 0) & (cell_y >= 0)
    flat = np.bincount(cell_x[inside] * size_y + cell_y[inside], minlength=size_x * size_y)
    cells = tuple(tuple(row) for row in flat.reshape(size_x, size_y).tolist())
    return PairCounts(axes[0], axes[1], cells)


def _cell_indices(series: pl.Series, variable_type: VariableType, axis: Bars | Histogram) -> tuple[Integers, int]:
    """The cell index of each row along one axis, −1 for none, and the number of cells."""
    if isinstance(axis, Bars):
        texts = series.cast(pl.String).str.slice(0, _MAX_LENGTH)
        codes = texts.replace_strict(
            list(axis.categories), list(range(len(axis.categories))), default=-1, return_dtype=pl.Int64
        )
        return codes.to_numpy(), len(axis.categories)
    if variable_type is VariableType.TEXT:
        series = series.cast(pl.String).str.len_chars()
    floats = to_floats(series, variable_type)
    assert floats is not None, "a column with a histogram is numeric"
    edges = np.asarray(axis.edges)
    values = floats[0]
    indices = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, len(edges) - 2)
    return np.where(np.isfinite(values), indices, -1), len(edges) - 1
