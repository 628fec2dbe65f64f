"""Two quantities: points, a regression line with its band, counts in squares and hexagons, lines."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from tidynet.plot.axis import dress, margin
from tidynet.plot.categorical import label_levels
from tidynet.plot.scene import PlotData, color_groups
from tidynet.plot.shading import BEHIND_TEXT, SHADES, by_logarithm, shade_cells
from tidynet.plot.theme import BASE, FONT_SIZE, INK, MUTED, SECOND, finish_figure, legend
from tidynet.plot.variables import CategoricalVariable, NumericVariable, Variable
from tidynet.plot.weighted_statistics import mean_interval
from tidynet.profiling import axis_scales as scales

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["RegressionLine", "binned_squares", "fitted_line", "hexbin", "lines", "regression", "scatter"]

Floats = npt.NDArray[np.float64]

MOST_POINTS = 5000  # more rows than this are counted, or sampled where points were asked for
_ACROSS, _UP = 14, 12  # squares along each axis that still have room for numbers


def scatter(axes: Axes, scene: PlotData) -> None:
    """A transparent point for each row, moved a little at random where values are few; cells become dots by size."""
    _points(axes, scene)
    _dress_both(axes, scene)


def regression(axes: Axes, scene: PlotData) -> None:
    """Points with the least-squares line and the 95% band of its mean, straight on the axes as drawn."""
    _points(axes, scene, fainter=0.7)
    several = isinstance(scene.color, CategoricalVariable)
    for _, color, part in color_groups(scene) if several else [("", SECOND, scene)]:
        x, y = _quantities(part)
        line = fitted_line(x, y, part.weights)
        if line is not None:
            axes.fill_between(line.x, line.low, line.high, color=color, alpha=0.22, linewidth=0)
            axes.plot(line.x, line.y, color=color, linewidth=2)
    _dress_both(axes, scene)


class RegressionLine(NamedTuple):
    """A fitted line with the band of its mean, at places along x."""

    x: Floats
    y: Floats
    low: Floats
    high: Floats


def fitted_line(x: NumericVariable, y: NumericVariable, weights: Floats) -> RegressionLine | None:
    """The least-squares line of the transformed values, ``ŷ(x) ± t · s · √(1/n + (x − x̄)²/Sxx)``.

    None where fewer than three rows or equal values leave no line.
    """
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
    remaining = v - middle - slope * (u - center)
    sigma = (float(weights @ remaining**2) / (total - 2)) ** 0.5
    indices = np.linspace(float(u.min()), float(u.max()), 100)
    line = middle + slope * (indices - center)
    half = float(stdtrit(total - 2, 0.975)) * sigma * np.sqrt(1 / total + (indices - center) ** 2 / spread)
    return RegressionLine(
        x.from_scale(indices), y.from_scale(line), y.from_scale(line - half), y.from_scale(line + half)
    )


def binned_squares(axes: Axes, scene: PlotData) -> None:
    """Counts in cells, shaded by their logarithm; numbers where they have room, empty cells blank."""
    x, y = _quantities(scene)
    across, up = _fewer(x, _ACROSS), _fewer(y, _UP)
    cells, _, _ = np.histogram2d(y.values, x.values, bins=[up, across], weights=scene.weights)
    shade_cells(axes, by_logarithm(cells), across, up, darkest=1.0 if scene.panel else BEHIND_TEXT)
    indices = [_middles(item, edges) for item, edges in ((y, up), (x, across))]
    for row, column in () if scene.panel else zip(*np.nonzero(cells), strict=True):
        text = scales.format_tick(float(cells[row, column])) if cells.max() > 9999 else f"{cells[row, column]:.0f}"
        spot = (indices[1][column], indices[0][row])
        axes.text(*spot, text, ha="center", va="center", color=INK, fontsize=6.5 if len(text) > 3 else 7.5)
    _dress_both(axes, scene, grid="")
    axes.set_xlim(across[0], across[-1])
    axes.set_ylim(up[0], up[-1])


def hexbin(axes: Axes, scene: PlotData) -> None:
    """Counts in hexagons, shaded by their logarithm; empty ones blank."""
    x, y = _quantities(scene)
    ends = [[float(end) for end in item.to_scale(margin(item))] for item in (x, y)]
    grid = 10 if scene.panel or scene.counted else 24
    width = (ends[0][1] - ends[0][0]) / grid
    # A regular hexagon is √3 as far from the one two rows above as from its neighbour.
    inches = axes.get_figure(root=True).get_size_inches() * [0.88, 0.75]  # type: ignore[union-attr]
    height = (ends[1][1] - ends[1][0]) / max(3, round(grid * float(inches[1] / inches[0]) / 3**0.5))
    rows, tall = x.to_scale(x.values), y.to_scale(y.values)
    # The nearer of two interleaved lattices of centres.
    u, v = (rows - ends[0][0]) / width, (tall - ends[1][0]) / height
    near = [(np.rint(u), np.rint(v)), (np.floor(u) + 0.5, np.floor(v) + 0.5)]
    apart = [(u - a) ** 2 + 3 * (v - b) ** 2 for a, b in near]
    first = apart[0] <= apart[1]
    centres = np.column_stack([np.where(first, near[0][0], near[1][0]), np.where(first, near[0][1], near[1][1])])
    cells, index = np.unique(centres, axis=0, return_inverse=True)
    counts = np.bincount(index.ravel(), scene.weights).astype(np.float64)
    _hexagon_patches(axes, x, y, cells * [width, height] + [ends[0][0], ends[1][0]], (width, height), counts)
    count_legend(axes, counts)
    _dress_both(axes, scene, grid="both")


def _hexagon_patches(
    axes: Axes, x: NumericVariable, y: NumericVariable, centres: Floats, size: tuple[float, float], counts: Floats
) -> None:
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    corners = np.array(
        [[0, 2 / 3], [0.5, 1 / 3], [0.5, -1 / 3], [0, -2 / 3], [-0.5, -1 / 3], [-0.5, 1 / 3], [0, 2 / 3]]
    )
    level = np.ceil(by_logarithm(counts) * len(SHADES)).astype(int)
    for shade, opacity in enumerate(SHADES, start=1):
        paths = []
        for center in centres[level == shade]:
            outline = center + corners * np.array(size) * [1, 0.5]
            paths.append(Path(np.column_stack([x.from_scale(outline[:, 0]), y.from_scale(outline[:, 1])]), closed=True))
        if paths:
            shape = Path.make_compound_path(*paths)
            axes.add_patch(PathPatch(shape, facecolor=BASE, alpha=opacity, linewidth=0))


def count_legend(axes: Axes, counts: Floats, what: str = "rows") -> None:
    """A legend of what the lightest and the darkest shade mean."""
    largest = float(counts.max(initial=1))
    smallest = float(counts[counts > 0].min(initial=largest))
    for number in sorted({smallest, largest}):
        shade = int(np.ceil(np.log1p(number) / np.log1p(largest) * len(SHADES)))
        label = f"{scales.format_tick(number)} {'row' if number == 1 else what}"
        axes.scatter([], [], marker="s", s=45, color=BASE, alpha=SHADES[shade - 1], linewidths=0, label=label)
    legend(axes)


def lines(axes: Axes, scene: PlotData) -> None:
    """The mean of y along x with its 95% interval as a band; the values themselves where each x has one."""
    reached = [end for _, color, part in color_groups(scene) for end in _one_line(axes, part, color)]
    if isinstance(scene.y, NumericVariable) and reached:
        # Means reach less far than the values behind them.
        ends = min(reached), max(reached)
        name = scene.y.name if ends == (scene.y.low, scene.y.high) else f"mean {scene.y.name}"
        scene = replace(scene, y=replace(scene.y, name=name, low=ends[0], high=ends[1]))
    _dress_both(axes, scene, grid="y", points=False)


def _one_line(axes: Axes, scene: PlotData, color: str) -> list[float]:
    """Draw a line and say how far it and its band reach."""
    assert isinstance(scene.y, NumericVariable)
    along = (
        scene.x.codes.astype(float)
        if isinstance(scene.x, CategoricalVariable)
        else scene.x.values
        if scene.x
        else np.empty(0)
    )
    y, weights = scene.y.values, scene.weights
    if not len(along):
        return []
    distinct, index = np.unique(along, return_inverse=True)
    if len(distinct) == len(along) and not scene.counted and len(along) <= 2000:
        marker = "o" if len(along) <= 40 else ""
        axes.plot(distinct, y[np.argsort(along)], color=color, linewidth=1.5, marker=marker, markersize=3.5)
        return [float(y.min()), float(y.max())]
    if len(distinct) > 60 and isinstance(scene.x, NumericVariable):
        edges = _fewer(scene.x, 40)
        cut = np.clip(np.searchsorted(edges, along, side="right") - 1, 0, len(edges) - 2)
        used, index = np.unique(cut, return_inverse=True)
        distinct = _middles(scene.x, edges)[used]
    result = [mean_interval(y[index == i], weights[index == i]) for i in range(len(distinct))]
    # An interval may leave the values where rows are few: the band is cut there, and below the axis.
    low = np.clip([m.low for m in result], y.min(), None)
    high = np.clip([m.high for m in result], None, y.max())
    axes.fill_between(distinct, low, high, color=color, alpha=0.2, linewidth=0)
    values = [m.value for m in result]
    marker = "o" if len(distinct) <= 40 else ""
    axes.plot(distinct, values, color=color, linewidth=1.8, marker=marker, markersize=4)
    return [float(low.min()), float(high.max())]


def _points(axes: Axes, scene: PlotData, *, fainter: float = 1.0) -> None:
    x, _y = _quantities(scene)
    display_text = scene
    if len(x.values) > MOST_POINTS:
        rows = np.sort(np.random.default_rng(0).choice(len(x.values), MOST_POINTS, replace=False))
        display_text = scene.select_rows(rows)
    alpha = float(np.clip(14 / max(len(display_text.weights), 1) ** 0.5, 0.15, 0.75)) * fainter
    if isinstance(display_text.color, NumericVariable):
        _colored(axes, display_text, alpha=max(alpha, 0.6))
        return
    for _label, color, part in color_groups(display_text):
        across, up = _jittered(part)
        area = _areas(part, scene)
        axes.scatter(across, up, s=area, color=color, alpha=alpha, linewidths=0, rasterized=len(up) > 2000)


def _colored(axes: Axes, scene: PlotData, *, alpha: float) -> None:
    assert isinstance(scene.color, NumericVariable)
    shade = scene.color
    across, up = _jittered(scene)
    tones = shade.to_scale(shade.values)
    low, high = (float(end) for end in shade.to_scale([shade.low, shade.high]))
    style: Any = {"cmap": "viridis_r", "vmin": low, "vmax": high, "alpha": alpha, "linewidths": 0}
    spots = axes.scatter(across, up, s=_areas(scene, scene), c=tones, **style)
    if not scene.panel:
        shade_legend(axes, spots, shade)


def shade_legend(axes: Axes, drawn: Any, shade: NumericVariable) -> None:
    """A bar of the shades with natural labels."""
    from tidynet.plot.theme import escape_mathtext

    bar = axes.get_figure(root=True).colorbar(drawn, ax=axes, shrink=0.8, aspect=25, pad=0.02)  # type: ignore[union-attr]
    ticks, labels = shade.ticks(4)
    bar.set_ticks([float(index) for index in shade.to_scale(ticks)], labels=labels)
    bar.outline.set_visible(False)
    bar.solids.set_alpha(1)  # type: ignore[union-attr]
    bar.ax.tick_params(length=0, labelcolor=MUTED, labelsize=FONT_SIZE - 1)
    bar.ax.minorticks_off()
    bar.set_label(escape_mathtext(shade.label, 30), fontsize=FONT_SIZE, color=INK, parse_math=False)


def _areas(part: PlotData, whole: PlotData) -> Any:
    if whole.counted:
        return 4 + 160 * part.weights / whole.weights.max()
    if part.size is not None:
        return area_of(part.size, part.size.values)
    return 18.0


def area_of(size: NumericVariable, values: npt.ArrayLike) -> Floats:
    """The area of a point, in proportion to the value; from the smallest value on where zero is far below."""
    numbers = np.asarray(values, dtype=np.float64)
    low = min(size.low, 0.0) if size.low < size.high / 3 else size.low
    return 6 + 110 * (numbers - low) / ((size.high - low) or 1.0)


def _jittered(scene: PlotData) -> list[Floats]:
    random = np.random.default_rng(0)
    spots = []
    for item in _quantities(scene):
        extent = 0.0 if scene.counted else _jitter_width(item)
        spots.append(item.values + random.uniform(-extent, extent, len(item.values)) if extent else item.values)
    return spots


def _jitter_width(quantity: NumericVariable) -> float:
    """How far points are moved aside: a quarter of the step between values that many rows share."""
    steps = np.diff(np.unique(quantity.values[np.isfinite(quantity.values)]))
    return 0.25 * float(steps.min()) if quantity.discrete and quantity.scale == "linear" and steps.size else 0.0


def _quantities(scene: PlotData) -> tuple[NumericVariable, NumericVariable]:
    assert isinstance(scene.x, NumericVariable) and isinstance(scene.y, NumericVariable)  # noqa: PT018
    return scene.x, scene.y


def _fewer(quantity: NumericVariable, max_count: int) -> Floats:
    """The edges of at most `max_count` bins, all as many old bins wide, the last one too."""
    edges = quantity.edges
    factor = math.ceil((len(edges) - 1) / max_count)
    short = -(len(edges) - 1) % factor
    if not short:
        return edges[::factor]
    lengths = quantity.to_scale(edges)
    last = quantity.from_scale(lengths[-1] + short * (lengths[-1] - lengths[-2]))
    return np.append(edges[::factor], max(float(last), float(edges[-1])))


def _middles(quantity: NumericVariable, edges: Floats) -> Floats:
    lengths = quantity.to_scale(edges)
    return quantity.from_scale((lengths[:-1] + lengths[1:]) / 2)


def _dress_both(axes: Axes, scene: PlotData, *, grid: Any = "both", points: bool = True) -> None:
    if scene.x is not None and scene.y is not None:
        dress(axes, "x", scene.x, room=_room(scene.x, points))
        dress(axes, "y", scene.y, room=_room(scene.y, points))
    if scene.color is not None and not (points and isinstance(scene.color, NumericVariable)):
        label_levels(axes, scene)
    elif scene.size is not None and not scene.panel and points:
        _size_legend(axes, scene.size)
    finish_figure(axes, grid=grid)


def _room(variable: Variable, points: bool) -> float:
    # Points that were moved aside stay within the axes.
    moved = _jitter_width(variable) if points and isinstance(variable, NumericVariable) else 0.0
    return 0.04 + moved / (variable.high - variable.low) if moved and isinstance(variable, NumericVariable) else 0.04


def _size_legend(axes: Axes, size: NumericVariable) -> None:
    ticks, labels = size.ticks(4)
    for tick, label in zip(ticks, labels, strict=True):
        axes.scatter([], [], s=area_of(size, [tick]), color=MUTED, alpha=0.6, linewidths=0, label=label)
    legend(axes)
