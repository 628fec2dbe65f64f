"""Test rows are read once, at the end: nothing that `tidynet train` fits is another when every one of them is."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

import tidynet.preprocessing
from tidynet import MLPClassifier, MLPRegressor
from tidynet.evaluation import cross_validation
from tidynet.evaluation.baselines import predict_baselines
from tidynet.evaluation.refitting import RefitJob, predict_labeled_rows
from tidynet.workflow import Experiment, TrainOptions, fit_and_evaluate

ROWS = 400
RUN_FACTS = {"record", "ensemble"}  # the evaluation, and seconds of training


def table(task: str) -> pl.DataFrame:
    random = np.random.default_rng(0)
    x, town = random.normal(size=ROWS), random.choice(["a", "b", "c"], ROWS)
    holes = np.where(random.random(ROWS) < 0.1, np.nan, random.normal(size=ROWS))
    y: Any = x + (town == "a") + random.normal(size=ROWS) * 0.3
    if task == "binary":
        y = np.where(y > 0.4, "yes", "no")
    return pl.DataFrame({"x": x, "town": town, "holes": holes, "y": y}, nan_to_null=True)


def with_other_test_rows(frame: pl.DataFrame, test: Any) -> pl.DataFrame:
    """Every cell of the test rows is another; the others are as they were."""
    x, town, holes, y = (frame[name].to_numpy() for name in ("x", "town", "holes", "y"))
    other = np.where(y == "yes", "no", "yes") if y.dtype.kind in "UO" else -500 - y
    return frame.with_columns(
        x=pl.Series(np.where(test, 1000 + x * 17, x)),
        town=pl.Series(np.where(test, "nowhere", town)),
        holes=pl.Series(np.where(test, -77.0, holes), nan_to_null=True),
        y=pl.Series(np.where(test, other, y)),
    )


@pytest.fixture(scope="module", params=[("regression", "fast"), ("binary", "fast"), ("binary", "one part")])
def both(request: pytest.FixtureRequest) -> tuple[Experiment, Experiment]:
    """A training, and one with other test rows; with a fold for each network, or one validation part for all."""
    task, watched = request.param
    choices = () if watched == "fast" else ("validation_folds=0",)
    options = TrainOptions(
        target="y", effort="fast", seed=3, max_epochs=12, sections=("uncertainty",), hyperparameters=choices
    )
    first = fit_and_evaluate(table(task), options)
    test = np.isin(np.arange(ROWS), first.split.test)
    with pytest.MonkeyPatch.context() as patch:
        # Classes are split by class, and those of the test rows are others now: the rows are to be the same.
        patch.setattr(tidynet.preprocessing, "split_train_test", lambda *_, **__: first.split)
        second = fit_and_evaluate(with_other_test_rows(table(task), test), options)
    return first, second


def test_only_the_test_rows_differ(both: tuple[Experiment, Experiment]) -> None:
    first, second = both
    seen = np.sort(np.concatenate([first.split.training, first.split.validation]))
    assert first.table.frame[seen].equals(second.table.frame[seen])
    for name in first.table.columns:
        assert not (first.table[name] == second.table[name]).gather(first.split.test).any()
    measure = "RMSE" if "RMSE" in first.evaluation.network else "log loss"
    assert second.evaluation.network[measure].value > 2 * first.evaluation.network[measure].value


def test_the_recipe_has_seen_none(both: tuple[Experiment, Experiment]) -> None:
    first, second = both
    assert first.model.recipe_.to_dict() == second.model.recipe_.to_dict()


def test_weights_and_stopping_have_seen_none(both: tuple[Experiment, Experiment]) -> None:
    first, second = both
    for one, other in zip(first.model.members_, second.model.members_, strict=True):
        assert np.array_equal(one, other)
    for one, other in zip(first.model.histories_, second.model.histories_, strict=True):
        assert one.best_epoch == other.best_epoch
        assert [epoch.validation_loss for epoch in one.epochs] == [epoch.validation_loss for epoch in other.epochs]


def test_calibration_and_conformal_scores_have_seen_none(both: tuple[Experiment, Experiment]) -> None:
    first, second = both
    (facts, arrays), (other_facts, other_arrays) = first.model.to_state(), second.model.to_state()
    assert facts["uncertainty"]
    assert facts["uncertainty"] == other_facts["uncertainty"]
    scores = [name for name in arrays if name.startswith("uncertainty.")]
    assert scores
    for name in scores:
        assert np.array_equal(arrays[name], other_arrays[name], equal_nan=True), name


def test_baselines_have_seen_none(both: tuple[Experiment, Experiment]) -> None:
    first, second = both
    fitted = first.model.arrays_
    assert first.model.record_["baselines"] == second.model.record_["baselines"]
    assert len(first.model.record_["baselines"]) == 3
    assert fitted.keys() == second.model.arrays_.keys()
    for name, values in fitted.items():
        assert np.array_equal(values, second.model.arrays_[name], equal_nan=True), name


def test_nothing_in_the_model_file_has_seen_any(both: tuple[Experiment, Experiment]) -> None:
    first, second = both
    (facts, arrays), (other_facts, other_arrays) = first.model.to_state(), second.model.to_state()
    assert {name: value for name, value in facts.items() if name not in RUN_FACTS} == {
        name: value for name, value in other_facts.items() if name not in RUN_FACTS
    }
    assert arrays.keys() == other_arrays.keys()
    for name, values in arrays.items():
        assert np.array_equal(values, other_arrays[name], equal_nan=True), name
    rows = pl.DataFrame({"x": [0.0, 1.0], "town": ["a", "c"], "holes": [None, 1.0]})
    assert first.model.predict(rows).tolist() == second.model.predict(rows).tolist()


@pytest.mark.parametrize("task", ["regression", "binary"])
def test_a_fold_s_network_and_its_uncertainty_have_not_seen_the_fold(
    task: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The predictions of a fold's network for fixed rows are the same when every cell and label of its test rows is another."""
    frame, asked = table(task), table(task)[:60].drop("y")
    job = RefitJob(np.arange(150, ROWS), np.arange(150))
    kind, choices = MLPRegressor, {}
    if task == "binary":
        kind, choices = MLPClassifier, {"calibration": "temperature"}
    model = kind(random_state=0, effort="fast", max_iter=4, **choices).fit(frame.drop("y"), frame["y"])
    recorded_predictions: list[Any] = []

    def recorded(network: Any, data: Any, rows: Any) -> Any:
        uncertainty = network.predict_set if task == "binary" else network.predict_interval
        recorded_predictions.append(
            (
                network.predict_proba(asked) if task == "binary" else network.predict_point(asked),
                uncertainty(asked, 0.9),
            )
        )
        return predict_labeled_rows(network, data, rows)

    monkeypatch.setattr(cross_validation, "_random_jobs", lambda *_: [job, RefitJob(job.training, job.test)])
    monkeypatch.setattr(cross_validation, "predict_labeled_rows", recorded)
    found = [
        cross_validation.cross_validate(model, rows, "y", folds=2)
        for rows in (frame, with_other_test_rows(frame, np.arange(ROWS) < 150))
    ]
    decisive = "log loss" if task == "binary" else "RMSE"
    assert found[1].scores["network"][decisive].value > 2 * found[0].scores["network"][decisive].value
    first, _, second, _ = recorded_predictions
    assert np.array_equal(first[0], second[0])
    assert np.array_equal(np.array(first[1], dtype=object), np.array(second[1], dtype=object))


@pytest.mark.parametrize("task", ["regression", "binary"])
def test_a_fold_s_baselines_have_not_seen_the_fold(task: str, monkeypatch: pytest.MonkeyPatch) -> None:
    frame, kept = table(task), table(task)[:60].drop("y")
    job = RefitJob(np.arange(150, ROWS), np.arange(150))
    model = (MLPClassifier if task == "binary" else MLPRegressor)(random_state=0, effort="fast", max_iter=2)
    model.fit(frame.drop("y"), frame["y"])
    asked = model.recipe_.transform(kept)
    recorded_predictions: list[dict[str, Any]] = []

    def recorded(baselines: Any, features: Any, of: str, classes: Any) -> Any:
        recorded_predictions.append(predict_baselines(baselines, asked, of, classes))
        return predict_baselines(baselines, features, of, classes)

    # The recipe of the fold's network reads these rows; here it is the whole model's, so that inputs are the same.
    monkeypatch.setattr(cross_validation, "_random_jobs", lambda *_: [job, job])
    monkeypatch.setattr(cross_validation, "refit", lambda *_: [model, model])
    monkeypatch.setattr(cross_validation, "predict_baselines", recorded)
    for rows in (frame, with_other_test_rows(frame, np.arange(ROWS) < 150)):
        cross_validation.cross_validate(model, rows, "y", folds=2)
    first, _, second, _ = recorded_predictions
    assert set(first) == set(second)
    assert len(first) == 3
    for name, (prediction, probability) in first.items():
        assert np.array_equal(prediction, second[name][0]), name
        if probability is not None:
            assert np.array_equal(probability, second[name][1]), name
