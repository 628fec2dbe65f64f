"""Formulas whose values were never stored are noted, and those with values are not."""

from __future__ import annotations

import zipfile
from html import escape
from pathlib import Path

import pytest

from tidynet.table.read import read

SPREADSHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
MAIN = "application/vnd.openxmlformats-officedocument.spreadsheetml"
ENDINGS = "application/vnd.openxmlformats-package.relationships+xml"


def workbook(path: Path, cells: str, *, rows: int = 3, sheet: str = "Sheet1") -> Path:
    """A workbook whose third column holds these cells, written as XML; {row} is the row's number."""

    def text(place: str, value: str) -> str:
        return f'<c r="{place}" t="inlineStr"><is><t>{value}</t></is></c>'

    lines = [f'<row r="1">{text("A1", "a")}{text("B1", "b")}{text("C1", "c")}</row>']
    for row in range(2, rows + 2):
        numbers = f'<c r="A{row}"><v>{row}</v></c><c r="B{row}"><v>{2.5 * row}</v></c>'
        lines.append(f'<row r="{row}">{numbers}{cells.format(row=row)}</row>')
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" ContentType="{ENDINGS}"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{MAIN}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{MAIN}.worksheet+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{SPREADSHEET}" xmlns:r="{RELATIONS}"><sheets>'
        f'<sheet name="{escape(sheet)}" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{SPREADSHEET}"><sheetData>{"".join(lines)}</sheetData></worksheet>',
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, f'<?xml version="1.0" encoding="UTF-8"?>{content}')
    return path


def notes(path: Path) -> list[str]:
    return [note for note in read(path).notes if "formula" in note]


@pytest.mark.parametrize(
    "cells",
    [
        '<c r="C{row}"><f>A{row}+B{row}</f></c>',
        '<c r="C{row}"><f>A{row}+B{row}</f><v></v></c>',
        '<c r="C{row}"><f>A{row}+B{row}</f><v/></c>',
        '<c r="C{row}" s="1"><f t="shared" si="0"/></c>',
        '<c r="C{row}" t="str"><f ca="1">A{row}&amp;B{row}</f></c>',
    ],
)
def test_formulas_without_values_are_noted(tmp_path: Path, cells: str) -> None:
    expected = (
        "column 'c' has 3 formulas without a stored value: open the workbook in a spreadsheet program and save it"
    )
    assert notes(workbook(tmp_path / "book.xlsx", cells)) == [expected]


@pytest.mark.parametrize(("rows", "sheet"), [(1, "Sheet1"), (40, "A & B"), (2, "Ä")])
def test_any_sheet_and_number_of_rows(tmp_path: Path, rows: int, sheet: str) -> None:
    path = workbook(tmp_path / "book.xlsx", '<c r="C{row}"><f>A{row}</f></c>', rows=rows, sheet=sheet)
    assert notes(path)[0].startswith(f"column 'c' has {'1 formula' if rows == 1 else f'{rows} formulas'} without")


@pytest.mark.parametrize(
    "cells",
    [
        '<c r="C{row}"><f>A{row}</f><v>{row}</v></c>',
        '<c r="C{row}" t="str"><f>A{row}</f><v>text</v></c>',
        '<c r="C{row}"/>',
        "",
        '<c r="C{row}"><v>5</v></c>',
    ],
)
def test_other_columns_have_no_note(tmp_path: Path, cells: str) -> None:
    assert notes(workbook(tmp_path / "book.xlsx", cells)) == []
