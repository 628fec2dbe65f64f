"""Bins: every value in one of them, with edges where no rounded value lies."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidynet.profiling import histogram_bins as bins
from tidynet.profiling.axis_choice import suits_log

finite = st.floats(allow_nan=False, allow_infinity=False)
samples = st.lists(finite, min_size=1, max_size=60).map(np.array)
positive = (
    st.lists(st.floats(min_value=1e-300, max_value=1e300), min_size=2, max_size=60)
    .filter(lambda values: max(values) / 2 >= min(values))
    .map(np.array)
)


@given(samples)
def test_every_value_falls_into_one_bin(values: np.ndarray) -> None:
    edges = bins.bin_edges(values)
    assert np.all(np.diff(edges) > 0)
    assert edges[0] <= values.min()
    assert values.max() <= edges[-1]
    assert len(edges) <= 45
    assert sum(bins.count_into_bins(values, edges)) == len(values)


@given(st.lists(st.integers(-10_000, 10_000), min_size=1, max_size=80))
def test_whole_numbers_never_lie_on_an_edge(whole: list[int]) -> None:
    edges = bins.bin_edges(np.array(whole, dtype=float))
    assert not set(edges.tolist()) & {float(number) for number in whole}
    assert all(edge % 1 == 0.5 for edge in edges.tolist())


@given(st.lists(st.integers(-3000, 3000), min_size=2, max_size=80))
def test_rounded_values_are_counted_at_their_decimals(tenths: list[int]) -> None:
    values = np.array(tenths) / 10
    edges = bins.bin_edges(values)
    expected = [
        sum(low * 10 - 1e-6 < tenth < high * 10 + 1e-6 for tenth in tenths) for low, high in itertools.pairwise(edges)
    ]
    assert bins.count_into_bins(values, edges) == expected


def test_few_whole_numbers_are_centered_one_to_a_bar() -> None:
    edges = bins.bin_edges(np.array([1.0, 2, 2, 3, 4]))
    assert edges.tolist() == [0.5, 1.5, 2.5, 3.5, 4.5]


def test_wide_whole_numbers_share_bars_of_a_round_width() -> None:
    edges = bins.bin_edges(np.arange(0.0, 1000.0))
    assert set(np.diff(edges)) == {200.0} or set(np.diff(edges)) == {100.0}
    assert edges[0] == -0.5


@pytest.mark.parametrize("value", [0.0, 7.0, -3.25, 1e300, -1.7e308, 5e-324, 1e17])
def test_one_distinct_value_gets_one_bar_around_it(value: float) -> None:
    edges = bins.bin_edges(np.array([value, value]))
    assert len(edges) == 2
    assert edges[0] < value < edges[1]


@given(positive)
def test_log_edges_contain_every_value(values: np.ndarray) -> None:
    edges = bins.log_edges(values)
    assert np.all(np.diff(edges) > 0)
    assert sum(bins.count_into_bins(values, edges)) == len(values)
    assert edges[0] > 0


def test_log_edges_of_counts_lie_between_whole_numbers() -> None:
    edges = bins.log_edges(np.array([1.0, 3, 20, 4000]))
    assert all(edge % 1 == 0.5 for edge in edges.tolist())
    assert edges[0] == 0.5


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (10 ** np.random.default_rng(0).normal(4, 0.7, 300), True),
        (np.random.default_rng(0).normal(100, 10, 300), False),
        (10 ** np.random.default_rng(0).normal(4, 0.7, 300) - 500, False),  # some below zero
        (np.array([1.0, 1000.0]), False),  # two values say nothing about skewness
        (np.append(np.random.default_rng(0).normal(50, 1, 300), 1e6), False),  # one outlier, no long tail
    ],
)
def test_a_log_axis_is_for_long_tails_above_zero(values: np.ndarray, expected: bool) -> None:
    assert suits_log(values) is expected
