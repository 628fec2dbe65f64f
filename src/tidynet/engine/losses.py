"""Losses: the cost of the prediction of one row, and its derivative, in plain NumPy.

The error of a batch is E = (1/Σw) Σ_μ w_μ·loss(y^μ, ŷ^μ) + penalties, with row weights w. Each loss is one row
of `LOSSES`. `slope` is ∂loss/∂ŷ for losses that fit any elementwise output activation. For the others it is
∂loss/∂h, with h the input of the output activation; this form is simpler and more stable. A new loss needs its
row here, a branch in `kernels/output.py` and its text in `byhand/formulas.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_softmax, softmax

from tidynet.engine.registry import find_row

Array = NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class LossOptions:
    """Numbers of some losses.

    Attributes
    ----------
    label_smoothing : float
        Fraction of each target spread evenly over the classes, in [0, 1).
    huber_delta : float
        Error at which the Huber loss changes from quadratic to linear, above 0.
    quantiles : tuple of float
        Probabilities in (0, 1) of the quantile loss.
    """

    label_smoothing: float = 0.0
    huber_delta: float = 1.0
    quantiles: tuple[float, ...] = (0.5,)


@dataclass(frozen=True, slots=True)
class Loss:
    """One loss."""

    name: str
    code: int  # how the kernels call it
    formula: str  # as printed in a trace
    slope_formula: str
    outputs: tuple[str, ...]  # output activations that fit; the first is the default
    value: Callable[[Array, Array, Array, LossOptions], Array]  # (y, h, ŷ, options) → loss of each row, shape (m,)
    slope: Callable[[Array, Array, Array, LossOptions], Array]  # → ∂loss/∂ŷ, or ∂loss/∂h if `on_input`; (m, outputs)
    source: str
    on_input: bool = False
    units: Callable[[int, LossOptions], int] = lambda targets, options: targets  # number of output units
    aliases: tuple[str, ...] = ()  # names of other libraries


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
    q = np.tile(np.asarray(options.quantiles), y.shape[1])
    return np.repeat(y, len(options.quantiles), axis=1) - predicted, q


def _quantile(y: Array, h: Array, predicted: Array, options: LossOptions) -> Array:
    error, q = _quantile_error(y, predicted, options)
    return np.where(error >= 0, q * error, (q - 1) * error).sum(axis=1)


def _quantile_slope(y: Array, h: Array, predicted: Array, options: LossOptions) -> Array:
    error, q = _quantile_error(y, predicted, options)
    return np.where(error >= 0, -q, 1 - q)


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
        on_input=True, aliases=("log_loss",),
    ),
    Loss(
        "binary_cross_entropy", 1, "−y·ln ŷ − (1 − y)·ln(1 − ŷ)", "ŷ − y", ("sigmoid",), _binary_cross_entropy,
        lambda y, h, p, o: p - _binary_smoothed(y, o), "Baum and Wilczek, 1988", on_input=True,
        aliases=("binary_log_loss",),
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
_BY_NAME = LOSSES | {alias: row for row in _ROWS for alias in row.aliases}


def loss(name: str) -> Loss:
    """The loss of that name or alias; an error suggests the nearest.

    Examples
    --------
    >>> y, predicted = np.array([[1.0]]), np.array([[0.5]])
    >>> loss("squared_error").value(y, predicted, predicted, LossOptions())
    array([0.125])
    """
    return find_row(_BY_NAME, name, "loss")
