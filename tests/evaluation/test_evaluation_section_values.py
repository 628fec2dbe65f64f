"""What each section hands to the screen, the report and the notebook, for results with known numbers."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import Any

import pytest

from tidynet.evaluation import sections as sections_module
from tidynet.evaluation.baseline_comparison import BaselineComparison
from tidynet.evaluation.contributions import FeatureContribution, PredictionExplanation
from tidynet.evaluation.cross_validation import CrossValidation
from tidynet.evaluation.importance import ColumnImportance, PermutationImportance
from tidynet.evaluation.learning_curve import LearningCurve
from tidynet.evaluation.result import Evaluation
from tidynet.evaluation.scores import Score
from tidynet.evaluation.section import AttentionItem, CardPlace, EvaluationSection, SectionSpec, variable_name
from tidynet.evaluation.sections import SECTIONS, SPECS, cross_validation_sections, select_sections
from tidynet.evaluation.sections.cross_validation import cross_validation_section
from tidynet.evaluation.sections.importance import importance_sentences
from tidynet.evaluation.sections.largest_errors import RowError, displayed_columns, error_sentence
from tidynet.evaluation.sections.learning_curve import learning_curve_section
from tidynet.evaluation.sections.subgroups import subgroup_sentences
from tidynet.evaluation.subgroups import Subgroup, Subgroups


def items(name: str, facts: dict[str, Any]) -> list[tuple[str, str, float]]:
    section = SPECS[name].section([], facts=facts)
    return [(item.fact, item.action, item.priority) for item in SPECS[name].attention(section)]


def texts(name: str, facts: dict[str, Any], **options: Any) -> list[str]:
    return [cell.text for cell in SPECS[name].cells(SPECS[name].section([], facts=facts, **options))]


# Sections in general -----------------------------------------------------------------------------


def test_the_place_of_each_section() -> None:
    places = {name: spec.card_place for name, spec in SPECS.items()}
    assert places == {
        "leakage": CardPlace.CAVEATS,
        "uncertainty": CardPlace.UNCERTAINTY,
        "importance": None,
        "effects": None,
        "subgroups": CardPlace.CAVEATS,
        "largest-errors": None,
        "cross-validation": CardPlace.EVALUATION,
        "learning curve": CardPlace.EVALUATION,
    }
    assert list(SECTIONS) == list(SPECS)[:6]
    assert [name for name, spec in SPECS.items() if not spec.has_slide_text] == ["effects"]


def test_sections_are_selected_in_their_order() -> None:
    assert select_sections("all") == tuple(SECTIONS)
    assert select_sections("scores") == ()
    assert select_sections(["effects", "leakage", "scores"]) == ("leakage", "effects")
    assert select_sections("subgroups") == ("subgroups",)


def test_a_section_has_defaults_and_sentences_with_capitals() -> None:
    spec = SectionSpec("a-b c", "A title")
    section = spec.section(["one fact"])
    assert section == EvaluationSection("a-b c", "A title", ("One fact.",))
    assert (section.header, section.lines, section.facts) == ((), (), {})
    assert (list(spec.attention(section)), list(spec.figures({})), list(spec.cells(section))) == ([], [], [])
    assert (spec.card_place, spec.has_slide_text, spec.read) == (None, True, None)
    assert variable_name(section) == "a_b_c"
    table = spec.section([], ("x",), [("1",)], {"bad": float("nan")})
    assert [(cell.text, cell.skipped) for cell in spec.cells(table)] == [
        ("pd.DataFrame(a_b_c.lines, columns=a_b_c.header)", True)
    ]
    assert table.to_dict()["facts"] == {"bad": None}
    again = EvaluationSection.from_dict(json.loads(json.dumps(table.to_dict())))
    assert again == replace(table, facts={"bad": None})
    assert "<table>" not in section._repr_html_()


@pytest.mark.parametrize(
    ("priority", "severity"), [(0.7, "high"), (0.69, "medium"), (0.4, "medium"), (0.39, "low"), (1.0, "high")]
)
def test_priorities_have_words(priority: float, severity: str) -> None:
    assert AttentionItem("s", "f", priority=priority).severity == severity
    assert AttentionItem("s", "f").priority == 0.5
    assert str(AttentionItem("s", "f")) == "s  f"
    assert str(AttentionItem("s", "f", "do it")) == "s  f → do it"


# Leakage, importance, subgroups, largest errors ----------------------------------------------------


def test_findings_that_call_for_an_action_draw_attention() -> None:
    def finding(code: str, priority: float, columns: list[str]) -> dict[str, Any]:
        return {"code": code, "priority": priority, "columns": columns, "sentence": f"fact {code}", "action": "act"}

    found = [
        finding("a", 0.9, ["x", "z"]),
        finding("training-rows-in-test", 1.0, []),
        finding("b", 0.2, ["x"]),
        finding("c", 0.21, []),
    ]
    assert items("leakage", {"findings": found}) == [("x, z: fact a", "act", 0.9), ("fact c", "act", 0.21)]
    assert items("leakage", {}) == []


def importance(*groups: ColumnImportance, rows: int = 100) -> PermutationImportance:
    return PermutationImportance("log loss", 0.3, rows, 5, groups)


def test_the_most_important_column_is_stated_with_its_interval() -> None:
    top, pair, idle = (
        ColumnImportance(("x",), 0.25, 0.2, 0.31),
        ColumnImportance(("a", "b"), 0.1, 0.05, 0.15),
        ColumnImportance(("idle",), 0.001, 0.0, 0.002),
    )
    start = "most important: 'x' (log loss +0.25, 95% CI 0.20 to 0.31, when permuted)"
    assert importance_sentences(importance(top, pair)) == [start]
    assert importance_sentences(importance(top, pair, idle))[0].endswith("; 1 of 3 not significant")
    assert importance_sentences(importance(idle)) == ["no column is significantly important (n = 100)"]
    assert importance_sentences(importance()) == ["no column is significantly important (n = 100)"]
    assert importance_sentences(importance(top, rows=10)) == [start]
    assert importance_sentences(importance(top, rows=9)) == ["9 test rows: too few for feature importance (minimum 10)"]
    [figure] = SPECS["importance"].figures(asdict(importance(top, rows=10)))
    assert figure.alt == "Permutation importance: increase of the log loss for each column, the largest first."
    assert not list(SPECS["importance"].figures(asdict(importance(top, rows=9))))
    assert not list(SPECS["importance"].figures(asdict(importance())))
    assert texts("importance", asdict(importance(top))) == [
        "tn.plot.plot_importance(importance.facts)",
        "pd.DataFrame(importance.lines, columns=importance.header)",
    ]
    assert texts("importance", asdict(importance())) == []


def subgroups(measure: str, *found: Subgroup, tested: int = 1234) -> Subgroups:
    return Subgroups(measure, 500, tested, found)


FIRST = Subgroup(("a = 1", "b = 2"), ("a", "b"), 40, 0.5, 0.25, 0.6, 0.9, 0.1, 0.5, 0.002, 40)
SECOND = replace(FIRST, conditions=("c = 3",), columns=("c",), rows=60, unnamed=59, p=0.004)


def test_subgroups_are_stated_with_their_scores() -> None:
    sentences = subgroup_sentences(subgroups("Brier score", FIRST, SECOND))
    scores = "accuracy 60%, other rows 90%; Brier score 0.500, other rows 0.250"
    assert sentences == [
        f"a = 1 and b = 2 (40 rows): {scores} (p = 0.002, Bonferroni for 1,234 subgroups)",
        f"c = 3 (60 rows, 59 not in a subgroup above): {scores} "
        "(p = 0.004 among rows not in a subgroup above, Bonferroni for 1,234 subgroups)",
    ]
    [numbers] = subgroup_sentences(subgroups("absolute error", replace(FIRST, unnamed=None)))
    assert numbers.startswith("a = 1 and b = 2 (40 rows): MAE 0.5, other rows with similar predictions 0.25 (")
    assert subgroup_sentences(subgroups("absolute error")) == [
        "no subgroup has a significantly higher error (1,234 tested, n = 500)"
    ]
    assert subgroup_sentences(subgroups("absolute error", tested=0)) == ["500 test rows: no subgroup has 20 rows"]


def test_subgroups_draw_attention_and_have_a_figure() -> None:
    classes, numbers = asdict(subgroups("Brier score", FIRST)), asdict(subgroups("absolute error", FIRST))
    assert items("subgroups", classes) == [
        ("a = 1 and b = 2 (40 rows): accuracy 60%, other rows 90%", "collect more rows like these", 0.6)
    ]
    assert items("subgroups", numbers)[0][0] == "a = 1 and b = 2 (40 rows): MAE 0.5, other rows 0.25"
    assert items("subgroups", {}) == []
    for facts, measure in ((classes, "Brier score"), (numbers, "mean absolute error")):
        [figure] = SPECS["subgroups"].figures(facts)
        assert figure.alt == f"{measure} of subgroups with a high error, and of the other rows."
        assert figure.caption.startswith(f"The {measure} of each subgroup and of all other rows")
    assert not list(SPECS["subgroups"].figures(asdict(subgroups("Brier score"))))
    assert len(texts("subgroups", classes)) == 3
    assert texts("subgroups", asdict(subgroups("Brier score"))) == []


def test_an_error_is_stated_as_class_or_number() -> None:
    of_class = RowError(1234, "yes", "no", 0.034, 3.4, {})
    assert error_sentence(of_class) == "Row 1,234: true 'yes', predicted 'no'; probability of 'yes' 3.4%."
    of_number = RowError(5, 1235.7, -0.25, None, 9.0, {})
    assert error_sentence(of_number) == "Row 5: true 1236, predicted −0.25."


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ([1000, 2200, None], ["1000", "2200", "missing"]),
        ([999, 2000], ["999", "2,000"]),
        ([2201, 2000], ["2,201", "2,000"]),
        ([-5, True, "text"], ["−5", "True", "text"]),
        ([1.0, 0.12345, -2.5, 999.9, 1000.4, float("nan")], ["1", "0.1235", "−2.5", "999.9", "1,000", "missing"]),
    ],
)
def test_cells_of_a_column_have_one_format(values: list[Any], shown: list[str]) -> None:
    assert displayed_columns(values) == shown


def explanation(row: int) -> PredictionExplanation:
    return PredictionExplanation(
        row, "predicted 'y'", 1.0, 3.0, (FeatureContribution("x", "5", 2.0, 0.1),), 50, 20, False
    )


def test_largest_errors_have_a_figure_each_and_their_rows_as_cells() -> None:
    facts = {"rows": [1], "explanations": [explanation(1234).to_dict(), explanation(2).to_dict()]}
    first, second = SPECS["largest-errors"].figures(facts)
    assert "the prediction of row 1,234 (bottom)" in first.caption
    assert second.caption == "The same for row 2."
    assert first.alt == explanation(1234).sentence
    assert len(texts("largest-errors", facts)) == 3
    assert texts("largest-errors", {"rows": []}) == []
    assert list(SPECS["largest-errors"].figures({})) == []


# Cross-validation and learning curve ---------------------------------------------------------------


def score(name: str, value: float) -> Score:
    return Score(name, value, value - 0.1, value + 0.1, False)


def test_cross_validation_is_a_table_of_all_models() -> None:
    comparison = BaselineComparison("mean", "RMSE", -0.5, -0.6, -0.4, False, 1200)
    result = CrossValidation(
        5, 2, 1200, {"network": {"RMSE": score("RMSE", 1.0), "pinball": score("pinball", 0.5)}, "mean": {"RMSE":
        score("RMSE", 1.5)}}, (comparison,), "the verdict",
    )  # fmt: skip
    section = cross_validation_section(result)
    assert section.sentences == (
        "The verdict.",
        f"{comparison.text}.",
        "5 folds, repeated 2 times; the 95% CIs allow for shared training rows.",
    )
    assert section.header == ("", "network", "mean")
    assert section.lines == (
        ("RMSE", "1.00 (0.90 to 1.10)", "1.50 (1.40 to 1.60)"),
        ("pinball", "0.50 (0.40 to 0.60)", ""),
        ("RMSE, network − baseline", "", str(comparison)),
    )
    alone = cross_validation_section(replace(result, comparisons=(), repeats=1))
    assert alone.sentences == ("The verdict.", "5 folds; the 95% CIs allow for shared training rows.")
    assert len(alone.lines) == 2
    assert alone.facts["training_only_rows"] == 0


CURVE = LearningCurve(
    "RMSE", (500, 1000, 2000), (0.6, 0.5, 0.4), (0.5, 0.4, 0.3), (0.7, 0.6, 0.5), 3, 300, 0.3, 0.1, 0.5, 4000, 0.37,
    0.3, 0.45, 0.05, 0.2, 1,
)  # fmt: skip


def test_a_learning_curve_is_a_table_with_its_projection() -> None:
    section = learning_curve_section(CURVE)
    assert section.header == ("training rows", "RMSE (95% CI)")
    assert section.lines == (
        ("500", "0.60 (0.50 to 0.70)"),
        ("1,000", "0.50 (0.40 to 0.60)"),
        ("2,000", "0.40 (0.30 to 0.50)"),
        ("4,000 (projected)", "0.37 (0.30 to 0.45)"),
    )
    assert section.sentences[1:] == (
        "Power law through 2 sizes: RMSE 0.40 at 2,000 training rows, 0.37 (0.30 to 0.45) at 4,000.",
        "The fit excludes the smallest 1 size, no better than a constant prediction.",
    )
    assert len(learning_curve_section(replace(CURVE, n_excluded=0)).sentences) == 2
    [figure] = SPECS["learning curve"].figures(section.facts)
    assert figure.alt == "RMSE on test rows by number of training rows, from 500 to 2,000, projected to 4,000."
    assert figure.caption.startswith("Filled dots: RMSE of networks")
    assert list(SPECS["learning curve"].figures({})) == []
    cells = list(SPECS["learning curve"].cells(section))
    assert [cell.text.split("\n")[0] for cell in cells] == [
        "pd.DataFrame(learning_curve.lines, columns=learning_curve.header)",
        "### Effect of more rows",
        "from tidynet.plot.learning_curve import plot_learning_curve",
    ]


@pytest.mark.parametrize(
    ("low", "high", "fits"), [(0.4, 0.5, True), (0.3, 0.4, True), (0.41, 0.5, False), (0.3, 0.39, False)]
)
def test_a_curve_fits_if_it_is_within_the_interval_of_the_largest_size(low: float, high: float, fits: bool) -> None:
    result = replace(CURVE, a=0.25, b=0.15, lows=(0.0, 0.0, low), highs=(1.0, 1.0, high))
    assert result.fits_largest_size == fits


def test_networks_trained_again_are_asked_for_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def recorded(result: Any) -> Any:
        def computed(*arguments: Any, on_event: Any, **options: Any) -> Any:
            asked.append((arguments, options))
            if on_event is not None:
                on_event(1, 7)
            return result

        return computed

    folds = CrossValidation(3, 2, 9, {"network": {}}, (), "verdict")
    monkeypatch.setattr(sections_module, "cross_validate", recorded(folds))
    monkeypatch.setattr(sections_module, "compute", recorded(CURVE))
    events: list[Any] = []
    model: Any = object()
    found = cross_validation_sections(
        model, "rows", "y", folds=3, repeats=2, curve=True, seed=5, groups=[1], order=[2],
        on_event=lambda *event: events.append(event),
    )  # fmt: skip
    assert [item.name for item in found] == ["cross-validation", "learning curve"]
    assert events == [("Cross-validation", 1, 7), ("Learning curve", 1, 7)]
    both = {"seed": 5, "groups": [1], "order": [2]}
    assert asked == [((model, "rows", "y"), {"folds": 3, "repeats": 2, **both}), ((model, "rows", "y"), both)]
    silent = cross_validation_sections(model, "rows", folds=3, curve=True)
    assert asked[2] == ((model, "rows", None), {"folds": 3, "repeats": 1, "seed": 0, "groups": None, "order": None})
    assert len(silent) == 2
    assert cross_validation_sections(model, "rows") == ()


# The evaluation ------------------------------------------------------------------------------------


def evaluation(task: str = "regression", **changes: Any) -> Evaluation:
    network = {name: score(name, 0.5) for name in ("RMSE", "MAE", "accuracy", "log loss")}
    one, other = (BaselineComparison(name, "RMSE", 0.1, 0.05, 0.2, False, 300) for name in ("mean", "ridge"))
    whole = Evaluation(
        task, "y", 300, ("a", "b") if task != "regression" else (), network,
        {"mean": {"RMSE": score("RMSE", 0.7)}, "ridge": {}}, (one, replace(other, difference=0.2)), "verdict",
    )  # fmt: skip
    return replace(whole, **changes)


def section(name: str, facts: dict[str, Any]) -> tuple[EvaluationSection, ...]:
    return (EvaluationSection(name, name, facts=facts),)


def test_key_scores_are_those_of_the_task_and_of_the_deciding_baseline() -> None:
    rows = evaluation(comparisons=evaluation().comparisons[:1]).key_scores()
    assert [(row.name, list(row.scores), row.texts) for row in rows] == [
        ("RMSE", ["network", "mean"], {"network": "0.50 (0.40 to 0.60)", "mean": "0.70 (0.60 to 0.80)"}),
        ("MAE", ["network"], {"network": "0.50 (0.40 to 0.60)"}),
    ]
    assert [list(row.scores) for row in evaluation().key_scores()] == [["network"], ["network"]]  # ridge decides
    assert [row.name for row in evaluation("binary", comparisons=()).key_scores()] == ["accuracy", "log loss"]
    assert evaluation(no_known_class=True).key_scores() == ()


@pytest.mark.parametrize(("sizes", "kind"), [({"1": 300}, "set"), ({}, "interval")])
def test_coverage_is_a_key_score(sizes: dict[str, int], kind: str) -> None:
    facts = {
        "coverage": {"rows": 300, "sizes": sizes, "target_coverage": 0.9, "n_covered": 276, "low": 0.88, "high": 0.95}
    }
    found = evaluation(sections=section("uncertainty", facts))
    assert found.coverage == Score(f"90% {kind} coverage", 0.92, 0.88, 0.95, True)
    assert found.key_scores()[-1].texts == {"network": "92.0% (88.0 to 95.0%)"}
    facts["coverage"]["rows"] = 0
    assert found.coverage is None
    assert evaluation().coverage is None


def test_training_rows_in_the_test_make_it_invalid() -> None:
    finding = {"code": "training-rows-in-test", "evidence": {"rows": 1200, "test rows": 2400}, "priority": 1.0}
    found = evaluation(sections=section("leakage", {"findings": [{"code": "other"}, finding]}))
    assert found.invalid_test == AttentionItem(
        "leakage", "1,200 of 2,400 rows (50%) are training rows", "use new rows", 1.0
    )
    assert evaluation(sections=section("leakage", {"findings": [{"code": "other"}]})).invalid_test is None
    assert found.summary_notes == ("INVALID TEST  1,200 of 2,400 rows (50%) are training rows → use new rows",)
    assert found.final_notes == ("verdict", f"{found.difference_text}.")


@pytest.mark.parametrize(("fraction", "first"), [(0.51, True), (0.5, False), (None, False)])
def test_drift_of_most_rows_is_above_the_scores(fraction: float | None, first: bool) -> None:
    found = evaluation(sections=section("uncertainty", {"drift_note": "rows differ", "novel_fraction": fraction}))
    assert (found.has_drift, found.drift_note) == (first, "Rows differ.")
    verdict = ("verdict", f"{found.difference_text}.")
    assert found.is_beaten_by_baseline
    assert found.summary_notes == (("Rows differ.", *verdict) if first else verdict)
    assert found.final_notes == (() if first else ("Rows differ.",))
    better = replace(found, comparisons=tuple(replace(item, low=-0.2, high=-0.1) for item in found.comparisons))
    assert better.summary_notes == (("Rows differ.",) if first else ())
    assert better.final_notes[0] == "verdict"
    assert better.final_notes[2:] == (() if first else ("Rows differ.",))
    unknown = replace(found, no_known_class=True)
    assert unknown.summary_notes == (("verdict", "Rows differ.") if first else ("verdict",))
    assert unknown.final_notes == (() if first else ("Rows differ.",))
    assert evaluation(sections=section("uncertainty", {"drift_note": None})).drift_note == ""


def test_the_table_has_a_column_for_each_model() -> None:
    found = evaluation()
    header, lines = found.cells()
    assert header == ["", "network", "mean", "ridge"]
    assert lines[:2] == [
        ["RMSE", "0.50 (0.40 to 0.60)", "0.70 (0.60 to 0.80)", ""],
        ["MAE", "0.50 (0.40 to 0.60)", "", ""],
    ]
    assert lines[-1] == ["RMSE, network − baseline", "", *(str(item) for item in found.comparisons)]
    assert len(evaluation(comparisons=()).cells()[1]) == 4
    assert evaluation(no_known_class=True).cells() == ([], [])
    assert found.heading == "y: 300 test rows, regression; 95% bootstrap CI in parentheses"
    assert evaluation("binary", no_known_class=True).heading == "y: 300 test rows, 2 classes"


def test_verdict_codes_and_attention() -> None:
    found = evaluation()
    assert found.verdict_code.value == "worse"
    assert evaluation(comparisons=()).verdict_code.value == "no baseline"
    few = tuple(replace(item, rows=9) for item in found.comparisons)
    assert evaluation(comparisons=few).verdict_code.value == "too few rows"
    assert evaluation(comparisons=()).difference_text == ""
    assert evaluation(comparisons=()).final_notes == ("verdict",)
    findings = [
        {"code": c, "priority": p, "columns": [], "sentence": c, "action": ""} for c, p in (("a", 0.4), ("b", 0.9))
    ]
    sections = (
        *section("leakage", {"findings": findings}),
        *section("subgroups", asdict(subgroups("Brier score", FIRST))),
    )
    assert [item.priority for item in evaluation(sections=sections).attention] == [0.9, 0.6, 0.4]


def test_html_of_notes_and_sections() -> None:
    sections = (
        EvaluationSection("largest-errors", "Errors", ("First.",), facts={"explanations": [explanation(1).to_dict()]}),
        EvaluationSection("leakage", "Silent"),
    )
    page = evaluation(sections=sections, notes=("a note",), comparisons=())._repr_html_()
    assert page.count("<details>") == page.count("<svg") == 1
    assert "<ul><li>a note</li></ul>" in page
    assert page.index("</table>") < page.index("<p>verdict</p>") < page.index("<ul>") < page.index("<details>")
    text = str(evaluation(sections=sections, comparisons=()))
    assert text.endswith("verdict\n\nErrors\n  First.")
