"""What training was like: its curves with under- and overfitting named, and the test for a learning rate."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from tidynet.byhand.columns import require_fitted
from tidynet.core.errors import InputError
from tidynet.engine import History, LearningRateRangeTest, TrainingConfig, learning_rate_range, prepare_data
from tidynet.estimators.input_validation import validate_input, validate_target
from tidynet.plot.theme import BASE, FONT_SIZE, INK, MUTED, SECOND, finish_figure, new_figure
from tidynet.plot.training_curve import plot_training_curve

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "FitRegions",
    "find_fit_regions",
    "learning_rate_range_test",
    "plot_fit_regions",
    "plot_learning_rate_range_test",
]

_NEAR: Final = 0.2  # of the whole fall of the validation loss: from there on the network fits
_RISE: Final = 0.05  # of the lowest validation loss: ending above it is overfitting


class FitRegions(NamedTuple):
    """Where a training was underfitting and where overfitting.

    Attributes
    ----------
    underfitting_until : int
        Last epoch whose validation loss was still far from the lowest; 0 for none.
    overfitting_from : int or None
        The epoch after the one with the lowest validation loss, where that rose from there on; else None.
    """

    underfitting_until: int
    overfitting_from: int | None


def find_fit_regions(history: History) -> FitRegions:
    """Name the regions of a training by its validation loss.

    Underfitting lasts until four fifths of the fall of the validation loss are done. Overfitting begins after
    the epoch with the lowest, where it ends 5% above that while the training loss has gone on falling.

    >>> from tidynet.engine import EpochRecord
    >>> def epoch(n, training, validation):
    ...     return EpochRecord(n, training, validation, 0.1, 1.0, 1.0, 1.0, 0.0, n == 3)
    >>> losses = [(1.0, 1.0), (0.6, 0.7), (0.4, 0.5), (0.3, 0.52), (0.2, 0.6), (0.1, 0.7)]
    >>> find_fit_regions(History([epoch(n, *pair) for n, pair in enumerate(losses, 1)]))
    Regions(underfitting_until=2, overfitting_from=4)
    """
    epochs = history.epochs
    losses = np.array([math.nan if e.validation_loss is None else e.validation_loss for e in epochs], dtype=np.float64)
    if not np.isfinite(losses).any():
        raise InputError(
            "this training had no validation rows, so over- and underfitting cannot be told apart",
            "fit with early_stopping=True",
        )
    best = int(np.nanargmin(losses))
    lowest, first = float(losses[best]), float(losses[np.isfinite(losses)][0])
    until = int((losses <= lowest + _NEAR * (first - lowest)).argmax())  # the first epoch that is near
    after, trained = losses[best + 1 :], [record.training_loss for record in epochs]
    rose = len(after) > 2 and float(np.median(after[-3:])) > lowest + _RISE * abs(lowest)
    fell = float(np.median(trained[-3:])) < trained[best]
    return FitRegions(epochs[until - 1].epoch if until else 0, epochs[best + 1].epoch if rose and fell else None)


def plot_fit_regions(model: Any, *, restart: int = 0) -> Figure:
    """Training and validation loss over the epochs, the kept epoch, and the regions by name.

    Parameters
    ----------
    model : MLPClassifier or MLPRegressor
        Fitted with validation rows.
    restart : int
        Which of its networks, from 0.

    The curves of `plot.training_curve` over bands for underfitting and overfitting.

    Raises
    ------
    InputError
        If the model is not fitted, has no such network, or had no validation rows.

    >>> import tidynet as tn
    >>> X = np.random.default_rng(0).normal(size=(80, 2))
    >>> model = tn.MLPClassifier((3,), n_networks=1, max_iter=8, preset="tidynet", random_state=0)
    >>> plot_fit_regions(model.fit(X, X[:, 0] > 0)).axes[0].get_xlabel()
    'epoch'
    """
    histories = require_fitted(model).histories_
    if not 0 <= restart < len(histories):
        raise InputError(f"restart is {restart}, but the model has {len(histories)} networks", "count them from 0")
    history = histories[restart]
    result = find_fit_regions(history)
    figure = plot_training_curve(history.to_dict(), size=(4.9, 3.2))
    axes = figure.axes[0]
    first, last = history.epochs[0].epoch, history.epochs[-1].epoch
    bands = []
    if result.underfitting_until:
        bands.append((first, result.underfitting_until, "underfitting", ""))
    if result.overfitting_from is not None:
        bands.append((result.overfitting_from, last, "overfitting", "////"))
    for begin, end, name, hatch in bands:
        wide = end - begin > 0.26 * max(last - first, 1)
        axes.axvspan(
            begin, end, facecolor=MUTED, alpha=0.13, hatch=hatch, edgecolor=MUTED, linewidth=0, zorder=0,
            label="" if wide else name,
        )  # fmt: skip
        if wide:
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
    model: Any, X: Any, y: Any, *, lowest: float = 1e-5, highest: float = 10.0, points: int = 25, epochs: int = 3,
    seed: int = 0,
) -> LearningRateRangeTest:  # fmt: skip
    """Train a model's network a little from new weights with each of many rates (the engine's range test).

    Parameters
    ----------
    model : MLPClassifier or MLPRegressor
        Fitted: its network, columns and solver are taken over.
    X, y : table or array, and the target
    lowest, highest, points, epochs
        As in `net.learning_rate_range`.
    seed : int
        Of the initial weights.

    Returns
    -------
    RangeTest
        Rates and losses, and the rate suggested.
    """
    network = require_fitted(model).network_
    incoming = validate_input(X, infer=False)
    data = prepare_data(network, model.encode_inputs(incoming), model.encode_target(validate_target(y, incoming.rows)))
    solver = model.settings_.solver
    plan = TrainingConfig(
        optimizer="sgd" if solver == "lbfgs" else solver,
        batch_size=min(model.settings_.batch_size, incoming.rows),
        restore_best_weights=False,
        seed=seed,
    )
    start = network.initial(seed, "auto", model.dtype_)
    return learning_rate_range(network, start, data, plan, lowest, highest, points, epochs)


def plot_learning_rate_range_test(result: LearningRateRangeTest) -> Figure:
    """The curve of a learning-rate range test: too small on the left, too large on the right, the rate suggested.

    Parameters
    ----------
    result : RangeTest
        From `learning_rate_test` or `net.learning_rate_range`.

    Rates that left all bounds are marked by crosses at the top.

    >>> curve = plot_learning_rate_range_test(LearningRateRangeTest(np.geomspace(1e-4, 1, 5), np.array([1.0, 0.9, 0.5, 0.4, np.nan])))
    >>> curve.axes[0].get_xscale()
    'log'
    """
    rates, losses = result.rates, result.losses
    suggested = result.suggested_rate
    finite = np.isfinite(losses)
    # A loss far above that of the smallest rate says no more than that it is far above.
    top = 1.25 * float(losses[finite][0])
    figure = new_figure(4.9, 3.2)
    axes = figure.subplots()
    axes.plot(rates, np.minimum(losses, top), color=BASE, linewidth=1.7, marker="o", markersize=3.5)
    lost = ~finite | (np.nan_to_num(losses, nan=np.inf) > top)
    axes.plot(
        rates[lost], np.full(int(lost.sum()), top), linestyle="", marker="x", color=SECOND, markeredgewidth=1.6,
        label="out of bounds",
    )  # fmt: skip
    axes.axvline(suggested, color=INK, linewidth=1.2, linestyle=(0, (4, 1.5)), label=f"suggested: {suggested:.2g}")
    axes.set_xscale("log")
    axes.set_xlabel("learning rate η")
    axes.set_ylabel("loss after the same few epochs")
    for x, text, side in ((0.02, "too small: hardly moves", "left"), (0.98, "too large", "right")):
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
