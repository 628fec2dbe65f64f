"""Decision surfaces: what is shaded is what the model answers; rows, lines, names; and mistakes in one sentence."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

import tidynet as tn
from tidynet.byhand import decision_surface
from tidynet.byhand.feature_plane import make_feature_plane

TWO = ("bill_length_mm", "bill_depth_mm")


def test_two_classes_are_shaded_by_the_model_s_own_probability(sex, penguins):
    rows = penguins.select("bill_depth_mm", "body_mass_g")
    figure = decision_surface(sex, rows, penguins["sex"], points=12)
    shaded = figure.axes[0].images[0].get_array()
    plane = make_feature_plane(sex, rows, None)
    expected = sex.predict_proba(plane.rows(12))[:, 1].reshape(12, 12)
    np.testing.assert_allclose(shaded, expected)
    assert (figure.axes[0].get_xlabel(), figure.axes[0].get_ylabel()) == ("bill_depth_mm", "body_mass_g")
    assert figure.axes[1].get_ylabel() == "probability of male"


def test_the_other_columns_are_held_at_median_and_most_frequent_level_or_at_a_row(species, penguins):
    X = penguins.drop(target="species")
    held = make_feature_plane(species, X, TWO).base.row(0, named=True)
    assert held["island"] == "Biscoe"
    assert held["body_mass_g"] == penguins["body_mass_g"].median()
    assert make_feature_plane(species, X, TWO, row=0).base.row(0, named=True)["island"] == "Torgersen"
    grid = make_feature_plane(species, X, TWO).rows(5)
    assert grid.height == 25
    assert grid["bill_length_mm"].n_unique() == 5
    assert grid["bill_length_mm"][:5].n_unique() == 5  # across varies fastest


def test_rows_are_drawn_by_class_training_small_and_test_large(species, penguins):
    train, test = penguins.take(range(250)), penguins.take(range(250, 333))
    figure = decision_surface(species, train, train["species"], TWO, test=(test, test["species"]), points=30)
    marks = [one for one in figure.axes[0].collections if one.get_offsets().size > 2 and len(one.get_sizes())]
    assert sum(len(one.get_offsets()) for one in marks) == 333
    assert {float(one.get_sizes()[0]) for one in marks} == {13.0, 34.0}
    said = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert said == ["Adelie", "Chinstrap", "Gentoo", "training", "test"]
    assert "island" in figure.get_supxlabel()


def test_categories_lie_side_by_side(species, penguins):
    axes = decision_surface(species, penguins, None, ("bill_length_mm", "island"), points=9).axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["Biscoe", "Dream", "Torgersen"]
    assert axes.get_ylim() == (-0.5, 2.5)


def test_numbers_are_shaded_with_their_heights(mass, penguins):
    rows = penguins.select("bill_length_mm", "flipper_length_mm")
    figure = decision_surface(mass, rows, penguins["body_mass_g"], points=15)
    expected = mass.predict(make_feature_plane(mass, rows, None).rows(15)).reshape(15, 15)
    np.testing.assert_allclose(figure.axes[0].images[0].get_array(), expected)


def test_one_class_of_several_can_be_shown_alone(species, penguins):
    figure = decision_surface(species, penguins, penguins["species"], TWO, output="Gentoo", points=10)
    expected = species.predict_proba(make_feature_plane(species, penguins, TWO).rows(10))[:, 2].reshape(10, 10)
    np.testing.assert_allclose(figure.axes[0].images[0].get_array(), expected)


def test_a_model_of_arrays_is_drawn_too():
    X = np.random.default_rng(0).normal(size=(60, 2))
    model = tn.MLPClassifier((4,), solver="lbfgs", random_state=0).fit(X, X[:, 0] > 0)
    assert decision_surface(model, X, X[:, 0] > 0, points=10).axes[0].get_xlabel() == "x0"


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        (None, "the model has 5 numeric columns, a surface shows two"),
        (("bill_lenght_mm", "bill_depth_mm"), "there is no column 'bill_lenght_mm' .* did you mean 'bill_length_mm'"),
        (("bill_depth_mm", "bill_depth_mm"), "both axes are 'bill_depth_mm'"),
        (("bill_depth_mm",), "columns has 1 name, expected two"),
    ],
)
def test_columns_that_cannot_be_axes(species, penguins, columns, sentence):
    with pytest.raises(tn.InputError, match=f"(?s){sentence}"):
        decision_surface(species, penguins.drop(target="species"), penguins["species"], columns)


def test_names_of_axes_in_place_of_the_target(species, penguins):
    with pytest.raises(tn.InputError, match=r"y is 'a', .* decision_surface\(model, X, columns=\('a', 'b'\)\)"):
        decision_surface(species, penguins, "a", "b")


def test_a_model_without_two_columns_of_numbers(penguins):
    rows = penguins.select("island", "bill_length_mm")
    model = tn.MLPClassifier((2,), n_networks=1, max_iter=2, random_state=0).fit(rows, penguins["sex"])
    with pytest.raises(tn.InputError, match="needs two numeric columns, the model has 'bill_length_mm'"):
        decision_surface(model, rows)


def test_rows_and_classes_that_are_not_there(species, penguins):
    with pytest.raises(tn.InputError, match="row is 333, expected a row number from 0 to 332"):
        decision_surface(species, penguins, None, TWO, row=333)
    with pytest.raises(tn.InputError, match="there is no class 'Gento'; did you mean 'Gentoo'"):
        decision_surface(species, penguins, None, TWO, output="Gento")
    with pytest.raises(tn.InputError, match="y has 2 values, expected 333, one for each row of X"):
        decision_surface(species, penguins, [1, 2], TWO)


def test_too_many_levels_or_classes_for_one_picture(species, penguins):
    frame = penguins.frame.with_columns(island=pl.Series([f"i{n % 20}" for n in range(333)]))
    with pytest.raises(tn.InputError, match="column 'island' has 20 categories, expected 1 to 12"):
        decision_surface(species, frame, None, ("island", "bill_length_mm"))
    X = np.random.default_rng(0).normal(size=(90, 2))
    model = tn.MLPClassifier((4,), solver="lbfgs", max_iter=5, random_state=0, preset="tidynet", n_networks=1)
    model.fit(X, np.arange(90) % 9)
    with pytest.raises(tn.InputError, match="the model has 9 classes, expected at most 8"):
        decision_surface(model, X)


def test_pandas_columns_of_truth_values_and_of_numbers_as_levels(penguins):
    frame = penguins.to_pandas()[["bill_length_mm", "year"]].assign(male=penguins["sex"].to_numpy() == "male")
    model = tn.MLPClassifier((2,), n_networks=1, max_iter=2, random_state=0).fit(frame, penguins["species"].to_numpy())
    axes = decision_surface(model, frame, penguins["species"], ("male", "bill_length_mm"), points=8).axes[0]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["False", "True"]


def test_any_fitted_estimator_is_drawn(penguins):
    from sklearn.linear_model import LogisticRegression

    frame = penguins.to_pandas()[["bill_length_mm", "bill_depth_mm"]]
    model = LogisticRegression().fit(frame, penguins["species"].to_numpy())
    figure = decision_surface(model, frame, penguins["species"], points=9)
    assert figure.axes[0].images[0].get_array().shape == (9, 9, 3)


def test_a_column_that_the_model_takes_no_notice_of(penguins):
    frame = penguins.frame.with_columns(one=pl.lit(1))
    model = tn.MLPClassifier((2,), n_networks=1, max_iter=2, random_state=0).fit(frame.drop("sex"), penguins["sex"])
    with pytest.raises(tn.InputError, match="does not use column 'one' \\(constant"):
        decision_surface(model, frame, None, ("one", "bill_depth_mm"))


def test_a_perceptron_is_drawn_by_its_answers(penguins):
    two = penguins.take(np.flatnonzero(penguins["species"].to_numpy() != "Chinstrap"))
    rows = two.select("bill_depth_mm", "flipper_length_mm")
    figure = decision_surface(tn.Perceptron(random_state=0).fit(rows, two["species"]), rows, two["species"], points=20)
    assert set(np.unique(figure.axes[0].images[0].get_array())) == {0.0, 1.0}
    assert [label.get_text() for label in figure.axes[1].get_yticklabels()] == ["Adelie", "Gentoo"]


def test_several_labels_and_one_class():
    X = np.random.default_rng(0).normal(size=(40, 2))
    several = tn.MLPClassifier((3,), preset="tidynet", n_networks=1, max_iter=2, random_state=0).fit(
        X, (X > 0).astype(int)
    )
    with pytest.raises(tn.InputError, match="predicts 2 labels at once"):
        decision_surface(several, X)
    expected = several.predict_proba(make_feature_plane(several, X, None).rows(6))[:, 1].reshape(6, 6)
    shaded = decision_surface(several, X, output=1, points=6).axes[0].images[0].get_array()
    np.testing.assert_allclose(shaded, expected)
    with pytest.raises(tn.InputError, match="the model has one class"):
        decision_surface(
            tn.MLPClassifier((3,), preset="tidynet", n_networks=1, max_iter=2).fit(X, np.zeros(40, int)), X
        )
