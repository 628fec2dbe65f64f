"""Text that a person reads: counts, numbers, percentages, intervals, p-values, lists, durations and sizes.

Every screen, report, notebook and message writes them here and nowhere else.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable

MAX_NAME_LENGTH = 40
_MIXED_WORD = re.compile(r"\w*(?:[A-Za-z][\u0370-\u052f]|[\u0370-\u052f][A-Za-z])\w*")
_EDGE_BLANKS = re.compile(r"^ +| +$| {2,}")
_LOOKALIKES = frozenset("\u2010\u2011")  # hyphens that look like the one on a keyboard
SCIENTIFIC_FROM = 1e9  # from here on a number is written with a power of ten

# Names and lists ------------------------------------------------------------------------------


def printable(text: str) -> str:
    """Text from a table on one line, with control characters escaped."""
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text)


def shorten(text: str, width: int = MAX_NAME_LENGTH) -> str:
    """Text of at most `width` characters, cut at the end: flipper…."""
    return text if len(text) <= width else f"{text[: width - 1]}…"


def quote(value: object) -> str:
    """A value or name in quotation marks, on one line, shortened."""
    return f"'{shorten(str(value).replace(chr(10), ' '))}'"


def quote_exactly(value: object) -> str:
    r"""A value in quotation marks with every letter that the eye misses: blanks at an end, invisible and alike ones.

    >>> print(quote_exactly("New  York "), quote_exactly("red\u200b"), quote_exactly("r\u0435d"))
    'New␣␣York␣' 'red\u200b' 'r\u0435d'
    """
    text = _EDGE_BLANKS.sub(lambda match: "␣" * len(match[0]), str(value))
    text = _MIXED_WORD.sub(lambda match: "".join(_escaped(letter, letter > "\u036f") for letter in match[0]), text)
    is_composed = unicodedata.is_normalized("NFC", text)
    hidden = (not letter.isprintable() or letter in _LOOKALIKES for letter in text)
    marks = (not is_composed and unicodedata.combining(letter) > 0 for letter in text)
    return f"'{''.join(_escaped(*item) for item in zip(text, map(any, zip(hidden, marks, strict=True)), strict=True))}'"


def _escaped(letter: str, is_hidden: bool) -> str:
    return letter.encode("unicode_escape").decode() if is_hidden else letter


def join_names(names: Iterable[str], limit: int = 8) -> str:
    """Quoted names as a list, cut after `limit`: 'a', 'b' and 2 more."""
    return join_list((f"'{name}'" for name in names), limit)


def join_list(items: Iterable[object], limit: int = 8) -> str:
    """Items as a list without quotation marks, cut after `limit`: 3, 4 and 1 more."""
    texts = [str(item) for item in items]
    more = f" and {len(texts) - limit:,} more" if len(texts) > limit else ""
    return ", ".join(texts[:limit]) + more


def list_columns(names: Iterable[str]) -> str:
    """Shortened column names as a list of at most five: 'a', 'b'."""
    return join_names((shorten(name) for name in names), limit=5)


def drop_call(columns: Iterable[str]) -> str:
    """The Python call that drops columns from any data frame: tn.read(frame).drop('a')."""
    return f"tn.read(frame).drop({', '.join(repr(name) for name in columns)})"


def capitalize(text: str) -> str:
    """Text with its first letter in upper case, the rest unchanged."""
    return text[:1].upper() + text[1:]


def sentence(text: str) -> str:
    """Text as a sentence: a capital first, a full stop last."""
    return capitalize(text) + ("" if text.endswith((".", "!", "?")) else ".")


# Counts and numbers ---------------------------------------------------------------------------


def pluralize(count: float, noun: str, plural: str = "") -> str:
    """A count with its noun, as 10,000 rows; `plural` where it is not formed with s."""
    return f"{count:,.0f} {noun if count == 1 else plural or f'{noun}s'}"


def format_number(value: float) -> str:
    """A number in three digits, or in all of a whole number's (2007; 1,234,567 from 10,000 on); NaN as a dash."""
    if not math.isfinite(value):
        return "–" if math.isnan(value) else "∞" if value > 0 else "−∞"
    value = value or 0.0  # never "−0"
    is_whole = value == round(value) and abs(value) < 1e15
    decimals = max(0, 3 - len(str(int(abs(value))))) if abs(value) >= 1 and not is_whole else 0
    text = f"{value:,.{decimals}f}" if is_whole or 1 <= abs(value) < 1e15 else f"{value:.3g}"
    text = text.replace(",", "") if abs(value) < 9999.5 else text
    return text.replace("-", "−") if "e" not in text else text


def format_limit(value: float) -> str:
    """A number that values are compared with: in four digits (59.63), or all digits of a large one (9,100,000)."""
    return f"{value:.4g}".replace("-", "−", 1) if 1e-4 <= abs(value) < 9999.5 or not value else format_number(value)


def format_large_number(value: float) -> str:
    """A large number in three digits and a word: 1.23 million."""
    return _in_units(value, ((1e9, "billion"), (1e6, "million"), (1e3, "thousand"))) or f"{value:.3g}"


def format_percent(fraction: float) -> str:
    """A fraction in percent, never rounded to 0% or 100%: 12%, under 0.1%."""
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
    """A size in three digits: 12.3 kB."""
    return _in_units(count, ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"))) or pluralize(count, "byte")


def _in_units(value: float, units: Iterable[tuple[float, str]]) -> str:
    rounded = float(f"{value:.3g}")  # 999,999 bytes are 1 MB
    unit, name = next((pair for pair in units if rounded >= pair[0]), (0.0, ""))
    return f"{rounded / unit:,.12g} {name}" if unit else ""


def format_duration(seconds: float) -> str:
    """A duration in its two largest units: 1 min 15 s."""
    if seconds < 60:
        return f"{seconds:.1g} s" if seconds < 0.1 else f"{seconds:.2g} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def format_datetime(iso: str) -> str:
    """A date and time in ISO form as people read it: no midnight, no zero seconds."""
    day, clock, zone = iso[:10], iso[11:19], iso[19:].replace("+00:00", " UTC")
    return day if clock in ("", "00:00:00") else f"{day} {clock.removesuffix(':00')}{zone}"


# Estimates with their uncertainty -------------------------------------------------------------


def format_p(p: float) -> str:
    """A p-value: p = 0.031, p < 0.001."""
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}" if p < 0.1 else f"p = {p:.2f}"


def is_nonzero_width(low: float, high: float) -> bool:
    """Whether an interval has a width beyond rounding."""
    return high - low > 1e-12 * max(abs(low), abs(high))


def decimals_for_interval(value: float, low: float, high: float) -> int:
    """Decimals that show two digits of the interval's width; four digits of the value if the width is zero."""
    scale, digits = (high - low, 2) if is_nonzero_width(low, high) else (abs(value), 4)
    return min(max(0, digits - 1 - math.floor(math.log10(scale))), 12) if scale > 0 else 3


def decimals_for_difference(value: float, low: float, high: float) -> int:
    """Decimals for an interval, and more where a limit close to zero would be written as zero."""
    limits = [-math.floor(math.log10(abs(limit))) for limit in (low, high) if abs(limit) > 1e-9]
    return min(max(decimals_for_interval(value, low, high), *limits, 0), 12)


def format_value(value: float, decimals: int) -> str:
    """A number with fixed decimals, and a power of ten where digits would be too many: −0.11, 4e9."""
    scientific = abs(value) >= SCIENTIFIC_FROM or (decimals >= 8 and value != 0)
    text = f"{abs(value):.3g}".replace("e+0", "e").replace("e+", "e") if scientific else f"{abs(value):,.{decimals}f}"
    return f"−{text}" if value < 0 and _has_nonzero_digit(text) else text


def format_signed(value: float, decimals: int) -> str:
    """The same with a plus sign before numbers above zero: +0.01."""
    text = format_value(value, decimals)
    return f"+{text}" if value > 0 and _has_nonzero_digit(text) else text


def format_interval(low: float, high: float, decimals: int) -> str:
    """The two limits of an interval: −0.43 to −0.28."""
    return f"{format_value(low, decimals)} to {format_value(high, decimals)}"


def format_with_interval(value: float, low: float, high: float) -> str:
    """A value and its interval in equal decimals, 0.986 (0.957 to 1.000); the value alone where the width is zero."""
    decimals = decimals_for_interval(value, low, high)
    if not is_nonzero_width(low, high):
        return format_value(value, decimals)
    return f"{format_value(value, decimals)} ({format_interval(low, high, decimals)})"


def format_percent_with_interval(value: float, low: float, high: float) -> str:
    """A fraction and its interval in percent with one decimal: 90.6% (89.7 to 91.5%)."""
    return f"{value:.1%} ({100 * low:.1f} to {high:.1%})"


def change_text(name: str, before: float, after: float, decimals: int = 4, unit: str = "") -> str:
    """How a score changes, as a predicate: lowers the log loss from 0.5881 to 0.5602."""
    first, second = (format_value(value, decimals) for value in (before, after))
    if first == second:
        return f"leaves the {name} at {first}{unit}"
    return f"{'lowers' if after < before else 'raises'} the {name} from {first} to {second}{unit}"


def _has_nonzero_digit(text: str) -> bool:
    return any(digit in "123456789" for digit in text)
