"""Rows of column names: none, one or several."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from tidynet.table.cell_patterns import is_missing_cell, is_moment, is_typed, is_unit_cell

_MAX_HEADER_ROWS = 4
_YEAR = re.compile(r"(?:1[5-9]|2[01])\d\d")
_CERTAIN_UNIT = re.compile(
    r"\(.+\)|\[.+\]|°[CF]?|%|‰|ppm|[kcmµn]?m[²³23]?|[kmµ]?g|k?m/[sh]|m?s|min|h|[kM]?Wh?|[kmM]?V|m?A|[kM]?Hz|[khm]?Pa|m?bar"
    r"|m?[lL]|K|EUR|USD|GBP|CHF|€|\$|days?|years?|units?"
)

Rows = Sequence[Sequence[str]]


def typed_columns(rows: Rows) -> list[int]:
    """The columns of numbers, dates or times, by their cells that are not missing."""
    if not rows:
        return []
    found = []
    for position in range(min(len(row) for row in rows)):
        cells = [row[position] for row in rows if not is_missing_cell(row[position])]
        if cells and sum(map(is_typed, cells)) >= max(1, 0.9 * len(cells)):
            found.append(position)
    return found


def is_header_above(row: Sequence[str], below: Rows) -> bool:
    """Whether a row has words above all columns of numbers and dates."""
    typed = [column for column in typed_columns(below) if column < len(row)]
    words = [column for column in typed if row[column].strip() and not is_typed(row[column])]
    years = [column for column in typed if _YEAR.fullmatch(row[column].strip())]
    return bool(words) and len(words) + len(years) == len(typed)


def count_header_rows(rows: Rows) -> int:
    """The number of header rows at the top of a table, 0 if its first row is like those below it."""
    if is_data_row(rows):
        return 0
    count = 1
    while count < _MAX_HEADER_ROWS and len(rows) > count + 1 and _continues_header(rows, count):
        count += 1
    return count


def _continues_header(rows: Rows, count: int) -> bool:
    """Whether the row after the first `count` ones belongs to the header too: names below names, or units."""
    above, row, below = rows[count - 1], rows[count], rows[count + 1 :]
    if len(row) < 2 or not len(above) == len(row) == len(below[0]):
        return False
    # Further names may follow, so that only the lower half shows which columns hold numbers.
    typed = [column for column in typed_columns(below[len(below) // 2 :]) if column < len(row)]
    words = [row[column].strip() for column in typed]
    if not any(words) or any(is_typed(word) or (word and is_missing_cell(word) and word != "-") for word in words):
        return False
    filled = [cell.strip() for cell in row if cell.strip()]
    if all(is_unit_cell(word) for word in words if word) and any(_CERTAIN_UNIT.fullmatch(word) for word in words):
        return len(filled) >= 0.3 * len(row)
    if not all(word or above[column].strip() for word, column in zip(words, typed, strict=True)):
        return False
    named = [cell for cell in above if cell.strip()]
    spans_columns = len(named) < len(above) - (not above[0].strip()) or len(set(named)) < len(named)
    if spans_columns and named and all(cell.strip() for cell in row[1:]):
        return True
    return len(typed) > 1 and len(set(words)) == len(words) and len(filled) == len(row) and all(named)


def is_data_row(rows: Rows) -> bool:
    """Whether the first row has numbers, dates or gaps above typed columns, and text that is repeated below."""
    top, below = rows[0], rows[1:]
    if len(below) < 2 or len({len(row) for row in rows}) > 1:
        return False
    others = [row for row in below if list(row) != list(top)]
    typed = set(typed_columns(others))
    if not typed:
        return len(top) > 1 and len(others) < len(below)
    above = [top[column] for column in sorted(typed)]
    filled = [cell for cell in above if not is_missing_cell(cell)]
    if not filled or not all(map(is_typed, filled)) or _are_names(filled, above):
        return False
    for column in typed:
        kinds = {is_moment(row[column]) for row in below if is_typed(row[column])}
        if is_typed(top[column]) and is_moment(top[column]) not in kinds:
            return False
    texts = [column for column in range(len(top)) if column not in typed and top[column].strip()]
    if not all(cell.strip() for cell in top) and any(not top[column].strip() for column in typed):
        return bool(texts) and all(any(top[c] == row[c] for row in below) for c in texts)
    return not texts or any(top[column] == row[column] for column in texts for row in below)


def _are_names(cells: Sequence[str], above: Sequence[str]) -> bool:
    """Numbers that name columns: years, or an even sequence such as 0, 1, 2 or the wavelengths 950.5, 951, 951.5."""
    if len(cells) < len(above) and len(cells) < 2:
        return False
    try:
        numbers = [float(cell) for cell in cells]
    except ValueError:
        return False
    steps = [after - before for before, after in itertools.pairwise(numbers)]
    is_sequence = bool(steps) and steps[0] > 0 and all(abs(step - steps[0]) < 1e-6 * steps[0] for step in steps)
    are_years = len(set(numbers)) == len(numbers) and all(1500 <= number <= 2200 for number in numbers)
    return is_sequence or (are_years and all(cell.strip().isdecimal() for cell in cells))


def join_header_rows(rows: Rows) -> list[str]:
    """One name for each column; a cell of an upper row also names the columns on its right, until the next cell."""
    width = max(len(row) for row in rows)
    filled = [[cell.strip() for cell in row] + [""] * (width - len(row)) for row in rows]
    for row, lower in itertools.pairwise(filled):
        is_units = all(is_unit_cell(cell) for cell in lower if cell)
        for position in range(1, width):
            if not (is_units and all(row[1:])):
                row[position] = row[position] or row[position - 1]
    return ["_".join(dict.fromkeys(cell for cell in cells if cell)) for cells in zip(*filled, strict=True)]
