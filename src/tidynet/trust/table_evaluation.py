"""A fitted model and a labelled table that it has not learnt from → an Evaluation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from tidynet.errors import InputError, listed, told_elsewhere
from tidynet.progress.events import told_parts
from tidynet.trust.evaluation import Evaluation, evaluate_predictions
from tidynet.trust.predicted import Predicted
from tidynet.trust.predictions import predict_all, predicted_quantiles
from tidynet.trust.rivals import Rival, fit_rivals, restore
from tidynet.trust.sections import PARTS, Case, Heard, chosen_parts, read_sections
from tidynet.trust.truth import align_labels, has_value, labelled_rows, target_of, true_numbers

if TYPE_CHECKING:
    import polars as pl

    from tidynet.table.table import Table

__all__ = ["evaluate"]

_WITHOUT_TARGET = "`tidynet predict MODEL TABLE --unfamiliarity` tells how far these rows are like the training rows"


@told_elsewhere()
def evaluate(
    model: Any,
    table: Any,
    target: str | None = None,
    *,
    parts: str | Iterable[str] = "all",
    training: Any = None,
    listen: Heard | None = None,
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
    parts : "all", "scores", or names of parts
        What to read beside the scores, as in ``parts=("doubt",)``; `tidynet.trust.PARTS` has the names.
    training : as `table`, optional
        The labelled rows that the model was fitted on. Baselines are fitted on them if the model has none, and
        rows and groups that are in both tables are found.
    listen : callable, optional
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

    column, record = target_of(model, target), getattr(model, "record_", {})
    bare = not hasattr(model, "recipe_")  # a Perceptron: columns of numbers, and classes without probabilities
    names = chosen_parts(parts)
    whole = table if isinstance(table, Table) else read(table)
    without = _WITHOUT_TARGET if target is None and not bare else ""
    frame, notes = labelled_rows(whole.frame, column, whole.name, without=without)
    classes = np.asarray(model.classes_) if hasattr(model, "classes_") else None
    task = "regression" if classes is None else "binary" if len(classes) == 2 else "multiclass"
    truth = _truth(frame, column, classes)
    stored = restore(record.get("baselines") or [], getattr(model, "arrays_", {}))
    known = training if training is None or isinstance(training, Table) else read(training)
    if not stored and known is not None and not bare:
        stored = _fitted_on(model, labelled_rows(known.frame, column, known.name)[0], column, task, classes)
    features = _without(frame, column)
    network, baselines = predict_all(model, stored, features, task, classes)
    quantiles = predicted_quantiles(model, features)
    # The seed of the training: the same rows then get the same intervals as in the report.
    seed = (record.get("made") or {}).get("seed", 0)
    found = evaluate_predictions(task, column, classes, truth, network, baselines, seed, quantiles)
    if bare:
        names, left = _told_of_bare(names)
        notes = (*notes, *left)
    elif found.none_known:
        left = _untold("without a row of a class that the model knows", (name for name in names if name != "traps"))
        names, notes = tuple(name for name in names if name in ("traps", "doubt")), (*notes, *left)
    outputs = _outputs(network, classes)
    rows = np.flatnonzero(has_value(whole.frame.get_column(column)))
    both, learnt = _both(known, whole.take(rows), column)
    tested = Case(
        model=model,
        features=features,
        truth=truth,
        target=column,
        outputs=outputs,
        rows=rows,
        seed=seed,
        table=both,
        learnt=learnt,
        tested=np.arange(both.height - len(rows), both.height),
        at_random=False,
    )
    with told_parts(progress, listen) as tell:
        sections = read_sections(tested, names, tell)
    if found.none_known:  # of doubt only the drift is left, which the evaluation tells
        sections = tuple(replace(one, sentences=()) if one.name == "doubt" else one for one in sections)
    came = () if bare else model.recipe_.notes_on(features)
    return replace(found, notes=(*whole.notes, *notes, *came, *found.notes), sections=sections)


def _told_of_bare(names: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The parts that need no probabilities, and a note on the others."""
    if set(names) <= {"traps"}:
        return names, ()
    told = tuple(name for name in names if name == "traps")
    return told, _untold("without probabilities", (name for name in names if name != "traps"))


def _untold(why: str, names: Iterable[str]) -> tuple[str, ...]:
    """One note for all the parts that nothing can be told of."""
    left = listed(PARTS[name][0] for name in names)
    return (f"{why} these parts cannot be told: {left}",) if left else ()


def _outputs(network: Predicted, classes: npt.NDArray[Any] | None) -> npt.NDArray[Any]:
    """Numbers, probabilities, or 1 for the predicted class."""
    said, likely = network
    if classes is None or likely is not None:
        return np.asarray(said if likely is None else likely)
    return (np.asarray(said)[:, np.newaxis] == classes).astype(np.float64)


def _both(training: Table | None, test: Table, target: str) -> tuple[Table, npt.NDArray[np.int64] | None]:
    """Training and test rows as one table, as far as their columns agree, and the training rows in it."""
    import polars as pl

    if training is None:
        return test, None
    names = [name for name in test.columns if name in training.columns and test[name].dtype == training[name].dtype]
    if target not in names:  # labels of another type: the two cannot be laid together
        return test, None
    frames = [one.frame.select([one[name] for name in names]) for one in (training, test)]
    kinds = {name: test.judgements[name] for name in names}
    return replace(test, frame=pl.concat(frames), judgements=kinds), np.arange(training.height)


def _truth(frame: pl.DataFrame, column: str, classes: npt.NDArray[Any] | None) -> npt.NDArray[Any]:
    if classes is None:
        return true_numbers(frame.get_column(column))
    series = frame.get_column(column)
    found = align_labels(series.to_list(), classes.tolist())
    none_known = not set(classes.tolist()) & set(found.tolist())
    if none_known and series.dtype.is_float() and bool((series != series.round()).any()):
        raise InputError(
            f"the target '{column}' holds numbers, such as {series[0]:.4g}, and this model predicts the classes "
            f"{listed(str(label) for label in classes.tolist())}",
            "give a table whose column of that name holds these classes",
        )
    return found


def _fitted_on(
    model: Any, frame: pl.DataFrame, column: str, task: str, classes: npt.NDArray[Any] | None
) -> list[Rival]:
    """Baselines for a model that was fitted without them; rows of classes that it does not know are left out."""
    truth = _truth(frame, column, classes)
    if classes is not None:
        known = set(classes.tolist())
        kept = np.array([label in known for label in truth.tolist()])
        frame, truth = frame.filter(kept), truth[kept]
    if not len(truth):
        return []
    return fit_rivals(task, model.recipe_.transform(_without(frame, column)), truth, classes)


def _without(frame: pl.DataFrame, column: str) -> pl.DataFrame:
    # Not frame.drop: Polars reads a name such as "^a$" there as a pattern.
    return frame.select([series for series in frame.get_columns() if series.name != column])
