"""What is seen of a column and of a pair of columns, in a sentence or two as a person would say it."""

from __future__ import annotations

from collections.abc import Sequence

from tidynet.look.counts import Bars
from tidynet.look.profile import ColumnProfile, PairProfile
from tidynet.share.explore_words import column_number, number_words
from tidynet.share.page import count, percentage

__all__ = ["column_words", "correlation_words", "pair_words"]

_LEVELS = ("nominal", "ordinal", "boolean")
_LOPSIDED, _FAR_LOPSIDED = 0.5, 2.0  # skews from which a tail is seen, and is what is seen first


def column_words(column: ColumnProfile) -> str:
    """What is seen of a column: where its values lie, how often each level comes, how many are missing.

    Examples
    --------
    >>> column = ColumnProfile("x", "boolean", "", 4, 1, 2, levels=(("yes", 2), ("no", 1)))
    >>> column_words(column)
    'yes in 66.7% of the rows that have a value, no in 33.3%. 1 cell is missing (25.0%).'
    """
    if column.missing >= column.rows:
        return "no value is known."
    seen = _levels(column) if column.kind in _LEVELS else _quantity(column)
    if not column.missing:
        return seen
    verb = "is" if column.missing == 1 else "are"
    return f"{seen} {count(column.missing, 'cell')} {verb} missing ({percentage(column.missing / column.rows)})."


def _levels(column: ColumnProfile) -> str:
    known = column.rows - column.missing
    of = "rows that have a value" if column.missing else "rows"
    levels = [(name, percentage(rows / known)) for name, rows in column.levels]
    if not levels:
        return f"{count(column.distinct or 0, 'level')}."
    if (column.distinct or 0) <= 2:
        first, *others = levels
        return f"{first[0]} in {first[1]} of the {of}" + "".join(f", {name} in {share}" for name, share in others) + "."
    order = column.picture.levels if column.kind == "ordinal" and isinstance(column.picture, Bars) else ()
    range_ = f" from {order[0]} to {order[-1]}" if len(order) > 1 else ""
    most, share = levels[0]
    told = f"{count(column.distinct or 0, 'level')}{range_}; {most} is the most frequent ({share} of the {of})"
    if len(levels) == column.distinct:
        told += f", {levels[-1][0]} the least ({levels[-1][1]})"
    once = int(column.numbers.get("levels seen once", 0))
    return told + (f". {count(once, 'level')} {'comes' if once == 1 else 'come'} once." if once else ".")


def _quantity(column: ColumnProfile) -> str:
    numbers = column.numbers
    if not {"min", "max"} <= set(numbers):
        return f"{count(column.distinct or 0, 'different value')}."
    unit = f" {column.words['unit']}" if column.words.get("unit") else ""
    seen = f"from {column_number(column, 'min')} to {column_number(column, 'max')}{unit}"
    if {"25%", "75%"} <= set(numbers):
        seen += f", half of the rows between {column_number(column, '25%')} and {column_number(column, '75%')}"
    if "median" in numbers:
        seen += f"; the median is {column_number(column, 'median')}"
    return f"{seen}{_tail(column)}.{_zeros(column)}"


def _tail(column: ColumnProfile) -> str:
    skew = column.numbers.get("skew", 0.0)
    if not abs(skew) >= _LOPSIDED or "mean" not in column.numbers:
        return ""
    length = "long" if abs(skew) >= _FAR_LOPSIDED else "longer"
    side, end = ("large", "above") if skew > 0 else ("small", "below")
    mean, median = column.numbers["mean"], column.numbers.get("median", column.numbers["mean"])
    beside = f", and the mean, {column_number(column, 'mean')}, lies {end} it" if (mean - median) * skew > 0 else ""
    return f"{beside}: {'a' if length == 'long' else 'the'} {length} tail is that of {side} values"


def _zeros(column: ColumnProfile) -> str:
    zeros = int(column.numbers.get("zeros", 0))
    if not zeros:
        return ""
    return f" {count(zeros, 'row')} {'is' if zeros == 1 else 'are'} 0 ({percentage(zeros / column.rows)})."


def correlation_words(names: Sequence[str], pairs: Sequence[PairProfile]) -> str:
    """The strongest correlation of some quantities, and its value.

    Examples
    --------
    >>> correlation_words(["a", "b"], [PairProfile("a", "b", {"Pearson": -0.714}, 0.7, 0.1, 90)])
    "The strongest correlation among 2 quantities is that of a and b, −0.71 (Pearson's, from −1 to 1)."
    """
    told = [one for one in pairs if "Pearson" in one.measures and {one.x, one.y} <= set(names)]
    many = count(len(names), "quantity", "quantities")
    if not told:
        return f"Pearson's correlation of {many}, from −1 to 1; no two go together more than chance explains."
    most = max(told, key=lambda one: abs(one.measures["Pearson"]))
    value = f"{most.measures['Pearson']:.2f}".replace("-", "−")
    return (
        f"The strongest correlation among {many} is that of {most.x} and {most.y}, {value} (Pearson's, from −1 to 1)."
    )


def pair_words(pair: PairProfile) -> str:
    """How closely two columns go together, beside what chance would bring.

    Examples
    --------
    >>> pair_words(PairProfile("a", "b", {"Pearson": -0.714}, 0.7, 0.1, 90))
    'They go together by 0.70 of 1, where chance alone seldom brings more than 0.10. Pearson −0.714.'
    """
    measures = ", ".join(f"{name} {number_words(round(value, 3))}" for name, value in pair.measures.items())
    return (
        f"They go together by {pair.association:.2f} of 1, where chance alone seldom brings more than "
        f"{pair.noise_floor:.2f}." + (f" {measures[:1].upper()}{measures[1:]}." if measures else "")
    )
