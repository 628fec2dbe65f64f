"""Which learning rates suit a network: raise the rate step by step and watch the loss.

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
from tidynet.engine.trainer import train
from tidynet.engine.training_config import TrainingConfig

__all__ = ["LearningRateRangeTest", "learning_rate_range"]

Array = NDArray[Any]


@dataclass(frozen=True)
class LearningRateRangeTest:
    """The curve of a range test.

    Attributes
    ----------
    rates : ndarray, shape (points,)
        Learning rates tried, rising geometrically.
    losses : ndarray, shape (points,)
        Training loss after the same number of steps from the same start with each; NaN where it left
        all bounds.
    """

    rates: Array
    losses: Array

    @property
    def suggested_rate(self) -> float:
        """A third of the rate with the lowest loss: as large as is safe.

        Raises
        ------
        InputError
            If the loss left all bounds with every rate.
        """
        if np.isnan(self.losses).all():
            raise InputError(
                f"the loss left all bounds with every rate from {self.rates[0]:g} to {self.rates[-1]:g}",
                "try lower ones, or bring inputs and targets to the size of 1",
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
    """Train a little from the same start with each of many rates, and note the loss that each leads to.

    Parameters
    ----------
    theta : ndarray
        Initial weights; not changed.
    data : Data
        From `prepare_data`.
    config : TrainingConfig, optional
        Optimizer, batch size and penalties; its rate and schedule are replaced.
    lowest, highest, points : float, float, int
        Range of the rates and how many of them.
    epochs : int
        Passes with each.

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
    >>> found = learning_rate_range(network, network.initial(), data, TrainingConfig("sgd", batch_size=8), points=9)
    >>> bool(0.01 < found.suggested_rate < 1)
    True
    """
    if not 0 < lowest < highest or points < 3:
        raise InputError(
            f"the range goes from {lowest:g} to {highest:g} in {points} points",
            "give 0 < lowest < highest and 3 points",
        )
    base = config or TrainingConfig()
    rates = np.geomspace(lowest, highest, points)
    losses = np.full(points, np.nan)
    for index, rate in enumerate(rates):
        tried = replace(base, learning_rate=float(rate), schedule="constant", epochs=epochs, patience=np.inf)
        history = train(network, theta, data, tried, data).history
        if not history.notes and history.epochs:
            losses[index] = history.epochs[-1].validation_loss
    return LearningRateRangeTest(rates, losses)
