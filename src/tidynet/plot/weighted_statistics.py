"""Weighted statistics: quantiles, means with 95% intervals, box plots, densities."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_GRID = 512


def quantiles(values: Floats, weights: Floats, probabilities: list[float]) -> Floats:
    """Quantiles of weighted values; with equal weights those of NumPy and pandas."""
    if np.ptp(weights) == 0:
        return np.asarray(np.quantile(values, probabilities), dtype=np.float64)
    order = np.argsort(values, kind="stable")
    cumulative = np.cumsum(weights[order])
    # A value of weight w counts as w equal values.
    ranks = np.asarray(probabilities) * (cumulative[-1] - 1)
    positions = np.searchsorted(cumulative - 1e-9, ranks, side="right")
    return values[order][np.minimum(positions, len(values) - 1)]


class MeanInterval(NamedTuple):
    """A mean, its 95% confidence interval and the number of rows."""

    value: float
    low: float
    high: float
    rows: int


def mean_interval(values: Floats, weights: Floats) -> MeanInterval:
    """The weighted mean with its 95% confidence interval (Student's t); zero width for one row."""
    from scipy.special import stdtrit

    total = float(weights.sum())
    value = float(values @ weights / total)
    if total < 2:
        return MeanInterval(value, value, value, round(total))
    variance = float(weights @ (values - value) ** 2) / (total - 1)
    half = float(stdtrit(total - 1, 0.975)) * (variance / total) ** 0.5
    return MeanInterval(value, value - half, value + half, round(total))


def interval_of_mean(mean: float, std: float, rows: int) -> MeanInterval:
    """The interval from the statistics of the values."""
    from scipy.special import stdtrit

    half = float(stdtrit(rows - 1, 0.975)) * std / rows**0.5 if rows > 1 else 0.0
    return MeanInterval(mean, mean - half, mean + half, rows)


class BoxStatistics(NamedTuple):
    """Quartiles, whiskers and outliers of a box plot."""

    low: float
    first: float
    median: float
    third: float
    high: float
    outliers: npt.NDArray[np.bool_]


def box_statistics(
    values: Floats, quartiles: tuple[float, float, float], scaled: Callable[[npt.ArrayLike], Floats]
) -> BoxStatistics:
    """Whiskers to the last values within 1.5 interquartile ranges of the box, measured on the scale of the axis."""
    first, median, third = quartiles
    start, stop = (float(end) for end in scaled([first, third]))
    extent = 1.5 * (stop - start)
    positions = scaled(values)
    inside = (positions >= start - extent) & (positions <= stop + extent)
    low, high = (float(values[inside].min()), float(values[inside].max())) if inside.any() else (first, third)
    return BoxStatistics(min(low, first), first, median, third, max(high, third), ~inside)


def density(
    values: Floats, weights: Floats, *, min_width: float = 0.0, floor: float = -np.inf, tails: bool = True
) -> tuple[Floats, Floats]:
    """A Gaussian kernel density of weighted values.

    Bandwidth after Silverman (1986): ``0.9 · min(s, IQR / 1.34) · n^(−1/5)``. The values are binned on a
    fine grid first, so that the time hardly depends on their number.
    """
    low, high = float(values.min()), float(values.max())
    width = max(_bandwidth(values, weights), min_width) or max(abs(low), 1.0) / 100
    start, stop = max(low - 3 * width, floor), high + 3 * width
    if not stop > start:
        return np.array([low, high]), np.array([1.0, 1.0])
    step = (stop - start) / (_GRID - 1)
    counts = _on_grid((values - start) / step, weights / weights.sum())
    extent = min(int(np.ceil(4 * width / step)), _GRID - 1)
    kernel = np.exp(-0.5 * (np.arange(-extent, extent + 1) * step / width) ** 2)
    spread = np.convolve(counts, kernel / kernel.sum())
    heights = spread[extent : extent + _GRID].copy()
    # Reflected at the floor.
    heights[1 : extent + 1] += spread[:extent][::-1] if np.isfinite(floor) and start == floor else 0
    positions = np.linspace(start, stop, _GRID)
    heights /= np.trapezoid(heights, positions)
    if tails:
        return positions, heights
    inside = (positions >= low - step) & (positions <= high + step)
    return np.clip(positions[inside], low, high), heights[inside]


def _on_grid(positions: Floats, weights: Floats) -> Floats:
    # Linear binning: each value is split between the two nearest grid points.
    left = np.clip(positions.astype(np.int64), 0, _GRID - 2)
    right = np.clip(positions - left, 0, 1)
    counts: Floats = np.bincount(left, weights * (1 - right), _GRID).astype(np.float64)
    return counts + np.bincount(left + 1, weights * right, _GRID)


def _bandwidth(values: Floats, weights: Floats) -> float:
    total = float(weights.sum())
    mean = float(values @ weights / total)
    std = (float(weights @ (values - mean) ** 2) / max(total - 1, 1)) ** 0.5
    first, third = (float(q) for q in quantiles(values, weights, [0.25, 0.75]))
    spread = min(std, (third - first) / 1.34) if third > first else std
    return 0.9 * spread * total ** (-1 / 5)
