"""`tidynet tidy`, and how a table is read and its kinds chosen on every command."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

Command = Callable[..., Any]
WIDE = "song,wk1,wk2,wk3,rate\na,3,2,1,1/2\nb,9,,7,3/4\n"


def plants() -> pl.DataFrame:
    """A small table with a key, a number, a category, a coded stage and two classes."""
    numbers = range(60)
    return pl.DataFrame(
        {
            "plot": [f"p{number:03}" for number in numbers],
            "height": [number * 37 % 60 / 7 for number in numbers],
            "leaf": [("oval", "round", "split")[number * 7 % 3] for number in numbers],
            "kind": [("fern", "moss")[number * 37 % 60 > 30] for number in numbers],
        }
    )


def test_verbs_in_the_order_they_are_given(command: Command) -> None:
    Path("wide.csv").write_text(WIDE)
    ran = command(
        "tidy", "wide.csv", "--split-column", "rate cases,people separator=/", "--melt",
        r"wk\d+ names_to=week values_to=rank names_pattern=wk(\d+)", "--drop-missing", "rank", "-o", "long.csv",
    )  # fmt: skip
    assert (ran.code, ran.error) == (0, "")
    assert ran.out.startswith("Wrote long.csv: 5 rows × 5 columns (")
    long = pl.read_csv("long.csv")
    assert long.columns == ["song", "cases", "people", "week", "rank"]
    assert long.height == 5


@pytest.mark.parametrize("order", [0, 1])
def test_the_order_matters(command: Command, order: int) -> None:
    Path("t.csv").write_text("x,y\n1,\n,2\n")
    steps = [("--fill", "x"), ("--drop-missing", "x")]
    words = [word for step in (steps if order == 0 else steps[::-1]) for word in step]
    assert command("tidy", "t.csv", *words).out == ("x,y\n1,\n1,2\n" if order == 0 else "x,y\n1,\n")


def test_without_a_verb_it_lists_tidiness_issues_with_the_option_that_fixes_them(command: Command) -> None:
    Path("wide.csv").write_text(WIDE)
    said = command("tidy", "wide.csv").out.splitlines()
    assert said[0].startswith("values as column names: 3 column names are numbered periods")
    assert said[1].strip() == "--melt 'wk\\d{1,3} names_to=week values_to=value names_pattern=wk(\\d{1,3})'"
    assert said[2].startswith("several variables in one column: 'rate' contains two variables")
    option, words = said[1].strip().split(" ", 1)
    assert command("tidy", "wide.csv", option, words.strip("'")).out.splitlines()[0] == "song,rate,week,value"
    assert command("tidy", "penguins").out == "penguins: no tidiness issue in column names and cells\n"


@pytest.mark.parametrize("ending", ["csv", "tsv", "parquet", "arrow", "jsonl"])
def test_every_format_that_is_written_is_read_again(command: Command, ending: str) -> None:
    Path("t.csv").write_text("a,b\n1,x\n1,x\n2,y\n")
    assert command("tidy", "t.csv", "--drop-duplicates", "all", "-o", f"out.{ending}").code == 0
    between = "\t" if ending == "tsv" else ","
    assert command("tidy", f"out.{ending}", "--drop-rows", "b y").out == f"a{between}b\n1{between}x\n"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--melt", "wk_1"], "no column has the name 'wk_1' or matches it; did you mean 'wk1'?"),
        (["--melt", "wk1 nmes_to=x"], "--melt has no argument 'nmes_to'; did you mean 'names_to'?"),
        (
            ["--split-column", "rate"],
            "--split-column is 'rate' without 'into'; expected --split-column 'COLUMN INTO …'",
        ),
        (["--split-column", "'rate"], "--split-column ''rate' opens a quote that is never closed; close it"),
        (["--melt", "wk1 drop_missing=maybe"], "drop_missing of --melt is 'maybe', expected yes or no"),
        (["--clip-outliers", "wk1 width=wide"], "width of --clip-outliers is 'wide', expected a number"),
        (
            ["--fill", "song", "-o", "t.docx"],
            "tidynet: the suffix of 't.docx' is '.docx', expected one of '.csv', '.tsv', '.parquet', '.arrow', '.feather', '.jsonl', '.json'; choose another name",
        ),
        (["--fill", "song", "-o", "wide.csv"], "'wide.csv' exists already; replace it with --force"),
        (["--fill", "song", "-o", "no/t.csv"], "there is no folder 'no' for 't.csv'; create it or choose another path"),
        (
            ["--fill", "song", "--read-option", "seperator=;"],
            "--read-option is 'seperator=;', expected NAME=VALUE; did you mean",
        ),
    ],
)
def test_mistakes_are_one_sentence(command: Command, words: list[str], sentence: str) -> None:
    Path("wide.csv").write_text(WIDE)
    ran = command("tidy", "wide.csv", *words)
    assert (ran.code, ran.out) == (2, "")
    assert sentence in ran.error
    assert ran.error.count("\n") == 1


def test_how_a_table_is_written_can_be_said(command: Command) -> None:
    Path("t.csv").write_bytes("år~b\n-9~1.234\n4~2.000\n".encode("cp1252"))
    words = [
        "--read-option",
        "separator=~",
        "--read-option",
        "na_values=-9",
        "--read-option",
        "thousands=.",
        "--fill",
        "år direction=up",
    ]
    assert command("tidy", "t.csv", *words).out == "år~b\n4~1.234\n4~2.000\n"


def test_a_database_is_asked(command: Command) -> None:
    with sqlite3.connect("shop.db") as database:
        database.execute("create table sales (day text, n integer)")
        database.execute("insert into sales values ('mon', 3), ('tue', 4)")
    database.close()
    ran = command("tidy", "sqlite:///shop.db", "--query", "select n from sales", "--drop-duplicates", "all")
    assert ran.out == "n\n3\n4\n"
    ran = command("tidy", "sqlite:///shop.db", "--query", "select z from sales")
    assert ran.error == "tidynet: the query to 'shop.db' failed: no such column: z; its tables are 'sales'\n"


def test_training_keeps_the_kinds_and_the_reading(command: Command) -> None:
    plants().with_columns(stage=pl.Series([1, 2, 3] * 20)).write_csv("plants.csv", separator="~")
    ran = command(
        "train", "plants.csv", "--target", "kind", "--variable-type", "stage=ordinal", "--read-option", "separator=~", "--verbose",
        "--max-epochs", "2", "--out", "out",
    )  # fmt: skip
    assert ran.code == 0, ran.error
    stage = next(line for line in ran.out.splitlines() if line.strip().startswith("stage"))
    assert "ordinal" in stage
    assert "set by the user" in stage
    assert "read as separated text: encoding utf-8, separator ~" in ran.out
    ran = command("predict", "out/model.tidynet", "plants.csv", "--read-option", "separator=~")
    assert ran.out.startswith("plot,prediction")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            ["--variable-type", "stage"],
            "tidynet: --variable-type is 'stage', expected COLUMN=TYPE; such as --variable-type rank=ordinal",
        ),
        (
            ["--variable-type", "leef=nominal"],
            "variable_types is set for 'leef', but there is no such column; did you mean 'leaf'?",
        ),
        (["--variable-type", "leaf=nomnal"], "the variable type of 'leaf' is 'nomnal', expected one of"),
    ],
)
def test_a_kind_that_is_none(command: Command, words: list[str], sentence: str) -> None:
    plants().write_csv("plants.csv")
    ran = command("train", "plants.csv", "--target", "kind", *words)
    assert ran.code == 2
    assert sentence in ran.error
