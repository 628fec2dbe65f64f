"""The compiled entry points: many steps of training, the loss of a table, its gradient, predictions.

`train_steps` runs many epochs of a small table, or a part of one epoch of a large one, in one call. It gathers
the batch, runs forward, loss, backward and update, and at the end of an epoch validation and early stopping. The
GIL is released.
"""

from __future__ import annotations

import math
from typing import Any

from numpy.typing import NDArray

from tidynet.engine.counter_rng import SHUFFLE_STREAM, prepare_order, stream_key
from tidynet.engine.kernels.compiled import ONE, ZERO, compiled, entry_point, inlined, is_finite
from tidynet.engine.kernels.elementwise import SOFTMAX, multiply_derivative
from tidynet.engine.kernels.layers import (
    add_bias_gradient,
    backpropagate,
    first_gradient,
    forward_pass,
    layer_inputs,
    layer_weights,
    matrix,
    product,
)
from tidynet.engine.kernels.output import (
    BINARY_CROSS_ENTROPY,
    CROSS_ENTROPY,
    output_delta,
    output_loss,
    softmax_rows,
)
from tidynet.engine.kernels.structures import Data, ParameterLayout, StoppingConfig, TrainingState, Workspace
from tidynet.engine.kernels.update import OptimizerParams, add_penalty_gradient, clip_weight_norms, update
from tidynet.engine.network import Inputs

__all__ = ["gradient_of", "loss_of", "predict_rows", "train_steps"]

Array = NDArray[Any]

# Indices into `clock`, `sums` and a row of `records`.
EPOCH, STEP, WAITING, ENDED, STEPS = 0, 1, 2, 3, 4
LOSS_SUM, TOTAL_WEIGHT, BEST, LIMIT = 0, 1, 2, 3
TRAINING_LOSS, VALIDATION_LOSS, VALIDATION_SCORE, WATCHED, KEPT, RATE, LAYERS = 0, 1, 2, 3, 4, 5, 6
# Codes in `clock[ENDED]`.
OUT_OF_PATIENCE, DIVERGED = 1, 2

MAX_ROWS_FOR_DEAD_UNITS = 128


@inlined
def _total_weight(weights: Array, rows: Array) -> float:
    if weights.size == 0:
        return float(rows.size)
    total = 0.0
    for row in rows:
        total += weights[row]
    return total


@compiled
def _update_layer(
    layout: ParameterLayout, optimizer: OptimizerParams, state: TrainingState, layer: int, rate: float, t: int,
    total: float, scale: float,
    work: Workspace, touched: int,
) -> None:  # fmt: skip
    at, biases_at = layout.weights_at[layer - 1], layout.biases_at[layer - 1]
    units = layout.sizes[layer]
    rows = layout.code_rows[0] if layer == 1 else layout.sizes[layer - 1]
    update(optimizer, state, at, at + rows * units, rate, t, total, scale, ONE)
    if layer == 1:
        for i in range(touched):
            begin = at + work.touched[i] * units
            update(optimizer, state, begin, begin + units, rate, t, total, scale, ONE)
    if biases_at >= 0:
        update(optimizer, state, biases_at, biases_at + units, rate, t, total, scale, ZERO)
    if optimizer.max_norm > 0:
        clip_weight_norms(layer_weights(state.theta, layout, layer), optimizer.max_norm)


@compiled
def squared_norm(layout: ParameterLayout, gradient: Array, layer: int, work: Workspace, touched: int) -> float:
    """‖g‖² of one layer, over the weights that the batch updates."""
    at, units = layout.weights_at[layer - 1], layout.sizes[layer]
    rows = layout.code_rows[0] if layer == 1 else layout.sizes[layer - 1]
    total = 0.0
    for i in range(at, at + rows * units):
        total += gradient[i] * gradient[i]
    if layer == 1:
        for k in range(touched):
            begin = at + work.touched[k] * units
            for i in range(begin, begin + units):
                total += gradient[i] * gradient[i]
    biases_at = layout.biases_at[layer - 1]
    if biases_at >= 0:
        for i in range(biases_at, biases_at + units):
            total += gradient[i] * gradient[i]
    return total


@inlined
def _layer_gradient(
    layout: ParameterLayout, state: TrainingState, inputs: Inputs, rows: Array, layer: int, dropout: Array, stamp: int,
    work: Workspace,
) -> int:  # fmt: skip
    m = rows.size
    touched = ZERO
    if layer > 1:
        V = layer_inputs(layout, work, layer, m, dropout)
        product(V.T, matrix(work.delta, layout, layer, m), layer_weights(state.gradient, layout, layer))
    else:
        masked = dropout.size > 0 and dropout[0] > 0
        touched = first_gradient(layout, state, inputs, rows, masked, stamp, work)
    add_bias_gradient(layout, state.gradient, layer, work, m)
    return touched


@inlined
def backward_pass(
    layout: ParameterLayout, state: TrainingState, data: Data, rows: Array, total: float, dropout: Array, seed: int,
    t: int,
    work: Workspace, optimizer: OptimizerParams, rate: float, norms: Array,
) -> int:  # fmt: skip
    """The gradient of every layer from the output's δ in the workspace; see `step_gradient`."""
    layers = layout.sizes.size - 1
    m = rows.size
    touched = ZERO
    for layer in range(layers, 0, -1):
        if layer > 1:
            backpropagate(layout, state.theta, layer, dropout, seed, t, work, m)
        touched = _layer_gradient(layout, state, data.inputs, rows, layer, dropout, t, work)
        if norms.size > 0:
            norms[layer - 1] = squared_norm(layout, state.gradient, layer, work, touched)
        if optimizer.clip_norm <= 0 and rate > 0:
            _update_layer(layout, optimizer, state, layer, rate, t, total, 1.0, work, touched)
    return touched


@inlined
def step_gradient(
    layout: ParameterLayout, state: TrainingState, data: Data, rows: Array, total: float, dropout: Array, seed: int,
    t: int,
    work: Workspace, optimizer: OptimizerParams, rate: float, norms: Array,
) -> tuple[float, int]:  # fmt: skip
    """Forward and backward of one batch, and the update of each layer while its gradient is in cache.

    Returns the weighted sum of losses and the number of category rows in the batch. With clipping the update
    follows the whole gradient; with a rate of 0 there is none. A `norms` with elements receives ‖g‖² of each layer.
    """
    layers = layout.sizes.size - 1
    m = rows.size
    forward_pass(layout, state.theta, data.inputs, rows, dropout, seed, t, work)
    H, A = matrix(work.pre, layout, layers, m), matrix(work.act, layout, layers, m)
    loss_sum = output_loss(layout, H, A, data, rows)
    output_delta(layout, H, A, data, rows, matrix(work.delta, layout, layers, m), total)
    touched = backward_pass(layout, state, data, rows, total, dropout, seed, t, work, optimizer, rate, norms)
    return loss_sum, touched


@inlined
def _sum(values: Array) -> float:
    total = 0.0
    for i in range(values.size):
        total += values[i]
    return total


@inlined
def update_all(
    layout: ParameterLayout, optimizer: OptimizerParams, state: TrainingState, rate: float, t: int, total: float,
    work: Workspace, touched: int, norms: Array,
) -> None:  # fmt: skip
    """Move every layer by one step, the gradient clipped to the norm `clip_norm` if that is above 0."""
    scale = 1.0
    if optimizer.clip_norm > 0:
        scale = min(1.0, optimizer.clip_norm / max(math.sqrt(_sum(norms)), 1e-30))
    for layer in range(layout.sizes.size - 1, 0, -1):
        _update_layer(layout, optimizer, state, layer, rate, t, total, scale, work, touched)


@inlined
def average_weights(optimizer: OptimizerParams, state: TrainingState) -> None:
    """Moving average of the weights: avg ← d·avg + (1 − d)·θ."""
    fraction = state.theta.dtype.type(1 - optimizer.ema_decay)
    for i in range(state.average.size):
        state.average[i] += fraction * (state.theta[i] - state.average[i])


@inlined
def record_layers(
    layout: ParameterLayout, state: TrainingState, work: Workspace, m: int, norms: Array, record: Array
) -> None:
    """Per layer: gradient norm, ‖Δw‖/‖w‖ of the last step, fraction of dead units.

    A unit is dead when |f′(h)| < 0.001 for the first 128 rows of the batch: a dead rectifier, a saturated sigmoid.
    """
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
            seen = min(m, MAX_ROWS_FOR_DEAD_UNITS)
            slope = matrix(work.delta, layout, layer, m)[:seen]
            for r in range(seen):
                for c in range(slope.shape[1]):
                    slope[r, c] = 1
            A, H = matrix(work.act, layout, layer, m)[:seen], matrix(work.pre, layout, layer, m)[:seen]
            multiply_derivative(layout.activations[layer - 1], H, A, slope)
            dead = 0
            for c in range(slope.shape[1]):
                largest = 0.0
                for r in range(seen):
                    largest = max(largest, abs(slope[r, c]))
                dead += largest < 1e-3
            record[2 * layers + layer - 1] = dead / slope.shape[1]


@inlined
def _consecutive(rows: Array, begin: int, stop: int) -> Array:
    """The integers begin to stop, in the buffer `rows`."""
    for i in range(stop - begin):
        rows[i] = begin + i
    return rows[: stop - begin]


@inlined
def _largest(A: Array, r: int) -> int:
    """Column of the largest value of a row."""
    best = 0
    for c in range(1, A.shape[1]):
        if A[r, c] > A[r, best]:
            best = c
    return best


@inlined
def _copy(source: Array, target: Array) -> None:
    """Target = source. Compiling a slice assignment takes two seconds longer."""
    for i in range(target.size):
        target[i] = source[i]


@inlined
def _mean_loss(
    layout: ParameterLayout, theta: Array, data: Data, batch: int, work: Workspace
) -> tuple[float, float, float]:
    """(weighted sum of losses, sum of weights, score) without dropout.

    The score is the accuracy where the loss is a cross-entropy (all outputs right, if several), else
    R² averaged over the targets.
    """
    layers = layout.sizes.size - 1
    none = work.none
    targets = data.targets.shape[1]
    squares, sums, errors = work.scores[0], work.scores[1], work.scores[2]
    for c in range(targets):
        squares[c], sums[c], errors[c] = 0.0, 0.0, 0.0
    loss_sum, weight, right = 0.0, 0.0, 0.0
    count = data.inputs.numbers.shape[0]
    for begin in range(0, count, batch):
        chosen = _consecutive(work.rows, begin, min(begin + batch, count))
        m = chosen.size
        forward_pass(layout, theta, data.inputs, chosen, none, ZERO, ZERO, work)
        A = matrix(work.act, layout, layers, m)
        loss_sum += output_loss(layout, matrix(work.pre, layout, layers, m), A, data, chosen)
        for r in range(m):
            row = chosen[r]
            w = float(data.weights[row]) if data.weights.size > 0 else 1.0
            weight += w
            if layout.loss == CROSS_ENTROPY:
                right += w * (_largest(A, r) == data.labels[row])
            elif layout.loss == BINARY_CROSS_ENTROPY:
                every = 1.0
                for c in range(targets):
                    every *= (A[r, c] > 0.5) == (data.targets[row, c] > 0.5)
                right += w * every
            else:
                for c in range(targets):
                    y, error = data.targets[row, c], data.targets[row, c] - A[r, c * (A.shape[1] // targets)]
                    sums[c] += w * y
                    squares[c] += w * y * y
                    errors[c] += w * error * error
    if layout.loss in (CROSS_ENTROPY, BINARY_CROSS_ENTROPY):
        return loss_sum, weight, right / weight
    score = 0.0
    for c in range(targets):
        spread = squares[c] - sums[c] * sums[c] / weight
        score += 1.0 - errors[c] / max(spread, 1e-30)
    return loss_sum, weight, score / targets


@inlined
def end_epoch(
    state: TrainingState, stopping: StoppingConfig, clock: Array, sums: Array, validated: bool, loss: float,
    score: float,
    record: Array,
) -> None:  # fmt: skip
    """Early stopping and the best weights; `loss` and `score` are those of the validation rows, if any."""
    record[KEPT] = 0.0
    record[TRAINING_LOSS] = sums[LOSS_SUM] / sums[TOTAL_WEIGHT]
    sums[LOSS_SUM] = 0.0
    value = record[TRAINING_LOSS]
    if validated:
        record[VALIDATION_LOSS], record[VALIDATION_SCORE] = loss, score
        value = -score if stopping.use_score else loss
    record[WATCHED] = value
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
    stopping: StoppingConfig, order: Array,
    batch: int, rates: Array, dropout: Array, seed: int, clock: Array, sums: Array, records: Array,
    work: Workspace,
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
        total = _total_weight(data.weights, rows)
        if last:
            _copy(state.theta, state.before)
        if total > 0:
            norms = all_norms if (last or optimizer.clip_norm > 0) else no_norms
            result, touched = step_gradient(
                layout, state, data, rows, total, dropout, seed, t, work, optimizer, rates[i], norms
            )
            sums[LOSS_SUM] += result
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
                loss_sum, weight, score = _mean_loss(layout, theta, validation, batch, work)
                loss = loss_sum / weight
            end_epoch(state, stopping, clock, sums, validated, loss, score, record)
            ended += 1
            if clock[ENDED] != 0 or ended == records.shape[0]:
                break
    return ended


@entry_point
def loss_of(
    layout: ParameterLayout, theta: Array, data: Data, batch: int, work: Workspace
) -> tuple[float, float, float]:
    """(weighted sum of losses, sum of weights, score) of all rows, without dropout."""
    return _mean_loss(layout, theta, data, batch, work)


@entry_point
def gradient_of(
    layout: ParameterLayout, optimizer: OptimizerParams, state: TrainingState, data: Data, dropout: Array, seed: int,
    step: int,
    work: Workspace,
) -> float:  # fmt: skip
    """E over all rows as one batch, its gradient into ``state.gradient`` (0 for categories without a row)."""
    rows = _consecutive(work.rows, ZERO, data.inputs.numbers.shape[0])
    for i in range(state.gradient.size):
        state.gradient[i] = 0
    total = _total_weight(data.weights, rows)
    error, _ = step_gradient(layout, state, data, rows, total, dropout, seed, step, work, optimizer, 0.0, work.none)
    for layer in range(1, layout.sizes.size):
        W = layer_weights(state.theta, layout, layer)
        at = layout.weights_at[layer - 1]
        for i in range(at, at + W.size):
            w = state.theta[i]
            error += optimizer.l1 * abs(w) + 0.5 * optimizer.l2 * w * w
        add_penalty_gradient(optimizer, state.theta[at : at + W.size], state.gradient[at : at + W.size], total)
    return error / total


@entry_point
def predict_rows(
    layout: ParameterLayout,
    theta: Array,
    inputs: Inputs,
    begin: int,
    stop: int,
    batch: int,
    work: Workspace,
    predicted: Array,
) -> None:
    """ŷ of the rows begin to stop into ``predicted[begin:stop]``, shape (rows, outputs)."""
    layers = layout.sizes.size - 1
    none = work.none
    rows = work.rows[:batch]
    for first in range(begin, stop, batch):
        # A matrix product with another number of rows may round differently. The last block repeats its last row,
        # so that the prediction of a row does not depend on the other rows.
        for i in range(batch):
            rows[i] = min(first + i, stop - 1)
        forward_pass(layout, theta, inputs, rows, none, ZERO, ZERO, work)
        A = matrix(work.act, layout, layers, rows.size)
        if layout.activations[layers - 1] == SOFTMAX:
            softmax_rows(A, A)
        met = min(batch, stop - first)
        for r in range(met):
            for c in range(A.shape[1]):
                predicted[first + r, c] = A[r, c]
