"""What a fitted network estimator offers: its parts by scikit-learn's names, encoded rows, and novelty."""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray
from sklearn.exceptions import NotFittedError

from tidynet.core.environment import current_environment
from tidynet.core.errors import InputError
from tidynet.engine import History, Inputs, Network, TrainingConfig
from tidynet.estimators.encoder import ClassTarget, FeatureEncoder, NumericTarget, State
from tidynet.estimators.ensemble import Ensemble
from tidynet.estimators.file_format import parameters_from_json, to_json_value, write_model_file
from tidynet.estimators.html_diagram import estimator_diagram
from tidynet.estimators.input_validation import ValidatedInput, validate_target
from tidynet.estimators.network_parameters import NetworkParameters
from tidynet.estimators.novelty import NoveltyDetector
from tidynet.estimators.training_diagnosis import explain_training
from tidynet.estimators.training_settings import Settings, make_training_config
from tidynet.estimators.uncertainty import ClassUncertainty, RegressionUncertainty
from tidynet.preprocessing import EncodedFeatures, Recipe

Array = NDArray[Any]


class FittedAttributes(NetworkParameters, ABC):
    """The parts of a fitted estimator, read-only from outside."""

    settings_: Settings
    record_: dict[str, Any]
    arrays_: dict[str, Array]
    n_features_in_: int
    _encoder: FeatureEncoder
    _target: ClassTarget | NumericTarget
    _ensemble: Ensemble
    _uncertainty: ClassUncertainty | RegressionUncertainty
    _novelty: NoveltyDetector | None = None

    @abstractmethod
    def _set_task_state(self, facts: Mapping[str, Any], arrays: Mapping[str, Array]) -> None:
        """Restore the target and the uncertainty from the state of a model file."""

    def explain_training(self) -> str:
        """What happened in training and what to try next, in two or three sentences.

        Underfitting, overfitting and its first epoch, a learning rate too high, vanishing gradients, dead units,
        networks that disagree: the rules are rows of `tidynet.estimators.training_diagnosis.RULES`.

        Examples
        --------
        >>> import tidynet as tn
        >>> X = np.random.default_rng(0).normal(size=(200, 2))
        >>> model = tn.MLPRegressor(random_state=0, solver="sgd", learning_rate_init=5.0).fit(X, 9 * X[:, 0])
        >>> "learning rate of 5 is too high" in model.explain_training()
        True
        """
        self._check_fitted()
        return explain_training(self)

    def raw_outputs(self, X: Any) -> Array:
        """Mean output of the networks, before decoding and calibration; shape (rows, outputs)."""
        inputs = self.encode_inputs(X)
        return self._ensemble.outputs(inputs)

    def encode_features(self, X: Any) -> EncodedFeatures:
        """The columns as features of the recipe."""
        incoming = self._check_input(X)
        return self._encoder.features(incoming)

    def encode_inputs(self, X: Any) -> Inputs:
        """The columns as inputs of the network."""
        features = self.encode_features(X)
        return self._encoder.inputs(features)

    def encode_target(self, y: Any) -> Array:
        """The target as the loss compares outputs with it."""
        return self._target.encode(validate_target(y, len(y)), self.dtype_)

    def match_columns(self, X: Any) -> pl.DataFrame:
        """The columns under the names of the recipe."""
        incoming = self._check_input(X)
        return self._encoder.match_columns(incoming)

    def _training_config(self, seed: int, rows: int, epochs: int | None = None) -> TrainingConfig:
        return make_training_config(self.get_params(deep=False), self.settings_, seed, rows, epochs)

    def training_config(self, rows: int) -> TrainingConfig:
        """How the model is trained on this many rows, at its base learning rate and seed 0."""
        return self._training_config(0, rows)

    def single_networks(self) -> list[Self]:
        """The model with each of its networks alone."""
        models = []
        for ensemble in self._ensemble.single_networks():
            model = copy.copy(self)
            model._ensemble = ensemble
            models.append(model)
        return models

    @property
    def recipe_(self) -> Recipe:
        """How columns become features."""
        return self._encoder.recipe

    @property
    def dtype_(self) -> np.dtype[Any]:
        """The float type of the networks."""
        return self._encoder.dtype

    @property
    def network_(self) -> Network:
        """The shape of the networks."""
        return self._ensemble.network

    @property
    def members_(self) -> list[Array]:
        """The flat parameter vector of each network."""
        return self._ensemble.members

    @property
    def histories_(self) -> list[History]:
        """The training history of each network."""
        return self._ensemble.histories

    @property
    def history_(self) -> History:
        """The training history of the first network."""
        return self._ensemble.histories[0]

    @property
    def folds_(self) -> tuple[Array, ...]:
        """The validation folds, empty without folds."""
        return self._ensemble.folds

    @property
    def n_training_rows_(self) -> int:
        """Training rows of the first network."""
        return self._ensemble.n_rows[0]

    @property
    def n_validation_rows_(self) -> int:
        """Validation rows of the first network."""
        return self._ensemble.n_rows[1]

    @property
    def interrupted_(self) -> bool:
        """Whether Ctrl-C ended training."""
        return self._ensemble.is_interrupted

    @property
    def baseline_loss_(self) -> float:
        """Loss of the best constant prediction; NaN if not known."""
        return self._ensemble.baseline_loss

    @property
    def coefs_(self) -> list[Array]:
        """Weights of each layer of the first network, (inputs, units), as views."""
        return [weights for weights, _ in self.network_.views(self.members_[0])]

    @property
    def intercepts_(self) -> list[Array]:
        """Biases of each layer of the first network, (units,), as views."""
        layers = self.network_.views(self.members_[0])
        return [np.zeros(weights.shape[1], self.dtype_) if biases is None else biases for weights, biases in layers]

    @property
    def has_conformity_scores(self) -> bool:
        """Whether prediction sets or intervals need no further training."""
        return self._uncertainty.scores is not None

    @property
    def has_feature_names(self) -> bool:
        """Whether the columns had names in training."""
        return "feature_names_in_" in vars(self)

    @property
    def is_multilabel(self) -> bool:
        """Whether a row may have several labels."""
        return isinstance(self._target, ClassTarget) and self._target.is_multilabel

    def _check_input(self, X: Any) -> ValidatedInput:
        self._check_fitted()
        return self._encoder.check_input(X)

    def _check_fitted(self) -> None:
        if not self.__sklearn_is_fitted__():
            raise NotFittedError(f"This {type(self).__name__} instance is not fitted yet; call fit(X, y) first.")

    def __sklearn_is_fitted__(self) -> bool:
        return "_ensemble" in vars(self)

    def _set_history_attributes(self) -> None:
        """scikit-learn's attributes of a training, from the history of the first network."""
        epochs, network, has_validation = self.history_.epochs, self.network_, self.n_validation_rows_ > 0
        self.n_iter_ = len(epochs)
        self.t_ = self.n_iter_ * self.n_training_rows_
        self.n_layers_, self.n_outputs_ = len(network.sizes), network.outputs
        self.out_activation_ = {"sigmoid": "logistic"}.get(network.output_activation, network.output_activation)
        self.loss_curve_ = [record.training_loss for record in epochs]
        self.loss_ = self.loss_curve_[-1]
        self.best_loss_ = self.validation_loss_curve_ = self.validation_scores_ = self.best_validation_score_ = None
        if has_validation:
            self.validation_loss_curve_ = [record.validation_loss for record in epochs]
            scores = [record.validation_score for record in epochs]
            self.validation_scores_ = [np.nan if score is None else score for score in scores]
            self.best_validation_score_ = float(np.nanmax(self.validation_scores_))
        else:
            self.best_loss_ = min((loss for loss in self.loss_curve_ if np.isfinite(loss)), default=np.inf)

    # Novelty -------------------------------------------------------------------------------------

    def novelty(self, X: Any) -> Array:
        """Novelty of each row, from 0 to 1: the fraction of training rows that are closer to their neighbors.

        A row's distance is the mean distance to its nearest training rows, over the features of the recipe (of a
        large table over a sample). For rows from the same source novelty is uniform from 0 to 1.

        Parameters
        ----------
        X : Table, data frame or array of shape (rows, columns)

        Returns
        -------
        ndarray of shape (rows,)

        Raises
        ------
        InputError
            After `partial_fit`, which stores no training rows.

        Examples
        --------
        >>> import numpy as np, tidynet as tn
        >>> X = np.random.default_rng(0).normal(size=(200, 2))
        >>> model = tn.MLPRegressor(random_state=0, preset="tidynet", effort="fast").fit(X, X[:, 0])
        >>> model.novelty([[0.0, 0.0], [9.0, 9.0]]).round(1).tolist()[1]
        1.0
        """
        incoming = self._check_input(X)
        return self._novelty_reference().score(self._encoder.features(incoming))

    def novelty_reasons(self, X: Any) -> list[list[str]]:
        """What is novel in each row, a list of clauses; empty where nothing is.

        Values outside the training range, unseen categories, values missing that never were in training, and for the
        most novel of the other rows the two columns that differ most from the nearest training row.
        """
        incoming = self._check_input(X)
        features, reference = self._encoder.features(incoming), self._novelty_reference()
        return reference.reasons(
            self.recipe_, self._encoder.match_columns(incoming), features, reference.score(features)
        )

    def novelty_summary(self, X: Any, is_novel: Any) -> list[tuple[str, int]]:
        """Why rows of a table are novel, the most frequent reason first.

        Parameters
        ----------
        X : Table, data frame or array of shape (rows, columns)
        is_novel : array of bool, shape (rows,)
            The novel rows; reasons are counted in these alone.

        Returns
        -------
        list of (str, int)
            The reason, and the number of novel rows that have it.
        """
        incoming = self._check_input(X)
        features, matched = self._encoder.features(incoming), self._encoder.match_columns(incoming)
        return self._novelty_reference().count_reasons(self.recipe_, matched, features, np.asarray(is_novel))

    @property
    def novelty_detector(self) -> NoveltyDetector | None:
        """The stored training rows; None after partial_fit."""
        return self._novelty

    def _novelty_reference(self) -> NoveltyDetector:
        if self._novelty is None:
            raise InputError("this model has no stored training rows to measure novelty by", "train it by fit")
        return self._novelty

    # Model files ---------------------------------------------------------------------------------

    def save(self, path: str | Path) -> int:
        """Write the fitted model to one safe file (`tidynet.load` reads it); returns its size in bytes."""
        return write_model_file(path, *self.to_state())

    def to_state(self) -> State:
        """The fitted model as facts that JSON can hold, and arrays by name."""
        self._check_fitted()
        provenance = self.record_.get("provenance")
        if provenance is not None and provenance.get("environment", "unknown") is None:
            environment = current_environment()
            provenance |= {"version": environment["packages"]["tidynet"], "environment": environment}
        facts: dict[str, Any] = {
            "estimator": type(self).__name__,
            "parameters": {name: to_json_value(value) for name, value in self.get_params(deep=False).items()},
            "settings": {name: to_json_value(value) for name, value in vars(self.settings_).items()},
            "encoder": self._encoder.to_state(),
            "record": self.record_,
        }
        facts["ensemble"], arrays = self._ensemble.to_state()
        facts["target"], target_arrays = self._target.to_state()
        facts["uncertainty"], uncertainty_arrays = self._uncertainty.to_state()
        arrays |= target_arrays | {f"uncertainty.{name}": values for name, values in uncertainty_arrays.items()}
        if self._novelty is not None:
            arrays |= {f"novelty.{name}": values for name, values in self._novelty.to_arrays().items()}
        return facts, arrays | {f"array.{name}": values for name, values in self.arrays_.items()}

    @classmethod
    def from_state(cls, facts: Mapping[str, Any], arrays: Mapping[str, Array]) -> Self:
        """The fitted model that `to_state` described."""
        model = cls(**parameters_from_json(facts["parameters"]))
        model.settings_ = Settings(**parameters_from_json(facts["settings"]))
        model._encoder = encoder = FeatureEncoder.from_state(facts["encoder"])
        model._ensemble = Ensemble.from_state(facts["ensemble"], arrays)
        model.n_features_in_ = encoder.width
        if encoder.is_named:
            model.feature_names_in_ = np.array(encoder.recipe.columns, dtype=object)
        novelty = select_arrays(arrays, "novelty.")
        model._novelty = NoveltyDetector.from_arrays(novelty) if novelty else None
        model.record_, model.arrays_ = facts["record"], select_arrays(arrays, "array.")
        model._set_history_attributes()
        model._set_task_state(facts, arrays)
        return model

    def __getstate__(self) -> dict[str, Any]:
        whole: Any = super().__getstate__()
        state: dict[str, Any] = dict(whole)
        state.pop("_training_data", None)  # a model that is passed on must not contain the training rows
        return state

    def _repr_html_(self) -> str:
        return estimator_diagram(self)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        # scikit-learn's own would show a list of parameters.
        return {"text/plain": repr(self), "text/html": self._repr_html_()}


def select_arrays(arrays: Mapping[str, Array], prefix: str) -> dict[str, Array]:
    """The arrays whose names begin with a prefix, without it."""
    return {name.removeprefix(prefix): values for name, values in arrays.items() if name.startswith(prefix)}
