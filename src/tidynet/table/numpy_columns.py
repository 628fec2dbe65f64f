"""NumPy arrays of any dtype, masked ones too → columns; what was lost is said."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from tidynet.core.errors import InputError
from tidynet.table.python_values import ConvertedColumn, column_from_values, complex_error

_FINE_UNITS = ("ns", "ps", "fs", "as")
_LAST_YEAR = 9999


def column_from_numpy(array: npt.NDArray[Any], name: str = "") -> ConvertedColumn:
    """The column of an array of one dimension; masked cells become null."""
    if isinstance(array, np.ma.MaskedArray):
        mask = np.ma.getmaskarray(array)
        converted = column_from_numpy(_without_masked(array, mask), name)
        known = pl.Series(~mask)
        series = pl.select(pl.when(pl.lit(known)).then(pl.lit(converted.series))).to_series()
        return converted._replace(series=series)
    kind = array.dtype.kind
    if kind == "c":
        raise complex_error(name)
    if kind in "iub":
        return ConvertedColumn(pl.Series(_native(array)))
    if kind == "f":
        return _floats(array, name)
    if kind == "M":
        return _instants(array, name)
    if kind == "m":
        return _durations(array, name)
    if kind == "S":
        return _byte_texts(array, name)
    return column_from_values(array.tolist(), name)


def _without_masked(array: np.ma.MaskedArray[Any, Any], mask: npt.NDArray[np.bool_]) -> npt.NDArray[Any]:
    """The data, where a masked cell of objects is None, because anything may stand there."""
    data = np.array(array.data)
    if data.dtype.kind == "O":
        data[mask] = None
    return data


def _native(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return np.ascontiguousarray(array.astype(array.dtype.newbyteorder("=")))


def _floats(array: npt.NDArray[Any], name: str) -> ConvertedColumn:
    if array.dtype.itemsize <= 4:
        return ConvertedColumn(pl.Series(np.ascontiguousarray(array.astype(np.float32))))
    with np.errstate(over="ignore"):
        plain = array.astype(np.float64)
    lost = (plain != array) & ~np.isnan(array)
    note = f"the column '{name}' of {array.dtype} was rounded to float64" if lost.any() else ""
    return ConvertedColumn(pl.Series(np.ascontiguousarray(plain)), note)


def _instants(array: npt.NDArray[Any], name: str) -> ConvertedColumn:
    known = array[~np.isnat(array)]
    if np.datetime_data(array.dtype)[0] in _FINE_UNITS:
        unit, note = _kept_unit(known, name)
        return ConvertedColumn(pl.Series(array.astype(f"datetime64[{unit}]")), note)
    years = known.astype("datetime64[Y]").astype(np.int64) + 1970
    if years.size and not (years.min() >= 1 and years.max() <= _LAST_YEAR):
        wrong = int(years.max() if years.max() > _LAST_YEAR else years.min())
        raise InputError(
            f"the column '{name}' contains a date in the year {wrong}, expected years from 1 to {_LAST_YEAR}",
            "correct or drop the row",
        )
    return ConvertedColumn(pl.Series(array.astype("datetime64[us]")))


def _durations(array: npt.NDArray[Any], name: str) -> ConvertedColumn:
    unit = np.datetime_data(array.dtype)[0]
    if unit in ("Y", "M", "generic"):
        what = "no unit" if unit == "generic" else f"the unit {'year' if unit == 'Y' else 'month'}"
        raise InputError(
            f"the column '{name}' is {array.dtype} with {what}, expected durations of fixed length",
            "convert it to days or seconds",
        )
    known = array[~np.isnat(array)]
    unit, note = _kept_unit(known, name)
    kept = known.astype(f"timedelta64[{unit}]")
    # NumPy wraps around where a count of microseconds has more than 64 bits.
    if known.size and (kept.astype(known.dtype) != known).any() and not note:
        raise InputError(f"the column '{name}' contains a time or duration out of range", "correct or drop the row")
    return ConvertedColumn(pl.Series(array.astype(f"timedelta64[{unit}]")), note)


def _kept_unit(known: npt.NDArray[Any], name: str) -> tuple[str, str]:
    """The unit in which times are kept, microseconds where that loses nothing, and a note where it does."""
    if np.datetime_data(known.dtype)[0] not in _FINE_UNITS:
        return "us", ""
    kind = "datetime64" if known.dtype.kind == "M" else "timedelta64"
    if (known.astype(f"{kind}[us]") == known).all():
        return "us", ""
    is_rounded = bool((known.astype(f"{kind}[ns]") != known).any())
    return "ns", f"the times of the column '{name}' were rounded to nanoseconds" if is_rounded else ""


def _byte_texts(array: npt.NDArray[Any], name: str) -> ConvertedColumn:
    """Byte strings as text where they are UTF-8; other bytes stay bytes."""
    values = array.tolist()
    try:
        return column_from_values([value.decode() for value in values], name)
    except UnicodeDecodeError:
        return column_from_values(values, name)
