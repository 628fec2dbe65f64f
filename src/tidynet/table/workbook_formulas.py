"""Formulas of a workbook whose values were never stored: programs write them, and only a spreadsheet computes them."""

from __future__ import annotations

import re
import zipfile
from collections import Counter
from pathlib import Path

import polars as pl

from tidynet.core.text import pluralize, quote

_FORMULA = re.compile(r'<c r="([A-Z]+)(\d+)"[^>]*>\s*<f(?:\s[^>]*)?(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>')
_SHEET = re.compile(r"<sheet\s[^>]*>")
_RELATION = re.compile(r"<Relationship\s[^>]*>")
_MAX_BYTES = 200_000_000
_MOSTLY = 0.5  # missing cells of a column, from which on formulas are searched for


def note_formulas(path: Path, sheet: str, frame: pl.DataFrame, first_row: int) -> list[str]:
    """A note for each column that has formulas without stored values, where most of its cells are missing."""
    missing = [name for name in frame.columns if frame[name].null_count() > _MOSTLY * frame.height]
    if not missing:
        return []
    counts = _count_formulas(path, sheet, first_row)
    return [
        f"column {quote(name)} has {pluralize(counts[index], 'formula')} without a stored value: "
        "open the workbook in a spreadsheet program and save it"
        for index, name in enumerate(frame.columns)
        if name in missing and counts[index]
    ]


def _count_formulas(path: Path, sheet: str, first_row: int) -> Counter[int]:
    """Formulas without values by the position of their column; none if the file is no Office Open XML workbook."""
    try:
        with zipfile.ZipFile(path) as archive:
            part = _sheet_part(archive, sheet)
            if part is None or archive.getinfo(part).file_size > _MAX_BYTES:
                return Counter()
            text = archive.read(part).decode("utf-8", "replace")
    except (OSError, KeyError, zipfile.BadZipFile):
        return Counter()
    return Counter(_position(match[1]) for match in _FORMULA.finditer(text) if int(match[2]) >= first_row)


def _sheet_part(archive: zipfile.ZipFile, sheet: str) -> str | None:
    """The file of a sheet inside the workbook."""
    from html import unescape

    names = archive.namelist()
    if "xl/workbook.xml" not in names or "xl/_rels/workbook.xml.rels" not in names:
        return None
    book, relations = (
        archive.read(f"xl/{item}").decode("utf-8", "replace") for item in ("workbook.xml", "_rels/workbook.xml.rels")
    )
    known = {_attribute(tag, "name"): _attribute(tag, "r:id") for tag in _SHEET.findall(book)}
    targets = {_attribute(tag, "Id"): _attribute(tag, "Target") for tag in _RELATION.findall(relations)}
    found = {unescape(name): targets.get(key, "") for name, key in known.items()}.get(sheet, "")
    part = found.removeprefix("/") if found.startswith("/") else f"xl/{found}"
    return part if part in names else None


def _attribute(tag: str, name: str) -> str:
    match = re.search(rf'\b{name}="([^"]*)"', tag)
    return match[1] if match else ""


def _position(letters: str) -> int:
    """The position of a column from its letters: A is 0, AA is 26."""
    position = 0
    for letter in letters:
        position = 26 * position + ord(letter) - ord("A") + 1
    return position - 1
