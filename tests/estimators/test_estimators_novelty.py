"""Novelty: uniform on rows of the same source, near 1 on others, with reasons that name the column."""

from __future__ import annotations

import numpy as np
import polars as pl
import polars.selectors as cs
import pytest
from scipy.stats import kstest
from sklearn import datasets

import tidynet as tn
from tidynet.core.errors import InputError
from tidynet.core.text import format_limit

QUICK = {"random_state": 0, "max_iter": 2, "n_networks": 1, "hidden_layer_sizes": (4,), "preset": "tidynet"}


def towns(rng, rows):
    age = rng.normal(40, 12, rows)
    income = np.exp(rng.normal(10, 0.5, rows) + age / 80)
    city = rng.choice(["Bergen", "Graz", "Lyon"], rows)
    return pl.DataFrame({"age": age, "income": income, "city": city})


def is_even(found, training_rows):
    """Kolmogorov and Smirnov's test at 1%, for two samples, as the training rows are one too."""
    least = min(training_rows, 4000)
    return kstest(found, "uniform").statistic < 1.63 * np.sqrt(1 / len(found) + 1 / least)


@pytest.fixture(scope="module")
def model():
    frame = towns(np.random.default_rng(0), 1500)
    return tn.MLPRegressor(**QUICK).fit(frame, frame["age"].to_numpy())


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("rows", [400, 6000])
def test_rows_of_the_same_source_are_spread_evenly(rows):
    rng = np.random.default_rng(rows)
    for preset in ("tidynet", "scikit-learn"):
        X = rng.normal(size=(rows, 4))
        model = tn.MLPRegressor(**QUICK | {"preset": preset}).fit(X, X[:, 0])
        assert is_even(model.novelty(rng.normal(size=(300, 4))), rows)


def test_rows_of_a_mixed_table_are_spread_evenly(model):
    assert is_even(model.novelty(towns(np.random.default_rng(1), 400)), 1500)


def test_drifted_rows_are_near_1(model):
    frame = towns(np.random.default_rng(1), 300)
    drifted = frame.with_columns(pl.col("age") * 4, city=pl.lit("Oslo"))
    assert np.median(model.novelty(drifted)) > 0.99
    ages = [model.novelty(frame.with_columns(pl.col("age") + more)).mean() for more in (0, 15, 30, 60)]
    assert ages == sorted(ages)


def penguins():
    return tn.read("penguins").drop(target="species").frame


def tumours():
    return pl.from_pandas(datasets.load_breast_cancer(as_frame=True).data)


@pytest.fixture(scope="module", params=[penguins, tumours])
def halves(request):
    """Half of a real table, which a network learns from, and the other half."""
    frame = request.param()
    order = np.random.default_rng(0).permutation(frame.height)
    half, other = frame[order[::2]], frame[order[1::2]]
    return tn.MLPRegressor(**QUICK).fit(half, np.arange(half.height) / half.height), half, other


def test_held_out_rows_of_a_real_table_are_spread_evenly(halves):
    model, half, other = halves
    found = model.novelty(other)
    assert is_even(found, half.height)
    assert 0.4 < found.mean() < 0.6


def test_it_rises_where_a_real_table_drifts(halves):
    model, half, other = halves
    column = max(half.select(cs.float()).columns, key=lambda name: half[name].std() / abs(half[name].mean()))
    drifts = [model.novelty(other.with_columns(pl.col(column) + by * half[column].std())) for by in (0, 1, 2, 4)]
    means = [found.mean() for found in drifts]
    assert means == sorted(means)
    assert means[-1] > means[0] + 0.3
    assert not is_even(drifts[-1], half.height)


def test_it_equals_a_direct_count():
    rng = np.random.default_rng(3)
    X, new = rng.normal(size=(60, 3)), rng.normal(size=(10, 3))
    model = tn.MLPRegressor(**QUICK | {"preset": "scikit-learn", "max_iter": 300, "solver": "lbfgs"}).fit(X, X[:, 0])
    scaled, seen = (new - X.mean(axis=0)) / X.std(axis=0), (X - X.mean(axis=0)) / X.std(axis=0)

    def nearest(row, others):
        return np.sort(np.linalg.norm(others - row, axis=1))[:5].mean()

    own = [nearest(row, np.delete(seen, place, axis=0)) for place, row in enumerate(seen)]
    direct = [np.mean([distance < nearest(row, seen) for distance in own]) for row in scaled]
    np.testing.assert_allclose(model.novelty(new), direct)


def test_reasons_name_the_column_and_the_value(model):
    rows = pl.DataFrame({
        "age": [40.0, 400.0, 40.0, None, 3.0],
        "income": [40_000.0, 40_000.0, 9.1e6, 40_000.0, 40_000.0],
        "city": ["Graz", "Graz", "Oslo", "Lyon", None],
    })  # fmt: skip
    largest = towns(np.random.default_rng(0), 1500)
    plain, old, rich, ageless, nowhere = model.novelty_reasons(rows)
    assert plain == []
    assert old == [f"`age` = 400 > training maximum {format_limit(largest['age'].max())}"]
    assert rich == [f"`income` = 9,100,000 > training maximum {format_limit(largest['income'].max())}",
                    "`city` = 'Oslo', not in training"]  # fmt: skip
    assert ageless == ["`age` missing, never in training"]
    assert "`city` missing, never in training" in nowhere


def test_an_unusual_combination_is_named():
    rng = np.random.default_rng(0)
    one = rng.uniform(size=800)
    frame = pl.DataFrame({"a": one, "b": one + 0.001 * rng.normal(size=800), "c": rng.uniform(size=800)})
    model = tn.MLPRegressor(**QUICK).fit(frame, one)
    odd = pl.DataFrame({"a": [0.1], "b": [0.9], "c": [0.5]})
    assert model.novelty(odd)[0] > 0.99
    (reason,) = model.novelty_reasons(odd)[0]
    assert reason in ("far from every training row in `a` and `b`", "far from every training row in `b` and `a`")


def test_a_date_is_written_as_a_date():
    days = pl.date_range(pl.date(2020, 1, 1), pl.date(2020, 12, 31), eager=True)
    frame = pl.DataFrame({"day": days, "x": np.random.default_rng(0).normal(size=len(days))})
    model = tn.MLPRegressor(**QUICK).fit(frame, frame["x"].to_numpy())
    later = pl.DataFrame({"day": [pl.date(2031, 5, 4)], "x": [0.0]}).select(pl.date(2031, 5, 4).alias("day"), "x")
    assert model.novelty_reasons(later)[0][0] == "`day` = 2031-05-04 > training maximum 2020-12-31"


def test_the_file_holds_what_it_needs(model, tmp_path):
    frame = towns(np.random.default_rng(1), 50)
    model.save(tmp_path / "m.tidynet")
    loaded = tn.load(tmp_path / "m.tidynet")
    np.testing.assert_array_equal(loaded.novelty(frame), model.novelty(frame))
    assert loaded.novelty_reasons(frame) == model.novelty_reasons(frame)


def test_a_model_without_rows_to_compare_with_says_so():
    X = np.random.default_rng(0).normal(size=(50, 2))
    model = tn.MLPRegressor(random_state=0).partial_fit(X, X[:, 0])
    with pytest.raises(InputError, match="has no stored training rows"):
        model.novelty(X)
