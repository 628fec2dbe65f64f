"""Text columns into the type that fits all their values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import NamedTuple

import polars as pl

from tidynet.core.text import pluralize
from tidynet.table.boolean_and_na_values import NA_VALUES
from tidynet.table.code_columns import check_code_columns, codes_read_as_missing, read_code_cell
from tidynet.table.column_format import ColumnFormat
from tidynet.table.date_formats import DateFormat, possible_date_formats

_FIRST_ROWS = 2000
_CELLS_AT_ONCE = 2_000_000


class _SimpleType(Enum):
    """The types that a text column may have, besides dates; earlier ones are preferred."""

    WHOLE = auto()
    NUMBER = auto()
    DECIMAL_COMMA = auto()
    THOUSANDS_COMMA = auto()
    THOUSANDS_POINT = auto()
    THOUSANDS_BLANK = auto()
    BOOLEAN = auto()


_ColumnType = _SimpleType | DateFormat

# Numbers with thousands separators: their pattern, the thousands separator, and the decimal mark.
_GROUPED = {
    _SimpleType.THOUSANDS_COMMA: (r"^[-+]?(?:[1-9]\d{0,2}(?:,\d{3})+|\d+)(?:\.\d+)?$", ",", "."),
    _SimpleType.THOUSANDS_POINT: (r"^[-+]?(?:[1-9]\d{0,2}(?:\.\d{3})+|\d+)(?:,\d+)?$", ".", ","),
    _SimpleType.THOUSANDS_BLANK: (
        "^[-+]?(?:[1-9]\\d{0,2}(?:[\u00a0\u202f \u2019']\\d{3})+|\\d+)(?:[.,]\\d+)?$",
        "[\u00a0\u202f \u2019']",
        ",",
    ),
}
_FLOATS = (_SimpleType.NUMBER, _SimpleType.DECIMAL_COMMA, *_GROUPED)


def _number_types(separator: str | None, decimal: str | None, thousands: str | None) -> tuple[_SimpleType, ...]:
    """The number formats that a table may use, the most likely first."""
    points: tuple[_SimpleType, ...] = (_SimpleType.NUMBER, _SimpleType.THOUSANDS_COMMA)
    commas: tuple[_SimpleType, ...] = (_SimpleType.DECIMAL_COMMA, _SimpleType.THOUSANDS_POINT)
    blanks = (_SimpleType.THOUSANDS_BLANK,) if thousands in (" ", "'") else ()
    if decimal == "," or thousands == ".":
        return (_SimpleType.WHOLE, *(commas if thousands != "." else commas[1:]), *blanks)
    if decimal == "." or thousands == "," or separator == ",":
        return (_SimpleType.WHOLE, *points, *blanks)
    # With another separator than the comma, a comma can be the decimal mark.
    return (_SimpleType.WHOLE, _SimpleType.NUMBER, *(commas if separator else ()), _SimpleType.THOUSANDS_COMMA, *blanks)


@dataclass(frozen=True, slots=True)
class _TextColumnFacts:
    """What the batches of a column show so far."""

    has_values: bool  # at least one cell is not missing
    is_padded: bool = True  # every cell begins with a blank
    has_plus: bool = False  # at least one cell is "+", so that "-" is not missing


class ConvertedColumns(NamedTuple):
    """A frame with typed columns, notes for the user, and how each text column was written."""

    frame: pl.LazyFrame
    notes: tuple[str, ...] = ()
    column_formats: Mapping[str, ColumnFormat] = {}


def convert_text_columns(
    frame: pl.LazyFrame,
    *,
    separator: str | None = None,
    decimal: str | None = None,
    thousands: str | None = None,
    date_order: str | None = None,
    na_values: Sequence[str] = (),
    code_columns: Sequence[str] = (),
    formats: Mapping[str, ColumnFormat] = {},
) -> ConvertedColumns:
    """Every text column in the type that fits all its values, spelled-out missing values as null, and notes.

    The types are guessed from the first rows and then checked on every row, batch by batch, so that a column
    with words in row 50,000 is text from the start.
    """
    del date_order, formats
    schema = frame.collect_schema()
    names = schema.names()
    check_code_columns(code_columns, names)
    # Numbered aliases replace the names, because Polars reads a name such as "^a$" as a pattern.
    aliases = [f"c{position}" for position in range(len(names))]
    renamed = frame.rename(dict(zip(names, aliases, strict=True)))
    original = dict(zip(aliases, names, strict=True))
    text_columns = [alias for alias, dtype in zip(aliases, schema.dtypes(), strict=True) if dtype == pl.String]
    codes = [alias for alias in text_columns if original[alias] in code_columns]
    texts = [alias for alias in text_columns if original[alias] not in code_columns]
    if codes:
        renamed = renamed.with_columns(read_code_cell(alias) for alias in codes)
    if not texts:
        return ConvertedColumns(renamed.rename(original))
    if na_values:
        renamed = renamed.with_columns(_without_na_values(pl.col(alias), na_values) for alias in texts)
    numbers = _number_types(separator, decimal, thousands)
    types = _choose_types(renamed, texts, (*numbers, _SimpleType.BOOLEAN))
    converted = renamed.with_columns(_convert(column, target) for column, target in types.items())
    number_notes = [
        _NUMBER_NOTES[target].format(original[column])
        for column, target in types.items()
        if isinstance(target, _SimpleType) and target in _NUMBER_NOTES
    ]
    still_text = [column for column, target in types.items() if isinstance(target, _TextColumnFacts)]
    code_notes = [
        f"{pluralize(rows, 'cell')} 'NA' among the two-letter codes of '{original[column]}' counted as missing "
        f"(--read-option code_columns={original[column]} if NA is a code there, such as Namibia's)"
        for column, rows in codes_read_as_missing(renamed, still_text).items()
    ]
    return ConvertedColumns(converted.rename(original), (*number_notes, *code_notes))


_NUMBER_NOTES = {
    _SimpleType.DECIMAL_COMMA: "the column '{}' has decimal commas",
    _SimpleType.THOUSANDS_COMMA: "the column '{}' has commas as thousands separators",
    _SimpleType.THOUSANDS_POINT: "the column '{}' has points as thousands separators and decimal commas",
    _SimpleType.THOUSANDS_BLANK: "the column '{}' has thousands separators",
}


def _without_na_values(cell: pl.Expr, na_values: Sequence[str]) -> pl.Expr:
    stripped = [spelling.strip() for spelling in na_values]
    return pl.when(~cell.str.strip_chars().is_in(stripped)).then(cell)


def _choose_types(
    frame: pl.LazyFrame, texts: list[str], simple: tuple[_SimpleType, ...]
) -> dict[str, _ColumnType | _TextColumnFacts]:
    head = frame.select(_non_missing(pl.col(column)).alias(column) for column in texts).head(_FIRST_ROWS).collect()
    possible = _candidates(head, simple)
    facts = {column: _TextColumnFacts(has_values=head[column].null_count() < head.height) for column in texts}
    rows = max(1000, _CELLS_AT_ONCE // len(texts))
    for batch in frame.select(texts).collect_batches(chunk_size=rows, engine="streaming"):
        # A type that one batch excludes is not tried again, so text columns soon take no time.
        possible = _possible_types(batch, possible)
        facts = _update_facts(batch, facts)
    return {
        column: types[0] if types and facts[column].has_values else facts[column] for column, types in possible.items()
    }


def _candidates(head: pl.DataFrame, simple: tuple[_SimpleType, ...]) -> dict[str, list[_ColumnType]]:
    """The types that fit the first rows of each column; all simple ones where the first rows are empty."""
    misfits: dict[tuple[str, _ColumnType], pl.Expr] = {
        (column, target): pl.col(column).is_not_null() & _is_misfit(pl.col(column), target)
        for column in head.columns
        for target in simple
    }
    counts = _count_true(head, misfits)
    return {
        column: [*(target for target in simple if not counts[column, target]), *possible_date_formats(head[column])]
        for column in head.columns
    }


def _possible_types(batch: pl.DataFrame, possible: dict[str, list[_ColumnType]]) -> dict[str, list[_ColumnType]]:
    uncertain = {
        (column, target): _uncertain_cells(pl.col(column), target) for column in possible for target in possible[column]
    }
    counts = _count_true(batch, uncertain)
    return {
        column: [target for target in types if not counts[column, target] or _fits(batch, column, target)]
        for column, types in possible.items()
    }


def _count_true(
    frame: pl.DataFrame, masks: dict[tuple[str, _ColumnType], pl.Expr]
) -> dict[tuple[str, _ColumnType], int]:
    """How often each mask is true, in one call, which makes wide tables fast."""
    counts = frame.select(mask.sum().alias(str(number)) for number, mask in enumerate(masks.values()))
    return dict(zip(masks, counts.row(0) if masks else (), strict=True))


def _update_facts(batch: pl.DataFrame, facts: dict[str, _TextColumnFacts]) -> dict[str, _TextColumnFacts]:
    empty = [column for column in facts if not facts[column].has_values]
    new = batch.select(
        *(pl.col(column).drop_nulls().str.starts_with(" ").all().alias(f"{column} padded") for column in facts),
        *((pl.col(column) == "+").any().alias(f"{column} plus") for column in facts),
        *(_non_missing(pl.col(column)).is_not_null().any().alias(f"{column} values") for column in empty),
    ).row(0, named=True)
    return {
        column: _TextColumnFacts(
            has_values=old.has_values or new[f"{column} values"],
            is_padded=old.is_padded and new[f"{column} padded"],
            has_plus=old.has_plus or new[f"{column} plus"],
        )
        for column, old in facts.items()
    }


def _non_missing(raw: pl.Expr) -> pl.Expr:
    stripped = raw.str.strip_chars()
    return pl.when(~stripped.is_in(NA_VALUES)).then(stripped)


def _uncertain_cells(cell: pl.Expr, target: _ColumnType) -> pl.Expr:
    """Cells for which a cast alone does not show that they fit."""
    return cell.is_not_null() & (_parse(cell, target).is_null() | _is_code(cell, target, fast=True))


def _is_misfit(non_missing: pl.Expr, target: _ColumnType) -> pl.Expr:
    return _parse(non_missing, target).is_null() | _is_code(non_missing, target)


def _fits(batch: pl.DataFrame, column: str, target: _ColumnType) -> bool:
    """Whether every non-missing cell has the type; only the uncertain cells are cleaned and checked."""
    cell = pl.col(column)
    uncertain = batch.select(column).filter(_uncertain_cells(cell, target))
    non_missing = uncertain.select(_non_missing(cell).alias(column)).drop_nulls()
    return not non_missing.select(_is_misfit(cell, target).any()).item()


def _is_code(cell: pl.Expr, target: _ColumnType, *, fast: bool = False) -> pl.Expr:
    """Whether a number would lose digits: "007", or twenty digits; the fast check includes some numbers."""
    if not isinstance(target, _SimpleType) or target is _SimpleType.BOOLEAN:
        return pl.lit(value=False)
    may_be_code = cell.str.starts_with("0") & ~cell.str.starts_with("0.") & (cell.str.len_bytes() > 1)
    code = may_be_code if fast else cell.str.contains(r"^0\d+$")
    is_long = (cell.str.len_bytes() > 18) & cell.cast(pl.Int128, strict=False).is_not_null()
    return code if target is _SimpleType.WHOLE else code | is_long


def _parse(non_missing: pl.Expr, target: _ColumnType) -> pl.Expr:
    """The values in the type; null where they do not have it."""
    if isinstance(target, DateFormat):
        return target.parse(non_missing)
    if target is _SimpleType.BOOLEAN:
        lower = non_missing.str.to_lowercase()
        return pl.when(lower.is_in(["true", "false"])).then(lower == "true")
    if target is _SimpleType.WHOLE:
        return non_missing.cast(pl.Int64, strict=False)
    if target is _SimpleType.DECIMAL_COMMA:
        non_missing = pl.when(~non_missing.str.contains(".", literal=True)).then(
            non_missing.str.replace(",", ".", literal=True)
        )
    if target in _GROUPED:
        pattern, mark, point = _GROUPED[target]
        non_missing = pl.when(non_missing.str.contains(pattern)).then(
            non_missing.str.replace_all(mark, "", literal=len(mark) == 1).str.replace(point, ".", literal=True)
        )
    return non_missing.cast(pl.Float64, strict=False)


def _convert(column: str, target: _ColumnType | _TextColumnFacts) -> pl.Expr:
    stripped = pl.col(column).str.strip_chars()
    if not isinstance(target, _TextColumnFacts):
        # A missing value fits no type that was checked, so it becomes null without a look-up.
        value = _parse(stripped, target)
        return (value.fill_nan(None) if target in _FLOATS else value).alias(column)
    missing = [spelling for spelling in NA_VALUES if not (target.has_plus and spelling == "-")]
    value = stripped if target.is_padded else pl.col(column)
    return pl.when(~stripped.is_in(missing)).then(value).alias(column)
