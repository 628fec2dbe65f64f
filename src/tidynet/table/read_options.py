"""Options that set how a table is read; what is not set is detected."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, NamedTuple

import polars as pl
import polars.selectors as cs

from tidynet.core.errors import InputError, check_choice, did_you_mean
from tidynet.core.text import join_names
from tidynet.table.column_format import ColumnFormat

_CHARACTERS = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "blank": " ", "space": " ", "pipe": "|"}
_LISTS = ("na_values", "code_columns", "columns")
_DTYPES: Mapping[str, Any] = {"float32": pl.Float32, "float64": pl.Float64}
_ENCODINGS = ("utf-8", "utf-16", "cp1252", "latin-1", "cp1250", "cp1251", "shift_jis", "gb18030", "big5")
_CHOICES = {
    "on_bad_lines": ("error", "skip"),
    "decimal": (".", ","),
    "dtype": tuple(_DTYPES),
    "thousands": (",", ".", " ", "'"),
    "date_order": ("dmy", "mdy", "ymd"),
}


class ScannedFile(NamedTuple):
    """A frame that can be read lazily, notes for the user, and the detected options."""

    frame: pl.LazyFrame
    notes: tuple[str, ...] = ()
    detected_options: Mapping[str, str] = {}
    column_formats: Mapping[str, ColumnFormat] = {}


@dataclass(frozen=True, slots=True)
class ReadOptions:
    r"""The options of `tidynet.read` for files; None is detected."""

    on_bad_lines: str = "error"
    sheet: str | int | None = None
    separator: str | None = None
    decimal: str | None = None
    thousands: str | None = None
    date_order: str | None = None
    encoding: str | None = None
    comment: str | None = None
    header_rows: int | None = None
    na_values: Sequence[str] = ()
    code_columns: Sequence[str] = ()
    query: str | None = None
    columns: Sequence[str] | None = None
    dtype: str | None = None
    column_formats: Mapping[str, ColumnFormat] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, allowed in _CHOICES.items():
            value = getattr(self, name)
            if value is not None:
                check_choice(name, value, allowed)
        if self.decimal is not None and self.decimal == self.thousands:
            raise InputError(f"decimal and thousands are both '{self.decimal}', expected two characters", "change one")
        if self.separator is not None:
            object.__setattr__(self, "separator", _separator(self.separator))
        if self.encoding is not None:
            _check_encoding(self.encoding)
        if self.header_rows is not None and not 0 <= self.header_rows <= 9:
            raise InputError(f"header_rows is {self.header_rows}, expected a number from 0 to 9", "most tables have 1")
        for name in _LISTS:
            value = getattr(self, name)
            if value is not None:
                object.__setattr__(self, name, (value,) if isinstance(value, str) else tuple(map(str, value)))

    def cast_floats(self, frame: pl.LazyFrame) -> pl.LazyFrame:
        """The frame with numbers with decimals in the requested type."""
        return frame if self.dtype is None else frame.with_columns(cs.float().cast(_DTYPES[self.dtype]))

    def explicit_options(self) -> dict[str, Any]:
        """The options that are set, by name, as `tidynet.read` takes them."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in values.items() if value is not None and value != () and value != {}}

    @classmethod
    def from_strings(cls, texts: Iterable[str], **others: Any) -> ReadOptions:
        """The options NAME=VALUE of a command line; "|" separates the values of a list."""
        names = [field.name for field in fields(cls) if field.name not in ("on_bad_lines", "column_formats")]
        options: dict[str, Any] = dict(others)
        for text in texts:
            name, equals, value = text.partition("=")
            name = name.strip().replace("-", "_")
            if not equals or name not in names:
                hint = did_you_mean(name, names) or f"the names are {join_names(names, 12)}"
                raise InputError(f"--read-option is '{text}', expected NAME=VALUE", hint)
            options[name] = _parse_value(name, value)
        return cls(**options)


def _separator(text: str) -> str:
    character = _CHARACTERS.get(text, text)
    if len(character) != 1 or not character.isascii() or character in '"\n\r' or character.isalnum():
        raise InputError(
            f"separator is '{text}', expected one character such as ';' or the word tab",
            "give the character between the fields",
        )
    return character


def _check_encoding(name: str) -> None:
    try:
        codecs.lookup(name)
    except LookupError as error:
        hint = did_you_mean(name, _ENCODINGS) or "check its spelling"
        raise InputError(f"encoding is '{name}', expected a name such as {join_names(_ENCODINGS, 9)}", hint) from error


def _parse_value(name: str, value: str) -> Any:
    if name in _LISTS:
        return tuple(value.split("|"))
    if name == "header_rows":
        if not value.strip().isdigit():
            raise InputError(f"header_rows is '{value}', expected a whole number", "most tables have 1")
        return int(value)
    return int(value) if name == "sheet" and value.isdigit() else value
