"""The training loop: epochs, early stopping, best weights, divergence, checkpoints.

The compiled calls (`kernels.train_steps`) take a fraction of a second each: many epochs of a small table, or a
part of one epoch of a large one. So Ctrl-C and time limits act soon, and the time spent in Python is small.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tidynet.core.errors import InputError
from tidynet.core.text import pluralize
from tidynet.engine import kernels
from tidynet.engine.checkpoint import Checkpoint, CheckpointState, load_state, save_state, training_identity
from tidynet.engine.counter_rng import LONGEST_ORDER
from tidynet.engine.data import LossEvaluator, check_custom_loss, check_fit, empty_data
from tidynet.engine.history import EpochRecord, History, TrainingResult, make_epochs
from tidynet.engine.kernels import Data, StoppingConfig, epoch
from tidynet.engine.kernels.stepwise import prepare_row_order
from tidynet.engine.learning_rate_schedules import ReduceOnPlateau, schedule_factors
from tidynet.engine.network import Network
from tidynet.engine.optimizers import optimizer
from tidynet.engine.python_loop import PythonTrainingLoop, uses_slices
from tidynet.engine.stop_reason import Divergence, StopReason, TrainingStop
from tidynet.engine.training_config import TrainingConfig, make_optimizer_params

Array = NDArray[Any]
OnEpoch = Callable[[EpochRecord], None]

CALL_SECONDS = 0.15  # of a compiled call: short enough for Ctrl-C
MAX_EPOCHS_PER_CALL = 256
VALIDATION_BATCH = 512
MIN_LEARNING_RATE = 1e-6  # at which the adaptive schedule ends training
NO_LIMIT = float(np.finfo(np.float64).max)  # not infinity, which fast mathematics may assume away
DIVERGENCE_FACTOR = 1e6  # a loss above this multiple of the first one counts as diverged


class Trainer:
    """The state of one training."""

    def __init__(
        self, network: Network, theta: Array, data: Data, config: TrainingConfig, validation: Data | None,
        on_event: OnEpoch | None, stop: Callable[[], bool] | None, checkpoint: Checkpoint | None,
    ) -> None:  # fmt: skip
        check_fit(network, theta, data, validation)
        self.network, self.config, self.data, self.initial = network, config, data, theta
        self.on_event, self.is_stop_requested, self.checkpoint = on_event, stop, checkpoint
        rows, self.layers = data.inputs.rows, len(network.sizes) - 1
        self.batch = rows if optimizer(config.optimizer).full_batch else min(config.batch_size, rows)
        self.per_epoch = -(-rows // self.batch)
        self.validated = validation is not None and validation.inputs.rows > 0
        self.validation = validation if validation is not None else empty_data(data)
        self.layout, self.optimizer = kernels.make_parameter_layout(network), make_optimizer_params(config)
        n_vectors = optimizer(config.optimizer).n_vectors
        self.state = kernels.make_training_state(network, theta.copy(), n_vectors, config.ema_decay > 0)
        self.work = kernels.make_workspace(network, self.batch, theta.dtype)
        self.dropout = self._dropout()
        self.clock, self.first_epoch = np.zeros(5, np.int64), 0
        total_weight = float(data.weights.sum(dtype=np.float64)) if data.weights.size else float(rows)
        self.sums = np.array([0.0, total_weight, math.inf, NO_LIMIT])
        self.plateau = ReduceOnPlateau(
            int(min(config.patience, 10**9)), config.min_delta, config.schedule_options.decay_factor
        )
        self.stopping = StoppingConfig(
            int(config.stopping_criterion == "score" and self.validated),
            math.inf if config.schedule == "adaptive" else float(config.patience),
            float(config.min_delta),
            int(config.shuffle),
        )
        self.rate_factor, self.call_steps = 1.0, 1
        self.history, self.n_recorded, self.n_before_call, self.records = History(), 0, 0, np.empty((0, 0))
        self.python_loop = self._make_python_loop()
        # Compile or load the kernel before the clock starts.
        self._run_kernel(np.empty(0), np.empty((1, epoch.LAYERS + 3 * self.layers)))
        self.start_time = self.last_end = self.saved_at = time.perf_counter()
        self.saved_epoch = 0

    def _dropout(self) -> Array:
        fractions = self.config.dropout if any(self.config.dropout) else ()
        if fractions and len(fractions) != self.layers:
            raise InputError(
                f"dropout has {pluralize(len(fractions), 'fraction')}, expected {self.layers}",
                "give one for the inputs and one for each hidden layer",
            )
        return np.array(fractions, dtype=np.float64)

    def _make_python_loop(self) -> PythonTrainingLoop | None:
        config, rows = self.config, self.data.inputs.rows
        if config.custom_loss is not None:
            check_custom_loss(self.network, config.custom_loss, self.data)
        needed = config.custom_loss is not None or (config.slices > 1 and uses_slices(self.network, self.batch))
        self.order = np.empty(rows if needed or rows <= LONGEST_ORDER else self.batch, np.int64)
        return PythonTrainingLoop(self) if needed else None

    @cached_property
    def validation_evaluator(self) -> LossEvaluator:
        """Evaluates the validation rows outside the kernel."""
        return LossEvaluator(self.network, self.validation, VALIDATION_BATCH)

    @cached_property
    def training_evaluator(self) -> LossEvaluator:
        """Evaluates the training rows, which only divergence needs."""
        return LossEvaluator(self.network, self.data, VALIDATION_BATCH)

    def continue_training(self, earlier: TrainingResult) -> None:
        """Continue with the weights, optimizer state and step count of an earlier training."""
        for own, other in zip(self.state, earlier.state, strict=True):
            own[...] = other
        self.initial = self.state.theta.copy()
        self.clock[epoch.EPOCH] = self.first_epoch = self.n_recorded = int(earlier.clock[epoch.EPOCH])
        self.clock[epoch.STEPS] = earlier.clock[epoch.STEPS]

    def resume(self, checkpoint: Checkpoint) -> None:
        """Continue from the state of a checkpoint."""
        state = load_state(checkpoint.path, self._identity())
        for own, saved in zip((*self.state, self.clock, self.sums), state.arrays, strict=True):
            own[...] = saved
        self.history = state.history
        self.rate_factor, self.plateau = state.rate_factor, ReduceOnPlateau(**state.plateau)
        self.start_time -= self.history.epochs[-1].seconds if self.history.epochs else 0.0
        self.saved_epoch, self.n_recorded = len(self.history), int(self.clock[epoch.EPOCH])
        if self.clock[epoch.STEP]:
            self.prepare_row_order(0)  # an order of all rows is made at the first step of an epoch

    def prepare_row_order(self, step: int) -> None:
        """Prepare the row order of a step of the current epoch, as the kernels do."""
        number, rows = int(self.clock[epoch.EPOCH]), self.data.inputs.rows
        prepare_row_order(self.order, step, self.batch, rows, self.stopping.shuffle, self.config.seed, number)

    def _identity(self) -> str:
        dtype = str(self.state.theta.dtype)
        return training_identity(self.network, self.config, self.data, self.validation, dtype)

    def _save_if_due(self) -> None:
        checkpoint = self.checkpoint
        if checkpoint is None:
            return
        now, done = time.perf_counter(), len(self.history)
        if done - self.saved_epoch >= checkpoint.epochs or now - self.saved_at >= checkpoint.seconds:
            arrays = [*self.state, self.clock, self.sums]
            save_state(
                checkpoint.path,
                CheckpointState(arrays, self.history, self.rate_factor, vars(self.plateau), self._identity()),
            )
            self.saved_at, self.saved_epoch = now, done

    def run(self) -> TrainingResult:
        """Train to the end."""
        interrupted = False
        try:
            while self.clock[epoch.EPOCH] - self.first_epoch < self.config.epochs and self.history.stop is None:
                self._advance()
        except KeyboardInterrupt:
            interrupted = True
            # The epochs of the last call may not be recorded yet.
            self.on_event = None
            ended = int(self.clock[epoch.EPOCH]) - self.n_recorded
            self._end_call(self.records[min(ended, len(self.history) - self.n_before_call) : ended])
            self._stop(StopReason.INTERRUPTED)
        if self.history.stop is None:
            self._stop(StopReason.MAX_EPOCHS, self.config.epochs)
        if not len(self.history):
            self._record_partial_epoch()
        theta = self._select_weights()
        if self.python_loop is not None:
            self.python_loop.close()
            self.python_loop = None  # the cycle of references would keep the buffers in memory
        return TrainingResult(theta, self.history, self.state, interrupted, self.clock)

    def _select_weights(self) -> Array:
        """The best weights if they are to be restored or the last are not finite; else the last."""
        last = self.state.average if self.state.average.size else self.state.theta
        restored = self.validated and self.config.restore_best_weights
        if self.clock[epoch.ENDED] == epoch.DIVERGED or not np.isfinite(last).all():
            self._restore_initial_if_better()
            return self.state.best
        if restored and (self.history.best_epoch or math.isfinite(self.sums[epoch.BEST])):
            return self.state.best
        return last

    def _restore_initial_if_better(self) -> bool:
        """Replace the best weights by the initial ones if these are better; whether it did."""
        # The loss of an epoch is a mean over its batches: the weights at its end may be far worse.
        best, start = self._measured(self.state.best), self._measured(self.initial)
        if self.history.best_epoch and math.isfinite(best) and not best > start:
            return False
        self.state.best[:] = self.initial
        self.sums[epoch.BEST] = start if self.validated and math.isfinite(start) else math.inf
        return True

    def _measured(self, theta: Array) -> float:
        """The monitored value of any weights: of the validation rows, or else the loss of all rows."""
        if not np.isfinite(theta).all():
            return math.inf
        evaluator = self.validation_evaluator if self.validated else self.training_evaluator
        loss, score = self._measure(evaluator, theta)
        return -score if self.stopping.use_score else loss

    def _measure(self, evaluator: LossEvaluator, theta: Array) -> tuple[float, float]:
        return evaluator.measure(theta) if self.python_loop is None else self.python_loop.measure(evaluator, theta)

    def _advance(self) -> None:
        """One compiled call, and what follows from the epochs that it ended."""
        steps = self._steps_left(self.call_steps)
        rates = self._rates(steps)
        records = np.empty((min(MAX_EPOCHS_PER_CALL, steps // self.per_epoch + 1), epoch.LAYERS + 3 * self.layers))
        records[:, epoch.VALIDATION_LOSS : epoch.VALIDATION_SCORE + 1] = np.nan
        self.records, self.n_before_call = records, len(self.history)
        before = int(self.clock[epoch.EPOCH]) * self.per_epoch + int(self.clock[epoch.STEP])
        begun = time.perf_counter()
        ended = self._run_kernel(rates, records)
        spent = time.perf_counter() - begun
        done = int(self.clock[epoch.EPOCH]) * self.per_epoch + int(self.clock[epoch.STEP]) - before
        self.call_steps = max(1, int(CALL_SECONDS * max(done, 1) / max(spent, 1e-9)))
        self._end_call(records[:ended])
        self._save_if_due()
        limit = self.config.time_limit
        if self.history.stop is not None:
            return
        if limit is not None and time.perf_counter() - self.start_time >= limit:
            self._stop(StopReason.TIME_LIMIT, limit)
        elif self.is_stop_requested is not None and self.is_stop_requested():
            self._stop(StopReason.STOP_REQUESTED)

    def _run_kernel(self, rates: Array, records: Array) -> int:
        if self.python_loop is not None:
            return self.python_loop.run(rates, records)
        return kernels.train_steps(
            self.layout, self.optimizer, self.state, self.data, self.validation, self.stopping, self.order, self.batch,
            rates, self.dropout, self.config.seed, self.clock, self.sums, records, self.work,
        )  # fmt: skip

    def _steps_left(self, requested: int) -> int:
        """Steps of the next call: at most to the end of training, or to the next work in Python."""
        now, step = int(self.clock[epoch.EPOCH]) - self.first_epoch, int(self.clock[epoch.STEP])
        # The loss of the first epoch sets the limit of divergence.
        alone = self.config.schedule == "adaptive" or self.sums[epoch.LIMIT] == NO_LIMIT
        whole = now + 1 if alone else self.config.epochs
        remaining = (min(whole, now + MAX_EPOCHS_PER_CALL) - now) * self.per_epoch - step
        if self.on_event is not None:
            # Whole epochs, so that events come when an epoch ends.
            whole_epochs = max(self.per_epoch, self.call_steps // self.per_epoch * self.per_epoch)
            remaining = min(remaining, whole_epochs - step)
        return max(1, min(requested, remaining))

    def _rates(self, steps: int) -> Array:
        per_epoch, config = self.per_epoch, self.config
        first = int(self.clock[epoch.EPOCH]) * per_epoch + int(self.clock[epoch.STEP])
        shape = schedule_factors(
            config.schedule, first, steps, config.epochs * per_epoch, per_epoch, config.schedule_options
        )
        return shape * (config.learning_rate * self.rate_factor * self.plateau.factor)

    def _stop(self, reason: StopReason, limit: float = math.nan, monitored: str = "") -> None:
        self.history.stop = TrainingStop(reason, len(self.history), self.history.seconds, limit, monitored)

    def _end_call(self, records: Array) -> None:
        """Record the epochs that ended, then adapt the rate, handle divergence or stop."""
        now = time.perf_counter()
        if len(records) and self.sums[epoch.LIMIT] == NO_LIMIT:
            self._set_limit(float(records[0, epoch.TRAINING_LOSS]))
        diverged = len(records) > 0 and self.clock[epoch.ENDED] == epoch.DIVERGED
        if diverged:
            records[-1, [epoch.VALIDATION_LOSS, epoch.VALIDATION_SCORE]] = np.nan
            records[-1, epoch.KEPT] = 0.0
        self._record(records, now)
        if self.config.schedule == "adaptive":
            self._adapt(records[: len(records) - diverged])
        if diverged:
            self._handle_divergence(float(records[-1, epoch.TRAINING_LOSS]))
        if self.clock[epoch.ENDED] == epoch.OUT_OF_PATIENCE:
            monitored = f"validation_{self.config.stopping_criterion}" if self.validated else "training_loss"
            self._stop(StopReason.NO_IMPROVEMENT, self.config.patience, monitored)

    def _set_limit(self, loss: float) -> None:
        """Set the limit of divergence from the first epoch, or from the initial weights if its loss is very high."""
        if not math.isfinite(loss):
            return
        first = loss
        if loss > DIVERGENCE_FACTOR:
            first = self._measure(self.training_evaluator, self.initial)[0]
        if math.isfinite(first):
            self.sums[epoch.LIMIT] = DIVERGENCE_FACTOR * (abs(first) + 1.0)
        if loss > self.sums[epoch.LIMIT]:
            self.clock[epoch.ENDED] = epoch.DIVERGED

    def _adapt(self, records: Array) -> None:
        """Lower the rate where the monitored value has not improved."""
        for value in records[:, epoch.MONITORED].tolist():
            rate = self.config.learning_rate * self.rate_factor * self.plateau.factor
            if self.plateau.update(value) and rate <= MIN_LEARNING_RATE:
                self._stop(StopReason.MIN_LEARNING_RATE, MIN_LEARNING_RATE)

    def _record(self, records: Array, now: float) -> None:
        """Add the epochs that ended since the last call, spread evenly in time, and emit their events."""
        count = len(records)
        if not count:
            return
        first, pace = len(self.history), (now - self.last_end) / count
        seconds = self.last_end - self.start_time + pace * np.arange(1, count + 1)
        remaining = seconds / (first + np.arange(1, count + 1)) * (self.config.epochs - first - np.arange(1, count + 1))
        if self.config.time_limit is not None:
            remaining = np.minimum(remaining, np.maximum(0.0, self.config.time_limit - seconds))
        rows_per_second = self.data.inputs.rows / max(pace, 1e-9)
        ended = make_epochs(records, self.first_epoch + first, self.validated, rows_per_second, seconds, remaining)
        self.last_end = now
        if self.on_event is None:
            self.history.add(ended)
            self.n_recorded += count
            return
        self.n_recorded += count  # a Ctrl-C inside an event ends the history there
        for record in ended.records():
            self.history.epochs.append(record)
            self.on_event(record)

    def _record_partial_epoch(self) -> None:
        """Record a first epoch that was cut short, and keep its weights."""
        records = np.zeros((1, epoch.LAYERS + 3 * self.layers))
        row = records[0]
        n_rows = max(1, min(int(self.clock[epoch.STEP]) * self.batch, self.data.inputs.rows))
        row[epoch.TRAINING_LOSS] = self.sums[epoch.LOSS_SUM] / n_rows
        if self.validated:
            row[[epoch.VALIDATION_LOSS, epoch.VALIDATION_SCORE]] = self.validation_evaluator.measure(self.state.theta)
        row[epoch.KEPT], row[epoch.RATE] = 1.0, self.config.learning_rate
        self.state.best[:] = self.state.theta
        self._record(records, time.perf_counter())

    def _handle_divergence(self, loss: float) -> None:
        """Restart once from the best weights with a tenth of the rate; then stop."""
        event = Divergence(len(self.history), loss, float(self.sums[epoch.LIMIT]))
        if self.rate_factor < 1.0:
            self.history.divergences.append(event)
            self._stop(StopReason.DIVERGED)
            return
        self.rate_factor = 0.1
        restarted_from = "initial" if self._restore_initial_if_better() else "best"
        self.history.divergences.append(replace(event, restarted_from=restarted_from))
        self.clock[epoch.ENDED] = 0
        self.state.theta[:] = self.state.best
        if self.state.average.size:
            self.state.average[:] = self.state.best
        self.state.optimizer[:] = 0
