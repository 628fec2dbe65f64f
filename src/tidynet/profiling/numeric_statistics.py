"""Statistics of the values of a quantitative column, from one sort."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

__all__ = ["QUANTILES", "number_statistics", "skew_and_kurtosis", "sorted_quantiles"]

Floats = npt.NDArray[np.float64]

QUANTILES = {"1%": 0.01, "5%": 0.05, "25%": 0.25, "median": 0.5, "75%": 0.75, "95%": 0.95, "99%": 0.99}
"""The quantiles of every quantitative column, by the names under which a profile holds them."""

_ROBUST = 3.5  # |robust z| above which Iglewicz and Hoaglin call a value an outlier


def number_statistics(values: Floats) -> tuple[dict[str, float], int, Floats]:
    """Statistics of known values, by name.

    Reference: Iglewicz, B. and Hoaglin, D. (1993). How to detect and handle outliers. The robust z is
    ``0.6745 (x − median) / MAD``; where the MAD is 0, ``(x − median) / (1.2533 · mean absolute deviation)``.
    """
    finite = np.isfinite(values)
    ordered = np.sort(values[finite])
    infinite = values[~finite]
    numbers: dict[str, float] = {}
    distinct = len(np.unique(infinite))
    if ordered.size:
        starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
        distinct += len(starts)
        numbers |= {"min": float(ordered[0]), "max": float(ordered[-1])}
        numbers |= _moments(ordered)
        numbers |= dict(zip(QUANTILES, sorted_quantiles(ordered, list(QUANTILES.values())), strict=True))
        numbers |= _mode(ordered, starts)
        numbers |= _outliers(ordered, numbers)
    numbers["zeros"] = float(np.count_nonzero(ordered == 0))
    numbers["negatives"] = float(np.searchsorted(ordered, 0.0)) + float(np.count_nonzero(infinite < 0))
    numbers["infinities"] = float(infinite.size)
    return {name: value for name, value in numbers.items() if math.isfinite(value)}, distinct, ordered


def sorted_quantiles(ordered: Floats, fractions: list[float]) -> list[float]:
    """Quantiles of sorted values with linear interpolation, as NumPy and pandas do by default.

    >>> sorted_quantiles(np.array([0.0, 10.0]), [0.25])
    [2.5]
    """
    index = np.asarray(fractions) * (len(ordered) - 1)
    below = np.floor(index).astype(np.int64)
    above = np.minimum(below + 1, len(ordered) - 1)
    part = index - below
    return [float(value) for value in ordered[below] * (1 - part) + ordered[above] * part]


def skew_and_kurtosis(n: int, second: float, third: float, fourth: float) -> tuple[float, float]:
    """Skew and excess kurtosis corrected for bias, from mean powers of the centred values; NaN where undefined.

    >>> skew_and_kurtosis(4, 1.25, 0.0, 2.5625)[0]
    0.0
    """
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
    centred = scaled - mean
    # Differences within rounding of the values are no spread at all.
    if ordered[0] == ordered[-1]:
        return {"mean": float(ordered[0]), "std": 0.0 if n > 1 else math.nan}
    square = centred * centred
    second = float(square.mean())
    skew, kurtosis = skew_and_kurtosis(n, second, float((square * centred).mean()), float((square * square).mean()))
    std = math.sqrt(second * n / (n - 1))
    return {"mean": mean * scale, "std": std * scale, "skew": skew, "kurtosis": kurtosis}


def _mode(ordered: Floats, starts: npt.NDArray[np.int64]) -> dict[str, float]:
    lengths = np.diff(np.append(starts, len(ordered)))
    longest = int(np.argmax(lengths))
    if lengths[longest] < 2:
        return {}
    return {"mode": float(ordered[starts[longest]]), "mode count": float(lengths[longest])}


def _outliers(ordered: Floats, numbers: dict[str, float]) -> dict[str, float]:
    extent = 1.5 * (numbers["75%"] - numbers["25%"])
    low, high = numbers["25%"] - extent, numbers["75%"] + extent
    result = {"lower fence": low, "upper fence": high, "outliers (1.5 IQR)": _count_outside(ordered, low, high)}
    median = numbers["median"]
    with np.errstate(over="ignore"):  # a spread beyond float64 has nothing outside
        distances = np.abs(ordered - median)
        spread = 1.482602218505602 * float(np.median(distances)) or 1.2533141373155003 * float(distances.mean())
    result["outliers (robust z)"] = _count_outside(ordered, median - _ROBUST * spread, median + _ROBUST * spread)
    return result


def _count_outside(ordered: Floats, low: float, high: float) -> float:
    below = int(np.searchsorted(ordered, low, side="left"))
    above = len(ordered) - int(np.searchsorted(ordered, high, side="right"))
    return float(below + above)
