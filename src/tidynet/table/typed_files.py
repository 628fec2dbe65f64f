"""Parquet and Arrow files into lazy frames: their dtypes, and the index that pandas stored in them."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from tidynet.core.errors import FileReadError, unreadable_file_error
from tidynet.core.text import join_names, pluralize
from tidynet.table.dialect import Dialect
from tidynet.table.normalize_dtypes import normalize_with_notes
from tidynet.table.read_options import ScannedFile
from tidynet.table.to_polars import frame_with_notes

if TYPE_CHECKING:
    import pyarrow as pa

READ_ERRORS = (pl.exceptions.PolarsError, pl.exceptions.PanicException)
"""What Polars raises for data that it cannot read; a panic is no PolarsError."""

_UNNAMED_INDEX = re.compile(r"__(?:index_level_\d+|null_dask_index)__")


def scan_parquet(path: Path, label: str) -> ScannedFile:
    """A Parquet file."""
    with path.open("rb") as file:
        head = file.read(4)
        file.seek(-min(4, path.stat().st_size), io.SEEK_END)
        tail = file.read(4)
    if head != b"PAR1":
        raise FileReadError(f"{label} does not begin with PAR1, expected a Parquet file", "check how it was written")
    if tail != b"PAR1":
        raise FileReadError(f"{label} is incomplete; a Parquet file ends with PAR1", "copy it or write it again")
    scanned = _scan(lambda: pl.scan_parquet(path, glob=False), _read_parquet, path, label, "Parquet")
    return scanned._replace(notes=(*_named_index_notes(path), *scanned.notes))


def scan_parquet_folder(path: Path, label: str) -> ScannedFile:
    """The Parquet files of one table."""
    files = path / "**" / "*.parquet"
    return _scan(
        lambda: pl.scan_parquet(files, hive_partitioning=True), _read_parquet, path, label, "a folder of Parquet files"
    )


def scan_arrow(path: Path, label: str) -> ScannedFile:
    """An Arrow file or an Arrow stream."""
    with path.open("rb") as file:
        is_stream = file.read(6) != b"ARROW1"
    if not is_stream:
        return _scan(lambda: pl.scan_ipc(path, glob=False), _read_arrow_file, path, label, "Arrow")
    try:
        return _scan(lambda: pl.read_ipc_stream(path).lazy(), _read_arrow_stream, path, label, "Arrow")
    except FileReadError as error:
        raise FileReadError(
            f"{label} is neither an Arrow file nor an Arrow stream", "check how it was written"
        ) from error


def _scan(
    scan: Callable[[], pl.LazyFrame], read: Callable[[Path], pa.Table], path: Path, label: str, format_name: str
) -> ScannedFile:
    """The file as Polars reads it, or as pyarrow does where Polars has no such type."""
    try:
        frame, notes = normalize_with_notes(scan())
    except (*READ_ERRORS, OSError) as error:
        table = _try_pyarrow(read, path)
        if table is None:
            raise unreadable_file_error(label, format_name, error) from error
        eager, notes = frame_with_notes(table)
        frame = eager.lazy()
    frame, index_notes = without_unnamed_index(frame)
    return ScannedFile(frame, (*index_notes, *notes), Dialect(format_name))


def without_unnamed_index(frame: pl.LazyFrame) -> tuple[pl.LazyFrame, tuple[str, ...]]:
    """The frame without the row numbers that pandas stored as an unnamed index; labels of another type are kept."""
    index = {name: dtype for name, dtype in frame.collect_schema().items() if _UNNAMED_INDEX.fullmatch(name)}
    numbers = [name for name, dtype in index.items() if dtype.is_integer()] if len(index) == 1 else []
    if numbers:
        return frame.drop(numbers), (f"the unnamed index of pandas, {join_names(numbers)}, was left out",)
    if not index:
        return frame, ()
    taken = set(frame.collect_schema().names())
    renamed = {name: _free_name("label", taken, position) for position, name in enumerate(index, start=1)}
    count = pluralize(len(renamed), "column")
    return frame.rename(renamed), (f"the unnamed index of pandas is {count}: {join_names(renamed.values())}",)


def _free_name(name: str, taken: set[str], position: int) -> str:
    return name if position == 1 and name not in taken else f"{name}_{position}"


def _named_index_notes(path: Path) -> tuple[str, ...]:
    """A note on columns that were the index of a pandas frame, which the file's metadata names."""
    try:
        written = json.loads(pl.read_parquet_metadata(path).get("pandas", "{}"))
    except (*READ_ERRORS, OSError, ValueError):
        return ()
    index: list[Any] = written.get("index_columns", []) if isinstance(written, dict) else []
    names = [name for name in index if isinstance(name, str) and not _UNNAMED_INDEX.fullmatch(name)]
    return (
        (f"the index of the pandas frame is {pluralize(len(names), 'column')}: {join_names(names)}",) if names else ()
    )


def _try_pyarrow(read: Callable[[Path], pa.Table], path: Path) -> pa.Table | None:
    """The table as pyarrow reads it; None if it is not installed or cannot read it either."""
    try:
        return read(path)
    except (ImportError, ValueError, OSError, NotImplementedError):  # Arrow's own errors are kinds of these
        return None


def _read_parquet(path: Path) -> pa.Table:
    import pyarrow.parquet

    return pyarrow.parquet.read_table(path)


def _read_arrow_file(path: Path) -> pa.Table:
    import pyarrow.ipc

    with pyarrow.ipc.open_file(path) as reader:
        return reader.read_all()


def _read_arrow_stream(path: Path) -> pa.Table:
    import pyarrow.ipc

    with path.open("rb") as file, pyarrow.ipc.open_stream(file) as reader:
        return reader.read_all()
