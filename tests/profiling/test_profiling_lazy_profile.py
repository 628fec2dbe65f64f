"""Profiles of lazy frames of every engine, as exact as stated."""

from __future__ import annotations

import json
import math
import sys
from datetime import date, datetime, timedelta
from typing import Any

import narwhals as nw
import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidynet.profiling import Bars, ColumnProfile, Histogram, Profile, profile_table
from tidynet.profiling.lazy_backends import as_lazy, sample_lazy_rows
from tidynet.profiling.log_histogram import BinnedColumn, choose_binning
from tidynet.profiling.missing_patterns import lazy_missing_patterns

ROWS = 4000
limits = sys.modules["tidynet.profiling.profile_table"]


def mixed_table() -> pl.DataFrame:
    rng = np.random.default_rng(8)
    moment = datetime(2023, 1, 1)
    return pl.DataFrame(
        {
            "price": rng.lognormal(3, 1, ROWS),
            "claim": np.where(rng.random(ROWS) < 0.8, 0, rng.lognormal(6, 1, ROWS)),
            "balance": np.where(rng.random(ROWS) < 0.1, np.nan, rng.normal(0, 500, ROWS)),
            "latitude": rng.uniform(51.2, 51.4, ROWS),
            "visits": pl.Series(rng.poisson(4, ROWS), dtype=pl.Int64),
            "large": pl.Series(rng.integers(0, 10**9, ROWS), dtype=pl.Int64),
            "region": rng.choice(["north", "south", "west"], ROWS, p=[0.6, 0.3, 0.1]),
            "active": rng.random(ROWS) < 0.3,
            "created": [moment + timedelta(minutes=int(minutes)) for minutes in rng.integers(0, 10**6, ROWS)],
            "code": [f"T-{number:08d}" for number in rng.permutation(ROWS)],
        }
    ).with_columns(
        pl.when(pl.col("visits") != 3).then("region").alias("region"),
        pl.when(pl.col("visits") != 7).then("visits").alias("visits"),
        pl.col("balance").fill_nan(None),
    )


@pytest.fixture
def small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """No table is small enough to be collected."""
    monkeypatch.setattr(limits, "_MAX_COLLECTED_ROWS", 100)
    monkeypatch.setattr(limits, "_MAX_SAMPLE_ROWS", 2000)


def on_polars(frame: pl.DataFrame) -> Any:
    return frame.lazy()


def on_duckdb(frame: pl.DataFrame) -> Any:
    duckdb = pytest.importorskip("duckdb")
    connection = duckdb.connect()
    connection.register("mixed", frame.to_arrow())
    return connection.sql("select * from mixed")


def on_dask(frame: pl.DataFrame) -> Any:
    dask = pytest.importorskip("dask.dataframe")
    return dask.from_pandas(frame.to_pandas(), npartitions=3)


def on_pyspark(frame: pl.DataFrame) -> Any:
    sql = pytest.importorskip("pyspark.sql")
    try:
        session = sql.SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
    except Exception as error:
        pytest.skip(f"Spark does not start: {error}")
    return session.createDataFrame(frame.to_pandas())


def on_ibis(frame: pl.DataFrame) -> Any:
    ibis = pytest.importorskip("ibis")
    return ibis.memtable(frame.to_arrow())


ENGINES = [on_polars, on_duckdb, on_dask, pytest.param(on_pyspark, marks=pytest.mark.slow), on_ibis]


@pytest.mark.filterwarnings("ignore")  # the engines' own
@pytest.mark.parametrize("engine", ENGINES)
def test_every_engine_equals_the_exact_profile(engine: Any, small_limits: None) -> None:
    frame = mixed_table()
    exact = profile_table(frame, target="active")
    profile = profile_table(engine(frame), target="active")
    assert profile.rows == ROWS
    for one in exact.columns:
        compare(one, profile[one.name])
    assert profile.missing_patterns == exact.missing_patterns
    correlations = {(one.x, one.y): one.measures.get("Pearson") for one in profile.pairs}
    for names in (("claim", "balance"), ("price", "large"), ("balance", "visits")):
        both = frame.select(names).drop_nulls().to_numpy()
        assert correlations[names] == pytest.approx(np.corrcoef(both.T)[0, 1], abs=1e-9)
    assert len(profile.target_associations) == len(exact.target_associations)
    assert any("variable types, pairs and text statistics use" in note for note in profile.notes)
    assert Profile.from_dict(json.loads(json.dumps(profile.to_dict()))) == profile


def compare(exact: ColumnProfile, found: ColumnProfile) -> None:
    assert (found.name, found.variable_type, found.missing) == (exact.name, exact.variable_type, exact.missing)
    assert found.distinct == pytest.approx(exact.distinct, rel=0.15)
    for name in ("min", "max", "mean", "std", "skew", "kurtosis", "zeros", "negatives", "infinities"):
        if name in exact.statistics:
            assert found.statistics[name] == pytest.approx(exact.statistics[name], rel=1e-6, abs=1e-6), name
    for name in ("1%", "5%", "25%", "median", "75%", "95%", "99%"):
        if name in exact.statistics:
            span = exact.statistics["max"] - exact.statistics["min"]
            assert found.statistics[name] == pytest.approx(exact.statistics[name], rel=0.0051, abs=0.0005 * span), name
    if isinstance(exact.chart_counts, Histogram) and exact.variable_type != "text":
        assert isinstance(found.chart_counts, Histogram)
        assert sum(found.chart_counts.counts) == sum(exact.chart_counts.counts)
        assert found.chart_counts.scale == exact.chart_counts.scale
    if isinstance(exact.chart_counts, Bars):
        assert found.chart_counts == exact.chart_counts
        assert found.categories == exact.categories


@given(
    st.lists(st.floats(-1e9, 1e9, allow_nan=False), min_size=1, max_size=80), st.sampled_from([1e-300, 1e-3, 1.0, 1e6])
)
@settings(max_examples=60)
def test_quantiles_from_bins_lie_within_their_error(values: list[float], scale: float) -> None:
    array = np.array(values) * scale
    binning = choose_binning(float(array.min()), float(array.max()), whole=False)
    if binning.low == binning.high:
        return
    keys = pl.DataFrame({"x": array}).lazy()
    counts = nw.from_native(keys).select(binning.key(nw.col("x")).alias("key")).group_by("key").agg(nw.len().alias("n"))
    found = counts.collect("polars").to_native()
    binned = BinnedColumn.of(binning, found["key"].to_numpy(), found["n"].cast(pl.Int64).to_numpy())
    assert binned.rows == len(values)
    ordered = np.sort(array)
    for share in (0.0, 0.3, 0.5, 1.0):
        place = share * (len(values) - 1)
        below, above = ordered[math.floor(place)], ordered[math.ceil(place)]
        part = place - math.floor(place)
        reach = 0.005 * (abs(below) * (1 - part) + abs(above) * part) + 0.0002 * (ordered[-1] - ordered[0]) * (
            binning.form == "equal"
        )
        exact = below * (1 - part) + above * part
        assert abs(binned.quantiles([share])[0] - exact) <= reach * 1.01 + 1e-320


def test_coarse_bins_contain_all_rows() -> None:
    binned = BinnedColumn.of(choose_binning(0, 9, whole=True), np.arange(10), np.arange(10) + 1)
    assert binned.counted_into(np.arange(11) - 0.5) == (list(range(1, 11)), 0, 0)
    assert binned.counted_into(np.array([-0.5, 4.5, 9.5])) == ([15, 40], 0, 0)
    assert binned.counted_into(np.array([1.5, 4.5])) == ([12], 3, 40)


def test_row_numbers_are_an_identifier_although_the_sample_is_not_consecutive(small_limits: None) -> None:
    profile = profile_table(pl.LazyFrame({"number": range(1, 5001), "x": [0.5, 1.5] * 2500}))
    assert profile["number"].variable_type == "identifier"


def test_labels_repeated_in_the_whole_table_are_no_identifier(small_limits: None) -> None:
    labels = [f"label {place % 3000}" for place in range(60_000)]
    profile = profile_table(pl.LazyFrame({"label": labels, "x": range(60_000)}))
    assert profile["label"].variable_type == "nominal"


@pytest.mark.parametrize(
    "values",
    [
        [None] * 300,
        [1.0] * 300,
        [float("inf")] * 300,
        [float("nan"), 1.0, 2.0] * 100,
        [1e308, -1e308, 5e-324] * 100,
        [[1], [2], [3]] * 100,
        [date(2024, 1, 1), None, date(2024, 1, 2)] * 100,
        ["a", "b", None] * 100,
        [2**53, 2**53 + 2, -(2**62)] * 100,
    ],
)
def test_unusual_columns_of_a_lazy_frame_are_profiled(values: list[Any], small_limits: None) -> None:
    profile = profile_table(pl.LazyFrame({"x": values, "y": range(300)}, strict=False))
    assert profile.rows == 300
    json.dumps(profile.to_dict(), allow_nan=False)


def test_a_large_table_in_memory_is_profiled_lazily(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "_MAX_EXACT_ROWS", 1000)
    monkeypatch.setattr(limits, "_MAX_COLLECTED_ROWS", 1000)
    profile = profile_table(mixed_table(), name="mixed")
    assert profile.name == "mixed"
    assert "quantiles" in profile["price"].approximation_errors


def test_the_sample_is_the_same_for_the_same_seed() -> None:
    lazy = as_lazy(pl.LazyFrame({"x": range(1000)}))
    assert lazy is not None
    first, second = (sample_lazy_rows(lazy, 1000, 50, seed=3)[0] for _ in range(2))
    assert first.equals(second)


def test_missing_patterns_of_more_than_60_columns() -> None:
    frame = pl.LazyFrame({f"c{i}": [None, 1] for i in range(70)})
    lazy = as_lazy(frame)
    assert lazy is not None
    patterns = lazy_missing_patterns(lazy, {f"c{i}": 1 for i in range(70)})
    assert [len(columns) for columns, _ in patterns] == [60]
