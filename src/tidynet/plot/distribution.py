"""One numeric variable: histogram, density, box plot, and a zoom on its central values."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from tidynet.core.text import format_percent
from tidynet.plot.axis import format_axis, format_count_axis, signed_root, signed_square
from tidynet.plot.categorical import Group, boxes, color_legend, density_of, draw_box
from tidynet.plot.plot_data import PlotData, color_groups
from tidynet.plot.theme import FONT_SIZE, MUTED, finish_figure
from tidynet.plot.variables import NumericVariable, Spike
from tidynet.plot.weighted_statistics import quantiles
from tidynet.profiling import histogram_bins as bins
from tidynet.profiling.axis_choice import from_scale, to_scale
from tidynet.profiling.axis_scales import natural_labels
from tidynet.profiling.counts import CategorySummary

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = npt.NDArray[np.float64]

_GUTTER = 0.11  # width of the place of a spike, in widths of the axis


def histogram_bars(axes: Axes, data: PlotData) -> None:
    """Bars over bins; overlapping outlines where color separates categories; a spike stands apart."""
    spike = _numeric(data).spike if data.color is None else None
    if spike is not None:
        whole, data = data, replace(data, x=_numeric(data).without_spike())
    variable = _numeric(data)
    edges = variable.edges
    total = data.weights.sum() if data.normalize and data.color is None else 1.0
    for _label, color, part in color_groups(data):
        values = _numeric(part).values
        known = np.isfinite(values)
        rows = np.histogram(values[known], edges, weights=part.weights[known])[0]
        if data.color is None:
            rows = rows / max(total, 1)
            # A space between the bars is visible on light and dark pages.
            style: Any = {"align": "edge", "color": color, "alpha": data.marks.alpha(1.0)}
            axes.bar(edges[:-1], rows, _bar_widths(variable), **style)
        else:
            if data.normalize:
                rows = rows / max(part.weights.sum(), 1)
            axes.stairs(rows, edges, color=color, linewidth=1.7)
            axes.stairs(rows, edges, color=color, fill=True, alpha=data.marks.alpha(0.18))
        if data.marks.density and part.rows:
            divisor = max(part.weights.sum() if data.color is not None else total, 1) if data.normalize else 1.0
            _density_over_bars(axes, part, color if data.color is not None else data.marks.second, divisor)
    axes.margins(y=0.06)
    axes.set_ylim(bottom=0)
    format_axis(axes, "x", variable)
    axes.set_xlim(edges[0], edges[-1])
    format_count_axis(axes, "y", fractions=data.normalize)
    if spike is not None:
        _draw_spike(axes, whole, spike)
    if data.color is not None:
        color_legend(axes, data)
    finish_figure(axes)


def _bar_widths(variable: NumericVariable) -> Floats:
    """The widths of bars with a space of 6% between them; the same space beside wide and narrow bins."""
    widths = np.diff(variable.edges)
    return 0.94 * widths if variable.scale != "linear" else np.asarray(widths - 0.06 * widths.min())


def _draw_spike(axes: Axes, data: PlotData, spike: Spike) -> None:
    """A bar without a scale to the left of the others, with its share of the rows."""
    share = data.weights[_numeric(data).values == spike.value].sum() / max(data.weights.sum(), 1)
    low, high = (float(end) for end in to_scale(axes.get_xlim(), spike.scale))
    start = low - _GUTTER * (high - low)
    if spike.scale == "sqrt":
        axes.set_xscale("function", functions=(signed_root, signed_square))
        axes.set_xlim(signed_square(start), signed_square(high))
    else:
        axes.set_xlim(*from_scale([start, high], spike.scale))
    place: Any = {"transform": axes.transAxes, "ha": "center", "clip_on": False}
    (label,) = natural_labels([spike.value])
    axes.bar(0.005, 0.9, 0.05, align="edge", color=data.marks.second, transform=axes.transAxes)
    axes.text(0.03, 0.92, format_percent(share), va="bottom", color=MUTED, fontsize=FONT_SIZE - 1, **place)
    axes.annotate(
        label, (0.03, 0), xytext=(0, -3.5), xycoords="axes fraction", textcoords="offset points", ha="center", va="top",
        color=MUTED, fontsize=FONT_SIZE - 1,
    )  # fmt: skip


def _density_over_bars(axes: Axes, part: PlotData, color: str, divisor: float) -> None:
    """The density as rows per bin: the height that bars of such a density would have."""
    variable = _numeric(part)
    edges, inside = variable.edges, np.isfinite(variable.values)
    inside &= (variable.values >= edges[0]) & (variable.values <= edges[-1])
    values, weights = variable.values[inside], part.weights[inside]
    if not len(values):
        return
    places, heights = density_of(variable, values, weights, counted=part.counted, tails=False)
    ends = variable.to_scale(np.clip(edges, variable.low, None) if variable.scale == "log" else edges)
    widths = np.interp(variable.to_scale(places), (ends[:-1] + ends[1:]) / 2, np.diff(ends))
    axes.plot(places, weights.sum() / divisor * heights * widths, color=color, linewidth=1.8)


def density_curve(axes: Axes, data: PlotData) -> None:
    """The density; one curve per category of the color variable."""
    variable = _numeric(data)
    ends = []
    for _, color, part in color_groups(data):
        values = _numeric(part).values
        if not len(values):
            continue
        positions, heights = density_of(variable, values, part.weights, counted=data.counted, tails=True)
        axes.fill_between(positions, 0, heights, color=color, alpha=data.marks.alpha(0.22), linewidth=0)
        axes.plot(positions, heights, color=color, linewidth=1.7)
        ends += [float(positions[0]), float(positions[-1])]
        if data.color is None:
            _rug(axes, data, values)
    axes.margins(y=0.06)
    axes.set_ylim(bottom=0)
    format_axis(axes, "x", variable)
    if ends:
        axes.set_xlim(min(ends), max(ends))
    axes.set_yticks([])
    axes.set_ylabel("density")
    if data.color is not None:
        color_legend(axes, data)
    finish_figure(axes, grid="")


def _rug(axes: Axes, data: PlotData, values: Floats) -> None:
    if data.counted or len(values) > 400:
        return
    transform: Any = axes.get_xaxis_transform()
    axes.plot(values, np.zeros(len(values)), "|", color=data.marks.color, alpha=0.4, markersize=7, transform=transform)


def box_plot(axes: Axes, data: PlotData) -> None:
    """One horizontal box plot, or one for each category."""
    if data.y is not None:
        boxes(axes, data)
        return
    variable = _numeric(data)
    if len(variable.values):
        group = Group(0.0, 1.0, data.marks.color, variable.values, data.weights, _summary(data))
        draw_box(axes, False, variable, group, width=data.marks.width or 0.55, alpha=data.marks.alpha(0.4))
    format_axis(axes, "x", variable)
    axes.set_ylim(-0.6, 0.6)
    axes.set_yticks([])
    finish_figure(axes, grid="x")


def _summary(data: PlotData) -> CategorySummary | None:
    """The exact quartiles of counts, which a box plot draws."""
    if len(data.quantiles) != 5:
        return None
    return CategorySummary(data.rows, float("nan"), float("nan"), *data.quantiles[1:4])


def central_range(variable: NumericVariable, weights: Floats) -> tuple[float, float]:
    """The range of the values within three interquartile ranges of the quartiles."""
    low, first, third, high = (float(q) for q in quantiles(variable.values, weights, [0.0, 0.25, 0.75, 1.0]))
    extent = 3 * (third - first)
    inside = variable.values[(variable.values >= first - extent) & (variable.values <= third + extent)]
    if not inside.size or inside.min() == inside.max():
        return low, high
    return float(inside.min()), float(inside.max())


def zoom_to_center(left: Axes, right: Axes, data: PlotData) -> None:
    """All values on the left, the central values with finer bins on the right."""
    variable = _numeric(data)
    histogram_bars(left, data)
    low, high = central_range(variable, data.weights)
    left.axvspan(low, high, color=MUTED, alpha=0.15, linewidth=0, zorder=0)
    inside = data.select_rows((variable.values >= low) & (variable.values <= high))
    values = _numeric(inside).values
    if data.counted or variable.own_edges == "edges":
        edges = variable.edges[(variable.edges >= low * (1 - 1e-9)) & (variable.edges <= high)]
        edges = variable.edges if len(edges) < 2 else edges
    elif variable.own_edges:
        edges = np.linspace(low, high, len(variable.edges))
    else:
        edges = bins.bin_edges(values) if len(values) else variable.edges
    central = replace(variable, values=values, edges=edges, low=low, high=high)
    histogram_bars(right, replace(inside, x=central))
    left.set_title("all rows", fontsize=10, color=MUTED, loc="left")
    fraction = inside.weights.sum() / max(data.weights.sum(), 1)
    title = "no outliers" if fraction == 1 else f"central {format_percent(fraction)} of rows"
    right.set_title(title, fontsize=10, color=MUTED, loc="left")


def _numeric(data: PlotData) -> NumericVariable:
    assert isinstance(data.x, NumericVariable)
    return data.x
