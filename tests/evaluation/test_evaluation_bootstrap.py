"""Resamples are drawn fairly, repeatably and in bounded memory; intervals are their percentiles."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidynet.evaluation.bootstrap import bootstrap_replicates, percentile_interval, resample_count, resample_weights


@given(st.integers(1, 400), st.integers(1, 30), st.integers(0, 2**31))
def test_every_resample_draws_as_many_rows_as_there_are(rows: int, count: int, seed: int) -> None:
    drawn = np.concatenate(list(resample_weights(rows, count, seed)))
    assert drawn.shape == (count, rows)
    assert (drawn.sum(axis=1) == rows).all()
    assert (drawn >= 0).all()


def test_every_row_is_drawn_equally_often() -> None:
    drawn = np.concatenate(list(resample_weights(50, 4000)))
    # Binomial(50, 1/50) has mean 1 and variance 0.98: means of 4000 lie within 5 standard errors.
    assert np.abs(drawn.mean(axis=0) - 1).max() < 5 * np.sqrt(0.98 / 4000)
    assert drawn.var() == pytest.approx(0.98, rel=0.02)


@pytest.mark.parametrize(("rows", "lines"), [(100, 3200), (20_000, 16), (500_000, 1)])
def test_a_block_never_holds_more_than_fits(rows: int, lines: int) -> None:
    assert next(resample_weights(rows, 5000)).shape == (lines, rows)


def test_statistics_see_the_same_resamples() -> None:
    one, other = bootstrap_replicates([lambda counts: counts[:, 0] * 1.0, lambda counts: counts[:, 0] * 2.0], 40, 50)
    assert (other == 2 * one).all()
    assert len(set(one)) > 1


def test_the_interval_of_a_mean_is_that_of_its_standard_error() -> None:
    column = np.random.default_rng(5).normal(10, 3, size=2000)
    means = bootstrap_replicates([lambda counts: counts @ column / 2000], 2000, 1000)[0]
    low, high = percentile_interval(means)
    expected = 1.96 * column.std() / np.sqrt(2000)
    assert high - column.mean() == pytest.approx(expected, rel=0.15)
    assert column.mean() - low == pytest.approx(expected, rel=0.15)


def test_undefined_values_are_excluded_from_the_interval() -> None:
    values = np.concatenate([np.arange(101.0), np.full(40, np.nan)])
    assert percentile_interval(values) == percentile_interval(np.arange(101.0))
    assert percentile_interval(np.arange(101.0), level=0.8) == pytest.approx((10.0, 90.0))


def test_large_tables_get_fewer_resamples() -> None:
    assert [resample_count(rows) for rows in (1, 20_000, 50_000, 100_000, 10**9)] == [1000, 1000, 400, 200, 200]
    assert resample_count(20_000, classes=100) == 200


def test_resamples_by_class_keep_the_rows_of_each_class() -> None:
    strata = np.array([2, 0, 0, 2, 2, 1, 0, 0])
    drawn = np.concatenate(list(resample_weights(8, 3000, 1, strata)))
    for part in range(3):
        assert (drawn[:, strata == part].sum(axis=1) == (strata == part).sum()).all()
    assert drawn.mean(axis=0) == pytest.approx(np.ones(8), abs=0.06)
    assert (drawn == np.concatenate(list(resample_weights(8, 3000, 1, strata)))).all()
