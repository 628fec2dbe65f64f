"""How the marks of a chart look: colors, palette, opacity, jitter, widths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from tidynet.core.errors import InputError, did_you_mean
from tidynet.core.text import join_names, pluralize
from tidynet.plot.style import Style
from tidynet.plot.tones import BASE, MUTED, PALETTE, SECOND
from tidynet.plot.variables import CategoricalVariable

_SEABORN: Final = ("deep", "muted", "pastel", "bright", "dark", "colorblind")  # matplotlib has them as styles
_VIRIDIS: Final = "viridis"


@dataclass(frozen=True)
class Marks:
    """What the user chose for the marks of a chart; None is the chart's own."""

    base: str | None = None
    palette: str | Sequence[Any] | Mapping[str, Any] | None = None
    cmap: Any = None
    opacity: float | None = None
    jitter: float | None = None
    width: float | None = None
    density: bool = False
    hexagons: tuple[int | None, int | None] = (None, None)  # across and up
    style: Style = field(default_factory=Style)

    @property
    def color(self) -> str:
        """The color of charts with one color."""
        if self.base is not None:
            return self.base
        if self.palette is None:
            return BASE
        if isinstance(self.palette, Mapping):
            raise InputError(
                f"palette names {join_names(map(str, self.palette))}, but the chart has one color", "use color"
            )
        return _sample(self.palette, 1)[0]

    @property
    def second(self) -> str:
        """The color of what stands out from the marks, such as a fitted line."""
        if self.palette is not None and not isinstance(self.palette, Mapping):
            several = _sample(self.palette, 2)
            return several[-1]
        return SECOND if self.base is None else self.base

    @property
    def chosen_colors(self) -> set[str]:
        """The colors that the user named, which no theme replaces."""
        palette = self.palette or ()
        several = palette.values() if isinstance(palette, Mapping) else () if isinstance(palette, str) else palette
        return {*several, *([self.base] if self.base else [])}

    def alpha(self, default: float) -> float:
        """The opacity of marks that a chart draws with `default`."""
        return default if self.opacity is None else self.opacity

    def shading(self) -> Any:
        """The color map of numbers: the user's, or dark to light on dark paper and light to dark on light."""
        from matplotlib import colormaps
        from matplotlib.colors import LinearSegmentedColormap

        if self.cmap is not None:
            return self.cmap
        if not self.style.is_dark:
            return colormaps[f"{_VIRIDIS}_r"]
        # the darkest colors would not stand out from the page
        return LinearSegmentedColormap.from_list(_VIRIDIS, colormaps[_VIRIDIS](np.linspace(0.3, 1, 128)))


def colors_of(categories: CategoricalVariable, marks: Marks) -> list[str]:
    """A color for each category: hues if nominal, light to dark if ordered, gray for the rare ones."""
    count = len(categories.labels) - (categories.others > 0)
    if isinstance(marks.palette, Mapping):
        return _named_colors(categories, marks.palette)
    if marks.palette is not None:
        several = _sample(marks.palette, count)
        if len(several) < count:
            raise InputError(
                f"palette has {pluralize(len(several), 'color')}, expected {count} for '{categories.name}'",
                "add colors, or set max_categories",
            )
        colors = several[:count]
    elif categories.ordered:
        ends = (0.35, 0.95) if marks.style.is_dark else (0.8, 0.15)
        colors = _from_map(_VIRIDIS, np.linspace(*ends, count) if count > 1 else np.array([sum(ends) / 2]))
    else:
        colors = [PALETTE[code % len(PALETTE)] for code in range(count)]
    return [*colors, *([MUTED] * (categories.others > 0))]


def _named_colors(categories: CategoricalVariable, palette: Mapping[str, Any]) -> list[str]:
    colors = []
    for label, is_other in zip(categories.labels, categories.is_other, strict=True):
        if label not in palette and not is_other:
            raise InputError(
                f"palette has no color for '{label}' of '{categories.name}'",
                did_you_mean(label, palette) or f"add '{label}'",
            )
        colors.append(palette.get(label, MUTED))
    return colors


def _sample(palette: str | Sequence[Any], count: int) -> list[str]:
    """Colors of a palette: all of a list, of a qualitative map the first ones, of a continuous map evenly spaced."""
    from matplotlib import color_sequences, colormaps, style
    from matplotlib.colors import ListedColormap

    if not isinstance(palette, str):
        return [str(color) for color in palette]
    if palette in _SEABORN:
        cycle = style.library[f"seaborn-v0_8-{palette}"]["axes.prop_cycle"]
        return [parse_color("palette", color) for color in cycle.by_key()["color"]]
    if palette in color_sequences:
        return [parse_color("palette", color) for color in color_sequences[palette]]
    chosen = colormaps[palette]
    if isinstance(chosen, ListedColormap) and chosen.N <= 20:
        return [parse_color("palette", color) for color in np.asarray(chosen.colors).tolist()]
    return _from_map(palette, np.linspace(0.05, 0.9, count) if count > 1 else np.array([0.4]))


def _from_map(name: str, positions: Any) -> list[str]:
    from matplotlib import colormaps
    from matplotlib.colors import to_hex

    return [to_hex(color) for color in colormaps[name](positions)]


def parse_color(option: str, color: Any) -> str:
    """A color that the user gave, as a hexadecimal number."""
    from matplotlib.colors import is_color_like, to_hex, to_rgba

    if not is_color_like(color):
        raise InputError(f"{option} is {color!r}, expected a color", "give 'red', '#0b6fa8' or (r, g, b)")
    return to_hex(color, keep_alpha=to_rgba(color)[3] < 1)


def parse_palette(palette: Any) -> str | list[str] | dict[str, str] | None:
    """The name of a palette, a list of colors, or a color for each category."""
    from matplotlib import color_sequences, colormaps
    from matplotlib.colors import Colormap, is_color_like, to_hex

    if palette is None:
        return None
    if isinstance(palette, Mapping):
        return {str(label): parse_color(f"palette['{label}']", color) for label, color in palette.items()}
    if isinstance(palette, Colormap):
        return [to_hex(color) for color in palette(np.linspace(0.05, 0.9, 7))]
    names = (*_SEABORN, *color_sequences, *colormaps)
    if isinstance(palette, str):
        if palette in names:
            return palette
        hint = "use color for one color" if is_color_like(palette) else did_you_mean(palette, names)
        raise InputError(
            f"palette is '{palette}', expected a palette such as 'Set2', 'viridis' or 'colorblind'",
            hint or "give a list of colors",
        )
    try:
        colors = [parse_color(f"palette[{index}]", color) for index, color in enumerate(palette)]
    except TypeError:
        colors = []
    if not colors:
        raise InputError(f"palette is {palette!r}, expected a name, colors or a color for each category", "give a list")
    return colors


def parse_cmap(cmap: Any) -> Any:
    """A color map of matplotlib."""
    from matplotlib import colormaps
    from matplotlib.colors import Colormap, LinearSegmentedColormap

    if cmap is None or isinstance(cmap, Colormap):
        return cmap
    if isinstance(cmap, str):
        if cmap in colormaps:
            return colormaps[cmap]
        raise InputError(
            f"cmap is '{cmap}', expected a color map of matplotlib, such as 'viridis'", did_you_mean(cmap, colormaps)
        )
    colors = parse_palette(cmap)
    assert isinstance(colors, list | dict), "a name is handled above"
    return LinearSegmentedColormap.from_list("user", list(colors) * (2 if len(colors) == 1 else 1))
