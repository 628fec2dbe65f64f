"""Measures of how two variables go together, and what chance alone would show.

Every function takes arrays without missing values. A noise floor is the value that a measure exceeds in 5% of
tables whose two columns are independent.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

__all__ = [
    "Ranks",
    "chatterjee_xi",
    "correlation",
    "correlation_noise_level",
    "correlation_ratio",
    "correlation_ratio_noise_level",
    "cramers_v",
    "cramers_v_noise_level",
    "mutual_information",
    "rank",
]

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Ranks:
    """Ranks from 1 of n values, equal values ranked alike: by their average, highest and lowest place."""

    average: Floats
    highest: Integers
    lowest: Integers


def rank(values: Floats, order: Integers) -> Ranks:
    """Ranks of values whose order is known."""
    n = len(values)
    ordered = values[order]
    starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
    lengths = np.diff(np.append(starts, n))
    lowest, highest = np.empty(n, np.int64), np.empty(n, np.int64)
    lowest[order] = np.repeat(starts + 1, lengths)
    highest[order] = np.repeat(starts + lengths, lengths)
    return Ranks((lowest + highest) / 2, highest, lowest)


def correlation(x: Floats, y: Floats) -> float:
    """Pearson's correlation (of ranks: Spearman's); NaN where a variable has no spread.

    ``r = Σ (x − x̄)(y − ȳ) / √(Σ (x − x̄)² Σ (y − ȳ)²)``
    """
    if len(x) < 2 or x.min() == x.max() or y.min() == y.max():
        return math.nan
    x, y = x / np.abs(x).max(), y / np.abs(y).max()
    x, y = x - x.mean(), y - y.mean()
    # Sums rather than BLAS, whose threads cost more than they bring on vectors of this length.
    spread = math.sqrt(float((x * x).sum())) * math.sqrt(float((y * y).sum()))
    return float(np.clip(float((x * y).sum()) / spread, -1, 1)) if spread > 0 else math.nan


def chatterjee_xi(order: Integers, ranks: Ranks) -> float:
    """Chatterjee's ξ of y on x: 0 if independent, towards 1 if y is any function of x, whatever its shape.

    ``ξ = 1 − n Σ |rᵢ₊₁ − rᵢ| / (2 Σ lᵢ (n − lᵢ))`` with rᵢ the rows with y ≤ yᵢ and lᵢ those with y ≥ yᵢ,
    in the order of x.

    Reference: Chatterjee, S. (2021). A new coefficient of correlation. JASA 116.
    """
    n = len(order)
    steps = float(np.abs(np.diff(ranks.highest[order])).sum())
    above = n - ranks.lowest + 1
    spread = 2.0 * float((above * (n - above)).sum())
    return 1 - n * steps / spread if spread > 0 else math.nan


def cramers_v(table: Integers) -> float:
    """Cramér's V corrected for bias; NaN if a variable has one level.

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
    """The corrected Cramér's V that independent variables of r and c levels exceed in 5% of samples of n rows."""
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


def correlation_ratio(codes: Integers, levels: int, values: Floats) -> float:
    """The correlation ratio of values on levels, corrected for the number of levels; NaN without spread.

    ``η² = Σₖ nₖ (ȳₖ − ȳ)² / Σ (y − ȳ)²``, corrected to ``ε² = 1 − (1 − η²)(n − 1)/(n − k)``; returns ``√max(0, ε²)``.

    Reference: Kelley, T. (1935). An unbiased correlation ratio measure. PNAS 21.

    >>> correlation_ratio(np.array([0, 0, 1, 1]), 2, np.array([1.0, 1.0, 5.0, 5.0]))
    1.0
    """
    rows = np.bincount(codes, minlength=levels)
    used, n = int((rows > 0).sum()), len(codes)
    if used < 2 or n <= used or values.min() == values.max():
        return math.nan
    scaled = values / np.abs(values).max()
    scaled = scaled - scaled.mean()
    total = float((scaled * scaled).sum())
    means = np.bincount(codes, weights=scaled, minlength=levels) / np.maximum(rows, 1)
    between = float((rows * means**2).sum())
    return _epsilon_squared(between / total, n, used) if total > 0 else math.nan


def correlation_ratio_noise_level(n: int, levels: int) -> float:
    """The corrected correlation ratio that independent variables exceed in 5% of samples.

    Taken at 3% of the F distribution, since the larger of the ratios of values and of ranks is compared with it.
    """
    if levels < 2 or n <= levels:
        return 1.0
    ratio = float(special.fdtri(levels - 1, n - levels, 0.97))
    explained = ratio * (levels - 1) / (ratio * (levels - 1) + n - levels)
    return _epsilon_squared(explained, n, levels)


def _epsilon_squared(explained: float, n: int, levels: int) -> float:
    return math.sqrt(min(1.0, max(0.0, 1 - (1 - explained) * (n - 1) / (n - levels))))


def correlation_noise_level(n: int) -> float:
    """The largest of |Pearson|, |Spearman| and ξ that independent quantities exceed in 5% of samples of n rows."""
    return min(1.0, 2.2 / math.sqrt(max(n - 1, 1)))


def mutual_information(table: Integers) -> float:
    """Mutual information in nats of two variables with levels, less the bias of a finite sample, at least 0.

    ``Σ pᵢⱼ log(pᵢⱼ / (pᵢ pⱼ))`` less ``(cells − rows − columns + 1) / 2n`` with the used cells, rows and columns.

    Reference: Miller, G. (1955). Note on the bias of information estimates.

    >>> round(mutual_information(np.array([[500, 0], [0, 500]])), 2)  # log 2
    0.69
    """
    n = int(table.sum())
    if n == 0:
        return math.nan
    fraction = table / n
    rows, columns = fraction.sum(1), fraction.sum(0)
    used = fraction > 0
    information = float((fraction[used] * np.log(fraction[used] / np.outer(rows, columns)[used])).sum())
    bias = (int(used.sum()) - int((rows > 0).sum()) - int((columns > 0).sum()) + 1) / (2 * n)
    return max(0.0, information - bias)
