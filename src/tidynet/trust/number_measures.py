"""Scores of predicted numbers."""

from __future__ import annotations

import numpy as np

from tidynet.trust.bootstrap import Counts, Values
from tidynet.trust.measure import Measure, mean, ratio

__all__ = ["measures_of_numbers"]


def measures_of_numbers(truth: Values, prediction: Values) -> tuple[list[Measure], tuple[str, ...]]:
    """RMSE = √mean((y − ŷ)²), MAE = mean|y − ŷ| and R² = 1 − Σ(y − ŷ)² / Σ(y − ȳ)².

    Parameters
    ----------
    truth, prediction : float64 arrays (n,)

    Returns
    -------
    tuple of (list of Measure, tuple of str)
        R² is left out with a note when all true values are equal.

    Examples
    --------
    >>> found, _ = measures_of_numbers(np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 5.0]))
    >>> [round(measure.value(3), 4) for measure in found]
    [1.1547, 0.6667, -1.0]
    """
    error = truth - prediction
    squared = error**2
    found = [
        Measure("RMSE", False, lambda counts: np.sqrt(mean(counts, squared))),
        Measure("MAE", False, lambda counts: mean(counts, np.abs(error))),
    ]
    if truth.min() == truth.max():
        return found, (f"R² is left out: the target is {truth[0]:g} in every test row",)
    found.append(Measure("R²", True, lambda counts: _explained(counts, truth, squared)))
    return found, ()


def _explained(counts: Counts, truth: Values, squared: Values) -> Values:
    centre = mean(counts, truth)
    spread = np.sum(counts * (truth - centre[:, np.newaxis]) ** 2, axis=1)
    # A resample of one single value leaves only the rounding of its mean here: undefined, not huge.
    rounding = (8 * np.finfo(np.float64).eps * np.abs(truth).max()) ** 2 * len(truth)
    return 1.0 - ratio(counts @ squared, np.where(spread > rounding, spread, 0.0))
