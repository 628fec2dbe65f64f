"""Columns whose cells need a second look: unusual numbers and dates, and codes that look like numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from tidynet.table.choose_format import TableOptions
from tidynet.table.column_format import CellType, ColumnFormat
from tidynet.table.column_reading import Cells, Fact, Reading, examples, non_missing
from tidynet.table.date_probe import may_be_date_or_time, probe_dates, probe_times, with_latest_year
from tidynet.table.number_probe import may_be_number, probe_numbers
from tidynet.table.unusual_dates import SERIAL

_FEW = 8
_FORMULA = r'^="(.*)"$'
_CODE_NAME = re.compile(
    r"version|release|chapter|section|clause|code|batch|\blot\b|\bsku|part|model|item|phone|\btel|mobile|\bfax|dial|"
    r"calling|\bzip\b|post.?code|\bplz\b|\bip\b"
)
_DATE_NAME = re.compile(r"date|datum|\bday\b|fecha|\bdata\b|_dt$|^dt_|\bjour\b|\btag\b|tarih")


def may_be_unusual(cells: list[str]) -> bool:
    """Whether a few cells may be unusual dates, times or numbers, which spares most columns of text the search."""
    return all(may_be_date_or_time(cell) for cell in cells) or all(may_be_number(cell) for cell in cells)


def has_formulas(cells: pl.Series) -> bool:
    """Whether a column holds text as spreadsheets write it to keep its zeros, ="00123"."""
    known = cells.drop_nulls()
    if not len(known) or '="' not in known[0]:
        return False
    return 2 * int(known.str.contains(_FORMULA).sum()) > len(known)


def formulas(column: str) -> pl.Expr:
    """The text within the formulas of a column."""
    return pl.col(column).str.strip_chars().str.replace(_FORMULA, "${1}").str.replace_all('""', '"').alias(column)


def formula_reading(frame: pl.LazyFrame, column: str) -> Reading:
    """The number of cells that are formulas of text."""
    n_cells = frame.select(pl.col(column).str.strip_chars().str.contains(_FORMULA).sum()).collect().item()
    return Reading((), {Fact.FORMULAS: Cells(n_cells)})


def without_decimals(frame: pl.LazyFrame, column: str, written: ColumnFormat) -> Mapping[Fact, Cells]:
    """The fact that no number with thousands separators has decimals, which a sentence must not claim."""
    if not written.thousands:
        return {}
    has_decimals = non_missing(pl.col(column)).str.contains(re.escape(written.decimal[:1])).any()
    return {} if frame.select(has_decimals).collect(engine="streaming").item() else {Fact.NO_DECIMALS: Cells(0)}


def probe_column(
    frame: pl.LazyFrame, column: str, name: str, head: pl.Series, base: tuple[ColumnFormat, ...], options: TableOptions
) -> Reading | None:
    """What a column allows that no plain format fits; None for plain text."""
    known = head.drop_nulls()
    if known.is_empty() or not may_be_unusual(known.head(_FEW).to_list()):
        return None
    if 2 * int(known.str.contains(r"\d").sum()) < len(known):
        return None
    reading = _probe(_distinct(known.to_frame(column).lazy(), column), name, base, options)
    if reading is None:
        return None
    return _probe(_distinct(frame, column), name, base, options)


def _distinct(frame: pl.LazyFrame, column: str) -> pl.DataFrame:
    cell = non_missing(pl.col(column)).alias("cell")
    counts = frame.select(cell).drop_nulls().group_by("cell").agg(pl.len().alias("n")).collect(engine="streaming")
    return counts.sort("n", "cell", descending=[True, False])


def _probe(cells: pl.DataFrame, name: str, base: tuple[ColumnFormat, ...], options: TableOptions) -> Reading | None:
    dates = probe_dates(cells, name)
    if dates is not None:
        order = options.date_order
        return (
            replace(dates, formats=tuple(sorted(dates.formats, key=lambda item: _order(item) != order)))
            if order
            else dates
        )
    return probe_times(cells, name) or probe_numbers(cells, name, base, options.decimal, options.thousands)


def _order(written: ColumnFormat) -> str:
    from tidynet.table.choose_format import date_order

    return date_order(written)


def reread_column(frame: pl.LazyFrame, column: str, name: str, head: pl.Series, reading: Reading) -> Reading:
    """The reading of a column in a plain format, corrected where its cells are codes, dates or short years."""
    first, known = reading.formats[0], head.drop_nulls()
    if first.type is CellType.DATE:
        return replace(reading, formats=tuple(with_latest_year(item, known, name) for item in reading.formats))
    if first.type is CellType.WHOLE:
        if _all_plus(known, name):
            return Reading()
        return _dates_as_numbers(frame, column, name, known) or reading
    if first.type is CellType.NUMBER:
        if first.thousands == "." and known.str.contains(r"^\d{1,3}(?:\.\d{1,3}){3}$").all():
            return Reading()
        return _same_numbers(frame, column, name, known, reading)
    return reading


def _all_plus(known: pl.Series, name: str) -> bool:
    return bool(known.str.starts_with("+").all()) and _CODE_NAME.search(name.casefold()) is not None


def _dates_as_numbers(frame: pl.LazyFrame, column: str, name: str, known: pl.Series) -> Reading | None:
    """Whole numbers such as 20230105 in a column that is named as a date."""
    if not _DATE_NAME.search(name.casefold()) or not known.str.contains(r"^(?:19|20)\d{6}$").all():
        return None
    return probe_dates(_distinct(frame, column), name)


def _same_numbers(frame: pl.LazyFrame, column: str, name: str, known: pl.Series, reading: Reading) -> Reading:
    """The reading with what is known about spellings that become one number; no format where they are codes."""
    powers = known.str.contains(r"^\d+[eE]\d+$")
    if (powers & known.cast(pl.Float64, strict=False).is_infinite()).any():
        return Reading()
    if not powers.any() and known.n_unique() == known.cast(pl.Float64, strict=False).n_unique():
        return reading
    if reading.formats[0].thousands or reading.formats[0].decimal != ".":
        return reading
    cells = _distinct(frame, column).with_columns(pl.col("cell").cast(pl.Float64, strict=False).alias("value"))
    doubled = cells["value"].is_duplicated()
    powers = cells["cell"].str.contains(r"^\d+[eE]\d+$")
    facts: Mapping[Fact, Cells] = {}
    if doubled.any():
        same = cells.filter(doubled).sort("value", "cell")
        facts = {Fact.SAME_NUMBER: Cells(int(same["n"].sum()), tuple(same["cell"].head(2)))}
        same_powers = cells.filter(powers)["value"].is_duplicated().any()
        if same_powers or _CODE_NAME.search(name.casefold()):
            return Reading((), facts)
    elif powers.any() and not cells["cell"].str.contains(".", literal=True).any():
        facts = {Fact.POWERS: examples(cells, powers)}
    return replace(reading, facts={**reading.facts, **facts})


def serial_dates(
    frame: pl.LazyFrame, head: pl.DataFrame, names: Mapping[str, str], readings: Mapping[str, Reading]
) -> dict[str, Reading]:
    """Columns of whole numbers that are named as dates and hold serial numbers of a spreadsheet."""
    written = ColumnFormat(CellType.DATE, has_marks=True, date_format=f"year-month-day{SERIAL}")
    result = {}
    for column, reading in readings.items():
        known = head[column].drop_nulls()
        is_whole = bool(reading.formats) and reading.formats[0].type is CellType.WHOLE
        if is_whole and _DATE_NAME.search(names[column].casefold()) and known.str.contains(r"^[2-6]\d{4}$").all():
            cells = _distinct(frame, column)
            is_serial = cells["cell"].str.contains(r"^[2-6]\d{4}$")
            if is_serial.all():
                result[column] = Reading((written,), {Fact.SERIAL_DATES: examples(cells, is_serial)})
    return result
