"""Columns of codes, in which "NA" is one of them: Namibia among countries, North America among continents."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from tidynet.core.errors import InputError, did_you_mean
from tidynet.core.text import join_names
from tidynet.table.boolean_and_na_values import MISSING

__all__ = ["check_code_columns", "codes_read_as_missing", "read_code_cell"]

_FIRST_ROWS = 2000
_FEWEST_CODES = 4
_TWO_LETTERS = r"^[A-Z]{2}$"
# None of them is called NA, and among them it is a gap.
_STATES = (
    "AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR "
    "PA RI SC SD TN TX UT VT VA WA WV WI WY DC PR GU VI AS MP AB BC MB NB NL NS NT NU ON PE QC SK YT"
)


def check_code_columns(requested: Sequence[str], names: Sequence[str]) -> None:
    """Refuse a column of codes that is not there."""
    for name in requested:
        if name not in names:
            hint = did_you_mean(name, names) or f"its columns are {join_names(names)}"
            raise InputError(f"codes is '{name}', but there is no such column", hint)


def read_code_cell(column: str) -> pl.Expr:
    """The column's cells as they stand, without blanks around them; only an empty one is missing."""
    stripped = pl.col(column).str.strip_chars()
    return pl.when(stripped != "").then(stripped).alias(column)


def codes_read_as_missing(frame: pl.LazyFrame, columns: Sequence[str]) -> dict[str, int]:
    """Columns of text whose values are all codes of two capitals but for cells "NA", and how many those are.

    Only the columns whose first rows look so are read to their end.

    >>> frame = pl.LazyFrame({"origin": ["NG", "NE", "NA", "DE", "FR"], "state": ["NY", "CA", "NA", "TX", "OH"]})
    >>> codes_read_as_missing(frame, ["origin", "state"])
    {'origin': 1}
    """
    if not columns:
        return {}
    head = frame.select(columns).head(_FIRST_ROWS).collect()
    likely = [column for column in columns if _holds_codes(head[column])]
    if not likely:
        return {}
    cells = [pl.col(column).str.strip_chars().alias(column) for column in likely]
    counted = pl.collect_all([frame.select(cell).group_by(cell).len() for cell in cells])
    result = {}
    for column, counts in zip(likely, counted, strict=True):
        written = counts.filter(pl.col(column) == "NA")["len"].sum()
        if written and _holds_codes(counts[column]) and not set(_known(counts[column])) <= set(_STATES.split()):
            result[column] = int(written)
    return result


def _holds_codes(cells: pl.Series) -> bool:
    non_missing = _known(cells)
    return non_missing.n_unique() >= _FEWEST_CODES and bool(non_missing.str.contains(_TWO_LETTERS).all())


def _known(cells: pl.Series) -> pl.Series:
    stripped = cells.str.strip_chars().drop_nulls()
    return stripped.filter(~stripped.is_in(list(MISSING)))
