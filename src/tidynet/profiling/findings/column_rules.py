"""Rules for one column: missing, constant, identifying, infinite and coded values."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from tidynet.core.text import drop_call, format_number, format_percent, pluralize, quote
from tidynet.profiling.findings import thresholds as t
from tidynet.profiling.findings.context import FindingContext
from tidynet.profiling.findings.rule import make_finding
from tidynet.profiling.profile import Finding
from tidynet.table.variable_type import VariableType


def missing(context: FindingContext) -> Iterator[Finding]:
    """Columns with many missing values."""
    for name, column in context.columns.items():
        fraction = column.missing / column.rows if column.rows else 0.0
        if fraction < t.MISSING or column.missing == column.rows or name == context.profile.target:
            continue
        fact = f"missing in {format_percent(fraction)} of rows ({column.missing:,} of {column.rows:,})"
        mostly = fraction > t.MOSTLY_MISSING
        priority = 0.55 + 0.15 * fraction if mostly else 0.28 + 0.4 * fraction
        action = "find out why; drop the column or keep only a missing indicator" if mostly else ""
        evidence = {"missing": column.missing, "rows": column.rows, "missing fraction": fraction}
        proof = context.first_rows(context.series[name].is_null())
        yield make_finding("missing-values", priority, [name], fact, evidence, action=action, rows=proof)


def mostly_incomplete_rows(context: FindingContext) -> Iterator[Finding]:
    """Tables with few complete rows, where no single column explains that."""
    partly = [name for name, column in context.columns.items() if 0 < column.missing < column.rows]
    if len(partly) < 2 or not context.sample.height:
        return
    complete = pl.DataFrame({str(i): context.series[name].is_not_null() for i, name in enumerate(partly)})
    fraction = float(complete.select(pl.all_horizontal(pl.all())).to_series().mean() or 0.0)  # type: ignore[arg-type]
    worst = max(context.columns[name].missing / context.columns[name].rows for name in partly)
    if fraction < t.COMPLETE_ROWS and 1 - fraction > 1.5 * worst:
        fact = f"{format_percent(fraction)} of rows are complete; no column is missing in over {format_percent(worst)}"
        evidence = {
            "fraction of complete rows": fraction,
            "columns with missing values": len(partly),
            "rows": context.sample.height,
        }
        yield make_finding("few-complete-rows", 0.55, [], fact, evidence)


def constant(context: FindingContext) -> Iterator[Finding]:
    """Columns with one value, or none."""
    for name, variable_type in context.variable_types.items():
        column = context.columns[name]
        if variable_type is not VariableType.CONSTANT or context.profile.rows < 2:
            continue
        known = 1 - column.missing / column.rows
        fact = f"one value in {format_percent(known)} of rows" if known else "no value in any row"
        if 0 < known < 1:
            fact += f", missing in {format_percent(1 - known)}"
        evidence = {"rows": column.rows, "missing": column.missing}
        priority = 0.3 if 0 < known < 1 else 0.38
        yield make_finding("constant-column", priority, [name], fact, evidence, call=drop_call([name]))


def nearly_constant(context: FindingContext) -> Iterator[Finding]:
    """Columns in which nearly every row has one value."""
    for name in (*context.numeric_columns, *context.categorical_columns):
        column = context.columns[name]
        known = context.sample.height - context.series[name].null_count()
        if known < t.DRIFT_ROWS or name == context.profile.target:
            continue
        if name in context.numeric_columns:
            values = context.finite_values(name)
            # A value in 99% of rows is also the median.
            value = float(values[len(values) // 2]) if len(values) else 0.0
            rows = int(np.searchsorted(values, value, "right") - np.searchsorted(values, value, "left"))
            value_text = format_number(value)
        else:
            category, rows = next(iter(context.category_counts(name).items()))
            value_text = quote(category)
        fraction = rows / known
        if fraction >= t.NEARLY_CONSTANT:
            fact = f"{value_text} in {format_percent(fraction)} of {context.whole(name)}; "
            fact += f"another value in {pluralize(known - rows, 'row')}"
            evidence = {
                "top fraction": fraction,
                "rows": known,
                "rows with other values": known - rows,
                "missing": column.missing,
            }
            usual = value if name in context.numeric_columns else category
            others = (
                context.series[name] != usual
                if name in context.numeric_columns
                else (context.series[name].cast(pl.String) != usual)
            )
            yield make_finding("near-constant-column", 0.25, [name], fact, evidence, rows=context.first_rows(others))


def identifier(context: FindingContext) -> Iterator[Finding]:
    """Columns that identify the rows."""
    for name, variable_type in context.variable_types.items():
        if variable_type is not VariableType.IDENTIFIER:
            continue
        column = context.columns[name]
        evidence = {"rows": column.rows, **({"distinct": column.distinct} if column.distinct is not None else {})}
        priority = 0.18 if context.profile.target else 0.12
        repeated = column.rows - column.missing - column.distinct if column.distinct is not None else 0
        fact = f"{'an identifier that repeats values' if repeated else 'identifies the rows'}: {column.type_reason}"
        action = "" if repeated else "use it to find rows or join tables; training excludes it"
        if name == context.profile.target:
            fact = f"the target is an identifier and cannot be predicted: {column.type_reason}"
            priority = 0.95
        yield make_finding("identifier-column", priority, [name], fact, evidence, action=action)


def infinite(context: FindingContext) -> Iterator[Finding]:
    """Columns with infinite values."""
    for name in context.numeric_columns:
        if not context.series[name].dtype.is_float():
            continue
        count = int(np.isinf(context.known_values(name)).sum())
        count = max(count, int(context.columns[name].statistics.get("infinities", 0)))
        if count:
            evidence = {"infinite": count, "rows": context.profile.rows}
            proof = context.first_rows(context.series[name].is_infinite())
            fact = f"infinite in {pluralize(count, 'row')}"
            yield make_finding("infinite-values", 0.65, [name], fact, evidence, rows=proof)


def coded_categories(context: FindingContext) -> Iterator[Finding]:
    """Numbers that are codes of categories."""
    for name, variable_type in context.variable_types.items():
        numeric = context.series[name].dtype.is_numeric()
        if variable_type is VariableType.NOMINAL and numeric and len(context.category_counts(name)) > 2:
            column, codes = context.columns[name], len(context.category_counts(name))
            fact = f"{codes:,} numeric codes of categories: {column.type_reason}"
            yield make_finding("coded-categories", 0.2, [name], fact, {"distinct": codes, "rows": column.rows})
