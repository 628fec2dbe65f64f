"""Ticks and their labels: few, within the limits, distinct, at round numbers."""

from __future__ import annotations

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tidynet.profiling import axis_scales as scales

finite = st.floats(allow_nan=False, allow_infinity=False)


@given(st.floats(min_value=1e-290, max_value=1e290))
def test_a_nice_step_is_the_next_of_1_2_5(size: float) -> None:
    step = scales.nice_step(size)
    assert size * (1 - 1e-9) <= step <= size * 2.5 * (1 + 1e-9)
    assert f"{step:e}"[0] in "125"


@given(finite, finite, st.integers(2, 8))
def test_ticks_are_few_and_inside(one: float, other: float, most: int) -> None:
    low, high = min(one, other), max(one, other)
    ticks = scales.linear_ticks(low, high, most)
    room = (high / 2 - low / 2) * 1e-6
    assert 1 <= len(ticks) <= max(most, 2)
    assert all(low - room <= tick <= high + room for tick in ticks)


@given(st.floats(1e-200, 1e200), st.floats(1.001, 1e90), st.integers(2, 8))
def test_log_ticks_are_few_inside_and_labeled_distinctly(low: float, factor: float, most: int) -> None:
    ticks = scales.log_ticks(low, low * factor, most)
    assert 1 <= len(ticks) <= most + 1
    assert all(low * 0.999 <= tick <= low * factor * 1.001 for tick in ticks)
    assert len(set(scales.natural_labels(ticks))) == len(ticks)


@given(st.lists(finite, min_size=1, max_size=6, unique=True))
@example([0.0, 2e-313, 1.0])
def test_labels_of_different_ticks_differ(ticks: list[float]) -> None:
    labels = scales.natural_labels(sorted(ticks))
    assert len(labels) == len(ticks)
    assert len(set(labels)) == len(set(ticks))


@pytest.mark.parametrize(
    ("ticks", "labels"),
    [
        ([10, 30, 100, 300, 1000], ["10", "30", "100", "300", "1000"]),
        ([2007, 2008, 2009], ["2007", "2008", "2009"]),
        ([0, 20_000, 40_000], ["0", "20k", "40k"]),
        ([-0.5, 0, 0.5], ["−0.5", "0", "0.5"]),
        ([1_000_000, 1_500_000], ["1M", "1.5M"]),
        ([1e-9, 2e-9], ["1e−9", "2e−9"]),
    ],
)
def test_labels_read_as_people_write_numbers(ticks: list[float], labels: list[str]) -> None:
    assert scales.natural_labels(ticks) == labels


@given(st.integers(1, 10**12))
def test_the_round_top_is_at_or_just_above_the_tallest_bar(largest: int) -> None:
    top = scales.round_top(largest)
    assert largest <= top <= math.ceil(largest * 1.5)
