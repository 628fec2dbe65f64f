"""Boundaries that move: every one that the unit held, as a figure and as an animation."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

import tidynet as tn
from tidynet.byhand import animate_logistic, animate_perceptron
from tidynet.estimators.perceptron import Perceptron

X = np.array([[0.0, 1.0], [1.0, 0.0], [2.0, 3.0], [3.0, 2.0], [0.5, 0.2]])
y = np.array([0, 0, 1, 1, 0])


@pytest.fixture(scope="module")
def movement():
    return animate_perceptron(Perceptron(random_state=2, weight_init=([1.0, -1.0], 0.0)).fit(X, y), X, y)


def test_the_perceptron_s_movement_is_its_path(movement):
    model = Perceptron(random_state=2, weight_init=([1.0, -1.0], 0.0)).fit(X, y)
    assert len(movement) == len(model.path_) - 1 > 0
    np.testing.assert_allclose(movement.boundaries[-1], [*model.coef_[0], model.intercept_[0]])
    # the perceptron trick: plus or minus η times the coordinates and 1
    for before, after, row in zip(movement.boundaries, movement.boundaries[1:], movement.moved_by, strict=False):
        np.testing.assert_allclose(after - before, (0.1 if y[row] else -0.1) * np.append(X[row], 1))


def test_the_logistic_unit_moves_at_every_point_by_its_error():
    movement = animate_logistic(X, y, learning_rate=0.5, epochs=2, seed=1)
    assert len(movement) == 10
    center, spread = X.mean(axis=0), X.std(axis=0)
    for before, after, row in zip(movement.boundaries, movement.boundaries[1:], movement.moved_by, strict=False):
        predicted = 1 / (1 + np.exp(-(before[:2] @ X[row] + before[2])))
        weights = (after[:2] - before[:2]) * spread
        np.testing.assert_allclose(weights, 0.5 * (y[row] - predicted) * (X[row] - center) / spread, atol=1e-12)


def test_a_frame_rings_the_point_that_moved_it(movement):
    axes = movement.frame(1).axes[0]
    np.testing.assert_allclose(axes.collections[-1].get_offsets()[0], X[movement.moved_by[0]])
    w1, w2, b = movement.boundaries[1]
    across, up = axes.lines[1].get_data()
    np.testing.assert_allclose(w1 * np.asarray(across) + w2 * np.asarray(up) + b, 0, atol=1e-9)
    assert len(movement.figure().axes[0].lines) == len(movement) + 1


def test_it_is_saved_as_gif_and_as_a_page_that_stands_alone(movement, tmp_path):
    assert movement.save(tmp_path / "m.gif") == (tmp_path / "m.gif").stat().st_size
    with Image.open(tmp_path / "m.gif") as figure:
        assert 2 <= figure.n_frames <= len(movement) + 1  # equal frames are joined
    movement.save(tmp_path / "m.html")
    page = (tmp_path / "m.html").read_text("utf-8")
    assert page.count("data:image/png") == len(movement) + 1
    assert "http" not in page


def test_mistakes_are_named(movement, tmp_path, penguins):
    with pytest.raises(tn.InputError, match=r"the suffix is '.mp4', expected \.gif or \.html"):
        movement.save(tmp_path / "m.mp4")
    with pytest.raises(tn.InputError, match="step is 99, expected a number from 0 to"):
        movement.frame(99)
    with pytest.raises(tn.InputError, match=r"there are 8 columns .* expected two"):
        animate_logistic(penguins, penguins["sex"])
    with pytest.raises(tn.InputError, match="column 'island' is not numeric"):
        animate_logistic(penguins, penguins["sex"], ("island", "year"))
    with pytest.raises(tn.InputError, match="has 3 classes, expected two"):
        animate_logistic(penguins, penguins["species"], ("bill_depth_mm", "body_mass_g"))
    with pytest.raises(tn.InputError, match="the model is a MLPClassifier, expected a Perceptron"):
        animate_perceptron(tn.MLPClassifier(), X, y)
