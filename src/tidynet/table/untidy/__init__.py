"""In what a table is not tidy: judged from its names, and from cells of a sample.

>>> import polars as pl
>>> from tidynet.table.kinds import judge_all
>>> wide = pl.DataFrame({"country": ["Chad", "Peru"], "2018": [5, 6], "2019": [1, 3], "2020": [2, 4]})
>>> [(found.what, found.verb) for found in untidy(wide, judge_all(wide))]
[('values as column names', 'melt')]
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from tidynet.table.kind import Judgement
from tidynet.table.untidy.cells import several_variables, units_inside
from tidynet.table.untidy.finding import Untidy
from tidynet.table.untidy.names import values_as_names
from tidynet.table.untidy.rows import table_inside, totals_among, variables_in_rows

__all__ = ["Untidy", "untidy"]

_ROWS_LOOKED_AT = 20_000


def untidy(frame: pl.DataFrame, judgements: Mapping[str, Judgement]) -> tuple[Untidy, ...]:
    """Find in what a table is not tidy, each with the verb that mends it and the call to copy.

    Names of columns are read whole; cells on at most 20,000 rows taken evenly, except that totals are
    looked for in every row. It finds values as column names, several variables in one column,
    variables in rows, totals among the rows, units inside cells, and a table inside the table.

    Parameters
    ----------
    frame : pl.DataFrame
        The rows, missing values as null.
    judgements : mapping of str to Judgement
        The kinds of its columns.

    Returns
    -------
    tuple of Untidy
        Nothing for a tidy table.

    Examples
    --------
    >>> from tidynet.table.kinds import judge_all
    >>> tidy = pl.DataFrame({"species": ["a", "b", "b"], "mass": [1.5, 2.5, 3.0]})
    >>> untidy(tidy, judge_all(tidy))
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
    wide = values_as_names(frame, judgements)
    return (
        *wide,
        *several_variables(sample, judgements),
        *units_inside(sample, judgements),
        *variables_in_rows(frame, judgements),
        *totals_among(frame, judgements),
        *table_inside(sample, judgements, besides={name for found in wide for name in found.columns}),
    )
