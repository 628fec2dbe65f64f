"""One line of separated text into its fields, also where quotes stand at odd places."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from tidynet.table.read_options import BLANKS

WIDE_BLANKS = "  "
"""The separator of columns that stand apart by two or more blanks, so that cells may hold single ones."""
_RUNS = {BLANKS: re.compile(r"[ \t]+"), WIDE_BLANKS: re.compile(r"[ \t]{2,}")}
_ONE_MARK = "\x1f"
_LONG = 100_000  # the standard library refuses fields longer than 131,072 letters


@dataclass(frozen=True, slots=True)
class FieldSyntax:
    """How the fields of a line are written; an empty quote or escape is none."""

    separator: str = ","
    quote: str = '"'
    escape: str = ""


class Fields(NamedTuple):
    """The fields of a line; whether its last quote is open, and whether a quote stands where none belongs."""

    cells: list[str]
    is_open: bool = False
    has_stray_quote: bool = False


def split_fields(text: str, syntax: FieldSyntax) -> Fields:
    """Split the text of one record, without its line end."""
    separator, quote = syntax.separator, syntax.quote
    if separator in _RUNS:
        text, separator = _with_one_mark(text.strip(" \t"), syntax), _ONE_MARK
    if (not quote or quote not in text) and not (syntax.escape and syntax.escape in text):
        return Fields(text.split(separator))
    if (
        not syntax.escape
        and len(separator) == 1
        and len(text) < _LONG
        and _whole_fields(separator, quote).fullmatch(text)
    ):
        return Fields(next(csv.reader([text], delimiter=separator, quotechar=quote)))
    cells: list[str] = []
    position, is_stray = 0, False
    while True:
        start = position
        while text[start : start + 1] == " ":
            start += 1
        if quote and text.startswith(quote, start):
            end = _closing_quote(text, start + 1, syntax, separator)
            if end is None:
                return Fields([*cells, text[position:]], is_open=True, has_stray_quote=is_stray)
            if end >= 0:
                cell = text[start + 1 : end]
                is_stray = is_stray or _has_single_quote(cell, syntax)
                cells.append(_unescape(cell, syntax))
                position = end + 1
                while text[position : position + 1] == " " and not text.startswith(separator, position):
                    position += 1
                if position >= len(text):
                    return Fields(cells, has_stray_quote=is_stray)
                position += len(separator)
                continue
            is_stray = True
        stop = _next_separator(text, position, syntax, separator)
        cell = text[position:] if stop < 0 else text[position:stop]
        is_stray = is_stray or (bool(quote) and quote in cell)
        cells.append(_unescape(cell, syntax) if syntax.escape else cell)
        if stop < 0:
            return Fields(cells, has_stray_quote=is_stray)
        position = stop + len(separator)


@lru_cache(maxsize=8)
def _whole_fields(separator: str, quote: str) -> re.Pattern[str]:
    """A line whose quotes all stand around whole fields, which the standard library splits faster."""
    mark, between = re.escape(quote), re.escape(separator)
    cell = f"(?:[^{mark}{between}\r\n]*|{mark}(?:[^{mark}\r\n]|{mark}{mark})*{mark})"
    return re.compile(f"{cell}(?:{between}{cell})*")


def split_without_quotes(text: str, syntax: FieldSyntax) -> list[str]:
    """The fields of a line whose quotes are letters."""
    return split_fields(text, FieldSyntax(syntax.separator, "", syntax.escape)).cells


def _closing_quote(text: str, begin: int, syntax: FieldSyntax, separator: str) -> int | None:
    """Where the quoted field ends; None if it goes on in the next line, -1 if its opening quote is a letter."""
    quote, position, has_single = syntax.quote, begin, False
    while (at := text.find(quote, position)) >= 0:
        if _is_escaped(text, at, syntax.escape):
            position = at + 1
        elif text.startswith(quote, at + 1):
            position = at + 2
        else:
            after = at + 1
            while text[after : after + 1] in (" ", "\t") and not text.startswith(separator, after):
                after += 1
            if after >= len(text) or text.startswith(separator, after):
                return at
            position, has_single = at + 1, True
    return -1 if has_single else None


def _is_escaped(text: str, at: int, escape: str) -> bool:
    if not escape:
        return False
    count = 0
    while at - 1 - count >= 0 and text[at - 1 - count] == escape:
        count += 1
    return count % 2 == 1


def _has_single_quote(cell: str, syntax: FieldSyntax) -> bool:
    rest = cell.replace(syntax.quote * 2, "")
    return syntax.quote in (rest.replace(syntax.escape + syntax.quote, "") if syntax.escape else rest)


def _unescape(cell: str, syntax: FieldSyntax) -> str:
    quote, escape = syntax.quote, syntax.escape
    if quote:
        cell = cell.replace(quote * 2, quote)
    if escape and escape in cell:
        marks = "".join(re.escape(mark) for mark in (quote, escape, syntax.separator) if len(mark) == 1)
        cell = re.sub(f"{re.escape(escape)}([{marks}])", r"\1", cell)
    return cell


def _next_separator(text: str, position: int, syntax: FieldSyntax, separator: str) -> int:
    at = text.find(separator, position)
    while at >= 0 and _is_escaped(text, at, syntax.escape):
        at = text.find(separator, at + 1)
    return at


def _with_one_mark(text: str, syntax: FieldSyntax) -> str:
    """The text with each run of blanks outside quotes as one mark."""
    run = _RUNS[syntax.separator]
    if not syntax.quote or syntax.quote not in text:
        return run.sub(_ONE_MARK, text)
    quote = re.escape(syntax.quote)
    parts = re.split(f"((?<![^ \\t]){quote}(?:[^{quote}]|{quote}{quote})*{quote}(?![^ \\t]))", text)
    return "".join(part if number % 2 else run.sub(_ONE_MARK, part) for number, part in enumerate(parts))
