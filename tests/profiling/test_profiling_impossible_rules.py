"""Values that the name of a column rules out are findings, and no others."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

from tidynet.profiling import Finding, profile_table

RNG = np.random.default_rng(0)


def impossible(name: str, values: Any) -> Finding | None:
    """The finding on a column beside another one."""
    frame = pl.DataFrame({name: values, "other": np.random.default_rng(1).normal(size=len(values))})
    found = [item for item in profile_table(frame).findings if item.code == "impossible-values"]
    assert all(item.columns == (name,) for item in found)
    return found[0] if found else None


AGES = RNG.integers(18, 90, 100).tolist()
PERCENTS = RNG.integers(0, 101, 100).tolist()
YEARS = RNG.integers(1950, 2021, 100).tolist()


@pytest.mark.parametrize(
    ("name", "values", "sentence"),
    [
        ("age", [*AGES, -4, 212], "impossible age in 2 rows (−4, 212), expected 0 to 120"),
        ("Alter", [*AGES, 999], "impossible age in 1 row (999), expected 0 to 120"),
        ("patient_age", [*AGES, -1], "impossible age in 1 row (−1), expected 0 to 120"),
        ("âge (ans)", [*AGES, 130.5], "impossible age in 1 row (130), expected 0 to 120"),
        ("Edad del paciente", [*AGES, -30], "impossible age in 1 row (−30), expected 0 or more"),
        ("percent_done", [*PERCENTS, 130], "impossible percentage in 1 row (130), expected 0 to 100"),
        ("Prozent", [*PERCENTS, -3, 400], "impossible percentage in 2 rows (−3, 400), expected 0 to 100"),
        ("share", [*(RNG.random(100)), 1.7], "impossible share in 1 row (1.70), expected 0 to 1"),
        ("probability", [*(RNG.random(100)), -0.2], "impossible probability in 1 row (−0.2), expected 0 to 1"),
        ("latitude", [*RNG.uniform(40, 60, 100), 412.5], "impossible latitude in 1 row (412), expected −90 to 90"),
        ("lon", [*RNG.uniform(2, 30, 100), -812.5], "impossible longitude in 1 row (−812), expected −180 to 360"),
        ("month", [*(RNG.integers(1, 13, 100)), 13], "impossible month in 1 row (13), expected 1 to 12"),
        ("hour", [*(RNG.integers(0, 24, 100)), 25], "impossible hour in 1 row (25), expected 0 to 24"),
        ("children", [*(RNG.poisson(3, 100)), -2], "impossible count in 1 row (−2), expected 0 or more"),
        ("body_weight", [*RNG.normal(70, 8, 100), -71.5], "impossible size in 1 row (−71.5), expected 0 or more"),
        ("year", [*YEARS, 20245], "year out of range in 1 row (20,245); the others are 1950 to 2020"),
        ("Jahr", [*YEARS, 195], "year out of range in 1 row (195); the others are 1950 to 2020"),
        ("birth_year", [*YEARS, 2068], "year out of range in 1 row (2068); the others are 1950 to 2020"),
    ],
)
def test_impossible_values(name: str, values: list[float], sentence: str) -> None:
    found = impossible(name, [float(item) for item in values] if any(item != int(item) for item in values) else values)
    assert found is not None
    assert found.sentence == sentence.replace("1950", str(min(YEARS))).replace("2020", str(max(YEARS)))
    assert found.rows[-1] == len(values) - 1
    assert found.evidence["rows outside"] == len(found.rows) == len(found.examples[name])


def test_a_negative_price_is_a_hint() -> None:
    found = impossible("price", [*RNG.lognormal(3, 0.4, 100), -5.0])
    assert found is not None
    assert (found.severity, found.sentence) == ("low", "unusual price in 1 row (−5), expected 0 or more")


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("age", AGES),
        ("age_days", [*RNG.integers(100, 1500, 100), 3]),
        ("age", [*RNG.integers(80, 400, 100)]),
        ("house_age", [*AGES, 160]),
        ("age_difference", [*AGES, -5]),
        ("age", [*RNG.normal(0, 1, 100)]),
        ("percent_change", [*PERCENTS, -30]),
        ("fev_percent_predicted", [*PERCENTS, 112]),
        ("percent", [*RNG.uniform(60, 160, 100)]),
        ("market_share", [*RNG.uniform(0, 50, 100)]),
        ("share", [*RNG.uniform(0, 100, 100)]),
        ("share_price", [*RNG.random(100), 3.0]),
        ("lat", [*RNG.uniform(100, 900, 100)]),
        ("month", [*range(1, 61)]),
        ("months", [*RNG.integers(1, 12, 100), 24]),
        ("hours", [*RNG.integers(1, 20, 100), 40]),
        ("population_growth", [*RNG.integers(1, 20, 100), -3]),
        ("quantity", [*RNG.integers(1, 20, 100), -3]),
        ("year", YEARS),
        ("model_year", [*YEARS, 2060]),
        ("target_year", [*YEARS, 2050]),
        ("year", [*RNG.integers(1, 30, 100)]),
        ("birth_weight", [*RNG.integers(1500, 4500, 100)]),
        ("balance", [*RNG.normal(100, 20, 100), -5]),
        ("temperature", [*RNG.normal(20, 5, 100), -5]),
        ("weight", [*RNG.normal(1.6, 0.6, 300)]),
        ("distance", [*RNG.normal(2, 1, 300)]),
        ("wage", [*RNG.normal(1.6, 0.6, 300)]),
        ("weight_z", [*RNG.normal(3, 0.5, 100), -1.0]),
    ],
)
def test_values_that_a_name_allows(name: str, values: list[float]) -> None:
    assert impossible(name, [float(item) for item in values]) is None


def _days(*offsets: int) -> list[date]:
    return [date.today() + timedelta(days=item) for item in offsets]


PAST = [-int(item) for item in RNG.integers(100, 4000, 60)]


@pytest.mark.parametrize("name", ["visited", "order_date", "date of birth", "Geburtsdatum", "recorded"])
def test_a_date_ahead(name: str) -> None:
    found = impossible(name, _days(*PAST, 4000))
    assert found is not None
    latest = date.today() + timedelta(days=4000)
    others = date.today() + timedelta(days=max(PAST))
    assert found.sentence == f"date after today in 1 row, up to {latest}; the others end on {others}"
    assert found.rows == (60,)


def test_birth_dates_ahead_are_impossible_however_many() -> None:
    found = impossible("born", _days(*PAST[:4], *(-item for item in PAST[4:40])))
    assert found is not None
    assert found.evidence["rows outside"] == 36


@pytest.mark.parametrize(
    ("name", "offsets"),
    [
        ("visited", PAST),
        ("due_date", [*PAST, 40]),
        ("valid until", [*PAST, 400]),
        ("planned", [*PAST, 30]),
        ("date", [*PAST, *range(1, 60)]),
        ("expiry", [*PAST, 9]),
    ],
)
def test_dates_that_may_lie_ahead(name: str, offsets: list[int]) -> None:
    assert impossible(name, _days(*offsets)) is None
