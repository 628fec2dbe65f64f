"""Judging the kind of a column of text or categories."""

from __future__ import annotations

import polars as pl

from tidynet.table.dates import date_form
from tidynet.table.kind import Judgement, Kind
from tidynet.table.number_kinds import names_an_identifier, names_levels
from tidynet.table.scales import ordered_levels
from tidynet.table.spellings import boolean_pair

__all__ = ["judge_categories", "judge_text"]

_ROWS_TO_CALL_IT_AN_IDENTIFIER = 10
_LEVELS_LOOKED_AT = 60


def judge_text(series: pl.Series, name: str) -> Judgement:
    """Judge a column of text that holds at least two different values.

    Examples
    --------
    >>> judge_text(pl.Series(["small", "large", "medium"]), "size").levels
    ('small', 'medium', 'large')
    >>> judge_text(pl.Series(["yes", "no"]), "smokes").reason
    "only 'no' and 'yes'"
    """
    known = series.drop_nulls()
    distinct = known.unique(maintain_order=True)
    few = distinct.to_list() if len(distinct) <= _LEVELS_LOOKED_AT else []
    if few and (pair := boolean_pair(few)):
        return Judgement(Kind.BOOLEAN, f"only '{pair[0]}' and '{pair[1]}'", pair)
    if few and (levels := ordered_levels(few)):
        return Judgement(Kind.ORDINAL, f"levels in a known order: {_shown(levels)}", levels)
    if form := date_form(distinct):
        return Judgement(Kind.DATETIME, f"dates written as {form.name}")
    return _label_or_text(name, known, distinct)


def judge_categories(series: pl.Series) -> Judgement:
    """Judge a Categorical or Enum column that holds at least two different values.

    Examples
    --------
    >>> finish = pl.Enum(["raw", "rough", "fine"])
    >>> judge_categories(pl.Series("finish", ["fine", "rough", "raw"], dtype=finish)).levels
    ('raw', 'rough', 'fine')
    """
    if isinstance(series.dtype, pl.Enum):
        levels = tuple(series.dtype.categories)
        pair = boolean_pair(list(levels))
        if pair:
            return Judgement(Kind.BOOLEAN, f"only '{pair[0]}' and '{pair[1]}'", pair)
        return Judgement(Kind.ORDINAL, f"categories with a declared order: {_shown(levels)}", levels)
    levels_in_use = series.drop_nulls().unique().cast(pl.String).sort().to_list()
    if pair := boolean_pair(levels_in_use):
        return Judgement(Kind.BOOLEAN, f"only '{pair[0]}' and '{pair[1]}'", pair)
    if order := ordered_levels(levels_in_use):
        return Judgement(Kind.ORDINAL, f"levels in a known order: {_shown(order)}", order)
    return Judgement(Kind.NOMINAL, f"categories with {len(levels_in_use)} levels")


def _label_or_text(name: str, known: pl.Series, distinct: pl.Series) -> Judgement:
    """Tell apart levels that come again, codes that never do, and sentences."""
    share = len(distinct) / len(known)
    words = (distinct.str.strip_chars().str.count_matches(r"\s+") + 1).mean()
    length = distinct.str.len_chars().mean()
    assert isinstance(words, float)
    assert isinstance(length, float)
    enough = len(known) >= _ROWS_TO_CALL_IT_AN_IDENTIFIER
    if share > 0.2 and (words >= 5 or (length > 60 and words >= 2)):
        return Judgement(Kind.TEXT, f"free text, {words:.0f} words on average")
    if enough and share == 1:
        return Judgement(Kind.IDENTIFIER, f"{_labels(words)} that differ in every row")
    if enough and share > 0.95:
        return Judgement(
            Kind.IDENTIFIER,
            f"{_labels(words)} that hardly repeat: {len(distinct)} different among {len(known)}",
        )
    if names_an_identifier(name) and len(distinct) > 20 and not names_levels(name, len(distinct), len(known)):
        return Judgement(Kind.IDENTIFIER, "its name says that the values name things")
    return Judgement(Kind.NOMINAL, f"{len(distinct)} levels without an order")


def _labels(words: float) -> str:
    return "codes" if words < 1.5 else "labels"


def _shown(levels: tuple[str, ...]) -> str:
    if len(levels) <= 5:
        return " < ".join(levels)
    return f"{levels[0]} < {levels[1]} < … < {levels[-1]}"
