"""Bytes of a text file: is it text, in which encoding, and a copy of it in UTF-8."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path

from tidynet.core.errors import FileReadError

_BLOCK = 1 << 23
_HEAD, _MAX_HEAD, _LINES_OF_HEAD = 1 << 16, 1 << 22, 10
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
# The longer byte order marks first: that of UTF-32 begins like that of UTF-16.
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class NotUtf8(FileReadError):
    """A text file whose bytes are not UTF-8."""


def check_is_text(path: Path, label: str) -> None:
    """Raise if a file begins like something that is not text, or in UTF-16."""
    with path.open("rb") as file:
        head = file.read(64)
    for signature, name in _SIGNATURES:
        if head.startswith(signature):
            raise FileReadError(
                f"{label} begins like {name}, expected text",
                "rename it with the extension of its format, or export CSV",
            )
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise FileReadError(f"{label} is UTF-16 text, expected UTF-8", "save it as UTF-8")


def utf8_head(path: Path, label: str) -> str:
    """The first complete lines of a UTF-8 file, at least ten of them where it has so many."""
    head = b""
    with path.open("rb") as file:
        while more := file.read(_HEAD):
            head += more
            if len(head) >= _MAX_HEAD or max(head.count(b"\n"), head.count(b"\r")) >= _LINES_OF_HEAD:
                break
    if more:
        end = max(head.rfind(b"\n"), head.rfind(b"\r")) + 1
        head = head[:end] or head
    zero = head.find(b"\0")
    if zero >= 0:
        raise _zero_byte_error(head.count(b"\n", 0, zero) + 1, label)
    try:
        return head.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _not_utf8_error(head, error.start, 0, label) from error


def utf8_blocks(path: Path, label: str, first_line: int = 1) -> Iterator[bytes]:
    """Blocks of a text file that end at line ends, each checked to be UTF-8 without zero bytes."""
    lines = first_line - 1
    for block in _line_blocks(path):
        zero = block.find(b"\0")
        if zero >= 0:
            line = lines + block.count(b"\n", 0, zero) + 1
            raise _zero_byte_error(line, label)
        if not block.isascii():
            try:
                block.decode()
            except UnicodeDecodeError as error:
                raise _not_utf8_error(block, error.start, lines, label) from error
        yield block
        lines += block.count(b"\n")


def _zero_byte_error(line: int, label: str) -> FileReadError:
    return FileReadError(f"line {line} of {label} contains a zero byte, expected text", "export it as UTF-8 CSV")


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


def _not_utf8_error(block: bytes, position: int, lines: int, label: str) -> NotUtf8:
    line = lines + block.count(b"\n", 0, position) + 1
    column = position - block.rfind(b"\n", 0, position)
    byte = block[position]
    letter = bytes([byte]).decode("cp1252", errors="replace")
    guess = f" ('{letter}' in Latin-1)" if letter.isalpha() or letter in "€“”‘’–—°£§©®«»¿¡" else ""
    return NotUtf8(
        f"line {line} of {label} contains the byte 0x{byte:02X}{guess} at position {column}, expected UTF-8 text",
        "save it as UTF-8, for instance with `iconv -f latin1 -t utf-8`",
    )


def convert_to_utf8(path: Path, label: str, encoding: str | None, folder: Path) -> tuple[Path, str]:
    """The file itself or a copy in UTF-8, and the encoding of the file."""
    name = codecs.lookup(encoding).name if encoding is not None else _encoding_from_bom(path)
    if name in ("utf-8", "utf-8-sig", "ascii"):
        return path, "utf-8"
    copy = folder / f"utf8{path.suffix}"
    try:
        with path.open(encoding=name, newline="") as source, copy.open("w", encoding="utf-8", newline="") as target:
            while block := source.read(_BLOCK):
                target.write(block)
    except (UnicodeError, LookupError) as error:
        raise FileReadError(
            f"{label} is not {name} text", "remove the option encoding, or set the right one"
        ) from error
    return copy, name


def _encoding_from_bom(path: Path) -> str:
    """The encoding from the byte order mark, or from zeros in every second byte."""
    with path.open("rb") as file:
        head = file.read(2048)
    for mark, name in _BYTE_ORDER_MARKS:
        if head.startswith(mark):
            return name
    for name, zeros, others in (("utf-16-le", head[1::2], head[::2]), ("utf-16-be", head[::2], head[1::2])):
        # Only the ASCII letters of UTF-16 have a zero, always on the same side.
        if zeros.count(0) > 1 and not others.count(0) and _is_printable(head[: len(head) // 2 * 2], name):
            return name
    return "utf-8"


def _is_printable(head: bytes, encoding: str) -> bool:
    text = head.decode(encoding, errors="replace")
    has_lines = any(end in text for end in "\r\n")
    return has_lines and all(letter.isprintable() or letter in "\t\r\n\u3000" for letter in text[:-1])
