"""The estimator that MLPClassifier and MLPRegressor share: parameters, fit, partial_fit, uncertainty, model files."""

from __future__ import annotations

import time
import warnings
from abc import abstractmethod
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state
from sklearn.utils.metaestimators import available_if

from tidynet.core.errors import InputError
from tidynet.engine import LossOptions, Network
from tidynet.engine.losses import ROBUST_LOSSES
from tidynet.estimators.encoder import ClassTarget, FeatureEncoder, NumericTarget
from tidynet.estimators.ensemble import Ensemble, EnsembleMember, OnEpoch, train_ensemble, validation_loss
from tidynet.estimators.equal_rows import groups_of_equal_rows
from tidynet.estimators.fitted_attributes import FittedAttributes
from tidynet.estimators.initial_weights import draw_initial_weights
from tidynet.estimators.input_validation import (
    ValidatedInput,
    name_of_target,
    validate_groups,
    validate_input,
    validate_rows,
    validate_sample_weight,
    validate_target,
)
from tidynet.estimators.parameters import check_parameters
from tidynet.estimators.training_rows import (
    FitRows,
    TrainValidationRows,
    check_same_architecture,
    encode_rows,
    extend_histories,
    make_network,
    split_train_validation,
)
from tidynet.estimators.training_settings import Settings, make_checkpoint, n_threads, resolve_settings
from tidynet.estimators.training_statistics import baseline_loss
from tidynet.estimators.uncertainty import (
    CalibrationData,
    ClassUncertainty,
    RegressionUncertainty,
    TrainingData,
    fit_novelty,
    no_validation_rows_error,
)
from tidynet.estimators.unused_parameters import refuse_unused_bins
from tidynet.estimators.verbose import VerboseTraining, iteration
from tidynet.preprocessing import assign_folds
from tidynet.table import Table, refuse_infinities

Array = NDArray[Any]

ROWS_FOR_BASELINE = 10_000
CROSS_FIT_FOLDS = 5  # where `fit` had no validation rows


def _supports_partial_fit(estimator: NetworkEstimator) -> bool:
    if estimator.solver == "lbfgs":
        raise AttributeError("partial_fit is for solvers that take training steps, not for 'lbfgs'")
    return True


class NetworkEstimator(FittedAttributes):
    """A multilayer network behind scikit-learn's interface; not used by itself.

    A `FeatureEncoder` and a target turn rows into arrays, an `Ensemble` holds the trained networks, an uncertainty
    object and a `NoveltyDetector` what was measured on rows. Each has a state that the model file holds.
    """

    _training_data: TrainingData | None = None  # what conformalize() trains on where there were no validation rows
    _trained: list[EnsembleMember] | None = None  # what the next partial_fit continues from
    _seed = 0

    # What the two tasks differ in ----------------------------------------------------------------

    @abstractmethod
    def predict(self, X: Any) -> Any:
        """The prediction of each row."""

    @abstractmethod
    def _make_target(self, y: Array) -> ClassTarget | NumericTarget:
        """The target of a new training; parameters that do not suit it are refused."""

    @abstractmethod
    def _check_same_target(self, y: Array, classes: Any = None) -> None:
        """Refuse a target that differs from the one in training."""

    def _check_warm_target(self, y: Array) -> None:
        """Refuse a target that differs from the one that a warm start continues with."""
        self._check_same_target(y)

    @abstractmethod
    def _output(self) -> tuple[int, str, str, LossOptions]:
        """(output units, output activation, loss, its options)."""

    @abstractmethod
    def _measure_uncertainty(self, data: CalibrationData) -> ClassUncertainty | RegressionUncertainty:
        """The uncertainty on rows that networks were not trained on."""

    @abstractmethod
    def _no_uncertainty(self) -> ClassUncertainty | RegressionUncertainty:
        """The uncertainty where nothing was measured."""

    @abstractmethod
    def _align_outputs(self, outputs: Array, other: Self) -> Array:
        """Outputs of an estimator with another target encoding, in the encoding of this one."""

    def _class_weights(self, y: Array, weights: Array | None) -> Array | None:
        """Row weights with class weights."""
        del y
        return weights

    def _standardizes_target(self) -> bool:
        return False

    # Training ------------------------------------------------------------------------------------

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
        data, validation_rows = self._validate_fit(X, y, sample_weight, validation_rows, groups, is_warm)
        settings = self._resolve_settings(data.incoming)
        if is_warm:
            requested = make_network(self.recipe_, settings, self._output(), self.use_bias)
            check_same_architecture(self.network_, requested, self.settings_.n_networks, settings.n_networks)
        self.settings_ = settings
        is_sklearn = settings.preset == "scikit-learn"
        random_state = check_random_state(self.random_state)
        seed = 0 if is_sklearn else _draw_seed(random_state)
        strata = self._target.strata(data.target)
        groups = data.groups if validation_rows is not None else groups_of_equal_rows(data)
        rows = FitRows(data, split_train_validation(data.rows, settings, seed, strata, validation_rows, groups))
        network = self._ensemble.network if is_warm else self._fit_encoders(rows)
        starts = self._starts(network, seed, random_state, is_warm)
        seed = _draw_seed(random_state) if is_sklearn else seed
        trained = self._train(network, starts, rows, seed, on_event, stop, began)
        self._set_ensemble(network, trained, rows, name_of_target(y))
        self._trained, self._seed = None, seed  # partial_fit continues from these weights with a new optimizer
        self._fit_uncertainty(rows, is_warm)
        self._novelty = fit_novelty(self._encoder, self._target, data)
        self._warn_if_not_converged()
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
            self._seed = _draw_seed(random_state)
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

    def _make_first_target(self, y: Array, classes: Any) -> ClassTarget | NumericTarget:
        del classes
        return self._make_target(y)

    def _validate_fit(
        self, X: Any, y: Any, sample_weight: Any, validation_rows: Any, groups: Any, is_warm: bool
    ) -> tuple[TrainingData, Array | None]:
        """The rows with a weight above 0, and which of them are validation rows."""
        incoming = validate_input(X)
        if incoming.frame is not None:
            refuse_infinities(incoming.frame)
        target = validate_target(y, incoming.rows)
        validation, groups = validate_rows(validation_rows, incoming.rows), validate_groups(groups, incoming.rows)
        if is_warm:
            self._encoder.check_width(incoming.width, "set warm_start=False to train anew")
            self._check_warm_target(target)
            self._encoder = replace(self._encoder, is_named=incoming.names is not None)
        else:
            self._target = self._make_target(target)
        row_counts = validate_sample_weight(sample_weight, incoming.rows)
        weights = self._class_weights(target, row_counts)
        data = TrainingData(incoming, target, weights, row_counts, groups)
        if weights is None or weights.all():
            return data, validation
        kept = np.flatnonzero(weights)  # a row of weight 0 counts nowhere, not in scales either
        if validation is not None:
            validation = validate_rows(np.searchsorted(kept, np.intersect1d(validation, kept)), len(kept))
        return data.select_rows(kept), validation

    def _resolve_settings(self, incoming: ValidatedInput) -> Settings:
        preset = self.preset
        if preset == "auto":
            is_array = incoming.array is not None and self.effort == "auto"  # effort is tidynet's own parameter
            preset = "scikit-learn" if is_array else "tidynet"
        if preset == "scikit-learn" and incoming.array is not None:
            refuse_unused_bins(self.n_bins)
        self.n_features_in_ = incoming.width
        if incoming.names is not None:
            self.feature_names_in_ = np.array(incoming.names, dtype=object)
        elif self.has_feature_names:
            del self.feature_names_in_
        return resolve_settings(self.get_params(deep=False), preset, incoming.rows, incoming.n_numeric)

    def _fit_encoders(self, rows: FitRows) -> Network:
        """Fit the recipe and the scale of the target on training rows; returns the network for them."""
        incoming, training = rows.data.incoming, rows.split.training
        chosen = incoming.select_rows(training) if len(rows.split.validation) else incoming
        self._encoder = FeatureEncoder.fit(chosen, self.settings_, self.dtype, type(self).__name__)
        if isinstance(self._target, NumericTarget) and self._standardizes_target():
            is_robust = self._output()[2] in ROBUST_LOSSES
            self._target = self._target.standardized(rows.data.target[training], is_robust)
        return make_network(self.recipe_, self.settings_, self._output(), self.use_bias)

    def _starts(self, network: Network, seed: int, random_state: np.random.RandomState, is_warm: bool) -> list[Array]:
        """The weights that training begins with, one vector for each network."""
        if is_warm:
            return [theta.copy() for theta in self.members_]
        is_sklearn = self.settings_.preset == "scikit-learn"
        return draw_initial_weights(
            network,
            self.weight_init,
            self.settings_.n_networks,
            seed,
            random_state if is_sklearn else None,
            self.dtype_,
        )

    def _train(
        self,
        network: Network,
        starts: list[Array],
        rows: FitRows,
        seed: int,
        on_event: OnEpoch | None,
        stop: Callable[[], bool] | None,
        began: float,
    ) -> list[EnsembleMember]:
        config = self._training_config(seed, rows.split.counts[0])
        is_printed = self.verbose and on_event is None
        parts = encode_rows(self._encoder, self._target, network, rows)
        with VerboseTraining(len(starts), config.epochs) if is_printed else nullcontext() as printed:
            trained = train_ensemble(
                network, starts, parts, config, threads=n_threads(self.n_jobs),
                on_event=printed or on_event, stop=stop, checkpoint=make_checkpoint(self.get_params(deep=False)),
                began=began,
            )  # fmt: skip
            if printed is not None:
                printed.on_training_end([item.history for item in trained], any(item.interrupted for item in trained))
        return trained

    def _set_ensemble(
        self, network: Network, trained: list[EnsembleMember], rows: FitRows, target: str | None
    ) -> list[EnsembleMember]:
        """Keep the trained networks; returns those that are kept."""
        ensemble = Ensemble.from_training(network, trained, rows.split.counts, rows.split.folds)
        if self.ensemble == "best" and len(trained) > 1:
            trained = [min(trained, key=validation_loss)]
            ensemble = Ensemble.from_training(network, trained, rows.split.counts, rows.split.folds)
        ensemble.baseline_loss = self._baseline_loss(network, rows.data)
        self._ensemble = ensemble
        # The environment is looked up when the model is saved: that takes longer than a small fit.
        provenance = {"date": datetime.now(UTC).isoformat(timespec="seconds"), "environment": None}
        self.record_: dict[str, Any] = ({} if target is None else {"target": target}) | {"provenance": provenance}
        self.arrays_: dict[str, Array] = {}
        self._set_history_attributes()
        return trained

    def _baseline_loss(self, network: Network, data: TrainingData) -> float:
        """Loss of the best constant prediction, on a sample of the rows."""
        if self._training_config(0, 1).custom_loss is not None:
            return float("nan")
        sample = slice(None, None, max(1, data.rows // ROWS_FOR_BASELINE))
        weights = None if data.weights is None else data.weights[sample]
        return baseline_loss(network, self._target.encode(data.target[sample], self.dtype_), weights)

    def _warn_if_not_converged(self) -> None:
        """Warn as scikit-learn does when its own settings ran out of iterations."""
        reasons = [history.stop_reason for history in self.histories_]
        if self.settings_.preset == "tidynet" or self.interrupted_:
            return
        if any(reason is not None and reason.is_limit for reason in reasons):
            warnings.warn(
                f"training stopped after all {self.n_iter_} iterations without convergence; raise max_iter or tol",
                ConvergenceWarning,
                stacklevel=3,
            )

    # Uncertainty ---------------------------------------------------------------------------------

    def conformalize(self, X: Any = None, y: Any = None, sample_weight: Any = None) -> Self:
        """Measure uncertainty: the scores of `predict_set` and `predict_interval`, and the calibration.

        `fit` measures it on its validation rows. Where it has none (scikit-learn's settings, `early_stopping=False`,
        `solver="lbfgs"`, under 40 rows), the first prediction of a set or an interval calls this without rows: five
        models like this one are then trained on four fifths of the rows each, and predict the rest.

        Parameters
        ----------
        X, y : table and target, optional
            Rows that the model was not trained on; earlier measurements are replaced.
        sample_weight : array of shape (rows,), optional
            As how many rows each row counts.

        Returns
        -------
        self

        Raises
        ------
        InputError
            If no rows are given and the training rows are not in memory: in a model loaded from a file, after
            `partial_fit` or after a warm start.

        Examples
        --------
        >>> import numpy as np, tidynet as tn
        >>> X = np.linspace(0, 1, 80)[:, None]
        >>> model = tn.MLPRegressor(random_state=0, solver="lbfgs").fit(X[::2], X[::2, 0])
        >>> model.conformalize(X[1::2], X[1::2, 0]).predict_interval(X[:3]).shape
        (3, 2)
        """
        self._check_fitted()
        if X is not None:
            incoming = validate_input(X, infer=False)
            weights = validate_sample_weight(sample_weight, incoming.rows)
            data = TrainingData(incoming, validate_target(y, incoming.rows), weights, weights)
            chosen = data.select_rows(slice(None) if weights is None else np.flatnonzero(weights))
            is_held_out = np.ones((len(self.members_), chosen.rows), dtype=bool)
            calibration_data = CalibrationData.from_ensemble(
                self._encoder, self._ensemble, chosen, is_held_out, "rows passed to conformalize"
            )
            self._uncertainty = self._measure_uncertainty(calibration_data)
        elif not self.has_conformity_scores:
            if self._training_data is None:
                raise no_validation_rows_error("pass new rows to conformalize(X, y), or train with early stopping")
            self._uncertainty = self._measure_uncertainty(self._cross_fit(self._training_data))
            self._training_data = None
        return self

    def _fit_uncertainty(self, rows: FitRows, is_warm: bool) -> None:
        """Measure uncertainty on validation rows, or keep all rows to do so on request."""
        self._uncertainty, self._training_data = self._no_uncertainty(), None
        if is_warm or self.is_multilabel:  # earlier trainings may have used any of these rows
            return
        calibration_data = CalibrationData.from_validation(
            self._encoder, self._ensemble, rows.data, rows.split.validation
        )
        if calibration_data is not None:
            self._uncertainty = self._measure_uncertainty(calibration_data)
        else:
            self._training_data = rows.data
            if self.calibration not in ("auto", "none"):
                self.conformalize()

    def _cross_fit(self, data: TrainingData) -> CalibrationData:
        """Outputs of models like this one, each trained without a fold, for that fold."""
        if data.rows < 2:
            raise no_validation_rows_error("give it more rows")
        folds = assign_folds(
            data.rows, min(CROSS_FIT_FOLDS, data.rows), np.random.default_rng(0), self._target.strata(data.target),
            groups_of_equal_rows(data),
        )  # fmt: skip
        parameters = {"calibration": "none", "checkpoint_path": None, "verbose": False, "warm_start": False}
        parameters |= {"preset": self.settings_.preset, "class_weight": None}
        outputs = np.zeros((1, data.rows, self.network_.outputs))
        for fold in folds:
            others = data.select_rows(np.delete(np.arange(data.rows), fold))
            model = clone(self).set_params(**parameters)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ConvergenceWarning)  # the fit itself has warned
                model.fit(_as_table(others.incoming), others.target, others.weights, groups=others.groups)
            outputs[0, fold] = self._align_outputs(model.raw_outputs(_as_table(data.incoming.select_rows(fold))), model)
        is_held_out = np.ones((1, data.rows), dtype=bool)
        features = self._encoder.features(data.incoming)
        return CalibrationData(outputs, is_held_out, features, data, f"{len(folds)}-fold cross-fitting")

    def predict_point(self, X: Any) -> Any:
        """One prediction per row, for any loss: here `predict`."""
        return self.predict(X)


def _draw_seed(random_state: np.random.RandomState) -> int:
    return int(random_state.randint(np.iinfo(np.int32).max))


def _as_table(incoming: ValidatedInput) -> Any:
    """Rows in a form that `fit` takes, with the variable types of their columns."""
    if incoming.array is not None:
        return incoming.array
    return Table(incoming.as_frame(), incoming.inferred_types, "rows")
