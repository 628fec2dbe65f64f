"""Whether a column that is no usual date holds dates, times or durations in another writing."""

from __future__ import annotations

import datetime
import re
from functools import cache

import polars as pl

from tidynet.table.column_format import CellType, ColumnFormat
from tidynet.table.column_reading import Cells, Fact, Reading, examples
from tidynet.table.date_formats import DATE_FORMATS, DateFormat
from tidynet.table.durations import possible_time_formats
from tidynet.table.month_names import MONTHS, WEEKDAYS, fold
from tidynet.table.unusual_dates import (
    ALL_DATES,
    SERIAL,
    UnusualDateFormat,
    is_impossible_date,
    parse_date,
    tidy_date_text,
)

_MAX_IMPOSSIBLE = 0.1
_MAX_YEARS_AHEAD = 10
_BIRTH_NAME = re.compile(r"born|birth|\bdob\b|geburt|geb\b|nasc|naiss|nacim|death|died|founded|hired|since")
_AHEAD_NAME = re.compile(r"expir|due|matur|until|valid|deadline|end|forecast|plan|target|ablauf|fällig|bis\b")
_WORDS_OF_TIME = """
am pm a p m h s d w t z q qtr y utc gmt at um uhr of de del the le el dem st nd rd th er re o las kl r trim quartal
trimestre day days hr hrs hour hours min mins minute minutes sec secs second seconds tag tage tagen std stunde stunden
minuten sek sekunde sekunden j jour jours heure heures seconde secondes dia dias hora horas minuto minutos segundo
segundos giorno giorni ora ore minuti secondo secondi pt dt hm ms hms
"""
_OTHER_WORDS = frozenset(_WORDS_OF_TIME.split())
_NO_DATE = r"^0{1,4}[-/.]0{1,2}[-/.]0{1,4}(?:[ T]0{1,2}:0{2}(?::0{2})?)?$"


def may_be_date_or_time(cell: str) -> bool:
    """Whether one cell has digits and no words but those of dates and times."""
    words = re.findall(r"[^\W\d_]+", fold(cell.partition("[")[0]))
    return any(map(str.isdigit, cell)) and all(
        word in MONTHS or word in WEEKDAYS or word in _OTHER_WORDS or not word.isascii() for word in words
    )


def probe_times(cells: pl.DataFrame, name: str) -> Reading | None:
    """The formats of times and durations that fit distinct cells; None for no times."""
    formats = possible_time_formats(cells["cell"], name)
    return Reading(formats) if formats else None


def probe_dates(cells: pl.DataFrame, name: str) -> Reading | None:
    """The formats of dates that fit distinct cells and their counts, columns `cell` and `n`; None for no dates."""
    tidied = cells.with_columns(tidy_date_text(pl.col("cell")).alias("tidied"))
    is_serial = cells["cell"].str.contains(r"^[2-6]\d{4}(?:\.\d+)?$")
    is_zero = cells["cell"].str.contains(_NO_DATE)
    rest = tidied.filter(~is_serial & ~is_zero)
    if rest.is_empty():
        return None
    formats, impossible = _possible(rest, name)
    if not formats:
        return _mixed_orders(rest)
    facts: dict[Fact, Cells] = {}
    if impossible.any() or is_zero.any():
        bad = pl.concat([rest.filter(impossible), tidied.filter(is_zero)])
        facts[Fact.IMPOSSIBLE_DATES] = examples(bad, pl.repeat(True, bad.height, eager=True))
    if is_serial.any():
        facts[Fact.SERIAL_DATES] = examples(cells, is_serial)
        formats = tuple(
            ColumnFormat(
                CellType.DATE, has_marks=True, date_format=item.date_format + SERIAL, latest_year=item.latest_year
            )
            for item in formats
        )
    return Reading(formats, facts)


def _possible(rest: pl.DataFrame, name: str) -> tuple[tuple[ColumnFormat, ...], pl.Series]:
    """The formats that fit all cells but a few impossible dates, and which cells are impossible."""
    result: list[ColumnFormat] = []
    bad = pl.repeat(False, rest.height, eager=True)
    n_cells = int(rest["n"].sum())
    for known in ALL_DATES:
        if (
            not _python_pattern(known.pattern).search(rest["tidied"][0])
            or not rest["tidied"].str.contains(known.pattern).all()
        ):
            continue
        written = ColumnFormat(CellType.DATE, has_marks=True, date_format=known.name)
        read = rest.select(
            parse_date(pl.col("cell"), written).is_null().alias("unread"),
            is_impossible_date(pl.col("cell"), written).alias("impossible"),
        )
        n_bad = int(rest.filter(read["unread"])["n"].sum())
        if n_bad and (
            not (read["unread"] <= read["impossible"]).all()
            or n_bad > max(1, _MAX_IMPOSSIBLE * n_cells)
            or 2 * n_bad > n_cells
        ):
            continue
        if _is_season(known, rest["tidied"]) or (result and not isinstance(known, DateFormat)):
            continue
        bad = read["unread"]
        result.append(with_latest_year(written, rest["cell"], name))
    return tuple(result), bad


@cache
def _python_pattern(pattern: str) -> re.Pattern[str]:
    """The pattern for one string, which spares a pass over the column for nearly every format."""
    return re.compile(pattern.replace(r"\p{L}", r"[^\W\d_]"))


def _is_season(known: DateFormat | UnusualDateFormat, tidied: pl.Series) -> bool:
    """Whether cells such as 2003-04 name a school year and no month."""
    if known.name != "year-month":
        return False
    parts = tidied.str.extract_groups(r"^\d\d(?<year>\d\d)[-/](?<next>\d\d)$").struct.unnest()
    years = parts["year"].cast(pl.Int64, strict=False), parts["next"].cast(pl.Int64, strict=False)
    return bool((((years[0] + 1) % 100) == years[1]).fill_null(value=False).all())


def _mixed_orders(rest: pl.DataFrame) -> Reading | None:
    """Days and months in both orders: no format, and examples of both."""
    for known in DATE_FORMATS:
        if known.order != "mdy" or not rest["tidied"].str.contains(known.pattern).all():
            continue
        other = next((item for item in DATE_FORMATS if item.pattern == known.pattern and item.order == "dmy"), None)
        if other is None:
            continue
        read = rest.select(known.parse(pl.col("tidied")).alias("mdy"), other.parse(pl.col("tidied")).alias("dmy"))
        only = (read["mdy"].is_not_null() & read["dmy"].is_null(), read["dmy"].is_not_null() & read["mdy"].is_null())
        if only[0].any() and only[1].any() and not (read["mdy"].is_null() & read["dmy"].is_null()).any():
            both = [examples(rest, item, 1) for item in only]
            cells = Cells(sum(item.n for item in both), tuple(text for item in both for text in item.examples))
            return Reading((), {Fact.MIXED_ORDERS: cells})
    return None


def with_latest_year(written: ColumnFormat, cells: pl.Series, name: str) -> ColumnFormat:
    """The format with the latest year that two digits can mean: dates do not lie far ahead, and births never."""
    tidied = cells.to_frame("cell").select(tidy_date_text(pl.col("cell")) if written.has_marks else pl.col("cell"))
    if tidied.to_series().str.contains(r"\d{4}(?:\D|$)").any() or not _has_short_year(written):
        return written
    this_year = datetime.datetime.now(datetime.UTC).year
    folded = name.casefold()
    ahead = 0 if _BIRTH_NAME.search(folded) else 50 if _AHEAD_NAME.search(folded) else _MAX_YEARS_AHEAD
    return ColumnFormat(
        CellType.DATE, has_marks=written.has_marks, date_format=written.date_format, latest_year=this_year + ahead
    )


def _has_short_year(written: ColumnFormat) -> bool:
    from tidynet.table.unusual_dates import find_date_format

    return find_date_format(written.date_format).has_short_year
