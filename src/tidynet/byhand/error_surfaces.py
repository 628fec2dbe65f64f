"""The error surface around a solution with the paths of optimizers, and a cross section with its local minima."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tidynet.byhand.columns import fitted_network, input_rows
from tidynet.byhand.optimization_paths import ErrorFunction, OptimizationPath, error_function_of, run_optimizer
from tidynet.core.errors import InputError
from tidynet.estimators.blas_threads import one_blas_thread
from tidynet.estimators.fitted_model import FittedModel
from tidynet.plot.theme import BASE, FONT_SIZE, INK, MUTED, PAPER, SECOND, finish_figure, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Array = NDArray[Any]
Range = tuple[float, float]


class _OptimizerRun(NamedTuple):
    name: str
    method: str
    rate_factor: float  # the learning rate in units of 1/λ; 0 for a fixed rate
    color: str
    style: Any
    marker: str


# Gradient descent diverges at rates above 2/λ; momentum multiplies the rate by 1/(1 − β).
_TOO_LARGE: Final = "rate too large"
_RUNS: Final = (
    _OptimizerRun("gradient descent", "sgd", 1.0, BASE, "-", "o"),
    _OptimizerRun("momentum 0.9", "momentum", 0.3, SECOND, (0, (5, 1.5)), "^"),
    _OptimizerRun("Adam", "adam", 0.0, INK, (0, (1.5, 1.2)), "s"),
    _OptimizerRun(_TOO_LARGE, "sgd", 4.0, "#7a3f8f", (0, (5, 1.2, 1.2, 1.2)), "x"),
    _OptimizerRun("rate too small", "sgd", 0.02, MUTED, "-", "D"),
)
_WORSE: Final = 1.1  # a rate is too large if it ends at this multiple of gradient descent's error
_MAX_DIVERGING: Final = 15  # points drawn of the path with too large a rate
_ADAM_RATE: Final = 0.1


def run_optimizers(problem: ErrorFunction, start: Array, solution: Array, steps: int = 60) -> list[OptimizationPath]:
    """Gradient descent, momentum and Adam, and descent with a rate too large and too small."""
    # Rates are multiples of 1/λ, λ the largest curvature at the start, at the solution and halfway between.
    curvature = max(problem.max_curvature(theta) for theta in (start, (start + solution) / 2, solution))
    paths: list[OptimizationPath] = []
    for run in _RUNS:
        rate = run.rate_factor / curvature if run.rate_factor else _ADAM_RATE
        path = run_optimizer(problem, start, run.name, run.method, rate, steps)
        # The curvature may be smaller along the path: the rate is doubled until it is too large.
        while run.name == _TOO_LARGE and rate < 1e3 / curvature and not _is_too_large(path, paths[0]):
            rate *= 2
            path = run_optimizer(problem, start, run.name, run.method, rate, steps)
        paths.append(path)
    return paths


def _is_too_large(path: OptimizationPath, descent: OptimizationPath) -> bool:
    """Whether a path ends at a higher error than gradient descent."""
    return bool(path.has_diverged or path.errors[-1] > _WORSE * descent.errors[-1])


@one_blas_thread()
def error_surface(
    model: FittedModel, X: Any, y: Any, *, directions: str = "path", start: Any = None, steps: int = 100,
    points: int = 41, seed: int = 0,
) -> Figure:  # fmt: skip
    """The error around a solution, with the paths of five optimizers; darker is higher.

    The star is the lowest point of all paths; without paths, and for two weights, the model's solution. Paths are
    projected on the plane, so that the final error in the legend may be below that of the plane. Random
    directions after Li et al. (NeurIPS 2018).

    Parameters
    ----------
    model : MLPClassifier or MLPRegressor
        Fitted; the weights of its first network are the solution.
    X, y : table or array, and the target
        The rows whose mean loss is the error.
    directions : {"path", "random"}
        The two axes in the space of weights: the principal components of the paths, or two random directions
        scaled like the weights of each unit, without paths. With two weights the axes are the weights.
    start : array, optional
        θ at the start of the paths; by default the solution moved in a random direction by 75% of the weights' norm.
    steps, points : int
        Full-batch steps of each path; points along each axis.
    seed : int
        Of the start and the random directions.

    Raises
    ------
    InputError
        If the model is not fitted, or an argument is out of range.

    Examples
    --------
    >>> import tidynet as tn
    >>> X, y = np.array([[-2.0], [-1.0], [0.5], [1.0], [2.0]]), [0, 1, 0, 1, 1]
    >>> model = tn.MLPClassifier((), solver="lbfgs", random_state=0).fit(X, y)
    >>> error_surface(model, X, y, points=9).axes[0].get_xlabel()
    'weight of x0'
    """
    if directions not in ("path", "random"):
        raise InputError(f"directions is {directions!r}, expected 'path' or 'random'")
    problem = error_function_of(model, X, y)
    solution = model.members_[0].astype(np.float64)
    rng = np.random.default_rng(seed)
    moved = solution + 0.75 * _direction_like_weights(problem, solution, rng)
    theta = moved if start is None else np.asarray(start, np.float64)
    if theta.shape != solution.shape:
        raise InputError(f"start has shape {theta.shape}, expected {solution.shape} as the network's weights")
    has_two_weights = solution.size == 2
    paths = run_optimizers(problem, theta, solution, steps) if has_two_weights or directions == "path" else []
    if paths and not has_two_weights:
        solution = min(paths, key=lambda path: np.inf if path.has_diverged else path.errors[-1]).thetas[-1]
    basis, names = _axes_of_plane(model, problem, solution, paths, rng)
    center = np.zeros(2) if has_two_weights else solution
    projected = [(path.thetas - center) @ basis.T for path in paths]
    return _draw(problem, paths, projected, (center, solution, basis), names, points)


def _draw(
    problem: ErrorFunction, paths: list[OptimizationPath], projected: list[Array], plane: tuple[Array, Array, Array],
    names: tuple[str, str], points: int,
) -> Figure:  # fmt: skip
    center, solution, basis = plane
    star = (solution - center) @ basis.T
    framed = [part for part, path in zip(projected, paths, strict=True) if path.name != _TOO_LARGE]
    if solution.size == 2 and paths:
        framed += [
            part[:_MAX_DIVERGING] for part, path in zip(projected, paths, strict=True) if path.name == _TOO_LARGE
        ]
    x, y = (np.linspace(low, high, points) for low, high in _plot_range(star, framed))
    errors = np.array([[problem.error(center + a * basis[0] + b * basis[1]) for a in x] for b in y])
    figure = new_figure(5.4, 4.6 if paths else 4.0)
    axes = figure.subplots()
    _shade(axes, errors, x, y)
    for run, path, points_of_path in zip(_RUNS, paths, projected, strict=False):
        _draw_path(axes, run, path, points_of_path)
    axes.plot(*star, marker="*", markersize=13, color=PAPER, markeredgecolor=INK, zorder=5, linestyle="")
    axes.set(xlim=(x[0], x[-1]), ylim=(y[0], y[-1]), xlabel=names[0], ylabel=names[1])
    if paths:
        axes.legend(
            loc="lower left", bbox_to_anchor=(-0.02, 1), ncols=2, frameon=False, fontsize=FONT_SIZE - 1.5,
            labelcolor=INK, handlelength=3, borderpad=0.1, columnspacing=1,
        )  # fmt: skip
    finish_figure(axes, grid="")
    return figure


def _draw_path(axes: Axes, run: _OptimizerRun, path: OptimizationPath, points: Array) -> None:
    text = "diverges" if path.has_diverged else f"error {path.errors[-1]:.3g}"
    every = 1 if run.name == _TOO_LARGE or len(points) <= _MAX_DIVERGING else max(1, (len(points) - 1) // 12)
    points = points[:_MAX_DIVERGING] if run.name == _TOO_LARGE else points
    is_cross = run.marker == "x"
    axes.plot(
        points[:, 0], points[:, 1], color=run.color, linestyle=run.style, linewidth=1.6, marker=run.marker,
        markersize=3.6, markevery=every, markeredgecolor=run.color if is_cross else PAPER,
        markeredgewidth=1.0 if is_cross else 0.5, label=f"{run.name}: {text}", zorder=3,
    )  # fmt: skip


def _axes_of_plane(
    model: FittedModel, problem: ErrorFunction, solution: Array, paths: Sequence[OptimizationPath],
    rng: np.random.Generator,
) -> tuple[Array, tuple[str, str]]:  # fmt: skip
    """Two directions as rows, and their names."""
    if solution.size == 2:
        names = [f"weight of {unit.name}" for unit in input_rows(model.recipe_)]
        return np.eye(2), (names[0], "bias" if len(names) == 1 else names[1])
    if not paths:
        pair = np.array([_direction_like_weights(problem, solution, rng) for _ in range(2)])
        return pair, ("random direction 1", "random direction 2")
    differences = np.vstack([path.thetas - solution for path in paths if path.name != _TOO_LARGE])
    components = np.linalg.svd(differences, full_matrices=False)[2][:2]
    return components, ("first principal component", "second principal component")


def _direction_like_weights(problem: ErrorFunction, solution: Array, rng: np.random.Generator) -> Array:
    """A random direction with the norm of each unit's weights; 0 for biases."""
    direction = np.zeros_like(solution)
    for (W, _), (D, _) in zip(problem.network.views(solution), problem.network.views(direction), strict=True):
        normal = rng.normal(size=W.shape)
        D[...] = normal / np.linalg.norm(normal, axis=0) * np.linalg.norm(W, axis=0)
    return direction


def _plot_range(star: Array, paths: Sequence[Array]) -> tuple[Range, Range]:
    """The limits of both axes."""
    if not paths:
        return (-1.0, 1.0), (-1.0, 1.0)
    points = np.vstack([*paths, star[None, :]])
    low, high = points.min(axis=0), points.max(axis=0)
    margin = 0.18 * np.maximum(high - low, 0.25 * (high - low).max() + 1e-6)
    x, y = ((float(a), float(b)) for a, b in zip(low - margin, high + margin, strict=True))
    return x, y


def _shade(axes: Axes, errors: Array, x: Array, y: Array) -> None:
    from matplotlib.colors import LinearSegmentedColormap

    low, high = float(np.nanmin(errors)), float(np.nanquantile(errors[np.isfinite(errors)], 0.97))
    levels = np.unique(low + (high - low) * np.linspace(0, 1, 15) ** 2)  # denser near the minimum
    color_map = LinearSegmentedColormap.from_list("error", [PAPER, "#8fa3b5"])
    axes.contourf(x, y, np.clip(errors, low, high), levels=levels, cmap=color_map)
    lines = axes.contour(x, y, errors, levels=levels[1::2], colors=[MUTED], linewidths=0.5)
    axes.clabel(lines, fontsize=FONT_SIZE - 3, fmt="%.2g")


@one_blas_thread()
def error_cross_section(
    model: FittedModel, X: Any, y: Any, *, networks: tuple[int, int] = (0, 1), starts: int = 8, seed: int = 0
) -> Figure:
    """The error along the straight line between two trained networks, with the local minima of random starts.

    Parameters
    ----------
    model : MLPClassifier or MLPRegressor
        Fitted with ``n_networks=2`` or more.
    X, y : table or array, and the target
    networks : (int, int)
        The two networks of the ensemble, from 0.
    starts : int
        Gradient descents along the line, from random positions.
    seed : int

    Raises
    ------
    InputError
        If the model does not have these two networks.

    Examples
    --------
    >>> import tidynet as tn
    >>> X = np.random.default_rng(0).normal(size=(40, 2))
    >>> model = tn.MLPClassifier((3,), n_networks=2, max_iter=5, preset="tidynet", random_state=0)
    >>> error_cross_section(model.fit(X, X[:, 0] > 0), X, X[:, 0] > 0).axes[0].get_ylabel()
    'error'
    """
    problem, count = error_function_of(model, X, y), len(fitted_network(model, 2).members_)
    first, second = networks
    if not (0 <= first < count and 0 <= second < count and first != second):
        raise InputError(f"networks is {networks}, expected two different networks from 0 to {count - 1}")
    from_theta, to_theta = (model.members_[index].astype(np.float64) for index in networks)
    positions = np.linspace(-0.5, 1.5, 161)
    errors = np.array([problem.error(from_theta + t * (to_theta - from_theta)) for t in positions])
    begins = np.random.default_rng(seed).uniform(positions[0], positions[-1], starts)
    ends = np.array([_descend(positions, errors, begin) for begin in begins])
    figure = new_figure(4.9, 3.3)
    axes = figure.subplots()
    axes.plot(positions, errors, color=MUTED, linewidth=1.6, zorder=1)

    def error_at(t: Array) -> Array:
        return np.interp(t, positions, errors)

    for begin, end in zip(begins, ends, strict=True):
        way = np.linspace(begin, end, 40)
        axes.plot(way, error_at(way), color=BASE, linewidth=2.6, alpha=0.45, zorder=2)
    lowest = ends[[int(np.argmin(error_at(ends)))]]
    axes.scatter(begins, error_at(begins), s=30, facecolor=PAPER, edgecolor=INK, zorder=3, label="random start")
    axes.scatter(ends, error_at(ends), s=34, color=BASE, zorder=4, label="local minimum")
    axes.scatter(lowest, error_at(lowest), s=170, marker="*", color=SECOND, edgecolor=INK, zorder=5, label="lowest")
    axes.set_xticks([0, 1], [f"network {first + 1}", f"network {second + 1}"])
    axes.set(ylabel="error", xlabel="line between both networks")
    axes.legend(
        loc="lower left", bbox_to_anchor=(0, 1), ncols=3, frameon=False, fontsize=FONT_SIZE - 0.5, labelcolor=INK,
        borderpad=0.1, handletextpad=0.2,
    )  # fmt: skip
    finish_figure(axes, grid="y")
    return figure


def _descend(positions: Array, errors: Array, begin: float) -> float:
    """The local minimum of a curve reached from `begin` by steps to the lower neighbor."""
    index = int(np.abs(positions - begin).argmin())
    while True:
        lowest = min((i for i in (index - 1, index + 1) if 0 <= i < len(positions)), key=lambda i: errors[i])
        if errors[lowest] >= errors[index]:
            return float(positions[index])
        index = lowest
