"""Numbers with a unit in the cell."""

from __future__ import annotations

from typing import Any, Final, TypeVar

import narwhals as nw
import polars as pl

from tidynet.core.errors import InputError, did_you_mean
from tidynet.core.text import join_names, pluralize, quote
from tidynet.table.tidy.columns import group_expressions
from tidynet.table.tidy.frame_dispatch import (
    Frame,
    apply_to_frame,
    as_polars,
    check_names_free,
    group_reference,
    single_column,
)
from tidynet.table.tidy.number_marks import detect_decimal, number_pattern, plain_number

F = TypeVar("F")

UNITS: Final[dict[str, dict[str, float]]] = {
    "mass": {
        "µg": 1e-9, "mg": 1e-6, "g": 1e-3, "kg": 1.0, "t": 1000.0, "lb": 0.45359237, "lbs": 0.45359237,
        "oz": 0.028349523125,
    },
    "length": {
        "nm": 1e-9, "µm": 1e-6, "mm": 1e-3, "cm": 1e-2, "m": 1.0, "km": 1000.0, "in": 0.0254, "ft": 0.3048,
        "yd": 0.9144, "mi": 1609.344, "miles": 1609.344,
    },
    "time": {
        "ms": 1e-3, "s": 1.0, "sec": 1.0, "secs": 1.0, "min": 60.0, "mins": 60.0, "h": 3600.0, "hr": 3600.0,
        "hrs": 3600.0, "hours": 3600.0, "days": 86400.0, "weeks": 604800.0,
    },
    "volume": {"ml": 1e-3, "cl": 1e-2, "dl": 0.1, "l": 1.0, "gal": 3.785411784},
    "speed": {"m/s": 1.0, "km/h": 1 / 3.6, "kmh": 1 / 3.6, "kph": 1 / 3.6, "mph": 0.44704},
    "bytes": {"kB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12},
    "power": {"mW": 1e-3, "W": 1.0, "kW": 1e3, "MW": 1e6, "GW": 1e9, "hp": 745.6998715822702},
    "frequency": {"mHz": 1e-3, "Hz": 1.0, "kHz": 1e3, "MHz": 1e6, "GHz": 1e9},
}  # fmt: skip
"""Units by quantity, each with its factor to the base unit."""

CURRENCIES: Final = (
    *("$", "€", "£", "¥", "₹", "₽", "₩", "₺", "₴", "₫", "₪", "฿", "usd", "eur", "gbp", "chf", "jpy", "cad", "aud"),
    *("nzd", "sek", "nok", "dkk", "pln", "czk", "huf", "inr", "cny", "brl", "mxn", "zar", "krw", "try", "rub", "ils"),
    *("sgd", "hkd", "thb"),
)
_OTHERS: Final = (
    *("%", "‰", "°c", "°f", "c", "f", "k", "°", "ppm", "mah", "v", "kv", "a", "bar", "psi", "pa", "hpa", "kpa", "cal"),
    *("kcal", "kj", "j", "mpg", "kwh", "wh", "px", "pts", "pt", "years", "year", "yrs", "yr", "months", "month"),
    *("day", "week", "hour", "minutes", "seconds", "metres", "meters", "pounds", "inches", "feet", "mmhg", "bpm"),
    *("cc", "ccm", "cm2", "m2", "m²", "km2", "km²", "ha", "acres", "sqft", "m3", "m³", "um", "km h-1", "m s-1"),
    *("mg/dl", "mmol/l", "g/l", "mg/l", "kg/m2", "kg/m²", "kmpl", "km/kg", "l/100km", "l/100 km"),
)
_ALL: Final = frozenset(
    unit.casefold() for unit in (*CURRENCIES, *_OTHERS, *(unit for units in UNITS.values() for unit in units))
)

_SIGNS: Final = r"(?:[A-Z]{1,3})?[$€£¥₹₽₩₺₴₫₪฿]|kr\.?|Fr\.?|Rs\.?|" + "|".join(
    code.upper() for code in CURRENCIES if code.isalpha() and code.isascii()
)
# A digit in a unit is an exponent (kg/m2, km h-1, m^2) or a power of ten (l/100 km); others are a second number.
_WORD: Final = r"[^0-9\s/*·⋅().,]"
_FACTOR: Final = rf"(?:{_WORD}*(?:m|ft|in|yd|mi|s|O)[2-4]|{_WORD}*[A-Za-zµμΩ](?:\^[-−]?|[-−])[1-4]|{_WORD}+)"
_BETWEEN: Final = r"(?:\s*/\s*10+\s*|\s+per\s+10+\s+|[\s/*·⋅().,]+)"
_SUFFIX_PATTERN: Final = rf"(?:(?:\(|/\s*(?:10+\s*)?|per\s+(?:10+\s+)?)?{_FACTOR}(?:{_BETWEEN}{_FACTOR})*[).]*)?"
_BOOKED: Final = rf"^\s*\(((?:{_SIGNS}|)\s*[0-9][0-9.,'’ ]*%?)\)\s*$"


def _cell_pattern(number: str) -> str:
    return rf"\s*([-+−–]?)\s*({_SIGNS}|)\s*([-+−–]?)({number})\s*({_SUFFIX_PATTERN})\s*"


NUMBER_AND_UNIT: Final = _cell_pattern(f"(?:{number_pattern('.')}|{number_pattern(',')})")
"""A minus, a currency sign, a minus, a number with either decimal mark, and a unit; only the number must be there."""


def is_unit(text: str) -> bool:
    """Whether a text is a known unit or currency."""
    return " ".join(text.casefold().split()).rstrip(".") in _ALL


def separate_units(
    frame: F,
    column: str,
    *,
    unit_column: str | None = None,
    target_unit: str | None = None,
    decimal: str | None = None,
    strict: bool = True,
) -> F:
    """Split cells such as "5 kg" into a number and a unit.

    Parameters
    ----------
    frame : data frame, lazy frame or Table
    column : str
        The column of numbers with units; a sign such as "$" or "%" is a unit.
    unit_column : str, optional
        The new column for the units (default: the column's name with "_unit").
    target_unit : str, optional
        Convert all numbers to this unit, such as "kg", without a column of units.
    decimal : {".", ","}, optional
        The decimal mark of the numbers; the other mark separates thousands (default: as the cells show).
    strict : bool, default True
        Whether a cell that is not one number with one unit is an error; otherwise it becomes missing, as always in
        a lazy frame.

    Raises
    ------
    InputError
        If the column does not exist, a cell has no number or two numbers ("5'11"), the cells allow two readings
        ("1.299 €" alone), or a unit cannot be converted to `target_unit`.

    Examples
    --------
    >>> parcels = pl.DataFrame({"weight": ["5 kg", "250 g", None]})
    >>> separate_units(parcels, "weight").rows()
    [(5.0, 'kg'), (250.0, 'g'), (None, None)]
    >>> separate_units(parcels, "weight", target_unit="kg").rows()
    [(5.0,), (0.25,), (None,)]
    >>> separate_units(pl.DataFrame({"share": ["7,5 %", "−12,25 %"]}), "share").rows()
    [(7.5, '%'), (-12.25, '%')]
    """
    if decimal not in (None, ".", ","):
        raise InputError(f"decimal is '{decimal}', expected '.' or ','", "set decimal=',' for numbers such as 3,5")
    factors = _unit_factors(target_unit) if target_unit is not None else {}
    new_column = unit_column or f"{column}_unit"

    def transform(native: Frame) -> Frame:
        single_column(native, column)
        before = native.collect_schema().names()
        if target_unit is None:
            check_names_free([new_column], before)
        cells = _separate(native, column, decimal or detect_decimal(native, column))
        if strict and not isinstance(native, nw.LazyFrame):
            _check_numbers(as_polars(cells.select(column, _NUMBER)), column)
        result = cells.with_columns(nw.col(_NUMBER).alias(column))
        if target_unit is not None:
            if not isinstance(native, nw.LazyFrame):
                _check_units(as_polars(result.select(_UNIT)), column, target_unit, factors)
            return result.with_columns(_convert_units(column, factors).alias(column)).select(*before)
        index = before.index(column) + 1
        return result.with_columns(nw.col(_UNIT).alias(new_column)).select(*before[:index], new_column, *before[index:])

    return apply_to_frame(frame, transform)


_CELL, _NUMBER, _UNIT = "cell with a unit", "number of the cell", "unit of the cell"
_SIGN, _SUFFIX = "sign before the number", "unit after the number"
_OUTER_MINUS, _INNER_MINUS = "minus before the sign", "minus before the number"
_MINUS = ("-", "−", "–")


def _separate(frame: Frame, column: str, decimal: str) -> Frame:
    """The frame with the number and the unit of each cell as two more columns."""
    # Brackets around an amount are the minus of bookkeeping.
    text = nw.col(column).cast(nw.String).str.replace_all(_BOOKED, f"-{group_reference(frame, 1)}")
    cells = frame.with_columns(text.alias(_CELL))
    groups = (_OUTER_MINUS, _SIGN, _INNER_MINUS, _NUMBER, _SUFFIX)
    pattern = _cell_pattern(f"(?:{number_pattern(decimal)})")
    parts = cells.with_columns(*group_expressions(cells, _CELL, pattern, groups))
    number = plain_number(nw.col(_NUMBER), decimal).cast(nw.Float64)
    is_negative = nw.col(_OUTER_MINUS).is_in(_MINUS) | nw.col(_INNER_MINUS).is_in(_MINUS)
    signed = nw.when(is_negative.fill_null(False)).then(-number).otherwise(number)
    sign, suffix = nw.col(_SIGN), nw.col(_SUFFIX)
    unit = (
        nw.when(suffix.is_null())
        .then(sign)
        .otherwise(nw.when(sign.is_null()).then(suffix).otherwise(nw.concat_str(sign, suffix, separator=" ")))
    )
    return parts.with_columns(signed.alias(_NUMBER), unit.alias(_UNIT))


def _unit_factors(target_unit: str) -> dict[str, float]:
    known = [unit for units in UNITS.values() for unit in units]
    for units in UNITS.values():
        spelled = _spelled_as(target_unit, list(units))
        if spelled is not None:
            return {unit: factor / units[spelled] for unit, factor in units.items()}
    raise InputError(
        f"target_unit is '{target_unit}', expected one of {join_names(known, 12)}", did_you_mean(target_unit, known)
    )


def _spelled_as(unit: str, known: list[str]) -> str | None:
    """The known unit that a text spells; in other case only where no other unit differs in case alone (mW and MW)."""
    text = unit.strip().removesuffix(".").replace("μ", "µ")
    same = [name for name in known if name.lower() == text.lower()]
    return text if text in known else same[0] if len(same) == 1 else None


def _convert_units(column: str, factors: dict[str, float]) -> Any:
    unit = nw.col(_UNIT).str.strip_chars().str.replace_all("μ", "µ", literal=True)
    # A number without a unit counts as in the target unit.
    value: Any = nw.when(unit.is_null()).then(nw.col(column))
    folded = [name.lower() for name in factors]
    for name, factor in factors.items():
        is_unit = unit == name
        if folded.count(name.lower()) == 1:
            is_unit = unit.str.to_lowercase().is_in([name.lower(), f"{name.lower()}."])
        value = nw.when(is_unit).then(nw.col(column) * factor).otherwise(value)
    return value


_TWO_NUMBERS: Final = r"[0-9][^0-9.,]+[0-9]|[0-9][.,]+[^0-9.,]+[0-9]"


def _check_numbers(cells: pl.DataFrame, column: str) -> None:
    bad = cells.filter(pl.col(column).is_not_null() & pl.col(_NUMBER).is_null())[column].cast(pl.String)
    if bad.is_empty():
        return
    has_two = bad.filter(bad.str.contains(_TWO_NUMBERS))
    if len(has_two):
        raise InputError(
            f"'{column}' has {pluralize(len(has_two), 'cell')} with two numbers, such as {quote(has_two[0])}, "
            "expected one number and its unit",
            "use split_column, or make them missing with strict=False (strict=no on the command line)",
        )
    is_bare = not bad.str.contains(r"[0-9]").any()
    raise InputError(
        f"'{column}' has {pluralize(len(bad), 'cell')} {'without a number' if is_bare else 'in another form'}, "
        f"such as {quote(bad[0])}, expected numbers with units",
        "correct them, or make them missing with strict=False (strict=no on the command line)",
    )


def _check_units(cells: pl.DataFrame, column: str, target_unit: str, factors: dict[str, float]) -> None:
    units = cells[_UNIT].drop_nulls().unique(maintain_order=True).to_list()
    foreign = [unit for unit in units if _spelled_as(unit, list(factors)) is None]
    if foreign:
        raise InputError(
            f"'{column}' has the unit '{foreign[0]}', expected a unit that converts to '{target_unit}'",
            f"such as {join_names(factors, 12)}",
        )
