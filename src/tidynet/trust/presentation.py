"""An Evaluation as aligned text and as an escaped HTML table."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tidynet.trust.evaluation import Evaluation

__all__ = ["as_html", "as_text", "cells"]


def cells(evaluation: Evaluation) -> tuple[list[str], list[list[str]]]:
    """Header and lines of the table: a line for each score, and one for the paired difference.

    Parameters
    ----------
    evaluation : Evaluation

    Returns
    -------
    tuple of (list of str, list of list of str)
    """
    header = ["", "network", *evaluation.baselines]
    lines = []
    for name, score in evaluation.network.items():
        others = [found.get(name, "") for found in evaluation.baselines.values()]
        lines.append([name, str(score), *(str(other) for other in others)])
    if evaluation.comparisons:
        score_name = evaluation.comparisons[0].score
        lines.append([f"{score_name}, network − it", "", *(str(one) for one in evaluation.comparisons)])
    return header, lines


def as_text(evaluation: Evaluation) -> str:
    """The evaluation for a terminal: heading, table, sentence, notes.

    Parameters
    ----------
    evaluation : Evaluation

    Returns
    -------
    str
    """
    header, lines = cells(evaluation)
    widths = [max(len(line[place]) for line in [header, *lines]) for place in range(len(header))]
    table = [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in [header, *lines]
    ]
    notes = [f"Note: {note}." for note in evaluation.notes]
    return "\n".join([_heading(evaluation), "", *table, "", evaluation.sentence, *notes])


def as_html(evaluation: Evaluation) -> str:
    """The evaluation for a notebook, everything escaped.

    Parameters
    ----------
    evaluation : Evaluation

    Returns
    -------
    str
    """
    header, lines = cells(evaluation)
    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in header)
    body = "".join(
        f'<tr><th scope="row">{escape(line[0])}</th>'
        + "".join(f"<td>{escape(cell)}</td>" for cell in line[1:])
        + "</tr>"
        for line in lines
    )
    notes = "".join(f"<li>{escape(note)}</li>" for note in evaluation.notes)
    return (
        '<div class="tidynet-evaluation"><table>'
        f"<caption>{escape(_heading(evaluation))}</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        f"<p>{escape(evaluation.sentence)}</p>" + (f"<ul>{notes}</ul>" if notes else "") + "</div>"
    )


def _heading(evaluation: Evaluation) -> str:
    rows = f"{evaluation.rows:,} test {'row' if evaluation.rows == 1 else 'rows'}"
    kind = f"{len(evaluation.classes)} classes" if evaluation.classes else "regression"
    return f"{evaluation.target}: {rows}, {kind}; 95% bootstrap intervals in brackets"
