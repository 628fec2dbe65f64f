"""Many numeric columns at once: all pairs, or a map of correlations."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tidynet.plot.arguments import MAX_COLORS, Columns, axis_variable, chart_of_many, numeric_variables, orders_of
from tidynet.plot.canvas import open_canvas
from tidynet.plot.category_order import MAX_ORDERED, order_variable
from tidynet.plot.chart_registry import OF_MANY
from tidynet.plot.options import PlotOptions, alternative_text, check_axis_labels, check_chart_options, refuse_option
from tidynet.plot.own_bins import with_own_bins
from tidynet.plot.pair_grid import correlation_map, pair_grid, strongest_correlation
from tidynet.plot.plot_data import missing_note
from tidynet.plot.variables import CategoricalVariable

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from tidynet.table.table import Table

_MAX_PAIRS, _MAX_CORRELATIONS = 6, 40


def draw_many(table: Table, columns: Columns, kind: str, options: PlotOptions) -> Figure:
    """The figure of many numeric columns: all pairs, or a map of correlations."""
    variables = numeric_variables(table, columns.x, kind)
    chart = chart_of_many(kind, variables)
    _check_many(chart, columns, options)
    notes = []
    most = _MAX_PAIRS if kind == "pairs" else _MAX_CORRELATIONS
    if len(variables) > most:
        notes.append(f"the first {most} of {len(variables)} numeric columns")
        variables = variables[:most]
    side = len(variables)
    extent = min(9.0, max(4.2, 2.0 + 0.42 * side))
    size = (1.2 + 1.5 * side, 0.9 + 1.35 * side) if chart == "pairs" else (extent + 0.6, extent)
    color = axis_variable(table, columns.color, columns.max_categories or MAX_COLORS)
    if isinstance(color, CategoricalVariable):
        orders = orders_of(table, columns)
        whole = axis_variable(table, columns.color, MAX_ORDERED) if columns.color in orders else color
        # rows of categories without a place in the order are drawn by none of the colors
        color = order_variable(whole, orders) if isinstance(whole, CategoricalVariable) else whole
    names = [item.name for item in variables] + ([color.name] if color is not None else [])
    check_axis_labels(options.labels, names)
    shown_variables = [with_own_bins(item.rename(options.labels), options.bins, None) for item in variables]
    title = strongest_correlation(shown_variables) if options.title is None else options.title
    canvas = open_canvas(options, size, chart, chart == "pairs")
    marks = replace(options.marks, style=canvas.style)
    if chart == "pairs":
        pair_grid(canvas.figure, shown_variables, color if color is None else color.rename(options.labels), marks)
    else:
        correlation_map(canvas.one_panel(), shown_variables, marks)
    if counts := {item.name: int(item.missing.sum()) for item in variables if item.missing.any()}:
        notes.append(missing_note(counts))
    canvas.add_title_and_notes(title, notes)
    return canvas.finish(options.marks.chosen_colors, alternative_text(chart, names, title))


def _check_many(chart: str, columns: Columns, options: PlotOptions) -> None:
    reason = f"the chart '{chart}' shows numeric columns alone"
    refused = ["size", "facet", "row", "column", *(["color"] if chart == "correlation" else [])]
    for name in refused:
        if getattr(columns, name) is not None:
            refuse_option(name, getattr(columns, name), reason, "give x and y")
    for name, scale in zip(("x_scale", "y_scale"), options.scales, strict=True):
        if scale != "auto":
            refuse_option(name, scale, reason, "give x and y")
    if columns.max_categories is not None and columns.color is None:
        refuse_option("max_categories", columns.max_categories, reason, "give x and y")
    check_chart_options(chart, OF_MANY[chart].split(), options)
    if columns.color_order is not None and columns.color is None:
        refuse_option("color_order", columns.color_order, "no column is given as color", "give one")
