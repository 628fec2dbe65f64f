"""The records of a separated text file: separator, header, and whether every row has the header's width."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tidynet.core.errors import FileReadError
from tidynet.table.text_detection import blocks

__all__ = ["CsvDialect", "detect_dialect", "first_records", "is_regular", "repair_rows"]

SEPARATORS = (",", ";", "\t", "|")
_HEAD = 1 << 16
_RECORDS_TRIED = 50
_LINE_END, _RETURN, _QUOTE = 10, 13, 34


@dataclass(frozen=True, slots=True)
class CsvDialect:
    """How a separated text file is laid out: what parts its fields, and the header's names."""

    separator: str
    names: tuple[str, ...]

    @property
    def width(self) -> int:
        """The number of columns."""
        return len(self.names)


def detect_dialect(path: Path, display_text: str, preferred: str = ",", separator: str | None = None) -> CsvDialect:
    """Find the separator and the header of a file from its beginning."""
    head = _head(path)
    marks = (preferred, *SEPARATORS) if separator is None else (separator,)
    tried = {mark: _records(head, mark) for mark in marks}
    headers = {separator: records[0] for separator, records in tried.items() if records}
    if not headers:
        raise FileReadError(f"{display_text} holds nothing but blank lines", "expected a header and rows")
    if separator is not None:
        return CsvDialect(separator, tuple(headers[separator]))
    splitting = [mark for mark, names in headers.items() if len(names) > 1]
    if preferred != "," and preferred in splitting:
        return CsvDialect(preferred, tuple(headers[preferred]))
    best = max(splitting, key=lambda mark: _width_consistency(tried[mark]), default=",")
    return CsvDialect(best, tuple(headers[best]))


def first_records(path: Path, separator: str) -> list[list[str]]:
    """The records of a file's beginning, fields stripped, blank lines left out."""
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


def is_regular(path: Path, display_text: str, form: CsvDialect) -> bool:
    """Whether a fast reader will read the file rightly as it stands.

    The file is regular if it is UTF-8, every record has the header's width, no line is blank, quotes
    stand around whole fields only, and lines end with a line feed. One pass, in bounded memory.
    """
    counter = _Counter(ord(form.separator), form.width)
    regular = True
    for block in blocks(path, display_text):
        # The pass goes on after an irregular block, since it also checks that the file is text.
        regular = regular and counter.take(np.frombuffer(block, dtype=np.uint8))
    return regular and counter.ends_well()


class _Counter:
    """Counts the fields of each record over blocks of bytes."""

    def __init__(self, separator: int, width: int) -> None:
        self.separator, self.width = separator, width
        self.pending = 0  # bytes of a record that the last block left open
        self.fields = 0  # separators of that record so far
        self.quoted = False

    def take(self, block: np.ndarray[tuple[int], np.dtype[np.uint8]]) -> bool:
        """Count one block; False as soon as it is irregular."""
        marks = np.flatnonzero((block == self.separator) | (block == _LINE_END))
        quotes = np.flatnonzero(block == _QUOTE)
        if quotes.size or self.quoted:
            if not self._quotes_stand_well(block, quotes):
                return False
            inside = (np.searchsorted(quotes, marks) + self.quoted) % 2 == 1
            marks = marks[~inside]
            self.quoted = bool((quotes.size + self.quoted) % 2)
        if not self._returns_stand_well(block):
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

    def ends_well(self) -> bool:
        """Whether the last line, which may lack its line end, is whole too."""
        return not self.quoted and (not self.pending or self.fields == self.width - 1)

    def _quotes_stand_well(
        self,
        block: np.ndarray[tuple[int], np.dtype[np.uint8]],
        quotes: np.ndarray[tuple[int], np.dtype[np.intp]],
    ) -> bool:
        opening = (np.arange(quotes.size) + self.quoted) % 2 == 0
        before = block[quotes[opening] - 1]
        before = np.where(quotes[opening] == 0, _LINE_END, before)
        after = np.append(block, np.uint8(_LINE_END))[quotes[~opening] + 1]
        edges = (self.separator, _LINE_END, _QUOTE)
        return bool(np.isin(before, edges).all()) and bool(np.isin(after, (*edges, _RETURN)).all())

    def _returns_stand_well(self, block: np.ndarray[tuple[int], np.dtype[np.uint8]]) -> bool:
        returns = np.flatnonzero(block == _RETURN)
        if not returns.size:
            return True
        after = np.append(block, np.uint8(_LINE_END))[returns + 1]
        return bool((after == _LINE_END).all())


def repair_rows(path: Path, display_text: str, form: CsvDialect, ragged: str, clean: Path) -> list[int]:
    """Write a regular copy of an irregular file, row by row; refuse or leave out ragged rows."""
    skipped: list[int] = []
    with (
        path.open(encoding="utf-8-sig", newline="") as source,
        clean.open("w", encoding="utf-8", newline="") as copy,
    ):
        writer = csv.writer(copy, lineterminator="\n")
        begun = False
        for line, record in _numbered(source, display_text, form.separator):
            begun = begun or any(field.strip() for field in record)
            if not begun:
                continue
            if len(record) == form.width:
                writer.writerow(record)
            elif form.width == 1 and not record:
                writer.writerow([""])
            elif not any(field.strip() for field in record) and len(record) < 2:
                continue
            elif ragged == "skip":
                skipped.append(line)
            else:
                raise _bad_lines_error(display_text, line, len(record), form.width)
    return skipped


def _numbered(source: io.TextIOWrapper, display_text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Records with the line that each begins on."""
    reader = csv.reader(source, delimiter=separator, strict=True)
    line = 1
    try:
        for record in reader:
            yield line, record
            line = reader.line_num + 1
    except csv.Error as error:
        unclosed = "unexpected end" in str(error) or "field limit" in str(error)
        problem = "opens a quote that never closes" if unclosed else "has text after a closing quote"
        raise FileReadError(
            f"line {line} of {display_text} {problem}", 'write a quote inside a quoted field twice ("")'
        ) from error


def _bad_lines_error(display_text: str, line: int, fields: int, width: int) -> FileReadError:
    has = f"{fields} field{'' if fields == 1 else 's'}"
    return FileReadError(
        f"line {line} of {display_text} has {has}, expected {width} as in the header",
        "mend the line, or leave such lines out with `--on-bad-lines skip`",
    )
