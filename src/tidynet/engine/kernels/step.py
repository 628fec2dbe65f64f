"""One training step: forward, loss, backward, and the update of the weights."""

from __future__ import annotations

import math
from typing import Any

from numpy.typing import NDArray

from tidynet.engine.kernels.compiled import ONE, ZERO, compiled, inlined
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
from tidynet.engine.kernels.output import output_delta, output_loss
from tidynet.engine.kernels.structures import Data, ParameterLayout, TrainingState, Workspace
from tidynet.engine.kernels.update import OptimizerParams, clip_weight_norms, update
from tidynet.engine.network import Inputs

Array = NDArray[Any]


@inlined
def total_weight(weights: Array, rows: Array) -> float:
    """Sum of the weights of the rows; their number without weights."""
    if weights.size == 0:
        return float(rows.size)
    total = 0.0
    for row in rows:
        total += weights[row]
    return total


@compiled
def _update_layer(
    layout: ParameterLayout, optimizer: OptimizerParams, state: TrainingState, layer: int, rate: float, t: int,
    total: float, scale: float, work: Workspace, touched: int,
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
    t: int, work: Workspace, optimizer: OptimizerParams, rate: float, norms: Array,
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
    t: int, work: Workspace, optimizer: OptimizerParams, rate: float, norms: Array,
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
