"""The lines of a calculation by hand, in sections: symbol = formula = numbers = value."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tidynet.byhand.formulas import (
    LayerSymbols,
    activation_formula,
    activation_text,
    delta_text,
    derivative_text,
    input_symbol,
    loss_row,
)
from tidynet.byhand.math_markup import escape_name
from tidynet.byhand.update_lines import update_lines
from tidynet.core.formula_text import addition_text, factor_text, number_text, product_text, sum_text
from tidynet.core.text import pluralize
from tidynet.engine.activations import ACTIVATIONS

if TYPE_CHECKING:
    from tidynet.byhand.training_step import LayerStep, TraceData

Array = NDArray[np.float64]

MAX_ROWS = 3  # rows of a batch written out


@dataclass(frozen=True)
class TraceLine:
    """symbol = formula = numbers = value; redundant parts are empty."""

    symbol: str
    formula: str
    numbers: str
    value: str


@dataclass(frozen=True)
class TraceSection:
    """Lines under a title."""

    title: str
    lines: tuple[TraceLine, ...]
    more: str = ""  # what is left out
    row: int | None = None  # of the batch
    layer: int | None = None  # whose weights are updated


def sections(trace: TraceData, max_units: int = 12) -> list[TraceSection]:
    """The lines of a trace, with at most `max_units` units or weights of each layer."""
    step, rows = trace.step, len(trace.step.y)
    parts: list[TraceSection] = []
    for row in range(min(rows, MAX_ROWS)):
        label = row_label(trace, row)
        of_row = [_inputs(trace, row, label, max_units)]
        of_row += [_forward(trace, number, row, label, max_units) for number in range(len(step.layers))]
        of_row.append(TraceSection(f"Error{label}", tuple(_row_error(trace, row))))
        backward = range(len(step.layers) - 1, -1, -1)
        of_row += [_backward(trace, number, row, label, max_units) for number in backward]
        parts += [replace(part, row=row) for part in of_row]
    if rows > MAX_ROWS:
        parts.append(TraceSection("Further rows", (), f"… {pluralize(rows - MAX_ROWS, 'more row')}"))
    total = tuple(_total_error(trace))
    if total:
        parts.append(TraceSection("Error of the step", total))
    for number in range(len(step.layers) - 1, -1, -1):
        lines, more = update_lines(trace, number, max_units)
        title = f"Update of {_layer_with_article(trace, number)}"
        parts.append(TraceSection(title, tuple(TraceLine(*item) for item in lines), more, layer=number))
    return parts


def row_label(trace: TraceData, row: int) -> str:
    """The number of the row in a batch, for titles."""
    rows = len(trace.step.y)
    return f", row {row + 1} of {rows}" if rows > 1 else ""


def layer_name(trace: TraceData, number: int) -> str:
    """The name of a layer in titles."""
    hidden = len(trace.step.layers) - 1
    if number == hidden:
        return "output layer" if hidden else "unit" if len(trace.step.layers[0].units) == 1 else "output units"
    return f"hidden layer {number + 1}" if hidden > 1 else "hidden layer"


def _layer_with_article(trace: TraceData, number: int) -> str:
    name = layer_name(trace, number)
    return name if name[-1].isdigit() else f"the {name}"


def letters(trace: TraceData, number: int) -> LayerSymbols:
    """The symbols of a layer."""
    return LayerSymbols(number, len(trace.step.layers), trace.step.layers[number].units)


def truncate_units(count: int, max_units: int) -> tuple[range, str]:
    """The first units, and a note of the others."""
    if count <= max_units:
        return range(count), ""
    return range(max_units), f"… {pluralize(count - max_units, 'more unit')}"


def _inputs(trace: TraceData, row: int, label: str, max_units: int) -> TraceSection:
    layer = trace.step.layers[0]
    values, mask = layer.input_values[row], None if layer.mask is None else layer.mask[row]
    nonzero = np.flatnonzero(values if mask is None else (values != 0) | (mask == 0)).tolist()
    most = 2 * max_units  # one line each
    indices = list(range(len(values))) if len(values) <= most else nonzero[:most]
    lines = [
        TraceLine(input_symbol(layer.inputs[index]), "", _mask_text(mask, index), number_text(values[index]))
        for index in indices
    ]
    remaining = len(values) - len(indices)
    zeros = " equal to 0" if len(nonzero) <= most else ""
    return TraceSection(f"Inputs{label}", tuple(lines), f"… {remaining} more{zeros}" if remaining else "")


def _mask_text(mask: Array | None, index: int) -> str:
    if mask is None or mask[index] == 1:
        return ""
    return "dropped" if mask[index] == 0 else f"not dropped, times {number_text(mask[index])}"


def _forward(trace: TraceData, number: int, row: int, label: str, max_units: int) -> TraceSection:
    layer, symbols = trace.step.layers[number], letters(trace, number)
    units_shown, more = truncate_units(len(layer.units), max_units)
    lines = [
        line for unit in units_shown for line in _unit_lines(trace, layer, symbols, row, unit, sum_terms(max_units))
    ]
    inputs, units = layer.weights.before.shape
    shape = f"{pluralize(inputs, 'input')} → {pluralize(units, 'unit')}, {layer.activation}"
    return TraceSection(f"{layer_name(trace, number).capitalize()}{label}: {shape}", tuple(lines), more)


def sum_terms(max_units: int) -> int:
    """The terms written out of a sum: more than the default of units means so many terms too."""
    return max_units if max_units > 12 else 6 if max_units == 12 else 3


def _unit_lines(
    trace: TraceData, layer: LayerStep, symbols: LayerSymbols, row: int, unit: int, terms: int
) -> Iterator[TraceLine]:
    h, a = layer.h[row, unit], layer.a[row, unit]
    source = "x" if symbols.index == 0 else "a"
    formula = f"Σ {symbols.weight}·{source}" + ("" if layer.biases is None else " + b")
    numbers = sum_text(zip(layer.weights.before[:, unit], layer.input_values[row], strict=True), terms)
    if layer.biases is not None:
        numbers = addition_text(numbers, float(layer.biases.before[unit]))
    yield TraceLine(symbols.h(unit), formula, numbers, number_text(h))
    if layer.activation == "softmax":
        yield TraceLine(
            symbols.a(unit), activation_formula("softmax"), _softmax_numbers(layer.h[row], unit, terms), number_text(a)
        )
        return
    formula = activation_formula(layer.activation)
    function = "f(h)" if formula == "h" else f"f(h) = {formula}"
    yield TraceLine(symbols.a(unit), function, activation_text(layer.activation, h, a), number_text(a))
    if layer.derivative is not None and not (symbols.is_output and loss_row(trace.loss).on_input):
        numbers, value = derivative_text(layer.activation, h, a), number_text(layer.derivative[row, unit])
        formula = ACTIVATIONS[layer.activation].derivative_formula
        yield TraceLine(f"f′({symbols.h(unit)})", formula, "" if numbers == value else numbers, value)


def _softmax_numbers(h: Array, unit: int, max_terms: int) -> str:
    most = max_terms if max_terms > 6 else 4
    terms = [f"e^({number_text(item)})" for item in h[:most]]
    more = f" + … {len(h) - most} more" if len(h) > most else ""
    return f"e^({number_text(h[unit])})/({' + '.join(terms)}{more})"


def _row_error(trace: TraceData, row: int) -> Iterator[TraceLine]:
    step = trace.step
    y, p = step.y[row], step.predicted[row]
    yield TraceLine("y", "", _target_text(trace, row), ", ".join(number_text(item) for item in y))
    if trace.custom_loss:
        yield TraceLine("E", f"“{trace.custom_loss}”", "", number_text(step.losses[row]))
        return
    loss, options = loss_row(trace.loss), trace.network.options
    formula = loss.formula
    if len(y) == 1:
        formula = formula.replace("Σ (yⱼ − ŷⱼ)²", "(y − ŷ)²").replace("Σ |yⱼ − ŷⱼ|", "|y − ŷ|")
    numbers = loss.trace(loss.smooth(y[None], options)[0], p, options)
    yield TraceLine("E", formula, numbers, number_text(step.losses[row]))


def _target_text(trace: TraceData, row: int) -> str:
    """The target as the user gave it, if it differs from the number in the loss."""
    target = trace.targets[row] if row < len(trace.targets) else ""
    if len(trace.step.y[row]) == 1:
        try:
            return "" if math.isclose(float(target), trace.step.y[row, 0], rel_tol=1e-4) else escape_name(target)
        except ValueError:
            pass
    return escape_name(target) if target else ""


def _total_error(trace: TraceData) -> Iterator[TraceLine]:
    step, penalties = trace.step, trace.config.penalties
    rows = len(step.losses)
    if rows > 1 and np.allclose(step.row_weights, 1 / rows):
        numbers = f"({sum_text((item,) for item in step.losses)})/{rows}"
        yield TraceLine("E", "(Σ E)/m", numbers, number_text(step.loss))
    elif rows > 1:
        numbers = sum_text(zip(step.row_weights, step.losses, strict=True))
        yield TraceLine("E", "Σ “weight”·E", numbers, number_text(step.loss))
    if step.penalty:
        terms = (("α₁·Σ |w|", "α₁", penalties.l1), ("½·α₂·Σ w²", "α₂", penalties.l2))
        used = [text for text, _, strength in terms if strength]
        numbers = " and ".join(f"{name} = {number_text(strength)}" for _, name, strength in terms if strength)
        formula = " + ".join(used) if rows == 1 else f"({' + '.join(used)})/m"
        yield TraceLine("“penalty”", formula, f"“with” {numbers}", number_text(step.penalty))
        numbers = f"{number_text(step.loss)} + {number_text(step.penalty)}"
        yield TraceLine("E", "“loss” + “penalty”", numbers, number_text(step.error))


def _backward(trace: TraceData, number: int, row: int, label: str, max_units: int) -> TraceSection:
    layer, symbols = trace.step.layers[number], letters(trace, number)
    units_shown, more = truncate_units(len(layer.units), max_units)
    if symbols.is_output:
        lines = tuple(_output_delta(trace, number, row, unit) for unit in units_shown)
    else:
        lines = tuple(_hidden_delta(trace, number, row, unit, sum_terms(max_units)) for unit in units_shown)
    return TraceSection(f"Error terms of {_layer_with_article(trace, number)}{label}", lines, more)


def _output_delta(trace: TraceData, number: int, row: int, unit: int) -> TraceLine:
    layer, symbols, loss = trace.step.layers[number], letters(trace, number), loss_row(trace.loss)
    value = number_text(layer.delta[row, unit])
    if trace.custom_loss:
        return TraceLine(symbols.delta(unit), "−∂E/∂ŷ·f′(h)", "", value)
    options = trace.network.options
    y = loss.smooth(trace.step.y[row][None], options)[0]
    formula, numbers = delta_text(loss, y, layer.a[row], unit, options)
    if loss.on_input:
        return TraceLine(symbols.delta(unit), formula, numbers, value)
    return TraceLine(symbols.delta(unit), f"{formula}·f′(h)", f"{numbers}·{_slope(layer, row, unit)}", value)


def _slope(layer: LayerStep, row: int, unit: int) -> str:
    """f′(h) inside a product: for the sigmoid its formula as in the notes, else its value."""
    if layer.activation == "sigmoid":
        return derivative_text("sigmoid", layer.h[row, unit], layer.a[row, unit])
    assert layer.derivative is not None
    return factor_text(layer.derivative[row, unit])


def _hidden_delta(trace: TraceData, number: int, row: int, unit: int, terms: int) -> TraceLine:
    """δ = Σ W·δ of the layer above, times the mask, times f′(h)."""
    layer, above = trace.step.layers[number], trace.step.layers[number + 1]
    symbols, upper = letters(trace, number), letters(trace, number + 1)
    slope = _slope(layer, row, unit)
    pairs = list(zip(above.weights.before[unit], above.delta[row], strict=True))
    spread = product_text(*pairs[0]) if len(pairs) == 1 else f"({sum_text(pairs, terms)})"
    mask = None if above.mask is None else above.mask[row, unit]
    sent = f"{upper.weight}·δ{upper.delta_superscript}"
    formula = f"{'Σ ' if len(pairs) > 1 else ''}{sent}{'·mask' if mask is not None else ''}·f′(h)"
    numbers = f"{spread}{f'·{factor_text(mask)}' if mask is not None else ''}·{slope}"
    return TraceLine(symbols.delta(unit), formula, numbers, number_text(layer.delta[row, unit]))
