"""Categories: counts, statistics, and spellings that differ little."""

from __future__ import annotations

import polars as pl

from tidynet.table.cell_text import cell_text

_TOP = 20
_RARE = 0.01
_MAX_GROUPS = 50
_MAX_LENGTH = 120


def category_counts(series: pl.Series) -> pl.DataFrame:
    """Categories as text with their rows, most frequent first, ties by name."""
    texts = cell_text(series.drop_nulls()).alias("category").to_frame()
    return texts.group_by("category").len("rows").sort(["rows", "category"], descending=[True, False])


def category_statistics(counts: pl.DataFrame) -> tuple[dict[str, float], tuple[tuple[str, int], ...]]:
    """Statistics of category counts by name, and the most frequent categories."""
    rows = counts["rows"]
    known = int(rows.sum())
    if not known:
        return {}, ()
    rare = rows.filter(rows < _RARE * known)
    fraction = rows / known
    numbers = {
        "top fraction": float(rows[0]) / known,
        "rare categories": float(len(rare)),
        "rows in rare categories": float(rare.sum()),
        "categories with one row": float((rows == 1).sum()),
        "entropy": float(-(fraction * fraction.log()).sum()) + 0.0,
    }
    top = counts.head(_TOP)
    return numbers, tuple((category[:_MAX_LENGTH], count) for category, count in top.iter_rows())


def similar_spellings(counts: pl.DataFrame) -> tuple[tuple[str, ...], ...]:
    """Categories that differ only in case, spaces, hyphens, underscores, accents or Unicode form, most rows first."""
    plain = (
        pl.col("category")
        .str.normalize("NFKD")
        .str.replace_all(r"\p{M}", "")
        .str.to_lowercase()
        .str.replace_all(r"[\s_\-\u2010-\u2015]+", " ")
    ).str.strip_chars()
    groups = (
        counts.with_columns(plain.alias("plain"))
        .group_by("plain", maintain_order=True)
        .agg("category", pl.col("rows").sum())
        .filter(pl.col("category").list.len() > 1)
        .sort("rows", descending=True, maintain_order=True)
    )
    return tuple(
        tuple(category[:_MAX_LENGTH] for category in group) for group in groups["category"].head(_MAX_GROUPS).to_list()
    )
