"""A step → the lines that one would write by hand: symbol = formula = numbers = value, in sections."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tidynet.byhand.formulas import DERIVATIVES, ERRORS, OUTPUT_TERMS, VALUES, formula_of, gaussian_term
from tidynet.byhand.letters import Letters, named
from tidynet.byhand.numbers import added, factor, product, sum_of, written
from tidynet.byhand.step_lines import move_lines
from tidynet.byhand.typeset import quoted
from tidynet.net.activations import ACTIVATIONS
from tidynet.net.losses import LOSSES

if TYPE_CHECKING:
    from tidynet.byhand.step import Layer
    from tidynet.byhand.traced import Traced

__all__ = ["Line", "Section", "row_place", "sections"]

Array = NDArray[np.float64]

MOST_ROWS = 3  # of a batch whose passes are written out


@dataclass(frozen=True)
class Line:
    """symbol = formula = numbers = value; parts that say nothing are empty."""

    symbol: str
    formula: str
    numbers: str
    value: str


@dataclass(frozen=True)
class Section:
    """Lines under a title; `more` says what was folded away, `row` which row they are of and `layer` which step."""

    title: str
    lines: tuple[Line, ...]
    more: str = ""
    row: int | None = None
    layer: int | None = None


def sections(trace: Traced, most: int = 12) -> list[Section]:
    """Every line of a trace, long layers folded after `most` units or weights."""
    step, rows = trace.step, len(trace.step.y)
    found: list[Section] = []
    for row in range(min(rows, MOST_ROWS)):
        place = row_place(trace, row)
        of_row = [_inputs(trace, row, place, most)]
        of_row += [_forward(trace, number, row, place, most) for number in range(len(step.layers))]
        of_row.append(Section(f"Error{place}", tuple(_row_error(trace, row))))
        backward = range(len(step.layers) - 1, -1, -1)
        of_row += [_backward(trace, number, row, place, most) for number in backward]
        found += [replace(one, row=row) for one in of_row]
    if rows > MOST_ROWS:
        found.append(Section("Further rows", (), f"… {rows - MOST_ROWS} more rows"))
    total = tuple(_total_error(trace))
    if total:
        found.append(Section("Error of the step", total))
    for number in range(len(step.layers) - 1, -1, -1):
        lines, more = move_lines(trace, number, most)
        title = f"Step of {_the(trace, number)}"
        found.append(Section(title, tuple(Line(*one) for one in lines), more, layer=number))
    return found


def row_place(trace: Traced, row: int) -> str:
    """Which row of several a title speaks of."""
    rows = len(trace.step.y)
    return f", row {row + 1} of {rows}" if rows > 1 else ""


def layer_name(trace: Traced, number: int) -> str:
    """A layer in words."""
    hidden = len(trace.step.layers) - 1
    if number == hidden:
        return "output layer" if hidden else "unit" if len(trace.step.layers[0].units) == 1 else "output units"
    return f"hidden layer {number + 1}" if hidden > 1 else "hidden layer"


def _the(trace: Traced, number: int) -> str:
    name = layer_name(trace, number)
    return name if name[-1].isdigit() else f"the {name}"


def letters(trace: Traced, number: int) -> Letters:
    """The letters of a layer."""
    return Letters(number, len(trace.step.layers), trace.step.layers[number].units)


def folded(count: int, most: int, what: str) -> tuple[range, str]:
    """The first of many, and how many more there are."""
    return (range(count), "") if count <= most else (range(most), f"… {count - most} more {what}")


def _inputs(trace: Traced, row: int, place: str, most: int) -> Section:
    layer = trace.step.layers[0]
    values, mask = layer.V[row], None if layer.mask is None else layer.mask[row]
    there = [int(one) for one in np.flatnonzero(values if mask is None else (values != 0) | (mask == 0))]
    most *= 2  # one line each
    chosen = list(range(len(values))) if len(values) <= most else there[:most]
    lines = [Line(named(layer.inputs[one]), "", _masked(mask, one), written(values[one])) for one in chosen]
    left = len(values) - len(chosen)
    zeros = " of 0" if len(there) <= most else ""
    return Section(f"Inputs{place}", tuple(lines), f"… {left} more{zeros}" if left else "")


def _masked(mask: Array | None, place: int) -> str:
    if mask is None or mask[place] == 1:
        return ""
    return "dropped" if mask[place] == 0 else f"kept by dropout, times {written(mask[place])}"


def _forward(trace: Traced, number: int, row: int, place: str, most: int) -> Section:
    layer, own = trace.step.layers[number], letters(trace, number)
    shown, more = folded(len(layer.units), most, "units")
    lines = [line for unit in shown for line in _unit_lines(trace, layer, own, row, unit)]
    inputs, units = layer.weights.before.shape
    shape = f"{inputs} {_plural(inputs, 'input')} → {units} {_plural(units, 'unit')}, {layer.activation}"
    return Section(f"{layer_name(trace, number).capitalize()}{place}: {shape}", tuple(lines), more)


def _plural(count: int, word: str) -> str:
    return word if count == 1 else f"{word}s"


def _unit_lines(trace: Traced, layer: Layer, own: Letters, row: int, unit: int) -> Iterator[Line]:
    h, a = layer.h[row, unit], layer.a[row, unit]
    source = "x" if own.place == 0 else "a"
    formula = f"Σ {own.weight}·{source}" + ("" if layer.biases is None else " + b")
    numbers = sum_of(zip(layer.weights.before[:, unit], layer.V[row], strict=True))
    if layer.biases is not None:
        numbers = added(numbers, float(layer.biases.before[unit]))
    yield Line(own.h(unit), formula, numbers, written(h))
    if layer.activation == "softmax":
        yield Line(own.a(unit), formula_of("softmax"), _softmax_numbers(layer.h[row], unit), written(a))
        return
    formula = formula_of(layer.activation)
    function = "f(h)" if formula == "h" else f"f(h) = {formula}"
    yield Line(own.a(unit), function, VALUES[layer.activation](h, a), written(a))
    if layer.derivative is not None and not (own.is_output and OUTPUT_TERMS[trace.loss].on_input):
        row_of = ACTIVATIONS[layer.activation]
        numbers = DERIVATIVES[layer.activation](h, a)
        bare = "" if numbers == written(layer.derivative[row, unit]) else numbers
        yield Line(f"f′({own.h(unit)})", row_of.derivative_formula, bare, written(layer.derivative[row, unit]))


def _softmax_numbers(h: Array, unit: int) -> str:
    terms = [f"e^({written(one)})" for one in h[:4]]
    more = f" + … {len(h) - 4} more" if len(h) > 4 else ""
    return f"e^({written(h[unit])})/({' + '.join(terms)}{more})"


def _row_error(trace: Traced, row: int) -> Iterator[Line]:
    step = trace.step
    y, p = step.y[row], step.predicted[row]
    yield Line("y", "", _answer(trace, row), ", ".join(written(one) for one in y))
    formula = LOSSES[trace.loss].formula if trace.loss in LOSSES else "0 if y = ŷ else 1"
    if trace.own_loss:
        yield Line("E", f"“{trace.own_loss}”", "", written(step.losses[row]))
        return
    if len(y) == 1:
        formula = formula.replace("Σ (yⱼ − ŷⱼ)²", "(y − ŷ)²").replace("Σ |yⱼ − ŷⱼ|", "|y − ŷ|")
    yield Line(
        "E", formula, ERRORS[trace.loss](_smoothed(trace, y), p, trace.network.options), written(step.losses[row])
    )


def _answer(trace: Traced, row: int) -> str:
    """The answer as the user gave it, where that is another than the number that the loss takes."""
    answer = trace.answers[row] if row < len(trace.answers) else ""
    if len(trace.step.y[row]) == 1:
        try:
            return "" if math.isclose(float(answer), trace.step.y[row, 0], rel_tol=1e-4) else quoted(answer)
        except ValueError:
            pass
    return quoted(answer) if answer else ""


def _smoothed(trace: Traced, y: Array) -> Array:
    share = trace.network.options.label_smoothing
    if trace.loss not in ("cross_entropy", "binary_cross_entropy"):
        return y
    return (1 - share) * y + share / max(len(y), 2)


def _total_error(trace: Traced) -> Iterator[Line]:
    step, penalties = trace.step, trace.plan.penalties
    rows = len(step.losses)
    if rows > 1:
        if np.allclose(step.shares, 1 / rows):
            yield Line("E", "(Σ E)/m", f"({sum_of((one,) for one in step.losses)})/{rows}", written(step.loss))
        else:
            shared = sum_of(zip(step.shares, step.losses, strict=True))
            yield Line("E", "Σ “share”·E", shared, written(step.loss))
    if step.penalty:
        terms = (("α₁·Σ |w|", "α₁", penalties.l1), ("½·α₂·Σ w²", "α₂", penalties.l2))
        used = [text for text, _, strength in terms if strength]
        numbers = " and ".join(f"{name} = {written(strength)}" for _, name, strength in terms if strength)
        formula = " + ".join(used) if rows == 1 else f"({' + '.join(used)})/m"
        yield Line("“penalty”", formula, f"“with” {numbers}", written(step.penalty))
        yield Line("E", "“loss” + “penalty”", f"{written(step.loss)} + {written(step.penalty)}", written(step.error))


def _backward(trace: Traced, number: int, row: int, place: str, most: int) -> Section:
    layer, own = trace.step.layers[number], letters(trace, number)
    shown, more = folded(len(layer.units), most, "units")
    make = _output_delta if own.is_output else _hidden_delta
    lines = tuple(make(trace, number, row, unit) for unit in shown)
    return Section(f"Error terms of {_the(trace, number)}{place}", lines, more)


def _output_delta(trace: Traced, number: int, row: int, unit: int) -> Line:
    layer, own, term = trace.step.layers[number], letters(trace, number), OUTPUT_TERMS[trace.loss]
    value = written(layer.delta[row, unit])
    if trace.own_loss:
        return Line(own.delta(unit), "−∂E/∂ŷ·f′(h)", "", value)
    y = _smoothed(trace, trace.step.y[row])
    target = y[unit] if len(y) == layer.a.shape[1] else y[unit * len(y) // layer.a.shape[1]]
    p = layer.a[row, unit]
    if trace.loss == "gaussian":
        place = unit % len(y)
        of_mean = unit < len(y)
        formula, numbers = gaussian_term(y[place], layer.a[row, place], layer.a[row, len(y) + place], of_mean)
        return Line(own.delta(unit), formula, numbers, value)
    numbers = term.numbers(float(target), float(p), trace.network.options).replace("/k", f"/{len(y)}")
    if term.on_input:
        return Line(own.delta(unit), term.formula, numbers, value)
    slope = _slope(layer, row, unit)
    return Line(own.delta(unit), f"{term.formula}·f′(h)", f"{numbers}·{slope}", value)


def _slope(layer: Layer, row: int, unit: int) -> str:
    """f′(h) inside a product: spelt out for the sigmoid as the notes do, else its value."""
    if layer.activation == "sigmoid":
        return DERIVATIVES["sigmoid"](layer.h[row, unit], layer.a[row, unit])
    assert layer.derivative is not None
    return factor(layer.derivative[row, unit])


def _hidden_delta(trace: Traced, number: int, row: int, unit: int) -> Line:
    """δ = Σ W·δ of the layer above, times the mask, times f′(h)."""
    layer, above = trace.step.layers[number], trace.step.layers[number + 1]
    own, upper = letters(trace, number), letters(trace, number + 1)
    slope = _slope(layer, row, unit)
    pairs = list(zip(above.weights.before[unit], above.delta[row], strict=True))
    spread = product(*pairs[0]) if len(pairs) == 1 else f"({sum_of(pairs)})"
    mask = None if above.mask is None else above.mask[row, unit]
    sent = f"{upper.weight}·δ{upper.error_level}"
    formula = f"{'Σ ' if len(pairs) > 1 else ''}{sent}{'·mask' if mask is not None else ''}·f′(h)"
    numbers = f"{spread}{f'·{factor(mask)}' if mask is not None else ''}·{slope}"
    return Line(own.delta(unit), formula, numbers, written(layer.delta[row, unit]))
