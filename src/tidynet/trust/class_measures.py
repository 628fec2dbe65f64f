"""Scores of predicted classes and their probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from tidynet.errors import listed
from tidynet.trust.bootstrap import Counts, Statistic, Values
from tidynet.trust.measure import Measure, mean, ratio
from tidynet.trust.roc import area_statistic

__all__ = ["encode", "measures_of_classes"]

Codes = npt.NDArray[np.int64]
Labels = npt.NDArray[Any]


def measures_of_classes(
    truth: Labels,
    prediction: Labels,
    probability: Values | None,
    classes: Labels,
) -> tuple[list[Measure], tuple[str, ...]]:
    """Accuracy, balanced accuracy (mean recall), log loss −mean log p(true class), and ROC AUC.

    Parameters
    ----------
    truth, prediction : arrays (n,)
        Labels. A true label that is none of `classes` counts as an error in the accuracies, and its row
        is left out of log loss and ROC AUC, which know no probability for it.
    probability : float64 array (n, k) or None
    classes : array (k,)

    Returns
    -------
    tuple of (list of Measure, tuple of str)

    Examples
    --------
    >>> chances = np.array([[0.8, 0.2], [0.6, 0.4]])
    >>> found, notes = measures_of_classes(np.array([0, 1]), np.array([0, 0]), chances, np.array([0, 1]))
    >>> {measure.name: round(measure.value(2), 3) for measure in found}
    {'accuracy': 0.5, 'balanced accuracy': 0.5, 'log loss': 0.57, 'ROC AUC': 1.0}
    """
    true, predicted, unseen = encode(truth, prediction, classes=classes)
    correct = (true == predicted).astype(np.float64)
    found = [
        Measure("accuracy", True, lambda counts: mean(counts, correct)),
        Measure("balanced accuracy", True, _mean_recall(true, correct)),
    ]
    known = true < len(classes)
    notes: list[str] = []
    if unseen and len(classes):
        rows = int((~known).sum())
        notes.append(
            f"{rows} test {'row holds a label' if rows == 1 else 'rows hold labels'} never seen in training "
            f"({listed(str(label) for label in unseen)}): counted as errors in accuracy, "
            "left out of log loss and ROC AUC"
        )
    if probability is None:
        return found, tuple(notes)
    if not known.any():
        notes.append("log loss and ROC AUC are left out: no test row is of a class seen in training")
        return found, tuple(notes)
    found.append(Measure("log loss", False, _log_loss(true, known, probability)))
    area, area_notes = _area(true, known, probability, classes)
    return found + area, (*notes, *area_notes)


def encode(truth: Labels, prediction: Labels, *, classes: Labels) -> tuple[Codes, Codes, list[object]]:
    """Labels as codes: the place in `classes`, and from k on one more for each other label.

    Parameters
    ----------
    truth, prediction : arrays (n,)
    classes : array (k,)

    Returns
    -------
    tuple of (int64 array, int64 array, list)
        True codes, predicted codes, and the true labels that are none of `classes`.

    Examples
    --------
    >>> encode(np.array(["a", "c"]), np.array(["b", "b"]), classes=np.array(["a", "b"]))
    (array([0, 2]), array([1, 1]), ['c'])
    """
    place: dict[object, int] = {}
    for label in [*classes.tolist(), *truth.tolist()]:
        place.setdefault(label, len(place))
    unseen = list(place)[len(classes) :]
    for label in prediction.tolist():
        place.setdefault(label, len(place))
    true = np.array([place[label] for label in truth.tolist()], dtype=np.int64)
    predicted = np.array([place[label] for label in prediction.tolist()], dtype=np.int64)
    return true, predicted, unseen


def _mean_recall(true: Codes, correct: Values) -> Statistic:
    """Recall of each class that has rows in the resample, averaged; rows sorted so that a class is a run."""
    order = np.argsort(true, kind="stable")
    starts = np.flatnonzero(np.diff(true[order], prepend=-1))
    right = correct[order].astype(np.int32)

    def mean_recall(counts: Counts) -> Values:
        sorted_counts = counts[:, order]
        drawn = np.add.reduceat(sorted_counts, starts, axis=1)
        hits = np.add.reduceat(sorted_counts * right, starts, axis=1)
        recall = hits / np.maximum(drawn, 1)
        return np.asarray(recall.sum(axis=1) / (drawn > 0).sum(axis=1), dtype=np.float64)

    return mean_recall


def _log_loss(true: Codes, known: npt.NDArray[np.bool_], probability: Values) -> Statistic:
    eps = np.finfo(np.float64).eps
    chance = probability[np.flatnonzero(known), true[known]]
    loss = np.zeros(len(true))
    loss[known] = -np.log(np.clip(chance, eps, 1.0 - eps))
    counted = known.astype(np.float64)
    return lambda counts: ratio(counts @ loss, counts @ counted)


def _area(
    true: Codes, known: npt.NDArray[np.bool_], probability: Values, classes: Labels
) -> tuple[list[Measure], tuple[str, ...]]:
    present = np.unique(true[known])
    if len(present) < 2:
        label = classes.tolist()[present[0]]
        return [], (f"ROC AUC is left out: every test row is of the class '{label}'",)
    absent = [str(label) for code, label in enumerate(classes.tolist()) if code not in set(present.tolist())]
    notes = (f"ROC AUC is the mean over the classes with test rows, without {listed(absent)}",) if absent else ()
    columns: Sequence[int] = [1] if len(classes) == 2 else present.tolist()
    return [Measure("ROC AUC", True, area_statistic(true, known, probability, columns))], notes if absent else ()
