"""Columns are matched by name whenever both sides have names."""

import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest

import tidynet as tn
from tidynet.core.errors import ColumnWarning, InputError

RNG = np.random.default_rng(0)
A, B = RNG.uniform(-1, 1, 120), RNG.normal(size=120)
Y = np.sin(6 * A)
SMALL = {"random_state": 0, "max_iter": 3, "n_networks": 1, "hidden_layer_sizes": (8,)}


def fit(X, **choices):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return tn.MLPRegressor(**SMALL | choices).fit(X, Y)


@pytest.mark.parametrize(
    "names",
    [
        ["a", 0], [0, 1], [2019, 2020], [1.5, 2.5], [("u", 1), ("v", 2)], [True, "b"], ["0", "1"],
        [pd.Timestamp("2020-01-01"), pd.Timestamp("2021-01-01")], pd.MultiIndex.from_tuples([("u", "x"), ("u", "y")]),
    ],
    ids=str,
)  # fmt: skip
@pytest.mark.parametrize("preset", ["auto", "tidynet", "scikit-learn"])
def test_names_of_any_type_are_matched(names, preset):
    X = pd.DataFrame(np.column_stack([A, B]), columns=names)
    model = fit(X, preset=preset)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_array_equal(model.predict(X), model.predict(X.iloc[:, ::-1]))
    np.testing.assert_array_equal(model.predict(X), model.predict(X.to_numpy()))


def test_numbered_columns_with_text_are_matched():
    X = pd.DataFrame({0: A, 1: B, 2: RNG.choice(list("xy"), 120)})
    model = fit(X)
    np.testing.assert_array_equal(model.predict(X), model.predict(X[[1, 0, 2]]))
    np.testing.assert_array_equal(model.predict(X), model.predict(X[[2, 1, 0]]))


@pytest.mark.parametrize("call", ["predict", "predict_interval", "novelty", "score"])
def test_every_call_matches_names(call):
    X = pd.DataFrame({"a": A, 7: B})
    model = fit(X, effort="fast")
    more = (Y,) if call == "score" else ()
    np.testing.assert_array_equal(getattr(model, call)(X, *more), getattr(model, call)(X[[7, "a"]], *more))


def test_conformalize_and_partial_fit_match_names():
    X = pd.DataFrame({2020: A, 2021: B})
    models = [fit(X).conformalize(rows, Y).predict_interval(X) for rows in (X, X[[2021, 2020]])]
    np.testing.assert_allclose(*models, rtol=1e-9)
    continued = [fit(X, preset="tidynet").partial_fit(rows, Y).predict(X) for rows in (X, X[[2021, 2020]])]
    np.testing.assert_array_equal(*continued)


@pytest.mark.parametrize("names", [["a", "b"], [2019, 2020], [("u", 1), ("v", 2)], ["b", 0], ["x", "y"]], ids=str)
@pytest.mark.parametrize("preset", ["tidynet", "scikit-learn"])
def test_names_that_a_model_never_saw_get_a_warning(names, preset):
    X = np.column_stack([A, B])
    model = fit(X, preset=preset)
    with pytest.warns(ColumnWarning) as caught:
        predicted = model.predict(pd.DataFrame(X, columns=names))
    np.testing.assert_array_equal(predicted, model.predict(X))
    assert str(caught[0].message) == (
        "X has feature names, but MLPRegressor was fitted without feature names; its columns are used in their order"
    )


@pytest.mark.parametrize("later", [["a", "b"], [2018, 2020], [("u", 1), ("v", 2)], [5, 6], ["2019", "x"]], ids=str)
def test_other_names_are_refused(later):
    model = fit(pd.DataFrame(np.column_stack([A, B]), columns=[2019, 2020]))
    with pytest.raises(InputError, match=r"2019|2020"):
        model.predict(pd.DataFrame(np.column_stack([A, B]), columns=later))


def test_an_unnamed_frame_is_read_in_order_without_a_warning():
    X = np.column_stack([A, B])
    model = fit(X, preset="tidynet")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for other in (pd.DataFrame(X), pd.DataFrame(X)[[1, 0]], pl.DataFrame({"x1": B, "x0": A})):
            np.testing.assert_array_equal(model.predict(X), model.predict(other))


def test_a_model_file_keeps_names_that_are_no_text(tmp_path):
    X = pd.DataFrame(np.column_stack([A, B]), columns=[2019, 2020])
    fit(X).save(tmp_path / "m.tidynet")
    model = tn.load(tmp_path / "m.tidynet")
    np.testing.assert_array_equal(model.predict(X), model.predict(X[[2020, 2019]]))
