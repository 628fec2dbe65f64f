"""Texts and codes: their lengths, and the pattern that they are written in."""

from __future__ import annotations

import polars as pl

__all__ = ["text_pattern", "text_statistics"]

_LOOKED_AT = 10_000


def text_statistics(texts: pl.Series) -> dict[str, float]:
    """Lengths in characters and the number of words, by name.

    >>> text_statistics(pl.Series(["one", "two words"]))["max length"]
    9.0
    """
    non_missing = texts.drop_nulls()
    if non_missing.is_empty():
        return {}
    frame = non_missing.alias("text").to_frame()
    length, text = pl.col("text").str.len_chars(), pl.col("text").str.count_matches(r"\S+")
    facts = frame.select(
        length.min().alias("min length"),
        length.mean().alias("mean length"),
        length.median().alias("median length"),
        length.max().alias("max length"),
        text.mean().alias("mean words"),
        (pl.col("text").str.strip_chars() == "").sum().alias("blank"),
        (pl.col("text").str.strip_chars() != pl.col("text")).sum().alias("leading or trailing spaces"),
    )
    return {name: float(value) for name, value in facts.row(0, named=True).items()}


def text_pattern(texts: pl.Series) -> tuple[str, float] | None:
    """The pattern that most texts are written in, and the share that is: "Aaa-999" for "Ber-104".

    Capitals become A, small letters a, digits 9. If no pattern covers half of the texts, runs of three and
    more are written as three and an ellipsis; if still none does, there is none. At most 10,000 texts,
    evenly spread, are looked at.

    >>> text_pattern(pl.Series(["K1A 0B1", "H2Z 3D4", "V6B 4Y8"]))
    ('A9A 9A9', 1.0)
    >>> text_pattern(pl.Series(["Ann", "Barbara", "Catherine", "Dorothea"]))
    ('Aaaa…', 0.75)
    """
    non_missing = texts.drop_nulls()
    non_missing = non_missing.gather_every(max(1, len(non_missing) // _LOOKED_AT)).str.slice(0, 60)
    if non_missing.is_empty():
        return None
    shapes = non_missing.str.replace_all(r"\p{Lu}", "A").str.replace_all(r"\p{Ll}", "a").str.replace_all(r"\d", "9")
    shortened = (
        shapes.str.replace_all(r"a{3,}", "aaa…").str.replace_all(r"A{3,}", "AAA…").str.replace_all(r"9{3,}", "999…")
    )
    for candidates in (shapes, shortened):
        counts = candidates.alias("shape").value_counts(sort=True)
        best = counts.filter(pl.col("count") == counts["count"][0])["shape"].min()
        fraction = float(counts["count"][0]) / len(non_missing)
        if fraction >= 0.5 and isinstance(best, str):
            return best, fraction
    return None
