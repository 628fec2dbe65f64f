"""Figures as compact SVG that follows light and dark pages.

Figures are drawn in the light tones; `svg` replaces each by ``var(--tone, light)``, so that the style sheet of the
page applies.
"""

from __future__ import annotations

import html
import io
import re
import threading
import unicodedata
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tidynet.plot.tones import FOR_PAGE, TONES, WIDE

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# savefig reads these from matplotlib's global settings: changed by one thread at a time.
_SETTINGS: Final[dict[Any, Any]] = {"svg.fonttype": "none", "svg.hashsalt": "tidynet", "path.simplify_threshold": 0.5}
_SAVING = threading.Lock()


def css() -> str:
    """The tones as CSS custom properties, for light and dark color schemes."""
    light = "".join(f"--{tone}:{pair[0]};" for tone, pair in TONES.items())
    dark = "".join(f"--{tone}:{pair[1]};" for tone, pair in TONES.items())
    return f":root{{{light}}}@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}"


def clean_svg(text: str) -> str:
    r"""Text without the control characters that HTML and SVG forbid."""
    return "".join(" " if unicodedata.category(c) in ("Cc", "Cs") or c in "\ufffe\uffff" else c for c in text)


def escape_svg(text: str) -> str:
    """Text escaped for HTML and SVG."""
    return html.escape(clean_svg(text), quote=True)


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
    >>> from tidynet.plot.theme import new_figure
    >>> figure = new_figure(2, 1)
    >>> svg(figure, alt="nothing, <escaped>")[:67]
    '<svg class="figure" viewBox="0 0 144 72" role="img" aria-label="not'
    """
    import matplotlib

    buffer = io.StringIO()
    empty = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    token = FOR_PAGE.set(True)
    try:
        with _SAVING, matplotlib.rc_context(_SETTINGS):
            figure.savefig(buffer, format="svg", transparent=True, metadata=empty)
    finally:
        FOR_PAGE.reset(token)
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
