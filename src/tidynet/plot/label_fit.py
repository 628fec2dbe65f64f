"""Names of axes and labels of ticks that are as long as their axis allows."""

from __future__ import annotations

import textwrap
from itertools import pairwise
from typing import TYPE_CHECKING

from tidynet.plot.labels import fit_labels, text_width
from tidynet.plot.theme import size_inches

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.text import Text

_LETTER = 0.0087  # width of a small letter in inches at 1 point
_GAP = 0.06  # inches between labels
_MARGIN = 0.5  # inches around axes, for names and titles


def fit_axis_labels(figure: Figure) -> None:
    """Wrap or shorten the names of all axes, and leave out ticks whose labels would touch."""
    width, height = size_inches(figure)
    for axes in figure.axes:
        place = axes.get_subplotspec()
        rows, columns = place.get_gridspec().get_geometry() if place is not None else (1, 1)
        beside = max((_inches(label) for label in axes.get_yticklabels()), default=0.0)
        turned = [label for label in axes.get_xticklabels() if label.get_rotation()]
        below = 0.64 * max((_inches(label) for label in turned), default=0.0)  # the sine of 40 degrees
        _thin_ticks(axes, width / columns - beside - _MARGIN)
        for axis, inches in (
            (axes.xaxis, width / columns - beside - _MARGIN),
            (axes.yaxis, height / rows - below - 2 * _MARGIN),
        ):
            text = axis.get_label_text()
            letters = inches / (_LETTER * float(axis.label.get_fontsize()))
            if text_width(text) > letters:
                axis.set_label_text(_two_lines(text, letters), parse_math=False)


def _two_lines(text: str, letters: float) -> str:
    lines = textwrap.wrap(text, max(4, int(letters * len(text) / text_width(text))))
    return "\n".join([lines[0], *fit_labels([" ".join(lines[1:])], letters)] if len(lines) > 1 else lines)


def _thin_ticks(axes: Axes, inches: float) -> None:
    """Leave out every second (third, …) tick of numbers whose labels would touch."""
    from matplotlib.ticker import FixedLocator

    labels = axes.get_xticklabels()
    if not isinstance(axes.xaxis.get_major_locator(), FixedLocator) or any(text.get_rotation() for text in labels):
        return
    ticks, texts = axes.get_xticks(), [label.get_text() for label in labels]
    if len(ticks) != len(texts) or len(ticks) < 2:
        return
    places = (axes.transData - axes.transAxes).transform([(tick, 0.0) for tick in ticks])[:, 0] * inches
    widths = [_inches(label) for label in labels]
    for step in range(1, len(texts) + 1):
        kept = range(0, len(texts), step)
        if all(places[j] - places[i] > (widths[i] + widths[j]) / 2 + _GAP for i, j in pairwise(kept)):
            break
    if step > 1:
        axes.set_xticks(ticks[::step], texts[::step], parse_math=False)


def _inches(label: Text) -> float:
    return _LETTER * float(label.get_fontsize()) * text_width(label.get_text())
