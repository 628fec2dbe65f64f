"""Text that a person reads: counts, numbers, percentages, intervals, p-values, lists, durations and sizes.

Every screen, report, notebook and message writes them here and nowhere else.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

MAX_NAME_LENGTH = 40
SCIENTIFIC_FROM = 1e9  # from here on a number is written with a power of ten

# Names and lists ------------------------------------------------------------------------------


def printable(text: str) -> str:
    r"""Text from a table on one line, with control characters escaped.

    >>> print(printable("red \x1b[31m and\nnew line"))
    red \x1b[31m and\nnew line
    """
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text)


def shorten(text: str, width: int = MAX_NAME_LENGTH) -> str:
    """Text of at most `width` characters, cut at the end.

    >>> shorten("flipper length", 8)
    'flipper…'
    """
    return text if len(text) <= width else f"{text[: width - 1]}…"


def quote(value: object) -> str:
    """A value or name in quotation marks, on one line, shortened.

    >>> quote("New York ")
    "'New York '"
    """
    return f"'{shorten(str(value).replace(chr(10), ' '))}'"


def join_names(names: Iterable[str], limit: int = 8) -> str:
    """Quoted names as a list, cut after `limit`.

    >>> join_names(["a", "b"])
    "'a', 'b'"
    >>> join_names("abcd", limit=2)
    "'a', 'b' and 2 more"
    """
    return join_list((f"'{name}'" for name in names), limit)


def join_list(items: Iterable[object], limit: int = 8) -> str:
    """Items as a list without quotation marks, cut after `limit`.

    >>> join_list([3, 4, 7]), join_list([3, 4, 7], limit=2)
    ('3, 4, 7', '3, 4 and 1 more')
    """
    texts = [str(item) for item in items]
    more = f" and {len(texts) - limit:,} more" if len(texts) > limit else ""
    return ", ".join(texts[:limit]) + more


def list_columns(names: Iterable[str]) -> str:
    """Shortened column names as a list of at most five.

    >>> list_columns(["a", "b"])
    "'a', 'b'"
    """
    return join_names((shorten(name) for name in names), limit=5)


def drop_call(columns: Iterable[str]) -> str:
    """The Python call that drops columns from any data frame.

    >>> drop_call(["a"])
    "tn.read(frame).drop('a')"
    """
    return f"tn.read(frame).drop({', '.join(repr(name) for name in columns)})"


def capitalize(text: str) -> str:
    """Text with its first letter in upper case, the rest unchanged.

    >>> capitalize("RMSE of income"), capitalize("")
    ('RMSE of income', '')
    """
    return text[:1].upper() + text[1:]


def sentence(text: str) -> str:
    """Text as a sentence: a capital first, a full stop last.

    >>> sentence("no column is missing")
    'No column is missing.'
    """
    return capitalize(text) + ("" if text.endswith((".", "!", "?")) else ".")


# Counts and numbers ---------------------------------------------------------------------------


def pluralize(count: float, noun: str, plural: str = "") -> str:
    """A count with its noun; `plural` where it is not formed with s.

    >>> pluralize(1, 'row'), pluralize(10_000, 'row'), pluralize(2, "category", "categories")
    ('1 row', '10,000 rows', '2 categories')
    """
    return f"{count:,.0f} {noun if count == 1 else plural or f'{noun}s'}"


def format_number(value: float) -> str:
    """A number in three significant digits, a whole number in all of its digits, NaN as a dash.

    Thousands are marked from 10,000 on, so that a year stays a year.

    >>> format_number(1234567.0), format_number(2007.0), format_number(0.12345), format_number(-2.0)
    ('1,234,567', '2007', '0.123', '−2')
    >>> format_number(math.nan), format_number(-math.inf)
    ('–', '−∞')
    """
    if not math.isfinite(value):
        return "–" if math.isnan(value) else "∞" if value > 0 else "−∞"
    value = value or 0.0  # never "−0"
    is_whole = value == round(value) and abs(value) < 1e15
    decimals = max(0, 3 - len(str(int(abs(value))))) if abs(value) >= 1 and not is_whole else 0
    text = f"{value:,.{decimals}f}" if is_whole or 1 <= abs(value) < 1e15 else f"{value:.3g}"
    text = text.replace(",", "") if abs(value) < 9999.5 else text
    return text.replace("-", "−") if "e" not in text else text


def format_limit(value: float) -> str:
    """A number that values are compared with, in four significant digits or those of `format_number`.

    >>> format_limit(59.63), format_limit(2007.0), format_limit(-9.1e6)
    ('59.63', '2007', '−9,100,000')
    """
    return f"{value:.4g}".replace("-", "−", 1) if 1e-4 <= abs(value) < 9999.5 or not value else format_number(value)


def format_large_number(value: float) -> str:
    """A large number in three digits and a word.

    >>> format_large_number(1234567.0), format_large_number(45678.0), format_large_number(12.0)
    ('1.23 million', '45.7 thousand', '12')
    """
    return _in_units(value, ((1e9, "billion"), (1e6, "million"), (1e3, "thousand"))) or f"{value:.3g}"


def format_percent(fraction: float) -> str:
    """A fraction in percent, never rounded to 0% or 100%.

    >>> format_percent(0.123), format_percent(0.0004), format_percent(0.9999), format_percent(1.0)
    ('12%', 'under 0.1%', 'over 99.9%', '100%')
    """
    if fraction < 0:
        return f"−{format_percent(-fraction)}"
    if 0 < fraction < 0.001:
        return "under 0.1%"
    if 0.999 < fraction < 1:
        return "over 99.9%"
    decimals = 1 if 0 < fraction < 0.0995 or 0.9905 <= fraction < 1 else 0
    text = f"{100 * fraction:.{decimals}f}"
    return (text.removesuffix(".0") if decimals else text) + "%"


def format_bytes(count: int) -> str:
    """A size in three digits.

    >>> format_bytes(999), format_bytes(12_345), format_bytes(2_500_000)
    ('999 bytes', '12.3 kB', '2.5 MB')
    """
    return _in_units(count, ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"))) or pluralize(count, "byte")


def _in_units(value: float, units: Iterable[tuple[float, str]]) -> str:
    rounded = float(f"{value:.3g}")  # 999,999 bytes are 1 MB
    unit, name = next((pair for pair in units if rounded >= pair[0]), (0.0, ""))
    return f"{rounded / unit:,.12g} {name}" if unit else ""


def format_duration(seconds: float) -> str:
    """A duration in its two largest units.

    >>> format_duration(0.042), format_duration(3.21), format_duration(75.2), format_duration(7300.0)
    ('0.04 s', '3.2 s', '1 min 15 s', '2 h 1 min')
    """
    if seconds < 60:
        return f"{seconds:.1g} s" if seconds < 0.1 else f"{seconds:.2g} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def format_datetime(iso: str) -> str:
    """A date and time in ISO form as people read it: no midnight, no zero seconds.

    >>> format_datetime("2030-01-02T03:04:05+00:00"), format_datetime("1970-01-01T12:00:00")
    ('2030-01-02 03:04:05 UTC', '1970-01-01 12:00')
    """
    day, clock, zone = iso[:10], iso[11:19], iso[19:].replace("+00:00", " UTC")
    return day if clock in ("", "00:00:00") else f"{day} {clock.removesuffix(':00')}{zone}"


# Estimates with their uncertainty -------------------------------------------------------------


def format_p(p: float) -> str:
    """A p-value.

    >>> format_p(0.0312), format_p(0.00001), format_p(0.5)
    ('p = 0.031', 'p < 0.001', 'p = 0.50')
    """
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}" if p < 0.1 else f"p = {p:.2f}"


def is_nonzero_width(low: float, high: float) -> bool:
    """Whether an interval has a width beyond rounding.

    >>> is_nonzero_width(0.1, 0.2), is_nonzero_width(0.3, 0.1 + 0.2)
    (True, False)
    """
    return high - low > 1e-12 * max(abs(low), abs(high))


def decimals_for_interval(value: float, low: float, high: float) -> int:
    """Decimals that show two digits of the interval's width; four digits of the value if the width is zero.

    >>> decimals_for_interval(0.05, -0.01, 0.11), decimals_for_interval(1500.0, 1200.0, 1900.0)
    (2, 0)
    """
    scale, digits = (high - low, 2) if is_nonzero_width(low, high) else (abs(value), 4)
    return min(max(0, digits - 1 - math.floor(math.log10(scale))), 12) if scale > 0 else 3


def decimals_for_difference(value: float, low: float, high: float) -> int:
    """Decimals for an interval, and more where a limit close to zero would be written as zero.

    >>> decimals_for_difference(-0.2, -0.5, -0.0003)
    4
    """
    limits = [-math.floor(math.log10(abs(limit))) for limit in (low, high) if abs(limit) > 1e-9]
    return min(max(decimals_for_interval(value, low, high), *limits, 0), 12)


def format_value(value: float, decimals: int) -> str:
    """A number with fixed decimals, and a power of ten where digits would be too many.

    >>> format_value(-0.1142, 2), format_value(12345.6, 0), format_value(-0.0001, 2), format_value(4e9, 0)
    ('−0.11', '12,346', '0.00', '4e9')
    """
    scientific = abs(value) >= SCIENTIFIC_FROM or (decimals >= 8 and value != 0)
    text = f"{abs(value):.3g}".replace("e+0", "e").replace("e+", "e") if scientific else f"{abs(value):,.{decimals}f}"
    return f"−{text}" if value < 0 and _has_nonzero_digit(text) else text


def format_signed(value: float, decimals: int) -> str:
    """The same with a plus sign before numbers above zero.

    >>> format_signed(0.0123, 2), format_signed(-0.0123, 2), format_signed(0.0, 2)
    ('+0.01', '−0.01', '0.00')
    """
    text = format_value(value, decimals)
    return f"+{text}" if value > 0 and _has_nonzero_digit(text) else text


def format_interval(low: float, high: float, decimals: int) -> str:
    """The two limits of an interval.

    >>> format_interval(-0.43, -0.28, 2)
    '−0.43 to −0.28'
    """
    return f"{format_value(low, decimals)} to {format_value(high, decimals)}"


def format_with_interval(value: float, low: float, high: float) -> str:
    """A value and its interval in equal decimals; the value alone where the width is zero.

    >>> format_with_interval(0.98551, 0.95652, 1.0), format_with_interval(1.0, 1.0, 1.0)
    ('0.986 (0.957 to 1.000)', '1.000')
    """
    decimals = decimals_for_interval(value, low, high)
    if not is_nonzero_width(low, high):
        return format_value(value, decimals)
    return f"{format_value(value, decimals)} ({format_interval(low, high, decimals)})"


def format_percent_with_interval(value: float, low: float, high: float) -> str:
    """A fraction and its interval in percent with one decimal.

    >>> format_percent_with_interval(0.906, 0.897, 0.915)
    '90.6% (89.7 to 91.5%)'
    """
    return f"{value:.1%} ({100 * low:.1f} to {high:.1%})"


def change_text(name: str, before: float, after: float, decimals: int = 4, unit: str = "") -> str:
    """How a score changes, as a predicate.

    >>> change_text("log loss", 0.5881, 0.5602)
    'lowers the log loss from 0.5881 to 0.5602'
    >>> change_text("log loss", 0.58814, 0.58813)
    'leaves the log loss at 0.5881'
    """
    first, second = (format_value(value, decimals) for value in (before, after))
    if first == second:
        return f"leaves the {name} at {first}{unit}"
    return f"{'lowers' if after < before else 'raises'} the {name} from {first} to {second}{unit}"


def _has_nonzero_digit(text: str) -> bool:
    return any(digit in "123456789" for digit in text)
