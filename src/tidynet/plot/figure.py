"""A matplotlib Figure that draws names literally and shows itself once in a notebook."""

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

# Fallback fonts, where installed, for scripts that DejaVu Sans lacks.
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
# Warning filters are global.
_DRAWING = threading.RLock()

# Device pixels per CSS pixel: two for screens of high resolution, unless the file gets too large.
PIXEL_RATIOS = (2, 1)
MAX_PNG_BYTES = 400_000


class Figure(_Figure):
    """A matplotlib Figure without math text, whose unknown characters are drawn as boxes without a warning.

    IPython calls `_repr_png_` unless ``%matplotlib inline`` has registered a formatter for figures.
    """

    def draw(self, renderer: Any) -> None:
        """Draw the figure."""
        _escape_text(self)
        with _ignore_font_warnings():
            super().draw(renderer)

    def get_tightbbox(self, *args: Any, **options: Any) -> Any:
        """The bounding box."""
        with _ignore_font_warnings():
            return super().get_tightbbox(*args, **options)

    def _repr_png_(self) -> tuple[bytes, dict[str, int]] | None:
        if _formatter_is_set():
            return None
        for ratio in PIXEL_RATIOS:
            buffer = io.BytesIO()
            self.savefig(buffer, format="png", dpi=ratio * self.dpi, bbox_inches="tight")
            png = buffer.getvalue()
            if len(png) <= MAX_PNG_BYTES:
                break
        width, height = (round(pixels / ratio) for pixels in struct.unpack(">II", png[16:24]))
        return png, {"width": width, "height": height}


def _escape_text(figure: _Figure) -> None:
    """Draw names literally, dollar signs included, in fonts that have their letters."""
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            axis.get_ticklabels()  # creates the labels
    for text in figure.findobj(Text):
        assert isinstance(text, Text)
        # matplotlib's own powers of ten
        text.set_parse_math("\\mathdefault" in text.get_text())
        text.set_fontfamily(list(font_families()))


@functools.lru_cache(maxsize=1)
def font_families() -> tuple[str, ...]:
    """The installed fonts in the order of preference."""
    installed = set(fontManager.get_font_names())
    return ("DejaVu Sans", *(name for name in WIDER_FONTS if name in installed))


def needs_more_fonts(texts: Iterable[str]) -> bool:
    """Whether DejaVu Sans, matplotlib's own font, lacks a letter."""
    known = get_font(findfont("DejaVu Sans")).get_charmap()
    return any(ord(letter) not in known for text in texts for letter in text if letter.isprintable())


@contextmanager
def _ignore_font_warnings() -> Iterator[None]:
    """No warnings about letters that no font has."""
    with _DRAWING, warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"Glyph \d+ .*missing from", UserWarning)
        yield


def _formatter_is_set() -> bool:
    """Whether the notebook has a formatter for figures."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is None:
        return False
    return any(_Figure in formatter.type_printers for formatter in shell.display_formatter.formatters.values())
