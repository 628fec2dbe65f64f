"""One categorical variable: bar, pie, donut and waffle chart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from tidynet.core.errors import InputError
from tidynet.core.text import format_percent
from tidynet.plot.axis import format_axis, needs_horizontal
from tidynet.plot.labels import fit_labels
from tidynet.plot.marks import colors_of
from tidynet.plot.plot_data import PlotData
from tidynet.plot.theme import FONT_SIZE, INK, MUTED, PAPER, finish_figure, fit_width
from tidynet.plot.variables import CategoricalVariable

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = npt.NDArray[np.float64]

MAX_SLICES = 6


def bar(axes: Axes, data: PlotData) -> None:
    """Counts or percentages of each category; horizontal bars where labels are long or many."""
    categories, rows = _rows(data)
    horizontal = needs_horizontal(categories)
    lengths = rows / max(rows.sum(), 1) if data.normalize else rows
    colors, width, alpha = _bar_colors(categories, data), data.marks.width or 0.78, data.marks.alpha(1.0)
    labels = fit_labels(categories.labels, 24)
    positions = np.arange(len(labels))
    if horizontal:
        drawn = axes.barh(positions, lengths, width, color=colors, alpha=alpha)
        axes.set_yticks(positions, labels, parse_math=False)
        axes.set_ylim(len(labels) - 0.4, -0.6)
        axes.set_xlabel("percentage of rows" if data.normalize else "rows")
        axes.set_ylabel(fit_width(categories.label, 40), parse_math=False)
        axes.set_xticks([])
        axes.margins(x=0.14)
    else:
        drawn = axes.bar(positions, lengths, width, color=colors, alpha=alpha)
        format_axis(axes, "x", categories)
        axes.set_xlim(-0.6, len(labels) - 0.4)
        axes.set_ylabel("percentage of rows" if data.normalize else "rows")
        axes.set_yticks([])
        axes.margins(y=0.12)
    texts = [format_percent(value) if data.normalize else f"{value:,.0f}" for value in lengths]
    axes.bar_label(drawn, texts, padding=2, color=MUTED, fontsize=9)
    finish_figure(axes, grid="")
    axes.spines["bottom"].set_visible(not horizontal)


def _bar_colors(categories: CategoricalVariable, data: PlotData) -> list[str]:
    if data.marks.palette is not None:
        return colors_of(categories, data.marks)
    return [MUTED if other else data.marks.color for other in categories.is_other]


def pie(axes: Axes, data: PlotData, *, width: float = 1.0) -> None:
    """At most six slices, clockwise from the top in the order of the categories."""
    categories, rows = _rows(data)
    _check_slices(categories, "pie" if width == 1 else "donut")
    nonempty, names = np.flatnonzero(rows), fit_labels(categories.labels, 18)
    labels = [f"{names[code]}\n{format_percent(rows[code] / rows.sum())}" for code in nonempty]
    colors = colors_of(categories, data.marks)
    edge = {"width": width, "edgecolor": PAPER, "linewidth": 1.5, "alpha": data.marks.alpha(1.0)}
    wedges = axes.pie(
        rows[nonempty], startangle=90, counterclock=False, colors=[colors[code] for code in nonempty], wedgeprops=edge
    )[0]
    for wedge, label in zip(wedges, labels, strict=True):
        angle = np.deg2rad((wedge.theta1 + wedge.theta2) / 2)
        x, y = float(np.cos(angle)), float(np.sin(angle))
        side = "center" if abs(x) < 0.2 else "left" if x > 0 else "right"
        axes.text(1.1 * x, 1.12 * y, label, ha=side, va="center", color=INK, fontsize=FONT_SIZE, parse_math=False)
    if width < 1:
        text = f"{rows.sum():,.0f}\nrows"
        axes.text(0, 0, text, ha="center", va="center", color=MUTED, fontsize=FONT_SIZE + 2)
    axes.set(xlim=(-1.7, 1.7), ylim=(-1.25, 1.25), aspect="equal")
    _remove_ticks(axes, categories)


def donut(axes: Axes, data: PlotData) -> None:
    """A pie chart with the number of rows in its hole."""
    pie(axes, data, width=data.marks.width or 0.42)


def waffle(axes: Axes, data: PlotData) -> None:
    """A hundred squares, each 1% of the rows, rounded by largest remainders."""
    categories, rows = _rows(data)
    _check_slices(categories, "waffle")
    squares = waffle_squares(rows)
    tones, alpha = colors_of(categories, data.marks), data.marks.alpha(1.0)
    colors = [color for color, number in zip(tones, squares, strict=True) for _ in range(number)]
    for index, color in enumerate(colors):
        column, row = divmod(index, 10)
        axes.bar(column, 0.88, 0.88, bottom=row, color=color, alpha=alpha)
    texts = zip(fit_labels(categories.labels, 18), rows, tones, strict=True)
    for index, (label, number, color) in enumerate(texts):
        height = 9.0 - 1.25 * index
        axes.scatter([10.6], [height + 0.1], marker="s", s=70, color=color, alpha=alpha, linewidths=0, clip_on=False)
        text = f"{label}  {format_percent(number / max(rows.sum(), 1))}"
        axes.text(11.1, height, text, va="center", color=INK, fontsize=FONT_SIZE, parse_math=False)
    axes.set(xlim=(-0.6, 17.5), ylim=(-0.2, 10.1), aspect="equal")
    _remove_ticks(axes, categories)


def waffle_squares(rows: Floats) -> list[int]:
    """The squares of each category, a hundred in total."""
    exact = 100 * rows / max(rows.sum(), 1)
    squares = np.floor(exact).astype(int)
    for index in np.argsort(-(exact - squares), kind="stable")[: 100 - squares.sum() if rows.sum() else 0]:
        squares[index] += 1
    return [int(number) for number in squares]


def _check_slices(categories: CategoricalVariable, chart: str) -> None:
    if len(categories.labels) > MAX_SLICES:
        number = len(categories.labels) - (categories.others > 0) + categories.others
        raise InputError(
            f"the {chart} of '{categories.name}' has {number:,} slices, expected at most {MAX_SLICES}",
            f"use kind='bar' or max_categories={MAX_SLICES}",
        )


def _rows(data: PlotData) -> tuple[CategoricalVariable, Floats]:
    assert isinstance(data.x, CategoricalVariable)
    return data.x, np.bincount(data.x.codes, data.weights, len(data.x.labels)).astype(np.float64)


def _remove_ticks(axes: Axes, categories: CategoricalVariable) -> None:
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_xlabel(fit_width(categories.label, 40), parse_math=False)
    finish_figure(axes, grid="")
    axes.spines["bottom"].set_visible(False)
