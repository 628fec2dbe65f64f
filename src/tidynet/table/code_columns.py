"""Columns of codes in which "NA" is a code: Namibia among countries, North America among continents."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from tidynet.core.errors import InputError, did_you_mean
from tidynet.core.text import join_names
from tidynet.table.boolean_and_na_values import NA_VALUES

_FIRST_ROWS = 2000
_MIN_CODES = 4
_TWO_LETTERS = r"^[A-Z]{2}$"
# None of them is NA, so NA among them is a missing value.
_STATES = (
    "AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR "
    "PA RI SC SD TN TX UT VT VA WA WV WI WY DC PR GU VI AS MP AB BC MB NB NL NS NT NU ON PE QC SK YT"
)


def check_code_columns(code_columns: Sequence[str], names: Sequence[str]) -> None:
    """Raise if a column of codes does not exist."""
    for name in code_columns:
        if name not in names:
            hint = did_you_mean(name, names) or f"the columns are {join_names(names)}"
            raise InputError(f"code_columns is '{name}', but there is no such column", hint)


def read_code_cell(column: str) -> pl.Expr:
    """The column's cells without blanks around them; only an empty cell is missing."""
    stripped = pl.col(column).str.strip_chars()
    return pl.when(stripped != "").then(stripped).alias(column)


def codes_read_as_missing(frame: pl.LazyFrame, columns: Sequence[str]) -> dict[str, int]:
    """Text columns of two-letter codes, with the number of their cells "NA"; other columns are read in part."""
    if not columns:
        return {}
    head = frame.select(columns).head(_FIRST_ROWS).collect()
    candidates = [column for column in columns if _contains_codes(head[column])]
    if not candidates:
        return {}
    cells = [pl.col(column).str.strip_chars().alias(column) for column in candidates]
    counted = pl.collect_all([frame.select(cell).group_by(cell).len() for cell in cells])
    n_missing = {}
    for column, counts in zip(candidates, counted, strict=True):
        written = counts.filter(pl.col(column) == "NA")["len"].sum()
        if (
            written
            and _contains_codes(counts[column])
            and not set(_non_missing(counts[column])) <= set(_STATES.split())
        ):
            n_missing[column] = int(written)
    return n_missing


def _contains_codes(cells: pl.Series) -> bool:
    codes = _non_missing(cells)
    return codes.n_unique() >= _MIN_CODES and bool(codes.str.contains(_TWO_LETTERS).all())


def _non_missing(cells: pl.Series) -> pl.Series:
    stripped = cells.str.strip_chars().drop_nulls()
    return stripped.filter(~stripped.is_in(list(NA_VALUES)))
