"""The command run in this process, in a folder of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tidynet.cli import main


@dataclass(frozen=True)
class Ran:
    """What one command came to."""

    code: int
    out: str
    error: str


Command = Callable[..., Ran]


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Run `tidynet` with some words, in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def run(*words: object) -> Ran:
        code = main([str(word) for word in words])
        return Ran(code, *capsys.readouterr())

    return run


def plants(count: int = 60, seed: int = 1) -> pl.DataFrame:
    """A small table with a key, a number, a category, two classes and a number to predict."""
    random = np.random.default_rng(seed)
    height = random.normal(size=count).round(3)
    leaf = random.choice(["oval", "round", "split"], size=count)
    return pl.DataFrame(
        {
            "plot": [f"p{number:03}" for number in range(count)],
            "height": height,
            "leaf": leaf,
            "kind": np.where(height + (leaf == "oval") > 0.3, "fern", "moss"),
            "mass": (height * 2 + 5).round(3),
        }
    )


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model file that `tidynet train` wrote for the kind of the plants."""
    folder = tmp_path_factory.mktemp("trained")
    plants().write_csv(folder / "plants.csv")
    words = ["train", folder / "plants.csv", "--target", "kind", "--drop", "mass", "--out", folder / "out"]
    assert main([*map(str, words), "--max-epochs", "3", "--quiet"]) == 0
    return folder / "out" / "model.tidynet"
