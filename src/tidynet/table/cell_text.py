"""The values of a column as text, whatever its dtype."""

from __future__ import annotations

import polars as pl


def cell_text(series: pl.Series) -> pl.Series:
    """Each value as text, null for a missing one; a duration in its units, such as ``1d 3h``."""
    if series.dtype == pl.Duration:
        text = series.dt.to_string("polars")
        return text.set(series.dt.total_nanoseconds() == 0, "0s")
    return series.cast(pl.String)
