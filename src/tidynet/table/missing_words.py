"""Words of missing in columns of text, where they may be categories."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from tidynet.core.text import pluralize
from tidynet.table.boolean_and_na_values import NA_VALUES
from tidynet.table.column_format import ColumnFormat

_SIGNS = ("-", "--")
_ACRONYMS = ("NA", "N/A", "n/a", "NULL", "Null", "null")
_WORDS = tuple(word for word in NA_VALUES if word)
_KIN = r"^(?:\d?[+±]+|[-+/±]*[+±][-+/±]*)$"


@dataclass(frozen=True, slots=True)
class MissingWords:
    """Spellings of missing that are categories, by column, and notes."""

    by_column: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def categories(self, column: str) -> tuple[str, ...]:
        """The spellings that are categories in a column."""
        return self.by_column.get(column, ())


def find_missing_words(
    frame: pl.LazyFrame,
    head: pl.DataFrame,
    texts: Sequence[str],
    names: Mapping[str, str],
    trained: Mapping[str, ColumnFormat],
) -> MissingWords:
    """Which of the usual spellings of missing are categories; decided by their column and by the other columns."""
    stripped = head.select(pl.all().str.strip_chars())
    with_words = stripped.select(pl.all().is_in(_WORDS).any()).row(0, named=True) if head.height else {}
    present = {column: set(_spellings(stripped[column])) if with_words.get(column) else set() for column in names}
    elsewhere = {word for column in head.columns if column not in texts for word in present[column]}
    result: dict[str, tuple[str, ...]] = {}
    notes = []
    result |= {column: trained[column].categories for column in texts if column in trained}
    for column in texts:
        if column in trained or not present[column]:
            continue
        words = present[column] - {""}
        others = stripped[column].drop_nulls()
        others = others.filter(~others.is_in(list(NA_VALUES)))
        kept = [sign for sign in _SIGNS if sign in words and others.str.contains(_KIN).any()]
        if "None" in words and "None" not in elsewhere and len(others):
            kept.append("None")
            notes.append(
                _note(frame, column, names[column], "None", "read as a category (--na-values None if it is missing)")
            )
        for word in _ACRONYMS:
            if word in words - elsewhere and len(words) == 1 and _has_blanks(stripped[column]) and len(others):
                hint = f"--read-option code_columns={names[column]} if it is a category"
                how = f"counted as missing beside empty cells ({hint})"
                notes.append(_note(frame, column, names[column], word, how))
        if kept:
            result[column] = tuple(kept)
    return MissingWords(result, tuple(notes))


def _spellings(cells: pl.Series) -> list[str]:
    return cells.filter(cells.is_in(list(NA_VALUES))).unique().to_list()


def _has_blanks(cells: pl.Series) -> bool:
    return bool((cells.is_null() | (cells == "")).any())


def _note(frame: pl.LazyFrame, column: str, name: str, word: str, how: str) -> str:
    n_cells = frame.select((pl.col(column).str.strip_chars() == word).sum()).collect(engine="streaming").item()
    return f"{pluralize(n_cells, 'cell')} '{word}' of '{name}' {how}"
