"""`tidynet trace`: one step of a model on one row, in every format."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Command = Callable[..., Any]


@pytest.fixture
def table(trained: Path) -> Path:
    return trained.parents[1] / "plants.csv"


def test_text_names_the_columns(command: Command, trained: Path, table: Path) -> None:
    ran = command("trace", trained, table, "--row", 2, "--optimizer", "sgd", "--max-units", 64)
    assert (ran.code, ran.error) == (0, "")
    assert ran.out.startswith("One training step of MLPClassifier, network 1 of ")
    assert re.search(r"leaf = (oval|round|split) += 1\n", ran.out)
    assert re.search(r"δᵒ = y − ŷ = [01] − 0\.\d+ = −?0\.\d+\n", ran.out)


@pytest.mark.parametrize(
    ("form", "begins"),
    [("markdown", "## One training step"), ("latex", r"\documentclass"), ("html", "<!doctype html>"), ("json", "{")],
)
def test_every_format_is_written(command: Command, trained: Path, table: Path, form: str, begins: str) -> None:
    ran = command("trace", trained, table, "--format", form, "-o", "step.txt")
    assert ran.code == 0
    assert re.fullmatch(rf"Wrote step.txt: {form} of one step \([\d.]+ [kM]B\)\n", ran.out)
    content = Path("step.txt").read_text("utf-8")
    assert content.startswith(begins)
    if form == "json":
        assert len(json.loads(content)["step"]["layers"]) == 3


def test_the_short_form_states_the_option_that_shows_all_terms(command: Command, trained: Path, table: Path) -> None:
    short = command("trace", trained, table).out
    assert short.count("\n") < 80
    needed = re.search(r"\nShort form: .*; all units and terms with max_units=(\d+) or --max-units \1\n$", short)
    assert needed is not None
    whole = command("trace", trained, table, "--max-units", needed[1]).out
    assert whole.count("Σ w⁽²⁾·a + b") == int(needed[1])
    assert re.findall(r"… \d+ more \+|… \d+ more −|… \d+ more\)|more units|Short form", whole) == []


def test_row_and_network_and_step_are_chosen(command: Command, trained: Path, table: Path) -> None:
    first, second = (
        json.loads(command("trace", trained, table, "--format", "json", "--row", row, "--member", 2, "--step", 3).out)
        for row in (1, 2)
    )
    assert first["title"] == second["title"]
    assert "network 2 of" in first["title"]
    assert first["step"]["number"] == 3
    assert first["rows"] != second["rows"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--row", "61"], "tidynet: row is 61, expected a row of 'plants' from 1 to 60"),
        (["--row", "0"], "tidynet: row is 0, expected a row of 'plants' from 1 to 60"),
        (["--row", "two"], "--row is 'two', expected a whole number"),
        (["--format", "latx"], "did you mean 'latex'?"),
        (["--optimizer", "adamm"], "the optimizer 'adamm' is unknown"),
        (["--member", "99"], "expected a network from"),
        (["--max-units", "0"], "tidynet: max_units is 0, expected a whole number of at least 1"),
    ],
)
def test_mistakes_are_one_sentence(
    command: Command, trained: Path, table: Path, words: list[str], sentence: str
) -> None:
    ran = command("trace", trained, table, *words)
    assert ran.code == 2
    assert sentence in ran.error
    assert ran.error.count("\n") == 1


def test_a_table_without_the_answer_is_named(command: Command, trained: Path, table: Path) -> None:
    import polars as pl

    pl.read_csv(table).drop("kind").write_csv("new.csv")
    ran = command("trace", trained, "new.csv")
    assert ran.code == 2
    assert (
        "tidynet: the target 'kind' is not a column of 'new'; its columns are 'plot', 'height', 'leaf', 'mass'"
        in ran.error
    )


def test_a_model_fitted_in_python_needs_the_name_of_its_target(command: Command, table: Path) -> None:
    import tidynet as tn

    plants = tn.read(table)
    model = tn.MLPClassifier((3,), max_iter=40, n_networks=1, random_state=0)
    model.fit(plants.drop(target="kind"), plants["kind"].to_list()).save("own.tidynet")
    assert "--target COLUMN" in command("trace", "own.tidynet", table).error
    assert command("trace", "own.tidynet", table, "--target", "kind").code == 0
