"""Counts prepared for a figure: fewer bins, category labels, one array of cells."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from tidynet.core.errors import InputError
from tidynet.core.text import pluralize
from tidynet.profiling.counts import Bars, Histogram
from tidynet.profiling.profile import PairCounts

Floats = npt.NDArray[np.float64]


def labels_of(counts: Bars, cells: int) -> list[str]:
    """The category names, and one label for all rarer categories where `cells` has one more."""
    names = [category or "(empty)" for category in counts.categories]
    if cells > len(names):
        names.append(pluralize(counts.other_categories, "other"))
    return names


def cell_array(pair: PairCounts) -> Floats:
    """The cells as an array of shape (cells of x, cells of y), checked against both axes."""
    expected = [_cells(counts) for counts in (pair.x, pair.y)]
    cells = np.array(pair.cells, dtype=np.float64).reshape(len(pair.cells), -1)
    if not all(size in (most, most - 1) for size, most in zip(cells.shape, expected, strict=True)):
        raise InputError(
            f"the shape of the cells is {cells.shape[0]} × {cells.shape[1]}, expected {expected[0]} × {expected[1]}",
            "give one tuple for each cell of x, with one number for each cell of y",
        )
    return cells


def _cells(counts: Bars | Histogram) -> int:
    if isinstance(counts, Histogram):
        return len(counts.counts) + (counts.spike is not None)
    return len(counts.categories) + (counts.other_categories > 0)


def merge_bins(counts: Histogram, max_count: int) -> tuple[Histogram, list[int]]:
    """A histogram with adjacent bins merged to at most `max_count`, and the index where each starts."""
    factor = max(1, math.ceil(len(counts.counts) / max_count))
    starts = list(range(0, len(counts.counts), factor))
    rows = np.add.reduceat(np.array(counts.counts), starts)
    edges = (*(counts.edges[start] for start in starts), counts.edges[-1])
    return replace(counts, edges=edges, counts=tuple(int(n) for n in rows)), starts


def _merge_cells(counts: Histogram, cells: Floats, max_count: int) -> tuple[Histogram, Floats]:
    merged, starts = merge_bins(counts, max_count)
    bins = len(counts.counts)
    return merged, np.concatenate([np.add.reduceat(cells[:bins], starts, axis=0), cells[bins:]])


def rebin(pair: PairCounts, x_bins: int, y_bins: int) -> PairCounts:
    """The counts in at most `x_bins` and `y_bins` bins; categories do not change."""
    cells = cell_array(pair)
    x, y = pair.x, pair.y
    if isinstance(x, Histogram):
        x, cells = _merge_cells(x, cells, x_bins)
    if isinstance(y, Histogram):
        y, turned = _merge_cells(y, cells.T, y_bins)
        cells = turned.T
    return PairCounts(x, y, tuple(tuple(int(n) for n in row) for row in cells))
