"""The true values of a labeled table, as the classes or numbers of the model."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from tidynet.core.errors import InputError, did_you_mean
from tidynet.core.text import join_names, pluralize
from tidynet.estimators.fitted_model import (
    FittedModel,
    Predictor,
    is_fitted,
    is_fitted_model,
    run_record,
    training_formats,
)
from tidynet.table.table import Table


def as_table(table: Any, model: object = None) -> Table:
    """A table, or what `read` reads: a file in the column formats of the model's training."""
    from tidynet.table.read import read

    if isinstance(table, Table):
        return table
    return read(table, column_formats=training_formats(model) if isinstance(table, str | os.PathLike) else {})


def resolve_target(model: Predictor, target: str | None = None) -> str:
    """The name of the column that a fitted model predicts, unless another is given."""
    check_single_target(model)
    column: str | None = target if target is not None else run_record(model).get("target")
    if column is None:
        raise InputError("the target column of the model is unknown", "pass target=…")
    return column


def check_single_target(model: Predictor) -> None:
    """Refuse models that cannot be evaluated: not fitted, of another library, or with several targets."""
    from tidynet.estimators.estimator import NetworkEstimator
    from tidynet.estimators.perceptron import Perceptron

    name = type(model).__name__
    if is_fitted_model(model):
        if model.n_targets > 1:
            raise InputError(f"{name} predicts {model.n_targets} targets, expected 1", "train a model for each target")
        if model.is_multilabel:
            raise InputError(f"{name} predicts several labels for each row, expected 1", "train a model for each label")
    elif not isinstance(model, NetworkEstimator | Perceptron):
        raise InputError(
            f"the model is a {name}, expected MLPClassifier, MLPRegressor or Perceptron",
            "score its predictions with scikit-learn",
        )
    elif not is_fitted(model):
        raise InputError(f"{name} is not fitted", "call fit first")


def require_network(model: Predictor) -> FittedModel:
    """The model as one that can be trained again; refuses a Perceptron."""
    if not is_fitted_model(model):
        raise InputError(
            f"the model is a {type(model).__name__}, expected MLPClassifier or MLPRegressor to train again",
            "use scikit-learn's cross_val_score",
        )
    return model


def select_labeled_rows(
    frame: pl.DataFrame, target: str, name: str, *, without: str = ""
) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """The rows that have a value of the target, and a note on the others."""
    if target not in frame.columns:
        fix = did_you_mean(target, frame.columns) or (
            f"columns: {join_names(frame.columns)}" + (f"; {without}" if without else "")
        )
        raise InputError(f"the target is '{target}', expected a column of '{name}'", fix)
    present = is_labeled(frame.get_column(target))
    missing = frame.height - int(present.sum())
    if missing == frame.height:
        raise InputError(
            f"the target '{target}' has 0 values in {pluralize(frame.height, 'row')} of '{name}', expected at least 1"
        )
    if not missing:
        return frame, ()
    return frame.filter(present), (f"excluded: {pluralize(missing, 'row')} without a value of '{target}'",)


def is_labeled(column: pl.Series) -> pl.Series:
    """Whether each row has a value; NaN is none."""
    return (column.fill_nan(None) if column.dtype.is_float() else column).is_not_null()


def target_numbers(column: pl.Series) -> npt.NDArray[np.float64]:
    """The target of a regression as float64; numbers written as text are read."""
    values = column.cast(pl.String) if isinstance(column.dtype, pl.Categorical | pl.Enum) else column
    if values.dtype.is_numeric() or values.dtype in (pl.String, pl.Boolean):
        numbers = values.cast(pl.Float64, strict=False).fill_null(float("nan")).to_numpy()
    else:
        numbers = np.full(len(column), np.nan)
    bad = np.flatnonzero(~np.isfinite(numbers))
    if len(bad):
        value = column.slice(int(bad[0]), 1).to_list()[0]
        raise InputError(f"the target '{column.name}' contains '{value}', expected finite numbers")
    return np.asarray(numbers, dtype=np.float64)


def align_labels(values: Iterable[object], classes: Sequence[object]) -> npt.NDArray[np.object_]:
    """Each true label as the class of the model that equals it, if any; else compared as text (1, 1.0, "1"; "true")."""
    exact = {label: label for label in classes}
    by_text: dict[str, object] = {}
    for label in classes:
        by_text.setdefault(_normalize_label(label), label)
    class_of: dict[object, object] = {}
    aligned = []
    for value in values:
        if value not in class_of:
            class_of[value] = exact[value] if value in exact else by_text.get(_normalize_label(value), value)
        aligned.append(class_of[value])
    result = np.empty(len(aligned), dtype=np.object_)
    result[:] = aligned
    return result


def label_codes(labels: npt.ArrayLike, classes: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """The index in `classes` of each label; −1 for one that is not a class."""
    code_of = {label: code for code, label in enumerate(np.asarray(classes).tolist())}
    return np.array([code_of.get(label, -1) for label in np.asarray(labels).tolist()], dtype=np.int64)


def _normalize_label(label: Any) -> str:
    """One text for a label of any type: 1, 1.0 and "1.0" are "1"."""
    text = str(label).strip()
    if text.casefold() in ("true", "false"):
        return text.casefold()
    try:
        return f"{float(text):.17g}"
    except ValueError:
        return text
