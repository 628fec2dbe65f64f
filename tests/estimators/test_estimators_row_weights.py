"""Weights of rows and classes: what cannot be learned from is refused by name, and weights of 0 remove rows."""

import numpy as np
import pandas as pd
import polars as pl
import pytest

import tidynet as tn
from tidynet.core.errors import InputError
from tidynet.estimators.row_weights import validate_sample_weight, weigh_classes

N = 20
X = np.arange(N, dtype=float)[:, None]
Y = np.array(["a", "b"] * (N // 2))
RANGE = "expected 0 or a number from 1e-30 to 1e+30"


def changed(value, row=3):
    weights = np.ones(N)
    weights[row] = value
    return weights


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (np.full(N, 1e300), f"sample_weight is 1e+300 in row 1, {RANGE}; divide all weights by a constant"),
        (changed(np.inf), f"sample_weight is inf in row 4, {RANGE}"),
        (changed(-0.5), f"sample_weight is -0.5 in row 4, {RANGE}"),
        (changed(np.nan), f"sample_weight is nan in row 4, {RANGE}; give a missing weight as 0, or drop the row"),
        (changed(1e-300), f"sample_weight is 1e-300 in row 4, {RANGE}; give 0, or multiply all weights by a constant"),
        (np.full(N, 2e30, dtype=np.float32), f"sample_weight is 2e+30 in row 1, {RANGE}; divide all weights by a constant"),
        (-1, f"sample_weight is -1 in row 1, {RANGE}"),
        (np.zeros(N), "every sample weight is zero, expected some above 0"),
        (["x"] * N, "sample_weight contains 'x', expected numbers of at least 0"),
        ([1, None] * 10, f"sample_weight is nan in row 2, {RANGE}; give a missing weight as 0, or drop the row"),
        (np.ones(N) * 1j, "sample_weight contains np.complex128(1j), expected numbers of at least 0"),
        ("balanced", "sample_weight is 'balanced', expected a number for each of 20 rows; weights of classes are class_weight"),
        ({"a": 1}, "sample_weight is {'a': 1}, expected a number for each of 20 rows; weights of classes are class_weight"),
        (np.ones(N - 1), "sample_weight has shape (19,), expected (20,)"),
    ],
)  # fmt: skip
def test_unusable_sample_weights(given, message):
    for model, y in ((tn.MLPClassifier(), Y), (tn.MLPRegressor(), X[:, 0])):
        with pytest.raises(InputError) as caught:
            model.fit(X, y, sample_weight=given)
        assert str(caught.value) == message


@pytest.mark.parametrize(
    "given", [np.ones(N), [1] * N, pd.Series(np.ones(N)), pl.Series(np.ones(N)), np.ones(N, bool), 1, np.float32(1)]
)
def test_forms_of_weights(given):
    assert validate_sample_weight(given, N).tolist() == [1.0] * N


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"a": 0, "b": 0}, "class_weight is 0 in every row, expected some above 0; give a class of these rows more weight"),
        ({"a": -1, "b": 1}, f"class_weight of class 'a' is -1, {RANGE}"),
        ({"a": float("inf"), "b": 1}, f"class_weight of class 'a' is inf, {RANGE}"),
        ({"a": 1, "b": float("nan")}, f"class_weight of class 'b' is nan, {RANGE}; give a missing weight as 0, or drop the row"),
        ({"a": 1e300, "b": 1}, f"class_weight of class 'a' is 1e+300, {RANGE}; divide all weights by a constant"),
        ({"a": "x", "b": 1}, f"class_weight of class 'a' is 'x', {RANGE}"),
        ({"a": None}, f"class_weight of class 'a' is None, {RANGE}"),
        ({0: 1, 1: 2}, "class_weight has a weight of 0, but the classes are 'a', 'b'"),
        ({"A": 5, "b": 1}, "class_weight has a weight of 'A', but the classes are 'a', 'b'; did you mean 'a'?"),
    ],
)  # fmt: skip
def test_unusable_class_weights(given, message):
    with pytest.raises(InputError) as caught:
        tn.MLPClassifier(class_weight=given).fit(X, Y)
    assert str(caught.value) == message


def test_weights_of_both_kinds_may_leave_no_row():
    with pytest.raises(InputError, match="class_weight times sample_weight is 0 in every row"):
        tn.MLPClassifier(class_weight={"a": 0, "b": 1}).fit(X, Y, sample_weight=(Y == "a").astype(float))
    with pytest.raises(InputError, match=r"class_weight times sample_weight is 1e\+40 in row 1"):
        weigh_classes({"a": 1e20, "b": 1}, Y, np.full(N, 1e20))


def test_a_label_that_is_absent_may_have_a_weight():
    assert weigh_classes({"a": 2, "b": 3, "c": 9}, Y, None).tolist() == [2.0, 3.0] * 10


@pytest.mark.parametrize("weights", [{"a": 0, "b": 1}, {"a": 1, "b": 0}])
def test_a_class_of_weight_0_is_known_and_never_predicted(weights):
    model = tn.MLPClassifier(class_weight=weights, solver="lbfgs", max_iter=100).fit(X, Y)
    assert model.classes_.tolist() == ["a", "b"]
    [heavy] = [label for label, weight in weights.items() if weight]
    assert set(model.predict(X)) == {heavy}


def test_class_weights_of_several_labels():
    y = np.column_stack([Y == "a", np.arange(N) % 4 == 0]).astype(int)
    with pytest.raises(InputError, match="class_weight is 0 in every row"):
        tn.MLPClassifier(class_weight=[{0: 0, 1: 0}, {0: 1, 1: 1}]).fit(X, y)
    with pytest.raises(InputError, match="class_weight of class 1 is -1"):
        tn.MLPClassifier(class_weight=[{0: 1, 1: 1}, {0: 1, 1: -1}]).fit(X, y)
