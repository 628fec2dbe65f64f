"""Missing values of NumPy's masked arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["fill_masked"]


def fill_masked(values: Any) -> Any:
    """A masked array as a plain one: masked numbers are NaN, other masked values None; anything else as it is."""
    if not isinstance(values, np.ma.MaskedArray):
        return values
    mask, plain = np.ma.getmaskarray(values), np.asarray(values.data)
    if not mask.any():
        return plain
    if plain.dtype.kind in "fiub":
        numbers = plain.astype(plain.dtype if plain.dtype.kind == "f" else np.float64)
        numbers[mask] = np.nan
        return numbers
    cells = plain.astype(object)
    cells[mask] = None
    return cells
