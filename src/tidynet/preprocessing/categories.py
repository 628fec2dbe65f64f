"""The same value is the same level, however a later table writes it.

Levels are kept as text. What a later column holds is looked up as it is written. What is not found so is looked up
by its sense: without blanks around it, a number by its digits ("1.0" is 1), and in a column learnt as boolean every
word that tables spell true or false with. What is no level and spells a missing value is missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tidynet.table.boolean_and_na_values import BOOLEAN_PAIRS, NA_VALUES, boolean_value

__all__ = [
    "NOT_GIVEN",
    "UNSEEN_CATEGORY",
    "alternative_spellings",
    "canonical_value",
    "categories_by_canonical_value",
    "category_text",
    "encode_categories",
]

UNSEEN_CATEGORY, NOT_GIVEN = -1, -2

# A number as it is written plainly; "007" is none, since a number would lose the zeros.
_PLAIN_NUMBER = re.compile(r"[-+]?(0|[1-9][0-9]*)(\.[0-9]*)?")


def category_text(series: pl.Series) -> pl.Series:
    """Levels as text, the same for 1, 1.0 and "1", so that a column's dtype may change between tables.

    Examples
    --------
    >>> category_text(pl.Series([1.0, 2.5, None])).to_list()
    ['1', '2.5', None]
    """
    if series.dtype.is_float():
        known = series.fill_nan(None)
        if bool((known.drop_nulls() == known.drop_nulls().floor()).all()) and bool(
            (known.drop_nulls().abs() < 2**53).all()
        ):
            return known.cast(pl.Int64).cast(pl.String)
        return known.cast(pl.String).str.replace(r"\.0$", "")
    return series.cast(pl.String)


def canonical_value(text: str, boolean: bool = False) -> str:
    """What a cell says, whatever its spelling.

    Examples
    --------
    >>> canonical_value(" 1.50"), canonical_value("007"), canonical_value("No")
    ('1.5', '007', 'No')
    >>> canonical_value("No", boolean=True), canonical_value("1.0", boolean=True), canonical_value("maybe", boolean=True)
    ('false', 'true', 'maybe')
    """
    said = text.strip()
    if _PLAIN_NUMBER.fullmatch(said):
        said = said.lstrip("+")
        said = said.rstrip("0").rstrip(".") if "." in said else said
        said = "0" if said == "-0" else said
    meant = boolean_value(said) if boolean and said not in NA_VALUES else None  # "-" alone is a gap
    return said if meant is None else "true" if meant else "false"


def categories_by_canonical_value(levels: Iterable[str], boolean: bool = False) -> dict[str, int]:
    """The code of each sense that one level alone has.

    Examples
    --------
    >>> categories_by_canonical_value(["no", "yes"], boolean=True)
    {'false': 0, 'true': 1}
    >>> categories_by_canonical_value(["a", " b", "b"])
    {'a': 0}
    """
    codes: dict[str, list[int]] = {}
    for code, level in enumerate(levels):
        codes.setdefault(canonical_value(level, boolean), []).append(code)
    return {text: result[0] for text, result in codes.items() if len(result) == 1}


def encode_categories(
    series: pl.Series, levels: Iterable[str], boolean: bool = False, by_sense: dict[str, int] | None = None
) -> NDArray[np.int32]:
    """The code of each value: its place among the levels, `UNSEEN`, or `NOT_GIVEN` where it is missing.

    Examples
    --------
    >>> encode_categories(pl.Series(["True", "false", "maybe", None, "1"]), ["false", "true"], boolean=True).tolist()
    [1, 0, -1, -2, 1]
    >>> encode_categories(pl.Series(["1.0", " 2", "02", "?"]), ["1", "2"]).tolist()
    [0, 1, -1, -2]
    """
    known = tuple(levels)
    text = category_text(series)
    codes = _looked_up(text, known, range(len(known)))
    unseen = codes == UNSEEN_CATEGORY
    if not unseen.any():
        return codes
    others = text.filter(pl.Series(unseen)).unique().to_list()
    by_sense = categories_by_canonical_value(known, boolean) if by_sense is None else by_sense
    missing = dict.fromkeys(NA_VALUES, NOT_GIVEN)
    meant = [
        by_sense.get(canonical_value(item, boolean), missing.get(item.strip(), UNSEEN_CATEGORY)) for item in others
    ]
    return np.where(unseen, _looked_up(text, others, meant), codes)


def _looked_up(text: pl.Series, known: Sequence[str], codes: Sequence[int]) -> NDArray[np.int32]:
    keys, values = pl.Series(known, dtype=pl.String), pl.Series(codes, dtype=pl.Int32)
    result = text.replace_strict(keys, values, default=UNSEEN_CATEGORY, return_dtype=pl.Int32)
    if not text.null_count():
        return result.to_numpy()
    return np.where(text.is_null().to_numpy(), NOT_GIVEN, result.fill_null(UNSEEN_CATEGORY).to_numpy()).astype(np.int32)


def alternative_spellings(levels: Iterable[str], boolean: bool = False) -> dict[str, int]:
    """Further ways to write the levels, for programs that can only look a text up: not all, but the common ones.

    Examples
    --------
    >>> alternative_spellings(["1", "big"])
    {'1.0': 0}
    >>> spellings = alternative_spellings(["false", "true"], boolean=True)
    >>> [spellings[word] for word in ("True", "TRUE", "yes", "0", "0.0")]
    [1, 1, 1, 0, 0]
    """
    known = list(levels)
    by_sense = categories_by_canonical_value(known, boolean)
    text = [word for pair in BOOLEAN_PAIRS for word in pair] if boolean else []
    likely = [
        *(form for word in text for form in (word, word.capitalize(), word.upper())),
        *(f"{number}.0" for number in (*(("0", "1") if boolean else ()), *known) if _PLAIN_NUMBER.fullmatch(number)),
        *(level.strip() for level in known),
    ]
    result = {
        word: by_sense[canonical_value(word, boolean)] for word in likely if canonical_value(word, boolean) in by_sense
    }
    return {word: code for word, code in result.items() if word not in known}
