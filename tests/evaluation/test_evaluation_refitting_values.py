"""Folds, subsets and fitted curves: rows and numbers against direct computations."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy import optimize, stats

from tidynet.core.errors import InputError
from tidynet.evaluation import cross_validation as folds_module
from tidynet.evaluation import learning_curve as module
from tidynet.evaluation.cross_validation import CrossValidation, check_folds, corrected_interval
from tidynet.evaluation.learning_curve import EXPONENTS, LearningCurve, fit_curve, power_law
from tidynet.evaluation.refitting import LabeledData
from tidynet.evaluation.scores import Score
from tidynet.table.read import read


def labeled(rows: int, classes: Any = None, groups: Any = None, order: Any = None) -> LabeledData:
    features = read({"x": np.arange(rows, dtype=float)})
    if classes is None:
        return LabeledData(features, np.arange(rows) ** 2.0, None, "regression", "y", np.arange(rows), groups, order)
    labels = np.unique(classes)
    return LabeledData(features, np.asarray(classes), labels, "multiclass", "y", np.arange(rows), groups, order)


# Learning curve ------------------------------------------------------------------------------------


def least_squares(sizes: Any, curve: Any) -> tuple[float, float, float]:
    """a, b ≥ 0 and c of the grid with the least squared error, from SciPy's non-negative least squares."""
    fits = []
    for c in EXPONENTS:
        (a, b), error = optimize.nnls(np.column_stack([np.ones(len(sizes)), sizes**-c]), curve)
        fits.append((error, a, b, c))
    return min(fits)[1:]


@pytest.mark.parametrize("seed", range(6))
def test_a_power_law_has_the_least_squared_error(seed: int) -> None:
    random = np.random.default_rng(seed)
    sizes = np.array([1 / 16, 1 / 8, 1 / 4, 1 / 2, 1])
    curves = np.array([0.3 * sizes**-0.4, 0.5 * sizes**-1.0 - 0.3, 1 + sizes, 0.2 + 0.1 * sizes**-0.7])
    curves = curves + 0.02 * random.normal(size=curves.shape)
    for curve, a, b, c in zip(curves, *power_law(sizes, curves), strict=True):
        expected = least_squares(sizes, curve)
        assert (a, b) == pytest.approx(expected[:2], abs=1e-6)
        assert c == pytest.approx(expected[2]) or b == 0


@pytest.mark.parametrize("score", ["log loss", "RMSE"])
def test_a_fitted_curve_has_the_intervals_of_its_resamples(score: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RESAMPLES", 40)
    sizes = (20, 40, 80, 160)
    data = np.random.default_rng(0).gamma(2.0, np.array([0.9, 0.7, 0.5, 0.4])[:, None], (3, 4, 30))
    found = fit_curve(data, sizes, (score, 99.0), np.random.default_rng(7))
    random = np.random.default_rng(7)
    means = [data.mean(axis=(0, 2))]
    for _ in range(40):
        draws = random.integers(0, 3, 2)
        means.append(np.mean([data[draw][:, random.integers(0, 30, 30)].mean(axis=1) for draw in draws], axis=0))
    curves = np.sqrt(means) if score == "RMSE" else np.array(means)
    fits = np.array([least_squares(np.array(sizes) / 160, curve) for curve in curves])
    projected = fits[:, 0] + fits[:, 1] * 2 ** -fits[:, 2]
    gains = 1 - projected / (fits[:, 0] + fits[:, 1])
    assert found.losses == pytest.approx(curves[0])
    assert (found.a, found.b, found.c) == pytest.approx(tuple(fits[0]), abs=1e-6)
    assert found.lows == pytest.approx(np.quantile(curves[1:], 0.025, axis=0))
    assert found.highs == pytest.approx(np.quantile(curves[1:], 0.975, axis=0))
    assert found.projected_loss == pytest.approx(projected[0])
    assert (found.projected_loss_low, found.projected_loss_high) == pytest.approx(
        tuple(np.quantile(projected[1:], [0.025, 0.975])), abs=1e-6
    )
    assert (found.gain_low, found.gain_high) == pytest.approx(tuple(np.quantile(gains[1:], [0.025, 0.975])), abs=1e-6)
    assert (found.score, found.sizes, found.draws, found.test_rows) == (score, sizes, 3, 30)
    assert (found.projected_rows, found.n_excluded) == (320, 0)


@pytest.mark.parametrize(
    ("means", "constant", "excluded"),
    [
        ([0.9, 0.8, 0.5, 0.4, 0.3], 0.8, 2),
        ([0.9, 0.8, 0.5, 0.4, 0.3], 0.81, 1),
        ([0.7, 0.9, 0.5, 0.4, 0.3], 0.85, 2),  # all up to the last one that is no better
        ([0.9, 0.9, 0.9, 0.9, 0.9], 0.5, 2),  # three sizes are always fitted
        ([0.9, 0.8, 0.5, 0.4, 0.3], 1.0, 0),
    ],
)
def test_small_sizes_are_excluded_up_to_the_last_no_better_than_a_constant(
    means: list[float], constant: float, excluded: int
) -> None:
    data = np.broadcast_to(np.array(means)[:, None], (2, 5, 10)).copy()
    found = fit_curve(data, (20, 40, 80, 160, 320), ("log loss", constant), np.random.default_rng(0))
    assert found.n_excluded == excluded
    exact = least_squares(np.array([20, 40, 80, 160, 320][excluded:]) / 320, np.array(means[excluded:]))
    assert (found.a, found.b) == pytest.approx(exact[:2], abs=1e-6)
    two = fit_curve(data[:, :2], (20, 40), ("log loss", constant), np.random.default_rng(0))
    assert two.n_excluded == 0


@pytest.mark.parametrize("seed", range(4))
def test_sizes_are_excluded_by_their_losses_and_not_by_a_resample(seed: int) -> None:
    data = np.random.default_rng(seed).gamma(2.0, np.array([0.9, 0.4, 0.3, 0.2, 0.1])[:, None], (3, 5, 20))
    constant = float(data[:, 0].mean(axis=1).mean())  # resamples are above it or below
    found = fit_curve(data, (20, 40, 80, 160, 320), ("log loss", constant), np.random.default_rng(seed))
    assert found.n_excluded == 1
    above = fit_curve(data, (20, 40, 80, 160, 320), ("log loss", constant * (1 + 1e-9)), np.random.default_rng(seed))
    assert above.n_excluded == 0


def test_a_single_draw_is_resampled_by_its_rows() -> None:
    data = np.random.default_rng(0).gamma(2.0, 0.3, (1, 4, 50))
    found = fit_curve(data, (20, 40, 80, 160), ("log loss", 9.0), np.random.default_rng(0))
    assert all(low < loss < high for low, loss, high in zip(found.lows, found.losses, found.highs, strict=True))
    assert found.projected_loss_low <= found.projected_loss <= found.projected_loss_high


def test_the_first_rows_have_the_frequencies_of_all() -> None:
    strata = np.repeat([0, 1, 2], [60, 30, 10])
    rows = np.arange(100)
    order = module._by_class(rows, strata, np.random.default_rng(0))
    assert sorted(order) == list(range(100))
    for size in (10, 20, 50):
        counts = np.bincount(strata[order[:size]], minlength=3)
        assert np.abs(counts - size * np.array([0.6, 0.3, 0.1])).max() <= 1
    assert not np.array_equal(order, np.argsort(strata[order], kind="stable"))
    plain = module._by_class(rows, None, np.random.default_rng(0))
    assert plain.tolist() == np.random.default_rng(0).permutation(100).tolist()


def test_test_rows_are_the_last_in_time_or_whole_groups() -> None:
    order = np.random.default_rng(1).permutation(100)
    test, pool = module._nested_subsets(labeled(100, order=order), 20, np.random.default_rng(0))
    assert set(order[test]) == set(range(80, 100))
    assert set(order[pool]) == set(range(80))
    test, pool = module._nested_subsets(labeled(100), 20, np.random.default_rng(0))
    assert len(test) == 20
    assert sorted([*test, *pool]) == list(range(100))
    groups = np.arange(100) // 10 + 5
    test, pool = module._nested_subsets(labeled(100, groups=groups), 25, np.random.default_rng(0))
    assert (len(test), len(pool)) == (25, 70)  # the group on both sides of the cut is only tested
    assert not set(groups[test]) & set(groups[pool])
    with pytest.raises(InputError, match="the table has 9 groups, expected at least 10 for a learning curve"):
        module._nested_subsets(labeled(100, groups=np.arange(100) % 9), 20, np.random.default_rng(0))
    assert module._nested_subsets(labeled(100, groups=np.arange(100) % 10), 20, np.random.default_rng(0))


def test_a_constant_prediction_has_the_entropy_or_the_deviation() -> None:
    name, loss = module._constant_loss(labeled(8, ["a"] * 4 + ["b"] * 2 + ["c"] * 2))
    assert (name, loss) == ("log loss", pytest.approx(stats.entropy([0.5, 0.25, 0.25])))
    some = replace(labeled(4, ["a", "a", "c", "c"]), classes=np.array(["a", "b", "c"]))
    assert module._constant_loss(some)[1] == pytest.approx(np.log(2))
    name, loss = module._constant_loss(labeled(5))
    assert (name, loss) == ("RMSE", pytest.approx(np.std(np.arange(5) ** 2.0)))


@pytest.mark.parametrize(("rows", "possible"), [(100, True), (99, False)])
def test_a_curve_needs_a_hundred_rows(rows: int, possible: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    data = labeled(rows, np.arange(rows) % 2)
    asked: list[Any] = []
    monkeypatch.setattr(module, "make_labeled_data", lambda *_: data)
    monkeypatch.setattr(module, "refit", lambda _, __, jobs, *___: asked.extend(jobs) or [None] * len(jobs))
    monkeypatch.setattr(module, "_losses", lambda *_: np.full(20, 0.5))
    model: Any = None
    if not possible:
        with pytest.raises(InputError, match="a learning curve of 99 rows is not possible, expected at least 100 rows"):
            module.learning_curve(model, None)
        return
    found = module.learning_curve(model, None)
    assert isinstance(found, LearningCurve)
    assert (found.sizes, found.draws, found.test_rows) == ((20, 40, 80), 3, 20)
    assert [len(job.training) for job in asked] == [20, 40, 80] * 3
    for start in (0, 3, 6):
        small, medium, large = (set(job.training) for job in asked[start : start + 3])
        assert small < medium < large
        assert not large & set(asked[start].test)
        assert asked[start].training.tolist() == sorted(small)


# Cross-validation ----------------------------------------------------------------------------------


@pytest.mark.parametrize("folds", [2, 100])
def test_folds_from_2_to_100_are_made(folds: int) -> None:
    check_folds(folds, 1)
    for wrong in (1, 101):
        with pytest.raises(InputError, match=f"--folds is {wrong}, expected a whole number from 2 to 100"):
            check_folds(wrong, 1)
    with pytest.raises(InputError, match="--repeats is 0, expected at least 1"):
        check_folds(folds, 0)


@pytest.mark.parametrize("kind", ["numbers", "classes", "rare", "groups"])
def test_random_folds_test_each_row_once_in_each_repeat(kind: str) -> None:
    classes = {"classes": np.arange(60) % 3, "rare": [*[0] * 30, *[1] * 28, 2, 2]}.get(kind)
    groups = np.arange(60) // 5 if kind == "groups" else None
    data = labeled(60, classes, groups)
    jobs = folds_module._random_jobs(data, 4, 3, 5)
    assert len(jobs) == 12
    for job in jobs:
        assert sorted([*job.training, *job.test]) == list(range(60))
        assert len(job.test) == 15
    for start in (0, 4, 8):
        assert sorted(np.concatenate([job.test for job in jobs[start : start + 4]])) == list(range(60))
    assert not np.array_equal(np.sort(jobs[0].test), np.sort(jobs[4].test))
    if kind == "classes":
        assert all(np.bincount(np.arange(60)[job.test] % 3).tolist() == [5, 5, 5] for job in jobs)
    if groups is not None:
        assert all(not set(groups[job.training]) & set(groups[job.test]) for job in jobs)
    again = folds_module._random_jobs(data, 4, 3, 5)
    assert all(np.array_equal(one.test, other.test) for one, other in zip(jobs, again, strict=True))


def test_classes_of_fewer_rows_than_folds_are_not_stratified() -> None:
    few = labeled(20, [f"c{number % 7}" for number in range(20)])  # at most three rows each
    assert len(folds_module._random_jobs(few, 4, 1, 0)) == 4
    with pytest.raises(InputError, match="the table has 7 rows, expected at least 8; give fewer folds"):
        folds_module._random_jobs(labeled(7), 4, 1, 0)
    assert len(folds_module._random_jobs(labeled(8), 4, 1, 0)) == 4
    with pytest.raises(InputError, match="the table has 3 groups, expected at least 4; give fewer folds"):
        folds_module._random_jobs(labeled(60, groups=np.arange(60) % 3), 4, 1, 0)
    assert len(folds_module._random_jobs(labeled(60, groups=np.arange(60) % 4), 4, 1, 0)) == 4


def test_equal_times_are_in_one_part() -> None:
    order = np.array([0, 0, 1, 1, 1, 2, 2, 3, 4, 4, 5, 5])
    jobs = folds_module._jobs_in_time(order, 2)
    assert [(sorted(set(order[job.training])), sorted(set(order[job.test]))) for job in jobs] == [
        ([0], [1, 2, 3]),
        ([0, 1, 2, 3], [4, 5]),
    ]


def fold(**values: float) -> dict[str, Score]:
    names = {"rmse": ("RMSE", False), "r2": ("R²", True)}
    return {names[key][0]: Score(names[key][0], v, v, v, names[key][1]) for key, v in values.items()}


def test_means_are_of_the_scores_of_every_fold_within_their_limits() -> None:
    result = [fold(rmse=0.1, r2=0.99), fold(rmse=0.5, r2=0.9), fold(rmse=0.2)]
    found = folds_module._means(result, 3, 0.5)
    assert list(found) == ["RMSE"]
    mean, low, high = corrected_interval([0.1, 0.5, 0.2], 0.5)
    assert low < 0
    assert found["RMSE"] == Score("RMSE", mean, 0.0, high, False)
    higher = folds_module._means(result[:2], 2, 0.5)["R²"]
    mean, low, high = corrected_interval([0.99, 0.9], 0.5)
    assert high > 1
    assert higher == Score("R²", mean, low, 1.0, True)


def test_baselines_of_every_fold_are_compared() -> None:
    result = [
        {"network": fold(rmse=1.0), "mean": fold(rmse=2.0), "trees": fold(rmse=0.5)},
        {"network": fold(rmse=1.5), "mean": fold(rmse=2.1)},
    ]
    [found] = folds_module._compared(result, ["mean", "trees"], 0.25, 77)
    assert (found.baseline, found.score, found.higher_is_better, found.rows) == ("mean", "RMSE", False, 77)
    interval = corrected_interval([-1.0, -0.6], 0.25)
    assert (found.difference, found.low, found.high) == pytest.approx(interval)
    assert folds_module._compared(result, ["trees"], 0.25, 77) == ()
    whole = CrossValidation(2, 1, 77, {}, (found,), "")
    assert whole.comparison is found
    assert replace(whole, comparisons=()).comparison is None


def test_a_fold_interval_has_the_t_quantile_of_its_folds() -> None:
    values = [1.0, 2.0, 4.0]
    half = stats.t.ppf(0.975, 2) * np.std(values, ddof=1) * np.sqrt(1 / 3 + 0.5)
    assert corrected_interval(values, 0.5) == pytest.approx((7 / 3, 7 / 3 - half, 7 / 3 + half))
