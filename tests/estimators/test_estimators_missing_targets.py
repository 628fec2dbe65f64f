"""Missing targets of every type are refused by one sentence, and masked arrays keep their mask."""

import numpy as np
import pandas as pd
import polars as pl
import pytest

import tidynet as tn
from tidynet.core.errors import InputError

ROWS = 60
X = pd.DataFrame({"a": np.random.default_rng(0).normal(size=ROWS)})
SMALL = {"random_state": 0, "max_iter": 1, "n_networks": 1, "preset": "tidynet"}
PAIRS = {"Int64": [1, 0], "boolean": [True, False], "string": ["u", "v"], "object": ["u", "v"], "Float64": [1.0, 0.0]}
PAIRS |= {"category": ["u", "v"], "Int8": [1, 0]}
SENTENCE = r"the target y is missing \(NaN\) in 1 of 60 rows \(first row 60\); drop those rows before fit"


def target(dtype, form):
    first, second = PAIRS[dtype]
    y = pd.Series([first, second] * (ROWS // 2 - 1) + [first, pd.NA], dtype=dtype)
    return {"series": y, "frame": y.to_frame("y"), "array": y.array, "numpy": y.to_numpy(object)}[form]


@pytest.mark.parametrize("form", ["series", "frame", "array", "numpy"])
@pytest.mark.parametrize("dtype", PAIRS)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.DataConversionWarning")
def test_a_missing_target_is_refused_by_fit(dtype, form):
    with pytest.raises(InputError, match=SENTENCE):
        tn.MLPClassifier(**SMALL).fit(X, target(dtype, form))


@pytest.mark.parametrize("dtype", PAIRS)
@pytest.mark.parametrize("call", ["score", "partial_fit", "conformalize"])
def test_a_missing_target_is_refused_by_every_call(dtype, call):
    complete = pd.Series(PAIRS[dtype] * (ROWS // 2), dtype=dtype)
    model = tn.MLPClassifier(**SMALL).fit(X, complete)
    with pytest.raises(InputError, match=SENTENCE):
        getattr(model, call)(X, target(dtype, "series"))


@pytest.mark.parametrize("dtype", ["Int64", "Float64", "object"])
@pytest.mark.parametrize("call", ["fit", "score", "partial_fit", "conformalize"])
def test_a_missing_number_is_refused(dtype, call):
    y = pd.Series([*range(ROWS - 1), pd.NA], dtype=dtype)
    model = tn.MLPRegressor(**SMALL).fit(X, np.arange(ROWS))
    with pytest.raises(InputError, match=SENTENCE):
        getattr(model, call)(X, y)


@pytest.mark.parametrize("dtype", PAIRS)
def test_a_complete_target_of_any_type_is_learned(dtype):
    model = tn.MLPClassifier(**SMALL).fit(X, pd.Series(PAIRS[dtype] * (ROWS // 2), dtype=dtype))
    assert sorted(model.classes_.tolist()) == sorted(PAIRS[dtype])


def masked(values, at):
    return np.ma.masked_array(values, mask=np.isin(np.arange(np.size(values)), at).reshape(np.shape(values)))


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int64, np.int8, bool])
def test_masked_features_are_missing_values(dtype):
    values = np.random.default_rng(1).normal(size=(ROWS, 2)) * 5
    cells = masked((values > 0 if dtype is bool else values).astype(dtype), [0, 7, 30])
    plain = np.where(cells.mask, np.nan, cells.data.astype(np.float64))
    model = tn.MLPRegressor(**SMALL).fit(cells, values[:, 0])
    np.testing.assert_allclose(model.predict(cells), model.predict(plain), atol=1e-6)
    recipe = model.recipe_
    assert any(encoder.add_indicator for encoder in (*recipe.numbers, *recipe.categories))


def test_a_mask_without_a_masked_cell_changes_nothing():
    cells = np.random.default_rng(1).normal(size=(ROWS, 2))
    a, b = (tn.MLPRegressor(**SMALL).fit(rows, cells[:, 0]).predict(cells) for rows in (cells, masked(cells, [])))
    np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("values", [np.arange(ROWS), np.arange(ROWS) * 1.0, np.array(["u", "v"] * 30),
                                    np.array([True, False] * 30), np.arange(ROWS, dtype=np.int8)], ids=str)  # fmt: skip
def test_a_masked_target_is_missing(values):
    kind = tn.MLPClassifier if values.dtype.kind in "Ub" else tn.MLPRegressor
    with pytest.raises(InputError, match=r"the target y is missing \(NaN\) in 2 of 60 rows \(first row 4\)"):
        kind(**SMALL).fit(X, masked(values, [3, 9]))


def test_masked_weights_are_refused():
    with pytest.raises(InputError, match="sample_weight"):
        tn.MLPRegressor(**SMALL).fit(X, np.arange(ROWS), sample_weight=masked(np.ones(ROWS), [2]))


def test_a_missing_target_of_polars_is_refused():
    for y in (pl.Series([True] * 30 + [False] * 29 + [None]), pl.Series(["u"] * 30 + ["v"] * 29 + [None])):
        with pytest.raises(InputError, match="the target y is missing"):
            tn.MLPClassifier(**SMALL).fit(X, y)
