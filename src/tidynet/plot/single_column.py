"""One variable: bars for qualitative kinds, histograms for quantitative ones, as matplotlib figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from tidynet.plot.theme import BASE, MUTED, WIDTH, escape_mathtext, finish_figure, new_figure
from tidynet.profiling.counts import Bars, Histogram, count_column

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from tidynet.table.variable_type import TypeInference

__all__ = ["bars", "histogram", "plot_column"]

_SHORT = 9  # names up to this long stand below upright bars
_UPRIGHT = 7  # more bars than this lie down, so that their names have room


def plot_column(series: pl.Series, inferred_type: TypeInference, *, small: bool = True) -> Figure:
    """The picture that suits a column's kind.

    Parameters
    ----------
    series : polars.Series
        The column; its name labels the axis.
    inferred_type : Judgement
        The column's kind.
    small : bool
        A figure of 3.2 × 1.8 inches with at most 6 bars instead of 4.9 × 3.2 with at most 20.

    Returns
    -------
    matplotlib Figure
        Says so in words where there is nothing to draw (identifiers, constants, no values).

    Examples
    --------
    >>> from tidynet.table.variable_type import TypeInference, Kind
    >>> picture = plot_column(pl.Series("sex", ["f", "m", "m"]), TypeInference(Kind.NOMINAL, "two levels"))
    >>> [int(bar.get_height()) for bar in picture.axes[0].patches]
    [2, 1]
    """
    counts = count_column(series, inferred_type, max_levels=6 if small else 20)
    size = (3.2, 1.8) if small else (WIDTH, 3.2)
    if counts is None:
        return _words(f"{inferred_type.variable_type.value}: nothing to draw", series.name, size)
    if isinstance(counts, Bars):
        return bars(counts, series.name, size=size)
    return histogram(counts, series.name, size=size)


def bars(counts: Bars, name: str, *, size: tuple[float, float] = (WIDTH, 3.2)) -> Figure:
    """A bar chart of rows per level, in the order given; lying down if names are long or many.

    Parameters
    ----------
    counts : Bars
        Levels and rows.
    name : str
        The variable, for the axis.
    size : tuple of float
        Inches, width and height.

    Returns
    -------
    matplotlib Figure
    """
    rest = [f"{counts.other_categories:,} more"] if counts.other_categories else []
    labels = [escape_mathtext(level, 24) or "(empty)" for level in counts.categories] + rest
    rows = [*counts.counts, *([counts.other_rows] if rest else [])]
    colors = [BASE] * len(counts.categories) + [MUTED] * len(rest)
    lying = len(rows) > _UPRIGHT or max(map(len, labels), default=0) > _SHORT
    picture = new_figure(size[0], max(size[1], 0.22 * len(rows) + 0.6) if lying else size[1])
    axes = picture.subplots()
    indices = list(range(len(rows)))
    if lying:
        drawn = axes.barh(indices, rows, height=0.78, color=colors)
        axes.set_yticks(indices, labels, parse_math=False)
        axes.invert_yaxis()
        _label_axes(axes, "rows", escape_mathtext(name))
    else:
        drawn = axes.bar(indices, rows, width=0.78, color=colors)
        axes.set_xticks(indices, labels, parse_math=False)
        _label_axes(axes, escape_mathtext(name), "rows")
    axes.bar_label(drawn, [f"{count:,}" for count in rows], padding=2, color=MUTED, fontsize=9)
    axes.margins(x=0.12 if lying else None, y=None if lying else 0.12)
    finish_figure(axes, grid="")
    _no_numbers(axes, along_x=lying)
    return picture


def histogram(counts: Histogram, name: str, *, size: tuple[float, float] = (WIDTH, 3.2)) -> Figure:
    """A histogram with natural ticks, on a log axis where the counts were made for one.

    Parameters
    ----------
    counts : Histogram
        Edges and rows.
    name : str
        The variable, for the axis.
    size : tuple of float
        Inches, width and height.

    Returns
    -------
    matplotlib Figure
    """
    picture = new_figure(*size)
    axes = picture.subplots()
    if counts.scale == "log":
        axes.set_xscale("log")
    widths = [high - low for low, high in zip(counts.edges, counts.edges[1:], strict=False)]
    # A thin line of the paper's colour would be lost on dark pages: a gap shows on both.
    axes.bar(counts.edges[:-1], counts.counts, width=[0.94 * width for width in widths], align="edge", color=BASE)
    axes.margins(y=0.06)
    axes.set_xlim(counts.edges[0], counts.edges[-1])
    ticks = counts.ticks(3 if counts.scale == "time" else 5)
    axes.set_xticks([value for value, _ in ticks], [label for _, label in ticks], parse_math=False)
    axes.set_xticks([], minor=True)
    unit = f" ({counts.unit})" if counts.unit else ""
    _label_axes(axes, escape_mathtext(name) + unit, "rows")
    axes.locator_params(axis="y", integer=True, nbins=4)
    finish_figure(axes)
    return picture


def _label_axes(axes: Axes, x: str, y: str) -> None:
    axes.set_xlabel(x, parse_math=False)
    axes.set_ylabel(y, parse_math=False)


def _no_numbers(axes: Axes, *, along_x: bool) -> None:
    # Every bar carries its count already.
    if along_x:
        axes.set_xticks([])
    else:
        axes.set_yticks([])
    axes.spines["bottom"].set_visible(not along_x)


def _words(sentence: str, name: str, size: tuple[float, float]) -> Figure:
    picture = new_figure(*size)
    axes = picture.subplots()
    axes.text(0.5, 0.5, sentence, ha="center", va="center", color=MUTED, fontsize=10, transform=axes.transAxes)
    _label_axes(axes, escape_mathtext(name), "")
    finish_figure(axes, grid="")
    axes.set_xticks([])
    axes.set_yticks([])
    return picture
