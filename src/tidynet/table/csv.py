"""Separated text (CSV, TSV and similar) into a lazy frame."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from tidynet.core.text import join_list, pluralize
from tidynet.table.convert_values import convert_columns
from tidynet.table.csv_dialect import CsvDialect, detect_dialect, first_records, is_regular, repair_rows
from tidynet.table.dialect import Dialect, separator_name
from tidynet.table.header_detection import count_header_rows, remove_comments, write_single_header
from tidynet.table.read_options import ReadOptions, ScannedFile
from tidynet.table.text_encoding import NotUtf8, check_is_text, convert_cp1252, convert_to_utf8
from tidynet.table.to_polars import check_unique_names


def scan_delimited(path: Path, label: str, *, folder: Path, options: ReadOptions, preferred: str = ",") -> ScannedFile:
    """Read separated text lazily, every column with the type that fits all its values."""
    path, encoding = convert_to_utf8(path, label, options.encoding, folder)
    try:
        return _scan_utf8(path, label, options, folder, preferred, encoding)
    except NotUtf8:
        copy = convert_cp1252(path, folder) if options.encoding is None else None
        if copy is None:
            raise
    return _scan_utf8(copy, label, options, folder, preferred, "cp1252")


def _scan_utf8(
    path: Path, label: str, options: ReadOptions, folder: Path, preferred: str, encoding: str
) -> ScannedFile:
    check_is_text(path, label)
    path, n_comments = remove_comments(path, label, options.comment, folder)
    dialect = detect_dialect(path, label, preferred, options.separator)
    n_header_rows = options.header_rows
    if n_header_rows is None:
        n_header_rows = count_header_rows(first_records(path, dialect.separator))
    if n_header_rows != 1:
        is_regular(path, label, dialect)  # raises if the file is not text
        path = write_single_header(path, dialect.separator, n_header_rows, dialect.width, folder)
        dialect = detect_dialect(path, label, preferred, dialect.separator)
    names = [name or f"column_{position}" for position, name in enumerate(dialect.names, start=1)]
    check_unique_names(names, label)
    separator, skipped = dialect.separator, []
    if not is_regular(path, label, dialect):
        repaired = folder / "repaired.csv"
        skipped = repair_rows(path, label, dialect, options.on_bad_lines, repaired)
        path, separator = repaired, ","
    rows = pl.scan_csv(path, separator=separator, infer_schema=False, new_columns=names, glob=False)
    converted = convert_columns(rows, options, dialect.separator)
    notes = _notes(dialect, options, preferred, encoding, n_comments, n_header_rows)
    if skipped:
        notes.append(f"the reader skipped {pluralize(len(skipped), 'bad line')}: {join_list(skipped, 5)}")
    written = _dialect(dialect, options, encoding, n_comments, n_header_rows)
    return ScannedFile(converted.frame, (*notes, *converted.notes), written, converted.column_formats)


def _notes(
    dialect: CsvDialect, options: ReadOptions, preferred: str, encoding: str, n_comments: int, n_header_rows: int
) -> list[str]:
    """What differs from a plain file and was detected, not set."""
    notes = []
    if encoding != "utf-8" and options.encoding is None:
        notes.append(f"the encoding is {encoding}, not UTF-8")
    if n_comments and options.comment is None:
        notes.append(f"the reader skipped {pluralize(n_comments, 'comment line')} starting with '#'")
    if dialect.separator != preferred and options.separator is None:
        notes.append(f"the separator is '{separator_name(dialect.separator)}'")
    if n_header_rows > 1 and options.header_rows is None:
        notes.append(f"the header has {n_header_rows} rows; each column name joins their cells")
    if not n_header_rows and options.header_rows is None:
        notes.append("the file has no header row; columns are numbered (--read-option header_rows=1 if row 1 is one)")
    return notes


def _dialect(dialect: CsvDialect, options: ReadOptions, encoding: str, n_comments: int, n_header_rows: int) -> Dialect:
    return Dialect(
        "separated text",
        encoding=encoding,
        separator=dialect.separator,
        quote='"',
        comment=options.comment or ("#" if n_comments else None),
        header_rows=n_header_rows,
        decimal=options.decimal,
        thousands=options.thousands,
        date_order=options.date_order,
        na_values=tuple(options.na_values),
    )
