"""Small SVG figures of scores: a point with its interval, all models of one metric on one scale."""

from __future__ import annotations

from collections.abc import Sequence

from tidynet.plot.svg_parts import css_color, svg_fill, svg_text
from tidynet.profiling import axis_scales as scales

_WIDTH, _HEIGHT = 200, 20
_MARGIN = 14


def axis_range(limits: Sequence[float]) -> tuple[float, float]:
    """The range of all these interval limits, never of zero width."""
    low, high = min(limits), max(limits)
    margin = (abs(low) / 20 or 0.5) if low == high else 0.0
    return low - margin, high + margin


def small_interval(value: float, low: float, high: float, span: tuple[float, float], *, strong: bool) -> str:
    """One score as a point on the line of its interval; hidden from screen readers."""
    tone = "base" if strong else "muted"
    left, middle, right = (_position(x, span) for x in (low, value, high))
    # The grid extends beyond the row, so that the lines of adjacent rows meet.
    ticks = scales.linear_ticks(*span, max_count=4)
    grid = "".join(f"M{_position(tick, span):.4g} -4v{_HEIGHT + 8}" for tick in ticks)
    return (
        f'<svg class="interval" viewBox="0 0 {_WIDTH} {_HEIGHT}" aria-hidden="true">'
        f'<path d="{grid}" style="stroke:{css_color("grid")}"/>'
        f'<path d="M{left:.4g} 10H{right:.4g}" style="stroke:{css_color(tone)};stroke-width:2.5"/>'
        f'<circle cx="{middle:.4g}" cy="10" r="{5 if strong else 4.2}" style="{svg_fill(tone)}"/></svg>'
    )


def small_axis(span: tuple[float, float]) -> str:
    """The axis below the intervals of one metric."""
    ticks = scales.linear_ticks(*span, max_count=4)
    labels = zip(ticks, scales.natural_labels(ticks), strict=True)
    texts = "".join(svg_text(_position(tick, span), 14, label, "middle") for tick, label in labels)
    return f'<svg class="interval" viewBox="0 0 {_WIDTH} 18" font-size="11" aria-hidden="true">{texts}</svg>'


def _position(value: float, span: tuple[float, float]) -> float:
    low, high = span
    fraction = (value / 2 - low / 2) / (high / 2 - low / 2)
    return _MARGIN + (_WIDTH - 2 * _MARGIN) * min(max(fraction, 0.0), 1.0)
