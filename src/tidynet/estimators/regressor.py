"""MLPRegressor: a network that predicts numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import RegressorMixin, clone
from sklearn.utils.validation import check_is_fitted

from tidynet.core.errors import InputError
from tidynet.core.text import join_names
from tidynet.engine import CustomLoss, LossOptions, loss
from tidynet.engine.losses import Loss
from tidynet.estimators.conformal import RegressionConformityScores, check_coverage, regression_conformity_scores
from tidynet.estimators.ensemble import predict_ensemble_mean
from tidynet.estimators.error_model import FEWEST_FOR_SCALE, ErrorModel, cross_fitted, error_features
from tidynet.estimators.estimator import NetworkEstimator
from tidynet.estimators.out_of_fold_average import average_out_of_fold_predictions, out_of_fold_error_factor
from tidynet.estimators.uncertainty import CalibrationData
from tidynet.preprocessing import EncodedFeatures, TargetScaler

__all__ = ["MLPRegressor"]

Array = NDArray[Any]

USUAL_LEVELS = (0.05, 0.5, 0.95)
_BOUNDS = {"sigmoid": (0, 1), "tanh": (-1, 1)}  # what an output activation can give
_POSITIVE = {"poisson": 0.0, "gamma": np.nextafter(0, 1)}  # the least target that each may have


class MLPRegressor(RegressorMixin, NetworkEstimator):  # type: ignore[misc]
    """A multilayer network for numbers, on raw mixed tables or arrays.

    It minimises the squared error ½·Σ (y − ŷ)²; several target columns are learnt together.
    Parameters are those of `MLPClassifier`, and:

    Parameters
    ----------
    loss : str
        squared_error, absolute_error, huber, quantile, poisson, gamma or gaussian (mean and variance); or a
        `tidynet.engine.OwnLoss`, a value and its derivative.
    quantiles : sequence of float or None
        Levels to learn beside the mean, by networks of their own with the quantile loss; `predict_quantiles`
        gives them. With ``loss="quantile"`` they are all that is learnt (0.05, 0.5 and 0.95 if None), and
        `predict` gives one column for each.
    output_activation : str
        ``"auto"`` for the loss's usual one, or identity, exp, sigmoid or tanh where the loss allows it; with the
        last three the target is learnt in its own units.
    huber_delta : float
        Error at which Huber's loss turns straight, in units of the target (of its deviation, on tables).

    Attributes
    ----------
    recipe_, history_, coefs_, …
        As for `MLPClassifier`.

    Examples
    --------
    >>> import numpy as np
    >>> from tidynet import MLPRegressor
    >>> X = np.linspace(-1, 1, 200)[:, None]
    >>> model = MLPRegressor(random_state=0, preset="tidynet").fit(X, X[:, 0] ** 2)
    >>> bool(abs(model.predict(np.array([[0.5]]))[0] - 0.25) < 0.1)
    True
    """

    is_multilabel = False

    @property
    def n_targets(self) -> int:
        """Target columns that are predicted together."""
        return self.n_targets_

    @property
    def has_column_target(self) -> bool:
        """Whether the target was one column, shape (rows,)."""
        return self._column_target

    @property
    def target_scaler(self) -> TargetScaler:
        """How targets are standardized."""
        return self._coder

    def fit(self, X: Any, y: Any, sample_weight: Any = None, **options: Any) -> Self:
        """Learn from a table and its target, and the quantiles beside it if they are asked for.

        Parameters, errors and the result are those of `NetworkEstimator.fit`.
        """
        super().fit(X, y, sample_weight, **options)
        self.quantile_model_: MLPRegressor | None = None
        if self._has_quantile_networks():
            own = {"loss": "quantile", "time_limit": self._effective_time_limit(), "checkpoint_path": None}
            own["output_activation"] = "auto"  # quantiles have one of their own
            quiet = {name: value for name, value in options.items() if name != "on_event"}
            self.quantile_model_ = clone(self).set_params(**own).fit(X, y, sample_weight, **quiet)
            self.quantile_model_.record_ = {}  # what there is to tell, the model itself tells
        return self

    def _has_quantile_networks(self) -> bool:
        return self.quantiles is not None and not isinstance(self.loss, CustomLoss) and self.loss != "quantile"

    def _effective_time_limit(self) -> float | None:
        limit = self.time_limit
        return limit / 2 if limit is not None and self._has_quantile_networks() else limit

    def predict_interval(self, X: Any, coverage: float = 0.9) -> Array:
        """Intervals that hold the true number with a stated probability, wide where errors are large.

        The half width is the expected size of a row's error (`model/residual_scale.py`; the predicted deviation of
        the gaussian loss) times what keeps the promise on rows that the networks have not learnt from. With the
        quantile loss its outermost levels are moved apart, or together, by one amount (`model/conformal.py`).

        Parameters
        ----------
        X : Table, data frame or array of shape (rows, columns)
        coverage : float
            Share of intervals that hold the truth, between 0 and 1.

        Returns
        -------
        ndarray of shape (rows, 2), or (rows, targets, 2)
            Lower and upper end; with several targets the promise is kept for each by itself.

        Raises
        ------
        InputError
            If the coverage is no share, or too few rows were set aside for it.

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
        features = self._features(self._check_fitted_input(X))
        raw = predict_ensemble_mean(self.network_, self.members_, self._inputs_of(features))
        self.conformalize()
        assert self._scores is not None
        lower, upper, user_value = self._raw_interval(raw)
        scale = self._expected_errors(lower, features) if user_value is None else user_value
        result = self._scores.interval(lower, upper, scale, fraction)
        return result[:, 0] if self._column_target else result

    def predict_set(self, X: Any, coverage: float = 0.9, per_class: bool = False) -> list[set[Any]]:
        """Refuse: sets are for classes."""
        del X, coverage, per_class
        raise InputError("predict_set is for classes, and this model predicts numbers", "use predict_interval")

    def _raw_interval(self, raw: Array) -> tuple[Array, Array, Array | None]:
        """Lower and upper end before widening, and the scale if the loss learns one; each (rows, targets)."""
        name, coder, k = self.network_.loss, self._coder, self.n_targets_
        if name == "quantile":
            levels = np.sort(raw.reshape(len(raw), k, -1), axis=2)
            low, high = coder.inverse_transform(levels[:, :, 0]), coder.inverse_transform(levels[:, :, -1])
            return low, high, np.ones_like(low)
        predicted = coder.inverse_transform(raw[:, :k])
        if name == "gaussian":
            return predicted, predicted, np.exp(0.5 * raw[:, k:]) * coder.std
        return predicted, predicted, None

    def _expected_errors(self, predicted: Array, features: EncodedFeatures) -> Array:
        if not self._error_scales:
            return np.ones_like(predicted)
        matrix = error_features(features)
        return np.column_stack(
            [scale.predict(column, matrix) for scale, column in zip(self._error_scales, predicted.T, strict=True)]
        )

    def _reset_uncertainty(self) -> None:
        self._scores: RegressionConformityScores | None = None
        self._error_scales: tuple[ErrorModel, ...] = ()

    def _has_scores(self) -> bool:
        return self._scores is not None

    def _calibrate(self, evidence: CalibrationData) -> None:
        y_true = evidence.target.astype(np.float64).reshape(len(evidence.target), -1)
        lower, upper, user_value = self._raw_interval(
            average_out_of_fold_predictions(evidence.outputs, evidence.is_held_out)
        )
        factor = np.ones(self.n_targets_)
        if self.network_.loss != "quantile":
            points = evidence.outputs[:, :, : self.n_targets_]
            factor = out_of_fold_error_factor(points, evidence.is_held_out, self._coder.transform(y_true))
        self._error_scales = ()
        scale = np.ones_like(lower) if user_value is None else user_value
        if user_value is None and len(y_true) >= FEWEST_FOR_SCALE:
            matrix = error_features(evidence.features)
            fits = [
                cross_fitted(lower[:, item], matrix, y_true[:, item] - lower[:, item])
                for item in range(y_true.shape[1])
            ]
            self._error_scales = tuple(fitted for fitted, _ in fits)
            scale = np.column_stack([expected for _, expected in fits])
        scores = regression_conformity_scores(y_true, lower, upper, scale) * factor
        self._scores = RegressionConformityScores(scores.astype(np.float32), evidence.row_counts)

    def _aligned(self, twin: Any, outputs: Array) -> Array:
        # a twin standardises the target by rows of its own
        k = self.n_targets_
        ratio, shift = twin._coder.std / self._coder.std, twin._coder.mean - self._coder.mean
        shift = shift / self._coder.std
        if self.network_.loss == "gaussian":
            return np.concatenate([outputs[:, :k] * ratio + shift, outputs[:, k:] + 2 * np.log(ratio)], axis=1)
        times = outputs.shape[1] // k
        return np.asarray(outputs * np.repeat(ratio, times) + np.repeat(shift, times))

    def _uncertainty_state(self) -> tuple[dict[str, Any], dict[str, Array]]:
        arrays = {} if self._scores is None else {"scores": self._scores.scores}
        if self._scores is not None and self._scores.weights is not None:
            arrays["weights"] = self._scores.weights
        for number, scale in enumerate(self._error_scales):
            arrays |= {f"scale.{number}.{name}": values for name, values in scale.to_arrays().items()}
        return {"scales": len(self._error_scales)}, arrays

    def _restore_uncertainty(self, facts: Mapping[str, Any], arrays: Mapping[str, Array]) -> None:
        self._reset_uncertainty()
        if "scores" not in arrays:
            return
        self._scores = RegressionConformityScores(arrays["scores"], arrays.get("weights"))
        self._error_scales = tuple(
            ErrorModel.from_arrays({name: arrays[f"scale.{number}.{name}"] for name in ErrorModel.PARTS})
            for number in range(facts["scales"])
        )

    def predict_quantiles(self, X: Any) -> Array:
        """Predicted quantiles of the target, never crossing.

        Parameters
        ----------
        X : Table, data frame or array of shape (rows, columns)

        Returns
        -------
        ndarray of shape (rows, levels), or (rows, targets × levels)
            In rising order of the levels that were asked for.

        Raises
        ------
        InputError
            If no quantiles were asked for in training.

        Examples
        --------
        >>> import numpy as np
        >>> X = np.linspace(0, 1, 200)[:, None]
        >>> model = MLPRegressor(quantiles=(0.1, 0.9), random_state=0, preset="tidynet", n_networks=1, max_iter=5)
        >>> model.fit(X, X[:, 0]).predict_quantiles(X[:3]).shape
        (3, 2)
        """
        check_is_fitted(self, "members_")
        if self.network_.loss == "quantile":
            predicted = np.asarray(self.predict(X))
            return predicted[:, None] if predicted.ndim == 1 else predicted
        beside = self.quantile_model_
        if beside is None:
            raise InputError(
                "this model has learnt no quantiles", "name their levels in training, as in quantiles=(0.05, 0.5, 0.95)"
            )
        return beside.predict_quantiles(X)

    def _fit_target(self, y: Array, fresh: bool) -> None:
        if y.dtype.kind not in "fiub":
            raise InputError(
                f"the target y holds {y.ravel()[:1].tolist()[0]!r}, expected numbers", "use MLPClassifier for classes"
            )
        if self.calibration not in ("auto", "none"):
            raise InputError(
                f"calibrate is {self.calibration!r}, which scales probabilities and is for classes",
                "leave it at 'auto'; predict_interval gives calibrated intervals",
            )
        if self.label_smoothing or self.class_weight is not None:
            raise InputError(
                "label_smoothing and class_weight are for classes", "leave them away, or use MLPClassifier"
            )
        name = self._resolve_loss().name
        if name in _POSITIVE and y.min() < _POSITIVE[name]:
            min_count = "at least" if name == "poisson" else "above"
            raise InputError(f"the target y holds {y.min():g}, but the loss '{name}' needs numbers {min_count} 0")
        bounds = _BOUNDS.get(self._output_activation())
        if bounds is not None and not (y.min() >= bounds[0] and y.max() <= bounds[1]):
            wrong = y.min() if y.min() < bounds[0] else y.max()
            raise InputError(
                f"the target y holds {wrong:g}, but the output activation '{self._output_activation()}' gives "
                f"numbers from {bounds[0]} to {bounds[1]}"
            )
        if fresh:
            self._column_target = y.ndim == 1
            self.n_targets_ = 1 if y.ndim == 1 else y.shape[1]
            self._coder = TargetScaler(np.zeros(self.n_targets_), np.ones(self.n_targets_))
            self._scaled = False
        elif (1 if y.ndim == 1 else y.shape[1]) != self.n_targets_:
            raise InputError(f"the target y has shape {y.shape}, expected {self.n_targets_} columns as before")

    def _encode_target(self, y: Array) -> Array:
        values = (y if y.dtype.kind in "fiu" else y.astype(np.float64)).reshape(len(y), -1)
        # A table's target is standardised (unless the loss needs its own units); an array's is as it is.
        if not self._scaled:
            self._scaled = True
            if self.settings_.preset == "tidynet" and self._is_target_unscaled() is False:
                self._coder = TargetScaler.fit(values.astype(np.float64))
        return self._coder.transform(values, self.dtype_)

    def _is_target_unscaled(self) -> bool:
        """Whether the loss needs the target in its own units."""
        return isinstance(self.loss, CustomLoss) or self._output_activation() != "identity"

    def _stratify_labels(self, y: Array) -> Array | None:
        del y
        return None

    def _output(self) -> tuple[int, str, str, LossOptions]:
        levels = tuple(
            float(level) for level in np.atleast_1d(USUAL_LEVELS if self.quantiles is None else self.quantiles)
        )
        options = LossOptions(huber_delta=self.huber_delta, quantiles=levels)
        chosen = self._resolve_loss()
        return chosen.units(self.n_targets_, options), self._output_activation(), chosen.name, options

    def _output_activation(self) -> str:
        """The output units' activation: the loss's usual one, or the one chosen if the loss allows it."""
        allowed = self._resolve_loss().outputs
        chosen = allowed[0] if self.output_activation == "auto" else self.output_activation
        if chosen not in allowed:
            raise InputError(
                f"output_activation is {chosen!r}, but the loss '{self._resolve_loss().name}' allows {join_names(allowed)}"
            )
        return chosen

    def _custom_loss(self) -> CustomLoss | None:
        return self.loss if isinstance(self.loss, CustomLoss) else None

    def _resolve_loss(self) -> Loss:
        if isinstance(self.loss, CustomLoss):
            return loss("squared_error")  # its place in the network; the own loss is what is minimised
        chosen = loss("squared_error" if self.loss == "auto" else self.loss)
        if chosen.on_input and chosen.outputs[0] in ("softmax", "sigmoid"):
            raise InputError(f"the loss '{chosen.name}' is for classes", "use MLPClassifier")
        return chosen

    def predict(self, X: Any, return_std: bool = False) -> Any:
        """Predicted numbers in the target's own units.

        Parameters
        ----------
        X : Table, data frame or array of shape (rows, columns)
        return_std : bool
            For the gaussian loss, whether to give the predicted standard deviation too.

        Returns
        -------
        ndarray of shape (rows,) or (rows, targets); (rows, targets × quantiles) for the quantile loss; or
        a pair of them with `return_std`
        """
        raw = self._raw_outputs(X)
        name, coder, k = self.network_.loss, self._coder, self.n_targets_
        if return_std and name != "gaussian":
            raise InputError(
                "return_std needs a standard deviation, which this loss does not learn", "use loss='gaussian'"
            )
        if name == "gaussian":
            means, deviations = coder.inverse_transform(raw[:, :k]), np.exp(0.5 * raw[:, k:]) * coder.std
            return (
                (self._match_target_shape(means), self._match_target_shape(deviations))
                if return_std
                else self._match_target_shape(means)
            )
        if name == "quantile":
            levels = len(self.network_.options.quantiles)
            predicted = raw * np.repeat(coder.std, levels) + np.repeat(coder.mean, levels)
            return self._match_target_shape(
                np.sort(predicted.reshape(len(raw), k, levels), axis=2).reshape(len(raw), -1)
            )
        return self._match_target_shape(coder.inverse_transform(raw))

    def predict_point(self, X: Any) -> Any:
        """One number a row and target: `predict`, or for the quantile loss the level nearest the median."""
        predicted = self.predict(X)
        if self.network_.loss != "quantile":
            return predicted
        levels = self.network_.options.quantiles
        middle = int(np.argmin(np.abs(np.sort(np.asarray(levels)) - 0.5)))
        columns = predicted.reshape(len(predicted), self.n_targets_, len(levels))[:, :, middle]
        return columns[:, 0] if self._column_target else columns

    def _match_target_shape(self, values: Array) -> Array:
        # An array's own float type is kept, as scikit-learn does; a table's predictions are float64.
        typed = values.astype(self.dtype_) if self.recipe_.passthrough_columns else values
        return typed[:, 0] if self._column_target and typed.shape[1] == 1 else typed

    def _target_facts(self) -> tuple[dict[str, Any], dict[str, Array]]:
        facts: dict[str, Any] = {"column_target": self._column_target}
        arrays = {"target.mean": self._coder.mean, "target.deviation": self._coder.std}
        inner = getattr(self, "quantile_model_", None)
        if inner is not None:
            facts["quantile_model"], beside = inner.to_state()
            arrays |= {f"quantile.{name}": values for name, values in beside.items()}
        return facts, arrays
