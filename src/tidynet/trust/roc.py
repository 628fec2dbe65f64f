"""The area under the ROC curve as a count of pairs, for many resamples at once.

AUC = P(score of a positive row > score of a negative row) + ½ P(equal), the Mann-Whitney statistic.
Rows are sorted once; a resample then takes one running sum over its counts.

Source: J. A. Hanley and B. J. McNeil, Radiology 143 (1982), 29-36.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from tidynet.trust.bootstrap import Counts, Statistic, Values
from tidynet.trust.measure import ratio

__all__ = ["area_statistic"]

_Pairs = Callable[[Counts], tuple[Values, Values]]


def area_statistic(
    true: npt.NDArray[np.int64], known: npt.NDArray[np.bool_], probability: Values, columns: Sequence[int]
) -> Statistic:
    """ROC AUC of each class against the rest, averaged over the classes that the resample defines.

    Parameters
    ----------
    true : int64 array (n,)
        Code of the true class, which is its column in `probability`.
    known : bool array (n,)
        Rows to count; the others are ignored.
    probability : float64 array (n, k)
    columns : sequence of int
        Classes to average over.

    Returns
    -------
    function from counts (block, n) to float64 (block,), NaN where no class is defined

    Examples
    --------
    >>> true = np.array([0, 0, 1, 1])
    >>> chance = np.array([0.1, 0.4, 0.35, 0.8])
    >>> area = area_statistic(true, true >= 0, np.column_stack([1 - chance, chance]), [1])
    >>> area(np.ones((1, 4), dtype=np.int32))
    array([0.75])
    """
    rows = np.flatnonzero(known)
    areas = [_pairs_won(rows, true[rows] == code, probability[rows, code]) for code in columns]

    def mean_area(counts: Counts) -> Values:
        total = np.zeros(len(counts))
        defined = np.zeros(len(counts))
        for area in areas:
            wins, pairs = area(counts)
            total += np.divide(wins, pairs, out=np.zeros(len(counts)), where=pairs > 0)
            defined += pairs > 0
        return ratio(total, defined)

    return mean_area


def _pairs_won(rows: npt.NDArray[np.int64], positive: npt.NDArray[np.bool_], chance: Values) -> _Pairs:
    """Prepare the sort of one class; the function returned maps counts to (pairs won, pairs)."""
    negative_order = np.argsort(chance[~positive], kind="stable")
    sorted_chance = chance[~positive][negative_order]
    negatives = rows[~positive][negative_order].astype(np.int32)
    positives = rows[positive].astype(np.int32)
    # How many sorted negatives lie strictly below each positive, and how many not above it.
    below = np.searchsorted(sorted_chance, chance[positive], side="left").astype(np.int32)
    not_above = np.searchsorted(sorted_chance, chance[positive], side="right").astype(np.int32)

    def pairs_won(counts: Counts) -> tuple[Values, Values]:
        running = np.zeros((len(counts), len(negatives) + 1), dtype=np.int32)
        np.cumsum(counts[:, negatives], axis=1, out=running[:, 1:])
        drawn = counts[:, positives].astype(np.float64)
        won = np.einsum("bi,bi->b", drawn, running[:, below] + running[:, not_above]) / 2.0
        return won, drawn.sum(axis=1) * running[:, -1]

    return pairs_won
