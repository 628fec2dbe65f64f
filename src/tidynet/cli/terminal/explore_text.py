"""What was seen of a table as a terminal says it: five lines, then the findings, most important first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.table import Table as Grid
from rich.text import Text

from tidynet.core.text import printable
from tidynet.output.report.explore_text import format_evidence

if TYPE_CHECKING:
    from tidynet.profiling.profile import ColumnProfile, Finding

__all__ = ["finding_lines", "finding_text", "profile_table"]

_STYLES = {"high": "bold red", "medium": "yellow", "low": "dim"}


def finding_lines(number: int, finding: Finding) -> Iterator[str]:
    """One finding as plain lines, of which none needs to be broken."""
    yield f"{number}. {finding.severity.upper()} {printable(finding.statement)}"
    if finding.evidence:
        yield f"   {_evidence(finding)}"
    if finding.action:
        yield f"   → {printable(finding.action)}"
    if finding.call:
        yield f"   {printable(finding.call)}"


def finding_text(number: int, finding: Finding) -> Grid:
    """One finding for a terminal of any width: what follows the sentence is set in below it."""
    grid = Grid.grid(padding=(0, 1, 0, 0))
    grid.add_column(justify="right", no_wrap=True, min_width=3)
    grid.add_column(overflow="fold")
    text = Text.assemble(
        (finding.severity.upper(), _STYLES[finding.severity]), "  ", (printable(finding.statement), "bold")
    )
    grid.add_row(f"{number}.", text)
    if finding.evidence:
        grid.add_row("", Text(_evidence(finding), "dim"))
    if finding.action:
        grid.add_row("", Text(f"→ {printable(finding.action)}"))
    if finding.call:
        grid.add_row("", Text(printable(finding.call), "cyan"))
    return grid


def _evidence(finding: Finding) -> str:
    return " · ".join(f"{printable(name)} {printable(text)}" for name, text in format_evidence(finding.evidence))


def profile_table(columns: Sequence[ColumnProfile]) -> Grid:
    """One line per column: its name, judged kind, missing cells, distinct values, and why it is of that kind."""
    grid = Grid(box=None, pad_edge=False, header_style="dim")
    grid.add_column("column", overflow="fold")
    grid.add_column("kind")
    grid.add_column("missing", justify="right")
    grid.add_column("distinct", justify="right")
    grid.add_column("why", overflow="fold", style="dim")
    for item in columns:
        grid.add_row(
            Text(printable(item.name)),
            item.variable_type,
            f"{item.missing:,}" if item.missing else "",
            "" if item.distinct is None else f"{item.distinct:,}",
            Text(printable(item.type_reason)),
        )
    return grid
