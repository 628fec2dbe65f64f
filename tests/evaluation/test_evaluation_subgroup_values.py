"""Subgroups: each number equals one computed row by row, straight from the definition."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations, product
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy import stats

from tidynet.evaluation import subgroups as module
from tidynet.evaluation.evaluation_data import EvaluationData, replace_columns
from tidynet.evaluation.predictions import predict_frame
from tidynet.evaluation.slices import Slices, make_slices
from tidynet.evaluation.subgroups import Subgroup, weak_subgroups
from tidynet.table.variable_type import TypeInference, VariableType

Columns = Callable[[int, int], pl.DataFrame]
Made = Callable[..., EvaluationData]


def score(frame: pl.DataFrame) -> pl.Series:
    return 2 * frame["x"] + frame["z"]


def typical_errors(data: EvaluationData, among: Any) -> Any:
    """The mean error of the rows with similar predictions: tenths of the rows, or fewer parts of 30 rows."""
    y_pred, errors = data.y_pred[:, 0], np.abs(data.y_true - data.y_pred[:, 0])
    parts = max(1, min(10, among.sum() // 30))
    edges = np.quantile(y_pred[among], np.arange(1, parts) / parts)
    part = np.array([sum(value > edge for edge in edges) for value in y_pred])
    mean = errors[among].mean()
    usual = {i: max(errors[among & (part == i)].mean(), mean / 100) for i in range(parts)}
    return np.array([usual[i] for i in part])


def expected_losses(data: EvaluationData) -> Any:
    if data.classes:
        return ((data.y_pred - np.eye(len(data.classes))[data.y_true]) ** 2).sum(axis=1)
    return np.abs(data.y_true - data.y_pred[:, 0]) / typical_errors(data, np.ones(data.height, bool))


def own_losses(data: EvaluationData, codes: list[Any], active: Any) -> Any:
    """Each active row's loss if the frequencies, or the median, of its combination of slices were predicted."""
    own = np.full(data.height, np.nan)
    for combination in set(zip(*codes, strict=True)):
        cell = active & np.all([item == code for item, code in zip(codes, combination, strict=True)], axis=0)
        n, y_true = cell.sum(), data.y_true[cell]
        if n < 5:
            continue
        if data.classes:
            truth = np.eye(len(data.classes))[y_true]
            losses = ((truth - truth.mean(axis=0)) ** 2).sum(axis=1)
        else:
            losses = np.abs(y_true - np.median(y_true))
        own[cell] = losses * n / (n - 1)
    return own if data.classes else own / typical_errors(data, np.ones(data.height, bool))


def welch(here: Any, there: Any, rows: int | None = None) -> float:
    """The p-value of mean(here) > 1.1 · mean(there), with the degrees of freedom of `here` or of fewer rows."""
    error = np.sqrt(np.var(here, ddof=1) / len(here) + 1.1**2 * np.var(there, ddof=1) / len(there))
    return float(stats.t.sf((np.mean(here) - 1.1 * np.mean(there)) / error, (rows or len(here)) - 1))


def moved_p(data: EvaluationData, names: tuple[str, ...], inside: Any, active: Any) -> float:
    """The p-value of a loss above that expected if the subgroup's columns had values of rows outside it."""
    random = np.random.default_rng(0)
    rows, others = np.flatnonzero(inside), np.flatnonzero(active & ~inside)
    rows = random.choice(rows, 150, replace=False) if len(rows) > 150 else rows
    sources = dict.fromkeys(names, random.choice(others, 8 * len(rows)))
    mean = predict_frame(data.model, replace_columns(data.features, np.tile(rows, 8), sources))
    mean = mean.reshape(8, len(rows), -1).mean(axis=0)
    return welch(expected_losses(data)[inside], 1 - (mean**2).sum(axis=1), len(rows))


def searched(data: EvaluationData, active: Any) -> tuple[int, list[tuple[float, Subgroup]]]:
    """The number of subgroups, and the significant ones with the p-value of their loss, in pure Python."""
    slices = [make_slices(item, data.variable_types[item.name], 20) for item in data.features.get_columns()]
    known = [item for item in slices if item is not None]
    places = [[(item, code) for code in range(len(item.labels))] for item in known]
    groups = [(one,) for each in places for one in each]
    groups += [pair for first, second in combinations(places, 2) for pair in product(first, second)]
    masks = [np.all([item.codes == code for item, code in group], axis=0) for group in groups]
    tests = sum(int(mask.sum() >= 20) for mask in masks)
    losses, found = expected_losses(data), []
    for group, whole in zip(groups, masks, strict=True):
        inside, outside = whole & active, active & ~whole
        if inside.sum() < 20 or outside.sum() < 20:
            continue
        p_loss = welch(losses[inside], losses[outside])
        names = tuple(item.name for item, _ in group)
        codes = [item.codes for item, _ in group]
        own = own_losses(data, codes, active)
        near = outside & np.isfinite(own)
        here = inside & np.isfinite(own)
        remaining = losses[near].sum() / own[near].sum()
        excess, share = losses - remaining * own, own[here].mean() / own[near].mean()
        error = np.sqrt(excess[here].var(ddof=1) / here.sum() + share**2 * excess[near].var(ddof=1) / near.sum())
        p = max(p_loss, float(stats.t.sf(excess[here].mean() / error, here.sum() - 1)))
        p = max(p, moved_p(data, names, inside, active)) if data.classes else p
        if p * tests <= 0.01:
            conditions = tuple(item.labels[code] for item, code in group)
            found.append((p_loss, numbers_of(data, conditions, names, codes, whole, min(p * tests, 1.0), inside)))
    return tests, sorted(found, key=lambda item: item[0])


def numbers_of(
    data: EvaluationData, conditions: Any, names: Any, codes: Any, whole: Any, p: float, inside: Any
) -> Subgroup:
    every = np.ones(data.height, bool)
    own, losses, errors = own_losses(data, codes, every), expected_losses(data), np.abs(data.bounded_losses)
    here, there = whole & np.isfinite(own), ~whole & np.isfinite(own)
    explained = [1 - losses[rows].sum() / own[rows].sum() for rows in (here, there)]
    if data.classes:
        right = (data.y_pred.argmax(axis=1) == data.y_true).astype(float)
        means = [errors[whole].mean(), errors[~whole].mean(), right[whole].mean(), right[~whole].mean()]
    else:
        usual = typical_errors(data, ~whole)[whole].mean()
        means = [errors[whole].mean(), usual, errors[whole].mean(), errors[~whole].mean()]
    numbers = [float(item) for item in (*means, *explained, p)]
    return Subgroup(conditions, names, int(whole.sum()), *numbers, int(inside.sum()))


@pytest.mark.parametrize("weak", ["slice", "pair"])
@pytest.mark.parametrize(("task", "rows"), [("classes", 420), ("numbers", 240), ("numbers", 330)])
def test_every_number_of_the_subgroups_equals_a_direct_computation(
    columns: Columns, of_numbers: Made, of_classes: Made, task: str, rows: int, weak: str
) -> None:
    frame = columns(rows, 4)
    inside = cells(frame, weak)
    if task == "classes":
        data = of_classes(frame, lambda f: 3 * score(f), np.where(inside, 0.35, 0.02), 4)
    else:
        data = of_numbers(frame, score, np.where(inside, 2.6, 1.0), 4)
    result = weak_subgroups(data)
    active = np.ones(rows, bool)
    tests, found = searched(data, active)
    assert found
    assert (result.rows, result.n_tested) == (rows, tests)
    assert result.measure == ("Brier score" if task == "classes" else "absolute error")
    for item in result.found:
        assert_equal(item, found[0][1])
        slices = [make_slices(frame[name], data.variable_types[name], 20) for name in item.columns]
        pairs = zip(slices, item.conditions, strict=True)
        active &= ~np.all([one.codes == one.labels.index(label) for one, label in pairs if one is not None], axis=0)
        _, found = searched(data, active)
    assert not found


def cells(frame: pl.DataFrame, weak: str) -> Any:
    city, sex = (frame[name].to_numpy() for name in ("city", "sex"))
    return {"slice": city == "Hamar", "pair": (city == "Hamar") & (sex == "f")}[weak]


def assert_equal(one: Subgroup, other: Subgroup) -> None:
    for name in ("conditions", "columns", "rows", "unnamed"):
        assert getattr(one, name) == getattr(other, name)
    for name in ("loss", "loss_elsewhere", "score", "score_elsewhere", "explained", "explained_elsewhere", "p"):
        assert getattr(one, name) == pytest.approx(getattr(other, name), rel=1e-9), name


@pytest.mark.parametrize(("rows", "counted"), [(4199, 1), (4200, 0)])
def test_a_slice_has_twenty_rows_or_a_two_hundredth_of_all(of_numbers: Made, rows: int, counted: int) -> None:
    town = np.where(np.arange(rows) < 20, "rare", "usual")
    frame = pl.DataFrame({"x": np.random.default_rng(0).choice([0.0, 1.0], rows), "town": town})
    result = weak_subgroups(of_numbers(frame, lambda f: f["x"], 1.0))
    # Two values of x, two towns, and the pairs of enough rows: those of the usual town.
    assert result.n_tested == 2 + 1 + counted + 2


def test_a_slice_of_exactly_twenty_rows_is_reported(of_classes: Made) -> None:
    random = np.random.default_rng(0)
    town = np.where(np.arange(400) < 20, "rare", random.choice(["a", "b"], 400))
    frame = pl.DataFrame({"x": random.normal(size=400), "town": town})
    flipped = np.where(town == "rare", 0.9, 0.02)
    [found] = weak_subgroups(of_classes(frame, lambda f: 8 * f["x"], flipped)).found
    assert (found.conditions, found.rows) == (("town = rare",), 20)
    frame = frame.with_columns(town=pl.when(pl.int_range(400) < 1).then(pl.lit("a")).otherwise("town"))
    assert weak_subgroups(of_classes(frame, lambda f: 8 * f["x"], flipped)).found == ()


def test_the_loss_moved_elsewhere_is_that_of_150_rows_drawn_once_each(columns: Columns, of_classes: Made) -> None:
    for rows in (700, 900):
        frame = columns(rows, 5)
        inside, active = cells(frame, "slice"), np.arange(rows) % 7 > 0
        data = of_classes(frame, lambda f: score(f) + (f["city"] == "Hamar"), np.where(inside, 0.3, 0.05), 5)
        expected = moved_p(data, ("city",), inside & active, active)
        found = module._expected_elsewhere(data, ("city",), inside & active, active)
        assert found == pytest.approx(expected, rel=1e-9)
        assert 0 < found < 1


@pytest.mark.parametrize("task", ["classes", "numbers"])
def test_slices_of_under_five_rows_have_no_loss_of_their_own(
    columns: Columns, of_numbers: Made, of_classes: Made, task: str
) -> None:
    data = (of_classes if task == "classes" else of_numbers)(columns(60, 6), score, 0.3)
    codes, active = np.repeat([0, 1, 2, 3], [4, 5, 6, 45]), np.arange(60) != 59
    own = module._own_loss(data, codes, active)
    assert own == pytest.approx(own_losses(data, [codes], active), nan_ok=True)
    assert np.isnan(own).tolist() == [True] * 4 + [False] * 55 + [True]


def test_of_very_many_slices_the_columns_that_differ_most_are_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = np.arange(90)
    codes = {"even": rows % 3, "first": (rows >= 30) + 0, "second": (rows >= 60) * 1 - (rows < 10), "odd": rows % 2}
    columns = [Slices(name, tuple(f"{name} {i}" for i in range(item.max() + 1)), item) for name, item in codes.items()]
    losses = np.where(rows >= 60, 2.0, np.where(rows >= 30, 1.0, 0.0)) + (rows % 2) * 0.1

    def names(limit: int) -> list[str]:
        monkeypatch.setattr(module, "_MAX_SLICES", limit)
        return [item.name for item in module._most_different(columns, losses)]

    assert names(9) == ["even", "first", "second", "odd"]  # all, in their order
    # Largest (mean of a slice − mean) · √rows: second 0.95 · √30, first 0.5 · √60, odd 0.05 · √45, even 0.
    assert names(8) == ["second", "first", "odd"]
    assert names(6) == ["second", "first", "odd"]
    assert names(5) == ["second", "first"]


def test_at_most_five_subgroups_are_reported(of_classes: Made) -> None:
    random = np.random.default_rng(0)
    town = np.where(np.arange(3000) < 900, random.choice(list("abcdef"), 3000), "usual")
    frame = pl.DataFrame({"x": random.normal(size=3000), "town": town})
    data = of_classes(frame, lambda f: 8 * f["x"], np.where(town == "usual", 0.0, 0.5))
    found = weak_subgroups(data).found
    assert len({item.conditions for item in found}) == 5


def test_text_columns_and_no_column_have_no_subgroup(of_numbers: Made) -> None:
    data = of_numbers(pl.DataFrame({"note": [f"text {i}" for i in range(60)]}), lambda f: np.zeros(f.height), 1.0)
    result = weak_subgroups(data)
    assert (result.n_tested, result.found) == (0, ())


def quarters(values: Any, count: int = 1) -> Slices | None:
    return make_slices(pl.Series("n", values), TypeInference(VariableType.DISCRETE, ""), count)


def test_numbers_of_seven_values_are_quarters_and_of_six_categories() -> None:
    six, seven = quarters([*range(6)] * 4), quarters([*range(7)] * 4)
    assert six is not None
    assert seven is not None
    assert six.labels == tuple(f"n = {number}" for number in range(6))
    assert seven.labels == ("n ≤ 1", "1 < n ≤ 3", "3 < n ≤ 5", "n > 5")
    assert seven.codes.tolist() == [0, 0, 1, 1, 2, 2, 3] * 4


def test_small_slices_have_no_code_and_the_others_keep_theirs() -> None:
    values = ["u"] * 5 + ["v"] * 4 + ["w"] * 6 + [None] * 5
    found = make_slices(pl.Series("a", values), TypeInference(VariableType.NOMINAL, ""), 5)
    assert found is not None
    assert found.labels == ("a = w", "a = u", "a missing")
    assert found.codes.tolist() == [1] * 5 + [-1] * 4 + [0] * 6 + [2] * 5


def test_a_single_slice_is_kept_only_beside_other_rows() -> None:
    def nominal(values: list[str | None], count: int) -> Slices | None:
        return make_slices(pl.Series("a", values), TypeInference(VariableType.NOMINAL, ""), count)

    assert nominal(["u"] * 9, 1) is None
    assert nominal(["u"] * 9 + ["v"] * 9, 10) is None
    beside = nominal(["u"] * 9 + ["v"], 2)
    assert beside is not None
    assert (beside.labels, beside.codes.tolist()) == (("a = u",), [0] * 9 + [-1])


def test_of_many_categories_the_twelve_most_frequent_are_slices() -> None:
    values = [f"{number:02d}" for number in range(13) for _ in range(20 - number)]
    found = make_slices(pl.Series("a", values), TypeInference(VariableType.NOMINAL, ""), 1)
    assert found is not None
    assert found.labels == tuple(f"a = {number:02d}" for number in range(12))
    assert (found.codes == -1).sum() == 8
