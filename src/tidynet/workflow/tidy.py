"""The verbs of a command line on a source: tables that differ from it in what the verbs change alone."""

from __future__ import annotations

import io
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tidynet.core.atomic_write import atomic_write
from tidynet.core.errors import InputError
from tidynet.table.merged_cells import merged_columns
from tidynet.table.raw_source import raw_text_of, source_content, with_stored_types
from tidynet.table.read import read
from tidynet.table.table import Table
from tidynet.table.tidiness import TidinessIssue, check_tidiness
from tidynet.table.tidy.command_steps import TidyStep
from tidynet.table.tidy.rows import extract_table
from tidynet.table.tidy.written_table import WrittenTable
from tidynet.table.write_table import check_table_file, durations_as_text, write_table

_TEXT_SUFFIXES = {".csv": ",", ".tsv": "\t"}


@dataclass(frozen=True)
class TidiedTable:
    """A table to write, and its file; None is standard output."""

    content: WrittenTable | Table
    path: Path | None

    @property
    def table(self) -> Table:
        """The rows."""
        return self.content.table if isinstance(self.content, WrittenTable) else self.content

    def to_text(self) -> str:
        """The table as separated text, for standard output."""
        return (
            self.content.to_text()
            if isinstance(self.content, WrittenTable)
            else durations_as_text(self.content.frame).write_csv()
        )

    def write(self) -> None:
        """Write the file, completely or not at all."""
        assert self.path is not None
        if self.path.suffix.lower() not in _TEXT_SUFFIXES or isinstance(self.content, Table):
            write_table(self.table.frame, self.path)
            return
        # A .csv file keeps the separator of its source, but tabs belong in a .tsv file.
        separator = _TEXT_SUFFIXES[self.path.suffix.lower()]
        keeps = separator == "," and self.content.raw.separator != "\t"
        content = self.content.to_bytes(None if keeps else separator)
        with atomic_write(self.path) as temporary:
            temporary.write_bytes(content)


def tidy_source(
    source: str, steps: Sequence[TidyStep], reading: Mapping[str, Any], *, out: Path | None, force: bool = False
) -> list[TidiedTable]:
    """The table after the verbs, and after it the tables that `extract_table` has split off; nothing is written."""
    files = [out] if out is not None else []
    files += [_file_of(step, out) for step in steps if step.verb == "extract_table"]
    for path in files:
        check_table_file(path, force=force)
    if len(set(files)) < len(files):
        raise InputError("two tables would be written to one file, expected one file for each", "set to=FILE")
    content: WrittenTable | Table = _read_written(source, reading)
    split_off = []
    for step in steps:
        if step.verb == "extract_table":
            arguments = {name: value for name, value in step.arguments.items() if name != "to"}
            if isinstance(content, WrittenTable):
                content, facts = content.extract(**arguments)
                split_off.append(TidiedTable(facts, _file_of(step, out)))
            else:
                content, rows = extract_table(content, **arguments)
                split_off.append(TidiedTable(rows, _file_of(step, out)))
        else:
            content = content.after(step) if isinstance(content, WrittenTable) else step(content)
    return [TidiedTable(content, out), *split_off]


def _file_of(step: TidyStep, out: Path | None) -> Path:
    """The file of a second table: as set with `to`, or named by its key next to the first."""
    if "to" in step.arguments:
        return Path(step.arguments["to"])
    name = "".join(letter if letter.isalnum() or letter in "-_ " else "_" for letter in str(step.arguments["key"]))
    return Path(f"{name}.csv") if out is None else out.with_name(f"{name}{out.suffix}")


def read_with_totals(source: str, reading: Mapping[str, Any]) -> Table:
    """Read a table with its last row, also if that is a total, which `drop_rows` removes on request."""
    table = read(source, **reading)
    if table.dialect.separator is None or reading.get("footer_lines") is not None or source == "-":
        return table
    whole = read(source, **{**reading, "footer_lines": table.dialect.footer_lines})
    return whole if whole.height > table.height else table


def tidiness_of(source: str, reading: Mapping[str, Any]) -> tuple[Table, tuple[TidinessIssue, ...]]:
    """A table, and what is not tidy about it."""
    table = read_with_totals(source, reading)
    merged = merged_columns(Path(source).expanduser(), table)
    return table, check_tidiness(table.frame, table.inferred_types, merged)


def _read_written(source: str, reading: Mapping[str, Any]) -> WrittenTable | Table:
    if source != "-":
        table = read_with_totals(source, reading)
        options = {**reading, "footer_lines": table.dialect.footer_lines} if table.dialect.separator else reading
        raw = raw_text_of(source, table, options, source_content(source))
        return with_stored_types(table, source) if raw is None else WrittenTable.from_source(table, raw)
    original, content = sys.stdin, sys.stdin.buffer.read()
    try:
        sys.stdin = io.TextIOWrapper(io.BytesIO(content))
        table = read(source, **reading)
        sys.stdin = io.TextIOWrapper(io.BytesIO(content))
        raw = raw_text_of(source, table, reading, content)
    finally:
        sys.stdin = original
    return table if raw is None else WrittenTable.from_source(table, raw)
