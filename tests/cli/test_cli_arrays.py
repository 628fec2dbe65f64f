"""An array is a table in every command: its columns are named once, the same way."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tidynet.cli import main


@pytest.fixture
def array(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    values = np.random.default_rng(0).normal(size=(80, 3)).astype(np.float32)
    values[:, 2] = values[:, 0] > 0
    np.save("birds.npy", values)
    return "birds.npy"


NAMED = ("--column-names", "mass,depth,kind")


@pytest.mark.slow
def test_an_array_is_trained_on_predicted_and_tested(array: str, capsys: pytest.CaptureFixture[str]) -> None:
    learn = ("--target", "kind", "--effort", "fast", "--section", "scores", "--verbose")
    assert main(["train", array, *NAMED, *learn]) == 0
    assert "read as NumPy array: dtype float32, memory 960 bytes" in capsys.readouterr().out
    model = "birds-kind/model.tidynet"
    assert main(["predict", model, array, *NAMED, "--out", "said.csv"]) == 0
    assert pl.read_csv("said.csv").height == 80
    assert main(["evaluate", model, array, *NAMED, "--section", "scores"]) == 0
    assert main(["trace", model, array, *NAMED, "-o", "step.txt"]) == 0
    assert main(["export", model, "-o", "model.npz", "--table", array, *NAMED, "--dtype", "float32"]) == 0
    with np.load("model.npz") as arrays:
        assert arrays["features.numbers"].dtype == np.float32
    capsys.readouterr()
    assert main(["predict", model, array]) == 2
    assert "the table has no column 'mass', which the model was trained on" in capsys.readouterr().err


def test_an_array_is_tidied_and_explored(array: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tidy", array, *NAMED, "--read-option", "dtype=float64", "--out", "birds.parquet"]) == 0
    assert pl.read_parquet_schema("birds.parquet") == {"mass": pl.Float64, "depth": pl.Float64, "kind": pl.Float64}
    assert main(["explore", array, "--column-names", NAMED[1], "--columns", "mass,depth", "--quiet"]) == 0
    assert "80 rows × 2 columns" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (
            ["--column-names", "a,b"],
            "tidynet: columns has 2 names, expected 3 for the columns of 'birds.npy'; give one name for each column",
        ),
        (["--column-names", "a,b,a"], "two columns named 'a'"),
        (
            [*NAMED, "--read-option", "columns=a|b|c"],
            "tidynet: columns are named by --column-names and by --read-option; remove one of them",
        ),
    ],
)
def test_names_that_do_not_fit_are_one_sentence(
    array: str, said: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["tidy", array, *said]) == 2
    assert sentence in " ".join(capsys.readouterr().err.split())
