"""Section "Subgroups with high error": rows that are predicted significantly worse than the others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

from tidynet.core.notebook_cell import NotebookCell, code, hidden_code, slide
from tidynet.core.text import format_number, format_p, format_percent, pluralize
from tidynet.evaluation.context import EvaluationContext
from tidynet.evaluation.section import (
    AttentionItem,
    CardPlace,
    EvaluationSection,
    Facts,
    SectionFigure,
    SectionName,
    SectionSpec,
)
from tidynet.evaluation.subgroups import BRIER_SCORE, MIN_ROWS, Subgroup, Subgroups, weak_subgroups


def read(context: EvaluationContext) -> EvaluationSection:
    """The subgroups, the most significant first."""
    result = weak_subgroups(context.test_data, context.seed)
    return SPEC.section(subgroup_sentences(result), facts=asdict(result))


def subgroup_sentences(result: Subgroups) -> list[str]:
    """One sentence for each subgroup."""
    if not result.n_tested:
        return [f"{pluralize(result.rows, 'test row')}: no subgroup has {MIN_ROWS} rows"]
    if not result.found:
        return [f"no subgroup has a significantly higher error ({result.n_tested:,} tested, n = {result.rows:,})"]
    return [_sentence(result, index, item) for index, item in enumerate(result.found)]


def _sentence(result: Subgroups, index: int, item: Subgroup) -> str:
    overlaps = item.unnamed is not None and item.unnamed < item.rows
    new = f", {item.unnamed:,} not in a subgroup above" if overlaps else ""
    among = " among rows not in a subgroup above" if index else ""
    test = f"{format_p(item.p)}{among}, Bonferroni for {result.n_tested:,} subgroups"
    return f"{item.condition_text} ({pluralize(item.rows, 'row')}{new}): {_scores(result.measure, item)} ({test})"


def _scores(measure: str, item: Subgroup) -> str:
    if measure == BRIER_SCORE:
        return (
            f"accuracy {format_percent(item.score)}, other rows {format_percent(item.score_elsewhere)}; "
            f"Brier score {item.loss:.3f}, other rows {item.loss_elsewhere:.3f}"
        )
    return f"MAE {format_number(item.loss)}, other rows with similar predictions {format_number(item.loss_elsewhere)}"


def attention(section: EvaluationSection) -> Iterator[AttentionItem]:
    """Each subgroup."""
    if not section.facts:
        return
    result = Subgroups.from_dict(section.facts)
    for item in result.found:
        name, here, other = (
            ("accuracy", format_percent(item.score), format_percent(item.score_elsewhere))
            if result.measure == BRIER_SCORE
            else ("MAE", format_number(item.loss), format_number(item.loss_elsewhere))
        )
        fact = f"{item.condition_text} ({pluralize(item.rows, 'row')}): {name} {here}, other rows {other}"
        yield AttentionItem(section.name, fact, "collect more rows like these", 0.6)


def figures(facts: Facts) -> Iterator[SectionFigure]:
    """The error of each subgroup and of the other rows."""
    if facts["found"]:
        from tidynet.plot.feature_effects import plot_subgroups

        measure = facts["measure"] if facts["measure"] == BRIER_SCORE else "mean absolute error"
        yield SectionFigure(
            plot_subgroups(facts),
            f"{measure} of subgroups with a high error, and of the other rows.",
            f"The {measure} of each subgroup and of all other rows; lower is better.",
        )


def cells(section: EvaluationSection) -> Iterator[NotebookCell]:
    """The figure and the table."""
    if section.facts["found"]:
        yield slide("### Subgroups\n\nThe mean loss of each subgroup and of the other rows.")
        yield code("tn.plot.plot_subgroups(subgroups.facts)")
        yield hidden_code('pd.DataFrame(subgroups.facts["found"]).drop(columns="columns")')


SPEC = SectionSpec(
    SectionName.SUBGROUPS, "Subgroups with high error", read, attention, figures, cells, CardPlace.CAVEATS
)
