"""Scores of predictions, each with a 95% bootstrap interval; values equal those of scikit-learn's functions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tidynet.core.errors import InputError
from tidynet.core.text import format_with_interval, join_names, pluralize
from tidynet.evaluation.bootstrap import (
    Codes,
    Values,
    bootstrap_interval,
    bootstrap_replicates,
    percentile_interval,
    resample_count,
    small_sample_factor,
)
from tidynet.evaluation.classification_metrics import classification_metrics
from tidynet.evaluation.metric import Metric
from tidynet.evaluation.regression_metrics import regression_metrics

__all__ = ["TASKS", "ModelScores", "Score", "class_labels", "metrics_for", "score_models", "scores"]

_MAX_FACTOR = 3.0  # of an interval, in widths of its resamples
TASKS = ("binary", "multiclass", "regression")


@dataclass(frozen=True, slots=True)
class Score:
    """One score of one model on the test rows, with its 95% bootstrap interval."""

    name: str
    value: float
    low: float
    high: float
    higher_is_better: bool

    @property
    def with_ci(self) -> str:
        """The score with its interval, labeled: '0.90 (95% CI 0.81 to 0.95)'."""
        return str(self).replace("(", "(95% CI ", 1)

    def __str__(self) -> str:
        return format_with_interval(self.value, self.low, self.high)


@dataclass(frozen=True, slots=True)
class ModelScores:
    """The scores of one model by name, and the values of each on the resamples, (count,) float64."""

    scores: dict[str, Score]
    values: dict[str, Values]


def scores(
    task: str,
    y_true: npt.ArrayLike,
    prediction: npt.ArrayLike,
    probability: npt.ArrayLike | None = None,
    *,
    classes: npt.ArrayLike | None = None,
    seed: int = 0,
) -> dict[str, Score]:
    """Score predictions against the true values, each score with a 95% bootstrap interval."""
    result, _ = metrics_for(task, y_true, prediction, probability, classes=classes)
    rows = len(np.asarray(y_true))
    known = 1 if classes is None else len(np.asarray(classes))
    return score_models([result], rows, known, seed, class_labels(task, y_true))[0].scores


def class_labels(task: str, y_true: npt.ArrayLike) -> Codes | None:
    """The true class of each row as a code; None for numbers."""
    if task == "regression":
        return None
    index: dict[object, int] = {}
    return np.array([index.setdefault(label, len(index)) for label in np.asarray(y_true).tolist()], dtype=np.int64)


def score_models(
    models: Sequence[Sequence[Metric]], rows: int, classes: int, seed: int, y_true: Codes | None = None
) -> list[ModelScores]:
    """Score several models on the same resamples, so that their scores are paired.

    Metrics by class have resamples of their own, drawn within each true class.
    """
    count = resample_count(rows, classes)
    wider = float("inf") if y_true is None else small_sample_factor(y_true)
    # Where nearly every class has one row, the variation within classes cannot be estimated.
    strata, wider = (y_true, wider) if wider <= _MAX_FACTOR else (None, 1.0)

    def bootstrap_scores(by_class: bool) -> Iterator[Values]:
        requested = [metric.of for result in models for metric in result if metric.by_class == by_class]
        return iter(
            bootstrap_replicates(requested, rows, count, seed, strata if by_class else None) if requested else ()
        )

    plain, by_class = bootstrap_scores(False), bootstrap_scores(True)
    scored = []
    for result in models:
        values = {metric.name: next(by_class if metric.by_class else plain) for metric in result}
        scored.append(ModelScores({m.name: _as_score(m, rows, values[m.name], wider) for m in result}, values))
    return scored


def metrics_for(
    task: str,
    y_true: npt.ArrayLike,
    prediction: npt.ArrayLike,
    probability: npt.ArrayLike | None = None,
    *,
    classes: npt.ArrayLike | None = None,
) -> tuple[list[Metric], tuple[str, ...]]:
    """The metrics that these rows define, and notes on the undefined ones; parameters as in `scores`."""
    if task not in TASKS:
        raise InputError(f"the task is '{task}', expected one of {join_names(TASKS)}")
    true, y_pred = np.asarray(y_true), np.asarray(prediction)
    if true.size == 0:
        raise InputError("y_true has 0 rows, expected at least 1")
    if true.ndim != 1:
        raise InputError(f"y_true has shape {true.shape}, expected (n,)")
    if true.shape != y_pred.shape:
        raise InputError(f"prediction has shape {y_pred.shape}, expected {true.shape} as y_true")
    if task == "regression":
        return regression_metrics(_finite(true, "y_true"), _finite(y_pred, "prediction"))
    if probability is None:
        known = np.array([]) if classes is None else np.asarray(classes)
        return classification_metrics(true, y_pred, None, known)
    if classes is None:
        raise InputError("classes is None, expected the labels of the columns of probability", "pass classes=…")
    known = np.asarray(classes)
    probabilities = _finite(np.asarray(probability), "probability")
    if probabilities.shape != (len(true), len(known)):
        raise InputError(f"probability has shape {probabilities.shape}, expected ({len(true)}, {len(known)})")
    return classification_metrics(true, y_pred, probabilities, known)


def _finite(values: npt.NDArray[Any], name: str) -> Values:
    try:
        numbers = values.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"{name} is not numeric, expected numbers") from error
    bad = int((~np.isfinite(numbers)).sum())
    if bad:
        raise InputError(f"{name} has {pluralize(bad, 'NaN or infinite value')}, expected 0")
    return numbers


def _as_score(metric: Metric, rows: int, values: Values, wider: float) -> Score:
    """The score with the interval of its resamples."""
    value = metric.value(rows)
    if metric.by_class:
        low, high = bootstrap_interval(value, values, wider)
    else:
        low, high = percentile_interval(values)
        low, high = min(low, value), max(high, value)
    return Score(metric.name, value, low, high, metric.higher_is_better)
