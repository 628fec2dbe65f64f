"""Two sets of levels: clustered bars, stacked shares, a heat map of counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from tidynet.plot.axis import dress, dress_counts, lies
from tidynet.plot.scene import PlotData, colors_of
from tidynet.plot.shading import BEHIND_TEXT, shade_cells
from tidynet.plot.theme import INK, MUTED, PAPER, escape_mathtext, finish_figure, legend
from tidynet.plot.variables import CategoricalVariable
from tidynet.profiling import axis_scales as scales

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["clustered_bars", "count_heatmap", "crosstab", "stacked_bars"]

Floats = npt.NDArray[np.float64]


def crosstab(x: CategoricalVariable, y: CategoricalVariable, weights: Floats) -> Floats:
    """Rows in each cell, shape (levels of x, levels of y)."""
    cells = np.zeros((len(x.labels), len(y.labels)))
    np.add.at(cells, (x.codes, y.codes), weights)
    return cells


def clustered_bars(axes: Axes, scene: PlotData) -> None:
    """For each level of x a cluster of bars, one per level of the second variable, always in one order."""
    x, by, cells = _both(scene)
    if scene.shares:
        cells = cells / max(cells.sum(), 1)
    lying = lies(x)
    width = 0.82 / cells.shape[1]
    for code, color in enumerate(colors_of(by)):
        indices = np.arange(cells.shape[0]) + (code - (cells.shape[1] - 1) / 2) * width
        draw: Any = axes.barh if lying else axes.bar
        label = escape_mathtext(by.labels[code], 24) or "(empty)"
        bars = draw(indices, cells[:, code], width * 0.92, color=color, label=label)
        if cells.size <= 12 and not scene.panel:
            texts = [_number(count, scene.shares) if count else "" for count in cells[:, code]]
            axes.bar_label(bars, texts, padding=2, color=MUTED, fontsize=8)
    dress(axes, "y" if lying else "x", x)
    axes.margins(x=0.1 if lying else None, y=None if lying else 0.1)
    axes.autoscale_view(scalex=lying, scaley=not lying)
    dress_counts(axes, "x" if lying else "y", fractions=scene.shares)
    _finish(axes, scene, grid="x" if lying else "y")


def stacked_bars(axes: Axes, scene: PlotData) -> None:
    """For each level of x, which share of its rows has each level of the second variable."""
    x, by, cells = _both(scene)
    totals = cells.sum(axis=1)
    fractions = cells / np.maximum(totals, 1)[:, None]
    lying = lies(x)
    footer = np.zeros(len(totals))
    indices = np.arange(len(totals))
    for code, color in enumerate(colors_of(by)):
        draw: Any = axes.barh if lying else axes.bar
        start = {"left" if lying else "bottom": footer}
        label = escape_mathtext(by.labels[code], 24) or "(empty)"
        draw(indices, fractions[:, code], 0.8, color=color, label=label, edgecolor=PAPER, linewidth=0.6, **start)
        for index in indices:
            fraction = float(fractions[index, code])
            if fraction >= 0.07 and not (scene.panel and len(indices) > 4):
                middle = float(footer[index]) + fraction / 2
                spot = (middle, float(index)) if lying else (float(index), middle)
                axes.text(*spot, f"{fraction:.0%}", ha="center", va="center", color=_on(color), fontsize=8)
        footer = footer + fractions[:, code]
    dress(axes, "y" if lying else "x", x)
    (axes.set_xlim if lying else axes.set_ylim)(0, 1)
    dress_counts(axes, "x" if lying else "y", fractions=True)
    (axes.xaxis if lying else axes.yaxis).set_label_text("share of the rows of each")
    _finish(axes, scene, grid="")


def count_heatmap(axes: Axes, scene: PlotData) -> None:
    """A table of counts, shaded by the share of the largest; empty cells stay blank."""
    x, y, cells = _both(scene)
    table = cells.T
    display_text = table / max(table.sum(), 1) if scene.shares else table
    edges = [np.arange(side + 1) - 0.5 for side in table.shape[::-1]]
    numbered = table.size <= 300 and not (scene.panel and table.size > 30)
    shade_cells(axes, table / max(table.max(), 1), *edges, darkest=BEHIND_TEXT if numbered else 1.0)
    if numbered:
        size = 9 if table.shape[1] <= 8 else 7
        for row, column in zip(*np.nonzero(table), strict=True):
            text = _number(float(display_text[row, column]), scene.shares)
            axes.text(column, row, text, ha="center", va="center", color=INK, fontsize=size)
    dress(axes, "x", x)
    dress(axes, "y", y)
    finish_figure(axes, grid="")
    axes.spines["bottom"].set_visible(False)


def _both(scene: PlotData) -> tuple[CategoricalVariable, CategoricalVariable, Floats]:
    by = scene.color if scene.color is not None else scene.y
    assert isinstance(scene.x, CategoricalVariable) and isinstance(by, CategoricalVariable)  # noqa: PT018
    return scene.x, by, crosstab(scene.x, by, scene.weights)


def _number(count: float, fractions: bool) -> str:
    if fractions:
        return f"{count:.1%}" if count < 0.1 else f"{count:.0%}"
    return f"{count:,.0f}" if count < 100_000 else scales.format_tick(count)


def _on(color: str) -> str:
    from matplotlib.colors import to_rgb

    red, green, blue = to_rgb(color)
    return INK if 0.299 * red + 0.587 * green + 0.114 * blue > 0.55 else PAPER


def _finish(axes: Axes, scene: PlotData, *, grid: Any) -> None:
    if not scene.panel:
        legend(axes)
    finish_figure(axes, grid=grid)
