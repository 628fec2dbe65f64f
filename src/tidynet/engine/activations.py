"""Activation functions a = f(h). One row of `ACTIVATIONS` holds all that the package knows about one.

A new activation needs its row here and a branch for its code in `kernels/elementwise.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf, expit, log_softmax

from tidynet.core.errors import InputError
from tidynet.engine.registry import find_row

Array = NDArray[np.floating]

LEAKY_SLOPE = 0.01
ELU_SCALE = 1.0
SELU_ALPHA, SELU_SCALE = 1.6732632423543772, 1.0507009873554805


class OnnxBuilder(Protocol):
    """Adds nodes to an ONNX graph; each method returns the name of its output."""

    def add(self, kind: str, *inputs: str, **attributes: Any) -> str:
        """Add a node."""
        ...

    def constant(self, values: Any, dtype: Any = None) -> str:
        """Add a constant."""
        ...

    def cast(self, value: str, dtype: Any) -> str:
        """Add a conversion to another type."""
        ...


@dataclass(frozen=True, slots=True)
class Activation:
    """One activation function."""

    name: str
    code: int  # how the kernels call it
    formula: str  # as printed in a trace
    derivative_formula: str
    trace: tuple[str, str]  # the formulas with numbers, for h > 0 and for other h: h, a and t = a/h are numbers,
    derivative_trace: tuple[str, str]  # `h_` is h as a factor, and `minus_h` is −h
    function: Callable[[Array], Array]  # h → a, any shape, same dtype
    derivative: Callable[[Array, Array], Array]  # (h, a) → f′(h), the same shape
    source: str
    numpy: str  # a as an expression of h, for the standalone export
    onnx: Callable[[OnnxBuilder, str, Any], str]  # (builder, name of h, dtype) → name of a
    initializer: str = "he"  # initial weights that fit it
    kind: str = "other"  # "rectifier": its units can die; "squashing": they can saturate; or "other"
    is_hidden: bool = True  # whether hidden layers may have it
    aliases: tuple[str, ...] = ()  # names of other libraries


def _gelu_derivative(h: Array, a: Array) -> Array:
    density = np.exp(-0.5 * h * h) / np.sqrt(2 * np.pi)
    return 0.5 * (1 + erf(h / np.sqrt(2))) + h * density


def _mish_derivative(h: Array, a: Array) -> Array:
    t = np.tanh(np.logaddexp(0, h))
    return t + h * expit(h) * (1 - t * t)


def _no_elementwise_derivative(h: Array, a: Array) -> Array:
    raise InputError("softmax has no elementwise derivative; it is paired with cross-entropy, where δ = ŷ − y")


# ONNX nodes -----------------------------------------------------------------------------------


def _onnx_logistic(g: OnnxBuilder, numerator: str, h: str, dtype: Any) -> str:
    return g.add("Div", numerator, g.add("Add", g.constant(1, dtype), g.add("Exp", g.add("Neg", h))))


def _onnx_by_sign(g: OnnxBuilder, h: str, positive: str, negative: str, dtype: Any) -> str:
    return g.add("Where", g.add("Greater", h, g.constant(0, dtype)), positive, negative)


def _onnx_leaky_relu(g: OnnxBuilder, h: str, dtype: Any) -> str:
    return _onnx_by_sign(g, h, h, g.add("Mul", h, g.constant(LEAKY_SLOPE, dtype)), dtype)


def _onnx_elu(g: OnnxBuilder, h: str, dtype: Any, scale: float = 1.0, alpha: float = ELU_SCALE) -> str:
    exponential = g.add("Exp", g.add("Min", h, g.constant(0, dtype)))
    negative = g.add("Mul", g.add("Sub", exponential, g.constant(1, dtype)), g.constant(scale * alpha, dtype))
    return _onnx_by_sign(g, h, g.add("Mul", h, g.constant(scale, dtype)), negative, dtype)


def _onnx_gelu(g: OnnxBuilder, h: str, dtype: Any) -> str:
    scaled = g.cast(g.add("Mul", h, g.constant(np.sqrt(0.5), dtype)), np.float32)
    density = g.add("Add", g.constant(1, dtype), g.cast(g.add("Erf", scaled), dtype))
    return g.add("Mul", g.add("Mul", h, g.constant(0.5, dtype)), density)


def _onnx_mish(g: OnnxBuilder, h: str, dtype: Any) -> str:
    """h·n/(n + 2) with n = eʰ(eʰ + 2)."""
    e, two = g.add("Exp", g.add("Min", h, g.constant(20, dtype))), g.constant(2, dtype)
    n = g.add("Mul", e, g.add("Add", e, two))
    return g.add("Mul", h, g.add("Div", n, g.add("Add", n, two)))


# Rows -----------------------------------------------------------------------------------------

_ROWS = (
    Activation(
        "identity", 0, "h", "1", ("{h}", "{h}"), ("1", "1"), lambda h: h, lambda h, a: np.ones_like(a),
        "the linear unit", "h", lambda g, h, dtype: h, "glorot", aliases=("linear",),
    ),
    Activation(
        "sigmoid", 1, "1/(1 + e⁻ʰ)", "a·(1 − a)", ("1/(1 + e^({minus_h}))",) * 2, ("{a}·(1 − {a})",) * 2, expit,
        lambda h, a: a * (1 - a), "Rumelhart, Hinton and Williams, Nature 323, 1986", "1 / (1 + np.exp(-h))",
        lambda g, h, dtype: _onnx_logistic(g, g.constant(1, dtype), h, dtype), "glorot", "squashing",
        aliases=("logistic",),
    ),
    Activation(
        "tanh", 2, "(eʰ − e⁻ʰ)/(eʰ + e⁻ʰ)", "1 − a²", ("tanh({h})",) * 2, ("1 − {a_}²",) * 2, np.tanh,
        lambda h, a: 1 - a * a, "LeCun, Bottou, Orr and Müller, Efficient BackProp, 1998", "np.tanh(h)",
        lambda g, h, dtype: g.add("Tanh", h), "glorot", "squashing",
    ),
    Activation(
        "relu", 3, "max(0, h)", "1 if h > 0 else 0", ("max(0, {h})",) * 2, ("1", "0"), lambda h: np.maximum(h, 0),
        lambda h, a: (a > 0).astype(a.dtype), "Nair and Hinton, ICML 2010", "np.maximum(h, 0)",
        lambda g, h, dtype: g.add("Relu", h), kind="rectifier",
    ),
    Activation(
        "leaky_relu", 4, "h if h > 0 else 0.01·h", "1 if h > 0 else 0.01", ("{h}", "0.01·{h_}"), ("1", "0.01"),
        lambda h: np.where(h > 0, h, LEAKY_SLOPE * h),
        lambda h, a: np.where(a > 0, 1.0, LEAKY_SLOPE).astype(a.dtype), "Maas, Hannun and Ng, ICML 2013",
        "np.where(h > 0, h, 0.01 * h)", _onnx_leaky_relu, kind="rectifier",
    ),
    Activation(
        "elu", 5, "h if h > 0 else eʰ − 1", "1 if h > 0 else a + 1", ("{h}", "e^({h}) − 1"), ("1", "{a} + 1"),
        lambda h: np.where(h > 0, h, ELU_SCALE * np.expm1(np.minimum(h, 0))),
        lambda h, a: np.where(a > 0, 1.0, a + ELU_SCALE).astype(a.dtype),
        "Clevert, Unterthiner and Hochreiter, ICLR 2016", "np.where(h > 0, h, np.expm1(np.minimum(h, 0)))", _onnx_elu,
        kind="rectifier",
    ),
    Activation(
        "selu", 6, "λ·h if h > 0 else λα·(eʰ − 1)", "λ if h > 0 else a + λα",
        ("1.05·{h}", "1.05·1.67·(e^({h}) − 1)"), ("1.05", "{a} + 1.76"),
        lambda h: np.where(h > 0, SELU_SCALE * h, SELU_SCALE * SELU_ALPHA * np.expm1(np.minimum(h, 0))),
        lambda h, a: np.where(a > 0, SELU_SCALE, a + SELU_SCALE * SELU_ALPHA).astype(a.dtype),
        "Klambauer et al., NeurIPS 2017",
        f"np.where(h > 0, {SELU_SCALE} * h, {SELU_SCALE * SELU_ALPHA} * np.expm1(np.minimum(h, 0)))",
        lambda g, h, dtype: _onnx_elu(g, h, dtype, SELU_SCALE, SELU_ALPHA), "lecun", "rectifier",
    ),
    Activation(
        "gelu", 7, "h·Φ(h)", "Φ(h) + h·φ(h)", ("{h}·Φ({h})",) * 2, ("Φ({h}) + {h_}·φ({h})",) * 2,
        lambda h: 0.5 * h * (1 + erf(h / np.sqrt(2))), _gelu_derivative, "Hendrycks and Gimpel, arXiv 1606.08415, 2016",
        "0.5 * h * (1 + np.vectorize(math.erf, otypes=[h.dtype])(h * math.sqrt(0.5)))", _onnx_gelu, kind="rectifier",
    ),
    Activation(
        "silu", 8, "h·σ(h)", "σ(h)·(1 + h·(1 − σ(h)))", ("{h}·σ({h})",) * 2, ("σ({h})·(1 + {h_}·(1 − σ({h})))",) * 2,
        lambda h: h * expit(h), lambda h, a: expit(h) * (1 + h * (1 - expit(h))),
        "Elfwing, Uchibe and Doya, Neural Networks 107, 2018", "h / (1 + np.exp(-h))",
        lambda g, h, dtype: _onnx_logistic(g, h, h, dtype), kind="rectifier", aliases=("swish",),
    ),
    Activation(
        "mish", 9, "h·tanh(ln(1 + eʰ))", "t + h·σ(h)·(1 − t²) with t = tanh(ln(1 + eʰ))",
        ("{h}·tanh(ln(1 + e^({h})))",) * 2, ("{t} + {h_}·σ({h})·(1 − {t_}²)",) * 2,
        lambda h: h * np.tanh(np.logaddexp(0, h)), _mish_derivative, "Misra, BMVC 2020",
        "h * np.tanh(np.logaddexp(0, h))", _onnx_mish, kind="rectifier",
    ),
    Activation(
        "softmax", 10, "e^(hᵢ)/Σ e^(hⱼ)", "ŷᵢ·([i = j] − ŷⱼ)", ("", ""), ("", ""),
        lambda h: np.exp(log_softmax(h, axis=-1)), _no_elementwise_derivative, "Bridle, 1990", "softmax(h)",
        lambda g, h, dtype: g.add("Softmax", h, axis=-1), "glorot", is_hidden=False,
    ),
    Activation(
        "exp", 11, "eʰ", "a", ("e^({h})",) * 2, ("{a}",) * 2, np.exp, lambda h, a: a,
        "the log link of generalized linear models", "np.exp(h)", lambda g, h, dtype: g.add("Exp", h),
    ),
)  # fmt: skip

ACTIVATIONS = {row.name: row for row in _ROWS}
_BY_NAME = ACTIVATIONS | {alias: row for row in _ROWS for alias in row.aliases}


def activation(name: str) -> Activation:
    """The activation function of that name or alias; an error suggests the nearest.

    Examples
    --------
    >>> activation("relu").function(np.array([-1.0, 2.0]))
    array([0., 2.])
    >>> activation("logistic").name
    'sigmoid'
    """
    return find_row(_BY_NAME, name, "activation")
