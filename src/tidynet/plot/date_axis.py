"""Times on an axis: days since 1970, as matplotlib counts dates, with ticks at whole calendar units."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from matplotlib.dates import DateLocator
from matplotlib.ticker import Formatter

from tidynet.plot.days import day_labels, day_ticks

_MAX_DAYS: Final = 1e8  # beyond, dates overflow


class TimeLocator(DateLocator):
    """Ticks at whole calendar units within the limits of the axis."""

    def __init__(self, max_count: int) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.max_count = max_count

    def __call__(self) -> list[float]:
        """The ticks within the limits."""
        assert self.axis is not None, "the axis sets itself"
        return self.tick_values(*self.axis.get_view_interval())

    def tick_values(self, vmin: float, vmax: float) -> list[float]:
        """The ticks within these limits."""
        low, high = sorted((float(vmin), float(vmax)))
        return [] if max(-low, high) > _MAX_DAYS else day_ticks(low, high, self.max_count)


class TimeFormatter(Formatter):
    """Dates in ISO format, as short as keeps the ticks distinct."""

    def __call__(self, x: float, pos: int | None = None) -> str:  # noqa: ARG002
        """One moment."""
        return day_labels([x])[0]

    def format_ticks(self, values: Sequence[float] | npt.NDArray[np.float64]) -> list[str]:
        """All ticks of the axis."""
        return day_labels(values) if len(values) else []


def set_time_ticks(axis: Any, max_count: int) -> None:
    """Make an axis one of dates: matplotlib's converter, locators and formatters apply."""
    axis.axis_date()
    axis.set_major_locator(TimeLocator(max_count))
    axis.set_major_formatter(TimeFormatter())
    axis.set_ticks([], minor=True)
