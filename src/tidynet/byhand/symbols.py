"""Which letter stands for what in a network of a given depth: the notes' own where there is one hidden layer.

One hidden layer: h, a, δʰ, w below and hᵒ, ŷ, δᵒ, W above. None: h, ŷ, δ, w. Several: hidden layers by number,
a⁽²⁾₃ being unit 3 of the second.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from tidynet.byhand.math_markup import escape_name
from tidynet.byhand.number_format import subscript, superscript

__all__ = ["LayerSymbols", "input_symbol"]


def input_symbol(name: str) -> str:
    """The name of an input as it stands in a formula: x₁ as a letter, anything else as text."""
    return name if re.fullmatch(r"[xa][⁽⁰¹²³⁴⁵⁶⁷⁸⁹⁾]*[₀₁₂₃₄₅₆₇₈₉]*", name) else escape_name(name)


@dataclass(frozen=True)
class LayerSymbols:
    """The letters of layer `place` of `depth`, counted from 0.

    >>> LayerSymbols(0, 2, ("",)).delta(0), LayerSymbols(1, 2, ("",)).delta(0)
    ('δʰ', 'δᵒ')
    >>> LayerSymbols(1, 3, ("1", "2")).h(1), LayerSymbols(1, 3, ("1", "2")).a(1)
    ('h⁽²⁾₂', 'a⁽²⁾₂')
    """

    place: int
    depth: int
    units: tuple[str, ...]

    @property
    def is_output(self) -> bool:
        """Whether it is the last layer."""
        return self.place == self.depth - 1

    @property
    def level(self) -> str:
        """What is raised beside h and δ."""
        if self.is_output:
            return "ᵒ" if self.depth > 1 else ""
        return f"⁽{superscript(self.place + 1)}⁾" if self.depth > 2 else ""

    def unit(self, unit: int) -> str:
        """Index of a unit; nothing where there is but one."""
        if len(self.units) == 1:
            return ""
        if self.is_output and not self.units[unit].isdigit():
            return f"⟨{escape_name(self.units[unit])}⟩"
        return subscript(unit + 1)

    def h(self, unit: int) -> str:
        """Input of a unit's activation."""
        return f"h{self.level}{self.unit(unit)}"

    def a(self, unit: int) -> str:
        """A unit's output."""
        return f"ŷ{self.unit(unit)}" if self.is_output else f"a{self.level}{self.unit(unit)}"

    def delta(self, unit: int) -> str:
        """A unit's error term."""
        return f"δ{self.error_level}{self.unit(unit)}"

    @property
    def error_level(self) -> str:
        """What is raised beside δ."""
        return "ʰ" if self.depth == 2 and not self.is_output else self.level

    @property
    def weight(self) -> str:
        """The letter of the weights."""
        if self.depth == 2 and self.is_output:
            return "W"
        return f"w{self.level}"

    def pair(self, source: str, unit: int) -> str:
        """Index of a weight, or of a bias where `source` is empty."""
        goal = "" if len(self.units) == 1 else self.a(unit)
        if self.is_output and goal.endswith("⟩"):
            goal = escape_name(self.units[unit])
        if not source:
            return f"⟨{goal}⟩" if goal else ""
        return f"⟨{input_symbol(source)} → {goal}⟩" if goal else f"⟨{input_symbol(source)}⟩"
