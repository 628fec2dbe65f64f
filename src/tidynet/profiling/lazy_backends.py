"""Lazy frames of every engine: what Narwhals has no expression for is asked of the engine itself.

Everything else in this room is written once, in Narwhals.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

import narwhals as nw
import numpy as np
import polars as pl
from polars import selectors

from tidynet.table.infer_types import infer_types
from tidynet.table.lazy_table import is_large, open_lazy_table
from tidynet.table.read import read
from tidynet.table.read_options import ReadOptions
from tidynet.table.table import Table
from tidynet.table.to_polars import as_frame, normalize_dtypes

__all__ = ["as_lazy", "collect", "distinct_counts", "sample_rows", "sample_table", "to_microseconds"]

_ENGINE_ERROR = {
    "polars": "a sketch, at most 10% off",
    "duckdb": "a sketch, at most 5% off",
    "dask": "a sketch, at most 5% off",
    "pyspark": "a sketch, at most 10% off",
}


def as_lazy(source: Any) -> nw.LazyFrame[Any] | None:
    """A lazy frame of any engine for Narwhals, NaN as null; None for what is no lazy frame."""
    if isinstance(source, pl.LazyFrame):
        return nw.from_native(normalize_dtypes(source))
    native: Any = nw.from_native(source, pass_through=True)
    if not isinstance(native, nw.LazyFrame):
        return None
    floats = [name for name, dtype in native.collect_schema().items() if dtype.is_float() or dtype == nw.Decimal]
    # Dask's frames are pandas': NaN is what missing means there.
    if not floats or native.implementation.is_dask():
        return native
    return native.with_columns(nw.when(~nw.col(name).cast(nw.Float64).is_nan()).then(nw.col(name)) for name in floats)


def collect(frame: nw.LazyFrame[Any]) -> pl.DataFrame:
    """The rows of a lazy frame, which must be few, as Polars; on Polars by its streaming engine."""
    if frame.implementation.is_polars():
        native: pl.DataFrame = frame.to_native().collect(engine="streaming")
        return native
    return as_frame(frame.to_native())


def to_microseconds(frame: nw.LazyFrame[Any], column: str) -> nw.Expr:
    """Times by the wall clock as float microseconds since 1970, as an expression of the frame's engine.

    >>> from datetime import date
    >>> frame = as_lazy(pl.LazyFrame({"day": [date(1970, 1, 2)]}))
    >>> collect(frame.select(to_microseconds(frame, "day"))).item()
    86400000000.0
    """
    dtype = frame.collect_schema()[column]
    stamp = nw.col(column)
    if frame.implementation.is_polars() or frame.implementation.is_dask():
        if dtype == nw.Date:
            stamp = stamp.cast(nw.Datetime("us"))
        elif isinstance(dtype, nw.Datetime) and dtype.time_zone is not None:
            stamp = stamp.dt.replace_time_zone(None)
        return stamp.dt.timestamp("us").cast(nw.Float64)
    # The others have no timestamps in Narwhals: the days of whole years, the day of the year, and the clock.
    year = stamp.dt.year().cast(nw.Float64)
    leaps = ((year - 1969) / 4).floor() - ((year - 1901) / 100).floor() + ((year - 1601) / 400).floor()
    days = (year - 1970) * 365 + leaps + stamp.dt.ordinal_day().cast(nw.Float64) - 1
    if dtype == nw.Date:
        return days * 86_400e6
    parts = (stamp.dt.hour(), 3_600e6), (stamp.dt.minute(), 60e6), (stamp.dt.second(), 1e6), (stamp.dt.microsecond(), 1)
    return days * 86_400e6 + sum((part.cast(nw.Float64) * size for part, size in parts), start=nw.lit(0.0))


def distinct_counts(frame: nw.LazyFrame[Any], columns: Sequence[str]) -> tuple[dict[str, int], str]:
    """About how many different values some columns have, by the engine's own sketch, and its error.

    >>> distinct_counts(as_lazy(pl.LazyFrame({"x": [1, 1, 2]})), ["x"])[0]
    {'x': 2}
    """
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

        requested = [functions.approx_count_distinct(f"`{column}`").alias(column) for column in columns]
        counts = native.agg(*requested).collect()[0].asDict()
    elif engine.is_ibis():
        counts = {column: native[column].approx_nunique().execute() for column in columns}
    name = "pyspark" if engine.is_pyspark_connect() else str(engine).rpartition(".")[2].lower()
    return {column: int(count) for column, count in counts.items()}, _ENGINE_ERROR.get(name, "a sketch")


def sample_rows(frame: nw.LazyFrame[Any], rows: int, size: int, seed: int) -> tuple[pl.DataFrame, str]:
    """Rows drawn at random, and how they were drawn."""
    if rows <= size:
        return collect(frame), "all of them"
    native, engine = frame.to_native(), frame.implementation
    drawn = "drawn at random"
    if engine.is_polars():
        taken = pl.Series(np.sort(np.random.default_rng(seed).choice(rows, size, replace=False)), dtype=pl.UInt32)
        number = "row number of tidynet"
        picked = native.with_row_index(number).filter(pl.col(number).is_in(taken.implode()))
        # Texts written anew: a filtered text is a view that keeps the whole block in memory that it was read with.
        anew = picked.drop(number).with_columns(selectors.string() + pl.lit(""))
        result: pl.DataFrame = anew.collect(engine="streaming")
        return result, drawn
    if engine.is_duckdb():
        drawing = f"select * from whole using sample reservoir({size:d} rows) repeatable ({seed:d})"  # noqa: S608
        return as_frame(native.query("whole", drawing)), drawn
    if engine.is_dask():
        return as_frame(native.sample(frac=min(1.0, size / rows), random_state=seed).compute()), drawn
    if engine.is_pyspark() or engine.is_pyspark_connect():
        return as_frame(native.sample(fraction=min(1.0, size / rows), seed=seed).toPandas()), drawn
    if engine.is_ibis():
        return as_frame(native.sample(min(1.0, size / rows)).execute()), drawn
    return collect(frame.head(size)), "the first ones"


def sample_table(
    source: Any, max_count: int, *, seed: int = 0, on_message: Callable[[str], None] = lambda _: None, **reading: Any
) -> tuple[Table, int]:
    """A table to look at, and how many rows the whole has.

    >>> import polars as pl
    >>> table, rows = sample_table(pl.LazyFrame({"x": range(100)}), 10)
    >>> table.height, rows
    (10, 100)
    """
    if is_large(source):
        with open_lazy_table(source, ReadOptions(**reading), on_message) as opened:
            frame = as_lazy(opened.frame)
            assert frame is not None
            return _sample_frame(frame, opened.name, opened.source, max_count, seed)
    if not isinstance(source, str | os.PathLike | Table) and (frame := as_lazy(source)) is not None:
        return _sample_frame(frame, "table", str(frame.implementation).rpartition(".")[2].lower(), max_count, seed)
    table = read(source, **reading)
    return table, table.height


def _sample_frame(frame: nw.LazyFrame[Any], name: str, source: str, max_count: int, seed: int) -> tuple[Table, int]:
    rows = int(collect(frame.select(nw.len().alias("rows"))).item())
    some, _ = sample_rows(frame, rows, max_count, seed)
    return Table(some, infer_types(some), name, source), rows
