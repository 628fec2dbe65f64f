"""In what a table is not tidy: judged from its names, and from cells of a sample.

>>> import polars as pl
>>> from tidynet.table.infer_types import infer_types
>>> wide = pl.DataFrame({"country": ["Chad", "Peru"], "2018": [5, 6], "2019": [1, 3], "2020": [2, 4]})
>>> [(found.what, found.verb) for found in check_tidiness(wide, infer_types(wide))]
[('values as column names', 'melt')]
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from tidynet.table.tidiness.cell_rules import multiple_variables_in_cells, units_in_cells
from tidynet.table.tidiness.header_rules import values_in_headers
from tidynet.table.tidiness.issue import TidinessIssue
from tidynet.table.tidiness.row_rules import nested_table, total_rows, variables_stored_in_rows
from tidynet.table.variable_type import TypeInference

__all__ = ["TidinessIssue", "check_tidiness"]

_ROWS_LOOKED_AT = 20_000


def check_tidiness(frame: pl.DataFrame, inferred_types: Mapping[str, TypeInference]) -> tuple[TidinessIssue, ...]:
    """Find in what a table is not tidy, each with the verb that mends it and the call to copy.

    Names of columns are read whole; cells on at most 20,000 rows taken evenly, except that totals are
    looked for in every row. It finds values as column names, several variables in one column,
    variables in rows, totals among the rows, units inside cells, and a table inside the table.

    >>> from tidynet.table.infer_types import infer_types
    >>> tidy = pl.DataFrame({"species": ["a", "b", "b"], "mass": [1.5, 2.5, 3.0]})
    >>> check_tidiness(tidy, infer_types(tidy))
    ()
    """
    if not frame.width or not frame.height:
        return ()
    # Polars reads such a name as a pattern, even in the methods of a series.
    frame = pl.DataFrame([series for series in frame.get_columns() if not series.name.startswith("^")])
    if not frame.width:
        return ()
    step = -(-frame.height // _ROWS_LOOKED_AT)
    sample = frame.gather_every(step) if step > 1 else frame
    wide = values_in_headers(frame, inferred_types)
    return (
        *wide,
        *multiple_variables_in_cells(sample, inferred_types),
        *units_in_cells(sample, inferred_types),
        *variables_stored_in_rows(frame, inferred_types),
        *total_rows(frame, inferred_types),
        *nested_table(sample, inferred_types, besides={name for result in wide for name in result.columns}),
    )
