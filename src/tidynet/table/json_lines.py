"""JSON lines, and JSON arrays of objects, into lazy frames."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl

from tidynet.core.errors import FileReadError
from tidynet.table.read_errors import unreadable_file_error
from tidynet.table.text_detection import blocks, refuse_binary

__all__ = ["scan_json"]


def scan_json(path: Path, display_text: str) -> pl.LazyFrame:
    """Read one JSON object a line, or an array of objects; types are those of the whole file."""
    refuse_binary(path, display_text)
    for _ in blocks(path, display_text):
        pass
    with path.open("rb") as file:
        is_array = file.read(64).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"[")
    try:
        if is_array:
            return pl.read_json(path, infer_schema_length=None).lazy()
        frame = pl.scan_ndjson(path, infer_schema_length=None)
        frame.select(pl.len()).collect(engine="streaming")
    except pl.exceptions.PolarsError as error:
        raise _bad_json(path, display_text, is_array, error) from error
    return frame


def _bad_json(path: Path, display_text: str, is_array: bool, error: BaseException) -> FileReadError:
    """Name the line that is not JSON, or not an object."""
    if not is_array:
        with path.open(encoding="utf-8-sig") as file:
            for number, line in enumerate(file, start=1):
                problem = _json_problem(line)
                if problem:
                    return FileReadError(
                        f"line {number} of {display_text} is {problem}, expected one JSON object",
                        "mend or drop the line",
                    )
    return unreadable_file_error(display_text, "JSON", error)


def _json_problem(line: str) -> str:
    if not line.strip():
        return ""
    try:
        value: Any = json.loads(line)
    except ValueError:
        return "not valid JSON"
    return "" if isinstance(value, dict) else f"a JSON {type(value).__name__}"
