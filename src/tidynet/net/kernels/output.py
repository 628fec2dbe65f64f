"""The output stage: predictions, losses and δ of the last layer.

Held to `net/losses.py` by tests. The integers are that table's codes.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tidynet.net.kernels.compiled import compiled
from tidynet.net.kernels.elementwise import multiply_derivative
from tidynet.net.kernels.exponential import exponential
from tidynet.net.kernels.structures import Data, Layout
from tidynet.net.losses import LOSSES

__all__ = ["output_delta", "output_loss", "softmax_rows"]

Array = NDArray[Any]

CROSS_ENTROPY = LOSSES["cross_entropy"].code
BINARY_CROSS_ENTROPY = LOSSES["binary_cross_entropy"].code
SQUARED_ERROR = LOSSES["squared_error"].code
MEAN_SQUARED_ERROR = LOSSES["mean_squared_error"].code
ABSOLUTE_ERROR = LOSSES["absolute_error"].code
HUBER = LOSSES["huber"].code
QUANTILE = LOSSES["quantile"].code
POISSON = LOSSES["poisson"].code
GAMMA = LOSSES["gamma"].code
GAUSSIAN = LOSSES["gaussian"].code

LOG_TWO_PI = math.log(2 * math.pi)


@compiled
def softmax_rows(H: Array, A: Array) -> None:
    """A = softmax of each row of H; H and A may be the same array."""
    for r in range(H.shape[0]):
        highest = H[r, 0]
        for c in range(1, H.shape[1]):
            highest = max(highest, H[r, c])
        total = H.dtype.type(0)
        for c in range(H.shape[1]):
            A[r, c] = exponential(H[r, c] - highest)
            total += A[r, c]
        for c in range(H.shape[1]):
            A[r, c] /= total


@compiled
def _weight(data: Data, row: int) -> float:
    return float(data.weights[row]) if data.weights.size > 0 else 1.0


@compiled
def _cross_entropy(layout: Layout, H: Array, A: Array, data: Data, rows: Array) -> float:
    """Weighted sum of −Σ y ln ŷ, from h; A is left as softmax(H)."""
    classes = H.shape[1]
    one = H.dtype.type(1)
    smoothing = layout.smoothing
    loss_sum = 0.0
    for r in range(rows.size):
        highest = A[r, 0]
        mean = A[r, 0]
        for c in range(1, classes):
            highest = max(highest, A[r, c])
            mean += A[r, c]
        chosen = A[r, data.labels[rows[r]]]
        total = H.dtype.type(0)
        for c in range(classes):
            e = exponential(A[r, c] - highest)
            A[r, c] = e
            total += e
        scale = one / total
        for c in range(classes):
            A[r, c] *= scale
        record = math.log(total) + highest - (1 - smoothing) * chosen - smoothing * mean / classes
        loss_sum += _weight(data, rows[r]) * record
    return loss_sum


@compiled
def _softplus(h: float) -> float:
    return max(h, 0.0) + math.log1p(exponential(-abs(h)))


@compiled
def _unit_loss(layout: Layout, units: int, y: float, h: float, a: float) -> float:
    """What one output unit adds to a record's loss, for losses that are sums over units."""
    code = layout.loss
    error = a - y
    if code == BINARY_CROSS_ENTROPY:
        return _softplus(h) - ((1 - layout.smoothing) * y + 0.5 * layout.smoothing) * h
    if code == SQUARED_ERROR:
        return 0.5 * error * error
    if code == MEAN_SQUARED_ERROR:
        return error * error / units
    if code == ABSOLUTE_ERROR:
        return abs(error)
    if code == HUBER:
        size, bend = abs(error), layout.huber_delta
        return 0.5 * size * size if size <= bend else bend * (size - 0.5 * bend)
    if code == POISSON:
        return a - y * h
    return y * exponential(-h) + h  # gamma


@compiled
def _unit_slope(layout: Layout, units: int, y: float, h: float, a: float) -> float:
    """∂loss/∂h (or ∂loss/∂ŷ, see `Loss.on_input`) of one output unit."""
    code = layout.loss
    error = a - y
    if code == BINARY_CROSS_ENTROPY:
        return a - ((1 - layout.smoothing) * y + 0.5 * layout.smoothing)
    if code == MEAN_SQUARED_ERROR:
        return 2 * error / units
    if code == ABSOLUTE_ERROR:
        return np.sign(error)
    if code == HUBER:
        return min(max(error, -layout.huber_delta), layout.huber_delta)
    if code == GAMMA:
        return 1 - y * exponential(-h)
    return error  # squared error, Poisson


@compiled
def _quantile_level(layout: Layout, unit: int) -> float:
    return layout.quantiles[unit % layout.quantiles.size]


@compiled
def output_loss(layout: Layout, H: Array, A: Array, data: Data, rows: Array) -> float:
    """Weighted sum of the losses of `rows`; A is completed to ŷ.

    Parameters
    ----------
    H, A : float (m, outputs)
        Input and output of the output activation; for softmax A is still h.
    rows : int64 (m,)
        Which records of `data` the batch holds.
    """
    if layout.loss == CROSS_ENTROPY:
        return _cross_entropy(layout, H, A, data, rows)
    units, targets = H.shape[1], data.targets.shape[1]
    levels = layout.quantiles.size
    loss_sum = 0.0
    for r in range(rows.size):
        row = rows[r]
        record = 0.0
        if layout.loss == GAUSSIAN:
            for c in range(targets):
                error = data.targets[row, c] - H[r, c]
                log_variance = H[r, targets + c]
                record += 0.5 * (log_variance + error * error * exponential(-log_variance) + LOG_TWO_PI)
        elif layout.loss == QUANTILE:
            for c in range(units):
                error = data.targets[row, c // levels] - H[r, c]
                level = _quantile_level(layout, c)
                record += level * error if error >= 0 else (level - 1) * error
        else:
            for c in range(units):
                record += _unit_loss(layout, units, data.targets[row, c], H[r, c], A[r, c])
        loss_sum += _weight(data, row) * record
    return loss_sum


@compiled
def output_delta(
    layout: Layout, H: Array, A: Array, data: Data, rows: Array, delta: Array, total_weight: float
) -> None:
    """δ of the output layer, (m, outputs), divided by the batch's total weight; A must hold ŷ."""
    units, targets = H.shape[1], data.targets.shape[1]
    levels = layout.quantiles.size
    off_share, on_share = layout.smoothing / max(units, 2), 1 - layout.smoothing
    for r in range(rows.size):
        row = rows[r]
        scale = _weight(data, row) / total_weight
        if layout.loss == CROSS_ENTROPY:
            label = data.labels[row]
            for c in range(units):
                delta[r, c] = scale * (A[r, c] - off_share - (on_share if c == label else 0.0))
        elif layout.loss == GAUSSIAN:
            for c in range(targets):
                error = data.targets[row, c] - H[r, c]
                precision = exponential(-H[r, targets + c])
                delta[r, c] = -scale * error * precision
                delta[r, targets + c] = scale * 0.5 * (1 - error * error * precision)
        elif layout.loss == QUANTILE:
            for c in range(units):
                level = _quantile_level(layout, c)
                delta[r, c] = scale * (-level if data.targets[row, c // levels] >= H[r, c] else 1 - level)
        else:
            for c in range(units):
                delta[r, c] = scale * _unit_slope(layout, units, data.targets[row, c], H[r, c], A[r, c])
    if SQUARED_ERROR <= layout.loss <= HUBER:
        multiply_derivative(layout.activations[layout.activations.size - 1], H, A, delta)
