"""The symbols of layers and units in a trace, and the formula of each activation and loss, with numbers.

Text is one line of Unicode in the symbols of the notes; `math_markup` converts it: ⟨…⟩ is an index, “…” a name,
^(…) an exponent. One hidden layer has h, a, δʰ, w below and hᵒ, ŷ, δᵒ, W above; a network without has h, ŷ, δ, w; of
several hidden layers a⁽²⁾₃ is unit 3 of the second.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tidynet.byhand.math_markup import escape_name
from tidynet.core.formula_text import factor_text, number_text, subscript, superscript
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


def input_symbol(name: str) -> str:
    """An input in a formula: x₁ as a symbol, other names as text."""
    return name if re.fullmatch(r"[xa][⁽⁰¹²³⁴⁵⁶⁷⁸⁹⁾]*[₀₁₂₃₄₅₆₇₈₉]*", name) else escape_name(name)


@dataclass(frozen=True)
class LayerSymbols:
    """The symbols of layer `index` of `depth`, from 0."""

    index: int
    depth: int
    units: tuple[str, ...]

    @property
    def is_output(self) -> bool:
        """Whether it is the last layer."""
        return self.index == self.depth - 1

    @property
    def superscript(self) -> str:
        """The superscript of h."""
        if self.is_output:
            return "ᵒ" if self.depth > 1 else ""
        return f"⁽{superscript(self.index + 1)}⁾" if self.depth > 2 else ""

    def unit(self, unit: int) -> str:
        """The index of a unit; empty for a single unit."""
        if len(self.units) == 1:
            return ""
        if self.is_output and not self.units[unit].isdigit():
            return f"⟨{escape_name(self.units[unit])}⟩"
        return subscript(unit + 1)

    def h(self, unit: int) -> str:
        """Input of a unit's activation."""
        return f"h{self.superscript}{self.unit(unit)}"

    def a(self, unit: int) -> str:
        """A unit's output."""
        return f"ŷ{self.unit(unit)}" if self.is_output else f"a{self.superscript}{self.unit(unit)}"

    def delta(self, unit: int) -> str:
        """A unit's error term."""
        return f"δ{self.delta_superscript}{self.unit(unit)}"

    @property
    def delta_superscript(self) -> str:
        """The superscript of δ."""
        return "ʰ" if self.depth == 2 and not self.is_output else self.superscript

    @property
    def weight(self) -> str:
        """The symbol of the weights."""
        if self.depth == 2 and self.is_output:
            return "W"
        return f"w{self.superscript}"

    def pair(self, source: str, unit: int) -> str:
        """The index of a weight, or of a bias if `source` is empty."""
        target = "" if len(self.units) == 1 else self.a(unit)
        if self.is_output and target.endswith("⟩"):
            target = escape_name(self.units[unit])
        if not source:
            return f"⟨{target}⟩" if target else ""
        return f"⟨{input_symbol(source)} → {target}⟩" if target else f"⟨{input_symbol(source)}⟩"
