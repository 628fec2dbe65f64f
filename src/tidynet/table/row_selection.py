"""What stands between the brackets of ``table[…]``: names, row numbers, masks and slices, checked."""

from __future__ import annotations

from collections.abc import Sequence
from types import EllipsisType
from typing import Any, NamedTuple

import narwhals as nw
import numpy as np
import numpy.typing as npt
import polars as pl

from tidynet.core.errors import InputError, check_column_exists
from tidynet.core.text import pluralize, quote
from tidynet.table.python_values import is_missing

RowNumbers = npt.NDArray[np.int64]

_KEYS = "a column name, a list of names, row numbers, a mask or a slice"


class Selection(NamedTuple):
    """The chosen rows and columns, None for all; and whether the key named one row or one column by itself."""

    rows: RowNumbers | None = None
    columns: list[str] | None = None
    is_one_row: bool = False
    is_one_column: bool = False


def parse_key(key: object, columns: list[str], height: int) -> Selection:
    """The selection that a key means: names choose columns, numbers and masks choose rows."""
    if isinstance(key, tuple) and not all(isinstance(part, str) for part in key):
        return _pair(key, columns, height)
    names = _names(key)
    if names is not None:
        return Selection(columns=_known(names, columns))
    return Selection(row_numbers(key, height))


def row_numbers(rows: object, height: int) -> RowNumbers:
    """Row numbers from 0, of numbers (negative ones count from the end), a mask or a slice."""
    if isinstance(rows, slice):
        return _positions_of_slice(rows, height)
    if isinstance(rows, (int, np.integer)) and not isinstance(rows, bool):
        rows = [rows]
    values = _as_array(rows)
    if values.dtype.kind == "b":
        if len(values) != height:
            raise InputError(
                f"the mask has {pluralize(len(values), 'value')}, expected {height:,}", "give one value for each row"
            )
        return np.flatnonzero(values)
    if not len(values):
        return np.empty(0, dtype=np.int64)
    fractions = [] if values.dtype.kind in "iu" else [item for item in values.tolist() if type(item) is not int]
    if fractions:
        raise InputError(f"a row number is {fractions[0]!r}, expected whole numbers", "give row numbers or a mask")
    outside = (values < -height) | (values >= height)
    if outside.any():
        raise InputError(
            f"a row number is {values[outside][0]}, expected numbers from {-height} to {height - 1}",
            f"the table has {pluralize(height, 'row')}",
        )
    numbers = values.astype(np.int64)
    return np.where(numbers < 0, numbers + height, numbers)


def check_row_count(n: object) -> None:
    """Raise if the number of rows of ``head`` or ``tail`` is not a whole number."""
    if isinstance(n, bool) or not isinstance(n, (int, np.integer)):
        raise InputError(f"the number of rows is {quote(n)}, expected a whole number", "try 5")


def _pair(key: tuple[object, ...], columns: list[str], height: int) -> Selection:
    """``table[rows, columns]``, where an ellipsis or a bare colon means all."""
    if len(key) != 2:
        raise InputError(
            f"the table is selected by {pluralize(len(key), 'part')}, expected rows and columns",
            "give row numbers as a list",
        )
    rows, chosen = key
    numbers = None if _is_everything(rows) else row_numbers(rows, height)
    is_one_row = isinstance(rows, (int, np.integer))
    if _is_everything(chosen):
        return Selection(numbers, None, is_one_row)
    if isinstance(chosen, str):
        return Selection(numbers, _known([chosen], columns), is_one_row, is_one_column=True)
    names = _names(chosen)
    if names is None:
        names = [columns[position] for position in row_numbers(chosen, len(columns))]
    return Selection(numbers, _known(names, columns), is_one_row)


def _is_everything(part: object) -> bool:
    return isinstance(part, EllipsisType) or (isinstance(part, slice) and part == slice(None))


def _names(key: object) -> list[str] | None:
    """The key as column names, or None if it holds anything else."""
    if hasattr(key, "to_list") or isinstance(key, np.ndarray):
        listed = key.tolist() if isinstance(key, np.ndarray) else key.to_list()
    else:
        listed = list(key) if isinstance(key, (list, tuple)) else []
    return listed if listed and all(isinstance(name, str) for name in listed) else None


def _known(names: Sequence[str], columns: list[str]) -> list[str]:
    for position, name in enumerate(names):
        check_column_exists(name, columns)
        if name in names[:position]:
            raise InputError(f"the column '{name}' is selected twice, expected each column once", "remove one")
    return list(names)


def _positions_of_slice(rows: slice, height: int) -> RowNumbers:
    try:
        return np.arange(height)[rows]
    except (TypeError, ValueError) as error:
        raise InputError(
            f"the slice is {quote(_slice_text(rows))}, expected row numbers", "give names as a list"
        ) from error


def _slice_text(rows: slice) -> str:
    bounds = [rows.start, rows.stop, *([rows.step] if rows.step is not None else [])]
    return ":".join("" if bound is None else str(bound) for bound in bounds)


def _as_array(rows: object) -> npt.NDArray[Any]:
    """Row numbers or a mask as an array of one dimension; a missing value of a mask is False."""
    native = nw.from_native(rows, series_only=True, pass_through=True)
    if isinstance(native, nw.Series):
        series = native.to_polars()
        return series.fill_null(value=False).to_numpy() if series.dtype == pl.Boolean else series.to_numpy()
    if isinstance(rows, (str, bytes, set, frozenset, dict)) or not hasattr(rows, "__len__"):
        raise InputError(f"the table is selected by {rows!r}, expected {_KEYS}", "change the key")
    values = _from_list(rows) if isinstance(rows, (list, tuple)) else np.asarray(rows)
    if values.ndim != 1:
        raise InputError(
            f"the row numbers have {pluralize(values.ndim, 'dimension')}, expected 1", "give one list of numbers"
        )
    return _from_list(values.tolist()) if values.dtype.kind == "O" else values


def _from_list(rows: Sequence[Any]) -> npt.NDArray[Any]:
    """A list as an array; one of flags and missing values is a mask."""
    known = [value for value in rows if not is_missing(value)]
    flags = [isinstance(value, (bool, np.bool_)) for value in known]
    if known and all(flags):
        return np.array([not is_missing(value) and bool(value) for value in rows])
    # As objects where NumPy would turn a flag among numbers into a row number, or a number among words into a word.
    return np.array(rows, dtype=object) if any(flags) or len(known) < len(rows) else np.array(rows)
