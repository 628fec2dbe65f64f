"""Measures of association of two variables and their 95% noise levels.

All arrays are without missing values. Independent variables exceed a 95% noise level in 5% of samples.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

_FEW_MEETING = 30.0  # from here on the normal approximation holds


@dataclass(frozen=True, slots=True)
class Ranks:
    """Ranks from 1; ties have the average, the highest or the lowest rank. `spread_rows` is that of the ranks."""

    average: Floats
    highest: Integers
    lowest: Integers
    spread_rows: float


def rank(values: Floats, order: Integers) -> Ranks:
    """Ranks of values in a known order."""
    n = len(values)
    ordered = values[order]
    starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
    lengths = np.diff(np.append(starts, n))
    lowest, highest = np.empty(n, np.int64), np.empty(n, np.int64)
    lowest[order] = np.repeat(starts + 1, lengths)
    highest[order] = np.repeat(starts + lengths, lengths)
    average = (lowest + highest) / 2
    return Ranks(average, highest, lowest, spread_rows(average, order))


def spread_rows(values: Floats, order: Integers) -> float:
    """How many rows carry the spread of values in a known order: ``(Σ |x − median|)² / Σ (x − median)²``.

    About 0.6 n of a normal sample; if nearly all values are equal, the number of the others.
    """
    distances = np.abs(values - values[order[len(order) // 2]])
    largest = float(distances.max(initial=0.0))
    if not 0 < largest < np.inf:
        return 0.0
    distances /= largest
    return float(distances.sum()) ** 2 / float((distances * distances).sum())


def correlation(x: Floats, y: Floats) -> float:
    """Pearson correlation (of ranks: Spearman); NaN if a variable is constant.

    ``r = Σ (x − x̄)(y − ȳ) / √(Σ (x − x̄)² Σ (y − ȳ)²)``
    """
    if len(x) < 2 or x.min() == x.max() or y.min() == y.max():
        return math.nan
    x, y = x / np.abs(x).max(), y / np.abs(y).max()
    x, y = x - x.mean(), y - y.mean()
    # Sums are faster than BLAS threads on vectors of this length.
    spread = math.sqrt(float((x * x).sum())) * math.sqrt(float((y * y).sum()))
    return float(np.clip(float((x * y).sum()) / spread, -1, 1)) if spread > 0 else math.nan


def chatterjee_xi(order: Integers, x: Ranks, y: Ranks, ties: TiedGroups | None = None) -> float:
    """Chatterjee's ξ of y on x: about 0 if independent, near 1 if y is a function of x.

    ``ξ = 1 − n Σ |rᵢ₊₁ − rᵢ| / (2 Σ lᵢ (n − lᵢ))`` in the order of x;
    rᵢ is the number of rows with y ≤ yᵢ, lᵢ that with y ≥ yᵢ. Rows with equal x have no order: the sum is its
    expected value over all of their orders.

    Reference: Chatterjee, S. (2021). A new coefficient of correlation. JASA 116.
    """
    n = len(order)
    above = n - y.lowest + 1
    spread = 2.0 * float((above * (n - above)).sum())
    if spread <= 0:
        return math.nan
    ranks = y.highest[order]
    ties = ties or TiedGroups(x.lowest[order])
    steps = ties.expected_steps(ranks) if ties.sizes is not None else float(np.abs(np.diff(ranks)).sum())
    return 1 - n * steps / spread


class TiedGroups:
    """Groups of equal values in sorted order: the expected sum of |differences| of neighbors in another variable.

    Neighbors in a group of m rows are a random pair, and there are m − 1 of them; neighbors of two groups are a random
    row of each. Both follow from the sum over all pairs of a sorted group, ``Σ (2k − m + 1) r₍ₖ₎``.
    """

    def __init__(self, ordered: Integers) -> None:
        starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
        self.sizes: Integers | None = None
        if len(starts) == len(ordered):
            return
        self.sizes = np.diff(np.append(starts, len(ordered)))
        index = np.repeat(np.arange(len(starts)), self.sizes)
        # Each group; groups 0 and 1, 2 and 3, …; groups 1 and 2, 3 and 4, …
        parts = ((index, starts), (index // 2, starts[::2]), ((index + 1) // 2, np.append(0, starts[1::2])))
        self._parts = [_sum_weights(*part) for part in parts]

    def expected_steps(self, ranks: Integers) -> float:
        """The expected sum over all orders of the tied rows."""
        assert self.sizes is not None
        inside, even, odd = (_pair_sums(ranks, *part) for part in self._parts)
        between = np.zeros(len(inside) - 1)
        for first, both in ((0, even), (1, odd)):
            at = np.arange(first, len(inside) - 1, 2)
            between[at] = both[first : first + len(at)] - inside[at] - inside[at + 1]
        return float((2 * inside / self.sizes).sum() + (between / (self.sizes[:-1] * self.sizes[1:])).sum())


def _sum_weights(index: Integers, starts: Integers) -> tuple[npt.NDArray[Any], Floats, Integers]:
    """What the sum over pairs needs of groups that follow one another: their shift, weights and starts."""
    rows = len(index)
    sizes = np.diff(np.append(starts, rows))
    place = np.arange(rows) - np.repeat(starts, sizes)
    fits = (int(index[-1]) + 1) * (rows + 1) < 2**31  # half the bytes sort in half the time
    shift: npt.NDArray[Any] = (index * (rows + 1)).astype(np.int32 if fits else np.int64)
    return shift, 2.0 * place - np.repeat(sizes, sizes) + 1, starts


def _pair_sums(ranks: Integers, shift: npt.NDArray[Any], weights: Floats, starts: Integers) -> Floats:
    """The sum of |differences| over all pairs of rows in each group."""
    ordered = np.sort(shift + ranks.astype(shift.dtype)) - shift
    sums: Floats = np.add.reduceat(weights * ordered, starts)
    return sums


def cramers_v(table: Integers) -> float:
    """Bias-corrected Cramér's V; NaN if a variable has one category.

    ``φ̃² = max(0, χ²/n − (r − 1)(c − 1)/(n − 1))``, ``Ṽ = √(φ̃² / min(r̃ − 1, c̃ − 1))`` with
    ``r̃ = r − (r − 1)²/(n − 1)``, c̃ likewise.

    Reference: Bergsma, W. (2013). A bias-correction for Cramér's V and Tschuprow's T. J. Korean Stat. Soc. 42.
    """
    table = table[table.sum(1) > 0][:, table.sum(0) > 0]
    n, (r, c) = int(table.sum()), table.shape
    if min(r, c) < 2 or n < 3:
        return math.nan
    return _bias_corrected(_phi_squared(table), n, r, c)


def cramers_v_noise_level(row_counts: Integers, column_counts: Integers) -> float:
    """The 95% noise level of bias-corrected Cramér's V, for the rows of the categories of two columns.

    χ² of independent columns has the mean ``m = n (r − 1)(c − 1)/(n − 1)`` and, with fixed counts, the variance
    ``s² = 2n (v₁ − w₁)(v₂ − w₂)/(n − 3) + n² w₁ w₂/(n − 1)``, ``v₁ = (r − 1)(n − r)/(n − 1)``,
    ``w₁ = (Σ n/nᵢ − r²)/(n − 2)``, v₂ and w₂ likewise; the level is the upper 5% of a gamma distribution with both.

    Reference: Dawson, R. (1954). A simplified expression for the variance of the χ²-function. Biometrika 41.
    """
    margins = [counts[counts > 0].astype(np.float64) for counts in (row_counts, column_counts)]
    (r, c), n = (len(counts) for counts in margins), int(row_counts.sum())
    if min(r, c) < 2 or n < 4:
        return 1.0
    v1, v2 = ((k - 1) * (n - k) / (n - 1) for k in (r, c))
    w1, w2 = ((float((n / counts).sum()) - len(counts) ** 2) / (n - 2) for counts in margins)
    mean = n * (r - 1) * (c - 1) / (n - 1)
    variance = 2 * n / (n - 3) * (v1 - w1) * (v2 - w2) + n * n / (n - 1) * w1 * w2
    shape = mean * mean / max(variance, 1e-9 * mean)
    likely = float(special.gammaincinv(shape, 0.95)) * mean / shape
    return min(1.0, _bias_corrected(likely / n, n, r, c))


def merge_rare_categories(counts: Integers, min_rows: int = 5) -> Integers:
    """A code for each category: those with fewer rows share one, and so does the next until it has enough.

    Two rare categories meet by chance, and a test then takes one row for an association. If most rows are in rare
    categories, none is merged.
    """
    rare = (counts > 0) & (counts < min_rows)
    if not rare.any() or 2 * int(counts[rare].sum()) > int(counts.sum()):
        return np.arange(len(counts))
    ascending = np.argsort(np.where(counts > 0, counts, np.iinfo(np.int64).max), kind="stable")
    enough = int(np.searchsorted(np.cumsum(counts[ascending]), min_rows))
    merged = np.zeros(len(counts), np.bool_)
    merged[ascending[: max(enough + 1, int(rare.sum()))]] = True
    return np.where(merged, len(counts) - 1, np.cumsum(~merged) - 1)


def _phi_squared(table: Integers) -> float:
    n = float(table.sum())
    rows, columns = table.sum(1, dtype=np.float64), table.sum(0, dtype=np.float64)
    return max(0.0, float((table.astype(np.float64) ** 2 / np.outer(rows, columns)).sum()) - 1.0) if n else 0.0


def _bias_corrected(phi: float, n: int, r: int, c: int) -> float:
    corrected = max(0.0, phi - (r - 1) * (c - 1) / (n - 1))
    min_count = min(r - (r - 1) ** 2 / (n - 1), c - (c - 1) ** 2 / (n - 1)) - 1
    return min(1.0, math.sqrt(corrected / min_count)) if min_count > 0 else 0.0


def correlation_ratio(codes: Integers, n_categories: int, values: Floats) -> float:
    """Bias-corrected correlation ratio of values on categories; NaN if the values are constant.

    ``η² = Σₖ nₖ (ȳₖ − ȳ)² / Σ (y − ȳ)²``, corrected to ``ε² = 1 − (1 − η²)(n − 1)/(n − k)``; returns ``√max(0, ε²)``.

    Reference: Kelley, T. (1935). An unbiased correlation ratio measure. PNAS 21.
    """
    rows = np.bincount(codes, minlength=n_categories)
    nonempty, n = int((rows > 0).sum()), len(codes)
    if nonempty < 2 or n <= nonempty or values.min() == values.max():
        return math.nan
    scaled = values / np.abs(values).max()
    scaled = scaled - scaled.mean()
    total = float((scaled * scaled).sum())
    means = np.bincount(codes, weights=scaled, minlength=n_categories) / np.maximum(rows, 1)
    between = float((rows * means**2).sum())
    return _epsilon_squared(between / total, n, nonempty) if total > 0 else math.nan


def correlation_ratio_noise_level(
    n: int, n_categories: int, smallest: float = math.inf, value_rows: float = math.inf
) -> float:
    """The 95% noise level of the bias-corrected correlation ratio.

    From the upper 3% of the F distribution: the larger ratio of values and ranks is compared with it. If few rows
    carry the spread of the values, they meet a smallest category by chance, as in `correlation_noise_level`.
    """
    if n_categories < 2 or n <= n_categories:
        return 1.0
    ratio = float(special.fdtri(n_categories - 1, n - n_categories, 0.97))
    explained = ratio * (n_categories - 1) / (ratio * (n_categories - 1) + n - n_categories)
    return max(_epsilon_squared(explained, n, n_categories), _meeting_level(n, smallest, value_rows, n_categories))


def _epsilon_squared(explained: float, n: int, n_categories: int) -> float:
    return math.sqrt(min(1.0, max(0.0, 1 - (1 - explained) * (n - 1) / (n - n_categories))))


def correlation_noise_level(n: int, x_rows: float = math.inf, y_rows: float = math.inf) -> float:
    """The 95% noise level of the largest of |Pearson|, |Spearman| and ξ, for n rows.

    If few rows carry the spread of the columns (`spread_rows`), ``λ = x_rows · y_rows / n`` of them meet by chance,
    a Poisson variable c; the correlation is then ``(c − λ) / √(x_rows · y_rows)``.
    """
    return min(1.0, max(2.2 / math.sqrt(max(n - 1, 1)), _meeting_level(n, x_rows, y_rows)))


def _meeting_level(n: int, x_rows: float, y_rows: float, tests: int = 1) -> float:
    """The correlation of few rows of two columns that meet by chance, exceeded in 5% of samples."""
    expected = x_rows * y_rows / max(n, 1)
    if expected >= _FEW_MEETING:
        return 0.0
    likely = float(special.pdtrik(1 - 0.05 / tests, expected)) if expected > 0 else 0.0
    return min(1.0, (math.ceil(likely) + 0.5 - expected) / math.sqrt(max(x_rows * y_rows, 1.0)))


def mutual_information(table: Integers) -> float:
    """Bias-corrected mutual information in nats of two categorical variables, at least 0.

    ``Σ pᵢⱼ log(pᵢⱼ / (pᵢ pⱼ))`` less ``(cells − rows − columns + 1) / 2n`` of nonempty cells, rows and columns.

    Reference: Miller, G. (1955). Note on the bias of information estimates.
    """
    n = int(table.sum())
    if n == 0:
        return math.nan
    fraction = table / n
    rows, columns = fraction.sum(1), fraction.sum(0)
    nonempty = fraction > 0
    information = float((fraction[nonempty] * np.log(fraction[nonempty] / np.outer(rows, columns)[nonempty])).sum())
    bias = (int(nonempty.sum()) - int((rows > 0).sum()) - int((columns > 0).sum()) + 1) / (2 * n)
    return max(0.0, information - bias)
