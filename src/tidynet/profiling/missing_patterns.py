"""Sets of columns that are missing together, and duplicate rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import narwhals as nw
import polars as pl

from tidynet.profiling.lazy_backends import collect

Patterns = tuple[tuple[tuple[str, ...], int], ...]

_MAX_PATTERNS = 30
_BITS = 60  # columns in one integer


def missing_patterns(frame: pl.DataFrame, max_patterns: int = _MAX_PATTERNS) -> Patterns:
    """Sets of columns that are missing together, with their rows; complete rows are not listed."""
    incomplete = [series for series in frame.get_columns() if series.null_count()]
    if not incomplete:
        return ()
    starts = range(0, len(incomplete), _BITS)
    words = pl.DataFrame([_pack_bits(incomplete[start : start + _BITS], start) for start in starts])
    counts = words.group_by(words.columns).len("rows")
    counts = counts.sort(["rows", *words.columns], descending=[True] + [False] * words.width)
    names = [series.name for series in incomplete]
    return _unpack_bits(((row[:-1], row[-1]) for row in counts.head(max_patterns + 1).iter_rows()), names)[
        :max_patterns
    ]


def lazy_missing_patterns(
    frame: nw.LazyFrame[Any], missing: Mapping[str, int], max_patterns: int = _MAX_PATTERNS
) -> Patterns:
    """The same for a lazy frame by one group-by, of the 60 columns with most missing values."""
    largest = set(sorted((name for name, count in missing.items() if count), key=lambda name: -missing[name])[:_BITS])
    names = [name for name in missing if name in largest]
    if not names:
        return ()
    word = nw.lit(0)
    for index, name in enumerate(names):
        word = word + nw.when(nw.col(name).is_null()).then(nw.lit(1 << index)).otherwise(nw.lit(0))
    counts = collect(frame.select(word.cast(nw.Int64).alias("word")).group_by("word").agg(nw.len().alias("rows")))
    ranked = counts.sort(["rows", "word"], descending=[True, False]).select("word", "rows")
    return _unpack_bits((((bits,), rows) for bits, rows in ranked.iter_rows()), names)[:max_patterns]


def count_duplicates(frame: pl.DataFrame) -> int | None:
    """Rows that repeat an earlier row, by 64-bit hashes; None if rows cannot be hashed.

    Among a million rows a collision has a probability below 1e-7.
    """
    try:
        return frame.height - frame.hash_rows().n_unique()
    except pl.exceptions.PolarsError:
        return None


def _pack_bits(columns: list[pl.Series], start: int) -> pl.Series:
    """The missing values of up to 60 columns as bits of one integer per row."""
    word = pl.Series([0], dtype=pl.Int64).new_from_index(0, len(columns[0]))
    for index, series in enumerate(columns):
        word = word + series.is_null().cast(pl.Int64) * (1 << index)
    return word.alias(f"word {start}")


def _unpack_bits(counts: Iterable[tuple[Sequence[int], int]], names: Sequence[str]) -> Patterns:
    patterns = []
    for words, rows in counts:
        columns = tuple(name for index, name in enumerate(names) if words[index // _BITS] >> index % _BITS & 1)
        if columns:
            patterns.append((columns, int(rows)))
    return tuple(patterns)
