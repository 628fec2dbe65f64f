"""Many numeric variables: a grid of all pairs, and a heat map of their correlations."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from tidynet.core.text import format_value
from tidynet.plot.axis import format_axis
from tidynet.plot.distribution import density_curve, histogram_bars
from tidynet.plot.labels import fit_labels
from tidynet.plot.marks import Marks, colors_of
from tidynet.plot.plot_data import PlotData
from tidynet.plot.scatter import binned_squares, scatter
from tidynet.plot.shading import BEHIND_TEXT, shade_cells, text_color
from tidynet.plot.theme import FONT_SIZE, INK, finish_figure, fit_width, legend, size_inches
from tidynet.plot.variables import CategoricalVariable, NumericVariable, Variable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

Floats = npt.NDArray[np.float64]

_CROWDED = 3000


def pair_grid(
    figure: Figure | SubFigure, variables: list[NumericVariable], color: Variable | None, marks: Marks
) -> None:
    """The lower triangle of all pairs, with each variable's distribution on the diagonal."""
    side = len(variables)
    grid = figure.subplots(side, side, squeeze=False)
    # characters that fit below and beside a panel
    below, beside = (
        fit_labels([item.label for item in variables], int(inches / side / 0.095)) for inches in size_inches(figure)
    )
    for i, down in enumerate(variables):
        for j, across in enumerate(variables):
            axes = grid[i, j]
            if j > i:
                axes.set_visible(False)
                continue
            weights = np.ones(len(down.values))
            if i == j:
                own = replace(down, spike=None)
                data = PlotData(own, color=color, weights=weights, panel=True, marks=marks).drop_missing()
                as_curve = color is not None and data.rows and not down.own_edges
                (density_curve if as_curve else histogram_bars)(axes, data)
                axes.set_yticks([])
                axes.set_ylabel("")
            else:
                data = PlotData(across, down, color=color, weights=weights, panel=True, marks=marks).drop_missing()
                crowded = data.rows > _CROWDED and color is None
                (binned_squares if crowded else scatter)(axes, data)
                if crowded:
                    for text in list(axes.texts):
                        text.remove()
                format_axis(axes, "y", down, max_count=3)
            format_axis(axes, "x", across, max_count=3)
            if i < side - 1:
                axes.set_xticklabels([])
                axes.set_xlabel("")
            if j > 0:
                axes.set_yticklabels([])
            axes.set_ylabel(beside[i] if j == 0 else "", parse_math=False)
            axes.set_xlabel(below[j] if i == side - 1 else "", parse_math=False)
            finish_figure(axes, grid="")
    if isinstance(color, CategoricalVariable):
        handles = [
            grid[0, 0].scatter([], [], marker="s", s=45, color=tone, linewidths=0, label=label)
            for label, tone in zip(fit_labels(color.labels, 24), colors_of(color, marks), strict=True)
        ]
        key = figure.legend(
            handles=handles,
            loc="upper right",
            bbox_to_anchor=(1, 0.93),
            frameon=False,
            title=fit_width(color.name, 30),
            labelcolor=INK,
            fontsize=FONT_SIZE,
            title_fontsize=FONT_SIZE,
        )
        key.get_title().set_color(INK)
        for text in key.get_texts():
            text.set_parse_math(False)


def correlations(variables: list[NumericVariable]) -> Floats:
    """Pearson correlations over the rows with both values; NaN where undefined."""
    side = len(variables)
    matrix = np.eye(side)
    for i in range(side):
        for j in range(i):
            both = ~(variables[i].missing | variables[j].missing)
            x, y = variables[i].values[both], variables[j].values[both]
            usable = len(x) > 2 and np.ptp(x) > 0 and np.ptp(y) > 0
            matrix[i, j] = matrix[j, i] = np.corrcoef(x, y)[0, 1] if usable else np.nan
    return matrix


def strongest_correlation(variables: list[NumericVariable]) -> str:
    """The two variables with the strongest correlation, as a title."""
    strength = np.abs(np.tril(correlations(variables), -1))
    if not np.isfinite(strength).any() or np.nanmax(strength) == 0:
        return ""
    i, j = np.unravel_index(int(np.nanargmax(strength)), strength.shape)
    signed = correlations([variables[i], variables[j]])[0, 1]
    names = fit_labels([variables[k].name for k in (j, i)], 30)
    return f"strongest correlation: {' and '.join(names)} (r = {format_value(float(signed), 2)})"


def correlation_map(axes: Axes, variables: list[NumericVariable], marks: Marks) -> None:
    """Correlations as numbers on shades: blue above zero, orange below."""
    matrix = correlations(variables)
    side = len(matrix)
    edges = np.arange(side + 1, dtype=np.float64) - 0.5
    below = np.tril(np.ones((side, side), dtype=bool), -1)
    strength = np.where(below & np.isfinite(matrix), np.abs(matrix), 0)
    # The shades span the correlations that there are.
    largest = float(strength.max(initial=0)) or 1.0
    numbered = side <= 14
    darkest = BEHIND_TEXT if numbered else 1.0
    if marks.cmap is None:
        for sign, color in ((1, None), (-1, marks.second)):
            shares = np.where(sign * matrix > 0, strength, 0) / largest
            shade_cells(axes, shares, edges, edges, marks, darkest=darkest, color=color)
    else:
        shown = np.ma.masked_where(~(below & np.isfinite(matrix)), matrix)
        axes.pcolormesh(edges, edges, shown, cmap=marks.cmap, vmin=-largest, vmax=largest, alpha=marks.opacity)
    for row, column in zip(*np.nonzero(below), strict=True):
        value = matrix[row, column]
        if numbered and np.isfinite(value):
            text = f"{value:.2f}".replace("0.", ".", 1).replace("-", "−")
            color = text_color(marks, float(value / largest + 1) / 2)
            axes.text(column, row, text, ha="center", va="center", color=color, fontsize=9 if side <= 8 else 7)
    names = fit_labels([item.name for item in variables], 22)
    size = 9 if side <= 14 else max(4.5, min(8.0, 190 / side))
    axes.set_xticks(range(side - 1), names[:-1], rotation=40, ha="right", rotation_mode="anchor", parse_math=False)
    axes.set_yticks(range(1, side), names[1:], parse_math=False)
    axes.set(xlim=(-0.5, side - 1.5), ylim=(side - 0.5, 0.5))
    if marks.cmap is None:
        signed = np.where(below & np.isfinite(matrix), matrix, 0)
        for color, label in (
            (marks.color, f"positive, up to {format_value(float(signed.max(initial=0)), 2)}"),
            (marks.second, f"negative, down to {format_value(float(signed.min(initial=0)), 2)}"),
        ):
            alpha = BEHIND_TEXT * marks.alpha(1.0)
            axes.scatter([], [], marker="s", s=45, color=color, alpha=alpha, linewidths=0, label=label)
        legend(axes)
    finish_figure(axes, grid="")
    axes.tick_params(labelsize=size)
    axes.spines["bottom"].set_visible(False)
