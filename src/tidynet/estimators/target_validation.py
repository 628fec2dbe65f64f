"""The target that users pass → numbers, booleans or text; what no target can be is refused in one sentence."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tidynet.core.errors import InputError
from tidynet.core.text import join_list, shorten
from tidynet.estimators.masked_values import fill_masked
from tidynet.table.python_values import is_missing

Array = NDArray[Any]

# What a target can be made of, as in messages, and how to make numbers or classes of it.
_NUMBER, _BOOLEAN, _TEXT = "number", "boolean", "text"
_DURATION, _DATE, _COMPLEX, _BYTES = "durations", "dates or times", "complex numbers", "bytes"
_KINDS: tuple[tuple[type | tuple[type, ...], str], ...] = (
    ((bool, np.bool_), _BOOLEAN),
    ((datetime.timedelta, np.timedelta64), _DURATION),  # a timedelta64 is a whole number to NumPy
    ((int, float, np.integer, np.floating, Decimal, Fraction), _NUMBER),
    ((complex, np.complexfloating), _COMPLEX),
    (str, _TEXT),
    (bytes, _BYTES),
    ((datetime.date, datetime.time, np.datetime64), _DATE),
)
_REFUSED = {
    _DURATION: "convert them to numbers, such as seconds",
    _DATE: "convert them to numbers, such as days since the first, or to text as classes",
    _COMPLEX: "use the real or the imaginary part",
    _BYTES: "decode them to text",
}
_EXPECTED = "numbers, booleans or text"
_REFUSED_DTYPES = {"m": _DURATION, "M": _DATE, "c": _COMPLEX, "S": _BYTES}


def validate_target(y: Any, rows: int) -> Array:
    """The target as an array of shape (rows,) or (rows, targets) of numbers, booleans or text, without missing ones."""
    from sklearn.utils.validation import column_or_1d

    values = _as_array(y, rows)
    if values.ndim == 2 and values.shape[1] == 1:
        values = column_or_1d(values, warn=True)
    if not 1 <= values.ndim <= 2 or (values.ndim == 2 and not values.shape[1]):
        raise InputError(f"the target y has shape {values.shape}, expected ({rows},) or ({rows}, targets)")
    if len(values) != rows:
        raise InputError(f"there are {rows} rows of features and {len(values)} of the target, expected as many")
    _check_no_missing(values, rows)
    if values.dtype.kind in _REFUSED_DTYPES:
        raise _refused(_REFUSED_DTYPES[values.dtype.kind])
    return _plain_values(values) if values.dtype == object else values


def target_rows(y: Any) -> int:
    """The number of rows of a target; what is no column is refused."""
    return len(_as_array(y, None))


def name_of_target(y: Any) -> str | None:
    """The name of a target: of a named series, or of a frame of one column."""
    columns = getattr(y, "columns", None)
    names = [getattr(y, "name", None)] if columns is None or callable(columns) else list(columns)
    return names[0] if len(names) == 1 and isinstance(names[0], str) and names[0] else None


def _as_array(y: Any, rows: int | None) -> Array:
    """A column, array or list as an array; lists of several types as objects."""
    if y is None:
        raise InputError("this estimator requires y to be passed, but the target y is None")
    _check_is_column(y, rows)
    if isinstance(y, pl.Series):
        text = y.dtype in (pl.String, pl.Categorical, pl.Enum) and not y.null_count()
        return np.array(y.to_list(), dtype=str) if text else y.to_numpy()
    if hasattr(y, "__arrow_c_stream__") and hasattr(y, "to_pylist"):
        return _from_list(y.to_pylist())
    if isinstance(y, (list, tuple)):
        return _from_list(y)
    return np.asarray(fill_masked(y.to_numpy() if hasattr(y, "to_numpy") else y))


def _check_is_column(y: Any, rows: int | None) -> None:
    """Refuse what has no order or no rows, such as a dict, a set, a text or a generator."""
    expected = f"expected a column or array of {'labels or numbers' if rows is None else f'{rows} values'}"
    if isinstance(y, (str, bytes)):
        hint = f"pass the column itself, as in y=table[{y!r}]" if isinstance(y, str) and len(y) <= 40 else ""
        raise InputError(f"the target y is {shorten(repr(y))}, {expected}", hint)
    what, hint = f"of type {type(y).__name__}", ""
    if isinstance(y, Mapping):
        hint = "pass one of its columns, or list(y.values())"
    elif isinstance(y, (set, frozenset)):
        hint = "a set has no order; pass a list in the order of the rows"
    elif isinstance(y, Iterator) or (hasattr(y, "__iter__") and not hasattr(y, "__getitem__")):
        hint = "pass list(y)"
    elif not isinstance(y, (list, tuple)) and (not hasattr(y, "__len__") or np.ndim(y) == 0):
        what = shorten(repr(y)) if isinstance(y, (int, float, np.generic, np.ndarray)) else what
        if hasattr(y, "__array__") and not isinstance(y, (np.generic, np.ndarray)):
            return
    else:
        return
    raise InputError(f"the target y is {what}, {expected}", hint)


def _from_list(values: list[Any] | tuple[Any, ...]) -> Array:
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise InputError(
            "the target y has rows of different lengths, expected one value for each row, or as many in each"
        ) from error
    if array.ndim == 1 and len({_kind(item) for item in {type(value) for value in values}}) > 1:
        array = np.empty(len(values), dtype=object)  # NumPy would make text of numbers beside text
        array[:] = values
    return array


def _kind(item: type) -> str:
    """The kind of a Python or NumPy type; "" for any other."""
    return next((kind for types, kind in _KINDS if issubclass(item, types)), "")


def _plain_values(values: Array) -> Array:
    """Python objects as an array of numbers, booleans or text."""
    listed = values.ravel().tolist()
    types = list(dict.fromkeys(map(type, listed)))
    kinds = {_kind(item) for item in types}
    if len(kinds) > 1:
        names = join_list(item.__name__ for item in types)
        raise InputError(
            f"the target y has values of {len(types)} types ({names}), expected one type",
            "convert them all to text, as in y.astype(str), or to numbers",
        )
    [kind] = kinds
    if kind in _REFUSED:
        raise _refused(kind)
    if not kind:
        if all(isinstance(value, (list, tuple, np.ndarray)) for value in listed):
            return _nested_rows(listed)
        is_container = issubclass(types[0], (Mapping, set, frozenset))
        raise InputError(
            f"the target y contains {shorten(str(listed[0]))} of type {types[0].__name__}, expected {_EXPECTED}",
            "give one value for each row" if is_container else "convert it to text or a number",
        )
    convert: Callable[[Any], Any] = str if kind == _TEXT else _as_number
    return np.array([convert(value) for value in listed]).reshape(values.shape)


def _nested_rows(listed: list[Any]) -> Array:
    """Rows of lists as a matrix."""
    matrix = _from_list([list(row) for row in listed])
    return matrix if matrix.dtype != object else _plain_values(matrix)


def _as_number(value: Any) -> Any:
    """A decimal, a fraction or a whole number beyond 64 bits as a floating-point number; others as they are."""
    is_wide = isinstance(value, int) and not -(2**63) <= value < 2**63
    return float(value) if is_wide or isinstance(value, (Decimal, Fraction)) else value


def _refused(kind: str) -> InputError:
    lead = "Complex data not supported: " if kind == _COMPLEX else ""
    return InputError(f"{lead}the target y contains {kind}, expected {_EXPECTED}", _REFUSED[kind])


def _check_no_missing(values: Array, rows: int) -> None:
    if values.dtype.kind in "iub":
        return
    if values.dtype.kind == "f":
        missing = np.isnan(values).reshape(rows, -1).any(axis=1)
        infinite = np.isinf(values).reshape(rows, -1).any(axis=1)
        if infinite.any():
            row, count = int(infinite.argmax()) + 1, int(infinite.sum())
            raise InputError(
                f"the target y is infinite in {count} of {rows} rows (first row {row}), expected finite numbers",
                "correct or drop those rows",
            )
    else:
        missing = np.array([is_missing(value) for value in values.ravel().tolist()])
        missing = missing.reshape(rows, -1).any(axis=1)
    if missing.any():
        raise InputError(
            f"the target y is missing (NaN) in {missing.sum()} of {rows} rows (first row {missing.argmax() + 1})",
            "drop those rows before fit",
        )
