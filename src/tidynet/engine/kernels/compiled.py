"""How every kernel is compiled."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from tidynet.engine.kernel_cache import enable_disk_cache

__all__ = ["ONE", "ZERO", "compiled", "entry_point", "inlined", "is_finite", "view"]

# The GIL is released so that restarts run side by side. Division follows IEEE (no exception to
# check for), without which the loops would not be vectorised. Kernels make no array and need no
# reference counts, whose code is a tenth of the compilation.
_OPTIONS: dict[str, Any] = {"nogil": True, "fastmath": True, "error_model": "numpy", "_nrt": False}

_ENTRY: dict[str, Any] = {**_OPTIONS, "no_cfunc_wrapper": True}

# A plain 0 or 1 as an argument would be a type of its own, and each such call compiled anew.
ZERO: Any = np.int64(0)
ONE: Any = np.int64(1)

# The inner functions are called by kernels alone and have no wrapper for Python, which saves a tenth of
# the compilation: calling one from Python crashes. Tests call them through a function of their own.
_INNER: dict[str, Any] = {**_ENTRY, "no_cpython_wrapper": True}
compiled: Any = njit(**_INNER)
# Numba lets only functions that count references give an array back.
view: Any = njit(**{**_INNER, "_nrt": True})
# Every level of calls is optimised anew with all below it: a function called from one place is
# made part of its caller instead.
inlined = njit(**_OPTIONS, inline="always")


def entry_point(function: Any) -> Any:
    """Compile a function that Python calls, and keep it on disk."""
    return enable_disk_cache(njit(**_ENTRY)(function))


@njit(nogil=True, error_model="numpy")
def is_finite(value: float) -> bool:
    """Whether a number is neither infinite nor NaN, by its bits: fast mathematics may assume it away."""
    bits = np.float64(value).view(np.int64)
    return (bits >> 52) & 0x7FF != 0x7FF
