"""The formula of each activation and loss in a trace, with symbols and with numbers.

Text is one line of Unicode in the symbols of the notes; `math_markup` converts it: ⟨…⟩ is an index, “…” a name,
^(…) an exponent.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tidynet.byhand.number_format import factor_text, number_text, product_text
from tidynet.engine.activations import ACTIVATIONS
from tidynet.engine.losses import LossOptions

Array = NDArray[np.float64]
STEP_FORMULA = "1 if h ≥ 0 else 0"  # of the perceptron, whose step is no activation of the engine


def activation_formula(name: str) -> str:
    """The formula of an activation."""
    return STEP_FORMULA if name == "step" else ACTIVATIONS[name].formula


def activation_text(name: str, h: float, a: float) -> str:
    """The formula of an activation with numbers."""
    if name == "step":
        return f"{int(h >= 0)}, since {number_text(h)} {'≥' if h >= 0 else '<'} 0"
    return _with_numbers(ACTIVATIONS[name].trace, h, a)


def derivative_text(name: str, h: float, a: float) -> str:
    """The formula of the derivative of an activation with numbers."""
    return _with_numbers(ACTIVATIONS[name].derivative_trace, h, a)


def _with_numbers(texts: tuple[str, str], h: float, a: float) -> str:
    t = a / h if h else 0.6  # of mish: tanh(ln 2) = 0.6 at 0
    numbers = {"h": h, "a": a, "t": t, "minus_h": -h}
    fields = {name: number_text(value) for name, value in numbers.items()}
    factors = {f"{name}_": factor_text(value) for name, value in numbers.items()}
    return texts[0 if h > 0 else 1].format(**fields, **factors)


@dataclass(frozen=True)
class Term:
    """δ of an output unit: −∂loss/∂ŷ (or −∂loss/∂h) as a formula, and with numbers."""

    formula: str
    numbers: Callable[[float, float, LossOptions], str]
    on_input: bool = False


def _plain_difference(y: float, p: float, options: LossOptions) -> str:
    return f"{number_text(y)} − {factor_text(p)}"


def _difference(y: float, p: float, options: LossOptions) -> str:
    return f"({_plain_difference(y, p, options)})"


def _clipped(y: float, p: float, options: LossOptions) -> str:
    bound = number_text(options.huber_delta)
    return f"clip({_plain_difference(y, p, options)}, −{bound}, {bound})"


def _comparison(y: float, p: float, options: LossOptions) -> str:
    return f"{number_text(y)} {'≥' if y >= p else '<'} {number_text(p)}"


# loss: its δ, from y, ŷ and the options
OUTPUT_TERMS: dict[str, Term] = {
    "squared_error": Term("(y − ŷ)", _difference),
    "cross_entropy": Term("y − ŷ", _plain_difference, on_input=True),
    "binary_cross_entropy": Term("y − ŷ", _plain_difference, on_input=True),
    "poisson": Term("y − ŷ", _plain_difference, on_input=True),
    "perceptron": Term("y − ŷ", _plain_difference, on_input=True),
    "gamma": Term("y/ŷ − 1", lambda y, p, o: f"{number_text(y)}/{factor_text(p)} − 1", on_input=True),
    "mean_squared_error": Term("2·(y − ŷ)/k", lambda y, p, o: f"2·{_difference(y, p, o)}/k"),
    "absolute_error": Term("sign(y − ŷ)", lambda y, p, o: f"sign{_difference(y, p, o)}"),
    "huber": Term("clip(y − ŷ, −d, d)", _clipped),
    "quantile": Term("q if y ≥ ŷ else q − 1", _comparison, on_input=True),
    "gaussian": Term("", lambda y, p, o: "", on_input=True),  # see `gaussian_term`
}


def _squares(y: Array, p: Array, lead: str) -> str:
    terms = [f"({number_text(a)} − {factor_text(b)})²" for a, b in zip(y, p, strict=False)]
    joined = " + ".join(terms[:4]) + (f" + … {len(terms) - 4} more" if len(terms) > 4 else "")
    return f"{lead}{joined}" if len(terms) == 1 else f"{lead}({joined})"


def _cross_entropy(y: Array, p: Array, options: LossOptions) -> str:
    text = [(a, b) for a, b in zip(y, p, strict=True) if a]
    return " ".join(f"− {'' if a == 1 else number_text(a) + '·'}ln {number_text(b)}" for a, b in text)


def _binary(y: Array, p: Array, options: LossOptions) -> str:
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


def _huber(error: float, bound: float) -> str:
    if error <= bound:
        return f"½·{number_text(error)}²"
    return f"{number_text(bound)}·({number_text(error)} − ½·{number_text(bound)})"


def _gaussian(y: float, mean: float, log_variance: float) -> str:
    variance = number_text(math.exp(log_variance))
    return f"½·(ln(2π·{variance}) + ({number_text(y)} − {factor_text(mean)})²/{variance})"


def gaussian_term(y: float, mean: float, log_variance: float, of_mean: bool) -> tuple[str, str]:
    """δ of an output unit of the Gaussian loss: the formula, and with numbers."""
    error, variance = f"({number_text(y)} − {factor_text(mean)})", number_text(math.exp(log_variance))
    if of_mean:
        return "(y − μ)/σ²", f"{error}/{variance}"
    return "½·((y − μ)²/σ² − 1)", f"½·({error}²/{variance} − 1)"


def _misclassified(y: Array, p: Array, options: LossOptions) -> str:
    sign = "=" if y[0] == p[0] else "≠"
    return f"{number_text(float(y[0] != p[0]))}, since {number_text(y[0])} {sign} {number_text(p[0])}"


# loss: E of one row with numbers in it, from y, ŷ and the options
ERRORS: dict[str, Callable[[Array, Array, LossOptions], str]] = {
    "squared_error": lambda y, p, o: _squares(y, p, "½·"),
    "mean_squared_error": lambda y, p, o: _squares(y, p, f"1/{len(y)}·"),
    "absolute_error": lambda y, p, o: " + ".join(
        f"|{number_text(a)} − {factor_text(b)}|" for a, b in zip(y, p, strict=False)
    ),
    "cross_entropy": _cross_entropy,
    "binary_cross_entropy": _binary,
    "poisson": lambda y, p, o: _each(
        y, p, lambda a, b: f"{number_text(b)} − {product_text(a, f'ln {number_text(b)}')}"
    ),
    "gamma": lambda y, p, o: _each(y, p, lambda a, b: f"{number_text(a)}/{number_text(b)} + ln {number_text(b)}"),
    "huber": lambda y, p, o: _each(y, p, lambda a, b: _huber(abs(b - a), o.huber_delta)),
    "quantile": lambda y, p, o: _each(
        np.repeat(y, len(o.quantiles)) - p, np.tile(o.quantiles, len(y)),
        lambda e, q: f"{number_text(q)}·{number_text(e)}" if e >= 0 else f"({number_text(q)} − 1)·{factor_text(e)}",
    ),
    "gaussian": lambda y, p, o: _each(
        y, np.arange(len(y), dtype=np.float64), lambda a, k: _gaussian(a, p[int(k)], p[len(y) + int(k)])
    ),
    "perceptron": _misclassified,
}  # fmt: skip
