"""Small pictures of single columns, written straight as SVG.

A page may hold a thousand of them: each takes a fraction of a millisecond and one to three kilobytes, its
text is set in the page's own fonts (any script, emoji), and pointing at a bar shows its numbers.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from tidynet.plot.theme import BASE, GRID, INK, MUTED, escaped, shorten
from tidynet.profiling import axis_scales as scales
from tidynet.profiling.counts import Bars, Histogram

__all__ = ["bars_svg", "column_svg", "histogram_svg"]

_WIDTH = 240
_ROW = 17  # height of a bar and its gap
_LABELS = 94  # room for the names of levels
_TOP, _FOOT, _HEIGHT = 17, 80, 98  # a histogram's tallest bar, its axis, its end
_COLUMN = 6.2  # width of a character at the small size


def column_svg(counts: Bars | Histogram, name: str) -> str:
    """The small picture of a column's counts as one ``<svg …>`` element.

    Parameters
    ----------
    counts : Bars or Histogram
        What to draw.
    name : str
        The column's name, for the description that stands in for the picture; escaped here.

    Examples
    --------
    >>> column_svg(Bars(("yes", "no"), (3, 1)), "admit")[:53]
    '<svg class="small" viewBox="0 0 240 36" role="img" ar'
    """
    return bars_svg(counts, name) if isinstance(counts, Bars) else histogram_svg(counts, name)


def bars_svg(counts: Bars, name: str) -> str:
    """Horizontal bars with the levels on their left and the rows on their right."""
    rows = [(level, count, _fill(BASE, "base")) for level, count in zip(counts.categories, counts.counts, strict=True)]
    if counts.other_categories:
        plural = "s" if counts.other_categories > 1 else ""
        rest = f"{counts.other_categories:,} other{plural}"
        rows.append((rest, counts.other_rows, _fill(MUTED, "muted")))
    largest = max((count for _, count, _ in rows), default=0) or 1
    room = _WIDTH - _LABELS - 8 - _COLUMN * len(f"{largest:,}")
    body = []
    for index, (level, count, fill) in enumerate(rows):
        y, length = index * _ROW + 1, max(0.75, room * count / largest)
        label = escaped(shorten(level, 13) or "(empty)")
        body.append(
            f"<g><title>{escaped(shorten(level, 120))}: {count:,} rows, {count / counts.rows:.1%}</title>"
            f'<text x="{_LABELS - 5}" y="{y + 11.5}" text-anchor="end" style="{_fill(INK, "ink")}">'
            f'{label}</text><rect x="{_LABELS}" y="{y + 1}" width="{length:.4g}" height="{_ROW - 4}"'
            f' style="{fill}"/><text x="{_LABELS + length + 4:.4g}" y="{y + 11.5}"'
            f' style="{_fill(MUTED, "muted")}">{count:,}</text></g>'
        )
    return _element(body, len(rows) * _ROW + 2, counts.description(name))


def histogram_svg(counts: Histogram, name: str) -> str:
    """Bars side by side over an axis with natural ticks; one line says how many rows a height means."""
    top = scales.round_top(max(counts.counts))
    indices = [_place(counts, edge) for edge in counts.edges]
    scale = f"{top:,} row{'s' if top > 1 else ''}"
    body = [
        f'<path d="M0 {_TOP}H{_WIDTH}" style="stroke:{_var(GRID, "grid")}"/>'
        f'<text x="0" y="{_TOP - 5}" style="{_fill(MUTED, "muted")}">{scale}</text>'
        f'<g style="{_fill(BASE, "base")}">'
    ]
    for index, count in enumerate(counts.counts):
        if count:
            width = max(indices[index + 1] - indices[index] - 0.8, 0.8)
            height = max((_FOOT - _TOP) * count / top, 0.75)
            body.append(
                f'<rect x="{indices[index] + 0.4:.4g}" y="{_FOOT - height:.4g}" width="{width:.4g}"'
                f' height="{height:.4g}"><title>{counts.interval(index)}: {count:,} rows</title></rect>'
            )
    body.append(f'</g><path d="M0 {_FOOT}H{_WIDTH}" style="stroke:{_var(MUTED, "muted")}"/>')
    if counts.unit:
        unit = f'<text x="{_WIDTH}" y="{_TOP - 5}" text-anchor="end" style="{_fill(MUTED, "muted")}">'
        body.append(f"{unit}in {escaped(counts.unit)}</text>")
    body.extend(value_axis(counts))
    return _element(body, _HEIGHT, counts.description(name))


def value_axis(counts: Histogram) -> Iterator[str]:
    """The ticks below a small histogram, as far apart as their labels need."""
    used_to = -math.inf
    ticks = counts.ticks(3 if counts.scale == "time" else 5)
    for value, label in ticks:
        width = _COLUMN * len(label)
        x = _place(counts, value)
        remaining = min(max(x - width / 2, 0), _WIDTH - width)
        if remaining < used_to + 4:
            continue
        used_to = remaining + width
        yield (
            f'<path d="M{x:.4g} {_FOOT}v3" style="stroke:{_var(MUTED, "muted")}"/>'
            f'<text x="{remaining + width / 2:.4g}" y="{_FOOT + 14}" text-anchor="middle"'
            f' style="{_fill(MUTED, "muted")}">{label}</text>'
        )


def _place(counts: Histogram, value: float) -> float:
    return 2 + (_WIDTH - 4) * share_of_axis(counts, value)


def share_of_axis(counts: Histogram, value: float) -> float:
    """Where on its axis a value lies, from 0 (first edge) to 1 (last edge).

    Examples
    --------
    >>> share_of_axis(Histogram((1.0, 10.0, 100.0), (3, 4), "log", 1.0, 100.0), 10.0)
    0.5
    """
    first, last = counts.edges[0], counts.edges[-1]
    if counts.scale == "log":
        first, last, value = math.log(first), math.log(last), math.log(value)
    # Halved, because the largest floats span more than one of them can hold.
    fraction = (value / 2 - first / 2) / (last / 2 - first / 2)
    return min(max(fraction, 0.0), 1.0)


def _element(body: list[str], height: float, alt: str) -> str:
    return (
        f'<svg class="small" viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{escaped(alt)}"'
        f' font-size="11">{"".join(body)}</svg>'
    )


def _var(light: str, tone: str) -> str:
    return f"var(--{tone},{light})"


def _fill(light: str, tone: str) -> str:
    return f"fill:{_var(light, tone)}"
