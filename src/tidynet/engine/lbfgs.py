"""L-BFGS: SciPy's minimizer on the error of all rows, with the gradient of the kernels.

Liu and Nocedal, Mathematical Programming 45, 1989.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tidynet.core.errors import InputError
from tidynet.core.text import join_names
from tidynet.engine import kernels
from tidynet.engine.data import LossEvaluator, check_fit
from tidynet.engine.history import EpochRecord, History, TrainingResult
from tidynet.engine.kernels import Data
from tidynet.engine.network import Network
from tidynet.engine.stop_reason import StopReason, TrainingStop
from tidynet.engine.training_config import TrainingConfig, make_optimizer_params

Array = NDArray[Any]


class _StopTraining(Exception):
    """A stop was requested, or the time limit is reached."""

    def __init__(self, reason: StopReason, limit: float = math.nan) -> None:
        super().__init__(reason)
        self.reason, self.limit = reason, limit


def check_unsupported_options(config: TrainingConfig, is_continued: bool = False, has_checkpoint: bool = False) -> None:
    """Raise an error that names the options that L-BFGS does not support."""
    requested = {
        "custom_loss": config.custom_loss is not None,
        "dropout": any(config.dropout),
        "gradient_clip_norm": config.clip_norm > 0,
        "ema_decay": config.ema_decay > 0,
        "decay": config.penalties.decay > 0,
        "max_norm": config.penalties.max_norm > 0,
        "go_on": is_continued,
        "checkpoint_path": has_checkpoint,
    }
    result = [name for name, is_set in requested.items() if is_set]
    if result:
        raise InputError(
            f"L-BFGS does not support {join_names(result)}", "remove the option, or choose another optimizer"
        )


def minimize_lbfgs(
    network: Network,
    theta: Array,
    data: Data,
    config: TrainingConfig,
    validation: Data | None = None,
    on_event: Callable[[EpochRecord], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> TrainingResult:
    """Train by L-BFGS; the arguments and the result are those of `train`.

    Each iteration is an epoch of the history. Validation rows are evaluated but do not stop training. The options
    of `check_unsupported_options` have no effect.

    Examples
    --------
    >>> from tidynet.engine import Inputs, prepare_data
    >>> network = Network(numbers=1, hidden=(), outputs=1)
    >>> X = np.arange(4.0)[:, None]
    >>> data = prepare_data(network, Inputs.of(X, dtype=np.float64), 3 * X + 1)
    >>> minimize_lbfgs(network, np.zeros(2), data, TrainingConfig("lbfgs", epochs=50)).theta.round(3)
    array([3., 1.])
    """
    from scipy.optimize import minimize

    check_fit(network, theta, data, validation)
    search = _LbfgsRun(network, theta.copy(), data, config, validation, on_event, stop)
    options = {
        "maxiter": config.epochs,
        "maxfun": config.evaluations,
        "gtol": max(config.min_delta, 1e-12),
        "ftol": 64 * 2.2e-16,
    }
    reason, limit = StopReason.ZERO_GRADIENT, math.nan
    try:
        result = minimize(
            search.error_and_gradient, theta.astype(np.float64), jac=True, method="L-BFGS-B", options=options,
            callback=search.on_iteration,
        )  # fmt: skip
        best = result.x
        if result.nit >= config.epochs:
            reason, limit = StopReason.MAX_EPOCHS, config.epochs
        elif result.nfev >= config.evaluations:
            reason, limit = StopReason.MAX_EVALUATIONS, config.evaluations
    except _StopTraining as stopped:
        reason, limit, best = stopped.reason, stopped.limit, search.last
    except KeyboardInterrupt:
        reason, best = StopReason.INTERRUPTED, search.last
    epochs = len(search.history)
    if not search.history.epochs:  # the initial weights are a minimum
        search.record(theta.astype(np.float64), search.error)
    search.history.stop = TrainingStop(reason, epochs, search.history.seconds, limit)
    return TrainingResult(best.astype(theta.dtype), search.history, search.state, reason is StopReason.INTERRUPTED)


class _LbfgsRun:
    """The error for SciPy, and the epochs so far."""

    def __init__(
        self, network: Network, theta: Array, data: Data, config: TrainingConfig, validation: Data | None,
        on_event: Callable[[EpochRecord], None] | None, stop: Callable[[], bool] | None,
    ) -> None:  # fmt: skip
        self.layout, self.optimizer = kernels.make_parameter_layout(network), make_optimizer_params(config)
        self.state = kernels.make_training_state(network, theta)
        self.work = kernels.make_workspace(network, data.inputs.rows, theta.dtype)
        self.data, self.config, self.on_event, self.stop = data, config, on_event, stop
        self.evaluator = (
            LossEvaluator(network, validation) if validation is not None and validation.inputs.rows else None
        )
        self.none = np.empty(0, np.float64)
        self.last, self.error, self.history = theta.astype(np.float64), np.inf, History()
        self.best, self.began = np.inf, time.perf_counter()

    def error_and_gradient(self, theta: Array) -> tuple[float, Array]:
        """E and ∂E/∂θ over all records, in float64."""
        self.state.theta[:] = theta
        self.error = kernels.gradient_of(
            self.layout, self.optimizer, self.state, self.data, self.none, 0, len(self.history) + 1, self.work
        )
        return self.error, self.state.gradient.astype(np.float64)

    def on_iteration(self, intermediate_result: Any) -> None:
        """Record an iteration; stop if requested."""
        self.record(intermediate_result.x.copy(), float(intermediate_result.fun))
        spent = time.perf_counter() - self.began
        if self.config.time_limit is not None and spent >= self.config.time_limit:
            raise _StopTraining(StopReason.TIME_LIMIT, self.config.time_limit)
        if self.stop is not None and self.stop():
            raise _StopTraining(StopReason.STOP_REQUESTED)

    def record(self, theta: Array, error: float) -> None:
        """Add an epoch to the history."""
        number, spent = len(self.history) + 1, time.perf_counter() - self.began
        self.last = theta
        self.state.theta[:] = self.last
        loss, score = (None, None) if self.evaluator is None else self.evaluator.measure(self.state.theta)
        record = EpochRecord(
            number, error, loss, 1.0, float(np.linalg.norm(self.state.gradient)),
            self.data.inputs.rows * number / max(spent, 1e-9), spent, spent / number * (self.config.epochs - number),
            error < self.best, score,
        )  # fmt: skip
        self.best = min(self.best, error)
        self.history.epochs.append(record)
        if self.on_event is not None:
            self.on_event(record)
