"""A sheet of a workbook into a lazy frame."""

from __future__ import annotations

import datetime
import logging
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from tidynet.core.errors import FileReadError, InputError
from tidynet.core.text import join_names, pluralize
from tidynet.table.convert_values import convert_columns
from tidynet.table.dialect import Dialect
from tidynet.table.footer_lines import is_note
from tidynet.table.normalize_dtypes import normalize_dtypes
from tidynet.table.read_options import ReadOptions, ScannedFile
from tidynet.table.table_edges import without_empty_columns, without_total
from tidynet.table.table_lines import TableLines, describe_lines, find_second_table, find_table
from tidynet.table.text_records import Record
from tidynet.table.workbook_formulas import note_formulas

if TYPE_CHECKING:
    from fastexcel import ExcelReader

_ROWS_TRIED, _LAST_ROWS = 300, 20
_SPAN = re.compile(r"(?:1899-12-31|1900-01-\d\d) \d\d:\d\d:\d\d")


def scan_workbook(path: Path, label: str, options: ReadOptions) -> ScannedFile:
    """Read one sheet of a workbook; notes name its other sheets and the rows that do not belong to the table."""
    import fastexcel

    # It writes warnings about empty columns to standard error, between the lines of the command.
    logging.getLogger("fastexcel").addHandler(logging.NullHandler())
    try:
        book = fastexcel.read_excel(path)
        name = _sheet_name(book.sheet_names, options.sheet, label)
        sheet = _Sheet(book, path, name)
    except (fastexcel.FastExcelError, OSError) as error:
        raise FileReadError(f"{label} cannot be read as a workbook", "open it and save it again as .xlsx") from error
    first, last = options.skip_lines or 0, sheet.height - (options.footer_lines or 0)
    records = [record for record in sheet.records(0, _ROWS_TRIED) if first < record.line <= last]
    if all(record.is_empty for record in records):
        raise FileReadError(
            f"the sheet '{name}' of {label} is empty, expected a header and rows", "choose another sheet"
        )
    is_exact = options.skip_lines is not None
    table = find_table(records, label, header_rows=options.header_rows, is_exact=is_exact)
    find_second_table(records, table, label, sheet.height)
    n_footers, footers = _footer(sheet, table, options)
    frame, n_blank = sheet.rows(table, n_footers)
    rows, total_notes = without_total(frame.lazy(), sheet.last_row(n_footers), options)
    rows, empty_notes = without_empty_columns(rows, table.unnamed, has_header=table.header_rows > 0)
    converted = convert_columns(normalize_dtypes(rows), options)
    mixed_notes = _mixed_notes([table.names[position] for position in sheet.mixed], converted.frame)
    formulas = note_formulas(path, name, frame, table.body_line)
    notes = [*_notes(table, footers, n_blank), *formulas, *total_notes, *empty_notes, *mixed_notes, *converted.notes]
    others = [other for other in book.sheet_names if other != name]
    if others and options.sheet is None:
        notes.insert(0, f"the table is the sheet '{name}'; other sheets are {join_names(others)}")
    dialect = Dialect(
        "workbook", skip_lines=table.skip_lines, header_rows=table.header_rows, footer_lines=n_footers,
        decimal=options.decimal, thousands=options.thousands, date_order=options.date_order,
        na_values=tuple(options.na_values), evidence={"sheet": name},
    )  # fmt: skip
    return ScannedFile(converted.frame, tuple(notes), dialect, converted.column_formats)


class _Sheet:
    """One sheet: its cells as text, or as typed rows."""

    def __init__(self, book: ExcelReader, path: Path, name: str) -> None:
        self.book, self.path, self.name = book, path, name
        self.mixed: list[int] = []  # positions of columns whose cells have no common type
        self.height = book.load_sheet(name, header_row=None, skip_rows=0, n_rows=1).total_height

    def records(self, begin: int, count: int) -> list[Record]:
        """Rows as records of text, numbered as in the workbook."""
        if begin >= self.height:
            return []
        cells = self.book.load_sheet(self.name, header_row=None, skip_rows=begin, n_rows=count, dtypes="string")
        rows = [["" if cell is None else str(cell) for cell in row] for row in cells.to_polars().rows()]
        return [
            Record(begin + position, row, " | ".join(cell for cell in row if cell))
            for position, row in enumerate(rows, start=1)
        ]

    def last_row(self, n_footers: int) -> list[str]:
        """The cells of the last row of the table."""
        records = self.records(max(0, self.height - n_footers - _LAST_ROWS), _LAST_ROWS)
        filled = [record.cells for record in records if not record.is_empty]
        return filled[-1] if filled else []

    def rows(self, table: TableLines, n_footers: int) -> tuple[pl.DataFrame, int]:
        """The typed rows of the table, and the number of blank ones that were left out."""
        count = self.height - (table.body_line - 1) - n_footers
        if count < 1:
            return pl.DataFrame(schema=dict.fromkeys(table.names, pl.String)), 0
        options = {"header_row": None, "skip_rows": table.body_line - 1, "n_rows": count}
        frame = self._typed(options, table.width)
        frame.columns = list(table.names)
        is_filled = pl.any_horizontal(pl.all().is_not_null())
        filled = frame.filter(is_filled)
        return filled, frame.height - filled.height

    def _typed(self, options: dict[str, Any], width: int) -> pl.DataFrame:
        """The rows by columns, as text where a column mixes cells that have no common type."""
        import fastexcel

        def load(**more: Any) -> pl.DataFrame:
            return pl.read_excel(
                self.path, sheet_name=self.name, has_header=False, infer_schema_length=None, drop_empty_rows=False,
                drop_empty_cols=False, raise_if_empty=False, read_options={**options, **more},
            )  # fmt: skip

        try:
            return load()
        except fastexcel.UnsupportedColumnTypeCombinationError:
            columns = []
            for position in range(width):
                try:
                    column = load(use_columns=[position])
                except fastexcel.UnsupportedColumnTypeCombinationError:
                    self.mixed.append(position)
                    column = load(use_columns=[position], dtypes="string")
                    column = column.with_columns(pl.all().map_elements(_span_of_time, return_dtype=pl.String))
                columns.append(column.to_series().alias(str(position)))
            return pl.DataFrame(columns)


def _span_of_time(text: str) -> str:
    """A span of time as hours, where a column of text has it as a moment after the day before 1900."""
    if not _SPAN.fullmatch(text):
        return text
    span = datetime.datetime.fromisoformat(text) - datetime.datetime(1899, 12, 31)
    hours, rest = divmod(int(span.total_seconds()), 3600)
    return f"{hours}:{rest // 60:02d}:{rest % 60:02d}"


def _mixed_notes(names: Sequence[str], frame: pl.LazyFrame) -> list[str]:
    """A note on each column whose cells are of several types and therefore text."""
    schema = frame.collect_schema()
    return [
        f"the column '{name}' has cells of several types, such as times and numbers; they are kept as text"
        for name in names
        if schema.get(name) == pl.String
    ]


def _footer(sheet: _Sheet, table: TableLines, options: ReadOptions) -> tuple[int, list[Record]]:
    """The number of rows below the table, and those of them that hold something."""
    if options.footer_lines is not None:
        return options.footer_lines, []
    begin = max(table.body_line - 1, sheet.height - _LAST_ROWS)
    records = sheet.records(begin, _LAST_ROWS)
    end = len(records)
    while end and _is_below(records, end - 1, table.width):
        end -= 1
    return len(records) - end, [record for record in records[end:] if not record.is_empty]


def _is_below(records: Sequence[Record], at: int, width: int) -> bool:
    is_apart = any(record.is_empty for record in records[max(0, at - 3) : at])
    return records[at].is_empty or is_note(records[at], width, is_apart=is_apart)


def _notes(table: TableLines, footers: Sequence[Record], n_blank: int) -> list[str]:
    notes = []
    if table.skipped:
        above = pluralize(len(table.skipped), "row")
        notes.append(f"the reader skipped {above} above the header: {describe_lines(table.skipped, 'row')}")
    if table.header_rows > 1:
        notes.append(f"the header has {table.header_rows} rows; each column name joins their cells")
    if not table.header_rows:
        notes.append("the sheet has no header row; columns are numbered (--header-rows 1 if row 1 is one)")
    if footers:
        below = pluralize(len(footers), "row")
        notes.append(f"the reader skipped {below} below the table: {describe_lines(footers, 'row')}")
    if n_blank:
        notes.append(f"the reader skipped {pluralize(n_blank, 'blank row')}")
    return [*notes, *table.notes]


def _sheet_name(sheets: list[str], sheet: str | int | None, label: str) -> str:
    if sheet is None:
        return sheets[0]
    if isinstance(sheet, int) and 1 <= sheet <= len(sheets):
        return sheets[sheet - 1]
    if isinstance(sheet, str) and sheet in sheets:
        return sheet
    raise InputError(f"sheet is '{sheet}', but {label} has no such sheet", f"its sheets are {join_names(sheets)}")
