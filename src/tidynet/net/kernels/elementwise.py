"""Activations and their derivatives over a batch, each in one pass with the bias.

Held to `net/activations.py` by tests. The integers are that table's codes.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tidynet.net.activations import ACTIVATIONS, ELU_SCALE, LEAKY_SLOPE, SELU_ALPHA, SELU_SCALE

__all__ = ["activate", "keeps_input", "multiply_derivative"]

Array = NDArray[Any]

IDENTITY = ACTIVATIONS["identity"].code
SIGMOID = ACTIVATIONS["sigmoid"].code
TANH = ACTIVATIONS["tanh"].code
RELU = ACTIVATIONS["relu"].code
LEAKY_RELU = ACTIVATIONS["leaky_relu"].code
ELU = ACTIVATIONS["elu"].code
SELU = ACTIVATIONS["selu"].code
GELU = ACTIVATIONS["gelu"].code
SILU = ACTIVATIONS["silu"].code
MISH = ACTIVATIONS["mish"].code
SOFTMAX = ACTIVATIONS["softmax"].code
EXP = ACTIVATIONS["exp"].code

ROOT_HALF = math.sqrt(0.5)
DENSITY = 1.0 / math.sqrt(2 * math.pi)


@njit(nogil=True, fastmath=True)
def keeps_input(code: int) -> bool:
    """Whether the derivative of this activation needs h beside a."""
    return code in (GELU, SILU, MISH)


@njit(nogil=True, fastmath=True)
def activate(code: int, H: Array, bias: Array, A: Array) -> None:
    """A = f(H + bias), shapes (rows, units); H + bias is kept in H where the derivative needs it.

    An empty `bias` means none. H and A may be the same array for activations that do not keep h.
    """
    real = H.dtype.type
    zero, one = real(0), real(1)
    rows, units = H.shape
    biased = bias.size > 0
    for r in range(rows):
        h = H[r]
        a = A[r]
        if biased:
            for c in range(units):
                h[c] += bias[c]
        if code == RELU:
            for c in range(units):
                a[c] = max(h[c], zero)
        elif code == IDENTITY or code == SOFTMAX:
            for c in range(units):
                a[c] = h[c]
        elif code == SIGMOID:
            for c in range(units):
                a[c] = one / (one + math.exp(-h[c]))
        elif code == TANH:
            for c in range(units):
                a[c] = math.tanh(h[c])
        elif code == LEAKY_RELU:
            for c in range(units):
                a[c] = h[c] if h[c] > zero else real(LEAKY_SLOPE) * h[c]
        elif code == ELU:
            for c in range(units):
                a[c] = h[c] if h[c] > zero else real(ELU_SCALE) * math.expm1(h[c])
        elif code == SELU:
            for c in range(units):
                a[c] = (
                    real(SELU_SCALE) * h[c]
                    if h[c] > zero
                    else real(SELU_SCALE * SELU_ALPHA) * math.expm1(h[c])
                )
        elif code == GELU:
            for c in range(units):
                a[c] = real(0.5) * h[c] * (one + math.erf(h[c] * real(ROOT_HALF)))
        elif code == SILU:
            for c in range(units):
                a[c] = h[c] / (one + math.exp(-h[c]))
        elif code == MISH:
            for c in range(units):
                a[c] = h[c] * _tanh_softplus(h[c])
        elif code == EXP:
            for c in range(units):
                a[c] = math.exp(h[c])


@njit(nogil=True, fastmath=True)
def _tanh_softplus(h: Any) -> Any:
    """tanh(ln(1 + eʰ)) with one exponential: n/(n + 2) for n = eʰ(eʰ + 2)."""
    two = type(h)(2)
    e = math.exp(min(h, type(h)(20)))
    n = e * (e + two)
    return n / (n + two)


@njit(nogil=True, fastmath=True)
def multiply_derivative(code: int, H: Array, A: Array, delta: Array) -> None:
    """δ ← δ × f′(h), elementwise over (rows, units)."""
    real = A.dtype.type
    zero, one = real(0), real(1)
    rows, units = A.shape
    for r in range(rows):
        h = H[r]
        a = A[r]
        d = delta[r]
        if code == RELU:
            for c in range(units):
                d[c] = d[c] if a[c] > zero else zero
        elif code == SIGMOID:
            for c in range(units):
                d[c] *= a[c] * (one - a[c])
        elif code == TANH:
            for c in range(units):
                d[c] *= one - a[c] * a[c]
        elif code == LEAKY_RELU:
            for c in range(units):
                d[c] *= one if a[c] > zero else real(LEAKY_SLOPE)
        elif code == ELU:
            for c in range(units):
                d[c] *= one if a[c] > zero else a[c] + real(ELU_SCALE)
        elif code == SELU:
            for c in range(units):
                d[c] *= real(SELU_SCALE) if a[c] > zero else a[c] + real(SELU_SCALE * SELU_ALPHA)
        elif code == GELU:
            for c in range(units):
                x = h[c]
                d[c] *= real(0.5) * (one + math.erf(x * real(ROOT_HALF))) + x * real(DENSITY) * math.exp(
                    real(-0.5) * x * x
                )
        elif code == SILU:
            for c in range(units):
                s = one / (one + math.exp(-h[c]))
                d[c] *= s * (one + h[c] * (one - s))
        elif code == MISH:
            for c in range(units):
                t = _tanh_softplus(h[c])
                s = one / (one + math.exp(-h[c]))
                d[c] *= t + h[c] * s * (one - t * t)
        elif code == EXP:
            for c in range(units):
                d[c] *= a[c]
