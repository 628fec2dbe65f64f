"""A sheet of an Excel workbook into a lazy frame."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import polars as pl

from tidynet.core.errors import FileReadError, InputError
from tidynet.core.text import join_names
from tidynet.table.convert_values import convert_columns
from tidynet.table.dialect import Dialect
from tidynet.table.normalize_dtypes import normalize_dtypes
from tidynet.table.read_options import ReadOptions, ScannedFile
from tidynet.table.to_polars import check_unique_names


def scan_workbook(path: Path, label: str, options: ReadOptions) -> ScannedFile:
    """Read one sheet of a workbook; a note names its other sheets."""
    import fastexcel

    # It writes warnings about empty columns to standard error, between the lines of the command.
    logging.getLogger("fastexcel").addHandler(logging.NullHandler())
    try:
        sheets = fastexcel.read_excel(path).sheet_names
    except (fastexcel.FastExcelError, OSError) as error:
        raise FileReadError(f"{label} cannot be read as a workbook", "open it and save it again as .xlsx") from error
    name = _sheet_name(sheets, options.sheet, label)
    excel: dict[str, Any] = {"sheet_name": name, "raise_if_empty": False}
    top = pl.read_excel(path, has_header=False, read_options={"n_rows": 1}, infer_schema_length=None, **excel)
    if top.is_empty():
        raise FileReadError(
            f"the sheet '{name}' of {label} is empty, expected a header and rows", "choose another sheet"
        )
    cells = [str(cell).strip() if cell is not None else "" for cell in top.row(0)]
    column_names = [cell or f"column_{position}" for position, cell in enumerate(cells, start=1)]
    check_unique_names(column_names, label)
    frame = pl.read_excel(path, infer_schema_length=None, **excel)
    if frame.width == len(column_names):
        frame.columns = column_names
    converted = convert_columns(normalize_dtypes(frame.lazy()), options)
    notes = converted.notes
    others = [other for other in sheets if other != name]
    if others and options.sheet is None:
        notes = (f"the table is the sheet '{name}'; other sheets are {join_names(others)}", *notes)
    dialect = Dialect("workbook", evidence={"sheet": name}, na_values=tuple(options.na_values))
    return ScannedFile(converted.frame, notes, dialect, converted.column_formats)


def _sheet_name(sheets: list[str], sheet: str | int | None, label: str) -> str:
    if sheet is None:
        return sheets[0]
    if isinstance(sheet, int) and 1 <= sheet <= len(sheets):
        return sheets[sheet - 1]
    if isinstance(sheet, str) and sheet in sheets:
        return sheet
    raise InputError(f"sheet is '{sheet}', but {label} has no such sheet", f"its sheets are {join_names(sheets)}")
