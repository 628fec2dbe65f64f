"""Test rows as the parts of this room see them: what was given, what is true, and what the model says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from tidynet.core.errors import InputError
from tidynet.table.infer_types import infer_type
from tidynet.table.variable_type import TypeInference, VariableType

__all__ = ["EvaluationData", "drop_target", "predict_test_data", "predicted", "replace_columns", "used_columns"]

Values = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

# Below it the logarithm of a probability says more about rounding than about the model.
_LEAST_PROBABILITY = 1e-15


@dataclass(frozen=True, eq=False)
class EvaluationData:
    """Rows that the model has never seen, with its predictions."""

    model: Any
    features: pl.DataFrame
    y_true: npt.NDArray[Any]
    y_pred: Values
    target: str
    classes: tuple[Any, ...]
    columns_used: tuple[str, ...]
    rows: Rows

    @property
    def height(self) -> int:
        """Number of rows."""
        return len(self.y_true)

    @cached_property
    def variable_types(self) -> dict[str, TypeInference]:
        """The kinds of the columns, as the model's recipe judged them where it knows them."""
        recipe = getattr(self.model, "recipe_", None)
        kinds: Mapping[str, str] = getattr(recipe, "kinds", {})
        # Of other kinds the recipe's order is that of the alphabet.
        ranked = (VariableType.ORDINAL.value, VariableType.BOOLEAN.value)
        categories = getattr(recipe, "categories", ())
        levels = {item.name: item.levels for item in categories if kinds.get(item.name) in ranked}
        return {
            series.name: TypeInference(VariableType(kinds[series.name]), "as in training", levels.get(series.name, ()))
            if series.name in kinds
            else infer_type(series)
            for series in self.features.get_columns()
        }

    @cached_property
    def losses(self) -> Values:
        """The loss of each row: −ln of the true class's probability, or (y − ŷ)²."""
        return losses(self.y_true, self.y_pred)

    @cached_property
    def bounded_losses(self) -> Values:
        """Losses that no single row rules: the Brier score Σ (yⱼ − ŷⱼ)² of each row, or |y − ŷ|."""
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
        """At most so many rows, drawn at random."""
        if self.height <= max_count:
            return self
        return self.take(np.sort(np.random.default_rng(seed).choice(self.height, max_count, replace=False)))


def predict_test_data(
    model: Any,
    features: pl.DataFrame,
    y_true: npt.ArrayLike,
    target: str,
    rows: npt.ArrayLike | None = None,
    y_pred: npt.ArrayLike | None = None,
) -> EvaluationData:
    """Test rows with the model's predictions; rows of a class that it does not know are left out.

    Examples
    --------
    >>> class Mean:
    ...     def predict(self, frame):
    ...         return np.full(frame.height, 2.0)
    >>> held = predict_test_data(Mean(), pl.DataFrame({"x": [0.0, 1.0]}), [1.0, 4.0], "y")
    >>> held.losses.tolist(), held.columns_used
    ([1.0, 4.0], ('x',))
    """
    values = np.asarray(y_true)
    if values.ndim != 1:
        raise InputError("each row has several labels", "ask about each label by a model of its own")
    numbers = np.arange(len(values)) if rows is None else np.asarray(rows, dtype=np.int64)
    labels = tuple(np.asarray(model.classes_).tolist()) if hasattr(model, "classes_") else ()
    if labels:
        index = {label: code for code, label in enumerate(labels)}
        values = np.array([index.get(label, -1) for label in values.tolist()], dtype=np.int64)
        known = np.flatnonzero(values >= 0)
    else:
        values = values.astype(np.float64)
        known = np.flatnonzero(np.isfinite(values))
    if not len(known):
        raise InputError(f"no row has a value of '{target}' that the model knows", "give rows that have one")
    text = predicted(model, features) if y_pred is None else np.asarray(y_pred, dtype=np.float64)
    text = text[:, np.newaxis] if text.ndim == 1 else text
    everything = len(known) == len(values)
    return EvaluationData(
        model=model,
        features=features if everything else features[known],
        y_true=values[known],
        y_pred=text[known],
        target=target,
        classes=labels,
        columns_used=used_columns(model, features),
        rows=numbers[known],
    )


def drop_target(model: Any, features: pl.DataFrame, target: str, rows: npt.ArrayLike | None = None) -> EvaluationData:
    """Rows of which only what the model says is known; their truth is NaN.

    Parameters are those of `held_out`.

    Examples
    --------
    >>> class Mean:
    ...     def predict(self, frame):
    ...         return np.full(frame.height, 2.0)
    >>> drop_target(Mean(), pl.DataFrame({"x": [0.0, 1.0]}), "y").y_pred.tolist()
    [[2.0], [2.0]]
    """
    return EvaluationData(
        model=model,
        features=features,
        y_true=np.full(features.height, np.nan),
        y_pred=predicted(model, features),
        target=target,
        classes=tuple(np.asarray(model.classes_).tolist()) if hasattr(model, "classes_") else (),
        columns_used=used_columns(model, features),
        rows=np.arange(features.height) if rows is None else np.asarray(rows, dtype=np.int64),
    )


def used_columns(model: Any, features: pl.DataFrame) -> tuple[str, ...]:
    """The columns that a model reads, of those that are there."""
    recipe = getattr(model, "recipe_", None)
    columns_used = tuple(getattr(recipe, "used_columns", None) or features.columns)
    if getattr(recipe, "passthrough_columns", False):
        columns_used = tuple(features.columns)
    return tuple(name for name in columns_used if name in features.columns) or tuple(features.columns)


def predicted(model: Any, features: pl.DataFrame) -> Values:
    """Probabilities of the classes (n, k), or numbers (n, 1)."""
    if hasattr(model, "classes_"):
        return np.asarray(model.predict_proba(features), dtype=np.float64)
    numbers = np.asarray(getattr(model, "predict_point", model.predict)(features), dtype=np.float64)
    return numbers.reshape(features.height, -1)[:, :1]


def losses(y_true: npt.NDArray[Any], y_pred: Values) -> Values:
    """−ln of the true class's probability, or (y − ŷ)².

    Examples
    --------
    >>> losses(np.array([1.0, 4.0]), np.array([[2.0], [2.0]])).tolist()
    [1.0, 4.0]
    """
    if y_true.dtype.kind != "i":
        return np.asarray((y_true - y_pred[:, 0]) ** 2)
    true = y_pred[np.arange(len(y_true)), y_true]
    return np.asarray(-np.log(np.maximum(true, _LEAST_PROBABILITY)))


def replace_columns(frame: pl.DataFrame, rows: npt.ArrayLike, others: Mapping[str, npt.ArrayLike]) -> pl.DataFrame:
    """Rows of a frame in which some columns come from other rows.

    Whatever asks "what if this value were another" takes the other value from a row that has it, so
    that dates, levels and gaps need no rule of their own.

    Examples
    --------
    >>> frame = pl.DataFrame({"a": [1, 2], "b": ["u", "v"]})
    >>> replace_columns(frame, [0, 1], {"b": [1, 0]}).rows()
    [(1, 'v'), (2, 'u')]
    """
    taken = {name: np.asarray(indices, dtype=np.int64) for name, indices in others.items()}
    usual = np.asarray(rows, dtype=np.int64)
    return pl.DataFrame([series[taken.get(series.name, usual)] for series in frame.get_columns()])
