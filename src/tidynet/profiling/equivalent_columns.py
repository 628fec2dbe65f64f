"""Columns that repeat each other: each value of one corresponds to one value of the other."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from tidynet.profiling.profile import PairProfile

_EXACT = 1 - 1e-9
_CLOSE = 0.99  # Cramér's V is of at most 60 categories, which the values below check
_MAX_SHARE = 0.5  # distinct values per row; with more, any two columns correspond one to one


def is_equivalent(pair: PairProfile, frame: pl.DataFrame) -> bool:
    """Whether two columns of a strong association repeat each other, missing values included."""
    measures = pair.measures
    if "Pearson" in measures:
        return abs(measures.get("Spearman", 0.0)) >= _EXACT and _missing_together(pair, frame)
    is_strong = measures.get("Cramér's V", 0.0) >= _CLOSE or measures.get("correlation ratio", 0.0) >= _EXACT
    if not is_strong or not _missing_together(pair, frame):
        return False
    known = frame.select(pl.Series("x", frame.get_column(pair.x)), pl.Series("y", frame.get_column(pair.y)))
    distinct = known.n_unique()
    values = known.get_column("x").n_unique(), known.get_column("y").n_unique()
    return values == (distinct, distinct) and distinct <= _MAX_SHARE * known.height


def _missing_together(pair: PairProfile, frame: pl.DataFrame) -> bool:
    first, second = frame.get_column(pair.x), frame.get_column(pair.y)
    return first.null_count() == second.null_count() and bool((first.is_null() == second.is_null()).all())


def repeated_columns(pairs: Iterable[PairProfile], order: Iterable[str]) -> dict[str, str]:
    """For each column that repeats an earlier one, the first of them."""
    place = {name: index for index, name in enumerate(order)}
    same: dict[str, str] = {}
    for first, second in sorted(
        sorted((pair.x, pair.y), key=lambda name: place[name]) for pair in pairs if pair.equivalent
    ):
        same[second] = min(same.get(second, first), first, key=lambda name: place[name])
    return {name: same.get(first, first) for name, first in same.items()}
