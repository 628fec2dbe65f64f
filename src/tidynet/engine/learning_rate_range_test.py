"""The learning-rate range test: train with rising rates and record the loss.

L. N. Smith, "Cyclical learning rates for training neural networks", WACV 2017.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tidynet.core.errors import InputError
from tidynet.engine.kernels import Data
from tidynet.engine.network import Network
from tidynet.engine.train_network import train
from tidynet.engine.training_config import TrainingConfig

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class LearningRateRangeTest:
    """The learning rates of a range test, rising, and the loss after training with each; NaN if it diverged."""

    rates: Array
    losses: Array

    @property
    def suggested_rate(self) -> float:
        """A third of the rate with the lowest loss; an `InputError` if the loss diverged with every rate."""
        if np.isnan(self.losses).all():
            raise InputError(
                f"the loss diverged with every learning rate from {self.rates[0]:g} to {self.rates[-1]:g}",
                "try lower rates, or scale inputs and targets",
            )
        return float(self.rates[np.nanargmin(self.losses)] / 3)


def learning_rate_range(
    network: Network,
    theta: Array,
    data: Data,
    config: TrainingConfig | None = None,
    lowest: float = 1e-5,
    highest: float = 1.0,
    points: int = 21,
    epochs: int = 1,
) -> LearningRateRangeTest:
    """Train briefly with each of many learning rates from the same weights, and record the loss.

    Parameters
    ----------
    theta : ndarray
        Initial weights; not changed.
    data : Data
        From `prepare_data`.
    config : TrainingConfig, optional
        Its learning rate, schedule and epochs are replaced.
    lowest, highest, points : float, float, int
        Range and number of the rates, on a logarithmic scale.
    epochs : int
        Epochs with each rate.

    Raises
    ------
    InputError
        If the range is empty.

    Examples
    --------
    >>> from tidynet.engine import Inputs, prepare_data
    >>> network = Network(numbers=1, hidden=(), outputs=1)
    >>> X = np.linspace(-1, 1, 64)[:, None]
    >>> data = prepare_data(network, Inputs.of(X), 2 * X)
    >>> config = TrainingConfig("sgd", batch_size=8)
    >>> test = learning_rate_range(network, network.initial_parameters(), data, config, points=9)
    >>> bool(0.01 < test.suggested_rate < 1)
    True
    """
    if not 0 < lowest < highest or points < 3:
        raise InputError(
            f"the range is {lowest:g} to {highest:g} with {points} points, expected 0 < lowest < highest and 3 points"
        )
    base = config or TrainingConfig()
    rates = np.geomspace(lowest, highest, points)
    losses = np.full(points, np.nan)
    for index, rate in enumerate(rates):
        candidate = replace(base, learning_rate=float(rate), schedule="constant", epochs=epochs, patience=np.inf)
        history = train(network, theta, data, candidate, data).history
        if not history.divergences and history.epochs:
            losses[index] = history.epochs[-1].validation_loss
    return LearningRateRangeTest(rates, losses)
