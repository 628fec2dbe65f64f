"""A list of Python values → one column; what was lost or became text is said."""

from __future__ import annotations

import contextlib
import datetime
import enum
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from narwhals.dependencies import get_pandas

from tidynet.core.errors import InputError
from tidynet.core.text import join_list, pluralize
from tidynet.table.normalize_dtypes import EXACT_DIGITS, MAX_EXACT, is_code_of_digits

_INT128 = 2**127

_NEVER_MISSING = {
    str, int, bool, bytes, list, tuple, dict, type(None),
    datetime.date, datetime.datetime, datetime.time, datetime.timedelta,
}  # fmt: skip


class ConvertedColumn(NamedTuple):
    """A column and what a reader must know about its conversion, or an empty note."""

    series: pl.Series
    note: str = ""


def column_from_values(values: Iterable[Any], name: str = "") -> ConvertedColumn:
    """A column of Python values; NaN, NaT and NA become null, values of several types become text."""
    try:
        return _convert(list(values), name)
    except (OverflowError, pl.exceptions.InvalidOperationError) as error:
        raise InputError(
            f"the column '{name}' contains a time or duration out of range", "correct or drop the row"
        ) from error


def _convert(cells: list[Any], name: str) -> ConvertedColumn:
    examples = {type(value): value for value in cells}
    if float in examples and examples.keys() <= {float, type(None)}:
        return ConvertedColumn(pl.Series(cells, dtype=pl.Float64).fill_nan(None))
    if not examples.keys() <= _NEVER_MISSING:  # a look at the types alone spares one at every cell
        cells = [None if is_missing(value) else _plain_value(value) for value in cells]
        examples = {type(value): value for value in cells}
    types = list(dict.fromkeys(_family(value) for value in examples.values() if value is not None))
    if not types:
        return ConvertedColumn(pl.Series([None] * len(cells), dtype=pl.Null))
    if set(types) <= {bool, int, float, Decimal, Fraction}:
        return _numbers(cells, types, name)
    if set(types) <= {datetime.date, datetime.datetime}:
        return _instants(cells, types, name)
    if len(types) == 1 and types[0] in _ALONE:
        return ConvertedColumn(_ALONE[types[0]](cells))
    if complex in types:
        raise complex_error(name)
    if not {object, list, dict}.isdisjoint(types):
        return ConvertedColumn(pl.Series(cells, dtype=pl.Object))
    return ConvertedColumn(_text(cells), _mixed_note(types, name) if len(types) > 1 else "")


def complex_error(name: str) -> InputError:
    """The error for a column of complex numbers."""
    return InputError(
        f"Complex data not supported: the column '{name}' contains complex numbers, expected real numbers",
        "give the real and the imaginary parts as two columns, or drop it",
    )


def is_missing(value: Any) -> bool:
    """Whether a cell is None, NaN, or pandas' NaT or NA."""
    pandas = get_pandas()
    if value is None or (pandas is not None and (value is pandas.NaT or value is pandas.NA)):
        return True
    if isinstance(value, Decimal):
        return value.is_nan()
    if isinstance(value, (np.datetime64, np.timedelta64)):
        return bool(np.isnat(value))
    return isinstance(value, (float, np.floating)) and math.isnan(value)


def _plain_value(value: Any) -> Any:
    """The Python value of a NumPy scalar or a member of an enumeration."""
    if isinstance(value, enum.Enum) and not isinstance(value, (int, str, float)):
        return value.name
    if isinstance(value, (np.datetime64, np.timedelta64)):
        unit = "datetime64[us]" if isinstance(value, np.datetime64) else "timedelta64[us]"
        return value.astype(unit).item()
    return value.item() if isinstance(value, np.generic) else value


def _family(value: Any) -> type:
    """The type that decides how a value is stored; `object` where no text stands for it."""
    for family in (bool, int, float, complex, str, bytes, datetime.datetime, datetime.date):
        if isinstance(value, family):
            return family
    if isinstance(value, (bytearray, memoryview)):
        return bytes
    if isinstance(value, Mapping):
        return dict
    if isinstance(value, (list, tuple, np.ndarray, pl.Series)):
        return list
    if isinstance(value, (set, frozenset)) or callable(value) or str(value) == object.__repr__(value):
        return object
    families = (datetime.timedelta, datetime.time, Decimal, Fraction)
    return next((family for family in families if isinstance(value, family)), type(value))


def _mixed_note(types: Sequence[type], name: str) -> str:
    names = join_list(family.__name__ for family in types)
    return f"the column '{name}' has values of {len(types)} types ({names}); they are kept as text"


def _text(cells: Sequence[Any]) -> pl.Series:
    texts = [None if value is None else str(value) for value in cells]
    try:
        return pl.Series(texts, dtype=pl.String)
    except UnicodeEncodeError:  # half of a character, which UTF-8 cannot hold
        plain = [None if text is None else text.encode("utf-8", "backslashreplace").decode() for text in texts]
        return pl.Series(plain, dtype=pl.String)


def _bytes(cells: Sequence[Any]) -> pl.Series:
    return pl.Series([None if value is None else bytes(value) for value in cells], dtype=pl.Binary)


def _nested(cells: Sequence[Any]) -> pl.Series:
    """Lists and records; objects where their parts have no common type."""
    for is_strict in (True, False):
        try:
            return pl.Series(cells, strict=is_strict)
        except (TypeError, ValueError, OverflowError, pl.exceptions.PolarsError):
            continue
    return pl.Series(cells, dtype=pl.Object)


def _durations(cells: Sequence[Any]) -> pl.Series:
    return pl.Series(cells, dtype=pl.Duration("us"))


def _times(cells: Sequence[Any]) -> pl.Series:
    return pl.Series(cells, dtype=pl.Time)


_ALONE: Mapping[type, Callable[[Sequence[Any]], pl.Series]] = {
    str: _text,
    bytes: _bytes,
    list: _nested,
    dict: _nested,
    datetime.timedelta: _durations,
    datetime.time: _times,
}


def _numbers(cells: Sequence[Any], types: Sequence[type], name: str) -> ConvertedColumn:
    """Booleans, integers or floating-point numbers; a note where digits were lost."""
    known = [value for value in cells if value is not None]
    if types == [bool]:
        return ConvertedColumn(pl.Series(cells, dtype=pl.Boolean))
    if Decimal in types and all(value.is_finite() and value == int(value) for value in known if _is_decimal(value)):
        cells = [int(value) if _is_decimal(value) else value for value in cells]
    if all(value is None or isinstance(value, int) for value in cells):
        return _whole_numbers(cells, bool in types, name)
    series = pl.Series([None if value is None else _as_float(value, name) for value in cells], dtype=pl.Float64)
    n_rounded = sum(_is_rounded(value) for value in known)
    note = (
        f"the column '{name}' has numbers of more digits than a floating-point number holds in "
        f"{pluralize(n_rounded, 'row')}; they were rounded"
    )
    return ConvertedColumn(series, note if n_rounded else "")


def _is_decimal(value: Any) -> bool:
    return isinstance(value, Decimal)


def _is_rounded(value: Any) -> bool:
    """Whether a floating-point number has other digits than the value; thirds have no end and do not count."""
    if isinstance(value, Decimal):
        return value.is_finite() and len(value.normalize().as_tuple().digits) > EXACT_DIGITS
    return isinstance(value, int) and abs(value) > MAX_EXACT and len(str(abs(value)).rstrip("0")) > EXACT_DIGITS


def _whole_numbers(cells: Sequence[Any], has_flags: bool, name: str) -> ConvertedColumn:
    note = f"the column '{name}' has true and false among numbers; they were read as 1 and 0" if has_flags else ""
    if not has_flags:
        with contextlib.suppress(OverflowError, TypeError):  # beyond 64 bits, what follows decides
            return ConvertedColumn(pl.Series(cells, dtype=pl.Int64))
    known = [int(value) for value in cells if value is not None]
    numbers = [None if value is None else int(value) for value in cells]
    low, high = min(known), max(known)
    if low >= -_INT128 and high < _INT128:
        return ConvertedColumn(pl.Series(numbers, dtype=_integer_dtype(low, high)), note)
    rounded = {_as_float(value, name) for value in known}
    widths = {len(str(abs(value))) for value in known}
    if is_code_of_digits(name, len(known), len(set(known)), len(rounded), len(widths)):
        return ConvertedColumn(
            _text(numbers), f"the column '{name}' has whole numbers beyond 64 bits; they are kept as text"
        )
    series = pl.Series([None if value is None else float(value) for value in numbers])
    return ConvertedColumn(
        series, f"the column '{name}' has whole numbers beyond 64 bits; they were rounded to 15 digits"
    )


def _as_float(value: Any, name: str) -> float:
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if math.isinf(number) and not isinstance(value, float) and abs(value) != math.inf:
        # Python writes no whole number of more than 4300 digits.
        n_digits = math.floor(int(abs(value)).bit_length() * math.log10(2)) + 1
        raise InputError(
            f"the column '{name}' contains a number of {n_digits:,} digits, expected numbers below 1e308",
            "correct or drop the row",
        )
    return number


def _integer_dtype(low: int, high: int) -> Any:
    if low >= -(2**63) and high < 2**63:
        return pl.Int64
    return pl.UInt64 if low >= 0 and high < 2**64 else pl.Int128


def _instants(cells: Sequence[Any], types: Sequence[type], name: str) -> ConvertedColumn:
    """Dates, datetimes, or both; times of several zones in UTC."""
    if types == [datetime.date]:
        return ConvertedColumn(pl.Series(cells, dtype=pl.Date))
    moments = [_moment(value) for value in cells]
    zones = {value.tzinfo is not None for value in moments if value is not None}
    if len(zones) == 2:
        note = f"the column '{name}' has times with and without a time zone; they are kept as text"
        return ConvertedColumn(_text(cells), note)
    offsets = {str(value.tzinfo) for value in moments if value is not None}
    note = f"the column '{name}' has times of {len(offsets)} time zones; they are in UTC" if len(offsets) > 1 else ""
    if len(types) == 2:
        note = f"the column '{name}' has dates and times; a date counts as midnight"
    if len(offsets) > 1:
        moments = [None if value is None else value.astimezone(datetime.UTC) for value in moments]
    return ConvertedColumn(pl.Series(moments, dtype=None if zones == {True} else pl.Datetime("us")), note)


def _moment(value: Any) -> datetime.datetime | None:
    if value is None or isinstance(value, datetime.datetime):
        return value
    return datetime.datetime.combine(value, datetime.time())
