"""The variable type of each column, and the reason."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

import polars as pl

from tidynet.core.text import pluralize
from tidynet.table.cell_text import cell_text
from tidynet.table.infer_number_type import infer_number_type
from tidynet.table.infer_text_type import infer_category_type, infer_text_type
from tidynet.table.normalize_dtypes import exceeds_float, is_column_of_codes
from tidynet.table.variable_type import TypeInference, VariableType

__all__ = ["TypeInference", "VariableType", "infer_type", "infer_types", "renew_reasons"]


def infer_type(series: pl.Series) -> TypeInference:
    """The type of a variable, from its values and its name."""
    name = series.name
    # Polars reads a name such as "^a$" as a pattern, even in the methods of a series.
    series = series.alias("values")
    if series.dtype.is_nested() or series.dtype in (pl.Binary, pl.Object):
        return TypeInference(VariableType.TEXT, f"cells contain {_contents(series.dtype)}, not single values")
    non_missing = series.drop_nulls()
    if non_missing.is_empty():
        return TypeInference(VariableType.CONSTANT, "every value is missing")
    if non_missing.dtype.is_float():
        non_missing = non_missing.drop_nans()
    if non_missing.is_empty() or bool((non_missing == non_missing[0]).all()):
        value = non_missing[0] if len(non_missing) else "NaN"
        text = f"'{value}'" if isinstance(value, str) else str(value)
        return TypeInference(VariableType.CONSTANT, f"every non-missing value is {text}")
    return _infer_from_dtype(series, name)


def infer_types(frame: pl.DataFrame) -> dict[str, TypeInference]:
    """The type of each variable of a frame."""
    return {series.name: infer_type(series) for series in frame.get_columns()}


def renew_reasons(
    frame: pl.DataFrame, types: Mapping[str, TypeInference], rows: int, keep: Collection[str] = ()
) -> dict[str, TypeInference]:
    """The types that were inferred from more `rows` than a frame has, with reasons that are true of the frame.

    A reason that names other counts than those beside it in a report would be false.
    """
    renewed = {}
    for name, inferred in types.items():
        if not inferred.is_user_choice and name not in keep:
            own = infer_type(frame.get_column(name))
            is_same = own.variable_type is inferred.variable_type
            reason = own.reason if is_same else f"{inferred.reason} (in all {pluralize(rows, 'row')})"
            inferred = replace(inferred, reason=reason)
        renewed[name] = inferred
    return renewed


def _infer_from_dtype(series: pl.Series, name: str) -> TypeInference:
    dtype = series.dtype
    if dtype == pl.Boolean:
        return TypeInference(VariableType.BOOLEAN, "only true and false", ("false", "true"))
    if dtype in (pl.Date, pl.Datetime):
        return TypeInference(VariableType.DATETIME, f"dates from {series.min()!s} to {series.max()!s}")
    if dtype == pl.Duration:
        return TypeInference(VariableType.DURATION, "durations")
    if dtype == pl.Time:
        return TypeInference(VariableType.DURATION, "times of day, as durations from midnight")
    if dtype.is_numeric():
        return _infer_large_numbers(series, name) if exceeds_float(series) else infer_number_type(series, name)
    if dtype in (pl.Categorical, pl.Enum):
        return infer_category_type(series)
    return infer_text_type(series, name)


def _infer_large_numbers(series: pl.Series, name: str) -> TypeInference:
    """Integers beyond 2^53, which a network computes with in 15 digits: codes as text, quantities as numbers."""
    if is_column_of_codes(series, name):
        inferred = infer_text_type(cell_text(series), name)
        return replace(inferred, reason=f"{inferred.reason}, of more digits than a number keeps")
    inferred = infer_number_type(series, name)
    return replace(inferred, reason=f"{inferred.reason}, rounded to 15 digits in computations")


def _contents(dtype: pl.DataType) -> str:
    if isinstance(dtype, pl.Struct):
        return f"records ({dtype})"
    if dtype in (pl.Binary, pl.Object):
        return "bytes" if dtype == pl.Binary else "Python objects"
    return f"lists ({dtype})"
