"""Doubt read on test rows: coverage equals a direct count, parts and pictures say what is there, nothing is fitted."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest
from scipy.stats import binomtest
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss

import tidynet as tn
from tidynet.experiment import Options, run
from tidynet.trust.calibration import calibration, reliability_diagram
from tidynet.trust.conformal import binomial_interval, coverage_by_part, coverage_of_intervals, coverage_of_sets
from tidynet.trust.doubt import Doubt, doubt_of

QUICK = {"random_state": 0, "max_iter": 10, "restarts": 3, "hidden_layer_sizes": (8,)}


@pytest.fixture(scope="module")
def penguins():
    return tn.read("penguins")


@pytest.fixture(scope="module")
def classifier(penguins):
    return tn.MLPClassifier(**QUICK).fit(penguins.take(np.arange(0, 344, 2)).drop(target="species"),
                                         penguins["species"].to_numpy()[::2])  # fmt: skip


def test_coverage_equals_a_direct_count(classifier, penguins):
    test, truth = penguins.take(np.arange(1, 344, 2)), penguins["species"].to_list()[1::2]
    found = doubt_of(classifier, test.drop(target="species").frame, truth, 0.8)
    sets = classifier.predict_set(test, 0.8)
    assert found.coverage.held == sum(label in one for label, one in zip(truth, sets, strict=True))
    assert found.coverage.size == np.mean([len(one) for one in sets])
    blank = [len(one) != 1 for one in sets]
    assert found.abstention.blank == sum(blank)
    assert found.abstention.of_all == np.mean(classifier.predict(test) == truth)
    assert json.loads(json.dumps(found.to_dict()))["coverage"]["rows"] == 172
    assert found.sentences()[0].startswith("prediction sets: at a stated 80%, ")


def test_a_class_never_seen_is_in_no_set(classifier, penguins):
    rows = penguins.take(np.arange(10)).drop(target="species").frame
    assert doubt_of(classifier, rows, ["Emperor"] * 10).coverage.held == 0


def test_the_interval_is_the_exact_one():
    for held, rows in ((0, 7), (5, 9), (30, 30), (171, 200)):
        exact = binomtest(held, rows).proportion_ci(method="exact")
        np.testing.assert_allclose(binomial_interval(held, rows), (exact.low, exact.high))


def test_numbers_too():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(500, 2))
    y = X[:, 0] + rng.normal(size=500)
    frame = pl.DataFrame(X, schema=["a", "b"])
    model = tn.MLPRegressor(**QUICK).fit(frame[:300], y[:300])
    found = doubt_of(model, frame[300:], y[300:])
    ends = model.predict_interval(frame[300:])
    assert found.coverage.held == np.sum((ends[:, 0] <= y[300:]) & (y[300:] <= ends[:, 1]))
    assert {part.column for part in found.parts} == {"a", "b"}
    assert coverage_of_intervals(y[300:], ends, 0.9) == found.coverage


def test_parts_are_levels_quarters_and_missing_values():
    values = np.arange(200.0)
    column = pl.Series("x", [None] * 40 + values[40:].tolist())
    town = pl.Series("town", ["Graz", "Lyon"] * 95 + ["Bern"] * 10)
    held = values < 150
    parts = coverage_by_part(held, np.ones(200), 0.9, [column, town])
    assert parts[0].words == "x from 159.2 to 199"
    assert parts[0].coverage.coverage == 0
    assert {part.words for part in parts if part.column == "town"} == {"town = 'Graz'", "town = 'Lyon'"}
    assert "x is missing" in {part.words for part in parts}
    assert sum(part.coverage.rows for part in parts if part.column == "x") == 200


def test_calibration_agrees_with_scikit_learn():
    rng = np.random.default_rng(0)
    p = rng.random(2000)
    happened = (rng.random(2000) < p**2).astype(int)
    found = calibration(happened, np.column_stack([1 - p, p]))
    observed, stated = calibration_curve(happened, p, n_bins=10)
    np.testing.assert_allclose([one.observed for one in found.bins], observed)
    np.testing.assert_allclose([one.stated for one in found.bins], stated)
    assert found.brier == pytest.approx(brier_score_loss(happened, p))
    assert found.reliability - found.resolution + found.uncertainty + found.within == pytest.approx(found.brier)
    assert sum(one.count for one in found.bins) == 2000
    assert found.sentence().endswith("too high")


def test_the_reliability_diagram_shows_each_bin_and_its_rows():
    rng = np.random.default_rng(0)
    p = rng.random(500)
    found = calibration((rng.random(500) < p).astype(int), np.column_stack([1 - p, p]), of="'yes'")
    figure = reliability_diagram(found, found)
    upper, lower = figure.axes
    assert [label.get_text() for label in upper.get_legend().get_texts()] == ["as stated", "before scaling",
                                                                              "after scaling"]  # fmt: skip
    assert [text.get_text() for text in lower.texts] == [f"{one.count:,}" for one in found.bins]
    assert lower.get_xlabel() == "stated probability of 'yes'"


def test_test_rows_were_used_for_nothing(tmp_path):
    """A training gives the same model, bit for bit, whatever the test rows hold."""
    rng = np.random.default_rng(0)
    frame = pl.DataFrame({"a": rng.normal(size=240), "b": rng.choice(["u", "v"], 240)})
    frame = frame.with_columns(y=pl.Series(np.where(frame["a"].to_numpy() + rng.normal(size=240) > 0, "yes", "no")))
    options = Options("y", max_epochs=4, effort="fast", choices=("hidden_layer_sizes=8", "calibrate=temperature"))

    def trained(table, name):
        from dataclasses import replace

        return run(table, replace(options, out=tmp_path / name))

    first = trained(frame, "one")
    test = first.split.test
    other = frame.with_row_index().with_columns(
        a=pl.when(pl.col("index").is_in(test.tolist())).then(pl.col("a") * 100 + 7).otherwise(pl.col("a"))
    )
    second = trained(other.drop("index"), "two")
    np.testing.assert_array_equal(first.split.test, second.split.test)
    facts, arrays = first.model.packed()
    other_facts, other_arrays = second.model.packed()
    for name in arrays:
        np.testing.assert_array_equal(arrays[name], other_arrays[name], err_msg=name)
    for name in ("recipe", "settings", "doubt", "network"):
        assert facts[name] == other_facts[name]
    assert any(name.startswith("doubt.") for name in arrays)
    assert first.evaluation.section("doubt") != second.evaluation.section("doubt")  # the reading itself heeds them


def test_an_evaluation_tells_of_doubt_and_keeps_it(classifier, penguins, tmp_path):
    test = penguins.take(np.arange(1, 344, 2))
    found = tn.evaluate(classifier, test, target="species")
    doubt = found.section("doubt")
    assert doubt.facts["coverage"]["rows"] == 172
    assert any(line.startswith("Prediction sets: at a stated 90%, ") for line in doubt.sentences)
    assert doubt.sentences[0] in repr(found)
    assert type(found).from_dict(json.loads(json.dumps(found.to_dict()))).to_dict() == found.to_dict()


def test_a_model_of_too_few_rows_says_what_it_lacks():
    rng = np.random.default_rng(0)
    frame = pl.DataFrame({"a": rng.normal(size=60)})
    model = tn.MLPClassifier(**QUICK, early_stopping=False).fit(frame[:8], np.array(["u", "v"] * 4))
    found = doubt_of(model, frame[8:], ["u"] * 52)
    assert found.coverage is None
    assert "8 rows were set aside, and a coverage of 0.9 needs at least 9" in found.sentences()[0]


def test_sets_of_which_none_is_known():
    found = coverage_of_sets(["x"], [[True]], ["y"], 0.9)
    assert (found.held, found.sizes) == (0, {"1": 1})


def test_a_part_is_named_only_beyond_chance():
    rng = np.random.default_rng(0)
    town = pl.Series("town", rng.choice(list("abcdefgh"), 2000))
    fair = rng.random(2000) < 0.9
    weak = fair & ~((town == "c").to_numpy() & (rng.random(2000) < 0.15))
    for held, named in ((fair, 0), (weak, 1)):
        parts = coverage_by_part(held, np.ones(2000), 0.9, [town])
        whole = coverage_of_intervals(held * 1.0, np.tile([0.5, 2.0], (2000, 1)), 0.9)
        sentences = Doubt(whole, parts).sentences()
        assert sum("where town = 'c' they hold only" in line for line in sentences) == named
        assert len(sentences) == 1 + named


def test_probabilities_that_are_right_are_neither_too_high_nor_too_low() -> None:
    assert (
        calibration([0, 0, 0], [[0.9999, 0.0001]] * 3).sentence().endswith("off by 0.0 percentage points on the mean")
    )
