"""Rows that are nearly those of another one."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

from tidynet.profiling import Finding, profile_table


def table(rows: int = 200, seed: int = 0) -> dict[str, list[Any]]:
    rng = np.random.default_rng(seed)
    return {
        "id": [f"p{i}" for i in range(rows)],
        "city": rng.choice(["New York", "Bern", "Oslo"], rows).tolist(),
        "size": rng.normal(10, 2, rows).tolist(),
        "year": rng.integers(1990, 2020, rows).tolist(),
    }


def near(columns: dict[str, list[Any]]) -> Finding | None:
    found = [item for item in profile_table(pl.DataFrame(columns)).findings if item.code == "near-duplicate-rows"]
    assert len(found) <= 1
    return found[0] if found else None


def copied(columns: dict[str, list[Any]], rows: list[int], **changed: Any) -> dict[str, list[Any]]:
    """The table with copies of some rows at its end, in which these columns are changed."""
    return {
        name: [*values, *(changed[name](values[row]) if name in changed else values[row] for row in rows)]
        for name, values in columns.items()
    }


@pytest.mark.parametrize(
    ("name", "change"),
    [("id", lambda value: f"{value}b"), ("year", lambda value: value + 31), ("city", lambda _value: "Rome")],
)
def test_rows_that_differ_in_one_column(name: str, change: Any) -> None:
    found = near(copied(table(), [3, 50, 120], **{name: change}))
    assert found is not None
    assert found.columns == (name,)
    assert found.sentence == "3 rows equal another one in all other columns"
    assert found.rows == (3, 200, 50, 201, 120, 202)


def test_rows_that_differ_in_case_and_blanks() -> None:
    found = near(copied(table(), [3, 50], city=lambda value: f" {value.upper()} "))
    assert found is not None
    assert found.sentence.startswith("2 rows equal another one")
    everywhere = near(copied(table(), [3, 50], city=str.upper, id=str.upper))
    assert everywhere is not None
    assert everywhere.columns == ()
    assert everywhere.sentence == "2 rows equal another one except for case and blanks"
    assert everywhere.rows == (3, 200, 50, 201)


def panel(rows: int) -> dict[str, list[Any]]:
    """Several years of each subject, whose size never changes."""
    size = np.random.default_rng(1).normal(size=rows // 5)
    return {
        "subject": [i // 5 for i in range(rows)],
        "size": [size[i // 5] for i in range(rows)],
        "year": [i % 5 for i in range(rows)],
    }


def replicates(rows: int) -> dict[str, list[Any]]:
    return {
        "dose": [i % 3 for i in range(rows)],
        "site": [i // 3 % 4 for i in range(rows)],
        "gain": np.random.default_rng(2).normal(size=rows).tolist(),
    }


def long_form(rows: int) -> dict[str, list[Any]]:
    sizes = np.random.default_rng(3).normal(size=rows // 2).tolist()
    return {
        "who": [i // 2 for i in range(rows)],
        "when": ["before", "after"] * (rows // 2),
        "size": [sizes[i // 2] for i in range(rows)],
    }


@pytest.mark.parametrize(
    "columns",
    [
        table(),
        panel(200),
        replicates(200),
        long_form(200),
        copied(table(), [3, 50, 120]),
        {"a": ["x", "y"] * 100, "b": [i % 7 for i in range(200)]},
    ],
)
def test_tables_without_near_duplicates(columns: dict[str, list[Any]]) -> None:
    assert near(columns) is None
