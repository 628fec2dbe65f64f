"""`tidynet predict` and `tidynet evaluate`: a model on other tables."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import tidynet

Command = Callable[..., Any]


@pytest.fixture
def plants(trained: Path) -> pl.DataFrame:
    return pl.read_csv(trained.parents[1] / "plants.csv")


def test_csv_goes_to_standard_output(command: Command, trained: Path, plants: pl.DataFrame) -> None:
    ran = command("predict", trained, trained.parents[1] / "plants.csv")
    assert (ran.code, ran.error) == (0, "")
    found = pl.read_csv(io.StringIO(ran.out))
    assert found.columns == ["plot", "prediction", "probability_fern", "probability_moss"]
    assert found["plot"].to_list() == plants["plot"].to_list()
    model = tidynet.load(trained)
    assert np.array_equal(found.drop("plot", "prediction").to_numpy(), model.predict_proba(plants))
    assert found["prediction"].to_list() == model.predict(plants).tolist()


@pytest.mark.parametrize(("ending", "read"), [("csv", pl.read_csv), ("parquet", pl.read_parquet)])
def test_a_file_by_its_ending(
    ending: str, read: Callable[[Path], pl.DataFrame], command: Command, trained: Path, tmp_path: Path
) -> None:
    table = trained.parents[1] / "plants.csv"
    ran = command("predict", trained, table, "--out", f"out.{ending}")
    size = (tmp_path / f"out.{ending}").stat().st_size
    assert (ran.code, ran.error) == (0, "")
    assert ran.out == f"Wrote out.{ending}: 60 predictions ({size / 1000:.3g} kB)\n"
    assert read(tmp_path / f"out.{ending}").equals(pl.read_csv(io.StringIO(command("predict", trained, table).out)))
    assert [path.name for path in tmp_path.iterdir()] == [f"out.{ending}"]


def test_new_categories_gaps_another_order_and_more_columns(command: Command, trained: Path, tmp_path: Path) -> None:
    (tmp_path / "new.csv").write_text("leaf,more,plot,height\nheart,1,q1,\n,2,q2,0.25\noval,3,q3,1.5\n")
    ran = command("predict", trained, "new.csv")
    assert (ran.code, ran.error) == (0, "")
    assert pl.read_csv(io.StringIO(ran.out))["plot"].to_list() == ["q1", "q2", "q3"]


def test_a_column_that_came_as_another_type_is_noted_and_means_the_same(command: Command, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    member, age = rng.random(60) < 0.5, rng.normal(40, 9, 60).round(1)
    frame = pl.DataFrame({"member": member, "age": age})
    model = tidynet.MLPClassifier(random_state=0, max_iter=20, n_networks=1)
    model.fit(frame, np.where(member, "in", "out")).save(tmp_path / "m.tidynet")
    words = np.where(member[:12], "True", "FALSE")
    words[0] = "maybe"
    pl.DataFrame({"member": words, "age": age[:12]}).write_csv(tmp_path / "odd.csv")
    ran = command("predict", "m.tidynet", "odd.csv")
    assert (ran.code, ran.error) == (
        0,
        "note: the column 'member' is text, true and false in training; "
        "1 of 12 values is an unseen category ('maybe')\n",
    )
    found = pl.read_csv(io.StringIO(ran.out))
    assert found["prediction"][1:].to_list() == model.predict(frame[1:12]).tolist()


def test_csv_from_standard_input(command: Command, trained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"height,leaf\n0.5,oval\n-1.5,round\n")))
    ran = command("predict", trained, "-")
    assert (ran.code, ran.error) == (0, "")
    assert [line.split(",")[0] for line in ran.out.splitlines()] == ["row", "1", "2"]


def test_ragged_rows_stop_or_are_skipped(command: Command, trained: Path, tmp_path: Path) -> None:
    (tmp_path / "new.csv").write_text("plot,height,leaf\nq1,0.5,oval\nq2,0.5\nq3,0.1,oval\n")
    ran = command("predict", trained, "new.csv")
    assert (ran.code, ran.out, ran.error) == (
        2,
        "",
        "tidynet: line 3 of 'new.csv' has 2 fields, expected 3 as in the header; "
        "fill short lines with `--on-bad-lines fill`, or skip such lines with `--on-bad-lines skip`\n",
    )
    ran = command("predict", trained, "new.csv", "--on-bad-lines", "skip")
    assert ran.code == 0
    assert [line.split(",")[0] for line in ran.out.splitlines()] == ["plot", "q1", "q3"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("bent.csv",), "the table has no column 'height', which the model was trained on; did you mean 'heigth'?"),
        (
            ("new.csv", "--out", "out.xlsx"),
            "the output file is 'out.xlsx', expected a name with the suffix .csv or .parquet; rename it",
        ),
        (
            ("new.csv", "--out", "new.csv"),
            "the output file is 'new.csv', which is the input table; choose another file",
        ),
        (
            ("new.csv", "--abstain", "--max-interval-width", "3"),
            "--max-interval-width is 3, but the model predicts classes; remove it",
        ),
        (("new.csv", "--per-class"), "--per-class is given, but --coverage is missing; add --coverage 0.9"),
        (("nwe.csv",), "there is no file 'nwe.csv'; did you mean 'new.csv' or 'bent.csv' or 'infinite.csv'?"),
        (("empty.csv",), "'empty.csv' is empty (0 bytes), expected a table; check how it was written"),
        (("header.csv",), "'header.csv' has a header but 0 rows, expected at least 1; check how it was written"),
        (
            ("infinite.csv",),
            "the column 'height' contains inf in row 2, expected finite numbers; correct or drop the row",
        ),
    ],
)
def test_what_predict_cannot_use_is_one_sentence_and_nothing_written(
    words: tuple[str, ...], sentence: str, command: Command, trained: Path, tmp_path: Path
) -> None:
    files = {
        "new.csv": "plot,height,leaf\nq1,0.5,oval\n",
        "bent.csv": "plot,heigth,leaf\nq1,0.5,oval\n",
        "infinite.csv": "plot,height,leaf\nq1,0.5,oval\nq2,inf,oval\n",
        "header.csv": "plot,height,leaf\n",
        "empty.csv": "",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    ran = command("predict", trained, *words)
    assert (ran.code, ran.out, ran.error) == (2, "", f"tidynet: {sentence}\n")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == files


def test_a_reader_that_has_had_enough_is_no_error(trained: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    words = [sys.executable, "-m", "tidynet", "predict", trained, trained.parents[1] / "plants.csv"]
    try:
        result = subprocess.run(words, stdout=writer, stderr=subprocess.PIPE, check=False)
    finally:
        os.close(writer)
    assert (result.stderr, result.returncode) == (b"", 141)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_behind_standard_output_is_one_sentence(trained: Path) -> None:
    words = [sys.executable, "-m", "tidynet", "predict", trained, trained.parents[1] / "plants.csv"]
    with open("/dev/full", "wb") as full:
        result = subprocess.run(words, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (result.stderr, result.returncode) == (
        "tidynet: the output cannot be written (no space left on device)\n",
        2,
    )


def test_evaluate_scores_another_labeled_table(
    command: Command, trained: Path, plants: pl.DataFrame, tmp_path: Path
) -> None:
    plants.head(30).write_csv(tmp_path / "other.csv")
    ran = command("evaluate", trained, "other.csv", "--verbose")
    assert (ran.code, ran.error) == (0, "")
    evaluation = tidynet.evaluate(tidynet.load(trained), tidynet.read(tmp_path / "other.csv"))
    assert ran.out.startswith(f"{evaluation.heading}\n")
    assert f"\n\n{evaluation.verdict}\n" in ran.out
    for section in evaluation.sections:
        assert f"\n\n{section.title}\n" in ran.out
    for name, score in evaluation.network.items():
        line = next(line for line in ran.out.splitlines() if line.startswith(name))
        assert str(score) in line


def test_evaluate_reads_the_parts_that_are_asked_for(command: Command, trained: Path, plants: pl.DataFrame) -> None:
    plants.write_csv("other.csv")
    ran = command("evaluate", trained, "other.csv", "--section", "largest-errors", "--folds", "2")
    assert (ran.code, ran.error) == (0, "")
    assert "\n\nLargest errors\n" in ran.out
    assert "Uncertainty" not in ran.out
    assert "\n\nCross-validation\n" in ran.out
    for words, said in (
        (("--section", "largest-error"), "did you mean 'largest-errors'?"),
        (("--folds", "1"), "expected a whole number"),
    ):
        ran = command("evaluate", trained, "other.csv", *words)
        assert (ran.code, ran.out) == (2, "")
        assert said in ran.error


def test_evaluate_needs_the_target(command: Command, trained: Path, plants: pl.DataFrame, tmp_path: Path) -> None:
    plants.rename({"kind": "kinds"}).write_csv(tmp_path / "other.csv")
    ran = command("evaluate", trained, "other.csv")
    assert (ran.code, ran.out) == (2, "")
    assert ran.error.startswith("tidynet: ")
    assert "'kind'" in ran.error
    assert ran.error.endswith("did you mean 'kinds'?\n")
    assert ran.error.count("\n") == 1


@pytest.mark.parametrize("verb", ["predict", "evaluate"])
def test_a_damaged_or_foreign_model_is_one_sentence(verb: str, command: Command, trained: Path, tmp_path: Path) -> None:
    whole = trained.read_bytes()
    (tmp_path / "short.tidynet").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "altered.tidynet").write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    (tmp_path / "foreign.tidynet").write_text("not a model")
    table = trained.parents[1] / "plants.csv"
    for name in ("short", "altered", "foreign", "missing"):
        ran = command(verb, f"{name}.tidynet", table)
        assert (ran.code, ran.out) == (2, "")
        assert f"{name}.tidynet'" in ran.error
        assert ran.error.count("\n") == 1


def test_explain_gives_the_contributions_of_one_row(command: Command, trained: Path) -> None:
    table = trained.parents[1] / "plants.csv"
    ran = command("predict", trained, table, "--explain", "3")
    assert (ran.code, ran.error) == (0, "")
    found = tidynet.explain_prediction(tidynet.load(trained), table, 3)
    assert [line.rstrip() for line in repr(found).splitlines()] == ran.out.splitlines()
    ran = command("predict", trained, table, "--explain", 3, "--class-label", "fern", "--coverage", "0.9", "--novelty")
    assert ran.code == 0
    assert "Row 3: probability of 'fern' 0.775; average over 60 rows 0.549" in ran.out
    assert "\nprediction_set: " in ran.out
    assert "\nnovelty: " in ran.out


def test_why_compares_with_another_table_and_writes_files(command: Command, trained: Path) -> None:
    table = trained.parents[1] / "plants.csv"
    Path("one.csv").write_text("plot,height,leaf\nq1,0.5,oval\n")
    assert "--background TABLE" in command("predict", trained, "one.csv", "--explain", 1).error
    ran = command("predict", trained, "one.csv", "--explain", 1, "--background", table, "--out", "why.svg")
    assert (ran.code, ran.error) == (0, "")
    assert ran.out.startswith("Wrote why.svg: explanation of row 1 (")
    assert Path("why.svg").read_text("utf-8").startswith("<svg")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--explain", "0"), "the row is 0, expected 1 to 60 in 'plants'"),
        (("--explain", "x"), "--explain is 'x', expected a whole number"),
        (("--explain", "1", "--class-label", "tree"), "the class is 'tree', expected one of 'fern', 'moss'"),
        (("--explain", "1", "--abstain"), "--explain explains one row, and --abstain leaves rows blank"),
        (("--class-label", "fern"), "--class-label and --background are given without --explain"),
        (
            ("--explain", "1", "--out", "why.csv"),
            "the file is 'why.csv', expected a name that ends in .svg, .json or .txt",
        ),
    ],
)
def test_what_why_cannot_use_is_one_sentence(
    words: tuple[str, ...], sentence: str, command: Command, trained: Path
) -> None:
    ran = command("predict", trained, trained.parents[1] / "plants.csv", *words)
    assert (ran.code, ran.out) == (2, "")
    assert ran.error.startswith(f"tidynet: {sentence}")
    assert ran.error.count("\n") == 1
