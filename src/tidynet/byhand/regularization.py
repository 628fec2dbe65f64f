"""Regularization as figures: weights under L1 and L2 penalties, and dropout masks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from tidynet.byhand.columns import input_rows
from tidynet.byhand.model_comparisons import is_classification
from tidynet.core.errors import InputError
from tidynet.core.text import pluralize
from tidynet.engine import Network
from tidynet.engine import numpy_reference as reference
from tidynet.estimators.classifier import MLPClassifier
from tidynet.estimators.input_validation import validate_input
from tidynet.estimators.regressor import MLPRegressor
from tidynet.estimators.target_validation import validate_target
from tidynet.plot.theme import BASE, FONT_SIZE, INK, MUTED, PAPER, SECOND, finish_figure, fit_width, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Array = NDArray[Any]

_NEAR_ZERO: Final = 0.01  # |w| below this counts as near 0
_MAX_NAMES: Final = 24
_MAX_DRAWN: Final = 64


def weights_by_penalty(
    X: Any, y: Any, *, l1: float = 1.0, l2: float = 1.0, hidden: int = 16, epochs: int = 300, seed: int = 0
) -> Figure:
    """The first layer's weights without penalty, with L1 and with L2; white is 0.

    L1 adds λ·Σ|w|, whose gradient does not depend on the size of w: many weights become 0. L2 adds ½·λ·Σw², whose
    gradient is proportional to w: all weights become small, few become 0.

    Parameters
    ----------
    X, y : table or array, and the target
    l1, l2 : float
        Strength λ of each penalty.
    hidden : int
        Units of the hidden layer.
    epochs : int
    seed : int
        Of all three networks.

    Raises
    ------
    InputError
        If there are too many inputs or units.

    Examples
    --------
    >>> X = np.random.default_rng(0).normal(size=(40, 3))
    >>> figure = weights_by_penalty(X, X[:, 0], hidden=2, epochs=3)
    >>> [axes.get_title().splitlines()[0] for axes in figure.axes[:3]]
    ['no penalty', 'L1, λ = 1', 'L2, λ = 1']
    """
    incoming = validate_input(X)
    target = validate_target(y, incoming.rows)
    estimator = MLPClassifier if is_classification(target) else MLPRegressor
    fitted = []
    for title, l1_strength, l2_strength in (
        ("no penalty", 0.0, 0.0),
        (f"L1, λ = {l1:g}", l1, 0.0),
        (f"L2, λ = {l2:g}", 0.0, l2),
    ):
        model = estimator(
            (hidden,), activation="tanh", solver="adam", learning_rate="cosine", learning_rate_init=0.02,
            l1=l1_strength, alpha=l2_strength, max_iter=epochs, dropout=0.0, n_networks=1, n_bins=0,
            early_stopping=False, preset="tidynet", random_state=seed,
        ).fit(X, target)  # fmt: skip
        fitted.append((title, model.coefs_[0].astype(np.float64)))
        names = [item.name for item in input_rows(model.recipe_)]
    if max(len(names), hidden) > _MAX_DRAWN:
        raise InputError(
            f"the first layer has {pluralize(len(names), 'input')} and {pluralize(hidden, 'unit')}, "
            f"expected at most {_MAX_DRAWN} of each",
            "select columns, or use fewer units",
        )
    return _panels(fitted, names)


def _panels(fitted: list[tuple[str, Array]], names: list[str]) -> Figure:
    from matplotlib.colors import LinearSegmentedColormap

    color_map = LinearSegmentedColormap.from_list("size", [PAPER, BASE, INK])
    longest = max(len(fit_width(name, 22)) for name in names) if len(names) <= _MAX_NAMES else 3
    figure = new_figure(0.075 * longest + 5.6, 1.35 + 0.2 * min(len(names), 20))
    panels = figure.subplots(1, len(fitted), sharey=True)
    top = max(float(np.quantile(np.abs(W), 0.98)) for _, W in fitted) or 1.0
    for axes, (title, W) in zip(panels, fitted, strict=True):
        image = axes.imshow(np.abs(W), cmap=color_map, vmin=0, vmax=top, aspect="auto", interpolation="nearest")
        n_near_zero = int((np.abs(W) < _NEAR_ZERO).sum())
        axes.set_title(
            f"{title}\n{n_near_zero} of {W.size} near 0\nmax |w| {np.abs(W).max():.2g}",
            fontsize=FONT_SIZE - 1,
            color=INK,
        )
        axes.set_xlabel("units")
        axes.set_xticks([])
        if len(names) <= _MAX_NAMES:
            axes.set_yticks(range(len(names)), [fit_width(name, 22) for name in names])
        finish_figure(axes, grid="")
        for spine in axes.spines.values():
            spine.set(visible=True, color=MUTED)
    bar = figure.colorbar(image, ax=panels, fraction=0.04, pad=0.02)
    bar.set_label("|w|", color=INK, fontsize=FONT_SIZE)
    bar.outline.set_visible(False)
    bar.ax.tick_params(length=0, labelsize=FONT_SIZE - 1, labelcolor=MUTED)
    return figure


def dropout_masks(units: int = 16, fraction: float = 0.5, steps: int = 20, *, seed: int = 0) -> Figure:
    """The dropout masks of the engine for one row, step by step.

    Squares are active units, crosses dropped ones; the bars count the steps in which each unit was dropped, with the
    expected number as a line.

    Rows are units, columns steps; a filled square is a unit at work, a cross one turned off. The bars on
    the right count how often each was off: on the whole each as often as another.

    Parameters
    ----------
    units, steps : int
        Units of the hidden layer; training steps.
    fraction : float
        Probability that a unit is dropped in a step, from 0 to below 1.
    seed : int
        Of the masks.

    Raises
    ------
    InputError
        If an argument is out of range.

    Examples
    --------
    >>> dropout_masks(4, 0.5, 6).axes[0].get_xlabel()
    'step'
    """
    if not 0 <= fraction < 1:
        raise InputError(f"fraction is {fraction}, expected a number from 0 to below 1", "try 0.5")
    if not (1 <= units <= _MAX_DRAWN and 1 <= steps <= _MAX_DRAWN):
        raise InputError(f"units is {units} and steps is {steps}, expected 1 to {_MAX_DRAWN} of each")
    network = Network(numbers=1, hidden=(units,), outputs=1, activations=("relu",))
    active = np.ones((units, steps), dtype=bool)
    for step in range(steps):
        mask = reference.draw_dropout_masks(network, 1, (0.0, fraction), seed, step + 1)[1]
        active[:, step] = True if mask is None else mask[0] > 0
    figure = new_figure(4.9, 1.0 + 0.15 * units)
    left, right = figure.subplots(1, 2, sharey=True, width_ratios=(4, 1))
    _squares(left, active)
    dropped = (~active).sum(axis=1)
    right.barh(np.arange(units), dropped, color=MUTED, height=0.7)
    right.axvline(fraction * steps, color=SECOND, linewidth=1.2, linestyle=(0, (3, 1.5)))
    right.set_xlabel("steps dropped")
    finish_figure(right, grid="")
    return figure


def _squares(axes: Axes, active: Array) -> None:
    units, steps = active.shape
    unit, step = np.nonzero(active)
    size = min(60.0, 2800 / max(units, steps))
    axes.scatter(step + 1, unit, marker="s", s=size, color=BASE, linewidths=0)
    unit, step = np.nonzero(~active)
    axes.scatter(step + 1, unit, marker="x", s=size * 0.5, color=MUTED, linewidths=0.9)
    axes.set(xlim=(0.3, steps + 0.7), ylim=(units - 0.3, -0.7), xlabel="step", ylabel="unit")
    axes.set_yticks([])
    axes.set_xticks([1, *range(5, steps + 1, 5)])
    finish_figure(axes, grid="")
