"""Files of every known format into lazy frames, and one clear sentence for those that cannot be read."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import logging
import lzma
import shutil
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

from tidynet.errors import FileFault, InputError, listed
from tidynet.table.delimited import scan_delimited
from tidynet.table.frames import refuse_duplicates, settled
from tidynet.table.text_file import blocks, refuse_binary
from tidynet.table.typed import typed

__all__ = ["ENDINGS", "plain_name", "scan", "split_ending"]

_DELIMITED = {".csv": ",", ".txt": ",", ".tsv": "\t", ".tab": "\t"}
_PARQUET = (".parquet", ".pq")
_ARROW = (".arrow", ".feather", ".ipc")
_JSON_LINES = (".jsonl", ".ndjson")
_EXCEL = (".xlsx", ".xls", ".xlsm", ".xlsb", ".ods")
_COMPRESSED = (".gz", ".zst", ".bz2", ".xz")

ENDINGS = (*_DELIMITED, *_PARQUET, *_ARROW, *_JSON_LINES, ".json", *_EXCEL)
"""The endings that can be read; text formats also with .gz, .zst, .bz2 or .xz after them."""


def split_ending(path: Path) -> tuple[str, str]:
    """The format's ending and that of the compression, lower-case, each perhaps empty.

    Examples
    --------
    >>> split_ending(Path("a.b.CSV.gz"))
    ('.csv', '.gz')
    """
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] in _COMPRESSED:
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


def scan(
    path: Path, shown: str, *, ragged: str, sheet: str | int | None, folder: Path
) -> tuple[pl.LazyFrame, tuple[str, ...]]:
    """Read a file lazily by its ending.

    Parameters
    ----------
    path : Path
        An existing file.
    shown : str
        The file's name in sentences.
    ragged : {"error", "skip"}
        What to do with ragged rows of separated text.
    sheet : str, int or None
        The sheet of a workbook, by name or by number from 1.
    folder : Path
        A folder for unpacked copies, which must outlive the frame.

    Returns
    -------
    tuple of pl.LazyFrame and tuple of str
        The frame and notes on what reading did.

    Raises
    ------
    FileFault
        If the ending is unknown or the file cannot be read.
    """
    ending, compression = split_ending(path)
    if ending not in ENDINGS:
        raise FileFault(
            f"{shown} has the ending '{ending}', which is no known format"
            if ending
            else f"{shown} has no ending that says its format",
            f"expected one of {', '.join(ENDINGS)}, or a text format with {', '.join(_COMPRESSED)}",
        )
    if path.stat().st_size == 0:
        raise FileFault(f"{shown} is empty (0 bytes)", "expected a table")
    if compression:
        path = _unpacked(path, compression, shown, folder / f"unpacked{ending}")
        if path.stat().st_size == 0:
            raise FileFault(f"{shown} is empty once unpacked", "expected a table")
    if ending in _DELIMITED:
        return scan_delimited(path, shown, ragged=ragged, folder=folder, preferred=_DELIMITED[ending])
    if ending in _EXCEL:
        return _scan_excel(path, shown, sheet)
    if ending in _PARQUET:
        frame = _scan_parquet(path, shown)
    elif ending in _ARROW:
        frame = _scan_arrow(path, shown)
    else:
        frame = _scan_json(path, shown)
    return settled(frame), ()


def _unpacked(path: Path, compression: str, shown: str, plain: Path) -> Path:
    if compression == ".zst":
        return _unpacked_zstd(path, shown, plain)
    opened: dict[str, Callable[[Path], Any]] = {
        ".gz": gzip.GzipFile,
        ".bz2": bz2.BZ2File,
        ".xz": lzma.LZMAFile,
    }
    try:
        with opened[compression](path) as packed, plain.open("wb") as out:
            shutil.copyfileobj(packed, out, 1 << 20)
    except (lzma.LZMAError, zlib.error, EOFError, OSError) as error:
        raise FileFault(
            f"{shown} cannot be unpacked: {_reason(error)}",
            f"is it whole, and really compressed as {compression}?",
        ) from error
    return plain


def _unpacked_zstd(path: Path, shown: str, plain: Path) -> Path:
    with path.open("rb") as file:
        if file.read(4) != b"\x28\xb5\x2f\xfd":
            raise FileFault(
                f"{shown} cannot be unpacked: it does not begin like zstd-compressed data",
                "is it whole, and really compressed as .zst?",
            )
    try:
        # Polars unpacks zstd, which the standard library learns only in Python 3.14.
        pl.scan_lines(path, glob=False).sink_csv(plain, include_header=False, quote_style="never")
    except pl.exceptions.PolarsError as error:
        if "utf" in str(error).lower():
            raise FileFault(f"{shown} is not UTF-8 text", "unpack it and save it as UTF-8") from error
        raise FileFault(
            f"{shown} cannot be unpacked: {_reason(error)}", "is it whole, and really compressed as .zst?"
        ) from error
    return plain


def _scan_parquet(path: Path, shown: str) -> pl.LazyFrame:
    with path.open("rb") as file:
        head = file.read(4)
        file.seek(-min(4, path.stat().st_size), io.SEEK_END)
        tail = file.read(4)
    if head != b"PAR1":
        raise FileFault(
            f"{shown} is not a Parquet file: it does not begin with PAR1", "check how it was written"
        )
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
        raise FileFault(
            f"{shown} is neither an Arrow file nor an Arrow stream", "check how it was written"
        ) from error


def _checked(frame: pl.LazyFrame, shown: str, format_name: str) -> pl.LazyFrame:
    try:
        frame.collect_schema()
    except (pl.exceptions.PolarsError, OSError) as error:
        raise unreadable(shown, format_name, error) from error
    return frame


def unreadable(shown: str, format_name: str, error: BaseException) -> FileFault:
    """The fault of a file that begins well and then cannot be read.

    Examples
    --------
    >>> str(unreadable("'x.parquet'", "Parquet", ValueError("bad page")))
    "'x.parquet' cannot be read as Parquet: bad page; copy or write it again"
    """
    return FileFault(f"{shown} cannot be read as {format_name}: {_reason(error)}", "copy or write it again")


def _reason(error: BaseException) -> str:
    first = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
    return first.rstrip(".")


def _scan_json(path: Path, shown: str) -> pl.LazyFrame:
    refuse_binary(path, shown)
    for _ in blocks(path, shown):
        pass
    with path.open("rb") as file:
        is_array = file.read(64).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"[")
    try:
        if is_array:
            return pl.read_json(path, infer_schema_length=None).lazy()
        frame = pl.scan_ndjson(path, infer_schema_length=None)
        frame.select(pl.len()).collect(engine="streaming")
    except pl.exceptions.PolarsError as error:
        raise _bad_json(path, shown, is_array, error) from error
    return frame


def _bad_json(path: Path, shown: str, is_array: bool, error: BaseException) -> FileFault:
    """Name the line that is not JSON, or not an object."""
    if not is_array:
        with path.open(encoding="utf-8-sig") as file:
            for number, line in enumerate(file, start=1):
                problem = _json_problem(line)
                if problem:
                    return FileFault(
                        f"line {number} of {shown} is {problem}, expected one JSON object",
                        "mend or drop the line",
                    )
    return unreadable(shown, "JSON", error)


def _json_problem(line: str) -> str:
    if not line.strip():
        return ""
    try:
        value: Any = json.loads(line)
    except ValueError:
        return "not valid JSON"
    return "" if isinstance(value, dict) else f"a JSON {type(value).__name__}"


def _scan_excel(path: Path, shown: str, sheet: str | int | None) -> tuple[pl.LazyFrame, tuple[str, ...]]:
    import fastexcel

    # It warns of empty columns on standard error, which would break the command's own lines.
    logging.getLogger("fastexcel").addHandler(logging.NullHandler())
    try:
        sheets = fastexcel.read_excel(path).sheet_names
    except (fastexcel.FastExcelError, OSError) as error:
        raise FileFault(
            f"{shown} cannot be read as a workbook", "open it and save it again as .xlsx"
        ) from error
    name = _sheet_name(sheets, sheet, shown)
    options: dict[str, Any] = {"sheet_name": name, "raise_if_empty": False}
    top = pl.read_excel(
        path, has_header=False, read_options={"n_rows": 1}, infer_schema_length=None, **options
    )
    if top.is_empty():
        raise FileFault(f"the sheet '{name}' of {shown} is empty", "expected a header and rows")
    cells = [str(cell).strip() if cell is not None else "" for cell in top.row(0)]
    refuse_duplicates([cell or f"column_{position}" for position, cell in enumerate(cells, start=1)], shown)
    frame = pl.read_excel(path, infer_schema_length=None, **options)
    if frame.width == len(cells):
        frame.columns = [cell or f"column_{position}" for position, cell in enumerate(cells, start=1)]
    typed_frame, notes = typed(settled(frame.lazy()))
    others = [other for other in sheets if other != name]
    if others and sheet is None:
        notes = (f"the sheet '{name}' was read; there are also {listed(others)}", *notes)
    return typed_frame, notes


def _sheet_name(sheets: list[str], sheet: str | int | None, shown: str) -> str:
    if sheet is None:
        return sheets[0]
    if isinstance(sheet, int) and 1 <= sheet <= len(sheets):
        return sheets[sheet - 1]
    if isinstance(sheet, str) and sheet in sheets:
        return sheet
    raise InputError(f"{shown} has no sheet '{sheet}'", f"its sheets are {listed(sheets)}")
