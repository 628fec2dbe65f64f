"""Missing values: carried on, left out, or put in their place."""

from __future__ import annotations

from typing import Any, Literal, TypeVar

import narwhals as nw
import polars as pl

from tidynet.errors import InputError, did_you_mean, listed
from tidynet.table.tidy.door import Columns, Frame, chosen, refuse_taken, through

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
        names = chosen(native, columns)
        whole = _nan_as_missing(native, names)
        if order_by is not None:
            order = chosen(native, order_by)
            return whole.with_columns(*(nw.col(name).fill_null(strategy=way).over(order_by=order) for name in names))
        if isinstance(whole, nw.LazyFrame):
            return _fill_lazy(whole, names, way)
        return whole.with_columns(*(nw.col(name).fill_null(strategy=way) for name in names))

    return through(frame, work)


def _fill_lazy(frame: nw.LazyFrame[Any], names: list[str], way: Literal["forward", "backward"]) -> nw.LazyFrame[Any]:
    native = frame.to_native()
    if not isinstance(native, pl.LazyFrame):
        raise InputError(
            f"the rows of a lazy {frame.implementation.name.lower()} frame have no order to fill along",
            "give order_by, the columns that order them",
        )
    return nw.from_native(native.with_columns(pl.col(name).fill_null(strategy=way) for name in names))


def drop_missing(frame: F, columns: Columns | None = None, *, when: Literal["any", "all"] = "any") -> F:
    """Leave out the rows with missing values; NaN is missing.

    Parameters
    ----------
    frame : data frame, lazy frame or Table
    columns : str or sequence of str, optional
        The columns that are looked at: their names, or a pattern (default: all).
    when : {"any", "all"}, default "any"
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
    if when not in ("any", "all"):
        raise InputError(f"when is '{when}', expected 'any' or 'all'", did_you_mean(when, ("any", "all")))

    def work(native: Frame) -> Frame:
        names = chosen(native, columns)
        if not names:
            return native
        whole = _nan_as_missing(native, names)
        known = [~nw.col(name).is_null() for name in names]
        joined = nw.all_horizontal if when == "any" else nw.any_horizontal
        return whole.filter(joined(*known, ignore_nulls=False))

    return through(frame, work)


def impute(
    frame: F,
    columns: Columns | None = None,
    *,
    how: Literal["auto", "mean", "median", "mode", "constant"] = "auto",
    value: Any = None,
    mark: bool = False,
) -> F:
    """Put one value in the place of all missing ones of a column.

    A look at a table may use this on all rows; a network must not: what it learns from is imputed by
    its recipe, from training rows alone.

    Parameters
    ----------
    frame : data frame, lazy frame or Table
    columns : str or sequence of str, optional
        Their names, or a pattern (default: all that have the type for it).
    how : {"auto", "mean", "median", "mode", "constant"}, default "auto"
        What to put there; auto takes the median of numbers and the most frequent of other values.
        Of a lazy frame the most frequent values are collected.
    value : object, optional
        The value for "constant".
    mark : bool, default False
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
    if how not in _WAYS:
        raise InputError(f"how is '{how}', expected one of {listed(_WAYS)}", did_you_mean(how, _WAYS))
    if (how == "constant") != (value is not None):
        raise InputError("a value goes with how='constant' and with nothing else", "give both, or neither")

    def work(native: Frame) -> Frame:
        schema = native.collect_schema()
        names = [name for name in chosen(native, columns) if not schema[name].is_nested()]
        if how in ("mean", "median"):
            if columns is None:
                names = [name for name in names if schema[name].is_numeric()]
            _refuse_words({name: schema[name] for name in names}, how)
        whole = _nan_as_missing(native, names)
        marks = [nw.col(name).is_null().alias(f"{name}_was_missing") for name in names] if mark else []
        refuse_taken([f"{name}_was_missing" for name in names] if mark else [], schema.names())
        marked = whole.with_columns(*marks) if marks else whole
        given = {name: _stand_in(whole, name, schema[name], how, value) for name in _with_gaps(whole, names)}
        filled = [nw.col(name).fill_null(stand_in) for name, stand_in in given.items() if stand_in is not None]
        return marked.with_columns(*filled) if filled else marked

    return through(frame, work)


def _with_gaps(frame: Frame, names: list[str]) -> list[str]:
    """The columns that miss a value, so that the others keep their type; all of a lazy frame."""
    return names if isinstance(frame, nw.LazyFrame) else [name for name in names if frame[name].is_null().any()]


def _stand_in(frame: Frame, name: str, dtype: Any, how: str, value: Any) -> Any:
    """What goes into the gaps of a column: an expression, or a value; None if it has no known value."""
    if how == "constant":
        return value
    if how == "mean":
        return nw.col(name).mean()
    if how == "median" or (how == "auto" and dtype.is_numeric()):
        return nw.col(name).median()
    counts = frame.select(name).drop_nulls().group_by(name).agg(nw.len().alias("rows of each value"))
    # The least of the most frequent, so that the answer does not hang on the order of the rows.
    top = counts.sort("rows of each value", name, descending=[True, False]).head(1)
    collected = top.collect() if isinstance(top, nw.LazyFrame) else top
    return collected[name].to_list()[0] if len(collected) else None


def _refuse_words(types: dict[str, Any], how: str) -> None:
    for name, dtype in types.items():
        if not dtype.is_numeric():
            raise InputError(f"the column '{name}' holds {dtype}, which has no {how}", "use how='mode'")


def _nan_as_missing(frame: Frame, names: list[str]) -> Frame:
    schema = frame.collect_schema()
    floats = [name for name in names if schema[name].is_float()]
    return frame.with_columns(nw.col(*floats).fill_nan(None)) if floats else frame
