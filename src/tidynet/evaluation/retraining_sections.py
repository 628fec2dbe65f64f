"""What an evaluation may be asked for beside: cross-validation and a learning curve, which train anew."""

from __future__ import annotations

from typing import Any

from tidynet.core.errors import InputError
from tidynet.evaluation.section import EvaluationSection
from tidynet.evaluation.sections import Heard

__all__ = ["cross_validation_sections"]


def cross_validation_sections(
    model: Any,
    table: Any,
    target: str | None = None,
    *,
    folds: int = 0,
    repeats: int = 1,
    curve: bool = False,
    seed: int = 0,
    groups: Any = None,
    order: Any = None,
    on_event: Heard | None = None,
) -> tuple[EvaluationSection, ...]:
    """Train networks with a model's parameters on other rows, and say what that tells."""
    result = []
    apart = {"groups": groups, "order": order}
    if folds:
        from tidynet.evaluation.cross_validation import cross_validate

        hear = _progress_callback("cross-validation", on_event)
        result.append(
            cross_validate(
                model, table, target, folds=folds, repeats=repeats, seed=seed, on_event=hear, **apart
            ).section()
        )
    if curve:
        from tidynet.evaluation.learning_curve import learning_curve

        try:
            hear = _progress_callback("learning curve", on_event)
            result.append(learning_curve(model, table, target, seed=seed, on_event=hear, **apart).section())
        except InputError as error:
            result.append(
                EvaluationSection("learning curve", "More rows or a better net?", (f"It cannot be told: {error}.",))
            )
    return tuple(result)


def _progress_callback(text: str, on_event: Heard | None) -> Any:
    return None if on_event is None else (lambda ready, count: on_event(text, ready, count))
