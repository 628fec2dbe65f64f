"""A data frame written to a file, completely or not at all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl

from tidynet.core.atomic_write import atomic_write
from tidynet.core.errors import FileReadError, InputError, check_folder
from tidynet.core.text import join_names

_WRITERS: dict[str, Callable[[pl.DataFrame, Path], object]] = {
    ".csv": lambda frame, path: frame.write_csv(path),
    ".tsv": lambda frame, path: frame.write_csv(path, separator="\t"),
    ".parquet": lambda frame, path: frame.write_parquet(path),
    ".arrow": lambda frame, path: frame.write_ipc(path),
    ".jsonl": lambda frame, path: frame.write_ndjson(path),
}


def check_table_file(path: Path, *, force: bool = False) -> None:
    """Raise for a file that cannot be written, before any work."""
    if path.suffix.lower() not in _WRITERS:
        raise InputError(
            f"the suffix of '{path}' is '{path.suffix}', expected one of {join_names(_WRITERS)}", "choose another name"
        )
    check_folder(path)
    if path.exists() and not force:
        raise FileReadError(f"'{path}' exists already", "replace it with --force, or choose another name")


def write_table(frame: pl.DataFrame, path: Path) -> None:
    """Write a frame in the format of the file's suffix."""
    check_table_file(path, force=True)
    nested = [name for name, dtype in frame.schema.items() if dtype.is_nested()]
    if nested and path.suffix.lower() in (".csv", ".tsv"):
        raise InputError(f"column '{nested[0]}' contains lists, which CSV cannot hold", "write a .parquet file")
    with atomic_write(path) as temporary:
        _WRITERS[path.suffix.lower()](frame, temporary)
