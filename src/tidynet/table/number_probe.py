"""Whether a column that is no plain number holds numbers with signs, and in which format."""

from __future__ import annotations

import re

import polars as pl

from tidynet.table.column_format import CellType, ColumnFormat
from tidynet.table.column_reading import Cells, Fact, Reading, examples
from tidynet.table.marked_numbers import (
    CHARACTERS,
    MARKED,
    MISSING_SIGNS,
    SHARES,
    is_missing_sign,
    marked_parts,
    parse_marked,
    unify_characters,
)
from tidynet.table.plain_numbers import BOTH_MARKS, loses_digits, parse_number

_MAX_LIMITS = 0.05  # share of cells such as "<0.5" that are read as their limit
_FLAGS = frozenset("bcdefnprsuz")
_PHONE_NAME = re.compile(r"phone|\btel|mobile|\bfax|handy|celular|\bzip|post.?code|\bplz|iban|account|card|isbn|\bssn")
_PYTHON_MARKED = re.compile(MARKED.replace(r"\p{L}", r"^\W\d_"))
_PYTHON_MISSING = re.compile(MISSING_SIGNS, re.IGNORECASE)
_BOTH = ColumnFormat(CellType.NUMBER, decimal=BOTH_MARKS)


def _formats(base: tuple[ColumnFormat, ...], decimal: str | None, thousands: str | None) -> tuple[ColumnFormat, ...]:
    """The plain formats of a table, and those with other separators that the options allow."""
    others = [
        ColumnFormat(CellType.NUMBER, decimal=point, thousands=mark) for mark in (" ", "'") for point in (".", ",")
    ]
    others += [
        ColumnFormat(CellType.NUMBER, decimal=".", thousands=",", is_lakh=True),
        ColumnFormat(CellType.NUMBER, decimal="·"),
        _BOTH,
    ]
    allowed = [
        item
        for item in others
        if (decimal is None or item.decimal == decimal) and (thousands is None or item.thousands == thousands)
    ]
    return (*(item for item in base if item.type is CellType.NUMBER), *allowed)


def may_be_number(cell: str) -> bool:
    """Whether one cell may be a number with signs, or mean a missing value among such numbers."""
    unified = "".join(CHARACTERS.get(letter, letter) for letter in cell).strip()
    return _PYTHON_MARKED.match(unified) is not None or _PYTHON_MISSING.match(unified) is not None


def probe_numbers(
    cells: pl.DataFrame, name: str, base: tuple[ColumnFormat, ...], decimal: str | None, thousands: str | None
) -> Reading | None:
    """The formats of numbers that fit distinct cells and their counts, columns `cell` and `n`; None for no numbers."""
    missing = cells.select(is_missing_sign(pl.col("cell"))).to_series()
    known = cells.filter(~missing)
    if known.is_empty():
        return None
    unified = known.with_columns(unify_characters(pl.col("cell")).alias("unified"))
    parts = unified.select(marked_parts(pl.col("unified")).alias("parts")).unnest("parts")
    if parts["number"].has_nulls():
        return None
    facts = _facts(known, unified["unified"], parts)
    if facts is None or _is_code(parts, name):
        return None
    if Fact.LIMITS in facts and facts[Fact.LIMITS].n > _MAX_LIMITS * int(known["n"].sum()):
        return Reading((), {Fact.LIMITS: facts[Fact.LIMITS]})
    if missing.any():
        facts[Fact.MISSING_SIGNS] = examples(cells, missing)
    units = _units(parts)
    unit = units[0] if units else ""
    formats = tuple(
        ColumnFormat(item.type, item.decimal, item.thousands, item.is_lakh, has_marks=True, unit=unit)
        for item in _formats(base, decimal, thousands)
        if _fits(known, parts["number"], item, unit)
    )
    if not formats:
        grouped = parts["number"].str.contains(r"^[1-9]\d{0,2}(?: \d{3})+$")
        return Reading((), {Fact.GROUPS: examples(known, grouped)}) if grouped.all() else None
    return Reading(_without_marks(known, formats) if not facts else formats, facts)


def _fits(known: pl.DataFrame, numbers: pl.Series, item: ColumnFormat, unit: str) -> bool:
    frame = numbers.alias("cell").to_frame()
    if frame.select(parse_number(pl.col("cell"), item, sign="").has_nulls()).item():
        return False
    if item == _BOTH and numbers.str.contains(r"^[1-9]\d{0,2}[.,]\d{3}$").any():
        return False
    if item.thousands == " " and not numbers.str.contains(r"[.,]").any():
        shapes = numbers.str.replace_all(r"\d", "9")
        is_round = bool(numbers.str.ends_with("00").all())
        # Groups of the same length in every cell may be codes, such as telephone numbers.
        if shapes.n_unique() == 1 and len(numbers) > 1 and not is_round:
            return False
    written = ColumnFormat(item.type, item.decimal, item.thousands, item.is_lakh, has_marks=True, unit=unit)
    return not known.select(parse_marked(pl.col("cell"), written).has_nulls()).item()


def _without_marks(known: pl.DataFrame, formats: tuple[ColumnFormat, ...]) -> tuple[ColumnFormat, ...]:
    """The formats without signs around the number, which are faster, where they fit as well."""
    plain = tuple(ColumnFormat(item.type, item.decimal, item.thousands, item.is_lakh) for item in formats)
    parsed = known.select(
        parse_number(pl.col("cell"), item).has_nulls().alias(str(at)) for at, item in enumerate(plain)
    )
    return plain if not any(parsed.row(0)) else formats


def _units(parts: pl.DataFrame) -> list[str]:
    return parts.select(pl.coalesce("unit", "unit_2", "unit_3")).to_series().drop_nulls().unique().to_list()


def _is_code(parts: pl.DataFrame, name: str) -> bool:
    """Whether the numbers are codes: leading zeros, telephone numbers, addresses of computers."""
    number, plus = parts["number"], parts["sign"] == "+"
    whole = parts.select(pl.col("number").str.extract(r"^(\d{16,})$").alias("whole")).drop_nulls()
    if whole.select(loses_digits(pl.col("whole")).any()).item():
        return True
    if number.str.contains(r"^0\d").any() or (plus & number.str.contains(r"\d{7,}|^\d{1,3} \d|(?:\.\d{2,}){2}")).any():
        return True
    if (parts["mark"].str.contains("^[¹²³⁰⁴⁵⁶⁷⁸⁹]+$") & (number == "10")).any():
        return True
    if number.str.contains(" ", literal=True).any() and _PHONE_NAME.search(name.casefold()):
        return True
    return bool(number.str.contains(r"^\d{1,3}(?:\.\d{1,3}){3}$").all())


def _facts(known: pl.DataFrame, unified: pl.Series, parts: pl.DataFrame) -> dict[Fact, Cells] | None:
    """What was unusual about numbers; None where the signs change what the numbers mean."""
    units = _units(parts)
    has_unit = parts.select(pl.coalesce("unit", "unit_2", "unit_3").is_not_null()).to_series()
    is_share = bool(units) and units[0] in SHARES
    if len(units) > 1 or (is_share and not (has_unit | (parts["number"] == "0")).all()):
        return None
    if not (_marks_are_flags(unified, parts) and _scales_are_clear(parts, bool(units) and not is_share)):
        return None
    stripped = known["cell"].str.strip_chars()
    found = {
        Fact.BRACKETS: parts["open"].is_not_null() | parts["open_2"].is_not_null(),
        Fact.TRAILING_MINUS: parts["sign_3"].is_not_null(),
        Fact.OTHER_MINUS: stripped.str.contains("[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]")
        & unified.str.contains("-", literal=True),
        Fact.OTHER_DIGITS: stripped.str.contains(r"[\p{Nd}--0-9]"),
        Fact.UNIT: has_unit,
        Fact.SIGNS_AFTER: parts["mark"].is_not_null(),
        Fact.ABOUT: parts["about"].is_not_null(),
        Fact.EXPONENTS: parts["exponent"].str.contains("[^eE0-9+-]").fill_null(value=False),
        Fact.LIMITS: parts["limit"].is_not_null(),
        Fact.MULTIPLIED: parts["scale"].is_not_null(),
    }
    return {fact: examples(known, chosen) for fact, chosen in found.items() if chosen.any()}


def _marks_are_flags(unified: pl.Series, parts: pl.DataFrame) -> bool:
    """Whether letters after the numbers are flags of statistics and not units, sizes or parts of a code."""
    letters = unified.str.extract("( ?[a-z]+)$").set(
        ~parts["mark"].str.contains("^ ?[a-z]+$").fill_null(value=False), None
    )
    found = set(letters.drop_nulls().unique().to_list())
    if not found:
        return True
    if not all(set(item.strip()) <= _FLAGS for item in found):
        return False
    is_spaced = all(item.startswith(" ") for item in found)
    has_bare = letters.has_nulls()
    if is_spaced:
        return has_bare or len(found) > 1
    return has_bare and len(found) > 1 and bool(parts["number"].str.contains(r"[.,]\d").all())


def _scales_are_clear(parts: pl.DataFrame, has_currency: bool) -> bool:
    """Whether letters after the numbers multiply them: a word, two different letters, or a letter after money."""
    found = set(parts["scale"].drop_nulls().unique().to_list())
    if not found or has_currency:
        return True
    return len({item.upper() for item in found}) > 1 or all(len(item) > 1 for item in found)
