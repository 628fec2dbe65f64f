"""Rows of a table that is too large to be read whole, drawn at random where it is."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import narwhals as nw

from tidynet.look.engines import as_lazy, collected, sampled
from tidynet.table.kinds import judge_all
from tidynet.table.large import is_large, large_table
from tidynet.table.read import read
from tidynet.table.reading import Reading
from tidynet.table.table import Table

__all__ = ["some_rows"]


def some_rows(
    source: Any, most: int, *, seed: int = 0, tell: Callable[[str], None] = lambda _: None, **reading: Any
) -> tuple[Table, int]:
    """A table to look at, and how many rows the whole has.

    Parameters
    ----------
    source : str, Path, Table or data frame
        Large files and lazy frames stay where they are; of them at most `most` rows are drawn. Others are read whole.
    most : int
        How many rows to draw.
    seed : int
        Decides which.
    tell : callable
        Called with what is being done, in words.
    **reading
        How to read the table, as `tidynet.read` takes it.

    Examples
    --------
    >>> import polars as pl
    >>> table, rows = some_rows(pl.LazyFrame({"x": range(100)}), 10)
    >>> table.height, rows
    (10, 100)
    """
    if is_large(source):
        with large_table(source, Reading(**reading), tell) as opened:
            frame = as_lazy(opened.frame)
            assert frame is not None
            return _drawn(frame, opened.name, opened.source, most, seed)
    if not isinstance(source, str | os.PathLike | Table) and (frame := as_lazy(source)) is not None:
        return _drawn(frame, "table", str(frame.implementation).rpartition(".")[2].lower(), most, seed)
    table = read(source, **reading)
    return table, table.height


def _drawn(frame: nw.LazyFrame[Any], name: str, source: str, most: int, seed: int) -> tuple[Table, int]:
    rows = int(collected(frame.select(nw.len().alias("rows"))).item())
    some, _ = sampled(frame, rows, most, seed)
    return Table(some, judge_all(some), name, source), rows
