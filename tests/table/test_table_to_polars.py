"""Frames, dictionaries and arrays of every make into one Polars frame."""

from __future__ import annotations

import datetime
import decimal
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from tidynet.core.errors import InputError
from tidynet.table import Table, VariableType, as_frame, read, refuse_infinities

FRAME = pl.DataFrame(
    {
        "n": [1, None, 3],
        "x": [0.5, None, 2.0],
        "word": ["a", None, "ß"],
        "flag": [True, False, None],
        "when": [datetime.datetime(2024, 2, 29, 12), None, datetime.datetime(2024, 3, 1)],
    }
)


def refused(data: object, **options: Any) -> str:
    with pytest.raises(InputError) as error:
        as_frame(data, **options)
    return str(error.value)


def test_polars_eager_and_lazy() -> None:
    assert_frame_equal(as_frame(FRAME), FRAME)
    assert_frame_equal(as_frame(FRAME.lazy()), FRAME)
    assert_frame_equal(as_frame(read(FRAME)), FRAME)
    assert as_frame(FRAME["word"]).columns == ["word"]


def test_pyarrow() -> None:
    pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    assert_frame_equal(as_frame(FRAME.to_arrow()), FRAME)


def test_pyarrow_with_repeated_names() -> None:
    pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    table = pa.table([[1], [2]], names=["a", "a"])
    assert refused(table) == ("the frame has two columns named 'a' (columns 1 and 2); give every column its own name")


def test_a_duckdb_relation() -> None:
    duckdb = pytest.importorskip("duckdb", reason="duckdb is not installed")
    relation = duckdb.sql("select * from (values (1, 'a', 1.25::decimal(5, 2)), (2, null, null)) as t(n, word, price)")
    assert as_frame(relation).to_dict(as_series=False) == {"n": [1, 2], "word": ["a", None], "price": [1.25, None]}


def test_pandas_columns_of_every_make() -> None:
    pd = pytest.importorskip("pandas", reason="pandas is not installed")
    frame = pd.DataFrame(
        {
            "float": [1.5, float("nan"), 3.0],
            "small": np.array([1, 2, 3], dtype=np.int8),
            "half": np.array([1, 2, 3], dtype=np.float16),
            "nullable": pd.array([1, None, 3], dtype="Int64"),
            "maybe": pd.array([True, None, False], dtype="boolean"),
            "real": pd.array([1.5, None, 2.5], dtype="Float64"),
            "string": ["a", None, "c"],
            "object": np.array(["a", float("nan"), None], dtype=object),
            "mixed": np.array([1, "b", 2.5], dtype=object),
            "numbers": np.array([1, 2.5, None], dtype=object),
            "category": pd.Categorical(["u", None, "v"]),
            "ordered": pd.Categorical(["lo", "hi", None], categories=["lo", "hi"], ordered=True),
            "when": pd.to_datetime(["2024-02-29", None, "2024-03-01"]),
            "zoned": pd.to_datetime(["2024-02-29", None, "2024-03-01"]).tz_localize("Europe/Rome"),
            "span": pd.to_timedelta(["1h", None, "2h"]),
            "period": pd.PeriodIndex(["2024-01", "2024-02", "2024-03"], freq="M"),
        },
        index=[7, 7, 9],
    )
    found = as_frame(frame)
    day = datetime.datetime(2024, 2, 29)
    assert {name: found[name].to_list()[:2] for name in found.columns} == {
        "float": [1.5, None],
        "small": [1, 2],
        "half": [1.0, 2.0],
        "nullable": [1, None],
        "maybe": [True, None],
        "real": [1.5, None],
        "string": ["a", None],
        "object": ["a", None],
        "mixed": ["1", "b"],
        "numbers": [1.0, 2.5],
        "category": ["u", None],
        "ordered": ["lo", "hi"],
        "when": [day, None],
        "zoned": [datetime.datetime(2024, 2, 28, 23, tzinfo=datetime.UTC), None],
        "span": [datetime.timedelta(hours=1), None],
        "period": [datetime.date(2024, 1, 1), datetime.date(2024, 2, 1)],
    }
    assert found["ordered"].dtype == pl.Enum(["lo", "hi"])
    assert read(frame).inferred_types["ordered"].categories == ("lo", "hi")


def test_pandas_columns_without_plain_names() -> None:
    pd = pytest.importorskip("pandas", reason="pandas is not installed")
    assert as_frame(pd.DataFrame(np.zeros((2, 2)))).columns == ["0", "1"]
    assert as_frame(pd.DataFrame({("a", "x"): [1], ("b", 2): [2]})).columns == ["a x", "b 2"]
    assert refused(pd.DataFrame(np.zeros((2, 2)), columns=["a", "a"])) == (
        "the frame has two columns named 'a' (columns 1 and 2); give every column its own name"
    )


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.none() | st.integers(-(2**53), 2**53), st.none() | st.floats(allow_nan=False), st.none() | st.text()
        ),
        min_size=1,
    )
)
def test_pandas_and_polars_agree(rows: list[tuple[int | None, float | None, str | None]]) -> None:
    pytest.importorskip("pandas", reason="pandas is not installed")
    pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    frame = pl.DataFrame(rows, schema={"n": pl.Int64, "x": pl.Float64, "word": pl.String}, orient="row")
    found = as_frame(frame.to_pandas(use_pyarrow_extension_array=True))
    assert found.rows() == frame.rows()


def test_dicts_of_anything() -> None:
    found = as_frame(
        {"a": [1, None], "b": np.array([0.5, np.nan]), "c": ("x", 2), "d": pl.Series([True, False]), 5: [1, 2]}
    )
    assert found.to_dict(as_series=False) == {
        "a": [1, None],
        "b": [0.5, None],
        "c": ["x", "2"],
        "d": [True, False],
        "5": [1, 2],
    }


def test_decimals_are_floats() -> None:
    assert as_frame({"price": [decimal.Decimal("1.25"), None]})["price"].to_list() == [1.25, None]


def test_arrays_and_lists_of_rows() -> None:
    assert as_frame(np.arange(4).reshape(2, 2)).to_dict(as_series=False) == {"x0": [0, 2], "x1": [1, 3]}
    assert as_frame([[1, 2.5], [3, 4]], column_names=["a", "b"]).rows() == [(1.0, 2.5), (3.0, 4.0)]
    assert as_frame([[1, "u"], [None, "v"]]).rows() == [(1, "u"), (None, "v")]
    mixed = as_frame(np.array([[1, "u"], [2.5, None]], dtype=object))
    assert mixed.dtypes == [pl.Float64, pl.String]
    assert as_frame(np.array([["2024-02-29"]], dtype="datetime64[D]")).item() == datetime.datetime(2024, 2, 29)
    assert as_frame(np.ones((3, 1), dtype=np.float32))["x0"].dtype == pl.Float32


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (
            np.arange(3),
            "the array has 1 dimension, expected 2 (rows, columns); "
            "Reshape your data with array.reshape(-1, 1) if it is one column",
        ),
        (
            np.zeros((2, 2, 2)),
            "the array has 3 dimensions, expected 2 (rows, columns); "
            "Reshape your data with array.reshape(-1, 1) if it is one column",
        ),
        (
            np.zeros((1, 1), dtype=complex),
            "Complex data not supported: the array contains complex numbers; give real numbers",
        ),
        (
            42,
            "the data is of type int, expected a frame, a dict of columns or a 2-d array; "
            "convert it to a frame of pandas, Polars, pyarrow or another library that Narwhals supports",
        ),
        (
            {"a": [1, 2], "b": [1]},
            "the column 'b' has 1 value, expected 2 as in 'a'; give every column the same number of values",
        ),
        ({"a": 3}, "the column 'a' is one value of type int, expected a list or array; give one value for each row"),
        ({"a": np.zeros((2, 2))}, "the column 'a' has 2 dimensions, expected 1; give one value for each row"),
        ([[1, 2], [3]], "the rows of the list have different lengths; give every row the same columns"),
    ],
)
def test_data_that_is_no_table(data: object, message: str) -> None:
    assert refused(data) == message


def test_sparse_matrices_are_refused() -> None:
    sparse = pytest.importorskip("scipy.sparse", reason="scipy is not installed")
    assert refused(sparse.eye(2).tocsr()) == (
        "the data is a sparse matrix, expected a table or a dense array; convert it with .toarray()"
    )


def test_names_for_another_number_of_columns() -> None:
    assert refused(np.zeros((2, 2)), column_names=["a"]) == (
        "columns has 1 name, expected 2; give one name for each column"
    )


def test_infinities_name_column_and_row() -> None:
    frame = as_frame({"^a.*$": [1.0, 2.0], "b": [3.0, -np.inf]})
    with pytest.raises(InputError) as error:
        refuse_infinities(frame)
    assert str(error.value) == (
        "the column 'b' contains -inf in row 2, expected finite numbers; correct or drop the row"
    )
    with pytest.raises(InputError) as later:
        refuse_infinities(frame, first_row=1001)
    assert "in row 1002," in str(later.value)
    refuse_infinities(frame.select("b").head(1))


def test_infinities_in_a_file(tmp_path: Any) -> None:
    (tmp_path / "t.csv").write_text("x\n1\n-Infinity\n")
    with pytest.raises(InputError, match=r"^the column 'x' contains -inf in row 2, "):
        refuse_infinities(read(tmp_path / "t.csv").frame)


def test_nested_columns_are_kept_and_judged_unusable() -> None:
    table = read(pl.DataFrame({"a": [[1], [2, 3]], "b": [{"u": 1}, {"u": 2}]}))
    assert [table.inferred_types[column].variable_type for column in "ab"] == [VariableType.TEXT, VariableType.TEXT]
    assert table.inferred_types["a"].reason == "cells contain lists (List(Int64)), not single values"
    assert table.inferred_types["b"].reason == "cells contain records (Struct({'u': Int64})), not single values"


def test_reading_a_table_again_changes_nothing() -> None:
    table = read("penguins")
    again = read(table)
    assert isinstance(again, Table)
    assert (again.name, again.inferred_types) == (table.name, dict(table.inferred_types))
