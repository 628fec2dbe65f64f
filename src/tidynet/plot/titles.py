"""What a picture shows, as one line above it: said where there is something to say."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from tidynet.plot.choose_chart import data_shape
from tidynet.plot.crosstab import crosstab
from tidynet.plot.scene import PlotData
from tidynet.plot.theme import shorten
from tidynet.plot.variables import CategoricalVariable, NumericVariable
from tidynet.plot.weighted_statistics import quantiles
from tidynet.profiling import axis_scales as scales

__all__ = ["title_text"]

Floats = npt.NDArray[np.float64]

_CHANCE = 0.01  # what independent variables show less often than this is worth a title


def title_text(scene: PlotData, middle: Literal["median", "mean"] = "median") -> str:
    """The finding of a scene, or an empty string; levels are compared by the middle that the chart shows.

    Examples
    --------
    >>> from tidynet.profiling.counts import Bars
    >>> from tidynet.plot.scene import of_bars
    >>> title_text(of_bars(Bars(("yes", "no"), (30, 10)), "admit"))
    '75% of the rows are ‘yes’'
    """
    if scene.rows < 8:
        return ""
    forms = data_shape(scene.x), data_shape(scene.y)
    if isinstance(scene.x, CategoricalVariable) and scene.y is None:
        return _most_frequent(scene.x, scene.weights)
    if isinstance(scene.x, NumericVariable) and forms == ("quantity", None):
        return _spread_text(scene.x, scene.weights)
    if isinstance(scene.x, NumericVariable) and isinstance(scene.y, NumericVariable) and forms[1] == "quantity":
        return _association_text(scene.x, scene.y, scene.weights)
    if isinstance(scene.x, CategoricalVariable) and isinstance(scene.y, CategoricalVariable):
        return _associated(scene.x, scene.y, scene.weights)
    if isinstance(scene.x, CategoricalVariable) and isinstance(scene.y, NumericVariable) and forms[1] == "quantity":
        return _difference_text(scene.x, scene.y, scene.weights, middle)
    if isinstance(scene.x, NumericVariable) and isinstance(scene.y, CategoricalVariable) and forms[0] == "quantity":
        return _difference_text(scene.y, scene.x, scene.weights, middle)
    return ""


def quoted(name: str) -> str:
    """A level as it stands in a title."""
    return f"‘{shorten(name, 28)}’"


def _most_frequent(levels: CategoricalVariable, weights: Floats) -> str:
    rows = np.bincount(levels.codes, weights, len(levels.labels))
    named = rows[: len(rows) - (levels.others > 0)]
    fractions = named / rows.sum()
    top = int(np.argmax(named))
    if len(rows) == 1:
        return f"all rows are {quoted(levels.labels[0])}"
    if fractions[top] >= 0.5:
        return f"{fractions[top]:.0%} of the rows are {quoted(levels.labels[top])}"
    if levels.others == 0 and named.max() <= 1.15 * named.min():
        return f"{len(named)} levels of about as many rows each"
    return f"{quoted(levels.labels[top])} is the most frequent, {fractions[top]:.0%} of the rows"


def _spread_text(quantity: NumericVariable, weights: Floats) -> str:
    low, tenth, middle, ninetieth, high = quantiles(quantity.values, weights, [0, 0.1, 0.5, 0.9, 1])
    if low == high:
        return f"all values are {scales.format_tick(low)}"
    if quantity.scale in ("log", "sqrt") or (high - middle) > 6 * (middle - low):
        return (
            f"half of the rows lie at or below {scales.format_tick(middle)}, the largest at {scales.format_tick(high)}"
        )
    if (middle - low) > 6 * (high - middle):
        return (
            f"half of the rows lie at or above {scales.format_tick(middle)}, the smallest at {scales.format_tick(low)}"
        )
    first, last = scales.natural_labels([tenth, ninetieth])
    return f"the middle 80% lie between {first} and {last}"


def _association_text(x: NumericVariable, y: NumericVariable, weights: Floats) -> str:
    u, v = x.to_scale(x.values), y.to_scale(y.values)
    total = weights.sum()
    u, v = u - weights @ u / total, v - weights @ v / total
    spread = (weights @ u**2) * (weights @ v**2)
    if not spread > 0:
        return ""
    r = float(weights @ (u * v) / spread**0.5)
    names = shorten(x.name, 28), shorten(y.name, 28)
    if abs(r) < 2.6 / max(total - 1, 1) ** 0.5:
        return f"no straight relation beyond chance (r = {_number(r)})"
    how = "rises" if r > 0 else "falls"
    when = "over time" if x.scale == "time" else f"with {names[0]}"
    weak = "slightly " if abs(r) < 0.2 else ""
    return f"{names[1]} {how} {weak}{when} (r = {_number(r)})"


def _difference_text(levels: CategoricalVariable, quantity: NumericVariable, weights: Floats, middle: str) -> str:
    from scipy.special import fdtrc

    values = quantity.to_scale(quantity.values)
    rows = np.bincount(levels.codes, weights, len(levels.labels))
    used = rows > 0
    total, groups = rows.sum(), int(used.sum())
    if groups < 2 or total <= groups:
        return ""
    means = np.bincount(levels.codes, weights * values, len(rows)) / np.maximum(rows, 1)
    between = float(rows @ (means - weights @ values / total) ** 2)
    within = float(weights @ (values - means[levels.codes]) ** 2)
    if within <= 0:
        return ""
    chance = float(fdtrc(groups - 1, total - groups, between / (groups - 1) / (within / (total - groups))))
    if chance > _CHANCE:
        return "the levels differ no more than by chance"
    if between / (between + within) < 0.01:
        return "the levels hardly differ: less than 1% of the variance lies between them"
    middles = {
        code: _central_value(quantity.values[mine], weights[mine], middle)
        for code in np.flatnonzero(rows >= min(5, rows.max()))
        if (mine := levels.codes == code).any() and not levels.is_other[code]
    }
    if len(middles) < 2:
        return ""
    top, bottom = max(middles, key=lambda code: middles[code]), min(middles, key=lambda code: middles[code])
    if middles[top] == middles[bottom]:
        return f"{between / (between + within):.0%} of the variance lies between the levels"
    high, low = scales.natural_labels([middles[top], middles[bottom]])
    return (
        f"highest in {quoted(levels.labels[top])} ({middle} {high}), lowest in {quoted(levels.labels[bottom])} ({low})"
    )


def _central_value(values: Floats, weights: Floats, middle: str) -> float:
    return float(weights @ values / weights.sum() if middle == "mean" else quantiles(values, weights, [0.5])[0])


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
    if float(chdtrc(freedom, chi)) > _CHANCE:
        return "the shares differ no more than by chance"
    strength = (chi / total / (min((by_x > 0).sum(), (by_y > 0).sum()) - 1)) ** 0.5
    if strength < 0.1:
        return f"the shares hardly differ between the levels (Cramér's V {strength:.2f})"
    beyond = np.where(expected >= 1, (cells - expected) / safe**0.5, -np.inf)
    i, j = np.unravel_index(int(np.argmax(beyond)), beyond.shape)
    fraction, usual = cells[i, j] / by_x[i], by_y[j] / total
    return f"{fraction:.0%} of {quoted(x.labels[i])} are {quoted(y.labels[j])}, against {usual:.0%} of all rows"


def _number(r: float) -> str:
    return f"{r:.2f}".replace("-", "−")
