"""Rows as they arrive in requests: lists of dicts, named tuples and data classes."""

from collections import namedtuple
from dataclasses import make_dataclass

import numpy as np
import pandas as pd
import pytest

import tidynet as tn
from tidynet.core.errors import ColumnWarning, InputError

FRAME = pd.DataFrame({"size": np.linspace(0, 1, 40), "color": ["red", "blue"] * 20})
Y = FRAME["size"] + (FRAME["color"] == "red")
ROWS = FRAME.to_dict("records")
Named, Plain = namedtuple("Named", "size color"), make_dataclass("Plain", ["size", "color"])


@pytest.fixture(scope="module")
def model():
    return tn.MLPRegressor(random_state=0, effort="fast", n_networks=1, max_iter=3).fit(FRAME, Y)


@pytest.mark.parametrize(
    "rows",
    [
        ROWS,
        tuple(ROWS),
        [Named(**row) for row in ROWS],
        [Plain(**row) for row in ROWS],
        [dict(reversed(row.items())) for row in ROWS],
        [{**row, "more": 1} for row in ROWS],
        [{**row, "size": np.float64(row["size"])} for row in ROWS],
        FRAME.to_dict("list"),
        (row for row in ROWS),
    ],
)
def test_records_are_read_by_name(model, rows):
    np.testing.assert_array_equal(model.predict(rows), model.predict(FRAME))


def test_fit_on_records_equals_fit_on_the_frame(model):
    own = tn.MLPRegressor(random_state=0, effort="fast", n_networks=1, max_iter=3).fit(ROWS, list(Y))
    np.testing.assert_array_equal(own.predict(ROWS), model.predict(FRAME))
    assert own.feature_names_in_.tolist() == ["size", "color"]


def test_a_record_without_a_name_is_reported_and_counts_as_missing(model):
    rows = [{"color": "red"}, *ROWS[1:]]
    with pytest.warns(ColumnWarning, match="the records do not all have 'size': 1 record of 40 with missing cells"):
        result = model.predict(rows)
    np.testing.assert_array_equal(result[1:], model.predict(FRAME)[1:])


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([], "the table has no rows, found array with 0 sample(s) where a minimum of 1 is required"),
        ([ROWS[0], [1, 2]], "item 2 of the list is of type list, expected a record as the first item; give every row the same form"),
        ([[1.0, 2.0], [1.0]], "X has rows of different lengths, expected as many values in each"),
        ([0.5, 0.7], "X has shape (2,), expected (rows, columns); Reshape your data with X.reshape(-1, 1) if it is one column, or X.reshape(1, -1) if it is one row"),
        (np.zeros((2, 2, 2)), "X has shape (2, 2, 2), expected (rows, columns); flatten each row"),
        (ROWS[0], "the column 'size' is one value of type float, expected a list or array; give one value for each row"),
        ([{"size": 1.0}], "the table has no column 'color', which the model was trained on; its columns are 'size'"),
    ],
)  # fmt: skip
def test_rows_of_a_wrong_form(model, rows, message):
    with pytest.raises(InputError) as caught:
        model.predict(rows)
    assert str(caught.value) == message
