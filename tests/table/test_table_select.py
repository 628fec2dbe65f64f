"""Brackets, masks, slices, iteration and handing over: a Table behaves as data frames do, or refuses."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tidynet.core.errors import InputError
from tidynet.estimators.classifier import MLPClassifier
from tidynet.estimators.regressor import MLPRegressor
from tidynet.table import Table, read

MASK = [False, True, False, False, True]


@pytest.fixture
def table() -> Table:
    return read({"a": [10, 20, 30, 40, 50], "c": ["x", "y", "x", "y", "x"]})


def pandas_mask(values: list[bool | None], dtype: str) -> Any:
    pd = pytest.importorskip("pandas", reason="pandas is not installed")
    return pd.Series(values, dtype=dtype, index=range(5, 0, -1))


MASKS = {
    "list": lambda: MASK,
    "tuple": lambda: tuple(MASK),
    "NumPy flags in a list": lambda: [np.bool_(flag) for flag in MASK],
    "list with a gap": lambda: [None, True, False, False, True],
    "NumPy": lambda: np.array(MASK),
    "NumPy objects": lambda: np.array([False, True, None, None, True], dtype=object),
    "Polars": lambda: pl.Series(MASK),
    "Polars with a gap": lambda: pl.Series([None, True, False, None, True]),
    "pandas by position": lambda: pandas_mask(list(MASK), "bool"),
    "pandas nullable": lambda: pandas_mask([None, True, False, None, True], "boolean"),
    "pandas array": lambda: pandas_mask([None, True, False, None, True], "boolean").array,
}


@pytest.mark.parametrize("make", MASKS.values(), ids=MASKS)
def test_masks_choose_rows(table: Table, make: Any) -> None:
    mask = make()
    assert table.take(mask)["a"].to_list() == [20, 50]
    if not isinstance(mask, tuple):  # a tuple in brackets is rows and columns
        assert table[mask]["a"].to_list() == [20, 50]


@pytest.mark.parametrize(
    ("rows", "values"),
    [
        ([2, 0, 2], [30, 10, 30]),
        ([-1, 0], [50, 10]),
        (np.array([3], dtype=np.uint8), [40]),
        (pl.Series([1, 4]), [20, 50]),
        (range(1, 3), [20, 30]),
        (slice(1, 3), [20, 30]),
        (slice(None, None, -2), [50, 30, 10]),
        (slice(-2, 99), [40, 50]),
        (3, [40]),
        (np.int64(-5), [10]),
        ([], []),
        ([False] * 5, []),
    ],
)
def test_rows_by_number(table: Table, rows: Any, values: list[int]) -> None:
    assert table[rows]["a"].to_list() == values
    assert table.take(rows)["a"].to_list() == values
    assert table[rows].inferred_types == table.inferred_types


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([True, False], "the mask has 2 values, expected 5; give one value for each row"),
        (np.array([], dtype=bool), "the mask has 0 values, expected 5; give one value for each row"),
        ([2.7], "a row number is 2.7, expected whole numbers; give row numbers or a mask"),
        (np.array([1.0]), "a row number is 1.0, expected whole numbers; give row numbers or a mask"),
        ([True, 2], "a row number is True, expected whole numbers; give row numbers or a mask"),
        ([1, None], "a row number is None, expected whole numbers; give row numbers or a mask"),
        ([5], "a row number is 5, expected numbers from -5 to 4; the table has 5 rows"),
        ([0, -6], "a row number is -6, expected numbers from -5 to 4; the table has 5 rows"),
        ([2**70], f"a row number is {2**70}, expected numbers from -5 to 4; the table has 5 rows"),
        (np.array([[0]]), "the row numbers have 2 dimensions, expected 1; give one list of numbers"),
        (slice("a", "c"), "the slice is 'a:c', expected row numbers; give names as a list"),
        (slice(0, 5, 0), "the slice is '0:5:0', expected row numbers; give names as a list"),
    ],
)
def test_rows_that_do_not_exist(table: Table, rows: Any, message: str) -> None:
    for choose in (table.take, table.__getitem__):
        with pytest.raises(InputError) as error:
            choose(rows)
        assert str(error.value) == message


@pytest.mark.parametrize("key", [True, None, 2.5, {"a"}, b"a", (1, 2, 3), ["a", "a"], ("a", "zz"), lambda: 1])
def test_keys_without_a_meaning(table: Table, key: Any) -> None:
    with pytest.raises(InputError):
        table[key]


def test_columns_by_names(table: Table) -> None:
    pd = pytest.importorskip("pandas", reason="pandas is not installed")
    for names in (["c", "a"], ("c", "a"), np.array(["c", "a"]), pl.Series(["c", "a"]), pd.Index(["c", "a"])):
        assert table[names].columns == ["c", "a"]
    assert table[["c"]].shape == (5, 1)


def test_rows_and_columns_together(table: Table) -> None:
    assert table[[0, 1], "a"].to_list() == [10, 20]
    assert table[MASK, ["c"]].frame.to_dict(as_series=False) == {"c": ["y", "x"]}
    assert table[:, "c"].to_list() == table["c"].to_list()
    assert table[:, [1]].columns == ["c"]
    assert table[np.array([4]), ...].frame.row(0) == (50, "x")
    assert table[-1, "a"] == 50


def test_the_column_comparison_is_a_mask(table: Table) -> None:
    assert table[table["a"] > 25]["a"].to_list() == [30, 40, 50]
    gaps = read({"n": [1, None, 3]})
    assert gaps[gaps["n"] > 0]["n"].to_list() == [1, 3]


def test_head_and_tail(table: Table) -> None:
    assert [table.head(2)["a"].to_list(), table.head(-4)["a"].to_list()] == [[10, 20], [10]]
    assert [table.tail(2)["a"].to_list(), table.tail(-4)["a"].to_list()] == [[40, 50], [50]]
    assert (table.head().height, table.tail(0).height, table.tail(9).height, table.head(9).height) == (5, 0, 5, 5)
    with pytest.raises(InputError) as error:
        table.head(2.5)  # type: ignore[arg-type]
    assert str(error.value) == "the number of rows is '2.5', expected a whole number; try 5"


def test_iteration_goes_over_the_names(table: Table) -> None:
    assert list(table) == table.keys() == ["a", "c"]
    assert list(reversed(table)) == ["c", "a"]
    assert list(zip(table, (1, 2), strict=True)) == [("a", 1), ("c", 2)]
    assert {name: series.to_list() for name, series in dict(table).items()} == table.frame.to_dict(as_series=False)
    assert (len(table), table.shape) == (5, (5, 2))


def test_numpy_takes_the_rows(table: Table) -> None:
    assert np.asarray(table).tolist() == [list(row) for row in table.frame.rows()]
    assert np.asarray(table[["a"]]).dtype == np.int64
    assert np.asarray(table[["a"]], dtype=np.float32).dtype == np.float32
    assert np.array(read({"n": [1.5, None]}))[0, 0] == 1.5


def test_frames_take_the_rows(table: Table) -> None:
    pd = pytest.importorskip("pandas", reason="pandas is not installed")
    assert pd.DataFrame(table).shape == (5, 2)
    assert pd.DataFrame(dict(table)).columns.tolist() == ["a", "c"]
    assert_frame_equal(pl.DataFrame(table), table.to_polars())


def test_equality_copies_and_pickles(table: Table) -> None:
    for same in (copy.copy(table), copy.deepcopy(table), pickle.loads(pickle.dumps(table)), table.copy(), table[:]):
        assert same == table
    assert table != table[::-1]
    assert table != table[["c", "a"]]
    assert table != read(table, variable_types={"a": "nominal"})
    assert table != 3


def test_what_a_table_does_not_do_is_said(table: Table) -> None:
    with pytest.raises(InputError, match=r"^a Table does not change; change its frame and give it to tidynet.read$"):
        table["a"] = 1
    assert not hasattr(table, "iloc")
    with pytest.raises(AttributeError) as error:
        table.groupby("a")  # type: ignore[attr-defined]
    assert str(error.value) == (
        "a Table has no attribute 'groupby'; table.frame is a Polars frame, table.to_pandas() one of pandas"
    )


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".parquet", ".arrow", ".feather", ".jsonl", ".json"])
def test_written_files_read_back(table: Table, tmp_path: Any, suffix: str) -> None:
    path = table.write(tmp_path / f"t{suffix}")
    assert_frame_equal(read(path).frame, table.frame)
    with pytest.raises(InputError) as error:
        table.head(1).write(path)
    assert str(error.value) == f"'{path}' exists already; replace it with force=True, or choose another name"
    assert read(table.head(1).write(str(path), force=True)).height == 1
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize(
    ("values", "suffix", "contents"),
    [([[1], [2]], ".csv", "lists"), ([{"u": 1}], ".tsv", "records"), ([b"1"], ".csv", "bytes")],
)
def test_cells_that_text_cannot_hold(tmp_path: Any, values: list[Any], suffix: str, contents: str) -> None:
    with pytest.raises(InputError) as error:
        read({"v": values, "n": range(len(values))}).write(tmp_path / f"t{suffix}")
    assert str(error.value) == (
        f"the column 'v' contains {contents}, which {suffix} files cannot hold; write a .parquet file"
    )
    assert not list(tmp_path.iterdir())


def test_scikit_learn_splits_tables() -> None:
    from sklearn.model_selection import KFold, cross_val_score, train_test_split

    penguins = read("penguins")
    penguins = penguins[penguins["body_mass_g"].is_not_null()]
    train, test = train_test_split(penguins, test_size=0.25, random_state=0, stratify=penguins["species"])
    assert isinstance(train, Table)
    assert (train.height, test.height) == (256, 86)
    assert train.inferred_types == penguins.inferred_types
    features = penguins.drop(target="species")
    scores = cross_val_score(MLPClassifier(effort="fast", random_state=0), features, penguins["species"], cv=2)
    assert scores.min() > 0.9
    folds = KFold(2, shuffle=True, random_state=0)
    numbers = cross_val_score(
        MLPRegressor(effort="fast", random_state=0),
        penguins.drop(target="body_mass_g"),
        penguins["body_mass_g"],
        cv=folds,
    )
    assert numbers.min() > 0.7
