"""pandas frames into Polars, with cells of any type, without pyarrow."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import polars as pl
from narwhals.dependencies import get_pandas, is_pandas_dataframe

from tidynet.core.text import join_names, pluralize


def from_pandas(frame: Any) -> list[pl.Series]:
    """The columns of a pandas DataFrame as Polars series without names, in order.

    Ordered categoricals become Enum, which keeps their order; a column of mixed objects becomes text. The index
    is excluded.
    """
    return [_column(frame.iloc[:, position]) for position in range(frame.shape[1])]


def with_labels(data: Any) -> tuple[Any, tuple[str, ...]]:
    """A pandas frame with its index labels as columns, and a note; unnamed numbers are dropped."""
    if not is_pandas_dataframe(data) or not len(data):
        return data, ()
    index = data.index
    names = list(index.names)
    if names == [None] and index.dtype.kind in "iub":
        return data, ()
    taken = {str(name) for name in data.columns}
    if len(names) == 1 and names[0] is not None and str(names[0]) in taken:
        return data, ()
    new = [str(name) if name is not None else "label" for name in names]
    new = [name if name not in taken and name not in new[:at] else f"{name}_{at + 1}" for at, name in enumerate(new)]
    labels = index.to_frame(index=False, name=new if len(new) > 1 else new[0])
    labeled = data.reset_index(drop=True)
    for position, name in enumerate(new):
        labeled.insert(position, name, labels[name])
    return labeled, (f"the index labels are {pluralize(len(new), 'new column')}: {join_names(new)}",)


def _column(column: Any) -> pl.Series:
    kind = getattr(column.dtype, "kind", "O")
    if hasattr(column, "cat"):
        return _categories(column)
    if kind in "iufb":
        return _numbers(column)
    if kind == "M":
        return _instants(column)
    if kind == "m":
        return pl.Series(column.to_numpy(dtype="timedelta64[us]"))
    return column_from_values(column.astype(object).where(column.notna(), None).tolist())


def _numbers(column: Any) -> pl.Series:
    if isinstance(column.dtype, np.dtype):
        array = column.to_numpy()
        return pl.Series(array.astype(np.float32) if array.dtype == np.float16 else array)
    non_missing = column.notna().to_numpy(dtype=bool)
    plain = {"b": np.bool_, "f": np.float64}.get(column.dtype.kind, np.uint64 if column.dtype.kind == "u" else np.int64)
    values = pl.Series(column.to_numpy(dtype=plain, na_value=plain(0)))
    return pl.select(pl.when(pl.lit(pl.Series(non_missing))).then(pl.lit(values))).to_series()


def _instants(column: Any) -> pl.Series:
    zone = getattr(column.dt, "tz", None)
    if zone is None:
        return pl.Series(column.to_numpy(dtype="datetime64[us]"))
    instants = pl.Series(column.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy(dtype="datetime64[us]"))
    return instants.dt.replace_time_zone("UTC")


def _categories(column: Any) -> pl.Series:
    names = [str(category) for category in column.cat.categories]
    codes = pl.Series(column.cat.codes.to_numpy().astype(np.int64))
    values = codes.replace_strict(
        list(range(len(names))), names, default=None, return_dtype=pl.String
    )  # code −1 is a missing value
    return values.cast(pl.Enum(names) if column.cat.ordered else pl.Categorical)


def column_from_values(values: Iterable[Any]) -> pl.Series:
    """A series from Python values; values of several types become text, NaN and NaT become null."""
    cells = [None if is_missing(value) else value for value in values]
    types = {type(value) for value in cells if value is not None}
    if len(types) <= 1 or types <= {int, float}:
        try:
            series = pl.Series(cells, strict=False)
        except (TypeError, OverflowError, pl.exceptions.PolarsError):
            series = pl.Series([None], dtype=pl.Object)
        if series.dtype != pl.Object:
            return series
    if all(isinstance(value, (np.generic, int, float, bool)) for value in cells if value is not None):
        return pl.Series(np.array([np.nan if value is None else value for value in cells], dtype=np.float64))
    return pl.Series([None if value is None else str(value) for value in cells], dtype=pl.String)


def is_missing(value: Any) -> bool:
    """Whether a cell is None, NaN, or pandas' NaT or NA."""
    pandas = get_pandas()
    if value is None or (pandas is not None and (value is pandas.NaT or value is pandas.NA)):
        return True
    return isinstance(value, (float, np.floating)) and bool(np.isnan(value))
