"""Rules about the order of the rows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from tidynet.errors import InputError
from tidynet.look.attention import thresholds as t
from tidynet.look.attention.rule import found
from tidynet.look.attention.seen import Seen
from tidynet.look.attention.words import percent, quoted
from tidynet.look.chances import chi2_chance
from tidynet.look.profile import Finding
from tidynet.table.dates import as_datetime
from tidynet.table.kind import Kind

__all__ = ["SHUFFLE", "drift", "in_time_order", "names_a_time", "sorted_rows"]

_FIRST_ROWS = 200
_FEW_GROUPS = 10
_LARGEST = 1e300
SHUFFLE = "Shuffle before the rows are split by position or read in blocks."
_SET_BACK = 0.2  # of the whole range: tables that stand one below the other go back all of it
_TIME_NAME = re.compile(r"(?:^|[\W_])(?:time|date|day|week|month|quarter|year|yr)s?(?:$|[\W_])")


def names_a_time(name: str) -> bool:
    """Whether a name says that the numbers are times.

    Examples
    --------
    >>> names_a_time("Birth year"), names_a_time("sometimes")
    (True, False)
    """
    return bool(_TIME_NAME.search(name.casefold()))


def in_time_order(seen: Seen) -> Iterator[Finding]:
    """Rows that follow a column of times."""
    for name in _times_in_order(seen)[:1]:
        weight = 0.5 if seen.profile.target else 0.35
        sentence = f"The rows are in the order of {quoted(name)}"
        evidence: dict[str, float | str] = {
            "rows": seen.tested.height,
            "first": _shown(seen, name, 0),
            "last": _shown(seen, name, -1),
        }
        yield found("time-order", weight, [name], sentence, evidence)


def sorted_rows(seen: Seen) -> Iterator[Finding]:
    """Rows that are sorted, or stand in groups, by a column that is no time."""
    for name in _sorted_by(seen)[:1]:
        is_target = name == seen.profile.target
        in_order = name in seen.numeric and _in_order(seen, name)
        how = (
            "are sorted by"
            if in_order or is_target or len(seen.levels(name)) <= _FEW_GROUPS
            else "stand in groups of equal"
        )
        sentence = f"The rows {how} {'the target ' if is_target else ''}{quoted(name)}"
        advice = (
            "" if in_order or is_target else f"{SHUFFLE} If rows of one {quoted(name)} belong together, split by it."
        )
        weight = 0.45 if is_target else 0.2
        yield found("sorted", weight, [name], sentence, {"rows": seen.profile.rows}, advice=advice)


def drift(seen: Seen) -> Iterator[Finding]:
    """Columns whose values change along the rows, where no sorting explains it."""
    rows = seen.tested.height
    times = _times_in_order(seen)
    if rows < t.DRIFT_ROWS or _sorted_by(seen):
        return
    blocks = (np.arange(rows) * t.DRIFT_BLOCKS // rows).astype(np.int64)
    names = [n for n in (*seen.numeric, *seen.coded) if not names_a_time(n)]
    names = [n for n in names if n in seen.coded or not _is_counter(seen, n)]
    tests = max(len(names), 1)
    for name in names:
        share, chance = _by_number(seen, name, blocks) if name in seen.numeric else _by_level(seen, name, blocks)
        if share < t.DRIFT or chance * tests > t.ALPHA:
            continue
        when = "over time" if times else "along the rows"
        sentence = f"{quoted(name)} changes {when}: where in the table a row stands explains {percent(share)} of it"
        evidence = {"share explained": share, "rows": rows, "p": min(1.0, chance * tests)}
        weight = 0.38 + 0.2 * share + (0.1 if name == seen.profile.target else 0.0)
        yield found("drift", weight, [name], sentence, evidence)


def _by_number(seen: Seen, name: str, blocks: npt.NDArray[np.int64]) -> tuple[float, float]:
    """Kruskal and Wallis' test of ten blocks of rows: ε² (η² less what chance gives) and the p-value."""
    ranks = seen.ranks[:, seen.ordered.index(name)].astype(np.float64)
    known = ~seen.gaps[name] if name in seen.gaps else np.ones(len(ranks), np.bool_)
    ranks, blocks = ranks[known], blocks[known]
    sizes = np.bincount(blocks, minlength=t.DRIFT_BLOCKS)
    if len(ranks) < t.DRIFT_ROWS or sizes.min() < 5:
        return 0.0, 1.0
    sums = np.bincount(blocks, ranks, minlength=t.DRIFT_BLOCKS)
    total = float(((ranks - ranks.mean()) ** 2).sum())
    if total == 0:
        return 0.0, 1.0
    share = float((sums**2 / sizes).sum() - len(ranks) * ranks.mean() ** 2) / total
    freedom = t.DRIFT_BLOCKS - 1
    left = len(ranks) - t.DRIFT_BLOCKS
    corrected = 1 - (1 - share) * (len(ranks) - 1) / left
    return max(0.0, corrected), chi2_chance(share * (len(ranks) - 1), freedom)


def _by_level(seen: Seen, name: str, blocks: npt.NDArray[np.int64]) -> tuple[float, float]:
    """The χ² test of levels against blocks: bias-corrected V² and the p-value."""
    codes = seen.coded[name]
    known = codes >= 0
    levels = int(codes.max()) + 1
    cells = np.bincount(codes[known] * t.DRIFT_BLOCKS + blocks[known], minlength=levels * t.DRIFT_BLOCKS)
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
    return max(0.0, (chi2 / n - freedom / (n - 1)) / smaller), chi2_chance(chi2, freedom)


def _times_in_order(seen: Seen) -> list[str]:
    timely = [name for name, kind in seen.kinds.items() if kind is Kind.DATETIME]
    named = [name for name in seen.numeric if names_a_time(name)]
    return [name for name in (*timely, *named) if _in_order(seen, name)]


def _sorted_by(seen: Seen) -> list[str]:
    """Columns by which the rows are sorted: levels in runs, or numbers that never go back."""
    times = _times_in_order(seen)
    if times or seen.tested.height < t.FEW_ROWS:
        return []
    numbers = [n for n in seen.numeric if not _is_counter(seen, n) and _in_order(seen, n)]
    steps = [name for name in seen.numeric if seen.series[name].dtype.is_integer() and name not in numbers]
    levels = [name for name in (*seen.qualitative, *steps) if _in_runs(seen, name)]
    names = [name for name in seen.columns if name in (*numbers, *levels)]
    return sorted(names, key=lambda name: name != seen.profile.target)


def _in_order(seen: Seen, name: str) -> bool:
    """Whether values never go back, or never forward; on all rows, since thinned rows hide steps back."""
    values = _moments(seen, name)
    if len(values) < t.ROWS_TO_JUDGE or not _one_way(values[:_FIRST_ROWS], 0.9):
        return False
    return _one_way(values, t.SORTED if len(values) > 1 / (1 - t.SORTED) else 1.0)


def _one_way(values: npt.NDArray[Any], enough: float) -> bool:
    """Whether enough of the steps go one way, and those that do not are small beside the whole range."""
    values = np.clip(values.astype(np.float64), -_LARGEST, _LARGEST)  # also infinities, whose difference is none
    steps = np.diff(values)
    forward, back = int((steps > 0).sum()), int((steps < 0).sum())
    if max(forward, back) < max(2, enough * (forward + back)):
        return False
    against = -steps[steps < 0].sum() if forward > back else steps[steps > 0].sum()
    return bool(against <= _SET_BACK * (values.max() - values.min()))


def _moments(seen: Seen, name: str) -> npt.NDArray[Any]:
    if not seen.is_text(name):
        return seen.known(name)
    try:
        return as_datetime(seen.series[name].drop_nulls().cast(pl.String)).to_physical().to_numpy()
    except InputError:
        return np.empty(0)


def _in_runs(seen: Seen, name: str) -> bool:
    """Whether equal values stand together, as they would by chance never do."""
    head = seen.series[name].head(_FIRST_ROWS).alias("v").drop_nulls()
    if head.len() < 2 or _runs(head) != head.n_unique():
        return False
    series = seen.series[name].alias("v").drop_nulls()
    runs = _runs(series)
    if runs != series.n_unique() or runs < 2:
        return False
    sizes = np.array(list(seen.levels(name).values()))
    changes = len(series) * (1 - float(((sizes / len(series)) ** 2).sum()))
    return changes > 10 * (runs - 1) or (runs > _FEW_GROUPS and changes > 2 * (runs - 1))


def _runs(series: pl.Series) -> int:
    return int((series != series.shift()).sum()) + 1


def _is_counter(seen: Seen, name: str) -> bool:
    """A running number: its order is the rows' own and no drift."""
    values = seen.known(name)
    return (
        values.dtype.kind in "iu"
        and len(values) > 1
        and bool(values[1] == values[0] + 1 and (np.diff(values) == 1).all())
    )


def _shown(seen: Seen, name: str, place: int) -> str:
    return str(seen.series[name].drop_nulls()[place])
