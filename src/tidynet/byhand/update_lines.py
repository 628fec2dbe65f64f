"""The lines of a layer's update: gradient, optimizer, Δw and new weights."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tidynet.byhand.formulas import LayerSymbols
from tidynet.core.formula_text import factor_text, number_text, product_text, sum_text, superscript
from tidynet.engine.optimizers import OPTIMIZERS, Optimizer, optimizer

if TYPE_CHECKING:
    from tidynet.byhand.training_step import LayerStep, ParameterUpdate, TraceData

Array = NDArray[np.float64]
Parts = tuple[str, str, str, str]  # symbol, formula, numbers, value


@dataclass(frozen=True)
class _TraceLocation:
    """One weight or bias of a layer."""

    trace: TraceData
    layer: LayerStep
    symbols: LayerSymbols
    source: int  # row of W; −1 for the bias
    unit: int

    @property
    def update(self) -> ParameterUpdate:
        if self.source < 0 and self.layer.biases is not None:
            return self.layer.biases
        return self.layer.weights

    @property
    def optimizer(self) -> Optimizer:
        return optimizer(self.trace.config.optimizer)

    @property
    def at(self) -> int | tuple[int, int]:
        return self.unit if self.source < 0 else (self.source, self.unit)

    def value(self, name: str) -> float:
        return float(getattr(self.update, name)[self.at])

    @property
    def index(self) -> str:
        return self.symbols.pair("" if self.source < 0 else self.layer.inputs[self.source], self.unit)

    @property
    def letter(self) -> str:
        return f"b{self.symbols.superscript}" if self.source < 0 else self.symbols.weight


def update_lines(trace: TraceData, number: int, max_units: int) -> tuple[list[Parts], str]:
    """The lines of one layer, of the largest gradients if there are many weights, and a note of the others."""
    layer = trace.step.layers[number]
    symbols = LayerSymbols(number, len(trace.step.layers), layer.units)
    steps, gradients = layer.weights.step, layer.weights.loss_gradient
    if layer.biases is not None:
        steps = np.vstack([steps, layer.biases.step])
        gradients = np.vstack([gradients, layer.biases.loss_gradient])
    most = max_units if _is_plain(trace) else max(1, max_units // 3)  # weights with several lines each
    inputs, units = layer.weights.before.shape
    order = [(int(index) // units, int(index) % units) for index in range(steps.size)]
    more = ""
    if steps.size > most:
        largest = np.sort(np.argsort(-np.abs(gradients).ravel(), kind="stable")[:most])
        order = [order[index] for index in largest if steps.flat[index] != 0]
        unchanged = int((steps == 0).sum())
        what = "weights and biases" if layer.biases is not None else "weights"
        more = f"… {steps.size - len(order):,} more {what}" + (f", {unchanged:,} unchanged" if unchanged else "")
    lines: list[Parts] = []
    for source, unit in order:
        location = _TraceLocation(trace, layer, symbols, source if source < inputs else -1, unit)
        if location.value("after") == location.value("before") and location.value("gradient"):
            text = number_text(location.value("after"))
            lines.append((f"{location.letter}{location.index}“ new”", "w, “no row has this category”", "", text))
            continue
        lines += _plain(location) if _is_plain(trace) else _full_lines(location)
        lines.append(_new(location))
    return lines, more


def _is_plain(trace: TraceData) -> bool:
    """Whether the step is Δw = η·δ·x, without momentum, penalties and clipping."""
    penalties = trace.config.penalties
    descent = optimizer(trace.config.optimizer).code == OPTIMIZERS["sgd"].code
    return descent and not penalties.l1 and not penalties.l2 and trace.step.clip_factor == 1


def _spread(location: _TraceLocation, *first: float) -> str:
    """Σ δ·x over the rows, times factors, with numbers in it."""
    step, layer = location.trace.step, location.layer
    deltas = layer.delta[:, location.unit]
    sources = None if location.source < 0 else layer.input_values[:, location.source]
    terms = [(delta,) if sources is None else (delta, sources[row]) for row, delta in enumerate(deltas)]
    if len(terms) == 1:
        return product_text(*first, *terms[0])
    if np.allclose(step.row_weights, 1 / len(terms)):
        total = f"({sum_text(terms)})/{len(terms)}"
    else:
        total = f"({sum_text([(weight, *term) for weight, term in zip(step.row_weights, terms, strict=True)])})"
    return f"{product_text(*first)}·{total}" if first else total


def _spread_formula(location: _TraceLocation) -> str:
    source = "" if location.source < 0 else ("·x" if location.symbols.index == 0 else "·a")
    delta = f"δ{location.symbols.delta_superscript}{source}"
    rows = len(location.trace.step.row_weights)
    if rows == 1:
        return delta
    even = np.allclose(location.trace.step.row_weights, 1 / rows)
    return f"(Σ {delta})/m" if even else f"Σ “weight”·{delta}"


def _plain(location: _TraceLocation) -> Iterator[Parts]:
    rate = location.trace.step.rate
    yield (
        f"Δ{location.letter}{location.index}", f"η·{_spread_formula(location)}", _spread(location, rate),
        number_text(_optimizer_step(location)),
    )  # fmt: skip


def _full_lines(location: _TraceLocation) -> Iterator[Parts]:
    yield _gradient(location)
    yield from _state_lines(location)
    formula, text = location.optimizer.trace[-1]
    numbers = text.format(**_numbers(location, location.update.state))
    yield f"Δ{location.letter}{location.index}", formula, numbers, number_text(_optimizer_step(location))


def _gradient(location: _TraceLocation) -> Parts:
    clipping, penalties = location.trace.step.clip_factor, location.trace.config.penalties
    w, rows = location.value("before"), len(location.trace.step.row_weights)
    formula, numbers = f"−{_spread_formula(location)}", f"−{_bracketed(_spread(location))}"
    if clipping != 1:
        formula, numbers = f"c·({formula})", f"{number_text(clipping)}·({numbers})"
    terms, values = [], []
    if location.source >= 0 and penalties.l1:
        terms.append("α₁·sign w")
        values.append(product_text(penalties.l1, float(np.sign(w))))
    if location.source >= 0 and penalties.l2:
        terms.append("α₂·w")
        values.append(product_text(penalties.l2, w))
    if terms:
        formula += f" + {' + '.join(terms)}" if rows == 1 else f" + ({' + '.join(terms)})/m"
        numbers += f" + {' + '.join(values)}" if rows == 1 else f" + ({' + '.join(values)})/{rows}"
    return f"g{location.index}", formula, numbers, number_text(location.value("gradient"))


def _bracketed(text: str) -> str:
    return f"({text})" if text.startswith("−") else text


def _state_lines(location: _TraceLocation) -> Iterator[Parts]:
    """The vectors of the optimizer's state, as v, or m and s."""
    row, numbers = location.optimizer, _numbers(location, location.update.state_before)
    for letter, vector, (formula, text) in zip(row.vectors, location.update.state, row.trace, strict=False):
        yield f"{letter}{location.index}", formula, text.format(**numbers), number_text(float(vector[location.at]))


def _numbers(location: _TraceLocation, state: tuple[Array, ...]) -> dict[str, str]:
    """The fields of the optimizer's texts; names with _ at the end are factors."""
    step, options = location.trace.step, asdict(location.trace.config.optimizer_options)
    values = {**options, "rest_1": 1 - options["beta_1"], "rest_2": 1 - options["beta_2"], "eta": step.rate}
    vectors = {"g": location.value("gradient")}
    vectors |= {
        name: float(vector[location.at]) for name, vector in zip(location.optimizer.vectors, state, strict=True)
    }
    texts = {name: number_text(value) for name, value in (values | vectors).items()}
    factors = {f"{name}_": factor_text(value) for name, value in vectors.items()}
    return {**texts, **factors, "t": superscript(step.number) if step.number > 1 else ""}


def _optimizer_step(location: _TraceLocation) -> float:
    """The optimizer's own Δw, before weight decay and max-norm."""
    step, options = location.trace.step, location.trace.config.optimizer_options
    w, g = np.array([location.value("before")]), np.array([location.value("gradient")])
    state = np.array([[vector[location.at]] for vector in location.update.state_before]).reshape(-1, 1)
    return float(location.optimizer.step(w, g, state, step.rate, step.number, options)[0])


def _format_precise(value: float, step: float) -> str:
    """A weight with digits enough to show its step."""
    if not step:
        return number_text(value)
    decimals = min(12, max(3, 1 - math.floor(math.log10(abs(step)))))
    text = f"{abs(value):.{decimals}f}".rstrip("0").rstrip(".")
    return f"−{text}" if value < 0 and text != "0" else text


def _new(location: _TraceLocation) -> Parts:
    trace, before, step = location.trace, location.value("before"), _optimizer_step(location)
    decay = trace.config.penalties.decay if location.source >= 0 else 0.0
    letter = location.letter
    formula = f"{letter} + Δ{letter}"
    numbers = _format_precise(before, step)
    expected = before + step
    if decay:
        formula = f"{letter}·(1 − η·decay) + Δ{letter}"
        numbers = f"{_format_precise(before, step)}·(1 − {number_text(trace.step.rate)}·{number_text(decay)})"
        expected = before * (1 - trace.step.rate * decay) + step
    numbers += f" − {number_text(-step)}" if step < 0 else f" + {number_text(step)}"
    after = location.value("after")
    if location.source >= 0 and trace.config.penalties.max_norm and not np.isclose(after, expected, rtol=1e-9, atol=0):
        formula, numbers = f"c·({formula})", f"{number_text(after / expected if expected else 1.0)}·({numbers})"
    return f"{letter}{location.index}“ new”", formula, numbers, _format_precise(after, after - before)
