"""Rows that were repeated (oversampling, joins, a table stacked on itself), which belong in one fold.

Equal rows on both sides of a split would measure memory: early stopping, calibration and conformal scores would see
rows that a network was trained on. Rows that are equal by coincidence, as in a table of a few coarse columns, stay
independent rows.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tidynet.estimators.uncertainty import TrainingData
from tidynet.preprocessing import exclusion_reasons

Array = NDArray[Any]

MIN_DISTINCT_ROWS = 20  # fewer patterns cannot be left out in turn
MIN_RATIO = 10.0  # equal pairs for each pair that independent columns would give
MIN_AGREEMENT = 0.5  # of the targets of equal rows, as a share of what chance leaves


def groups_of_equal_rows(data: TrainingData) -> Array | None:
    """The groups of the user; else a group for each distinct row if rows were repeated, and None if not."""
    if data.groups is not None:
        return data.groups
    frame = _feature_frame(data)
    if not frame.width or frame.height < 2 * MIN_DISTINCT_ROWS:
        return None
    hashes = frame.hash_rows().to_numpy()
    distinct, groups, counts = np.unique(hashes, return_inverse=True, return_counts=True)
    if not MIN_DISTINCT_ROWS <= len(distinct) < frame.height:
        return None
    pairs = _pairs(counts)
    if pairs < MIN_RATIO * _coincidental_pairs(frame):
        return None
    return _by_first_row(groups) if _agreement(groups, pairs, data.target) >= MIN_AGREEMENT else None


def _feature_frame(data: TrainingData) -> pl.DataFrame:
    """The columns that a network may use."""
    incoming = data.incoming
    if incoming.array is not None:
        return pl.from_numpy(incoming.array, orient="row")
    frame = incoming.as_frame()
    excluded = exclusion_reasons(incoming.inferred_types, [n for n in frame.columns if n in incoming.inferred_types])
    return frame.drop(list(excluded))


def _pairs(counts: Array) -> float:
    """Pairs of rows of equal value."""
    return float((counts.astype(np.float64) * (counts - 1)).sum() / 2)


def _coincidental_pairs(frame: pl.DataFrame) -> float:
    """The pairs of equal rows to expect of independent columns."""
    all_pairs = frame.height * (frame.height - 1) / 2
    shares = [
        _pairs(column.alias("values").value_counts(name="rows")["rows"].to_numpy()) / all_pairs for column in frame
    ]
    return float(all_pairs * np.prod(shares))


def _agreement(groups: Array, pairs: float, target: Array) -> float:
    """How much more often equal rows have equal targets than any two rows: 0 for as often, 1 for always."""
    columns = target.reshape(len(target), -1)
    codes = np.unique(columns, axis=0, return_inverse=True)[1].ravel()
    rows = len(groups)
    chance = _pairs(np.bincount(codes)) / (rows * (rows - 1) / 2)
    both = np.unique(groups.astype(np.int64) * (int(codes.max()) + 1) + codes, return_counts=True)[1]
    return (_pairs(both) / pairs - chance) / max(1 - chance, 1e-9)


def _by_first_row(groups: Array) -> Array:
    """Groups numbered by their first rows, whatever the hashes."""
    first = np.unique(groups, return_index=True)[1]
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first, kind="stable")] = np.arange(len(first))
    return rank[groups]
