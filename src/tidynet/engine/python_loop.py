"""Trainings that compiled calls alone cannot do: a large network's batch in slices, or a user's own loss.

The batch is cut into a *fixed* number of slices, computed side by side where there are threads and summed in
a fixed order: the weights do not depend on the number of threads. A user's loss is called step by step.
"""

from __future__ import annotations

import math
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from tidynet.engine import kernels
from tidynet.engine.activations import activation
from tidynet.engine.data import LossEvaluator
from tidynet.engine.kernels import (
    Data,
    OptimizerParams,
    ParameterLayout,
    StoppingConfig,
    TrainingState,
    Workspace,
    epoch,
    stepwise,
)
from tidynet.engine.kernels.barrier import BARRIER_ABORTED
from tidynet.engine.kernels.sliced_batch import train_steps_sliced
from tidynet.engine.network import Network
from tidynet.engine.training_config import TrainingConfig

__all__ = ["PythonTrainingLoop", "is_large"]

Array = NDArray[Any]

LARGE = 60e6  # multiplications of a step, from which on two threads gain more than they cost


def is_large(network: Network, batch: int) -> bool:
    """Whether a step of this network is worth cutting into slices; look-ups of levels are not cut."""
    products = sum(a * b for a, b in zip(network.sizes, network.sizes[1:], strict=False))
    return not network.levels and 3 * batch * products >= LARGE and batch >= 16


class TrainerProtocol(Protocol):
    """What steps need of the training that they are part of."""

    network: Network
    plan: TrainingConfig
    data: Data
    validation: Data
    validated: bool
    watch: StoppingConfig
    layout: ParameterLayout
    rule: OptimizerParams
    moments: TrainingState
    work: Workspace
    dropout: Array
    order: Array
    clock: Array
    sums: Array
    batch: int
    per_epoch: int

    @property
    def watcher(self) -> LossEvaluator: ...

    def prepare_row_order(self, step: int) -> None: ...


class PythonTrainingLoop:
    """Does what `kernels.train_steps` does, with Python at the epochs' ends."""

    def __init__(self, loop: TrainerProtocol, threads: int) -> None:
        self.loop = loop
        self.slices = loop.plan.slices
        self.threads = min(threads, self.slices)
        self.works: list[Workspace] = []
        self.pool: ThreadPoolExecutor | None = None
        if loop.plan.custom_loss is None:
            theta, rows = loop.moments.theta, -(-loop.batch // self.slices)
            self.works = [kernels.make_workspace(loop.network, rows, theta.dtype) for _ in range(self.threads)]
            self.gradients = np.zeros((self.slices - 1, theta.size), theta.dtype)
            self.losses = np.zeros(self.slices)
            self.pool = ThreadPoolExecutor(self.threads - 1) if self.threads > 1 else None

    def run(self, rates: Array, records: Array) -> int:
        """As many steps as there are rates; returns the number of epochs that ended."""
        loop, ended, done = self.loop, 0, 0
        clock, plan = loop.clock, loop.plan
        while done < len(rates):
            step, t = int(clock[epoch.STEP]), int(clock[epoch.STEPS]) + 1
            loop.prepare_row_order(step)
            steps = 1 if plan.custom_loss is not None else min(len(rates) - done, loop.per_epoch - step)
            last = step + steps == loop.per_epoch
            now = np.asarray(rates[done : done + steps], np.float64)
            touched, m = (
                self._custom_loss_step(now[0], step, t) if plan.custom_loss is not None else self._sliced(now, step, t)
            )
            done += steps
            clock[epoch.STEP] += steps
            clock[epoch.STEPS] += steps
            if last:
                work = self.works[0] if self.works else loop.work
                record = records[ended]
                stepwise.layer_record(loop.layout, loop.moments, work, m, touched, record[epoch.LAYERS :])
                record[epoch.RATE] = now[-1]
                self._close(record)
                ended += 1
                if clock[epoch.ENDED] or ended == len(records):
                    break
        return ended

    def close(self) -> None:
        """Let the threads go."""
        if self.pool is not None:
            self.pool.shutdown()

    def _sliced(self, rates: Array, step: int, t: int) -> tuple[int, int]:
        """Steps of one epoch; (touched level rows, rows of the first slice of the last)."""
        loop = self.loop
        meeting = np.zeros(2, np.int64)

        def slice_step(thread: int) -> None:
            train_steps_sliced(
                loop.layout, loop.rule, loop.moments, self.gradients, loop.data, loop.order, loop.batch, step, rates,
                loop.dropout, loop.plan.seed, t, self.losses, loop.sums, self.works[thread], meeting,
                thread, self.threads,
            )  # fmt: skip

        others: list[Future[None]] = []
        try:
            if self.pool is not None:
                others = [self.pool.submit(slice_step, thread) for thread in range(1, self.threads)]
            slice_step(0)
        except BaseException:
            meeting[BARRIER_ABORTED] = 1
            raise
        for other in others:
            other.result()
        rows = min(loop.batch, loop.order.size - (step + len(rates) - 1) * loop.batch)
        return 0, -(-rows // self.slices)

    def _custom_loss_step(self, rate: float, step: int, t: int) -> tuple[int, int]:
        """One step on the user's own loss; (touched level rows, rows of the batch)."""
        loop = self.loop
        rows = loop.order[step * loop.batch : (step + 1) * loop.batch]
        if step == loop.per_epoch - 1:
            loop.moments.before[:] = loop.moments.theta
        weights = loop.data.weights
        total = float(weights[rows].sum(dtype=np.float64)) if weights.size else float(len(rows))
        if total <= 0:
            return 0, len(rows)
        loss_sum, touched = self._custom_loss_gradient(rows, total, t)
        loop.sums[epoch.LOSS_SUM] += loss_sum
        scale = 1.0
        if loop.rule.clip_norm > 0:
            scale = min(1.0, loop.rule.clip_norm / max(float(np.linalg.norm(loop.moments.gradient)), 1e-30))
        stepwise.update_all(loop.layout, loop.rule, loop.moments, rate, t, total, scale, loop.work, touched)
        if loop.moments.average.size:
            loop.moments.average[:] += (1 - loop.rule.ema_decay) * (loop.moments.theta - loop.moments.average)
        return touched, len(rows)

    def _custom_loss_gradient(self, rows: Array, total: float, t: int) -> tuple[float, int]:
        """Sum of losses and touched level rows: forward, the user's value and slope, backward."""
        loop, custom = self.loop, self.loop.plan.custom_loss
        if custom is None:
            raise AssertionError("only called with a loss")
        m = len(rows)
        stepwise.forward_rows(
            loop.layout, loop.moments.theta, loop.data.inputs, rows, loop.dropout, loop.plan.seed, t, loop.work
        )
        h, predicted = self._last(loop.work.pre, m), self._last(loop.work.act, m)
        y = loop.data.targets[rows]
        w = loop.data.weights[rows] if loop.data.weights.size else np.ones(m)
        slope = custom.derivative(y, predicted) * activation(loop.network.output_activation).derivative(h, predicted)
        self._last(loop.work.delta, m)[:] = slope * (w / total)[:, None]
        loop.moments.gradient[:] = 0
        touched = stepwise.backward_rows(
            loop.layout, loop.rule, loop.moments, loop.data, rows, total, loop.dropout, loop.plan.seed, t, loop.work
        )
        return float((w * custom.value(y, predicted)).sum()), touched

    def _last(self, buffer: Array, m: int) -> Array:
        """The last layer's values of m rows in a workspace buffer, (m, outputs)."""
        units, start = self.loop.network.outputs, m * int(self.loop.layout.before[-2])
        return buffer[start : start + m * units].reshape(m, units)

    def _close(self, record: Array) -> None:
        """Validation, the best weights, patience: what `epoch._end_epoch` does."""
        loop = self.loop
        clock, sums = loop.clock, loop.sums
        record[epoch.KEPT] = 0.0
        record[epoch.TRAINING_LOSS] = value = sums[epoch.LOSS_SUM] / sums[epoch.TOTAL_WEIGHT]
        sums[epoch.LOSS_SUM] = 0.0
        theta = loop.moments.average if loop.moments.average.size else loop.moments.theta
        if loop.validated:
            loss, score = self.measure(loop.watcher, theta)
            record[[epoch.VALIDATION_LOSS, epoch.VALIDATION_SCORE]] = loss, score
            value = -score if loop.watch.use_score else loss
        record[epoch.WATCHED] = value
        clock[epoch.EPOCH] += 1
        clock[epoch.STEP] = 0
        lost = not (math.isfinite(record[epoch.TRAINING_LOSS]) and math.isfinite(value))
        if lost or record[epoch.TRAINING_LOSS] > sums[epoch.LIMIT]:
            clock[epoch.ENDED] = epoch.DIVERGED
            return
        clock[epoch.WAITING] = 0 if value < sums[epoch.BEST] - loop.watch.min_delta else clock[epoch.WAITING] + 1
        if value < sums[epoch.BEST]:
            sums[epoch.BEST], record[epoch.KEPT] = value, 1.0
            loop.moments.best[:] = theta
        if clock[epoch.WAITING] >= loop.watch.patience:
            clock[epoch.ENDED] = epoch.OUT_OF_PATIENCE

    def measure(self, watcher: LossEvaluator, theta: Array) -> tuple[float, float]:
        """Mean of the loss that is minimised, the user's own too, and the score."""
        loop, custom = self.loop, self.loop.plan.custom_loss
        loss, score = watcher.measure(theta)
        if custom is None:
            return loss, score
        data = watcher.data
        predicted = np.empty((data.inputs.rows, loop.network.outputs), theta.dtype)
        kernels.predict_rows(loop.layout, theta, data.inputs, 0, data.inputs.rows, loop.batch, loop.work, predicted)
        weights = data.weights if data.weights.size else None
        return float(np.average(custom.value(data.targets, predicted), weights=weights)), score
