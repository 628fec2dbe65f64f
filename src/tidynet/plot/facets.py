"""Facets: the same chart for each level of one or two further variables, over shared axes."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from tidynet.plot.axis import dress_counts
from tidynet.plot.scene import PlotData, grouped
from tidynet.plot.theme import FONT_SIZE, INK, escape_mathtext
from tidynet.plot.variables import CategoricalVariable, NumericVariable, Variable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["FacetGrid", "make_facet_grid", "plot_facets"]

Rows = npt.NDArray[np.bool_]

# What lies along the axes of a chart beside its variables: rows are counted there.
COUNTED = {"histogram": "y", "bar": "xy", "clustered": "xy", "time": "y", "density": "y"}


class FacetGrid:
    """Where the panels stand, and which rows each shows."""

    def __init__(self, row: Variable | None, column: Variable | None, wrapped: Variable | None) -> None:
        self.row, self.column, self.wrapped = (_levels(item) for item in (row, column, wrapped))
        if self.wrapped is not None:
            number = len(self.wrapped.labels)
            self.wide = number if number <= 3 else 2 if number == 4 else min(4, math.ceil(math.sqrt(number)))
            self.tall = math.ceil(number / self.wide)
        else:
            self.wide = len(self.column.labels) if self.column else 1
            self.tall = len(self.row.labels) if self.row else 1

    def panels(self) -> list[tuple[int, int, Rows, str, str]]:
        """Row and column of each panel, its rows, and the titles above it and on its right."""
        if self.wrapped is not None:
            return [
                (*divmod(code, self.wide), self.wrapped.codes == code, label, "")
                for code, label in enumerate(self.wrapped.labels)
            ]
        result = []
        for i in range(self.tall):
            for j in range(self.wide):
                of_row = self.row.codes == i if self.row else np.True_
                of_column = self.column.codes == j if self.column else np.True_
                rows = np.asarray(of_row & of_column)
                above = beside = ""
                if self.row:
                    beside = self.row.labels[i] if j == self.wide - 1 else ""
                if self.column:
                    above = self.column.labels[j] if i == 0 else ""
                result.append((i, j, rows, above, beside))
        return result

    def is_known_level(self) -> Rows:
        """The rows whose panel is known."""
        missing_names = [item.missing for item in (self.row, self.column, self.wrapped) if item is not None]
        return ~np.logical_or.reduce(missing_names)

    def take(self, rows: Rows) -> None:
        """Keep some of the rows."""
        self.row, self.column, self.wrapped = (
            item.take(rows) if item else None for item in (self.row, self.column, self.wrapped)
        )


def make_facet_grid(row: Variable | None, column: Variable | None, wrapped: Variable | None) -> FacetGrid | None:
    """The grid that these variables make, None without any."""
    return FacetGrid(row, column, wrapped) if row or column or wrapped else None


def plot_facets(
    figure: Figure, scene: PlotData, grid: FacetGrid, draw: Callable[[Axes, PlotData], None], chart: str
) -> None:
    """Draw a chart in each panel and let all share their axes."""
    table: Any = figure.subplots(grid.tall, grid.wide, squeeze=False)
    drawn: dict[tuple[int, int], Axes] = {}
    for i, j, rows, above, beside in grid.panels():
        axes = table[i, j]
        part = replace(scene.select_rows(rows), panel=True)
        if part.rows:
            draw(axes, part)
            drawn[i, j] = axes
        else:
            axes.set_xticks([])
            axes.set_yticks([])
            for spine in axes.spines.values():
                spine.set_visible(False)
        style: Any = {"fontsize": FONT_SIZE - 0.5, "color": INK, "parse_math": False}
        if above:
            axes.set_title(escape_mathtext(above, 26) or "(empty)", loc="left", **style)
        if beside:
            label = escape_mathtext(beside, 22) or "(empty)"
            axes.text(1.02, 0.5, label, rotation=-90, va="center", transform=axes.transAxes, **style)
    used = {(i, j) for i, j, *_ in grid.panels()}
    for i, j in np.ndindex(*table.shape):
        if (i, j) not in used:
            table[i, j].set_visible(False)
    _share(scene, drawn, chart)
    _label_outside(drawn)
    _legend(figure, list(drawn.values()))


def _share(scene: PlotData, drawn: dict[tuple[int, int], Axes], chart: str) -> None:
    panels = list(drawn.values())
    if not panels:
        return
    for which in COUNTED.get(chart, ""):
        limits = [axes.get_xlim() if which == "x" else axes.get_ylim() for axes in panels]
        ticked = panels[0].get_xticks() if which == "x" else panels[0].get_yticks()
        lying = (chart in ("bar", "clustered")) and (panels[0].yaxis_inverted() == (which == "y"))
        if lying:
            continue
        for axes in panels:
            (axes.set_xlim if which == "x" else axes.set_ylim)(0, max(high for _, high in limits))
            if len(ticked):
                dress_counts(axes, "x" if which == "x" else "y", fractions=scene.shares)
    for axes in panels[1:]:
        axes.sharex(panels[0])
        axes.sharey(panels[0])


def _label_outside(drawn: dict[tuple[int, int], Axes]) -> None:
    for (i, j), axes in drawn.items():
        lowest = not any(row > i and column == j for row, column in drawn)
        leftmost = not any(row == i and column < j for row, column in drawn)
        if not lowest:
            axes.tick_params(labelbottom=False)
            axes.set_xlabel("")
        if not leftmost:
            axes.tick_params(labelleft=False)
            axes.set_ylabel("")


def _legend(figure: Figure, panels: list[Axes]) -> None:
    handles: dict[str, Any] = {}
    for axes in panels:
        for handle, label in zip(*axes.get_legend_handles_labels(), strict=True):
            handles.setdefault(label, handle)
        if (own := axes.get_legend()) is not None:
            own.remove()
    if handles:
        result = figure.legend(
            handles.values(), handles.keys(), loc="outside right upper", frameon=False, labelcolor=INK, fontsize=9
        )
        for text in result.get_texts():
            text.set_parse_math(False)


def _levels(variable: Variable | None) -> CategoricalVariable | None:
    return grouped(variable) if isinstance(variable, NumericVariable) else variable
