"""Columns of every dtype of Python, NumPy, Polars, pandas and Arrow through read, explore, fit and predict."""

from __future__ import annotations

import datetime
import decimal
import enum
import fractions
import uuid
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any, NamedTuple

import numpy as np
import polars as pl
import pytest

import tidynet as tn

N = 24
K = [0, 3, 1, 5, 2, 4, 3, 0, 1, 5, 5, 2, 4, 0, 3, 1, 2, 2, 4, 5, 0, 1, 3, 4]
DAY = datetime.date(2024, 1, 1)
NOON = datetime.datetime(2024, 1, 1, 12)
WORDS = [f"w{k}" for k in K]
ROUNDED = "they were rounded to floating-point numbers"
BEYOND = "the column 'v' has whole numbers beyond 64 bits; "


class Color(enum.Enum):
    RED = 1
    BLUE = 2


class Thing:
    """An object for which no text stands."""


class Case(NamedTuple):
    """A column, the dtype and variable type in which it is read, its second value, and the note."""

    make: Callable[[], Any]
    dtype: Any
    variable_type: str
    second: Any
    note: str = ""


def days(k: int) -> datetime.date:
    return DAY + datetime.timedelta(k)


def hours(k: int) -> datetime.timedelta:
    return datetime.timedelta(hours=k)


def polars(values: list[Any], dtype: Any) -> Callable[[], pl.Series]:
    return lambda: pl.Series(values, dtype=dtype)


INTEGERS = (pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.UInt8, pl.UInt16, pl.UInt32, pl.UInt64)
POLARS = {
    **{str(dtype): Case(polars(K, dtype), dtype, "discrete", 3) for dtype in INTEGERS},
    "Int128 in 64 bits": Case(polars(K, pl.Int128), pl.Int64, "discrete", 3),
    "UInt128 in 64 bits": Case(polars(K, pl.UInt128), pl.Int64, "discrete", 3),
    "UInt128 beyond Int64": Case(polars([2**63 + k * 2**40 for k in K], pl.UInt128), pl.UInt64, "discrete", 2**63 + 3 * 2**40),
    "Int128 codes": Case(
        polars([2**70 + k for k in K], pl.Int128), pl.String, "nominal", str(2**70 + 3), f"{BEYOND}they are kept as text"
    ),
    "Int128 quantity": Case(
        polars([k * 10**21 + 7 for k in K], pl.Int128), pl.Float64, "discrete", 3e21, f"{BEYOND}they were rounded to 15 digits"
    ),
    "Int64 codes beyond floats": Case(polars([2**60 + k for k in K], pl.Int64), pl.Int64, "nominal", 2**60 + 3),
    "Float16": Case(polars([k / 2 for k in K], pl.Float16), pl.Float32, "continuous", 1.5),
    "Float32": Case(polars([k / 2 for k in K], pl.Float32), pl.Float32, "continuous", 1.5),
    "Float64": Case(polars([k / 2 for k in K], pl.Float64), pl.Float64, "continuous", 1.5),
    "Float64 of NaN": Case(polars([float("nan"), *(k / 2 for k in K[1:])], pl.Float64), pl.Float64, "continuous", 1.5),
    "Decimal": Case(lambda: pl.Series(K).cast(pl.Decimal(30, 4)) / 4, pl.Float64, "continuous", 0.75),
    "Decimal without places": Case(lambda: pl.Series(K).cast(pl.Decimal(38, 0)), pl.Int64, "discrete", 3),
    "Decimal of 21 digits": Case(
        lambda: pl.Series([decimal.Decimal("1.00000000000000000001") + k for k in K]),
        pl.Float64, "discrete", 4.0, f"the column 'v' has more than 15 digits in 24 rows; {ROUNDED}",
    ),
    "Boolean": Case(polars([k > 2 for k in K], pl.Boolean), pl.Boolean, "boolean", True),
    "String": Case(polars(WORDS, pl.String), pl.String, "nominal", "w3"),
    "Categorical": Case(polars(WORDS, pl.Categorical), pl.Categorical, "nominal", "w3"),
    "Enum": Case(polars(WORDS, pl.Enum(sorted(set(WORDS)))), pl.Enum(sorted(set(WORDS))), "ordinal", "w3"),
    "Binary": Case(polars([b"%d" % k for k in K], pl.Binary), pl.Binary, "text", b"3"),
    "Date": Case(polars([days(k) for k in K], pl.Date), pl.Date, "datetime", days(3)),
    "Time": Case(polars([datetime.time(k) for k in K], pl.Time), pl.Time, "duration", datetime.time(3)),
    **{
        f"Datetime {unit}": Case(polars([NOON + hours(k) for k in K], pl.Datetime(unit)), pl.Datetime(unit), "datetime", NOON + hours(3))
        for unit in ("ms", "us", "ns")
    },
    **{
        f"Duration {unit}": Case(polars([hours(k) for k in K], pl.Duration(unit)), pl.Duration(unit), "duration", hours(3))
        for unit in ("ms", "us", "ns")
    },
    "Datetime with zone": Case(
        lambda: pl.Series([NOON + hours(k) for k in K]).dt.replace_time_zone("Europe/Rome"),
        pl.Datetime("us", "Europe/Rome"), "datetime", None,
    ),
    "Duration of one value": Case(polars([hours(1)] * N, pl.Duration("us")), pl.Duration("us"), "constant", hours(1)),
    "List": Case(polars([[k] for k in K], pl.List(pl.Int64)), pl.List(pl.Int64), "text", [3]),
    "Array": Case(polars([[k] for k in K], pl.Array(pl.Int64, 1)), pl.Array(pl.Int64, 1), "text", [3]),
    "Struct": Case(polars([{"u": k} for k in K], None), pl.Struct({"u": pl.Int64}), "text", {"u": 3}),
    "Null": Case(polars([None] * N, pl.Null), pl.Null, "constant", None),
}  # fmt: skip

PYTHON = {
    "integers beyond 64 bits": Case(
        lambda: [2**70 + k for k in K], pl.String, "nominal", str(2**70 + 3), f"{BEYOND}they are kept as text"
    ),
    "integers beyond 128 bits": Case(
        lambda: [2**200 + k for k in K], pl.String, "nominal", str(2**200 + 3), f"{BEYOND}they are kept as text"
    ),
    "quantities beyond 128 bits": Case(
        lambda: [k * 10**50 for k in K], pl.Float64, "discrete", 3e50, f"{BEYOND}they were rounded to 15 digits"
    ),
    "integers and floats": Case(lambda: [k if k % 2 else k + 0.5 for k in K], pl.Float64, "continuous", 3.0),
    "large integers and floats": Case(
        lambda: [2**60 + 1 if k == 3 else k + 0.5 for k in K], pl.Float64, "continuous", float(2**60),
        "the column 'v' has numbers of more digits than a floating-point number holds in 4 rows; they were rounded",
    ),
    "booleans and integers": Case(
        lambda: [k > 2 if k % 3 else k for k in K], pl.Int64, "discrete", 3,
        "the column 'v' has true and false among numbers; they were read as 1 and 0",
    ),
    "numbers and words": Case(
        lambda: [k if k % 2 else "none yet" for k in K], pl.String, "nominal", "3",
        "the column 'v' has values of 2 types (str, int); they are kept as text",
    ),
    "durations and numbers": Case(
        lambda: [hours(k) if k % 2 else 1.5 for k in K], pl.String, "nominal", "3:00:00",
        "the column 'v' has values of 2 types (float, timedelta); they are kept as text",
    ),
    "decimals": Case(lambda: [decimal.Decimal(k) / 4 for k in K], pl.Float64, "continuous", 0.75),
    "decimals with NaN": Case(lambda: [decimal.Decimal("NaN"), *map(decimal.Decimal, K[1:])], pl.Int64, "discrete", 3),
    "decimals of 17 digits": Case(
        lambda: [decimal.Decimal("0.12345678901234567") + k for k in K], pl.Float64, "continuous", 3.12345678901234567,
        "the column 'v' has numbers of more digits than a floating-point number holds in 24 rows; they were rounded",
    ),
    "fractions": Case(lambda: [fractions.Fraction(k, 4) for k in K], pl.Float64, "continuous", 0.75),
    "dates": Case(lambda: [days(k) for k in K], pl.Date, "datetime", days(3)),
    "dates and times": Case(
        lambda: [days(k) if k % 2 else NOON for k in K], pl.Datetime("us"), "datetime", NOON.replace(day=4, hour=0),
        "the column 'v' has dates and times; a date counts as midnight",
    ),
    "times of several zones": Case(
        lambda: [NOON.replace(tzinfo=datetime.timezone(hours(k % 2))) for k in K], pl.Datetime("us", "UTC"), "datetime",
        NOON.replace(hour=11, tzinfo=datetime.UTC), "the column 'v' has times of 2 time zones; they are in UTC",
    ),
    "times of day": Case(lambda: [datetime.time(k) for k in K], pl.Time, "duration", datetime.time(3)),
    "durations": Case(lambda: [hours(k) for k in K], pl.Duration("us"), "duration", hours(3)),
    "enumeration": Case(lambda: [Color.RED if k % 2 else Color.BLUE for k in K], pl.String, "nominal", "RED"),
    "UUID": Case(lambda: [uuid.UUID(int=k) for k in K], pl.String, "nominal", str(uuid.UUID(int=3))),
    "NumPy scalars": Case(lambda: [np.int16(k) for k in K], pl.Int64, "discrete", 3),
    "NumPy dates": Case(
        lambda: [np.datetime64(days(k)) for k in K], pl.Datetime("us"), "datetime", datetime.datetime(2024, 1, 4),
    ),
    "half of a character": Case(lambda: ["\ud800" if k % 2 else "b" for k in K], pl.String, "nominal", "\\ud800"),
    "bytes": Case(lambda: [bytearray(b"%d" % k) for k in K], pl.Binary, "text", b"3"),
    "lists": Case(lambda: [[k] * k for k in K], pl.List(pl.Int64), "text", [3, 3, 3]),
    "records": Case(lambda: [{"u": k} for k in K], pl.Struct({"u": pl.Int64}), "text", {"u": 3}),
    "NaN": Case(lambda: [float("nan")] * N, pl.Float64, "constant", None),
}  # fmt: skip


def numpy(dtype: str) -> Callable[[], np.ndarray[Any, Any]]:
    return lambda: np.array(K).astype(dtype)


EPOCH = datetime.datetime(1970, 1, 1)
NUMPY = {
    **{dtype: Case(numpy(dtype), None, "discrete", 3) for dtype in ("int8", "uint64", ">i4", "float16", "float32", ">f8", "object")},
    "bool": Case(lambda: np.array(K) > 2, pl.Boolean, "boolean", True),
    "longdouble": Case(numpy("longdouble"), pl.Float64, "discrete", 3.0),
    "text": Case(lambda: np.array(WORDS), pl.String, "nominal", "w3"),
    "bytes": Case(lambda: np.array(WORDS, dtype="S"), pl.String, "nominal", "w3"),
    "StringDType": Case(lambda: np.array(WORDS, dtype=np.dtypes.StringDType()), pl.String, "nominal", "w3"),
    "years": Case(numpy("datetime64[Y]"), pl.Datetime("us"), "datetime", datetime.datetime(1973, 1, 1)),
    "days": Case(numpy("datetime64[D]"), pl.Datetime("us"), "datetime", datetime.datetime(1970, 1, 4)),
    "seconds": Case(numpy("datetime64[s]"), pl.Datetime("us"), "datetime", EPOCH.replace(second=3)),
    "nanoseconds": Case(numpy("datetime64[ns]"), pl.Datetime("ns"), "datetime", EPOCH),
    "picoseconds": Case(
        numpy("datetime64[ps]"), pl.Datetime("ns"), "constant", EPOCH, "the times of the column 'v' were rounded to nanoseconds"
    ),
    "hours": Case(numpy("timedelta64[h]"), pl.Duration("us"), "duration", hours(3)),
    "masked": Case(lambda: np.ma.masked_equal(K, 0), pl.Int64, "discrete", 3),
    "masked text": Case(lambda: np.ma.masked_array(WORDS, mask=np.array(K) == 0), pl.String, "nominal", "w3"),
    "masked objects": Case(
        lambda: np.ma.masked_array(np.array(K, dtype=object), mask=np.array(K) == 0), pl.Int64, "discrete", 3
    ),
}  # fmt: skip


def pandas_cases() -> dict[str, Case]:
    import pandas as pd

    def series(values: Any, dtype: Any = None) -> Callable[[], Any]:
        return lambda: pd.Series(values, dtype=dtype)

    stamps = pd.to_datetime([NOON + hours(k) for k in K])
    gaps = [None if k == 0 else k for k in K]
    whole = ("int8", "uint16", "Int64", "UInt8", "float16", "Float32", "object")
    intervals = ["(0.0, 2.0]", "(2.0, 5.0]"]
    return {
        **{dtype: Case(series(K, dtype), None, "discrete", 3) for dtype in whole},
        "Int64 of gaps": Case(series(gaps, "Int64"), pl.Int64, "discrete", 3),
        "Int64 beyond floats": Case(series([2**60 + k for k in K], "Int64"), pl.Int64, "nominal", 2**60 + 3),
        "boolean of gaps": Case(series([None if k == 0 else k > 2 for k in K], "boolean"), pl.Boolean, "boolean", True),
        "str": Case(series(WORDS), pl.String, "nominal", "w3"),
        "string": Case(series(WORDS, "string"), pl.String, "nominal", "w3"),
        "category": Case(series(WORDS, "category"), pl.Categorical, "nominal", "w3"),
        "category of numbers": Case(series(K, "category"), pl.Categorical, "nominal", "3"),
        "ordered category of numbers": Case(
            lambda: pd.Series(pd.Categorical(K, ordered=True)), pl.Enum([str(k) for k in range(6)]), "ordinal", "3"
        ),
        "category of one text": Case(
            lambda: pd.Series(pd.Categorical([1 if k % 2 else "1" for k in K], [1, "1"], ordered=True)),
            pl.Enum(["1"]), "constant", "1", "categories of the column 'v' that read the same are one: '1'",
        ),
        "cut": Case(lambda: pd.cut(pd.Series(K), [0.0, 2.0, 5.0]), pl.Enum(intervals), "ordinal", "(2.0, 5.0]"),
        "intervals": Case(
            lambda: pd.Series(pd.arrays.IntervalArray(pd.cut(K, [0.0, 2.0, 5.0]))), pl.Enum(intervals), "ordinal", "(2.0, 5.0]"
        ),
        **{
            f"datetime64[{unit}]": Case(series(stamps, f"datetime64[{unit}]"), pl.Datetime("us"), "datetime", NOON + hours(3))
            for unit in ("s", "ms", "us", "ns")
        },
        "odd nanoseconds": Case(series(np.array(K, "M8[ns]")), pl.Datetime("ns"), "datetime", EPOCH),
        "zone": Case(series(stamps.tz_localize("Europe/Rome")), pl.Datetime("us", "Europe/Rome"), "datetime", None),
        "offset": Case(
            series(stamps.tz_localize(datetime.timezone(hours(5)))), pl.Datetime("us", "UTC"), "datetime", None,
            "the times of the column 'v' in the zone UTC+05:00 are in UTC",
        ),
        "timedelta64[s]": Case(series([hours(k) for k in K], "timedelta64[s]"), pl.Duration("us"), "duration", hours(3)),
        "months": Case(
            series(pd.period_range("2024-01", periods=6, freq="M")[K]), pl.Date, "datetime", datetime.date(2024, 4, 1),
            "the periods of the column 'v' (M) are given by their first day",
        ),
        "quarters": Case(
            series(pd.period_range("2024Q1", periods=6, freq="Q")[K]), pl.Date, "datetime", datetime.date(2024, 10, 1),
            "the periods of the column 'v' (Q-DEC) are given by their first day",
        ),
        "hours": Case(
            series(pd.period_range(NOON, periods=6, freq="h")[K]), pl.Datetime("us"), "datetime", NOON + hours(3),
            "the periods of the column 'v' (h) are given by their first moment",
        ),
        "sparse": Case(series(pd.arrays.SparseArray(K)), pl.Int64, "discrete", 3),
        "sparse of gaps": Case(series(pd.arrays.SparseArray([None if k == 0 else k / 2 for k in K])), pl.Float64, "continuous", 1.5),
        "list of nanoseconds": Case(
            lambda: [pd.Timestamp(NOON + hours(k)) + pd.Timedelta(1, "ns") for k in K], pl.Datetime("ns"), "datetime", None
        ),
        "list of spans": Case(lambda: [pd.Timedelta(k, "h") for k in K], pl.Duration("us"), "duration", hours(3)),
        "list of intervals": Case(
            lambda: list(pd.cut(K, [-1.0, 2.0, 5.0])), pl.Enum(["(-1.0, 2.0]", "(2.0, 5.0]"]), "ordinal", "(2.0, 5.0]"
        ),
        "array": Case(lambda: pd.array(gaps, dtype="Int64"), pl.Int64, "discrete", 3),
        "object of NA": Case(series([pd.NA if k == 0 else k for k in K], object), pl.Int64, "discrete", 3),
        "object beyond 64 bits": Case(
            series([2**70 + k for k in K], object), pl.String, "nominal", str(2**70 + 3), f"{BEYOND}they are kept as text"
        ),
        "object of dates": Case(series([days(k) for k in K], object), pl.Date, "datetime", days(3)),
    }  # fmt: skip


def arrow_cases() -> dict[str, Case]:
    import pyarrow as pa

    def array(values: list[Any], dtype: Any = None) -> Callable[[], Any]:
        return lambda: pa.array(values, dtype)

    quarters = [decimal.Decimal(k) / 4 for k in K]
    flags = [k > 2 for k in K]
    moments = [NOON + hours(k) for k in K]
    return {
        "int64": Case(array(K), pl.Int64, "discrete", 3),
        "half": Case(array([k / 2 for k in K], pa.float16()), pl.Float32, "continuous", 1.5),
        **{str(dtype): Case(array(WORDS, dtype), pl.String, "nominal", "w3") for dtype in (pa.string(), pa.large_string(), pa.string_view())},
        **{
            str(dtype): Case(array([b"w%d" % k for k in K], dtype), pl.Binary, "text", b"w3")
            for dtype in (pa.binary(), pa.binary(2), pa.large_binary(), pa.binary_view())
        },
        "date32": Case(array([days(k) for k in K], pa.date32()), pl.Date, "datetime", days(3)),
        "date64": Case(array([days(k) for k in K], pa.date64()), pl.Datetime("ms"), "datetime", datetime.datetime(2024, 1, 4)),
        "time32": Case(array([datetime.time(k) for k in K], pa.time32("s")), pl.Time, "duration", datetime.time(3)),
        "timestamp[s]": Case(array(moments, pa.timestamp("s")), pl.Datetime("ms"), "datetime", NOON + hours(3)),
        "timestamp at an offset": Case(
            array(moments, pa.timestamp("us", "+05:30")), pl.Datetime("us", "UTC"), "datetime", None,
            "the times of the column 'v' at the offset +05:30 are in UTC",
        ),
        "duration": Case(array([hours(k) for k in K], pa.duration("s")), pl.Duration("ms"), "duration", hours(3)),
        **{str(dtype): Case(array(quarters, dtype), pl.Float64, "continuous", 0.75) for dtype in (pa.decimal32(6, 2), pa.decimal64(9, 2), pa.decimal128(30, 2), pa.decimal256(60, 2))},
        "decimal of hundreds": Case(array([100 * decimal.Decimal(k) for k in K], pa.decimal128(9, -2)), pl.Int64, "discrete", 300),
        **{
            str(dtype): Case(array([[k] for k in K], dtype), pl.List(pl.Int64), "text", [3])
            for dtype in (pa.list_(pa.int64()), pa.large_list(pa.int64()), pa.list_view(pa.int64()))
        },
        "fixed-size list": Case(array([[k] for k in K], pa.list_(pa.int64(), 1)), pl.Array(pl.Int64, 1), "text", [3]),
        "struct": Case(array([{"u": k} for k in K]), pl.Struct({"u": pl.Int64}), "text", {"u": 3}),
        "map": Case(array([[("u", k)] for k in K], pa.map_(pa.string(), pa.int64())), None, "text", {"u": 3}),
        "dictionary of words": Case(lambda: pa.array(WORDS).dictionary_encode(), pl.Categorical, "nominal", "w3"),
        "dictionary of numbers": Case(lambda: pa.array(K).dictionary_encode(), pl.Int64, "discrete", 3),
        "ordered dictionary": Case(
            lambda: pa.DictionaryArray.from_arrays(pa.array(K, pa.int8()), list("fedcba"), ordered=True),
            pl.Enum(list("fedcba")), "ordinal", "c",
        ),
        "run-end encoded": Case(
            lambda: pa.RunEndEncodedArray.from_arrays(pa.array(range(1, N + 1), pa.int32()), pa.array(K)), pl.Int64, "discrete", 3
        ),
        "null": Case(lambda: pa.nulls(N), pl.Null, "constant", None),
        "interval of days": Case(
            array([(0, k, 0) for k in K], pa.month_day_nano_interval()), pl.Duration("ns"), "duration", datetime.timedelta(3)
        ),
        "union": Case(
            lambda: pa.UnionArray.from_sparse(pa.array(flags).cast(pa.int8()), [pa.array(K), pa.array(WORDS)]),
            pl.String, "nominal", "w3", "the column 'v' has values of 2 types (int, str); they are kept as text",
        ),
        "bool8": Case(lambda: pa.ExtensionArray.from_storage(pa.bool8(), pa.array(flags).cast(pa.int8())), pl.Boolean, "boolean", True),
        "uuid": Case(
            lambda: pa.ExtensionArray.from_storage(pa.uuid(), pa.array([uuid.UUID(int=k).bytes for k in K], pa.binary(16))),
            pl.String, "nominal", str(uuid.UUID(int=3)),
        ),
        "json": Case(lambda: pa.ExtensionArray.from_storage(pa.json_(), pa.array(WORDS)), pl.String, "nominal", "w3"),
    }  # fmt: skip


def frame_of(kind: str, column: Any) -> Any:
    """A frame of the column's own library, with a number and the target."""
    if kind == "pandas":
        import pandas as pd

        if not isinstance(column, pd.Series):  # a list or an array of pandas' own values
            return {"v": column, "x": X, "y": Y}
        return pd.DataFrame({"v": column, "x": X, "y": Y})
    if kind == "Arrow":
        import pyarrow as pa

        return pa.table({"v": column, "x": X, "y": Y})
    if kind == "pandas of Arrow":
        import pandas as pd
        import pyarrow as pa

        arrow = pd.arrays.ArrowExtensionArray(pa.chunked_array([column]))
        return pd.DataFrame({"v": arrow, "x": X, "y": Y})
    return pl.DataFrame({"v": column, "x": X, "y": Y}) if kind == "Polars" else {"v": column, "x": X, "y": Y}


X = [float(k) for k in range(N)]
Y = ["low" if k < N / 2 else "high" for k in range(N)]
ARROW = arrow_cases() if find_spec("pyarrow") else {}
CASES = {
    **{("Polars", name): case for name, case in POLARS.items()},
    **{("Python", name): case for name, case in PYTHON.items()},
    **{("NumPy", name): case for name, case in NUMPY.items()},
    **{("pandas", name): case for name, case in (pandas_cases() if find_spec("pandas") else {}).items()},
    **{("Arrow", name): case for name, case in ARROW.items()},
    **{("pandas of Arrow", name): case for name, case in (ARROW if find_spec("pandas") else {}).items()},
}


@pytest.mark.parametrize(("kind", "name"), CASES)
def test_every_dtype_goes_all_the_way(kind: str, name: str) -> None:
    case = CASES[kind, name]
    frame = frame_of(kind, case.make())
    table = tn.read(frame)
    assert case.dtype is None or table["v"].dtype == case.dtype
    assert str(table.inferred_types["v"].variable_type) == case.variable_type
    assert case.second is None or table["v"].to_list()[1] == case.second
    assert table.notes == ((case.note,) if case.note else ())
    seen = tn.explore(frame, target="y").profile["v"]
    assert (seen.rows, seen.missing) == (N, table["v"].null_count())
    model = tn.MLPClassifier(effort="fast", random_state=0, n_networks=1).fit(table.drop(target="y"), table["y"])
    is_used = case.variable_type not in ("text", "constant")
    assert ("v" in model.recipe_.used_columns) is is_used
    assert ("v" in model.recipe_.excluded_columns) is not is_used
    features = {"v": frame["v"], "x": X} if isinstance(frame, dict) else frame
    assert model.predict(features).tolist() == model.predict(table).tolist()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: [complex(k) for k in K],
            "Complex data not supported: the column 'v' contains complex numbers, expected real numbers; "
            "give the real and the imaginary parts as two columns, or drop it",
        ),
        (
            lambda: np.array(K, "timedelta64[M]"),
            "the column 'v' is timedelta64[M] with the unit month, expected durations of fixed length; "
            "convert it to days or seconds",
        ),
        (
            lambda: np.array(K, "timedelta64"),
            "the column 'v' is timedelta64 with no unit, expected durations of fixed length; "
            "convert it to days or seconds",
        ),
        (
            lambda: np.array(["300000-01-01"] * N, "datetime64[D]"),
            "the column 'v' contains a date in the year 300000, expected years from 1 to 9999; correct or drop the row",
        ),
        (
            lambda: [*(10**400 + k for k in K[:-1]), 10**399],
            "the column 'v' contains a number of 401 digits, expected numbers below 1e308; correct or drop the row",
        ),
        (
            lambda: [10**5000, 1.5, *K[2:]],
            "the column 'v' contains a number of 5,001 digits, expected numbers below 1e308; correct or drop the row",
        ),
        *(
            (make, "the column 'v' contains a time or duration out of range; correct or drop the row")
            for make in (
                lambda: [datetime.timedelta.max] * N,
                lambda: np.array([2**40] * N, "timedelta64[D]"),
                lambda: pl.Series([2**62] * N).cast(pl.Datetime("us")),
                lambda: pl.Series([2**30] * N).cast(pl.Int32).cast(pl.Date),
                lambda: pl.Series([2**62] * N).cast(pl.Duration("ms")),
            )
        ),
    ],
)
def test_columns_that_no_table_holds(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(tn.InputError) as error:
        tn.read({"v": make(), "x": X})
    assert str(error.value) == message


@pytest.mark.parametrize(
    "values",
    [
        [Thing() for _ in K],
        [{k} for k in K],
        [len for _ in K],
        [{"u": 1}, [1]] * (N // 2),
        pl.Series([Thing() for _ in K], dtype=pl.Object),
    ],
)
def test_python_objects_are_left_out(values: Any) -> None:
    table = tn.read({"v": values, "x": X})
    assert table.columns == ["x"]
    assert table.notes == ("the column 'v' has Python objects (dtype Object); it was left out",)


@pytest.mark.parametrize(
    "name", ["Duration ms", "Duration us", "Time", "Decimal of 21 digits", "Int128 codes", "Float16", "List"]
)
def test_lazy_frames_and_files_agree_with_frames(name: str, tmp_path: Any) -> None:
    frame = frame_of("Polars", POLARS[name].make())
    table = tn.read(frame)
    assert tn.explore(frame.lazy(), target="y").profile["v"].variable_type == POLARS[name].variable_type
    frame.write_parquet(tmp_path / "t.parquet")
    frame.write_ipc(tmp_path / "t.arrow")
    for file in ("t.parquet", "t.arrow"):
        written = tn.read(tmp_path / file)
        assert written.frame.equals(table.frame)
        assert written.notes == table.notes


@pytest.mark.parametrize("name", [name for name in ARROW if name not in ("decimal of hundreds", "uuid")])
def test_arrow_files_of_types_that_polars_has_not(name: str, tmp_path: Any) -> None:
    import pyarrow as pa

    table = frame_of("Arrow", ARROW[name].make())
    path = tmp_path / "t.arrow"
    for write in (pa.ipc.new_file, pa.ipc.new_stream):
        with write(path, table.schema) as file:
            file.write_table(table)
        assert tn.read(path)["v"].to_list() == tn.read(table)["v"].to_list()


def test_large_integers_are_codes_or_said_to_be_rounded() -> None:
    table = tn.read({"code": [2**60 + k for k in range(N)], "amount": [2**54 * k * k for k in range(N)]})
    assert table.inferred_types["code"].reason == "codes unique in each row, of more digits than a number keeps"
    assert table.inferred_types["amount"].reason.endswith(", rounded to 15 digits in computations")
    assert table["code"].to_list()[1] == 2**60 + 1


@pytest.mark.parametrize("start", [2**60, 2**63])
def test_codes_beyond_floats_do_not_merge(start: int) -> None:
    first, second = ({"v": [start + shift + k for k in K], "x": X} for shift in (0, 3))
    assert tn.explore(first).profile["v"].distinct == 6
    shift = next(item for item in tn.compare(first, second).comparison.shifts if item.column == "v")
    assert [category for category, _ in shift.new_categories] == [str(start + 6), str(start + 7), str(start + 8)]
    model = tn.MLPClassifier(effort="fast", random_state=0, n_networks=1).fit(first, Y)
    encoder = next(item for item in model.recipe_.categories if item.name == "v")
    assert encoder.categories == tuple(str(start + k) for k in range(6))


def test_durations_are_described_as_target_and_in_comparisons() -> None:
    frame = {"v": [hours(k) for k in K], "x": X, "y": Y}
    assert "v" in tn.explore(frame, target="v").to_html()
    assert not tn.compare(frame, frame).comparison.added
    regressor = tn.MLPRegressor(effort="fast", random_state=0, n_networks=1)
    table = tn.read(frame)
    assert len(regressor.fit(table.drop("y", target="v"), table["v"].dt.total_seconds()).predict(table)) == N


def test_written_durations_are_hours_minutes_and_seconds(tmp_path: Any) -> None:
    spans = [datetime.timedelta(days=1, hours=3), None, -datetime.timedelta(seconds=3, microseconds=20)]
    path = tn.read({"d": spans, "n": [1, 2, 3]}).write(tmp_path / "t.csv")
    assert path.read_text() == "d,n\n27:00:00,1\n,2\n-0:00:03.00002,3\n"


def test_codes_of_many_digits_are_not_said_to_be_numbers() -> None:
    for values in ([2**70 + k for k in K], [str(2**60 + k) for k in K]):
        assert "numbers-as-text" not in {finding.code for finding in tn.explore({"v": values, "x": X}).findings}
    found = tn.explore({"v": [str(k) for k in K], "x": X}).findings
    assert "numbers-as-text" in {finding.code for finding in found}
