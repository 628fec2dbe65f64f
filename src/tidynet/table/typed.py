"""Columns of text into the types that all their values have."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

import polars as pl

from tidynet.table.dates import DateForm, possible_forms
from tidynet.table.spellings import MISSING

__all__ = ["typed"]

_CELL = "cell"
_FIRST_ROWS = 2000
_CELLS_AT_ONCE = 2_000_000


class _Simple(Enum):
    """The types, besides dates, that a column of text may have; earlier ones are preferred."""

    WHOLE = auto()
    NUMBER = auto()
    DECIMAL_COMMA = auto()
    BOOLEAN = auto()


_Type = _Simple | DateForm


@dataclass(frozen=True, slots=True)
class _Text:
    """How a column that stays text is cleaned."""

    trim: bool
    keep_minus: bool


@dataclass(frozen=True, slots=True)
class _Facts:
    """What the cells of a column have shown so far."""

    known: bool = False  # some cell is not missing
    padded: bool = True  # every cell begins with a blank
    plus: bool = False  # some cell is "+", so that "-" is no gap

    def updated(self, cells: pl.DataFrame) -> _Facts:
        """The facts after some more cells, none of them null."""
        text = cells[_CELL]
        return _Facts(
            self.known or cells.select(_known(pl.col(_CELL)).is_not_null().any()).item(),
            self.padded and bool(text.str.starts_with(" ").all()),
            self.plus or bool((text == "+").any()),
        )


def typed(frame: pl.LazyFrame, *, decimal_comma: bool = False) -> tuple[pl.LazyFrame, tuple[str, ...]]:
    """Give every column of text the type that all its values have, and turn spelt-out gaps into nulls.

    The types are guessed from the first rows and then checked on every row, batch by batch, so
    that a column which turns to words in row 50,000 is read as text from the start.

    Parameters
    ----------
    frame : pl.LazyFrame
        Columns of text are typed; others are left alone.
    decimal_comma : bool, default False
        Whether "3,5" may be a number.

    Returns
    -------
    tuple of pl.LazyFrame and tuple of str
        The typed frame, and notes on what a person should know.

    Examples
    --------
    >>> frame, notes = typed(pl.LazyFrame({"n": ["1", "NA"], "c": ["01", "02"], "d": ["2024-02-29", "?"]}))
    >>> frame.collect().to_dict(as_series=False)
    {'n': [1, None], 'c': ['01', '02'], 'd': [datetime.date(2024, 2, 29), None]}
    """
    schema = frame.collect_schema()
    names = schema.names()
    # Positions stand in for names, since Polars reads a name such as "^a$" as a pattern.
    stand_ins = [f"c{position}" for position in range(len(names))]
    renamed = frame.rename(dict(zip(names, stand_ins, strict=True)))
    texts = [
        stand_in for stand_in, dtype in zip(stand_ins, schema.dtypes(), strict=True) if dtype == pl.String
    ]
    if not texts:
        return frame, ()
    plans = _plans(renamed, texts, decimal_comma)
    cleaned = renamed.with_columns(_converted(column, plan) for column, plan in plans.items())
    commas = [
        names[stand_ins.index(column)] for column, plan in plans.items() if plan is _Simple.DECIMAL_COMMA
    ]
    notes = tuple(f"decimal commas in '{name}' were read as points" for name in commas)
    return cleaned.rename(dict(zip(stand_ins, names, strict=True))), notes


def _plans(frame: pl.LazyFrame, texts: list[str], decimal_comma: bool) -> dict[str, _Type | _Text]:
    head = frame.select(_known(pl.col(column)).alias(column) for column in texts).head(_FIRST_ROWS).collect()
    possible = {column: _candidates(head[column], decimal_comma) for column in texts}
    facts = {column: _Facts() for column in texts}
    rows = max(1000, _CELLS_AT_ONCE // len(texts))
    for batch in frame.select(texts).collect_batches(chunk_size=rows, engine="streaming"):
        for column in texts:
            cells = batch.select(pl.col(column).alias(_CELL)).drop_nulls()
            # A type that one batch refuses is not asked for again, so text soon costs nothing.
            possible[column] = [kind for kind in possible[column] if _fits(cells, kind)]
            facts[column] = facts[column].updated(cells)
    return {
        column: kinds[0] if kinds and facts[column].known else _Text(facts[column].padded, facts[column].plus)
        for column, kinds in possible.items()
    }


def _candidates(sample: pl.Series, decimal_comma: bool) -> list[_Type]:
    """The types that fit the first rows; all simple ones where the first rows are empty."""
    simple = [kind for kind in _Simple if decimal_comma or kind is not _Simple.DECIMAL_COMMA]
    known = sample.drop_nulls().to_frame(_CELL)
    if known.is_empty():
        return [*simple]
    return [*(kind for kind in simple if _fits(known, kind)), *possible_forms(known[_CELL])]


def _known(raw: pl.Expr) -> pl.Expr:
    stripped = raw.str.strip_chars()
    return pl.when(~stripped.is_in(MISSING)).then(stripped)


def _fits(cells: pl.DataFrame, kind: _Type) -> bool:
    """Whether every known cell is of the type; only those that a plain cast leaves in doubt are cleaned."""
    cell = pl.col(_CELL)
    doubtful = cells.filter(_reading(cell, kind).is_null() | _may_be_code(cell, kind))
    if doubtful.is_empty():
        return True
    known = doubtful.select(_known(cell).alias(_CELL)).drop_nulls()
    return not known.select((_reading(cell, kind).is_null() | _is_code(cell, kind)).any()).item()


def _may_be_code(cell: pl.Expr, kind: _Type) -> pl.Expr:
    """A quick look that passes most numbers and no code."""
    if not isinstance(kind, _Simple) or kind is _Simple.BOOLEAN:
        return pl.lit(value=False)
    code = cell.str.starts_with("0") & ~cell.str.starts_with("0.") & (cell.str.len_bytes() > 1)
    return code if kind is _Simple.WHOLE else code | _is_long(cell)


def _is_code(known: pl.Expr, kind: _Type) -> pl.Expr:
    """Digits of which a number would lose some: "007", or a whole number of twenty digits."""
    if not isinstance(kind, _Simple) or kind is _Simple.BOOLEAN:
        return pl.lit(value=False)
    code = known.str.contains(r"^0\d+$")
    return code if kind is _Simple.WHOLE else code | _is_long(known)


def _is_long(text: pl.Expr) -> pl.Expr:
    return (text.str.len_bytes() > 18) & text.cast(pl.Int128, strict=False).is_not_null()


def _reading(known: pl.Expr, kind: _Type) -> pl.Expr:
    """The values read as the type; null where they are not of it."""
    if isinstance(kind, DateForm):
        return kind.parsed(known)
    if kind is _Simple.BOOLEAN:
        lower = known.str.to_lowercase()
        return pl.when(lower.is_in(["true", "false"])).then(lower == "true")
    if kind is _Simple.WHOLE:
        return known.cast(pl.Int64, strict=False)
    if kind is _Simple.DECIMAL_COMMA:
        known = pl.when(~known.str.contains(".", literal=True)).then(
            known.str.replace(",", ".", literal=True)
        )
    return known.cast(pl.Float64, strict=False)


def _converted(column: str, plan: _Type | _Text) -> pl.Expr:
    stripped = pl.col(column).str.strip_chars()
    if not isinstance(plan, _Text):
        # What is missing fits no type that was checked, so it becomes null without being looked up.
        value = _reading(stripped, plan)
        is_float = plan in (_Simple.NUMBER, _Simple.DECIMAL_COMMA)
        return (value.fill_nan(None) if is_float else value).alias(column)
    missing = [spelling for spelling in MISSING if not (plan.keep_minus and spelling == "-")]
    value = stripped if plan.trim else pl.col(column)
    return pl.when(~stripped.is_in(missing)).then(value).alias(column)
