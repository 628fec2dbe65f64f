"""Decision surfaces of several networks on the same two columns, from underfitting to overfitting."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from tidynet.byhand.columns import as_columns, require_column, resolve_two_columns
from tidynet.byhand.decision_surfaces import draw_surface, rows_on_plane
from tidynet.byhand.feature_plane import make_feature_plane
from tidynet.byhand.grid_predictions import predict_on_grid
from tidynet.core.errors import InputError
from tidynet.core.text import pluralize
from tidynet.estimators.classifier import MLPClassifier
from tidynet.estimators.regressor import MLPRegressor
from tidynet.estimators.target_validation import validate_target
from tidynet.plot.theme import FONT_SIZE, INK, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Array = NDArray[Any]

_POINTS: Final = 120
_MAX_CLASSES: Final = 8


def surfaces_by_size(
    X: Any, y: Any, columns: Sequence[str], *, depths: Sequence[int] = (1, 2), widths: Sequence[int] = (1, 4, 32),
    test_size: float = 0.3, steps: int = 400, seed: int = 0,
) -> Figure:  # fmt: skip
    """Decision surfaces of networks of growing depth and width, fitted to two columns.

    The title of each panel is the accuracy (or R²) on training and test rows. Solver L-BFGS, without penalty and
    early stopping.

    Parameters
    ----------
    X, y : table or array, and the target
        Classes, or a number.
    columns : two names
        The features.
    depths, widths : sequences of int
        Hidden layers (rows of panels) and units in each (columns of panels).
    test_size : float
        Fraction of test rows, drawn with a dark edge.
    steps : int
        Iterations of L-BFGS at most.
    seed : int
        Of the split and the initial weights.

    Raises
    ------
    InputError
        If a column does not exist, there are not two, or depths or widths are empty.

    Examples
    --------
    >>> X = np.random.default_rng(0).normal(size=(40, 2))
    >>> figure = surfaces_by_size(X, X[:, 0] > 0, ("x0", "x1"), depths=(1,), widths=(1, 2), steps=20)
    >>> [axes.get_title().split(":")[0] for axes in figure.axes]
    ['1 unit', '2 units']
    """
    if not depths or not widths:
        raise InputError("depths or widths is empty, expected one or more of each")
    panels = [
        [(_size(depth, width), {"hidden_layer_sizes": (width,) * depth, "alpha": 0.0}) for width in widths]
        for depth in depths
    ]
    return _plot_side_by_side(X, y, columns, panels, test_size, steps, seed)


def surfaces_by_penalty(
    X: Any, y: Any, columns: Sequence[str], *, strengths: Sequence[float] = (0.0, 0.1, 1.0, 10.0),
    hidden: Sequence[int] = (32, 32), test_size: float = 0.3, steps: int = 400, seed: int = 0,
) -> Figure:  # fmt: skip
    """Decision surfaces of one large network with growing L2 penalty.

    Parameters
    ----------
    X, y, columns, test_size, steps, seed
        As in `surfaces_by_size`.
    strengths : sequence of float
        λ of the L2 penalty.
    hidden : sequence of int
        Units of each hidden layer.

    Examples
    --------
    >>> X = np.random.default_rng(0).normal(size=(40, 2))
    >>> figure = surfaces_by_penalty(X, X[:, 0] > 0, ("x0", "x1"), strengths=(0, 1), hidden=(4,), steps=20)
    >>> [axes.get_title().split(":")[0] for axes in figure.axes]
    ['λ = 0', 'λ = 1']
    """
    if not strengths:
        raise InputError("strengths is empty, expected one or more")
    sizes = tuple(hidden)
    panels = [(f"λ = {item:g}", {"hidden_layer_sizes": sizes, "alpha": float(item)}) for item in strengths]
    n_columns = -(-len(strengths) // (2 if len(strengths) > 3 else 1))
    grid = [panels[start : start + n_columns] for start in range(0, len(strengths), n_columns)]
    return _plot_side_by_side(X, y, columns, grid, test_size, steps, seed)


def _size(depth: int, width: int) -> str:
    units = pluralize(width, "unit")
    return units if depth == 1 else f"{pluralize(depth, 'layer')} of {units}"


def _plot_side_by_side(
    X: Any, y: Any, columns: Sequence[str], panels: list[list[tuple[str, dict[str, Any]]]],
    test_size: float, steps: int, seed: int,
) -> Figure:  # fmt: skip
    frame = as_columns(X)
    names = resolve_two_columns(frame, columns)
    frame = frame.select([frame.get_column(require_column(frame, name)) for name in names])
    target = validate_target(y, frame.height)
    if not 0 < test_size < 1:
        raise InputError(f"test_size is {test_size}, expected a fraction between 0 and 1", "try 0.3")
    order = np.random.default_rng(seed).permutation(frame.height)
    n_test = max(1, round(test_size * frame.height))
    test_rows, training_rows = np.sort(order[:n_test]), np.sort(order[n_test:])
    train, test = ((frame[rows], target[rows]) for rows in (training_rows, test_rows))
    figure = new_figure(2.35 * max(map(len, panels)) + 0.3, 2.35 * len(panels) + 0.2)
    grid = figure.subplots(len(panels), max(map(len, panels)), squeeze=False, sharex=True, sharey=True)
    for panel_row, axes_row in zip(panels, grid, strict=True):
        for (title, options), axes in zip(panel_row, axes_row, strict=False):
            model = _network(target, options, steps, seed).fit(*train)
            plane = make_feature_plane(model, train[0], names, more=[test[0]])
            predictions = predict_on_grid(model, plane, train[0], _POINTS)
            rows = [(name, rows_on_plane(plane, *part)) for name, part in (("training", train), ("test", test))]
            draw_surface(axes, plane, predictions, rows, labeled=False, size=0.6)
            scores = [_score(model, *part) for part in (train, test)]
            axes.set_title(f"{title}: {scores[0]} / {scores[1]}", fontsize=FONT_SIZE - 1, color=INK)
        for axes in axes_row[len(panel_row) :]:
            axes.set_visible(False)
    for axes in grid.ravel():
        axes.label_outer()
    text = "titles: score on training rows / test rows (dark edge)"
    figure.supxlabel(text, x=0.02, ha="left", color=INK, fontsize=FONT_SIZE - 2)
    return figure


def _network(target: Array, options: dict[str, Any], steps: int, seed: int) -> MLPClassifier | MLPRegressor:
    common: dict[str, Any] = {
        "activation": "tanh", "solver": "lbfgs", "max_iter": steps, "n_networks": 1, "n_bins": 0, "validation_folds": 0,
        "early_stopping": False, "preset": "tidynet", "dtype": "float64", "random_state": seed,
    }  # fmt: skip
    return (MLPClassifier if is_classification(target) else MLPRegressor)(**common, **options)


def is_classification(target: Array) -> bool:
    """Whether a target is categorical: text, or at most eight distinct integers."""
    return target.dtype.kind not in "fiu" or (target.dtype.kind in "iu" and len(np.unique(target)) <= _MAX_CLASSES)


def _score(model: MLPClassifier | MLPRegressor, X: Any, y: Array) -> str:
    score = float(model.score(X, y))
    return f"{score:.0%}" if isinstance(model, MLPClassifier) else f"R² {score:.2f}"
