"""An evaluation as aligned text and as escaped HTML."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from tidynet.core.text import sentence
from tidynet.evaluation.contributions import PredictionExplanation
from tidynet.evaluation.section import EvaluationSection

__all__ = ["as_html", "as_text", "sections_as_text"]

# For notebooks that do not style tables.
_NAME = "text-align:left;white-space:nowrap;padding:.2em .6em .2em 0"
_CELL = "text-align:right;white-space:nowrap;padding:.2em .6em"


def as_text(
    heading: str,
    header: Sequence[str],
    lines: Sequence[Sequence[str]],
    opening: Sequence[str],
    closing: Sequence[str],
    notes: Sequence[str],
) -> str:
    """The table for a terminal, between opening and closing sentences."""
    widths = [max(len(line[index]) for line in [header, *lines]) for index in range(len(header))]
    table = (
        [
            "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
            for line in [header, *lines]
        ]
        if header
        else []
    )
    noted = [f"Note: {sentence(note)}" for note in notes]
    before = [line for text in opening for line in (text, "")]
    after = [*closing, *noted]
    return "\n".join([*before, heading, *([""] if table else []), *table, *([""] if after else []), *after])


def sections_as_text(sections: Sequence[EvaluationSection]) -> list[str]:
    """The title and the sentences of each section, as lines; nothing for one without sentences."""
    return [
        line
        for item in sections
        if item.sentences
        for line in ("", item.title, *(f"  {text}" for text in item.sentences))
    ]


def as_html(
    heading: str,
    header: Sequence[str],
    lines: Sequence[Sequence[str]],
    opening: Sequence[str],
    closing: Sequence[str],
    notes: Sequence[str],
    sections: Sequence[EvaluationSection] = (),
) -> str:
    """The table and the sections for a notebook, everything escaped; parameters as in `as_text`."""
    head = "".join(
        f'<th scope="col" style="{_CELL}">{escape(cell)}</th>' if cell else f'<td style="{_CELL}"></td>'
        for cell in header
    )
    body = "".join(
        f'<tr><th scope="row" style="{_NAME}">{escape(line[0])}</th>'
        + "".join(f'<td style="{_CELL}">{escape(cell)}</td>' for cell in line[1:])
        + "</tr>"
        for line in lines
    )
    items = "".join(f"<li>{escape(note)}</li>" for note in notes)
    details = "".join(
        f"<details><summary>{escape(item.title)}</summary>"
        + "".join(f"<p>{escape(line)}</p>" for line in item.sentences)
        + "".join(
            PredictionExplanation.from_dict(fields).html_figure() for fields in item.facts.get("explanations", ())
        )
        + "</details>"
        for item in sections
        if item.sentences
    )
    inside = f"<caption>{escape(heading)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody>"
    scored = f'<div style="overflow-x:auto"><table>{inside}</table></div>'
    table = scored if header else f"<p>{escape(heading)}</p>"
    before, after = ("".join(f"<p>{escape(line)}</p>" for line in lines) for lines in (opening, closing))
    return (
        f'<div class="tidynet-evaluation">{before}{table}{after}'
        + (f"<ul>{items}</ul>" if items else "")
        + details
        + "</div>"
    )
