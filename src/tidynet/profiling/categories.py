"""Levels of qualitative variables: the frequent, the rare, and those that are spelt in two ways."""

from __future__ import annotations

import polars as pl

__all__ = ["category_counts", "category_statistics", "similar_spellings"]

_TOP = 20
_RARE = 0.01
_MOST_GROUPS = 50
_MAX_LENGTH = 120


def category_counts(series: pl.Series) -> pl.DataFrame:
    """Levels as text with their rows, most frequent first, ties by name."""
    texts = series.drop_nulls().cast(pl.String).alias("level").to_frame()
    return texts.group_by("level").len("rows").sort(["rows", "level"], descending=[True, False])


def category_statistics(counts: pl.DataFrame) -> tuple[dict[str, float], tuple[tuple[str, int], ...]]:
    """What the counts of levels say: numbers by name, and the top levels.

    >>> numbers, top = category_statistics(pl.DataFrame({"level": ["a", "b"], "rows": [999, 1]}))
    >>> numbers["rare categories"], numbers["top fraction"], top
    (1.0, 0.999, (('a', 999), ('b', 1)))
    """
    rows = counts["rows"]
    non_missing = int(rows.sum())
    if not non_missing:
        return {}, ()
    rare = rows.filter(rows < _RARE * non_missing)
    fraction = rows / non_missing
    numbers = {
        "top fraction": float(rows[0]) / non_missing,
        "rare categories": float(len(rare)),
        "rows in rare categories": float(rare.sum()),
        "categories with one row": float((rows == 1).sum()),
        "entropy": float(-(fraction * fraction.log()).sum()) + 0.0,
    }
    top = counts.head(_TOP)
    return numbers, tuple((level[:_MAX_LENGTH], count) for level, count in top.iter_rows())


def similar_spellings(counts: pl.DataFrame) -> tuple[tuple[str, ...], ...]:
    """Levels that differ only in case, spaces, hyphens, underscores, accents or Unicode form, most rows first."""
    plain = (
        pl.col("level")
        .str.normalize("NFKD")
        .str.replace_all(r"\p{M}", "")
        .str.to_lowercase()
        .str.replace_all(r"[\s_\-\u2010-\u2015]+", " ")
    ).str.strip_chars()
    groups = (
        counts.with_columns(plain.alias("plain"))
        .group_by("plain", maintain_order=True)
        .agg("level", pl.col("rows").sum())
        .filter(pl.col("level").list.len() > 1)
        .sort("rows", descending=True, maintain_order=True)
    )
    return tuple(
        tuple(level[:_MAX_LENGTH] for level in group) for group in groups["level"].head(_MOST_GROUPS).to_list()
    )
