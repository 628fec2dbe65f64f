"""Detection and repair of a CSV dialect agree with Python's CSV reader."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tidynet.core.errors import FileReadError
from tidynet.table import csv_dialect, text_encoding
from tidynet.table.csv_dialect import CsvDialect, detect_dialect, is_regular, repair_rows

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
    if is_regular(path, "'t.csv'", CsvDialect(",", ("x", "y"))):
        python = list(csv.reader(io.StringIO(body, newline="")))
        polars = pl.read_csv(path, infer_schema=False, empty_string_is_null=False)
        assert [list(row) for row in polars.fill_null("").rows()] == _plain(python)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(rows=st.lists(st.tuples(*[st.text(st.sampled_from('a ",;\n'), max_size=4)] * 2), min_size=1, max_size=8))
def test_a_quoted_file_is_regular(rows: list[tuple[str, str]], tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    with path.open("w", newline="") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows([("x", "y"), *rows])
    assert is_regular(path, "'t.csv'", CsvDialect(",", ("x", "y")))


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(body=files)
def test_repair_drops_only_bad_lines(body: str, tmp_path: Path) -> None:
    path, clean = tmp_path / "t.csv", tmp_path / "clean.csv"
    path.write_bytes(f"x,y\n{body}".encode())
    dialect = CsvDialect(",", ("x", "y"))
    try:
        repair_rows(path, "'t.csv'", dialect, "skip", clean)
        expected = [row for row in csv.reader(io.StringIO(body, newline=""), strict=True) if len(row) == 2]
    except FileReadError as error:
        assert str(error).split(" of 't.csv' ")[1].startswith(("opens a quote", "has text after"))  # noqa: PT017
        return
    with clean.open(newline="") as file:
        assert list(csv.reader(file)) == [["x", "y"], *expected]


@pytest.mark.parametrize(
    ("text", "preferred", "separator", "names"),
    [
        ("a,b\n1,2\n", ",", ",", ("a", "b")),
        ("a;b\n1,5;2,5\n", ",", ";", ("a", "b")),
        ("a\tb\nx, y\t2\n", ",", "\t", ("a", "b")),
        ("a b|c\n1|2\n", ",", "|", ("a b", "c")),
        ("a\n1,5\n", ",", ",", ("a",)),
        ("a,b\n1,2\n", "\t", ",", ("a", "b")),
        ("a,x\tb\n1\t2\n", "\t", "\t", ("a,x", "b")),
        ('"a;b","c;d"\n1;2,3\n', ",", ",", ("a;b", "c;d")),
        (" a , b \n1,2\n", ",", ",", ("a", "b")),
        ("\ufeffa,b\n1,2\n", ",", ",", ("a", "b")),
    ],
)
def test_the_separator_is_detected(
    text: str, preferred: str, separator: str, names: tuple[str, ...], tmp_path: Path
) -> None:
    (tmp_path / "t.csv").write_text(text, encoding="utf-8")
    assert detect_dialect(tmp_path / "t.csv", "'t.csv'", preferred) == CsvDialect(separator, names)


def test_a_header_longer_than_the_first_block(tmp_path: Path) -> None:
    names = tuple(f"a column with a long name, number {i}" for i in range(3_000))
    (tmp_path / "t.csv").write_text(";".join(f'"{name}"' for name in names) + "\n" + ";".join("1" * 3_000) + "\n")
    assert (tmp_path / "t.csv").stat().st_size > csv_dialect._HEAD
    assert detect_dialect(tmp_path / "t.csv", "'t.csv'") == CsvDialect(";", names)
