"""Values from a command line or a list as values of a column's type."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import narwhals as nw

from tidynet.core.errors import InputError
from tidynet.core.text import quote

_BOOLEANS = {"true": True, "false": False}


def values_of_type(values: Sequence[Any], column: str, dtype: Any) -> list[Any]:
    """Texts as numbers, dates or truth values where the column has that type; other values unchanged."""
    return [value_of_type(value, column, dtype) for value in values]


def value_of_type(value: Any, column: str, dtype: Any) -> Any:
    """A value that a column of this type can hold; raises for text that it cannot."""
    if dtype in (nw.String, nw.Categorical, nw.Enum):
        return value if isinstance(value, str) else str(value)
    if not isinstance(value, str):
        return value
    try:
        if dtype.is_integer() or dtype.is_float() or dtype.is_decimal():
            return _number(value)
        if dtype == nw.Boolean:
            return _BOOLEANS[value.strip().casefold()]
        if dtype == nw.Date:
            return dt.date.fromisoformat(value.strip())
        if dtype == nw.Datetime:
            moment = dt.datetime.fromisoformat(value.strip())
            zone = getattr(dtype, "time_zone", None)
            return moment.replace(tzinfo=dt.UTC) if zone and moment.tzinfo is None else moment
        if dtype == nw.Time:
            return dt.time.fromisoformat(value.strip())
    except (ValueError, KeyError):
        raise InputError(
            f"the value for '{column}' is {quote(value)}, expected {_expected(dtype)}", "write it so"
        ) from None
    return value


def _number(text: str) -> int | float:
    plain = text.strip().replace("−", "-")
    return int(plain) if plain.lstrip("+-").isdecimal() else float(plain)


def _expected(dtype: Any) -> str:
    if dtype.is_numeric():
        return "a number"
    named = {nw.Boolean: "true or false", nw.Date: "a date such as 2023-01-02", nw.Time: "a time such as 08:30"}
    return next((text for kind, text in named.items() if dtype == kind), "a date and time such as 2023-01-02T08:30")
