"""Uncertainty on test rows: coverage equals a direct count, slices and figures match the data, nothing is fitted."""

from __future__ import annotations

import json
from datetime import timedelta

import numpy as np
import polars as pl
import pytest
from scipy.stats import binomtest
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss

import tidynet as tn
from tidynet.evaluation.calibration import calibration, reliability_diagram
from tidynet.evaluation.coverage import (
    binomial_interval,
    coverage_by_class,
    coverage_by_slice,
    coverage_of_intervals,
    coverage_of_sets,
)
from tidynet.evaluation.sections.uncertainty import (
    calibration_sentence,
    coverage_sentence,
    drift_sentence,
    uncertainty_sentences,
)
from tidynet.evaluation.uncertainty import UncertaintyReport, evaluate_uncertainty
from tidynet.workflow import TrainOptions, run

QUICK = {"random_state": 0, "max_iter": 10, "n_networks": 3, "hidden_layer_sizes": (8,)}


@pytest.fixture(scope="module")
def penguins():
    return tn.read("penguins").take(np.random.default_rng(0).permutation(344))  # in the file sexes alternate


@pytest.fixture(scope="module")
def classifier(penguins):
    return tn.MLPClassifier(**QUICK).fit(penguins.take(np.arange(0, 344, 2)).drop(target="species"),
                                         penguins["species"].to_numpy()[::2])  # fmt: skip


def test_coverage_equals_a_direct_count(classifier, penguins):
    test, truth = penguins.take(np.arange(1, 344, 2)), penguins["species"].to_list()[1::2]
    found = evaluate_uncertainty(classifier, test.drop(target="species").frame, truth, 0.8)
    sets = classifier.predict_set(test, 0.8)
    assert found.coverage.n_covered == sum(label in one for label, one in zip(truth, sets, strict=True))
    assert found.coverage.size == np.mean([len(one) for one in sets])
    blank = [len(one) != 1 for one in sets]
    assert found.abstention.is_uncertain == sum(blank)
    assert found.abstention.score_of_all == np.mean(classifier.predict(test) == truth)
    assert json.loads(json.dumps(found.to_dict()))["coverage"]["rows"] == 172
    assert uncertainty_sentences(found)[0].startswith("prediction sets: coverage ")


def test_rows_of_unknown_classes_are_counted_and_excluded(classifier, penguins):
    test, truth = penguins.take(np.arange(1, 344, 2)).drop(target="species").frame, penguins["species"].to_list()[1::2]
    some = ["Emperor" if row % 4 == 0 else label for row, label in enumerate(truth)]
    others = np.arange(172) % 4 != 0
    found = evaluate_uncertainty(classifier, test, some)
    known = evaluate_uncertainty(classifier, test.filter(others), np.array(truth)[others])
    assert (found.rows, found.n_unknown_class) == (172, 43)
    for part in ("coverage", "parts", "classes", "uncalibrated", "calibrated", "abstention"):
        assert getattr(found, part) == getattr(known, part)
    assert uncertainty_sentences(found) == [
        "43 of 172 rows have a class absent from training: calibration and coverage use the other 129",
        *uncertainty_sentences(known),
    ]


def test_rows_of_unknown_classes_alone_have_one_sentence(classifier, penguins):
    rows = penguins.take(np.arange(1, 21, 2)).drop(target="species").frame
    ten, one = (
        evaluate_uncertainty(classifier, rows, ["Emperor"] * 10),
        evaluate_uncertainty(classifier, rows[:1], ["Emperor"]),
    )
    strange = rows.with_columns(bill_length_mm=pl.lit(900.0))
    undefined = "a class absent from training: calibration and coverage are undefined"
    assert uncertainty_sentences(ten) == [f"10 of 10 rows have {undefined}"]
    assert uncertainty_sentences(one)[0] == f"1 of 1 row has {undefined}"
    assert uncertainty_sentences(evaluate_uncertainty(classifier, strange, ["Emperor"] * 10))[1] == (
        "10 of 10 rows (100.0%) are unlike the training rows (novelty ≥ 0.99), expected 1%: `bill_length_mm` > "
        "training maximum 59.6 (10 rows)"
    )
    evaluation = tn.evaluate(classifier, penguins.take(np.arange(9)).frame.with_columns(species=pl.lit("Emperor")),
                             target="species")  # fmt: skip
    assert evaluation.section("uncertainty").sentences == ()
    assert evaluation.section("uncertainty").facts["n_unknown_class"] == 9


def test_the_interval_is_the_exact_one():
    for covered, rows in ((0, 7), (5, 9), (30, 30), (171, 200)):
        exact = binomtest(covered, rows).proportion_ci(method="exact")
        np.testing.assert_allclose(binomial_interval(covered, rows), (exact.low, exact.high))


def test_drift_is_stated_first_with_the_most_frequent_reasons(classifier, penguins):
    frame = penguins.take(np.arange(1, 344, 2)).frame.filter(pl.col("bill_length_mm").is_not_null())
    rows = frame.height
    drifted = frame.with_columns(
        bill_length_mm=pl.col("bill_length_mm") + 60,
        island=pl.when(pl.int_range(rows) < 40).then(pl.lit("Oslo")).otherwise("island"),
    )
    found = tn.evaluate(classifier, drifted, target="species", sections=("uncertainty",))
    assert repr(found).splitlines()[0] == (
        f"{rows} of {rows} rows (100.0%) are unlike the training rows (novelty ≥ 0.99), expected 1%: `bill_length_mm` > "
        f"training maximum 59.6 ({rows} rows); `island` = 'Oslo', not in training (40 rows)."
    )
    assert found.has_drift
    assert repr(found).index("unlike the training rows") < repr(found).index("accuracy")
    html = found._repr_html_()
    assert html.index("unlike the training rows") < html.index("<table")
    each = classifier.novelty_reasons(drifted.drop("species"))
    assert sum(any("> training maximum" in one and "bill_length" in one for one in row) for row in each) == rows
    some = pl.when(pl.int_range(rows) < 20).then(pl.lit(900.0)).otherwise("bill_length_mm")
    little = tn.evaluate(
        classifier, frame.with_columns(bill_length_mm=some), target="species", sections=("uncertainty",)
    )
    lines = repr(little).splitlines()
    assert not little.has_drift
    unlike = round(rows * little.section("uncertainty").facts["novel_fraction"])
    assert little.drift_note.startswith(f"{unlike} of {rows} rows (")
    assert "`bill_length_mm` > training maximum 59.6 (20 rows)" in little.drift_note
    assert lines.index(little.drift_note) > next(
        place for place, line in enumerate(lines) if line.startswith("accuracy")
    )
    plain = tn.evaluate(classifier, frame, target="species", sections=("uncertainty",))
    assert (plain.drift_note, plain.has_drift) == ("", False)


def test_the_effect_of_calibration_on_the_test_rows_is_stated(penguins):
    half, test = penguins.take(np.arange(0, 344, 2)), penguins.take(np.arange(1, 344, 2))
    model = tn.MLPClassifier(**QUICK, calibration="temperature").fit(half.drop(target="species"), half["species"])
    rows, truth = test.drop(target="species").frame, test["species"].to_list()
    found = evaluate_uncertainty(model, rows, truth)
    codes = np.searchsorted(model.classes_, truth)
    both = model.predict_proba_uncalibrated(rows), model.predict_proba(rows)
    before, after = (-np.log(one[np.arange(172), codes]).mean() for one in both)
    np.testing.assert_allclose(found.losses, (before, after))
    assert model.calibration_["method"] == "temperature"
    verb = "lowers" if after < before else "raises"
    [said] = [one for one in uncertainty_sentences(found) if one.startswith("on 172 test rows calibration")]
    assert said.startswith(f"on 172 test rows calibration {verb} the log loss from {before:.4f} to {after:.4f} and ")
    errors = [f"{100 * one.expected_calibration_error:.1f}" for one in (found.uncalibrated, found.calibrated)]
    assert f"from {errors[0]} to {errors[1]} points" in said or f"at {errors[0]} points" in said
    [parts] = [one for one in uncertainty_sentences(found) if one.startswith("Brier score of")]
    for part in ("reliability", "resolution", "uncertainty"):
        assert f"{getattr(found.calibrated, part):.4f} {part}" in parts


def test_the_model_abstains_on_novel_rows(classifier, penguins):
    test, truth = penguins.take(np.arange(1, 344, 2)).drop(target="species").frame, penguins["species"].to_list()[1::2]
    far = pl.when(pl.int_range(172) < 12).then(9_000).otherwise(pl.col("body_mass_g")).cast(pl.Int64)
    rows = test.with_columns(body_mass_g=far, bill_length_mm=pl.when(pl.int_range(172) < 12).then(99.0)
                             .otherwise(pl.col("bill_length_mm")))  # fmt: skip
    found = evaluate_uncertainty(classifier, rows, truth).abstention
    several = np.array([len(one) != 1 for one in classifier.predict_set(rows)])
    unlike = classifier.novelty(rows) >= 0.99
    right = classifier.predict(rows) == np.array(truth)
    assert unlike[:12].all()
    assert (found.is_uncertain, found.is_novel) == (several.sum(), (unlike & ~several).sum())
    assert found.score_of_kept == right[~several & ~unlike].mean()
    assert found.sentence() == (
        f"abstention on {(several | unlike).sum()} of 172 rows ({several.sum()} several possible classes, "
        f"{(unlike & ~several).sum()} unlike the training rows): accuracy of the rest {found.score_of_kept:.1%}, "
        f"of all rows {right.mean():.1%}"
    )


def test_numbers_too():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(500, 2))
    y = X[:, 0] + rng.normal(size=500)
    frame = pl.DataFrame(X, schema=["a", "b"])
    model = tn.MLPRegressor(**QUICK).fit(frame[:300], y[:300])
    found = evaluate_uncertainty(model, frame[300:], y[300:])
    ends = model.predict_interval(frame[300:])
    assert found.coverage.n_covered == np.sum((ends[:, 0] <= y[300:]) & (y[300:] <= ends[:, 1]))
    assert {part.column for part in found.parts} == {"a", "b"}
    assert coverage_of_intervals(y[300:], ends, 0.9) == found.coverage


def test_abstention_for_numbers_is_stated_where_novel_rows_are_significant():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(500, 2))
    y = X[:, 0] + rng.normal(size=500)
    frame = pl.DataFrame(X, schema=["a", "b"])
    model = tn.MLPRegressor(**QUICK).fit(frame[:300], y[:300])
    test, far = frame[300:], pl.when(pl.int_range(200) < 10).then(40.0 + pl.int_range(200)).otherwise("a")
    plain, strange = (
        evaluate_uncertainty(model, test, y[300:]),
        evaluate_uncertainty(model, test.with_columns(a=far), y[300:]),
    )
    assert plain.abstention.is_novel <= 4
    assert len(uncertainty_sentences(plain)) == 1
    unlike, found = model.novelty(test.with_columns(a=far)) >= 0.99, strange.abstention
    squares = (model.predict(test.with_columns(a=far)) - y[300:]) ** 2
    [beyond] = [words for words, _ in strange.reasons if words.startswith("`a` > training maximum")]
    assert uncertainty_sentences(strange)[0] == (
        f"{unlike.sum()} of 200 rows ({unlike.mean():.1%}) are unlike the training rows (novelty ≥ 0.99), expected 1%: "
        f"{beyond} (10 rows)"
    )
    assert uncertainty_sentences(strange)[-1] == (
        f"abstention on {unlike.sum()} of 200 rows ({unlike.sum()} unlike the training rows): RMSE of the rest "
        f"{squares[~unlike].mean() ** 0.5:.4g}, of all rows {squares.mean() ** 0.5:.4g}"
    )
    assert (found.is_uncertain, found.is_novel, found.score) == (0, unlike.sum(), "RMSE")


def test_reasons_are_those_of_the_novel_rows() -> None:
    """In a split by time every date is later than any seen: no reason for the few rows that are unlike."""
    rng = np.random.default_rng(0)
    days = pl.Series("visit", np.datetime64("2020-01-01") + np.arange(500))
    frame = pl.DataFrame({"a": rng.normal(size=500), "b": rng.normal(size=500)}).with_columns(visit=days)
    model = tn.MLPRegressor(**QUICK).fit(frame[:400], frame["a"].to_numpy()[:400])
    later = frame[400:].with_columns(a=pl.when(pl.int_range(100) < 8).then(90.0).otherwise("a"))
    unlike = np.arange(100) < 8
    assert model.novelty_summary(later, unlike)[:2] == [
        (f"`a` > training maximum {frame['a'][:400].max():.4g}", 8),
        ("`visit` > training maximum 2021-02-03", 8),
    ]
    assert model.novelty_summary(later, np.zeros(100, dtype=bool)) == []
    reasons = (("`visit` > training maximum 2021-02-03", 8),)
    report = UncertaintyReport(rows=100, novel_fraction=0.08, has_novel_rows=True, reasons=reasons)
    assert drift_sentence(report) == (
        "8 of 100 rows (8.0%) are unlike the training rows (novelty ≥ 0.99), expected 1%: "
        "`visit` > training maximum 2021-02-03 (8 rows)"
    )


def test_categories_of_numbers_have_no_quotation_marks():
    parts = coverage_by_slice([True] * 60, np.ones(60), 0.9, [pl.Series("year", [2007, 2008, 2009] * 20)])
    assert sorted(part.description for part in parts) == ["year = 2007", "year = 2008", "year = 2009"]


def test_slices_are_categories_quarters_and_missing_values():
    values = np.arange(200.0)
    column = pl.Series("x", [None] * 40 + values[40:].tolist())
    town = pl.Series("town", ["Graz", "Lyon"] * 95 + ["Bern"] * 10)
    covered = values < 150
    parts = coverage_by_slice(covered, np.ones(200), 0.9, [column, town])
    assert parts[0].description == "x 159.2 to 199"
    assert parts[0].coverage.coverage == 0
    assert {part.description for part in parts if part.column == "town"} == {"town = Graz", "town = Lyon"}
    assert "x missing" in {part.description for part in parts}
    assert sum(part.coverage.rows for part in parts if part.column == "x") == 200


def test_times_are_sliced_by_quarters() -> None:
    days = np.datetime64("2020-01-01") + np.arange(200)
    waits = pl.Series("wait", [timedelta(hours=hour) for hour in range(200)])
    gone = pl.Series("gone", [None] * 200, pl.Duration)
    parts = coverage_by_slice(np.arange(200) < 150, np.ones(200), 0.9, [pl.Series("day", days), waits, gone])
    assert {part.description for part in parts if not part.coverage.n_covered} == {
        "day 2020-05-29 to 2020-07-18",
        "wait 6 days, 5:15:00 to 8 days, 7:00:00",
    }
    assert "gone missing" in {part.description for part in parts}


def test_calibration_agrees_with_scikit_learn():
    rng = np.random.default_rng(0)
    p = rng.random(2000)
    happened = (rng.random(2000) < p**2).astype(int)
    found = calibration(happened, np.column_stack([1 - p, p]))
    observed, stated = calibration_curve(happened, p, n_bins=10)
    np.testing.assert_allclose([one.observed_frequency for one in found.bins], observed)
    np.testing.assert_allclose([one.predicted_probability for one in found.bins], stated)
    assert found.brier == pytest.approx(brier_score_loss(happened, p))
    assert found.reliability - found.resolution + found.uncertainty + found.within_bins == pytest.approx(found.brier)
    assert sum(one.count for one in found.bins) == 2000
    assert calibration_sentence(found) == "ECE 16.8 points; probabilities are too high"


def test_the_reliability_diagram_shows_each_bin_and_its_rows():
    rng = np.random.default_rng(0)
    p = rng.random(500)
    found = calibration((rng.random(500) < p).astype(int), np.column_stack([1 - p, p]), predicted_event="'yes'")
    figure = reliability_diagram(found, found)
    upper, lower = figure.axes
    assert [label.get_text() for label in upper.get_legend().get_texts()] == [
        "perfect calibration",
        "before calibration",
        "after calibration",
    ]
    assert [text.get_text() for text in lower.texts] == [f"{one.count:,}" for one in found.bins]
    assert lower.get_xlabel() == "predicted probability of 'yes'"


def test_test_rows_do_not_change_the_model(tmp_path):
    """A training gives the same model, bit for bit, whatever the test rows hold."""
    rng = np.random.default_rng(0)
    frame = pl.DataFrame({"a": rng.normal(size=240), "b": rng.choice(["u", "v"], 240)})
    frame = frame.with_columns(y=pl.Series(np.where(frame["a"].to_numpy() + rng.normal(size=240) > 0, "yes", "no")))
    options = TrainOptions(
        "y", max_epochs=4, effort="fast", hyperparameters=("hidden_layer_sizes=8", "calibration=temperature")
    )

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
    facts, arrays = first.model.to_state()
    other_facts, other_arrays = second.model.to_state()
    for name in arrays:
        np.testing.assert_array_equal(arrays[name], other_arrays[name], err_msg=name)
    for name in ("encoder", "settings", "uncertainty"):
        assert facts[name] == other_facts[name]
    assert any(name.startswith("uncertainty.") for name in arrays)
    assert first.evaluation.section("uncertainty") != second.evaluation.section(
        "uncertainty"
    )  # the reading itself heeds them


def test_an_evaluation_has_the_uncertainty_and_survives_json(classifier, penguins, tmp_path):
    test = penguins.take(np.arange(1, 344, 2))
    found = tn.evaluate(classifier, test, target="species")
    uncertainty = found.section("uncertainty")
    assert uncertainty.facts["coverage"]["rows"] == 172
    assert any(line.startswith("Prediction sets: coverage ") for line in uncertainty.sentences)
    assert uncertainty.sentences[0] in str(found)
    assert type(found).from_dict(json.loads(json.dumps(found.to_dict()))).to_dict() == found.to_dict()


def test_too_few_calibration_rows_are_a_note():
    rng = np.random.default_rng(0)
    frame = pl.DataFrame({"a": rng.normal(size=60)})
    model = tn.MLPClassifier(**QUICK, early_stopping=False).fit(frame[:8], np.array(["u", "v"] * 4))
    found = evaluate_uncertainty(model, frame[8:], ["u"] * 52)
    assert found.coverage is None
    assert "coverage is 0.9, which needs 9 validation rows, but there are 8" in found.note


def test_sets_of_which_none_is_known():
    found = coverage_of_sets(["x"], [[True]], ["y"], 0.9)
    assert (found.n_covered, found.sizes) == (0, {"1": 1})


@pytest.mark.parametrize(
    ("covered", "rows", "target", "sentence"),
    [
        (2, 3, 0.9, "coverage 66.7% (2 of 3 rows, 95% CI 9.4 to 99.2%), target 90%; not significant (n = 3)"),
        (1, 1, 0.9, "coverage 100.0% (1 of 1 row, 95% CI 2.5 to 100.0%), target 90%; not significant (n = 1)"),
        (16, 16, 0.9, "coverage 100.0% (16 of 16 rows, 95% CI 79.4 to 100.0%), target 90%; not significant (n = 16)"),
        (45, 50, 0.9, "coverage 90.0% (45 of 50 rows, 95% CI 78.2 to 96.7%), target 90%; not significant (n = 50)"),
        (90, 100, 0.9, "coverage 90.0% (90 of 100 rows, 95% CI 82.4 to 95.1%), target 90%"),
        (20, 40, 0.5, "coverage 50.0% (20 of 40 rows, 95% CI 33.8 to 66.2%), target 50%"),
        (0, 3, 0.9, "coverage 0.0% (0 of 3 rows, 95% CI 0.0 to 70.8%), target 90%; too low"),
        (40, 40, 0.9, "coverage 100.0% (40 of 40 rows, 95% CI 91.2 to 100.0%), target 90%; too high"),
    ],
)
def test_a_coverage_is_assessed_only_where_there_are_enough_rows(covered, rows, target, sentence):
    y_true = np.r_[np.ones(covered), np.full(rows - covered, 9.0)]
    result = coverage_of_intervals(y_true, np.tile([0.0, 2.0], (rows, 1)), target)
    assert coverage_sentence(result) == sentence


def test_an_error_of_exact_probabilities_is_not_significant() -> None:
    rng = np.random.default_rng(0)
    for rows in (5, 50, 500):
        fair = 0
        for _ in range(200):
            p = rng.random(rows)
            happened = (rng.random(rows) < p).astype(int)
            fair += not calibration(happened, np.column_stack([1 - p, p])).is_significant
        assert 0.9 < fair / 200 < 0.99
    assert calibration_sentence(calibration([0, 0, 1], [[0.2, 0.8]] * 3)) == "ECE 46.7 points; not significant (n = 3)"


def test_a_slice_is_reported_only_where_significant():
    rng = np.random.default_rng(0)
    town = pl.Series("town", rng.choice(list("abcdefgh"), 2000))
    fair = rng.random(2000) < 0.9
    weak = fair & ~((town == "c").to_numpy() & (rng.random(2000) < 0.15))
    for covered, named in ((fair, 0), (weak, 1)):
        parts = coverage_by_slice(covered, np.ones(2000), 0.9, [town])
        whole = coverage_of_intervals(covered * 1.0, np.tile([0.5, 2.0], (2000, 1)), 0.9)
        sentences = uncertainty_sentences(UncertaintyReport(whole, parts))
        assert sum(line.startswith("town = c: coverage ") for line in sentences) == named
        assert len(sentences) == 1 + named


def test_a_rare_class_in_hardly_any_set_is_reported() -> None:
    truth = np.array(["alive"] * 572 + ["dead"] * 28)
    members = np.zeros((600, 2), dtype=bool)
    members[:, 0] = True
    members[:5] = [False, True]
    members[572:576] = True
    each = coverage_by_class(truth, members, ["alive", "dead"], 0.9)
    assert [(one.description, one.coverage.n_covered, one.coverage.rows) for one in each] == [
        ("true class dead", 4, 28),
        ("true class alive", 567, 572),
    ]
    whole = coverage_of_sets(truth, members, ["alive", "dead"], 0.9)
    fact = "true class dead: coverage 14.3% (4.0 to 32.7%), target 90%"
    assert uncertainty_sentences(UncertaintyReport(whole, classes=each))[1] == (
        f"{fact} → too few calibration rows of a class for --per-class"
    )
    assert uncertainty_sentences(UncertaintyReport(whole, classes=each, per_class=True)) == [
        "prediction sets: coverage 95.2% (571 of 600 rows, 95% CI 93.1 to 96.7%), target 90%; too high",
        f"{fact} → predict_set(per_class=True) or --per-class",
    ]
    labels = np.arange(600) % 20
    many = coverage_by_class(labels, np.eye(20, dtype=bool)[labels], np.arange(20), 0.9)
    assert (len(many), many[0].description) == (12, "true class 0")


def test_the_classes_are_in_the_table(classifier, penguins):
    found = tn.evaluate(classifier, penguins.take(np.arange(1, 344, 2)), target="species", sections=("uncertainty",))
    lines = found.section("uncertainty").lines
    assert [line[0] for line in lines[:1]] == ["all rows"]
    assert {line[0] for line in lines[1:4]} == {f"true class {label}" for label in classifier.classes_}
    assert sum(int(line[1]) for line in lines[1:4]) == 172


def test_a_slice_better_than_all_rows_is_not_reported() -> None:
    covered, insured = np.zeros(300, dtype=bool), pl.Series("insured", [True] * 242 + [False] * 58)
    covered[:108] = covered[242:266] = True  # 44.6% and 41.4%
    whole = coverage_of_intervals(covered * 1.0, np.tile([0.5, 2.0], (300, 1)), 0.9)
    missed = "prediction intervals: coverage 44.0% (132 of 300 rows, 95% CI 38.3 to 49.8%), target 90%; too low"
    parts = coverage_by_slice(covered, np.ones(300), 0.9, [insured])
    assert uncertainty_sentences(UncertaintyReport(whole, parts)) == [missed]
    covered[242:266], covered[108:132] = False, True
    parts = coverage_by_slice(covered, np.ones(300), 0.9, [insured])
    assert uncertainty_sentences(UncertaintyReport(whole, parts)) == [
        missed,
        "insured = false: coverage 0.0% (0.0 to 6.2%), target 90%",
    ]


def test_an_error_of_zero_points_has_no_direction() -> None:
    assert calibration_sentence(calibration([0, 0, 0], [[0.9999, 0.0001]] * 3)) == "ECE 0.0 points"
