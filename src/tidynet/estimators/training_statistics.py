"""A training as plain numbers: losses, gradients, dead units, and the baseline loss."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tidynet.engine import Divergence, Network, StopReason
from tidynet.engine.activations import activation

if TYPE_CHECKING:
    from tidynet.estimators.fitted_model import FittedModel

Array = NDArray[np.float64]


@dataclass(frozen=True)
class TrainingStatistics:
    """A training as the rules read it; lists have one entry for each network."""

    training: list[Array]  # losses epoch by epoch
    validation: list[Array]  # NaN without validation rows
    best: list[int]  # the best epoch, from 1
    gradients: list[Array]  # norm of each layer's gradient, shape (epochs, layers)
    dead_unit_shares: list[Array]  # fraction of units whose derivative is close to 0, shape (epochs, hidden layers)
    baseline_loss: float  # of the best constant prediction; NaN if not known
    activations: tuple[str, ...]  # of the hidden layers
    learning_rate: float  # base learning rate
    last_batch: int  # rows in the last batch of an epoch
    stop_reasons: list[StopReason | None]
    divergences: list[Divergence]  # of all trainings

    @property
    def scale(self) -> float:
        """The unit of losses: the baseline loss, or the loss of the first epoch where that is not known."""
        known = (
            self.baseline_loss
            if np.isfinite(self.baseline_loss) and self.baseline_loss > 0
            else float(self.training[0][0])
        )
        return known if np.isfinite(known) and known > 0 else 1.0

    @property
    def kept_training_losses(self) -> Array:
        """Training loss of each network in its best epoch."""
        return np.array([losses[max(0, best - 1)] for losses, best in zip(self.training, self.best, strict=True)])

    @property
    def kept_validation_losses(self) -> Array:
        """Validation loss of each network in its best epoch."""
        return np.array([losses[max(0, best - 1)] for losses, best in zip(self.validation, self.best, strict=True)])


def training_statistics(model: FittedModel) -> TrainingStatistics:
    """The plain numbers of a fitted estimator's training."""
    histories = model.histories_
    settings, rows = model.settings_, model.n_training_rows_
    batch = rows if settings.solver in ("gradient_descent", "lbfgs") else min(settings.batch_size, rows)
    records = [history.epochs for history in histories]
    return TrainingStatistics(
        training=[np.array([item.training_loss for item in epochs]) for epochs in records],
        validation=[_losses([item.validation_loss for item in epochs]) for epochs in records],
        best=[max(1, history.best_epoch) for history in histories],
        gradients=[_matrix([item.gradient_norms for item in epochs]) for epochs in records],
        dead_unit_shares=[_matrix([item.dead_units for item in epochs]) for epochs in records],
        baseline_loss=model.baseline_loss_,
        activations=tuple(activation(name).name for name in model.network_.activations),
        learning_rate=float(settings.learning_rate_init),
        last_batch=rows % batch or batch,
        stop_reasons=[history.stop_reason for history in histories],
        divergences=[event for history in histories for event in history.divergences],
    )


def _losses(values: Sequence[float | None]) -> Array:
    return np.array([np.nan if item is None else item for item in values], dtype=np.float64)


def _matrix(rows: Sequence[tuple[float, ...]]) -> Array:
    width = max((len(row) for row in rows), default=0)
    whole = [row for row in rows if len(row) == width]
    return np.array(whole, dtype=np.float64).reshape(len(whole), width)


def baseline_loss(network: Network, y: NDArray[Any], weights: NDArray[Any] | None = None) -> float:
    """Loss of the best constant prediction, for cross-entropies and the squared error; NaN for other losses."""
    if network.loss == "cross_entropy":
        fraction = np.bincount(y, weights, minlength=network.outputs) / (len(y) if weights is None else weights.sum())
        return float(-(fraction[fraction > 0] * np.log(fraction[fraction > 0])).sum())
    columns = np.asarray(y, dtype=np.float64).reshape(len(y), -1)
    mean = np.average(columns, axis=0, weights=weights)
    if network.loss == "binary_cross_entropy":
        inside = mean[(mean > 0) & (mean < 1)]
        return float(-(inside * np.log(inside) + (1 - inside) * np.log(1 - inside)).sum())
    if network.loss == "squared_error":
        return float(0.5 * np.average((columns - mean) ** 2, axis=0, weights=weights).sum())
    return float("nan")
