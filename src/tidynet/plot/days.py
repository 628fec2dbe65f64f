"""Days since 1970, the unit of time in every figure; tables and counts hold microseconds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from tidynet.profiling.time_axis import time_labels, time_ticks

Floats = npt.NDArray[np.float64]

DAY: Final = 86_400_000_000  # microseconds


def to_days(microseconds: npt.ArrayLike) -> Floats:
    """Microseconds as days."""
    return np.asarray(microseconds, dtype=np.float64) / DAY


def to_moments(days: npt.ArrayLike) -> npt.NDArray[np.datetime64]:
    """Days as moments; rounding restores whole microseconds."""
    return np.rint(np.asarray(days, dtype=np.float64) * DAY).astype(np.int64).astype("datetime64[us]")


def day_ticks(low: float, high: float, max_count: int = 4) -> list[float]:
    """At most `max_count` whole calendar units from `low` to `high`, in days."""
    ticks = time_ticks(float(np.rint(low * DAY)), float(np.rint(high * DAY)), max_count)
    return [float(tick) / DAY for tick in ticks]


def day_labels(days: Sequence[float] | Floats) -> list[str]:
    """Days in ISO format, as short as keeps them distinct."""
    return time_labels(np.rint(np.asarray(days, dtype=np.float64) * DAY))
