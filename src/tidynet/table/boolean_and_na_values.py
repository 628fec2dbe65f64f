"""How tables spell a missing value and how they spell yes and no."""

from __future__ import annotations

import re

__all__ = ["BOOLEAN_PAIRS", "MISSING", "boolean_pair", "boolean_value"]

MISSING = (
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
"""Cells of a text table that hold no value. Lower-case "none" and "na" are left: they are often levels."""

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


# "1. Yes" and "2. No" are as good as yes and no.
_NUMBER_BEFORE = re.compile(r"^\d+\s*[-.:)=]\s*(?=[a-z])")


def boolean_pair(levels: list[str]) -> tuple[str, str] | None:
    """The two levels as (false, true) if they spell a boolean, whatever their case.

    >>> boolean_pair(["Yes", "No"])
    ('No', 'Yes')
    >>> boolean_pair(["male", "female"]) is None
    True
    """
    by_fold = {_NUMBER_BEFORE.sub("", level.strip().casefold()): level for level in levels}
    for false, true in BOOLEAN_PAIRS:
        if len(levels) == 2 and set(by_fold) == {false, true}:
            return by_fold[false], by_fold[true]
    return None


_MEANINGS = {word: true for pair in BOOLEAN_PAIRS for word, true in zip(pair, (False, True), strict=True)}


def boolean_value(cell: str) -> bool | None:
    """What one cell of a boolean column means, whatever its case; None if it spells neither.

    >>> boolean_value("TRUE"), boolean_value("2. no"), boolean_value("maybe")
    (True, False, None)
    """
    return _MEANINGS.get(_NUMBER_BEFORE.sub("", cell.strip().casefold()))
