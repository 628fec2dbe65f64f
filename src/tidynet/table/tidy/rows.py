"""Duplicate rows, unwanted rows, and outliers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, TypeVar

import narwhals as nw
import polars as pl

from tidynet.core.errors import InputError, check_choice
from tidynet.table.tidy.frame_dispatch import (
    Columns,
    Frame,
    apply_to_frame,
    check_names_free,
    select_columns,
    single_column,
)

F = TypeVar("F")


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


def drop_rows(frame: F, column: str, values: Sequence[Any]) -> F:
    """Drop the rows with certain values in a column, such as totals.

    Parameters
    ----------
    frame : data frame, lazy frame or Table
    column : str
    values : sequence
        The values of the rows to drop; rows with a missing value stay.

    Raises
    ------
    InputError
        If the column does not exist.

    Examples
    --------
    >>> drop_rows(pl.DataFrame({"region": ["north", "south", "Total"], "n": [1, 2, 3]}), "region", ["Total"]).rows()
    [('north', 1), ('south', 2)]
    """
    excluded = [values] if isinstance(values, str) else list(values)

    def transform(native: Frame) -> Frame:
        single_column(native, column)
        return native.filter(nw.col(column).is_null() | ~nw.col(column).is_in(excluded))

    return apply_to_frame(frame, transform)


def extract_table(frame: F, key: str, columns: Columns) -> tuple[F, F]:
    """Split off the columns that depend only on a key as a second table.

    Parameters
    ----------
    frame : data frame, lazy frame or Table
    key : str
        The column on which they depend, such as a country.
    columns : str or sequence of str
        The columns with one value for each value of the key: their names, or a regular expression.

    Returns
    -------
    tuple of two frames
        The frame without these columns, and a frame with the key and these columns, one row for each key.

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

    Examples
    --------
    >>> clip_outliers(pl.DataFrame({"x": [1, 2, 3, 4, 100]}))["x"].to_list()
    [1.0, 2.0, 3.0, 4.0, 7.0]
    """
    check_choice("method", method, ("iqr", "quantile"))
    factor = (1.5 if method == "iqr" else 0.01) if width is None else width
    if factor < 0 or (method == "quantile" and factor >= 0.5):
        expected, hint = ("up", "try 1.5") if method == "iqr" else ("to 0.5", "try 0.01")
        raise InputError(f"width is {factor}, expected a number from 0 {expected}", hint)

    def transform(native: Frame) -> Frame:
        schema = native.collect_schema()
        names = select_columns(native, columns, dtype_filter=lambda dtype: dtype.is_numeric())
        for name in names:
            if not schema[name].is_numeric():
                raise InputError(f"the column '{name}' has the type {schema[name]}, expected numbers", "exclude it")
        if not names:
            return native
        indicators = [f"{name}_was_clipped" for name in names] if add_indicator else []
        check_names_free(indicators, schema.names())
        floats = native.with_columns(nw.col(*names).cast(nw.Float64).fill_nan(None))
        bounds = {name: _outlier_bounds(name, method, factor) for name in names}
        outside = [
            ((nw.col(name) < low) | (nw.col(name) > high)).fill_null(False).alias(f"{name}_was_clipped")
            for name, (low, high) in bounds.items()
        ]
        marked = floats.with_columns(*outside) if add_indicator else floats
        bounded = marked.with_columns(
            *(low.alias(f"{name} low bound") for name, (low, _) in bounds.items()),
            *(high.alias(f"{name} high bound") for name, (_, high) in bounds.items()),
        )
        clipped = bounded.with_columns(*(_clip(name) for name in names))
        return clipped.select(*schema.names(), *indicators)

    return apply_to_frame(frame, transform)


def _outlier_bounds(name: str, method: str, factor: float) -> tuple[Any, Any]:
    column = nw.col(name)
    if method == "quantile":
        return column.quantile(factor, "linear"), column.quantile(1 - factor, "linear")
    low, high = column.quantile(0.25, "linear"), column.quantile(0.75, "linear")
    return low - factor * (high - low), high + factor * (high - low)


def _clip(name: str) -> Any:
    value, low, high = nw.col(name), nw.col(f"{name} low bound"), nw.col(f"{name} high bound")
    return nw.when(value < low).then(low).otherwise(nw.when(value > high).then(high).otherwise(value)).alias(name)
