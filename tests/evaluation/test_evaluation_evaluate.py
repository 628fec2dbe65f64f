"""evaluate(model, table): from a fitted model and a labeled table to an Evaluation."""

from __future__ import annotations

import gzip
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import polars as pl
import pytest
from sklearn import datasets

import tidynet
from tidynet.core.errors import InputError
from tidynet.evaluation import evaluate
from tidynet.evaluation.baselines import Baseline, baselines_to_arrays, fit_baselines
from tidynet.evaluation.cross_validation import cross_validate
from tidynet.table.read import read


@dataclass
class Matrix:
    """A fake of EncodedFeatures."""

    numbers: Any
    n_categories: tuple[int, ...] = ()

    @property
    def standardized(self) -> Any:
        return self.numbers

    def dense_one_hot(self) -> Any:
        return self.numbers


@dataclass
class Standardize:
    """A fake of Recipe: picks its columns by name."""

    columns: list[str]
    mean: Any
    scale: Any
    heights: list[int] = field(default_factory=list)
    passthrough_columns: bool = True
    variable_types: dict[str, str] = field(default_factory=dict)
    categories: tuple[Any, ...] = ()
    column_formats: dict[str, Any] = field(default_factory=dict)

    @property
    def used_columns(self) -> tuple[str, ...]:
        return tuple(self.columns)

    def transform(self, frame: pl.DataFrame) -> Matrix:
        missing = [column for column in self.columns if column not in frame.columns]
        if missing:
            raise InputError(f"the table lacks the column '{missing[0]}'")
        self.heights.append(frame.height)
        return Matrix((frame.select(self.columns).to_numpy() - self.mean) / self.scale)

    def column_change_notes(self, frame: pl.DataFrame) -> list[str]:
        del frame
        return []


class Fitted:
    """A fake of MLPClassifier and MLPRegressor: its network is the last baseline, a little shrunk."""

    n_targets, is_multilabel, novelty_detector, quantile_model_ = 1, False, None, None
    members_ = ()
    network_ = SimpleNamespace(loss="squared_error")
    calibration_ = {"method": "none", "sentence": ""}  # noqa: RUF012

    def __init__(self, frame: pl.DataFrame, target: str, task: str, *, stored: bool = True) -> None:
        features = frame.drop(target)
        truth = frame[target].to_numpy()
        self.task = task
        self.recipe_ = Standardize(features.columns, features.to_numpy().mean(axis=0), features.to_numpy().std(axis=0))
        if task != "regression":
            self.classes_ = np.unique(truth)
        matrix = self.recipe_.transform(features).dense_one_hot()
        baselines = fit_baselines(task, matrix, truth, None if task == "regression" else self.classes_)
        last = baselines[-1]
        self.network = Baseline("network", last.coefficients * 0.9, last.intercept)
        names, self.arrays_ = baselines_to_arrays(baselines if stored else [])
        self.record_: dict[str, Any] = {"target": target, "task": task, "baselines": names}

    def _predict(self, frame: pl.DataFrame) -> Any:
        classes = None if self.task == "regression" else self.classes_
        return self.network.predict(self.recipe_.transform(frame).dense_one_hot(), self.task, classes)

    def predict(self, frame: pl.DataFrame) -> Any:
        return self._predict(frame)[0]

    predict_point = predict

    def predict_proba(self, frame: pl.DataFrame) -> Any:
        return self._predict(frame)[1]

    def novelty(self, *_: Any) -> Any:
        raise InputError("the model has no training rows")

    predict_set_mask = predict_interval = novelty


def iris() -> pl.DataFrame:
    found = datasets.load_iris()
    names = ["sepal length", "sepal width", "petal length", "petal width"]
    return pl.DataFrame(found.data, schema=names).with_columns(species=found.target_names[found.target].astype(str))


def diabetes() -> pl.DataFrame:
    found = datasets.load_diabetes()
    return pl.DataFrame(found.data, schema=found.feature_names).with_columns(progression=found.target)


TRAIN, TEST = pl.int_range(pl.len()) % 2 == 0, pl.int_range(pl.len()) % 2 == 1


def classifier() -> Fitted:
    return Fitted(iris().filter(TRAIN), "species", "multiclass")


def test_a_classifier_is_tested_beside_its_baselines() -> None:
    model, test = classifier(), iris().filter(TEST)
    found = evaluate(model, test)
    assert (found.task, found.target, found.rows) == ("multiclass", "species", 75)
    assert found.classes == ("setosa", "versicolor", "virginica")
    assert list(found.baselines) == ["most frequent class", "logistic regression"]
    assert [one.baseline for one in found.comparisons] == ["most frequent class", "logistic regression"]
    right = (model.predict(test.drop("species")) == test["species"].to_numpy()).mean()
    assert found.network["accuracy"].value == pytest.approx(right)
    assert found.baselines["most frequent class"]["log loss"].value == pytest.approx(np.log(3))
    assert found.comparisons[0].verdict == "better"
    assert found.notes == ()


def test_a_regressor_is_tested_beside_its_baselines() -> None:
    model = Fitted(diabetes().filter(TRAIN), "progression", "regression")
    found = evaluate(model, diabetes().filter(TEST))
    test = diabetes().filter(TEST)
    error = test["progression"].to_numpy() - model.predict(test.drop("progression"))
    assert found.network["RMSE"].value == pytest.approx(np.sqrt((error**2).mean()))
    assert list(found.baselines) == ["mean", "ridge regression"]
    assert found.classes == ()


def test_a_file_a_frame_and_a_table_give_the_same(tmp_path: Path) -> None:
    model, test = classifier(), iris().filter(TEST)
    path = tmp_path / "test.csv.gz"
    path.write_bytes(gzip.compress(test.write_csv().encode()))
    first = evaluate(model, test)
    assert evaluate(model, read(test)) == first
    assert evaluate(model, path) == first
    assert evaluate(model, test.to_pandas()) == first


def test_the_target_may_have_another_name_and_columns_another_order() -> None:
    model, test = classifier(), iris().filter(TEST)
    other = test.select(reversed(test.columns)).rename({"species": "kind"}).with_columns(extra=1)
    assert evaluate(model, other, target="kind").network == evaluate(model, test).network


def test_a_target_named_like_a_pattern_is_a_name() -> None:
    frame = iris().rename({"species": "^.*$"})
    model = Fitted(frame.rename({"^.*$": "y"}), "y", "multiclass")
    assert evaluate(model, frame, target="^.*$").rows == 150


def test_rows_without_a_target_are_excluded_with_a_note() -> None:
    test = iris().filter(TEST)
    holes = test.with_columns(species=pl.when(pl.int_range(pl.len()) < 5).then(None).otherwise("species"))
    found = evaluate(classifier(), holes)
    assert found.rows == 70
    assert found.notes == ("excluded: 5 rows without a value of 'species'",)
    assert found.network == evaluate(classifier(), test[5:]).network


def test_what_reading_did_comes_first_in_the_notes() -> None:
    table = replace(read(iris().filter(TEST)), notes=("two lines were skipped",))
    holes = replace(table, frame=table.frame.with_columns(species=pl.col("species").replace("setosa", None)))
    assert evaluate(classifier(), holes).notes[:2] == (
        "two lines were skipped",
        "excluded: 25 rows without a value of 'species'",
    )


def test_labels_of_another_type_are_compared_by_meaning() -> None:
    codes = {"setosa": 1, "versicolor": 2, "virginica": 3}
    numbered = iris().with_columns(pl.col("species").replace_strict(codes))
    model = Fitted(numbered.filter(TRAIN), "species", "multiclass")
    test = numbered.filter(TEST)
    as_text = test.with_columns(pl.col("species").cast(pl.String))
    assert evaluate(model, as_text).network == evaluate(model, test).network


def test_unknown_labels_are_counted() -> None:
    test = iris().filter(TEST)
    new = test.with_columns(species=pl.when(pl.int_range(pl.len()) < 3).then(pl.lit("new")).otherwise("species"))
    found = evaluate(classifier(), new)
    assert found.notes == (
        "3 test rows of classes absent from training ('new'): errors in the accuracy, "
        "excluded from scores of probabilities",
    )
    assert found.confusion_matrix is not None
    assert np.sum(found.confusion_matrix) == 72


def test_three_rows_are_scored() -> None:
    found = evaluate(classifier(), iris()[[0, 50, 51]])
    assert found.verdict == "3 test rows: too few to compare the network with baselines (minimum 10)."
    assert {"accuracy", "balanced accuracy", "log loss", "ROC AUC"} < set(found.network)


def test_a_model_without_baselines_is_scored_alone() -> None:
    model = Fitted(iris().filter(TRAIN), "species", "multiclass", stored=False)
    found = evaluate(model, iris().filter(TEST))
    assert (found.baselines, found.comparisons) == ({}, ())
    assert found.verdict.endswith("there is no baseline.")


def test_large_tables_are_predicted_in_blocks() -> None:
    model = classifier()
    model.recipe_.heights.clear()
    found = evaluate(model, pl.concat([iris()] * 150), sections="scores")
    assert found.rows == 22_500
    assert max(model.recipe_.heights) == 20_000
    assert found.network["log loss"].value == pytest.approx(evaluate(model, iris()).network["log loss"].value)


@pytest.mark.parametrize(
    ("change", "target", "message"),
    [
        (
            lambda test: test.rename({"species": "specie"}),
            None,
            "the target is 'species', expected a column of 'table'; did you mean 'specie'?",
        ),
        (
            lambda test: test.select("petal width", "petal length"),
            None,
            "the target is 'species', expected a column of 'table'; columns: 'petal width', 'petal length'; "
            "`tidynet predict MODEL TABLE --novelty` compares these rows with the training rows",
        ),
        (
            lambda test: test,
            "kinds",
            "the target is 'kinds', expected a column of 'table'; "
            "columns: 'sepal length', 'sepal width', 'petal length', 'petal width', 'species'",
        ),
        (
            lambda test: test.with_columns(species=pl.lit(None, dtype=pl.String)),
            None,
            "the target 'species' has 0 values in 75 rows of 'table', expected at least 1",
        ),
        (lambda test: test.drop("petal width"), None, "the table lacks the column 'petal width'"),
        (lambda test: test.select("species"), None, "the table lacks the column 'sepal length'"),
    ],
)
def test_a_table_that_cannot_be_scored_is_refused(change: Any, target: str | None, message: str) -> None:
    with pytest.raises(InputError) as caught:
        evaluate(classifier(), change(iris().filter(TEST)), target=target)
    assert str(caught.value) == message


def test_a_model_that_is_not_fitted_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        evaluate(object(), iris())
    assert str(caught.value) == (
        "the model is a object, expected MLPClassifier, MLPRegressor or Perceptron; score its predictions with scikit-learn"
    )
    for model in (tidynet.Perceptron(), tidynet.MLPRegressor()):
        with pytest.raises(InputError) as caught:
            evaluate(model, iris(), target="species")
        assert str(caught.value) == f"{type(model).__name__} is not fitted; call fit first"


def test_a_perceptron_is_scored_without_probabilities() -> None:
    two = iris().filter(pl.col("species") != "virginica")
    model = tidynet.Perceptron(random_state=0).fit(two[::2].drop("species"), two["species"][::2])
    found = evaluate(model, two[1::2], target="species")
    right = np.mean(model.predict(two[1::2].drop("species")) == two["species"][1::2].to_numpy())
    assert found.network["accuracy"].value == right
    assert "log loss" not in found.network
    assert [one.name for one in found.sections] == ["leakage"]
    assert found.notes[0] == (
        "not available, because the model has no probabilities: 'Uncertainty: calibration, prediction sets and intervals', "
        "'Feature importance', 'Feature effects', 'Subgroups with high error', 'Largest errors'"
    )
    assert evaluate(model, two[1::2], target="species", sections="scores").sections == ()
    with pytest.raises(InputError) as caught:
        cross_validate(model, two, "species")
    assert str(caught.value) == (
        "the model is a Perceptron, expected MLPClassifier or MLPRegressor to train again; use scikit-learn's "
        "cross_val_score"
    )


def test_several_targets_are_refused() -> None:
    X = np.random.default_rng(0).normal(size=(60, 2))
    frame = pl.DataFrame({"a": X[:, 0], "b": X[:, 1], "y": X[:, 0]})
    two = tidynet.MLPRegressor(random_state=0, max_iter=1, preset="tidynet", effort="fast").fit(X, X)
    labels = tidynet.MLPClassifier(random_state=0, max_iter=1, preset="tidynet", effort="fast").fit(
        X, (X > 0).astype(int)
    )
    result = {
        two: "MLPRegressor predicts 2 targets, expected 1; train a model for each target",
        labels: "MLPClassifier predicts several labels for each row, expected 1; train a model for each label",
    }
    for model, message in result.items():
        for ask in (evaluate, cross_validate):
            with pytest.raises(InputError) as caught:
                ask(model, frame, target="y")
            assert str(caught.value) == message


def test_numbers_where_classes_are_predicted_are_refused() -> None:
    numbers = iris().with_columns(species=pl.col("petal length") / 7)
    with pytest.raises(InputError) as caught:
        evaluate(classifier(), numbers)
    assert str(caught.value) == (
        f"the target 'species' contains {numbers['species'][0]:.4g}, expected one of 'setosa', 'versicolor', 'virginica'; "
        "give a table whose target has these classes"
    )


@pytest.mark.parametrize("rows", [1, 3])
def test_few_rows_have_sentences_and_no_table(rows: int) -> None:
    found = evaluate(classifier(), iris()[:rows])
    result = {one.name: one for one in found.sections}
    noun = "1 test row" if rows == 1 else "3 test rows"
    assert result["importance"].sentences == (f"{noun}: too few for feature importance (minimum 10).",)
    assert result["importance"].lines == ()
    assert result["subgroups"].sentences == (f"{noun}: no subgroup has 20 rows.",)
    assert any(f"only {noun}: an accuracy of " in line for line in result["leakage"].sentences)


def test_a_model_that_knows_no_target_asks_for_it() -> None:
    model = classifier()
    del model.record_["target"]
    with pytest.raises(InputError) as caught:
        evaluate(model, iris())
    assert str(caught.value) == "the target column of the model is unknown; pass target=…"
    assert evaluate(model, iris(), target="species").rows == 150
