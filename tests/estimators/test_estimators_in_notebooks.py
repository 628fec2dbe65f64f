"""In a notebook an estimator is a diagram, and a profile a table; whatever a table holds is text."""

from __future__ import annotations

import numpy as np
import polars as pl

import tidynet as tn


def test_an_estimator_is_a_diagram() -> None:
    rng = np.random.default_rng(0)
    frame = pl.DataFrame({"<script>": rng.normal(size=60), "b": rng.choice(["x", "y"], 60)})
    labels = rng.choice(["<i>no", "yes", "maybe"], 60)
    model = tn.MLPClassifier((7,), max_iter=2, n_networks=1, random_state=0)
    assert "<svg" not in model._repr_html_()
    shown = model.fit(frame, labels)._repr_mimebundle_()["text/html"]
    assert shown.count("<circle") == 2 + 6 + 3
    assert "and 1 more" in shown
    assert "<script>" not in shown
    assert "<i>" not in shown
    assert "currentColor" in shown


def test_a_perceptron_shows_its_boundary() -> None:
    X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    model = tn.Perceptron(random_state=0)
    assert "not fitted" in model._repr_html_()
    shown = model.fit(X, [0, 0, 0, 1])._repr_html_()
    assert shown.count("<circle") == 3
    assert model.boundary in shown


def test_a_profile_is_a_table() -> None:
    shown = tn.explore({"<b>": ["S", "L", None, "M"] * 9}).profile._repr_html_()
    assert "&lt;b&gt;" in shown
    assert "<b>" not in shown
    assert "<td>9</td>" in shown
    assert '<th scope="col"></th>' not in shown


def test_an_experiment_states_its_result_and_shows_its_network() -> None:
    from tidynet.workflow import TrainOptions, fit_and_evaluate

    made = fit_and_evaluate("penguins", TrainOptions("species", max_epochs=2, effort="fast", sections="scores"))
    assert repr(made).splitlines() == [
        "Experiment: species in 'penguins' by MLPClassifier",
        f"  {made.evaluation.verdict}",
        "  275 training rows, 69 test rows",
    ]
    shown = made._repr_html_()
    assert shown.count("<svg") == 1
    assert "<table>" in shown
