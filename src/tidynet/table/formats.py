"""Files of every supported format into lazy frames, with an error for those that cannot be read."""

from __future__ import annotations

from pathlib import Path

from tidynet.core.errors import FileReadError
from tidynet.table.convert_values import with_options
from tidynet.table.csv import scan_delimited
from tidynet.table.database import SQLITE_EXTENSIONS, scan_sqlite
from tidynet.table.decompress import COMPRESSED, decompress
from tidynet.table.detect_file_format import check_is_table, find_compression, find_format
from tidynet.table.dialect import Dialect
from tidynet.table.json_tables import is_json, scan_json
from tidynet.table.normalize_dtypes import normalize_with_notes
from tidynet.table.numpy_files import scan_arrays
from tidynet.table.read_options import ReadOptions, ScannedFile
from tidynet.table.typed_files import scan_arrow, scan_parquet, scan_parquet_folder
from tidynet.table.workbook import scan_workbook

_KINDS = {
    "text": "separated text",
    "workbook": "a workbook",
    "parquet": "a Parquet file",
    "arrow": "an Arrow file",
    "json": "JSON",
    "numpy": "an array",
    "sqlite": "a database",
}
_DELIMITED = {".csv": ",", ".txt": ",", ".tsv": "\t", ".tab": "\t"}
_PARQUET = (".parquet", ".pq")
_ARROW = (".arrow", ".feather", ".ipc")
_JSON_LINES = (".jsonl", ".ndjson")
_EXCEL = (".xlsx", ".xls", ".xlsm", ".xlsb", ".ods")
_NUMPY = (".npy", ".npz")
EXTENSIONS = (*_DELIMITED, *_PARQUET, *_ARROW, *_JSON_LINES, ".json", *_EXCEL, *_NUMPY, *SQLITE_EXTENSIONS)
"""The file extensions that can be read; text formats also with .gz, .zst, .bz2 or .xz after them."""

_FORMATS = {
    **dict.fromkeys(_DELIMITED, "text"),
    **dict.fromkeys(_PARQUET, "parquet"),
    **dict.fromkeys(_ARROW, "arrow"),
    **dict.fromkeys((*_JSON_LINES, ".json"), "json"),
    **dict.fromkeys(_EXCEL, "workbook"),
    **dict.fromkeys(_NUMPY, "numpy"),
    **dict.fromkeys(SQLITE_EXTENSIONS, "sqlite"),
}


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
    if extension not in EXTENSIONS and options.format is None:
        raise FileReadError(
            f"the file extension of {label} is '{extension}', expected one of {', '.join(EXTENSIONS)}",
            f"name its format with `--format`; text formats may end in {', '.join(COMPRESSED)}",
        )
    if path.stat().st_size == 0:
        raise FileReadError(f"{label} is empty (0 bytes), expected a table", "check how it was written")
    if compression:
        path = decompress(path, compression, label, folder / f"decompressed{extension}")
        if path.stat().st_size == 0:
            raise FileReadError(f"{label} is empty after decompression, expected a table", "check how it was written")
    found = find_compression(path)
    if found and options.format is None:
        path = decompress(path, found, label, folder / f"uncompressed{extension}")
    expected = _FORMATS.get(extension, "text")
    notes: tuple[str, ...] = ()
    kind = options.format or expected
    if options.format is None:
        kind, notes = _format_by_content(path, label, expected, extension)
    scanned = _scan_kind(kind, path, label, extension, options, folder)
    return scanned._replace(notes=(*notes, *scanned.notes))


def _format_by_content(path: Path, label: str, expected: str, extension: str) -> tuple[str, tuple[str, ...]]:
    """The format of a file, and a note if its content says another one than its extension."""
    found = find_format(path)
    if found in ("text", "json") and expected != "json":
        check_is_table(path, label)
    if found is None or found == expected or (found == "text" and expected == "json"):
        return expected, ()
    if found == "json" and not is_json(path):
        found = "text"
    if found == expected or (found in ("text", "json") and expected in ("parquet", "arrow", "sqlite", "numpy")):
        return expected, ()
    return found, (f"the file is {_KINDS[found]}, although its extension is {extension}",)


def _scan_kind(kind: str, path: Path, label: str, extension: str, options: ReadOptions, folder: Path) -> ScannedFile:
    options.check_applicable(_KINDS[kind], label)
    if kind == "text":
        return scan_delimited(path, label, options=options, folder=folder, preferred=_DELIMITED.get(extension, ","))
    if kind == "workbook":
        return scan_workbook(path, label, options)
    if kind == "numpy":
        return with_options(scan_arrays(path, label, options), options)
    if kind == "sqlite":
        return with_options(scan_sqlite(path, label, options.query), options)
    if kind == "parquet":
        return with_options(scan_parquet(path, label), options)
    if kind == "arrow":
        return with_options(scan_arrow(path, label), options)
    nested, notes = scan_json(path, label)
    frame, type_notes = normalize_with_notes(nested)
    return with_options(ScannedFile(frame, (*notes, *type_notes), Dialect("JSON")), options)


def is_dataset(folder: Path) -> bool:
    """Whether a folder contains Parquet files of one table."""
    return next(folder.rglob("*.parquet"), None) is not None and not any(
        split_extension(file)[0] in EXTENSIONS and file.suffix != ".parquet" for file in folder.iterdir()
    )
