"""What kind of variable each column is, and why."""

from __future__ import annotations

import polars as pl

from tidynet.table.kind import Judgement, Kind
from tidynet.table.number_kinds import judge_numbers
from tidynet.table.text_kinds import judge_categories, judge_text

__all__ = ["Judgement", "Kind", "judge", "judge_all"]


def judge(series: pl.Series) -> Judgement:
    """Judge what kind of variable a column is, from its values and its name.

    Parameters
    ----------
    series : pl.Series
        The column, missing values as null.

    Returns
    -------
    Judgement
        The kind, one plain reason, and the levels in order where there is an order.

    Examples
    --------
    >>> judge(pl.Series("year", [2007, 2008, 2009])).reason
    'years from 2007 to 2009'
    >>> judge(pl.Series("colour", ["red", "blue", "red"])).kind
    <Kind.NOMINAL: 'nominal'>
    """
    name = series.name
    # Polars takes a name such as "^a$" for a pattern, even in the methods of the series itself.
    series = series.alias("values")
    if series.dtype.is_nested() or series.dtype in (pl.Binary, pl.Object):
        return Judgement(Kind.TEXT, f"its cells hold {_contents(series.dtype)}, not single values")
    known = series.drop_nulls()
    if known.is_empty():
        return Judgement(Kind.CONSTANT, "every value is missing")
    if known.dtype.is_float():
        known = known.drop_nans()
    if known.is_empty() or bool((known == known[0]).all()):
        value = known[0] if len(known) else "NaN"
        return Judgement(Kind.CONSTANT, f"every known value is {_quoted(value)}")
    return _judge_by_type(series, name)


def judge_all(frame: pl.DataFrame) -> dict[str, Judgement]:
    """Judge every column of a frame.

    Examples
    --------
    >>> {name: str(j.kind) for name, j in judge_all(pl.DataFrame({"a": [1, 2], "b": ["u", "v"]})).items()}
    {'a': 'discrete', 'b': 'nominal'}
    """
    return {series.name: judge(series) for series in frame.get_columns()}


def _judge_by_type(series: pl.Series, name: str) -> Judgement:
    dtype = series.dtype
    if dtype == pl.Boolean:
        return Judgement(Kind.BOOLEAN, "only true and false", ("false", "true"))
    if dtype in (pl.Date, pl.Datetime):
        return Judgement(Kind.DATETIME, f"dates from {series.min()!s} to {series.max()!s}")
    if dtype == pl.Duration:
        return Judgement(Kind.DURATION, "lengths of time")
    if dtype == pl.Time:
        return Judgement(Kind.DURATION, "times of day, counted from midnight")
    if dtype.is_numeric():
        return judge_numbers(series, name)
    if dtype in (pl.Categorical, pl.Enum):
        return judge_categories(series)
    return judge_text(series, name)


def _contents(dtype: pl.DataType) -> str:
    if isinstance(dtype, pl.Struct):
        return "records"
    return "lists" if dtype.is_nested() else "bytes or objects"


def _quoted(value: object) -> str:
    return f"'{value}'" if isinstance(value, str) else f"{value!s}"
