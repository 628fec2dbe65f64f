"""Tables that are too large to be held in memory: read where they are, text turned into Parquet once."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from tidynet.table.formats import is_dataset, split_extension
from tidynet.table.read import OpenedSource, open_lazily
from tidynet.table.read_options import ReadOptions

__all__ = ["is_large", "open_lazy_table"]

_LARGE_PARQUET = 100_000_000  # bytes; such a file holds some million rows
_LARGE_TEXT = 400_000_000
_COMPRESSION = 5  # text becomes so much smaller when packed
_PARQUET = (".parquet", ".pq")


def is_large(source: Any) -> bool:
    """Whether a table is a file that should not be read into memory whole.

    >>> is_large("penguins"), is_large([1, 2])
    (False, False)
    """
    if not isinstance(source, str | os.PathLike):
        return False
    path = Path(source).expanduser()
    try:
        if path.is_dir():
            return is_dataset(path) and sum(item.stat().st_size for item in path.rglob("*.parquet")) > _LARGE_PARQUET
        if not path.is_file():
            return False
        size = path.stat().st_size
    except OSError:  # what cannot be looked at is refused where it is read
        return False
    ending, compression = split_extension(path)
    if ending in _PARQUET:
        return size > _LARGE_PARQUET
    return size > (_LARGE_TEXT // _COMPRESSION if compression else _LARGE_TEXT)


@contextlib.contextmanager
def open_lazy_table(
    source: str | os.PathLike[str], read_options: ReadOptions, on_message: Callable[[str], None] = lambda _: None
) -> Iterator[OpenedSource]:
    """A large file as a lazy frame that may be counted many times over."""
    path = Path(source).expanduser()
    with open_lazily(source, read_options) as opened, opened.translate_read_errors():
        if path.is_dir() or split_extension(path)[0] in _PARQUET:
            yield opened
            return
        with tempfile.TemporaryDirectory(prefix="tidynet-") as folder:
            copy = Path(folder) / "table.parquet"
            on_message("reading the text once")
            opened.frame.sink_parquet(copy, compression="lz4", row_group_size=250_000)
            yield replace(opened, frame=pl.scan_parquet(copy))
