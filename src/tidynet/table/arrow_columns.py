"""Columns of pyarrow → Polars, also of the types that Polars does not read; what was lost is said."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import polars as pl

from tidynet.table.python_values import ConvertedColumn, column_from_values

if TYPE_CHECKING:
    import pyarrow as pa

_OFFSET = re.compile(r"[+-]\d\d:?\d\d")
_MAX_DECIMAL_DIGITS = 38  # of Polars


def columns_from_arrow(table: pa.Table) -> list[ConvertedColumn]:
    """The columns of a pyarrow table, in order."""
    return [column_from_arrow(column, name) for name, column in zip(table.column_names, table.columns, strict=True)]


def column_from_arrow(column: pa.ChunkedArray, name: str = "") -> ConvertedColumn:
    """One column; an ordered dictionary becomes an Enum, a time at a fixed offset is in UTC."""
    import pyarrow as pa
    import pyarrow.compute as pc

    dtype: Any = column.type
    if isinstance(dtype, pa.BaseExtensionType):
        return _from_extension(column, name)
    if pa.types.is_run_end_encoded(dtype):
        try:
            return column_from_arrow(pc.run_end_decode(column), name)
        except pa.ArrowNotImplementedError:  # of dictionaries, for instance
            return column_from_values(column.to_pylist(), name)
    if pa.types.is_dictionary(dtype):
        return _from_dictionary(column, name)
    if pa.types.is_timestamp(dtype) and dtype.tz is not None and _OFFSET.fullmatch(dtype.tz):
        note = f"the times of the column '{name}' at the offset {dtype.tz} are in UTC"
        return ConvertedColumn(_series(column.cast(pa.timestamp(dtype.unit, "UTC"))), note)
    if pa.types.is_interval(dtype):
        return _from_intervals(column, name)
    if pa.types.is_decimal(dtype) and (dtype.precision > _MAX_DECIMAL_DIGITS or dtype.scale < 0):
        return column_from_values(column.to_pylist(), name)
    if pa.types.is_union(dtype) or _is_list_view(dtype):
        return column_from_values(column.to_pylist(), name)
    return ConvertedColumn(_series(column))


def _series(column: pa.ChunkedArray) -> pl.Series:
    series = pl.from_arrow(column)
    assert isinstance(series, pl.Series)
    return series


def _is_list_view(dtype: pa.DataType) -> bool:
    import pyarrow as pa

    return pa.types.is_list_view(dtype) or pa.types.is_large_list_view(dtype)


def _from_extension(column: pa.ChunkedArray, name: str) -> ConvertedColumn:
    """The stored values of an extension type; identifiers (UUID) as text."""
    import pyarrow as pa

    dtype: Any = column.type
    if isinstance(dtype, pa.UuidType):
        return column_from_values([None if value is None else str(value) for value in column.to_pylist()], name)
    stored = pa.chunked_array([chunk.storage for chunk in column.chunks], dtype.storage_type)
    return column_from_arrow(stored.cast(pa.bool_()) if isinstance(dtype, pa.Bool8Type) else stored, name)


def _from_dictionary(column: pa.ChunkedArray, name: str) -> ConvertedColumn:
    import pyarrow as pa

    dtype: Any = column.type
    if dtype.ordered and pa.types.is_string(dtype.value_type):
        categories = column.unify_dictionaries().chunk(0).dictionary.to_pylist() if column.num_chunks else []
        values = column.cast(dtype.value_type).to_pylist()
        return ConvertedColumn(pl.Series(values, dtype=pl.Enum([item for item in categories if item is not None])))
    if pa.types.is_string(dtype.value_type):
        return ConvertedColumn(_series(column))
    return column_from_arrow(column.cast(dtype.value_type), name)


def _from_intervals(column: pa.ChunkedArray, name: str) -> ConvertedColumn:
    """Durations where no interval has months, whose length is not fixed; else the parts, which are not usable."""
    parts = column.to_pylist()
    if any(part is not None and part.months for part in parts):
        return column_from_values(parts, name)
    day = 86_400_000_000_000
    lengths = [None if part is None else part.days * day + part.nanoseconds for part in parts]
    return ConvertedColumn(pl.Series(lengths, dtype=pl.Int64).cast(pl.Duration("ns")))
