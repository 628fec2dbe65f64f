"""Predictions of a network and of baselines → an Evaluation without sections."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from tidynet.core.text import format_percent, join_names, pluralize
from tidynet.evaluation.baseline_comparison import compare_with_baselines, primary_metric, verdict_sentence
from tidynet.evaluation.boosted_trees import Predicted
from tidynet.evaluation.classification_metrics import encode
from tidynet.evaluation.evaluation_data import sample_row_numbers
from tidynet.evaluation.predictions import Quantiles
from tidynet.evaluation.result import Evaluation
from tidynet.evaluation.scores import Score, class_labels, metrics_for, quantile_metrics, score_models

Array = npt.NDArray[Any]

_LOG_LOSS = "log loss"
_MAX_CONFUSION_CLASSES = 100
_MAX_SAMPLE = 1000
# The RMSE describes few rows where this fraction of the squared error is in this fraction of the rows, of at least …
_ERROR_FRACTION, _ROW_FRACTION, _MIN_ROWS = 0.95, 0.05, 20
# Measured (docs/evaluation.md): with 3 to 10 rows of one class of two, intervals cover 50 to 85% instead of 95%.
_FEW_ROWS, _FEW_ROWS_IN_TOTAL = 20, 40


def evaluate_predictions(
    task: str,
    target: str,
    classes: npt.ArrayLike | None,
    y_true: npt.ArrayLike,
    network: Predicted,
    baselines: Mapping[str, Predicted] | None = None,
    seed: int = 0,
    quantiles: Quantiles | None = None,
) -> Evaluation:
    """Score a network's predictions and those of baselines, and compare them in pairs."""
    true = np.asarray(y_true)
    known = None if task == "regression" or classes is None else np.asarray(classes)
    others = dict(baselines or {})
    metrics, notes = metrics_for(task, true, *network, classes=known)
    if quantiles is not None:
        metrics = [*metrics, *quantile_metrics(true.astype(np.float64), quantiles[1], quantiles[0])]
    other_metrics = [metrics_for(task, true, *y_pred, classes=known)[0] for y_pred in others.values()]
    n_classes = 1 if known is None else len(known)
    own, *scored = score_models([metrics, *other_metrics], len(true), n_classes, seed, class_labels(task, true))
    of_baselines = dict(zip(others, scored, strict=True))
    rows_of_known = len(true) if known is None or not len(known) else int(np.isin(true, known).sum())
    primary = own.scores[primary_metric([own.scores, *(item.scores for item in scored)])]
    # A class that no model knows has no probability: its rows count in the accuracy, not in the log loss.
    compared_rows = rows_of_known if primary.name == _LOG_LOSS else len(true)
    comparisons = compare_with_baselines(own, of_baselines, compared_rows) if rows_of_known else ()
    y_pred = np.asarray(network[0])
    sample_true_values, sample_prediction = _sample(true, y_pred, seed) if known is None else ((), ())
    if known is not None and not rows_of_known:
        verdict, notes = _no_known_class(true, known), ()
    else:
        verdict = verdict_sentence(comparisons, primary, compared_rows)
        notes = (*notes, *_all_correct_note(own.scores, len(true)), *_few_rows_note(true, known))
        notes = (*notes, *(_concentrated_error_note(true, y_pred) if known is None else ()))
    return Evaluation(
        task=task,
        target=target,
        rows=len(true),
        classes=() if known is None else tuple(_plain_label(label) for label in known.tolist()),
        network=own.scores,
        baselines={name: item.scores for name, item in of_baselines.items()},
        comparisons=comparisons,
        verdict=verdict,
        confusion_matrix=None if known is None else _confusion_matrix(true, y_pred, known),
        sample_true_values=sample_true_values,
        sample_prediction=sample_prediction,
        notes=notes,
        no_known_class=not rows_of_known,
    )


def _no_known_class(true: Array, known: Array) -> str:
    labels = join_names(sorted({str(label) for label in true.tolist()}))
    return (
        f"None of {pluralize(len(true), 'test row')} has a class of the model: "
        f"the rows have {labels}, the model has {join_names(map(str, known.tolist()))}."
    )


def _concentrated_error_note(true: Array, y_pred: Array) -> tuple[str, ...]:
    """For numbers: the few rows that make up nearly all of the squared error."""
    if len(true) < _MIN_ROWS:
        return ()
    squares = np.sort((true.astype(np.float64) - y_pred.astype(np.float64)) ** 2)[::-1]
    fractions = np.cumsum(squares) / max(float(squares.sum()), np.finfo(np.float64).tiny)
    few = int(np.searchsorted(fractions, _ERROR_FRACTION)) + 1
    if few > _ROW_FRACTION * len(true):
        return ()
    return (
        f"{format_percent(float(fractions[few - 1]))} of the squared error is in {pluralize(few, 'row')}: "
        "the RMSE describes these; the median absolute error describes the typical row",
    )


def _confusion_matrix(y_true: Array, prediction: Array, classes: Array) -> list[list[int]] | None:
    """Counts of (true, predicted) over the known classes."""
    k = len(classes)
    if k > _MAX_CONFUSION_CLASSES:
        return None
    true, y_pred, _ = encode(y_true, prediction, classes=classes)
    known = (true < k) & (y_pred < k)
    counts = np.bincount(true[known] * k + y_pred[known], minlength=k * k)
    return counts.reshape(k, k).tolist()


def _sample(y_true: Array, prediction: Array, seed: int) -> tuple[tuple[float, ...], tuple[float, ...]]:
    rows = sample_row_numbers(len(y_true), _MAX_SAMPLE, seed)
    return tuple(y_true[rows].astype(float).tolist()), tuple(prediction[rows].astype(float).tolist())


def _all_correct_note(scores: Mapping[str, Score], rows: int) -> tuple[str, ...]:
    """Resamples of rows without an error have none: the interval has no width, the error rate is still uncertain."""
    if "accuracy" not in scores or scores["accuracy"].value < 1.0:
        return ()
    # Source: J. A. Hanley and A. Lippman-Hand, JAMA 249 (1983), 1743-1745: (1 − e)ⁿ = 0.05.
    error = 100 * (1 - 0.05 ** (1 / rows))
    correct = f"{rows:,} of {pluralize(rows, 'test row')} predicted correctly"
    return (f"{correct}: the error rate is at most {error:.2g}% (95% confidence)",)


def _few_rows_note(y_true: Array, classes: Array | None) -> tuple[str, ...]:
    """Classes with too few test rows for reliable intervals."""
    if classes is None:
        return ()
    counts = Counter(y_true.tolist())
    few = {label: counts[label] for label in classes.tolist() if 0 < counts[label] < _FEW_ROWS}
    if not few or sum(few.values()) >= _FEW_ROWS_IN_TOTAL:
        return ()
    named = ", ".join(f"{pluralize(rows, 'row')} of '{label}'" for label, rows in list(few.items())[:3])
    more = f" and {pluralize(len(few) - 3, 'more class', 'more classes')}" if len(few) > 3 else ""
    return (f"only {named}{more} in the test set: the CIs of balanced accuracy and ROC AUC are too narrow",)


def _plain_label(label: object) -> str | int | float | bool:
    return label if isinstance(label, str | int | float | bool) else str(label)
