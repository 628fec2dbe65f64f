"""An estimator in a notebook: its layers as circles and lines, in the page's own colours, light or dark."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tidynet.estimators.fitted_attributes import FittedAttributesMixin

__all__ = ["DiagramLayer", "diagram", "estimator_diagram"]

_MOST_UNITS, _WIDEST_LABEL = 6, 22
_ACROSS, _DOWN, _RADIUS, _HEAD, _MARGIN = 150, 30, 9, 44, 160


@dataclass(frozen=True)
class DiagramLayer:
    """A layer as it is drawn: its heading, how many units it has, and names of the first of them."""

    heading: str
    units: int
    names: tuple[str, ...] = ()

    @property
    def shown(self) -> int:
        """How many circles stand for it."""
        return min(self.units, _MOST_UNITS)


def diagram(title: str, layers: Sequence[DiagramLayer], lines: Sequence[str]) -> str:
    """A network as one piece of HTML without script, and lines of words below it; everything escaped.

    Examples
    --------
    >>> drawn = diagram("<net>", [DiagramLayer("in", 2, ("a", "b")), DiagramLayer("out", 1)], ["trained"])
    >>> drawn.count("<circle"), drawn.count("<line"), "<net>" in drawn
    (3, 2, False)
    """
    text = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return (
        '<div class="tidynet-network" style="font:14px/1.5 system-ui,sans-serif;color:inherit">'
        f"<strong>{escape(title)}</strong>{_svg(title, layers) if layers else ''}"
        f'<ul style="margin:.3rem 0;padding-left:1.2rem">{text}</ul></div>'
    )


def estimator_diagram(model: FittedAttributesMixin) -> str:
    """An estimator as HTML: its columns, layers and classes, and how it was trained."""
    title = type(model).__name__
    if not hasattr(model, "members_"):
        return diagram(title, [], ["not fitted yet", repr(model)])
    used = tuple(str(name) for name in model.recipe_.used_columns)
    classes = tuple(str(label) for label in getattr(model, "classes_", ()))
    *hidden, outputs = model.network_.sizes[1:]
    names = model.network_.activations
    layers = [
        DiagramLayer(f"{len(used):,} column{'s' * (len(used) != 1)}", len(used), used),
        *(DiagramLayer(f"{units:,} {name}", units) for units, name in zip(hidden, names, strict=False)),
        DiagramLayer(model.out_activation_, outputs, classes if len(classes) == outputs else classes[1:]),
    ]
    count, weights = len(model.members_), len(model.members_[0])
    together = f"{count} networks, averaged, of" if count > 1 else "one network of"
    return diagram(title, layers, [f"{together} {weights:,} weights", _training_summary(model)])


def _training_summary(model: FittedAttributesMixin) -> str:
    """The rows and the epochs; with folds, each network learns from all rows but those that it keeps back."""
    trained, watched = model.n_training_rows_, model.n_validation_rows_
    rows = f"{trained:,} training rows" + (f", {watched:,} to stop in time by" if watched else "")
    if watched and model.settings_.validation_folds:
        rows = f"{trained + watched:,} training rows, of which each network keeps back {watched:,} to stop in time by"
    lengths = sorted({len(item) for item in model.histories_})
    epochs = f"{lengths[0]} to {lengths[-1]}" if len(lengths) > 1 else f"{lengths[0]}"
    return f"{rows}; {epochs} epoch{'s' * (lengths[-1] != 1)}"


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
