"""Numbers with a unit in the cell."""

from __future__ import annotations

from typing import Any, Final, TypeVar

import narwhals as nw
import polars as pl

from tidynet.core.errors import InputError, did_you_mean
from tidynet.core.text import join_names, pluralize
from tidynet.table.tidy.columns import group_expressions
from tidynet.table.tidy.frame_dispatch import Frame, apply_to_frame, as_polars, check_names_free, single_column

F = TypeVar("F")

UNITS: Final[dict[str, dict[str, float]]] = {
    "mass": {"mg": 1e-6, "g": 1e-3, "kg": 1.0, "t": 1000.0, "lb": 0.45359237, "lbs": 0.45359237, "oz": 0.028349523125},
    "length": {
        "mm": 1e-3, "cm": 1e-2, "m": 1.0, "km": 1000.0, "in": 0.0254, "ft": 0.3048, "yd": 0.9144,
        "mi": 1609.344, "miles": 1609.344,
    },
    "time": {
        "ms": 1e-3, "s": 1.0, "sec": 1.0, "secs": 1.0, "min": 60.0, "mins": 60.0, "h": 3600.0, "hr": 3600.0,
        "hrs": 3600.0, "hours": 3600.0, "days": 86400.0, "weeks": 604800.0,
    },
    "volume": {"ml": 1e-3, "cl": 1e-2, "dl": 0.1, "l": 1.0, "gal": 3.785411784},
    "speed": {"m/s": 1.0, "km/h": 1 / 3.6, "kmh": 1 / 3.6, "kph": 1 / 3.6, "mph": 0.44704},
    "bytes": {"kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12},
    "power": {"w": 1.0, "kw": 1e3, "mw": 1e6, "hp": 745.6998715822702},
    "frequency": {"hz": 1.0, "khz": 1e3, "mhz": 1e6, "ghz": 1e9},
}  # fmt: skip
"""Units by quantity, lower-case, each with its factor to the base unit."""

CURRENCIES: Final = ("$", "€", "£", "¥", "usd", "eur", "gbp", "chf", "jpy")
_OTHERS: Final = (
    *("%", "°c", "°f", "c", "f", "k", "°", "ppm", "mah", "v", "kv", "a", "bar", "psi", "pa", "hpa", "kpa", "cal"),
    *("kcal", "kj", "j", "mpg", "kwh", "wh", "px", "pts", "pt", "years", "year", "yrs", "yr", "months", "month"),
    *("day", "week", "hour", "minutes", "seconds", "metres", "meters", "pounds", "inches", "feet", "mmhg", "bpm"),
    *("cc", "ccm", "cm2", "m2", "m²", "km2", "km²", "ha", "acres", "sqft", "m3", "m³", "nm", "µm", "um", "µg"),
    *("mg/dl", "mmol/l", "g/l", "mg/l", "kg/m2", "kg/m²", "kmpl", "km/kg", "l/100km"),
)
_ALL: Final = frozenset((*CURRENCIES, *_OTHERS, *(unit for units in UNITS.values() for unit in units)))

NUMBER_AND_UNIT: Final = r"\s*([$€£¥]?)\s*([-+−]?(?:\d[\d,]*)?\.?\d+(?:[eE][-+]?\d+)?)\s*([^\d\s.,].*?|)\s*"
"""A currency sign, a number, and a unit; sign and unit are optional."""


def is_unit(text: str) -> bool:
    """Whether a text is a known unit or currency."""
    return text.casefold().rstrip(".") in _ALL


def separate_units(
    frame: F,
    column: str,
    *,
    unit_column: str | None = None,
    target_unit: str | None = None,
    decimal: str = ".",
    strict: bool = True,
) -> F:
    """Split cells such as "5 kg" into a number and a unit.

    Parameters
    ----------
    frame : data frame, lazy frame or Table
    column : str
        The column of numbers with units.
    unit_column : str, optional
        The new column for the units (default: the column's name with "_unit").
    target_unit : str, optional
        Convert all numbers to this unit, such as "kg", without a column of units.
    decimal : {".", ","}, default "."
        The decimal mark of the numbers; the other mark separates thousands.
    strict : bool, default True
        Whether a cell without a number is an error; otherwise it becomes missing, as always in a lazy frame.

    Raises
    ------
    InputError
        If the column does not exist, a cell has no number, or a unit cannot be converted to `target_unit`.

    Examples
    --------
    >>> parcels = pl.DataFrame({"weight": ["5 kg", "250 g", None]})
    >>> separate_units(parcels, "weight").rows()
    [(5.0, 'kg'), (250.0, 'g'), (None, None)]
    >>> separate_units(parcels, "weight", target_unit="kg").rows()
    [(5.0,), (0.25,), (None,)]
    """
    if decimal not in (".", ","):
        raise InputError(f"decimal is '{decimal}', expected '.' or ','", "set decimal=',' for numbers such as 3,5")
    factors = _unit_factors(target_unit) if target_unit is not None else {}
    new_column = unit_column or f"{column}_unit"

    def transform(native: Frame) -> Frame:
        single_column(native, column)
        before = native.collect_schema().names()
        if target_unit is None:
            check_names_free([new_column], before)
        cells = _separate(native, column, decimal)
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


def _separate(frame: Frame, column: str, decimal: str) -> Frame:
    """The frame with the number and the unit of each cell as two more columns."""
    text = nw.col(column).cast(nw.String).str.replace_all("−", "-", literal=True)
    if decimal == ",":
        text = text.str.replace_all(".", "", literal=True).str.replace_all(",", ".", literal=True)
    cells = frame.with_columns(text.alias(_CELL))
    parts = cells.with_columns(*group_expressions(cells, _CELL, NUMBER_AND_UNIT, (_SIGN, _NUMBER, _SUFFIX)))
    number = nw.col(_NUMBER).str.replace_all(",", "", literal=True).cast(nw.Float64)
    unit = nw.when(nw.col(_SUFFIX).is_null()).then(nw.col(_SIGN)).otherwise(nw.col(_SUFFIX))
    return parts.with_columns(number.alias(_NUMBER), unit.alias(_UNIT))


def _unit_factors(target_unit: str) -> dict[str, float]:
    target = target_unit.casefold()
    for units in UNITS.values():
        if target in units:
            return {unit: factor / units[target] for unit, factor in units.items()}
    known = [unit for units in UNITS.values() for unit in units]
    raise InputError(
        f"target_unit is '{target_unit}', expected one of {join_names(known, 12)}", did_you_mean(target_unit, known)
    )


def _convert_units(column: str, factors: dict[str, float]) -> Any:
    unit = nw.col(_UNIT).str.to_lowercase()
    # A number without a unit counts as in the target unit.
    value: Any = nw.when(unit.is_null()).then(nw.col(column))
    for name, factor in factors.items():
        value = nw.when(unit == name).then(nw.col(column) * factor).otherwise(value)
    return value


def _check_numbers(cells: pl.DataFrame, column: str) -> None:
    bad = cells.filter(pl.col(column).is_not_null() & pl.col(_NUMBER).is_null())
    if bad.height:
        raise InputError(
            f"'{column}' has {pluralize(bad.height, 'cell')} without a number, such as '{bad[column][0]}', "
            "expected numbers with units",
            "correct them, or make them missing with strict=False",
        )


def _check_units(cells: pl.DataFrame, column: str, target_unit: str, factors: dict[str, float]) -> None:
    units = cells[_UNIT].drop_nulls().str.to_lowercase().unique(maintain_order=True).to_list()
    foreign = [unit for unit in units if unit not in factors]
    if foreign:
        raise InputError(
            f"'{column}' has the unit '{foreign[0]}', expected a unit that converts to '{target_unit}'",
            f"such as {join_names(factors, 12)}",
        )
