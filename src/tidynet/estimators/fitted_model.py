"""The seam to every later room: what a fitted model offers, as typed protocols, and guards that narrow them.

    Predictor              predict
    ├─ ClassPredictor      classes_                     any classifier, a Perceptron too
    │  └─ ProbabilityPredictor  predict_proba
    └─ FittedModel         recipe, networks, uncertainty, novelty: a fitted MLPClassifier or MLPRegressor
       ├─ FittedClassifier
       └─ FittedRegressor

`Predictor` and its two children are the only ones that foreign scikit-learn estimators and a Perceptron satisfy.
Only this module probes for attributes: other modules call a guard.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeGuard

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import polars as pl

    from tidynet.engine import History, Inputs, Network, TrainingConfig
    from tidynet.estimators.novelty import NoveltyDetector
    from tidynet.estimators.probability_calibration import ProbabilityCalibrator
    from tidynet.estimators.training_settings import Settings
    from tidynet.preprocessing import EncodedFeatures, Recipe, TargetScaler
    from tidynet.table import ColumnFormat

Array = NDArray[Any]


class Predictor(Protocol):
    """Anything that predicts the target of each row."""

    def predict(self, X: Any) -> Any:
        """The prediction of each row."""


class ClassPredictor(Predictor, Protocol):
    """A classifier, with or without probabilities."""

    @property
    def classes_(self) -> Array:
        """The classes, sorted."""


class ProbabilityPredictor(ClassPredictor, Protocol):
    """A classifier with probabilities."""

    def predict_proba(self, X: Any) -> Array:
        """The probability of each class, shape (rows, classes)."""


class FittedModel(Predictor, Protocol):
    """A fitted MLPClassifier or MLPRegressor."""

    n_features_in_: int
    record_: dict[str, Any]  # facts of the training run, JSON-ready; `target` is the target column
    arrays_: dict[str, Array]  # arrays that belong to the facts
    settings_: Settings

    @property
    def out_activation_(self) -> str: ...
    @property
    def recipe_(self) -> Recipe: ...
    @property
    def network_(self) -> Network: ...
    @property
    def dtype_(self) -> np.dtype[Any]: ...
    @property
    def members_(self) -> list[Array]: ...
    @property
    def histories_(self) -> list[History]: ...
    @property
    def history_(self) -> History: ...
    @property
    def n_training_rows_(self) -> int: ...
    @property
    def n_validation_rows_(self) -> int: ...
    @property
    def interrupted_(self) -> bool: ...
    @property
    def baseline_loss_(self) -> float: ...
    @property
    def n_targets(self) -> int:
        """Target columns that are predicted together; 1 for a classifier."""

    @property
    def is_multilabel(self) -> bool:
        """Whether a row may have several labels."""

    @property
    def has_feature_names(self) -> bool:
        """Whether the columns carried names in training."""

    @property
    def has_conformity_scores(self) -> bool:
        """Whether prediction sets or intervals need no further training."""

    @property
    def novelty_detector(self) -> NoveltyDetector | None:
        """The stored training rows; None after partial_fit."""

    def encode_features(self, X: Any) -> EncodedFeatures:
        """The columns as features of the recipe."""

    def encode_inputs(self, X: Any) -> Inputs:
        """The columns as inputs of the network."""

    def encode_target(self, y: Any) -> Array:
        """The target as the loss compares outputs with it."""

    def match_columns(self, X: Any) -> pl.DataFrame:
        """The columns under the names of the recipe."""

    def single_networks(self) -> Sequence[FittedModel]:
        """The model with each of its networks alone."""

    def training_config(self, rows: int) -> TrainingConfig:
        """How the model is trained on this many rows, at its base learning rate and seed 0."""

    def raw_outputs(self, X: Any) -> Array: ...
    def fit(self, X: Any, y: Any, sample_weight: Any = None, **options: Any) -> Self: ...
    def conformalize(self, X: Any = None, y: Any = None, sample_weight: Any = None) -> Self: ...
    def predict_point(self, X: Any) -> Any: ...
    def predict_interval(self, X: Any, coverage: float = 0.9) -> Array: ...
    def predict_set(self, X: Any, coverage: float = 0.9, per_class: bool = False) -> list[set[Any]]: ...
    def novelty(self, X: Any) -> Array: ...
    def novelty_reasons(self, X: Any) -> list[list[str]]: ...
    def novelty_summary(self, X: Any, is_novel: Any) -> list[tuple[str, int]]: ...
    def explain_training(self) -> str: ...
    def get_params(self, deep: bool = True) -> dict[str, Any]: ...
    def set_params(self, **params: Any) -> Self: ...
    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float: ...
    def save(self, path: str | Path) -> int: ...
    def to_state(self) -> tuple[dict[str, Any], dict[str, Array]]: ...


class FittedClassifier(FittedModel, ProbabilityPredictor, Protocol):
    """A fitted MLPClassifier."""

    @property
    def calibration_(self) -> dict[str, Any]: ...
    @property
    def calibrator(self) -> ProbabilityCalibrator:
        """What probabilities pass through."""

    def predict_proba_uncalibrated(self, X: Any) -> Array: ...
    def predict_set_mask(self, X: Any, coverage: float = 0.9, per_class: bool = False) -> NDArray[np.bool_]: ...


class FittedRegressor(FittedModel, Protocol):
    """A fitted MLPRegressor."""

    @property
    def target_scaler(self) -> TargetScaler:
        """How targets are standardized."""

    @property
    def has_column_target(self) -> bool:
        """Whether the target was one column, shape (rows,)."""

    @property
    def quantile_model_(self) -> FittedRegressor | None: ...
    def predict_quantiles(self, X: Any) -> Array: ...


def is_fitted_model(model: object) -> TypeGuard[FittedModel]:
    """Whether this is a fitted MLPClassifier or MLPRegressor."""
    return hasattr(model, "recipe_")


def is_classifier(model: object) -> TypeGuard[FittedClassifier]:
    """Whether this is a fitted MLPClassifier."""
    return is_fitted_model(model) and hasattr(model, "classes_")


def is_regressor(model: object) -> TypeGuard[FittedRegressor]:
    """Whether this is a fitted MLPRegressor."""
    return is_fitted_model(model) and not hasattr(model, "classes_")


def predicts_classes(model: object) -> TypeGuard[ClassPredictor]:
    """Whether this predicts classes, of whatever library it is."""
    return hasattr(model, "classes_")


def predicts_probabilities(model: object) -> TypeGuard[ProbabilityPredictor]:
    """Whether this predicts probabilities of classes."""
    return hasattr(model, "classes_") and hasattr(model, "predict_proba")


def is_fitted(model: object) -> bool:
    """Whether a model of any library was fitted: it has networks, or coefficients."""
    return any(hasattr(model, name) for name in ("members_", "coef_", "weights_"))


def recipe_of(model: object) -> Recipe | None:
    """The recipe of a fitted model; None for a Perceptron and for foreign estimators."""
    return model.recipe_ if is_fitted_model(model) else None


def feature_names(model: object) -> tuple[str, ...] | None:
    """The column names that a model was fitted with; None where its columns had none."""
    names: Sequence[str] | None = getattr(model, "feature_names_in_", None)
    return None if names is None else tuple(names)


def training_formats(model: object) -> Mapping[str, ColumnFormat]:
    """How the columns of the model's training file are written; empty without a file."""
    return model.recipe_.column_formats if is_fitted_model(model) else {}


def run_record(model: object) -> Mapping[str, Any]:
    """The facts of the training run; empty for models that keep none."""
    return model.record_ if is_fitted_model(model) else {}
