"""Numbers as people write them in text: every reading, what stays text, and what the notes say."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from tidynet.table.convert_types import ConvertedColumns, convert_text_columns
from tidynet.table.infer_types import VariableType, infer_type


def converted(columns: dict[str, list[str | None]], **options: Any) -> ConvertedColumns:
    frame = pl.DataFrame({name: pl.Series(cells, dtype=pl.String) for name, cells in columns.items()})
    return convert_text_columns(frame.lazy(), **{"separator": ",", **options})


def values(cells: list[str | None], name: str = "v", **options: Any) -> list[Any]:
    return converted({name: cells}, **options).frame.collect()[name].to_list()


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["(1,200.00)", "300.00"], [-1200.0, 300.0]),
        (["($5)", "$1,250.50"], [-5.0, 1250.5]),
        (["100,50-", "20,25"], [-100.5, 20.25]),
        (["1.200,50-", "3,00"], [-1200.5, 3.0]),
        (["−0.8", "1.2", "–5"], [-0.8, 1.2, -5.0]),
        (["1'234.50", "12'000.00"], [1234.5, 12000.0]),
        (["1’234", "22’345"], [1234.0, 22345.0]),
        (["1 234,5", "12 345,25"], [1234.5, 12345.25]),
        (["1\u00a0234,5", "7,25"], [1234.5, 7.25]),
        (["1\u202f234", "12\u2009345"], [1234.0, 12345.0]),
        (["1,23,456", "12,34,567.5"], [123456.0, 1234567.5]),
        (["1.5D+03", "2.5d-01"], [1500.0, 0.25]),
        (["1.5×10^3", "2×10^-2"], [1500.0, 0.02]),
        (["12*", "13", "220[a]", "4 (b)", "5†"], [12.0, 13.0, 220.0, 4.0, 5.0]),
        (["0.45***", "0.12**", "0.3"], [0.45, 0.12, 0.3]),
        (["12.3 b", "13.1", ": c", ":"], [12.3, 13.1, None, None]),
        (["$1,200.50", "$300.00"], [1200.5, 300.0]),
        (["1.299,00 €", "950,00 €"], [1299.0, 950.0]),
        (["CHF 1'200.-", "CHF 300.-"], [1200.0, 300.0]),
        (["12 %", "7%"], [12.0, 7.0]),
        (["7,5 %", "12,25 %"], [7.5, 12.25]),
        (["3,5", "4,25", "1"], [3.5, 4.25, 1.0]),
        (["3,5", "3.5"], [3.5, 3.5]),
        (["3·5", "4·25"], [3.5, 4.25]),
        (["٣٤", "٥٦٫٥"], [34.0, 56.5]),
        (["１２", "３４"], [12.0, 34.0]),
        (["1.2K", "3.4M", "512"], [1200.0, 3_400_000.0, 512.0]),
        (["1.5 million", "2 million"], [1_500_000.0, 2_000_000.0]),
        (["1,5 Mio", "2 Mio"], [1_500_000.0, 2_000_000.0]),
        (["+1.5%", "-2.5%"], [1.5, -2.5]),
        (["100 000", "200 000"], [100_000.0, 200_000.0]),
        (["€1.234", "€950"], [1234.0, 950.0]),
        (["1e3", "1000", "5"], [1000.0, 1000.0, 5.0]),
        (["~12", "ca. 13", "14"], [12.0, 13.0, 14.0]),
        (["5", "..", "n.a.", "7*"], [5.0, None, None, 7.0]),
    ],
)
def test_numbers_in_other_clothes(cells: list[str | None], expected: list[float | None]) -> None:
    assert values(cells) == expected
    assert converted({"v": cells}).notes


@pytest.mark.parametrize(
    "cells",
    [
        ["+495550140323", "+495550102831"],
        ["+49 555 014", "+49 555 028"],
        ["+49.555.014", "+49.555.028"],
        ["555 123", "444 222"],
        ["00.10", "01.20", "10.30"],
        ["007", "8"],
        ["0012.5", "3.5"],
        ["1E5", "10E4", "100E3"],
        ["135217135789158401", "1.5"],
        ["12345678901234567890", "5"],
        ["1e400", "1.5"],
        ["10.0.0.1", "10.0.1.1"],
        ["192.168.100.200", "192.168.101.201"],
        ["1.2.3", "1.10.0"],
        ["12a", "14", "15b"],
        ["$5", "€6"],
        ["12%", "0.5"],
        ["1.2k", "3.4k"],
        ["5 kg", "700 g"],
        ["3-5", "4-6"],
        ["10³", "10⁴"],
        ["5'11\"", "6'0\""],
        ["<0.5", "1.2", "<0.1"],
        ["1,234.5", "1.234,5"],
        ["3:2", "2:1"],
    ],
)
def test_codes_and_what_has_two_readings_stay_text(cells: list[str | None]) -> None:
    assert values(cells) == cells


def test_dial_codes_keep_their_plus() -> None:
    assert values(["+49", "+1"], "dial_code") == ["+49", "+1"]
    assert values(["+49", "-1"], "change") == [49, -1]


def test_a_formula_of_text_keeps_its_zeros() -> None:
    result = converted({"code": ['="00123"', '="00456"', '="10789"']})
    assert result.frame.collect()["code"].to_list() == ["00123", "00456", "10789"]
    assert result.notes == ("the column 'code' has 3 cells written as =\"…\", kept as text",)


@pytest.mark.parametrize(
    ("columns", "separator", "expected"),
    [
        ({"n": ["1.234", "12.500"], "share": ["3,5", "4,1"]}, ";", [1234.0, 12500.0]),
        ({"n": ["1.234", "12.500"], "share": ["3,5", "4,1"]}, ",", [1234.0, 12500.0]),
        ({"n": ["1.234", "12.500"], "share": ["3.5", "4.1"]}, ";", [1.234, 12.5]),
        ({"n": ["1,234", "12,500"], "share": ["3.5", "4.1"]}, ";", [1234.0, 12500.0]),
        ({"n": ["1,234", "12,500"], "share": ["3,5", "4,1"]}, ",", [1.234, 12.5]),
        ({"n": ["1.234", "1.234.567"]}, ";", [1234.0, 1234567.0]),
        ({"n": ["1.234", "1.234,5"]}, ",", [1234.0, 1234.5]),
        ({"n": ["1.234", "12.500", "950"]}, ";", [1234.0, 12500.0, 950.0]),
        ({"n": ["1.234", "12345"]}, ";", [1.234, 12345.0]),
        ({"n": ["0.234", "1.500"]}, ";", [0.234, 1.5]),
        ({"n": ["1.234 €", "950 €"], "share": ["7,5 %", "3 %"]}, ";", [1234.0, 950.0]),
    ],
)
def test_the_mark_of_thousands_is_decided_by_other_cells_and_columns(
    columns: dict[str, list[str | None]], separator: str, expected: list[float]
) -> None:
    result = converted(columns, separator=separator)
    assert result.frame.collect()["n"].to_list() == expected
    assert not any("may" in note for note in result.notes)


@pytest.mark.parametrize(
    ("cells", "separator", "expected", "note"),
    [
        (["850,772", "41,932"], ";", [850.772, 41.932], "has decimal commas; the commas may separate thousands (--thousands ,)"),
        (["850.772", "41.932"], ";", [850.772, 41.932], "has decimal points; the points may separate thousands (--thousands .)"),
        (["850.772", "41.932"], ",", [850.772, 41.932], "has decimal points; the points may separate thousands (--thousands .)"),
        (["1,234", "12,345"], ",", [1234.0, 12345.0], "has commas as thousands separators; the commas may be decimal marks (--decimal ,)"),
        (["850,772", "41,932"], "\t", [850.772, 41.932], "has decimal commas; the commas may separate thousands (--thousands ,)"),
        (["$1,234", "$12,345"], ",", [1234.0, 12345.0], "has commas as thousands separators and the unit '$' in 2 numbers; "
         "the commas may be decimal marks (--decimal ,)"),
    ],
)  # fmt: skip
def test_groups_of_three_digits_alone_are_ambiguous(
    cells: list[str | None], separator: str, expected: list[float], note: str
) -> None:
    result = converted({"v": cells}, separator=separator)
    assert result.frame.collect()["v"].to_list() == expected
    assert result.notes == (f"the column 'v' {note}",)


@pytest.mark.parametrize(
    ("cells", "options", "expected"),
    [
        (["850,772", "41,932"], {"thousands": ","}, [850772.0, 41932.0]),
        (["850.772", "41.932"], {"thousands": "."}, [850772.0, 41932.0]),
        (["1,234", "12,345"], {"decimal": ","}, [1.234, 12.345]),
        (["1 234", "22 345"], {"thousands": " "}, [1234.0, 22345.0]),
        (["1'234.5", "22'345.0"], {"thousands": "'"}, [1234.5, 22345.0]),
    ],
)
def test_options_decide(cells: list[str | None], options: dict[str, str], expected: list[float]) -> None:
    assert values(cells, **options) == expected


@pytest.mark.parametrize(
    ("cells", "part"),
    [
        (["(6,108.39)", "2,902.62"], "1 number in brackets, read as negative ('(6,108.39)')"),
        (["136*", "12"], "1 number with signs at the end, which were removed ('136*')"),
        (["−0.8", "1.2"], "1 number with a typographic minus sign ('−0.8')"),
        (["1.5D+03", "1"], "1 number with another exponent than E ('1.5D+03')"),
        ([": c", "1.2 b", "1.3"], "1 cell read as missing (': c')"),
        (["1.10", "1.1", "1.2"], "2 cells that are equal as numbers ('1.1', '1.10')"),
        (["5E10", "12E3", "7"], "2 numbers with a power of ten ('12E3', '5E10')"),
        ([*(f"{n}.5" for n in range(40)), "<0.5"], "1 number given as limits, read as the limit ('<0.5')"),
    ],
)
def test_notes_name_the_column_the_count_and_cells(cells: list[str | None], part: str) -> None:
    (note,) = converted({"v": cells}).notes
    assert note.startswith("the column 'v' has ")
    assert note.endswith(part)


def test_a_column_that_stays_text_says_why() -> None:
    assert converted({"v": ["<0.5", "1.2", "<0.1"]}).notes == (
        "the column 'v' stays text: some cells are limits ('<0.1', '<0.5')",
    )
    assert converted({"v": ["555 123", "444 222"]}).notes == (
        "the column 'v' stays text: its groups of digits may be codes or thousands ('444 222', '555 123')",
    )
    assert converted({"version": ["1.10", "1.1", "1.2"]}).notes == (
        "the column 'version' stays text: different cells are the same number ('1.1', '1.10')",
    )


@pytest.mark.parametrize("template", ["({}.5)", "{}*", "1'{:03}.5", "−{}.25", "{}:30", "{} min", "€ {}", "<{}.5"])
def test_columns_of_numbers_and_times_are_no_identifiers(template: str) -> None:
    cells: list[str | None] = [template.format(number) for number in range(100, 160)]
    series = converted({"v": cells}).frame.collect()["v"]
    assert infer_type(series).variable_type is not VariableType.IDENTIFIER


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["++", "-", "+-", "+"], ["++", "-", "+-", "+"]),
        (["1+", "2+", "-"], ["1+", "2+", "-"]),
        (["+/-", "-", "--"], ["+/-", "-", "--"]),
        (["A-", "A", "-"], ["A-", "A", None]),
        (["None", "BrkFace", "Stone"], ["None", "BrkFace", "Stone"]),
        (["None", "BrkFace", "NA"], ["None", "BrkFace", None]),
        (["NA", "x", ""], [None, "x", None]),
    ],
)
def test_spellings_of_missing_that_are_categories(cells: list[str | None], expected: list[str | None]) -> None:
    assert values(cells) == expected


def test_a_word_that_means_missing_in_a_column_of_numbers_means_it_everywhere() -> None:
    result = converted({"k": ["a", "None", "b"], "n": ["1", "None", "3"]})
    assert result.frame.collect()["k"].to_list() == ["a", None, "b"]
    assert result.notes == ()


def test_words_of_missing_beside_others_are_named() -> None:
    assert converted({"masonry": ["None", "Brick", "None"]}).notes == (
        "2 cells 'None' of 'masonry' read as a category (--na-values None if it is missing)",
    )
    assert converted({"pool": ["NA", "Good", None]}).notes == (
        "1 cell 'NA' of 'pool' counted as missing beside empty cells "
        "(--read-option code_columns=pool if it is a category)",
    )


def test_late_rows_decide_too() -> None:
    head = [f"{number}.250" for number in range(1, 900)] * 3
    assert values([*head, "1.234.567"])[-1] == 1234567.0
    assert values([*head, "0.5"])[0] == 1.25
    assert values([*head, "12*"])[-1] == 12.0
    assert values([*head, "word"])[-1] == "word"


def test_signs_of_changes_are_no_codes() -> None:
    assert values(["+1.50", "-0.25"]) == [1.5, -0.25]


def test_formats_of_another_file_are_kept_where_they_fit() -> None:
    trained = converted({"x": ["1,25", "2,5"]}, separator=";").column_formats
    assert values(["1,234", "2,500"], "x", formats=trained) == [1.234, 2.5]
    assert values(["5", "6"], "x", formats=trained) == [5.0, 6.0]
    result = converted({"x": ["1.234", "2.500"]}, formats=trained)
    assert result.column_formats["x"].contradiction == (
        "the column 'x' has points as thousands separators and decimal commas, expected decimal commas; "
        "2 cells do not fit"
    )


def test_formats_are_read_again_from_their_state() -> None:
    formats = converted({"x": ["(1.200,50) €", "3,00 €"], "k": ["-", "+"], "d": ["1/2/68", "25/12/71"]}).column_formats
    for written in formats.values():
        assert type(written).from_state(written.to_state()) == written
    assert formats["x"].to_state() == {
        "type": "number", "decimal": ",", "thousands": ".", "has_marks": True, "unit": "€"
    }  # fmt: skip


@pytest.mark.parametrize(
    "cells",
    [
        ["1st class", "2nd class", "3rd class"], ["1st", "2nd", "3rd"], ["5 a b", "6 a c", "7 b c"],
        ["12 B", "3 A", "4 C"], ["3rd floor", "1st floor", "2nd floor"], ["4th grade", "5th grade", "4th grade"],
    ],
)  # fmt: skip
def test_numbers_before_words_are_no_numbers(cells: list[str]) -> None:
    found = converted({"x": [*cells * 6]})
    assert (found.frame.collect()["x"].to_list(), found.notes) == (cells * 6, ())


def test_columns_of_which_the_same_holds_share_a_note() -> None:
    found = converted({"a": ["1.234", "5.678"], "b": ["2.345", "6.789"]}, separator=";")
    assert found.notes == (
        "2 columns ('a', 'b') have decimal points; the points may separate thousands (--thousands .)",
    )
