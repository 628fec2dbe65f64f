"""Columns and target → the arrays of the network, fitted on training rows."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray
from sklearn.utils.multiclass import check_classification_targets, type_of_target

from tidynet.core.errors import ColumnWarning, InputError
from tidynet.engine import Inputs
from tidynet.estimators.column_labels import are_default_names
from tidynet.estimators.input_validation import ValidatedInput, validate_input
from tidynet.estimators.training_settings import Settings
from tidynet.preprocessing import EncodedFeatures, LabelEncoder, Recipe, TargetScaler
from tidynet.table import TypeInference, VariableType

MAX_STANDARDIZED_TARGET = 1e6  # standard deviations; only absurd values of a robust scale are further

Array = NDArray[Any]
State = tuple[dict[str, Any], dict[str, Array]]  # facts that JSON can hold, and arrays by name


@dataclass(frozen=True)
class FeatureEncoder:
    """A recipe, and the form in which the network reads its features; `owner` is the estimator in messages."""

    recipe: Recipe
    dtype: np.dtype[Any]
    width: int
    is_named: bool
    owner: str

    @classmethod
    def fit(cls, incoming: ValidatedInput, settings: Settings, dtype: Any, owner: str) -> Self:
        """Fit the recipe on training rows; scikit-learn's preset reads a plain array as it is."""
        array = incoming.array if settings.preset == "scikit-learn" else None
        if array is not None:
            names = incoming.names or incoming.labels or [f"x{index}" for index in range(incoming.width)]
            recipe = Recipe.numeric_passthrough(names)
        else:
            frame = incoming.as_frame()
            number = TypeInference(VariableType.CONTINUOUS, "columns of a plain array are numbers")
            types = incoming.inferred_types or dict.fromkeys(frame.columns, number)
            recipe = Recipe.fit(frame, types, settings.n_bins, incoming.column_formats)
        if isinstance(dtype, str) and dtype == "auto":
            dtype = np.float32 if array is None else array.dtype
        return cls(recipe, np.dtype(dtype), incoming.width, incoming.names is not None, owner)

    def check_input(self, X: Any) -> ValidatedInput:
        """Rows to predict."""
        if isinstance(X, ValidatedInput):
            return X
        incoming = validate_input(X, infer=False)
        if incoming.array is not None:
            self.check_width(incoming.width)
        return incoming

    def check_width(self, width: int, hint: str = "") -> None:
        """Refuse rows with another number of columns than in training."""
        if width != self.width:
            raise InputError(
                f"X has {width} features, but {self.owner} is expecting {self.width} features as input", hint
            )

    def match_columns(self, incoming: ValidatedInput) -> pl.DataFrame:
        """The columns under the names of the recipe; by position only where one side has no names."""
        frame = incoming.as_frame()
        if incoming.labels is not None:
            if self.is_named or set(self.recipe.columns) <= set(frame.columns):
                return frame
            numbered = {name: f"x{name}" for name in frame.columns}  # a column without a name is x and its number
            if set(self.recipe.columns) <= set(numbered.values()):
                return frame.rename(numbered)
            if not are_default_names(self.recipe.columns):
                return frame  # the recipe names the missing column
            warnings.warn(
                f"X has feature names, but {self.owner} was fitted without feature names; its columns are used in "
                "their order",
                ColumnWarning,
                stacklevel=7,
            )
        self.check_width(frame.width)
        return frame.rename(dict(zip(frame.columns, self.recipe.columns, strict=True)))

    def features(self, incoming: ValidatedInput) -> EncodedFeatures:
        """The columns as features; a warning where a column changed its type since training."""
        array = self._array_in_order(incoming)
        if array is not None:
            return EncodedFeatures.of_numbers(array)
        frame = self.match_columns(incoming)
        features = self.recipe.transform(frame)
        for text in self.recipe.column_change_notes(frame, only_types=True):
            warnings.warn(text, ColumnWarning, stacklevel=5)
        return features

    def _array_in_order(self, incoming: ValidatedInput) -> Array | None:
        """The array that the network reads as it is; None if columns are encoded or have another order."""
        in_order = incoming.labels is None or incoming.labels == self.recipe.columns
        return incoming.array if self.recipe.passthrough_columns and in_order else None

    def inputs(self, features: EncodedFeatures) -> Inputs:
        """Features as the network reads them."""
        return Inputs.of(features.numbers, features.codes, features.bins, features.fractions, self.dtype)

    def number_ranges(self, incoming: ValidatedInput) -> Array:
        """The smallest and the largest value of each numeric column, shape (2, columns)."""
        array = self._array_in_order(incoming)
        if array is not None:
            return np.stack([array.min(axis=0), array.max(axis=0)]).astype(np.float64)
        return self.recipe.number_ranges(self.match_columns(incoming))

    def to_state(self) -> dict[str, Any]:
        """The encoder as JSON-ready values."""
        return {"recipe": self.recipe.to_dict(), "dtype": str(self.dtype), "width": self.width,
                "named": self.is_named, "owner": self.owner}  # fmt: skip

    @classmethod
    def from_state(cls, facts: Mapping[str, Any]) -> Self:
        """The encoder that `to_state` described."""
        recipe = Recipe.from_dict(facts["recipe"])
        return cls(recipe, np.dtype(facts["dtype"]), facts["width"], facts["named"], facts["owner"])


@dataclass(frozen=True)
class ClassTarget:
    """Classes ↔ codes; with several labels per row, columns of 0 and 1."""

    encoder: LabelEncoder
    is_multilabel: bool

    @classmethod
    def fit(cls, y: Array) -> Self:
        """The classes of a target."""
        check_labels(y)
        if y.ndim > 1 and type_of_target(y) != "multilabel-indicator":
            raise InputError(f"the target y has shape {y.shape}, expected one column of classes")
        return cls(LabelEncoder(np.arange(y.shape[1]) if y.ndim > 1 else np.unique(y)), y.ndim > 1)

    @property
    def classes(self) -> Array:
        """The classes, sorted."""
        return self.encoder.classes

    def encode(self, y: Array, dtype: Any) -> Array:
        """The target as the loss reads it."""
        if self.is_multilabel:
            return y.astype(dtype)
        return self.encoder.transform(y, np.int32 if len(self.classes) > 2 else dtype)

    def strata(self, y: Array) -> Array | None:
        """The class of each row, to stratify by."""
        return None if self.is_multilabel else self.encoder.transform(y)

    def probabilities(self, outputs: Array) -> Array:
        """The network's outputs as a probability of each class."""
        if self.is_multilabel:
            return outputs
        if len(self.classes) == 1:
            return np.ones_like(outputs)
        if len(self.classes) == 2:
            both = np.empty((len(outputs), 2))
            both[:, 1] = outputs[:, 0]
            np.subtract(1, outputs[:, 0], out=both[:, 0])
            return both
        return np.asarray(outputs / outputs.sum(axis=1, keepdims=True))

    def align(self, outputs: Array, other: Self) -> Array:
        """Outputs of a network whose training rows may have had fewer classes, for these classes."""
        if len(other.classes) == len(self.classes):
            return outputs
        aligned = np.zeros((len(outputs), len(self.classes)))
        aligned[:, np.searchsorted(self.classes, other.classes)] = other.probabilities(outputs)
        return aligned[:, 1:] if len(self.classes) == 2 else aligned

    def to_state(self) -> State:
        """The classes as facts."""
        labels = {"dtype": self.classes.dtype.str, "labels": self.classes.tolist()}
        return {"classes": labels, "multilabel": self.is_multilabel}, {}

    @classmethod
    def from_state(cls, facts: Mapping[str, Any]) -> Self:
        """The classes that `to_state` described."""
        labels = np.array(facts["classes"]["labels"], dtype=facts["classes"]["dtype"])
        return cls(LabelEncoder(labels), facts["multilabel"])


@dataclass(frozen=True)
class NumericTarget:
    """Numbers ↔ standardized numbers; `is_column` where y has the shape (rows,)."""

    scaler: TargetScaler
    is_column: bool

    @classmethod
    def fit(cls, y: Array) -> Self:
        """The columns of a target, not yet standardized."""
        width = 1 if y.ndim == 1 else y.shape[1]
        return cls(TargetScaler(np.zeros(width), np.ones(width)), y.ndim == 1)

    def standardized(self, y: Array, robust: bool = False) -> Self:
        """The same target, standardized by mean and standard deviation of y, or by robust ones."""
        return replace(self, scaler=TargetScaler.fit(_columns(y).astype(np.float64), robust=robust))

    @property
    def n_targets(self) -> int:
        """Number of target columns."""
        return int(self.scaler.mean.size)

    def encode(self, y: Array, dtype: Any) -> Array:
        """The target as the loss reads it; standardized values are limited, or a sum of losses shows one row alone."""
        encoded = self.scaler.transform(_columns(y), dtype)
        return (
            encoded if self.scaler.is_identity else np.clip(encoded, -MAX_STANDARDIZED_TARGET, MAX_STANDARDIZED_TARGET)
        )

    def strata(self, y: Array) -> Array | None:
        """None: numbers are not stratified."""
        del y
        return None

    def reshape(self, values: Array) -> Array:
        """Predictions in the shape of the target."""
        return values[:, 0] if self.is_column and values.shape[1] == 1 else values

    def align(self, outputs: Array, other: Self, has_variance: bool) -> Array:
        """Outputs of a network with another scale, in this scale; `has_variance` of the gaussian loss."""
        k = self.n_targets
        ratio = other.scaler.std / self.scaler.std
        shift = (other.scaler.mean - self.scaler.mean) / self.scaler.std
        if has_variance:
            return np.concatenate([outputs[:, :k] * ratio + shift, outputs[:, k:] + 2 * np.log(ratio)], axis=1)
        times = outputs.shape[1] // k
        return np.asarray(outputs * np.repeat(ratio, times) + np.repeat(shift, times))

    def to_state(self) -> State:
        """The scale as arrays."""
        return {"column_target": self.is_column}, {"target.mean": self.scaler.mean, "target.std": self.scaler.std}

    @classmethod
    def from_state(cls, facts: Mapping[str, Any], arrays: Mapping[str, Array]) -> Self:
        """The scale that `to_state` described."""
        return cls(TargetScaler(arrays["target.mean"], arrays["target.std"]), facts["column_target"])


def _columns(y: Array) -> Array:
    return (y if y.dtype.kind in "fiu" else y.astype(np.float64)).reshape(len(y), -1)


def check_labels(y: Array) -> None:
    """Refuse a target that is not classes."""
    with warnings.catch_warnings():
        # Many classes of few rows are a finding of the report.
        warnings.filterwarnings("ignore", "The number of unique classes")
        if y.dtype.kind == "f" and type_of_target(y).startswith("continuous"):
            value = y.ravel()[int(np.argmax(y.ravel() % 1 != 0))]
            raise InputError(
                f"Unknown label type: the target y contains {value:.4g}, expected classes",
                "use MLPRegressor for numbers",
            )
        check_classification_targets(y)
