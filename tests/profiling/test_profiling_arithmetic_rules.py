"""Arithmetic between columns is found exactly, and not where it only nearly holds."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from tidynet.evaluation.leakage import find_leakage
from tidynet.profiling import Finding, profile_table
from tidynet.profiling.findings.arithmetic import find_relations, rounding_step
from tidynet.profiling.findings.clock_arithmetic import clock_minutes
from tidynet.table.read import read

RNG = np.random.default_rng(0)
ROWS = 300
A, B, C = (RNG.integers(low, high, ROWS).astype(float) for low, high in ((100, 500), (3, 450), (40, 90)))
D = RNG.normal(20, 3, ROWS).round(1)
NOISE = RNG.normal(size=ROWS)


def relations(target: str | None = None, **columns: np.ndarray) -> list[str]:
    return [item.text for item in find_relations(columns, target)]


@pytest.mark.parametrize(
    ("columns", "text"),
    [
        ({"a": A, "b": B, "c": A + B}, "c = a + b"),
        ({"c": A + B, "a": A, "b": B}, "c = a + b"),
        ({"a": A, "b": B, "c": A - B}, "a = b + c"),
        ({"a": A, "b": C, "c": A * C}, "c = a × b"),
        ({"a": A, "d": D, "c": (A / D).round(2)}, "c = a / d"),
        ({"a": A, "d": D, "c": (100 * A / D).round(1)}, "c = 100 × (a / d)"),
        ({"a": A, "b": B, "c": 60 * (A - B) + 15}, "c = 60 × (a − b) + 15"),
        ({"a": A, "b": B, "c": 60 * (B - A)}, "c = 60 × (b − a)"),
        ({"c": D, "f": (1.8 * D + 32).round(2)}, "f = 1.8 × c + 32"),
        ({"m": A, "km": A / 1000}, "km = 0.001 × m"),
        ({"there": C, "missed": 90 - C}, "missed = 90 − there"),
        ({"a": A, "b": B, "c": C, "s": A + B + C}, "s = a + b + c"),
        ({"a": A, "b": B, "c": C, "s": A + B - C}, "s = a + b − c"),
        ({"a": A, "b": B, "c": C, "m": ((A + B + C) / 3).round(2)}, "m = mean of a, b, c"),
        ({"a": A, "b": B, "c": C, "d": D, "s": A + B + C + D}, "s = a + b + c + d"),
    ],
)
def test_an_exact_relation_is_found_once(columns: dict[str, np.ndarray], text: str) -> None:
    assert relations(**columns, noise=NOISE) == [text]


def test_the_relation_is_solved_for_the_target() -> None:
    columns = {"a": A, "b": B, "c": A + B, "noise": NOISE}
    assert relations("a", **columns) == ["a = c − b"]
    assert relations("c", **columns) == ["c = a + b"]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("rows", [40, 300])
def test_unrelated_columns_have_no_relation(seed: int, rows: int) -> None:
    rng = np.random.default_rng(seed)
    columns = {f"n{i}": rng.normal(size=rows) for i in range(6)}
    columns |= {f"i{i}": rng.integers(0, 12, rows).astype(float) for i in range(6)}
    columns |= {f"r{i}": rng.normal(size=rows).round(1) for i in range(4)}
    assert relations(**columns) == []


@pytest.mark.parametrize(
    "columns",
    [
        {"a": A, "b": B, "c": A + B + RNG.integers(-1, 2, ROWS)},
        {"a": A, "b": B, "c": np.where(np.arange(ROWS) % 20 == 0, NOISE, A + B)},
        {"a": A, "d": D, "c": A * D * (1 + 0.01 * NOISE)},
        {"a": A, "copy": A},
        {"a": A, "b": np.where(np.arange(ROWS) < 3, 9.0, 0.0), "c": A + np.where(np.arange(ROWS) < 3, 9.0, 0.0)},
        {"a": A, "near": A + 0.5 * NOISE},
        {"x": NOISE, "square": NOISE**2},
        {"n": np.round(0.01 * A), "a": A, "b": C},
        {"n": np.arange(ROWS) // 10 + 1.0, "a": (np.arange(ROWS) // 10) * 100 + 15.0 + np.arange(ROWS) % 10, "b": C},
    ],
)
def test_a_relation_that_nearly_holds_is_none(columns: dict[str, np.ndarray]) -> None:
    assert relations(**columns) == []


def found(columns: dict[str, object], target: str | None = None) -> list[Finding]:
    findings = profile_table(pl.DataFrame(columns), target=target).findings
    return [item for item in findings if item.code in ("column-arithmetic", "target-arithmetic")]


def test_rows_that_break_a_relation_are_its_rows() -> None:
    total = A + B
    total[[5, 40]] += [100, -7]
    (item,) = found({"a": A, "b": B, "total": total})
    assert item.sentence == "total = a + b in 298 of 300 rows"
    assert item.action == "check the other 2 rows: one of the values is wrong"
    assert item.rows == (5, 40)
    assert list(item.examples) == ["a", "b", "total"]


def test_missing_values_are_left_out() -> None:
    b = [None if row % 10 == 0 else value for row, value in enumerate(B)]
    total = [None if row % 7 == 0 else value for row, value in enumerate(A + B)]
    (item,) = found({"a": A, "b": b, "total": total})
    known = sum(row % 10 != 0 and row % 7 != 0 for row in range(ROWS))
    assert item.sentence == f"total = a + b in all {known} rows with these values"


def test_explore_and_train_name_a_target_from_other_columns_in_one_wording() -> None:
    columns = {"a": A, "b": B, "total": A + B, "noise": NOISE}
    (explored,) = found(columns, "total")
    trained = [item for item in find_leakage(read(pl.DataFrame(columns)), "total") if item.code == "target-arithmetic"]
    assert [item.text for item in trained] == [explored.text]
    assert explored.severity == "high"


def _clock(minutes: np.ndarray) -> np.ndarray:
    return minutes % 1440 // 60 * 100 + minutes % 60


def test_a_delay_is_the_difference_of_two_times_of_day_past_midnight() -> None:
    planned, delay = RNG.integers(300, 1439, ROWS), RNG.integers(-10, 200, ROWS)
    columns = {"planned": _clock(planned), "left": _clock(planned + delay), "delay": delay, "noise": NOISE}
    (item,) = found(columns)
    assert item.sentence == "delay = left − planned in minutes modulo 24 hours in all 300 rows"
    assert found({**columns, "delay": RNG.permutation(delay)}) == []


def test_times_of_day_have_minutes_at_their_end() -> None:
    assert clock_minutes(_clock(np.arange(0.0, 1440, 7))) is not None
    assert clock_minutes(np.arange(0.0, 2400, 7)) is None
    assert clock_minutes(np.arange(0.0, 59)) is None


@pytest.mark.parametrize(
    ("values", "step"), [([1.0, 2.0], 1.0), ([0.5, 2.0], 0.1), ([0.25], 0.01), ([1 / 3], 0.0), ([1e-5, 1.0], 1e-5)]
)
def test_rounding_step(values: list[float], step: float) -> None:
    assert rounding_step(np.array(values)) == pytest.approx(step)


def leaks(columns: dict[str, object]) -> list[str]:
    findings = profile_table(pl.DataFrame(columns), target="y").findings
    return [item.statement for item in findings if item.code == "target-leakage"]


def test_a_column_whose_values_each_have_one_value_of_the_target_determines_it() -> None:
    site = RNG.integers(0, 100, ROWS)
    level = RNG.permutation(100)[site] % 2
    y = np.where(level == 1, "up", "down")
    assert leaks({"site": [f"s{value}" for value in site], "noise": NOISE, "y": y}) == [
        f"site: each of its {len(set(site))} values has one value of the target y"
    ]
    y[np.flatnonzero(site == site[0])[0]] = "down" if y[0] == "up" else "up"
    several = (site == site[0]).sum() > 1
    assert several
    assert leaks({"site": [f"s{value}" for value in site], "noise": NOISE, "y": y}) == []


def test_values_that_hardly_repeat_determine_nothing() -> None:
    site = np.arange(ROWS) // 2 * 7 % 150
    y = np.where(np.arange(ROWS) % 50 == 0, "ill", "well")
    assert leaks({"site": [f"s{value}" for value in site], "noise": NOISE, "y": y}) == []
