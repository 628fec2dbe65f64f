"""A file, a shipped table, or any frame in memory → Table."""

from __future__ import annotations

import contextlib
import difflib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import polars as pl

from tidynet.core.errors import FileReadError, InputError, did_you_mean
from tidynet.core.text import join_names
from tidynet.table import datasets as shipped
from tidynet.table.database import is_connection, scan_database
from tidynet.table.formats import ENDINGS, is_dataset, scan, split_extension, stem
from tidynet.table.infer_types import TypeInference, VariableType, infer_types
from tidynet.table.ordinal_scales import order_categories
from tidynet.table.pandas_frames import with_labels
from tidynet.table.read_errors import unreadable_file_error
from tidynet.table.read_options import ReadOptions
from tidynet.table.table import Table
from tidynet.table.to_polars import as_frame, normalize_dtypes

__all__ = ["OpenedSource", "as_frame", "chunks", "open_lazily", "override_types", "read"]


def read(
    source: Any,
    *,
    on_bad_lines: Literal["error", "skip"] = "error",
    sheet: str | int | None = None,
    variable_types: Mapping[str, str] | None = None,
    separator: str | None = None,
    decimal: str | None = None,
    thousands: str | None = None,
    encoding: str | None = None,
    comment: str | None = None,
    header_rows: int | None = None,
    na_values: Sequence[str] = (),
    code_columns: Sequence[str] = (),
    query: str | None = None,
    columns: Sequence[str] | None = None,
    dtype: str | None = None,
) -> Table:
    """Read a table and judge the kind of each of its columns.

    Parameters
    ----------
    source : str, Path, data frame, dict of columns, or 2-d array
        A file (CSV, TSV, Parquet, Arrow, JSON lines, Excel, SQLite, NumPy; text also compressed), a
        folder of Parquet files, the connection string of a database, "-" for CSV on standard input,
        the name of a shipped table such as "penguins", or any frame that Narwhals knows. The labels
        of a pandas index become a column.
    on_bad_lines : {"error", "skip"}, default "error"
        What to do with rows that have more or fewer fields than the header.
    sheet : str or int, optional
        The sheet of a workbook, by name or by number from 1 (default: the first); also the array of
        an ``.npz``.
    variable_types : mapping of column to kind, optional
        Kinds that overrule the judgement, such as ``{"rank": "ordinal"}``.
    separator, decimal, thousands, encoding, comment, header_rows : optional
        How text is written, where the reader should not find it out: the character between fields,
        the marks within numbers, the encoding, with what comments begin ("" for none), and how many
        lines the names of the columns take. What was found out is in the table's `reading`.
    na_values : sequence of str, optional
        Further spellings of a missing value, such as "-999"; the usual ones are known.
    code_columns : sequence of str, optional
        Columns of codes, which stay text as they stand: "NA" is Namibia there, and only an empty cell missing.
    query : str, optional
        What to ask a database.
    columns : sequence of str, optional
        The names of the columns of an array.
    dtype : {"float32", "float64"}, optional
        The type that numbers with fractions take in memory, instead of their own.

    Returns
    -------
    Table
        The rows in memory, missing values as null.

    Raises
    ------
    FileFault
        If the file is missing or cannot be read.
    InputError
        If the data is no table, or an option does not fit.

    Examples
    --------
    >>> penguins = read("penguins")
    >>> penguins.height, str(penguins.inferred_types["species"].variable_type)
    (344, 'nominal')
    """
    if isinstance(source, Table):
        return replace(source, inferred_types=override_types(source.frame, source.inferred_types, variable_types))
    reading = ReadOptions(
        on_bad_lines=on_bad_lines,
        sheet=sheet,
        separator=separator,
        decimal=decimal,
        thousands=thousands,
        encoding=encoding,
        comment=comment,
        header_rows=header_rows,
        na_values=na_values,
        code_columns=code_columns,
        query=query,
        columns=columns,
        dtype=dtype,
    )
    if not isinstance(source, (str, os.PathLike)):
        source, kept = with_labels(source)
        frame = reading.cast_floats(as_frame(source, column_names=columns).lazy()).collect()
        return Table(
            frame, override_types(frame, infer_types(frame), variable_types), "table", type(source).__name__, kept
        )
    with open_lazily(source, reading) as opened, opened.translate_read_errors():
        frame = opened.frame.collect(engine="streaming")
    inferred_types = override_types(frame, infer_types(frame), variable_types)
    held = {} if dtype is None else {"dtype": dtype, "memory": f"{frame.estimated_size():,} bytes"}
    return Table(frame, inferred_types, opened.name, opened.source, opened.notes, {**opened.detected_options, **held})


def chunks(
    source: Any,
    rows: int = 100_000,
    *,
    on_bad_lines: Literal["error", "skip"] = "error",
    sheet: str | int | None = None,
    read_options: ReadOptions | None = None,
) -> Iterator[pl.DataFrame]:
    """Read a table in parts, in order; memory does not grow with a file.

    >>> [part.height for part in chunks("penguins", rows=150)]
    [150, 150, 44]
    """
    if rows < 1:
        raise InputError(f"the number of rows in a part is {rows}, expected 1 or more", "try 100000")
    if isinstance(source, pl.LazyFrame):
        yield from normalize_dtypes(source).collect_batches(chunk_size=rows, maintain_order=True, engine="streaming")
    elif not isinstance(source, (str, os.PathLike)):
        yield from as_frame(source).iter_slices(rows)
    else:
        with (
            open_lazily(source, read_options or ReadOptions(on_bad_lines=on_bad_lines, sheet=sheet)) as opened,
            opened.translate_read_errors(),
        ):
            yield from opened.frame.collect_batches(chunk_size=rows, maintain_order=True, engine="streaming")


@dataclass(frozen=True, slots=True)
class OpenedSource:
    """A file that can be read lazily as long as it is open."""

    frame: pl.LazyFrame
    name: str
    source: str
    label: str
    notes: tuple[str, ...]
    detected_options: Mapping[str, str]

    @contextlib.contextmanager
    def translate_read_errors(self) -> Iterator[None]:
        """Turn what goes wrong inside damaged data into one sentence."""
        try:
            yield
        except pl.exceptions.PolarsError as error:
            raise unreadable_file_error(self.label, "a table", error) from error


@contextlib.contextmanager
def open_lazily(source: str | os.PathLike[str], read_options: ReadOptions) -> Iterator[OpenedSource]:
    """A file, a shipped table or a database as a lazy frame, open as long as the context lasts."""
    text = os.fspath(source)
    if not text:
        raise FileReadError("the name of the table is empty", "expected the path of a file")
    with tempfile.TemporaryDirectory(prefix="tidynet-") as temporary:
        folder = Path(temporary)
        if is_connection(text):
            yield _check_column_names(text, read_options)
            return
        if text == "-":
            path, name, display_text = _spooled_input(folder), "stdin", "standard input"
        elif text in shipped.dataset_names():
            path, name, display_text = shipped.dataset_path(text), text, f"'{text}'"
        else:
            path, display_text = Path(text).expanduser(), f"'{text}'"
            name = stem(path)
            with _readable(display_text):
                _refuse_absent(path, display_text)
        with _readable(display_text):
            frame, notes, detected_options = scan(path, display_text, options=read_options, folder=folder)
        opened = OpenedSource(read_options.cast_floats(frame), name, text, display_text, notes, detected_options)
        with opened.translate_read_errors():
            _refuse_without_rows(frame, display_text)
        yield opened


def _check_column_names(connection: str, reading: ReadOptions) -> OpenedSource:
    if reading.columns is not None:
        raise InputError("names of columns were given, but a query's answer has its own", "leave them out")
    frame, notes, detected_options = scan_database(connection, reading.query)
    name = stem(Path(connection.rpartition("/")[2].partition("?")[0] or "database"))
    if frame.limit(1).collect().is_empty():
        raise InputError("the query gives no rows", "expected at least one")
    # The source is shown in reports, where no password belongs.
    return OpenedSource(
        reading.cast_floats(frame), name, connection.partition("://")[0], "the query's answer", notes, detected_options
    )


@contextlib.contextmanager
def _readable(display_text: str) -> Iterator[None]:
    try:
        yield
    except PermissionError as error:
        raise FileReadError(f"{display_text} may not be read by you", "ask for the right to read it") from error
    except OSError as error:
        if isinstance(error, FileReadError):
            raise
        reason = (error.strerror or str(error)).lower()
        raise FileReadError(f"{_truncate(display_text)} cannot be opened ({reason})", "check the path") from error


def _truncate(display_text: str) -> str:
    return display_text if len(display_text) <= 80 else f"{display_text[:77]}…'"


def _spooled_input(folder: Path) -> Path:
    """Standard input as a file, since the types of columns need a second look."""
    path = folder / "stdin.csv"
    with path.open("wb") as file:
        shutil.copyfileobj(sys.stdin.buffer, file, 1 << 20)
    return path


def _refuse_without_rows(frame: pl.LazyFrame, display_text: str) -> None:
    if frame.head(1).collect(engine="streaming").is_empty():
        raise FileReadError(f"{display_text} has a header but no rows below it", "expected at least one row")


def _refuse_absent(path: Path, display_text: str) -> None:
    if path.is_dir() and is_dataset(path):
        return
    if path.is_dir():
        tables = sorted(file.name for file in path.iterdir() if split_extension(file)[0] in ENDINGS)
        hint = f"its tables are {join_names(tables, 3)}" if tables else "it holds no table"
        raise FileReadError(f"{display_text} is a folder, expected a file", hint)
    if path.exists():
        return
    if not path.parent.is_dir():
        raise FileReadError(f"there is no folder '{path.parent}', so no file {display_text}", "check the path")
    raise FileReadError(f"there is no file {display_text}", _nearest(path))


def _nearest(path: Path) -> str:
    """Files of the same folder and shipped tables with a name near the one that is missing."""
    files = {file.name.casefold(): str(path.with_name(file.name)) for file in path.parent.iterdir() if file.is_file()}
    near = [files[name] for name in difflib.get_close_matches(path.name.casefold(), list(files), n=3)]
    tables = difflib.get_close_matches(stem(path).casefold(), shipped.dataset_names(), n=1)
    detected_options = [f"'{name}'" for name in near] + [f"the shipped table '{name}'" for name in tables]
    if detected_options:
        return f"did you mean {' or '.join(detected_options)}?"
    tables_shipped = join_names(shipped.dataset_names())
    return f"give the path of a table, '-' for CSV on standard input, or a shipped table ({tables_shipped})"


def override_types(
    frame: pl.DataFrame, inferred_types: Mapping[str, TypeInference], variable_types: Mapping[str, str] | None
) -> dict[str, TypeInference]:
    """The judgements with the user's own in place of some."""
    chosen = dict(inferred_types)
    for column, kind in (variable_types or {}).items():
        if column not in chosen:
            raise InputError(
                f"a kind is given for '{column}', but there is no such column",
                did_you_mean(column, chosen) or f"the columns are {join_names(chosen)}",
            )
        if kind not in list(VariableType):
            raise InputError(
                f"the kind of '{column}' is '{kind}', expected one of {join_names(VariableType, 10)}",
                did_you_mean(kind, VariableType),
            )
        chosen[column] = TypeInference(VariableType(kind), "chosen by you", _levels(frame[column], VariableType(kind)))
    return chosen


def _levels(series: pl.Series, kind: VariableType) -> tuple[str, ...]:
    if kind is not VariableType.ORDINAL:
        return ()
    distinct = series.drop_nulls().unique()
    names = [str(level) for level in distinct.cast(pl.String).to_list()]
    non_missing = order_categories(names)
    if non_missing:
        return non_missing
    if isinstance(series.dtype, pl.Enum):
        return tuple(series.dtype.categories)
    return tuple(distinct.sort().cast(pl.String).to_list())
