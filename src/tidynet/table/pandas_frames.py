"""pandas frames of any dtype → columns, without pyarrow where pandas needs none; what was lost is said."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from narwhals.dependencies import get_pandas, is_pandas_dataframe

from tidynet.core.text import join_names, pluralize
from tidynet.table.numpy_columns import column_from_numpy
from tidynet.table.python_values import ConvertedColumn, column_from_values

_DAYS_AND_LONGER = ("D", "B", "W", "M", "Q", "Y")  # the first letters of the frequencies of periods


def columns_from_pandas(frame: Any) -> list[ConvertedColumn]:
    """The columns of a pandas DataFrame, in order; the index is excluded."""
    names = [str(name) for name in frame.columns]
    return [column_from_pandas(frame.iloc[:, position], name) for position, name in enumerate(names)]


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


def as_pandas_series(values: Any) -> Any:
    """Values of pandas (a Series, an index, an array, a list of its times) as a Series; None for anything else."""
    pandas = get_pandas()
    if pandas is None:
        return None
    if isinstance(values, pandas.Series):
        return values
    scalars = (pandas.Timestamp, pandas.Timedelta, pandas.Period, pandas.Interval)
    is_listed = isinstance(values, (list, tuple)) and any(isinstance(value, scalars) for value in values[:100])
    if not is_listed and not isinstance(values, (pandas.Index, pandas.api.extensions.ExtensionArray)):
        return None
    series = pandas.Series(values)
    return None if is_listed and series.dtype == object else series


def column_from_pandas(column: Any, name: str = "") -> ConvertedColumn:
    """The column of a pandas Series; ordered categories and intervals become an Enum, which keeps their order."""
    pandas = get_pandas()
    assert pandas is not None
    dtype = column.dtype
    if isinstance(dtype, np.dtype):
        return _from_numpy_dtype(column, name)
    if isinstance(dtype, pandas.ArrowDtype):
        from tidynet.table.arrow_columns import column_from_arrow

        return column_from_arrow(_arrow_values(column), name)
    if isinstance(dtype, pandas.SparseDtype):
        return column_from_pandas(column.sparse.to_dense(), name)
    if isinstance(dtype, pandas.CategoricalDtype):
        return _from_categories(column, name)
    if isinstance(dtype, pandas.DatetimeTZDtype):
        return _from_zoned(column, name)
    if isinstance(dtype, pandas.PeriodDtype):
        return _from_periods(column, name)
    if isinstance(dtype, pandas.IntervalDtype):
        return _from_intervals(column)
    if dtype.kind in "iufb":
        return ConvertedColumn(_nullable_numbers(column))
    return column_from_values(column.astype(object).where(column.notna(), None).tolist(), name)


def _from_numpy_dtype(column: Any, name: str) -> ConvertedColumn:
    if column.dtype.kind != "O":
        return column_from_numpy(column.to_numpy(), name)
    return column_from_values(column.where(column.notna(), None).tolist(), name)


def _arrow_values(column: Any) -> Any:
    import pyarrow as pa

    values = column.array.__arrow_array__()
    return values if isinstance(values, pa.ChunkedArray) else pa.chunked_array([values])


def _nullable_numbers(column: Any) -> pl.Series:
    non_missing = column.notna().to_numpy(dtype=bool)
    plain = column.dtype.numpy_dtype.type
    values = pl.Series(column.to_numpy(dtype=plain, na_value=plain(0)))
    return pl.select(pl.when(pl.lit(pl.Series(non_missing))).then(pl.lit(values))).to_series()


def _from_zoned(column: Any, name: str) -> ConvertedColumn:
    """Times in their zone; in UTC where the zone is a fixed offset, which has no name."""
    zone = str(column.dt.tz)
    converted = column_from_numpy(column.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy(), name)
    instants = converted.series.dt.replace_time_zone("UTC")
    try:
        return converted._replace(series=instants.dt.convert_time_zone(zone))
    except pl.exceptions.ComputeError:
        note = f"the times of the column '{name}' in the zone {zone} are in UTC"
        return ConvertedColumn(instants, converted.note or note)


def _from_periods(column: Any, name: str) -> ConvertedColumn:
    """The first moment of each period; a date for periods of days and longer ones."""
    frequency = str(column.dtype).removeprefix("period[").removesuffix("]")
    begins = column_from_numpy(column.dt.to_timestamp(how="start").to_numpy(), name).series
    is_long = frequency.startswith(_DAYS_AND_LONGER)
    note = f"the periods of the column '{name}' ({frequency}) are given by their first {'day' if is_long else 'moment'}"
    return ConvertedColumn(begins.cast(pl.Date) if is_long else begins, note)


def _from_intervals(column: Any) -> ConvertedColumn:
    order = [str(interval) for interval in column.dropna().drop_duplicates().sort_values()]
    texts = [None if missing else str(value) for value, missing in zip(column, column.isna(), strict=True)]
    return ConvertedColumn(pl.Series(texts, dtype=pl.Enum(order)))


def _from_categories(column: Any, name: str) -> ConvertedColumn:
    """Categories as text; values that read the same are one category."""
    texts = [str(category) for category in column.cat.categories]
    codes = pl.Series(column.cat.codes.to_numpy().astype(np.int64))
    # code −1 is a missing value
    values = codes.replace_strict(list(range(len(texts))), texts, default=None, return_dtype=pl.String)
    distinct = list(dict.fromkeys(texts))
    repeated = [text for text in distinct if texts.count(text) > 1] if len(distinct) < len(texts) else []
    note = f"categories of the column '{name}' that read the same are one: {join_names(repeated)}" if repeated else ""
    return ConvertedColumn(values.cast(pl.Enum(distinct) if column.cat.ordered else pl.Categorical), note)
