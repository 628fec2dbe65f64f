"""JSON into a lazy frame: records in an array, on lines, or one level down in an object."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from tidynet.core.errors import FileReadError, unreadable_file_error
from tidynet.core.text import join_names, pluralize, shorten
from tidynet.table.text_encoding import check_is_text, utf8_blocks

_MAX_LEVELS = 3


def scan_json(path: Path, label: str) -> tuple[pl.LazyFrame, tuple[str, ...]]:
    """Read JSON objects, one a line or in an array; types are those of the whole file, nested objects are columns."""
    check_is_text(path, label)
    for _ in utf8_blocks(path, label):
        pass
    with path.open("rb") as file:
        first = file.read(64).lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    notes: tuple[str, ...] = ()
    if first == b"[":
        frame = _from_array(path, label)
    elif (whole := _whole_object(path)) is not None:
        frame, notes = _from_object(whole, label)
    else:
        frame = _from_lines(path, label)
    flat, flat_notes = _flattened(frame)
    return flat, (*notes, *flat_notes)


def is_json(path: Path) -> bool:
    """Whether a text that begins like JSON is an array or object, or has an object on its first line."""
    text = path.read_text(encoding="utf-8-sig", errors="replace")
    for part in (text.partition("\n")[0], text):
        with contextlib.suppress(ValueError):
            return isinstance(json.loads(part), (dict, list))
    return False


def _from_array(path: Path, label: str) -> pl.LazyFrame:
    try:
        return pl.read_json(path, infer_schema_length=None).lazy()
    except pl.exceptions.PolarsError as error:
        try:
            rows = json.loads(path.read_text(encoding="utf-8-sig"))
        except ValueError:
            raise unreadable_file_error(label, "JSON", error) from error
        return _from_values(rows, label)


def _from_values(rows: Any, label: str) -> pl.LazyFrame:
    """Rows that are lists, the first of them the names, or objects whose values have several types."""
    if rows and all(isinstance(row, list) for row in rows) and len({len(row) for row in rows}) == 1:
        names = rows[0] if all(isinstance(name, str) for name in rows[0]) else None
        body = rows[1:] if names else rows
        columns = names or [f"column_{position}" for position in range(1, len(rows[0]) + 1)]
        if len(set(columns)) == len(columns):
            return pl.DataFrame(body, schema=columns, orient="row", strict=False, infer_schema_length=None).lazy()
    if rows and all(isinstance(row, dict) for row in rows):
        try:
            return pl.DataFrame(rows, strict=False, infer_schema_length=None).lazy()
        except (pl.exceptions.PolarsError, TypeError) as error:
            raise unreadable_file_error(label, "JSON", error) from error
    raise FileReadError(f"{label} contains a JSON array without objects, expected one object a row", "export records")


def _whole_object(path: Path) -> dict[str, Any] | None:
    """The object that the whole file is; None if it has one object a line."""
    with path.open(encoding="utf-8-sig") as file:
        first = file.readline()
        try:
            is_line = isinstance(json.loads(first), dict)
        except ValueError:
            is_line = False
        if is_line and file.readline().strip():
            return None
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except ValueError:
        return None
    return content if isinstance(content, dict) else None


def _from_object(content: dict[str, Any], label: str) -> tuple[pl.LazyFrame, tuple[str, ...]]:
    """The records that an object holds at one of its keys, or its columns."""
    columns, rows = content.get("columns"), content.get("data")
    if isinstance(columns, list) and isinstance(rows, list) and all(isinstance(row, list) for row in rows):
        return _from_values([[str(name) for name in columns], *rows], label), ("the rows are those at 'data'",)
    places = list(_record_lists(content, ()))
    if len(places) > 1:
        names = [".".join(keys) for keys, _ in places]
        raise FileReadError(
            f"{label} contains {pluralize(len(places), 'list')} of records ({join_names(names)}), expected one",
            "write the one that you need to a file of its own",
        )
    if places:
        keys, rows = places[0]
        frame = pl.DataFrame(rows, strict=False, infer_schema_length=None).lazy()
        return frame, (f"the records are those at '{'.'.join(keys)}'",)
    if _are_columns(list(content.values())):
        by_name = {name: list(cells.values()) if isinstance(cells, dict) else cells for name, cells in content.items()}
        return pl.DataFrame(by_name, strict=False).lazy(), ("each key of the object is a column",)
    return pl.DataFrame([content], strict=False).lazy(), ()


def _are_columns(values: Sequence[Any]) -> bool:
    """Whether the values of an object are columns: lists of one length, or plain cells by the same row names."""
    if all(isinstance(value, list) for value in values):
        return len({len(value) for value in values}) == 1
    if not all(isinstance(value, dict) for value in values) or len({tuple(value) for value in values}) != 1:
        return False
    return not any(isinstance(cell, (dict, list)) for value in values for cell in value.values())


def _record_lists(content: dict[str, Any], keys: Sequence[str]) -> Any:
    for key, value in content.items():
        if isinstance(value, list) and value and all(isinstance(row, dict) for row in value):
            yield (*keys, key), value
        elif isinstance(value, dict) and len(keys) + 1 < _MAX_LEVELS:
            yield from _record_lists(value, (*keys, key))


def _from_lines(path: Path, label: str) -> pl.LazyFrame:
    try:
        frame = pl.scan_ndjson(path, infer_schema_length=None)
        frame.select(pl.len()).collect(engine="streaming")
    except pl.exceptions.PolarsError as error:
        raise _bad_line(path, label) or unreadable_file_error(label, "JSON", error) from error
    return frame


def _bad_line(path: Path, label: str) -> FileReadError | None:
    """The error for the first line that is not a JSON object."""
    with path.open(encoding="utf-8-sig") as file:
        for number, line in enumerate(file, start=1):
            try:
                is_valid = not line.strip() or isinstance(json.loads(line), dict)
            except ValueError:
                is_valid = False
            if not is_valid:
                return FileReadError(
                    f"line {number} of {label} is '{shorten(line.strip())}', expected a JSON object",
                    "correct or remove the line",
                )
    return None


def _flattened(frame: pl.LazyFrame) -> tuple[pl.LazyFrame, tuple[str, ...]]:
    """The frame with the fields of nested objects as columns named parent.field."""
    nested: list[str] = []
    for _ in range(_MAX_LEVELS):
        schema = frame.collect_schema()
        if not any(isinstance(dtype, pl.Struct) for dtype in schema.dtypes()):
            break
        columns: list[pl.Expr] = []
        # By position and number, because Polars reads a name such as "^a$" as a pattern.
        for position, (name, dtype) in enumerate(schema.items()):
            if isinstance(dtype, pl.Struct):
                nested.append(name)
                plain = pl.nth(position).struct.rename_fields([f"f{n}" for n in range(len(dtype.fields))])
                columns += [
                    plain.struct.field(f"f{n}").alias(f"{name}.{field.name}") for n, field in enumerate(dtype.fields)
                ]
            else:
                columns.append(pl.nth(position))
        frame = frame.select(columns)
    if not nested:
        return frame, ()
    return frame, (f"the fields of {join_names(nested)} are columns named parent.field",)
