"""The output stage: predictions, losses and δ of the last layer.

Held to `net/losses.py` by tests. The integers are that table's codes.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tidynet.net.kernels.elementwise import SOFTMAX, multiply_derivative
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


@njit(nogil=True, fastmath=True)
def softmax_rows(H: Array, A: Array) -> None:
    """A = softmax of each row of H; H and A may be the same array."""
    for r in range(H.shape[0]):
        highest = H[r, 0]
        for c in range(1, H.shape[1]):
            highest = max(highest, H[r, c])
        total = H.dtype.type(0)
        for c in range(H.shape[1]):
            A[r, c] = math.exp(H[r, c] - highest)
            total += A[r, c]
        for c in range(H.shape[1]):
            A[r, c] /= total


@njit(nogil=True, fastmath=True)
def _cross_entropy_row(h: Array, a: Array, label: int, smoothing: float) -> float:
    """−Σ y ln ŷ of one record, from h; a is left as softmax(h)."""
    classes = h.size
    highest = h[0]
    mean = 0.0
    for c in range(classes):
        highest = max(highest, h[c])
        mean += h[c]
    mean /= classes
    total = h.dtype.type(0)
    chosen = h[label]
    for c in range(classes):
        e = math.exp(h[c] - highest)
        a[c] = e
        total += e
    scale = h.dtype.type(1) / total
    for c in range(classes):
        a[c] *= scale
    return math.log(total) + highest - (1 - smoothing) * chosen - smoothing * mean


@njit(nogil=True, fastmath=True)
def _softplus(h: Any) -> float:
    return max(h, 0.0) + math.log1p(math.exp(-abs(h)))


@njit(nogil=True, fastmath=True)
def _row_loss(layout: Layout, h: Array, a: Array, target: Array) -> float:
    """Loss of one record for every loss but cross-entropy over classes."""
    code = layout.loss
    found = 0.0
    if code == GAUSSIAN:
        for c in range(target.size):
            error = target[c] - h[c]
            log_variance = h[target.size + c]
            found += 0.5 * (log_variance + error * error * math.exp(-log_variance) + LOG_TWO_PI)
        return found
    if code == QUANTILE:
        levels = layout.quantiles.size
        for c in range(h.size):
            error = target[c // levels] - h[c]
            level = layout.quantiles[c % levels]
            found += level * error if error >= 0 else (level - 1) * error
        return found
    for c in range(h.size):
        y = target[c]
        error = a[c] - y
        if code == BINARY_CROSS_ENTROPY:
            found += _softplus(h[c]) - ((1 - layout.smoothing) * y + 0.5 * layout.smoothing) * h[c]
        elif code == SQUARED_ERROR:
            found += 0.5 * error * error
        elif code == MEAN_SQUARED_ERROR:
            found += error * error / h.size
        elif code == ABSOLUTE_ERROR:
            found += abs(error)
        elif code == HUBER:
            size = abs(error)
            found += 0.5 * size * size if size <= layout.huber_delta else layout.huber_delta * (
                size - 0.5 * layout.huber_delta
            )
        elif code == POISSON:
            found += a[c] - y * h[c]
        elif code == GAMMA:
            found += y * math.exp(-h[c]) + h[c]
    return found


@njit(nogil=True, fastmath=True)
def _row_slope(layout: Layout, h: Array, a: Array, target: Array, delta: Array) -> None:
    """∂loss/∂h (or ∂loss/∂ŷ, see `Loss.on_input`) of one record into `delta`."""
    code = layout.loss
    real = h.dtype.type
    if code == GAUSSIAN:
        for c in range(target.size):
            error = target[c] - h[c]
            precision = math.exp(-h[target.size + c])
            delta[c] = -error * precision
            delta[target.size + c] = real(0.5) * (real(1) - error * error * precision)
        return
    if code == QUANTILE:
        levels = layout.quantiles.size
        for c in range(h.size):
            level = layout.quantiles[c % levels]
            delta[c] = -level if target[c // levels] >= h[c] else 1 - level
        return
    for c in range(h.size):
        y = target[c]
        error = a[c] - y
        if code == BINARY_CROSS_ENTROPY:
            delta[c] = a[c] - ((1 - layout.smoothing) * y + 0.5 * layout.smoothing)
        elif code == SQUARED_ERROR or code == POISSON:
            delta[c] = error
        elif code == MEAN_SQUARED_ERROR:
            delta[c] = 2 * error / h.size
        elif code == ABSOLUTE_ERROR:
            delta[c] = np.sign(error)
        elif code == HUBER:
            delta[c] = min(max(error, -layout.huber_delta), layout.huber_delta)
        elif code == GAMMA:
            delta[c] = 1 - y * math.exp(-h[c])


@njit(nogil=True, fastmath=True)
def output_loss(layout: Layout, H: Array, A: Array, data: Data, rows: Array) -> float:
    """Weighted sum of the losses of `rows`; A is completed to ŷ.

    Parameters
    ----------
    H, A : float (m, outputs)
        Input and output of the output activation; for softmax A is still h.
    rows : int64 (m,)
        Which records of `data` the batch holds.
    """
    total = 0.0
    for r in range(rows.size):
        row = rows[r]
        weight = data.weights[row] if data.weights.size > 0 else 1.0
        if layout.loss == CROSS_ENTROPY:
            total += weight * _cross_entropy_row(H[r], A[r], data.labels[row], layout.smoothing)
        else:
            total += weight * _row_loss(layout, H[r], A[r], data.targets[row])
    return total


@njit(nogil=True, fastmath=True)
def output_delta(
    layout: Layout, H: Array, A: Array, data: Data, rows: Array, delta: Array, total_weight: float
) -> None:
    """δ of the output layer, (m, outputs), divided by the batch's total weight; A must hold ŷ."""
    real = H.dtype.type
    classes = H.shape[1]
    off_share = real(layout.smoothing / max(classes, 2))
    on_share = real(1 - layout.smoothing)
    for r in range(rows.size):
        row = rows[r]
        if layout.loss == CROSS_ENTROPY:
            for c in range(classes):
                delta[r, c] = A[r, c] - off_share
            delta[r, data.labels[row]] -= on_share
        else:
            _row_slope(layout, H[r], A[r], data.targets[row], delta[r])
    last = layout.activations[layout.activations.size - 1]
    through = SQUARED_ERROR <= layout.loss <= HUBER
    if through and last != SOFTMAX:
        multiply_derivative(last, H, A, delta)
    for r in range(rows.size):
        weight = data.weights[rows[r]] if data.weights.size > 0 else 1.0
        scale = real(weight / total_weight)
        for c in range(classes):
            delta[r, c] *= scale
