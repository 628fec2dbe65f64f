"""The perceptron: the trick, its path, what it says, and scikit-learn's conventions."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

import tidynet as tn
from tidynet.core.errors import FileReadError
from tidynet.estimators.linear_boundary import boundary_text


def admissions(rows=100, gap=0.5):
    """The notes' students: accepted where 2·test + grades − 18 is above 0."""
    X = np.random.default_rng(0).uniform(0, 10, (rows, 2))
    score = 2 * X[:, 0] + X[:, 1] - 18
    clear = np.abs(score) > gap
    return X[clear], (score > 0)[clear]


@parametrize_with_checks([tn.Perceptron()])
def test_scikit_learns_estimator_checks(estimator, check):
    check(estimator)


@pytest.mark.parametrize("scale", [False, True])
def test_it_converges_on_separable_data_and_says_so(scale):
    X, accepted = admissions()
    model = tn.Perceptron(random_state=0, standardize=scale).fit(X, accepted)
    assert model.converged_
    assert model.score(X, accepted) == 1
    assert model.n_updates_[-1] == 0
    assert sum(model.n_updates_) == len(model.update_rows_) == len(model.path_) - 1
    assert model.outcome_.startswith("Converged after ")
    assert model.boundary in model.outcome_


def test_the_notes_boundary_is_found():
    X, accepted = admissions(2000, gap=0.2)
    model = tn.Perceptron(random_state=0, standardize=True).fit(X, accepted)
    w1, w2 = model.coef_[0]
    assert w1 / w2 == pytest.approx(2, rel=0.1)
    assert model.intercept_[0] / w2 == pytest.approx(-18, rel=0.1)


def test_a_given_boundary_without_mistakes_stands():
    X, accepted = admissions()
    model = tn.Perceptron(weight_init=([2, 1], -18)).fit(X, accepted)
    assert (len(model.path_), model.n_iter_) == (1, 1)
    assert model.boundary == "2x₁ + x₂ − 18 = 0"


def test_every_move_is_the_trick():
    X, accepted = admissions()
    model = tn.Perceptron(learning_rate=0.25, random_state=1).fit(X, accepted)
    for before, after, row in zip(model.path_[:-1], model.path_[1:], model.update_rows_, strict=True):
        height = before.coefficients @ X[row] + before.bias
        assert (height >= 0) != accepted[row]
        share = 0.25 if accepted[row] else -0.25
        assert after.coefficients == pytest.approx(before.coefficients + share * X[row])
        assert after.bias == pytest.approx(before.bias + share)


def test_it_stops_on_data_that_no_boundary_separates():
    X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    model = tn.Perceptron(max_epochs=20, random_state=0).fit(X, [0, 1, 1, 0])
    assert not model.converged_
    assert model.n_iter_ == 20
    assert model.outcome_ == (
        f"Stopped after {len(model.update_rows_)} updates in 20 epochs: the classes are not linearly separable; "
        f"{model.boundary} misclassifies 1 of 4 rows."
    )
    assert (model.predict(X) != [0, 1, 1, 0]).sum() == 1
    assert model.coef_[0] == pytest.approx(model.path_[model.kept_].coefficients)


def test_too_few_epochs_differ_from_inseparable_data():
    X, accepted = admissions()
    model = tn.Perceptron(max_epochs=1, random_state=0).fit(X, accepted)
    assert not model.converged_
    assert "raise max_epochs" in model.outcome_
    assert model.explain_training() == model.outcome_


def test_one_seed_gives_one_path():
    X, accepted = admissions()
    first, second = (tn.Perceptron(random_state=3).fit(X, accepted).path_.values for _ in range(2))
    assert (first == second).all()


def test_a_table_keeps_its_names_and_units():
    table = tn.read("penguins").frame.drop_nulls().filter(pl.col("species") != "Chinstrap")
    columns = ["flipper_length_mm", "bill_depth_mm"]
    model = tn.Perceptron(random_state=0).fit(table[columns], table["species"])
    assert "flipper_length_mm" in model.boundary
    by_hand = table[columns].to_numpy() @ model.coef_[0] + model.intercept_[0]
    assert by_hand == pytest.approx(model.decision_function(table[columns[::-1]]))
    assert model.classes_.tolist() == ["Adelie", "Gentoo"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"learning_rate": 0}, "learning_rate is 0, expected a number above 0"),
        ({"max_epochs": 0}, "max_epochs is 0, expected a whole number above 0"),
        ({"standardize": "yes"}, "standardize is 'yes'"),
        ({"weight_init": 3}, "weight_init is 3, expected a pair"),
        ({"weight_init": ([1], 0)}, r"coefficients of shape \(1,\), expected \(2,\)"),
    ],
)
def test_a_wrong_parameter_is_named(change, said):
    with pytest.raises(tn.InputError, match=said):
        tn.Perceptron(**change).fit(*admissions())


def test_what_it_cannot_take_is_named():
    table = tn.read("penguins").frame
    dream = table["island"] == "Dream"
    with pytest.raises(tn.InputError, match="'island' contains 'Torgersen', but a perceptron needs numbers"):
        tn.Perceptron().fit(table[["island", "body_mass_g"]], dream)
    with pytest.raises(tn.InputError, match=r"'body_mass_g' is missing .* in 2 of 344 rows"):
        tn.Perceptron().fit(table[["body_mass_g"]], dream)
    with pytest.raises(tn.InputError, match="3 classes"):
        tn.Perceptron().fit(table.drop_nulls()[["body_mass_g"]], table.drop_nulls()["species"])
    model = tn.Perceptron(max_epochs=2).fit(*admissions())
    with pytest.raises(tn.InputError, match="X has 3 features, but Perceptron is expecting 2"):
        model.predict(np.ones((1, 3)))
    named = tn.Perceptron(max_epochs=2).fit(table.drop_nulls()[["body_mass_g"]], dream.gather(range(333)))
    with pytest.raises(tn.InputError, match="did you mean 'body_mas'"):
        named.predict(pl.DataFrame({"body_mas": [1.0]}))


@pytest.mark.parametrize(
    ("coefficients", "bias", "text"),
    [
        ([2, 1], -18, "2x₁ + x₂ − 18 = 0"),
        ([-1, 0], 0.5, "−x₁ + 0.5 = 0"),
        ([0, -2.5], 0, "−2.5x₂ = 0"),
        ([0, 0], 0, "0 = 0"),
    ],
)
def test_a_boundary_reads_as_it_is_written(coefficients, bias, text):
    assert boundary_text(np.array(coefficients, float), float(bias)) == text


def test_a_saved_perceptron_is_the_same_and_other_models_are_refused(tmp_path):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"test": rng.normal(5, 2, 80), "grades": rng.normal(50, 20, 80)})
    label = np.where(10 * frame["test"] + frame["grades"] > 100, "in", "out")
    model = tn.Perceptron(random_state=np.random.RandomState(0), weight_init=([1.0, 0.0], -5.0)).fit(frame, label)
    model.save(tmp_path / "p.tidynet")
    loaded = tn.Perceptron.load(tmp_path / "p.tidynet")
    assert (loaded.predict(frame) == label).all()
    np.testing.assert_array_equal(loaded.decision_function(frame), model.decision_function(frame))
    for name in ("boundary", "outcome_", "n_updates_", "kept_", "converged_", "n_iter_", "n_features_in_"):
        assert getattr(loaded, name) == getattr(model, name)
    np.testing.assert_array_equal(loaded.path_.values, model.path_.values)
    assert loaded.get_params() == model.get_params() | {"random_state": None, "weight_init": None}
    with pytest.raises(FileReadError, match="contains a Perceptron; read it"):
        tn.load(tmp_path / "p.tidynet")
    network = tn.MLPClassifier((2,), random_state=0, max_iter=2, n_networks=1, preset="tidynet").fit(frame, label)
    network.save(tmp_path / "n.tidynet")
    with pytest.raises(FileReadError, match="does not contain a Perceptron"):
        tn.Perceptron.load(tmp_path / "n.tidynet")
