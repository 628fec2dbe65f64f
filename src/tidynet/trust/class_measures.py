"""Scores of predicted classes and their probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from tidynet.errors import listed
from tidynet.trust.bootstrap import Statistic, Values
from tidynet.trust.confusion import measures_of_confusion
from tidynet.trust.measure import Measure, ratio
from tidynet.trust.roc import measures_of_ranking

__all__ = ["encode", "measures_of_classes"]

# Beyond so many classes, a score of each is a list that nobody reads.
MOST_NAMED_CLASSES = 12

Codes = npt.NDArray[np.int64]
Labels = npt.NDArray[Any]


def measures_of_classes(
    truth: Labels,
    prediction: Labels,
    probability: Values | None,
    classes: Labels,
) -> tuple[list[Measure], tuple[str, ...]]:
    """Scores of labels (`confusion`), of probabilities, and of the order of probabilities (`roc`).

    Of probabilities: log loss −mean log p(true class), and the Brier score, the mean of (p − 1)² for the
    true class added to p² for the others; for two classes half of that, as is usual.

    Parameters
    ----------
    truth, prediction : arrays (n,)
        Labels. A true label that is none of `classes` counts as an error in the accuracies, and its row
        is left out of the scores of probabilities.
    probability : float64 array (n, k) or None
    classes : array (k,)

    Returns
    -------
    tuple of (list of Measure, tuple of str)

    Examples
    --------
    >>> chances = np.array([[0.8, 0.2], [0.6, 0.4]])
    >>> found, notes = measures_of_classes(np.array([0, 1]), np.array([0, 0]), chances, np.array([0, 1]))
    >>> {measure.name: round(measure.value(2), 3) for measure in found[4:]}
    {'log loss': 0.57, 'Brier score': 0.2, 'ROC AUC': 1.0, 'average precision': 1.0, 'F1 of 0': 0.667, 'F1 of 1': 0.0}
    """
    true, predicted, unseen = encode(truth, prediction, classes=classes)
    names = [str(label) for label in classes.tolist()]
    found = measures_of_confusion(true, predicted, names, MOST_NAMED_CLASSES)
    known = true < len(classes)
    notes: list[str] = []
    if unseen and len(classes):
        rows = int((~known).sum())
        notes.append(
            f"{rows} test {'row holds a label' if rows == 1 else 'rows hold labels'} never seen in training "
            f"({listed(str(label) for label in unseen)}): counted as errors in accuracy, "
            "left out of the scores of probabilities"
        )
    if probability is None:
        return found, tuple(notes)
    if not known.any():
        notes.append("scores of probabilities are left out: no test row is of a class seen in training")
        return found, tuple(notes)
    found.append(Measure("log loss", False, _mean_over(known, _log_losses(true[known], probability[known]))))
    found.append(Measure("Brier score", False, _mean_over(known, _squares(true[known], probability[known]))))
    ranking, ranking_notes = _ranking(true, known, probability, classes)
    # Single classes last: they are read after what sums them up.
    single = [measure for measure in found if measure.name.startswith("F1 of ")]
    whole = [measure for measure in found if measure not in single]
    return [*whole, *ranking, *single], (*notes, *ranking_notes)


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


def _mean_over(known: npt.NDArray[np.bool_], values: Values) -> Statistic:
    """The mean over the known rows, of which `values` holds one each."""
    total, counted = np.zeros(len(known)), known.astype(np.float64)
    total[known] = values
    return lambda counts: ratio(counts @ total, counts @ counted)


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
) -> tuple[list[Measure], tuple[str, ...]]:
    what = "ROC AUC and average precision"
    present = np.unique(true[known])
    if len(present) < 2:
        label = classes.tolist()[present[0]]
        return [], (f"{what} are left out: every test row is of the class '{label}'",)
    there = set(present.tolist())
    absent = [str(label) for code, label in enumerate(classes.tolist()) if code not in there]
    notes = (f"{what} are means over the classes with test rows, without {listed(absent)}",) if absent else ()
    columns: Sequence[int] = [1] if len(classes) == 2 else present.tolist()
    return measures_of_ranking(true, known, probability, columns), notes
