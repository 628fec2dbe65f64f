"""Text in other encodings than UTF-8, written anew as UTF-8."""

from __future__ import annotations

import codecs
from pathlib import Path

from tidynet.core.errors import FileReadError

__all__ = ["convert_to_utf8", "from_cp1252"]

_BLOCK = 1 << 20
# The longer marks first: UTF-32's begins like UTF-16's.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_ALSO_UTF8 = ("utf-8", "utf-8-sig", "ascii")


def convert_to_utf8(path: Path, display_text: str, encoding: str | None, folder: Path) -> tuple[Path, str]:
    """The file itself or a copy in UTF-8, and the encoding that it was in."""
    result = codecs.lookup(encoding).name if encoding is not None else _encoding_from_bom(path)
    if result in _ALSO_UTF8:
        return path, "utf-8"
    return _copied(path, display_text, result, folder), result


def _encoding_from_bom(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(2048)
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    even, odd = head[::2], head[1::2]
    if odd and len(head) > 8:
        if odd.count(0) > 0.6 * len(odd) and not even.count(0):
            return "utf-16-le"
        if even.count(0) > 0.6 * len(even) and not odd.count(0):
            return "utf-16-be"
    return "utf-8"


def _copied(path: Path, display_text: str, encoding: str, folder: Path) -> Path:
    copy = folder / f"utf8{path.suffix}"
    try:
        with path.open(encoding=encoding, newline="") as source, copy.open("w", encoding="utf-8", newline="") as clean:
            while block := source.read(_BLOCK):
                clean.write(block)
    except (UnicodeError, LookupError) as error:
        raise FileReadError(
            f"{display_text} is not {encoding} text", "leave the encoding out, or name the right one"
        ) from error
    return copy


def from_cp1252(path: Path, folder: Path) -> Path | None:
    """A copy in UTF-8 of text in Windows' Western encoding; None if the file cannot be in it.

    A file that holds whole UTF-8 letters too is damaged UTF-8 and no cp1252.

    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "t.csv").write_bytes("caf\u00e9".encode("cp1252"))
    >>> from_cp1252(folder / "t.csv", folder).read_text(encoding="utf-8") == "caf\u00e9"
    True
    """
    copy = folder / f"utf8{path.suffix}"
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    try:
        with path.open("rb") as source, copy.open("w", encoding="utf-8", newline="") as clean:
            while block := source.read(_BLOCK):
                if not block.isascii() and any(ord(letter) > 127 for letter in set(decoder.decode(block)) - {"\ufffd"}):
                    return None
                clean.write(block.decode("cp1252"))
    except UnicodeDecodeError:
        return None
    return copy
