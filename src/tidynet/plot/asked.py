"""What a call of `plot` asks for, as a scene: columns and counts become variables, options are checked."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from tidynet.errors import InputError, listed
from tidynet.look.counts import Bars, Histogram
from tidynet.look.profile import ColumnProfile, PairCounts, PairProfile
from tidynet.plot.charts import CHARTS
from tidynet.plot.panels import Grid, grid_of
from tidynet.plot.scene import Scene, of_bars, of_pair
from tidynet.plot.variables import Levels, Quantity, Variable, of_column

if TYPE_CHECKING:
    from tidynet.table.table import Table

__all__ = ["COLORS", "is_counts", "kind_of_many", "quantities_of", "scene_of_counts", "scene_of_table", "variable_of"]

COLORS = 7  # levels told apart by colour; one stands for all rarer ones
_GROUPS, _PANELS, _BARS = 12, 9, 20


def is_counts(data: Any) -> bool:
    """Whether the data are counts, which have no rows."""
    return isinstance(data, (Bars, Histogram, PairCounts, ColumnProfile, PairProfile))


def scene_of_counts(data: Any, x: str | None, y: str | None, shares: bool) -> Scene:
    """The scene that counts describe, with the names for its axes."""
    if isinstance(data, (ColumnProfile, PairProfile)):
        names = (data.name, None) if isinstance(data, ColumnProfile) else (data.x, data.y)
        if data.picture is None:
            raise InputError(f"no counts were kept for {listed([n for n in names if n])}", "draw it from the table")
        return scene_of_counts(data.picture, x or names[0], y or names[1], shares)
    if isinstance(data, PairCounts):
        return replace(of_pair(data, x or "x", y or "y"), shares=shares)
    return replace(of_bars(data, x or "values"), shares=shares)


def scene_of_table(
    table: Table,
    x: str | None,
    y: str | None,
    color: str | None,
    size: str | None,
    panels: tuple[str | None, str | None, str | None],
    kind: str,
    scales: tuple[str, str],
    shares: bool,
    most: int | None,
) -> tuple[Scene, Grid | None]:
    """The scene of some columns of a table, and the grid of its panels if there are any."""
    for scale in scales:
        if scale not in ("auto", "linear", "log", "sqrt"):
            raise InputError(f"the scale is '{scale}', expected 'auto', 'linear', 'log' or 'sqrt'")
    if most is not None and most < 2:
        raise InputError(f"most is {most}, expected 2 or more levels")
    if table.height == 0:
        raise InputError("the table has no rows, so there is nothing to draw", "draw a table with at least one row")
    row, column, facet = panels
    if facet is not None and (row is not None or column is not None):
        raise InputError("facet was given together with row or column", "give facet alone, or row and column")
    alone = y is None or x is None
    groups = most or (_BARS if alone and color is None else _GROUPS)
    if kind == "zoom" and scales[0] == "auto":
        scales = ("linear", scales[1])
    first = variable_of(table, x, groups, scales[0], kind, 0)
    groups = most or (COLORS if kind in ("clustered", "stacked") else groups)
    second = variable_of(table, y, groups, scales[1] if x is not None else scales[0], kind, 1)
    scene = Scene(
        first if first is not None else second,
        second if first is not None else None,
        color=variable_of(table, color, most or COLORS, "auto"),
        size=_size(table, size),
        weights=np.ones(table.height),
        shares=shares,
    )
    grid = grid_of(*(variable_of(table, name, most or _PANELS, "auto") for name in (row, column, facet)))
    return scene, grid


def variable_of(
    table: Table, name: str | None, most: int, scale: str, kind: str = "auto", place: int = 0
) -> Variable | None:
    """The variable of a column as a chart wants it at its place, 0 for x and 1 for y; None without a name."""
    if name is None:
        return None
    series, levels = table[name], None
    takes = CHARTS[kind].takes if kind in CHARTS else ()
    numeric = series.dtype.is_numeric() and table.judgements[name].kind.is_qualitative
    if takes and numeric and all(pair[place] in ("quantity", "time", None) for pair in takes):
        levels = False
    return of_column(series, table.judgements[name], scale=scale, levels=levels, most=most)


def _size(table: Table, name: str | None) -> Quantity | None:
    variable = variable_of(table, name, _BARS, "auto")
    if isinstance(variable, Levels):
        raise InputError(f"size needs a quantity, and '{name}' is {variable.kind}", "give it as color instead")
    return variable


def kind_of_many(kind: str, quantities: list[Quantity]) -> str:
    """The chart of many quantities: pairs of few, correlations of more."""
    if kind in ("pairs", "correlation"):
        return kind
    return "pairs" if len(quantities) <= 4 else "correlation"


def quantities_of(table: Table, x: Any, kind: str) -> list[Quantity]:
    """The quantities of a table, or those asked for; at least two."""
    if kind not in ("auto", "pairs", "correlation"):
        raise InputError(f"the chart '{kind}' needs a variable, and neither x nor y was given", "give the column as x")
    asked = [x] if isinstance(x, str) else list(x) if x is not None else None
    names = asked if asked is not None else table.columns
    found = []
    for name in names:
        judgement = table.judgements.get(name)
        if judgement is None or asked is not None or judgement.kind.value in ("continuous", "discrete"):
            variable = variable_of(table, name, _BARS, "auto", "scatter")
            if isinstance(variable, Quantity) and not variable.missing.all():
                found.append(variable)
            elif asked is not None:
                raise InputError(f"'{name}' is no quantity: it is {table.judgements[name].kind}", "leave it out")
    if len(found) < 2:
        raise InputError(
            f"the table has {len(found)} quantities, and {'this chart' if kind == 'auto' else repr(kind)} needs two",
            "give a variable as x",
        )
    return found
