"""Separated text (CSV and its kin) into a lazy frame."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from tidynet.table.convert_types import convert_text_columns
from tidynet.table.csv_dialect import CsvDialect, detect_dialect, first_records, is_regular, repair_rows
from tidynet.table.encodings import convert_to_utf8, from_cp1252
from tidynet.table.header_detection import header_lines, with_one_header, without_comments
from tidynet.table.read_options import ReadOptions, ScannedFile
from tidynet.table.text_detection import NotUtf8, refuse_binary
from tidynet.table.to_polars import refuse_duplicates

__all__ = ["scan_delimited"]

_LINES_NAMED = 5
_SHOWN = {"\t": "tab", " ": "blank"}


def scan_delimited(
    path: Path, display_text: str, *, folder: Path, options: ReadOptions | None = None, preferred: str = ","
) -> ScannedFile:
    """Read separated text lazily, every column with the type that all its values have."""
    text = options or ReadOptions()
    path, encoding = convert_to_utf8(path, display_text, text.encoding, folder)
    try:
        return _scan_utf8(path, display_text, text, folder, preferred, encoding)
    except NotUtf8:
        copy = from_cp1252(path, folder) if text.encoding is None else None
        if copy is None:
            raise
    return _scan_utf8(copy, display_text, text, folder, preferred, "cp1252")


def _scan_utf8(
    path: Path, display_text: str, text: ReadOptions, folder: Path, preferred: str, encoding: str
) -> ScannedFile:
    refuse_binary(path, display_text)
    path, comments = without_comments(path, display_text, text.comment, folder)
    form = detect_dialect(path, display_text, preferred, text.separator)
    first = first_records(path, form.separator)
    headers = header_lines(first) if text.header_rows is None else text.header_rows
    if headers != 1:
        is_regular(path, display_text, form)  # for the sake of what it refuses
        path = with_one_header(path, form.separator, headers, form.width, folder)
        form = detect_dialect(path, display_text, preferred, form.separator)
    names = [name or f"column_{position}" for position, name in enumerate(form.names, start=1)]
    refuse_duplicates(names, display_text)
    separator = form.separator
    skipped: tuple[str, ...] = ()
    if not is_regular(path, display_text, form):
        clean = folder / "repaired.csv"
        skipped = _on_skipped(repair_rows(path, display_text, form, text.on_bad_lines, clean))
        path, separator = clean, ","
    frame = pl.scan_csv(path, separator=separator, infer_schema=False, new_columns=names, glob=False)
    frame, typing = convert_text_columns(
        frame,
        separator=form.separator,
        decimal=text.decimal,
        thousands=text.thousands,
        na_values=text.na_values,
        code_columns=text.code_columns,
    )
    notes = (*_notes(form, text, preferred, encoding, comments, headers), *skipped, *typing)
    return ScannedFile(frame, notes, _detected_options(form, text, encoding, comments, headers))


def _notes(
    form: CsvDialect, text: ReadOptions, preferred: str, encoding: str, comments: int, headers: int
) -> tuple[str, ...]:
    """What was found out that a person would not expect of a plain file."""
    notes = []
    if encoding != "utf-8" and text.encoding is None:
        notes.append(f"the text is not UTF-8 and was read as {encoding}")
    if comments and text.comment is None:
        lines = "1 line that begins" if comments == 1 else f"{comments} lines that begin"
        notes.append(f"{lines} with '#' left out as comments")
    if form.separator != preferred and text.separator is None:
        notes.append(f"the fields are separated by '{_SHOWN.get(form.separator, form.separator)}'")
    if headers > 1 and text.header_rows is None:
        notes.append(f"the header takes {headers} lines, whose cells were joined into one name")
    if not headers and text.header_rows is None:
        notes.append(
            "there is no header, so the columns are numbered (--read-option header_rows=1 if the first line is one)"
        )
    return tuple(notes)


def _detected_options(
    form: CsvDialect, text: ReadOptions, encoding: str, comments: int, headers: int
) -> dict[str, str]:
    return {
        "format": "separated text",
        "encoding": encoding,
        "separator": _SHOWN.get(form.separator, form.separator),
        "decimal": text.decimal or ("." if form.separator == "," else ". or , by column"),
        "comments": f"{comments} lines" if comments else "none",
        "header_rows": str(headers),
        "missing": "the usual spellings" + "".join(f", '{spelling}'" for spelling in text.na_values),
    }


def _on_skipped(lines: list[int]) -> tuple[str, ...]:
    if not lines:
        return ()
    named = ", ".join(str(line) for line in lines[:_LINES_NAMED])
    more = f" and {len(lines) - _LINES_NAMED} more" if len(lines) > _LINES_NAMED else ""
    rows, line = ("row was", "line") if len(lines) == 1 else ("rows were", "lines")
    return (f"{len(lines)} ragged {rows} left out ({line} {named}{more})",)
