"""`plot`: a table, values or counts, drawn as the chart that fits the variables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tidynet.plot.arguments import (
    ROLES,
    Columns,
    chart_of_many,
    make_plot_data,
    make_plot_data_from_counts,
    numeric_variables,
    orders_of,
    resolve_color,
)
from tidynet.plot.chart_registry import check_chart_name
from tidynet.plot.choose_chart import describe_choice
from tidynet.plot.draw_chart import choose, draw
from tidynet.plot.draw_many import draw_many
from tidynet.plot.options import PlotOptions, merge_synonyms, parse_options, refuse_option
from tidynet.plot.sources import Counts, counts_of_mapping, is_counts, read_source

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from tidynet.profiling.profile import PairCounts


def plot(
    data: Any = None, x: Any = None, y: Any = None, *, kind: str = "auto", color: Any = None, size: Any = None,
    facet: Any = None, row: Any = None, column: Any = None, bins: Any = None, bin_width: Any = None,
    density: bool = False, order: Any = None, color_order: Sequence[Any] | None = None, palette: Any = None,
    cmap: Any = None, alpha: float | None = None, jitter: float | bool | None = None, width: float | None = None,
    x_scale: str = "auto", y_scale: str = "auto", x_limits: Any = None, y_limits: Any = None,
    normalize: bool = False, max_categories: int | None = None, labels: Mapping[str, str] | None = None,
    title: str | None = None, figsize: tuple[float, float] | None = None, theme: str = "auto", ax: Any = None,
    **others: Any,
) -> Figure:  # fmt: skip
    """Draw the chart that fits the variable types, or the one named.

    A note counts the rows with missing values, which are left out. `docs/charts.md` lists which chart takes which
    option; an option without effect is refused.

    Parameters
    ----------
    data : table, values or counts
        What `tidynet.read` takes, a series, an array, a list, a Counter, or counts such as those of a profile.
    x, y, color, size, facet, row, column : str or values
        Columns by name, or values. A list of columns as `x`, or neither `x` nor `y`: many numeric columns. `color`
        may also be one color for all marks; panels are made by `facet`, or by `row` and `column`.
    kind : str
        A chart by name; "auto" takes the first row of `tidynet.plot.choose_chart.CHOICES` that fits.
    bins, bin_width, density
        The number of bins or their edges, a pair of either for two dimensions; their width; a density over the bars.
    order, color_order
        Categories in order, or a list for each column; others are left out.
    palette, cmap, alpha
        Colors of categories by name, as a list or by category; the color map of numbers; opacity from 0 to 1.
    jitter, width
        How far points move apart, as a share of the axis; the width of bars, boxes and rings, from 0 to 1.
    x_scale, y_scale : {"auto", "linear", "log", "sqrt"}
        Scales of numeric axes; "auto" uses a log or square-root scale for skewed values.
    x_limits, y_limits
        The ends of an axis, dates included; also spelled `xlim`, `ylim`.
    normalize, max_categories
        Percentages of the rows instead of counts; a last category for all rarer ones.
    labels, title, figsize, theme
        Names to show for columns; the title in place of the finding, "" for none; width and height in inches;
        "light", "dark", or "auto" for matplotlib's settings.
    ax : Axes or SubFigure, optional
        Where to draw; the result is the figure that holds it.

    Raises
    ------
    InputError
        If a column, chart or option does not exist, or the chart cannot be drawn from these variables.

    Examples
    --------
    >>> import tidynet as tn
    >>> figure = tn.plot("penguins", "flipper_length_mm", "body_mass_g", color="species", palette="Set2")
    >>> figure.get_suptitle()
    'body_mass_g rises with flipper_length_mm (r = 0.87)'
    >>> len(tn.plot([2, 3, 3, 5], bins=3).ax.patches)
    3
    """
    # the parameters by name: roles name columns, all others are options
    given = {name: value for name, value in locals().items() if name not in ("kind", "others")}
    roles = {name: given.pop(name) for name in ("data", *ROLES)}
    return _draw_request(check_chart_name(kind), roles, merge_synonyms(given, others))


def explain_choice(data: Any = None, x: Any = None, y: Any = None, *, color: Any = None, kind: str = "auto") -> str:
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
    roles = dict.fromkeys(ROLES) | {"data": data, "x": x, "y": y, "color": color}
    counts = data if is_counts(data) else counts_of_mapping(data)
    if counts is not None:
        plot_data, grid = make_plot_data_from_counts(counts, x, y, False), None
    else:
        table, names = read_source(data, roles)
        columns = Columns(**resolve_color(table, names)[0])
        if columns.is_many(kind):
            variables = numeric_variables(table, columns.x, kind)
            return f"{chart_of_many(kind, variables)}: {len(variables)} numeric columns"
        plot_data, grid = make_plot_data(table, columns, kind)
    chart, reason, plot_data = choose(plot_data, kind, grid)
    return describe_choice(plot_data, chart, reason)


def plot_pair(pair: PairCounts, x_name: str, y_name: str, *, size: tuple[float, float] = (4.9, 3.4)) -> Figure:
    """The figure of two columns from the counts of their cells, in the light theme of reports.

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
    data = make_plot_data_from_counts(pair, x_name, y_name, False)
    return draw(data, None, "auto", PlotOptions(figsize=size, theme="page"))


def _draw_request(kind: str, roles: Mapping[str, Any], arguments: Mapping[str, Any]) -> Figure:
    options = parse_options(arguments)
    data = roles["data"]
    counts = data if is_counts(data) else counts_of_mapping(data)
    if counts is not None:
        return _draw_counts(counts, kind, roles, arguments, options)
    table, values = read_source(data, roles)
    names, base = resolve_color(table, values)
    options = options.with_color(base)
    columns = Columns(
        **names, scales=options.scales_for_bins(), normalize=arguments["normalize"],
        max_categories=arguments["max_categories"], order=options.order, color_order=options.color_order,
    )  # fmt: skip
    if columns.is_many(kind):
        return draw_many(table, columns, kind, options)
    return draw(*make_plot_data(table, columns, kind), kind, options, orders_of(table, columns))


def _draw_counts(
    counts: Counts, kind: str, roles: Mapping[str, Any], arguments: Mapping[str, Any], options: PlotOptions
) -> Figure:
    for name in ("size", "facet", "row", "column"):
        if roles[name] is not None:
            refuse_option(name, roles[name], "counts have no further variable", "give the table")
    for name in ("x_scale", "y_scale"):
        if arguments[name] != "auto":
            refuse_option(name, arguments[name], "counts have the scale of their bins", "give the table")
    if options.given & {"bins", "bin_width"}:
        name = "bins" if "bins" in options.given else "bin_width"
        refuse_option(name, arguments[name], "counts have bins already", "give the table")
    if options.max_categories is not None:
        refuse_option("max_categories", options.max_categories, "counts have categories already", "give the table")
    options = options.with_color(roles["color"])
    data = make_plot_data_from_counts(counts, roles["x"], roles["y"], arguments["normalize"])
    order, names = options.order, [item.name for item in data.variables]
    orders = dict(order) if isinstance(order, Mapping) else {} if order is None else {names[0]: order}
    if options.color_order is not None:
        orders[names[-1]] = options.color_order
    return draw(data, None, kind, options, orders)
