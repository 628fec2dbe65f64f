"""`tidynet tidy` writes back what no verb changed as it was written, byte for byte."""

from __future__ import annotations

import decimal
import io
import random
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

Command = Callable[..., Any]

CODES = (
    "name,phone,version,code,born,visit,weight\n"
    "u1,+49555012345,1.10,00.10,15/02/68,03/04/2024,5 kg\n"
    "u2,+49555055123,1.9,01.20,20/03/55,05/06/2024,7 kg\n"
)
FILES = {
    "plain": "id,x\n007,1.10\n008,2.00\n",
    "semicolons and decimal commas": "a;b\n1,10;x\n2,50;y\n",
    "line ends of Windows": "a,b\r\n1,x\r\n2,y\r\n",
    "no last line end": "a,b\n1.50,x\n2,y",
    "every field in quotes": '"a","b"\n"1.50","x"\n"2","y ""z"""\n',
    "some quotes, not needed": 'a,b\n"1",x\n2,"y"\n',
    "a line break in quotes": 'a,b\n1,"x\ny"\n2,"z, u"\n',
    "blanks around": "a, b\n1, x\n2,  y\n",
    "spellings of missing": "a,b\nNA,x\n2,-\n,n/a\n3,\n",
    "blank lines": "a,b\n1,x\n\n2,y\n\n",
    "comments": "# made by hand\na,b\n1,x\n# pause\n2,y\n",
    "dates and times": "d,t\n03/04/2024,12:05\n25/12/2023,09:30\n",
    "powers and signs": "a,b\n1E5,+3\n100E3,-0\n",
    "thousands": 'a,b\n"1,234",x\n"12,500",y\n',
    "truth values": "a,b\nTRUE,x\nfalse,y\n",
    "tabs": "a\tb\n1.0\tx\n2.00\ty\n",
    "bars": "a|b\n1.0|x\n2.00|y\n",
    "a title and a source": "Budget 2024\n\nregion,sold\nnorth,1.10\nsouth,2.20\n\nSource: bureau\n",
    "a declared separator": "sep=;\nregion;sold\nnorth;1,10\nsouth;2,20\n",
    "a separator too many": "region,sold,\nnorth,1.10,\nsouth,2.20,\n",
    "a header of two rows": "region;2023;\n;Q1;Q2\nnorth;1,10;2,0\nsouth;2,20;3,0\n",
    "names of rows without a name": '"a","b"\n"1","x",2.0\n"2","y",3.10\n',
    "single quotes": "'a','b'\n'x','1.10'\n'y','3, 4'\n",
    "backslashes": 'a,b\nx,1.10\ny,"say \\"hi\\" now"\nz,2\n',
    "single blanks": "a b c\nx 1.10 2\ny 3 4\n",
    "levels that begin with a hash": "# collected in May\ntag,uses\n#sun,5\n#rain,3\nwind,2\n",
    "a stray quote": 'id,part,qty\n1,bolt,4\n2,"6 in pipe,4\n3,nut,9\n4,pin,1\n5,"cap",2\n6,rod,7\n',
    "a total": "region,sold\nnorth,10\nsouth,5\nTotal,15\n",
    "letters beyond ASCII": "å,b\n1.0,é\n2.0,日本\n",
}


@pytest.mark.parametrize("case", FILES)
def test_a_file_that_no_verb_changes_is_written_as_it_is(command: Command, case: str) -> None:
    ending = "tsv" if case == "tabs" else "csv"
    content = FILES[case].encode()
    Path(f"t.{ending}").write_bytes(content)
    assert command("tidy", f"t.{ending}", "-o", f"out.{ending}").code == 0
    assert Path(f"out.{ending}").read_bytes() == content


@pytest.mark.parametrize("case", FILES)
def test_dropped_rows_leave_the_others_as_they_are(command: Command, case: str) -> None:
    ending = "tsv" if case == "tabs" else "csv"
    content = FILES[case] + FILES[case].splitlines(keepends=True)[-1] * (case == "plain")
    Path(f"t.{ending}").write_bytes(content.encode())
    ran = command("tidy", f"t.{ending}", "--drop-duplicates", "all", "-o", f"out.{ending}")
    assert (ran.code, ran.error) == (0, "")
    assert Path(f"out.{ending}").read_bytes() == FILES[case].encode()


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "utf-8-sig"])
def test_the_encoding_stays(command: Command, encoding: str) -> None:
    content = "name;größe\r\nMüller;1,5\r\nJosé;\r\n"
    Path("t.csv").write_bytes(content.encode(encoding))
    assert command("tidy", "t.csv", "--fill", "größe", "-o", "out.csv").error == ""
    assert Path("out.csv").read_bytes() == content.replace("José;", "José;1,5").encode(encoding)


def test_only_the_named_column_changes(command: Command) -> None:
    Path("t.csv").write_text(CODES)
    expected = CODES.replace("weight\n", "weight,weight_unit\n").replace("5 kg", "5,kg").replace("7 kg", "7,kg")
    assert command("tidy", "t.csv", "--separate-units", "weight").out == expected


@pytest.mark.parametrize(
    ("content", "words", "expected"),
    [
        ("k,v\na,007\n,1.10\nb,-\n", ["--fill", "k"], "k,v\na,007\na,1.10\nb,-\n"),
        ("k,d\n1.10,03/04/2024\nNA,25/12/2023\n", ["--fill", "k"], "k,d\n1.10,03/04/2024\n1.10,25/12/2023\n"),
        ("x,y\n1.50,007\n,008\n2.50,009\n", ["--impute", "x"], "x,y\n1.50,007\n2,008\n2.50,009\n"),
        ("x;y\n1,50;a\n;b\n3,50;c\n", ["--impute", "x"], "x;y\n1,50;a\n2,5;b\n3,50;c\n"),
        (
            "g,d\nx,03/04/2024\nx,\ny,03/04/2024\nz,25/12/2023\n",
            ["--impute", "d strategy=mode"],
            "g,d\nx,03/04/2024\nx,03/04/2024\ny,03/04/2024\nz,25/12/2023\n",
        ),
        (
            "x,c\n1.0,007\n2.0,008\n3.0,009\n4.0,010\n99.0,011\n",
            ["--clip-outliers", "x"],
            "x,c\n1.0,007\n2.0,008\n3.0,009\n4.0,010\n7,011\n",
        ),
        ("x,c\n1.0,007\n,008\n3.00,009\n", ["--drop-missing", "x"], "x,c\n1.0,007\n3.00,009\n"),
        ("id,2019,2020\n007,1.10,2.0\n008,NA,3.00\n", ["--melt", r"\d{4} names_to=year"],
         "id,year,value\n007,2019,1.10\n008,2019,NA\n007,2020,2.0\n008,2020,3.00\n"),
        ("id,2019,2020\n007,1.10,2.0\n008,NA,3.00\n", ["--melt", r"\d{4} names_to=year drop_missing=yes"],
         "id,year,value\n007,2019,1.10\n007,2020,2.0\n008,2020,3.00\n"),
        ("id,k,v\n007,a,1.10\n007,b,2.0\n008,a,3.00\n", ["--pivot", "k v"], "id,a,b\n007,1.10,2.0\n008,3.00,\n"),
        ("d,x\n02/03/2024,1.0\n25/12/2023,2.0\n", ["--split-column", "d day,month,year separator=/"],
         "day,month,year,x\n02,03,2024,1.0\n25,12,2023,2.0\n"),
        ("y,m,x\n2024,03,1.0\n2023,12,2.0\n", ["--unite", "y,m when separator=-"],
         "when,x\n2024-03,1.0\n2023-12,2.0\n"),
        ("n,x\na,1.10\nb,2.20\n", ["--drop-rows", "x 1.1"], "n,x\nb,2.20\n"),
        ("n,x\na,1.10\nb,2.20\n", ["--drop-rows", "x 1.10"], "n,x\nb,2.20\n"),
        ("d,x\n02/03/2024,1.0\n25/12/2023,2.0\n", ["--drop-rows", "d 25/12/2023"], "d,x\n02/03/2024,1.0\n"),
        ("d,x\n02/03/2024,1.0\n25/12/2023,2.0\n", ["--drop-rows", "d 2024-03-02"], "d,x\n25/12/2023,2.0\n"),
        ("id,c\n007,x\n,y\n", ["--impute", "id strategy=constant value=000"], "id,c\n007,x\n000,y\n"),
        ("a;p\nx;7,5 %\ny;12,25 %\n", ["--separate-units", "p"], "a;p;p_unit\nx;7,5;%\ny;12,25;%\n"),
        ('a,p\nx,"7,5 %"\ny,"12,25 %"\n', ["--separate-units", "p"], "a,p,p_unit\nx,7.5,%\ny,12.25,%\n"),
        ('a,p\nx,"7,5 %"\ny,"1.200 €"\n', ["--separate-units", "p decimal=,"], "a,p,p_unit\nx,7.5,%\ny,1200,€\n"),
    ],
)  # fmt: skip
def test_each_verb_keeps_the_text_of_the_cells(command: Command, content: str, words: list[str], expected: str) -> None:
    Path("t.csv").write_text(content)
    ran = command("tidy", "t.csv", *words)
    assert (ran.code, ran.error, ran.out) == (0, "", expected)


def test_standard_input_is_written_as_it_was(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(CODES.encode())))
    assert command("tidy", "-", "--drop-rows", "name u2").out == "".join(CODES.splitlines(keepends=True)[:2])


def test_a_compressed_file_keeps_its_text(command: Command) -> None:
    import gzip

    Path("t.csv.gz").write_bytes(gzip.compress(CODES.encode()))
    assert command("tidy", "t.csv.gz", "--drop-missing", "all").out == CODES


def test_tabs_of_a_file_with_commas(command: Command) -> None:
    Path("t.csv").write_text('a,b\n007,"x, y"\n1.10,"z"\n')
    assert command("tidy", "t.csv", "-o", "out.tsv").code == 0
    assert Path("out.tsv").read_text() == "a\tb\n007\tx, y\n1.10\tz\n"


FACTS = "customer,town,age,pieces\n" + "".join(
    f"c{n % 6},{('Cork', 'Riga', 'Turin')[n % 3]},{(26, 20, 44, 47, 35, 61)[n % 6]},{n * 7 % 5}\n" for n in range(36)
)


def test_a_second_table_is_written_next_to_the_first(command: Command) -> None:
    Path("t.csv").write_text(FACTS)
    said = command("tidy", "t.csv").out.splitlines()
    assert said == [
        "a table inside the table: 2 columns ('town', 'age') depend only on 'customer' and repeat for each of its "
        "6 values",
        "  --extract-table 'customer columns=town,age'",
    ]
    ran = command("tidy", "t.csv", "--extract-table", "customer", "-o", "orders.csv")
    assert [line.split(":")[0] for line in ran.out.splitlines()] == ["Wrote orders.csv", "Wrote customer.csv"]
    assert Path("orders.csv").read_text().splitlines()[:2] == ["customer,pieces", "c0,0"]
    assert Path("customer.csv").read_text() == (
        "customer,town,age\nc0,Cork,26\nc1,Riga,20\nc2,Turin,44\nc3,Cork,47\nc4,Riga,35\nc5,Turin,61\n"
    )


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--drop-rows", "town Tirun"], "no row has the value 'Tirun' in 'town'; did you mean 'Turin'?"),
        (["--drop-rows", "age old"], "the value for 'age' is 'old', expected a number; write it so"),
        (
            ["--drop-rows", "age 999"],
            "no row has the value '999' in 'age'; remove the value, or set strict=False (strict=no on the command line)",
        ),
        (["--drop-rows", "twon Cork"], "there is no column 'twon'"),
        (["--fill", "twon"], "no column has the name 'twon' or matches it; did you mean 'town'?"),
        (["--extract-table", "pieces town"], "'town' has 3 values where 'pieces' is '0', expected one"),
        (["--extract-table", "pieces"], "no column repeats for each value of 'pieces': every column varies within it"),
        (["--extract-table", "custmer"], "there is no column 'custmer'"),
        (["--extract-table", "customer to=t.csv"], "'t.csv' exists already; replace it with --force"),
        (["--extract-table", "customer to=t.docx"], "the suffix of 't.docx' is '.docx', expected one of"),
        (["--extract-table", "customer to=o.csv", "-o", "o.csv"], "two tables would be written to one file"),
        (["--clip-outliers", "town"], "the column 'town' has the type String, expected numbers; exclude it"),
        (["--impute", "age strategy=constant value=old"], "the value for 'age' is 'old', expected a number"),
    ],
)
def test_bad_input_is_one_sentence_and_writes_nothing(command: Command, words: list[str], sentence: str) -> None:
    Path("t.csv").write_text(FACTS.replace("c3,Cork,47,1", "c3,Cork,,1") if "value=old" in words[-1] else FACTS)
    ran = command("tidy", "t.csv", *words)
    assert (ran.code, ran.out) == (2, "")
    assert sentence in ran.error
    assert ran.error.count("\n") == 1
    assert [path.name for path in Path().iterdir()] == ["t.csv"]


@pytest.mark.filterwarnings("default")
def test_a_column_of_mostly_one_value_is_left_alone_and_named(command: Command) -> None:
    content = "id,claims\n" + "".join(f"{n},{138 if n == 3 else 0}\n" for n in range(60))
    Path("t.csv").write_text(content)
    ran = command("tidy", "t.csv", "--clip-outliers", "claims")
    assert (ran.code, ran.out) == (0, content)
    assert ran.error.startswith("tidynet: 'claims' is unchanged: its two quartiles are equal (0)")
    assert command("tidy", "t.csv", "--drop-rows", "claims 138").out.count("\n") == 60


def test_a_total_is_named_and_dropped_on_request(command: Command) -> None:
    Path("t.csv").write_text(FILES["a total"])
    said = command("tidy", "t.csv").out.splitlines()
    assert said[0].startswith("totals among the rows: 'region' contains 1 total row ('Total')")
    option, words = said[1].strip().split(" ", 1)
    assert command("tidy", "t.csv", option, words.strip("'")).out == "region,sold\nnorth,10\nsouth,5\n"


def test_new_columns_stand_in_every_line(command: Command) -> None:
    Path("t.csv").write_text(FILES["names of rows without a name"])
    assert command("tidy", "t.csv", "--unite", "a,b x keep=yes").out == (
        ',x,"a","b"\n"1",x_2.0,"x",2.0\n"2",y_3.10,"y",3.10\n'
    )


@pytest.mark.parametrize("ending", ["parquet", "arrow"])
def test_other_columns_of_a_typed_file_keep_their_types(command: Command, ending: str) -> None:
    frame = pl.DataFrame(
        {
            "level": pl.Series(["a", "b", "a", None], dtype=pl.Enum(["b", "a"])),
            "small": pl.Series([1, 2, 3, 4], dtype=pl.UInt8),
            "half": pl.Series([1.5, 2, None, 4], dtype=pl.Float32),
            "price": pl.Series([decimal.Decimal("1.10")] * 4),
            "lists": [[1, 2], [3], None, []],
            "weight": ["1 kg", "2 kg", "3 g", "4 g"],
        }
    )
    getattr(frame, "write_parquet" if ending == "parquet" else "write_ipc")(f"t.{ending}")
    assert command("tidy", f"t.{ending}", "--separate-units", "weight", "-o", f"out.{ending}").code == 0
    result = pl.read_parquet("out.parquet") if ending == "parquet" else pl.read_ipc("out.arrow")
    assert result.drop("weight", "weight_unit").equals(frame.drop("weight"))
    assert result.drop("weight", "weight_unit").schema == frame.drop("weight").schema
    assert result["weight"].to_list() == [1.0, 2.0, 3.0, 4.0]


@pytest.mark.parametrize("sizes", [[3, 2, 1], [2, 4], [1, 3, 3]])
def test_merged_cells_of_a_workbook_lead_to_fill(command: Command, sizes: list[int]) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active.append(["region", "town", "sold"])
    row = 2
    for number, size in enumerate(sizes):
        for place in range(size):
            book.active.append([f"region {number}" if place == 0 else None, f"town {row + place}", place * 7 % 5])
        if size > 1:
            book.active.merge_cells(f"A{row}:A{row + size - 1}")
        row += size
    book.save("t.xlsx")
    said = command("tidy", "t.xlsx").out.splitlines()
    assert said[0].startswith("labels written once for several rows: 'region' has a label only in the first row")
    assert said[1] == "  --fill region"
    filled = command("tidy", "t.xlsx", "--fill", "region").out.splitlines()[1:]
    assert [line.split(",")[0] for line in filled] == [
        f"region {n}" for n, size in enumerate(sizes) for _ in range(size)
    ]


CELLS = (
    *("7", "007", "1.10", "1,5", "2.345,6", "NA", "", "-", "x", "Ä b", 'say "hi"', "l,m;n", "02/03/2024", "+49123456"),
    *("TRUE", "9:05", "5 %", "1E5", "−3"),
)


@pytest.mark.parametrize("seed", range(15))
def test_files_of_any_dialect_keep_their_bytes(command: Command, seed: int) -> None:
    choice = random.Random(seed).choice
    separator, end, encoding = choice(",;|"), choice(["\n", "\r\n"]), choice(["utf-8", "utf-8-sig", "utf-16"])
    quotes_all = choice([False, True])

    def written(cell: str) -> str:
        needs = quotes_all or separator in cell or '"' in cell
        return '"' + cell.replace('"', '""') + '"' if needs else cell

    rows = [["key", "b", "c", "d"], *([f"k{n}", choice(CELLS), choice(CELLS), choice(CELLS)] for n in range(12))]
    lines = [separator.join(map(written, row)) for row in rows]
    content = (choice(["", f"# made by a program{end}"]) + end.join(lines) + choice([end, ""])).encode(encoding)
    Path("t.csv").write_bytes(content)
    ran = command("tidy", "t.csv", "--drop-duplicates", "key", "-o", "out.csv")
    assert (ran.code, ran.error) == (0, "")
    assert Path("out.csv").read_bytes() == content
