"""Scene: the variables of one picture, row by row, with the weight of each row.

Counts become a scene too: one row per cell, weighted by the rows in it. So every chart that draws a
scene works from counts alone, and no picture needs the rows of a table larger than memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tidynet.plot.rebin import cell_array
from tidynet.plot.theme import BASE, MUTED, PALETTE
from tidynet.plot.variables import CategoricalVariable, NumericVariable, Variable, make_variable_from_counts
from tidynet.profiling import axis_scales as scales
from tidynet.profiling.counts import Bars, Histogram
from tidynet.profiling.profile import PairCounts

__all__ = ["ColorGroup", "PlotData", "color_groups", "grouped", "plot_data_from_bars", "plot_data_from_pair"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class PlotData:
    """What is drawn on one pair of axes."""

    x: Variable | None
    y: Variable | None = None
    color: Variable | None = None
    size: NumericVariable | None = None
    weights: Floats = field(default_factory=lambda: np.empty(0))
    counted: bool = False
    shares: bool = False
    panel: bool = False
    notes: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        """Rows of the table that are shown."""
        return round(self.weights.sum())

    @property
    def variables(self) -> list[Variable]:
        """Those that there are, x first."""
        return [item for item in (self.x, self.y, self.color, self.size) if item is not None]

    def select_rows(self, rows: npt.NDArray[np.intp] | npt.NDArray[np.bool_]) -> PlotData:
        """The same scene with some of its rows; scales, bins and levels stay."""
        return replace(
            self,
            x=self.x.take(rows) if self.x else None,
            y=self.y.take(rows) if self.y else None,
            color=self.color.take(rows) if self.color else None,
            size=self.size.take(rows) if self.size else None,
            weights=self.weights[rows],
        )

    def swap_axes(self) -> PlotData:
        """The same scene with x and y exchanged."""
        return replace(self, x=self.y, y=self.x)

    def drop_missing(self) -> PlotData:
        """The scene without rows that lack a value, with a note of how many each variable lacks."""
        missing_names = np.zeros(len(self.weights), dtype=bool)
        notes = []
        for variable in self.variables:
            missing = variable.missing
            missing_names |= missing
            if number := round(self.weights[missing].sum()):
                notes.append((variable.name, number))
        if not notes:
            return self
        parts = dict(notes)
        named = ", ".join(f"{name} {number:,}" for name, number in parts.items())
        note = f"{named.rsplit(' ', 1)[1]} missing" if len(self.variables) == 1 else f"missing: {named}"
        return replace(self.select_rows(~missing_names), notes=(*self.notes, note))


class ColorGroup(NamedTuple):
    """One colour of a picture: what it means, and the rows that have it."""

    label: str
    color: str
    scene: PlotData


def color_groups(scene: PlotData) -> Iterator[ColorGroup]:
    """The parts of a scene by colour; one nameless part in the base colour where colour means nothing."""
    if scene.color is None:
        yield ColorGroup("", BASE, scene)
        return
    levels = scene.color if isinstance(scene.color, CategoricalVariable) else grouped(scene.color)
    for code, (label, color) in enumerate(zip(levels.labels, colors_of(levels), strict=True)):
        yield ColorGroup(label, color, scene.select_rows(levels.codes == code))


def colors_of(levels: CategoricalVariable) -> list[str]:
    """A colour for each level: hues for names, light to dark for an order, grey for all others."""
    count = len(levels.labels) - (levels.others > 0)
    if levels.ordered:
        from matplotlib import colormaps
        from matplotlib.colors import to_hex

        shades = np.linspace(0.8, 0.15, count) if count > 1 else np.array([0.4])
        colors = [to_hex(color) for color in colormaps["viridis"](shades)]
    else:
        colors = [PALETTE[code % len(PALETTE)] for code in range(count)]
    return [*colors, *([MUTED] * (levels.others > 0))]


def grouped(quantity: NumericVariable, groups: int = 4, distinct: int = 6) -> CategoricalVariable:
    """A quantity cut into groups of about as many rows each; few distinct values stay as they are.

    Examples
    --------
    >>> grouped(NumericVariable("age", np.arange(8.0), np.array([0.0, 8.0]), grid=1.0), 2).labels
    ('0 to 3', '4 to 7')
    """
    values = quantity.values
    present = values[np.isfinite(values)]
    result = np.unique(present)
    if len(result) <= distinct:
        codes = np.searchsorted(result, values)
        labels = _time_or_number(quantity, result.tolist())
    else:
        inner = np.quantile(present, np.linspace(0, 1, groups + 1)[1:-1], method="lower")
        inner = np.unique(inner[inner < result[-1]])
        codes = np.searchsorted(inner, values)
        lows = [result[0], *(result[np.searchsorted(result, cut) + 1] for cut in inner)]
        highs = [*inner, result[-1]]
        ends = _time_or_number(quantity, [float(end) for pair in zip(lows, highs, strict=True) for end in pair])
        labels = [low if low == high else f"{low} to {high}" for low, high in zip(ends[::2], ends[1::2], strict=True)]
    codes = np.where(np.isfinite(values), codes, -1).astype(np.int64)
    return CategoricalVariable(quantity.label, codes, tuple(labels), ordered=True, kind=quantity.kind)


def _time_or_number(quantity: NumericVariable, values: list[float]) -> list[str]:
    from tidynet.profiling.time_axis import time_labels

    return time_labels(values) if quantity.scale == "time" else scales.natural_labels(values)


def plot_data_from_bars(counts: Bars | Histogram, name: str) -> PlotData:
    """The scene that the counts of one variable describe.

    Examples
    --------
    >>> plot_data_from_bars(Bars(("f", "m"), (3, 2)), "sex").rows
    5
    """
    variable, rows = make_variable_from_counts(name, counts)
    notes = (f"{counts.missing:,} missing",) if counts.missing else ()
    if isinstance(counts, Histogram) and counts.outside:
        notes = (*notes, f"{counts.outside:,} infinite")
    return PlotData(variable, weights=np.array(rows, dtype=np.float64), counted=True, notes=notes)


def plot_data_from_pair(pair: PairCounts, x_name: str, y_name: str) -> PlotData:
    """The scene that the counts of two variables describe: one row for each cell that is not empty.

    Examples
    --------
    >>> levels = Bars(("f", "m"), (3, 2))
    >>> plot_data_from_pair(PairCounts(levels, levels, ((3, 0), (0, 2))), "sex", "again").weights.tolist()
    [3.0, 2.0]
    """
    cells = cell_array(pair)
    x, _ = make_variable_from_counts(x_name, pair.x, cells.shape[0])
    y, _ = make_variable_from_counts(y_name, pair.y, cells.shape[1])
    i, j = np.nonzero(cells)
    return PlotData(x.take(i), y.take(j), weights=cells[i, j], counted=True)
