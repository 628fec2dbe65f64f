"""A table into a file, whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl

from tidynet.core.atomic_write import atomic_write
from tidynet.core.errors import FileReadError, InputError, check_folder
from tidynet.core.text import join_names

__all__ = ["check_table_file", "write_table"]

_WRITERS: dict[str, Callable[[pl.DataFrame, Path], object]] = {
    ".csv": lambda frame, path: frame.write_csv(path),
    ".tsv": lambda frame, path: frame.write_csv(path, separator="\t"),
    ".parquet": lambda frame, path: frame.write_parquet(path),
    ".arrow": lambda frame, path: frame.write_ipc(path),
    ".jsonl": lambda frame, path: frame.write_ndjson(path),
}


def check_table_file(path: Path, *, force: bool = False) -> None:
    """Refuse a file that cannot be written, before any work is done."""
    if path.suffix.lower() not in _WRITERS:
        raise InputError(
            f"'{path}' ends in '{path.suffix}', expected one of {join_names(_WRITERS)}", "choose another name"
        )
    check_folder(path)
    if path.exists() and not force:
        raise FileReadError(f"'{path}' is there already", "replace it with --force, or choose another name")


def write_table(frame: pl.DataFrame, path: Path) -> None:
    r"""Write a frame in the format that the file's ending says.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "t.csv"
    >>> write_table(pl.DataFrame({"a": [1, 2]}), path)
    >>> path.read_text()
    'a\n1\n2\n'
    """
    check_table_file(path, force=True)
    nested = [name for name, dtype in frame.schema.items() if dtype.is_nested()]
    if nested and path.suffix.lower() in (".csv", ".tsv"):
        raise InputError(f"the column '{nested[0]}' holds lists, which have no place in CSV", "write a .parquet file")
    with atomic_write(path) as temporary:
        _WRITERS[path.suffix.lower()](frame, temporary)
