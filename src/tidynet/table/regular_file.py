"""Whether every row of a separated text has the width of its header, from one fast pass over its bytes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tidynet.table.text_encoding import utf8_blocks

_LINE_END, _RETURN, _QUOTE = 10, 13, 34
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class RowShape:
    """What the rows of a regular file share: separator, number of fields, and the line that must not come again."""

    separator: str
    width: int
    header: bytes = b""


def is_regular(path: Path, label: str, shape: RowShape, first_line: int = 1) -> bool:
    """Whether a fast reader reads the file correctly without repair, from one pass in bounded memory.

    Regular: UTF-8, every record as wide as the header, no blank or empty row, quotes around whole fields, line feeds,
    and no second header.
    """
    counter = _FieldCounter(ord(shape.separator), shape.width)
    repeated = b"\n" + shape.header if shape.header and shape.width > 1 else b""
    regular = True
    for number, block in enumerate(utf8_blocks(path, label, first_line)):
        # The pass continues after an irregular block, because it also checks that the file is text.
        regular = (
            regular
            and not (repeated and repeated in block)
            and block.find(_BYTE_ORDER_MARK, 0 if number else 1) < 0
            and counter.is_regular(np.frombuffer(block, dtype=np.uint8))
        )
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
            before = np.searchsorted(quotes, marks) + self.in_quotes
            inside = before % 2 == 1
            if self._quotes_swallow_rows(block[marks[inside]], before[inside]):
                return False
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
        # A row of separators alone may be padding; any other row has one more byte.
        shortest = self.width - 1 + (block[marks[ends] - 1] == _RETURN)
        return bool((separators == self.width - 1).all()) and bool((lengths > shortest).all())

    def is_complete(self) -> bool:
        """Whether the last line is complete, with or without a line end."""
        if self.in_quotes:
            return False
        return not self.pending or (self.fields == self.width - 1 and self.pending >= self.width)

    def _quotes_swallow_rows(self, marks: _Bytes, cells: npt.NDArray[np.intp]) -> bool:
        """Whether the lines within a quoted cell have as many separators as whole rows would have."""
        if self.width < 2 or not (marks == _LINE_END).any():
            return False
        ends = np.bincount(cells, marks == _LINE_END)
        separators = np.bincount(cells, marks == self.separator)
        return bool(((ends > 0) & (separators == ends * (self.width - 1))).any())

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
