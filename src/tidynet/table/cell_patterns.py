"""What one cell looks like while the layout of a table is still unknown: a number, a date, a unit, a missing value."""

from __future__ import annotations

import re

from tidynet.table.boolean_and_na_values import NA_VALUES

_SIGN = "[-+−]?"
_NUMBER = re.compile(
    rf"\(?{_SIGN}[$€£¥]? ?{_SIGN}(?:\d{{1,3}}(?:[ ,.'’\u00a0\u202f]\d{{3}})+|\d+)(?:[.,]\d*)?"
    rf"(?:[eEdD][-+]?\d+)? ?(?:%|[$€£¥]|‰)?\)?-?|{_SIGN}[.,]\d+"
)
_DATE = re.compile(
    r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}|\d{1,2}[- ][A-Za-z]{3,9}[- ,]{1,2}\d{2,4}"
    r"|[A-Za-z]{3,9} \d{1,2},? \d{4}"
)
_TIME = re.compile(r"\d{1,3}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?: ?[AaPp][Mm])?(?:Z|[+-]\d{2}:?\d{2})?")
_UNIT = re.compile(
    r"\([^()]{1,12}\)|\[[^\[\]]{1,12}\]|[°µμ]?[A-Za-zΩ%‰°]{1,3}(?:[-/·*^ ]?[A-Za-z]{0,3}[-²³]?\d?)|[$€£]|%|°[CF]?|-"
)
_TEXT = re.compile(r"[\w .()/&+'’\"#°%@!?=*-]*", re.UNICODE)
_DIGIT = re.compile(r"\d")
_MISSING = frozenset(spelling.casefold() for spelling in NA_VALUES)


def is_number(cell: str) -> bool:
    """Whether a cell holds a number as people write it."""
    return bool(_NUMBER.fullmatch(cell.strip()))


def is_moment(cell: str) -> bool:
    """Whether a cell holds a date, a time, or both."""
    text = cell.strip()
    if _DATE.fullmatch(text) or _TIME.fullmatch(text):
        return True
    day, _, time = text.replace("T", " ", 1).partition(" ")
    return bool(_DATE.fullmatch(day) and _TIME.fullmatch(time))


def is_typed(cell: str) -> bool:
    """Whether a cell holds a number, a date or a time."""
    # Each of them has a digit, which most words have not.
    return _DIGIT.search(cell) is not None and (is_number(cell) or is_moment(cell))


def is_missing_cell(cell: str) -> bool:
    """Whether a cell is empty or spells a missing value."""
    return cell.strip().casefold() in _MISSING


def is_unit_cell(cell: str) -> bool:
    """Whether a cell may be the unit of a column."""
    return bool(_UNIT.fullmatch(cell.strip()))


def is_plain(cell: str) -> bool:
    """Whether a cell is a number, a date, a missing value, or text without marks that separate fields."""
    text = cell.strip()
    if is_missing_cell(text) or is_typed(text):
        return True
    if "  " in text or text.count('"') % 2:
        return False
    return bool(_TEXT.fullmatch(text.replace(", ", " ").replace(": ", " ").replace("://", "/")))
