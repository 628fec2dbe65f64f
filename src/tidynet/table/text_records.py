"""The records of a text with the numbers of their lines; a quote that swallows whole rows is a letter."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from tidynet.table.cell_patterns import is_missing_cell, is_typed
from tidynet.table.split_fields import FieldSyntax, split_fields, split_without_quotes

_MAX_LINES_OF_A_CELL = 2000


class Record(NamedTuple):
    """The cells of one record, the lines on which it stands, and what is odd about its quotes."""

    line: int
    cells: list[str]
    text: str
    n_lines: int = 1
    has_stray_quote: bool = False
    is_open: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether no cell holds anything."""
        return not any(cell.strip() for cell in self.cells)


@dataclass
class RecordReader:
    """Splits lines into records.

    `width` is the number of columns, 0 if it is not known yet; `typed` are the columns of numbers and dates, by which
    a row that a stray quote swallowed is recognized.
    """

    lines: Iterable[str]
    syntax: FieldSyntax
    width: int = 0
    typed: Sequence[int] = ()
    line: int = 0
    _waiting: deque[str] = field(default_factory=deque)

    def __iter__(self) -> Iterator[Record]:
        source = iter(self.lines)
        while (raw := self._next_raw(source)) is not None:
            first, text = self.line, _bare(raw)
            fields = split_fields(text, self.syntax)
            if not fields.is_open:
                yield Record(first, fields.cells, text, has_stray_quote=fields.has_stray_quote)
                continue
            lines = [raw.removeprefix("\ufeff")]
            while fields.is_open and len(lines) < _MAX_LINES_OF_A_CELL:
                more = self._next_raw(source)
                if more is None:
                    break
                lines.append(more)
                if self.syntax.quote in more:
                    fields = split_fields(_joined(lines), self.syntax)
            if self._swallows_rows(lines, is_open=fields.is_open):
                self._give_back(lines[1:])
                yield Record(first, split_without_quotes(_bare(text), self.syntax), text, has_stray_quote=True)
                continue
            yield Record(
                first, fields.cells, _joined(lines), len(lines), fields.has_stray_quote, fields.is_open
            )  # fmt: skip

    def _next_raw(self, source: Iterator[str]) -> str | None:
        text = self._waiting.popleft() if self._waiting else next(source, None)
        if text is not None:
            self.line += 1
        return text

    def _give_back(self, lines: list[str]) -> None:
        self._waiting.extendleft(reversed(lines))
        self.line -= len(lines)

    def _swallows_rows(self, lines: list[str], *, is_open: bool) -> bool:
        """Whether each line of a quoted cell is a row by itself."""
        if self.width < 2 or (len(lines) < 2 and not is_open):
            return False
        first = split_without_quotes(_bare(lines[0]), self.syntax)
        if len(first) != self.width or not (self._fits(first) or self._are_names(first)):
            return False
        others = [split_fields(_bare(line), self.syntax) for line in lines[1:] if line.strip()]
        if is_open and not others:
            return True
        if not all(len(fields.cells) == self.width or fields.is_open for fields in others):
            return False
        return all(self._fits(fields.cells) for fields in others) and (bool(self.typed) or self.width > 2 or is_open)

    def _are_names(self, cells: Sequence[str]) -> bool:
        return bool(self.typed) and all(cell.strip() for cell in cells) and not any(map(is_typed, cells))

    def _fits(self, cells: Sequence[str]) -> bool:
        return all(
            is_typed(cells[column]) or is_missing_cell(cells[column]) for column in self.typed if column < len(cells)
        )


def _bare(text: str) -> str:
    """A line without its end, and without a byte order mark of a file that was joined to another."""
    return text.rstrip("\r\n").removeprefix("\ufeff")


def _joined(lines: Sequence[str]) -> str:
    return "".join(lines).rstrip("\r\n")
