"""Refusing values that no column of numbers may hold."""

from __future__ import annotations

import polars as pl
import polars.selectors as cs

from tidynet.core.errors import InputError

__all__ = ["refuse_infinities"]


def refuse_infinities(frame: pl.DataFrame, *, first_row: int = 1) -> None:
    """Raise if a column of numbers holds an infinite value.

    >>> refuse_infinities(pl.DataFrame({"x": [1.0, float("inf")]}))  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    tidynet.core.errors.InputError: the column 'x' holds inf in row 2, expected finite numbers; mend or drop ...
    """
    for series in frame.select(cs.float()).get_columns():
        infinite = series.alias("values").is_infinite()
        if infinite.any():
            row = infinite.arg_true()[0]
            raise InputError(
                f"the column '{series.name}' holds {series[row]} in row {row + first_row}, expected finite numbers",
                "mend or drop the row",
            )
