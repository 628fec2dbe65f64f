"""Spans of time and times of day as people write them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from tidynet.table.column_format import CellType, ColumnFormat

_60 = r"[0-5]\d"
_FRACTION = r"(?:[.,]\d{1,9})?"
_N = r"\d+(?:[.,]\d+)?"


@dataclass(frozen=True, slots=True)
class DurationFormat:
    """A format of spans: its pattern with the groups sign, w, d, h, m and s, and its name."""

    pattern: str
    name: str

    def parse(self, text: pl.Expr) -> pl.Expr:
        """The cells as durations; null for other cells."""
        parts = text.str.extract_groups(self.pattern)
        seconds = pl.sum_horizontal(
            parts.struct.field(group).str.replace(",", ".", literal=True).cast(pl.Float64, strict=False).fill_null(0)
            * size
            for group, size in _SIZES.items()
            if f"<{group}>" in self.pattern
        )
        if "<sign>" in self.pattern:
            seconds = seconds * pl.when(parts.struct.field("sign") == "-").then(-1).otherwise(1)
        microseconds = (seconds * 1e6).round().cast(pl.Int64)
        return pl.when(text.str.contains(self.pattern)).then(pl.duration(microseconds=microseconds, time_unit="us"))


_SIZES: Mapping[str, float] = {"w": 604_800, "d": 86_400, "h": 3600, "m": 60, "s": 1}
_WORDS = {
    "d": r"d|days?|Tage?n?|j|jours?|días?|dias?|giorn[oi]",
    "h": r"h|hrs?|hours?|Std\.?|Stunden?|heures?|horas?|or[ae]",
    "m": r"m|min\.?|mins?|minutes?|Minuten?|minutos?|minuti?",
    "s": r"s|sec\.?|secs?|seconds?|Sek\.?|Sekunden?|secondes?|segundos?|secondi?",
}
_IN_WORDS = r",? ?".join(rf"(?:(?P<{unit}>{_N}) ?(?:{words}))?" for unit, words in _WORDS.items())

MINUTES_SECONDS = DurationFormat(rf"^(?P<sign>-)?(?P<m>\d{{1,3}}):(?P<s>{_60}{_FRACTION})$", "minutes:seconds")
HOURS_MINUTES = DurationFormat(rf"^(?P<sign>-)?(?P<h>\d{{1,4}}):(?P<m>{_60})$", "hours:minutes")
IN_WORDS = DurationFormat(rf"(?i)^{_IN_WORDS}$", "units in words")
DURATION_FORMATS = (
    MINUTES_SECONDS,
    HOURS_MINUTES,
    DurationFormat(rf"^(?P<sign>-)?(?P<h>\d{{1,5}}):(?P<m>{_60}):(?P<s>{_60}{_FRACTION})$", "hours:minutes:seconds"),
    DurationFormat(
        rf"^(?:(?P<d>[-+]?\d+) days?(?:,? *|$))?(?:\+?(?P<h>\d{{1,2}}):(?P<m>{_60}):(?P<s>{_60}{_FRACTION}))?$",
        "days hours:minutes:seconds",
    ),
    DurationFormat(
        rf"^(?P<sign>-)?P(?:(?P<w>{_N})W)?(?:(?P<d>{_N})D)?(?:T(?:(?P<h>{_N})H)?(?:(?P<m>{_N})M)?(?:(?P<s>{_N})S)?)?$",
        "ISO 8601",
    ),
    DurationFormat(r"^(?P<h>\d{1,3}) ?[hH] ?(?P<m>[0-5]\d)$", "hours h minutes"),
    IN_WORDS,
)
"""The known formats with unique names, which models store."""

_CLOCK = rf"(?P<h>[01]?\d|2[0-3]):(?P<m>{_60})(?::(?P<s>{_60}{_FRACTION}))?"
TIME_OF_DAY = DurationFormat(rf"^{_CLOCK}$", "hour:minute")
TIME_AM_PM = DurationFormat(
    rf"(?i)^(?P<h>0?[1-9]|1[0-2])(?::(?P<m>{_60}))?(?::(?P<s>{_60}))? ?[ap]\.?m\.?$", "hour:minute am/pm"
)
_BY_NAME = {known.name: known for known in (*DURATION_FORMATS, TIME_OF_DAY, TIME_AM_PM)}


def parse_time(text: pl.Expr, written: ColumnFormat) -> pl.Expr:
    """Stripped cells as durations or times of day; null for other cells."""
    known = _BY_NAME[written.date_format]
    spans = known.parse(text)
    if written.type is CellType.DURATION:
        return spans
    if known is TIME_AM_PM:
        hours = spans.dt.total_hours()
        noon = pl.when(text.str.contains(r"(?i)p\.?m\.?$") & (hours < 12)).then(12)
        spans = spans + pl.duration(
            hours=noon.when(text.str.contains(r"(?i)a\.?m\.?$") & (hours == 12)).then(-12).otherwise(0)
        )
    return (pl.lit(0).cast(pl.Datetime("us")) + spans).dt.time()


_DURATION_NAME = re.compile(
    r"durat|elapsed|\blaps?\b|split|\bpace\b|run.?time|finish|length|track|mmss|mm.?ss|min|dauer|laufzeit|durée|duree|"
    r"duraci|took|taken|spent"
)
_CLOCK_NAME = re.compile(
    r"time|clock|start|begin|end|arriv|depart|open|clos|hour|uhr|zeit|hora|heure|\bora\b|godz|\bat\b|when|sched"
)


def two_part_formats(cells: pl.Series, name: str) -> tuple[ColumnFormat, ...]:
    """How distinct cells such as 12:30 can be read, the most likely first: times of day or durations."""
    spans = ColumnFormat(CellType.DURATION, date_format=MINUTES_SECONDS.name)
    hours = ColumnFormat(CellType.DURATION, date_format=HOURS_MINUTES.name)
    clock = ColumnFormat(CellType.TIME, date_format=TIME_OF_DAY.name)
    first = cells.str.extract(r"^-?(\d+):").cast(pl.Int64)
    if cells.str.contains(r"[.,]\d+$").any():
        return (spans,)
    if not cells.str.contains(TIME_OF_DAY.pattern).all():
        if bool((cells.str.len_chars() == 5).all()) and bool((first <= 24).all()):
            return (hours, spans)
        is_in_quarters = bool(cells.str.contains(r":(?:00|15|30|45)$").all()) and len(cells) > 3
        return (hours, spans) if is_in_quarters or "hour" in name.casefold() else (spans, hours)
    is_padded = bool((cells.str.len_chars() == 5).all()) and bool((first < 10).any())
    if _DURATION_NAME.search(name.casefold()) and not is_padded:
        return (spans, clock)
    is_clock = is_padded or bool((first >= 13).any()) or _CLOCK_NAME.search(name.casefold()) is not None
    return (clock, spans) if is_clock else (spans, clock)


def possible_time_formats(cells: pl.Series, name: str) -> tuple[ColumnFormat, ...]:
    """The formats that fit all distinct cells of a column, the most likely first."""
    frame = cells.to_frame("cell")

    def fits(known: DurationFormat) -> bool:
        return not frame.select(known.parse(pl.col("cell")).has_nulls()).item()

    if fits(MINUTES_SECONDS):
        return two_part_formats(cells, name)
    if fits(TIME_AM_PM):
        return (ColumnFormat(CellType.TIME, date_format=TIME_AM_PM.name),)
    is_padded = bool(cells.str.contains(r"^\d\d:").all()) and not bool(cells.str.contains(r"^00:").all())
    if fits(TIME_OF_DAY) and is_padded and not _DURATION_NAME.search(name.casefold()):
        return (ColumnFormat(CellType.TIME, date_format=TIME_OF_DAY.name),)
    for known in DURATION_FORMATS[2:]:
        if fits(known) and (known is not IN_WORDS or _has_units(cells)):
            return (ColumnFormat(CellType.DURATION, date_format=known.name),)
    return ()


def _has_units(cells: pl.Series) -> bool:
    """Whether units of durations are certain: two in one cell, or a word; "5 m" alone may be a length."""
    return bool(cells.str.contains(r"(?i)\d ?(?:d|h|m|j)[a-zé.]*,? ?\d").any()) or bool(
        cells.str.contains(
            r"(?i)^[\d.,]+ ?(?:days?|hrs?|hours?|min\.?|mins?|minutes?|secs?|sec\.?|seconds?|tage?|stunden?|minuten?|"
            r"sekunden?|heures?|jours?|horas?|segundos?)$"
        ).all()
    )
