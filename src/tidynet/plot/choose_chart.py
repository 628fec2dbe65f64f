"""Which chart fits which variables: the first row of `CHOICES` whose shapes and condition hold."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal, NamedTuple

from tidynet.core.text import format_value, pluralize
from tidynet.plot.plot_data import PlotData
from tidynet.plot.scatter import MAX_POINTS
from tidynet.plot.theme import fit_width
from tidynet.plot.variables import CategoricalVariable, NumericVariable, Variable

Shape = Literal["categories", "numeric", "time"] | None


class Choice(NamedTuple):
    """One row of the table."""

    x: Shape
    y: Shape
    condition: str  # a key of `CONDITIONS`, empty for always
    chart: str
    reason: str


CHOICES: Final = (
    Choice("categories", None, "colored", "clustered", "grouped bars compare two categorical variables"),
    Choice("categories", None, "", "bar", "rows per category"),
    Choice("time", None, "", "time", "rows over time"),
    Choice("numeric", None, "colored", "density", "curves can overlap"),
    Choice("numeric", None, "", "histogram", "rows per bin"),
    Choice("numeric", "numeric", "colored or sized", "scatter", "points can show more than two variables"),
    Choice("numeric", "numeric", "many rows", "hist2d", "so many points would hide each other"),
    Choice("numeric", "numeric", "counted", "hist2d", "only counts are given"),
    Choice("numeric", "numeric", "", "scatter", "one point per row"),
    Choice("time", "numeric", "", "time", "means over time"),
    Choice("time", "categories", "", "ridgeline", "distribution over time per category"),
    Choice("time", "time", "", "hist2d", "both are times"),
    Choice("numeric", "time", "", "hist2d", "rows per cell"),
    Choice("categories", "time", "", "ridgeline", "distribution over time per category"),
    Choice("categories", "numeric", "few rows", "strip", "so few rows can be shown one by one"),
    Choice("categories", "numeric", "many categories", "box", "box plots compare many categories"),
    Choice("categories", "numeric", "", "violin", "the distribution of each category"),
    Choice("numeric", "categories", "few rows", "strip", "so few rows can be shown one by one"),
    Choice("numeric", "categories", "many categories", "box", "box plots compare many categories"),
    Choice("numeric", "categories", "", "violin", "the distribution of each category"),
    Choice("categories", "categories", "few cells", "clustered", "grouped bars compare few categories"),
    Choice("categories", "categories", "", "heat", "a heat map shows many categories"),
)

CONDITIONS: Final[dict[str, Callable[[PlotData], bool]]] = {
    "": lambda _: True,
    "colored": lambda data: data.color is not None,
    "colored or sized": lambda data: data.color is not None or data.size is not None,
    "many rows": lambda data: not data.counted and data.rows > MAX_POINTS,
    "counted": lambda data: data.counted,
    "few rows": lambda data: not data.counted and data.rows <= 40,
    "many categories": lambda data: max(_category_counts(data)) > 6,
    "few cells": lambda data: max(_category_counts(data)) <= 4 and min(_category_counts(data)) <= 3,
}


def data_shape(variable: Variable | None) -> Shape:
    """The shape of a variable in the table of choices."""
    if variable is None:
        return None
    if isinstance(variable, CategoricalVariable):
        return "categories"
    return "time" if variable.scale == "time" else "numeric"


def choose_chart(data: PlotData, takes_options: Callable[[str], bool] = lambda _: True) -> Choice:
    """The first row of `CHOICES` that fits, if possible of a chart that takes the options that the user gave."""
    shapes = data_shape(data.x), data_shape(data.y)
    rows = [row for row in CHOICES if (row.x, row.y) == shapes]
    fitting = [row for row in rows if CONDITIONS[row.condition](data)]
    return next((row for row in (*fitting, *rows) if takes_options(row.chart)), fitting[0])


def describe_choice(data: PlotData, chart: str, reason: str) -> str:
    """The choice as one line: chart, axes, variables, reason."""
    axes = [
        f"a {'log' if item.scale == 'log' else 'square-root'} {name}"
        for item, name in ((data.x, "axis" if data.y is None else "x axis"), (data.y, "y axis"))
        if isinstance(item, NumericVariable) and item.scale in ("log", "sqrt")
    ]
    drawn = f"{chart} with {' and '.join(axes)}" if axes else chart
    return f"{drawn}: {', '.join(_describe(item) for item in data.variables)}; {reason}"


def _describe(variable: Variable) -> str:
    name = f"`{fit_width(variable.name, 60)}` is {variable.kind}"
    if isinstance(variable, CategoricalVariable):
        number = len(variable.labels) - (variable.others > 0) + variable.others
        return f"{name} with {pluralize(number, 'category', 'categories')}"
    if variable.scale == "time" or variable.kind == "text":
        return name
    return f"{name} with skewness {format_value(variable.skew, 1)}"


def _category_counts(data: PlotData) -> list[int]:
    return [len(item.labels) for item in (data.x, data.y) if isinstance(item, CategoricalVariable)] or [0]
