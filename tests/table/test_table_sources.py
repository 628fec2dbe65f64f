"""Open files, patterns of files, open connections, records and generators as sources of a table."""

from __future__ import annotations

import dataclasses
import gzip
import io
import sqlite3
import tempfile
import zipfile
from collections import namedtuple
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import polars as pl
import pytest

import tidynet as tn

TEXT = "a,b\n1,x\n2,y\n"
ROWS = {"a": [1, 2], "b": ["x", "y"]}
FRAME = pl.DataFrame(ROWS)


def rows(source: Any, **options: Any) -> dict[str, list[Any]]:
    return tn.read(source, **options).frame.to_dict(as_series=False)


def refusal(source: Any, **options: Any) -> str:
    with pytest.raises(tn.InputError) as error:
        tn.read(source, **options)
    return str(error.value)


# Open files -----------------------------------------------------------------------------------


def written(write: Callable[[io.BytesIO], Any]) -> io.BytesIO:
    buffer = io.BytesIO()
    write(buffer)
    buffer.seek(0)
    return buffer


def after_a_line() -> io.StringIO:
    file = io.StringIO("a title\n" + TEXT)
    file.readline()
    return file


OPEN_FILES = {
    "StringIO": lambda: io.StringIO(TEXT),
    "StringIO with returns": lambda: io.StringIO(TEXT.replace("\n", "\r\n"), newline=""),
    "BytesIO": lambda: io.BytesIO(TEXT.encode()),
    "from its position": after_a_line,
    "compressed": lambda: io.BytesIO(gzip.compress(TEXT.encode())),
    "Parquet": lambda: written(FRAME.write_parquet),
    "Arrow": lambda: written(FRAME.write_ipc),
    "JSON": lambda: written(FRAME.write_json),
    "JSON lines": lambda: written(FRAME.write_ndjson),
    "semicolons": lambda: io.StringIO(TEXT.replace(",", ";")),
}


@pytest.mark.parametrize("make", OPEN_FILES.values(), ids=OPEN_FILES)
def test_open_files_in_memory(make: Callable[[], Any]) -> None:
    assert rows(make()) == ROWS
    assert tn.explore(make()).profile.rows == 2


def test_open_files_on_disk(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(TEXT)
    for mode in ("r", "rb"):
        with path.open(mode) as file:
            table = tn.read(file)
            assert not file.closed
        assert (table.name, table.source) == ("t", str(path))
        assert table.frame.to_dict(as_series=False) == ROWS
    with tempfile.NamedTemporaryFile() as temporary:
        temporary.write(TEXT.encode())
        temporary.seek(0)
        assert rows(temporary) == ROWS
    with zipfile.ZipFile(tmp_path / "t.zip", "w") as archive:
        archive.writestr("in/q.csv", TEXT)
    with zipfile.ZipFile(tmp_path / "t.zip") as archive, archive.open("in/q.csv") as member:
        assert tn.read(member).name == "q"
    assert rows(path.as_uri()) == ROWS


def test_options_apply_to_open_files() -> None:
    latin = "a,b\n1,ü\n".encode("latin-1")
    assert rows(io.BytesIO(latin), encoding="latin-1") == {"a": [1], "b": ["ü"]}
    assert rows(io.BytesIO(b"a|b\n1|-9\n"), separator="|", na_values=["-9"]) == {"a": [1], "b": [None]}
    assert rows(io.BytesIO(b'{"a": 1}\n'), format="json") == {"a": [1]}


def closed() -> io.StringIO:
    file = io.StringIO(TEXT)
    file.close()
    return file


def at_its_end() -> io.StringIO:
    file = io.StringIO(TEXT)
    file.read()
    return file


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (closed, "the open file is closed, expected an open file; open it with 'rb'"),
        (
            at_its_end,
            "the open file has nothing to read from its position on, expected a table; go to its start with seek(0)",
        ),
        (
            lambda: io.TextIOWrapper(io.BytesIO(b"a\n\xfc\n"), encoding="utf-8"),
            "the open file is not utf-8 text; open it in binary mode, with 'rb'",
        ),
        (
            lambda: io.BufferedWriter(io.BytesIO()),  # type: ignore[type-var]
            "the open file is not open for reading; open it with 'rb'",
        ),
    ],
)
def test_files_that_cannot_be_read(make: Callable[[], Any], message: str) -> None:
    assert refusal(make()) == message


def test_an_encoding_for_decoded_text() -> None:
    assert refusal(io.StringIO(TEXT), encoding="latin-1") == (
        "the option encoding is set, but the open file is open as text, which is decoded; open it with 'rb'"
    )


# Several files --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("texts", "columns"),
    [
        (["a,b\n1,x\n", "a,b\n2,y\n"], ROWS),
        (["a,b\n1,x\n", "b,a\ny,2\n"], ROWS),
        (["a\n007\n", "a\n12\n"], {"a": ["007", "12"]}),
        (["a\n1\n", "a\n1.5\n"], {"a": [1.0, 1.5]}),
        (["a,b\n1,1\n", "a,b\nNA,2\n"], {"a": [1, None], "b": [1, 2]}),
        (["a\n1.50\n", "a\nword\n"], {"a": ["1.50", "word"]}),
        (["a\nyes\n", "a\nno\n"], {"a": ["yes", "no"]}),
        (["d\n03/04/2024\n", "d\n25/04/2024\n"], {"d": ["2024-04-03", "2024-04-25"]}),
        (["a;b\n1,5;x\n", "a;b\n2;y\n"], {"a": [1.5, 2.0], "b": ["x", "y"]}),
    ],
)
def test_files_of_one_table(tmp_path: Path, texts: list[str], columns: dict[str, list[Any]]) -> None:
    for number, text in enumerate(texts):
        (tmp_path / f"part-{number}.csv").write_text(text)
    table = tn.read(tmp_path / "part-*.csv")
    assert {name: [str(v) if name == "d" else v for v in table[name]] for name in table} == columns
    assert (table.name, table.notes[0]) == ("part", "the table joins 2 files: 'part-0.csv', 'part-1.csv'")
    assert tn.explore(str(tmp_path / "part-?.csv")).profile.rows == 2


def test_files_with_types(tmp_path: Path) -> None:
    for number, frame in enumerate((pl.DataFrame({"a": [1], "b": [2]}), pl.DataFrame({"b": [2.5], "a": [None]}))):
        frame.write_parquet(tmp_path / f"q{number}.parquet")
    assert rows(tmp_path / "q*.parquet") == {"a": [1, None], "b": [2.0, 2.5]}
    pl.DataFrame({"a": ["x"], "b": [1.0]}).write_parquet(tmp_path / "q2.parquet")
    assert refusal(tmp_path / "q*.parquet") == (
        "the column 'a' is Int64 in 'q0.parquet' and String in 'q2.parquet', expected one type; "
        "convert it in one of the files"
    )


def test_files_of_several_tables(tmp_path: Path) -> None:
    (tmp_path / "part-1.csv").write_text(TEXT)
    (tmp_path / "part-2.csv").write_text("a,c\n1,x\n")
    assert refusal(tmp_path / "part-*.csv") == (
        "'part-2.csv' has no 'b' and also 'c', expected the columns of 'part-1.csv'; "
        "name a pattern of files with the same columns"
    )
    pattern = tmp_path / "other-*.csv"
    assert refusal(pattern) == f"no file matches '{pattern}'; check the folder and the pattern"


def test_a_name_with_brackets_is_no_pattern(tmp_path: Path) -> None:
    (tmp_path / "t[1].csv").write_text(TEXT)
    table = tn.read(tmp_path / "t[1].csv")
    assert (table.name, table.notes) == ("t[1]", ())


# Databases ------------------------------------------------------------------------------------


@pytest.fixture
def database() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:")
    connection.execute("create table t (a, b)")
    connection.executemany("insert into t values (?, ?)", [(1, "x"), (2, "y")])
    yield connection
    connection.close()


def test_an_open_connection(database: sqlite3.Connection) -> None:
    assert rows(database) == rows(database, query="select * from t") == ROWS
    database.row_factory = lambda _, row: {"whatever": row}
    table = tn.read(database, query="select a from t where a > 1")
    assert (table["a"].to_list(), table.source, table.name) == ([2], "a query to SQLite", "query")
    assert database.execute("select 1").fetchone()  # it stays open
    assert tn.explore(database, query="select * from t").profile.rows == 2


def test_queries_that_give_no_table(database: sqlite3.Connection) -> None:
    assert refusal(database, query="drop table t") == (
        "the query 'drop table t' does not begin with select; tidynet reads a table and never writes one"
    )
    assert refusal(database, query="select z from t") == (
        "the query to the SQLite connection failed: no such column: z; correct the query"
    )
    assert refusal(database, query="select * from t where a > 9") == (
        "the query returns 0 rows, expected at least 1; check its conditions"
    )
    assert refusal(database, separator=";") == (
        "the option separator is set, but the source is a database; remove separator"
    )
    database.execute("create table u (a)")
    assert refusal(database) == (
        "the SQLite connection contains 2 tables, expected 1; set query to choose one: 't', 'u'"
    )


def test_duckdb() -> None:
    duckdb = pytest.importorskip("duckdb", reason="duckdb is not installed")
    connection = duckdb.connect()
    connection.execute("create temp table t as select 1 as a, 1.25::decimal(5, 2) as p, 5::hugeint as h")
    assert rows(connection, query="select * from t") == {"a": [1], "p": [1.25], "h": [5]}
    assert rows(connection.sql("select * from t")) == {"a": [1], "p": [1.25], "h": [5]}
    assert refusal(connection) == (
        'the DuckDB connection is a database without a query; set query, such as "select * from sales"'
    )
    assert refusal(connection, query="select z from t").startswith("the query to the DuckDB connection failed: ")


def test_sqlalchemy(tmp_path: Path) -> None:
    sqlalchemy = pytest.importorskip("sqlalchemy", reason="SQLAlchemy is not installed")
    engine = sqlalchemy.create_engine(f"sqlite:///{tmp_path / 't.db'}")
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("create table t as select 1 as a"))
    assert rows(engine, query="select * from t") == {"a": [1]}
    with engine.connect() as connection:
        assert rows(connection, query="select * from t") == {"a": [1]}
    assert refusal(engine, query="select z from t") == (
        "the query to the SQLAlchemy connection failed: no such column: z; correct the query"
    )
    engine.dispose()


@pytest.mark.parametrize(
    "url", ["https://x.org/t.csv", "HTTP://x.org", "s3://bucket/t.parquet", "gs://b/t", "hdfs://t"]
)
def test_addresses_of_the_web(url: str) -> None:
    scheme = url.partition(":")[0].lower()
    assert refusal(url) == (
        f"'{url}' is an address ({scheme}), expected a file; "
        "download it, or give an open file, such as one of urllib.request.urlopen or fsspec"
    )


# Records --------------------------------------------------------------------------------------

Pair = namedtuple("Pair", "a b")


class TypedPair(NamedTuple):
    a: int
    b: str


@dataclasses.dataclass
class Record:
    a: int
    b: str


def sqlite_rows() -> list[sqlite3.Row]:
    connection = sqlite3.connect(":memory:")
    connection.row_factory = sqlite3.Row
    found = connection.execute("select 1 as a, 'x' as b union select 2, 'y'").fetchall()
    connection.close()
    return found


@pytest.mark.parametrize(
    "make",
    [
        lambda: [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}],
        lambda: ({"a": 1, "b": "x"}, {"b": "y", "a": 2}),
        lambda: [Pair(1, "x"), Pair(2, "y")],
        lambda: [TypedPair(1, "x"), TypedPair(2, "y")],
        lambda: [Record(1, "x"), Record(2, "y")],
        sqlite_rows,
        lambda: ({"a": a, "b": b} for a, b in ((1, "x"), (2, "y"))),
        lambda: map(Record, (1, 2), ("x", "y")),
        lambda: np.array([(1, "x"), (2, "y")], dtype=[("a", int), ("b", "U1")]),
        lambda: np.rec.array([(1, "x"), (2, "y")], names="a,b"),
    ],
)
def test_records(make: Callable[[], Any]) -> None:
    assert rows(make()) == ROWS


def test_records_that_lack_names() -> None:
    table = tn.read([{"a": 1}, {"a": 2, "b": "y"}, {"b": "z"}])
    assert table.frame.to_dict(as_series=False) == {"a": [1, 2, None], "b": [None, "y", "z"]}
    assert table.notes == ("the records do not all have 'a', 'b': 2 records of 3 with missing cells",)


def test_rows_of_an_iterator() -> None:
    assert rows(iter([(1, "x"), (2, "y")]), columns=["a", "b"]) == ROWS
    assert rows(np.ma.masked_equal([[1, 2], [3, 4]], 2)) == {"x0": [1, 3], "x1": [None, 4]}


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ([], "the list is empty, expected at least one row; give rows or records"),
        (iter([]), "the list is empty, expected at least one row; give rows or records"),
        (
            ["a.csv", "b.csv"],
            "the list contains text, such as 'a.csv', expected rows or records; "
            "give several files as a pattern, such as 'part-*.csv'",
        ),
        ([FRAME], "the list contains frames (DataFrame), expected rows or records; join them to one frame"),
        (
            [{"a": 1}, None],
            "item 2 of the list is of type NoneType, expected a record as the first item; give every row the same form",
        ),
        (
            np.zeros(2, dtype=[("a", int, (2,))]),
            "the column 'a' has 2 dimensions, expected 1; give one value for each row",
        ),
        (
            np.array(1),
            "the array has 0 dimensions, expected 2 (rows, columns); "
            "Reshape your data with array.reshape(-1, 1) if it is one column",
        ),
    ],
)
def test_lists_and_arrays_without_a_table(source: Any, message: str) -> None:
    assert refusal(source) == message
