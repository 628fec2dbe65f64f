"""Any frame, dictionary or array into one Polars frame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import narwhals as nw
import numpy as np
import polars as pl
import polars.selectors as cs
from narwhals.dependencies import is_pandas_dataframe, is_pandas_series

from tidynet.core.errors import InputError
from tidynet.core.text import pluralize
from tidynet.table.pandas_frames import column_from_values, from_pandas
from tidynet.table.table import Table


def as_frame(data: Any, *, column_names: Sequence[str] | None = None) -> pl.DataFrame:
    """Data in memory as a Polars frame, missing values as null."""
    columns, names = _columns_and_names(data)
    if column_names is not None:
        if len(column_names) != len(columns):
            raise InputError(
                f"columns has {pluralize(len(column_names), 'name')}, expected {len(columns)}",
                "give one name for each column",
            )
        names = [str(name) for name in column_names]
    check_unique_names(names, "the frame")
    _check_equal_lengths(names, columns)
    frame = pl.DataFrame(dict(zip(names, columns, strict=True)))
    return normalize_dtypes(frame.lazy()).collect()


def normalize_dtypes(frame: pl.LazyFrame) -> pl.LazyFrame:
    """The frame with NaN as null and decimals as floats."""
    return frame.with_columns(cs.decimal().cast(pl.Float64), cs.float().fill_nan(None))


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


def _columns_and_names(data: Any) -> tuple[list[pl.Series], list[str]]:
    if isinstance(data, Table):
        return _from_polars(data.frame)
    if isinstance(data, pl.LazyFrame):
        return _from_polars(data.collect())
    if isinstance(data, pl.DataFrame):
        return _from_polars(data)
    if isinstance(data, pl.Series):
        return [data], [data.name]
    if isinstance(data, Mapping):
        return [_from_values(name, values) for name, values in data.items()], [str(name) for name in data]
    if is_pandas_dataframe(data):  # before Narwhals, which drops the order of categories and fails on repeated names
        return from_pandas(data), [_name(name) for name in data.columns]
    if is_pandas_series(data):
        return _columns_and_names(data.to_frame())
    return _from_any_frame(data) or _from_array(data)


def _from_any_frame(data: Any) -> tuple[list[pl.Series], list[str]] | None:
    """The columns of a frame that Narwhals supports; None for anything else."""
    try:
        native = nw.from_native(data, allow_series=True, pass_through=True)
        if isinstance(native, nw.Series):
            native = native.to_frame()
        if isinstance(native, nw.LazyFrame):
            native = native.collect(backend="polars")
        return _from_polars(native.to_polars()) if isinstance(native, nw.DataFrame) else None
    except (nw.exceptions.DuplicateError, pl.exceptions.DuplicateError) as error:
        raise InputError("the frame has two columns with the same name", "give every column its own name") from error


def _from_polars(frame: pl.DataFrame) -> tuple[list[pl.Series], list[str]]:
    return frame.get_columns(), frame.columns


def _name(name: object) -> str:
    return " ".join(str(part) for part in name) if isinstance(name, tuple) else str(name)


def _from_values(name: object, values: Any) -> pl.Series:
    if isinstance(values, pl.Series):
        return values
    if isinstance(values, (str, bytes)) or not hasattr(values, "__len__"):
        raise InputError(
            f"the column '{name}' is one value of type {type(values).__name__}, expected a list or array",
            "give one value for each row",
        )
    if getattr(values, "ndim", 1) != 1:
        raise InputError(f"the column '{name}' has {values.ndim} dimensions, expected 1", "give one value for each row")
    if isinstance(values, (list, tuple)):
        return column_from_values(values)
    native = nw.from_native(values, series_only=True, pass_through=True)
    if isinstance(native, nw.Series):
        return _columns_and_names(native.to_frame().to_native())[0][0]
    return _from_numpy(np.asarray(values))


def _from_array(data: Any) -> tuple[list[pl.Series], list[str]]:
    if hasattr(data, "toarray") and hasattr(data, "nnz"):
        raise InputError("the data is a sparse matrix, expected a table or a dense array", "convert it with .toarray()")
    if isinstance(data, (str, bytes)) or not (hasattr(data, "__array__") or isinstance(data, (list, tuple))):
        raise InputError(
            f"the data is of type {type(data).__name__}, expected a frame, a dict of columns or a 2-d array",
            "convert it to a frame of pandas, Polars, pyarrow or another library that Narwhals supports",
        )
    array = _array(data)
    if array.ndim != 2:
        raise InputError(
            f"the array has {pluralize(array.ndim, 'dimension')}, expected 2 (rows, columns)",
            "Reshape your data with array.reshape(-1, 1) if it is one column",
        )
    if array.dtype.kind == "c":
        raise InputError("Complex data not supported: the array contains complex numbers", "give real numbers")
    columns = [_from_numpy(array[:, position]) for position in range(array.shape[1])]
    return columns, [f"x{position}" for position in range(array.shape[1])]


def _array(data: Any) -> np.ndarray[Any, np.dtype[Any]]:
    if not isinstance(data, (list, tuple)):
        return np.asarray(data)
    if len({len(row) for row in data if isinstance(row, (list, tuple))}) > 1:
        raise InputError("the rows of the list have different lengths", "give every row the same columns")
    # As objects, since NumPy would write every number of a mixed row as text.
    array = np.array(data, dtype=object)
    return np.array(data) if all(isinstance(cell, (int, float)) for cell in array.flat) else array


def _from_numpy(array: np.ndarray[Any, np.dtype[Any]]) -> pl.Series:
    if array.dtype.kind in "iub":
        return pl.Series(np.ascontiguousarray(array))
    if array.dtype.kind == "f":
        small = array.astype(np.float32 if array.dtype == np.float32 else np.float64)
        return pl.Series(np.ascontiguousarray(small))
    if array.dtype.kind == "M":
        return pl.Series(array.astype("datetime64[us]"))
    if array.dtype.kind == "m":
        return pl.Series(array.astype("timedelta64[us]"))
    return column_from_values(array.tolist())


def _check_equal_lengths(names: Sequence[str], columns: Sequence[pl.Series]) -> None:
    for name, column in zip(names, columns, strict=True):
        if len(column) != len(columns[0]):
            n_values = pluralize(len(column), "value")
            raise InputError(
                f"the column '{name}' has {n_values}, expected {len(columns[0])} as in '{names[0]}'",
                "give every column the same number of values",
            )
