"""The arguments of `plot`, checked: columns and counts become variables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from tidynet.core.errors import InputError, check_column_exists, did_you_mean
from tidynet.core.text import join_names
from tidynet.plot.category_order import MAX_ORDERED
from tidynet.plot.chart_registry import CHARTS
from tidynet.plot.facets import FacetGrid, make_facet_grid, order_data
from tidynet.plot.options import shown
from tidynet.plot.plot_data import PlotData, plot_data_from_bars, plot_data_from_pair
from tidynet.plot.sources import Counts
from tidynet.plot.variables import CategoricalVariable, NumericVariable, Variable, make_variable
from tidynet.profiling.profile import ColumnProfile, PairCounts, PairProfile
from tidynet.table.variable_type import VariableType

if TYPE_CHECKING:
    from tidynet.table.table import Table

MAX_COLORS = 7  # categories shown by color; the last color stands for all rarer ones
_MAX_CATEGORIES, _MAX_PANELS, _MAX_BARS = 12, 9, 20
ROLES = ("x", "y", "color", "size", "facet", "row", "column")
_SCALES = ("auto", "linear", "log", "sqrt")


@dataclass(frozen=True)
class Columns:
    """The columns of a chart by name, and how they are drawn."""

    x: Any = None
    y: str | None = None
    color: str | None = None
    size: str | None = None
    row: str | None = None
    column: str | None = None
    facet: str | None = None
    scales: tuple[str, str] = ("auto", "auto")
    normalize: bool = False
    max_categories: int | None = None
    order: Any = None
    color_order: Any = None

    def is_many(self, kind: str) -> bool:
        """Whether the chart is of many numeric columns."""
        is_list = isinstance(self.x, Sequence) and not isinstance(self.x, str)
        return kind in ("pairs", "correlation") or (self.x is None and self.y is None) or is_list


def resolve_color(table: Table, roles: Mapping[str, Any]) -> tuple[dict[str, Any], Any]:
    """The column of each role, and the color if it is one for all marks and not a column."""
    names = {name: roles[name] for name in ROLES}
    for name in ROLES:
        value = names[name]
        is_list = name == "x" and isinstance(value, Sequence) and not isinstance(value, str)
        if name != "color" and value is not None and not is_list:
            check_column_exists(value, table.columns)
    color = names["color"]
    if color is None or color in table.columns:
        return names, None
    from matplotlib.colors import CSS4_COLORS, is_color_like

    if not is_color_like(color):
        nearest = did_you_mean(str(color), (*table.columns, *CSS4_COLORS))
        raise InputError(
            f"color is {shown(color)}, expected a column ({join_names(table.columns)}) or a color", nearest
        )
    return {**names, "color": None}, color


def orders_of(table: Table, columns: Columns) -> dict[str, Sequence[Any]]:
    """The order of the categories of each column for which the user gave one."""
    orders = dict(columns.order) if isinstance(columns.order, Mapping) else {}
    if columns.order is not None and not isinstance(columns.order, Mapping):
        x, y = columns.x, columns.y
        of_y = x is None or (y is not None and _is_categorical(table, y) and not _is_categorical(table, x))
        orders[y if of_y else x] = columns.order
    if columns.color_order is not None and (by := columns.color or columns.y) is not None:
        orders[by] = columns.color_order
    for name in orders:
        check_column_exists(name, table.columns)
    return orders


def _is_categorical(table: Table, name: str) -> bool:
    """Whether a column is of categories."""
    return name in table.inferred_types and table.inferred_types[name].variable_type.is_categorical


def make_plot_data_from_counts(counts: Counts, x: str | None, y: str | None, normalize: bool) -> PlotData:
    """The plot data of counts, with names for the axes."""
    if isinstance(counts, (ColumnProfile, PairProfile)):
        names = (counts.name, None) if isinstance(counts, ColumnProfile) else (counts.x, counts.y)
        if counts.chart_counts is None:
            raise InputError(f"the profile has no counts of {join_names(n for n in names if n)}", "give the table")
        return make_plot_data_from_counts(counts.chart_counts, x or names[0], y or names[1], normalize)
    if isinstance(counts, PairCounts):
        return replace(plot_data_from_pair(counts, x or "x", y or "y"), normalize=normalize)
    return replace(plot_data_from_bars(counts, x or "values"), normalize=normalize)


def make_plot_data(table: Table, columns: Columns, kind: str) -> tuple[PlotData, FacetGrid | None]:
    """The plot data of some columns of a table, and the grid of its panels if there are any."""
    _check(table, columns)
    most, chart = columns.max_categories, CHARTS.get(kind)
    x_scale, y_scale = columns.scales
    if chart is not None and x_scale == "auto":
        x_scale = chart.x_scale
    is_one = columns.y is None or columns.x is None
    max_x = most or (_MAX_BARS if is_one and columns.color is None else _MAX_CATEGORIES)
    max_y = most or (MAX_COLORS if chart is not None and chart.color_as_y and not chart.color else max_x)
    orders = orders_of(table, columns)
    max_of: dict[str | None, int] = dict.fromkeys(orders, MAX_ORDERED)
    y_scale = y_scale if columns.x is not None else x_scale
    x = axis_variable(table, columns.x, max_of.get(columns.x, max_x), x_scale, kind, 0, is_two=not is_one)
    y = axis_variable(table, columns.y, max_of.get(columns.y, max_y), y_scale, kind, 1, is_two=not is_one)
    data = PlotData(
        x if x is not None else y,
        y if x is not None else None,
        color=axis_variable(table, columns.color, max_of.get(columns.color, most or MAX_COLORS)),
        size=_size_variable(table, columns.size),
        weights=np.ones(table.height),
        normalize=columns.normalize,
    )
    panels = (columns.row, columns.column, columns.facet)
    grid = make_facet_grid(*(axis_variable(table, name, max_of.get(name, most or _MAX_PANELS)) for name in panels))
    return order_data(data, grid, orders), grid


def _check(table: Table, columns: Columns) -> None:
    for scale in columns.scales:
        if scale not in _SCALES:
            raise InputError(f"the scale is '{scale}', expected 'auto', 'linear', 'log' or 'sqrt'")
    most = columns.max_categories
    if most is not None and (not isinstance(most, int) or most < 2):
        raise InputError(f"max_categories is {shown(most)}, expected 2 or more")
    if table.height == 0:
        raise InputError("the table has 0 rows, expected 1 or more")
    if columns.facet is not None and (columns.row is not None or columns.column is not None):
        raise InputError("facet is given with row or column", "give facet alone, or row and column")


def axis_variable(
    table: Table,
    name: str | None,
    max_count: int,
    scale: str = "auto",
    kind: str = "auto",
    index: int = 0,
    *,
    is_two: bool = False,
) -> Variable | None:
    """The variable of a column as a chart takes it on axis `index`, 0 for x and 1 for y; None without a name."""
    if name is None:
        return None
    series, inferred_type = table[name], table.inferred_types[name]
    takes = CHARTS[kind].takes if kind in CHARTS else ()
    variable_type = inferred_type.variable_type
    is_code = series.dtype.is_numeric() and variable_type.is_categorical
    as_number = takes and is_code and all(shapes[index] in ("numeric", "time", None) for shapes in takes)
    if series.dtype.is_numeric() and kind == "auto":
        # Numbers that are called codes stay numbers where they have no room as categories.
        too_many = is_two and is_code and series.n_unique() > max_count
        as_number = as_number or too_many or variable_type is VariableType.IDENTIFIER
    categorical = False if as_number else None
    return make_variable(series, inferred_type, scale=scale, categorical=categorical, max_count=max_count)


def _size_variable(table: Table, name: str | None) -> NumericVariable | None:
    variable = axis_variable(table, name, _MAX_BARS)
    if isinstance(variable, CategoricalVariable):
        raise InputError(f"size is '{name}', which is {variable.kind}, expected a numeric column", "give it as color")
    return variable


def chart_of_many(kind: str, variables: list[NumericVariable]) -> str:
    """The chart of many numeric columns: pairs of up to four, correlations of more."""
    if kind in ("pairs", "correlation"):
        return kind
    return "pairs" if len(variables) <= 4 else "correlation"


def numeric_variables(table: Table, x: Any, kind: str) -> list[NumericVariable]:
    """The numeric columns of a table, or those named; at least two."""
    if kind not in ("auto", "pairs", "correlation"):
        raise InputError(f"the chart '{kind}' needs a variable; x and y are missing", "give the column as x")
    requested = [x] if isinstance(x, str) else list(x) if x is not None else None
    variables = []
    for name in table.columns if requested is None else requested:
        inferred_type = table.inferred_types.get(name)
        if (
            inferred_type is None
            or requested is not None
            or inferred_type.variable_type in (VariableType.CONTINUOUS, VariableType.DISCRETE)
        ):
            variable = axis_variable(table, name, _MAX_BARS, "auto", "scatter")
            if isinstance(variable, NumericVariable) and not variable.missing.all():
                variables.append(variable)
            elif requested is not None:
                raise InputError(
                    f"'{name}' is {table.inferred_types[name].variable_type}, expected a numeric column", "remove it"
                )
    if len(variables) < 2:
        chart = "this chart" if kind == "auto" else f"the chart '{kind}'"
        raise InputError(f"{chart} needs two numeric columns, the table has {len(variables)}", "give a variable as x")
    return variables
