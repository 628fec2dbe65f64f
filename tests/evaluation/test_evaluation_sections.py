"""The parts of an evaluation: chosen by name, shown on the screen, kept in the model file."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import polars as pl
import pytest
from sklearn import metrics

import tidynet
from tidynet.core.errors import InputError
from tidynet.evaluation.contributions import PredictionExplanation
from tidynet.evaluation.result import Evaluation
from tidynet.evaluation.section import EvaluationSection
from tidynet.evaluation.sections import SECTIONS, select_sections
from tidynet.output.report.report import section_figures
from tidynet.plot.feature_effects import plot_pair_effect
from tidynet.workflow import SectionStarted, TrainOptions, run

QUICK: dict[str, Any] = {"random_state": 0, "max_iter": 4, "effort": "fast"}


def fitted() -> tuple[Any, tidynet.Table, tidynet.Table]:
    table = tidynet.read("penguins")
    training, test = table.take(np.arange(0, 344, 2)), table.take(np.arange(1, 344, 2))
    model = tidynet.MLPClassifier(**QUICK).fit(training.drop(target="species"), training["species"])
    return model, training, test


def test_all_sections_are_computed_in_order_and_survive_json() -> None:
    model, training, test = fitted()
    events: list[tuple[str, int, int]] = []
    found = tidynet.evaluate(
        model, test, "species", training_table=training, on_event=lambda *part: events.append(part)
    )
    assert [one.name for one in found.sections] == list(SECTIONS)
    assert events == [(SECTIONS[name].title, number, len(SECTIONS)) for number, name in enumerate(SECTIONS)]
    assert all(one.sentences for one in found.sections)
    assert list(found.baselines) == ["most frequent class", "logistic regression", "boosted trees"]
    again = Evaluation.from_dict(json.loads(json.dumps(found.to_dict(), allow_nan=False)))
    assert again.to_dict() == found.to_dict()
    for one in found.sections:
        assert one.title in str(found)
        assert one.title in found._repr_html_()


@pytest.mark.parametrize(
    ("parts", "names"),
    [
        ("scores", []),
        ("uncertainty", ["uncertainty"]),
        (("largest-errors", "uncertainty"), ["uncertainty", "largest-errors"]),
    ],
)
def test_sections_are_selected_by_name(parts: Any, names: list[str]) -> None:
    model, _, test = fitted()
    found = tidynet.evaluate(model, test, "species", sections=parts)
    assert [one.name for one in found.sections] == names
    with pytest.raises(InputError, match="the section is 'leakage', expected one of"):
        found.section("leakage")


def test_an_unknown_section_is_refused() -> None:
    with pytest.raises(InputError, match=r"the section is 'subgroup', expected one of .*; did you mean 'subgroups'"):
        select_sections(["subgroup"])


def test_three_rows_are_scored() -> None:
    model, _, test = fitted()
    found = tidynet.evaluate(model, test.take([0, 80, 160]), "species")
    assert found.verdict.startswith("Log loss of the network ")
    assert [one.name for one in found.sections] == list(SECTIONS)


def test_a_table_without_the_target_is_refused_and_one_of_new_classes_is_not_scored() -> None:
    model, training, test = fitted()
    with pytest.raises(InputError, match="the target is 'species', expected a column of 'penguins'"):
        tidynet.evaluate(model, test.drop("species"), "species")
    new = test.frame.with_columns(species=pl.lit("Emperor"))
    found = tidynet.evaluate(model, new, "species")
    assert str(found).splitlines() == [
        f"None of {test.height} test rows has a class of the model: the rows have 'Emperor', the model has 'Adelie', "
        "'Chinstrap', 'Gentoo'.",
        "",
        f"species: {test.height} test rows, 3 classes",
        "",
        found.drift_note,
        "Note: Not available, because no row has a class of the model: 'Uncertainty: calibration, prediction sets and "
        "intervals', 'Feature importance', 'Feature effects', 'Subgroups with high error', 'Largest errors'.",
        "",
        "Data leakage",
        "  No data leakage found in the table.",
    ]
    coded = tidynet.evaluate(model, test.frame.with_columns(species=pl.lit(0)), "species", training_table=training)
    assert coded.verdict.startswith(f"None of {test.height} test rows has a class of the model: the rows have '0', ")


def test_numbers_have_their_parts_too() -> None:
    table = tidynet.read("penguins")
    known = table.take(np.flatnonzero(table["body_mass_g"].is_not_null().to_numpy()))
    model = tidynet.MLPRegressor(**QUICK).fit(known.drop(target="body_mass_g"), known["body_mass_g"])
    found = tidynet.evaluate(model, known, "body_mass_g")
    assert [one.name for one in found.sections] == list(SECTIONS)


def test_quantiles_have_their_pinball_losses() -> None:
    x = np.linspace(-1, 1, 200)
    rows = tidynet.read({"x": x, "y": x**2})
    model = tidynet.MLPRegressor(quantiles=(0.9, 0.1), preset="tidynet", n_networks=1, **{**QUICK, "max_iter": 3})
    model.fit(rows.drop(target="y"), rows["y"])
    found = tidynet.evaluate(model, rows, "y", sections="scores").network
    for place, level in enumerate((0.1, 0.9)):
        quantile = model.predict_quantiles(rows.drop(target="y"))[:, place]
        expected = metrics.mean_pinball_loss(x**2, quantile, alpha=level)
        assert found[f"pinball loss at {level}"].value == pytest.approx(expected, rel=1e-6)


def test_what_an_experiment_found_travels_in_the_model_file(tmp_path: Any) -> None:
    events: list[Any] = []
    options = TrainOptions(
        target="species", out=tmp_path / "model", max_epochs=3, effort="fast", folds=2, sections=("uncertainty",),
        learning_curve=True,
    )  # fmt: skip
    done = run("penguins", options, events.append)
    names = ["uncertainty", "cross-validation", "learning curve"]
    assert [one.name for one in done.evaluation.sections] == names
    loaded = tidynet.load(tmp_path / "model" / "model.tidynet")
    kept = Evaluation.from_dict(loaded.record_["evaluation"])
    assert [one.name for one in kept.sections] == names
    assert repr(kept) == repr(done.evaluation)  # in its order
    assert next(event.title for event in events if isinstance(event, SectionStarted)) == SECTIONS["uncertainty"].title
    page = (tmp_path / "model" / "report.html").read_text("utf-8")
    for section in done.evaluation.sections:
        assert (
            f">{section.title}</h2>" in page
            or f">{section.title}</h3>" in page
            or f">{section.title}</summary>" in page
        )


def test_the_largest_errors_have_explanations() -> None:
    model, _, test = fitted()
    found = tidynet.evaluate(model, test, "species", sections="largest-errors")
    section = found.section("largest-errors")
    wrong = model.predict(test) != np.array(test["species"].to_list())
    assert len(section.facts["explanations"]) == len(section.sentences) == min(3, wrong.sum())
    for row, why, words in zip(section.facts["rows"], section.facts["explanations"], section.sentences, strict=False):
        said = tidynet.explain_prediction(model, test, row["row"])
        assert (why["row"], why["of"]) == (row["row"], f"probability of '{row['prediction']}'")
        assert why["prediction"] == pytest.approx(said.prediction)
        assert why["columns"][0]["column"] == said.columns[0].column
        assert words.startswith(f"Row {row['row']}: true '{row['y_true']}', predicted '{row['prediction']}'")
        assert words.endswith(PredictionExplanation.from_dict(why).short_sentence)
    assert found._repr_html_().count("<svg") == len(section.sentences)
    assert section.header[:3] == ("row", "species", "predicted")
    assert section.header[3] == found_most_important(model, test)
    for line, row in zip(section.lines, section.facts["rows"], strict=True):
        assert line[:3] == (str(row["row"]), row["y_true"], row["prediction"])
        shown = [None if cell == "missing" else cell for cell in line[3:]]
        kept = [row["values"][name] for name in section.header[3:]]
        assert [
            cell if isinstance(value, str | None) else float(cell.replace(",", ""))
            for cell, value in zip(shown, kept, strict=True)
        ] == kept
    figures = section_figures(section.to_dict())
    assert [str(section.facts["explanations"][place]["of"]) in figure for place, figure in enumerate(figures)] == [
        True
    ] * 3


def found_most_important(model, test) -> str:
    return (
        tidynet.evaluate(model, test, "species", sections="importance")
        .section("importance")
        .facts["groups"][0]["columns"][0]
    )


def test_every_figure_of_the_report_has_a_caption() -> None:
    model, _, test = fitted()
    found = tidynet.evaluate(model, test, "species")
    for section in found.sections:
        for figure in section_figures(section.to_dict()):
            assert figure.startswith("<svg")
            caption = figure.partition("</svg>")[2]
            assert caption.startswith("<figcaption>")
            assert len(caption) > 60 or "The same for" in caption


def test_a_pair_of_columns_has_no_minus_zero_and_no_blank_cell() -> None:
    table = {
        "columns": ["a", "b"],
        "labels": [["1", "2"], ["3", "4"]],
        "partial": [[-9.1, -0.02], [0.3, 6.0]],
        "name": "y",
    }
    axes = plot_pair_effect(table).axes[0]
    assert sorted(text.get_text() for text in axes.texts) == ["0.0", "0.3", "6.0", "−9.1"]
    assert sum(len(patch.get_path().codes) // 5 for patch in axes.patches) == 4


def test_a_section_shows_itself_escaped() -> None:
    shown = EvaluationSection("uncertainty", "<b>", ("a < b",), ("column", "rise"), (("<i>x</i>", "1"),))._repr_html_()
    assert "<b>" not in shown
    assert "<p>a &lt; b</p>" in shown
    assert "&lt;i&gt;x&lt;/i&gt;</th><td>1</td></tr>" in shown
