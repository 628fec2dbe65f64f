"""Networks side by side, training curves with regions, the range test, penalties and dropout."""

from __future__ import annotations

import numpy as np
import pytest

import tidynet as tn
from tidynet.byhand import (
    dropout_masks,
    learning_rate_range_test,
    plot_fit_regions,
    plot_learning_rate_range_test,
    surfaces_by_penalty,
    surfaces_by_size,
    weights_by_penalty,
)
from tidynet.byhand.training_curves import find_fit_regions
from tidynet.engine import Network
from tidynet.engine import numpy_reference as reference

TWO = ("bill_depth_mm", "body_mass_g")


def training_scores(figure):
    return [float(axes.get_title().split(": ")[1].split("%")[0]) for axes in figure.axes if axes.get_visible()]


def test_more_units_fit_the_training_rows_better(penguins):
    figure = surfaces_by_size(penguins, penguins["sex"], TWO, depths=(1,), widths=(1, 32), steps=150)
    few, many = training_scores(figure)
    assert many > few


def test_a_stronger_penalty_fits_them_worse(penguins):
    figure = surfaces_by_penalty(penguins, penguins["sex"], TWO, strengths=(0.0, 1000.0), hidden=(16,), steps=150)
    free, held = training_scores(figure)
    assert free > held


def test_a_number_is_compared_too(penguins):
    figure = surfaces_by_size(penguins, penguins["body_mass_g"].cast(float), ("bill_depth_mm", "flipper_length_mm"),
                               depths=(1, 2), widths=(2,), steps=20)  # fmt: skip
    assert [axes.get_title().split(" R²")[0] for axes in figure.axes] == ["2 units:", "2 layers of 2 units:"]


@pytest.fixture(scope="module")
def overfitted(penguins):
    few = penguins.take(np.random.default_rng(0).permutation(333)[:90])
    model = tn.MLPClassifier((64, 64), activation="relu", solver="adam", n_networks=1, dropout=0.0, max_iter=120,
                             n_iter_no_change=120, learning_rate_init=0.01, random_state=1, validation_fraction=0.4,
                             batch_size=16)  # fmt: skip
    return model.fit(few.select(*TWO), few["sex"])


def test_overfitting_is_named_after_the_kept_epoch(overfitted):
    found = find_fit_regions(overfitted.history_)
    kept = overfitted.history_.best_epoch
    assert found.underfitting_until < kept < found.overfitting_from
    axes = plot_fit_regions(overfitted).axes[0]
    assert "overfitting" in [text.get_text() for text in axes.texts]
    assert f"best epoch {kept}" in [text.get_text() for text in axes.get_legend().get_texts()]


def test_without_validation_rows_there_are_no_regions():
    model = tn.MLPRegressor((2,), preset="tidynet", n_networks=1, max_iter=2, random_state=0)
    with pytest.raises(tn.InputError, match="the training had no validation set"):
        plot_fit_regions(model.fit([[0.0], [1.0]] * 5, [0.0, 1.0] * 5))


def test_the_range_test_is_drawn_with_its_suggestion(sex, penguins):
    found = learning_rate_range_test(sex, penguins.select(*TWO), penguins["sex"], points=9, epochs=1)
    axes = plot_learning_rate_range_test(found).axes[0]
    np.testing.assert_allclose(axes.lines[0].get_xdata(), found.rates)
    assert f"suggested: {found.suggested_rate:.2g}" in [text.get_text() for text in axes.get_legend().get_texts()]


def test_l1_is_sparse_and_l2_small(penguins):
    figure = weights_by_penalty(penguins.drop("year", target="species"), penguins["species"], epochs=150)
    plain, sparse, small = (np.asarray(axes.images[0].get_array()) for axes in figure.axes[:3])
    assert (sparse < 0.01).mean() > 0.5 > (small < 0.01).mean()
    assert small.max() < plain.max() / 2


def test_dropout_s_masks_are_the_engine_s():
    axes = dropout_masks(8, 0.25, 10, seed=3).axes[0]
    on = np.zeros((8, 10), dtype=bool)
    for step in range(10):
        network = Network(numbers=1, hidden=(8,), outputs=1, activations=("relu",))
        on[:, step] = reference.draw_dropout_masks(network, 1, (0.0, 0.25), 3, step + 1)[1][0] > 0
    across, up = axes.collections[0].get_offsets().T.astype(int)
    drawn = np.zeros_like(on)
    drawn[up, across - 1] = True
    np.testing.assert_array_equal(drawn, on)


def test_mistakes_are_named(penguins):
    with pytest.raises(tn.InputError, match="columns has 1 name, expected two"):
        surfaces_by_size(penguins, penguins["sex"], ("bill_depth_mm",))
    with pytest.raises(tn.InputError, match="no column 'bill_dept_mm'"):
        surfaces_by_size(penguins, penguins["sex"], ("bill_dept_mm", "body_mass_g"))
    with pytest.raises(tn.InputError, match="2 inputs and 100 units, expected at most 64 of each"):
        weights_by_penalty(penguins.select(*TWO), penguins["sex"], hidden=100, epochs=1)
    with pytest.raises(tn.InputError, match="fraction is 1, expected a number from 0 to below 1"):
        dropout_masks(fraction=1)
