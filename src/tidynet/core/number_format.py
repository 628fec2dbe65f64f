"""Numbers as a person reads them: as many digits as their interval supports, and no more."""

from __future__ import annotations

import math

__all__ = [
    "MOST_IN_FULL",
    "change_text",
    "decimals_for_interval",
    "decimals_of_difference",
    "format_signed",
    "format_value",
    "format_with_interval",
    "is_nonzero_width",
]


MOST_IN_FULL = 1e9  # from which on digits are counted rather than read


def decimals_for_interval(value: float, low: float, high: float) -> int:
    """Decimals that show two digits of the interval's width; four digits of the value if it has no width.

    Examples
    --------
    >>> decimals_for_interval(0.05, -0.01, 0.11), decimals_for_interval(1500.0, 1200.0, 1900.0)
    (2, 0)
    >>> decimals_for_interval(1.0, 1.0, 1.0)
    3
    """
    scale, digits = (high - low, 2) if is_nonzero_width(low, high) else (abs(value), 4)
    return min(max(0, digits - 1 - math.floor(math.log10(scale))), 12) if scale > 0 else 3


def is_nonzero_width(low: float, high: float) -> bool:
    """Whether an interval is one, but for rounding.

    Examples
    --------
    >>> is_nonzero_width(0.1, 0.2), is_nonzero_width(0.3, 0.1 + 0.2)
    (True, False)
    """
    return high - low > 1e-12 * max(abs(low), abs(high))


def decimals_of_difference(value: float, low: float, high: float) -> int:
    """The same, and as many more as keep an end beside zero from being shown as zero.

    Examples
    --------
    >>> decimals_of_difference(-0.2, -0.5, -0.0003)
    4
    """
    ends = [-math.floor(math.log10(abs(end))) for end in (low, high) if abs(end) > 1e-9]
    return min(max(decimals_for_interval(value, low, high), *ends, 0), 12)


def format_value(value: float, decimals: int) -> str:
    """A number with a true minus sign, thousands apart, and powers of ten only where digits would run away.

    Examples
    --------
    >>> format_value(-0.1142, 2), format_value(12345.6, 0), format_value(-0.0001, 2), format_value(-93_676_322_114.0, 0), format_value(4e9, 0)
    ('−0.11', '12,346', '0.00', '−9.37e10', '4e9')
    """
    far = abs(value) >= MOST_IN_FULL or (decimals >= 8 and value != 0)
    text = f"{abs(value):.3g}".replace("e+0", "e").replace("e+", "e") if far else f"{abs(value):,.{decimals}f}"
    return f"−{text}" if value < 0 and _shows_a_digit(text) else text


def format_signed(value: float, decimals: int) -> str:
    """The same with a plus sign before numbers above zero.

    Examples
    --------
    >>> format_signed(0.0123, 2), format_signed(-0.0123, 2), format_signed(0.0, 2)
    ('+0.01', '−0.01', '0.00')
    """
    text = format_value(value, decimals)
    return f"+{text}" if value > 0 and _shows_a_digit(text) else text


def format_with_interval(value: float, low: float, high: float) -> str:
    """A value and its interval with the digits that the interval supports; the value alone where that has no width.

    Examples
    --------
    >>> format_with_interval(0.98551, 0.95652, 1.0), format_with_interval(1.0, 1.0, 1.0)
    ('0.986 (0.957 to 1.000)', '1.000')
    """
    decimals = decimals_for_interval(value, low, high)
    if not is_nonzero_width(low, high):
        return format_value(value, decimals)
    return f"{format_value(value, decimals)} ({format_value(low, decimals)} to {format_value(high, decimals)})"


def change_text(name: str, before: float, after: float, decimals: int = 4, unit: str = "") -> str:
    """What was done to a score, in words, with as many decimals as tell the two apart.

    Examples
    --------
    >>> change_text("log loss", 0.5881, 0.5602)
    'lowers the log loss from 0.5881 to 0.5602'
    >>> change_text("log loss", 0.58814, 0.58813)
    'leaves the log loss at 0.5881'
    """
    first, second = (format_value(value, decimals) for value in (before, after))
    if first == second:
        return f"leaves the {name} at {first}{unit}"
    return f"{'lowers' if after < before else 'raises'} the {name} from {first} to {second}{unit}"


def _shows_a_digit(text: str) -> bool:
    return any(digit in "123456789" for digit in text)
