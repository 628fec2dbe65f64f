"""All sections of an evaluation: screen, report, model card and notebook iterate over `SPECS`.

A section that cannot be computed states the reason in one sentence; the others are computed nevertheless.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

import numpy.typing as npt

from tidynet.core.errors import InputError, did_you_mean
from tidynet.core.progress import OnSection
from tidynet.core.text import join_names
from tidynet.estimators.fitted_model import Predictor
from tidynet.evaluation.context import EvaluationContext
from tidynet.evaluation.cross_validation import cross_validate
from tidynet.evaluation.learning_curve import learning_curve as compute
from tidynet.evaluation.section import EvaluationSection, SectionSpec
from tidynet.evaluation.sections import (
    cross_validation,
    effects,
    importance,
    largest_errors,
    leakage,
    learning_curve,
    subgroups,
    uncertainty,
)

__all__ = ["SECTIONS", "SPECS", "EvaluationContext", "compute_sections", "cross_validation_sections", "select_sections"]

_MODULES = (leakage, uncertainty, importance, effects, subgroups, largest_errors, cross_validation, learning_curve)
SPECS: dict[str, SectionSpec] = {module.SPEC.name: module.SPEC for module in _MODULES}
# The sections that are read from the test rows; the others train networks again.
SECTIONS = {name: spec for name, spec in SPECS.items() if spec.read is not None}


def select_sections(sections: str | Iterable[str]) -> tuple[str, ...]:
    """The names of sections, in the order of the evaluation."""
    if sections == "all":
        return tuple(SECTIONS)
    requested = {sections} if isinstance(sections, str) else set(sections)
    for name in sorted(requested - {"scores"} - set(SECTIONS)):
        fix = did_you_mean(name, ["all", "scores", *SECTIONS])
        raise InputError(f"the section is '{name}', expected one of {join_names(['all', 'scores', *SECTIONS])}", fix)
    return tuple(name for name in SECTIONS if name in requested)


def compute_sections(
    context: EvaluationContext, sections: Iterable[str], on_section: OnSection | None = None
) -> tuple[EvaluationSection, ...]:
    """Compute sections from the test rows."""
    specs, result = [SPECS[name] for name in sections], []
    for index, spec in enumerate(specs):
        if on_section is not None:
            on_section(spec.title, index, len(specs))
        try:
            result.append(spec.read(context) if spec.read is not None else spec.section(()))
        except InputError as error:
            result.append(spec.section([f"not available: {error}"]))
    return tuple(result)


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
        on_network = None if on_event is None else partial(on_event, cross_validation.SPEC.title)
        scores = cross_validate(
            model, table, target, folds=folds, repeats=repeats, seed=seed, groups=groups, order=order,
            on_event=on_network,
        )  # fmt: skip
        result.append(cross_validation.cross_validation_section(scores))
    if curve:
        on_network = None if on_event is None else partial(on_event, learning_curve.SPEC.title)
        try:
            losses = compute(model, table, target, seed=seed, groups=groups, order=order, on_event=on_network)
            result.append(learning_curve.learning_curve_section(losses))
        except InputError as error:
            result.append(learning_curve.SPEC.section([f"not available: {error}"]))
    return tuple(result)
