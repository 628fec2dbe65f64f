"""Columns of a workbook with merged cells, which hold their value in the first row only."""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Sequence
from pathlib import Path

from tidynet.table.table import Table

_EXTENSIONS = (".xlsx", ".xlsm")
_RANGE = re.compile(rb'<mergeCell [^>]*ref="([A-Z]{1,3})(\d+):([A-Z]{1,3})(\d+)"')
_SHEET = re.compile(r'<sheet [^>]*name="([^"]*)"[^>]*r:id="([^"]*)"')
_TARGET = re.compile(r"<Relationship [^>]*>")
_MAX_BYTES = 200_000_000


def merged_columns(path: Path, table: Table) -> list[str]:
    """The columns of a table from a workbook in which cells of several rows below the header are merged."""
    sheet = table.dialect.evidence.get("sheet")
    if path.suffix.lower() not in _EXTENSIONS or sheet is None:
        return []
    try:
        content = _sheet_content(path, sheet)
    except (zipfile.BadZipFile, KeyError, OSError, UnicodeDecodeError):
        return []
    top = table.dialect.skip_lines + (table.dialect.header_rows or 0)
    found = set()
    for first, begin, last, end in _RANGE.findall(content):
        position = _column_position(first.decode())
        if first == last and int(begin) > top and int(end) > int(begin) and position < len(table.columns):
            found.add(position)
    # A column that the reader left out moves the others: the columns are those with empty cells.
    names = [table.columns[position] for position in sorted(found)]
    return [name for name in names if table[name].null_count()]


def _column_position(letters: str) -> int:
    position = 0
    for letter in letters:
        position = 26 * position + ord(letter) - ord("A") + 1
    return position - 1


def _sheet_content(path: Path, sheet: str) -> bytes:
    with zipfile.ZipFile(path) as book:
        sheets = dict(_SHEET.findall(book.read("xl/workbook.xml").decode("utf-8")))
        relations = book.read("xl/_rels/workbook.xml.rels").decode("utf-8")
        target = _relation_target(_TARGET.findall(relations), sheets[sheet])
        name = posixpath.normpath(posixpath.join("xl", target)) if not target.startswith("/") else target[1:]
        return book.read(name) if book.getinfo(name).file_size <= _MAX_BYTES else b""


def _relation_target(relations: Sequence[str], key: str) -> str:
    for relation in relations:
        attributes = dict(re.findall(r'(\w+)="([^"]*)"', relation))
        if attributes.get("Id") == key:
            return attributes["Target"]
    raise KeyError(key)
