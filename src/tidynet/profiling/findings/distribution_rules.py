"""Rules for the distribution of one numeric column."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from tidynet.core.text import decimals_for_interval, format_number, format_percent, format_value, pluralize
from tidynet.profiling.axis_choice import suits_log
from tidynet.profiling.findings import thresholds as t
from tidynet.profiling.findings.context import FindingContext
from tidynet.profiling.findings.row_order_rules import is_time_name
from tidynet.profiling.findings.rule import make_finding
from tidynet.profiling.histogram_bins import resolution
from tidynet.profiling.modes import ONE_MODE_LIMIT, find_modes
from tidynet.profiling.numeric_statistics import standardized_skewness
from tidynet.profiling.profile import Finding
from tidynet.table.infer_number_type import is_identifier_name

Floats = npt.NDArray[np.float64]

_MAX_VALUE = 1e100
_MEDIAN = "report the median instead of the mean"

# Common codes for a missing value in numeric columns.
_SENTINELS = (-1, -9, -99, -999, -9999, -99999, -8, -88, -888, 99, 999, 9999, 99999, 999999, 888, 8888)


def skew(context: FindingContext) -> Iterator[Finding]:
    """Columns with a skewed distribution that outliers and zeros do not explain."""
    for name in context.numeric_columns:
        values = context.finite_values(name)
        if not _has_enough_rows(values) or _is_discrete(values) or _is_zero_inflated(values):
            continue
        value = context.columns[name].statistics.get("skew", math.nan)
        value = standardized_skewness(values) if math.isnan(value) else value
        if abs(value) >= t.SKEW and not _outliers_explain_skew(values):
            yield _skew_finding(name, values, value)


def _skew_finding(name: str, values: Floats, value: float) -> Finding:
    evidence: dict[str, float | str] = {"skew": value, "rows": len(values), "median": float(np.median(values))}
    fact = f"skewness {_two_decimals(value)}"
    after_log = standardized_skewness(np.log10(values)) if value > 0 and suits_log(values) else math.inf
    if abs(after_log) < t.SKEW:
        evidence["skew of the logarithm"] = after_log
        fact += f", {_two_decimals(after_log)} on a log scale"
        action = "use a log axis and a log transformation; the large values are not outliers"
        call = f"tn.plot(frame, x={name!r})"
        return make_finding("skewed-distribution", 0.28, [name], fact, evidence, action=action, call=call)
    if value > 0 and values[0] >= 0:
        changed = {"the square root": np.sqrt(values)}
        changed |= {"the logarithm": np.log10(values)} if values[0] > 0 else {"log(1 + x)": np.log1p(values)}
        after = {key: standardized_skewness(item) for key, item in changed.items()}
        evidence |= {f"skew of {key}": item for key, item in after.items()}
        best = min(after, key=lambda key: abs(after[key]))
        fact += f", {_two_decimals(after[best])} after {best}"
        action = f"use {best}; {_MEDIAN}" if abs(after[best]) < t.SKEW else f"{_MEDIAN}; a logarithm is not enough"
        return make_finding("skewed-distribution", 0.25, [name], fact, evidence, action=action)
    return make_finding("skewed-distribution", 0.22, [name], fact, evidence, action=_MEDIAN)


def _two_decimals(value: float) -> str:
    return format_number(round(value, 2))


def zero_inflation(context: FindingContext) -> Iterator[Finding]:
    """Columns with far more zeros than any other value."""
    for name in context.numeric_columns:
        values = context.finite_values(name)
        if _has_enough_rows(values) and _is_zero_inflated(values):
            fraction = float((values == 0).mean())
            rest = values[values != 0]
            fact = f"zero in {format_percent(fraction)} of {context.whole(name)}; {_range_text(rest)}"
            evidence = {
                "zero fraction": fraction,
                "rows": len(values),
                "median of other values": float(np.median(rest)),
            }
            yield make_finding("zero-inflation", 0.27, [name], fact, evidence)


def _range_text(ordered: Floats) -> str:
    return f"other values range from {format_number(ordered[0])} to {format_number(ordered[-1])}"


def _is_zero_inflated(values: Floats) -> bool:
    at_zero = int(np.searchsorted(values, 0.0, "right") - np.searchsorted(values, 0.0, "left"))
    if at_zero < t.ZEROS * len(values) or at_zero == len(values):
        return False
    rest = values[values != 0]
    different, counts = np.unique(rest, return_counts=True)
    # Frequencies of counts (0, 1, 2, …) decrease steadily: no inflation.
    return len(different) >= 10 and at_zero >= t.ZEROS_OVER_NEXT * int(counts.max())


def sentinel_values(context: FindingContext) -> Iterator[Finding]:
    """Numbers such as −999 that encode a missing value."""
    for name in context.numeric_columns:
        values = context.finite_values(name)
        value = sentinel_value(values)
        if value is None:
            continue
        rows = int((values == value).sum())
        rest = values[values != value]
        fact = f"{format_number(value)} in {pluralize(rows, 'row')}; {_range_text(rest)}"
        evidence = {
            "value": value,
            "rows": rows,
            "min of other values": float(rest[0]),
            "max of other values": float(rest[-1]),
        }
        yield make_finding("sentinel-value", 0.66, [name], fact, evidence, rows=context.rows_with(name, [value]))


def sentinel_value(values: Floats) -> float | None:
    """The number at an end of sorted values that encodes a missing value, if there is one."""
    if not _has_enough_rows(values):
        return None
    for value in {values[0], values[-1]} & set(_SENTINELS):
        rest = values[values != value]
        if len(values) - len(rest) < t.SENTINEL_MIN_ROWS or len(np.unique(rest[:: max(1, len(rest) // 1000)])) < 5:
            continue
        first, third = np.quantile(rest, [0.25, 0.75])
        extent = t.OUTLIER_IQRS * (third - first)
        apart = first - extent > value if value < rest[0] else third + extent < value
        # −1 below counts from 0 on is close in value but not in meaning.
        if apart or (value == -1 and rest[0] >= 0 and rest[-1] >= 10):
            return float(value)
    return None


def outliers(context: FindingContext) -> Iterator[Finding]:
    """A few values far from all others, on the scale with the least skew."""
    for name in context.numeric_columns:
        values = context.finite_values(name)
        if not _has_enough_rows(values) or is_time_name(name) or _is_discrete(values):
            continue
        if sentinel_value(values) is not None:
            continue
        scale, scaled = least_skewed_scale(values)
        low, high = count_outliers(scaled)
        if not low + high:
            continue
        bulk = values[low : len(values) - high]
        extremes = [*values[:low][:3], *values[len(values) - high :][-3:]]
        extremes.sort(key=lambda value: max(value - bulk[-1], bulk[0] - value), reverse=True)
        examples = ", ".join(format_number(value) for value in extremes[:3]) + (" …" if low + high > 3 else "")
        on_scale = "" if scale == "linear" else f" on a {scale} scale"
        fact = f"{pluralize(low + high, 'outlier')}{on_scale} ({examples}); {_range_text(bulk)}"
        evidence: dict[str, float | str] = {
            "outliers": low + high,
            "scale": scale,
            "rows": len(values),
            "most extreme": float(extremes[0]),
        }
        distance = distance_in_iqr(scaled, low)
        outside = (context.series[name] < float(bulk[0])) | (context.series[name] > float(bulk[-1]))
        priority = 0.3 + 0.2 * min(distance / 100, 1)
        yield make_finding("outliers", priority, [name], fact, evidence, rows=context.first_rows(outside))


def several_modes(context: FindingContext) -> Iterator[Finding]:
    """Columns with two or more peaks, unless one value has many of the rows."""
    for name in context.numeric_columns:
        values = context.finite_values(name)
        if not _has_enough_rows(values) or is_time_name(name) or is_identifier_name(name):
            continue
        if sentinel_value(values) is not None:
            continue
        sizes = np.diff(np.flatnonzero(np.append(np.append(True, values[1:] != values[:-1]), True)))
        if len(sizes) < t.MODE_VALUES or sizes.max() > t.MODE_TOP * len(values):
            continue
        modes = find_modes(values, resolution(values))
        if modes is None:
            continue
        decimals = decimals_for_interval(modes.peaks[0], modes.peaks[0], modes.peaks[-1])
        *before, last = (format_value(place, decimals) for place in modes.peaks)
        places = f"{', '.join(before)} and {last}"
        fact = f"{len(modes.peaks)} modes, near {places}"
        evidence: dict[str, float | str] = {
            "modes": len(modes.peaks),
            "places": places,
            "dip × √n": modes.dip,
            "dip × √n of one mode (99.9%)": ONE_MODE_LIMIT,
            "rows": len(values),
        }
        call = f"tn.plot(frame, x={name!r})"
        yield make_finding("several-modes", 0.33, [name], fact, evidence, call=call)


def least_skewed_scale(values: Floats) -> tuple[str, Floats]:
    """The name of the scale with the least skew, linear unless sorted values are skewed, and the values on it."""
    # The top 1% do not decide on the scale: outliers are to stay outliers.
    trim = max(1, len(values) // 100)
    if values[0] < 0 or abs(standardized_skewness(values[:-trim])) < 1:
        return "linear", values
    scales = {"square root": np.sqrt(values), "log(1 + x)": np.log1p(values)}
    if values[0] > 0:
        scales["log"] = np.log10(values)
    best = min(scales, key=lambda scale: abs(standardized_skewness(scales[scale][:-trim])))
    return best, scales[best]


def count_outliers(values: Floats) -> tuple[int, int]:
    """How many sorted values lie beyond the outer fences and apart from the others, below and above."""
    first, third = np.quantile(values, [0.25, 0.75])
    spread = third - first
    if spread <= 0:
        return 0, 0
    max_outliers = max(1, int(t.MAX_OUTLIER_FRACTION * len(values)))
    extent = t.OUTLIER_IQRS * spread
    outside = np.searchsorted(values, first - extent) + len(values) - np.searchsorted(values, third + extent, "right")
    if outside > max_outliers:
        return 0, 0
    high = _beyond(values[-max_outliers - 1 :], third + extent, t.OUTLIER_GAP_IQRS * spread)
    low = _beyond(-values[: max_outliers + 1][::-1], -(first - extent), t.OUTLIER_GAP_IQRS * spread)
    return low, high


def distance_in_iqr(values: Floats, low: int) -> float:
    """How many interquartile ranges the most extreme value lies from the nearer quartile."""
    first, third = np.quantile(values, [0.25, 0.75])
    return float(max(first - values[0] if low else 0.0, values[-1] - third) / (third - first))


def _beyond(tail: Floats, fence: float, gap: float) -> int:
    """How many values of an increasing tail follow its first gap that ends beyond the fence."""
    steps = np.flatnonzero((np.diff(tail) > gap) & (tail[1:] > fence))
    return len(tail) - 1 - int(steps[0]) if len(steps) else 0


def _has_enough_rows(values: Floats) -> bool:
    """Whether there are enough sorted values, all small enough for squares."""
    return len(values) >= t.ROWS_TO_TEST and max(-values[0], values[-1]) < _MAX_VALUE


def _is_discrete(values: Floats) -> bool:
    """Whether sorted values have few distinct ones."""
    return int((np.diff(values) > 0).sum()) + 1 < t.SCALE_VALUES


def _outliers_explain_skew(values: Floats) -> bool:
    """Whether the values without outliers are not skewed."""
    low, high = count_outliers(values)
    return bool(low + high) and abs(standardized_skewness(values[low : len(values) - high])) < t.SKEW
