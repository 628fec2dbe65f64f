"""A query to a database into a frame; nothing is ever written to it."""

from __future__ import annotations

import contextlib
import re
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from tidynet.core.errors import FileReadError, InputError, MissingDependencyError
from tidynet.core.text import join_names
from tidynet.table.pandas_frames import column_from_values
from tidynet.table.read_errors import reason
from tidynet.table.read_options import ScannedFile

__all__ = ["SQLITE_ENDINGS", "is_connection", "scan_database", "scan_sqlite"]

SQLITE_ENDINGS = (".db", ".sqlite", ".sqlite3", ".db3")
_SCHEME = re.compile(r"^[a-zA-Z][\w+.-]*://")
_ASKS = re.compile(
    r"^\s*(?:--[^\n]*\n\s*|/\*.*?\*/\s*)*(?:select|with|values|show|describe|pragma|from|table)\b",
    re.IGNORECASE | re.DOTALL,
)
_WHOLE = 'select * from "{}"'
_LISTING = "select name from sqlite_master where type in ('table', 'view') and name not like 'sqlite_%' order by name"


def is_connection(source: str) -> bool:
    """Whether a source is the connection string of a database.

    >>> is_connection("sqlite:///shop.db"), is_connection("shop.csv")
    (True, False)
    """
    return bool(_SCHEME.match(source))


def scan_database(connection: str, query: str | None) -> ScannedFile:
    """Ask a database and read the whole answer.

    SQLite needs nothing else; other databases need SQLAlchemy (the extra ``database``) and their driver.
    """
    scheme, _, index = connection.partition("://")
    if scheme == "sqlite":
        # Three slashes stand before a relative path and four before an absolute one.
        path = Path(index.removeprefix("/")).expanduser()
        return scan_sqlite(path, f"'{path}'", query)
    _refuse_orders(query, f"'{_without_password(connection)}'")
    assert query is not None
    return _framed(*_answer(connection, query), result=scheme)


def scan_sqlite(path: Path, display_text: str, query: str | None) -> ScannedFile:
    """Ask a SQLite file, opened so that it cannot be written to."""
    if not path.is_file():
        raise FileReadError(
            f"there is no file {display_text}", "check the path: sqlite:///relative.db or sqlite:////absolute.db"
        )
    with contextlib.closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
        try:
            tables = [name for (name,) in database.execute(_LISTING)]
        except sqlite3.DatabaseError as error:
            raise FileReadError(f"{display_text} is no SQLite database", "check how it was written") from error
        if query is None:
            if len(tables) != 1:
                has = f"holds {len(tables)} tables" if tables else "holds no table"
                hint = f"say with query which to read: {join_names(tables)}"
                raise InputError(f"{display_text} {has}", hint if tables else "expected at least one")
            query = _WHOLE.format(tables[0].replace('"', '""'))
        _refuse_orders(query, display_text)
        try:
            cursor = database.execute(query)
            rows = cursor.fetchall()
        except (sqlite3.Error, sqlite3.Warning) as error:
            raise InputError(
                f"the query to {display_text} failed: {reason(error)}", f"its tables are {join_names(tables)}"
            ) from error
        return _framed([column[0] for column in cursor.description or ()], rows, result="SQLite")


def _refuse_orders(query: str | None, display_text: str) -> None:
    if query is None:
        raise InputError(
            f"{display_text} is a database and there is no query", 'say what to read, such as "select * from sales"'
        )
    if not _ASKS.match(query):
        raise InputError(
            f"the query '{query.strip()[:60]}' does not begin with select", "a table is read, never written"
        )


def _answer(connection: str, query: str) -> tuple[list[str], Sequence[Any]]:
    try:
        import sqlalchemy
    except ImportError as error:
        raise MissingDependencyError(
            "reading a database needs SQLAlchemy", "pip install 'tidynet[database]'"
        ) from error
    display_text = f"'{_without_password(connection)}'"
    try:
        engine = sqlalchemy.create_engine(connection)
    except ImportError as error:
        raise MissingDependencyError(
            f"reading {display_text} needs the driver {error.name or reason(error)}", "install it with pip"
        ) from error
    except sqlalchemy.exc.ArgumentError as error:
        raise InputError(
            f"{display_text} is no connection string: {reason(error)}", "expected dialect://user@host/name"
        ) from error
    try:
        with _rolled_back(engine) as opened:
            result = opened.execute(sqlalchemy.text(query))
            return list(result.keys()), result.fetchall()
    except sqlalchemy.exc.SQLAlchemyError as error:
        text = reason(getattr(error, "orig", None) or error)
        raise InputError(f"the query to {display_text} failed: {text}", "mend the query or the connection") from error
    finally:
        engine.dispose()


@contextlib.contextmanager
def _rolled_back(engine: Any) -> Iterator[Any]:
    """A connection of which nothing stays, whatever the query does."""
    with engine.connect() as opened:
        if engine.dialect.name == "postgresql":
            opened = opened.execution_options(postgresql_readonly=True)
        try:
            yield opened
        finally:
            opened.rollback()


def _without_password(connection: str) -> str:
    return re.sub(r"://([^:/@]*):[^@]*@", r"://\1:…@", connection)


def _framed(names: list[str], rows: Sequence[Any], *, result: str) -> ScannedFile:
    if not names:
        raise InputError("the query gave no table", "expected a select")
    for position, name in enumerate(names):
        if name in names[:position]:
            raise InputError(f"the query gives two columns named '{name}'", 'name one of them anew with "as"')
    columns = [column_from_values(_plain(row[position]) for row in rows) for position in range(len(names))]
    frame = pl.DataFrame(dict(zip(names, columns, strict=True)))
    return ScannedFile(frame.lazy(), (), {"format": f"a query to {result}"})


def _plain(value: Any) -> Any:
    return float(value) if type(value).__name__ == "Decimal" else value
