"""Two categorical variables: grouped bars, stacked percentages, a heat map of counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from tidynet.core.text import format_percent
from tidynet.plot.axis import format_axis, format_count_axis, needs_horizontal
from tidynet.plot.labels import fit_labels
from tidynet.plot.marks import colors_of
from tidynet.plot.plot_data import PlotData
from tidynet.plot.shading import BEHIND_TEXT, shade_cells, text_color
from tidynet.plot.theme import MUTED, PAPER, finish_figure, legend
from tidynet.plot.variables import CategoricalVariable
from tidynet.profiling import axis_scales as scales

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = npt.NDArray[np.float64]


def crosstab(x: CategoricalVariable, y: CategoricalVariable, weights: Floats) -> Floats:
    """Rows in each cell, shape (categories of x, categories of y)."""
    cells = np.zeros((len(x.labels), len(y.labels)))
    np.add.at(cells, (x.codes, y.codes), weights)
    return cells


def clustered_bars(axes: Axes, data: PlotData) -> None:
    """Grouped bars: for each category of x one bar per category of the second variable."""
    x, by, cells = _roles(data)
    if data.normalize:
        cells = cells / max(cells.sum(), 1)
    horizontal = needs_horizontal(x)
    width = (data.marks.width or 0.82) / cells.shape[1]
    labels = fit_labels(by.labels, 24)
    for code, color in enumerate(colors_of(by, data.marks)):
        positions = np.arange(cells.shape[0]) + (code - (cells.shape[1] - 1) / 2) * width
        draw: Any = axes.barh if horizontal else axes.bar
        style = {"color": color, "alpha": data.marks.alpha(1.0)}
        bars = draw(positions, cells[:, code], width * 0.92, label=labels[code], **style)
        if cells.size <= 12 and not data.panel:
            texts = [_number(count, data.normalize) if count else "" for count in cells[:, code]]
            axes.bar_label(bars, texts, padding=2, color=MUTED, fontsize=8)
    format_axis(axes, "y" if horizontal else "x", x)
    axes.margins(x=0.1 if horizontal else None, y=None if horizontal else 0.1)
    axes.autoscale_view(scalex=horizontal, scaley=not horizontal)
    format_count_axis(axes, "x" if horizontal else "y", fractions=data.normalize)
    _finish(axes, data, grid="x" if horizontal else "y")


def stacked_bars(axes: Axes, data: PlotData) -> None:
    """Stacked bars: the percentages of the second variable's categories within each category of x."""
    x, by, cells = _roles(data)
    totals = cells.sum(axis=1)
    fractions = cells / np.maximum(totals, 1)[:, None]
    horizontal = needs_horizontal(x)
    bottom = np.zeros(len(totals))
    positions = np.arange(len(totals))
    labels = fit_labels(by.labels, 24)
    for code, color in enumerate(colors_of(by, data.marks)):
        draw: Any = axes.barh if horizontal else axes.bar
        start = {"left" if horizontal else "bottom": bottom}
        style = {"color": color, "alpha": data.marks.alpha(1.0), "edgecolor": PAPER, "linewidth": 0.6}
        draw(positions, fractions[:, code], data.marks.width or 0.8, label=labels[code], **style, **start)
        for index in positions:
            fraction = float(fractions[index, code])
            if fraction >= 0.07 and not (data.panel and len(positions) > 4):
                middle = float(bottom[index]) + fraction / 2
                point = (middle, float(index)) if horizontal else (float(index), middle)
                axes.text(
                    *point,
                    f"{fraction:.0%}",
                    ha="center",
                    va="center",
                    color=data.marks.style.text_on(color),
                    fontsize=8,
                )
        bottom = bottom + fractions[:, code]
    format_axis(axes, "y" if horizontal else "x", x)
    (axes.set_xlim if horizontal else axes.set_ylim)(0, 1)
    format_count_axis(axes, "x" if horizontal else "y", fractions=True)
    (axes.xaxis if horizontal else axes.yaxis).set_label_text("percentage within each category")
    _finish(axes, data, grid="")


def count_heatmap(axes: Axes, data: PlotData) -> None:
    """A heat map of counts; empty cells are blank."""
    x, y, cells = _roles(data)
    table = cells.T
    values = table / max(table.sum(), 1) if data.normalize else table
    edges = [np.arange(side + 1) - 0.5 for side in table.shape[::-1]]
    numbered = table.size <= 300 and not (data.panel and table.size > 30)
    fractions = table / max(table.max(), 1)
    shade_cells(axes, fractions, edges[0], edges[1], data.marks, darkest=BEHIND_TEXT if numbered else 1.0)
    if numbered:
        size = 9 if table.shape[1] <= 8 else 7
        for row, column in zip(*np.nonzero(table), strict=True):
            text = _number(float(values[row, column]), data.normalize)
            color = text_color(data.marks, float(fractions[row, column]))
            axes.text(column, row, text, ha="center", va="center", color=color, fontsize=size)
    format_axis(axes, "x", x)
    format_axis(axes, "y", y)
    finish_figure(axes, grid="")
    axes.spines["bottom"].set_visible(False)


def _roles(data: PlotData) -> tuple[CategoricalVariable, CategoricalVariable, Floats]:
    by = data.color if data.color is not None else data.y
    assert isinstance(data.x, CategoricalVariable) and isinstance(by, CategoricalVariable)  # noqa: PT018
    return data.x, by, crosstab(data.x, by, data.weights)


def _number(count: float, fractions: bool) -> str:
    if fractions:
        return format_percent(count)
    return f"{count:,.0f}" if count < 100_000 else scales.format_tick(count)


def _finish(axes: Axes, data: PlotData, *, grid: Any) -> None:
    if not data.panel:
        legend(axes)
    finish_figure(axes, grid=grid)
