"""The look of every figure: frame, grid, legend and texts that fit.

Figures are made without pyplot, hence without global state, and drawn in the light tones; see `svg_file` for pages
and `style` for the user's settings.
"""

from __future__ import annotations

import math
import unicodedata
from typing import TYPE_CHECKING, Literal

from tidynet.plot.svg_file import clean_svg, css, escape_svg, svg, write_svg
from tidynet.plot.tones import (
    BASE,
    DARK_PALETTE,
    FONT_SIZE,
    GRID,
    INK,
    MUTED,
    PALETTE,
    PAPER,
    SECOND,
    TONES,
    WIDE,
    WIDTH,
)  # fmt: skip

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

__all__ = [
    "BASE", "DARK_PALETTE", "FONT_SIZE", "GRID", "INK", "MUTED", "PALETTE", "PAPER", "SECOND", "TONES", "WIDE", "WIDTH",
    "clean_svg", "css", "escape_svg", "finish_figure", "fit_width", "legend", "legend_rows", "new_figure",
    "size_inches", "svg", "write_svg",
]  # fmt: skip


def new_figure(width: float = WIDTH, height: float = 3.2) -> Figure:
    """A matplotlib Figure of this size in inches, outside pyplot's state."""
    from tidynet.plot.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def finish_figure(axes: Axes, *, grid: Literal["x", "y", "both", ""] = "y") -> None:
    """Style the frame, grid and labels of axes."""
    for side, spine in axes.spines.items():
        spine.set_visible(side == "bottom")
        spine.set_color(MUTED)
    axes.set_axisbelow(True)
    axes.grid(False)
    if grid:
        axes.grid(True, axis=grid, color=GRID, linewidth=0.7)
    axes.tick_params(length=0, colors=MUTED, labelcolor=MUTED, labelsize=FONT_SIZE - 1)
    for axis in (axes.xaxis, axes.yaxis):
        axis.label.set_color(INK)
        axis.label.set_fontsize(FONT_SIZE)


def size_inches(part: Axes | Figure | SubFigure) -> tuple[float, float]:
    """The width and height of axes or of a figure, which may be part of a larger one."""
    dpi = part.get_figure(root=True).dpi  # type: ignore[union-attr]
    return float(part.bbox.width / dpi), float(part.bbox.height / dpi)


def legend(axes: Axes) -> None:
    """A legend above the axes, in as many columns as fit."""
    axes.legend(
        loc="lower left",
        bbox_to_anchor=(0, 1),
        ncols=_legend_columns(axes),
        frameon=False,
        borderpad=0.1,
        fontsize=FONT_SIZE,
        labelcolor=INK,
        handlelength=1.5,
        columnspacing=1.1,
        handletextpad=0.5,
    )


def legend_rows(axes: Axes) -> int:
    """The number of lines of the legend above the axes, 0 without one."""
    if (shown := axes.get_legend()) is None:
        return 0
    return math.ceil(len(shown.get_texts()) / _legend_columns(axes))


def _legend_columns(axes: Axes) -> int:
    # A character takes about 0.09 inch, the marker half an inch; names beside the axes take their part.
    widest = 0.5 + 0.09 * max(map(text_columns, axes.get_legend_handles_labels()[1]), default=0)
    beside = 0.085 * max((text_columns(label.get_text()) for label in axes.get_yticklabels()), default=0)
    return max(1, min(4, int((1.12 * size_inches(axes)[0] - beside) / widest)))


def fit_width(text: str, width: int = 40) -> str:
    """Text on one line of at most `width` columns; wide characters count twice."""
    text = " ".join(clean_svg(text).split())
    if text_columns(text) <= width:
        return text
    used, end = 0, 0
    while end < len(text) and used + text_columns(text[end]) < width:
        used += text_columns(text[end])
        end += 1
    return text[:end].rstrip(" \u200d\ufe0f") + "…"


def text_columns(text: str) -> int:
    """The width of a text in columns; wide characters count twice, accents not at all."""
    return sum(map(_column, text))


def _column(character: str) -> int:
    if unicodedata.combining(character) or character in "\u200d\ufe0f":
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
