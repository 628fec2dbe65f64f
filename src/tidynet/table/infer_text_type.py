"""Judging the kind of a column of text or categories."""

from __future__ import annotations

import polars as pl

from tidynet.table.boolean_and_na_values import boolean_pair
from tidynet.table.date_formats import detect_date_format
from tidynet.table.infer_number_type import is_category_name, is_identifier_name
from tidynet.table.ordinal_scales import order_categories
from tidynet.table.variable_type import TypeInference, VariableType

__all__ = ["infer_category_type", "infer_text_type"]

_ROWS_TO_CALL_IT_AN_IDENTIFIER = 10
_LEVELS_LOOKED_AT = 60


def infer_text_type(series: pl.Series, name: str) -> TypeInference:
    """Judge a column of text that holds at least two different values.

    >>> infer_text_type(pl.Series(["small", "large", "medium"]), "size").categories
    ('small', 'medium', 'large')
    >>> infer_text_type(pl.Series(["yes", "no"]), "smokes").reason
    "only 'no' and 'yes'"
    """
    non_missing = series.drop_nulls()
    distinct = non_missing.unique(maintain_order=True)
    few = distinct.to_list() if len(distinct) <= _LEVELS_LOOKED_AT else []
    if few and (pair := boolean_pair(few)):
        return TypeInference(VariableType.BOOLEAN, f"only '{pair[0]}' and '{pair[1]}'", pair)
    if few and (levels := order_categories(few)):
        return TypeInference(VariableType.ORDINAL, f"levels in a known order: {_format_levels(levels)}", levels)
    if form := detect_date_format(distinct):
        return TypeInference(VariableType.DATETIME, f"dates written as {form.name}")
    return _label_or_text(name, non_missing, distinct)


def infer_category_type(series: pl.Series) -> TypeInference:
    """Judge a Categorical or Enum column that holds at least two different values.

    >>> finish = pl.Enum(["raw", "rough", "fine"])
    >>> infer_category_type(pl.Series("finish", ["fine", "rough", "raw"], dtype=finish)).categories
    ('raw', 'rough', 'fine')
    """
    if isinstance(series.dtype, pl.Enum):
        levels = tuple(series.dtype.categories)
        pair = boolean_pair(list(levels))
        if pair:
            return TypeInference(VariableType.BOOLEAN, f"only '{pair[0]}' and '{pair[1]}'", pair)
        return TypeInference(
            VariableType.ORDINAL, f"categories with a declared order: {_format_levels(levels)}", levels
        )
    levels_in_use = series.drop_nulls().unique().cast(pl.String).sort().to_list()
    if pair := boolean_pair(levels_in_use):
        return TypeInference(VariableType.BOOLEAN, f"only '{pair[0]}' and '{pair[1]}'", pair)
    if order := order_categories(levels_in_use):
        return TypeInference(VariableType.ORDINAL, f"levels in a known order: {_format_levels(order)}", order)
    return TypeInference(VariableType.NOMINAL, f"categories with {len(levels_in_use)} levels")


def _label_or_text(name: str, non_missing: pl.Series, distinct: pl.Series) -> TypeInference:
    """Tell apart levels that come again, codes that never do, and sentences."""
    fraction = len(distinct) / len(non_missing)
    text = (distinct.str.strip_chars().str.count_matches(r"\s+") + 1).mean()
    length = distinct.str.len_chars().mean()
    assert isinstance(text, float)
    assert isinstance(length, float)
    enough = len(non_missing) >= _ROWS_TO_CALL_IT_AN_IDENTIFIER
    if fraction > 0.2 and (text >= 5 or (length > 60 and text >= 2)):
        return TypeInference(VariableType.TEXT, f"free text, {text:.0f} words on average")
    if enough and fraction == 1:
        return TypeInference(VariableType.IDENTIFIER, f"{_labels(text)} that differ in every row")
    if enough and fraction > 0.95:
        return TypeInference(
            VariableType.IDENTIFIER,
            f"{_labels(text)} that hardly repeat: {len(distinct)} different among {len(non_missing)}",
        )
    if is_identifier_name(name) and len(distinct) > 20 and not is_category_name(name, len(distinct), len(non_missing)):
        return TypeInference(VariableType.IDENTIFIER, "its name says that the values name things")
    return TypeInference(VariableType.NOMINAL, f"{len(distinct)} levels without an order")


def _labels(text: float) -> str:
    return "codes" if text < 1.5 else "labels"


def _format_levels(levels: tuple[str, ...]) -> str:
    if len(levels) <= 5:
        return " < ".join(levels)
    return f"{levels[0]} < {levels[1]} < … < {levels[-1]}"
