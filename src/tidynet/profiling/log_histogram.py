"""Counts of a column in fine bins by one group-by: quantiles and histograms without the rows.

Whole numbers over a short range have one bin each (exact). Values around or near 0 have bins that grow by 1%
(quantiles within 0.5%). Values far from 0, such as times, have 4,096 equal bins (within 0.02% of the range).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import narwhals as nw
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

_LOG_GROWTH = math.log(1.005 / 0.995)
_OFFSET = 80_000  # above |log(5e-324)| / log growth, so that every key of a positive value is positive
_EQUAL_BINS = 4096
_MAX_WHOLE = 20_000


@dataclass(frozen=True, slots=True)
class LogBinning:
    """The bins of one column."""

    form: Literal["whole", "geometric", "equal"]
    low: float
    high: float

    @property
    def error(self) -> str:
        """The largest error of a quantile as text; "" if there is none."""
        return {"whole": "", "geometric": "within 0.5%", "equal": "within 0.02% of the range"}[self.form]

    def key(self, value: nw.Expr) -> nw.Expr:
        """The integer key of the bin of a finite float, as an expression of any engine."""
        if self.form == "whole":
            return value.cast(nw.Int64)
        if self.form == "equal":
            return ((value - self.low) * (_EQUAL_BINS / (self.high - self.low))).floor().cast(nw.Int64)
        # 0 has no logarithm: 1 is used, and the key replaced.
        size = nw.when(value == 0).then(nw.lit(1.0)).otherwise(value.abs())
        index = (size.log() / _LOG_GROWTH).floor() + _OFFSET
        signed = nw.when(value < 0).then(-index).otherwise(index)
        return nw.when(value == 0).then(nw.lit(0.0)).otherwise(signed).cast(nw.Int64)

    def bounds(self, keys: Integers) -> tuple[Floats, Floats]:
        """The lower and upper edges of bins."""
        if self.form == "whole":
            return keys.astype(np.float64), keys.astype(np.float64)
        if self.form == "equal":
            width = (self.high - self.low) / _EQUAL_BINS
            starts = np.asarray(self.low + keys * width, dtype=np.float64)
            return starts, np.minimum(starts + width, self.high)
        with np.errstate(over="ignore"):
            near = np.where(keys == 0, 0.0, np.exp((np.abs(keys) - _OFFSET) * _LOG_GROWTH))
            far = np.where(keys == 0, 0.0, np.exp((np.abs(keys) - _OFFSET + 1) * _LOG_GROWTH))
        lower: Floats = np.clip(np.where(keys < 0, -far, near), self.low, self.high)
        upper: Floats = np.clip(np.where(keys < 0, -near, far), self.low, self.high)
        return lower, upper


def choose_binning(low: float, high: float, *, whole: bool) -> LogBinning:
    """Choose the bins for values from low to high."""
    if whole and high - low < _MAX_WHOLE:
        return LogBinning("whole", low, high)
    same_side = low > 0 or high < 0
    if same_side and max(abs(low), abs(high)) < 20 * min(abs(low), abs(high)) and low < high:
        return LogBinning("equal", low, high)
    return LogBinning("geometric", low, high)


@dataclass(frozen=True, slots=True)
class BinnedColumn:
    """The counts of the bins of a column, in increasing order."""

    binning: LogBinning
    lower: Floats
    upper: Floats
    counts: Integers

    @staticmethod
    def of(binning: LogBinning, keys: Integers, counts: Integers) -> BinnedColumn:
        """Make it from keys and counts in any order."""
        lower, upper = binning.bounds(keys)
        order = np.argsort(lower, kind="stable")
        return BinnedColumn(binning, lower[order], upper[order], counts[order])

    @property
    def rows(self) -> int:
        """The number of rows."""
        return int(self.counts.sum())

    @property
    def mode(self) -> tuple[float, int] | None:
        """The most frequent value and its rows, if each value has a bin."""
        if self.binning.form != "whole":
            return None
        top = int(np.argmax(self.counts))
        return float(self.lower[top]), int(self.counts[top])

    @property
    def centers(self) -> Floats:
        """The center of each bin."""
        return self.lower + (self.upper - self.lower) / 2

    def quantiles(self, fractions: list[float]) -> list[float]:
        """Quantiles, with an error of at most half a bin."""
        last = np.cumsum(self.counts) - 1
        centers = self.centers
        result = []
        for fraction in fractions:
            index = fraction * (self.rows - 1)
            below, above = (int(np.searchsorted(last, rank)) for rank in (math.floor(index), math.ceil(index)))
            part = index - math.floor(index)
            result.append(float(centers[below] * (1 - part) + centers[above] * part))
        return result

    def count_outside(self, low: float, high: float) -> float:
        """The approximate number of rows below low or above high."""
        centers = self.centers
        return float(self.counts[(centers < low) | (centers > high)].sum())

    def median_distance(self, center: float) -> float:
        """The median of the distances to a center."""
        distances = np.abs(self.centers - center)
        order = np.argsort(distances, kind="stable")
        reached = np.cumsum(self.counts[order])
        return float(distances[order][np.searchsorted(reached, (self.rows + 1) // 2)])

    def mean_distance(self, center: float) -> float:
        """The mean of the distances to a center."""
        return float((np.abs(self.centers - center) * self.counts).sum() / self.rows)

    def points(self, size: int) -> Floats:
        """Values at evenly spaced ranks, in order."""
        last = np.cumsum(self.counts)
        ranks = (np.arange(size) + 0.5) * (self.rows / size)
        return self.centers[np.searchsorted(last, ranks)]

    def without(self, value: float) -> BinnedColumn:
        """The column without a value that has a bin of its own; the same column if it has none."""
        own = (self.lower == value) & (self.upper == value)
        if not own.any():
            return self
        return BinnedColumn(self.binning, self.lower[~own], self.upper[~own], self.counts[~own])

    def counted_into(self, edges: Floats) -> tuple[list[int], int, int]:
        """Rows in each of the coarser bins between edges, below and above; a bin cut by an edge is split evenly."""
        last = np.cumsum(self.counts)
        point = self.upper <= self.lower
        # A bin of one value has no width: all its rows are just above the value.
        upper = np.where(point, np.nextafter(self.lower, math.inf), self.upper)
        indices = np.stack([self.lower, upper], axis=1).ravel()
        reached = np.stack([last - self.counts, last], axis=1).ravel()
        below = np.rint(np.interp(edges, indices, reached))
        below[0] = 0 if self.binning.low >= edges[0] else below[0]
        below[-1] = self.rows if self.binning.high <= edges[-1] else below[-1]
        return [int(count) for count in np.diff(below)], int(below[0]), self.rows - int(below[-1])
