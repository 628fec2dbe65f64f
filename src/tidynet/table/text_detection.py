"""Is it text? Signatures of files that are not, and the place of bytes that are not UTF-8."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path

from tidynet.core.errors import FileReadError

__all__ = ["NotUtf8", "blocks", "refuse_binary"]

_BLOCK = 1 << 23
_SIGNATURES = (
    (b"PK\x03\x04", "a ZIP archive or an Excel workbook"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
    (b"PAR1", "a Parquet file"),
    (b"ARROW1", "an Arrow file"),
    (b"\x1f\x8b", "gzip-compressed data"),
    (b"\x28\xb5\x2f\xfd", "zstd-compressed data"),
    (b"BZh", "bzip2-compressed data"),
    (b"\xfd7zXZ", "xz-compressed data"),
    (b"SQLite format 3", "an SQLite database"),
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"\x89HDF", "an HDF5 file"),
    (b"\x7fELF", "a program"),
    (b"\x80\x04\x95", "a Python pickle"),
    (b"\x93NUMPY", "a NumPy array"),
)


class NotUtf8(FileReadError):
    """A text file whose bytes are not UTF-8."""


def refuse_binary(path: Path, display_text: str) -> None:
    """Raise if a file begins like something that is not text, or in UTF-16."""
    with path.open("rb") as file:
        head = file.read(64)
    for signature, name in _SIGNATURES:
        if head.startswith(signature):
            raise FileReadError(
                f"{display_text} is not text: it begins like {name}",
                "give it the ending of what it is, or export it as CSV",
            )
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise FileReadError(f"{display_text} is UTF-16 text, expected UTF-8", "save it as UTF-8")


def blocks(path: Path, display_text: str) -> Iterator[bytes]:
    """Blocks of a text file that end at line ends, each checked to be UTF-8 without zero bytes."""
    lines = 0
    for block in _line_blocks(path):
        zero = block.find(b"\0")
        if zero >= 0:
            line = lines + _lines_before(block, zero)
            raise FileReadError(f"{display_text} is not text: line {line} holds a zero byte", "export it as UTF-8 CSV")
        if not block.isascii():
            try:
                block.decode()
            except UnicodeDecodeError as error:
                raise _not_utf8(block, error.start, lines, display_text) from error
        yield block
        lines += block.count(b"\n")


def _line_blocks(path: Path) -> Iterator[bytes]:
    rest = b""
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            whole, newline, tail = block.rpartition(b"\n")
            if newline:
                yield rest + whole + newline
                rest = tail
            else:
                rest += tail
    if rest:
        yield rest


def _lines_before(block: bytes, position: int) -> int:
    return block.count(b"\n", 0, position) + 1


def _not_utf8(block: bytes, position: int, lines: int, display_text: str) -> NotUtf8:
    line = lines + _lines_before(block, position)
    index = position - block.rfind(b"\n", 0, position)
    byte = block[position]
    letter = bytes([byte]).decode("cp1252", errors="replace")
    guess = f" ('{letter}' in Latin-1)" if letter.isalpha() or letter in "€“”‘’–—°£§©®«»¿¡" else ""
    return NotUtf8(
        f"{display_text} is not UTF-8 text: line {line} holds the byte 0x{byte:02X}{guess} at position {index}",
        "save it as UTF-8, for instance with `iconv -f latin1 -t utf-8`",
    )
