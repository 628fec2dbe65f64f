"""The network diagram: every unit or a word for it, lines for weights, one row's activations."""

from __future__ import annotations

import numpy as np
import pytest

import tidynet as tn
from tidynet.byhand import network_diagram
from tidynet.engine import numpy_reference as reference


def words(figure):
    return [text.get_text() for text in figure.axes[0].texts]


def test_inputs_are_named_by_the_columns_and_outputs_by_the_classes(species, penguins):
    said = words(network_diagram(species, penguins, 0))
    assert "island = Torgersen" in said
    assert "bill_length_mm = 39.1" in said
    assert {"Adelie", "Chinstrap", "Gentoo", "inputs", "hidden 1\nsilu", "output\nsoftmax"} <= set(said)


def test_units_beyond_twelve_are_counted(species):
    assert [word for word in words(network_diagram(species)) if "more" in word] == ["… 4 more"]


def test_the_number_in_a_circle_is_the_reference_s_activation(sex, penguins):
    rows = penguins.select("bill_depth_mm", "body_mass_g")
    said = words(network_diagram(sex, rows, 7))
    inputs = sex.encode_inputs(rows.take([7]))
    seen = reference.forward(sex.network_, sex.members_[0].astype(float), reference.dense(sex.network_, inputs))
    for value in (*seen.V[0][0], *seen.a[0][0], *seen.a[1][0]):
        assert f"{value:.2f}".replace("-", "−") in said


def test_lines_differ_by_sign_in_style_and_by_size_in_width():
    X, y = np.array([[0.0, 0.0], [1.0, 1.0]]), [0, 1]
    initial = ([[[2.0], [-1.0]], [[0.5]]], [[0.0], [0.0]])
    model = tn.MLPClassifier((1,), weight_init=initial, learning_rate_init=1e-12, max_iter=1, solver="sgd", tol=1e-9)
    with pytest.warns(UserWarning, match="iterations"):
        model.fit(X, y)
    solid, dashed, last = network_diagram(model).axes[0].collections
    assert solid.get_linewidth()[0] > dashed.get_linewidth()[0] > last.get_linewidth()[0]
    assert solid.get_linestyle()[0][1] is None
    assert dashed.get_linestyle()[0][1] is not None


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"row": 400}, "row is 400, expected a row number from 0 to 332"),
        ({"row": -1}, "row is -1, expected a row number from 0 to 332"),
        ({"member": 3}, "member is 3, expected a network from 0 to 0"),
    ],
)
def test_what_is_not_there_cannot_be_drawn(species, penguins, options, sentence):
    with pytest.raises(tn.InputError, match=sentence):
        network_diagram(species, penguins, **options)


def test_a_model_must_be_fitted_and_not_too_deep():
    with pytest.raises(tn.InputError, match="this MLPClassifier is not fitted"):
        network_diagram(tn.MLPClassifier())
    deep = tn.MLPClassifier((2,) * 11, preset="tidynet", n_networks=1, max_iter=1, random_state=0)
    deep.fit([[0.0], [1.0]] * 4, [0, 1] * 4)
    with pytest.raises(tn.InputError, match="12 layers of weights, expected at most 10"):
        network_diagram(deep)
