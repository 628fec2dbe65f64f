"""Missing values: carried on, left out, or put in their place."""

from __future__ import annotations

from typing import Any, Literal, TypeVar

import narwhals as nw
import polars as pl

from tidynet.core.errors import InputError, did_you_mean
from tidynet.core.text import join_names
from tidynet.table.tidy.frame_dispatch import Columns, Frame, apply_to_frame, check_names_free, select_columns

__all__ = ["drop_missing", "fill", "impute"]

F = TypeVar("F")
_WAYS = ("auto", "mean", "median", "mode", "constant")


def fill(
    frame: F, columns: Columns, *, direction: Literal["down", "up"] = "down", order_by: Columns | None = None
) -> F:
    """Carry the last known value on into the gaps below it (or above it).

    For tables where a value was written once and meant for the rows that follow.

    Parameters
    ----------
    frame : data frame, lazy frame or Table
    columns : str or sequence of str
        Their names, or a pattern that the whole name matches.
    direction : {"down", "up"}, default "down"
        Which way values are carried.
    order_by : str or sequence of str, optional
        The columns that order the rows; needed where a lazy frame has no order of its own (DuckDB, Spark).

    Returns
    -------
    the same kind of frame

    Raises
    ------
    InputError
        If a column does not exist, or the rows have no order.

    Examples
    --------
    >>> fill(pl.DataFrame({"block": ["a", None, "b"], "y": [1, 2, 3]}), "block").rows()
    [('a', 1), ('a', 2), ('b', 3)]
    """
    ways: dict[str, Literal["forward", "backward"]] = {"down": "forward", "up": "backward"}
    if direction not in ways:
        raise InputError(f"direction is '{direction}', expected 'down' or 'up'", did_you_mean(direction, ways))
    way = ways[direction]

    def work(native: Frame) -> Frame:
        names = select_columns(native, columns)
        whole = _nan_as_missing(native, names)
        if order_by is not None:
            order = select_columns(native, order_by)
            return whole.with_columns(*(nw.col(name).fill_null(strategy=way).over(order_by=order) for name in names))
        if isinstance(whole, nw.LazyFrame):
            return _fill_lazy(whole, names, way)
        return whole.with_columns(*(nw.col(name).fill_null(strategy=way) for name in names))

    return apply_to_frame(frame, work)


def _fill_lazy(frame: nw.LazyFrame[Any], names: list[str], way: Literal["forward", "backward"]) -> nw.LazyFrame[Any]:
    native = frame.to_native()
    if not isinstance(native, pl.LazyFrame):
        raise InputError(
            f"the rows of a lazy {frame.implementation.name.lower()} frame have no order to fill along",
            "give order_by, the columns that order them",
        )
    return nw.from_native(native.with_columns(pl.col(name).fill_null(strategy=way) for name in names))


def drop_missing(frame: F, columns: Columns | None = None, *, how: Literal["any", "all"] = "any") -> F:
    """Leave out the rows with missing values; NaN is missing.

    Parameters
    ----------
    frame : data frame, lazy frame or Table
    columns : str or sequence of str, optional
        The columns that are looked at: their names, or a pattern (default: all).
    how : {"any", "all"}, default "any"
        Whether one missing value is enough, or all of them must be.

    Returns
    -------
    the same kind of frame

    Raises
    ------
    InputError
        If a column does not exist.

    Examples
    --------
    >>> drop_missing(pl.DataFrame({"x": [1, None], "y": [None, 2]}), "x").rows()
    [(1, None)]
    """
    if how not in ("any", "all"):
        raise InputError(f"when is '{how}', expected 'any' or 'all'", did_you_mean(how, ("any", "all")))

    def work(native: Frame) -> Frame:
        names = select_columns(native, columns)
        if not names:
            return native
        whole = _nan_as_missing(native, names)
        non_missing = [~nw.col(name).is_null() for name in names]
        joined = nw.all_horizontal if how == "any" else nw.any_horizontal
        return whole.filter(joined(*non_missing, ignore_nulls=False))

    return apply_to_frame(frame, work)


def impute(
    frame: F,
    columns: Columns | None = None,
    *,
    strategy: Literal["auto", "mean", "median", "mode", "constant"] = "auto",
    value: Any = None,
    add_indicator: bool = False,
) -> F:
    """Put one value in the place of all missing ones of a column.

    A look at a table may use this on all rows; a network must not: what it learns from is imputed by
    its recipe, from training rows alone.

    Parameters
    ----------
    frame : data frame, lazy frame or Table
    columns : str or sequence of str, optional
        Their names, or a pattern (default: all that have the type for it).
    strategy : {"auto", "mean", "median", "mode", "constant"}, default "auto"
        What to put there; auto takes the median of numbers and the most frequent of other values.
        Of a lazy frame the most frequent values are collected.
    value : object, optional
        The value for "constant".
    add_indicator : bool, default False
        Whether to add a column ``<name>_was_missing`` for each.

    Returns
    -------
    the same kind of frame

    Raises
    ------
    InputError
        If a column does not exist, or there is no mean of what it holds.

    Examples
    --------
    >>> impute(pl.DataFrame({"x": [1.0, None, 3.0], "c": ["u", "u", None]})).rows()
    [(1.0, 'u'), (2.0, 'u'), (3.0, 'u')]
    """
    if strategy not in _WAYS:
        raise InputError(f"how is '{strategy}', expected one of {join_names(_WAYS)}", did_you_mean(strategy, _WAYS))
    if (strategy == "constant") != (value is not None):
        raise InputError("a value goes with how='constant' and with nothing else", "give both, or neither")

    def work(native: Frame) -> Frame:
        schema = native.collect_schema()
        names = [name for name in select_columns(native, columns) if not schema[name].is_nested()]
        if strategy in ("mean", "median"):
            if columns is None:
                names = [name for name in names if schema[name].is_numeric()]
            _refuse_words({name: schema[name] for name in names}, strategy)
        whole = _nan_as_missing(native, names)
        marks = [nw.col(name).is_null().alias(f"{name}_was_missing") for name in names] if add_indicator else []
        check_names_free([f"{name}_was_missing" for name in names] if add_indicator else [], schema.names())
        marked = whole.with_columns(*marks) if marks else whole
        user_value = {
            name: _fill_value(whole, name, schema[name], strategy, value)
            for name in _columns_with_missing(whole, names)
        }
        filled = [nw.col(name).fill_null(stand_in) for name, stand_in in user_value.items() if stand_in is not None]
        return marked.with_columns(*filled) if filled else marked

    return apply_to_frame(frame, work)


def _columns_with_missing(frame: Frame, names: list[str]) -> list[str]:
    """The columns that miss a value, so that the others keep their type; all of a lazy frame."""
    return names if isinstance(frame, nw.LazyFrame) else [name for name in names if frame[name].is_null().any()]


def _fill_value(frame: Frame, name: str, dtype: Any, strategy: str, value: Any) -> Any:
    """What goes into the gaps of a column: an expression, or a value; None if it has no known value."""
    if strategy == "constant":
        return value
    if strategy == "mean":
        return nw.col(name).mean()
    if strategy == "median" or (strategy == "auto" and dtype.is_numeric()):
        return nw.col(name).median()
    counts = frame.select(name).drop_nulls().group_by(name).agg(nw.len().alias("rows of each value"))
    # The least of the most frequent, so that the answer does not hang on the order of the rows.
    top = counts.sort("rows of each value", name, descending=[True, False]).head(1)
    collected = top.collect() if isinstance(top, nw.LazyFrame) else top
    return collected[name].to_list()[0] if len(collected) else None


def _refuse_words(types: dict[str, Any], strategy: str) -> None:
    for name, dtype in types.items():
        if not dtype.is_numeric():
            raise InputError(f"the column '{name}' holds {dtype}, which has no {strategy}", "use how='mode'")


def _nan_as_missing(frame: Frame, names: list[str]) -> Frame:
    schema = frame.collect_schema()
    floats = [name for name in names if schema[name].is_float()]
    return frame.with_columns(nw.col(*floats).fill_nan(None)) if floats else frame
