"""Training curves with regions of under- and overfitting, and the learning rate range test."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from tidynet.byhand.columns import fitted_network
from tidynet.core.errors import InputError
from tidynet.engine import History, LearningRateRangeTest, TrainingConfig, learning_rate_range, prepare_data
from tidynet.estimators.fitted_model import FittedModel
from tidynet.estimators.input_validation import validate_input
from tidynet.estimators.target_validation import validate_target
from tidynet.plot.theme import BASE, FONT_SIZE, INK, MUTED, SECOND, finish_figure, new_figure
from tidynet.plot.training_curve import plot_training_curve

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_REMAINING: Final = 0.2  # of the decrease of the validation loss, at the end of underfitting
_INCREASE: Final = 0.05  # of the lowest validation loss: an end above it is overfitting


class FitRegions(NamedTuple):
    """The epochs of underfitting and overfitting."""

    underfitting_until: int  # the last such epoch, 0 for none
    overfitting_from: int | None  # the first such epoch


def find_fit_regions(history: History) -> FitRegions:
    """Find the regions by the validation loss."""
    # Underfitting ends at 80% of its decrease. Overfitting starts after its minimum if it ends 5% above the minimum
    # while the training loss has decreased further.
    epochs = history.epochs
    losses = np.array([math.nan if e.validation_loss is None else e.validation_loss for e in epochs], dtype=np.float64)
    if not np.isfinite(losses).any():
        raise InputError(
            "the training had no validation set, which shows under- and overfitting", "fit with early_stopping=True"
        )
    best = int(np.nanargmin(losses))
    lowest, first = float(losses[best]), float(losses[np.isfinite(losses)][0])
    until = int((losses <= lowest + _REMAINING * (first - lowest)).argmax())
    after, trained = losses[best + 1 :], [record.training_loss for record in epochs]
    has_risen = len(after) > 2 and float(np.median(after[-3:])) > lowest + _INCREASE * abs(lowest)
    has_fallen = float(np.median(trained[-3:])) < trained[best]
    return FitRegions(
        epochs[until - 1].epoch if until else 0, epochs[best + 1].epoch if has_risen and has_fallen else None
    )


def plot_fit_regions(model: FittedModel, *, member: int = 0) -> Figure:
    """Training and validation loss over the epochs, with bands for underfitting and overfitting.

    Parameters
    ----------
    model : MLPClassifier or MLPRegressor
        Fitted with a validation set.
    member : int
        The network of the ensemble, from 0.

    Raises
    ------
    InputError
        If the model is not fitted, has no such network, or had no validation set.

    Examples
    --------
    >>> import tidynet as tn
    >>> X = np.random.default_rng(0).normal(size=(80, 2))
    >>> model = tn.MLPClassifier((3,), n_networks=1, max_iter=8, preset="tidynet", random_state=0)
    >>> plot_fit_regions(model.fit(X, X[:, 0] > 0)).axes[0].get_xlabel()
    'epoch'
    """
    histories = fitted_network(model).histories_
    if not 0 <= member < len(histories):
        raise InputError(f"member is {member}, expected a network from 0 to {len(histories) - 1}")
    history = histories[member]
    regions = find_fit_regions(history)
    figure = plot_training_curve(history.to_dict(), size=(4.9, 3.2))
    axes = figure.axes[0]
    first, last = history.epochs[0].epoch, history.epochs[-1].epoch
    bands = []
    if regions.underfitting_until:
        bands.append((first, regions.underfitting_until, "underfitting", ""))
    if regions.overfitting_from is not None:
        bands.append((regions.overfitting_from, last, "overfitting", "////"))
    for begin, end, name, hatch in bands:
        has_room = end - begin > 0.26 * max(last - first, 1)
        axes.axvspan(
            begin, end, facecolor=MUTED, alpha=0.13, hatch=hatch, edgecolor=MUTED, linewidth=0, zorder=0,
            label="" if has_room else name,
        )  # fmt: skip
        if has_room:
            axes.text(
                (begin + end) / 2, 0.97, name, transform=axes.get_xaxis_transform(), ha="center", va="top", color=INK,
                fontsize=FONT_SIZE - 1,
            )  # fmt: skip
    axes.legend(
        loc="lower left", bbox_to_anchor=(0, 1), ncols=3, frameon=False, fontsize=FONT_SIZE, labelcolor=INK,
        borderpad=0.1, handlelength=1.5,
    )  # fmt: skip
    return figure


def learning_rate_range_test(
    model: FittedModel, X: Any, y: Any, *, lowest: float = 1e-5, highest: float = 10.0, points: int = 25,
    epochs: int = 3, seed: int = 0,
) -> LearningRateRangeTest:  # fmt: skip
    """Train a model's network from new weights for a few epochs with each of many learning rates.

    Parameters
    ----------
    model : MLPClassifier or MLPRegressor
        Fitted; its network, columns and solver are used.
    X, y : table or array, and the target
    lowest, highest, points, epochs
        As of `engine.learning_rate_range`.
    seed : int
        Of the initial weights.

    Returns
    -------
    RangeTest
        Rates and losses, and the rate suggested.
    """
    network = fitted_network(model).network_
    target = validate_target(y, validate_input(X, infer=False).rows)
    data = prepare_data(network, model.encode_inputs(X), model.encode_target(target))
    solver = model.settings_.solver
    plan = TrainingConfig(
        optimizer="sgd" if solver == "lbfgs" else solver,
        batch_size=min(model.settings_.batch_size, len(target)),
        restore_best_weights=False,
        seed=seed,
    )
    start = network.initial_parameters(seed, "auto", model.dtype_)
    return learning_rate_range(network, start, data, plan, lowest, highest, points, epochs)


def plot_learning_rate_range_test(result: LearningRateRangeTest) -> Figure:
    """The loss by learning rate of a range test, with the suggested rate; crosses mark divergence.

    Parameters
    ----------
    result : LearningRateRangeTest
        Of `learning_rate_range_test` or `engine.learning_rate_range`.

    Examples
    --------
    >>> result = LearningRateRangeTest(np.geomspace(1e-4, 1, 5), np.array([1.0, 0.9, 0.5, 0.4, np.nan]))
    >>> plot_learning_rate_range_test(result).axes[0].get_xscale()
    'log'
    """
    rates, losses = result.rates, result.losses
    suggested = result.suggested_rate
    finite = np.isfinite(losses)
    # Larger losses are drawn at this limit.
    top = 1.25 * float(losses[finite][0])
    figure = new_figure(4.9, 3.2)
    axes = figure.subplots()
    axes.plot(rates, np.minimum(losses, top), color=BASE, linewidth=1.7, marker="o", markersize=3.5)
    has_diverged = ~finite | (np.nan_to_num(losses, nan=np.inf) > top)
    axes.plot(
        rates[has_diverged], np.full(int(has_diverged.sum()), top), linestyle="", marker="x", color=SECOND,
        markeredgewidth=1.6, label="diverged",
    )  # fmt: skip
    axes.axvline(suggested, color=INK, linewidth=1.2, linestyle=(0, (4, 1.5)), label=f"suggested: {suggested:.2g}")
    axes.set_xscale("log")
    axes.set_xlabel("learning rate η")
    axes.set_ylabel("loss after equal epochs")
    for x, text, side in ((0.02, "too small", "left"), (0.98, "too large", "right")):
        axes.text(x, 0.04, text, transform=axes.transAxes, ha=side, color=MUTED, fontsize=FONT_SIZE - 1)
    axes.legend(
        loc="lower left", bbox_to_anchor=(0, 1), ncols=2, frameon=False, fontsize=FONT_SIZE, labelcolor=INK,
        borderpad=0.1,
    )  # fmt: skip
    axes.minorticks_off()
    finish_figure(axes, grid="y")
    for label in axes.get_xticklabels():
        label.set_parse_math(True)  # powers of ten
    return figure
