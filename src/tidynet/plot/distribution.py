"""One numeric variable: histogram, density, box plot, and a zoom on its central values."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from tidynet.core.text import format_percent
from tidynet.plot.axis import format_axis, format_count_axis
from tidynet.plot.categorical import boxes, color_legend, density_of, draw_box
from tidynet.plot.plot_data import PlotData, color_groups
from tidynet.plot.theme import BASE, MUTED, finish_figure
from tidynet.plot.variables import NumericVariable
from tidynet.plot.weighted_statistics import quantiles
from tidynet.profiling import histogram_bins as bins

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = npt.NDArray[np.float64]


def histogram_bars(axes: Axes, data: PlotData) -> None:
    """Bars over bins; overlapping outlines where color separates categories."""
    variable = _numeric(data)
    edges = variable.edges
    total = data.weights.sum() if data.normalize and data.color is None else 1.0
    for _label, color, part in color_groups(data):
        values = _numeric(part).values
        rows = np.histogram(np.clip(values, edges[0], edges[-1]), edges, weights=part.weights)[0]
        if data.color is None:
            rows = rows / max(total, 1)
            # A space between the bars is visible on light and dark pages.
            axes.bar(edges[:-1], rows, 0.94 * np.diff(edges), align="edge", color=color)
        else:
            if data.normalize:
                rows = rows / max(part.weights.sum(), 1)
            axes.stairs(rows, edges, color=color, linewidth=1.7)
            axes.stairs(rows, edges, color=color, fill=True, alpha=0.18)
    axes.margins(y=0.06)
    axes.set_ylim(bottom=0)
    format_axis(axes, "x", variable)
    axes.set_xlim(edges[0], edges[-1])
    format_count_axis(axes, "y", fractions=data.normalize)
    if data.color is not None:
        color_legend(axes, data)
    finish_figure(axes)


def density_curve(axes: Axes, data: PlotData) -> None:
    """The density; one curve per category of the color variable."""
    variable = _numeric(data)
    ends = []
    for _, color, part in color_groups(data):
        values = _numeric(part).values
        if not len(values):
            continue
        positions, heights = density_of(variable, values, part.weights, counted=data.counted, tails=True)
        axes.fill_between(positions, 0, heights, color=color, alpha=0.22, linewidth=0)
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
    axes.plot(values, np.zeros(len(values)), "|", color=BASE, alpha=0.4, markersize=7, transform=transform)


def box_plot(axes: Axes, data: PlotData) -> None:
    """One horizontal box plot, or one for each category."""
    if data.y is not None:
        boxes(axes, data)
        return
    variable = _numeric(data)
    if len(variable.values):
        draw_box(axes, False, variable, variable.values, data.weights, 0.0, 0.55, BASE)
    format_axis(axes, "x", variable)
    axes.set_ylim(-0.6, 0.6)
    axes.set_yticks([])
    finish_figure(axes, grid="x")


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
    if data.counted:
        edges = variable.edges[(variable.edges >= low * (1 - 1e-9)) & (variable.edges <= high)]
        edges = variable.edges if len(edges) < 2 else edges
    else:
        edges = bins.bin_edges(values) if len(values) else variable.edges
    central = NumericVariable(variable.name, values, edges, "linear", variable.grid, variable.unit)
    histogram_bars(right, replace(inside, x=central))
    left.set_title("all rows", fontsize=10, color=MUTED, loc="left")
    fraction = inside.weights.sum() / max(data.weights.sum(), 1)
    title = "no outliers" if fraction == 1 else f"central {format_percent(fraction)} of rows"
    right.set_title(title, fontsize=10, color=MUTED, loc="left")


def _numeric(data: PlotData) -> NumericVariable:
    assert isinstance(data.x, NumericVariable)
    return data.x
