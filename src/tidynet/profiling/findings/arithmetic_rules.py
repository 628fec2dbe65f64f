"""Rules for arithmetic between columns: columns that others determine."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import polars as pl

from tidynet.core.text import drop_call, pluralize
from tidynet.profiling.findings.arithmetic import Relation, find_relations
from tidynet.profiling.findings.clock_arithmetic import clock_minutes, find_clock_relations
from tidynet.profiling.findings.context import FindingContext
from tidynet.profiling.findings.rule import make_finding
from tidynet.profiling.profile import Finding
from tidynet.table.variable_type import VariableType

Floats = npt.NDArray[np.float64]

_TYPES = (VariableType.CONTINUOUS, VariableType.DISCRETE, VariableType.DATETIME, VariableType.DURATION)


def column_arithmetic(context: FindingContext) -> Iterator[Finding]:
    """Columns that others give by arithmetic, without the target."""
    target = context.profile.target
    for relation in _relations(context):
        if target not in relation.columns:
            yield _finding(context, relation, "column-arithmetic", 0.35)


def target_arithmetic(context: FindingContext) -> Iterator[Finding]:
    """A target that other columns give by arithmetic."""
    target = context.profile.target
    for relation in _relations(context):
        if target in relation.columns:
            yield _finding(context, relation, "target-arithmetic", 0.95)


def _relations(context: FindingContext) -> list[Relation]:
    def search() -> list[Relation]:
        columns = {name: values for name in context.columns if (values := _numbers(context, name)) is not None}
        clocks = {name: values for name in columns if (values := _minutes(context, name, columns[name])) is not None}
        raw = {name: values for name, values in columns.items() if name not in clocks}
        plain = find_relations(columns, context.profile.target)
        known = {frozenset(item.columns) for item in plain}
        return plain + [item for item in find_clock_relations(clocks, raw) if frozenset(item.columns) not in known]

    return context.cached(("relations", ""), search)


def _numbers(context: FindingContext, name: str) -> Floats | None:
    """Numbers, or times and durations in seconds; missing and infinite values as NaN."""
    series = context.series[name]
    is_number = context.variable_types[name] in _TYPES or name == context.profile.target
    if not is_number or not (series.dtype.is_numeric() or series.dtype.is_temporal()):
        return None
    if series.dtype.is_temporal():
        series = _seconds(series)
    values = series.cast(pl.Float64).fill_null(np.nan).to_numpy()
    return np.where(np.isfinite(values), values, np.nan)


def _seconds(series: pl.Series) -> pl.Series:
    if series.dtype == pl.Time:
        return series.to_physical() / 1e9
    if isinstance(series.dtype, pl.Duration):
        return series.dt.total_microseconds() / 1e6
    return series.cast(pl.Datetime("us")).to_physical() / 1e6


def _minutes(context: FindingContext, name: str, values: Floats) -> Floats | None:
    """Times of day as minutes after midnight."""
    dtype = context.series[name].dtype
    if dtype == pl.Time or isinstance(dtype, pl.Duration):
        return values / 60
    return None if dtype.is_temporal() else clock_minutes(values)


def _finding(context: FindingContext, relation: Relation, code: str, priority: float) -> Finding:
    holds, known = int(relation.holds.sum()), int(relation.known.sum())
    exceptions = relation.known & ~relation.holds
    target = context.profile.target
    rest = known - holds
    fact = f"{relation.text} in {f'all {known:,}' if not rest else f'{holds:,} of {known:,}'} rows"
    fact += " with these values" * (known < context.sample.height) + ", within rounding" * relation.is_rounded
    evidence: dict[str, float | str] = {"relation": relation.text, "rows that agree": holds, "rows": known}
    names = [name for name in context.columns if name in relation.columns]
    action = f"check the other {pluralize(rest, 'row')}: one of the values is wrong" if rest else ""
    if target in relation.columns:
        names = [name for name in names if name != target]
        action = ""
    drop = drop_call(names if target in relation.columns else [relation.result])
    rows = context.first_rows(exceptions if rest else relation.holds)
    return make_finding(code, priority, names, fact, evidence, action=action, call=drop, rows=rows)
