"""Profiles of whole tables in memory."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest

from tidynet.core.errors import InputError
from tidynet.profiling import Profile, profile_table
from tidynet.profiling.missing_patterns import count_duplicates, missing_patterns


def test_the_profile_of_a_real_table() -> None:
    profile = profile_table("penguins", target="species")
    assert (profile.rows, len(profile.columns), profile.name) == (344, 8, "penguins")
    assert (profile.pairs[0].x, profile.pairs[0].y) == ("species", "flipper_length_mm")
    assert profile.pairs[0].chart_counts is not None
    assert profile.target_associations[0].column == "flipper_length_mm"
    assert profile.missing_patterns[0] == (("sex",), 9)
    assert profile.duplicates == 0
    assert Profile.from_dict(json.loads(json.dumps(profile.to_dict()))) == profile


def test_the_same_seed_sees_the_same() -> None:
    rng = np.random.default_rng(0)
    frame = pl.DataFrame({"x": rng.normal(size=30_000), "y": rng.integers(0, 5, 30_000)})
    first, second = (profile_table(frame, seed=4).to_dict() for _ in range(2))
    assert first | {"seconds": 0} == second | {"seconds": 0}
    assert any("pairs of columns use" in note for note in first["notes"])


def test_columns_and_a_sample_are_chosen() -> None:
    profile = profile_table("penguins", columns=["island"], target="sex", sample=100)
    assert [one.name for one in profile.columns] == ["island", "sex"]
    assert profile.rows == 100
    assert profile.notes[-1] == "profile of 100 of 344 rows, sampled at random"


@pytest.mark.parametrize(
    "arguments", [{"target": "specie"}, {"columns": ["islnd"]}, {"sample": 0}, {"target": "x", "columns": ["island"]}]
)
def test_errors_are_one_sentence(arguments: dict[str, object]) -> None:
    with pytest.raises(InputError):
        profile_table("penguins", **arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "frame",
    [
        pl.DataFrame({"x": [1]}),
        pl.DataFrame({"x": pl.Series([], dtype=pl.Int64)}),
        pl.DataFrame({"x": [None, None], "y": [1, 2]}),
        pl.DataFrame({"": [1, 2, 3], "^a$": ["a", "b", "c"]}),
        pl.DataFrame({"x": [[1], [2, 3]], "y": [{"a": 1}, {"a": 2}]}),
        pl.DataFrame({"x": [b"a", b"b"], "y": [1.0, float("inf")]}),
    ],
)
def test_unusual_tables_are_profiled(frame: pl.DataFrame) -> None:
    profile = profile_table(frame)
    assert profile.rows == frame.height
    json.dumps(profile.to_dict(), allow_nan=False)


def test_patterns_of_more_than_sixty_columns() -> None:
    frame = pl.DataFrame({f"c{i}": [None if i in (3, 70) else 1, 1, None] for i in range(80)})
    patterns = missing_patterns(frame)
    assert (("c3", "c70"), 1) in patterns
    assert sorted(len(columns) for columns, _ in patterns) == [2, 80]


def test_duplicates_are_counted_once_for_each_repeat() -> None:
    assert count_duplicates(pl.DataFrame({"a": [1, 1, 1, 2], "b": [None, None, None, "x"]})) == 2
