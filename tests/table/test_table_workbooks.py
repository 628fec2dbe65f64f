"""Sheets of workbooks with titles, headers of several rows, footers, and other things around the table."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest

from tidynet.core.errors import TidynetError
from tidynet.table import Table, read

openpyxl = pytest.importorskip("openpyxl", reason="openpyxl writes the workbooks")


def sheet_of(folder: Path, rows: list[list[Any]], merged: str = "", **options: Any) -> Table:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for cells in merged.split():
        book.active.merge_cells(cells)
    book.save(folder / "t.xlsx")
    return read(folder / "t.xlsx", **options)


@pytest.mark.parametrize(
    ("rows", "merged", "columns", "expected", "note"),
    [
        ([["Report"], [], ["a", "b"], [1, "x"]], "", ["a", "b"], [(1, "x")],
         "the reader skipped 1 row above the header: row 1 'Report'"),
        ([["Report", None], ["a", "b"], [1, "x"], [2, "y"]], "A1:B1", ["a", "b"], [(1, "x"), (2, "y")],
         "the reader skipped 1 row above the header: row 1 'Report'"),
        ([["k", "2023", None], [None, "Q1", "Q2"], ["N", 1, 2], ["S", 5, 6]], "B1:C1 A1:A2",
         ["k", "2023_Q1", "2023_Q2"], [("N", 1, 2), ("S", 5, 6)],
         "the header has 2 rows; each column name joins their cells"),
        ([["t", "temp"], ["s", "°C"], [1, 2.5], [2, 3.5]], "", ["t_s", "temp_°C"], [(1, 2.5), (2, 3.5)],
         "the header has 2 rows; each column name joins their cells"),
        ([["a", "b"], [1, 2], [3, 4], [], ["Source: us"]], "", ["a", "b"], [(1, 2), (3, 4)],
         "the reader skipped 1 row below the table: row 5 'Source: us'"),
        ([["k", "n"], ["x", 1], ["y", 2], ["z", 3], ["Total", 6]], "", ["k", "n"], [("x", 1), ("y", 2), ("z", 3)],
         "the reader skipped the last row 'Total, 6', the totals or means of the others (--footer-lines 0 keeps it)"),
        ([["a", "a"], [1, 2]], "", ["a", "a_2"], [(1, 2)], "1 column with a name that comes twice: now 'a_2'"),
        ([[None, "a", "b"], [None, 1, 2]], "", ["a", "b"], [(1, 2)],
         "the reader skipped 1 column without a name and without values"),
        ([["a", "b"], [1, 2], [], [3, 4]], "", ["a", "b"], [(1, 2), (3, 4)], "the reader skipped 1 blank row"),
        ([[1, "x"], [2, "y"], [3, "x"]], "", ["column_1", "column_2"], [(1, "x"), (2, "y"), (3, "x")],
         "the sheet has no header row; columns are numbered (--header-rows 1 if row 1 is one)"),
    ],
)  # fmt: skip
def test_rows_around_the_table(
    rows: list[list[Any]], merged: str, columns: list[str], expected: list[Any], note: str, tmp_path: Path
) -> None:
    table = sheet_of(tmp_path, rows, merged)
    assert (table.columns, table.frame.rows()) == (columns, expected)
    if len(columns) == len(rows[-1]) or "without a name" not in note:
        assert note in table.notes


def test_a_second_table_is_refused_and_chosen_by_options(tmp_path: Path) -> None:
    rows: list[list[Any]] = [["a", "b"], [1, 2], [3, 4], [], ["x", "y"], [5, 6], [7, 8]]
    with pytest.raises(TidynetError, match=r"a second table from line 5 on \('x', 'y'\)"):
        sheet_of(tmp_path, rows)
    assert sheet_of(tmp_path, rows, skip_lines=4).frame.rows() == [(5, 6), (7, 8)]
    assert sheet_of(tmp_path, rows, footer_lines=4).frame.rows() == [(1, 2), (3, 4)]


def test_cells_of_several_sorts_are_text(tmp_path: Path) -> None:
    rows = [["a", "t"], [1, datetime.timedelta(hours=30)], [2, "none"], [3, 5.5]]
    assert sheet_of(tmp_path, rows)["t"].to_list() == ["30:00:00", "none", "5.5"]


def test_numbers_that_mean_missing(tmp_path: Path) -> None:
    rows = [["a", "b"], [1, -999], [-999, 2.5]]
    assert sheet_of(tmp_path, rows, na_values=["-999"]).frame.rows() == [(1, None), (None, 2.5)]
