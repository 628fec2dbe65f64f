"""Counts from which all figures are drawn: bars, histograms and cells of pairs.

A figure never needs the rows, so a lazy engine can make the same objects.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt
import polars as pl

from tidynet.core.serialization import Tagged
from tidynet.core.text import format_percent, pluralize, shorten
from tidynet.profiling import axis_scales as scales
from tidynet.profiling import histogram_bins as bins
from tidynet.profiling import time_axis as dates
from tidynet.profiling.axis_choice import AxisChoice, Scale, choose_axis, without_value
from tidynet.profiling.categories import category_counts
from tidynet.profiling.numeric_statistics import sorted_quantiles
from tidynet.profiling.numeric_values import in_unit, to_numeric, wall_clock
from tidynet.table.cell_text import cell_text
from tidynet.table.variable_type import TypeInference, VariableType

Floats = npt.NDArray[np.float64]

MAX_LENGTH = 120  # characters of a category; no figure shows more
DRAWN_QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)
"""The quantiles that a histogram carries."""
SCALE_NAMES = {"log": "log axis", "sqrt": "square-root axis"}
"""The scales that a title names."""


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
    scale : {"linear", "log", "sqrt", "time"}
        The scale of the axis.
    low, high : float
        The smallest and the largest value, whether or not the axis reaches them.
    grid : float
        The step to which the values are rounded (1 for whole numbers), 0 if none.
    unit : str
        The unit of the values, if known: "days", "characters".
    outside : int
        Rows with infinite values, which are in no bin.
    missing : int
        Rows without a value.
    below, above : int
        Rows far from all others, outside the edges.
    spike : float, optional
        A value that is drawn apart, because it would hide the others; its `spike_rows` are in no bin.
    quantiles : tuple of float
        The 10%, 25%, 50%, 75% and 90% quantiles of all finite values.
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
    below: int = 0
    above: int = 0
    spike: float | None = None
    spike_rows: int = 0
    quantiles: tuple[float, ...] = ()

    @property
    def rows(self) -> int:
        """Rows with a finite value, in a bin or not."""
        return sum(self.counts) + self.below + self.above + self.spike_rows

    @property
    def axis_range(self) -> tuple[float, float]:
        """The ends of the values that the bins cover."""
        return max(self.low, self.edges[0]), min(self.high, self.edges[-1])

    def ticks(self, max_ticks: int = 5) -> list[tuple[float, str]]:
        """Positions and labels of the ticks, at most about `max_ticks`."""
        low, high = self.axis_range
        if self.scale == "time":
            moments = dates.time_ticks(low, high, max_ticks)
            return list(zip(moments, dates.time_labels(moments), strict=True))
        if self.scale == "log":
            return [(tick, scales.format_tick(tick)) for tick in scales.log_ticks(low, high, max_ticks)]
        ticks = (scales.sqrt_ticks if self.scale == "sqrt" else scales.linear_ticks)(low, high, max_ticks)
        if self.grid == 1.0:
            ticks = [tick for tick in ticks if tick == round(tick)] or [low, high]
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
        low, high = self._labels([self.low, self.high])
        unit = f" {self.unit}" if self.unit else ""
        span = f"all {low}{unit}" if low == high else f"from {low} to {high}{unit}, most often {tallest}"
        if self.spike is not None:
            span = f"from {low} to {high}{unit}, most often {self._labels([self.spike])[0]}, of the others {tallest}"
        axis = f" ({SCALE_NAMES[self.scale]})" if self.scale in SCALE_NAMES else ""
        return f"Histogram of {shorten(name, 80)}{axis}: {self.rows:,} rows {span}.{self._remarks_sentence()}"

    def _remarks_sentence(self) -> str:
        return "".join(f" {remark[0].upper()}{remark[1:]}." for remark in self.remarks())

    def _labels(self, values: Sequence[float]) -> list[str]:
        return dates.time_labels(list(values)) if self.scale == "time" else scales.natural_labels(values)

    def remarks(self) -> list[str]:
        """What the bins leave out, in words: the spike, and rows beyond the axis."""
        texts = []
        if self.spike is not None:
            share = format_percent(self.spike_rows / max(1, self.rows))
            texts.append(f"{share} of rows are {self._labels([self.spike])[0]}")
        for rows, end, word in ((self.below, self.low, "down to"), (self.above, self.high, "up to")):
            if rows:
                reach = "" if end == self.spike else f", {word} {self._labels([end])[0]}"
                texts.append(f"{pluralize(rows, 'row')} off the axis{reach}")
        return texts


@dataclass(frozen=True, slots=True)
class CategorySummary:
    """The values of a numeric variable in one category; `std` is that of a sample."""

    rows: int
    mean: float
    std: float
    first: float
    median: float
    third: float


@dataclass(frozen=True, slots=True)
class PairCounts:
    """Rows in each cell of two binned or categorical variables.

    Cells at the ends of an axis also hold the rows beyond it; the last cell along an axis is for the categories
    without a bar, or for the spike, if there are any. `summaries` has one entry for each category if the
    other variable is numeric, `correlation` is Pearson's r of two numeric variables.
    """

    x: Bars | Histogram
    y: Bars | Histogram
    cells: tuple[tuple[int, ...], ...]
    summaries: tuple[CategorySummary | None, ...] = ()
    correlation: float | None = None


def count_column(
    series: pl.Series, inferred_type: TypeInference, *, max_levels: int = 6, apart: bool = True
) -> Bars | Histogram | None:
    """The counts for the chart of a column; None for identifiers, constants, nested or no values.

    Parameters
    ----------
    series : polars.Series
        The column, missing values as nulls.
    inferred_type : TypeInference
        Its variable type, and the order of ordinal categories.
    max_levels : int
        The maximum number of bars; the last is for all other categories.
    apart : bool
        Whether a value that would hide all others is drawn apart.

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
        return count_values(series.cast(pl.String).str.len_chars(), unit="characters", apart=apart)
    numbers = to_numeric(series, variable_type) if variable_type.is_numeric else None
    return None if numbers is None else count_values(numbers, apart=apart)


def count_categories(series: pl.Series, order: Sequence[str] = (), *, max_levels: int = 6) -> Bars:
    """Rows per category, by frequency (ties by name) or in the given order."""
    counts = category_counts(cell_text(series).str.slice(0, MAX_LENGTH))
    return make_bars(list(counts.iter_rows()), order, max_levels, series.null_count())


def make_bars(counts: Sequence[tuple[str, int]], order: Sequence[str], max_bars: int, missing: int) -> Bars:
    """Bars from categories and rows by frequency; the last bar is for all others if there are too many."""
    shown = list(counts) if len(counts) <= max_bars else list(counts[: max_bars - 1])
    if order:
        position = {category[:MAX_LENGTH]: index for index, category in enumerate(order)}
        shown.sort(key=lambda item: position.get(item[0], len(position)))
    other_rows = sum(rows for _, rows in counts) - sum(rows for _, rows in shown)
    categories, rows = tuple(item[0] for item in shown), tuple(item[1] for item in shown)
    return Bars(categories, rows, len(counts) - len(shown), other_rows, missing=missing)


def count_values(series: pl.Series, *, unit: str = "", max_levels: int = 30, apart: bool = True) -> Histogram | None:
    """Rows per bin of a numeric or temporal column; None if it has no finite value; a spike only if `apart`."""
    if series.dtype == pl.Duration:
        series, unit = in_unit(series)
    is_time = series.dtype in (pl.Date, pl.Datetime)
    if is_time:
        series = wall_clock(series)
    known = series.drop_nulls().cast(pl.Float64).to_numpy()
    ordered = np.sort(known[np.isfinite(known)])
    if ordered.size == 0:
        return None
    axis = choose_axis(ordered, is_time=is_time, apart=apart)
    others = ordered if axis.spike is None else without_value(ordered, axis.spike)
    start, stop = int(np.searchsorted(others, axis.low)), int(np.searchsorted(others, axis.high, side="right"))
    edges = histogram_edges(others[start:stop], axis, max_bins=max_levels)
    start, stop = int(np.searchsorted(others, edges[0])), int(np.searchsorted(others, edges[-1], side="right"))
    return Histogram(
        edges=tuple(edges.tolist()),
        counts=tuple(bins.count_into_bins(others[start:stop], edges)),
        scale=axis.scale,
        low=float(ordered[0]),
        high=float(ordered[-1]),
        grid=0.0 if is_time else bins.resolution(ordered),
        unit=unit,
        outside=len(known) - len(ordered),
        missing=series.null_count(),
        below=start,
        above=len(others) - stop,
        spike=axis.spike,
        spike_rows=len(ordered) - len(others),
        quantiles=tuple(sorted_quantiles(ordered, list(DRAWN_QUANTILES))),
    )


def histogram_edges(shown: Floats, axis: AxisChoice, *, max_bins: int = 30) -> Floats:
    """The edges of the bins for the values that the axis shows."""
    if axis.scale == "time":
        return dates.time_edges(float(shown[0]), float(shown[-1]), min(max_bins, 24))
    if axis.scale == "log":
        return bins.log_edges(shown)
    return bins.sqrt_edges(shown) if axis.scale == "sqrt" else bins.bin_edges(shown, max_bins)
