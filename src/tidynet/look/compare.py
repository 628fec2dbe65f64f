"""Two tables compared: columns, how each is spread, and rows in both. Plain numbers; draws nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from tidynet.errors import InputError
from tidynet.look.attention.seen import evenly
from tidynet.look.attention.words import columns_word, quoted
from tidynet.look.plain import as_plain
from tidynet.look.profile import Profile
from tidynet.look.shifts import Shift, shift_of
from tidynet.table.read import read
from tidynet.table.table import Table

__all__ = ["MOST_ROWS", "Comparison", "KindChange", "compare"]

MOST_ROWS = 200_000
_ALPHA = 0.001  # one false alarm in a thousand comparisons, shared among the columns


@dataclass(frozen=True, slots=True)
class KindChange:
    """A column that is of another kind, or stored otherwise, in the second table.

    Parameters
    ----------
    column, first, second : str
        The column and what it is in each table.
    """

    column: str
    first: str
    second: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """How a second table differs from a first.

    Parameters
    ----------
    first, second : str
        The names of the tables.
    rows : tuple of int
        Their rows.
    added, dropped : tuple of str
        Columns of the second table alone, and of the first alone.
    kinds : tuple of KindChange
        Columns of both whose kind differs.
    shifts : tuple of Shift
        Every column of both that can be compared, those that moved most beyond their noise floor first.
    rows_in_both : int or None
        Rows of the second table that stand in the first too, over the columns of both; None where the
        tables were too large to look at each row, or share no column.
    notes : tuple of str
        What a person should know about how it was measured.
    """

    first: str
    second: str
    rows: tuple[int, int]
    added: tuple[str, ...]
    dropped: tuple[str, ...]
    kinds: tuple[KindChange, ...]
    shifts: tuple[Shift, ...]
    rows_in_both: int | None
    notes: tuple[str, ...] = ()

    def __getitem__(self, column: str) -> Shift:
        """The shift of one column, by its name."""
        for one in self.shifts:
            if one.column == column:
                return one
        raise InputError(f"the column '{column}' was not compared", "see .added, .dropped and .shifts")

    def of_more_rows(self, first: int, second: int) -> Comparison:
        """The same, told of tables with so many rows, of which those compared were drawn at random."""
        drawn = tuple(
            f"looked at {seen:,} of {rows:,} rows of '{name}', drawn at random; rows in both were not counted"
            for seen, rows, name in zip(self.rows, (first, second), (self.first, self.second), strict=True)
            if seen < rows
        )
        return replace(self, rows=(first, second), rows_in_both=None, notes=(*self.notes, *drawn))

    def sentences(self) -> list[str]:
        """The comparison in words, what matters first."""
        told = [one.sentence for one in self.shifts if one.beyond_noise]
        told = told or (["no column moved beyond what chance gives"] if self.shifts else [])
        changed = [f"{quoted(one.column)} is {one.second} and was {one.first}" for one in self.kinds]
        return [*_names("added", self.added), *_names("dropped", self.dropped), *changed, *told, *self._overlap()]

    def _overlap(self) -> list[str]:
        if not self.rows_in_both:
            return []
        verb = "stands" if self.rows_in_both == 1 else "stand"
        return [f"{self.rows_in_both:,} of the {self.rows[1]:,} rows of {quoted(self.second)} {verb} in the other too"]

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON can hold it."""
        plain: dict[str, Any] = as_plain(self)
        return plain


def compare(first: Any, second: Any, *, columns: Sequence[str] | None = None) -> Comparison:
    """Compare two tables, such as train and test, or last month and this.

    Parameters
    ----------
    first, second : Table, or what `tidynet.read` takes
        The tables. Of more than 200,000 rows, so many are looked at, evenly spaced, and the notes say so.
    columns : sequence of str, optional
        Columns to compare (default: all).

    Returns
    -------
    Comparison

    Raises
    ------
    InputError
        If a table cannot be read, or is given as a Profile, which no longer has the rows.

    Examples
    --------
    >>> old = {"size": [1.0, 2.0, 3.0, 4.0], "shop": ["a", "b", "a", "b"]}
    >>> new = {"size": [1.0, 2.0, 3.0, 4.0], "place": ["x", "y", "x", "y"]}
    >>> seen = compare(old, new)
    >>> seen.added, seen.dropped, seen["size"].distance, seen.rows_in_both
    (('place',), ('shop',), 0.0, 4)
    """
    tables = [_table(source, columns) for source in (first, second)]
    one, other = tables
    shared = [name for name in one.columns if name in other]
    names = _told_apart(one.name, other.name)
    frames, notes = _looked_at(tables, names)
    alpha = _ALPHA / max(len(shared), 1)
    shifts = [shift_of(_pair(frames, name), _pair_of_judgements(tables, name), names, alpha) for name in shared]
    return Comparison(
        first=names[0],
        second=names[1],
        rows=(one.height, other.height),
        added=tuple(name for name in other.columns if name not in one),
        dropped=tuple(name for name in one.columns if name not in other),
        kinds=tuple(change for name in shared if (change := _kind_change(one, other, name))),
        shifts=tuple(sorted((shift for shift in shifts if shift), key=lambda shift: -shift.rank)),
        rows_in_both=None if notes or not shared else _rows_in_both(one.frame, other.frame, shared),
        notes=notes,
    )


def _table(source: Any, columns: Sequence[str] | None) -> Table:
    if isinstance(source, Profile):
        raise InputError(f"the profile of '{source.name}' has no rows to compare", "pass the table itself")
    table = source if isinstance(source, Table) else read(source)
    return table if columns is None else table.select(*(name for name in columns if name in table))


def _told_apart(first: str, second: str) -> tuple[str, str]:
    return (first, second) if first != second else (f"{first} (first)", f"{second} (second)")


def _looked_at(tables: Sequence[Table], names: tuple[str, str]) -> tuple[list[pl.DataFrame], tuple[str, ...]]:
    frames = [evenly(table.frame, MOST_ROWS) for table in tables]
    notes = tuple(
        f"looked at {frame.height:,} of {table.height:,} rows of '{name}', evenly spaced; rows in both were not counted"
        for frame, table, name in zip(frames, tables, names, strict=True)
        if frame.height < table.height
    )
    return frames, notes


def _pair(frames: Sequence[pl.DataFrame], name: str) -> tuple[pl.Series, pl.Series]:
    first, second = (frame.get_column(name) for frame in frames)
    return first, second


def _pair_of_judgements(tables: Sequence[Table], name: str) -> tuple[Any, Any]:
    first, second = (table.judgements[name] for table in tables)
    return first, second


def _kind_change(one: Table, other: Table, name: str) -> KindChange | None:
    kinds = [str(table.judgements[name].kind) for table in (one, other)]
    if kinds[0] != kinds[1]:
        return KindChange(name, kinds[0], kinds[1])
    dtypes = [table.frame.get_column(name).dtype for table in (one, other)]
    families = [_family(dtype) for dtype in dtypes]
    if families[0] != families[1]:
        return KindChange(name, f"{kinds[0]} as {families[0]}", f"{kinds[1]} as {families[1]}")
    return None


def _family(dtype: pl.DataType) -> str:
    if dtype.is_numeric():
        return "numbers"
    if dtype in (pl.String, pl.Categorical, pl.Enum):
        return "text"
    return "times" if dtype.is_temporal() else str(dtype.base_type()).lower()


def _rows_in_both(first: pl.DataFrame, second: pl.DataFrame, shared: Sequence[str]) -> int | None:
    """Rows of the second that stand in the first, equal in all shared columns; each is counted."""
    columns = [(first.get_column(name), second.get_column(name)) for name in shared]
    if any(one.dtype.is_nested() or one.dtype == pl.Object for pair in columns for one in pair):
        return None
    places = [str(place) for place in range(len(columns))]
    # A whole number and the same number with a point are one value, whichever way a table stores it.
    left, right = (
        pl.DataFrame([_comparable(pair, side).alias(place) for place, pair in zip(places, columns, strict=True)])
        for side in (0, 1)
    )
    return right.join(left.unique(), on=places, how="semi", nulls_equal=True).height


def _comparable(pair: tuple[pl.Series, pl.Series], side: int) -> pl.Series:
    one = pair[side].alias("values")
    if pair[0].dtype == pair[1].dtype and not isinstance(one.dtype, pl.Categorical | pl.Enum):
        return one
    if all(other.dtype.is_numeric() for other in pair):
        return one.cast(pl.Float64)
    return one.cast(pl.String)


def _names(verb: str, columns: Sequence[str]) -> list[str]:
    return [f"{verb}: {columns_word(columns)}"] if columns else []
