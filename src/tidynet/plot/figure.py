"""A matplotlib Figure that draws names literally and shows itself once in a notebook."""

from __future__ import annotations

import functools
import io
import os
import struct
import sys
import threading
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from matplotlib import rcParams, rcParamsDefault
from matplotlib.figure import Figure as _Figure
from matplotlib.font_manager import findfont, fontManager, get_font
from matplotlib.text import Text

from tidynet.plot.pyplot_figures import is_notebook, register
from tidynet.plot.style import Style, choose_style
from tidynet.plot.svg_file import clean_svg, write_svg
from tidynet.plot.tones import FOR_PAGE

if TYPE_CHECKING:
    from matplotlib.axes import Axes

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
_BUNDLED = "DejaVu Sans"  # part of matplotlib
# Warning filters are global.
_DRAWING = threading.RLock()

# Device pixels per CSS pixel: two for screens of high resolution, unless the file gets too large.
PIXEL_RATIOS = (2, 1)
MAX_PNG_BYTES = 400_000


class Figure(_Figure):
    """A matplotlib Figure without math text, whose unknown characters are drawn as boxes without a warning.

    It follows the user's matplotlib settings, and registers with pyplot only where pyplot is in use. IPython calls
    `_repr_png_` unless ``%matplotlib inline`` has registered a formatter for figures.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.alt = ""
        self.has_own_colors = False
        self._style: Style | None = choose_style()
        self._families = font_families(own_families())

    @property
    def ax(self) -> Axes:
        """The axes of the chart; the first of several."""
        return self.axes[0]

    def set_style(self, style: Style, keep: Iterable[str] = (), only: Iterable[Any] | None = None) -> None:
        """Draw all artists, or `only` some, in the colors and sizes of a style; the colors in `keep` stay."""
        self._style = None
        if style.paper is not None:
            self.set_facecolor(style.paper)
        style.apply(self.findobj() if only is None else only, keep)
        self.has_own_colors = bool(style.colors)

    def draw(self, renderer: Any) -> None:
        """Draw the figure."""
        if self._style is not None and not FOR_PAGE.get():
            self.set_style(self._style)
        escape_text(self.findobj(Text), self.axes, self._families)
        with _ignore_font_warnings():
            super().draw(renderer)

    def get_tightbbox(self, *args: Any, **options: Any) -> Any:
        """The bounding box."""
        with _ignore_font_warnings():
            return super().get_tightbbox(*args, **options)

    def show(self, warn: bool = True) -> None:  # noqa: ARG002
        """Show the figure in a window and wait until it is closed; in a notebook, below the cell."""
        if is_notebook():
            from IPython.display import display

            display(self)  # type: ignore[no-untyped-call]
            return
        import matplotlib.pyplot as plt

        register(self)
        plt.show()

    def savefig(self, fname: Any, *, alt: str | None = None, **options: Any) -> None:
        """Write the figure to a file, with its alternative text in the metadata of PNG, SVG and PDF.

        Parameters
        ----------
        fname : str, Path or file
            The file.
        alt : str, optional
            The text; by default a description of the chart.
        **options
            As for matplotlib.
        """
        if FOR_PAGE.get() and self.has_own_colors:
            options["transparent"] = False  # the user's colors need their background
        text = self.alt if alt is None else alt
        suffix = str(options.get("format") or os.path.splitext(str(fname))[1].lstrip(".") or "png").lower()
        key = {"png": "Description", "svg": "Description", "pdf": "Subject"}.get(suffix)
        if text and key:
            options["metadata"] = {key: clean_svg(text), **(options.get("metadata") or {})}
        super().savefig(fname, **options)

    def save(self, path: str | Path, *, alt: str | None = None, **options: Any) -> None:
        """Write the figure by the ending of the file; an SVG follows light and dark pages.

        Parameters
        ----------
        path : str or Path
            A file that ends in .svg, .png, .pdf or another format of matplotlib.
        alt : str, optional
            The alternative text; by default a description of the chart.
        **options
            As for `savefig`.
        """
        if str(path).lower().endswith(".svg") and not options:
            write_svg(self, path, alt=self.alt if alt is None else alt)
        else:
            self.savefig(path, alt=alt, **options)

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


def escape_text(texts: Iterable[Any], axes: Iterable[Axes], families: tuple[str, ...]) -> None:
    """Draw names literally, dollar signs included, in fonts that have their letters."""
    for item in axes:
        for axis in (item.xaxis, item.yaxis):
            axis.get_ticklabels()  # creates the labels
    for text in texts:
        # matplotlib's own powers of ten
        text.set_parse_math("\\mathdefault" in text.get_text())
        text.set_fontfamily(list(families))


def own_families() -> tuple[str, ...]:
    """The fonts that the user's matplotlib settings name, if they differ from the default."""
    named: list[str] = []
    settings: Any = rcParams
    is_other_family = rcParams["font.family"] != rcParamsDefault["font.family"]
    for family in settings["font.family"]:
        generic: Any = f"font.{family}"
        if generic not in settings:
            named.append(family)
        elif is_other_family or settings[generic] != rcParamsDefault[generic]:
            named += settings[generic]
    return tuple(named)


@functools.lru_cache(maxsize=16)
def font_families(first: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The installed fonts in the order of preference."""
    installed = set(fontManager.get_font_names())
    installed.add(_BUNDLED)
    return tuple(name for name in (*first, _BUNDLED, *WIDER_FONTS) if name in installed)


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
