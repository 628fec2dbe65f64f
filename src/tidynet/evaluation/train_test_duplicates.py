"""Test rows that equal training rows: how many, and how many would by chance.

Rows of a few values agree by themselves. How often is read from pairs of a test and a training row that
agree in all columns but one: where columns take many values, hardly any pair comes so near, and rows that
are equal were copied; where such pairs are frequent, equal ones are to be expected.

- A column of levels: as many equal pairs are expected as there are pairs that differ in it alone.
- A column in order: as many as there are pairs within w of its values, divided by w, for the w that gives
  most; if values scatter by more than about one step, this is twice the number that chance makes.

A test row counts once, however many training rows are like it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

__all__ = ["DuplicateCount", "count_train_test_duplicates"]

Rows = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]
Floats = npt.NDArray[np.float64]

_MOST_COLUMNS = 60  # tried one by one: those of most values
_MOST_TESTED = 5_000  # test rows that the count by chance is read from
_WIDEST = 1024  # values


@dataclass(frozen=True)
class DuplicateCount:
    """Test rows that equal a training row."""

    rows: Rows
    expected: float


def count_train_test_duplicates(
    columns: Sequence[pl.Series], ordered: Sequence[bool], training: Rows, test: Rows
) -> DuplicateCount:
    """Find the test rows that equal a training row in all columns.

    Examples
    --------
    >>> weight, town = pl.Series([0.31, 2.74, 1.15, 2.74]), pl.Series(["a", "b", "a", "b"])
    >>> found = count_train_test_duplicates([weight, town], [True, False], np.array([0, 1]), np.array([2, 3]))
    >>> found.rows
    array([1])
    """
    # A seed for each column: the sum then tells (1, 2) from (2, 1).
    hashes = [item.hash(index + 1).to_numpy() for index, item in enumerate(columns)]
    whole = np.zeros(len(columns[0]), np.uint64)
    for item in hashes:
        whole += item  # wraps round, which a hash may
    rows = np.flatnonzero(np.isin(whole[test], whole[training]))
    if not len(rows):
        return DuplicateCount(rows, 0.0)
    some = test[np.linspace(0, len(test) - 1, min(len(test), _MOST_TESTED)).round().astype(np.int64)]
    both = np.concatenate([training, some])
    known, tested = np.arange(len(training)), len(training) + np.arange(len(some))
    max_count = sorted(range(len(columns)), key=lambda index: columns[index].n_unique())[-_MOST_COLUMNS:]
    levels, steps = np.zeros(len(some)), 0.0
    for index in max_count:
        others = (whole - hashes[index])[both]
        codes = columns[index][both].rank("dense").fill_null(0).to_numpy().astype(np.int64)
        if ordered[index]:
            steps = max([steps, *_rows_near(others, codes, known, tested)])
        else:
            levels += _pairs(others, codes, known, tested, int(codes.max()))
    return DuplicateCount(rows, max(steps, float(np.minimum(levels, 1).sum())) * len(test) / len(some))


def _rows_near(others: Hashes, codes: Rows, training: Rows, test: Rows) -> Iterator[float]:
    """Test rows that are expected to equal a training row, from pairs within 1, 2, 4, … values of the column."""
    width = 1
    while width <= min(_WIDEST, int(codes.max())):
        pairs = _pairs(others, codes, training, test, width)
        yield float(np.minimum(pairs / width, 1).sum())
        width *= 2


def _pairs(others: Hashes, codes: Rows, training: Rows, test: Rows, width: int) -> Floats:
    """For each test row the training rows that agree elsewhere and differ in this column, by at most `width`."""
    _, groups = np.unique(others, return_inverse=True)
    # Groups stand so far apart that no width reaches from one into the next.
    indices = groups.astype(np.int64) * (int(codes.max()) + width + 1) + codes
    known, tested = np.sort(indices[training]), indices[test]
    near = np.searchsorted(known, tested + width, "right") - np.searchsorted(known, tested - width)
    same = np.searchsorted(known, tested, "right") - np.searchsorted(known, tested)
    return (near - same).astype(np.float64)
