"""How every kernel is compiled."""

from __future__ import annotations

from typing import Any

from numba import njit

__all__ = ["compiled", "entry_point"]

# The GIL is released so that restarts run side by side. Division follows IEEE (no exception to
# check for), without which the loops would not be vectorised.
_OPTIONS: dict[str, Any] = {"nogil": True, "fastmath": True, "error_model": "numpy"}

compiled = njit(**_OPTIONS)
entry_point = njit(**_OPTIONS, cache=True)
