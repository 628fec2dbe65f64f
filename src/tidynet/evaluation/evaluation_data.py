"""Test rows with the predictions of a model: the input of all sections, and of their computations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from tidynet.core.errors import InputError
from tidynet.estimators.fitted_model import Predictor, predicts_classes, recipe_of
from tidynet.evaluation.labels import label_codes
from tidynet.evaluation.predictions import predict_frame
from tidynet.table.infer_types import infer_type
from tidynet.table.variable_type import TypeInference, VariableType

Values = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

# The logarithm of a smaller probability depends on rounding.
_MIN_PROBABILITY = 1e-15


@dataclass(frozen=True, eq=False)
class EvaluationData:
    """Test rows, with the predictions of a model."""

    model: Predictor
    features: pl.DataFrame
    y_true: npt.NDArray[Any]
    y_pred: Values
    target: str
    rows: Rows

    @property
    def height(self) -> int:
        """Number of rows."""
        return len(self.y_true)

    @cached_property
    def classes(self) -> tuple[Any, ...]:
        """The labels of the classes; empty for numbers."""
        return tuple(np.asarray(self.model.classes_).tolist()) if predicts_classes(self.model) else ()

    @cached_property
    def columns_used(self) -> tuple[str, ...]:
        """The columns that the model uses."""
        return used_columns(self.model, self.features)

    @cached_property
    def variable_types(self) -> dict[str, TypeInference]:
        """The types of the columns: those of the model's recipe where it has them."""
        recipe = recipe_of(self.model)
        kinds: Mapping[str, str] = {} if recipe is None else recipe.variable_types
        # The recipe sorts the categories of other types by name.
        ordered = (VariableType.ORDINAL.value, VariableType.BOOLEAN.value)
        encoders = () if recipe is None else recipe.categories
        categories = {item.name: item.categories for item in encoders if kinds.get(item.name) in ordered}
        return {
            series.name: TypeInference(
                VariableType(kinds[series.name]), "as in training", categories.get(series.name, ())
            )
            if series.name in kinds
            else infer_type(series)
            for series in self.features.get_columns()
        }

    @cached_property
    def losses(self) -> Values:
        """The loss of each row: −ln p(true class), or (y − ŷ)²."""
        return row_losses(self.y_true, self.y_pred)

    @cached_property
    def bounded_losses(self) -> Values:
        """Losses that no single row dominates: the Brier score Σ (yⱼ − ŷⱼ)² of each row, or |y − ŷ|."""
        if not self.classes:
            return np.abs(self.y_true - self.y_pred[:, 0])
        true = self.y_pred[np.arange(self.height), self.y_true]
        return np.asarray((self.y_pred**2).sum(axis=1) + 1 - 2 * true)

    def take(self, rows: npt.ArrayLike) -> EvaluationData:
        """Some of the rows."""
        chosen = np.asarray(rows, dtype=np.int64)
        return replace(
            self,
            features=self.features[chosen],
            y_true=self.y_true[chosen],
            y_pred=self.y_pred[chosen],
            rows=self.rows[chosen],
        )

    def sample(self, max_count: int, seed: int = 0) -> EvaluationData:
        """At most `max_count` rows, drawn at random."""
        return self if self.height <= max_count else self.take(sample_row_numbers(self.height, max_count, seed))


def predict_test_data(
    model: Predictor,
    features: pl.DataFrame,
    y_true: npt.ArrayLike,
    target: str,
    rows: npt.ArrayLike | None = None,
    y_pred: npt.ArrayLike | None = None,
) -> EvaluationData:
    """Test rows with the model's predictions; rows of a class that it does not know are excluded."""
    values = np.asarray(y_true)
    if values.ndim != 1:
        raise InputError(f"y_true has shape {values.shape}, expected (n,)", "use one model for each target")
    numbers = np.arange(len(values)) if rows is None else np.asarray(rows, dtype=np.int64)
    if predicts_classes(model):
        values = label_codes(values, model.classes_)
        known = np.flatnonzero(values >= 0)
    else:
        values = values.astype(np.float64)
        known = np.flatnonzero(np.isfinite(values))
    if not len(known):
        raise InputError(f"no row has a value of '{target}' that the model knows", "give rows that have one")
    outputs = predict_frame(model, features) if y_pred is None else np.asarray(y_pred, dtype=np.float64)
    outputs = outputs[:, np.newaxis] if outputs.ndim == 1 else outputs
    if len(known) < len(values):
        features, values, outputs, numbers = features[known], values[known], outputs[known], numbers[known]
    return EvaluationData(model, features, values, outputs, target, numbers)


def predict_unlabeled_data(
    model: Predictor, features: pl.DataFrame, target: str, rows: npt.ArrayLike | None = None
) -> EvaluationData:
    """Rows with the model's predictions and without true values, which are NaN."""
    numbers = np.arange(features.height) if rows is None else np.asarray(rows, dtype=np.int64)
    unknown = np.full(features.height, np.nan)
    return EvaluationData(model, features, unknown, predict_frame(model, features), target, numbers)


def sample_row_numbers(height: int, max_count: int, seed: int = 0) -> Rows:
    """The numbers of at most `max_count` random rows, in their order."""
    if height <= max_count:
        return np.arange(height)
    return np.sort(np.random.default_rng(seed).choice(height, max_count, replace=False))


def used_columns(model: Predictor, features: pl.DataFrame) -> tuple[str, ...]:
    """The columns of a frame that a model uses."""
    recipe = recipe_of(model)
    names = tuple(features.columns)
    if recipe is None or recipe.passthrough_columns:
        return names
    return tuple(name for name in recipe.used_columns if name in names) or names


def row_losses(y_true: npt.NDArray[Any], y_pred: Values) -> Values:
    """−ln p(true class), or (y − ŷ)²."""
    if y_true.dtype.kind != "i":
        return np.asarray((y_true - y_pred[:, 0]) ** 2)
    true = y_pred[np.arange(len(y_true)), y_true]
    return np.asarray(-np.log(np.maximum(true, _MIN_PROBABILITY)))


def replace_columns(frame: pl.DataFrame, rows: npt.ArrayLike, others: Mapping[str, npt.ArrayLike]) -> pl.DataFrame:
    """Rows of a frame in which some columns come from other rows; so any type and missing values need no rule."""
    sources = {name: np.asarray(indices, dtype=np.int64) for name, indices in others.items()}
    own = np.asarray(rows, dtype=np.int64)
    return pl.DataFrame([series[sources.get(series.name, own)] for series in frame.get_columns()])
