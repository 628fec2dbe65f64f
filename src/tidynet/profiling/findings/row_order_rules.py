"""Rules about the order of the rows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from tidynet.core.errors import InputError
from tidynet.core.text import format_percent, quote
from tidynet.profiling.findings import thresholds as t
from tidynet.profiling.findings.context import FindingContext
from tidynet.profiling.findings.rule import make_finding
from tidynet.profiling.hypothesis_tests import chi2_p_value
from tidynet.profiling.profile import Finding
from tidynet.table.date_formats import parse_datetime
from tidynet.table.variable_type import VariableType

__all__ = ["SHUFFLE", "drift", "is_time_name", "sorted_rows", "time_ordered_rows"]

_FIRST_ROWS = 200
_FEW_GROUPS = 10
_MAX_VALUE = 1e300
SHUFFLE = "Shuffle before the rows are split by position or read in blocks."
_SET_BACK = 0.2  # of the whole range: tables that stand one below the other go back all of it
_TIME_NAME = re.compile(r"(?:^|[\W_])(?:time|date|day|week|month|quarter|year|yr)s?(?:$|[\W_])")


def is_time_name(name: str) -> bool:
    """Whether a name says that the numbers are times.

    Examples
    --------
    >>> is_time_name("Birth year"), is_time_name("sometimes")
    (True, False)
    """
    return bool(_TIME_NAME.search(name.casefold()))


def time_ordered_rows(context: FindingContext) -> Iterator[Finding]:
    """Rows that follow a column of times."""
    for name in _times_in_order(context)[:1]:
        weight = 0.5 if context.profile.target else 0.35
        sentence = f"The rows are in the order of {quote(name)}"
        evidence: dict[str, float | str] = {
            "rows": context.tested_rows.height,
            "first": _format_value(context, name, 0),
            "last": _format_value(context, name, -1),
        }
        yield make_finding("time-ordered-rows", weight, [name], sentence, evidence)


def sorted_rows(context: FindingContext) -> Iterator[Finding]:
    """Rows that are sorted, or stand in groups, by a column that is no time."""
    for name in _sorted_by(context)[:1]:
        is_target = name == context.profile.target
        in_order = name in context.numeric_columns and _in_order(context, name)
        how = (
            "are sorted by"
            if in_order or is_target or len(context.category_counts(name)) <= _FEW_GROUPS
            else "stand in groups of equal"
        )
        sentence = f"The rows {how} {'the target ' if is_target else ''}{quote(name)}"
        advice = (
            "" if in_order or is_target else f"{SHUFFLE} If rows of one {quote(name)} belong together, split by it."
        )
        weight = 0.45 if is_target else 0.2
        yield make_finding("sorted-rows", weight, [name], sentence, {"rows": context.profile.rows}, action=advice)


def drift(context: FindingContext) -> Iterator[Finding]:
    """Columns whose values change along the rows, where no sorting explains it."""
    rows = context.tested_rows.height
    times = _times_in_order(context)
    if rows < t.DRIFT_ROWS or _sorted_by(context):
        return
    blocks = (np.arange(rows) * t.DRIFT_BLOCKS // rows).astype(np.int64)
    names = [n for n in (*context.numeric_columns, *context.category_codes) if not is_time_name(n)]
    names = [n for n in names if n in context.category_codes or not _is_counter(context, n)]
    tests = max(len(names), 1)
    for name in names:
        fraction, chance = (
            _by_number(context, name, blocks) if name in context.numeric_columns else _by_level(context, name, blocks)
        )
        if fraction < t.DRIFT or chance * tests > t.ALPHA:
            continue
        when = "over time" if times else "along the rows"
        sentence = (
            f"{quote(name)} changes {when}: where in the table a row stands explains {format_percent(fraction)} of it"
        )
        evidence = {"share explained": fraction, "rows": rows, "p": min(1.0, chance * tests)}
        weight = 0.38 + 0.2 * fraction + (0.1 if name == context.profile.target else 0.0)
        yield make_finding("drift-over-rows", weight, [name], sentence, evidence)


def _by_number(context: FindingContext, name: str, blocks: npt.NDArray[np.int64]) -> tuple[float, float]:
    """Kruskal and Wallis' test of ten blocks of rows: ε² (η² less what chance gives) and the p-value."""
    ranks = context.value_ranks[:, context.ranked_columns.index(name)].astype(np.float64)
    non_missing = ~context.missing_mask[name] if name in context.missing_mask else np.ones(len(ranks), np.bool_)
    ranks, blocks = ranks[non_missing], blocks[non_missing]
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


def _by_level(context: FindingContext, name: str, blocks: npt.NDArray[np.int64]) -> tuple[float, float]:
    """The χ² test of levels against blocks: bias-corrected V² and the p-value."""
    codes = context.category_codes[name]
    non_missing = codes >= 0
    levels = int(codes.max()) + 1
    cells = np.bincount(codes[non_missing] * t.DRIFT_BLOCKS + blocks[non_missing], minlength=levels * t.DRIFT_BLOCKS)
    table = cells.reshape(levels, t.DRIFT_BLOCKS)
    n = int(table.sum())
    expected = np.outer(table.sum(1), table.sum(0)) / max(n, 1)
    # Levels of a few rows make χ² unfit: they are put together.
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
    timely = [name for name, kind in context.variable_types.items() if kind is VariableType.DATETIME]
    named = [name for name in context.numeric_columns if is_time_name(name)]
    return [name for name in (*timely, *named) if _in_order(context, name)]


def _sorted_by(context: FindingContext) -> list[str]:
    """Columns by which the rows are sorted: levels in runs, or numbers that never go back."""
    times = _times_in_order(context)
    if times or context.tested_rows.height < t.MIN_ROWS:
        return []
    numbers = [n for n in context.numeric_columns if not _is_counter(context, n) and _in_order(context, n)]
    steps = [
        name for name in context.numeric_columns if context.series[name].dtype.is_integer() and name not in numbers
    ]
    levels = [name for name in (*context.categorical_columns, *steps) if _has_runs(context, name)]
    names = [name for name in context.columns if name in (*numbers, *levels)]
    return sorted(names, key=lambda name: name != context.profile.target)


def _in_order(context: FindingContext, name: str) -> bool:
    """Whether values never go back, or never forward; on all rows, since thinned rows hide steps back."""
    values = _timestamps(context, name)
    if len(values) < t.ROWS_TO_JUDGE or not _is_mostly_monotonic(values[:_FIRST_ROWS], 0.9):
        return False
    return _is_mostly_monotonic(values, t.SORTED if len(values) > 1 / (1 - t.SORTED) else 1.0)


def _is_mostly_monotonic(values: npt.NDArray[Any], enough: float) -> bool:
    """Whether enough of the steps go one way, and those that do not are small beside the whole range."""
    values = np.clip(values.astype(np.float64), -_MAX_VALUE, _MAX_VALUE)  # also infinities, whose difference is none
    steps = np.diff(values)
    forward, back = int((steps > 0).sum()), int((steps < 0).sum())
    if max(forward, back) < max(2, enough * (forward + back)):
        return False
    against = -steps[steps < 0].sum() if forward > back else steps[steps > 0].sum()
    return bool(against <= _SET_BACK * (values.max() - values.min()))


def _timestamps(context: FindingContext, name: str) -> npt.NDArray[Any]:
    if not context.is_text(name):
        return context.non_missing_values(name)
    try:
        return parse_datetime(context.series[name].drop_nulls().cast(pl.String)).to_physical().to_numpy()
    except InputError:
        return np.empty(0)


def _has_runs(context: FindingContext, name: str) -> bool:
    """Whether equal values stand together, as they would by chance never do."""
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
    """A running number: its order is the rows' own and no drift."""
    values = context.non_missing_values(name)
    return (
        values.dtype.kind in "iu"
        and len(values) > 1
        and bool(values[1] == values[0] + 1 and (np.diff(values) == 1).all())
    )


def _format_value(context: FindingContext, name: str, index: int) -> str:
    return str(context.series[name].drop_nulls()[index])
