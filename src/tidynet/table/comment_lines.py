"""Comment lines at the top of a text, and a header that is written as the last of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tidynet.table.cell_patterns import is_number, is_typed
from tidynet.table.header_detection import is_header_above
from tidynet.table.split_fields import FieldSyntax, split_fields
from tidynet.table.text_records import RecordReader


class TopLines(NamedTuple):
    """The first lines of a text, its comments as blank lines so that lines keep their numbers."""

    lines: list[str]
    comments: list[int]  # positions of the comments
    mark: str


def blank_comments(lines: Sequence[str], comment: str | None) -> TopLines:
    """Blank the comment lines; without a given mark, those that begin with # above everything else."""
    if comment == "":
        return TopLines(list(lines), [], "")
    kept, comments = list(lines), []
    for position, line in enumerate(lines):
        text = line.removeprefix("\ufeff").lstrip()
        if text.startswith(comment or "#"):
            comments.append(position)
            kept[position] = "\n"
        elif text.strip() and comment is None:
            break
    return TopLines(kept, comments, (comment or "#") if comments or comment else "")


def with_commented_header(top: TopLines, original: Sequence[str], syntax: FieldSyntax, *, is_set: bool) -> TopLines:
    """The lines with the last comment as the header if it names the columns: "# a,b" above "1,2"."""
    if is_set or not top.comments:
        return top
    last = top.comments[-1]
    text = original[last].removeprefix("\ufeff").strip()
    rows = [record.cells for record in RecordReader(top.lines[last + 1 :], syntax) if not record.is_empty]
    bare = text.lstrip("#").strip()
    is_written_so = len(top.comments) == 1 and not text[1:2].isspace()
    for candidate in (text, bare) if is_written_so else (bare, text):
        names = [name.strip() for name in split_fields(candidate, syntax).cells]
        if rows and len(names) > 1 and len(names) == len(rows[0]) and _are_names(names, rows):
            lines = [*top.lines[:last], candidate + "\n", *top.lines[last + 1 :]]
            comments = top.comments[:-1]
            return TopLines(lines, comments, top.mark if comments else "")
    return top


def _are_names(names: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    if is_header_above(rows[0], rows[1:]):
        return False
    if names[0] == "#":
        return not any(is_typed(name) for name in names)
    return all(names) and not any(map(is_number, names)) and any(is_typed(cell) for cell in rows[0])
