"""What the console prints of a run: every event with --verbose, the short result without."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

import tidynet
from tidynet.cli.terminal.console import ConsoleReporter
from tidynet.engine import Divergence, EpochRecord, History, StopReason, TrainingStop
from tidynet.engine.stop_reason import describe_divergence
from tidynet.evaluation.contributions import FeatureContribution, PredictionExplanation
from tidynet.evaluation.evaluate_predictions import evaluate_predictions
from tidynet.evaluation.result import Evaluation
from tidynet.evaluation.section import EvaluationSection
from tidynet.workflow import (
    CompilationStarted,
    DataSplit,
    EpochEnded,
    EvaluationFinished,
    FilesWritten,
    TableRead,
    TrainingFinished,
)


class Clock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class FakeTerminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def said(events: Iterable[object], *, verbose: bool = True, quiet: bool = False) -> str:
    stream = io.StringIO()
    with ConsoleReporter(stream, verbose=verbose, quiet=quiet, clock=Clock()) as screen:
        for event in events:
            screen(event)
    return stream.getvalue()


def table_read(**options: object) -> TableRead:
    table = tidynet.read(
        {
            "plot": [f"p{i:02}" for i in range(30)],
            "height": [None, *np.linspace(1.05, 2.5, 29).round(3)],
            "leaf": ["oval", "round"] * 15,
        }
    )
    facts: dict[str, object] = {"excluded_columns": {"plot": "every value differs"}, "dropped_rows": 0}
    return TableRead(table, "leaf", "binary", **(facts | options))  # type: ignore[arg-type]


def read_event(table: tidynet.Table, excluded: dict[str, str]) -> TableRead:
    return TableRead(table, table.columns[-1], "regression", excluded, 0)


def record(epoch: int, *, validation_loss: float | None = 0.5, kept: bool = True) -> EpochRecord:
    return EpochRecord(epoch, 0.25, validation_loss, 0.001, 0.1, 1_234_567.0, 0.5 * epoch, 90.0, kept)


def epochs(
    count: int, max_epochs: int, *, kept: int | None = None, network: int = 0, networks: int = 1
) -> list[EpochEnded]:
    return [
        EpochEnded(record(epoch, kept=kept is None or epoch <= kept), max_epochs, network, networks)
        for epoch in range(1, count + 1)
    ]


def test_what_was_read() -> None:
    event = table_read(dropped_rows=2, notes=("the reader skipped 3 bad lines: 3, 4, 7",))
    lines = said([event]).splitlines()
    assert lines[0] == "table: 32 rows, 3 columns"
    assert lines[5:] == [
        "1 missing value in 1 column",
        "excluded plot: every value differs",
        "excluded 2 rows without a target",
        "note: the reader skipped 3 bad lines: 3, 4, 7",
        "",
    ]


def test_verbose_gives_the_reason_for_each_type() -> None:
    event = table_read()
    lines = said([event], verbose=True).splitlines()
    assert lines[1].split() == ["column", "type", "missing", "reason"]
    for line, name in zip(lines[2:5], event.table.columns, strict=True):
        assert line.endswith(event.table.inferred_types[name].reason)


def test_verbose_lists_all_columns() -> None:
    table = tidynet.read({f"c{i}": [0.5, 1.25, 2.0] for i in range(43)})
    assert "c42" in said([read_event(table, {})])


def test_names_from_the_table_are_shown_as_text() -> None:
    name = "[bold]x[/bold] \x1b[31m\n:smile:"
    table = tidynet.read({name: [0.5, 1.25, 2.0]})
    text = said([read_event(table, {name: "a \x07 bell"})])
    assert "excluded [bold]x[/bold] \\x1b[31m\\n:smile:: a \\x07 bell\n" in text
    assert "\x1b" not in text
    assert "\x07" not in text


@pytest.mark.parametrize(("stratified", "how"), [(True, "stratified by class"), (False, "at random")])
def test_the_split(stratified: bool, how: str) -> None:
    event = DataSplit(210, 53, 69, stratified, 7, ("the class 'x' has one row and is not stratified",))
    assert said([event]) == (
        f"split {how} with seed 7: 210 rows for training, 53 for validation, 69 for the test\n"
        "note: the class 'x' has one row and is not stratified\n"
        "\n"
    )


def test_compiling_is_announced() -> None:
    assert said([CompilationStarted()]) == "compiling the engine (once)\n"


def test_plain_lines_come_about_ten_times_in_a_training() -> None:
    lines = said(epochs(200, 200, kept=30)).splitlines()
    assert [line.split()[1] for line in lines] == ["1", *(str(epoch) for epoch in range(20, 201, 20))]
    assert lines[0] == (
        "epoch 1 of 200: loss 0.25, validation 0.5, best at 1, "
        "learning rate 0.001, 1.23 million rows/s, at most 1 min 30 s left"
    )
    assert ", best at 30, " in lines[-1]


def test_networks_trained_in_parallel_have_lines_of_their_own() -> None:
    first, second = epochs(40, 100, network=0, networks=2), epochs(40, 100, kept=3, network=1, networks=2)
    events = [event for pair in zip(first, second, strict=True) for event in pair]
    lines = said(events).splitlines()
    assert [line.partition(":")[0] for line in lines] == [
        "network 1 of 2, epoch 1 of 100",
        "network 1 of 2, epoch 20 of 100",
        "network 2 of 2, epoch 20 of 100",
        "network 1 of 2, epoch 40 of 100",
        "network 2 of 2, epoch 40 of 100",
    ]
    assert ", best at 40, " in lines[-2]
    assert ", best at 3, " in lines[-1]


def test_the_time_left_counts_the_networks_that_are_still_to_come() -> None:
    clock, stream = Clock(), io.StringIO()
    screen = ConsoleReporter(stream, verbose=True, clock=clock)
    clock.now = 100.0
    for event in epochs(50, 100, networks=4):
        screen(event)
        clock.now += 0.5
    # The first epoch ended half a second after the start; 50 of 400 epochs took 25 s.
    assert stream.getvalue().splitlines()[-1] == (
        "network 1 of 4, epoch 40 of 100: loss 0.25, validation 0.5, best at 40, "
        "learning rate 0.001, 1.23 million rows/s, at most 3 min 0 s left"
    )


def test_a_slow_training_says_something_between_the_round_epochs() -> None:
    clock, stream = Clock(), io.StringIO()
    screen = ConsoleReporter(stream, verbose=True, clock=clock)
    for event in epochs(5, 1000):
        screen(event)
        clock.now += 6.0
    assert [line.split()[1] for line in stream.getvalue().splitlines()] == ["1", "3", "5"]


def test_without_validation_rows_only_the_training_loss_is_said() -> None:
    text = said([EpochEnded(record(1, validation_loss=None), 10)])
    assert text == (
        "epoch 1 of 10: loss 0.25, best at 1, learning rate 0.001, 1.23 million rows/s, at most 1 min 30 s left\n"
    )


DIVERGED = Divergence(2, float("nan"), 1e6, "initial")


def trained(
    count: int, kept: int, reason: StopReason = StopReason.MAX_EPOCHS, divergences: tuple[Divergence, ...] = ()
) -> History:
    records = [record(epoch, kept=epoch <= kept) for epoch in range(1, count + 1)]
    return History(records, TrainingStop(reason, count, limit=3), divergences)


@pytest.mark.parametrize(
    ("histories", "interrupted", "sentence"),
    [
        (
            [trained(3, 2)],
            False,
            "trained for 3 epochs in 1.5 s (all 3 epochs completed); kept the weights of epoch 2\n",
        ),
        ([trained(3, 2)], True, "trained for 3 epochs in 1.5 s (interrupted by Ctrl-C); kept the weights of epoch 2\n"),
        (
            [trained(1, 1, StopReason.TIME_LIMIT, (DIVERGED,)), trained(3, 2, divergences=(DIVERGED,))],
            False,
            "trained 2 networks for 1 to 3 epochs in 1.5 s (the time limit was reached; all 3 epochs completed); kept "
            "the weights of epochs 1, 2\n"
            f"note: {describe_divergence(DIVERGED)}\n",
        ),
    ],
)
def test_the_end_of_training(histories: list[History], interrupted: bool, sentence: str) -> None:
    first = EpochEnded(record(3), 3)
    ended = TrainingFinished(histories[0], interrupted, tuple(histories))
    assert said([first, ended]).split("\n", 1)[1] == sentence + "\n"


def test_quiet_says_only_the_sentence_and_the_files() -> None:
    evaluation = evaluate_predictions(
        "regression", "y", None, np.arange(30.0), (np.arange(30.0) + 0.5, None), {"mean": (np.full(30, 14.5), None)}
    )
    history = History([record(1)], divergences=[DIVERGED])
    events = [
        table_read(notes=("a note",)),
        DataSplit(20, 5, 5, True, 0, ("a note",)),
        CompilationStarted(),
        *epochs(3, 3),
        TrainingFinished(history, False),
        EvaluationFinished(evaluation),
        FilesWritten(((Path("out/model.tidynet"), 34_567), (Path("out/report.html"), 999))),
    ]
    assert said(events, quiet=True) == (
        f"{evaluation.verdict}\nWrote out/model.tidynet (34.6 kB)\nWrote out/report.html (999 bytes)\n"
    )


def leaf_evaluation() -> Evaluation:
    truth = np.array(["a", "b"] * 20)
    chance = np.where(truth == "a", 0.8, 0.3)
    network = (truth, np.column_stack([chance, 1 - chance]))
    constant = (truth, np.full((40, 2), 0.5))
    return evaluate_predictions("binary", "leaf", ["a", "b"], truth, network, {"most frequent class": constant})


def test_verbose_prints_the_heading_all_scores_and_the_verdict() -> None:
    evaluation = leaf_evaluation()
    text = said([EvaluationFinished(evaluation), FilesWritten(())])
    header, lines = evaluation.cells()
    assert text.startswith(evaluation.heading + "\n")
    assert evaluation.verdict in text
    shown_lines = text.splitlines()
    assert shown_lines[1].split() == " ".join(header).split()
    for shown_line, cells in zip(shown_lines[2:], lines, strict=False):
        assert shown_line.split() == " ".join(cells).split()
    assert not any(line.endswith(" ") for line in shown_lines)


def test_a_baseline_that_beats_the_network_is_printed_before_the_scores() -> None:
    truth = np.linspace(0, 1, 20)
    evaluation = evaluate_predictions("regression", "y", None, truth, (truth * 0, None), {"ridge": (truth, None)})
    text = said([EvaluationFinished(evaluation), FilesWritten(())], verbose=False)
    assert text.startswith("RESULT  Ridge beats the network on 20 test rows.\nRMSE difference to ridge +0.58 (95% CI ")
    assert text.count(evaluation.verdict) == 1


def test_on_a_narrow_terminal_intervals_stand_below_their_scores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setenv("NO_COLOR", "1")
    evaluation, stream = leaf_evaluation(), FakeTerminal()
    console = ConsoleReporter(stream, verbose=True)
    console(EvaluationFinished(evaluation))
    console(FilesWritten(()))
    lines = [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in stream.getvalue().splitlines()]
    assert max(map(len, lines)) <= 60
    score = evaluation.network["log loss"]
    value, interval = str(score).split(" ", 1)
    place = next(number for number, line in enumerate(lines) if line.startswith("log loss"))
    assert lines[place].split()[2] == value
    assert lines[place + 1].strip().startswith(interval)


def test_on_a_narrow_terminal_a_cross_validation_keeps_its_intervals_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("TERM", "xterm-256color"), ("COLUMNS", "80"), ("NO_COLOR", "1")):
        monkeypatch.setenv(name, value)
    names = ("", "network", "most frequent class", "logistic regression", "boosted trees")
    line = (
        "log loss",
        "0.131 (0.064 to 0.198)",
        "1.049 (1.018 to 1.081)",
        "0.052 (0.021 to 0.083)",
        "0.10 (0.05 to 0.15)",
    )
    part = EvaluationSection("cross-validation", "Cross-validation (5 folds)", ("No clear winner.",), names, (line,))
    stream = FakeTerminal()
    ConsoleReporter(stream, verbose=True).print_evaluation(replace(leaf_evaluation(), sections=(part,)))
    plain = re.sub(r"\x1b\[[0-9;]*m", "", stream.getvalue())
    for cell in line[1:]:
        value, _, interval = cell.partition(" ")
        assert value in plain
        assert interval in plain
    assert max(map(len, plain.splitlines())) <= 80


def test_a_dumb_terminal_gets_plain_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    stream = FakeTerminal()
    assert Console(file=stream).is_dumb_terminal
    with ConsoleReporter(stream, verbose=True, clock=Clock()) as screen:
        screen(EpochEnded(record(1), 10))
    assert "\x1b" not in stream.getvalue()
    assert stream.getvalue().startswith("epoch 1 of 10: ")


@pytest.mark.parametrize("width", [40, 80])
def test_what_moves_a_row_keeps_its_numbers_on_any_screen(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("TERM", "xterm")
    columns = tuple(
        FeatureContribution(f"a column with a long name, {n}", "'its value'", n - 3.5, 0.01) for n in range(8)
    )
    found = PredictionExplanation(3, "predicted 'y'", 1.0, 1.0, columns, 90, 50, is_exact=False)
    stream = FakeTerminal()
    ConsoleReporter(stream).print_explanation(found)
    lines = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", stream.getvalue()).splitlines()
    assert max(map(len, lines)) <= width
    pushes = [line.rstrip() for line in lines if "│" in line]
    assert len(pushes) == 8
    assert all(re.search(r"[+−]\d\.50 ± 0\.02$", line) for line in pushes)
