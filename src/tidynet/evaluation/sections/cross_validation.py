"""Section "Cross-validation": scores over folds, with intervals that allow for shared training rows."""

from __future__ import annotations

from dataclasses import asdict

from tidynet.core.text import pluralize
from tidynet.evaluation.cross_validation import CrossValidation
from tidynet.evaluation.section import CardPlace, EvaluationSection, SectionName, SectionSpec


def cross_validation_section(result: CrossValidation) -> EvaluationSection:
    """The verdict, the folds, and a table of mean scores."""
    lines = [
        (name, *(str(scores.get(name, "")) for scores in result.scores.values())) for name in result.scores["network"]
    ]
    if result.comparisons:
        first = f"{result.comparisons[0].score}, network − baseline"
        lines.append((first, "", *(str(item) for item in result.comparisons)))
    difference = [result.comparison.text] if result.comparison is not None else []
    folds = pluralize(result.folds, "fold") + (f", repeated {result.repeats} times" if result.repeats > 1 else "")
    folds += "; the 95% CIs allow for shared training rows"
    if result.training_only_rows:
        total = result.rows + result.training_only_rows
        folds += (
            f"; each fold is predicted from the rows before it: {result.rows:,} of {pluralize(total, 'row')} are "
            f"tested, all but the first {result.training_only_rows:,}"
        )
    return SPEC.section([result.verdict, *difference, folds], ("", *result.scores), lines, asdict(result))


SPEC = SectionSpec(SectionName.CROSS_VALIDATION, "Cross-validation", card_place=CardPlace.EVALUATION)
