"""What a fitted network estimator offers: its parts by scikit-learn's names, and encoded rows."""

from __future__ import annotations

import copy
from abc import ABC
from typing import Any, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray
from sklearn.exceptions import NotFittedError

from tidynet.engine import History, Inputs, Network, TrainingConfig
from tidynet.estimators.encoder import ClassTarget, FeatureEncoder, NumericTarget
from tidynet.estimators.ensemble import Ensemble
from tidynet.estimators.html_diagram import estimator_diagram
from tidynet.estimators.input_validation import ValidatedInput
from tidynet.estimators.network_parameters import NetworkParameters
from tidynet.estimators.target_validation import target_rows, validate_target
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
        return self._target.encode(validate_target(y, target_rows(y)), self.dtype_)

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

    # scikit-learn's attributes of a training, from the first network ------------------------------

    @property
    def n_iter_(self) -> int:
        """Epochs of the first network."""
        return len(self.history_.epochs)

    @property
    def t_(self) -> int:
        """Training rows that the first network has seen, in all epochs."""
        return self.n_iter_ * self.n_training_rows_

    @property
    def n_layers_(self) -> int:
        """Layers, the inputs and the outputs among them."""
        return len(self.network_.sizes)

    @property
    def n_outputs_(self) -> int:
        """Output units."""
        return self.network_.outputs

    @property
    def out_activation_(self) -> str:
        """The activation of the output units, by scikit-learn's name."""
        name = self.network_.output_activation
        return "logistic" if name == "sigmoid" else name

    @property
    def loss_curve_(self) -> list[float]:
        """Training loss of each epoch."""
        return [record.training_loss for record in self.history_.epochs]

    @property
    def loss_(self) -> float:
        """Training loss of the last epoch."""
        return self.loss_curve_[-1]

    @property
    def best_loss_(self) -> float | None:
        """The lowest training loss; None where validation rows decide."""
        if self.n_validation_rows_ > 0:
            return None
        return min((loss for loss in self.loss_curve_ if np.isfinite(loss)), default=np.inf)

    @property
    def validation_loss_curve_(self) -> list[float | None] | None:
        """Validation loss of each epoch; None without validation rows."""
        return [record.validation_loss for record in self.history_.epochs] if self.n_validation_rows_ > 0 else None

    @property
    def validation_scores_(self) -> list[float] | None:
        """Validation score of each epoch; None without validation rows."""
        if self.n_validation_rows_ == 0:
            return None
        scores = [record.validation_score for record in self.history_.epochs]
        return [np.nan if score is None else score for score in scores]

    @property
    def best_validation_score_(self) -> float | None:
        """The highest validation score; None without validation rows."""
        scores = self.validation_scores_
        return None if scores is None else float(np.nanmax(scores))

    def _repr_html_(self) -> str:
        return estimator_diagram(self)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        # scikit-learn's own would show a list of parameters.
        return {"text/plain": repr(self), "text/html": self._repr_html_()}
