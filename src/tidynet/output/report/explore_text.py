"""A profile in words: the table in five lines, numbers as people read them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping

import numpy as np

from tidynet.output.report.html_page import format_count, format_percent
from tidynet.profiling.counts import Histogram
from tidynet.profiling.profile import ColumnProfile, Profile

__all__ = [
    "format_datetime",
    "format_evidence",
    "format_number",
    "format_size",
    "format_statistic",
    "key_statistics",
    "summary_lines",
    "uncertainty_measure_name",
]

# The numbers that stand beside a column's picture, by kind; all others are one click away.
_QUANTITY = ("min", "median", "mean", "max", "std", "skew", "zeros")
_LEVELS = ("top fraction", "rare categories", "categories with one row")
_KEY = {
    **dict.fromkeys(("continuous", "discrete", "duration"), _QUANTITY),
    **dict.fromkeys(("nominal", "ordinal", "boolean"), _LEVELS),
    "datetime": ("min", "median", "max", "span (days)"),
    "text": ("min length", "mean length", "max length", "mean words"),
    "identifier": ("min length", "max length", "min", "max"),
}
_RARE = ("rare categories", "categories with one row", "zeros")
_TIMES = frozenset({"min", "max", "mean", "median", "mode", "1%", "5%", "25%", "75%", "95%", "99%"})
_SHARES = ("share", "fraction", "percent")


def format_number(value: float | str | None) -> str:
    """A number as people read it: about four digits, thousands marked from 10,000 on.

    Examples
    --------
    >>> [format_number(value) for value in (3.0, -4201.754, 0.123456, 1234567.8, 2.5e-7, None)]
    ['3', '−4202', '0.1235', '1,234,568', '2.5e−07', '–']
    """
    if value is None or isinstance(value, str):
        return value or "–"
    if not math.isfinite(value):
        return "–" if math.isnan(value) else "∞" if value > 0 else "−∞"
    size = abs(value)
    if size >= 1e15 or 0 < size < 1e-4:
        text = f"{value:.3g}"
    elif float(value).is_integer() or size >= 1000:
        text = f"{value:,.0f}" if size >= 10_000 else f"{value:.0f}"
    else:
        text = f"{value:.4g}"
    return text.replace("-", "−")


def format_size(size: int) -> str:
    """Bytes in three digits.

    Examples
    --------
    >>> format_size(27_300), format_size(999), format_size(1_000_000)
    ('27.3 kB', '999 bytes', '1 MB')
    """
    for unit, name in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if size >= unit:
            return f"{size / unit:.3g} {name}"
    return format_count(size, "byte")


def summary_lines(profile: Profile) -> tuple[str, ...]:
    """The table in five lines: its size, its kinds, its gaps, its repeats, and its target or closest pair.

    Examples
    --------
    >>> column = ColumnProfile("x", "discrete", "whole numbers", 3, 1)
    >>> for line in summary_lines(Profile("t", "t.csv", 3, (column,), duplicates=0, bytes=24)):
    ...     print(line)
    3 rows × 1 column, 24 bytes in memory
    1 discrete
    1 cell is missing (33.3%), in x
    no row repeats another
    no target was named
    """
    return (
        f"{format_count(profile.rows, 'row')} × {format_count(len(profile.columns), 'column')}"
        + (f", {format_size(profile.bytes)} in memory" if profile.bytes else ""),
        ", ".join(
            f"{number:,} {kind}"
            for kind, number in Counter(item.variable_type for item in profile.columns).most_common()
        )
        or "no columns",
        _missing_line(profile),
        _duplicates_line(profile),
        _target_line(profile),
    )


def _missing_line(profile: Profile) -> str:
    gaps = [item for item in profile.columns if item.missing]
    if not gaps:
        return "no cell is missing"
    cells = sum(item.missing for item in gaps)
    fraction = format_percent(cells / max(1, profile.rows * len(profile.columns)))
    max_count = max(gaps, key=lambda item: item.missing)
    where = (
        f"in {max_count.name}"
        if len(gaps) == 1
        else f"in {len(gaps):,} columns, most in {max_count.name} ({max_count.missing:,})"
    )
    return f"{format_count(cells, 'cell')} {'is' if cells == 1 else 'are'} missing ({fraction}), {where}"


def _duplicates_line(profile: Profile) -> str:
    if profile.duplicates is None:
        return "repeated rows were not counted"
    if not profile.duplicates:
        return "no row repeats another"
    verb = "repeats" if profile.duplicates == 1 else "repeat"
    fraction = format_percent(profile.duplicates / max(1, profile.rows))
    return f"{format_count(profile.duplicates, 'row')} {verb} an earlier row ({fraction})"


def _target_line(profile: Profile) -> str:
    if profile.target is not None:
        column = profile[profile.target]
        levels = f", {format_count(column.distinct, 'level')}" if column.distinct and _is_qualitative(column) else ""
        text = [relation for relation in profile.target_associations if relation.ci_low > 0]
        fraction = (
            f"{format_percent(text[0].explained_share)} of its {uncertainty_measure_name(column)}" if text else ""
        )
        max_count = f": {text[0].column} alone tells most about it ({fraction})" if text else ""
        return f"target {profile.target} ({column.variable_type}{levels}){max_count}"
    if profile.pairs:
        pair = max(profile.pairs, key=lambda item: item.association - item.noise_level)
        if pair.association <= pair.noise_level:
            return "no two columns go together more than chance explains; no target was named"
        return f"closest pair: {pair.x} and {pair.y} ({pair.association:.2f} of 1); no target was named"
    return "no target was named"


def uncertainty_measure_name(target: ColumnProfile) -> str:
    """What a target's columns remove a share of: the entropy of levels, the variance of numbers."""
    return "entropy" if _is_qualitative(target) else "variance"


def _is_qualitative(column: ColumnProfile) -> bool:
    return column.variable_type in ("nominal", "ordinal", "boolean")


def key_statistics(column: ColumnProfile) -> list[tuple[str, str]]:
    """The few numbers that stand beside a column's picture."""
    text = [("distinct", format_number(column.distinct))] if column.distinct is not None else []
    requested = [name for name in _KEY.get(column.variable_type, ()) if name in column.statistics]
    # That nothing is rare or zero is no news.
    return text + [
        (name, format_statistic(column, name)) for name in requested if column.statistics[name] or name not in _RARE
    ]


def format_statistic(column: ColumnProfile, name: str) -> str:
    """One number of a column in words: times as dates, shares as percentages, bytes with their unit.

    Examples
    --------
    >>> column = ColumnProfile("x", "nominal", "", 4, 0, statistics={"top fraction": 0.75, "bytes": 32.0, "entropy": 0.5})
    >>> [format_statistic(column, name) for name in column.numbers]
    ['75.0%', '32 bytes', '0.5']
    """
    value = column.statistics[name]
    if name in _TIMES and isinstance(column.chart_counts, Histogram) and column.chart_counts.scale == "time":
        return format_datetime(value) if math.isfinite(value) else "–"
    if name in ("bytes", "bytes in smallest dtype"):
        return format_size(round(value))
    return _format_evidence_value(name, value)


def format_datetime(microseconds: float) -> str:
    """A time as a date, with the clock where there is one.

    Examples
    --------
    >>> format_datetime(0.0), format_datetime(43_200e6)
    ('1970-01-01', '1970-01-01 12:00')
    """
    stamp = str(np.datetime64(round(microseconds / 1e6), "s"))
    return stamp[:10] if stamp.endswith("T00:00:00") else stamp.replace("T", " ").removesuffix(":00")


def format_evidence(evidence: Mapping[str, float | str]) -> list[tuple[str, str]]:
    """The numbers behind a finding; shares as percentages."""
    return [
        (name, "< 1e−300" if name == "p" and value == 0 else _format_evidence_value(name, value))
        for name, value in evidence.items()
    ]


def _format_evidence_value(name: str, value: float | str) -> str:
    if isinstance(value, str) or not _is_share(name, value):
        return format_number(value)
    return format_percent(value)


def _is_share(name: str, value: float) -> bool:
    return 0 <= value <= 1 and any(word in name.split() for word in _SHARES)
