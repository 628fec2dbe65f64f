"""Targets with absurd values, targets of any size, custom losses, and columns that are mostly zero."""

import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_diabetes

import tidynet as tn
from tidynet.core.errors import InputError
from tidynet.engine import CustomLoss

RNG = np.random.default_rng(0)
T = RNG.uniform(-1, 1, 600)
Y = np.sin(6 * T) + 0.05 * RNG.normal(size=600)
X = pd.DataFrame({"x": T})
FAST = {"random_state": 0, "effort": "fast"}


@pytest.mark.parametrize("loss", ["huber", "absolute_error", "quantile"])
@pytest.mark.parametrize(("rows", "size"), [([3], 1e6), ([3], -1e4), ([3, 50], 1e12), ([1, 2, 3], 1e30), ([7], 1e2)])
def test_robust_losses_do_not_follow_absurd_targets(loss, rows, size):
    y = Y[:400].copy()
    y[rows] = size
    model = tn.MLPRegressor(loss=loss, **FAST).fit(X[:400], y)
    assert np.abs(model.predict_point(X[400:]) - Y[400:]).mean() < 0.09


@pytest.mark.parametrize("factor", [1e-90, 1e-30, 1e-12, 1e12, 1e30, 1e90])
def test_a_target_of_any_size_is_learned(factor):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = tn.MLPRegressor(**FAST).fit(X[:400], Y[:400] * factor)
        predicted = model.predict(X[400:]) / factor
        assert 0.98 < model.score(X[400:], Y[400:] * factor) < 0.999
        low, high = (model.predict_interval(X[400:], 0.9) / factor).T
    assert np.abs(predicted - Y[400:]).mean() < 0.09
    assert 0.8 < np.mean((low <= Y[400:]) & (Y[400:] <= high)) <= 1


@pytest.mark.parametrize("factor", [1e-90, 1e90])
def test_few_rows_of_a_target_of_any_size_have_intervals(factor):
    model = tn.MLPRegressor(**FAST).fit(X[:50], Y[:50] * factor)
    low, high = (model.predict_interval(X[400:], 0.8) / factor).T
    assert np.isfinite(high).all() and 0.01 < (high - low).mean() < 10  # noqa: PT018


@pytest.mark.parametrize("size", [1.7e308, -1.7e308, 1e160, -1e101, 1e300])
def test_a_target_whose_square_overflows_is_refused(size):
    y = Y.copy()
    y[5] = size
    with pytest.raises(InputError, match=r"the largest absolute value of the target y is .*, expected one from 1e-100"):
        tn.MLPRegressor(**FAST).fit(X, y)


@pytest.mark.parametrize("factor", [1e-170, 1e-320, 1e-101, 1e160, 1e300])
def test_a_target_of_a_size_whose_square_leaves_float64_is_refused(factor):
    with pytest.raises(InputError, match="multiply the target by a constant"):
        tn.MLPRegressor(**FAST).fit(X, Y * factor)


def test_the_message_names_the_size():
    with pytest.raises(InputError) as raised:
        tn.MLPRegressor(**FAST).fit(X, np.full(600, 1e160))
    assert str(raised.value) == (
        "the largest absolute value of the target y is 1e+160, expected one from 1e-100 to 1e+100; multiply the target "
        "by a constant"
    )


def test_a_custom_loss_meets_the_standardized_target():
    data = load_diabetes(as_frame=True)
    own = CustomLoss(lambda y, p: ((y - p) ** 2).sum(axis=1) / 2, lambda y, p: p - y, "half square")
    scores = [
        tn.MLPRegressor((8,), loss=loss, max_iter=30, n_networks=1, **FAST).fit(data.data, data.target + shift)
        .score(data.data, data.target + shift)
        for loss in (own, "squared_error") for shift in (0, 1e6)
    ]  # fmt: skip
    assert min(scores) > 0.4
    assert scores[0] == pytest.approx(scores[2], abs=1e-6)


@pytest.mark.parametrize("factor", [1e-12, 1e-9, 1e6, 1e12])
def test_the_unit_of_a_column_changes_no_prediction(factor):
    plain = tn.MLPRegressor(**FAST, max_iter=10).fit(X, Y).predict(X)
    other = tn.MLPRegressor(**FAST, max_iter=10).fit(X * factor, Y).predict(X * factor)
    np.testing.assert_allclose(other, plain, atol=1e-3)


@pytest.mark.parametrize("offset", [1e6, -1e9, 1.7e9])
def test_the_offset_of_a_column_changes_no_score(offset):
    model = tn.MLPRegressor(**FAST).fit(X[:400] + offset, Y[:400])
    assert model.score(X[400:] + offset, Y[400:]) > 0.985


@pytest.mark.parametrize("share", [0.8, 0.9, 0.95])
def test_a_column_that_is_mostly_zero_is_learned(share):
    rng = np.random.default_rng(3)
    x = np.where(rng.random(6000) < share, 0.0, rng.uniform(0.5, 3, 6000))
    y = np.where(x > 0, np.sin(4 * x), 0.5) + 0.05 * rng.normal(size=6000)
    rows = x[4000:] > 0
    model = tn.MLPRegressor(**FAST, max_iter=40).fit(pd.DataFrame({"x": x[:4000]}), y[:4000])
    predicted = model.predict(pd.DataFrame({"x": x[4000:]}))
    assert 1 - ((predicted - y[4000:])[rows] ** 2).sum() / ((y[4000:] - y[4000:][rows].mean())[rows] ** 2).sum() > 0.95
