"""Tables on the screen: the columns of a table, the scores of all models, the contributions to one prediction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Literal

from rich.table import Table as Grid
from rich.text import Text

from tidynet.core.text import printable

if TYPE_CHECKING:
    from tidynet.evaluation.contributions import PredictionExplanation
    from tidynet.evaluation.result import Evaluation
    from tidynet.evaluation.section import EvaluationSection
    from tidynet.table.table import Table

NARROW = 72  # characters
COLUMN_SPACING = 2


def column_table(table: Table, remarks: Mapping[str, str]) -> Grid:
    """One line per column: its name, inferred type, missing values, a remark, and the reason for the type."""
    grid = Grid(box=None, pad_edge=False, header_style="dim")
    grid.add_column("column", overflow="fold")
    grid.add_column("type")
    grid.add_column("missing", justify="right")
    grid.add_column("", overflow="fold")
    grid.add_column("reason", overflow="fold")
    missing = table.missing
    for name in table.columns:
        inferred = table.inferred_types[name]
        grid.add_row(
            Text(printable(name)),
            str(inferred.variable_type),
            f"{missing[name]:,}" if missing[name] else "",
            Text(remarks.get(name, "")),
            Text(printable(inferred.reason), "dim"),
        )
    return grid


def score_table(evaluation: Evaluation, *, narrow: bool = False, whole: bool = False, bare: bool = False) -> Grid:
    """One line per score, one column per model."""
    header, lines = evaluation.cells()
    grid = Grid(box=None, pad_edge=False, header_style="dim")
    for index, name in enumerate(header):
        unbroken = whole and index > 0
        min_count = _longest_word(line[0] for line in lines) if whole and not index else None
        grid.add_column(
            _as_rows(name) if unbroken else name, no_wrap=unbroken, min_width=min_count, max_width=min_count
        )
    for first, *cells in lines:
        grid.add_row(first, *(_column_below(cell, bare) if narrow else cell for cell in cells))
    return grid


def section_table(section: EvaluationSection, *, narrow: bool = False, whole: bool = False, bare: bool = False) -> Grid:
    """The table of a section of an evaluation."""
    grid = Grid(box=None, pad_edge=False, header_style="dim", padding=(0, 1 if whole else 2, 0, 0))
    for index, name in enumerate(section.header):
        unbroken = whole and index > 0
        text = _as_rows(printable(name)) if unbroken else printable(name)
        min_count = None if index or not whole else _longest_word(line[0] for line in section.lines)
        justify: Literal["left", "right"] = "right" if index else "left"
        grid.add_column(
            text, overflow="fold", justify=justify, no_wrap=unbroken, min_width=min_count, max_width=min_count
        )
    for cells in section.lines:
        grid.add_row(
            *(
                _column_below(printable(cell), bare) if narrow and index else Text(printable(cell))
                for index, cell in enumerate(cells)
            )
        )
    return grid


def contribution_table(result: PredictionExplanation, width: int) -> Grid:
    """One line per column: its value, a bar and its contribution; on a narrow screen only names and values are cut."""
    header, lines = result.cells(width=8) if width < NARROW else result.cells()
    grid = Grid(box=None, pad_edge=False, header_style="dim")
    room = width - sum(max(len(line[index]) for line in lines) for index in (2, 3)) - 3 * COLUMN_SPACING
    value_width = min(max(len(line[1]) for line in lines), room // 3)
    for name, width_limit in zip(header, (room - value_width, value_width, None, None), strict=True):
        grid.add_column(name, no_wrap=True, overflow="ellipsis", max_width=width_limit)
    for name, value, bar, contribution in lines:
        color = "yellow" if "█│" in bar or "▐│" in bar else "cyan"
        grid.add_row(Text(printable(name)), Text(printable(value)), Text(bar, color), contribution)
    return grid


def _longest_word(names: Iterable[str]) -> int:
    return max((len(word) for name in names for word in printable(name).split()), default=1)


def _as_rows(name: str) -> str:
    return name.replace(" ", "\n")


def _column_below(cell: str, bare: bool = False) -> Text:
    value, bracket, interval = cell.partition(" (")
    return (
        Text.assemble(value, ("\n" + (interval.removesuffix(")") if bare else "(" + interval), "dim"))
        if bracket
        else Text(cell)
    )
