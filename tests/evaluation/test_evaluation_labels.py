"""True values of a labeled table, in the terms of the model."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidynet.core.errors import InputError
from tidynet.evaluation.labels import align_labels, select_labeled_rows, target_numbers


@pytest.mark.parametrize(
    ("values", "classes", "aligned"),
    [
        (["b", "a", "new"], ["a", "b"], ["b", "a", "new"]),
        (["1", "2.0", " 3 "], [1, 2, 3], [1, 2, 3]),
        ([1, 2, 3], ["1", "2.0", "x"], ["1", "2.0", 3]),
        ([1.0, 2.5], [1, 2], [1, 2.5]),
        ([True, False], [0, 1], [1, 0]),
        (["true", "False"], [False, True], [True, False]),
        ([True, False], ["False", "True"], ["True", "False"]),
        ([Decimal("1.50")], ["1.5"], ["1.5"]),
        ([date(2020, 1, 31)], ["2020-01-31"], ["2020-01-31"]),
        (["01", "1"], ["01", "1"], ["01", "1"]),
    ],
)
def test_labels_mean_the_class_that_they_spell(values: Any, classes: Any, aligned: Any) -> None:
    found = align_labels(values, classes).tolist()
    assert found == aligned
    assert [type(label) for label in found] == [type(label) for label in aligned]


labels = st.one_of(st.text(max_size=5), st.integers(-99, 99), st.booleans(), st.dates())


@given(st.lists(labels, min_size=1, max_size=8, unique=True), st.data())
def test_a_label_that_is_a_class_stays_what_it_is(classes: list[object], data: st.DataObject) -> None:
    values = data.draw(st.lists(st.sampled_from(classes)))
    assert align_labels(values, classes).tolist() == values


def test_rows_without_a_target_are_excluded_and_counted() -> None:
    frame = pl.DataFrame({"x": [1, 2, 3, 4], "y": [1.0, None, float("nan"), 4.0]})
    found, notes = select_labeled_rows(frame, "y", "small")
    assert found["x"].to_list() == [1, 4]
    assert notes == ("excluded: 2 rows without a value of 'y'",)
    assert select_labeled_rows(found, "y", "small") == (found, ())


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("specis", "the target is 'specis', expected a column of 'birds'; did you mean 'species'?"),
        ("zzz", "the target is 'zzz', expected a column of 'birds'; columns: 'species', 'empty'"),
        ("empty", "the target 'empty' has 0 values in 2 rows of 'birds', expected at least 1"),
    ],
)
def test_a_target_that_cannot_be_used_is_refused(target: str, message: str) -> None:
    frame = pl.DataFrame({"species": ["a", "b"], "empty": [None, None]})
    with pytest.raises(InputError) as caught:
        select_labeled_rows(frame, target, "birds")
    assert str(caught.value) == message


def test_numbers_are_read_from_any_type_that_spells_them() -> None:
    series = [pl.Series([1, 2]), pl.Series(["1", "2"]), pl.Series([1.0, 2.0], dtype=pl.Float32)]
    for one in (*series, pl.Series([Decimal(1), Decimal(2)])):
        assert target_numbers(one).tolist() == [1.0, 2.0]
        assert target_numbers(one).dtype == np.float64


@pytest.mark.parametrize(
    ("values", "shown"),
    [(["1", "many"], "many"), ([1.0, float("inf")], "inf"), ([[1], [2]], "[1]"), ([date(2020, 1, 31)], "2020-01-31")],
)
def test_a_target_that_is_no_number_is_refused(values: Any, shown: str) -> None:
    with pytest.raises(InputError) as caught:
        target_numbers(pl.Series("price", values))
    assert str(caught.value) == (f"the target 'price' contains '{shown}', expected finite numbers")


@pytest.mark.parametrize(
    ("values", "note"),
    [
        ([1, 2, 3], ()),
        ([1, None, 3], ("excluded: 1 row without a value of 'y'",)),
        ([None, None, 3], ("excluded: 2 rows without a value of 'y'",)),
    ],
)
def test_the_note_on_rows_without_a_label(values: list[Any], note: tuple[str, ...]) -> None:
    assert select_labeled_rows(pl.DataFrame({"y": values}), "y", "t.csv")[1] == note
