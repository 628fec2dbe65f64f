"""Axes that read well: natural ticks, names, units, and levels whose names have room."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from tidynet.plot.theme import FONT_SIZE, escape_mathtext
from tidynet.plot.variables import CategoricalVariable, NumericVariable, Variable
from tidynet.profiling import axis_scales as scales

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["dress", "dress_counts", "lies", "margin"]

_SHORT = 9  # names up to this long stand below an upright axis
_UPRIGHT = 7  # more levels than this lie down, so that their names have room
_MAX_LENGTH = 24


def lies(levels: CategoricalVariable) -> bool:
    """Whether the levels are better written along the y axis, for their names are long or many.

    Examples
    --------
    >>> lies(CategoricalVariable("size", np.array([0]), ("small", "large"))), lies(CategoricalVariable("x", np.array([0]), ("a" * 10,)))
    (False, True)
    """
    names = [escape_mathtext(label, _MAX_LENGTH) for label in levels.labels]
    return len(names) > _UPRIGHT or max(map(len, names), default=0) > _SHORT


def margin(quantity: NumericVariable, room: float = 0.04) -> tuple[float, float]:
    """The ends of an axis, a little beyond the values."""
    low, high = (float(end) for end in quantity.to_scale([quantity.low, quantity.high]))
    span = (high - low) * room
    if not np.isfinite(span):
        return quantity.low, quantity.high
    if span <= 4 * np.spacing(max(abs(low), abs(high))):
        span = abs(low) * 0.05 or 0.5
    if quantity.scale == "sqrt" and low - span < 0:
        return 0.0, float(quantity.from_scale(high + span))
    ends = quantity.from_scale([low - span, high + span])
    return float(ends[0]), float(ends[1])


def dress(axes: Axes, which: Literal["x", "y"], variable: Variable, *, max_count: int = 5, room: float = 0.04) -> None:
    """Give an axis the scale, the limits, the ticks and the name of a variable."""
    axis: Any = axes.xaxis if which == "x" else axes.yaxis
    limits: Any = axes.set_xlim if which == "x" else axes.set_ylim
    if isinstance(variable, CategoricalVariable):
        _dress_levels(axes, which, variable)
        limits(*((-0.5, len(variable.labels) - 0.5)[:: 1 if which == "x" else -1]))
    else:
        rescale: Any = axes.set_xscale if which == "x" else axes.set_yscale
        if variable.scale == "log":
            rescale("log")
        elif variable.scale == "sqrt":
            rescale("function", functions=(_root, np.square))
        limits(*margin(variable, room))
        ticks, labels = variable.ticks(3 if variable.scale == "time" and which == "x" and max_count < 5 else max_count)
        axis.set_ticks(ticks, labels=labels)
        axis.set_ticks([], minor=True)
    axis.set_label_text(escape_mathtext(variable.label, 48), parse_math=False)


def _root(values: Any) -> Any:
    return np.sqrt(np.maximum(values, 0))


def _dress_levels(axes: Axes, which: Literal["x", "y"], levels: CategoricalVariable) -> None:
    names = [escape_mathtext(label, _MAX_LENGTH) or "(empty)" for label in levels.labels]
    if which == "y":
        axes.set_yticks(range(len(names)), names, parse_math=False)
        return
    # A character takes about 0.085 inch.
    inches = axes.get_figure(root=True).get_size_inches()[0] * axes.get_position().width  # type: ignore[union-attr]
    tilted = 0.085 * (max(map(len, names), default=0) + 2) * len(names) > inches
    angle: dict[str, Any] = {"rotation": 40, "ha": "right", "rotation_mode": "anchor"} if tilted else {}
    axes.set_xticks(range(len(names)), names, parse_math=False, **angle)


def dress_counts(axes: Axes, which: Literal["x", "y"], *, fractions: bool = False, label: str = "rows") -> None:
    """An axis of rows, or of shares of the rows, from 0, with natural labels."""
    axis: Any = axes.xaxis if which == "x" else axes.yaxis
    high = (axes.get_xlim() if which == "x" else axes.get_ylim())[1]
    ticks = scales.linear_ticks(0, high, 5)
    if fractions:
        labels = [f"{text}%" for text in scales.natural_labels([tick * 100 for tick in ticks])]
    else:
        ticks = [tick for tick in ticks if tick == round(tick)]
        labels = scales.natural_labels(ticks)
    axis.set_ticks(ticks, labels=labels)
    axis.set_label_text("share of rows" if fractions and label == "rows" else label, fontsize=FONT_SIZE)
