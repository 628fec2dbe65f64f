"""One quantity: histogram, density, box, and the bulk beside the whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from tidynet.plot.axis import dress, dress_counts
from tidynet.plot.categorical import density_of, draw_box, label_levels
from tidynet.plot.scene import PlotData, color_groups
from tidynet.plot.theme import BASE, MUTED, finish_figure
from tidynet.plot.variables import NumericVariable
from tidynet.plot.weighted_statistics import quantiles
from tidynet.profiling import histogram_bins as bins

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["box_plot", "bulk_range", "curve", "steps", "zoom_to_bulk"]

Floats = npt.NDArray[np.float64]


def steps(axes: Axes, scene: PlotData) -> None:
    """Bars over bins that suit the values; outlines over each other where colour tells levels apart."""
    quantity = _quantity(scene)
    edges = quantity.edges
    whole = scene.weights.sum() if scene.shares and scene.color is None else 1.0
    for _label, color, part in color_groups(scene):
        values = _quantity(part).values
        rows = np.histogram(np.clip(values, edges[0], edges[-1]), edges, weights=part.weights)[0]
        if scene.color is None:
            rows = rows / max(whole, 1)
            # A gap between the bars shows on light and dark pages alike.
            axes.bar(edges[:-1], rows, 0.94 * np.diff(edges), align="edge", color=color)
        else:
            if scene.shares:
                rows = rows / max(part.weights.sum(), 1)
            axes.stairs(rows, edges, color=color, linewidth=1.7)
            axes.stairs(rows, edges, color=color, fill=True, alpha=0.18)
    axes.margins(y=0.06)
    axes.set_ylim(bottom=0)
    dress(axes, "x", quantity)
    axes.set_xlim(edges[0], edges[-1])
    dress_counts(axes, "y", fractions=scene.shares)
    if scene.color is not None:
        label_levels(axes, scene)
    finish_figure(axes)


def curve(axes: Axes, scene: PlotData) -> None:
    """A smoothed histogram whose area is 1; one for each level where there is colour."""
    quantity = _quantity(scene)
    reached = []
    for _, color, part in color_groups(scene):
        values = _quantity(part).values
        if not len(values):
            continue
        indices, heights = density_of(quantity, values, part.weights, counted=scene.counted, tails=True)
        axes.fill_between(indices, 0, heights, color=color, alpha=0.22, linewidth=0)
        axes.plot(indices, heights, color=color, linewidth=1.7)
        reached += [float(indices[0]), float(indices[-1])]
        if scene.color is None:
            _rug(axes, scene, values)
    axes.margins(y=0.06)
    axes.set_ylim(bottom=0)
    dress(axes, "x", quantity)
    if reached:
        axes.set_xlim(min(reached), max(reached))
    axes.set_yticks([])
    axes.set_ylabel("density")
    if scene.color is not None:
        label_levels(axes, scene)
    finish_figure(axes, grid="")


def _rug(axes: Axes, scene: PlotData, values: Floats) -> None:
    if scene.counted or len(values) > 400:
        return
    along: Any = axes.get_xaxis_transform()
    axes.plot(values, np.zeros(len(values)), "|", color=BASE, alpha=0.4, markersize=7, transform=along)


def box_plot(axes: Axes, scene: PlotData) -> None:
    """One box lying along x; a box for each level is drawn by `tidynet.plot.categorical`."""
    quantity = _quantity(scene)
    if len(quantity.values):
        draw_box(axes, False, quantity, quantity.values, scene.weights, 0.0, 0.55, BASE)
    dress(axes, "x", quantity)
    axes.set_ylim(-0.6, 0.6)
    axes.set_yticks([])
    finish_figure(axes, grid="x")


def bulk_range(quantity: NumericVariable, weights: Floats) -> tuple[float, float]:
    """Where the bulk of the values lies: from the 1% to the 95% quantile, or to the 99% where that is near.

    Examples
    --------
    >>> values = np.append(np.arange(99.0), 5000.0)
    >>> bulk_range(NumericVariable("x", values, np.array([0.0, 5000.0])), np.ones(100))
    (0.0, 98.0)
    """
    low, first, third, high = (float(q) for q in quantiles(quantity.values, weights, [0.0, 0.25, 0.75, 1.0]))
    extent = 3 * (third - first)
    inside = quantity.values[(quantity.values >= first - extent) & (quantity.values <= third + extent)]
    if not inside.size or inside.min() == inside.max():
        return low, high
    return float(inside.min()), float(inside.max())


def zoom_to_bulk(remaining: Axes, right: Axes, scene: PlotData) -> None:
    """The whole on the left, the bulk with finer bins on the right."""
    from dataclasses import replace

    quantity = _quantity(scene)
    steps(remaining, scene)
    low, high = bulk_range(quantity, scene.weights)
    remaining.axvspan(low, high, color=MUTED, alpha=0.15, linewidth=0, zorder=0)
    inside = scene.select_rows((quantity.values >= low) & (quantity.values <= high))
    values = _quantity(inside).values
    if scene.counted:
        kept = quantity.edges[(quantity.edges >= low * (1 - 1e-9)) & (quantity.edges <= high)]
        edges = quantity.edges if len(kept) < 2 else kept
    else:
        edges = bins.bin_edges(values) if len(values) else quantity.edges
    nearer = NumericVariable(quantity.name, values, edges, "linear", quantity.grid, quantity.unit)
    steps(right, replace(inside, x=nearer))
    remaining.set_title("all rows", fontsize=10, color=MUTED, loc="left")
    fraction = inside.weights.sum() / max(scene.weights.sum(), 1)
    right.set_title(
        "all lie in the bulk" if fraction == 1 else f"the {_percent(fraction)} in the bulk",
        fontsize=10,
        color=MUTED,
        loc="left",
    )


def _percent(fraction: float) -> str:
    return f"{fraction:.1%}" if 0.99 < fraction < 1 else f"{fraction:.0%}"


def _quantity(scene: PlotData) -> NumericVariable:
    assert isinstance(scene.x, NumericVariable)
    return scene.x
