"""The lines of a layer's step: gradient, optimizer, Δw and the new weights."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tidynet.byhand.number_format import factor_text, number_text, product_text, sum_text, superscript
from tidynet.byhand.symbols import LayerSymbols

if TYPE_CHECKING:
    from tidynet.byhand.trace_data import TraceData
    from tidynet.byhand.training_step import LayerStep, ParameterUpdate

__all__ = ["update_lines"]

Parts = tuple[str, str, str, str]  # symbol, formula, numbers, value


@dataclass(frozen=True)
class _TraceLocation:
    """One weight or bias of a layer: where it lies, and what is written of it."""

    trace: TraceData
    layer: LayerStep
    own: LayerSymbols
    source: int  # row of W; −1 for the bias
    unit: int

    @property
    def moves(self) -> ParameterUpdate:
        if self.source < 0 and self.layer.biases is not None:
            return self.layer.biases
        return self.layer.weights

    @property
    def at(self) -> int | tuple[int, int]:
        return self.unit if self.source < 0 else (self.source, self.unit)

    def value(self, name: str) -> float:
        return float(getattr(self.moves, name)[self.at])

    @property
    def index(self) -> str:
        return self.own.pair("" if self.source < 0 else self.layer.inputs[self.source], self.unit)

    @property
    def letter(self) -> str:
        return f"b{self.own.level}" if self.source < 0 else self.own.weight


def update_lines(trace: TraceData, number: int, max_count: int) -> tuple[list[Parts], str]:
    """The lines of one layer, those of the largest slopes where they are many, and what was folded away."""
    layer = trace.step.layers[number]
    custom = LayerSymbols(number, len(trace.step.layers), layer.units)
    steps, slopes = layer.weights.step, layer.weights.slope
    if layer.biases is not None:
        steps, slopes = np.vstack([steps, layer.biases.step]), np.vstack([slopes, layer.biases.slope])
    max_count = max_count if _is_plain(trace) else max(3, max_count // 3)  # a weight takes more lines then
    inputs, units = layer.weights.before.shape
    order = [(int(index) // units, int(index) % units) for index in range(steps.size)]
    more = ""
    if steps.size > max_count:
        largest = np.sort(np.argsort(-np.abs(slopes).ravel(), kind="stable")[:max_count])
        order = [order[index] for index in largest if steps.flat[index] != 0]
        still = int((steps == 0).sum())
        what = "weights and biases" if layer.biases is not None else "weights"
        more = f"… {steps.size - len(order)} more {what}" + (f", {still} of which stay as they are" if still else "")
    lines: list[Parts] = []
    for source, unit in order:
        index = _TraceLocation(trace, layer, custom, source if source < inputs else -1, unit)
        if index.value("after") == index.value("before") and index.value("gradient"):
            lines.append(
                (
                    f"{index.letter}{index.index}“ new”",
                    "w, “as no row has this level”",
                    "",
                    number_text(index.value("after")),
                )
            )
            continue
        lines += _plain(index) if _is_plain(trace) else _full_lines(index)
        lines.append(_new(index))
    return lines, more


def _is_plain(trace: TraceData) -> bool:
    """Whether the step is the notes' own, Δw = η·δ·x, with nothing else in it."""
    penalties = trace.plan.penalties
    descent = trace.plan.optimizer in ("sgd", "gradient_descent")
    return descent and not penalties.l1 and not penalties.l2 and trace.step.clipping == 1


def _spread(index: _TraceLocation, *first: float) -> str:
    """Σ δ·x over the rows, times factors, with numbers in it."""
    step, layer = index.trace.step, index.layer
    deltas = layer.delta[:, index.unit]
    sources = None if index.source < 0 else layer.inputs_with_bias[:, index.source]
    terms = [(delta,) if sources is None else (delta, sources[row]) for row, delta in enumerate(deltas)]
    if len(terms) == 1:
        return product_text(*first, *terms[0])
    if np.allclose(step.shares, 1 / len(terms)):
        return (
            f"{product_text(*first)}·({sum_text(terms)})/{len(terms)}"
            if first
            else f"({sum_text(terms)})/{len(terms)}"
        )
    weighted = sum_text([(fraction, *term) for fraction, term in zip(step.shares, terms, strict=True)])
    return f"{product_text(*first)}·({weighted})" if first else f"({weighted})"


def _spread_formula(index: _TraceLocation) -> str:
    source = "" if index.source < 0 else ("·x" if index.own.place == 0 else "·a")
    delta = f"δ{index.own.error_level}{source}"
    rows = len(index.trace.step.shares)
    if rows == 1:
        return delta
    even = np.allclose(index.trace.step.shares, 1 / rows)
    return f"(Σ {delta})/m" if even else f"Σ “share”·{delta}"


def _plain(index: _TraceLocation) -> Iterator[Parts]:
    rate = index.trace.step.rate
    yield (
        f"Δ{index.letter}{index.index}", f"η·{_spread_formula(index)}", _spread(index, rate),
        number_text(_optimizer_step(index)),
    )  # fmt: skip


def _full_lines(index: _TraceLocation) -> Iterator[Parts]:
    yield _gradient(index)
    yield from _averages(index)
    step = _optimizer_step(index)
    formula, numbers = _step_text(index)
    yield f"Δ{index.letter}{index.index}", formula, numbers, number_text(step)


def _gradient(index: _TraceLocation) -> Parts:
    clipping, penalties = index.trace.step.clipping, index.trace.plan.penalties
    w, rows = index.value("before"), len(index.trace.step.shares)
    formula, numbers = f"−{_spread_formula(index)}", f"−{_bracketed(_spread(index))}"
    if clipping != 1:
        formula, numbers = f"c·({formula})", f"{number_text(clipping)}·({numbers})"
    terms, values = [], []
    if index.source >= 0 and penalties.l1:
        terms.append("α₁·sign w")
        values.append(product_text(penalties.l1, float(np.sign(w))))
    if index.source >= 0 and penalties.l2:
        terms.append("α₂·w")
        values.append(product_text(penalties.l2, w))
    if terms:
        formula += f" + {' + '.join(terms)}" if rows == 1 else f" + ({' + '.join(terms)})/m"
        numbers += f" + {' + '.join(values)}" if rows == 1 else f" + ({' + '.join(values)})/{rows}"
    return f"g{index.index}", formula, numbers, number_text(index.value("gradient"))


def _bracketed(text: str) -> str:
    return f"({text})" if text.startswith("−") else text


def _averages(index: _TraceLocation) -> Iterator[Parts]:
    """What the optimizer remembers: v, or m and s."""
    kind, options, g = index.trace.plan.optimizer, index.trace.plan.optimizer_options, index.value("gradient")
    if kind in ("momentum", "nesterov"):
        before = index.value("velocity_before")
        numbers = f"{number_text(options.momentum)}·{factor_text(before)} − {number_text(index.trace.step.rate)}·{factor_text(g)}"
        yield f"v{index.index}", "β·v − η·g", numbers, number_text(index.value("velocity"))
    if kind in ("adam", "adamw"):
        before = index.value("velocity_before")
        numbers = f"{number_text(options.beta_1)}·{factor_text(before)} + {number_text(1 - options.beta_1)}·{factor_text(g)}"
        yield f"m{index.index}", "β₁·m + (1 − β₁)·g", numbers, number_text(index.value("velocity"))
    if kind in ("adam", "adamw", "rmsprop"):
        before = index.value("square_before")
        numbers = f"{number_text(options.beta_2)}·{factor_text(before)} + {number_text(1 - options.beta_2)}·{factor_text(g)}²"
        yield f"s{index.index}", "β₂·s + (1 − β₂)·g²", numbers, number_text(index.value("square"))


def _optimizer_step(index: _TraceLocation) -> float:
    """The optimizer's own Δw, before weight decay and max-norm."""
    trace, kind = index.trace, index.trace.plan.optimizer
    rate, options, t, g = trace.step.rate, trace.plan.optimizer_options, trace.step.number, index.value("gradient")
    if kind == "momentum":
        return index.value("velocity")
    if kind == "nesterov":
        return options.momentum * index.value("velocity") - rate * g
    if kind == "rmsprop":
        return -rate * g / (index.value("square") ** 0.5 + options.epsilon)
    if kind in ("adam", "adamw"):
        corrected = rate * (1 - options.beta_2**t) ** 0.5 / (1 - options.beta_1**t)
        return float(-corrected * index.value("velocity") / (index.value("square") ** 0.5 + options.epsilon))
    return -rate * g


def _step_text(index: _TraceLocation) -> tuple[str, str]:
    kind, options, g = index.trace.plan.optimizer, index.trace.plan.optimizer_options, index.value("gradient")
    rate, t = number_text(index.trace.step.rate), index.trace.step.number
    root = f"√({number_text(index.value('square'))}) + {number_text(options.epsilon)}"
    if kind == "momentum":
        return "v", ""
    if kind == "nesterov":
        return (
            "β·v − η·g",
            f"{number_text(options.momentum)}·{factor_text(index.value('velocity'))} − {rate}·{factor_text(g)}",
        )
    if kind == "rmsprop":
        return "−η·g/(√(s) + ε)", f"−{rate}·{factor_text(g)}/({root})"
    if kind in ("adam", "adamw"):
        power = superscript(t) if t > 1 else ""
        corrected = f"√(1 − {number_text(options.beta_2)}{power})/(1 − {number_text(options.beta_1)}{power})"
        numbers = f"−{rate}·{corrected}·{factor_text(index.value('velocity'))}/({root})"
        return "−η·√(1 − β₂ᵗ)/(1 − β₁ᵗ)·m/(√(s) + ε)", numbers
    return "−η·g", f"−{rate}·{factor_text(g)}"


def _format_precise(value: float, step: float) -> str:
    """A weight in so many digits that its step is seen."""
    if not step:
        return number_text(value)
    indices = min(12, max(3, 1 - math.floor(math.log10(abs(step)))))
    text = f"{abs(value):.{indices}f}".rstrip("0").rstrip(".")
    return f"−{text}" if value < 0 and text != "0" else text


def _new(index: _TraceLocation) -> Parts:
    trace, before, step = index.trace, index.value("before"), _optimizer_step(index)
    decay = trace.plan.penalties.decay if index.source >= 0 else 0.0
    letter = index.letter
    formula = f"{letter} + Δ{letter}"
    numbers = _format_precise(before, step)
    expected = before + step
    if decay:
        formula = f"{letter}·(1 − η·decay) + Δ{letter}"
        numbers = f"{_format_precise(before, step)}·(1 − {number_text(trace.step.rate)}·{number_text(decay)})"
        expected = before * (1 - trace.step.rate * decay) + step
    numbers += f" − {number_text(-step)}" if step < 0 else f" + {number_text(step)}"
    after = index.value("after")
    if index.source >= 0 and trace.plan.penalties.max_norm and not np.isclose(after, expected, rtol=1e-9, atol=0):
        formula, numbers = f"c·({formula})", f"{number_text(after / expected if expected else 1.0)}·({numbers})"
    return f"{letter}{index.index}“ new”", formula, numbers, _format_precise(after, after - before)
