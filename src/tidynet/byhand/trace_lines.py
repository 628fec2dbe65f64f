"""A step → the lines that one would write by hand: symbol = formula = numbers = value, in sections."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tidynet.byhand.formulas import DERIVATIVES, ERRORS, OUTPUT_TERMS, VALUES, formula_of, gaussian_term
from tidynet.byhand.math_markup import escape_name
from tidynet.byhand.number_format import addition_text, factor_text, number_text, product_text, sum_text
from tidynet.byhand.symbols import LayerSymbols, input_symbol
from tidynet.byhand.update_lines import update_lines
from tidynet.engine.activations import ACTIVATIONS
from tidynet.engine.losses import LOSSES

if TYPE_CHECKING:
    from tidynet.byhand.trace_data import TraceData
    from tidynet.byhand.training_step import LayerStep

__all__ = ["TraceLine", "TraceSection", "row_label", "sections"]

Array = NDArray[np.float64]

MAX_ROWS = 3  # of a batch whose passes are written out


@dataclass(frozen=True)
class TraceLine:
    """symbol = formula = numbers = value; parts that say nothing are empty."""

    symbol: str
    formula: str
    numbers: str
    value: str


@dataclass(frozen=True)
class TraceSection:
    """Lines under a title; `more` says what was folded away, `row` which row they are of and `layer` which step."""

    title: str
    lines: tuple[TraceLine, ...]
    more: str = ""
    row: int | None = None
    layer: int | None = None


def sections(trace: TraceData, max_count: int = 12) -> list[TraceSection]:
    """Every line of a trace, long layers folded after `max_count` units or weights."""
    step, rows = trace.step, len(trace.step.y)
    result: list[TraceSection] = []
    for row in range(min(rows, MAX_ROWS)):
        index = row_label(trace, row)
        of_row = [_inputs(trace, row, index, max_count)]
        of_row += [_forward(trace, number, row, index, max_count) for number in range(len(step.layers))]
        of_row.append(TraceSection(f"Error{index}", tuple(_row_error(trace, row))))
        backward = range(len(step.layers) - 1, -1, -1)
        of_row += [_backward(trace, number, row, index, max_count) for number in backward]
        result += [replace(item, row=row) for item in of_row]
    if rows > MAX_ROWS:
        result.append(TraceSection("Further rows", (), f"… {rows - MAX_ROWS} more rows"))
    total = tuple(_total_error(trace))
    if total:
        result.append(TraceSection("Error of the step", total))
    for number in range(len(step.layers) - 1, -1, -1):
        lines, more = update_lines(trace, number, max_count)
        title = f"Step of {_layer_with_article(trace, number)}"
        result.append(TraceSection(title, tuple(TraceLine(*item) for item in lines), more, layer=number))
    return result


def row_label(trace: TraceData, row: int) -> str:
    """Which row of several a title speaks of."""
    rows = len(trace.step.y)
    return f", row {row + 1} of {rows}" if rows > 1 else ""


def layer_name(trace: TraceData, number: int) -> str:
    """A layer in words."""
    hidden = len(trace.step.layers) - 1
    if number == hidden:
        return "output layer" if hidden else "unit" if len(trace.step.layers[0].units) == 1 else "output units"
    return f"hidden layer {number + 1}" if hidden > 1 else "hidden layer"


def _layer_with_article(trace: TraceData, number: int) -> str:
    name = layer_name(trace, number)
    return name if name[-1].isdigit() else f"the {name}"


def letters(trace: TraceData, number: int) -> LayerSymbols:
    """The letters of a layer."""
    return LayerSymbols(number, len(trace.step.layers), trace.step.layers[number].units)


def truncate_list(count: int, max_count: int, what: str) -> tuple[range, str]:
    """The first of many, and how many more there are."""
    return (range(count), "") if count <= max_count else (range(max_count), f"… {count - max_count} more {what}")


def _inputs(trace: TraceData, row: int, index: str, max_count: int) -> TraceSection:
    layer = trace.step.layers[0]
    values, mask = layer.inputs_with_bias[row], None if layer.mask is None else layer.mask[row]
    there = [int(item) for item in np.flatnonzero(values if mask is None else (values != 0) | (mask == 0))]
    max_count *= 2  # one line each
    chosen = list(range(len(values))) if len(values) <= max_count else there[:max_count]
    lines = [
        TraceLine(input_symbol(layer.inputs[item]), "", _masked(mask, item), number_text(values[item]))
        for item in chosen
    ]
    remaining = len(values) - len(chosen)
    zeros = " of 0" if len(there) <= max_count else ""
    return TraceSection(f"Inputs{index}", tuple(lines), f"… {remaining} more{zeros}" if remaining else "")


def _masked(mask: Array | None, index: int) -> str:
    if mask is None or mask[index] == 1:
        return ""
    return "dropped" if mask[index] == 0 else f"kept by dropout, times {number_text(mask[index])}"


def _forward(trace: TraceData, number: int, row: int, index: str, max_count: int) -> TraceSection:
    layer, custom = trace.step.layers[number], letters(trace, number)
    display_text, more = truncate_list(len(layer.units), max_count, "units")
    lines = [line for unit in display_text for line in _unit_lines(trace, layer, custom, row, unit)]
    inputs, units = layer.weights.before.shape
    shape = f"{inputs} {_plural(inputs, 'input')} → {units} {_plural(units, 'unit')}, {layer.activation}"
    return TraceSection(f"{layer_name(trace, number).capitalize()}{index}: {shape}", tuple(lines), more)


def _plural(count: int, word: str) -> str:
    return word if count == 1 else f"{word}s"


def _unit_lines(trace: TraceData, layer: LayerStep, custom: LayerSymbols, row: int, unit: int) -> Iterator[TraceLine]:
    h, a = layer.h[row, unit], layer.a[row, unit]
    source = "x" if custom.place == 0 else "a"
    formula = f"Σ {custom.weight}·{source}" + ("" if layer.biases is None else " + b")
    numbers = sum_text(zip(layer.weights.before[:, unit], layer.inputs_with_bias[row], strict=True))
    if layer.biases is not None:
        numbers = addition_text(numbers, float(layer.biases.before[unit]))
    yield TraceLine(custom.h(unit), formula, numbers, number_text(h))
    if layer.activation == "softmax":
        yield TraceLine(custom.a(unit), formula_of("softmax"), _softmax_numbers(layer.h[row], unit), number_text(a))
        return
    formula = formula_of(layer.activation)
    function = "f(h)" if formula == "h" else f"f(h) = {formula}"
    yield TraceLine(custom.a(unit), function, VALUES[layer.activation](h, a), number_text(a))
    if layer.derivative is not None and not (custom.is_output and OUTPUT_TERMS[trace.loss].on_input):
        row_of = ACTIVATIONS[layer.activation]
        numbers = DERIVATIVES[layer.activation](h, a)
        bare = "" if numbers == number_text(layer.derivative[row, unit]) else numbers
        yield TraceLine(
            f"f′({custom.h(unit)})", row_of.derivative_formula, bare, number_text(layer.derivative[row, unit])
        )


def _softmax_numbers(h: Array, unit: int) -> str:
    terms = [f"e^({number_text(item)})" for item in h[:4]]
    more = f" + … {len(h) - 4} more" if len(h) > 4 else ""
    return f"e^({number_text(h[unit])})/({' + '.join(terms)}{more})"


def _row_error(trace: TraceData, row: int) -> Iterator[TraceLine]:
    step = trace.step
    y, p = step.y[row], step.predicted[row]
    yield TraceLine("y", "", _output_lines(trace, row), ", ".join(number_text(item) for item in y))
    formula = LOSSES[trace.loss].formula if trace.loss in LOSSES else "0 if y = ŷ else 1"
    if trace.own_loss:
        yield TraceLine("E", f"“{trace.own_loss}”", "", number_text(step.losses[row]))
        return
    if len(y) == 1:
        formula = formula.replace("Σ (yⱼ − ŷⱼ)²", "(y − ŷ)²").replace("Σ |yⱼ − ŷⱼ|", "|y − ŷ|")
    yield TraceLine(
        "E", formula, ERRORS[trace.loss](_smoothed(trace, y), p, trace.network.options), number_text(step.losses[row])
    )


def _output_lines(trace: TraceData, row: int) -> str:
    """The answer as the user gave it, where that is another than the number that the loss takes."""
    answer = trace.outputs[row] if row < len(trace.outputs) else ""
    if len(trace.step.y[row]) == 1:
        try:
            return "" if math.isclose(float(answer), trace.step.y[row, 0], rel_tol=1e-4) else escape_name(answer)
        except ValueError:
            pass
    return escape_name(answer) if answer else ""


def _smoothed(trace: TraceData, y: Array) -> Array:
    fraction = trace.network.options.label_smoothing
    if trace.loss not in ("cross_entropy", "binary_cross_entropy"):
        return y
    return (1 - fraction) * y + fraction / max(len(y), 2)


def _total_error(trace: TraceData) -> Iterator[TraceLine]:
    step, penalties = trace.step, trace.plan.penalties
    rows = len(step.losses)
    if rows > 1:
        if np.allclose(step.shares, 1 / rows):
            yield TraceLine(
                "E", "(Σ E)/m", f"({sum_text((item,) for item in step.losses)})/{rows}", number_text(step.loss)
            )
        else:
            shared = sum_text(zip(step.shares, step.losses, strict=True))
            yield TraceLine("E", "Σ “share”·E", shared, number_text(step.loss))
    if step.penalty:
        terms = (("α₁·Σ |w|", "α₁", penalties.l1), ("½·α₂·Σ w²", "α₂", penalties.l2))
        used = [text for text, _, strength in terms if strength]
        numbers = " and ".join(f"{name} = {number_text(strength)}" for _, name, strength in terms if strength)
        formula = " + ".join(used) if rows == 1 else f"({' + '.join(used)})/m"
        yield TraceLine("“penalty”", formula, f"“with” {numbers}", number_text(step.penalty))
        yield TraceLine(
            "E",
            "“loss” + “penalty”",
            f"{number_text(step.loss)} + {number_text(step.penalty)}",
            number_text(step.error),
        )


def _backward(trace: TraceData, number: int, row: int, index: str, max_count: int) -> TraceSection:
    layer, custom = trace.step.layers[number], letters(trace, number)
    display_text, more = truncate_list(len(layer.units), max_count, "units")
    make = _output_delta if custom.is_output else _hidden_delta
    lines = tuple(make(trace, number, row, unit) for unit in display_text)
    return TraceSection(f"Error terms of {_layer_with_article(trace, number)}{index}", lines, more)


def _output_delta(trace: TraceData, number: int, row: int, unit: int) -> TraceLine:
    layer, custom, term = trace.step.layers[number], letters(trace, number), OUTPUT_TERMS[trace.loss]
    value = number_text(layer.delta[row, unit])
    if trace.own_loss:
        return TraceLine(custom.delta(unit), "−∂E/∂ŷ·f′(h)", "", value)
    y = _smoothed(trace, trace.step.y[row])
    target = y[unit] if len(y) == layer.a.shape[1] else y[unit * len(y) // layer.a.shape[1]]
    p = layer.a[row, unit]
    if trace.loss == "gaussian":
        index = unit % len(y)
        of_mean = unit < len(y)
        formula, numbers = gaussian_term(y[index], layer.a[row, index], layer.a[row, len(y) + index], of_mean)
        return TraceLine(custom.delta(unit), formula, numbers, value)
    numbers = term.numbers(float(target), float(p), trace.network.options).replace("/k", f"/{len(y)}")
    if term.on_input:
        return TraceLine(custom.delta(unit), term.formula, numbers, value)
    slope = _slope(layer, row, unit)
    return TraceLine(custom.delta(unit), f"{term.formula}·f′(h)", f"{numbers}·{slope}", value)


def _slope(layer: LayerStep, row: int, unit: int) -> str:
    """f′(h) inside a product: spelt out for the sigmoid as the notes do, else its value."""
    if layer.activation == "sigmoid":
        return DERIVATIVES["sigmoid"](layer.h[row, unit], layer.a[row, unit])
    assert layer.derivative is not None
    return factor_text(layer.derivative[row, unit])


def _hidden_delta(trace: TraceData, number: int, row: int, unit: int) -> TraceLine:
    """δ = Σ W·δ of the layer above, times the mask, times f′(h)."""
    layer, above = trace.step.layers[number], trace.step.layers[number + 1]
    custom, upper = letters(trace, number), letters(trace, number + 1)
    slope = _slope(layer, row, unit)
    pairs = list(zip(above.weights.before[unit], above.delta[row], strict=True))
    spread = product_text(*pairs[0]) if len(pairs) == 1 else f"({sum_text(pairs)})"
    mask = None if above.mask is None else above.mask[row, unit]
    sent = f"{upper.weight}·δ{upper.error_level}"
    formula = f"{'Σ ' if len(pairs) > 1 else ''}{sent}{'·mask' if mask is not None else ''}·f′(h)"
    numbers = f"{spread}{f'·{factor_text(mask)}' if mask is not None else ''}·{slope}"
    return TraceLine(custom.delta(unit), formula, numbers, number_text(layer.delta[row, unit]))
