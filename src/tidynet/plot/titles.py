"""The title of a chart: its main finding as one line, with the number behind it."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from tidynet.core.text import format_p, format_value
from tidynet.plot.choose_chart import data_shape
from tidynet.plot.crosstab import crosstab
from tidynet.plot.plot_data import PlotData
from tidynet.plot.theme import fit_width
from tidynet.plot.variables import CategoricalVariable, NumericVariable
from tidynet.plot.weighted_statistics import quantiles
from tidynet.profiling import axis_scales as scales

Floats = npt.NDArray[np.float64]

_ALPHA = 0.01  # significance level


def title_text(data: PlotData, average: Literal["median", "mean"] = "median") -> str:
    """The finding, or an empty string; categories are compared by the `average` that the chart shows."""
    if data.rows < 8:
        return ""
    shapes = data_shape(data.x), data_shape(data.y)
    if isinstance(data.x, CategoricalVariable) and data.y is None:
        return _most_frequent(data.x, data.weights)
    if isinstance(data.x, NumericVariable) and shapes == ("numeric", None):
        return _spread_text(data.x, data.weights)
    if isinstance(data.x, NumericVariable) and isinstance(data.y, NumericVariable) and shapes[1] == "numeric":
        return _association_text(data.x, data.y, data.weights)
    if isinstance(data.x, CategoricalVariable) and isinstance(data.y, CategoricalVariable):
        return _associated(data.x, data.y, data.weights)
    if isinstance(data.x, CategoricalVariable) and isinstance(data.y, NumericVariable) and shapes[1] == "numeric":
        return _difference_text(data.x, data.y, data.weights, average)
    if isinstance(data.x, NumericVariable) and isinstance(data.y, CategoricalVariable) and shapes[0] == "numeric":
        return _difference_text(data.y, data.x, data.weights, average)
    return ""


def quoted(name: str) -> str:
    """A category in a title."""
    return f"‘{fit_width(name, 28)}’"


def _most_frequent(categories: CategoricalVariable, weights: Floats) -> str:
    rows = np.bincount(categories.codes, weights, len(categories.labels))
    named = rows[: len(rows) - (categories.others > 0)]
    fractions = named / rows.sum()
    top = int(np.argmax(named))
    if len(rows) == 1:
        return f"all rows are {quoted(categories.labels[0])}"
    if fractions[top] >= 0.5:
        return f"{fractions[top]:.0%} of rows are {quoted(categories.labels[top])}"
    if categories.others == 0 and named.max() <= 1.15 * named.min():
        return f"{len(named)} categories with similar counts"
    return f"most frequent: {quoted(categories.labels[top])} ({fractions[top]:.0%} of rows)"


def _spread_text(variable: NumericVariable, weights: Floats) -> str:
    low, tenth, middle, ninetieth, high = quantiles(variable.values, weights, [0, 0.1, 0.5, 0.9, 1])
    if low == high:
        return f"all values are {scales.format_tick(low)}"
    if variable.scale in ("log", "sqrt") or (high - middle) > 6 * (middle - low):
        return f"median {scales.format_tick(middle)}, maximum {scales.format_tick(high)}"
    if (middle - low) > 6 * (high - middle):
        return f"median {scales.format_tick(middle)}, minimum {scales.format_tick(low)}"
    first, last = scales.natural_labels([tenth, ninetieth])
    return f"middle 80% of values: {first} to {last}"


def _association_text(x: NumericVariable, y: NumericVariable, weights: Floats) -> str:
    u, v = x.to_scale(x.values), y.to_scale(y.values)
    total = weights.sum()
    u, v = u - weights @ u / total, v - weights @ v / total
    spread = (weights @ u**2) * (weights @ v**2)
    if not spread > 0:
        return ""
    r = float(weights @ (u * v) / spread**0.5)
    names = fit_width(x.name, 28), fit_width(y.name, 28)
    if abs(r) < 2.6 / max(total - 1, 1) ** 0.5:
        return f"no significant linear correlation (r = {format_value(r, 2)}, n = {round(total):,})"
    verb = "rises" if r > 0 else "falls"
    when = "over time" if x.scale == "time" else f"with {names[0]}"
    weak = "slightly " if abs(r) < 0.2 else ""
    return f"{names[1]} {verb} {weak}{when} (r = {format_value(r, 2)})"


def _difference_text(categories: CategoricalVariable, variable: NumericVariable, weights: Floats, average: str) -> str:
    from scipy.special import fdtrc

    values = variable.to_scale(variable.values)
    rows = np.bincount(categories.codes, weights, len(categories.labels))
    used = rows > 0
    total, groups = rows.sum(), int(used.sum())
    if groups < 2 or total <= groups:
        return ""
    means = np.bincount(categories.codes, weights * values, len(rows)) / np.maximum(rows, 1)
    between = float(rows @ (means - weights @ values / total) ** 2)
    within = float(weights @ (values - means[categories.codes]) ** 2)
    if within <= 0:
        return ""
    p = float(fdtrc(groups - 1, total - groups, between / (groups - 1) / (within / (total - groups))))
    explained = between / (between + within)
    if p > _ALPHA:
        return f"no significant difference between categories ({format_p(p)})"
    if explained < 0.01:
        return f"the categories explain less than 1% of the variance ({format_p(p)})"
    averages = {
        code: _average(variable.values[mine], weights[mine], average)
        for code in np.flatnonzero(rows >= min(5, rows.max()))
        if (mine := categories.codes == code).any() and not categories.is_other[code]
    }
    if len(averages) < 2:
        return ""
    top, bottom = max(averages, key=lambda code: averages[code]), min(averages, key=lambda code: averages[code])
    if averages[top] == averages[bottom]:
        return f"the categories explain {explained:.0%} of the variance"
    high, low = scales.natural_labels([averages[top], averages[bottom]])
    names = [quoted(categories.labels[code]) for code in (top, bottom)]
    return f"highest {average} in {names[0]} ({high}), lowest in {names[1]} ({low})"


def _average(values: Floats, weights: Floats, average: str) -> float:
    return float(weights @ values / weights.sum() if average == "mean" else quantiles(values, weights, [0.5])[0])


def _associated(x: CategoricalVariable, y: CategoricalVariable, weights: Floats) -> str:
    from scipy.special import chdtrc

    cells = crosstab(x, y, weights)
    total = cells.sum()
    by_x, by_y = cells.sum(axis=1), cells.sum(axis=0)
    expected = np.outer(by_x, by_y) / total
    if min((by_x > 0).sum(), (by_y > 0).sum()) < 2:
        return ""
    safe = np.maximum(expected, 1e-12)
    chi = float((np.square(cells - expected) / safe)[expected > 0].sum())
    freedom = ((by_x > 0).sum() - 1) * ((by_y > 0).sum() - 1)
    if (p := float(chdtrc(freedom, chi))) > _ALPHA:
        return f"no significant association ({format_p(p)})"
    strength = (chi / total / (min((by_x > 0).sum(), (by_y > 0).sum()) - 1)) ** 0.5
    if strength < 0.1:
        return f"weak association (Cramér's V = {strength:.2f})"
    residuals = np.where(expected >= 1, (cells - expected) / safe**0.5, -np.inf)
    i, j = np.unravel_index(int(np.argmax(residuals)), residuals.shape)
    fraction, usual = cells[i, j] / by_x[i], by_y[j] / total
    return f"{fraction:.0%} of {quoted(x.labels[i])} are {quoted(y.labels[j])}, compared with {usual:.0%} of all rows"
