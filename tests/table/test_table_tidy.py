"""The verbs that make a table tidy, on every kind of frame."""

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


KINDS: dict[str, Callable[[], Any]] = {
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
    "spread": (
        lambda frame: tn.tidy.pivot(frame, "k", "wk1", keep="id"),
        [(1, 1, 2), (2, 3, None)],
    ),
    "split": (
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
    "fill": (
        lambda frame: only(tn.tidy.fill(frame, "w", order_by="wk1"), ["w"]),
        [("m25-34",), ("f1-2",), ("f1-2",)],
    ),
    "drop_missing": (lambda frame: only(tn.tidy.drop_missing(frame, "v"), ["v"]), [(1.5,), (2.5,)]),
    "impute": (
        lambda frame: only(tn.tidy.impute(frame, ["v", "u"], add_indicator=True), ["v", "u", "v_was_missing"]),
        [(1.5, "5 kg", False), (2.5, "250 g", False), (2.0, "250 g", True)],
    ),
    "deduplicate": (lambda frame: only(tn.tidy.drop_duplicates(frame, "id"), ["id"]), [(1,), (2,)]),
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
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.filterwarnings("ignore")
def test_every_verb_on_every_kind_of_frame(verb: str, kind: str) -> None:
    frame = KINDS[kind]()
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


def test_a_table_keeps_kinds_and_judges_new_columns() -> None:
    table = tn.read({"rank": [1, 2, 3, 1], "rate": ["1/2", "3/4", "5/8", "1/9"]}, variable_types={"rank": "ordinal"})
    result = tn.tidy.split_column(table, "rate", ["cases", "people"], separator="/")
    assert [str(result.inferred_types[name].variable_type) for name in result.columns] == [
        "ordinal",
        "discrete",
        "discrete",
    ]


def test_spread_adds_up_where_it_is_told_to() -> None:
    frame = pl.DataFrame({"id": [1, 1], "k": ["a", "a"], "v": [1, 2]})
    assert tn.tidy.pivot(frame, "k", "v", aggregate="sum").rows() == [(1, 3)]
    assert tn.tidy.pivot(frame.lazy(), "k", "v", aggregate="sum").collect().rows() == [(1, 3)]


def test_spread_without_another_column() -> None:
    frame = pl.DataFrame({"k": ["a", "b"], "v": [1, 2]})
    assert tn.tidy.pivot(frame, "k", "v").rows() == [(1, 2)]


def test_nan_is_missing() -> None:
    frame = pl.DataFrame({"x": [1.0, float("nan"), None]})
    assert tn.tidy.drop_missing(frame).rows() == [(1.0,)]
    assert tn.tidy.impute(frame).rows() == [(1.0,)] * 3


def test_columns_without_gaps_keep_their_type() -> None:
    assert tn.tidy.impute(pl.DataFrame({"n": [1, 2], "x": [1.0, None]})).schema == {"n": pl.Int64, "x": pl.Float64}


def test_an_empty_column_stays_empty() -> None:
    assert tn.tidy.impute(pl.DataFrame({"x": [None, None]}, schema={"x": pl.String})).rows() == [(None,), (None,)]


def test_no_rows() -> None:
    empty = pl.DataFrame({"a": [], "b": []}, schema={"a": pl.String, "b": pl.Float64})
    assert tn.tidy.melt(empty, "b").height == 0
    assert tn.tidy.split_column(empty, "a", ["c", "d"], separator="-").columns == ["c", "d", "b"]
    assert tn.tidy.impute(empty).height == tn.tidy.clip_outliers(empty).height == 0


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda f: tn.tidy.melt(f, "wk_1"), "no column is named or matches 'wk_1'; did you mean 'wk1'?"),
        (lambda f: tn.tidy.melt(f, ["k", "v"]), "the columns 'k' and 'v' hold String and Float64, expected one type"),
        (lambda f: tn.tidy.melt(f, ["wk1"], names_to=["a", "b"]), "names_to has 2 names but there is no names_pattern"),
        (lambda f: tn.tidy.melt(f, ["wk1"], names_pattern="(x)"), "the column 'wk1' does not match names_pattern"),
        (lambda f: tn.tidy.melt(f, ["wk1"], names_pattern="("), "is no regular expression"),
        (lambda f: tn.tidy.melt(f, ["wk1"], names_to="id"), "there would be two columns named 'id'"),
        (lambda f: tn.tidy.melt(f, []), "no columns were given"),
        (lambda f: tn.tidy.pivot(f, "k", "v", keep=["u"], aggregate="sun"), "aggregate is 'sun', expected one of"),
        (lambda f: tn.tidy.pivot(f.with_columns(k=pl.lit("a")), "k", "v", keep="id"), "2 rows claim one cell"),
        (lambda f: tn.tidy.pivot(f, "k", "z"), "there is no column 'z' among"),
        (lambda f: tn.tidy.split_column(f, "w", ["a", "b"]), "split takes either by or pattern"),
        (lambda f: tn.tidy.split_column(f, "w", ["a", "b"], pattern="(.)"), "has 1 groups for 2 new columns"),
        (lambda f: tn.tidy.split_column(f, "w", ["id", "b"], separator="-"), "there would be two columns named 'id'"),
        (lambda f: tn.tidy.separate_units(f, "w"), "2 cells of 'w' hold no number with a unit, such as 'm25-34'"),
        (
            lambda f: tn.tidy.separate_units(f, "u", target_unit="km"),
            "holds the unit 'kg', which cannot be brought to 'km'",
        ),
        (lambda f: tn.tidy.separate_units(f, "u", target_unit="stone"), "to is 'stone', expected one of"),
        (lambda f: tn.tidy.fill(f, "w", direction="dwon"), "expected 'down' or 'up'; did you mean 'down'?"),
        (lambda f: tn.tidy.impute(f, ["k"], strategy="mean"), "the column 'k' holds String, which has no mean"),
        (lambda f: tn.tidy.impute(f, strategy="constant"), "a value goes with how='constant'"),
        (lambda f: tn.tidy.clip_outliers(f, ["k"]), "the column 'k' holds String, expected numbers"),
        (lambda f: tn.tidy.clip_outliers(f, method="quantile", width=0.7), "width is 0.7, expected a number from 0 to"),
        (lambda f: tn.tidy.drop_duplicates(f, keep="frist"), "keep is 'frist'"),
        (lambda _: tn.tidy.melt(3, "x"), "the data is of type int, expected a frame"),
    ],
)
def test_mistakes_are_one_sentence(call: Callable[[Any], Any], sentence: str) -> None:
    with pytest.raises(InputError) as caught:
        call(pl.DataFrame(CELLS))
    assert sentence in str(caught.value)


def test_ten_thousand_levels_do_not_become_columns() -> None:
    frame = pl.DataFrame({"id": range(10_000), "k": [f"k{i}" for i in range(10_000)], "v": range(10_000)})
    with pytest.raises(InputError, match="10,000 different values, each of which would become a column"):
        tn.tidy.pivot(frame, "k", "v")


def test_a_lazy_frame_without_order_asks_for_one() -> None:
    with pytest.raises(InputError, match="have no order to fill along; give order_by"):
        tn.tidy.fill(duck(), "w")


@pytest.mark.parametrize("form", [pl.DataFrame, pl.LazyFrame, tn.read])
def test_a_name_that_is_a_pattern_is_refused(form: Any) -> None:
    frame = form({"^a.*$": ["x", None], "ab": ["y", None]})
    with pytest.raises(InputError, match=r"the name of the column '\^a\.\*\$' begins with \^ and ends with \$"):
        tn.tidy.fill(frame, "^a.*$")
