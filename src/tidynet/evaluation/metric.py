"""A score as a function of counts: what every score of this room is made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from tidynet.evaluation.bootstrap import Counts, Statistic, Values

__all__ = ["Metric", "cached", "mean_metric", "ratio_metric"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Metric:
    """A score as a function of counts: (block, n) int32 → (block,) float64, NaN where undefined.

    A score that averages over classes, or is of one class, is `by_class`: it lies between 0 and 1, and its resamples
    keep the rows of each true class.
    """

    name: str
    higher_is_better: bool
    of: Statistic
    by_class: bool = False

    def value(self, rows: int) -> float:
        """The score itself: every row counted once."""
        return float(self.of(np.ones((1, rows), dtype=np.int32))[0])


def mean_metric(counts: Counts, column: Values) -> Values:
    """The mean of a column over the rows of each resample.

    Examples
    --------
    >>> mean_metric(np.array([[1, 1], [2, 0]], dtype=np.int32), np.array([3.0, 5.0]))
    array([4., 3.])
    """
    return np.asarray(counts @ column / counts.sum(axis=1), dtype=np.float64)


def ratio_metric(above: Values, below: Values) -> Values:
    """The ratio, NaN where there is nothing below the line.

    Examples
    --------
    >>> ratio_metric(np.array([1.0, 1.0]), np.array([2.0, 0.0]))
    array([0.5, nan])
    """
    result = np.full(len(above), np.nan)
    np.divide(above, below, out=result, where=below > 0)
    return result


def cached(of: Callable[[Counts], T]) -> Callable[[Counts], T]:
    """The same function, which several scores read from one after another: each block is worked out once.

    Examples
    --------
    >>> seen = []
    >>> total = cached(lambda counts: seen.append(1) or counts.sum())
    >>> block = np.ones((1, 3), dtype=np.int32)
    >>> int(total(block) + total(block)), len(seen)
    (6, 1)
    """
    last: list[tuple[Counts, T]] = []

    def found(counts: Counts) -> T:
        if not last or last[0][0] is not counts:
            last[:] = [(counts, of(counts))]
        return last[0][1]

    return found
