"""Files of every known format into lazy frames, and one clear sentence for those that cannot be read."""

from __future__ import annotations

import io
from pathlib import Path

import polars as pl

from tidynet.core.errors import FileReadError, InputError
from tidynet.table.csv import scan_delimited
from tidynet.table.database import SQLITE_ENDINGS, scan_sqlite
from tidynet.table.decompress import COMPRESSED, decompress
from tidynet.table.json_lines import scan_json
from tidynet.table.numpy_files import scan_arrays
from tidynet.table.read_errors import unreadable_file_error
from tidynet.table.read_options import ReadOptions, ScannedFile
from tidynet.table.to_polars import normalize_dtypes
from tidynet.table.workbook import scan_workbook

__all__ = ["ENDINGS", "is_dataset", "scan", "split_extension", "stem"]

_DELIMITED = {".csv": ",", ".txt": ",", ".tsv": "\t", ".tab": "\t"}
_PARQUET = (".parquet", ".pq")
_ARROW = (".arrow", ".feather", ".ipc")
_JSON_LINES = (".jsonl", ".ndjson")
_EXCEL = (".xlsx", ".xls", ".xlsm", ".xlsb", ".ods")

_NUMPY = (".npy", ".npz")

ENDINGS = (*_DELIMITED, *_PARQUET, *_ARROW, *_JSON_LINES, ".json", *_EXCEL, *_NUMPY, *SQLITE_ENDINGS)
"""The endings that can be read; text formats also with .gz, .zst, .bz2 or .xz after them."""


def split_extension(path: Path) -> tuple[str, str]:
    """The format's ending and that of the compression, lower-case, each perhaps empty.

    >>> split_extension(Path("a.b.CSV.gz"))
    ('.csv', '.gz')
    """
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] in COMPRESSED:
        return (suffixes[-2] if len(suffixes) > 1 else ""), suffixes[-1]
    return (suffixes[-1] if suffixes else ""), ""


def stem(path: Path) -> str:
    """The file's name without the endings that say its format.

    >>> stem(Path("data/trips.2024.csv.gz"))
    'trips.2024'
    """
    ending, compression = split_extension(path)
    return path.name[: len(path.name) - len(ending) - len(compression)] or path.name


def scan(path: Path, display_text: str, *, options: ReadOptions, folder: Path) -> ScannedFile:
    """Read a file lazily by its ending."""
    if options.columns is not None and split_extension(path)[0] not in _NUMPY:
        raise InputError(
            f"names of columns were given, but {display_text} has its own: only an array (.npy, .npz) takes them",
            "leave them out",
        )
    if path.is_dir():
        frame = _checked(pl.scan_parquet(path / "**" / "*.parquet", hive_partitioning=True), display_text, "Parquet")
        return ScannedFile(normalize_dtypes(frame), (), {"format": "a folder of Parquet files"})
    ending, compression = split_extension(path)
    if ending not in ENDINGS:
        raise FileReadError(
            f"{display_text} has the ending '{ending}', which is no known format"
            if ending
            else f"{display_text} has no ending that says its format",
            f"expected one of {', '.join(ENDINGS)}, or a text format with {', '.join(COMPRESSED)}",
        )
    if path.stat().st_size == 0:
        raise FileReadError(f"{display_text} is empty (0 bytes)", "expected a table")
    if compression:
        path = decompress(path, compression, display_text, folder / f"unpacked{ending}")
        if path.stat().st_size == 0:
            raise FileReadError(f"{display_text} is empty once unpacked", "expected a table")
    if ending in _DELIMITED:
        return scan_delimited(path, display_text, options=options, folder=folder, preferred=_DELIMITED[ending])
    if ending in _EXCEL:
        return scan_workbook(path, display_text, options.sheet, options.code_columns)
    if ending in _NUMPY:
        return scan_arrays(path, display_text, options)
    if ending in SQLITE_ENDINGS:
        return scan_sqlite(path, display_text, options.query)
    return _scan_typed(path, display_text, ending)


def is_dataset(folder: Path) -> bool:
    """Whether a folder holds Parquet files that make up one table."""
    return next(folder.rglob("*.parquet"), None) is not None and not any(
        split_extension(file)[0] in ENDINGS and file.suffix != ".parquet" for file in folder.iterdir()
    )


def _scan_typed(path: Path, display_text: str, ending: str) -> ScannedFile:
    """Read a format whose columns have types of their own."""
    if ending in _PARQUET:
        return ScannedFile(normalize_dtypes(_scan_parquet(path, display_text)), (), {"format": "Parquet"})
    if ending in _ARROW:
        return ScannedFile(normalize_dtypes(_scan_arrow(path, display_text)), (), {"format": "Arrow"})
    return ScannedFile(normalize_dtypes(scan_json(path, display_text)), (), {"format": "JSON"})


def _scan_parquet(path: Path, display_text: str) -> pl.LazyFrame:
    with path.open("rb") as file:
        head = file.read(4)
        file.seek(-min(4, path.stat().st_size), io.SEEK_END)
        tail = file.read(4)
    if head != b"PAR1":
        raise FileReadError(
            f"{display_text} is not a Parquet file: it does not begin with PAR1", "check how it was written"
        )
    if tail != b"PAR1":
        raise FileReadError(f"{display_text} is cut short: a Parquet file ends with PAR1", "copy or write it again")
    return _checked(pl.scan_parquet(path, glob=False), display_text, "Parquet")


def _scan_arrow(path: Path, display_text: str) -> pl.LazyFrame:
    with path.open("rb") as file:
        is_stream = file.read(6) != b"ARROW1"
    if not is_stream:
        return _checked(pl.scan_ipc(path, glob=False), display_text, "Arrow")
    try:
        return pl.read_ipc_stream(path).lazy()
    except pl.exceptions.PolarsError as error:
        raise FileReadError(
            f"{display_text} is neither an Arrow file nor an Arrow stream", "check how it was written"
        ) from error


def _checked(frame: pl.LazyFrame, display_text: str, format_name: str) -> pl.LazyFrame:
    try:
        frame.collect_schema()
    except (pl.exceptions.PolarsError, OSError) as error:
        raise unreadable_file_error(display_text, format_name, error) from error
    return frame
