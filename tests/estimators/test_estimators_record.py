"""What a model knows of its making, however it was made."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest

import tidynet as tn
from tidynet.cli import main
from tidynet.core.environment import current_environment
from tidynet.core.errors import InputError
from tidynet.estimators import stored_model as saving

X = pl.DataFrame({"score": np.random.default_rng(0).normal(600, 50, 60), "rank": ["a", "b"] * 30})
ADMITTED = np.where(X["score"] > 600, "yes", "no")


def quick() -> tn.MLPClassifier:
    return tn.MLPClassifier((4,), max_iter=3, n_networks=1, random_state=0)


def test_a_model_saved_from_python_keeps_its_environment_and_the_name_of_its_target(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    quick().fit(X, pd.Series(ADMITTED, name="admit")).save(tmp_path / "m.tidynet")
    loaded = tn.load(tmp_path / "m.tidynet")
    assert loaded.record_["target"] == "admit"
    assert loaded.record_["provenance"]["environment"] == current_environment()
    assert main(["environment", "--check", str(tmp_path / "m.tidynet")]) == 0
    assert capsys.readouterr().out == "nothing differs from the model's environment\n"
    assert main(["card", str(tmp_path / "m.tidynet")]) == 0
    card = capsys.readouterr().out
    assert card.startswith("# Model card: prediction of `admit`\n")
    assert f"tidynet {tn.__version__}" in card
    assert loaded.record_["provenance"]["date"] in card


def test_an_environment_stays_that_of_the_training(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    quick().fit(X, ADMITTED).save(tmp_path / "first.tidynet")
    loaded = tn.load(tmp_path / "first.tidynet")
    there = {"python": "9.9.9", "platform": "Moon", "packages": {"tidynet": "9.0.0"}}
    monkeypatch.setattr(saving, "current_environment", lambda: there)
    loaded.save(tmp_path / "second.tidynet")
    assert tn.load(tmp_path / "second.tidynet").record_ == loaded.record_
    loaded.fit(X, ADMITTED).save(tmp_path / "third.tidynet")
    with pytest.warns(UserWarning, match="trained with tidynet 9"):
        assert tn.load(tmp_path / "third.tidynet").record_["provenance"]["environment"] == there


@pytest.mark.parametrize(
    ("y", "name"),
    [
        (pl.Series("admit", ADMITTED), "admit"),
        (pd.DataFrame({"admit": ADMITTED}), "admit"),
        (pd.Series(ADMITTED), None),
        (pl.Series(ADMITTED), None),
        (ADMITTED, None),
    ],
)
@pytest.mark.filterwarnings("ignore:A column-vector y")
def test_the_name_of_the_target(y: object, name: str | None) -> None:
    assert quick().fit(X, y).record_.get("target") == name


def test_going_on_with_a_target_without_a_name_keeps_the_first() -> None:
    model = tn.MLPClassifier((4,), preset="scikit-learn", random_state=0)
    named = pd.Series(np.arange(60) % 2, name="odd")
    numbers = X.select("score").to_numpy()
    model.partial_fit(numbers, named, classes=[0, 1]).partial_fit(numbers, named.to_numpy())
    assert model.record_["target"] == "odd"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"target": 3}, "the target is 3, expected the name of a column"),
        ({"target": "species", "model": b"x"}, "the model is b'x', expected the name of a model file"),
    ],
)
def test_a_notebook_of_something_else(words: dict[str, object], sentence: str) -> None:
    with pytest.raises(InputError) as caught:
        tn.notebook("penguins", **words)
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("admit", "the model has no test set, expected a model of a run; train one with tidynet train or workflow.run"),
        (
            "other",
            "the target is 'admit', but the model 'm.tidynet' predicts 'other'; give its target, or another model",
        ),
        (
            None,
            "the model 'm.tidynet' has no target name, expected 'admit'; fit it on a named column, or train one with tidynet train",
        ),
    ],
)
def test_a_notebook_of_a_model_fitted_from_python(
    name: str | None, sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("nbformat")
    monkeypatch.chdir(tmp_path)
    X.with_columns(admit=pl.Series(ADMITTED)).write_csv("rows.csv")
    quick().fit(X, pd.Series(ADMITTED, name=name)).save("m.tidynet")
    with pytest.raises(InputError) as caught:
        tn.notebook("rows.csv", "admit", model="m.tidynet")
    assert str(caught.value) == sentence
    assert {path.name for path in tmp_path.iterdir()} == {"rows.csv", "m.tidynet"}
