"""The output stage: predictions, losses and δ of the last layer.

Tests compare it with `losses.py`. The codes are those of the registry; `output_loss` refuses a code without a branch.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tidynet.engine.kernels.compiled import compiled
from tidynet.engine.kernels.elementwise import multiply_derivative
from tidynet.engine.kernels.exponential import exponential
from tidynet.engine.kernels.structures import Data, ParameterLayout
from tidynet.engine.losses import LOSSES

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
LOGARITHM_ROWS = 512  # 2 to this power is a finite double
# Smaller δ do not change a weight, and their products are denormal numbers, which are ten times as slow.
MIN_OUTPUT_GRADIENT = 1e-20


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
def _cross_entropy(layout: ParameterLayout, A: Array, data: Data, rows: Array) -> float:
    """Weighted sum of −Σ y ln ŷ; A holds h and is left as softmax(h)."""
    if A.shape[1] == 2 and data.weights.size == 0:
        return _two_classes(A.reshape(1, A.size), layout.smoothing, data.labels, rows)
    classes = A.shape[1]
    one = A.dtype.type(1)
    smoothing = layout.smoothing
    loss_sum = 0.0
    for r in range(rows.size):
        highest = A[r, 0]
        mean = A[r, 0]
        for c in range(1, classes):
            highest = max(highest, A[r, c])
            mean += A[r, c]
        chosen = A[r, data.labels[rows[r]]]
        total = A.dtype.type(0)
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
def _two_classes(A: Array, smoothing: float, labels: Array, rows: Array) -> float:
    """`_cross_entropy` of two classes, with all rows of A in one, (1, 2·m), so that LLVM vectorizes the loops."""
    # With g = h of the other class − h of the true class, the loss is ln(1 + e^−|g|) + max(g, 0) − ½·smoothing·g.
    one, zero, half = A.dtype.type(1), A.dtype.type(0), A.dtype.type(0.5 * smoothing)
    loss_sum = 0.0
    for begin in range(0, rows.size, LOGARITHM_ROWS):
        product = 1.0  # one logarithm for many rows
        for r in range(begin, min(begin + LOGARITHM_ROWS, rows.size)):
            margin = A[0, 2 * r + 1] - A[0, 2 * r]
            product *= one + exponential(-abs(margin))
            margin = margin if labels[rows[r]] == 0 else -margin
            loss_sum += max(margin, zero) - half * margin
        loss_sum += math.log(product)
    for r in range(rows.size):
        margin = A[0, 2 * r + 1] - A[0, 2 * r]
        e = exponential(-abs(margin))
        high = one / (one + e)
        low = e * high
        A[0, 2 * r] = low if margin > zero else high
        A[0, 2 * r + 1] = high if margin > zero else low
    return loss_sum


@compiled
def _softplus(h: float) -> float:
    return max(h, 0.0) + math.log1p(exponential(-abs(h)))


@compiled
def _unit_loss(layout: ParameterLayout, units: int, y: float, h: float, a: float) -> float:
    """Loss of one output unit, for losses that are sums over units."""
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
def _unit_slope(layout: ParameterLayout, units: int, y: float, h: float, a: float) -> float:
    """∂loss/∂ŷ (or ∂loss/∂h, see `Loss.on_input`) of one output unit."""
    code = layout.loss
    error = a - y
    if code == BINARY_CROSS_ENTROPY:
        return a - ((1 - layout.smoothing) * y + 0.5 * layout.smoothing)
    if code in (SQUARED_ERROR, POISSON):
        return error
    if code == MEAN_SQUARED_ERROR:
        return 2 * error / units
    if code == ABSOLUTE_ERROR:
        return np.sign(error)
    if code == HUBER:
        return min(max(error, -layout.huber_delta), layout.huber_delta)
    return 1 - y * exponential(-h)  # gamma


@compiled
def _quantile_probability(layout: ParameterLayout, unit: int) -> float:
    return layout.quantiles[unit % layout.quantiles.size]


@compiled
def output_loss(layout: ParameterLayout, H: Array, A: Array, data: Data, rows: Array) -> float:
    """Weighted sum of the losses of `rows`; A is completed to ŷ."""
    if not 0 <= layout.loss <= GAUSSIAN:
        raise ValueError("the loss code has no branch in the kernel")
    if layout.loss == CROSS_ENTROPY:
        return _cross_entropy(layout, A, data, rows)
    units, targets = H.shape[1], data.targets.shape[1]
    n_quantiles = layout.quantiles.size
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
                error = data.targets[row, c // n_quantiles] - H[r, c]
                q = _quantile_probability(layout, c)
                record += q * error if error >= 0 else (q - 1) * error
        else:
            for c in range(units):
                record += _unit_loss(layout, units, data.targets[row, c], H[r, c], A[r, c])
        loss_sum += _weight(data, row) * record
    return loss_sum


@compiled
def _cross_entropy_delta(
    layout: ParameterLayout, A: Array, data: Data, rows: Array, delta: Array, total_weight: float
) -> None:
    """δ = (ŷ − y) × weight / total weight, with smoothed y."""
    real, units = A.dtype.type, A.shape[1]
    fraction, on = real(1 / total_weight), real((1 - layout.smoothing) / total_weight)
    off = real(layout.smoothing / max(units, 2) / total_weight)
    zero, min_gradient = real(0), real(MIN_OUTPUT_GRADIENT)
    predicted, slope = A.reshape(1, A.size), delta.reshape(1, A.size)
    for i in range(A.size):
        slope[0, i] = fraction * (predicted[0, i] if predicted[0, i] > min_gradient else zero) - off
    for r in range(rows.size):
        slope[0, r * units + data.labels[rows[r]]] -= on
    if data.weights.size > 0:
        for r in range(rows.size):
            for c in range(units):
                delta[r, c] *= data.weights[rows[r]]


@compiled
def output_delta(
    layout: ParameterLayout, H: Array, A: Array, data: Data, rows: Array, delta: Array, total_weight: float
) -> None:
    """δ of the output layer, (m, outputs), divided by the batch's total weight; A must hold ŷ."""
    units, targets = H.shape[1], data.targets.shape[1]
    n_quantiles = layout.quantiles.size
    if layout.loss == CROSS_ENTROPY:
        _cross_entropy_delta(layout, A, data, rows, delta, total_weight)
        return
    for r in range(rows.size):
        row = rows[r]
        scale = _weight(data, row) / total_weight
        if layout.loss == GAUSSIAN:
            for c in range(targets):
                error = data.targets[row, c] - H[r, c]
                precision = exponential(-H[r, targets + c])
                delta[r, c] = -scale * error * precision
                delta[r, targets + c] = scale * 0.5 * (1 - error * error * precision)
        elif layout.loss == QUANTILE:
            for c in range(units):
                q = _quantile_probability(layout, c)
                delta[r, c] = scale * (-q if data.targets[row, c // n_quantiles] >= H[r, c] else 1 - q)
        else:
            for c in range(units):
                slope = _unit_slope(layout, units, data.targets[row, c], H[r, c], A[r, c])
                delta[r, c] = scale * slope if abs(slope) > MIN_OUTPUT_GRADIENT else 0.0
    if layout.on_output == 1:
        multiply_derivative(layout.activations[layout.activations.size - 1], H, A, delta)
