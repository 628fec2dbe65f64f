"""Files of every supported format into lazy frames, with an error for those that cannot be read."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl

from tidynet.core.errors import FileReadError, unreadable_file_error
from tidynet.core.text import shorten
from tidynet.table.convert_values import with_options
from tidynet.table.csv import scan_delimited
from tidynet.table.database import SQLITE_EXTENSIONS, scan_sqlite
from tidynet.table.decompress import COMPRESSED, decompress
from tidynet.table.dialect import Dialect
from tidynet.table.normalize_dtypes import normalize_with_notes
from tidynet.table.numpy_files import scan_arrays
from tidynet.table.read_options import ReadOptions, ScannedFile
from tidynet.table.text_encoding import check_is_text, utf8_blocks
from tidynet.table.typed_files import scan_arrow, scan_parquet, scan_parquet_folder
from tidynet.table.workbook import scan_workbook

_DELIMITED = {".csv": ",", ".txt": ",", ".tsv": "\t", ".tab": "\t"}
_PARQUET = (".parquet", ".pq")
_ARROW = (".arrow", ".feather", ".ipc")
_JSON_LINES = (".jsonl", ".ndjson")
_EXCEL = (".xlsx", ".xls", ".xlsm", ".xlsb", ".ods")
_NUMPY = (".npy", ".npz")
EXTENSIONS = (*_DELIMITED, *_PARQUET, *_ARROW, *_JSON_LINES, ".json", *_EXCEL, *_NUMPY, *SQLITE_EXTENSIONS)
"""The file extensions that can be read; text formats also with .gz, .zst, .bz2 or .xz after them."""


def split_extension(path: Path) -> tuple[str, str]:
    """The extensions of the format and of the compression, lower-case, each possibly empty."""
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] in COMPRESSED:
        return (suffixes[-2] if len(suffixes) > 1 else ""), suffixes[-1]
    return (suffixes[-1] if suffixes else ""), ""


def stem(path: Path) -> str:
    """The file's name without the extensions of format and compression."""
    extension, compression = split_extension(path)
    return path.name[: len(path.name) - len(extension) - len(compression)] or path.name


def scan(path: Path, label: str, *, options: ReadOptions, folder: Path) -> ScannedFile:
    """Read a file lazily by its extension."""
    if path.is_dir():
        options.check_applicable("a folder of Parquet files", label)
        return with_options(scan_parquet_folder(path, label), options)
    extension, compression = split_extension(path)
    if extension not in EXTENSIONS:
        raise FileReadError(
            f"the file extension of {label} is '{extension}', expected one of {', '.join(EXTENSIONS)}",
            f"text formats may end in {', '.join(COMPRESSED)}",
        )
    if path.stat().st_size == 0:
        raise FileReadError(f"{label} is empty (0 bytes), expected a table", "check how it was written")
    if compression:
        path = decompress(path, compression, label, folder / f"decompressed{extension}")
        if path.stat().st_size == 0:
            raise FileReadError(f"{label} is empty after decompression, expected a table", "check how it was written")
    if extension in _DELIMITED:
        options.check_applicable("separated text", label)
        return scan_delimited(path, label, options=options, folder=folder, preferred=_DELIMITED[extension])
    if extension in _EXCEL:
        options.check_applicable("a workbook", label)
        return scan_workbook(path, label, options)
    if extension in _NUMPY:
        options.check_applicable("an array", label)
        return with_options(scan_arrays(path, label, options), options)
    if extension in SQLITE_EXTENSIONS:
        options.check_applicable("a database", label)
        return with_options(scan_sqlite(path, label, options.query), options)
    return _scan_typed(path, label, extension, options)


def is_dataset(folder: Path) -> bool:
    """Whether a folder contains Parquet files of one table."""
    return next(folder.rglob("*.parquet"), None) is not None and not any(
        split_extension(file)[0] in EXTENSIONS and file.suffix != ".parquet" for file in folder.iterdir()
    )


def _scan_typed(path: Path, label: str, extension: str, options: ReadOptions) -> ScannedFile:
    """Read a format that stores the types of its columns."""
    if extension in _PARQUET:
        options.check_applicable("a Parquet file", label)
        return with_options(scan_parquet(path, label), options)
    if extension in _ARROW:
        options.check_applicable("an Arrow file", label)
        return with_options(scan_arrow(path, label), options)
    options.check_applicable("JSON", label)
    frame, notes = normalize_with_notes(_scan_json(path, label))
    return with_options(ScannedFile(frame, notes, Dialect("JSON")), options)


def _scan_json(path: Path, label: str) -> pl.LazyFrame:
    """Read one JSON object a line, or an array of objects; types are those of the whole file."""
    check_is_text(path, label)
    for _ in utf8_blocks(path, label):
        pass
    with path.open("rb") as file:
        is_array = file.read(64).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"[")
    try:
        if is_array:
            return pl.read_json(path, infer_schema_length=None).lazy()
        frame = pl.scan_ndjson(path, infer_schema_length=None)
        frame.select(pl.len()).collect(engine="streaming")
    except pl.exceptions.PolarsError as error:
        raise (None if is_array else _bad_json_line(path, label)) or unreadable_file_error(
            label, "JSON", error
        ) from error
    return frame


def _bad_json_line(path: Path, label: str) -> FileReadError | None:
    """The error for the first line that is not a JSON object."""
    with path.open(encoding="utf-8-sig") as file:
        for number, line in enumerate(file, start=1):
            try:
                is_valid = not line.strip() or isinstance(json.loads(line), dict)
            except ValueError:
                is_valid = False
            if not is_valid:
                return FileReadError(
                    f"line {number} of {label} is '{shorten(line.strip())}', expected a JSON object",
                    "correct or remove the line",
                )
    return None
