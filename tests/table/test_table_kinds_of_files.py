"""Kinds of text files that people have: what is read, what a note says, what is refused."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest

from tidynet.core.errors import TidynetError
from tidynet.table import Table, read


def table_of(folder: Path, content: str | bytes, name: str = "t.csv", **options: Any) -> Table:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read(path, **options)


def refusal(folder: Path, content: str | bytes, name: str = "t.csv", **options: Any) -> str:
    with pytest.raises(TidynetError) as caught:
        table_of(folder, content, name, **options)
    return str(caught.value).replace(str(folder / name), "t")


@pytest.mark.parametrize(
    ("text", "columns", "first", "height"),
    [
        (",,\nname,age,score\nann,31,4.5\nbo,28,3.5\n", ["name", "age", "score"], ("ann", 31, 4.5), 2),
        (";;;\n\na;b;c;d\n1;2;3;4\n", ["a", "b", "c", "d"], (1, 2, 3, 4), 1),
        ("Report 2024,,\n,,\nmonth,dept,n\nJan,N,1\nFeb,S,2\n", ["month", "dept", "n"], ("Jan", "N", 1), 2),
        ("Logger\nUnit 7\n\ntime,n\n1,2\n3,4\n", ["time", "n"], (1, 2), 2),
        ("Report, made 2024, by Ann\nfor us, only\nid,name,n\n1,a,3\n2,b,4\n", ["id", "name", "n"], (1, "a", 3), 2),
        ("".join(f"line {n} of a text\n" for n in range(12)) + "id,n\n1,3\n2,4\n", ["id", "n"], (1, 3), 2),
        ("Owner: City, dept 5\n\ntime,temp,rh\n1,2.5,3\n2,3.5,4\n", ["time", "temp", "rh"], (1, 2.5, 3), 2),
        ("sep=;\na;b\n1;2\n", ["a", "b"], (1, 2), 1),
        ("sep=\t\na\tb\n1\t2\n", ["a", "b"], (1, 2), 1),
        ("% made\n% by hand\na,b\n1,2\n2,3\n", ["a", "b"], (1, 2), 2),
        ("#,team,city\nfirst,Lions,Oslo\nsecond,Bears,Turin\n", ["#", "team", "city"], ("first", "Lions", "Oslo"), 2),
        ("#,name,hp\n1,leafo,45\n2,firo,39\n", ["#", "name", "hp"], (1, "leafo", 45), 2),
        ("# by hand\ntag,uses\n#sun,5\n#rain,3\nwind,2\n", ["tag", "uses"], ("#sun", 5), 3),
        ("##x=1\n#CHROM\tPOS\n1\t100\n2\t200\n", ["CHROM", "POS"], (1, 100), 2),
        ("# a b c\n1.5 2 3\n4.5 5 6\n7.5 8 9\n", ["a", "b", "c"], (1.5, 2, 3), 3),
        ("A,B,C\n1,4,7,\n2,5,8,\n", ["A", "B", "C"], (1, 4, 7), 2),
        ("a,b,\n1,2,\n3,4,\n", ["a", "b"], (1, 2), 2),
        ("a,b\n1,2,,\n3,4,,\n", ["a", "b"], (1, 2), 2),
        ('"mpg","cyl"\n"car a",21,6\n"car b",22.8,4\n', ["column_1", "mpg", "cyl"], ("car a", 21.0, 6), 2),
        ("column_2,,x\n1,2,3\n4,5,6\n", ["column_2", "column_2_2", "x"], (1, 2, 3), 2),
        ("a,a,a_2\n1,2,3\n4,5,6\n", ["a", "a_3", "a_2"], (1, 2, 3), 2),
        ("t,temp\ns,°C\n1,2.5\n2,3.5\n", ["t_s", "temp_°C"], (1, 2.5), 2),
        ("t,name,rh\n[s],,[%]\n1,x,3\n2,y,4\n", ["t_[s]", "name", "rh_[%]"], (1, "x", 3), 2),
        ("y,S,S,C,C\n,Q1,Q2,Q1,Q2\n2020,1,2,3,4\n", ["y", "S_Q1", "S_Q2", "C_Q1", "C_Q2"], (2020, 1, 2, 3, 4), 1),
        (",23,,24,\n,H1,H2,H1,H2\nk,a,b,a,b\nx,1,2,3,4\ny,1,2,3,5\n",
         ["k", "23_H1_a", "23_H2_b", "24_H1_a", "24_H2_b"], ("x", 1, 2, 3, 4), 2),
        ("ann,x\nbob,y\nann,x\n", ["column_1", "column_2"], ("ann", "x"), 3),
        ("1/2/2024,NaN\n1/3/2024,71\n1/4/2024,70\n1/15/2024,7\n", ["column_1", "column_2"], None, 4),
        ('id,part,n\n1,bolt,4\n2,"6 in pipe,4\n3,nut,8\n5,8 in",9\n6,clip,2\n', ["id", "part", "n"], (1, "bolt", 4), 5),
        ('a,b\n1,"x\n2,y\n3,z\n', ["a", "b"], (1, '"x'), 3),
        ('id, "name", "city"\n1, "Ann", "Oslo"\n', ["id", "name", "city"], (1, "Ann", "Oslo"), 1),
        ("'id','note'\n'1','it''s'\n'2','bad'\n", ["id", "note"], (1, "it's"), 2),
        ("name,n\nO'Neil,3\n'tis,4\nrock 'n' roll,5\n", ["name", "n"], ("O'Neil", 3), 3),
        ('id,said\n1,"say \\"hi\\" now"\n2,"no"\n', ["id", "said"], (1, 'say "hi" now'), 2),
        ('p,n\n"C:\\dir\\",3\n"C:\\tmp\\",4\n', ["p", "n"], ("C:\\dir\\", 3), 2),
        ("a,b\r1,2\r3,4\r", ["a", "b"], (1, 2), 2),
        ("n,m\nanna,1,2\nbert,3,4\ncleo,5,6\n", ["column_1", "n", "m"], ("anna", 1, 2), 3),
        ("n,m\n3,1,2\n7,3,4\n12,5,6\n", ["column_1", "n", "m"], (3, 1, 2), 3),
        ("a,b\nx,1,\ny,2,\nz,3,\n", ["a", "b"], ("x", 1), 3),
        ('a,"b,c\nx,1,2\ny,3,4\nz,5,6\n', ["a", '"b', "c"], ("x", 1, 2), 3),
        ("a,b\n1,2\r\n3,4\r5,6\n", ["a", "b"], (1, 2), 3),
        ("\ufeffa,b\n1,2\n\ufeffa,b\n3,4\n", ["a", "b"], (1, 2), 2),
        ("a,b\n1,2\n3,4\na,b\n5,6\n", ["a", "b"], (1, 2), 3),
        ("a,b\n1,2\n# a remark\n3,4\n", ["a", "b"], (1, 2), 2),
        ("# T\n\n| a | b |\n|---|:-:|\n| 1 | x |\n| 2 | y |\n", ["a", "b"], (1, "x"), 2),
        (" a | b \n---+---\n 1 | x\n 2 | y\n(2 rows)\n", ["a", "b"], (1, "x"), 2),
        ("+---+---+\n| a | b |\n+---+---+\n| 1 | x |\n+---+---+\n", ["a", "b"], (1, "x"), 1),
        ("name        age\nAnn Lee      31\nBo           28\nCy           45\n", ["name", "age"], ("Ann Lee", 31), 3),
        ('a,b\n1,"' + "x" * 200_000 + '"\n\n2,"y\nz"\n3,w\n', ["a", "b"], (1, "x" * 200_000), 3),
    ],
)  # fmt: skip
def test_kinds_of_text_that_are_read(
    text: str, columns: list[str], first: tuple[object, ...] | None, height: int, tmp_path: Path
) -> None:
    table = table_of(tmp_path, text)
    assert (table.columns, table.height) == (columns, height)
    assert first is None or table.frame.row(0) == first


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("Logger\nUnit 7\n\nt,n\n1,2\n3,4\n", "the reader skipped 2 lines above the header: line 1 'Logger', line 2 'Unit 7'"),
        ("\n\na,b\n1,2\n", "the reader skipped 2 blank lines above the header"),
        ("a,b\n1,2\n\n3,4\n", "the reader skipped 1 blank line: 3"),
        ("a,b\n1,2\n,\n,\n", "the reader skipped 2 lines without a value below the table: 3, 4"),
        ("a,b\n1,2\n,\n3,4\n,\n", "1 row without any value: 3"),
        ("a,b\n1,2\nSource: us, 2020, today\n", "the reader skipped 1 line below the table: line 3 'Source: us, 2020, today'"),
        ("a,b\n1,2\n\n(1 row affected)\n", "the reader skipped 1 line below the table: line 4 '(1 row affected)'"),
        ("a,b,c\n1,2,3\n4,5,6\nNote: rounded,,\n", "the reader skipped 1 line below the table: line 4 'Note: rounded,,'"),
        ('DATE",n\nx,1\ny,2\n', "1 line with a quote inside a cell, read as a letter: 1"),
        ('a,"b,c\nx,1,2\ny,3,4\nz,5,6\n', "1 line with a quote inside a cell, read as a letter: 1"),
        ("a,b\n1,2\n3,4,\n", "1 line ending with a separator too many, which was ignored: 3"),
        ("k,n\na,2\nb,3\nc,4\nTotal,9\n",
         "the reader skipped the last row 'Total, 9', the totals or means of the others (--footer-lines 0 keeps it)"),
        ("k,n\na,2\nb,3\nc,4\nTotal,8\n",
         "the last row 'Total, 8' does not hold the totals of the rows above it (--footer-lines 1 skips it)"),
        ("a,a\n1,2\n", "1 column with a name that comes twice: now 'a_2'"),
        ("a,,b\n1,2,3\n", "1 column without a name: now 'column_2'"),
        ("a,,b\n1,,3\n", "the reader skipped 1 column without a name and without values"),
        ("id,price,item\n1,$5,chair\n2,$78\"Table, round\"\n", "1 line with a quote inside a cell, read as a letter: 3"),
        ("a b\nx y\nz w\n", "each line is one cell, since no separator splits all lines (--separator sets one)"),
        ("'a','b'\n'1','x'\n", "the quote is a single one (')"),
        ("sep=;\na;b\n1;2\n", "line 1 declares the separator ';'"),
        ("a,b\n1,2\n3,4\na,b\n5,6\n", "the reader skipped 1 repeated header: 4"),
    ],
)  # fmt: skip
def test_a_note_names_what_was_left_out_or_changed(text: str, note: str, tmp_path: Path) -> None:
    assert note in table_of(tmp_path, text).notes


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("<!DOCTYPE html>\n<html></html>\n", "t' is a web page, expected a table"),
        ("\n<html lang='en'><body>", "t' is a web page"),
        ("<table><tr><td>1</td></tr></table>", "t' is a table in HTML"),
        ("version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 12\n", "t' is a Git LFS pointer"),
        ('<?xml version="1.0"?>\n<data><row>1</row></data>', "t' is XML"),
        ("{\\rtf1 text}", "t' is a document"),
        ("city,n\nOslo,1\nRome,2\n\nriver,km\nRhine,1230\n", "contains a second table from line 5 on ('river', 'km')"),
        ("a,b\n1,2\n3,4\n\nx,y,z\n1,2,3\n4,5,6\n", "contains a second table from line 5 on ('x', 'y', 'z')"),
        ("a,b,c\n1,2,3\n4,5\n6,7,8\n", "line 3 of 't' has 2 fields, expected 3 as in the header; fill short lines"),
        ("a,b\n1,2\n3,4,5\n6,7\n", "line 3 of 't' has 3 fields, expected 2 as in the header; correct the line"),
        ("name,b,c\nAnn,2,3\nBob,5,6\nCy\n", "line 4 of 't' has 1 field, expected 3"),
        ("a,b,c,d\n1,2\n3,4\n5,6\n", "the header in line 1 of 't' has 4 fields, but the 3 lines below it have 2"),
        (
            "ab,c\n2021-01-01,1,x\n2021-01-02,2,y\n2021-01-03,3,z\n",
            "the header of 't' has 2 fields, but the 3 lines below it have 3",
        ),
        ("bc,d\n7,1,x\n5,2,y\n6,3,z\n", "the header of 't' has 2 fields, but the 3 lines below it have 3"),
        ("de,f\nx,1,x\nx,2,y\nz,3,z\n", "the header of 't' has 2 fields, but the 3 lines below it have 3"),
        ("a,,b,c\nx,1,2\ny,3,4\nz,5,6\n", "the header in line 1 of 't' has 4 fields, but the 3 lines below it have 3"),
        ("a,b,c\n1,x,y\n2,,z,\n3,u,\n", "line 3 of 't' has 4 fields, expected 3 as in the header; correct the line"),
        ("a,b,c\n1,x,y\n2,u,w,\n3,u,v\n", "line 3 of 't' has 4 fields, expected 3 as in the header; correct the line"),
        (b"a,b\n1,2\n3,\x004\n", "line 3 of 't' contains a zero byte"),
    ],
)
def test_kinds_of_text_that_are_refused(content: str | bytes, sentence: str, tmp_path: Path) -> None:
    assert sentence in refusal(tmp_path, content)


def test_a_second_table_is_chosen_by_options(tmp_path: Path) -> None:
    text = "city,n\nOslo,1\nRome,2\n\nriver,km\nRhine,1230\nPo,652\n"
    assert table_of(tmp_path, text, skip_lines=4).frame.rows() == [("Rhine", 1230), ("Po", 652)]
    assert table_of(tmp_path, text, footer_lines=3).frame.rows() == [("Oslo", 1), ("Rome", 2)]


@pytest.mark.parametrize(
    ("text", "options", "rows"),
    [
        ("a,b\n1,2\n3\n", {"on_bad_lines": "fill"}, [(1, 2), (3, None)]),
        (
            "a,b,c\n1,2\n3,4\n5,6,7\n8,9\n",
            {"on_bad_lines": "fill"},
            [(1, 2, None), (3, 4, None), (5, 6, 7), (8, 9, None)],
        ),
        ("x\ny\na,b\n1,2\n", {"skip_lines": 2}, [(1, 2)]),
        ("a,b\n1,2\nk,9\n", {"footer_lines": 1}, [(1, 2)]),
        ("k,n\na,2\nb,3\nTotal,5\n", {"footer_lines": 0}, [("a", 2), ("b", 3), ("Total", 5)]),
        ("a|b\n'1'|'x'\n", {"quote": "none"}, [("'1'", "'x'")]),
        ("a,b\n1,`x, y`\n", {"quote": "`"}, [(1, "x, y")]),
        ("a,b\n1,x^, y\n", {"escape": "^"}, [(1, "x, y")]),
        ("a,b\n1,2\n;3,4\n", {"comment": ";"}, [(1, 2)]),
        ("a&&b\n1&&2\n", {"separator": "&&"}, [(1, 2)]),
        ("a b\n1   2\n", {"separator": "blanks"}, [(1, 2)]),
        ("u,v\n1,2\n", {"header_rows": 0}, [("u", "v"), ("1", "2")]),
    ],
)
def test_options_set_the_dialect(text: str, options: dict[str, Any], rows: list[Any], tmp_path: Path) -> None:
    assert table_of(tmp_path, text, **options).frame.rows() == rows


@pytest.mark.parametrize(
    ("text", "encodings"),
    [
        ("город,число\nМосква,10\nКазань,5\n", ["cp1251", "koi8-r", "cp866", "utf-16", "utf-16-le", "utf-16-be"]),
        ("city,n\nWrocław,1\nŁódź,2\nGdańsk,3\n", ["cp1250", "iso8859-2"]),
        ("city,n\nPlzeň,1\nČeské Budějovice,2\n", ["cp1250", "iso8859-2"]),
        ("city,n\nZürich,1\nOrléans,2\n", ["cp1252", "latin-1", "mac_roman", "cp850"]),
        ("都市,人口\n東京,10\nさくら,3\n", ["shift_jis", "euc_jp", "utf-16-le"]),
        ("城市,人口\n北京,10\n上海,5\n", ["gb18030"]),
        ("πόλη,n\nΑθήνα,1\nΠάτρα,2\n", ["cp1253"]),
        ("şehir,n\nİstanbul,1\nMuğla,2\n", ["cp1254"]),
    ],
)
def test_old_encodings_are_found_by_their_words(text: str, encodings: list[str], tmp_path: Path) -> None:
    for encoding in encodings:
        table = table_of(tmp_path, text.encode(encoding))
        header, *rows = (line.split(",") for line in text.splitlines())
        assert table.columns == header, encoding
        assert table[header[0]].to_list() == [row[0] for row in rows], encoding
        assert table.notes[0].startswith("the encoding is "), encoding


def test_an_encoding_that_words_do_not_show_is_named_by_the_user(tmp_path: Path) -> None:
    text = "도시,n\n서울,1\n"
    assert "name its encoding with `--encoding`, such as" in refusal(tmp_path, text.encode("euc_kr"))
    assert table_of(tmp_path, text.encode("euc_kr"), encoding="euc_kr")["도시"].to_list() == ["서울"]


@pytest.mark.parametrize(
    ("name", "content", "note"),
    [
        ("t.xls", "a\tb\n1\t2\n", "the file is separated text, although its extension is .xls"),
        ("t.csv", '[{"a": 1, "b": 2}]', "the file is JSON, although its extension is .csv"),
        ("t.csv", '{"a": 1, "b": 2}\n', "the file is JSON, although its extension is .csv"),
        ("t.json", '{"data": [{"a": 1, "b": 2}], "meta": {"n": 1}}', "the records are those at 'data'"),
        ("t.json", '{"columns": ["a", "b"], "data": [[1, 2]]}', "the rows are those at 'data'"),
        ("t.json", '{"a": {"0": 1}, "b": {"0": 2}}', "each key of the object is a column"),
    ],
)
def test_files_are_read_by_their_content(name: str, content: str, note: str, tmp_path: Path) -> None:
    table = table_of(tmp_path, content, name)
    assert (table.columns, table.frame.rows()) == (["a", "b"], [(1, 2)])
    assert note in table.notes
    compressed = table_of(tmp_path, gzip.compress(b"a,b\n1,2\n"), "z.csv")
    assert compressed.frame.rows() == [(1, 2)]


def test_nested_objects_are_columns(tmp_path: Path) -> None:
    table = table_of(tmp_path, '{"a": 1, "b": {"x": 2, "y": "q"}}\n{"a": 3, "b": {"x": 4, "y": "r"}}\n', "t.jsonl")
    assert table.frame.rows() == [(1, 2, "q"), (3, 4, "r")]
    assert table.columns == ["a", "b.x", "b.y"]
    odd = table_of(tmp_path, '{"a": {"^x$": 1}, "^b$": 2}\n{"a": {"^x$": 3}, "^b$": 4}\n', "t.jsonl")
    assert (odd.columns, odd.frame.rows()) == (["a.^x$", "^b$"], [(1, 2), (3, 4)])


def test_several_lists_of_records_are_refused(tmp_path: Path) -> None:
    content = '{"a": [{"x": 1}], "b": [{"y": 2}]}'
    assert "contains 2 lists of records ('a', 'b'), expected one" in refusal(tmp_path, content, "t.json")


def test_options_that_do_not_apply_are_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, '[{"a": 1}]', "t.json", separator=";") == (
        "the option separator is set, but 't' is JSON; remove separator"
    )
    with pytest.raises(TidynetError, match="the option encoding is set, but the source is a frame in memory"):
        read({"a": [1]}, encoding="utf-8")
    assert read({"a": [1, -9], "b": ["x", "-9"]}, na_values=["-9"]).frame.rows() == [(1, "x"), (None, None)]


def test_repeated_names_of_frames_are_kept_apart() -> None:
    pandas = pytest.importorskip("pandas", reason="pandas is not installed")
    table = read(pandas.DataFrame([[1, 2, 3]], columns=["a", "a", "b"]))
    assert (table.columns, table.frame.rows()) == (["a", "a_2", "b"], [(1, 2, 3)])
    assert table.notes == ("1 column with a name that comes twice: now 'a_2'",)
