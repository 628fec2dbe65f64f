"""Statistics of text: lengths and patterns."""

from __future__ import annotations

import polars as pl

_MAX_TEXTS = 10_000


def text_statistics(texts: pl.Series) -> dict[str, float]:
    """Lengths in characters and the number of words, by name."""
    known = texts.drop_nulls()
    if known.is_empty():
        return {}
    frame = known.alias("text").to_frame()
    length, words = pl.col("text").str.len_chars(), pl.col("text").str.count_matches(r"\S+")
    statistics = frame.select(
        length.min().alias("min length"),
        length.mean().alias("mean length"),
        length.median().alias("median length"),
        length.max().alias("max length"),
        words.mean().alias("mean words"),
        (pl.col("text").str.strip_chars() == "").sum().alias("blank"),
        (pl.col("text").str.strip_chars() != pl.col("text")).sum().alias("leading or trailing spaces"),
    )
    return {name: float(value) for name, value in statistics.row(0, named=True).items()}


def text_pattern(texts: pl.Series) -> tuple[str, float] | None:
    """The pattern of at least half of the texts and its fraction: "Aaa-999" for "Ber-104".

    Capitals become A, small letters a, digits 9. If no pattern is that frequent, runs of three and more are
    shortened to three and an ellipsis. At most 10,000 evenly spaced texts are used.
    """
    known = texts.drop_nulls()
    known = known.gather_every(max(1, len(known) // _MAX_TEXTS)).str.slice(0, 60)
    if known.is_empty():
        return None
    shapes = known.str.replace_all(r"\p{Lu}", "A").str.replace_all(r"\p{Ll}", "a").str.replace_all(r"\d", "9")
    shortened = (
        shapes.str.replace_all(r"a{3,}", "aaa…").str.replace_all(r"A{3,}", "AAA…").str.replace_all(r"9{3,}", "999…")
    )
    for candidates in (shapes, shortened):
        counts = candidates.alias("shape").value_counts(sort=True)
        best = counts.filter(pl.col("count") == counts["count"][0])["shape"].min()
        fraction = float(counts["count"][0]) / len(known)
        if fraction >= 0.5 and isinstance(best, str):
            return best, fraction
    return None
