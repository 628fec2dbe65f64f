"""Reading: every format returns what was written, with notes."""

from __future__ import annotations

import bz2
import datetime
import gzip
import io
import lzma
import math
import sys
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from tidynet.core.errors import InputError
from tidynet.table import VariableType, chunks, datasets, read

Write = Callable[[pl.DataFrame, Path], object]

FORMATS: dict[str, Write] = {
    "table.csv": lambda frame, path: frame.write_csv(path),
    "table.tsv": lambda frame, path: frame.write_csv(path, separator="\t"),
    "semicolons.csv": lambda frame, path: frame.write_csv(path, separator=";"),
    "bars.txt": lambda frame, path: frame.write_csv(path, separator="|"),
    "returns.csv": lambda frame, path: path.write_bytes(frame.write_csv(line_terminator="\r\n").encode()),
    "mark.csv": lambda frame, path: path.write_bytes(b"\xef\xbb\xbf" + frame.write_csv().encode()),
    "quoted.csv": lambda frame, path: frame.write_csv(path, quote_style="always"),
    "packed.csv.gz": lambda frame, path: path.write_bytes(gzip.compress(frame.write_csv().encode())),
    "packed.csv.bz2": lambda frame, path: path.write_bytes(bz2.compress(frame.write_csv().encode())),
    "packed.csv.xz": lambda frame, path: path.write_bytes(lzma.compress(frame.write_csv().encode())),
    "table.parquet": lambda frame, path: frame.write_parquet(path),
    "table.arrow": lambda frame, path: frame.write_ipc(path),
    "table.feather": lambda frame, path: frame.write_ipc(path, compression="zstd"),
    "stream.arrow": lambda frame, path: frame.write_ipc_stream(path),
    "table.jsonl": lambda frame, path: frame.write_ndjson(path),
}

SMALL = pl.DataFrame(
    {
        "whole": [1, None, 3],
        "real": [0.5, -1e300, None],
        "flag": [True, False, None],
        "word": ["a,b", 'say "so"', "ñandú\nß"],
    }
)

finite = st.none() | st.floats(allow_nan=False, allow_infinity=False)
whole = st.none() | st.integers(-(2**63), 2**63 - 1)
# Words that begin with a letter, so that none of them is a number, a missing value or a date.
word = st.none() | st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=8).map("w{}".format)


@st.composite
def frames(draw: st.DrawFn) -> pl.DataFrame:
    height = draw(st.integers(1, 12))
    kinds = draw(st.lists(st.sampled_from(["whole", "real", "word"]), min_size=1, max_size=4))
    values = {"whole": (whole, pl.Int64), "real": (finite, pl.Float64), "word": (word, pl.String)}
    columns = [
        pl.Series(f"{kind}{i}", draw(st.lists(values[kind][0], min_size=height, max_size=height)), values[kind][1])
        for i, kind in enumerate(kinds)
    ]
    # One full column: a table whose every cell is missing has no types to give back.
    return pl.DataFrame([*columns, pl.Series("key", [f"k{i}" for i in range(height)])])


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_gives_back_what_was_written(name: str, tmp_path: Path) -> None:
    FORMATS[name](SMALL, tmp_path / name)
    table = read(tmp_path / name)
    assert_frame_equal(table.frame, SMALL)
    assert table.name == name.split(".")[0]


@pytest.mark.parametrize("name", ["table.parquet", "table.arrow"])
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(frame=frames())
def test_typed_formats_give_back_any_frame(name: str, frame: pl.DataFrame, tmp_path: Path) -> None:
    FORMATS[name](frame, tmp_path / name)
    assert_frame_equal(read(tmp_path / name).frame, frame)


@pytest.mark.parametrize("name", ["table.csv", "semicolons.csv", "quoted.csv", "table.jsonl"])
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(frame=frames())
def test_text_formats_give_back_any_frame(name: str, frame: pl.DataFrame, tmp_path: Path) -> None:
    FORMATS[name](frame, tmp_path / name)
    found = read(tmp_path / name).frame
    assert found.columns == frame.columns
    for column in frame.columns:
        expected = frame[column]
        if expected.dtype == pl.Float64 and found[column].dtype == pl.Int64:
            expected = expected.cast(pl.Int64)
        if expected.null_count() == len(expected):
            assert found[column].null_count() == len(expected)
        else:
            assert found[column].to_list() == expected.to_list()


def test_zstd_csv(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow", reason="pyarrow writes the zstd file")
    frame = SMALL.with_columns(word=pl.Series(["a,b", 'say "so"', "ß"]))
    with pa.CompressedOutputStream(str(tmp_path / "t.csv.zst"), "zstd") as file:
        file.write(frame.write_csv().encode())
    assert_frame_equal(read(tmp_path / "t.csv.zst").frame, frame)


def test_excel_by_sheet(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl", reason="openpyxl writes the workbook")
    book = openpyxl.Workbook()
    book.active.title = "first"
    for row in [["n", "word", None], [1, "a", None], ["NA", "b", None], [3, "NA", None]]:
        book.active.append(row)
    second = book.create_sheet("second")
    for row in [["day"], [datetime.date(2024, 2, 29)]]:
        second.append(row)
    book.save(tmp_path / "book.xlsx")
    first = read(tmp_path / "book.xlsx")
    assert first.frame.select("n", "word").to_dict(as_series=False) == {"n": [1, None, 3], "word": ["a", "b", None]}
    assert first.notes == ("the table is the sheet 'first'; other sheets are 'second'",)
    assert read(tmp_path / "book.xlsx", sheet="second").columns == ["day"]
    assert read(tmp_path / "book.xlsx", sheet=2)["day"].dtype in (pl.Date, pl.Datetime)


def test_json_array_and_lines_with_late_keys(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('[{"a": 1}, {"a": 2, "b": "x"}]')
    (tmp_path / "b.json").write_text('{"a": 1}\n{"a": 2.5, "b": "x"}\n')
    assert read(tmp_path / "a.json").frame.rows() == [(1, None), (2, "x")]
    assert read(tmp_path / "b.json").frame.rows() == [(1.0, None), (2.5, "x")]


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"a,b\n1,x\n2,y\n")))
    table = read("-")
    assert table.frame.rows() == [(1, "x"), (2, "y")]
    assert (table.name, table.source) == ("stdin", "-")


def test_penguins_are_included_with_their_missing_values() -> None:
    table = read("penguins")
    assert (table.height, len(table.columns), table.name) == (344, 8, "penguins")
    assert table.missing == {
        "species": 0,
        "island": 0,
        "bill_length_mm": 2,
        "bill_depth_mm": 2,
        "flipper_length_mm": 2,
        "body_mass_g": 2,
        "sex": 11,
        "year": 0,
    }
    assert "CC0" in datasets.dataset_card("penguins")


def test_the_included_penguins_equal_the_package() -> None:
    package = pytest.importorskip("palmerpenguins", reason="the package that penguins come from is not installed")
    theirs = Path(package.__file__).parent / "data" / "penguins.csv"
    assert datasets.dataset_path("penguins").read_bytes() == theirs.read_bytes()


@pytest.mark.parametrize(
    "spelling", ["", "NA", "N/A", "n/a", "NaN", "nan", "null", "NULL", "None", "?", "-", "<NA>", " NA ", "."]
)
def test_spellings_of_a_missing_value(spelling: str, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(
        f"n,r,word,day\n1,0.5,a,2024-02-29\n{spelling},{spelling},{spelling},{spelling}\n2,1,b,2024-03-01\n"
    )
    frame = read(tmp_path / "t.csv").frame
    assert frame.row(1) == (None, None, None, None)
    assert frame.dtypes == [pl.Int64, pl.Float64, pl.String, pl.Date]


def test_a_minus_with_a_plus_is_a_category(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("test,n\n+,1\n-,2\n-,-\n")
    table = read(tmp_path / "t.csv")
    assert table.frame.rows() == [("+", 1), ("-", 2), ("-", None)]
    assert table.inferred_types["test"].categories == ("-", "+")


def test_a_column_with_words_late_is_text(tmp_path: Path) -> None:
    rows = [f"{i},{i}.5,2024-01-01,true" for i in range(50_000)]
    (tmp_path / "t.csv").write_text("\n".join(["n,r,day,flag", *rows, "many,some,soon,maybe"]) + "\n")
    frame = read(tmp_path / "t.csv").frame
    assert frame.dtypes == [pl.String] * 4
    assert frame.row(-1) == ("many", "some", "soon", "maybe")
    assert frame.row(0) == ("0", "0.5", "2024-01-01", "true")


def test_a_column_that_begins_empty_is_typed_by_what_comes_later(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("k,n\n" + "k,\n" * 5_000 + "k,7\n")
    assert read(tmp_path / "t.csv")["n"].sum() == 7


def test_codes_keep_their_zeros_and_digits(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("zip,card,n\n01234,12345678901234567890,0\n99999,12345678901234567891,0.5\n")
    table = read(tmp_path / "t.csv")
    assert table["zip"].to_list() == ["01234", "99999"]
    assert table["card"].to_list() == ["12345678901234567890", "12345678901234567891"]
    assert table["n"].to_list() == [0.0, 0.5]


def test_decimal_commas_between_semicolons(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a;b\n1,5;x\n2,25;y\n")
    table = read(tmp_path / "t.csv")
    assert table["a"].to_list() == [1.5, 2.25]
    assert table.notes == ("the separator is ';'", "the column 'a' has decimal commas")


def test_blanks_after_the_separators_are_dropped(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a, b, c\n1, x, 2\n3, y, 4\n")
    assert read(tmp_path / "t.csv").frame.to_dict(as_series=False) == {"a": [1, 3], "b": ["x", "y"], "c": [2, 4]}


def test_blanks_inside_some_categories_are_kept(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,b\nnorth ,1\nnorth,2\n")
    assert read(tmp_path / "t.csv")["a"].to_list() == ["north ", "north"]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("a,b\n1,x\n\n2,y\n", [(1, "x"), (2, "y")]),
        ("\n\na,b\n1,x\n", [(1, "x")]),
        ("a,b\n1,x", [(1, "x")]),
        ("a,b\r1,x\r2,y\r", [(1, "x"), (2, "y")]),
        ('a,b\n1,5" pipe\n2,x "y" z\n', [(1, '5" pipe'), (2, 'x "y" z')]),
        ('a,b\n1,"x\n\ny"\n', [(1, "x\n\ny")]),
        ("a\n1\n\n2\n", [(1,), (None,), (2,)]),
        ("a,b\n,\n1,x\n", [(None, None), (1, "x")]),
        ('"a\nb",c\n1,2\n', [(1, 2)]),
    ],
)
def test_quirks_of_csv(text: str, rows: list[tuple[object, ...]], tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(text.encode())
    assert read(tmp_path / "t.csv").frame.rows() == rows


def test_names_that_polars_would_take_for_patterns(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("^a.*$,*,,a1\n1,2,3,4\nNA,5,6,x\n")
    table = read(tmp_path / "t.csv")
    assert table.columns == ["^a.*$", "*", "column_3", "a1"]
    assert table.select("*", "^a.*$").frame.rows() == [(2, 1), (5, None)]
    assert table.drop("*").columns == ["^a.*$", "column_3", "a1"]


def test_a_file_whose_name_holds_a_pattern(tmp_path: Path) -> None:
    for name in ("t[1].csv", "t[1].parquet"):
        FORMATS[f"table.{name.split('.')[1]}"](SMALL, tmp_path / name)
        assert read(tmp_path / name).height == 3


def test_a_note_names_skipped_bad_lines(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text('a,b\n1,x\n2\n3,y,z\n4,"long\nword"\n5\n')
    table = read(tmp_path / "t.csv", on_bad_lines="skip")
    assert table.frame.rows() == [(1, "x"), (4, "long\nword")]
    assert table.notes == ("the reader skipped 3 bad lines: 3, 4, 7",)


def test_a_column_has_one_date_format(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(
        "us,eu,when\n1/2/2024,1/2/2024,2024-02-29T10:00:00Z\n1/31/2024,31/1/2024,2024-02-29T12:00:00+02:00\n"
    )
    frame = read(tmp_path / "t.csv").frame
    assert frame["us"].to_list() == [datetime.date(2024, 1, 2), datetime.date(2024, 1, 31)]
    assert frame["eu"].to_list() == [datetime.date(2024, 2, 1), datetime.date(2024, 1, 31)]
    assert frame["when"].n_unique() == 1


def test_types_can_be_overridden() -> None:
    table = read({"rank": [1, 3, 2], "x": [0.5, 1.5, 2.5]}, variable_types={"rank": "ordinal"})
    assert table.inferred_types["rank"].variable_type is VariableType.ORDINAL
    assert table.inferred_types["rank"].categories == ("1", "2", "3")
    with pytest.raises(InputError) as unknown:
        read(table, variable_types={"ranks": "ordinal"})
    assert str(unknown.value) == "variable_types is set for 'ranks', but there is no such column; did you mean 'rank'?"
    with pytest.raises(InputError) as misspelled:
        read(table, variable_types={"rank": "ordnal"})
    assert str(misspelled.value) == (
        "the variable type of 'rank' is 'ordnal', expected one of 'continuous', 'discrete', 'nominal', 'ordinal', "
        "'boolean', 'datetime', 'duration', 'text', 'identifier', 'constant'; did you mean 'ordinal'?"
    )


@pytest.mark.parametrize("name", ["table.csv", "packed.csv.gz", "table.parquet", "table.arrow", "table.jsonl"])
@pytest.mark.parametrize("rows", [1, 7, 1000])
def test_chunks_are_the_table_in_order(name: str, rows: int, tmp_path: Path) -> None:
    frame = pl.DataFrame({"n": range(50), "word": [None if i % 7 == 0 else f"w{i}" for i in range(50)]})
    FORMATS[name](frame, tmp_path / name)
    parts = list(chunks(tmp_path / name, rows=rows))
    assert [part.height for part in parts[:-1]] == [rows] * (math.ceil(50 / rows) - 1)
    assert_frame_equal(pl.concat(parts), frame)


def test_chunks_keep_one_type_though_a_part_would_suggest_another(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a\n1\n2\nx\n")
    assert [part["a"].dtype for part in chunks(tmp_path / "t.csv", rows=1)] == [pl.String] * 3


def test_chunks_of_frames(tmp_path: Path) -> None:
    frame = pl.DataFrame({"n": [1.0, float("nan"), 3.0]})
    for source in (frame, frame.lazy()):
        assert pl.concat(chunks(source, rows=2))["n"].to_list() == [1.0, None, 3.0]
    with pytest.raises(InputError) as error:
        next(chunks(frame, rows=0))
    assert str(error.value) == "the number of rows in a part is 0, expected 1 or more; try 100000"
