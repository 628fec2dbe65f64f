"""Center, spread and bin edges of numbers in any unit: nothing here depends on the size or the offset of the values."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

LARGEST_NUMBER = 1e300  # up to here differences are finite
_IQR_OF_NORMAL = 1.3489795003921634  # the interquartile range of a normal distribution with standard deviation 1
_ROWS_PER_BIN = 10  # of the values that are not frequent
_RESOLUTION = 64  # a bin is at least so many times as wide as the distance of two neighboring floats


def mean_and_std(values: Values, weights: Values | None = None) -> tuple[Values, Values]:
    """Mean and standard deviation of each column; no square overflows or underflows."""
    unit = _power_of_two(np.abs(values).max(axis=0))
    mean = np.average(values / unit, axis=0, weights=weights) * unit
    deviations = values - mean
    unit = _power_of_two(np.abs(deviations).max(axis=0))
    return mean, np.sqrt(np.average((deviations / unit) ** 2, axis=0, weights=weights)) * unit


def median_and_robust_std(values: Values, weights: Values | None = None) -> tuple[Values, Values]:
    """Median and IQR/1.349 of each column; where the IQR is 0, 1.4826 times the median deviation of other values."""
    columns = [_robust(column, weights) for column in values.T]
    return np.array([center for center, _ in columns]), np.array([scale for _, scale in columns])


def quantile_bin_edges(known: Values, bins: int) -> Values:
    """Increasing edges of quantile bins; a value with more rows than a bin is an edge, and the others keep their bins.

    Without such values the edges are the quantiles.
    """
    frequent, rest = _split_frequent(np.sort(known), bins)
    left = bins - len(frequent)
    if len(frequent):
        left = min(left, len(rest) // _ROWS_PER_BIN)
    quantiles = np.quantile(rest, np.linspace(0, 1, left + 1)) if len(rest) and left > 0 else rest[:0]
    edges = np.unique(np.concatenate([quantiles, frequent, known.min(keepdims=True), known.max(keepdims=True)]))
    least = _RESOLUTION * np.spacing(np.maximum(np.abs(edges[1:]), np.abs(edges[:-1])))
    return np.asarray(edges[np.concatenate([[True], np.diff(edges) > least])])


def _split_frequent(ordered: Values, bins: int) -> tuple[Values, Values]:
    """The values of more rows than a bin of the others would have, and the others."""
    values, counts = np.unique(ordered, return_counts=True)
    is_frequent = np.zeros(len(values), dtype=bool)
    while is_frequent.sum() < bins:
        rows = counts[~is_frequent].sum() / (bins - is_frequent.sum())
        more = ~is_frequent & (counts > max(rows, 1))
        if not more.any():
            break
        most = np.flatnonzero(more)[np.argsort(-counts[more], kind="stable")]
        is_frequent[most[: bins - is_frequent.sum()]] = True
    return values[is_frequent], np.repeat(values[~is_frequent], counts[~is_frequent])


def _robust(column: Values, weights: Values | None) -> tuple[float, float]:
    low, center, high = _quantiles(column, (0.25, 0.5, 0.75), weights)
    if high > low:
        return center, (high - low) / _IQR_OF_NORMAL
    deviations = np.abs(column - center)
    others = deviations > 0
    if not others.any():
        return center, 1.0
    kept = None if weights is None else weights[others]
    return center, _quantiles(deviations[others], (0.5,), kept)[0] * 2 / _IQR_OF_NORMAL


def _quantiles(column: Values, levels: tuple[float, ...], weights: Values | None) -> list[float]:
    if weights is None:
        return [float(value) for value in np.quantile(column, levels)]
    order = np.argsort(column, kind="stable")
    reached = np.cumsum(weights[order]) / weights.sum()
    return [float(column[order[min(int(np.searchsorted(reached, level)), len(order) - 1)]]) for level in levels]


def _power_of_two(largest: Any) -> Any:
    """The power of 2 above a number, 1 for 0: dividing by it is exact."""
    exponents = np.clip(np.frexp(largest)[1], -1000, 1000)
    return np.where(largest > 0, np.ldexp(1.0, exponents), 1.0)
