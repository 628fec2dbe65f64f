"""The title of a chart: its main finding as one line, with the number behind it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from tidynet.core.text import format_p, format_percent, format_value, pluralize
from tidynet.plot.choose_chart import data_shape
from tidynet.plot.crosstab import crosstab
from tidynet.plot.labels import fit_labels
from tidynet.plot.plot_data import PlotData
from tidynet.plot.variables import CategoricalVariable, NumericVariable, Spike, Variable
from tidynet.plot.weighted_statistics import quantiles
from tidynet.profiling import axis_scales as scales
from tidynet.profiling.association import cramers_v
from tidynet.profiling.counts import DRAWN_QUANTILES, SCALE_NAMES

Floats = npt.NDArray[np.float64]

_ALPHA = 0.01  # significance level
_MIN_ROWS = 5  # of a category whose average is named


def title_text(data: PlotData, average: Literal["median", "mean"] = "median") -> str:
    """The finding, or an empty string; categories are compared by the `average` that the chart shows."""
    if data.rows < 8:
        return ""
    shapes = data_shape(data.x), data_shape(data.y)
    if isinstance(data.x, CategoricalVariable) and data.y is None:
        whole = "known values" if data.incomplete else "rows"
        return _most_frequent(data.x, data.weights, f"drawn {whole}" if data.left_out else whole)
    if isinstance(data.x, NumericVariable) and shapes == ("numeric", None):
        return _spread_text(data.x, data)
    if isinstance(data.x, NumericVariable) and isinstance(data.y, NumericVariable) and shapes[1] == "numeric":
        return _association_text(data.x, data.y, data)
    if isinstance(data.x, CategoricalVariable) and isinstance(data.y, CategoricalVariable):
        whole = "complete rows" if data.incomplete else "rows"
        return _associated(data.x, data.y, data.weights, "drawn rows" if data.left_out else whole)
    if isinstance(data.x, CategoricalVariable) and isinstance(data.y, NumericVariable) and shapes[1] == "numeric":
        return _difference_text(data.x, data.y, data, average)
    if isinstance(data.x, NumericVariable) and isinstance(data.y, CategoricalVariable) and shapes[0] == "numeric":
        return _difference_text(data.y, data.x, data, average)
    return ""


def quoted(name: str) -> str:
    """A category in a title."""
    return quoted_names([name])[0]


def quoted_names(names: Sequence[str]) -> list[str]:
    """Categories in a title; different ones stay different."""
    return [f"‘{name}’" for name in fit_labels(names, 28)]


def axis_words(variables: Sequence[Variable], weights: Floats) -> list[str]:
    """What the axes are, where they are not plain: the scale, and the rows that they leave out."""
    numeric = [(item, place) for item, place in zip(variables, "xy", strict=False) if isinstance(item, NumericVariable)]
    words = []
    for item, place in numeric:
        which = f"{place} " if len(variables) > 1 and len(numeric) > 1 else ""
        if item.scale in SCALE_NAMES:
            words.append(SCALE_NAMES[item.scale].replace("axis", f"{which}axis"))
        if beyond := round(float(weights[item.beyond].sum())):
            words.append(f"{pluralize(beyond, 'row')} off the {which}axis")
    return words


def _most_frequent(categories: CategoricalVariable, weights: Floats, whole: str) -> str:
    rows = np.bincount(categories.codes, weights, len(categories.labels))
    named = rows[: len(rows) - (categories.others > 0)]
    fractions = named / rows.sum()
    top = int(np.argmax(named))
    if len(rows) == 1:
        return f"all {whole} are {quoted(categories.labels[0])}"
    if fractions[top] >= 0.5:
        return f"{fractions[top]:.0%} of {whole} are {quoted(categories.labels[top])}"
    if categories.others == 0 and named.max() <= 1.15 * named.min():
        return f"{len(named)} categories with similar counts"
    return f"most frequent: {quoted(categories.labels[top])} ({fractions[top]:.0%} of {whole})"


def _spread_text(variable: NumericVariable, data: PlotData) -> str:
    low, high = variable.low, variable.high
    exact = data.quantiles or tuple(quantiles(variable.values, data.weights, list(DRAWN_QUANTILES)))
    tenth, _, middle, _, ninetieth = exact
    if low == high:
        return f"all values are {scales.format_tick(low)}"
    spike, unlike = variable.spike, ""
    if spike is not None:
        share = data.weights[variable.values == spike.value].sum() / data.weights.sum()
        unlike = f"{format_percent(share)} of values are {scales.format_tick(spike.value)}; "
    if unlike or variable.scale in ("log", "sqrt") or (high - middle) > 6 * (middle - low):
        end = f"minimum {scales.format_tick(low)}" if unlike and high == spike_value(spike) else ""
        return f"{unlike}median {scales.format_tick(middle)}, {end or f'maximum {scales.format_tick(high)}'}"
    if (middle - low) > 6 * (high - middle):
        return f"median {scales.format_tick(middle)}, minimum {scales.format_tick(low)}"
    first, last = scales.natural_labels([tenth, ninetieth])
    return f"middle 80% of values: {first} to {last}"


def spike_value(spike: Spike | None) -> float | None:
    """The value of a spike, if there is one."""
    return None if spike is None else spike.value


def _association_text(x: NumericVariable, y: NumericVariable, data: PlotData) -> str:
    of_logarithms = x.scale == y.scale == "log"
    if data.correlation is not None:
        r, total, of_logarithms, about = data.correlation, data.weights.sum(), False, "="
    else:
        u, v = (item.to_scale(item.values) if of_logarithms else item.values for item in (x, y))
        r, total, about = _weighted_correlation(u, v, data.weights), data.weights.sum(), "≈" if data.counted else "="
    if not math.isfinite(r):
        return ""
    names = fit_labels([x.name, y.name], 28)
    measure = f"{'r of logarithms' if of_logarithms else 'r'} {about} {format_value(r, 2)}"
    if abs(r) < 2.6 / max(total - 1, 1) ** 0.5:
        return f"no significant linear correlation ({measure}, n = {round(total):,})"
    verb = "rises" if r > 0 else "falls"
    when = "over time" if x.scale == "time" else f"with {names[0]}"
    weak = "slightly " if abs(r) < 0.2 else ""
    return f"{names[1]} {verb} {weak}{when} ({measure})"


def _weighted_correlation(u: Floats, v: Floats, weights: Floats) -> float:
    total = weights.sum()
    u, v = u / (np.abs(u).max(initial=0) or 1), v / (np.abs(v).max(initial=0) or 1)
    u, v = u - weights @ u / total, v - weights @ v / total
    spread = (weights @ u**2) * (weights @ v**2)
    return float(weights @ (u * v) / spread**0.5) if spread > 0 else math.nan


def _difference_text(categories: CategoricalVariable, variable: NumericVariable, data: PlotData, average: str) -> str:
    test = _compare_means(categories, variable, data)
    if test is None:
        return ""
    if test.p > _ALPHA:
        return f"no significant difference between categories ({test.text})"
    if test.explained < 0.01:
        return f"the categories explain less than 1% of {test.whole} ({test.text})"
    rows = np.bincount(categories.codes, data.weights, len(categories.labels))
    named = [code for code in np.flatnonzero(rows).tolist() if not categories.is_other[code]]
    compared = [code for code in named if rows[code] >= min(_MIN_ROWS, rows.max())]
    averages = {code: _average(code, categories, variable, data, average) for code in compared}
    if len(averages) < 2:
        return ""
    highest, lowest = max(averages.values()), min(averages.values())
    if highest == lowest:
        return f"the categories explain {test.explained:.0%} of {test.whole}"
    high, low = scales.natural_labels([highest, lowest])
    names = [
        _joined([categories.labels[code] for code, value in averages.items() if value == end])
        for end in (highest, lowest)
    ]
    among = [f"of the {len(named)} most frequent"] if categories.others else []
    among += [f"categories with at least {_MIN_ROWS} rows"] if len(compared) < len(named) else []
    suffix = f" ({', '.join(among)})" if among else ""
    return f"highest {average} in {names[0]} ({high}), lowest in {names[1]} ({low}){suffix}"


def _joined(labels: Sequence[str]) -> str:
    """Categories that share a value."""
    names = quoted_names(labels)
    return " and ".join(names) if len(names) <= 2 else f"{names[0]} and {len(names) - 1} more"


class _Test(NamedTuple):
    """A one-way analysis of variance: the p-value, the explained share, of what, and its words."""

    p: float
    explained: float
    whole: str
    text: str


def _compare_means(categories: CategoricalVariable, variable: NumericVariable, data: PlotData) -> _Test | None:
    """Of the values; of their logarithms on a log axis; None for too few categories or rows."""
    from scipy.special import fdtrc

    is_log = variable.scale == "log"
    values = variable.to_scale(variable.values) if is_log else variable.values
    values = values / (np.abs(values).max(initial=0) or 1)
    rows = np.bincount(categories.codes, data.weights, len(categories.labels))
    total, groups = rows.sum(), int((rows > 0).sum())
    if groups < 2 or total <= groups:
        return None
    is_exact = not data.counted or (bool(data.summaries) and not is_log)
    if data.summaries and not is_log:
        known = [item for item in data.summaries if item is not None]
        n, mean, std = (np.array([getattr(item, name) for item in known]) for name in ("rows", "mean", "std"))
        largest = float(np.abs(mean).max()) or 1.0
        between = float(n @ ((mean - n @ mean / n.sum()) / largest) ** 2)
        within = float((n - 1) @ (std / largest) ** 2)
    else:
        means = np.bincount(categories.codes, data.weights * values, len(rows)) / np.maximum(rows, 1)
        between = float(rows @ (means - data.weights @ values / total) ** 2)
        within = float(data.weights @ (values - means[categories.codes]) ** 2)
    if within <= 0:
        return None
    p = float(fdtrc(groups - 1, total - groups, between / (groups - 1) / (within / (total - groups))))
    whole = "the variance of the logarithms" if is_log else "the variance"
    words = ["ANOVA", *(["of logarithms"] if is_log else []), *([] if is_exact else ["from bins"]), format_p(p)]
    return _Test(p, between / (between + within), whole, " ".join(words))


def _average(
    code: int, categories: CategoricalVariable, variable: NumericVariable, data: PlotData, average: str
) -> float:
    if code < len(data.summaries) and (summary := data.summaries[code]) is not None:
        return summary.mean if average == "mean" else summary.median
    mine = categories.codes == code
    values, weights = variable.values[mine], data.weights[mine]
    return float(weights @ values / weights.sum() if average == "mean" else quantiles(values, weights, [0.5])[0])


def _associated(x: CategoricalVariable, y: CategoricalVariable, weights: Floats, whole: str) -> str:
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
    strength = cramers_v(np.rint(cells).astype(np.int64))
    if strength < 0.1:
        return f"weak association (bias-corrected Cramér's V = {format_value(strength, 2)})"
    named = np.outer(~np.array(x.is_other), ~np.array(y.is_other))
    residuals = np.where((expected >= 1) & named, (cells - expected) / safe**0.5, -np.inf)
    i, j = np.unravel_index(int(np.argmax(residuals)), residuals.shape)
    fraction, usual = cells[i, j] / by_x[i], by_y[j] / total
    return (
        f"{fraction:.0%} of {quoted(x.labels[i])} are {quoted(y.labels[j])}, compared with {usual:.0%} of all {whole}"
    )
