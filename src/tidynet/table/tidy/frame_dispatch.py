"""What every verb shares: any frame in, and the same type of frame out."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeVar, cast

import narwhals as nw
import polars as pl
from narwhals.dependencies import is_pandas_dataframe
from narwhals.typing import IntoBackend

from tidynet.core.errors import InputError, check_column_exists, did_you_mean
from tidynet.core.text import join_names
from tidynet.table.convert_types import convert_text_columns
from tidynet.table.infer_types import TypeInference, infer_type
from tidynet.table.table import Table
from tidynet.table.to_polars import as_frame

F = TypeVar("F")
Frame = nw.DataFrame[Any] | nw.LazyFrame[Any]
Columns = str | Sequence[str]


def apply_to_frame(data: F, work: Callable[[Frame], Frame]) -> F:
    """Apply a function to any frame and return the same type; a Table keeps the types of unchanged columns."""
    if isinstance(data, Table):
        result = work(_check_no_pattern_names(nw.from_native(data.frame))).to_native()
        return cast(F, _update_types(data, result))
    return cast(F, work(_check_no_pattern_names(_to_narwhals(data))).to_native())


def _check_no_pattern_names(frame: Frame) -> Frame:
    """The frame, if Polars reads no column name as a pattern for several columns."""
    for name in frame.collect_schema().names():
        if name.startswith("^") and name.endswith("$"):
            raise InputError(
                f"the column name '{name}' begins with ^ and ends with $, which Polars reads as a pattern",
                "rename the column first",
            )
    return frame


def _to_narwhals(data: Any) -> Frame:
    if is_pandas_dataframe(data) and any(not isinstance(name, str) for name in data.columns):
        names = [" ".join(map(str, name)) if isinstance(name, tuple) else str(name) for name in data.columns]
        data = data.set_axis(names, axis=1)
    try:
        frame = nw.from_native(data, pass_through=True)
    except nw.exceptions.DuplicateError as error:
        raise InputError("the frame has two columns with the same name", "give every column its own name") from error
    if isinstance(frame, (nw.DataFrame, nw.LazyFrame)):
        return frame
    return nw.from_native(as_frame(data))


def _update_types(table: Table, frame: pl.DataFrame) -> Table:
    def update(series: pl.Series) -> TypeInference:
        old = table.inferred_types.get(series.name)
        if old is None or table[series.name].dtype != series.dtype:
            return infer_type(series)
        return old if old.is_user_choice or series.equals(table[series.name]) else infer_type(series)

    return replace(table, frame=frame, inferred_types={series.name: update(series) for series in frame.get_columns()})


def select_columns(
    frame: Frame, columns: Columns | None, *, dtype_filter: Callable[[Any], bool] | None = None
) -> list[str]:
    r"""Column names from a list of names, or from a regular expression for the whole name."""
    schema = frame.collect_schema()
    names = schema.names()
    if columns is None:
        return [name for name in names if dtype_filter is None or dtype_filter(schema[name])]
    if isinstance(columns, str) and columns not in names:
        matches = _matching(names, columns)
        if not matches:
            hint = did_you_mean(columns, names) or f"the columns are {join_names(names)}"
            raise InputError(f"no column has the name '{columns}' or matches it", hint)
        return matches
    requested = [columns] if isinstance(columns, str) else [str(column) for column in columns]
    for column in requested:
        check_column_exists(column, names)
    if not requested:
        raise InputError("columns is empty, expected at least one name", f"the columns are {join_names(names)}")
    return list(dict.fromkeys(requested))


def _matching(names: Sequence[str], pattern: str) -> list[str]:
    try:
        expression = re.compile(pattern)
    except re.error:
        return []
    return [name for name in names if expression.fullmatch(name)]


def single_column(frame: Frame, column: str) -> str:
    """The name of a column; raises if it does not exist."""
    check_column_exists(column, frame.collect_schema().names())
    return column


def check_names_free(new: Sequence[str], remaining: Sequence[str]) -> None:
    """Raise if a new column would have the name of another column."""
    for position, name in enumerate(new):
        if name in remaining or name in new[:position]:
            raise InputError(f"the new column name '{name}' is taken", "choose another name")


def group_reference(frame: Frame, number: int) -> str:
    """The n-th group of a pattern in a replacement, in the dialect of the frame's engine."""
    engine = frame.implementation
    dollar = engine.is_polars() or engine.is_spark_like()
    return f"${{{number}}}" if engine.is_polars() else f"${number}" if dollar else f"\\{number}"


def convert_text_types(frame: Frame, columns: Sequence[str]) -> Frame:
    """Text columns in the type that fits all their values; those of a lazy frame stay text."""
    if isinstance(frame, nw.LazyFrame):
        return frame
    texts = as_polars(frame.select(*columns)).cast(pl.String)
    typed = convert_text_columns(texts.lazy()).frame
    changed = [series for series in typed.collect().get_columns() if series.dtype != pl.String]
    if not changed:
        return frame
    converted = as_frame_like(pl.DataFrame(changed), frame)
    return frame.with_columns(*(converted[series.name] for series in changed))


def as_polars(frame: Frame) -> pl.DataFrame:
    """The rows as a Polars frame."""
    return as_frame(frame.to_native())


def as_frame_like(result: pl.DataFrame, frame: nw.DataFrame[Any]) -> nw.DataFrame[Any]:
    """A Polars frame as a frame of the other frame's engine."""
    engine = frame.implementation
    if engine.is_polars():
        return nw.from_native(result)
    if engine.is_pyarrow():
        return nw.from_native(result.to_arrow())
    columns = {series.name: series.to_numpy() for series in result.get_columns()}
    return nw.from_dict(columns, backend=cast(IntoBackend[Any], engine))
