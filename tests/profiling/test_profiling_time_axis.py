"""Time axes: whole calendar units from the first to the last time."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidynet.profiling import time_axis as dates

moments = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30))


def stamp(moment: datetime | str) -> float:
    return float(np.datetime64(moment, "us").astype(np.int64))


@given(moments, moments, st.integers(2, 30))
def test_edges_contain_both_limits_in_few_bins(one: datetime, other: datetime, most: int) -> None:
    low, high = sorted((stamp(one), stamp(other)))
    edges = dates.time_edges(low, high, most)
    assert np.all(np.diff(edges) > 0)
    assert edges[0] <= low
    assert high <= edges[-1]
    assert len(edges) - 1 <= most


@given(moments, moments)
def test_ticks_lie_inside_and_are_labeled_apart(one: datetime, other: datetime) -> None:
    low, high = sorted((stamp(one), stamp(other)))
    ticks = dates.time_ticks(low, high)
    assert 1 <= len(ticks) <= 4
    assert all(low <= tick <= high for tick in ticks)
    whole_minutes = all(tick % 60_000_000 == 0 for tick in ticks)
    if whole_minutes:
        assert len(set(dates.time_labels(ticks))) == len(ticks)


@pytest.mark.parametrize(
    ("low", "high", "labels"),
    [
        ("1923-05-01", "2021-02-03", ["1940", "1960", "1980", "2000", "2020"]),
        ("2020-01-15", "2020-12-20", ["2020-04", "2020-07", "2020-10"]),
        ("2020-03-01", "2020-03-25", ["2020-03-05", "2020-03-12", "2020-03-19"]),
        ("2020-03-01T05:30", "2020-03-01T18:00", ["06:00", "09:00", "12:00", "15:00", "18:00"]),
        ("2020-03-01T05:30:01", "2020-03-01T05:30:09", ["05:30:01", "05:30:09"]),
    ],
)
def test_ticks_are_whole_calendar_units(low: str, high: str, labels: list[str]) -> None:
    inside = dates.time_labels(dates.time_ticks(stamp(low), stamp(high), max_count=5))
    assert inside == labels


def test_years_are_labeled_by_the_year_alone() -> None:
    edges = dates.time_edges(stamp("2007-03-12"), stamp("2009-11-30"), max_count=4)
    assert dates.time_labels(edges) == ["2007", "2008", "2009", "2010"]
