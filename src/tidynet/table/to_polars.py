"""Any frame, dictionary or array into one Polars frame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import narwhals as nw
import numpy as np
import polars as pl
import polars.selectors as cs
from narwhals.dependencies import (
    get_pyarrow,
    is_pandas_dataframe,
    is_pandas_index,
    is_pandas_series,
    is_pyarrow_chunked_array,
    is_pyarrow_table,
)

from tidynet.core.errors import InputError, error_reason
from tidynet.core.text import pluralize
from tidynet.table.column_names import make_unique
from tidynet.table.normalize_dtypes import normalize_with_notes
from tidynet.table.numpy_columns import column_from_numpy
from tidynet.table.pandas_frames import as_pandas_series, column_from_pandas, columns_from_pandas
from tidynet.table.python_values import ConvertedColumn, column_from_values
from tidynet.table.records import check_rows, columns_of_records, is_record, iterator_as_list
from tidynet.table.table import Table

_UNITS_PER_DAY = {None: 1, "ms": 86_400_000, "us": 86_400_000_000, "ns": 86_400_000_000_000}
_DAYS = (-719_162, 2_932_896)  # from year 1 to 9999, counted from 1970
_MAX_DURATION_DAYS = 999_999_999


class NamedColumns(NamedTuple):
    """Columns, their names, and what a reader must know about the whole."""

    columns: list[ConvertedColumn]
    names: list[str]
    notes: tuple[str, ...] = ()


def as_frame(data: Any, *, column_names: Sequence[str] | None = None) -> pl.DataFrame:
    """Data in memory as a Polars frame, missing values as null."""
    return frame_with_notes(data, column_names=column_names, renames=False)[0]


def frame_with_notes(
    data: Any, *, column_names: Sequence[str] | None = None, renames: bool = True
) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """The same, and a note for each column that was rounded, became text or was changed otherwise.

    With `renames`, repeated names are kept apart instead of refused.
    """
    columns, names, notes = _columns_and_names(iterator_as_list(data), column_names)
    if renames and column_names is None and len(set(names)) < len(names):
        names, name_notes = make_unique(names)
        notes = (*notes, *name_notes)
    if column_names is not None:
        _check_number_of_names(column_names, len(columns))
        names = [str(name) for name in column_names]
    check_unique_names(names, "the frame")
    series = [column.series for column in columns]
    _check_equal_lengths(names, series)
    frame = pl.DataFrame(dict(zip(names, series, strict=True)))
    refuse_impossible_times(frame)
    plain, more_notes = normalize_with_notes(frame.lazy())
    return plain.collect(), (*notes, *(column.note for column in columns if column.note), *more_notes)


def check_unique_names(names: Sequence[str], owner: str) -> None:
    """Raise if two columns have the same name."""
    first: dict[str, int] = {}
    for position, name in enumerate(names, start=1):
        if name in first:
            raise InputError(
                f"{owner} has two columns named '{name}' (columns {first[name]} and {position})",
                "give every column its own name",
            )
        first[name] = position


def refuse_infinities(frame: pl.DataFrame, *, first_row: int = 1) -> None:
    """Raise if a column of numbers contains an infinite value."""
    for series in frame.select(cs.float()).get_columns():
        infinite = series.alias("values").is_infinite()
        if infinite.any():
            row = infinite.arg_true()[0]
            raise InputError(
                f"the column '{series.name}' contains {series[row]} in row {row + first_row}, expected finite numbers",
                "correct or drop the row",
            )


def refuse_impossible_times(frame: pl.DataFrame) -> None:
    """Raise for a date outside of the years 1 to 9999 or a longer duration, which Python cannot express."""
    for series in frame.get_columns():
        if not series.dtype.is_temporal() or series.dtype == pl.Time:
            continue
        per_day = _UNITS_PER_DAY[getattr(series.dtype, "time_unit", None)]
        first, last = _DAYS if series.dtype != pl.Duration else (-_MAX_DURATION_DAYS, _MAX_DURATION_DAYS)
        counts = series.to_physical()
        low, high = counts.min(), counts.max()
        if isinstance(low, int) and isinstance(high, int) and not first <= low // per_day <= high // per_day <= last:
            raise InputError(
                f"the column '{series.name}' contains a time or duration out of range", "correct or drop the row"
            )


def _columns_and_names(data: Any, column_names: Sequence[str] | None = None) -> NamedColumns:
    if isinstance(data, Table):
        return _from_polars(data.frame)
    if isinstance(data, pl.LazyFrame):
        return _from_polars(data.collect())
    if isinstance(data, pl.DataFrame):
        return _from_polars(data)
    if isinstance(data, pl.Series):
        return _from_polars(data.to_frame())
    if isinstance(data, Mapping):
        names = [str(name) for name in data]
        return NamedColumns([_from_values(name, data[key]) for name, key in zip(names, data, strict=True)], names)
    if is_pandas_dataframe(data):  # before Narwhals, which drops the order of categories and fails on repeated names
        return NamedColumns(columns_from_pandas(data), [_name(name) for name in data.columns])
    if is_pandas_series(data):
        return _columns_and_names(data.to_frame())
    if is_pandas_index(data):
        return _columns_and_names(data.to_frame(index=False))
    return _from_pyarrow(data) or _from_any_frame(data) or _from_rows(data, column_names)


def _from_pyarrow(data: Any) -> NamedColumns | None:
    """The columns of a table or batch of pyarrow; None for anything else."""
    pyarrow = get_pyarrow()
    if pyarrow is None:
        return None
    if isinstance(data, pyarrow.RecordBatch):
        data = pyarrow.Table.from_batches([data])
    if isinstance(data, pyarrow.RecordBatchReader):
        data = data.read_all()
    if not is_pyarrow_table(data):
        return None
    from tidynet.table.arrow_columns import columns_from_arrow

    return NamedColumns(columns_from_arrow(data), data.column_names)


def _from_any_frame(data: Any) -> NamedColumns | None:
    """The columns of a frame that Narwhals supports or that hands on Arrow; None for anything else."""
    try:
        native = nw.from_native(data, allow_series=True, pass_through=True)
        if isinstance(native, nw.Series):
            native = native.to_frame()
        if isinstance(native, nw.LazyFrame):
            if native.implementation.is_duckdb() and get_pyarrow() is not None:  # intervals are unknown to Polars
                return _from_pyarrow(native.collect(backend="pyarrow").to_native())
            native = native.collect(backend="polars")
        if isinstance(native, nw.DataFrame):
            return _from_polars(native.to_polars())
        return _from_polars(pl.DataFrame(data)) if hasattr(data, "__arrow_c_stream__") else None
    except (pl.exceptions.ComputeError, pl.exceptions.PanicException) as error:
        raise InputError(
            f"the frame cannot be read: {error_reason(error)}", "convert the column to numbers, text or dates"
        ) from error
    except (nw.exceptions.DuplicateError, pl.exceptions.DuplicateError) as error:
        raise InputError("the frame has two columns with the same name", "give every column its own name") from error


def _from_polars(frame: pl.DataFrame) -> NamedColumns:
    return NamedColumns([ConvertedColumn(series) for series in frame.get_columns()], frame.columns)


def _name(name: object) -> str:
    return " ".join(str(part) for part in name) if isinstance(name, tuple) else str(name)


def _from_values(name: str, values: Any) -> ConvertedColumn:
    """The column of a list, an array or a series of any library."""
    if isinstance(values, pl.Series):
        return ConvertedColumn(values)
    values = iterator_as_list(values)
    if isinstance(values, (str, bytes, Mapping, set, frozenset)) or not hasattr(values, "__len__"):
        raise InputError(
            f"the column '{name}' is one value of type {type(values).__name__}, expected a list or array",
            "give one value for each row",
        )
    if getattr(values, "ndim", 1) != 1:
        raise InputError(f"the column '{name}' has {values.ndim} dimensions, expected 1", "give one value for each row")
    if (series := as_pandas_series(values)) is not None:
        return column_from_pandas(series, name)
    if isinstance(values, (list, tuple)):
        return column_from_values(values, name)
    if is_pyarrow_chunked_array(values):
        from tidynet.table.arrow_columns import column_from_arrow

        return column_from_arrow(values, name)
    native = nw.from_native(values, series_only=True, pass_through=True)
    if isinstance(native, nw.Series):
        return ConvertedColumn(native.to_polars())
    return column_from_numpy(values if isinstance(values, np.ndarray) else np.asarray(values), name)


def _from_rows(data: Any, column_names: Sequence[str] | None) -> NamedColumns:
    """The columns of an array or of a list of rows or records."""
    if hasattr(data, "toarray") and hasattr(data, "nnz"):
        raise InputError("the data is a sparse matrix, expected a table or a dense array", "convert it with .toarray()")
    if isinstance(data, (list, tuple)):
        check_rows(data)
    if isinstance(data, (list, tuple)) and is_record(data[0]):
        values, notes = columns_of_records(data)
        return NamedColumns([column_from_values(cells, name) for name, cells in values.items()], list(values), notes)
    if isinstance(data, (str, bytes)) or not (hasattr(data, "__array__") or isinstance(data, (list, tuple))):
        raise InputError(
            f"the data is of type {type(data).__name__}, expected a frame, a dict of columns or a 2-d array",
            "convert it to a frame of pandas, Polars, pyarrow or another library that Narwhals supports",
        )
    array = _array(data)
    if array.dtype.names and array.ndim == 1:
        names = list(array.dtype.names)
        return NamedColumns([_from_values(name, array[name]) for name in names], names)
    if array.ndim != 2:
        raise InputError(
            f"the array has {pluralize(array.ndim, 'dimension')}, expected 2 (rows, columns)",
            "Reshape your data with array.reshape(-1, 1) if it is one column",
        )
    if array.dtype.kind == "c":
        raise InputError("Complex data not supported: the array contains complex numbers", "give real numbers")
    names = [f"x{position}" for position in range(array.shape[1])] if column_names is None else list(column_names)
    _check_number_of_names(names, array.shape[1])
    return NamedColumns([_from_values(name, array[:, position]) for position, name in enumerate(names)], names)


def _array(data: Any) -> np.ndarray[Any, np.dtype[Any]]:
    if not isinstance(data, (list, tuple)):
        return data if isinstance(data, np.ndarray) and not isinstance(data, np.matrix) else np.asarray(data)
    if len({len(row) for row in data if isinstance(row, (list, tuple))}) > 1:
        raise InputError("the rows of the list have different lengths", "give every row the same columns")
    # As objects, since NumPy would write every number of a mixed row as text.
    array = np.array(data, dtype=object)
    return np.array(data) if all(isinstance(cell, float) for cell in array.flat) else array


def _check_number_of_names(names: Sequence[str], n_columns: int) -> None:
    if len(names) != n_columns:
        raise InputError(
            f"columns has {pluralize(len(names), 'name')}, expected {n_columns}", "give one name for each column"
        )


def _check_equal_lengths(names: Sequence[str], columns: Sequence[pl.Series]) -> None:
    for name, column in zip(names, columns, strict=True):
        if len(column) != len(columns[0]):
            n_values = pluralize(len(column), "value")
            raise InputError(
                f"the column '{name}' has {n_values}, expected {len(columns[0])} as in '{names[0]}'",
                "give every column the same number of values",
            )
