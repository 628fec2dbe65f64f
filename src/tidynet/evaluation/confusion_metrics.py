"""Metrics of the margins and the diagonal of a confusion matrix: recall, F1 and Matthews correlation.

For class c, t is the number of true rows, p of predicted rows and h of rows that are both.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tidynet.evaluation.bootstrap import Counts, Values
from tidynet.evaluation.metric import Metric, cached, mean_metric, ratio_metric

__all__ = ["confusion_metrics"]

Codes = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ConfusionMargins:
    """Rows of each class in each resample, (block, k): true, predicted, and both."""

    true: Values
    predicted: Values
    hits: Values


def confusion_metrics(true: Codes, y_pred: Codes, names: Sequence[str], max_single: int) -> list[Metric]:
    """Accuracy, mean recall, mean F1 = 2h/(t + p), Matthews correlation, and F1 of each class."""
    correct = (true == y_pred).astype(np.float64)
    margins = cached(_margins_of(true, y_pred))
    result = [
        Metric("accuracy", True, lambda counts: mean_metric(counts, correct)),
        Metric("balanced accuracy", True, lambda counts: _mean_recall(margins(counts)), by_class=True),
        Metric("macro F1", True, lambda counts: _mean_f1(margins(counts)), by_class=True),
        Metric("Matthews correlation", True, lambda counts: _matthews(margins(counts))),
    ]
    present = set(true.tolist()) | set(y_pred.tolist())
    if len(names) <= max_single:
        result += [_f1_of(code, name, margins) for code, name in enumerate(names) if code in present]
    return result


def _margins_of(true: Codes, y_pred: Codes) -> Callable[[Counts], ConfusionMargins]:
    k = int(max(true.max(), y_pred.max())) + 1
    hit = true == y_pred
    by_true, by_predicted, by_both = _sums_by(true, k), _sums_by(y_pred, k), _sums_by(true, k, hit)
    return lambda counts: ConfusionMargins(by_true(counts), by_predicted(counts), by_both(counts))


def _sums_by(codes: Codes, k: int, keep: npt.NDArray[np.bool_] | None = None) -> Callable[[Counts], Values]:
    """Counts summed over the rows of each code; rows are sorted once so that a code is a slice."""
    order = np.argsort(codes, kind="stable")
    if keep is not None:
        order = order[keep[order]]
    present, starts = np.unique(codes[order], return_index=True)

    def sums(counts: Counts) -> Values:
        total = np.zeros((len(counts), k))
        if len(order):
            total[:, present] = np.add.reduceat(counts[:, order], starts, axis=1)
        return total

    return sums


def _mean_recall(of: ConfusionMargins) -> Values:
    recall = of.hits / np.maximum(of.true, 1)
    return np.asarray(recall.sum(axis=1) / (of.true > 0).sum(axis=1), dtype=np.float64)


def _mean_f1(of: ConfusionMargins) -> Values:
    both = of.true + of.predicted
    return np.asarray((2 * of.hits / np.maximum(both, 1)).sum(axis=1) / (both > 0).sum(axis=1), dtype=np.float64)


def _f1_of(code: int, name: str, margins: Callable[[Counts], ConfusionMargins]) -> Metric:
    def f1(counts: Counts) -> Values:
        of = margins(counts)
        return ratio_metric(2 * of.hits[:, code], of.true[:, code] + of.predicted[:, code])

    return Metric(f"F1 of {name}", True, f1, by_class=True, is_single_class=True)


def _matthews(of: ConfusionMargins) -> Values:
    """(c·n − Σ t·p) / √((n² − Σ p²)(n² − Σ t²)) with c correct rows of n.

    Source: J. Gorodkin, Computational Biology and Chemistry 28 (2004), 367-374.
    """
    rows, correct = of.true.sum(axis=1), of.hits.sum(axis=1)
    numerator = correct * rows - (of.true * of.predicted).sum(axis=1)
    denominator = np.sqrt((rows**2 - (of.predicted**2).sum(axis=1)) * (rows**2 - (of.true**2).sum(axis=1)))
    return np.divide(numerator, denominator, out=np.zeros(len(rows)), where=denominator > 0)
