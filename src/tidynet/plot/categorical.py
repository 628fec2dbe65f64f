"""A numeric variable by category: violins, box plots, means with intervals, strip plots, ridgelines.

The categories are on the y axis where their labels are long or many; color shows a second categorical variable.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from tidynet.plot.axis import format_axis, needs_horizontal
from tidynet.plot.labels import fit_labels
from tidynet.plot.marks import colors_of
from tidynet.plot.plot_data import ColorGroup, PlotData, color_groups
from tidynet.plot.theme import BASE, INK, MUTED, PAPER, SECOND, finish_figure, legend
from tidynet.plot.variables import CategoricalVariable, NumericVariable
from tidynet.plot.weighted_statistics import (
    MeanInterval,
    box_statistics,
    density,
    interval_of_mean,
    mean_interval,
    quantiles,
)
from tidynet.profiling import axis_scales as scales
from tidynet.profiling.counts import CategorySummary

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = npt.NDArray[np.float64]

MAX_POINTS = 3000  # of a strip plot; of more rows a sample is drawn
_MAX_OUTLIERS = 400


class Group(NamedTuple):
    """The rows of one category and color: position, width, color, values; `summary` if these are counts."""

    position: float
    width: float
    color: str
    values: Floats
    weights: Floats
    summary: CategorySummary | None = None

    @property
    def quartiles(self) -> tuple[float, float, float]:
        """The quartiles of the values."""
        if self.summary is not None:
            return self.summary.first, self.summary.median, self.summary.third
        first, median, third = (float(q) for q in quantiles(self.values, self.weights, [0.25, 0.5, 0.75]))
        return first, median, third

    @property
    def mean(self) -> MeanInterval:
        """The mean of the values with its interval."""
        if self.summary is not None:
            return interval_of_mean(self.summary.mean, self.summary.std, self.summary.rows)
        return mean_interval(self.values, self.weights)


def violins(axes: Axes, data: PlotData) -> None:
    """Mirrored densities by category, with quartiles as a bar and the median as a dot."""
    categories, variable, vertical = _roles(data)
    for group in _groups(data, categories):
        positions, heights = density_of(variable, group.values, group.weights, counted=data.counted, tails=False)
        half = 0.5 * group.width * heights / heights.max()
        fill: Any = axes.fill_betweenx if vertical else axes.fill_between
        style: Any = {"color": group.color, "alpha": data.marks.alpha(0.45), "linewidth": 0}
        fill(positions, group.position - half, group.position + half, **style)
        first, median, third = group.quartiles
        _line(axes, vertical, [group.position] * 2, [first, third], color=group.color, linewidth=4)
        dot = {"color": PAPER, "markeredgecolor": group.color, "markersize": 5}
        _line(axes, vertical, [group.position], [median], marker="o", **dot)
    _finish(axes, data, categories, variable, vertical)


def boxes(axes: Axes, data: PlotData) -> None:
    """Box plots: quartiles, whiskers to the last values within 1.5 interquartile ranges, outliers."""
    categories, variable, vertical = _roles(data)
    for group in _groups(data, categories):
        # the width given is that of one box, not of the space between boxes
        width = group.width * (0.75 if data.marks.width is None else 1.0)
        draw_box(axes, vertical, variable, group, width=width, alpha=data.marks.alpha(0.4))
    _finish(axes, data, categories, variable, vertical)


def draw_box(
    axes: Axes, vertical: bool, variable: NumericVariable, group: Group, *, width: float, alpha: float
) -> None:
    """One box plot at a position of the category axis."""
    from matplotlib.patches import Rectangle

    position, color = group.position, group.color
    statistics = box_statistics(group.values, group.quartiles, variable.to_scale)
    low, first, median, third, high = statistics[:5]
    corner, size = ((position - width / 2, first), (width, third - first))
    if not vertical:
        corner, size = corner[::-1], size[::-1]
    axes.add_patch(Rectangle(corner, *size, facecolor=color, alpha=alpha, edgecolor="none"))
    outline = {"color": color, "linewidth": 1.3}
    left, right = position - width / 2, position + width / 2
    _line(axes, vertical, [left, right, right, left, left], [first, first, third, third, first], **outline)
    _line(axes, vertical, [left, right], [median, median], color=color, linewidth=2.6)
    for end, start in ((low, first), (high, third)):
        _line(axes, vertical, [position, position], [start, end], **outline)
        _line(axes, vertical, [position - width / 4, position + width / 4], [end, end], **outline)
    outliers = np.unique(group.values[statistics.outliers])
    if len(outliers) > _MAX_OUTLIERS:
        outliers = outliers[np.linspace(0, len(outliers) - 1, _MAX_OUTLIERS).astype(int)]
    dots = {"marker": "o", "linestyle": "", "markersize": 3.5, "alpha": 0.45, "markeredgewidth": 0}
    _line(axes, vertical, [position] * len(outliers), outliers, color=color, **dots)


def means(axes: Axes, data: PlotData) -> None:
    """The mean of each category with its 95% interval: bars from zero, or points where values are negative."""
    categories, variable, vertical = _roles(data)
    groups = [(group, group.mean) for group in _groups(data, categories)]
    ends = [end for _, mean in groups for end in (mean.low, mean.high)]
    from_zero = variable.scale in ("linear", "sqrt") and variable.low >= 0
    for group, mean in groups:
        if from_zero:
            bar: Any = axes.bar if vertical else axes.barh
            width = group.width * (0.8 if data.marks.width is None else 1.0)
            bar(group.position, mean.value, width, color=group.color, alpha=data.marks.alpha(0.55))
        else:
            dot = {"color": group.color, "alpha": data.marks.opacity, "marker": "o", "markersize": 7}
            _line(axes, vertical, [group.position], [mean.value], **dot)
        _line(axes, vertical, [group.position] * 2, [mean.low, mean.high], color=INK, linewidth=1.5)
        if len(groups) <= 8 and not data.panel:
            text = scales.natural_labels([mean.value])[0]
            point = (group.position, max(mean.high, mean.value))
            axes.annotate(
                text,
                point if vertical else point[::-1],
                xytext=(0, 3) if vertical else (4, 0),
                textcoords="offset points",
                ha="center" if vertical else "left",
                va="bottom" if vertical else "center",
                color=MUTED,
                fontsize=9,
            )
    _finish(axes, data, categories, variable, vertical, label=f"mean {variable.label}")
    if ends and variable.scale in ("linear", "sqrt"):
        low, high = (0.0 if from_zero else min(ends)), max(ends)
        margin = (high - low) * 0.12 or abs(high) * 0.1 or 1.0
        limits: Any = axes.set_ylim if vertical else axes.set_xlim
        limits(low if from_zero else low - margin, high + margin)
        ticks = scales.linear_ticks(low, high + margin, 5)
        (axes.yaxis if vertical else axes.xaxis).set_ticks(ticks, labels=scales.natural_labels(ticks))


def strip_plot(axes: Axes, data: PlotData) -> None:
    """One point per row, with random jitter within its category, and a line at the median."""
    categories, variable, vertical = _roles(data)
    random = np.random.default_rng(0)
    groups = list(_groups(data, categories))
    total = sum(len(group.values) for group in groups)
    for group in groups:
        values, weights = group.values, group.weights
        if total > MAX_POINTS:
            size = max(1, MAX_POINTS * len(values) // total)
            rows = random.choice(len(values), size, replace=False)
            values, weights = values[rows], weights[rows]
        apart = group.width * 0.34 if data.marks.jitter is None else data.marks.jitter
        jittered = group.position + apart * random.uniform(-1, 1, len(values)) * (not data.counted)
        x, y = (jittered, values) if vertical else (values, jittered)
        area: Any = 4 + 120 * weights / data.weights.max() if data.counted else 12
        axes.scatter(x, y, s=area, color=group.color, alpha=data.marks.alpha(_alpha(total)), linewidths=0)
        middle = group.quartiles[1]
        ends = [group.position - group.width * 0.42, group.position + group.width * 0.42]
        _line(axes, vertical, ends, [middle, middle], color=SECOND if group.color == BASE else INK, linewidth=2)
    _finish(axes, data, categories, variable, vertical)


def ridgeline(axes: Axes, data: PlotData) -> None:
    """Densities of the categories one above the other."""
    categories, variable, _ = _roles(data)
    for group in _groups(data, categories):
        positions, heights = density_of(variable, group.values, group.weights, counted=data.counted, tails=True)
        # Curves may overlap the row above.
        height = 1.25 * heights / heights.max()
        bottom = group.position + 0.4
        order = 2 + group.position / 1000
        axes.fill_between(positions, bottom, bottom - height, color=PAPER, alpha=0.75, linewidth=0, zorder=order)
        style: Any = {"color": group.color, "alpha": data.marks.alpha(0.5), "linewidth": 0, "zorder": order}
        axes.fill_between(positions, bottom, bottom - height, **style)
        axes.plot(positions, bottom - height, color=group.color, linewidth=1.3, zorder=order)
        middle = group.quartiles[1]
        axes.plot([middle] * 2, [bottom, bottom - 0.3], color=INK, linewidth=1.3, zorder=order)
    _finish(axes, data, categories, variable, vertical=False)
    format_axis(axes, "x", variable, margin=0.12)
    axes.set_ylim(len(categories.labels) - 0.45, -1.05)


def _roles(data: PlotData) -> tuple[CategoricalVariable, NumericVariable, bool]:
    """The categories, the numeric variable, and whether the categories are on the x axis."""
    if isinstance(data.x, CategoricalVariable) and isinstance(data.y, NumericVariable):
        return data.x, data.y, not needs_horizontal(data.x)
    assert isinstance(data.x, NumericVariable) and isinstance(data.y, CategoricalVariable)  # noqa: PT018
    return data.y, data.x, False


def _groups(data: PlotData, categories: CategoricalVariable) -> Iterator[Group]:
    on_x = data.x is categories
    parts = list(color_groups(data)) if data.color is not None or data.marks.palette is None else []
    space = data.marks.width or 0.8
    by_category = data.color is None and data.marks.palette is not None
    tones = colors_of(categories, data.marks) if by_category else []
    if by_category:
        parts = [ColorGroup("", tones[0], data)]
    if isinstance(data.color, CategoricalVariable) and data.color.name == categories.name:
        # Color repeats the categories: one group each.
        width, shifts = space, [0.0] * len(parts)
    else:
        width = space / len(parts)
        shifts = [(index - (len(parts) - 1) / 2) * width for index in range(len(parts))]
    for (_, color, part), shift in zip(parts, shifts, strict=True):
        group, numeric = (part.x, part.y) if on_x else (part.y, part.x)
        assert isinstance(group, CategoricalVariable) and isinstance(numeric, NumericVariable)  # noqa: PT018
        for code in range(len(categories.labels)):
            rows = group.codes == code
            if rows.any():
                tone = tones[code] if tones else MUTED if categories.is_other[code] and data.color is None else color
                summary = data.summaries[code] if code < len(data.summaries) and data.color is None else None
                yield Group(code + shift, width, tone, numeric.values[rows], part.weights[rows], summary)


def density_of(
    variable: NumericVariable, values: Floats, weights: Floats, *, counted: bool, tails: bool
) -> tuple[Floats, Floats]:
    """The density of a variable on the scale of its axis: positions and heights."""
    min_width = 0.4 * variable.grid if variable.scale == "linear" else 0.0
    if counted:
        # Values are at the centers of bins: the bandwidth is wider than a bin.
        min_width = max(min_width, 0.7 * float(np.median(np.diff(variable.to_scale(variable.edges)))))
    floor = 0.0 if variable.low >= 0 and variable.scale != "log" else -np.inf
    if variable.shown is not None:  # rows far off the axis would leave no grid point to the others
        inside = (values >= variable.shown[0]) & (values <= variable.shown[1])
        values, weights = (values[inside], weights[inside]) if inside.any() else (values, weights)
    positions, heights = density(variable.to_scale(values), weights, min_width=min_width, floor=floor, tails=tails)
    return variable.from_scale(positions[::3]), heights[::3]  # every third point keeps the SVG small


def _alpha(points: int) -> float:
    return float(np.clip(9 / max(points, 1) ** 0.5, 0.12, 0.75))


def _line(axes: Axes, vertical: bool, positions: Any, values: Any, **style: Any) -> None:
    axes.plot(*((positions, values) if vertical else (values, positions)), **style)


def _finish(
    axes: Axes,
    data: PlotData,
    categories: CategoricalVariable,
    variable: NumericVariable,
    vertical: bool,
    label: str | None = None,
) -> None:
    format_axis(axes, "x" if vertical else "y", categories)
    format_axis(axes, "y" if vertical else "x", variable)
    if label:
        (axes.yaxis if vertical else axes.xaxis).set_label_text(label, parse_math=False)
    if data.color is not None and data.color.name != categories.name:
        color_legend(axes, data)
    finish_figure(axes, grid="y" if vertical else "x")


def color_legend(axes: Axes, data: PlotData) -> None:
    """A legend of the colors."""
    groups = list(color_groups(data))
    for label, group in zip(fit_labels([group.label for group in groups], 30), groups, strict=True):
        axes.scatter([], [], marker="s", s=45, color=group.color, linewidths=0, label=label)
    if not data.panel:
        legend(axes)
