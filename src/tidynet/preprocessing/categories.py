"""Categories as text, and the code of a value in any spelling.

A later value is looked up as it is written; if it is not found, in its canonical form: without spaces around it, a
number by its digits ("1.0" is 1), and in a boolean column any word for true or false. What is not a category and stands
for a missing value is missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tidynet.table.boolean_and_na_values import BOOLEAN_PAIRS, NA_VALUES, boolean_value
from tidynet.table.cell_text import cell_text

__all__ = [
    "MISSING_CATEGORY",
    "UNSEEN_CATEGORY",
    "alternative_spellings",
    "canonical_value",
    "categories_by_canonical_value",
    "category_text",
    "encode_categories",
]

UNSEEN_CATEGORY, MISSING_CATEGORY = -1, -2

# A number without leading zeros; "007" is text.
_PLAIN_NUMBER = re.compile(r"[-+]?(0|[1-9][0-9]*)(\.[0-9]*)?")


def category_text(series: pl.Series) -> pl.Series:
    """Categories as text, the same for 1, 1.0 and "1", so that the dtype may differ between tables."""
    if series.dtype.is_float():
        known = series.fill_nan(None)
        if bool((known.drop_nulls() == known.drop_nulls().floor()).all()) and bool(
            (known.drop_nulls().abs() < 2**53).all()
        ):
            return known.cast(pl.Int64).cast(pl.String)
        return known.cast(pl.String).str.replace(r"\.0$", "")
    return cell_text(series)


def canonical_value(value: str, boolean: bool = False) -> str:
    """The canonical form of a value."""
    text = value.strip()
    if _PLAIN_NUMBER.fullmatch(text):
        text = text.lstrip("+")
        text = text.rstrip("0").rstrip(".") if "." in text else text
        text = "0" if text == "-0" else text
    truth = boolean_value(text) if boolean and text not in NA_VALUES else None  # "-" alone is missing
    return text if truth is None else "true" if truth else "false"


def categories_by_canonical_value(categories: Iterable[str], boolean: bool = False) -> dict[str, int]:
    """The code of each canonical form that only one category has."""
    codes: dict[str, list[int]] = {}
    for code, category in enumerate(categories):
        codes.setdefault(canonical_value(category, boolean), []).append(code)
    return {text: result[0] for text, result in codes.items() if len(result) == 1}


def encode_categories(
    series: pl.Series,
    categories: Iterable[str],
    boolean: bool = False,
    by_canonical_value: dict[str, int] | None = None,
) -> NDArray[np.int32]:
    """The code of each value: its index among the categories, `UNSEEN_CATEGORY` or `MISSING_CATEGORY`."""
    known = tuple(categories)
    text = category_text(series)
    codes = _looked_up(text, known, range(len(known)))
    unseen = codes == UNSEEN_CATEGORY
    if not unseen.any():
        return codes
    others = text.filter(pl.Series(unseen)).unique().to_list()
    by_canonical_value = (
        categories_by_canonical_value(known, boolean) if by_canonical_value is None else by_canonical_value
    )
    missing = dict.fromkeys(NA_VALUES, MISSING_CATEGORY)
    codes_of_others = [
        by_canonical_value.get(canonical_value(item, boolean), missing.get(item.strip(), UNSEEN_CATEGORY))
        for item in others
    ]
    return np.where(unseen, _looked_up(text, others, codes_of_others), codes)


def _looked_up(text: pl.Series, known: Sequence[str], codes: Sequence[int]) -> NDArray[np.int32]:
    keys, values = pl.Series(known, dtype=pl.String), pl.Series(codes, dtype=pl.Int32)
    result = text.replace_strict(keys, values, default=UNSEEN_CATEGORY, return_dtype=pl.Int32)
    if not text.null_count():
        return result.to_numpy()
    return np.where(text.is_null().to_numpy(), MISSING_CATEGORY, result.fill_null(UNSEEN_CATEGORY).to_numpy()).astype(
        np.int32
    )


def alternative_spellings(categories: Iterable[str], boolean: bool = False) -> dict[str, int]:
    """Common further spellings of the categories, for programs that can only look up a text."""
    known = list(categories)
    by_canonical_value = categories_by_canonical_value(known, boolean)
    text = [word for pair in BOOLEAN_PAIRS for word in pair] if boolean else []
    spellings = [
        *(form for word in text for form in (word, word.capitalize(), word.upper())),
        *(f"{number}.0" for number in (*(("0", "1") if boolean else ()), *known) if _PLAIN_NUMBER.fullmatch(number)),
        *(category.strip() for category in known),
    ]
    result = {
        word: by_canonical_value[canonical_value(word, boolean)]
        for word in spellings
        if canonical_value(word, boolean) in by_canonical_value
    }
    return {word: code for word, code in result.items() if word not in known}
