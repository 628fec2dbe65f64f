"""Which of several formats a column has: decided by its own cells, by other columns, or by convention with a note."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl

from tidynet.table.column_format import CellType, ColumnFormat
from tidynet.table.column_reading import TIMES, Reading, non_missing, parse_cells
from tidynet.table.marked_numbers import SHARES
from tidynet.table.unusual_dates import find_date_format


@dataclass(frozen=True, slots=True)
class TableOptions:
    """What is known about all columns of a table before its cells are read; None is detected."""

    separator: str | None = None
    decimal: str | None = None
    thousands: str | None = None
    date_order: str | None = None


@dataclass(frozen=True, slots=True)
class ChosenFormat:
    """The chosen format of a column, and another one that fits as well where nothing decides."""

    format: ColumnFormat
    alternative: ColumnFormat | None = None


def date_order(written: ColumnFormat) -> str:
    """The order of day, month and year of a date format, "" for other formats."""
    return find_date_format(written.date_format).order if written.type is CellType.DATE else ""


def _mark(written: ColumnFormat) -> str:
    """The decimal mark that a format shows or implies, "" for whole numbers."""
    return written.decimal if written.type is CellType.NUMBER else ""


def _alternatives(reading: Reading) -> tuple[ColumnFormat, ...]:
    """The other formats of a column that may read its cells differently."""
    first = reading.formats[0]
    if first.type is CellType.WHOLE:
        return ()
    return tuple(
        item
        for item in reading.formats[1:]
        if (item.type in TIMES and first.type in TIMES)
        or (item.type is first.type is CellType.NUMBER and _mark(item) != _mark(first))
        or (item.type is first.type is CellType.DATE and date_order(item) != date_order(first))
    )


def choose_formats(
    frame: pl.LazyFrame, readings: Mapping[str, Reading], options: TableOptions, trained: Mapping[str, ColumnFormat]
) -> dict[str, ChosenFormat]:
    """The format of each column with a reading; an alternative only where the cells mean something else in it."""
    alternatives = {column: _alternatives(reading) for column, reading in readings.items() if reading.formats}
    alternatives = {column: found for column, found in alternatives.items() if found}
    open_columns = _differing(
        frame, {column: (readings[column].formats[0], *found) for column, found in alternatives.items()}
    )
    decided = {
        column: reading.formats[0]
        for column, reading in readings.items()
        if reading.formats and column not in open_columns
    }
    # The file itself decides before the formats of another one do.
    own = [written for column, written in decided.items() if written != trained.get(column)]
    marks = _marks_of(own) or _marks_of(trained.values())
    orders = _orders_of(own) or _orders_of(trained.values())
    mark = options.decimal or (next(iter(marks)) if len(marks) == 1 else None)
    if mark is None and options.thousands in (".", ","):
        mark = "," if options.thousands == "." else "."
    order = options.date_order or (next(iter(orders)) if len(orders) == 1 else None)
    counts = _count_shapes(frame, open_columns, readings)
    result = {column: ChosenFormat(written) for column, written in decided.items()}
    for column in open_columns:
        formats = (readings[column].formats[0], *alternatives[column])
        if formats[0].type is CellType.DATE:
            default = "dmy" if mark == "," else None
            result[column] = _choose_date_format(formats, order, default)
        elif formats[0].type is CellType.NUMBER:
            result[column] = _choose_number_format(formats, mark, counts.get(column), options.separator)
        else:
            result[column] = ChosenFormat(formats[0], formats[1])
    return result


def _marks_of(formats: Iterable[ColumnFormat]) -> set[str]:
    return {_mark(item) for item in formats if _shows_mark(item)} & {".", ","}


def _orders_of(formats: Iterable[ColumnFormat]) -> set[str]:
    return {date_order(item) for item in formats} & {"dmy", "mdy"}


def _shows_mark(written: ColumnFormat) -> bool:
    return written.type is CellType.NUMBER and bool(written.decimal) and written.decimal in ".,"


def _choose_date_format(formats: tuple[ColumnFormat, ...], order: str | None, default: str | None) -> ChosenFormat:
    """Formats of dates with points have the day first by convention, and are not ambiguous."""
    agreed = [item for item in formats if date_order(item) == order]
    if agreed:
        return ChosenFormat(agreed[0])
    usual = next((item for item in formats if date_order(item) == default), formats[0])
    alternative = next(item for item in formats if item != usual)
    is_pointed = "." in find_date_format(usual.date_format).name
    return ChosenFormat(usual, None if is_pointed else alternative)


def _choose_number_format(
    formats: tuple[ColumnFormat, ...], mark: str | None, counts: Mapping[str, int] | None, separator: str | None
) -> ChosenFormat:
    """Numbers with groups of three digits after a point or a comma."""
    agreed = [item for item in formats if _mark(item) == mark]
    if agreed:
        return ChosenFormat(agreed[0])
    grouped = next((item for item in formats if item.thousands), formats[0])
    single = next((item for item in formats if not item.thousands), formats[0])
    if counts is not None and counts["large"]:  # 12345 beside 1.234: the mark does not separate thousands
        return ChosenFormat(single)
    if written_as_money(formats[0]):  # prices rarely have three decimals
        return ChosenFormat(grouped, single)
    # Nobody who writes 950 for 950.000 also writes 12.500 for 12.5.
    if counts is not None and counts["small"] and counts["zeros"] and separator not in (",", None):
        return ChosenFormat(grouped)
    return ChosenFormat(formats[0], next(item for item in formats if item != formats[0]))


def written_as_money(written: ColumnFormat) -> bool:
    """Whether the numbers have a currency."""
    return bool(written.unit) and written.unit not in SHARES


def _differing(frame: pl.LazyFrame, formats: Mapping[str, tuple[ColumnFormat, ...]]) -> list[str]:
    """The columns of which some cell means different values in the formats."""
    if not formats:
        return []
    differences = []
    for column, (first, *others) in formats.items():
        cell = non_missing(pl.col(column))
        values = parse_cells(cell, first)
        differences.append(
            pl.any_horizontal((_plain(values) != _plain(parse_cells(cell, other))).any() for other in others).alias(
                column
            )
        )
    found = frame.select(differences).collect(engine="streaming").row(0, named=True)
    return [column for column, differs in found.items() if differs]


def _plain(values: pl.Expr) -> pl.Expr:
    return values.to_physical()


def _count_shapes(
    frame: pl.LazyFrame, columns: list[str], readings: Mapping[str, Reading]
) -> dict[str, dict[str, int]]:
    """Cells of ambiguous columns: without a mark up to 999 and above, and with a mark and a last 0."""
    numbers = [column for column in columns if readings[column].formats[0].type is CellType.NUMBER]
    if not numbers:
        return {}
    patterns = {"small": r"^[-+]?\d{1,3}$", "large": r"^[-+]?\d{4,}$", "zeros": r"[.,]\d*0$"}
    counts = frame.select(
        non_missing(pl.col(column)).str.contains(pattern).sum().alias(f"{column} {name}")
        for column in numbers
        for name, pattern in patterns.items()
    )
    row = counts.collect(engine="streaming").row(0, named=True)
    return {column: {name: row[f"{column} {name}"] for name in patterns} for column in numbers}
