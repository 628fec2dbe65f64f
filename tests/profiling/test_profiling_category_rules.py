"""Text and categories: spellings with letters that nobody sees, misspellings, digits that are no numbers."""

from __future__ import annotations

import polars as pl
import pytest

from tidynet.core.text import quote_exactly
from tidynet.profiling import Finding, profile_table
from tidynet.profiling.categories import category_counts, spelling_groups
from tidynet.profiling.findings.category_rules import spell_apart
from tidynet.profiling.findings.misspellings import find_misspellings


def findings(values: list[str], name: str = "c") -> dict[str, Finding]:
    frame = pl.DataFrame({name: values, "n": [(7 * i) % 31 + i * i % 17 for i in range(len(values))]})
    return {item.code: item for item in profile_table(frame).findings if name in item.columns}


@pytest.mark.parametrize(
    ("other", "shown"),
    [
        ("red ", "'red␣'"),
        ("  red", "'␣␣red'"),
        ("red\u200b", r"'red\u200b'"),
        ("red\xa0", r"'red\xa0'"),
        ("\ufeffred", r"'\ufeffred'"),
        ("re\xadd", r"'re\xadd'"),
        ("r\u0435d", r"'r\u0435d'"),
        ("red\t", r"'red\t'"),
    ],
)
def test_a_spelling_with_letters_that_nobody_sees_is_shown_so_that_one_sees_them(other: str, shown: str) -> None:
    found = findings(["red"] * 40 + [other] * 3 + ["blue"] * 20 + ["green"] * 20)["inconsistent-spelling"]
    assert found.sentence == f"1 category has several spellings: 'red' = {shown}"
    assert found.evidence == {"categories": 4, "categories with several spellings": 1, "rows with rarer spellings": 3}


def test_words_of_another_script_are_not_escaped() -> None:
    assert quote_exactly("Москва") == "'Москва'"
    assert quote_exactly("Αθήνα") == "'Αθήνα'"
    assert quote_exactly("naïve café") == "'naïve café'"


@pytest.mark.parametrize("count", [2, 49, 60, 333])
def test_all_spellings_are_counted(count: int) -> None:
    names = [f"{a}{b} {c}ane" for a in "bdfgklmnprst" for b in "aeiou" for c in "lcmpvw"][:count]
    found = findings([*names * 2, *(name.upper() for name in names)])["inconsistent-spelling"]
    assert found.sentence.startswith(f"{count} categories have several spellings")
    assert found.evidence["categories with several spellings"] == found.evidence["rows with rarer spellings"] == count


def test_long_spellings_are_cut_where_they_differ() -> None:
    start = "a long name that goes on and on for far too many letters "
    first, second = spell_apart([f"{start}End", f"{start}end"])
    assert first != second
    assert first.endswith("End'")
    assert max(len(first), len(second)) < 60


@pytest.mark.parametrize(
    "names",
    [
        ["C", "C++", "C#"],
        ["AA", "Aa", "aa"],
        ["A", "A-", "A+"],
        ["-", "--", "+"],
        ["1.5", "15", "1,5"],
        ["north", "south"],
        ["Москва", "Минск"],
        ["A", "Б", "В"],
    ],
)
def test_names_that_differ_in_meaning_are_not_spellings_of_one(names: list[str]) -> None:
    groups = spelling_groups(category_counts(pl.Series(names * 3)))
    assert groups.is_empty()


@pytest.mark.parametrize(
    ("frequent", "rare"),
    [
        ("TYPE II", "TYPE VI"),
        ("STAGE III", "STAGE II"),
        ("STAGE IIa", "STAGE IIb"),
        ("Class A", "Class B"),
        ("version v1", "version v2"),
        ("Group A1", "Group A2"),
        ("Henry VIII", "Henry XVIII"),
        ("sodium nitrate", "sodium nitrite"),
        ("propane", "propene"),
        ("Peterson", "Petersen"),
        ("sizeXL", "sizeXXL"),
        ("interstate", "intrastate"),
        ("Ward AB", "Ward AC"),
        ("Route north", "Route south"),
        ("Maria Lopez", "Mario Lopez"),
        ("orange", "oranges"),
    ],
)
def test_another_name_is_no_misspelling(frequent: str, rare: str) -> None:
    assert find_misspellings({frequent: 400, "something else": 50, rare: 2}) == []


@pytest.mark.parametrize(
    ("frequent", "rare"),
    [
        ("Germany", "Gemany"),
        ("Germany", "Gremany"),
        ("Germany", "Germnany"),
        ("Germany", "Gexmany"),
        ("san francisco", "san fransisco"),
        ("Type Alpha II", "Type Alhpa II"),
    ],
)
def test_a_misspelling_is_found_beside_its_frequent_spelling(frequent: str, rare: str) -> None:
    assert find_misspellings({frequent: 400, "something else": 50, rare: 2}) == [(rare, frequent)]


def test_a_change_that_comes_again_between_other_names_is_how_names_are_made() -> None:
    names = {"station left": 90, "corner left": 90, "window left": 90}
    others = {"station lefy": 2}
    assert find_misspellings({**names, **others}) == []
    pairs = {"beacon": 90, "bedcon": 2, "statuary": 90, "stdtuary": 2, "gradient": 90, "grddient": 2}
    assert find_misspellings(pairs) == []


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("ip", [f"10.0.{i}.{i % 7}" for i in range(60)]),
        ("host", [f"192.168.{i % 4}.{i}" for i in range(60)]),
        ("release", [f"{i % 3}.{i % 12}.{i}" for i in range(60)]),
        ("version", [f"{i % 3}.{i % 12}" for i in range(60)]),
        ("build", [f"1.{i}" for i in range(60)]),
        ("mobile", [f"+4955501{i:05d}" for i in range(60)]),
        ("code", [f"{i:05d}" for i in range(60)]),
        ("card", [f"{4000_0000_0000_0000 + i}" for i in range(60)]),
        ("part", [f"{i % 5}.{'10' if i % 2 else '1'}" for i in range(60)]),
        ("lot", [f"{i}-{i % 7}" for i in range(60)]),
    ],
)
def test_digits_that_are_no_numbers_are_never_to_become_numbers(name: str, values: list[str]) -> None:
    assert not {"numbers-as-text", "mixed-types"} & set(findings(values, name))


@pytest.mark.parametrize(
    "values",
    [
        [f"{i * 3.7:.1f}" for i in range(60)],
        [str(i * 17 % 83) for i in range(60)],
        [f"1,{i + 100}.50" for i in range(60)],
        [f"{i}.5e3" for i in range(60)],
        [f"-{i}" for i in range(1, 61)],
    ],
)
def test_numbers_in_text_are_still_found(values: list[str]) -> None:
    assert "numbers-as-text" in findings(values)
