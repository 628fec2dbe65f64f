"""Fitting: a table and its target in, trained networks out; all at once, or a batch of rows at a time."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import check_random_state
from sklearn.utils.metaestimators import available_if

from tidynet.core.errors import InputError
from tidynet.engine import History, TrainingConfig
from tidynet.estimators.defaults import Settings
from tidynet.estimators.ensemble import EnsembleMember, Listener, member_config, train_ensemble
from tidynet.estimators.initial_weights import layers_from_arrays, sklearn_initial_layers
from tidynet.estimators.input_validation import (
    target_name,
    validate_groups,
    validate_input,
    validate_rows,
    validate_sample_weight,
    validate_target,
)
from tidynet.estimators.parameter_validation import check_parameters
from tidynet.estimators.train_validation_split import TrainValidationRows, split_train_validation
from tidynet.estimators.uncertainty import TrainingData, UncertaintyMixin
from tidynet.estimators.verbose import VerboseTraining, iteration
from tidynet.table import refuse_infinities

__all__ = ["FitMixin"]

Array = NDArray[Any]

# What warm_start keeps of the network, and the parameter that a user would have changed.
KEPT = {
    "hidden": "hidden_layer_sizes",
    "activations": "activation",
    "output_activation": "output_activation",
    "loss": "loss",
    "use_bias": "use_bias",
}


def _supports_partial_fit(estimator: FitMixin) -> bool:
    if estimator.solver == "lbfgs":
        raise AttributeError("partial_fit is only for solvers that take steps of a batch, not for 'lbfgs'")
    return True


class FitMixin(UncertaintyMixin):
    """`fit`, anew or from the weights that are there, and `partial_fit`."""

    _trained: list[EnsembleMember] | None = None  # what the next partial_fit goes on from

    def fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        *,
        validation_rows: Any = None,
        groups: Any = None,
        on_event: Listener | None = None,
        stop: Callable[[], bool] | None = None,
    ) -> Self:
        """Learn from a table and its target.

        Parameters
        ----------
        X : Table, data frame or array of shape (rows, columns)
            Features; numbers, categories and missing values as they are.
        y : array or column of shape (rows,)
            The target, without missing values.
        sample_weight : array of shape (rows,), optional
            Weight of each row, at least 0.
        validation_rows : array of int or bool, optional
            Rows of X to stop early by, by number or as a mask, instead of a random share of them.
        groups : array or column of shape (rows,), optional
            What rows belong together, as those of one person do: all rows of one are learnt from, or all are watched,
            where training stops early and where doubt is measured.
        on_event : callable, optional
            Called with (restart, `EpochRecord`) after each epoch.
        stop : callable, optional
            Asked often; True ends training, and the best weights so far are kept.

        Returns
        -------
        self

        Raises
        ------
        InputError
            If X, y or a parameter cannot be used; the sentence says which and what to do.
        """
        check_parameters(self.get_params(deep=False))
        began = time.perf_counter()
        incoming = validate_input(X)
        if incoming.frame is not None:
            refuse_infinities(incoming.frame)
        target = validate_target(y, incoming.rows)
        held_out, together = validate_rows(validation_rows, incoming.rows), validate_groups(groups, incoming.rows)
        warm = bool(self.warm_start) and hasattr(self, "members_")
        if warm and incoming.width != self.n_features_in_:
            raise self._wrong_width(incoming.width, "set warm_start=False to begin anew")
        self._fit_target(target, fresh=not warm)
        user_value = validate_sample_weight(sample_weight, incoming.rows)
        weights = self._class_weights(target, user_value)
        if weights is not None and not weights.all():
            kept = np.flatnonzero(weights)  # a row of weight 0 teaches nothing, scales included
            if held_out is not None:
                held_out = validate_rows(np.searchsorted(kept, np.intersect1d(held_out, kept)), len(kept))
            incoming, target, weights = incoming.select_rows(kept), target[kept], weights[kept]
            user_value, together = (None if item is None else item[kept] for item in (user_value, together))
        settings = self._resolve_settings(incoming)
        if warm:
            self._check_same_architecture(settings)
        self._set_feature_names(incoming)
        self.settings_ = settings
        random_state = check_random_state(self.random_state)
        seed = int(random_state.randint(np.iinfo(np.int32).max)) if self.settings_.preset == "tidynet" else 0
        rows = split_train_validation(
            incoming.rows, self.settings_, seed, self._stratify_labels(target), held_out, together
        )
        if not warm:
            self._make_recipe(incoming.select_rows(rows.training) if len(rows.validation) else incoming)
            self.network_ = self._network()
        starts = [theta.copy() for theta in self.members_] if warm else self._initial_weights(seed, random_state)
        if self.settings_.preset != "tidynet":
            seed = int(random_state.randint(np.iinfo(np.int32).max))
        plan = self._training_config(self.settings_, seed, rows.counts[0])
        text = VerboseTraining(len(starts), plan.epochs) if self.verbose and on_event is None else nullcontext()
        with text as hear:
            trained = train_ensemble(
                self.network_, starts, self._split_rows(incoming, target, weights, rows), plan, threads=self.n_jobs,
                on_event=hear or on_event, stop=stop, checkpoint=self._checkpoint(), began=began,
            )  # fmt: skip
            if hear is not None:
                hear.on_training_end([item.history for item in trained], any(item.interrupted for item in trained))
        self._set_fitted_attributes(trained, rows)
        self._init_run_record(target_name(y))
        self.constant_loss_ = self._constant_loss(target, weights)
        # partial_fit goes on from these weights with an optimizer that has seen nothing yet
        self._trained, self._seed = None, seed
        if warm:
            self._no_calibration_rows()  # earlier trainings may have seen any of these rows
        else:
            self._fit_uncertainty(
                TrainingData(incoming, target, weights, user_value, together), rows.validation, rows.folds
            )
        self._fit_novelty(incoming, target)
        self._check_convergence()
        return self

    @available_if(_supports_partial_fit)
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None, **target_options: Any) -> Self:
        """Learn one more epoch from these rows, keeping the optimizer's state.

        Parameters
        ----------
        X, y, sample_weight
            As for `fit`; the first call learns the encoding of the columns.
        classes : array, optional
            For a classifier, all classes that will ever come; needed in the first call.

        Returns
        -------
        self
        """
        if self.early_stopping is True:
            raise InputError("partial_fit does not support early_stopping=True", "set it to False, or use fit")
        check_parameters(self.get_params(deep=False))
        first = not hasattr(self, "members_")
        incoming = validate_input(X, judged=first)
        if not first and incoming.width != self.n_features_in_:
            raise self._wrong_width(incoming.width)
        target = validate_target(y, incoming.rows)
        self._update_target(target, first, **target_options)
        weights = self._class_weights(target, validate_sample_weight(sample_weight, incoming.rows))
        rows = TrainValidationRows(slice(None), incoming.rows, np.arange(0))
        if first:
            self._set_feature_names(incoming)
            self.settings_ = self._resolve_settings(incoming)
            self._make_recipe(incoming)
            self.network_ = self._network()
            random_state = check_random_state(self.random_state)
            starts = self._initial_weights(0, random_state)
            self._seed = int(random_state.randint(np.iinfo(np.int32).max))
            self._trained = None
        plan = self._training_config(self.settings_, getattr(self, "_seed", 0), incoming.rows, epochs=1)
        earlier = self._trained
        if not first:
            starts = [theta.copy() for theta in self.members_]
        data = self._data(incoming, target, weights, rows.training)
        trained = train_ensemble(
            self.network_, starts, lambda _: (data, None), plan, earlier=earlier, threads=self.n_jobs
        )
        histories = self.histories_ if not first else [History() for _ in trained]
        for history, item in zip(histories, trained, strict=True):
            done = len(history)
            history.epochs.extend(replace(record, epoch=done + n) for n, record in enumerate(item.history.epochs, 1))
            item.history.epochs[:] = history.epochs
        name = target_name(y) or (None if first else self.record_.get("target"))
        self._trained = self._set_fitted_attributes(trained, rows)
        self._init_run_record(name)
        if self.verbose:
            print(iteration(self.history_.epochs[-1]))
        self._no_calibration_rows()
        self._novelty_detector = None
        return self

    def _update_target(self, y: Array, first: bool) -> None:
        self._fit_target(y, fresh=first)

    def _check_same_architecture(self, settings: Settings) -> None:
        """Refuse, in a warm start, parameters that ask for another network than the one that is there."""
        result = {"n_networks": (self.settings_.n_networks, settings.n_networks)}
        requested = self._network(settings)
        result |= {name: (getattr(self.network_, own), getattr(requested, own)) for own, name in KEPT.items()}
        for name, (there, asked) in result.items():
            if there != asked:
                raise InputError(
                    f"warm_start goes on with the network of the last fit, whose {name} is {there}, not {asked}",
                    "set warm_start=False to begin anew",
                )

    def _initial_weights(self, seed: int, random_state: np.random.RandomState) -> list[Array]:
        """Initial weights of each restart: drawn by a rule, or given as (coefs, intercepts)."""
        if not isinstance(self.weight_init, str):
            theta = self.network_.flatten(layers_from_arrays(self.weight_init, self.network_), self.dtype_)
            return [theta.copy() for _ in range(self.settings_.n_networks)]
        if self.weight_init == "auto" and self.settings_.preset == "scikit-learn":
            return [
                self.network_.flatten(sklearn_initial_layers(random_state, self.network_), self.dtype_)
                for _ in range(self.settings_.n_networks)
            ]
        plan = TrainingConfig(seed=seed)
        return [
            self.network_.initial_parameters(member_config(plan, restart).seed, self.weight_init, self.dtype_)
            for restart in range(self.settings_.n_networks)
        ]
