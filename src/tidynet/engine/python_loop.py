"""Training whose steps Python drives: a custom loss, or a large network's batch cut into slices.

The number of slices is fixed, and their gradients are summed in a fixed order, so the weights do not depend on
the number of threads.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from tidynet.engine import kernels
from tidynet.engine.activations import activation
from tidynet.engine.custom_loss import CustomLoss
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
from tidynet.engine.network import Network
from tidynet.engine.training_config import TrainingConfig

Array = NDArray[Any]

LARGE = 60e6  # multiplications in a step, above which two threads gain more than they cost
SLICE_SEED = 104_729  # each slice draws its own dropout masks


def uses_slices(network: Network, batch: int) -> bool:
    """Whether a step of this network is worth cutting into slices; networks with categories are not cut."""
    products = sum(a * b for a, b in zip(network.sizes, network.sizes[1:], strict=False))
    return not network.categories and 3 * batch * products >= LARGE and batch >= 16


class TrainerProtocol(Protocol):
    """What the loop needs of its training."""

    network: Network
    config: TrainingConfig
    data: Data
    validated: bool
    stopping: StoppingConfig
    layout: ParameterLayout
    optimizer: OptimizerParams
    state: TrainingState
    work: Workspace
    dropout: Array
    order: Array
    clock: Array
    sums: Array
    batch: int
    per_epoch: int

    @property
    def validation_evaluator(self) -> LossEvaluator:
        """Measures the validation rows."""

    def prepare_row_order(self, step: int) -> None:
        """Make the order of the rows of a step ready."""


class PythonTrainingLoop:
    """Does what `kernels.train_steps` does, one step at a time."""

    def __init__(self, trainer: TrainerProtocol) -> None:
        self.trainer, self.custom = trainer, trainer.config.custom_loss
        config, theta = trainer.config, trainer.state.theta
        slices = 1 if self.custom is not None else config.slices
        rows = -(-trainer.batch // slices)
        self.works = [kernels.make_workspace(trainer.network, rows, theta.dtype) for _ in range(slices - 1)]
        self.states = [trainer.state._replace(gradient=np.zeros_like(theta)) for _ in range(slices - 1)]
        threads = min(config.threads, slices)
        self.pool = ThreadPoolExecutor(threads - 1) if threads > 1 else None

    def run(self, rates: Array, records: Array) -> int:
        """As many steps as there are rates; returns the number of epochs that ended."""
        trainer, clock, ended = self.trainer, self.trainer.clock, 0
        for rate in rates.tolist():
            step, t = int(clock[epoch.STEP]), int(clock[epoch.STEPS]) + 1
            trainer.prepare_row_order(step)
            rows = trainer.order[step * trainer.batch : (step + 1) * trainer.batch]
            is_last = step == trainer.per_epoch - 1
            if is_last:
                trainer.state.before[:] = trainer.state.theta
            self._step(rows, rate, t)
            clock[epoch.STEP] += 1
            clock[epoch.STEPS] = t
            if is_last:
                records[ended, epoch.RATE] = rate
                self._finish_epoch(-(-len(rows) // (len(self.works) + 1)), records[ended])
                ended += 1
                if clock[epoch.ENDED] or ended == len(records):
                    break
        return ended

    def close(self) -> None:
        """End the threads."""
        if self.pool is not None:
            self.pool.shutdown()

    def measure(self, evaluator: LossEvaluator, theta: Array) -> tuple[float, float]:
        """Mean of the minimized loss, which may be a custom one, and the score."""
        trainer, data = self.trainer, evaluator.data
        loss, score = evaluator.measure(theta)
        if self.custom is None:
            return loss, score
        predicted = np.empty((data.inputs.rows, trainer.network.outputs), theta.dtype)
        kernels.predict_rows(
            trainer.layout, theta, data.inputs, 0, data.inputs.rows, trainer.batch, trainer.work, predicted
        )
        weights = data.weights if data.weights.size else None
        return float(np.average(self.custom.value(data.targets, predicted), weights=weights)), score

    def _step(self, rows: Array, rate: float, t: int) -> None:
        trainer, weights = self.trainer, self.trainer.data.weights
        total = float(weights[rows].sum(dtype=np.float64)) if weights.size else float(len(rows))
        if total <= 0:
            return
        if self.custom is None:
            loss_sum, touched = self._sliced_gradient(rows, total, t), 0
        else:
            loss_sum, touched = self._custom_gradient(self.custom, rows, total, t)
        trainer.sums[epoch.LOSS_SUM] += loss_sum
        stepwise.update_weights(trainer.layout, trainer.optimizer, trainer.state, rate, t, total, trainer.work, touched)

    def _sliced_gradient(self, rows: Array, total: float, t: int) -> float:
        """Sum of losses; the batch's gradient, summed in the order of the slices."""
        trainer = self.trainer
        states, works = [trainer.state, *self.states], [trainer.work, *self.works]

        def slice_gradient(index: int, part: Array) -> float:
            if not len(part):
                states[index].gradient[:] = 0
                return 0.0
            return stepwise.slice_gradient(
                trainer.layout, trainer.optimizer, states[index], trainer.data, part, total, trainer.dropout,
                trainer.config.seed + SLICE_SEED * index, t, works[index],
            )  # fmt: skip

        parts = list(enumerate(np.array_split(rows, len(states))))
        if self.pool is None:
            losses = [slice_gradient(*part) for part in parts]
        else:
            futures = [self.pool.submit(slice_gradient, *part) for part in parts[1:]]
            losses = [slice_gradient(*parts[0]), *(future.result() for future in futures)]
        for state in self.states:
            trainer.state.gradient[:] += state.gradient
        return sum(losses)

    def _custom_gradient(self, custom: CustomLoss, rows: Array, total: float, t: int) -> tuple[float, int]:
        """Sum of losses and number of category rows: forward, the custom value and derivative, backward."""
        trainer, m = self.trainer, len(rows)
        network, data, work = trainer.network, trainer.data, trainer.work
        shared = trainer.dropout, trainer.config.seed, t, work
        stepwise.forward_rows(trainer.layout, trainer.state.theta, data.inputs, rows, *shared)
        h, predicted = self._last_layer(work.pre, m), self._last_layer(work.act, m)
        y = data.targets[rows]
        w = data.weights[rows] if data.weights.size else np.ones(m)
        slope = custom.derivative(y, predicted) * activation(network.output_activation).derivative(h, predicted)
        self._last_layer(work.delta, m)[:] = slope * (w / total)[:, None]
        trainer.state.gradient[:] = 0
        touched = stepwise.backward_rows(trainer.layout, trainer.optimizer, trainer.state, data, rows, total, *shared)
        return float((w * custom.value(y, predicted)).sum()), touched

    def _last_layer(self, buffer: Array, m: int) -> Array:
        """The last layer's values of m rows in a workspace buffer, (m, outputs)."""
        units, start = self.trainer.network.outputs, m * int(self.trainer.layout.before[-2])
        return buffer[start : start + m * units].reshape(m, units)

    def _finish_epoch(self, m: int, record: Array) -> None:
        trainer, state = self.trainer, self.trainer.state
        loss, score = 0.0, 0.0
        if trainer.validated:
            theta = state.average if state.average.size else state.theta
            loss, score = self.measure(trainer.validation_evaluator, theta)
        stepwise.finish_epoch(
            trainer.layout, state, trainer.stopping, trainer.clock, trainer.sums, m, int(trainer.validated), loss,
            score,
            trainer.work, record,
        )  # fmt: skip
