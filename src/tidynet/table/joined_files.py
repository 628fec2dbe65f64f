"""Several files of one table, given by a pattern such as ``part-*.csv``, joined row by row."""

from __future__ import annotations

import glob
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import polars as pl

from tidynet.core.errors import FileReadError, InputError
from tidynet.core.text import join_names, pluralize
from tidynet.table.convert_values import convert_columns
from tidynet.table.formats import scan, stem
from tidynet.table.read_options import ReadOptions, ScannedFile


class _Part(NamedTuple):
    path: Path
    scanned: ScannedFile
    frame: pl.DataFrame


def is_pattern(text: str) -> bool:
    """Whether a path is a pattern and not the name of a file that exists."""
    return glob.has_magic(text) and not Path(text).expanduser().exists()


def pattern_stem(text: str) -> str:
    """A name for the table of a pattern."""
    return stem(Path(Path(text).name.replace("*", "").replace("?", "") or "files")).strip("-_. ") or "files"


def scan_pattern(text: str, options: ReadOptions, folder: Path) -> ScannedFile:
    """All files that match, in the order of their names, as one table."""
    paths = [Path(name) for name in sorted(glob.glob(str(Path(text).expanduser()), recursive=True))]
    paths = [path for path in paths if path.is_file()]
    if not paths:
        raise FileReadError(f"no file matches '{text}'", "check the folder and the pattern")
    parts = [_read_part(path, options, folder / str(number)) for number, path in enumerate(paths)]
    if len(parts) == 1:
        return parts[0].scanned
    _check_same_columns(parts)
    names = parts[0].frame.columns
    unlike = [name for name in names if len({_written(part, name) for part in parts}) > 1]
    notes = [f"the table joins {pluralize(len(parts), 'file')}: {join_names((path.name for path in paths), 3)}"]
    notes += dict.fromkeys(note for part in parts for note in part.scanned.notes)
    first = parts[0].scanned
    if not unlike:
        frame = pl.concat([part.frame.select(names) for part in parts])
        return ScannedFile(frame.lazy(), tuple(notes), first.dialect, first.column_formats)
    if any(part.scanned.dialect.separator is None for part in parts):
        return ScannedFile(_join_types(parts, unlike).lazy(), tuple(notes), first.dialect, first.column_formats)
    return _join_texts(parts, unlike, notes, options, folder)


def _read_part(path: Path, options: ReadOptions, folder: Path) -> _Part:
    folder.mkdir(exist_ok=True)
    scanned = scan(path, f"'{path}'", options=options, folder=folder)
    return _Part(path, scanned, scanned.frame.collect(engine="streaming"))


def _written(part: _Part, name: str) -> tuple[str, str]:
    """How a column of a part was read: its dtype and its format."""
    return str(part.frame.schema[name]), repr(part.scanned.column_formats.get(name))


def _check_same_columns(parts: Sequence[_Part]) -> None:
    first = parts[0]
    for part in parts[1:]:
        missing = [name for name in first.frame.columns if name not in part.frame.columns]
        further = [name for name in part.frame.columns if name not in first.frame.columns]
        if missing or further:
            differences = [f"no {join_names(missing)}"] if missing else []
            differences += [f"also {join_names(further)}"] if further else []
            raise InputError(
                f"'{part.path.name}' has {' and '.join(differences)}, expected the columns of '{first.path.name}'",
                "name a pattern of files with the same columns",
            )


def _join_types(parts: Sequence[_Part], unlike: Sequence[str]) -> pl.DataFrame:
    """Files that store types: numbers with numbers, dates with dates; a column of two kinds is refused."""
    for name in unlike:
        kinds = {_kind(part.frame.schema[name]): part for part in parts if part.frame.schema[name] != pl.Null}
        if len(kinds) > 1:
            first, second = list(kinds.values())[:2]
            raise InputError(
                f"the column '{name}' is {first.frame.schema[name]} in '{first.path.name}' and "
                f"{second.frame.schema[name]} in '{second.path.name}', expected one type",
                "convert it in one of the files",
            )
    names = parts[0].frame.columns
    return pl.concat([part.frame.select(names) for part in parts], how="vertical_relaxed")


def _kind(dtype: pl.DataType) -> str:
    """Dtypes that are joined without loss have one kind."""
    if dtype.is_numeric():
        return "number"
    return "text" if dtype in (pl.String, pl.Categorical, pl.Enum) else str(dtype)


def _join_texts(
    parts: Sequence[_Part], unlike: Sequence[str], notes: list[str], options: ReadOptions, folder: Path
) -> ScannedFile:
    """Text files: columns that were read differently are read again as text, and judged by all rows together."""
    names = parts[0].frame.columns
    as_text = replace(options, code_columns=tuple({*options.code_columns, *unlike}))
    again = [_read_part(part.path, as_text, folder / f"again {number}") for number, part in enumerate(parts)]
    texts = pl.concat([part.frame.select(unlike) for part in again])
    converted = convert_columns(texts.lazy(), options, parts[0].scanned.dialect.separator)
    joined = converted.frame.collect()
    others = pl.concat([part.frame.select(name for name in names if name not in unlike) for part in parts])
    columns = {series.name: series for series in (*others.get_columns(), *joined.get_columns())}
    formats = {**parts[0].scanned.column_formats, **converted.column_formats}
    notes = [note for note in notes if not any(f"'{name}'" in note for name in unlike)]
    frame = pl.DataFrame([columns[name] for name in names])
    return ScannedFile(frame.lazy(), (*notes, *converted.notes), parts[0].scanned.dialect, formats)
