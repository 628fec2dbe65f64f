"""The format of a file by its content, where the extension says something else."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

from tidynet.core.errors import FileReadError

_HEAD = 4096
_COMPRESSIONS = ((b"\x1f\x8b", ".gz"), (b"\x28\xb5\x2f\xfd", ".zst"), (b"BZh", ".bz2"), (b"\xfd7zXZ", ".xz"))
_SIGNATURES = (
    (b"PAR1", "parquet"),
    (b"ARROW1", "arrow"),
    (b"SQLite format 3", "sqlite"),
    (b"\x93NUMPY", "numpy"),
    (b"\xd0\xcf\x11\xe0", "workbook"),
)
_NO_TABLES = (
    (rb"version https://(?:git-lfs|hawser)", "a Git LFS pointer", "get the file itself with `git lfs pull`"),
    (rb"/annex/objects/|\.\./\.git/annex", "a git-annex pointer", "get the file itself with `git annex get`"),
    (rb"<!doctype html|<html[\s>]|<head[\s>]|<body[\s>]", "a web page", "download the table itself as CSV or .xlsx"),
    (rb"<table[\s>]", "a table in HTML", "open it in a spreadsheet and save it as .xlsx or CSV"),
    (rb"<\?xml[^>]*>.{0,400}?office:spreadsheet", "an XML spreadsheet", "open it and save it as .xlsx or CSV"),
    (rb"<\?xml|<[a-z][\w:-]*(?: [^<>]*)?>\s*<", "XML", "export it as CSV or JSON"),
    (rb"-----BEGIN |%!PS|\{\\rtf|%PDF", "a document", "export its table as CSV"),
)


def find_compression(path: Path) -> str:
    """The extension of the compression that a file has, "" if it has none."""
    with path.open("rb") as file:
        head = file.read(8)
    return next((extension for signature, extension in _COMPRESSIONS if head.startswith(signature)), "")


def find_format(path: Path) -> str | None:
    """The format of a file: that of its signature, "json" or "text"; None for bytes of another kind."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    for signature, name in _SIGNATURES:
        if head.startswith(signature):
            return name
    if head.startswith(b"PK\x03\x04"):
        return _archive_format(path)
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if re.match(rb"\{\s*[\"}]|\[\s*[\[{\]]", text):
        return "json"
    is_wide = head.startswith((b"\xff\xfe", b"\xfe\xff")) or head[:200].count(0) > 0.3 * len(head[:200])
    controls = sum(byte < 9 or 13 < byte < 27 for byte in head)
    return "text" if is_wide or controls <= 0.02 * len(head) else None


def check_is_table(path: Path, label: str) -> None:
    """Raise if a text is no table: a web page, a pointer to a file that is elsewhere, a document."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    for pattern, name, hint in _NO_TABLES:
        if re.match(pattern, text, re.IGNORECASE | re.DOTALL):
            raise FileReadError(f"{label} is {name}, expected a table", hint)


def _archive_format(path: Path) -> str | None:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError):
        return None
    if any(name.endswith(".npy") for name in names):
        return "numpy"
    is_workbook = any(name.startswith("xl/") or name in ("content.xml", "mimetype") for name in names)
    return "workbook" if is_workbook else None
