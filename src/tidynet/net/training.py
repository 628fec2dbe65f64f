"""The training loop: epochs, early stopping, the best weights restored; events out, nothing in.

The work of an epoch is one compiled call (`kernels.train_steps`), or a few when the epoch is so
long that Ctrl-C or a time limit would otherwise have to wait for it.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tidynet.errors import InputError
from tidynet.net import kernels
from tidynet.net.history import EpochRecord, History
from tidynet.net.kernels import Data, Moments, Rule
from tidynet.net.losses import loss
from tidynet.net.network import Inputs, Network
from tidynet.net.noise import SHUFFLE_STREAM, permute, stream_key
from tidynet.net.optimizers import OptimizerOptions, optimizer
from tidynet.net.penalties import Penalties
from tidynet.net.schedules import Plateau, ScheduleOptions, factors, schedule

__all__ = ["Plan", "Trained", "mean_loss", "prepare_data", "rule_of", "train"]

Array = NDArray[Any]
Listener = Callable[[EpochRecord], None]

CALL_SECONDS = 0.2  # a compiled call is kept shorter than a person waits for Ctrl-C


@dataclass(frozen=True)
class Plan:
    """How to train.

    Attributes
    ----------
    optimizer : str
        A row of `OPTIMIZERS`; ``"gradient_descent"`` takes all records at each step.
    learning_rate : float
        Base rate η, above 0.
    schedule : str
        A row of `SCHEDULES`.
    epochs, batch_size : int
        At most so many passes; records a step.
    penalties : Penalties
    dropout : tuple of float
        Share dropped of the inputs and of each hidden layer; empty for none.
    clip : float
        Longest gradient; 0 for no limit.
    patience : int
        Epochs without gain in the watched loss before training stops.
    minimum_gain : float
        Least fall of the watched loss that counts as a gain.
    shuffle : bool
        Whether each epoch meets the records in a new order.
    time_limit : float or None
        Seconds after which training stops.
    seed : int
        Of shuffles and dropout.
    """

    optimizer: str = "adam"
    optimizer_options: OptimizerOptions = field(default_factory=OptimizerOptions)
    learning_rate: float = 0.001
    schedule: str = "constant"
    schedule_options: ScheduleOptions = field(default_factory=ScheduleOptions)
    epochs: int = 200
    batch_size: int = 200
    penalties: Penalties = field(default_factory=Penalties)
    dropout: tuple[float, ...] = ()
    clip: float = 0.0
    patience: int = 10
    minimum_gain: float = 0.0
    shuffle: bool = True
    time_limit: float | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        optimizer(self.optimizer)
        schedule(self.schedule)
        for name, least in (("learning_rate", 0.0), ("epochs", 0), ("batch_size", 0)):
            if not getattr(self, name) > least:
                raise InputError(f"{name} is {getattr(self, name)}, expected a number above {least:g}")
        if not all(0 <= share < 1 for share in self.dropout):
            raise InputError(f"dropout is {list(self.dropout)}, expected shares from 0 to below 1")


@dataclass(frozen=True)
class Trained:
    """Weights and how they came about; `interrupted` if Ctrl-C ended the training."""

    theta: Array
    history: History
    moments: Moments
    interrupted: bool = False


def rule_of(plan: Plan) -> Rule:
    """Optimizer and penalties of a plan as the kernels take them."""
    options, penalties = plan.optimizer_options, plan.penalties
    return Rule(
        optimizer=int(optimizer(plan.optimizer).code),
        momentum=float(options.momentum),
        beta_1=float(options.beta_1),
        beta_2=float(options.beta_2),
        epsilon=float(options.epsilon),
        l1=float(penalties.l1),
        l2=float(penalties.l2),
        decay=float(penalties.decay),
        max_norm=float(penalties.max_norm),
        clip=float(plan.clip),
    )


def prepare_data(network: Network, inputs: Inputs, y: Array, weights: Array | None = None) -> Data:
    """Records in the types that the kernels are compiled for.

    Parameters
    ----------
    inputs : Inputs
        Its float type is the training's.
    y : ndarray
        Class numbers, shape (rows,), for cross-entropy; else targets, shape (rows,) or (rows, targets).
    weights : ndarray, optional
        Record weights, shape (rows,), at least 0.

    Raises
    ------
    InputError
        If the numbers of rows or units do not fit.
    """
    dtype = inputs.dtype
    softmax = loss(network.loss).name == "cross_entropy"
    labels = np.ascontiguousarray(y, dtype=np.int32) if softmax else np.empty(0, np.int32)
    targets = np.empty((0, 1), dtype) if softmax else _matrix(y, dtype)
    if len(y) != inputs.rows:
        raise InputError(f"there are {inputs.rows} rows of inputs and {len(y)} targets, expected as many")
    if softmax and labels.size and not (labels.min() >= 0 and labels.max() < network.outputs):
        raise InputError(
            f"class numbers go from {labels.min()} to {labels.max()}, expected 0 to {network.outputs - 1}"
        )
    if not softmax and loss(network.loss).units(targets.shape[1], network.options) != network.outputs:
        raise InputError(
            f"{targets.shape[1]} target columns do not fit {network.outputs} output units with the loss '{network.loss}'"
        )
    given = np.empty(0, dtype) if weights is None else np.array(weights, dtype=dtype, order="C")
    return Data(inputs, labels, targets, given)


def _matrix(y: Array, dtype: Any) -> Array:
    columns = np.asarray(y, dtype=dtype)
    return np.array(columns[:, None] if columns.ndim == 1 else columns, order="C")


class Watcher:
    """Measures the loss on the same records again and again, with its buffers made once."""

    def __init__(self, network: Network, data: Data, batch: int = 512) -> None:
        self.layout, self.data, self.batch = kernels.layout_of(network), data, batch
        self.rows = np.arange(data.inputs.rows)
        self.work = kernels.workspace_for(network, min(batch, max(1, data.inputs.rows)), data.inputs.dtype)

    def loss(self, theta: Array) -> float:
        """Weighted mean loss of all records, without dropout and penalties."""
        total, weight = kernels.loss_of(self.layout, theta, self.data, self.rows, self.batch, self.work)
        return total / weight


def mean_loss(network: Network, theta: Array, data: Data) -> float:
    """Weighted mean loss of all records, without dropout and penalties."""
    return Watcher(network, data).loss(theta)


class _Steps:
    """Runs the steps of epochs, in compiled calls that are never long."""

    def __init__(self, network: Network, plan: Plan, data: Data, moments: Moments, batch: int) -> None:
        self.layout, self.rule = kernels.layout_of(network), rule_of(plan)
        self.plan, self.data, self.moments, self.batch = plan, data, moments, batch
        self.work = kernels.workspace_for(network, batch, moments.theta.dtype)
        self.dropout = np.array(plan.dropout if any(plan.dropout) else (), dtype=np.float64)
        self.order = np.arange(data.inputs.rows)
        self.per_epoch = -(-data.inputs.rows // batch)
        self.call_steps = max(1, min(self.per_epoch, 64))

    def load(self) -> None:
        """Have the kernel compiled or loaded, so that the first epoch's time is its own."""
        self._call(np.zeros(1), 0, 0, 0)

    def _call(self, rates: Array, begin: int, stop: int, done: int) -> tuple[float, float]:
        total, norm = kernels.train_steps(
            self.layout, self.rule, self.moments, self.data, self.order, self.batch, rates, begin, stop, done,
            self.dropout, self.plan.seed, self.work,
        )  # fmt: skip
        return total, norm

    def run(self, epoch: int, rates: Array, late: Callable[[], bool]) -> tuple[float, float]:
        """One epoch; (sum of losses, gradient norm of the last step)."""
        if self.plan.shuffle:
            permute(self.order, stream_key(self.plan.seed, SHUFFLE_STREAM, epoch, 0))
        total, norm, step = 0.0, 0.0, 0
        while step < self.per_epoch:
            stop = min(self.per_epoch, step + self.call_steps)
            begun = time.perf_counter()
            found, norm = self._call(rates, step, stop, epoch * self.per_epoch)
            total += found
            pace = (time.perf_counter() - begun) / (stop - step)
            self.call_steps = max(1, int(CALL_SECONDS / max(pace, 1e-9)))
            step = stop
            if step < self.per_epoch and late():
                break
        return total, norm


def train(
    network: Network,
    theta: Array,
    data: Data,
    plan: Plan,
    validation: Data | None = None,
    listen: Listener | None = None,
    stop: Callable[[], bool] | None = None,
) -> Trained:
    """Train from θ and give back the best weights.

    With validation rows the weights of the epoch with the lowest validation loss are restored,
    and training stops after `patience` epochs without gain; without them the last weights stand,
    and the training loss is watched.

    Parameters
    ----------
    theta : ndarray, shape (network.parameters,)
        Initial weights; not changed.
    data, validation : Data
        From `prepare_data`.
    listen : callable, optional
        Called with each `EpochRecord`.
    stop : callable, optional
        Asked after each compiled call; True ends the training.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(64, 1)).astype(np.float32)
    >>> network = Network(numbers=1, hidden=(), outputs=1)
    >>> data = prepare_data(network, Inputs.of(X), 2 * X + 1)
    >>> trained = train(network, network.initial(), data, Plan(learning_rate=0.1, epochs=100, batch_size=16))
    >>> trained.theta.round(2)
    array([2., 1.], dtype=float32)
    """
    loop = _Loop(network, theta.copy(), data, plan, validation, listen or (lambda record: None), stop)
    return loop.run()


class _Loop:
    """The state of one training: θ, the best of it, and what has been seen."""

    def __init__(
        self, network: Network, theta: Array, data: Data, plan: Plan, validation: Data | None, listen: Listener,
        stop: Callable[[], bool] | None,
    ) -> None:  # fmt: skip
        rows = data.inputs.rows
        batch = rows if optimizer(plan.optimizer).full_batch else min(plan.batch_size, rows)
        self.network, self.data, self.plan, self.validation = network, data, plan, validation
        self.moments = kernels.moments_for(network, theta)
        self.steps = _Steps(network, plan, data, self.moments, batch)
        self.listen, self.asked_to_stop = listen, stop
        self.best_theta, self.best_loss, self.waiting = theta.copy(), math.inf, 0
        self.plateau = Plateau(plan.patience, plan.minimum_gain)
        self.watcher = None if validation is None else Watcher(network, validation)
        self.total_weight = float(data.weights.sum()) if data.weights.size else float(rows)
        self.rate_factor = 1.0
        self.steps.load()
        if self.watcher is not None:
            self.watcher.loss(self.moments.theta)
        self.history, self.began = History(), time.perf_counter()

    def late(self) -> bool:
        """Whether the time is up or someone asked to stop."""
        spent = time.perf_counter() - self.began
        out_of_time = self.plan.time_limit is not None and spent >= self.plan.time_limit
        return out_of_time or (self.asked_to_stop is not None and self.asked_to_stop())

    def run(self) -> Trained:
        interrupted = False
        self.history.stopped_because = f"all {self.plan.epochs} epochs done"
        epoch = 0
        try:
            while epoch < self.plan.epochs:
                reason = self._epoch(epoch)
                epoch += 1
                if reason:
                    self.history.stopped_because = reason
                    break
        except KeyboardInterrupt:
            interrupted = True
            self.history.stopped_because = f"stopped by hand in epoch {epoch + 1}"
        restore = self.validation is not None or not np.isfinite(self.moments.theta).all()
        theta = self.best_theta if restore and self.history.best_epoch else self.moments.theta
        return Trained(theta, self.history, self.moments, interrupted)

    def _epoch(self, epoch: int) -> str:
        """One epoch; why training should end, or an empty string."""
        plan, steps = self.plan, self.steps
        begun = time.perf_counter()
        rates = self._rates(epoch)
        total, norm = steps.run(epoch, rates, self.late)
        training_loss = total / self.total_weight
        watched = training_loss
        validation_loss = None
        if self.watcher is not None:
            validation_loss = watched = self.watcher.loss(self.moments.theta)
        if not (math.isfinite(training_loss) and math.isfinite(watched)):
            return self._diverged(epoch)
        kept = self._watch(watched)
        now = time.perf_counter()
        self._record(epoch, training_loss, validation_loss, float(rates[-1]), norm, now - begun, kept)
        if (
            plan.schedule == "adaptive"
            and self.plateau.saw(watched)
            and self.plateau.factor * plan.learning_rate < 1e-6
        ):
            return "the learning rate became too small to matter"
        if self.late():
            return "the time limit was reached" if plan.time_limit is not None else "asked to stop"
        if self.waiting >= plan.patience and plan.schedule != "adaptive":
            which = "validation" if self.validation is not None else "training"
            return f"the {which} loss did not fall for {plan.patience} epochs"
        return ""

    def _rates(self, epoch: int) -> Array:
        per_epoch, plan = self.steps.per_epoch, self.plan
        shape = factors(
            plan.schedule,
            epoch * per_epoch,
            per_epoch,
            plan.epochs * per_epoch,
            per_epoch,
            plan.schedule_options,
        )
        return shape * (plan.learning_rate * self.rate_factor * self.plateau.factor)

    def _watch(self, watched: float) -> bool:
        """Whether these weights are the best so far; keeps them if so."""
        self.waiting = 0 if watched < self.best_loss - self.plan.minimum_gain else self.waiting + 1
        if watched >= self.best_loss:
            return False
        self.best_loss = watched
        self.best_theta[:] = self.moments.theta
        return True

    def _diverged(self, epoch: int) -> str:
        """Go back to the best weights with a tenth of the rate, once; then give up."""
        reason = f"the loss left all bounds in epoch {epoch + 1}: the learning rate is likely too high"
        if self.rate_factor < 1.0:
            return reason
        self.rate_factor = 0.1
        self.history.notes.append(f"{reason}; went on from the best weights with a tenth of it")
        self.moments.theta[:] = self.best_theta
        self.moments.first[:] = 0
        self.moments.second[:] = 0
        return ""

    def _record(
        self, epoch: int, training_loss: float, validation_loss: float | None, rate: float, norm: float, seconds: float,
        kept: bool,
    ) -> None:  # fmt: skip
        spent = time.perf_counter() - self.began
        left = spent / (epoch + 1) * (self.plan.epochs - epoch - 1)
        if self.plan.time_limit is not None:
            left = min(left, max(0.0, self.plan.time_limit - spent))
        record = EpochRecord(
            epoch + 1, training_loss, validation_loss, rate, norm, self.data.inputs.rows / max(seconds, 1e-9), spent,
            left, kept,
        )  # fmt: skip
        self.history.epochs.append(record)
        self.listen(record)
