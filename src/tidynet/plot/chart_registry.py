"""Every chart by its name: what it is drawn from, and by which function."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final, NamedTuple

from tidynet.core.errors import InputError, did_you_mean
from tidynet.core.text import join_names
from tidynet.plot import categorical as by_level
from tidynet.plot import crosstab as two_levels
from tidynet.plot import distribution
from tidynet.plot import proportions as parts
from tidynet.plot import scatter as relations
from tidynet.plot import time_series as times
from tidynet.plot.choose_chart import data_shape
from tidynet.plot.scene import PlotData, grouped
from tidynet.plot.variables import NumericVariable, Variable

__all__ = ["CHARTS", "NAMES", "Chart", "adapt_plot_data", "chart_named"]

Want = str | None


class Chart(NamedTuple):
    """One chart."""

    draw: Callable[[Any, PlotData], None]
    takes: tuple[tuple[Want, Want], ...]
    needs: str


_BOTH = (("levels", "quantity"), ("quantity", "levels"), ("levels", "time"), ("time", "levels"))
_TWO = (("quantity", "quantity"), ("time", "quantity"), ("quantity", "time"), ("time", "time"))
_PER_LEVEL = "a quantity and a variable with levels"
_ALONE = (("quantity", None), ("time", None))
_LEVELS = "two variables with levels"

CHARTS: Final[dict[str, Chart]] = {
    "bar": Chart(parts.bar, (("levels", None),), "one variable with levels"),
    "pie": Chart(parts.pie, (("levels", None),), "one variable with levels"),
    "donut": Chart(parts.donut, (("levels", None),), "one variable with levels"),
    "waffle": Chart(parts.waffle, (("levels", None),), "one variable with levels"),
    "histogram": Chart(distribution.steps, (*_ALONE, *_BOTH), "one quantity"),
    "density": Chart(distribution.curve, (*_ALONE, *_BOTH), "one quantity"),
    "zoom": Chart(distribution.steps, (("quantity", None),), "one quantity"),
    "box": Chart(by_level.boxes, (*_ALONE, *_BOTH), f"one quantity, or {_PER_LEVEL}"),
    "violin": Chart(by_level.violins, _BOTH, _PER_LEVEL),
    "mean": Chart(by_level.means, _BOTH[:2], _PER_LEVEL),
    "strip": Chart(by_level.strip_plot, _BOTH, _PER_LEVEL),
    "ridgeline": Chart(by_level.ridgeline, _BOTH, _PER_LEVEL),
    "scatter": Chart(relations.scatter, _TWO, "two quantities"),
    "regression": Chart(relations.regression, _TWO[:2], "two quantities"),
    "hist2d": Chart(relations.binned_squares, _TWO, "two quantities"),
    "hexagon": Chart(relations.hexbin, _TWO, "two quantities"),
    "line": Chart(relations.lines, (*_TWO[:2], ("levels", "quantity")), "a quantity along an ordered variable"),
    "clustered": Chart(two_levels.clustered_bars, (("levels", "levels"),), _LEVELS),
    "stacked": Chart(two_levels.stacked_bars, (("levels", "levels"),), _LEVELS),
    "heat": Chart(two_levels.count_heatmap, (("levels", "levels"),), _LEVELS),
    "time": Chart(times.time_line, (("time", "quantity"), ("time", None)), "a time, and a quantity if you like"),
    "seasons": Chart(times.seasons, (("time", "quantity"), ("time", None)), "a time, and a quantity if you like"),
    "calendar": Chart(
        times.calendar_heatmap, (("time", "quantity"), ("time", None)), "a time, and a quantity if you like"
    ),
}
_COLORLESS = (
    "bar", "pie", "donut", "waffle", "zoom", "seasons", "calendar", "clustered", "stacked", "heat", "hexagon", "hist2d",
)  # fmt: skip
_SIZED = ("scatter", "regression")
NAMES: Final = (*CHARTS, "pairs", "correlation")


def chart_named(kind: str) -> str:
    """The name of a chart, checked.

    Examples
    --------
    >>> chart_named("violin")
    'violin'
    """
    if kind == "auto" or kind in NAMES:
        return kind
    spoken = {"hist": "histogram", "bars": "bar", "boxplot": "box", "heatmap": "heat", "hexbin": "hexagon"}
    nearest = f"did you mean '{spoken[kind]}'?" if kind in spoken else did_you_mean(str(kind), ("auto", *NAMES))
    raise InputError(
        f"there is no chart '{kind}' among {join_names(('auto', *NAMES), 40)}", nearest or "try kind='auto'"
    )


def adapt_plot_data(scene: PlotData, kind: str) -> PlotData:
    """The scene with its variables as a chart takes them: numbers cut into groups where it needs levels."""
    chart = CHARTS[kind]
    if scene.x is None and scene.y is not None and any(y is None for _, y in chart.takes):
        scene = scene.swap_axes()
    if kind in ("clustered", "stacked") and scene.y is None and scene.color is not None:
        scene = replace(scene, y=scene.color, color=None)
    if kind == "box" and scene.y is None and scene.color is not None:
        scene = replace(scene, y=_coerce_variable(scene.color, "levels", 6))
    if scene.color is not None and kind in _COLORLESS:
        raise InputError(
            f"the chart '{kind}' cannot show a further variable by colour, and color='{scene.color.name}' was given",
            "give it as facet instead",
        )
    if scene.size is not None and kind not in _SIZED:
        raise InputError(
            f"the chart '{kind}' has no points whose size could show '{scene.size.name}'", "use kind='scatter'"
        )
    forms = data_shape(scene.x), data_shape(scene.y)
    if forms in chart.takes:
        return scene
    for requested in chart.takes:
        max_count = 20 if requested[1] is None else 6
        x, y = (
            _coerce_variable(item, want, max_count) for item, want in zip((scene.x, scene.y), requested, strict=True)
        )
        if (data_shape(x), data_shape(y)) == requested:
            return replace(scene, x=x, y=y)
    user_value = [f"'{item.name}' is {item.kind}" for item in (scene.x, scene.y) if item is not None]
    raise InputError(
        f"the chart '{kind}' needs {chart.needs}; {' and '.join(user_value) or 'no variable was given'}",
        "leave kind='auto' for a chart that suits",
    )


def _coerce_variable(variable: Variable | None, requested: Want, max_count: int) -> Variable | None:
    return (
        grouped(variable, distinct=max_count)
        if isinstance(variable, NumericVariable) and requested == "levels"
        else variable
    )
