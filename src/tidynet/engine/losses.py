"""Losses: what one record's prediction costs, and its derivative; in plain NumPy.

The error of a batch is E = (1/Σw) Σ_μ w_μ·loss(y^μ, ŷ^μ) + penalties, with record weights w.
Each loss is one row of `LOSSES`. `slope` is ∂loss/∂ŷ for losses that go with any elementwise output
activation; for the others it is ∂loss/∂h of the output's input, the simpler and stabler form.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_softmax, softmax

from tidynet.core.errors import InputError, did_you_mean
from tidynet.core.text import join_names

__all__ = ["LOSSES", "Loss", "LossOptions", "loss"]

Array = NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class LossOptions:
    """The numbers that some losses need.

    Attributes
    ----------
    label_smoothing : float
        Share of each target spread evenly over the classes, in [0, 1).
    huber_delta : float
        Error at which Huber's loss turns from square to straight, above 0.
    quantiles : tuple of float
        Levels in (0, 1) of the quantile loss.
    """

    label_smoothing: float = 0.0
    huber_delta: float = 1.0
    quantiles: tuple[float, ...] = (0.5,)


@dataclass(frozen=True, slots=True)
class Loss:
    """One loss.

    Attributes
    ----------
    name, code, formula, slope_formula, source
        As for activations.
    outputs : tuple of str
        Output activations that it goes with; the first is its default.
    value : callable
        (y, h, ŷ, options) → loss of each record, shape (m,).
    slope : callable
        (y, h, ŷ, options) → ∂loss/∂ŷ, or ∂loss/∂h if `on_input`, shape (m, outputs).
    on_input : bool
        Whether `slope` is already with respect to h.
    units : callable
        (targets, options) → number of output units.
    """

    name: str
    code: int
    formula: str
    slope_formula: str
    outputs: tuple[str, ...]
    value: Callable[[Array, Array, Array, LossOptions], Array]
    slope: Callable[[Array, Array, Array, LossOptions], Array]
    source: str
    on_input: bool = False
    units: Callable[[int, LossOptions], int] = lambda targets, options: targets


def _smoothed(y: Array, options: LossOptions) -> Array:
    classes = max(y.shape[1], 2)
    return (1 - options.label_smoothing) * y + options.label_smoothing / classes


def _cross_entropy(y: Array, h: Array, predicted: Array, options: LossOptions) -> Array:
    return -(_smoothed(y, options) * log_softmax(h, axis=1)).sum(axis=1)


def _binary_cross_entropy(y: Array, h: Array, predicted: Array, options: LossOptions) -> Array:
    return (np.logaddexp(0, h) - _binary_smoothed(y, options) * h).sum(axis=1)


def _binary_smoothed(y: Array, options: LossOptions) -> Array:
    return (1 - options.label_smoothing) * y + options.label_smoothing / 2


def _huber(y: Array, h: Array, predicted: Array, options: LossOptions) -> Array:
    error, delta = np.abs(predicted - y), options.huber_delta
    return np.where(error <= delta, 0.5 * error**2, delta * (error - 0.5 * delta)).sum(axis=1)


def _quantile_error(y: Array, predicted: Array, options: LossOptions) -> tuple[Array, Array]:
    levels = np.tile(np.asarray(options.quantiles), y.shape[1])
    return np.repeat(y, len(options.quantiles), axis=1) - predicted, levels


def _quantile(y: Array, h: Array, predicted: Array, options: LossOptions) -> Array:
    error, levels = _quantile_error(y, predicted, options)
    return np.where(error >= 0, levels * error, (levels - 1) * error).sum(axis=1)


def _quantile_slope(y: Array, h: Array, predicted: Array, options: LossOptions) -> Array:
    error, levels = _quantile_error(y, predicted, options)
    return np.where(error >= 0, -levels, 1 - levels)


def _gaussian_parts(y: Array, h: Array) -> tuple[Array, Array, Array]:
    targets = y.shape[1]
    mean, log_variance = h[:, :targets], h[:, targets:]
    return y - mean, log_variance, np.exp(-log_variance)


def _gaussian(y: Array, h: Array, predicted: Array, options: LossOptions) -> Array:
    error, log_variance, precision = _gaussian_parts(y, h)
    return 0.5 * (log_variance + error**2 * precision + np.log(2 * np.pi)).sum(axis=1)


def _gaussian_slope(y: Array, h: Array, predicted: Array, options: LossOptions) -> Array:
    error, _, precision = _gaussian_parts(y, h)
    return np.concatenate([-error * precision, 0.5 * (1 - error**2 * precision)], axis=1)


_ANY = ("identity", "sigmoid", "tanh", "exp")

_ROWS = (
    Loss(
        "cross_entropy", 0, "−Σ yⱼ·ln ŷⱼ", "ŷ − y", ("softmax",), _cross_entropy,
        lambda y, h, p, o: softmax(h, axis=1) - _smoothed(y, o), "Bridle, 1990; smoothing: Szegedy et al., CVPR 2016",
        on_input=True,
    ),
    Loss(
        "binary_cross_entropy", 1, "−y·ln ŷ − (1 − y)·ln(1 − ŷ)", "ŷ − y", ("sigmoid",), _binary_cross_entropy,
        lambda y, h, p, o: p - _binary_smoothed(y, o), "Baum and Wilczek, 1988", on_input=True,
    ),
    Loss(
        "squared_error", 2, "½·Σ (yⱼ − ŷⱼ)²", "ŷ − y", _ANY,
        lambda y, h, p, o: 0.5 * ((y - p) ** 2).sum(axis=1), lambda y, h, p, o: p - y,
        "Rumelhart, Hinton and Williams, Nature 323, 1986",
    ),
    Loss(
        "mean_squared_error", 3, "(1/k)·Σ (yⱼ − ŷⱼ)²", "2·(ŷ − y)/k", _ANY,
        lambda y, h, p, o: ((y - p) ** 2).mean(axis=1), lambda y, h, p, o: 2 * (p - y) / y.shape[1],
        "Legendre, 1805",
    ),
    Loss(
        "absolute_error", 4, "Σ |yⱼ − ŷⱼ|", "sign(ŷ − y)", _ANY,
        lambda y, h, p, o: np.abs(y - p).sum(axis=1), lambda y, h, p, o: np.sign(p - y), "Laplace, 1774",
    ),
    Loss(
        "huber", 5, "½·e² if |e| ≤ d else d·(|e| − ½·d), with e = ŷ − y", "clip(ŷ − y, −d, d)", _ANY, _huber,
        lambda y, h, p, o: np.clip(p - y, -o.huber_delta, o.huber_delta), "Huber, Ann. Math. Statist. 35, 1964",
    ),
    Loss(
        "quantile", 6, "Σ max(q·e, (q − 1)·e), with e = y − ŷ", "−q if y ≥ ŷ else 1 − q", ("identity",), _quantile,
        _quantile_slope, "Koenker and Bassett, Econometrica 46, 1978", on_input=True,
        units=lambda targets, options: targets * len(options.quantiles),
    ),
    Loss(
        "poisson", 7, "ŷ − y·ln ŷ", "ŷ − y", ("exp",),
        lambda y, h, p, o: (p - y * h).sum(axis=1), lambda y, h, p, o: p - y,
        "McCullagh and Nelder, Generalized Linear Models, 1989", on_input=True,
    ),
    Loss(
        "gamma", 8, "y/ŷ + ln ŷ", "1 − y/ŷ", ("exp",),
        lambda y, h, p, o: (y * np.exp(-h) + h).sum(axis=1), lambda y, h, p, o: 1 - y * np.exp(-h),
        "McCullagh and Nelder, Generalized Linear Models, 1989", on_input=True,
    ),
    Loss(
        "gaussian", 9, "½·(ln 2πσ² + (y − μ)²/σ²), with outputs μ and ln σ²", "((μ − y)/σ², ½·(1 − (y − μ)²/σ²))",
        ("identity",), _gaussian, _gaussian_slope, "Nix and Weigend, ICNN 1994", on_input=True,
        units=lambda targets, options: 2 * targets,
    ),
)  # fmt: skip

LOSSES = {row.name: row for row in _ROWS}
# scikit-learn's names for the same losses
_ALIASES = {"log_loss": "cross_entropy", "binary_log_loss": "binary_cross_entropy"}


def loss(name: str) -> Loss:
    """The loss of that name.

    Raises
    ------
    InputError
        If there is none; the message names the nearest.

    Examples
    --------
    >>> y, predicted = np.array([[1.0]]), np.array([[0.5]])
    >>> loss("squared_error").value(y, predicted, predicted, LossOptions())
    array([0.125])
    """
    result = LOSSES.get(_ALIASES.get(name, name)) if isinstance(name, str) else None
    if result is None:
        hint = did_you_mean(str(name), LOSSES) or f"known are {join_names(LOSSES, 20)}"
        raise InputError(f"the loss {name!r} is unknown", hint)
    return result
