"""An evaluation as the short screen: the verdict, five scores beside the best baseline, what needs attention."""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING

from rich.table import Table as Grid
from rich.text import Text

from tidynet.core.text import capitalize, printable

if TYPE_CHECKING:
    from tidynet.evaluation.result import Evaluation

MAX_ITEMS = 5
MAX_LINES = 7  # of these items on a narrow screen
_INTERPRETING = ("importance", "effects", "subgroups")  # what most readers look for next
_RETRAINED = ("cross-validation", "learning curve")  # computed on request alone


def result_lines(evaluation: Evaluation) -> Iterator[tuple[str, str]]:
    """The verdict with its difference; of a test on training rows, that it is invalid."""
    invalid = evaluation.invalid_test
    if invalid is not None:
        yield "INVALID TEST", f"{invalid.fact} → {invalid.action}"
        return
    yield "RESULT", evaluation.verdict
    if evaluation.difference_text:
        yield "", evaluation.difference_text


def key_score_table(evaluation: Evaluation, *, stacked: bool = False) -> Grid:
    """Five scores of the network and of the best baseline; `stacked` puts intervals below their values."""
    rows = evaluation.key_scores()
    models = list(dict.fromkeys(model for row in rows for model in row.texts))
    grid = Grid(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("Score (95% CI)", *models):
        grid.add_column(name, overflow="fold")
    for row in rows:
        texts = [row.texts.get(model, "–") for model in models]
        grid.add_row(capitalize(row.name), *(text.replace(" (", "\n(", 1) if stacked else text for text in texts))
    return grid


def attention_lines(items: Sequence[tuple[str, str]], width: int) -> Iterator[Text]:
    """At most five (subject, fact → action), the most important first, with how many there are in all."""
    if not items:
        return
    indent = max(len(subject) for subject, _ in items) + 2
    lines: list[Text] = []
    shown = 0
    for subject, fact in items[:MAX_ITEMS]:
        wrapped = textwrap.wrap(printable(fact), max(width - indent, 20)) or [""]
        if lines and len(lines) + len(wrapped) > MAX_LINES:
            break
        lines += [
            Text.assemble((f"{'' if number else subject:<{indent}}", "yellow"), line)
            for number, line in enumerate(wrapped)
        ]
        shown += 1
    yield Text(f"Attention ({len(items)})" if shown == len(items) else f"Attention ({shown} of {len(items)})", "bold")
    yield from lines


def attention_items(evaluation: Evaluation, shown_sections: Collection[str] = ()) -> list[tuple[str, str]]:
    """The attention items of an evaluation, its notes, and the results of networks trained again on request."""
    retrained = [item for item in evaluation.sections if item.name in _RETRAINED and item.name not in shown_sections]
    again = [(item.name, item.sentences[0]) for item in retrained]
    facts = [
        (item.section, f"{item.fact} → {item.action}" if item.action else item.fact) for item in evaluation.attention
    ]
    return [*again, *facts, *(("scores", note) for note in evaluation.notes)]


def more_line(evaluation: Evaluation, *, has_report: bool) -> str:
    """Where everything else is."""
    names = [item.name for item in evaluation.sections if item.name in _INTERPRETING]
    return f"{', '.join(['All scores', *names])}: {'report.html or ' if has_report else ''}--verbose"
