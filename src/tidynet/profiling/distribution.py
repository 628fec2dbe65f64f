"""The likely distribution of a numeric variable, and a transformation that reduces its skewness."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt
from scipy import special

from tidynet.profiling.numeric_statistics import skew_and_kurtosis

Floats = npt.NDArray[np.float64]

_SQUARE_ROOT = "square root"
_POINTS = 2000
_MIN_ROWS = 30  # with fewer rows, any distribution fits
_MAX_VALUE = 1e100  # above it squares overflow
_SMALL_SKEW = 0.5  # |skewness| that needs no transformation


def downsample(ordered: Floats, max_points: int = _POINTS) -> Floats:
    """At most `max_points` of the sorted values, at evenly spaced ranks."""
    if len(ordered) <= max_points:
        return ordered
    return ordered[((np.arange(max_points) + 0.5) * len(ordered) / max_points).astype(np.int64)]


def likely_distribution(points: Floats, rows: int, grid: float = 0.0) -> str:
    """The common distribution nearest to the values; "" if none is near or there are few rows.

    Each distribution is fitted by its moments. The Kolmogorov–Smirnov distance must be below ``0.04 + 0.9 / √rows``.
    """
    if rows < _MIN_ROWS or points[0] == points[-1] or not np.abs(points[[0, -1]]).max() < _MAX_VALUE:
        return ""
    zeros = float(np.mean(points == 0))
    name = _nearest(points, rows, grid)
    if name or zeros < 0.2 or points[0] < 0:
        return name or _count_modes(points)
    rest = points[points > 0]
    if rest.size < 10 or rest[0] == rest[-1]:
        return "mostly zeros"
    rest_name = _nearest(rest, rows * rest.size // points.size, grid)
    return f"zeros, else {rest_name}" if rest_name else "many zeros"


def symmetrizing_transformation(points: Floats) -> tuple[str, float] | None:
    """The transformation with the least skewness, and that skewness; None if none halves it."""
    skew = _skew(points)
    if not abs(skew) > _SMALL_SKEW:
        return None
    candidates = {name: _skew(changed) for name, changed in _transformed(points)}
    if not candidates:
        return None
    # The square root is the weaker transformation and preferred.
    best = min(candidates, key=lambda name: abs(candidates[name]) - (0.1 if name == _SQUARE_ROOT else 0.0))
    return (best, candidates[best]) if abs(candidates[best]) < abs(skew) / 2 else None


def _transformed(points: Floats) -> Iterator[tuple[str, Floats]]:
    low, high = points[0], points[-1]
    if low >= 0:
        yield _SQUARE_ROOT, np.sqrt(points)
        yield ("log", np.log(points)) if low > 0 else ("log(1 + x)", np.log1p(points))
    if low > 0 and high < 1:
        yield "logit", special.logit(points)


def _skew(points: Floats) -> float:
    scale = float(np.abs(points[[0, -1]]).max())
    if scale == 0 or points[0] == points[-1]:
        return 0.0
    scaled = points / scale
    centered = scaled - scaled.mean()
    square = centered * centered
    return skew_and_kurtosis(len(points), float(square.mean()), float((square * centered).mean()), 1.0)[0]


def _nearest(points: Floats, rows: int, grid: float) -> str:
    last = np.append(points[1:] != points[:-1], True)
    cumulative = np.flatnonzero(last) + 1.0
    cumulative /= len(points)
    before = np.append(0.0, cumulative[:-1])
    values = points[last]
    best, smallest = "", math.inf
    for name, cdf, penalty in _candidates(points, grid):
        with np.errstate(all="ignore"):
            model = cdf(values + grid / 2)
            distance = float(np.max(np.abs(model - cumulative)))
            if not grid:
                distance = max(distance, float(np.max(np.abs(model - before))))
        if distance + penalty < smallest:
            best, smallest = name, distance + penalty
    return best if smallest < 0.04 + 0.9 / math.sqrt(rows) else ""


def _candidates(points: Floats, grid: float) -> Iterator[tuple[str, Callable[[Floats], Floats], float]]:
    """Names, fitted cumulative distribution functions and penalties for parameters."""
    low, high = float(points[0]), float(points[-1])
    mean, variance = float(points.mean()), float(points.var())
    std = math.sqrt(variance)
    if std == 0 or not math.isfinite(std):
        return
    extent = (high - low + grid) / max(len(points), 1)
    yield "uniform", lambda x: np.clip((x - low + grid / 2) / (high - low + grid + extent), 0, 1), 0.0
    yield "normal", lambda x: special.ndtr((x - mean) / std), 0.0
    if low > 0:
        logs = np.log(points)
        center, width = float(logs.mean()), float(logs.std())
        yield "log-normal", lambda x: special.ndtr((np.log(np.maximum(x, 1e-300)) - center) / width), 0.002
        if center > math.log(low):
            yield "power law", lambda x: 1 - (np.maximum(x, low) / low) ** (-1 / (center - math.log(low))), 0.005
    if low >= 0 and grid != 1:
        yield "exponential", lambda x: -np.expm1(-x / mean), 0.0
        yield "gamma", lambda x: special.gammainc(mean**2 / variance, x * mean / variance), 0.01
    if low >= 0 and grid == 1:
        yield "Poisson", lambda x: special.pdtr(np.floor(x), mean), 0.0
        if variance > mean:
            probability = mean / variance
            size = mean * probability / (1 - probability)
            # special.nbdtr would truncate the size to a whole number.
            yield "negative binomial", lambda x: special.betainc(size, np.floor(x) + 1, probability), 0.005
    if low > 0 and high < 1 and variance < mean * (1 - mean):
        count = mean * (1 - mean) / variance - 1
        yield "beta", lambda x: special.betainc(mean * count, (1 - mean) * count, np.clip(x, 0, 1)), 0.01


def _count_modes(points: Floats) -> str:
    """The number of modes, if more than one: peaks of a smoothed histogram with clear valleys between them."""
    low, high = np.quantile(points, [0.005, 0.995])
    if not high > low:
        return ""
    heights, _ = np.histogram(points, bins=64, range=(low, high))
    bell = np.exp(-0.5 * (np.arange(-9, 10) / 2.5) ** 2)
    smooth = np.convolve(heights, bell / bell.sum(), mode="same")
    peaks, valley, rising, top = 0, 0.0, True, 0.0
    for height in smooth:
        if rising:
            top = max(top, height)
            if height < 0.7 * top and top > 0.15 * smooth.max():
                peaks, rising, valley = peaks + 1, False, height
        else:
            valley = min(valley, height)
            if height > 1.4 * valley + 0.02 * smooth.max():
                rising, top = True, height
    peaks += rising and top > 0.15 * smooth.max()
    return {2: "two peaks", 3: "three peaks"}.get(peaks, "many peaks" if peaks > 3 else "")
