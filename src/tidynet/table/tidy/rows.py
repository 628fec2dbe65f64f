"""Rows that come twice or do not belong, and values that lie far out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, TypeVar

import narwhals as nw
import polars as pl

from tidynet.core.errors import InputError, did_you_mean
from tidynet.table.tidy.frame_dispatch import (
    Columns,
    Frame,
    apply_to_frame,
    check_names_free,
    quantities,
    select_columns,
    single_column,
)

__all__ = ["clip_outliers", "drop_duplicates", "drop_rows", "extract_table"]

F = TypeVar("F")
_RULES = ("iqr", "quantile")


def drop_duplicates(frame: F, columns: Columns | None = None, *, keep: Literal["first", "last", "none"] = "first") -> F:
    """Leave out rows that come again.

    Parameters
    ----------
    frame : data frame, lazy frame or Table
    columns : str or sequence of str, optional
        The columns that make two rows the same: their names, or a pattern (default: all).
    keep : {"first", "last", "none"}, default "first"
        Which of the rows stays. Where a lazy frame has no order (DuckDB, Spark), any one.

    Returns
    -------
    the same kind of frame

    Raises
    ------
    InputError
        If a column does not exist.

    Examples
    --------
    >>> drop_duplicates(pl.DataFrame({"id": [1, 1, 2], "x": [5, 6, 7]}), "id").rows()
    [(1, 5), (2, 7)]
    """
    if keep not in ("first", "last", "none"):
        raise InputError(
            f"keep is '{keep}', expected 'first', 'last' or 'none'", did_you_mean(keep, ("first", "last", "none"))
        )

    def work(native: Frame) -> Frame:
        names = select_columns(native, columns)
        if not names:
            return native
        if not isinstance(native, nw.LazyFrame):
            return native.unique(subset=names, keep=keep, maintain_order=True)
        inner = native.to_native()
        if isinstance(inner, pl.LazyFrame):
            return nw.from_native(inner.unique(subset=names, keep=keep, maintain_order=True))
        return native.unique(subset=names, keep="none" if keep == "none" else "any")

    return apply_to_frame(frame, work)


def drop_rows(frame: F, column: str, values: Sequence[Any]) -> F:
    """Leave out the rows where a column holds one of some values, such as a total among the rows.

    Parameters
    ----------
    frame : data frame, lazy frame or Table
    column : str
    values : sequence
        The values; rows where the column is missing stay.

    Returns
    -------
    the same kind of frame

    Raises
    ------
    InputError
        If the column does not exist.

    Examples
    --------
    >>> drop_rows(pl.DataFrame({"region": ["north", "south", "Total"], "n": [1, 2, 3]}), "region", ["Total"]).rows()
    [('north', 1), ('south', 2)]
    """
    unwanted = [values] if isinstance(values, str) else list(values)

    def work(native: Frame) -> Frame:
        single_column(native, column)
        return native.filter(nw.col(column).is_null() | ~nw.col(column).is_in(unwanted))

    return apply_to_frame(frame, work)


def extract_table(frame: F, key: str, columns: Columns) -> tuple[F, F]:
    """Take the facts that hang on one column alone out into a table of their own.

    Parameters
    ----------
    frame : data frame, lazy frame or Table
    key : str
        The column on which the facts hang, such as a country.
    columns : str or sequence of str
        The columns that have one value for each value of the key: their names, or a pattern.

    Returns
    -------
    tuple of two frames of the same kind
        The frame without these columns, and a frame of the key and them, one row for each key.

    Raises
    ------
    InputError
        If a column does not exist.

    Examples
    --------
    >>> sales = pl.DataFrame({"shop": ["a", "a", "b"], "city": ["Bonn", "Bonn", "Ulm"], "sold": [1, 2, 3]})
    >>> rest, shops = extract_table(sales, "shop", ["city"])
    >>> rest.rows(), shops.rows()
    ([('a', 1), ('a', 2), ('b', 3)], [('a', 'Bonn'), ('b', 'Ulm')])
    """

    def rest(native: Frame) -> Frame:
        single_column(native, key)
        return native.drop([name for name in select_columns(native, columns) if name != key])

    def facts(native: Frame) -> Frame:
        return native.select(key, *(name for name in select_columns(native, columns) if name != key))

    return apply_to_frame(frame, rest), drop_duplicates(apply_to_frame(frame, facts))


def clip_outliers(
    frame: F,
    columns: Columns | None = None,
    *,
    method: Literal["iqr", "quantile"] = "iqr",
    width: float | None = None,
    add_indicator: bool = False,
) -> F:
    """Pull values that lie far out in to the fence.

    With the quartiles q1 and q3, the fences are q1 − width·(q3 − q1) and q3 + width·(q3 − q1) by the
    rule "iqr", and the quantiles width and 1 − width by the rule "quantile".

    Parameters
    ----------
    frame : data frame, lazy frame or Table
    columns : str or sequence of str, optional
        Columns of numbers: their names, or a pattern (default: all).
    method : {"iqr", "quantile"}, default "iqr"
    width : float, optional
        1.5 for "iqr" and 0.01 for "quantile" by default.
    add_indicator : bool, default False
        Whether to add a column ``<name>_was_clipped`` for each.

    Returns
    -------
    the same kind of frame
        The columns are floats; missing values stay missing.

    Raises
    ------
    InputError
        If a column does not exist or holds no numbers.

    Examples
    --------
    >>> clip_outliers(pl.DataFrame({"x": [1, 2, 3, 4, 100]}))["x"].to_list()
    [1.0, 2.0, 3.0, 4.0, 7.0]
    """
    if method not in _RULES:
        raise InputError(f"rule is '{method}', expected 'iqr' or 'quantile'", did_you_mean(method, _RULES))
    extent = (1.5 if method == "iqr" else 0.01) if width is None else width
    if extent < 0 or (method == "quantile" and extent >= 0.5):
        raise InputError(f"width is {extent}, expected a number from 0{' to 0.5' * (method == 'quantile')}", "try 0.01")

    def work(native: Frame) -> Frame:
        schema = native.collect_schema()
        names = select_columns(native, columns, of=quantities)
        for name in names:
            if not schema[name].is_numeric():
                raise InputError(f"the column '{name}' holds {schema[name]}, expected numbers", "leave it out")
        if not names:
            return native
        marks = [f"{name}_was_clipped" for name in names] if add_indicator else []
        check_names_free(marks, schema.names())
        floats = native.with_columns(nw.col(*names).cast(nw.Float64).fill_nan(None))
        fences = {name: _outlier_bounds(name, method, extent) for name in names}
        outside = [
            ((nw.col(name) < low) | (nw.col(name) > high)).fill_null(False).alias(f"{name}_was_clipped")
            for name, (low, high) in fences.items()
        ]
        marked = floats.with_columns(*outside) if add_indicator else floats
        bounded = marked.with_columns(
            *(low.alias(f"{name} low fence") for name, (low, _) in fences.items()),
            *(high.alias(f"{name} high fence") for name, (_, high) in fences.items()),
        )
        clipped = bounded.with_columns(*(_clip(name) for name in names))
        return clipped.select(*schema.names(), *marks)

    return apply_to_frame(frame, work)


def _outlier_bounds(name: str, method: str, extent: float) -> tuple[Any, Any]:
    column = nw.col(name)
    if method == "quantile":
        return column.quantile(extent, "linear"), column.quantile(1 - extent, "linear")
    low, high = column.quantile(0.25, "linear"), column.quantile(0.75, "linear")
    return low - extent * (high - low), high + extent * (high - low)


def _clip(name: str) -> Any:
    value, low, high = nw.col(name), nw.col(f"{name} low fence"), nw.col(f"{name} high fence")
    return nw.when(value < low).then(low).otherwise(nw.when(value > high).then(high).otherwise(value)).alias(name)
