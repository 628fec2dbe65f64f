"""Tables larger than memory: Parquet is read in place, text is converted to Parquet once."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from tidynet.core.temporary_folder import temporary_folder
from tidynet.table.formats import is_dataset, split_extension
from tidynet.table.read import OpenedSource, open_lazily
from tidynet.table.read_options import ReadOptions

_LARGE_PARQUET = 100_000_000  # bytes; such a file has a few million rows
_LARGE_TEXT = 400_000_000
_COMPRESSION_RATIO = 5  # ratio of the sizes of text and compressed text
_PARQUET = (".parquet", ".pq")


def is_large_file(source: Any) -> bool:
    """Whether a table is a file too large to be read into memory."""
    if not isinstance(source, str | os.PathLike):
        return False
    path = Path(source).expanduser()
    try:
        if path.is_dir():
            return is_dataset(path) and sum(item.stat().st_size for item in path.rglob("*.parquet")) > _LARGE_PARQUET
        if not path.is_file():
            return False
        size = path.stat().st_size
    except OSError:  # reading reports the error
        return False
    extension, compression = split_extension(path)
    if extension in _PARQUET:
        return size > _LARGE_PARQUET
    return size > (_LARGE_TEXT // _COMPRESSION_RATIO if compression else _LARGE_TEXT)


@contextlib.contextmanager
def open_lazy_table(
    source: str | os.PathLike[str], read_options: ReadOptions, on_message: Callable[[str], None] = lambda _: None
) -> Iterator[OpenedSource]:
    """A large file as a lazy frame for several passes."""
    path = Path(source).expanduser()
    with open_lazily(source, read_options) as opened, opened.translate_read_errors():
        if path.is_dir() or split_extension(path)[0] in _PARQUET:
            yield opened
            return
        with temporary_folder() as folder:
            copy = folder / "table.parquet"
            on_message("converting the text to Parquet")
            opened.frame.sink_parquet(copy, compression="lz4", row_group_size=250_000)
            yield replace(opened, frame=pl.scan_parquet(copy))
