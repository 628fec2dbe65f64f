"""`plot` and `explain`: any table or counts, and the chart that suits the variables."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tidynet.core.errors import InputError
from tidynet.plot import choose_chart as choose
from tidynet.plot import distribution
from tidynet.plot import pair_grid as many
from tidynet.plot.arguments import (
    COLORS,
    axis_variable,
    chart_for_many,
    is_counts,
    make_plot_data,
    make_plot_data_from_counts,
    make_quantities,
)
from tidynet.plot.axis import lies
from tidynet.plot.chart_registry import CHARTS, adapt_plot_data, chart_named
from tidynet.plot.choose_chart import choose_chart
from tidynet.plot.facets import FacetGrid, plot_facets
from tidynet.plot.scatter import MOST_POINTS
from tidynet.plot.scene import PlotData
from tidynet.plot.theme import FONT_SIZE, INK, MUTED, escape_mathtext, new_figure
from tidynet.plot.time_series import season
from tidynet.plot.titles import title_text
from tidynet.plot.variables import CategoricalVariable, NumericVariable
from tidynet.table.read import read

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from tidynet.profiling.profile import PairCounts
    from tidynet.table.table import Table

__all__ = ["explain_choice", "pair_picture", "plot"]

_SIZE = (6.0, 4.0)
_PAIRS, _CORRELATED = 6, 40
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
    max_levels: int | None = None,
    title: str | None = None,
    figsize: tuple[float, float] | None = None,
) -> Figure:
    """Draw the chart that suits the kinds of the variables, or the one that is named.

    Parameters
    ----------
    data : table or counts
        Anything that `tidynet.read` takes; or counts (`Bars`, `Histogram`, `PairCounts`, a column or a
        pair of a profile), from which every chart of one or two variables is drawn without rows.
    x, y : str, optional
        The variables. Without any: all quantities, as pairs or correlations; for these `x` may be a
        list of columns. With counts they are the names on the axes.
    color, size : str, optional
        Further variables, shown by colour and by the area of points.
    facet : str, optional
        A panel for each level.
    row, column : str, optional
        Panels in a grid by one or two variables.
    kind : str, default "auto"
        "bar", "pie", "donut", "waffle"; "histogram", "density", "box", "zoom"; "scatter", "regression",
        "hist2d", "hexagon", "line"; "violin", "mean", "strip", "ridgeline"; "clustered", "stacked",
        "heat"; "time", "seasons", "calendar"; "pairs", "correlation". "auto" takes the first line of
        `tidynet.plot.choose_chart.CHOICES` that fits.
    x_scale, y_scale : {"auto", "linear", "log", "sqrt"}
        The axes of numbers; "auto" takes a log or square-root axis where values are so skewed that it helps.
    normalize : bool
        Shares of the rows instead of counts.
    max_levels : int, optional
        At most this many levels; the last stands for all rarer ones.
    title : str, optional
        Instead of the finding; "" for none.
    figsize : tuple of float, optional
        Inches, width and height.

    Returns
    -------
    matplotlib Figure
        Made without pyplot; go on with ``figure.axes``.

    Raises
    ------
    InputError
        If a column or chart does not exist, or the chart cannot be drawn from these variables.

    Notes
    -----
    Rows that lack a value are left out, which a small note in the figure says.

    Examples
    --------
    >>> import tidynet as tn
    >>> figure = tn.plot("penguins", "flipper_length_mm", "body_mass_g", color="species")
    >>> figure.get_suptitle()
    'body_mass_g rises with flipper_length_mm (r = 0.87)'
    """
    kind = chart_named(kind)
    if is_counts(data):
        return _drawn(make_plot_data_from_counts(data, x, y, normalize), kind, None, title, figsize)[0]
    table = read(data)
    if kind in ("pairs", "correlation") or (x is None and y is None) or _is_list(x):
        return _many(table, x, kind, color, title, figsize)
    scene, grid = make_plot_data(
        table, x, y, color, size, (row, column, facet), kind, (x_scale, y_scale), normalize, max_levels
    )
    return _drawn(scene, kind, grid, title, figsize)[0]


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
    'bar: `species` is nominal with 3 levels; rows are counted for each level'
    """
    kind = chart_named(kind)
    if is_counts(data):
        scene, grid = make_plot_data_from_counts(data, x, y, False), None
    else:
        table = read(data)
        if kind in ("pairs", "correlation") or (x is None and y is None) or _is_list(x):
            quantities = make_quantities(table, x, kind)
            chart = chart_for_many(kind, quantities)
            return f"{chart}: {len(quantities)} columns are quantities"
        scene, grid = make_plot_data(table, x, y, color, None, (None, None, None), kind, ("auto", "auto"), False, None)
    chart, because, scene = _chosen(scene, kind, grid)
    return choose.explain_choice(scene, chart, because)


def pair_picture(pair: PairCounts, x_name: str, y_name: str, *, size: tuple[float, float] = (4.9, 3.4)) -> Figure:
    """The picture of two columns, drawn from the counts of their cells alone.

    Parameters
    ----------
    pair : PairCounts
        Rows in each cell.
    x_name, y_name : str
        The columns, for the axes.
    size : tuple of float
        Inches, width and height.

    Examples
    --------
    >>> from tidynet.profiling.counts import Bars
    >>> from tidynet.profiling.profile import PairCounts
    >>> levels = Bars(("yes", "no"), (30, 10))
    >>> picture = pair_picture(PairCounts(levels, levels, ((30, 0), (0, 10))), "admit", "went")
    >>> picture.get_suptitle()
    '100% of ‘no’ are ‘no’, against 25% of all rows'
    """
    return plot(pair, x_name, y_name, figsize=size)


def _is_list(x: Any) -> bool:
    return isinstance(x, Sequence) and not isinstance(x, str)


def _chosen(scene: PlotData, kind: str, grid: FacetGrid | None) -> tuple[str, str, PlotData]:
    scene = scene if grid is None else _known(scene, grid)
    scene = scene.drop_missing()
    kind = "clustered" if kind == "bar" and scene.color is not None else kind
    choice = choose_chart(scene) if kind == "auto" else None
    chart = choice.chart if choice else kind
    scene = adapt_plot_data(scene, chart)
    for item in scene.variables:
        if isinstance(item, NumericVariable) and chart != "histogram" and max(-item.low, item.high) > _MAX_VALUE:
            end = item.low if -item.low > item.high else item.high
            raise InputError(
                f"'{item.name}' has the value {end:.3g}, and the square of a number so large is no number any more",
                "divide the column by a power of ten, or leave such rows out",
            )
    return chart, choice.reason if choice else "as asked", scene


def _known(scene: PlotData, grid: FacetGrid) -> PlotData:
    known = grid.is_known_level()
    missing_names = {}
    for variable in (*scene.variables, grid.row, grid.column, grid.wrapped):
        if variable is not None and (number := int(variable.missing.sum())):
            known = known & ~variable.missing
            missing_names[variable.name] = number
    notes = scene.notes
    if missing_names:
        notes = (*notes, "missing: " + ", ".join(f"{name} {number:,}" for name, number in missing_names.items()))
    grid.take(known)
    return replace(scene.select_rows(known), notes=notes)


def _drawn(
    scene: PlotData, kind: str, grid: FacetGrid | None, title: str | None, figsize: tuple[float, float] | None
) -> tuple[Figure, str]:
    chart, _, scene = _chosen(scene, kind, grid)
    if chart in ("histogram", "density") and isinstance(scene.y, CategoricalVariable):
        if chart == "density" and scene.color is None:
            scene = replace(scene, color=scene.y, y=None)
        elif grid is None:
            grid, scene = FacetGrid(None, None, scene.y), replace(scene, y=None)
    if isinstance(scene.x, CategoricalVariable) and chart in ("histogram", "density"):
        grid, scene = grid or FacetGrid(None, None, scene.x), replace(scene, x=scene.y, y=None)
    figure = new_figure(*(figsize or _figsize(scene, chart, grid)))
    if scene.rows == 0:
        axes = figure.subplots()
        axes.text(0.5, 0.5, "no row has all values", ha="center", va="center", color=MUTED, transform=axes.transAxes)
        axes.set_axis_off()
    elif grid is not None:
        plot_facets(figure, scene, grid, _draw(chart, scene), chart)
    elif chart == "zoom":
        remaining, right = figure.subplots(1, 2)
        distribution.zoom_to_bulk(remaining, right, scene)
    else:
        _draw(chart, scene)(figure.subplots(), scene)
    text = title if title is not None else _chart_finding(scene, chart) if scene.rows else ""
    _add_title_and_notes(figure, text, _notes(scene, chart))
    return figure, chart


def _chart_finding(scene: PlotData, chart: str) -> str:
    if chart == "calendar" or (chart in ("line", "time") and scene.color is not None):
        return ""
    return season(scene) if chart == "seasons" else title_text(scene, "mean" if chart in ("mean", "line") else "median")


def _draw(chart: str, scene: PlotData) -> Any:
    def one_box(axes: Axes, part: PlotData) -> None:
        distribution.box_plot(axes, part)

    return one_box if chart == "box" and scene.y is None else CHARTS[chart].draw


def _figsize(scene: PlotData, chart: str, grid: FacetGrid | None) -> tuple[float, float]:
    if grid is not None:
        return min(3.2 + 1.9 * grid.wide, 9.5), min(1.4 + 1.75 * grid.tall, 11)
    if chart == "box" and scene.y is None:
        return _SIZE[0], 1.9
    if chart == "zoom":
        return 8.0, 3.4
    if chart == "calendar" and isinstance(scene.x, NumericVariable):
        years = min(max((scene.x.high - scene.x.low) / 3.15e13 + 1, 1), 45)
        return 8.5, 0.9 + (1.02 * round(years) if years <= 8 else 0.16 * years)
    rows = _label_rows(scene, chart)
    return _SIZE[0], max(_SIZE[1], 1.2 + (0.24 if chart == "bar" else 0.34) * rows)


def _label_rows(scene: PlotData, chart: str) -> int:
    """How many rows of names stand below each other."""
    levels = scene.y if isinstance(scene.y, CategoricalVariable) and chart != "stacked" else scene.x
    if chart in ("pie", "donut", "waffle") or not isinstance(levels, CategoricalVariable):
        return 0
    upright = scene.x is levels and not lies(levels) and chart != "ridgeline"
    return 0 if upright or chart == "line" else len(levels.labels)


def _notes(scene: PlotData, chart: str) -> tuple[str, ...]:
    notes = list(scene.notes)
    if chart in ("scatter", "regression") and len(scene.weights) > MOST_POINTS:
        notes.append(f"{MOST_POINTS:,} of {scene.rows:,} rows drawn, taken at random")
    if scene.color is not None and scene.size is not None:
        notes.append(f"area: {scene.size.label}")
    if chart == "strip" and len(scene.weights) > 3000:
        notes.append(f"3,000 of {scene.rows:,} rows drawn, taken at random")
    return tuple(notes)


def _add_title_and_notes(figure: Figure, title: str, notes: tuple[str, ...]) -> None:
    width = float(figure.get_size_inches()[0])
    if title:
        # What stands in brackets is not torn apart.
        whole = re.sub(r"\([^()]+\)", lambda part: part.group().replace(" ", "\xa0"), escape_mathtext(title, 160))
        lines = textwrap.wrap(whole, max(20, int(width * 11.5)))
        style: Any = {"parse_math": False}
        figure.suptitle(
            "\n".join(lines).replace("\xa0", " "), x=0.01, ha="left", fontsize=FONT_SIZE + 1, color=INK, **style
        )
    if notes:
        lines = textwrap.wrap(escape_mathtext("; ".join(notes), 200), max(20, int(width * 15)))
        figure.supxlabel("\n".join(lines), x=0.99, ha="right", fontsize=FONT_SIZE - 2, color=MUTED, parse_math=False)


def _many(
    table: Table,
    x: Any,
    kind: str,
    color: str | None,
    title: str | None,
    figsize: tuple[float, float] | None,
) -> Figure:
    quantities = make_quantities(table, x, kind)
    notes: tuple[str, ...] = ()
    max_levels = _PAIRS if kind == "pairs" else _CORRELATED
    chart = chart_for_many(kind, quantities)
    if len(quantities) > max_levels:
        notes = (f"the first {max_levels} of {len(quantities)} quantities",)
        quantities = quantities[:max_levels]
    side = len(quantities)
    if chart == "pairs":
        figure = new_figure(*(figsize or (1.2 + 1.5 * side, 0.9 + 1.35 * side)))
        many.pair_grid(figure, quantities, axis_variable(table, color, COLORS, "auto"))
    else:
        extent = min(9.0, max(4.2, 2.0 + 0.42 * side))
        figure = new_figure(*(figsize or (extent + 0.6, extent)))
        many.correlation_map(figure.subplots(), quantities)
    missing_names = {item.name: int(item.missing.sum()) for item in quantities if item.missing.any()}
    if missing_names:
        named = ", ".join(f"{name} {number:,}" for name, number in missing_names.items())
        notes = (*notes, f"missing: {named}")
    _add_title_and_notes(figure, many.strongest(quantities) if title is None else title, notes)
    return figure
