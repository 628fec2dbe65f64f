"""The result of a database query as a frame; the database is opened for reading only."""

from __future__ import annotations

import contextlib
import re
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from tidynet.core.errors import FileReadError, InputError, MissingDependencyError, error_reason
from tidynet.core.text import join_names, pluralize
from tidynet.table.dialect import Dialect
from tidynet.table.normalize_dtypes import normalize_with_notes
from tidynet.table.python_values import column_from_values
from tidynet.table.read_options import ScannedFile

SQLITE_EXTENSIONS = (".db", ".sqlite", ".sqlite3", ".db3")
_SCHEME = re.compile(r"^[a-zA-Z][\w+.-]*://")
_READING_QUERY = re.compile(
    r"^\s*(?:--[^\n]*\n\s*|/\*.*?\*/\s*)*(?:select|with|values|show|describe|pragma|from|table)\b",
    re.IGNORECASE | re.DOTALL,
)
_WHOLE_TABLE = 'select * from "{}"'
_LIST_TABLES = (
    "select name from sqlite_master where type in ('table', 'view') and name not like 'sqlite_%' order by name"
)


def is_connection(source: str) -> bool:
    """Whether a source is the address of a database."""
    return bool(_SCHEME.match(source))


def scan_database(connection: str, query: str | None) -> ScannedFile:
    """Run a query and read its whole result.

    SQLite needs no package; other databases need SQLAlchemy (the extra ``database``) and their driver.
    """
    scheme, _, location = connection.partition("://")
    if scheme == "sqlite":
        # Three slashes precede a relative path, four an absolute one.
        path = Path(location.removeprefix("/")).expanduser()
        return scan_sqlite(path, f"'{path}'", query)
    check_query(query, f"'{_without_password(connection)}'")
    assert query is not None
    return result_frame(*_run_query(connection, query), database=scheme)


def scan_sqlite(path: Path, label: str, query: str | None) -> ScannedFile:
    """Run a query on a SQLite file, opened for reading only."""
    if not path.is_file():
        raise FileReadError(
            f"there is no file {label}", "check the path: sqlite:///relative.db or sqlite:////absolute.db"
        )
    with contextlib.closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
        try:
            tables = table_names(database)
        except sqlite3.DatabaseError as error:
            raise FileReadError(f"{label} cannot be read as a SQLite database", "check how it was written") from error
        query = whole_table_query(tables, label) if query is None else query
        check_query(query, label)
        try:
            names, rows = query_all(database, query)
        except (sqlite3.Error, sqlite3.Warning) as error:
            raise InputError(
                f"the query to {label} failed: {error_reason(error)}", f"its tables are {join_names(tables)}"
            ) from error
        return result_frame(names, rows, database="SQLite")


def table_names(database: sqlite3.Connection) -> list[str]:
    """The names of the tables and views of a SQLite database."""
    return [row[0] for row in query_all(database, _LIST_TABLES)[1]]


def whole_table_query(tables: Sequence[str], label: str) -> str:
    """The query for the only table of a database."""
    if len(tables) != 1:
        raise InputError(
            f"{label} contains {pluralize(len(tables), 'table')}, expected 1",
            f"set query to choose one: {join_names(tables)}" if tables else "create a table first",
        )
    return _WHOLE_TABLE.format(tables[0].replace('"', '""'))


def query_all(database: sqlite3.Connection, query: str) -> tuple[list[str], list[Any]]:
    """The names and the rows of a query's result."""
    cursor = database.cursor()
    cursor.row_factory = None  # rows as tuples, whatever the connection makes of them
    cursor.execute(query)
    return [column[0] for column in cursor.description or ()], cursor.fetchall()


def check_query(query: str | None, label: str) -> None:
    """Raise unless a query is set and begins as one that reads."""
    if query is None:
        raise InputError(f"{label} is a database without a query", 'set query, such as "select * from sales"')
    if not _READING_QUERY.match(query):
        raise InputError(
            f"the query '{query.strip()[:60]}' does not begin with select", "tidynet reads a table and never writes one"
        )


def _run_query(connection: str, query: str) -> tuple[list[str], Sequence[Any]]:
    try:
        import sqlalchemy
    except ImportError as error:
        raise MissingDependencyError(
            "reading a database needs SQLAlchemy", "pip install 'tidynet[database]'"
        ) from error
    label = f"'{_without_password(connection)}'"
    try:
        engine = sqlalchemy.create_engine(connection)
    except ImportError as error:
        raise MissingDependencyError(
            f"reading {label} needs the driver {error.name or error_reason(error)}", "install it with pip"
        ) from error
    except sqlalchemy.exc.ArgumentError as error:
        raise InputError(
            f"{label} is not a database address: {error_reason(error)}", "expected dialect://user@host/name"
        ) from error
    try:
        with rolled_back(engine) as opened:
            result = opened.execute(sqlalchemy.text(query))
            return list(result.keys()), result.fetchall()
    except sqlalchemy.exc.SQLAlchemyError as error:
        cause = error.orig if isinstance(error, sqlalchemy.exc.DBAPIError) and error.orig else error
        raise InputError(
            f"the query to {label} failed: {error_reason(cause)}", "correct the query or the address"
        ) from error
    finally:
        engine.dispose()


@contextlib.contextmanager
def rolled_back(engine: Any) -> Iterator[Any]:
    """A connection whose transaction is rolled back at the end."""
    with engine.connect() as opened:
        if engine.dialect.name == "postgresql":
            opened = opened.execution_options(postgresql_readonly=True)
        try:
            yield opened
        finally:
            opened.rollback()


def _without_password(connection: str) -> str:
    return re.sub(r"://([^:/@]*):[^@]*@", r"://\1:…@", connection)


def result_frame(names: list[str], rows: Sequence[Any], *, database: str) -> ScannedFile:
    """The result of a query, every column in the type that fits its values."""
    if not names:
        raise InputError("the query returned no table", "expected a select")
    for position, name in enumerate(names):
        if name in names[:position]:
            raise InputError(f"the query returns two columns named '{name}'", 'rename one with "as"')
    columns = [column_from_values([row[position] for row in rows], name) for position, name in enumerate(names)]
    frame, notes = normalize_with_notes(pl.DataFrame({n: c.series for n, c in zip(names, columns, strict=True)}).lazy())
    notes = (*(column.note for column in columns if column.note), *notes)
    return ScannedFile(frame, notes, Dialect(f"a query to {database}"))
