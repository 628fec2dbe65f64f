"""Which axis shows the bulk of a numeric variable: its scale, its range, and a value that is drawn apart.

Histograms, charts and findings take the decision from here, so that they agree.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from tidynet.profiling.histogram_bins import resolution
from tidynet.profiling.numeric_statistics import standardized_skewness

Floats = npt.NDArray[np.float64]
Scale = Literal["linear", "log", "sqrt", "time"]

_TRIM = 0.01  # of the rows at each end, which decide on no scale
_TRIMS = (_TRIM, 0.025, 0.05)  # which decide on no range; the first whose rest is not far wider than its middle half
_WIDE = 12.0  # interquartile ranges
_FAR = 1.5  # widths of the bulk
_MIN_ROWS = 10
_MIN_LOG_RATIO = 20  # of the ends of the bulk
_MIN_SKEW = 1.2  # of the bulk; that of an exponential distribution is 1.3
_SPIKE = 0.5  # share of rows
_MIN_REST = 5  # rows beside a spike
_VISIBLE = 0.05  # of the spike: a bar of this height can be seen beside it
_BAR_PER_VALUE = 40  # whole numbers with a bar each
_POINTS = 20_000
_LARGEST = 1e300  # half a range; beyond it differences overflow


@dataclass(frozen=True, slots=True)
class AxisChoice:
    """The axis of a numeric variable; `spike` is a value drawn apart from all others."""

    scale: Scale
    low: float
    high: float
    spike: float | None = None


def choose_axis(ordered: Floats, *, is_time: bool = False, apart: bool = True) -> AxisChoice:
    """The axis for finite values in increasing order; without `apart` there is no spike.

    The central 98% of the rows decide: a log scale if they are skewed and their logarithms are not, a square-root
    scale likewise from 0 on. Rows far beyond them on this scale lie outside the axis.
    """
    low, high = float(ordered[0]), float(ordered[-1])
    if len(ordered) < _MIN_ROWS or low == high or high / 2 - low / 2 > _LARGEST:
        return AxisChoice("time" if is_time else "linear", low, high)
    if is_time:
        return AxisChoice("time", *_bulk_range(ordered, "linear"))
    if apart and (value := _spike(ordered)) is not None:
        rest = choose_axis(without_value(ordered, value), apart=False)
        return AxisChoice(rest.scale, rest.low, rest.high, value)
    scale = choose_scale(ordered)
    return AxisChoice(scale, *_bulk_range(ordered, scale))


def choose_scale(ordered: Floats) -> Literal["linear", "log", "sqrt"]:
    """The scale on which the bulk of finite values in increasing order is least skewed; else linear."""
    if len(ordered) < _MIN_ROWS or ordered[0] < 0 or _has_bar_per_value(ordered):
        return "linear"
    trimmed = _trimmed(ordered, _TRIM)
    points = trimmed[:: max(1, len(trimmed) // _POINTS)]
    skew = standardized_skewness(points)
    if not skew > _MIN_SKEW:
        return "linear"
    if ordered[0] > 0:
        suits = points[-1] / _MIN_LOG_RATIO >= points[0] and abs(standardized_skewness(np.log10(points))) < skew / 2
        return "log" if suits else "linear"
    return "sqrt" if abs(standardized_skewness(np.sqrt(points))) < skew / 2 else "linear"


def suits_log(values: Floats) -> bool:
    """Whether a log axis shows the bulk of the values better."""
    return choose_scale(np.sort(values)) == "log"


def without_value(ordered: Floats, value: float) -> Floats:
    """The values in increasing order, without one."""
    first, last = int(np.searchsorted(ordered, value)), int(np.searchsorted(ordered, value, side="right"))
    return np.concatenate([ordered[:first], ordered[last:]])


def to_scale(values: npt.ArrayLike, scale: Scale) -> Floats:
    """Values transformed to a scale."""
    numbers = np.asarray(values, dtype=np.float64)
    if scale == "log":
        return np.log10(numbers)
    return np.sqrt(np.maximum(numbers, 0)) if scale == "sqrt" else numbers


def from_scale(positions: npt.ArrayLike, scale: Scale) -> Floats:
    """The inverse of `to_scale`."""
    numbers = np.asarray(positions, dtype=np.float64)
    if scale == "log":
        return np.power(10.0, numbers)
    return np.square(np.maximum(numbers, 0)) if scale == "sqrt" else numbers


def _trimmed(ordered: Floats, share: float) -> Floats:
    cut = max(1, int(share * len(ordered)))
    return ordered[cut : len(ordered) - cut]


def _bulk_range(ordered: Floats, scale: Scale) -> tuple[float, float]:
    """The ends of the axis; an end is cut if it is farther from the bulk than the bulk is wide."""
    if _has_bar_per_value(ordered):
        return float(ordered[0]), float(ordered[-1])
    low, high = (float(end) for end in to_scale(ordered[[0, -1]], scale))
    quarter = len(ordered) // 4
    middle_half = to_scale(ordered[[quarter, -quarter - 1]], scale)
    for share in _TRIMS:
        trimmed = _trimmed(ordered, share)
        first, last = (float(end) for end in to_scale(trimmed[[0, -1]], scale))
        if last / _WIDE - first / _WIDE <= middle_half[1] - middle_half[0] or middle_half[0] == middle_half[1]:
            break
    width = last - first
    if not 0 < width < np.inf:
        return float(ordered[0]), float(ordered[-1])
    start, stop = 0, len(ordered) - 1
    if first - low > _FAR * width:
        start = int(np.searchsorted(ordered, from_scale(first - width / 2, scale)))
    if high - last > _FAR * width:
        stop = int(np.searchsorted(ordered, from_scale(last + width / 2, scale), side="right")) - 1
    return float(ordered[start]), float(ordered[stop])


def _spike(ordered: Floats) -> float | None:
    """A value of at least half of the rows, or zeros below values of a log scale, that would hide the others."""
    middle = float(ordered[len(ordered) // 2])
    rows = _count(ordered, middle)
    if rows >= _SPIKE * len(ordered):
        rest = without_value(ordered, middle)
        if len(rest) < _MIN_REST or np.count_nonzero(np.diff(rest)) < 2:
            return None
        is_visible = _has_bar_per_value(ordered) and _largest_count(rest) >= _VISIBLE * rows
        return None if is_visible else middle
    if ordered[0] == 0:
        rest = ordered[_count(ordered, 0.0) :]
        if len(rest) >= _MIN_ROWS and choose_scale(rest) == "log":
            return 0.0
    return None


def _count(ordered: Floats, value: float) -> int:
    return int(np.searchsorted(ordered, value, side="right") - np.searchsorted(ordered, value, side="left"))


def _has_bar_per_value(ordered: Floats) -> bool:
    return ordered[-1] - ordered[0] < _BAR_PER_VALUE and resolution(ordered) == 1.0


def _largest_count(ordered: Floats) -> int:
    starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
    return int(np.diff(np.append(starts, len(ordered))).max())
