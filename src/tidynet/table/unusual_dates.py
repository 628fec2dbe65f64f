"""Dates with names of months or weekdays, months, quarters and weeks, and serial numbers of spreadsheets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from tidynet.table.column_format import ColumnFormat
from tidynet.table.date_formats import DATE_FORMATS, DateFormat
from tidynet.table.marked_numbers import unify_characters
from tidynet.table.month_names import MONTHS, WEEKDAYS

SERIAL = " or serial number"
"""The end of the name of a format whose cells may also be days since 1899-12-30, as spreadsheets store them."""

_WEEKDAY = "|".join(sorted(WEEKDAYS, key=len, reverse=True))
_CLOCK = (
    r"(?:[ ,]+(?:at |um |a las |a |kl\.? )?(?P<clock>\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)"
    r" ?(?P<half>[ap]m)?(?P<zone>Z|[+-]\d{4})?)"
)
_WORD = r"(?P<month>\p{L}{3,14})\.?"
_ORDINAL = r"(?:st|nd|rd|th|er|re|\.|º|°|ª)?"
_OF = r"(?:de |del |of |d')?"
_IN_WORDS_ALONE = {
    "day, name of month, year": (
        rf"^(?P<day>\d{{1,2}}){_ORDINAL}[ /-]*{_OF}{_WORD}[ /,-]*{_OF}(?P<year>\d{{4}}|\d{{2}})$"
    ),
    "name of month, day, year": rf"^{_WORD}[ /-]*(?P<day>\d{{1,2}}){_ORDINAL},?[ /-]+(?P<year>\d{{4}})$",
    "year, name of month, day": rf"^(?P<year>\d{{4}})[ ./,-]*{_WORD}[ ./,-]*(?P<day>\d{{1,2}})\.?$",
    "name of month and year": rf"^{_WORD}[ /,-]*{_OF}'?(?P<year>\d{{4}}|(?:[-'/ ])\d{{2}})$",
    "year and name of month": rf"^(?P<year>\d{{4}})[ ./-]*{_WORD}$",
}
_IN_WORDS = {
    **_IN_WORDS_ALONE,
    **{f"{name}, time": f"{pattern[:-1]}{_CLOCK}$" for name, pattern in _IN_WORDS_ALONE.items() if "<day>" in pattern},
}


@dataclass(frozen=True, slots=True)
class UnusualDateFormat:
    """A format of dates that is rewritten before it is parsed."""

    name: str
    pattern: str
    rewrite: Callable[[pl.Expr, str], pl.Expr]
    has_short_year: bool = False
    order: str = ""

    def parse(self, text: pl.Expr, latest_year: int = 0) -> pl.Expr:
        """Tidied cells as dates; null for other cells."""
        dates = self.rewrite(text, self.pattern)
        if not latest_year:
            return dates
        return pl.when(dates.dt.year() > latest_year).then(dates.dt.offset_by("-100y")).otherwise(dates)


def _in_words(text: pl.Expr, pattern: str) -> pl.Expr:
    part = text.str.extract_groups(pattern).struct.field
    month = part("month").replace_strict(dict(MONTHS), default=None, return_dtype=pl.Int64)
    year = part("year").str.extract(r"(\d+)$")
    full_year = pl.when(year.str.len_bytes() == 2).then(pl.lit("20") + year).otherwise(year)
    # A year of two digits stands in this century, or before, where `latest_year` says so.
    day = part("day") if "<day>" in pattern else pl.lit("1")
    date = pl.concat_str(full_year, pl.lit("-"), month.cast(pl.String), pl.lit("-"), day).str.to_date(
        "%Y-%m-%d", strict=False
    )
    if "<clock>" not in pattern:
        return date
    clock = pl.concat_str(
        part("clock"), pl.when(part("clock").str.len_bytes() > 5).then(pl.lit("")).otherwise(pl.lit(":00"))
    )
    return _with_clock(date, clock, part("half"), part("zone"))


def _with_clock(date: pl.Expr, clock: pl.Expr, half: pl.Expr, zone: pl.Expr) -> pl.Expr:
    hour = clock.str.extract(r"^(\d+)").cast(pl.Int64)
    shift = pl.when((half == "pm") & (hour < 12)).then(12).when((half == "am") & (hour == 12)).then(-12).otherwise(0)
    stamp = pl.concat_str(date.cast(pl.String), pl.lit(" "), clock).str.to_datetime(
        "%Y-%m-%d %H:%M:%S%.f", strict=False, time_unit="us"
    )
    offset = zone.str.extract(r"^([+-]\d{2})").cast(pl.Int64, strict=False).fill_null(0)
    minutes = zone.str.extract(r"(\d{2})$").cast(pl.Int64, strict=False).fill_null(0)
    ahead = pl.duration(hours=offset) + pl.duration(minutes=minutes) * pl.when(zone.str.starts_with("-")).then(
        -1
    ).otherwise(1)
    return stamp + pl.duration(hours=shift) - ahead.fill_null(pl.duration(hours=0))


def _numbers(template: str, form: str) -> Callable[[pl.Expr, str], pl.Expr]:
    def rewrite(text: pl.Expr, pattern: str) -> pl.Expr:
        rewritten = text.str.replace(pattern, template)
        return pl.when(text.str.contains(pattern)).then(rewritten).str.to_date(form, strict=False)

    return rewrite


def _part_of_year(months: int) -> Callable[[pl.Expr, str], pl.Expr]:
    """The first day of a quarter or half-year from the groups year and part."""

    def rewrite(text: pl.Expr, pattern: str) -> pl.Expr:
        part = text.str.extract_groups(pattern).struct.field
        year = part("year").cast(pl.Int32, strict=False)
        full_year = pl.when(year < 100).then(year + 2000).otherwise(year)
        return pl.date(full_year, (part("part").cast(pl.Int8, strict=False) - 1) * months + 1, 1)

    return rewrite


_YEAR = r"(?:1[0-9]|20|21)\d{2}"
_ANY_YEAR = r"(?P<year>\d{4}|\d{2})"
_WEEK = r"w(0[1-9]|[1-4]\d|5[0-3])"
_FIRST_DAY, _WEEKDAY_NUMBER = _numbers("${1}-${2}-1", "%Y-%m-%d"), _numbers("${1}-${2}-${3}", "%G-%V-%u")
_QUARTER, _HALF = _part_of_year(3), _part_of_year(6)
_PARTS_OF_YEARS: tuple[tuple[str, str, Callable[[pl.Expr, str], pl.Expr]], ...] = (
    ("year-month", rf"^({_YEAR})[-/. ]?m?(0?[1-9]|1[0-2])$", _FIRST_DAY),
    ("month/year", rf"^(0?[1-9]|1[0-2])[-/.]({_YEAR})$", _numbers("${2}-${1}-1", "%Y-%m-%d")),
    ("year and quarter", rf"^(?P<year>{_YEAR})[-/ _:]?(?:q|qtr|t|trim)\.? ?(?P<part>[1-4])$", _QUARTER),
    ("quarter and year", rf"^(?:q|qtr|t)\.? ?(?P<part>[1-4])[-/ _:']*{_ANY_YEAR}$", _QUARTER),
    (
        "number of quarter and year",
        rf"^(?P<part>[1-4])\.? ?(?:q|qtr|quartal|trimestre)[-/. _:']*{_ANY_YEAR}$",
        _QUARTER,
    ),
    ("year and half", rf"^(?P<year>{_YEAR})[-/ _:]?[hs](?P<part>[12])$", _HALF),
    ("year and week", rf"^({_YEAR})[- ]?{_WEEK}$", _numbers("${1}-${2}-1", "%G-%V-%u")),
    ("year, week and weekday", rf"^({_YEAR})-?{_WEEK}-?([1-7])$", _WEEKDAY_NUMBER),
    ("yearmonthday", rf"^({_YEAR})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])$", _numbers("${1}-${2}-${3}", "%Y-%m-%d")),
)
UNUSUAL_DATES = (
    *(UnusualDateFormat(name, pattern, _in_words, r"\d{2})" in pattern) for name, pattern in _IN_WORDS.items()),
    *(UnusualDateFormat(*part) for part in _PARTS_OF_YEARS),
)
"""The formats that text columns are tried for after the usual ones; models store their names."""

ALL_DATES: tuple[DateFormat | UnusualDateFormat, ...] = (*DATE_FORMATS, *UNUSUAL_DATES)
"""The usual formats, then the unusual ones."""

_BY_NAME = {known.name: known for known in ALL_DATES}


def find_date_format(name: str) -> DateFormat | UnusualDateFormat:
    """The format of a stored name."""
    return _BY_NAME[name.removesuffix(SERIAL)]


def tidy_date_text(text: pl.Expr) -> pl.Expr:
    """Stripped cells in lower case without weekdays and accents, with plain signs and zones."""
    east = unify_characters(text).str.replace(
        r"^(\d{4}) ?[年년.] ?(\d{1,2}) ?[月월.] ?(\d{1,2}) ?[日일.]", "${1}-${2}-${3}"
    )
    folded = east.str.to_lowercase().str.normalize("NFKD").str.replace_all(r"\p{M}", "")
    steps = (
        (rf"^(?:{_WEEKDAY})\.?,? (?:(?:le|den|dem|the|el) )?", ""),
        (rf"[ ,]+\(?(?:{_WEEKDAY})\)?$", ""),
        (r"\[[a-z_/+-]+\]$", ""),
        (r"(\d)t(\d)", "${1} ${2}"),
        (r" ?(?:utc|gmt|z)$", "Z"),
        (r"(:\d{2}(?:\.\d+)?) ?([+-]\d{2})(?::?(\d{2}))?$", "${1}${2}${3}"),
        (r"(:\d{2}(?:\.\d+)?[+-]\d{2})$", "${1}00"),
        (r" ?(?:uhr|г\.?|р\.?|r\.)$", ""),
        (r" ?\b([ap])\.? ?m\.?$", " ${1}m"),
        (r"^(\d{1,4}) ?([./-]) ?(\d{1,2}) ?([./-]) ?(\d{1,4})", "${1}${2}${3}${4}${5}"),
        (r"^(\d+[./-]\d+[./-]\d+),? +(?:at |um )?", "${1} "),
    )
    for pattern, replacement in steps:
        folded = folded.str.replace(pattern, replacement)
    return folded


def parse_date(text: pl.Expr, written: ColumnFormat) -> pl.Expr:
    """Stripped cells as dates; null for other cells."""
    known = find_date_format(written.date_format)
    if not written.has_marks:
        return known.parse(text, written.latest_year)
    tidied = tidy_date_text(text)
    dates = known.parse(tidied, written.latest_year)
    if not written.date_format.endswith(SERIAL):
        return dates
    serial = pl.when(text.str.contains(r"^\d{5}(?:\.\d+)?$")).then(text.cast(pl.Float64, strict=False))
    days = pl.lit(0).cast(pl.Datetime("us")) + pl.duration(
        microseconds=((serial - 25_569) * 86_400e6).round().cast(pl.Int64)
    )
    return (
        pl.coalesce(dates.cast(pl.Datetime("us")), days)
        if isinstance(known, DateFormat) and known.has_time
        else pl.coalesce(dates, days.dt.date())
    )


def is_impossible_date(text: pl.Expr, written: ColumnFormat) -> pl.Expr:
    """Whether cells look like dates of the format but name no day of the calendar, in any order of day and month."""
    known = find_date_format(written.date_format)
    tidied = tidy_date_text(text) if written.has_marks else text
    if isinstance(known, UnusualDateFormat):
        return tidied.str.contains(known.pattern) & known.parse(tidied).is_null()
    others = [item for item in DATE_FORMATS if item.pattern == known.pattern]
    return tidied.str.contains(known.pattern) & pl.all_horizontal(item.parse(tidied).is_null() for item in others)
