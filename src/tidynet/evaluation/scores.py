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
    Counts,
    Metric,
    Statistic,
    Values,
    bootstrap_interval,
    bootstrap_replicates,
    mean_metric,
    percentile_interval,
    ratio_metric,
    resample_count,
    small_sample_factor,
)
from tidynet.evaluation.classification_metrics import classification_metrics

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
    """Score several models on the same resamples, so that their scores are paired; by class within each true class."""
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


def regression_metrics(y_true: Values, prediction: Values) -> tuple[list[Metric], tuple[str, ...]]:
    """RMSE = √mean((y − ŷ)²), MAE = mean|y − ŷ|, median|y − ŷ| and R² = 1 − Σ(y − ŷ)² / Σ(y − ȳ)²."""
    error = y_true - prediction
    squared = error**2
    result = [
        Metric("RMSE", False, lambda counts: np.sqrt(mean_metric(counts, squared))),
        Metric("MAE", False, lambda counts: mean_metric(counts, np.abs(error))),
        Metric("median absolute error", False, _median_of(np.abs(error))),
    ]
    if y_true.min() == y_true.max():
        return result, (f"R² is undefined: the target is {y_true[0]:g} in every test row",)
    result.append(Metric("R²", True, lambda counts: _r2_score(counts, y_true, squared)))
    return result, ()


def _r2_score(counts: Counts, y_true: Values, squared: Values) -> Values:
    center = mean_metric(counts, y_true)
    spread = np.sum(counts * (y_true - center[:, np.newaxis]) ** 2, axis=1)
    # In a resample of one distinct value only rounding remains: undefined, not huge.
    rounding = (8 * np.finfo(np.float64).eps * np.abs(y_true).max()) ** 2 * len(y_true)
    return 1.0 - ratio_metric(counts @ squared, np.where(spread > rounding, spread, 0.0))


def quantile_metrics(y_true: Values, quantiles: Values, levels: Sequence[float]) -> list[Metric]:
    """Pinball loss of each quantile q: mean of q·(y − ŷ) where y is above ŷ, (1 − q)·(ŷ − y) below."""
    return [_pinball(y_true - quantiles[:, index], level) for index, level in enumerate(levels)]


def _pinball(error: Values, level: float) -> Metric:
    loss = np.maximum(level * error, (level - 1.0) * error)
    return Metric(f"pinball loss at {level:g}", False, lambda counts: mean_metric(counts, loss))


def _median_of(values: Values) -> Statistic:
    """The median of each resample; rows are sorted once."""
    order = np.argsort(values, kind="stable")
    ascending = values[order]

    def median(counts: Counts) -> Values:
        running = np.cumsum(counts[:, order], axis=1)
        rows = running[:, -1:]
        lower, upper = ((running <= index).sum(axis=1) for index in ((rows - 1) // 2, rows // 2))
        return np.asarray((ascending[lower] + ascending[upper]) / 2.0, dtype=np.float64)

    return median
