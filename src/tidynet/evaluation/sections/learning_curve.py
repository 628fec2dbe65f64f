"""Section "Learning curve": the loss by number of training rows, and the effect of twice as many."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

from tidynet.core.notebook_cell import NotebookCell, code, slide
from tidynet.core.text import decimals_for_interval, format_percent, format_value, format_with_interval, pluralize
from tidynet.evaluation.learning_curve import MIN_GAIN, LearningCurve, MoreRows
from tidynet.evaluation.section import (
    CardPlace,
    EvaluationSection,
    Facts,
    SectionFigure,
    SectionName,
    SectionSpec,
    table_cells,
)


def learning_curve_section(result: LearningCurve) -> EvaluationSection:
    """The verdict, the curve, and a table of losses."""
    lines = [
        (f"{size:,}", format_with_interval(loss, low, high))
        for size, loss, low, high in zip(result.sizes, result.losses, result.lows, result.highs, strict=True)
    ]
    lines.append((f"{result.projected_rows:,} (projected)", _projected(result)))
    return SPEC.section(
        learning_curve_sentences(result), ("training rows", f"{result.score} (95% CI)"), lines, asdict(result)
    )


def learning_curve_sentences(result: LearningCurve) -> list[str]:
    """The verdict on more rows, and the numbers behind it."""
    gain = f"{format_percent(result.gain_low)} to {format_percent(result.gain_high)}"
    doubling = f"{result.projected_rows:,} training rows lower the {result.score} by {gain} (95% CI)"
    verdict = {
        MoreRows.HELP: f"more rows help: {doubling}",
        MoreRows.HELP_LITTLE: f"more rows help little: {doubling}, under {format_percent(MIN_GAIN)}; add columns or "
        "change the network",
        MoreRows.NOT_SIGNIFICANT: f"the effect of more rows is not significant: {doubling}; "
        f"{format_percent(MIN_GAIN)} would be worthwhile",
        MoreRows.NO_FIT: "the losses follow no power law: the effect of more rows is unknown",
    }[result.verdict]
    decimals = decimals_for_interval(result.projected_loss, result.projected_loss_low, result.projected_loss_high)
    curve = (
        f"power law through {len(result.sizes) - result.n_excluded} sizes: {result.score} "
        f"{format_value(result.a + result.b, decimals)} at {result.sizes[-1]:,} training rows, "
        f"{_projected(result)} at {result.projected_rows:,}"
    )
    excluded = pluralize(result.n_excluded, "size")
    reason = f"the fit excludes the smallest {excluded}, no better than a constant prediction"
    return [verdict, curve, *([reason] if result.n_excluded else [])]


def _projected(result: LearningCurve) -> str:
    return format_with_interval(result.projected_loss, result.projected_loss_low, result.projected_loss_high)


def figures(facts: Facts) -> Iterator[SectionFigure]:
    """The curve and its projection."""
    if not facts:
        return
    from tidynet.plot.learning_curve import plot_learning_curve

    yield SectionFigure(
        plot_learning_curve(facts),
        f"{facts['score']} on test rows by number of training rows, from {facts['sizes'][0]:,} to "
        f"{facts['sizes'][-1]:,}, projected to {facts['projected_rows']:,}.",
        f"Filled dots: {facts['score']} of networks trained on this number of rows, with 95% CI. Dashed: the fitted "
        "power law. Open dot: the projection.",
    )


def cells(section: EvaluationSection) -> Iterator[NotebookCell]:
    """The table and the figure."""
    yield from table_cells(section)
    yield slide("### Effect of more rows\n\nThe score by number of training rows, projected to twice as many.")
    yield code(
        "from tidynet.plot.learning_curve import plot_learning_curve\n\nplot_learning_curve(learning_curve.facts)"
    )


SPEC = SectionSpec(
    SectionName.LEARNING_CURVE, "Learning curve", figures=figures, cells=cells, card_place=CardPlace.EVALUATION
)
