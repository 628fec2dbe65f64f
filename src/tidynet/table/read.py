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

from tidynet.errors import FileFault, InputError, did_you_mean, listed
from tidynet.table import shipped
from tidynet.table.database import is_connection, scan_database
from tidynet.table.faults import unreadable
from tidynet.table.formats import ENDINGS, is_dataset, plain_name, scan, split_ending
from tidynet.table.frames import as_frame, settled
from tidynet.table.kinds import Judgement, Kind, judge_all
from tidynet.table.pandas_frames import with_labels
from tidynet.table.reading import Reading
from tidynet.table.scales import ordered_levels
from tidynet.table.table import Table

__all__ = ["Opened", "as_frame", "chunks", "opened_lazily", "overruled", "read"]


def read(
    source: Any,
    *,
    ragged: Literal["error", "skip"] = "error",
    sheet: str | int | None = None,
    kinds: Mapping[str, str] | None = None,
    separator: str | None = None,
    decimal: str | None = None,
    thousands: str | None = None,
    encoding: str | None = None,
    comment: str | None = None,
    header_rows: int | None = None,
    missing: Sequence[str] = (),
    codes: Sequence[str] = (),
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
    ragged : {"error", "skip"}, default "error"
        What to do with rows that have more or fewer fields than the header.
    sheet : str or int, optional
        The sheet of a workbook, by name or by number from 1 (default: the first); also the array of
        an ``.npz``.
    kinds : mapping of column to kind, optional
        Kinds that overrule the judgement, such as ``{"rank": "ordinal"}``.
    separator, decimal, thousands, encoding, comment, header_rows : optional
        How text is written, where the reader should not find it out: the character between fields,
        the marks within numbers, the encoding, with what comments begin ("" for none), and how many
        lines the names of the columns take. What was found out is in the table's `reading`.
    missing : sequence of str, optional
        Further spellings of a missing value, such as "-999"; the usual ones are known.
    codes : sequence of str, optional
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
    >>> penguins.height, str(penguins.judgements["species"].kind)
    (344, 'nominal')
    """
    if isinstance(source, Table):
        return replace(source, judgements=overruled(source.frame, source.judgements, kinds))
    reading = Reading(
        ragged=ragged,
        sheet=sheet,
        separator=separator,
        decimal=decimal,
        thousands=thousands,
        encoding=encoding,
        comment=comment,
        header_rows=header_rows,
        missing=missing,
        codes=codes,
        query=query,
        columns=columns,
        dtype=dtype,
    )
    if not isinstance(source, (str, os.PathLike)):
        source, kept = with_labels(source)
        frame = reading.typed(as_frame(source, column_names=columns).lazy()).collect()
        return Table(frame, overruled(frame, judge_all(frame), kinds), "table", type(source).__name__, kept)
    with opened_lazily(source, reading) as opened, opened.faults():
        frame = opened.frame.collect(engine="streaming")
    judgements = overruled(frame, judge_all(frame), kinds)
    held = {} if dtype is None else {"dtype": dtype, "memory": f"{frame.estimated_size():,} bytes"}
    return Table(frame, judgements, opened.name, opened.source, opened.notes, {**opened.found, **held})


def chunks(
    source: Any,
    rows: int = 100_000,
    *,
    ragged: Literal["error", "skip"] = "error",
    sheet: str | int | None = None,
    reading: Reading | None = None,
) -> Iterator[pl.DataFrame]:
    """Read a table in parts, in order; memory does not grow with a file.

    Parameters
    ----------
    source, ragged, sheet
        As in `read`.
    rows : int, default 100_000
        The most rows in one part.
    reading : Reading, optional
        What else there is to say about a file; it wins over `ragged` and `sheet`.

    Yields
    ------
    pl.DataFrame
        Parts that all have the same columns and types.

    Raises
    ------
    FileFault, InputError
        As in `read`.

    Examples
    --------
    >>> [part.height for part in chunks("penguins", rows=150)]
    [150, 150, 44]
    """
    if rows < 1:
        raise InputError(f"the number of rows in a part is {rows}, expected 1 or more", "try 100000")
    if isinstance(source, pl.LazyFrame):
        yield from settled(source).collect_batches(chunk_size=rows, maintain_order=True, engine="streaming")
    elif not isinstance(source, (str, os.PathLike)):
        yield from as_frame(source).iter_slices(rows)
    else:
        with opened_lazily(source, reading or Reading(ragged=ragged, sheet=sheet)) as opened, opened.faults():
            yield from opened.frame.collect_batches(chunk_size=rows, maintain_order=True, engine="streaming")


@dataclass(frozen=True, slots=True)
class Opened:
    """A file that can be read lazily as long as it is open."""

    frame: pl.LazyFrame
    name: str
    source: str
    shown: str
    notes: tuple[str, ...]
    found: Mapping[str, str]

    @contextlib.contextmanager
    def faults(self) -> Iterator[None]:
        """Turn what goes wrong inside damaged data into one sentence."""
        try:
            yield
        except pl.exceptions.PolarsError as error:
            raise unreadable(self.shown, "a table", error) from error


@contextlib.contextmanager
def opened_lazily(source: str | os.PathLike[str], reading: Reading) -> Iterator[Opened]:
    """A file, a shipped table or a database as a lazy frame, open as long as the context lasts."""
    text = os.fspath(source)
    if not text:
        raise FileFault("the name of the table is empty", "expected the path of a file")
    with tempfile.TemporaryDirectory(prefix="tidynet-") as temporary:
        folder = Path(temporary)
        if is_connection(text):
            yield _asked(text, reading)
            return
        if text == "-":
            path, name, shown = _spooled_input(folder), "stdin", "standard input"
        elif text in shipped.names():
            path, name, shown = shipped.path(text), text, f"'{text}'"
        else:
            path, shown = Path(text).expanduser(), f"'{text}'"
            name = plain_name(path)
            with _readable(shown):
                _refuse_absent(path, shown)
        with _readable(shown):
            frame, notes, found = scan(path, shown, reading=reading, folder=folder)
        opened = Opened(reading.typed(frame), name, text, shown, notes, found)
        with opened.faults():
            _refuse_without_rows(frame, shown)
        yield opened


def _asked(connection: str, reading: Reading) -> Opened:
    if reading.columns is not None:
        raise InputError("names of columns were given, but a query's answer has its own", "leave them out")
    frame, notes, found = scan_database(connection, reading.query)
    name = plain_name(Path(connection.rpartition("/")[2].partition("?")[0] or "database"))
    if frame.limit(1).collect().is_empty():
        raise InputError("the query gives no rows", "expected at least one")
    # The source is shown in reports, where no password belongs.
    return Opened(reading.typed(frame), name, connection.partition("://")[0], "the query's answer", notes, found)


@contextlib.contextmanager
def _readable(shown: str) -> Iterator[None]:
    try:
        yield
    except PermissionError as error:
        raise FileFault(f"{shown} may not be read by you", "ask for the right to read it") from error
    except OSError as error:
        if isinstance(error, FileFault):
            raise
        reason = (error.strerror or str(error)).lower()
        raise FileFault(f"{_cut(shown)} cannot be opened ({reason})", "check the path") from error


def _cut(shown: str) -> str:
    return shown if len(shown) <= 80 else f"{shown[:77]}…'"


def _spooled_input(folder: Path) -> Path:
    """Standard input as a file, since the types of columns need a second look."""
    path = folder / "stdin.csv"
    with path.open("wb") as file:
        shutil.copyfileobj(sys.stdin.buffer, file, 1 << 20)
    return path


def _refuse_without_rows(frame: pl.LazyFrame, shown: str) -> None:
    if frame.head(1).collect(engine="streaming").is_empty():
        raise FileFault(f"{shown} has a header but no rows below it", "expected at least one row")


def _refuse_absent(path: Path, shown: str) -> None:
    if path.is_dir() and is_dataset(path):
        return
    if path.is_dir():
        tables = sorted(file.name for file in path.iterdir() if split_ending(file)[0] in ENDINGS)
        hint = f"its tables are {listed(tables, 3)}" if tables else "it holds no table"
        raise FileFault(f"{shown} is a folder, expected a file", hint)
    if path.exists():
        return
    if not path.parent.is_dir():
        raise FileFault(f"there is no folder '{path.parent}', so no file {shown}", "check the path")
    raise FileFault(f"there is no file {shown}", _nearest(path))


def _nearest(path: Path) -> str:
    """Files of the same folder and shipped tables with a name near the one that is missing."""
    files = {file.name.casefold(): str(path.with_name(file.name)) for file in path.parent.iterdir() if file.is_file()}
    near = [files[name] for name in difflib.get_close_matches(path.name.casefold(), list(files), n=3)]
    tables = difflib.get_close_matches(plain_name(path).casefold(), shipped.names(), n=1)
    found = [f"'{name}'" for name in near] + [f"the shipped table '{name}'" for name in tables]
    if found:
        return f"did you mean {' or '.join(found)}?"
    tables_shipped = listed(shipped.names())
    return f"give the path of a table, '-' for CSV on standard input, or a shipped table ({tables_shipped})"


def overruled(
    frame: pl.DataFrame, judgements: Mapping[str, Judgement], kinds: Mapping[str, str] | None
) -> dict[str, Judgement]:
    """The judgements with the user's own in place of some."""
    chosen = dict(judgements)
    for column, kind in (kinds or {}).items():
        if column not in chosen:
            raise InputError(
                f"a kind is given for '{column}', but there is no such column",
                did_you_mean(column, chosen) or f"the columns are {listed(chosen)}",
            )
        if kind not in list(Kind):
            raise InputError(
                f"the kind of '{column}' is '{kind}', expected one of {listed(Kind, 10)}",
                did_you_mean(kind, Kind),
            )
        chosen[column] = Judgement(Kind(kind), "chosen by you", _levels(frame[column], Kind(kind)))
    return chosen


def _levels(series: pl.Series, kind: Kind) -> tuple[str, ...]:
    if kind is not Kind.ORDINAL:
        return ()
    distinct = series.drop_nulls().unique()
    names = [str(level) for level in distinct.cast(pl.String).to_list()]
    known = ordered_levels(names)
    if known:
        return known
    if isinstance(series.dtype, pl.Enum):
        return tuple(series.dtype.categories)
    return tuple(distinct.sort().cast(pl.String).to_list())
