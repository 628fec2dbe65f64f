"""A fitted model and a labelled table that it has not learnt from → an Evaluation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from tidynet.core.errors import InputError, suppress_column_warnings
from tidynet.core.progress import progress_sections
from tidynet.core.text import join_names
from tidynet.evaluation.all_baselines import Rival, baselines_from_arrays, fit_all_baselines
from tidynet.evaluation.labels import align_labels, is_labeled, select_labeled_rows, target_name, target_numbers
from tidynet.evaluation.predict_all import predict_all, predicted_quantiles
from tidynet.evaluation.predicted import Predicted
from tidynet.evaluation.result import Evaluation, evaluate_predictions
from tidynet.evaluation.sections import SECTIONS, EvaluationContext, Heard, compute_sections, select_sections

if TYPE_CHECKING:
    import polars as pl

    from tidynet.table.table import Table

__all__ = ["evaluate"]

_WITHOUT_TARGET = "`tidynet predict MODEL TABLE --novelty` tells how far these rows are like the training rows"


@suppress_column_warnings()
def evaluate(
    model: Any,
    table: Any,
    target: str | None = None,
    *,
    sections: str | Iterable[str] = "all",
    training_table: Any = None,
    on_event: Heard | None = None,
    progress: bool | None = None,
) -> Evaluation:
    """Test a fitted model on a labelled table it has not learnt from, beside baselines, and read its doubt there.

    Nothing is fitted on these rows: they are read, and forgotten.

    Parameters
    ----------
    model : MLPClassifier, MLPRegressor or Perceptron
        Fitted, or loaded from its file. A Perceptron, which gives no probabilities, is scored by its classes.
    table : Table, path, name of a shipped table, data frame, dict of arrays or array
        Whatever `tidynet.read` takes; holds the target and the columns the model was fitted on. Rows
        without a value of the target are left out.
    target : str, optional
        Name of the target column; the one that the model was trained on by default.
    sections : "all", "scores", or names of parts
        What to read beside the scores, as in ``parts=("uncertainty",)``; `tidynet.evaluation.PARTS` has the names.
    training_table : as `table`, optional
        The labelled rows that the model was fitted on. Baselines are fitted on them if the model has none, and
        rows and groups that are in both tables are found.
    on_event : callable, optional
        Called with (title, number from 0, count) as each part begins.
    progress : bool, optional
        Whether one line tells how far it is; by default in notebooks alone, and never where somebody listens.

    Returns
    -------
    Evaluation

    Raises
    ------
    InputError
        If the model is not fitted, the target is no column of the table or has no value, a column
        that the model needs is missing, or there is no such part.
    """
    from tidynet.table.read import read
    from tidynet.table.table import Table

    column, record = target_name(model, target), getattr(model, "record_", {})
    bare = not hasattr(model, "recipe_")  # a Perceptron: columns of numbers, and classes without probabilities
    names = select_sections(sections)
    whole = table if isinstance(table, Table) else read(table)
    without = _WITHOUT_TARGET if target is None and not bare else ""
    frame, notes = select_labeled_rows(whole.frame, column, whole.name, without=without)
    classes = np.asarray(model.classes_) if hasattr(model, "classes_") else None
    task = "regression" if classes is None else "binary" if len(classes) == 2 else "multiclass"
    y_true = _truth(frame, column, classes)
    stored = baselines_from_arrays(record.get("baselines") or [], getattr(model, "arrays_", {}))
    known = training_table if training_table is None or isinstance(training_table, Table) else read(training_table)
    if not stored and known is not None and not bare:
        stored = _fit_baselines(model, select_labeled_rows(known.frame, column, known.name)[0], column, task, classes)
    features = _without(frame, column)
    network, baselines = predict_all(model, stored, features, task, classes)
    quantiles = predicted_quantiles(model, features)
    # The seed of the training: the same rows then get the same intervals as in the report.
    seed = (record.get("provenance") or {}).get("seed", 0)
    result = evaluate_predictions(task, column, classes, y_true, network, baselines, seed, quantiles)
    if bare:
        names, remaining = _sections_without_probabilities(names)
        notes = (*notes, *remaining)
    elif result.no_known_class:
        remaining = _unavailable_note(
            "without a row of a class that the model knows", (name for name in names if name != "leakage")
        )
        names, notes = tuple(name for name in names if name in ("leakage", "uncertainty")), (*notes, *remaining)
    outputs = _outputs(network, classes)
    rows = np.flatnonzero(is_labeled(whole.frame.get_column(column)))
    both, trained = _train_and_test(known, whole.take(rows), column)
    tested = EvaluationContext(
        model=model,
        features=features,
        truth=y_true,
        target=column,
        outputs=outputs,
        rows=rows,
        seed=seed,
        table=both,
        training_rows=trained,
        test_rows=np.arange(both.height - len(rows), both.height),
        is_random_split=False,
    )
    with progress_sections(progress, on_event) as on_message:
        computed = compute_sections(tested, names, on_message)
    if result.no_known_class:  # of doubt only the drift is left, which the evaluation tells
        computed = tuple(replace(item, sentences=()) if item.name == "uncertainty" else item for item in computed)
    came = () if bare else model.recipe_.column_change_notes(features)
    return replace(result, notes=(*whole.notes, *notes, *came, *result.notes), sections=computed)


def _sections_without_probabilities(names: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The parts that need no probabilities, and a note on the others."""
    if set(names) <= {"leakage"}:
        return names, ()
    text = tuple(name for name in names if name == "leakage")
    return text, _unavailable_note("without probabilities", (name for name in names if name != "leakage"))


def _unavailable_note(why: str, names: Iterable[str]) -> tuple[str, ...]:
    """One note for all the parts that nothing can be told of."""
    remaining = join_names(SECTIONS[name][0] for name in names)
    return (f"{why} these parts cannot be told: {remaining}",) if remaining else ()


def _outputs(network: Predicted, classes: npt.NDArray[Any] | None) -> npt.NDArray[Any]:
    """Numbers, probabilities, or 1 for the predicted class."""
    text, likely = network
    if classes is None or likely is not None:
        return np.asarray(text if likely is None else likely)
    return (np.asarray(text)[:, np.newaxis] == classes).astype(np.float64)


def _train_and_test(training: Table | None, test: Table, target: str) -> tuple[Table, npt.NDArray[np.int64] | None]:
    """Training and test rows as one table, as far as their columns agree, and the training rows in it."""
    import polars as pl

    if training is None:
        return test, None
    names = [name for name in test.columns if name in training.columns and test[name].dtype == training[name].dtype]
    if target not in names:  # labels of another type: the two cannot be laid together
        return test, None
    frames = [item.frame.select([item[name] for name in names]) for item in (training, test)]
    kinds = {name: test.inferred_types[name] for name in names}
    return replace(test, frame=pl.concat(frames), inferred_types=kinds), np.arange(training.height)


def _truth(frame: pl.DataFrame, column: str, classes: npt.NDArray[Any] | None) -> npt.NDArray[Any]:
    if classes is None:
        return target_numbers(frame.get_column(column))
    series = frame.get_column(column)
    result = align_labels(series.to_list(), classes.tolist())
    none_known = not set(classes.tolist()) & set(result.tolist())
    if none_known and series.dtype.is_float() and bool((series != series.round()).any()):
        raise InputError(
            f"the target '{column}' holds numbers, such as {series[0]:.4g}, and this model predicts the classes "
            f"{join_names(str(label) for label in classes.tolist())}",
            "give a table whose column of that name holds these classes",
        )
    return result


def _fit_baselines(
    model: Any, frame: pl.DataFrame, column: str, task: str, classes: npt.NDArray[Any] | None
) -> list[Rival]:
    """Baselines for a model that was fitted without them; rows of classes that it does not know are left out."""
    y_true = _truth(frame, column, classes)
    if classes is not None:
        known = set(classes.tolist())
        kept = np.array([label in known for label in y_true.tolist()])
        frame, y_true = frame.filter(kept), y_true[kept]
    if not len(y_true):
        return []
    return fit_all_baselines(task, model.recipe_.transform(_without(frame, column)), y_true, classes)


def _without(frame: pl.DataFrame, column: str) -> pl.DataFrame:
    # Not frame.drop: Polars reads a name such as "^a$" there as a pattern.
    return frame.select([series for series in frame.get_columns() if series.name != column])
