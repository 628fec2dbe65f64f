"""One set of levels: bars, pie, donut and waffle."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from tidynet.core.errors import InputError
from tidynet.plot.axis import dress, lies
from tidynet.plot.scene import PlotData, colors_of
from tidynet.plot.theme import BASE, FONT_SIZE, INK, MUTED, PAPER, escape_mathtext, finish_figure
from tidynet.plot.variables import CategoricalVariable

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["bar", "donut", "pie", "waffle"]

Floats = npt.NDArray[np.float64]

MOST_SLICES = 6


def bar(axes: Axes, scene: PlotData, *, horizontal: bool | None = None) -> None:
    """Rows (or shares) of each level, labelled; lying where names are long or many."""
    levels, rows = _rows(scene)
    horizontal = lies(levels) if horizontal is None else horizontal
    display_text = rows / max(rows.sum(), 1) if scene.shares else rows
    colors = [MUTED if other else BASE for other in levels.is_other]
    labels = [escape_mathtext(label, 24) or "(empty)" for label in levels.labels]
    indices = np.arange(len(labels))
    if horizontal:
        drawn = axes.barh(indices, display_text, 0.78, color=colors)
        axes.set_yticks(indices, labels, parse_math=False)
        axes.set_ylim(len(labels) - 0.4, -0.6)
        axes.set_xlabel("share of rows" if scene.shares else "rows")
        axes.set_ylabel(escape_mathtext(levels.label, 40), parse_math=False)
        axes.set_xticks([])
        axes.margins(x=0.14)
    else:
        drawn = axes.bar(indices, display_text, 0.78, color=colors)
        dress(axes, "x", levels)
        axes.set_xlim(-0.6, len(labels) - 0.4)
        axes.set_ylabel("share of rows" if scene.shares else "rows")
        axes.set_yticks([])
        axes.margins(y=0.12)
    texts = [share_text(value) if scene.shares else f"{value:,.0f}" for value in display_text]
    axes.bar_label(drawn, texts, padding=2, color=MUTED, fontsize=9)
    finish_figure(axes, grid="")
    axes.spines["bottom"].set_visible(not horizontal)


def share_text(fraction: float) -> str:
    """A share in percent, with a decimal where it is small.

    Examples
    --------
    >>> share_text(0.44), share_text(0.025), share_text(0.0)
    ('44%', '2.5%', '0%')
    """
    return f"{fraction:.1%}" if 0 < fraction < 0.0995 else f"{fraction:.0%}"


def pie(axes: Axes, scene: PlotData, *, width: float = 1.0) -> None:
    """Slices clockwise from the top, the largest first; refuses more than six."""
    levels, rows = _rows(scene)
    _check_few_levels(levels, "pie" if width == 1 else "donut")
    kept = np.flatnonzero(rows)
    labels = [
        f"{escape_mathtext(levels.labels[code], 18) or '(empty)'}\n{share_text(rows[code] / rows.sum())}"
        for code in kept
    ]
    colors = colors_of(levels)
    edge = {"width": width, "edgecolor": PAPER, "linewidth": 1.5}
    wedges = axes.pie(
        rows[kept], startangle=90, counterclock=False, colors=[colors[code] for code in kept], wedgeprops=edge
    )[0]
    for wedge, label in zip(wedges, labels, strict=True):
        turn = np.deg2rad((wedge.theta1 + wedge.theta2) / 2)
        x, y = float(np.cos(turn)), float(np.sin(turn))
        side = "center" if abs(x) < 0.2 else "left" if x > 0 else "right"
        axes.text(1.1 * x, 1.12 * y, label, ha=side, va="center", color=INK, fontsize=FONT_SIZE, parse_math=False)
    if width < 1:
        text = f"{rows.sum():,.0f}\nrows"
        axes.text(0, 0, text, ha="center", va="center", color=MUTED, fontsize=FONT_SIZE + 2)
    axes.set(xlim=(-1.7, 1.7), ylim=(-1.25, 1.25), aspect="equal")
    _bare(axes, levels)


def donut(axes: Axes, scene: PlotData) -> None:
    """A pie with a hole, in which the number of rows stands."""
    pie(axes, scene, width=0.42)


def waffle(axes: Axes, scene: PlotData) -> None:
    """A hundred squares, each one percent of the rows, shared out by the largest remainders."""
    levels, rows = _rows(scene)
    _check_few_levels(levels, "waffle")
    squares = waffle_squares(rows)
    colors = [color for color, number in zip(colors_of(levels), squares, strict=True) for _ in range(number)]
    for index, color in enumerate(colors):
        column, row = divmod(index, 10)
        axes.bar(column, 0.88, 0.88, bottom=row, color=color)
    texts = zip(levels.labels, rows, colors_of(levels), strict=True)
    for index, (label, number, color) in enumerate(texts):
        height = 9.0 - 1.25 * index
        axes.scatter([10.6], [height + 0.1], marker="s", s=70, color=color, linewidths=0, clip_on=False)
        text = f"{escape_mathtext(label, 18) or '(empty)'}  {share_text(number / max(rows.sum(), 1))}"
        axes.text(11.1, height, text, va="center", color=INK, fontsize=FONT_SIZE, parse_math=False)
    axes.set(xlim=(-0.6, 17.5), ylim=(-0.2, 10.1), aspect="equal")
    _bare(axes, levels)


def waffle_squares(rows: Floats) -> list[int]:
    """How many of a hundred squares each level gets.

    Examples
    --------
    >>> waffle_squares(np.array([2.0, 1.0]))
    [67, 33]
    """
    exact = 100 * rows / max(rows.sum(), 1)
    squares = np.floor(exact).astype(int)
    for index in np.argsort(-(exact - squares), kind="stable")[: 100 - squares.sum() if rows.sum() else 0]:
        squares[index] += 1
    return [int(number) for number in squares]


def _check_few_levels(levels: CategoricalVariable, chart: str) -> None:
    if len(levels.labels) > MOST_SLICES:
        number = len(levels.labels) - (levels.others > 0) + levels.others
        raise InputError(
            f"a {chart} of '{levels.name}' would have {number:,} parts, "
            f"and eyes cannot compare more than {MOST_SLICES}",
            f"draw kind='bar', or keep the most frequent with most={MOST_SLICES}",
        )


def _rows(scene: PlotData) -> tuple[CategoricalVariable, Floats]:
    assert isinstance(scene.x, CategoricalVariable)
    return scene.x, np.bincount(scene.x.codes, scene.weights, len(scene.x.labels)).astype(np.float64)


def _bare(axes: Axes, levels: CategoricalVariable) -> None:
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_xlabel(escape_mathtext(levels.label, 40), parse_math=False)
    finish_figure(axes, grid="")
    axes.spines["bottom"].set_visible(False)
