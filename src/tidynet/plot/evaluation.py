"""Results on the test set: confusion matrix, predicted against true values, scores with baselines."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from tidynet.core.text import pluralize
from tidynet.plot.marks import Marks
from tidynet.plot.shading import BEHIND_TEXT, SHADES, by_logarithm, shade_cells
from tidynet.plot.theme import (
    BASE,
    FONT_SIZE,
    GRID,
    INK,
    MUTED,
    SECOND,
    WIDTH,
    finish_figure,
    fit_width,
    legend,
    new_figure,
)
from tidynet.profiling import axis_scales as scales
from tidynet.profiling.axis_choice import suits_log

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MAX_LABELED = 12  # of more classes the cells have no numbers and names
_MAX_POINTS = 400  # of more rows counts are drawn


def plot_confusion_matrix(matrix: Sequence[Sequence[int]], classes: Sequence[Any]) -> Figure:
    """The confusion matrix, true classes in rows, shaded by the fraction of its row.

    Counts stand in the cells for up to 12 classes; beyond, the cells are shaded alone.

    Parameters
    ----------
    matrix : array-like of int, shape (k, k)
        Row: true class, column: predicted class.
    classes : sequence, length k
        The classes' names.

    Examples
    --------
    >>> figure = plot_confusion_matrix([[3, 1], [0, 2]], ["no", "yes"])
    >>> sorted(text.get_text() for text in figure.axes[0].texts)
    ['1', '2', '3']
    """
    counts = np.asarray(matrix, dtype=np.int64)
    side = len(counts)
    extent = min(6.5, max(2.6, 0.42 * side)) if side <= _MAX_LABELED else WIDTH - 0.7
    figure = new_figure(extent + 1.2 if side <= _MAX_LABELED else WIDTH, extent + 0.4)
    axes = figure.subplots()
    fractions = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    edges = np.linspace(-0.5, side - 0.5, side + 1, dtype=np.float64)
    shade_cells(axes, fractions, edges, edges, Marks(), darkest=BEHIND_TEXT if side <= _MAX_LABELED else 1.0)
    axes.set(xlim=(-0.5, side - 0.5), ylim=(side - 0.5, -0.5), aspect="equal")
    axes.set_xlabel("predicted")
    axes.set_ylabel("true")
    if side <= _MAX_LABELED:
        names = [fit_width(str(name), 16) for name in classes]
        tilted = max(map(len, names), default=0) * side > 36
        angle: dict[str, Any] = {"rotation": 35, "ha": "right", "rotation_mode": "anchor"} if tilted else {}
        axes.set_xticks(range(side), names, parse_math=False, **angle)
        axes.set_yticks(range(side), names, parse_math=False)
        for row, column in zip(*np.nonzero(counts), strict=True):
            text = f"{counts[row, column]:,}"
            axes.text(column, row, text, ha="center", va="center", color=INK, fontsize=FONT_SIZE)
    else:
        ticks = [tick for tick in scales.linear_ticks(1, side, 6) if tick % 1 == 0]
        axes.set_xticks([tick - 1 for tick in ticks], [f"{tick:.0f}" for tick in ticks])
        axes.set_yticks([tick - 1 for tick in ticks], [f"{tick:.0f}" for tick in ticks])
        axes.set_xlabel("predicted class (index)")
        axes.set_ylabel("true class (index)")
    finish_figure(axes, grid="")
    for spine in axes.spines.values():
        spine.set(visible=True, color=GRID)
    return figure


def plot_predicted_vs_actual(truth: npt.ArrayLike, predicted: npt.ArrayLike, name: str = "") -> Figure:
    """Predicted against true values, with the line of perfect predictions.

    Points up to 400 rows, counts in squares (empty ones blank) beyond; log axes where the true
    values are very skewed and all values above 0.

    Parameters
    ----------
    truth, predicted : array-like of float, shape (n,)
        Pairs that are not both finite are left out.
    name : str
        The target, for the axes.

    Examples
    --------
    >>> figure = plot_predicted_vs_actual([1, 2, 3], [1.1, 1.9, 3.2], "price")
    >>> figure.axes[0].get_xlabel()
    'true price'
    """
    pairs = np.column_stack([np.asarray(truth, np.float64), np.asarray(predicted, np.float64)])
    pairs = pairs[np.isfinite(pairs).all(axis=1)]
    figure = new_figure(WIDTH, 4.3)
    axes = figure.subplots()
    label = f" {fit_width(name)}" if name else ""
    axes.set_xlabel(f"true{label}", parse_math=False)
    axes.set_ylabel(f"predicted{label}", parse_math=False)
    if len(pairs):
        log = bool(pairs.min() > 0 and suits_log(pairs[:, 0]))
        low, high = _common_limits(axes, pairs, log)
        if len(pairs) > _MAX_POINTS:
            _squares(axes, pairs, low, high, log)
        else:
            axes.scatter(pairs[:, 0], pairs[:, 1], s=16, color=BASE, alpha=0.45, linewidths=0)
        axes.plot([low, high], [low, high], color=SECOND, linewidth=1.3, label="perfect prediction")
        legend(axes)
    finish_figure(axes, grid="both")
    return figure


def plot_scores(
    scores: Mapping[str, Mapping[str, float]], metric: str, *, size: tuple[float, float] | None = None
) -> Figure:
    """One metric for the network and its baselines, with 95% confidence intervals.

    Parameters
    ----------
    scores : mapping of str to mapping
        Predictor to ``{"value", "low", "high"}``; the first is the network.
    metric : str
        The metric's name, for the axis.
    size : tuple of float, optional
        Width and height in inches.

    Examples
    --------
    >>> figure = plot_scores({"network": {"value": 0.9, "low": 0.8, "high": 0.95}}, "accuracy")
    >>> figure.axes[0].get_xlabel()
    'accuracy on the test set (95% CI)'
    """
    figure = new_figure(*(size or (WIDTH, 0.7 + 0.34 * len(scores))))
    axes = figure.subplots()
    for index, score in enumerate(scores.values()):
        color = BASE if index == 0 else MUTED
        axes.plot([score["low"], score["high"]], [index, index], color=color, linewidth=2)
        axes.plot([score["value"]], [index], "o", color=color, markersize=7 if index == 0 else 6)
    axes.set_yticks(range(len(scores)), [fit_width(name, 30) for name in scores], parse_math=False)
    axes.set_ylim(len(scores) - 0.5, -0.5)
    axes.set_xlabel(f"{metric} on the test set (95% CI)", parse_math=False)
    axes.locator_params(axis="x", nbins=5)
    finish_figure(axes, grid="x")
    return figure


def _common_limits(axes: Axes, pairs: npt.NDArray[np.float64], log: bool) -> tuple[float, float]:
    low, high = float(pairs.min()), float(pairs.max())
    if log:
        axes.set(xscale="log", yscale="log")
        factor = (high / low) ** 0.03
        low, high = low / factor, high * factor
        ticks = scales.log_ticks(low, high, 5)
        labels = [scales.format_tick(tick) for tick in ticks]
    else:
        margin = (high / 2 - low / 2) * 0.06 or abs(high) * 0.05 or 0.5
        low, high = low - margin, high + margin
        ticks = scales.linear_ticks(low, high, 5)
        labels = scales.natural_labels(ticks)
    axes.set(xlim=(low, high), ylim=(low, high), aspect="equal")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_ticks(ticks, labels=labels)
        axis.set_ticks([], minor=True)
    return low, high


def _squares(axes: Axes, pairs: npt.NDArray[np.float64], low: float, high: float, log: bool) -> None:
    edges = np.geomspace(low, high, 33) if log else np.linspace(low, high, 33)
    counts, _, _ = np.histogram2d(pairs[:, 1], pairs[:, 0], bins=[edges, edges])
    largest = counts.max()
    shade_cells(axes, by_logarithm(counts), edges, edges, Marks())
    for rows in sorted({1, round(largest)}):
        shade = math.ceil(math.log1p(rows) / math.log1p(largest) * len(SHADES))
        label = f"{pluralize(rows, 'row')} per cell"
        axes.scatter([], [], marker="s", s=40, color=BASE, alpha=SHADES[shade - 1], linewidths=0, label=label)
