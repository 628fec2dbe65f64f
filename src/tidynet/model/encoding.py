"""A table and its target as the network takes them in: the recipe, the network's form, and arrays of rows."""

from __future__ import annotations

import warnings
from abc import abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted

from tidynet.errors import ColumnWarning, InputError
from tidynet.model.configuration import Configured
from tidynet.model.defaults import Settings
from tidynet.model.incoming import Incoming, as_incoming
from tidynet.model.members import Parts
from tidynet.model.training_rows import TrainingRows
from tidynet.net import Inputs, LossOptions, Network, prepare_data
from tidynet.net.kernels import Data
from tidynet.prepare import Features, Recipe

__all__ = ["Encoding"]

Array = NDArray[Any]


class Encoding(Configured):
    """From columns to inputs, and from a target to what the loss compares outputs with."""

    recipe_: Recipe
    network_: Network
    settings_: Settings

    # What the two tasks differ in -----------------------------------------------------------

    @abstractmethod
    def _learn_target(self, y: Array, fresh: bool) -> None:
        """Learn classes or scale from the target, or check it against what was learnt."""

    @abstractmethod
    def _encode_target(self, y: Array) -> Array:
        """The target as the network learns it."""

    @abstractmethod
    def _strata(self, y: Array) -> Array | None:
        """What to stratify a split by, or None."""

    @abstractmethod
    def _output(self) -> tuple[int, str, str, LossOptions]:
        """(output units, output activation, loss, its options)."""

    @abstractmethod
    def _target_facts(self) -> tuple[dict[str, Any], dict[str, Array]]:
        """What the file must hold of the target, as facts and arrays."""

    def _more_weights(self, y: Array, weights: Array | None) -> Array | None:
        """Row weights after class weights."""
        del y
        return weights

    # Columns --------------------------------------------------------------------------------

    def _keep_names(self, incoming: Incoming) -> None:
        self.n_features_in_ = incoming.width
        if incoming.names is not None:
            self.feature_names_in_ = np.array(incoming.names, dtype=object)
        elif hasattr(self, "feature_names_in_"):
            del self.feature_names_in_

    def _make_recipe(self, incoming: Incoming) -> None:
        plain = self.settings_.preset == "scikit-learn" and incoming.array is not None
        array = incoming.array
        if plain and array is not None:
            names = incoming.names or [f"x{place}" for place in range(array.shape[1])]
            self.recipe_ = Recipe.untouched(names)
        else:
            from tidynet.table import Judgement, Kind

            frame = incoming.as_frame()
            taken = Judgement(Kind.CONTINUOUS, "a column of a plain array is taken as numbers")
            judgements = incoming.judgements or dict.fromkeys(frame.columns, taken)
            self.recipe_ = Recipe.fit(frame, judgements, self.settings_.bins)
        given = array.dtype if plain and array is not None else np.dtype(np.float32)
        self.dtype_ = given if isinstance(self.dtype, str) and self.dtype == "auto" else np.dtype(self.dtype)

    def _known(self, X: Any) -> Incoming:
        """Rows to predict, if there is a network for them."""
        if not hasattr(self, "members_"):  # scikit-learn's own check takes longer than to predict a row
            check_is_fitted(self, "members_")
        incoming = as_incoming(X, judged=False)
        if incoming.array is not None and incoming.width != self.n_features_in_:
            raise self._wrong_width(incoming.width)
        return incoming

    def _matched(self, incoming: Incoming) -> Any:
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

    def _features(self, incoming: Incoming) -> Features:
        if self.recipe_.plain and incoming.array is not None:
            return Features.of_numbers(incoming.array)
        frame = self._matched(incoming)
        features = self.recipe_.transform(frame)
        for told in self.recipe_.notes_on(frame, only_types=True):
            warnings.warn(told, ColumnWarning, stacklevel=5)
        return features

    def _inputs(self, incoming: Incoming) -> Inputs:
        return self._inputs_of(self._features(incoming))

    def _inputs_of(self, features: Features) -> Inputs:
        return Inputs.of(features.numbers, features.codes, features.bins, features.fractions, self.dtype_)

    # The network and its rows ---------------------------------------------------------------

    def _network(self, settings: Settings | None = None) -> Network:
        settings, recipe = settings or self.settings_, self.recipe_
        hidden, chosen = settings.hidden_layer_sizes, settings.activation
        names = (chosen,) * len(hidden) if isinstance(chosen, str) else tuple(chosen)
        outputs, output_activation, loss, options = self._output()
        return Network(
            numbers=len(recipe.numbers) + sum(encoder.marks_missing for encoder in recipe.numbers),
            hidden=hidden,
            outputs=outputs,
            bins=tuple(encoder.bin_rows for encoder in recipe.binned),
            levels=tuple(encoder.code_rows for encoder in recipe.categories),
            activations=names,
            output_activation=output_activation,
            loss=loss,
            options=options,
            biases=self.biases,
        )

    def _data(self, incoming: Incoming, target: Array, weights: Array | None, rows: Array | slice) -> Data:
        chosen = incoming if isinstance(rows, slice) else incoming.take(rows)
        encoded = self._encode_target(target[rows])
        return prepare_data(self.network_, self._inputs(chosen), encoded, None if weights is None else weights[rows])

    def _parts(self, incoming: Incoming, target: Array, weights: Array | None, rows: TrainingRows) -> Parts:
        """What each restart learns from and watches, encoded."""
        if not rows.folds:
            data = self._data(incoming, target, weights, rows.training)
            validation = self._data(incoming, target, weights, rows.validation) if len(rows.validation) else None
            return lambda _: (data, validation)
        inputs, encoded = self._inputs(incoming), self._encode_target(target)

        def taken(chosen: Array | slice) -> Data:
            own = None if weights is None else weights[chosen]
            return prepare_data(self.network_, inputs.take(chosen), encoded[chosen], own)

        def of(restart: int) -> tuple[Data, Data]:
            training, watched = rows.of(restart)
            return taken(training), taken(watched)

        return of
