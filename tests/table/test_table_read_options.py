"""Read options: encodings, decimal commas, comments, headers, databases, arrays, index labels."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pytest

from tidynet.core.errors import InputError, TidynetError
from tidynet.table.read import chunks, read
from tidynet.table.read_options import ReadOptions


def written(folder: Path, content: str | bytes, name: str = "t.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def cells(path: Path, **options: Any) -> dict[str, list[Any]]:
    return read(path, **options).frame.to_dict(as_series=False)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "latin-1", "utf-8-sig"])
def test_encodings_are_detected(tmp_path: Path, encoding: str) -> None:
    path = written(tmp_path, "city,n\nParis,1\nOrléans,2\n".encode(encoding))
    assert cells(path) == {"city": ["Paris", "Orléans"], "n": [1, 2]}


def test_a_note_names_the_detected_encoding(tmp_path: Path) -> None:
    table = read(written(tmp_path, "city\nOrléans\n".encode("cp1252")))
    assert table.notes == ("the encoding is cp1252, not UTF-8 (it gives 'Orléans')",)
    assert table.dialect.encoding == "cp1252"


def test_an_encoding_can_be_set(tmp_path: Path) -> None:
    path = written(tmp_path, "город,n\nМосква,1\n".encode("cp1251"))
    assert cells(path, encoding="cp1251") == {"город": ["Москва"], "n": [1]}
    with pytest.raises(InputError, match="expected UTF-8 text"):
        read(path, encoding="utf-8")


@pytest.mark.parametrize(
    ("content", "options", "expected"),
    [
        ("a;b\n3,5;x\n4,25;y\n", {}, [3.5, 4.25]),
        ("a\tb\n3,5\tx\n4,25\ty\n", {}, [3.5, 4.25]),
        ("a;b\n1.234,5;x\n2,5;y\n", {}, [1234.5, 2.5]),
        ('a,b\n"1,234",x\n"12,345,678.5",y\n', {}, [1234.0, 12345678.5]),
        ('a,b\n"3,5",x\n"4,25",y\n', {"decimal": ","}, [3.5, 4.25]),
        ("a;b\n1.234;x\n2.345;y\n", {"thousands": "."}, [1234.0, 2345.0]),
        ("a;b\n1.234;x\n2.345;y\n", {}, [1.234, 2.345]),
        ("a;b\n1 234;x\n22 345;y\n", {"thousands": " "}, [1234.0, 22345.0]),
        ("a;b\n1'234.5;x\n22'345.0;y\n", {"thousands": "'"}, [1234.5, 22345.0]),
        ('a,b\n"0,125",x\n"12,34",y\n', {}, [0.125, 12.34]),
        ("a,b\n007,x\n008,y\n", {}, ["007", "008"]),
        ("a,b\n-999,x\n5,y\n", {"na_values": ["-999"]}, [None, 5]),
        ("a,b\nunknown,x\n5,y\n", {"na_values": "unknown"}, [None, 5]),
        ("a~b\n3~x\n4~y\n", {"separator": "~"}, [3, 4]),
        ("a b\n3 x\n4 y\n", {"separator": "blank"}, [3, 4]),
    ],
)
def test_numbers_as_people_write_them(
    tmp_path: Path, content: str, options: dict[str, Any], expected: list[Any]
) -> None:
    assert cells(written(tmp_path, content), **options)["a"] == expected


@pytest.mark.parametrize(
    ("content", "options", "expected"),
    [
        ("# made by hand\n# in 2024\na,b\n1,2\n# a remark\n3,4\n", {}, {"a": [1, 3], "b": [2, 4]}),
        ("# a,b\n1,2\n3,4\n", {}, {"a": [1, 3], "b": [2, 4]}),
        ("% made by hand\na,b\n1,2\n", {"comment": "%"}, {"a": [1], "b": [2]}),
        ("#no,name\n1,x\n2,y\n", {"comment": ""}, {"#no": [1, 2], "name": ["x", "y"]}),
        ("a,b\n#1,2\n#3,4\n", {}, {"a": ["#1", "#3"], "b": [2, 4]}),
    ],
)
def test_comments(tmp_path: Path, content: str, options: dict[str, Any], expected: dict[str, list[Any]]) -> None:
    assert cells(written(tmp_path, content), **options) == expected


@pytest.mark.parametrize(
    ("content", "options", "expected"),
    [
        (
            ",2019,,2020,\ncountry,cases,deaths,cases,deaths\nPeru,7,1,9,2\n",
            {},
            {"country": ["Peru"], "2019_cases": [7], "2019_deaths": [1], "2020_cases": [9], "2020_deaths": [2]},
        ),
        ("a,a\nx,y\n1,2\n", {}, {"a_x": [1], "a_y": [2]}),
        ("h,w\n(m),(kg)\n1.8,70\n", {"header_rows": 2}, {"h_(m)": [1.8], "w_(kg)": [70]}),
        ("1,x\n2,y\n", {"header_rows": 0}, {"column_1": [1, 2], "column_2": ["x", "y"]}),
        ("5,x\n2,y\n7,x\n", {}, {"column_1": [5, 2, 7], "column_2": ["x", "y", "x"]}),
        ("5,1.5\n2,1\n7,3\n", {"header_rows": 1}, {"5": [2, 7], "1.5": [1, 3]}),
        ("0,1\n2,5\n7,3\n", {}, {"0": [2, 7], "1": [5, 3]}),
        ("2019,2021\n2,5\n7,3\n", {}, {"2019": [2, 7], "2021": [5, 3]}),
        ("950.5,951,951.5\n2,5,1\n7,3,1\n", {}, {"950.5": [2, 7], "951": [5, 3], "951.5": [1, 1]}),
        ("name,1\nx,5\ny,3\n", {}, {"name": ["x", "y"], "1": [5, 3]}),
        (",a,b\n1,x,y\n2,z,w\n", {}, {"column_1": [1, 2], "a": ["x", "z"], "b": ["y", "w"]}),
        ("a,b\nx,y\nz,w\n", {}, {"a": ["x", "z"], "b": ["y", "w"]}),
    ],
)
def test_headers(tmp_path: Path, content: str, options: dict[str, Any], expected: dict[str, list[Any]]) -> None:
    assert cells(written(tmp_path, content), **options) == expected


@pytest.mark.parametrize(
    "text",
    ["2024-02-29", "2024/02/29", "2024.02.29", "29.02.2024", "29.02.24", "02/29/2024", "29/02/2024", "29-Feb-2024",
     "29 February 2024", "Feb 29, 2024", "February 29, 2024"],
)  # fmt: skip
def test_dates_as_people_write_them(tmp_path: Path, text: str) -> None:
    found = cells(written(tmp_path, f"day|n\n{text}|1\n{text}|2\n"))["day"][0]
    assert (found if type(found) is date else found.date()) == date(2024, 2, 29)


def test_a_table_has_its_dialect(tmp_path: Path) -> None:
    table = read(written(tmp_path, "# by hand\na;b\n3,5;x\n"))
    assert table.dialect.separator == ";"
    assert table.dialect.comment == "#"
    assert table.dialect.header_rows == 1


def test_chunks_read_as_read_does(tmp_path: Path) -> None:
    path = written(tmp_path, "a~b\n-9~x\n4~y\n")
    parts = list(chunks(path, rows=1, read_options=ReadOptions(separator="~", na_values=["-9"])))
    assert [part["a"].to_list() for part in parts] == [[None], [4]]


def test_a_folder_of_parquet_files(tmp_path: Path) -> None:
    for year in (2019, 2020):
        (tmp_path / "sales" / f"year={year}").mkdir(parents=True)
        pl.DataFrame({"n": [year - 2000, 1]}).write_parquet(tmp_path / "sales" / f"year={year}" / "part.parquet")
    table = read(tmp_path / "sales")
    assert table.frame.sort("year", "n").rows() == [(1, 2019), (19, 2019), (1, 2020), (20, 2020)]
    assert table.name == "sales"


def shop(folder: Path) -> Path:
    path = folder / "shop.db"
    with sqlite3.connect(path) as database:
        database.execute("create table sales (day text, price real, n integer)")
        database.executemany("insert into sales values (?, ?, ?)", [("mon", 1.5, 3), ("tue", None, 4)])
    database.close()
    return path


def test_sqlite_through_a_connection_string(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = shop(tmp_path)
    monkeypatch.chdir(tmp_path)
    asked = read("sqlite:///shop.db", query="select day, n * 2 as twice from sales")
    assert asked.frame.rows() == [("mon", 6), ("tue", 8)]
    assert asked.name == "shop"
    assert read(f"sqlite:///{path}").frame.rows() == read(path).frame.rows() == [("mon", 1.5, 3), ("tue", None, 4)]
    assert [part.height for part in chunks(path, rows=1)] == [1, 1]


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("select * from sale", "the query to 'shop.db' failed: no such table: sale; its tables are 'sales'"),
        (
            "drop table sales",
            "the query 'drop table sales' does not begin with select; tidynet reads a table and never writes one",
        ),
        ("with x as (select 1) delete from sales", "failed: attempt to write a readonly database"),
        ("select n, n from sales", "the query returns two columns named 'n'; rename one"),
        ("select n from sales where n > 9", "the query returns 0 rows, expected at least 1"),
    ],
)
def test_messages_of_failed_queries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, query: str, sentence: str) -> None:
    shop(tmp_path)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError) as caught:
        read("sqlite:///shop.db", query=query)
    assert sentence in str(caught.value)


def test_any_database_through_sqlalchemy(tmp_path: Path) -> None:
    pytest.importorskip("sqlalchemy", reason="SQLAlchemy opens other databases")
    path = shop(tmp_path)
    connection = f"sqlite+pysqlite:///{path}"
    assert read(connection, query="select n from sales order by n").frame.rows() == [(3,), (4,)]
    with pytest.raises(InputError, match="failed: no such table: z"):
        read(connection, query="select * from z")
    with pytest.raises(InputError, match="is a database without a query"):
        read(connection)


def test_no_password_in_a_sentence() -> None:
    pytest.importorskip("sqlalchemy", reason="SQLAlchemy opens other databases")
    with pytest.raises(TidynetError) as caught:
        read("postgresql+nodriver://me:secret@host/shop", query="select 1")
    assert "secret" not in str(caught.value)


def test_databases_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no file"):
        read(f"sqlite:///{tmp_path}/none.db")
    path = written(tmp_path, "no database at all, but text that is long enough" * 9, "t.db")
    with pytest.raises(InputError, match="cannot be read as a SQLite database"):
        read(path)


def test_arrays(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.array([[1.0, np.nan], [3.0, 4.0]]))
    assert cells(tmp_path / "a.npy") == {"x0": [1.0, 3.0], "x1": [None, 4.0]}
    assert cells(tmp_path / "a.npy", columns=["u", "v"]) == {"u": [1.0, 3.0], "v": [None, 4.0]}
    np.savez(tmp_path / "named.npz", a=np.arange(2), b=np.arange(2.0))
    assert read(tmp_path / "named.npz", columns=["u", "v"]).columns == ["u", "v"]


@pytest.mark.parametrize(
    ("names", "options"),
    [
        (["u"], "columns has 1 name, expected 2 for the columns of '.*a.npy'; give one name for each column"),
        (["u", "u"], r"the option columns has two columns named 'u' \(columns 1 and 2\); give every column its own"),
    ],
)
def test_names_that_do_not_fit_an_array(tmp_path: Path, names: list[str], options: str) -> None:
    np.save(tmp_path / "a.npy", np.ones((2, 2)))
    with pytest.raises(InputError, match=options):
        read(tmp_path / "a.npy", columns=names)


def test_names_are_for_arrays_alone(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x\n1\n")
    with pytest.raises(
        InputError,
        match=r"the option columns is set, but '.*a\.csv' has column names; only an array .*; remove columns",
    ):
        read(tmp_path / "a.csv", columns=["u"])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_dtype_is_set_and_shown(tmp_path: Path, dtype: str) -> None:
    np.save(tmp_path / "a.npy", np.ones((50, 2)))
    table = read(tmp_path / "a.npy", dtype=dtype)
    assert [str(kind).lower() for kind in table.frame.dtypes] == [dtype] * 2
    assert (table.dialect.evidence["dtype"], table.dialect.evidence["memory"]) == (
        dtype,
        f"{50 * 2 * int(dtype[-2:]) // 8} bytes",
    )
    (tmp_path / "a.csv").write_text("x,n\n1.5,2\n2.5,3\n")
    (part,) = chunks(tmp_path / "a.csv", read_options=ReadOptions(dtype=dtype))
    assert [str(kind).lower() for kind in part.dtypes] == [dtype, "int64"]
    assert str(read({"x": [1.5]}, dtype=dtype)["x"].dtype).lower() == dtype
    with pytest.raises(InputError, match="dtype is 'float3', expected one of 'float32', 'float64'; did you mean"):
        read(tmp_path / "a.csv", dtype="float3")
    np.savez(tmp_path / "b.npz", n=np.array([1, 2]), s=np.array(["x", "y"]))
    assert cells(tmp_path / "b.npz") == {"n": [1, 2], "s": ["x", "y"]}
    np.savez(tmp_path / "c.npz", X=np.eye(2), y=np.array([1, 2, 3]))
    assert cells(tmp_path / "c.npz", sheet="y") == {"x0": [1, 2, 3]}
    np.save(tmp_path / "r.npy", np.array([(1, 2.5)], dtype=[("id", int), ("w", float)]))
    assert cells(tmp_path / "r.npy") == {"id": [1], "w": [2.5]}


def test_arrays_have_their_dtype_and_memory(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.ones((50, 3), dtype=np.float32))
    assert read(tmp_path / "a.npy").dialect.describe() == "NumPy array: dtype float32, memory 600 bytes"
    np.savez(tmp_path / "b.npz", n=np.ones(200), m=np.ones(200, dtype=np.int32))
    found = read(tmp_path / "b.npz").dialect.evidence
    assert (found["dtype"], found["memory"]) == ("float64, int32", "2,400 bytes")


@pytest.mark.parametrize(
    ("save", "sentence"),
    [
        (
            lambda p: np.save(p, np.array([{}], dtype=object), allow_pickle=True),
            "Python objects are not read, because they can run code",
        ),
        (lambda p: np.save(p, np.zeros((2, 2, 2))), "has 3 dimensions, expected 2"),
        (lambda p: p.write_bytes(b"\x93NUMPY\x01"), "cannot be read as NumPy"),
    ],
)
def test_arrays_that_are_no_tables(tmp_path: Path, save: Callable[[Path], None], sentence: str) -> None:
    save(tmp_path / "a.npy")
    with pytest.raises(InputError, match=sentence):
        read(tmp_path / "a.npy")


def test_the_labels_of_a_pandas_frame_are_kept() -> None:
    frame = pd.DataFrame({"mpg": [21.0, 22.8]}, index=["Mazda", "Datsun"])
    table = read(frame)
    assert table.columns == ["label", "mpg"]
    assert table.notes == ("the index labels are 1 new column: 'label'",)
    assert read(frame.rename_axis("model")).columns == ["model", "mpg"]
    pairs = pd.MultiIndex.from_tuples([("a", 1), ("b", 2)], names=["who", "when"])
    assert read(frame.set_index(pairs)).columns == ["who", "when", "mpg"]


def test_unnamed_row_numbers_are_no_labels() -> None:
    frame = pd.DataFrame({"x": [1, 2, 3]}).sample(frac=1, random_state=0)
    assert read(frame).columns == ["x"]


@pytest.mark.filterwarnings("ignore:Dask support")
def test_frames_of_other_engines() -> None:
    frame = pl.DataFrame({"a": [1, 2], "b": ["x", "y"]})
    assert read(duckdb.connect().from_arrow(frame.to_arrow())).frame.equals(frame)
    dask = pytest.importorskip("dask.dataframe")
    assert read(dask.from_pandas(pd.DataFrame({"a": [1, 2]}), npartitions=1)).frame["a"].to_list() == [1, 2]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"separator": "ab"}, "separator is 'ab', expected marks such as ';'"),
        ({"decimal": ";"}, "decimal is ';', expected one of '.', ','"),
        ({"decimal": ",", "thousands": ","}, "decimal and thousands are both ',', expected two characters; change one"),
        ({"encoding": "utf8x"}, "encoding is 'utf8x', expected a name such as 'utf-8'"),
        ({"header_rows": -1}, "header_rows is -1, expected a number from 0 to 9"),
    ],
)
def test_invalid_options(options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InputError) as caught:
        read("penguins", **options)
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["seperator=;"], "--read-option is 'seperator=;', expected NAME=VALUE; did you mean 'separator'?"),
        (["decimal"], "--read-option is 'decimal', expected NAME=VALUE"),
        (["header_rows=two"], "header_rows is 'two', expected a whole number"),
    ],
)
def test_invalid_texts(words: list[str], sentence: str) -> None:
    with pytest.raises(InputError) as caught:
        ReadOptions.from_strings(words)
    assert sentence in str(caught.value)


COUNTRIES = "origin,state,n\nNG,NY,1\nNE,CA,NA\nNA,NA,3\nDE,TX,4\n,OH,5\nFR,WA,6\nNA,FL,7\n"


def test_na_among_codes_is_missing_with_a_note_or_a_code(tmp_path: Path) -> None:
    path = written(tmp_path, COUNTRIES)
    table = read(path)
    assert table["origin"].null_count() == 3
    (note,) = table.notes
    assert note == (
        "2 cells 'NA' among the two-letter codes of 'origin' counted as missing "
        "(--read-option code_columns=origin if NA is a code there, such as Namibia's)"
    )
    kept = read(path, code_columns=["origin"])
    assert kept["origin"].to_list() == ["NG", "NE", "NA", "DE", None, "FR", "NA"]
    assert kept["state"].null_count() == kept["n"].null_count() == 1
    assert kept.notes == read(path, na_values=["NA"]).notes == ()
    assert read(path, code_columns="n")["n"].to_list()[:3] == ["1", "NA", "3"]


@pytest.mark.parametrize("others", ["NY,CA,TX,OH,WA", "AA,AG,GG", "Nigeria,NE,DE,FR,IT", "ne,de,fr,it,es"])
def test_na_among_other_values_is_missing(tmp_path: Path, others: str) -> None:
    assert not read(written(tmp_path, "a\n" + "\n".join([*others.split(","), "NA"]) + "\n")).notes


def test_a_code_column_must_exist(tmp_path: Path) -> None:
    path = written(tmp_path, COUNTRIES)
    with pytest.raises(InputError, match="code_columns is 'orgin', but there is no such column; did you mean 'origin'"):
        read(path, code_columns=["orgin"])
