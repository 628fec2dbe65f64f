"""Rows of a table that is too large to be read whole, drawn at random where it is."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import narwhals as nw

from tidynet.profiling.lazy_backends import as_lazy, collect, sample_rows
from tidynet.table.infer_types import infer_types
from tidynet.table.lazy_table import is_large, open_lazy_table
from tidynet.table.read import read
from tidynet.table.read_options import ReadOptions
from tidynet.table.table import Table

__all__ = ["sample_table"]


def sample_table(
    source: Any, max_count: int, *, seed: int = 0, on_message: Callable[[str], None] = lambda _: None, **reading: Any
) -> tuple[Table, int]:
    """A table to look at, and how many rows the whole has.

    Examples
    --------
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
