"""The options of `plot`, checked: names, values, and the charts that take them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from numbers import Real
from typing import Any, Final, NamedTuple, NoReturn

import numpy as np

from tidynet.core.errors import InputError, check_choice, did_you_mean
from tidynet.core.text import join_names
from tidynet.plot.marks import Marks, parse_cmap, parse_color, parse_palette
from tidynet.plot.own_bins import pair_of
from tidynet.plot.style import THEMES

# What other libraries call an option.
_SYNONYMS: Final = {
    "hue": "color", "c": "color", "s": "size", "col": "column", "hue_order": "color_order", "kde": "density",
    "nbins": "bins", "opacity": "alpha", "colormap": "cmap", "color_map": "cmap", "colors": "palette",
    "category_orders": "order", "range_x": "x_limits", "range_y": "y_limits", "log": "x_scale", "logx": "x_scale",
    "logy": "y_scale", "log_x": "x_scale", "log_y": "y_scale", "log_scale": "x_scale", "xscale": "x_scale",
    "yscale": "y_scale", "chart": "kind", "type": "kind", "suptitle": "title", "stat": "normalize", "axes": "ax",
    "figure": "ax", "xlabel": "labels", "ylabel": "labels", "style": "theme", "height": "figsize",
}  # fmt: skip


class Part(NamedTuple):
    """What a chart must have for an option, and what fixes a chart without it."""

    name: str
    fix: str


PARTS: Final[dict[str, Part]] = {
    "bins": Part("bins", "use kind='histogram' or 'hist2d'"),
    "bin_width": Part("bins of a width", "use kind='histogram' or 'hist2d'"),
    "density": Part("bars of a histogram", "use kind='histogram'"),
    "order": Part("categories", "use kind='bar' or 'box'"),
    "color_order": Part("colors of categories", "give a column as color"),
    "palette": Part("colors of a palette", "use cmap"),
    "color": Part("single color", "use palette"),
    "cmap": Part("numbers shown by color", "use palette or color"),
    "alpha": Part("marks", "remove alpha"),
    "jitter": Part("points to move apart", "use kind='strip' or 'scatter'"),
    "width": Part("bars or boxes of categories", "use kind='bar' or 'box'"),
    "normalize": Part("counts of rows", "use kind='bar' or 'histogram'"),
    "x_limits": Part("x axis with limits", "remove x_limits"),
    "y_limits": Part("y axis with limits", "remove y_limits"),
}


@dataclass(frozen=True)
class PlotOptions:
    """The options of one figure; `given` are the names that the user set."""

    marks: Marks = field(default_factory=Marks)
    bins: Any = None
    bin_width: Any = None
    order: Any = None
    color_order: Sequence[Any] | None = None
    x_limits: Any = None
    y_limits: Any = None
    labels: Mapping[str, str] = field(default_factory=dict)
    title: str | None = None
    figsize: tuple[float, float] | None = None
    theme: str = "auto"
    ax: Any = None
    scales: tuple[str, str] = ("auto", "auto")
    max_categories: int | None = None
    given: frozenset[str] = frozenset()

    def value(self, name: str) -> Any:
        """The value of an option as the user gave it."""
        of_marks = {"color": "base", "alpha": "opacity"}.get(name, name)
        if name in ("palette", "cmap", "jitter", "width", "density", "color", "alpha"):
            value = getattr(self.marks, of_marks)
            return getattr(value, "name", True if value is None else value)
        return True if name == "normalize" else getattr(self, name)

    def scales_for_bins(self) -> tuple[str, str]:
        """The scales, linear in place of "auto" where own edges or widths need it."""
        found = []
        for scale, bins, width in zip(self.scales, pair_of(self.bins), pair_of(self.bin_width), strict=True):
            has_edges = bins is not None and np.ndim(bins) == 1
            found.append("linear" if scale == "auto" and (has_edges or width is not None) else scale)
        return found[0], found[1]

    def with_color(self, color: Any) -> PlotOptions:
        """The options with one color for all marks, if one is given."""
        if color is None:
            return self
        if self.marks.palette is not None:
            raise InputError(
                f"color is {shown(color)} and palette is {shown(self.marks.palette)}, expected one of them",
                "remove color",
            )
        return replace(self, marks=replace(self.marks, base=parse_color("color", color)), given=self.given | {"color"})


def merge_synonyms(arguments: Mapping[str, Any], others: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments with `xlim` and `ylim` under their names; any other name is refused."""
    merged = dict(arguments)
    for name, value in others.items():
        target = {"xlim": "x_limits", "ylim": "y_limits"}.get(name)
        if target is None:
            known = ["x", "y", "color", "size", "facet", "row", "column", "kind", *arguments]
            synonym = _SYNONYMS.get(name)
            hint = f"did you mean '{synonym}'?" if synonym else did_you_mean(name, known)
            raise InputError(f"plot has no option '{name}'", hint or f"its options are {join_names(known, 40)}")
        if merged[target] is not None:
            raise InputError(f"{name} and {target} are both given, expected one of them", f"remove {name}")
        merged[target] = value
    return merged


def parse_options(arguments: Mapping[str, Any]) -> PlotOptions:
    """The options that do not name columns, with their values checked."""
    given = _given(arguments)
    _is_true("normalize", arguments["normalize"])
    if not isinstance(arguments["title"], str | None):
        raise InputError(f"title is {shown(arguments['title'])}, expected a text", "write title='…'")
    check_choice("theme", arguments["theme"], THEMES)
    labels = arguments["labels"] or {}
    if not isinstance(labels, Mapping):
        raise InputError(f"labels is {labels!r}, expected a name for each column", "write labels={'mass': 'Mass (g)'}")
    marks = Marks(
        palette=parse_palette(arguments["palette"]),
        cmap=parse_cmap(arguments["cmap"]),
        opacity=_number("alpha", arguments["alpha"], 0, 1),
        jitter=_jitter(arguments["jitter"]),
        width=_number("width", arguments["width"], 0, 1, open_low=True),
        density=_is_true("density", arguments["density"]),
    )
    return PlotOptions(
        marks,
        order=_checked_order(arguments["order"]),
        color_order=_categories("color_order", arguments["color_order"]),
        labels={str(name): str(label) for name, label in labels.items()},
        figsize=_figsize(arguments["figsize"]),
        scales=(arguments["x_scale"], arguments["y_scale"]),
        max_categories=arguments["max_categories"],
        given=frozenset(given),
        **{name: arguments[name] for name in ("bins", "bin_width", "x_limits", "y_limits", "title", "theme", "ax")},
    )


def check_chart_options(kind: str, taken: Collection[str], options: PlotOptions) -> None:
    """Raise for an option that the chart does not take."""
    for name, part in PARTS.items():
        if name in options.given and name not in taken:
            refuse_option(name, options.value(name), f"the chart '{kind}' has no {part.name}", part.fix)


def refuse_option(name: str, value: Any, reason: str, fix: str) -> NoReturn:
    """Raise for an option that has no effect, with the reason."""
    raise InputError(f"{name} is {shown(value)}, but {reason}", fix)


def shown(value: Any) -> str:
    """A value in a message, short."""
    if isinstance(value, str):
        return f"'{value}'"
    if isinstance(value, Mapping):
        return f"a mapping of {join_names([str(key) for key in value])}"
    if isinstance(value, bool | Real):
        return f"{value}"
    try:
        items = [str(item) for item in value]
    except TypeError:
        return f"{value}"
    return f"[{', '.join(items[:5])}{', …' if len(items) > 5 else ''}]"


def _given(arguments: Mapping[str, Any]) -> set[str]:
    names = {name for name in PARTS if name in arguments}
    return {name for name in names if arguments[name] is not None and arguments[name] is not False} | (
        {"jitter"} if arguments["jitter"] is not None else set()
    )


def _number(name: str, value: Any, low: float, high: float, *, open_low: bool = False) -> float | None:
    if value is None:
        return None
    is_number = isinstance(value, Real) and not isinstance(value, bool)
    if not is_number or not low <= value <= high or (open_low and value == low):
        expected = f"a number above {low:g}, at most {high:g}" if open_low else f"a number from {low:g} to {high:g}"
        raise InputError(f"{name} is {shown(value)}, expected {expected}", f"try {(low + high) / 2:g}")
    return float(value)


def _jitter(value: Any) -> float | None:
    if value is None or value is True:
        return None
    return 0.0 if value is False else _number("jitter", value, 0, 0.5)


def _is_true(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise InputError(f"{name} is {shown(value)}, expected True or False", f"write {name}=True")
    return value


def _figsize(value: Any) -> tuple[float, float] | None:
    if value is None:
        return None
    try:
        width, height = (float(side) for side in value)
    except (TypeError, ValueError):
        width = height = -1.0
    if not (0 < width <= 100 and 0 < height <= 100):
        raise InputError(
            f"figsize is {shown(value)}, expected width and height in inches, above 0 and at most 100",
            "try figsize=(6, 4)",
        )
    return width, height


def _checked_order(order: Any) -> Any:
    if isinstance(order, Mapping):
        return {str(column): _categories(f"order['{column}']", names) for column, names in order.items()}
    return _categories("order", order)


def _categories(name: str, names: Any) -> list[Any] | None:
    if names is None:
        return None
    if isinstance(names, str | bytes) or not hasattr(names, "__iter__"):
        raise InputError(f"{name} is {shown(names)}, expected a list of categories", f"write {name}=[…]")
    found = list(names)
    if not found:
        raise InputError(f"{name} has 0 categories, expected 1 or more", f"remove {name}")
    return found


_AXIS_TEXTS = ("rows", "percentage of rows", "rows per step", "density", "percentage within each category")


def check_axis_labels(labels: Mapping[str, str], names: Sequence[str]) -> None:
    """Raise for a label of something that the chart does not show."""
    for name in labels:
        if name not in (*names, *_AXIS_TEXTS):
            raise InputError(
                f"labels names '{name}', expected one of {join_names(names)}",
                did_you_mean(name, (*names, *_AXIS_TEXTS)) or f"remove '{name}'",
            )


def alternative_text(name: str, names: Sequence[str], title: str) -> str:
    """A chart in one sentence: what it is, of which columns, and its finding."""
    return f"{name} of {', '.join(names)}" + (f": {title}" if title else "")
