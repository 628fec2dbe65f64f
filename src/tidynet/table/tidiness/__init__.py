"""Layout problems of a table, found in its names and in cells of a sample."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import polars as pl

from tidynet.table.tidiness.block_rules import labels_once
from tidynet.table.tidiness.cell_rules import multiple_variables_in_cells, units_in_cells
from tidynet.table.tidiness.header_rules import values_in_headers
from tidynet.table.tidiness.issue import LayoutProblem, TidinessIssue
from tidynet.table.tidiness.nested_table import nested_table
from tidynet.table.tidiness.row_rules import total_rows, variables_stored_in_rows
from tidynet.table.variable_type import TypeInference

__all__ = ["LayoutProblem", "TidinessIssue", "check_tidiness"]

_MAX_SAMPLE_ROWS = 20_000


def check_tidiness(
    frame: pl.DataFrame, inferred_types: Mapping[str, TypeInference], merged: Collection[str] = ()
) -> tuple[TidinessIssue, ...]:
    """The layout problems of a table, each with the verb that fixes it; `merged` are columns of merged cells.

    Names and rows are checked in full, cells in at most 20,000 evenly spaced rows.
    """
    # Polars reads a name such as "^a$" as a pattern, even in the methods of a series.
    frame = pl.DataFrame([series for series in frame.get_columns() if not series.name.startswith("^")])
    if not frame.width or not frame.height:
        return ()
    step = -(-frame.height // _MAX_SAMPLE_ROWS)
    sample = frame.gather_every(step) if step > 1 else frame
    wide = tuple(values_in_headers(frame, inferred_types))
    blocks = tuple(labels_once(frame, inferred_types, merged))
    return (
        *wide,
        *multiple_variables_in_cells(sample, inferred_types),
        *units_in_cells(sample, inferred_types),
        *variables_stored_in_rows(frame, inferred_types),
        *total_rows(frame, inferred_types),
        *blocks,
        *nested_table(frame, inferred_types, excluded={name for issue in (*wide, *blocks) for name in issue.columns}),
    )
