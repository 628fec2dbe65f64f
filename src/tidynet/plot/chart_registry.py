"""Every chart by its name: its function, the variables it takes, its title and its size. A new chart is a row here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, Final, NamedTuple

from tidynet.core.errors import InputError, did_you_mean
from tidynet.core.text import join_names
from tidynet.plot import categorical, crosstab, distribution, proportions, scatter, time_series
from tidynet.plot.axis import needs_horizontal
from tidynet.plot.choose_chart import Shape, data_shape
from tidynet.plot.plot_data import PlotData, grouped
from tidynet.plot.titles import title_text
from tidynet.plot.variables import CategoricalVariable, NumericVariable, Variable

Size = tuple[float, float]
SIZE: Final = (6.0, 4.0)  # inches


def _label_size(data: PlotData, row_height: float = 0.34, *, of_x: bool = False, horizontal: bool = False) -> Size:
    """A size with room for the category labels below each other."""
    labels = data.y if isinstance(data.y, CategoricalVariable) and not of_x else data.x
    if not isinstance(labels, CategoricalVariable):
        return SIZE
    vertical = labels is data.x and not needs_horizontal(labels) and not horizontal
    return SIZE[0], SIZE[1] if vertical else max(SIZE[1], 1.2 + row_height * len(labels.labels))


def _box_size(data: PlotData) -> Size:
    return (SIZE[0], 1.9) if data.y is None else _label_size(data)


def _calendar_size(data: PlotData) -> Size:
    assert isinstance(data.x, NumericVariable)
    years = min(max((data.x.high - data.x.low) / 365.25 + 1, 1), 45)
    return 8.5, 0.9 + (1.02 * round(years) if years <= 8 else 0.16 * years)


def _no_title(_: PlotData) -> str:
    return ""


def _line_title(data: PlotData) -> str:
    return title_text(data, "mean") if data.color is None else ""


class Chart(NamedTuple):
    """One chart: how it is drawn, and from which variables."""

    draw: Callable[[Any, PlotData], None]
    takes: tuple[tuple[Shape, Shape], ...]  # shapes of x and y
    needs: str
    color: bool = True  # whether `color` may add a variable
    color_as_y: bool = False  # whether `color` takes the place of a missing y
    size: bool = False  # whether `size` may add a variable
    max_points: int = 0  # of more rows a random sample is drawn
    count_axes: str = ""  # axes that count rows; facets share their limits
    draw_two: Callable[[Any, Any, PlotData], None] | None = None  # without facets: draws two pairs of axes
    x_scale: str = "auto"
    options: str = ""  # names of the options that change it, beside those of every figure
    title: Callable[[PlotData], str] = title_text
    figsize: Callable[[PlotData], Size] = _label_size


_CATEGORIES: Final = (("categories", None),)
_BY_CATEGORY: Final = (
    ("categories", "numeric"), ("numeric", "categories"), ("categories", "time"), ("time", "categories"),
)  # fmt: skip
_PAIR: Final = (("numeric", "numeric"), ("time", "numeric"), ("numeric", "time"), ("time", "time"))
_ONE: Final = (("numeric", None), ("time", None))
_CROSSTAB: Final = (("categories", "categories"),)
_TIME: Final = (("time", "numeric"), ("time", None))
_ONE_OR_BY_CATEGORY: Final = "one numeric variable, or one numeric and one categorical variable"

# Options that charts have in common; those of every figure (title, labels, figsize, theme, ax) are not named.
_MARKS: Final = "color palette alpha"
_LIMITS: Final = "x_limits y_limits"
_COLORED: Final = f"{_MARKS} {_LIMITS} order color_order"
_POINTS: Final = f"{_MARKS} {_LIMITS} color_order jitter cmap"
_CELLS: Final = f"{_MARKS} {_LIMITS} bins cmap"
_SLICES: Final = "palette alpha order"

_proportion = partial(Chart, takes=_CATEGORIES, needs="one categorical variable", color=False, options=_SLICES)
_by_category = partial(
    Chart, takes=_BY_CATEGORY, needs="one numeric and one categorical variable", options=f"{_COLORED} width"
)
_pair = partial(Chart, takes=_PAIR, needs="two numeric variables", options=_POINTS)
_crosstab = partial(Chart, takes=_CROSSTAB, needs="two categorical variables", color=False)
_time = partial(Chart, takes=_TIME, needs="a time, and optionally a numeric variable")
_one = partial(Chart, takes=(*_ONE, *_BY_CATEGORY), needs=_ONE_OR_BY_CATEGORY, count_axes="y", options=_COLORED)


def _fixed_size(_: PlotData) -> Size:
    return SIZE


CHARTS: Final[dict[str, Chart]] = {
    "bar": _proportion(
        proportions.bar, count_axes="xy", figsize=partial(_label_size, row_height=0.24),
        options=f"{_MARKS} {_LIMITS} order width normalize",
    ),
    "pie": _proportion(proportions.pie, figsize=_fixed_size),
    "donut": _proportion(proportions.donut, figsize=_fixed_size, options=f"{_SLICES} width"),
    "waffle": _proportion(proportions.waffle, figsize=_fixed_size),
    "histogram": _one(distribution.histogram_bars, options=f"{_COLORED} bins bin_width density normalize"),
    "density": _one(distribution.density_curve),
    "zoom": Chart(
        distribution.histogram_bars, _ONE[:1], "one numeric variable", color=False, x_scale="linear",
        draw_two=distribution.zoom_to_center, figsize=lambda _: (8.0, 3.4),
        options=f"{_MARKS} bins bin_width density normalize",
    ),
    "box": _one(distribution.box_plot, color_as_y=True, count_axes="", figsize=_box_size, options=f"{_COLORED} width"),
    "violin": _by_category(categorical.violins),
    "mean": _by_category(categorical.means, takes=_BY_CATEGORY[:2], title=partial(title_text, average="mean")),
    "strip": _by_category(categorical.strip_plot, max_points=categorical.MAX_POINTS, options=f"{_COLORED} jitter"),
    "ridgeline": _by_category(categorical.ridgeline, figsize=partial(_label_size, horizontal=True), options=_COLORED),
    "scatter": _pair(scatter.scatter, size=True, max_points=scatter.MAX_POINTS),
    "regression": _pair(scatter.regression, takes=_PAIR[:2], size=True, max_points=scatter.MAX_POINTS),
    "hist2d": _pair(scatter.binned_squares, color=False, options=f"{_CELLS} bin_width"),
    "hexagon": _pair(scatter.hexbin, color=False, options=_CELLS),
    "line": Chart(
        scatter.mean_lines, (*_PAIR[:2], _BY_CATEGORY[0]), "a numeric variable along an ordered variable",
        title=_line_title, figsize=_fixed_size, options=f"{_COLORED} bins bin_width",
    ),
    "clustered": _crosstab(
        crosstab.clustered_bars, color_as_y=True, count_axes="xy",
        options=f"palette alpha {_LIMITS} order color_order width normalize",
    ),
    "stacked": _crosstab(
        crosstab.stacked_bars, color_as_y=True, figsize=partial(_label_size, of_x=True),
        options=f"palette alpha {_LIMITS} order color_order width",
    ),
    "heat": _crosstab(crosstab.count_heatmap, options=f"{_MARKS} order cmap normalize"),
    "time": _time(
        time_series.time_line, count_axes="y", title=_line_title,
        options=f"{_MARKS} {_LIMITS} color_order bins bin_width",
    ),
    "seasons": _time(time_series.seasons, color=False, title=time_series.season_title, options=f"{_MARKS} y_limits"),
    "calendar": _time(
        time_series.calendar_heatmap, color=False, title=_no_title, figsize=_calendar_size, options="alpha cmap"
    ),
}  # fmt: skip
OF_MANY: Final = {"pairs": f"{_POINTS} bins".replace(_LIMITS, ""), "correlation": f"{_MARKS} cmap"}
CHART_NAMES: Final = (*CHARTS, *OF_MANY)
_SYNONYMS: Final = {"hist": "histogram", "bars": "bar", "boxplot": "box", "heatmap": "heat", "hexbin": "hexagon"}


def check_chart_name(kind: str) -> str:
    """The name, if there is such a chart."""
    if kind == "auto" or kind in CHART_NAMES:
        return kind
    synonym = _SYNONYMS.get(kind)
    hint = f"did you mean '{synonym}'?" if synonym else did_you_mean(str(kind), ("auto", *CHART_NAMES))
    raise InputError(
        f"kind is '{kind}', expected one of {join_names(('auto', *CHART_NAMES), 40)}", hint or "try kind='auto'"
    )


def adapt_plot_data(data: PlotData, kind: str) -> PlotData:
    """The data with its variables as a chart takes them; numeric variables become categories where needed."""
    chart = CHARTS[kind]
    if data.x is None and data.y is not None and any(y is None for _, y in chart.takes):
        data = data.swap_axes()
    if chart.color_as_y and data.y is None and data.color is not None:
        data = replace(data, y=_coerce(data.color, "categories", 6), color=data.color if chart.color else None)
    if data.color is not None and not chart.color:
        raise InputError(
            f"color is '{data.color.name}', but the chart '{kind}' has no further variable", "give it as facet"
        )
    if data.size is not None and not chart.size:
        raise InputError(f"size is '{data.size.name}', but the chart '{kind}' has no points", "use kind='scatter'")
    if (data_shape(data.x), data_shape(data.y)) in chart.takes:
        return data
    for shapes in chart.takes:
        max_count = 20 if shapes[1] is None else 6
        x, y = (_coerce(item, shape, max_count) for item, shape in zip((data.x, data.y), shapes, strict=True))
        if (data_shape(x), data_shape(y)) == shapes:
            return replace(data, x=x, y=y)
    given = " and ".join(f"'{item.name}' is {item.kind}" for item in (data.x, data.y) if item is not None)
    raise InputError(f"the chart '{kind}' needs {chart.needs}; {given or 'no variable is given'}", "use kind='auto'")


def _coerce(variable: Variable | None, shape: Shape, max_count: int) -> Variable | None:
    if isinstance(variable, NumericVariable) and shape == "categories":
        return grouped(variable, distinct=max_count)
    return variable
