"""Two pictures of a comparison: mean ranks with the critical difference, and loss against time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.transforms import Bbox

import accuracy_statistics as statistics
from accuracy_peers import is_ours, title
from accuracy_statistics import Comparison
from tidynet.plot.theme import BASE, FONT_SIZE, INK, MUTED, SECOND, finish_figure, new_figure, write_svg
from tidynet.profiling.axis_scales import format_tick, linear_ticks, log_ticks, natural_labels

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
    """Mean ranks with their intervals; bars join models that Nemenyi's test does not separate."""
    mean, low, high = statistics.interval(statistics.ranks(comparison.loss))
    order = np.argsort(mean, kind="stable")
    difference = statistics.critical_difference(len(comparison.models), len(comparison.tables))
    spans = statistics.indistinct(mean, difference)
    drawn = new_figure(WIDTH, 0.9 + 0.3 * len(order) + 0.14 * len(spans))
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
    joined = "\ngray bars join models that Nemenyi's test does not separate" if spans else ""
    axes.set_xlabel(f"mean rank by log loss or RMSE over {len(comparison.tables)} tables (1 is best){joined}")
    finish_figure(axes, grid="x")
    best = title(comparison.models[order[0]])
    alt = (
        f"Mean ranks with 95% intervals; {best} is first with {mean[order[0]]:.2f}. Models joined by a gray bar "
        f"are within the critical difference of {difference:.2f} ranks."
    )
    return drawn, alt


def _time(comparison: Comparison) -> tuple[Any, str]:
    """How far each model gets from the linear model's loss to the best, against the time it takes."""
    shares = statistics.shares_of_the_way(comparison.loss, comparison.models.index(BASELINE))
    mean, low, high = statistics.interval(shares)
    seconds = np.nansum(comparison.seconds, axis=0)
    drawn = new_figure(WIDTH, 3.9)
    axes = drawn.subplots()
    axes.set_xscale("log")
    for at, model in enumerate(comparison.models):
        color = _color(model)
        axes.plot([seconds[at]] * 2, [low[at], high[at]], color=color, linewidth=1.2, alpha=0.45)
        axes.plot(seconds[at], mean[at], "o", color=color, markersize=6)
    left, right = seconds.min() / 1.6, seconds.max() * 2.6
    axes.set_xlim(left, right)
    axes.set_ylim(-0.04, 1.04)

    ticks = log_ticks(left, right, 7)
    axes.set_xticks(ticks, [format_tick(tick) for tick in ticks])
    axes.set_xticks([], minor=True)
    heights = linear_ticks(0, 1, 6)
    axes.set_yticks(heights, natural_labels(heights))
    axes.set_xlabel(f"CPU seconds to fit and predict {len(comparison.tables)} tables, one thread")
    axes.set_ylabel("way from linear (0) to the best (1)")
    finish_figure(axes, grid="both")
    _name_points(axes, comparison.models, seconds, mean, low, high)
    top = int(np.nanargmax(mean))
    alt = (
        "Share of the way from the linear model's loss to the best against CPU seconds; "
        f"{title(comparison.models[top])} is highest with {mean[top]:.2f} at {seconds[top]:,.0f} s. "
        "Bars are 95% intervals over tables."
    )
    return drawn, alt


# Where a name may stand about its point: offset in points, and which edge of the text is there.
PLACES = (
    ((7, 0), "left", "center"),
    ((-7, 0), "right", "center"),
    ((6, 5), "left", "bottom"),
    ((6, -5), "left", "top"),
    ((-6, 5), "right", "bottom"),
    ((-6, -5), "right", "top"),
    ((0, 8), "center", "bottom"),
    ((0, -8), "center", "top"),
)


def _name_points(axes: Any, models: Any, x: Any, y: Any, low: Any, high: Any) -> None:
    """Each name at the first place that covers least of points, bars and the names written before."""
    axes.figure.draw_without_rendering()  # the layout is known only then
    to_pixels = axes.transData.transform
    points = [Bbox.from_extents(left - 7, at - 7, left + 7, at + 7) for left, at in to_pixels(np.c_[x, y])]
    bars = [
        Bbox.from_extents(left - 2, bottom, left + 2, top)
        for (left, bottom), (_, top) in zip(to_pixels(np.c_[x, low]), to_pixels(np.c_[x, high]), strict=True)
    ]
    taken = [*points, *bars]
    room = axes.get_window_extent()
    for at, model in enumerate(models):
        name = axes.annotate(
            title(model), (x[at], y[at]), xytext=(0, 0), textcoords="offset points", fontsize=FONT_SIZE - 1, color=INK
        )

        def stand(place: Any, name: Any = name) -> Any:
            name.xyann, ha, va = place
            name.set(ha=ha, va=va)
            return name.get_window_extent()

        def cost(place: Any, at: int = at) -> float:
            box = stand(place)
            inside = Bbox.intersection(box, room)
            hidden = sum(_area(Bbox.intersection(box, other)) for which, other in enumerate(taken) if which != at)
            return hidden + 2 * (_area(box) - _area(inside))

        taken.append(stand(min(PLACES, key=cost)))


def _area(box: Bbox | None) -> float:
    return 0.0 if box is None else float(box.width * box.height)
