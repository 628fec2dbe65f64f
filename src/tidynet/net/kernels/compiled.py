"""How every kernel is compiled."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

__all__ = ["compiled", "entry_point", "is_finite"]

# The GIL is released so that restarts run side by side. Division follows IEEE (no exception to
# check for), without which the loops would not be vectorised.
_OPTIONS: dict[str, Any] = {"nogil": True, "fastmath": True, "error_model": "numpy"}

compiled = njit(**_OPTIONS)
entry_point = njit(**_OPTIONS, cache=True)


@njit(nogil=True, error_model="numpy")
def is_finite(value: float) -> bool:
    """Whether a number is neither infinite nor NaN, by its bits: fast mathematics may assume it away."""
    bits = np.float64(value).view(np.int64)
    return (bits >> 52) & 0x7FF != 0x7FF
