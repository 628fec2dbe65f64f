"""Categories: counts, statistics, and spellings that differ little."""

from __future__ import annotations

from typing import Any, Final

import polars as pl

from tidynet.table.cell_text import cell_text

_TOP = 20
_RARE = 0.01
_MAX_GROUPS = 50
_MAX_LENGTH = 120
# Cyrillic and Greek letters that look like Latin ones.
_LOOKALIKES: Final = {
    **dict(zip("АВЕКМНОРСТУХІЈЅ", "ABEKMHOPCTYXIJS", strict=True)),
    **dict(zip("аеорсухіјѕ", "aeopcyxijs", strict=True)),
    **dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX", strict=True)),
    "ο": "o",
}


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


def spelling_groups(counts: pl.DataFrame) -> pl.DataFrame:
    """Categories that differ only in what carries no meaning, most rows first.

    That is case, blanks, hyphens, underscores, accents, Unicode form, invisible letters, and letters of another script
    that look the same. One group is one row: lists of categories and of their rows.
    """
    plain = (
        pl.col("category")
        .str.normalize("NFKD")
        .str.replace_all(r"[\p{M}\p{Cf}]", "")
        .str.to_lowercase()
        .str.replace_all(r"[\s_]+", " ")
        # A hyphen between letters is one between words; that of grade A- has a meaning.
        .str.replace_all(r"(\w) ?[\-\u2010-\u2015]+ ?(\w)", "${1} ${2}")
        .str.replace_all(r"(\w) ?[\-\u2010-\u2015]+ ?(\w)", "${1} ${2}")
    ).str.strip_chars()
    keyed = counts.with_columns(plain.alias("plain"))
    if _has_two_scripts(counts["category"]):
        latin = pl.col("category").str.replace_many(list(_LOOKALIKES), list(_LOOKALIKES.values())).str.to_lowercase()
        alike = keyed.with_columns(pl.col("plain").min().over(latin).alias("alike"))
        keyed = alike.with_columns(pl.col("alike").min().over("plain").alias("plain"))
    groups = keyed.group_by("plain", maintain_order=True).agg("category", "rows")
    groups = groups.filter(pl.col("category").list.len() > 1)
    groups = groups.filter(~pl.struct("plain", "category").map_elements(_are_genotypes, return_dtype=pl.Boolean))
    return groups.sort(pl.col("rows").list.sum(), descending=True, maintain_order=True)


def _has_two_scripts(texts: pl.Series) -> bool:
    foreign = texts.str.contains(r"[\p{Cyrillic}\p{Greek}]")
    return bool(foreign.any()) and bool(texts.str.contains(r"\p{Latin}").any())


def _are_genotypes(group: dict[str, Any]) -> bool:
    """Whether the categories are AA, Aa and aa: there the case of a letter is its meaning."""
    plain: str = group["plain"]
    return len(plain) == 2 and plain[0] == plain[1] and len(group["category"]) > 2


def similar_spellings(groups: pl.DataFrame) -> tuple[tuple[str, ...], ...]:
    """The first groups of `spelling_groups` for a profile."""
    return tuple(
        tuple(category[:_MAX_LENGTH] for category in group) for group in groups["category"].head(_MAX_GROUPS).to_list()
    )


def spelling_statistics(groups: pl.DataFrame) -> dict[str, float]:
    """How many categories have several spellings, and the rows in all but the most frequent spelling of each."""
    if groups.is_empty():
        return {}
    rarer = groups["rows"].list.sum() - groups["rows"].list.max()
    return {"categories with several spellings": float(groups.height), "rows with rarer spellings": float(rarer.sum())}
