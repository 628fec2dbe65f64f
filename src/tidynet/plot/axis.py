"""Axes: ticks with natural labels, names with units, categories with room for their labels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from tidynet.plot.labels import fit_labels, text_width
from tidynet.plot.theme import FONT_SIZE, fit_width, size_inches
from tidynet.plot.variables import CategoricalVariable, NumericVariable, Variable
from tidynet.profiling import axis_scales as scales

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MAX_VERTICAL_LENGTH = 9  # longer labels need horizontal bars
MAX_VERTICAL_LABELS = 7  # more categories need horizontal bars
_MAX_LENGTH = 24


def needs_horizontal(categories: CategoricalVariable) -> bool:
    """Whether the categories belong on the y axis because their labels are long or many."""
    names = fit_labels(categories.labels, _MAX_LENGTH)
    return len(names) > MAX_VERTICAL_LABELS or max(map(text_width, names), default=0) > MAX_VERTICAL_LENGTH


def axis_limits(variable: NumericVariable, margin: float = 0.04) -> tuple[float, float]:
    """The limits of an axis: the range of the values and a margin."""
    low, high = (float(end) for end in variable.to_scale(variable.axis_range))
    span = (high - low) * margin
    if not np.isfinite(span):
        return variable.axis_range
    if span <= 4 * np.spacing(max(abs(low), abs(high))):
        span = abs(low) * 0.05 or 0.5
    if variable.scale == "sqrt" and low - span < 0:
        return 0.0, float(variable.from_scale(high + span))
    ends = variable.from_scale([low - span, high + span])
    return float(ends[0]), float(ends[1])


def format_axis(
    axes: Axes, which: Literal["x", "y"], variable: Variable, *, max_count: int = 5, margin: float = 0.04
) -> None:
    """Set the scale, limits, ticks and label of an axis for a variable."""
    axis: Any = axes.xaxis if which == "x" else axes.yaxis
    limits: Any = axes.set_xlim if which == "x" else axes.set_ylim
    if isinstance(variable, CategoricalVariable):
        _format_category_axis(axes, which, variable)
        limits(*((-0.5, len(variable.labels) - 0.5)[:: 1 if which == "x" else -1]))
    else:
        rescale: Any = axes.set_xscale if which == "x" else axes.set_yscale
        if variable.scale == "log":
            rescale("log")
        elif variable.scale == "sqrt":
            rescale("function", functions=(signed_root, signed_square))
        limits(*axis_limits(variable, margin))
        if variable.scale == "time":
            from tidynet.plot.date_axis import set_time_ticks

            set_time_ticks(axis, 3 if which == "x" and max_count < 5 else max_count)
        else:
            ticks, labels = variable.ticks(max_count)
            axis.set_ticks(ticks, labels=labels)
            axis.set_ticks([], minor=True)
    axis.set_label_text(fit_width(variable.label, 90), parse_math=False)


def signed_root(values: Any) -> Any:
    """The square root of a size, with the sign of the value: a place left of zero has a position too."""
    return np.sign(values) * np.sqrt(np.abs(values))


def signed_square(values: Any) -> Any:
    """The inverse of `signed_root`."""
    return np.sign(values) * np.square(values)


def _format_category_axis(axes: Axes, which: Literal["x", "y"], categories: CategoricalVariable) -> None:
    names = fit_labels(categories.labels, _MAX_LENGTH)
    if which == "y":
        axes.set_yticks(range(len(names)), names, parse_math=False)
        return
    # A character takes about 0.085 inch.
    inches = size_inches(axes)[0]
    tilted = 0.09 * (max(map(text_width, names), default=0) + 2) * len(names) > inches
    angle: dict[str, Any] = {"rotation": 40, "ha": "right", "rotation_mode": "anchor"} if tilted else {}
    axes.set_xticks(range(len(names)), names, parse_math=False, **angle)


def format_count_axis(axes: Axes, which: Literal["x", "y"], *, fractions: bool = False, label: str = "rows") -> None:
    """An axis of counts or percentages of rows, from 0."""
    axis: Any = axes.xaxis if which == "x" else axes.yaxis
    low, high = sorted(axes.get_xlim() if which == "x" else axes.get_ylim())
    logarithmic = (axes.get_xscale() if which == "x" else axes.get_yscale()) == "log"
    ticks = scales.log_ticks(low, high, 5) if logarithmic else scales.linear_ticks(max(low, 0.0), high, 5)
    if fractions:
        labels = [f"{text}%" for text in scales.natural_labels([tick * 100 for tick in ticks])]
    else:
        ticks = [tick for tick in ticks if tick == round(tick)]
        labels = [scales.format_tick(tick) for tick in ticks] if logarithmic else scales.natural_labels(ticks)
    axis.set_ticks(ticks, labels=labels)
    axis.set_label_text("percentage of rows" if fractions and label == "rows" else label, fontsize=FONT_SIZE)
