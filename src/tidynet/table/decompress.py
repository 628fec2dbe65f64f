"""Decompression of text files."""

from __future__ import annotations

import bz2
import gzip
import lzma
import shutil
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

from tidynet.core.errors import FileReadError, error_reason

COMPRESSED = (".gz", ".zst", ".bz2", ".xz")
"""The extensions of compressed files that can be read."""


def decompress(path: Path, compression: str, label: str, target: Path) -> Path:
    """Decompress a file into `target`."""
    if compression == ".zst":
        return _decompress_zstd(path, label, target)
    opened: dict[str, Callable[[Path], Any]] = {".gz": gzip.GzipFile, ".bz2": bz2.BZ2File, ".xz": lzma.LZMAFile}
    try:
        with opened[compression](path) as source, target.open("wb") as copy:
            shutil.copyfileobj(source, copy, 1 << 20)
    except (lzma.LZMAError, zlib.error, EOFError, OSError) as error:
        raise _decompression_error(label, error_reason(error), compression) from error
    return target


def _decompression_error(label: str, reason: str, compression: str) -> FileReadError:
    return FileReadError(
        f"{label} cannot be decompressed: {reason}", f"check that the file is complete and compressed as {compression}"
    )


def _decompress_zstd(path: Path, label: str, target: Path) -> Path:
    with path.open("rb") as file:
        if file.read(4) != b"\x28\xb5\x2f\xfd":
            raise _decompression_error(label, "the file does not begin like zstd data", ".zst")
    try:
        # Polars decompresses zstd; the standard library does so from Python 3.14 on.
        pl.scan_lines(path, glob=False).sink_csv(target, include_header=False, quote_style="never")
    except (pl.exceptions.PolarsError, OSError) as error:
        raise _zstd_not_utf8_error(path, label) or _decompression_error(label, error_reason(error), ".zst") from error
    return target


def _zstd_not_utf8_error(path: Path, label: str) -> FileReadError | None:
    """The error for the first line that is not UTF-8; None if all lines are, or if the data is damaged."""
    lines = pl.scan_csv(
        path, has_header=False, separator="\x1f", quote_char=None, infer_schema=False, encoding="utf8-lossy",
        new_columns=["line"], row_index_name="number", row_index_offset=1, glob=False,
    )  # fmt: skip
    try:
        bad = lines.filter(pl.col("line").str.contains("\ufffd", literal=True)).head(1).collect()
    except (pl.exceptions.PolarsError, OSError):
        return None
    if bad.is_empty():
        return None
    position = str(bad["line"][0]).index("\ufffd") + 1
    return FileReadError(
        f"line {bad['number'][0]} of {label} contains a wrong byte at position {position}, expected UTF-8 text",
        "save it as UTF-8, for instance with `iconv -f latin1 -t utf-8`",
    )
