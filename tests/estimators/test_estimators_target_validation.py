"""Targets of every kind that users pass: learned, or refused in one sentence."""

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import polars as pl
import pytest

import tidynet as tn
from tidynet.core.errors import InputError, TidynetWarning
from tidynet.estimators.target_validation import target_rows, validate_target

N = 6
DAYS = [dt.date(2024, 1, day) for day in range(1, N + 1)]
SECONDS = [dt.timedelta(seconds=count) for count in range(N)]


@pytest.mark.parametrize(
    ("y", "part"),
    [
        ({"a": [1] * N}, "is of type dict"),
        (dict.fromkeys(range(N)).values(), "is of type dict_values"),
        ("outcome", "is 'outcome'"),
        (b"outcome", "is b'outcome'"),
        ({1, 2}, "is of type set"),
        (frozenset("ab"), "is of type frozenset"),
        ((value for value in "abcdef"), "is of type generator"),
        (map(str, range(N)), "is of type map"),
        (5, "is 5"),
        (np.float64(5), "is np.float64(5.0)"),
        (np.array(5), "is array(5)"),
        (len, "is of type builtin_function_or_method"),
        (object(), "is of type object"),
    ],
)
def test_what_is_no_column_is_refused(y, part):
    with pytest.raises(InputError) as caught:
        validate_target(y, N)
    assert f"the target y {part}, expected a column or array of 6 values" in str(caught.value)


def test_a_name_in_place_of_a_column_gets_a_hint():
    with pytest.raises(InputError) as caught:
        validate_target("outcome", N)
    assert str(caught.value) == (
        "the target y is 'outcome', expected a column or array of 6 values; "
        "pass the column itself, as in y=table['outcome']"
    )


@pytest.mark.parametrize(
    ("y", "kind"),
    [
        (SECONDS, "durations"),
        (np.array(SECONDS, dtype="timedelta64[ns]"), "durations"),
        (pd.Series(pd.to_timedelta(range(N), unit="h")), "durations"),
        (pl.Series(SECONDS), "durations"),
        (np.array(SECONDS, dtype=object), "durations"),
        (DAYS, "dates or times"),
        (pl.Series(DAYS), "dates or times"),
        (pd.Series(pd.date_range("2024", periods=N, tz="UTC")), "dates or times"),
        (np.array(DAYS, dtype="datetime64[D]"), "dates or times"),
        ([dt.time(hour) for hour in range(N)], "dates or times"),
        (np.arange(N) * 1j, "complex numbers"),
        ([b"a", b"b"] * 3, "bytes"),
    ],
)
@pytest.mark.parametrize("estimator", [tn.MLPClassifier, tn.MLPRegressor, tn.Perceptron])
def test_targets_with_a_unit_are_refused_by_all(y, kind, estimator):
    with pytest.raises(InputError, match=f"the target y contains {kind}, expected numbers, booleans or text"):
        estimator().fit(np.arange(6.0)[:, None], y)


@pytest.mark.parametrize(
    ("y", "types"),
    [
        ([1, "a"] * 3, "int, str"),
        (np.array(["a", 1] * 3, dtype=object), "str, int"),
        (np.array([1, "1"] * 3, dtype=object), "int, str"),
        (pd.Series([1.5, "a"] * 3), "float, str"),
        (pd.Categorical([1, "a"] * 3), "int, str"),
        (pl.Series([True, "a"] * 3, dtype=pl.Object), "bool, str"),
        ([True, 2] * 3, "bool, int"),
        ([DAYS[0], "a"] * 3, "date, str"),
    ],
)
def test_labels_of_several_types_are_refused(y, types):
    with pytest.raises(InputError) as caught:
        tn.MLPClassifier().fit(np.arange(6.0)[:, None], y)
    assert str(caught.value) == (
        f"the target y has values of 2 types ({types}), expected one type; "
        "convert them all to text, as in y.astype(str), or to numbers"
    )


@pytest.mark.parametrize(
    ("y", "expected", "kind"),
    [
        ([1, 2.5] * 3, [1.0, 2.5] * 3, "f"),
        ([Decimal("1.5"), Decimal(2)] * 3, [1.5, 2.0] * 3, "f"),
        ([Fraction(1, 2)] * N, [0.5] * N, "f"),
        ([2**70, 1] * 3, [2.0**70, 1.0] * 3, "f"),
        (np.array([1, 2] * 3, dtype=object), [1, 2] * 3, "i"),
        (np.array([True, False] * 3, dtype=object), [True, False] * 3, "b"),
        (pd.Series(["a", "b"] * 3), ["a", "b"] * 3, "U"),
        (pl.Series(["a", "b"] * 3, dtype=pl.Categorical), ["a", "b"] * 3, "U"),
        (pd.DataFrame({"y": [1, 2] * 3}), [1, 2] * 3, "i"),
        (range(N), list(range(N)), "i"),
        (tuple("abcabc"), list("abcabc"), "U"),
        ([np.str_("a"), "b"] * 3, ["a", "b"] * 3, "U"),
    ],
)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.DataConversionWarning")
def test_targets_that_mean_one_thing_are_kept(y, expected, kind):
    values = validate_target(y, N)
    assert values.dtype.kind == kind
    assert values.tolist() == expected
    assert target_rows(y) == N


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (np.zeros((N, 2, 2)), "the target y has shape (6, 2, 2), expected (6,) or (6, targets)"),
        (np.zeros((N, 0)), "the target y has shape (6, 0), expected (6,) or (6, targets)"),
        (
            [[1], [1, 2]] * 3,
            "the target y has rows of different lengths, expected one value for each row, or as many in each",
        ),
        (
            [{"y": 1}] * N,
            "the target y contains {'y': 1} of type dict, expected numbers, booleans or text; "
            "give one value for each row",
        ),
        (
            pd.Series(pd.period_range("2020", periods=N, freq="D")),
            "the target y contains 2020-01-01 of type Period, expected numbers, booleans or text; "
            "convert it to text or a number",
        ),
        ([1, 2], "there are 6 rows of features and 2 of the target, expected as many"),
    ],
)
def test_targets_of_a_wrong_shape_or_content(y, message):
    with pytest.raises(InputError) as caught:
        validate_target(y, N)
    assert str(caught.value) == message


@pytest.mark.parametrize("y", [[0.5, 1.0] * 3, np.full((6, 2), 0.5), [Decimal("0.5"), Decimal(1)] * 3])
def test_numbers_for_a_classifier_are_sent_to_the_regressor(y):
    with pytest.raises(InputError) as caught:
        tn.MLPClassifier().fit(np.arange(6.0)[:, None], y)
    assert str(caught.value) == (
        "Unknown label type: the target y contains 0.5, expected classes; use MLPRegressor for numbers"
    )


@pytest.mark.parametrize(
    "y", [np.eye(2)[np.arange(40) % 2], np.eye(3, dtype=int)[np.arange(40) % 3], np.eye(3, dtype=bool)[np.arange(40) % 3],
          pd.get_dummies(pd.Series(list("abcd") * 10)), np.eye(2)[np.arange(40) % 2].tolist()],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_one_hot_labels_are_learned_as_several_labels_with_a_warning(y):
    X = np.arange(40.0)[:, None]
    with pytest.warns(TidynetWarning, match="each row of y has exactly one of . labels"):
        model = tn.MLPClassifier(max_iter=1, solver="lbfgs").fit(X, y)
    assert model.is_multilabel
    assert model.predict(X).shape == np.shape(y)


def test_several_labels_per_row_give_no_warning(recwarn):
    y = np.array([[1, 1], [0, 0], [1, 0], [0, 1]] * 10)
    tn.MLPClassifier(solver="lbfgs", max_iter=50).fit(np.arange(40.0)[:, None], y)
    assert not [item for item in recwarn if issubclass(item.category, TidynetWarning)]
