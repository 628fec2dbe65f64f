"""Training a network from arrays: by L-BFGS, or by the steps of a `Trainer`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numpy.typing import NDArray

from tidynet.engine import kernels
from tidynet.engine.checkpoint import Checkpoint
from tidynet.engine.history import TrainingResult
from tidynet.engine.kernel_cache import is_cached
from tidynet.engine.kernels import Data
from tidynet.engine.lbfgs import check_unsupported_options, minimize_lbfgs
from tidynet.engine.network import Network
from tidynet.engine.optimizers import optimizer
from tidynet.engine.trainer import OnEpoch, Trainer
from tidynet.engine.training_config import TrainingConfig

Array = NDArray[Any]


def is_compiled() -> bool:
    """Whether the training kernel is on disk, so that the next training starts without compilation."""
    return is_cached(kernels.train_steps)


def train(
    network: Network,
    theta: Array,
    data: Data,
    config: TrainingConfig,
    validation: Data | None = None,
    on_event: OnEpoch | None = None,
    stop: Callable[[], bool] | None = None,
    go_on: TrainingResult | None = None,
    checkpoint: Checkpoint | None = None,
) -> TrainingResult:
    """Train from θ and return the best weights.

    With validation rows, the weights of the epoch with the lowest validation loss (or highest score) are restored,
    and training stops after `patience` epochs without improvement. Without them the last weights are kept, and
    patience applies to the training loss. If the loss diverges, training restarts once from the best weights with a
    tenth of the learning rate.

    Parameters
    ----------
    theta : ndarray, shape (network.parameters,)
        Initial weights; not changed.
    data, validation : Data
        From `prepare_data`.
    on_event : callable, optional
        Called with each `EpochRecord`.
    stop : callable, optional
        Called after each compiled call; True ends the training.
    go_on : TrainingResult, optional
        An earlier training of the same network, to continue with its weights, optimizer state and step count.
    checkpoint : Checkpoint, optional
        Where and how often to save the state. If the file exists, training resumes from it and ends with the
        weights of an uninterrupted training.

    Raises
    ------
    InputError
        If weights, data or config do not fit the network, or L-BFGS does not support an option.

    Examples
    --------
    >>> import numpy as np
    >>> from tidynet.engine import Inputs, prepare_data
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(64, 1)).astype(np.float32)
    >>> network = Network(numbers=1, hidden=(), outputs=1)
    >>> data = prepare_data(network, Inputs.of(X), 2 * X + 1)
    >>> config = TrainingConfig(learning_rate=0.1, epochs=100, batch_size=16)
    >>> train(network, network.initial_parameters(), data, config).theta.round(2)
    array([2., 1.], dtype=float32)
    """
    if optimizer(config.optimizer).name == "lbfgs":
        check_unsupported_options(config, go_on is not None, checkpoint is not None)
        return minimize_lbfgs(network, theta, data, config, validation, on_event, stop)
    loop = Trainer(network, theta, data, config, validation, on_event, stop, checkpoint)
    if go_on is not None:
        loop.continue_training(go_on)
    elif checkpoint is not None and checkpoint.path.exists():
        loop.resume(checkpoint)
    return loop.run()
