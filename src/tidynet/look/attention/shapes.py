"""Rules about how the numbers of one column are spread."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from tidynet.look.attention import thresholds as t
from tidynet.look.attention.order import names_a_time
from tidynet.look.attention.rule import found
from tidynet.look.attention.seen import Seen
from tidynet.look.attention.words import number, percent, quoted, rows_word
from tidynet.look.bins import suits_log
from tidynet.look.profile import Finding

__all__ = ["even_axis", "far_out", "isolated", "outliers", "skew", "skewness", "stand_ins", "zeros"]

Floats = npt.NDArray[np.float64]

_LARGEST = 1e100

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
    deviation = centred.std()
    return float((centred * centred * centred).mean() / deviation**3) if deviation > 1e-12 else 0.0


def skew(seen: Seen) -> Iterator[Finding]:
    """Columns that a linear axis does not show."""
    for name in seen.numeric:
        values = seen.finite(name)
        if not _judgeable(values) or _few_values(values) or _zero_inflated(values):
            continue
        value = seen.columns[name].numbers.get("skew", math.nan)
        value = skewness(values) if math.isnan(value) else value
        if abs(value) < t.SKEW or _lonely(values):
            continue
        evidence: dict[str, float | str] = {"skew": value, "rows": len(values), "median": float(np.median(values))}
        if value > 0 and suits_log(values):
            evidence["skew of the logarithm"] = after = skewness(np.log10(values))
            sentence = f"{quoted(name)} is skewed (skew {number(round(value, 2))}) "
            sentence += f"and nearly symmetric on a log axis (skew {number(round(after, 2))})"
            advice = "Draw it on a log axis and let the network see its logarithm; its large values are no outliers."
            call = f"tn.plot(frame, x={name!r})"
            yield found("skew", 0.28, [name], sentence, evidence, advice=advice, call=call)
        elif value > 0 and values[0] >= 0:
            evidence["skew of the square root"] = after = skewness(np.sqrt(values))
            evidence["skew of log(1 + x)"] = logged = skewness(np.log1p(values))
            better = (
                f"log(1 + x) has skew {number(round(logged, 2))}"
                if abs(logged) < abs(after)
                else f"its square root {number(round(after, 2))}"
            )
            sentence = f"{quoted(name)} is skewed to the right (skew {number(round(value, 2))}); {better}"
            yield found("skew", 0.25, [name], sentence, evidence)
        else:
            side = "right" if value > 0 else "left"
            sentence = f"{quoted(name)} is skewed to the {side} (skew {number(round(value, 2))})"
            yield found("skew", 0.22, [name], sentence, evidence)


def zeros(seen: Seen) -> Iterator[Finding]:
    """Columns with far more zeros than any other value."""
    for name in seen.numeric:
        values = seen.finite(name)
        if _judgeable(values) and _zero_inflated(values):
            share = float((values == 0).mean())
            rest = values[values != 0]
            sentence = f"{quoted(name)} is zero in {percent(share)} of its rows and spread from "
            sentence += f"{number(rest[0])} to {number(rest[-1])} in the others"
            evidence = {"share of zeros": share, "rows": len(values), "median of the others": float(np.median(rest))}
            yield found("zeros", 0.27, [name], sentence, evidence)


def _zero_inflated(values: Floats) -> bool:
    at_zero = int(np.searchsorted(values, 0.0, "right") - np.searchsorted(values, 0.0, "left"))
    if at_zero < t.ZEROS * len(values) or at_zero == len(values):
        return False
    rest = values[values != 0]
    different, counts = np.unique(rest, return_counts=True)
    # A few counts (0, 1, 2, …) that fall off as counts do are one thing, not two.
    return len(different) >= 10 and at_zero >= t.ZEROS_OVER_NEXT * int(counts.max())


def stand_ins(seen: Seen) -> Iterator[Finding]:
    """Numbers such as −999 that stand for a missing value."""
    for name in seen.numeric:
        values = seen.finite(name)
        value = _stand_in(values)
        if value is None:
            continue
        rows = int((values == value).sum())
        rest = values[values != value]
        sentence = f"{quoted(name)} is exactly {number(value)} in {rows_word(rows)}, far from the rest "
        sentence += f"({number(rest[0])} to {number(rest[-1])}): it seems to stand for a missing value"
        evidence = {"value": value, "rows": rows, "smallest other": float(rest[0]), "largest other": float(rest[-1])}
        yield found("stand-in", 0.66, [name], sentence, evidence)


def _stand_in(values: Floats) -> float | None:
    if not _judgeable(values):
        return None
    for value in {values[0], values[-1]} & set(_STAND_INS):
        rest = values[values != value]
        if len(values) - len(rest) < t.STAND_IN_ROWS or len(np.unique(rest[:: max(1, len(rest) // 1000)])) < 5:
            continue
        first, third = np.quantile(rest, [0.25, 0.75])
        reach = t.OUTLIER_IQRS * (third - first)
        apart = first - reach > value if value < rest[0] else third + reach < value
        # −1 below whole numbers from 0 on is far only in meaning.
        if apart or (value == -1 and rest[0] >= 0 and rest[-1] >= 10):
            return float(value)
    return None


def outliers(seen: Seen) -> Iterator[Finding]:
    """A few values far from all others, on the scale that suits the column."""
    for name in seen.numeric:
        values = seen.finite(name)
        if not _judgeable(values) or names_a_time(name) or _few_values(values):
            continue
        if _stand_in(values) is not None:
            continue
        axis, scaled = even_axis(values)
        low, high = isolated(scaled)
        count = low + high
        if not count:
            continue
        worst = [*values[:low][:3], *values[len(values) - high :][-3:]]
        bulk = values[low : len(values) - high]
        shown = ", ".join(number(one) for one in worst[-3:])
        few = "holds one value" if count == 1 else f"holds {count:,} values"
        sentence = f"{quoted(name)} {few} far from all others: {shown}{' and more' if count > 3 else ''}, "
        sentence += f"the rest lies between {number(bulk[0])} and {number(bulk[-1])}"
        evidence: dict[str, float | str] = {
            "outliers": count,
            "axis": axis,
            "rows": len(values),
            "most extreme": float(_extreme(worst, bulk)),
        }
        distance = far_out(scaled, low)
        yield found("outliers", 0.3 + 0.2 * min(distance / 100, 1), [name], sentence, evidence)


def even_axis(values: Floats) -> tuple[str, Floats]:
    """The axis on which sorted values are least skewed, linear unless they are skewed, and the values on it.

    Examples
    --------
    >>> even_axis(np.exp(np.linspace(-3, 3, 50)))[0]
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


def isolated(values: Floats) -> tuple[int, int]:
    """How many of the sorted values lie beyond the outer fences and apart from the bulk, below and above.

    Examples
    --------
    >>> isolated(np.array([*range(100), 1000.0]))
    (0, 1)
    """
    first, third = np.quantile(values, [0.25, 0.75])
    spread = third - first
    if spread <= 0:
        return 0, 0
    most = max(1, int(t.OUTLIERS_SHARE * len(values)))
    reach = t.OUTLIER_IQRS * spread
    outside = np.searchsorted(values, first - reach) + len(values) - np.searchsorted(values, third + reach, "right")
    if outside > most:
        return 0, 0
    high = _beyond(values[-most - 1 :], third + reach, t.OUTLIER_GAP_IQRS * spread)
    low = _beyond(-values[: most + 1][::-1], -(first - reach), t.OUTLIER_GAP_IQRS * spread)
    return low, high


def far_out(values: Floats, low: int) -> float:
    """How many interquartile ranges the most extreme value lies from the nearer quartile."""
    first, third = np.quantile(values, [0.25, 0.75])
    return float(max(first - values[0] if low else 0.0, values[-1] - third) / (third - first))


def _beyond(tail: Floats, fence: float, gap: float) -> int:
    """Values of an increasing tail after its first wide step that ends beyond the fence."""
    steps = np.flatnonzero((np.diff(tail) > gap) & (tail[1:] > fence))
    return len(tail) - 1 - int(steps[0]) if len(steps) else 0


def _judgeable(values: Floats) -> bool:
    """Whether sorted values are enough, and small enough to be squared."""
    return len(values) >= t.ROWS_TO_JUDGE and max(-values[0], values[-1]) < _LARGEST


def _few_values(values: Floats) -> bool:
    """Whether sorted values are so few different ones that they are rather steps than a scale."""
    return int((np.diff(values) > 0).sum()) + 1 < t.SCALE_VALUES


def _lonely(values: Floats) -> bool:
    """Whether the skew is the work of a few values far out, which the rule of outliers names."""
    low, high = isolated(values)
    return bool(low + high) and abs(skewness(values[low : len(values) - high])) < t.SKEW


def _extreme(worst: list[float], bulk: Floats) -> float:
    return max(worst, key=lambda value: max(value - bulk[-1], bulk[0] - value))
