"""Section "Feature importance": how much the loss rises when a column is permuted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

from tidynet.core.notebook_cell import NotebookCell, code, hidden_code
from tidynet.core.text import (
    decimals_for_interval,
    format_interval,
    format_signed,
    format_with_interval,
    list_columns,
    pluralize,
)
from tidynet.evaluation.context import EvaluationContext
from tidynet.evaluation.importance import MIN_ROWS, PermutationImportance
from tidynet.evaluation.section import EvaluationSection, Facts, SectionFigure, SectionName, SectionSpec

_MAX_COLUMNS = 12


def read(context: EvaluationContext) -> EvaluationSection:
    """Permutation importance of the columns, the largest first."""
    result = context.importances
    groups = result.groups[:_MAX_COLUMNS] if result.is_conclusive else ()
    lines = [(" and ".join(item.columns), format_with_interval(item.value, item.low, item.high)) for item in groups]
    header = ("columns permuted", f"increase of the {result.score} (95% CI)") if lines else ()
    return SPEC.section(importance_sentences(result), header, lines, asdict(result))


def importance_sentences(result: PermutationImportance) -> list[str]:
    """The most important column, and how many are not significant."""
    rows = pluralize(result.rows, "test row")
    if not result.is_conclusive:
        return [f"{rows}: too few for feature importance (minimum {MIN_ROWS})"]
    if not result.groups or result.groups[0].low <= 0:
        return [f"no column is significantly important (n = {result.rows:,})"]
    top, n_idle = result.groups[0], sum(item.low <= 0 for item in result.groups)
    decimals = decimals_for_interval(top.value, top.low, top.high)
    text = f"most important: {list_columns(top.columns)} ({result.score} {format_signed(top.value, decimals)}"
    text += f", 95% CI {format_interval(top.low, top.high, decimals)}, when permuted)"
    return [text + (f"; {n_idle} of {len(result.groups)} not significant" if n_idle else "")]


def figures(facts: Facts) -> Iterator[SectionFigure]:
    """Importances with intervals."""
    if facts["groups"] and facts["rows"] >= MIN_ROWS:
        from tidynet.plot.feature_effects import plot_importance

        yield SectionFigure(
            plot_importance(facts),
            f"Permutation importance: increase of the {facts['score']} for each column, the largest first.",
            f"Increase of the {facts['score']} when a column is permuted among the test rows (dot) with its 95% CI "
            "(line). Gray: not significant. Strongly associated columns are permuted together.",
        )


def cells(section: EvaluationSection) -> Iterator[NotebookCell]:
    """The figure and the table."""
    if section.facts["groups"]:
        yield code("tn.plot.plot_importance(importance.facts)")
        yield hidden_code("pd.DataFrame(importance.lines, columns=importance.header)")


SPEC = SectionSpec(SectionName.IMPORTANCE, "Feature importance", read, figures=figures, cells=cells)
