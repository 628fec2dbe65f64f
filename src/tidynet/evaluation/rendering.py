"""An evaluation as aligned text and as escaped HTML."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING

from tidynet.core.text import sentence
from tidynet.evaluation.contributions import PredictionExplanation, aligned_lines
from tidynet.evaluation.section import EvaluationSection

if TYPE_CHECKING:
    from tidynet.evaluation.result import Evaluation

# For notebooks that do not style tables.
_NAME = "text-align:left;white-space:nowrap;padding:.2em .6em .2em 0"
_CELL = "text-align:right;white-space:nowrap;padding:.2em .6em"


def as_text(result: Evaluation) -> str:
    """The table for a terminal between its notes, then the title and the sentences of each section."""
    header, lines = result.cells()
    whole = [line for text in result.summary_notes for line in (text, "")]
    whole += [result.heading, *(["", *aligned_lines(header, lines)] if header else [])]
    after = [*result.final_notes, *(f"Note: {sentence(note)}" for note in result.notes)]
    whole += ["", *after] if after else []
    for item in result.sections:
        whole += ["", item.title, *(f"  {text}" for text in item.sentences)] if item.sentences else []
    return "\n".join(whole)


def as_html(result: Evaluation) -> str:
    """The same for a notebook, everything escaped."""
    header, lines = result.cells()
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
    caption = escape(result.heading)
    table = f"<table><caption>{caption}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    table = f'<div style="overflow-x:auto">{table}</div>' if header else f"<p>{caption}</p>"
    notes = "".join(f"<li>{escape(note)}</li>" for note in result.notes)
    details = "".join(_section_html(item) for item in result.sections if item.sentences)
    text = _paragraphs(result.summary_notes) + table + _paragraphs(result.final_notes)
    return f'<div class="tidynet-evaluation">{text}{f"<ul>{notes}</ul>" if notes else ""}{details}</div>'


def _section_html(section: EvaluationSection) -> str:
    explanations = (PredictionExplanation.from_dict(fields) for fields in section.facts.get("explanations", ()))
    figures = "".join(item.html_figure() for item in explanations)
    title = f"<summary>{escape(section.title)}</summary>"
    return f"<details>{title}{_paragraphs(section.sentences)}{figures}</details>"


def _paragraphs(texts: Iterable[str]) -> str:
    return "".join(f"<p>{escape(text)}</p>" for text in texts)
