"""What keeps a network from overfitting, seen in its weights: L1 and L2 penalties, and dropout's masks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from tidynet.byhand.columns import input_rows
from tidynet.byhand.model_comparisons import is_classification
from tidynet.core.errors import InputError
from tidynet.engine import Network
from tidynet.engine import numpy_reference as reference
from tidynet.estimators.classifier import MLPClassifier
from tidynet.estimators.input_validation import validate_input, validate_target
from tidynet.estimators.regressor import MLPRegressor
from tidynet.plot.theme import BASE, FONT_SIZE, INK, MUTED, PAPER, SECOND, finish_figure, fit_width, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["dropout_masks", "weights_by_penalty"]

Array = NDArray[Any]

_ZERO: Final = 0.01  # a weight nearer to 0 than this does next to nothing
_MOST_NAMED: Final = 24
_MOST_DRAWN: Final = 64


def weights_by_penalty(
    X: Any, y: Any, *, l1: float = 1.0, l2: float = 1.0, hidden: int = 16, epochs: int = 300, seed: int = 0
) -> Figure:
    """The first layer's weights of the same network without a penalty, under L1 and under L2.

    L1 punishes the sum of sizes, with the same force however small a weight is, and so drives many to 0: sparse. L2
    punishes the sum of squares, which hardly touches small weights and presses on large ones: small, but few at 0.

    Parameters
    ----------
    X, y : table or array, and the target
    l1, l2 : float
        Strength λ of each penalty.
    hidden : int
        Units of the one hidden layer.
    epochs : int
    seed : int
        The same for all three networks.

    Three panels: a square is a weight from an input (row) to a unit (column); white is 0.

    Raises
    ------
    InputError
        If the inputs or units are too many to draw.

    >>> X = np.random.default_rng(0).normal(size=(40, 3))
    >>> figure = weights_by_penalty(X, X[:, 0], hidden=2, epochs=3)
    >>> [axes.get_title().splitlines()[0] for axes in figure.axes[:3]]
    ['no penalty', 'L1, λ = 1', 'L2, λ = 1']
    """
    incoming = validate_input(X)
    truth = validate_target(y, incoming.rows)
    kind = MLPClassifier if is_classification(truth) else MLPRegressor
    fitted = []
    for title, first, second in (("no penalty", 0.0, 0.0), (f"L1, λ = {l1:g}", l1, 0.0), (f"L2, λ = {l2:g}", 0.0, l2)):
        model = kind(
            (hidden,), activation="tanh", solver="adam", learning_rate="cosine", learning_rate_init=0.02, l1=first,
            alpha=second, max_iter=epochs, dropout=0.0, n_networks=1, n_bins=0, early_stopping=False, preset="tidynet",
            random_state=seed,
        ).fit(X, truth)  # fmt: skip
        fitted.append((title, model.coefs_[0].astype(np.float64)))
        names = [item.name for item in input_rows(model.recipe_)]
    if max(len(names), hidden) > _MOST_DRAWN:
        raise InputError(
            f"the first layer has {len(names)} inputs and {hidden} units, too many to draw",
            f"choose columns and units, at most {_MOST_DRAWN} of each",
        )
    return _panels(fitted, names)


def _panels(fitted: list[tuple[str, Array]], names: list[str]) -> Figure:
    from matplotlib.colors import LinearSegmentedColormap

    shades = LinearSegmentedColormap.from_list("size", [PAPER, BASE, INK])
    longest = max(len(fit_width(name, 22)) for name in names) if len(names) <= _MOST_NAMED else 3
    figure = new_figure(0.075 * longest + 5.6, 1.35 + 0.2 * min(len(names), 20))
    panels = figure.subplots(1, len(fitted), sharey=True)
    top = max(float(np.quantile(np.abs(W), 0.98)) for _, W in fitted) or 1.0
    for axes, (title, W) in zip(panels, fitted, strict=True):
        image = axes.imshow(np.abs(W), cmap=shades, vmin=0, vmax=top, aspect="auto", interpolation="nearest")
        near = int((np.abs(W) < _ZERO).sum())
        axes.set_title(
            f"{title}\n{near} of {W.size} near 0\nlargest {np.abs(W).max():.2g}", fontsize=FONT_SIZE - 1, color=INK
        )
        axes.set_xlabel("units")
        axes.set_xticks([])
        if len(names) <= _MOST_NAMED:
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
    """Which units dropout turns off at each step of one record: the engine's own masks.

    Parameters
    ----------
    units, steps : int
        Of one hidden layer; steps of training.
    fraction : float
        Probability that a unit is off in a step, from 0 to below 1.
    seed : int
        Of the training.

    Rows are units, columns steps; a filled square is a unit at work, a cross one turned off. The bars on
    the right count how often each was off: on the whole each as often as another.

    Raises
    ------
    InputError
        If the share is not one, or there are too many squares to draw.

    >>> dropout_masks(4, 0.5, 6).axes[0].get_xlabel()
    'step'
    """
    if not 0 <= fraction < 1:
        raise InputError(f"share is {fraction}, expected a number from 0 to below 1", "try 0.5")
    if not (1 <= units <= _MOST_DRAWN and 1 <= steps <= _MOST_DRAWN):
        raise InputError(f"{units} units and {steps} steps cannot be drawn, expected 1 to {_MOST_DRAWN} of each")
    network = Network(numbers=1, hidden=(units,), outputs=1, activations=("relu",))
    on = np.ones((units, steps), dtype=bool)
    for step in range(steps):
        mask = reference.dropout_masks(network, 1, (0.0, fraction), seed, step + 1)[1]
        on[:, step] = True if mask is None else mask[0] > 0
    figure = new_figure(4.9, 1.0 + 0.15 * units)
    remaining, right = figure.subplots(1, 2, sharey=True, width_ratios=(4, 1))
    _squares(remaining, on)
    off = (~on).sum(axis=1)
    right.barh(np.arange(units), off, color=MUTED, height=0.7)
    right.axvline(fraction * steps, color=SECOND, linewidth=1.2, linestyle=(0, (3, 1.5)))
    right.set_xlabel("steps off")
    finish_figure(right, grid="")
    return figure


def _squares(axes: Axes, on: Array) -> None:
    units, steps = on.shape
    up, across = np.nonzero(on)
    size = min(60.0, 2800 / max(units, steps))
    axes.scatter(across + 1, up, marker="s", s=size, color=BASE, linewidths=0)
    up, across = np.nonzero(~on)
    axes.scatter(across + 1, up, marker="x", s=size * 0.5, color=MUTED, linewidths=0.9)
    axes.set(xlim=(0.3, steps + 0.7), ylim=(units - 0.3, -0.7), xlabel="step", ylabel="unit")
    axes.set_yticks([])
    axes.set_xticks([1, *range(5, steps + 1, 5)])
    finish_figure(axes, grid="")
