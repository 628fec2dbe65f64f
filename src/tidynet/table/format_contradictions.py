"""Formats of a model's training that a new file contradicts."""

from __future__ import annotations

from tidynet.core.text import pluralize
from tidynet.table.choose_format import TableOptions, date_order
from tidynet.table.column_format import CellType, ColumnFormat
from tidynet.table.column_reading import TIMES
from tidynet.table.format_notes import describe_format


def is_overridden(trained: ColumnFormat, options: TableOptions) -> bool:
    """Whether an option says that a column is written in another way than in training."""
    if trained.type is CellType.DATE:
        return options.date_order is not None and options.date_order != date_order(trained)
    if trained.type is not CellType.NUMBER:
        return False
    return (options.decimal is not None and options.decimal != trained.decimal) or (
        options.thousands is not None and options.thousands != trained.thousands
    )


def contradicts(trained: ColumnFormat, written: ColumnFormat) -> bool:
    """Whether a column is written in another way than in training, so that one of the two may be wrong."""
    if trained.type is written.type is CellType.DATE:
        return date_order(trained) != date_order(written)
    if trained.type is written.type is CellType.NUMBER:
        marks = {trained.decimal, written.decimal}
        is_other_unit = bool(trained.unit and written.unit and trained.unit != written.unit)
        return marks == {".", ","} or written.thousands not in ("", trained.thousands) or is_other_unit
    return trained.type in TIMES and written.type in TIMES and trained.date_format != written.date_format


def contradiction_note(name: str, trained: ColumnFormat, written: ColumnFormat, n_cells: int) -> str:
    """The sentence about a column that contradicts its training."""
    then, now = describe_format(trained), describe_format(written)
    if written.type is CellType.DATE:
        now = f"dates as {now}"
    if then == now:
        then, now = f"the unit '{trained.unit}'", f"the unit '{written.unit}'"
    misfits = pluralize(n_cells, "cell does", "cells do")
    return f"the column '{name}' has {now}, expected {then}; {misfits} not fit"
