"""Many training steps in one compiled call, with validation and early stopping at the end of each epoch.

One call runs many epochs of a small table, or a part of one epoch of a large one. The GIL is released.
"""

from __future__ import annotations

import math
from typing import Any

from numpy.typing import NDArray

from tidynet.engine.counter_rng import SHUFFLE_STREAM, prepare_order, stream_key
from tidynet.engine.kernels.compiled import ZERO, entry_point, inlined, is_finite
from tidynet.engine.kernels.elementwise import multiply_derivative
from tidynet.engine.kernels.evaluation import evaluate_loss
from tidynet.engine.kernels.layers import layer_weights, matrix
from tidynet.engine.kernels.step import average_weights, step_gradient, total_weight, update_all
from tidynet.engine.kernels.structures import Data, ParameterLayout, StoppingConfig, TrainingState, Workspace
from tidynet.engine.kernels.update import OptimizerParams

Array = NDArray[Any]

# Indices into `clock`, `sums` and a row of `records`.
EPOCH, STEP, WAITING, ENDED, STEPS = 0, 1, 2, 3, 4
LOSS_SUM, TOTAL_WEIGHT, BEST, LIMIT = 0, 1, 2, 3
TRAINING_LOSS, VALIDATION_LOSS, VALIDATION_SCORE, MONITORED, KEPT, RATE, LAYERS = 0, 1, 2, 3, 4, 5, 6
# Codes in `clock[ENDED]`.
OUT_OF_PATIENCE, DIVERGED = 1, 2

MAX_ROWS_FOR_DEAD_UNITS = 128


@inlined
def record_layers(
    layout: ParameterLayout, state: TrainingState, work: Workspace, m: int, norms: Array, record: Array
) -> None:
    """Per layer: gradient norm, ‖Δw‖/‖w‖ of the last step, fraction of units with |f′(h)| < 0.001 for 128 rows."""
    layers = layout.sizes.size - 1
    for layer in range(1, layers + 1):
        W = layer_weights(state.theta, layout, layer)
        before = layer_weights(state.before, layout, layer)
        moved, size = 0.0, 0.0
        for r in range(W.shape[0]):
            for c in range(W.shape[1]):
                difference = W[r, c] - before[r, c]
                moved += difference * difference
                size += W[r, c] * W[r, c]
        record[layer - 1] = math.sqrt(norms[layer - 1])
        record[layers + layer - 1] = math.sqrt(moved / max(size, 1e-30))
        if layer < layers:
            n_rows = min(m, MAX_ROWS_FOR_DEAD_UNITS)
            slope = matrix(work.delta, layout, layer, m)[:n_rows]
            for r in range(n_rows):
                for c in range(slope.shape[1]):
                    slope[r, c] = 1
            A, H = matrix(work.act, layout, layer, m)[:n_rows], matrix(work.pre, layout, layer, m)[:n_rows]
            multiply_derivative(layout.activations[layer - 1], H, A, slope)
            dead = 0
            for c in range(slope.shape[1]):
                largest = 0.0
                for r in range(n_rows):
                    largest = max(largest, abs(slope[r, c]))
                dead += largest < 1e-3
            record[2 * layers + layer - 1] = dead / slope.shape[1]


@inlined
def _copy(source: Array, target: Array) -> None:
    """Target = source. Compiling a slice assignment takes two seconds longer."""
    for i in range(target.size):
        target[i] = source[i]


@inlined
def end_epoch(
    state: TrainingState, stopping: StoppingConfig, clock: Array, sums: Array, validated: bool, loss: float,
    score: float, record: Array,
) -> None:  # fmt: skip
    """Early stopping and the best weights; `loss` and `score` are those of the validation rows, if any."""
    record[KEPT] = 0.0
    record[TRAINING_LOSS] = sums[LOSS_SUM] / sums[TOTAL_WEIGHT]
    sums[LOSS_SUM] = 0.0
    value = record[TRAINING_LOSS]
    if validated:
        record[VALIDATION_LOSS], record[VALIDATION_SCORE] = loss, score
        value = -score if stopping.use_score else loss
    record[MONITORED] = value
    clock[EPOCH] += 1
    clock[STEP] = 0
    if not (is_finite(record[TRAINING_LOSS]) and is_finite(value)) or record[TRAINING_LOSS] > sums[LIMIT]:
        clock[ENDED] = DIVERGED
        return
    clock[WAITING] = 0 if value < sums[BEST] - stopping.min_delta else clock[WAITING] + 1
    if value < sums[BEST]:
        sums[BEST] = value
        record[KEPT] = 1.0
        _copy(state.average if state.average.size > 0 else state.theta, state.best)
    if clock[WAITING] >= stopping.patience:
        clock[ENDED] = OUT_OF_PATIENCE


@entry_point
def train_steps(
    layout: ParameterLayout, optimizer: OptimizerParams, state: TrainingState, data: Data, validation: Data,
    stopping: StoppingConfig, order: Array, batch: int, rates: Array, dropout: Array, seed: int, clock: Array,
    sums: Array, records: Array, work: Workspace,
) -> int:  # fmt: skip
    """As many steps as there are `rates`, across epochs; returns the number of epochs that ended."""
    count = data.inputs.numbers.shape[0]
    per_epoch = (count + batch - 1) // batch
    all_norms, no_norms = work.norms, work.none
    ended = 0
    for i in range(rates.size):
        step = clock[STEP]
        key = stream_key(seed, SHUFFLE_STREAM, clock[EPOCH], ZERO)
        begin = prepare_order(order, step, batch, count, stopping.shuffle != 0, key)
        rows = order[begin : begin + min(batch, count - step * batch)]
        t = clock[STEPS] + 1
        last = step == per_epoch - 1
        total = total_weight(data.weights, rows)
        if last:
            _copy(state.theta, state.before)
        if total > 0:
            norms = all_norms if (last or optimizer.clip_norm > 0) else no_norms
            loss_sum, touched = step_gradient(
                layout, state, data, rows, total, dropout, seed, t, work, optimizer, rates[i], norms
            )
            sums[LOSS_SUM] += loss_sum
            if optimizer.clip_norm > 0:
                update_all(layout, optimizer, state, rates[i], t, total, work, touched, norms)
            if state.average.size > 0:
                average_weights(optimizer, state)
        clock[STEP] += 1
        clock[STEPS] = t
        if last:
            record = records[ended]
            record[RATE] = rates[i]
            record_layers(layout, state, work, rows.size, all_norms, record[LAYERS:])
            loss, score = 0.0, 0.0
            validated = validation.inputs.numbers.shape[0] > 0
            if validated:
                theta = state.average if state.average.size > 0 else state.theta
                validation_sum, weight, score = evaluate_loss(layout, theta, validation, batch, work)
                loss = validation_sum / weight
            end_epoch(state, stopping, clock, sums, validated, loss, score, record)
            ended += 1
            if clock[ENDED] != 0 or ended == records.shape[0]:
                break
    return ended
