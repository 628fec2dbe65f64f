"""Rows and columns at the edges of a table that hold no data: a last row of totals, columns without name and value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from tidynet.core.text import pluralize
from tidynet.table.convert_values import convert_columns
from tidynet.table.footer_lines import find_total, is_summary_row
from tidynet.table.read_options import ReadOptions

_CELLS_SHOWN = 4


def without_total(
    rows: pl.LazyFrame, last: Sequence[str], options: ReadOptions, separator: str | None = None
) -> tuple[pl.LazyFrame, tuple[str, ...]]:
    """The rows without a last one that holds the sums or means of the others."""
    word = find_total(last) if options.footer_lines is None and len(last) > 1 else None
    if word is None:
        return rows, ()
    n_rows = int(rows.select(pl.len()).collect().item())
    body = rows.head(n_rows - 1)
    shown = ", ".join(cell.strip() for cell in last[:_CELLS_SHOWN])
    if n_rows > 2 and is_summary_row(
        convert_columns(body, replace(options, code_columns=()), separator).frame, last, word
    ):
        note = f"the reader skipped the last row '{shown}', which sums up the rows above it (--footer-lines 0 keeps it)"
        return body, (note,)
    note = f"the last row is '{shown}', but does not sum up the rows above it (--footer-lines 1 skips it)"
    return rows, (note,)


def without_empty_columns(rows: pl.LazyFrame, unnamed: Sequence[str]) -> tuple[pl.LazyFrame, tuple[str, ...]]:
    """The rows without those of the unnamed columns that have no value."""
    if not unnamed or len(unnamed) == len(rows.collect_schema()):
        return rows, ()
    cells = [pl.col(name).cast(pl.String).str.strip_chars().fill_null("") for name in unnamed]
    filled = rows.select((cell != "").any() for cell in cells).collect().row(0)
    empty = [name for name, has_value in zip(unnamed, filled, strict=True) if not has_value]
    if not empty:
        return rows, ()
    note = f"the reader skipped {pluralize(len(empty), 'column')} without a name and without values"
    return rows.drop(empty), (note,)
