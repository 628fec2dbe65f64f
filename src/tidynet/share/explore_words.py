"""A profile in words: the table in five lines, numbers as people read them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping

import numpy as np

from tidynet.look.counts import Histogram
from tidynet.look.profile import ColumnProfile, Profile
from tidynet.share.page import count, percentage

__all__ = [
    "column_number",
    "evidence_words",
    "key_numbers",
    "moment_words",
    "number_words",
    "size_words",
    "summary_lines",
    "uncertainty",
]

# The numbers that stand beside a column's picture, by kind; all others are one click away.
_QUANTITY = ("min", "median", "mean", "max", "deviation", "skew", "zeros")
_LEVELS = ("top share", "rare levels", "levels seen once")
_KEY = {
    **dict.fromkeys(("continuous", "discrete", "duration"), _QUANTITY),
    **dict.fromkeys(("nominal", "ordinal", "boolean"), _LEVELS),
    "datetime": ("min", "median", "max", "span (days)"),
    "text": ("shortest", "mean length", "longest", "mean words"),
    "identifier": ("shortest", "longest", "min", "max"),
}
_RARE = ("rare levels", "levels seen once", "zeros")
_TIMES = frozenset({"min", "max", "mean", "median", "mode", "1%", "5%", "25%", "75%", "95%", "99%"})
_SHARES = ("share", "percent")


def number_words(value: float | str | None) -> str:
    """A number as people read it: about four digits, thousands marked from 10,000 on.

    Examples
    --------
    >>> [number_words(value) for value in (3.0, -4201.754, 0.123456, 1234567.8, 2.5e-7, None)]
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


def size_words(size: int) -> str:
    """Bytes in three digits.

    Examples
    --------
    >>> size_words(27_300), size_words(999), size_words(1_000_000)
    ('27.3 kB', '999 bytes', '1 MB')
    """
    for unit, name in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if size >= unit:
            return f"{size / unit:.3g} {name}"
    return count(size, "byte")


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
        f"{count(profile.rows, 'row')} × {count(len(profile.columns), 'column')}"
        + (f", {size_words(profile.bytes)} in memory" if profile.bytes else ""),
        ", ".join(f"{number:,} {kind}" for kind, number in Counter(one.kind for one in profile.columns).most_common())
        or "no columns",
        _missing_line(profile),
        _repeats_line(profile),
        _target_line(profile),
    )


def _missing_line(profile: Profile) -> str:
    gaps = [one for one in profile.columns if one.missing]
    if not gaps:
        return "no cell is missing"
    cells = sum(one.missing for one in gaps)
    share = percentage(cells / max(1, profile.rows * len(profile.columns)))
    most = max(gaps, key=lambda one: one.missing)
    where = f"in {most.name}" if len(gaps) == 1 else f"in {len(gaps):,} columns, most in {most.name} ({most.missing:,})"
    return f"{count(cells, 'cell')} {'is' if cells == 1 else 'are'} missing ({share}), {where}"


def _repeats_line(profile: Profile) -> str:
    if profile.duplicates is None:
        return "repeated rows were not counted"
    if not profile.duplicates:
        return "no row repeats another"
    verb = "repeats" if profile.duplicates == 1 else "repeat"
    share = percentage(profile.duplicates / max(1, profile.rows))
    return f"{count(profile.duplicates, 'row')} {verb} an earlier row ({share})"


def _target_line(profile: Profile) -> str:
    if profile.target is not None:
        column = profile[profile.target]
        levels = f", {count(column.distinct, 'level')}" if column.distinct and _is_qualitative(column) else ""
        told = [relation for relation in profile.relations if relation.low > 0]
        share = f"{percentage(told[0].share)} of its {uncertainty(column)}" if told else ""
        most = f": {told[0].column} alone tells most about it ({share})" if told else ""
        return f"target {profile.target} ({column.kind}{levels}){most}"
    if profile.pairs:
        pair = max(profile.pairs, key=lambda one: one.association - one.noise_floor)
        if pair.association <= pair.noise_floor:
            return "no two columns go together more than chance explains; no target was named"
        return f"closest pair: {pair.x} and {pair.y} ({pair.association:.2f} of 1); no target was named"
    return "no target was named"


def uncertainty(target: ColumnProfile) -> str:
    """What a target's columns remove a share of: the entropy of levels, the variance of numbers."""
    return "entropy" if _is_qualitative(target) else "variance"


def _is_qualitative(column: ColumnProfile) -> bool:
    return column.kind in ("nominal", "ordinal", "boolean")


def key_numbers(column: ColumnProfile) -> list[tuple[str, str]]:
    """The few numbers that stand beside a column's picture."""
    told = [("distinct", number_words(column.distinct))] if column.distinct is not None else []
    wanted = [name for name in _KEY.get(column.kind, ()) if name in column.numbers]
    # That nothing is rare or zero is no news.
    return told + [(name, column_number(column, name)) for name in wanted if column.numbers[name] or name not in _RARE]


def column_number(column: ColumnProfile, name: str) -> str:
    """One number of a column in words: times as dates, shares as percentages, bytes with their unit.

    Examples
    --------
    >>> column = ColumnProfile("x", "nominal", "", 4, 0, numbers={"top share": 0.75, "bytes": 32.0, "entropy": 0.5})
    >>> [column_number(column, name) for name in column.numbers]
    ['75.0%', '32 bytes', '0.5']
    """
    value = column.numbers[name]
    if name in _TIMES and isinstance(column.picture, Histogram) and column.picture.scale == "time":
        return moment_words(value) if math.isfinite(value) else "–"
    if name in ("bytes", "bytes after"):
        return size_words(round(value))
    return _worded(name, value)


def moment_words(microseconds: float) -> str:
    """A time as a date, with the clock where there is one.

    Examples
    --------
    >>> moment_words(0.0), moment_words(43_200e6)
    ('1970-01-01', '1970-01-01 12:00')
    """
    stamp = str(np.datetime64(round(microseconds / 1e6), "s"))
    return stamp[:10] if stamp.endswith("T00:00:00") else stamp.replace("T", " ").removesuffix(":00")


def evidence_words(evidence: Mapping[str, float | str]) -> list[tuple[str, str]]:
    """The numbers behind a finding; shares as percentages."""
    return [
        (name, "< 1e−300" if name == "p" and value == 0 else _worded(name, value)) for name, value in evidence.items()
    ]


def _worded(name: str, value: float | str) -> str:
    if isinstance(value, str) or not _is_share(name, value):
        return number_words(value)
    return percentage(value)


def _is_share(name: str, value: float) -> bool:
    return 0 <= value <= 1 and any(word in name.split() for word in _SHARES)
