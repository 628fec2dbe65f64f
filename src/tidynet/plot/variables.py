"""Variables to draw: numbers with scale and bins, or categories in order; from a column or from counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from tidynet.core.errors import InputError
from tidynet.core.text import pluralize
from tidynet.plot.rebin import labels_of
from tidynet.profiling import axis_scales as scales
from tidynet.profiling import histogram_bins as bins
from tidynet.profiling import time_axis as dates
from tidynet.profiling.counts import Bars, Histogram, count_categories
from tidynet.profiling.numeric_values import to_floats
from tidynet.table.variable_type import TypeInference, VariableType

Floats = npt.NDArray[np.float64]
Scale = Literal["linear", "log", "sqrt", "time"]

_CATEGORICAL = (
    VariableType.NOMINAL,
    VariableType.ORDINAL,
    VariableType.BOOLEAN,
    VariableType.CONSTANT,
    VariableType.IDENTIFIER,
)


@dataclass(frozen=True)
class NumericVariable:
    """A numeric variable: its values, histogram bins and axis scale."""

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

    def __post_init__(self) -> None:
        if np.isnan(self.low):
            finite = self.values[np.isfinite(self.values)]
            ends = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
            object.__setattr__(self, "low", ends[0])
            object.__setattr__(self, "high", ends[1])

    @property
    def missing(self) -> npt.NDArray[np.bool_]:
        """Rows without a finite value."""
        return ~np.isfinite(self.values)

    @property
    def label(self) -> str:
        """The name with its unit."""
        return f"{self.name} ({self.unit})" if self.unit else self.name

    def take(self, rows: npt.NDArray[np.intp] | npt.NDArray[np.bool_]) -> NumericVariable:
        """The variable on some rows, with the same scale and bins."""
        return replace(self, values=self.values[rows])

    def to_scale(self, values: npt.ArrayLike) -> Floats:
        """Values transformed to the scale of the axis."""
        numbers = np.asarray(values, dtype=np.float64)
        if self.scale == "log":
            return np.log10(numbers)
        return np.sqrt(numbers) if self.scale == "sqrt" else numbers

    def from_scale(self, scaled: npt.ArrayLike) -> Floats:
        """The inverse of `to_scale`."""
        numbers = np.asarray(scaled, dtype=np.float64)
        if self.scale == "log":
            return 10.0**numbers
        return np.square(np.maximum(numbers, 0)) if self.scale == "sqrt" else numbers

    def ticks(self, max_count: int = 5) -> tuple[list[float], list[str]]:
        """Positions and labels of about `max_count` ticks."""
        low, high = self.low, self.high
        if self.scale == "time":
            moments = dates.time_ticks(low, high, max_count)
            return moments, dates.time_labels(moments)
        if self.scale == "log":
            ticks = scales.log_ticks(low, high, max_count)
            return ticks, [scales.format_tick(tick) for tick in ticks]
        if self.scale == "sqrt":
            even = np.linspace(np.sqrt(low), np.sqrt(high), max_count)[1:] ** 2
            steps = [scales.nice_step(float(index) * 0.7) for index in even if index > 0]
            ticks = sorted(
                {tick for tick in (0.0, *steps) if low <= tick <= high or (tick == 0 and 0 <= low < high / 50)}
            ) or [low, high]
        else:
            ticks = scales.linear_ticks(low, high, max_count)
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
    texts = series.alias("text").cast(pl.String).str.slice(0, 120)
    code_of = {category: code for code, category in enumerate(counts.categories)}
    codes = texts.replace_strict(code_of, default=len(code_of), return_dtype=pl.Int64).to_numpy().copy()
    codes[series.is_null().to_numpy()] = -1
    labels = tuple(labels_of(counts, len(code_of) + (counts.other_categories > 0)))
    kind = str(inferred_type.variable_type)
    return CategoricalVariable(series.name, codes, labels, is_ordinal, counts.other_categories, kind)


def _numeric(name: str, values: Floats, unit: str, scale: str, kind: str) -> NumericVariable:
    is_time = unit == "time"
    finite = values[np.isfinite(values)]
    chosen_scale = _scale(name, finite, scale, is_time)
    distinct = len(np.unique(finite[:5000]))
    return NumericVariable(
        name=name,
        values=values,
        edges=_edges(finite, chosen_scale) if finite.size else np.array([0.0, 1.0]),
        scale=chosen_scale,
        grid=0.0 if is_time else bins.resolution(finite),
        unit="" if is_time else unit,
        skew=skewness(finite),
        discrete=finite.size > 2 * distinct and distinct <= 60,
        kind=kind,
    )


def _scale(name: str, finite: Floats, requested: str, is_time: bool) -> Scale:
    if is_time:
        return "time"
    if requested == "auto":
        if bins.suits_log(finite):
            return "log"
        low = finite.min(initial=0)
        is_skewed = len(finite) >= 10 and low == 0 and (skew := skewness(finite)) > 2
        return "sqrt" if is_skewed and abs(skewness(np.sqrt(finite))) < skew / 2 else "linear"
    refused = int((finite <= 0).sum()) if requested == "log" else int((finite < 0).sum()) if requested == "sqrt" else 0
    if refused:
        limit, axis = ("≤ 0", "a log") if requested == "log" else ("< 0", "a square-root")
        other = "'sqrt' or 'linear'" if requested == "log" and finite.min() == 0 else "'linear'"
        raise InputError(
            f"'{name}' has {pluralize(refused, 'value')} {limit}, which {axis} axis cannot show",
            f"use the scale {other}",
        )
    return "log" if requested == "log" else "sqrt" if requested == "sqrt" else "linear"


def _edges(finite: Floats, scale: Scale) -> Floats:
    low, high = float(finite.min()), float(finite.max())
    if scale == "time":
        return dates.time_edges(low, high, 24)
    if scale == "log" and high >= 2 * low:
        return bins.log_edges(finite)
    if scale == "sqrt" and high > low:
        edges = np.linspace(np.sqrt(low), np.sqrt(high), 21) ** 2
        if bins.resolution(finite) == 1.0:
            edges = np.unique(np.append(np.maximum(np.ceil(edges[:-1]) - 0.5, 0), high + 0.5))
        edges[0], edges[-1] = min(edges[0], low), max(edges[-1], high)
        return edges
    return bins.bin_edges(finite)


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
        name, edges, edges, counts.scale, counts.grid, counts.unit, low=counts.low, high=counts.high
    )
    middles = variable.from_scale((variable.to_scale(edges[:-1]) + variable.to_scale(edges[1:])) / 2)
    return replace(variable, values=np.clip(middles, counts.low, counts.high)), list(counts.counts)
