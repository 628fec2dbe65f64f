"""`tidynet.explore`: what it gives back, saves, and says of itself."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest

import tidynet
from tidynet.core.errors import FileReadError, InputError
from tidynet.profiling.profile import Profile


@pytest.fixture(scope="module")
def seen() -> tidynet.Exploration:
    return tidynet.explore("penguins", target="species")


def test_it_says_itself_in_five_lines_and_the_findings(seen: tidynet.Exploration) -> None:
    lines = repr(seen).splitlines()
    assert lines[:5] == [
        "Exploration of 'penguins'",
        lines[1],
        "  variable types: 3 nominal, 3 discrete, 2 continuous",
        "  19 missing cells (0.7%), in 5 columns, most in sex (11)",
        "  0 duplicate rows",
    ]
    assert lines[1].startswith("  344 rows × 8 columns, ")
    assert lines[5] == (
        "  target species (nominal, 3 categories): best single column flipper_length_mm (explains 53% of the entropy)"
    )
    assert len(lines) >= 6 + min(8, len(seen.findings))


def test_html_and_json_are_saved_by_their_ending(seen: tidynet.Exploration, tmp_path: Path) -> None:
    page = seen.save(tmp_path / "seen.html").read_text("utf-8")
    assert page.startswith("<!doctype html>")
    assert page.rstrip().endswith("</html>")
    plain = json.loads(seen.save(tmp_path / "seen.json").read_text("utf-8"))
    assert plain["rows"] == 344
    assert plain["target"] == "species"
    assert Profile.from_dict(plain)["sex"].missing == 11


def test_another_ending_is_refused(seen: tidynet.Exploration, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        seen.save(tmp_path / "seen.txt")
    assert str(caught.value).endswith("expected a name that ends in .html or .json")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_named(seen: tidynet.Exploration, tmp_path: Path) -> None:
    with pytest.raises(FileReadError):
        seen.save(tmp_path / "nowhere" / "seen.html")


@pytest.mark.parametrize("form", ["svg", "png"])
def test_every_picture_is_written(tmp_path: Path, form: str) -> None:
    seen = tidynet.explore({"a/b": ["x", "y", "x"] * 9, "n": [1.5, 2.25, 8.0] * 9, "k": ["c"] * 27})
    files = seen.save_pictures(tmp_path / "pictures", figure_format=form)
    names = [file.name for file in files]
    assert names[:2] == [f"column-1-a-b.{form}", f"column-2-n.{form}"]
    assert all(file.stat().st_size > 200 for file in files)


def test_an_unknown_column_is_named_with_the_nearest(seen: tidynet.Exploration) -> None:
    with pytest.raises(InputError, match=r"did you mean 'species'\?"):
        tidynet.explore("penguins", target="specis")
    with pytest.raises(InputError, match="there is no column 'wing' among"):
        tidynet.explore("penguins", columns=["wing"])


def test_columns_sample_and_kinds_are_heeded() -> None:
    seen = tidynet.explore("penguins", columns=["year", "sex"], sample_size=100, variable_types={"year": "ordinal"})
    assert [one.name for one in seen.profile.columns] == ["year", "sex"]
    assert seen.profile.rows == 100
    assert seen.profile["year"].variable_type == "ordinal"


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame, dict], ids=["pandas", "polars", "dict"])
def test_any_frame_is_taken(make: type) -> None:
    seen = tidynet.explore(make({"a": [1.5, None, 2.5] * 8, "b": ["x", "y", "x"] * 8}))
    assert seen.profile["a"].missing == 8
    assert "<script" not in seen._repr_html_()


def test_two_tables_are_compared_and_saved(tmp_path: Path) -> None:
    old = {"size": [float(n) for n in range(60)], "shop": ["a", "b", "c"] * 20, "gone": [1, 2] * 30}
    new = {"size": [n + 40.0 for n in range(60)], "shop": ["a", "b", "d"] * 20, "extra": [1, 2] * 30}
    seen = tidynet.compare(old, new)
    assert seen.comparison["size"].is_significant
    lines = repr(seen).splitlines()
    assert lines[2] == "  1 column added ('extra'), 1 column dropped ('gone'), 0 variable types changed"
    page = seen.save(tmp_path / "both.html").read_text("utf-8")
    assert page.count('class="column shift"') == 2
    assert json.loads(seen.save(tmp_path / "both.json").read_text("utf-8"))["added"] == ["extra"]
    names = [file.name for file in seen.save_pictures(tmp_path / "drawn")]
    assert sorted(name[8:] for name in names) == ["shop.svg", "size.svg"]


def test_a_column_of_neither_table_is_named() -> None:
    with pytest.raises(InputError, match=r"the column 'sise' is in neither table; did you mean 'size'\?"):
        tidynet.compare({"size": [1, 2]}, {"size": [3, 4]}, columns=["sise"])


@pytest.mark.parametrize(
    "first", [{"a": [None, None]}, {"b": [1, 2]}, {"a": [[1], [2]]}], ids=["gaps", "apart", "lists"]
)
def test_odd_pairs_of_tables_make_whole_pages(first: dict[str, list[object]]) -> None:
    assert "<h2>Reproduce</h2>" in tidynet.compare(first, {"a": ["<b>", "y"]}).to_html()


def test_a_large_file_is_counted_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tidynet.table import lazy_table as large

    for name in ("_LARGE_PARQUET", "_LARGE_TEXT"):
        monkeypatch.setattr(large, name, 1)
    frame = pl.DataFrame({"a": [1.5, 2.5, 4.0, None] * 9, "b": ["x", "y"] * 18})
    frame.write_parquet(tmp_path / "t.parquet")
    frame.write_csv(tmp_path / "t.csv")
    for ending in ("parquet", "csv"):
        seen = tidynet.explore(tmp_path / f"t.{ending}", target="b", variable_types={"a": "discrete"})
        assert isinstance(seen.table, Path)
        assert (seen.profile.name, seen.profile.rows) == ("t", 36)
        assert (seen.profile["a"].missing, seen.profile["a"].variable_type) == (9, "discrete")
        assert seen.plot("a", "b").axes
    (tmp_path / "marks.csv").write_text("a;b\n" + "1.234,5;x\n777;y\n" * 9)
    seen = tidynet.explore(tmp_path / "marks.csv", na_values=["777"])
    assert seen.profile["a"].missing == 9
    assert seen.plot("a").axes[0].get_xlim()[0] > 777


def test_large_tables_are_compared_where_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(0)
    for place, name in enumerate(("old", "new")):
        frame = pl.DataFrame({"x": random.normal(place, 1, 3000), "same": random.choice(["a", "b"], 3000)})
        frame.write_parquet(tmp_path / f"{name}.parquet")
    monkeypatch.setattr("tidynet.table.lazy_table._LARGE_PARQUET", 1000)
    monkeypatch.setattr(sys.modules["tidynet.profiling.compare"], "MAX_ROWS", 500)
    found = tidynet.compare(tmp_path / "old.parquet", tmp_path / "new.parquet").comparison
    assert found.rows == (3000, 3000)
    assert found.shared_rows is None
    assert [shift.is_significant for shift in found.shifts] == [True, False]
    note = "comparison uses 500 of 3,000 rows of '{}', sampled at random; shared rows were not counted"
    assert found.notes == (note.format("old"), note.format("new"))
