"""The words of the command: help, version, and one sentence for each mistake in typing."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import tidynet
from tidynet.cli import main

COMMANDS = ("train", "predict", "evaluate")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            ["trian"],
            "there is no command 'trian', expected 'train', 'predict', 'evaluate', 'explore', 'tidy', 'trace', 'export', 'report', 'card', 'notebook', 'environment'; did you mean 'train'?",
        ),
        (
            ["data.csv"],
            "there is no command 'data.csv', expected 'train', 'predict', 'evaluate', 'explore', 'tidy', 'trace', 'export', 'report', 'card', 'notebook', 'environment'",
        ),
        (["--versoin"], "`tidynet` has no option '--versoin'; did you mean '--version'?"),
        (["train"], "`tidynet train` needs TABLE; `tidynet train --help` lists all options"),
        (["train", "x.csv"], "`tidynet train` needs --target COLUMN; `tidynet train --help` lists all options"),
        (["train", "x.csv", "--taget", "y"], "`tidynet train` has no option '--taget'; did you mean '--target'?"),
        (
            ["train", "x.csv", "--target", "y", "-z"],
            "`tidynet train` has no option '-z'; `tidynet train --help` lists all options",
        ),
        (["train", "x.csv", "--target"], "option '--target' requires an argument"),
        (["train", "x.csv", "--target", "y", "--force=yes"], "option '--force' does not take a value"),
        (
            ["train", "my", "file.csv", "--target", "y"],
            "`tidynet train` has an unexpected argument (file.csv); put quotes around names with spaces",
        ),
        (["train", "x.csv", "--target", "y", "--seed", "one"], "--seed is 'one', expected a whole number"),
        (["train", "x.csv", "--target", "y", "--max-epochs", "1.5"], "--max-epochs is '1.5', expected a whole number"),
        (["train", "x.csv", "--target", "y", "--threads", ""], "--threads is '', expected a whole number"),
        (["train", "x.csv", "--target", "y", "--test-size", "20%"], "--test-size is '20%', expected a number"),
        (["train", "x.csv", "--target", "y", "--time-limit", "1min"], "--time-limit is '1min', expected a number"),
        (
            ["train", "x.csv", "--target", "y", "--task", "regresion"],
            "--task is 'regresion', expected one of 'auto', 'binary', 'multiclass', 'regression'; "
            "did you mean 'regression'?",
        ),
        (
            ["train", "x.csv", "--target", "y", "--on-bad-lines", "drop"],
            "--on-bad-lines is 'drop', expected one of 'error', 'skip', 'fill'",
        ),
        (["predict", "m.tidynet"], "`tidynet predict` needs TABLE; `tidynet predict --help` lists all options"),
        (["evaluate"], "`tidynet evaluate` needs MODEL; `tidynet evaluate --help` lists all options"),
        (
            ["tr\x1b[31m"],
            "there is no command 'tr\\x1b[31m', expected 'train', 'predict', 'evaluate', 'explore', 'tidy', 'trace', 'export', 'report', 'card', 'notebook', 'environment'",
        ),
    ],
)
def test_a_mistake_in_typing_is_one_sentence_and_exit_code_2(
    words: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    assert capsys.readouterr() == ("", f"tidynet: {sentence}\n")


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr() == (f"tidynet {tidynet.__version__}\n", "")


def test_no_words_at_all_give_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    helped = capsys.readouterr()
    assert main(["--help"]) == 0
    assert capsys.readouterr() == helped
    assert helped.err == ""
    for command in COMMANDS:
        assert re.search(rf"^  {command} +\w", helped.out, re.MULTILINE)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, "--help"]) == 0
    text, error = capsys.readouterr()
    assert text.startswith(f"Usage: tidynet {command} ")
    assert error == ""


def test_help_brings_in_nothing_heavy() -> None:
    heavy = ("numpy", "polars", "numba", "sklearn", "matplotlib", "scipy", "rich")
    code = (
        "import sys; from tidynet.cli import main; main(['train', '--help']); "
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.splitlines()[-1] == "[]"


def test_python_dash_m_is_the_command() -> None:
    words = [sys.executable, "-m", "tidynet", "trian"]
    result = subprocess.run(words, capture_output=True, text=True, check=False)
    assert result.returncode == 2
    assert result.stderr.startswith("tidynet: there is no command 'trian'")


def test_a_reader_that_has_had_enough_is_no_error() -> None:
    script = Path(sys.executable).parent / "tidynet"
    reader, writer = os.pipe()
    os.close(reader)
    try:
        result = subprocess.run([script, "train", "--help"], stdout=writer, stderr=subprocess.PIPE, check=False)
    finally:
        os.close(writer)
    assert (result.stderr, result.returncode) == (b"", 141)
