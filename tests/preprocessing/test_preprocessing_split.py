"""Splits: complete, seeded, stratified, by group and by time."""

from dataclasses import asdict, replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidynet.core.errors import InputError
from tidynet.preprocessing import SplitSpec, assign_folds, sample_test_rows, split_train_test
from tidynet.table import read


@given(
    st.lists(st.integers(0, 4), min_size=20, max_size=200), st.floats(0.05, 0.6), st.integers(0, 2**31), st.booleans()
)
def test_every_row_goes_to_exactly_one_part(codes, share, seed, stratified):
    classes = np.unique(codes, return_inverse=True)[1] if stratified else None
    split = split_train_test(len(codes), share, 0.2, seed, classes)
    parts = np.concatenate([split.training, split.validation, split.test])
    assert sorted(parts.tolist()) == list(range(len(codes)))
    again = split_train_test(len(codes), share, 0.2, seed, classes)
    np.testing.assert_array_equal(split.test, again.test)
    if classes is not None:
        assert set(classes[split.training]) == set(classes)


def test_classes_keep_their_shares():
    classes = np.repeat([0, 1, 2], [500, 300, 200])
    split = split_train_test(1000, 0.2, 0.25, 3, classes)
    assert np.bincount(classes[split.test]).tolist() == [100, 60, 40]
    assert np.bincount(classes[split.validation]).tolist() == [100, 60, 40]
    assert split.stratified


def test_rows_without_classes_are_drawn_evenly():
    split = split_train_test(1000, 0.3, 0.0, 1)
    assert (len(split.training), len(split.validation), len(split.test)) == (700, 0, 300)
    assert abs(split.test.mean() - 500) < 60
    assert not np.array_equal(split.test, split_train_test(1000, 0.3, 0.0, 2).test)


def test_a_class_of_one_row_stays_in_training_and_is_named():
    classes = np.array([0] * 30 + [1] * 30 + [2])
    split = split_train_test(61, 0.2, 0.2, 0, classes, ("a", "b", "rare"))
    assert 60 in split.training
    assert split.notes == ("the class 'rare' has one row; in the training set, not stratified",)


@pytest.mark.parametrize("seed", range(8))
def test_the_largest_remainders_get_the_remaining_rows(seed):
    """A fifth of 14, 12 and 4 rows is 2.8, 2.4 and 0.8: six rows are 3, 2 and 1."""
    classes = np.repeat([0, 1, 2], [14, 12, 4])
    chosen = sample_test_rows(np.arange(30), 0.2, np.random.default_rng(seed), classes)
    assert np.bincount(classes[chosen]).tolist() == [3, 2, 1]


@pytest.mark.parametrize("seed", range(8))
def test_the_nearest_of_several_group_samples_is_taken(seed):
    """Of groups of 50, 30, 10 and 10 rows only the two small ones are a fifth; one order in six begins with them."""
    groups = np.repeat([0, 1, 2, 3], [50, 30, 10, 10])
    chosen = sample_test_rows(np.arange(100), 0.2, np.random.default_rng(seed), None, groups)
    assert set(groups[chosen]) == {2, 3}


def test_hold_out_never_takes_all_of_a_class():
    chosen = sample_test_rows(np.arange(4), 0.9, np.random.default_rng(0), np.array([0, 0, 1, 1]))
    assert len(chosen) == 2


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ((1.5, 0.2), "test_size is 1.5, expected a fraction between 0 and 1; try 0.2"),
        ((0.2, 1.0), "validation_size is 1, expected a fraction from 0 to below 1"),
    ],
)
def test_impossible_shares(sizes, message):
    with pytest.raises(InputError) as caught:
        split_train_test(50, *sizes)
    assert str(caught.value) == message


def patients(rows=600, people=60, seed=0):
    random = np.random.default_rng(seed)
    return random.integers(0, people, rows), random.integers(0, 2, rows)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("stratified", [False, True])
def test_groups_stay_whole_and_parts_have_their_shares(seed, stratified):
    groups, classes = patients(seed=seed)
    split_spec = SplitSpec(groups=groups, column="person")
    split = split_train_test(600, 0.2, 0.25, seed, classes if stratified else None, split_spec=split_spec)
    parts = [set(groups[rows]) for rows in (split.training, split.validation, split.test)]
    assert sum(len(part) for part in parts) == len(set(groups))
    assert sorted(np.concatenate([split.training, split.validation, split.test])) == list(range(600))
    assert len(split.test) == pytest.approx(120, abs=6)
    assert len(split.validation) == pytest.approx(120, abs=6)
    if stratified:
        assert classes[split.test].mean() == pytest.approx(classes.mean(), abs=0.05)
    assert split.notes == (f"test set: all rows of {len(parts[2])} of {len(set(groups))} values of 'person'",)
    again = split_train_test(600, 0.2, 0.25, seed, classes if stratified else None, split_spec=split_spec)
    np.testing.assert_array_equal(split.test, again.test)


def test_folds_of_groups_are_whole_even_and_no_more_than_the_groups():
    groups, classes = patients()
    folds = assign_folds(600, 5, np.random.default_rng(0), classes, groups)
    assert sorted(np.concatenate(folds)) == list(range(600))
    assert sum(len(set(groups[fold])) for fold in folds) == len(set(groups))
    assert {len(fold) for fold in folds} <= set(range(105, 136))
    assert [classes[fold].mean() for fold in folds] == pytest.approx([classes.mean()] * 5, abs=0.07)
    assert len(assign_folds(6, 5, np.random.default_rng(0), None, np.array([0, 0, 1, 1, 2, 2]))) == 3


def test_the_last_rows_are_tested_on_and_those_before_them_watched():
    when = np.random.default_rng(0).permutation(100)
    split = split_train_test(100, 0.2, 0.25, 0, split_spec=SplitSpec(order=when, column="day"))
    assert when[split.training].max() < when[split.validation].min()
    assert when[split.validation].max() < when[split.test].min()
    assert (len(split.training), len(split.validation), len(split.test)) == (60, 20, 20)
    assert split.notes == ("test set: the last 20% of the rows by 'day'",)
    # rows of one time stay together
    years = np.repeat([0, 1, 2], [50, 28, 22])
    assert (
        sorted(years[split_train_test(100, 0.2, 0.0, 0, split_spec=SplitSpec(order=years, column="year")).test])
        == [2] * 22
    )


def test_what_rows_are_split_by_is_read_from_a_column():
    table = read(
        {
            "who": ["a", None, "b", None, "a"],
            "day": ["2020-03-01", "2020-01-05", None, "2021-01-01", "2020-03-01"],
            "one": [1, 1, 1, 1, 1],
        }
    )
    groups = SplitSpec.from_columns(table, "who", None).groups
    assert groups[0] == groups[4]
    assert len(set(groups)) == 4  # a row without a value is a group of its own
    assert SplitSpec.from_columns(table, None, "day").order.tolist() == [2, 1, 0, 3, 2]
    assert asdict(SplitSpec.from_columns(table, None, None)) == asdict(SplitSpec())
    kept = SplitSpec.from_columns(table, None, "day")
    assert SplitSpec.from_dict(table, kept.to_dict()).order.tolist() == kept.order.tolist()


@pytest.mark.parametrize(
    ("by", "time", "message"),
    [
        ("wo", None, "there is no column 'wo' among 'who', 'day', 'one', 'several', 'raw'; did you mean 'who'?"),
        ("one", None, "the column 'one' has 1 different value, expected at least 3 to split by; "
         "split by another column, or at random"),
        ("several", None, "the column 'several' is List(Int64), expected single values to split by"),
        ("raw", None, "the column 'raw' is Binary, expected single values to split by"),
        (None, "who", "the column 'who' is text, expected dates or numbers; date columns are 'day'"),
        (None, "one", "the column 'one' has one time, expected two or more; choose another column"),
    ],
)  # fmt: skip
def test_columns_that_rows_cannot_be_split_by_are_named(by, time, message):
    table = read({"who": ["a", "c", "b"], "day": ["2020-03-01", "2020-01-05", "2021-01-01"], "one": [1, 1, 1]})
    table = replace(table, frame=table.frame.with_columns(several=pl.Series([[1], [2], [3]]), raw=pl.lit(b"x")))
    with pytest.raises(InputError) as caught:
        SplitSpec.from_columns(table, by, time)
    assert str(caught.value) == message
