"""An Evaluation: what it holds, how it prints, and that it survives JSON."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html import escape
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import confusion_matrix

from tidynet.evaluation.baseline_comparison import BaselineComparison
from tidynet.evaluation.evaluate_predictions import evaluate_predictions
from tidynet.evaluation.result import Evaluation
from tidynet.evaluation.scores import Score

numbers = st.floats(allow_nan=False, allow_infinity=False)
texts = st.text(max_size=12)
named_scores = st.dictionaries(texts, st.builds(Score, texts, numbers, numbers, numbers, st.booleans()), max_size=4)
evaluations = st.builds(
    Evaluation,
    task=st.sampled_from(["binary", "multiclass", "regression"]),
    target=texts,
    rows=st.integers(1, 10**9),
    classes=st.lists(st.one_of(texts, st.integers(), st.booleans(), numbers)).map(tuple),
    network=named_scores,
    baselines=st.dictionaries(texts, named_scores, max_size=3),
    comparisons=st.lists(
        st.builds(BaselineComparison, texts, texts, numbers, numbers, numbers, st.booleans(), st.integers(1, 99)),
        max_size=3,
    ).map(tuple),
    verdict=texts,
    confusion_matrix=st.none() | st.lists(st.lists(st.integers(0, 99), max_size=3), max_size=3),
    sample_true_values=st.lists(numbers, max_size=4).map(tuple),
    sample_prediction=st.lists(numbers, max_size=4).map(tuple),
    notes=st.lists(texts, max_size=3).map(tuple),
)


def three_classes(rows: int = 60) -> tuple[Any, Any, Any]:
    random = np.random.default_rng(0)
    codes = random.integers(0, 3, rows)
    probability = random.dirichlet([1, 1, 1], rows) * 0.5 + np.eye(3)[codes] * 0.5
    classes = np.array(["Adelie", "Chinstrap", "Gentoo"])
    return classes, classes[codes], probability


def example() -> Evaluation:
    classes, truth, probability = three_classes()
    shares = np.full((60, 3), 1 / 3)
    return evaluate_predictions(
        "multiclass",
        "species",
        classes,
        truth,
        (classes[probability.argmax(axis=1)], probability),
        {"most frequent class": (np.full(60, "Adelie"), shares)},
    )


@given(evaluations)
def test_an_evaluation_survives_json(evaluation: Evaluation) -> None:
    text = json.dumps(evaluation.to_dict(), allow_nan=False)
    assert Evaluation.from_dict(json.loads(text)) == evaluation


def test_a_real_evaluation_survives_json() -> None:
    regression = evaluate_predictions("regression", "y", None, np.arange(20.0), (np.ones(20), None))
    for evaluation in (example(), regression):
        assert Evaluation.from_dict(json.loads(json.dumps(evaluation.to_dict(), allow_nan=False))) == evaluation


def test_the_confusion_matrix_is_scikit_learns() -> None:
    classes, truth, probability = three_classes()
    prediction = np.roll(classes[probability.argmax(axis=1)], 1)
    found = evaluate_predictions("multiclass", "species", classes, truth, (prediction, probability))
    assert found.confusion_matrix == confusion_matrix(truth, prediction, labels=classes).tolist()
    assert found.classes == ("Adelie", "Chinstrap", "Gentoo")


def test_labels_never_seen_are_left_out_of_the_confusion_matrix() -> None:
    found = evaluate_predictions("binary", "y", ["a", "b"], ["a", "b", "new"], (["a", "a", "a"], None))
    assert found.confusion_matrix == [[1, 0], [1, 0]]


def test_too_many_classes_have_no_confusion_matrix() -> None:
    labels = np.arange(101)
    assert evaluate_predictions("multiclass", "y", labels, labels, (labels, None)).confusion_matrix is None


def test_a_regression_keeps_a_sample_of_its_rows_in_pairs() -> None:
    truth = np.random.default_rng(0).normal(size=3000)
    found = evaluate_predictions("regression", "y", None, truth, (truth + 1, None))
    assert len(found.sample_true_values) == 1000
    assert set(found.sample_true_values) < set(truth.tolist())
    assert np.array(found.sample_prediction) == pytest.approx(np.array(found.sample_true_values) + 1)
    few = evaluate_predictions("regression", "y", None, truth[:5], (truth[:5], None))
    assert few.sample_true_values == tuple(truth[:5].tolist())
    assert (found.classes, found.confusion_matrix, example().sample_true_values) == ((), None, ())


def test_no_error_at_all_has_an_upper_limit_of_the_error_rate() -> None:
    truth = ["a", "b"] * 30
    found = evaluate_predictions("binary", "y", ["a", "b"], truth, (truth, None))
    assert found.notes == ("60 of 60 test rows predicted correctly: the error rate is at most 4.9% (95% confidence)",)


def test_a_baseline_may_bear_any_name() -> None:
    truth = np.arange(20.0)
    found = evaluate_predictions("regression", "y", None, truth, (truth, None), {"network": (truth * 0, None)})
    assert found.network["RMSE"].value == 0
    assert found.baselines["network"]["RMSE"].value > 0


def test_the_evaluation_prints_as_an_aligned_table() -> None:
    lines = repr(example()).splitlines()
    assert lines[0] == "species: 60 test rows, 3 classes; 95% bootstrap CI in parentheses"
    table = lines[2:15]
    assert [line[:22].rstrip() for line in table] == [
        "",
        "accuracy",
        "balanced accuracy",
        "macro F1",
        "Matthews correlation",
        "log loss",
        "Brier score",
        "ROC AUC",
        "average precision",
        "F1 of Adelie",
        "F1 of Chinstrap",
        "F1 of Gentoo",
        "log loss, network − ba",
    ]
    column = table[0].index("most frequent class")
    assert all(line[column - 2 : column] == "  " and line[column] != " " for line in table)
    assert lines[16] == example().verdict
    assert str(example()) == repr(example())


def test_one_row_prints() -> None:
    text = str(evaluate_predictions("regression", "price", None, [1234.5], ([1000.0], None)))
    assert text == (
        "price: 1 test row, regression; 95% bootstrap CI in parentheses\n\n"
        "                       network\n"
        "RMSE                   234.5\n"
        "MAE                    234.5\n"
        "median absolute error  234.5\n\n"
        "RMSE of the network 234.5 on 1 test row; there is no baseline.\n"
        "Note: R² is undefined: the target is 1234.5 in every test row."
    )


def test_a_squared_error_in_few_rows_is_a_note() -> None:
    truth = np.random.default_rng(0).normal(size=200)
    beside = {"mean": (np.zeros(200), None)}
    usual = evaluate_predictions("regression", "y", None, truth, (truth * 0.5, None), beside)
    assert usual.notes == ()
    truth[:4] = 1e12
    found = evaluate_predictions("regression", "y", None, truth, (truth * 0.5, None), beside)
    assert found.verdict == "The network beats every baseline on 200 test rows."
    assert found.notes == (
        "100% of the squared error is in 4 rows: the RMSE describes these; the median absolute error describes the typical "
        "row",
    )


@pytest.mark.parametrize(("rows", "notes"), [(10, 1), (11, 0)])
def test_few_rows_are_at_most_a_twentieth(rows: int, notes: int) -> None:
    y_true, y_pred = np.arange(200.0), np.arange(200.0)
    y_pred[:rows] += 1
    result = evaluate_predictions("regression", "y", None, y_true, (y_pred, None))
    assert sum("squared error" in note for note in result.notes) == notes


def test_rows_of_unknown_classes_are_not_compared() -> None:
    chances = np.tile([0.9, 0.1], (30, 1))
    network = (np.repeat("a", 30), chances)
    found = evaluate_predictions("binary", "y", ["a", "b"], ["c"] * 30, network, {"most frequent class": network})
    assert found.verdict == "None of 30 test rows has a class of the model: the rows have 'c', the model has 'a', 'b'."
    assert (found.comparisons, found.is_beaten_by_baseline, found.no_known_class) == ((), False, True)
    assert repr(found) == f"{found.verdict}\n\ny: 30 test rows, 2 classes"
    html = found._repr_html_()
    assert "<table" not in html
    assert html.index("None of 30 test rows") < html.index("y: 30 test rows")
    assert type(found).from_dict(found.to_dict()) == found
    one = evaluate_predictions(
        "binary", "y", ["a", "b"], ["c"], (["a"], chances[:1]), {"most frequent class": (["a"], chances[:1])}
    )
    assert one.verdict == "None of 1 test row has a class of the model: the rows have 'c', the model has 'a', 'b'."


def test_one_right_row_is_one() -> None:
    found = evaluate_predictions("binary", "y", ["a", "b"], ["a"], (["a"], np.array([[0.9, 0.1]])))
    assert "1 of 1 test row predicted correctly: the error rate is at most 95% (95% confidence)" in found.notes


def test_a_better_baseline_is_stated_above_the_scores() -> None:
    truth = np.linspace(0, 1, 20)
    found = evaluate_predictions("regression", "y", None, truth, (truth * 0, None), {"ridge": (truth + 0.001, None)})
    heading, rest = "y: 20 test rows, regression; 95% bootstrap CI in parentheses", repr(found).split("\n\n", 2)
    difference = f"RMSE difference to ridge +0.58 (95% CI {found.comparisons[0].interval})."
    assert found.verdict == "Ridge beats the network on 20 test rows."
    assert rest[:2] == [found.verdict, difference]
    assert rest[2].startswith(heading)
    assert found.verdict not in rest[2]
    page = found._repr_html_()
    assert page.startswith(f'<div class="tidynet-evaluation"><p>{escape(found.verdict)}</p><p>')
    assert page.count("Ridge beats") == 1
    assert re.search(r"<th[^>]*></th>", page) is None  # a head of no words
    noted = replace(found, notes=("1 row without a value of 'y' was left out",))
    assert repr(noted).endswith("\n\nNote: 1 row without a value of 'y' was left out.")


class Tags(HTMLParser):
    """Collects the tags and the text of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: Any) -> None:  # noqa: ARG002 - the parser's own signature
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


@given(st.text(alphabet="<>&\"'ab/ ", min_size=1, max_size=20))
def test_html_shows_names_as_text(name: str) -> None:
    truth = np.arange(4.0)
    nasty = f"<script>{name}"
    found = evaluate_predictions("regression", nasty, None, truth, (truth + 1, None), {nasty: (truth, None)})
    page = Tags()
    page.feed(found._repr_html_())
    assert page.tags <= {"div", "table", "caption", "thead", "tbody", "tr", "th", "td", "p", "ul", "li"}
    assert nasty in page.text


def test_a_class_of_few_rows_is_noted() -> None:
    truth = np.array(["no"] * 117 + ["yes"] * 3)
    chances = np.tile([0.975, 0.025], (120, 1))
    found = evaluate_predictions("binary", "y", ["no", "yes"], truth, (np.array(["no"] * 120), chances))
    assert found.notes == (
        "only 3 rows of 'yes' in the test set: the CIs of balanced accuracy and ROC AUC are too narrow",
    )
    even = np.array(["no", "yes"] * 60)
    assert evaluate_predictions("binary", "y", ["no", "yes"], even, (even[::-1], chances)).notes == ()
