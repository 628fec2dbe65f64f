"""One fused pass over a part of θ: penalties, optimizer state, step.

Tests compare it with `optimizers.py` and `regularization.py`. The codes are those of the registry.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from numpy.typing import NDArray

from tidynet.engine.kernels.compiled import compiled
from tidynet.engine.kernels.structures import TrainingState
from tidynet.engine.optimizers import OPTIMIZERS

Array = NDArray[Any]

DESCENT = OPTIMIZERS["sgd"].code
MOMENTUM = OPTIMIZERS["momentum"].code
NESTEROV = OPTIMIZERS["nesterov"].code
RMSPROP = OPTIMIZERS["rmsprop"].code
ADAM = OPTIMIZERS["adam"].code

TINY = 1e-30


class OptimizerParams(NamedTuple):
    """Optimizer and penalties as numbers."""

    code: int
    momentum: float
    beta_1: float
    beta_2: float
    epsilon: float
    l1: float
    l2: float
    decay: float
    max_norm: float
    clip_norm: float
    ema_decay: float


@compiled
def update(
    optimizer: OptimizerParams, state: TrainingState, begin: int, end: int, rate: float, t: int, total_weight: float,
    scale: float, penalized: int,
) -> None:  # fmt: skip
    """Move θ[begin:end] by one step."""
    real = state.theta.dtype.type
    w, g = state.theta[begin:end], state.gradient[begin:end]
    eta, clipping = real(rate), real(scale)
    l2 = real(optimizer.l2 / total_weight) if penalized == 1 else real(0)
    l1 = real(optimizer.l1 / total_weight) if penalized == 1 else real(0)
    shrink = real(1 - rate * optimizer.decay) if penalized == 1 else real(1)
    zero, tiny = real(0), real(TINY)
    if l1 > zero:
        for i in range(w.size):
            # Divided by the clipping factor, which applies to the gradient of the loss only.
            g[i] += (l1 if w[i] > zero else (-l1 if w[i] < zero else zero)) / clipping
    if optimizer.code == ADAM:
        m, s = state.optimizer[0, begin:end], state.optimizer[1, begin:end]
        b1, b2, epsilon = real(optimizer.beta_1), real(optimizer.beta_2), real(optimizer.epsilon)
        c1, c2 = real(1 - optimizer.beta_1), real(1 - optimizer.beta_2)
        corrected = real(rate * math.sqrt(1 - optimizer.beta_2**t) / (1 - optimizer.beta_1**t))
        for i in range(w.size):
            q = clipping * g[i] + l2 * w[i]
            mean = b1 * m[i] + c1 * q
            square = b2 * s[i] + c2 * q * q
            # Values below `tiny` do not change θ, and arithmetic with denormal numbers is ten times as slow.
            mean = mean if abs(mean) > tiny else zero
            square = square if square > tiny else zero
            m[i] = mean
            s[i] = square
            w[i] = shrink * w[i] - corrected * mean / (math.sqrt(square) + epsilon)
    elif optimizer.code == RMSPROP:
        s = state.optimizer[0, begin:end]
        b2, c2, epsilon = real(optimizer.beta_2), real(1 - optimizer.beta_2), real(optimizer.epsilon)
        for i in range(w.size):
            q = clipping * g[i] + l2 * w[i]
            square = b2 * s[i] + c2 * q * q
            square = square if square > tiny else zero
            s[i] = square
            w[i] = shrink * w[i] - eta * q / (math.sqrt(square) + epsilon)
    elif optimizer.code == DESCENT:
        for i in range(w.size):
            w[i] = shrink * w[i] - eta * (clipping * g[i] + l2 * w[i])
    elif optimizer.code in (MOMENTUM, NESTEROV):
        m = state.optimizer[0, begin:end]
        beta = real(optimizer.momentum)
        for i in range(w.size):
            q = clipping * g[i] + l2 * w[i]
            v = beta * m[i] - eta * q
            v = v if abs(v) > tiny else zero
            m[i] = v
            w[i] = shrink * w[i] + (beta * v - eta * q if optimizer.code == NESTEROV else v)
    else:
        raise ValueError("the optimizer code has no branch in the kernel")


@compiled
def add_penalty_gradient(optimizer: OptimizerParams, theta: Array, gradient: Array, total_weight: float) -> None:
    """G += (α₁·sign w + α₂·w) / total weight, over a part of the weights."""
    real = theta.dtype.type
    l1, l2, zero = real(optimizer.l1 / total_weight), real(optimizer.l2 / total_weight), real(0)
    for i in range(theta.size):
        sign = l1 if theta[i] > zero else (-l1 if theta[i] < zero else zero)
        gradient[i] += l2 * theta[i] + sign


@compiled
def clip_weight_norms(W: Array, max_norm: float) -> None:
    """Scale the incoming weights of a unit (a column of W) to the norm `max_norm` where it is larger."""
    real = W.dtype.type
    for c in range(W.shape[1]):
        square = 0.0
        for r in range(W.shape[0]):
            square += W[r, c] * W[r, c]
        if square > max_norm * max_norm:
            factor = real(max_norm / math.sqrt(square))
            for r in range(W.shape[0]):
                W[r, c] *= factor
