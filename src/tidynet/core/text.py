"""How findings say numbers, values and calls."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tidynet.core.errors import join_names

__all__ = ["count_rows", "drop_call", "format_number", "format_percent", "list_columns", "quote"]

_MAX_LENGTH = 40


def quote(value: object) -> str:
    """A value or name in quotation marks, cut where it is long.

    Examples
    --------
    >>> quote("New York ")
    "'New York '"
    """
    text = str(value).replace("\n", " ")
    return f"'{text if len(text) <= _MAX_LENGTH else text[: _MAX_LENGTH - 1] + '…'}'"


def format_percent(fraction: float) -> str:
    """A share in percent, never rounded to none or to all.

    Examples
    --------
    >>> format_percent(0.123), format_percent(0.0004), format_percent(0.9999), format_percent(1.0)
    ('12%', 'under 0.1%', 'over 99.9%', '100%')
    """
    if 0 < fraction < 0.001:
        return "under 0.1%"
    if 0.999 < fraction < 1:
        return "over 99.9%"
    digits = 1 if 0 < fraction < 0.0995 or 0.9905 <= fraction < 1 else 0
    text = f"{100 * fraction:.{digits}f}"
    return (text.removesuffix(".0") if digits else text) + "%"


def format_number(value: float) -> str:
    """A number in three digits, or all digits of a whole number.

    Examples
    --------
    >>> format_number(1234567.0), format_number(0.12345), format_number(-2.0), format_number(-0.0)
    ('1,234,567', '0.123', '−2', '0')
    """
    value = value or 0.0  # never "−0"
    if value == round(value) and abs(value) < 1e15:
        return f"{value:,.0f}".replace("-", "−")
    digits = max(0, 3 - len(str(int(abs(value))))) if abs(value) >= 1 else 0
    text = f"{value:,.{digits}f}" if 1 <= abs(value) < 1e15 else f"{value:.3g}"
    return text.replace("-", "−") if "e" not in text else text


def count_rows(count: float) -> str:
    """Rows counted in words.

    Examples
    --------
    >>> count_rows(1), count_rows(1200)
    ('1 row', '1,200 rows')
    """
    return f"{count:,.0f} row" + ("" if count == 1 else "s")


def list_columns(names: Sequence[str]) -> str:
    """Names of columns for a sentence.

    Examples
    --------
    >>> list_columns(["a", "b"])
    "'a', 'b'"
    """
    return join_names((name if len(name) <= _MAX_LENGTH else name[: _MAX_LENGTH - 1] + "…" for name in names), limit=5)


def drop_call(columns: Iterable[str]) -> str:
    """The call that leaves columns out, of any kind of frame.

    Examples
    --------
    >>> drop_call(["a"])
    "tn.read(frame).drop('a')"
    """
    return f"tn.read(frame).drop({', '.join(repr(name) for name in columns)})"
