"""What kind of variable each column is, and why."""

from __future__ import annotations

import polars as pl

from tidynet.table.infer_number_type import infer_number_type
from tidynet.table.infer_text_type import infer_category_type, infer_text_type
from tidynet.table.variable_type import TypeInference, VariableType

__all__ = ["TypeInference", "VariableType", "infer_type", "infer_types"]


def infer_type(series: pl.Series) -> TypeInference:
    """Judge what kind of variable a column is, from its values and its name.

    >>> infer_type(pl.Series("year", [2007, 2008, 2009])).reason
    'years from 2007 to 2009'
    >>> infer_type(pl.Series("colour", ["red", "blue", "red"])).variable_type
    <VariableType.NOMINAL: 'nominal'>
    """
    name = series.name
    # Polars takes a name such as "^a$" for a pattern, even in the methods of the series itself.
    series = series.alias("values")
    if series.dtype.is_nested() or series.dtype in (pl.Binary, pl.Object):
        return TypeInference(VariableType.TEXT, f"its cells hold {_contents(series.dtype)}, not single values")
    non_missing = series.drop_nulls()
    if non_missing.is_empty():
        return TypeInference(VariableType.CONSTANT, "every value is missing")
    if non_missing.dtype.is_float():
        non_missing = non_missing.drop_nans()
    if non_missing.is_empty() or bool((non_missing == non_missing[0]).all()):
        value = non_missing[0] if len(non_missing) else "NaN"
        return TypeInference(VariableType.CONSTANT, f"every known value is {_quote_value(value)}")
    return _infer_from_dtype(series, name)


def infer_types(frame: pl.DataFrame) -> dict[str, TypeInference]:
    """Judge every column of a frame.

    >>> {name: str(j.variable_type) for name, j in infer_types(pl.DataFrame({"a": [1, 2], "b": ["u", "v"]})).items()}
    {'a': 'discrete', 'b': 'nominal'}
    """
    return {series.name: infer_type(series) for series in frame.get_columns()}


def _infer_from_dtype(series: pl.Series, name: str) -> TypeInference:
    dtype = series.dtype
    if dtype == pl.Boolean:
        return TypeInference(VariableType.BOOLEAN, "only true and false", ("false", "true"))
    if dtype in (pl.Date, pl.Datetime):
        return TypeInference(VariableType.DATETIME, f"dates from {series.min()!s} to {series.max()!s}")
    if dtype == pl.Duration:
        return TypeInference(VariableType.DURATION, "lengths of time")
    if dtype == pl.Time:
        return TypeInference(VariableType.DURATION, "times of day, counted from midnight")
    if dtype.is_numeric():
        return infer_number_type(series, name)
    if dtype in (pl.Categorical, pl.Enum):
        return infer_category_type(series)
    return infer_text_type(series, name)


def _contents(dtype: pl.DataType) -> str:
    if isinstance(dtype, pl.Struct):
        return "records"
    return "lists" if dtype.is_nested() else "bytes or objects"


def _quote_value(value: object) -> str:
    return f"'{value}'" if isinstance(value, str) else f"{value!s}"
