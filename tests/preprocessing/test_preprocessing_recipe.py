"""Recipes: fitted once, applied to later rows."""

import datetime as dt
import json

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tidynet.core.errors import InputError
from tidynet.preprocessing import Recipe, infer_task, target_values
from tidynet.preprocessing.categories import category_text
from tidynet.preprocessing.encoders import CategoryEncoder, NumberEncoder, as_numbers
from tidynet.table import TypeInference, VariableType, infer_types, read

FINITE = st.floats(-1e6, 1e6, allow_subnormal=False)


def mixed_table():
    rng = np.random.default_rng(0)
    return read(
        {
            "price": [None, *rng.gamma(2, 10, 59).tolist()],
            "color": [["red", "blue", None][i % 3] for i in range(60)],
            "size": [["small", "medium", "large"][i % 3] for i in range(60)],
            "sold": [bool(i % 2) for i in range(60)],
            "day": [dt.date(2024, 1, 1) + dt.timedelta(days=7 * (i % 20)) for i in range(60)],
            "one": [1] * 60,
            "key": [f"K-{i * 7919 % 9973:05d}" for i in range(60)],
        }
    )


def fitted(table=None):
    table = table or mixed_table()
    return Recipe.fit(table.frame, table.inferred_types, bins=4), table.frame


@given(arrays(np.float64, st.integers(2, 60), elements=st.one_of(FINITE, st.just(np.nan))), st.integers(2, 20))
def test_bins_and_fractions_give_the_number_back(values, bins):
    encoder = NumberEncoder.fit("x", values, bins)
    assert np.isfinite(encoder.scaled_values(values)).all()
    assert np.abs(encoder.scaled_values(values)).max() <= 3.0 + 1e-9
    if encoder.edges:
        edges = np.array(encoder.edges)
        placed, fractions = encoder.binned(values)
        known = ~np.isnan(values)
        back = edges[placed[known]] + fractions[known] * np.diff(edges)[placed[known]]
        np.testing.assert_allclose(back, np.clip(values[known], edges[0], edges[-1]), rtol=1e-7, atol=1e-6)
        assert ((fractions >= 0) & (fractions <= 1)).all()
        assert (placed[~known] == len(edges) - 1).all()


def test_scaling_is_robust_and_standardization_plain():
    encoder = NumberEncoder.fit("x", np.array([1.0, 2.0, 3.0, 4.0, 1000.0]), 4)
    assert (encoder.median, encoder.scale) == (3.0, 2.0)
    assert encoder.scaled_values(np.array([3.0, 5.0, np.nan])).round(3).tolist() == [0.0, 0.949, 0.0]
    assert encoder.standardized(np.array([1.0, 2.0, 3.0, 4.0, 1000.0])).std() == pytest.approx(1)


def test_table_becomes_numbers_and_codes():
    recipe, frame = fitted()
    features = recipe.transform(frame)
    assert set(recipe.excluded_columns) == {"one", "key"}
    assert [encoder.name for encoder in recipe.numbers] == ["price", "day"]
    assert [encoder.name for encoder in recipe.categories] == ["color", "size", "sold"]
    assert recipe.categories[1].categories == ("small", "medium", "large")
    assert features.numbers.shape == (60, 3)  # two numbers and the missing mark of price
    assert features.n_categories == (3, 3, 2)
    matrix = features.dense_one_hot()
    assert matrix.shape[1] == len(recipe.feature_names) == 3 + 3 + 3 + 2
    assert (matrix[:, 3:].sum(axis=1) == 3).all()


def test_levels_that_are_numbers_in_order_are_placed_as_numbers():
    frame = pl.DataFrame({"month": [1, 2, 3, 4] * 5, "size": ["s", "m", "l", "m"] * 5, "mark": [3, 1, 2, 1] * 5})
    rising, falling = ("1", "2", "3", "4"), ("3", "2", "1")
    inferred = {
        "month": TypeInference(VariableType.ORDINAL, "", rising),
        "size": TypeInference(VariableType.ORDINAL, "", ("s", "m", "l")),
        "mark": TypeInference(VariableType.ORDINAL, "", falling),
    }
    recipe = Recipe.fit(frame, inferred)
    assert [encoder.name for encoder in recipe.numbers] == ["month"]
    assert {encoder.name: encoder.categories for encoder in recipe.categories} == {
        "size": ("s", "m", "l"),
        "mark": falling,
    }


def test_later_tables_may_differ_in_order_extras_levels_missing_values_and_types():
    recipe, frame = fitted()
    expected = recipe.transform(frame)
    other = frame.select(reversed(frame.columns)).with_columns(extra=1)
    np.testing.assert_array_equal(recipe.transform(other).codes, expected.codes)
    strange = frame.with_columns(color=pl.lit("mauve"), day=pl.lit(None, pl.Date), sold=pl.lit(None, pl.Boolean))
    features = recipe.transform(strange)
    assert (features.codes[:, 0] == -1).all()
    assert (features.codes[:, 2] == -1).all()
    assert np.isfinite(features.numbers).all()
    text = frame.with_columns(pl.col("price").cast(pl.String))
    np.testing.assert_allclose(recipe.transform(text).numbers, expected.numbers)


def test_recipe_survives_json_exactly():
    recipe, frame = fitted()
    again = Recipe.from_dict(json.loads(json.dumps(recipe.to_dict())))
    assert again == recipe
    np.testing.assert_array_equal(again.transform(frame).fractions, recipe.transform(frame).fractions)


def test_nothing_is_fitted_on_later_rows():
    recipe, frame = fitted()
    first = recipe.transform(frame[:1]).numbers
    shifted = frame.with_columns(pl.col("price") * 1000)
    np.testing.assert_array_equal(recipe.transform(pl.concat([frame[:1], shifted[1:]])).numbers[:1], first)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda frame: frame.rename({"price": "prise"}),
            "the table has no column 'price', which the model was trained on; did you mean 'prise'?",
        ),
        (
            lambda frame: frame.with_columns(price=pl.lit("dear")),
            "the column 'price' contains 'dear', expected numbers as in training; correct the values",
        ),
        (
            lambda frame: frame.with_columns(price=pl.lit(float("inf"))),
            "the column 'price' contains inf in row 1, expected finite numbers; correct or drop the row",
        ),
    ],
)
def test_tables_that_do_not_fit(change, message):
    recipe, frame = fitted()
    with pytest.raises(InputError) as caught:
        recipe.transform(change(frame))
    assert str(caught.value) == message


def test_no_usable_column():
    table = read({"one": [1] * 30, "key": [f"K-{i * 7919 % 9973:05d}" for i in range(30)]})
    with pytest.raises(InputError) as caught:
        Recipe.fit(table.frame, table.inferred_types)
    assert str(caught.value).startswith("the table has no usable feature ('one': constant: every ")
    assert str(caught.value).endswith("add a column of numbers or categories besides the target")


@pytest.mark.parametrize(
    ("series", "expected"),
    [
        (pl.Series([1, 2, None]), ["1", "2", None]),
        (pl.Series([1.0, 2.0, float("nan")]), ["1", "2", None]),
        (pl.Series([1e15, -2.0]), ["1000000000000000", "-2"]),
        (pl.Series([2.0**60, 2.5]), ["1.152921504606847e+18", "2.5"]),
        (pl.Series(["1", "2", None]), ["1", "2", None]),
        (pl.Series([True, False, None]), ["true", "false", None]),
    ],
)
def test_levels_are_the_same_text_whatever_the_type(series, expected):
    assert category_text(series).to_list() == expected


def test_categories_code_by_level():
    encoder = CategoryEncoder.fit(pl.Series("c", [3.0, 1.0, None, 3.0]))
    assert encoder.categories == ("1", "3")
    assert encoder.codes(pl.Series("c", [1, 3, None, 7])).tolist() == [0, 1, 2, -1]


def test_dates_and_durations_are_numbers():
    assert as_numbers(pl.Series([dt.date(1970, 1, 3), None])).tolist()[0] == 2.0
    assert as_numbers(pl.Series([dt.datetime(1970, 1, 1, 12)])).tolist() == [0.5]
    assert as_numbers(pl.Series([dt.timedelta(minutes=2)])).tolist() == [120.0]


def task_of(values, asked="auto"):
    frame = pl.DataFrame({"y": values})
    return infer_task(frame["y"], infer_types(frame)["y"], asked)


@pytest.mark.parametrize(
    ("values", "asked", "task"),
    [
        (["a", "b"] * 20, "auto", "binary"),
        (["a", "b", "c"] * 20, "auto", "multiclass"),
        ([0, 1] * 20, "auto", "binary"),
        (np.linspace(0, 1, 40), "auto", "regression"),
        (list(range(5, 45)), "regression", "regression"),
        ([1, 2, 3, 4] * 10, "multiclass", "multiclass"),
    ],
)
def test_task_suits_the_target(values, asked, task):
    assert task_of(values, asked) == task


@pytest.mark.parametrize(
    ("values", "asked", "message"),
    [
        ([None] * 9, "auto", "the target 'y' is missing in every row; choose another column"),
        (["a"] * 9, "auto", "the target 'y' has one value, 'a', expected two or more; choose another column"),
        (
            ["a", "b"] * 9,
            "regression",
            "--task regression needs numbers, but the target 'y' is nominal, such as 'a'; remove --task, or choose binary",
        ),
        (["a", "b", "c"] * 9, "binary", "--task binary needs two classes, but the target 'y' has 3; choose multiclass"),
        (["a", "b"] * 9, "multiclass", "--task multiclass needs three classes or more, but the target 'y' has 2; choose binary"),
        (["a", "b"] * 9, "regresion", "--task is 'regresion', expected auto, binary, multiclass or regression; did you mean 'regression'?"),
    ],
)  # fmt: skip
def test_targets_that_cannot_be(values, asked, message):
    with pytest.raises(InputError) as caught:
        task_of(values, asked)
    assert str(caught.value) == message


def test_target_values_keep_their_type():
    assert target_values(pl.Series([1.0, 2.0]), "binary").dtype == np.int64
    assert target_values(pl.Series(["b", "a"]), "binary").tolist() == ["b", "a"]
    assert target_values(pl.Series([True, False]), "binary").dtype == bool
    assert target_values(pl.Series([1, 2]), "regression").dtype == np.float64


def test_dates_as_text_are_read_the_way_training_read_them():
    text = [f"{1 + i % 12}/{1 + i % 28}/2023" for i in range(60)]
    table = read({"when": text, "x": np.arange(60) % 7 / 3})
    recipe = Recipe.fit(table.frame, table.inferred_types)
    encoder = recipe.numbers[0]
    assert (encoder.is_date, encoder.date_format != "") == (True, True)
    later = pl.DataFrame({"when": ["3/4/2023", None], "x": [0.0, 1.0]})
    dated = pl.DataFrame({"when": [dt.date(2023, 3, 4), None], "x": [0.0, 1.0]})
    np.testing.assert_array_equal(recipe.transform(later).numbers, recipe.transform(dated).numbers)
    with pytest.raises(InputError) as caught:
        recipe.transform(pl.DataFrame({"when": ["soon"], "x": [0.0]}))
    assert (
        str(caught.value)
        == f"the column 'when' contains 'soon', expected a date ({encoder.date_format}); correct the values"
    )


@pytest.mark.parametrize("values", [[1, 2], [1, 2, 3]])
def test_a_duration_is_a_number_however_few_values_it_has(values):
    from datetime import timedelta

    from tidynet.table import TypeInference, VariableType

    series = pl.Series("y", [timedelta(hours=value) for value in values] * 9)
    assert infer_task(series, TypeInference(VariableType.DURATION, "a duration")) == "regression"
    assert target_values(series, "regression").tolist() == [3600.0 * value for value in values] * 9


def test_without_a_similar_name_the_error_lists_the_columns():
    with pytest.raises(InputError) as caught:
        Recipe.numeric_passthrough(["age"]).transform(pl.DataFrame({"city": [1.0], "pay": [2.0]}))
    assert str(caught.value) == (
        "the table has no column 'age', which the model was trained on; its columns are 'city', 'pay'"
    )


@pytest.mark.parametrize("place", [0, 1, 2])
def test_the_columns_after_an_excluded_one_are_used(place):
    columns = {"a": [0.1, 0.5, 0.2, 0.9], "b": ["x", "y", "x", "y"]}
    names = list(columns)
    names.insert(place, "constant")
    frame = pl.DataFrame({name: columns.get(name, [7.0] * 4) for name in names})
    kinds = {"a": VariableType.CONTINUOUS, "b": VariableType.NOMINAL, "constant": VariableType.CONSTANT}
    recipe = Recipe.fit(frame, {name: TypeInference(kinds[name], "given") for name in names})
    assert recipe.used_columns == ("a", "b")
    assert list(recipe.excluded_columns) == ["constant"]
