"""The dtypes of a Table: columns that Polars stores in another form get a type of Table, with a note."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from tidynet.core.text import pluralize
from tidynet.table.infer_number_type import is_identifier_name

MAX_EXACT = 2**53
"""Whole numbers up to here are exact as floating-point numbers."""

EXACT_DIGITS = 15
"""Significant digits that every floating-point number keeps."""
_WIDE = (pl.Int128, pl.UInt128)
_INT64, _UINT64 = (-(2**63), 2**63 - 1), (0, 2**64 - 1)


def normalize_dtypes(frame: pl.LazyFrame) -> pl.LazyFrame:
    """The frame with NaN as null, and decimals, 128-bit integers and extension types as plain columns."""
    return normalize_with_notes(frame)[0]


def normalize_with_notes(frame: pl.LazyFrame) -> tuple[pl.LazyFrame, tuple[str, ...]]:
    """The same, and a note for each column whose values were rounded or became text.

    Only columns of decimals and of 128-bit integers are read for it. Python objects are left out: Polars cannot
    compare, sort or write them.
    """
    objects = [name for name, dtype in frame.collect_schema().items() if dtype == pl.Object]
    left_out = tuple(f"the column '{name}' has Python objects (dtype Object); it was left out" for name in objects)
    plain, notes = _normalize_columns(frame.drop(objects) if objects else frame)
    return plain, (*left_out, *notes)


def _normalize_columns(frame: pl.LazyFrame) -> tuple[pl.LazyFrame, tuple[str, ...]]:
    schema = frame.collect_schema()
    names = schema.names()
    # Numbered aliases replace the names, because Polars reads a name such as "^a$" as a pattern.
    aliases = dict(zip(names, (f"c{position}" for position in range(len(names))), strict=True))
    changed = {name: cell for name, dtype in schema.items() if (cell := _plain_cell(aliases[name], dtype)) is not None}
    exact = [name for name, dtype in schema.items() if _is_exact(dtype)]
    if not changed and not exact:
        return frame, ()
    renamed = frame.rename(aliases)
    plain = renamed.with_columns(cell.alias(aliases[name]) for name, cell in changed.items())
    original = {alias: name for name, alias in aliases.items()}
    if not exact:
        return plain.rename(original), ()
    facts = _exact_facts(renamed.select(aliases[name] for name in exact), [aliases[name] for name in exact])
    notes: list[str] = []
    cells = []
    for name in exact:
        cell, note = _choose_exact(name, schema[name], pl.col(aliases[name]), facts[aliases[name]])
        cells.append(cell.alias(aliases[name]))
        notes += [note] if note else []
    return plain.with_columns(cells).rename(original), tuple(notes)


def _plain_cell(alias: str, dtype: pl.DataType) -> pl.Expr | None:
    """The cell in a plain type where the schema alone decides; None where nothing changes."""
    cell = pl.col(alias)
    if isinstance(dtype, pl.BaseExtension):
        stored = cell.ext.storage()
        return stored.cast(pl.Boolean) if dtype.ext_name() == "arrow.bool8" else stored
    if dtype == pl.Float16:
        return cell.cast(pl.Float32).fill_nan(None)
    return cell.fill_nan(None) if dtype.is_float() else None


def _is_exact(dtype: pl.DataType) -> bool:
    return dtype in _WIDE or dtype.is_decimal()


def _is_whole(dtype: pl.DataType) -> bool:
    return not isinstance(dtype, pl.Decimal) or dtype.scale == 0


def _exact_facts(frame: pl.LazyFrame, aliases: Iterable[str]) -> dict[str, dict[str, Any]]:
    """What decides the type of each column of decimals or 128-bit integers, in one pass."""
    asked: list[pl.Expr] = []
    for alias, dtype in frame.collect_schema().items():
        cell = pl.col(alias)
        if _is_whole(dtype):
            wide = cell.cast(pl.Int128) if dtype.is_decimal() else cell
            asked += [
                wide.min().cast(pl.String).alias(f"{alias} low"),
                wide.max().cast(pl.String).alias(f"{alias} high"),
            ]
            asked += [cell.drop_nulls().n_unique().alias(f"{alias} distinct"), cell.count().alias(f"{alias} known")]
            rounded = wide.cast(pl.Float64).drop_nulls().n_unique()
            asked += [
                rounded.alias(f"{alias} rounded"),
                wide.abs().cast(pl.String).str.len_chars().n_unique().alias(f"{alias} widths"),
            ]
        else:
            digits = (
                cell.cast(pl.String).str.replace_all(r"[-.]", "").str.strip_chars_start("0").str.strip_chars_end("0")
            )
            asked.append((digits.str.len_chars() > EXACT_DIGITS).sum().alias(f"{alias} long"))
    row = frame.select(asked).collect(engine="streaming").row(0, named=True)
    facts: dict[str, dict[str, Any]] = {alias: {} for alias in aliases}
    for key, value in row.items():
        alias, _, fact = key.partition(" ")
        facts[alias][fact] = value
    return facts


def _choose_exact(name: str, dtype: pl.DataType, cell: pl.Expr, facts: Mapping[str, Any]) -> tuple[pl.Expr, str]:
    """A column of decimals or 128-bit integers in its type, and a note where digits were lost or it became text."""
    if not _is_whole(dtype):
        long = facts["long"]
        note = (
            f"the column '{name}' has more than {EXACT_DIGITS} digits in {pluralize(long, 'row')}; "
            "they were rounded to floating-point numbers"
        )
        return cell.cast(pl.Float64), note if long else ""
    whole = cell.cast(pl.Int128) if dtype.is_decimal() else cell
    low, high = int(facts["low"] or 0), int(facts["high"] or 0)
    for (first, last), target in ((_INT64, pl.Int64), (_UINT64, pl.UInt64)):
        if first <= low and high <= last:
            return whole.cast(target), ""
    if is_code_of_digits(name, facts["known"], facts["distinct"], facts["rounded"], facts["widths"]):
        return whole.cast(pl.String), f"the column '{name}' has whole numbers beyond 64 bits; they are kept as text"
    note = f"the column '{name}' has whole numbers beyond 64 bits; they were rounded to {EXACT_DIGITS} digits"
    return whole.cast(pl.Float64), note


def is_code_of_digits(name: str, n_known: int, n_distinct: int, n_rounded: int, n_widths: int) -> bool:
    """Whether whole numbers that a floating-point number cannot hold are codes: rounding would merge some of them,
    the name says so, or each row has its own number of one length.
    """
    return n_rounded < n_distinct or is_identifier_name(name) or (n_distinct == n_known > 1 and n_widths == 1)


def exceeds_float(series: pl.Series) -> bool:
    """Whether a column of integers has values that a floating-point number cannot hold."""
    if not series.dtype.is_integer():
        return False
    low, high = series.min(), series.max()
    return isinstance(low, int) and isinstance(high, int) and max(-low, high) > MAX_EXACT


def is_column_of_codes(series: pl.Series, name: str) -> bool:
    """Whether integers that exceed a floating-point number are codes, by `is_code_of_digits`."""
    known = series.drop_nulls()
    rounded, widths = known.cast(pl.Float64), known.cast(pl.String).str.strip_chars_start("-").str.len_chars()
    return is_code_of_digits(name, len(known), known.n_unique(), rounded.n_unique(), widths.n_unique())
