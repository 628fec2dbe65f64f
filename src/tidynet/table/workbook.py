"""A sheet of an Excel workbook into a lazy frame."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from tidynet.errors import FileFault, InputError, listed
from tidynet.table.frames import refuse_duplicates, settled
from tidynet.table.reading import Scanned
from tidynet.table.typed import typed

__all__ = ["scan_workbook"]


def scan_workbook(path: Path, shown: str, sheet: str | int | None, codes: Sequence[str] = ()) -> Scanned:
    """Read one sheet of a workbook, and note which other sheets there are.

    Parameters
    ----------
    path : Path
        The workbook.
    shown : str
        Its name in sentences.
    sheet : str, int or None
        The sheet by name or by number from 1; the first by default.
    codes : sequence of str, optional
        Columns of codes, in which "NA" is one.

    Returns
    -------
    Scanned
        The frame and notes.

    Raises
    ------
    FileFault
        If the file is no workbook, or the sheet is empty.
    InputError
        If there is no such sheet, or two columns have one name.
    """
    import fastexcel

    # It warns of empty columns on standard error, which would break the command's own lines.
    logging.getLogger("fastexcel").addHandler(logging.NullHandler())
    try:
        sheets = fastexcel.read_excel(path).sheet_names
    except (fastexcel.FastExcelError, OSError) as error:
        raise FileFault(f"{shown} cannot be read as a workbook", "open it and save it again as .xlsx") from error
    name = _sheet_name(sheets, sheet, shown)
    options: dict[str, Any] = {"sheet_name": name, "raise_if_empty": False}
    top = pl.read_excel(path, has_header=False, read_options={"n_rows": 1}, infer_schema_length=None, **options)
    if top.is_empty():
        raise FileFault(f"the sheet '{name}' of {shown} is empty", "expected a header and rows")
    cells = [str(cell).strip() if cell is not None else "" for cell in top.row(0)]
    refuse_duplicates([cell or f"column_{position}" for position, cell in enumerate(cells, start=1)], shown)
    frame = pl.read_excel(path, infer_schema_length=None, **options)
    if frame.width == len(cells):
        frame.columns = [cell or f"column_{position}" for position, cell in enumerate(cells, start=1)]
    typed_frame, notes = typed(settled(frame.lazy()), codes=codes)
    others = [other for other in sheets if other != name]
    if others and sheet is None:
        notes = (f"the sheet '{name}' was read; there are also {listed(others)}", *notes)
    return Scanned(typed_frame, notes, {"format": "workbook", "sheet": name})


def _sheet_name(sheets: list[str], sheet: str | int | None, shown: str) -> str:
    if sheet is None:
        return sheets[0]
    if isinstance(sheet, int) and 1 <= sheet <= len(sheets):
        return sheets[sheet - 1]
    if isinstance(sheet, str) and sheet in sheets:
        return sheet
    raise InputError(f"{shown} has no sheet '{sheet}'", f"its sheets are {listed(sheets)}")
