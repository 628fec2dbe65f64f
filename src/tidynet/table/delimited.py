"""Separated text (CSV and its kin) into a lazy frame."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from tidynet.table.frames import refuse_duplicates
from tidynet.table.records import is_regular, layout, repaired
from tidynet.table.text_file import refuse_binary
from tidynet.table.typed import typed

__all__ = ["scan_delimited"]

_LINES_NAMED = 5


def scan_delimited(
    path: Path, shown: str, *, ragged: str, folder: Path, preferred: str = ","
) -> tuple[pl.LazyFrame, tuple[str, ...]]:
    """Read separated text lazily, every column with the type that all its values have.

    Parameters
    ----------
    path : Path
        The file, uncompressed.
    shown : str
        The file's name in sentences.
    ragged : {"error", "skip"}
        What to do with rows of another width than the header.
    folder : Path
        A folder for a repaired copy, which must outlive the frame.
    preferred : str, default ","
        The separator that the file's ending promises.

    Returns
    -------
    tuple of pl.LazyFrame and tuple of str
        The frame and notes on what reading did.

    Raises
    ------
    FileFault
        If the file is not text, or its rows are ragged.
    InputError
        If two columns have one name.
    """
    refuse_binary(path, shown)
    form = layout(path, shown, preferred)
    names = [name or f"column_{position}" for position, name in enumerate(form.names, start=1)]
    refuse_duplicates(names, shown)
    separator = form.separator
    notes: tuple[str, ...] = ()
    if not is_regular(path, shown, form):
        clean = folder / "repaired.csv"
        notes = _on_skipped(repaired(path, shown, form, ragged, clean))
        path, separator = clean, ","
    frame = pl.scan_csv(path, separator=separator, infer_schema=False, new_columns=names, glob=False)
    frame, more = typed(frame, decimal_comma=form.separator == ";")
    if form.separator != preferred:
        notes = (f"the fields are separated by '{form.separator}'".replace("\t", "tab"), *notes)
    return frame, (*notes, *more)


def _on_skipped(lines: list[int]) -> tuple[str, ...]:
    if not lines:
        return ()
    named = ", ".join(str(line) for line in lines[:_LINES_NAMED])
    more = f" and {len(lines) - _LINES_NAMED} more" if len(lines) > _LINES_NAMED else ""
    rows, line = ("row was", "line") if len(lines) == 1 else ("rows were", "lines")
    return (f"{len(lines)} ragged {rows} left out ({line} {named}{more})",)
