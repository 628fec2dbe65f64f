"""What a prediction is worth: the scores users expect, each with a 95% bootstrap interval.

Every score is a function of how often each test row counts (`measure`), so that one text gives the
score, its interval, and the paired difference between two models. Values equal scikit-learn's
functions of the same names.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tidynet.core.errors import InputError
from tidynet.core.text import format_with_interval, join_names
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

_WIDEST = 3.0  # times as wide as its resamples
TASKS = ("binary", "multiclass", "regression")


@dataclass(frozen=True, slots=True)
class Score:
    """One score of one model on the test rows, with its 95% bootstrap interval.

    Examples
    --------
    >>> print(Score("accuracy", 0.9, 0.8123, 0.9512, higher_is_better=True))
    0.90 (0.81 to 0.95)
    """

    name: str
    value: float
    low: float
    high: float
    higher_is_better: bool

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
    """Score predictions against the truth, each score with a 95% bootstrap interval.

    Parameters
    ----------
    task : "binary" | "multiclass" | "regression"
        What was predicted.
    y_true : array (n,)
        True labels or numbers.
    prediction : array (n,)
        Predicted labels or numbers.
    probability : float array (n, k), optional
        Probability of each class, in the order of `classes`; without it the scores of probabilities are left out.
    classes : array (k,), optional
        The labels that the model knows; needed beside `probability`.
    seed : int
        Seed of the resamples.

    Returns
    -------
    dict of str to Score
        Accuracy, balanced accuracy, macro F1, Matthews correlation, log loss, Brier score, ROC AUC and
        average precision (macro one-vs-rest for several classes), F1 of each class; or RMSE, MAE, median
        absolute error and R². A score that these rows leave undefined is absent.

    Raises
    ------
    InputError
        For an unknown task, no rows, lengths that differ, or numbers that are not finite.

    Examples
    --------
    >>> result = scores("binary", ["no", "yes", "no", "yes"], ["no", "yes", "yes", "yes"])
    >>> {name: score.value for name, score in result.items()}
    {'accuracy': 0.75, 'balanced accuracy': 0.75, 'macro F1': 0.733..., 'Matthews correlation': 0.577...}
    """
    result, _ = metrics_for(task, y_true, prediction, probability, classes=classes)
    rows = len(np.asarray(y_true))
    known = 1 if classes is None else len(np.asarray(classes))
    return score_models([result], rows, known, seed, class_labels(task, y_true))[0].scores


def class_labels(task: str, y_true: npt.ArrayLike) -> Codes | None:
    """The true class of each row as a code; None for numbers.

    Examples
    --------
    >>> class_labels("binary", ["no", "yes", "no"]).tolist(), class_labels("regression", [1.0, 2.0])
    ([0, 1, 0], None)
    """
    if task == "regression":
        return None
    index: dict[object, int] = {}
    return np.array([index.setdefault(label, len(index)) for label in np.asarray(y_true).tolist()], dtype=np.int64)


def score_models(
    models: Sequence[Sequence[Metric]], rows: int, classes: int, seed: int, y_true: Codes | None = None
) -> list[ModelScores]:
    """Score several models on one drawing of resamples, so that their scores are paired.

    Scores by class have a drawing of their own, which keeps the rows of each true class.

    Examples
    --------
    >>> found, _ = metrics_for("regression", [1.0, 2.0], [1.0, 1.0])
    >>> one, other = score_models([found, found], rows=2, classes=1, seed=0)
    >>> bool((one.values["MAE"] == other.values["MAE"]).all())
    True
    """
    count = resample_count(rows, classes)
    wider = float("inf") if y_true is None else small_sample_factor(y_true)
    # Where nearly every class has one row, no class tells by itself how much it varies.
    apart, wider = (y_true, wider) if wider <= _WIDEST else (None, 1.0)

    def bootstrap_scores(by_class: bool) -> Iterator[Values]:
        requested = [measure.of for result in models for measure in result if measure.by_class == by_class]
        return iter(
            bootstrap_replicates(requested, rows, count, seed, apart if by_class else None) if requested else ()
        )

    plain, by_class = bootstrap_scores(False), bootstrap_scores(True)
    scored = []
    for result in models:
        values = {measure.name: next(by_class if measure.by_class else plain) for measure in result}
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
    """The measures that these rows define, and notes on those that they leave undefined.

    Parameters and errors are those of `scores`.

    Examples
    --------
    >>> found, notes = metrics_for("regression", [2.0, 2.0], [1.0, 3.0])
    >>> [measure.name for measure in found]
    ['RMSE', 'MAE', 'median absolute error']
    >>> notes
    ('R² is left out: the target is 2 in every test row',)
    """
    if task not in TASKS:
        raise InputError(f"the task is '{task}', expected one of {join_names(TASKS)}")
    true, y_pred = np.asarray(y_true), np.asarray(prediction)
    if true.size == 0:
        raise InputError("there are no rows to score, expected at least one")
    if true.ndim != 1:
        raise InputError(f"the true values have the shape {true.shape}, expected one value a row")
    if true.shape != y_pred.shape:
        raise InputError(f"{len(y_pred)} predictions were given for {len(true)} true values")
    if task == "regression":
        return regression_metrics(_finite(true, "the true values"), _finite(y_pred, "the predictions"))
    if probability is None:
        known = np.array([]) if classes is None else np.asarray(classes)
        return classification_metrics(true, y_pred, None, known)
    if classes is None:
        raise InputError("probabilities were given without the classes of their columns", "pass classes=…")
    known = np.asarray(classes)
    chances = _finite(np.asarray(probability), "the probabilities")
    if chances.shape != (len(true), len(known)):
        raise InputError(
            f"the probabilities have the shape {chances.shape}, expected {len(true)} rows × {len(known)} classes"
        )
    return classification_metrics(true, y_pred, chances, known)


def _finite(values: npt.NDArray[Any], what: str) -> Values:
    try:
        numbers = values.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"{what} are not numbers, expected numbers only") from error
    bad = int((~np.isfinite(numbers)).sum())
    if bad:
        raise InputError(f"{what} hold {bad} that are not finite numbers, expected none")
    return numbers


def _as_score(measure: Metric, rows: int, values: Values, wider: float) -> Score:
    """The score with the interval of its values on the resamples."""
    value = measure.value(rows)
    if measure.by_class:
        low, high = bootstrap_interval(value, values, wider)
    else:
        low, high = percentile_interval(values)
        low, high = min(low, value), max(high, value)
    return Score(measure.name, value, low, high, measure.higher_is_better)
