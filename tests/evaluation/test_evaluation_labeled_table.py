"""evaluate(model, X, y): the target apart from its table, as in scikit-learn."""

import numpy as np
import pandas as pd
import polars as pl
import pytest

import tidynet as tn
from tidynet.core.errors import InputError

FRAME = pd.DataFrame({"a": np.linspace(-1, 1, 60), "b": np.tile([0.0, 1.0, 2.0], 20)})
Y = pd.Series(np.where(FRAME.a > 0, "high", "low"), name="level")


@pytest.fixture(scope="module")
def model():
    return tn.MLPClassifier(random_state=0, effort="fast", n_networks=1, max_iter=20).fit(FRAME, Y)


def scores(evaluation):
    return {name: score.value for name, score in evaluation.network.items()}


@pytest.mark.parametrize(
    ("X", "y"),
    [
        (FRAME, Y),
        (FRAME, Y.to_numpy()),
        (FRAME, list(Y)),
        (FRAME, Y.to_frame()),
        (FRAME, pd.Categorical(Y)),
        (pl.DataFrame(FRAME), pl.Series("other", list(Y))),
        (FRAME.to_dict("list"), Y),
        (tn.read(FRAME), Y),
        (FRAME.assign(level=Y), Y),
    ],
)
def test_the_target_apart_gives_the_same_scores(model, X, y):
    by_name = tn.evaluate(model, FRAME.assign(level=Y), "level", sections="scores")
    assert scores(tn.evaluate(model, X, y, sections="scores")) == scores(by_name)


def test_a_target_that_bears_the_name_of_a_feature():
    model = tn.MLPRegressor(random_state=0, effort="fast", n_networks=1, max_iter=5).fit(FRAME, FRAME.a)
    result = tn.evaluate(model, FRAME, FRAME.a, sections="scores")
    assert scores(result)["R²"] == pytest.approx(model.score(FRAME, FRAME.a))


def test_an_array_without_names():
    model = tn.MLPClassifier(random_state=0, solver="lbfgs", max_iter=50).fit(FRAME.to_numpy(), Y)
    result = tn.evaluate(model, FRAME.to_numpy(), Y.to_numpy(), sections="scores")
    assert scores(result)["accuracy"] == pytest.approx(model.score(FRAME.to_numpy(), Y))


def test_a_target_of_another_length(model):
    with pytest.raises(InputError) as caught:
        tn.evaluate(model, FRAME, Y[:5])
    assert str(caught.value) == "there are 60 rows of features and 5 of the target, expected as many"


def test_rows_without_a_label_are_excluded_and_reported(model):
    result = tn.evaluate(model, FRAME, [None, *Y[1:]], sections="scores")
    assert "excluded: 1 row without a value of 'level'" in result.notes
