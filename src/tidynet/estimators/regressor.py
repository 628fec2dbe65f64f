"""MLPRegressor: a network that predicts numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import RegressorMixin, clone

from tidynet.core.errors import InputError
from tidynet.core.text import join_names
from tidynet.engine import CustomLoss, LossOptions, loss
from tidynet.engine.losses import Loss
from tidynet.estimators.conformal import check_coverage
from tidynet.estimators.encoder import NumericTarget, State
from tidynet.estimators.estimator import NetworkEstimator
from tidynet.estimators.parameters import parameter_docs
from tidynet.estimators.stored_model import select_arrays
from tidynet.estimators.target_validation import target_rows, validate_target
from tidynet.estimators.training_settings import has_quantile_networks, network_time_limit
from tidynet.estimators.uncertainty import CalibrationData, RegressionUncertainty
from tidynet.preprocessing import TargetScaler

Array = NDArray[Any]

DEFAULT_QUANTILES = (0.05, 0.5, 0.95)
_BOUNDS = {"sigmoid": (0, 1), "tanh": (-1, 1)}  # of an output activation
LARGEST_TARGET = 1e100  # the squares of larger numbers, and of smaller ones than its inverse, leave float64
_POSITIVE = {"poisson": 0.0, "gamma": np.nextafter(0, 1)}  # the smallest target that each loss allows


class MLPRegressor(RegressorMixin, NetworkEstimator):  # type: ignore[misc]
    """A multilayer network for numbers, on mixed tables or arrays.

    It minimizes the squared error ½·Σ (y − ŷ)²; several target columns are predicted together. ``"auto"`` stands for
    the values of a preset (`tidynet.estimators.parameters`).

    Parameters
    ----------
    {parameters}

    Attributes
    ----------
    recipe_, history_, coefs_, …
        As for `MLPClassifier`.
    quantile_model_ : MLPRegressor or None
        The networks of `quantiles`.

    Examples
    --------
    >>> import numpy as np
    >>> from tidynet import MLPRegressor
    >>> X = np.linspace(-1, 1, 200)[:, None]
    >>> model = MLPRegressor(random_state=0, preset="tidynet").fit(X, X[:, 0] ** 2)
    >>> bool(abs(model.predict(np.array([[0.5]]))[0] - 0.25) < 0.1)
    True
    """

    _target: NumericTarget
    _uncertainty: RegressionUncertainty
    quantile_model_: MLPRegressor | None = None

    def _fit_quantile_networks(self, X: Any, y: Any, sample_weight: Any, options: Mapping[str, Any]) -> None:
        """Train the networks of `quantiles`, if there are any."""
        self.quantile_model_ = None
        parameters = self.get_params(deep=False)
        if has_quantile_networks(parameters):
            own: dict[str, Any] = {"time_limit": network_time_limit(parameters), "checkpoint_path": None}
            own |= {"loss": "quantile", "output_activation": "auto"}
            self.quantile_model_ = clone(self).set_params(**own).fit(X, y, sample_weight, **options)
            self.quantile_model_.record_ = {}  # the record of the model itself has all facts

    @property
    def n_targets(self) -> int:
        """Target columns that are predicted together."""
        return self._target.n_targets

    @property
    def n_targets_(self) -> int:
        """Target columns that are predicted together."""
        return self._target.n_targets

    @property
    def has_column_target(self) -> bool:
        """Whether the target was one column, shape (rows,)."""
        return self._target.is_column

    @property
    def target_scaler(self) -> TargetScaler:
        """How targets are standardized."""
        return self._target.scaler

    def predict_interval(self, X: Any, coverage: float = 0.9) -> Array:
        """Intervals that contain the true number with a given probability, wide where errors are large.

        The half width is the expected error of a row (`tidynet.estimators.error_model`; the predicted standard
        deviation of the gaussian loss) times the factor that reaches the coverage on validation rows. With the
        quantile loss its outermost levels are shifted by one amount (`tidynet.estimators.conformal`).

        Parameters
        ----------
        X : Table, data frame or array of shape (rows, columns)
        coverage : float
            Fraction of intervals that contain the true number, between 0 and 1.

        Returns
        -------
        ndarray of shape (rows, 2), or (rows, targets, 2)
            Lower and upper limit; with several targets the coverage holds for each of them.

        Raises
        ------
        InputError
            If the coverage is not a fraction, or there are too few validation rows.

        Examples
        --------
        >>> import numpy as np
        >>> X = np.linspace(-1, 1, 200)[:, None]
        >>> model = MLPRegressor(random_state=0, preset="tidynet", effort="fast").fit(X, X[:, 0] ** 2)
        >>> low, high = model.predict_interval(X, coverage=0.8).T
        >>> bool(0.7 < np.mean((low <= X[:, 0] ** 2) & (X[:, 0] ** 2 <= high)))
        True
        """
        fraction = check_coverage(coverage)
        features = self.encode_features(X)
        outputs = self._ensemble.outputs(self._encoder.inputs(features))
        uncertainty = self.conformalize()._uncertainty
        limits = uncertainty.interval(outputs, features, self._target, self.network_, fraction)
        return limits[:, 0] if self._target.is_column else limits

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """R² of the predictions; for the quantile loss D², the mean over its levels and the targets.

        D² of a level is 1 − its pinball loss/the pinball loss of the same quantile of y: 1 is perfect, and 0 is as
        good as that constant (scikit-learn's `d2_pinball_score`). A missing target is refused as in `fit`.
        """
        target = validate_target(y, target_rows(y))
        self._check_fitted()
        if self.network_.loss != "quantile":
            return float(super().score(X, target, sample_weight))
        from sklearn.metrics import d2_pinball_score

        levels = np.sort(self.network_.options.quantiles)
        predicted = self.predict_quantiles(X).reshape(len(target), self.n_targets, len(levels))
        y_true = target.reshape(len(target), -1)
        scores = [
            d2_pinball_score(y_true, predicted[:, :, index], sample_weight=sample_weight, alpha=float(level))
            for index, level in enumerate(levels)
        ]
        return float(np.mean(scores))

    def predict_set(self, X: Any, coverage: float = 0.9, per_class: bool = False) -> list[set[Any]]:
        """Not available: the model predicts numbers."""
        del X, coverage, per_class
        raise InputError(
            "predict_set needs a model of classes, but this model predicts numbers", "use predict_interval"
        )

    def predict_quantiles(self, X: Any) -> Array:
        """Predicted quantiles of the target, which never cross.

        Parameters
        ----------
        X : Table, data frame or array of shape (rows, columns)

        Returns
        -------
        ndarray of shape (rows, levels), or (rows, targets × levels)
            In increasing order of the levels.

        Raises
        ------
        InputError
            If the model was trained without quantiles.

        Examples
        --------
        >>> import numpy as np
        >>> X = np.linspace(0, 1, 200)[:, None]
        >>> model = MLPRegressor(quantiles=(0.1, 0.9), random_state=0, preset="tidynet", n_networks=1, max_iter=5)
        >>> model.fit(X, X[:, 0]).predict_quantiles(X[:3]).shape
        (3, 2)
        """
        self._check_fitted()
        if self.network_.loss == "quantile":
            predicted = np.asarray(self.predict(X))
            return predicted[:, None] if predicted.ndim == 1 else predicted
        if self.quantile_model_ is None:
            raise InputError(
                "this model was trained without quantiles", "pass their levels, as in quantiles=(0.05, 0.5, 0.95)"
            )
        return self.quantile_model_.predict_quantiles(X)

    def predict(self, X: Any, return_std: bool = False) -> Any:
        """Predicted numbers in the units of the target.

        Parameters
        ----------
        X : Table, data frame or array of shape (rows, columns)
        return_std : bool
            For the gaussian loss, whether to return the predicted standard deviation too.

        Returns
        -------
        ndarray of shape (rows,) or (rows, targets); (rows, targets × quantiles) for the quantile loss; or
        a pair of them with `return_std`
        """
        outputs = self.raw_outputs(X)
        name, scaler, k = self.network_.loss, self._target.scaler, self._target.n_targets
        if return_std and name != "gaussian":
            raise InputError(f"return_std needs loss='gaussian', but the loss is '{name}'")
        if name == "gaussian":
            means = self._typed(scaler.inverse_transform(outputs[:, :k]))
            return (means, self._typed(np.exp(0.5 * outputs[:, k:]) * scaler.std)) if return_std else means
        if name == "quantile":
            levels = len(self.network_.options.quantiles)
            predicted = outputs * np.repeat(scaler.std, levels) + np.repeat(scaler.mean, levels)
            return self._typed(np.sort(predicted.reshape(len(outputs), k, levels), axis=2).reshape(len(outputs), -1))
        return self._typed(scaler.inverse_transform(outputs))

    def predict_point(self, X: Any) -> Any:
        """One number for each row and target: `predict`, or for the quantile loss the level nearest the median."""
        predicted = self.predict(X)
        if self.network_.loss != "quantile":
            return predicted
        levels = self.network_.options.quantiles
        middle = int(np.argmin(np.abs(np.sort(np.asarray(levels)) - 0.5)))
        columns = predicted.reshape(len(predicted), self._target.n_targets, len(levels))[:, :, middle]
        return columns[:, 0] if self._target.is_column else columns

    def _typed(self, values: Array) -> Array:
        # The float type of a plain array is kept, as scikit-learn does; predictions of a table are float64.
        return self._target.reshape(values.astype(self.dtype_) if self.recipe_.passthrough_columns else values)

    # The target ----------------------------------------------------------------------------------

    def _make_target(self, y: Array) -> NumericTarget:
        self._check_target(y)
        return NumericTarget.fit(y)

    def _check_same_target(self, y: Array, classes: Any = None) -> None:
        if classes is not None:
            raise InputError("classes is for classifiers, but this model predicts numbers", "remove it")
        self._check_target(y)
        if (1 if y.ndim == 1 else y.shape[1]) != self._target.n_targets:
            raise InputError(f"the target y has shape {y.shape}, expected {self._target.n_targets} columns as before")

    def _check_target(self, y: Array) -> None:
        if y.dtype.kind not in "fiub":
            raise InputError(
                f"the target y contains {y.ravel()[:1].tolist()[0]!r}, expected numbers",
                "use MLPClassifier for classes",
            )
        largest = float(np.abs(y.astype(np.float64)).max())
        if largest > LARGEST_TARGET or 0 < largest < 1 / LARGEST_TARGET:
            raise InputError(
                f"the largest absolute value of the target y is {largest:.3g}, expected one from "
                f"{1 / LARGEST_TARGET:g} to {LARGEST_TARGET:g}",
                "multiply the target by a constant",
            )
        classes_only = {"label_smoothing": 0, "class_weight": None}
        unused = next((name for name, default in classes_only.items() if getattr(self, name) != default), None)
        if self.calibration not in ("auto", "none"):
            unused = "calibration"
        if unused is not None:
            raise InputError(
                f"{unused} is {getattr(self, unused)!r}, but the model predicts numbers",
                "remove it, or use MLPClassifier",
            )
        name, activation = self._resolve_loss().name, self._output_activation()
        if name in _POSITIVE and y.min() < _POSITIVE[name]:
            limit = "of at least" if name == "poisson" else "above"
            raise InputError(f"the target y contains {y.min():g}, but the loss '{name}' needs numbers {limit} 0")
        low, high = _BOUNDS.get(activation, (-np.inf, np.inf))
        if not (y.min() >= low and y.max() <= high):
            raise InputError(
                f"the target y contains {y.min() if y.min() < low else y.max():g}, expected numbers from {low} to "
                f"{high}, the range of the output activation '{activation}'"
            )

    def _standardizes_target(self) -> bool:
        """Whether the target is standardized: of a table, unless the loss needs its units."""
        return self.settings_.preset == "tidynet" and self._output_activation() == "identity"

    def _output(self) -> tuple[int, str, str, LossOptions]:
        levels = np.atleast_1d(DEFAULT_QUANTILES if self.quantiles is None else self.quantiles)
        options = LossOptions(huber_delta=self.huber_delta, quantiles=tuple(float(level) for level in levels))
        chosen = self._resolve_loss()
        return chosen.units(self._target.n_targets, options), self._output_activation(), chosen.name, options

    def _output_activation(self) -> str:
        """The activation of the output units: the default of the loss, or the one chosen if the loss allows it."""
        chosen_loss = self._resolve_loss()
        chosen = chosen_loss.outputs[0] if self.output_activation == "auto" else self.output_activation
        if chosen not in chosen_loss.outputs:
            raise InputError(
                f"output_activation is {chosen!r}, expected {join_names(chosen_loss.outputs)} for the loss "
                f"'{chosen_loss.name}'"
            )
        return chosen

    def _resolve_loss(self) -> Loss:
        if isinstance(self.loss, CustomLoss) or self.loss == "auto":
            return loss("squared_error")  # for a custom loss it gives the shape of the network
        chosen = loss(self.loss)
        if chosen.on_input and chosen.outputs[0] in ("softmax", "sigmoid"):
            raise InputError(f"loss is '{chosen.name}', expected a loss for numbers", "use MLPClassifier for classes")
        return chosen

    # The uncertainty and the state ---------------------------------------------------------------

    def _measure_uncertainty(self, data: CalibrationData) -> RegressionUncertainty:
        return RegressionUncertainty.measure(data, self._target, self.network_)

    def _no_uncertainty(self) -> RegressionUncertainty:
        return RegressionUncertainty()

    def _align_outputs(self, outputs: Array, other: Self) -> Array:
        return self._target.align(outputs, other._target, self.network_.loss == "gaussian")

    def to_state(self) -> State:
        """The fitted model as facts that JSON can hold, and arrays by name."""
        facts, arrays = super().to_state()
        if self.quantile_model_ is not None:
            facts["quantile_model"], inner = self.quantile_model_.to_state()
            arrays |= {f"quantile.{name}": values for name, values in inner.items()}
        return facts, arrays

    def _set_task_state(self, facts: Mapping[str, Any], arrays: Mapping[str, Array]) -> None:
        self._target = NumericTarget.from_state(facts["target"], arrays)
        self._uncertainty = RegressionUncertainty.from_state(
            facts["uncertainty"], select_arrays(arrays, "uncertainty.")
        )
        if "quantile_model" in facts:
            self.quantile_model_ = type(self).from_state(facts["quantile_model"], select_arrays(arrays, "quantile."))


MLPRegressor.__doc__ = (MLPRegressor.__doc__ or "").format(parameters=parameter_docs("regression"))
