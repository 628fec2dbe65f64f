"""What is seen of a column and of a pair of columns, in a sentence or two as a person would say it."""

from __future__ import annotations

from collections.abc import Sequence

from tidynet.look.counts import Bars, Histogram
from tidynet.look.profile import ColumnProfile, PairCounts, PairProfile, TargetRelation
from tidynet.share.explore_words import column_number, moment_words, number_words
from tidynet.share.page import count, percentage

__all__ = ["column_words", "correlation_words", "pair_words", "relation_words"]

_LEVELS = ("nominal", "ordinal", "boolean")
_FEWEST_ROWS = 10  # of a level whose share is told
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


def relation_words(relation: TargetRelation) -> str:
    """Where a level of the target is most and least frequent; nothing for a target of numbers.

    Examples
    --------
    >>> counts = PairCounts(Bars(("a", "b"), (20, 30)), Bars(("no", "yes"), (33, 17)), ((18, 2), (15, 15)))
    >>> relation_words(TargetRelation("x", 0.1, 0.1, 0.1, 50, counts))
    'yes comes in 50% of the rows where x is b, and in 10% where it is a.'
    """
    counts = relation.picture
    if counts is None or not isinstance(counts.y, Bars):
        return ""
    groups = _groups(counts)
    if len(groups) < 2:
        return ""
    told = []
    # Of two levels one says all; which of several, the one whose share differs most.
    for place in range(len(counts.y.levels))[1 if len(counts.y.levels) == 2 else 0 :]:
        shares = {name: rows[place] / sum(rows) for name, rows in groups.items()}
        most, least = max(shares, key=lambda name: shares[name]), min(shares, key=lambda name: shares[name])
        told.append((shares[most] - shares[least], counts.y.levels[place], most, shares[most], least, shares[least]))
    if not told:
        return ""
    _, level, most, high, least, low = max(told)
    where = f"where {relation.column} is {most}"
    return f"{level} comes in {high:.0%} of the rows {where}, and in {low:.0%} where it is {least}."


def _groups(counts: PairCounts) -> dict[str, list[int]]:
    """Rows of each level of the target, by level of the column, or by whether its number is from the middle on."""
    if isinstance(counts.x, Bars):
        pairs = zip(counts.x.levels, counts.cells, strict=False)
        return {name: list(rows) for name, rows in pairs if sum(rows) >= _FEWEST_ROWS}
    sums = [sum(rows) for rows in counts.cells]
    # The bin from which on the rows are halved best.
    cut = min(range(1, max(2, len(sums))), key=lambda place: abs(2 * sum(sums[:place]) - sum(sums)))
    start = _start(counts.x, cut)
    halves = {f"{start} or more": counts.cells[cut:], f"less than {start}": counts.cells[:cut]}
    groups = {name: [sum(column) for column in zip(*rows, strict=True)] for name, rows in halves.items()}
    return {name: rows for name, rows in groups.items() if sum(rows) >= _FEWEST_ROWS}


def _start(bins: Histogram, place: int) -> str:
    """The smallest number that a bin can hold."""
    start = bins.edges[place]
    if bins.scale == "time":
        return moment_words(start)
    # Edges lie between the numbers where those are rounded to a step.
    between = (bins.grid and bins.scale == "linear") or bins.grid == 1.0
    return number_words(round(start + bins.grid / 2, 10) if between else start)
