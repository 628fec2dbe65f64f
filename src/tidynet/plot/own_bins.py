"""Bins that the user chose: their number, their width or their edges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

from tidynet.core.errors import InputError
from tidynet.plot.days import to_days
from tidynet.plot.variables import NumericVariable

Floats = npt.NDArray[np.float64]

MAX_BINS: Final = 10_000
_SECONDS: Final = {"seconds": 1.0, "minutes": 60.0, "hours": 3600.0, "days": 86_400.0}


def with_own_bins(variable: NumericVariable, bins: Any, bin_width: Any) -> NumericVariable:
    """The variable with the bins that the user chose; unchanged where both are None."""
    if bins is not None and bin_width is not None:
        raise InputError(f"bins is {bins!r} and bin_width is {bin_width!r}, expected one of them", "remove bin_width")
    if bin_width is not None:
        return _with_edges(variable, _edges_by_width(variable, bin_width), "edges")
    if bins is None or (isinstance(bins, str) and bins == "auto"):
        return variable
    if isinstance(bins, (bool, str)) or (np.ndim(bins) == 0 and not _is_whole(bins)):
        raise InputError(f"bins is {bins!r}, expected a whole number or edges in order", "try bins=20")
    if np.ndim(bins) == 0:
        return _with_edges(variable, _edges_by_number(variable, int(bins)), "number")
    return _with_edges(variable, _own_edges(variable, bins), "edges")


def _with_edges(variable: NumericVariable, edges: Floats, chosen: Literal["number", "edges"]) -> NumericVariable:
    """The variable with these bins alone, and the range that they cover as that of its axis."""
    shown = (float(edges[0]), float(edges[-1]))
    is_whole = shown[0] <= variable.low and variable.high <= shown[1]
    return replace(variable, edges=edges, own_edges=chosen, spike=None, shown=None if is_whole else shown)


def pair_of(value: Any) -> tuple[Any, Any]:
    """The values of an option for x and y, as NumPy takes them: a pair, or one value for both."""
    if isinstance(value, tuple | list) and len(value) == 2:
        return value[0], value[1]
    return value, value


def number_on_axis(variable: NumericVariable | None, option: str, value: Any) -> float:
    """A number, a date or a duration as a position on the axis of a variable."""
    is_time = variable is not None and variable.scale == "time"
    try:
        if isinstance(value, timedelta | np.timedelta64):
            seconds = np.timedelta64(value) / np.timedelta64(1, "us") / 1e6
            return float(seconds) / _SECONDS.get(variable.unit if variable is not None else "", 86_400.0)
        if is_time and isinstance(value, str | date | datetime | np.datetime64):
            moment: Any = value.replace(tzinfo=None) if isinstance(value, datetime) else value
            number = float(to_days(np.datetime64(moment, "us").astype(np.int64)))
        elif isinstance(value, str | bool | date | time | np.datetime64):
            number = np.nan
        else:
            number = float(value)
    except (TypeError, ValueError):
        number = np.nan
    if not np.isfinite(number):
        raise InputError(
            f"{option} holds {value!r}, expected {'dates' if is_time else 'finite numbers'}", _example(is_time)
        )
    return number


def _example(is_time: bool) -> str:
    return "write a date such as '2024-03-01'" if is_time else "give numbers in the unit of the axis"


def _is_whole(value: Any) -> bool:
    try:
        return float(value) == int(value)
    except (TypeError, ValueError, OverflowError):
        return False


def _edges_by_number(variable: NumericVariable, number: int) -> Floats:
    if not 1 <= number <= MAX_BINS:
        raise InputError(f"bins is {number:,}, expected 1 to {MAX_BINS:,}", "try bins=20")
    first, last = variable.axis_range
    low, high = (float(end) for end in variable.to_scale([first, last]))
    if low == high:
        low, high = low - 0.5, high + 0.5
    edges = variable.from_scale(np.linspace(low, high, number + 1))
    # the ends survive the way to the scale and back
    if last > first:
        edges[0], edges[-1] = first, last
    return edges


def _edges_by_width(variable: NumericVariable, width: Any) -> Floats:
    step = number_on_axis(variable, "bin_width", width) if not isinstance(width, str) else np.nan
    if not step > 0:
        raise InputError(f"bin_width is {width!r}, expected a number above 0", "give it in the unit of the axis")
    low, high = variable.axis_range
    # bins of days and more begin at the first day; others are multiples of the width
    origin = float(np.floor(low)) if variable.scale == "time" and step >= 1 else 0.0
    first, last = np.floor((low - origin) / step + 1e-9), np.floor((high - origin) / step + 1e-9) + 1
    if not last - first <= MAX_BINS:
        raise InputError(
            f"bin_width is {width!r}, which makes {last - first:,.0f} bins, expected at most {MAX_BINS:,}",
            "try bins=20",
        )
    # rounding keeps 0.1, 0.2, 0.3 as written
    edges = np.array([float(f"{origin + k * step:.15g}") for k in np.arange(first, last + 1)])
    if variable.scale == "log" and edges[0] <= 0:
        edges[0] = min(low, edges[1] / 2)
    edges[0], edges[-1] = min(edges[0], low), max(edges[-1], high)
    return edges


def _own_edges(variable: NumericVariable, bins: Sequence[Any]) -> Floats:
    edges = np.array([number_on_axis(variable, "bins", edge) for edge in bins])
    if len(edges) < 2:
        raise InputError(f"bins has {len(edges)} edge, expected 2 or more", "give the number of bins, or more edges")
    if not (np.diff(edges) > 0).all():
        raise InputError(f"bins is {_shown(bins)}, expected edges in increasing order", "sort the edges")
    if variable.scale in ("log", "sqrt") and edges[0] < (0 if variable.scale == "sqrt" else np.nextafter(0, 1)):
        raise InputError(
            f"bins begins at {edges[0]:g}, which the {variable.scale} axis cannot show", "use x_scale='linear'"
        )
    return edges


def _shown(values: Sequence[Any]) -> str:
    texts = [str(value) for value in list(values)[:5]]
    return f"[{', '.join(texts)}{', …' if len(values) > 5 else ''}]"
