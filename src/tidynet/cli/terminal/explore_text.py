"""The profile of a table on the screen: its size, its target, and the findings, most important first."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.table import Table as Grid
from rich.text import Text

from tidynet.core.text import capitalize, pluralize, printable
from tidynet.output.report.compare_report import comparison_lines
from tidynet.output.report.explore_text import format_evidence, summary_lines

if TYPE_CHECKING:
    from tidynet.profiling.compare import TableComparison
    from tidynet.profiling.profile import ColumnProfile, Finding, Profile
    from tidynet.workflow.explore import Exploration

MAX_FINDINGS = 5  # on the short screen
MAX_SHIFTS = 20
_INDENT = 8
_STYLES = {"high": "bold red", "medium": "yellow", "low": "dim"}


def profile_lines(profile: Profile, width: int, *, quiet: bool = False) -> Iterator[Text]:
    """The short screen: the table in one line, its target, and at most five findings."""
    size, _, missing, duplicates, target = summary_lines(profile)
    if quiet:
        yield Text(f"{printable(profile.name)}: {printable(size)}", "bold")
        return
    yield Text(printable(f"{profile.name}: {size}; {missing}; {duplicates}"), "bold")
    yield Text(printable(capitalize(target)))
    for note in profile.notes:
        yield Text(f"note: {printable(note)}")
    findings = profile.findings[:MAX_FINDINGS]
    count = len(profile.findings)
    if not findings:
        yield Text("No findings")
        return
    yield Text(f"Attention ({count})" if count == len(findings) else f"Attention ({len(findings)} of {count})", "bold")
    for item in findings:
        yield from _finding_lines(item, width)


def _finding_lines(finding: Finding, width: int) -> Iterator[Text]:
    fact, action = printable(finding.statement).rstrip("."), printable(finding.action).rstrip(".")
    room = max(width - _INDENT, 20)
    whole = f"{fact} → {action}" if action else fact
    parts = [whole] if len(whole) <= room or not action else [fact, f"→ {action}"]
    lines = [line for part in parts for line in textwrap.wrap(part, room)]
    for number, line in enumerate(lines):
        label = "" if number else finding.severity.upper()
        yield Text.assemble((f"{label:<{_INDENT}}", _STYLES[finding.severity]), line)


def verbose_profile(exploration: Exploration) -> Iterator[Text | Grid]:
    """Everything: how the table was read, each column with its type, each finding with its numbers and call."""
    from tidynet.table.table import Table

    profile, table = exploration.profile, exploration.table
    size, *lines = summary_lines(profile)
    yield Text(f"{printable(profile.name)}: {printable(size)}", "bold")
    for line in [*lines, *(f"note: {note}" for note in profile.notes)]:
        yield Text(printable(line))
    if isinstance(table, Table):
        yield Text(printable(f"read as {table.dialect.describe()}"))
    yield Text("")
    yield _column_grid(profile.columns)
    yield Text("")
    yield Text(f"Findings ({len(profile.findings)})" if profile.findings else "No findings", "bold")
    for number, item in enumerate(profile.findings, 1):
        yield _finding_grid(number, item)


def _finding_grid(number: int, finding: Finding) -> Grid:
    grid = Grid.grid(padding=(0, 1, 0, 0))
    grid.add_column(justify="right", no_wrap=True, min_width=3)
    grid.add_column(overflow="fold")
    severity = (finding.severity.upper(), _STYLES[finding.severity])
    grid.add_row(f"{number}.", Text.assemble(severity, "  ", (printable(finding.statement), "bold")))
    evidence = " · ".join(f"{name} {text}" for name, text in format_evidence(finding.evidence))
    for text, style in ((evidence, "dim"), (finding.action and f"→ {finding.action}", ""), (finding.call, "cyan")):
        if text:
            grid.add_row("", Text(printable(text), style))
    return grid


def _column_grid(columns: tuple[ColumnProfile, ...]) -> Grid:
    grid = Grid(box=None, pad_edge=False, header_style="dim")
    grid.add_column("column", overflow="fold")
    grid.add_column("type")
    grid.add_column("missing", justify="right")
    grid.add_column("distinct", justify="right")
    grid.add_column("reason", overflow="fold", style="dim")
    for item in columns:
        grid.add_row(
            Text(printable(item.name)),
            item.variable_type,
            f"{item.missing:,}" if item.missing else "",
            "" if item.distinct is None else f"{item.distinct:,}",
            Text(printable(item.type_reason)),
        )
    return grid


def comparison_text(comparison: TableComparison, *, verbose: bool = False, quiet: bool = False) -> Iterator[Text]:
    """How a second table differs from a first: sizes, then the shifts, the largest first."""
    first, *lines = comparison_lines(comparison)
    yield Text(printable(f"{comparison.second} against {comparison.first}: {first}"), "bold")
    if quiet:
        return
    for line in [*lines, *(f"note: {note}" for note in comparison.notes)]:
        yield Text(printable(line))
    yield Text("")
    sentences = comparison.sentences()
    shown = sentences if verbose else sentences[:MAX_SHIFTS]
    for number, text in enumerate(shown, 1):
        yield Text(f"{number}. {printable(text)}")
    if len(shown) < len(sentences):
        yield Text(f"{pluralize(len(sentences) - len(shown), 'more shift')} in the report or with --verbose")
    yield Text("")
