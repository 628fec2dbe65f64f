"""`plot`: a table or counts, drawn as the chart that fits the variables."""

from __future__ import annotations

import re
import textwrap
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tidynet.core.errors import InputError
from tidynet.plot.arguments import (
    MAX_COLORS,
    Columns,
    axis_variable,
    chart_of_many,
    is_counts,
    make_plot_data,
    make_plot_data_from_counts,
    numeric_variables,
)
from tidynet.plot.chart_registry import CHARTS, adapt_plot_data, check_chart_name
from tidynet.plot.choose_chart import choose_chart, describe_choice
from tidynet.plot.facets import FacetGrid, plot_facets
from tidynet.plot.pair_grid import correlation_map, pair_grid, strongest_correlation
from tidynet.plot.plot_data import PlotData, missing_note
from tidynet.plot.theme import FONT_SIZE, INK, MUTED, fit_width, new_figure
from tidynet.plot.titles import axis_words
from tidynet.plot.variables import CategoricalVariable, NumericVariable, Variable
from tidynet.table.read import read

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from tidynet.profiling.profile import PairCounts
    from tidynet.table.table import Table

_MAX_PAIRS, _MAX_CORRELATIONS = 6, 40
_MAX_VALUE = 1e140  # beyond, variances overflow


def plot(
    data: Any,
    x: Any = None,
    y: str | None = None,
    *,
    color: str | None = None,
    size: str | None = None,
    facet: str | None = None,
    row: str | None = None,
    column: str | None = None,
    kind: str = "auto",
    x_scale: str = "auto",
    y_scale: str = "auto",
    normalize: bool = False,
    max_categories: int | None = None,
    title: str | None = None,
    figsize: tuple[float, float] | None = None,
) -> Figure:
    """Draw the chart that fits the variable types, or the one named.

    A note in the figure counts the rows with missing values, which are left out. Made without pyplot.

    Parameters
    ----------
    data : table or counts
        Anything that `tidynet.read` takes; or counts (`Bars`, `Histogram`, `PairCounts`, a column or a
        pair of a profile), from which every chart of one or two variables is drawn without rows.
    x, y : str, optional
        Without both: all numeric columns, or a list of columns as `x`. With counts: the names on the axes.
    color, size : str, optional
        Further variables, shown by color and by the area of points.
    facet, row, column : str, optional
        One panel for each category of `facet`, or a grid of panels by `row` and `column`.
    kind : str, default "auto"
        "bar", "pie", "donut", "waffle"; "histogram", "density", "box", "zoom"; "scatter", "regression",
        "hist2d", "hexagon", "line"; "violin", "mean", "strip", "ridgeline"; "clustered", "stacked",
        "heat"; "time", "seasons", "calendar"; "pairs", "correlation". "auto" takes the first row of
        `tidynet.plot.choose_chart.CHOICES` that fits.
    x_scale, y_scale : {"auto", "linear", "log", "sqrt"}
        Scales of numeric axes; "auto" uses a log or square-root scale for skewed values.
    normalize : bool
        Percentages of the rows instead of counts.
    max_categories : int, optional
        At most this many categories; the last one groups all rarer ones.
    title : str, optional
        In place of the finding; "" for none.
    figsize : tuple of float, optional
        Width and height in inches.

    Raises
    ------
    InputError
        If a column or chart does not exist, or the chart cannot be drawn from these variables.

    Examples
    --------
    >>> import tidynet as tn
    >>> figure = tn.plot("penguins", "flipper_length_mm", "body_mass_g", color="species")
    >>> figure.get_suptitle()
    'body_mass_g rises with flipper_length_mm (r = 0.87)'
    """
    kind = check_chart_name(kind)
    if is_counts(data):
        return _draw(make_plot_data_from_counts(data, x, y, normalize), None, kind, title, figsize)
    table = read(data)
    columns = Columns(x, y, color, size, row, column, facet, (x_scale, y_scale), normalize, max_categories)
    if columns.is_many(kind):
        return _draw_many(table, x, kind, color, title, figsize)
    return _draw(*make_plot_data(table, columns, kind), kind, title, figsize)


def explain_choice(
    data: Any, x: Any = None, y: str | None = None, *, color: str | None = None, kind: str = "auto"
) -> str:
    """Which chart `plot` draws, and why.

    Parameters
    ----------
    data, x, y, color, kind
        As for `plot`.

    Examples
    --------
    >>> import tidynet as tn
    >>> tn.plot.explain_choice("penguins", "species")
    'bar: `species` is nominal with 3 categories; rows per category'
    """
    kind = check_chart_name(kind)
    if is_counts(data):
        plot_data, grid = make_plot_data_from_counts(data, x, y, False), None
    else:
        table, columns = read(data), Columns(x, y, color)
        if columns.is_many(kind):
            variables = numeric_variables(table, x, kind)
            return f"{chart_of_many(kind, variables)}: {len(variables)} numeric columns"
        plot_data, grid = make_plot_data(table, columns, kind)
    chart, reason, plot_data = _choose(plot_data, kind, grid)
    return describe_choice(plot_data, chart, reason)


def plot_pair(pair: PairCounts, x_name: str, y_name: str, *, size: tuple[float, float] = (4.9, 3.4)) -> Figure:
    """The figure of two columns from the counts of their cells.

    Parameters
    ----------
    pair : PairCounts
        Rows in each cell.
    x_name, y_name : str
        The columns, for the axes.
    size : tuple of float
        Width and height in inches.

    Examples
    --------
    >>> from tidynet.profiling.counts import Bars
    >>> from tidynet.profiling.profile import PairCounts
    >>> answers = Bars(("yes", "no"), (30, 10))
    >>> plot_pair(PairCounts(answers, answers, ((30, 0), (0, 10))), "admit", "went").get_suptitle()
    '100% of ‘no’ are ‘no’, compared with 25% of all rows'
    """
    return plot(pair, x_name, y_name, figsize=size)


def _choose(data: PlotData, kind: str, grid: FacetGrid | None) -> tuple[str, str, PlotData]:
    """The chart, the reason, and the data as that chart takes them."""
    data = data if grid is None else _drop_missing_panels(data, grid)
    data = data.drop_missing()
    kind = "clustered" if kind == "bar" and data.color is not None else kind
    choice = choose_chart(data) if kind == "auto" else None
    chart = choice.chart if choice else kind
    data = adapt_plot_data(data, chart)
    for item in data.variables:
        if isinstance(item, NumericVariable) and chart != "histogram" and max(-item.low, item.high) > _MAX_VALUE:
            largest = item.low if -item.low > item.high else item.high
            raise InputError(
                f"'{item.name}' has the value {largest:.3g}, expected at most {_MAX_VALUE:g}",
                "divide the column by a power of ten, or remove such rows",
            )
    return chart, choice.reason if choice else "requested", data


def _drop_missing_panels(data: PlotData, grid: FacetGrid) -> PlotData:
    """The rows without missing values, those of the panels included."""
    variables = [item for item in (*data.variables, grid.row, grid.column, grid.wrapped) if item is not None]
    counts = {item.name: number for item in variables if (number := int(item.missing.sum()))}
    known = grid.known_rows()
    for item in variables:
        known = known & ~item.missing
    notes = (*data.notes, missing_note(counts)) if counts else data.notes
    grid.take(known)
    return replace(data.select_rows(known), notes=notes)


def _draw(
    data: PlotData, grid: FacetGrid | None, kind: str, title: str | None, figsize: tuple[float, float] | None
) -> Figure:
    name, _, data = _choose(data, kind, grid)
    chart = CHARTS[name]
    if name in ("histogram", "density"):
        data, grid = _categories_as_panels(data, grid, as_color=name == "density")
    figure = new_figure(*(figsize or (chart.figsize(data) if grid is None else grid.figsize)))
    if data.rows == 0:
        axes = figure.subplots()
        axes.text(0.5, 0.5, "no complete rows", ha="center", va="center", color=MUTED, transform=axes.transAxes)
        axes.set_axis_off()
    elif grid is not None:
        plot_facets(figure, data, grid, chart.draw, chart.count_axes)
    elif chart.draw_two is not None:
        left, right = figure.subplots(1, 2)
        chart.draw_two(left, right, data)
    else:
        chart.draw(figure.subplots(), data)
    text = title if title is not None else chart.title(data) if data.rows else ""
    notes = list(data.notes)
    words = axis_words(_drawn_variables(data, name), data.weights)
    if words and text and title is None:
        text += f" ({', '.join(words)})"
    else:
        notes += words
    if 0 < chart.max_points < len(data.weights):
        notes.append(f"random sample of {chart.max_points:,} of {data.rows:,} rows")
    if data.color is not None and data.size is not None:
        notes.append(f"area: {data.size.label}")
    _add_title_and_notes(figure, text, notes)
    return figure


def _drawn_variables(data: PlotData, chart: str) -> list[Variable]:
    """The variables of the axes as the chart shows them."""
    drawn = [item for item in (data.x, data.y) if item is not None]
    if chart == "histogram" and data.color is None:
        return [item.without_spike() if isinstance(item, NumericVariable) else item for item in drawn]
    return [] if chart in ("zoom", "seasons", "calendar") else drawn


def _categories_as_panels(
    data: PlotData, grid: FacetGrid | None, *, as_color: bool
) -> tuple[PlotData, FacetGrid | None]:
    """The distribution of one numeric variable: its categories become colors or panels."""
    if isinstance(data.y, CategoricalVariable):
        if as_color and data.color is None:
            return replace(data, color=data.y, y=None), grid
        return (replace(data, y=None), FacetGrid(None, None, data.y)) if grid is None else (data, grid)
    if isinstance(data.x, CategoricalVariable):
        return replace(data, x=data.y, y=None), grid or FacetGrid(None, None, data.x)
    return data, grid


def _add_title_and_notes(figure: Figure, title: str, notes: list[str]) -> None:
    width = float(figure.get_size_inches()[0])
    if title:
        # no line break inside parentheses
        joined = re.sub(r"\([^()]+\)", lambda part: part.group().replace(" ", "\xa0"), fit_width(title, 160))
        text = "\n".join(textwrap.wrap(joined, max(20, int(width * 11.5)))).replace("\xa0", " ")
        style: Any = {"parse_math": False}
        figure.suptitle(text, x=0.01, ha="left", fontsize=FONT_SIZE + 1, color=INK, **style)
    if notes:
        text = textwrap.fill(fit_width("; ".join(notes), 200), max(20, int(width * 15)))
        figure.supxlabel(text, x=0.99, ha="right", fontsize=FONT_SIZE - 2, color=MUTED, parse_math=False)


def _draw_many(
    table: Table, x: Any, kind: str, color: str | None, title: str | None, figsize: tuple[float, float] | None
) -> Figure:
    variables = numeric_variables(table, x, kind)
    notes = []
    most = _MAX_PAIRS if kind == "pairs" else _MAX_CORRELATIONS
    chart = chart_of_many(kind, variables)
    if len(variables) > most:
        notes.append(f"the first {most} of {len(variables)} numeric columns")
        variables = variables[:most]
    side = len(variables)
    if chart == "pairs":
        figure = new_figure(*(figsize or (1.2 + 1.5 * side, 0.9 + 1.35 * side)))
        pair_grid(figure, variables, axis_variable(table, color, MAX_COLORS))
    else:
        extent = min(9.0, max(4.2, 2.0 + 0.42 * side))
        figure = new_figure(*(figsize or (extent + 0.6, extent)))
        correlation_map(figure.subplots(), variables)
    if counts := {item.name: int(item.missing.sum()) for item in variables if item.missing.any()}:
        notes.append(missing_note(counts))
    _add_title_and_notes(figure, strongest_correlation(variables) if title is None else title, notes)
    return figure
