"""Separated text (CSV, TSV and similar) into a lazy frame."""

from __future__ import annotations

import csv
import io
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from tidynet.core.errors import FileReadError
from tidynet.core.text import pluralize
from tidynet.table.clean_copy import CleanCopy, CleaningRules, cleaning_notes
from tidynet.table.comment_lines import blank_comments, with_commented_header
from tidynet.table.convert_values import convert_columns
from tidynet.table.dialect import Dialect, separator_name
from tidynet.table.drawn_tables import without_lines
from tidynet.table.footer_lines import is_note
from tidynet.table.guess_encoding import guess_encoding
from tidynet.table.header_detection import typed_columns
from tidynet.table.read_options import ReadOptions, ScannedFile
from tidynet.table.regular_file import RowShape, is_regular
from tidynet.table.separators import detect_syntax, may_have_separator
from tidynet.table.split_fields import FieldSyntax, split_without_quotes
from tidynet.table.table_edges import without_empty_columns, without_total
from tidynet.table.table_lines import TableLines, describe_lines, find_table
from tidynet.table.text_encoding import NotUtf8, check_is_text, convert_to_utf8, utf8_blocks, utf8_head
from tidynet.table.text_records import Record, RecordReader

_LINES_TRIED, _FIRST_LINES = 300, 60
_TAIL, _LINES_OF_TAIL = 1 << 14, 3
_SEPARATOR_LINE = re.compile(r"\ufeff?\"?sep=(.)\"?\s*", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Text:
    """A text file as far as its first lines show how it is written."""

    path: Path
    label: str
    encoding: str
    syntax: FieldSyntax
    table: TableLines
    comment: str  # the start of comment lines, "" without any
    comments: tuple[int, ...]  # their line numbers above the header
    evidence: str
    declares_separator: bool
    has_lone_returns: bool  # carriage returns alone end lines
    may_have_fields: bool  # the table has one column, but its lines hold a mark that may separate fields


@dataclass(frozen=True, slots=True)
class _Rows:
    """A regular file of the table's rows, and what was done to make it so."""

    path: Path
    separator: str
    notes: tuple[str, ...] = ()
    n_footers: int = 0
    escape: str = ""


def scan_delimited(path: Path, label: str, *, folder: Path, options: ReadOptions, preferred: str = ",") -> ScannedFile:
    """Read separated text lazily, every column with the type that fits all its values."""
    path, encoding = convert_to_utf8(path, label, options.encoding, folder)
    try:
        return _scan_utf8(path, label, options, folder, preferred, encoding)
    except NotUtf8 as error:
        if options.encoding is not None:
            raise
        guess = guess_encoding(path)
        if guess.name is None:
            raise FileReadError(error.message, guess.hint) from error
    copy, _ = convert_to_utf8(path, label, guess.name, folder)
    return _scan_utf8(copy, label, options, folder, preferred, guess.name, guess.evidence)


def _scan_utf8(
    path: Path, label: str, options: ReadOptions, folder: Path, preferred: str, encoding: str, evidence: str = ""
) -> ScannedFile:
    check_is_text(path, label)
    drawn = without_lines(path, folder) if options.separator in (None, "|") else None
    text = _examine(drawn or path, label, options, preferred, encoding)
    found = _regular_rows(text, options, folder)
    names = list(text.table.names)
    rows = pl.scan_csv(found.path, separator=found.separator, infer_schema=False, new_columns=names, glob=False)
    rows, total_notes = without_total(rows, _last_row(found), options, found.separator)
    rows, empty_notes = without_empty_columns(rows, text.table.unnamed, has_header=text.table.header_rows > 0)
    converted = convert_columns(rows, options, text.syntax.separator)
    drawn_note = ("the table is drawn with lines, which the reader skipped",) if drawn else ()
    notes = (
        *drawn_note,
        *_notes(text, options, preferred, evidence),
        *found.notes,
        *total_notes,
        *empty_notes,
        *converted.notes,
    )
    dialect = _dialect(text, options, found, evidence)
    return ScannedFile(converted.frame, notes, dialect, converted.column_formats)


def _examine(path: Path, label: str, options: ReadOptions, preferred: str, encoding: str) -> _Text:
    """What the first lines of a file show."""
    head = utf8_head(path, label)
    lines = io.StringIO(head, newline="").readlines()[:_LINES_TRIED]
    has_lone_returns = re.search(r"\r(?!\n)", head) is not None
    skip, separator = options.skip_lines or 0, options.separator
    declared = _SEPARATOR_LINE.fullmatch(lines[0]) if lines and options.skip_lines is None else None
    if declared is not None:
        separator, skip = separator or declared[1], 1
    lines = lines[skip:]
    top = blank_comments(lines, options.comment)
    filled = [line for line in top.lines if line.strip()]
    syntax, evidence = detect_syntax(filled[:_FIRST_LINES], preferred, separator, options.quote, options.escape)
    if not evidence and len(filled) > _FIRST_LINES:
        syntax, evidence = detect_syntax(filled, preferred, separator, options.quote, options.escape)
    top = with_commented_header(top, lines, syntax, is_set=options.comment is not None)
    records = _split_records(top.lines, syntax, skip)
    if len(records) > 2 and records[-1].is_open:
        records = records[:-1]
    if top.comments and all(record.is_empty for record in records):
        raise FileReadError(
            f"{label} contains only comments and blank lines, expected a header and rows", "check how it was written"
        )
    mark = top.mark or ("#" if options.comment is None else "")
    records = [record for record in records if not (mark and _is_comment(record.text, mark, top.mark))]
    is_exact, fills = options.skip_lines is not None, options.on_bad_lines == "fill"
    table = find_table(records, label, header_rows=options.header_rows, is_exact=is_exact, fills=fills)
    comment = top.mark if top.comments or options.comment else ""
    comments = tuple(skip + position + 1 for position in top.comments)
    is_single = table.width == 1 and options.separator is None and may_have_separator(filled)
    return _Text(
        path, label, encoding, syntax, table, comment, comments, evidence, declared is not None, has_lone_returns,
        is_single,
    )  # fmt: skip


def _split_records(lines: Sequence[str], syntax: FieldSyntax, skip: int) -> list[Record]:
    """The records of the first lines; a quote in a header that swallows rows is a letter."""
    records = list(RecordReader(lines, syntax, line=skip))
    first = next((record for record in records if not record.is_empty), None)
    if first is None or (first.n_lines < 2 and not first.is_open):
        return records
    bare = [split_without_quotes(line.rstrip("\r\n"), syntax) for line in lines if line.strip()]
    width = len(bare[0])
    typed = typed_columns([cells for cells in bare[1:] if len(cells) == width])
    return list(RecordReader(lines, syntax, width, typed, line=skip))


def _is_comment(text: str, mark: str, active: str) -> bool:
    return bool(active) and text.lstrip().startswith(mark + " ")


def _regular_rows(text: _Text, options: ReadOptions, folder: Path) -> _Rows:
    """The file itself, a copy with another top, or a copy of which every line was read with care."""
    table, syntax = text.table, text.syntax
    is_fast = syntax.quote == '"' and len(syntax.separator) == 1 and not syntax.escape and syntax.separator != " "
    if is_fast and not (text.comment or options.footer_lines or text.has_lone_returns):
        path = text.path if table.is_plain else _with_simple_top(text, folder)
        header = b"" if table.header_rows != 1 else _first_line(path)
        shape = RowShape(syntax.separator, table.width, header)
        regular = is_regular(path, text.label, shape, 1 if table.is_plain else table.body_line - 1)
        if regular and not _ends_with_note(path, syntax, table.width, options):
            return _Rows(path, syntax.separator)
    else:
        for _ in utf8_blocks(text.path, text.label):
            pass
    rules = CleaningRules(options.on_bad_lines, text.comment, options.comment is not None, options.footer_lines)
    clean = CleanCopy(text.path, text.label, syntax, table, rules)
    copy = folder / "clean.csv"
    clean.write(copy)
    account = clean.account
    notes = cleaning_notes(account, text.comment or "#", text.comments)
    n_footers = len(account.footers) + account.cut_footer
    return _Rows(copy, ",", tuple(notes), n_footers, "\\" if account.escaped else "")


def _with_simple_top(text: _Text, folder: Path) -> Path:
    """A copy whose first line holds the names."""
    copy = folder / f"one_header{text.path.suffix}"
    with text.path.open("rb") as source, copy.open("wb") as target:
        for _ in range(text.table.body_line - 1):
            source.readline()
        header = io.StringIO()
        csv.writer(header, delimiter=text.syntax.separator, lineterminator="\n").writerow(text.table.names)
        target.write(header.getvalue().encode())
        shutil.copyfileobj(source, target, 1 << 20)
    return copy


def _first_line(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.readline().removeprefix(b"\xef\xbb\xbf")


def _last_row(found: _Rows) -> list[str]:
    """The cells of the last line of a regular file, if it is not the first one."""
    with found.path.open("rb") as file:
        file.seek(max(0, found.path.stat().st_size - _TAIL))
        lines = file.read().decode(errors="replace").splitlines()
    records = list(RecordReader(lines[1:][-_LINES_OF_TAIL:], FieldSyntax(found.separator)))
    return records[-1].cells if records else []


def _ends_with_note(path: Path, syntax: FieldSyntax, width: int, options: ReadOptions) -> bool:
    if options.footer_lines is not None or width < 2:
        return False
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _TAIL))
        lines = file.read().decode(errors="replace").splitlines(keepends=True)[-_LINES_OF_TAIL:]
    records = list(RecordReader(lines, syntax))
    return any(record.is_empty or is_note(record, width, is_apart=False) for record in records)


def _notes(text: _Text, options: ReadOptions, preferred: str, evidence: str) -> list[str]:
    """What differs from a plain file and was detected, not set."""
    notes, table, syntax = [], text.table, text.syntax
    if text.encoding != "utf-8" and options.encoding is None:
        notes.append(f"the encoding is {text.encoding}, not UTF-8" + (f" ({evidence})" if evidence else ""))
    if text.declares_separator:
        notes.append(f"line 1 declares the separator '{separator_name(syntax.separator)}'")
    elif syntax.separator != preferred and options.separator is None and table.width > 1:
        notes.append(f"the separator is '{separator_name(syntax.separator)}'")
    if text.may_have_fields:
        notes.append("each line is one cell, since no separator splits all lines (--separator sets one)")
    if syntax.quote == "'" and options.quote is None:
        notes.append("the quote is a single one (')")
    if syntax.escape and options.escape is None:
        notes.append("a backslash before a mark makes it a letter")
    if table.skipped:
        above = pluralize(len(table.skipped), "line")
        notes.append(f"the reader skipped {above} above the header: {describe_lines(table.skipped)}")
    n_blank = (
        table.skip_lines - (options.skip_lines or 0) - len(table.skipped) - len(text.comments) - text.declares_separator
    )
    if n_blank > 0:
        notes.append(f"the reader skipped {pluralize(n_blank, 'blank line')} above the header")
    if table.header_rows > 1 and options.header_rows is None:
        notes.append(f"the header has {table.header_rows} rows; each column name joins their cells")
    if not table.header_rows and options.header_rows is None:
        notes.append("the file has no header row; columns are numbered (--header-rows 1 if row 1 is one)")
    return [*notes, *table.notes]


def _dialect(text: _Text, options: ReadOptions, found: _Rows, evidence: str) -> Dialect:
    reasons = {"separator": text.evidence, "encoding": evidence}
    return Dialect(
        "separated text",
        encoding=text.encoding,
        separator=text.syntax.separator,
        quote=text.syntax.quote or None,
        escape=text.syntax.escape or found.escape or None,
        comment=text.comment or None,
        skip_lines=text.table.skip_lines,
        header_rows=text.table.header_rows,
        footer_lines=found.n_footers,
        decimal=options.decimal,
        thousands=options.thousands,
        date_order=options.date_order,
        na_values=tuple(options.na_values),
        evidence={name: reason for name, reason in reasons.items() if reason},
    )
