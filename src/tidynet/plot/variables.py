"""Variables to draw: numbers with scale and bins, or categories in order; from a column or from counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from tidynet.core.errors import InputError
from tidynet.core.text import pluralize
from tidynet.plot.days import day_labels, day_ticks, to_days
from tidynet.plot.rebin import labels_of
from tidynet.profiling import axis_scales as scales
from tidynet.profiling import histogram_bins as bins
from tidynet.profiling.axis_choice import AxisChoice, Scale, choose_axis, from_scale, to_scale, without_value
from tidynet.profiling.counts import Bars, Histogram, count_categories, histogram_edges
from tidynet.profiling.numeric_values import to_floats
from tidynet.table.cell_text import cell_text
from tidynet.table.variable_type import TypeInference, VariableType

Floats = npt.NDArray[np.float64]

_FEW_EDGES = 5  # of a histogram between limits; with so few the bins are made anew
_CATEGORICAL = (
    VariableType.NOMINAL,
    VariableType.ORDINAL,
    VariableType.BOOLEAN,
    VariableType.CONSTANT,
    VariableType.IDENTIFIER,
)


@dataclass(frozen=True)
class Spike:
    """A value that a histogram draws apart, its rows, and the scale and bins of all other values."""

    value: float
    scale: Scale
    edges: Floats


@dataclass(frozen=True)
class NumericVariable:
    """A numeric variable: its values, histogram bins and axis scale; `shown` is the range of the axis.

    Times are days since 1970.
    """

    name: str
    values: Floats
    edges: Floats
    scale: Scale = "linear"
    grid: float = 0.0
    unit: str = ""
    skew: float = 0.0
    discrete: bool = False
    low: float = float("nan")
    high: float = float("nan")
    kind: str = "continuous"
    shown: tuple[float, float] | None = None
    spike: Spike | None = None
    own_edges: Literal["", "number", "edges"] = ""  # what the user chose of the bins

    def __post_init__(self) -> None:
        if np.isnan(self.low):
            finite = self.values[np.isfinite(self.values)]
            ends = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
            object.__setattr__(self, "low", ends[0])
            object.__setattr__(self, "high", ends[1])

    @property
    def axis_range(self) -> tuple[float, float]:
        """The ends of the values that the axis shows."""
        return self.shown or (self.low, self.high)

    @property
    def beyond(self) -> npt.NDArray[np.bool_]:
        """Rows outside the axis."""
        if self.shown is None:
            return np.zeros(len(self.values), dtype=bool)
        return (self.values < self.shown[0]) | (self.values > self.shown[1])

    def without_spike(self) -> NumericVariable:
        """The variable as a histogram draws it beside its spike."""
        if self.spike is None:
            return self
        rest = np.where(self.values == self.spike.value, np.nan, self.values)
        ends = float(self.spike.edges[0]), float(self.spike.edges[-1])
        return replace(
            self, values=rest, scale=self.spike.scale, edges=self.spike.edges, spike=None, low=float("nan"), shown=ends
        )

    def with_all_values(self, limits: tuple[float | None, float | None]) -> NumericVariable:
        """The variable without a spike, on an axis between limits in place of the one that shows the bulk."""
        low, high = sorted(end if own is None else own for own, end in zip(limits, (self.low, self.high), strict=True))
        has_bins = ((self.edges >= low) & (self.edges <= high)).sum() > _FEW_EDGES
        if self.shown is None and self.spike is None and has_bins:
            return self
        inside = np.sort(self.values[(self.values >= low) & (self.values <= high)])
        by_bulk = self.scale == "time" or not inside.size
        edges = self.edges if by_bulk else histogram_edges(inside, AxisChoice(self.scale, low, high))
        return replace(self, edges=edges, spike=None, shown=(low, high))

    @property
    def missing(self) -> npt.NDArray[np.bool_]:
        """Rows without a finite value."""
        return ~np.isfinite(self.values)

    @property
    def label(self) -> str:
        """The name with its unit."""
        return f"{self.name} ({self.unit})" if self.unit else self.name

    def rename(self, labels: Mapping[str, str]) -> NumericVariable:
        """The variable under the name that the user gave, which brings its own unit."""
        return replace(self, name=labels[self.name], unit="") if self.name in labels else self

    def take(self, rows: npt.NDArray[np.intp] | npt.NDArray[np.bool_]) -> NumericVariable:
        """The variable on some rows, with the same scale and bins."""
        return replace(self, values=self.values[rows])

    def to_scale(self, values: npt.ArrayLike) -> Floats:
        """Values transformed to the scale of the axis."""
        return to_scale(values, self.scale)

    def from_scale(self, scaled: npt.ArrayLike) -> Floats:
        """The inverse of `to_scale`."""
        return from_scale(scaled, self.scale)

    def ticks(self, max_count: int = 5) -> tuple[list[float], list[str]]:
        """Positions and labels of about `max_count` ticks."""
        return self.ticks_within(*self.axis_range, max_count)

    def ticks_within(self, low: float, high: float, max_count: int = 5) -> tuple[list[float], list[str]]:
        """Positions and labels of about `max_count` ticks from `low` to `high`."""
        if self.scale == "time":
            days = day_ticks(low, high, max_count)
            return days, day_labels(days)
        if self.scale == "log":
            ticks = scales.log_ticks(low, high, max_count)
            return ticks, [scales.format_tick(tick) for tick in ticks]
        ticks = (scales.sqrt_ticks if self.scale == "sqrt" else scales.linear_ticks)(low, high, max_count)
        if self.grid == 1.0:
            ticks = [tick for tick in ticks if tick == round(tick)] or [low, high]
        return ticks, scales.natural_labels(ticks)


@dataclass(frozen=True)
class CategoricalVariable:
    """A categorical variable: a code for each row, −1 where missing."""

    name: str
    codes: npt.NDArray[np.int64]
    labels: tuple[str, ...]
    ordered: bool = False
    others: int = 0
    kind: str = "nominal"

    @property
    def missing(self) -> npt.NDArray[np.bool_]:
        """Rows without a value."""
        return self.codes < 0

    @property
    def label(self) -> str:
        """The name."""
        return self.name

    def rename(self, labels: Mapping[str, str]) -> CategoricalVariable:
        """The variable under the name that the user gave."""
        return replace(self, name=labels[self.name]) if self.name in labels else self

    def take(self, rows: npt.NDArray[np.intp] | npt.NDArray[np.bool_]) -> CategoricalVariable:
        """The variable on some rows, with the same labels."""
        return replace(self, codes=self.codes[rows])

    @property
    def is_other(self) -> list[bool]:
        """For each label, whether it groups rare categories."""
        return [False] * (len(self.labels) - (self.others > 0)) + [True] * (self.others > 0)


Variable = NumericVariable | CategoricalVariable


def make_variable(
    series: pl.Series,
    inferred_type: TypeInference,
    *,
    scale: str = "auto",
    categorical: bool | None = None,
    max_count: int = 20,
) -> Variable:
    """The variable of a column; `categorical` overrides its variable type."""
    if series.dtype.is_nested() or series.dtype in (pl.Binary, pl.Object):
        raise InputError(
            f"column '{series.name}' cannot be drawn: {inferred_type.reason}", "extract single values from its cells"
        )
    has_numbers = series.dtype.is_numeric() or series.dtype.is_temporal()
    is_constant = inferred_type.variable_type is VariableType.CONSTANT
    as_categories = inferred_type.variable_type in _CATEGORICAL and not (is_constant and has_numbers)
    if categorical is not None and (categorical or has_numbers):
        as_categories = categorical
    if as_categories:
        return _categories(series, inferred_type, max_count)
    if inferred_type.variable_type is VariableType.TEXT and categorical is None:
        lengths = series.cast(pl.String).str.len_chars().cast(pl.Float64)
        numbers = lengths.fill_null(float("nan")).to_numpy()
        return _numeric(series.name, numbers, "characters", scale, "text")
    numbers_and_unit = to_floats(series, inferred_type.variable_type)
    if numbers_and_unit is None:
        return _categories(series, inferred_type, max_count)
    return _numeric(series.name, *numbers_and_unit, scale, str(inferred_type.variable_type))


def _categories(series: pl.Series, inferred_type: TypeInference, max_count: int) -> CategoricalVariable:
    is_ordinal = inferred_type.variable_type is VariableType.ORDINAL
    counts = count_categories(series, inferred_type.categories if is_ordinal else (), max_levels=max_count)
    texts = cell_text(series.alias("text")).str.slice(0, 120)
    code_of = {category: code for code, category in enumerate(counts.categories)}
    codes = texts.replace_strict(code_of, default=len(code_of), return_dtype=pl.Int64).to_numpy().copy()
    codes[series.is_null().to_numpy()] = -1
    labels = tuple(labels_of(counts, len(code_of) + (counts.other_categories > 0)))
    kind = str(inferred_type.variable_type)
    return CategoricalVariable(series.name, codes, labels, is_ordinal, counts.other_categories, kind)


def _numeric(name: str, values: Floats, unit: str, scale: str, kind: str) -> NumericVariable:
    is_time = unit == "time"
    ordered = np.sort(values[np.isfinite(values)])
    _check_scale(name, ordered, scale)
    axis = _axis(ordered, scale, is_time) if ordered.size else AxisChoice("linear", 0.0, 1.0)
    shown = ordered[np.searchsorted(ordered, axis.low) : np.searchsorted(ordered, axis.high, side="right")]
    edges = _edges(shown, axis) if ordered.size else np.array([0.0, 1.0])
    is_cut = bool(shown.size < ordered.size)
    distinct = len(np.unique(ordered[:5000]))
    variable = NumericVariable(
        name=name,
        values=values,
        edges=edges,
        scale=axis.scale,
        grid=0.0 if is_time else bins.resolution(ordered),
        unit="" if is_time else unit,
        skew=skewness(ordered),
        discrete=ordered.size > 2 * distinct and distinct <= 60,
        kind=kind,
        shown=(float(edges[0]), float(edges[-1])) if is_cut else None,
        spike=_spike(ordered) if ordered.size and scale == "auto" and not is_time else None,
    )
    return _in_days(variable) if is_time else variable


def _in_days(variable: NumericVariable) -> NumericVariable:
    """A variable of times, from microseconds to days."""
    values, edges, ends = (to_days(part) for part in (variable.values, variable.edges, [variable.low, variable.high]))
    shown = None if variable.shown is None else (float(to_days(variable.shown[0])), float(to_days(variable.shown[1])))
    return replace(variable, values=values, edges=edges, low=float(ends[0]), high=float(ends[1]), shown=shown)


def _axis(ordered: Floats, requested: str, is_time: bool) -> AxisChoice:
    """The axis that shows the bulk; a scale that is asked for shows all values."""
    if is_time or requested == "auto":
        return choose_axis(ordered, is_time=is_time, apart=False)
    scale: Scale = "log" if requested == "log" else "sqrt" if requested == "sqrt" else "linear"
    return AxisChoice(scale, float(ordered[0]), float(ordered[-1]))


def _spike(ordered: Floats) -> Spike | None:
    axis = choose_axis(ordered)
    if axis.spike is None:
        return None
    rest = without_value(ordered, axis.spike)
    edges = _edges(rest[(rest >= axis.low) & (rest <= axis.high)], axis)
    return Spike(axis.spike, axis.scale, edges)


def _check_scale(name: str, finite: Floats, requested: str) -> None:
    refused = int((finite <= 0).sum()) if requested == "log" else int((finite < 0).sum()) if requested == "sqrt" else 0
    if refused:
        limit, axis = ("≤ 0", "a log") if requested == "log" else ("< 0", "a square-root")
        other = "'sqrt' or 'linear'" if requested == "log" and finite.min() == 0 else "'linear'"
        raise InputError(
            f"'{name}' has {pluralize(refused, 'value')} {limit}, which {axis} axis cannot show",
            f"use the scale {other}",
        )


def _edges(shown: Floats, axis: AxisChoice) -> Floats:
    if axis.scale == "log" and shown[-1] < 2 * shown[0]:
        return bins.bin_edges(shown)
    return histogram_edges(shown, axis)


def skewness(values: Floats) -> float:
    """The third standardized moment; 0 for fewer than three or equal values."""
    if values.size < 3 or not np.ptp(values) > 0 or not np.isfinite(np.ptp(values)):
        return 0.0
    largest = np.abs(values).max()
    centered = values / largest - (values / largest).mean()
    std = centered.std()
    return float(np.mean((centered / std) ** 3)) if std > 0 else 0.0


def make_variable_from_counts(
    name: str, counts: Bars | Histogram, cells: int | None = None
) -> tuple[Variable, list[int]]:
    """The variable of counts, one value for each bin or category, and the rows of each."""
    if isinstance(counts, Bars):
        rows: Sequence[int] = [*counts.counts, *([counts.other_rows] if counts.other_categories else [])]
        labels = labels_of(counts, len(rows) if cells is None else cells)
        codes = np.arange(len(labels))
        return CategoricalVariable(name, codes, tuple(labels), others=counts.other_categories), list(rows)
    edges = np.array(counts.edges)
    variable = NumericVariable(
        name,
        edges,
        edges,
        counts.scale,
        counts.grid,
        counts.unit,
        low=counts.low,
        high=counts.high,
        shown=counts.axis_range if counts.below or counts.above else None,
    )
    middles = variable.from_scale((variable.to_scale(edges[:-1]) + variable.to_scale(edges[1:])) / 2)
    values = np.clip(middles, *counts.axis_range)
    if counts.spike is None:
        variable = replace(variable, values=values)
        return _in_days(variable) if counts.scale == "time" else variable, list(counts.counts)
    scale: Scale = "sqrt" if counts.scale == "log" else counts.scale
    values, spike = np.append(values, counts.spike), Spike(counts.spike, counts.scale, edges)
    ends = min(float(edges[0]), counts.spike), max(float(edges[-1]), counts.spike)
    whole = replace(variable, values=values, scale=scale, spike=spike, shown=ends if variable.shown else None)
    return whole, [*counts.counts, counts.spike_rows]
