"""Logic gates as step units with given weights.

A unit outputs 1 where W·x + b ≥ 0. AND, OR, NOT, NAND and NOR are one unit each. XOR is not linearly separable
and is a network of three: AND of OR and NAND (McCulloch and Pitts, 1943; Minsky and Papert, 1969).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tidynet.core.display import Displayed
from tidynet.core.errors import InputError, did_you_mean
from tidynet.core.formula_text import subscript
from tidynet.core.text import join_names, pluralize
from tidynet.estimators.linear_boundary import boundary_text
from tidynet.estimators.perceptron import Perceptron
from tidynet.plot.theme import BASE, INK, PAPER, WIDTH, finish_figure, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Array = NDArray[Any]


@dataclass(frozen=True)
class Unit:
    """A step unit: 1 where weights·inputs + bias ≥ 0."""

    name: str
    weights: tuple[float, ...]
    bias: float

    @property
    def boundary(self) -> str:
        """The equation of its boundary."""
        return boundary_text(np.array(self.weights), self.bias)

    def __call__(self, X: Array) -> NDArray[np.int64]:
        """The output for each row of X, shape (rows,)."""
        return (X @ np.array(self.weights) + self.bias >= 0).astype(np.int64)


@dataclass(frozen=True, repr=False)
class LogicGate(Displayed):
    """A gate as a network of step units; the last layer is one unit.

    Examples
    --------
    >>> logic_gate("XOR")(1, 0), logic_gate("XOR")(1, 1)
    (1, 0)
    >>> print(logic_gate("NOT"))
    NOT: −x₁ + 0.5 = 0
    x₁  NOT
     0    1
     1    0
    """

    name: str
    layers: tuple[tuple[Unit, ...], ...]
    expected: Callable[..., bool]  # the truth value of the inputs

    def __call__(self, *inputs: float) -> int:
        """The output for one pair (or one value) of inputs."""
        if len(inputs) != self.width:
            raise InputError(f"{self.name} has {pluralize(len(inputs), 'input')}, expected {self.width}")
        return int(self.predict(np.array([inputs], dtype=np.float64))[0])

    @property
    def width(self) -> int:
        """The number of inputs."""
        return len(self.layers[0][0].weights)

    @property
    def inputs(self) -> Array:
        """All inputs of the truth table, shape (2 ** width, width)."""
        return np.array(list(product((0.0, 1.0), repeat=self.width)))

    @property
    def truth_table(self) -> list[tuple[int, ...]]:
        """Each row of inputs with the output."""
        rows = np.column_stack([self.inputs, self.predict(self.inputs)]).astype(int)
        return [tuple(row) for row in rows.tolist()]

    @property
    def is_correct(self) -> bool:
        """Whether every output is the expected one."""
        return all(bool(output) == self.expected(*map(bool, inputs)) for *inputs, output in self.truth_table)

    def predict(self, X: Array) -> NDArray[np.int64]:
        """The output for each row, shape (rows,)."""
        return self.outputs(X)[-1][:, 0].astype(np.int64)

    def outputs(self, X: Array) -> list[Array]:
        """The outputs of each layer, shape (rows, units)."""
        outputs, V = [], np.asarray(X, dtype=np.float64)
        for units in self.layers:
            V = np.column_stack([unit(V) for unit in units]).astype(np.float64)
            outputs.append(V)
        return outputs

    def fit_perceptron(self, random_state: int = 0, **parameters: Any) -> Perceptron:
        """A perceptron fitted to the truth table; for XOR it does not converge."""
        target = [int(self.expected(*map(bool, row))) for row in self.inputs]
        return Perceptron(random_state=random_state, **parameters).fit(self.inputs, target)

    def display_lines(self) -> list[str]:
        """The gate, its units and its truth table."""
        return [f"LogicGate {self.name}", *str(self).split("\n")]

    def _repr_html_(self) -> str:
        return f'<div style="color:inherit"><strong>LogicGate {self.name}</strong><pre>{self}</pre></div>'

    def __str__(self) -> str:
        names = [f"x{subscript(index + 1)}" for index in range(self.width)]
        hidden = [unit for units in self.layers[:-1] for unit in units]
        lines = [f"{unit.name}: {unit.boundary}" for unit in hidden]
        last = self.layers[-1][0]
        inputs_text = f" of {' and '.join(unit.name for unit in hidden)}" if hidden else ""
        lines.append(
            f"{self.name}: {last.name}{inputs_text}, {last.boundary}" if hidden else f"{self.name}: {last.boundary}"
        )
        lines.append("  ".join([*names, *(unit.name for unit in hidden), self.name]))
        layers = self.outputs(self.inputs)
        widths = [len(name) for name in (*names, *(unit.name for unit in hidden), self.name)]
        for row, inputs in enumerate(self.inputs):
            values = (*inputs, *(value for outputs in layers for value in outputs[row]))
            lines.append("  ".join(f"{int(v):>{width}}" for v, width in zip(values, widths, strict=True)))
        return "\n".join(lines)

    def plot(self) -> Figure:
        """The truth table on the plane of its inputs, with the boundaries of the first layer."""
        figure = new_figure(WIDTH * 0.75, WIDTH * 0.72 if self.width > 1 else 1.9)
        axes = figure.subplots()
        _draw_regions(axes, self)
        _draw_boundaries(axes, self)
        _draw_points(axes, self)
        finish_figure(axes, grid="")
        figure.suptitle(self.name, fontsize=11)
        return figure


def _plane(gate: LogicGate, ends: tuple[float, float], steps: int) -> tuple[Array, Array, Array]:
    """A grid over the inputs, and the output at each point."""
    x, y = np.meshgrid(np.linspace(*ends, steps), np.linspace(*ends, steps))
    points = np.column_stack([x.ravel(), y.ravel()][: gate.width])
    return x, y, gate.predict(points).reshape(x.shape)


def _draw_regions(axes: Axes, gate: LogicGate) -> None:
    x, y, output = _plane(gate, (-0.5, 1.5), 401)
    axes.contourf(x, y, output, levels=[0.5, 1.5], colors=[BASE], alpha=0.18)


def _draw_boundaries(axes: Axes, gate: LogicGate) -> None:
    for number, unit in enumerate(gate.layers[0]):
        style: Any = ("-", (0, (5, 2)))[number % 2]
        if gate.width == 1:
            axes.axvline(-unit.bias / unit.weights[0], color=INK, linewidth=1.2, linestyle=style)
        else:
            x = np.array([-0.5, 1.5])
            axes.plot(x, -(unit.weights[0] * x + unit.bias) / unit.weights[1], color=INK, lw=1.2, linestyle=style)
    is_one = len(gate.layers[0]) == 1
    labels = [unit.boundary if is_one else f"{unit.name}:  {unit.boundary}" for unit in gate.layers[0]]
    for line, label in zip(axes.lines, labels, strict=True):
        line.set_label(label)
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), frameon=False, fontsize=9, borderaxespad=0.1)


def _draw_points(axes: Axes, gate: LogicGate) -> None:
    outputs = gate.predict(gate.inputs)
    heights = gate.inputs[:, 1] if gate.width > 1 else np.zeros(len(outputs))
    for x, y, output in zip(gate.inputs[:, 0], heights, outputs, strict=True):
        axes.plot(x, y, "o", ms=15, mfc=BASE if output else PAPER, mec=INK, mew=1.2)
        axes.text(x, y, str(output), ha="center", va="center", color=PAPER if output else INK, fontsize=9)
    axes.set(xlim=(-0.5, 1.5), ylim=(-0.5, 1.5), xlabel="x₁", xticks=[0, 1])
    if gate.width > 1:
        axes.set(ylabel="x₂", yticks=[0, 1], aspect="equal")
    else:
        axes.set(yticks=[], ylim=(-0.5, 0.5))


AND = Unit("AND", (1.0, 1.0), -1.5)
OR = Unit("OR", (1.0, 1.0), -0.5)
NOT = Unit("NOT", (-1.0,), 0.5)
NAND = Unit("NAND", (-1.0, -1.0), 1.5)
NOR = Unit("NOR", (-1.0, -1.0), 0.5)

_ROWS = (
    LogicGate("AND", ((AND,),), lambda p, q: p and q),
    LogicGate("OR", ((OR,),), lambda p, q: p or q),
    LogicGate("NOT", ((NOT,),), lambda p: not p),
    LogicGate("NAND", ((NAND,),), lambda p, q: not (p and q)),
    LogicGate("NOR", ((NOR,),), lambda p, q: not (p or q)),
    LogicGate("XOR", ((OR, NAND), (AND,)), lambda p, q: p != q),
)
GATES = {row.name: row for row in _ROWS}


def logic_gate(name: str) -> LogicGate:
    """The logic gate of that name as a network of step units.

    Parameters
    ----------
    name : str
        AND, OR, NOT, NAND, NOR or XOR, in upper or lower case.

    Raises
    ------
    InputError
        If there is no such gate.

    Examples
    --------
    >>> print(logic_gate("AND"))
    AND: x₁ + x₂ − 1.5 = 0
    x₁  x₂  AND
     0   0    0
     0   1    0
     1   0    0
     1   1    1
    """
    gate = GATES.get(name.upper()) if isinstance(name, str) else None
    if gate is None:
        raise InputError(f"name is {name!r}, expected one of {join_names(GATES)}", did_you_mean(str(name), GATES) or "")
    return gate
