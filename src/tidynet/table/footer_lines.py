"""Lines below a table that do not belong to it: sources, footnotes, counts of rows, totals."""

from __future__ import annotations

import re
from collections.abc import Sequence

import polars as pl
import polars.selectors as cs

from tidynet.table.cell_patterns import is_typed
from tidynet.table.text_records import Record

_NOTE = re.compile(
    r"(?:sources?|notes?|footnotes?|nb|n\.b\.|remarks?|comments?|disclaimer|copyright|\(c\)|©|quellen?|anmerkung(?:en)?|"
    r"hinweise?|stand|fuentes?|notas?|sources? ?|fonte|nota|bron|kilde|data (?:from|source|as of)|downloaded|generated|"
    r"exported|created|printed|retrieved|last (?:updated?|modified|refreshed)|updated|as of|see also|legend|"
    r"end of (?:file|report|table|data))\b\s*(?:[:\-–—]|\d|on\b|by\b|from\b|at\b|$|\S)",
    re.IGNORECASE,
)
_COUNT = re.compile(
    r"\(?(?:total )?\d+ (?:rows?|records?|lines?|entries|results?)\b.*|(?:rows?|records?)[:=] ?\d+.*", re.IGNORECASE
)
_MARK = re.compile(r"(?:\*|†|‡|§|¹|²|³|\[?\d\]|\d\)|--|==|__)\s*\S")
_TOTAL = re.compile(
    r"(?:grand |sub|overall )?-?totals?|sum|sums|summe|gesamt(?:summe)?|insgesamt|suma|somme|totale|totaal|итого|всего|"
    r"合計|总计|all",
    re.IGNORECASE,
)
_MEAN = re.compile(
    r"averages?|mean|avg\.?|mittel(?:wert)?|durchschnitt|moyenne|media|promedio|gemiddelde", re.IGNORECASE
)
_WORDS_OF_A_SENTENCE = 4


def is_note(record: Record, width: int, *, is_apart: bool) -> bool:
    """Whether a line reads like a note below a table; `is_apart` if a blank line or another note precedes it."""
    filled = [position for position, cell in enumerate(record.cells) if cell.strip()]
    text = record.text.strip(" \t\"',;|")
    if not text or is_typed(text):
        return False
    if _COUNT.fullmatch(text) or (_NOTE.match(text) and (":" in text or filled == [0])):
        return True
    if filled != [0] or width < 2:
        return False
    is_sentence = len(text.split()) >= _WORDS_OF_A_SENTENCE
    if len(record.cells) == width:
        return bool(_MARK.match(text)) and is_sentence
    return is_apart or is_sentence or bool(_MARK.match(text))


def find_total(last: Sequence[str]) -> str | None:
    """The word that names the last row a total or a mean, None if it is a row like the others."""
    word = next((cell.strip() for cell in last if cell.strip()), "").rstrip(":")
    return word if _TOTAL.fullmatch(word) or _MEAN.fullmatch(word) else None


def is_summary_row(frame: pl.LazyFrame, last: Sequence[str], word: str) -> bool:
    """Whether the numbers of a last row are the sums or the means of the rows above it."""
    numbers = frame.select(cs.numeric())
    names = numbers.collect_schema().names()
    if not names:
        return False
    columns = frame.collect_schema().names()
    summary = numbers.select(cs.all().mean() if _MEAN.fullmatch(word) else cs.all().sum()).collect().row(0, named=True)
    matching = 0
    for name in names:
        text = last[columns.index(name)].strip() if columns.index(name) < len(last) else ""
        if not text:
            continue
        written = _possible_values(text)
        expected = summary[name]
        if expected and any(abs(value - expected) <= max(1e-6 * abs(expected), _half_digit(text)) for value in written):
            matching += 1
    return matching > 0


def _possible_values(text: str) -> list[float]:
    bare = re.sub(r"[^\d.,+-]", "", text)
    readings = {bare.replace(",", ""), bare.replace(".", "").replace(",", "."), bare.replace(",", ".")}
    values = []
    for reading in readings:
        try:
            values.append(float(reading))
        except ValueError:
            continue
    return values


def _half_digit(text: str) -> float:
    """Half of the last digit that is written, by which a rounded mean may differ."""
    fraction = re.search(r"[.,](\d{1,2})$", re.sub(r"[^\d.,]", "", text))
    return 0.5 * 10.0 ** -(len(fraction.group(1)) if fraction else 0) + 1e-9
