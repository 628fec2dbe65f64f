"""Rules for values that cannot be: negative ages, shares beyond 100%, years and dates ahead."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import numpy as np
import numpy.typing as npt
import polars as pl

from tidynet.core.text import format_number, pluralize
from tidynet.profiling.findings import thresholds as t
from tidynet.profiling.findings.context import FindingContext
from tidynet.profiling.findings.distribution_rules import sentinel_value
from tidynet.profiling.findings.name_words import name_words
from tidynet.profiling.findings.rule import make_finding
from tidynet.profiling.findings.value_limits import (
    AHEAD_WORDS,
    BIRTH_WORDS,
    CHANGE_WORDS,
    LIMITS,
    YEAR_WORDS,
    ValueLimits,
)
from tidynet.profiling.profile import Finding
from tidynet.table.variable_type import VariableType

Floats = npt.NDArray[np.float64]

_EXAMPLES = 3
_FIRST_YEAR = 1000


def impossible_values(context: FindingContext) -> Iterator[Finding]:
    """Numbers that the name of their column rules out."""
    for name in _numbers(context):
        values = context.finite_values(name)
        limits = _limits(name, values)
        if limits is not None:
            yield _out_of_limits(context, name, limits)
    yield from _years_ahead(context)
    yield from _dates_ahead(context)


def _numbers(context: FindingContext) -> list[str]:
    """Columns of numbers, also such as a model takes for categories (months, numbers of children)."""
    types = (VariableType.CONTINUOUS, VariableType.DISCRETE, VariableType.NOMINAL, VariableType.ORDINAL)
    known = (name for name, item in context.variable_types.items() if item in types)
    return [name for name in known if context.series[name].dtype.is_numeric()]


def _limits(name: str, values: Floats) -> ValueLimits | None:
    """The limits that some values break, if the name means that quantity and nearly all values keep them."""
    words = set(name_words(name))
    for limits in LIMITS:
        quantity = words & limits.words
        if not quantity or words & limits.excluded or (limits.only is not None and words - limits.words - limits.only):
            continue
        if limits.is_whole and (values != np.round(values)).any():
            continue
        if _break(values, limits):
            return limits
    return None


def _break(values: Floats, limits: ValueLimits) -> bool:
    """Whether a few values are outside, and the others fill the range so far that it is theirs."""
    low, high = limits.low, limits.high
    sentinel = sentinel_value(values)
    values = values if sentinel is None else values[values != sentinel]
    inside = values[(values >= low) & (values <= high)]
    outside = len(values) - len(inside)
    if not 0 < outside <= max(1, t.IMPOSSIBLE * len(values)) or len(inside) < t.IMPOSSIBLE_MIN_ROWS:
        return False
    # A number of years 0 to 3 is no month, and 0.01 to 0.02 no percentage.
    middle = float(inside[len(inside) // 2])
    if limits.is_far and float(inside[len(inside) // 100]) < 0.2 * middle:
        return False
    return bool(middle > low + 0.02 * (high - low)) if np.isfinite(high) else middle > low


def _out_of_limits(context: FindingContext, name: str, limits: ValueLimits) -> Finding:
    series = context.series[name].cast(pl.Float64)
    outside = (series < limits.low) | (series > limits.high)
    sentinel = sentinel_value(context.finite_values(name))
    if sentinel is not None:
        outside &= series != sentinel
    outside &= series.is_finite()
    found = np.sort(series.filter(outside).to_numpy())
    high = format_number(limits.high)
    expected = (
        f"{format_number(limits.low)} to {high}" if np.isfinite(limits.high) else f"{format_number(limits.low)} or more"
    )
    word = "impossible" if limits.is_certain else "unusual"
    fact = f"{word} {limits.quantity} in {pluralize(len(found), 'row')} ({_list_values(found)}), expected {expected}"
    evidence = _evidence(series, found)
    action = "" if limits.is_certain else "check whether they are refunds or errors"
    priority = 0.6 if limits.is_certain else 0.25
    return make_finding(
        "impossible-values", priority, [name], fact, evidence, action=action, rows=context.first_rows(outside)
    )


def _list_values(values: Floats) -> str:
    different = np.unique(values)
    shown = different if len(different) <= _EXAMPLES else np.append(different[: _EXAMPLES - 1], different[-1])
    return ", ".join(format_number(float(value)) for value in shown) + (" …" if len(different) > _EXAMPLES else "")


def _years_ahead(context: FindingContext) -> Iterator[Finding]:
    """Years after the next one or before 1000, in a column whose other years are all between."""
    for name in _numbers(context):
        last, values = _last_year(name), context.finite_values(name)
        if not last or not len(values) or (values != np.round(values)).any():
            continue
        years = values[(values >= _FIRST_YEAR) & (values <= last)]
        outside = len(values) - len(years)
        if not 0 < outside <= max(1, t.IMPOSSIBLE * len(values)) or len(years) < t.IMPOSSIBLE_MIN_ROWS:
            continue
        series = context.series[name].cast(pl.Float64)
        mask = series.is_finite() & ((series < _FIRST_YEAR) | (series > last))
        found = np.sort(series.filter(mask).to_numpy())
        fact = f"year out of range in {pluralize(len(found), 'row')} ({_list_values(found)}); "
        first, final = int(years.min()), int(years.max())
        fact += f"the others are {first} to {final}" if first < final else f"the others are {first}"
        yield make_finding(
            "impossible-values", 0.6, [name], fact, _evidence(series, found), rows=context.first_rows(mask)
        )


def _last_year(name: str) -> int:
    """The last year that a column of this name can have; 0 if the name means no past year."""
    words = set(name_words(name))
    is_birth = bool(words) and words <= BIRTH_WORDS | YEAR_WORDS | {"of", "date", "the"} and bool(words & BIRTH_WORDS)
    if not (is_birth or words & YEAR_WORDS) or words & (AHEAD_WORDS | CHANGE_WORDS):
        return 0
    return date.today().year + (0 if is_birth else 1)


def _evidence(series: pl.Series, found: Floats) -> dict[str, float | str]:
    return {"rows outside": len(found), "rows": len(series), "smallest": float(found[0]), "largest": float(found[-1])}


def _dates_ahead(context: FindingContext) -> Iterator[Finding]:
    """Dates after today in a column whose other dates are all before; of birth dates, any of them."""
    for name, variable_type in context.variable_types.items():
        series = context.series[name]
        if variable_type is not VariableType.DATETIME or series.dtype not in (pl.Date, pl.Datetime):
            continue
        words = set(name_words(name))
        if words & AHEAD_WORDS:
            continue
        ahead = (series.cast(pl.Date) > date.today()).fill_null(value=False)
        count, known = int(ahead.sum()), len(series) - series.null_count()
        few = count <= max(1, t.IMPOSSIBLE * known) and known - count >= t.IMPOSSIBLE_MIN_ROWS
        if not count or not (few or words & BIRTH_WORDS):
            continue
        latest = series.filter(ahead).max()
        fact = f"date after today in {pluralize(count, 'row')}, up to {_day(latest)}"
        before = series.filter(~ahead).max()
        fact += f"; the others end on {_day(before)}" if before is not None else ""
        evidence: dict[str, float | str] = {"rows outside": count, "rows": len(series), "latest": _day(latest)}
        yield make_finding("impossible-values", 0.6, [name], fact, evidence, rows=context.first_rows(ahead))


def _day(moment: object) -> str:
    return str(moment.date() if isinstance(moment, datetime) else moment)
