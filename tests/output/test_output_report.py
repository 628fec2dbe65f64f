"""The report: complete, one file, offline, small, and safe for any text in the table."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from datetime import date, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tidynet.core.errors import InputError
from tidynet.engine.history import EpochRecord, History
from tidynet.engine.stop_reason import Divergence, StopReason, TrainingStop
from tidynet.output.report.report import render, write_report
from tidynet.output.report.report_data import make_report_data

Training = Callable[..., dict[str, Any]]

STOP = TrainingStop(StopReason.STOP_REQUESTED, 0)
HOSTILE = "<script>alert(1)</script>"
VOID = {"meta", "br", "link", "img", "input", "hr", "wbr"}


class Page(HTMLParser):
    """Elements, ids, links and visible text of a page; fails where tags do not nest."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.words: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def values(self, attribute: str) -> list[str]:
        return [value for _, name, value in self.attributes if name == attribute]


def page_of(training: dict[str, Any]) -> Page:
    return Page(render(make_report_data(**training)))


def test_report_sections_are_complete_and_in_order(training: Training) -> None:
    arguments = training()
    text = page_of(arguments).text
    expected = [
        "Prediction of species in birds",
        arguments["evaluation"].verdict,
        "Score (95% CI) network most frequent class Accuracy 1.000",
        "Attention",
        "Data 100 rows × 3 columns from data/birds.csv",
        "1 missing cell (0.3%).",
        "1 excluded column:",
        "label labels unique in each row",
        "Target: species",
        "Columns (3)",
        "Table of statistics",
        "species nominal target 0 missing",
        "mass discrete 1 missing (1%)",
        "whole numbers from",
        "label identifier excluded 0 missing",
        "Training",
        "30 epochs in 0.82 s; weights of epoch 20; stopped: the validation loss did not improve for 10 epochs.",
        "Training loss and validation loss; early stopping uses the validation loss.",
        "Evaluation",
        "Accuracy higher is better",
        "network 1.000",
        "most frequent class",
        "Log loss lower is better",
        "Differences: network − baseline",
        "Confusion matrix",
        "0 misclassified rows.",
        "Reproduce",
        "command tidynet train birds.csv --target species",
        "tidynet 1.2.3",
        "date 2030-01-02 03:04:05 UTC",
        "seed 7",
        "rows, training 64",
        "rows, validation 16",
        "rows, test 20",
        "hidden layers 64, 32",
        "numpy 2.0.0",
        "The test rows were used once, for the final evaluation.",
    ]
    position = text.index("Prediction of")
    for words in expected:
        assert words in text[position:], words
        position = text.index(words, position)


def test_every_chart_has_alt_text_or_is_decoration(training: Training) -> None:
    html = render(make_report_data(**training()))
    charts = re.findall(r"<svg [^>]*>", html)
    assert len(charts) > 8
    assert all('role="img" aria-label="' in tag or 'aria-hidden="true"' in tag for tag in charts)
    assert 'aria-label="Histogram of mass: 99 rows from' in html
    assert 'aria-label="Bar chart of species: ' in html


def test_the_page_loads_nothing(training: Training) -> None:
    html = render(make_report_data(**training()))
    page = Page(html)
    assert page.tags.count("script") == 1
    assert not {"link", "img", "iframe", "object", "embed", "base", "form"} & set(page.tags)
    assert all(value.startswith("#") for value in page.values("href"))
    assert not page.values("src")
    assert not re.findall(r"https?://|//[a-z]|@import|url\((?!#)", html)
    policy = next(value for value in page.values("content") if "default-src" in value)
    assert policy.startswith("default-src 'none'")
    assert not [name for _, name, _ in page.attributes if name.startswith("on")]


def test_ids_are_unique_and_links_lead_to_them(training: Training) -> None:
    page = page_of(training(regression=True, rows=500))
    ids = page.values("id")
    assert len(ids) == len(set(ids))
    assert {value[1:] for value in page.values("href")} <= set(ids)


def hostile_training(training: Training, text: str) -> dict[str, Any]:
    frame = pl.DataFrame({text: [text, "b"] * 30, "n": range(60), "day": [date(2020, 1, 1)] * 60})
    return training(
        frame,
        name=text,
        source=text,
        notes=(text,),
        excluded_columns={text + "2": text},
        history=History([]),
        classes=[text, "b"],
        target=text,
        provenance={
            "version": text,
            "command": text,
            "date": text,
            "notes": [text],
            "rows": {text: 1},
            "packages": {text: text},
            "settings": {text: text},
        },
    )


@pytest.mark.parametrize(
    "text",
    [
        HOSTILE,
        "\"'><img src=x onerror=alert(1)>",
        "</title></style></svg><script>alert(1)</script>",
        "{{ 7 * 7 }}{% raw %}",
        "&lt;b&gt;&amp;",
        "javascript:alert(1)",
    ],
)
def test_hostile_text_shows_as_text_everywhere(training: Training, text: str) -> None:
    page = page_of(hostile_training(training, text))
    assert "img" not in page.tags
    assert page.tags.count("script") == 1
    assert page.tags.count("style") == 1
    assert page.text.count(text) >= 10
    assert any(text[:20] in label for label in page.values("aria-label"))


def test_control_characters_are_left_out(training: Training) -> None:
    html = render(make_report_data(**hostile_training(training, "a\x00b\x1b[31mc\x07")))
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", html)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.text(min_size=1, max_size=40).filter(lambda text: text not in ("b", "n", "day")))
def test_any_text_keeps_the_page_whole(training: Training, text: str) -> None:
    page = page_of(hostile_training(training, text))
    assert page.tags.count("section") == 7
    assert page.tags.count("script") == 1


def test_facts_travel_through_json_and_give_the_same_page(training: Training) -> None:
    for arguments in (training(), training(regression=True), training(classes=[f"c{i}" for i in range(20)])):
        facts = make_report_data(**arguments)
        assert render(json.loads(json.dumps(facts, allow_nan=False))) == render(facts)


def test_diverged_training_is_reported_and_stays_json(training: Training) -> None:
    record = EpochRecord(1, float("nan"), float("inf"), 1.0, 1.0, 1.0, 1.0, 0.0, is_best=True)
    losses = History([record], TrainingStop(StopReason.DIVERGED, 1), [Divergence(1, math.nan, 1.0, "initial")])
    facts = make_report_data(**training(history=losses))
    assert json.loads(json.dumps(facts, allow_nan=False))["history"]["epochs"][0]["training_loss"] is None
    text = Page(render(facts)).text
    assert "1 epoch in 0.82 s" in text
    assert "the learning rate is probably too high; training restarted from the initial weights" in text


def test_few_classes_are_a_table_of_numbers(training: Training) -> None:
    page = page_of(training(classes=["a", "b", "c"]))
    assert "true a b c" in page.text
    assert "Most frequent errors" not in page.text


def test_sixty_classes_are_shaded_and_their_largest_confusions_listed(training: Training) -> None:
    arguments = training(classes=[f"class {i}" for i in range(60)], rows=400)
    facts = make_report_data(**arguments)
    largest = facts["confusion"]["largest"]
    wrong = sum(sum(line) for line in facts["confusion"]["matrix"]) - np.trace(facts["confusion"]["matrix"])
    assert facts["confusion"]["wrong"] == wrong
    counts = [int(rows) for _, _, rows, _ in largest]
    assert counts == sorted(counts, reverse=True)
    text = Page(render(facts)).text
    assert "60 classes. Shading: fraction of the true class" in text
    assert ("Most frequent errors" in text) == bool(largest)


def test_beyond_a_hundred_classes_the_matrix_is_left_out(training: Training) -> None:
    text = page_of(training(classes=[f"class {i}" for i in range(120)], rows=300)).text
    assert "Confusion matrix Not shown for 120 classes." in text


def test_predicted_values_are_drawn_by_true_values(training: Training) -> None:
    few, many = (page_of(training(regression=True, rows=rows)).text for rows in (60, 5000))
    assert "60 test rows: predicted mass by true value." in few
    assert "1,000 test rows, drawn at random from 5,000: predicted mass" in many
    assert "R²" in few


def test_unknown_provenance_is_omitted(training: Training) -> None:
    text = page_of(training(provenance={})).text
    assert "Reproduce The test rows were used once" in text
    assert "30 epochs; weights of epoch 20" in text


def test_a_training_without_an_epoch_is_reported(training: Training) -> None:
    text = page_of(training(history=History([], STOP))).text
    assert "No completed epoch; stopped: a stop was requested." in text


def test_further_networks_are_drawn_thin_and_named(training: Training) -> None:
    first = training()["model"].history_
    one, several = (render(make_report_data(**training(other_histories=rest))) for rest in ((), (first, first)))
    assert "thin: 1 other network." in render(make_report_data(**training(other_histories=(first,))))
    assert "thin: 2 other networks." in several
    assert "thin:" not in one
    assert several.count("stroke-opacity") > one.count("stroke-opacity")


def test_a_note_is_shown_once(training: Training) -> None:
    history = History([], STOP, [Divergence(1, math.inf, 1.0, "best")])
    provenance = {"notes": [history.notes[0], "a note on reading", "a note on the split"]}
    text = page_of(training(history=history, notes=("a note on reading",), provenance=provenance)).text
    assert [text.count(note[1:]) for note in provenance["notes"]] == [1, 1, 1]


def test_columns_of_every_variable_type_are_shown(training: Training) -> None:
    n = 60
    rng = np.random.default_rng(0)
    frame = pl.DataFrame(
        {
            "all missing": pl.Series([None] * n, dtype=pl.Float64),
            "one value": ["x"] * n,
            "flag": rng.random(n) < 0.5,
            "day": [date(2020, 1, 1) + timedelta(days=i) for i in range(n)],
            "wait": [timedelta(minutes=i) for i in range(n)],
            "level": [f"level {i % 40}" for i in range(n)],
            "huge": rng.normal(size=n) * 1e300,
            "tiny": rng.normal(size=n) * 1e-300,
            "🍎 $x_1$": rng.choice(["🍎", "東京", "محمد"], n),
            "a long name " * 30: rng.normal(size=n),
            "nested": [[i] for i in range(n)],
        }
    )
    facts = make_report_data(**training(frame, target="flag"))
    charts = {column["name"]: (column["chart_counts"] or {}).get("chart") for column in facts["profile"]["columns"]}
    assert charts["all missing"] is charts["one value"] is charts["nested"] is None
    assert {charts[name] for name in ("flag", "level", "🍎 $x_1$")} == {"bars"}
    assert {charts[name] for name in ("day", "wait", "huge", "tiny")} == {"histogram"}
    text = Page(render(facts)).text
    assert "all missing constant 60 missing (100%)" in text
    assert "🍎 $x_1$" in text


def test_a_hundred_columns_stay_below_two_megabytes(training: Training, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    levels = [f"a rather long name of level {i}" for i in range(1000)]
    frame = pl.DataFrame(
        {f"column {i}": rng.normal(size=2000) if i % 2 else rng.choice(levels, 2000) for i in range(100)}
    )
    size = write_report(tmp_path / "report.html", **training(frame, target="column 0"))
    assert size == (tmp_path / "report.html").stat().st_size
    assert size < 500_000
    page = Page((tmp_path / "report.html").read_text("utf-8"))
    assert len(re.findall(r" 0 missing (?!cell)", page.text)) == 100


def test_the_same_training_gives_the_same_bytes(training: Training, tmp_path: Path) -> None:
    for name in ("one.html", "other.html"):
        write_report(tmp_path / name, **training())
    assert (tmp_path / "one.html").read_bytes() == (tmp_path / "other.html").read_bytes()


@pytest.mark.parametrize(("known", "words"), [(4999, "1 missing (under 0.1%)"), (1, "4,999 missing (over 99.9%)")])
def test_a_percentage_is_not_rounded_to_0_or_100(training: Training, known: int, words: str) -> None:
    frame = pl.DataFrame({"species": ["a", "b"] * 2500, "n": [1.5] * known + [None] * (5000 - known)})
    assert words in page_of(training(frame)).text


def test_the_report_is_written_again_from_the_model_file(tmp_path: Path) -> None:
    import tidynet as tn
    from tidynet.output.report.report import rewrite_report
    from tidynet.workflow import TrainOptions, run

    run("penguins", TrainOptions("species", out=tmp_path / "out", max_epochs=2, effort="fast"))
    rewrite_report(tn.load(tmp_path / "out" / "model.tidynet"), tmp_path / "again.html")
    assert (tmp_path / "again.html").read_bytes() == (tmp_path / "out" / "report.html").read_bytes()


def test_the_profile_is_shown(training: Training) -> None:
    from tidynet.profiling.profile_table import profile_table

    rng = np.random.default_rng(0)
    mass = rng.normal(4, 1, 120).round(3)
    species = np.where(mass > 4, "Adelie", "Gentoo")
    given = training(pl.DataFrame({"mass": mass, "beak": (mass + rng.normal(size=120)).round(3), "species": species}))
    html = render(make_report_data(**given, profile=profile_table(given["table"], target="species")))
    page = Page(html)
    expected = ["Target: species", "Table of statistics", "mass continuous 0 119", "Pairs"]
    assert all(words in page.text for words in expected)
    assert {"#column-0", "#column-1", "#column-2"} <= set(page.values("href"))
    assert 'aria-label="species against mass, 120 rows. Line: median."' in html


def test_missing_values_and_charts_of_a_sampled_table_count_all_rows(training: Training) -> None:
    from tidynet.profiling.profile_table import profile_table

    frame = pl.DataFrame({"species": ["a", "b"] * 250, "n": [1.5, None, 2.5, 3.5] * 125})
    given = training(frame)
    facts = make_report_data(**given, profile=profile_table(given["table"], target="species", sample=100))
    column = facts["profile"]["columns"][1]
    assert (column["rows"], column["missing"], sum(column["chart_counts"]["counts"])) == (500, 125, 375)
    text = Page(render(facts)).text
    assert "125 missing (25%)" in text
    assert "Profile of 100 of 500 rows, sampled at random." in text


def test_the_model_file_keeps_a_hundred_columns_in_few_bytes(training: Training) -> None:
    from tidynet.output.report.report_data import stored_report_data
    from tidynet.profiling.profile_table import profile_table

    rng = np.random.default_rng(0)
    frame = pl.DataFrame({f"column {i}": rng.normal(size=300) for i in range(100)})
    frame = frame.with_columns(pl.Series("species", rng.choice(["a", "b"], 300)))
    given = training(frame)
    facts = make_report_data(**given, profile=profile_table(given["table"], target="species"))
    assert len(stored_report_data(facts, given["model"])) < 300_000
    assert len(facts["profile"]["pairs"]) <= 24
    assert len(render(facts).encode()) < 1_500_000


def test_data_in_the_model_are_stored_once(training: Training) -> None:
    from tidynet.output.report.report_data import stored_report_data

    given = training()
    facts, model = make_report_data(**given), given["model"]
    own = {"format", "table", "has_profile", "profile", "explained"}
    assert set(json.loads(stored_report_data(facts, model))) == set(facts) - {
        "history",
        "other_histories",
        "stop_text",
        "training_notes",
    } | {"format"}
    model.record_ = {"evaluation": given["evaluation"].to_dict(), "provenance": given["provenance"]}
    assert set(json.loads(stored_report_data(facts, model))) == own
    model.record_["evaluation"]["sections"] = []
    model.record_["evaluation"]["rows"] = 7
    model.record_["provenance"] = {}
    assert set(json.loads(stored_report_data(facts, model))) == own | {"test_rows", "provenance"}


def test_a_model_without_report_data_is_refused(tmp_path: Path) -> None:
    import tidynet as tn
    from tidynet.output.report.report import rewrite_report

    model = tn.MLPRegressor(max_iter=2, preset="tidynet", n_networks=1).fit([[0.0], [1.0], [2.0]], [0.0, 1.0, 2.0])
    with pytest.raises(tn.InputError, match="the model has no report data; train it with tidynet train"):
        rewrite_report(model, tmp_path / "report.html")
    assert not list(tmp_path.iterdir())


def test_report_data_of_another_format_is_refused(training: Training) -> None:
    from tidynet.output.report.report_data import restore_report_data, stored_report_data

    given = training()
    model = given["model"]
    stored = json.loads(stored_report_data(make_report_data(**given), model))
    model.record_ = {"report": json.dumps(stored | {"format": 9})}
    with pytest.raises(InputError) as caught:
        restore_report_data(model)
    assert str(caught.value) == (
        "the format of the model's report data is 9, expected 3; "
        "train the model again, or use the tidynet version that wrote it"
    )


def test_drift_of_most_rows_comes_first_and_of_few_rows_later(training: Training) -> None:
    facts = make_report_data(**training())
    assert (facts["drift_note"], facts["has_drift"]) == ("", False)
    note = "60.0% of the rows are unlike the training rows."
    for drifted in (True, False):
        text = Page(render(facts | {"drift_note": note, "has_drift": drifted})).text
        assert (text.index(note) < text.index(facts["sentence"])) is drifted
