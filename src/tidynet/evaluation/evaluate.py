"""A fitted model and a labeled table → an Evaluation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from tidynet.core.errors import InputError, suppress_column_warnings
from tidynet.core.progress import OnSection, progress_function
from tidynet.core.text import join_names
from tidynet.estimators.fitted_model import Predictor, is_fitted_model, predicts_classes, run_record
from tidynet.evaluation.baselines import BaselineModel, baselines_from_arrays, fit_all_baselines
from tidynet.evaluation.boosted_trees import Predicted
from tidynet.evaluation.context import EvaluationContext
from tidynet.evaluation.evaluate_predictions import evaluate_predictions
from tidynet.evaluation.labeled_table import join_target
from tidynet.evaluation.labels import (
    align_labels,
    as_table,
    is_labeled,
    label_codes,
    resolve_target,
    select_labeled_rows,
    target_numbers,
)
from tidynet.evaluation.predictions import predict_all, predicted_quantiles
from tidynet.evaluation.result import Evaluation
from tidynet.evaluation.section import SectionName
from tidynet.evaluation.sections import SPECS, compute_sections, select_sections
from tidynet.table.table import Table

_WITHOUT_TARGET = "`tidynet predict MODEL TABLE --novelty` compares these rows with the training rows"


@suppress_column_warnings()
def evaluate(
    model: Predictor,
    table: Any,
    target: Any = None,
    *,
    sections: str | Iterable[str] = "all",
    training_table: Any = None,
    on_event: OnSection | None = None,
    progress: bool | None = None,
) -> Evaluation:
    """Evaluate a fitted model and its baselines on a labeled table; nothing is fitted on these rows.

    Parameters
    ----------
    model : MLPClassifier, MLPRegressor or Perceptron
        Fitted, or loaded from its file. A Perceptron has no probabilities and is scored by its classes.
    table : Table, path, name of a shipped table, data frame, dict of arrays or array
        With the target and the columns that the model was fitted on. Rows without a target are excluded.
    target : str or column, optional
        Name of the target column; that of the training by default. Or the target itself, as in scikit-learn.
    sections : "all", "scores", or names of sections
        As in ``sections=("uncertainty",)``; `tidynet.evaluation.SECTIONS` has the names.
    training_table : as `table`, optional
        The labeled training rows: baselines are fitted on them if the model has none, and duplicate rows and
        groups in both tables are found.
    on_event : callable, optional
        Called with (title, number from 0, count) at the start of each section.
    progress : bool, optional
        Whether to show a progress bar; by default only in notebooks, and never with `on_event`.

    Raises
    ------
    InputError
        If the model is not fitted, the target is not a column of the table or has no value, a column of the model
        is missing, or a section does not exist.
    """
    table, target = join_target(model, table, target)
    column, names = resolve_target(model, target), select_sections(sections)
    whole = as_table(table, model)
    without = _WITHOUT_TARGET if target is None and is_fitted_model(model) else ""
    frame, notes = select_labeled_rows(whole.frame, column, whole.name, without=without)
    classes = np.asarray(model.classes_) if predicts_classes(model) else None
    task = "regression" if classes is None else "binary" if len(classes) == 2 else "multiclass"
    y_true = _true_values(frame, column, classes)
    training = None if training_table is None else as_table(training_table, model)
    features = _drop_column(frame, column)
    baselines = _baselines_of(model, training, column, task, classes)
    network, others = predict_all(model, baselines, features, task, classes)
    # The seed of the training: the same rows get the same intervals as in the report.
    seed = (run_record(model).get("provenance") or {}).get("seed", 0)
    result = evaluate_predictions(
        task, column, classes, y_true, network, others, seed, predicted_quantiles(model, features)
    )
    names, excluded = _available_sections(names, is_fitted_model(model), result.no_known_class)
    both, training_rows, rows = _training_and_test_rows(training, whole, column)
    context = EvaluationContext(
        model, features, y_true, column, _outputs(network, classes), rows, False, seed, both, training_rows,
        np.arange(both.height - len(rows), both.height),
    )  # fmt: skip
    with progress_function(progress, on_event, lambda bar: bar.update_section) as on_section:
        computed = compute_sections(context, names, on_section)
    if result.no_known_class:  # only drift is known of the uncertainty, which the notes state
        hidden = SectionName.UNCERTAINTY
        computed = tuple(replace(item, sentences=()) if item.name == hidden else item for item in computed)
    changes = model.recipe_.column_change_notes(features) if is_fitted_model(model) else ()
    return replace(result, notes=(*whole.notes, *notes, *excluded, *changes, *result.notes), sections=computed)


def _available_sections(
    names: tuple[str, ...], is_network: bool, no_known_class: bool
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The sections that can be computed, and a note on the others."""
    if not is_network:
        possible, reason = {SectionName.LEAKAGE}, "the model has no probabilities"
    elif no_known_class:
        possible, reason = {SectionName.LEAKAGE, SectionName.UNCERTAINTY}, "no row has a class of the model"
    else:
        return names, ()
    # Of the uncertainty only drift is available without a known class.
    missing = [SPECS[name].title for name in names if name not in possible - {SectionName.UNCERTAINTY}]
    note = (f"not available, because {reason}: {join_names(missing)}",) if missing else ()
    return tuple(name for name in names if name in possible), note


def _outputs(network: Predicted, classes: npt.NDArray[Any] | None) -> npt.NDArray[Any]:
    """Numbers, probabilities, or 1 for the predicted class."""
    prediction, probability = network
    if classes is None or probability is not None:
        return np.asarray(prediction if probability is None else probability)
    return (np.asarray(prediction)[:, np.newaxis] == classes).astype(np.float64)


def _training_and_test_rows(
    training: Table | None, whole: Table, target: str
) -> tuple[Table, npt.NDArray[np.int64] | None, npt.NDArray[np.int64]]:
    """Training and test rows as one table of their common columns, the training rows in it, the labeled rows."""
    rows = np.flatnonzero(is_labeled(whole.frame.get_column(target)))
    test = whole.take(rows)
    if training is None:
        return test, None, rows
    names = [name for name in test.columns if name in training.columns and test[name].dtype == training[name].dtype]
    if target not in names:  # labels of another type: the tables cannot be joined
        return test, None, rows
    frames = [item.frame.select([item[name] for name in names]) for item in (training, test)]
    inferred_types = {name: test.inferred_types[name] for name in names}
    return (replace(test, frame=pl.concat(frames), inferred_types=inferred_types), np.arange(training.height), rows)


def _true_values(frame: pl.DataFrame, column: str, classes: npt.NDArray[Any] | None) -> npt.NDArray[Any]:
    series = frame.get_column(column)
    if classes is None:
        return target_numbers(series)
    labels = align_labels(series.to_list(), classes.tolist())
    no_known_class = not set(classes.tolist()) & set(labels.tolist())
    if no_known_class and series.dtype.is_float() and bool((series != series.round()).any()):
        raise InputError(
            f"the target '{column}' contains {series[0]:.4g}, expected one of {join_names(map(str, classes.tolist()))}",
            "give a table whose target has these classes",
        )
    return labels


def _baselines_of(
    model: Predictor, training: Table | None, column: str, task: str, classes: npt.NDArray[Any] | None
) -> list[BaselineModel]:
    """The baselines in the model file, or new ones fitted on the training rows of classes that the model knows."""
    if not is_fitted_model(model):
        return []
    stored = baselines_from_arrays(model.record_.get("baselines") or [], model.arrays_)
    if stored or training is None:
        return stored
    frame, _ = select_labeled_rows(training.frame, column, training.name)
    y_true = _true_values(frame, column, classes)
    if classes is not None:
        known = label_codes(y_true, classes) >= 0
        frame, y_true = frame.filter(known), y_true[known]
    if not len(y_true):
        return []
    return fit_all_baselines(task, model.recipe_.transform(_drop_column(frame, column)), y_true, classes)


def _drop_column(frame: pl.DataFrame, column: str) -> pl.DataFrame:
    # Not frame.drop: Polars takes a name such as "^a$" there as a pattern.
    return frame.select([series for series in frame.get_columns() if series.name != column])
