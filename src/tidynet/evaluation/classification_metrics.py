"""Metrics of predicted classes and their probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from tidynet.core.text import join_names, pluralize
from tidynet.evaluation.bootstrap import Statistic, Values
from tidynet.evaluation.confusion_metrics import confusion_metrics
from tidynet.evaluation.metric import Metric, ratio_metric
from tidynet.evaluation.ranking_metrics import ranking_metrics

__all__ = ["classification_metrics", "encode"]

# With more classes there is no F1 of each.
MAX_SINGLE_CLASSES = 12

Codes = npt.NDArray[np.int64]
Labels = npt.NDArray[Any]


def classification_metrics(
    y_true: Labels, prediction: Labels, probability: Values | None, classes: Labels
) -> tuple[list[Metric], tuple[str, ...]]:
    """Metrics of labels, of probabilities, and of the ranking by probability.

    Log loss = −mean log p(true class). Brier score = mean of (p − 1)² for the true class plus p² for the others; for
    two classes half of that, as is usual.
    """
    true, y_pred, unseen = encode(y_true, prediction, classes=classes)
    names = [str(label) for label in classes.tolist()]
    result = confusion_metrics(true, y_pred, names, MAX_SINGLE_CLASSES)
    known = true < len(classes)
    notes: list[str] = []
    if unseen and len(classes):
        rows = int((~known).sum())
        notes.append(
            f"{pluralize(rows, 'test row')} of classes absent from training ({join_names(map(str, unseen))}): "
            "errors in the accuracy, excluded from scores of probabilities"
        )
    if probability is None:
        return result, tuple(notes)
    if not known.any():
        notes.append("scores of probabilities are undefined: no test row has a class of the model")
        return result, tuple(notes)
    result.append(Metric("log loss", False, _mean_over(known, _log_losses(true[known], probability[known]))))
    result.append(Metric("Brier score", False, _mean_over(known, _squares(true[known], probability[known]))))
    ranking, ranking_notes = _ranking(true, known, probability, classes)
    # Metrics of single classes come last.
    single = [metric for metric in result if metric.is_single_class]
    whole = [metric for metric in result if not metric.is_single_class]
    return [*whole, *ranking, *single], (*notes, *ranking_notes)


def encode(y_true: Labels, prediction: Labels, *, classes: Labels) -> tuple[Codes, Codes, list[object]]:
    """Labels as codes: the index in `classes`, and from k on one more for each other label."""
    index: dict[object, int] = {}
    for label in [*classes.tolist(), *y_true.tolist()]:
        index.setdefault(label, len(index))
    unseen = list(index)[len(classes) :]
    for label in prediction.tolist():
        index.setdefault(label, len(index))
    true = np.array([index[label] for label in y_true.tolist()], dtype=np.int64)
    y_pred = np.array([index[label] for label in prediction.tolist()], dtype=np.int64)
    return true, y_pred, unseen


def _mean_over(known: npt.NDArray[np.bool_], values: Values) -> Statistic:
    """The mean over the known rows, for which `values` are."""
    total, counted = np.zeros(len(known)), known.astype(np.float64)
    total[known] = values
    return lambda counts: ratio_metric(counts @ total, counts @ counted)


def _log_losses(true: Codes, probability: Values) -> Values:
    eps = np.finfo(np.float64).eps
    return np.asarray(-np.log(np.clip(probability[np.arange(len(true)), true], eps, 1.0 - eps)), dtype=np.float64)


def _squares(true: Codes, probability: Values) -> Values:
    if probability.shape[1] == 2:
        return np.asarray((probability[:, 1] - true) ** 2, dtype=np.float64)
    of_true = probability[np.arange(len(true)), true]
    return np.asarray((probability**2).sum(axis=1) - of_true**2 + (1.0 - of_true) ** 2, dtype=np.float64)


def _ranking(
    true: Codes, known: npt.NDArray[np.bool_], probability: Values, classes: Labels
) -> tuple[list[Metric], tuple[str, ...]]:
    metrics = "ROC AUC and average precision"
    present = np.unique(true[known])
    if len(present) < 2:
        label = classes.tolist()[present[0]]
        return [], (f"{metrics} are undefined: every test row has the class '{label}'",)
    with_rows = set(present.tolist())
    absent = [str(label) for code, label in enumerate(classes.tolist()) if code not in with_rows]
    notes = (
        (f"{metrics} are means over the classes with test rows; there are none of {join_names(absent)}",)
        if absent
        else ()
    )
    columns: Sequence[int] = [1] if len(classes) == 2 else present.tolist()
    return ranking_metrics(true, known, probability, columns), notes
