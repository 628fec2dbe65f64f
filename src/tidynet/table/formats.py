"""Files of every known format into lazy frames, and one clear sentence for those that cannot be read."""

from __future__ import annotations

import io
from pathlib import Path

import polars as pl

from tidynet.errors import FileFault, InputError
from tidynet.table.arrays import scan_arrays
from tidynet.table.database import SQLITE_ENDINGS, scan_sqlite
from tidynet.table.delimited import scan_delimited
from tidynet.table.faults import unreadable
from tidynet.table.frames import settled
from tidynet.table.json_lines import scan_json
from tidynet.table.packed import COMPRESSED, unpacked
from tidynet.table.reading import Reading, Scanned
from tidynet.table.workbook import scan_workbook

__all__ = ["ENDINGS", "is_dataset", "plain_name", "scan", "split_ending"]

_DELIMITED = {".csv": ",", ".txt": ",", ".tsv": "\t", ".tab": "\t"}
_PARQUET = (".parquet", ".pq")
_ARROW = (".arrow", ".feather", ".ipc")
_JSON_LINES = (".jsonl", ".ndjson")
_EXCEL = (".xlsx", ".xls", ".xlsm", ".xlsb", ".ods")

_NUMPY = (".npy", ".npz")

ENDINGS = (*_DELIMITED, *_PARQUET, *_ARROW, *_JSON_LINES, ".json", *_EXCEL, *_NUMPY, *SQLITE_ENDINGS)
"""The endings that can be read; text formats also with .gz, .zst, .bz2 or .xz after them."""


def split_ending(path: Path) -> tuple[str, str]:
    """The format's ending and that of the compression, lower-case, each perhaps empty.

    Examples
    --------
    >>> split_ending(Path("a.b.CSV.gz"))
    ('.csv', '.gz')
    """
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] in COMPRESSED:
        return (suffixes[-2] if len(suffixes) > 1 else ""), suffixes[-1]
    return (suffixes[-1] if suffixes else ""), ""


def plain_name(path: Path) -> str:
    """The file's name without the endings that say its format.

    Examples
    --------
    >>> plain_name(Path("data/trips.2024.csv.gz"))
    'trips.2024'
    """
    ending, compression = split_ending(path)
    return path.name[: len(path.name) - len(ending) - len(compression)] or path.name


def scan(path: Path, shown: str, *, reading: Reading, folder: Path) -> Scanned:
    """Read a file lazily by its ending.

    Parameters
    ----------
    path : Path
        An existing file, or a folder of Parquet files.
    shown : str
        The file's name in sentences.
    reading : Reading
        What a person said about it.
    folder : Path
        A folder for unpacked copies, which must outlive the frame.

    Returns
    -------
    Scanned
        The frame, notes on what reading did, and what it found.

    Raises
    ------
    FileFault
        If the ending is unknown or the file cannot be read.
    """
    if reading.columns is not None and split_ending(path)[0] not in _NUMPY:
        raise InputError(
            f"names of columns were given, but {shown} has its own: only an array (.npy, .npz) takes them",
            "leave them out",
        )
    if path.is_dir():
        frame = _checked(pl.scan_parquet(path / "**" / "*.parquet", hive_partitioning=True), shown, "Parquet")
        return Scanned(settled(frame), (), {"format": "a folder of Parquet files"})
    ending, compression = split_ending(path)
    if ending not in ENDINGS:
        raise FileFault(
            f"{shown} has the ending '{ending}', which is no known format"
            if ending
            else f"{shown} has no ending that says its format",
            f"expected one of {', '.join(ENDINGS)}, or a text format with {', '.join(COMPRESSED)}",
        )
    if path.stat().st_size == 0:
        raise FileFault(f"{shown} is empty (0 bytes)", "expected a table")
    if compression:
        path = unpacked(path, compression, shown, folder / f"unpacked{ending}")
        if path.stat().st_size == 0:
            raise FileFault(f"{shown} is empty once unpacked", "expected a table")
    if ending in _DELIMITED:
        return scan_delimited(path, shown, reading=reading, folder=folder, preferred=_DELIMITED[ending])
    if ending in _EXCEL:
        return scan_workbook(path, shown, reading.sheet, reading.codes)
    if ending in _NUMPY:
        return scan_arrays(path, shown, reading)
    if ending in SQLITE_ENDINGS:
        return scan_sqlite(path, shown, reading.query)
    return _scan_typed(path, shown, ending)


def is_dataset(folder: Path) -> bool:
    """Whether a folder holds Parquet files that make up one table."""
    return next(folder.rglob("*.parquet"), None) is not None and not any(
        split_ending(file)[0] in ENDINGS and file.suffix != ".parquet" for file in folder.iterdir()
    )


def _scan_typed(path: Path, shown: str, ending: str) -> Scanned:
    """Read a format whose columns have types of their own."""
    if ending in _PARQUET:
        return Scanned(settled(_scan_parquet(path, shown)), (), {"format": "Parquet"})
    if ending in _ARROW:
        return Scanned(settled(_scan_arrow(path, shown)), (), {"format": "Arrow"})
    return Scanned(settled(scan_json(path, shown)), (), {"format": "JSON"})


def _scan_parquet(path: Path, shown: str) -> pl.LazyFrame:
    with path.open("rb") as file:
        head = file.read(4)
        file.seek(-min(4, path.stat().st_size), io.SEEK_END)
        tail = file.read(4)
    if head != b"PAR1":
        raise FileFault(f"{shown} is not a Parquet file: it does not begin with PAR1", "check how it was written")
    if tail != b"PAR1":
        raise FileFault(f"{shown} is cut short: a Parquet file ends with PAR1", "copy or write it again")
    return _checked(pl.scan_parquet(path, glob=False), shown, "Parquet")


def _scan_arrow(path: Path, shown: str) -> pl.LazyFrame:
    with path.open("rb") as file:
        is_stream = file.read(6) != b"ARROW1"
    if not is_stream:
        return _checked(pl.scan_ipc(path, glob=False), shown, "Arrow")
    try:
        return pl.read_ipc_stream(path).lazy()
    except pl.exceptions.PolarsError as error:
        raise FileFault(f"{shown} is neither an Arrow file nor an Arrow stream", "check how it was written") from error


def _checked(frame: pl.LazyFrame, shown: str, format_name: str) -> pl.LazyFrame:
    try:
        frame.collect_schema()
    except (pl.exceptions.PolarsError, OSError) as error:
        raise unreadable(shown, format_name, error) from error
    return frame
