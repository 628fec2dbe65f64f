"""Two tables compared: columns, how each is spread, and rows in both. Plain numbers; draws nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from tidynet.core.errors import InputError
from tidynet.core.serialization import to_plain
from tidynet.core.text import list_columns, quote
from tidynet.profiling.distribution_shift import DistributionShift, compute_shift
from tidynet.profiling.findings.context import evenly_spaced_rows
from tidynet.profiling.profile import Profile
from tidynet.table.read import read
from tidynet.table.table import Table

__all__ = ["MAX_ROWS", "TableComparison", "VariableTypeChange", "compare"]

MAX_ROWS = 200_000
_ALPHA = 0.001  # one false alarm in a thousand comparisons, shared among the columns


@dataclass(frozen=True, slots=True)
class VariableTypeChange:
    """A column that is of another kind, or stored otherwise, in the second table."""

    column: str
    first: str
    second: str


@dataclass(frozen=True, slots=True)
class TableComparison:
    """How a second table differs from a first."""

    first: str
    second: str
    rows: tuple[int, int]
    added: tuple[str, ...]
    dropped: tuple[str, ...]
    type_changes: tuple[VariableTypeChange, ...]
    shifts: tuple[DistributionShift, ...]
    shared_rows: int | None
    notes: tuple[str, ...] = ()

    def __getitem__(self, column: str) -> DistributionShift:
        """The shift of one column, by its name."""
        for item in self.shifts:
            if item.column == column:
                return item
        raise InputError(f"the column '{column}' was not compared", "see .added, .dropped and .shifts")

    def with_full_row_counts(self, first: int, second: int) -> TableComparison:
        """The same, told of tables with so many rows, of which those compared were drawn at random."""
        drawn = tuple(
            f"looked at {seen:,} of {rows:,} rows of '{name}', drawn at random; rows in both were not counted"
            for seen, rows, name in zip(self.rows, (first, second), (self.first, self.second), strict=True)
            if seen < rows
        )
        return replace(self, rows=(first, second), shared_rows=None, notes=(*self.notes, *drawn))

    def sentences(self) -> list[str]:
        """The comparison in words, what matters first."""
        text = [item.sentence for item in self.shifts if item.is_significant]
        text = text or (["no column moved beyond what chance gives"] if self.shifts else [])
        changed = [f"{quote(item.column)} is {item.second} and was {item.first}" for item in self.type_changes]
        return [*_names("added", self.added), *_names("dropped", self.dropped), *changed, *text, *self._overlap()]

    def _overlap(self) -> list[str]:
        if not self.shared_rows:
            return []
        verb = "stands" if self.shared_rows == 1 else "stand"
        return [f"{self.shared_rows:,} of the {self.rows[1]:,} rows of {quote(self.second)} {verb} in the other too"]

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON can hold it."""
        plain: dict[str, Any] = to_plain(self)
        return plain


def compare(first: Any, second: Any, *, columns: Sequence[str] | None = None) -> TableComparison:
    """Compare two tables, such as train and test, or last month and this.

    Examples
    --------
    >>> old = {"size": [1.0, 2.0, 3.0, 4.0], "shop": ["a", "b", "a", "b"]}
    >>> new = {"size": [1.0, 2.0, 3.0, 4.0], "place": ["x", "y", "x", "y"]}
    >>> seen = compare(old, new)
    >>> seen.added, seen.dropped, seen["size"].distance, seen.shared_rows
    (('place',), ('shop',), 0.0, 4)
    """
    tables = [_load_table(source, columns) for source in (first, second)]
    item, other = tables
    shared = [name for name in item.columns if name in other]
    names = _distinguish_names(item.name, other.name)
    frames, notes = _profile_both(tables, names)
    alpha = _ALPHA / max(len(shared), 1)
    shifts = [compute_shift(_pair(frames, name), _inferred_types_of(tables, name), names, alpha) for name in shared]
    return TableComparison(
        first=names[0],
        second=names[1],
        rows=(item.height, other.height),
        added=tuple(name for name in other.columns if name not in item),
        dropped=tuple(name for name in item.columns if name not in other),
        type_changes=tuple(change for name in shared if (change := _kind_change(item, other, name))),
        shifts=tuple(sorted((shift for shift in shifts if shift), key=lambda shift: -shift.rank)),
        shared_rows=None if notes or not shared else _shared_rows(item.frame, other.frame, shared),
        notes=notes,
    )


def _load_table(source: Any, columns: Sequence[str] | None) -> Table:
    if isinstance(source, Profile):
        raise InputError(f"the profile of '{source.name}' has no rows to compare", "pass the table itself")
    table = source if isinstance(source, Table) else read(source)
    return table if columns is None else table.select(*(name for name in columns if name in table))


def _distinguish_names(first: str, second: str) -> tuple[str, str]:
    return (first, second) if first != second else (f"{first} (first)", f"{second} (second)")


def _profile_both(tables: Sequence[Table], names: tuple[str, str]) -> tuple[list[pl.DataFrame], tuple[str, ...]]:
    frames = [evenly_spaced_rows(table.frame, MAX_ROWS) for table in tables]
    notes = tuple(
        f"looked at {frame.height:,} of {table.height:,} rows of '{name}', evenly spaced; rows in both were not counted"
        for frame, table, name in zip(frames, tables, names, strict=True)
        if frame.height < table.height
    )
    return frames, notes


def _pair(frames: Sequence[pl.DataFrame], name: str) -> tuple[pl.Series, pl.Series]:
    first, second = (frame.get_column(name) for frame in frames)
    return first, second


def _inferred_types_of(tables: Sequence[Table], name: str) -> tuple[Any, Any]:
    first, second = (table.inferred_types[name] for table in tables)
    return first, second


def _kind_change(item: Table, other: Table, name: str) -> VariableTypeChange | None:
    kinds = [str(table.inferred_types[name].variable_type) for table in (item, other)]
    if kinds[0] != kinds[1]:
        return VariableTypeChange(name, kinds[0], kinds[1])
    dtypes = [table.frame.get_column(name).dtype for table in (item, other)]
    families = [_family(dtype) for dtype in dtypes]
    if families[0] != families[1]:
        return VariableTypeChange(name, f"{kinds[0]} as {families[0]}", f"{kinds[1]} as {families[1]}")
    return None


def _family(dtype: pl.DataType) -> str:
    if dtype.is_numeric():
        return "numbers"
    if dtype in (pl.String, pl.Categorical, pl.Enum):
        return "text"
    return "times" if dtype.is_temporal() else str(dtype.base_type()).lower()


def _shared_rows(first: pl.DataFrame, second: pl.DataFrame, shared: Sequence[str]) -> int | None:
    """Rows of the second that stand in the first, equal in all shared columns; each is counted."""
    columns = [(first.get_column(name), second.get_column(name)) for name in shared]
    if any(item.dtype.is_nested() or item.dtype == pl.Object for pair in columns for item in pair):
        return None
    indices = [str(index) for index in range(len(columns))]
    # A whole number and the same number with a point are one value, whichever way a table stores it.
    remaining, right = (
        pl.DataFrame([_comparable(pair, side).alias(index) for index, pair in zip(indices, columns, strict=True)])
        for side in (0, 1)
    )
    return right.join(remaining.unique(), on=indices, how="semi", nulls_equal=True).height


def _comparable(pair: tuple[pl.Series, pl.Series], side: int) -> pl.Series:
    item = pair[side].alias("values")
    if pair[0].dtype == pair[1].dtype and not isinstance(item.dtype, pl.Categorical | pl.Enum):
        return item
    if all(other.dtype.is_numeric() for other in pair):
        return item.cast(pl.Float64)
    return item.cast(pl.String)


def _names(verb: str, columns: Sequence[str]) -> list[str]:
    return [f"{verb}: {list_columns(columns)}"] if columns else []
