"""PlotData: the variables of one chart with a weight for each row.

Counts become one row for each cell, weighted by the rows in it: every chart can be drawn from counts alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tidynet.plot.days import day_labels
from tidynet.plot.marks import Marks, colors_of
from tidynet.plot.rebin import cell_array
from tidynet.plot.variables import CategoricalVariable, NumericVariable, Variable, make_variable_from_counts
from tidynet.profiling import axis_scales as scales
from tidynet.profiling.counts import Bars, CategorySummary, Histogram
from tidynet.profiling.profile import PairCounts

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class PlotData:
    """The data of one pair of axes."""

    x: Variable | None
    y: Variable | None = None
    color: Variable | None = None
    size: NumericVariable | None = None
    weights: Floats = field(default_factory=lambda: np.empty(0))
    counted: bool = False  # made from counts
    normalize: bool = False  # fractions in place of counts
    panel: bool = False  # one of several panels
    notes: tuple[str, ...] = ()
    incomplete: bool = False  # rows with missing values were left out
    left_out: bool = False  # rows of categories without a place in the user's order were left out
    marks: Marks = field(default_factory=Marks)
    # Exact statistics of the values, which bins do not have:
    quantiles: tuple[float, ...] = ()  # 10%, 25%, 50%, 75%, 90%
    summaries: tuple[CategorySummary | None, ...] = ()  # of the numeric variable by category
    correlation: float | None = None

    @property
    def rows(self) -> int:
        """Number of table rows shown."""
        return round(self.weights.sum())

    @property
    def variables(self) -> list[Variable]:
        """The variables present, x first."""
        return [item for item in (self.x, self.y, self.color, self.size) if item is not None]

    def select_rows(self, rows: npt.NDArray[np.intp] | npt.NDArray[np.bool_]) -> PlotData:
        """The data on some rows, with the same scales, bins and categories."""
        return replace(
            self,
            x=self.x.take(rows) if self.x else None,
            y=self.y.take(rows) if self.y else None,
            color=self.color.take(rows) if self.color else None,
            size=self.size.take(rows) if self.size else None,
            weights=self.weights[rows],
        )

    def swap_axes(self) -> PlotData:
        """The data with x and y exchanged."""
        return replace(self, x=self.y, y=self.x)

    def drop_missing(self) -> PlotData:
        """The complete rows, with a note of the missing values of each variable."""
        counts = {item.name: n for item in self.variables if (n := round(self.weights[item.missing].sum()))}
        if not counts:
            return self
        complete = ~np.logical_or.reduce([item.missing for item in self.variables])
        note = f"{next(iter(counts.values())):,} missing" if len(self.variables) == 1 else missing_note(counts)
        return replace(self.select_rows(complete), notes=(*self.notes, note), incomplete=True)


def missing_note(counts: Mapping[str, int]) -> str:
    """The missing values of each variable as a note."""
    return "missing: " + ", ".join(f"{name} {number:,}" for name, number in counts.items())


class ColorGroup(NamedTuple):
    """One color: its label and its rows."""

    label: str
    color: str
    data: PlotData


def color_groups(data: PlotData) -> Iterator[ColorGroup]:
    """The data split by color; one part without a label if there is no color variable."""
    if data.color is None:
        yield ColorGroup("", data.marks.color, data)
        return
    categories = data.color if isinstance(data.color, CategoricalVariable) else grouped(data.color)
    for code, (label, color) in enumerate(zip(categories.labels, colors_of(categories, data.marks), strict=True)):
        yield ColorGroup(label, color, data.select_rows(categories.codes == code))


def grouped(variable: NumericVariable, groups: int = 4, distinct: int = 6) -> CategoricalVariable:
    """A numeric variable cut at quantiles; each of a few distinct values is its own category."""
    values = variable.values
    present = values[np.isfinite(values)]
    unique = np.unique(present)
    if len(unique) <= distinct:
        codes = np.searchsorted(unique, values)
        labels = _time_or_number(variable, unique.tolist())
    else:
        inner = np.quantile(present, np.linspace(0, 1, groups + 1)[1:-1], method="lower")
        inner = np.unique(inner[inner < unique[-1]])
        codes = np.searchsorted(inner, values)
        lows = [unique[0], *(unique[np.searchsorted(unique, cut) + 1] for cut in inner)]
        highs = [*inner, unique[-1]]
        ends = _time_or_number(variable, [float(end) for pair in zip(lows, highs, strict=True) for end in pair])
        labels = [low if low == high else f"{low} to {high}" for low, high in zip(ends[::2], ends[1::2], strict=True)]
    codes = np.where(np.isfinite(values), codes, -1).astype(np.int64)
    return CategoricalVariable(variable.label, codes, tuple(labels), ordered=True, kind=variable.kind)


def _time_or_number(variable: NumericVariable, values: list[float]) -> list[str]:
    return day_labels(values) if variable.scale == "time" else scales.natural_labels(values)


def plot_data_from_bars(counts: Bars | Histogram, name: str) -> PlotData:
    """The plot data of the counts of one variable."""
    variable, rows = make_variable_from_counts(name, counts)
    notes = (f"{counts.missing:,} missing",) if counts.missing else ()
    quantiles: tuple[float, ...] = ()
    if isinstance(counts, Histogram):
        notes = (*notes, f"{counts.outside:,} infinite") if counts.outside else notes
        quantiles = counts.quantiles
    weights = np.array(rows, dtype=np.float64)
    incomplete = counts.missing > 0
    return PlotData(variable, weights=weights, counted=True, notes=notes, incomplete=incomplete, quantiles=quantiles)


def plot_data_from_pair(pair: PairCounts, x_name: str, y_name: str) -> PlotData:
    """The plot data of the counts of two variables: one row for each nonempty cell."""
    cells = cell_array(pair)
    x, _ = make_variable_from_counts(x_name, pair.x, cells.shape[0])
    y, _ = make_variable_from_counts(y_name, pair.y, cells.shape[1])
    i, j = np.nonzero(cells)
    return PlotData(
        x.take(i), y.take(j), weights=cells[i, j], counted=True, summaries=pair.summaries, correlation=pair.correlation
    )
