"""Columns of text into the types that all their values have."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

import polars as pl

from tidynet.table.dates import DateForm, possible_forms
from tidynet.table.spellings import MISSING

__all__ = ["typed"]

_ROWS_LOOKED_AT_FIRST = 2000


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


def typed(frame: pl.LazyFrame, *, decimal_comma: bool = False) -> tuple[pl.LazyFrame, tuple[str, ...]]:
    """Give every column of text the type that all its values have, and turn spelt-out gaps into nulls.

    The types are guessed from the first rows and then checked on every row in one streaming pass, so
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
    head = frame.select(_known(column) for column in texts).head(_ROWS_LOOKED_AT_FIRST).collect()
    candidates = {column: _candidates(head[column], decimal_comma) for column in texts}
    checks = [
        _unread(pl.col(f"{column} known"), candidate).alias(f"{column} {number}")
        for column in texts
        for number, candidate in enumerate(candidates[column])
    ]
    facts = [fact for column in texts for fact in _text_facts(column)]
    # In two steps, since Polars would work out the known values anew for every check.
    known = frame.with_columns(_known(column).alias(f"{column} known") for column in texts)
    found = known.select(*checks, *facts).collect(engine="streaming").row(0, named=True)
    plans: dict[str, _Type | _Text] = {}
    for column in texts:
        fitting = [kind for number, kind in enumerate(candidates[column]) if found[f"{column} {number}"] == 0]
        text = _Text(trim=found[f"{column} padded"], keep_minus=found[f"{column} plus"])
        plans[column] = fitting[0] if fitting and found[f"{column} count"] else text
    return plans


def _candidates(sample: pl.Series, decimal_comma: bool) -> list[_Type]:
    """The types that fit the first rows; all simple ones where the first rows are empty."""
    simple = [kind for kind in _Simple if decimal_comma or kind is not _Simple.DECIMAL_COMMA]
    known = sample.drop_nulls().to_frame("c")
    if known.is_empty():
        return [*simple]
    fitting = [kind for kind in simple if known.select(_unread(pl.col("c"), kind)).item() == 0]
    return [*fitting, *possible_forms(known["c"])]


def _known(column: str) -> pl.Expr:
    stripped = pl.col(column).str.strip_chars()
    return pl.when(~stripped.is_in(MISSING)).then(stripped).alias(column)


def _unread(known: pl.Expr, kind: _Type) -> pl.Expr:
    """How many known values are not of the type."""
    wrong = _reading(known, kind).is_null()
    if kind in (_Simple.WHOLE, _Simple.NUMBER, _Simple.DECIMAL_COMMA):
        # "007" is a code, and so is a whole number of twenty digits: a number would lose some of them.
        wrong = wrong | (known.str.starts_with("0") & known.str.contains(r"^0\d+$"))
    if kind in (_Simple.NUMBER, _Simple.DECIMAL_COMMA):
        wrong = wrong | ((known.str.len_bytes() > 18) & known.str.contains(r"^[+-]?\d{19,}$"))
    return (known.is_not_null() & wrong).sum()


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
    return known.cast(pl.Float64, strict=False).fill_nan(None)


def _text_facts(column: str) -> tuple[pl.Expr, pl.Expr, pl.Expr]:
    raw = pl.col(column)
    return (
        pl.col(f"{column} known").count().alias(f"{column} count"),
        raw.drop_nulls().str.starts_with(" ").all().alias(f"{column} padded"),
        (raw == "+").any().fill_null(value=False).alias(f"{column} plus"),
    )


def _converted(column: str, plan: _Type | _Text) -> pl.Expr:
    stripped = pl.col(column).str.strip_chars()
    if not isinstance(plan, _Text):
        # What is missing fits no type that was checked, so it becomes null without being looked up.
        return _reading(stripped, plan).alias(column)
    missing = [spelling for spelling in MISSING if not (plan.keep_minus and spelling == "-")]
    value = stripped if plan.trim else pl.col(column)
    return pl.when(~stripped.is_in(missing)).then(value).alias(column)
