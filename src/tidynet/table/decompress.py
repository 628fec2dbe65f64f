"""Unpacking compressed text files."""

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

from tidynet.core.errors import FileReadError
from tidynet.table.read_errors import reason

__all__ = ["COMPRESSED", "decompress"]

COMPRESSED = (".gz", ".zst", ".bz2", ".xz")
"""The endings of compressed files that can be read."""


def decompress(path: Path, compression: str, display_text: str, plain: Path) -> Path:
    """Unpack a file."""
    if compression == ".zst":
        return _unpacked_zstd(path, display_text, plain)
    opened: dict[str, Callable[[Path], Any]] = {
        ".gz": gzip.GzipFile,
        ".bz2": bz2.BZ2File,
        ".xz": lzma.LZMAFile,
    }
    try:
        with opened[compression](path) as packed, plain.open("wb") as out:
            shutil.copyfileobj(packed, out, 1 << 20)
    except (lzma.LZMAError, zlib.error, EOFError, OSError) as error:
        raise FileReadError(
            f"{display_text} cannot be unpacked: {reason(error)}",
            f"is it whole, and really compressed as {compression}?",
        ) from error
    return plain


def _unpacked_zstd(path: Path, display_text: str, plain: Path) -> Path:
    with path.open("rb") as file:
        if file.read(4) != b"\x28\xb5\x2f\xfd":
            raise FileReadError(
                f"{display_text} cannot be unpacked: it does not begin like zstd-compressed data",
                "is it whole, and really compressed as .zst?",
            )
    try:
        # Polars unpacks zstd, which the standard library learns only in Python 3.14.
        pl.scan_lines(path, glob=False).sink_csv(plain, include_header=False, quote_style="never")
    except (pl.exceptions.PolarsError, OSError) as error:
        if "utf" in str(error).lower():
            raise _zstd_not_utf8(path, display_text) from error
        raise FileReadError(
            f"{display_text} cannot be unpacked: {reason(error)}", "is it whole, and really compressed as .zst?"
        ) from error
    return plain


def _zstd_not_utf8(path: Path, display_text: str) -> FileReadError:
    """Name the first line that holds U+FFFD once bytes that are not UTF-8 have been replaced by it."""
    lines = pl.scan_csv(
        path,
        has_header=False,
        separator="\x1f",
        quote_char=None,
        infer_schema=False,
        encoding="utf8-lossy",
        new_columns=["line"],
        row_index_name="number",
        row_index_offset=1,
        glob=False,
    )
    bad = lines.filter(pl.col("line").str.contains("\ufffd", literal=True)).head(1).collect()
    index = str(bad["line"][0]).index("\ufffd") + 1
    return FileReadError(
        f"{display_text} is not UTF-8 text: line {bad['number'][0]} holds a byte that does not fit at position {index}",
        "save it as UTF-8, for instance with `iconv -f latin1 -t utf-8`",
    )
