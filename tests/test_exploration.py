"""`tidynet.explore`: what it gives back, saves, and says of itself."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import polars as pl
import pytest

import tidynet
from tidynet.errors import FileFault, InputError
from tidynet.look.profile import Profile


@pytest.fixture(scope="module")
def seen() -> tidynet.Exploration:
    return tidynet.explore("penguins", target="species")


def test_it_says_itself_in_five_lines_and_the_findings(seen: tidynet.Exploration) -> None:
    lines = repr(seen).splitlines()
    assert lines[:5] == [
        "Exploration of 'penguins'",
        lines[1],
        "  3 nominal, 3 discrete, 2 continuous",
        "  19 cells are missing (0.7%), in 5 columns, most in sex (11)",
        "  no row repeats another",
    ]
    assert lines[1].startswith("  344 rows × 8 columns, ")
    assert lines[5].startswith("  target species (nominal, 3 levels): flipper_length_mm alone tells most about it (")
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
    assert str(caught.value).endswith("expected one that ends in .html or .json")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_named(seen: tidynet.Exploration, tmp_path: Path) -> None:
    with pytest.raises(FileFault):
        seen.save(tmp_path / "nowhere" / "seen.html")


@pytest.mark.parametrize("form", ["svg", "png"])
def test_every_picture_is_written(tmp_path: Path, form: str) -> None:
    seen = tidynet.explore({"a/b": ["x", "y", "x"] * 9, "n": [1.5, 2.25, 8.0] * 9, "k": ["c"] * 27})
    files = seen.save_pictures(tmp_path / "pictures", form=form)
    names = [file.name for file in files]
    assert names[:2] == [f"column-1-a-b.{form}", f"column-2-n.{form}"]
    assert all(file.stat().st_size > 200 for file in files)


def test_an_unknown_column_is_named_with_the_nearest(seen: tidynet.Exploration) -> None:
    with pytest.raises(InputError, match=r"did you mean 'species'\?"):
        tidynet.explore("penguins", target="specis")
    with pytest.raises(InputError, match="the column 'wing' is no column of the table"):
        tidynet.explore("penguins", columns=["wing"])


def test_columns_sample_and_kinds_are_heeded() -> None:
    seen = tidynet.explore("penguins", columns=["year", "sex"], sample=100, kinds={"year": "ordinal"})
    assert [one.name for one in seen.profile.columns] == ["year", "sex"]
    assert seen.profile.rows == 100
    assert seen.profile["year"].kind == "ordinal"


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame, dict], ids=["pandas", "polars", "dict"])
def test_any_frame_is_taken(make: type) -> None:
    seen = tidynet.explore(make({"a": [1.5, None, 2.5] * 8, "b": ["x", "y", "x"] * 8}))
    assert seen.profile["a"].missing == 8
    assert "<script" not in seen._repr_html_()
