"""Where the table of a text or sheet begins: lines above it, rows of names, and the width of its rows."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from tidynet.core.errors import FileReadError
from tidynet.core.text import join_names, pluralize, shorten
from tidynet.table.cell_patterns import is_missing_cell, is_typed
from tidynet.table.column_names import make_unique
from tidynet.table.header_detection import count_header_rows, is_header_above, join_header_rows, typed_columns
from tidynet.table.separators import usual_width
from tidynet.table.text_records import Record

_MAX_LINES_ABOVE = 200
_ROWS_TRIED = 100
_LINES_SHOWN = 3


@dataclass(frozen=True, slots=True)
class TableLines:
    """The top of a table: its names, and the lines that stand above, in and below its header."""

    names: tuple[str, ...]
    skipped: tuple[Record, ...]  # lines with content above the header
    skip_lines: int  # all lines above the header, blank ones too
    body_line: int  # the line on which the first row stands
    header_rows: int
    typed: tuple[int, ...]  # columns of numbers and dates
    is_plain: bool  # the first line holds the names as they are
    ends_with_separators: bool = False  # most rows end with empty fields beyond the last column
    stray_quotes: tuple[int, ...] = ()  # header lines with a quote inside a cell
    unnamed: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def width(self) -> int:
        """The number of columns."""
        return len(self.names)


def find_table(
    records: Sequence[Record], label: str, *, header_rows: int | None, is_exact: bool = False, fills: bool = False
) -> TableLines:
    """Find the header among the first records; `is_exact` if the lines above it are already left out.

    With `fills`, rows may be shorter than the header.
    """
    rows = [record for record in records if not record.is_empty]
    if not rows:
        raise FileReadError(
            f"{label} contains only blank lines, expected a header and rows", "check how it was written"
        )
    width = usual_width(rows[:_MAX_LINES_ABOVE])
    if fills:
        width = max(width, len(rows[0].cells))
    ends_with_separators = _ends_with_separator(rows, width)
    if ends_with_separators:
        width -= 1
        rows = [row._replace(cells=row.cells[:width]) if len(row.cells) == width + 1 else row for row in rows]
    begin = 0 if is_exact else _first_row(rows, width, label)
    table = rows[begin : begin + _ROWS_TRIED]
    cells = [record.cells for record in table]
    count = header_rows if header_rows is not None else count_header_rows(_top_rows(cells, width))
    count = min(count, len(table))
    body = [row for row in cells[count:] if len(row) == width]
    top = join_header_rows(cells[:count]) if count else [""] * width
    names, shape_notes = _fit_names(top, body, width) if count else (top, ())
    is_wide = len(names) > width and len(cells) > count + 1
    if (is_wide or (len(names) == width - 1 and len(body) > 1)) and len({len(row) for row in cells[count:]}) == 1:
        lines = pluralize(len(body), "line")
        raise FileReadError(
            f"the header of {label} has {len(names)} fields, but the {lines} below it have {width}",
            f"correct the header, or skip it with `--skip-lines {table[count].line - 1} --header-rows 0`",
        )
    if begin and not is_exact:
        _check_table_above(rows[:begin], rows[begin], label)
    unique, name_notes = make_unique([name.strip() for name in names])
    first = table[0]
    above = rows[:begin]
    body_line = table[count - 1].line + table[count - 1].n_lines if count else first.line
    return TableLines(
        tuple(unique),
        tuple(above),
        first.line - 1,
        body_line,
        count,
        tuple(typed_columns([row for row in _first_block(table[count:], width) if list(row) != top])),
        count == 1 and first.line == 1 and body_line == 2 and len(first.cells) == len(unique),
        ends_with_separators or 2 * sum(_has_excess(row.cells, width) for row in table[count:]) > len(table) - count,
        tuple(record.line for record in table[:count] if record.has_stray_quote),
        () if shape_notes else _empty_names(unique, names, body, count),
        (*shape_notes, *(name_notes if count else ())),
    )


def _ends_with_separator(rows: Sequence[Record], width: int) -> bool:
    """Whether each row ends with a separator too many, but a header above them does not."""
    wide = [row for row in rows if len(row.cells) == width]
    if width < 3 or any(row.cells[-1].strip() for row in wide):
        return False
    return any(len(row.cells) == width - 1 and row.line < wide[0].line for row in rows[:_MAX_LINES_ABOVE])


def _top_rows(cells: Sequence[Sequence[str]], width: int) -> list[Sequence[str]]:
    """The rows among which the header is looked for: down to one of another width, and those of the width below it."""
    top = next((n for n, row in enumerate(cells) if n and len(row) != width), len(cells))
    if top > 2:
        return list(cells[:top])
    return [*cells[:top], *(row for row in cells[top:] if len(row) == width)]


def _check_table_above(above: Sequence[Record], first: Record, label: str) -> None:
    """Raise if the lines above the table are a table of their own: names, rows of numbers, and a blank line."""
    rows = [record.cells for record in above]
    is_apart = first.line > above[-1].line + above[-1].n_lines
    is_table = len(rows) > 2 and len(rows[0]) > 1 and len({len(row) for row in rows}) == 1
    if is_apart and is_table and is_header_above(rows[0], rows[1:]):
        raise second_table_error(label, first, None)


def _empty_names(
    unique: Sequence[str], names: Sequence[str], body: Sequence[Sequence[str]], count: int
) -> tuple[str, ...]:
    """Columns without a name that may be empty: without a header only the last one, after a separator too many."""
    if count:
        return tuple(name for name, written in zip(unique, names, strict=True) if not written.strip())
    return () if any(row[-1].strip() for row in body) else tuple(unique[-1:])


def _first_block(rows: Sequence[Record], width: int) -> list[Sequence[str]]:
    """The rows down to the first blank line, below which another table may stand."""
    block: list[Sequence[str]] = []
    for position, row in enumerate(rows):
        if position and row.line != rows[position - 1].line + rows[position - 1].n_lines:
            break
        if len(row.cells) == width:
            block.append(row.cells)
    return block


def _fit_names(top: list[str], body: Sequence[Sequence[str]], width: int) -> tuple[list[str], tuple[str, ...]]:
    """The names for the columns that the rows have."""
    while len(top) > width and not top[-1].strip():
        top = top[:-1]
    if not body or len(top) >= width or len(top) < 1:
        return top, ()
    if all(not any(cell.strip() for cell in row[len(top) :]) for row in body):
        return top, ()
    if len(top) == width - 1 and _are_row_names([row[0].strip() for row in body]):
        return ["", *top], ("the header has one name fewer than the rows have fields; the first column has no name",)
    return top, ()


def _are_row_names(cells: Sequence[str]) -> bool:
    """Whether cells may name rows, as R writes them without a name: rising whole numbers or different words."""
    is_rising = all(cell.isdecimal() for cell in cells) and all(
        int(before) < int(after) for before, after in itertools.pairwise(cells)
    )
    return is_rising or (len(set(cells)) == len(cells) and all(cells) and not any(map(is_typed, cells)))


def _has_excess(cells: Sequence[str], width: int) -> bool:
    return len(cells) > width and not any(cell.strip() for cell in cells[width:])


def _first_row(rows: Sequence[Record], width: int, label: str) -> int:
    """The position of the first row of the table, its header or the first row of data."""
    begin = 0
    while begin < min(len(rows) - 1, _MAX_LINES_ABOVE) and not _begins_table(rows, begin, width):
        begin += 1
    if begin and not _begins_table(rows, begin, width):
        return 0
    begin = _below_other_widths(rows, begin, width)
    if begin:
        _check_not_header(rows[begin - 1], rows[begin:], width, label)
    return _after_block(rows, begin, width)


def _below_other_widths(rows: Sequence[Record], begin: int, width: int) -> int:
    """The first row after the last line of another width that stands above the header."""
    body = [row.cells for row in rows[begin:][-_ROWS_TRIED:] if len(row.cells) == width]
    typed = typed_columns(body[len(body) // 2 :])
    if not typed:
        return begin
    for at in range(begin, min(len(rows), begin + _MAX_LINES_ABOVE)):
        cells = rows[at].cells
        if len(cells) == width and all(is_typed(cells[c]) or is_missing_cell(cells[c]) for c in typed):
            break
        if len(cells) != width and at + 1 < len(rows) and len(rows[at + 1].cells) == width and at > begin:
            following = rows[at + 1].cells
            if is_header_above(following, body[len(body) // 2 :]):
                begin = at + 1
    return begin


def _begins_table(rows: Sequence[Record], at: int, width: int) -> bool:
    record, below = rows[at], [row.cells for row in rows[at + 1 : at + 1 + _ROWS_TRIED] if len(row.cells) == width]
    cells = record.cells
    if len(cells) == width:
        return not _is_title(rows, at, width)
    follows = at + 1 < len(rows) and len(rows[at + 1].cells) == width
    if not follows or (len(cells) < 2 and width > 2):
        return False
    if len(cells) > width:
        return not any(cell.strip() for cell in cells[width:])
    names = all(cell.strip() for cell in cells) and len(set(cells)) == len(cells)
    trails = all(not any(cell.strip() for cell in row[len(cells) :]) for row in below)
    is_shorter = len(cells) == width - 1 and not is_header_above(rows[at + 1].cells, below[1:])
    return names and len(below) > 0 and (trails or (is_shorter and len(below) >= 0.8 * (len(rows) - at - 1)))


def _is_title(rows: Sequence[Record], at: int, width: int) -> bool:
    """Whether a row of the table's width holds a title or a note and is padded with empty cells."""
    cells = rows[at].cells
    filled = [position for position, cell in enumerate(cells) if cell.strip()]
    if width < 2 or len(filled) == len(cells) or at + 1 >= len(rows):
        return False
    following = rows[at + 1]
    is_apart = following.line > rows[at].line + rows[at].n_lines
    if filled != [0] and not (is_apart and len(filled) <= max(1, width // 2)) and not cells[0].strip().endswith(":"):
        return False
    for position in range(at + 1, min(at + 12, len(rows))):
        row = rows[position]
        below = [item.cells for item in rows[position + 1 : position + 1 + _ROWS_TRIED] if len(item.cells) == width]
        n_filled = sum(bool(cell.strip()) for cell in row.cells)
        if len(row.cells) == width and n_filled >= max(2, 0.7 * width):
            return is_header_above(row.cells, below) or (width > 2 and not typed_columns([row.cells]))
    return False


def _check_not_header(before: Record, rows: Sequence[Record], width: int, label: str) -> None:
    """Raise if the line above the first row is a header of another width, so that no row becomes the header."""
    is_next = rows[0].line == before.line + before.n_lines
    cells = [cell.strip() for cell in before.cells]
    body = [row.cells for row in rows if len(row.cells) == width]
    n_filled = sum(map(bool, cells))
    are_names = n_filled > 1 and (all(cells) or n_filled >= 0.7 * width) and not typed_columns([cells])
    if is_next and are_names and typed_columns(body[:1]) and not is_header_above(body[0], body[1:]):
        raise FileReadError(
            f"the header in line {before.line} of {label} has {pluralize(len(cells), 'field')}, "
            f"but the {pluralize(len(body), 'line')} below it have {width}",
            "fill short lines with `--on-bad-lines fill`, or correct the header"
            if len(cells) > width
            else f"correct the header, or skip it with `--skip-lines {before.line} --header-rows 0`",
        )


def _after_block(rows: Sequence[Record], begin: int, width: int) -> int:
    """The beginning of the table below a block of lines that has its width and ends with a blank line."""
    for at in range(begin, min(begin + 30, len(rows) - 2)):
        if rows[at + 1].line == rows[at].line + rows[at].n_lines:
            continue
        above = [row.cells for row in rows[begin : at + 1]]
        below = [row.cells for row in rows[at + 2 :] if len(row.cells) == width]
        is_table = len(above) > 1 and (is_header_above(above[0], above[1:]) or typed_columns(above[1:]) != [])
        if not is_table and len(rows[at + 1].cells) == width and is_header_above(rows[at + 1].cells, below):
            return at + 1
        return begin
    return begin


def begins_second_table(record: Record, table: TableLines) -> bool:
    """Whether a line below a blank one holds names: words in all columns of numbers, or in other columns."""
    cells = [cell.strip() for cell in record.cells]
    while cells and not cells[-1]:
        cells.pop()
    if table.width < 2 or len(cells) < 2 or any(is_typed(cell) or is_missing_cell(cell) for cell in cells):
        return False
    return len(cells) != table.width or bool(table.typed)


def find_second_table(records: Sequence[Record], table: TableLines, label: str, n_lines: int) -> None:
    """Raise if names stand below a blank row and rows of numbers below them."""
    for above, record, below in zip(records, records[1:], records[2:], strict=False):
        if record.line <= table.body_line or not above.is_empty or below.is_empty:
            continue
        if begins_second_table(record, table) and typed_columns([below.cells]):
            raise second_table_error(label, record, n_lines - record.line + 1)


def describe_lines(records: Sequence[Record], unit: str = "line") -> str:
    """Lines by number and text, the first three."""
    shown = [f"{unit} {record.line} '{shorten(record.text.strip(), 60)}'" for record in records[:_LINES_SHOWN]]
    more = len(records) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def second_table_error(label: str, record: Record, n_lines_left: int | None) -> FileReadError:
    """The error for a second header in the middle of a text."""
    names = join_names([cell.strip() for cell in record.cells], 4)
    second = f"`--skip-lines {record.line - 1}` for the second"
    return FileReadError(
        f"{label} contains a second table from line {record.line} on ({names}), expected one table",
        f"choose one: {second}"
        if n_lines_left is None
        else f"choose one: `--footer-lines {n_lines_left}` for the first, {second}",
    )
