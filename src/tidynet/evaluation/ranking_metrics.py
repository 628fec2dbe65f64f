"""ROC AUC and average precision, for many resamples at once.

AUC = P(score of a positive row > score of a negative row) + ½ P(equal), the Mann-Whitney statistic. Average precision
is the mean over the positive rows of the fraction of positives among all rows with at least their score. Rows are
sorted once; a resample then takes two running sums over its counts.

Source: J. A. Hanley and B. J. McNeil, Radiology 143 (1982), 29-36.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from tidynet.evaluation.bootstrap import Counts, Values
from tidynet.evaluation.metric import Metric, cached, ratio_metric

__all__ = ["ranking_metrics"]

Bools = npt.NDArray[np.bool_]


def ranking_metrics(
    true: npt.NDArray[np.int64], known: Bools, probability: Values, columns: Sequence[int]
) -> list[Metric]:
    """ROC AUC and average precision of each class against the rest, averaged over the defined ones."""
    rows = np.flatnonzero(known)
    rankings = [_ranking(rows, true[rows] == code, probability[rows, code]) for code in columns]

    @cached
    def means(counts: Counts) -> tuple[Values, Values]:
        total = np.zeros((2, len(counts)))
        defined = np.zeros((2, len(counts)))
        for ranking in rankings:
            for index, value in enumerate(ranking(counts)):
                total[index] += np.nan_to_num(value)
                defined[index] += ~np.isnan(value)
        return ratio_metric(total[0], defined[0]), ratio_metric(total[1], defined[1])

    return [
        Metric("ROC AUC", True, lambda counts: means(counts)[0], by_class=True),
        Metric("average precision", True, lambda counts: means(counts)[1], by_class=True),
    ]


def _ranking(
    rows: npt.NDArray[np.int64], positive: Bools, probability: Values
) -> Callable[[Counts], tuple[Values, Values]]:
    """The function from counts to (area, average precision) of one class, after sorting once."""
    negatives, low = _ascending(rows[~positive], probability[~positive])
    positives, high = _ascending(rows[positive], probability[positive])
    # For each positive: the negatives strictly below it, those not above it, and the positives strictly below it.
    below = np.searchsorted(low, high, side="left").astype(np.int32)
    not_above = np.searchsorted(low, high, side="right").astype(np.int32)
    positives_below = np.searchsorted(high, high, side="left").astype(np.int32)

    def area_and_precision(counts: Counts) -> tuple[Values, Values]:
        drawn = counts[:, positives]
        negative_sums, positive_sums = _running(counts[:, negatives]), _running(drawn)
        weaker = negative_sums[:, below]
        wins = np.einsum("bi,bi->b", drawn.astype(np.float64), weaker + negative_sums[:, not_above]) / 2.0
        no_less = positive_sums[:, -1:] - positive_sums[:, positives_below]
        among = no_less + negative_sums[:, -1:] - weaker
        precision = np.einsum("bi,bi->b", drawn, no_less / np.maximum(among, 1))
        hits = positive_sums[:, -1].astype(np.float64)
        return ratio_metric(wins, hits * negative_sums[:, -1]), ratio_metric(precision, hits)

    return area_and_precision


def _ascending(rows: npt.NDArray[np.int64], probability: Values) -> tuple[npt.NDArray[np.int32], Values]:
    order = np.argsort(probability, kind="stable")
    return rows[order].astype(np.int32), probability[order]


def _running(counts: Counts) -> Counts:
    """Sums of the counts before each index, and of all."""
    running = np.zeros((counts.shape[0], counts.shape[1] + 1), dtype=np.int32)
    np.cumsum(counts, axis=1, out=running[:, 1:])
    return running
