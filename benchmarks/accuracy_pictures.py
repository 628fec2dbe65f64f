"""Two pictures of a comparison: mean ranks with the critical difference, and loss against time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

import accuracy_statistics as statistics
from accuracy_peers import is_ours, title
from accuracy_statistics import Comparison
from tidynet.plot.scales import linear_ticks, log_ticks, natural, natural_labels
from tidynet.plot.theme import BASE, FONT_SIZE, INK, MUTED, SECOND, figure, finish, write_svg

__all__ = ["pictures", "write"]

WIDTH = 6.6  # inches: room for the names beside the marks
BASELINE = "linear"


def pictures(comparison: Comparison) -> dict[str, tuple[Any, str]]:
    """Figures by name, each with its words for those who cannot see it."""
    found = {"ranks": _ranks(comparison)}
    if BASELINE in comparison.models:
        found["time"] = _time(comparison)
    return found


def write(drawn: Any, path: Path, alt: str) -> None:
    write_svg(drawn, path, alt=alt)


def _color(model: str) -> str:
    return SECOND if is_ours(model) else BASE


def _ranks(comparison: Comparison) -> tuple[Any, str]:
    """Mean ranks with their intervals; bars join models that Nemenyi's test does not tell apart."""
    mean, low, high = statistics.interval(statistics.ranks(comparison.loss))
    order = np.argsort(mean, kind="stable")
    difference = statistics.critical_difference(len(comparison.models), len(comparison.tables))
    spans = statistics.indistinct(mean, difference)
    drawn = figure(WIDTH, 0.9 + 0.3 * len(order) + 0.14 * len(spans))
    axes = drawn.subplots()
    for row, at in enumerate(order):
        color = _color(comparison.models[at])
        axes.plot([low[at], high[at]], [row, row], color=color, linewidth=2, solid_capstyle="butt")
        axes.plot(mean[at], row, "o", color=color, markersize=6)
        axes.text(high[at] + 0.1, row, f"{mean[at]:.2f}", va="center", fontsize=FONT_SIZE - 1, color=INK)
    for place, (first, last) in enumerate(spans):
        height = len(order) + 0.1 + 0.5 * place
        axes.plot([first - 0.04, last + 0.04], [height, height], color=MUTED, linewidth=3, solid_capstyle="butt")
    bottom = len(order) + 0.5 * len(spans)
    axes.set_ylim(bottom, -0.7)
    axes.set_yticks(range(len(order)), [title(comparison.models[at]) for at in order])
    ticks = linear_ticks(1, len(order), 10)
    axes.set_xlim(0.8, max(len(order), float(high.max())) + 0.6)
    axes.set_xticks(ticks, natural_labels(ticks))
    axes.set_xlabel(f"mean rank by log loss or RMSE over {len(comparison.tables)} tables (1 is best)")
    finish(axes, grid="x")
    best = title(comparison.models[order[0]])
    alt = (
        f"Mean ranks with 95% intervals; {best} is first with {mean[order[0]]:.2f}. Models joined by a grey bar "
        f"are within the critical difference of {difference:.2f} ranks."
    )
    return drawn, alt


def _time(comparison: Comparison) -> tuple[Any, str]:
    """How far each model gets from the linear model's loss to the best, against the time it takes."""
    shares = statistics.shares_of_the_way(comparison.loss, comparison.models.index(BASELINE))
    mean, low, high = statistics.interval(shares)
    seconds = np.nansum(comparison.seconds, axis=0)
    drawn = figure(WIDTH, 3.9)
    axes = drawn.subplots()
    axes.set_xscale("log")
    for at, model in enumerate(comparison.models):
        color = _color(model)
        axes.plot([seconds[at]] * 2, [low[at], high[at]], color=color, linewidth=1.2, alpha=0.45)
        axes.plot(seconds[at], mean[at], "o", color=color, markersize=6)
    left, right = seconds.min() / 1.6, seconds.max() * 2.6
    axes.set_xlim(left, right)
    axes.set_ylim(-0.04, 1.04)
    _name_points(axes, seconds, mean, comparison.models, (left, right))
    ticks = log_ticks(left, right, 7)
    axes.set_xticks(ticks, [natural(tick) for tick in ticks])
    axes.set_xticks([], minor=True)
    heights = linear_ticks(0, 1, 6)
    axes.set_yticks(heights, natural_labels(heights))
    axes.set_xlabel(f"CPU seconds to fit and predict {len(comparison.tables)} tables, one thread")
    axes.set_ylabel("way from linear (0) to the best (1)")
    finish(axes, grid="both")
    top = int(np.nanargmax(mean))
    alt = (
        "Share of the way from the linear model's loss to the best against CPU seconds; "
        f"{title(comparison.models[top])} is highest with {mean[top]:.2f} at {seconds[top]:,.0f} s. "
        "Bars are 95% intervals over tables."
    )
    return drawn, alt


def _name_points(axes: Any, x: Any, y: Any, models: Any, limits: tuple[float, float]) -> None:
    """Names right of their points, or left where the picture ends or another point is in the way."""
    width = np.log(limits[1] / limits[0])
    for at, model in enumerate(models):
        text = title(model)
        reach = width * (0.02 + 0.0145 * len(text))
        beside = [
            0 < np.log(x[other] / x[at]) < reach and abs(y[other] - y[at]) < 0.05
            for other in range(len(models))
            if other != at
        ]
        left = any(beside) or np.log(limits[1] / x[at]) < reach
        axes.annotate(
            text,
            (x[at], y[at]),
            xytext=(-7 if left else 7, 0),
            textcoords="offset points",
            ha="right" if left else "left",
            va="center",
            fontsize=FONT_SIZE - 1,
            color=INK,
        )
