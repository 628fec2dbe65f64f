"""Facets: one panel for each category of one or two further variables, with shared axes."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from tidynet.core.text import pluralize
from tidynet.plot.axis import format_count_axis
from tidynet.plot.category_order import LEFT_OUT, Orders, order_variable
from tidynet.plot.labels import fit_labels
from tidynet.plot.plot_data import PlotData, grouped
from tidynet.plot.theme import FONT_SIZE, INK, fit_width, size_inches
from tidynet.plot.variables import CategoricalVariable, NumericVariable, Variable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

Rows = npt.NDArray[np.bool_]


class FacetGrid:
    """The positions of the panels and the rows of each."""

    def __init__(self, row: Variable | None, column: Variable | None, wrapped: Variable | None) -> None:
        self.row, self.column, self.wrapped = (_categories(item) for item in (row, column, wrapped))
        self._set_shape()

    def _set_shape(self) -> None:
        if self.wrapped is not None:
            number = len(self.wrapped.labels)
            self.wide = number if number <= 3 else 2 if number == 4 else min(4, math.ceil(math.sqrt(number)))
            self.tall = math.ceil(number / self.wide)
        else:
            self.wide = len(self.column.labels) if self.column else 1
            self.tall = len(self.row.labels) if self.row else 1

    @property
    def figsize(self) -> tuple[float, float]:
        """Width and height in inches."""
        return min(3.2 + 1.9 * self.wide, 9.5), min(1.4 + 1.75 * self.tall, 11)

    def panels(self) -> list[tuple[int, int, Rows, str, str]]:
        """Row and column of each panel, its rows, and its titles at the top and on the right."""
        if self.wrapped is not None:
            return [
                (*divmod(code, self.wide), self.wrapped.codes == code, label, "")
                for code, label in enumerate(self.wrapped.labels)
            ]
        panels = []
        for i, j in np.ndindex(self.tall, self.wide):
            of_row = self.row.codes == i if self.row else np.True_
            of_column = self.column.codes == j if self.column else np.True_
            top = self.column.labels[j] if self.column and i == 0 else ""
            side = self.row.labels[i] if self.row and j == self.wide - 1 else ""
            panels.append((i, j, np.asarray(of_row & of_column), top, side))
        return panels

    def known_rows(self) -> Rows:
        """The rows that belong to a panel."""
        missing = [item.missing for item in (self.row, self.column, self.wrapped) if item is not None]
        return ~np.logical_or.reduce(missing)

    def order(self, orders: Orders) -> list[CategoricalVariable]:
        """Bring the panels into the order given for their columns; returns their variables."""
        self.row, self.column, self.wrapped = (
            item and order_variable(item, orders) for item in (self.row, self.column, self.wrapped)
        )
        self._set_shape()
        return [item for item in (self.row, self.column, self.wrapped) if item is not None]

    def rename(self, labels: Mapping[str, str]) -> None:
        """Show the columns under the names that the user gave."""
        self.row, self.column, self.wrapped = (
            item and item.rename(labels) for item in (self.row, self.column, self.wrapped)
        )

    def take(self, rows: Rows) -> None:
        """Select some of the rows."""
        self.row, self.column, self.wrapped = (
            item.take(rows) if item else None for item in (self.row, self.column, self.wrapped)
        )


def make_facet_grid(row: Variable | None, column: Variable | None, wrapped: Variable | None) -> FacetGrid | None:
    """The grid of these variables; None without any."""
    return FacetGrid(row, column, wrapped) if row or column or wrapped else None


def plot_facets(
    figure: Figure | SubFigure, data: PlotData, grid: FacetGrid, draw: Callable[[Axes, PlotData], None], count_axes: str
) -> list[Axes]:
    """Draw a chart in each panel, with shared axes; returns the panels."""
    table: Any = figure.subplots(grid.tall, grid.wide, squeeze=False)
    drawn: dict[tuple[int, int], Axes] = {}
    panels = grid.panels()
    tops = fit_labels([top for *_, top, _ in panels], size_inches(figure)[0] / grid.wide / 0.11)
    for (i, j, rows, top, side), fitted in zip(panels, tops, strict=True):
        axes = table[i, j]
        part = replace(data.select_rows(rows), panel=True)
        if part.rows:
            draw(axes, part)
            drawn[i, j] = axes
        else:
            axes.set_xticks([])
            axes.set_yticks([])
            for spine in axes.spines.values():
                spine.set_visible(False)
        style: Any = {"fontsize": FONT_SIZE - 0.5, "color": INK, "parse_math": False}
        if top:
            axes.set_title(fitted, loc="left", **style)
        if side:
            label = fit_width(side, 22) or "(empty)"
            axes.text(1.02, 0.5, label, rotation=-90, va="center", transform=axes.transAxes, **style)
    used = {(i, j) for i, j, *_ in grid.panels()}
    for i, j in np.ndindex(*table.shape):
        if (i, j) not in used:
            table[i, j].set_visible(False)
    _share_axes(data, list(drawn.values()), count_axes)
    _label_outside(drawn)
    _legend(figure, list(drawn.values()))
    return list(drawn.values())


def _share_axes(data: PlotData, panels: list[Axes], count_axes: str) -> None:
    if not panels:
        return
    for which in count_axes:
        limits = [axes.get_xlim() if which == "x" else axes.get_ylim() for axes in panels]
        ticked = panels[0].get_xticks() if which == "x" else panels[0].get_yticks()
        if count_axes == "xy" and panels[0].yaxis_inverted() == (which == "y"):
            continue  # the axis of the categories
        for axes in panels:
            (axes.set_xlim if which == "x" else axes.set_ylim)(0, max(high for _, high in limits))
            if len(ticked):
                format_count_axis(axes, "x" if which == "x" else "y", fractions=data.normalize)
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


def _legend(figure: Figure | SubFigure, panels: list[Axes]) -> None:
    handles: dict[str, Any] = {}
    for axes in panels:
        for handle, label in zip(*axes.get_legend_handles_labels(), strict=True):
            handles.setdefault(label, handle)
        if (own := axes.get_legend()) is not None:
            own.remove()
    if handles:
        shared = figure.legend(
            handles.values(), handles.keys(), loc="outside right upper", frameon=False, labelcolor=INK, fontsize=9
        )
        for text in shared.get_texts():
            text.set_parse_math(False)


def _categories(variable: Variable | None) -> CategoricalVariable | None:
    return grouped(variable) if isinstance(variable, NumericVariable) else variable


def order_data(data: PlotData, grid: FacetGrid | None, orders: Orders) -> PlotData:
    """The data with its categories in order, without the rows of categories that are left out."""
    if not orders:
        return data
    categories = next((item for item in (data.x, data.y) if isinstance(item, CategoricalVariable)), None)
    x, y, color = (
        order_variable(item, orders) if isinstance(item, CategoricalVariable) else item
        for item in (data.x, data.y, data.color)
    )
    new = next((item for item in (x, y) if isinstance(item, CategoricalVariable)), None)
    summaries = data.summaries
    if summaries and categories is not None and new is not None:
        places = [categories.labels.index(label) for label in new.labels]
        summaries = tuple(summaries[place] if place < len(summaries) else None for place in places)
    data = replace(data, x=x, y=y, color=color, summaries=summaries)
    variables = [item for item in (x, y, color) if isinstance(item, CategoricalVariable)]
    if grid is not None:
        variables += grid.order(orders)
    left_out = np.zeros(len(data.weights), dtype=bool)
    for item in variables:
        left_out |= item.codes == LEFT_OUT
    if not left_out.any():
        return data
    rows = pluralize(round(data.weights[left_out].sum()), "row")
    if grid is not None:
        grid.take(~left_out)
    notes = (*data.notes, f"{rows} of other categories left out")
    return replace(data.select_rows(~left_out), notes=notes, left_out=True)
