"""The cells of any source as the read options say that they are written."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import polars.selectors as cs

from tidynet.table.convert_types import ConvertedColumns, convert_text_columns
from tidynet.table.read_options import ReadOptions, ScannedFile


def convert_columns(frame: pl.LazyFrame, options: ReadOptions, separator: str | None = None) -> ConvertedColumns:
    """Every text column in the type that fits all its values, numbers that mean missing as null."""
    return convert_text_columns(
        _without_numbers(frame, options),
        separator=separator,
        decimal=options.decimal,
        thousands=options.thousands,
        date_order=options.date_order,
        na_values=options.na_values,
        code_columns=options.code_columns,
        formats=options.column_formats,
    )


def with_options(scanned: ScannedFile, options: ReadOptions) -> ScannedFile:
    """A source that has types, its text converted only if an option says how it is written."""
    if not options.changes_values:
        return scanned
    converted = convert_columns(scanned.frame, options)
    dialect = replace(scanned.dialect, na_values=tuple(options.na_values))
    return ScannedFile(converted.frame, (*scanned.notes, *converted.notes), dialect, converted.column_formats)


def _without_numbers(frame: pl.LazyFrame, options: ReadOptions) -> pl.LazyFrame:
    """The frame without the numbers that mean missing, such as -999."""
    numbers = [number for text in options.na_values if (number := _number(text)) is not None]
    if not numbers:
        return frame
    return frame.with_columns(pl.when(~cs.numeric().cast(pl.Float64).is_in(numbers)).then(cs.numeric()).name.keep())


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
