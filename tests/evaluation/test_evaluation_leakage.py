"""Leaks and findings: each planted one is found, and a clean table has none."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import tidynet as tn
from tidynet.evaluation.baseline_comparison import BaselineComparison
from tidynet.evaluation.leakage import find_leakage
from tidynet.table.read import read
from tidynet.table.table import Table

ROWS = 600


def clean(seed: int = 0, rows: int = ROWS) -> dict[str, Any]:
    random = np.random.default_rng(seed)
    x, z = random.normal(size=(2, rows))
    city = random.choice(["Oslo", "Bergen", "Hamar"], rows)
    score = x + z + (city == "Oslo") + random.normal(size=rows)
    columns = {"x": x, "z": z, "age": random.integers(18, 80, rows), "city": city}
    return {**columns, "y": np.where(score > 0.3, "yes", "no")}


def codes(columns: dict[str, Any], **options: Any) -> list[str]:
    return [one.code for one in findings(read(columns), **options)]


def findings(table: Table, **options: Any) -> Any:
    rows = np.random.default_rng(1).permutation(table.height)
    fifth = table.height // 5
    return find_leakage(table, "y", training=np.sort(rows[fifth:]), test=np.sort(rows[:fifth]), **options)


def test_clean_tables_have_no_finding() -> None:
    assert sum(bool(codes(clean(seed))) for seed in range(20)) <= 1


def test_clean_numbers_have_no_finding() -> None:
    found = 0
    for seed in range(20):
        columns = clean(seed)
        noise = np.random.default_rng(seed + 100).normal(size=ROWS)
        found += bool(codes({**columns, "y": columns["x"] + columns["z"] + 0.5 * noise}))
    assert found <= 1


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("noise", [0.0, 0.02])
def test_a_column_that_equals_the_target_is_target_leakage(seed: int, noise: float) -> None:
    columns = clean(seed)
    wrong = np.random.default_rng(seed).random(ROWS) < noise
    copied = np.where(wrong, np.where(columns["y"] == "yes", "no", "yes"), columns["y"])
    found = findings(read({**columns, "outcome": np.where(copied == "yes", "paid", "open")}))
    assert [(one.code, one.columns) for one in found] == [("target-leakage", ("outcome",))]
    assert found[0].action == "check whether the value is known before the target; if not, drop the column"
    assert not codes({**columns, "outcome": copied}, used=("x", "z", "age", "city"))


@pytest.mark.parametrize("seed", range(5))
def test_a_number_that_predicts_a_number_is_target_leakage(seed: int) -> None:
    columns = clean(seed)
    random = np.random.default_rng(seed + 100)
    price = np.exp(columns["x"] + random.normal(size=ROWS))
    found = findings(read({**columns, "y": price, "tax": 0.25 * price + 0.02 * random.normal(size=ROWS)}))
    assert [(one.code, one.columns) for one in found] == [("target-leakage", ("tax",))]


def houses(seed: int, rows: int = 900) -> dict[str, Any]:
    random = np.random.default_rng(seed)
    area = random.normal(80, 20, rows).round()
    price = (3000 * area + random.normal(0, 25_000, rows)).round(-3)
    return {"area": area, "rooms": random.integers(1, 6, rows), "town": random.choice(list("ABCD"), rows), "y": price}


def test_a_strong_predictor_and_equal_rows_by_chance_are_no_finding() -> None:
    assert [codes(houses(seed)) for seed in range(20)] == [[]] * 20


def test_a_number_with_a_correlation_near_one_is_a_finding() -> None:
    columns = clean()
    noise = np.random.default_rng(5).normal(size=ROWS)
    found = findings(read({**columns, "y": columns["x"] + 0.05 * noise + 0.1 * columns["z"]}))
    assert [one.columns for one in found] == [("x",)]
    assert found[0].sentence == "correlation 0.994 with the target y"
    assert not codes({**columns, "y": columns["x"] + 0.3 * noise + 0.3 * columns["z"]})


def test_a_few_equal_rows_are_no_finding_or_a_low_one() -> None:
    def repeated(rows: int) -> Any:
        columns = {name: np.concatenate([values, values[:rows]]) for name, values in clean(rows=2000).items()}
        return findings(read(columns))

    assert repeated(6) == ()
    found = repeated(10)
    assert [one.code for one in found] == ["train-test-duplicates"]
    assert found[0].sentence == "3 test rows (0.7%) are also training rows, such as row 6"
    assert found[0].action == (
        "drop duplicate rows before splitting (tidynet tidy --drop-duplicates all); so few hardly change a score"
    )


def test_duplicates_are_found_where_some_rows_are_equal_by_chance() -> None:
    for seed in range(5):
        columns = {name: np.concatenate([values, values[:90]]) for name, values in houses(seed).items()}
        assert codes(columns) == ["train-test-duplicates"]


def test_a_column_known_for_one_class_alone_is_a_leak() -> None:
    columns = clean()
    amount = np.where(columns["y"] == "yes", np.random.default_rng(3).normal(size=ROWS), np.nan)
    found = findings(read({**columns, "amount paid": amount}))
    assert "missingness-predicts-target" in [one.code for one in found]
    assert found[0].columns == ("amount paid",)


def test_rows_of_training_in_the_test_are_found() -> None:
    columns = {name: np.concatenate([values, values[:60]]) for name, values in clean().items()}
    found = findings(read(columns))
    assert [one.code for one in found] == ["train-test-duplicates"]
    table = read(columns)
    rows = np.random.default_rng(1).permutation(table.height)
    fifth = table.height // 5
    training = {table.frame.row(row) for row in rows[fifth:].tolist()}
    assert found[0].evidence["rows"] == sum(table.frame.row(row) in training for row in rows[:fifth].tolist())


def test_duplicates_of_few_categories_are_no_finding() -> None:
    random = np.random.default_rng(0)
    columns = {"a": random.choice(["u", "v"], ROWS), "b": random.choice(["r", "s"], ROWS)}
    assert codes({**columns, "y": random.choice(["no", "yes"], ROWS)}) == []
    # associated columns repeat more often than independent ones would
    digits = random.integers(0, 40, ROWS)
    tied = {f"c{place}": (digits * (place + 3)) % 40 for place in range(6)}
    assert codes({**tied, "y": random.choice(["no", "yes"], ROWS)}) == []


@pytest.mark.parametrize("name", ["patient", "patient_id", "customer"])
def test_a_group_in_both_splits_is_found(name: str) -> None:
    person = np.random.default_rng(0).integers(0, 120, ROWS)
    labels = np.array([f"p{number:03d}" for number in person])
    found = findings(read({name: labels, **clean()}))
    [split] = [one for one in found if one.code == "groups-in-both-splits"]
    assert split.evidence["groups"] == len(set(person))
    assert split.sentence == (
        "98% of test rows share a value with training rows (119 values, 5.04 rows each on average)"
    )
    table = read({name: labels, **clean()})
    rows = np.argsort(person, kind="stable")
    edge = int(np.searchsorted(person[rows], 100))
    apart = find_leakage(table, "y", training=rows[:edge], test=rows[edge:], at_random=False)
    assert "groups-in-both-splits" not in [one.code for one in apart]


@pytest.mark.parametrize(
    "numbers",
    [np.arange(ROWS), np.arange(ROWS, dtype=float) * 7, np.random.default_rng(0).permutation(ROWS) + 1000],
    ids=["running", "steps", "shuffled"],
)
def test_a_number_of_the_rows_is_an_identifier(numbers: Any) -> None:
    found = findings(read({"place": numbers, **clean()}), used=("place", "x", "z", "age", "city"))
    assert [(one.code, one.columns, one.severity) for one in found] == [("identifier-column", ("place",), "high")]


def test_an_identifier_that_is_not_read_is_a_note() -> None:
    found = findings(read({"id": np.arange(ROWS), **clean()}), used=("x", "z", "age", "city"))
    assert [(one.code, one.severity) for one in found] == [("identifier-column", "low")]


def test_rows_in_time_order_split_at_random_are_found() -> None:
    days = [date(2020, 1, 1) + timedelta(days=number) for number in range(ROWS)]
    found = findings(read({"day": days, **clean()}))
    assert [one.code for one in found] == ["time-ordered-rows"]
    assert found[0].action == "to forecast, test on the last rows (--time-column day)"
    assert codes({"day": days, **clean()}, at_random=False) == []


def test_a_small_test_set_is_a_finding_with_the_ci_of_its_accuracy() -> None:
    found = findings(read(clean(rows=60)))
    assert [one.code for one in found] == ["few-test-rows"]
    assert found[0].sentence == "only 12 test rows: an accuracy of 83% has the 95% CI 55% to 95%"


def test_imbalanced_classes_are_a_finding_with_the_accuracy() -> None:
    columns = clean()
    found = findings(read({**columns, "y": np.where(columns["x"] > 1.9, "yes", "no")}), accuracy=0.972)
    uneven = [one for one in found if one.code == "class-imbalance"]
    assert len(uneven) == 1
    assert uneven[0].sentence.endswith(", the network 97%")


def test_balanced_classes_of_few_rows_are_no_imbalance() -> None:
    columns = {**clean(), "y": [f"class {row % 200:03d}" for row in range(ROWS)]}
    [found] = findings(read(columns))
    assert found.code == "few-rows-in-class"
    assert found.sentence == "200 of 200 classes with fewer than 10 rows; 'class 199' has 3"
    assert found.action == "collect more rows or merge classes; do not rely on the scores of one class"


def test_the_actions_for_groups_and_times_are_options() -> None:
    [found] = findings(read({"patient_id": np.arange(ROWS) // 6, **clean()}), used=("x", "z", "age", "city"))
    assert found.code == "groups-in-both-splits"
    assert found.action == ("use a grouped split (--group-column patient_id); the score is then that of unseen values")
    days = [date(2020, 1, 1) + timedelta(days=number) for number in range(ROWS)]
    [late] = findings(read({"the day": days, **clean()}))
    assert late.action == "to forecast, test on the last rows (--time-column 'the day')"


def test_a_test_table_alone_has_no_finding_on_the_split() -> None:
    columns = {name: np.concatenate([values, values]) for name, values in clean().items()}
    assert find_leakage(read(columns), "y") == ()


def test_hostile_names_and_three_rows_pass() -> None:
    columns = {"^a$": [1, 2, 3], "$b": ["u", None, "w"], "y": ["no", "yes", "no"]}
    assert "few-test-rows" in [one.code for one in find_leakage(read(columns), "y")]
    larger = {f"^{name}$": values for name, values in clean().items()}
    rows = np.arange(ROWS)
    assert find_leakage(read(larger), "^y$", training=rows[120:], test=rows[:120]) == ()


def fitted_evaluation(columns: dict[str, Any], **options: Any) -> Any:
    """The leakage section on other rows, of a model trained on 300 rows."""
    model = tn.MLPClassifier(random_state=0, effort="fast", max_iter=3)
    frame = pl.DataFrame(columns)
    model.fit(frame[:300].drop("y"), frame["y"][:300])
    return lambda rows: tn.evaluate(model, frame[rows], "y", sections=["leakage"], **options).section("leakage")


def test_training_rows_in_the_test_are_the_first_finding() -> None:
    leakage_on = fitted_evaluation(clean())
    section = leakage_on(np.arange(400))
    assert section.sentences[0] == (
        "HIGH table: 300 of 400 rows (75%) are training rows: equal in every column of the model and the target; "
        "first: row 1 → use new rows."
    )
    assert section.facts["findings"][0]["code"] == "training-rows-in-test"
    assert leakage_on(np.arange(300)).sentences[0].startswith("HIGH table: 300 of 300 rows (100%) are training rows: ")
    assert leakage_on(np.arange(300, 600)).sentences == ("No data leakage found in the table.",)


def test_an_invalid_test_is_the_first_line_and_the_verdict_is_below_the_scores() -> None:
    columns = clean()
    frame = pl.DataFrame(columns)
    model = tn.MLPClassifier(random_state=0, effort="fast", max_iter=3)
    model.fit(frame[:300].drop("y"), frame["y"][:300])
    found = tn.evaluate(model, frame[:400], "y", sections=["leakage"])
    lost = replace(
        found, comparisons=(BaselineComparison("boosted trees", "log loss", 0.2, 0.1, 0.3, False, rows=400),)
    )
    note = "INVALID TEST  300 of 400 rows (75%) are training rows → use new rows"
    difference = "Log loss difference to boosted trees +0.20 (95% CI +0.10 to +0.30)."
    assert (lost.is_beaten_by_baseline, lost.summary_notes, lost.final_notes) == (
        True,
        (note,),
        (lost.verdict, difference),
    )
    assert repr(found).splitlines()[0] == note
    unseen = tn.evaluate(model, frame[300:600], "y", sections=["leakage"])
    lost = replace(unseen, comparisons=lost.comparisons)
    assert (lost.training_rows_note, lost.summary_notes, lost.final_notes) == ("", (lost.verdict, difference), ())


def test_a_sample_of_training_rows_estimates_the_total() -> None:
    random = np.random.default_rng(0)
    frame = pl.DataFrame({f"x{place}": random.normal(size=9000) for place in range(2)})
    y = np.where(frame["x0"] > 0, "yes", "no")
    model = tn.MLPClassifier(random_state=0, n_networks=1, max_iter=1, hidden_layer_sizes=4).fit(frame[:8000], y[:8000])
    labeled = frame.with_columns(y=pl.Series(y))
    said, *_ = tn.evaluate(model, labeled[4000:], "y", sections=["leakage"]).section("leakage").sentences
    kept = int(said.split(" ")[2].replace(",", ""))
    assert kept == pytest.approx(2000, abs=100)
    assert said == (
        f"HIGH table: {kept:,} of 5,000 rows ({kept / 5000:.0%}) are training rows: equal in every column of the model "
        f"and the target; first: row {said.split('row ')[-1].split(';')[0]}; the file has 4,000 of 8,000 training rows, "
        f"so about {2 * kept:,} are → use new rows."
    )


def test_for_rows_of_few_values_the_target_identifies_training_rows(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    ages, schooling = random.integers(18, 60, 1500), random.integers(8, 18, 1500)
    pay = np.round(ages / 4 + schooling + random.normal(0, 3, 1500), 1)
    frame = pl.DataFrame({"age": ages, "schooling": schooling, "sex": random.choice(["f", "m"], 1500), "pay": pay})
    model = tn.MLPRegressor(random_state=0, effort="fast", max_iter=2).fit(
        frame[:1200].drop("pay"), frame["pay"][:1200]
    )
    model.save(tmp_path / "pay.tidynet")
    loaded = tn.load(tmp_path / "pay.tidynet")
    found = tn.evaluate(loaded, frame, "pay", sections=["leakage"])
    assert 1200 <= found.section("leakage").facts["findings"][0]["evidence"]["rows"] < 1230
    assert found.training_rows_note.startswith("INVALID TEST  ")
    unseen = tn.evaluate(loaded, frame[1200:], "pay", sections=["leakage"])
    assert (unseen.training_rows_note, unseen.section("leakage").sentences) == (
        "",
        ("No data leakage found in the table.",),
    )


def test_rows_equal_to_training_rows_by_chance_are_no_finding() -> None:
    random = np.random.default_rng(0)
    few = {name: random.choice(list("uvw"), ROWS) for name in "abcd"} | {"n": random.integers(0, 4, ROWS)}
    score = (few["a"] == "u") + (few["n"] > 1) + random.normal(size=ROWS)
    section = fitted_evaluation({**few, "y": np.where(score > 1, "yes", "no")})(np.arange(300, 600))
    assert section.sentences == ("No data leakage found in the table.",)
    cities = fitted_evaluation({**houses(0), "y": np.where(houses(0)["y"] > 240_000, "dear", "cheap")})
    assert cities(np.arange(300, 900)).sentences == ("No data leakage found in the table.",)
