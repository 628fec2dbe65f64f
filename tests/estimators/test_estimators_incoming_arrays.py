"""Plain arrays of finite numbers are taken in as they are; all else is looked at closely."""

import numpy as np
import pytest

from tidynet.core.errors import InputError
from tidynet.estimators.input_validation import validate_input


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_finite_array_is_not_copied(dtype):
    X = np.arange(6, dtype=dtype).reshape(3, 2)
    assert validate_input(X).array is X


def test_a_mapped_file_is_not_read_into_memory(tmp_path):
    np.save(tmp_path / "X.npy", np.ones((4, 2), np.float32))
    mapped = np.load(tmp_path / "X.npy", mmap_mode="r")
    taken = validate_input(mapped).array
    assert type(taken) is np.ndarray
    assert np.shares_memory(taken, mapped)


def test_numbers_whose_sum_overflows_are_finite_all_the_same():
    X = np.full((4, 2), 3e38, np.float32)
    np.testing.assert_array_equal(validate_input(X).array, X)


def test_infinity_is_named_with_its_place():
    X = np.zeros((4, 2))
    X[2, 1] = -np.inf
    with pytest.raises(InputError, match="row 2, column 1"):
        validate_input(X)


def test_missing_values_make_a_frame():
    assert validate_input(np.array([[1.0, np.nan], [2.0, 3.0]])).frame is not None
