"""Rows that belong together, and rows in time: what a split by whole groups, or by time, goes by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tidynet.core.errors import InputError
from tidynet.core.text import join_names
from tidynet.table.date_formats import parse_datetime
from tidynet.table.variable_type import VariableType

if TYPE_CHECKING:
    from tidynet.table import Table

__all__ = ["SplitSpec", "assign_groups_to_folds", "sample_test_groups", "select_last_rows"]

Rows = NDArray[np.int64]

FEWEST_GROUPS = 3  # one to learn from, one to watch, one to test on
_DRAWS, _MOST_DRAWN = 50, 200_000  # how often groups are drawn, fewer times the more they are


@dataclass(frozen=True)
class SplitSpec:
    """What a table's rows are split by.

    Attributes
    ----------
    groups : ndarray of int64, shape (rows,), or None
        The group of each row, from 0: all rows of one stay on one side.
    order : ndarray of int64, shape (rows,), or None
        The place of each row in time: the last are tested on.
    column : str
    """

    groups: Rows | None = None
    order: Rows | None = None
    column: str = ""

    @classmethod
    def from_columns(cls, table: Table, by: str | None, time: str | None) -> SplitSpec:
        """Read groups or times from a column of the rows; neither if there is none.

        Examples
        --------
        >>> from tidynet.table import read
        >>> table = read({"who": ["a", "b", "a", "c"], "when": [2019, 2021, 2020, 2020]})
        >>> SplitSpec.from_columns(table, "who", None).groups, SplitSpec.from_columns(table, None, "when").order
        (array([0, 1, 0, 2]), array([0, 2, 1, 1]))
        """
        if by is not None:
            return cls(groups=_groups(table[by].alias("values"), by), column=by)
        if time is not None:
            return cls(order=_order(table, time), column=time)
        return cls()

    @classmethod
    def from_dict(cls, table: Table, facts: dict[str, str]) -> SplitSpec:
        """What `to_dict` told of, read from the rows of a table."""
        return cls.from_columns(table, facts.get("by"), facts.get("time"))

    def to_dict(self) -> dict[str, str]:
        """The column, under "by" or "time"; empty if rows are split at random."""
        return {} if not self.column else {"time" if self.groups is None else "by": self.column}

    @property
    def description(self) -> str:
        """How rows are split, in a few words; empty if at random."""
        if self.groups is not None:
            return f"by '{self.column}', all rows of one on one side,"
        return f"by time, the last by '{self.column}' for the test," if self.order is not None else ""


def sample_test_groups(
    rows: Rows, fraction: float, rng: np.random.Generator, groups: Rows, classes: Rows | None = None
) -> Rows:
    """Draw whole groups that have about `fraction` of the rows, and of each class if classes are given; sorted.

    Of several draws the one that comes nearest is taken. One group at least is drawn, and one is kept back.

    Examples
    --------
    >>> groups = np.repeat(np.arange(5), 4)
    >>> held = sample_test_groups(np.arange(20), 0.2, np.random.default_rng(0), groups)
    >>> len(held), len(set(groups[held]))
    (4, 1)
    """
    names, members = np.unique(groups[rows], return_inverse=True)
    if len(names) < 2:
        return rows[:0]
    kinds = np.zeros(len(rows), dtype=np.int64) if classes is None else np.unique(classes[rows], return_inverse=True)[1]
    width = int(kinds.max()) + 1
    counts = np.bincount(members * width + kinds, minlength=len(names) * width).reshape(len(names), width)
    totals = counts.sum(axis=0)
    best, min_count = names[:0], np.inf
    for _ in range(int(np.clip(_MOST_DRAWN // len(names), 1, _DRAWS))):
        order = rng.permutation(len(names))
        taken = counts[order[:-1]].cumsum(axis=0)
        off = np.abs(taken.sum(axis=1) / len(rows) - fraction) + np.abs(taken / totals - fraction).mean(axis=1) / 2
        index = int(off.argmin())
        if off[index] < min_count:
            best, min_count = order[: index + 1], float(off[index])
    return rows[np.isin(members, best)]


def assign_groups_to_folds(
    groups: Rows, folds: int, rng: np.random.Generator, classes: Rows | None = None
) -> tuple[Rows, ...]:
    """Deal whole groups out to folds of about one size, and of like classes if they are given; each sorted.

    The largest groups come first, each into the fold that has fewest rows of the group's commonest class.
    There are no more folds than groups.

    Examples
    --------
    >>> [fold.tolist() for fold in assign_groups_to_folds(np.array([0, 0, 1, 2]), 2, np.random.default_rng(0))]
    [[0, 1], [2, 3]]
    """
    names, members = np.unique(groups, return_inverse=True)
    folds = min(folds, len(names))
    kinds = np.zeros(len(groups), dtype=np.int64) if classes is None else np.unique(classes, return_inverse=True)[1]
    width = int(kinds.max()) + 1
    counts = np.bincount(members * width + kinds, minlength=len(names) * width).reshape(len(names), width)
    order = rng.permutation(len(names))
    order = order[np.argsort(-counts[order].sum(axis=1), kind="stable")]
    have = np.zeros((folds, width))
    index = np.empty(len(names), dtype=np.int64)
    for group in order:
        commonest = int(counts[group].argmax())
        fold = int(np.lexsort((have.sum(axis=1), have[:, commonest]))[0])
        index[group] = fold
        have[fold] += counts[group]
    return tuple(np.flatnonzero(index[members] == fold) for fold in range(folds))


def select_last_rows(rows: Rows, fraction: float, order: Rows) -> Rows:
    """The last rows in time, about `fraction` of them; rows of one time stay together. Sorted.

    Examples
    --------
    >>> select_last_rows(np.arange(5), 0.4, np.array([3, 0, 1, 2, 3]))
    array([0, 4])
    """
    times, counts = np.unique(order[rows], return_counts=True)
    if len(times) < 2:
        return rows[:0]
    after = counts[::-1].cumsum()[:-1]  # rows from each time on, from the last back to the second
    begins = times[::-1][int(np.abs(after - fraction * len(rows)).argmin())]
    return rows[order[rows] >= begins]


def _groups(column: pl.Series, name: str) -> Rows:
    if column.dtype.is_nested() or column.dtype in (pl.Binary, pl.Object):
        raise InputError(f"the column '{name}' holds no single values, so rows cannot be split by it")
    groups = column.rank("dense").cast(pl.Int64).to_numpy().astype(np.float64)
    missing = np.isnan(groups)
    known = int(np.nanmax(groups)) if not missing.all() else 0
    # A row without a value is a group of its own.
    groups[missing] = known + 1 + np.arange(missing.sum())
    count = known + int(missing.sum())
    if count < FEWEST_GROUPS:
        raise InputError(
            f"the column '{name}' has {count} different value{'' if count == 1 else 's'}, expected at least "
            f"{FEWEST_GROUPS} to split by",
            "split by another column, or at random",
        )
    return groups.astype(np.int64) - 1


def _order(table: Table, name: str) -> Rows:
    column: Any = table[name].alias("values")
    if not (column.dtype.is_numeric() or column.dtype.is_temporal()):
        try:
            column = parse_datetime(column)
        except InputError as error:
            times = [
                item for item, judged in table.inferred_types.items() if judged.variable_type is VariableType.DATETIME
            ]
            raise InputError(
                f"the column '{name}' holds no times, expected dates or numbers",
                f"columns of times are {join_names(times)}" if times else "give a column of dates or numbers",
            ) from error
    if column.dtype.is_float():
        column = column.fill_nan(None)
    order = column.rank("dense").cast(pl.Int64).fill_null(0).to_numpy().astype(np.int64)
    if len(np.unique(order[order > 0])) < 2:
        raise InputError(f"the column '{name}' holds one time, so no rows come after others", "give another column")
    return np.unique(order, return_inverse=True)[1].astype(np.int64)  # rows without a time come first
