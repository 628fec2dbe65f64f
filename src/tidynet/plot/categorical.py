"""A quantity beside levels: violins, boxes, means with intervals, strips, ridgelines.

All lie down where the names of the levels are long or many, and take a second set of levels by colour.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from tidynet.plot.axis import dress, lies
from tidynet.plot.scene import PlotData, color_groups
from tidynet.plot.theme import BASE, INK, MUTED, PAPER, SECOND, escape_mathtext, finish_figure, legend
from tidynet.plot.variables import CategoricalVariable, NumericVariable
from tidynet.plot.weighted_statistics import box, density, mean_interval, quantiles
from tidynet.profiling import axis_scales as scales

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["boxes", "density_of", "draw_box", "means", "ridgeline", "strip_plot", "violins"]

Floats = npt.NDArray[np.float64]

_MAX_POINTS = 3000  # in a strip; more are drawn by a sample
_MOST_OUTLIERS = 400


class Group(NamedTuple):
    """The rows of one level (and colour): where they are drawn, how wide, and in which colour."""

    place: float
    width: float
    color: str
    values: Floats
    weights: Floats


def violins(axes: Axes, scene: PlotData) -> None:
    """A smoothed histogram for each level, mirrored, with its quartiles as a box and its median as a dot."""
    levels, quantity, upright = sort_groups(scene)
    for group in _groups(scene, levels):
        indices, heights = density_of(quantity, group.values, group.weights, counted=scene.counted, tails=False)
        half = 0.5 * group.width * heights / heights.max()
        fill: Any = axes.fill_betweenx if upright else axes.fill_between
        fill(indices, group.place - half, group.place + half, color=group.color, alpha=0.45, linewidth=0)
        first, median, third = quantiles(group.values, group.weights, [0.25, 0.5, 0.75])
        _line(axes, upright, [group.place] * 2, [first, third], color=group.color, linewidth=4)
        dot = {"color": PAPER, "markeredgecolor": group.color, "markersize": 5}
        _line(axes, upright, [group.place], [median], marker="o", **dot)
    _finish(axes, scene, levels, quantity, upright)


def boxes(axes: Axes, scene: PlotData) -> None:
    """Quartiles, whiskers to the last values within 1.5 interquartile ranges, and the outliers beyond."""
    levels, quantity, upright = sort_groups(scene)
    for group in _groups(scene, levels):
        draw_box(axes, upright, quantity, group.values, group.weights, group.place, group.width * 0.75, group.color)
    _finish(axes, scene, levels, quantity, upright)


def draw_box(
    axes: Axes,
    upright: bool,
    quantity: NumericVariable,
    values: Floats,
    weights: Floats,
    index: float,
    width: float,
    color: str,
) -> None:
    """One box at a place of the levels' axis."""
    from matplotlib.patches import Rectangle

    # On a log axis the whiskers, too, are judged by lengths on the axis.
    result = box(quantity.to_scale(values), weights)
    low, first, median, third, high = (float(q) for q in quantity.from_scale(result[:5]))
    corner, size = ((index - width / 2, first), (width, third - first))
    if not upright:
        corner, size = corner[::-1], size[::-1]
    axes.add_patch(Rectangle(corner, *size, facecolor=color, alpha=0.4, edgecolor="none"))
    outline = {"color": color, "linewidth": 1.3}
    remaining, right = index - width / 2, index + width / 2
    _line(
        axes, upright, [remaining, right, right, remaining, remaining], [first, first, third, third, first], **outline
    )
    _line(axes, upright, [remaining, right], [median, median], color=color, linewidth=2.6)
    for end, start in ((low, first), (high, third)):
        _line(axes, upright, [index, index], [start, end], **outline)
        _line(axes, upright, [index - width / 4, index + width / 4], [end, end], **outline)
    beyond = np.unique(values[result.outliers])
    if len(beyond) > _MOST_OUTLIERS:
        beyond = beyond[np.linspace(0, len(beyond) - 1, _MOST_OUTLIERS).astype(int)]
    dots = {"marker": "o", "linestyle": "", "markersize": 3.5, "alpha": 0.45, "markeredgewidth": 0}
    _line(axes, upright, [index] * len(beyond), beyond, color=color, **dots)


def means(axes: Axes, scene: PlotData) -> None:
    """A bar up to each level's mean with its 95% interval; points where zero means nothing."""
    levels, quantity, upright = sort_groups(scene)
    groups = [(group, mean_interval(group.values, group.weights)) for group in _groups(scene, levels)]
    ends = [end for _, mean in groups for end in (mean.low, mean.high)]
    from_zero = quantity.scale in ("linear", "sqrt") and quantity.low >= 0
    for group, mean in groups:
        if from_zero:
            bar: Any = axes.bar if upright else axes.barh
            bar(group.place, mean.value, group.width * 0.8, color=group.color, alpha=0.55)
        else:
            _line(axes, upright, [group.place], [mean.value], color=group.color, marker="o", markersize=7)
        _line(axes, upright, [group.place] * 2, [mean.low, mean.high], color=INK, linewidth=1.5)
        if len(groups) <= 8 and not scene.panel:
            text = scales.natural_labels([mean.value])[0]
            spot = (group.place, max(mean.high, mean.value))
            axes.annotate(
                text,
                spot if upright else spot[::-1],
                xytext=(0, 3) if upright else (4, 0),
                textcoords="offset points",
                ha="center" if upright else "left",
                va="bottom" if upright else "center",
                color=MUTED,
                fontsize=9,
            )
    _finish(axes, scene, levels, quantity, upright, label=f"mean {quantity.label}")
    if ends and quantity.scale in ("linear", "sqrt"):
        low, high = (0.0 if from_zero else min(ends)), max(ends)
        room = (high - low) * 0.12 or abs(high) * 0.1 or 1.0
        limits: Any = axes.set_ylim if upright else axes.set_xlim
        limits(low if from_zero else low - room, high + room)
        ticks = scales.linear_ticks(low, high + room, 5)
        (axes.yaxis if upright else axes.xaxis).set_ticks(ticks, labels=scales.natural_labels(ticks))


def strip_plot(axes: Axes, scene: PlotData) -> None:
    """Every row as a dot, moved sideways at random within its level so that dots hide each other less."""
    levels, quantity, upright = sort_groups(scene)
    random = np.random.default_rng(0)
    groups = list(_groups(scene, levels))
    total = sum(len(group.values) for group in groups)
    for group in groups:
        values, weights = group.values, group.weights
        if total > _MAX_POINTS:
            size = max(1, _MAX_POINTS * len(values) // total)
            rows = random.choice(len(values), size, replace=False)
            values, weights = values[rows], weights[rows]
        aside = group.place + group.width * 0.34 * random.uniform(-1, 1, len(values)) * (not scene.counted)
        x, y = (aside, values) if upright else (values, aside)
        area: Any = 4 + 120 * weights / scene.weights.max() if scene.counted else 12
        axes.scatter(x, y, s=area, color=group.color, alpha=_alpha(total), linewidths=0)
        middle = float(quantiles(group.values, group.weights, [0.5])[0])
        ends = [group.place - group.width * 0.42, group.place + group.width * 0.42]
        _line(axes, upright, ends, [middle, middle], color=SECOND if group.color == BASE else INK, linewidth=2)
    _finish(axes, scene, levels, quantity, upright)


def ridgeline(axes: Axes, scene: PlotData) -> None:
    """A density for each level, one above the other over one axis, so that many levels compare."""
    levels, quantity, _ = sort_groups(scene)
    for group in _groups(scene, levels):
        indices, heights = density_of(quantity, group.values, group.weights, counted=scene.counted, tails=True)
        # They may reach a little into the row above, which lies behind.
        height = 1.25 * heights / heights.max()
        footer = group.place + 0.4
        order = 2 + group.place / 1000
        axes.fill_between(indices, footer, footer - height, color=PAPER, alpha=0.75, linewidth=0, zorder=order)
        axes.fill_between(indices, footer, footer - height, color=group.color, alpha=0.5, linewidth=0, zorder=order)
        axes.plot(indices, footer - height, color=group.color, linewidth=1.3, zorder=order)
        middle = float(quantiles(group.values, group.weights, [0.5])[0])
        axes.plot([middle] * 2, [footer, footer - 0.3], color=INK, linewidth=1.3, zorder=order)
    _finish(axes, scene, levels, quantity, upright=False)
    dress(axes, "x", quantity, room=0.12)
    axes.set_ylim(len(levels.labels) - 0.45, -1.05)


def sort_groups(scene: PlotData) -> tuple[CategoricalVariable, NumericVariable, bool]:
    """The levels, the quantity, and whether the levels lie along the x axis."""
    if isinstance(scene.x, CategoricalVariable) and isinstance(scene.y, NumericVariable):
        return scene.x, scene.y, not lies(scene.x)
    assert isinstance(scene.x, NumericVariable) and isinstance(scene.y, CategoricalVariable)  # noqa: PT018
    return scene.y, scene.x, False


def _groups(scene: PlotData, levels: CategoricalVariable) -> Iterator[Group]:
    of_levels = scene.x is levels
    parts = list(color_groups(scene))
    if isinstance(scene.color, CategoricalVariable) and scene.color.name == levels.name:
        # Colour repeats the levels: nothing stands side by side.
        parts_width, shift = 0.8, [0.0] * len(parts)
    else:
        parts_width = 0.8 / len(parts)
        shift = [(index - (len(parts) - 1) / 2) * parts_width for index in range(len(parts))]
    for (_, color, part), aside in zip(parts, shift, strict=True):
        own, beside = (part.x, part.y) if of_levels else (part.y, part.x)
        assert isinstance(own, CategoricalVariable) and isinstance(beside, NumericVariable)  # noqa: PT018
        for code in range(len(levels.labels)):
            rows = own.codes == code
            if rows.any():
                tone = MUTED if levels.is_other[code] and color == BASE else color
                yield Group(code + aside, parts_width, tone, beside.values[rows], part.weights[rows])


def density_of(
    quantity: NumericVariable, values: Floats, weights: Floats, *, counted: bool, tails: bool
) -> tuple[Floats, Floats]:
    """The density of a quantity along its axis: places and heights, see `tidynet.plot.weighted_statistics.density`."""
    min_count = 0.4 * quantity.grid if quantity.scale == "linear" else 0.0
    if counted:
        # Values that stand in the middles of their bins are smoothed over the gaps between them.
        min_count = max(min_count, 0.7 * float(np.median(np.diff(quantity.to_scale(quantity.edges)))))
    floor = 0.0 if quantity.low >= 0 and quantity.scale != "log" else -np.inf
    lengths, heights = density(quantity.to_scale(values), weights, min_count=min_count, floor=floor, tails=tails)
    return quantity.from_scale(lengths[::3]), heights[::3]  # fine enough to draw, and a third of the size as SVG


def _alpha(points: int) -> float:
    return float(np.clip(9 / max(points, 1) ** 0.5, 0.12, 0.75))


def _line(axes: Axes, upright: bool, indices: Any, values: Any, **style: Any) -> None:
    axes.plot(*((indices, values) if upright else (values, indices)), **style)


def _finish(
    axes: Axes,
    scene: PlotData,
    levels: CategoricalVariable,
    quantity: NumericVariable,
    upright: bool,
    label: str | None = None,
) -> None:
    dress(axes, "x" if upright else "y", levels)
    dress(axes, "y" if upright else "x", quantity)
    if label:
        (axes.yaxis if upright else axes.xaxis).set_label_text(label, parse_math=False)
    if scene.color is not None and scene.color.name != levels.name:
        label_levels(axes, scene)
    finish_figure(axes, grid="y" if upright else "x")


def label_levels(axes: Axes, scene: PlotData) -> None:
    """A legend of the colours, headed by the variable."""
    for label, color, _ in color_groups(scene):
        axes.scatter([], [], marker="s", s=45, color=color, linewidths=0, label=escape_mathtext(label, 30) or "(empty)")
    if not scene.panel:
        legend(axes)
