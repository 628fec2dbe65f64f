"""Dates written as text: the format of a column, and how to parse it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

import polars as pl

from tidynet.core.errors import InputError


@dataclass(frozen=True, slots=True)
class DateFormat:
    """One format of a date: its pattern, its parsing format, and its name in a sentence."""

    pattern: str
    format: str
    name: str
    has_time: bool = False
    has_zone: bool = False

    @property
    def order(self) -> str:
        """The order of day, month and year: "dmy", "mdy" or "ymd"."""
        parts = [part[0].lower() for part in self.format.split("%")[1:4]]
        return "".join("m" if part == "b" else part for part in parts)

    @property
    def has_short_year(self) -> bool:
        """Whether the year has two digits."""
        return "%y" in self.format

    def parse(self, text: pl.Expr, latest_year: int = 0) -> pl.Expr:
        """The text as dates; null where it has another format. A year of two digits is `latest_year` at most."""
        dates = self._parse(text)
        if not (latest_year and self.has_short_year):
            return dates
        return pl.when(dates.dt.year() > latest_year).then(dates.dt.offset_by("-100y")).otherwise(dates)

    def _parse(self, text: pl.Expr) -> pl.Expr:
        matching = pl.when(text.str.contains(self.pattern)).then(text)
        if not self.has_time:
            return matching.str.to_date(self.format, strict=False)
        zone = "UTC" if self.has_zone else None
        return matching.str.replace(r"(\d)T(\d)", "${1} ${2}").str.to_datetime(
            self.format, strict=False, time_unit="us", time_zone=zone
        )


_DAYS = (
    (r"\d{4}-\d{1,2}-\d{1,2}", "%Y-%m-%d", "year-month-day"),
    (r"\d{4}/\d{1,2}/\d{1,2}", "%Y/%m/%d", "year/month/day"),
    (r"\d{4}\.\d{1,2}\.\d{1,2}", "%Y.%m.%d", "year.month.day"),
    (r"\d{1,2}/\d{1,2}/\d{4}", "%m/%d/%Y", "month/day/year"),
    (r"\d{1,2}/\d{1,2}/\d{4}", "%d/%m/%Y", "day/month/year"),
    (r"\d{1,2}\.\d{1,2}\.\d{4}", "%d.%m.%Y", "day.month.year"),
    (r"\d{1,2}-\d{1,2}-\d{4}", "%m-%d-%Y", "month-day-year"),
    (r"\d{1,2}-\d{1,2}-\d{4}", "%d-%m-%Y", "day-month-year"),
    (r"\d{1,2}/\d{1,2}/\d{2}", "%m/%d/%y", "month/day/short year"),
    (r"\d{1,2}/\d{1,2}/\d{2}", "%d/%m/%y", "day/month/short year"),
    (r"\d{1,2}\.\d{1,2}\.\d{2}", "%d.%m.%y", "day.month.short year"),
    (r"\d{1,2} [A-Za-z]{3,9} \d{4}", "%d %b %Y", "day month year"),
    (r"\d{1,2} [A-Za-z]{3,9} \d{4}", "%d %B %Y", "day full month year"),
    (r"\d{1,2}-[A-Za-z]{3}-\d{4}", "%d-%b-%Y", "day-short month-year"),
    (r"\d{1,2}-[A-Za-z]{3}-\d{2}", "%d-%b-%y", "day-short month-short year"),
    (r"[A-Za-z]{3} \d{1,2}, \d{4}", "%b %d, %Y", "month day, year"),
    (r"[A-Za-z]{3,9} \d{1,2}, \d{4}", "%B %d, %Y", "full month day, year"),
    (r"\d{1,2}-\d{1,2}-\d{2}", "%y-%m-%d", "short year-month-day"),
    (r"\d{1,2}-\d{1,2}-\d{2}", "%d-%m-%y", "day-month-short year"),
    (r"\d{1,2}-\d{1,2}-\d{2}", "%m-%d-%y", "month-day-short year"),
    (r"\d{1,2}/\d{1,2}/\d{2}", "%y/%m/%d", "short year/month/day"),
    (r"\d{1,2}\.\d{1,2}\.\d{4}", "%m.%d.%Y", "month.day.year"),
)
_TIMES = (
    (r"\d{1,2}:\d{2}", "%H:%M", "hour:minute"),
    (r"\d{1,2}:\d{2}:\d{2}(?:\.\d+)?", "%H:%M:%S%.f", "hour:minute:second"),
    (r"\d{1,2}:\d{2} ?[AaPp][Mm]", "%I:%M %p", "hour:minute am/pm"),
    (r"\d{1,2}:\d{2}:\d{2} ?[AaPp][Mm]", "%I:%M:%S %p", "hour:minute:second am/pm"),
    (r"\d{1,2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:?\d{2})", "%H:%M:%S%.f%#z", "hour:minute:second zone"),
    (r"\d{1,2}:\d{2}(?:Z|[+-]\d{2}:?\d{2})", "%H:%M%#z", "hour:minute zone"),
)

DATE_FORMATS: tuple[DateFormat, ...] = (
    *(DateFormat(f"^{pattern}$", date_format, name) for pattern, date_format, name in _DAYS),
    *(
        DateFormat(
            f"^{pattern}[ T]{clock}$", f"{date_format} {clock_form}", f"{name} {clock_name}", True, "%#z" in clock_form
        )
        for pattern, date_format, name in _DAYS
        for clock, clock_form, clock_name in _TIMES
    ),
)
"""The known formats with unique names, which recipes store; if a column fits two, the earlier one applies."""


@cache
def _any_date() -> re.Pattern[str]:
    return re.compile("|".join(known.pattern for known in DATE_FORMATS))


def possible_date_formats(sample: pl.Series) -> list[DateFormat]:
    """The formats in which every non-missing value of a text sample is a date."""
    non_missing = sample.drop_nulls()
    if non_missing.is_empty() or not _any_date().match(non_missing[0]):
        return []
    frame = non_missing.to_frame("text")
    return [
        date_format
        for date_format in DATE_FORMATS
        if re.match(date_format.pattern, non_missing[0])
        and not frame.select(date_format.parse(pl.col("text")).has_nulls()).item()
    ]


def detect_date_format(series: pl.Series) -> DateFormat | None:
    """The format in which all non-missing values of a text column are dates, or None."""
    non_missing = series.drop_nulls().str.strip_chars()
    # A thousand values exclude nearly every other column before the whole is parsed.
    if not possible_date_formats(non_missing.head(1000)):
        return None
    return next(iter(possible_date_formats(non_missing)), None)


def parse_datetime(series: pl.Series, date_format: DateFormat | None = None) -> pl.Series:
    """A datetime column as dates or datetimes, also from dates written as text."""
    if series.dtype in (pl.Date, pl.Datetime):
        return series
    text = series.cast(pl.String).str.strip_chars().to_frame("text")
    non_missing = text["text"].drop_nulls()
    if non_missing.is_empty():
        return text["text"].cast(pl.Date).alias(series.name)
    head = non_missing[:100]
    formats = [date_format] if date_format else [f for f in DATE_FORMATS if any(re.match(f.pattern, v) for v in head)]
    parsed = [text.select(known.parse(pl.col("text"))).to_series() for known in formats]
    best = min(parsed, key=lambda dates: dates.null_count(), default=None)
    if best is None:
        raise InputError(
            f"the column '{series.name}' contains '{non_missing[0]}', expected a date",
            "write dates as year-month-day, such as 2024-02-29",
        )
    return best.alias(series.name)
