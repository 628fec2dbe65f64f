"""Splits by groups, of which all rows are in one part, and by time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tidynet.core.errors import InputError
from tidynet.core.text import join_names, pluralize
from tidynet.table.date_formats import parse_datetime
from tidynet.table.variable_type import VariableType

if TYPE_CHECKING:
    from tidynet.table import Table

Rows = NDArray[np.int64]

MIN_GROUPS = 3  # one each for training, validation and test
_MAX_DRAWS, _MAX_DRAWN_GROUPS = 50, 200_000  # random orders of the groups, and groups in all of them


@dataclass(frozen=True, eq=False)
class SplitSpec:
    """The groups or the times that the rows of a table are split by."""

    groups: Rows | None = None  # the group of each row, from 0: all rows of a group are in one part
    order: Rows | None = None  # the position of each row in time: the last are the test set
    column: str = ""

    @classmethod
    def from_columns(cls, table: Table, by: str | None, time: str | None) -> SplitSpec:
        """Groups or times from a column; neither for a random split."""
        if by is not None:
            return cls(groups=_groups(table[by].alias("values"), by), column=by)
        if time is not None:
            return cls(order=_order(table, time), column=time)
        return cls()

    @classmethod
    def from_dict(cls, table: Table, facts: dict[str, str]) -> SplitSpec:
        """What `to_dict` described, for the rows of a table."""
        return cls.from_columns(table, facts.get("group"), facts.get("time"))

    def to_dict(self) -> dict[str, str]:
        """The column, under "group" or "time"; empty for a random split."""
        return {} if not self.column else {"time" if self.groups is None else "group": self.column}

    @property
    def description(self) -> str:
        """The kind of split; empty for a random split."""
        if self.groups is not None:
            return f"by group ('{self.column}')"
        return f"by time ('{self.column}')" if self.order is not None else ""


def sample_test_groups(
    rows: Rows, fraction: float, rng: np.random.Generator, groups: Rows, classes: Rows | None = None
) -> Rows:
    """The nearest of several samples of groups with about `fraction` of the rows, and of each class; sorted."""
    names, members = np.unique(groups[rows], return_inverse=True)
    if len(names) < 2:
        return rows[:0]
    codes = np.zeros(len(rows), dtype=np.int64) if classes is None else np.unique(classes[rows], return_inverse=True)[1]
    width = int(codes.max()) + 1
    counts = np.bincount(members * width + codes, minlength=len(names) * width).reshape(len(names), width)
    totals = counts.sum(axis=0)
    best, smallest = names[:0], np.inf
    for _ in range(int(np.clip(_MAX_DRAWN_GROUPS // len(names), 1, _MAX_DRAWS))):
        order = rng.permutation(len(names))
        taken = counts[order[:-1]].cumsum(axis=0)
        error = np.abs(taken.sum(axis=1) / len(rows) - fraction) + np.abs(taken / totals - fraction).mean(axis=1) / 2
        index = int(error.argmin())
        if error[index] < smallest:
            best, smallest = order[: index + 1], float(error[index])
    return rows[np.isin(members, best)]


def assign_groups_to_folds(
    groups: Rows, folds: int, rng: np.random.Generator, classes: Rows | None = None
) -> tuple[Rows, ...]:
    """Folds of whole groups, of about equal size and with similar classes; each sorted."""
    # The largest groups come first, each into the fold with fewest rows of the group's most frequent class.
    names, members = np.unique(groups, return_inverse=True)
    folds = min(folds, len(names))
    codes = np.zeros(len(groups), dtype=np.int64) if classes is None else np.unique(classes, return_inverse=True)[1]
    width = int(codes.max()) + 1
    counts = np.bincount(members * width + codes, minlength=len(names) * width).reshape(len(names), width)
    order = rng.permutation(len(names))
    order = order[np.argsort(-counts[order].sum(axis=1), kind="stable")]
    have = np.zeros((folds, width))
    index = np.empty(len(names), dtype=np.int64)
    for group in order:
        most_frequent = int(counts[group].argmax())
        fold = int(np.lexsort((have.sum(axis=1), have[:, most_frequent]))[0])
        index[group] = fold
        have[fold] += counts[group]
    return tuple(np.flatnonzero(index[members] == fold) for fold in range(folds))


def select_last_rows(rows: Rows, fraction: float, order: Rows) -> Rows:
    """The last rows in time, about `fraction` of them; all rows of a time are in one part. Sorted."""
    times, counts = np.unique(order[rows], return_counts=True)
    if len(times) < 2:
        return rows[:0]
    after = counts[::-1].cumsum()[:-1]  # rows from each time on, from the last back to the second
    begins = times[::-1][int(np.abs(after - fraction * len(rows)).argmin())]
    return rows[order[rows] >= begins]


def _groups(column: pl.Series, name: str) -> Rows:
    if column.dtype.is_nested() or column.dtype in (pl.Binary, pl.Object):
        raise InputError(f"the column '{name}' is {column.dtype}, expected single values to split by")
    groups = column.rank("dense").cast(pl.Int64).to_numpy().astype(np.float64)
    missing = np.isnan(groups)
    known = int(np.nanmax(groups)) if not missing.all() else 0
    # A row without a value is a group of its own.
    groups[missing] = known + 1 + np.arange(missing.sum())
    count = known + int(missing.sum())
    if count < MIN_GROUPS:
        raise InputError(
            f"the column '{name}' has {pluralize(count, 'different value')}, expected at least {MIN_GROUPS} to split "
            "by",
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
                item
                for item, inferred in table.inferred_types.items()
                if inferred.variable_type is VariableType.DATETIME
            ]
            raise InputError(
                f"the column '{name}' is text, expected dates or numbers",
                f"date columns are {join_names(times)}" if times else "choose a column of dates or numbers",
            ) from error
    if column.dtype.is_float():
        column = column.fill_nan(None)
    order = column.rank("dense").cast(pl.Int64).fill_null(0).to_numpy().astype(np.int64)
    if len(np.unique(order[order > 0])) < 2:
        raise InputError(f"the column '{name}' has one time, expected two or more", "choose another column")
    return np.unique(order, return_inverse=True)[1].astype(np.int64)  # rows without a time come first
