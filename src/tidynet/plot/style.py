"""The style of figures in Python: the user's matplotlib settings, or one of the two themes.

Charts are drawn in the light tones of `tones`; `Style.apply` replaces them by those of the style, as `svg` does
for pages.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from tidynet.core.errors import check_choice
from tidynet.plot.tones import DARK_PALETTE, INK, PALETTE, PAPER, TONES

RGB = tuple[float, float, float]

THEMES: Final = ("auto", "light", "dark")


@dataclass(frozen=True)
class Style:
    """The colors and sizes of one figure.

    `colors` maps each light tone to the color drawn; `paper` is the background if the style sets it.
    """

    colors: Mapping[str, RGB] = field(default_factory=dict)
    paper: RGB | None = None
    is_dark: bool = False
    font_scale: float = 1.0
    line_scale: float = 1.0
    sizes: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_plain(self) -> bool:
        """Whether figures stay as they are drawn."""
        return not self.colors and self.paper is None and self.font_scale == self.line_scale == 1 and not self.sizes

    def color(self, color: Any) -> RGB:
        """The color drawn in place of one of the light theme."""
        from matplotlib.colors import to_rgb

        rgb = to_rgb(color)
        return self._by_rgb().get(rgb, rgb)

    def text_on(self, color: Any) -> str:
        """The tone of readable text on a color."""
        behind = _luminance(self.color(color))
        return max((INK, PAPER), key=lambda tone: _contrast(_luminance(self.color(tone)), behind))

    def apply(self, artists: Iterable[Any], keep: Iterable[str] = ()) -> None:
        """Give artists the colors and sizes of the style; the colors in `keep` stay."""
        if self.is_plain:
            return
        from matplotlib.axes import Axes
        from matplotlib.collections import Collection
        from matplotlib.lines import Line2D
        from matplotlib.patches import Patch
        from matplotlib.text import Text

        kept = {_rgb(color) for color in keep}
        table = {rgb: new for rgb, new in self._by_rgb().items() if rgb not in kept}
        for artist in artists:
            if isinstance(artist, Text):
                _replace(artist, ("color",), table)
                artist.set_fontsize(float(artist.get_fontsize()) * self.font_scale)
            elif isinstance(artist, Line2D):
                _replace(artist, ("color", "markerfacecolor", "markeredgecolor"), table)
                artist.set_linewidth(artist.get_linewidth() * self.line_scale)
            elif isinstance(artist, Patch) and not _is_background(artist):
                _replace(artist, ("facecolor", "edgecolor"), table)
            elif isinstance(artist, Collection):
                _replace_all(artist, table)
            elif isinstance(artist, Axes):
                self._apply_to_axes(artist, table)

    def _apply_to_axes(self, axes: Any, table: Mapping[RGB, RGB]) -> None:
        if self.paper is not None:
            axes.set_facecolor(self.paper)
        for name, axis in (("x", axes.xaxis), ("y", axes.yaxis)):
            used: Any = axis.get_tick_params()
            tones = {key: _rgb(used.get(key)) for key in ("color", "labelcolor", "grid_color")}
            new: dict[str, Any] = {key: table[rgb] for key, rgb in tones.items() if rgb is not None and rgb in table}
            size: Any = self.sizes.get(f"{name}tick.labelsize")
            if size is None and "labelsize" in used:
                size = used["labelsize"] * self.font_scale
            axis.set_tick_params(**new, **({} if size is None else {"labelsize": size}))
            if "axes.labelsize" in self.sizes:
                axis.label.set_fontsize(self.sizes["axes.labelsize"])

    def _by_rgb(self) -> dict[RGB, RGB]:
        from matplotlib.colors import to_rgb

        return {to_rgb(tone): new for tone, new in self.colors.items()}


def choose_style(theme: str = "auto", paper: Any = None) -> Style:
    """The style of a theme: "auto" follows matplotlib's settings, and the background if one is given."""
    check_choice("theme", theme, THEMES)
    import matplotlib
    from matplotlib import rcParamsDefault
    from matplotlib.colors import to_rgb
    from matplotlib.font_manager import font_scalings

    settings: Any = matplotlib.rcParams
    set_by_user = {key for key in _READ if settings[key] != rcParamsDefault[key]}
    usual = float(rcParamsDefault["font.size"])
    scale = float(settings["font.size"]) / usual
    sizes: dict[str, float] = {}
    for key in ("axes.labelsize", "xtick.labelsize", "ytick.labelsize"):
        if key in set_by_user:
            size = settings[key]
            sizes[key] = float(settings["font.size"]) * font_scalings[size] if isinstance(size, str) else float(size)
    if scale == 1 and "axes.labelsize" in set_by_user and not isinstance(settings["axes.labelsize"], str):
        scale = sizes["axes.labelsize"] / usual  # numbers and titles follow the labels where these alone are set
    lines = float(settings["lines.linewidth"]) / float(rcParamsDefault["lines.linewidth"])
    if theme != "auto":
        is_dark = theme == "dark"
        colors = _dark_colors() if is_dark else {}
        is_default = theme == "light" and not {"axes.facecolor", "figure.facecolor"} & set_by_user
        background = None if is_default else to_rgb(TONES["paper"][is_dark])
        return Style(colors, background, is_dark, scale, lines, sizes)
    given = to_rgb(paper) if paper is not None else _paper(settings, set_by_user)
    is_dark = _luminance(given) < 0.2
    colors = {**(_dark_colors() if is_dark else {}), **_colors_of_user(settings, set_by_user, given)}
    return Style(colors, None, is_dark, scale, lines, sizes)


_READ: Final = (
    "figure.facecolor", "axes.facecolor", "axes.prop_cycle", "axes.labelcolor", "axes.labelsize", "text.color",
    "xtick.color", "xtick.labelsize", "ytick.labelsize", "grid.color",
)  # fmt: skip


def _paper(settings: Mapping[str, Any], set_by_user: set[str]) -> RGB:
    from matplotlib.colors import to_rgb, to_rgba

    for key in ("axes.facecolor", "figure.facecolor"):
        if key in set_by_user and to_rgba(settings[key])[3] > 0:
            return to_rgb(settings[key])
    return (1.0, 1.0, 1.0)


def _colors_of_user(settings: Mapping[str, Any], set_by_user: set[str], paper: RGB) -> dict[str, RGB]:
    """The tones that the user's settings replace; text that would not be readable keeps the tone of the theme."""
    from matplotlib.colors import to_rgb

    colors: dict[str, RGB] = {}
    if paper != (1.0, 1.0, 1.0):
        colors[PAPER] = paper
    for tone, keys in (("ink", ("text.color", "axes.labelcolor")), ("muted", ("xtick.color",))):
        for key in keys:
            if key in set_by_user and _contrast(_luminance(to_rgb(settings[key])), _luminance(paper)) >= 3:
                colors.setdefault(TONES[tone][0], to_rgb(settings[key]))
    if settings["axes.grid"] and "grid.color" in set_by_user:
        colors[TONES["grid"][0]] = to_rgb(settings["grid.color"])
    if "axes.prop_cycle" in set_by_user:
        cycle = [to_rgb(color) for color in settings["axes.prop_cycle"].by_key().get("color", [])]
        if cycle:
            colors |= {tone: cycle[index % len(cycle)] for index, tone in enumerate(PALETTE)}
    return colors


def _dark_colors() -> dict[str, RGB]:
    from matplotlib.colors import to_rgb

    tones = {light: to_rgb(dark) for light, dark in TONES.values()}
    return {**tones, **{light: to_rgb(dark) for light, dark in zip(PALETTE, DARK_PALETTE, strict=True)}}


def _luminance(color: RGB) -> float:
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in color]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: float, other: float) -> float:
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)


def _rgb(color: Any) -> RGB | None:
    from matplotlib.colors import is_color_like, to_rgba

    if color is None or not is_color_like(color):
        return None
    red, green, blue, alpha = to_rgba(color)
    return (red, green, blue) if alpha else None


def _is_background(patch: Any) -> bool:
    return patch is patch.get_figure(root=False).patch or (patch.axes is not None and patch is patch.axes.patch)


def _replace(artist: Any, properties: Iterable[str], table: Mapping[RGB, RGB]) -> None:
    for name in properties:
        old = getattr(artist, f"get_{name}")()
        rgb = _rgb(old)
        if rgb is not None and rgb in table:
            from matplotlib.colors import to_rgba

            getattr(artist, f"set_{name}")((*table[rgb], to_rgba(old)[3]))


def _replace_all(collection: Any, table: Mapping[RGB, RGB]) -> None:
    for name in ("facecolor", "edgecolor"):
        if name == "facecolor" and collection.get_array() is not None:
            continue  # the color map colors them
        old: npt.NDArray[np.float64] = np.atleast_2d(getattr(collection, f"get_{name}")())
        if old.size and any(tuple(row[:3]) in table and row[3] for row in old):
            new = [(*table.get(tuple(row[:3]), tuple(row[:3])), row[3]) for row in old.tolist()]
            getattr(collection, f"set_{name}")(new)
