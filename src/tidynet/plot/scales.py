"""Scales: steps that people count in, bin edges that suit the values, ticks and their labels.

Everything here is arithmetic on numbers; nothing is drawn. Times live in `tidynet.plot.dates`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = [
    "bin_edges",
    "linear_ticks",
    "log_edges",
    "log_ticks",
    "natural",
    "natural_labels",
    "nice_step",
    "resolution",
    "round_top",
    "suits_log",
]

Floats = npt.NDArray[np.float64]

_SUFFIXES = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k"))
_WHOLE_BINS = 40  # up to this many whole numbers get a bar each


def nice_step(size: float) -> float:
    """The smallest of 1, 2, 5 × 10ᵏ that is at least `size`.

    Parameters
    ----------
    size : float
        A width above 0.

    Returns
    -------
    float
        A step that people count in; 0 or infinity where float64 cannot hold it.

    Examples
    --------
    >>> nice_step(0.13), nice_step(30), nice_step(1)
    (0.2, 50.0, 1.0)
    """
    if size <= 0 or not math.isfinite(size):
        return size
    exponent = math.floor(math.log10(size))
    for factor, power in ((1, exponent), (2, exponent), (5, exponent), (1, exponent + 1), (2, exponent + 1)):
        # Parsing the decimal text gives the float nearest to it; factor * 10.0**power does not.
        step = float(f"{factor}e{power}")
        if step >= size * (1 - 1e-9):
            return step
    return math.inf


def round_top(largest: int) -> int:
    """A round number just above the tallest bar, for an axis of counts.

    Parameters
    ----------
    largest : int
        The tallest bar, at least 1.

    Examples
    --------
    >>> [round_top(rows) for rows in (1, 7, 110, 168, 9_100)]
    [1, 8, 120, 200, 10000]
    """
    unit = int("1" + "0" * (len(str(largest)) - 1))
    for tenths in (10, 12, 15, 20, 25, 30, 40, 50, 60, 80, 100):
        top, rest = divmod(unit * tenths, 10)
        if rest == 0 and top >= largest:
            break
    return top


def resolution(values: Floats) -> float:
    """The step of the grid that the values were rounded to, or 0 if there is none.

    Parameters
    ----------
    values : ndarray of float64, shape (n,)
        Finite values.

    Returns
    -------
    float
        1 for whole numbers, 0.1 for one decimal, down to 0.0001; else 0.

    Examples
    --------
    >>> resolution(np.array([39.1, 39.5, 40.0]))
    0.1
    >>> resolution(np.array([0.123456, 2.0]))
    0.0
    """
    largest = np.abs(values).max(initial=0)
    if largest < 2**53 and np.array_equal(np.rint(values), values):
        return 1.0 if values.size else 0.0
    for digits in range(1, 5 if largest < 1e9 else 1):
        if np.allclose(np.round(values, digits), values, rtol=1e-12, atol=0):
            return float(f"1e-{digits}")
    return 0.0


def bin_edges(values: Floats, most: int = 30) -> Floats:
    """Edges of equal bins whose width people count in.

    The width is Freedman and Diaconis', ``2 · IQR · n^(−1/3)``, rounded to 1, 2 or 5 × 10ᵏ. Values
    on a grid (whole numbers, one decimal, …) lie in the middle of their bins and never on an edge.

    Parameters
    ----------
    values : ndarray of float64, shape (n,)
        Finite values, n at least 1.
    most : int
        At most about this many bins (whole numbers over a short range may take up to 40).

    Returns
    -------
    ndarray of float64, shape (bins + 1,)
        Strictly increasing; the first is at most the smallest value, the last above the largest.

    References
    ----------
    Freedman, D. and Diaconis, P. (1981). On the histogram as a density estimator: L2 theory.

    Examples
    --------
    >>> bin_edges(np.array([1.0, 2.0, 2.0, 3.0])).tolist()
    [0.5, 1.5, 2.5, 3.5]
    """
    low, high = float(values.min()), float(values.max())
    grid = resolution(values)
    if low == high:
        return _around(low, grid)
    step = _bin_width(values, high - low, grid, most) if math.isfinite(high - low) else math.inf
    if not _countable(step, low, high):
        return _blended(low, high, most)
    start = math.floor((low + grid / 2) / step)
    stop = math.floor((high + grid / 2) / step) + 1
    edges = np.asarray(np.arange(start, stop + 1) * step - grid / 2, dtype=np.float64)
    edges[0] = min(edges[0], low)
    return edges


def _countable(step: float, low: float, high: float) -> bool:
    """Whether multiples of the step are distinct floats all the way from low to high."""
    largest = max(abs(low), abs(high))
    return largest < 1e306 and 1e-300 < step < math.inf and step >= 8 * float(np.spacing(largest))


def _bin_width(values: Floats, span: float, grid: float, most: int) -> float:
    if grid == 1.0 and span < _WHOLE_BINS:
        return 1.0
    first, third = (float(quartile) for quartile in np.quantile(values, [0.25, 0.75]))
    width = 2 * (third - first) * len(values) ** (-1 / 3)
    sturges = span / (math.log2(len(values)) + 1)
    if not 0 < width <= sturges:
        width = sturges
    return max(_nearest_step(width), nice_step(span / most), grid)


def _nearest_step(width: float) -> float:
    above = nice_step(width)
    below = nice_step(above / 2.6)
    return below if below > 0 and width / below < above / width else above


def _around(value: float, grid: float) -> Floats:
    half = (grid or max(abs(value), 1.0) / 10) / 2
    if value + half == value or value - half == value:
        return np.array([np.nextafter(value, -math.inf), np.nextafter(value, math.inf)])
    largest = float(np.finfo(float).max)
    return np.array([max(value - half, -largest), min(value + half, largest)])


def _blended(low: float, high: float, bins: int) -> Floats:
    # Written so that neither a span above the largest float nor one of a few ulps breaks it.
    share = np.linspace(0, 1, bins + 1)
    edges = low * (1 - share) + high * share
    edges[-1] = np.nextafter(high, math.inf) if high < np.finfo(float).max else high
    return np.unique(np.append(edges, low))


def suits_log(values: Floats) -> bool:
    """Whether values are so skewed that a log axis shows them better.

    True if all are above 0, the largest is at least 50 times the smallest, their skewness is above 2
    and that of their logarithms less than half of it.

    Parameters
    ----------
    values : ndarray of float64, shape (n,)
        Finite values.

    Examples
    --------
    >>> incomes = 10 ** np.random.default_rng(0).normal(4, 0.6, 500)
    >>> suits_log(incomes), suits_log(np.log10(incomes))
    (True, False)
    """
    if values.size < 10 or values.min() <= 0 or values.max() / 50 < values.min():
        return False
    skew = _skewness(values / values.max())
    return skew > 2 and abs(_skewness(np.log10(values))) < skew / 2


def _skewness(values: Floats) -> float:
    centred = values - values.mean()
    deviation = centred.std()
    return float(np.mean((centred / deviation) ** 3)) if deviation > 0 else 0.0


def log_edges(values: Floats, most: int = 24) -> Floats:
    """Edges of bins that are equally wide on a log axis.

    Parameters
    ----------
    values : ndarray of float64, shape (n,)
        Values above 0, the largest at least twice the smallest. Whole numbers get edges between
        whole numbers.
    most : int
        At most about this many bins.

    Returns
    -------
    ndarray of float64, shape (bins + 1,)
        Strictly increasing, with every value between the first and the last.

    Examples
    --------
    >>> log_edges(np.array([0.1, 5.5, 99.0]), most=3).tolist()
    [0.1, 1.0, 10.0, 100.0]
    """
    low, high = math.log10(values.min()), math.log10(values.max())
    step = nice_step((high - low) / most)
    powers = np.arange(math.floor(low / step + 1e-9), math.floor(high / step + 1e-9) + 2) * step
    edges = 10.0 ** np.clip(powers, -323, 308)
    if resolution(values) == 1.0:
        edges = np.append(np.ceil(edges[edges <= values.max()]), values.max() + 1) - 0.5
    edges[0], edges[-1] = min(edges[0], values.min()), max(edges[-1], values.max())
    return np.unique(edges)


def linear_ticks(low: float, high: float, most: int = 5) -> list[float]:
    """At most `most` round numbers between `low` and `high`, both included.

    Examples
    --------
    >>> linear_ticks(2700, 6300)
    [3000.0, 4000.0, 5000.0, 6000.0]
    >>> linear_ticks(0.1, 0.3)
    [0.1, 0.15, 0.2, 0.25, 0.3]
    """
    span = high - low
    if span == 0:
        return [low]
    step = nice_step(span / most / 2)
    if not _countable(step, low, high):
        return [low, high]
    ticks = _multiples(low, high, step)
    while len(ticks) > most:
        step = nice_step(step * 1.5)
        ticks = _multiples(low, high, step)
    return ticks or [low, high]


def _multiples(low: float, high: float, step: float) -> list[float]:
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    digits = max(0, 1 - math.floor(math.log10(step)))
    return [round(k * step, digits) + 0.0 for k in range(first, last + 1)]


def log_ticks(low: float, high: float, most: int = 5) -> list[float]:
    """Natural numbers for a log axis from `low` to `high`, both above 0.

    The densest of 1-2-5, 1-3-10 and every (second, third, …) power of ten that has at most `most` ticks.

    Examples
    --------
    >>> log_ticks(8, 4000, most=6)
    [10.0, 30.0, 100.0, 300.0, 1000.0, 3000.0]
    >>> log_ticks(1e-6, 1e12)
    [0.0001, 1.0, 10000.0, 100000000.0, 1000000000000.0]
    """
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    for factors in ((1, 2, 5), (1, 3), (1,)):
        ticks = [float(f"{f}e{p}") for p in range(first, last + 1) for f in factors]
        inside = [tick for tick in ticks if low * (1 - 1e-9) <= tick <= high * (1 + 1e-9)]
        if len(inside) <= most:
            return inside if len(inside) > 1 else linear_ticks(low, high, most)
    stride = math.ceil((last - first) / most)
    powers = [p for p in range(first, last + 1) if p % stride == 0]
    return [t for t in (float(f"1e{p}") for p in powers) if low * (1 - 1e-9) <= t <= high * (1 + 1e-9)]


def natural(value: float) -> str:
    """A number as people write it on an axis, short.

    Examples
    --------
    >>> [natural(v) for v in (0, 0.0001, 0.25, 1200, 30_000, 2.5e6, -7, 1e300)]
    ['0', '0.0001', '0.25', '1200', '30k', '2.5M', '−7', '1e300']
    """
    return natural_labels([value])[0]


def natural_labels(ticks: Sequence[float]) -> list[str]:
    """Labels for the ticks of one axis: one unit for all, and enough digits to tell them apart.

    Examples
    --------
    >>> natural_labels([0.0, 0.25, 0.5])
    ['0', '0.25', '0.5']
    >>> natural_labels([5000.0, 10000.0, 15000.0])
    ['5k', '10k', '15k']
    """
    for digits in range(3, 18):
        labels = _labels(ticks, digits)
        if len(set(labels)) == len(set(ticks)):
            break
    return labels


def _labels(ticks: Sequence[float], digits: int) -> list[str]:
    largest = max((abs(tick) for tick in ticks), default=0.0)
    if largest >= 1e15 or 0 < largest < 1e-4:
        return [_scientific(tick, digits) for tick in ticks]
    size, suffix = next(((s, x) for s, x in _SUFFIXES if largest >= s and largest >= 1e4), (1.0, ""))
    return [_plain(tick / size, digits) + (suffix if tick else "") for tick in ticks]


def _plain(value: float, digits: int) -> str:
    decimals = max(0, digits - 1 - math.floor(math.log10(abs(value)))) if value else 0
    text = f"{value:.{min(decimals, 17)}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text.replace("-", "−")


def _scientific(value: float, digits: int) -> str:
    if value == 0:
        return "0"
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    return f"{mantissa}e{int(exponent)}".replace("-", "−")


def counted_into(values: Floats, edges: Floats) -> list[int]:
    """How many values fall into each bin ``[edge, next edge)``, the last bin closed.

    Examples
    --------
    >>> counted_into(np.array([0.0, 1.0, 2.0]), np.array([0.0, 1.0, 2.0]))
    [1, 2]
    """
    place: npt.NDArray[Any] = np.searchsorted(edges, values, side="right") - 1
    counts = np.bincount(np.clip(place, 0, len(edges) - 2), minlength=len(edges) - 1)
    return [int(count) for count in counts]
