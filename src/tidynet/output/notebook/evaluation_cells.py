"""The cells that tell how far to believe the network: the parts of the evaluation beyond its scores.

Each part says its sentences, shows its numbers as a table, and is drawn by the functions that draw the report.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from tidynet.output.notebook.cell import (
    NotebookCell,
    code,
    escape_markdown,
    hidden_code,
    hidden_markdown,
    markdown_list,
    slide,
)

if TYPE_CHECKING:
    from tidynet.evaluation.result import Evaluation
    from tidynet.evaluation.section import EvaluationSection

__all__ = ["evaluation_cells"]


def evaluation_cells(evaluation: Evaluation) -> Iterator[NotebookCell]:
    """Each part of an evaluation: its words, its numbers, its pictures."""
    for section in evaluation.sections:
        name = _variable(section)
        yield _heading(section)
        yield hidden_code(f'{name} = evaluation.section("{section.name}")\nprint(*{name}.sentences, sep="\\n")')
        if section.facts:
            yield from _MORE.get(section.name, _numbers)(section)


def _heading(section: EvaluationSection) -> NotebookCell:
    title = f"## {escape_markdown(section.title)}"
    if section.facts.get("columns") and section.name == "effects":
        return hidden_markdown(title)  # each of its sentences stands above its own picture
    text = (
        markdown_list(section.sentences) if len(section.sentences) > 1 else escape_markdown("".join(section.sentences))
    )
    return slide(f"{title}\n\n{text}")


def _variable(section: EvaluationSection) -> str:
    return section.name.replace("-", "_").replace(" ", "_")


def _numbers(section: EvaluationSection) -> Iterator[NotebookCell]:
    if section.lines:
        name = _variable(section)
        yield hidden_code(f"pd.DataFrame({name}.lines, columns={name}.header)")


def _uncertainty_cells(section: EvaluationSection) -> Iterator[NotebookCell]:
    if section.lines:
        yield slide("### Where the promise holds\n\nOn all test rows, and on the parts of them where it holds least.")
        yield code("pd.DataFrame(doubt.lines, columns=doubt.header)")
    if section.facts.get("after") is None:
        return
    error = section.facts["after"]["error"]
    yield slide(
        "### Stated and observed probability\n\n"
        f"The calibration error is {error:.3f}: the mean distance of the points from the line, by their rows."
    )
    yield code(
        "from tidynet.evaluation.calibration import calibration_from, reliability_diagram\n\n"
        'before, after = doubt.facts["before"], doubt.facts["after"]\n'
        "reliability_diagram(calibration_from(after), before and calibration_from(before))"
    )
    yield hidden_code('pd.DataFrame(after["bins"])')


def _importance(section: EvaluationSection) -> Iterator[NotebookCell]:
    if section.facts["groups"]:
        yield code("tn.plot.importances(importance.facts)")
        yield hidden_code("pd.DataFrame(importance.lines, columns=importance.header)")


def _effects(section: EvaluationSection) -> Iterator[NotebookCell]:
    for index, (item, text) in enumerate(zip(section.facts["columns"], section.sentences, strict=False)):
        yield slide(f"### Predictions along {escape_markdown(item['column'])}\n\n{escape_markdown(text)}")
        yield code(f'effect = effects.facts["columns"][{index}]\ntn.plot.plot_effect(effect)')
        yield hidden_code(
            'partial = {curve["name"]: curve["partial_dependence"] for curve in effect["curves"]}\n'
            'pd.DataFrame(partial, index=pd.Index(effect["labels"], name=effect["column"]))'
        )
    if section.facts["pair"] is not None:
        first, second = section.facts["pair"]["columns"]
        yield slide(
            f"### {escape_markdown(first)} and {escape_markdown(second)} together\n\n{escape_markdown(section.sentences[-1])}"
        )
        yield code('tn.plot.plot_pair_effect(effects.facts["pair"])')


def _subgroups(section: EvaluationSection) -> Iterator[NotebookCell]:
    if section.facts["found"]:
        yield slide("### Weak subgroups\n\nTheir mean loss beside that of the rows elsewhere.")
        yield code("tn.plot.plot_subgroups(subgroups.facts)")
        yield hidden_code('pd.DataFrame(subgroups.facts["found"]).drop(columns="columns")')


def _errors(section: EvaluationSection) -> Iterator[NotebookCell]:
    if section.facts["rows"]:
        yield hidden_markdown("These rows, their loss, and what stands in the table; rows are numbered from 1.")
        yield hidden_code('worst = pd.DataFrame(errors.facts["rows"]).drop(columns="values").set_index("row")\nworst')
        yield hidden_code("frame.loc[worst.index - 1]")


def _curve(section: EvaluationSection) -> Iterator[NotebookCell]:
    yield from _numbers(section)
    yield slide("### Growth with the rows\n\nThe score against the number of training rows, carried on beyond them.")
    yield code("from tidynet.plot.learning_curve import growth\n\ngrowth(learning_curve.facts)")


_MORE: dict[str, Callable[[EvaluationSection], Iterator[NotebookCell]]] = {
    "uncertainty": _uncertainty_cells,
    "importance": _importance,
    "effects": _effects,
    "subgroups": _subgroups,
    "errors": _errors,
    "learning curve": _curve,
}
