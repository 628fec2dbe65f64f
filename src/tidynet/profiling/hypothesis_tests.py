"""Correlations and the p-values of a few tests, by the special functions alone.

`scipy.stats` would give the same, but importing it takes longer than looking at a small table.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import special

__all__ = ["chi2_p_value", "chi2_test", "mann_whitney_test", "pearson_correlation", "spearman_correlation", "t_p_value"]

Numbers = npt.NDArray[Any]


def pearson_correlation(x: Numbers, y: Numbers) -> float:
    """Pearson's correlation; 0 where a variable does not vary."""
    a, b = (np.asarray(item, np.float64) - np.mean(item, dtype=np.float64) for item in (x, y))
    length = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(np.clip(a @ b / length, -1.0, 1.0)) if length > 0 else 0.0


def spearman_correlation(x: Numbers, y: Numbers) -> float:
    """Spearman's correlation; 0 where a variable does not vary."""
    return pearson_correlation(_ranks(x), _ranks(y))


def _ranks(values: Numbers) -> npt.NDArray[np.float64]:
    return pl.Series(values).rank("average").cast(pl.Float64).to_numpy()


def chi2_p_value(statistic: float, freedom: float) -> float:
    """The chance that χ² with these degrees of freedom is at least so large."""
    return float(special.chdtrc(freedom, max(statistic, 0.0))) if freedom > 0 else 1.0


def t_p_value(statistic: float, freedom: float) -> float:
    """The two-sided p-value of Student's t."""
    return float(2 * special.stdtr(freedom, -abs(statistic)))


def chi2_test(table: npt.NDArray[Any]) -> float:
    """The p-value of Pearson's χ² test of independence. Shape of the table: (levels, levels), no empty row or column."""
    counts = np.asarray(table, np.float64)
    expected = np.outer(counts.sum(1), counts.sum(0)) / counts.sum()
    freedom = (counts.shape[0] - 1) * (counts.shape[1] - 1)
    return chi2_p_value(float(((counts - expected) ** 2 / expected).sum()), freedom)


def mann_whitney_test(x: Numbers, y: Numbers) -> tuple[float, float]:
    """The share of pairs in which x is the larger, ties halved, and its two-sided p-value (normal, ties corrected)."""
    n, m = len(x), len(y)
    together = np.concatenate([x, y])
    wins = float(_ranks(together)[:n].sum()) - n * (n + 1) / 2
    ties = np.unique(together, return_counts=True)[1].astype(np.float64)
    total = n + m
    variance = n * m / 12 * (total + 1 - float((ties**3 - ties).sum()) / (total * (total - 1)))
    fraction = wins / (n * m)
    if variance <= 0:
        return fraction, 1.0
    # Half a step less, since the statistic moves in steps.
    distance = abs(wins - n * m / 2) - 0.5
    return fraction, min(1.0, float(2 * special.ndtr(-distance / np.sqrt(variance))))
