"""The compiled entry points: many steps of training, the loss of a table, its gradient, predictions.

`train_steps` is many epochs of a small table, or a slice of one epoch of a large one, in one call:
gather the batch, forward, loss, backward, update, and at an epoch's end validation and the best
weights, with no Python in between and the GIL released.
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

# Places in `clock`, `sums` and a row of `records`.
EPOCH, STEP, WAITING, ENDED, STEPS = 0, 1, 2, 3, 4
LOSS_SUM, TOTAL_WEIGHT, BEST, LIMIT = 0, 1, 2, 3
TRAINING_LOSS, VALIDATION_LOSS, VALIDATION_SCORE, WATCHED, KEPT, RATE, LAYERS = 0, 1, 2, 3, 4, 5, 6
# Why training should end.
OUT_OF_PATIENCE, DIVERGED = 1, 2

MOST_ROWS_FOR_DEAD = 128  # enough of a batch to tell a unit that never answers


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
    layout: ParameterLayout, rule: OptimizerParams, moments: TrainingState, layer: int, rate: float, t: int, total: float, scale: float,
    work: Workspace, touched: int,
) -> None:  # fmt: skip
    at, biases_at = layout.weights_at[layer - 1], layout.biases_at[layer - 1]
    units = layout.sizes[layer]
    rows = layout.code_rows[0] if layer == 1 else layout.sizes[layer - 1]
    update(rule, moments, at, at + rows * units, rate, t, total, scale, ONE)
    if layer == 1:
        for i in range(touched):
            begin = at + work.touched[i] * units
            update(rule, moments, begin, begin + units, rate, t, total, scale, ONE)
    if biases_at >= 0:
        update(rule, moments, biases_at, biases_at + units, rate, t, total, scale, ZERO)
    if rule.max_norm > 0:
        clip_weight_norms(layer_weights(moments.theta, layout, layer), rule.max_norm)


@compiled
def _squared_norm(layout: ParameterLayout, gradient: Array, layer: int, work: Workspace, touched: int) -> float:
    """‖g‖² of one layer, over all that the batch reached."""
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
    layout: ParameterLayout, moments: TrainingState, inputs: Inputs, rows: Array, layer: int, dropout: Array, stamp: int,
    work: Workspace,
) -> int:  # fmt: skip
    m = rows.size
    touched = ZERO
    if layer > 1:
        V = layer_inputs(layout, work, layer, m, dropout)
        product(V.T, matrix(work.delta, layout, layer, m), layer_weights(moments.gradient, layout, layer))
    else:
        masked = dropout.size > 0 and dropout[0] > 0
        touched = first_gradient(layout, moments, inputs, rows, masked, stamp, work)
    add_bias_gradient(layout, moments.gradient, layer, work, m)
    return touched


@inlined
def backward_pass(
    layout: ParameterLayout, moments: TrainingState, data: Data, rows: Array, total: float, dropout: Array, seed: int, t: int,
    work: Workspace, rule: OptimizerParams, rate: float, norms: Array,
) -> int:  # fmt: skip
    """From the output's δ in the workspace to the gradient of every layer; see `step_gradient`."""
    layers = layout.sizes.size - 1
    m = rows.size
    touched = ZERO
    for layer in range(layers, 0, -1):
        if layer > 1:
            backpropagate(layout, moments.theta, layer, dropout, seed, t, work, m)
        touched = _layer_gradient(layout, moments, data.inputs, rows, layer, dropout, t, work)
        if norms.size > 0:
            norms[layer - 1] = _squared_norm(layout, moments.gradient, layer, work, touched)
        if rule.clip_norm <= 0 and rate > 0:
            _update_layer(layout, rule, moments, layer, rate, t, total, 1.0, work, touched)
    return touched


@inlined
def step_gradient(
    layout: ParameterLayout, moments: TrainingState, data: Data, rows: Array, total: float, dropout: Array, seed: int, t: int,
    work: Workspace, rule: OptimizerParams, rate: float, norms: Array,
) -> tuple[float, int]:  # fmt: skip
    """Forward and backward of one batch, and the update of each layer while its gradient is in cache.

    Returns the weighted sum of losses and the number of touched level rows. With clipping the
    update waits for the whole gradient; a rate of 0 makes none. `norms` takes ‖g‖² of each layer if
    it has room.
    """
    layers = layout.sizes.size - 1
    m = rows.size
    forward_pass(layout, moments.theta, data.inputs, rows, dropout, seed, t, work)
    H, A = matrix(work.pre, layout, layers, m), matrix(work.act, layout, layers, m)
    loss_sum = output_loss(layout, H, A, data, rows)
    output_delta(layout, H, A, data, rows, matrix(work.delta, layout, layers, m), total)
    touched = backward_pass(layout, moments, data, rows, total, dropout, seed, t, work, rule, rate, norms)
    return loss_sum, touched


@inlined
def _sum(values: Array) -> float:
    total = 0.0
    for i in range(values.size):
        total += values[i]
    return total


@inlined
def _clipped_update(
    layout: ParameterLayout, rule: OptimizerParams, moments: TrainingState, rate: float, t: int, total: float, work: Workspace, touched: int,
    norms: Array,
) -> None:  # fmt: skip
    scale = min(1.0, rule.clip_norm / max(math.sqrt(_sum(norms)), 1e-30))
    for layer in range(layout.sizes.size - 1, 0, -1):
        _update_layer(layout, rule, moments, layer, rate, t, total, scale, work, touched)


@inlined
def _average(rule: OptimizerParams, moments: TrainingState) -> None:
    """Moving average of the weights: avg ← d·avg + (1 − d)·θ."""
    fraction = moments.theta.dtype.type(1 - rule.ema_decay)
    for i in range(moments.average.size):
        moments.average[i] += fraction * (moments.theta[i] - moments.average[i])


@inlined
def _record_layers(
    layout: ParameterLayout, moments: TrainingState, work: Workspace, m: int, norms: Array, record: Array
) -> None:
    """Per layer: gradient norm, ‖Δw‖/‖w‖ of the last step, share of units that hardly answer.

    A unit hardly answers when |f′(h)| < 0.001 for the first 128 records of the batch: a dead rectifier, a
    saturated sigmoid.
    """
    layers = layout.sizes.size - 1
    for layer in range(1, layers + 1):
        W = layer_weights(moments.theta, layout, layer)
        before = layer_weights(moments.before, layout, layer)
        moved, size = 0.0, 0.0
        for r in range(W.shape[0]):
            for c in range(W.shape[1]):
                difference = W[r, c] - before[r, c]
                moved += difference * difference
                size += W[r, c] * W[r, c]
        record[layer - 1] = math.sqrt(norms[layer - 1])
        record[layers + layer - 1] = math.sqrt(moved / max(size, 1e-30))
        if layer < layers:
            seen = min(m, MOST_ROWS_FOR_DEAD)
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
def _validation_loss(
    layout: ParameterLayout,
    moments: TrainingState,
    validation: Data,
    watch: StoppingConfig,
    batch: int,
    work: Workspace,
    record: Array,
) -> float:
    """What early stopping minimises; validation loss and score go into the record."""
    if validation.inputs.numbers.shape[0] == 0:
        return record[TRAINING_LOSS]
    theta = moments.average if moments.average.size > 0 else moments.theta
    loss_sum, weight, score = _mean_loss(layout, theta, validation, batch, work)
    record[VALIDATION_LOSS] = loss_sum / weight
    record[VALIDATION_SCORE] = score
    return -score if watch.use_score else record[VALIDATION_LOSS]


@inlined
def _consecutive(rows: Array, begin: int, stop: int) -> Array:
    """The numbers begin to stop, in the buffer `rows`."""
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
    """Target = source. An assigned slice would compile broadcasting and its messages, at two seconds."""
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
def _end_epoch(
    layout: ParameterLayout, moments: TrainingState, validation: Data, watch: StoppingConfig, clock: Array, sums: Array, batch: int,
    work: Workspace, record: Array,
) -> None:  # fmt: skip
    """Validation, the best weights, patience."""
    record[TRAINING_LOSS] = sums[LOSS_SUM] / sums[TOTAL_WEIGHT]
    sums[LOSS_SUM] = 0.0
    value = _validation_loss(layout, moments, validation, watch, batch, work, record)
    record[WATCHED] = value
    clock[EPOCH] += 1
    clock[STEP] = 0
    if not (is_finite(record[TRAINING_LOSS]) and is_finite(value)) or record[TRAINING_LOSS] > sums[LIMIT]:
        clock[ENDED] = DIVERGED
        return
    clock[WAITING] = 0 if value < sums[BEST] - watch.min_delta else clock[WAITING] + 1
    if value < sums[BEST]:
        sums[BEST] = value
        record[KEPT] = 1.0
        _copy(moments.average if moments.average.size > 0 else moments.theta, moments.best)
    if clock[WAITING] >= watch.patience:
        clock[ENDED] = OUT_OF_PATIENCE


@entry_point
def train_steps(
    layout: ParameterLayout, rule: OptimizerParams, moments: TrainingState, data: Data, validation: Data, watch: StoppingConfig, order: Array,
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
        begin = prepare_order(order, step, batch, count, watch.shuffle != 0, key)
        rows = order[begin : begin + min(batch, count - step * batch)]
        t = clock[STEPS] + 1
        last = step == per_epoch - 1
        total = _total_weight(data.weights, rows)
        if last:
            _copy(moments.theta, moments.before)
        if total > 0:
            norms = all_norms if (last or rule.clip_norm > 0) else no_norms
            result, touched = step_gradient(
                layout, moments, data, rows, total, dropout, seed, t, work, rule, rates[i], norms
            )
            sums[LOSS_SUM] += result
            if rule.clip_norm > 0:
                _clipped_update(layout, rule, moments, rates[i], t, total, work, touched, norms)
            if moments.average.size > 0:
                _average(rule, moments)
        clock[STEP] += 1
        clock[STEPS] = t
        if last:
            record = records[ended]
            record[KEPT] = 0.0
            record[RATE] = rates[i]
            _record_layers(layout, moments, work, rows.size, all_norms, record[LAYERS:])
            _end_epoch(layout, moments, validation, watch, clock, sums, batch, work, record)
            ended += 1
            if clock[ENDED] != 0 or ended == records.shape[0]:
                break
    return ended


@entry_point
def loss_of(
    layout: ParameterLayout, theta: Array, data: Data, batch: int, work: Workspace
) -> tuple[float, float, float]:
    """(weighted sum of losses, sum of weights, score) of all records, without dropout."""
    return _mean_loss(layout, theta, data, batch, work)


@entry_point
def gradient_of(
    layout: ParameterLayout, rule: OptimizerParams, moments: TrainingState, data: Data, dropout: Array, seed: int, step: int,
    work: Workspace,
) -> float:  # fmt: skip
    """E over all records as one batch, its gradient into ``moments.gradient`` (levels not met are 0)."""
    rows = _consecutive(work.rows, ZERO, data.inputs.numbers.shape[0])
    for i in range(moments.gradient.size):
        moments.gradient[i] = 0
    total = _total_weight(data.weights, rows)
    error, _ = step_gradient(layout, moments, data, rows, total, dropout, seed, step, work, rule, 0.0, work.none)
    for layer in range(1, layout.sizes.size):
        W = layer_weights(moments.theta, layout, layer)
        at = layout.weights_at[layer - 1]
        for i in range(at, at + W.size):
            w = moments.theta[i]
            error += rule.l1 * abs(w) + 0.5 * rule.l2 * w * w
        add_penalty_gradient(rule, moments.theta[at : at + W.size], moments.gradient[at : at + W.size], total)
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
        # A matrix product of another number of rows may round otherwise: the last block is filled up with its
        # last row, so that a row's prediction does not depend on what else is predicted with it.
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
