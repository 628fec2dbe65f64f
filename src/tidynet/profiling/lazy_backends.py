"""Operations on lazy frames that need the engine itself, since Narwhals has no expression for them."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import narwhals as nw
import numpy as np
import polars as pl
from polars import selectors

from tidynet.table.infer_types import infer_types
from tidynet.table.lazy_table import is_large_file, open_lazy_table
from tidynet.table.normalize_dtypes import normalize_dtypes
from tidynet.table.read import read
from tidynet.table.read_options import ReadOptions
from tidynet.table.table import Table
from tidynet.table.to_polars import as_frame

_ENGINE_ERROR = {
    "polars": "sketch, error at most 10%",
    "duckdb": "sketch, error at most 5%",
    "dask": "sketch, error at most 5%",
    "pyspark": "sketch, error at most 10%",
}


def as_lazy(source: Any) -> nw.LazyFrame[Any] | None:
    """A lazy frame of any engine for Narwhals, NaN as null; None for other objects."""
    if isinstance(source, pl.LazyFrame):
        return nw.from_native(normalize_dtypes(source))
    native: Any = nw.from_native(source, pass_through=True)
    if not isinstance(native, nw.LazyFrame):
        return None
    floats = [name for name, dtype in native.collect_schema().items() if dtype.is_float() or dtype == nw.Decimal]
    # In Dask, as in pandas, NaN is missing.
    if not floats or native.implementation.is_dask():
        return native
    return native.with_columns(nw.when(~nw.col(name).cast(nw.Float64).is_nan()).then(nw.col(name)) for name in floats)


def collect(frame: nw.LazyFrame[Any]) -> pl.DataFrame:
    """The rows of a small lazy frame as Polars, by the streaming engine if it is one of Polars."""
    if frame.implementation.is_polars():
        native: pl.DataFrame = frame.to_native().collect(engine="streaming")
        return native
    return as_frame(frame.to_native())


def to_microseconds(frame: nw.LazyFrame[Any], column: str) -> nw.Expr:
    """Local times as float microseconds since 1970, as an expression of the engine."""
    dtype = frame.collect_schema()[column]
    stamp = nw.col(column)
    if frame.implementation.is_polars() or frame.implementation.is_dask():
        if dtype == nw.Date:
            stamp = stamp.cast(nw.Datetime("us"))
        elif isinstance(dtype, nw.Datetime) and dtype.time_zone is not None:
            stamp = stamp.dt.replace_time_zone(None)
        return stamp.dt.timestamp("us").cast(nw.Float64)
    # Other engines have no timestamps in Narwhals: days of whole years, day of the year, and time of day.
    year = stamp.dt.year().cast(nw.Float64)
    leaps = ((year - 1969) / 4).floor() - ((year - 1901) / 100).floor() + ((year - 1601) / 400).floor()
    days = (year - 1970) * 365 + leaps + stamp.dt.ordinal_day().cast(nw.Float64) - 1
    if dtype == nw.Date:
        return days * 86_400e6
    parts = (stamp.dt.hour(), 3_600e6), (stamp.dt.minute(), 60e6), (stamp.dt.second(), 1e6), (stamp.dt.microsecond(), 1)
    return days * 86_400e6 + sum((part.cast(nw.Float64) * size for part, size in parts), start=nw.lit(0.0))


def distinct_counts(frame: nw.LazyFrame[Any], columns: Sequence[str]) -> tuple[dict[str, int], str]:
    """Approximate distinct counts of columns by the sketch of the engine, and its error."""
    native, engine = frame.to_native(), frame.implementation
    counts: dict[str, Any] = {}
    if not columns:
        return {}, ""
    if engine.is_polars():
        counts = (
            native.select(pl.col(list(columns)).drop_nulls().approx_n_unique())
            .collect(engine="streaming")
            .row(0, named=True)
        )
    elif engine.is_duckdb():
        quoted = ['"' + column.replace('"', '""') + '"' for column in columns]
        row = native.aggregate(", ".join(f"approx_count_distinct({column})" for column in quoted)).fetchall()[0]
        counts = dict(zip(columns, row, strict=True))
    elif engine.is_dask():
        counts = {column: native[column].nunique_approx().compute() for column in columns}
    elif engine.is_pyspark() or engine.is_pyspark_connect():
        from pyspark.sql import functions  # type: ignore[import-not-found, unused-ignore]

        sketches = [functions.approx_count_distinct(f"`{column}`").alias(column) for column in columns]
        counts = native.agg(*sketches).collect()[0].asDict()
    elif engine.is_ibis():
        counts = {column: native[column].approx_nunique().execute() for column in columns}
    name = "pyspark" if engine.is_pyspark_connect() else str(engine).rpartition(".")[2].lower()
    return {column: int(count) for column, count in counts.items()}, _ENGINE_ERROR.get(name, "sketch")


def sample_lazy_rows(frame: nw.LazyFrame[Any], rows: int, size: int, seed: int) -> tuple[pl.DataFrame, str]:
    """Random rows, and the sampling method."""
    if rows <= size:
        return collect(frame), "all rows"
    native, engine = frame.to_native(), frame.implementation
    method = "sampled at random"
    if engine.is_polars():
        taken = pl.Series(np.sort(np.random.default_rng(seed).choice(rows, size, replace=False)), dtype=pl.UInt32)
        number = "tidynet row number"
        picked = native.with_row_index(number).filter(pl.col(number).is_in(taken.implode()))
        # Texts are copied: a filtered text is a view of the whole block in memory.
        copied = picked.drop(number).with_columns(selectors.string() + pl.lit(""))
        result: pl.DataFrame = copied.collect(engine="streaming")
        return result, method
    if engine.is_duckdb():
        query = f"select * from whole using sample reservoir({size:d} rows) repeatable ({seed:d})"  # noqa: S608
        return as_frame(native.query("whole", query)), method
    if engine.is_dask():
        return as_frame(native.sample(frac=min(1.0, size / rows), random_state=seed).compute()), method
    if engine.is_pyspark() or engine.is_pyspark_connect():
        return as_frame(native.sample(fraction=min(1.0, size / rows), seed=seed).toPandas()), method
    if engine.is_ibis():
        return as_frame(native.sample(min(1.0, size / rows)).execute()), method
    return collect(frame.head(size)), "the first rows"


def sample_table(
    source: Any, max_rows: int, *, seed: int = 0, on_message: Callable[[str], None] = lambda _: None, **reading: Any
) -> tuple[Table, int]:
    """A table of at most `max_rows` rows of a large source, and the number of all rows."""
    if is_large_file(source):
        with open_lazy_table(source, ReadOptions(**reading), on_message) as opened:
            frame = as_lazy(opened.frame)
            assert frame is not None
            sample, rows = _sample_frame(frame, opened.name, opened.source, max_rows, seed)
            return replace(sample, column_formats=opened.column_formats), rows
    if not isinstance(source, str | os.PathLike | Table) and (frame := as_lazy(source)) is not None:
        return _sample_frame(frame, "table", str(frame.implementation).rpartition(".")[2].lower(), max_rows, seed)
    table = read(source, **reading)
    return table, table.height


def _sample_frame(frame: nw.LazyFrame[Any], name: str, source: str, max_rows: int, seed: int) -> tuple[Table, int]:
    rows = int(collect(frame.select(nw.len().alias("rows"))).item())
    sample, _ = sample_lazy_rows(frame, rows, max_rows, seed)
    return Table(sample, infer_types(sample), name, source), rows
