"""Calibration: overconfident probabilities are corrected, calibrated ones unchanged; it is saved and optional."""

from __future__ import annotations

import numpy as np
import pytest

import tidynet as tn
from tidynet.core.errors import InputError
from tidynet.estimators.out_of_fold_average import average_out_of_fold_probabilities, out_of_fold_error_factor
from tidynet.estimators.probability_calibration import ProbabilityCalibrator, fit_calibrator, log_losses

QUICK = {"random_state": 0, "max_iter": 12, "hidden_layer_sizes": (16,), "n_bins": 4, "preset": "tidynet"}


def drawn(rng, rows, times=1.0):
    """Codes drawn from probabilities, and the same probabilities made surer than they should be."""
    logits = rng.normal(size=(rows, 3)) * 1.5
    true = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    codes = (rng.random(rows)[:, None] > np.cumsum(true, axis=1)).sum(axis=1)
    surer = np.exp(times * logits)
    return surer / surer.sum(axis=1, keepdims=True), codes


@pytest.mark.parametrize("method", ["auto", "temperature", "isotonic"])
def test_probabilities_that_are_overconfident_are_corrected(method):
    rng = np.random.default_rng(0)
    scaling, effect = fit_calibrator(method, *drawn(rng, 3000, 2.0))
    p, codes = drawn(rng, 3000, 2.0)
    assert log_losses(scaling.apply(p), codes).mean() < log_losses(p, codes).mean() - 0.05
    np.testing.assert_allclose(scaling.apply(p).sum(axis=1), 1)
    assert effect.log_loss_after < effect.log_loss_before
    assert effect.sentence.startswith("a temperature of 1.9" if method != "isotonic" else "isotonic calibration lowers")


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("method", ["auto", "temperature", "isotonic"])
def test_a_loss_is_not_called_a_gain_nor_nothing_a_change(method, seed):
    effect = fit_calibrator(method, *drawn(np.random.default_rng(seed), 400))[1]
    before, after = (f"{loss:.4f}" for loss in (effect.log_loss_before, effect.log_loss_after))
    change = f"leaves the log loss at {before}"
    if before != after:
        change = f"{'lowers' if after < before else 'raises'} the log loss from {before} to {after}"
    assert change in effect.sentence
    is_lower = effect.log_loss_after < effect.log_loss_before
    assert effect.sentence.startswith("not calibrated: ") == (effect.method == "none")
    assert ("not significant" in effect.sentence) == (effect.method == "none" and is_lower)


def test_good_probabilities_are_left_alone():
    left = [fit_calibrator("auto", *drawn(np.random.default_rng(seed), 400))[1].method for seed in range(200)]
    assert 0.9 < left.count("none") / 200 < 0.99  # a test at 5%


def test_none_is_none_and_few_rows_are_not_enough():
    p, codes = drawn(np.random.default_rng(0), 400, 3.0)
    assert fit_calibrator("none", p, codes)[0] == ProbabilityCalibrator()
    assert fit_calibrator("auto", p[:30], codes[:30])[1].sentence == (
        "not calibrated: 30 validation rows, at least 50 needed"
    )


def test_classes_that_are_never_confused_are_not_made_certain():
    p = np.tile([[0.9, 0.1], [0.1, 0.9]], (100, 1))
    scaling, _ = fit_calibrator("temperature", p, np.tile([0, 1], 100))
    assert scaling.apply(p).max() < 0.999


def test_weights_count_as_in_training():
    p = np.full((400, 2), 0.5) + np.array([0.3, -0.3])
    codes = np.arange(400) % 2
    scaling, _ = fit_calibrator("temperature", p, codes, np.where(codes == 0, 4.0, 1.0))
    assert abs(scaling.temperature - 1) < 0.05
    assert fit_calibrator("temperature", p, codes)[0].temperature > 3


def test_an_estimator_states_its_effect_saves_it_and_can_omit_it(tmp_path):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(400, 4))
    y = (X[:, 0] + rng.normal(size=400) > 0).astype(int)
    plain = tn.MLPClassifier(**QUICK, calibration="none").fit(X, y)
    scaled = tn.MLPClassifier(**QUICK, calibration="temperature").fit(X, y)
    np.testing.assert_array_equal(plain.predict_proba(X), scaled.predict_proba_uncalibrated(X))
    assert plain.calibration_["method"] == "none"
    assert scaled.calibration_["rows"] == 400
    assert scaled.calibration_["requested"] == "temperature"
    if scaled.calibration_["method"] == "temperature":
        assert not np.array_equal(scaled.predict_proba(X), plain.predict_proba(X))
    assert (scaled.predict(X) == plain.predict(X)).all()
    scaled.save(tmp_path / "m.tidynet")
    loaded = tn.load(tmp_path / "m.tidynet")
    np.testing.assert_array_equal(loaded.predict_proba(X), scaled.predict_proba(X))
    assert loaded.calibration_ == scaled.calibration_


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_isotonic_curves_are_kept_in_the_file(tmp_path):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 8))
    y = rng.integers(0, 2, 300)  # noise, which scikit-learn's settings learn by heart
    model = tn.MLPClassifier(random_state=0, max_iter=150, calibration="none").fit(X, y)
    model.set_params(calibration="isotonic")
    model.conformalize(rng.normal(size=(2000, 8)), rng.integers(0, 2, 2000))
    assert model.calibration_["method"] == "isotonic"
    assert np.abs(model.predict_proba(X) - 0.5).mean() < np.abs(model.predict_proba_uncalibrated(X) - 0.5).mean()
    model.save(tmp_path / "m.tidynet")
    np.testing.assert_array_equal(tn.load(tmp_path / "m.tidynet").predict_proba(X), model.predict_proba(X))


def test_mistakes_are_named():
    X = np.zeros((50, 2))
    with pytest.raises(
        InputError, match="calibration is 'platt', expected 'auto', 'none', 'temperature' or 'isotonic'"
    ):
        tn.MLPClassifier(calibration="platt").fit(X, np.arange(50) % 2)
    with pytest.raises(InputError, match="calibration is 'isotonic', but the model predicts numbers"):
        tn.MLPRegressor(calibration="isotonic").fit(X, np.arange(50.0))


def test_what_a_mean_would_say_lies_between_its_networks():
    """Networks with noise of their own, one of them not trained on a row: the estimate is as confident as their mean."""
    rng = np.random.default_rng(0)
    rows, networks = 4000, 8
    logit = rng.normal(size=rows)
    each = 1 / (1 + np.exp(-(logit + 0.8 * rng.normal(size=(networks, rows)))))
    p = np.stack([1 - each, each], axis=2)
    unseen = np.arange(rows) % networks == np.arange(networks)[:, None]
    found = average_out_of_fold_probabilities(p, unseen)
    one, mean = p[0].max(axis=1).mean(), p.mean(axis=0).max(axis=1).mean()
    assert abs(found.max(axis=1).mean() - mean) < 0.7 * (one - mean)
    np.testing.assert_allclose(found.sum(axis=1), 1)


def test_what_is_all_but_impossible_does_not_blur_what_a_mean_would_say():
    """Networks that agree, but differ wildly in how small the smallest probabilities are."""
    rng = np.random.default_rng(0)
    rows, networks = 2000, 8
    rest = 10 ** -rng.uniform(4, 12, size=(networks, rows, 2))
    p = np.concatenate([1 - rest.sum(axis=2, keepdims=True), rest], axis=2)
    unseen = np.arange(rows) % networks == np.arange(networks)[:, None]
    assert average_out_of_fold_probabilities(p, unseen)[:, 0].min() > 0.99


def test_the_means_error_is_smaller_by_the_networks_own_noise():
    rng = np.random.default_rng(0)
    rows, networks = 5000, 8
    truth = rng.normal(size=(rows, 1))
    each = 0.6 * rng.normal(size=(networks, rows, 1))
    unseen = np.arange(rows) % networks == np.arange(networks)[:, None]
    exact = np.sqrt((1 + 0.36 / 8) / (1 + 0.36))
    np.testing.assert_allclose(out_of_fold_error_factor(each, unseen, truth), exact, rtol=0.03)
    assert out_of_fold_error_factor(each, np.ones_like(unseen), truth) == 1
