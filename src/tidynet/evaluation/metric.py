"""A metric as a function of counts, the form of all scores here."""

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
    """A metric as a function of counts: (block, n) int32 → (block,) float64, NaN where undefined.

    A metric that averages over classes, or is of one class, is `by_class`: it lies between 0 and 1, and its resamples
    are drawn within each true class. The metric of a single class has `is_single_class`.
    """

    name: str
    higher_is_better: bool
    of: Statistic
    by_class: bool = False
    is_single_class: bool = False

    def value(self, rows: int) -> float:
        """The score itself: every count 1."""
        return float(self.of(np.ones((1, rows), dtype=np.int32))[0])


def mean_metric(counts: Counts, column: Values) -> Values:
    """The mean of a column over the rows of each resample."""
    return np.asarray(counts @ column / counts.sum(axis=1), dtype=np.float64)


def ratio_metric(above: Values, below: Values) -> Values:
    """The ratio, NaN where the denominator is 0."""
    result = np.full(len(above), np.nan)
    np.divide(above, below, out=result, where=below > 0)
    return result


def cached(of: Callable[[Counts], T]) -> Callable[[Counts], T]:
    """The same function, computed once for each block of counts that several metrics share."""
    last: list[tuple[Counts, T]] = []

    def cached_value(counts: Counts) -> T:
        if not last or last[0][0] is not counts:
            last[:] = [(counts, of(counts))]
        return last[0][1]

    return cached_value
