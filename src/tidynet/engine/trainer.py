"""The training loop: epochs, early stopping, the best weights restored; events out, nothing in.

The work is done in compiled calls (`kernels.train_steps`) of a fraction of a second each: many epochs of
a small table, or a slice of one epoch of a large one, so that Ctrl-C and time limits are heeded soon
and Python costs nothing.
"""

from __future__ import annotations

import math
import time
import zlib
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tidynet.core.errors import InputError
from tidynet.engine import kernels
from tidynet.engine.checkpoint import Checkpoint, CheckpointState, load_state, save_state
from tidynet.engine.counter_rng import LONGEST_ORDER
from tidynet.engine.custom_loss import CustomLoss
from tidynet.engine.data import LossEvaluator, check_fit, empty_data
from tidynet.engine.history import EpochRecord, Epochs, History
from tidynet.engine.kernel_cache import is_cached
from tidynet.engine.kernels import Data, StoppingConfig, epoch
from tidynet.engine.kernels.stepwise import prepare_row_order
from tidynet.engine.lbfgs import check_unsupported_options, minimise
from tidynet.engine.learning_rate_schedules import ReduceOnPlateau, schedule_factors
from tidynet.engine.losses import loss
from tidynet.engine.network import Network
from tidynet.engine.optimizers import optimizer
from tidynet.engine.python_loop import PythonTrainingLoop, is_large
from tidynet.engine.result import TrainingResult
from tidynet.engine.stop_reason import Divergence, StopReason, TrainingStop
from tidynet.engine.training_config import TrainingConfig, make_optimizer_params

__all__ = ["is_compiled", "train"]

Array = NDArray[Any]
Listener = Callable[[EpochRecord], None]

CALL_SECONDS = 0.15  # a compiled call is kept shorter than a person waits for Ctrl-C
MOST_EPOCHS_A_CALL = 256
VALIDATION_BATCH = 512
SMALLEST_RATE = 1e-6  # from it on an adaptive schedule has nothing left to give
NO_LIMIT = float(np.finfo(np.float64).max)  # not infinity, which fast mathematics may assume away
OUT_OF_BOUNDS = 1e6  # times the first loss: no training comes back from there


def is_compiled() -> bool:
    """Whether the training kernel is on disk, so that the next training starts at once."""
    return is_cached(kernels.train_steps)


def train(
    network: Network,
    theta: Array,
    data: Data,
    plan: TrainingConfig,
    validation: Data | None = None,
    on_event: Listener | None = None,
    stop: Callable[[], bool] | None = None,
    go_on: TrainingResult | None = None,
    checkpoint: Checkpoint | None = None,
) -> TrainingResult:
    """Train from θ and give back the best weights.

    With validation rows the weights of the epoch with the lowest validation loss (or highest score)
    are restored, and training stops after `patience` epochs without gain; without them the last
    weights stand, and the training loss is watched.

    Parameters
    ----------
    theta : ndarray, shape (network.parameters,)
        Initial weights; not changed.
    data, validation : Data
        From `prepare_data`.
    on_event : callable, optional
        Called with each `EpochRecord`.
    stop : callable, optional
        Asked after each compiled call; True ends the training.
    go_on : Trained, optional
        An earlier training of the same network, whose optimizer state and step count are kept; `theta` is
        ignored.
    checkpoint : Checkpoint, optional
        Where and how often to save the state; if the file exists, training resumes from it and ends with
        the weights that an uninterrupted one would have.

    Raises
    ------
    InputError
        If weights, data or plan do not fit the network, or the optimizer is ``"lbfgs"`` and something is asked
        for that it does not do.

    Notes
    -----
    When the loss leaves all bounds, training goes on once from the best weights with a tenth of the rate. The
    weights that stand at the end have a finite loss, no higher than that of the initial ones.

    Examples
    --------
    >>> from tidynet.engine import Inputs, prepare_data
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(64, 1)).astype(np.float32)
    >>> network = Network(numbers=1, hidden=(), outputs=1)
    >>> data = prepare_data(network, Inputs.of(X), 2 * X + 1)
    >>> trained = train(network, network.initial(), data, TrainingConfig(learning_rate=0.1, epochs=100, batch_size=16))
    >>> trained.theta.round(2)
    array([2., 1.], dtype=float32)
    """
    if optimizer(plan.optimizer).name == "lbfgs":
        check_unsupported_options(plan, go_on is not None, checkpoint is not None)
        return minimise(network, theta, data, plan, validation, on_event, stop)
    loop = Trainer(network, theta, data, plan, validation, on_event, stop, checkpoint)
    if go_on is not None:
        loop.continue_training(go_on)
    elif checkpoint is not None and checkpoint.path.exists():
        loop.resume(checkpoint)
    return loop.run()


def check_custom_loss(network: Network, custom: CustomLoss, data: Data) -> None:
    """Refuse an own loss that does not fit the network, or whose slope is not its value's."""
    if loss(network.loss).on_input:
        raise InputError(
            f"an own loss takes the place of an elementwise one, but the network has '{network.loss}'",
            "build it with loss='squared_error'",
        )
    y = data.targets[:64]
    custom.check(y, np.random.default_rng(0).normal(0.1, 1.0, y.shape) + y)


class Trainer:
    """The state of one training: θ, the best of it, the clock, and what has been seen."""

    def __init__(
        self, network: Network, theta: Array, data: Data, plan: TrainingConfig, validation: Data | None,
        on_event: Listener | None, stop: Callable[[], bool] | None, checkpoint: Checkpoint | None,
    ) -> None:  # fmt: skip
        check_fit(network, theta, data, validation)
        self.start, theta = theta, theta.copy()
        rows, dtype = data.inputs.rows, theta.dtype
        self.batch = rows if optimizer(plan.optimizer).full_batch else min(plan.batch_size, rows)
        self.per_epoch = -(-rows // self.batch)
        self.network, self.plan, self.data = network, plan, data
        self.validated = validation is not None and validation.inputs.rows > 0
        self.validation = validation if validation is not None else empty_data(data)
        self.layers = len(network.sizes) - 1
        self.layout, self.rule = kernels.make_parameter_layout(network), make_optimizer_params(plan)
        self.moments = kernels.make_training_state(network, theta, plan.ema_decay > 0)
        self.work = kernels.make_workspace(network, self.batch, dtype)
        if any(plan.dropout) and len(plan.dropout) != self.layers:
            raise InputError(
                f"dropout has {len(plan.dropout)} shares, expected {self.layers}", "the inputs' and each hidden layer's"
            )
        self.dropout = np.array(plan.dropout if any(plan.dropout) else (), dtype=np.float64)
        self.clock, self.first_epoch = np.zeros(5, np.int64), 0
        total_weight = float(data.weights.sum(dtype=np.float64)) if data.weights.size else float(rows)
        self.sums = np.array([0.0, total_weight, math.inf, NO_LIMIT])
        self.plateau = ReduceOnPlateau(
            int(min(plan.patience, 10**9)), plan.min_delta, plan.schedule_options.decay_factor
        )
        adaptive = plan.schedule == "adaptive"
        self.watch = StoppingConfig(
            int(plan.stopping_criterion == "score" and self.validated),
            math.inf if adaptive else float(plan.patience),
            float(plan.min_delta),
            int(plan.shuffle),
        )
        self.rate_factor = 1.0
        self.call_steps = 1
        if plan.custom_loss is not None:
            check_custom_loss(network, plan.custom_loss, data)
        by_steps = plan.custom_loss is not None or (plan.slices > 1 and is_large(network, self.batch))
        self.order = np.empty(rows if by_steps or rows <= LONGEST_ORDER else self.batch, np.int64)
        self.stepwise = PythonTrainingLoop(self, plan.threads) if by_steps else None
        self.on_event, self.asked_to_stop = on_event, stop
        self.history = History()
        self.heard = 0
        self.records: Array | None = None
        self._run_kernel(
            np.empty(0), np.empty((1, epoch.LAYERS + 3 * self.layers))
        )  # compile or load before the clock starts
        self.began = time.perf_counter()
        self.last_end = self.began
        self.checkpoint, self.saved_at, self.saved_epoch = checkpoint, self.began, 0

    @cached_property
    def watcher(self) -> LossEvaluator:
        """Measures the validation rows where the kernel does not."""
        return LossEvaluator(self.network, self.validation, VALIDATION_BATCH)

    @cached_property
    def training_watcher(self) -> LossEvaluator:
        """Measures the training rows, which is done only where the loss gets out of hand."""
        return LossEvaluator(self.network, self.data, VALIDATION_BATCH)

    def continue_training(self, earlier: TrainingResult) -> None:
        """Keep an earlier training's weights, optimizer state and step count."""
        for mine, reference_values in zip(self.moments, earlier.optimizer_state, strict=True):
            mine[...] = reference_values
        self.start = self.moments.theta.copy()
        self.clock[epoch.EPOCH] = self.first_epoch = self.heard = int(earlier.clock[epoch.EPOCH])
        self.clock[epoch.STEPS] = earlier.clock[epoch.STEPS]

    def resume(self, checkpoint: Checkpoint) -> None:
        """Take up the state that a checkpoint holds."""
        state = load_state(checkpoint.path, self._identity())
        for mine, saved in zip((*self.moments, self.clock, self.sums), state.arrays, strict=True):
            mine[...] = saved
        self.history = state.history
        self.rate_factor, self.plateau = state.rate_factor, ReduceOnPlateau(**state.plateau)
        self.began -= self.history.epochs[-1].seconds if self.history.epochs else 0.0
        self.saved_epoch, self.heard = len(self.history), int(self.clock[epoch.EPOCH])
        if self.clock[epoch.STEP]:
            self.prepare_row_order(0)  # an order of all records is made at an epoch's first step only

    def prepare_row_order(self, step: int) -> None:
        """Make the records' order of a step of the present epoch ready, as the kernels do."""
        now = int(self.clock[epoch.EPOCH])
        rows = self.data.inputs.rows
        prepare_row_order(self.order, step, self.batch, rows, self.watch.shuffle, self.plan.seed, now)

    def _identity(self) -> str:
        """What a checkpoint must agree with."""
        plan = replace(self.plan, custom_loss=None, threads=1, time_limit=None)
        parts = [*self.data.inputs, *self.data[1:], *self.validation.inputs, *self.validation[1:]]
        sums = [zlib.crc32(np.ascontiguousarray(part).data.cast("B")) if part.size else 0 for part in parts]
        return repr((self.network, plan, self.data.inputs.rows, str(self.moments.theta.dtype), sums))

    def _save_if_due(self) -> None:
        requested = self.checkpoint
        if requested is None:
            return
        now, done = time.perf_counter(), len(self.history)
        if done - self.saved_epoch >= requested.epochs or now - self.saved_at >= requested.seconds:
            arrays = [*self.moments, self.clock, self.sums]
            save_state(
                requested.path,
                CheckpointState(arrays, self.history, self.rate_factor, vars(self.plateau), self._identity()),
            )
            self.saved_at, self.saved_epoch = now, done

    def run(self) -> TrainingResult:
        interrupted = False
        try:
            while self.clock[epoch.EPOCH] - self.first_epoch < self.plan.epochs and self.history.stop is None:
                self._advance()
        except KeyboardInterrupt:
            interrupted = True
            # It may have come just as a call returned, whose epochs have not been heard of.
            if self.records is not None:
                self.on_event = None
                self._emit_epoch_event(self.records[: int(self.clock[epoch.EPOCH]) - self.heard])
            self._stop(StopReason.INTERRUPTED)
        if self.history.stop is None:
            self._stop(StopReason.MAX_EPOCHS, self.plan.epochs)
        if not len(self.history):
            self._record_part()
        chosen = self._select_best()
        if self.stepwise is not None:
            self.stepwise.close()
            self.stepwise = None  # the two know each other, and the buffers would wait for the garbage collector
        return TrainingResult(chosen, self.history, self.moments, interrupted, self.clock)

    def _select_best(self) -> Array:
        """The best weights where they are asked for, or where the last are not finite."""
        last = self.moments.average if self.moments.average.size else self.moments.theta
        restored = self.validated and self.plan.restore_best_weights
        if self.clock[epoch.ENDED] == epoch.DIVERGED or not np.isfinite(last).all():
            self._restore_initial_if_better()
            return self.moments.best
        if restored and (self.history.best_epoch or math.isfinite(self.sums[epoch.BEST])):
            return self.moments.best
        return last

    def _restore_initial_if_better(self) -> bool:
        """Put the initial weights in the place of the best where these are no better; whether it did.

        An epoch's loss is the mean over the batches as they were met: the weights at its end may be far worse.
        """
        best, start = self._measured(self.moments.best), self._measured(self.start)
        if self.history.best_epoch and math.isfinite(best) and not best > start:
            return False
        self.moments.best[:] = self.start
        self.sums[epoch.BEST] = start if self.validated and math.isfinite(start) else math.inf
        return True

    def _measured(self, theta: Array) -> float:
        """The watched value of any weights: of the validation rows, or else the loss of all records."""
        if not np.isfinite(theta).all():
            return math.inf
        watcher = self.watcher if self.validated else self.training_watcher
        loss, score = self._measure(watcher, theta)
        return -score if self.watch.use_score else loss

    def _measure(self, watcher: LossEvaluator, theta: Array) -> tuple[float, float]:
        return watcher.measure(theta) if self.stepwise is None else self.stepwise.measure(watcher, theta)

    def _advance(self) -> None:
        """One compiled call, and what its ended epochs mean."""
        steps = self._steps_left(self.call_steps)
        rates = self._rates(steps)
        records = np.empty((min(MOST_EPOCHS_A_CALL, steps // self.per_epoch + 1), epoch.LAYERS + 3 * self.layers))
        records[:, epoch.VALIDATION_LOSS : epoch.VALIDATION_SCORE + 1] = np.nan
        self.records = records
        before = int(self.clock[epoch.EPOCH]) * self.per_epoch + int(self.clock[epoch.STEP])
        begun = time.perf_counter()
        ended = self._run_kernel(rates, records)
        spent = time.perf_counter() - begun
        done = int(self.clock[epoch.EPOCH]) * self.per_epoch + int(self.clock[epoch.STEP]) - before
        self.call_steps = max(1, int(CALL_SECONDS * max(done, 1) / max(spent, 1e-9)))
        self._emit_epoch_event(records[:ended])
        self._save_if_due()
        limit = self.plan.time_limit
        if self.history.stop is not None:
            return
        if limit is not None and time.perf_counter() - self.began >= limit:
            self._stop(StopReason.TIME_LIMIT, limit)
        elif self.asked_to_stop is not None and self.asked_to_stop():
            self._stop(StopReason.STOP_REQUESTED)

    def _run_kernel(self, rates: Array, records: Array) -> int:
        if self.stepwise is not None:
            return self.stepwise.run(rates, records)
        return kernels.train_steps(
            self.layout, self.rule, self.moments, self.data, self.validation, self.watch, self.order, self.batch,
            rates, self.dropout, self.plan.seed, self.clock, self.sums, records, self.work,
        )  # fmt: skip

    def _steps_left(self, requested: int) -> int:
        """Steps of the next call: no further than the training, nor than what needs Python in between."""
        now, step = int(self.clock[epoch.EPOCH]) - self.first_epoch, int(self.clock[epoch.STEP])
        # The first epoch's loss bounds all later ones.
        alone = self.plan.schedule == "adaptive" or self.sums[epoch.LIMIT] == NO_LIMIT
        whole = now + 1 if alone else self.plan.epochs
        remaining = (min(whole, now + MOST_EPOCHS_A_CALL) - now) * self.per_epoch - step
        if self.on_event is not None:
            # a listener hears of each epoch about when it ends
            remaining = min(
                remaining, max(self.per_epoch - step, self.call_steps // self.per_epoch * self.per_epoch - step)
            )
        return max(1, min(requested, remaining))

    def _rates(self, steps: int) -> Array:
        per_epoch, plan = self.per_epoch, self.plan
        first = int(self.clock[epoch.EPOCH]) * per_epoch + int(self.clock[epoch.STEP])
        shape = schedule_factors(plan.schedule, first, steps, plan.epochs * per_epoch, per_epoch, plan.schedule_options)
        return shape * (plan.learning_rate * self.rate_factor * self.plateau.factor)

    def _stop(self, reason: StopReason, limit: float = math.nan, monitored: str = "") -> None:
        self.history.stop = TrainingStop(reason, len(self.history), self.history.seconds, limit, monitored)

    def _emit_epoch_event(self, records: Array) -> None:
        """Turn ended epochs into records, and their ends into decisions."""
        now = time.perf_counter()
        self.records = None
        self.heard += len(records)
        if len(records) and self.sums[epoch.LIMIT] == NO_LIMIT:
            self._set_limit(float(records[0, epoch.TRAINING_LOSS]))
        diverged = len(records) > 0 and self.clock[epoch.ENDED] == epoch.DIVERGED
        if diverged:
            records[-1, [epoch.VALIDATION_LOSS, epoch.VALIDATION_SCORE]] = np.nan
            records[-1, epoch.KEPT] = 0.0
        self._record(records, now)
        if self.plan.schedule == "adaptive":
            self._adapt(records[: len(records) - diverged])
        if diverged:
            self._diverged(float(records[-1, epoch.TRAINING_LOSS]))
        if self.clock[epoch.ENDED] == epoch.OUT_OF_PATIENCE:
            monitored = f"validation_{self.plan.stopping_criterion}" if self.validated else "training_loss"
            self._stop(StopReason.NO_IMPROVEMENT, self.plan.patience, monitored)

    def _set_limit(self, loss: float) -> None:
        """Bound the loss by the first epoch's, or by the initial weights' where that is suspiciously high."""
        if not math.isfinite(loss):
            return
        first = loss
        if loss > OUT_OF_BOUNDS:
            first = self._measure(self.training_watcher, self.start)[0]
        if math.isfinite(first):
            self.sums[epoch.LIMIT] = OUT_OF_BOUNDS * (abs(first) + 1.0)
        if loss > self.sums[epoch.LIMIT]:
            self.clock[epoch.ENDED] = epoch.DIVERGED

    def _adapt(self, records: Array) -> None:
        """Lower the rate where the watched value stands still."""
        for value in records[:, epoch.WATCHED].tolist():
            rate = self.plan.learning_rate * self.rate_factor * self.plateau.factor
            if self.plateau.update(value) and rate <= SMALLEST_RATE:
                self._stop(StopReason.MIN_LEARNING_RATE, SMALLEST_RATE)

    def _record(self, records: Array, now: float) -> None:
        """Add the epochs that ended between the last call and now, evenly, and tell who listens."""
        count = len(records)
        if not count:
            return
        pace = (now - self.last_end) / count
        seconds = self.last_end - self.began + pace * np.arange(1, count + 1)
        done = len(self.history) + np.arange(1, count + 1)
        remaining = seconds / done * (self.plan.epochs - done)
        if self.plan.time_limit is not None:
            remaining = np.minimum(remaining, np.maximum(0.0, self.plan.time_limit - seconds))
        norms, ratios, dead = np.split(records[:, epoch.LAYERS :], (self.layers, 2 * self.layers), axis=1)
        ended = Epochs(
            epoch=self.first_epoch + done,
            training_loss=records[:, epoch.TRAINING_LOSS],
            validation_loss=records[:, epoch.VALIDATION_LOSS] if self.validated else None,
            learning_rate=records[:, epoch.RATE],
            gradient_norm=np.sqrt((norms**2).sum(axis=1)),
            rows_per_second=np.full(count, self.data.inputs.rows / max(pace, 1e-9)),
            seconds=seconds,
            seconds_left=remaining,
            is_best=records[:, epoch.KEPT] > 0,
            validation_score=records[:, epoch.VALIDATION_SCORE] if self.validated else None,
            gradient_norms=norms,
            update_to_weight_ratios=ratios,
            dead_units=dead[:, :-1],
        )
        self.last_end = now
        if self.on_event is None:
            self.history.add(ended)
            return
        for record in ended.records():
            self.history.epochs.append(record)
            self.on_event(record)

    def _record_part(self) -> None:
        """The first epoch was cut short: what it came to is still a record, and its weights stand."""
        records = np.zeros((1, epoch.LAYERS + 3 * self.layers))
        row = records[0]
        met = max(1, min(int(self.clock[epoch.STEP]) * self.batch, self.data.inputs.rows))
        row[epoch.TRAINING_LOSS] = self.sums[epoch.LOSS_SUM] / met
        if self.validated:
            row[[epoch.VALIDATION_LOSS, epoch.VALIDATION_SCORE]] = self.watcher.measure(self.moments.theta)
        row[epoch.KEPT], row[epoch.RATE] = 1.0, self.plan.learning_rate
        self.moments.best[:] = self.moments.theta
        self._record(records, time.perf_counter())

    def _diverged(self, loss: float) -> None:
        """Go back to the best weights with a tenth of the rate, once; then give up."""
        event = Divergence(len(self.history), loss, float(self.sums[epoch.LIMIT]))
        if self.rate_factor < 1.0:
            self.history.divergences.append(event)
            self._stop(StopReason.DIVERGED)
            return
        self.rate_factor = 0.1
        restarted_from = "initial" if self._restore_initial_if_better() else "best"
        self.history.divergences.append(replace(event, restarted_from=restarted_from))
        self.clock[epoch.ENDED] = 0
        self.moments.theta[:] = self.moments.best
        if self.moments.average.size:
            self.moments.average[:] = self.moments.best
        self.moments.first[:] = 0
        self.moments.second[:] = 0
