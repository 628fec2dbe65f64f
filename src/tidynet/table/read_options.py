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
from tidynet.table.dialect import Dialect

_CHARACTERS = {
    "tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "blank": " ", "space": " ", "pipe": "|",
    "\\x01": "\x01", "\\x1f": "\x1f",
}  # fmt: skip
BLANKS = "blanks"
"""The separator of columns that stand apart by any number of blanks."""
_LISTS = ("na_values", "code_columns", "columns")
_COUNTS = {"skip_lines": 1_000_000, "header_rows": 9, "footer_lines": 1_000_000}
_DTYPES: Mapping[str, Any] = {"float32": pl.Float32, "float64": pl.Float64}
_ENCODINGS = ("utf-8", "utf-16", "cp1252", "latin-1", "cp1250", "cp1251", "shift_jis", "gb18030", "big5")
_CHOICES = {
    "on_bad_lines": ("error", "skip", "fill"),
    "decimal": (".", ","),
    "dtype": tuple(_DTYPES),
    "thousands": (",", ".", " ", "'"),
    "date_order": ("dmy", "mdy", "ymd"),
    "format": ("text", "workbook", "parquet", "arrow", "json", "numpy", "sqlite"),
}
_VALUES = ("decimal", "thousands", "date_order", "na_values", "code_columns", "dtype", "format", "column_formats")
_BLOCK = ("skip_lines", "header_rows", "footer_lines")
# The options that apply to each kind of source besides text, to which all but these few apply.
_APPLICABLE: Mapping[str, tuple[str, ...]] = {
    "a workbook": (*_VALUES, *_BLOCK, "sheet"),
    "a Parquet file": _VALUES,
    "a folder of Parquet files": _VALUES,
    "an Arrow file": _VALUES,
    "JSON": _VALUES,
    "a database": (*_VALUES, "query"),
    "an array": (*_VALUES, "columns", "sheet"),
    "a frame in memory": (*_VALUES, "columns"),
}
_NOT_FOR_TEXT = ("sheet", "query", "columns")


class ScannedFile(NamedTuple):
    """A frame that can be read lazily, notes for the user, and how the source is written."""

    frame: pl.LazyFrame
    notes: tuple[str, ...] = ()
    dialect: Dialect = Dialect()
    column_formats: Mapping[str, ColumnFormat] = {}


@dataclass(frozen=True, slots=True)
class ReadOptions:
    r"""The options of `tidynet.read` for files; None is detected."""

    on_bad_lines: str = "error"
    sheet: str | int | None = None
    format: str | None = None
    encoding: str | None = None
    separator: str | None = None
    quote: str | None = None
    escape: str | None = None
    comment: str | None = None
    skip_lines: int | None = None
    header_rows: int | None = None
    footer_lines: int | None = None
    decimal: str | None = None
    thousands: str | None = None
    date_order: str | None = None
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
        for name in ("quote", "escape"):
            value = getattr(self, name)
            if value is not None:
                object.__setattr__(self, name, _mark(name, value))
        for name, most in _COUNTS.items():
            value = getattr(self, name)
            if value is not None and not 0 <= value <= most:
                raise InputError(f"{name} is {value}, expected a number from 0 to {most:,}", _count_hint(name))
        for name in _LISTS:
            value = getattr(self, name)
            if value is not None:
                object.__setattr__(self, name, (value,) if isinstance(value, str) else tuple(map(str, value)))

    def check_applicable(self, kind: str, label: str) -> None:
        """Raise if an option is set that does not apply to a kind of source, such as "a workbook"."""
        for name in self.explicit_options():
            applies = name in _APPLICABLE[kind] if kind in _APPLICABLE else name not in _NOT_FOR_TEXT
            if applies or (name == "on_bad_lines" and self.on_bad_lines == "error"):
                continue
            if name == "columns":
                raise InputError(
                    f"the option columns is set, but {label} has column names; only an array (.npy, .npz) needs them",
                    "remove columns",
                )
            raise InputError(f"the option {name} is set, but {label} is {kind}", f"remove {name}")

    @property
    def changes_values(self) -> bool:
        """Whether an option says how the cells of columns are written."""
        return bool(
            self.decimal
            or self.thousands
            or self.date_order
            or self.na_values
            or self.code_columns
            or self.column_formats
        )

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
    characters = _CHARACTERS.get(text, text)
    if characters == BLANKS:
        return BLANKS
    is_mark = all(mark.isascii() and not mark.isalnum() and mark not in '"\n\r' for mark in characters)
    if not 1 <= len(characters) <= 4 or not is_mark:
        raise InputError(
            f"separator is '{text}', expected marks such as ';' or '||', or the word tab, blank or blanks",
            "give what stands between the fields",
        )
    return characters


def _mark(name: str, text: str) -> str:
    mark = "" if text == "none" else text
    if len(mark) > 1 or mark.isalnum() or mark in ("\n", "\r"):
        raise InputError(f"{name} is '{text}', expected one mark or the word none", f"give the {name} mark of the file")
    return mark


def _count_hint(name: str) -> str:
    return "most tables have 1" if name == "header_rows" else "most tables have 0"


def _check_encoding(name: str) -> None:
    try:
        codecs.lookup(name)
    except LookupError as error:
        hint = did_you_mean(name, _ENCODINGS) or "check its spelling"
        raise InputError(f"encoding is '{name}', expected a name such as {join_names(_ENCODINGS, 9)}", hint) from error


def _parse_value(name: str, value: str) -> Any:
    if name in _LISTS:
        return tuple(value.split("|"))
    if name in _COUNTS:
        if not value.strip().isdigit():
            raise InputError(f"{name} is '{value}', expected a whole number", _count_hint(name))
        return int(value)
    return int(value) if name == "sheet" and value.isdigit() else value
