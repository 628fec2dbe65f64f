"""Correlations and p-values by special functions.

`scipy.stats` gives the same numbers, but its import takes longer than profiling a small table.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import special

Numbers = npt.NDArray[Any]


def pearson_correlation(x: Numbers, y: Numbers) -> float:
    """Pearson correlation; 0 if a variable is constant."""
    a, b = (np.asarray(item, np.float64) - np.mean(item, dtype=np.float64) for item in (x, y))
    length = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(np.clip(a @ b / length, -1.0, 1.0)) if length > 0 else 0.0


def spearman_correlation(x: Numbers, y: Numbers) -> float:
    """Spearman correlation; 0 if a variable is constant."""
    return pearson_correlation(_ranks(x), _ranks(y))


def _ranks(values: Numbers) -> npt.NDArray[np.float64]:
    return pl.Series(values).rank("average").cast(pl.Float64).to_numpy()


def chi2_p_value(statistic: float, freedom: float) -> float:
    """The upper tail probability of the χ² distribution."""
    return float(special.chdtrc(freedom, max(statistic, 0.0))) if freedom > 0 else 1.0


def t_p_value(statistic: float, freedom: float) -> float:
    """The two-sided p-value of Student's t distribution."""
    return float(2 * special.stdtr(freedom, -abs(statistic)))


def chi2_test(table: npt.NDArray[Any]) -> float:
    """The p-value of Pearson's χ² test of independence, of a table without empty rows and columns."""
    counts = np.asarray(table, np.float64)
    expected = np.outer(counts.sum(1), counts.sum(0)) / counts.sum()
    freedom = (counts.shape[0] - 1) * (counts.shape[1] - 1)
    return chi2_p_value(float(((counts - expected) ** 2 / expected).sum()), freedom)


def mann_whitney_test(x: Numbers, y: Numbers) -> tuple[float, float]:
    """``P(x > y) + P(x = y) / 2`` and its two-sided p-value (normal approximation, corrected for ties)."""
    n, m = len(x), len(y)
    pooled = np.concatenate([x, y])
    u = float(_ranks(pooled)[:n].sum()) - n * (n + 1) / 2
    ties = np.unique(pooled, return_counts=True)[1].astype(np.float64)
    total = n + m
    variance = n * m / 12 * (total + 1 - float((ties**3 - ties).sum()) / (total * (total - 1)))
    fraction = u / (n * m)
    if variance <= 0:
        return fraction, 1.0
    # Continuity correction.
    distance = abs(u - n * m / 2) - 0.5
    return fraction, min(1.0, float(2 * special.ndtr(-distance / np.sqrt(variance))))
