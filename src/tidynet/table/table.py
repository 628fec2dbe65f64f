"""Table: a frame, the types of its variables, and its source."""

from __future__ import annotations

import html
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, overload

import polars as pl

from tidynet.core.display import display_text
from tidynet.core.errors import InputError, check_column_exists
from tidynet.core.text import MAX_NAME_LENGTH, pluralize, shorten
from tidynet.table.column_format import ColumnFormat
from tidynet.table.dialect import Dialect
from tidynet.table.row_selection import check_row_count, parse_key, row_numbers
from tidynet.table.variable_type import TypeInference
from tidynet.table.write_table import check_table_file, write_table

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

_ROWS_SHOWN, _COLUMNS_SHOWN, _CELL_SHOWN = 8, 40, 200


@dataclass(frozen=True, repr=False, eq=False)
class Table:
    """A table in memory with the inferred type of each variable; it does not change.

    ``table["a"]`` is a column, ``table[["a", "b"]]`` a table of columns, and ``table[rows]`` a table of rows, chosen by
    numbers, a mask or a slice. Iteration goes over the names of the columns, ``len`` counts the rows.

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
    dialect : Dialect, optional
        How the source is written, such as its separator, and why; `read` takes options of the same names.
    column_formats : mapping of str to ColumnFormat, optional
        How the text columns of the file are written; `read` takes it to read another file in the same way.

    Examples
    --------
    >>> from tidynet.table.read import read
    >>> table = read({"size": ["small", "large", "small"], "price": [1.5, 4.0, None]})
    >>> table.columns, table.height, table.missing
    (['size', 'price'], 3, {'size': 0, 'price': 1})
    >>> table[table["price"] > 2]["size"].to_list()
    ['large']
    >>> str(table.inferred_types["size"].variable_type)
    'ordinal'
    """

    frame: pl.DataFrame
    inferred_types: Mapping[str, TypeInference]
    name: str
    source: str = ""
    notes: tuple[str, ...] = ()
    dialect: Dialect = field(default_factory=Dialect)
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

    @property
    def shape(self) -> tuple[int, int]:
        """The numbers of rows and columns."""
        return self.frame.shape

    def keys(self) -> list[str]:
        """The names of the columns, so that ``dict(table)`` has the columns by name."""
        return self.columns

    def __len__(self) -> int:
        return self.frame.height

    def __iter__(self) -> Iterator[str]:
        return iter(self.columns)

    def __reversed__(self) -> Iterator[str]:
        return reversed(self.columns)

    def __contains__(self, column: object) -> bool:
        return column in self.frame.columns

    @overload
    def __getitem__(self, key: str) -> pl.Series: ...

    @overload
    def __getitem__(self, key: Any) -> Any: ...

    def __getitem__(self, key: Any) -> Any:
        """A column by its name; a table by names, row numbers, a mask or a slice; ``table[rows, columns]`` for both."""
        if isinstance(key, str):
            check_column_exists(key, self.columns)
            return self.frame.get_column(key)
        chosen = parse_key(key, self.columns, self.height)
        if chosen.columns is not None and chosen.is_one_column:
            series = self[chosen.columns[0]]
            series = series if chosen.rows is None else series.gather(chosen.rows)
            return series[0] if chosen.is_one_row else series
        table = self if chosen.columns is None else self.select(*chosen.columns)
        return table if chosen.rows is None else replace(table, frame=table.frame[chosen.rows])

    def __setitem__(self, key: object, value: object) -> NoReturn:
        raise InputError("a Table does not change", "change its frame and give it to tidynet.read")

    if not TYPE_CHECKING:  # a type checker shall report unknown attributes itself

        def __getattr__(self, name: str) -> NoReturn:
            raise AttributeError(
                f"a Table has no attribute '{name}'; table.frame is a Polars frame, table.to_pandas() one of pandas"
            )

    def __eq__(self, other: object) -> bool:
        """Whether another table has the same columns, rows and types; name, source and notes do not count."""
        if not isinstance(other, Table):
            return NotImplemented
        return self.frame.equals(other.frame) and dict(self.inferred_types) == dict(other.inferred_types)

    __hash__ = None  # type: ignore[assignment]  # as a list, a table is compared by its content

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        """The rows as an array of shape (rows, columns), of objects where the columns differ in type."""
        array = self.frame.to_numpy(writable=copy is not False)
        return array if dtype is None else array.astype(dtype)

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

    def take(self, rows: npt.ArrayLike | slice) -> Table:
        """The table with these rows, in this order; the types do not change.

        Parameters
        ----------
        rows : array of int or bool, or slice
            Row numbers from 0, negative ones from the end; or a mask with True or False for each row.

        Raises
        ------
        InputError
            If a row does not exist, a number is not whole, or a mask has another length.

        Examples
        --------
        >>> from tidynet.table.read import read
        >>> table = read({"a": [10, 20, 30]})
        >>> table.take([2, 0])["a"].to_list(), table.take([False, True, False])["a"].to_list()
        ([30, 10], [20])
        """
        return replace(self, frame=self.frame[row_numbers(rows, self.height)])

    def head(self, n: int = 5) -> Table:
        """The first `n` rows; all but the last −n for a negative number."""
        check_row_count(n)
        return self.take(slice(None, n))

    def tail(self, n: int = 5) -> Table:
        """The last `n` rows; all but the first −n for a negative number."""
        check_row_count(n)
        return self.take(slice(max(self.height - n, 0) if n >= 0 else -n, None))

    def copy(self) -> Table:
        """A table with the same content; the rows are shared, since they do not change."""
        return replace(self)

    def write(self, path: str | os.PathLike[str], *, force: bool = False) -> Path:
        """Write the rows in the format of the name's ending, completely or not at all; returns the path.

        Parameters
        ----------
        path : str or Path
            A name that ends in .csv, .tsv, .parquet, .arrow, .feather, .jsonl or .json.
        force : bool, default False
            Whether a file that exists is replaced.

        Raises
        ------
        InputError, FileReadError
            If the ending is another, a column cannot be written, or the file exists or cannot be written.

        Examples
        --------
        >>> import tempfile
        >>> from tidynet.table.read import read
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = read("penguins").write(f"{folder}/penguins.parquet")
        ...     len(read(path))
        344
        """
        target = Path(path).expanduser()
        check_table_file(target, force=force, force_option="force=True")
        write_table(self.frame, target)
        return target

    def to_polars(self) -> pl.DataFrame:
        """The rows as a Polars DataFrame."""
        return self.frame

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
        width = min(max((len(column) for column in self.columns), default=0), MAX_NAME_LENGTH)
        missing = self.missing
        lines = [
            f"  {shorten(column):<{width}}  {inferred_type.variable_type:<10}  {inferred_type.reason}"
            + (f"; {missing[column]:,} missing" if missing[column] else "")
            for column, inferred_type in self.inferred_types.items()
        ]
        return display_text([f"Table '{self.name}': {self._shape()}", *lines], "in .inferred_types")

    def _shape(self) -> str:
        return f"{pluralize(self.height, 'row')} × {pluralize(len(self.columns), 'column')}"

    def _repr_html_(self) -> str:
        shown = list(self.inferred_types.items())[:_COLUMNS_SHOWN]
        styles = [f" style='text-align:{'right' if dtype.is_numeric() else 'left'}'" for dtype in self.frame.dtypes]
        heads = "".join(
            f"<th title='{html.escape(inferred_type.reason, quote=True)}'{style}>{html.escape(column)}<br>"
            f"<small>{inferred_type.variable_type}</small></th>"
            for (column, inferred_type), style in zip(shown, styles, strict=False)
        )
        rows = "".join(
            "<tr>"
            + "".join(
                f"<td{style}>{_cell(value)}</td>" for value, style in zip(row[:_COLUMNS_SHOWN], styles, strict=False)
            )
            + "</tr>"
            for row in self.frame[:_ROWS_SHOWN, :_COLUMNS_SHOWN].rows()
        )
        return (
            f"<div style='overflow-x:auto'><table><caption>{html.escape(self.name)}: {self._shape()}</caption>"
            f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
        )


def _cell(value: object) -> str:
    return "" if value is None else html.escape(shorten(str(value), _CELL_SHOWN))
