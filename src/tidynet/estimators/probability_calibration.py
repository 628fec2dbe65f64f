"""Calibration of probabilities by a temperature or by isotonic regression."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tidynet.core.text import change_text, pluralize

Array = NDArray[Any]

MIN_VALUE = 1e-12  # the logarithm of 0 is infinite
MIN_ROWS = 50  # fewer rows determine no temperature
LOWEST, HIGHEST = 0.5, 5.0  # temperatures
PARTS = 5  # for cross-fitted isotonic regression


@dataclass(frozen=True)
class ProbabilityCalibrator:
    """A map from probabilities to probabilities, normalized to sum to 1."""

    # "none", "temperature" (p^(1/T): Guo and others, 2017) or "isotonic" (an increasing function of each class's
    # probability: Zadrozny and Elkan, 2002)
    method: str = "none"
    temperature: float = 1.0
    curves: tuple[Array, ...] = ()  # before and after, for each class; for two classes, of the second alone

    def apply(self, probabilities: Array) -> Array:
        """Calibrated probabilities, float64 of shape (rows, classes)."""
        if self.method == "temperature":
            return _apply_temperature(probabilities, self.temperature)
        if self.method == "isotonic":
            return _apply_isotonic(probabilities, self.curves)
        return probabilities


@dataclass(frozen=True)
class CalibrationEffect:
    """What calibration does to the log loss of validation rows."""

    requested: str = "auto"  # the parameter
    method: str = "none"  # the method in use
    tried: str = ""  # the method whose loss was measured, empty if none was
    rows: int = 0  # validation rows
    log_loss_before: float | None = None
    log_loss_after: float | None = None
    standard_error: float | None = None  # of the difference of the two losses
    temperature: float | None = None
    source: str = ""  # where the rows come from

    @property
    def sentence(self) -> str:
        """The effect as a clause."""
        if self.log_loss_before is None or self.log_loss_after is None:
            if self.rows == 0:
                return "not calibrated: no validation rows"
            if self.requested == "none":
                return "not calibrated, as requested"
            if self.rows < MIN_ROWS:
                return f"not calibrated: {pluralize(self.rows, 'validation row')}, at least {MIN_ROWS} needed"
            return "not calibrated: the preset 'scikit-learn' does not calibrate"
        how = "isotonic calibration" if self.tried == "isotonic" else f"a temperature of {self.temperature:.2f}"
        change = f"{how} {change_text('log loss', self.log_loss_before, self.log_loss_after)}"
        if self.method != "none":
            return f"{change} ({pluralize(self.rows, 'validation row')})"
        not_significant = "; not significant" if self.log_loss_after < self.log_loss_before else ""
        return f"not calibrated: {change}{not_significant} (n = {self.rows:,})"

    def to_dict(self) -> dict[str, Any]:
        """The effect as JSON-ready values."""
        return {name: value for name, value in asdict(self).items() if value is not None} | {"sentence": self.sentence}

    @classmethod
    def from_dict(cls, facts: Mapping[str, Any]) -> CalibrationEffect:
        """The effect that `to_dict` described."""
        return cls(**{name: value for name, value in facts.items() if name != "sentence"})


def fit_calibrator(
    method: str, probabilities: Array, codes: Array, weights: Array | None = None
) -> tuple[ProbabilityCalibrator, CalibrationEffect]:
    """Fit a calibrator on rows that the network was not trained on; the identity where it does not help."""
    fraction = _fractions(codes, weights)
    before = log_losses(probabilities, codes)
    effect = CalibrationEffect(method, rows=len(codes), log_loss_before=float(fraction @ before))
    if method == "none" or len(codes) < MIN_ROWS:
        return ProbabilityCalibrator(), effect
    tried = "temperature" if method == "auto" else method
    calibrator = _fit_method(tried, probabilities, codes, fraction)
    calibrated = (
        _cross_fitted(probabilities, codes, fraction) if tried == "isotonic" else calibrator.apply(probabilities)
    )
    gains = before - log_losses(calibrated, codes)
    gain = float(fraction @ gains)
    error = float(np.sqrt(fraction**2 @ (gains - gain) ** 2))
    helps = gain > (error if method == "auto" else 0)
    effect = replace(
        effect,
        tried=tried,
        method=tried if helps else "none",
        log_loss_after=float(fraction @ before) - gain,
        standard_error=error,
        temperature=calibrator.temperature if tried == "temperature" else None,
    )
    return calibrator if helps else ProbabilityCalibrator(), effect


def calibrated_out_of_fold(
    calibrator: ProbabilityCalibrator, probabilities: Array, codes: Array, exact: bool, weights: Array | None = None
) -> Array:
    """Calibrated probabilities as for rows that the calibrator was not fitted on."""
    # Probabilities that are estimates of an ensemble's (not `exact`) get the temperature that calibrates them.
    fraction = _fractions(codes, weights)
    if calibrator.method == "isotonic":
        return _cross_fitted(probabilities, codes, fraction)
    if exact or calibrator.method == "temperature" or len(codes) < MIN_ROWS:
        return calibrator.apply(probabilities)
    return _apply_temperature(probabilities, fit_temperature(probabilities, codes, fraction))


def _fractions(codes: Array, weights: Array | None) -> Array:
    return np.full(len(codes), 1 / max(1, len(codes))) if weights is None else np.asarray(weights / weights.sum())


def log_losses(probabilities: Array, codes: Array) -> Array:
    """−ln p of the true class of each row, shape (rows,)."""
    return np.asarray(-np.log(np.maximum(probabilities[np.arange(len(codes)), codes], MIN_VALUE)))


def fit_temperature(probabilities: Array, codes: Array, fraction: Array) -> float:
    """The temperature with the lowest log loss, between LOWEST and HIGHEST."""
    # One further row of all classes in equal parts regularizes it (as in Platt, 1999): without it the temperature would
    # fall without limit where no row is misclassified.
    from scipy.optimize import minimize_scalar

    logarithms = np.log(np.maximum(probabilities, MIN_VALUE))
    rows = np.arange(len(codes))

    def loss(log_temperature: float) -> float:
        scaled = logarithms / np.exp(log_temperature)
        highest = scaled.max(axis=1)
        total = np.log(np.exp(scaled - highest[:, None]).sum(axis=1)) + highest
        any_class = total.mean() - scaled.mean()
        return float(fraction @ (total - scaled[rows, codes]) + any_class / len(codes))

    result = minimize_scalar(loss, bounds=(np.log(LOWEST), np.log(HIGHEST)), method="bounded")
    return float(np.exp(result.x))


def _fit_method(method: str, probabilities: Array, codes: Array, fraction: Array) -> ProbabilityCalibrator:
    if method == "temperature":
        return ProbabilityCalibrator("temperature", fit_temperature(probabilities, codes, fraction))
    classes = probabilities.shape[1]
    of = [1] if classes == 2 else range(classes)
    return ProbabilityCalibrator(
        "isotonic", curves=tuple(_isotonic_curve(probabilities[:, code], codes == code, fraction) for code in of)
    )


def _isotonic_curve(probability: Array, is_class: Array, fraction: Array) -> Array:
    """Isotonic regression of the class, as points; half a row from 0 and 1."""
    from sklearn.isotonic import IsotonicRegression

    margin = 0.5 / (len(is_class) + 1)
    result = IsotonicRegression(y_min=margin, y_max=1 - margin, out_of_bounds="clip").fit(
        probability, is_class, fraction
    )
    return np.stack([result.X_thresholds_, result.y_thresholds_]).astype(np.float64)


def _cross_fitted(probabilities: Array, codes: Array, fraction: Array) -> Array:
    """Isotonic calibration of each row by the curves of the other parts."""
    scaled = np.empty_like(probabilities)
    for part in range(PARTS):
        own = np.arange(len(codes)) % PARTS == part
        scaled[own] = _fit_method("isotonic", probabilities[~own], codes[~own], fraction[~own]).apply(
            probabilities[own]
        )
    return scaled


def _apply_temperature(probabilities: Array, temperature: float) -> Array:
    logarithms = np.log(np.maximum(probabilities, MIN_VALUE)) / temperature
    logarithms -= logarithms.max(axis=1, keepdims=True)
    scaled = np.exp(logarithms)
    scaled /= scaled.sum(axis=1, keepdims=True)
    return np.asarray(scaled)


def _apply_isotonic(probabilities: Array, curves: tuple[Array, ...]) -> Array:
    if len(curves) == 1:
        second = np.interp(probabilities[:, 1], *curves[0])
        return np.column_stack([1 - second, second])
    scaled = np.column_stack([np.interp(probabilities[:, code], *curve) for code, curve in enumerate(curves)])
    return np.asarray(scaled / scaled.sum(axis=1, keepdims=True))
