"""Rules about how the numbers of one column are spread."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from tidynet.core.text import format_number, format_percent, pluralize, quote
from tidynet.profiling.findings import thresholds as t
from tidynet.profiling.findings.context import FindingContext
from tidynet.profiling.findings.row_order_rules import is_time_name
from tidynet.profiling.findings.rule import make_finding
from tidynet.profiling.histogram_bins import suits_log
from tidynet.profiling.profile import Finding

__all__ = [
    "distance_in_iqr",
    "isolated_values",
    "least_skewed_axis",
    "outliers",
    "sentinel_values",
    "skew",
    "skewness",
    "zero_inflation",
]

Floats = npt.NDArray[np.float64]

_MAX_VALUE = 1e100

# What people write for "missing" where a cell must hold a number.
_STAND_INS = (-1, -9, -99, -999, -9999, -99999, -8, -88, -888, 99, 999, 9999, 99999, 999999, 888, 8888)


def skewness(values: Floats) -> float:
    """The third standardised moment, 0 for equal values.

    Examples
    --------
    >>> skewness(np.array([-1.0, 0.0, 1.0]))
    0.0
    """
    scale = np.abs(values).max(initial=0.0)
    if not 0 < scale < np.inf:
        return 0.0
    centred = values / scale - (values / scale).mean()
    std = centred.std()
    return float((centred * centred * centred).mean() / std**3) if std > 1e-12 else 0.0


def skew(context: FindingContext) -> Iterator[Finding]:
    """Columns that a linear axis does not show."""
    for name in context.numeric_columns:
        values = context.finite_values(name)
        if not _has_enough_rows(values) or _few_values(values) or _zero_inflated(values):
            continue
        value = context.columns[name].statistics.get("skew", math.nan)
        value = skewness(values) if math.isnan(value) else value
        if abs(value) < t.SKEW or _is_isolated(values):
            continue
        evidence: dict[str, float | str] = {"skew": value, "rows": len(values), "median": float(np.median(values))}
        if value > 0 and suits_log(values):
            evidence["skew of the logarithm"] = after = skewness(np.log10(values))
            sentence = f"{quote(name)} is skewed (skew {format_number(round(value, 2))}) "
            sentence += f"and nearly symmetric on a log axis (skew {format_number(round(after, 2))})"
            advice = "Draw it on a log axis and let the network see its logarithm; its large values are no outliers."
            call = f"tn.plot(frame, x={name!r})"
            yield make_finding("skewed-distribution", 0.28, [name], sentence, evidence, action=advice, call=call)
        elif value > 0 and values[0] >= 0:
            evidence["skew of the square root"] = after = skewness(np.sqrt(values))
            evidence["skew of log(1 + x)"] = logged = skewness(np.log1p(values))
            better = (
                f"log(1 + x) has skew {format_number(round(logged, 2))}"
                if abs(logged) < abs(after)
                else f"its square root {format_number(round(after, 2))}"
            )
            sentence = f"{quote(name)} is skewed to the right (skew {format_number(round(value, 2))}); {better}"
            yield make_finding("skewed-distribution", 0.25, [name], sentence, evidence)
        else:
            side = "right" if value > 0 else "left"
            sentence = f"{quote(name)} is skewed to the {side} (skew {format_number(round(value, 2))})"
            yield make_finding("skewed-distribution", 0.22, [name], sentence, evidence)


def zero_inflation(context: FindingContext) -> Iterator[Finding]:
    """Columns with far more zeros than any other value."""
    for name in context.numeric_columns:
        values = context.finite_values(name)
        if _has_enough_rows(values) and _zero_inflated(values):
            fraction = float((values == 0).mean())
            rest = values[values != 0]
            sentence = f"{quote(name)} is zero in {format_percent(fraction)} of its rows and spread from "
            sentence += f"{format_number(rest[0])} to {format_number(rest[-1])} in the others"
            evidence = {"share of zeros": fraction, "rows": len(values), "median of the others": float(np.median(rest))}
            yield make_finding("zero-inflation", 0.27, [name], sentence, evidence)


def _zero_inflated(values: Floats) -> bool:
    at_zero = int(np.searchsorted(values, 0.0, "right") - np.searchsorted(values, 0.0, "left"))
    if at_zero < t.ZEROS * len(values) or at_zero == len(values):
        return False
    rest = values[values != 0]
    different, counts = np.unique(rest, return_counts=True)
    # A few counts (0, 1, 2, …) that fall off as counts do are one thing, not two.
    return len(different) >= 10 and at_zero >= t.ZEROS_OVER_NEXT * int(counts.max())


def sentinel_values(context: FindingContext) -> Iterator[Finding]:
    """Numbers such as −999 that stand for a missing value."""
    for name in context.numeric_columns:
        values = context.finite_values(name)
        value = _sentinel_value(values)
        if value is None:
            continue
        rows = int((values == value).sum())
        rest = values[values != value]
        sentence = f"{quote(name)} is exactly {format_number(value)} in {pluralize(rows, 'row')}, far from the rest "
        sentence += f"({format_number(rest[0])} to {format_number(rest[-1])}): it seems to stand for a missing value"
        evidence = {"value": value, "rows": rows, "smallest other": float(rest[0]), "largest other": float(rest[-1])}
        yield make_finding("sentinel-value", 0.66, [name], sentence, evidence)


def _sentinel_value(values: Floats) -> float | None:
    if not _has_enough_rows(values):
        return None
    for value in {values[0], values[-1]} & set(_STAND_INS):
        rest = values[values != value]
        if len(values) - len(rest) < t.SENTINEL_MIN_ROWS or len(np.unique(rest[:: max(1, len(rest) // 1000)])) < 5:
            continue
        first, third = np.quantile(rest, [0.25, 0.75])
        extent = t.OUTLIER_IQRS * (third - first)
        apart = first - extent > value if value < rest[0] else third + extent < value
        # −1 below whole numbers from 0 on is far only in meaning.
        if apart or (value == -1 and rest[0] >= 0 and rest[-1] >= 10):
            return float(value)
    return None


def outliers(context: FindingContext) -> Iterator[Finding]:
    """A few values far from all others, on the scale that suits the column."""
    for name in context.numeric_columns:
        values = context.finite_values(name)
        if not _has_enough_rows(values) or is_time_name(name) or _few_values(values):
            continue
        if _sentinel_value(values) is not None:
            continue
        axis, scaled = least_skewed_axis(values)
        low, high = isolated_values(scaled)
        count = low + high
        if not count:
            continue
        worst = [*values[:low][:3], *values[len(values) - high :][-3:]]
        bulk = values[low : len(values) - high]
        display_text = ", ".join(format_number(item) for item in worst[-3:])
        few = "holds one value" if count == 1 else f"holds {count:,} values"
        sentence = f"{quote(name)} {few} far from all others: {display_text}{' and more' if count > 3 else ''}, "
        sentence += f"the rest lies between {format_number(bulk[0])} and {format_number(bulk[-1])}"
        evidence: dict[str, float | str] = {
            "outliers": count,
            "axis": axis,
            "rows": len(values),
            "most extreme": float(_extreme(worst, bulk)),
        }
        distance = distance_in_iqr(scaled, low)
        yield make_finding("outliers", 0.3 + 0.2 * min(distance / 100, 1), [name], sentence, evidence)


def least_skewed_axis(values: Floats) -> tuple[str, Floats]:
    """The axis on which sorted values are least skewed, linear unless they are skewed, and the values on it.

    Examples
    --------
    >>> least_skewed_axis(np.exp(np.linspace(-3, 3, 50)))[0]
    'log'
    """
    # One far value must not decide the axis by which it is judged.
    trim = max(1, len(values) // 100)
    if values[0] < 0 or abs(skewness(values[:-trim])) < 1:
        return "linear", values
    axes = {"square root": np.sqrt(values), "log(1 + x)": np.log1p(values)}
    if values[0] > 0:
        axes["log"] = np.log10(values)
    best = min(axes, key=lambda axis: abs(skewness(axes[axis][:-trim])))
    return best, axes[best]


def isolated_values(values: Floats) -> tuple[int, int]:
    """How many of the sorted values lie beyond the outer fences and apart from the bulk, below and above.

    Examples
    --------
    >>> isolated_values(np.array([*range(100), 1000.0]))
    (0, 1)
    """
    first, third = np.quantile(values, [0.25, 0.75])
    spread = third - first
    if spread <= 0:
        return 0, 0
    max_count = max(1, int(t.OUTLIERS_SHARE * len(values)))
    extent = t.OUTLIER_IQRS * spread
    outside = np.searchsorted(values, first - extent) + len(values) - np.searchsorted(values, third + extent, "right")
    if outside > max_count:
        return 0, 0
    high = _beyond(values[-max_count - 1 :], third + extent, t.OUTLIER_GAP_IQRS * spread)
    low = _beyond(-values[: max_count + 1][::-1], -(first - extent), t.OUTLIER_GAP_IQRS * spread)
    return low, high


def distance_in_iqr(values: Floats, low: int) -> float:
    """How many interquartile ranges the most extreme value lies from the nearer quartile."""
    first, third = np.quantile(values, [0.25, 0.75])
    return float(max(first - values[0] if low else 0.0, values[-1] - third) / (third - first))


def _beyond(tail: Floats, fence: float, gap: float) -> int:
    """Values of an increasing tail after its first wide step that ends beyond the fence."""
    steps = np.flatnonzero((np.diff(tail) > gap) & (tail[1:] > fence))
    return len(tail) - 1 - int(steps[0]) if len(steps) else 0


def _has_enough_rows(values: Floats) -> bool:
    """Whether sorted values are enough, and small enough to be squared."""
    return len(values) >= t.ROWS_TO_JUDGE and max(-values[0], values[-1]) < _MAX_VALUE


def _few_values(values: Floats) -> bool:
    """Whether sorted values are so few different ones that they are rather steps than a scale."""
    return int((np.diff(values) > 0).sum()) + 1 < t.SCALE_VALUES


def _is_isolated(values: Floats) -> bool:
    """Whether the skew is the work of a few values far out, which the rule of outliers names."""
    low, high = isolated_values(values)
    return bool(low + high) and abs(skewness(values[low : len(values) - high])) < t.SKEW


def _extreme(worst: list[float], bulk: Floats) -> float:
    return max(worst, key=lambda value: max(value - bulk[-1], bulk[0] - value))
