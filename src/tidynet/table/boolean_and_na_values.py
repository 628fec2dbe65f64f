"""Spellings of a missing value, and of yes and no."""

from __future__ import annotations

import re

NA_VALUES = (
    "",
    "NA",
    "N/A",
    "n/a",
    "#N/A",
    "<NA>",
    "NaN",
    "nan",
    "NAN",
    "-nan",
    "NaT",
    "NULL",
    "Null",
    "null",
    "None",
    "?",
    "-",
    "--",
    ".",
)
"""Cells of a text table that are missing; not lower-case "none" and "na", which are often categories."""

BOOLEAN_PAIRS = (
    ("false", "true"),
    ("f", "t"),
    ("no", "yes"),
    ("n", "y"),
    ("0", "1"),
    ("off", "on"),
    ("absent", "present"),
    ("negative", "positive"),
    ("-", "+"),
    ("nein", "ja"),
    ("non", "oui"),
    ("no", "si"),
    ("no", "sí"),
)
"""Spellings of false and true, lower-case, false first."""

# "1. Yes" and "2. No" mean yes and no.
_NUMBER_BEFORE = re.compile(r"^\d+\s*[-.:)=]\s*(?=[a-z])")


def boolean_pair(categories: list[str]) -> tuple[str, str] | None:
    """The two categories as (false, true) if they spell a boolean in any case."""
    by_fold = {_NUMBER_BEFORE.sub("", category.strip().casefold()): category for category in categories}
    for false, true in BOOLEAN_PAIRS:
        if len(categories) == 2 and set(by_fold) == {false, true}:
            return by_fold[false], by_fold[true]
    return None


_MEANINGS = {word: true for pair in BOOLEAN_PAIRS for word, true in zip(pair, (False, True), strict=True)}


def boolean_value(cell: str) -> bool | None:
    """The value of one cell of a boolean column in any case; None for another spelling."""
    return _MEANINGS.get(_NUMBER_BEFORE.sub("", cell.strip().casefold()))
