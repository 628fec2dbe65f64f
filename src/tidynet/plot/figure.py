"""The figures of the house: names are drawn as they are written, and a notebook shows a figure by itself, once."""

from __future__ import annotations

import functools
import io
import struct
import sys
import threading
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from matplotlib.figure import Figure as _Figure
from matplotlib.font_manager import findfont, fontManager, get_font
from matplotlib.text import Text

__all__ = ["Figure", "font_families", "needs_more_fonts"]

# Tried after matplotlib's own DejaVu Sans, where installed, for the scripts that it lacks.
WIDER_FONTS = (
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "Noto Sans CJK KR",
    "Noto Sans CJK TC",
    "Source Han Sans SC",
    "WenQuanYi Zen Hei",
    "WenQuanYi Micro Hei",
    "Microsoft YaHei",
    "SimHei",
    "Yu Gothic",
    "IPAexGothic",
    "Malgun Gothic",
    "NanumGothic",
    "PingFang SC",
    "Hiragino Sans",
    "Apple SD Gothic Neo",
    "Arial Unicode MS",
    "Noto Sans Arabic",
    "Noto Sans Devanagari",
    "Noto Sans Thai",
    "Noto Emoji",
    "Symbola",
    "Segoe UI Emoji",
    "Unifont",
)
# Filters of warnings belong to the whole process.
_DRAWING = threading.RLock()

# Pixels of the file for each that it takes on the page: two for screens of high resolution, where that is no burden.
SHARPNESS = (2, 1)
HEAVY = 400_000  # bytes


class Figure(_Figure):
    """A matplotlib Figure in which no text is read as a formula and characters that no font has are boxes.

    IPython asks it for its PNG where no formatter was registered for matplotlib's figures. ``%matplotlib inline``
    registers one, which then goes before the method: there is one picture either way.
    """

    def draw(self, renderer: Any) -> None:
        """Draw all there is."""
        _escape_text(self)
        with _ignore_font_warnings():
            super().draw(renderer)

    def get_tightbbox(self, *choices: Any, **named: Any) -> Any:
        """The box around all there is."""
        with _ignore_font_warnings():
            return super().get_tightbbox(*choices, **named)

    def _repr_png_(self) -> tuple[bytes, dict[str, int]] | None:
        if _formatter_is_set():
            return None
        for sharpness in SHARPNESS:
            buffer = io.BytesIO()
            # cut as ``%matplotlib inline`` cuts its figures
            self.savefig(buffer, format="png", dpi=sharpness * self.dpi, bbox_inches="tight")
            figure = buffer.getvalue()
            if len(figure) <= HEAVY:
                break
        width, height = (round(pixels / sharpness) for pixels in struct.unpack(">II", figure[16:24]))
        return figure, {"width": width, "height": height}


def _escape_text(figure: _Figure) -> None:
    """Let names stand as they are, dollar signs included, in fonts that have their letters."""
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            axis.get_ticklabels()  # makes those that drawing would make only later
    for text in figure.findobj(Text):
        assert isinstance(text, Text)
        # matplotlib itself writes powers of ten so
        text.set_parse_math("\\mathdefault" in text.get_text())
        text.set_fontfamily(list(font_families()))


@functools.lru_cache(maxsize=1)
def font_families() -> tuple[str, ...]:
    """The fonts to look for a letter in, one after the other, of those that are installed."""
    installed = set(fontManager.get_font_names())
    return ("DejaVu Sans", *(name for name in WIDER_FONTS if name in installed))


def needs_more_fonts(texts: Iterable[str]) -> bool:
    """Whether DejaVu Sans, the font that comes with matplotlib, lacks a letter.

    Examples
    --------
    >>> needs_more_fonts(["naïve", "λ ≤ 2"]), needs_more_fonts(["price", "价格"])
    (False, True)
    """
    known = get_font(findfont("DejaVu Sans")).get_charmap()
    return any(ord(letter) not in known for text in texts for letter in text if letter.isprintable())


@contextmanager
def _ignore_font_warnings() -> Iterator[None]:
    """A letter that no font has is a box, of which there is nothing to say on standard error."""
    with _DRAWING, warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"Glyph \d+ .*missing from", UserWarning)
        yield


def _formatter_is_set() -> bool:
    """Whether the notebook draws figures in a form of the user's choice already, which may be SVG."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is None:
        return False
    return any(_Figure in item.type_printers for item in shell.display_formatter.formatters.values())
