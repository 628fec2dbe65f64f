"""eˣ and tanh that LLVM can vectorize in float32; those of the C library in float64.

In float32, x = n·ln 2 + r with an integer n and |r| ≤ ½·ln 2; eʳ is a polynomial of degree 6 (coefficients of
Cephes), and 2ⁿ is written into the exponent bits. The relative error is below 2e-7. Reassociation is off, because
it would add the two parts of ln 2.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit, types
from numba.extending import overload

_EXACT_ORDER: dict[str, Any] = {
    "nogil": True,
    "error_model": "numpy",
    "fastmath": {"nnan", "ninf", "nsz", "arcp", "contract"},
}

LOWEST, HIGHEST = np.float32(-87.0), np.float32(88.0)
LOG2_E = np.float32(1.44269504088896341)
LN2_HIGH, LN2_LOW = np.float32(0.693359375), np.float32(-2.12194440e-4)
P0, P1, P2 = np.float32(1.9875691500e-4), np.float32(1.3981999507e-3), np.float32(8.3334519073e-3)
P3, P4, P5 = np.float32(4.1665795894e-2), np.float32(1.6666665459e-1), np.float32(5.0000001201e-1)
BIAS, HALF_UP, ONE, TWO = np.float32(127), np.float32(127.5), np.float32(1), np.float32(2)


@njit(**_EXACT_ORDER)
def _exponential_32(x: np.float32) -> np.float32:
    x = min(max(x, LOWEST), HIGHEST)
    exponent = np.int32(x * LOG2_E + HALF_UP)
    n = np.float32(exponent) - BIAS
    r = (x - n * LN2_HIGH) - n * LN2_LOW
    p = ((((P0 * r + P1) * r + P2) * r + P3) * r + P4) * r + P5
    bits = np.int32(exponent << 23)
    return (p * r * r + r + ONE) * bits.view(np.float32)


def exponential(x):  # type: ignore[no-untyped-def]  # Numba compares bare signatures
    """eˣ of one number, in its own precision."""
    return np.exp(x)


@overload(exponential, inline="always")
def _overload_exponential(x):  # type: ignore[no-untyped-def]
    if x == types.float32:
        return lambda x: _exponential_32(x)
    return lambda x: math.exp(x)


def hyperbolic_tangent(x):  # type: ignore[no-untyped-def]
    """Tanh of one number, in its own precision: 1 − 2/(e²ˣ + 1) in float32."""
    return np.tanh(x)


@overload(hyperbolic_tangent, inline="always")
def _overload_hyperbolic_tangent(x):  # type: ignore[no-untyped-def]
    if x == types.float32:
        return lambda x: ONE - TWO / (_exponential_32(TWO * x) + ONE)
    return lambda x: math.tanh(x)
