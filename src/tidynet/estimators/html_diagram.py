"""An estimator in a notebook: layers as circles and lines, in the colors of the page, light or dark."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from tidynet.core.display import plain_fallback
from tidynet.core.text import pluralize
from tidynet.estimators.fitted_model import FittedModel, is_classifier, is_fitted_model

if TYPE_CHECKING:
    from tidynet.estimators.estimator import NetworkEstimator

_MOST_UNITS, _WIDEST_LABEL = 6, 22
_ACROSS, _DOWN, _RADIUS, _HEAD, _MARGIN = 150, 30, 9, 44, 160


@dataclass(frozen=True)
class DiagramLayer:
    """A layer to draw: its heading, the number of its units, and names of the first of them."""

    heading: str
    units: int
    names: tuple[str, ...] = ()

    @property
    def shown(self) -> int:
        """The number of circles."""
        return min(self.units, _MOST_UNITS)


def diagram(title: str, layers: Sequence[DiagramLayer], lines: Sequence[str]) -> str:
    """A network as HTML without script, and lines of text below it; everything is escaped."""
    text = "".join(f"<li>{escape(line)}</li>" for line in lines)
    plain = [" → ".join(layer.heading for layer in layers)]
    plain += [f"{layer.heading}: {', '.join(layer.names)}" for layer in layers if layer.names]
    return (
        '<div class="tidynet-network" style="font:14px/1.5 system-ui,sans-serif;color:inherit">'
        f"<strong>{escape(title)}</strong>{_svg(title, layers) + plain_fallback(plain) if layers else ''}"
        f'<ul style="margin:.3rem 0;padding-left:1.2rem">{text}</ul></div>'
    )


def estimator_diagram(model: NetworkEstimator) -> str:
    """An estimator as HTML: its columns, layers and classes, and its training."""
    title = type(model).__name__
    if not is_fitted_model(model):
        return diagram(title, [], ["not fitted yet", repr(model)])
    used = tuple(str(name) for name in model.recipe_.used_columns)
    classes = tuple(str(label) for label in model.classes_) if is_classifier(model) else ()
    *hidden, outputs = model.network_.sizes[1:]
    activations = model.network_.layer_activations
    layers = [
        DiagramLayer(pluralize(len(used), "column"), len(used), used),
        *(DiagramLayer(f"{units:,} {name}", units) for units, name in zip(hidden, activations, strict=False)),
        DiagramLayer(model.out_activation_, outputs, classes if len(classes) == outputs else classes[1:]),
    ]
    count = len(model.members_)
    weights = pluralize(len(model.members_[0]), "weight")
    networks = f"1 network of {weights}" if count == 1 else f"mean of {count} networks of {weights} each"
    return diagram(title, layers, [networks, _training_summary(model)])


def _training_summary(model: FittedModel) -> str:
    """Training and validation rows, and epochs."""
    trained, validated = model.n_training_rows_, model.n_validation_rows_
    rows = pluralize(trained, "training row")
    if validated and model.settings_.validation_folds:
        rows = f"{pluralize(trained + validated, 'row')}, of which each network validates on {validated:,}"
    elif validated:
        rows += f", {pluralize(validated, 'validation row')}"
    lengths = sorted({len(item) for item in model.histories_})
    first = f"{lengths[0]} to " if len(lengths) > 1 else ""
    return f"{rows}; {first}{pluralize(lengths[-1], 'epoch')}"


def _svg(title: str, layers: Sequence[DiagramLayer]) -> str:
    tallest = max(layer.shown for layer in layers)
    width = 2 * _MARGIN + _ACROSS * (len(layers) - 1)
    height = _HEAD + _DOWN * tallest + 24
    indices = [
        [
            (_MARGIN + _ACROSS * depth, _HEAD + _DOWN * (tallest - layer.shown) / 2 + _DOWN * (unit + 0.5))
            for unit in range(layer.shown)
        ]
        for depth, layer in enumerate(layers)
    ]
    parts = [
        f'<line x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}" stroke-opacity=".3"/>'
        for before, after in itertools.pairwise(indices)
        for x1, y1 in before
        for x2, y2 in after
    ]
    for depth, (layer, units) in enumerate(zip(layers, indices, strict=True)):
        parts += [f'<circle cx="{x:g}" cy="{y:g}" r="{_RADIUS}" fill="#0b6fa8"/>' for x, y in units]
        parts.append(_text(_MARGIN + _ACROSS * depth, 18, layer.heading, "middle"))
        if layer.units > layer.shown:
            more = f"and {layer.units - layer.shown:,} more"
            parts.append(_text(_MARGIN + _ACROSS * depth, units[-1][1] + 26, more, "middle"))
        side, anchor = (-16, "end") if depth == 0 else (16, "start")
        parts += [_text(x + side, y + 4, name, anchor) for (x, y), name in zip(units, layer.names, strict=False)]
    text = f"{title}: " + ", ".join(layer.heading for layer in layers)
    return (
        f'<svg role="img" aria-label="{escape(text, quote=True)}" viewBox="0 0 {width} {height}" '
        f'style="display:block;width:100%;max-width:{width}px;height:auto" stroke="currentColor">{"".join(parts)}</svg>'
    )


def _text(x: float, y: float, text: str, anchor: str) -> str:
    cut = text if len(text) <= _WIDEST_LABEL else text[: _WIDEST_LABEL - 1] + "…"
    return (
        f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" font-size="12" fill="currentColor" stroke="none">'
        f"{escape(cut)}</text>"
    )
