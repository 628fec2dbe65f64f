"""Two quantities: points, a regression line with its band, counts in squares and hexagons, lines."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from tidynet.look import scales
from tidynet.plot.axis import dress, margin
from tidynet.plot.by_level import named
from tidynet.plot.scene import Scene, hues
from tidynet.plot.shading import BEHIND_TEXT, SHADES, by_logarithm, shade_cells
from tidynet.plot.smooth import mean_of
from tidynet.plot.theme import BASE, FONT_SIZE, INK, MUTED, SECOND, finish, legend
from tidynet.plot.variables import Levels, Quantity, Variable

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Line", "fitted_line", "hexagons", "lines", "regression", "scatter", "squares"]

Floats = npt.NDArray[np.float64]

MOST_POINTS = 5000  # more rows than this are counted, or sampled where points were asked for
_ACROSS, _UP = 14, 12  # squares along each axis that still have room for numbers


def scatter(axes: Axes, scene: Scene) -> None:
    """A transparent point for each row, moved a little at random where values are few; cells become dots by size."""
    _points(axes, scene)
    _dress_both(axes, scene)


def regression(axes: Axes, scene: Scene) -> None:
    """Points with the least-squares line and the 95% band of its mean, straight on the axes as drawn."""
    _points(axes, scene, fainter=0.7)
    several = isinstance(scene.color, Levels)
    for _, color, part in hues(scene) if several else [("", SECOND, scene)]:
        x, y = _quantities(part)
        line = fitted_line(x, y, part.weights)
        if line is not None:
            axes.fill_between(line.x, line.low, line.high, color=color, alpha=0.22, linewidth=0)
            axes.plot(line.x, line.y, color=color, linewidth=2)
    _dress_both(axes, scene)


class Line(NamedTuple):
    """A fitted line with the band of its mean, at places along x."""

    x: Floats
    y: Floats
    low: Floats
    high: Floats


def fitted_line(x: Quantity, y: Quantity, weights: Floats) -> Line | None:
    """The least-squares line of the transformed values, ``ŷ(x) ± t · s · √(1/n + (x − x̄)²/Sxx)``.

    None where fewer than three rows or equal values leave no line.
    """
    from scipy.special import stdtrit

    u, v = x.forth(x.values), y.forth(y.values)
    total = float(weights.sum())
    if total < 3:
        return None
    centre, middle = float(weights @ u) / total, float(weights @ v) / total
    spread = float(weights @ (u - centre) ** 2)
    if not spread > 0 or np.ptp(u) == 0:
        return None
    slope = float(weights @ ((u - centre) * (v - middle))) / spread
    left = v - middle - slope * (u - centre)
    sigma = (float(weights @ left**2) / (total - 2)) ** 0.5
    places = np.linspace(float(u.min()), float(u.max()), 100)
    line = middle + slope * (places - centre)
    half = float(stdtrit(total - 2, 0.975)) * sigma * np.sqrt(1 / total + (places - centre) ** 2 / spread)
    return Line(x.back(places), y.back(line), y.back(line - half), y.back(line + half))


def squares(axes: Axes, scene: Scene) -> None:
    """Counts in cells, shaded by their logarithm; numbers where they have room, empty cells blank."""
    x, y = _quantities(scene)
    across, up = _fewer(x, _ACROSS), _fewer(y, _UP)
    cells, _, _ = np.histogram2d(y.values, x.values, bins=[up, across], weights=scene.weights)
    shade_cells(axes, by_logarithm(cells), across, up, darkest=1.0 if scene.panel else BEHIND_TEXT)
    places = [_middles(one, edges) for one, edges in ((y, up), (x, across))]
    for row, column in () if scene.panel else zip(*np.nonzero(cells), strict=True):
        text = scales.natural(float(cells[row, column])) if cells.max() > 9999 else f"{cells[row, column]:.0f}"
        spot = (places[1][column], places[0][row])
        axes.text(*spot, text, ha="center", va="center", color=INK, fontsize=6.5 if len(text) > 3 else 7.5)
    _dress_both(axes, scene, grid="")
    axes.set_xlim(across[0], across[-1])
    axes.set_ylim(up[0], up[-1])


def hexagons(axes: Axes, scene: Scene) -> None:
    """Counts in hexagons, shaded by their logarithm; empty ones blank."""
    x, y = _quantities(scene)
    ends = [[float(end) for end in one.forth(margin(one))] for one in (x, y)]
    grid = 10 if scene.panel or scene.counted else 24
    width = (ends[0][1] - ends[0][0]) / grid
    # A regular hexagon is √3 as far from the one two rows above as from its neighbour.
    inches = axes.get_figure(root=True).get_size_inches() * [0.88, 0.75]  # type: ignore[union-attr]
    height = (ends[1][1] - ends[1][0]) / max(3, round(grid * float(inches[1] / inches[0]) / 3**0.5))
    rows, tall = x.forth(x.values), y.forth(y.values)
    # The nearer of two interleaved lattices of centres.
    u, v = (rows - ends[0][0]) / width, (tall - ends[1][0]) / height
    near = [(np.rint(u), np.rint(v)), (np.floor(u) + 0.5, np.floor(v) + 0.5)]
    apart = [(u - a) ** 2 + 3 * (v - b) ** 2 for a, b in near]
    first = apart[0] <= apart[1]
    centres = np.column_stack([np.where(first, near[0][0], near[1][0]), np.where(first, near[0][1], near[1][1])])
    cells, place = np.unique(centres, axis=0, return_inverse=True)
    counts = np.bincount(place.ravel(), scene.weights).astype(np.float64)
    _hexagon_patches(axes, x, y, cells * [width, height] + [ends[0][0], ends[1][0]], (width, height), counts)
    key_of_counts(axes, counts)
    _dress_both(axes, scene, grid="both")


def _hexagon_patches(
    axes: Axes, x: Quantity, y: Quantity, centres: Floats, size: tuple[float, float], counts: Floats
) -> None:
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    corners = np.array(
        [[0, 2 / 3], [0.5, 1 / 3], [0.5, -1 / 3], [0, -2 / 3], [-0.5, -1 / 3], [-0.5, 1 / 3], [0, 2 / 3]]
    )
    level = np.ceil(by_logarithm(counts) * len(SHADES)).astype(int)
    for shade, opacity in enumerate(SHADES, start=1):
        paths = []
        for centre in centres[level == shade]:
            outline = centre + corners * np.array(size) * [1, 0.5]
            paths.append(Path(np.column_stack([x.back(outline[:, 0]), y.back(outline[:, 1])]), closed=True))
        if paths:
            shape = Path.make_compound_path(*paths)
            axes.add_patch(PathPatch(shape, facecolor=BASE, alpha=opacity, linewidth=0))


def key_of_counts(axes: Axes, counts: Floats, what: str = "rows") -> None:
    """A legend of what the lightest and the darkest shade mean."""
    largest = float(counts.max(initial=1))
    smallest = float(counts[counts > 0].min(initial=largest))
    for number in sorted({smallest, largest}):
        shade = int(np.ceil(np.log1p(number) / np.log1p(largest) * len(SHADES)))
        label = f"{scales.natural(number)} {'row' if number == 1 else what}"
        axes.scatter([], [], marker="s", s=45, color=BASE, alpha=SHADES[shade - 1], linewidths=0, label=label)
    legend(axes)


def lines(axes: Axes, scene: Scene) -> None:
    """The mean of y along x with its 95% interval as a band; the values themselves where each x has one."""
    reached = [end for _, color, part in hues(scene) for end in _one_line(axes, part, color)]
    if isinstance(scene.y, Quantity) and reached:
        # Means reach less far than the values behind them.
        ends = min(reached), max(reached)
        name = scene.y.name if ends == (scene.y.low, scene.y.high) else f"mean {scene.y.name}"
        scene = replace(scene, y=replace(scene.y, name=name, low=ends[0], high=ends[1]))
    _dress_both(axes, scene, grid="y", points=False)


def _one_line(axes: Axes, scene: Scene, color: str) -> list[float]:
    """Draw a line and say how far it and its band reach."""
    assert isinstance(scene.y, Quantity)
    along = scene.x.codes.astype(float) if isinstance(scene.x, Levels) else scene.x.values if scene.x else np.empty(0)
    y, weights = scene.y.values, scene.weights
    if not len(along):
        return []
    distinct, place = np.unique(along, return_inverse=True)
    if len(distinct) == len(along) and not scene.counted and len(along) <= 2000:
        marker = "o" if len(along) <= 40 else ""
        axes.plot(distinct, y[np.argsort(along)], color=color, linewidth=1.5, marker=marker, markersize=3.5)
        return [float(y.min()), float(y.max())]
    if len(distinct) > 60 and isinstance(scene.x, Quantity):
        edges = _fewer(scene.x, 40)
        cut = np.clip(np.searchsorted(edges, along, side="right") - 1, 0, len(edges) - 2)
        used, place = np.unique(cut, return_inverse=True)
        distinct = _middles(scene.x, edges)[used]
    found = [mean_of(y[place == i], weights[place == i]) for i in range(len(distinct))]
    # An interval may leave the values where rows are few: the band is cut there, and below the axis.
    low = np.clip([m.low for m in found], y.min(), None)
    high = np.clip([m.high for m in found], None, y.max())
    axes.fill_between(distinct, low, high, color=color, alpha=0.2, linewidth=0)
    values = [m.value for m in found]
    marker = "o" if len(distinct) <= 40 else ""
    axes.plot(distinct, values, color=color, linewidth=1.8, marker=marker, markersize=4)
    return [float(low.min()), float(high.max())]


def _points(axes: Axes, scene: Scene, *, fainter: float = 1.0) -> None:
    x, _y = _quantities(scene)
    shown = scene
    if len(x.values) > MOST_POINTS:
        rows = np.sort(np.random.default_rng(0).choice(len(x.values), MOST_POINTS, replace=False))
        shown = scene.take(rows)
    alpha = float(np.clip(14 / max(len(shown.weights), 1) ** 0.5, 0.15, 0.75)) * fainter
    if isinstance(shown.color, Quantity):
        _colored(axes, shown, alpha=max(alpha, 0.6))
        return
    for _label, color, part in hues(shown):
        across, up = _jittered(part)
        area = _areas(part, scene)
        axes.scatter(across, up, s=area, color=color, alpha=alpha, linewidths=0, rasterized=len(up) > 2000)


def _colored(axes: Axes, scene: Scene, *, alpha: float) -> None:
    assert isinstance(scene.color, Quantity)
    shade = scene.color
    across, up = _jittered(scene)
    tones = shade.forth(shade.values)
    low, high = (float(end) for end in shade.forth([shade.low, shade.high]))
    style: Any = {"cmap": "viridis_r", "vmin": low, "vmax": high, "alpha": alpha, "linewidths": 0}
    spots = axes.scatter(across, up, s=_areas(scene, scene), c=tones, **style)
    if not scene.panel:
        key_of_shades(axes, spots, shade)


def key_of_shades(axes: Axes, drawn: Any, shade: Quantity) -> None:
    """A bar of the shades with natural labels."""
    from tidynet.plot.theme import drawable

    bar = axes.get_figure(root=True).colorbar(drawn, ax=axes, shrink=0.8, aspect=25, pad=0.02)  # type: ignore[union-attr]
    ticks, labels = shade.ticks(4)
    bar.set_ticks([float(place) for place in shade.forth(ticks)], labels=labels)
    bar.outline.set_visible(False)
    bar.solids.set_alpha(1)  # type: ignore[union-attr]
    bar.ax.tick_params(length=0, labelcolor=MUTED, labelsize=FONT_SIZE - 1)
    bar.ax.minorticks_off()
    bar.set_label(drawable(shade.label, 30), fontsize=FONT_SIZE, color=INK, parse_math=False)


def _areas(part: Scene, whole: Scene) -> Any:
    if whole.counted:
        return 4 + 160 * part.weights / whole.weights.max()
    if part.size is not None:
        return area_of(part.size, part.size.values)
    return 18.0


def area_of(size: Quantity, values: npt.ArrayLike) -> Floats:
    """The area of a point, in proportion to the value; from the smallest value on where zero is far below."""
    numbers = np.asarray(values, dtype=np.float64)
    low = min(size.low, 0.0) if size.low < size.high / 3 else size.low
    return 6 + 110 * (numbers - low) / ((size.high - low) or 1.0)


def _jittered(scene: Scene) -> list[Floats]:
    random = np.random.default_rng(0)
    spots = []
    for one in _quantities(scene):
        reach = 0.0 if scene.counted else _reach(one)
        spots.append(one.values + random.uniform(-reach, reach, len(one.values)) if reach else one.values)
    return spots


def _reach(quantity: Quantity) -> float:
    """How far points are moved aside: a quarter of the step between values that many rows share."""
    steps = np.diff(np.unique(quantity.values[np.isfinite(quantity.values)]))
    return 0.25 * float(steps.min()) if quantity.discrete and quantity.scale == "linear" and steps.size else 0.0


def _quantities(scene: Scene) -> tuple[Quantity, Quantity]:
    assert isinstance(scene.x, Quantity) and isinstance(scene.y, Quantity)  # noqa: PT018
    return scene.x, scene.y


def _fewer(quantity: Quantity, most: int) -> Floats:
    """The edges of at most `most` bins, all as many old bins wide, the last one too."""
    edges = quantity.edges
    factor = math.ceil((len(edges) - 1) / most)
    short = -(len(edges) - 1) % factor
    if not short:
        return edges[::factor]
    lengths = quantity.forth(edges)
    last = quantity.back(lengths[-1] + short * (lengths[-1] - lengths[-2]))
    return np.append(edges[::factor], max(float(last), float(edges[-1])))


def _middles(quantity: Quantity, edges: Floats) -> Floats:
    lengths = quantity.forth(edges)
    return quantity.back((lengths[:-1] + lengths[1:]) / 2)


def _dress_both(axes: Axes, scene: Scene, *, grid: Any = "both", points: bool = True) -> None:
    if scene.x is not None and scene.y is not None:
        dress(axes, "x", scene.x, room=_room(scene.x, points))
        dress(axes, "y", scene.y, room=_room(scene.y, points))
    if scene.color is not None and not (points and isinstance(scene.color, Quantity)):
        named(axes, scene)
    elif scene.size is not None and not scene.panel and points:
        _key_of_sizes(axes, scene.size)
    finish(axes, grid=grid)


def _room(variable: Variable, points: bool) -> float:
    # Points that were moved aside stay within the axes.
    moved = _reach(variable) if points and isinstance(variable, Quantity) else 0.0
    return 0.04 + moved / (variable.high - variable.low) if moved and isinstance(variable, Quantity) else 0.04


def _key_of_sizes(axes: Axes, size: Quantity) -> None:
    ticks, labels = size.ticks(4)
    for tick, label in zip(ticks, labels, strict=True):
        axes.scatter([], [], s=area_of(size, [tick]), color=MUTED, alpha=0.6, linewidths=0, label=label)
    legend(axes)
