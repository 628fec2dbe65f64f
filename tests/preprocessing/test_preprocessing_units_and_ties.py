"""The unit of a column changes nothing, and frequent values leave the others their bins."""

import numpy as np
import pytest

from tidynet.core.errors import InputError
from tidynet.preprocessing import TargetScaler
from tidynet.preprocessing.column_scale import quantile_bin_edges
from tidynet.preprocessing.encoders import NumberEncoder

T = np.random.default_rng(0).uniform(-1, 1, 2000)


@pytest.mark.parametrize("factor", [1e-300, 1e-150, 1e-12, 1e-9, 1e-6, 1e3, 1e12, 1e100, 1e290])
def test_the_factor_of_a_unit_changes_no_input(factor):
    plain, other = NumberEncoder.fit("x", T, 32), NumberEncoder.fit("x", T * factor, 32)
    np.testing.assert_allclose(np.array(other.edges) / factor, plain.edges, rtol=1e-9)
    np.testing.assert_allclose(other.scaled_values(T * factor), plain.scaled_values(T), atol=1e-9)
    np.testing.assert_allclose(other.standardized(T * factor), plain.standardized(T), atol=1e-9)
    np.testing.assert_allclose(sum(other.binned(T * factor)), sum(plain.binned(T)), atol=1e-7)


@pytest.mark.parametrize("offset", [1e3, -1e6, 1e9, -1e10, 1.7e9, 1e12])
def test_an_offset_changes_inputs_only_by_rounding(offset):
    plain, other = NumberEncoder.fit("x", T, 32), NumberEncoder.fit("x", T + offset, 32)
    tolerance = 200 * np.spacing(abs(offset)) + 1e-9
    assert len(other.edges) == len(plain.edges) == 33
    np.testing.assert_allclose(other.scaled_values(T + offset), plain.scaled_values(T), atol=tolerance)
    np.testing.assert_allclose(other.standardized(T + offset), plain.standardized(T), atol=tolerance)


def test_edges_are_quantiles_without_frequent_values():
    np.testing.assert_array_equal(quantile_bin_edges(T, 16), np.quantile(T, np.linspace(0, 1, 17)))


@pytest.mark.parametrize(("share", "value"), [(0.5, 0.0), (0.9, 0.0), (0.97, -1.0), (0.9, 7.0), (0.8, 100.0)])
def test_a_frequent_value_leaves_the_others_their_bins(share, value):
    rng = np.random.default_rng(1)
    x = np.where(rng.random(20_000) < share, value, rng.lognormal(size=20_000))
    edges = quantile_bin_edges(x, 32)
    assert value in edges
    assert 28 <= len(edges) <= 35
    rest = np.sort(x[x != value])
    counts = np.histogram(rest, edges)[0]
    assert counts.max() < len(rest) / 10


def test_several_frequent_values_are_edges_each():
    x = np.concatenate([np.zeros(4000), np.ones(3000), np.full(2000, 99.0), 10 + 50 * np.abs(T[:1000])])
    edges = quantile_bin_edges(x, 16)
    assert {0.0, 1.0, 99.0} <= set(edges.tolist())
    assert ((edges >= 10) & (edges <= 60)).sum() >= 12


def test_few_values_are_edges_and_rare_ones_have_no_bins_of_their_own():
    assert quantile_bin_edges(np.repeat([1.0, 2.0, 5.0], 100), 16).tolist() == [1.0, 2.0, 5.0]
    rare = np.concatenate([np.zeros(995), [1.0, 2.0, 3.0, 4.0, 5.0]])
    assert len(quantile_bin_edges(rare, 16)) <= 3


@pytest.mark.parametrize("value", [1e100, 1e200, 1e300, 1.7e308, -1e250])
def test_far_values_are_held_at_the_limit(value):
    encoder = NumberEncoder.fit("x", T, 8)
    assert abs(encoder.scaled_values(np.array([value]))[0]) == pytest.approx(3.0)
    bins, fractions = encoder.binned(np.array([value]))
    assert (bins[0], fractions[0]) == ((7, 1.0) if value > 0 else (0, 0.0))
    assert np.isfinite(encoder.standardized(np.array([value]))).all()


def test_a_column_beyond_the_largest_number_is_refused():
    with pytest.raises(InputError) as raised:
        NumberEncoder.fit("x", T * 1.7e308, 8)
    assert "the column 'x' contains a number of size 1.7e+308, expected at most 1e+300" in str(raised.value)


@pytest.mark.parametrize("size", [1e2, -1e4, 1e6, 1e12, -1e100])
def test_a_robust_scale_does_not_follow_absurd_values(size):
    plain = TargetScaler.fit(T[:, None], robust=True)
    absurd = TargetScaler.fit(np.where(np.arange(2000) < 5, size, T)[:, None], robust=True)
    assert absurd.std[0] == pytest.approx(plain.std[0], rel=0.02)
    assert absurd.mean[0] == pytest.approx(plain.mean[0], abs=0.02)


def test_a_robust_scale_of_mostly_one_value_is_that_of_the_others():
    y = np.concatenate([np.zeros(900), np.linspace(1, 3, 99), [1e9]])[:, None]
    scaler = TargetScaler.fit(y, robust=True)
    assert scaler.mean[0] == 0
    assert 2 < scaler.std[0] < 4
    assert TargetScaler.fit(np.ones((9, 1)), robust=True).std[0] == 1


def test_robust_quantiles_take_weights():
    y, weights = np.array([[0.0], [1.0], [2.0], [1000.0]]), np.array([5.0, 5.0, 5.0, 0.1])
    scaler = TargetScaler.fit(y, weights, robust=True)
    assert scaler.mean[0] == 1
    assert scaler.std[0] == pytest.approx(2 / 1.349, rel=1e-3)


@pytest.mark.parametrize("factor", [1e-300, 1e-170, 1e-30, 1e160, 1e299])
def test_targets_of_any_size_are_scaled(factor):
    for robust in (False, True):
        plain, other = (TargetScaler.fit(T[:, None] * f, robust=robust) for f in (1.0, factor))
        np.testing.assert_allclose(other.transform(T[:, None] * factor), plain.transform(T[:, None]), atol=1e-9)
