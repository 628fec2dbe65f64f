"""How many modes a sample has: peaks of a density estimate, and a test whether one peak is enough.

The test is like Hartigan's dip: how far the distribution function lies from the nearest one with a single mode, which
is convex before the mode and concave after it. Its limit is the upper 0.1% of uniform samples, the distribution with
one mode that is closest to several modes.

Reference: Hartigan, J. and Hartigan, P. (1985). The dip test of unimodality. Ann. Statist. 13.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

MIN_ROWS = 50
_MAX_ROWS = 5_000
_GRID = 256
_POINTS = 200  # of the distribution function
_CANDIDATES = 40  # modes that are tried
_VALLEY = 0.7  # density between two peaks over that of the lower one
_MIN_PART = 0.05  # fraction of the rows on either side of a valley
_MAX_MODES = 4
ONE_MODE_LIMIT = 0.6  # √n · dip of uniform samples, exceeded by 0.1% of them (50 to 5,000 rows)


@dataclass(frozen=True, slots=True)
class Modes:
    """The places of the peaks, the lowest first, and the dip times √n over its limit."""

    peaks: tuple[float, ...]
    dip: float
    rows: int


def find_modes(ordered: Floats, grid: float = 0.0) -> Modes | None:
    """The modes of sorted values on a grid of rounding; None if one mode is enough."""
    if len(ordered) < MIN_ROWS or ordered[0] == ordered[-1]:
        return None
    # Scaled, so that squares neither vanish nor overflow.
    size = float(max(-ordered[0], ordered[-1], 0.0)) or float(np.abs(ordered).max())
    values, grid = ordered / size, grid / size
    if len(values) > _MAX_ROWS:
        values = values[np.linspace(0, len(values) - 1, _MAX_ROWS).astype(np.int64)]
    values = _spread_ties(*_without_heaps(values, grid))
    peaks = _peaks(values)
    if not 2 <= len(peaks) <= _MAX_MODES:
        return None
    distance = dip(values) * math.sqrt(len(values))
    return Modes(tuple(peak * size for peak in peaks), distance, len(ordered)) if distance > ONE_MODE_LIMIT else None


def _without_heaps(values: Floats, grid: float) -> tuple[Floats, float]:
    """Values that people rounded to fives or tens, all so rounded: a heap is no peak."""
    for step in (10, 5) if grid > 0 else ():
        share = float((np.rint(values / grid) % step == 0).mean())
        if share > 1 / step + max(0.5 / step, 4 / math.sqrt(len(values)) / step**0.5):
            return np.floor(values / (step * grid) + 0.5) * step * grid, step * grid  # 5 and 15 go up both
    return values, grid


def _spread_ties(values: Floats, grid: float) -> Floats:
    """Rounded values spread evenly over the width of their rounding: rounding alone makes no peaks."""
    if grid <= 0:
        return values
    starts = np.flatnonzero(np.append(True, values[1:] != values[:-1]))
    sizes = np.diff(np.append(starts, len(values)))
    place = np.arange(len(values)) - np.repeat(starts, sizes)
    return values + grid * ((place + 0.5) / np.repeat(sizes, sizes) - 0.5)


def _peaks(values: Floats) -> list[float]:
    """The peaks of a density estimate with a valley between them, and enough rows on either side."""
    first, third = np.quantile(values, [0.25, 0.75])
    spread = min(float(values.std()), float(third - first) / 1.349) or float(values.std())
    width = 0.9 * spread * len(values) ** -0.2
    low, high = np.quantile(values, [0.005, 0.995])
    points = np.linspace(low - 3 * width, high + 3 * width, _GRID)
    step = float(points[1] - points[0])
    counts = np.bincount(np.clip(np.rint((values - points[0]) / step).astype(np.int64), 0, _GRID - 1), minlength=_GRID)
    reach = max(1, math.ceil(4 * width / step))
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) * step / width) ** 2)
    density = np.convolve(counts, kernel, "same")
    tops = np.flatnonzero((density[1:-1] > density[:-2]) & (density[1:-1] >= density[2:])) + 1
    kept: list[int] = []
    for top in tops:
        if not kept or density[kept[-1] : top].min() <= _VALLEY * min(density[kept[-1]], density[top]):
            kept.append(int(top))
        elif density[top] > density[kept[-1]]:
            kept[-1] = int(top)
    if not kept:
        return []
    borders = [a + int(density[a:b].argmin()) for a, b in pairwise(kept)]
    parts = np.add.reduceat(counts, [0, *borders]) if borders else np.array([len(values)])
    return [float(points[top]) for top, rows in zip(kept, parts, strict=True) if rows >= _MIN_PART * len(values)]


def dip(values: Floats) -> float:
    """The distance of sorted values from the nearest distribution with one mode, on a grid of their quantiles."""
    ranks = np.unique(np.linspace(0, len(values) - 1, min(len(values), _POINTS + 1)).astype(np.int64))
    x, below, above = values[ranks], ranks / len(values), (ranks + 1) / len(values)
    candidates = np.unique(np.linspace(1, len(x) - 2, _CANDIDATES).astype(np.int64))
    return min(
        max(_convex_gap(x[: m + 1], below[: m + 1], above[: m + 1]), _concave_gap(x[m:], below[m:], above[m:]))
        for m in candidates
    )


def _convex_gap(x: Floats, below: Floats, above: Floats) -> float:
    """Half the largest distance of a distribution function from the convex function under it."""
    hull = _lower_hull(x, below)
    return float((above - np.interp(x, x[hull], below[hull])).max()) / 2


def _concave_gap(x: Floats, below: Floats, above: Floats) -> float:
    """The same for the concave function over it: the mirror image."""
    return _convex_gap(-x[::-1], 1 - above[::-1], 1 - below[::-1])


def _lower_hull(x: Floats, y: Floats) -> list[int]:
    """The corners of the largest convex function that lies nowhere above the points."""
    hull: list[int] = []
    xs, ys = x.tolist(), y.tolist()
    for i in range(len(xs)):
        while len(hull) > 1:
            a, b = hull[-2], hull[-1]
            if (ys[b] - ys[a]) * (xs[i] - xs[a]) < (ys[i] - ys[a]) * (xs[b] - xs[a]):
                break
            hull.pop()
        hull.append(i)
    return hull
