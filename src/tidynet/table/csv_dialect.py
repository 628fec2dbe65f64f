"""The dialect of a separated text file, and whether every row has the width of its header."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tidynet.core.errors import FileReadError
from tidynet.core.text import pluralize
from tidynet.table.text_encoding import utf8_blocks

SEPARATORS = (",", ";", "\t", "|")
_HEAD = 1 << 16
_RECORDS_TRIED = 50
_LINE_END, _RETURN, _QUOTE = 10, 13, 34
_Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class CsvDialect:
    """How a separated text file is written: its separator, and the names in its header."""

    separator: str
    names: tuple[str, ...]

    @property
    def width(self) -> int:
        """The number of columns."""
        return len(self.names)


def detect_dialect(path: Path, label: str, preferred: str = ",", separator: str | None = None) -> CsvDialect:
    """Find the separator and the header of a file from its beginning."""
    head = _head(path)
    candidates = (preferred, *SEPARATORS) if separator is None else (separator,)
    records = {candidate: _records(head, candidate) for candidate in candidates}
    headers = {candidate: found[0] for candidate, found in records.items() if found}
    if not headers:
        raise FileReadError(
            f"{label} contains only blank lines, expected a header and rows", "check how it was written"
        )
    if separator is not None:
        return CsvDialect(separator, tuple(headers[separator]))
    splitting = [candidate for candidate, names in headers.items() if len(names) > 1]
    if preferred != "," and preferred in splitting:
        return CsvDialect(preferred, tuple(headers[preferred]))
    best = max(splitting, key=lambda candidate: _width_consistency(records[candidate]), default=",")
    return CsvDialect(best, tuple(headers[best]))


def first_records(path: Path, separator: str) -> list[list[str]]:
    """The records of a file's beginning, fields stripped, blank lines dropped."""
    return _records(_head(path), separator)


def _head(path: Path) -> str:
    with path.open("rb") as file:
        head = b""
        while more := file.read(_HEAD):
            head += more
            if b"\n" in head:
                break
        if more:
            head = head[: head.rfind(b"\n") + 1] or head
    return head.decode("utf-8-sig", errors="replace")


def _records(head: str, separator: str) -> list[list[str]]:
    records: list[list[str]] = []
    try:
        for record in csv.reader(io.StringIO(head, newline=""), delimiter=separator):
            if any(field.strip() for field in record) or (len(record) > 1 and records):
                records.append([field.strip() for field in record])
            if len(records) == _RECORDS_TRIED:
                break
    except csv.Error:
        return records
    return records


def _width_consistency(records: list[list[str]]) -> tuple[float, int]:
    width = len(records[0])
    return sum(len(record) == width for record in records) / len(records), width


def is_regular(path: Path, label: str, dialect: CsvDialect) -> bool:
    """Whether a fast reader reads the file correctly without repair, from one pass in bounded memory.

    Regular: UTF-8, every record as wide as the header, no blank line, quotes around whole fields, line feeds.
    """
    counter = _FieldCounter(ord(dialect.separator), dialect.width)
    regular = True
    for block in utf8_blocks(path, label):
        # The pass continues after an irregular block, because it also checks that the file is text.
        regular = regular and counter.is_regular(np.frombuffer(block, dtype=np.uint8))
    return regular and counter.is_complete()


class _FieldCounter:
    """Counts the fields of each record over blocks of bytes."""

    def __init__(self, separator: int, width: int) -> None:
        self.separator, self.width = separator, width
        self.pending = 0  # bytes of a record that the last block left open
        self.fields = 0  # separators of that record so far
        self.in_quotes = False

    def is_regular(self, block: _Bytes) -> bool:
        """Count one block; False if it is irregular."""
        marks = np.flatnonzero((block == self.separator) | (block == _LINE_END))
        quotes = np.flatnonzero(block == _QUOTE)
        if quotes.size or self.in_quotes:
            if not self._quotes_enclose_fields(block, quotes):
                return False
            inside = (np.searchsorted(quotes, marks) + self.in_quotes) % 2 == 1
            marks = marks[~inside]
            self.in_quotes = bool((quotes.size + self.in_quotes) % 2)
        if not self._returns_end_lines(block):
            return False
        is_end = block[marks] == _LINE_END
        ends = np.flatnonzero(is_end)
        if not ends.size:
            self.fields += marks.size
            self.pending += block.size
            return True
        separators = np.diff(ends, prepend=-1) - 1
        separators[0] += self.fields
        lengths = np.diff(marks[ends], prepend=-1) - 1
        lengths[0] += self.pending
        self.fields = int(marks.size - ends[-1] - 1)
        self.pending = int(block.size - marks[ends[-1]] - 1)
        return bool((separators == self.width - 1).all()) and (self.width == 1 or bool((lengths > 1).all()))

    def is_complete(self) -> bool:
        """Whether the last line is complete, with or without a line end."""
        return not self.in_quotes and (not self.pending or self.fields == self.width - 1)

    def _quotes_enclose_fields(self, block: _Bytes, quotes: npt.NDArray[np.intp]) -> bool:
        opening = (np.arange(quotes.size) + self.in_quotes) % 2 == 0
        before = block[quotes[opening] - 1]
        before = np.where(quotes[opening] == 0, _LINE_END, before)
        after = np.append(block, np.uint8(_LINE_END))[quotes[~opening] + 1]
        edges = (self.separator, _LINE_END, _QUOTE)
        return bool(np.isin(before, edges).all()) and bool(np.isin(after, (*edges, _RETURN)).all())

    def _returns_end_lines(self, block: _Bytes) -> bool:
        returns = np.flatnonzero(block == _RETURN)
        if not returns.size:
            return True
        after = np.append(block, np.uint8(_LINE_END))[returns + 1]
        return bool((after == _LINE_END).all())


def repair_rows(path: Path, label: str, dialect: CsvDialect, on_bad_lines: str, target: Path) -> list[int]:
    """Write a regular copy of an irregular file; the numbers of the bad lines that were skipped."""
    skipped: list[int] = []
    with path.open(encoding="utf-8-sig", newline="") as source, target.open("w", encoding="utf-8", newline="") as copy:
        writer = csv.writer(copy, lineterminator="\n")
        has_begun = False
        for line, record in _numbered_records(source, label, dialect.separator):
            is_blank = not any(field.strip() for field in record)
            has_begun = has_begun or not is_blank
            if not has_begun:
                continue
            if len(record) == dialect.width:
                writer.writerow(record)
            elif dialect.width == 1 and not record:
                writer.writerow([""])
            elif is_blank and len(record) < 2:
                continue
            elif on_bad_lines == "skip":
                skipped.append(line)
            else:
                n_fields = pluralize(len(record), "field")
                raise FileReadError(
                    f"line {line} of {label} has {n_fields}, expected {dialect.width} as in the header",
                    "correct the line, or skip such lines with `--on-bad-lines skip`",
                )
    return skipped


def _numbered_records(source: io.TextIOWrapper, label: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Records with the number of the line on which each begins."""
    n_quotes = 0

    def lines() -> Iterator[str]:
        nonlocal n_quotes
        for text in source:
            n_quotes += text.count('"')
            yield text

    reader = csv.reader(lines(), delimiter=separator, strict=True)
    line = 1
    try:
        for record in reader:
            yield line, record
            line, n_quotes = reader.line_num + 1, 0
    except csv.Error as error:
        problem = "opens a quote that is never closed" if n_quotes % 2 else "has text after a closing quote"
        raise FileReadError(
            f"line {line} of {label} {problem}", 'write a quote inside a quoted field twice ("")'
        ) from error
