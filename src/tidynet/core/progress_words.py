"""Names, counts, sizes and times in words."""

from __future__ import annotations

__all__ = ["format_bytes", "format_duration", "format_large_number", "pluralize", "printable"]


def printable(text: str) -> str:
    r"""Text from a table as a terminal may print it: on one line, control characters spelt out.

    Examples
    --------
    >>> print(printable("red \x1b[31m and\nnew line"))
    red \x1b[31m and\nnew line
    """
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text)


def pluralize(count: int, noun: str) -> str:
    """A count with its noun.

    Examples
    --------
    >>> pluralize(1, "row"), pluralize(10_000, "row")
    ('1 row', '10,000 rows')
    """
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def format_large_number(number: float) -> str:
    """A large number in three digits.

    Examples
    --------
    >>> format_large_number(1234567.0), format_large_number(45678.0), format_large_number(12.0)
    ('1.23 million', '45.7 thousand', '12')
    """
    for unit, name in ((1e9, "billion"), (1e6, "million"), (1e3, "thousand")):
        if number >= unit:
            return f"{number / unit:.3g} {name}"
    return f"{number:.3g}"


def format_bytes(count: int) -> str:
    """Bytes in three digits.

    Examples
    --------
    >>> format_bytes(999), format_bytes(12_345), format_bytes(2_500_000)
    ('999 bytes', '12.3 kB', '2.5 MB')
    """
    for unit, name in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if count >= unit:
            return f"{count / unit:.3g} {name}"
    return pluralize(count, "byte")


def format_duration(seconds: float) -> str:
    """Seconds as a person says them.

    Examples
    --------
    >>> format_duration(0.042), format_duration(3.21), format_duration(75.2), format_duration(7300.0)
    ('0.04 s', '3.2 s', '1 min 15 s', '2 h 1 min')
    """
    if seconds < 60:
        return f"{seconds:.1g} s" if seconds < 0.1 else f"{seconds:.2g} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
