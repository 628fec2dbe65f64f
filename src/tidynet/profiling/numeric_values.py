"""Numeric columns as floats, whatever their dtype."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from tidynet.core.errors import InputError
from tidynet.table.date_formats import parse_datetime
from tidynet.table.variable_type import VariableType

_DURATIONS = (("days", 86_400.0), ("hours", 3_600.0), ("minutes", 60.0), ("seconds", 1.0))


def to_numeric(series: pl.Series, variable_type: VariableType) -> pl.Series | None:
    """A numeric column as numbers, dates, times or durations; None if its text cannot be converted."""
    if series.dtype == pl.Time:
        return series.cast(pl.Duration("us"))
    if series.dtype in (pl.String, pl.Categorical, pl.Enum):
        texts = series.cast(pl.String)
        return _parse_dates(texts) if variable_type is VariableType.DATETIME else texts.cast(pl.Float64, strict=False)
    return series


def to_floats(series: pl.Series, variable_type: VariableType) -> tuple[npt.NDArray[np.float64], str] | None:
    """A numeric column as float64 with NaN for missing, and the unit."""
    numbers = to_numeric(series, variable_type)
    if numbers is None or numbers.dtype.is_nested() or numbers.dtype in (pl.Binary, pl.Object):
        return None
    unit = ""
    if numbers.dtype == pl.Duration:
        numbers, unit = in_unit(numbers)
    elif numbers.dtype in (pl.Date, pl.Datetime):
        numbers, unit = wall_clock(numbers), "time"
    return numbers.cast(pl.Float64).fill_null(np.nan).to_numpy(), unit


def wall_clock(series: pl.Series) -> pl.Series:
    """Dates or datetimes as microseconds since 1970 in local time."""
    stamps = series.cast(pl.Datetime("us")) if series.dtype == pl.Date else series
    return stamps.dt.replace_time_zone(None).dt.cast_time_unit("us").to_physical()


def in_unit(series: pl.Series) -> tuple[pl.Series, str]:
    """Durations as floats in days, hours, minutes or seconds, and the unit."""
    seconds = series.dt.total_microseconds() / 1e6
    largest = float(seconds.abs().max() or 0.0)  # type: ignore[arg-type]
    unit, size = next(((u, s) for u, s in _DURATIONS if largest >= 2 * s), _DURATIONS[-1])
    return seconds / size, unit


def _parse_dates(texts: pl.Series) -> pl.Series | None:
    try:
        return parse_datetime(texts)
    except InputError:  # a column may be declared a datetime without being one
        return None
