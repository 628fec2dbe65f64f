"""Linear boundaries W·x + b = 0: one, the history of a perceptron, and the text of one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, overload

from numpy.typing import NDArray

from tidynet.core.display import Displayed
from tidynet.core.formula_text import subscript

Array = NDArray[Any]


class LinearBoundary(NamedTuple):
    """A boundary W·x + b = 0, as `coefficients` of shape (features,) and a `bias`."""

    coefficients: Array
    bias: float


class BoundaryHistory(Displayed, Sequence[LinearBoundary]):
    """The boundaries of a training in order, as one matrix of (boundaries, features + 1)."""

    def __init__(self, values: Array) -> None:
        self.values = values

    def __len__(self) -> int:
        return len(self.values)

    @overload
    def __getitem__(self, index: int) -> LinearBoundary: ...
    @overload
    def __getitem__(self, index: slice) -> BoundaryHistory: ...
    def __getitem__(self, index: int | slice) -> LinearBoundary | BoundaryHistory:
        if isinstance(index, slice):
            return BoundaryHistory(self.values[index])
        return LinearBoundary(self.values[index, :-1], float(self.values[index, -1]))

    def __iter__(self) -> Iterator[LinearBoundary]:
        return (self[index] for index in range(len(self)))

    def display_lines(self) -> list[str]:
        """The number of boundaries, the first and the last."""
        head = f"BoundaryHistory of {len(self)} boundaries in {self.values.shape[1] - 1} features"
        ends = {"first": 0, "last": len(self) - 1} if len(self) else {}
        return [head, *(f"{name}: {boundary_text(*self[index])}" for name, index in ends.items())]


def boundary_text(coefficients: Array, bias: float, names: Sequence[str] | None = None) -> str:
    """A boundary as an equation: four significant digits, minus signs, names if there are any."""
    terms = []
    for index, value in enumerate(coefficients):
        name = f"x{subscript(index + 1)}" if names is None else names[index]
        size = f"{abs(value):.4g}"
        if float(size) != 0:
            factor = "" if size == "1" else size if names is None else f"{size}·"
            terms.append((value < 0, f"{factor}{name}"))
    if float(f"{abs(bias):.4g}") != 0 or not terms:
        terms.append((bias < 0, f"{abs(bias):.4g}"))
    first = ("−" if terms[0][0] else "") + terms[0][1]
    return first + "".join(f" {'−' if negative else '+'} {text}" for negative, text in terms[1:]) + " = 0"
