"""Fields, records and regular files agree with Python's CSV reader; separators are found by evidence."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tidynet.table import read, text_encoding
from tidynet.table.regular_file import RowShape, is_regular
from tidynet.table.separators import detect_syntax
from tidynet.table.split_fields import FieldSyntax, split_fields
from tidynet.table.text_records import RecordReader

files = st.text(st.sampled_from('ab1 ",;\n\r'), max_size=30)


def _plain(rows: list[list[str]]) -> list[list[str]]:
    return [[field or "" for field in row] for row in rows]


@settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(body=files, block=st.sampled_from([3, 8, 1 << 20]))
def test_polars_and_python_agree_on_a_regular_file(
    body: str, block: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_encoding, "_BLOCK", block)
    path = tmp_path / "t.csv"
    path.write_bytes(f"x,y\n{body}".encode())
    if is_regular(path, "'t.csv'", RowShape(",", 2)):
        python = list(csv.reader(io.StringIO(body, newline="")))
        polars = pl.read_csv(path, infer_schema=False, empty_string_is_null=False)
        assert [list(row) for row in polars.fill_null("").rows()] == _plain(python)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(rows=st.lists(st.tuples(*[st.text(st.sampled_from('a ";\n'), max_size=4)] * 2), min_size=1, max_size=8))
def test_a_quoted_file_is_regular(rows: list[tuple[str, str]], tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    with path.open("w", newline="") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows([("x", "y"), *rows])
    assert is_regular(path, "'t.csv'", RowShape(",", 2))


@settings(max_examples=300, deadline=None)
@given(
    rows=st.lists(st.tuples(*[st.text(st.sampled_from("a \",;\n\\'"), max_size=5)] * 3), min_size=1, max_size=6),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_records_are_those_that_were_written(rows: list[tuple[str, ...]], quoting: int, end: str) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, quoting=quoting, lineterminator=end).writerows(rows)
    text.seek(0)
    records = list(RecordReader(text, FieldSyntax()))
    # Without quotes around it, a cell of blanks before a quote is not one that csv writes.
    assert [tuple(record.cells) for record in records] == rows
    assert not any(record.has_stray_quote for record in records)


@pytest.mark.parametrize(
    ("text", "syntax", "cells"),
    [
        ('a, "b, c" ,d', FieldSyntax(), ["a", "b, c", "d"]),
        ('1,"say \\"hi\\" now"', FieldSyntax(",", '"', "\\"), ["1", 'say "hi" now']),
        ("1,a\\,b", FieldSyntax(",", '"', "\\"), ["1", "a,b"]),
        ("'it''s';'b'", FieldSyntax(";", "'"), ["it's", "b"]),
        ("a::b::", FieldSyntax("::"), ["a", "b", ""]),
        ("  1   2\t3 ", FieldSyntax("blanks"), ["1", "2", "3"]),
        ("New York    5", FieldSyntax("  "), ["New York", "5"]),
        ('1 "a b" 2', FieldSyntax("blanks"), ["1", "a b", "2"]),
        ('5" pipe,x', FieldSyntax(), ['5" pipe', "x"]),
        ('"x" y,2', FieldSyntax(), ['"x" y', "2"]),
    ],
)
def test_fields_as_people_write_them(text: str, syntax: FieldSyntax, cells: list[str]) -> None:
    assert split_fields(text, syntax).cells == cells


@pytest.mark.parametrize(
    ("text", "preferred", "separator"),
    [
        ("a,b\n1,2\n", ",", ","),
        ("a;b\n1,5;2,5\n", ",", ";"),
        ("a\tb\nx, y\t2\n", ",", "\t"),
        ("a b|c\n1|2\n", ",", "|"),
        ("a\n1,5\n", ",", ","),
        ("a,b\n1,2\n", "\t", ","),
        ("a,x\tb\n1\t2\n", "\t", "\t"),
        ('"a;b","c;d"\n1;2,3\n', ",", ","),
        ("\ufeffa,b\n1,2\n", ",", ","),
        ("Wert, in EUR;Ort, Land\n1,5;Bonn, DE\n2,5;Graz, AT\n", ",", ";"),
        ("id height\n1 180\n2 165\n", ",", "blanks"),
        ("city      n\nNew York  5\nRome      7\nSan Jose  9\n", ",", "  "),
        ("a:b:c\n1:2:x\n3:4:y\n", ",", ":"),
        ("a^b\n1^x\n2^y\n", ",", "^"),
        ("a~b\n1~x\n2~y\n", ",", "~"),
        ("a\x01b\n1\x01x\n2\x01y\n", ",", "\x01"),
        ("a||b||c\n1||x||3\n2||y||4\n", ",", "||"),
        ("a::b\n1::x\n2::y\n", ",", "::"),
        ("time\n12:30\n13:45\n14:10\n", ",", ","),
        ("name\nAnn Lee\nBo Hall\nCy Pope\n", ",", ","),
        ("when\n2024-01-05 10:30\n2024-01-06 11:30\n2024-01-07 12:30\n", ",", ","),
    ],
)
def test_the_separator_is_detected(text: str, preferred: str, separator: str) -> None:
    syntax, _ = detect_syntax(text.splitlines(keepends=True), preferred, None, None, None)
    assert syntax.separator == separator


def test_a_header_longer_than_the_first_block(tmp_path: Path) -> None:
    names = [f"a column with a long name, number {i}" for i in range(3_000)]
    (tmp_path / "t.csv").write_text(";".join(f'"{name}"' for name in names) + "\n" + ";".join("1" * 3_000) + "\n")
    assert (tmp_path / "t.csv").stat().st_size > text_encoding._HEAD
    assert read(tmp_path / "t.csv").columns == names
