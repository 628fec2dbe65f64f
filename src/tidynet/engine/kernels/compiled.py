"""How every kernel is compiled."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from tidynet.engine.kernel_cache import enable_disk_cache

# The GIL is released, so that networks train in parallel. Division follows IEEE without exceptions, or loops would
# not be vectorized. Kernels make no array and need no reference counts, which take a tenth of the compilation.
_OPTIONS: dict[str, Any] = {"nogil": True, "fastmath": True, "error_model": "numpy", "_nrt": False}

_ENTRY: dict[str, Any] = {**_OPTIONS, "no_cfunc_wrapper": True}

# A literal 0 or 1 as an argument has its own type, for which Numba compiles the function again.
ZERO: Any = np.int64(0)
ONE: Any = np.int64(1)

# Inner functions are called by kernels only and have no wrapper for Python, which saves a tenth of the compilation.
# A call from Python crashes; tests call them from a jitted function.
_INNER: dict[str, Any] = {**_ENTRY, "no_cpython_wrapper": True}
compiled: Any = njit(**_INNER)
# Only functions with reference counts can return an array.
view: Any = njit(**{**_INNER, "_nrt": True})
# LLVM optimizes each function together with all that it calls; a function with one caller is inlined instead.
inlined = njit(**_OPTIONS, inline="always")


def entry_point(function: Any) -> Any:
    """Compile a function that Python calls, and keep it on disk."""
    return enable_disk_cache(njit(**_ENTRY)(function))


@njit(nogil=True, error_model="numpy")
def is_finite(value: float) -> bool:
    """Whether a number is neither infinite nor NaN, by its bits: fast mathematics assumes that it is finite."""
    bits = np.float64(value).view(np.int64)
    return (bits >> 52) & 0x7FF != 0x7FF
