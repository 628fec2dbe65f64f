"""Text columns into the type that fits all their values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import polars as pl

from tidynet.core.text import pluralize
from tidynet.table.boolean_and_na_values import NA_VALUES
from tidynet.table.choose_format import ChosenFormat, TableOptions, choose_formats
from tidynet.table.code_columns import check_code_columns, codes_read_as_missing, read_code_cell
from tidynet.table.column_format import CellType, ColumnFormat
from tidynet.table.column_reading import Reading, is_misfit, non_missing, parse_cells
from tidynet.table.fit_formats import FormatFitter, TextColumnFacts
from tidynet.table.format_contradictions import contradiction_note, contradicts, is_overridden
from tidynet.table.format_notes import column_notes, format_statement, text_statement
from tidynet.table.missing_words import MissingWords, find_missing_words
from tidynet.table.plain_numbers import BOOLEAN, plain_formats
from tidynet.table.probe_columns import (
    formula_reading,
    formulas,
    has_formulas,
    probe_column,
    reread_column,
    serial_dates,
    without_decimals,
)

_FIRST_ROWS = 2000
_TEXT = ColumnFormat(CellType.TEXT)


class ConvertedColumns(NamedTuple):
    """A frame with typed columns, notes for the user, and how each text column was written."""

    frame: pl.LazyFrame
    notes: tuple[str, ...] = ()
    column_formats: Mapping[str, ColumnFormat] = {}


def convert_text_columns(
    frame: pl.LazyFrame,
    *,
    separator: str | None = None,
    decimal: str | None = None,
    thousands: str | None = None,
    date_order: str | None = None,
    na_values: Sequence[str] = (),
    code_columns: Sequence[str] = (),
    formats: Mapping[str, ColumnFormat] = {},
) -> ConvertedColumns:
    """Every text column in the type that fits all its values, spelled-out missing values as null, and notes.

    The types are guessed from the first rows and then checked on every row, batch by batch, so that a column
    with words in row 50,000 is text from the start. A column that also fits its format among `formats` is read so.
    """
    schema = frame.collect_schema()
    names = schema.names()
    check_code_columns(code_columns, names)
    # Numbered aliases replace the names, because Polars reads a name such as "^a$" as a pattern.
    aliases = [f"c{position}" for position in range(len(names))]
    renamed = frame.rename(dict(zip(names, aliases, strict=True)))
    original = dict(zip(aliases, names, strict=True))
    text_columns = [alias for alias, dtype in zip(aliases, schema.dtypes(), strict=True) if dtype == pl.String]
    codes = [alias for alias in text_columns if original[alias] in code_columns]
    texts = [alias for alias in text_columns if original[alias] not in code_columns]
    if codes:
        renamed = renamed.with_columns(read_code_cell(alias) for alias in codes)
    if not texts:
        return ConvertedColumns(renamed.rename(original), (), {original[alias]: _TEXT for alias in codes})
    if na_values:
        renamed = renamed.with_columns(_without_na_values(pl.col(alias), na_values) for alias in texts)
    trained = {alias: formats[original[alias]] for alias in texts if original[alias] in formats}
    reader = _ColumnReader(renamed, {alias: original[alias] for alias in texts}, trained)
    converted = reader.convert(TableOptions(separator, decimal, thousands, date_order))
    written = {**{original[alias]: _TEXT for alias in codes}, **converted.column_formats}
    return ConvertedColumns(converted.frame.rename(original), converted.notes, written)


def _without_na_values(cell: pl.Expr, na_values: Sequence[str]) -> pl.Expr:
    stripped = [spelling.strip() for spelling in na_values]
    return pl.when(~cell.str.strip_chars().is_in(stripped)).then(cell)


class _ColumnReader:
    """The text columns of a frame under numbered names, read in the formats that fit."""

    def __init__(self, frame: pl.LazyFrame, names: Mapping[str, str], trained: Mapping[str, ColumnFormat]) -> None:
        self.frame = frame
        self.names = names
        self.trained = trained
        self.facts: dict[str, TextColumnFacts] = {}

    def convert(self, options: TableOptions) -> ConvertedColumns:
        """Choose a format for each text column and convert it."""
        self.trained = {c: item for c, item in self.trained.items() if not is_overridden(item, options)}
        raw = self.frame.select(list(self.names)).head(_FIRST_ROWS).collect()
        written_as_formulas = [column for column in self.names if has_formulas(raw[column])]
        readings = {column: formula_reading(self.frame, column) for column in written_as_formulas}
        if written_as_formulas:
            self.frame = self.frame.with_columns(formulas(column) for column in written_as_formulas)
        head = raw.select(non_missing(pl.col(column)).alias(column) for column in self.names)
        base = plain_formats(options.separator, options.decimal, options.thousands)
        skipped = {*written_as_formulas, *(c for c, item in self.trained.items() if item.type is CellType.TEXT)}
        fitter = FormatFitter(self.frame, head, self.trained)
        fitting = fitter.fitting_formats((*base, BOOLEAN), options.date_order, skipped)
        self.facts = fitter.facts
        readings |= {column: Reading(tuple(found)) for column, found in fitting.items() if found}
        for column in self.names:
            if column in skipped or not self.facts[column].has_values:
                continue
            if column in readings and readings[column].formats[0] == self.trained.get(column):
                continue
            if column in readings:
                readings[column] = reread_column(self.frame, column, self.names[column], head[column], readings[column])
            elif probed := probe_column(self.frame, column, self.names[column], head[column], base, options):
                readings[column] = probed
        if any(item.formats and item.formats[0].type is CellType.DATE for item in readings.values()):
            readings |= serial_dates(self.frame, head, self.names, readings)
        trained = {column: self.trained[column] for column in self.trained if self._is_as_trained(column, readings)}
        choices = choose_formats(self.frame, readings, options, {**self.trained, **trained})
        choices |= {column: ChosenFormat(trained[column]) for column in trained}
        choices |= {
            column: self._with_contradiction(column, choices[column]) for column in self.trained if column in choices
        }
        texts = [column for column in self.names if column not in choices]
        words = find_missing_words(self.frame, raw, texts, self.names, self.trained)
        notes = self._notes(readings, choices, words)
        written = {
            name: choices[column].format if column in choices else self._text_format(column, words)
            for column, name in self.names.items()
        }
        expressions = [self._convert(column, written[name]) for column, name in self.names.items()]
        return ConvertedColumns(self.frame.with_columns(expressions), notes, written)

    def _is_as_trained(self, column: str, readings: Mapping[str, Reading]) -> bool:
        return column in readings and self.trained[column] == next(iter(readings[column].formats), None)

    def _text_format(self, column: str, words: MissingWords) -> ColumnFormat:
        signs = ("-",) if self.facts[column].has_plus else ()
        return replace(_TEXT, categories=tuple(dict.fromkeys((*signs, *words.categories(column)))))

    def _convert(self, column: str, written: ColumnFormat) -> pl.Expr:
        stripped = pl.col(column).str.strip_chars()
        if written.type is not CellType.TEXT:
            # A missing value fits no type that was checked, so it becomes null without a look-up.
            value = parse_cells(stripped, written)
            return (value.fill_nan(None) if written.type is CellType.NUMBER else value).alias(column)
        value = stripped if self.facts[column].is_padded else pl.col(column)
        missing = [item for item in NA_VALUES if item not in written.categories]
        return pl.when(~stripped.is_in(missing)).then(value).alias(column)

    def _with_contradiction(self, column: str, chosen: ChosenFormat) -> ChosenFormat:
        trained = self.trained[column]
        if not contradicts(trained, chosen.format):
            return chosen
        cell = non_missing(pl.col(column))
        misfits = (cell.is_not_null() & is_misfit(cell, trained)).sum()
        n_cells = self.frame.select(misfits).collect(engine="streaming").item()
        note = contradiction_note(self.names[column], trained, chosen.format, n_cells)
        return replace(chosen, format=replace(chosen.format, contradiction=note))

    def _notes(
        self, readings: Mapping[str, Reading], choices: Mapping[str, ChosenFormat], words: MissingWords
    ) -> tuple[str, ...]:
        statements, notes = [], []
        for column, name in self.names.items():
            reading = readings.get(column, Reading())
            if column not in choices:
                statements.append((name, text_statement(reading.facts)))
            elif choices[column].format != self.trained.get(column):  # else the reader knows it from training
                whole = Reading(
                    reading.formats, {**reading.facts, **without_decimals(self.frame, column, choices[column].format)}
                )
                statements.append((name, format_statement(choices[column], whole)))
                notes.append(choices[column].format.contradiction)
        still_text = [column for column in self.names if column not in choices]
        notes += [
            f"{pluralize(rows, 'cell')} 'NA' among the two-letter codes of '{self.names[column]}' counted as missing "
            f"(--read-option code_columns={self.names[column]} if NA is a code there, such as Namibia's)"
            for column, rows in codes_read_as_missing(self.frame, still_text).items()
        ]
        return tuple(note for note in (*column_notes(statements), *notes, *words.notes) if note)
