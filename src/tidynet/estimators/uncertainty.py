"""Uncertainty of a fitted model, measured on rows that its networks were not trained on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from tidynet.core.errors import InputError
from tidynet.engine import Network
from tidynet.estimators.conformal import (
    ClassConformityScores,
    RegressionConformityScores,
    class_conformity_scores,
    regression_conformity_scores,
)
from tidynet.estimators.encoder import ClassTarget, FeatureEncoder, NumericTarget, State
from tidynet.estimators.ensemble import Ensemble
from tidynet.estimators.error_model import MIN_ROWS_FOR_SCALE, ErrorModel, cross_fitted, error_features
from tidynet.estimators.input_validation import ValidatedInput
from tidynet.estimators.novelty import NoveltyDetector, sample_rows
from tidynet.estimators.out_of_fold_average import (
    average_out_of_fold_predictions,
    average_out_of_fold_probabilities,
    out_of_fold_error_factor,
)
from tidynet.estimators.probability_calibration import (
    CalibrationEffect,
    ProbabilityCalibrator,
    calibrated_out_of_fold,
    fit_calibrator,
)
from tidynet.preprocessing import EncodedFeatures

Array = NDArray[Any]

MAX_ROWS = 20_000  # more rows hardly change a threshold
MAX_VALUES = 4_000_000  # networks × rows × outputs in memory at once


@dataclass(frozen=True)
class TrainingData:
    """The rows of a training: references to the objects of the caller, never saved."""

    incoming: ValidatedInput
    target: Array
    weights: Array | None = None  # of each row in training
    row_counts: Array | None = None  # as how many rows each counts, which class weights do not change
    groups: Array | None = None

    @property
    def rows(self) -> int:
        """Number of rows."""
        return self.incoming.rows

    def select_rows(self, rows: Array | slice) -> TrainingData:
        """The chosen rows."""
        optional = (None if item is None else item[rows] for item in (self.weights, self.row_counts, self.groups))
        return TrainingData(self.incoming.select_rows(rows), self.target[rows], *optional)


@dataclass(frozen=True)
class CalibrationData:
    """Outputs of networks for rows that at least one of them was not trained on."""

    outputs: Array  # shape (networks, rows, outputs)
    is_held_out: Array  # whether a network was not trained on a row, shape (networks, rows)
    features: EncodedFeatures
    rows: TrainingData
    source: str  # where the rows come from

    @classmethod
    def from_ensemble(
        cls, encoder: FeatureEncoder, ensemble: Ensemble, data: TrainingData, is_held_out: Array, source: str
    ) -> Self:
        """Outputs of a fitted ensemble; of many rows a sample. `is_held_out` has one column for each row."""
        networks = len(ensemble.members)
        max_rows = max(1_000, min(MAX_ROWS, MAX_VALUES // (networks * ensemble.network.outputs)))
        if data.rows > max_rows:
            rows = np.sort(np.random.default_rng(0).choice(data.rows, max_rows, replace=False))
            data, is_held_out = data.select_rows(rows), is_held_out[:, rows]
        features = encoder.features(data.incoming)
        return cls(ensemble.outputs_by_network(encoder.inputs(features)), is_held_out, features, data, source)

    @classmethod
    def from_validation(
        cls, encoder: FeatureEncoder, ensemble: Ensemble, data: TrainingData, validation: Array
    ) -> Self | None:
        """Outputs for the validation rows of a training; None where there were none."""
        if ensemble.folds:
            fold = np.empty(data.rows, dtype=np.int64)
            for number, rows in enumerate(ensemble.folds):
                fold[rows] = number
            is_held_out = np.asarray(fold == np.array(ensemble.numbers)[:, None] % len(ensemble.folds))
            used = np.flatnonzero(is_held_out.any(axis=0))
            return cls.from_ensemble(
                encoder, ensemble, data.select_rows(used), is_held_out[:, used], "the validation folds"
            )
        if not len(validation):
            return None
        is_held_out = np.ones((len(ensemble.members), len(validation)), dtype=bool)
        return cls.from_ensemble(encoder, ensemble, data.select_rows(validation), is_held_out, "the validation rows")


def no_validation_rows_error(hint: str) -> InputError:
    """The error where no rows are left to measure uncertainty on."""
    return InputError("this model has no validation rows to measure its uncertainty on", hint)


@dataclass(frozen=True)
class ClassUncertainty:
    """Calibration of probabilities, and the conformity scores of prediction sets."""

    calibration: CalibrationEffect = field(default_factory=CalibrationEffect)
    calibrator: ProbabilityCalibrator = field(default_factory=ProbabilityCalibrator)
    scores: ClassConformityScores | None = None

    @classmethod
    def measure(cls, data: CalibrationData, target: ClassTarget, method: str, is_sklearn: bool) -> Self:
        """Fit the calibrator and the scores; `is_sklearn` where "auto" means no calibration."""
        codes, weights = target.encoder.transform(data.rows.target), data.rows.weights
        by_network = np.stack([target.probabilities(outputs) for outputs in data.outputs])
        raw = average_out_of_fold_probabilities(by_network, data.is_held_out)
        calibrator, effect = fit_calibrator("none" if is_sklearn and method == "auto" else method, raw, codes, weights)
        calibrated = calibrated_out_of_fold(calibrator, raw, codes, bool(data.is_held_out.all()), weights)
        scores = class_conformity_scores(calibrated)[np.arange(len(codes)), codes]
        return cls(
            replace(effect, requested=method, source=data.source),
            calibrator,
            ClassConformityScores(scores.astype(np.float32), codes.astype(np.int32), data.rows.row_counts),
        )

    def to_state(self) -> State:
        """Facts that JSON can hold, and arrays by name."""
        arrays = {f"curve.{code}": curve for code, curve in enumerate(self.calibrator.curves)}
        if self.scores is not None:
            arrays |= {"scores": self.scores.scores, "codes": self.scores.codes}
            arrays |= {} if self.scores.weights is None else {"weights": self.scores.weights}
        calibrator = {"method": self.calibrator.method, "temperature": self.calibrator.temperature}
        return {"calibrator": calibrator, "calibration": self.calibration.to_dict()}, arrays

    @classmethod
    def from_state(cls, facts: Mapping[str, Any], arrays: Mapping[str, Array]) -> Self:
        """What `to_state` described."""
        curves = tuple(arrays[f"curve.{code}"] for code in range(sum(name.startswith("curve.") for name in arrays)))
        calibrator = ProbabilityCalibrator(**facts["calibrator"], curves=curves)
        scores = None
        if "scores" in arrays:
            scores = ClassConformityScores(arrays["scores"], arrays["codes"], arrays.get("weights"))
        return cls(CalibrationEffect.from_dict(facts["calibration"]), calibrator, scores)


@dataclass(frozen=True)
class RegressionUncertainty:
    """The conformity scores of prediction intervals, and models of the expected error."""

    scores: RegressionConformityScores | None = None
    error_models: tuple[ErrorModel, ...] = ()

    @classmethod
    def measure(cls, data: CalibrationData, target: NumericTarget, network: Network) -> Self:
        """Fit the error models and the scores."""
        y_true = data.rows.target.astype(np.float64).reshape(data.rows.rows, -1)
        outputs = average_out_of_fold_predictions(data.outputs, data.is_held_out)
        lower, upper, scale = raw_interval(outputs, target, network.loss)
        factor, models = np.ones(target.n_targets), []
        if network.loss != "quantile":
            points = data.outputs[:, :, : target.n_targets]
            factor = out_of_fold_error_factor(points, data.is_held_out, target.scaler.transform(y_true))
        if scale is None:
            scale = np.ones_like(lower)
            if len(y_true) >= MIN_ROWS_FOR_SCALE:
                matrix, errors = error_features(data.features), y_true - lower
                fits = [cross_fitted(lower[:, item], matrix, errors[:, item]) for item in range(y_true.shape[1])]
                models = [model for model, _ in fits]
                scale = np.column_stack([expected for _, expected in fits])
        scores = regression_conformity_scores(y_true, lower, upper, scale) * factor
        with np.errstate(over="ignore", under="ignore"):
            compact: Array = scores.astype(np.float32)
        if not np.allclose(compact, scores, rtol=1e-6, atol=0):  # beyond the range of float32
            compact = scores
        return cls(RegressionConformityScores(compact, data.rows.row_counts), tuple(models))

    def interval(
        self, outputs: Array, features: EncodedFeatures, target: NumericTarget, network: Network, coverage: float
    ) -> Array:
        """Lower and upper limits, shape (rows, targets, 2)."""
        assert self.scores is not None
        lower, upper, scale = raw_interval(outputs, target, network.loss)
        return self.scores.interval(
            lower, upper, self._expected_errors(lower, features) if scale is None else scale, coverage
        )

    def _expected_errors(self, predicted: Array, features: EncodedFeatures) -> Array:
        if not self.error_models:
            return np.ones_like(predicted)
        matrix = error_features(features)
        columns = zip(self.error_models, predicted.T, strict=True)
        return np.column_stack([model.predict(column, matrix) for model, column in columns])

    def to_state(self) -> State:
        """Facts that JSON can hold, and arrays by name."""
        arrays = {} if self.scores is None else {"scores": self.scores.scores}
        if self.scores is not None and self.scores.weights is not None:
            arrays["weights"] = self.scores.weights
        for number, model in enumerate(self.error_models):
            arrays |= {f"error_model.{number}.{name}": values for name, values in model.to_arrays().items()}
        return {"error_models": len(self.error_models)}, arrays

    @classmethod
    def from_state(cls, facts: Mapping[str, Any], arrays: Mapping[str, Array]) -> Self:
        """What `to_state` described."""
        if "scores" not in arrays:
            return cls()
        models = tuple(
            ErrorModel.from_arrays({name: arrays[f"error_model.{number}.{name}"] for name in ErrorModel.PARTS})
            for number in range(facts["error_models"])
        )
        return cls(RegressionConformityScores(arrays["scores"], arrays.get("weights")), models)


def raw_interval(outputs: Array, target: NumericTarget, loss: str) -> tuple[Array, Array, Array | None]:
    """Lower and upper limits before conformal prediction, and the scale if the loss has one; each (rows, targets)."""
    scaler, k = target.scaler, target.n_targets
    if loss == "quantile":
        levels = np.sort(outputs.reshape(len(outputs), k, -1), axis=2)
        low, high = scaler.inverse_transform(levels[:, :, 0]), scaler.inverse_transform(levels[:, :, -1])
        return low, high, np.ones_like(low)
    predicted = scaler.inverse_transform(outputs[:, :k])
    return predicted, predicted, np.exp(0.5 * outputs[:, k:]) * scaler.std if loss == "gaussian" else None


def fit_novelty(encoder: FeatureEncoder, target: ClassTarget | NumericTarget, data: TrainingData) -> NoveltyDetector:
    """Store training rows to measure novelty by; of a large table a sample."""
    rows = sample_rows(data.rows, len(encoder.recipe.used_columns))
    sample = data.select_rows(rows)
    y_true = target.strata(sample.target) if isinstance(target, ClassTarget) else sample.target
    y_true = None if y_true is None or y_true.ndim > 1 else y_true.astype(np.float64)
    ranges = encoder.number_ranges(data.incoming)
    features = encoder.features(sample.incoming)
    return NoveltyDetector.fit(features, encoder.recipe.passthrough_columns, ranges, y_true)
