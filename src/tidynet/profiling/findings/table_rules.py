"""Rules for the whole table: duplicate rows, too few rows, untidy layout."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tidynet.core.text import format_percent, pluralize
from tidynet.profiling.findings import thresholds as t
from tidynet.profiling.findings.context import FindingContext
from tidynet.profiling.findings.rule import make_finding
from tidynet.profiling.profile import Finding
from tidynet.table.tidy.command_steps import step_to_arguments
from tidynet.table.variable_type import VariableType

_NO_DUPLICATES = 0.001  # expected number that counts as none
_UNTIDY_PRIORITY = 0.55


def duplicate_rows(context: FindingContext) -> Iterator[Finding]:
    """Significantly more duplicate rows than expected of independent columns."""
    count, rows = context.profile.duplicates, context.profile.rows
    if not count or rows < 2:
        return
    expected = expected_duplicates(context)
    fraction = count / rows
    if not exceeds_expected(count, expected):
        return
    fact = f"{pluralize(count, 'duplicate row')} ({format_percent(fraction)})"
    evidence = {"duplicates": count, "rows": rows, "expected if independent": expected}
    priority = 0.25 if count <= 2 else 0.3 if fraction < 0.001 else 0.45 + 0.4 * min(fraction, 1.0)
    call = "tn.tidy.drop_duplicates(frame)"
    yield make_finding("duplicate-rows", priority, [], fact, evidence, call=call, rows=_copies(context))


def _copies(context: FindingContext) -> tuple[int, ...]:
    """The first rows that come several times, equal ones beside one another; none if rows cannot be hashed."""
    hashes = context.sample.hash_rows()
    rows = np.flatnonzero(hashes.is_duplicated().to_numpy())
    first = hashes.gather(rows).rank("dense").to_numpy()
    return tuple(rows[np.lexsort((rows, first))][: t.LISTED_ROWS].tolist())


def exceeds_expected(count: int, expected: float) -> bool:
    """Whether duplicates are at least twice the expected number, with a Poisson p-value below 0.001."""
    from scipy.stats import poisson

    return bool(expected <= t.EXPECTED_DUPLICATES * count and poisson.sf(count - 1, expected) < t.ALPHA)


def expected_duplicates(context: FindingContext) -> float:
    """Duplicates expected of independent columns with these values.

    Two rows agree in a column with probability Σ pₖ², in all columns with the product; there are
    n (n − 1) / 2 pairs of rows.
    """
    log_probability = 0.0
    rows = context.profile.rows
    cheap_first = [
        *context.numeric_columns,
        *context.categorical_columns,
        *(n for n in context.columns if n not in context.numeric_columns),
    ]
    for name in dict.fromkeys(cheap_first):
        if context.variable_types[name] is VariableType.IDENTIFIER or not context.is_scalar_column(name):
            continue
        if log_probability + 2 * np.log(rows) < np.log(_NO_DUPLICATES):
            return 0.0
        length = len(context.series[name])
        if name in context.numeric_columns:
            values = context.finite_values(name)
            counts = np.diff(np.flatnonzero(values[1:] != values[:-1]) + 1, prepend=0, append=len(values))
        else:
            counts = np.array(list(context.category_counts(name).values()))
        counts = np.append(counts, length - counts.sum()).astype(np.float64)
        pairs, agreeing = length * (length - 1), float((counts * (counts - 1)).sum())
        # A column without equal values would have some in a larger table.
        log_probability += np.log(max(agreeing, 2.0) / max(pairs, 2.0))
    return float(min(np.exp(log_probability + np.log(rows * (rows - 1) / 2)), rows))


def few_rows(context: FindingContext) -> Iterator[Finding]:
    """Tables with too few rows for a test set or for the number of columns."""
    rows, target = context.profile.rows, context.profile.target
    useful = [
        n
        for n, variable_type in context.variable_types.items()
        if variable_type not in (VariableType.CONSTANT, VariableType.IDENTIFIER) and n != target
    ]
    evidence = {"rows": rows, "columns": len(useful)}
    if rows < t.MIN_ROWS:
        priority = 0.72 if target and rows < t.ROWS_TO_TEST else 0.5 if target else 0.2
        effect = "test scores have wide intervals" if target else "few differences are significant"
        yield make_finding("too-few-rows", priority, [], f"only {pluralize(rows, 'row')}: {effect}", evidence)
    elif target and rows < t.ROWS_PER_COLUMN * len(useful):
        fact = f"{pluralize(rows, 'row')} for {pluralize(len(useful), 'column')}, "
        fact += f"fewer than {t.ROWS_PER_COLUMN} per column"
        yield make_finding("too-few-rows", 0.6 if rows < len(useful) else 0.42, [], fact, evidence)


def untidy_layout(context: FindingContext) -> Iterator[Finding]:
    """Violations of the tidy layout, each with the call that fixes it."""
    for issue in context.tidiness_issues:
        code = f"untidy-layout-{issue.problem.replace(' ', '-')}"
        # The subject of a finding is its column already.
        fact = issue.sentence.removeprefix(f"'{issue.columns[0]}' ") if len(issue.columns) == 1 else issue.sentence
        evidence = {
            key: value if isinstance(value, float | int | str) else str(value) for key, value in issue.evidence.items()
        }
        action = f"tidy the table first: tidynet tidy TABLE {step_to_arguments(issue.function, issue.arguments)}"
        yield make_finding(code, _UNTIDY_PRIORITY, issue.columns, fact, evidence, action=action, call=issue.call)
