"""Steps that Python drives one by one: a large network's batch in slices, or a user's own loss.

A large network spends milliseconds in a step, so Python's microseconds between them are nothing. Its batch
is cut into a *fixed* number of slices, computed side by side where there are threads and summed in a
fixed order: the weights do not depend on the number of threads.
"""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from tidynet.net import kernels
from tidynet.net.activations import activation
from tidynet.net.data import Watcher
from tidynet.net.kernels import Data, Layout, Moments, Rule, Watch, Workspace, epoch, stepwise
from tidynet.net.network import Network
from tidynet.net.noise import SHUFFLE_STREAM, permute, stream_key
from tidynet.net.plan import Plan

__all__ = ["Stepwise", "is_large"]

Array = NDArray[Any]

LARGE = 60e6  # multiplications of a step, from which on two threads gain more than they cost
SLICE_SEED = 104_729  # each slice draws its own dropout masks


def is_large(network: Network, batch: int) -> bool:
    """Whether a step of this network is worth cutting into slices; look-ups of levels are not cut."""
    products = sum(a * b for a, b in zip(network.sizes, network.sizes[1:], strict=False))
    return not network.levels and 3 * batch * products >= LARGE and batch >= 16


class Loop(Protocol):
    """What steps need of the training that they are part of."""

    network: Network
    plan: Plan
    data: Data
    validation: Data
    validated: bool
    watch: Watch
    layout: Layout
    rule: Rule
    moments: Moments
    work: Workspace
    dropout: Array
    order: Array
    clock: Array
    sums: Array
    batch: int
    per_epoch: int

    @property
    def watcher(self) -> Watcher: ...


class Stepwise:
    """Does what `kernels.train_steps` does, one step at a time."""

    def __init__(self, loop: Loop, threads: int) -> None:
        self.loop = loop
        self.slices = loop.plan.slices
        rows = -(-loop.batch // self.slices)
        self.works: list[Workspace] = []
        self.moments = [loop.moments]
        self.pool: ThreadPoolExecutor | None = None
        if loop.plan.own_loss is None:
            dtype = loop.moments.theta.dtype
            self.works = [kernels.workspace_for(loop.network, rows, dtype) for _ in range(self.slices)]
            gradients = [np.zeros_like(loop.moments.gradient) for _ in range(self.slices - 1)]
            self.moments += [loop.moments._replace(gradient=gradient) for gradient in gradients]
            self.pool = ThreadPoolExecutor(threads - 1) if threads > 1 else None

    def run(self, rates: Array, records: Array) -> int:
        """As many steps as there are rates; returns the number of epochs that ended."""
        loop, ended = self.loop, 0
        clock, plan = loop.clock, loop.plan
        for rate in rates:
            if clock[epoch.STEP] == 0:
                loop.order[:] = np.arange(loop.order.size)
                if plan.shuffle and loop.per_epoch > 1:
                    permute(loop.order, stream_key(plan.seed, SHUFFLE_STREAM, int(clock[epoch.EPOCH]), 0))
            step, t = int(clock[epoch.STEP]), int(clock[epoch.STEPS]) + 1
            rows = loop.order[step * loop.batch : (step + 1) * loop.batch]
            last = step == loop.per_epoch - 1
            if last:
                loop.moments.before[:] = loop.moments.theta
            touched, m = self._step(rows, float(rate), t)
            clock[epoch.STEP] += 1
            clock[epoch.STEPS] = t
            if last:
                work = self.works[0] if self.works else loop.work
                record = records[ended]
                stepwise.layer_record(loop.layout, loop.moments, work, m, touched, record[epoch.LAYERS :])
                record[epoch.RATE] = rate
                self._close(record)
                ended += 1
                if clock[epoch.ENDED] or ended == len(records):
                    break
        return ended

    def close(self) -> None:
        """Let the threads go."""
        if self.pool is not None:
            self.pool.shutdown()

    def _step(self, rows: Array, rate: float, t: int) -> tuple[int, int]:
        """One batch; (touched level rows, rows of the last workspace)."""
        loop = self.loop
        weights = loop.data.weights
        total = float(weights[rows].sum(dtype=np.float64)) if weights.size else float(len(rows))
        if total <= 0:
            return 0, len(rows)
        if loop.plan.own_loss is not None:
            loss_sum, touched, m = self._own(rows, total, t)
        else:
            loss_sum, touched, m = self._sliced(rows, total, t)
        loop.sums[epoch.LOSS_SUM] += loss_sum
        scale = 1.0
        if loop.rule.clip > 0:
            scale = min(1.0, loop.rule.clip / max(float(np.linalg.norm(loop.moments.gradient)), 1e-30))
        stepwise.update_all(loop.layout, loop.rule, loop.moments, rate, t, total, scale, loop.work, touched)
        if loop.moments.average.size:
            loop.moments.average[:] += (1 - loop.rule.averaging) * (loop.moments.theta - loop.moments.average)
        return touched, m

    def _sliced(self, rows: Array, total: float, t: int) -> tuple[float, int, int]:
        parts = np.array_split(rows, self.slices)

        def one(place: int) -> float:
            if not len(parts[place]):
                self.moments[place].gradient[:] = 0
                return 0.0
            found, _ = stepwise.slice_gradient(
                self.loop.layout, self.loop.rule, self.moments[place], self.loop.data, parts[place], total,
                self.loop.dropout, self.loop.plan.seed + SLICE_SEED * place, t, self.works[place],
            )  # fmt: skip
            return found

        if self.pool is None:
            losses = [one(place) for place in range(self.slices)]
        else:
            others = [self.pool.submit(one, place) for place in range(1, self.slices)]
            losses = [one(0), *(other.result() for other in others)]
        for other in self.moments[1:]:
            self.loop.moments.gradient[:] += other.gradient
        return sum(losses), 0, len(parts[0])

    def _own(self, rows: Array, total: float, t: int) -> tuple[float, int, int]:
        """A step on the user's own loss: forward, their value and slope, backward."""
        loop, own = self.loop, self.loop.plan.own_loss
        if own is None:
            raise AssertionError("only called with a loss")
        m = len(rows)
        stepwise.feed_rows(
            loop.layout, loop.moments.theta, loop.data.inputs, rows, loop.dropout, loop.plan.seed, t, loop.work
        )
        h, predicted = self._last(loop.work.pre, m), self._last(loop.work.act, m)
        y = loop.data.targets[rows]
        w = loop.data.weights[rows] if loop.data.weights.size else np.ones(m)
        slope = own.slope(y, predicted) * activation(loop.network.output_activation).derivative(h, predicted)
        self._last(loop.work.delta, m)[:] = slope * (w / total)[:, None]
        loop.moments.gradient[:] = 0
        touched = stepwise.spread_rows(
            loop.layout, loop.rule, loop.moments, loop.data, rows, total, loop.dropout, loop.plan.seed, t, loop.work
        )
        return float((w * own.value(y, predicted)).sum()), touched, m

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
            loss, score = self._measure(theta)
            record[[epoch.VALIDATION_LOSS, epoch.VALIDATION_SCORE]] = loss, score
            value = -score if loop.watch.by_score else loss
        record[epoch.WATCHED] = value
        clock[epoch.EPOCH] += 1
        clock[epoch.STEP] = 0
        if not (math.isfinite(record[epoch.TRAINING_LOSS]) and math.isfinite(value)):
            clock[epoch.ENDED] = epoch.DIVERGED
            return
        clock[epoch.WAITING] = 0 if value < sums[epoch.BEST] - loop.watch.minimum_gain else clock[epoch.WAITING] + 1
        if value < sums[epoch.BEST]:
            sums[epoch.BEST], record[epoch.KEPT] = value, 1.0
            loop.moments.best[:] = theta
        if clock[epoch.WAITING] >= loop.watch.patience:
            clock[epoch.ENDED] = epoch.OUT_OF_PATIENCE

    def _measure(self, theta: Array) -> tuple[float, float]:
        loop, own = self.loop, self.loop.plan.own_loss
        loss, score = loop.watcher.measure(theta)
        if own is None:
            return loss, score
        data = loop.validation
        predicted = np.empty((data.inputs.rows, loop.network.outputs), theta.dtype)
        kernels.predict_rows(loop.layout, theta, data.inputs, 0, data.inputs.rows, loop.batch, loop.work, predicted)
        weights = data.weights if data.weights.size else None
        return float(np.average(own.value(data.targets, predicted), weights=weights)), score
