"""The verbs for tidy data, on every type of frame."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import tidynet as tn
from tidynet.core.errors import InputError

CELLS = {
    "id": [1, 1, 2],
    "k": ["a", "b", "a"],
    "v": [1.5, 2.5, None],
    "w": ["m25-34", "f1-2", None],
    "u": ["5 kg", "250 g", None],
    "wk1": [1, 2, 3],
    "wk2": [4.0, None, 6.0],
}
CONNECTION = duckdb.connect()


def duck() -> Any:
    frame = pl.DataFrame(CELLS).to_arrow()
    return CONNECTION.from_arrow(frame)


def dask() -> Any:
    return pytest.importorskip("dask.dataframe").from_pandas(pd.DataFrame(CELLS), npartitions=1)


FRAMES: dict[str, Callable[[], Any]] = {
    "polars": lambda: pl.DataFrame(CELLS),
    "lazy": lambda: pl.LazyFrame(CELLS),
    "pandas": lambda: pd.DataFrame(CELLS),
    "pyarrow": lambda: pl.DataFrame(CELLS).to_arrow(),
    "duckdb": duck,
    "dask": dask,
    "table": lambda: tn.read(pl.DataFrame(CELLS)),
}


def rows(frame: Any) -> list[tuple[Any, ...]]:
    if isinstance(frame, tn.Table):
        frame = frame.frame
    elif isinstance(frame, pl.LazyFrame):
        frame = frame.collect()
    elif isinstance(frame, pa.Table):
        frame = pl.from_arrow(frame)
    elif isinstance(frame, duckdb.DuckDBPyRelation):
        return sorted(frame.fetchall(), key=repr)
    if not isinstance(frame, pl.DataFrame):
        plain = frame if isinstance(frame, pd.DataFrame) else frame.compute()
        cells = [tuple(None if pd.isna(cell) else cell for cell in row) for row in plain.itertuples(index=False)]
        return sorted(cells, key=repr)
    return sorted(frame.rows(), key=repr)


VERBS: dict[str, tuple[Callable[[Any], Any], list[tuple[Any, ...]]]] = {
    "melt": (
        lambda frame: tn.tidy.melt(
            frame, r"wk\d", names_to="week", values_to="rank", names_pattern=r"wk(\d)", keep=["id", "k"]
        ),
        [(1, "a", 1, 1), (1, "b", 1, 2), (2, "a", 1, 3), (1, "a", 2, 4), (1, "b", 2, None), (2, "a", 2, 6)],
    ),
    "pivot": (lambda frame: tn.tidy.pivot(frame, "k", "wk1", keep="id"), [(1, 1, 2), (2, 3, None)]),
    "split_column": (
        lambda frame: only(tn.tidy.split_column(frame, "w", ["sex", "age"], pattern="([mf])(.*)"), ["sex", "age"]),
        [("m", "25-34"), ("f", "1-2"), (None, None)],
    ),
    "unite": (lambda frame: only(tn.tidy.unite(frame, ["id", "k"], "x"), ["x"]), [("1_a",), ("1_b",), ("2_a",)]),
    "separate_units": (
        lambda frame: only(tn.tidy.separate_units(frame, "u"), ["u", "u_unit"]),
        [(5.0, "kg"), (250.0, "g"), (None, None)],
    ),
    "units to kg": (
        lambda frame: only(tn.tidy.separate_units(frame, "u", target_unit="kg"), ["u"]),
        [(5.0,), (0.25,), (None,)],
    ),
    "fill": (lambda frame: only(tn.tidy.fill(frame, "w", order_by="wk1"), ["w"]), [("m25-34",), ("f1-2",), ("f1-2",)]),
    "drop_missing": (lambda frame: only(tn.tidy.drop_missing(frame, "v"), ["v"]), [(1.5,), (2.5,)]),
    "impute": (
        lambda frame: only(tn.tidy.impute(frame, ["v", "u"], add_indicator=True), ["v", "u", "v_was_missing"]),
        [(1.5, "5 kg", False), (2.5, "250 g", False), (2.0, "250 g", True)],
    ),
    "drop_duplicates": (lambda frame: only(tn.tidy.drop_duplicates(frame, "id"), ["id"]), [(1,), (2,)]),
    "clip_outliers": (
        lambda frame: only(tn.tidy.clip_outliers(frame, ["wk1"], method="quantile", width=0.25), ["wk1"]),
        [(1.5,), (2.0,), (2.5,)],
    ),
    "drop_rows": (lambda frame: only(tn.tidy.drop_rows(frame, "k", ["a"]), ["k"]), [("b",)]),
    "extract_table": (lambda frame: tn.tidy.extract_table(frame, "id", ["id"])[1], [(1,), (2,)]),
}


def only(frame: Any, columns: list[str]) -> Any:
    if isinstance(frame, duckdb.DuckDBPyRelation):
        return frame.select(*(duckdb.ColumnExpression(column) for column in columns))
    if isinstance(frame, tn.Table):
        return frame.select(*columns)
    return frame.select(columns) if hasattr(frame, "select") else frame[columns]


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("frame_type", FRAMES)
@pytest.mark.filterwarnings("ignore")
def test_every_verb_on_every_type_of_frame(verb: str, frame_type: str) -> None:
    frame = FRAMES[frame_type]()
    call, expected = VERBS[verb]
    result = call(frame)
    assert type(result) is type(frame)
    found = rows(result)
    assert len(found) == len(expected)
    for row in expected:
        assert row in found


def test_the_index_of_a_pandas_frame_stays() -> None:
    frame = pd.DataFrame(CELLS, index=["r", "s", "t"])
    result = tn.tidy.split_column(frame, "u", ["number", "unit"], separator=" ")
    assert list(result.index) == ["r", "s", "t"]
    assert result["number"].tolist()[:2] == [5.0, 250.0]


def test_whole_numbers_as_names_of_pandas_columns() -> None:
    frame = pd.DataFrame({"who": ["a"], 2019: [1], 2020: [2]})
    assert rows(tn.tidy.melt(frame, r"\d{4}", names_to="year")) == [("a", 2019, 1), ("a", 2020, 2)]


def test_melted_names_split_into_two_variables() -> None:
    tb = pl.DataFrame({"country": ["AD"], "m014": [0], "f1524": [3], "mu": [None]})
    long = tn.tidy.melt(
        tb, r"[mf].+", names_to=["sex", "age"], values_to="cases", names_pattern="([mf])(.*)", drop_missing=True
    )
    assert long.rows() == [("AD", "m", "014", 0), ("AD", "f", "1524", 3)]


def test_a_table_keeps_types_and_infers_those_of_new_columns() -> None:
    table = tn.read({"rank": [1, 2, 3, 1], "rate": ["1/2", "3/4", "5/8", "1/9"]}, variable_types={"rank": "ordinal"})
    result = tn.tidy.split_column(table, "rate", ["cases", "people"], separator="/")
    assert [str(result.inferred_types[name].variable_type) for name in result.columns] == [
        "ordinal",
        "discrete",
        "discrete",
    ]


def test_pivot_aggregates() -> None:
    frame = pl.DataFrame({"id": [1, 1], "k": ["a", "a"], "v": [1, 2]})
    assert tn.tidy.pivot(frame, "k", "v", aggregate="sum").rows() == [(1, 3)]
    assert tn.tidy.pivot(frame.lazy(), "k", "v", aggregate="sum").collect().rows() == [(1, 3)]


def test_pivot_without_another_column() -> None:
    frame = pl.DataFrame({"k": ["a", "b"], "v": [1, 2]})
    assert tn.tidy.pivot(frame, "k", "v").rows() == [(1, 2)]


def test_nan_is_missing() -> None:
    frame = pl.DataFrame({"x": [1.0, float("nan"), None]})
    assert tn.tidy.drop_missing(frame).rows() == [(1.0,)]
    assert tn.tidy.impute(frame).rows() == [(1.0,)] * 3


def test_columns_without_missing_values_keep_their_type() -> None:
    assert tn.tidy.impute(pl.DataFrame({"n": [1, 2], "x": [1.0, None]})).schema == {"n": pl.Int64, "x": pl.Float64}


def test_an_empty_column_stays_empty() -> None:
    assert tn.tidy.impute(pl.DataFrame({"x": [None, None]}, schema={"x": pl.String})).rows() == [(None,), (None,)]


def test_no_rows() -> None:
    empty = pl.DataFrame({"a": [], "b": []}, schema={"a": pl.String, "b": pl.Float64})
    assert tn.tidy.melt(empty, "b").height == 0
    assert tn.tidy.split_column(empty, "a", ["c", "d"], separator="-").columns == ["c", "d", "b"]
    assert tn.tidy.impute(empty).height == tn.tidy.clip_outliers(empty).height == 0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda f: tn.tidy.melt(f, "wk_1"), "no column has the name 'wk_1' or matches it; did you mean 'wk1'?"),
        (
            lambda f: tn.tidy.melt(f, ["k", "v"]),
            "the columns 'k' and 'v' have the types String and Float64, expected one type; "
            "melt only columns of one variable, or convert their types first",
        ),
        (
            lambda f: tn.tidy.melt(f, ["wk1"], names_to=["a", "b"]),
            "names_to has 2 names, expected 1 without names_pattern; set a names_pattern with as many groups",
        ),
        (
            lambda f: tn.tidy.melt(f, ["wk1"], names_pattern="(x)"),
            "the column 'wk1' does not match names_pattern '(x)'; exclude the column",
        ),
        (
            lambda f: tn.tidy.melt(f, ["wk1"], names_pattern="("),
            "names_pattern is '(', expected a regular expression (missing ), unterminated subpattern at position 0); "
            "correct the pattern",
        ),
        (lambda f: tn.tidy.melt(f, ["wk1"], names_to="id"), "the new column name 'id' is taken; choose another name"),
        (
            lambda f: tn.tidy.melt(f, []),
            "columns is empty, expected at least one name; the columns are 'id', 'k', 'v', 'w', 'u', 'wk1', 'wk2'",
        ),
        (
            lambda f: tn.tidy.pivot(f, "k", "v", keep=["u"], aggregate="sun"),
            "aggregate is 'sun', expected one of 'first', 'min', 'max', 'mean', 'median', 'sum'; did you mean 'sum'?",
        ),
        (
            lambda f: tn.tidy.pivot(f.with_columns(k=pl.lit("a")), "k", "v", keep="id"),
            "2 rows belong to one cell (id = 1, k = a), expected 1; "
            "set aggregate, such as 'mean', or keep a column that distinguishes the rows",
        ),
        (
            lambda f: tn.tidy.pivot(f, "k", "zzzz"),
            "there is no column 'zzzz' among 'id', 'k', 'v', 'w', 'u', 'wk1', 'wk2'; "
            "give the name of one of these columns",
        ),
        (
            lambda f: tn.tidy.split_column(f, "w", ["a", "b"]),
            "neither separator nor pattern is set, expected one of them; set separator='-', or a pattern with groups",
        ),
        (
            lambda f: tn.tidy.split_column(f, "w", ["a", "b"], separator="-", pattern="(.)(.)"),
            "separator and pattern are both set, expected one of them; set separator='-', or a pattern with groups",
        ),
        (
            lambda f: tn.tidy.split_column(f, "w", [], separator="-"),
            "into is empty, expected one name for each part; name the new columns",
        ),
        (
            lambda f: tn.tidy.split_column(f, "w", ["a"], separator=""),
            "separator is empty, expected the text between the parts; try separator='-'",
        ),
        (
            lambda f: tn.tidy.split_column(f, "w", ["a", "b"], pattern="(.)"),
            "pattern '(.)' has 1 group, expected 2; give one group in round brackets for each new column",
        ),
        (
            lambda f: tn.tidy.split_column(f, "w", ["id", "b"], separator="-"),
            "the new column name 'id' is taken; choose another name",
        ),
        (
            lambda f: tn.tidy.separate_units(f, "w"),
            "'w' has 2 cells with two numbers, such as 'm25-34', expected one number and its unit; "
            "use split_column, or make them missing with strict=False (strict=no on the command line)",
        ),
        (
            lambda f: tn.tidy.separate_units(f, "u", decimal=";"),
            "decimal is ';', expected '.' or ','; set decimal=',' for numbers such as 3,5",
        ),
        (
            lambda f: tn.tidy.separate_units(f, "u", target_unit="kgs"),
            "target_unit is 'kgs', expected one of 'µg', 'mg', 'g', 'kg', 't', 'lb', 'lbs', 'oz', 'nm', 'µm', 'mm', 'cm' "
            "and 44 more; did you mean 'kg'?",
        ),
        (
            lambda f: tn.tidy.separate_units(f, "u", target_unit="km"),
            "'u' has the unit 'kg', expected a unit that converts to 'km'; "
            "such as 'nm', 'µm', 'mm', 'cm', 'm', 'km', 'in', 'ft', 'yd', 'mi', 'miles'",
        ),
        (
            lambda f: tn.tidy.fill(f, "w", direction="dwon"),
            "direction is 'dwon', expected one of 'down', 'up'; did you mean 'down'?",
        ),
        (
            lambda f: tn.tidy.impute(f, strategy="maen"),
            "strategy is 'maen', expected one of 'auto', 'mean', 'median', 'mode', 'constant'; did you mean 'mean'?",
        ),
        (
            lambda f: tn.tidy.impute(f, ["k"], strategy="mean"),
            "the column 'k' has the type String and no mean; use strategy='mode'",
        ),
        (
            lambda f: tn.tidy.impute(f, strategy="constant"),
            "strategy='constant' needs a value; set value only with strategy='constant'",
        ),
        (
            lambda f: tn.tidy.impute(f, value=3),
            "strategy='auto' takes no value; set value only with strategy='constant'",
        ),
        (lambda f: tn.tidy.drop_missing(f, how="al"), "how is 'al', expected one of 'any', 'all'; did you mean 'all'?"),
        (lambda f: tn.tidy.clip_outliers(f, ["k"]), "the column 'k' has the type String, expected numbers; exclude it"),
        (
            lambda f: tn.tidy.clip_outliers(f, method="quantile", width=0.7),
            "width is 0.7, expected a number from 0 to 0.5; try 0.01",
        ),
        (lambda f: tn.tidy.clip_outliers(f, width=-1), "width is -1, expected a number from 0 up; try 1.5"),
        (
            lambda f: tn.tidy.clip_outliers(f, method="iqq"),
            "method is 'iqq', expected one of 'iqr', 'quantile'; did you mean 'iqr'?",
        ),
        (
            lambda f: tn.tidy.drop_duplicates(f, keep="frist"),
            "keep is 'frist', expected one of 'first', 'last', 'none'; did you mean 'first'?",
        ),
        (
            lambda _: tn.tidy.melt(3, "x"),
            "the data is of type int, expected a frame, a dict of columns or a 2-d array; "
            "convert it to a frame of pandas, Polars, pyarrow or another library that Narwhals supports",
        ),
    ],
)
def test_messages_of_wrong_arguments(call: Callable[[Any], Any], message: str) -> None:
    with pytest.raises(InputError) as caught:
        call(pl.DataFrame(CELLS))
    assert str(caught.value) == message


def test_ten_thousand_categories_do_not_become_columns() -> None:
    frame = pl.DataFrame({"id": range(10_000), "k": [f"k{i}" for i in range(10_000)], "v": range(10_000)})
    with pytest.raises(InputError) as caught:
        tn.tidy.pivot(frame, "k", "v")
    assert str(caught.value) == (
        "'k' has 10,000 categories, expected at most 5,000 new columns; choose another column for the names"
    )


def test_a_lazy_frame_without_order_asks_for_one() -> None:
    with pytest.raises(
        InputError, match="have no order, expected order_by; set order_by to the columns that order them"
    ):
        tn.tidy.fill(duck(), "w")


@pytest.mark.parametrize("form", [pl.DataFrame, pl.LazyFrame, tn.read])
def test_a_name_that_is_a_pattern_is_refused(form: Any) -> None:
    frame = form({"^a.*$": ["x", None], "ab": ["y", None]})
    with pytest.raises(InputError, match=r"the column name '\^a\.\*\$' begins with \^ and ends with \$"):
        tn.tidy.fill(frame, "^a.*$")
