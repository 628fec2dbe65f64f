"""Distances between two samples of one variable, each with its noise floor and p-value."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special

from tidynet.profiling.hypothesis_tests import chi2_p_value

__all__ = ["jensen_shannon", "kolmogorov_smirnov"]

Floats = npt.NDArray[np.float64]

_NOISE = 0.05  # share of pairs of samples from one source that exceed the noise floor


def kolmogorov_smirnov(first: Floats, second: Floats) -> tuple[float, float, float]:
    """The largest difference between two empirical distributions, its noise floor and its p-value.

    ``D = max |F₁(x) − F₂(x)|``; under one distribution ``√(n m / (n + m)) · D`` follows Kolmogorov's
    for large samples; the p-value is that of one sample of ``n m / (n + m)`` rows.

    References
    ----------
    Smirnov, N. (1939). On the estimation of the discrepancy between empirical curves of distribution.

    Examples
    --------
    >>> kolmogorov_smirnov(np.array([1.0, 2.0]), np.array([3.0, 4.0]))[0]
    1.0
    """
    from scipy import stats  # half a second that looking at one table does not need

    first, second = np.sort(first), np.sort(second)
    everywhere = np.concatenate([first, second])
    below = [np.searchsorted(item, everywhere, side="right") / len(item) for item in (first, second)]
    distance = float(np.abs(below[0] - below[1]).max())
    size = math.sqrt(len(first) * len(second) / (len(first) + len(second)))
    floor = min(1.0, float(special.kolmogi(_NOISE)) / size)
    return distance, floor, float(stats.kstwo.sf(distance, max(round(size**2), 1)))


def jensen_shannon(first: npt.NDArray[Any], second: npt.NDArray[Any]) -> tuple[float, float, float]:
    """The Jensen–Shannon distance of two rows of counts, its noise floor and the p-value of its χ².

    ``√(H((p + q) / 2) − (H(p) + H(q)) / 2)`` in bits. Under one distribution of k levels
    ``8 ln 2 · D² / (1/n + 1/m)`` follows χ² with k − 1 degrees of freedom; the p-value is that of Pearson's test.

    References
    ----------
    Lin, J. (1991). Divergence measures based on the Shannon entropy.

    Examples
    --------
    >>> jensen_shannon(np.array([5, 0]), np.array([0, 7]))[0]
    1.0
    """
    taken = (first + second) > 0
    first, second = first[taken].astype(np.float64), second[taken].astype(np.float64)
    n, m = first.sum(), second.sum()
    p, q = first / n, second / m
    middle = (p + q) / 2
    bits = float(
        (special.xlogy(p, p) + special.xlogy(q, q)).sum() / 2 - special.xlogy(middle, middle).sum()
    ) / math.log(2)
    freedom = len(p) - 1
    if not freedom:
        return 0.0, 0.0, 1.0
    floor = math.sqrt(special.chdtri(freedom, _NOISE) * (1 / n + 1 / m) / 8 / math.log(2))
    pooled = (first + second) / (n + m)
    chi2 = float(((p - q) ** 2 / pooled).sum() / (1 / n + 1 / m))
    return math.sqrt(min(max(bits, 0.0), 1.0)), min(floor, 1.0), chi2_p_value(chi2, freedom)
