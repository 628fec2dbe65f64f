"""Which columns are missing together, and rows that repeat."""

from __future__ import annotations

import polars as pl

__all__ = ["count_duplicates", "missing_patterns"]

_MOST = 30
_BITS = 60  # columns in one integer


def missing_patterns(frame: pl.DataFrame, max_count: int = _MOST) -> tuple[tuple[tuple[str, ...], int], ...]:
    """Sets of columns that are missing together, and in how many rows; the complete rows are not listed."""
    holed = [series for series in frame.get_columns() if series.null_count()]
    if not holed:
        return ()
    text = pl.DataFrame([_word(holed[start : start + _BITS], start) for start in range(0, len(holed), _BITS)])
    counts = (
        text.group_by(text.columns).len("rows").sort(["rows", *text.columns], descending=[True] + [False] * text.width)
    )
    result = []
    for *patterns, rows in counts.head(max_count + 1).iter_rows():
        columns = tuple(
            series.name for index, series in enumerate(holed) if patterns[index // _BITS] >> index % _BITS & 1
        )
        if columns:
            result.append((columns, int(rows)))
    return tuple(result[:max_count])


def count_duplicates(frame: pl.DataFrame) -> int | None:
    """Rows that repeat an earlier row; None where rows cannot be compared.

    Rows are compared by hashes of 64 bits: among a million rows two different ones are taken for one with a
    chance below 1 in 10⁷.
    """
    try:
        return frame.height - frame.hash_rows().n_unique()
    except pl.exceptions.PolarsError:
        return None


def _word(columns: list[pl.Series], start: int) -> pl.Series:
    """The holes of up to 60 columns as bits of one integer for each row."""
    word = pl.Series([0], dtype=pl.Int64).new_from_index(0, len(columns[0]))
    for index, series in enumerate(columns):
        word = word + series.is_null().cast(pl.Int64) * (1 << index)
    return word.alias(f"word {start}")
