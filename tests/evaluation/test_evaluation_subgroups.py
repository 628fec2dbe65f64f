"""Weak subgroups: planted ones are found, none is named where there is none."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict

import numpy as np
import polars as pl
import pytest

import tidynet as tn
from tidynet.evaluation.evaluation_data import EvaluationData
from tidynet.evaluation.sections.largest_errors import error_sentence, largest_errors
from tidynet.evaluation.sections.subgroups import subgroup_sentences
from tidynet.evaluation.slices import make_slices
from tidynet.evaluation.subgroups import Subgroups, weak_subgroups
from tidynet.table.variable_type import TypeInference, VariableType

Columns = Callable[[int, int], pl.DataFrame]
Made = Callable[..., EvaluationData]
DRAWS = 20


def line(frame: pl.DataFrame) -> pl.Series:
    return 4 * frame["x"] + 2 * frame["z"]


PLANTED = {
    ("city",): lambda frame: (frame["city"] == "Hamar").to_numpy(),
    ("idle",): lambda frame: (frame["idle"] > 0.67).to_numpy(),
    ("city", "sex"): lambda frame: ((frame["city"] == "Bergen") & (frame["sex"] == "f")).to_numpy(),
}


@pytest.mark.parametrize("weak", PLANTED)
@pytest.mark.parametrize("task", ["classes", "numbers"])
def test_a_planted_subgroup_is_reported_first(
    columns: Columns, of_numbers: Made, of_classes: Made, weak: tuple[str, ...], task: str
) -> None:
    right = 0
    for seed in range(DRAWS):
        frame = columns(1500, seed)
        inside = PLANTED[weak](frame)
        if task == "classes":
            test_data = of_classes(frame, line, np.where(inside, 0.4, 0.02), seed)
        else:
            test_data = of_numbers(frame, line, np.where(inside, 3.0, 1.0), seed)
        found = weak_subgroups(test_data).found
        right += bool(found) and found[0].columns == weak
    assert right >= 19


@pytest.mark.parametrize("task", ["classes", "flips", "numbers", "prices"])
def test_without_a_planted_subgroup_none_is_reported(
    columns: Columns, of_numbers: Made, of_classes: Made, task: str
) -> None:
    named = 0
    for seed in range(DRAWS):
        frame = columns(1500, seed)
        if task == "numbers":
            test_data = of_numbers(frame, line, 1.0, seed)
        elif task == "prices":
            test_data = of_numbers(frame, lambda f: f["x"].exp(), frame["x"].exp().to_numpy() / 5, seed)
        else:
            test_data = of_classes(frame, line, 0.1 if task == "flips" else 0.0, seed)
        named += bool(weak_subgroups(test_data).found)
    assert named <= 1


def test_the_numbers_of_a_subgroup_equal_a_direct_count(columns: Columns, of_classes: Made) -> None:
    frame = columns(3000, 1)
    inside = PLANTED["city",](frame)
    test_data = of_classes(frame, line, np.where(inside, 0.4, 0.02))
    found = weak_subgroups(test_data)
    one = found.found[0]
    right = test_data.y_pred.argmax(axis=1) == test_data.y_true
    assert one.rows == inside.sum()
    assert one.score == pytest.approx(right[inside].mean())
    assert one.score_elsewhere == pytest.approx(right[~inside].mean())
    assert subgroup_sentences(found)[0].startswith(f"city = Hamar ({one.rows} rows): accuracy ")
    assert one.explained < one.explained_elsewhere
    assert Subgroups.from_dict(json.loads(json.dumps(asdict(found)))) == found


def test_the_numbers_of_the_second_subgroup_count_all_of_its_rows(columns: Columns, of_classes: Made) -> None:
    frame = columns(4000, 1)
    hamar, female = (frame["city"] == "Hamar").to_numpy(), (frame["sex"] == "f").to_numpy()
    test_data = of_classes(frame, line, np.where(hamar, 0.45, np.where(female, 0.25, 0.02)))
    found = weak_subgroups(test_data)
    first, second = found.found[:2]
    assert (first.columns, second.columns) == (("city",), ("sex",))
    right = test_data.y_pred.argmax(axis=1) == test_data.y_true
    assert (second.rows, second.unnamed) == (female.sum(), (female & ~hamar).sum())
    assert second.score == pytest.approx(right[female].mean())
    assert second.score_elsewhere == pytest.approx(right[~female].mean())
    assert second.loss == pytest.approx(test_data.bounded_losses[female].mean())
    assert second.loss_elsewhere == pytest.approx(test_data.bounded_losses[~female].mean())
    assert subgroup_sentences(found)[1] == (
        f"sex = f ({second.rows:,} rows, {second.unnamed:,} not in a subgroup above): accuracy {second.score:.0%}, other "
        f"rows {second.score_elsewhere:.0%}; Brier score {second.loss:.3f}, other rows {second.loss_elsewhere:.3f} "
        f"(p < 0.001 among rows not in a subgroup above, Bonferroni for {found.n_tested} subgroups)"
    )


def test_missing_values_are_a_subgroup(columns: Columns, of_numbers: Made) -> None:
    frame = columns(2000, 2)
    missing = np.random.default_rng(3).random(2000) < 0.2
    test_data = of_numbers(frame, line, np.where(missing, 4.0, 1.0))
    frame = frame.with_columns(idle=pl.Series(np.where(missing, np.nan, frame["idle"]), nan_to_null=True))
    from dataclasses import replace

    found = weak_subgroups(replace(test_data, features=frame)).found
    assert [one.condition_text for one in found] == ["idle missing"]


def test_few_rows_have_no_subgroup(columns: Columns, of_numbers: Made) -> None:
    found = weak_subgroups(of_numbers(columns(3, 0), line, 1.0))
    assert found.found == ()
    assert subgroup_sentences(found) == ["3 test rows: no subgroup has 20 rows"]


def test_dates_and_few_numbers_have_cells() -> None:
    dates = pl.Series("day", range(100)).cast(pl.Date)
    found = make_slices(dates, TypeInference(VariableType.DATETIME, ""), 1)
    assert found is not None
    assert found.labels[0] == "day ≤ 1970-01-26"
    rooms = make_slices(pl.Series("rooms", [1, 2] * 50), TypeInference(VariableType.DISCRETE, ""), 1)
    assert rooms is not None
    assert rooms.labels == ("rooms = 1", "rooms = 2")
    assert make_slices(dates, TypeInference(VariableType.IDENTIFIER, ""), 1) is None
    assert make_slices(pl.Series("^a$", ["u", None, "u"]), TypeInference(VariableType.NOMINAL, ""), 1) is not None
    assert make_slices(pl.Series("$b", np.arange(9.0)), TypeInference(VariableType.CONTINUOUS, ""), 1) is not None


def test_the_largest_errors_are_the_largest(columns: Columns, of_classes: Made, of_numbers: Made) -> None:
    test_data = of_numbers(columns(100, 0), line, 1.0).take([7, 3, 50])
    found = largest_errors(test_data, 2)
    assert [one.loss for one in found] == sorted(test_data.losses, reverse=True)[:2]
    assert {one.row for one in found} <= {8, 4, 51}
    assert found[0].values["city"] == test_data.features["city"][list(test_data.rows).index(found[0].row - 1)]
    classes = largest_errors(of_classes(columns(100, 0), line, 0.2), 1)[0]
    assert classes.y_true != classes.prediction
    assert f"predicted '{classes.prediction}'" in error_sentence(classes)


def test_a_row_that_was_predicted_right_is_no_error():
    table = tn.read("penguins")
    model = tn.MLPClassifier(random_state=0, effort="fast").fit(table.drop(target="species"), table["species"])
    right = model.predict(table.drop(target="species")) == table["species"].to_numpy()
    section = tn.evaluate(model, table.take(np.flatnonzero(right)), "species", sections=["largest-errors"]).section(
        "largest-errors"
    )
    assert section.sentences == ("No test row is misclassified.",)
