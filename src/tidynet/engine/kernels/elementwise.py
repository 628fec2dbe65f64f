"""Activations and their derivatives over a batch, each in one pass with the bias.

Tests compare them with `activations.py`. The codes are those of the registry.
"""

from __future__ import annotations

import math
from typing import Any

from numpy.typing import NDArray

from tidynet.engine.activations import ACTIVATIONS, ELU_SCALE, LEAKY_SLOPE, SELU_ALPHA, SELU_SCALE
from tidynet.engine.kernels.compiled import compiled
from tidynet.engine.kernels.exponential import exponential, hyperbolic_tangent

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


@compiled
def activate(code: int, H: Array, bias: Array, A: Array) -> None:
    """A ← f(A + bias), shapes (rows, units), in place; H keeps A + bias where the derivative needs it."""
    # LLVM does not vectorize a loop over two arrays that may overlap.
    real = A.dtype.type
    zero, one = real(0), real(1)
    rows, units = A.shape
    if code == RELU:
        for r in range(rows):
            for c in range(units):
                A[r, c] = max(A[r, c] + bias[c], zero)
    elif code in (IDENTITY, SOFTMAX):
        for r in range(rows):
            for c in range(units):
                A[r, c] += bias[c]
    elif code == SIGMOID:
        for r in range(rows):
            for c in range(units):
                A[r, c] = one / (one + exponential(-(A[r, c] + bias[c])))
    elif code == TANH:
        for r in range(rows):
            for c in range(units):
                A[r, c] = hyperbolic_tangent(A[r, c] + bias[c])
    elif code == LEAKY_RELU:
        for r in range(rows):
            for c in range(units):
                h = A[r, c] + bias[c]
                A[r, c] = h if h > zero else real(LEAKY_SLOPE) * h
    elif code == ELU:
        for r in range(rows):
            for c in range(units):
                h = A[r, c] + bias[c]
                A[r, c] = h if h > zero else real(ELU_SCALE) * (exponential(h) - one)
    elif code == SELU:
        for r in range(rows):
            for c in range(units):
                h = A[r, c] + bias[c]
                A[r, c] = real(SELU_SCALE) * h if h > zero else real(SELU_SCALE * SELU_ALPHA) * (exponential(h) - one)
    elif code == GELU:
        for r in range(rows):
            for c in range(units):
                h = A[r, c] + bias[c]
                H[r, c] = h
                A[r, c] = real(0.5) * h * (one + math.erf(h * real(ROOT_HALF)))
    elif code == SILU:
        for r in range(rows):
            for c in range(units):
                h = A[r, c] + bias[c]
                H[r, c] = h
                A[r, c] = h / (one + exponential(-h))
    elif code == MISH:
        for r in range(rows):
            for c in range(units):
                h = A[r, c] + bias[c]
                H[r, c] = h
                A[r, c] = h * _tanh_softplus(h)
    elif code == EXP:
        for r in range(rows):
            for c in range(units):
                A[r, c] = exponential(A[r, c] + bias[c])
    else:
        raise ValueError("the activation code has no branch in the kernel")


@compiled
def _tanh_softplus(h: Any) -> Any:
    """tanh(ln(1 + eʰ)) with one exponential: n/(n + 2) for n = eʰ(eʰ + 2)."""
    two = type(h)(2)
    e = exponential(min(h, type(h)(20)))
    n = e * (e + two)
    return n / (n + two)


@compiled
def multiply_derivative(code: int, H: Array, A: Array, delta: Array) -> None:
    """δ ← δ × f′(h), elementwise over (rows, units)."""
    real = A.dtype.type
    zero, one = real(0), real(1)
    if code == IDENTITY:
        return
    # One long row: short rows are not vectorized.
    H, A, delta = H.reshape(H.size), A.reshape(A.size), delta.reshape(delta.size)
    if code == RELU:
        for i in range(A.size):
            delta[i] = delta[i] if A[i] > zero else zero
    elif code == SIGMOID:
        for i in range(A.size):
            delta[i] *= A[i] * (one - A[i])
    elif code == TANH:
        for i in range(A.size):
            delta[i] *= one - A[i] * A[i]
    elif code == LEAKY_RELU:
        for i in range(A.size):
            delta[i] *= one if A[i] > zero else real(LEAKY_SLOPE)
    elif code == ELU:
        for i in range(A.size):
            delta[i] *= one if A[i] > zero else A[i] + real(ELU_SCALE)
    elif code == SELU:
        for i in range(A.size):
            delta[i] *= real(SELU_SCALE) if A[i] > zero else A[i] + real(SELU_SCALE * SELU_ALPHA)
    elif code == GELU:
        for i in range(A.size):
            h = H[i]
            density = real(DENSITY) * exponential(real(-0.5) * h * h)
            delta[i] *= real(0.5) * (one + math.erf(h * real(ROOT_HALF))) + h * density
    elif code == SILU:
        for i in range(A.size):
            s = one / (one + exponential(-H[i]))
            delta[i] *= s * (one + H[i] * (one - s))
    elif code == MISH:
        for i in range(A.size):
            t = _tanh_softplus(H[i])
            s = one / (one + exponential(-H[i]))
            delta[i] *= t + H[i] * s * (one - t * t)
    elif code == EXP:
        for i in range(A.size):
            delta[i] *= A[i]
    else:
        raise ValueError("the activation code has no derivative in the kernel")
