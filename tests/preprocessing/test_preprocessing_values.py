"""Encoders, targets, splits and column changes: limits and defaults, against direct computations."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest

from tidynet.core.errors import InputError
from tidynet.preprocessing import SplitSpec, assign_folds, sample_test_rows, split_train_test
from tidynet.preprocessing.categories import (
    alternative_spellings,
    canonical_value,
    categories_by_canonical_value,
    category_text,
    encode_categories,
)
from tidynet.preprocessing.column_changes import ColumnChange, find_column_changes, merge_column_changes, type_name
from tidynet.preprocessing.encoders import CategoryEncoder, NumberEncoder, as_numbers, read_dates
from tidynet.preprocessing.group_time_split import sample_test_groups, select_last_rows
from tidynet.preprocessing.recipe import EncodedFeatures, Recipe
from tidynet.preprocessing.target import PART, LabelEncoder, TargetScaler, infer_task, target_values
from tidynet.table import read
from tidynet.table.variable_type import TypeInference, VariableType

# Numbers -------------------------------------------------------------------------------------------


def test_a_number_is_scaled_by_its_quartiles_and_limited_to_three() -> None:
    values = np.array([1.0, 2.0, 4.0, 8.0, 16.0, np.nan])
    encoder = NumberEncoder.fit("x", values, 1)
    assert (encoder.median, encoder.scale, encoder.mean) == (4.0, 6.0, 6.2)
    assert encoder.std_dev == pytest.approx(np.std(values[:5]))
    assert (encoder.add_indicator, encoder.edges, encoder.bin_rows) == (True, (), 0)
    z = np.array([(1 - 4) / 6, 0.0, 1e9, -1e300, np.inf])
    found = encoder.scaled_values(np.array([1.0, np.nan, 4 + 6e9, -6e300, np.inf]))
    assert found == pytest.approx([z[0] / np.sqrt(1 + z[0] ** 2 / 9), 0.0, 3.0, -3.0, 3.0])
    assert encoder.standardized(np.array([6.2, np.nan, 6.2 + encoder.std_dev])) == pytest.approx([0, 0, 1])


@pytest.mark.parametrize(
    ("values", "scale", "std_dev"),
    [
        ([0.0] * 9 + [4.0], 2.0, 1.2),  # equal quartiles: half of the range
        ([5.0] * 4, 1.0, 1.0),
        ([], 1.0, 1.0),
        ([np.nan], 1.0, 1.0),
    ],
)
def test_numbers_without_spread_have_a_scale(values: list[float], scale: float, std_dev: float) -> None:
    encoder = NumberEncoder.fit("x", np.array(values), 4)
    assert (encoder.scale, encoder.std_dev) == (scale, pytest.approx(std_dev))
    assert encoder.add_indicator == bool(values and np.isnan(values[0]))
    assert encoder.edges == ()


@pytest.mark.parametrize(("bins", "edges"), [(2, (0.0, 4.0, 8.0)), (4, (0.0, 2.0, 4.0, 6.0, 8.0)), (1, ()), (0, ())])
def test_bins_are_quantiles(bins: int, edges: tuple[float, ...]) -> None:
    encoder = NumberEncoder.fit("x", np.arange(9.0), bins)
    assert encoder.edges == edges
    assert encoder.bin_rows == len(edges)


def test_bins_of_no_width_are_merged() -> None:
    close = NumberEncoder.fit("x", np.array([1.0, 1.0 + 1e-15, 2.0, 3.0]), 3)
    assert close.edges == pytest.approx((1.0, 2.0, 3.0))
    assert NumberEncoder.fit("x", np.array([0.0, 0.0, 0.0, 1.0]), 2).edges == ()  # a single bin is none
    large = NumberEncoder.fit("x", np.array([1e6, 1e6 + 1e-9, 2e6, 3e6]), 3)
    assert large.edges == (1e6, 2e6, 3e6)


def test_values_have_a_bin_and_a_place_in_it() -> None:
    encoder = NumberEncoder("x", 3.0, 1.0, 0.0, 1.0, True, (0.0, 2.0, 4.0, 8.0))
    bins, fractions = encoder.binned(np.array([-1.0, 0.0, 1.0, 2.0, 4.0, 5.0, 8.0, 9.0, np.nan]))
    assert bins.tolist() == [0, 0, 0, 1, 2, 2, 2, 2, 3]
    assert fractions.tolist() == [0.0, 0.0, 0.5, 0.0, 0.0, 0.25, 1.0, 1.0, 1.0]
    assert bins.dtype == np.int32
    bins, fractions = replace(encoder, add_indicator=False).binned(np.array([np.nan]))
    assert (bins.tolist(), fractions.tolist()) == ([1], [0.5])


def test_times_are_days_or_seconds() -> None:
    def days(*texts: str, unit: Any = "ms") -> list[float]:
        return as_numbers(pl.Series("t", texts).str.to_datetime().cast(pl.Datetime(unit))).tolist()

    assert days("1970-01-02 12:00:00", "1969-12-31 00:00:00") == [1.5, -1.0]
    assert days("1970-01-03 06:00:00", unit="ns") == [2.25]
    zoned = pl.Series("t", ["1970-01-02 12:00:00"]).str.to_datetime().dt.replace_time_zone("Asia/Tokyo")
    assert as_numbers(zoned).tolist() == [1.5]
    assert as_numbers(pl.Series("d", [3, None], pl.Int32).cast(pl.Date)) == pytest.approx([3, np.nan], nan_ok=True)
    assert as_numbers(pl.Series("s", [1500], pl.Duration("ms"))).tolist() == [1.5]
    assert as_numbers(pl.Series("t", [90_000_000_000]).cast(pl.Time)).tolist() == [90.0]
    found = as_numbers(pl.Series("n", [" 1.5 ", "NA", None, "2"]))
    assert found == pytest.approx([1.5, np.nan, np.nan, 2], nan_ok=True)
    with pytest.raises(InputError, match="the column 'n' contains 'u', expected numbers as in training"):
        as_numbers(pl.Series("n", ["1", "u", "v"]))
    with pytest.raises(InputError, match=r"the column 'd' contains 'soon', expected a date \(year-month-day\)|'soon'"):
        read_dates(pl.Series("d", ["2020-01-31", "soon"]))
    numbers = pl.Series("n", [1, 2])
    assert read_dates(numbers) is numbers


# Categories ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("series", "texts"),
    [
        (pl.Series([1.0, 2.0, np.nan]), ["1", "2", None]),
        (pl.Series([1.0, 2.5]), ["1", "2.5"]),
        (pl.Series([1.0, 1e16]), ["1", "1e+16"]),
        (pl.Series([-0.0, 1.0]), ["0", "1"]),
        (pl.Series([0.5, 1.0]), ["0.5", "1"]),
        (pl.Series([-1e17, 3.0]), ["-1e+17", "3"]),
        (pl.Series([2.0**53 - 1]), ["9007199254740991"]),
        (pl.Series([1, 2]), ["1", "2"]),
        (pl.Series([True, None]), ["true", None]),
    ],
)
def test_categories_are_the_same_text_for_any_type(series: pl.Series, texts: list[str | None]) -> None:
    assert category_text(series).to_list() == texts


@pytest.mark.parametrize(
    ("value", "boolean", "canonical"),
    [
        (" 1.0 ", False, "1"),
        ("+2.50", False, "2.5"),
        ("-0", False, "0"),
        ("-0.0", False, "0"),
        ("10", False, "10"),
        ("100.", False, "100"),
        ("007", False, "007"),
        ("1e3", False, "1e3"),
        ("Yes", True, "true"),
        ("Yes", False, "Yes"),
        ("0", True, "false"),
        ("-", True, "-"),
        ("maybe", True, "maybe"),
    ],
)
def test_values_have_a_canonical_form(value: str, boolean: bool, canonical: str) -> None:
    assert canonical_value(value, boolean) == canonical


def test_codes_are_looked_up_as_written_and_then_in_canonical_form() -> None:
    known = ("b", "1", "1.0", "a")
    series = pl.Series("c", ["a", " b ", "1", "1.0", "1.00", "x", None, "NA", " "])
    assert encode_categories(series, known).tolist() == [3, 0, 1, 2, -1, -1, -2, -2, -2]
    assert encode_categories(pl.Series(["a", "b"]), known).tolist() == [3, 0]
    assert encode_categories(pl.Series(["NO", "y", "1"]), ("false", "true"), True).tolist() == [0, 1, 1]
    assert encode_categories(pl.Series(["NO"]), ("false", "true")).tolist() == [-1]
    assert categories_by_canonical_value(known) == {"b": 0, "a": 3}
    assert encode_categories(pl.Series(["z"]), known, by_canonical_value={"z": 2}).tolist() == [2]
    assert encode_categories(series, known).dtype == np.int32


def test_other_spellings_are_of_one_category_each() -> None:
    assert alternative_spellings(["1", "02", " u "]) == {"1.0": 0, "u": 2}
    booleans = alternative_spellings(["false", "true"], True)
    assert {"No": 0, "YES": 1, "0.0": 0, "1.0": 1}.items() <= booleans.items()
    assert "false" not in booleans
    assert alternative_spellings(["false", "true"]) == {}


def test_categories_are_in_the_known_order_or_by_name() -> None:
    column = pl.Series("c", ["m", "s", "l", None, "xl"])
    ordered = CategoryEncoder.fit(column, ("s", "m", "l", "xxl"))
    assert (ordered.categories, ordered.add_indicator, ordered.code_rows) == (("s", "m", "l", "xl"), True, 5)
    assert ordered.codes(pl.Series(["xl", "xxl", None])).tolist() == [3, -1, 4]
    plain = CategoryEncoder.fit(column.drop_nulls())
    assert (plain.categories, plain.add_indicator, plain.code_rows) == (("l", "m", "s", "xl"), False, 4)
    assert plain.codes(pl.Series(["l", None])).tolist() == [0, -1]
    assert not plain.is_boolean


# Column changes ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"n_values": 4, "n_unseen": 4}, ""),
        ({"n_values": 6, "n_unseen": 3}, ""),
        (
            {"n_values": 5, "n_unseen": 3},
            "the column 'c' has unseen categories in 3 of 5 rows ('u', 'v'); categories in training: 'a', 'b'",
        ),
        (
            {"n_values": 9, "n_unseen": 1, "observed_type": "numbers"},
            "the column 'c' is numbers, text in training; 1 of 9 values is an unseen category ('u', 'v')",
        ),
        (
            {"n_values": 9, "n_unseen": 2, "observed_type": "numbers"},
            "the column 'c' is numbers, text in training; 2 of 9 values are unseen categories ('u', 'v')",
        ),
        (
            {"n_values": 9, "observed_type": "numbers"},
            "the column 'c' is numbers, text in training; all values are known categories",
        ),
        (
            {"n_values": 9, "observed_type": "numbers", "categories": ()},
            "the column 'c' is numbers, text in training; all values were read as numbers",
        ),
        (
            {"n_values": 9, "observed_type": "numbers", "encoded_as": "seconds"},
            "the column 'c' is numbers, text in training; its values were read as seconds",
        ),
        ({"n_values": 0, "observed_type": "numbers"}, ""),
        ({"n_values": 9, "observed_type": ""}, ""),
        ({"n_values": 9, "training_type": ""}, ""),
    ],
)
def test_a_change_is_a_sentence_where_it_matters(change: dict[str, Any], sentence: str) -> None:
    item = ColumnChange("c", "text", "text", examples=("u", "v"), categories=("a", "b"))
    assert replace(item, **change).sentence() == sentence


def test_changes_of_parts_add_up() -> None:
    first = ColumnChange("c", "text", "numbers", "", 3, 2, ("u", "v"), ("a",))
    second = ColumnChange("c", "text", "dates", "", 4, 3, ("v", "w", "x"), ("a",))
    assert first + second == ColumnChange("c", "text", "numbers", "", 7, 5, ("u", "v", "w"), ("a",))
    empty = replace(first, n_values=0, n_unseen=0, examples=())
    assert (empty + second).observed_type == "dates"
    merged = merge_column_changes({"c": first}, {"c": second, "d": first})
    assert merged == {"c": first + second, "d": first}


def test_changes_are_found_by_type_and_by_category() -> None:
    number, date = NumberEncoder.fit("n", np.arange(9.0), 1), NumberEncoder.fit("d", np.arange(9.0), 1)
    date, category = replace(date, is_date=True), CategoryEncoder.fit(pl.Series("c", ["a", "b"]))
    types = {"n": "numbers", "d": "dates", "c": "text", "s": "durations"}
    encoders = (number, date, category, replace(number, name="s"), replace(number, name="gone"))
    frame = pl.DataFrame({"n": ["1", "2", None], "d": ["2020-01-01"] * 3, "c": ["a", "x", "y"], "s": [1, 2, 3]})
    found = find_column_changes(encoders, types, frame)
    assert found == {
        "n": ColumnChange("n", "numbers", "text", "", 2),
        "c": ColumnChange("c", "text", "text", "", 3, 2, ("x", "y"), ("a", "b")),
        "s": ColumnChange("s", "durations", "numbers", "seconds", 3),
    }
    assert list(find_column_changes(encoders, types, frame, only_types=True)) == ["n", "s"]
    days = find_column_changes(encoders, types, frame.with_columns(d=pl.lit(3), c=pl.lit(1)), only_types=True)
    assert days["d"].encoded_as == "days since 1970-01-01"
    assert (days["c"].observed_type, days["c"].n_unseen) == ("numbers", 3)
    assert list(find_column_changes(encoders, {}, frame)) == ["c"]


def test_types_are_named_alike_where_they_are_interchangeable() -> None:
    kinds = [pl.Int8(), pl.Float64(), pl.String(), pl.Categorical(), pl.Boolean(), pl.Duration(), pl.Time(), pl.Date()]
    assert [type_name(kind) for kind in kinds] == [
        "numbers", "numbers", "text", "text", "true and false", "durations", "times of day", "dates",
    ]  # fmt: skip
    assert type_name(pl.Datetime("us", "UTC")) == "dates"
    assert type_name(pl.List(pl.Int8)) == ""


# The recipe ----------------------------------------------------------------------------------------


def test_plain_numbers_pass_through() -> None:
    recipe = Recipe.numeric_passthrough(["a", "b"])
    found = recipe.transform(pl.DataFrame({"b": [3.0, 4.0], "a": [1, 2]}))
    assert found.numbers.tolist() == found.standardized.tolist() == [[1.0, 3.0], [2.0, 4.0]]
    assert (found.bins.shape, found.fractions.shape, found.codes.shape, found.n_categories) == ((2, 0),) * 3 + ((),)
    assert (found.rows, recipe.feature_names, recipe.used_columns) == (2, ["a", "b"], ("a", "b"))
    assert EncodedFeatures.of_numbers(np.ones((3, 2))).rows == 3


def test_features_have_names_and_a_one_hot_matrix() -> None:
    table = read({"x": [1.0, 2.5, None, 4.0] * 9, "c": ["u", "v", None, "u"] * 9, "one": [1] * 36})
    recipe = Recipe.fit(table.frame, table.inferred_types, bins=2)
    assert recipe.feature_names == ["x", "x is missing", "c = u", "c = v", "c = missing"]
    features = recipe.transform(table.frame[:4])
    assert features.dense_one_hot()[:, 1:].tolist() == [[0, 1, 0, 0], [0, 0, 1, 0], [1, 0, 0, 1], [0, 1, 0, 0]]
    assert features.dense_one_hot()[:, 0] == pytest.approx(features.standardized[:, 0])
    assert features.n_categories == (3,)
    raw = recipe.raw_numbers(table.frame[:4])
    assert raw.shape == (4, 1)
    assert raw[:, 0] == pytest.approx([1.0, 2.5, np.nan, 4.0], nan_ok=True)
    assert recipe.number_ranges(table.frame).tolist() == [[1.0], [4.0]]
    assert np.isnan(recipe.number_ranges(table.frame[2:3])).all()
    assert list(recipe.excluded_columns) == ["one"]
    assert recipe.excluded_columns["one"].startswith("constant: ")
    assert not recipe.passthrough_columns
    assert [item.name for item in recipe.binned] == ["x"]
    assert recipe.display_lines()[0] == "Recipe of 3 columns: 1 number, 1 categorical column"
    again = Recipe.from_dict(json.loads(json.dumps(recipe.to_dict())))
    assert again.to_dict() == recipe.to_dict()
    assert again.transform(table.frame).numbers.tolist() == recipe.transform(table.frame).numbers.tolist()


def test_booleans_are_read_in_any_spelling_and_other_categories_as_written() -> None:
    table = read({"open": ["yes", "no"] * 30, "word": ["on", "up"] * 30, "x": np.arange(60.0)})
    kinds = {name: table.inferred_types[name].variable_type for name in ("open", "word")}
    assert kinds == {"open": VariableType.BOOLEAN, "word": VariableType.NOMINAL}
    recipe = Recipe.fit(table.frame, table.inferred_types)
    assert [item.is_boolean for item in recipe.categories] == [True, False]
    later = pl.DataFrame({"open": ["TRUE", "0"], "word": ["on", "1"], "x": [1.0, 2.0]})
    assert recipe.transform(later).codes.tolist() == [[1, 0], [0, -1]]


def test_unseen_categories_are_noted_unless_only_types_are_asked_for() -> None:
    table = read({"c": ["u", "v"] * 30, "x": np.arange(60.0)})
    recipe = Recipe.fit(table.frame, table.inferred_types)
    later = pl.DataFrame({"c": ["new"] * 9, "x": np.arange(9.0)})
    [note] = recipe.column_change_notes(later)
    assert note == ("the column 'c' has unseen categories in 9 of 9 rows ('new'); categories in training: 'u', 'v'")
    assert recipe.column_change_notes(later, only_types=True) == []
    assert list(recipe.find_column_changes(later)) == ["c"]


@pytest.mark.parametrize(
    ("categories", "as_number"),
    [(("1", "2", "10"), True), (("1", "10", "2"), False), (("1", "2", "many"), False), (("-1", "0.5", "+2."), True)],
)
def test_ordinal_numbers_in_order_are_numbers(categories: tuple[str, ...], as_number: bool) -> None:
    frame = pl.DataFrame({"rank": [1.0, 2.0, 10.0] * 9})
    recipe = Recipe.fit(frame, {"rank": TypeInference(VariableType.ORDINAL, "", categories)})
    assert (len(recipe.numbers), len(recipe.categories)) == ((1, 0) if as_number else (0, 1))
    text = Recipe.fit(frame.cast(pl.String), {"rank": TypeInference(VariableType.ORDINAL, "", categories)})
    assert len(text.categories) == 1


def test_a_recipe_has_sixteen_bins_by_default() -> None:
    table = read({"x": np.random.default_rng(0).normal(size=400)})
    [encoder] = Recipe.fit(table.frame, table.inferred_types).numbers
    assert len(encoder.edges) == 17


# The target ----------------------------------------------------------------------------------------


def kind(name: str) -> TypeInference:
    return TypeInference(VariableType(name), "a reason")


@pytest.mark.parametrize(
    ("values", "variable_type", "requested", "task"),
    [
        ([1.5, 2.5, 3.5], "continuous", "auto", "regression"),
        ([1, 2, 3], "discrete", "auto", "regression"),
        ([1, 2, 3], "nominal", "auto", "multiclass"),
        ([1, 2, 1], "nominal", "auto", "binary"),
        ([1, 2, 1], "nominal", "regression", "regression"),
        ([1, 2, 1], "discrete", "binary", "binary"),
        ([1.0, 2.0, 3.0], "continuous", "multiclass", "multiclass"),
        (list(range(1000)), "discrete", "multiclass", "multiclass"),
        ([f"c{number}" for number in range(1000)], "nominal", "auto", "multiclass"),
    ],
)
def test_tasks_follow_from_the_type_or_the_request(values: Any, variable_type: str, requested: str, task: str) -> None:
    assert infer_task(pl.Series("y", values), kind(variable_type), requested) == task


@pytest.mark.parametrize(
    ("values", "variable_type", "requested", "message"),
    [
        (
            [1, 2],
            "discrete",
            "binry",
            "--task is 'binry', expected auto, binary, multiclass or regression; did you mean",
        ),
        ([None, None], "nominal", "auto", "the target 'y' is missing in every row"),
        ([7, 7, None], "nominal", "auto", "the target 'y' has one value, 7, expected two or more"),
        (["a", "b"], "identifier", "auto", "the target 'y' is an identifier (a reason), which cannot be predicted"),
        (["a", "b"], "text", "auto", "the target 'y' is text (a reason), expected classes or numbers"),
        (["a", "b"], "datetime", "auto", "the target 'y' is a date, expected classes or numbers"),
        (
            ["a", "b"],
            "nominal",
            "regression",
            "--task regression needs numbers, but the target 'y' is nominal, such as",
        ),
        (
            ["a", "b"],
            "nominal",
            "multiclass",
            "--task multiclass needs three classes or more, but the target 'y' has 2",
        ),
        (["a", "b", "c"], "nominal", "binary", "needs two classes, but the target 'y' has 3; choose multiclass"),
        ([1, 2, 3], "discrete", "binary", "has 3; choose multiclass or regression"),
        ([1.0, 2.5, 3.0], "continuous", "multiclass", "the target 'y' has fractions, such as 1.0"),
        (list(range(1001)), "discrete", "multiclass", "has 1001 distinct values, more than 1000 classes"),
        ([f"c{n}" for n in range(1001)], "nominal", "auto", "the target 'y' has 1001 classes, more than 1000"),
    ],
)
def test_targets_that_no_network_predicts_are_refused(
    values: Any, variable_type: str, requested: str, message: str
) -> None:
    with pytest.raises(InputError) as caught:
        infer_task(pl.Series("y", values), kind(variable_type), requested)
    assert message in str(caught.value)


def test_labels_keep_their_type() -> None:
    assert target_values(pl.Series([1.0, 2.0]), "binary").dtype == np.int64
    assert target_values(pl.Series([1.0, 2.5]), "binary").tolist() == [1.0, 2.5]
    assert target_values(pl.Series([True, False]), "binary").tolist() == [True, False]
    assert target_values(pl.Series([3, 4], dtype=pl.Int8), "multiclass").dtype == np.int8
    assert target_values(pl.Series([1500, 250], dtype=pl.Duration("ms")), "regression").tolist() == [1.5, 0.25]
    assert target_values(pl.Series([1, 2]), "regression").dtype == np.float64


@pytest.mark.parametrize("rows", [4, PART + 3])
def test_targets_are_encoded_in_parts(rows: int) -> None:
    labels = np.array(["b", "a", "c", "b"])[np.arange(rows) % 4]
    encoder = LabelEncoder.fit(labels)
    assert encoder.transform(labels).tolist() == [[1, 0, 2, 1][number % 4] for number in range(rows)]
    assert encoder.transform(labels[:4], np.int8).dtype == np.int8
    for unknown in ("d", "aa"):
        with pytest.raises(InputError, match=rf"the class '{unknown}' is unknown; known are \['a', 'b', 'c'\]"):
            encoder.transform(np.array([*labels[: rows - 1], unknown]))
    values = np.column_stack([np.arange(rows), np.full(rows, 7.0)]).astype(float)
    scaler = TargetScaler.fit(values)
    assert scaler.std.tolist() == [pytest.approx(np.std(np.arange(rows))), 1.0]
    standardized = scaler.transform(values)
    assert standardized[:, 0] == pytest.approx((np.arange(rows) - (rows - 1) / 2) / np.std(np.arange(rows)))
    assert scaler.inverse_transform(standardized) == pytest.approx(values)
    assert scaler.transform(values, np.float32).dtype == np.float32


def test_weights_count_in_the_scale_of_a_target() -> None:
    values, weights = np.array([[1.0], [2.0], [6.0]]), np.array([1.0, 2.0, 1.0])
    scaler = TargetScaler.fit(values, weights)
    repeated = np.array([1.0, 2.0, 2.0, 6.0])
    assert (scaler.mean[0], scaler.std[0]) == (pytest.approx(repeated.mean()), pytest.approx(repeated.std()))


# Splits --------------------------------------------------------------------------------------------


def test_a_sample_of_each_class_leaves_one_row() -> None:
    classes = np.repeat([5, 7, 9], [1, 2, 17])
    rng = np.random.default_rng
    rows = sample_test_rows(np.arange(20), 0.9, rng(0), classes)
    assert np.bincount(classes[rows], minlength=10)[[5, 7, 9]].tolist() == [0, 1, 16]
    assert rows.tolist() == sorted(rows)
    assert len(sample_test_rows(np.arange(20), 0.01, rng(0), classes)) == 1
    assert len(sample_test_rows(np.arange(20), 0.01, rng(0), None)) == 1
    assert len(sample_test_rows(np.arange(20), 0.49, rng(0), None)) == 10
    some = np.array([3, 8, 11, 15])
    assert set(sample_test_rows(some, 0.5, rng(0), None)) < set(some)


@pytest.mark.parametrize("classes", [None, np.arange(23) % 2])
def test_folds_have_equal_sizes(classes: Any) -> None:
    folds = assign_folds(23, 5, np.random.default_rng(0), classes)
    assert sorted(map(len, folds)) == [4, 4, 5, 5, 5]
    assert sorted(np.concatenate(folds)) == list(range(23))
    if classes is not None:
        assert all(abs(np.sum(classes[fold]) - 11 / 5) < 1 for fold in folds)


@pytest.mark.parametrize(
    ("test_size", "validation_size", "message"),
    [(0.0, 0.2, "test_size is 0, expected a fraction between 0 and 1"), (1.0, 0.2, "test_size is 1"),
     (0.2, 1.0, "validation_size is 1, expected a fraction from 0 to below 1"), (0.2, -0.1, "validation_size is -0.1")],
)  # fmt: skip
def test_fractions_outside_their_range_are_refused(test_size: float, validation_size: float, message: str) -> None:
    with pytest.raises(InputError, match=message):
        split_train_test(100, test_size, validation_size)


def test_parts_have_a_fifth_of_the_rows_by_default() -> None:
    split = split_train_test(100)
    assert [len(part) for part in (split.training, split.validation, split.test)] == [64, 16, 20]
    assert (split.stratified, split.notes, split.split_spec.description) == (False, (), "")
    none = split_train_test(100, 0.3, 0.0)
    assert [len(part) for part in (none.training, none.validation, none.test)] == [70, 0, 30]
    assert split_train_test(100, seed=0).test.tolist() == split.test.tolist()
    assert split_train_test(100, seed=1).test.tolist() != split.test.tolist()


def test_classes_of_one_row_are_named() -> None:
    codes = np.array([0] * 40 + [1, 2] + [3] * 40)
    two = split_train_test(82, classes=codes, labels=("a", "b", "c", "d"))
    assert two.notes == ("2 classes have one row each ('b', 'c'); in the training set, not stratified",)
    assert {40, 41} <= set(two.training)
    one = split_train_test(81, classes=np.delete(codes, 40))
    assert one.notes == ("the class '2' has one row; in the training set, not stratified",)
    assert one.stratified


def test_splits_of_columns_say_what_is_tested() -> None:
    table = read({"who": [number // 4 for number in range(40)], "when": list(range(40))})
    grouped = split_train_test(40, 0.2, 0.2, split_spec=SplitSpec.from_columns(table, "who", None))
    assert grouped.notes == ("test set: all rows of 2 of 10 values of 'who'",)
    assert (grouped.stratified, grouped.split_spec.description) == (False, "by group ('who')")
    timed = split_train_test(40, 0.2, 0.25, split_spec=SplitSpec.from_columns(table, None, "when"))
    assert timed.notes == ("test set: the last 20% of the rows by 'when'",)
    assert timed.test.tolist() == list(range(32, 40))
    assert timed.validation.tolist() == list(range(24, 32))
    assert timed.split_spec.description == "by time ('when')"
    assert timed.split_spec.to_dict() == {"time": "when"}
    assert grouped.split_spec.to_dict() == {"group": "who"}
    assert SplitSpec().to_dict() == {}


def test_the_last_rows_are_those_of_the_nearest_times() -> None:
    order = np.array([0, 0, 0, 1, 1, 2, 3, 3, 3, 3])
    rows = np.arange(10)
    for fraction, begins in ((0.4, 6), (0.45, 6), (0.46, 5), (0.05, 6), (0.95, 3)):
        assert select_last_rows(rows, fraction, order).tolist() == list(range(begins, 10))
    assert select_last_rows(rows[:3], 0.5, order).tolist() == []
    assert select_last_rows(np.array([9, 5, 0]), 0.3, order).tolist() == [9]


def test_groups_of_a_sample_are_the_nearest_in_size_and_classes() -> None:
    groups, classes = np.repeat(np.arange(6), 10), np.repeat([0, 1, 0, 1, 0, 1], 10)
    rows = sample_test_groups(np.arange(60), 1 / 3, np.random.default_rng(0), groups, classes)
    assert len(rows) == 20
    assert np.bincount(classes[rows]).tolist() == [10, 10]
    assert sample_test_groups(np.arange(10), 0.5, np.random.default_rng(0), groups).tolist() == []
    two = sample_test_groups(np.arange(20), 0.9, np.random.default_rng(0), groups)
    assert len(two) == 10  # never all groups


@pytest.mark.parametrize("column", [pl.Series("g", [[1], [2], [3]]), pl.Series("g", [b"a", b"b", b"c"])])
def test_columns_of_lists_or_bytes_are_no_groups(column: pl.Series) -> None:
    from tidynet.preprocessing.group_time_split import _groups

    with pytest.raises(InputError, match=r"the column 'g' is .*, expected single values to split by"):
        _groups(column, "g")
    assert _groups(pl.Series("g", ["b", None, "a", "b", None]), "g").tolist() == [1, 2, 0, 1, 3]
    with pytest.raises(InputError, match="the column 'g' has 2 different values, expected at least 3 to split by"):
        _groups(pl.Series("g", [1, 2, 1]), "g")
    assert _groups(pl.Series("g", [None] * 3, pl.Int8), "g").tolist() == [0, 1, 2]
