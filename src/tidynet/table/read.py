"""A file, an included dataset, or any frame in memory → Table."""

from __future__ import annotations

import contextlib
import difflib
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import polars as pl

from tidynet.core.errors import FileReadError, InputError, did_you_mean, unreadable_file_error
from tidynet.core.temporary_folder import temporary_folder
from tidynet.core.text import join_names
from tidynet.table import datasets
from tidynet.table.cell_text import cell_text
from tidynet.table.column_format import ColumnFormat
from tidynet.table.convert_values import with_options
from tidynet.table.database import is_connection, scan_database
from tidynet.table.dialect import Dialect
from tidynet.table.formats import EXTENSIONS, is_dataset, scan, split_extension, stem
from tidynet.table.infer_types import TypeInference, VariableType, infer_types
from tidynet.table.joined_files import is_pattern, pattern_stem, scan_pattern
from tidynet.table.normalize_dtypes import normalize_dtypes
from tidynet.table.open_connections import is_open_connection, local_path, refuse_url, scan_open_connection
from tidynet.table.open_files import copy_open_file, is_open_file
from tidynet.table.ordinal_scales import order_categories
from tidynet.table.pandas_frames import with_labels
from tidynet.table.read_options import ReadOptions, ScannedFile
from tidynet.table.table import Table
from tidynet.table.to_polars import as_frame, frame_with_notes, refuse_impossible_times
from tidynet.table.typed_files import READ_ERRORS, without_unnamed_index

__all__ = ["OpenedSource", "as_frame", "chunks", "open_lazily", "override_types", "read"]


def read(
    source: Any,
    *,
    on_bad_lines: Literal["error", "skip", "fill"] = "error",
    sheet: str | int | None = None,
    variable_types: Mapping[str, str] | None = None,
    format: str | None = None, encoding: str | None = None, separator: str | None = None,  # noqa: A002
    quote: str | None = None, escape: str | None = None, comment: str | None = None,
    skip_lines: int | None = None, header_rows: int | None = None, footer_lines: int | None = None,
    decimal: str | None = None, thousands: str | None = None, date_order: str | None = None,
    na_values: Sequence[str] = (), code_columns: Sequence[str] = (),
    query: str | None = None, columns: Sequence[str] | None = None, dtype: str | None = None,
    column_formats: Mapping[str, ColumnFormat] | None = None,
) -> Table:  # fmt: skip
    """Read a table and infer the type of each variable.

    Parameters
    ----------
    source : path, open file, connection, data frame, dict of columns, list of records, or 2-d array
        A file (CSV, Parquet, Arrow, JSON, Excel, SQLite, NumPy; text also compressed), files by a pattern such as
        "part-*.csv", a folder of Parquet files, a database address, "-" for CSV on standard input, an included
        dataset such as "penguins", an open file or connection, or any frame that Narwhals supports. The index
        labels of a pandas frame become a column.
    on_bad_lines : {"error", "skip", "fill"}, default "error"
        What to do with rows that have more or fewer fields than the header; "fill" completes short rows with gaps.
    sheet : str or int, optional
        The sheet of a workbook by name or by number from 1 (default: the first), or the array of an ``.npz`` file.
    variable_types : mapping of column to variable type, optional
        Types that override the inferred ones, such as ``{"rank": "ordinal"}``.
    format : str, optional
        "text", "workbook", "parquet", "arrow", "json", "numpy" or "sqlite" (default: by content and extension).
    encoding, separator, quote, escape, comment : str, optional
        How a text is written; what is not set is detected (see `Table.dialect`). `separator` may have several
        characters, or be "blanks" for runs of blanks; "" is no quote, no escape, or no comments.
    skip_lines, header_rows, footer_lines : int, optional
        Lines above the header, with column names, and below the table; for text and workbooks.
    decimal, thousands, date_order : str, optional
        The decimal mark, the thousands mark, and the order of dates: "dmy", "mdy" or "ymd".
    na_values : sequence of str, optional
        Additional spellings of a missing value, such as "-999".
    code_columns : sequence of str, optional
        Columns of codes, kept as text: "NA" is Namibia there, and only an empty cell is missing.
    column_formats : mapping of column to ColumnFormat, optional
        `Table.column_formats` of another table: where the cells allow it, columns are read as there.
    query, columns, dtype : optional
        The query to a database; the column names of an array; "float32" or "float64" for numbers with decimals.

    Raises
    ------
    FileReadError
        If the file is missing or cannot be read.
    InputError
        If the data is not a table, or an option is not valid.

    Examples
    --------
    >>> penguins = read("penguins")
    >>> penguins.height, str(penguins.inferred_types["species"].variable_type)
    (344, 'nominal')
    """
    if isinstance(source, Table):
        return replace(source, inferred_types=override_types(source.frame, source.inferred_types, variable_types))
    options = ReadOptions(
        on_bad_lines=on_bad_lines, sheet=sheet, format=format, encoding=encoding, separator=separator, quote=quote,
        escape=escape, comment=comment, skip_lines=skip_lines, header_rows=header_rows, footer_lines=footer_lines,
        decimal=decimal, thousands=thousands, date_order=date_order, na_values=na_values, code_columns=code_columns,
        column_formats=column_formats or {}, query=query, columns=columns, dtype=dtype,
    )  # fmt: skip
    table = _read_file(source, options) if _is_external(source) else _read_frame(source, options)
    return replace(table, inferred_types=override_types(table.frame, infer_types(table.frame), variable_types))


def _read_frame(source: Any, options: ReadOptions) -> Table:
    options.check_applicable("a frame in memory", "the source")
    labeled, notes = with_labels(source)
    converted, more_notes = frame_with_notes(labeled, column_names=options.columns)
    frame, index_notes = without_unnamed_index(converted.lazy())
    scanned = with_options(ScannedFile(frame, (*notes, *index_notes, *more_notes)), options)
    rows = options.cast_floats(scanned.frame).collect()
    source_type = type(source).__name__
    return Table(rows, {}, "table", source_type, scanned.notes, scanned.dialect, scanned.column_formats)


def _is_external(source: Any) -> bool:
    """Whether a source is outside of memory: a path, an address, an open file or an open connection."""
    return isinstance(source, (str, os.PathLike)) or is_open_file(source) or is_open_connection(source)


def _read_file(source: Any, options: ReadOptions) -> Table:
    with open_lazily(source, options) as opened, opened.translate_read_errors():
        frame = opened.frame.collect(engine="streaming")
    refuse_impossible_times(frame)
    dialect = opened.dialect
    if options.dtype is not None:
        facts = {"dtype": options.dtype, "memory": f"{frame.estimated_size():,} bytes"}
        dialect = replace(dialect, evidence={**dialect.evidence, **facts})
    return Table(frame, {}, opened.name, opened.source, opened.notes, dialect, opened.column_formats)


def chunks(
    source: Any,
    rows: int = 100_000,
    read_options: ReadOptions | None = None,
    on_note: Callable[[str], None] = lambda _: None,
) -> Iterator[pl.DataFrame]:
    """Read a table in parts, in order; memory does not grow with a file.

    `on_note` is called with each note on how the table is read.
    """
    if rows < 1:
        raise InputError(f"the number of rows in a part is {rows}, expected 1 or more", "try 100000")
    if isinstance(source, pl.LazyFrame):
        yield from normalize_dtypes(source).collect_batches(chunk_size=rows, maintain_order=True, engine="streaming")
    elif not _is_external(source):
        yield from as_frame(source).iter_slices(rows)
    else:
        with open_lazily(source, read_options or ReadOptions()) as opened, opened.translate_read_errors():
            for note in opened.notes:
                on_note(note)
            yield from opened.frame.collect_batches(chunk_size=rows, maintain_order=True, engine="streaming")


@dataclass(frozen=True, slots=True)
class OpenedSource:
    """A file that can be read lazily while it is open."""

    frame: pl.LazyFrame
    name: str
    source: str
    label: str
    notes: tuple[str, ...]
    dialect: Dialect
    column_formats: Mapping[str, ColumnFormat] = field(default_factory=dict)

    @contextlib.contextmanager
    def translate_read_errors(self) -> Iterator[None]:
        """Turn an error inside damaged data into a FileReadError."""
        try:
            yield
        except READ_ERRORS as error:
            raise unreadable_file_error(self.label, "a table", error) from error


@contextlib.contextmanager
def open_lazily(source: Any, read_options: ReadOptions) -> Iterator[OpenedSource]:
    """A file, files by a pattern, an included dataset or a database as a lazy frame, while the context lasts."""
    if is_open_connection(source):
        scanned = scan_open_connection(source, read_options.query)
        yield _query_result(scanned, "query", scanned.dialect.format, read_options)
        return
    text = "" if is_open_file(source) else os.fspath(source)
    if not text and not is_open_file(source):
        raise FileReadError("the name of the table is empty, expected the path of a file", "give a path")
    refuse_url(text)
    text = local_path(text)
    if is_connection(text):
        yield _query_database(text, read_options)
        return
    with temporary_folder() as folder:
        path, name, label = Path(text).expanduser(), "", f"'{text}'"
        if is_open_file(source):
            path, name, text, label = copy_open_file(source, read_options, folder)
        elif text == "-":
            path, name, label = _copy_standard_input(folder), "stdin", "standard input"
        elif text in datasets.dataset_names():
            path, name = datasets.dataset_path(text), text
        with _translate_os_errors(label):
            if not is_open_file(source) and is_pattern(text):
                name = pattern_stem(text)
                frame, notes, dialect, formats = scan_pattern(text, read_options, folder)
            else:
                if not name:
                    name = stem(path)
                    _check_exists(path, label)
                frame, notes, dialect, formats = scan(path, label, options=read_options, folder=folder)
        opened = OpenedSource(read_options.cast_floats(frame), name, text, label, notes, dialect, formats)
        with opened.translate_read_errors():
            if frame.head(1).collect(engine="streaming").is_empty():
                raise FileReadError(f"{label} has a header but 0 rows, expected at least 1", "check how it was written")
        yield opened


def _query_database(connection: str, options: ReadOptions) -> OpenedSource:
    scanned = scan_database(connection, options.query)
    name = stem(Path(connection.rpartition("/")[2].partition("?")[0] or "database"))
    # The source is shown in reports, which must not contain a password.
    return _query_result(scanned, name, connection.partition("://")[0], options)


def _query_result(scanned: ScannedFile, name: str, source: str, options: ReadOptions) -> OpenedSource:
    options.check_applicable("a database", "the source")
    frame, notes, dialect, formats = with_options(scanned, options)
    if frame.limit(1).collect().is_empty():
        raise InputError("the query returns 0 rows, expected at least 1", "check its conditions")
    return OpenedSource(options.cast_floats(frame), name, source, "the query result", notes, dialect, formats)


@contextlib.contextmanager
def _translate_os_errors(label: str) -> Iterator[None]:
    try:
        yield
    except PermissionError as error:
        raise FileReadError(f"you have no permission to read {label}", "ask for read access") from error
    except OSError as error:
        if isinstance(error, FileReadError):
            raise
        reason = (error.strerror or str(error)).lower()
        short = label if len(label) <= 80 else f"{label[:77]}…'"
        raise FileReadError(f"{short} cannot be opened ({reason})", "check the path") from error


def _copy_standard_input(folder: Path) -> Path:
    """Standard input as a file, because the columns are read twice."""
    if sys.stdin is None:
        raise FileReadError("standard input is closed, expected a table", "give a file, or a table on standard input")
    path = folder / "stdin.csv"
    with path.open("wb") as file:
        shutil.copyfileobj(sys.stdin.buffer, file, 1 << 20)
    return path


def _check_exists(path: Path, label: str) -> None:
    if path.is_dir():
        if is_dataset(path):
            return
        tables = sorted(file.name for file in path.iterdir() if split_extension(file)[0] in EXTENSIONS)
        hint = f"choose one of its tables: {join_names(tables, 3)}" if tables else "the folder contains no table"
        raise FileReadError(f"{label} is a folder, expected a file", hint)
    if not path.exists():
        if not path.parent.is_dir():
            raise FileReadError(f"there is no folder '{path.parent}' for the file {label}", "check the path")
        raise FileReadError(f"there is no file {label}", _suggest_sources(path))


def _suggest_sources(path: Path) -> str:
    """Files of the same folder and included datasets with a similar name."""
    files = {file.name.casefold(): str(path.with_name(file.name)) for file in path.parent.iterdir() if file.is_file()}
    names = datasets.dataset_names()
    similar = [f"'{files[name]}'" for name in difflib.get_close_matches(path.name.casefold(), list(files), n=3)]
    similar += [f"the dataset '{name}'" for name in difflib.get_close_matches(stem(path).casefold(), names, n=1)]
    if similar:
        return f"did you mean {' or '.join(similar)}?"
    return f"give the path of a file, '-' for CSV on standard input, or an included dataset ({join_names(names)})"


def override_types(
    frame: pl.DataFrame, inferred_types: Mapping[str, TypeInference], variable_types: Mapping[str, str] | None
) -> dict[str, TypeInference]:
    """The inferred types, some replaced by those that the user set."""
    chosen = dict(inferred_types)
    for column, name in (variable_types or {}).items():
        if column not in chosen:
            raise InputError(
                f"variable_types is set for '{column}', but there is no such column",
                did_you_mean(column, chosen) or f"the columns are {join_names(chosen)}",
            )
        if name not in list(VariableType):
            raise InputError(
                f"the variable type of '{column}' is '{name}', expected one of {join_names(VariableType, 10)}",
                did_you_mean(name, VariableType),
            )
        variable_type = VariableType(name)
        categories = _ordered_categories(frame[column]) if variable_type is VariableType.ORDINAL else ()
        chosen[column] = TypeInference(variable_type, "set by the user", categories, is_user_choice=True)
    return chosen


def _ordered_categories(series: pl.Series) -> tuple[str, ...]:
    distinct = series.drop_nulls().unique()
    ordered = order_categories([str(category) for category in cell_text(distinct).to_list()])
    if ordered:
        return ordered
    if isinstance(series.dtype, pl.Enum):
        return tuple(series.dtype.categories)
    return tuple(cell_text(distinct.sort()).to_list())
