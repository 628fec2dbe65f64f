"""What bar charts and histograms are made of: plain counts, from which all pictures are drawn.

A picture never needs the rows: whoever has counted elsewhere (a database, a stream) makes the same objects.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from tidynet.core.serialization import Tagged
from tidynet.profiling import axis_scales as scales
from tidynet.profiling import histogram_bins as bins
from tidynet.profiling import time_axis as dates
from tidynet.profiling.numeric_values import in_unit, to_floats, to_numeric, wall_clock
from tidynet.table.variable_type import TypeInference, VariableType

__all__ = ["Bars", "Histogram", "PairCounts", "count_categories", "count_column", "count_pair", "count_values"]

Integers = npt.NDArray[np.int64]

_MAX_LENGTH = 120  # characters of a category; no figure shows more
# Identifiers have as many values as rows and constants one: nothing to count.
_COUNTS_BY_TYPE: dict[VariableType, Literal["bars", "histogram", "lengths"]] = {
    VariableType.CONTINUOUS: "histogram",
    VariableType.DISCRETE: "histogram",
    VariableType.DATETIME: "histogram",
    VariableType.DURATION: "histogram",
    VariableType.NOMINAL: "bars",
    VariableType.ORDINAL: "bars",
    VariableType.BOOLEAN: "bars",
    VariableType.TEXT: "lengths",
}


@dataclass(frozen=True, slots=True)
class Bars(Tagged):
    """Levels of a qualitative variable and the rows that take each.

    Parameters
    ----------
    levels, counts : tuple
        In drawing order: by frequency, or an ordinal's own order.
    other_levels, other_rows : int
        The levels left out and the rows that take them.
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
        """The picture in words, for those who cannot see it."""
        display_text = ", ".join(
            f"{_truncate(level, 30)} {count:,}" for level, count in zip(self.categories[:8], self.counts, strict=False)
        )
        remaining = self.other_categories + max(0, len(self.categories) - 8)
        more = f", and {remaining:,} more levels" if remaining else ""
        return f"Bar chart of {_truncate(name, 80)}: {display_text or 'no values'} rows{more}."


@dataclass(frozen=True, slots=True)
class Histogram(Tagged):
    """Bins of a quantitative variable and the rows in each.

    Parameters
    ----------
    edges : tuple of float
        One more than counts, increasing; for times microseconds since 1970.
    counts : tuple of int
        Rows in ``[edge, next edge)``.
    scale : {"linear", "log", "time"}
        The axis that suits the values.
    low, high : float
        The smallest and the largest value.
    grid : float
        The step that the values were rounded to (1 for whole numbers), 0 if none.
    unit : str
        What the numbers count, where known: "days", "characters".
    outside : int
        Infinite values, which no bin holds.
    missing : int
        Rows without a value.
    """

    TAG: ClassVar[tuple[str, str]] = ("chart", "histogram")
    edges: tuple[float, ...]
    counts: tuple[int, ...]
    scale: Literal["linear", "log", "time"]
    low: float
    high: float
    grid: float = 0.0
    unit: str = ""
    outside: int = 0
    missing: int = 0

    def ticks(self, max_levels: int = 5) -> list[tuple[float, str]]:
        """Places and labels for the axis of values, at most about `max_levels`."""
        if self.scale == "time":
            moments = dates.time_ticks(self.low, self.high, max_levels)
            return list(zip(moments, dates.time_labels(moments), strict=True))
        if self.scale == "log":
            ticks = scales.log_ticks(self.low, self.high, max_levels)
            return [(tick, scales.format_tick(tick)) for tick in ticks]
        ticks = scales.linear_ticks(self.low, self.high, max_levels)
        if self.grid == 1.0:
            ticks = [tick for tick in ticks if tick == round(tick)] or [self.low, self.high]
        return list(zip(ticks, scales.natural_labels(ticks), strict=True))

    def interval(self, bin_index: int) -> str:
        """The values that a bin holds, in words: "3", "10 to 19" or "2.5 to 3"."""
        low, high = self.edges[bin_index], self.edges[bin_index + 1]
        if self.scale == "time":
            return " to ".join(dates.time_labels([low, high]))
        if (self.grid and self.scale == "linear") or self.grid == 1.0:
            low, high = low + self.grid / 2, high - self.grid / 2
        texts = scales.natural_labels([low, high])
        return texts[0] if texts[0] == texts[1] else " to ".join(texts)

    def description(self, name: str) -> str:
        """The picture in words, for those who cannot see it."""
        tallest = self.interval(int(np.argmax(self.counts)))
        ends = dates.time_labels([self.low, self.high]) if self.scale == "time" else None
        low, high = ends or scales.natural_labels([self.low, self.high])
        unit = f" {self.unit}" if self.unit else ""
        span = f"all {low}{unit}" if low == high else f"from {low} to {high}{unit}, most often {tallest}"
        log = " (log axis)" if self.scale == "log" else ""
        return f"Histogram of {_truncate(name, 80)}{log}: {sum(self.counts):,} rows {span}."


@dataclass(frozen=True, slots=True)
class PairCounts:
    """Rows in each cell of two binned or qualitative variables: what a picture of a pair is drawn from."""

    x: Bars | Histogram
    y: Bars | Histogram
    cells: tuple[tuple[int, ...], ...]


def count_column(series: pl.Series, inferred_type: TypeInference, *, max_levels: int = 6) -> Bars | Histogram | None:
    """The counts of the chart that suits a column, or None where there is nothing to draw.

    Parameters
    ----------
    series : polars.Series
        The column, missing values as nulls.
    inferred_type : Judgement
        Its kind, and an ordinal's order of levels.
    max_levels : int
        At most this many bars; the last stands for the remaining levels.

    Returns
    -------
    Bars, Histogram or None
        None for identifiers, constants, columns without values and nested values.

    Examples
    --------
    >>> count_column(pl.Series(["b", "a", "b"]), TypeInference(VariableType.NOMINAL, "few distinct texts"))
    Bars(categories=('b', 'a'), counts=(2, 1), other_categories=0, other_rows=0, missing=0)
    """
    chart = _COUNTS_BY_TYPE.get(inferred_type.variable_type)
    composite = series.dtype.is_nested() or series.dtype in (pl.Binary, pl.Object)
    if chart is None or composite or series.null_count() == len(series):
        return None
    if chart == "bars":
        order = inferred_type.categories if inferred_type.variable_type is VariableType.ORDINAL else ()
        return count_categories(series, order, max_levels=max_levels)
    if chart == "lengths":
        return count_values(series.cast(pl.String).str.len_chars(), unit="characters")
    quantity = to_numeric(series, inferred_type.variable_type)
    return None if quantity is None else count_values(quantity)


def count_categories(series: pl.Series, order: Sequence[str] = (), *, max_levels: int = 6) -> Bars:
    """Rows per level, by frequency (ties by name) or in the given order."""
    texts = series.drop_nulls().cast(pl.String).str.slice(0, _MAX_LENGTH).alias("level")
    table = texts.to_frame().group_by("level").len("rows").sort(["rows", "level"], descending=[True, False])
    result = dict(zip(table["level"].to_list(), table["rows"].to_list(), strict=True))
    kept = list(result) if len(result) <= max_levels else list(result)[: max_levels - 1]
    if order:
        index = {level[:_MAX_LENGTH]: rank for rank, level in enumerate(order)}
        kept.sort(key=lambda level: index.get(level, len(index)))
    counts = tuple(result[level] for level in kept)
    return Bars(tuple(kept), counts, len(result) - len(kept), len(texts) - sum(counts), missing=series.null_count())


def count_values(series: pl.Series, *, unit: str = "", max_levels: int = 30) -> Histogram | None:
    """Rows per bin of a numeric or temporal column; None if it has no finite value."""
    if series.dtype == pl.Duration:
        series, unit = in_unit(series)
    timely = series.dtype in (pl.Date, pl.Datetime)
    if timely:
        series = wall_clock(series)
    present = series.drop_nulls().cast(pl.Float64).to_numpy()
    values = present[np.isfinite(present)]
    if values.size == 0:
        return None
    low, high = float(values.min()), float(values.max())
    scale: Literal["linear", "log", "time"] = "linear"
    if timely:
        scale, edges = "time", dates.time_edges(low, high, min(max_levels, 24))
    elif bins.suits_log(values):
        scale, edges = "log", bins.log_edges(values)
    else:
        edges = bins.bin_edges(values, max_levels)
    return Histogram(
        edges=tuple(edges.tolist()),
        counts=tuple(bins.count_into_bins(values, edges)),
        scale=scale,
        low=low,
        high=high,
        grid=0.0 if timely else bins.resolution(values),
        unit=unit,
        outside=len(present) - len(values),
        missing=series.null_count(),
    )


def count_pair(
    x: pl.Series, x_judgement: TypeInference, y: pl.Series, y_judgement: TypeInference, *, max_count: int = 12
) -> PairCounts | None:
    """Rows in each cell of two columns, binned or by level.

    Examples
    --------
    >>> kinds = TypeInference(VariableType.DISCRETE, "whole"), TypeInference(VariableType.NOMINAL, "texts")
    >>> count_pair(pl.Series("n", [1, 2, 2]), kinds[0], pl.Series("c", ["a", "b", "a"]), kinds[1]).cells
    ((1, 0), (1, 1))
    """
    x, y = x.alias("x"), y.alias("y")  # Polars would take a name such as "^a$" for a pattern
    both = x.is_not_null() & y.is_not_null()
    x, y = x.filter(both), y.filter(both)
    axes = [
        count_column(item, inferred_type, max_levels=max_count)
        for item, inferred_type in ((x, x_judgement), (y, y_judgement))
    ]
    if axes[0] is None or axes[1] is None:
        return None
    place_x, size_x = _cell_indices(x, x_judgement.variable_type, axes[0])
    place_y, size_y = _cell_indices(y, y_judgement.variable_type, axes[1])
    inside = (place_x >= 0) & (place_y >= 0)
    flat = np.bincount(place_x[inside] * size_y + place_y[inside], minlength=size_x * size_y)
    cells = tuple(tuple(row) for row in flat.reshape(size_x, size_y).tolist())
    return PairCounts(axes[0], axes[1], cells)


def _cell_indices(series: pl.Series, kind: VariableType, axis: Bars | Histogram) -> tuple[Integers, int]:
    """The cell of each row along one axis, −1 for none, and how many cells there are."""
    if isinstance(axis, Bars):
        texts = series.cast(pl.String).str.slice(0, _MAX_LENGTH)
        codes = texts.replace_strict(
            list(axis.categories), list(range(len(axis.categories))), default=-1, return_dtype=pl.Int64
        )
        return codes.to_numpy(), len(axis.categories)
    if kind is VariableType.TEXT:
        series = series.cast(pl.String).str.len_chars()
    floats = to_floats(series, kind)
    assert floats is not None, "a column with a histogram holds quantities"
    edges = np.asarray(axis.edges)
    values = floats[0]
    indices = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, len(edges) - 2)
    return np.where(np.isfinite(values), indices, -1), len(edges) - 1


def _truncate(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"
