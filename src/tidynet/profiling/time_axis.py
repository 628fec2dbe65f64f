"""Bins and ticks of times at calendar units; times are float microseconds since 1970 without time zone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_SECOND = 1_000_000
_FIXED = (
    *(10**power for power in range(6)),
    *(seconds * _SECOND for seconds in (1, 5, 15, 30)),
    *(minutes * 60 * _SECOND for minutes in (1, 5, 15, 30)),
    *(hours * 3600 * _SECOND for hours in (1, 3, 6, 12)),
    *(days * 86400 * _SECOND for days in (1, 2, 7, 14)),
)
_YEAR_0 = 1970 * 12  # months are counted from year 0, so that bins start at round years
_MONTHS = (1, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 2400, 6000, 12000, 60000)


def time_edges(low: float, high: float, max_count: int = 24) -> Floats:
    """Edges of bins of whole calendar units from `low` to `high`."""
    finest = max(_finest_unit(low), _finest_unit(high))
    for step in _FIXED:
        first, last = np.floor(low / step), np.floor(high / step)
        if step >= finest and last - first < max_count:
            return np.asarray(np.arange(first, last + 2) * step, dtype=np.float64)
    month_low, month_high = (_month(moment) for moment in (low, high))
    for step in _MONTHS:
        start, stop = month_low // step, month_high // step
        if stop - start < max_count:
            break
    return _moments(np.arange(start, stop + 2) * step)


def _finest_unit(moment: float) -> float:
    """The finest bins: dates are not split into hours, nor minutes into milliseconds."""
    for step in (86400 * _SECOND, 60 * _SECOND, _SECOND):
        if moment % step == 0:
            return step
    return 8 * float(np.spacing(abs(moment)))


def time_ticks(low: float, high: float, max_count: int = 4) -> list[float]:
    """At most `max_count` whole calendar units between `low` and `high`, or both ends."""
    for bins in range(2 * max_count, 1, -1):
        edges = time_edges(low, high, bins)
        inside = [float(edge) for edge in edges if low <= edge <= high]
        if 2 <= len(inside) <= max_count:
            return inside
    return [low, high] if high > low else [low]


def time_labels(ticks: Sequence[float] | Floats) -> list[str]:
    """The ticks in ISO format, as short as keeps them distinct."""
    moments = np.asarray(ticks, dtype=np.int64).astype("datetime64[us]")
    for unit in ("Y", "M", "D"):
        if np.array_equal(moments.astype(f"datetime64[{unit}]").astype("datetime64[us]"), moments):
            return [str(text) for text in np.datetime_as_string(moments, unit=unit)]
    one_day = len(set(moments.astype("datetime64[D]").tolist())) == 1
    whole_minutes = np.array_equal(moments.astype("datetime64[m]").astype("datetime64[us]"), moments)
    if whole_minutes or not one_day:
        texts = np.datetime_as_string(moments, unit="m")
        return [str(text)[11:] if one_day else str(text)[-11:].replace("T", " ") for text in texts]
    return [str(text)[11:].rstrip("0").rstrip(".") for text in np.datetime_as_string(moments, unit="us")]


def _month(moment: float) -> int:
    since_1970 = np.int64(moment).astype("datetime64[us]").astype("datetime64[M]").astype(np.int64)
    return int(since_1970) + _YEAR_0


def _moments(months: npt.NDArray[np.int64]) -> Floats:
    return (months - _YEAR_0).astype("datetime64[M]").astype("datetime64[us]").astype(np.float64)
