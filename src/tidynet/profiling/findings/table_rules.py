"""Rules about the table as a whole: repeated rows, too few rows, not tidy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from tidynet.core.text import format_percent, pluralize
from tidynet.profiling.findings import thresholds as t
from tidynet.profiling.findings.context import FindingContext
from tidynet.profiling.findings.rule import make_finding
from tidynet.profiling.profile import Finding
from tidynet.table.variable_type import VariableType

_NEVER = 0.001  # duplicates
_UNTIDY = 0.55

__all__ = ["duplicate_rows", "exceeds_expected", "expected_duplicates", "few_rows", "untidy_layout"]


def duplicate_rows(context: FindingContext) -> Iterator[Finding]:
    """Rows that repeat an earlier row, where chance does not explain them."""
    count, rows = context.profile.duplicates, context.profile.rows
    if not count or rows < 2:
        return
    expected = expected_duplicates(context)
    fraction = count / rows
    if not exceeds_expected(count, expected):
        return
    repeat = "repeats an earlier row" if count == 1 else "repeat an earlier row"
    sentence = f"{pluralize(count, 'row')} ({format_percent(fraction)}) {repeat} in every column"
    evidence = {"duplicates": count, "rows": rows, "expected by chance": expected}
    weight = 0.3 if fraction < 0.001 else 0.45 + 0.4 * min(fraction, 1.0)
    weight = 0.25 if count <= 2 else weight
    yield make_finding("duplicate-rows", weight, [], sentence, evidence, call="tn.tidy.drop_duplicates(frame)")


def exceeds_expected(count: int, expected: float) -> bool:
    """Whether so many equal rows are twice what is expected, and so many hardly ever come by chance (Poisson).

    Examples
    --------
    >>> exceeds_expected(1, 0.46), exceeds_expected(1, 1e-6), exceeds_expected(20, 5.0)
    (False, True, True)
    """
    from scipy.stats import poisson

    return bool(expected <= t.DUPLICATES_BY_CHANCE * count and poisson.sf(count - 1, expected) < t.ALPHA)


def expected_duplicates(context: FindingContext) -> float:
    """Duplicates that independent columns with these values would make.

    Two rows agree in a column with probability Σ pₖ², in all columns with the product; there are
    n (n − 1) / 2 pairs of rows.
    """
    log_chance = 0.0
    rows = context.profile.rows
    cheap_first = [
        *context.numeric_columns,
        *context.categorical_columns,
        *(n for n in context.columns if n not in context.numeric_columns),
    ]
    for name in dict.fromkeys(cheap_first):
        if context.variable_types[name] is VariableType.IDENTIFIER or not context.is_scalar_column(name):
            continue
        if log_chance + 2 * np.log(rows) < np.log(_NEVER):
            return 0.0
        length = len(context.series[name])
        if name in context.numeric_columns:
            values = context.finite_values(name)
            counts = np.diff(np.flatnonzero(values[1:] != values[:-1]) + 1, prepend=0, append=len(values))
        else:
            counts = np.array(list(context.category_counts(name).values()))
        counts = np.append(counts, length - counts.sum()).astype(np.float64)
        pairs, agreeing = length * (length - 1), float((counts * (counts - 1)).sum())
        # A column without repeats would still repeat once in a larger table.
        log_chance += np.log(max(agreeing, 2.0) / max(pairs, 2.0))
    return float(min(np.exp(log_chance + np.log(rows * (rows - 1) / 2)), rows))


def few_rows(context: FindingContext) -> Iterator[Finding]:
    """Tables too small for what is asked of them."""
    rows, target = context.profile.rows, context.profile.target
    useful = [
        n
        for n, kind in context.variable_types.items()
        if kind not in (VariableType.CONSTANT, VariableType.IDENTIFIER) and n != target
    ]
    if rows < t.MIN_ROWS:
        weight = 0.72 if target and rows < t.ROWS_TO_JUDGE else 0.5 if target else 0.2
        sentence = f"The table has only {pluralize(rows, 'row')}"
        sentence += ": a score on its test set would be a matter of luck" if target else ": what it shows may be chance"
        yield make_finding("too-few-rows", weight, [], sentence, {"rows": rows, "columns": len(useful)})
    elif target and rows < t.ROWS_PER_COLUMN * len(useful):
        sentence = f"{rows:,} rows for {len(useful):,} columns to learn from: fewer than {t.ROWS_PER_COLUMN} each"
        weight = 0.6 if rows < len(useful) else 0.42
        yield make_finding("too-few-rows", weight, [], sentence, {"rows": rows, "columns": len(useful)})


def untidy_layout(context: FindingContext) -> Iterator[Finding]:
    """What the table's room found not tidy, with the call that mends it."""
    for item in context.tidiness_issues:
        code = f"untidy-layout-{item.what.replace(' ', '-')}"
        yield make_finding(code, _UNTIDY, item.columns, item.sentence, _as_words(item.evidence), call=item.call)


def _as_words(evidence: Mapping[str, Any]) -> dict[str, float | str]:
    return {key: value if isinstance(value, float | int | str) else str(value) for key, value in evidence.items()}
