"""The decimal mark of numbers in text cells, by the evidence of all cells."""

from __future__ import annotations

from typing import Any, Final

import narwhals as nw

from tidynet.core.errors import InputError
from tidynet.core.text import quote
from tidynet.table.tidy.frame_dispatch import Frame

_BLANKS: Final = " \u00a0\u202f\u2009'’"
_GROUPS: Final = r"[0-9]{{1,3}}(?:[{marks}][0-9]{{2,3}})*[{marks}][0-9]{{3}}"
_CURRENCY_OF_POINTS: Final = r"[$£¥₹]\s*[0-9]|\b(?:USD|GBP|JPY|INR|CAD|AUD)\s*[0-9]"


def number_pattern(decimal: str) -> str:
    """A number with thousands marks between groups of three (or, as in India, two) digits; all its groups are mute."""
    other = "," if decimal == "." else r"\."
    grouped = "|".join(_GROUPS.format(marks=marks) for marks in (other, _BLANKS))
    point = r"\." if decimal == "." else ","
    return rf"(?:(?:{grouped}|[0-9]+)(?:{point}[0-9]*)?|{point}[0-9]+)(?:[eE][-+]?[0-9]+)?"


def plain_number(text: Any, decimal: str) -> Any:
    """A written number without thousands marks and with a decimal point, as an expression."""
    marks = ("," if decimal == "." else ".", *_BLANKS)
    for mark in marks:
        text = text.str.replace_all(mark, "", literal=True)
    return text if decimal == "." else text.str.replace_all(",", ".", literal=True)


def _patterns_of(mark: str, other: str) -> str:
    """Cells in which `mark` can only be the decimal mark."""
    return "|".join(
        (
            rf"{mark}(?:[0-9]{{1,2}}|[0-9]{{4,}})(?:[^0-9.,]|$)",  # 7,5 and 0,1234
            rf"(?:^|[^0-9.,])[-+−]?0*{mark}[0-9]",  # 0,500 and ,5
            rf"[0-9]{{4}}{mark}[0-9]",  # 1234,567
            rf"[0-9]{other}[0-9]{{3}}{mark}[0-9]",  # 1.234,500
            rf"[0-9]{other}[0-9]{{2,3}}{other}[0-9]{{3}}",  # 1.234.567
        )
    )


_COMMA, _POINT = _patterns_of(",", r"\."), _patterns_of(r"\.", ",")
_COMMA_OR_POINT: Final = (r"[0-9],[0-9]{3}(?:[^0-9.,]|$)", r"[0-9]\.[0-9]{3}(?:[^0-9.,]|$)")


def detect_decimal(frame: Frame, column: str) -> str:
    """The decimal mark of a column's numbers; raises where its cells allow two readings or contradict each other."""
    comma, point, open_comma, open_point, currency = _any(
        frame, column, (_COMMA, _POINT, *_COMMA_OR_POINT, _CURRENCY_OF_POINTS)
    )
    if comma and point:
        raise InputError(
            f"'{column}' has decimal commas ({_example(frame, column, _COMMA)}) and decimal points "
            f"({_example(frame, column, _POINT)}), expected one decimal mark",
            "correct the cells, or set decimal",
        )
    if comma or point or not (open_comma or open_point):
        return "," if comma else "."
    if currency and open_comma and not open_point:
        return "."
    evidence = _decimal_of_others(frame, column)
    if evidence is not None:
        return evidence
    cell = _example(frame, column, "|".join(_COMMA_OR_POINT))
    raise InputError(
        f"'{column}' has numbers with a thousands or a decimal mark, such as {cell}", "set decimal='.' or decimal=','"
    )


def _decimal_of_others(frame: Frame, column: str) -> str | None:
    """The decimal mark that the other text columns have, if they agree."""
    schema = frame.collect_schema()
    found = set()
    for name in schema.names():
        if name != column and schema[name] == nw.String:
            comma, point = _any(frame, name, (_whole_cell(",", r"\."), _whole_cell(r"\.", ",")))
            found |= {mark for mark, is_found in ((",", comma), (".", point)) if is_found != (comma and point)}
    return found.pop() if len(found) == 1 else None


def _whole_cell(mark: str, other: str) -> str:
    """Cells that are one number, with or without a unit, in which `mark` can only be the decimal mark."""
    whole = rf"(?:[0-9]{{1,3}}(?:{other}[0-9]{{3}})*|[0-9]+)"
    return rf"^\s*[-+−]?[$€£¥]?\s*(?:{whole}{mark}(?:[0-9]{{1,2}}|[0-9]{{4,}})|0{mark}[0-9]+)\s*[^0-9.,]*$"


def _any(frame: Frame, column: str, patterns: tuple[str, ...]) -> list[bool]:
    """Whether any cell contains each pattern; of a lazy frame, only these answers are collected."""
    text = nw.col(column).cast(nw.String)
    masks = [text.str.contains(pattern).fill_null(False).any().alias(f"a{n}") for n, pattern in enumerate(patterns)]
    answers = frame.select(*masks)
    row = (answers.collect() if isinstance(answers, nw.LazyFrame) else answers).row(0)
    return [bool(answer) for answer in row]


def _example(frame: Frame, column: str, pattern: str) -> str:
    cells = frame.select(nw.col(column).cast(nw.String)).filter(nw.col(column).str.contains(pattern)).head(1)
    row = (cells.collect() if isinstance(cells, nw.LazyFrame) else cells).row(0)
    return quote(row[0])
