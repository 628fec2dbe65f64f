"""A list of records (dictionaries, named tuples, data classes, rows of a database) → columns."""

from __future__ import annotations

import dataclasses
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tidynet.core.errors import InputError
from tidynet.core.text import join_names, pluralize, shorten


def is_record(value: object) -> bool:
    """Whether a value names its parts."""
    is_named_tuple = isinstance(value, tuple) and hasattr(value, "_fields")
    is_data_class = dataclasses.is_dataclass(value) and not isinstance(value, type)
    return isinstance(value, (Mapping, sqlite3.Row)) or is_named_tuple or is_data_class


def check_rows(rows: Sequence[Any]) -> None:
    """Raise for a list that has no rows, or whose items are texts or frames."""
    if not rows:
        raise InputError("the list is empty, expected at least one row", "give rows or records")
    if isinstance(rows[0], str):
        hint = "give several files as a pattern, such as 'part-*.csv'"
        raise InputError(f"the list contains text, such as '{shorten(rows[0])}', expected rows or records", hint)
    if hasattr(rows[0], "columns"):
        raise InputError(
            f"the list contains frames ({type(rows[0]).__name__}), expected rows or records", "join them to one frame"
        )


def columns_of_records(records: Sequence[Any]) -> tuple[dict[str, list[Any]], tuple[str, ...]]:
    """The values of each name, None where a record lacks it, and a note on such names."""
    rows = [_parts(record, number) for number, record in enumerate(records, start=1)]
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns = {name: [row.get(name) for row in rows] for name in names}
    lacking = [name for name in names if any(name not in row for row in rows)]
    if not lacking:
        return columns, ()
    n_rows = sum(any(name not in row for name in names) for row in rows)
    cells = f"{pluralize(n_rows, 'record')} of {len(rows):,} with missing cells"
    return columns, (f"the records do not all have {join_names(lacking)}: {cells}",)


def iterator_as_list(data: object) -> object:
    """The items of a generator or another iterator; anything else unchanged."""
    is_stream = hasattr(data, "read") or hasattr(data, "__arrow_c_stream__")
    return list(data) if isinstance(data, Iterator) and not is_stream else data


def _parts(record: Any, number: int) -> dict[str, Any]:
    if isinstance(record, Mapping):
        return {str(name): value for name, value in record.items()}
    if isinstance(record, sqlite3.Row):
        return dict(zip(record.keys(), record, strict=True))
    if not is_record(record):
        raise InputError(
            f"item {number:,} of the list is of type {type(record).__name__}, expected a record as the first item",
            "give every row the same form",
        )
    if isinstance(record, tuple):
        return dict(record._asdict())  # type: ignore[attr-defined]
    return {field.name: getattr(record, field.name) for field in dataclasses.fields(record)}
