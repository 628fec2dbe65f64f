"""Conformal prediction: sets of classes and intervals of numbers with a guaranteed coverage.

A conformity score measures how badly a true value fits the prediction. Of n rows that the network was not trained on,
scores are sorted; a new row from the same source has at most the ⌈(n + 1)·coverage⌉-th score with a probability of at
least `coverage`, for any network and any data (Vovk, Gammerman and Shafer, 2005; Papadopoulos and others, 2002). The
set or the interval contains the values that score no more.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tidynet.core.errors import InputError
from tidynet.core.text import pluralize

Array = NDArray[Any]


def check_coverage(coverage: Any) -> float:
    """The coverage as a float, if it is a fraction."""
    hint = "try 0.9"
    if isinstance(coverage, (int, float, np.integer, np.floating)) and not isinstance(coverage, bool):
        value = float(coverage)
        if 0 < value < 1:
            return value
        if 50 <= value < 100:
            hint = f"did you mean {value / 100:g}?"
    raise InputError(f"coverage is {coverage!r}, expected a fraction between 0 and 1", hint)


def min_calibration_rows(coverage: float) -> int:
    """Validation rows needed for a finite threshold: the smallest n with ⌈(n + 1)·c⌉ ≤ n."""
    return math.ceil(coverage / (1 - coverage) * (1 - 1e-9))


def conformal_quantile(scores: Array, coverage: float, of: str = "", weights: Array | None = None) -> float:
    """The ⌈(n + 1)·coverage⌉-th smallest of n scores; with weights, the smallest that reaches as much of their sum."""
    # A new row has the mean weight (Tibshirani, Foygel Barber, Candès and Ramdas, 2019).
    rows, needed = len(scores), min_calibration_rows(coverage)
    if rows < needed:
        largest = math.floor(1000 * rows / (rows + 1)) / 1000
        raise InputError(
            f"coverage is {coverage:g}, which needs {pluralize(needed, 'validation row')}{of}, but there are {rows}",
            f"choose at most {largest:g}" if rows else "give more rows",
        )
    if weights is not None:
        order = np.argsort(scores, kind="stable")
        reached = np.cumsum(weights[order] / weights.mean(), dtype=np.float64)
        index = int(np.searchsorted(reached, (rows + 1) * coverage - 1e-9 * rows))
        return float(scores[order[min(index, rows - 1)]])
    index = min(rows, math.ceil((rows + 1) * coverage - 1e-9)) - 1
    return float(np.partition(scores, index)[index])


def class_conformity_scores(probabilities: Array) -> Array:
    """The probability of all classes that are more probable than this one: 0 for the most probable."""
    # Adaptive prediction sets (Romano, Sesia and Candès, 2020) without the probability of the class itself: they are
    # not random, and no set is empty.
    order = np.argsort(-probabilities, axis=1, kind="stable")
    ranked = np.take_along_axis(probabilities, order, axis=1)
    above = np.cumsum(ranked, axis=1) - ranked
    above[:, 0] = 0
    scores = np.empty_like(above)
    np.put_along_axis(scores, order, above, axis=1)
    return scores


def regression_conformity_scores(y_true: Array, lower: Array, upper: Array, scale: Array) -> Array:
    """Distance of the true value from lower … upper in units of a scale; negative inside (Romano and others, 2019)."""
    return np.asarray(np.maximum(lower - y_true, y_true - upper) / scale)


@dataclass(frozen=True)
class ClassConformityScores:
    """Scores of the true classes of validation rows."""

    scores: Array
    codes: Array  # code of each true class
    weights: Array | None = None  # as how many rows each row counts

    def set_membership(self, probabilities: Array, coverage: float, classes: Array, per_class: bool = False) -> Array:
        """Which classes are in the set of each row, shape (rows, classes)."""
        scores = class_conformity_scores(probabilities)
        if not per_class:
            return np.asarray(scores <= conformal_quantile(self.scores, coverage, weights=self.weights))
        limits = []
        for code, label in enumerate(classes):
            own = self.codes == code
            weights = None if self.weights is None else self.weights[own]
            limits.append(conformal_quantile(self.scores[own], coverage, f" of the class '{label}'", weights))
        return np.asarray(scores <= np.array(limits))


@dataclass(frozen=True)
class RegressionConformityScores:
    """Scores of the true numbers of validation rows."""

    scores: Array  # shape (rows, targets)
    weights: Array | None = None  # as how many rows each row counts

    def interval(self, lower: Array, upper: Array, scale: Array, coverage: float) -> Array:
        """Lower and upper limits, shape (rows, targets, 2), from predictions of shape (rows, targets)."""
        limits = np.array([conformal_quantile(column, coverage, weights=self.weights) for column in self.scores.T])
        low, high = lower - limits * scale, upper + limits * scale
        crossed = low > high
        middle = (low + high) / 2
        return np.stack([np.where(crossed, middle, low), np.where(crossed, middle, high)], axis=2)
