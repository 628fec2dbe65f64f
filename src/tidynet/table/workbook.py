"""A sheet of an Excel workbook into a lazy frame."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from tidynet.core.errors import FileReadError, InputError
from tidynet.core.text import join_names
from tidynet.table.convert_types import convert_text_columns
from tidynet.table.read_options import ScannedFile
from tidynet.table.to_polars import normalize_dtypes, refuse_duplicates

__all__ = ["scan_workbook"]


def scan_workbook(
    path: Path, display_text: str, sheet: str | int | None, code_columns: Sequence[str] = ()
) -> ScannedFile:
    """Read one sheet of a workbook, and note which other sheets there are."""
    import fastexcel

    # It warns of empty columns on standard error, which would break the command's own lines.
    logging.getLogger("fastexcel").addHandler(logging.NullHandler())
    try:
        sheets = fastexcel.read_excel(path).sheet_names
    except (fastexcel.FastExcelError, OSError) as error:
        raise FileReadError(
            f"{display_text} cannot be read as a workbook", "open it and save it again as .xlsx"
        ) from error
    name = _sheet_name(sheets, sheet, display_text)
    options: dict[str, Any] = {"sheet_name": name, "raise_if_empty": False}
    top = pl.read_excel(path, has_header=False, read_options={"n_rows": 1}, infer_schema_length=None, **options)
    if top.is_empty():
        raise FileReadError(f"the sheet '{name}' of {display_text} is empty", "expected a header and rows")
    cells = [str(cell).strip() if cell is not None else "" for cell in top.row(0)]
    refuse_duplicates([cell or f"column_{position}" for position, cell in enumerate(cells, start=1)], display_text)
    frame = pl.read_excel(path, infer_schema_length=None, **options)
    if frame.width == len(cells):
        frame.columns = [cell or f"column_{position}" for position, cell in enumerate(cells, start=1)]
    typed_frame, notes = convert_text_columns(normalize_dtypes(frame.lazy()), code_columns=code_columns)
    others = [other for other in sheets if other != name]
    if others and sheet is None:
        notes = (f"the sheet '{name}' was read; there are also {join_names(others)}", *notes)
    return ScannedFile(typed_frame, notes, {"format": "workbook", "sheet": name})


def _sheet_name(sheets: list[str], sheet: str | int | None, display_text: str) -> str:
    if sheet is None:
        return sheets[0]
    if isinstance(sheet, int) and 1 <= sheet <= len(sheets):
        return sheets[sheet - 1]
    if isinstance(sheet, str) and sheet in sheets:
        return sheet
    raise InputError(f"{display_text} has no sheet '{sheet}'", f"its sheets are {join_names(sheets)}")
