"""The values that verbs read and write: numbers with marks and units, dates, types of other columns."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import tidynet as tn
from tidynet.core.errors import InputError, TidynetWarning


def separated(cells: list[str | None], **arguments: Any) -> list[tuple[float | None, str | None]]:
    rows: list[Any] = tn.tidy.separate_units(pl.DataFrame({"c": cells}), "c", **arguments).rows()
    return rows


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["7,5 %", "12,25 %", "100 %", "0,5 %"], [(7.5, "%"), (12.25, "%"), (100.0, "%"), (0.5, "%")]),
        (["1.299 €", "1.299.000 €"], [(1299.0, "€"), (1299000.0, "€")]),
        (["1.234,5 kg", "2 kg"], [(1234.5, "kg"), (2.0, "kg")]),
        (["0,532 kg", "1,234 kg"], [(0.532, "kg"), (1.234, "kg")]),
        (["1.5 kg", "1,234 kg"], [(1.5, "kg"), (1234.0, "kg")]),
        (["$1,200.50", "-$3", "$-2", "($5.00)"], [(1200.5, "$"), (-3.0, "$"), (-2.0, "$"), (-5.0, "$")]),
        (["$1,200", "$3,400"], [(1200.0, "$"), (3400.0, "$")]),
        (["1'234.50 CHF", "CHF 1'000", "USD 7"], [(1234.5, "CHF"), (1000.0, "CHF"), (7.0, "USD")]),
        (["1 299 €", "2\u202f100 €", "3\u00a0000 €"], [(1299.0, "€"), (2100.0, "€"), (3000.0, "€")]),
        (["12,34,567 ₹", "1,00,000 ₹"], [(1234567.0, "₹"), (100000.0, "₹")]),
        (["−0.8 °C", "-3 °C", "–5 °C", "+2 °C"], [(-0.8, "°C"), (-3.0, "°C"), (-5.0, "°C"), (2.0, "°C")]),
        (["22 kg/m2", "18.5 kg/m²", "5 m^2"], [(22.0, "kg/m2"), (18.5, "kg/m²"), (5.0, "m^2")]),
        (["90 km h-1", "3 m s−1"], [(90.0, "km h-1"), (3.0, "m s−1")]),
        (["8 l/100km", "7.5 l/100 km", "5 per 100 g"], [(8.0, "l/100km"), (7.5, "l/100 km"), (5.0, "per 100 g")]),
        (["€5 / kg", "R$ 5,50"], [(5.0, "€ / kg"), (5.5, "R$")]),
        ([".5 kg", "1e3 kg", "7"], [(0.5, "kg"), (1000.0, "kg"), (7.0, None)]),
        (["5%", "-7%", None], [(5.0, "%"), (-7.0, "%"), (None, None)]),
        (["120 mm Hg", "5 sq. m"], [(120.0, "mm Hg"), (5.0, "sq. m")]),
    ],
)
def test_numbers_and_units_of_many_spellings(cells: list[str | None], expected: list[Any]) -> None:
    assert separated(cells) == expected
    lazy = tn.tidy.separate_units(pl.LazyFrame({"c": cells}), "c").collect()
    assert lazy.rows() == expected


@pytest.mark.parametrize(
    "cells",
    [
        ["5'11\"", "6'0\""], ["6'2"], ["5 ft 11 in"], ["1h30"], ["5m30s"], ["10-20 kg"], ["10–20 kg"], ["12/80"],
        ["3 x 4 cm"], ["3x4"], ["2 kg (4 lb)"], ["1 1/2 cups"], ["5 ± 0.3 cm"], ["$5-$10"], ["2023-01-02"],
    ],
)  # fmt: skip
def test_two_numbers_in_a_cell_are_refused(cells: list[str]) -> None:
    with pytest.raises(InputError, match="with two numbers, such as"):
        separated(cells)
    assert separated([*cells, "5 kg"], strict=False)[-1] == (5.0, "kg")
    assert separated([*cells, "5 kg"], strict=False)[0] == (None, None)


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (["1.299 €", "950 €"], "'c' has numbers with a thousands or a decimal mark, such as '1.299 €'; "),
        (["1,200 kg"], "'c' has numbers with a thousands or a decimal mark, such as '1,200 kg'; "),
        (["1,2 kg", "3.4 kg"], r"'c' has decimal commas \('1,2 kg'\) and decimal points \('3.4 kg'\), expected one"),
        (["<5 mg"], "'c' has 1 cell in another form, such as '<5 mg', expected numbers with units"),
        (["about"], "'c' has 1 cell without a number, such as 'about'"),
    ],
)
def test_cells_that_can_be_read_in_two_ways_or_none(cells: list[str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        separated(cells)


def test_other_columns_decide_where_a_column_does_not() -> None:
    frame = pl.DataFrame({"share": ["7,5 %", "0,5 %"], "price": ["1.299 €", "950 €"], "word": ["a.1", "3.4.2020"]})
    assert tn.tidy.separate_units(frame, "price")["price"].to_list() == [1299.0, 950.0]
    assert separated(["1.299 €"], decimal=".") == [(1.299, "€")]


@pytest.mark.parametrize(
    ("cells", "unit", "expected"),
    [
        (["5 KG", "250 G", "3 Kg."], "kg", [5.0, 0.25, 3.0]),
        (["5 mW", "3 MW"], "W", [0.005, 3_000_000.0]),
        (["90 km/h"], "m/s", [25.0]),
        (["1 µm", "2 mm"], "mm", [0.001, 2.0]),
    ],
)
def test_conversion_minds_case_where_it_matters(cells: list[str], unit: str, expected: list[float]) -> None:
    found = tn.tidy.separate_units(pl.DataFrame({"c": cells}), "c", target_unit=unit)["c"].to_list()
    assert found == pytest.approx(expected)


def test_a_unit_in_the_wrong_case_is_refused() -> None:
    with pytest.raises(InputError, match="'c' has the unit 'mw', expected a unit that converts to 'W'"):
        tn.tidy.separate_units(pl.DataFrame({"c": ["5 mw"]}), "c", target_unit="W")


TYPED = pl.DataFrame(
    {
        "whole": [1, 2, 138],
        "float": [1.5, 2.0, 1.1],
        "date": [dt.date(2023, 1, 2), dt.date(2023, 1, 3), None],
        "moment": [dt.datetime(2023, 1, 2, 8, 30), dt.datetime(2023, 1, 3), None],
        "truth": [True, False, None],
        "text": ["1", "02", "x"],
    }
)


@pytest.mark.parametrize(
    ("column", "value", "left"),
    [
        ("whole", "138", 2), ("whole", 138, 2), ("float", "1.1", 2), ("float", "2", 2), ("date", "2023-01-02", 2),
        ("date", dt.date(2023, 1, 3), 2), ("moment", "2023-01-02T08:30", 2), ("moment", "2023-01-03", 2),
        ("truth", "TRUE", 2), ("text", "02", 2), ("text", 1, 2),
    ],
)  # fmt: skip
def test_values_are_read_as_the_column_s_type(column: str, value: Any, left: int) -> None:
    assert tn.tidy.drop_rows(TYPED, column, [value]).height == left
    assert tn.tidy.drop_rows(TYPED.lazy(), column, value).collect().height == left


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("whole", "many", "the value for 'whole' is 'many', expected a number; write it so"),
        ("date", "2.1.2023", "the value for 'date' is '2.1.2023', expected a date such as 2023-01-02; write it so"),
        ("truth", "maybe", "the value for 'truth' is 'maybe', expected true or false; write it so"),
        (
            "text",
            "y",
            "no row has the value 'y' in 'text'; remove the value, or set strict=False (strict=no on the command line)",
        ),
        (
            "float",
            "7",
            "no row has the value '7' in 'float'; remove the value, or set strict=False (strict=no on the command line)",
        ),
    ],
)
def test_values_that_no_row_has(column: str, value: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        tn.tidy.drop_rows(TYPED, column, [value])
    assert str(caught.value) == message
    if "strict" in message:
        assert tn.tidy.drop_rows(TYPED, column, [value], strict=False).height == 3


@pytest.mark.parametrize("method", ["iqr", "quantile"])
def test_a_column_without_a_range_is_left_alone_and_named(method: Any) -> None:
    frame = pl.DataFrame({"claims": [138] + [0] * 300, "x": [1000, *range(300)]})
    with pytest.warns(TidynetWarning, match="'claims' is unchanged: its two qua.* are equal"):
        clipped = tn.tidy.clip_outliers(frame, method=method)
    assert clipped["claims"].equals(frame["claims"])
    assert clipped["x"].max() < 1000
    assert tn.tidy.clip_outliers(frame.lazy(), ["claims"], method=method).collect()["claims"].max() == 138


def test_columns_without_outliers_keep_their_type_and_nan() -> None:
    frame = pl.DataFrame({"a": [1, 2, 3, 4], "b": pl.Series([1.0, 2.0, 90.0, float("nan")][:4], dtype=pl.Float32)})
    clipped = tn.tidy.clip_outliers(frame, width=0.5)
    assert clipped.schema == frame.schema
    assert clipped["b"].is_nan().to_list() == [False, False, False, True]
    assert tn.tidy.drop_missing(frame, "a").equals(frame)


OTHERS = pd.DataFrame(
    {
        "k": ["a", "a", "b", "b"],
        "v": [1.0, None, 30.0, 4.0],
        "u": ["5 kg", "7 kg", "9 kg", "1 kg"],
        "cat": pd.Categorical(["x", "y", "x", "y"], categories=["y", "x"], ordered=True),
        "n": pd.array([1, None, 3, 4], dtype="Int64"),
        "zone": pd.to_datetime(["2023-01-01"] * 4, utc=True).tz_convert("Europe/Berlin"),
        "arrow": pd.array(["p", "q", None, "r"], dtype="string[pyarrow]"),
    },
    index=[10, 20, 30, 40],
)
CALLS: dict[str, Any] = {
    "fill": lambda f: tn.tidy.fill(f, "v"),
    "impute": lambda f: tn.tidy.impute(f, "v"),
    "clip_outliers": lambda f: tn.tidy.clip_outliers(f, "v", width=0.1),
    "separate_units": lambda f: tn.tidy.separate_units(f, "u"),
    "split_column": lambda f: tn.tidy.split_column(f, "u", ["number", "unit"], separator=" "),
    "unite": lambda f: tn.tidy.unite(f, ["k", "u"], "ku"),
    "drop_rows": lambda f: tn.tidy.drop_rows(f, "k", ["b"]),
    "drop_missing": lambda f: tn.tidy.drop_missing(f, "v"),
    "drop_duplicates": lambda f: tn.tidy.drop_duplicates(f, "k"),
    "melt": lambda f: tn.tidy.melt(f, ["v"], names_to="what"),
    "pivot": lambda f: tn.tidy.pivot(f, "k", "v", keep=["cat", "n", "zone", "arrow"]),
    "extract_table": lambda f: tn.tidy.extract_table(f, "u", ["v"])[0],
}


@pytest.mark.parametrize("verb", CALLS)
@pytest.mark.parametrize("kind", ["pandas", "polars", "arrow"])
def test_other_columns_keep_their_types_and_order(verb: str, kind: str) -> None:
    polars = pl.from_pandas(OTHERS)
    frame = {"pandas": OTHERS, "polars": polars, "arrow": polars.to_arrow()}[kind]
    result = CALLS[verb](frame)
    kept = [
        name
        for name in ("cat", "n", "zone", "arrow")
        if name in list(result.columns if kind != "arrow" else result.column_names)
    ]
    assert kept == ["cat", "n", "zone", "arrow"]
    if isinstance(result, pa.Table):
        assert [result.schema.field(name).type for name in kept] == [frame.schema.field(name).type for name in kept]
    elif isinstance(result, pd.DataFrame):
        assert list(result[kept].dtypes) == list(OTHERS[kept].dtypes)
    else:
        assert [result.schema[name] for name in kept] == [polars.schema[name] for name in kept]


@pytest.mark.parametrize(
    ("key", "columns", "message"),
    [
        ("k", ["v"], "'v' has 2 values where 'k' is 'a', expected one; name only columns that depend on the key"),
        ("u", None, "no column repeats for each value of 'u': each of its values is in one row only; "),
        ("k", None, "no column repeats for each value of 'k': every column varies within it; choose another key"),
    ],
)
def test_facts_that_do_not_depend_on_the_key(key: str, columns: list[str] | None, message: str) -> None:
    with pytest.raises(InputError) as caught:
        tn.tidy.extract_table(pl.from_pandas(OTHERS[["k", "v", "u"]]), key, columns)
    assert str(caught.value).startswith(message)


def test_a_table_is_put_together_again_from_its_two_parts() -> None:
    frame = pl.DataFrame(
        {"id": [1, 2, 1, 2], "age": [30, None, 30, None], "town": ["A", "B", "A", "B"], "n": [4, 5, 6, 7]}
    )
    rest, facts = tn.tidy.extract_table(frame, "id")
    assert (rest.columns, facts.columns, facts.height) == (["id", "n"], ["id", "age", "town"], 2)
    assert rest.join(facts, on="id").select(frame.columns).equals(frame)
