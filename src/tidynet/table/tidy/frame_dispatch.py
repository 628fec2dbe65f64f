"""The door of every verb: any frame in, and the same kind of frame out."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeVar, cast

import narwhals as nw
import polars as pl
from narwhals.dependencies import is_pandas_dataframe
from narwhals.typing import IntoBackend

from tidynet.core.errors import InputError, did_you_mean
from tidynet.core.text import join_names
from tidynet.table.convert_types import convert_text_columns
from tidynet.table.infer_types import infer_type
from tidynet.table.table import Table
from tidynet.table.to_polars import as_frame

__all__ = [
    "Columns",
    "Frame",
    "apply_to_frame",
    "as_frame_like",
    "as_polars",
    "check_columns_exist",
    "check_names_free",
    "convert_text_types",
    "group_reference",
    "is_lazy",
    "quantities",
    "select_columns",
    "single_column",
]

F = TypeVar("F")
Frame = nw.DataFrame[Any] | nw.LazyFrame[Any]
Columns = str | Sequence[str]


def apply_to_frame(data: F, work: Callable[[Frame], Frame]) -> F:
    """Do work on any frame and give back the same kind; a Table keeps the kinds of columns left alone.

    >>> apply_to_frame({"a": [1, 2]}, lambda frame: frame.head(1)).rows()
    [(1,)]
    """
    if isinstance(data, Table):
        result = work(_plainly_named(nw.from_native(data.frame))).to_native()
        return cast(F, _judged_anew(data, result))
    return cast(F, work(_plainly_named(_opened(data))).to_native())


def _plainly_named(frame: Frame) -> Frame:
    """The frame, if no name of a column would be read as a pattern that stands for several columns."""
    for name in frame.collect_schema().names():
        if name.startswith("^") and name.endswith("$"):
            raise InputError(
                f"the name of the column '{name}' begins with ^ and ends with $, which Polars reads as a pattern",
                "give the column another name first",
            )
    return frame


def _opened(data: Any) -> Frame:
    if is_pandas_dataframe(data) and any(not isinstance(name, str) for name in data.columns):
        names = [" ".join(map(str, name)) if isinstance(name, tuple) else str(name) for name in data.columns]
        data = data.set_axis(names, axis=1)
    try:
        frame = nw.from_native(data, pass_through=True)
    except nw.exceptions.DuplicateError as error:
        raise InputError("the frame has two columns of one name", "give every column its own name") from error
    if isinstance(frame, (nw.DataFrame, nw.LazyFrame)):
        return frame
    return nw.from_native(as_frame(data))


def _judged_anew(table: Table, frame: pl.DataFrame) -> Table:
    same = (
        {name for name in frame.columns if name in table and frame[name].dtype == table[name].dtype}
        if frame.height == table.height
        else set()
    )
    inferred_types = {
        series.name: table.inferred_types[series.name]
        if series.name in same and series.equals(table[series.name])
        else _keep_or_infer_types(table, series)
        for series in frame.get_columns()
    }
    return replace(table, frame=frame, inferred_types=inferred_types)


def _keep_or_infer_types(table: Table, series: pl.Series) -> Any:
    old = table.inferred_types.get(series.name)
    if old is not None and old.reason == "chosen by you" and table[series.name].dtype == series.dtype:
        return old
    return infer_type(series)


def select_columns(frame: Frame, columns: Columns | None, *, of: Callable[[Any], bool] | None = None) -> list[str]:
    r"""The names of columns given one by one, or by a pattern that the whole name matches.

    >>> select_columns(nw.from_native(pl.DataFrame({"id": [1], "wk1": [2], "wk2": [3]})), r"wk\d+")
    ['wk1', 'wk2']
    """
    schema = frame.collect_schema()
    names = schema.names()
    if columns is None:
        return [name for name in names if of is None or of(schema[name])]
    if isinstance(columns, str) and columns not in names:
        result = _matching(names, columns)
        if not result:
            hint = did_you_mean(columns, names) or f"the columns are {join_names(names)}"
            raise InputError(f"no column is named or matches '{columns}'", hint)
        return result
    user_value = [columns] if isinstance(columns, str) else [str(column) for column in columns]
    for column in user_value:
        check_columns_exist(column, names)
    if not user_value:
        raise InputError("no columns were given, expected at least one", f"the columns are {join_names(names)}")
    return list(dict.fromkeys(user_value))


def _matching(names: Sequence[str], pattern: str) -> list[str]:
    try:
        expression = re.compile(pattern)
    except re.error:
        return []
    return [name for name in names if expression.fullmatch(name)]


def single_column(frame: Frame, column: str) -> str:
    """The name of a column that must exist."""
    check_columns_exist(column, frame.collect_schema().names())
    return column


def check_columns_exist(column: str, names: Sequence[str]) -> None:
    """Raise if there is no column of that name."""
    if column not in names:
        hint = did_you_mean(column, names) or "give the name of one of these columns"
        raise InputError(f"there is no column '{column}' among {join_names(names)}", hint)


def check_names_free(new: Sequence[str], remaining: Sequence[str]) -> None:
    """Raise if a new column would have the name of one that stays, or of another new one."""
    for position, name in enumerate(new):
        if name in remaining or name in new[:position]:
            raise InputError(f"there would be two columns named '{name}'", "give the new column another name")


def quantities(dtype: Any) -> bool:
    """Whether values of the type are numbers."""
    return bool(dtype.is_numeric())


def is_lazy(frame: Frame) -> bool:
    """Whether the rows are not there yet."""
    return isinstance(frame, nw.LazyFrame)


def group_reference(frame: Frame, number: int) -> str:
    """How the frame's own engine writes the n-th group of a pattern in a replacement."""
    engine = frame.implementation
    dollar = engine.is_polars() or engine.is_spark_like()
    return f"${{{number}}}" if engine.is_polars() else f"${number}" if dollar else f"\\{number}"


def convert_text_types(frame: Frame, columns: Sequence[str]) -> Frame:
    """Text columns with the type that all their values have; those of a lazy frame stay text."""
    if isinstance(frame, nw.LazyFrame):
        return frame
    texts = as_polars(frame.select(*columns)).cast(pl.String)
    numbers, _ = convert_text_columns(texts.lazy())
    changed = [series for series in numbers.collect().get_columns() if series.dtype != pl.String]
    return frame.with_columns(*(_series_like(series, frame) for series in changed)) if changed else frame


def as_polars(frame: Frame) -> pl.DataFrame:
    """The rows as a Polars frame."""
    return as_frame(frame.to_native())


def _series_like(series: pl.Series, frame: nw.DataFrame[Any]) -> nw.Series[Any]:
    """A Polars series as one of the frame's own kind."""
    engine = frame.implementation
    if engine.is_polars():
        return nw.from_native(series, series_only=True)
    if engine.is_pyarrow():
        import pyarrow

        return nw.new_series(series.name, pyarrow.chunked_array([series.to_arrow()]), backend=engine)
    return nw.new_series(series.name, series.to_numpy(), backend=cast(IntoBackend[Any], engine))


def as_frame_like(result: pl.DataFrame, frame: nw.DataFrame[Any]) -> nw.DataFrame[Any]:
    """A Polars frame as one of the other frame's kind."""
    engine = frame.implementation
    if engine.is_polars():
        return nw.from_native(result)
    if engine.is_pyarrow():
        return nw.from_native(result.to_arrow())
    columns = {series.name: series.to_numpy() for series in result.get_columns()}
    return nw.from_dict(columns, backend=cast(IntoBackend[Any], engine))
