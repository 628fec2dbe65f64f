"""Coverage, calibration and abstention: limits, defaults and sentences, against direct computations."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy import stats

from tidynet.core.errors import InputError
from tidynet.evaluation.abstention import Abstention, compute_abstention
from tidynet.evaluation.calibration import CalibrationResult, calibration, calibration_from
from tidynet.evaluation.coverage import (
    MAX_CATEGORIES,
    CoverageResult,
    SliceCoverage,
    binomial_interval,
    coverage_by_class,
    coverage_by_slice,
    coverage_of_intervals,
    coverage_of_sets,
)
from tidynet.evaluation.sections import SPECS
from tidynet.evaluation.sections.uncertainty import (
    attention,
    brier_sentence,
    calibration_sentence,
    drift_sentence,
    uncertainty_sentences,
)
from tidynet.evaluation.uncertainty import UncertaintyReport, worst_undercovered


def covering(n_covered: int, rows: int, target: float = 0.9, sizes: dict[str, int] | None = None) -> CoverageResult:
    low, high = binomial_interval(n_covered, rows)
    return CoverageResult(target, rows, n_covered, low, high, 1.5, sizes or {})


def calibrated(rows: int = 40, error: float = 0.3) -> CalibrationResult:
    """Half of the rows happen; the probability is too high by `error`."""
    p = np.full(rows, 0.5 + error)
    return calibration(np.arange(rows) % 2, np.column_stack([1 - p, p]), predicted_event="'yes'")


# Coverage --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("inside", "rows"), [(0, 5), (5, 5), (3, 5), (1, 1), (90, 100)])
def test_exact_intervals_solve_their_equations(inside: int, rows: int) -> None:
    for level in (0.95, 0.8):
        low, high = binomial_interval(inside, rows, level)
        tail = (1 - level) / 2
        assert low == 0 if not inside else stats.binom.sf(inside - 1, rows, low) == pytest.approx(tail)
        assert high == 1 if inside == rows else stats.binom.cdf(inside, rows, high) == pytest.approx(tail)
    assert binomial_interval(inside, rows) == binomial_interval(inside, rows, 0.95)


def test_sets_have_their_mean_size_and_a_count_of_each_size() -> None:
    members = np.array([[1, 0, 0], [1, 1, 0], [0, 0, 0], [1, 1, 1], [0, 1, 1]], dtype=bool)
    found = coverage_of_sets(["a", "c", "b", "b", "b"], members, ["a", "b", "c"], 0.8)
    assert (found.rows, found.n_covered, found.size) == (5, 3, 8 / 5)
    assert found.sizes == {"0": 1, "1": 1, "2": 2, "3": 1}
    assert found.to_dict() == {**asdict(found), "coverage": 0.6}
    none = coverage_of_sets([], np.empty((0, 3)), ["a", "b", "c"], 0.8)
    assert (none.rows, none.low, none.high, none.sizes) == (0, 0.0, 1.0, {})
    assert np.isnan([none.coverage, none.size]).all()


def test_both_limits_belong_to_an_interval() -> None:
    limits = [[0.0, 1.0], [0.0, 1.0], [0.0, 1.0], [0.0, 1.0], [2.0, 5.0]]
    found = coverage_of_intervals([0.0, 1.0, -0.01, 1.01, 3.0], limits, 0.9)
    assert (found.n_covered, found.size, found.sizes) == (3, 7 / 5, {})


@pytest.mark.parametrize(
    ("low", "high", "assessment"),
    [(0.5, 0.899, "less"), (0.5, 0.9, "unclear"), (0.901, 1.0, "more"), (0.9, 1.0, "kept"), (0.82, 0.95, "kept"),
     (0.9 / 1.1, 0.95, "unclear")],
)  # fmt: skip
def test_a_coverage_is_assessed_by_its_interval(low: float, high: float, assessment: str) -> None:
    assert CoverageResult(0.9, 100, 90, low, high, 1.0, {}).assessment == assessment


def test_slices_need_twenty_rows_and_classes_five() -> None:
    town = pl.Series("town", ["a"] * 20 + ["b"] * 19 + [None] * 21)
    parts = coverage_by_slice([True] * 30 + [False] * 30, np.arange(60), 0.9, [town])
    assert [(item.description, item.coverage.rows) for item in parts] == [("town missing", 21), ("town = a", 20)]
    assert [item.coverage.n_covered for item in parts] == [0, 20]
    assert [item.coverage.size for item in parts] == [np.arange(39, 60).mean(), np.arange(20).mean()]
    assert parts[0].coverage.sizes == {}
    assert coverage_by_slice([True] * 60, np.ones(60, int), 0.9, [town], sets=True)[0].coverage.sizes
    labels = np.array(["u"] * 5 + ["v"] * 4 + ["w"] * 6)
    members = np.column_stack([labels == "u", np.ones(15, bool), labels == "u"])
    found = coverage_by_class(labels, members, ["u", "v", "w"], 0.7)
    assert [(item.column, item.description, item.coverage.coverage) for item in found] == [
        ("", "true class w", 0.0),
        ("", "true class u", 1.0),
    ]
    assert [(item.coverage.target_coverage, item.coverage.size) for item in found] == [(0.7, 1.0), (0.7, 3.0)]


def test_numbers_of_more_than_twelve_values_are_quarters() -> None:
    twelve, thirteen = pl.Series("n", [*range(12)] * 25), pl.Series("n", [*range(13)] * 25)
    first = coverage_by_slice([True] * 300, np.ones(300), 0.9, [twelve])
    assert {item.description for item in first} == {f"n = {number}" for number in range(12)}
    second = coverage_by_slice([True] * 325, np.ones(325), 0.9, [thirteen])
    assert [(item.description, item.coverage.rows) for item in second] == [
        ("n 0 to 3", 75),
        ("n 3 to 6", 75),
        ("n 6 to 9", 75),
        ("n 9 to 12", 100),
    ]
    empty = pl.Series("n", [None] * 40, pl.Duration)
    assert [item.description for item in coverage_by_slice([True] * 40, np.ones(40), 0.9, [empty])] == ["n missing"]
    many = pl.Series("c", [f"{number:02d}" for number in range(14) for _ in range(40 - number)])
    named = coverage_by_slice([True] * len(many), np.ones(len(many)), 0.9, [many])
    assert {item.description for item in named} == {f"c = {number:02d}" for number in range(12)}


def test_the_slice_that_most_significantly_lacks_coverage_is_chosen() -> None:
    slices = [SliceCoverage("", name, covering(inside, rows)) for name, inside, rows in
              (("a", 5, 10), ("b", 60, 100), ("c", 100, 100))]  # fmt: skip
    whole = covering(165, 210)
    assert worst_undercovered(whole, slices) is slices[1]
    assert worst_undercovered(None, slices) is None
    assert worst_undercovered(whole, slices[2:]) is None
    # p = P(at most 20 of 30 rows at 78.6%) = 0.0901, for one slice and for two.
    reference = whole.coverage
    single = SliceCoverage("", "d", covering(19, 30))
    p = stats.binom.cdf(19, 30, reference)
    assert 0.025 < p < 0.05
    assert worst_undercovered(whole, [single]) is single
    assert worst_undercovered(whole, [single, slices[2]]) is None


# Calibration -----------------------------------------------------------------------------------


def test_bins_have_their_rows_and_exact_intervals() -> None:
    p = np.array([0.0, 0.05, 0.1, 0.55, 0.999, 1.0])
    found = calibration([0, 1, 0, 1, 1, 1], np.column_stack([1 - p, p]))
    assert [(item.low, item.high, item.count) for item in found.bins] == [
        (0.0, 0.1, 2),
        (0.1, 0.2, 1),
        (0.5, 0.6, 1),
        (0.9, 1.0, 2),
    ]
    assert [item.observed_frequency for item in found.bins] == [0.5, 0.0, 1.0, 1.0]
    assert [(item.least, item.most) for item in found.bins] == [
        binomial_interval(hits, rows) for hits, rows in ((1, 2), (0, 1), (1, 1), (2, 2))
    ]
    assert found.predicted_event == "the second class"
    assert found.uncertainty == pytest.approx(4 / 6 * 2 / 6)
    assert found.expected_calibration_error == pytest.approx((2 * 0.475 + 0.1 + 0.45 + 2 * 0.0005) / 6)
    assert calibration_from(json.loads(json.dumps(found.to_dict()))) == found


def test_several_classes_are_judged_by_the_predicted_one() -> None:
    p = np.array([[0.6, 0.3, 0.1], [0.2, 0.7, 0.1], [0.2, 0.3, 0.5], [0.8, 0.1, 0.1]])
    found = calibration([0, 0, 2, -1], p)
    assert (found.rows, found.predicted_event) == (3, "the predicted class")
    assert [item.observed_frequency for item in found.bins] == [1.0, 1.0, 0.0]
    assert found.brier == pytest.approx((0.4**2 + 0.7**2 + 0.5**2) / 3)
    with pytest.raises(InputError, match="0 rows have a class of the model"):
        calibration([-1], p[:1])


def test_the_error_of_exact_probabilities_is_the_95_percent_quantile_of_drawn_ones() -> None:
    result = calibrated()
    drawn = np.random.default_rng(0).binomial(40, 0.8, 2000)
    assert result.error_of_exact_probabilities == pytest.approx(np.quantile(np.abs(drawn - 32) / 40, 0.95))
    assert result.is_significant
    assert not calibrated(error=0.0).is_significant


@pytest.mark.parametrize(
    ("error", "ending"),
    [(0.3, "; probabilities are too high"), (-0.3, "; probabilities are too low"), (0.02, "; not significant (n = 40)"),
     (0.0, "")],
)  # fmt: skip
def test_a_calibration_error_has_its_direction(error: float, ending: str) -> None:
    assert calibration_sentence(calibrated(error=error)) == f"ECE {100 * abs(error):.1f} points{ending}"


def test_errors_to_both_sides_have_no_direction() -> None:
    p = np.repeat([0.95, 0.05], 50)
    found = calibration(np.arange(100) % 2, np.column_stack([1 - p, p]))
    assert calibration_sentence(found) == "ECE 45.0 points; significant (n = 100)"


def test_the_brier_score_has_its_parts() -> None:
    result = replace(calibrated(), brier=0.3, reliability=0.1, resolution=0.05, uncertainty=0.25, within_bins=-0.00004)
    text = "Brier score of 'yes' 0.3000 = 0.1000 reliability − 0.0500 resolution + 0.2500 uncertainty"
    assert brier_sentence(result) == text
    assert brier_sentence(replace(result, within_bins=0.00005)) == f"{text} + 0.0001 within bins"
    assert brier_sentence(replace(result, within_bins=-0.002)) == f"{text} − 0.0020 within bins"


# The report ------------------------------------------------------------------------------------


def report(**changes: Any) -> UncertaintyReport:
    return replace(UncertaintyReport(rows=100), **changes)


def test_calibration_on_few_rows_is_its_error_alone() -> None:
    before, after = calibrated(9, 0.3), calibrated(9, 0.2)
    few = report(uncalibrated=before, calibrated=after, losses=(0.7, 0.6), scaling="temperature 1.2")
    assert uncertainty_sentences(few) == [calibration_sentence(after), "temperature 1.2"]
    before, after = calibrated(10, 0.3), calibrated(10, 0.2)
    assert uncertainty_sentences(replace(few, uncalibrated=before, calibrated=after)) == [
        calibration_sentence(after),
        brier_sentence(after),
        "temperature 1.2",
        "on 10 test rows calibration lowers the log loss from 0.7000 to 0.6000 and lowers the ECE from 30.0 to 20.0 points",
    ]
    assert uncertainty_sentences(replace(few, uncalibrated=None))[-1] == "temperature 1.2"
    assert uncertainty_sentences(replace(few, calibrated=None)) == ["temperature 1.2"]


@pytest.mark.parametrize(
    ("unknown", "sentence"),
    [
        (1, "1 of 100 rows has a class absent from training: calibration and coverage use the other 99"),
        (2, "2 of 100 rows have a class absent from training: calibration and coverage use the other 98"),
        (100, "100 of 100 rows have a class absent from training: calibration and coverage are undefined"),
    ],
)
def test_rows_of_unknown_classes_are_counted(unknown: int, sentence: str) -> None:
    assert uncertainty_sentences(report(n_unknown_class=unknown, note="a note")) == [sentence, "a note"]
    assert uncertainty_sentences(report()) == []


def test_reasons_of_drift_are_the_frequent_ones() -> None:
    start = "50 of 100 rows (50.0%) are unlike the training rows (novelty ≥ 0.99), expected 1%"
    drifted = report(novel_fraction=0.5, has_novel_rows=True)
    assert drift_sentence(drifted) == start
    assert drift_sentence(replace(drifted, reasons=(("a", 1), ("b", 1)))) == f"{start}: a (1 row)"
    reasons = tuple((name, 2) for name in "abcdef")
    assert drift_sentence(replace(drifted, reasons=reasons)) == (
        f"{start}: a (2 rows); b (2 rows); c (2 rows); d (2 rows); 2 more reasons"
    )
    large = replace(drifted, rows=1000, reasons=(("a", 11), ("b", 10)))
    assert drift_sentence(large).endswith("expected 1%: a (11 rows)")
    assert drift_sentence(replace(drifted, has_novel_rows=False)) == ""
    assert drift_sentence(replace(drifted, novel_fraction=None)) == ""
    one = replace(drifted, rows=20, novel_fraction=0.05, reasons=())
    assert drift_sentence(one) == "1 of 20 rows (5.0%) is unlike the training rows (novelty ≥ 0.99), expected 1%"


@pytest.mark.parametrize(
    ("uncertain", "novel", "drift", "shown"),
    [(3, 0, False, True), (0, 3, False, False), (0, 3, True, True), (0, 0, True, False)],
)
def test_abstention_is_stated_where_it_is_more_than_chance(
    uncertain: int, novel: int, drift: bool, shown: bool
) -> None:
    abstention = Abstention(100, uncertain, novel, 100, 97, 80.0, 78.0)
    result = report(abstention=abstention, novel_fraction=0.03, has_novel_rows=drift)
    assert (abstention.sentence() in uncertainty_sentences(result)) == shown


def test_attention_is_drawn_to_drift_low_coverage_and_calibration() -> None:
    low = covering(70, 100)
    parts = (SliceCoverage("town", "town = a", covering(10, 40)),)
    classes = (SliceCoverage("", "true class b", covering(20, 50)),)
    whole = report(
        coverage=low, parts=parts, classes=classes, calibrated=calibrated(), novel_fraction=0.6, has_novel_rows=True
    )

    def items(result: UncertaintyReport) -> list[tuple[str, str, float]]:
        section = SPECS["uncertainty"].section([], facts=result.to_dict())
        return [(item.fact, item.action, item.priority) for item in attention(section)]

    class_fact = "true class b: coverage 40.0% (26.4 to 54.8%), target 90%"
    assert items(whole) == [
        (drift_sentence(whole), "see novelty of each row: predict --novelty", 0.8),
        (
            "coverage 70.0% (70 of 100 rows, 95% CI 60.0 to 78.8%), target 90%; too low",
            "conformalize on new rows",
            0.65,
        ),
        (class_fact, "", 0.55),
        ("town = a: coverage 25.0% (12.7 to 41.2%), target 90%", "", 0.5),
        ("ECE 30.0 points; probabilities are too high", "", 0.45),
    ]
    assert items(replace(whole, novel_fraction=0.5))[0][2] == 0.5
    assert items(replace(whole, per_class=True))[2][1] == "predict_set(per_class=True) or --per-class"
    fine = report(coverage=covering(90, 100), calibrated=calibrated(error=0.0))
    assert items(fine) == items(report()) == []
    assert list(attention(SPECS["uncertainty"].section([]))) == []


def test_a_report_survives_json_and_ignores_other_fields() -> None:
    whole = report(
        coverage=covering(9, 10, sizes={"1": 10}), parts=(SliceCoverage("a", "a = 1", covering(3, 4)),),
        classes=(SliceCoverage("", "true class b", covering(3, 4)),), uncalibrated=calibrated(), calibrated=calibrated(),
        scaling="s", abstention=Abstention(10, 1, 2), novel_fraction=0.1, has_novel_rows=True, reasons=(("a", 3),),
        losses=(0.3, 0.2), note="n", per_class=True, n_unknown_class=4,
    )  # fmt: skip
    for result in (whole, UncertaintyReport()):
        assert UncertaintyReport.from_dict(json.loads(json.dumps({**result.to_dict(), "drift_note": ""}))) == result


def test_figures_and_cells_of_the_uncertainty() -> None:
    spec = SPECS["uncertainty"]
    facts = report(uncalibrated=calibrated(), calibrated=calibrated(50)).to_dict()
    [figure] = spec.figures(facts)
    assert "Reliability diagram of 50 rows: predicted probability of 'yes'" in figure.alt
    assert figure.alt.endswith("in 1 bins. ECE 30.0 points.")
    labels = [text.get_text() for text in figure.figure.axes[0].get_legend().get_texts()]
    assert labels == ["perfect calibration", "before calibration", "after calibration"]
    [alone] = spec.figures({**facts, "uncalibrated": None})
    labels = [text.get_text() for text in alone.figure.axes[0].get_legend().get_texts()]
    assert labels == ["perfect calibration", "network"]
    assert list(spec.figures(report().to_dict())) == list(spec.figures({})) == []
    table = spec.section([], ("a",), [("b",)], report().to_dict())
    assert [cell.text for cell in spec.cells(table)] == [
        "### Coverage\n\nAll test rows, each class, and the subgroups with the lowest coverage.",
        "pd.DataFrame(uncertainty.lines, columns=uncertainty.header)",
    ]
    cells = list(spec.cells(spec.section([], facts=facts)))
    assert cells[0].text.endswith(
        "ECE 30.0 points: mean distance of the points from the dashed line, weighted by rows."
    )
    assert len(cells) == 3


# Abstention ------------------------------------------------------------------------------------


def test_rows_are_counted_once_and_scored_where_a_true_value_is_known() -> None:
    uncertain = np.array([True, True, False, False, False, False])
    novel = np.array([True, False, True, False, False, False])
    scores = np.array([1.0, 0.0, 1.0, 0.0, 1.0, np.nan])
    found = compute_abstention(uncertain, novel, scores)
    assert found == Abstention(6, 2, 1, 5, 2, 3.0, 1.0, "accuracy", "several possible classes", True)
    assert (found.is_abstained, found.score_of_all, found.score_of_kept) == (3, 0.6, 0.5)
    without = compute_abstention(uncertain, None, scores, "RMSE", "wide")
    assert without == Abstention(6, 2, 0, 5, 3, 3.0, 2.0, "RMSE", "wide", False)
    assert without.score_of_all == pytest.approx(np.sqrt(3 / 5))
    both = found + found
    assert both == Abstention(12, 4, 2, 10, 4, 6.0, 2.0)
    assert np.isnan(Abstention(2, 1).score_of_all)
    assert Abstention(2, 2).sentence() == "abstention on 2 of 2 rows (2 several possible classes)"
    assert Abstention(3, 2).sentence().endswith(": no row has a prediction")
    assert Abstention(3, 2).compared


def test_of_many_classes_the_coverage_of_the_most_frequent_is_computed() -> None:
    counts = [5 + k for k in range(MAX_CATEGORIES + 3)]
    y_true = np.repeat(np.arange(len(counts)), counts)
    members = np.eye(len(counts), dtype=bool)[y_true]
    slices = coverage_by_class(y_true, members, np.arange(len(counts)), 0.9)
    assert {item.coverage.rows for item in slices} == set(sorted(counts)[3:])
