"""What `tidynet train` cannot use: one sentence, exit code 2, nothing written."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Command = Callable[..., Any]

HEAD = "x,c,y\n"
ROWS = [f"{number / 7:.3f},{'abc'[number % 3]},{('yes', 'no')[number * number % 5 > 1]}" for number in range(40)]
GOOD = HEAD + "\n".join(ROWS) + "\n"


def with_last(value: Callable[[int], str]) -> str:
    """The good table with other values in its last column."""
    return HEAD + "".join(f"{row.rpartition(',')[0]},{value(number)}\n" for number, row in enumerate(ROWS))


FILES: dict[str, str | bytes] = {
    "good.csv": GOOD,
    "empty.csv": "",
    "header.csv": HEAD,
    "binary.csv": bytes(range(256)),
    "latin.csv": (HEAD + "1.5,ü,yes\n").encode() + "1.0,café,no\n".encode("latin-1"),
    "ragged.csv": GOOD + "1.0,a,yes,more\n",
    "twice.csv": GOOD.replace("x,c,y", "x,x,y"),
    "without.csv": with_last(lambda _: ""),
    "constant.csv": with_last(lambda _: "yes"),
    "codes.csv": with_last(lambda number: f"id-{number:04}"),
    "few.csv": HEAD + "\n".join(ROWS[:15]) + "\n",
    "few_known.csv": with_last(lambda number: ("yes", "no")[number % 2] if number < 15 else ""),
    "no_feature.csv": "k,y\n" + "".join(f"id-{number:04},{row[-2:]}\n" for number, row in enumerate(ROWS)),
    "infinite.csv": GOOD + "inf,a,yes\n",
    "numbers.csv": with_last(lambda number: f"{number * 1.37 + 0.5:.3f}"),
    "alone.csv": "y\n" + "yes\nno\n" * 20,
    "short.parquet": b"PAR1 and then nothing",
    "table.docx": b"PK",
}

CASES = {
    "no such file": (
        "god.csv --target y",
        "there is no file 'god.csv'; did you mean 'good.csv' or 'codes.csv' or 'ragged.csv'?",
    ),
    "no such table": ("pengins --target species", "there is no file 'pengins'; did you mean the dataset 'penguins'?"),
    "a folder": ("folder --target y", "'folder' is a folder, expected a file; the folder contains no table"),
    "an empty file": (
        "empty.csv --target y",
        "'empty.csv' is empty (0 bytes), expected a table; check how it was written",
    ),
    "a header without rows": (
        "header.csv --target y",
        "'header.csv' has a header but 0 rows, expected at least 1; check how it was written",
    ),
    "a binary file": (
        "binary.csv --target y",
        "line 1 of 'binary.csv' contains a zero byte, expected text; export it as UTF-8 CSV",
    ),
    "undecodable bytes": (
        "latin.csv --target y",
        "line 3 of 'latin.csv' contains the byte 0xE9 ('é' in Latin-1) at position 8, expected UTF-8 text; "
        "save it as UTF-8, or name its encoding with `--encoding`",
    ),
    "ragged rows": (
        "ragged.csv --target y",
        "line 42 of 'ragged.csv' has 4 fields, expected 3 as in the header; "
        "correct the line, or skip such lines with `--on-bad-lines skip`",
    ),
    "a file cut short": (
        "short.parquet --target y",
        "'short.parquet' is incomplete; a Parquet file ends with PAR1; copy it or write it again",
    ),
    "an unknown target": ("good.csv --target yy", "there is no column 'yy' among 'x', 'c', 'y'; did you mean 'y'?"),
    "a target without values": (
        "without.csv --target y",
        "the target 'y' is missing in every row; choose another column",
    ),
    "a constant target": (
        "constant.csv --target y",
        "the target 'y' has one value, 'yes', expected two or more; choose another column",
    ),
    "an identifier as target": (
        "codes.csv --target y",
        "the target 'y' is an identifier (codes unique in each row), which cannot be predicted; choose another column",
    ),
    "few rows": ("few.csv --target y", "the table has 15 rows, expected at least 20; add rows"),
    "few rows with a target": (
        "few_known.csv --target y",
        "the table has 15 rows with a target (25 without), expected at least 20; add rows",
    ),
    "no usable feature": (
        "no_feature.csv --target y",
        "the table has no usable feature ('k': an identifier: codes unique in each row); "
        "add a column of numbers or categories besides the target",
    ),
    "infinities": (
        "infinite.csv --target y",
        "the column 'x' contains inf in row 41, expected finite numbers; correct or drop the row",
    ),
    "a task for numbers": (
        "good.csv --target y --task regression",
        "--task regression needs numbers, but the target 'y' is boolean, such as 'yes'; remove --task, or choose binary",
    ),
    "a task for more classes": (
        "good.csv --target y --task multiclass",
        "--task multiclass needs three classes or more, but the target 'y' has 2; choose binary",
    ),
    "a task for two classes": (
        "numbers.csv --target y --task binary",
        "--task binary needs two classes, but the target 'y' has 40; choose multiclass or regression",
    ),
    "an unknown column to drop": (
        "good.csv --target y --drop xx",
        "there is no column 'xx' among 'x', 'c', 'y'; did you mean 'x'?",
    ),
    "the target dropped": (
        "good.csv --target y --drop y",
        "--drop is the target 'y', expected another column; remove --drop",
    ),
    "a test size of all": (
        "good.csv --target y --test-size 1",
        "--test-size is 1, expected a fraction between 0 and 1; try 0.2",
    ),
    "a test size that leaves no training": (
        "good.csv --target y --test-size 0.99",
        "--test-size 0.99 leaves 2 of 40 rows for training, expected at least 10; give a smaller fraction",
    ),
    "a negative seed": ("good.csv --target y --seed -1", "--seed is -1, expected a whole number from 0 to 4294967295"),
    "a seed too large": (
        "good.csv --target y --seed 4294967296",
        "--seed is 4294967296, expected a whole number from 0 to 4294967295",
    ),
    "every column dropped": (
        "good.csv --target y --drop x --drop c",
        "the table has no column except the target 'y' after --drop, expected a feature; add a column",
    ),
    "the target alone": (
        "alone.csv --target y",
        "the table has no column except the target 'y', expected a feature; add a column",
    ),
    "no epochs": ("good.csv --target y --max-epochs 0", "--max-epochs is 0, expected a number above 0"),
    "no threads": ("good.csv --target y --threads 0", "--threads is 0, expected a number above 0"),
    "a file as folder": (
        "good.csv --target y --out good.csv",
        "'good.csv' is a file, expected a folder; choose another with --out",
    ),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in FILES.items():
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    (tmp_path / "folder").mkdir()
    return tmp_path


@pytest.mark.parametrize(("words", "sentence"), CASES.values(), ids=CASES)
def test_one_sentence_and_nothing_written(words: str, sentence: str, folder: Path, command: Command) -> None:
    before = sorted(folder.rglob("*"))
    ran = command("train", *words.split())
    assert (ran.code, ran.error) == (2, f"tidynet: {sentence}\n")
    assert sorted(folder.rglob("*")) == before


def test_a_folder_that_cannot_be_written(folder: Path, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    # Root may write anywhere, so the permission is denied here and not by the file system.
    monkeypatch.setattr("os.access", lambda *_: False)
    ran = command("train", "good.csv", "--target", "y", "--out", "o")
    assert (ran.code, ran.error) == (2, "tidynet: the folder 'o' cannot be written; choose another with --out\n")
    assert not (folder / "o").exists()


def test_a_disk_that_fills(folder: Path, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    before = sorted(folder.rglob("*"))
    monkeypatch.setattr("os.fsync", full)
    ran = command("train", "good.csv", "--target", "y", "--out", "o", "--max-epochs", "2")
    assert (ran.code, ran.error) == (
        2,
        f"tidynet: the disk is full; '{Path('o') / 'model.tidynet'}' was not written; free some space and run again\n",
    )
    assert sorted(folder.rglob("*")) == before


def test_a_disk_that_fills_leaves_the_old_model_and_the_old_report(
    folder: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("train", "good.csv", "--target", "y", "--out", "o", "--max-epochs", "2", "--force")
    assert command(*words).code == 0
    before = {path: path.read_bytes() for path in (folder / "o").iterdir()}

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    assert command(*words, "--seed", "1").code == 2
    assert {path: path.read_bytes() for path in (folder / "o").iterdir()} == before


def test_an_empty_name_of_a_table(folder: Path, command: Command) -> None:
    ran = command("train", "", "--target", "y")
    assert (ran.code, ran.error) == (
        2,
        "tidynet: the name of the table is empty, expected the path of a file; give a path\n",
    )


def test_the_rows_without_a_target_and_a_class_of_one_row_are_stated(folder: Path, command: Command) -> None:
    (folder / "lonely.csv").write_text(GOOD + "1.0,a,maybe\n1.0,b,\n1.0,c,\n")
    ran = command("train", "lonely.csv", "--target", "y", "--max-epochs", "2")
    assert (ran.code, ran.error) == (0, "")
    assert "Data   41 rows; train 33, test 8 (stratified by class, seed 0); 2 rows without a\n" in ran.out
    ran = command("train", "lonely.csv", "--target", "y", "--max-epochs", "2", "--verbose", "--force")
    assert "excluded 2 rows without a target\n" in ran.out
    note = next(line for line in ran.out.splitlines() if line.startswith("note: ") and "maybe" in line)
    assert "one row" in note


@pytest.mark.parametrize(
    "words",
    [
        "predict MODEL new.csv --out no/f.csv",
        "export MODEL --out no/f.onnx",
        "export MODEL --to npz --out no/f.npz",
        "report MODEL --out no/f.html",
        "card MODEL --out no/f.md",
        "trace MODEL new.csv --out no/f.txt",
        "explore new.csv --out no/f.html",
        "explore new.csv --json no/f.json",
        "tidy new.csv --out no/f.csv",
        "notebook new.csv --target kind --out no/f.ipynb",
    ],
)
def test_a_folder_that_is_not_there_is_said_alike_by_all_verbs(words: str, trained: Path, command: Command) -> None:
    Path("new.csv").write_bytes((trained.parent.parent / "plants.csv").read_bytes())
    ran = command(*(str(trained) if word == "MODEL" else word for word in words.split()))
    name = Path(words.rsplit(" ", 1)[1]).name
    assert (ran.code, ran.out, ran.error) == (
        2,
        "",
        f"tidynet: there is no folder 'no' for '{name}'; create it or choose another path\n",
    )
    assert [one.name for one in Path().iterdir()] == ["new.csv"]
