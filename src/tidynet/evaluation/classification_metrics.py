"""Scores of predicted classes and their probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from tidynet.core.text import join_names
from tidynet.evaluation.bootstrap import Statistic, Values
from tidynet.evaluation.confusion_metrics import confusion_metrics
from tidynet.evaluation.metric import Metric, ratio_metric
from tidynet.evaluation.ranking_metrics import ranking_metrics

__all__ = ["classification_metrics", "encode"]

# Beyond so many classes, a score of each is a list that nobody reads.
MOST_NAMED_CLASSES = 12

Codes = npt.NDArray[np.int64]
Labels = npt.NDArray[Any]


def classification_metrics(
    y_true: Labels,
    prediction: Labels,
    probability: Values | None,
    classes: Labels,
) -> tuple[list[Metric], tuple[str, ...]]:
    """Scores of labels (`confusion`), of probabilities, and of the order of probabilities (`roc`).

    Of probabilities: log loss −mean log p(true class), and the Brier score, the mean of (p − 1)² for the
    true class added to p² for the others; for two classes half of that, as is usual.

    Examples
    --------
    >>> chances = np.array([[0.8, 0.2], [0.6, 0.4]])
    >>> found, notes = classification_metrics(np.array([0, 1]), np.array([0, 0]), chances, np.array([0, 1]))
    >>> {measure.name: round(measure.value(2), 3) for measure in found[4:]}
    {'log loss': 0.57, 'Brier score': 0.2, 'ROC AUC': 1.0, 'average precision': 1.0, 'F1 of 0': 0.667, 'F1 of 1': 0.0}
    """
    true, y_pred, unseen = encode(y_true, prediction, classes=classes)
    names = [str(label) for label in classes.tolist()]
    result = confusion_metrics(true, y_pred, names, MOST_NAMED_CLASSES)
    known = true < len(classes)
    notes: list[str] = []
    if unseen and len(classes):
        rows = int((~known).sum())
        notes.append(
            f"{rows} test {'row holds a label' if rows == 1 else 'rows hold labels'} never seen in training "
            f"({join_names(str(label) for label in unseen)}): counted as errors in accuracy, "
            "left out of the scores of probabilities"
        )
    if probability is None:
        return result, tuple(notes)
    if not known.any():
        notes.append("scores of probabilities are left out: no test row is of a class seen in training")
        return result, tuple(notes)
    result.append(Metric("log loss", False, _mean_over(known, _log_losses(true[known], probability[known]))))
    result.append(Metric("Brier score", False, _mean_over(known, _squares(true[known], probability[known]))))
    ranking, ranking_notes = _ranking(true, known, probability, classes)
    # Single classes last: they are read after what sums them up.
    single = [measure for measure in result if measure.name.startswith("F1 of ")]
    whole = [measure for measure in result if measure not in single]
    return [*whole, *ranking, *single], (*notes, *ranking_notes)


def encode(y_true: Labels, prediction: Labels, *, classes: Labels) -> tuple[Codes, Codes, list[object]]:
    """Labels as codes: the place in `classes`, and from k on one more for each other label.

    Examples
    --------
    >>> encode(np.array(["a", "c"]), np.array(["b", "b"]), classes=np.array(["a", "b"]))
    (array([0, 2]), array([1, 1]), ['c'])
    """
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
    """The mean over the known rows, of which `values` holds one each."""
    total, counted = np.zeros(len(known)), known.astype(np.float64)
    total[known] = values
    return lambda counts: ratio_metric(counts @ total, counts @ counted)


def _log_losses(true: Codes, probability: Values) -> Values:
    eps = np.finfo(np.float64).eps
    return np.asarray(-np.log(np.clip(probability[np.arange(len(true)), true], eps, 1.0 - eps)), dtype=np.float64)


def _squares(true: Codes, probability: Values) -> Values:
    if probability.shape[1] == 2:
        return np.asarray((probability[:, 1] - true) ** 2, dtype=np.float64)
    chance = probability[np.arange(len(true)), true]
    return np.asarray((probability**2).sum(axis=1) - chance**2 + (1.0 - chance) ** 2, dtype=np.float64)


def _ranking(
    true: Codes, known: npt.NDArray[np.bool_], probability: Values, classes: Labels
) -> tuple[list[Metric], tuple[str, ...]]:
    what = "ROC AUC and average precision"
    present = np.unique(true[known])
    if len(present) < 2:
        label = classes.tolist()[present[0]]
        return [], (f"{what} are left out: every test row is of the class '{label}'",)
    there = set(present.tolist())
    absent = [str(label) for code, label in enumerate(classes.tolist()) if code not in there]
    notes = (f"{what} are means over the classes with test rows, without {join_names(absent)}",) if absent else ()
    columns: Sequence[int] = [1] if len(classes) == 2 else present.tolist()
    return ranking_metrics(true, known, probability, columns), notes
