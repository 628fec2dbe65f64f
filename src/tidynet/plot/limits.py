"""The limits of the axes that the user chose, and ticks that fill them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from tidynet.core.errors import InputError
from tidynet.plot.axis import format_count_axis, needs_horizontal, signed_root, signed_square
from tidynet.plot.options import refuse_option, shown
from tidynet.plot.own_bins import number_on_axis
from tidynet.plot.plot_data import PlotData
from tidynet.plot.variables import CategoricalVariable, NumericVariable, Variable

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Which = Literal["x", "y"]
Limits = Mapping[Which, "tuple[float | None, float | None] | None"]
AXES: Final[tuple[Which, ...]] = ("x", "y")


def visual_axis(which: Which, kind: str, data: PlotData) -> Which:
    """Where the variable of x or y is drawn: categories with long labels lie on the y axis, whatever their role."""
    on_y = (
        isinstance(data.x, CategoricalVariable) and kind != "line" and (kind == "ridgeline" or needs_horizontal(data.x))
    )
    return which if not on_y else "x" if which == "y" else "y"


def variable_of(which: Which, kind: str, data: PlotData) -> Variable | None:
    """The variable of x or y; None where rows are counted along its axis."""
    if which == "y" and kind in ("clustered", "stacked"):
        return None
    return data.x if which == "x" else data.y


def check_limits(kind: str, data: PlotData, which: Which, limits: Any) -> tuple[float | None, float | None] | None:
    """The limits as positions on the axis; None where the user gave none."""
    if limits is None:
        return None
    name, variable = f"{which}_limits", variable_of(which, kind, data)
    if isinstance(variable, CategoricalVariable):
        refuse_option(name, limits, f"{which} is '{variable.name}', which is drawn as categories", "use order")
    if kind == "box" and which == "y" and variable is None:
        refuse_option(name, limits, "one box plot has no y axis", f"remove {name}")
    try:
        first, second = limits
    except (TypeError, ValueError):
        raise InputError(f"{name} is {shown(limits)}, expected two numbers", f"write {name}=(0, 10)") from None
    low, high = (None if end is None else number_on_axis(variable, name, end) for end in (first, second))
    if low is not None and low == high:
        raise InputError(f"{name} is {shown(limits)}, expected two different numbers", f"write {name}=(0, 10)")
    smallest = min((end for end in (low, high) if end is not None), default=1.0)
    scale = variable.scale if variable is not None else "linear"
    if (scale == "log" and smallest <= 0) or (scale == "sqrt" and smallest < 0):
        axis = "log" if scale == "log" else "square-root"
        raise InputError(f"{name} holds {smallest:g}, which a {axis} axis cannot show", f"use {which}_scale='linear'")
    return low, high


def set_limits(
    axes: Axes, which: Which, limits: tuple[float | None, float | None], variable: NumericVariable | None,
    *, fractions: bool = False,
) -> None:  # fmt: skip
    """Set the limits of an axis, and its ticks within them."""
    if which == "x":
        axes.set_xlim(*limits)
        low, high = sorted(axes.get_xlim())
    else:
        axes.set_ylim(*limits)
        low, high = sorted(axes.get_ylim())
    axis: Any = axes.xaxis if which == "x" else axes.yaxis
    if variable is not None:
        if variable.scale != "time":
            ticks, labels = variable.ticks_within(low, high)
            axis.set_ticks(ticks, labels=labels)
        return
    if len(axis.get_ticklocs()):
        format_count_axis(axes, which, fractions=fractions, label=axis.get_label_text())


def scale_counts(axes: Axes, scale: str, *, fractions: bool) -> None:
    """A log or square-root axis of counts."""
    from matplotlib.patches import Rectangle

    top = axes.get_ylim()[1]
    heights = [bar.get_height() for bar in axes.patches if isinstance(bar, Rectangle)]
    heights += [float(value) for line in axes.lines for value in np.asarray(line.get_ydata())]
    smallest = min((height for height in heights if height > 0), default=1.0)
    if scale == "log":
        axes.set_yscale("log")
        axes.set_ylim(smallest * 0.7, top * 1.2)
    else:
        axes.set_yscale("function", functions=(signed_root, signed_square))
        axes.set_ylim(0, top)
    axes.yaxis.set_ticks([], minor=True)
    format_count_axis(axes, "y", fractions=fractions, label=axes.get_ylabel())


def include(axes: Axes, which: Which, before: tuple[float, float], variable: NumericVariable | None) -> None:
    """Widen the limits of axes that had marks before, so that these stay in view."""
    now = axes.get_xlim() if which == "x" else axes.get_ylim()
    if now[0] < now[1] and before[0] < before[1]:
        set_limits(axes, which, (min(now[0], before[0]), max(now[1], before[1])), variable)
