"""A table and its target as the network takes them in: the recipe, the network's form, and arrays of rows."""

from __future__ import annotations

import warnings
from abc import abstractmethod
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted

from tidynet.core.errors import ColumnWarning, InputError
from tidynet.engine import Inputs, LossOptions, Network, TrainingConfig, prepare_data
from tidynet.engine.kernels import Data
from tidynet.estimators.defaults import Settings
from tidynet.estimators.ensemble import Parts
from tidynet.estimators.input_validation import ValidatedInput, validate_input, validate_target
from tidynet.estimators.parameters_to_plan import ParameterResolutionMixin
from tidynet.estimators.train_validation_split import TrainValidationRows
from tidynet.preprocessing import EncodedFeatures, Recipe

__all__ = ["EncodingMixin"]

Array = NDArray[Any]


class EncodingMixin(ParameterResolutionMixin):
    """From columns to inputs, and from a target to what the loss compares outputs with."""

    recipe_: Recipe
    network_: Network
    settings_: Settings

    # What the two tasks differ in -----------------------------------------------------------

    @abstractmethod
    def _fit_target(self, y: Array, fresh: bool) -> None:
        """Learn classes or scale from the target, or check it against what was learnt."""

    @abstractmethod
    def _encode_target(self, y: Array) -> Array:
        """The target as the network learns it."""

    @abstractmethod
    def _stratify_labels(self, y: Array) -> Array | None:
        """What to stratify a split by, or None."""

    @abstractmethod
    def _output(self) -> tuple[int, str, str, LossOptions]:
        """(output units, output activation, loss, its options)."""

    @abstractmethod
    def _target_facts(self) -> tuple[dict[str, Any], dict[str, Array]]:
        """What the file must hold of the target, as facts and arrays."""

    def _class_weights(self, y: Array, weights: Array | None) -> Array | None:
        """Row weights after class weights."""
        del y
        return weights

    # Columns --------------------------------------------------------------------------------

    def _set_feature_names(self, incoming: ValidatedInput) -> None:
        self.n_features_in_ = incoming.width
        if incoming.names is not None:
            self.feature_names_in_ = np.array(incoming.names, dtype=object)
        elif hasattr(self, "feature_names_in_"):
            del self.feature_names_in_

    def _make_recipe(self, incoming: ValidatedInput) -> None:
        plain = self.settings_.preset == "scikit-learn" and incoming.array is not None
        array = incoming.array
        if plain and array is not None:
            names = incoming.names or [f"x{index}" for index in range(array.shape[1])]
            self.recipe_ = Recipe.numeric_passthrough(names)
        else:
            from tidynet.table import TypeInference, VariableType

            frame = incoming.as_frame()
            taken = TypeInference(VariableType.CONTINUOUS, "a column of a plain array is taken as numbers")
            inferred_types = incoming.judgements or dict.fromkeys(frame.columns, taken)
            self.recipe_ = Recipe.fit(frame, inferred_types, self.settings_.n_bins)
        user_value = array.dtype if plain and array is not None else np.dtype(np.float32)
        self.dtype_ = user_value if isinstance(self.dtype, str) and self.dtype == "auto" else np.dtype(self.dtype)

    def _check_fitted_input(self, X: Any) -> ValidatedInput:
        """Rows to predict, if there is a network for them."""
        if isinstance(X, ValidatedInput):
            return X
        if not hasattr(self, "members_"):  # scikit-learn's own check takes longer than to predict a row
            check_is_fitted(self, "members_")
        incoming = validate_input(X, judged=False)
        if incoming.array is not None and incoming.width != self.n_features_in_:
            raise self._wrong_width(incoming.width)
        return incoming

    def _match_columns(self, incoming: ValidatedInput) -> pl.DataFrame:
        """The frame with the names that the recipe knows; features without names are matched by place."""
        frame = incoming.as_frame()
        if incoming.names is not None and hasattr(self, "feature_names_in_"):
            return frame
        if frame.width != len(self.recipe_.columns):
            raise self._wrong_width(frame.width)
        return frame.rename(dict(zip(frame.columns, self.recipe_.columns, strict=True)))

    def _wrong_width(self, width: int, hint: str = "") -> InputError:
        return InputError(
            f"X has {width} features, but {type(self).__name__} is expecting {self.n_features_in_} features as input",
            hint,
        )

    def _features(self, incoming: ValidatedInput) -> EncodedFeatures:
        if self.recipe_.passthrough_columns and incoming.array is not None:
            return EncodedFeatures.of_numbers(incoming.array)
        frame = self._match_columns(incoming)
        features = self.recipe_.transform(frame)
        for text in self.recipe_.column_change_notes(frame, only_types=True):
            warnings.warn(text, ColumnWarning, stacklevel=5)
        return features

    def _inputs(self, incoming: ValidatedInput) -> Inputs:
        return self._inputs_of(self._features(incoming))

    def _inputs_of(self, features: EncodedFeatures) -> Inputs:
        return Inputs.of(features.numbers, features.codes, features.bins, features.fractions, self.dtype_)

    def encode_features(self, X: Any) -> EncodedFeatures:
        """The columns as features of the recipe."""
        return self._features(self._check_fitted_input(X))

    def encode_inputs(self, X: Any) -> Inputs:
        """The columns as inputs of the network."""
        return self._inputs(self._check_fitted_input(X))

    def encode_target(self, y: Any) -> Array:
        """The target as the loss compares outputs with it."""
        return self._encode_target(validate_target(y, len(y)))

    def match_columns(self, X: Any) -> pl.DataFrame:
        """The columns under the names of the recipe."""
        return self._match_columns(self._check_fitted_input(X))

    def training_config(self, rows: int) -> TrainingConfig:
        """How the model is trained on this many rows, at its base learning rate and seed 0."""
        return self._training_config(self.settings_, 0, rows)

    @property
    def has_feature_names(self) -> bool:
        """Whether the columns carried names in training."""
        return hasattr(self, "feature_names_in_")

    # The network and its rows ---------------------------------------------------------------

    def _network(self, settings: Settings | None = None) -> Network:
        settings, recipe = settings or self.settings_, self.recipe_
        hidden, chosen = settings.hidden_layer_sizes, settings.activation
        names = (chosen,) * len(hidden) if isinstance(chosen, str) else tuple(chosen)
        outputs, output_activation, loss, options = self._output()
        return Network(
            numbers=len(recipe.numbers) + sum(encoder.add_indicator for encoder in recipe.numbers),
            hidden=hidden,
            outputs=outputs,
            bins=tuple(encoder.bin_rows for encoder in recipe.binned),
            levels=tuple(encoder.code_rows for encoder in recipe.categories),
            activations=names,
            output_activation=output_activation,
            loss=loss,
            options=options,
            use_bias=self.use_bias,
        )

    def _data(self, incoming: ValidatedInput, target: Array, weights: Array | None, rows: Array | slice) -> Data:
        chosen = incoming if isinstance(rows, slice) else incoming.select_rows(rows)
        encoded = self._encode_target(target[rows])
        return prepare_data(self.network_, self._inputs(chosen), encoded, None if weights is None else weights[rows])

    def _split_rows(
        self, incoming: ValidatedInput, target: Array, weights: Array | None, rows: TrainValidationRows
    ) -> Parts:
        """What each restart learns from and watches, encoded."""
        if not rows.folds:
            data = self._data(incoming, target, weights, rows.training)
            validation = self._data(incoming, target, weights, rows.validation) if len(rows.validation) else None
            return lambda _: (data, validation)
        inputs, encoded = self._inputs(incoming), self._encode_target(target)

        def prepare_rows(chosen: Array | slice) -> Data:
            own = None if weights is None else weights[chosen]
            return prepare_data(self.network_, inputs.take(chosen), encoded[chosen], own)

        def of(restart: int) -> tuple[Data, Data]:
            training, watched = rows.of(restart)
            return prepare_rows(training), prepare_rows(watched)

        return of
