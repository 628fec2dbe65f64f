"""What is seen of a column and of a pair of columns, in a sentence or two as a person would say it."""

from __future__ import annotations

from collections.abc import Sequence

from tidynet.output.report.explore_text import format_datetime, format_number, format_statistic
from tidynet.output.report.html_page import format_count, format_percent
from tidynet.profiling.counts import Bars, Histogram
from tidynet.profiling.profile import ColumnProfile, PairCounts, PairProfile, TargetAssociation

__all__ = ["describe_column", "describe_correlations", "describe_pair", "describe_target_association"]

_LEVELS = ("nominal", "ordinal", "boolean")
_MIN_ROWS = 10  # of a level whose share is told
_LOPSIDED, _FAR_LOPSIDED = 0.5, 2.0  # skews from which a tail is seen, and is what is seen first


def describe_column(column: ColumnProfile) -> str:
    """What is seen of a column: where its values lie, how often each level comes, how many are missing.

    Examples
    --------
    >>> column = ColumnProfile("x", "boolean", "", 4, 1, 2, levels=(("yes", 2), ("no", 1)))
    >>> describe_column(column)
    'yes in 66.7% of the rows that have a value, no in 33.3%. 1 cell is missing (25.0%).'
    """
    if column.missing >= column.rows:
        return "no value is known."
    seen = _levels(column) if column.variable_type in _LEVELS else _quantity(column)
    if not column.missing:
        return seen
    verb = "is" if column.missing == 1 else "are"
    return f"{seen} {format_count(column.missing, 'cell')} {verb} missing ({format_percent(column.missing / column.rows)})."


def _levels(column: ColumnProfile) -> str:
    known = column.rows - column.missing
    of = "rows that have a value" if column.missing else "rows"
    levels = [(name, format_percent(rows / known)) for name, rows in column.categories]
    if not levels:
        return f"{format_count(column.distinct or 0, 'level')}."
    if (column.distinct or 0) <= 2:
        first, *others = levels
        return (
            f"{first[0]} in {first[1]} of the {of}"
            + "".join(f", {name} in {fraction}" for name, fraction in others)
            + "."
        )
    order = (
        column.chart_counts.categories
        if column.variable_type == "ordinal" and isinstance(column.chart_counts, Bars)
        else ()
    )
    range_ = f" from {order[0]} to {order[-1]}" if len(order) > 1 else ""
    max_count, fraction = levels[0]
    text = f"{format_count(column.distinct or 0, 'level')}{range_}; {max_count} is the most frequent ({fraction} of the {of})"
    if len(levels) == column.distinct:
        text += f", {levels[-1][0]} the least ({levels[-1][1]})"
    once = int(column.statistics.get("categories with one row", 0))
    return text + (f". {format_count(once, 'level')} {'comes' if once == 1 else 'come'} once." if once else ".")


def _quantity(column: ColumnProfile) -> str:
    numbers = column.statistics
    if not {"min", "max"} <= set(numbers):
        return f"{format_count(column.distinct or 0, 'different value')}."
    unit = f" {column.properties['unit']}" if column.properties.get("unit") else ""
    seen = f"from {format_statistic(column, 'min')} to {format_statistic(column, 'max')}{unit}"
    if {"25%", "75%"} <= set(numbers):
        seen += f", half of the rows between {format_statistic(column, '25%')} and {format_statistic(column, '75%')}"
    if "median" in numbers:
        seen += f"; the median is {format_statistic(column, 'median')}"
    return f"{seen}{_tail_text(column)}.{_zeros(column)}"


def _tail_text(column: ColumnProfile) -> str:
    skew = column.statistics.get("skew", 0.0)
    if not abs(skew) >= _LOPSIDED or "mean" not in column.statistics:
        return ""
    length = "long" if abs(skew) >= _FAR_LOPSIDED else "longer"
    side, end = ("large", "above") if skew > 0 else ("small", "below")
    mean, median = column.statistics["mean"], column.statistics.get("median", column.statistics["mean"])
    beside = f", and the mean, {format_statistic(column, 'mean')}, lies {end} it" if (mean - median) * skew > 0 else ""
    return f"{beside}: {'a' if length == 'long' else 'the'} {length} tail is that of {side} values"


def _zeros(column: ColumnProfile) -> str:
    zeros = int(column.statistics.get("zeros", 0))
    if not zeros:
        return ""
    return f" {format_count(zeros, 'row')} {'is' if zeros == 1 else 'are'} 0 ({format_percent(zeros / column.rows)})."


def describe_correlations(names: Sequence[str], pairs: Sequence[PairProfile]) -> str:
    """The strongest correlation of some quantities, and its value.

    Examples
    --------
    >>> describe_correlations(["a", "b"], [PairProfile("a", "b", {"Pearson": -0.714}, 0.7, 0.1, 90)])
    "The strongest correlation among 2 quantities is that of a and b, −0.71 (Pearson's, from −1 to 1)."
    """
    text = [item for item in pairs if "Pearson" in item.measures and {item.x, item.y} <= set(names)]
    many = format_count(len(names), "quantity", "quantities")
    if not text:
        return f"Pearson's correlation of {many}, from −1 to 1; no two go together more than chance explains."
    max_count = max(text, key=lambda item: abs(item.measures["Pearson"]))
    value = f"{max_count.measures['Pearson']:.2f}".replace("-", "−")
    return f"The strongest correlation among {many} is that of {max_count.x} and {max_count.y}, {value} (Pearson's, from −1 to 1)."


def describe_pair(pair: PairProfile) -> str:
    """How closely two columns go together, beside what chance would bring.

    Examples
    --------
    >>> describe_pair(PairProfile("a", "b", {"Pearson": -0.714}, 0.7, 0.1, 90))
    'They go together by 0.70 of 1, where chance alone seldom brings more than 0.10. Pearson −0.714.'
    """
    measures = ", ".join(f"{name} {format_number(round(value, 3))}" for name, value in pair.measures.items())
    return (
        f"They go together by {pair.association:.2f} of 1, where chance alone seldom brings more than "
        f"{pair.noise_level:.2f}." + (f" {measures[:1].upper()}{measures[1:]}." if measures else "")
    )


def describe_target_association(relation: TargetAssociation) -> str:
    """Where a level of the target is most and least frequent; nothing for a target of numbers.

    Examples
    --------
    >>> counts = PairCounts(Bars(("a", "b"), (20, 30)), Bars(("no", "yes"), (33, 17)), ((18, 2), (15, 15)))
    >>> describe_target_association(TargetAssociation("x", 0.1, 0.1, 0.1, 50, counts))
    'yes comes in 50% of the rows where x is b, and in 10% where it is a.'
    """
    counts = relation.chart_counts
    if counts is None or not isinstance(counts.y, Bars):
        return ""
    groups = _groups(counts)
    if len(groups) < 2:
        return ""
    text = []
    # Of two levels one says all; which of several, the one whose share differs most.
    for index in range(len(counts.y.categories))[1 if len(counts.y.categories) == 2 else 0 :]:
        fractions = {name: rows[index] / sum(rows) for name, rows in groups.items()}
        max_count, min_count = (
            max(fractions, key=lambda name: fractions[name]),
            min(fractions, key=lambda name: fractions[name]),
        )
        text.append(
            (
                fractions[max_count] - fractions[min_count],
                counts.y.categories[index],
                max_count,
                fractions[max_count],
                min_count,
                fractions[min_count],
            )
        )
    if not text:
        return ""
    _, level, max_count, high, min_count, low = max(text)
    where = f"where {relation.column} is {max_count}"
    return f"{level} comes in {high:.0%} of the rows {where}, and in {low:.0%} where it is {min_count}."


def _groups(counts: PairCounts) -> dict[str, list[int]]:
    """Rows of each level of the target, by level of the column, or by whether its number is from the middle on."""
    if isinstance(counts.x, Bars):
        pairs = zip(counts.x.categories, counts.cells, strict=False)
        return {name: list(rows) for name, rows in pairs if sum(rows) >= _MIN_ROWS}
    sums = [sum(rows) for rows in counts.cells]
    # The bin from which on the rows are halved best.
    cut = min(range(1, max(2, len(sums))), key=lambda index: abs(2 * sum(sums[:index]) - sum(sums)))
    start = _bin_start_text(counts.x, cut)
    halves = {f"{start} or more": counts.cells[cut:], f"less than {start}": counts.cells[:cut]}
    groups = {name: [sum(column) for column in zip(*rows, strict=True)] for name, rows in halves.items()}
    return {name: rows for name, rows in groups.items() if sum(rows) >= _MIN_ROWS}


def _bin_start_text(bins: Histogram, index: int) -> str:
    """The smallest number that a bin can hold."""
    start = bins.edges[index]
    if bins.scale == "time":
        return format_datetime(start)
    # Edges lie between the numbers where those are rounded to a step.
    between = (bins.grid and bins.scale == "linear") or bins.grid == 1.0
    return format_number(round(start + bins.grid / 2, 10) if between else start)
