"""Metrics of predicted classes and their probabilities, for many resamples at once.

In a confusion matrix class c has t true rows, p predicted rows and h rows that are both. AUC = P(score of a positive
row > score of a negative row) + ½ P(equal); average precision is the mean over positive rows of the fraction of
positives among rows with at least their score. Rows are sorted once; a resample takes two running sums of counts.

Sources: J. A. Hanley and B. J. McNeil, Radiology 143 (1982), 29-36; J. Gorodkin, Computational Biology and Chemistry
28 (2004), 367-374 (Matthews correlation).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tidynet.core.text import join_names, pluralize
from tidynet.evaluation.bootstrap import Counts, Metric, Statistic, Values, cached, mean_metric, ratio_metric

# With more classes there is no F1 of each.
MAX_SINGLE_CLASSES = 12

Codes = npt.NDArray[np.int64]
Labels = npt.NDArray[Any]
Bools = npt.NDArray[np.bool_]


def classification_metrics(
    y_true: Labels, prediction: Labels, probability: Values | None, classes: Labels
) -> tuple[list[Metric], tuple[str, ...]]:
    """Metrics of labels, of probabilities, and of the ranking by probability."""
    # Brier score = mean of (p − 1)² for the true class plus p² for the others; for two classes half of that, as usual.
    true, y_pred, unseen = encode(y_true, prediction, classes=classes)
    names = [str(label) for label in classes.tolist()]
    result = _confusion_metrics(true, y_pred, names, MAX_SINGLE_CLASSES)
    known = true < len(classes)
    notes: list[str] = []
    if unseen and len(classes):
        rows = int((~known).sum())
        notes.append(
            f"{pluralize(rows, 'test row')} of classes absent from training ({join_names(map(str, unseen))}): "
            "errors in the accuracy, excluded from scores of probabilities"
        )
    if probability is None:
        return result, tuple(notes)
    if not known.any():
        notes.append("scores of probabilities are undefined: no test row has a class of the model")
        return result, tuple(notes)
    result.append(Metric("log loss", False, _mean_over(known, _log_losses(true[known], probability[known]))))
    result.append(Metric("Brier score", False, _mean_over(known, _squares(true[known], probability[known]))))
    ranking, ranking_notes = _ranking(true, known, probability, classes)
    # Metrics of single classes come last.
    single = [metric for metric in result if metric.is_single_class]
    whole = [metric for metric in result if not metric.is_single_class]
    return [*whole, *ranking, *single], (*notes, *ranking_notes)


def encode(y_true: Labels, prediction: Labels, *, classes: Labels) -> tuple[Codes, Codes, list[object]]:
    """Labels as codes: the index in `classes`, and from k on one more for each other label."""
    index: dict[object, int] = {}
    for label in [*classes.tolist(), *y_true.tolist()]:
        index.setdefault(label, len(index))
    unseen = list(index)[len(classes) :]
    for label in prediction.tolist():
        index.setdefault(label, len(index))
    true = np.array([index[label] for label in y_true.tolist()], dtype=np.int64)
    y_pred = np.array([index[label] for label in prediction.tolist()], dtype=np.int64)
    return true, y_pred, unseen


def _mean_over(known: Bools, values: Values) -> Statistic:
    """The mean over the known rows, for which `values` are."""
    total, counted = np.zeros(len(known)), known.astype(np.float64)
    total[known] = values
    return lambda counts: ratio_metric(counts @ total, counts @ counted)


def _log_losses(true: Codes, probability: Values) -> Values:
    eps = np.finfo(np.float64).eps
    return np.asarray(-np.log(np.clip(probability[np.arange(len(true)), true], eps, 1.0 - eps)), dtype=np.float64)


def _squares(true: Codes, probability: Values) -> Values:
    if probability.shape[1] == 2:
        return np.asarray((probability[:, 1] - true) ** 2, dtype=np.float64)
    of_true = probability[np.arange(len(true)), true]
    return np.asarray((probability**2).sum(axis=1) - of_true**2 + (1.0 - of_true) ** 2, dtype=np.float64)


def _ranking(true: Codes, known: Bools, probability: Values, classes: Labels) -> tuple[list[Metric], tuple[str, ...]]:
    metrics = "ROC AUC and average precision"
    present = np.unique(true[known])
    if len(present) < 2:
        label = classes.tolist()[present[0]]
        return [], (f"{metrics} are undefined: every test row has the class '{label}'",)
    with_rows = set(present.tolist())
    absent = [str(label) for code, label in enumerate(classes.tolist()) if code not in with_rows]
    notes = (
        (f"{metrics} are means over the classes with test rows; there are none of {join_names(absent)}",)
        if absent
        else ()
    )
    columns: Sequence[int] = [1] if len(classes) == 2 else present.tolist()
    return _ranking_metrics(true, known, probability, columns), notes


@dataclass(frozen=True, eq=False, slots=True)
class _Margins:
    """Rows of each class in each resample, (block, k): true, predicted, and both."""

    true: Values
    predicted: Values
    hits: Values


def _confusion_metrics(true: Codes, y_pred: Codes, names: Sequence[str], max_single: int) -> list[Metric]:
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


def _margins_of(true: Codes, y_pred: Codes) -> Callable[[Counts], _Margins]:
    k = int(max(true.max(), y_pred.max())) + 1
    hit = true == y_pred
    by_true, by_predicted, by_both = _sums_by(true, k), _sums_by(y_pred, k), _sums_by(true, k, hit)
    return lambda counts: _Margins(by_true(counts), by_predicted(counts), by_both(counts))


def _sums_by(codes: Codes, k: int, keep: Bools | None = None) -> Callable[[Counts], Values]:
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


def _mean_recall(of: _Margins) -> Values:
    recall = of.hits / np.maximum(of.true, 1)
    return np.asarray(recall.sum(axis=1) / (of.true > 0).sum(axis=1), dtype=np.float64)


def _mean_f1(of: _Margins) -> Values:
    both = of.true + of.predicted
    return np.asarray((2 * of.hits / np.maximum(both, 1)).sum(axis=1) / (both > 0).sum(axis=1), dtype=np.float64)


def _f1_of(code: int, name: str, margins: Callable[[Counts], _Margins]) -> Metric:
    def f1(counts: Counts) -> Values:
        of = margins(counts)
        return ratio_metric(2 * of.hits[:, code], of.true[:, code] + of.predicted[:, code])

    return Metric(f"F1 of {name}", True, f1, by_class=True, is_single_class=True)


def _matthews(of: _Margins) -> Values:
    """(c·n − Σ t·p) / √((n² − Σ p²)(n² − Σ t²)) with c correct rows of n."""
    rows, correct = of.true.sum(axis=1), of.hits.sum(axis=1)
    numerator = correct * rows - (of.true * of.predicted).sum(axis=1)
    denominator = np.sqrt((rows**2 - (of.predicted**2).sum(axis=1)) * (rows**2 - (of.true**2).sum(axis=1)))
    return np.divide(numerator, denominator, out=np.zeros(len(rows)), where=denominator > 0)


def _ranking_metrics(true: Codes, known: Bools, probability: Values, columns: Sequence[int]) -> list[Metric]:
    """ROC AUC and average precision of each class against the rest, averaged over the defined ones."""
    rows = np.flatnonzero(known)
    rankings = [_class_ranking(rows, true[rows] == code, probability[rows, code]) for code in columns]

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


def _class_ranking(rows: Codes, positive: Bools, probability: Values) -> Callable[[Counts], tuple[Values, Values]]:
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


def _ascending(rows: Codes, probability: Values) -> tuple[npt.NDArray[np.int32], Values]:
    order = np.argsort(probability, kind="stable")
    return rows[order].astype(np.int32), probability[order]


def _running(counts: Counts) -> Counts:
    """Sums of the counts before each index, and of all."""
    running = np.zeros((counts.shape[0], counts.shape[1] + 1), dtype=np.int32)
    np.cumsum(counts, axis=1, out=running[:, 1:])
    return running
