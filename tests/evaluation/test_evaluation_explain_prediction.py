"""What moves one row's prediction: from a model and a table to words, bars and files."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import tidynet
from tidynet.core.errors import InputError
from tidynet.evaluation.contributions import FeatureContribution, PredictionExplanation, contribution_bar

QUICK: dict[str, Any] = {"random_state": 0, "max_iter": 4, "effort": "fast"}


@pytest.fixture(scope="module")
def model() -> Any:
    table = tidynet.read("penguins")
    return tidynet.MLPClassifier(**QUICK).fit(table.drop(target="species"), table["species"])


def test_a_row_is_counted_from_1_and_the_target_is_not_needed(model: Any) -> None:
    table = tidynet.read("penguins")
    found = tidynet.explain_prediction(model, table, row=300)
    probability = model.predict_proba(table)
    place = probability[299].argmax()
    assert found.row == 300
    assert found.of == f"probability of '{model.classes_[place]}'"
    assert found.prediction == pytest.approx(probability[299, place])
    assert found.base_value == pytest.approx(probability[:, place].mean())
    assert sum(one.value for one in found.columns) == pytest.approx(found.prediction - found.base_value, abs=1e-6)
    assert tidynet.explain_prediction(model, table.drop("species"), row=300) == found
    assert {one.column for one in found.columns} == set(model.recipe_.used_columns)


def test_one_row_is_compared_with_a_background(model: Any) -> None:
    table = tidynet.read("penguins")
    alone = table.take([299])
    with pytest.raises(InputError, match=r"'penguins' has 1 row, expected at least 2 .*--background TABLE"):
        tidynet.explain_prediction(model, alone)
    found = tidynet.explain_prediction(model, alone, background=table)
    assert found.row == 1
    assert found.columns == tidynet.explain_prediction(model, table, row=300).columns


def test_labels_that_are_numbers_are_found_by_their_text() -> None:
    x = np.random.default_rng(0).normal(size=(120, 2))
    model = tidynet.MLPClassifier(**QUICK, preset="tidynet").fit(x, (x[:, 0] > 0).astype(int))
    found = tidynet.explain_prediction(model, x, row=2, class_label="1")
    assert found.of == "probability of '1'"
    assert found == tidynet.explain_prediction(model, x, row=2, class_label=1)


def test_a_number_without_a_name_is_a_prediction() -> None:
    x = np.random.default_rng(0).normal(size=(60, 2))
    found = tidynet.explain_prediction(
        tidynet.MLPRegressor(random_state=0, max_iter=5, preset="tidynet").fit(x, x[:, 0]), x
    )
    assert found.heading.startswith("Row 1: prediction ")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"row": 0}, "the row is 0, expected 1 to 344 in 'penguins'"),
        ({"row": 345}, "the row is 345, expected 1 to 344 in 'penguins'"),
        ({"class_label": "Emperor"}, "the class is 'Emperor', expected one of 'Adelie', 'Chinstrap', 'Gentoo'"),
        (
            {"background": tidynet.read("penguins").frame.with_columns(year=pl.date("year", 1, 1))},
            "'year' is Date in the background 'table', expected Int64 as in the row; read both with the same options",
        ),
        (
            {"background": tidynet.read("penguins").frame.with_columns(year=pl.lit("late"))},
            "the column 'year' contains 'late', expected numbers as in training; correct the values",
        ),
    ],
)
def test_invalid_arguments_are_one_sentence(model: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as caught:
        tidynet.explain_prediction(model, "penguins", **options)
    assert str(caught.value) == message


def test_a_missing_column_and_a_model_that_is_not_fitted_are_refused(model: Any) -> None:
    with pytest.raises(InputError, match="the table has no column 'island', which the model was trained on"):
        tidynet.explain_prediction(model, tidynet.read("penguins").drop("island"))
    with pytest.raises(InputError, match="MLPClassifier is not fitted; call fit first"):
        tidynet.explain_prediction(tidynet.MLPClassifier(), "penguins")


def contributions(count: int, *, draws: int = 0) -> PredictionExplanation:
    values = [(-1) ** place / (place + 1) for place in range(count)]
    columns = tuple(
        FeatureContribution(f"c{place}", str(place), value, 0.01 if draws else 0.0)
        for place, value in enumerate(values)
    )
    return PredictionExplanation(7, "predicted 'y'", 10.0, 10 + sum(values), columns, 200, draws, not draws)


def test_the_text_has_bars_and_the_sum() -> None:
    lines = repr(contributions(15, draws=80)).splitlines()
    assert lines[0] == "Row 7: predicted 'y' 10.73; average over 200 rows 10.00"
    assert lines[3].split() == ["c0", "0", "│████████████████", "+1.00", "±", "0.02"]
    assert lines[4].split() == ["c1", "1", "████████│", "−0.50", "±", "0.02"]
    assert lines[15].startswith("3 other columns")
    assert lines[17] == "10.00 (average) + 0.73 (contributions) = 10.73 (prediction)."
    assert lines[18] == "Shapley values of 80 random column orders, each also reversed; ± is the 95% CI."
    assert repr(contributions(3)).endswith("Exact Shapley values: all subsets of 3 columns, 200 background rows.")


def test_a_shortened_explanation_has_the_same_text() -> None:
    whole = contributions(60, draws=80)
    short = whole.shortened()
    assert (len(short.columns), short.other_columns) == (30, 30)
    assert repr(short) == repr(whole)
    assert short.svg() == whole.svg()
    assert PredictionExplanation.from_dict(json.loads(json.dumps(short.to_dict()))) == short


def test_a_difference_of_the_sum_is_stated() -> None:
    found = contributions(3)
    off = PredictionExplanation(**{**vars(found), "prediction": found.prediction + 0.25})
    assert off.cumulative_sums.endswith("; difference 0.25.")


@pytest.mark.parametrize("lowest", [-2.0, -0.1, 0.0])
@pytest.mark.parametrize("highest", [0.0, 0.3, 5.0])
def test_bars_are_as_long_as_one_another_and_none_vanishes(lowest: float, highest: float) -> None:
    for value in (lowest, highest, highest / 1000, lowest / 1000):
        drawn = contribution_bar(value, lowest, highest)
        assert len(drawn) == 25
        assert any(mark in drawn for mark in "█▌▐") == (value != 0)


def test_files_contain_a_figure_the_data_or_the_text(tmp_path: Path) -> None:
    found = contributions(4)
    assert found.save(tmp_path / "why.svg") == (tmp_path / "why.svg").stat().st_size
    figure = ElementTree.fromstring((tmp_path / "why.svg").read_text("utf-8"))
    assert figure.attrib["aria-label"] == found.sentence
    found.save(tmp_path / "why.json")
    assert PredictionExplanation.from_dict(json.loads((tmp_path / "why.json").read_text("utf-8"))) == found
    found.save(tmp_path / "why.txt")
    assert (tmp_path / "why.txt").read_text("utf-8") == f"{found!r}\n"
    with pytest.raises(
        InputError, match=r"the file is '.*why.csv', expected a name that ends in \.svg, \.json or \.txt"
    ):
        found.save(tmp_path / "why.csv")


def test_in_a_notebook_it_is_a_figure_in_the_page_s_colors() -> None:
    column = (FeatureContribution("<b>", "'<i>'", 0.1, 0.0),)
    shown = PredictionExplanation(1, "probability of '<u>'", 0.2, 0.3, column, 9, 0, True)._repr_html_()
    assert "--ink:currentColor" in shown
    assert not any(tag in shown for tag in ("<b>", "<i>", "<u>"))
    ElementTree.fromstring(shown)


def test_dates_and_missing_values_are_shown() -> None:
    days = pl.date_range(pl.date(2020, 1, 1), pl.date(2020, 4, 9), eager=True)
    frame = pl.DataFrame({"day": days, "x": [None, *np.arange(99.0)]})
    model = tidynet.MLPRegressor(random_state=0, max_iter=5, n_networks=1).fit(frame, np.arange(100.0))
    result = {one.column: one.shown for one in tidynet.explain_prediction(model, frame, row=1).columns}
    assert result == {"day": "'2020-01-01'", "x": "missing"}


@pytest.mark.parametrize(
    ("value", "drawn"),
    [
        (3.0, "    │████████████"),
        (-1.0, "████│            "),
        (1.5, "    │██████      "),
        (-0.125, "   ▐│            "),
    ],
)
def test_bars_start_at_zero(value: float, drawn: str) -> None:
    assert contribution_bar(value, -1.0, 3.0, 16) == drawn


def test_a_json_file_contains_letters_of_every_language(tmp_path: Path) -> None:
    found = replace(contributions(1), of="Größe")
    found.save(tmp_path / "why.json")
    assert '"of": "Größe"' in (tmp_path / "why.json").read_text("utf-8")


def test_a_model_of_two_targets_is_refused() -> None:
    x = np.random.default_rng(0).normal(size=(40, 2))
    model = tidynet.MLPRegressor(random_state=0, max_iter=5, n_networks=1, preset="tidynet").fit(x, x)
    with pytest.raises(InputError) as caught:
        tidynet.explain_prediction(model, x)
    assert str(caught.value) == "the model predicts 2 numbers for each row, expected 1; use a model for each"
