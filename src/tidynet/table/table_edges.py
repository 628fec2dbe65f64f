"""Rows and columns at the edges of a table that hold no data: a last row of totals, columns without name and value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from tidynet.core.text import pluralize
from tidynet.table.column_names import unnamed_note
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
    converted = convert_columns(body, replace(options, code_columns=()), separator).frame
    if n_rows > 2 and is_summary_row(converted, last, word):
        note = (
            f"the reader skipped the last row '{shown}', the totals or means of the others (--footer-lines 0 keeps it)"
        )
        return body, (note,)
    note = f"the last row '{shown}' does not hold the totals of the rows above it (--footer-lines 1 skips it)"
    return rows, (note,)


def without_empty_columns(
    rows: pl.LazyFrame, unnamed: Sequence[str], *, has_header: bool
) -> tuple[pl.LazyFrame, tuple[str, ...]]:
    """The rows without those of the unnamed columns that have no value, and notes on them and the others."""
    width = len(rows.collect_schema())
    if not unnamed or len(unnamed) == width:
        return rows, ()
    cells = [pl.col(name).cast(pl.String).str.strip_chars().fill_null("") for name in unnamed]
    filled = rows.select((cell != "").any().alias(str(n)) for n, cell in enumerate(cells)).collect().row(0)
    empty = [name for name, has_value in zip(unnamed, filled, strict=True) if not has_value]
    notes = unnamed_note([name for name in unnamed if name not in empty], width) if has_header else ()
    if not empty:
        return rows, notes
    note = f"the reader skipped {pluralize(len(empty), 'column')} without a name and without values"
    return rows.drop(empty), (note, *notes)
