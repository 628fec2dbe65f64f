"""Judging the kind of a column of numbers."""

from __future__ import annotations

import re

import polars as pl

from tidynet.table.variable_type import TypeInference, VariableType

__all__ = ["infer_number_type", "is_category_name", "is_identifier_name", "is_unit_name"]

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
_MAX_LEVELS = 12
_MONTH_NAME = re.compile(r"(?:^|[\W_])months?$")
_RATING_NAME = re.compile(r"(?:^|[\W_])(?:rating|rank|stars|likert|grade|pclass|severity|satisfaction|agreement)$")
_MOST_RATINGS = 10
_YEAR_NAME = re.compile(r"(?:^|[\W_])(?:year|yr|jahr|annee)s?(?:$|[\W_])")


def is_identifier_name(name: str) -> bool:
    """Whether a column's name alone says that it names things, such as "patient_id".

    >>> is_identifier_name("patient_id"), is_identifier_name("PassengerId"), is_identifier_name("humid")
    (True, True, False)
    """
    return _matches(_STRONG_IDENTIFIER_NAME, name)


def is_unit_name(name: str) -> bool:
    """Whether a column's name says that it tells whose row it is: a person, a household, a customer.

    >>> is_unit_name("Patient"), is_unit_name("sold_to_customer"), is_unit_name("city")
    (True, True, False)
    """
    return _matches(_UNIT_NAME, name) or _matches(_OWNER_NAME, name)


def is_category_name(name: str, distinct: int, non_missing: int) -> bool:
    """Whether what a column with an identifier's name holds are levels: few, or each with many rows of its own.

    24 plots with hundreds of rows each are places to learn from. Persons and other units that were observed stay
    identifiers however often they come again, since new rows are mostly those of others.

    >>> is_category_name("plot_id", 24, 20_000), is_category_name("plot_id", 24, 100), is_category_name("patient_id", 24, 20_000)
    (True, False, False)
    """
    if name.strip().casefold() in ("id", "pid"):
        return False
    if distinct <= _FEW_TO_NAME:
        return True
    return distinct * _ROWS_OF_A_LEVEL <= non_missing and not is_unit_name(_IDENTIFIER_ENDING.sub("", name))


def infer_number_type(series: pl.Series, name: str) -> TypeInference:
    """Judge a column of numbers that holds at least two different finite or infinite values.

    >>> infer_number_type(pl.Series([3.5, 2.25]), "gpa").variable_type
    <VariableType.CONTINUOUS: 'continuous'>
    >>> infer_number_type(pl.Series([0, 1, 0]), "admit").reason
    'only 0 and 1'
    """
    non_missing = series.drop_nulls()
    if non_missing.dtype.is_float():
        non_missing = non_missing.filter(non_missing.is_finite())
    if non_missing.is_empty():
        return TypeInference(VariableType.CONTINUOUS, "every known value is infinite")
    low, high = non_missing.min(), non_missing.max()
    assert isinstance(low, (int, float))
    assert isinstance(high, (int, float))
    if not series.dtype.is_integer() and not _all_whole(non_missing):
        return TypeInference(VariableType.CONTINUOUS, f"numbers with fractions, from {_plain(low)} to {_plain(high)}")
    if (low, high) == (0, 1):
        return TypeInference(VariableType.BOOLEAN, "only 0 and 1", ("0", "1"))
    if (low, high) == (-1, 1) and non_missing.n_unique() == 2:
        return TypeInference(VariableType.BOOLEAN, "only −1 and 1", ("-1", "1"))
    return (
        _identifier(series, name, non_missing, int(low), int(high))
        or _code(name, non_missing)
        or _level(name, non_missing, int(low), int(high))
        or _counts(name, low, high)
    )


def _all_whole(non_missing: pl.Series) -> bool:
    head = non_missing.head(1000)
    return bool((head == head.round()).all()) and bool((non_missing == non_missing.round()).all())


def _identifier(series: pl.Series, name: str, non_missing: pl.Series, low: int, high: int) -> TypeInference | None:
    if len(non_missing) < _ROWS_TO_CALL_IT_AN_IDENTIFIER or not series.dtype.is_integer():
        return None
    if len(non_missing) == len(series) and not _matches(_MEASURED_NAME, name):
        running = high - low + 1 == len(non_missing) and low in (0, 1)
        if running and non_missing.n_unique() == len(non_missing):
            return TypeInference(
                VariableType.IDENTIFIER, f"a running number from {low} to {high}, different in every row"
            )
        if _matches(_IDENTIFIER_NAME, name) and non_missing.n_unique() == len(non_missing):
            return TypeInference(
                VariableType.IDENTIFIER, "different in every row, and its name says that it numbers things"
            )
    if is_identifier_name(name) and not is_category_name(name, non_missing.n_unique(), len(non_missing)):
        return TypeInference(VariableType.IDENTIFIER, "its name says that the numbers name things")
    return None


def _level(name: str, non_missing: pl.Series, low: int, high: int) -> TypeInference | None:
    """Whole numbers that stand for levels or units, by the column's name and the few values that there are."""
    if low < 0:
        return None
    if _matches(_UNIT_NAME, name) and non_missing.n_unique() > _MAX_LEVELS:
        return TypeInference(VariableType.IDENTIFIER, "its name says that it numbers the units that were observed")
    if _matches(_LEVEL_NAME, name) and high <= _MAX_LEVELS:
        return TypeInference(
            VariableType.NOMINAL, f"its name says that the numbers from {low} to {high} stand for levels"
        )
    if _matches(_MONTH_NAME, name) and low >= 1 and high <= 12 and non_missing.n_unique() > 2:
        return TypeInference(VariableType.ORDINAL, f"months by number, from {low} to {high}", _in_order(non_missing))
    if _matches(_RATING_NAME, name) and high <= _MOST_RATINGS and non_missing.n_unique() > 2:
        return TypeInference(VariableType.ORDINAL, f"a rating by number, from {low} to {high}", _in_order(non_missing))
    return None


def _in_order(non_missing: pl.Series) -> tuple[str, ...]:
    return tuple(str(level) for level in non_missing.unique().sort().to_list())


def _code(name: str, non_missing: pl.Series) -> TypeInference | None:
    if is_identifier_name(name):
        return TypeInference(
            VariableType.NOMINAL, "its name says that the numbers name things, which are few or come again often"
        )
    if _matches(_CODE_NAME, name):
        return TypeInference(
            VariableType.NOMINAL, f"its name says that the {non_missing.n_unique()} different numbers are codes"
        )
    return None


def _counts(name: str, low: float, high: float) -> TypeInference:
    if _matches(_YEAR_NAME, name) and low >= 1000 and high <= 2200:
        return TypeInference(VariableType.DISCRETE, f"years from {int(low)} to {int(high)}")
    return TypeInference(VariableType.DISCRETE, f"whole numbers from {_plain(low)} to {_plain(high)}")


def _matches(pattern: re.Pattern[str], name: str) -> bool:
    return bool(pattern.search(name) or pattern.search(name.casefold()))


def _plain(value: float) -> str:
    text = f"{value:.6g}" if isinstance(value, float) and abs(value) < 1e15 and value % 1 else f"{value:.15g}"
    return text.replace("-", "−") if "e" not in text else text
