"""Early stopping with classes that are too rare to be in both sets."""

import numpy as np
import pandas as pd
import pytest

import tidynet as tn
from tidynet.core.errors import InputError

X = np.arange(20.0)[:, None]
HINT = "give more rows, or set early_stopping=False"


def one_row(label):
    return f"early stopping splits each class, but class {label} has 1 row, expected 2 or more; {HINT}"


@pytest.mark.parametrize(
    ("y", "settings", "message"),
    [
        ([0] * 19 + [1], {}, one_row("1")),
        (["a"] * 19 + ["b"], {}, one_row("'b'")),
        ([True] + [False] * 19, {}, one_row("True")),
        (list(range(20)), {}, one_row("0")),
        ([0] * 8 + [1] * 6 + [2] * 6, {},
         f"the validation set has 2 rows, expected 3 or more, one for each class; raise validation_fraction, {HINT}"),
        ([0, 1] * 10, {"validation_fraction": 0.95},
         f"the training set has 1 row, expected 2 or more, one for each class; lower validation_fraction, {HINT}"),
    ],
)  # fmt: skip
def test_too_rare_classes(y, settings, message):
    with pytest.raises(InputError) as caught:
        tn.MLPClassifier(early_stopping=True, max_iter=2, **settings).fit(X, y)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("features", "settings", "options"),
    [
        (pd.DataFrame({"x": X[:, 0]}), {}, {}),  # a table: its folds take rare classes as they come
        (X, {"preset": "tidynet"}, {}),
        (X, {}, {"validation_rows": [1, 2]}),
        (X, {}, {"groups": np.arange(20) // 4}),
        (X, {"early_stopping": False}, {}),
    ],
)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_rare_classes_that_need_no_split_of_each_class(features, settings, options):
    settings = {"early_stopping": True, "max_iter": 2, "random_state": 0, **settings}
    model = tn.MLPClassifier(**settings).fit(features, [0] * 19 + [1], **options)
    assert model.classes_.tolist() == [0, 1]
