"""Sections that train networks again on other rows: cross-validation and learning curve, each on request."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy.typing as npt

from tidynet.core.errors import InputError
from tidynet.core.progress import OnSection
from tidynet.estimators.fitted_model import Predictor
from tidynet.evaluation.section import EvaluationSection
from tidynet.evaluation.sections import cross_validation, learning_curve

__all__ = ["cross_validation_sections"]


def cross_validation_sections(
    model: Predictor,
    table: Any,
    target: str | None = None,
    *,
    folds: int = 0,
    repeats: int = 1,
    curve: bool = False,
    seed: int = 0,
    groups: npt.ArrayLike | None = None,
    order: npt.ArrayLike | None = None,
    on_event: OnSection | None = None,
) -> tuple[EvaluationSection, ...]:
    """The requested sections of networks that are trained with a model's parameters on other rows."""
    result = []
    if folds:
        from tidynet.evaluation.cross_validation import cross_validate

        on_network = None if on_event is None else partial(on_event, cross_validation.SPEC.title)
        scores = cross_validate(
            model, table, target, folds=folds, repeats=repeats, seed=seed, groups=groups, order=order,
            on_event=on_network,
        )  # fmt: skip
        result.append(cross_validation.cross_validation_section(scores))
    if curve:
        from tidynet.evaluation.learning_curve import learning_curve as compute

        on_network = None if on_event is None else partial(on_event, learning_curve.SPEC.title)
        try:
            losses = compute(model, table, target, seed=seed, groups=groups, order=order, on_event=on_network)
            result.append(learning_curve.learning_curve_section(losses))
        except InputError as error:
            result.append(learning_curve.SPEC.section([f"not available: {error}"]))
    return tuple(result)
