"""A notebook of a model uses the rows and columns of the model, and describes the training as the report does."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pandas as pd
import polars as pl
import pytest

import tidynet as tn
from tidynet.core.errors import FileReadError
from tidynet.estimators.training_statistics import training_statistics
from tidynet.output.report.model_card import model_card
from tidynet.output.report.report import render
from tidynet.output.report.report_data import restore_report_data
from tidynet.workflow import Experiment, TrainOptions, run
from tidynet.workflow import notebook as sharing


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("model")
    rng = np.random.default_rng(0)
    age = rng.integers(18, 65, 160)
    pl.DataFrame(
        {
            "age": age,
            "grade": rng.integers(1, 6, 160),
            "leak": age + rng.normal(0, 0.1, 160),
            "same": ["x"] * 160,
            "left": [None if row % 40 == 0 else ("yes" if one > 40 else "no") for row, one in enumerate(age)],
        }
    ).write_csv(place / "people.csv")
    return place


@pytest.fixture(scope="module")
def made(folder: Path) -> Experiment:
    options = TrainOptions(
        target="left", effort="fast", drop=("leak",), variable_types={"grade": "nominal"}, out=folder / "m"
    )
    return run(folder / "people.csv", options)


@pytest.fixture(scope="module")
def cells(folder: Path, made: Experiment) -> list[Any]:
    out = folder / "a.ipynb"
    model = dict(made.files and [(path.name, path) for path, _ in made.files])["model.tidynet"]
    sharing.notebook(folder / "people.csv", "left", model=model, out=out, run=False)
    read: Any = nbformat.read(out, as_version=4)
    return list(read.cells)


def words_under(cells: list[Any], heading: str) -> str:
    (found,) = [cell.source for cell in cells if cell.source.startswith(heading)]
    return re.sub(r"\\(.)", r"\1", found)


@pytest.mark.slow
def test_it_looks_at_the_rows_and_columns_of_the_report(folder: Path, made: Experiment, cells: list[Any]) -> None:
    look = restore_report_data(tn.load(folder / "m/model.tidynet"))["profile"]
    (reading,) = [cell.source for cell in cells if "tn.read(" in cell.source]
    assert "'leak'" in reading
    assert "4 rows without a target" in reading
    known: dict[str, Any] = {"tn": tn, "np": np, "pd": pd}
    exec(reading.replace("'people.csv'", repr(str(folder / "people.csv"))), known)
    table, frame = known["table"], known["frame"]
    assert (table.height, table.columns) == (look["rows"], [one["name"] for one in look["columns"]])
    assert list(frame.columns) == table.columns
    assert 0 not in frame.index  # rows keep their numbers in the whole table
    assert [str(one.variable_type) for one in table.inferred_types.values()] == [
        one["variable_type"] for one in look["columns"]
    ]
    seen = tn.explore(table, target="left").profile
    assert seen.target_associations[0].explained_share == pytest.approx(
        look["target_associations"][0]["explained_share"]
    )
    assert made.table.height == table.height


@pytest.mark.slow
def test_its_text_is_of_what_the_model_was_given(made: Experiment, cells: list[Any]) -> None:
    assert made.model.recipe_.used_columns == ("age", "grade")
    opening = words_under(cells, "# people")
    assert "156 rows, 2 input columns, 1 excluded." in opening
    assert "156 rows × 4 columns" in words_under(cells, "## Data\n")
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    assert not re.search(r"\bleak\b", text)
    assert text.count(made.evaluation.verdict) <= 1
    (examined,) = [cell.source for cell in cells if "evaluate_on_test_rows(model" in cell.source]
    assert "evaluate_on_test_rows(model, full_table" in examined


@pytest.mark.slow
def test_the_training_of_all_networks_is_described_and_drawn(made: Experiment, cells: list[Any]) -> None:
    facts = training_statistics(made.model)
    text = words_under(cells, "### Training\n")
    lengths = [len(one) for one in made.model.histories_]
    assert f"3 networks, {min(lengths)} to {max(lengths)} epochs each" in text
    assert "Bold: network 1; thin: the others." in text
    best = [training[epoch - 1] for training, epoch in zip(facts.training, facts.best, strict=True)]
    assert f"At the best epoch: training loss {np.median(best):.3g}, " in text
    (drawn,) = [cell.source for cell in cells if "sns.lineplot" in cell.source]
    assert drawn.count("sns.lineplot") == 2


@pytest.mark.slow
def test_validation_folds_are_stated_everywhere(made: Experiment, cells: list[Any]) -> None:
    model, rows = made.model, made.model.record_["provenance"]["rows"]
    n_validation = model.n_validation_rows_
    assert rows["validation"] == 0 < n_validation
    assert f"{rows['training']:,} rows, of which each network validates on {n_validation}" in model._repr_html_()
    card = model_card(model)
    assert f"{rows['training']} training (each network uses a fold of {n_validation} as validation set)" in card
    assert "0 validation" not in card
    page = render(restore_report_data(model))
    assert "rows, validation" not in page
    assert "early stopping uses the validation loss of one fold for each network" in page
    assert any(f"{n_validation} validation rows per network, another fold each" in cell.source for cell in cells)


def test_obstacles_for_figures_are_errors_before_any_work(tmp_path: Path) -> None:
    (tmp_path / "hr_files").touch()
    with pytest.raises(FileReadError, match="hr_files' is a file, expected a folder for figures; choose another name"):
        sharing.notebook("penguins", "species", out=tmp_path / "hr.ipynb", formats=["markdown"])
    (tmp_path / "ab.html").mkdir()
    with pytest.raises(FileReadError, match=r"ab.html' is a folder, expected a file"):
        sharing.notebook("penguins", "species", out=tmp_path / "ab.ipynb", formats=["html"], force=True)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["ab.html", "hr_files"]


def test_files_that_cannot_all_be_written_leave_none(tmp_path: Path) -> None:
    (tmp_path / "a_files").touch()
    with pytest.raises(FileReadError, match=r"cannot be written \(file exists\); choose another with --out"):
        sharing._write_all(tmp_path, {"a.ipynb": b"{}", "a_files/1.png": b"-"})
    assert [one.name for one in tmp_path.iterdir()] == ["a_files"]
