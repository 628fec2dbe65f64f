"""One fused pass over a stretch of θ: penalties, optimizer state, step.

Held to `net/optimizers.py` and `net/penalties.py` by tests. The integers are those tables' codes.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from numpy.typing import NDArray

from tidynet.engine.kernels.compiled import compiled
from tidynet.engine.kernels.structures import TrainingState
from tidynet.engine.optimizers import OPTIMIZERS

__all__ = ["OptimizerParams", "add_penalty_gradient", "clip_weight_norms", "update"]

Array = NDArray[Any]

DESCENT = OPTIMIZERS["sgd"].code
MOMENTUM = OPTIMIZERS["momentum"].code
NESTEROV = OPTIMIZERS["nesterov"].code
RMSPROP = OPTIMIZERS["rmsprop"].code
ADAM = OPTIMIZERS["adam"].code


TINY = 1e-30


class OptimizerParams(NamedTuple):
    """Optimizer and penalties as numbers."""

    optimizer: int
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
    rule: OptimizerParams, moments: TrainingState, begin: int, end: int, rate: float, t: int, total_weight: float, scale: float,
    penalised: int,
) -> None:  # fmt: skip
    """Move θ[begin:end] by one step."""
    real = moments.theta.dtype.type
    w, g = moments.theta[begin:end], moments.gradient[begin:end]
    m, s = moments.first[begin:end], moments.second[begin:end]
    eta, clip_norm = real(rate), real(scale)
    l2 = real(rule.l2 / total_weight) if penalised == 1 else real(0)
    l1 = real(rule.l1 / total_weight) if penalised == 1 else real(0)
    shrink = real(1 - rate * rule.decay) if penalised == 1 else real(1)
    zero, tiny = real(0), real(TINY)
    if l1 > zero:
        for i in range(w.size):
            # divided by the clipping, which is for the loss's gradient alone
            g[i] += (l1 if w[i] > zero else (-l1 if w[i] < zero else zero)) / clip_norm
    if rule.optimizer == ADAM:
        b1, b2, epsilon = real(rule.beta_1), real(rule.beta_2), real(rule.epsilon)
        c1, c2 = real(1 - rule.beta_1), real(1 - rule.beta_2)
        corrected = real(rate * math.sqrt(1 - rule.beta_2**t) / (1 - rule.beta_1**t))
        for i in range(w.size):
            q = clip_norm * g[i] + l2 * w[i]
            mean = b1 * m[i] + c1 * q
            square = b2 * s[i] + c2 * q * q
            # A value this small moves nothing, and denormal numbers are ten times as slow.
            mean = mean if abs(mean) > tiny else zero
            square = square if square > tiny else zero
            m[i] = mean
            s[i] = square
            w[i] = shrink * w[i] - corrected * mean / (math.sqrt(square) + epsilon)
    elif rule.optimizer == RMSPROP:
        b2, c2, epsilon = real(rule.beta_2), real(1 - rule.beta_2), real(rule.epsilon)
        for i in range(w.size):
            q = clip_norm * g[i] + l2 * w[i]
            square = b2 * s[i] + c2 * q * q
            square = square if square > tiny else zero
            s[i] = square
            w[i] = shrink * w[i] - eta * q / (math.sqrt(square) + epsilon)
    elif rule.optimizer == DESCENT:
        for i in range(w.size):
            w[i] = shrink * w[i] - eta * (clip_norm * g[i] + l2 * w[i])
    else:
        beta = real(rule.momentum)
        for i in range(w.size):
            q = clip_norm * g[i] + l2 * w[i]
            v = beta * m[i] - eta * q
            v = v if abs(v) > tiny else zero
            m[i] = v
            w[i] = shrink * w[i] + (beta * v - eta * q if rule.optimizer == NESTEROV else v)


@compiled
def add_penalty_gradient(rule: OptimizerParams, theta: Array, gradient: Array, total_weight: float) -> None:
    """G += (α₁·sign w + α₂·w) / total weight, over a stretch of weights."""
    real = theta.dtype.type
    l1, l2, zero = real(rule.l1 / total_weight), real(rule.l2 / total_weight), real(0)
    for i in range(theta.size):
        sign = l1 if theta[i] > zero else (-l1 if theta[i] < zero else zero)
        gradient[i] += l2 * theta[i] + sign


@compiled
def clip_weight_norms(W: Array, max_norm: float) -> None:
    """Scale each unit's incoming weights (a column of W) back to `max_norm` where they are longer."""
    real = W.dtype.type
    for c in range(W.shape[1]):
        square = 0.0
        for r in range(W.shape[0]):
            square += W[r, c] * W[r, c]
        if square > max_norm * max_norm:
            factor = real(max_norm / math.sqrt(square))
            for r in range(W.shape[0]):
                W[r, c] *= factor
