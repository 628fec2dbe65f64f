"""Table: a frame, the types of its variables, and its source."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from tidynet.core.errors import check_column_exists
from tidynet.core.text import pluralize
from tidynet.table.column_format import ColumnFormat
from tidynet.table.variable_type import TypeInference

if TYPE_CHECKING:
    import numpy.typing as npt

_ROWS_SHOWN = 8


@dataclass(frozen=True, repr=False, eq=False)
class Table:
    """A table in memory with the inferred type of each variable.

    Parameters
    ----------
    frame : pl.DataFrame
        The rows, missing values as null.
    inferred_types : mapping of str to TypeInference
        The type of each variable and the reason; selecting rows does not change it.
    name : str
        A short name, used for files and titles.
    source : str, optional
        The path or address from which the table was read.
    notes : tuple of str, optional
        What the reader did, such as skipping bad lines.
    detected_options : mapping of str to str, optional
        The read options that were detected, such as the separator; `read` takes the same names.
    column_formats : mapping of str to ColumnFormat, optional
        How the text columns of the file are written; `read` takes it to read another file in the same way.

    Examples
    --------
    >>> from tidynet.table.read import read
    >>> table = read({"size": ["small", "large", "small"], "price": [1.5, 4.0, None]})
    >>> table.columns, table.height, table.missing
    (['size', 'price'], 3, {'size': 0, 'price': 1})
    >>> str(table.inferred_types["size"].variable_type)
    'ordinal'
    """

    frame: pl.DataFrame
    inferred_types: Mapping[str, TypeInference]
    name: str
    source: str = ""
    notes: tuple[str, ...] = ()
    detected_options: Mapping[str, str] = field(default_factory=dict)
    column_formats: Mapping[str, ColumnFormat] = field(default_factory=dict)

    @property
    def columns(self) -> list[str]:
        """The names of the columns, in order."""
        return self.frame.columns

    @property
    def height(self) -> int:
        """The number of rows."""
        return self.frame.height

    @property
    def missing(self) -> dict[str, int]:
        """The number of missing cells in each column."""
        return {series.name: series.null_count() for series in self.frame.get_columns()}

    def __len__(self) -> int:
        return self.frame.height

    def __contains__(self, column: object) -> bool:
        return column in self.frame.columns

    def __getitem__(self, column: str) -> pl.Series:
        """One column; an unknown name raises an InputError with the most similar name."""
        check_column_exists(column, self.columns)
        return self.frame.get_column(column)

    def drop(self, *columns: str, target: str | None = None) -> Table:
        """The table without some columns.

        Parameters
        ----------
        *columns : str
            Columns to remove.
        target : str, optional
            The target column, removed as well.

        Raises
        ------
        InputError
            If a column does not exist.

        Examples
        --------
        >>> from tidynet.table.read import read
        >>> read({"a": [1, 2], "b": [3, 4], "c": [5, 6]}).drop("a", target="c").columns
        ['b']
        """
        dropped = [*columns, *([target] if target is not None else [])]
        for column in dropped:
            check_column_exists(column, self.columns)
        return self.select(*(column for column in self.columns if column not in dropped))

    def select(self, *columns: str) -> Table:
        """The table with only these columns, in this order.

        Raises
        ------
        InputError
            If a column does not exist.

        Examples
        --------
        >>> from tidynet.table.read import read
        >>> read({"a": [1, 2], "b": [3, 4]}).select("b", "a").columns
        ['b', 'a']
        """
        # By series, because Polars reads a name such as "^a$" in a selection as a pattern.
        frame = pl.DataFrame({column: self[column] for column in columns})
        return replace(self, frame=frame, inferred_types={name: self.inferred_types[name] for name in frame.columns})

    def take(self, rows: npt.ArrayLike) -> Table:
        """The table with these rows, in this order; the types do not change.

        Parameters
        ----------
        rows : array of int, shape (n,)
            Row numbers from 0.

        Examples
        --------
        >>> from tidynet.table.read import read
        >>> read({"a": [10, 20, 30]}).take([2, 0])["a"].to_list()
        [30, 10]
        """
        return replace(self, frame=self.frame[np.asarray(rows, dtype=np.int64)])

    def to_pandas(self) -> Any:
        """The rows as a pandas DataFrame (needs pandas and pyarrow)."""
        return self.frame.to_pandas()

    def to_arrow(self) -> Any:
        """The rows as a pyarrow Table (needs pyarrow)."""
        return self.frame.to_arrow()

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """The rows for any library that reads Arrow."""
        return self.frame.__arrow_c_stream__(requested_schema)

    def __repr__(self) -> str:
        width = max((len(column) for column in self.columns), default=0)
        missing = self.missing
        lines = [
            f"  {column:<{width}}  {inferred_type.variable_type:<10}  {inferred_type.reason}"
            + (f"; {missing[column]:,} missing" if missing[column] else "")
            for column, inferred_type in self.inferred_types.items()
        ]
        return "\n".join([f"Table '{self.name}': {self._shape()}", *lines])

    def _shape(self) -> str:
        return f"{pluralize(self.height, 'row')} × {pluralize(len(self.columns), 'column')}"

    def _repr_html_(self) -> str:
        styles = [f" style='text-align:{'right' if dtype.is_numeric() else 'left'}'" for dtype in self.frame.dtypes]
        heads = "".join(
            f"<th title='{html.escape(inferred_type.reason, quote=True)}'{style}>{html.escape(column)}<br>"
            f"<small>{inferred_type.variable_type}</small></th>"
            for (column, inferred_type), style in zip(self.inferred_types.items(), styles, strict=True)
        )
        rows = "".join(
            "<tr>"
            + "".join(f"<td{style}>{_cell(value)}</td>" for value, style in zip(row, styles, strict=True))
            + "</tr>"
            for row in self.frame.head(_ROWS_SHOWN).rows()
        )
        return (
            f"<div style='overflow-x:auto'><table><caption>{html.escape(self.name)}: {self._shape()}</caption>"
            f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
        )


def _cell(value: object) -> str:
    return "" if value is None else html.escape(str(value))
