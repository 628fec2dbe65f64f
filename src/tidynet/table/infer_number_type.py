"""The variable type of a column of numbers."""

from __future__ import annotations

import re

import polars as pl

from tidynet.core.text import format_number
from tidynet.table.variable_type import TypeInference, VariableType

MIN_ROWS_FOR_IDENTIFIER = 10
MAX_FEW_CATEGORIES = 20
_MIN_ROWS_PER_CATEGORY = 50

_IDENTIFIER_NAME = re.compile(
    r"(?:^|[\W_])(?:ids?|pid|uid|uuid|guid|key|index|idx|rownames?|row|record|serial|no|nr|num|number)$|[a-z](?:Id|ID|Key)$"
)
_STRONG_IDENTIFIER_NAME = re.compile(r"(?:^|[\W_])(?:ids?|pid|uid|uuid|guid)$|[a-z](?:Id|ID)$")
_IDENTIFIER_ENDING = re.compile(r"[\W_]*(?:ids?|pid|uid|uuid|guid)$", re.IGNORECASE)
_CODE_NAME = re.compile(r"(?:^|[\W_])(?:zip|zip ?code|post ?code|postal ?code|fips|phone|isbn|ean|sic|naics|code)$")
_QUANTITY_NAME = re.compile(
    r"(?:^|[\W_])(?:x|y|t|x\d+|time|day|days|date|week|month|quarter|year|years|yr|age|hour|minute|second|"
    r"rank|count|order|dose|step|trial|distance|period)$"
)
# Units of a study, which have several rows if they are observed several times.
_UNIT_NAME = re.compile(
    r"(?:^|[\W_])(?:subject|subj|patient|participant|person|respondent|individual|household|stratum|strata)$"
)
# Owners of rows; such a name alone does not make numbers an identifier.
_OWNER_NAME = re.compile(
    r"(?:^|[\W_])(?:customer|client|user|member|student|pupil|employee|worker|player|driver|animal|owner)$"
)
_CATEGORY_NAME = re.compile(
    r"(?:^|[\W_])(?:race|ethnicity|sex|gender|group|grp|diet|trt|treat|treatment|arm|cohort|species|cluster|region|"
    r"category|brand|type|marital|religion)$"
)
_MAX_CATEGORY_CODE = 12
_MONTH_NAME = re.compile(r"(?:^|[\W_])months?$")
_RATING_NAME = re.compile(r"(?:^|[\W_])(?:rating|rank|stars|likert|grade|pclass|severity|satisfaction|agreement)$")
_MAX_RATING = 10
_YEAR_NAME = re.compile(r"(?:^|[\W_])(?:year|yr|jahr|annee)s?(?:$|[\W_])")


def is_identifier_name(name: str) -> bool:
    """Whether a column's name suggests an identifier."""
    return _matches(_STRONG_IDENTIFIER_NAME, name)


def is_unit_name(name: str) -> bool:
    """Whether a column's name suggests the unit to which a row belongs: a person, a household, a customer."""
    return _matches(_UNIT_NAME, name) or _matches(_OWNER_NAME, name)


def is_category_name(name: str, n_distinct: int, n_rows: int) -> bool:
    """Whether the values of a column with an identifier's name are categories: few, or each with many rows.

    24 plots with hundreds of rows each are categories. Persons and other units stay identifiers, because new rows
    mostly belong to other units.
    """
    if name.strip().casefold() in ("id", "pid"):
        return False
    if n_distinct <= MAX_FEW_CATEGORIES:
        return True
    return n_distinct * _MIN_ROWS_PER_CATEGORY <= n_rows and not is_unit_name(_IDENTIFIER_ENDING.sub("", name))


def infer_number_type(series: pl.Series, name: str) -> TypeInference:
    """The type of a column of numbers with at least two different values."""
    non_missing = series.drop_nulls()
    if non_missing.dtype.is_float():
        non_missing = non_missing.filter(non_missing.is_finite())
    if non_missing.is_empty():
        return TypeInference(VariableType.CONTINUOUS, "every non-missing value is infinite")
    low, high = non_missing.min(), non_missing.max()
    assert isinstance(low, (int, float))
    assert isinstance(high, (int, float))
    if not series.dtype.is_integer() and not _all_whole(non_missing):
        return TypeInference(
            VariableType.CONTINUOUS, f"numbers with decimals from {format_number(low)} to {format_number(high)}"
        )
    if (low, high) == (0, 1):
        return TypeInference(VariableType.BOOLEAN, "only 0 and 1", ("0", "1"))
    if (low, high) == (-1, 1) and non_missing.n_unique() == 2:
        return TypeInference(VariableType.BOOLEAN, "only −1 and 1", ("-1", "1"))
    return (
        _identifier(series, name, non_missing, int(low), int(high))
        or _code(name, non_missing)
        or _category(name, non_missing, int(low), int(high))
        or _count(name, low, high)
    )


def _all_whole(non_missing: pl.Series) -> bool:
    head = non_missing.head(1000)
    return bool((head == head.round()).all()) and bool((non_missing == non_missing.round()).all())


def _identifier(series: pl.Series, name: str, non_missing: pl.Series, low: int, high: int) -> TypeInference | None:
    if len(non_missing) < MIN_ROWS_FOR_IDENTIFIER or not series.dtype.is_integer():
        return None
    n_distinct = non_missing.n_unique()
    if n_distinct == len(series) and not _matches(_QUANTITY_NAME, name):
        if high - low + 1 == n_distinct and low in (0, 1):
            return TypeInference(
                VariableType.IDENTIFIER, f"consecutive numbers from {low} to {high}, unique in each row"
            )
        if _matches(_IDENTIFIER_NAME, name):
            return TypeInference(VariableType.IDENTIFIER, "unique in each row, and the name suggests an identifier")
    if is_identifier_name(name) and not is_category_name(name, n_distinct, len(non_missing)):
        return TypeInference(VariableType.IDENTIFIER, "the name suggests an identifier")
    return None


def _category(name: str, non_missing: pl.Series, low: int, high: int) -> TypeInference | None:
    """Whole numbers that are codes of categories or units, by the column's name and its few values."""
    if low < 0:
        return None
    n_distinct = non_missing.n_unique()
    if _matches(_UNIT_NAME, name) and n_distinct > _MAX_CATEGORY_CODE:
        return TypeInference(VariableType.IDENTIFIER, "the name suggests numbers of the observed units")
    if _matches(_CATEGORY_NAME, name) and high <= _MAX_CATEGORY_CODE:
        return TypeInference(VariableType.NOMINAL, f"the name suggests categories with codes from {low} to {high}")
    if n_distinct <= 2:
        return None
    categories = tuple(str(value) for value in non_missing.unique().sort().to_list())
    if _matches(_MONTH_NAME, name) and low >= 1 and high <= 12:
        return TypeInference(VariableType.ORDINAL, f"month numbers from {low} to {high}", categories)
    if _matches(_RATING_NAME, name) and high <= _MAX_RATING:
        return TypeInference(VariableType.ORDINAL, f"ratings from {low} to {high}", categories)
    return None


def _code(name: str, non_missing: pl.Series) -> TypeInference | None:
    n_distinct = non_missing.n_unique()
    if is_identifier_name(name):
        return TypeInference(
            VariableType.NOMINAL, f"the name suggests an identifier, but its {n_distinct} values are few or repeated"
        )
    if _matches(_CODE_NAME, name):
        return TypeInference(VariableType.NOMINAL, f"the name suggests codes; {n_distinct} different numbers")
    return None


def _count(name: str, low: float, high: float) -> TypeInference:
    noun = "years" if _matches(_YEAR_NAME, name) and low >= 1000 and high <= 2200 else "whole numbers"
    return TypeInference(VariableType.DISCRETE, f"{noun} from {format_number(low)} to {format_number(high)}")


def _matches(pattern: re.Pattern[str], name: str) -> bool:
    return bool(pattern.search(name) or pattern.search(name.casefold()))
