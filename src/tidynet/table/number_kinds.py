"""Judging the kind of a column of numbers."""

from __future__ import annotations

import re

import polars as pl

from tidynet.table.kind import Judgement, Kind

__all__ = ["judge_numbers", "names_a_unit", "names_an_identifier", "names_levels"]

_ROWS_TO_CALL_IT_AN_IDENTIFIER = 10
_FEW_TO_NAME = 20
_ROWS_OF_A_LEVEL = 50

_IDENTIFIER_NAME = re.compile(
    r"(?:^|[\W_])(?:ids?|pid|uid|uuid|guid|key|index|idx|rownames?|row|record|serial|no|nr|num|number)$|[a-z](?:Id|ID|Key)$",
)
_STRONG_IDENTIFIER_NAME = re.compile(r"(?:^|[\W_])(?:ids?|pid|uid|uuid|guid)$|[a-z](?:Id|ID)$")
_IDENTIFIER_ENDING = re.compile(r"[\W_]*(?:ids?|pid|uid|uuid|guid)$", re.IGNORECASE)
_CODE_NAME = re.compile(r"(?:^|[\W_])(?:zip|zip ?code|post ?code|postal ?code|fips|phone|isbn|ean|sic|naics|code)$")
_MEASURED_NAME = re.compile(
    r"(?:^|[\W_])(?:x|y|t|x\d+|time|day|days|date|week|month|quarter|year|years|yr|age|hour|minute|second|"
    r"rank|count|order|dose|step|trial|distance|period)$"
)
# Numbers that number the units of a study, which come again where a unit was observed several times.
_UNIT_NAME = re.compile(
    r"(?:^|[\W_])(?:subject|subj|patient|participant|person|respondent|individual|household|stratum|strata)$"
)
# Whoever has rows of their own, however they are named; not by itself a reason to take numbers for names.
_OWNER_NAME = re.compile(
    r"(?:^|[\W_])(?:customer|client|user|member|student|pupil|employee|worker|player|driver|animal|owner)$"
)
_LEVEL_NAME = re.compile(
    r"(?:^|[\W_])(?:race|ethnicity|sex|gender|group|grp|diet|trt|treat|treatment|arm|cohort|species|cluster|region|"
    r"category|brand|type|marital|religion)$"
)
_MOST_LEVELS = 12
_MONTH_NAME = re.compile(r"(?:^|[\W_])months?$")
_RATING_NAME = re.compile(r"(?:^|[\W_])(?:rating|rank|stars|likert|grade|pclass|severity|satisfaction|agreement)$")
_MOST_RATINGS = 10
_YEAR_NAME = re.compile(r"(?:^|[\W_])(?:year|yr|jahr|annee)s?(?:$|[\W_])")


def names_an_identifier(name: str) -> bool:
    """Whether a column's name alone says that it names things, such as "patient_id".

    Examples
    --------
    >>> names_an_identifier("patient_id"), names_an_identifier("PassengerId"), names_an_identifier("humid")
    (True, True, False)
    """
    return _matches(_STRONG_IDENTIFIER_NAME, name)


def names_a_unit(name: str) -> bool:
    """Whether a column's name says that it tells whose row it is: a person, a household, a customer.

    Examples
    --------
    >>> names_a_unit("Patient"), names_a_unit("sold_to_customer"), names_a_unit("city")
    (True, True, False)
    """
    return _matches(_UNIT_NAME, name) or _matches(_OWNER_NAME, name)


def names_levels(name: str, distinct: int, known: int) -> bool:
    """Whether what a column with an identifier's name holds are levels: few, or each with many rows of its own.

    24 plots with hundreds of rows each are places to learn from. Persons and other units that were observed stay
    identifiers however often they come again, since new rows are mostly those of others.

    Examples
    --------
    >>> names_levels("plot_id", 24, 20_000), names_levels("plot_id", 24, 100), names_levels("patient_id", 24, 20_000)
    (True, False, False)
    """
    if name.strip().casefold() in ("id", "pid"):
        return False
    if distinct <= _FEW_TO_NAME:
        return True
    return distinct * _ROWS_OF_A_LEVEL <= known and not names_a_unit(_IDENTIFIER_ENDING.sub("", name))


def judge_numbers(series: pl.Series, name: str) -> Judgement:
    """Judge a column of numbers that holds at least two different finite or infinite values.

    Examples
    --------
    >>> judge_numbers(pl.Series([3.5, 2.25]), "gpa").kind
    <Kind.CONTINUOUS: 'continuous'>
    >>> judge_numbers(pl.Series([0, 1, 0]), "admit").reason
    'only 0 and 1'
    """
    known = series.drop_nulls()
    if known.dtype.is_float():
        known = known.filter(known.is_finite())
    if known.is_empty():
        return Judgement(Kind.CONTINUOUS, "every known value is infinite")
    low, high = known.min(), known.max()
    assert isinstance(low, (int, float))
    assert isinstance(high, (int, float))
    if not series.dtype.is_integer() and not _all_whole(known):
        return Judgement(Kind.CONTINUOUS, f"numbers with fractions, from {_plain(low)} to {_plain(high)}")
    if (low, high) == (0, 1):
        return Judgement(Kind.BOOLEAN, "only 0 and 1", ("0", "1"))
    if (low, high) == (-1, 1) and known.n_unique() == 2:
        return Judgement(Kind.BOOLEAN, "only −1 and 1", ("-1", "1"))
    return (
        _identifier(series, name, known, int(low), int(high))
        or _code(name, known)
        or _level(name, known, int(low), int(high))
        or _counts(name, low, high)
    )


def _all_whole(known: pl.Series) -> bool:
    head = known.head(1000)
    return bool((head == head.round()).all()) and bool((known == known.round()).all())


def _identifier(series: pl.Series, name: str, known: pl.Series, low: int, high: int) -> Judgement | None:
    if len(known) < _ROWS_TO_CALL_IT_AN_IDENTIFIER or not series.dtype.is_integer():
        return None
    if len(known) == len(series) and not _matches(_MEASURED_NAME, name):
        running = high - low + 1 == len(known) and low in (0, 1)
        if running and known.n_unique() == len(known):
            return Judgement(Kind.IDENTIFIER, f"a running number from {low} to {high}, different in every row")
        if _matches(_IDENTIFIER_NAME, name) and known.n_unique() == len(known):
            return Judgement(Kind.IDENTIFIER, "different in every row, and its name says that it numbers things")
    if names_an_identifier(name) and not names_levels(name, known.n_unique(), len(known)):
        return Judgement(Kind.IDENTIFIER, "its name says that the numbers name things")
    return None


def _level(name: str, known: pl.Series, low: int, high: int) -> Judgement | None:
    """Whole numbers that stand for levels or units, by the column's name and the few values that there are."""
    if low < 0:
        return None
    if _matches(_UNIT_NAME, name) and known.n_unique() > _MOST_LEVELS:
        return Judgement(Kind.IDENTIFIER, "its name says that it numbers the units that were observed")
    if _matches(_LEVEL_NAME, name) and high <= _MOST_LEVELS:
        return Judgement(Kind.NOMINAL, f"its name says that the numbers from {low} to {high} stand for levels")
    if _matches(_MONTH_NAME, name) and low >= 1 and high <= 12 and known.n_unique() > 2:
        return Judgement(Kind.ORDINAL, f"months by number, from {low} to {high}", _in_order(known))
    if _matches(_RATING_NAME, name) and high <= _MOST_RATINGS and known.n_unique() > 2:
        return Judgement(Kind.ORDINAL, f"a rating by number, from {low} to {high}", _in_order(known))
    return None


def _in_order(known: pl.Series) -> tuple[str, ...]:
    return tuple(str(level) for level in known.unique().sort().to_list())


def _code(name: str, known: pl.Series) -> Judgement | None:
    if names_an_identifier(name):
        return Judgement(Kind.NOMINAL, "its name says that the numbers name things, which are few or come again often")
    if _matches(_CODE_NAME, name):
        return Judgement(Kind.NOMINAL, f"its name says that the {known.n_unique()} different numbers are codes")
    return None


def _counts(name: str, low: float, high: float) -> Judgement:
    if _matches(_YEAR_NAME, name) and low >= 1000 and high <= 2200:
        return Judgement(Kind.DISCRETE, f"years from {int(low)} to {int(high)}")
    return Judgement(Kind.DISCRETE, f"whole numbers from {_plain(low)} to {_plain(high)}")


def _matches(pattern: re.Pattern[str], name: str) -> bool:
    return bool(pattern.search(name) or pattern.search(name.casefold()))


def _plain(value: float) -> str:
    text = f"{value:.6g}" if isinstance(value, float) and abs(value) < 1e15 and value % 1 else f"{value:.15g}"
    return text.replace("-", "−") if "e" not in text else text
