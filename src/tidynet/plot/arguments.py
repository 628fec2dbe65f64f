"""What a call of `plot` asks for, as a scene: columns and counts become variables, options are checked."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from tidynet.core.errors import InputError
from tidynet.core.text import join_names
from tidynet.plot.chart_registry import CHARTS
from tidynet.plot.facets import FacetGrid, make_facet_grid
from tidynet.plot.scene import PlotData, plot_data_from_bars, plot_data_from_pair
from tidynet.plot.variables import CategoricalVariable, NumericVariable, Variable, make_variable
from tidynet.profiling.counts import Bars, Histogram
from tidynet.profiling.profile import ColumnProfile, PairCounts, PairProfile

if TYPE_CHECKING:
    from tidynet.table.table import Table

__all__ = [
    "COLORS",
    "axis_variable",
    "chart_for_many",
    "is_counts",
    "make_plot_data",
    "make_plot_data_from_counts",
    "make_quantities",
]

COLORS = 7  # levels told apart by colour; one stands for all rarer ones
_GROUPS, _PANELS, _BARS = 12, 9, 20


def is_counts(data: Any) -> bool:
    """Whether the data are counts, which have no rows."""
    return isinstance(data, (Bars, Histogram, PairCounts, ColumnProfile, PairProfile))


def make_plot_data_from_counts(data: Any, x: str | None, y: str | None, fractions: bool) -> PlotData:
    """The scene that counts describe, with the names for its axes."""
    if isinstance(data, (ColumnProfile, PairProfile)):
        names = (data.name, None) if isinstance(data, ColumnProfile) else (data.x, data.y)
        if data.chart_counts is None:
            raise InputError(f"no counts were kept for {join_names([n for n in names if n])}", "draw it from the table")
        return make_plot_data_from_counts(data.chart_counts, x or names[0], y or names[1], fractions)
    if isinstance(data, PairCounts):
        return replace(plot_data_from_pair(data, x or "x", y or "y"), shares=fractions)
    return replace(plot_data_from_bars(data, x or "values"), shares=fractions)


def make_plot_data(
    table: Table,
    x: str | None,
    y: str | None,
    color: str | None,
    size: str | None,
    panels: tuple[str | None, str | None, str | None],
    kind: str,
    scales: tuple[str, str],
    fractions: bool,
    max_count: int | None,
) -> tuple[PlotData, FacetGrid | None]:
    """The scene of some columns of a table, and the grid of its panels if there are any."""
    for scale in scales:
        if scale not in ("auto", "linear", "log", "sqrt"):
            raise InputError(f"the scale is '{scale}', expected 'auto', 'linear', 'log' or 'sqrt'")
    if max_count is not None and max_count < 2:
        raise InputError(f"most is {max_count}, expected 2 or more levels")
    if table.height == 0:
        raise InputError("the table has no rows, so there is nothing to draw", "draw a table with at least one row")
    row, column, facet = panels
    if facet is not None and (row is not None or column is not None):
        raise InputError("facet was given together with row or column", "give facet alone, or row and column")
    alone = y is None or x is None
    groups = max_count or (_BARS if alone and color is None else _GROUPS)
    if kind == "zoom" and scales[0] == "auto":
        scales = ("linear", scales[1])
    first = axis_variable(table, x, groups, scales[0], kind, 0)
    groups = max_count or (COLORS if kind in ("clustered", "stacked") else groups)
    second = axis_variable(table, y, groups, scales[1] if x is not None else scales[0], kind, 1)
    scene = PlotData(
        first if first is not None else second,
        second if first is not None else None,
        color=axis_variable(table, color, max_count or COLORS, "auto"),
        size=_size_variable(table, size),
        weights=np.ones(table.height),
        shares=fractions,
    )
    grid = make_facet_grid(*(axis_variable(table, name, max_count or _PANELS, "auto") for name in (row, column, facet)))
    return scene, grid


def axis_variable(
    table: Table, name: str | None, max_count: int, scale: str, kind: str = "auto", index: int = 0
) -> Variable | None:
    """The variable of a column as a chart wants it at its place, 0 for x and 1 for y; None without a name."""
    if name is None:
        return None
    series, levels = table[name], None
    takes = CHARTS[kind].takes if kind in CHARTS else ()
    numeric = series.dtype.is_numeric() and table.inferred_types[name].variable_type.is_categorical
    if takes and numeric and all(pair[index] in ("quantity", "time", None) for pair in takes):
        levels = False
    return make_variable(series, table.inferred_types[name], scale=scale, levels=levels, max_count=max_count)


def _size_variable(table: Table, name: str | None) -> NumericVariable | None:
    variable = axis_variable(table, name, _BARS, "auto")
    if isinstance(variable, CategoricalVariable):
        raise InputError(f"size needs a quantity, and '{name}' is {variable.kind}", "give it as color instead")
    return variable


def chart_for_many(kind: str, quantities: list[NumericVariable]) -> str:
    """The chart of many quantities: pairs of few, correlations of more."""
    if kind in ("pairs", "correlation"):
        return kind
    return "pairs" if len(quantities) <= 4 else "correlation"


def make_quantities(table: Table, x: Any, kind: str) -> list[NumericVariable]:
    """The quantities of a table, or those asked for; at least two."""
    if kind not in ("auto", "pairs", "correlation"):
        raise InputError(f"the chart '{kind}' needs a variable, and neither x nor y was given", "give the column as x")
    requested = [x] if isinstance(x, str) else list(x) if x is not None else None
    names = requested if requested is not None else table.columns
    result = []
    for name in names:
        inferred_type = table.inferred_types.get(name)
        if (
            inferred_type is None
            or requested is not None
            or inferred_type.variable_type.value in ("continuous", "discrete")
        ):
            variable = axis_variable(table, name, _BARS, "auto", "scatter")
            if isinstance(variable, NumericVariable) and not variable.missing.all():
                result.append(variable)
            elif requested is not None:
                raise InputError(
                    f"'{name}' is no quantity: it is {table.inferred_types[name].variable_type}", "leave it out"
                )
    if len(result) < 2:
        raise InputError(
            f"the table has {len(result)} quantities, and {'this chart' if kind == 'auto' else repr(kind)} needs two",
            "give a variable as x",
        )
    return result
