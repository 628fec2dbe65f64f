"""Bin edges of numbers on linear and log axes; times are in `tidynet.profiling.time_axis`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from tidynet.profiling.axis_scales import is_countable, nice_step

Floats = npt.NDArray[np.float64]

_WHOLE_BINS = 40  # whole numbers with one bin each


def resolution(values: Floats) -> float:
    """The step to which the values are rounded, 0 if there is none."""
    largest = np.abs(values).max(initial=0)
    if largest < 2**53 and np.array_equal(np.rint(values), values):
        return 1.0 if values.size else 0.0
    head = values[:1000]  # rejects most steps before all values are rounded
    for digits in range(1, 5 if largest < 1e9 else 1):
        if np.allclose(np.round(head, digits), head, rtol=1e-12, atol=0) and np.allclose(
            np.round(values, digits), values, rtol=1e-12, atol=0
        ):
            return float(f"1e-{digits}")
    return 0.0


def bin_edges(values: Floats, max_count: int = 30) -> Floats:
    """Edges of equal bins with a round width.

    The width is Freedman and Diaconis', ``2 · IQR · n^(−1/3)``, rounded to 1, 2 or 5 × 10ᵏ. Rounded
    values (whole numbers, one decimal, …) are in the middle of their bins, never on an edge.

    Reference: Freedman, D. and Diaconis, P. (1981). On the histogram as a density estimator: L2 theory.
    """
    low, high = float(values.min()), float(values.max())
    grid = resolution(values)
    if low == high:
        return _bins_around_value(low, grid)
    step = _bin_width(values, high - low, grid, max_count) if math.isfinite(high - low) else math.inf
    if not is_countable(step, low, high):
        return _interpolated_edges(low, high, max_count)
    start = math.floor((low + grid / 2) / step)
    stop = math.floor((high + grid / 2) / step) + 1
    edges = np.asarray(np.arange(start, stop + 1) * step - grid / 2, dtype=np.float64)
    edges[0] = min(edges[0], low)
    return edges


def _bin_width(values: Floats, span: float, grid: float, max_count: int) -> float:
    if grid == 1.0 and span < _WHOLE_BINS:
        return 1.0
    first, third = (float(quartile) for quartile in np.quantile(values, [0.25, 0.75]))
    width = 2 * (third - first) * len(values) ** (-1 / 3)
    sturges = span / (math.log2(len(values)) + 1)
    if not 0 < width <= sturges:
        width = sturges
    return max(_nearest_step(width), nice_step(span / max_count), grid)


def _nearest_step(width: float) -> float:
    above = nice_step(width)
    below = nice_step(above / 2.6)
    return below if below > 0 and width / below < above / width else above


def _bins_around_value(value: float, grid: float) -> Floats:
    half = (grid or max(abs(value), 1.0) / 10) / 2
    if value + half == value or value - half == value:
        return np.array([np.nextafter(value, -math.inf), np.nextafter(value, math.inf)])
    largest = float(np.finfo(float).max)
    return np.array([max(value - half, -largest), min(value + half, largest)])


def _interpolated_edges(low: float, high: float, bins: int) -> Floats:
    # Correct even for spans above the largest float or of a few ulps.
    fraction = np.linspace(0, 1, bins + 1)
    edges = low * (1 - fraction) + high * fraction
    edges[-1] = np.nextafter(high, math.inf) if high < np.finfo(float).max else high
    return np.unique(np.append(edges, low))


def log_edges(values: Floats, max_count: int = 24) -> Floats:
    """Edges of bins of equal width on a log axis."""
    low, high = math.log10(values.min()), math.log10(values.max())
    step = nice_step((high - low) / max_count)
    powers = np.arange(math.floor(low / step + 1e-9), math.floor(high / step + 1e-9) + 2) * step
    edges = 10.0 ** np.clip(powers, -323, 308)
    if resolution(values) == 1.0:
        edges = np.append(np.ceil(edges[edges <= values.max()]), values.max() + 1) - 0.5
    edges[0], edges[-1] = min(edges[0], values.min()), max(edges[-1], values.max())
    return np.unique(edges)


def sqrt_edges(values: Floats, max_count: int = 20) -> Floats:
    """Edges of bins of equal width on a square-root axis."""
    low, high = float(values.min()), float(values.max())
    edges = np.linspace(math.sqrt(low), math.sqrt(high), max_count + 1) ** 2
    if resolution(values) == 1.0:
        edges = np.unique(np.append(np.maximum(np.ceil(edges[:-1]) - 0.5, 0), high + 0.5))
    edges[0], edges[-1] = min(edges[0], low), max(edges[-1], high)
    return np.unique(edges)


def count_into_bins(values: Floats, edges: Floats) -> list[int]:
    """The number of values in each bin ``[edge, next edge)``; the last bin is closed."""
    index: npt.NDArray[Any] = np.searchsorted(edges, values, side="right") - 1
    counts = np.bincount(np.clip(index, 0, len(edges) - 2), minlength=len(edges) - 1)
    return [int(count) for count in counts]
