"""`tidynet train`: the whole path from the words of the command to the files."""

from __future__ import annotations

import gzip
import io
import re
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import tidynet
from tidynet.cli.terminal.console import ConsoleReporter
from tidynet.output.report.model_card import model_card
from tidynet.workflow import EpochEnded, evaluate_on_test_rows, recover_test_rows

Command = Callable[..., Any]
QUICK = ("--max-epochs", "3")


def test_the_short_screen_starts_with_the_verdict_and_ends_with_the_files(command: Command, tmp_path: Path) -> None:
    ran = command("train", "penguins", "--target", "species", *QUICK)
    assert (ran.code, ran.error) == (0, "")
    assert sorted(path.name for path in (tmp_path / "penguins-species").iterdir()) == ["model.tidynet", "report.html"]
    lines = ran.out.splitlines()
    assert len(lines) <= 25
    assert max(map(len, lines)) <= 80
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", ran.out)
    starts = ["RESULT  ", "Log loss difference to ", "Score (95% CI) ", "Accuracy ", "Balanced accuracy ", "Macro F1 ",
              "Log loss ", "90% set coverage ", "Attention (", "Data   344 rows; train 275, test 69 (stratified by class",
              "Model  8 networks, 128-128 units, 3 epochs, ", "Wrote  model.tidynet (", "All scores, importance, effects, "]  # fmt: skip
    places = [
        max((place for place, line in enumerate(lines) if line.startswith(start)), default=-1) for start in starts
    ]
    assert -1 not in places
    assert places == sorted(places)
    assert lines[-1] == "All scores, importance, effects, subgroups: report.html or --verbose"


def test_the_short_screen_of_a_regression_fits_too(command: Command, tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    table = pl.DataFrame({"height": random.normal(size=200), "leaf": random.choice(["oval", "round"], 200)})
    table.with_columns(mass=3 * pl.col("height") + random.normal(size=200)).write_csv(tmp_path / "leaves.csv")
    ran = command("train", "leaves.csv", "--target", "mass", *QUICK)
    assert (ran.code, ran.error) == (0, "")
    lines = ran.out.splitlines()
    assert len(lines) <= 25
    assert max(map(len, lines)) <= 80
    assert lines[0].startswith("RESULT  ")
    scores = ["RMSE", "MAE", "Median absolute error", "R²", "90% interval coverage"]
    first = next(number for number, line in enumerate(lines) if line.startswith("Score (95% CI)")) + 1
    assert [line.split("  ")[0] for line in lines[first : first + 5]] == scores
    assert lines[-1] == "All scores, importance, effects, subgroups: report.html or --verbose"


def test_verbose_prints_everything(command: Command) -> None:
    ran = command("train", "penguins", "--target", "species", "--verbose", *QUICK)
    milestones = [
        "penguins: 344 rows, 8 columns\n",
        "species            nominal              target, multiclass",
        "19 missing values in 5 columns\n",
        "read as separated text: ",
        "split stratified by class with seed 0: 275 rows for training, 69 for the test\n",
        "each network uses 1 of 8 folds of the training rows as validation set for early stopping\n",
        "effort balanced: 8 networks of 128-128 units, averaged; 275 rows in batches of 32 for at most 3 epochs\n",
        "epoch 3 of 3: loss ",
        "trained 8 networks for 3 epochs in ",
        "species: 69 test rows, 3 classes; ",
        "\naccuracy ",
        "\nbalanced accuracy ",
        "\nlog loss ",
        "\nROC AUC ",
        "on 69 test rows.\n",
        *(f"\n{title}\n" for title in ("Data leakage", "Feature importance")),
        "\nWrote penguins-species/model.tidynet (",
        "\nWrote penguins-species/report.html (",
    ]
    places = [ran.out.find(milestone) for milestone in milestones]
    assert [text for text, place in zip(milestones, places, strict=True) if place < 0] == []
    assert places == sorted(places)


def test_the_model_remembers_the_command(command: Command, tmp_path: Path) -> None:
    ran = command("train", "penguins", "--target", "species", "--out", "my folder", *QUICK)
    assert ran.code == 0
    model = tidynet.load(tmp_path / "my folder" / "model.tidynet")
    assert model.record_["provenance"]["command"] == (
        "tidynet train penguins --target species --out 'my folder' --max-epochs 3"
    )


def test_quiet_prints_the_sentence_and_the_files(command: Command) -> None:
    ran = command("train", "penguins", "--target", "species", "--quiet", *QUICK)
    lines = ran.out.splitlines()
    assert len(lines) == 3
    assert lines[0].endswith(" on 69 test rows.")
    assert re.fullmatch(r"Wrote penguins-species/model\.tidynet \([\d.]+ [kM]B\)", lines[1])
    assert re.fullmatch(r"Wrote penguins-species/report\.html \([\d.]+ kB\)", lines[2])


def test_verbose_gives_a_reason_for_every_column(command: Command) -> None:
    ran = command("train", "penguins", "--target", "species", "--verbose", *QUICK)
    inferred = tidynet.read("penguins").inferred_types
    for name, inference in inferred.items():
        line = next(line for line in ran.out.splitlines() if line.startswith(f"{name} "))
        assert line.endswith(inference.reason)


def test_the_same_seed_gives_the_same_model_and_another_seed_another(command: Command, tmp_path: Path) -> None:
    for folder, seed in (("a", 1), ("b", 1), ("c", 2)):
        assert command("train", "penguins", "--target", "sex", "--seed", seed, "--out", folder, *QUICK).code == 0
    table = tidynet.read("penguins")
    a, b, c = (tidynet.load(tmp_path / folder / "model.tidynet").predict_proba(table).tolist() for folder in "abc")
    assert a == b
    assert a != c


def test_a_regression_has_its_own_scores(command: Command) -> None:
    ran = command("train", "penguins", "--target", "body_mass_g", *QUICK)
    assert ran.code == 0
    data = "Data 342 rows; train 274, test 68 (at random, seed 0); 2 rows without a target excluded"
    assert data in " ".join(ran.out.split())
    for score in ("RMSE", "MAE", "Median absolute error", "R²", "90% interval coverage"):
        assert f"\n{score} " in ran.out


def test_few_different_numbers_as_target_may_be_classes(command: Command) -> None:
    note = "the target 'year' has 3 distinct numbers → if they are classes, add --task multiclass"
    assert note in " ".join(command("train", "penguins", "--target", "year", *QUICK).out.split())
    for words in (("year", "--task", "multiclass"), ("year", "--task", "regression"), ("species",)):
        assert "distinct numbers" not in command("train", "penguins", "--force", "--target", *words, *QUICK).out


def test_dates_with_times_and_a_full_month_as_text(command: Command, tmp_path: Path) -> None:
    lines = ["when,day,y"] + [
        f"2024-01-{number % 28 + 1:02}T10:00:00Z,{number % 28 + 1} {('January', 'May')[number % 2]} 2024,{number / 7:.3f}"
        for number in range(60)
    ]
    (tmp_path / "dates.csv").write_text("\n".join(lines))
    pl.read_csv(tmp_path / "dates.csv").write_parquet(tmp_path / "dates.parquet")
    for ending in ("csv", "parquet"):
        ran = command("train", f"dates.{ending}", "--target", "y", "--out", ending, "--verbose", *QUICK)
        assert (ran.code, ran.error) == (0, "")
        assert ran.out.count(" datetime ") == 2
        model = tmp_path / ending / "model.tidynet"
        assert command("predict", model, f"dates.{ending}").code == 0


def test_options_reach_the_training(command: Command, tmp_path: Path) -> None:
    ran = command(
        "train", "penguins", "--target", "sex", "--task", "binary", "--drop", "island", "--drop", "year",
        "--test-size", "0.4", "--max-epochs", "2", "--threads", "1", "--time-limit", "60", "--out", tmp_path / "o", "--verbose",
    )  # fmt: skip
    assert (ran.code, ran.error) == (0, "")
    assert "penguins: 344 rows, 6 columns\n" in ran.out
    assert "excluded 11 rows without a target\n" in ran.out
    assert "note: excluded by --drop: island, year\n" in ran.out
    assert " 133 for the test\n" in ran.out
    assert "trained 8 networks for 2 epochs in " in ran.out


@pytest.mark.parametrize("ending", ["csv", "tsv", "csv.gz", "parquet", "jsonl", "arrow", "xlsx"])
def test_every_format_leads_to_a_model(ending: str, command: Command, tmp_path: Path) -> None:
    frame = tidynet.read("penguins").frame
    path = tmp_path / f"birds.{ending}"
    writers: dict[str, Callable[[], object]] = {
        "csv": lambda: frame.write_csv(path),
        "tsv": lambda: frame.write_csv(path, separator="\t"),
        "csv.gz": lambda: path.write_bytes(gzip.compress(frame.write_csv().encode())),
        "parquet": lambda: frame.write_parquet(path),
        "jsonl": lambda: frame.write_ndjson(path),
        "arrow": lambda: frame.write_ipc(path),
        "xlsx": lambda: frame.to_pandas().to_excel(path, index=False),
    }
    writers[ending]()
    ran = command("train", path, "--target", "species", "--quiet", "--max-epochs", "1")
    assert (ran.code, ran.error) == (0, "")
    assert (tmp_path / "birds-species" / "model.tidynet").exists()


def test_csv_on_standard_input(command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = io.TextIOWrapper(io.BytesIO(tidynet.read("penguins").frame.write_csv().encode()))
    monkeypatch.setattr("sys.stdin", text)
    ran = command("train", "-", "--target", "species", "--out", "o", "--quiet", "--max-epochs", "1")
    assert (ran.code, ran.error) == (0, "")
    assert (tmp_path / "o" / "report.html").exists()


def test_ragged_rows_can_be_skipped(command: Command, tmp_path: Path) -> None:
    text = tidynet.read("penguins").frame.write_csv()
    (tmp_path / "birds.csv").write_text(f"{text}too,short\n")
    ran = command("train", "birds.csv", "--target", "species", "--on-bad-lines", "skip", "--verbose", *QUICK)
    assert ran.code == 0
    assert "birds: 344 rows, 8 columns\n" in ran.out
    assert "note: " in ran.out


def test_a_model_is_replaced_only_by_force(command: Command, tmp_path: Path) -> None:
    words = ("train", "penguins", "--target", "species", "--out", "o", *QUICK)
    assert command(*words).code == 0
    before = (tmp_path / "o" / "model.tidynet").read_bytes()
    ran = command(*words)
    assert (ran.code, ran.out, ran.error) == (
        2,
        "",
        "tidynet: 'o' holds a model already; replace it with --force, or choose another folder with --out\n",
    )
    assert (tmp_path / "o" / "model.tidynet").read_bytes() == before
    assert command(*words, "--force", "--seed", "5").code == 0
    assert (tmp_path / "o" / "model.tidynet").read_bytes() != before


def test_ctrl_c_while_training_keeps_the_best_weights_and_goes_on(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    show, arrived, pressed = ConsoleReporter.__call__, threading.Event(), []
    before = signal.getsignal(signal.SIGINT)

    def interrupt(*_: object) -> None:
        arrived.set()
        raise KeyboardInterrupt

    def show_and_press(console: ConsoleReporter, event: Any) -> None:
        show(console, event)
        if isinstance(event, EpochEnded) and event.record.epoch == 3 and not pressed:
            pressed.append(event)
            # As a terminal does it: to the main thread, which waits while others train. This network goes on only
            # after the signal has arrived, so training cannot end before.
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
            assert arrived.wait(60)

    monkeypatch.setattr(ConsoleReporter, "__call__", show_and_press)
    signal.signal(signal.SIGINT, interrupt)
    try:
        ran = command("train", "penguins", "--target", "species", "--max-epochs", "4000")
    finally:
        signal.signal(signal.SIGINT, before)
    assert (ran.code, ran.error) == (0, "")
    assert "interrupted by Ctrl-C: the networks have the best weights until then" in " ".join(ran.out.split())
    assert tidynet.load(tmp_path / "penguins-species" / "model.tidynet").interrupted_


def test_ctrl_c_elsewhere_leaves_with_130(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("tidynet.workflow.run", interrupted)
    ran = command("train", "penguins", "--target", "species")
    assert (ran.code, ran.out, ran.error) == (130, "", "tidynet: stopped by Ctrl-C\n")


def test_hostile_names_are_shown_as_text(command: Command, tmp_path: Path) -> None:
    name = "[red]x[/red] \x1b[2J"
    frame = tidynet.read("penguins").frame.rename({"island": name})
    frame.write_parquet(tmp_path / "birds.parquet")
    ran = command("train", "birds.parquet", "--target", "species", "--verbose", *QUICK)
    assert ran.code == 0
    assert "\x1b" not in ran.out
    assert "\n[red]x[/red] \\x1b[2J  nominal" in ran.out


@pytest.mark.slow
def test_the_shared_admissions_table(command: Command, shared_data: Path) -> None:
    ran = command("train", shared_data / "admissions.csv", "--target", "admit", "--out", "o")
    assert (ran.code, ran.error) == (0, "")
    assert pl.read_csv(shared_data / "admissions.csv").height == 400
    assert "\nData   400 rows; train 320, test 80 " in ran.out


def test_uncertainty_that_needs_long_retraining_states_the_reason(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tidynet.evaluation.sections.uncertainty._MAX_RETRAINING_ROWS", 10)
    asked = (
        "--section",
        "leakage",
        "--section",
        "uncertainty",
        "--section",
        "largest-errors",
        "--set",
        "early_stopping=False",
    )
    ran = command("train", "penguins", "--target", "species", "--effort", "fast", "--verbose", *QUICK, *asked)
    assert ran.code == 0, ran.error
    places = [ran.out.index(words) for words in ("Data leakage", "Uncertainty: ", "Largest errors")]
    assert places == sorted(places)


def visits(path: Path) -> None:
    """Six visits of each of 80 patients, in the order of days."""
    random = np.random.default_rng(0)
    patient, x = np.arange(480) % 80, random.normal(size=480)
    days = np.datetime64("2020-01-01") + np.arange(480)
    sick = np.where(x + random.normal(size=480) > 0, "yes", "no")
    pl.DataFrame({"patient": patient, "day": days, "x": x, "sick": sick}).write_csv(path)


def test_rows_of_one_patient_stay_on_one_side(command: Command, tmp_path: Path) -> None:
    visits(tmp_path / "visits.csv")
    ran = command(
        "train", "visits.csv", "--target", "sick", "--group-column", "patient", "--out", "out", "--verbose", *QUICK
    )
    assert (ran.code, ran.error) == (0, "")
    assert "split by group ('patient') with seed 0: 384 rows for training, 96 for the test" in ran.out
    assert "note: test set: all rows of 16 of 80 values of 'patient'\n" in ran.out
    assert "groups-in-both-splits" not in ran.out
    model = tidynet.load(tmp_path / "out" / "model.tidynet")
    assert model.record_["provenance"]["split"] == {"group": "patient"}
    assert model.recipe_.excluded_columns["patient"] == "an identifier: column of the grouped split"
    table = tidynet.read(tmp_path / "visits.csv")
    tested = set(recover_test_rows(model, table)["patient"].to_list())
    assert len(tested) == 16
    report = (tmp_path / "out" / "report.html").read_text()
    assert "est set: all rows of 16 of 80 values of" in report
    assert "all rows of one `patient` are in one set; 95%" in model_card(model)


def test_the_last_rows_in_time_are_tested_on(command: Command, tmp_path: Path) -> None:
    visits(tmp_path / "visits.csv")
    options = ("--time-column", "day", "--drop", "patient", "--folds", "3", "--out", "out", "--verbose")
    ran = command("train", "visits.csv", "--target", "sick", *options, *QUICK)
    assert (ran.code, ran.error) == (0, "")
    said = "split by time ('day') with seed 0: 320 rows for training, 64 for validation, 96 for the test"
    assert said in ran.out
    assert "; 320 rows in batches of " in ran.out
    assert "The rows are in the order of" not in ran.out
    model = tidynet.load(tmp_path / "out" / "model.tidynet")
    found = recover_test_rows(model, tidynet.read(tmp_path / "visits.csv"))
    assert str(found["day"].min())[:10] == "2021-01-19"
    assert found.height == 96
    assert "they are the last by `day`; 95%" in model_card(model)
    notes = model.record_["evaluation"]["notes"]
    assert notes == ["test set: the last 20% of the rows by 'day'"]
    assert list(evaluate_on_test_rows(model, tidynet.read(tmp_path / "visits.csv"), sections="scores").notes) == notes
    again = command("evaluate", "out/model.tidynet", "visits.csv", "--section", "scores", "--folds", "3", "--verbose")
    section = "\nCross-validation\n"
    assert ran.out.split(section)[1].split("\nWrote")[0].strip() == again.out.split(section)[1].strip()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--group-column", "patent"), "there is no column 'patent' among 'patient', 'day', 'x', 'sick'; "
         "did you mean 'patient'?"),
        (("--group-column", "sick"), "--group-column is the target 'sick', expected another column"),
        (("--time-column", "day", "--group-column", "patient"), "--group-column and --time-column are both given, "
         "expected one of them; remove one"),
        (("--time-column", "day", "--folds", "3", "--repeats", "2"), "--repeats is 2, but rows in time have one order; "
         "remove --repeats"),
    ],
)  # fmt: skip
def test_what_rows_cannot_be_split_by_is_said_before_any_work(
    command: Command, tmp_path: Path, options: tuple[str, ...], said: str
) -> None:
    visits(tmp_path / "visits.csv")
    ran = command("train", "visits.csv", "--target", "sick", *options)
    assert (ran.code, ran.out, ran.error) == (2, "", f"tidynet: {said}\n")


def test_repeats_without_folds_are_refused(command: Command) -> None:
    ran = command("train", "penguins", "--target", "species", "--repeats", "3")
    assert ran.code == 2
    assert ran.error == "tidynet: --repeats is 3, but there are no folds; add --folds 5\n"
