"""Duplicate rows, unwanted rows, and outliers."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from typing import Any, Literal, TypeVar

import narwhals as nw
import polars as pl

from tidynet.core.errors import InputError, TidynetWarning, check_choice, did_you_mean
from tidynet.core.text import format_number, quote
from tidynet.table.tidy.column_values import values_of_type
from tidynet.table.tidy.frame_dispatch import (
    Columns,
    Frame,
    apply_to_frame,
    as_polars,
    check_names_free,
    select_columns,
    single_column,
)

F = TypeVar("F")
_MAX_LEVELS_COMPARED = 5_000


def drop_duplicates(frame: F, columns: Columns | None = None, *, keep: Literal["first", "last", "none"] = "first") -> F:
    """Drop duplicate rows.

    Parameters
    ----------
    frame : data frame, lazy frame or Table
    columns : str or sequence of str, optional
        The columns to compare: their names, or a regular expression (default: all).
    keep : {"first", "last", "none"}, default "first"
        Which duplicate to keep; any one in a lazy frame without an order (DuckDB, Spark).

    Raises
    ------
    InputError
        If a column does not exist.

    Examples
    --------
    >>> drop_duplicates(pl.DataFrame({"id": [1, 1, 2], "x": [5, 6, 7]}), "id").rows()
    [(1, 5), (2, 7)]
    """
    check_choice("keep", keep, ("first", "last", "none"))

    def transform(native: Frame) -> Frame:
        names = select_columns(native, columns)
        if not names:
            return native
        if not isinstance(native, nw.LazyFrame):
            return native.unique(subset=names, keep=keep, maintain_order=True)
        inner = native.to_native()
        if isinstance(inner, pl.LazyFrame):
            return nw.from_native(inner.unique(subset=names, keep=keep, maintain_order=True))
        return native.unique(subset=names, keep="none" if keep == "none" else "any")

    return apply_to_frame(frame, transform)


def drop_rows(frame: F, column: str, values: Sequence[Any], *, strict: bool = True) -> F:
    """Drop the rows with certain values in a column, such as totals.

    Parameters
    ----------
    frame : data frame, lazy frame or Table
    column : str
    values : sequence
        The values of the rows to drop; rows with a missing value stay. Text is read as the column's type: "138" as a
        number, "2023-01-02" as a date.
    strict : bool, default True
        Whether a value that no row has is an error; never in a lazy frame.

    Raises
    ------
    InputError
        If the column does not exist, or a value does not have its type or is in no row.

    Examples
    --------
    >>> drop_rows(pl.DataFrame({"region": ["north", "south", "Total"], "n": [1, 2, 3]}), "region", ["Total"]).rows()
    [('north', 1), ('south', 2)]
    >>> drop_rows(pl.DataFrame({"n": [1, 2, 138]}), "n", ["138"])["n"].to_list()
    [1, 2]
    """
    is_list = isinstance(values, Iterable) and not isinstance(values, str)
    given = list(values) if is_list else [values]

    def transform(native: Frame) -> Frame:
        single_column(native, column)
        excluded = values_of_type(given, column, native.collect_schema()[column])
        if strict and not isinstance(native, nw.LazyFrame):
            _check_found(native, column, excluded)
        # Not `is_in`, which takes only values of exactly the column's type.
        found = [(nw.col(column) == value).fill_null(False) for value in excluded]
        return native.filter(~nw.any_horizontal(*found, ignore_nulls=False)) if found else native

    return apply_to_frame(frame, transform)


def _check_found(frame: nw.DataFrame[Any], column: str, values: list[Any]) -> None:
    for value in values:
        if not (frame[column] == value).any():
            levels = as_polars(frame.select(column)).to_series().drop_nulls().unique().head(_MAX_LEVELS_COMPARED)
            hint = did_you_mean(str(value), map(str, levels.to_list())) if levels.dtype == pl.String else ""
            raise InputError(
                f"no row has the value {quote(value)} in '{column}'",
                hint or "remove the value, or set strict=False (strict=no on the command line)",
            )


def extract_table(frame: F, key: str, columns: Columns | None = None) -> tuple[F, F]:
    """Split off the columns that depend only on a key as a second table; both tables keep the key.

    Parameters
    ----------
    frame : data frame, lazy frame or Table
    key : str
        The column on which they depend, such as a customer.
    columns : str or sequence of str, optional
        The columns with one value for each value of the key: their names, or a regular expression (default: all such
        columns; required for a lazy frame).

    Returns
    -------
    tuple of two frames
        The frame without these columns, and a frame with the key and these columns, one row for each key.

    Raises
    ------
    InputError
        If a column does not exist, or has several values for one value of the key.

    Examples
    --------
    >>> sales = pl.DataFrame({"shop": ["a", "a", "b"], "city": ["Bonn", "Bonn", "Ulm"], "sold": [1, 2, 3]})
    >>> rest, shops = extract_table(sales, "shop")
    >>> rest.rows(), shops.rows()
    ([('a', 1), ('a', 2), ('b', 3)], [('a', 'Bonn'), ('b', 'Ulm')])
    """

    def rest(native: Frame) -> Frame:
        return native.drop(_facts_of(native, key, columns))

    def facts(native: Frame) -> Frame:
        return native.select(key, *_facts_of(native, key, columns))

    return apply_to_frame(frame, rest), drop_duplicates(apply_to_frame(frame, facts))


def _facts_of(frame: Frame, key: str, columns: Columns | None) -> list[str]:
    """The columns that have one value for each value of the key, checked where the rows are in memory."""
    single_column(frame, key)
    if isinstance(frame, nw.LazyFrame):
        if columns is None:
            raise InputError("columns is not set, expected the columns that depend on the key", "name them")
        return [name for name in select_columns(frame, columns) if name != key]
    names = [name for name in select_columns(frame, columns) if name != key]
    rows = as_polars(frame.select(key, *names))
    n_keys = rows.get_column(key).n_unique()
    dependent = [name for name in names if _n_pairs(rows, key, name) == n_keys]
    if columns is None and dependent and n_keys < rows.height:
        return dependent
    for name in names if columns is not None else ():
        if name not in dependent:
            counts = pl.DataFrame({"key": rows.get_column(key), "fact": rows.get_column(name)})
            counts = counts.unique(maintain_order=True)
            value = counts.group_by("key", maintain_order=True).len().filter(pl.col("len") > 1).row(0)
            raise InputError(
                f"'{name}' has {value[1]:,} values where '{key}' is {quote(value[0])}, expected one",
                "name only columns that depend on the key",
            )
    if columns is None:
        state = "each of its values is in one row only" if n_keys == rows.height else "every column varies within it"
        raise InputError(f"no column repeats for each value of '{key}': {state}", "choose another key")
    return names


def _n_pairs(rows: pl.DataFrame, key: str, name: str) -> int:
    # By series, because Polars reads a name such as "^a$" in a selection as a pattern.
    return pl.DataFrame({"key": rows.get_column(key), "fact": rows.get_column(name)}).n_unique()


def clip_outliers(
    frame: F,
    columns: Columns | None = None,
    *,
    method: Literal["iqr", "quantile"] = "iqr",
    width: float | None = None,
    add_indicator: bool = False,
) -> F:
    """Clip outliers to bounds.

    The bounds of the method "iqr" are q1 − width·(q3 − q1) and q3 + width·(q3 − q1), with the quartiles q1 and q3;
    those of "quantile" are the quantiles width and 1 − width.

    Parameters
    ----------
    frame : data frame, lazy frame or Table
    columns : str or sequence of str, optional
        Columns of numbers: their names, or a regular expression (default: all).
    method : {"iqr", "quantile"}, default "iqr"
    width : float, optional
        1.5 for "iqr" and 0.01 for "quantile" by default.
    add_indicator : bool, default False
        Whether to add a column ``<name>_was_clipped`` for each.

    Raises
    ------
    InputError
        If a column does not exist or is not numeric.

    Warns
    -----
    TidynetWarning
        If a column has no range (most of its values are equal); it is left unchanged.

    Examples
    --------
    >>> clip_outliers(pl.DataFrame({"x": [1, 2, 3, 4, 100]}))["x"].to_list()
    [1.0, 2.0, 3.0, 4.0, 7.0]
    """
    check_choice("method", method, ("iqr", "quantile"))
    factor = (1.5 if method == "iqr" else 0.01) if width is None else width
    if not 0 <= factor < (float("inf") if method == "iqr" else 0.5):
        expected, hint = ("up", "try 1.5") if method == "iqr" else ("to 0.5", "try 0.01")
        raise InputError(f"width is {factor}, expected a number from 0 {expected}", hint)

    def transform(native: Frame) -> Frame:
        schema = native.collect_schema()
        names = select_columns(native, columns, dtype_filter=lambda dtype: dtype.is_numeric())
        for name in names:
            if not schema[name].is_numeric():
                raise InputError(f"the column '{name}' has the type {schema[name]}, expected numbers", "exclude it")
        indicators = [f"{name}_was_clipped" for name in names] if add_indicator else []
        check_names_free(indicators, schema.names())
        if not names:
            return native
        bounded = native.with_columns(
            *(end for name in names for end in _outlier_bounds(name, schema[name], method, factor))
        )
        outside = {
            name: (nw.col(f"{name} as number") < nw.col(f"{name} low bound")).fill_null(False)
            | (nw.col(f"{name} as number") > nw.col(f"{name} high bound")).fill_null(False)
            for name in names
        }
        changed = names if isinstance(native, nw.LazyFrame) else _columns_to_clip(bounded, outside, method)
        marks = [outside[name].alias(f"{name}_was_clipped") for name in names] if add_indicator else []
        clipped = bounded.with_columns(*marks, *(_clip(name, schema[name], outside[name]) for name in changed))
        return clipped.select(*schema.names(), *indicators)

    return apply_to_frame(frame, transform)


def _outlier_bounds(name: str, dtype: Any, method: str, factor: float) -> list[Any]:
    """The column as numbers, and its two bounds, which are infinite where they would be equal."""
    column = nw.col(name).cast(nw.Float64)
    column = column.fill_nan(None) if dtype.is_float() else column
    inner = 0.25 if method == "iqr" else factor
    low, high = column.quantile(inner, "linear"), column.quantile(1 - inner, "linear")
    margin = factor * (high - low) if method == "iqr" else 0.0
    is_range = high > low
    return [
        column.alias(f"{name} as number"),
        nw.when(is_range).then(low - margin).otherwise(float("-inf")).alias(f"{name} low bound"),
        nw.when(is_range).then(high + margin).otherwise(float("inf")).alias(f"{name} high bound"),
    ]


def _columns_to_clip(frame: Any, outside: dict[str, Any], method: str) -> list[str]:
    """The columns with a value outside their bounds; a warning for those without a range but with other values."""
    for name in outside:
        numbers = frame[f"{name} as number"].drop_nulls()
        if len(numbers) and numbers.min() < numbers.max() and frame[f"{name} high bound"][0] == float("inf"):
            share = "quartiles are" if method == "iqr" else "quantiles are"
            warnings.warn(
                f"'{name}' is unchanged: its two {share} equal ({format_number(numbers.median())}), "
                "so no value is an outlier by them",
                TidynetWarning,
                stacklevel=6,
            )
    found = frame.select(*(mask.any().alias(name) for name, mask in outside.items())).row(0)
    return [name for name, is_outside in zip(outside, found, strict=True) if is_outside]


def _clip(name: str, dtype: Any, outside: Any) -> Any:
    number, low, high = nw.col(f"{name} as number"), nw.col(f"{name} low bound"), nw.col(f"{name} high bound")
    bound = nw.when(number < low).then(low).otherwise(high)
    if dtype.is_float():
        return nw.when(outside).then(bound.cast(dtype)).otherwise(nw.col(name)).alias(name)
    return nw.when(outside).then(bound).otherwise(number).alias(name)
