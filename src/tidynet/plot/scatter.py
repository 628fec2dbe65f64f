"""Two numeric variables: points, regression line, counts in squares or hexagons, mean lines."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from tidynet.plot.axis import axis_limits, format_axis
from tidynet.plot.categorical import color_legend
from tidynet.plot.marks import Marks
from tidynet.plot.plot_data import PlotData, color_groups
from tidynet.plot.shading import BEHIND_TEXT, SHADES, by_logarithm, shade_cells, text_color
from tidynet.plot.theme import FONT_SIZE, INK, MUTED, finish_figure, fit_width, legend
from tidynet.plot.variables import CategoricalVariable, NumericVariable, Variable
from tidynet.plot.weighted_statistics import mean_interval
from tidynet.profiling import axis_scales as scales

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = npt.NDArray[np.float64]

MAX_POINTS = 5000  # of more rows a sample is drawn
_COLUMNS, _ROWS = 14, 12  # cells along each axis


def scatter(axes: Axes, data: PlotData) -> None:
    """One transparent point per row, with jitter for discrete values; cells of counts as dots by size."""
    _points(axes, data)
    _format_axes(axes, data)


def regression(axes: Axes, data: PlotData) -> None:
    """Points, the least-squares line and the 95% band of its mean, linear on the scales of the axes."""
    _points(axes, data, opacity=0.7)
    by_category = isinstance(data.color, CategoricalVariable)
    for _, color, part in color_groups(data) if by_category else [("", data.marks.second, data)]:
        x, y = _numeric_pair(part)
        line = fitted_line(x, y, part.weights)
        if line is not None:
            axes.fill_between(line.x, line.low, line.high, color=color, alpha=0.22, linewidth=0)
            axes.plot(line.x, line.y, color=color, linewidth=2)
    _format_axes(axes, data)


class RegressionLine(NamedTuple):
    """A fitted line with the confidence band of its mean, at positions along x."""

    x: Floats
    y: Floats
    low: Floats
    high: Floats


def fitted_line(x: NumericVariable, y: NumericVariable, weights: Floats) -> RegressionLine | None:
    """The least-squares line, ``ŷ(x) ± t · s · √(1/n + (x − x̄)²/Sxx)``; None for too few or equal values."""
    from scipy.special import stdtrit

    u, v = x.to_scale(x.values), y.to_scale(y.values)
    total = float(weights.sum())
    if total < 3:
        return None
    center, middle = float(weights @ u) / total, float(weights @ v) / total
    spread = float(weights @ (u - center) ** 2)
    if not spread > 0 or np.ptp(u) == 0:
        return None
    slope = float(weights @ ((u - center) * (v - middle))) / spread
    residuals = v - middle - slope * (u - center)
    sigma = (float(weights @ residuals**2) / (total - 2)) ** 0.5
    positions = np.linspace(float(u.min()), float(u.max()), 100)
    line = middle + slope * (positions - center)
    half = float(stdtrit(total - 2, 0.975)) * sigma * np.sqrt(1 / total + (positions - center) ** 2 / spread)
    return RegressionLine(
        x.from_scale(positions), y.from_scale(line), y.from_scale(line - half), y.from_scale(line + half)
    )


def binned_squares(axes: Axes, data: PlotData) -> None:
    """Counts in cells, shaded on a log scale, with numbers; empty cells are blank."""
    x, y = _numeric_pair(data)
    across, up = _merge_edges(x, _COLUMNS), _merge_edges(y, _ROWS)
    cells, _, _ = np.histogram2d(y.values, x.values, bins=[up, across], weights=data.weights)
    shares = by_logarithm(cells)
    shade_cells(axes, shares, across, up, data.marks, darkest=1.0 if data.panel else BEHIND_TEXT)
    y_centers, x_centers = _centers(y, up), _centers(x, across)
    for row, column in () if data.panel else zip(*np.nonzero(cells), strict=True):
        text = scales.format_tick(float(cells[row, column])) if cells.max() > 9999 else f"{cells[row, column]:.0f}"
        axes.text(
            x_centers[column],
            y_centers[row],
            text,
            ha="center",
            va="center",
            clip_on=True,
            color=text_color(data.marks, float(shares[row, column])),
            fontsize=6.5 if len(text) > 3 else 7.5,
        )
    _format_axes(axes, data, grid="")
    axes.set_xlim(across[0], across[-1])
    axes.set_ylim(up[0], up[-1])


def hexbin(axes: Axes, data: PlotData) -> None:
    """Counts in hexagons, shaded on a log scale; empty ones are blank."""
    x, y = _numeric_pair(data)
    ends = [[float(end) for end in item.to_scale(axis_limits(item))] for item in (x, y)]
    own = data.marks.hexagons
    grid = own[0] or (10 if data.panel or data.counted else 24)
    width = (ends[0][1] - ends[0][0]) / grid
    # In a regular lattice the distance to the second row above is √3 times that to the neighbor.
    ratio = 0.97 * float(axes.bbox.height / axes.bbox.width)
    height = (ends[1][1] - ends[1][0]) / (own[1] or max(1 if own[0] else 3, round(grid * ratio / 3**0.5)))
    rows, tall = x.to_scale(x.values), y.to_scale(y.values)
    # The nearer of two interleaved lattices of centers.
    u, v = (rows - ends[0][0]) / width, (tall - ends[1][0]) / height
    near = [(np.rint(u), np.rint(v)), (np.floor(u) + 0.5, np.floor(v) + 0.5)]
    apart = [(u - a) ** 2 + 3 * (v - b) ** 2 for a, b in near]
    first = apart[0] <= apart[1]
    centers = np.column_stack([np.where(first, near[0][0], near[1][0]), np.where(first, near[0][1], near[1][1])])
    cells, index = np.unique(centers, axis=0, return_inverse=True)
    counts = np.bincount(index.ravel(), data.weights).astype(np.float64)
    _hexagon_patches(axes, data, cells * [width, height] + [ends[0][0], ends[1][0]], (width, height), counts)
    count_legend(axes, counts, data.marks)
    _format_axes(axes, data, grid="both")


def _hexagon_patches(axes: Axes, data: PlotData, centers: Floats, size: tuple[float, float], counts: Floats) -> None:
    x, y = _numeric_pair(data)
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    corners = np.array(
        [[0, 2 / 3], [0.5, 1 / 3], [0.5, -1 / 3], [0, -2 / 3], [-0.5, -1 / 3], [-0.5, 1 / 3], [0, 2 / 3]]
    )
    shade_of = np.ceil(by_logarithm(counts) * len(SHADES)).astype(int)
    for shade in range(1, len(SHADES) + 1):
        paths = []
        for center in centers[shade_of == shade]:
            outline = center + corners * np.array(size) * [1, 0.5]
            paths.append(Path(np.column_stack([x.from_scale(outline[:, 0]), y.from_scale(outline[:, 1])]), closed=True))
        if paths:
            shape = Path.make_compound_path(*paths)
            color, alpha = _shade(data.marks, shade)
            axes.add_patch(PathPatch(shape, facecolor=color, alpha=alpha, linewidth=0))


def _shade(marks: Marks, shade: int) -> tuple[Any, float]:
    """Color and opacity of one of the shades, from 1."""
    if marks.cmap is not None:
        return marks.cmap(shade / len(SHADES))[:3], marks.alpha(1.0)
    return marks.color, SHADES[shade - 1] * marks.alpha(1.0)


def count_legend(axes: Axes, counts: Floats, marks: Marks) -> None:
    """A legend of the lightest and the darkest shade."""
    largest = float(counts.max(initial=1))
    smallest = float(counts[counts > 0].min(initial=largest))
    for number in sorted({smallest, largest}):
        shade = int(np.ceil(np.log1p(number) / np.log1p(largest) * len(SHADES)))
        label = f"{scales.format_tick(number)} {'row' if number == 1 else 'rows'}"
        color, alpha = _shade(marks, shade)
        axes.scatter([], [], marker="s", s=45, color=color, alpha=alpha, linewidths=0, label=label)
    legend(axes)


def mean_lines(axes: Axes, data: PlotData) -> None:
    """The mean of y along x with its 95% interval; the values themselves where each x has one value."""
    ends = [end for _, color, part in color_groups(data) for end in _one_line(axes, part, color)]
    if isinstance(data.y, NumericVariable) and ends:
        low, high = min(ends), max(ends)
        name = data.y.name if (low, high) == (data.y.low, data.y.high) else f"mean {data.y.name}"
        data = replace(data, y=replace(data.y, name=name, low=low, high=high, shown=None))
    _format_axes(axes, data, grid="y", points=False)


def _one_line(axes: Axes, data: PlotData, color: str) -> list[float]:
    """Draw one line; return the values that the line and its band cover."""
    assert isinstance(data.y, NumericVariable)
    along = (
        data.x.codes.astype(float)
        if isinstance(data.x, CategoricalVariable)
        else data.x.values
        if data.x
        else np.empty(0)
    )
    y, weights = data.y.values, data.weights
    if not len(along):
        return []
    distinct, index = np.unique(along, return_inverse=True)
    own = isinstance(data.x, NumericVariable) and data.x.own_edges != ""
    if len(distinct) == len(along) and not data.counted and len(along) <= 2000 and not own:
        marker = "o" if len(along) <= 40 else ""
        axes.plot(
            distinct,
            y[np.argsort(along)],
            color=color,
            alpha=data.marks.opacity,
            linewidth=1.5,
            marker=marker,
            markersize=3.5,
        )
        return [float(y.min()), float(y.max())]
    if (own or len(distinct) > 60) and isinstance(data.x, NumericVariable):
        edges = _merge_edges(data.x, 40)
        bins = np.searchsorted(edges, along, side="right") - 1 - (along == edges[-1])
        inside = (bins >= 0) & (bins < len(edges) - 1) if own else np.ones(len(bins), dtype=bool)
        if not inside.any():
            return []
        used, index = np.unique(np.clip(bins, 0, len(edges) - 2)[inside], return_inverse=True)
        y, weights = y[inside], weights[inside]
        distinct = _centers(data.x, edges)[used]
    means = [mean_interval(y[index == i], weights[index == i]) for i in range(len(distinct))]
    # With few rows an interval may exceed the range of the values: the band is clipped to it.
    low = np.clip([m.low for m in means], y.min(), None)
    high = np.clip([m.high for m in means], None, y.max())
    axes.fill_between(distinct, low, high, color=color, alpha=0.2 * data.marks.alpha(1.0), linewidth=0)
    values = [m.value for m in means]
    marker = "o" if len(distinct) <= 40 else ""
    axes.plot(distinct, values, color=color, alpha=data.marks.opacity, linewidth=1.8, marker=marker, markersize=4)
    return [float(low.min()), float(high.max())]


def _points(axes: Axes, data: PlotData, *, opacity: float = 1.0) -> None:
    x, _y = _numeric_pair(data)
    drawn = data
    if len(x.values) > MAX_POINTS:
        rows = np.sort(np.random.default_rng(0).choice(len(x.values), MAX_POINTS, replace=False))
        drawn = data.select_rows(rows)
    default = float(np.clip(14 / max(len(drawn.weights), 1) ** 0.5, 0.15, 0.75)) * opacity
    alpha = data.marks.alpha(default)
    if isinstance(drawn.color, NumericVariable):
        _colored(axes, drawn, alpha=data.marks.alpha(max(default, 0.6)))
        return
    for _label, color, part in color_groups(drawn):
        across, up = _jittered(part)
        area = _areas(part, data)
        axes.scatter(across, up, s=area, color=color, alpha=alpha, linewidths=0, rasterized=len(up) > 2000)


def _colored(axes: Axes, data: PlotData, *, alpha: float) -> None:
    assert isinstance(data.color, NumericVariable)
    shade = data.color
    across, up = _jittered(data)
    tones = shade.to_scale(shade.values)
    low, high = (float(end) for end in shade.to_scale([shade.low, shade.high]))
    style: Any = {"cmap": data.marks.shading(), "vmin": low, "vmax": high, "alpha": alpha, "linewidths": 0}
    points = axes.scatter(across, up, s=_areas(data, data), c=tones, **style)
    if not data.panel:
        shade_legend(axes, points, shade)


def shade_legend(axes: Axes, mappable: Any, shade: NumericVariable) -> None:
    """A color bar with natural tick labels."""
    bar = axes.get_figure(root=True).colorbar(mappable, ax=axes, shrink=0.8, aspect=25, pad=0.02)  # type: ignore[union-attr]
    ticks, labels = shade.ticks(4)
    bar.set_ticks(shade.to_scale(ticks).tolist(), labels=labels)
    bar.outline.set_visible(False)
    bar.solids.set_alpha(1)  # type: ignore[union-attr]
    bar.ax.tick_params(length=0, labelcolor=MUTED, labelsize=FONT_SIZE - 1)
    bar.ax.minorticks_off()
    bar.set_label(fit_width(shade.label, 30), fontsize=FONT_SIZE, color=INK, parse_math=False)


def _areas(part: PlotData, whole: PlotData) -> Any:
    if whole.counted:
        return 4 + 160 * part.weights / whole.weights.max()
    if part.size is not None:
        return area_of(part.size, part.size.values)
    return 18.0


def area_of(size: NumericVariable, values: npt.ArrayLike) -> Floats:
    """The area of a point, proportional to the value, or to its excess over a minimum far from zero."""
    numbers = np.asarray(values, dtype=np.float64)
    low = min(size.low, 0.0) if size.low < size.high / 3 else size.low
    return 6 + 110 * (numbers - low) / ((size.high - low) or 1.0)


def _jittered(data: PlotData) -> list[Floats]:
    random = np.random.default_rng(0)
    jittered = []
    for item in _numeric_pair(data):
        width = 0.0 if data.counted else _jitter_width(item, data.marks)
        moved = item.to_scale(item.values) + random.uniform(-width, width, len(item.values)) if width else None
        jittered.append(item.values if moved is None else item.from_scale(moved))
    return jittered


def _jitter_width(variable: NumericVariable, marks: Marks) -> float:
    """The jitter on the axis: a fraction of the range by choice; else a quarter of the step of discrete values."""
    if marks.jitter is not None:
        return marks.jitter * float(np.ptp(variable.to_scale([variable.low, variable.high])))
    steps = np.diff(np.unique(variable.values[np.isfinite(variable.values)]))
    return 0.25 * float(steps.min()) if variable.discrete and variable.scale == "linear" and steps.size else 0.0


def _numeric_pair(data: PlotData) -> tuple[NumericVariable, NumericVariable]:
    assert isinstance(data.x, NumericVariable) and isinstance(data.y, NumericVariable)  # noqa: PT018
    return data.x, data.y


def _merge_edges(variable: NumericVariable, max_count: int) -> Floats:
    """The edges of at most `max_count` bins of equal width, merged from the bins of the variable; own ones stay."""
    edges = variable.edges
    if variable.own_edges:
        return edges
    factor = math.ceil((len(edges) - 1) / max_count)
    n_missing = -(len(edges) - 1) % factor
    if not n_missing:
        return edges[::factor]
    positions = variable.to_scale(edges)
    last = variable.from_scale(positions[-1] + n_missing * (positions[-1] - positions[-2]))
    return np.append(edges[::factor], max(float(last), float(edges[-1])))


def _centers(variable: NumericVariable, edges: Floats) -> Floats:
    positions = variable.to_scale(edges)
    return variable.from_scale((positions[:-1] + positions[1:]) / 2)


def _format_axes(axes: Axes, data: PlotData, *, grid: Any = "both", points: bool = True) -> None:
    if data.x is not None and data.y is not None:
        format_axis(axes, "x", data.x, margin=_margin(data.x, data.marks, points))
        format_axis(axes, "y", data.y, margin=_margin(data.y, data.marks, points))
    if data.color is not None and not (points and isinstance(data.color, NumericVariable)):
        color_legend(axes, data)
    elif data.size is not None and not data.panel and points:
        _size_legend(axes, data.size)
    finish_figure(axes, grid=grid)


def _margin(variable: Variable, marks: Marks, points: bool) -> float:
    if not points or not isinstance(variable, NumericVariable) or not (jitter := _jitter_width(variable, marks)):
        return 0.04
    return 0.04 + jitter / (float(np.ptp(variable.to_scale([variable.low, variable.high]))) or 1.0)


def _size_legend(axes: Axes, size: NumericVariable) -> None:
    ticks, labels = size.ticks(4)
    for tick, label in zip(ticks, labels, strict=True):
        axes.scatter([], [], s=area_of(size, [tick]), color=MUTED, alpha=0.6, linewidths=0, label=label)
    legend(axes)
