"""Lines before the data rows: comments, and headers of no row, one row or several."""

from __future__ import annotations

import csv
import itertools
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from tidynet.core.errors import FileReadError

_NUMBER = re.compile(r"[-+]?[$€£]?\d[\d.,]*%?")


def remove_comments(path: Path, label: str, comment: str | None, folder: Path) -> tuple[Path, int]:
    """A copy without comment lines, and their number.

    Without a given `comment`, only a file that begins with "#" has comments. The last comment above the first row
    is the header if it fits: "# a,b" above "1,2".
    """
    if comment == "" or (comment is None and not _begins_with_comment(path)):
        return path, 0
    start = (comment or "#").encode()
    copy = folder / f"uncommented{path.suffix}"
    count, has_rows = 0, False
    with path.open("rb") as source, copy.open("wb") as clean:
        candidate = b""
        for line in source:
            text = line.removeprefix(b"\xef\xbb\xbf") if not count and not has_rows else line
            if text.lstrip().startswith(start):
                count += 1
                candidate = text.lstrip()[len(start) :].lstrip() if not has_rows else b""
                continue
            if not has_rows and text.strip():
                if candidate and comment is None and _is_commented_header(candidate, text):
                    clean.write(candidate)
                    count -= 1
                has_rows = True
            clean.write(text)
    if not has_rows:
        raise FileReadError(
            f"{label} contains only comments and blank lines, expected a header and rows", "check how it was written"
        )
    return copy, count


def _begins_with_comment(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(256).removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"#")


def _is_commented_header(candidate: bytes, first: bytes) -> bool:
    names, cells = candidate.decode(errors="replace").strip(), first.decode(errors="replace").strip()
    for separator in (",", ";", "\t", "|"):
        if names.count(separator) == cells.count(separator) > 0:
            text = [cell for cell in names.split(separator) if not _is_number(cell)]
            return len(text) == names.count(separator) + 1 and any(map(_is_number, cells.split(separator)))
    return False


def count_header_rows(records: Sequence[Sequence[str]]) -> int:
    """The number of header rows.

    2 if cells of the first record name several columns, 0 if the first record is like those below it.
    """
    if _is_data_row(records):
        return 0
    if len(records) < 3 or len(records[0]) < 2 or not len(records[0]) == len(records[1]) == len(records[2]):
        return 1
    top, second, row = records[0], records[1], records[2]
    filled = [cell for cell in top[1:] if cell]
    named = [cell for cell in top if cell]
    spans_columns = len(filled) < len(top) - 1 or len(set(named)) < len(named)
    is_named = all(second) and len({*second}) >= len({*filled}) and not any(map(_is_number, second))
    return 2 if filled and spans_columns and is_named and any(map(_is_number, row)) else 1


def _is_data_row(records: Sequence[Sequence[str]]) -> bool:
    """Whether the first record has numbers above all numeric columns, and text that is repeated below."""
    top, rows = records[0], records[1:]
    if len(rows) < 2 or len({len(record) for record in records}) > 1 or not all(top):
        return False
    columns = list(zip(*rows, strict=True))
    numeric = [all(_is_number(cell) for cell in column if cell) and any(column) for column in columns]
    above = [cell for cell, is_numeric in zip(top, numeric, strict=True) if is_numeric]
    if not above or not all(map(_is_number, above)) or _are_names(above):
        return False
    texts = [(cell, column) for cell, column, is_numeric in zip(top, columns, numeric, strict=True) if not is_numeric]
    return not texts or any(cell in column for cell, column in texts)


def _are_names(cells: Sequence[str]) -> bool:
    """Numbers that name columns: years, or an even sequence such as 0, 1, 2 or the wavelengths 950.5, 951, 951.5."""
    try:
        numbers = [float(cell) for cell in cells]
    except ValueError:
        return False
    steps = [after - before for before, after in itertools.pairwise(numbers)]
    is_sequence = bool(steps) and steps[0] > 0 and all(abs(step - steps[0]) < 1e-6 * steps[0] for step in steps)
    are_years = len(set(numbers)) == len(numbers) and all(1500 <= number <= 2200 for number in numbers)
    return is_sequence or (are_years and all(cell.isdecimal() for cell in cells))


def write_single_header(path: Path, separator: str, count: int, width: int, folder: Path) -> Path:
    """A copy whose header is one row: numbered names, or the names of several rows joined.

    A cell of an upper row also names the columns on its right, until the next cell.
    """
    copy = folder / f"one_header{path.suffix}"
    with path.open(encoding="utf-8-sig", newline="") as source, copy.open("w", encoding="utf-8", newline="") as clean:
        lines: list[list[str]] = []
        while len(lines) < count and (record := _next_record(source, separator)) is not None:
            if any(cell.strip() for cell in record):
                lines.append([cell.strip() for cell in record])
        names = _join_header_rows(lines) if lines else [f"column_{position}" for position in range(1, width + 1)]
        csv.writer(clean, delimiter=separator, lineterminator="\n").writerow(names)
        while block := source.read(1 << 20):
            clean.write(block)
    return copy


def _next_record(source: TextIO, separator: str) -> list[str] | None:
    """One record, which may span several lines; no more of the file is read."""
    text = ""
    while line := source.readline():
        text += line
        if text.count('"') % 2 == 0:
            return next(csv.reader([text], delimiter=separator), [])
    return None


def _join_header_rows(lines: list[list[str]]) -> list[str]:
    width = max(len(line) for line in lines)
    filled = [line + [""] * (width - len(line)) for line in lines]
    for line in filled[:-1]:
        for position in range(1, width):
            line[position] = line[position] or line[position - 1]
    return ["_".join(dict.fromkeys(cell for cell in cells if cell)) for cells in zip(*filled, strict=True)]


def _is_number(cell: str) -> bool:
    return bool(_NUMBER.fullmatch(cell.strip()))
