"""Files that cannot be read: one message each."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path

import polars as pl
import pytest

from tidynet.core.errors import FileReadError, InputError
from tidynet.table import chunks, read
from tidynet.table.read_options import ReadOptions


def read_error(source: object, **options: object) -> str:
    with pytest.raises(InputError) as error:
        read(source, **options)  # type: ignore[arg-type]
    return str(error.value)


def written(folder: Path, name: str, content: bytes) -> tuple[Path, str]:
    path = folder / name
    path.write_bytes(content)
    return path, f"'{path}'"


def test_no_such_file_names_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "admissions.csv").write_text("a\n1\n")
    asked = tmp_path / "admision.csv"
    assert read_error(asked) == f"there is no file '{asked}'; did you mean '{tmp_path / 'admissions.csv'}'?"


def test_no_such_file_names_the_nearest_dataset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert read_error("pengins") == "there is no file 'pengins'; did you mean the dataset 'penguins'?"
    (tmp_path / "penguin.csv").write_text("a\n1\n")
    assert read_error("pengin.csv") == (
        "there is no file 'pengin.csv'; did you mean 'penguin.csv' or the dataset 'penguins'?"
    )


def test_no_such_file_and_nothing_near(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert read_error("zzz.csv") == (
        "there is no file 'zzz.csv'; "
        "give the path of a file, '-' for CSV on standard input, or an included dataset ('penguins')"
    )


def test_no_such_folder(tmp_path: Path) -> None:
    asked = tmp_path / "nowhere" / "t.csv"
    assert read_error(asked) == f"there is no folder '{tmp_path / 'nowhere'}' for the file '{asked}'; check the path"


def test_a_folder(tmp_path: Path) -> None:
    assert read_error(tmp_path) == f"'{tmp_path}' is a folder, expected a file; the folder contains no table"
    (tmp_path / "b.parquet").touch()
    (tmp_path / "a.csv.gz").touch()
    assert (
        read_error(tmp_path)
        == f"'{tmp_path}' is a folder, expected a file; choose one of its tables: 'a.csv.gz', 'b.parquet'"
    )


@pytest.mark.parametrize("name", ["t.csv", "t.parquet", "t.xlsx", "t.jsonl", "t.arrow"])
def test_an_empty_file(name: str, tmp_path: Path) -> None:
    path, shown = written(tmp_path, name, b"")
    assert read_error(path) == f"{shown} is empty (0 bytes), expected a table; check how it was written"


def test_an_empty_compressed_file(tmp_path: Path) -> None:
    path, shown = written(tmp_path, "t.csv.gz", gzip.compress(b""))
    assert read_error(path) == f"{shown} is empty after decompression, expected a table; check how it was written"


def test_only_blank_lines(tmp_path: Path) -> None:
    path, shown = written(tmp_path, "t.csv", b"\n \n\n")
    assert (
        read_error(path) == f"{shown} contains only blank lines, expected a header and rows; check how it was written"
    )


@pytest.mark.parametrize("content", [b"a,b", b"a,b\n", b"a,b\r\n\r\n"])
def test_a_header_without_rows(content: bytes, tmp_path: Path) -> None:
    path, shown = written(tmp_path, "t.csv", content)
    assert read_error(path) == f"{shown} has a header but 0 rows, expected at least 1; check how it was written"


def test_typed_files_without_rows(tmp_path: Path) -> None:
    frame = pl.DataFrame({"a": [1]}).clear()
    for name, write in (("t.parquet", frame.write_parquet), ("t.arrow", frame.write_ipc)):
        write(tmp_path / name)
        assert read_error(tmp_path / name) == (
            f"'{tmp_path / name}' has a header but 0 rows, expected at least 1; check how it was written"
        )


def test_no_rows_after_bad_lines_are_skipped(tmp_path: Path) -> None:
    path, shown = written(tmp_path, "t.csv", b"a,b\n1,2,3\n")
    assert (
        read_error(path, on_bad_lines="skip")
        == f"{shown} has a header but 0 rows, expected at least 1; check how it was written"
    )


@pytest.mark.parametrize(
    ("head", "like"),
    [
        (b"\x89PNG\r\n\x1a\n", "a PNG image"),
        (b"PK\x03\x04", "a ZIP archive or an Excel workbook"),
        (b"GIF89a", "a GIF image"),
        (b"\x7fELF", "a program"),
    ],
)
def test_a_binary_file_named_csv(head: bytes, like: str, tmp_path: Path) -> None:
    path, shown = written(tmp_path, "t.csv", head + bytes(range(256)))
    assert read_error(path) == (
        f"{shown} begins like {like}, expected text; rename it with the extension of its format, or export CSV"
    )


def test_zero_bytes(tmp_path: Path) -> None:
    path, shown = written(tmp_path, "t.csv", b"a,b\n1,2\n3,\x004\n")
    assert read_error(path) == f"line 3 of {shown} contains a zero byte, expected text; export it as UTF-8 CSV"


def test_damaged_utf_8_names_line_and_byte(tmp_path: Path) -> None:
    path, shown = written(tmp_path, "t.csv", "city,n\nZürich,1\n".encode() + "Orléans,2\n".encode("latin-1"))
    assert read_error(path) == (
        f"line 3 of {shown} contains the byte 0xE9 ('é' in Latin-1) at position 4, expected UTF-8 text; "
        "save it as UTF-8, or name its encoding with `--encoding`"
    )


def test_a_bad_byte_far_down_the_file(tmp_path: Path) -> None:
    path, shown = written(tmp_path, "t.csv", b"a,b\n" + b"1,22222222\n" * 900_000 + b"\x81,2\n")
    assert read_error(path) == (
        f"line 900002 of {shown} contains the byte 0x81 at position 1, expected UTF-8 text; "
        "name its encoding with `--encoding`, such as 'cp850', 'mac_roman'"
    )


@pytest.mark.parametrize(
    ("content", "line", "has"),
    [
        (b"a,b,c\n1,2,3\n4,5\n", 3, "2 fields"),
        (b"a,b,c\n1,2,3\n\n4,5,6,7\n", 4, "4 fields"),
        (b'a,b,c\n1,"2\n2",3\n4\n', 4, "1 field"),
        (b"a,b,c\r\n1,2,3\r\n4,5\r\n", 3, "2 fields"),
        (b"a,b,c\n1,2,3\n4,5", 3, "2 fields"),
    ],
)
def test_bad_lines_name_the_line(content: bytes, line: int, has: str, tmp_path: Path) -> None:
    path, shown = written(tmp_path, "t.csv", content)
    assert read_error(path) == (
        f"line {line} of {shown} has {has}, expected 3 as in the header; "
        + ("correct the line, or" if has > "3" else "fill short lines with `--on-bad-lines fill`, or")
        + " skip such lines with `--on-bad-lines skip`"
    )


def test_a_quote_that_never_closes(tmp_path: Path) -> None:
    path, shown = written(tmp_path, "t.csv", b'a,b\n1,x\n1,2,"x\n2,y\n')
    assert read_error(path) == (
        f'line 3 of {shown} opens a quote that is never closed; write a quote inside a quoted field twice ("")'
    )


def test_an_unknown_ending(tmp_path: Path) -> None:
    path, shown = written(tmp_path, "t.docx", b"text")
    known = (
        ".csv, .txt, .tsv, .tab, .parquet, .pq, .arrow, .feather, .ipc, .jsonl, .ndjson, .json, "
        ".xlsx, .xls, .xlsm, .xlsb, .ods, .npy, .npz, .db, .sqlite, .sqlite3, .db3; name its format with `--format`; text formats may end in .gz, .zst, .bz2, .xz"
    )
    assert read_error(path) == f"the file extension of {shown} is '.docx', expected one of {known}"
    bare, shown = written(tmp_path, "table", b"text")
    assert read_error(bare) == f"the file extension of {shown} is '', expected one of {known}"


def test_unreadable_parquet(tmp_path: Path) -> None:
    path, shown = written(tmp_path, "t.parquet", b"a,b\n1,2\n")
    assert read_error(path) == f"{shown} does not begin with PAR1, expected a Parquet file; check how it was written"
    whole = tmp_path / "whole.parquet"
    pl.DataFrame({"a": range(1000)}).write_parquet(whole)
    path, shown = written(tmp_path, "t.parquet", whole.read_bytes()[:-100])
    assert read_error(path) == f"{shown} is incomplete; a Parquet file ends with PAR1; copy it or write it again"
    path, shown = written(tmp_path, "t.parquet", b"PAR1" + b"\x07" * 40 + b"PAR1")
    assert read_error(path).startswith(f"{shown} cannot be read as Parquet: ")


def test_damage_inside_parquet_is_a_read_error(tmp_path: Path) -> None:
    whole = tmp_path / "whole.parquet"
    pl.DataFrame({"a": [f"word {i}" for i in range(1000)]}).write_parquet(whole)
    content = bytearray(whole.read_bytes())
    content[8:400] = b"\xff" * 392
    path, shown = written(tmp_path, "t.parquet", bytes(content))
    for attempt in (lambda: read(path), lambda: list(chunks(path))):
        with pytest.raises(FileReadError) as error:
            attempt()
        assert str(error.value).startswith(f"{shown} cannot be read as a table: ")


def test_unreadable_arrow(tmp_path: Path) -> None:
    path, shown = written(tmp_path, "t.feather", b"a,b\n1,2\n" * 10)
    assert read_error(path) == f"{shown} is neither an Arrow file nor an Arrow stream; check how it was written"
    path, shown = written(tmp_path, "t.arrow", b"ARROW1\0\0" + b"\x07" * 40)
    assert read_error(path).startswith(f"{shown} cannot be read as Arrow: ")


def test_unreadable_excel(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "z.xlsx", "w") as archive:
        archive.writestr("a.txt", "text")
    assert read_error(tmp_path / "z.xlsx") == (
        f"'{tmp_path / 'z.xlsx'}' cannot be read as a workbook; open it and save it again as .xlsx"
    )


def test_workbooks_with_nothing_to_read(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl", reason="openpyxl writes the workbook")
    path = tmp_path / "t.xlsx"
    book = openpyxl.Workbook()
    book.active.title = "data"
    book.save(path)
    assert (
        read_error(path) == f"the sheet 'data' of '{path}' is empty, expected a header and rows; choose another sheet"
    )
    assert read_error(path, sheet="dta") == f"sheet is 'dta', but '{path}' has no such sheet; its sheets are 'data'"
    book.active.append(["a", "b", "a"])
    book.save(path)
    book.active["C1"] = "c"
    book.save(path)
    assert read_error(path) == f"'{path}' has a header but 0 rows, expected at least 1; check how it was written"


def test_bad_json_lines_name_the_line(tmp_path: Path) -> None:
    path, shown = written(tmp_path, "t.jsonl", b'{"a": 1}\n{"a": 2,\n{"a": 3}\n')
    assert read_error(path) == (
        f"line 2 of {shown} is " + """'{"a": 2,', expected a JSON object; correct or remove the line"""
    )


def test_compressed_files_that_cannot_be_decompressed(tmp_path: Path) -> None:
    path, shown = written(tmp_path, "t.csv.gz", b"a,b\n1,2\n")
    assert read_error(path) == (
        f"{shown} cannot be decompressed: Not a gzipped file (b'a,'); check that the file is complete and compressed as .gz"
    )
    path, shown = written(tmp_path, "t.csv.gz", gzip.compress(b"a,b\n1,2\n" * 1000)[:-20])
    assert read_error(path) == (
        f"{shown} cannot be decompressed: Compressed file ended before the end-of-stream marker was reached; "
        "check that the file is complete and compressed as .gz"
    )
    path, shown = written(tmp_path, "t.csv.zst", b"a,b\n1,2\n")
    assert read_error(path) == (
        f"{shown} cannot be decompressed: the file does not begin like zstd data; "
        "check that the file is complete and compressed as .zst"
    )


def test_compressed_zstd_that_is_damaged_or_latin_1(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow", reason="pyarrow writes the zstd file")
    path = tmp_path / "t.csv.zst"
    with pa.CompressedOutputStream(str(path), "zstd") as file:
        file.write("city,n\nParis,1\nOrléans,2\n".encode("latin-1"))
    assert read_error(path) == (
        f"line 3 of '{path}' contains a wrong byte at position 4, expected UTF-8 text; "
        "save it as UTF-8, for instance with `iconv -f latin1 -t utf-8`"
    )
    path.write_bytes(path.read_bytes()[:-9])
    assert read_error(path).startswith(f"'{path}' cannot be decompressed: ")


def test_a_name_that_no_file_can_have() -> None:
    assert read_error("x" * 5000) == f"'{'x' * 76}…' cannot be opened (file name too long); check the path"


def test_a_wrong_value_of_on_bad_lines() -> None:
    assert read_error("penguins", on_bad_lines="skp") == (
        "on_bad_lines is 'skp', expected one of 'error', 'skip', 'fill'; did you mean 'skip'?"
    )


def test_temporary_files_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    path, _ = written(tmp_path, "t.csv.gz", gzip.compress(b"a,b\n1,2\n3\n"))
    read_error(path)
    assert read(path, on_bad_lines="skip").height == 1
    next(chunks(path, read_options=ReadOptions(on_bad_lines="skip")))
    assert list(scratch.iterdir()) == []
