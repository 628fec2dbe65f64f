"""The estimator that MLPClassifier and MLPRegressor share: `fit` and `partial_fit`."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Self

import numpy as np
from sklearn.utils import check_random_state
from sklearn.utils.metaestimators import available_if

from tidynet.core.errors import InputError
from tidynet.estimators.ensemble import EnsembleMember, OnEpoch, train_ensemble
from tidynet.estimators.equal_rows import groups_of_equal_rows
from tidynet.estimators.input_validation import validate_input
from tidynet.estimators.parameters import check_parameters
from tidynet.estimators.row_weights import validate_sample_weight
from tidynet.estimators.target_validation import name_of_target, validate_target
from tidynet.estimators.training_methods import TrainingMethods, draw_seed
from tidynet.estimators.training_rows import (
    FitRows,
    TrainValidationRows,
    check_same_architecture,
    encode_rows,
    extend_histories,
    make_network,
    split_train_validation,
)
from tidynet.estimators.training_settings import n_threads
from tidynet.estimators.uncertainty import TrainingData, fit_novelty
from tidynet.estimators.verbose import iteration


def _supports_partial_fit(estimator: NetworkEstimator) -> bool:
    if estimator.solver == "lbfgs":
        raise AttributeError("partial_fit is for solvers that take training steps, not for 'lbfgs'")
    return True


class NetworkEstimator(TrainingMethods):
    """A multilayer network behind scikit-learn's interface; not used by itself.

    A `FeatureEncoder` and a target turn rows into arrays, an `Ensemble` holds the trained networks, an uncertainty
    object and a `NoveltyDetector` what was measured on rows. Each has a state that the model file holds.
    """

    _trained: list[EnsembleMember] | None = None  # what the next partial_fit continues from
    _seed = 0

    def fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        *,
        validation_rows: Any = None,
        groups: Any = None,
        on_event: OnEpoch | None = None,
        stop: Callable[[], bool] | None = None,
    ) -> Self:
        """Train on a table and its target.

        Parameters
        ----------
        X : Table, data frame or array of shape (rows, columns)
            Features; numbers, categories and missing values as they are.
        y : array or column of shape (rows,)
            The target, without missing values.
        sample_weight : array of shape (rows,), optional
            Weight of each row, at least 0.
        validation_rows : array of int or bool, optional
            Rows of X for early stopping, by number or as a mask, in place of a random sample.
        groups : array or column of shape (rows,), optional
            The group of each row: all rows of a group are in the training set, or all in the validation set.
        on_event : callable, optional
            Called with (number of the network, `EpochRecord`) after each epoch.
        stop : callable, optional
            Called often; True ends training with the best weights so far.

        Returns
        -------
        self

        Raises
        ------
        InputError
            If X, y or a parameter is invalid.
        """
        began = time.perf_counter()
        check_parameters(self.get_params(deep=False))
        is_warm = bool(self.warm_start) and self.__sklearn_is_fitted__()
        data, validation = self._validate_fit(X, y, sample_weight, validation_rows, groups, is_warm)
        settings = self._resolve_settings(data.incoming)
        if is_warm:
            requested = make_network(self.recipe_, settings, self._output(), self.use_bias)
            check_same_architecture(self.network_, requested, self.settings_.n_networks, settings.n_networks)
        self.settings_ = settings
        is_sklearn = settings.preset == "scikit-learn"
        random_state = check_random_state(self.random_state)
        seed = 0 if is_sklearn else draw_seed(random_state)
        one_side = data.groups if validation is not None else groups_of_equal_rows(data)
        rows = FitRows(data, split_train_validation(data, settings, seed, self._target, validation, one_side))
        network = self._ensemble.network if is_warm else self._fit_encoders(rows)
        starts = self._starts(network, seed, random_state, is_warm)
        seed = draw_seed(random_state) if is_sklearn else seed
        trained = self._train(network, starts, rows, seed, on_event, stop, began)
        self._set_ensemble(network, trained, rows, name_of_target(y))
        self._trained, self._seed = None, seed  # partial_fit continues from these weights with a new optimizer
        self._fit_uncertainty(rows, is_warm)
        self._novelty = fit_novelty(self._encoder, self._target, data)
        self._warn_if_not_converged()
        self._fit_quantile_networks(
            X, y, sample_weight, {"validation_rows": validation_rows, "groups": groups, "stop": stop}
        )
        return self

    @available_if(_supports_partial_fit)
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None, classes: Any = None) -> Self:
        """Train one more epoch on these rows; the optimizer keeps its state between calls.

        Parameters
        ----------
        X, y, sample_weight
            As for `fit`; the first call fits the encoding of the columns.
        classes : array, optional
            For a classifier, all classes; needed in the first call.

        Returns
        -------
        self
        """
        if self.early_stopping is True:
            raise InputError("partial_fit does not support early_stopping=True", "set it to False, or use fit")
        check_parameters(self.get_params(deep=False))
        is_first = not self.__sklearn_is_fitted__()
        incoming = validate_input(X, infer=is_first)
        if not is_first:
            self._encoder.check_width(incoming.width)
        y_values = validate_target(y, incoming.rows)
        if is_first:
            self._target = self._make_first_target(y_values, classes)
        else:
            self._check_same_target(y_values, classes)
        weights = self._class_weights(y_values, validate_sample_weight(sample_weight, incoming.rows))
        rows = FitRows(
            TrainingData(incoming, y_values, weights), TrainValidationRows(slice(None), incoming.rows, np.arange(0))
        )
        if is_first:
            self.settings_, self._trained = self._resolve_settings(incoming), None
            network, random_state = self._fit_encoders(rows), check_random_state(self.random_state)
            starts = self._starts(network, 0, random_state, is_warm=False)
            self._seed = draw_seed(random_state)
            histories, name = None, name_of_target(y)
        else:
            network, starts = self._ensemble.network, [theta.copy() for theta in self.members_]
            histories, name = self.histories_, name_of_target(y) or self.record_.get("target")
        config = self._training_config(self._seed, incoming.rows, epochs=1)
        parts = encode_rows(self._encoder, self._target, network, rows)
        trained = train_ensemble(
            network, starts, parts, config,
            earlier=self._trained, threads=n_threads(self.n_jobs),
        )  # fmt: skip
        extend_histories(trained, histories)
        self._trained = self._set_ensemble(network, trained, rows, name)
        if self.verbose:
            print(iteration(self.history_.epochs[-1]))
        self._uncertainty, self._training_data, self._novelty = self._no_uncertainty(), None, None
        return self
