"""Shared parts of the small SVG figures: colors, text, axis, the outer element.

An HTML page may hold a thousand such figures: each takes less than a millisecond and one to four kilobytes, and
its text is in the font of the page.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from tidynet.plot.labels import text_width
from tidynet.plot.theme import TONES, escape_svg, fit_width
from tidynet.profiling.axis_choice import to_scale
from tidynet.profiling.counts import Histogram

SVG_WIDTH = 240
REMARK = 14  # height of a remark
CHARACTER = 6.9  # width of a digit or small letter in a broad font


def css_color(tone: str) -> str:
    """A tone as a CSS color with its light value as fallback."""
    return f"var(--{tone},{TONES[tone][0]})"


def svg_fill(tone: str) -> str:
    """A tone as a fill style."""
    return f"fill:{css_color(tone)}"


def svg_text(x: float, y: float, text: str, anchor: str = "start", tone: str = "muted", *, turned: bool = False) -> str:
    """A text element, upright or turned to read upwards; the text is escaped here."""
    turn = f' transform="rotate(-90 {x:.4g} {y:.4g})"' if turned else ""
    return (
        f'<text x="{x:.4g}" y="{y:.4g}" text-anchor="{anchor}" style="{svg_fill(tone)}"{turn}>{escape_svg(text)}</text>'
    )


def remark_lines(texts: Iterable[str], y: float) -> Iterator[str]:
    """Remarks below a figure, one on a line."""
    for index, text in enumerate(texts):
        yield svg_text(0, y + REMARK * (index + 1), fit_width(text, int(SVG_WIDTH / CHARACTER) + 3))


def svg_element(body: Iterable[str], height: float, alt: str) -> str:
    """The ``<svg …>`` element."""
    return (
        f'<svg class="small" viewBox="0 0 {SVG_WIDTH} {height:g}" role="img" aria-label="{escape_svg(alt)}"'
        f' font-size="11">{"".join(body)}</svg>'
    )


def axis_fraction(counts: Histogram, value: float) -> float:
    """The position of a value on the axis of a histogram, from 0 to 1."""
    first, last, at = (float(end) for end in to_scale([counts.edges[0], counts.edges[-1], value], counts.scale))
    # Halved, because the range of the largest floats overflows.
    fraction = (at / 2 - first / 2) / (last / 2 - first / 2)
    return min(max(fraction, 0.0), 1.0)


def value_axis(
    counts: Histogram, y: float, *, left: float = 2.0, overhang: float = 2.0, max_count: int = 5
) -> Iterator[str]:
    """Ticks and labels from `left` to the right edge; labels that would overlap are left out."""
    end = -math.inf
    for value, label in counts.ticks(3 if counts.scale == "time" else max_count):
        width = CHARACTER * text_width(label)
        x = left + (SVG_WIDTH - left - 2) * axis_fraction(counts, value)
        start = min(max(x - width / 2, left - overhang), SVG_WIDTH - width)
        if start >= end + 4:
            end = start + width
            yield f'<path d="M{x:.4g} {y}v3" style="stroke:{css_color("muted")}"/>'
            yield svg_text(start + width / 2, y + 14, label, "middle")
