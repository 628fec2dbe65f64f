"""The compiled entry points: many steps of training, the loss of a table, its gradient, predictions.

`train_steps` is a whole epoch (or a slice of a long one) in one call: gather the batch, forward,
loss, backward, update, with no Python between the batches, no allocation inside the loop and the
GIL released.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tidynet.net.kernels.compiled import compiled, entry_point
from tidynet.net.kernels.elementwise import SOFTMAX
from tidynet.net.kernels.layers import (
    add_bias_gradient,
    backpropagate,
    feed_forward,
    first_gradient,
    layer_inputs,
    layer_weights,
    matrix,
)
from tidynet.net.kernels.output import output_delta, output_loss, softmax_rows
from tidynet.net.kernels.structures import Data, Layout, Moments, Workspace
from tidynet.net.kernels.update import Rule, add_penalty_gradient, bound_norms, update
from tidynet.net.network import Inputs

__all__ = ["gradient_of", "loss_of", "predict_rows", "train_steps"]

Array = NDArray[Any]


@compiled
def _total_weight(weights: Array, rows: Array) -> float:
    if weights.size == 0:
        return float(rows.size)
    total = 0.0
    for row in rows:
        total += weights[row]
    return total


@compiled
def _update_layer(
    layout: Layout, rule: Rule, moments: Moments, layer: int, rate: float, t: int, total: float, scale: float,
    work: Workspace, touched: int,
) -> None:  # fmt: skip
    at, biases_at = layout.weights_at[layer - 1], layout.biases_at[layer - 1]
    units = layout.sizes[layer]
    rows = layout.code_rows[0] if layer == 1 else layout.sizes[layer - 1]
    update(rule, moments, at, at + rows * units, rate, t, total, scale, True)
    if layer == 1:
        for i in range(touched):
            begin = at + work.touched[i] * units
            update(rule, moments, begin, begin + units, rate, t, total, scale, True)
    if biases_at >= 0:
        update(rule, moments, biases_at, biases_at + units, rate, t, total, scale, False)
    if rule.max_norm > 0:
        bound_norms(layer_weights(moments.theta, layout, layer), rule.max_norm)


@compiled
def _squared_norm(layout: Layout, gradient: Array, work: Workspace, touched: int) -> float:
    """‖g‖² over all that the batch reached."""
    units = layout.sizes[1]
    first_level, first_end = layout.code_rows[0] * units, layout.sizes[0] * units
    total = 0.0
    for i in range(first_level):
        total += gradient[i] * gradient[i]
    for i in range(first_end, gradient.size):
        total += gradient[i] * gradient[i]
    for k in range(touched):
        begin = work.touched[k] * units
        for i in range(begin, begin + units):
            total += gradient[i] * gradient[i]
    return total


@compiled
def _layer_gradient(
    layout: Layout, moments: Moments, inputs: Inputs, rows: Array, layer: int, dropout: Array, stamp: int,
    work: Workspace,
) -> int:  # fmt: skip
    m = rows.size
    touched = 0
    if layer > 1:
        V = layer_inputs(layout, work, layer, m, dropout)
        np.dot(V.T, matrix(work.delta, layout, layer, m), layer_weights(moments.gradient, layout, layer))
    else:
        masked = dropout.size > 0 and dropout[0] > 0
        touched = first_gradient(layout, moments, inputs, rows, masked, stamp, work)
    add_bias_gradient(layout, moments.gradient, layer, work, m)
    return touched


@entry_point
def train_steps(
    layout: Layout, rule: Rule, moments: Moments, data: Data, order: Array, batch: int, rates: Array,
    begin: int, stop: int, done: int, dropout: Array, seed: int, work: Workspace,
) -> tuple[float, float]:  # fmt: skip
    """Steps `begin` to `stop` of an epoch; returns (weighted sum of losses, gradient norm of the last step).

    Parameters
    ----------
    order : int64 (rows,)
        The records in the order of this epoch; step i takes those from i·batch on, the last step
        what is left.
    rates : float64 (steps of the epoch,)
        Learning rate of each step.
    done : int
        Steps of earlier epochs, so that step numbers never repeat.
    dropout : float64 (layers,) or (0,)
        Share dropped of each layer's inputs.
    """
    layers = layout.sizes.size - 1
    total_loss = 0.0
    norm = 0.0
    for step in range(begin, stop):
        rows = order[step * batch : min((step + 1) * batch, order.size)]
        m = rows.size
        t = done + step + 1
        total = _total_weight(data.weights, rows)
        if total <= 0:
            continue
        feed_forward(layout, moments.theta, data.inputs, rows, dropout, seed, t, work)
        H, A = matrix(work.pre, layout, layers, m), matrix(work.act, layout, layers, m)
        total_loss += output_loss(layout, H, A, data, rows)
        output_delta(layout, H, A, data, rows, matrix(work.delta, layout, layers, m), total)
        touched = 0
        for layer in range(layers, 0, -1):
            if layer > 1:
                backpropagate(layout, moments.theta, layer, dropout, seed, t, work, m)
            touched = _layer_gradient(layout, moments, data.inputs, rows, layer, dropout, t, work)
            # Without clipping a layer is moved at once, while its gradient is still in cache.
            if rule.clip <= 0:
                if step == stop - 1 and layer == 1:
                    norm = math.sqrt(_squared_norm(layout, moments.gradient, work, touched))
                _update_layer(layout, rule, moments, layer, rates[step], t, total, 1.0, work, touched)
        if rule.clip > 0:
            norm = math.sqrt(_squared_norm(layout, moments.gradient, work, touched))
            scale = min(1.0, rule.clip / max(norm, 1e-30))
            for layer in range(layers, 0, -1):
                _update_layer(layout, rule, moments, layer, rates[step], t, total, scale, work, touched)
    return total_loss, norm


@entry_point
def loss_of(
    layout: Layout, theta: Array, data: Data, rows: Array, batch: int, work: Workspace
) -> tuple[float, float]:
    """(weighted sum of losses, sum of weights) over `rows`, without dropout."""
    layers = layout.sizes.size - 1
    none = np.empty(0, np.float64)
    total_loss = 0.0
    total_weight = 0.0
    for begin in range(0, rows.size, batch):
        chosen = rows[begin : min(begin + batch, rows.size)]
        m = chosen.size
        feed_forward(layout, theta, data.inputs, chosen, none, 0, 0, work)
        A = matrix(work.act, layout, layers, m)
        total_loss += output_loss(layout, matrix(work.pre, layout, layers, m), A, data, chosen)
        total_weight += _total_weight(data.weights, chosen)
    return total_loss, total_weight


@entry_point
def gradient_of(
    layout: Layout, rule: Rule, moments: Moments, data: Data, batch: int, dropout: Array, seed: int, step: int,
    work: Workspace,
) -> float:  # fmt: skip
    """E over all records as one batch, its gradient into ``moments.gradient`` (levels not met are 0)."""
    layers = layout.sizes.size - 1
    rows = np.arange(data.inputs.numbers.shape[0])
    m = rows.size
    moments.gradient[:] = 0
    total = _total_weight(data.weights, rows)
    feed_forward(layout, moments.theta, data.inputs, rows, dropout, seed, step, work)
    H, A = matrix(work.pre, layout, layers, m), matrix(work.act, layout, layers, m)
    error = output_loss(layout, H, A, data, rows)
    output_delta(layout, H, A, data, rows, matrix(work.delta, layout, layers, m), total)
    for layer in range(layers, 0, -1):
        if layer > 1:
            backpropagate(layout, moments.theta, layer, dropout, seed, step, work, m)
        _layer_gradient(layout, moments, data.inputs, rows, layer, dropout, step, work)
        W = layer_weights(moments.theta, layout, layer)
        at = layout.weights_at[layer - 1]
        for i in range(at, at + W.size):
            w = moments.theta[i]
            error += rule.l1 * abs(w) + 0.5 * rule.l2 * w * w
        add_penalty_gradient(rule, moments.theta[at : at + W.size], moments.gradient[at : at + W.size], total)
    return error / total


@entry_point
def predict_rows(
    layout: Layout,
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
    none = np.empty(0, np.float64)
    for first in range(begin, stop, batch):
        rows = np.arange(first, min(first + batch, stop))
        feed_forward(layout, theta, inputs, rows, none, 0, 0, work)
        A = matrix(work.act, layout, layers, rows.size)
        if layout.activations[layers - 1] == SOFTMAX:
            softmax_rows(A, A)
        predicted[first : first + rows.size, :] = A
