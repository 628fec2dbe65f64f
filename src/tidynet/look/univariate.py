"""One column → ColumnProfile, exactly, from the rows in memory."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from tidynet.look.bins import resolution
from tidynet.look.counts import counted
from tidynet.look.levels import level_counts, level_numbers, near_duplicates
from tidynet.look.memory import smallest_dtype
from tidynet.look.numeric import QUANTILES, number_statistics
from tidynet.look.profile import ColumnProfile
from tidynet.look.quantities import as_floats
from tidynet.look.seasons import season_counts, season_words, time_numbers
from tidynet.look.shape import even_transformation, likely_distribution, thinned
from tidynet.look.texts import text_numbers, text_pattern
from tidynet.table.kind import Judgement, Kind

__all__ = ["MOST_BARS", "look_at_column"]

MOST_BARS = 12
"""Bars of a qualitative variable in a profile; the last stands for all other levels."""


def look_at_column(series: pl.Series, judgement: Judgement) -> ColumnProfile:
    """All numbers of one column.

    Parameters
    ----------
    series : pl.Series
        The column, missing values as nulls.
    judgement : Judgement
        Its kind.

    Returns
    -------
    ColumnProfile
        Its numbers by name; see `ColumnProfile` for which suit which kind.

    Examples
    --------
    >>> profile = look_at_column(pl.Series("n", [1, 2, 2, None]), Judgement(Kind.DISCRETE, "whole numbers"))
    >>> profile.missing, profile.distinct, profile.numbers["mean"]
    (1, 2, 1.6666666666666667)
    """
    name, kind = series.name, judgement.kind
    # Polars takes a name such as "^a$" for a pattern, even in the methods of the series itself.
    series = series.alias("values")
    numbers: dict[str, float] = {}
    words: dict[str, str] = {"dtype": str(series.dtype)}
    facts = _Facts(numbers, words)
    composite = series.dtype.is_nested() or series.dtype in (pl.Binary, pl.Object)
    if not composite and series.null_count() < len(series):
        if kind.is_quantitative:
            _quantity(series, kind, facts)
        elif kind is Kind.CONSTANT:
            words["value"] = str(series.drop_nulls()[0])[:120]
            facts.distinct = 1
        if facts.distinct is None:
            _levels(series, kind, facts)
    numbers["bytes"] = float(series.estimated_size())
    if not composite:
        words["smallest dtype"], after = smallest_dtype(series, facts.distinct)
        numbers["bytes after"] = float(after)
    return ColumnProfile(
        name=name,
        kind=str(kind),
        reason=judgement.reason,
        rows=len(series),
        missing=series.null_count(),
        distinct=0 if series.null_count() == len(series) else facts.distinct,
        numbers=numbers,
        levels=facts.levels,
        picture=counted(series, judgement, most=MOST_BARS),
        words=words,
        near_duplicates=facts.near_duplicates,
        seasons=facts.seasons,
    )


class _Facts:
    """What is gathered of one column on the way."""

    def __init__(self, numbers: dict[str, float], words: dict[str, str]) -> None:
        self.numbers, self.words = numbers, words
        self.distinct: int | None = None
        self.levels: tuple[tuple[str, int], ...] = ()
        self.near_duplicates: tuple[tuple[str, ...], ...] = ()
        self.seasons: dict[str, tuple[int, ...]] = {}


def _quantity(series: pl.Series, kind: Kind, facts: _Facts) -> None:
    read = as_floats(series, kind)
    if read is None:
        return
    values, unit = read
    known = values[values == values]
    if not known.size:
        return
    statistics, facts.distinct, ordered = number_statistics(known)
    if unit == "time":
        _time(statistics, ordered, facts)
        return
    facts.numbers.update(statistics)
    if unit:
        facts.words["unit"] = unit
    if facts.distinct <= 20:
        _top_values(series, facts)
    if ordered.size:
        points = thinned(ordered)
        if shape := likely_distribution(points, len(ordered), resolution(points)):
            facts.words["distribution"] = shape
        if change := even_transformation(points):
            facts.words["transformation"], facts.numbers["skew after transformation"] = change


def _top_values(series: pl.Series, facts: _Facts) -> None:
    facts.levels = level_numbers(level_counts(series))[1]


def _time(statistics: dict[str, float], ordered: npt.NDArray[np.float64], facts: _Facts) -> None:
    kept = ("min", "max", "mean", "mode", "mode rows", *QUANTILES)
    facts.numbers.update({name: statistics[name] for name in kept if name in statistics})
    facts.numbers.update(time_numbers(ordered))
    facts.words["first"], facts.words["last"] = (_written(moment) for moment in ordered[[0, -1]])
    facts.seasons = season_counts(ordered)
    numbers, words = season_words(facts.seasons, facts.numbers["span (days)"])
    facts.numbers.update(numbers)
    facts.words.update(words)


def _written(moment: float) -> str:
    text = str(np.datetime_as_string(np.int64(moment).astype("datetime64[us]"), unit="s"))
    return text.removesuffix("T00:00:00").replace("T", " ")


def _levels(series: pl.Series, kind: Kind, facts: _Facts) -> None:
    counts = level_counts(series)
    facts.distinct = counts.height
    numbers, facts.levels = level_numbers(counts)
    textual = series.dtype in (pl.String, pl.Categorical, pl.Enum)
    if kind.is_qualitative:
        facts.numbers.update(numbers)
    if textual:
        texts = series.cast(pl.String)
        facts.numbers.update(text_numbers(texts))
        if kind in (Kind.IDENTIFIER, Kind.TEXT, Kind.NOMINAL) and (found := text_pattern(counts["level"])):
            facts.words["pattern"], facts.numbers["pattern share"] = found
        if kind is not Kind.TEXT:
            facts.near_duplicates = near_duplicates(counts)
