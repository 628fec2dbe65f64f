"""The formula of each activation and loss in a trace, with symbols and with numbers.

Text is one line of Unicode in the symbols of the notes; `math_markup` converts it: ⟨…⟩ is an index, “…” a name,
^(…) an exponent.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from tidynet.core.formula_text import factor_text, number_text
from tidynet.engine.activations import ACTIVATIONS
from tidynet.engine.losses import LOSSES, Loss, LossOptions

Array = NDArray[np.floating]
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


def _misclassified(y: Array, p: Array, _options: LossOptions) -> str:
    sign = "=" if y[0] == p[0] else "≠"
    return f"{number_text(float(y[0] != p[0]))}, since {number_text(y[0])} {sign} {number_text(p[0])}"


# The perceptron rule has no loss of the engine.
_PERCEPTRON = replace(
    LOSSES["squared_error"], name="perceptron", formula="0 if y = ŷ else 1", trace=_misclassified,
    delta_trace=LOSSES["cross_entropy"].delta_trace, on_input=True,
)  # fmt: skip


def loss_row(name: str) -> Loss:
    """The row of a loss, or of the perceptron rule."""
    return _PERCEPTRON if name == _PERCEPTRON.name else LOSSES[name]


def delta_text(row: Loss, y: Array, p: Array, unit: int, options: LossOptions) -> tuple[str, str]:
    """δ of an output unit, −∂loss/∂ŷ or −∂loss/∂h, as a formula and with numbers."""
    units = len(p) // len(row.delta_trace)
    block, index = divmod(unit, units)
    target, output = float(y[index * len(y) // units]), float(p[unit])
    numbers = {"y": target, "p": output, "d": options.huber_delta}
    if len(row.delta_trace) == 2:
        numbers |= {"mean": p[index], "variance": math.exp(p[units + index])}
    fields = {name: number_text(value) for name, value in numbers.items()}
    factors = {f"{name}_": factor_text(value) for name, value in numbers.items()}
    formula, text = row.delta_trace[block]
    return formula, text.format(**fields, **factors, k=len(y), sign="≥" if target >= output else "<")
