"""The error surface, the paths down it, and the slice between two networks."""

from __future__ import annotations

import numpy as np
import pytest

import tidynet as tn
from tidynet.byhand import error_cross_section, error_surface
from tidynet.byhand.error_surfaces import run_optimizers
from tidynet.byhand.optimization_paths import error_function_of, run_optimizer
from tidynet.engine import Inputs, TrainingConfig, prepare_data, train


@pytest.fixture(scope="module")
def unit(penguins):
    """A logistic unit of one column: two weights."""
    options = {"solver": "lbfgs", "preset": "tidynet", "n_networks": 1, "n_bins": 0, "early_stopping": False}
    return tn.MLPClassifier((), random_state=0, **options).fit(penguins.select("body_mass_g"), penguins["sex"])


def test_the_error_is_the_model_s_own(unit, penguins):
    problem = error_function_of(unit, penguins.select("body_mass_g"), penguins["sex"])
    probability = unit.predict_proba(penguins.select("body_mass_g"))[:, 1]
    male = penguins["sex"].to_numpy() == "male"
    expected = -np.log(np.where(male, probability, 1 - probability)).mean()
    assert problem.error(unit.members_[0].astype(float)) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("method", ["sgd", "momentum", "adam"])
def test_a_path_is_the_compiled_engine_s(sex, penguins, method):
    problem = error_function_of(sex, penguins.select("bill_depth_mm", "body_mass_g"), penguins["sex"])
    start = sex.network_.initial_parameters(3, dtype=np.float64)
    path = run_optimizer(problem, start, "path", method, 0.05, 5)
    data = prepare_data(sex.network_, Inputs.of(problem.X, dtype=np.float64), problem.y)
    plan = TrainingConfig(method, learning_rate=0.05, epochs=5, batch_size=len(problem.y), restore_best_weights=False)
    np.testing.assert_allclose(path.thetas[-1], train(sex.network_, start, data, plan).theta, rtol=1e-9, atol=1e-12)


def test_too_large_a_rate_ends_worse_and_too_small_a_rate_hardly_moves(sex, penguins):
    problem = error_function_of(sex, penguins.select("bill_depth_mm", "body_mass_g"), penguins["sex"])
    start = sex.network_.initial_parameters(3, dtype=np.float64)
    plain, _, _, large, small = run_optimizers(problem, start, sex.members_[0].astype(float), steps=50)
    assert plain.errors[-1] < small.errors[-1] < plain.errors[0]
    assert large.has_diverged or large.errors[-1] > 1.1 * plain.errors[-1]
    assert (np.diff(plain.errors) <= 1e-9).all()


def test_a_network_of_two_weights_has_them_as_axes(unit, penguins):
    figure = error_surface(unit, penguins.select("body_mass_g"), penguins["sex"], points=9, steps=20)
    axes = figure.axes[0]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("weight of body_mass_g", "bias")
    star = next(line for line in axes.lines if line.get_marker() == "*")
    np.testing.assert_allclose(np.ravel(star.get_data()), unit.members_[0], rtol=1e-6)
    assert len(axes.get_legend().get_texts()) == 5


def test_random_directions_are_as_long_as_the_weights_and_have_no_paths(sex, penguins):
    rows = penguins.select("bill_depth_mm", "body_mass_g")
    axes = error_surface(sex, rows, penguins["sex"], directions="random", points=7).axes[0]
    assert len(axes.lines) == 1
    assert axes.get_xlim() == (-1, 1)


def test_a_slice_goes_through_both_networks_and_every_start_rolls_down(penguins):
    rows = penguins.select("bill_depth_mm", "body_mass_g")
    model = tn.MLPClassifier((4,), n_networks=2, n_bins=0, max_iter=20, random_state=0, preset="tidynet")
    axes = error_cross_section(model.fit(rows, penguins["sex"]), rows, penguins["sex"], starts=6).axes[0]
    t, error = axes.lines[0].get_data()
    problem = error_function_of(model, rows, penguins["sex"])
    for index, theta in enumerate(model.members_):
        assert np.interp(index, t, error) == pytest.approx(problem.error(theta.astype(float)), rel=1e-3)
    begins, ends = (marks.get_offsets() for marks in axes.collections[:2])
    assert (ends[:, 1] <= begins[:, 1] + 1e-12).all()


def test_mistakes_are_named(sex, penguins):
    rows = penguins.select("bill_depth_mm", "body_mass_g")
    with pytest.raises(tn.InputError, match="directions is 'paths', expected 'path' or 'random'"):
        error_surface(sex, rows, penguins["sex"], directions="paths")
    with pytest.raises(tn.InputError, match="start has shape \\(2,\\), expected"):
        error_surface(sex, rows, penguins["sex"], start=[0, 0])
    with pytest.raises(tn.InputError, match="the model has 1 network, expected 2 or more"):
        error_cross_section(sex, rows, penguins["sex"])
