"""The same value is the same level, however a later table writes it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import polars as pl
import pytest

import tidynet as tn
from tidynet.core.errors import ColumnWarning, InputError
from tidynet.output.export import standalone_predictor as standalone
from tidynet.preprocessing import Recipe
from tidynet.preprocessing.categories import (
    MISSING_CATEGORY,
    UNSEEN_CATEGORY,
    alternative_spellings,
    canonical_value,
    categories_by_canonical_value,
    encode_categories,
)
from tidynet.table.boolean_and_na_values import BOOLEAN_PAIRS, NA_VALUES


@pytest.mark.parametrize(
    ("levels", "boolean", "values", "codes"),
    [
        (["false", "true"], True, [True, False, None], [1, 0, MISSING_CATEGORY]),
        (["false", "true"], True, ["True", "TRUE", " true ", "yes", "1", "1.0", "F"], [1, 1, 1, 1, 1, 1, 0]),
        (["false", "true"], True, [1, 0, 2], [1, 0, UNSEEN_CATEGORY]),
        (["false", "true"], True, [1.0, 0.0, 0.5], [1, 0, UNSEEN_CATEGORY]),
        (["False", "True"], True, [False, True], [0, 1]),
        (["0", "1"], True, ["no", "yes", "maybe"], [0, 1, UNSEEN_CATEGORY]),
        (["1. Yes", "2. No"], True, ["yes", "No", "2. no"], [0, 1, 1]),
        (["-", "+"], True, ["-", "+", "yes"], [0, 1, 1]),
        (["no", "yes"], True, ["-", "?", ""], [MISSING_CATEGORY] * 3),
        (["-1", "1"], True, [1, -1, 0], [1, 0, UNSEEN_CATEGORY]),
        (["1", "2", "3"], False, [1.0, 2.0, None], [0, 1, MISSING_CATEGORY]),
        (["1", "2", "3"], False, ["1.0", "+2", " 3 ", "03", "4"], [0, 1, 2, UNSEEN_CATEGORY, UNSEEN_CATEGORY]),
        (["1.0", "2.0"], False, [1, 2], [0, 1]),
        (["007", "7"], False, ["7.0", "007", 7], [1, 0, 1]),
        (["no", "yes"], False, ["No", "true"], [UNSEEN_CATEGORY, UNSEEN_CATEGORY]),
        (["b", " b"], False, ["b", " b", "b "], [0, 1, UNSEEN_CATEGORY]),
        (["NA", "DE"], False, ["NA", "N/A"], [0, MISSING_CATEGORY]),
    ],
)
def test_codes_of_levels_however_they_are_written(
    levels: list[str], boolean: bool, values: list[Any], codes: list[int]
) -> None:
    mixed = len({type(value) for value in values if value is not None}) > 1
    series = pl.Series("x", [str(value) for value in values] if mixed else values)
    assert encode_categories(series, levels, boolean).tolist() == codes


def test_what_a_file_for_numpy_alone_knows_of_spellings_is_what_tables_are_read_by() -> None:
    assert set(NA_VALUES) == standalone.NA_VALUES
    assert {false for false, _ in BOOLEAN_PAIRS} - standalone.NA_VALUES == standalone.FALSE
    assert {true for _, true in BOOLEAN_PAIRS} == standalone.TRUE
    for cell in (" 1.50", "+2", "-0", "007", "7.", "1. Yes", "NO", "maybe", "-", " été"):
        for boolean in (False, True):
            assert standalone.canonical_value(cell, boolean) == canonical_value(cell, boolean)


def test_further_spellings_mean_one_level_alone() -> None:
    assert alternative_spellings(["1", "1.0", "2"]) == {"2.0": 2}
    assert categories_by_canonical_value(["1", "1.0", "2"]) == {"2": 2}


def fitted() -> tuple[Recipe, pl.DataFrame]:
    rng = np.random.default_rng(0)
    table = tn.read(
        {
            "member": [bool(value) for value in rng.random(60) < 0.5],
            "grade": rng.choice([1, 2, 3], 60),
            "age": rng.normal(40, 9, 60),
            "day": [dt.date(2024, 1, 1) + dt.timedelta(days=int(day)) for day in rng.integers(0, 300, 60)],
        },
        variable_types={"grade": "nominal"},
    )
    return Recipe.fit(table.frame, table.inferred_types), table.frame


def test_other_types_are_noted_and_make_the_same_features() -> None:
    recipe, frame = fitted()
    assert recipe.column_change_notes(frame) == []
    wanted = recipe.transform(frame)
    text = frame.with_columns(
        pl.col("member").cast(pl.String).str.to_titlecase(),
        pl.col("grade").cast(pl.Float64).cast(pl.String),
        pl.col("age").cast(pl.String),
        pl.col("day").dt.strftime("%Y-%m-%d"),
    )
    found = recipe.transform(text)
    np.testing.assert_array_equal(found.codes, wanted.codes)
    np.testing.assert_allclose(found.numbers, wanted.numbers)
    assert recipe.column_change_notes(text) == [
        "the column 'age' is text, numbers in training; all values were read as numbers",
        "the column 'member' is text, true and false in training; all values are known categories",
        "the column 'grade' is text, numbers in training; all values are known categories",
    ]


def test_cells_that_spell_a_gap_are_missing_in_numbers_and_dates() -> None:
    recipe, frame = fitted()
    gaps = frame.with_columns(age=pl.lit(None, pl.Float64), day=pl.lit(None, pl.Date))
    spelt = frame.with_columns(age=pl.lit("NA"), day=pl.lit(" - "))
    np.testing.assert_array_equal(recipe.transform(spelt).numbers, recipe.transform(gaps).numbers)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            {"age": pl.col("day")},
            "the column 'age' contains dates, expected numbers as in training; convert the column",
        ),
        (
            {"day": pl.lit(dt.timedelta(days=3))},
            "the column 'day' contains durations, expected dates as in training; convert the column",
        ),
        (
            {"age": pl.lit("unknown")},
            "the column 'age' contains 'unknown', expected numbers as in training; correct the values",
        ),
    ],
)
def test_what_cannot_be_meant_is_refused(change: dict[str, pl.Expr], sentence: str) -> None:
    recipe, frame = fitted()
    with pytest.raises(InputError) as caught:
        recipe.transform(frame.with_columns(**change))
    assert str(caught.value) == sentence


def test_dates_that_come_as_numbers_are_days() -> None:
    recipe, frame = fitted()
    days = frame.with_columns(pl.col("day").cast(pl.Int32))
    np.testing.assert_array_equal(recipe.transform(days).numbers, recipe.transform(frame).numbers)
    assert recipe.column_change_notes(days) == [
        "the column 'day' is numbers, dates in training; its values were read as days since 1970-01-01"
    ]


def test_a_column_whose_values_are_mostly_new_is_noted() -> None:
    recipe, frame = fitted()
    new = frame.with_columns(grade=pl.col("grade") + 7)
    shown = ", ".join(f"'{value}'" for value in new["grade"].unique(maintain_order=True))
    assert recipe.column_change_notes(new) == [
        f"the column 'grade' has unseen categories in 60 of 60 rows ({shown}); categories in training: '1', '2', '3'"
    ]


def test_one_odd_cell_changes_its_own_row_alone_and_is_reported() -> None:
    import pandas as pd

    _, frame = fitted()
    given = frame.select("member", "age").to_pandas()
    y = np.where(given["member"], "in", "out")
    model = tn.MLPClassifier(random_state=0, max_iter=20, n_networks=1).fit(given, y)
    odd = given.assign(member=given["member"].astype(object))
    odd.loc[3, "member"] = "maybe"
    assert odd["member"].dtype == object
    with pytest.warns(ColumnWarning) as caught:
        found = model.predict_proba(pd.DataFrame(odd))
    others = np.arange(60) != 3
    np.testing.assert_array_equal(found[others], model.predict_proba(given)[others])
    assert {str(one.message) for one in caught} == {
        "the column 'member' is text, true and false in training; 1 of 60 values is an unseen category ('maybe')"
    }
