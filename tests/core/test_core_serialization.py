"""core.serialization and core.atomic_write."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import pytest

from tidynet.core.atomic_write import atomic_write
from tidynet.core.errors import FileReadError, InputError, did_you_mean, error_reason, unreadable_file_error
from tidynet.core.serialization import Tagged, from_plain, to_plain


@dataclass(frozen=True)
class Circle(Tagged):
    TAG: ClassVar[tuple[str, str]] = ("shape", "circle")
    radius: float


@dataclass(frozen=True)
class Square(Tagged):
    TAG: ClassVar[tuple[str, str]] = ("shape", "square")
    side: float


@dataclass(frozen=True)
class Drawing:
    shape: Circle | Square | None
    points: tuple[tuple[int, float], ...] = ()
    labels: dict[str, tuple[str, ...]] | None = None
    scale: float = 1.0


@pytest.mark.parametrize("shape", [Circle(2.0), Square(3.0), None])
def test_a_dataclass_survives_json(shape: Circle | Square | None) -> None:
    drawing = Drawing(shape, ((1, 0.5), (2, 1.5)), {"a": ("x", "y")})
    assert from_plain(Drawing, json.loads(json.dumps(to_plain(drawing)))) == drawing


def test_a_tag_comes_first_and_nan_becomes_none() -> None:
    assert list(to_plain(Circle(math.nan)).items()) == [("shape", "circle"), ("radius", None)]
    assert math.isnan(from_plain(Circle, {"shape": "circle", "radius": None}).radius)


def test_a_failed_write_keeps_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "note.txt"
    target.write_text("old")

    def fail() -> None:
        with atomic_write(target) as temporary:
            temporary.write_text("new")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]
    with atomic_write(target) as temporary:
        temporary.write_text("new")
    assert target.read_text() == "new"


def test_errors_of_files() -> None:
    error = unreadable_file_error("'x.parquet'", "Parquet", ValueError("bad page.\nTry again."))
    assert isinstance(error, FileReadError)
    assert isinstance(error, InputError)
    assert str(error) == "'x.parquet' cannot be read as Parquet: bad page; copy it or write it again"
    assert error_reason(KeyError()) == "KeyError"


def test_suggestions() -> None:
    assert did_you_mean("specis", ["species", "island"]) == "did you mean 'species'?"
    assert did_you_mean("SPECIES", ["species"]) == "did you mean 'species'?"
    assert did_you_mean("zebra", ["species"]) == ""
