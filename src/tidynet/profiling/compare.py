"""Comparison of two tables: columns, distribution shifts and shared rows, as plain data."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from tidynet.core.display import Displayed
from tidynet.core.errors import InputError
from tidynet.core.serialization import to_plain
from tidynet.core.text import list_columns, pluralize, quote
from tidynet.profiling.distribution_shift import DistributionShift, compute_shift
from tidynet.profiling.findings.context import evenly_spaced_rows
from tidynet.profiling.profile import Profile
from tidynet.table.cell_text import cell_text
from tidynet.table.column_format import ColumnFormat
from tidynet.table.read import read
from tidynet.table.table import Table

MAX_ROWS = 200_000
_ALPHA = 0.001  # one false positive in a thousand comparisons, divided by the number of columns


@dataclass(frozen=True, slots=True)
class VariableTypeChange:
    """A column with another variable type or storage in the second table."""

    column: str
    first: str
    second: str


@dataclass(frozen=True, slots=True, repr=False)
class TableComparison(Displayed):
    """The differences of a second table from a first."""

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
        """The distribution shift of one column."""
        for item in self.shifts:
            if item.column == column:
                return item
        raise InputError(f"column is '{column}', expected a compared column", "see .added, .dropped and .shifts")

    def with_full_row_counts(self, first: int, second: int) -> TableComparison:
        """The same with the row counts of the full tables, from which the compared rows were sampled."""
        sampled = tuple(
            f"comparison uses {seen:,} of {rows:,} rows of '{name}', sampled at random; shared rows were not counted"
            for seen, rows, name in zip(self.rows, (first, second), (self.first, self.second), strict=True)
            if seen < rows
        )
        return replace(self, rows=(first, second), shared_rows=None, notes=(*self.notes, *sampled))

    def sentences(self) -> list[str]:
        """The comparison as sentences: columns, types, distribution shifts, shared rows."""
        shifts = [item.sentence for item in self.shifts if item.is_significant]
        shifts = shifts or (["no significant distribution shift"] if self.shifts else [])
        changed = [f"{item.column}: type {item.second}, was {item.first}" for item in self.type_changes]
        shared = f"{self.shared_rows or 0:,} of {pluralize(self.rows[1], 'row')} of {quote(self.second)} are shared"
        columns = [*_names("added", self.added), *_names("dropped", self.dropped)]
        return [*columns, *changed, *shifts, *([shared] if self.shared_rows else [])]

    def display_lines(self) -> list[str]:
        """The two tables and the sentences about them."""
        first, second = (pluralize(rows, "row") for rows in self.rows)
        return [f"'{self.second}' ({second}) against '{self.first}' ({first})", *self.sentences(), *self.notes]

    def to_dict(self) -> dict[str, Any]:
        """The comparison as plain data for JSON."""
        plain: dict[str, Any] = to_plain(self)
        return plain


def compare_tables(first: Any, second: Any, *, columns: Sequence[str] | None = None) -> TableComparison:
    """Compare two tables, such as train and test, or last month and this."""
    first_table = _load_table(first, columns)
    second_table = _load_table(second, columns, first_table.column_formats)
    tables = [first_table, second_table]
    shared = [name for name in first_table.columns if name in second_table]
    names = _distinguish_names(first_table.name, second_table.name)
    frames, notes = _evenly_spaced_frames(tables, names)
    alpha = _ALPHA / max(len(shared), 1)
    shifts = [
        compute_shift(
            (frames[0].get_column(name), frames[1].get_column(name)),
            (first_table.inferred_types[name], second_table.inferred_types[name]),
            names,
            alpha,
        )
        for name in shared
    ]
    return TableComparison(
        first=names[0],
        second=names[1],
        rows=(first_table.height, second_table.height),
        added=tuple(name for name in second_table.columns if name not in first_table),
        dropped=tuple(name for name in first_table.columns if name not in second_table),
        type_changes=tuple(change for name in shared if (change := _type_change(tables, name))),
        shifts=tuple(sorted((shift for shift in shifts if shift), key=lambda shift: -shift.rank)),
        shared_rows=None if notes or not shared else _shared_rows(first_table.frame, second_table.frame, shared),
        notes=(*notes, *(item.contradiction for item in second_table.column_formats.values() if item.contradiction)),
    )


def _load_table(
    source: Any, columns: Sequence[str] | None, column_formats: Mapping[str, ColumnFormat] | None = None
) -> Table:
    if isinstance(source, Profile):
        raise InputError(f"table is the profile of '{source.name}', expected rows to compare", "pass the table itself")
    is_file = isinstance(source, str | os.PathLike)
    table = source if isinstance(source, Table) else read(source, column_formats=column_formats if is_file else {})
    return table if columns is None else table.select(*(name for name in columns if name in table))


def _distinguish_names(first: str, second: str) -> tuple[str, str]:
    return (first, second) if first != second else (f"{first} (first)", f"{second} (second)")


def _evenly_spaced_frames(
    tables: Sequence[Table], names: tuple[str, str]
) -> tuple[list[pl.DataFrame], tuple[str, ...]]:
    frames = [evenly_spaced_rows(table.frame, MAX_ROWS) for table in tables]
    notes = tuple(
        f"comparison uses {frame.height:,} of {table.height:,} rows of '{name}', evenly spaced; "
        "shared rows were not counted"
        for frame, table, name in zip(frames, tables, names, strict=True)
        if frame.height < table.height
    )
    return frames, notes


def _type_change(tables: Sequence[Table], name: str) -> VariableTypeChange | None:
    types = [str(table.inferred_types[name].variable_type) for table in tables]
    if types[0] != types[1]:
        return VariableTypeChange(name, types[0], types[1])
    dtypes = [table.frame.get_column(name).dtype for table in tables]
    storages = [_storage(dtype) for dtype in dtypes]
    if storages[0] != storages[1]:
        return VariableTypeChange(name, f"{types[0]} as {storages[0]}", f"{types[1]} as {storages[1]}")
    return None


def _storage(dtype: pl.DataType) -> str:
    if dtype.is_numeric():
        return "numbers"
    if dtype in (pl.String, pl.Categorical, pl.Enum):
        return "text"
    return "times" if dtype.is_temporal() else str(dtype.base_type()).lower()


def _shared_rows(first: pl.DataFrame, second: pl.DataFrame, shared: Sequence[str]) -> int | None:
    """Rows of the second table that equal a row of the first in all shared columns."""
    columns = [(first.get_column(name), second.get_column(name)) for name in shared]
    if any(item.dtype.is_nested() or item.dtype == pl.Object for pair in columns for item in pair):
        return None
    indices = [str(index) for index in range(len(columns))]
    # 1 and 1.0 are equal, however a table stores them.
    left, right = (
        pl.DataFrame([_comparable(pair, side).alias(index) for index, pair in zip(indices, columns, strict=True)])
        for side in (0, 1)
    )
    return right.join(left.unique(), on=indices, how="semi", nulls_equal=True).height


def _comparable(pair: tuple[pl.Series, pl.Series], side: int) -> pl.Series:
    item = pair[side].alias("values")
    if pair[0].dtype == pair[1].dtype and not isinstance(item.dtype, pl.Categorical | pl.Enum):
        return item
    if all(other.dtype.is_numeric() for other in pair):
        return item.cast(pl.Float64)
    return cell_text(item)


def _names(verb: str, columns: Sequence[str]) -> list[str]:
    return [f"{verb}: {list_columns(columns)}"] if columns else []
