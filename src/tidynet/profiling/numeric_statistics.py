"""Statistics of a numeric column, from one sort."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

QUANTILES = {"1%": 0.01, "5%": 0.05, "25%": 0.25, "median": 0.5, "75%": 0.75, "95%": 0.95, "99%": 0.99}
"""The quantiles of every numeric column, by their keys in a profile."""

_MAX_ROBUST_Z = 3.5


def number_statistics(values: Floats) -> tuple[dict[str, float], int, Floats]:
    """Statistics of known values by name, the number of distinct values, and the finite values in order."""
    finite = np.isfinite(values)
    ordered = np.sort(values[finite])
    infinite = values[~finite]
    statistics: dict[str, float] = {}
    distinct = len(np.unique(infinite))
    if ordered.size:
        starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
        distinct += len(starts)
        statistics |= {"min": float(ordered[0]), "max": float(ordered[-1])}
        statistics |= _moments(ordered)
        statistics |= dict(zip(QUANTILES, sorted_quantiles(ordered, list(QUANTILES.values())), strict=True))
        statistics |= _mode(ordered, starts)
        statistics |= _outliers(ordered, statistics)
    statistics["zeros"] = float(np.count_nonzero(ordered == 0))
    statistics["negatives"] = float(np.searchsorted(ordered, 0.0)) + float(np.count_nonzero(infinite < 0))
    statistics["infinities"] = float(infinite.size)
    return {name: value for name, value in statistics.items() if math.isfinite(value)}, distinct, ordered


def sorted_quantiles(ordered: Floats, fractions: list[float]) -> list[float]:
    """Quantiles of sorted values with linear interpolation, as NumPy and pandas do by default."""
    index = np.asarray(fractions) * (len(ordered) - 1)
    below = np.floor(index).astype(np.int64)
    above = np.minimum(below + 1, len(ordered) - 1)
    part = index - below
    return [float(value) for value in ordered[below] * (1 - part) + ordered[above] * part]


def standardized_skewness(values: Floats) -> float:
    """The third standardized moment; 0 for equal values."""
    scale = np.abs(values).max(initial=0.0)
    if not 0 < scale < np.inf:
        return 0.0
    centered = values / scale - (values / scale).mean()
    std = centered.std()
    return float((centered * centered * centered).mean() / std**3) if std > 1e-12 else 0.0


def skew_and_kurtosis(n: int, second: float, third: float, fourth: float) -> tuple[float, float]:
    """Bias-corrected skewness and excess kurtosis from central moments; NaN where undefined."""
    if second <= 0:
        return math.nan, math.nan
    skew = third / second**1.5 * math.sqrt(n * (n - 1)) / (n - 2) if n > 2 else math.nan
    raw = fourth / second**2 - 3
    kurtosis = (n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * raw + 6) if n > 3 else math.nan
    return skew, kurtosis


def _moments(ordered: Floats) -> dict[str, float]:
    n = len(ordered)
    largest = float(np.abs(ordered[[0, -1]]).max())
    scale = largest if largest > 1e60 or 0 < largest < 1e-60 else 1.0  # fourth powers stay within float64
    scaled = ordered / scale
    mean = float(scaled.mean())
    centered = scaled - mean
    # Equal values have no spread; their mean may differ by rounding.
    if ordered[0] == ordered[-1]:
        return {"mean": float(ordered[0]), "std": 0.0 if n > 1 else math.nan}
    square = centered * centered
    second = float(square.mean())
    skew, kurtosis = skew_and_kurtosis(n, second, float((square * centered).mean()), float((square * square).mean()))
    std = math.sqrt(second * n / (n - 1))
    return {"mean": mean * scale, "std": std * scale, "skew": skew, "kurtosis": kurtosis}


def _mode(ordered: Floats, starts: npt.NDArray[np.int64]) -> dict[str, float]:
    lengths = np.diff(np.append(starts, len(ordered)))
    longest = int(np.argmax(lengths))
    if lengths[longest] < 2:
        return {}
    return {"mode": float(ordered[starts[longest]]), "mode count": float(lengths[longest])}


def _outliers(ordered: Floats, statistics: dict[str, float]) -> dict[str, float]:
    with np.errstate(over="ignore"):  # a spread beyond float64 has no outliers
        distances = np.abs(ordered - statistics["median"])
        mad = float(np.median(distances))
        return outlier_statistics(
            statistics, mad, lambda: float(distances.mean()), lambda low, high: _count_outside(ordered, low, high)
        )


def outlier_statistics(
    quantiles: Mapping[str, float],
    mad: float,
    mean_distance: Callable[[], float],
    count_outside: Callable[[float, float], float],
) -> dict[str, float]:
    """Tukey's fences and the rows outside of them; the rows with a large robust z.

    The robust z is ``0.6745 (x − median) / MAD``; if the MAD is 0, ``(x − median) / (1.2533 · mean distance)``.
    Reference: Iglewicz, B. and Hoaglin, D. (1993). How to detect and handle outliers.
    """
    extent = 1.5 * (quantiles["75%"] - quantiles["25%"])
    low, high, median = quantiles["25%"] - extent, quantiles["75%"] + extent, quantiles["median"]
    spread = 1.482602218505602 * mad or 1.2533141373155003 * mean_distance()
    return {
        "lower fence": low,
        "upper fence": high,
        "outliers (1.5 IQR)": count_outside(low, high),
        "outliers (robust z)": count_outside(median - _MAX_ROBUST_Z * spread, median + _MAX_ROBUST_Z * spread),
    }


def _count_outside(ordered: Floats, low: float, high: float) -> float:
    below = int(np.searchsorted(ordered, low, side="left"))
    above = len(ordered) - int(np.searchsorted(ordered, high, side="right"))
    return float(below + above)
