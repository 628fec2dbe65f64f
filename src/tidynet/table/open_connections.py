"""Open connections to databases and engines of SQLAlchemy: the result of a query; they stay open."""

from __future__ import annotations

import re
import sqlite3
import sys
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

from tidynet.core.errors import InputError, error_reason
from tidynet.table.database import check_query, query_all, result_frame, rolled_back, table_names, whole_table_query
from tidynet.table.dialect import Dialect
from tidynet.table.read_options import ScannedFile
from tidynet.table.to_polars import frame_with_notes

_WEB_SCHEMES = re.compile(
    r"^(https?|ftp|ftps|sftp|s3|s3a|gs|gcs|az|abfss?|wasbs?|adl|hdfs|hf|webdav)://", re.IGNORECASE
)

_NAMES = {"duckdb": "DuckDB", "sqlalchemy": "SQLAlchemy"}


def refuse_url(text: str) -> None:
    """Raise for an address of the web or of a cloud: tidynet reads files and databases only."""
    if match := _WEB_SCHEMES.match(text):
        raise InputError(
            f"'{text}' is an address ({match.group(1).lower()}), expected a file",
            "download it, or give an open file, such as one of urllib.request.urlopen or fsspec",
        )


def local_path(text: str) -> str:
    """The path in an address of this computer (file://); any other text unchanged."""
    return url2pathname(urlsplit(text).path) if text.lower().startswith("file://") else text


def is_open_connection(source: Any) -> bool:
    """Whether a source is an open connection to a database, or an engine or session of SQLAlchemy."""
    return callable(getattr(source, "cursor", None)) or _is_sqlalchemy(source)


def scan_open_connection(source: Any, query: str | None) -> ScannedFile:
    """Run a query on an open connection and read its whole result."""
    if isinstance(source, sqlite3.Connection):
        return _scan_sqlite(source, query)
    package = type(source).__module__.partition(".")[0].strip("_")
    kind = _NAMES.get(package, package)
    label = f"the {kind} connection"
    check_query(query, label)
    assert query is not None
    if _is_sqlalchemy(source):
        return result_frame(*_run_sqlalchemy(source, query, label), database=kind)
    if kind == "DuckDB":  # whose cursors do not see its temporary tables
        return _scan_duckdb(source, query, label)
    cursor = source.cursor()
    try:
        cursor.execute(query)
        names, rows = [column[0] for column in cursor.description or ()], cursor.fetchall()
    except getattr(source, "Error", Exception) as error:
        raise _query_error(label, error) from error
    finally:
        cursor.close()
    return result_frame(names, rows, database=kind)


def _scan_sqlite(source: sqlite3.Connection, query: str | None) -> ScannedFile:
    label = "the SQLite connection"
    try:
        tables = table_names(source)
        query = whole_table_query(tables, label) if query is None else query
        check_query(query, label)
        names, rows = query_all(source, query)
    except sqlite3.Error as error:
        raise _query_error(label, error) from error
    return result_frame(names, rows, database="SQLite")


def _scan_duckdb(source: Any, query: str, label: str) -> ScannedFile:
    duckdb = sys.modules["duckdb"]
    try:
        frame, notes = frame_with_notes(source.sql(query))  # a relation, which Narwhals knows
    except duckdb.Error as error:
        raise _query_error(label, error) from error
    return ScannedFile(frame.lazy(), notes, Dialect("a query to DuckDB"))


def _is_sqlalchemy(source: Any) -> bool:
    sqlalchemy = sys.modules.get("sqlalchemy")
    return sqlalchemy is not None and isinstance(source, (sqlalchemy.engine.Engine, sqlalchemy.engine.Connection))


def _run_sqlalchemy(source: Any, query: str, label: str) -> tuple[list[str], Sequence[Any]]:
    sqlalchemy = sys.modules["sqlalchemy"]
    try:
        if isinstance(source, sqlalchemy.engine.Engine):
            with rolled_back(source) as opened:
                result = opened.execute(sqlalchemy.text(query))
                return list(result.keys()), result.fetchall()
        result = source.execute(sqlalchemy.text(query))
        return list(result.keys()), result.fetchall()
    except sqlalchemy.exc.SQLAlchemyError as error:
        cause = error.orig if isinstance(error, sqlalchemy.exc.DBAPIError) and error.orig else error
        raise _query_error(label, cause) from error


def _query_error(label: str, error: BaseException) -> InputError:
    return InputError(f"the query to {label} failed: {error_reason(error)}", "correct the query")
