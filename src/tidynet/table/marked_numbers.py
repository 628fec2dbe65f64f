"""Numbers with signs around them: brackets, units, footnotes, flags, other digits and other minus signs."""

from __future__ import annotations

import unicodedata

import polars as pl

from tidynet.table.column_format import ColumnFormat
from tidynet.table.plain_numbers import parse_number

_CURRENCIES = (
    r"(?:US|CA|C|A|AU|NZ|HK|S|R)?\$|[€£¥₹₽₩₺₴₦₫₱฿₪₿¢]|"
    r"(?:USD|EUR|Euro|GBP|CHF|JPY|CNY|RMB|INR|Rs\.?|RUB|BRL|AUD|CAD|NZD|SEK|NOK|DKK|kr\.?|PLN|zł|CZK|Kč|HUF|Ft|TRY|TL|"
    r"ZAR|MXN|KRW|SGD|HKD|THB|ILS|Fr\.?)"
)
SHARES = ("%", "‰", "percent", "pct", "pct.")
"""The units that are no currency."""

_UNIT = rf"(?:{_CURRENCIES}|%|‰|percent|pct\.?)"
_SYMBOL = r" ?\*+| ?[†‡§¶#°^]+| ?\[[\p{L}\d ,.]{1,12}\]| ?\([a-zA-Z]{1,2}\)|[¹²³⁰⁴⁵⁶⁷⁸⁹ᵃᵇᶜᵈᵉ]+"
_LETTERS = r" [a-z]{1,3}|[a-z]{1,2}"
SCALES = {
    "k": 1e3, "tsd": 1e3, "thousand": 1e3, "m": 1e6, "mn": 1e6, "mio": 1e6, "mill": 1e6, "million": 1e6,
    "b": 1e9, "bn": 1e9, "g": 1e9, "mrd": 1e9, "billion": 1e9, "t": 1e12, "tn": 1e12, "trillion": 1e12,
    "lakh": 1e5, "crore": 1e7,
}  # fmt: skip
"""Words and letters after a number, lower-case, that multiply it."""

_SCALE = r"(?:[Tt]housand|[Mm]illion|[Bb]illion|[Tt]rillion|[Ll]akh|[Cc]rore|Tsd|Mio|Mill|Mrd|bn|mn|tn|[kK]|[MBGT])"
MARKED = (
    r"^(?P<about>~|≈|ca\.?|c\.|approx\.?|about)? ?(?P<limit><=|>=|≤|≥|<|>)? ?(?P<open>\()? ?(?P<sign>[-+])? ?"
    rf"(?P<unit>{_UNIT})? ?(?P<open_2>\()? ?(?P<sign_2>[-+])? ?"
    r"(?P<number>[.,·]?\d(?:[\d.,·' ]*\d)?)"
    r"(?P<exponent>[eEdD][-+]?\d{1,3}| ?[x×·*] ?10 ?(?:\^|\*\*)? ?-?\d{1,3})?"
    rf"(?:[.,]--?)?(?: ?(?P<scale>{_SCALE})\.?s?)? ?(?P<sign_3>-)? ?(?P<unit_2>{_UNIT})? ?"
    rf"(?P<close>\))? ?(?P<unit_3>{_UNIT})?"
    rf"(?P<mark>(?:{_SYMBOL})+(?:{_LETTERS})?|{_LETTERS})?$"
)
"""One cell: a number, and the signs before and after it as named groups."""

MISSING_SIGNS = (
    r"^(?::\s?[a-z]{0,3}|\.{2,3}|…|-{1,3}|\?+|n\.?\s?/?\s?[adv]\.?|k\.\s?A\.?|s\.\s?d\.?|NaN|na|none|nil|null|missing|"
    r"unknown|not available|not applicable|#(?:DIV/0!|REF!|VALUE!|NAME\?|NUM!|NULL!|N/A))$"
)
"""Cells that mean a missing value in a column of numbers, besides the usual spellings."""

_DIGITS = {
    chr(code): str(unicodedata.digit(chr(code)))
    for start in (0x660, 0x6F0, 0x7C0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66, 0xE50, 0xED0,
                  0xF20, 0x1040, 0x17E0, 0x1810, 0xFF10)
    for code in range(start, start + 10)
}  # fmt: skip
_SIGNS = {
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d\u207b", "-"),
    **dict.fromkeys("\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000", " "),
    **dict.fromkeys("\u200b\u200c\u200d\u200e\u200f\u2060\ufeff", ""),
    **dict.fromkeys("\u2018\u2019\u02bc\u00b4`", "'"),
    "\uff0b": "+", "\uff0e": ".", "\u066b": ".", "\uff0c": ",", "\u066c": ",", "\u060c": ",", "\uff05": "%",
    "\u066a": "%", "\uff04": "$", "\uffe5": "¥", "\uff08": "(", "\uff09": ")",
}  # fmt: skip
CHARACTERS = {**_DIGITS, **_SIGNS}
"""The plain character for each digit, sign and blank that looks like one."""


def unify_characters(text: pl.Expr) -> pl.Expr:
    """Stripped cells with ASCII digits, minus signs, blanks and apostrophes."""
    return text.str.replace_many(list(CHARACTERS), list(CHARACTERS.values())).str.strip_chars()


def marked_parts(text: pl.Expr) -> pl.Expr:
    """The parts of unified cells as a struct, every part null where a cell is no number with signs."""
    return text.str.extract_groups(MARKED)


def parse_marked(text: pl.Expr, written: ColumnFormat) -> pl.Expr:
    """The numbers of stripped cells with signs; null for other cells and for another unit than the format's."""
    parts = marked_parts(unify_characters(text))
    part = parts.struct.field
    unit = pl.coalesce(part("unit"), part("unit_2"), part("unit_3"), pl.lit(""))
    signs = pl.sum_horizontal(part(name).eq("-").fill_null(value=False) for name in ("sign", "sign_2", "sign_3"))
    brackets = part("open").is_not_null().cast(pl.Int8) + part("open_2").is_not_null().cast(pl.Int8)
    closed = part("close").is_not_null().cast(pl.Int8)
    power = part("exponent").str.extract(r"([-+]?\d{1,3})$").cast(pl.Float64, strict=False)
    # "×10^3" ends in the digits of its power alone; "E+03" holds its sign.
    value = parse_number(part("number"), written, sign="")
    exponent = pl.when(power.is_not_null()).then(
        pl.concat_str(value.cast(pl.String), pl.lit("e"), power.cast(pl.Int64))
    )
    value = pl.coalesce(exponent.cast(pl.Float64, strict=False), value)
    scale = part("scale").str.to_lowercase().replace_strict(SCALES, default=None, return_dtype=pl.Float64)
    value = value * scale.fill_null(1.0) * pl.when((signs + closed) % 2 == 1).then(-1.0).otherwise(1.0)
    is_valid = (unit.is_in([written.unit, ""])) & (brackets == closed) & (signs + closed <= 1)
    return pl.when(is_valid).then(value)


def is_missing_sign(text: pl.Expr) -> pl.Expr:
    """Whether stripped cells mean a missing value in a column of numbers with signs."""
    return unify_characters(text).str.contains(f"(?i){MISSING_SIGNS}")
