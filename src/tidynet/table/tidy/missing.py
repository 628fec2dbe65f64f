"""Missing values: filled from neighboring rows, dropped, or imputed."""

from __future__ import annotations

from typing import Any, Literal, TypeVar

import narwhals as nw
import polars as pl

from tidynet.core.errors import InputError, check_choice
from tidynet.table.tidy.column_values import value_of_type
from tidynet.table.tidy.frame_dispatch import Columns, Frame, apply_to_frame, check_names_free, select_columns

F = TypeVar("F")


def fill(
    frame: F, columns: Columns, *, direction: Literal["down", "up"] = "down", order_by: Columns | None = None
) -> F:
    """Fill missing values with the last value above them (or the next below).

    For tables in which a value is written once for several rows.

    Parameters
    ----------
    frame : data frame, lazy frame or Table
    columns : str or sequence of str
        Their names, or a regular expression for the whole name.
    direction : {"down", "up"}, default "down"
        The direction in which values are copied.
    order_by : str or sequence of str, optional
        The columns that order the rows; required for a lazy frame without an order (DuckDB, Spark).

    Raises
    ------
    InputError
        If a column does not exist, or the rows have no order.

    Examples
    --------
    >>> fill(pl.DataFrame({"block": ["a", None, "b"], "y": [1, 2, 3]}), "block").rows()
    [('a', 1), ('a', 2), ('b', 3)]
    """
    strategies: dict[str, Literal["forward", "backward"]] = {"down": "forward", "up": "backward"}
    check_choice("direction", direction, strategies)
    strategy = strategies[direction]

    def transform(native: Frame) -> Frame:
        names = select_columns(native, columns)
        whole = _nan_as_missing(native, names)
        if order_by is not None:
            order = select_columns(native, order_by)
            return whole.with_columns(
                *(nw.col(name).fill_null(strategy=strategy).over(order_by=order) for name in names)
            )
        if isinstance(whole, nw.LazyFrame):
            return _fill_lazy(whole, names, strategy)
        empty = [name for name in names if whole[name].is_null().any()]
        return whole.with_columns(*(nw.col(name).fill_null(strategy=strategy) for name in empty)) if empty else native

    return apply_to_frame(frame, transform)


def _fill_lazy(
    frame: nw.LazyFrame[Any], names: list[str], strategy: Literal["forward", "backward"]
) -> nw.LazyFrame[Any]:
    native = frame.to_native()
    if not isinstance(native, pl.LazyFrame):
        raise InputError(
            f"the rows of a lazy {frame.implementation.name.lower()} frame have no order, expected order_by",
            "set order_by to the columns that order them",
        )
    return nw.from_native(native.with_columns(pl.col(name).fill_null(strategy=strategy) for name in names))


def drop_missing(frame: F, columns: Columns | None = None, *, how: Literal["any", "all"] = "any") -> F:
    """Drop rows with missing values; NaN is missing.

    Parameters
    ----------
    frame : data frame, lazy frame or Table
    columns : str or sequence of str, optional
        The columns to check: their names, or a regular expression (default: all).
    how : {"any", "all"}, default "any"
        Whether any or all of the values must be missing.

    Raises
    ------
    InputError
        If a column does not exist.

    Examples
    --------
    >>> drop_missing(pl.DataFrame({"x": [1, None], "y": [None, 2]}), "x").rows()
    [(1, None)]
    """
    check_choice("how", how, ("any", "all"))

    def transform(native: Frame) -> Frame:
        names = select_columns(native, columns)
        if not names:
            return native
        schema = native.collect_schema()
        # The rows that stay keep their NaN.
        cells = [nw.col(name).fill_nan(None) if schema[name].is_float() else nw.col(name) for name in names]
        joined = nw.all_horizontal if how == "any" else nw.any_horizontal
        return native.filter(joined(*(~cell.is_null() for cell in cells), ignore_nulls=False))

    return apply_to_frame(frame, transform)


def impute(
    frame: F,
    columns: Columns | None = None,
    *,
    strategy: Literal["auto", "mean", "median", "mode", "constant"] = "auto",
    value: Any = None,
    add_indicator: bool = False,
) -> F:
    """Replace the missing values of a column by one value.

    Use it to explore a table. The recipe of a model imputes from training rows only, which prevents data leakage.

    Parameters
    ----------
    frame : data frame, lazy frame or Table
    columns : str or sequence of str, optional
        Their names, or a regular expression (default: all with a suitable type).
    strategy : {"auto", "mean", "median", "mode", "constant"}, default "auto"
        The value to use; auto takes the median of numbers and the mode of other values. The modes of a lazy frame
        are collected.
    value : object, optional
        The value for the strategy "constant".
    add_indicator : bool, default False
        Whether to add a column ``<name>_was_missing`` for each.

    Raises
    ------
    InputError
        If a column does not exist, or has no mean or median.

    Examples
    --------
    >>> impute(pl.DataFrame({"x": [1.0, None, 3.0], "c": ["u", "u", None]})).rows()
    [(1.0, 'u'), (2.0, 'u'), (3.0, 'u')]
    """
    check_choice("strategy", strategy, ("auto", "mean", "median", "mode", "constant"))
    if (strategy == "constant") != (value is not None):
        state = "needs a value" if strategy == "constant" else "takes no value"
        raise InputError(f"strategy='{strategy}' {state}", "set value only with strategy='constant'")

    def transform(native: Frame) -> Frame:
        schema = native.collect_schema()
        names = [name for name in select_columns(native, columns) if not schema[name].is_nested()]
        if strategy == "constant" and columns is None:
            names = [name for name in names if _holds(value, schema[name])]
        if strategy in ("mean", "median"):
            if columns is None:
                names = [name for name in names if schema[name].is_numeric()]
            _check_numeric({name: schema[name] for name in names}, strategy)
        whole = _nan_as_missing(native, names)
        indicators = {f"{name}_was_missing": nw.col(name).is_null() for name in names} if add_indicator else {}
        check_names_free(list(indicators), schema.names())
        marked = whole.with_columns(**indicators) if indicators else whole
        fill_values = {
            name: _fill_value(whole, name, schema[name], strategy, value)
            for name in _columns_with_missing(whole, names)
        }
        filled = [nw.col(name).fill_null(item) for name, item in fill_values.items() if item is not None]
        return marked.with_columns(*filled) if filled else marked

    return apply_to_frame(frame, transform)


def _columns_with_missing(frame: Frame, names: list[str]) -> list[str]:
    """The columns with a missing value, so that the others keep their type; all of a lazy frame."""
    return names if isinstance(frame, nw.LazyFrame) else [name for name in names if frame[name].is_null().any()]


def _fill_value(frame: Frame, name: str, dtype: Any, strategy: str, value: Any) -> Any:
    """The value for the missing cells of a column: an expression or a value; None for an empty column."""
    if strategy == "constant":
        return value_of_type(value, name, dtype)
    if strategy == "mean":
        return nw.col(name).mean()
    if strategy == "median" or (strategy == "auto" and dtype.is_numeric()):
        return nw.col(name).median()
    counts = frame.select(name).drop_nulls().group_by(name).agg(nw.len().alias("rows of each value"))
    # The smallest of the most frequent values, so that the order of the rows does not matter.
    top = counts.sort("rows of each value", name, descending=[True, False]).head(1)
    collected = top.collect() if isinstance(top, nw.LazyFrame) else top
    return collected[name].to_list()[0] if len(collected) else None


def _holds(value: Any, dtype: Any) -> bool:
    """Whether a column of this type can hold a value as it is."""
    if isinstance(value, str):
        return dtype in (nw.String, nw.Categorical)
    if isinstance(value, bool):
        return bool(dtype == nw.Boolean)
    return bool(dtype.is_numeric()) and isinstance(value, (int, float))


def _check_numeric(types: dict[str, Any], strategy: str) -> None:
    for name, dtype in types.items():
        if not dtype.is_numeric():
            raise InputError(f"the column '{name}' has the type {dtype} and no {strategy}", "use strategy='mode'")


def _nan_as_missing(frame: Frame, names: list[str]) -> Frame:
    schema = frame.collect_schema()
    floats = [name for name in names if schema[name].is_float()]
    return frame.with_columns(nw.col(*floats).fill_nan(None)) if floats else frame
