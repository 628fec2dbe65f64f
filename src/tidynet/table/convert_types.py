"""Columns of text into the types that all their values have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

import polars as pl

from tidynet.table.boolean_and_na_values import MISSING
from tidynet.table.code_columns import check_code_columns, codes_read_as_missing, read_code_cell
from tidynet.table.date_formats import DateFormat, possible_date_formats

__all__ = ["convert_text_columns"]

_FIRST_ROWS = 2000
_CELLS_AT_ONCE = 2_000_000


class _Simple(Enum):
    """The types, besides dates, that a column of text may have; earlier ones are preferred."""

    WHOLE = auto()
    NUMBER = auto()
    DECIMAL_COMMA = auto()
    THOUSANDS_COMMA = auto()
    THOUSANDS_POINT = auto()
    THOUSANDS_BLANK = auto()
    BOOLEAN = auto()


_Type = _Simple | DateFormat

# Of numbers with thousands: their shape, what parts the thousands, and what stands before the fraction.
_GROUPED = {
    _Simple.THOUSANDS_COMMA: (r"^[-+]?(?:[1-9]\d{0,2}(?:,\d{3})+|\d+)(?:\.\d+)?$", ",", "."),
    _Simple.THOUSANDS_POINT: (r"^[-+]?(?:[1-9]\d{0,2}(?:\.\d{3})+|\d+)(?:,\d+)?$", ".", ","),
    _Simple.THOUSANDS_BLANK: (
        "^[-+]?(?:[1-9]\\d{0,2}(?:[\u00a0\u202f \u2019']\\d{3})+|\\d+)(?:[.,]\\d+)?$",
        "[\u00a0\u202f \u2019']",
        ",",
    ),
}
_FLOATS = (_Simple.NUMBER, _Simple.DECIMAL_COMMA, *_GROUPED)


def _number_types(separator: str | None, decimal: str | None, thousands: str | None) -> tuple[_Simple, ...]:
    """The ways in which the numbers of a table may be written, the likeliest first."""
    points: tuple[_Simple, ...] = (_Simple.NUMBER, _Simple.THOUSANDS_COMMA)
    commas: tuple[_Simple, ...] = (_Simple.DECIMAL_COMMA, _Simple.THOUSANDS_POINT)
    blanks = (_Simple.THOUSANDS_BLANK,) if thousands in (" ", "'") else ()
    if decimal == "," or thousands == ".":
        return (_Simple.WHOLE, *(commas if thousands != "." else commas[1:]), *blanks)
    if decimal == "." or thousands == "," or separator == ",":
        return (_Simple.WHOLE, *points, *blanks)
    # A separator other than the comma leaves the comma free for fractions.
    return (_Simple.WHOLE, _Simple.NUMBER, *(commas if separator else ()), _Simple.THOUSANDS_COMMA, *blanks)


@dataclass(frozen=True, slots=True)
class _Text:
    """How a column that stays text is cleaned."""

    trim: bool
    keep_minus: bool


@dataclass(frozen=True, slots=True)
class _TextColumnFacts:
    """What the cells of a column have shown so far."""

    known: bool  # some cell is not missing
    padded: bool = True  # every cell begins with a blank
    plus: bool = False  # some cell is "+", so that "-" is no gap


def convert_text_columns(
    frame: pl.LazyFrame,
    *,
    separator: str | None = None,
    decimal: str | None = None,
    thousands: str | None = None,
    na_values: Sequence[str] = (),
    code_columns: Sequence[str] = (),
) -> tuple[pl.LazyFrame, tuple[str, ...]]:
    """Give every column of text the type that all its values have, and turn spelt-out gaps into nulls.

    The types are guessed from the first rows and then checked on every row, batch by batch, so
    that a column which turns to words in row 50,000 is read as text from the start.

    >>> frame, notes = convert_text_columns(pl.LazyFrame({"n": ["1", "NA"], "c": ["01", "02"], "d": ["2024-02-29", "?"]}))
    >>> frame.collect().to_dict(as_series=False)
    {'n': [1, None], 'c': ['01', '02'], 'd': [datetime.date(2024, 2, 29), None]}
    """
    schema = frame.collect_schema()
    names = schema.names()
    check_code_columns(code_columns, names)
    # Positions stand in for names, since Polars reads a name such as "^a$" as a pattern.
    stand_ins = [f"c{position}" for position in range(len(names))]
    renamed = frame.rename(dict(zip(names, stand_ins, strict=True)))
    called = dict(zip(stand_ins, names, strict=True))
    every = [stand_in for stand_in, dtype in zip(stand_ins, schema.dtypes(), strict=True) if dtype == pl.String]
    kept = [text for text in every if called[text] in code_columns]
    texts = [text for text in every if called[text] not in code_columns]
    if kept:
        renamed = renamed.with_columns(read_code_cell(text) for text in kept)
    if not texts:
        return renamed.rename(called), ()
    if na_values:
        renamed = renamed.with_columns(_without(pl.col(text), na_values) for text in texts)
    numbers = _number_types(separator, decimal, thousands)
    plans = _plans(renamed, texts, (*numbers, _Simple.BOOLEAN))
    cleaned = renamed.with_columns(_converted(column, plan) for column, plan in plans.items())
    notes = tuple(
        f"{_REMARKS[plan]} '{called[column]}'" + (" were read as points" if plan is _Simple.DECIMAL_COMMA else "")
        for column, plan in plans.items()
        if isinstance(plan, _Simple) and plan in _REMARKS
    )
    gaps = codes_read_as_missing(renamed, [column for column, plan in plans.items() if isinstance(plan, _Text)])
    told = (_note_code_columns(called[column], rows) for column, rows in gaps.items())
    return cleaned.rename(called), (*notes, *told)


def _note_code_columns(name: str, rows: int) -> str:
    times = "once" if rows == 1 else f"in {rows:,} rows"
    return (
        f"'NA' among the two-letter codes of '{name}' was read as missing {times} "
        f"(--read-option code_columns={name} if it is one of them, such as Namibia's)"
    )


_REMARKS = {
    _Simple.DECIMAL_COMMA: "decimal commas in",
    _Simple.THOUSANDS_COMMA: "commas between thousands were left out of",
    _Simple.THOUSANDS_POINT: "points between thousands were left out of, and decimal commas read as points in",
    _Simple.THOUSANDS_BLANK: "marks between thousands were left out of",
}


def _without(cell: pl.Expr, missing: Sequence[str]) -> pl.Expr:
    stripped = [spelling.strip() for spelling in missing]
    return pl.when(~cell.str.strip_chars().is_in(stripped)).then(cell)


def _plans(frame: pl.LazyFrame, texts: list[str], simple: tuple[_Simple, ...]) -> dict[str, _Type | _Text]:
    head = frame.select(_known(pl.col(column)).alias(column) for column in texts).head(_FIRST_ROWS).collect()
    possible = _candidates(head, simple)
    facts = {column: _TextColumnFacts(known=head[column].null_count() < head.height) for column in texts}
    rows = max(1000, _CELLS_AT_ONCE // len(texts))
    for batch in frame.select(texts).collect_batches(chunk_size=rows, engine="streaming"):
        # A type that one batch refuses is not asked for again, so text soon costs nothing.
        possible = _possible_types(batch, possible)
        facts = _more_facts(batch, facts)
    return {
        column: kinds[0] if kinds and facts[column].known else _Text(facts[column].padded, facts[column].plus)
        for column, kinds in possible.items()
    }


def _candidates(head: pl.DataFrame, simple: tuple[_Simple, ...]) -> dict[str, list[_Type]]:
    """The types that fit the first rows of each column; all simple ones where the first rows are empty."""
    misfits: dict[tuple[str, _Type], pl.Expr] = {
        (column, kind): pl.col(column).is_not_null() & _is_misfit(pl.col(column), kind)
        for column in head.columns
        for kind in simple
    }
    result = _counted(head, misfits)
    fitting = {column: [kind for kind in simple if not result[column, kind]] for column in head.columns}
    forms = {column: possible_date_formats(head[column]) for column in head.columns}
    return {column: [*fitting[column], *forms[column]] for column in head.columns}


def _possible_types(batch: pl.DataFrame, possible: dict[str, list[_Type]]) -> dict[str, list[_Type]]:
    doubts = {
        (column, kind): _uncertain_cells(pl.col(column), kind) for column in possible for kind in possible[column]
    }
    result = _counted(batch, doubts)
    return {
        column: [kind for kind in kinds if not result[column, kind] or _fits(batch, column, kind)]
        for column, kinds in possible.items()
    }


def _counted(frame: pl.DataFrame, masks: dict[tuple[str, _Type], pl.Expr]) -> dict[tuple[str, _Type], int]:
    """How often each mask is true, all in one call, which is what keeps wide tables fast."""
    counts = frame.select(mask.sum().alias(str(number)) for number, mask in enumerate(masks.values()))
    return dict(zip(masks, counts.row(0) if masks else (), strict=True))


def _more_facts(batch: pl.DataFrame, facts: dict[str, _TextColumnFacts]) -> dict[str, _TextColumnFacts]:
    empty = [column for column in facts if not facts[column].known]
    result = batch.select(
        *(pl.col(column).drop_nulls().str.starts_with(" ").all().alias(f"{column} padded") for column in facts),
        *((pl.col(column) == "+").any().alias(f"{column} plus") for column in facts),
        *(_known(pl.col(column)).is_not_null().any().alias(f"{column} known") for column in empty),
    ).row(0, named=True)
    return {
        column: _TextColumnFacts(
            known=old.known or result[f"{column} known"],
            padded=old.padded and result[f"{column} padded"],
            plus=old.plus or result[f"{column} plus"],
        )
        for column, old in facts.items()
    }


def _known(raw: pl.Expr) -> pl.Expr:
    stripped = raw.str.strip_chars()
    return pl.when(~stripped.is_in(MISSING)).then(stripped)


def _uncertain_cells(cell: pl.Expr, kind: _Type) -> pl.Expr:
    """Which cells a plain cast cannot vouch for."""
    return cell.is_not_null() & (_reading(cell, kind).is_null() | _may_be_code(cell, kind))


def _is_misfit(non_missing: pl.Expr, kind: _Type) -> pl.Expr:
    return _reading(non_missing, kind).is_null() | _is_code(non_missing, kind)


def _fits(batch: pl.DataFrame, column: str, kind: _Type) -> bool:
    """Whether every known cell is of the type; only the doubtful ones are cleaned and looked at again."""
    cell = pl.col(column)
    non_missing = (
        batch.select(column).filter(_uncertain_cells(cell, kind)).select(_known(cell).alias(column)).drop_nulls()
    )
    return not non_missing.select(_is_misfit(cell, kind).any()).item()


def _may_be_code(cell: pl.Expr, kind: _Type) -> pl.Expr:
    """A quick look that passes most numbers and no code."""
    if not isinstance(kind, _Simple) or kind is _Simple.BOOLEAN:
        return pl.lit(value=False)
    code = cell.str.starts_with("0") & ~cell.str.starts_with("0.") & (cell.str.len_bytes() > 1)
    return code if kind is _Simple.WHOLE else code | _is_long(cell)


def _is_code(non_missing: pl.Expr, kind: _Type) -> pl.Expr:
    """Digits of which a number would lose some: "007", or a whole number of twenty digits."""
    if not isinstance(kind, _Simple) or kind is _Simple.BOOLEAN:
        return pl.lit(value=False)
    code = non_missing.str.contains(r"^0\d+$")
    return code if kind is _Simple.WHOLE else code | _is_long(non_missing)


def _is_long(text: pl.Expr) -> pl.Expr:
    return (text.str.len_bytes() > 18) & text.cast(pl.Int128, strict=False).is_not_null()


def _reading(non_missing: pl.Expr, kind: _Type) -> pl.Expr:
    """The values read as the type; null where they are not of it."""
    if isinstance(kind, DateFormat):
        return kind.parse(non_missing)
    if kind is _Simple.BOOLEAN:
        lower = non_missing.str.to_lowercase()
        return pl.when(lower.is_in(["true", "false"])).then(lower == "true")
    if kind is _Simple.WHOLE:
        return non_missing.cast(pl.Int64, strict=False)
    if kind is _Simple.DECIMAL_COMMA:
        non_missing = pl.when(~non_missing.str.contains(".", literal=True)).then(
            non_missing.str.replace(",", ".", literal=True)
        )
    if kind in _GROUPED:
        shape, mark, point = _GROUPED[kind]
        plain = pl.when(non_missing.str.contains(shape)).then(
            non_missing.str.replace_all(mark, "", literal=len(mark) == 1).str.replace(point, ".", literal=True)
        )
        return plain.cast(pl.Float64, strict=False)
    return non_missing.cast(pl.Float64, strict=False)


def _converted(column: str, plan: _Type | _Text) -> pl.Expr:
    stripped = pl.col(column).str.strip_chars()
    if not isinstance(plan, _Text):
        # What is missing fits no type that was checked, so it becomes null without being looked up.
        value = _reading(stripped, plan)
        is_float = plan in _FLOATS
        return (value.fill_nan(None) if is_float else value).alias(column)
    missing = [spelling for spelling in MISSING if not (plan.keep_minus and spelling == "-")]
    value = stripped if plan.trim else pl.col(column)
    return pl.when(~stripped.is_in(missing)).then(value).alias(column)
