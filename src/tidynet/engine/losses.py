"""Losses: the cost of the prediction of one row, and its derivative, in plain NumPy.

The error of a batch is E = (1/Σw) Σ_μ w_μ·loss(y^μ, ŷ^μ) + penalties, with row weights w. Each loss is one row
of `LOSSES`. `slope` is ∂loss/∂ŷ for losses that fit any elementwise output activation. For the others it is
∂loss/∂h, with h the input of the output activation; this form is simpler and more stable. A new loss needs its
row here and a branch in `kernels/output.py`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_softmax, softmax

from tidynet.core.formula_text import factor_text, number_text, product_text
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
    outputs: tuple[str, ...]  # output activations that fit; the first is the default
    value: Callable[[Array, Array, Array, LossOptions], Array]  # (y, h, ŷ, options) → loss of each row, shape (m,)
    slope: Callable[[Array, Array, Array, LossOptions], Array]  # → ∂loss/∂ŷ, or ∂loss/∂h if `on_input`; (m, outputs)
    trace: Callable[[Array, Array, LossOptions], str]  # (y, ŷ, options) → the loss of a row with numbers
    # −slope of an output unit: the formula, and with numbers, for each block of outputs. Fields of the latter are y,
    # p for ŷ, k for the targets, d for `huber_delta`, `sign` of y and ŷ, and with two blocks mean and variance; names
    # with _ at the end are factors.
    delta_trace: tuple[tuple[str, str], ...]
    source: str
    on_input: bool = False
    smooth: Callable[[Array, LossOptions], Array] = lambda y, options: y  # targets after label smoothing
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


# Losses with numbers --------------------------------------------------------------------------


def _squares(y: Array, p: Array, lead: str) -> str:
    terms = [f"({number_text(a)} − {factor_text(b)})²" for a, b in zip(y, p, strict=False)]
    joined = " + ".join(terms[:4]) + (f" + … {len(terms) - 4} more" if len(terms) > 4 else "")
    return f"{lead}{joined}" if len(terms) == 1 else f"{lead}({joined})"


def _absolute_text(y: Array, p: Array, options: LossOptions) -> str:
    return " + ".join(f"|{number_text(a)} − {factor_text(b)}|" for a, b in zip(y, p, strict=False))


def _cross_entropy_text(y: Array, p: Array, options: LossOptions) -> str:
    text = [(a, b) for a, b in zip(y, p, strict=True) if a]
    return " ".join(f"− {'' if a == 1 else number_text(a) + '·'}ln {number_text(b)}" for a, b in text)


def _binary_text(y: Array, p: Array, options: LossOptions) -> str:
    terms = []
    for a, b in zip(y, p, strict=True):
        if a:
            terms.append(f"− {'' if a == 1 else number_text(a) + '·'}ln {number_text(b)}")
        if a < 1:
            terms.append(f"− {'' if a == 0 else f'(1 − {number_text(a)})·'}ln(1 − {number_text(b)})")
    return " ".join(terms)


def _each(first: Array, second: Array, text: Callable[[float, float], str]) -> str:
    """The sum of one text for each target, at most three."""
    pairs = list(zip(first, second, strict=True))
    more = f" + … {len(pairs) - 3} more" if len(pairs) > 3 else ""
    return " + ".join(text(float(a), float(b)) for a, b in pairs[:3]) + more


def _huber_text(error: float, bound: float) -> str:
    if error <= bound:
        return f"½·{number_text(error)}²"
    return f"{number_text(bound)}·({number_text(error)} − ½·{number_text(bound)})"


def _quantile_text(y: Array, p: Array, options: LossOptions) -> str:
    return _each(
        np.repeat(y, len(options.quantiles)) - p, np.tile(options.quantiles, len(y)),
        lambda e, q: f"{number_text(q)}·{number_text(e)}" if e >= 0 else f"({number_text(q)} − 1)·{factor_text(e)}",
    )  # fmt: skip


def _poisson_text(y: Array, p: Array, options: LossOptions) -> str:
    return _each(y, p, lambda a, b: f"{number_text(b)} − {product_text(a, f'ln {number_text(b)}')}")


def _gamma_text(y: Array, p: Array, options: LossOptions) -> str:
    return _each(y, p, lambda a, b: f"{number_text(a)}/{number_text(b)} + ln {number_text(b)}")


def _gaussian_text(y: Array, p: Array, options: LossOptions) -> str:
    def of_target(value: float, index: float) -> str:
        mean, variance = factor_text(p[int(index)]), number_text(math.exp(p[len(y) + int(index)]))
        return f"½·(ln(2π·{variance}) + ({number_text(value)} − {mean})²/{variance})"

    return _each(y, np.arange(len(y), dtype=np.float64), of_target)


# Rows -----------------------------------------------------------------------------------------

_ANY = ("identity", "sigmoid", "tanh", "exp")
_DIFFERENCE = (("y − ŷ", "{y} − {p_}"),)

_ROWS = (
    Loss(
        "cross_entropy", 0, "−Σ yⱼ·ln ŷⱼ", ("softmax",), _cross_entropy,
        lambda y, h, p, o: softmax(h, axis=1) - _smoothed(y, o), _cross_entropy_text, _DIFFERENCE,
        "Bridle, 1990; smoothing: Szegedy et al., CVPR 2016",
        on_input=True, smooth=_smoothed, aliases=("log_loss",),
    ),
    Loss(
        "binary_cross_entropy", 1, "−y·ln ŷ − (1 − y)·ln(1 − ŷ)", ("sigmoid",), _binary_cross_entropy,
        lambda y, h, p, o: p - _binary_smoothed(y, o), _binary_text, _DIFFERENCE, "Baum and Wilczek, 1988",
        on_input=True, smooth=_binary_smoothed, aliases=("binary_log_loss",),
    ),
    Loss(
        "squared_error", 2, "½·Σ (yⱼ − ŷⱼ)²", _ANY,
        lambda y, h, p, o: 0.5 * ((y - p) ** 2).sum(axis=1), lambda y, h, p, o: p - y,
        lambda y, p, o: _squares(y, p, "½·"), (("(y − ŷ)", "({y} − {p_})"),),
        "Rumelhart, Hinton and Williams, Nature 323, 1986",
    ),
    Loss(
        "mean_squared_error", 3, "(1/k)·Σ (yⱼ − ŷⱼ)²", _ANY,
        lambda y, h, p, o: ((y - p) ** 2).mean(axis=1), lambda y, h, p, o: 2 * (p - y) / y.shape[1],
        lambda y, p, o: _squares(y, p, f"1/{len(y)}·"), (("2·(y − ŷ)/k", "2·({y} − {p_})/{k}"),),
        "Legendre, 1805",
    ),
    Loss(
        "absolute_error", 4, "Σ |yⱼ − ŷⱼ|", _ANY,
        lambda y, h, p, o: np.abs(y - p).sum(axis=1), lambda y, h, p, o: np.sign(p - y), _absolute_text,
        (("sign(y − ŷ)", "sign({y} − {p_})"),), "Laplace, 1774",
    ),
    Loss(
        "huber", 5, "½·e² if |e| ≤ d else d·(|e| − ½·d), with e = ŷ − y", _ANY, _huber,
        lambda y, h, p, o: np.clip(p - y, -o.huber_delta, o.huber_delta),
        lambda y, p, o: _each(y, p, lambda a, b: _huber_text(abs(b - a), o.huber_delta)),
        (("clip(y − ŷ, −d, d)", "clip({y} − {p_}, −{d}, {d})"),), "Huber, Ann. Math. Statist. 35, 1964",
    ),
    Loss(
        "quantile", 6, "Σ max(q·e, (q − 1)·e), with e = y − ŷ", ("identity",), _quantile,
        _quantile_slope, _quantile_text, (("q if y ≥ ŷ else q − 1", "{y} {sign} {p}"),),
        "Koenker and Bassett, Econometrica 46, 1978", on_input=True,
        units=lambda targets, options: targets * len(options.quantiles),
    ),
    Loss(
        "poisson", 7, "ŷ − y·ln ŷ", ("exp",),
        lambda y, h, p, o: (p - y * h).sum(axis=1), lambda y, h, p, o: p - y, _poisson_text, _DIFFERENCE,
        "McCullagh and Nelder, Generalized Linear Models, 1989", on_input=True,
    ),
    Loss(
        "gamma", 8, "y/ŷ + ln ŷ", ("exp",),
        lambda y, h, p, o: (y * np.exp(-h) + h).sum(axis=1), lambda y, h, p, o: 1 - y * np.exp(-h),
        _gamma_text, (("y/ŷ − 1", "{y}/{p_} − 1"),),
        "McCullagh and Nelder, Generalized Linear Models, 1989", on_input=True,
    ),
    Loss(
        "gaussian", 9, "½·(ln 2πσ² + (y − μ)²/σ²), with outputs μ and ln σ²",
        ("identity",), _gaussian, _gaussian_slope, _gaussian_text,
        (("(y − μ)/σ²", "({y} − {mean_})/{variance}"), ("½·((y − μ)²/σ² − 1)", "½·(({y} − {mean_})²/{variance} − 1)")),
        "Nix and Weigend, ICNN 1994", on_input=True,
        units=lambda targets, options: 2 * targets,
    ),
)  # fmt: skip

ROBUST_LOSSES = ("absolute_error", "huber", "quantile")  # a few absurd targets hardly move them
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
