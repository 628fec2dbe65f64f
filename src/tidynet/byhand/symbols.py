"""The symbols of layers and units by the depth of the network, as in the notes.

One hidden layer: h, a, δʰ, w below and hᵒ, ŷ, δᵒ, W above. None: h, ŷ, δ, w. Several: hidden layers by number,
a⁽²⁾₃ being unit 3 of the second.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from tidynet.byhand.math_markup import escape_name
from tidynet.core.formula_text import subscript, superscript


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
