"""Activation functions a = f(h): formula, derivative, source; in plain NumPy.

Each is one row of `ACTIVATIONS`. `code` is the small integer by which the compiled kernels know
it. `derivative` takes both h and a, because for many functions f′ is cheapest from a = f(h).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf, expit, log_softmax

from tidynet.core.errors import InputError, did_you_mean
from tidynet.core.text import join_names

__all__ = ["ACTIVATIONS", "OUTPUT_ACTIVATIONS", "Activation", "activation"]

Array = NDArray[np.floating]

LEAKY_SLOPE = 0.01
ELU_SCALE = 1.0
SELU_ALPHA, SELU_SCALE = 1.6732632423543772, 1.0507009873554805


@dataclass(frozen=True, slots=True)
class Activation:
    """One activation function.

    Attributes
    ----------
    name : str
        How users call it.
    code : int
        How the kernels call it.
    formula, derivative_formula : str
        As printed in a trace.
    function : callable
        h → a, any shape, same dtype.
    derivative : callable
        (h, a) → f′(h), the same shape.
    source : str
        Who described it.
    from_activation : bool
        Whether f′ can be had from a alone, so that h need not be kept.
    """

    name: str
    code: int
    formula: str
    derivative_formula: str
    function: Callable[[Array], Array]
    derivative: Callable[[Array, Array], Array]
    source: str
    from_activation: bool = True


def _elu(h: Array) -> Array:
    return np.where(h > 0, h, ELU_SCALE * np.expm1(np.minimum(h, 0)))


def _selu(h: Array) -> Array:
    return np.where(h > 0, SELU_SCALE * h, SELU_SCALE * SELU_ALPHA * np.expm1(np.minimum(h, 0)))


def _gelu(h: Array) -> Array:
    return 0.5 * h * (1 + erf(h / np.sqrt(2)))


def _gelu_derivative(h: Array, a: Array) -> Array:
    density = np.exp(-0.5 * h * h) / np.sqrt(2 * np.pi)
    return 0.5 * (1 + erf(h / np.sqrt(2))) + h * density


def _mish(h: Array) -> Array:
    return h * np.tanh(np.logaddexp(0, h))


def _mish_derivative(h: Array, a: Array) -> Array:
    t = np.tanh(np.logaddexp(0, h))
    return t + h * expit(h) * (1 - t * t)


def _softmax(h: Array) -> Array:
    return np.exp(log_softmax(h, axis=-1))


def _no_elementwise_derivative(h: Array, a: Array) -> Array:
    raise InputError("softmax has no elementwise derivative; it is paired with cross-entropy, where δ = ŷ − y")


_ROWS = (
    Activation("identity", 0, "h", "1", lambda h: h, lambda h, a: np.ones_like(a), "the linear unit"),
    Activation(
        "sigmoid", 1, "1/(1 + e⁻ʰ)", "a·(1 − a)", expit, lambda h, a: a * (1 - a),
        "Rumelhart, Hinton and Williams, Nature 323, 1986",
    ),
    Activation(
        "tanh", 2, "(eʰ − e⁻ʰ)/(eʰ + e⁻ʰ)", "1 − a²", np.tanh, lambda h, a: 1 - a * a,
        "LeCun, Bottou, Orr and Müller, Efficient BackProp, 1998",
    ),
    Activation(
        "relu", 3, "max(0, h)", "1 if h > 0 else 0", lambda h: np.maximum(h, 0),
        lambda h, a: (a > 0).astype(a.dtype), "Nair and Hinton, ICML 2010",
    ),
    Activation(
        "leaky_relu", 4, "h if h > 0 else 0.01·h", "1 if h > 0 else 0.01",
        lambda h: np.where(h > 0, h, LEAKY_SLOPE * h),
        lambda h, a: np.where(a > 0, 1.0, LEAKY_SLOPE).astype(a.dtype), "Maas, Hannun and Ng, ICML 2013",
    ),
    Activation(
        "elu", 5, "h if h > 0 else eʰ − 1", "1 if h > 0 else a + 1", _elu,
        lambda h, a: np.where(a > 0, 1.0, a + ELU_SCALE).astype(a.dtype),
        "Clevert, Unterthiner and Hochreiter, ICLR 2016",
    ),
    Activation(
        "selu", 6, "λ·h if h > 0 else λα·(eʰ − 1)", "λ if h > 0 else a + λα", _selu,
        lambda h, a: np.where(a > 0, SELU_SCALE, a + SELU_SCALE * SELU_ALPHA).astype(a.dtype),
        "Klambauer et al., NeurIPS 2017",
    ),
    Activation(
        "gelu", 7, "h·Φ(h)", "Φ(h) + h·φ(h)", _gelu, _gelu_derivative,
        "Hendrycks and Gimpel, arXiv 1606.08415, 2016", from_activation=False,
    ),
    Activation(
        "silu", 8, "h·σ(h)", "σ(h)·(1 + h·(1 − σ(h)))", lambda h: h * expit(h),
        lambda h, a: expit(h) * (1 + h * (1 - expit(h))), "Elfwing, Uchibe and Doya, Neural Networks 107, 2018",
        from_activation=False,
    ),
    Activation(
        "mish", 9, "h·tanh(ln(1 + eʰ))", "t + h·σ(h)·(1 − t²) with t = tanh(ln(1 + eʰ))", _mish, _mish_derivative,
        "Misra, BMVC 2020", from_activation=False,
    ),
    Activation(
        "softmax", 10, "eʰᵢ / Σ eʰⱼ", "ŷᵢ·([i = j] − ŷⱼ)", _softmax, _no_elementwise_derivative,
        "Bridle, 1990",
    ),
    Activation("exp", 11, "eʰ", "a", np.exp, lambda h, a: a, "the log link of generalised linear models"),
)  # fmt: skip

ACTIVATIONS = {row.name: row for row in _ROWS}
OUTPUT_ACTIVATIONS = ("identity", "sigmoid", "tanh", "softmax", "exp")
# scikit-learn's names for the same functions
_ALIASES = {"logistic": "sigmoid", "linear": "identity", "swish": "silu"}


def activation(name: str) -> Activation:
    """The activation function of that name.

    Raises
    ------
    InputError
        If there is none; the message names the nearest.

    Examples
    --------
    >>> activation("relu").function(np.array([-1.0, 2.0]))
    array([0., 2.])
    >>> activation("logistic").name
    'sigmoid'
    """
    result = ACTIVATIONS.get(_ALIASES.get(name, name)) if isinstance(name, str) else None
    if result is None:
        known = [*ACTIVATIONS, *_ALIASES]
        hint = did_you_mean(str(name), known) or f"known are {join_names(known, 20)}"
        raise InputError(f"the activation {name!r} is unknown", hint)
    return result
