"""Rules about one column alone: missing, constant, identifying and infinite values."""

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

__all__ = [
    "coded_categories",
    "constant",
    "identifier",
    "infinite",
    "missing",
    "mostly_incomplete_rows",
    "nearly_constant",
]


def missing(context: FindingContext) -> Iterator[Finding]:
    """Columns with many missing values."""
    for name, column in context.columns.items():
        fraction = column.missing / column.rows if column.rows else 0.0
        if fraction < t.MISSING or column.missing == column.rows or name == context.profile.target:
            continue
        sentence = f"{quote(name)} is missing in {format_percent(fraction)} of the rows ({column.missing:,} of {column.rows:,})"
        evidence = {"missing": column.missing, "rows": column.rows, "share": fraction}
        if fraction > t.MUCH_MISSING:
            advice = "Ask why it was not noted; leave the column out, or keep only whether it is known."
            yield make_finding("missing-values", 0.55 + 0.15 * fraction, [name], sentence, evidence, action=advice)
        else:
            yield make_finding("missing-values", 0.28 + 0.4 * fraction, [name], sentence, evidence)


def mostly_incomplete_rows(context: FindingContext) -> Iterator[Finding]:
    """Tables of which little is left when rows with gaps are dropped."""
    partly = [name for name, column in context.columns.items() if 0 < column.missing < column.rows]
    if len(partly) < 2 or not context.sample.height:
        return
    complete = pl.DataFrame({str(i): context.series[name].is_not_null() for i, name in enumerate(partly)})
    fraction = float(complete.select(pl.all_horizontal(pl.all())).to_series().mean() or 0.0)  # type: ignore[arg-type]
    # Where one column alone has most of the gaps, its own finding says so.
    worst = max(context.columns[name].missing / context.columns[name].rows for name in partly)
    if fraction < t.COMPLETE_ROWS and 1 - fraction > 1.5 * worst:
        few = f"Only {format_percent(fraction)} of the rows are" if fraction else "None of the rows is"
        sentence = f"{few} complete, though no column lacks more than {format_percent(worst)}"
        evidence = {"share of complete rows": fraction, "columns with gaps": len(partly), "rows": context.sample.height}
        yield make_finding("few-complete-rows", 0.55, [], sentence, evidence)


def constant(context: FindingContext) -> Iterator[Finding]:
    """Columns with one value, or none."""
    for name, kind in context.variable_types.items():
        column = context.columns[name]
        if kind is not VariableType.CONSTANT or context.profile.rows < 2:
            continue
        missing_mask = format_percent(column.missing / column.rows)
        if column.missing == column.rows:
            sentence = f"{quote(name)} has no values at all"
        elif column.missing:
            sentence = f"{quote(name)} holds one single value in {format_percent(1 - column.missing / column.rows)} of the rows"
            sentence += f" and nothing in the other {missing_mask}"
        else:
            sentence = f"{quote(name)} holds the same value in every row"
        weight = 0.3 if 0 < column.missing < column.rows else 0.38
        evidence = {"rows": column.rows, "missing": column.missing}
        yield make_finding("constant-column", weight, [name], sentence, evidence, call=drop_call([name]))


def nearly_constant(context: FindingContext) -> Iterator[Finding]:
    """Columns in which nearly every row has one value."""
    for name in (*context.numeric_columns, *context.categorical_columns):
        column = context.columns[name]
        non_missing = context.sample.height - context.series[name].null_count()
        if non_missing < t.DRIFT_ROWS or name == context.profile.target:
            continue
        if name in context.numeric_columns:
            values = context.finite_values(name)
            # What 99% of the values are is also their median.
            value = float(values[len(values) // 2]) if len(values) else 0.0
            rows = int(np.searchsorted(values, value, "right") - np.searchsorted(values, value, "left"))
            display_text = format_number(value)
        else:
            level, rows = next(iter(context.category_counts(name).items()))
            display_text = quote(level)
        fraction = rows / non_missing
        if fraction >= t.NEARLY_CONSTANT:
            differ = "differs" if non_missing - rows == 1 else "differ"
            sentence = f"{quote(name)} is {display_text} in {format_percent(fraction)} of its rows; only {pluralize(non_missing - rows, 'row')} {differ}"
            evidence = {
                "share": fraction,
                "rows": non_missing,
                "different rows": non_missing - rows,
                "missing": column.missing,
            }
            yield make_finding("near-constant-column", 0.25, [name], sentence, evidence)


def identifier(context: FindingContext) -> Iterator[Finding]:
    """Columns that only name the rows."""
    for name, kind in context.variable_types.items():
        if kind is not VariableType.IDENTIFIER:
            continue
        column = context.columns[name]
        sentence = f"{quote(name)} names the rows and does not describe them: {column.type_reason}"
        evidence = {"rows": column.rows, **({"distinct": column.distinct} if column.distinct is not None else {})}
        weight = 0.18 if context.profile.target else 0.12
        if name == context.profile.target:
            sentence = f"The target {quote(name)} is an identifier, which cannot be predicted: {column.type_reason}"
            weight = 0.95
        yield make_finding("identifier-column", weight, [name], sentence, evidence)


def infinite(context: FindingContext) -> Iterator[Finding]:
    """Columns with infinite numbers."""
    for name in context.numeric_columns:
        if not context.series[name].dtype.is_float():
            continue
        count = int(np.isinf(context.non_missing_values(name)).sum())
        count = max(count, int(context.columns[name].statistics.get("infinities", 0)))
        if count:
            sentence = f"{quote(name)} is infinite in {pluralize(count, 'row')}"
            evidence = {"infinite": count, "rows": context.profile.rows}
            yield make_finding("infinite-values", 0.65, [name], sentence, evidence)


def coded_categories(context: FindingContext) -> Iterator[Finding]:
    """Numbers that name levels."""
    for name, kind in context.variable_types.items():
        if (
            kind is VariableType.NOMINAL
            and context.series[name].dtype.is_numeric()
            and len(context.category_counts(name)) > 2
        ):
            column = context.columns[name]
            sentence = f"The numbers in {quote(name)} are codes, not amounts: {column.type_reason}"
            evidence = {"distinct": len(context.category_counts(name)), "rows": column.rows}
            yield make_finding("coded-categories", 0.2, [name], sentence, evidence)
