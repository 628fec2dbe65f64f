"""Numbers, products and sums in formulas: three digits, minus signs, long sums shortened."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

DIGITS = 3  # significant digits, as in the notes
_SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def superscript(number: int) -> str:
    """A whole number as superscript."""
    return str(number).translate(_SUPERSCRIPTS)


def subscript(number: int) -> str:
    """A whole number as subscript."""
    return str(number).translate(_SUBSCRIPTS)


def number_text(value: float, digits: int = DIGITS) -> str:
    """A number in `digits` significant digits and all digits before the point."""
    if not math.isfinite(value):
        return "∞" if value > 0 else "−∞" if value < 0 else "NaN"
    sign, size = ("−" if value < 0 else ""), abs(value)
    if size == 0:
        return "0"
    if 1e-4 <= size < 1e7:
        decimals = max(0, digits - 1 - math.floor(math.log10(size)))
        text = f"{size:.{decimals}f}"
        return sign + (text.rstrip("0").rstrip(".") if "." in text else text)
    mantissa, _, exponent = f"{size:.{digits - 1}e}".partition("e")
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    return f"{sign}{mantissa}·10{superscript(int(exponent))}"


def factor_text(value: float) -> str:
    """A number after an operator: in parentheses if negative."""
    text = number_text(value)
    return f"({text})" if text.startswith("−") else text


def product_text(*values: float | str) -> str:
    """A product of numbers and texts."""
    first, *rest = values
    joined = [first if isinstance(first, str) else number_text(first)]
    return "·".join(joined + [item if isinstance(item, str) else factor_text(item) for item in rest])


def sum_text(terms: Iterable[Sequence[float]], max_count: int = 6) -> str:
    """A sum of products; of a long one the largest terms in their order, and the number of the others."""
    every = list(terms)
    shown = every
    if len(every) > max_count:
        size = [abs(math.prod(term)) for term in every]
        largest = sorted(sorted(range(len(every)), key=lambda index: -size[index])[:max_count])
        shown = [every[index] for index in largest if size[index] > 0]
    joined = ""
    for number, (first, *rest) in enumerate(shown):
        sign = "−" if first < 0 else ""
        if number:
            sign = " − " if first < 0 else " + "
        joined += sign + product_text(abs(first), *rest)
    if n_more := len(every) - len(shown):
        all_zero = not any(math.prod(term) for term in every if term not in shown)
        joined += f"{' + ' if joined else ''}… {n_more} more{' of 0' if all_zero else ''}"
    return joined or "0"


def addition_text(text: str, value: float) -> str:
    """`text` with a number added."""
    size = number_text(abs(value))
    return f"{text} − {size}" if value < 0 else f"{text} + {size}"
