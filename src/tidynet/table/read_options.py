"""How a table is to be read where the reader should not find it out by itself."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, NamedTuple

import polars as pl
import polars.selectors as cs

from tidynet.core.errors import InputError, did_you_mean
from tidynet.core.text import join_names

__all__ = ["ReadOptions", "ScannedFile"]

_WORDS_FOR_MARKS = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "blank": " ", "space": " ", "pipe": "|"}
_LISTS = ("na_values", "code_columns", "columns")
_DTYPES: Mapping[str, Any] = {"float32": pl.Float32, "float64": pl.Float64}


class ScannedFile(NamedTuple):
    """A frame that can be read lazily, notes on what a person should know, and what the reader found."""

    frame: pl.LazyFrame
    notes: tuple[str, ...] = ()
    detected_options: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class ReadOptions:
    r"""What a person has said about a table; what is None the reader finds out.

    >>> ReadOptions.from_strings(["decimal=,", "na_values=-999|unknown"]).na_values
    ('-999', 'unknown')
    """

    on_bad_lines: str = "error"
    sheet: str | int | None = None
    separator: str | None = None
    decimal: str | None = None
    thousands: str | None = None
    encoding: str | None = None
    comment: str | None = None
    header_rows: int | None = None
    na_values: Sequence[str] = field(default=())
    code_columns: Sequence[str] = field(default=())
    query: str | None = None
    columns: Sequence[str] | None = None
    dtype: str | None = None

    def __post_init__(self) -> None:
        _one_of("on_bad_lines", self.on_bad_lines, ("error", "skip"))
        _one_of("decimal", self.decimal, (".", ","))
        _one_of("dtype", self.dtype, tuple(_DTYPES))
        _one_of("thousands", self.thousands, (",", ".", " ", "'"))
        if self.decimal is not None and self.decimal == self.thousands:
            raise InputError(f"decimal and thousands are both '{self.decimal}'", "one mark cannot mean both")
        if self.separator is not None:
            mark = _WORDS_FOR_MARKS.get(self.separator, self.separator)
            if len(mark) != 1 or not mark.isascii() or mark in '"\n\r' or mark.isalnum():
                raise InputError(
                    f"separator is '{self.separator}', expected one character such as ';' or the word tab",
                    "write the character that stands between the fields",
                )
            object.__setattr__(self, "separator", mark)
        if self.encoding is not None:
            try:
                codecs.lookup(self.encoding)
            except LookupError as error:
                non_missing = (
                    "utf-8",
                    "utf-16",
                    "cp1252",
                    "latin-1",
                    "cp1250",
                    "cp1251",
                    "shift_jis",
                    "gb18030",
                    "big5",
                )
                hint = did_you_mean(self.encoding, non_missing) or f"such as {join_names(non_missing)}"
                raise InputError(f"encoding is '{self.encoding}', which is none that is known", hint) from error
        if self.header_rows is not None and not 0 <= self.header_rows <= 9:
            raise InputError(f"header_rows is {self.header_rows}, expected a number from 0 to 9", "most tables have 1")
        for name in _LISTS:
            user_value = getattr(self, name)
            if user_value is not None:
                object.__setattr__(
                    self, name, (user_value,) if isinstance(user_value, str) else tuple(map(str, user_value))
                )

    def cast_floats(self, frame: pl.LazyFrame) -> pl.LazyFrame:
        """The frame with its numbers with fractions in the type that was asked for."""
        return frame if self.dtype is None else frame.with_columns(cs.float().cast(_DTYPES[self.dtype]))

    def explicit_options(self) -> dict[str, Any]:
        """What was said, by name, as `tidynet.read` takes it.

        >>> ReadOptions(decimal=",").explicit_options()
        {'on_bad_lines': 'error', 'decimal': ','}
        """
        values = {item.name: getattr(self, item.name) for item in fields(self)}
        return {name: value for name, value in values.items() if value is not None and value != ()}

    @classmethod
    def from_strings(cls, words: Iterable[str], **others: Any) -> ReadOptions:
        """What the words NAME=VALUE of a command line say; several values are parted by "|"."""
        names = [item.name for item in fields(cls) if item.name != "on_bad_lines"]
        text: dict[str, Any] = dict(others)
        for word in words:
            name, equals, value = word.partition("=")
            name = name.strip().replace("-", "_")
            if not equals or name not in names:
                hint = did_you_mean(name, names) or f"the names are {join_names(names, 12)}"
                raise InputError(f"--read-option is '{word}', expected NAME=VALUE", hint)
            text[name] = _value(name, value)
        return cls(**text)


def _value(name: str, value: str) -> Any:
    if name in _LISTS:
        return tuple(value.split("|"))
    if name == "header_rows":
        if not value.strip().isdigit():
            raise InputError(f"header_rows is '{value}', expected a whole number", "most tables have 1")
        return int(value)
    return int(value) if name == "sheet" and value.isdigit() else value


def _one_of(name: str, value: str | None, choices: tuple[str, ...]) -> None:
    if value is not None and value not in choices:
        text = "'error' or 'skip'" if name == "on_bad_lines" else f"one of {join_names(choices)}"
        raise InputError(f"{name} is '{value}', expected {text}", did_you_mean(value, choices) or "leave it out")
