"""One chart from its variables and options: chosen, checked, drawn and finished."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np

from tidynet.core.errors import InputError
from tidynet.plot.canvas import Canvas, open_canvas
from tidynet.plot.chart_registry import CHARTS, adapt_plot_data
from tidynet.plot.choose_chart import choose_chart
from tidynet.plot.facets import FacetGrid, order_data, plot_facets
from tidynet.plot.limits import (
    AXES,
    Limits,
    Which,
    check_limits,
    include,
    scale_counts,
    set_limits,
    variable_of,
    visual_axis,
)
from tidynet.plot.options import PlotOptions, alternative_text, check_axis_labels, check_chart_options, refuse_option
from tidynet.plot.own_bins import pair_of, with_own_bins
from tidynet.plot.plot_data import PlotData, missing_note
from tidynet.plot.theme import MUTED
from tidynet.plot.titles import axis_words
from tidynet.plot.variables import CategoricalVariable, NumericVariable, Variable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


_MAX_VALUE = 1e140  # beyond, variances overflow


def choose(data: PlotData, kind: str, grid: FacetGrid | None, given: Sequence[str] = ()) -> tuple[str, str, PlotData]:
    """The chart, the reason, and the data as that chart takes them."""
    data = data if grid is None else _drop_missing_panels(data, grid)
    data = data.drop_missing()
    kind = "clustered" if kind == "bar" and data.color is not None else kind
    choice = choose_chart(data, lambda chart: _takes(chart, data, given)) if kind == "auto" else None
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


def draw(
    data: PlotData, grid: FacetGrid | None, kind: str, options: PlotOptions,
    orders: Mapping[str, Sequence[Any]] | None = None,
) -> Figure:  # fmt: skip
    """The figure of one chart."""
    name, _, data = choose(data, kind, grid, sorted(options.given))
    chart, orders = CHARTS[name], orders or {}
    _check_order(data, grid, orders, options)
    check_chart_options(name, options_taken(name, data, grid), options)
    has_categories = grid is not None or any(isinstance(item, CategoricalVariable) for item in data.variables)
    if options.max_categories is not None and not has_categories:
        refuse_option("max_categories", options.max_categories, f"the chart '{name}' has no categories", "remove it")
    data = order_data(data, grid, orders)
    if name in ("histogram", "density") and data.rows:
        data, grid = _categories_as_panels(data, grid, as_color=name == "density")
    check_scales(name, data, options.scales)
    data = _with_bins(data, name, options)
    data = _linear_down_to_zero(data, name, options)
    limits = {which: check_limits(name, data, which, getattr(options, f"{which}_limits")) for which in AXES}
    data = _uncut(data, name, limits)
    size = chart.figsize(data) if grid is None else grid.figsize
    canvas = open_canvas(options, size, name, grid is not None or chart.draw_two is not None)
    data = replace(data, marks=replace(data.marks, style=canvas.style))
    title = options.title if options.title is not None else chart.title(data) if data.rows else ""
    shown_data = _rename(data, grid, options.labels)
    if options.title is None and options.labels and data.rows:
        title = chart.title(shown_data)
    before = _limits_of(canvas)
    panels = _draw_panels(canvas, shown_data, grid, name)
    for axes in panels if data.rows else ():
        _finish_panel(axes, name, shown_data, options, limits, before)
    notes = list(data.notes)
    words = axis_words(_drawn_variables(_within(data, name, limits), name), data.weights)
    if words and title and options.title is None:
        title += f" ({', '.join(words)})"
    else:
        notes += words
    if 0 < chart.max_points < len(data.weights):
        notes.append(f"random sample of {chart.max_points:,} of {data.rows:,} rows")
    if data.color is not None and data.size is not None:
        notes.append(f"area: {data.size.label}")
    canvas.add_title_and_notes(title, notes)
    return canvas.finish(
        options.marks.chosen_colors, alternative_text(name, [v.label for v in shown_data.variables], title)
    )


def options_taken(name: str, data: PlotData, grid: FacetGrid | None = None) -> set[str]:
    """The options that change a chart of these variables."""
    taken = set(CHARTS[name].options.split())
    if name in ("scatter", "regression"):
        taken -= {"palette"} if isinstance(data.color, NumericVariable) else {"cmap"}
    if not isinstance(data.color, CategoricalVariable) and name not in ("clustered", "stacked"):
        taken -= {"color_order"}
    if grid is None and not any(isinstance(item, CategoricalVariable) for item in (data.x, data.y, data.color)):
        taken -= {"order"}
    return taken


def check_scales(name: str, data: PlotData, scales: tuple[str, str]) -> None:
    """Raise for the scale of an axis that is no axis of numbers."""
    for which, scale in zip(AXES, scales, strict=True):
        if scale == "auto":
            continue
        variable = variable_of(which, name, data)
        if isinstance(variable, CategoricalVariable):
            refuse_option(
                f"{which}_scale", scale, f"{which} is '{variable.name}', which is drawn as categories", "remove it"
            )
        if variable is not None and variable.scale == "time":
            refuse_option(f"{which}_scale", scale, f"{which} is '{variable.name}', which holds times", "remove it")
        if variable is None and scale != "linear" and name not in ("histogram", "time"):
            refuse_option(f"{which}_scale", scale, f"the chart '{name}' has no variable on y", "remove it")


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


def _check_order(
    data: PlotData, grid: FacetGrid | None, orders: Mapping[str, Sequence[Any]], options: PlotOptions
) -> None:
    """Raise for an order of a column without categories, or of one that the chart does not show."""
    panels = [] if grid is None else [item for item in (grid.row, grid.column, grid.wrapped) if item is not None]
    variables = [item for item in (data.x, data.y, data.color, *panels) if item is not None]
    for name in orders:
        mine = [item for item in variables if item.name == name or item.name.startswith(f"{name} (")]
        if not mine:
            raise InputError(f"order names '{name}', but the chart does not show it", "give it as x, y, color or facet")
        if not isinstance(mine[0], CategoricalVariable):
            option = "order" if options.order is not None else "color_order"
            refuse_option(option, orders[name], f"'{name}' is {mine[0].kind} and drawn as numbers", f"remove {option}")


def _with_bins(data: PlotData, name: str, options: PlotOptions) -> PlotData:
    """The data with the bins that the user chose."""
    data = replace(data, marks=options.marks)
    if options.bins is None and options.bin_width is None:
        return data
    if name in ("hist2d", "hexagon"):
        numbers, spans = pair_of(options.bins), pair_of(options.bin_width)
        if name == "hexagon" and np.ndim(options.bins) == 0:
            numbers = options.bins, None  # the height follows from the width
        if name == "hexagon":
            return replace(data, marks=replace(data.marks, hexagons=(_hexagons(numbers[0]), _hexagons(numbers[1]))))
        x, y = (
            with_own_bins(item, number, width) if isinstance(item, NumericVariable) else item
            for item, number, width in zip((data.x, data.y), numbers, spans, strict=True)
        )
        return replace(data, x=x, y=y)
    if not isinstance(data.x, NumericVariable):
        option = "bins" if options.bins is not None else "bin_width"
        names = "" if data.x is None else data.x.name
        refuse_option(
            option, getattr(options, option), f"x is '{names}', which is drawn as categories", f"remove {option}"
        )
    variable = with_own_bins(data.x, options.bins, options.bin_width)
    widths = np.diff(variable.to_scale(variable.edges))
    if options.marks.density and variable.own_edges == "edges" and not np.allclose(widths, widths[0], rtol=0.05):
        refuse_option("density", True, "the bins have unequal widths", "give the number of bins, or bin_width")
    return replace(data, x=variable)


def _hexagons(number: Any) -> int | None:
    if number is None:
        return None
    if isinstance(number, bool) or not isinstance(number, int | np.integer) or not 1 <= number <= 200:
        raise InputError(f"bins is {number!r}, expected 1 to 200 hexagons along an axis", "use kind='hist2d' for edges")
    return int(number)


def _rename(data: PlotData, grid: FacetGrid | None, labels: Mapping[str, str]) -> PlotData:
    """The data under the names that the user gave."""
    if not labels:
        return data
    panels = [] if grid is None else [item for item in (grid.row, grid.column, grid.wrapped) if item is not None]
    check_axis_labels(labels, [item.name for item in (*data.variables, *panels)])
    x, y, color = (item and item.rename(labels) for item in (data.x, data.y, data.color))
    return replace(data, x=x, y=y, color=color, size=data.size and data.size.rename(labels))


def _limits_of(canvas: Canvas) -> dict[str, tuple[str, tuple[float, float]]]:
    """Scale and limits of axes that had marks before."""
    axes = canvas.axes
    if axes is None or not axes.has_data():
        return {}
    return {"x": (axes.get_xscale(), axes.get_xlim()), "y": (axes.get_yscale(), axes.get_ylim())}


def _draw_panels(canvas: Canvas, data: PlotData, grid: FacetGrid | None, name: str) -> list[Axes]:
    chart = CHARTS[name]
    if data.rows == 0:
        axes = canvas.one_panel()
        axes.text(0.5, 0.5, "no complete rows", ha="center", va="center", color=MUTED, transform=axes.transAxes)
        axes.set_axis_off()
        return [axes]
    if grid is not None:
        return plot_facets(canvas.figure, data, grid, chart.draw, chart.count_axes)
    if chart.draw_two is not None:
        left, right = canvas.figure.subplots(1, 2)
        chart.draw_two(left, right, data)
        return [left, right]
    axes = canvas.one_panel()
    chart.draw(axes, data)
    return [axes]


def _finish_panel(
    axes: Axes, name: str, data: PlotData, options: PlotOptions, limits: Limits,
    before: Mapping[str, tuple[str, tuple[float, float]]],
) -> None:  # fmt: skip
    """Scale of counts, limits and labels that the user chose."""
    fractions = data.normalize or name == "stacked"
    if options.scales[1] in ("log", "sqrt") and variable_of("y", name, data) is None:
        scale_counts(axes, options.scales[1], fractions=fractions)
    for role in AXES:
        which = visual_axis(role, name, data)
        variable = variable_of(role, name, data)
        if isinstance(variable, CategoricalVariable):
            continue
        if (ends := limits[role]) is not None:
            set_limits(axes, which, ends, variable, fractions=fractions)
        elif which in before and before[which][0] == (axes.get_xscale() if which == "x" else axes.get_yscale()):
            include(axes, which, before[which][1], variable)
    for axis in (axes.xaxis, axes.yaxis):
        if (text := axis.get_label_text()) in options.labels:
            axis.set_label_text(options.labels[text], parse_math=False)


def _drawn_variables(data: PlotData, chart: str) -> list[Variable]:
    """The variables of the axes as the chart shows them."""
    drawn = [item for item in (data.x, data.y) if item is not None]
    if chart == "histogram" and data.color is None:
        return [item.without_spike() if isinstance(item, NumericVariable) else item for item in drawn]
    if chart in ("mean", "line", "time"):  # the second axis shows means, all of them
        return [
            replace(item, shown=None) if isinstance(item, NumericVariable) and item is not data.x else item
            for item in drawn
        ]
    return [] if chart in ("zoom", "seasons", "calendar") else drawn


def _within(data: PlotData, name: str, limits: Limits) -> PlotData:
    """The data with the user's limits as the ranges of the axes."""
    for which in AXES:
        variable = variable_of(which, name, data)
        if (own_ends := limits[which]) is not None and isinstance(variable, NumericVariable):
            ends = zip(own_ends, variable.axis_range, strict=True)
            low, high = sorted(end if own is None else own for own, end in ends)
            data = _with_variable(data, which, replace(variable, shown=(low, high)))
    return data


def _linear_down_to_zero(data: PlotData, name: str, options: PlotOptions) -> PlotData:
    """The data on a linear axis where the user's limits reach zero and the scale was left to the chart."""
    for which, scale in zip(AXES, options.scales, strict=True):
        variable, limits = variable_of(which, name, data), getattr(options, f"{which}_limits")
        reaches_zero = np.ndim(limits) == 1 and any(isinstance(end, Real) and end <= 0 for end in limits)
        is_curved = isinstance(variable, NumericVariable) and variable.scale in ("log", "sqrt")
        if isinstance(variable, NumericVariable) and scale == "auto" and is_curved and reaches_zero:
            data = _with_variable(data, which, replace(variable, scale="linear", shown=(variable.low, variable.high)))
    return data


def _uncut(data: PlotData, name: str, limits: Limits) -> PlotData:
    """The data with all values on an axis whose limits the user chose, whatever the bulk of them."""
    for which in AXES:
        variable = variable_of(which, name, data)
        ends = limits[which]
        if ends is not None and isinstance(variable, NumericVariable) and not variable.own_edges:
            data = _with_variable(data, which, variable.with_all_values(ends))
    return data


def _with_variable(data: PlotData, which: Which, variable: NumericVariable) -> PlotData:
    return replace(data, x=variable) if which == "x" else replace(data, y=variable)


def _takes(chart: str, data: PlotData, given: Sequence[str]) -> bool:
    row = CHARTS[chart]
    fits = data.color is None or row.color or row.color_as_y
    return fits and set(given) <= options_taken(chart, data)
