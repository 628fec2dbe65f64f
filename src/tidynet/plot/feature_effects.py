"""Explanations as figures: feature importance, effects of one and two columns, contributions, subgroups."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from tidynet.core.text import format_value
from tidynet.plot.axis import format_axis
from tidynet.plot.days import to_days
from tidynet.plot.labels import fit_labels
from tidynet.plot.marks import Marks
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
    finish_figure,
    fit_width,
    legend,
    new_figure,
)
from tidynet.plot.variables import NumericVariable
from tidynet.profiling import axis_scales as scales

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MAX_BARS, _MAX_CONTRIBUTIONS = 12, 8
_NAME_WIDTH = 26


def plot_importance(facts: Mapping[str, Any]) -> Figure:
    """Permutation importance: the increase of the loss when a column is permuted, with 95% intervals.

    Parameters
    ----------
    facts : mapping
        As of `tidynet.evaluation.importance.PermutationImportance.to_dict`.

    Examples
    --------
    >>> one = {"columns": ["age"], "value": 0.2, "low": 0.1, "high": 0.3}
    >>> plot_importance({"score": "log loss", "groups": [one]}).axes[0].get_xlabel()
    'increase of log loss (95% CI)'
    """
    groups = list(facts["groups"])[:_MAX_BARS]
    figure = new_figure(WIDTH, 0.8 + 0.27 * max(len(groups), 1))
    axes = figure.subplots()
    for index, item in enumerate(groups):
        color = BASE if item["low"] > 0 else MUTED
        axes.plot([item["low"], item["high"]], [index, index], color=color, linewidth=2)
        axes.plot([item["value"]], [index], "o", color=color, markersize=6)
    axes.axvline(0, color=MUTED, linewidth=1)
    names = [fit_width(" + ".join(item["columns"]), _NAME_WIDTH) for item in groups]
    axes.set_yticks(range(len(groups)), names, parse_math=False)
    axes.set_ylim(max(len(groups), 1) - 0.5, -0.5)
    axes.set_xlabel(f"increase of {facts['score']} (95% CI)")
    axes.locator_params(axis="x", nbins=5)
    finish_figure(axes, grid="x")
    return figure


def plot_effect(facts: Mapping[str, Any]) -> Figure:
    """Partial dependence on one column, and accumulated local effects of numeric columns.

    Bands are the range over the networks of the ensemble; ticks at the bottom are test rows.

    Parameters
    ----------
    facts : mapping
        As of `tidynet.evaluation.effects.Effect.to_dict`.
    """
    curves = facts["curves"]
    colors = [PALETTE[index % len(PALETTE)] for index in range(len(curves))]
    local = bool(facts["is_number"] and curves[0]["ale"])
    figure = new_figure(WIDTH + 1.6 if local else WIDTH, 2.7)
    panels = figure.subplots(1, 2 if local else 1, squeeze=False)[0]
    effects = (
        ("partial_dependence", "low", "high", "mean prediction"),
        ("ale", "ale_low", "ale_high", "accumulated local effect"),
    )
    for axes, (line, low, high, label) in zip(panels, effects, strict=False):
        for curve, color in zip(curves, colors, strict=True):
            _with_band(axes, facts, curve[line], curve[low], curve[high], fit_width(curve["name"], _NAME_WIDTH), color)
        axes.set_ylabel(label)
        _effect_axis(axes, facts)
        if axes is panels[0]:
            legend(axes)
        finish_figure(axes)
        _rug(axes, _positions(facts, "rug"))
    return figure


def plot_pair_effect(facts: Mapping[str, Any]) -> Figure:
    """Partial dependence on two columns: the mean prediction for each pair of values, darker where higher.

    Parameters
    ----------
    facts : mapping
        As of `tidynet.evaluation.effects.PairEffect.to_dict`.
    """
    table = np.asarray(facts["partial"], dtype=np.float64).T
    low, high = float(table.min()), float(table.max())
    figure = new_figure(WIDTH, 3.4)
    axes = figure.subplots()
    edges = [np.arange(len(labels) + 1, dtype=np.float64) - 0.5 for labels in facts["labels"]]
    # The lowest value has the lightest shade, since blank means empty.
    fractions = np.maximum((table - low) / (high - low), 1e-9) if high > low else np.full_like(table, 1e-9)
    shade_cells(axes, fractions, edges[0], edges[1], Marks(), darkest=0.6)
    texts = _rounded(table)
    for row, column in np.ndindex(*table.shape):
        axes.text(column, row, texts[row][column], ha="center", va="center", color=INK, fontsize=8)
    axes.set(xlim=(edges[0][0], edges[0][-1]), ylim=(edges[1][0], edges[1][-1]))
    axes.set_xticks(range(len(facts["labels"][0])), _short(facts["labels"][0]), parse_math=False)
    axes.set_yticks(range(len(facts["labels"][1])), _short(facts["labels"][1]), parse_math=False)
    axes.set_xlabel(fit_width(facts["columns"][0]), parse_math=False)
    axes.set_ylabel(fit_width(facts["columns"][1]), parse_math=False)
    axes.set_title(
        f"mean prediction of {fit_width(facts['name'], _NAME_WIDTH)}", fontsize=FONT_SIZE, color=INK, loc="left"
    )
    finish_figure(axes, grid="")
    return figure


def plot_contributions(facts: Mapping[str, Any]) -> Figure:
    """Contributions of the columns, from the mean prediction to the prediction of one row, as a waterfall.

    Parameters
    ----------
    facts : mapping
        As of `tidynet.evaluation.contributions.Contributions.to_dict`.

    Examples
    --------
    >>> one = {"column": "age", "shown": "71", "value": 0.2, "error": 0.01}
    >>> found = {"row": 9, "of": "probability of 'ill'", "base_value": 0.3, "prediction": 0.5, "columns": [one]}
    >>> [text.get_text() for text in plot_contributions(found).axes[0].get_yticklabels()]
    ['mean prediction', 'age = 71', 'row 9']
    """
    columns = list(facts["columns"])
    # A bar for the rest replaces two columns at least.
    most = len(columns) if len(columns) <= _MAX_CONTRIBUTIONS + 1 else _MAX_CONTRIBUTIONS
    shown, rest = columns[:most], columns[most:]
    bars = [(f"{item['column']} = {item['shown']}", item["value"], item["error"]) for item in shown]
    remaining = len(rest) + facts.get("other_columns", 0)
    if remaining:
        value = math.fsum(item["value"] for item in rest) + facts.get("rest_value", 0.0)
        bars.append((f"{remaining} others", value, 0.0))
    figure = new_figure(WIDTH, 1.2 + 0.25 * (len(bars) + 2))
    axes = figure.subplots()
    start = facts["base_value"]
    axes.plot([start, start], [0, 1], color=MUTED, linewidth=1)
    for index, (_, value, error) in enumerate(bars, 1):
        end = start + value
        axes.barh(index, value, left=start, height=0.62, color=BASE if value >= 0 else SECOND, linewidth=0)
        if error:
            axes.plot([end - 2 * error, end + 2 * error], [index, index], color=INK, linewidth=1)
        axes.plot([end, end], [index, index + 1], color=MUTED, linewidth=1)
        start = end
    ends = [(0, facts["base_value"]), (len(bars) + 1, facts["prediction"])]
    axes.plot([value for _, value in ends], [index for index, _ in ends], "o", color=INK, markersize=6)
    axes.use_sticky_edges = False
    axes.margins(x=0.04)
    names = ["mean prediction", *(fit_width(name, _NAME_WIDTH) for name, _, _ in bars), f"row {facts['row']:,}"]
    axes.set_yticks(range(len(names)), names, parse_math=False)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_xlabel(fit_width(facts["of"], 44), parse_math=False)
    axes.locator_params(axis="x", nbins=5)
    finish_figure(axes, grid="x")
    return figure


def plot_subgroups(facts: Mapping[str, Any]) -> Figure:
    """Subgroups with a high loss: the mean loss of each, and of the other rows.

    Parameters
    ----------
    facts : mapping
        As of `tidynet.evaluation.subgroups.Subgroups.to_dict`.

    Examples
    --------
    >>> one = {"conditions": ["'city' is 'Oslo'"], "loss": 0.4, "loss_elsewhere": 0.2}
    >>> plot_subgroups({"measure": "Brier score", "found": [one]}).axes[0].get_xlabel()
    'Brier score'
    """
    groups = list(facts["found"])
    figure = new_figure(WIDTH, 1.0 + 0.42 * max(len(groups), 1))
    axes = figure.subplots()
    for index, item in enumerate(groups):
        first = index == 0
        axes.plot([item["loss_elsewhere"], item["loss"]], [index, index], color=GRID, linewidth=2, zorder=1)
        axes.plot([item["loss"]], [index], "o", color=SECOND, markersize=7, label="subgroup" if first else None)
        axes.plot(
            [item["loss_elsewhere"]], [index], "o", color=MUTED, markersize=6, label="other rows" if first else None
        )
    names = ["\nand ".join(fit_width(condition, 30) for condition in item["conditions"]) for item in groups]
    axes.set_yticks(range(len(groups)), names, parse_math=False)
    axes.set_ylim(max(len(groups), 1) - 0.5, -0.5)
    axes.set_xlabel({"absolute error": "mean absolute error"}.get(facts["measure"], facts["measure"]))
    axes.locator_params(axis="x", nbins=5)
    if groups:
        legend(axes)
    finish_figure(axes, grid="x")
    return figure


def _rounded(table: npt.NDArray[np.float64]) -> list[list[str]]:
    """Values with decimals enough to show a hundredth of their range."""
    spread = float(table.max() - table.min())
    decimals = max(0, round(2 - math.log10(spread))) if spread > 0 else 2
    if np.abs(table).max() >= 10_000:
        return [[scales.format_tick(float(f"{value:.3g}")) for value in line] for line in table.tolist()]
    return [[format_value(value, decimals) for value in line] for line in table.tolist()]


def _with_band(
    axes: Axes, facts: Mapping[str, Any], line: Sequence[float], low: Sequence[float], high: Sequence[float],
    name: str, color: str,
) -> None:  # fmt: skip
    positions = _positions(facts, "grid_values")
    if facts["is_number"]:
        axes.fill_between(positions, low, high, color=color, alpha=0.18, linewidth=0)
        axes.plot(positions, line, color=color, linewidth=1.8, label=name)
        return
    axes.vlines(positions, low, high, color=color, alpha=0.35, linewidth=5)
    axes.plot(positions, line, "o", color=color, markersize=6, label=name)


def _effect_axis(axes: Axes, facts: Mapping[str, Any]) -> None:
    if facts["is_number"]:
        values = np.concatenate([_positions(facts, "grid_values"), _positions(facts, "rug")])
        scale = facts.get("scale", "linear")
        format_axis(
            axes, "x", NumericVariable(facts["column"], values, values, scale), max_count=4 if scale == "time" else 5
        )
        return
    axes.set_xlabel(fit_width(facts["column"]), parse_math=False)
    names = _short(facts["labels"])
    is_tilted = sum(map(len, names)) > 40
    style: dict[str, Any] = {"rotation": 35, "ha": "right", "rotation_mode": "anchor"} if is_tilted else {}
    axes.set_xticks(range(len(names)), names, parse_math=False, **style)
    axes.set_xlim(-0.5, len(names) - 0.5)


def _positions(facts: Mapping[str, Any], key: str) -> npt.NDArray[np.float64]:
    """Values on the axis: times, which facts hold in microseconds, in days."""
    values = np.asarray(facts[key], dtype=np.float64)
    return to_days(values) if facts.get("scale") == "time" else values


def _rug(axes: Axes, values: npt.NDArray[np.float64]) -> None:
    if len(values):
        axes.plot(values, [0.015] * len(values), "|", color=MUTED, markersize=5, transform=axes.get_xaxis_transform())


def _short(labels: Sequence[str]) -> list[str]:
    return fit_labels(labels, 12)
