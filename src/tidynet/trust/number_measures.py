"""Scores of predicted numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tidynet.trust.bootstrap import Counts, Statistic, Values
from tidynet.trust.measure import Measure, mean, ratio

__all__ = ["measures_of_numbers", "measures_of_quantiles"]


def measures_of_numbers(truth: Values, prediction: Values) -> tuple[list[Measure], tuple[str, ...]]:
    """RMSE = √mean((y − ŷ)²), MAE = mean|y − ŷ|, median|y − ŷ| and R² = 1 − Σ(y − ŷ)² / Σ(y − ȳ)².

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
    [1.1547, 0.6667, 0.0, -1.0]
    """
    error = truth - prediction
    squared = error**2
    found = [
        Measure("RMSE", False, lambda counts: np.sqrt(mean(counts, squared))),
        Measure("MAE", False, lambda counts: mean(counts, np.abs(error))),
        Measure("median absolute error", False, _median_of(np.abs(error))),
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


def measures_of_quantiles(truth: Values, quantiles: Values, levels: Sequence[float]) -> list[Measure]:
    """Pinball loss of each predicted quantile: mean of q·(y − ŷ) where y is above ŷ, (1 − q)·(ŷ − y) below.

    Parameters
    ----------
    truth : float64 array (n,)
    quantiles : float64 array (n, levels)
    levels : sequence of float
        The q of each column.

    Returns
    -------
    list of Measure

    Examples
    --------
    >>> [found] = measures_of_quantiles(np.array([3.0, 1.0]), np.array([[2.0], [2.0]]), [0.9])
    >>> found.name, round(found.value(2), 3)
    ('pinball loss at 0.9', 0.5)
    """
    return [_pinball(truth - quantiles[:, place], level) for place, level in enumerate(levels)]


def _pinball(error: Values, level: float) -> Measure:
    loss = np.maximum(level * error, (level - 1.0) * error)
    return Measure(f"pinball loss at {level:g}", False, lambda counts: mean(counts, loss))


def _median_of(values: Values) -> Statistic:
    """The middle value of each resample, or the mean of the two middle ones; rows are sorted once."""
    order = np.argsort(values, kind="stable")
    ascending = values[order]

    def median(counts: Counts) -> Values:
        running = np.cumsum(counts[:, order], axis=1)
        rows = running[:, -1:]
        lower, upper = ((running <= place).sum(axis=1) for place in ((rows - 1) // 2, rows // 2))
        return np.asarray((ascending[lower] + ascending[upper]) / 2.0, dtype=np.float64)

    return median
