"""The style of every figure: colors for light and dark pages, one font size, and conversion to SVG.

Figures are made without pyplot, hence without global state. They are drawn in the light tones; `svg` replaces
each by ``var(--tone, light)``, so that the style sheet of the page applies.
"""

from __future__ import annotations

import html
import io
import re
import threading
import unicodedata
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# tone: (light, dark); blue and orange after Okabe and Ito (2008), safe for color-blind readers
TONES: Final[dict[str, tuple[str, str]]] = {
    "ink": ("#1b2430", "#e8ebef"),
    "muted": ("#586271", "#a6afbb"),
    "grid": ("#d6dbe1", "#3b434e"),
    "base": ("#0b6fa8", "#5ab4e5"),
    "second": ("#c75300", "#f2a541"),
    "paper": ("#ffffff", "#14181d"),
}
INK, MUTED, GRID, BASE, SECOND, PAPER = (light for light, _ in TONES.values())

# Colors of categories, distinct on light and dark pages.
PALETTE: Final = (BASE, SECOND, "#009e73", "#b0559b", "#a88500", "#5ab4e5", "#8b5a3c")

FONT_SIZE: Final = 10.0  # points
WIDTH: Final = 4.9  # inches
WIDE: Final = 450.0  # points; wider figures get a class of their own in HTML

# savefig reads these from matplotlib's global settings: changed by one thread at a time.
_SETTINGS: Final[dict[Any, Any]] = {"svg.fonttype": "none", "svg.hashsalt": "tidynet", "path.simplify_threshold": 0.5}
_SAVING = threading.Lock()


def css() -> str:
    """The tones as CSS custom properties, for light and dark color schemes."""
    light = "".join(f"--{tone}:{pair[0]};" for tone, pair in TONES.items())
    dark = "".join(f"--{tone}:{pair[1]};" for tone, pair in TONES.items())
    return f":root{{{light}}}@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}"


def new_figure(width: float = WIDTH, height: float = 3.2) -> Figure:
    """A matplotlib Figure of this size in inches, outside pyplot's state."""
    from tidynet.plot.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def finish_figure(axes: Axes, *, grid: Literal["x", "y", "both", ""] = "y") -> None:
    """Style the frame, grid and labels of axes."""
    for side, spine in axes.spines.items():
        spine.set_visible(side == "bottom")
        spine.set_color(MUTED)
    axes.set_axisbelow(True)
    axes.grid(False)
    if grid:
        axes.grid(True, axis=grid, color=GRID, linewidth=0.7)
    axes.tick_params(length=0, colors=MUTED, labelcolor=MUTED, labelsize=FONT_SIZE - 1)
    for axis in (axes.xaxis, axes.yaxis):
        axis.label.set_color(INK)
        axis.label.set_fontsize(FONT_SIZE)


def legend(axes: Axes) -> None:
    """A legend above the axes, in as many columns as fit."""
    labels = axes.get_legend_handles_labels()[1]
    # A character takes about 0.085 inch, the marker half an inch.
    widest = 0.5 + 0.085 * max(map(text_columns, labels), default=0)
    inches = 0.85 * float(axes.get_figure(root=True).get_size_inches()[0])  # type: ignore[union-attr]
    axes.legend(
        loc="lower left",
        bbox_to_anchor=(0, 1),
        ncols=max(1, min(4, int(inches / widest))),
        frameon=False,
        borderpad=0.1,
        fontsize=FONT_SIZE,
        labelcolor=INK,
        handlelength=1.5,
        columnspacing=1.1,
        handletextpad=0.5,
    )


def clean_svg(text: str) -> str:
    r"""Text without the control characters that HTML and SVG forbid."""
    return "".join(" " if unicodedata.category(c) in ("Cc", "Cs") or c in "\ufffe\uffff" else c for c in text)


def escape_svg(text: str) -> str:
    """Text escaped for HTML and SVG."""
    return html.escape(clean_svg(text), quote=True)


def fit_width(text: str, width: int = 40) -> str:
    """Text on one line of at most `width` columns; wide characters count twice."""
    text = " ".join(clean_svg(text).split())
    if text_columns(text) <= width:
        return text
    used, end = 0, 0
    while end < len(text) and used + text_columns(text[end]) < width:
        used += text_columns(text[end])
        end += 1
    return text[:end].rstrip(" \u200d\ufe0f") + "…"


def text_columns(text: str) -> int:
    """The width of a text in columns; wide characters count twice, accents not at all."""
    return sum(map(_column, text))


def _column(character: str) -> int:
    if unicodedata.combining(character) or character in "\u200d\ufe0f":
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def svg(figure: Figure, *, alt: str) -> str:
    """A figure as a compact SVG element for an HTML page.

    Colors follow the theme of the page (see `css`), text is in the font of the page, numbers are rounded to
    0.01 point, and ids are unique.

    Parameters
    ----------
    figure : matplotlib Figure
        Figures of tidynet follow the theme.
    alt : str
        Alternative text; escaped here.

    Examples
    --------
    >>> figure = new_figure(2, 1)
    >>> svg(figure, alt="nothing, <escaped>")[:67]
    '<svg class="figure" viewBox="0 0 144 72" role="img" aria-label="not'
    """
    import matplotlib

    buffer = io.StringIO()
    empty = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    with _SAVING, matplotlib.rc_context(_SETTINGS):
        figure.savefig(buffer, format="svg", transparent=True, metadata=empty)
    raw = buffer.getvalue()
    width, height = (float(number) for number in re.findall(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', raw)[0])
    body = raw[raw.index(">", raw.index("<svg")) + 1 : raw.rindex("</svg>")]
    # matplotlib's style sheet selects every element (`*`) and would change the page.
    body = re.sub(r"<!--.*?-->|<metadata>.*?</metadata>|<defs>\s*<style.*?</defs>", "", body, flags=re.DOTALL)
    body = re.sub(r">\s+<", "><", body.strip())
    body = re.sub(r"<[^>]+>", lambda tag: _themed(tag.group()), body)
    body = _with_own_ids(body, f"f{zlib.crc32((alt + body).encode()):08x}")
    kind = "figure wide" if width > WIDE else "figure"
    return (
        f'<svg class="{kind}" viewBox="0 0 {width:g} {height:g}" role="img" aria-label="{escape_svg(alt)}"'
        f' style="stroke-linejoin:round;stroke-linecap:butt">{body}</svg>'
    )


def write_svg(figure: Figure, path: str | Path, *, alt: str) -> int:
    """Write a figure as an SVG file with light and dark theme; returns the bytes written.

    Parameters
    ----------
    figure : matplotlib Figure
        The figure.
    path : str or Path
        The file.
    alt : str
        Alternative text.
    """
    head = '<svg xmlns="http://www.w3.org/2000/svg" font-family="system-ui,sans-serif" '
    style = f"<style>{css()}svg{{background:var(--paper)}}</style>"
    text = svg(figure, alt=alt).replace("<svg ", head, 1).replace(">", f">{style}", 1)
    return Path(path).write_bytes(text.encode())


def _themed(tag: str) -> str:
    tag = re.sub(r"-?\d+\.\d+", lambda number: f"{float(number.group()):.2f}".rstrip("0").rstrip("."), tag)
    tag = re.sub(r"font: ([\d.]+)px [^;\"]+", r"font-size: \1px", tag)
    tag = re.sub(r"font-family: [^;\"]+;? ?", "", tag)
    for tone, (light, _) in TONES.items():
        tag = tag.replace(light, f"var(--{tone},{light})")
    return tag.replace("xlink:href", "href").replace(": ", ":").replace("; ", ";")


def _with_own_ids(body: str, prefix: str) -> str:
    used = set(re.findall(r'href="#([^"]+)"', body)) | set(re.findall(r"url\(#([^)]+)\)", body))
    body = re.sub(r' id="([^"]+)"', lambda m: f' id="{prefix}{m[1]}"' if m[1] in used else "", body)
    body = re.sub(r'href="#', f'href="#{prefix}', body)
    return re.sub(r"url\(#", f"url(#{prefix}", body)
