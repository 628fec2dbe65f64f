"""The lines of a layer's step: gradient, optimizer, Δw and the new weights."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tidynet.byhand.letters import Letters
from tidynet.byhand.numbers import factor, product, sum_of, superscript, written

if TYPE_CHECKING:
    from tidynet.byhand.step import Layer, Moves
    from tidynet.byhand.traced import Traced

__all__ = ["move_lines"]

Parts = tuple[str, str, str, str]  # symbol, formula, numbers, value


@dataclass(frozen=True)
class _Place:
    """One weight or bias of a layer: where it lies, and what is written of it."""

    trace: Traced
    layer: Layer
    own: Letters
    source: int  # row of W; −1 for the bias
    unit: int

    @property
    def moves(self) -> Moves:
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


def move_lines(trace: Traced, number: int, most: int) -> tuple[list[Parts], str]:
    """The lines of one layer, those of the largest slopes where they are many, and what was folded away."""
    layer = trace.step.layers[number]
    own = Letters(number, len(trace.step.layers), layer.units)
    steps, slopes = layer.weights.step, layer.weights.slope
    if layer.biases is not None:
        steps, slopes = np.vstack([steps, layer.biases.step]), np.vstack([slopes, layer.biases.slope])
    most = most if _is_plain(trace) else max(3, most // 3)  # a weight takes more lines then
    inputs, units = layer.weights.before.shape
    order = [(int(place) // units, int(place) % units) for place in range(steps.size)]
    more = ""
    if steps.size > most:
        largest = np.sort(np.argsort(-np.abs(slopes).ravel(), kind="stable")[:most])
        order = [order[place] for place in largest if steps.flat[place] != 0]
        still = int((steps == 0).sum())
        what = "weights and biases" if layer.biases is not None else "weights"
        more = f"… {steps.size - len(order)} more {what}" + (f", {still} of which stay as they are" if still else "")
    lines: list[Parts] = []
    for source, unit in order:
        place = _Place(trace, layer, own, source if source < inputs else -1, unit)
        if place.value("after") == place.value("before") and place.value("gradient"):
            lines.append(
                (
                    f"{place.letter}{place.index}“ new”",
                    "w, “as no row has this level”",
                    "",
                    written(place.value("after")),
                )
            )
            continue
        lines += _plain(place) if _is_plain(trace) else _full(place)
        lines.append(_new(place))
    return lines, more


def _is_plain(trace: Traced) -> bool:
    """Whether the step is the notes' own, Δw = η·δ·x, with nothing else in it."""
    penalties = trace.plan.penalties
    descent = trace.plan.optimizer in ("sgd", "gradient_descent")
    return descent and not penalties.l1 and not penalties.l2 and trace.step.clipping == 1


def _spread(place: _Place, *first: float) -> str:
    """Σ δ·x over the rows, times factors, with numbers in it."""
    step, layer = place.trace.step, place.layer
    deltas = layer.delta[:, place.unit]
    sources = None if place.source < 0 else layer.V[:, place.source]
    terms = [(delta,) if sources is None else (delta, sources[row]) for row, delta in enumerate(deltas)]
    if len(terms) == 1:
        return product(*first, *terms[0])
    if np.allclose(step.shares, 1 / len(terms)):
        return f"{product(*first)}·({sum_of(terms)})/{len(terms)}" if first else f"({sum_of(terms)})/{len(terms)}"
    weighted = sum_of([(share, *term) for share, term in zip(step.shares, terms, strict=True)])
    return f"{product(*first)}·({weighted})" if first else f"({weighted})"


def _spread_formula(place: _Place) -> str:
    source = "" if place.source < 0 else ("·x" if place.own.place == 0 else "·a")
    delta = f"δ{place.own.error_level}{source}"
    rows = len(place.trace.step.shares)
    if rows == 1:
        return delta
    even = np.allclose(place.trace.step.shares, 1 / rows)
    return f"(Σ {delta})/m" if even else f"Σ “share”·{delta}"


def _plain(place: _Place) -> Iterator[Parts]:
    rate = place.trace.step.rate
    yield (
        f"Δ{place.letter}{place.index}", f"η·{_spread_formula(place)}", _spread(place, rate),
        written(_optimizer_step(place)),
    )  # fmt: skip


def _full(place: _Place) -> Iterator[Parts]:
    yield _gradient(place)
    yield from _averages(place)
    step = _optimizer_step(place)
    formula, numbers = _step_text(place)
    yield f"Δ{place.letter}{place.index}", formula, numbers, written(step)


def _gradient(place: _Place) -> Parts:
    clipping, penalties = place.trace.step.clipping, place.trace.plan.penalties
    w, rows = place.value("before"), len(place.trace.step.shares)
    formula, numbers = f"−{_spread_formula(place)}", f"−{_bracketed(_spread(place))}"
    if clipping != 1:
        formula, numbers = f"c·({formula})", f"{written(clipping)}·({numbers})"
    terms, values = [], []
    if place.source >= 0 and penalties.l1:
        terms.append("α₁·sign w")
        values.append(product(penalties.l1, float(np.sign(w))))
    if place.source >= 0 and penalties.l2:
        terms.append("α₂·w")
        values.append(product(penalties.l2, w))
    if terms:
        formula += f" + {' + '.join(terms)}" if rows == 1 else f" + ({' + '.join(terms)})/m"
        numbers += f" + {' + '.join(values)}" if rows == 1 else f" + ({' + '.join(values)})/{rows}"
    return f"g{place.index}", formula, numbers, written(place.value("gradient"))


def _bracketed(text: str) -> str:
    return f"({text})" if text.startswith("−") else text


def _averages(place: _Place) -> Iterator[Parts]:
    """What the optimizer remembers: v, or m and s."""
    kind, options, g = place.trace.plan.optimizer, place.trace.plan.optimizer_options, place.value("gradient")
    if kind in ("momentum", "nesterov"):
        before = place.value("velocity_before")
        numbers = f"{written(options.momentum)}·{factor(before)} − {written(place.trace.step.rate)}·{factor(g)}"
        yield f"v{place.index}", "β·v − η·g", numbers, written(place.value("velocity"))
    if kind in ("adam", "adamw"):
        before = place.value("velocity_before")
        numbers = f"{written(options.beta_1)}·{factor(before)} + {written(1 - options.beta_1)}·{factor(g)}"
        yield f"m{place.index}", "β₁·m + (1 − β₁)·g", numbers, written(place.value("velocity"))
    if kind in ("adam", "adamw", "rmsprop"):
        before = place.value("square_before")
        numbers = f"{written(options.beta_2)}·{factor(before)} + {written(1 - options.beta_2)}·{factor(g)}²"
        yield f"s{place.index}", "β₂·s + (1 − β₂)·g²", numbers, written(place.value("square"))


def _optimizer_step(place: _Place) -> float:
    """The optimizer's own Δw, before weight decay and max-norm."""
    trace, kind = place.trace, place.trace.plan.optimizer
    rate, options, t, g = trace.step.rate, trace.plan.optimizer_options, trace.step.number, place.value("gradient")
    if kind == "momentum":
        return place.value("velocity")
    if kind == "nesterov":
        return options.momentum * place.value("velocity") - rate * g
    if kind == "rmsprop":
        return -rate * g / (place.value("square") ** 0.5 + options.epsilon)
    if kind in ("adam", "adamw"):
        corrected = rate * (1 - options.beta_2**t) ** 0.5 / (1 - options.beta_1**t)
        return float(-corrected * place.value("velocity") / (place.value("square") ** 0.5 + options.epsilon))
    return -rate * g


def _step_text(place: _Place) -> tuple[str, str]:
    kind, options, g = place.trace.plan.optimizer, place.trace.plan.optimizer_options, place.value("gradient")
    rate, t = written(place.trace.step.rate), place.trace.step.number
    root = f"√({written(place.value('square'))}) + {written(options.epsilon)}"
    if kind == "momentum":
        return "v", ""
    if kind == "nesterov":
        return "β·v − η·g", f"{written(options.momentum)}·{factor(place.value('velocity'))} − {rate}·{factor(g)}"
    if kind == "rmsprop":
        return "−η·g/(√(s) + ε)", f"−{rate}·{factor(g)}/({root})"
    if kind in ("adam", "adamw"):
        power = superscript(t) if t > 1 else ""
        corrected = f"√(1 − {written(options.beta_2)}{power})/(1 − {written(options.beta_1)}{power})"
        numbers = f"−{rate}·{corrected}·{factor(place.value('velocity'))}/({root})"
        return "−η·√(1 − β₂ᵗ)/(1 − β₁ᵗ)·m/(√(s) + ε)", numbers
    return "−η·g", f"−{rate}·{factor(g)}"


def _fine(value: float, step: float) -> str:
    """A weight in so many digits that its step is seen."""
    if not step:
        return written(value)
    places = min(12, max(3, 1 - math.floor(math.log10(abs(step)))))
    text = f"{abs(value):.{places}f}".rstrip("0").rstrip(".")
    return f"−{text}" if value < 0 and text != "0" else text


def _new(place: _Place) -> Parts:
    trace, before, step = place.trace, place.value("before"), _optimizer_step(place)
    decay = trace.plan.penalties.decay if place.source >= 0 else 0.0
    letter = place.letter
    formula = f"{letter} + Δ{letter}"
    numbers = _fine(before, step)
    expected = before + step
    if decay:
        formula = f"{letter}·(1 − η·decay) + Δ{letter}"
        numbers = f"{_fine(before, step)}·(1 − {written(trace.step.rate)}·{written(decay)})"
        expected = before * (1 - trace.step.rate * decay) + step
    numbers += f" − {written(-step)}" if step < 0 else f" + {written(step)}"
    after = place.value("after")
    if place.source >= 0 and trace.plan.penalties.max_norm and not np.isclose(after, expected, rtol=1e-9, atol=0):
        formula, numbers = f"c·({formula})", f"{written(after / expected if expected else 1.0)}·({numbers})"
    return f"{letter}{place.index}“ new”", formula, numbers, _fine(after, after - before)
