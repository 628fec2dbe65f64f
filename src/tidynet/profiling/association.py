"""Measures of association of two variables and their 95% noise levels.

All arrays are without missing values. Independent variables exceed a 95% noise level in 5% of samples.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Ranks:
    """Ranks from 1; ties have the average, the highest or the lowest rank."""

    average: Floats
    highest: Integers
    lowest: Integers


def rank(values: Floats, order: Integers) -> Ranks:
    """Ranks of values in a known order."""
    n = len(values)
    ordered = values[order]
    starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
    lengths = np.diff(np.append(starts, n))
    lowest, highest = np.empty(n, np.int64), np.empty(n, np.int64)
    lowest[order] = np.repeat(starts + 1, lengths)
    highest[order] = np.repeat(starts + lengths, lengths)
    return Ranks((lowest + highest) / 2, highest, lowest)


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


def chatterjee_xi(order: Integers, ranks: Ranks) -> float:
    """Chatterjee's ξ of y on x: about 0 if independent, near 1 if y is a function of x.

    ``ξ = 1 − n Σ |rᵢ₊₁ − rᵢ| / (2 Σ lᵢ (n − lᵢ))`` in the order of x;
    rᵢ is the number of rows with y ≤ yᵢ, lᵢ that with y ≥ yᵢ.

    Reference: Chatterjee, S. (2021). A new coefficient of correlation. JASA 116.
    """
    n = len(order)
    steps = float(np.abs(np.diff(ranks.highest[order])).sum())
    above = n - ranks.lowest + 1
    spread = 2.0 * float((above * (n - above)).sum())
    return 1 - n * steps / spread if spread > 0 else math.nan


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


def cramers_v_noise_level(n: int, r: int, c: int) -> float:
    """The 95% noise level of bias-corrected Cramér's V, for n rows and r × c categories."""
    if min(r, c) < 2 or n < 3:
        return 1.0
    return min(1.0, _bias_corrected(float(special.chdtri((r - 1) * (c - 1), 0.05)) / n, n, r, c))


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


def correlation_ratio_noise_level(n: int, n_categories: int) -> float:
    """The 95% noise level of the bias-corrected correlation ratio.

    From the upper 3% of the F distribution: the larger ratio of values and ranks is compared with it.
    """
    if n_categories < 2 or n <= n_categories:
        return 1.0
    ratio = float(special.fdtri(n_categories - 1, n - n_categories, 0.97))
    explained = ratio * (n_categories - 1) / (ratio * (n_categories - 1) + n - n_categories)
    return _epsilon_squared(explained, n, n_categories)


def _epsilon_squared(explained: float, n: int, n_categories: int) -> float:
    return math.sqrt(min(1.0, max(0.0, 1 - (1 - explained) * (n - 1) / (n - n_categories))))


def correlation_noise_level(n: int) -> float:
    """The 95% noise level of the largest of |Pearson|, |Spearman| and ξ, for n rows."""
    return min(1.0, 2.2 / math.sqrt(max(n - 1, 1)))


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
