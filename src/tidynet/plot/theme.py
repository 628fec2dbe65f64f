"""The look of every picture: few colours, one size of type, and figures that follow light and dark pages.

Figures are made without pyplot, so nothing is kept in global state and threads do not meet. Colours are
drawn in their light tones; `svg` turns each into ``var(--tone, light)``, so that the page decides.
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

__all__ = [
    "TONES",
    "css",
    "escape_mathtext",
    "escaped",
    "finish_figure",
    "legend",
    "new_figure",
    "shorten",
    "svg",
    "write_svg",
]

# tone: (light, dark). Blue and orange after Okabe and Ito (2008), distinct under every colour blindness.
TONES: Final[dict[str, tuple[str, str]]] = {
    "ink": ("#1b2430", "#e8ebef"),
    "muted": ("#586271", "#a6afbb"),
    "grid": ("#d6dbe1", "#3b434e"),
    "base": ("#0b6fa8", "#5ab4e5"),
    "second": ("#c75300", "#f2a541"),
    "paper": ("#ffffff", "#14181d"),
}
INK, MUTED, GRID, BASE, SECOND, PAPER = (light for light, _ in TONES.values())

# For levels told apart by colour: the two tones, then further hues that stay distinct on light and dark pages.
PALETTE: Final = (BASE, SECOND, "#009e73", "#b0559b", "#a88500", "#5ab4e5", "#8b5a3c")

FONT_SIZE: Final = 10.0  # points; a figure of the usual width keeps them readable on a phone
WIDTH: Final = 4.9  # inches
WIDE: Final = 450.0  # points; a figure beyond takes more of a page, so that its text stays readable

# savefig reads these settings from matplotlib's global ones: set together, by one thread at a time.
_SETTINGS: Final[dict[Any, Any]] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "tidynet",
    "path.simplify_threshold": 0.5,
}
_SAVING = threading.Lock()


def css() -> str:
    """The tones as CSS custom properties, light by default and dark where the reader prefers it.

    Examples
    --------
    >>> css().startswith(":root{--ink:#1b2430;")
    True
    """
    light = "".join(f"--{tone}:{pair[0]};" for tone, pair in TONES.items())
    dark = "".join(f"--{tone}:{pair[1]};" for tone, pair in TONES.items())
    return f":root{{{light}}}@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}"


def new_figure(width: float = WIDTH, height: float = 3.2) -> Figure:
    """A new matplotlib Figure of this size in inches, which no global state knows and notebooks show once.

    Examples
    --------
    >>> [round(float(side), 1) for side in figure(4, 3).get_size_inches()]
    [4.0, 3.0]
    """
    from tidynet.plot.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def finish_figure(axes: Axes, *, grid: Literal["x", "y", "both", ""] = "y") -> None:
    """Give axes the house look: quiet frame and grid, one size of type."""
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
    """A legend above the axes, where it hides nothing, in as many columns as have room."""
    labels = axes.get_legend_handles_labels()[1]
    # A character takes about 0.085 inch, the mark and the gap before it half an inch.
    widest = 0.5 + 0.085 * max(map(_columns, labels), default=0)
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


def escape_mathtext(text: str, length: int = 40) -> str:
    r"""Text as a label of a picture: on one line, long text cut.

    Letters that no installed font has are boxes in a PNG, and as the reader's browser has them in an SVG.

    Examples
    --------
    >>> escape_mathtext("price in $\nof\x00 apples", 12)
    'price in $…'
    """
    return shorten(text, length)


def clean_svg(text: str) -> str:
    r"""Text without the control characters that HTML and SVG forbid.

    Examples
    --------
    >>> clean_svg("a\x00b\nc")
    'a b c'
    """
    return "".join(" " if unicodedata.category(c) in ("Cc", "Cs") or c in "\ufffe\uffff" else c for c in text)


def escaped(text: str) -> str:
    """Text as it may stand in HTML and SVG, between tags and in attributes.

    Examples
    --------
    >>> escaped("<b> & 'c'")
    '&lt;b&gt; &amp; &#x27;c&#x27;'
    """
    return html.escape(clean_svg(text), quote=True)


def shorten(text: str, width: int) -> str:
    """Text of at most `width` columns on a terminal or in a label; wide characters count twice.

    Examples
    --------
    >>> shorten("a very long name", 7)
    'a very…'
    """
    text = " ".join(clean_svg(text).split())
    if _columns(text) <= width:
        return text
    used, end = 0, 0
    while end < len(text) and used + _columns(text[end]) < width:
        used += _columns(text[end])
        end += 1
    return text[:end].rstrip(" \u200d\ufe0f") + "…"


def _columns(text: str) -> int:
    return sum(map(_column, text))


def _column(character: str) -> int:
    if unicodedata.combining(character) or character in "\u200d\ufe0f":
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def svg(figure: Figure, *, alt: str) -> str:
    """A figure as a compact SVG element to put into an HTML page.

    Colours follow the page's theme (see `css`), text stays text in the page's own font, numbers are
    rounded to a hundredth of a point, and ids differ between different figures.

    Parameters
    ----------
    figure : matplotlib Figure
        Any figure; one made by `figure` follows the theme.
    alt : str
        What the picture shows, in words; escaped here.

    Returns
    -------
    str
        One ``<svg …>`` element.

    Examples
    --------
    >>> picture = figure(2, 1)
    >>> finish_figure(picture.subplots())
    >>> svg(picture, alt="nothing, <neatly>")[:67]
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
    # matplotlib's style sheet speaks to every element (`*`): in a page it would leak out of the figure.
    body = re.sub(r"<!--.*?-->|<metadata>.*?</metadata>|<defs>\s*<style.*?</defs>", "", body, flags=re.DOTALL)
    body = re.sub(r">\s+<", "><", body.strip())
    body = re.sub(r"<[^>]+>", lambda tag: _themed(tag.group()), body)
    body = _with_own_ids(body, f"f{zlib.crc32((alt + body).encode()):08x}")
    kind = "figure wide" if width > WIDE else "figure"
    return (
        f'<svg class="{kind}" viewBox="0 0 {width:g} {height:g}" role="img" aria-label="{escaped(alt)}"'
        f' style="stroke-linejoin:round;stroke-linecap:butt">{body}</svg>'
    )


def write_svg(figure: Figure, path: str | Path, *, alt: str) -> int:
    """Write a figure as an SVG file that stands alone and follows the reader's light or dark theme.

    Parameters
    ----------
    figure : matplotlib Figure
        What to write.
    path : str or Path
        The file.
    alt : str
        What the picture shows, in words.

    Returns
    -------
    int
        Bytes written.
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
