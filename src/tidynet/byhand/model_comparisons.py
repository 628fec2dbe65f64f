"""Small networks side by side on the same two columns: from underfitting to overfitting."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from tidynet.byhand.columns import as_columns, require_column, resolve_two_columns
from tidynet.byhand.decision_surfaces import draw_surface, predict_on_grid, rows_on_plane
from tidynet.byhand.feature_plane import make_feature_plane
from tidynet.core.errors import InputError
from tidynet.estimators.classifier import MLPClassifier
from tidynet.estimators.input_validation import validate_target
from tidynet.estimators.regressor import MLPRegressor
from tidynet.plot.theme import FONT_SIZE, INK, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["is_classification", "surfaces_by_penalty", "surfaces_by_size"]

Array = NDArray[Any]

_POINTS: Final = 120
_MOST_CLASSES: Final = 8


def surfaces_by_size(
    X: Any, y: Any, columns: Sequence[str], *, depths: Sequence[int] = (1, 2), widths: Sequence[int] = (1, 4, 32),
    test_share: float = 0.3, steps: int = 400, seed: int = 0,
) -> Figure:  # fmt: skip
    """Decision surfaces of networks with more and more layers and units, trained to the end on two columns.

    Parameters
    ----------
    X, y : table or array, and the target
        Classes, or a number.
    columns : two names
        The columns that the networks learn from.
    depths, widths : sequences of int
        Hidden layers (rows of panels) and units in each (columns of panels).
    test_share : float
        Share of the rows held out: drawn with a dark edge and scored.
    steps : int
        Most steps of L-BFGS, without penalty or early stopping, so that overfitting shows.
    seed : int
        Of the rows held out and the initial weights.

    Over each panel its accuracy (or R²) on training and test rows.

    Raises
    ------
    InputError
        If a column does not exist, there are not two, or there is nothing to vary.

    >>> X = np.random.default_rng(0).normal(size=(40, 2))
    >>> figure = surfaces_by_size(X, X[:, 0] > 0, ("x0", "x1"), depths=(1,), widths=(1, 2), steps=20)
    >>> [axes.get_title().split(":")[0] for axes in figure.axes]
    ['1 unit', '2 units']
    """
    if not depths or not widths:
        raise InputError("there are no depths or no widths to compare", "name one of each or more")
    panels = [
        [(_size(depth, width), {"hidden_layer_sizes": (width,) * depth, "alpha": 0.0}) for width in widths]
        for depth in depths
    ]
    return _plot_side_by_side(X, y, columns, panels, test_share, steps, seed)


def surfaces_by_penalty(
    X: Any, y: Any, columns: Sequence[str], *, strengths: Sequence[float] = (0.0, 0.1, 1.0, 10.0),
    hidden: Sequence[int] = (32, 32), test_share: float = 0.3, steps: int = 400, seed: int = 0,
) -> Figure:  # fmt: skip
    """Decision surfaces of one large network under a stronger and stronger L2 penalty.

    Parameters
    ----------
    X, y, columns, test_share, steps, seed
        As in `surfaces_by_size`.
    strengths : sequence of float
        λ, from overfitting at 0 to underfitting.
    hidden : sequence of int
        Units of each hidden layer.


    >>> X = np.random.default_rng(0).normal(size=(40, 2))
    >>> figure = surfaces_by_penalty(X, X[:, 0] > 0, ("x0", "x1"), strengths=(0, 1), hidden=(4,), steps=20)
    >>> [axes.get_title().split(":")[0] for axes in figure.axes]
    ['λ = 0', 'λ = 1']
    """
    if not strengths:
        raise InputError("there are no strengths to compare", "name one or more")
    sizes = tuple(hidden)
    panels = [[(f"λ = {item:g}", {"hidden_layer_sizes": sizes, "alpha": float(item)}) for item in strengths]]
    half = 2 if len(strengths) > 3 else 1
    across = -(-len(strengths) // half)
    panels = [panels[0][start : start + across] for start in range(0, len(strengths), across)]
    return _plot_side_by_side(X, y, columns, panels, test_share, steps, seed)


def _size(depth: int, width: int) -> str:
    units = f"{width} unit{'s' if width > 1 else ''}"
    return units if depth == 1 else f"{depth} layers of {units}"


def _plot_side_by_side(
    X: Any, y: Any, columns: Sequence[str], panels: list[list[tuple[str, dict[str, Any]]]], fraction: float, steps: int,
    seed: int,
) -> Figure:  # fmt: skip
    frame = as_columns(X)
    names = resolve_two_columns(frame, columns)
    frame = frame.select([frame.get_column(require_column(frame, name)) for name in names])
    truth = validate_target(y, frame.height)
    if not 0 < fraction < 1:
        raise InputError(f"test_share is {fraction}, expected a share between 0 and 1", "try 0.3")
    order = np.random.default_rng(seed).permutation(frame.height)
    cut = max(1, round(fraction * frame.height))
    held_out, kept = np.sort(order[:cut]), np.sort(order[cut:])
    train, test = (frame[kept], truth[kept]), (frame[held_out], truth[held_out])
    figure = new_figure(2.35 * max(map(len, panels)) + 0.3, 2.35 * len(panels) + 0.2)
    grid = figure.subplots(len(panels), max(map(len, panels)), squeeze=False, sharex=True, sharey=True)
    for line, line_axes in zip(panels, grid, strict=True):
        for (title, options), axes in zip(line, line_axes, strict=False):
            model = _network(truth, options, steps, seed).fit(*train)
            plane = make_feature_plane(model, train[0], names, more=[test[0]])
            result = predict_on_grid(model, plane, train[0], _POINTS)
            rows = [(name, rows_on_plane(plane, *part)) for name, part in (("training", train), ("test", test))]
            draw_surface(axes, plane, result, rows, named=False, size=0.6)
            scores = [_score(model, *part) for part in (train, test)]
            axes.set_title(f"{title}: {scores[0]} / {scores[1]}", fontsize=FONT_SIZE - 1, color=INK)
        for axes in line_axes[len(line) :]:
            axes.set_visible(False)
    for axes in grid.ravel():
        axes.label_outer()
    text = "over each: score on training rows / on test rows (dark edge)"
    figure.supxlabel(text, x=0.02, ha="left", color=INK, fontsize=FONT_SIZE - 2)
    return figure


def _network(truth: Array, options: dict[str, Any], steps: int, seed: int) -> Any:
    common: dict[str, Any] = {
        "activation": "tanh", "solver": "lbfgs", "max_iter": steps, "n_networks": 1, "n_bins": 0, "validation_folds": 0,
        "early_stopping": False, "preset": "tidynet", "dtype": "float64", "random_state": seed,
    }  # fmt: skip
    return (MLPClassifier if is_classification(truth) else MLPRegressor)(**common, **options)


def is_classification(truth: Array) -> bool:
    """Whether a target is one of classes: text, or at most eight whole numbers."""
    return truth.dtype.kind not in "fiu" or (truth.dtype.kind in "iu" and len(np.unique(truth)) <= _MOST_CLASSES)


def _score(model: Any, X: Any, y: Array) -> str:
    score = float(model.score(X, y))
    return f"{score:.0%}" if hasattr(model, "classes_") else f"R² {score:.2f}"
