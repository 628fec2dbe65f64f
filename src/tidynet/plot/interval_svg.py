"""Small pictures of scores: a point with its interval, all predictors of one measure on one scale."""

from __future__ import annotations

from collections.abc import Sequence

from tidynet.plot.theme import BASE, GRID, MUTED, escaped
from tidynet.profiling import axis_scales as scales

__all__ = ["axis_range", "small_axis", "small_interval"]

_WIDTH, _HEIGHT = 200, 20
_MARGIN = 14


def axis_range(ends: Sequence[float]) -> tuple[float, float]:
    """The scale that holds all these ends of intervals, with a little room.

    Examples
    --------
    >>> axis_range([0.8, 0.9, 1.0])
    (0.8, 1.0)
    >>> axis_range([2.0, 2.0])
    (1.9, 2.1)
    """
    low, high = min(ends), max(ends)
    if low == high:
        room = abs(low) / 20 or 0.5
        return low - room, high + room
    return low, high


def small_interval(value: float, low: float, high: float, span: tuple[float, float], *, strong: bool) -> str:
    """One score as a point on a line from the low to the high end of its interval.

    The number stands beside it in the page, so the picture is hidden from screen readers.

    Examples
    --------
    >>> small_interval(0.9, 0.8, 0.95, (0.8, 1.0), strong=True)[:60]
    '<svg class="interval" viewBox="0 0 200 20" aria-hidden="true'
    """
    color = f"var(--base,{BASE})" if strong else f"var(--muted,{MUTED})"
    remaining, middle, right = (_place(x, span) for x in (low, value, high))
    return (
        f'<svg class="interval" viewBox="0 0 {_WIDTH} {_HEIGHT}" aria-hidden="true">{_grid(span, _HEIGHT)}'
        f'<path d="M{remaining:.4g} 10H{right:.4g}" style="stroke:{color};stroke-width:2.5"/>'
        f'<circle cx="{middle:.4g}" cy="10" r="{5 if strong else 4.2}" style="fill:{color}"/></svg>'
    )


def small_axis(span: tuple[float, float]) -> str:
    """The scale below the intervals of one measure, with its ticks.

    Examples
    --------
    >>> small_axis((0.8, 1.0)).count("<text")
    3
    """
    ticks = scales.linear_ticks(*span, max_count=4)
    labels = scales.natural_labels(ticks)
    texts = "".join(
        f'<text x="{_place(tick, span):.4g}" y="14" text-anchor="middle">{escaped(label)}</text>'
        for tick, label in zip(ticks, labels, strict=True)
    )
    return (
        f'<svg class="interval" viewBox="0 0 {_WIDTH} 18" font-size="11" aria-hidden="true"'
        f' style="fill:var(--muted,{MUTED})">{texts}</svg>'
    )


def _grid(span: tuple[float, float], height: float) -> str:
    # A little beyond the row, so that the lines of neighbouring rows meet.
    ticks = scales.linear_ticks(*span, max_count=4)
    lines = "".join(f"M{_place(tick, span):.4g} -4v{height + 8}" for tick in ticks)
    return f'<path d="{lines}" style="stroke:var(--grid,{GRID})"/>'


def _place(value: float, span: tuple[float, float]) -> float:
    low, high = span
    fraction = (value / 2 - low / 2) / (high / 2 - low / 2)
    return _MARGIN + (_WIDTH - 2 * _MARGIN) * min(max(fraction, 0.0), 1.0)
