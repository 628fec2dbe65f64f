"""The error surface around a solution, paths down it, and a slice with its local minima."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tidynet.byhand.optimization_paths import ErrorFunction, OptimizationPath, error_function_of, run_optimizer
from tidynet.core.errors import InputError
from tidynet.estimators.blas_threads import one_blas_thread
from tidynet.plot.theme import BASE, FONT_SIZE, INK, MUTED, PAPER, SECOND, finish_figure, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["error_cross_section", "error_surface", "run_optimizers"]

Array = NDArray[Any]


class _OptimizerRun(NamedTuple):
    name: str
    method: str
    share: float  # of 1/λ, the rate at which descent is surest
    color: str
    style: Any
    marker: str


# A rate above 2/λ climbs; momentum's own stretch is 1/(1 − β), so its rate is smaller.
_TOO_LARGE: Final = "rate too large"
_WAYS: Final = (
    _OptimizerRun("gradient descent", "sgd", 1.0, BASE, "-", "o"),
    _OptimizerRun("momentum 0.9", "momentum", 0.3, SECOND, (0, (5, 1.5)), "^"),
    _OptimizerRun("Adam", "adam", 0.0, INK, (0, (1.5, 1.2)), "s"),
    _OptimizerRun(_TOO_LARGE, "sgd", 4.0, "#7a3f8f", (0, (5, 1.2, 1.2, 1.2)), "x"),
    _OptimizerRun("rate too small", "sgd", 0.02, MUTED, "-", "D"),
)
_WORSE: Final = 1.1  # times the error where plain gradient descent ends: what too large a rate is punished with
_LEAPS: Final = 15  # points of the path with too large a rate that are drawn
_ADAM_RATE: Final = 0.1


def run_optimizers(problem: ErrorFunction, start: Array, solution: Array, steps: int = 60) -> list[OptimizationPath]:
    """Gradient descent, momentum and Adam, and gradient descent at a rate too large and too small.

    The rates are shares of 1/λ, λ the largest curvature at the start, at the solution and halfway between.

    >>> from tidynet.engine import Network
    >>> problem = ErrorFunction(Network(numbers=1, hidden=(), outputs=1), np.array([[1.0], [-1.0]]), np.array([[2.0], [0.0]]))
    >>> [path.lost for path in run_optimizers(problem, np.zeros(2), np.ones(2), steps=40)]
    [False, False, False, True, False]
    """
    middle = (start + solution) / 2
    steepest = max(problem.max_curvature(theta) for theta in (start, middle, solution))
    walked: list[OptimizationPath] = []
    for way in _WAYS:
        rate = way.share / steepest if way.share else _ADAM_RATE
        path = run_optimizer(problem, start, way.name, way.method, rate, steps)
        # Elsewhere the valley may be wider than where λ was measured: doubled until it is too large in fact.
        while way.name == _TOO_LARGE and rate < 1e3 / steepest and not _needs_smaller_rate(path, walked[0]):
            rate *= 2
            path = run_optimizer(problem, start, way.name, way.method, rate, steps)
        walked.append(path)
    return walked


def _needs_smaller_rate(path: OptimizationPath, plain: OptimizationPath) -> bool:
    """Whether a path ends worse than plain gradient descent."""
    return bool(path.has_diverged or path.errors[-1] > _WORSE * plain.errors[-1])


@one_blas_thread()
def error_surface(
    model: Any, X: Any, y: Any, *, directions: str = "path", start: Any = None, steps: int = 100, points: int = 41,
    seed: int = 0,
) -> Figure:  # fmt: skip
    """The error around a solution, with the paths that optimizers take down to it.

    Parameters
    ----------
    model : MLPClassifier or MLPRegressor
        Fitted; its first network's weights are the solution that is looked around.
    X, y : table or array, and the target
        The records whose mean loss is the error.
    directions : {"path", "random"}
        The two directions in the space of weights: those along which the paths vary most (their
        principal components), or two random ones, each unit's part as long as that unit's
        weights. Along random directions no path can be seen, and none is drawn. A network of just two
        weights needs no choice: the axes are the weights themselves.
    start : array, optional
        θ that the paths start from; otherwise the solution, shaken: each unit's weights moved in a random
        direction by three quarters of their length.
    steps, points : int
        Steps of each path, all records at each; points along each direction.
    seed : int
        Of the start and the random directions.

    Darker is a higher error. The star is the lowest point that a path reached; without paths, and in a
    network of two weights, the model's solution.

    Raises
    ------
    InputError
        If the model is not fitted, or ``directions`` is neither.

    Notes
    -----
    A path lies in all dimensions and is drawn by its shadow on the plane, so that its last point's error, which
    the legend gives, may be below that of the plane under it. Random directions after Li et al. (NeurIPS 2018).

    >>> import tidynet as tn
    >>> X, y = np.array([[-2.0], [-1.0], [0.5], [1.0], [2.0]]), [0, 1, 0, 1, 1]
    >>> model = tn.MLPClassifier((), solver="lbfgs", random_state=0).fit(X, y)
    >>> error_surface(model, X, y, points=9).axes[0].get_xlabel()
    'weight of x0'
    """
    if directions not in ("path", "random"):
        raise InputError(f"directions is {directions!r}, expected 'path' or 'random'")
    problem = error_function_of(model, X, y)
    network, solution = problem.network, model.members_[0].astype(np.float64)
    rng = np.random.default_rng(seed)
    begin = (
        solution + 0.75 * _scale_like_weights(problem, solution, rng)
        if start is None
        else np.asarray(start, np.float64)
    )
    if begin.shape != solution.shape:
        raise InputError(f"start has shape {begin.shape}, expected {solution.shape} as the network's weights")
    two = network.parameters == 2
    drawn = [] if directions == "random" and not two else run_optimizers(problem, begin, solution, steps)
    if drawn and not two:
        solution = min(drawn, key=lambda path: np.inf if path.has_diverged else path.errors[-1]).thetas[-1]
    basis, names = _directions(model, problem, solution, drawn, two, rng)
    center = np.zeros(network.parameters) if two else solution
    shadows = [(path.thetas - center) @ basis.T for path in drawn]
    here = (solution - center) @ basis.T
    framed = [s for s, path in zip(shadows, drawn, strict=True) if path.name != _TOO_LARGE]
    if two and drawn:  # there it shows how it leaps over the valley and back
        framed += [s[:_LEAPS] for s, path in zip(shadows, drawn, strict=True) if path.name == _TOO_LARGE]
    across, up = _plot_range(here, framed)
    heights = np.array(
        [[problem.error(center + a * basis[0] + b * basis[1]) for a in np.linspace(*across, points)]
         for b in np.linspace(*up, points)]
    )  # fmt: skip
    figure = new_figure(5.4, 4.6 if drawn else 4.0)
    axes = figure.subplots()
    _shade(axes, heights, across, up)
    for way, path, shadow in zip(_WAYS, drawn, shadows, strict=False):
        text = "leaves all bounds" if path.has_diverged else f"ends at {path.errors[-1]:.3g}"
        display_text = shadow[:_LEAPS] if way.name == _TOO_LARGE else shadow
        axes.plot(
            display_text[:, 0], display_text[:, 1], color=way.color, linestyle=way.style, linewidth=1.6, marker=way.marker,
            markersize=3.6, markevery=1 if len(display_text) <= _LEAPS else max(1, steps // 12),
            markeredgecolor=way.color if way.marker == "x" else PAPER,
            markeredgewidth=1.0 if way.marker == "x" else 0.5, label=f"{way.name}: {text}", zorder=3,
        )  # fmt: skip
    axes.plot(*here, marker="*", markersize=13, color=PAPER, markeredgecolor=INK, zorder=5, linestyle="")
    axes.set(xlim=across, ylim=up, xlabel=names[0], ylabel=names[1])
    if drawn:
        axes.legend(
            loc="lower left", bbox_to_anchor=(-0.02, 1), ncols=2, frameon=False, fontsize=FONT_SIZE - 1.5,
            labelcolor=INK, handlelength=3, borderpad=0.1, columnspacing=1,
        )  # fmt: skip
    finish_figure(axes, grid="")
    return figure


def _directions(
    model: Any,
    problem: ErrorFunction,
    solution: Array,
    drawn: Sequence[OptimizationPath],
    two: bool,
    rng: np.random.Generator,
) -> tuple[Array, tuple[str, str]]:
    """Two directions as rows, and what they are called."""
    if two:
        from tidynet.byhand.columns import input_rows

        names = [f"weight of {item.name}" for item in input_rows(model.recipe_)]
        return np.eye(2), (names[0], "bias" if len(names) == 1 else names[1])
    if not drawn:
        pair = np.array([_scale_like_weights(problem, solution, rng) for _ in range(2)])
        return pair, ("one random direction", "another")
    walked = np.vstack([path.thetas - solution for path in drawn if path.name != _TOO_LARGE])
    return np.linalg.svd(walked, full_matrices=False)[2][:2], ("main direction of the paths", "second direction")


def _scale_like_weights(problem: ErrorFunction, solution: Array, rng: np.random.Generator) -> Array:
    """A random direction in which each unit's part is as long as its weights; biases stay."""
    direction = np.zeros_like(solution)
    for (W, _), (D, _) in zip(problem.network.views(solution), problem.network.views(direction), strict=True):
        drawn = rng.normal(size=W.shape)
        D[...] = drawn / np.linalg.norm(drawn, axis=0) * np.linalg.norm(W, axis=0)
    return direction


def _plot_range(here: Array, shadows: Sequence[Array]) -> tuple[tuple[float, float], tuple[float, float]]:
    """Ends of the two axes: room for all paths and the solution, or one step each way without paths."""
    if not shadows:
        return (-1.0, 1.0), (-1.0, 1.0)
    points = np.vstack([*shadows, here[None, :]])
    low, high = points.min(axis=0), points.max(axis=0)
    margin = 0.18 * np.maximum(high - low, 0.25 * (high - low).max() + 1e-6)
    ends = [(float(a), float(b)) for a, b in zip(low - margin, high + margin, strict=True)]
    return ends[0], ends[1]


def _shade(axes: Axes, heights: Array, across: tuple[float, float], up: tuple[float, float]) -> None:
    from matplotlib.colors import LinearSegmentedColormap

    points = len(heights)
    floor, top = float(np.nanmin(heights)), float(np.nanquantile(heights[np.isfinite(heights)], 0.97))
    steps = floor + (top - floor) * np.linspace(0, 1, 15) ** 2  # closer together near the bottom
    shades = LinearSegmentedColormap.from_list("height", [PAPER, "#8fa3b5"])
    x, y = np.linspace(*across, points), np.linspace(*up, points)
    axes.contourf(x, y, np.clip(heights, floor, top), levels=np.unique(steps), cmap=shades)
    lines = axes.contour(x, y, heights, levels=np.unique(steps)[1::2], colors=[MUTED], linewidths=0.5)
    axes.clabel(lines, fontsize=FONT_SIZE - 3, fmt="%.2g")


@one_blas_thread()
def error_cross_section(
    model: Any, X: Any, y: Any, *, networks: tuple[int, int] = (0, 1), starts: int = 8, seed: int = 0
) -> Figure:
    """The error along the straight line between two trained networks, and where random restarts on it end.

    Parameters
    ----------
    model : MLPClassifier or MLPRegressor
        Fitted with ``n_networks=2`` or more.
    X, y : table or array, and the target
    networks : (int, int)
        The two of the model's networks that the line goes through, from 0.
    starts : int
        Gradient descents along the line, from random places.
    seed : int

    Each hollow mark rolls down to the filled one; the lowest is marked.

    Raises
    ------
    InputError
        If the model does not have these two networks.

    >>> import tidynet as tn
    >>> X = np.random.default_rng(0).normal(size=(40, 2))
    >>> model = tn.MLPClassifier((3,), n_networks=2, max_iter=5, preset="tidynet", random_state=0)
    >>> error_cross_section(model.fit(X, X[:, 0] > 0), X, X[:, 0] > 0).axes[0].get_ylabel()
    'error'
    """
    problem = error_function_of(model, X, y)
    count = len(model.members_)
    first, second = networks
    if not (0 <= first < count and 0 <= second < count and first != second):
        raise InputError(
            f"the line is to go through networks {first} and {second}, but the model has {count}",
            "fit it with n_networks=2 or more",
        )
    here, there = (model.members_[index].astype(np.float64) for index in networks)
    indices = np.linspace(-0.5, 1.5, 161)
    heights = np.array([problem.error(here + t * (there - here)) for t in indices])
    figure = new_figure(4.9, 3.3)
    axes = figure.subplots()
    axes.plot(indices, heights, color=MUTED, linewidth=1.6, zorder=1)
    begins = np.random.default_rng(seed).uniform(indices[0], indices[-1], starts)
    ends = np.array([_rolled(indices, heights, begin) for begin in begins])

    def at(t: Any) -> Any:
        return np.interp(t, indices, heights)

    for begin, end in zip(begins, ends, strict=True):
        way = np.linspace(begin, end, 40)
        axes.plot(way, at(way), color=BASE, linewidth=2.6, alpha=0.45, zorder=2)
    axes.scatter(begins, at(begins), s=30, facecolor=PAPER, edgecolor=INK, zorder=3, label="random start")
    axes.scatter(ends, at(ends), s=34, color=BASE, zorder=4, label="where it ends")
    best = ends[int(np.argmin(at(ends)))]
    axes.scatter([best], [at(best)], s=170, marker="*", color=SECOND, edgecolor=INK, zorder=5, label="lowest kept")
    axes.set_xticks([0, 1], [f"network {first + 1}", f"network {second + 1}"])
    axes.set_ylabel("error")
    axes.set_xlabel("along the line between the two")
    axes.legend(
        loc="lower left", bbox_to_anchor=(0, 1), ncols=3, frameon=False, fontsize=FONT_SIZE - 0.5, labelcolor=INK,
        borderpad=0.1, handletextpad=0.2,
    )  # fmt: skip
    finish_figure(axes, grid="y")
    return figure


def _rolled(indices: Array, heights: Array, begin: float) -> float:
    """Where gradient descent along the slice comes to rest: down from point to point of the curve."""
    at = int(np.abs(indices - begin).argmin())
    while True:
        beside = [other for other in (at - 1, at + 1) if 0 <= other < len(indices)]
        lower = min(beside, key=lambda other: heights[other])
        if heights[lower] >= heights[at]:
            return float(indices[at])
        at = lower
