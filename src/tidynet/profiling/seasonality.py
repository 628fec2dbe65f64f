"""Statistics of times: steps and seasons."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

_DAY = 86_400_000_000
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_CLEAR = 0.2  # unevenness of a clear season


def time_statistics(ordered: Floats) -> dict[str, float]:
    """The span, the median step and long steps of sorted times."""
    steps = np.diff(ordered)
    steps = steps[steps > 0]
    numbers = {"span (days)": float(ordered[-1] - ordered[0]) / _DAY}
    if steps.size:
        median_step = float(np.median(steps))
        numbers |= {"median step (days)": median_step / _DAY, "max step (days)": float(steps.max()) / _DAY}
        # Steps within 10% are equal: months and years differ in length.
        if np.mean(np.abs(steps - median_step) <= 0.1 * median_step) >= 0.5:
            numbers["long steps"] = float(np.count_nonzero(steps >= 1.9 * median_step))
    return numbers


def seasonal_counts(moments: Floats) -> dict[str, tuple[int, ...]]:
    """Rows for each weekday (Monday first), month and hour."""
    whole = moments.astype(np.int64)
    days = whole // _DAY
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12
    counts = {"weekday": _count_by_season((days + 3) % 7, 7), "month": _count_by_season(months, 12)}
    hours = (whole % _DAY) // (_DAY // 24)
    if np.any(whole % _DAY):
        counts["hour"] = _count_by_season(hours, 24)
    return counts


def describe_season(counts: dict[str, tuple[int, ...]], span: float) -> tuple[dict[str, float], dict[str, str]]:
    """The unevenness of each season, and the peaks of clear seasons as text.

    The unevenness is ``√(χ² / (n (k − 1)))`` bias-corrected: 0 if all k are equal, 1 if one has all rows.
    The times must span two periods of a season.
    """
    unevenness, peaks = {}, {}
    for season, names, days in (("weekday", _DAYS, 7), ("month", _MONTHS, 365.25), ("hour", tuple(range(24)), 1)):
        observed = np.asarray(counts.get(season, ()))
        if observed.sum() < 5 * max(observed.size, 1) or span < 2 * days:
            continue
        expected = observed.sum() / observed.size
        chi = float(((observed - expected) ** 2 / expected).sum()) - (observed.size - 1)
        uneven = math.sqrt(max(chi, 0.0) / (observed.sum() * (observed.size - 1)))
        unevenness[f"{season} unevenness"] = uneven
        if uneven >= _CLEAR:
            top, bottom = names[int(observed.argmax())], names[int(observed.argmin())]
            on = {"weekday": "on {}", "month": "in {}", "hour": "at {}:00"}[season]
            peaks[f"{season}s"] = f"most {on.format(top)}, least {on.format(bottom)}"
    return unevenness, peaks


def _count_by_season(indices: Integers, size: int) -> tuple[int, ...]:
    return tuple(int(count) for count in np.bincount(indices, minlength=size))
