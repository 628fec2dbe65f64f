"""Splits: whole, seeded, stratified, kind to lone classes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidynet.errors import InputError
from tidynet.prepare import hold_out, split_rows


@given(
    st.lists(st.integers(0, 4), min_size=20, max_size=200),
    st.floats(0.05, 0.6),
    st.integers(0, 2**31),
    st.booleans(),
)
def test_every_row_goes_to_exactly_one_part(codes, share, seed, stratified):
    classes = np.unique(codes, return_inverse=True)[1] if stratified else None
    split = split_rows(len(codes), share, 0.2, seed, classes)
    parts = np.concatenate([split.training, split.validation, split.test])
    assert sorted(parts.tolist()) == list(range(len(codes)))
    again = split_rows(len(codes), share, 0.2, seed, classes)
    np.testing.assert_array_equal(split.test, again.test)
    if classes is not None:
        assert set(classes[split.training]) == set(classes)


def test_classes_keep_their_shares():
    classes = np.repeat([0, 1, 2], [500, 300, 200])
    split = split_rows(1000, 0.2, 0.25, 3, classes)
    assert np.bincount(classes[split.test]).tolist() == [100, 60, 40]
    assert np.bincount(classes[split.validation]).tolist() == [100, 60, 40]
    assert split.stratified


def test_rows_without_classes_are_drawn_evenly():
    split = split_rows(1000, 0.3, 0.0, 1)
    assert (len(split.training), len(split.validation), len(split.test)) == (700, 0, 300)
    assert abs(split.test.mean() - 500) < 60
    assert not np.array_equal(split.test, split_rows(1000, 0.3, 0.0, 2).test)


def test_a_class_of_one_row_stays_in_training_and_is_named():
    classes = np.array([0] * 30 + [1] * 30 + [2])
    split = split_rows(61, 0.2, 0.2, 0, classes, ("a", "b", "rare"))
    assert 60 in split.training
    assert split.notes == ("the class 'rare' has one row, kept for training and out of stratification",)


def test_hold_out_never_takes_all_of_a_class():
    chosen = hold_out(np.arange(4), 0.9, np.random.default_rng(0), np.array([0, 0, 1, 1]))
    assert len(chosen) == 2


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ((1.5, 0.2), "the test size is 1.5, expected a share between 0 and 1; try 0.2"),
        ((0.2, 1.0), "the validation size is 1, expected a share from 0 to below 1"),
    ],
)
def test_impossible_shares(sizes, message):
    with pytest.raises(InputError) as caught:
        split_rows(50, *sizes)
    assert str(caught.value) == message
