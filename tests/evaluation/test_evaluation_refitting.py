"""Cross-validation and learning curves: what is trained anew, from which rows, and what the numbers say."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy.stats import t

import tidynet
from tidynet.core.errors import InputError
from tidynet.estimators.estimator import NetworkEstimator
from tidynet.evaluation.cross_validation import _jobs_in_time, check_folds, corrected_interval, cross_validate
from tidynet.evaluation.learning_curve import LearningCurve, MoreRows, fit_curve, learning_curve, power_law
from tidynet.evaluation.section import EvaluationSection
from tidynet.evaluation.sections import cross_validation_sections
from tidynet.evaluation.sections.cross_validation import cross_validation_section
from tidynet.evaluation.sections.learning_curve import learning_curve_sentences

QUICK: dict[str, Any] = {"random_state": 0, "max_iter": 4, "n_networks": 1, "hidden_layer_sizes": 8}


def penguins() -> tidynet.Table:
    return tidynet.read("penguins")


def classifier() -> Any:
    table = penguins()
    return tidynet.MLPClassifier(**QUICK).fit(table.drop(target="species"), table["species"])


@pytest.fixture
def fits(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The rows that each network was fitted on, by bill length and body mass."""
    seen: list[Any] = []
    fit = NetworkEstimator.fit

    def events(self: Any, features: Any, target: Any, *rest: Any, **options: Any) -> Any:
        fitted = fit(self, features, target, *rest, **options)
        seen.append((features, fitted))
        return fitted

    monkeypatch.setattr(NetworkEstimator, "fit", events)
    return seen


def test_every_row_is_tested_by_networks_not_trained_on_it(fits: list[Any]) -> None:
    model = classifier()
    fits.clear()
    found = cross_validate(model, penguins(), "species", folds=4, repeats=2)
    assert (found.folds, found.repeats, found.rows) == (4, 2, 344)
    assert len(fits) == 8
    assert {features.height for features, _ in fits} == {258}
    for features, fitted in fits:
        # What the recipe trained is of the fold's training rows, not of the table.
        assert fitted.recipe_.to_dict() != model.recipe_.to_dict()
        shares = np.unique(features["island"].to_list(), return_counts=True)[1] / features.height
        assert shares == pytest.approx([168 / 344, 124 / 344, 52 / 344], abs=0.06)


def test_cross_validation_has_the_scores_of_an_evaluation_beside_baselines() -> None:
    found = cross_validate(classifier(), penguins(), "species", folds=3)
    assert list(found.scores) == ["network", "most frequent class", "logistic regression", "boosted trees"]
    assert {"accuracy", "log loss", "Brier score", "ROC AUC", "F1 of Adelie"} < set(found.scores["network"])
    assert all(one.low <= one.value <= one.high for one in found.scores["network"].values())
    assert found.scores["most frequent class"]["accuracy"].value == pytest.approx(152 / 344, abs=0.01)
    assert [one.baseline for one in found.comparisons] == list(found.scores)[1:]
    section = cross_validation_section(found)
    assert (
        EvaluationSection.from_dict(json.loads(json.dumps(section.to_dict(), allow_nan=False))).lines == section.lines
    )


def test_one_seed_gives_one_cross_validation() -> None:
    model = classifier()
    first, again, other = (cross_validate(model, penguins(), "species", folds=3, seed=seed) for seed in (1, 1, 2))
    assert first == again
    assert first.scores["network"] != other.scores["network"]


def test_the_interval_is_wider_than_that_of_independent_folds() -> None:
    values = [0.8, 0.9, 0.85, 0.95, 0.9]
    mean, low, high = corrected_interval(values, ratio=0.25)
    half = t.ppf(0.975, 4) * np.std(values, ddof=1) * np.sqrt(1 / 5 + 1 / 4)
    assert (mean, low, high) == pytest.approx((0.88, 0.88 - half, 0.88 + half))


def test_rare_classes_are_in_as_many_folds_as_they_have_rows() -> None:
    table = penguins()
    rare = [f"rare {number}" if number < 2 else label for number, label in enumerate(table["species"].to_list())]
    rows = tidynet.read({"bill": table["bill_length_mm"].to_list(), "species": rare})
    model = tidynet.MLPClassifier(**QUICK).fit(rows.drop(target="species"), rows["species"])
    found = cross_validate(model, rows, "species", folds=3)
    assert 0 < found.scores["network"]["accuracy"].value < 1


@pytest.mark.parametrize(
    ("rows", "options", "message"),
    [
        (344, {"folds": 1}, "--folds is 1, expected a whole number from 2 to 100; try 5"),
        (344, {"repeats": 0}, "--repeats is 0, expected at least 1; try 2"),
        (7, {"folds": 5}, "the table has 7 rows, expected at least 10; give fewer folds"),
    ],
)
def test_folds_that_cannot_be_made_are_refused(rows: int, options: dict[str, int], message: str) -> None:
    with pytest.raises(InputError) as caught:
        cross_validate(classifier(), penguins().take(np.arange(rows)), "species", **options)
    assert str(caught.value) == message


def test_a_missing_column_is_refused() -> None:
    with pytest.raises(InputError, match="the column of the model is 'island', expected a column of 'penguins'"):
        cross_validate(classifier(), penguins().drop("island"), "species")


def test_a_learning_curve_learns_from_parts_of_the_rows(fits: list[Any]) -> None:
    model = classifier()
    fits.clear()
    events: list[tuple[int, int]] = []
    found = learning_curve(model, penguins(), "species", draws=2, on_event=lambda *done: events.append(done))
    assert found.sizes == (20, 34, 69, 138, 275)
    assert sorted(features.height for features, _ in fits) == sorted(2 * found.sizes)
    assert events == [(number, 10) for number in range(1, 11)]
    assert (found.test_rows, found.projected_rows, found.score) == (69, 550, "log loss")
    assert found.projected_loss_low <= found.projected_loss <= found.projected_loss_high
    assert found.projected_loss <= found.a + found.b
    assert found == learning_curve(model, penguins(), "species", draws=2)


def test_numbers_have_a_learning_curve_of_their_error() -> None:
    table = penguins()
    known = table.take(np.flatnonzero(table["body_mass_g"].is_not_null().to_numpy()))
    model = tidynet.MLPRegressor(**QUICK).fit(known.drop(target="body_mass_g"), known["body_mass_g"])
    found = learning_curve(model, table, "body_mass_g", draws=2)
    assert found.score == "RMSE"
    assert 100 < found.losses[-1] < 5000


def test_the_power_law_is_found_again() -> None:
    n = np.array([1 / 16, 1 / 8, 1 / 4, 1 / 2, 1])
    truths = [(0.2, 0.1, 0.5), (0.0, 0.3, 1.0), (0.4, 0.0, 0.05)]
    curves = np.array([a + b * n**-c for a, b, c in truths])
    for (a, b, c), *found in zip(truths, *power_law(n, curves), strict=True):
        assert found[:2] == pytest.approx([a, b], abs=1e-6)
        assert found[2] == pytest.approx(c, abs=1e-6) or b == 0


def curve(gain_low: float, gain_high: float) -> LearningCurve:
    return LearningCurve(
        "log loss", (100, 200), (0.5, 0.4), (0.4, 0.3), (0.6, 0.5), 3, 50, 0.3, 0.1, 0.5, 400, 0.37, 0.3, 0.45,
        gain_low, gain_high,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("gains", "verdict", "sentence"),
    [
        ((0.05, 0.2), MoreRows.HELP, "more rows help: 400 training rows lower the log loss by 5% to 20% (95% CI)"),
        (
            (0.0, 0.01),
            MoreRows.HELP_LITTLE,
            "more rows help little: 400 training rows lower the log loss by 0% to 1% (95% CI), under 2%; add columns or "
            "change the network",
        ),
        (
            (0.0, 0.2),
            MoreRows.NOT_SIGNIFICANT,
            "the effect of more rows is not significant: 400 training rows lower the log loss by 0% to 20% (95% CI); 2% "
            "would be worthwhile",
        ),
    ],
)
def test_the_verdict_of_a_learning_curve(gains: tuple[float, float], verdict: MoreRows, sentence: str) -> None:
    result = curve(*gains)
    assert result.verdict is verdict
    assert learning_curve_sentences(result) == [
        sentence,
        "power law through 2 sizes: log loss 0.40 at 200 training rows, 0.37 (0.30 to 0.45) at 400",
    ]


@pytest.mark.parametrize(
    ("gain_low", "gain_high", "verdict"),
    [
        (0.02, 0.2, MoreRows.HELP),
        (0.0199, 0.2, MoreRows.NOT_SIGNIFICANT),
        (0.0, 0.02, MoreRows.NOT_SIGNIFICANT),
        (0.0, 0.0199, MoreRows.HELP_LITTLE),
    ],
)
def test_two_percent_is_the_smallest_worthwhile_gain(gain_low: float, gain_high: float, verdict: MoreRows) -> None:
    assert curve(gain_low, gain_high).verdict is verdict


def losses_around(means: list[float], *, noise: float = 0.05) -> np.ndarray:
    """Losses of three draws of 200 test rows, which differ in what they find hard."""
    random = np.random.default_rng(0)
    return np.array(means)[:, np.newaxis] + noise * random.standard_normal((3, 1, 200))


def test_sizes_no_better_than_a_constant_are_excluded_from_the_fit() -> None:
    sizes, random = (20, 40, 80, 160, 320), np.random.default_rng(0)
    true = [0.5 + 0.05 * (size / 320) ** -0.5 for size in sizes]
    found = fit_curve(losses_around([2.1, *true[1:]]), sizes, ("log loss", 0.69), random)
    assert found.a + found.b == pytest.approx(0.55, abs=0.01)
    assert found.c == pytest.approx(0.5, abs=0.1)
    sentences = learning_curve_sentences(found)
    assert sentences[1].startswith("power law through 4 sizes: log loss 0.5")
    assert sentences[2] == "the fit excludes the smallest 1 size, no better than a constant prediction"


def test_a_curve_that_misses_the_last_loss_gives_no_verdict() -> None:
    sizes, random = (20, 40, 80, 160, 320), np.random.default_rng(0)
    found = fit_curve(losses_around([0.6, 0.3, 0.2, 0.15, 0.4], noise=0.001), sizes, ("log loss", 0.69), random)
    assert found.n_excluded == 0
    assert found.verdict is MoreRows.NO_FIT
    assert learning_curve_sentences(found)[0] == "the losses follow no power law: the effect of more rows is unknown"


def test_too_few_rows_for_a_curve_are_stated_in_the_section() -> None:
    few = penguins().take(np.arange(0, 344, 5))
    [section] = cross_validation_sections(classifier(), few, "species", curve=True)
    assert section.sentences == (
        "Not available: a learning curve of 69 rows is not possible, expected at least 100 rows; give more rows.",
    )


def test_cross_validation_keeps_groups_in_one_fold(fits: list[Any]) -> None:
    model = classifier()
    fits.clear()
    groups = np.random.default_rng(0).integers(0, 40, 344)
    cross_validate(model, penguins(), "species", folds=4, groups=groups)
    place = dict(zip(penguins().drop(target="species").frame.rows(), groups.tolist(), strict=True))
    trained = [[place[row] for row in features.frame.rows()] for features, _ in fits]
    assert sum(40 - len(set(part)) for part in trained) == 40  # each group is tested once
    with pytest.raises(InputError) as caught:
        cross_validate(model, penguins(), "species", folds=5, groups=groups % 3)
    assert str(caught.value) == "the table has 3 groups, expected at least 5; give fewer folds"


def test_cross_validation_in_time_trains_on_earlier_rows(fits: list[Any]) -> None:
    model = classifier()
    fits.clear()
    order = np.random.default_rng(0).permutation(344)
    found = cross_validate(model, penguins(), "species", folds=3, order=order)
    assert sorted(features.height for features, _ in fits) == [86, 172, 258]
    place = dict(zip(penguins().drop(target="species").frame.rows(), order.tolist(), strict=True))
    assert sorted(max(place[row] for row in features.frame.rows()) for features, _ in fits) == [85, 171, 257]
    # The quarter before the first fold is never tested.
    assert (found.folds, found.rows, found.training_only_rows) == (3, 258, 86)
    assert found.verdict.endswith("in cross-validation (258 rows).")
    section = cross_validation_section(found)
    assert section.title == "Cross-validation"
    assert section.sentences[-1] == (
        "3 folds; the 95% CIs allow for shared training rows; each fold is predicted from the rows before it: 258 of 344 "
        "rows are tested, all but the first 86."
    )


def test_random_folds_test_every_row() -> None:
    found = cross_validate(classifier(), penguins(), "species", folds=2)
    assert (found.rows, found.training_only_rows) == (344, 0)
    assert cross_validation_section(found).sentences[-1] == "2 folds; the 95% CIs allow for shared training rows."


def test_repeats_without_folds_are_refused() -> None:
    with pytest.raises(InputError) as caught:
        check_folds(0, 3)
    assert str(caught.value) == "--repeats is 3, but there are no folds; add --folds 5"
    with pytest.raises(InputError) as caught:
        check_folds(0, 1)
    assert str(caught.value) == "--folds is 0, expected a whole number from 2 to 100; try 5"


def test_cross_validation_of_quantiles_has_their_losses() -> None:
    random = np.random.default_rng(0)
    frame = pl.DataFrame({"x": random.normal(size=120), "y": random.normal(size=120)})
    model = tidynet.MLPRegressor(**QUICK, quantiles=(0.1, 0.9)).fit(frame.drop("y"), frame["y"])
    found = cross_validate(model, frame, "y", folds=3)
    direct = tidynet.evaluate(model, frame, target="y", sections="scores").network
    pinball = [name for name in direct if "pinball" in name]
    assert pinball
    for name in pinball:
        assert found.scores["network"][name].value == pytest.approx(direct[name].value, rel=0.5)
    assert not any(name in found.scores["mean"] for name in pinball)
    assert len(cross_validation_section(found).lines[-1]) == 1 + len(found.scores)


def test_a_learning_curve_tests_whole_groups(fits: list[Any]) -> None:
    model = classifier()
    fits.clear()
    groups = np.random.default_rng(0).integers(0, 40, 344)
    found = learning_curve(model, penguins(), "species", draws=2, groups=groups)
    place = dict(zip(penguins().drop(target="species").frame.rows(), groups.tolist(), strict=True))
    most = found.sizes[-1]
    trained = [{place[row] for row in features.frame.rows()} for features, _ in fits if features.height == most]
    assert found.test_rows == 69
    assert all(26 <= len(groups_of) <= 34 for groups_of in trained)  # at random all 40 groups would be trained from
    with pytest.raises(InputError) as caught:
        learning_curve(model, penguins(), "species", groups=groups % 3)
    assert str(caught.value) == "the table has 3 groups, expected at least 10 for a learning curve"


def test_a_learning_curve_in_time_is_tested_on_the_last_rows(fits: list[Any]) -> None:
    model = classifier()
    fits.clear()
    order = np.random.default_rng(0).permutation(344)
    learning_curve(model, penguins(), "species", draws=2, order=order)
    place = dict(zip(penguins().drop(target="species").frame.rows(), order.tolist(), strict=True))
    assert {max(place[row] for row in features.frame.rows()) < 275 for features, _ in fits} == {True}
    assert max(features.height for features, _ in fits) == 275


def test_folds_in_time_need_one_more_distinct_time_than_folds() -> None:
    with pytest.raises(InputError) as caught:
        _jobs_in_time(np.array([5, 5, 7, 7, 9, 9]), 4)
    assert str(caught.value) == "the rows have 3 distinct times, expected at least 5; give fewer folds"
    jobs = _jobs_in_time(np.array([9, 5, 7]), 2)
    assert [(job.training.tolist(), job.test.tolist()) for job in jobs] == [([1], [2]), ([1, 2], [0])]
