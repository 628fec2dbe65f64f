"""The variable type of a column of text or categories."""

from __future__ import annotations

import polars as pl

from tidynet.table.boolean_and_na_values import boolean_pair
from tidynet.table.date_formats import detect_date_format
from tidynet.table.infer_number_type import (
    MAX_FEW_CATEGORIES,
    MIN_ROWS_FOR_IDENTIFIER,
    is_category_name,
    is_identifier_name,
)
from tidynet.table.ordinal_scales import MAX_ORDERED_CATEGORIES, order_categories
from tidynet.table.variable_type import TypeInference, VariableType

_MIN_WORDS_OF_TEXT, _MIN_LENGTH_OF_TEXT, _MIN_UNIQUE_OF_TEXT = 5, 60, 0.2
_MIN_UNIQUE_OF_IDENTIFIER = 0.95
_MIN_NUMBERS = 0.5
_NUMBER_OR_LIMIT = r"^\s*(?:[<>≤≥~]=?\s*[-+]?\d[\d.,]*|[-+−]?(?:0|[1-9]\d*)[.,]\d+)\D{0,4}$"


def infer_text_type(series: pl.Series, name: str) -> TypeInference:
    """The type of a column of text with at least two different values."""
    non_missing = series.drop_nulls()
    distinct = non_missing.unique(maintain_order=True)
    if inferred_type := _infer_boolean_or_ordinal(distinct.head(MAX_ORDERED_CATEGORIES + 1).to_list()):
        return inferred_type
    if date_format := detect_date_format(distinct):
        return TypeInference(VariableType.DATETIME, f"dates in the format {date_format.name}")
    return _label_or_text(name, non_missing, distinct)


def infer_category_type(series: pl.Series) -> TypeInference:
    """The type of a Categorical or Enum column with at least two different values."""
    if isinstance(series.dtype, pl.Enum):
        declared = tuple(series.dtype.categories)
        if pair := boolean_pair(list(declared)):
            return _boolean(pair)
        reason = f"{len(declared)} categories in a declared order: {_format_order(declared)}"
        return TypeInference(VariableType.ORDINAL, reason, declared)
    categories = series.drop_nulls().unique().cast(pl.String).sort().to_list()
    return _infer_boolean_or_ordinal(categories) or _nominal(len(categories))


def _infer_boolean_or_ordinal(categories: list[str]) -> TypeInference | None:
    if pair := boolean_pair(categories):
        return _boolean(pair)
    if ordered := order_categories(categories):
        reason = f"{len(ordered)} ordered categories: {_format_order(ordered)}"
        return TypeInference(VariableType.ORDINAL, reason, ordered)
    return None


def _boolean(pair: tuple[str, str]) -> TypeInference:
    return TypeInference(VariableType.BOOLEAN, f"only '{pair[0]}' and '{pair[1]}'", pair)


def _nominal(n_categories: int) -> TypeInference:
    return TypeInference(VariableType.NOMINAL, f"{n_categories} categories without an order")


def _label_or_text(name: str, non_missing: pl.Series, distinct: pl.Series) -> TypeInference:
    """Distinguish repeated categories, unique codes, and sentences."""
    unique_fraction = len(distinct) / len(non_missing)
    n_words = (distinct.str.strip_chars().str.count_matches(r"\s+") + 1).mean()
    length = distinct.str.len_chars().mean()
    assert isinstance(n_words, float)
    assert isinstance(length, float)
    is_long = n_words >= _MIN_WORDS_OF_TEXT or (length > _MIN_LENGTH_OF_TEXT and n_words >= 2)
    if unique_fraction > _MIN_UNIQUE_OF_TEXT and is_long:
        return TypeInference(VariableType.TEXT, f"free text, {n_words:.0f} words on average")
    is_unique = len(non_missing) >= MIN_ROWS_FOR_IDENTIFIER and unique_fraction > _MIN_UNIQUE_OF_IDENTIFIER
    if is_unique and not _are_mostly_numbers(distinct):
        noun = "codes" if n_words < 1.5 else "labels"
        if unique_fraction == 1:
            return TypeInference(VariableType.IDENTIFIER, f"{noun} unique in each row")
        return TypeInference(
            VariableType.IDENTIFIER, f"{len(distinct):,} different {noun} in {len(non_missing):,} rows"
        )
    if (
        is_identifier_name(name)
        and len(distinct) > MAX_FEW_CATEGORIES
        and not is_category_name(name, len(distinct), len(non_missing))
    ):
        return TypeInference(VariableType.IDENTIFIER, "the name suggests an identifier")
    return _nominal(len(distinct))


def _are_mostly_numbers(distinct: pl.Series) -> bool:
    """Whether most of the values are numbers with decimals or limits such as <0.5, which identify no row."""
    share = distinct.str.contains(_NUMBER_OR_LIMIT).mean()
    assert isinstance(share, float)
    return share >= _MIN_NUMBERS


def _format_order(categories: tuple[str, ...]) -> str:
    if len(categories) <= 5:
        return " < ".join(categories)
    return f"{categories[0]} < {categories[1]} < … < {categories[-1]}"
