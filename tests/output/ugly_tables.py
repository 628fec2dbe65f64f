"""Made tables that are hard to draw: long names, heavy tails, many zeros, foreign scripts, extreme numbers and times."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import polars as pl

ROWS = 240


def _rng(name: str) -> np.random.Generator:
    return np.random.default_rng(sum(map(ord, name)))


def long_names() -> pl.DataFrame:
    """Categories with a common prefix, alike at both ends, and column names of 90 letters."""
    rng = _rng("long")
    kinds = [f"UNKNOWN BIRD OR BAT - {size}" for size in ("SMALL", "MEDIUM", "LARGE", "VERY LARGE", "SIZE NOT KNOWN")]
    roads = [f"North Western Regional Road number {n:02} (eastbound)" for n in range(1, 13)]
    kind = rng.choice(kinds, ROWS, p=[0.45, 0.25, 0.15, 0.1, 0.05])
    speed = rng.gamma(2, 30, ROWS) * np.where(kind == kinds[2], 4, 1)
    return pl.DataFrame({
        "species of the animal as reported by the crew": kind,
        "the road on which the event was seen, as written down by the officer on duty that day": rng.choice(roads, ROWS),
        "speed of the vehicle at the time of the event in kilometres per hour": speed,
        "damage": rng.choice(["MINOR", "UNCERTAIN LEVEL", "SUBSTANTIAL", "DESTROYED"], ROWS),
    })  # fmt: skip


def repeated_columns() -> pl.DataFrame:
    """Two columns that say the same in words and codes, two temperatures, and a target."""
    rng = _rng("same")
    number = rng.integers(0, 6, ROWS)
    names = np.array(["American Airlines", "British Airways", "US Airways", "United", "Unknown carrier", "Delta"])
    celsius = rng.normal(15, 8, ROWS) + number
    return pl.DataFrame({
        "carrier": np.array(["AM", "BA", "US", "UN", "UK", "DL"])[number],
        "carrier name": names[number],
        "celsius": celsius,
        "fahrenheit": celsius * 1.8 + 32,
        "late": np.where(rng.random(ROWS) < 0.1 + number / 9, "yes", "no"),
    })  # fmt: skip


def heavy_tails() -> pl.DataFrame:
    """Skewed money, zeros, signed money and one outlier, by group."""
    rng = _rng("tails")
    group = rng.choice(["retail", "wholesale", "online", "export"], ROWS)
    level = np.where(group == "export", 10, 1)
    return pl.DataFrame({
        "group": group,
        "income": np.exp(rng.normal(9, 1.6, ROWS)) * level,
        "claims": np.where(rng.random(ROWS) < 0.85, 0.0, np.exp(rng.normal(7, 1.5, ROWS))),
        "balance": rng.standard_t(1.2, ROWS) * 1000,
        "weight": np.append(rng.normal(70, 9, ROWS - 1), 7000.0),
        "clicks": rng.negative_binomial(0.3, 0.01, ROWS),
    })  # fmt: skip


def many_zeros() -> pl.DataFrame:
    """Columns that are mostly one value, and a count with few events."""
    rng = _rng("zeros")
    return pl.DataFrame({
        "rain": np.where(rng.random(ROWS) < 0.6, 0.0, rng.gamma(0.7, 12, ROWS)).round(1),
        "default": np.where(rng.random(ROWS) < 0.93, 30, rng.integers(1, 400, ROWS)),
        "children": rng.poisson(0.3, ROWS),
        "full": np.where(rng.random(ROWS) < 0.7, 100.0, rng.uniform(0, 100, ROWS)),
        "change": np.where(rng.random(ROWS) < 0.7, 0.0, rng.normal(0, 5, ROWS)),
        "season": rng.choice(["Winter", "Spring", "Summer", "Autumn"], ROWS),
    })  # fmt: skip


def many_categories() -> pl.DataFrame:
    """Sixty categories, weekdays, months and sizes."""
    rng = _rng("many")
    county = rng.integers(0, 60, ROWS)
    return pl.DataFrame({
        "county": [f"County of {chr(65 + n % 26)}{'aeiou'[n // 26]}lsberg-upon-{['river', 'lake', 'hill'][n % 3]}" for n in county],
        "day": rng.choice(["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"], ROWS),
        "month": rng.choice(["January", "February", "March", "April", "May", "June", "July", "August"], ROWS),
        "size": rng.choice(["XS", "S", "M", "L", "XL"], ROWS),
        "votes": rng.integers(10, 99_999, ROWS) + county * 2_000,
    })  # fmt: skip


def scripts() -> pl.DataFrame:
    """Arabic, Hebrew, Chinese, Japanese, Thai, emoji and accents in names and categories."""
    rng = _rng("scripts")
    cities = [
        "القاهرة الكبرى والجيزة",
        "ירושלים",
        "東京都港区芝公園四丁目",
        "東京都港区芝公園五丁目",
        "กรุงเทพมหานคร",
        "São João 🎉",
    ]
    return pl.DataFrame({
        "المدينة التي يسكن فيها المريض": rng.choice(cities, ROWS),
        "収入（月額、税引き前、単位は千円）": np.exp(rng.normal(5, 1, ROWS)),
        "וְגִיל": rng.normal(40, 12, ROWS).round(),
        "n̈": rng.choice(["да", "нет"], ROWS),
    })  # fmt: skip


def hostile_text() -> pl.DataFrame:
    """Huge cells, markup, line breaks, empty text, invisible letters and dollar signs."""
    rng = _rng("text")
    words = [
        "<b>bold</b> & 'quoted'",
        "line\nbreak\tand tab",
        "x" * 3_000,
        "",
        "$\\alpha$ 10_000",
        "red",
        "red\u00a0",
        "red\u200b",
    ]
    return pl.DataFrame({
        "<script>alert(1)</script>": rng.choice(words, ROWS),
        "^.*$": rng.normal(size=ROWS),
        " ": rng.choice(["a", "b"], ROWS),
        "note": [" ".join(rng.choice(["lorem", "ipsum", "dolor", "sit"], 40)) for _ in range(ROWS)],
    })  # fmt: skip


def extremes() -> pl.DataFrame:
    """Huge and tiny numbers, values far from zero, whole numbers of 15 digits, infinities and gaps."""
    rng = _rng("extreme")
    return pl.DataFrame({
        "huge": rng.normal(5e30, 1e30, ROWS),
        "tiny": rng.normal(3e-12, 1e-12, ROWS),
        "offset": 1_000_000_000 + rng.normal(0, 2, ROWS),
        "counts": rng.integers(10**12, 9 * 10**14, ROWS),
        "debt": -np.exp(rng.normal(10, 1.5, ROWS)),
        "gaps": np.where(rng.random(ROWS) < 0.7, np.nan, rng.normal(-1_250_000, 500_000, ROWS)),
        "infinite": np.where(rng.random(ROWS) < 0.05, np.inf, rng.normal(size=ROWS)),
        "half": rng.choice(["north", "south"], ROWS),
    })  # fmt: skip


def times() -> pl.DataFrame:
    """Dates over centuries, one date far from all others, moments within a second, and durations."""
    rng = _rng("times")
    day = date(2021, 3, 1)
    visits = [day + timedelta(days=int(n)) for n in rng.integers(0, 700, ROWS)]
    moments = pl.Series("moment", 1_600_000_000_000_000 + rng.integers(0, 900_000, ROWS)).cast(pl.Datetime("us"))
    return pl.DataFrame({
        "born": [date(1650, 1, 1) + timedelta(days=int(n)) for n in rng.integers(0, 130_000, ROWS)],
        "visit": [date(1900, 1, 1), *visits[1:]],
        "moment": moments,
        "stay": pl.Series(rng.gamma(1, 5e10, ROWS).astype(np.int64)).cast(pl.Duration("us")),
        "value": rng.normal(100, 20, ROWS),
        "ward": rng.choice(["A", "B", "C"], ROWS),
    })  # fmt: skip


def little() -> pl.DataFrame:
    """Two rows."""
    return pl.DataFrame({"a": [1.5, 2.5], "b": ["x", "y"], "c": [None, 1]})


def empty_and_constant() -> pl.DataFrame:
    """A column without values, a constant, a column with one other value, and row numbers."""
    rng = _rng("constant")
    return pl.DataFrame({
        "nothing": pl.Series([None] * ROWS, dtype=pl.String),
        "always": ["the same"] * ROWS,
        "once": [1.0] + [0.0] * (ROWS - 1),
        "flag": ["no"] * (ROWS - 1) + ["yes"],
        "id": np.arange(ROWS),
        "y": rng.normal(size=ROWS),
    })  # fmt: skip


TABLES: dict[str, Callable[[], pl.DataFrame]] = {
    make.__name__: make
    for make in (
        long_names, repeated_columns, heavy_tails, many_zeros, many_categories, scripts, hostile_text, extremes, times,
        little, empty_and_constant,
    )
}  # fmt: skip
