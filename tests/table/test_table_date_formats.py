"""Dates, times and durations as people write them in text."""

from __future__ import annotations

import datetime
from typing import Any

import polars as pl
import pytest

from tidynet.table.convert_types import ConvertedColumns, convert_text_columns
from tidynet.table.month_names import MONTHS, fold


def converted(columns: dict[str, list[str | None]], **options: Any) -> ConvertedColumns:
    frame = pl.DataFrame({name: pl.Series(cells, dtype=pl.String) for name, cells in columns.items()})
    return convert_text_columns(frame.lazy(), **{"separator": ",", **options})


def values(cells: list[str | None], name: str = "v", **options: Any) -> list[Any]:
    return converted({name: cells}, **options).frame.collect()[name].to_list()


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("cells", "first"),
    [
        (["5. März 2024", "12. Mai 2024"], "2024-03-05"),
        (["1er janvier 2024", "2 août 2024"], "2024-01-01"),
        (["12 de mayo de 2023", "1 de enero de 2024"], "2023-05-12"),
        (["3 gennaio 2024", "4 luglio 2024"], "2024-01-03"),
        (["12 de fevereiro de 2023", "1 de outubro de 2024"], "2023-02-12"),
        (["7 maart 2023", "8 mei 2023"], "2023-03-07"),
        (["12 stycznia 2023", "1 maja 2023"], "2023-01-12"),
        (["5 января 2023 г.", "6 мая 2023 г."], "2023-01-05"),
        (["4 avr. 2023", "5 févr. 2023"], "2023-04-04"),
        (["25-dez-23", "24-okt-23"], "2023-12-25"),
        (["March 5th, 2024", "May 2nd, 2024"], "2024-03-05"),
        (["Montag, 5. Februar 2024", "Dienstag, 6. Februar 2024"], "2024-02-05"),
        (["Mon 2023-01-02", "Tue 2023-01-03"], "2023-01-02"),
        (["2023年4月5日", "2023年4月6日"], "2023-04-05"),
        (["2023. 4. 5.", "2023. 4. 6."], "2023-04-05"),
        (["3. 4. 2024", "25. 4. 2024"], "2024-04-03"),
        (["2023-05", "2023-06"], "2023-05-01"),
        (["05/2023", "06/2023"], "2023-05-01"),
        (["2023M05", "2023M06"], "2023-05-01"),
        (["Mar-23", "Apr-23"], "2023-03-01"),
        (["mars 2023", "mai 2023"], "2023-03-01"),
        (["2023Q1", "2023Q4"], "2023-01-01"),
        (["Q3 2023", "Q4 2023"], "2023-07-01"),
        (["2023-W05", "2023-W06"], "2023-01-30"),
        (["2023-W05-3", "2023-W06-1"], "2023-02-01"),
        (["2023-S2", "2024-S1"], "2023-07-01"),
    ],
)
def test_dates_in_words_and_parts_of_years(cells: list[str | None], first: str) -> None:
    assert values(cells)[0] == day(first)


@pytest.mark.parametrize(
    "cells",
    [["2003-04", "2004-05", "2011-12"], ["2023/24", "2024/25"], ["03/25/2024", "25/03/2024"], ["2023-13-45", "x"],
     ["5 Foo 2023", "6 Bar 2023"], ["January", "February"], ["2023-11-31", "2023-02-30", "2023-01-01"]],
)  # fmt: skip
def test_what_is_no_date_stays_text(cells: list[str | None]) -> None:
    assert values(cells) == cells


def test_mixed_orders_are_named() -> None:
    assert converted({"v": ["03/25/2024", "25/03/2024"]}).notes == (
        "the column 'v' stays text: its dates have two orders of day and month ('03/25/2024', '25/03/2024')",
    )


@pytest.mark.parametrize(
    ("other", "first"),
    [
        ("25/04/2024", "2024-04-03"),
        ("04/25/2024", "2024-03-04"),
        ("25-04-2024", "2024-04-03"),
        ("25/04/2024 10:30", "2024-04-03"),
        ("25.04.2024", "2024-04-03"),
        ("2024-04-25", "2024-03-04"),
    ],
)
def test_another_column_decides_the_order_of_day_and_month(other: str, first: str) -> None:
    result = converted({"start": ["03/04/2024", "05/06/2024"], "end": [other, other]})
    assert result.frame.collect()["start"][0] == day(first)
    assert bool(result.notes) == (other == "2024-04-25")


def test_an_ambiguous_order_is_named_and_an_option_decides() -> None:
    cells: list[str | None] = ["03/04/2024", "05/06/2024"]
    assert converted({"day": cells}).notes == (
        "the column 'day' has dates read as month, day, year; day, month, year fits too (--date-order dmy)",
    )
    assert values(cells, date_order="dmy")[0] == day("2024-04-03")
    assert converted({"day": cells}, date_order="dmy").notes == ()
    assert converted({"day": ["01/01/2024", "02/02/2024"]}).notes == ()
    decimal_commas = converted({"day": cells, "x": ["1,5", "2,5"]}, separator=";")
    assert decimal_commas.frame.collect()["day"][0] == day("2024-04-03")


@pytest.mark.parametrize(
    ("name", "cells", "expected"),
    [
        ("born", ["15/02/68", "20/03/55", "31/12/71"], ["1968-02-15", "1955-03-20", "1971-12-31"]),
        ("birth date", ["02/29/40", "12/31/05"], ["1940-02-29", "2005-12-31"]),
        ("day", ["15/02/68", "20/03/24"], ["1968-02-15", "2024-03-20"]),
        ("date", ["15.02.49", "16.02.49"], ["1949-02-15", "1949-02-16"]),
        ("expiry", ["12/31/45", "12/30/40"], ["2045-12-31", "2040-12-30"]),
        ("dob", ["5-Mar-61", "6-Apr-72"], ["1961-03-05", "1972-04-06"]),
    ],
)
def test_years_of_two_digits_lie_behind(name: str, cells: list[str | None], expected: list[str]) -> None:
    assert values(cells, name) == [day(text) for text in expected]


def test_a_note_names_the_years_of_two_digits() -> None:
    (note,) = converted({"born": ["15/02/68", "31/12/71"]}).notes
    this_year = datetime.datetime.now(datetime.UTC).year
    assert note == f"the column 'born' has years of two digits, read as {this_year - 99} to {this_year}"


def test_few_impossible_dates_are_missing_and_named() -> None:
    good = [f"2023-10-{number:02}" for number in range(1, 31)]
    result = converted({"d": [*good, "2023-11-31"]})
    assert result.frame.collect()["d"].to_list() == [*map(day, good), None]
    assert result.notes == (
        "the column 'd' has dates in the format 'year-month-day' and 1 date not in the calendar, read as missing "
        "('2023-11-31')",
    )
    assert values([*good, "0000-00-00"])[-1] is None
    assert values(["31.02.2023", *(f"{number}.11.2023" for number in range(1, 25))])[0] is None


def test_serial_numbers_of_spreadsheets() -> None:
    assert values(["2023-07-05", "45123"], "date") == [day("2023-07-05"), day("2023-07-16")]
    beside = converted({"date": ["45123", "45124"], "day": ["2023-01-02", "2023-01-03"]}).frame.collect()
    assert beside["date"].to_list() == [day("2023-07-16"), day("2023-07-17")]
    assert values(["45123", "45124"], "date") == [45123, 45124]
    assert values(["20230105", "20230206"], "date")[0] == day("2023-01-05")
    assert values(["20230105", "20230206"], "n")[0] == 20230105


@pytest.mark.parametrize(
    ("cells", "first"),
    [
        (["2024-02-29 10:00 UTC", "2024-03-01 11:30 UTC"], "2024-02-29T10:00:00+00:00"),
        (["2024-02-29T10:00:00+01", "2024-02-29T10:00:00+02"], "2024-02-29T09:00:00+00:00"),
        (["2024-02-29T10:00:00+01:00[Europe/Berlin]", "2024-02-28T10:00:00+01:00[Europe/Berlin]"],
         "2024-02-29T09:00:00+00:00"),
        (["Mon, 02 Jan 2023 10:00:00 +0000", "Tue, 03 Jan 2023 10:00:00 +0000"], "2023-01-02T10:00:00+00:00"),
        (["5 mai 2023 15:04", "6 mai 2023 16:05"], "2023-05-05T15:04:00"),
        (["5 May 2023 3:04 p.m.", "6 May 2023 3:04 a.m."], "2023-05-05T15:04:00"),
    ],
)  # fmt: skip
def test_times_with_zones_and_words(cells: list[str | None], first: str) -> None:
    assert values(cells)[0] == datetime.datetime.fromisoformat(first)


@pytest.mark.parametrize(
    ("name", "cells", "seconds"),
    [
        ("time", ["11:47", "34:26", "7:56"], [707, 2066, 476]),
        ("lap", ["3:45", "4:10"], [225, 250]),
        ("x", ["1:02.5", "0:59.25"], [62.5, 59.25]),
        ("x", ["1:02:03", "25:00:01"], [3723, 90001]),
        ("hours", ["36:30", "40:15"], [131400, 144900]),
        ("x", ["1 day 02:03:04", "02:03:04", "2 days"], [93784, 7384, 172800]),
        ("x", ["-1 days +23:59:00", "0 days 00:00:01"], [-60, 1]),
        ("x", ["PT5M", "P1DT2H", "-PT1.5S"], [300, 93600, -1.5]),
        ("x", ["1h30", "2h05"], [5400, 7500]),
        ("x", ["2h 30m", "45m", "3 h"], [9000, 2700, 10800]),
        ("x", ["5 min", "12 min"], [300, 720]),
    ],
)
def test_durations(name: str, cells: list[str | None], seconds: list[float]) -> None:
    assert [value.total_seconds() for value in values(cells, name)] == seconds


@pytest.mark.parametrize(
    ("name", "cells", "first"),
    [
        ("x", ["08:30", "17:45"], datetime.time(8, 30)),
        ("start", ["8:30", "9:45"], datetime.time(8, 30)),
        ("x", ["3:45 PM", "12:10 AM"], datetime.time(15, 45)),
        ("x", ["12 a.m.", "1 p.m."], datetime.time(0)),
        ("x", ["10:30:15", "23:00:00"], datetime.time(10, 30, 15)),
    ],
)
def test_times_of_day(name: str, cells: list[str | None], first: datetime.time) -> None:
    assert values(cells, name)[0] == first


def test_both_readings_of_two_parts_are_named() -> None:
    assert converted({"time": ["11:47", "34:26"]}).notes == (
        "the column 'time' has durations (minutes:seconds); hours:minutes fits too",
    )


def test_names_of_months_belong_to_one_month() -> None:
    assert [MONTHS[fold(name)] for name in ("mars", "mai", "août", "déc", "ago", "out", "mag", "wrz")] == [
        3, 5, 8, 12, 8, 10, 5, 9
    ]  # fmt: skip
    assert "ju" not in MONTHS
    assert "jui" not in MONTHS
