"""A profile in words: the table in five lines, the numbers of a column, sentences on columns and pairs."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from tidynet.core.text import format_bytes, format_number, format_percent, format_value, pluralize
from tidynet.core.text import format_datetime as format_iso_datetime
from tidynet.profiling.counts import Bars, Histogram
from tidynet.profiling.pairs import sort_by_strength
from tidynet.profiling.profile import ColumnProfile, PairCounts, PairProfile, Profile, TargetAssociation

# The numbers beside a column's chart, by variable type; all others are one click away.
_NUMERIC = ("min", "median", "mean", "max", "std", "skew", "zeros")
_CATEGORICAL = ("top fraction", "rare categories", "categories with one row")
_KEY = {
    **dict.fromkeys(("continuous", "discrete", "duration"), _NUMERIC),
    **dict.fromkeys(("nominal", "ordinal", "boolean"), _CATEGORICAL),
    "datetime": ("min", "median", "max", "span (days)"),
    "text": ("min length", "mean length", "max length", "mean words"),
    "identifier": ("min length", "max length", "min", "max"),
}
_SHOWN_IF_NONZERO = ("rare categories", "categories with one row", "zeros")
_TIMES = frozenset({"min", "max", "mean", "median", "mode", "1%", "5%", "25%", "75%", "95%", "99%"})
_FRACTIONS = ("share", "fraction", "percent")
_MIN_ROWS = 10  # of a category whose rate is compared
_SKEWED = 0.5

# The table -------------------------------------------------------------------------------------


def summary_lines(profile: Profile) -> tuple[str, ...]:
    """The table in five lines: size, variable types, missing cells, duplicates, target or strongest association."""
    types = Counter(item.variable_type for item in profile.columns).most_common()
    return (
        f"{pluralize(profile.rows, 'row')} × {pluralize(len(profile.columns), 'column')}"
        + (f", {format_bytes(profile.bytes)} in memory" if profile.bytes else ""),
        f"variable types: {', '.join(f'{count:,} {name}' for name, count in types) or 'none'}",
        _missing_line(profile),
        _duplicates_line(profile),
        _association_line(profile) if profile.target is None else _target_line(profile, profile.target),
    )


def _missing_line(profile: Profile) -> str:
    columns = [item for item in profile.columns if item.missing]
    cells = sum(item.missing for item in columns)
    if not cells:
        return "0 missing cells"
    fraction = format_percent(cells / max(1, profile.rows * len(profile.columns)))
    worst = max(columns, key=lambda item: item.missing)
    where = worst.name if len(columns) == 1 else f"{len(columns):,} columns, most in {worst.name} ({worst.missing:,})"
    return f"{pluralize(cells, 'missing cell')} ({fraction}), in {where}"


def _duplicates_line(profile: Profile) -> str:
    if profile.duplicates is None:
        return "duplicate rows were not counted"
    fraction = f" ({format_percent(profile.duplicates / max(1, profile.rows))})" if profile.duplicates else ""
    return f"{pluralize(profile.duplicates, 'duplicate row')}{fraction}"


def _target_line(profile: Profile, target: str) -> str:
    column = profile[target]
    is_counted = column.distinct and is_categorical(column)
    categories = f", {pluralize(column.distinct or 0, 'category', 'categories')}" if is_counted else ""
    # Training excludes identifiers: row numbers of a sorted table explain nothing on new rows.
    features = [item for item in profile.target_associations if profile[item.column].variable_type != "identifier"]
    best = next((item for item in features if item.ci_low > 0), None)
    measure = uncertainty_measure_name(column)
    text = (
        f": best single column {best.column} (explains {format_percent(best.explained_share)} of the {measure})"
        if best
        else ""
    )
    return f"target {target} ({column.variable_type}{categories}){text}"


def _association_line(profile: Profile) -> str:
    if not profile.pairs:
        return "no target"
    pair = min(profile.pairs, key=sort_by_strength)
    if not pair.is_significant:
        return "no target; no significant association between columns"
    rows = f"; from {pair.rows:,} of {pluralize(profile.rows, 'row')}" if pair.rows < profile.rows else ""
    return f"no target; strongest association: {pair.x} and {pair.y}, {pair.association:.2f} (0 to 1{rows})"


def uncertainty_measure_name(target: ColumnProfile) -> str:
    """What an associated column explains of a target: entropy of classes, variance of numbers."""
    return "entropy" if is_categorical(target) else "variance"


def is_categorical(column: ColumnProfile) -> bool:
    """Whether the values of a column are categories."""
    return column.variable_type in ("nominal", "ordinal", "boolean")


# The numbers of a column -----------------------------------------------------------------------


def key_statistics(column: ColumnProfile) -> list[tuple[str, str]]:
    """The few numbers beside a column's chart."""
    text = [("distinct", f"{column.distinct:,}")] if column.distinct is not None else []
    names = [name for name in _KEY.get(column.variable_type, ()) if name in column.statistics]
    return text + [
        (name, format_statistic(column, name))
        for name in names
        if column.statistics[name] or name not in _SHOWN_IF_NONZERO
    ]


def format_statistic(column: ColumnProfile, name: str) -> str:
    """One number of a column: times as dates, fractions as percentages, bytes with their unit."""
    value = column.statistics[name]
    if name in _TIMES and isinstance(column.chart_counts, Histogram) and column.chart_counts.scale == "time":
        return format_microseconds(value) if math.isfinite(value) else "–"
    if name in ("bytes", "bytes in smallest dtype"):
        return format_bytes(round(value))
    return _format_named_value(name, value)


def format_microseconds(microseconds: float) -> str:
    """Microseconds since 1970 as a date and time."""
    return format_iso_datetime(str(np.datetime64(round(microseconds / 1e6), "s")))


def format_evidence(evidence: Mapping[str, float | str]) -> list[tuple[str, str]]:
    """The numbers behind a finding."""
    return [(name, _format_named_value(name, value)) for name, value in evidence.items()]


def _format_named_value(name: str, value: float | str) -> str:
    if isinstance(value, str):
        return value or "–"
    if name in ("p", "lowest p", "highest p") and value == 0:
        return "< 1e−300"
    is_fraction = 0 <= value <= 1 and any(word in name.split() for word in _FRACTIONS)
    return format_percent(value) if is_fraction else format_number(value)


# Sentences on columns and pairs ----------------------------------------------------------------


def describe_column(column: ColumnProfile) -> str:
    """The range or the categories of a column, and its missing values."""
    if column.missing >= column.rows:
        return "all values are missing."
    text = _describe_categories(column) if is_categorical(column) else _describe_numbers(column)
    if not column.missing:
        return text
    return f"{text} {pluralize(column.missing, 'missing value')} ({format_percent(column.missing / column.rows)})."


def _describe_categories(column: ColumnProfile) -> str:
    whole = "known values" if column.missing else "rows"
    known = column.rows - column.missing
    categories = [(name, format_percent(rows / known)) for name, rows in column.categories]
    count = pluralize(column.distinct or 0, "category", "categories")
    if not categories:
        return f"{count}."
    if (column.distinct or 0) <= 2:
        return f"{', '.join(f'{name} {fraction}' for name, fraction in categories)} of the {whole}."
    chart = column.chart_counts
    order = chart.categories if column.variable_type == "ordinal" and isinstance(chart, Bars) else ()
    span = f" from {order[0]} to {order[-1]}" if len(order) > 1 else ""
    text = f"{count}{span}; most frequent: {categories[0][0]} ({categories[0][1]} of the {whole})"
    if len(categories) == column.distinct:
        text += f", least frequent: {categories[-1][0]} ({categories[-1][1]})"
    once = int(column.statistics.get("categories with one row", 0))
    return f"{text}. {pluralize(once, 'category', 'categories')} in one row only." if once else f"{text}."


def _describe_numbers(column: ColumnProfile) -> str:
    if not {"min", "max"} <= set(column.statistics):
        return f"{pluralize(column.distinct or 0, 'distinct value')}."
    value = {name: format_statistic(column, name) for name in _TIMES & set(column.statistics)}
    unit = f" {column.properties['unit']}" if column.properties.get("unit") else ""
    text = f"range {value['min']} to {value['max']}{unit}"
    if {"25%", "75%"} <= set(value):
        text += f"; middle half {value['25%']} to {value['75%']}"
    text += "".join(f"; {name} {value[name]}" for name in ("median", "mean") if name in value)
    skew = column.statistics.get("skew", 0.0)
    if abs(skew) >= _SKEWED and "mean" in value:
        text += f"; skewed to the {'right' if skew > 0 else 'left'} (skew {format_number(round(skew, 1))})"
    zeros = int(column.statistics.get("zeros", 0))
    return f"{text}." + (f" {pluralize(zeros, 'zero')} ({format_percent(zeros / column.rows)})." if zeros else "")


def describe_correlations(names: Sequence[str], pairs: Sequence[PairProfile]) -> str:
    """The strongest correlation among numeric columns."""
    known = [item for item in pairs if "Pearson" in item.measures and {item.x, item.y} <= set(names)]
    text = f"Pearson correlation of {pluralize(len(names), 'numeric column')}"
    if not known:
        return f"{text}; none is significant."
    pair = max(known, key=lambda item: abs(item.measures["Pearson"]))
    return f"{text}; strongest: {pair.x} and {pair.y}, {format_value(pair.measures['Pearson'], 2)}."


def describe_pair(pair: PairProfile) -> str:
    """The association of two columns, its 95% noise level and its measures."""
    measures = ", ".join(f"{name} {format_number(round(value, 3))}" for name, value in pair.measures.items())
    text = f"Association {pair.association:.2f} (0 to 1; 95% noise level {pair.noise_level:.2f})."
    return f"{text} {measures[:1].upper()}{measures[1:]}." if measures else text


def describe_target_association(association: TargetAssociation) -> str:
    """Where a class of the target is most and least frequent; nothing for a numeric target."""
    counts = association.chart_counts
    groups = _target_counts_by_group(counts) if counts is not None and isinstance(counts.y, Bars) else {}
    if counts is None or not isinstance(counts.y, Bars) or len(groups) < 2:
        return ""
    rates = []
    # The second of two classes; of several the one whose rate differs most.
    for index in range(1 if len(counts.y.categories) == 2 else 0, len(counts.y.categories)):
        by_group = [(rows[index] / sum(rows), name) for name, rows in groups.items()]
        (low, lowest), (high, highest) = (choose(by_group, key=lambda item: item[0]) for choose in (min, max))
        rates.append((high - low, counts.y.categories[index], high, highest, low, lowest))
    if not rates:
        return ""
    _, label, high, highest, low, lowest = max(rates)
    column = association.column
    return f"{label}: {high:.0%} of the rows with {column} {highest}, {low:.0%} with {column} {lowest}."


def _target_counts_by_group(counts: PairCounts) -> dict[str, list[int]]:
    """Rows of each class of the target: by category of the column, or by a number below and from its middle on."""
    if isinstance(counts.x, Bars):
        pairs = zip(counts.x.categories, counts.cells, strict=False)
        return {f"= {name}": list(rows) for name, rows in pairs if sum(rows) >= _MIN_ROWS}
    cells = _with_spike_in_its_bin(counts.x, counts.cells)
    sums = [sum(rows) for rows in cells]
    # The bin from which on the rows are halved best.
    cut = min(range(1, max(2, len(sums))), key=lambda index: abs(2 * sum(sums[:index]) - sum(sums)))
    start = _bin_start_text(counts.x, cut)
    halves = {f"≥ {start}": cells[cut:], f"< {start}": cells[:cut]}
    groups = {name: [sum(column) for column in zip(*rows, strict=True)] for name, rows in halves.items()}
    return {name: rows for name, rows in groups.items() if sum(rows) >= _MIN_ROWS}


def _with_spike_in_its_bin(bins: Histogram, cells: Sequence[Sequence[int]]) -> list[Sequence[int]]:
    """The cells along the bins; those of a value that is drawn apart are added to the bin that it belongs to."""
    merged = list(cells[: len(bins.counts)])
    if bins.spike is not None and len(cells) > len(merged):
        place = int(np.clip(np.searchsorted(bins.edges, bins.spike, side="right") - 1, 0, len(merged) - 1))
        merged[place] = [own + apart for own, apart in zip(merged[place], cells[-1], strict=True)]
    return merged


def _bin_start_text(bins: Histogram, index: int) -> str:
    """The smallest number that a bin can hold."""
    start = bins.edges[index]
    if bins.scale == "time":
        return format_microseconds(start)
    # Edges lie between the numbers where those are rounded to a step.
    is_between = (bins.grid and bins.scale == "linear") or bins.grid == 1.0
    return format_number(round(start + bins.grid / 2, 10) if is_between else start)
