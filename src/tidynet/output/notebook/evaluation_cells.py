"""The notebook cells of an evaluation: the sentences, tables and figures of its sections."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tidynet.core.notebook_cell import NotebookCell, escape_markdown, hidden_code, hidden_markdown, markdown_list, slide

if TYPE_CHECKING:
    from tidynet.evaluation.result import Evaluation
    from tidynet.evaluation.section import EvaluationSection


def evaluation_cells(evaluation: Evaluation) -> Iterator[NotebookCell]:
    """A heading with the sentences of each section, and the cells that its file declares."""
    from tidynet.evaluation.section import variable_name
    from tidynet.evaluation.sections import SPECS

    for section in evaluation.sections:
        spec, name = SPECS[section.name], variable_name(section)
        yield _heading(section, has_text=spec.has_slide_text or not section.facts.get("columns"))
        yield hidden_code(f'{name} = evaluation.section("{section.name}")\nprint(*{name}.sentences, sep="\\n")')
        if section.facts:
            yield from spec.cells(section)


def _heading(section: EvaluationSection, *, has_text: bool) -> NotebookCell:
    title = f"## {escape_markdown(section.title)}"
    if not has_text:
        return hidden_markdown(title)  # its sentences are above its figures
    sentences = section.sentences
    text = markdown_list(sentences) if len(sentences) > 1 else escape_markdown("".join(sentences))
    return slide(f"{title}\n\n{text}")
