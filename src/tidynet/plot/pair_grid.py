"""Many quantities at once: every pair of them in a grid, and the heat map of their correlations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from tidynet.plot.axis import dress
from tidynet.plot.distribution import curve, steps
from tidynet.plot.scatter import binned_squares, scatter
from tidynet.plot.scene import PlotData, colors_of
from tidynet.plot.shading import BEHIND_TEXT, shade_cells
from tidynet.plot.theme import BASE, INK, SECOND, escape_mathtext, finish_figure, legend, shorten
from tidynet.plot.variables import CategoricalVariable, NumericVariable, Variable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["correlation_map", "correlations", "pair_grid", "strongest"]

Floats = npt.NDArray[np.float64]

_CROWDED = 3000


def pair_grid(figure: Figure, quantities: list[NumericVariable], color: Variable | None) -> None:
    """Each quantity against each other, and each alone on the diagonal; the lower triangle says it all."""
    side = len(quantities)
    grid = figure.subplots(side, side, squeeze=False)
    max_count = int(float(figure.get_size_inches()[0]) / side / 0.095)  # characters that fit below a panel
    for i, down in enumerate(quantities):
        for j, across in enumerate(quantities):
            axes = grid[i, j]
            if j > i:
                axes.set_visible(False)
                continue
            weights = np.ones(len(down.values))
            if i == j:
                scene = PlotData(down, color=color, weights=weights, panel=True).drop_missing()
                (curve if color is not None and scene.rows else steps)(axes, scene)
                axes.set_yticks([])
                axes.set_ylabel("")
            else:
                scene = PlotData(across, down, color=color, weights=weights, panel=True).drop_missing()
                crowded = scene.rows > _CROWDED and color is None
                (binned_squares if crowded else scatter)(axes, scene)
                if crowded:
                    for text in list(axes.texts):
                        text.remove()
                dress(axes, "y", down, max_count=3)
            dress(axes, "x", across, max_count=3)
            if i < side - 1:
                axes.set_xticklabels([])
                axes.set_xlabel("")
            if j > 0:
                axes.set_yticklabels([])
            axes.set_ylabel(escape_mathtext(down.label, max_count) if j == 0 else "", parse_math=False)
            axes.set_xlabel(escape_mathtext(across.label, max_count) if i == side - 1 else "", parse_math=False)
            finish_figure(axes, grid="")
    if isinstance(color, CategoricalVariable):
        handles = [
            grid[0, 0].scatter([], [], marker="s", s=45, color=tone, linewidths=0, label=escape_mathtext(label, 24))
            for label, tone in zip(color.labels, colors_of(color), strict=True)
        ]
        key = figure.legend(
            handles=handles,
            loc="upper right",
            bbox_to_anchor=(1, 0.93),
            frameon=False,
            title=escape_mathtext(color.name, 30),
            labelcolor=INK,
        )
        for text in key.get_texts():
            text.set_parse_math(False)


def correlations(quantities: list[NumericVariable]) -> Floats:
    """Pearson correlations of each two quantities over the rows that have both; NaN where there are none."""
    side = len(quantities)
    result = np.eye(side)
    for i in range(side):
        for j in range(i):
            both = ~(quantities[i].missing | quantities[j].missing)
            x, y = quantities[i].values[both], quantities[j].values[both]
            usable = len(x) > 2 and np.ptp(x) > 0 and np.ptp(y) > 0
            result[i, j] = result[j, i] = np.corrcoef(x, y)[0, 1] if usable else np.nan
    return result


def strongest(quantities: list[NumericVariable]) -> str:
    """The two quantities that go together most, as a title."""
    result = np.abs(np.tril(correlations(quantities), -1))
    if not np.isfinite(result).any() or np.nanmax(result) == 0:
        return ""
    i, j = np.unravel_index(int(np.nanargmax(result)), result.shape)
    signed = correlations([quantities[i], quantities[j]])[0, 1]
    names = (shorten(quantities[k].name, 30) for k in (j, i))
    return f"{' and '.join(names)} go together most (r = {signed:.2f})".replace("-", "−")


def correlation_map(axes: Axes, quantities: list[NumericVariable]) -> None:
    """Correlations as numbers on shades: blue above zero, orange below, blank at zero."""
    result = correlations(quantities)
    side = len(result)
    edges = np.arange(side + 1, dtype=np.float64) - 0.5
    below = np.tril(np.ones((side, side), dtype=bool), -1)
    strength = np.where(below & np.isfinite(result), np.abs(result), 0)
    numbered = side <= 14
    darkest = BEHIND_TEXT if numbered else 1.0
    shade_cells(axes, np.where(result > 0, strength, 0), edges, edges, darkest=darkest)
    shade_cells(axes, np.where(result < 0, strength, 0), edges, edges, darkest=darkest, color=SECOND)
    for row, column in zip(*np.nonzero(below), strict=True):
        value = result[row, column]
        if numbered and np.isfinite(value):
            text = f"{value:.2f}".replace("0.", ".", 1).replace("-", "−")
            axes.text(column, row, text, ha="center", va="center", color=INK, fontsize=9 if side <= 8 else 7)
    names = [escape_mathtext(item.name, 22) for item in quantities]
    size = 9 if side <= 14 else max(4.5, min(8.0, 190 / side))
    axes.set_xticks(range(side - 1), names[:-1], rotation=40, ha="right", rotation_mode="anchor", parse_math=False)
    axes.set_yticks(range(1, side), names[1:], parse_math=False)
    axes.set(xlim=(-0.5, side - 1.5), ylim=(side - 0.5, 0.5))
    for color, label in ((BASE, "rise together"), (SECOND, "one rises as the other falls")):
        axes.scatter([], [], marker="s", s=45, color=color, alpha=BEHIND_TEXT, linewidths=0, label=label)
    legend(axes)
    finish_figure(axes, grid="")
    axes.tick_params(labelsize=size)
    axes.spines["bottom"].set_visible(False)
