"""Rules for the order of the rows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from tidynet.core.errors import InputError
from tidynet.core.text import format_percent, pluralize, quote
from tidynet.profiling.findings import thresholds as t
from tidynet.profiling.findings.context import FindingContext
from tidynet.profiling.findings.rule import make_finding
from tidynet.profiling.hypothesis_tests import chi2_p_value
from tidynet.profiling.profile import Finding
from tidynet.table.date_formats import parse_datetime
from tidynet.table.variable_type import VariableType

_FIRST_ROWS = 200
_FEW_GROUPS = 10
_MAX_VALUE = 1e300
SHUFFLE = "shuffle the rows before a split by position or reading in blocks"
_MAX_REVERSAL = 0.2  # fraction of the range; concatenated tables reverse all of it
_TIME_NAME = re.compile(r"(?:^|[\W_])(?:time|date|day|week|month|quarter|year|yr)s?(?:$|[\W_])")


def is_time_name(name: str) -> bool:
    """Whether a column name indicates times."""
    return bool(_TIME_NAME.search(name.casefold()))


def time_ordered_rows(context: FindingContext) -> Iterator[Finding]:
    """Rows in the order of a column of times."""
    for name in _times_in_order(context)[:1]:
        priority = 0.5 if context.profile.target else 0.35
        first, last = (str(context.series[name].drop_nulls()[index]) for index in (0, -1))
        fact = f"rows are in time order, from {first} to {last}"
        evidence: dict[str, float | str] = {"rows": context.sample.height, "first": first, "last": last}
        yield make_finding("time-ordered-rows", priority, [name], fact, evidence)


def sorted_rows(context: FindingContext) -> Iterator[Finding]:
    """Rows that are sorted or grouped by a column other than a time."""
    for name in _sorted_by(context)[:1]:
        is_target = name == context.profile.target
        in_order = name in context.numeric_columns and _in_order(context, name)
        few_groups = in_order or is_target or len(context.category_counts(name)) <= _FEW_GROUPS
        fact = f"{pluralize(context.profile.rows, 'row')} {'sorted' if few_groups else 'grouped'} by "
        fact += "the target" if is_target else "this column"
        groups = "" if in_order or is_target else f"; if rows with one value belong together, split by {quote(name)}"
        priority = 0.45 if is_target else 0.2
        evidence = {"rows": context.profile.rows}
        yield make_finding("sorted-rows", priority, [name], fact, evidence, action=SHUFFLE + groups)


def drift(context: FindingContext) -> Iterator[Finding]:
    """Columns whose distribution changes over the rows, unless the rows are sorted."""
    rows = context.tested_rows.height
    times = _times_in_order(context)
    if rows < t.DRIFT_ROWS or _sorted_by(context):
        return
    blocks = (np.arange(rows) * t.DRIFT_BLOCKS // rows).astype(np.int64)
    names = [n for n in (*context.numeric_columns, *context.category_codes) if not is_time_name(n)]
    names = [n for n in names if n in context.category_codes or not _is_counter(context, n)]
    tests = max(len(names), 1)
    for name in names:
        numeric = name in context.numeric_columns
        explained, p = _by_number(context, name, blocks) if numeric else _by_category(context, name, blocks)
        if explained < t.DRIFT or p * tests > t.ALPHA:
            continue
        fact = f"distribution changes over {'time' if times else 'the rows'}: "
        whole = "the variance of its ranks" if numeric else "its variation"
        fact += f"row position explains {format_percent(explained)} of {whole}"
        evidence = {"explained share": explained, "rows": rows, "p": min(1.0, p * tests)}
        priority = 0.38 + 0.2 * explained + (0.1 if name == context.profile.target else 0.0)
        yield make_finding("drift-over-rows", priority, [name], fact, evidence)


def _by_number(context: FindingContext, name: str, blocks: npt.NDArray[np.int64]) -> tuple[float, float]:
    """Kruskal-Wallis test of ten blocks of rows: ε² (bias-corrected η²) and its p-value."""
    ranks = context.value_ranks[:, context.ranked_columns.index(name)].astype(np.float64)
    known = ~context.missing_mask[name] if name in context.missing_mask else np.ones(len(ranks), np.bool_)
    ranks, blocks = ranks[known], blocks[known]
    sizes = np.bincount(blocks, minlength=t.DRIFT_BLOCKS)
    if len(ranks) < t.DRIFT_ROWS or sizes.min() < 5:
        return 0.0, 1.0
    sums = np.bincount(blocks, ranks, minlength=t.DRIFT_BLOCKS)
    total = float(((ranks - ranks.mean()) ** 2).sum())
    if total == 0:
        return 0.0, 1.0
    fraction = float((sums**2 / sizes).sum() - len(ranks) * ranks.mean() ** 2) / total
    freedom = t.DRIFT_BLOCKS - 1
    remaining = len(ranks) - t.DRIFT_BLOCKS
    corrected = 1 - (1 - fraction) * (len(ranks) - 1) / remaining
    return max(0.0, corrected), chi2_p_value(fraction * (len(ranks) - 1), freedom)


def _by_category(context: FindingContext, name: str, blocks: npt.NDArray[np.int64]) -> tuple[float, float]:
    """χ² test of categories against blocks: bias-corrected V² and its p-value."""
    codes = context.category_codes[name]
    known = codes >= 0
    categories = int(codes.max()) + 1
    cells = np.bincount(codes[known] * t.DRIFT_BLOCKS + blocks[known], minlength=categories * t.DRIFT_BLOCKS)
    table = cells.reshape(categories, t.DRIFT_BLOCKS)
    n = int(table.sum())
    expected = np.outer(table.sum(1), table.sum(0)) / max(n, 1)
    # Categories with few rows are merged, since χ² needs expected counts of 1 or more.
    frequent = expected.min(1) >= 1
    table = np.vstack([table[frequent], table[~frequent].sum(0)]) if not frequent.all() else table
    table = table[table.sum(1) > 0]
    if len(table) < 2 or n < t.DRIFT_ROWS or not table.sum(0).all():
        return 0.0, 1.0
    expected = np.outer(table.sum(1), table.sum(0)) / n
    chi2 = float(((table - expected) ** 2 / expected).sum())
    freedom = (len(table) - 1) * (t.DRIFT_BLOCKS - 1)
    smaller = min(len(table), t.DRIFT_BLOCKS) - 1
    return max(0.0, (chi2 / n - freedom / (n - 1)) / smaller), chi2_p_value(chi2, freedom)


def _times_in_order(context: FindingContext) -> list[str]:
    datetimes = [
        name for name, variable_type in context.variable_types.items() if variable_type is VariableType.DATETIME
    ]
    named = [name for name in context.numeric_columns if is_time_name(name)]
    return [name for name in (*datetimes, *named) if _in_order(context, name)]


def _sorted_by(context: FindingContext) -> list[str]:
    """Columns by which the rows are sorted: categories in single runs, or monotonic numbers."""
    times = _times_in_order(context)
    if times or context.tested_rows.height < t.MIN_ROWS:
        return []
    numbers = [n for n in context.numeric_columns if not _is_counter(context, n) and _in_order(context, n)]
    steps = [
        name for name in context.numeric_columns if context.series[name].dtype.is_integer() and name not in numbers
    ]
    grouped = [name for name in (*context.categorical_columns, *steps) if _has_runs(context, name)]
    names = [name for name in context.columns if name in (*numbers, *grouped)]
    return sorted(names, key=lambda name: name != context.profile.target)


def _in_order(context: FindingContext, name: str) -> bool:
    """Whether the values of all rows are monotonic, apart from a few small exceptions."""
    values = _timestamps(context, name)
    if len(values) < t.ROWS_TO_TEST or not _is_mostly_monotonic(values[:_FIRST_ROWS], 0.9):
        return False
    return _is_mostly_monotonic(values, t.SORTED if len(values) > 1 / (1 - t.SORTED) else 1.0)


def _is_mostly_monotonic(values: npt.NDArray[Any], enough: float) -> bool:
    """Whether enough steps have one direction and the others are small compared with the range."""
    values = np.clip(values.astype(np.float64), -_MAX_VALUE, _MAX_VALUE)  # the difference of infinities is undefined
    steps = np.diff(values)
    forward, back = int((steps > 0).sum()), int((steps < 0).sum())
    if max(forward, back) < max(2, enough * (forward + back)):
        return False
    against = -steps[steps < 0].sum() if forward > back else steps[steps > 0].sum()
    return bool(against <= _MAX_REVERSAL * (values.max() - values.min()))


def _timestamps(context: FindingContext, name: str) -> npt.NDArray[Any]:
    if not context.is_text(name):
        return context.known_values(name)
    try:
        return parse_datetime(context.series[name].drop_nulls().cast(pl.String)).to_physical().to_numpy()
    except InputError:
        return np.empty(0)


def _has_runs(context: FindingContext, name: str) -> bool:
    """Whether each value forms one run of rows, far fewer runs than in random order."""
    head = context.series[name].head(_FIRST_ROWS).alias("v").drop_nulls()
    if head.len() < 2 or _runs(head) != head.n_unique():
        return False
    series = context.series[name].alias("v").drop_nulls()
    runs = _runs(series)
    if runs != series.n_unique() or runs < 2:
        return False
    sizes = np.array(list(context.category_counts(name).values()))
    changes = len(series) * (1 - float(((sizes / len(series)) ** 2).sum()))
    return changes > 10 * (runs - 1) or (runs > _FEW_GROUPS and changes > 2 * (runs - 1))


def _runs(series: pl.Series) -> int:
    return int((series != series.shift()).sum()) + 1


def _is_counter(context: FindingContext, name: str) -> bool:
    """Whether the values count the rows, which is no drift."""
    values = context.known_values(name)
    return (
        values.dtype.kind in "iu"
        and len(values) > 1
        and bool(values[1] == values[0] + 1 and (np.diff(values) == 1).all())
    )
