"""Where a chart is drawn: a figure of its own, or axes and subfigures that the user gives."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from tidynet.core.errors import InputError
from tidynet.plot.label_fit import fit_axis_labels
from tidynet.plot.options import PlotOptions, shown
from tidynet.plot.style import Style, choose_style
from tidynet.plot.theme import FONT_SIZE, INK, MUTED, fit_width, legend_rows, new_figure, size_inches

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure


@dataclass(frozen=True)
class Canvas:
    """A figure, or a part of one, with the artists that it held before."""

    figure: Figure | SubFigure
    axes: Axes | None
    style: Style
    before: frozenset[int]
    use: Literal["own", "page", "given"]  # a figure made here, one for a page of a report, or a part of the user's

    def one_panel(self) -> Axes:
        """The axes of a chart with one panel."""
        return self.axes if self.axes is not None else self.figure.subplots()

    def add_title_and_notes(self, title: str, notes: Sequence[str]) -> None:
        """The title at the top and the notes at the bottom; around the axes where these were given."""
        if self.axes is not None:
            self._add_to_axes(self.axes, title, notes)
            return
        width = size_inches(self.figure)[0]
        if title:
            style: Any = {"parse_math": False}
            text = wrap_title(title, width)
            self.figure.suptitle(text, x=0.01, ha="left", fontsize=FONT_SIZE + 1, color=INK, **style)
        if notes:
            text = textwrap.fill(fit_width("; ".join(notes), 200), max(20, int(width * 15)))
            self.figure.supxlabel(text, x=0.99, ha="right", fontsize=FONT_SIZE - 2, color=MUTED, parse_math=False)

    def _add_to_axes(self, axes: Axes, title: str, notes: Sequence[str]) -> None:
        width = size_inches(axes)[0]
        pad = 6 + legend_rows(axes) * FONT_SIZE * 1.55
        axes.set_title(
            wrap_title(title, width), loc="left", fontsize=FONT_SIZE + 1, color=INK, pad=pad, parse_math=False
        )
        if notes:
            text = textwrap.fill(fit_width("; ".join(notes), 200), max(20, int(width * 15)))
            small: Any = {"color": MUTED, "fontsize": FONT_SIZE - 2, "ha": "center", "va": "top", "parse_math": False}
            below: Any = {"xytext": (0, -2), "textcoords": "offset points", "annotation_clip": False}
            if axes.get_xlabel():
                axes.annotate(text, (0.5, 0), xycoords=axes.xaxis.label, **below, **small)
            else:
                axes.set_xlabel(text, **small)

    def finish(self, keep: Iterable[str], alt: str) -> Figure:
        """Apply the style to what was drawn; returns the whole figure."""
        from tidynet.plot.figure import Figure as StyledFigure
        from tidynet.plot.figure import escape_text, font_families, own_families
        from tidynet.plot.pyplot_figures import register_if_used

        root = self.figure.get_figure(root=True)
        assert root is not None, "axes and subfigures are part of a figure"
        if self.use != "given":
            assert isinstance(root, StyledFigure), "made here"
            root.alt = alt
            fit_axis_labels(root)
            if self.use == "own":
                root.set_style(self.style, keep)
                register_if_used(root)
            return root
        part: Any = self.axes if self.axes is not None else self.figure
        new = [artist for artist in part.findobj() if id(artist) not in self.before]
        if self.axes is not None:
            # restyled by every chart: frame, labels, titles, ticks
            titles = [artist for artist in part.get_children() if _is_text(artist) and artist not in new]
            new = [*part.spines.values(), part.xaxis.label, part.yaxis.label, *titles, *new, part]
        elif self.style.paper is not None:
            part.set_facecolor(self.style.paper)
        texts = [artist for artist in new if _is_text(artist)]
        escape_text(texts, [part] if self.axes is not None else part.axes, font_families(own_families()))
        self.style.apply(new, keep)
        return root


def open_canvas(options: PlotOptions, size: tuple[float, float], chart: str, panels: bool) -> Canvas:
    """The figure or the axes of a chart; `panels` of it need more than one pair of axes."""
    ax = options.ax
    if options.theme == "page":
        return Canvas(new_figure(*(options.figsize or size)), None, Style(), frozenset(), "page")
    if ax is None:
        return Canvas(
            new_figure(*(options.figsize or _own_size() or size)), None, choose_style(options.theme), frozenset(), "own"
        )
    from matplotlib.axes import Axes
    from matplotlib.colors import to_rgba
    from matplotlib.figure import FigureBase

    if not isinstance(ax, Axes | FigureBase):
        several = hasattr(ax, "flat") or isinstance(ax, list | tuple)
        raise InputError(
            f"ax is {'several axes' if several else shown(ax)}, expected matplotlib Axes or a SubFigure",
            "give one of them" if several else "create axes with plt.subplots()",
        )
    if options.figsize is not None:
        raise InputError(f"figsize is {shown(options.figsize)}, but ax has a size", "remove figsize")
    if isinstance(ax, Axes):
        if ax.name != "rectilinear":
            raise InputError(f"ax has a {ax.name} projection, expected plain axes", "create axes with plt.subplots()")
        if options.theme != "auto":
            raise InputError(f"theme is '{options.theme}', but ax has the background of its figure", "remove theme")
        if panels:
            raise InputError(
                f"ax is one pair of axes, but the chart '{chart}' has several panels",
                "give a SubFigure of matplotlib, or remove ax",
            )
    holder: Any = ax.get_figure() if isinstance(ax, Axes) else ax
    face = to_rgba(ax.get_facecolor())
    behind = face if face[3] else to_rgba(holder.get_figure(root=True).get_facecolor())
    style = choose_style(options.theme, behind if behind[3] else None)
    before = frozenset(id(artist) for artist in ax.findobj())
    return Canvas(holder, ax if isinstance(ax, Axes) else None, style, before, "given")


def wrap_title(title: str, width: float) -> str:
    """A title on lines of some inches, without a line break inside parentheses."""
    joined = re.sub(r"\([^()]+\)", lambda part: part.group().replace(" ", "\xa0"), fit_width(title, 160))
    return "\n".join(textwrap.wrap(joined, max(20, int(width * 11.5)), break_on_hyphens=False)).replace("\xa0", " ")


def _own_size() -> tuple[float, float] | None:
    """The size of figures in the user's matplotlib settings, if they differ from the default."""
    from matplotlib import rcParams, rcParamsDefault

    width, height = rcParams["figure.figsize"]
    return None if [width, height] == list(rcParamsDefault["figure.figsize"]) else (float(width), float(height))


def _is_text(artist: Any) -> bool:
    from matplotlib.text import Text

    return isinstance(artist, Text)
