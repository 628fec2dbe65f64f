"""What the cells of one text column allow: the formats that fit, and what was unusual about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto

import polars as pl

from tidynet.table.boolean_and_na_values import NA_VALUES
from tidynet.table.column_format import CellType, ColumnFormat
from tidynet.table.durations import parse_time
from tidynet.table.marked_numbers import is_missing_sign, parse_marked
from tidynet.table.plain_numbers import is_code, parse_number
from tidynet.table.unusual_dates import is_impossible_date, parse_date

NUMBERS = (CellType.WHOLE, CellType.NUMBER)
TIMES = (CellType.TIME, CellType.DURATION)


class Fact(Enum):
    """Something unusual about some cells of a column."""

    BRACKETS = auto()
    TRAILING_MINUS = auto()
    OTHER_MINUS = auto()
    OTHER_DIGITS = auto()
    UNIT = auto()
    SIGNS_AFTER = auto()
    ABOUT = auto()
    LIMITS = auto()
    MULTIPLIED = auto()
    MISSING_SIGNS = auto()
    IMPOSSIBLE_DATES = auto()
    SERIAL_DATES = auto()
    SAME_NUMBER = auto()
    POWERS = auto()
    EXPONENTS = auto()
    MIXED_ORDERS = auto()
    FORMULAS = auto()
    GROUPS = auto()
    NO_DECIMALS = auto()


@dataclass(frozen=True, slots=True)
class Cells:
    """A number of cells, and some of them."""

    n: int
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """The formats that fit all cells of a column, the most likely first, and what was unusual."""

    formats: tuple[ColumnFormat, ...] = ()
    facts: Mapping[Fact, Cells] = field(default_factory=dict)


def parse_cells(text: pl.Expr, written: ColumnFormat) -> pl.Expr:
    """Stripped cells as values of the format; null for missing values and other cells."""
    if written.type is CellType.BOOLEAN:
        lower = text.str.to_lowercase()
        return pl.when(lower.is_in(["true", "false"])).then(lower == "true")
    if written.type in NUMBERS:
        return parse_marked(text, written) if written.has_marks else parse_number(text, written)
    if written.type is CellType.DATE:
        return parse_date(text, written)
    return parse_time(text, written) if written.type in TIMES else text


def is_misfit(text: pl.Expr, written: ColumnFormat, *, fast: bool = False) -> pl.Expr:
    """Whether stripped cells that are not missing do not have the format; the fast check is stricter."""
    if written.type is CellType.TEXT:
        return pl.lit(value=False)
    misfit = parse_cells(text, written).is_null()
    if written.type in NUMBERS and not written.has_marks:
        return misfit | is_code(text, written, fast=fast)
    if fast:
        return misfit
    if written.type is CellType.DATE:
        misfit = misfit & ~is_impossible_date(text, written) if written.has_marks else misfit
    return misfit & ~is_missing_sign(text) if written.has_marks else misfit


def non_missing(raw: pl.Expr) -> pl.Expr:
    """Stripped cells; null for the usual spellings of a missing value."""
    stripped = raw.str.strip_chars()
    return pl.when(~stripped.is_in(NA_VALUES)).then(stripped)


def examples(cells: pl.DataFrame, chosen: pl.Series, limit: int = 3) -> Cells:
    """The number of chosen cells among distinct ones with their counts, and some of them."""
    some = cells.filter(chosen)
    return Cells(int(some["n"].sum()), tuple(some.sort("n", "cell", descending=[True, False])["cell"].head(limit)))
