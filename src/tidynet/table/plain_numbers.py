"""Numbers without signs around them: their formats, how to parse them, and which digits are codes."""

from __future__ import annotations

import re
from functools import cache

import polars as pl

from tidynet.table.column_format import CellType, ColumnFormat

WHOLE = ColumnFormat(CellType.WHOLE)
POINT = ColumnFormat(CellType.NUMBER, decimal=".")
COMMA = ColumnFormat(CellType.NUMBER, decimal=",")
THOUSANDS_COMMA = ColumnFormat(CellType.NUMBER, decimal=".", thousands=",")
THOUSANDS_POINT = ColumnFormat(CellType.NUMBER, decimal=",", thousands=".")
BOOLEAN = ColumnFormat(CellType.BOOLEAN)
AMBIGUOUS_NUMBERS = ((POINT, THOUSANDS_POINT), (COMMA, THOUSANDS_COMMA))
"""Pairs of formats that read the same cells as different numbers."""

BOTH_MARKS = ".,"
"""The decimal mark of a column that has both, point and comma."""

_SEPARATORS = {" ": "[ \u00a0\u2007\u2009\u202f]", "'": "['\u2019\u00b4\u02bc]", ".": r"\.", ",": ","}


def plain_formats(separator: str | None, decimal: str | None, thousands: str | None) -> tuple[ColumnFormat, ...]:
    """The number formats that a table may use, the most likely first."""
    if thousands in (" ", "'"):
        marks = (decimal,) if decimal else (".", ",")
        own = tuple(ColumnFormat(CellType.NUMBER, decimal=mark, thousands=thousands) for mark in marks)
        return (WHOLE, *(POINT if mark == "." else COMMA for mark in marks), *own)
    if decimal == "," or thousands == ".":
        return (WHOLE, *(() if thousands == "." else (COMMA,)), THOUSANDS_POINT)
    if decimal == "." or thousands == ",":
        return (WHOLE, POINT, THOUSANDS_COMMA)
    if separator in (",", None):
        return (WHOLE, POINT, THOUSANDS_COMMA, COMMA, THOUSANDS_POINT)
    # With another separator than the comma, a comma is more often the decimal mark.
    return (WHOLE, POINT, COMMA, THOUSANDS_POINT, THOUSANDS_COMMA)


@cache
def unsigned_pattern(written: ColumnFormat) -> str:
    """The regular expression of numbers in a format, without a sign."""
    mark = _SEPARATORS[written.thousands]
    groups = rf"[1-9]\d?(?:{mark}\d{{2}})*{mark}\d{{3}}" if written.is_lakh else rf"[1-9]\d{{0,2}}(?:{mark}\d{{3}})+"
    decimals = "" if not written.decimal else rf"(?:{re.escape(written.decimal)}\d*)?"
    return rf"(?:{groups}|\d+){decimals}"


def may_fit(cell: str, written: ColumnFormat) -> bool:
    """Whether one stripped cell does not rule a format out, which spares a look at the column for most formats."""
    if written.type is CellType.BOOLEAN:
        return cell.lower() in ("true", "false")
    if written.type is CellType.WHOLE:
        return cell.lstrip("+-").isdigit()
    if written.thousands:
        return re.fullmatch(f"[-+]?{unsigned_pattern(written)}", cell) is not None
    try:
        float(cell.replace(",", ".", 1) if written.decimal == "," and "." not in cell else cell)
    except ValueError:
        return False
    return written.decimal == "." or "." not in cell


def parse_number(text: pl.Expr, written: ColumnFormat, sign: str = "[-+]?") -> pl.Expr:
    """The numbers of stripped cells; null for other cells."""
    if written.type is CellType.WHOLE:
        return text.cast(pl.Int64, strict=False)
    if written.thousands:
        mark = _SEPARATORS[written.thousands]
        digits = text.str.replace_all(mark, "", literal=len(mark) == 1)
        text = pl.when(text.str.contains(f"^{sign}{unsigned_pattern(written)}$")).then(digits)
    elif written.decimal == BOTH_MARKS:
        text = pl.when(text.str.count_matches("[.,]") <= 1).then(text.str.replace(",", ".", literal=True))
    elif written.decimal not in (".", ""):
        text = pl.when(~text.str.contains(".", literal=True)).then(text)
    if written.decimal not in (".", "", BOTH_MARKS):
        text = text.str.replace(written.decimal, ".", literal=True)
    return text.cast(pl.Float64, strict=False)


def is_code(cell: pl.Expr, written: ColumnFormat, *, fast: bool = False) -> pl.Expr:
    """Whether a number would lose digits: "007", "00.10", a telephone number, or an id that no float holds.

    The fast check includes some numbers.
    """
    begins = cell.str.starts_with("0") | cell.str.starts_with("+") | cell.str.starts_with("-0")
    may_be_code = begins & ~cell.str.starts_with("0.") & ~cell.str.starts_with("-0.") & (cell.str.len_bytes() > 1)
    code = may_be_code if fast else cell.str.contains(r"^(?:[-+]?0\d|\+\d{7,}$|\+\d{1,3}(?: \d|(?:\.\d{2,}){2}))")
    if written.type is CellType.WHOLE:
        return code
    is_long = cell.str.len_bytes() > 15
    if fast:
        return code | is_long
    return code | (is_long & cell.str.contains(r"^[-+]?[1-9]\d{15,}$") & loses_digits(cell))


def loses_digits(whole: pl.Expr) -> pl.Expr:
    """Whether whole numbers have more digits than a float can hold."""
    digits = whole.cast(pl.Int128, strict=False)
    return (digits != digits.cast(pl.Float64).cast(pl.Int128, strict=False)).fill_null(value=True)
