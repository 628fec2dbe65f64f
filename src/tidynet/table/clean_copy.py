"""A regular copy of an irregular text, with an account of every line that was left out or changed."""

from __future__ import annotations

import csv
import itertools
import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from tidynet.core.errors import FileReadError
from tidynet.core.text import join_list, pluralize
from tidynet.table.cell_patterns import is_typed
from tidynet.table.footer_lines import is_note
from tidynet.table.split_fields import FieldSyntax, split_fields
from tidynet.table.table_lines import TableLines, begins_second_table, describe_lines, second_table_error
from tidynet.table.text_records import Record, RecordReader

_MARKS_OF_LINES = "#( \t"  # of comments, of counts of rows, of cells that are blank
# A cell without quotes, or one that a spreadsheet wrote as a formula to keep its text: ="00123".
_QUOTES_FIT = re.compile(r'[^"]*|="[^"]*"')


@dataclass(frozen=True, slots=True)
class CleaningRules:
    """How irregular lines are treated."""

    on_bad_lines: str = "error"
    comment: str = ""  # the start of comment lines
    is_comment_set: bool = False  # by the user: then every line that begins so is a comment
    footer_lines: int | None = None


@dataclass
class Account:
    """The lines that were left out or read in another way."""

    bad: list[int] = field(default_factory=list)
    filled: list[int] = field(default_factory=list)
    comments: list[int] = field(default_factory=list)
    blank: list[int] = field(default_factory=list)
    headers: list[int] = field(default_factory=list)
    excess: list[int] = field(default_factory=list)
    stray: list[int] = field(default_factory=list)
    escaped: list[int] = field(default_factory=list)
    footers: list[Record] = field(default_factory=list)
    empty: list[int] = field(default_factory=list)  # rows without a value
    padding: list[int] = field(default_factory=list)  # such rows below the last one with a value
    cut_footer: int = 0


class CleanCopy:
    """Writes the rows of a text as regular CSV."""

    def __init__(self, path: Path, label: str, syntax: FieldSyntax, table: TableLines, rules: CleaningRules) -> None:
        self.path, self.label, self.syntax, self.table, self.rules = path, label, syntax, table, rules
        self.account = Account(stray=list(table.stray_quotes))
        self._pending: list[Record] = []  # notes below the table, unless a row follows
        self._blank: list[Record] = []  # blank lines below the table, unless a row follows

    def write(self, target: Path) -> None:
        """Write the copy; raises at the first line that has no place in the table."""
        with (
            self.path.open(encoding="utf-8-sig", newline="") as source,
            target.open("w", encoding="utf-8", newline="") as copy,
        ):
            writer = csv.writer(copy, lineterminator="\n")
            writer.writerow(self.table.names)
            writer.writerows(self._rows(source))

    def _rows(self, source: Iterable[str]) -> Iterator[list[str]]:
        lines = self._without_footer(iter(source))
        above = self.table.body_line - 1
        body = itertools.islice(lines, above, None)
        reader = RecordReader(body, self.syntax, self.table.width, self.table.typed, line=above)
        for record in reader:
            if self._is_plain(record):
                yield record.cells
                continue
            if record.is_empty:
                self._blank.append(record)
                continue
            if self._is_comment(record):
                self.account.comments.append(record.line)
                continue
            record = self._without_excess(record)
            if self._repeats_header(record):
                self.account.headers.append(record.line)
                continue
            is_apart = bool(self._blank or self._pending)
            if self.rules.footer_lines is None and is_note(record, self.table.width, is_apart=is_apart):
                self._pending.append(record)
                continue
            if self._blank and begins_second_table(record, self.table):
                raise second_table_error(self.label, record, 1 + sum(1 for _ in lines))
            yield from self._within()
            if self._fits(record):
                yield record.cells
        self.account.footers = self._pending
        self.account.padding = [record.line for record in self._blank if len(record.cells) > 1]

    def _is_plain(self, record: Record) -> bool:
        """Whether a record is certainly a row, as nearly all are."""
        cells = record.cells
        return (
            len(cells) == self.table.width > 1
            and bool(cells[0] and cells[1])
            and cells[0][0] not in _MARKS_OF_LINES
            and ":" not in cells[0]
            and cells[0] != self.table.names[0]
            and not (self._blank or self._pending or record.has_stray_quote or record.is_open or self.rules.comment)
            and not cells[1].isspace()
        )

    def _without_footer(self, lines: Iterator[str]) -> Iterator[str]:
        """The lines without as many at the end as the user said."""
        held: deque[str] = deque()
        for line in lines:
            held.append(line)
            if len(held) > (self.rules.footer_lines or 0):
                yield held.popleft()
        self.account.cut_footer = len(held)

    def _within(self) -> Iterator[list[str]]:
        """A row follows: the blank lines and notes before it stand within the table."""
        for record in self._blank:
            if len(record.cells) == self.table.width:
                self.account.empty += [record.line] * (self.table.width > 1)
                yield record.cells
            else:
                self.account.blank.append(record.line)
        for record in self._pending:
            if self._fits(record):
                yield record.cells
        self._blank, self._pending = [], []

    def _is_comment(self, record: Record) -> bool:
        mark = self.rules.comment or "#"
        if self.rules.comment == "" and self.rules.is_comment_set:
            return False
        if not record.text.lstrip().startswith(mark):
            return False
        if self.rules.is_comment_set or (len(record.cells) != self.table.width and record.cells[0].strip() != mark):
            return True
        if not self.rules.comment:
            return False
        return self.table.width == 1 or (0 in self.table.typed and not is_typed(record.cells[0]))

    def _without_excess(self, record: Record) -> Record:
        """The record with backslashes read as escapes and without empty fields beyond the last column, if needed."""
        width = self.table.width
        if len(record.cells) != width or record.has_stray_quote:
            record = self._read_escapes(record)
        if record.is_open:
            raise FileReadError(
                f"line {record.line} of {self.label} opens a quote that is never closed",
                'write a quote inside a quoted field twice ("")',
            )
        is_excess = len(record.cells) > width and not any(cell.strip() for cell in record.cells[width:])
        if is_excess and (self.table.ends_with_separators or self._ends_typed(record)):
            self.account.excess.append(record.line)
            record = record._replace(cells=record.cells[:width])
        return record

    def _ends_typed(self, record: Record) -> bool:
        """Whether the last column shows that no cell of a record stands in another column's place."""
        typed = self.table.typed
        return self.table.width - 1 in typed and all(is_typed(record.cells[column]) for column in typed)

    def _read_escapes(self, record: Record) -> Record:
        if self.syntax.escape or "\\" not in record.text or not self.syntax.quote:
            return record
        fields = split_fields(record.text, replace(self.syntax, escape="\\"))
        if len(fields.cells) != self.table.width or fields.has_stray_quote or fields.is_open:
            return record
        self.account.escaped.append(record.line)
        return record._replace(cells=fields.cells, has_stray_quote=False)

    def _repeats_header(self, record: Record) -> bool:
        names = tuple(cell.strip() for cell in record.cells)
        return (
            self.table.width > 1
            and self.table.header_rows == 1
            and names == self.table.names
            and bool(self.table.typed)
        )

    def _fits(self, record: Record) -> bool:
        """Whether a record has a place in the table; raises if it has none and bad lines are not skipped."""
        width, n_fields = self.table.width, len(record.cells)
        if n_fields == width:
            if record.has_stray_quote and not all(_QUOTES_FIT.fullmatch(cell) for cell in record.cells):
                self.account.stray.append(record.line)
            return True
        if self.rules.on_bad_lines == "fill" and n_fields < width:
            self.account.filled.append(record.line)
            record.cells.extend([""] * (width - n_fields))
            return True
        if self.rules.on_bad_lines == "skip":
            self.account.bad.append(record.line)
            return False
        quotes = " and a quote inside a cell" if record.has_stray_quote else ""
        skip = "such lines with `--on-bad-lines skip`"
        raise FileReadError(
            f"line {record.line} of {self.label} has {pluralize(n_fields, 'field')}{quotes}, "
            f"expected {width} as in the {'header' if self.table.header_rows else 'other lines'}",
            f"correct the line, or skip {skip}"
            if n_fields > width
            else f"fill short lines with `--on-bad-lines fill`, or skip {skip}",
        )


def cleaning_notes(account: Account, comment: str, above: Sequence[int]) -> list[str]:
    """What the copy left out or read in another way, in sentences."""
    skipped = [
        (account.bad, "bad line", ""),
        (account.headers, "repeated header", ""),
        (account.blank, "blank line", ""),
        (account.padding, "line", " without a value below the table"),
    ]
    notes = [
        f"the reader skipped {pluralize(len(lines), what)}{more}: {join_list(lines, 5)}"
        for lines, what, more in skipped
        if lines
    ]
    comments = [*above, *account.comments]
    if comments:
        lines = pluralize(len(comments), "comment line")
        notes.append(f"the reader skipped {lines} starting with '{comment}': {join_list(comments, 5)}")
    if account.footers:
        below = pluralize(len(account.footers), "line")
        notes.append(f"the reader skipped {below} below the table: {describe_lines(account.footers)}")
    read_as = [
        (account.empty, "row", "without any value"),
        (account.filled, "shorter line", "filled with missing values"),
        (account.excess, "line", "ending with a separator too many, which was ignored"),
        (account.stray, "line", "with a quote inside a cell, read as a letter"),
        (account.escaped, "line", "with a backslash before a quote, read as an escape"),
    ]
    notes += [f"{pluralize(len(lines), what)} {how}: {join_list(lines, 5)}" for lines, what, how in read_as if lines]
    return notes
