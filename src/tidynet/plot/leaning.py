"""What a network leans on, as pictures: importances, effects of a column, of two columns, and of one row's values."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from tidynet.look import scales
from tidynet.plot.axis import dress
from tidynet.plot.shading import shade_cells
from tidynet.plot.theme import (
    BASE,
    FONT_SIZE,
    GRID,
    INK,
    MUTED,
    PALETTE,
    SECOND,
    WIDTH,
    drawable,
    figure,
    finish,
    legend,
)
from tidynet.plot.variables import Quantity

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["column_effect", "importances", "pair_of_columns", "row_contributions", "subgroup_losses"]

_MOST_BARS, _MOST_PUSHES = 12, 8
_NAME = 26


def importances(found: Mapping[str, Any]) -> Figure:
    """How much worse the score gets when each column is permuted, with 95% intervals.

    Parameters
    ----------
    found : mapping
        What `tidynet.trust.importance.Importances.to_dict` gives.

    Examples
    --------
    >>> one = {"columns": ["age"], "value": 0.2, "low": 0.1, "high": 0.3}
    >>> importances({"score": "log loss", "groups": [one]}).axes[0].get_xlabel()
    'rise of the log loss, with 95% interval'
    """
    groups = list(found["groups"])[:_MOST_BARS]
    picture = figure(WIDTH, 0.8 + 0.27 * max(len(groups), 1))
    axes = picture.subplots()
    for place, one in enumerate(groups):
        color = BASE if one["low"] > 0 else MUTED
        axes.plot([one["low"], one["high"]], [place, place], color=color, linewidth=2)
        axes.plot([one["value"]], [place], "o", color=color, markersize=6)
    axes.axvline(0, color=MUTED, linewidth=1)
    names = [drawable(" + ".join(one["columns"]), _NAME) for one in groups]
    axes.set_yticks(range(len(groups)), names, parse_math=False)
    axes.set_ylim(max(len(groups), 1) - 0.5, -0.5)
    axes.set_xlabel(f"rise of the {found['score']}, with 95% interval")
    axes.locator_params(axis="x", nbins=5)
    finish(axes, grid="x")
    return picture


def column_effect(found: Mapping[str, Any]) -> Figure:
    """How predictions go with one column: partial dependence, and accumulated local effects where there is an order.

    Bands reach from the lowest to the highest of the network's members; ticks below are rows of the test.

    Parameters
    ----------
    found : mapping
        What `tidynet.trust.effects.Effect.to_dict` gives.
    """
    curves = found["curves"]
    colors = [PALETTE[place % len(PALETTE)] for place in range(len(curves))]
    local = bool(found["is_number"] and curves[0]["local"])
    picture = figure(WIDTH + 1.6 if local else WIDTH, 2.7)
    drawn = picture.subplots(1, 2 if local else 1, squeeze=False)[0]
    labels = ("mean prediction", "accumulated local effect")
    for axes, line, low, high, label in zip(
        drawn,
        ("partial", "local"),
        ("low", "local_low"),
        ("high", "local_high"),
        labels,
        strict=False,
    ):
        for curve, color in zip(curves, colors, strict=True):
            _with_band(axes, found, curve[line], curve[low], curve[high], drawable(curve["name"], _NAME), color)
        axes.set_ylabel(label)
        _along(axes, found)
        if axes is drawn[0]:
            legend(axes)
        finish(axes)
        _rug(axes, found["rug"])
    return picture


def pair_of_columns(found: Mapping[str, Any]) -> Figure:
    """The mean prediction for each pair of values of two columns, darker where it is higher.

    Parameters
    ----------
    found : mapping
        What `tidynet.trust.pair_effects.PairEffect.to_dict` gives.
    """
    table = np.asarray(found["partial"], dtype=np.float64).T
    low, high = float(table.min()), float(table.max())
    picture = figure(WIDTH, 3.4)
    axes = picture.subplots()
    edges = [np.arange(len(labels) + 1, dtype=np.float64) - 0.5 for labels in found["labels"]]
    # The lowest has the palest shade, not none: it is no gap in the table.
    shares = np.maximum((table - low) / (high - low), 1e-9) if high > low else np.full_like(table, 1e-9)
    shade_cells(axes, shares, edges[0], edges[1], darkest=0.6)
    texts = _rounded(table)
    for row, column in np.ndindex(*table.shape):
        axes.text(column, row, texts[row][column], ha="center", va="center", color=INK, fontsize=8)
    axes.set(xlim=(edges[0][0], edges[0][-1]), ylim=(edges[1][0], edges[1][-1]))
    axes.set_xticks(range(len(found["labels"][0])), _short(found["labels"][0]), parse_math=False)
    axes.set_yticks(range(len(found["labels"][1])), _short(found["labels"][1]), parse_math=False)
    axes.set_xlabel(drawable(found["columns"][0]), parse_math=False)
    axes.set_ylabel(drawable(found["columns"][1]), parse_math=False)
    axes.set_title(f"mean prediction of {drawable(found['name'], _NAME)}", fontsize=FONT_SIZE, color=INK, loc="left")
    finish(axes, grid="")
    return picture


def row_contributions(found: Mapping[str, Any]) -> Figure:
    """The way from the average prediction to one row's: each column's bar begins where the one above it ends.

    Parameters
    ----------
    found : mapping
        What `tidynet.trust.contributions.Contributions.to_dict` gives.

    Examples
    --------
    >>> one = {"column": "age", "shown": "71", "value": 0.2, "error": 0.01}
    >>> found = {"row": 9, "of": "probability of 'ill'", "base": 0.3, "prediction": 0.5, "columns": [one]}
    >>> [text.get_text() for text in row_contributions(found).axes[0].get_yticklabels()]
    ['on average', 'age = 71', 'row 9']
    """
    columns = list(found["columns"])
    # One bar for the rest is worth it for two columns at least.
    shown, rest = (
        (columns, []) if len(columns) <= _MOST_PUSHES + 1 else (columns[:_MOST_PUSHES], columns[_MOST_PUSHES:])
    )
    bars = [(f"{one['column']} = {one['shown']}", one["value"], one["error"]) for one in shown]
    left = len(rest) + found.get("rest", 0)
    if left:
        value = math.fsum(one["value"] for one in rest) + found.get("rest_value", 0.0)
        bars.append((f"{left} others", value, 0.0))
    picture = figure(WIDTH, 1.2 + 0.25 * (len(bars) + 2))
    axes = picture.subplots()
    start = found["base"]
    axes.plot([start, start], [0, 1], color=MUTED, linewidth=1)
    for place, (_, value, error) in enumerate(bars, 1):
        end = start + value
        axes.barh(place, value, left=start, height=0.62, color=BASE if value >= 0 else SECOND, linewidth=0)
        if error:
            axes.plot([end - 2 * error, end + 2 * error], [place, place], color=INK, linewidth=1)
        axes.plot([end, end], [place, place + 1], color=MUTED, linewidth=1)
        start = end
    ends = [(0, found["base"]), (len(bars) + 1, found["prediction"])]
    axes.plot([value for _, value in ends], [place for place, _ in ends], "o", color=INK, markersize=6)
    axes.use_sticky_edges = False
    axes.margins(x=0.04)
    names = ["on average", *(drawable(name, _NAME) for name, _, _ in bars), f"row {found['row']:,}"]
    axes.set_yticks(range(len(names)), names, parse_math=False)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_xlabel(drawable(found["of"], 44), parse_math=False)
    axes.locator_params(axis="x", nbins=5)
    finish(axes, grid="x")
    return picture


def subgroup_losses(found: Mapping[str, Any]) -> Figure:
    """Weak subgroups: the mean loss of each beside that of the rows elsewhere.

    Parameters
    ----------
    found : mapping
        What `tidynet.trust.subgroups.Subgroups.to_dict` gives.

    Examples
    --------
    >>> one = {"conditions": ["'city' is 'Oslo'"], "loss": 0.4, "elsewhere": 0.2}
    >>> subgroup_losses({"measure": "Brier score", "found": [one]}).axes[0].get_xlabel()
    'Brier score'
    """
    groups = list(found["found"])
    picture = figure(WIDTH, 1.0 + 0.42 * max(len(groups), 1))
    axes = picture.subplots()
    for place, one in enumerate(groups):
        first = place == 0
        axes.plot([one["elsewhere"], one["loss"]], [place, place], color=GRID, linewidth=2, zorder=1)
        axes.plot([one["loss"]], [place], "o", color=SECOND, markersize=7, label="there" if first else None)
        axes.plot([one["elsewhere"]], [place], "o", color=MUTED, markersize=6, label="elsewhere" if first else None)
    names = ["\nand ".join(drawable(condition, 30) for condition in one["conditions"]) for one in groups]
    axes.set_yticks(range(len(groups)), names, parse_math=False)
    axes.set_ylim(max(len(groups), 1) - 0.5, -0.5)
    axes.set_xlabel(found["measure"] if found["measure"] == "Brier score" else "mean absolute error")
    axes.locator_params(axis="x", nbins=5)
    if groups:
        legend(axes)
    finish(axes, grid="x")
    return picture


def _rounded(table: npt.NDArray[np.float64]) -> list[list[str]]:
    """Values with as many decimals as tell a thirtieth of their range or less."""
    spread = float(table.max() - table.min())
    decimals = max(0, round(2 - math.log10(spread))) if spread > 0 else 2
    if np.abs(table).max() >= 10_000:
        return [[scales.natural(float(f"{value:.3g}")) for value in line] for line in table.tolist()]
    return [
        # + 0.0 makes −0 a 0
        [f"{round(value, decimals) + 0.0:.{decimals}f}".replace("-", "−") for value in line]
        for line in table.tolist()
    ]


def _with_band(
    axes: Axes, found: Mapping[str, Any], line: Sequence[float], low: Sequence[float], high: Sequence[float],
    name: str, color: str,
) -> None:  # fmt: skip
    places = found["places"]
    if found["is_number"]:
        axes.fill_between(places, low, high, color=color, alpha=0.18, linewidth=0)
        axes.plot(places, line, color=color, linewidth=1.8, label=name)
        return
    axes.vlines(places, low, high, color=color, alpha=0.35, linewidth=5)
    axes.plot(places, line, "o", color=color, markersize=6, label=name)


def _along(axes: Axes, found: Mapping[str, Any]) -> None:
    if found["is_number"]:
        values = np.array([*found["places"], *found["rug"]], dtype=np.float64)
        scale = found.get("scale", "linear")
        dress(axes, "x", Quantity(found["column"], values, values, scale), most=4 if scale == "time" else 5)
        return
    axes.set_xlabel(drawable(found["column"]), parse_math=False)
    names = _short(found["labels"])
    tilted: dict[str, Any] = {"rotation": 35, "ha": "right", "rotation_mode": "anchor"}
    crowded = sum(map(len, names)) > 40
    axes.set_xticks(range(len(names)), names, parse_math=False, **(tilted if crowded else {}))
    axes.set_xlim(-0.5, len(names) - 0.5)


def _rug(axes: Axes, values: Sequence[float]) -> None:
    if values:
        axes.plot(values, [0.015] * len(values), "|", color=MUTED, markersize=5, transform=axes.get_xaxis_transform())


def _short(labels: Sequence[str]) -> list[str]:
    return [drawable(label, 12) for label in labels]
