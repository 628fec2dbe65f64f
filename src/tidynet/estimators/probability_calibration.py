"""Probabilities that are as often right as they say: temperature and isotonic scaling."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["METHODS", "ProbabilityCalibrator", "calibrated_out_of_fold", "fit_calibrator", "log_losses"]

Array = NDArray[Any]

METHODS = ("auto", "none", "temperature", "isotonic")
MIN_VALUE = 1e-12  # a probability of 0 would be wrong for ever
MIN_ROWS = 50  # fewer tell too little of a temperature
LOWEST, HIGHEST = 0.5, 5.0  # temperatures
PARTS = 5  # of the rows, for the effect of isotonic scaling on rows that it has not seen


@dataclass(frozen=True)
class ProbabilityCalibrator:
    """A map from probabilities to probabilities.

    Attributes
    ----------
    method : str
        ``"none"``, ``"temperature"`` (p^(1/T), made to sum to 1: Guo and others, 2017) or ``"isotonic"`` (each
        class's probability through a rising curve, made to sum to 1: Zadrozny and Elkan, 2002).
    temperature : float
    curves : tuple of array of shape (2, points)
        Probabilities before and after, for each class; for two classes, of the second alone.

    Examples
    --------
    >>> ProbabilityCalibrator("temperature", 2.0).apply(np.array([[0.9, 0.1]])).round(2).tolist()
    [[0.75, 0.25]]
    """

    method: str = "none"
    temperature: float = 1.0
    curves: tuple[Array, ...] = ()

    def apply(self, probabilities: Array) -> Array:
        """Scaled probabilities, float64 of shape (rows, classes)."""
        if self.method == "temperature":
            return _apply_temperature(probabilities, self.temperature)
        if self.method == "isotonic":
            return _apply_isotonic(probabilities, self.curves)
        return probabilities


def fit_calibrator(
    method: str, probabilities: Array, codes: Array, weights: Array | None = None
) -> tuple[ProbabilityCalibrator, dict[str, Any]]:
    """Fit a scaling on rows that the network has not learnt from."""
    rows = len(codes)
    fraction = np.full(rows, 1 / max(1, rows)) if weights is None else weights / weights.sum()
    before = log_losses(probabilities, codes)
    facts: dict[str, Any] = {
        "asked": method,
        "method": "none",
        "rows": rows,
        "log_loss_before": float(fraction @ before),
    }
    if method == "none" or rows < MIN_ROWS:
        facts["sentence"] = (
            "probabilities are left as they are, as asked"
            if method == "none"
            else f"probabilities are left as they are: {rows} rows were set aside, and fewer than {MIN_ROWS} "
            "tell too little"
        )
        return ProbabilityCalibrator(), facts
    requested = "temperature" if method == "auto" else method
    scaling = _fit_method(requested, probabilities, codes, fraction)
    scaled = _cross_fitted(probabilities, codes, fraction) if requested == "isotonic" else scaling.apply(probabilities)
    gains = before - log_losses(scaled, codes)
    gain = float(fraction @ gains)
    error = float(np.sqrt(fraction**2 @ (gains - gain) ** 2))
    facts |= {"log_loss_after": float(fraction @ before) - gain, "standard_error": error}
    if requested == "temperature":
        facts["temperature"] = scaling.temperature
    helps = gain > (error if method == "auto" else 0)
    facts["sentence"] = _sentence(requested, facts, helps)
    if not helps:
        return ProbabilityCalibrator(), facts
    return scaling, facts | {"method": requested}


def calibrated_out_of_fold(
    scaling: ProbabilityCalibrator, probabilities: Array, codes: Array, exact: bool, weights: Array | None = None
) -> Array:
    """The rows' probabilities as a scaling gives them for rows that it was not fitted on.

    Where the probabilities are estimates of what the mean of networks would say (not `exact`), they are brought to
    the temperature at which they are calibrated, as the mean itself is nearly without: so both are on one scale.
    """
    fraction = np.full(len(codes), 1 / max(1, len(codes))) if weights is None else weights / weights.sum()
    if scaling.method == "isotonic":
        return _cross_fitted(probabilities, codes, fraction)
    if exact or scaling.method == "temperature" or len(codes) < MIN_ROWS:
        return scaling.apply(probabilities)
    return _apply_temperature(probabilities, fit_temperature(probabilities, codes, fraction))


def _sentence(method: str, facts: dict[str, Any], helps: bool) -> str:
    how = "isotonic scaling" if method == "isotonic" else f"a temperature of {facts['temperature']:.2f}"
    before, after = facts["log_loss_before"], facts["log_loss_after"]
    where, display_text = f"on {facts['rows']:,} rows set aside", (f"{before:.4f}", f"{after:.4f}")
    effect = f"the log loss {where} from {display_text[0]} to {display_text[1]}"
    if display_text[0] == display_text[1]:  # a gain that no digit shows is none worth a number
        effect = f"the log loss {where} as good as unchanged, at {display_text[0]}"
        text, otherwise = f"{how} leaves {effect}", f"{how} would leave {effect}"
    elif after < before:
        text, otherwise = f"{how} lowers {effect}", f"{how} would lower {effect}, no gain beyond chance"
    else:
        text, otherwise = f"{how} raises {effect}", f"{how} would raise {effect}"
    return text if helps else f"probabilities are left as they are: {otherwise}"


def log_losses(probabilities: Array, codes: Array) -> Array:
    """−ln p of the true class of each row, shape (rows,).

    Examples
    --------
    >>> log_losses(np.array([[0.25, 0.75]]), np.array([0])).round(4).tolist()
    [1.3863]
    """
    return np.asarray(-np.log(np.maximum(probabilities[np.arange(len(codes)), codes], MIN_VALUE)))


def fit_temperature(probabilities: Array, codes: Array, fraction: Array) -> float:
    """The temperature with the lowest log loss, between LOWEST and HIGHEST.

    One row more, of all classes alike, stands for the errors that these rows happen not to hold (as in Platt, 1999):
    without it, classes that are never confused would be told apart with a certainty that no data can bear out.
    """
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
    """Rising steps through the shares of the class, as points; held away from 0 and 1 by half a row."""
    from sklearn.isotonic import IsotonicRegression

    min_count = 0.5 / (len(is_class) + 1)
    result = IsotonicRegression(y_min=min_count, y_max=1 - min_count, out_of_bounds="clip").fit(
        probability, is_class, fraction
    )
    return np.stack([result.X_thresholds_, result.y_thresholds_]).astype(np.float64)


def _cross_fitted(probabilities: Array, codes: Array, fraction: Array) -> Array:
    """Each row scaled isotonically by curves of the other parts."""
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
