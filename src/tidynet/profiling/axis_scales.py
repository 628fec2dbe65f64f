"""Ticks at round numbers and their labels; times are in `tidynet.profiling.time_axis`."""

from __future__ import annotations

import math
from collections.abc import Sequence

_SUFFIXES = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k"))


def nice_step(size: float) -> float:
    """The smallest of 1, 2, 5 × 10ᵏ that is at least `size`."""
    if size <= 0 or not math.isfinite(size):
        return size
    exponent = math.floor(math.log10(size))
    for factor, power in ((1, exponent), (2, exponent), (5, exponent), (1, exponent + 1), (2, exponent + 1)):
        # Parsing the decimal text gives the float nearest to it; factor * 10.0**power does not.
        step = float(f"{factor}e{power}")
        if step >= size * (1 - 1e-9):
            return step
    return math.inf


def round_top(largest: int) -> int:
    """A round number at or above the largest count, for an axis of counts."""
    unit = int("1" + "0" * (len(str(largest)) - 1))
    for tenths in (10, 12, 15, 20, 25, 30, 40, 50, 60, 80, 100):
        top, rest = divmod(unit * tenths, 10)
        if rest == 0 and top >= largest:
            break
    return top


def is_countable(step: float, low: float, high: float) -> bool:
    """Whether all multiples of the step from low to high are distinct floats."""
    largest = max(abs(low), abs(high))
    return largest < 1e306 and 1e-300 < step < math.inf and step >= 8 * math.ulp(largest)


def linear_ticks(low: float, high: float, max_count: int = 5) -> list[float]:
    """At most `max_count` round numbers between `low` and `high`, both included."""
    span = high - low
    if span == 0:
        return [low]
    step = nice_step(span / max_count / 2)
    if not is_countable(step, low, high):
        return [low, high]
    ticks = _multiples(low, high, step)
    while len(ticks) > max_count:
        step = nice_step(step * 1.5)
        ticks = _multiples(low, high, step)
    return ticks or [low, high]


def _multiples(low: float, high: float, step: float) -> list[float]:
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    digits = max(0, 1 - math.floor(math.log10(step)))
    return [round(k * step, digits) + 0.0 for k in range(first, last + 1)]


def sqrt_ticks(low: float, high: float, max_count: int = 5) -> list[float]:
    """Round numbers about evenly spaced on a square-root axis from `low` to `high`, both at least 0."""
    start, stop = math.sqrt(max(low, 0)), math.sqrt(high)
    even = [(start + (stop - start) * k / (max_count - 1)) ** 2 for k in range(1, max_count)]
    steps = [nice_step(value * 0.7) for value in even if value > 0]
    ticks = {tick for tick in (0.0, *steps) if low <= tick <= high or (tick == 0 and 0 <= low < high / 50)}
    return sorted(ticks) or [low, high]


def log_ticks(low: float, high: float, max_count: int = 5) -> list[float]:
    """Ticks of a log axis from `low` to `high`, both above 0.

    The densest of 1-2-5, 1-3-10 and every (second, third, …) power of ten that has at most `max_count` ticks.
    """
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    for factors in ((1, 2, 5), (1, 3), (1,)):
        ticks = [float(f"{f}e{p}") for p in range(first, last + 1) for f in factors]
        inside = [tick for tick in ticks if low * (1 - 1e-9) <= tick <= high * (1 + 1e-9)]
        if len(inside) <= max_count:
            return inside if len(inside) > 1 else linear_ticks(low, high, max_count)
    stride = math.ceil((last - first) / max_count)
    powers = [p for p in range(first, last + 1) if p % stride == 0]
    return [t for t in (float(f"1e{p}") for p in powers) if low * (1 - 1e-9) <= t <= high * (1 + 1e-9)]


def format_tick(value: float) -> str:
    """A number as people write it on an axis, short."""
    return natural_labels([value])[0]


def natural_labels(ticks: Sequence[float]) -> list[str]:
    """Labels for the ticks of one axis: one unit for all, and enough digits to be distinct."""
    for digits in range(3, 18):
        labels = _labels(ticks, digits)
        if len(set(labels)) == len(set(ticks)):
            return labels
    return [_scientific(tick, 17) for tick in ticks]


def _labels(ticks: Sequence[float], digits: int) -> list[str]:
    largest = max((abs(tick) for tick in ticks), default=0.0)
    if largest >= 1e15 or 0 < largest < 1e-4:
        return [_scientific(tick, digits) for tick in ticks]
    size, suffix = next(((s, x) for s, x in _SUFFIXES if largest >= s and largest >= 1e4), (1.0, ""))
    short = [_plain(tick / size, digits) + (suffix if tick else "") for tick in ticks]
    plain = [_plain(tick, digits) for tick in ticks]
    # Digits are shorter where ticks differ by little of their size.
    return plain if max(map(len, plain), default=0) < max(map(len, short), default=0) else short


def _plain(value: float, digits: int) -> str:
    decimals = max(0, digits - 1 - math.floor(math.log10(abs(value)))) if value else 0
    text = f"{value:.{min(decimals, 17)}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text.replace("-", "−")


def _scientific(value: float, digits: int) -> str:
    if value == 0:
        return "0"
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    return f"{mantissa}e{int(exponent)}".replace("-", "−")
