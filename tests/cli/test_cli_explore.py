"""`tidynet explore`: what it prints, which files it writes, and what it refuses before any work."""

from __future__ import annotations

import json
import os
import webbrowser
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

Command = Callable[..., Any]


def test_a_table_is_summarized_and_a_report_is_written(command: Command, tmp_path: Path) -> None:
    ran = command("explore", "penguins", "--target", "species")
    assert ran.code == 0
    assert ran.error == ""
    lines = ran.out.splitlines()
    assert lines[0].startswith("penguins: 344 rows × 8 columns, ")
    assert lines[1:4] == [
        "columns, most in sex (11); 0 duplicate rows",
        "Target species (nominal, 3 categories): best single column flipper_length_mm",
        "(explains 53% of the entropy)",
    ]
    assert lines[4] == "Attention (3)"
    assert lines[-1].startswith("Wrote penguins-explore.html (")
    assert max(map(len, lines)) <= 80
    assert "\x1b" not in ran.out
    page = (tmp_path / "penguins-explore.html").read_text("utf-8")
    assert "tidynet explore penguins --target species" in page


def test_a_report_that_is_there_is_kept_unless_forced(command: Command, tmp_path: Path) -> None:
    report = tmp_path / "penguins-explore.html"
    report.write_text("mine")
    ran = command("explore", "penguins")
    assert (ran.code, ran.out) == (2, "")
    assert ran.error == (
        "tidynet: 'penguins-explore.html' exists already; replace it with --force, or choose another name with --out\n"
    )
    assert report.read_text() == "mine"
    assert command("explore", "penguins", "--force", "--quiet").code == 0
    assert report.read_text("utf-8").startswith("<!doctype html>")


def test_json_and_pictures_are_written_beside_it(command: Command, tmp_path: Path) -> None:
    words = ["-o", "seen.html", "--json", "seen.json", "--figures", "drawn", "--columns", "sex,year", "--quiet"]
    ran = command("explore", "penguins", *words, "--columns", "body_mass_g", "--variable-type", "year=ordinal")
    assert ran.code == 0
    plain = json.loads((tmp_path / "seen.json").read_text("utf-8"))
    assert [(one["name"], one["variable_type"]) for one in plain["columns"]] == [
        ("sex", "nominal"),
        ("year", "ordinal"),
        ("body_mass_g", "discrete"),
    ]
    assert {"column-1-sex.svg", "column-2-year.svg"} <= {file.name for file in (tmp_path / "drawn").iterdir()}
    assert [line.split(" (")[0] for line in ran.out.splitlines()[1:]] == [
        "Wrote seen.html",
        "Wrote seen.json",
        "Wrote drawn",
    ]


def test_a_column_whose_name_holds_a_comma_stands_in_quotes(command: Command, tmp_path: Path) -> None:
    pl.DataFrame({"a,b": [1, 2, 3], "c": [1, 2, 3], "d": [1, 2, 3]}).write_csv(tmp_path / "t.csv")
    ran = command("explore", "t.csv", "--columns", '"a,b",d')
    assert ran.code == 0
    assert ran.out.startswith("t: 3 rows × 2 columns")


def test_the_report_is_opened_on_request(command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", opened.append)
    assert command("explore", "penguins", "--open", "--quiet").code == 0
    assert opened == [(tmp_path / "penguins-explore.html").as_uri()]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["nowhere.csv"], "there is no file 'nowhere.csv'"),
        (["penguins", "--target", "specis"], "did you mean 'species'?"),
        (["penguins", "--columns", "wing"], "there is no column 'wing' among"),
        (["penguins", "--variable-type", "year"], "tidynet: --variable-type is 'year', expected COLUMN=TYPE; such as --variable-type rank=ordinal"),
        (["penguins", "--variable-type", "year=ordnal"], "did you mean 'ordinal'?"),
        (["penguins", "--sample-size", "0"], "sample is 0, expected 1 or more rows"),
        (["penguins", "--sample-size", "many"], "--sample-size is 'many', expected a whole number"),
        (["penguins", "-o", "seen.pdf"], "tidynet: --out is 'seen.pdf', expected a name with the suffix .html"),
        (["penguins", "--json", "seen.txt"], "tidynet: --json is 'seen.txt', expected a name with the suffix .json"),
        (["penguins", "-o", "no/seen.html"], "there is no folder 'no' for 'seen.html'; create it or choose another path"),
        (["penguins", "--figure-format", "gif"], "--figure-format is 'gif', expected one of 'svg', 'png'"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_sentence_and_nothing_is_written(
    command: Command, tmp_path: Path, words: list[str], sentence: str
) -> None:
    ran = command("explore", *words)
    assert (ran.code, ran.out) == (2, "")
    assert sentence in ran.error
    assert ran.error.startswith("tidynet: ")
    assert ran.error.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_is_named(command: Command, tmp_path: Path) -> None:
    (tmp_path / "locked").mkdir(mode=0o500)
    ran = command("explore", "penguins", "-o", "locked/seen.html")
    assert ran.error == "tidynet: the folder 'locked' cannot be written; choose another with --out\n"


@pytest.mark.parametrize(
    ("frame", "shown"),
    [
        (pl.DataFrame({"only": [1.5, 2.5, 9.0]}), "3 rows × 1 column"),
        (pl.DataFrame({"a": [None, None], "b": ["", "x"]}), "2 rows × 2 columns"),
        (pl.DataFrame({"name": [f"level {n}" for n in range(10_000)], "n": range(10_000)}), "10,000 rows × 2 columns"),
        (pl.DataFrame({"listed": [[1, 2], [3], None], "inner": [{"x": 1}, {"x": 2}, None]}), "3 rows × 2 columns"),
    ],
    ids=["one column", "no values", "ten thousand levels", "nested"],
)
def test_odd_tables_get_a_sensible_report(command: Command, tmp_path: Path, frame: pl.DataFrame, shown: str) -> None:
    frame.write_parquet(tmp_path / "odd.parquet")
    ran = command("explore", "odd.parquet", "--json", "odd.json")
    assert (ran.code, ran.error) == (0, "")
    assert shown in ran.out
    assert ">Reproduce<" in (tmp_path / "odd-explore.html").read_text("utf-8")


def test_columns_without_names_are_distinguished(command: Command, tmp_path: Path) -> None:
    (tmp_path / "odd.csv").write_text(",,x\n1,2,3\n4,5,6\n")
    ran = command("explore", "odd.csv")
    assert ran.code == 0
    assert "2 rows × 3 columns" in ran.out


def test_a_table_without_rows_is_one_sentence(command: Command, tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_text("a,b\n")
    ran = command("explore", "empty.csv")
    assert ran.error == "tidynet: 'empty.csv' has a header but 0 rows, expected at least 1; check how it was written\n"


def test_two_tables_are_compared(command: Command, tmp_path: Path) -> None:
    pl.DataFrame({"n": [n % 17 for n in range(80)], "k": ["a", "b"] * 40, "old": [1, 2] * 40}).write_csv(
        tmp_path / "march.csv"
    )
    pl.DataFrame({"n": [n % 17 + 9 for n in range(80)], "k": ["a", "b"] * 40}).write_csv(tmp_path / "april.csv")
    ran = command("explore", "march.csv", "april.csv", "--json", "both.json")
    assert (ran.code, ran.error) == (0, "")
    lines = ran.out.splitlines()
    assert lines[0] == "april against march: march: 80 rows; april: 80 rows; 2 columns compared"
    assert lines[1] == "0 columns added, 1 column dropped ('old'), 0 variable types changed"
    assert "1. dropped: 'old'" in lines
    assert any(line.startswith("2. n: distribution shift in 'april': median ") for line in lines)
    assert "tidynet explore march.csv april.csv" in (tmp_path / "march-april-explore.html").read_text("utf-8")
    assert command("explore", "march.csv", "april.csv", "--target", "k", "--force").error == (
        "tidynet: --target has no effect with two tables; remove it, or remove 'april.csv'\n"
    )


def test_the_names_of_an_arrays_columns_can_be_said(command: Command, tmp_path: Path) -> None:
    import numpy as np

    np.save(tmp_path / "grid.npy", np.arange(12.0).reshape(6, 2) ** 2)
    ran = command("explore", "grid.npy", "--read-option", "columns=x|y", "--columns", "y", "--verbose")
    assert (ran.code, ran.error) == (0, "")
    assert "grid: 6 rows × 1 column" in ran.out
