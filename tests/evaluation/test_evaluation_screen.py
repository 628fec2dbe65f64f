"""The data of the short screen: verdict, difference, key scores, coverage, attention items."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import tidynet
from tidynet.core.errors import InputError
from tidynet.evaluation.baseline_comparison import (
    BaselineComparison,
    Verdict,
    hardest_comparison,
    overall_verdict,
    primary_metric,
)
from tidynet.evaluation.bootstrap import small_sample_factor
from tidynet.evaluation.calibration import CalibrationBin, CalibrationResult
from tidynet.evaluation.coverage import CoverageResult, SliceCoverage
from tidynet.evaluation.evaluate_predictions import evaluate_predictions
from tidynet.evaluation.result import Evaluation
from tidynet.evaluation.section import AttentionItem, CardPlace, EvaluationSection
from tidynet.evaluation.sections import SECTIONS, SPECS
from tidynet.evaluation.sections.uncertainty import calibration_sentence
from tidynet.evaluation.train_test_duplicates import TRAINING_ROWS_IN_TEST
from tidynet.evaluation.uncertainty import worst_undercovered

TRAIN, TEST = np.arange(0, 344, 2), np.arange(1, 344, 2)


@pytest.fixture(scope="module")
def evaluation() -> Evaluation:
    table = tidynet.read("penguins")
    train = table.take(TRAIN)
    model = tidynet.MLPClassifier(random_state=0, effort="fast").fit(train.drop(target="species"), train["species"])
    return tidynet.evaluate(model, table.take(TEST), "species", training_table=train)


def comparison(baseline: str, low: float, high: float, rows: int = 50) -> BaselineComparison:
    return BaselineComparison(baseline, "RMSE", (low + high) / 2, low, high, False, rows)


BETTER, UNCLEAR, WORSE = comparison("a", -3, -1), comparison("b", -2, 1), comparison("c", 1, 2)


@pytest.mark.parametrize(
    ("comparisons", "rows", "verdict", "hardest"),
    [
        ([BETTER], 50, Verdict.BETTER, "a"),
        ([BETTER, UNCLEAR], 50, Verdict.NOT_SIGNIFICANT, "b"),
        ([BETTER, UNCLEAR, WORSE], 50, Verdict.WORSE, "c"),
        ([BETTER], 9, Verdict.TOO_FEW_ROWS, "a"),
        ([BETTER], 10, Verdict.BETTER, "a"),
        ([], 50, Verdict.NO_BASELINE, None),
    ],
)
def test_the_overall_verdict(
    comparisons: list[BaselineComparison], rows: int, verdict: Verdict, hardest: str | None
) -> None:
    assert overall_verdict(comparisons, rows) is verdict
    decisive = hardest_comparison(comparisons)
    assert (None if decisive is None else decisive.baseline) == hardest


def test_ten_rows_are_enough_for_a_comparison() -> None:
    assert [comparison("a", -3, -1, rows).verdict for rows in (9, 10)] == ["unclear", "better"]


def test_the_primary_metric_is_the_first_that_every_model_has() -> None:
    assert primary_metric([{"log loss", "accuracy"}, {"log loss", "accuracy"}]) == "log loss"
    assert primary_metric([{"log loss", "accuracy"}, {"accuracy"}]) == "accuracy"
    assert primary_metric([{"RMSE", "R²"}]) == "RMSE"


def test_key_scores_are_those_of_the_network_and_the_hardest_baseline(evaluation: Evaluation) -> None:
    rows = evaluation.key_scores()
    assert [row.name for row in rows] == ["accuracy", "balanced accuracy", "macro F1", "log loss", "90% set coverage"]
    hardest = evaluation.comparison.baseline
    for row in rows[:4]:
        assert list(row.texts) == ["network", hardest]
        assert row.scores["network"] == evaluation.network[row.name]
        assert row.scores[hardest] == evaluation.baselines[hardest][row.name]
        assert row.texts["network"] == str(evaluation.network[row.name])
    facts = evaluation.section("uncertainty").facts["coverage"]
    assert rows[4].scores["network"].value == facts["n_covered"] / 172
    assert rows[4].texts["network"].startswith(f"{facts['n_covered'] / 172:.1%} (")
    assert replace(evaluation, sections=()).coverage is None


def test_a_test_on_training_rows_is_invalid(evaluation: Evaluation) -> None:
    assert evaluation.invalid_test is None
    table = tidynet.read("penguins")
    train = table.take(TRAIN)
    model = tidynet.MLPClassifier(random_state=0, effort="fast", max_iter=3)
    model.fit(train.drop(target="species"), train["species"])
    item = tidynet.evaluate(model, table, "species", sections="leakage").invalid_test
    assert item is not None
    assert (item.fact, item.action) == ("172 of 344 rows (50%) are training rows", "use new rows")


def test_attention_items_are_sorted_by_priority_and_survive_json(evaluation: Evaluation) -> None:
    finding = {"code": "x", "columns": ["a"], "sentence": "fact", "action": "act", "priority": 0.9, "evidence": {}}
    leakage = EvaluationSection("leakage", "Data leakage", facts={"findings": [{**finding, "priority": 0.2}, finding]})
    coverage = {"target_coverage": 0.9, "rows": 100, "n_covered": 50, "low": 0.4, "high": 0.6, "size": 1.0, "sizes": {}}
    facts = evaluation.section("uncertainty").facts | {"coverage": coverage, "classes": [], "parts": []}
    uncertainty = EvaluationSection("uncertainty", "Uncertainty", facts=facts)
    items = replace(evaluation, sections=(uncertainty, leakage)).attention
    assert items[0] == AttentionItem("leakage", "a: fact", "act", 0.9)
    assert items[1].fact == "coverage 50.0% (50 of 100 rows, 95% CI 40.0 to 60.0%), target 90%; too low"
    assert [item.priority for item in items] == sorted((item.priority for item in items), reverse=True)
    again = Evaluation.from_dict(evaluation.to_dict())
    assert again.attention == evaluation.attention


@pytest.mark.parametrize(("priority", "severity"), [(0.7, "high"), (0.69, "medium"), (0.4, "medium"), (0.39, "low")])
def test_the_severity_of_a_priority(priority: float, severity: str) -> None:
    assert AttentionItem("leakage", "fact", "", priority).severity == severity


@pytest.mark.parametrize("n_slices", [2, 3, 5, 9])
def test_the_lowest_slice_is_significant_after_bonferroni(n_slices: int) -> None:
    from scipy.stats import binom

    whole = CoverageResult(0.9, 1000, 900, 0.88, 0.92, 1.0, {})
    for n_covered in range(25, 45):
        low = SliceCoverage("a", "a = 1", CoverageResult(0.9, 50, n_covered, 0.0, 1.0, 1.0, {}))
        others = [SliceCoverage("a", f"a = {i}", whole) for i in range(1, n_slices)]
        is_significant = n_slices * binom.cdf(n_covered, 50, 0.9) < 0.05
        assert (worst_undercovered(whole, [low, *others]) is low) == is_significant


@pytest.mark.parametrize(
    ("low", "high", "assessment"),
    [(0.80, 0.89, "less"), (0.91, 0.99, "more"), (0.82, 0.95, "kept"), (0.815, 0.95, "unclear"), (0.9, 0.9, "kept")],
)
def test_the_assessment_of_a_coverage(low: float, high: float, assessment: str) -> None:
    # Twice the odds of a miss at 90% are 9 to 2, a coverage of 9/11 = 0.818.
    assert CoverageResult(0.9, 100, 90, low, high, 1.0, {}).assessment == assessment


def test_every_section_has_a_declaration() -> None:
    assert [name for name in SPECS if name not in SECTIONS] == ["cross-validation", "learning curve"]
    assert len({spec.title for spec in SPECS.values()}) == len(SPECS)
    assert {spec.card_place for spec in SPECS.values()} == {None, *CardPlace}
    for spec in SPECS.values():
        empty = spec.section([])
        assert list(spec.attention(empty)) == []


def test_an_unknown_section_of_an_evaluation_is_refused(evaluation: Evaluation) -> None:
    with pytest.raises(InputError, match="the section is 'errata', expected one of 'leakage'"):
        evaluation.section("errata")


@pytest.mark.parametrize(("rows", "has_note"), [(19, True), (20, False)])
def test_a_class_of_fewer_than_twenty_rows_is_noted(rows: int, has_note: bool) -> None:
    y_true = ["no"] * 100 + ["yes"] * rows
    result = evaluate_predictions("binary", "y", ["no", "yes"], y_true, (["no"] * len(y_true), None))
    assert any("in the test set" in note for note in result.notes) == has_note


def test_the_small_sample_factor_is_that_of_its_formula() -> None:
    # √(Σ 1/n / Σ (n − 1)/n²) with 2 and 4 rows
    assert small_sample_factor(np.array([0, 0, 1, 1, 1, 1])) == pytest.approx(np.sqrt(0.75 / (1 / 4 + 3 / 16)))


@pytest.mark.parametrize(
    ("fraction", "has_drift"), [(None, False), (0.0, False), (0.5, False), (0.51, True), (1.0, True)]
)
def test_drift_is_more_than_half_of_the_rows(evaluation: Evaluation, fraction: float | None, has_drift: bool) -> None:
    section = EvaluationSection("uncertainty", "Uncertainty", facts={"novel_fraction": fraction})
    others = EvaluationSection("zzz", "Other", facts={"novel_fraction": 1 - (fraction or 0)})
    assert replace(evaluation, sections=(others, section)).has_drift == has_drift
    assert not replace(evaluation, sections=()).has_drift


def test_the_fraction_of_training_rows_is_stated(evaluation: Evaluation) -> None:
    finding = {"code": TRAINING_ROWS_IN_TEST, "evidence": {"rows": 30, "test rows": 40}}
    section = EvaluationSection("leakage", "Leakage", facts={"findings": [finding]})
    item = replace(evaluation, sections=(section,)).invalid_test
    assert item is not None
    assert (item.fact, item.action) == ("30 of 40 rows (75%) are training rows", "use new rows")


@pytest.mark.parametrize(
    ("error", "limit", "text"),
    [
        (0.0004, 0.0, "ECE 0.0 points"),
        (0.0005, 1.0, "ECE 0.1 points; not significant (n = 80)"),
        (0.25, 0.2, "ECE 25.0 points; probabilities are too high"),
        (0.9, 0.2, "ECE 90.0 points; significant (n = 80)"),
    ],
)
def test_the_sentence_of_a_calibration_error(error: float, limit: float, text: str) -> None:
    bins = (CalibrationBin(0.0, 1.0, 80, 0.75, 0.5, 0.4, 0.6),)
    result = CalibrationResult("'yes'", 80, bins, error, 0.1, 0.1, 0.1, 0.1, 0.0)
    vars(result)["error_of_exact_probabilities"] = limit
    assert calibration_sentence(result) == text
    assert result.is_significant == (error > limit)
