"""What the comparison with peers computes from its rows of results."""

from __future__ import annotations

import math
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

BENCHMARKS = Path(__file__).resolve().parents[1] / "benchmarks"


@pytest.fixture(autouse=True)
def _importable(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
        monkeypatch.setenv(variable, "1")  # accuracy.py sets them for its own process
    monkeypatch.syspath_prepend(str(BENCHMARKS))


def row(table: str, model: str, split: int, loss: float, **more: Any) -> dict[str, Any]:
    task = "regression" if table.startswith("price") else "binary"
    scores = {"rmse": loss, "r2": 1 - loss} if task == "regression" else {"log_loss": loss, "accuracy": 1 - loss}
    if task == "binary":
        scores["calibration_error"] = 0.05
    times = {"fit_seconds": 2.0, "predict_seconds": 0.5, "error": "", "version": f"{model} 1", "settings": ""}
    return {"table": table, "task": task, "split": str(split), "model": model, **scores, **times, **more}


LOSSES = {
    "linear": {"magic": 0.40, "pima": 0.50, "price": 2.0},
    "catboost": {"magic": 0.20, "pima": 0.55, "price": 1.0},
    "tidynet": {"magic": 0.30, "pima": 0.55, "price": 3.0},
}


def rows(splits: int = 2) -> list[dict[str, Any]]:
    return [
        row(table, model, split, loss + 0.1 * (split == 1))
        for model, losses in LOSSES.items()
        for table, loss in losses.items()
        for split in range(splits)
    ]


def test_models_are_compared_on_the_splits_that_all_of_them_have() -> None:
    from accuracy_statistics import compare

    some = [one for one in rows() if (one["model"], one["table"], one["split"]) != ("tidynet", "magic", "1")]
    found = compare(some, ["linear", "catboost", "tidynet"])
    assert found.tables == ("magic", "pima", "price")
    assert found.splits == (1, 2, 2)
    np.testing.assert_allclose(found.loss[0], [0.40, 0.20, 0.30])
    np.testing.assert_allclose(found.loss[1], [0.55, 0.60, 0.60])
    np.testing.assert_allclose(found.error[2], [2.05, 1.05, 3.05])
    np.testing.assert_allclose(found.seconds, 2.5)
    assert compare(some, ["linear", "catboost"]).splits == (2, 2, 2)


def test_what_failed_on_a_split_has_no_score_and_ranks_last() -> None:
    from accuracy_statistics import compare, ranks, shares_of_the_way

    broken = [
        one | {"rmse": "", "r2": "", "error": "it broke"}
        if (one["model"], one["table"]) == ("catboost", "price")
        else one
        for one in rows(splits=1)
    ]
    found = compare(broken, ["linear", "catboost", "tidynet"])
    assert math.isnan(found.loss[2, 1])
    assert ranks(found.loss)[2].tolist() == [1, 3, 2]
    found = compare(
        [*broken, row("price2", "linear", 0, 2.0), row("price2", "catboost", 0, math.nan)], ["linear", "catboost"]
    )
    assert np.isnan(shares_of_the_way(found.loss, 0)[3]).all()


def test_equal_losses_share_their_mean_rank() -> None:
    from accuracy_statistics import compare, ranks

    found = compare(rows(), list(LOSSES))
    assert ranks(found.loss).tolist() == [[3, 1, 2], [1, 2.5, 2.5], [2, 1, 3]]


def test_the_way_to_the_best_is_0_for_the_baseline_and_1_for_the_best() -> None:
    from accuracy_statistics import compare, shares_of_the_way

    found = shares_of_the_way(compare(rows(splits=1), list(LOSSES)).loss, 0)
    np.testing.assert_allclose(found[0], [0, 1, 0.5])
    assert np.isnan(found[1]).all()  # nothing beats the baseline on this table
    np.testing.assert_allclose(found[2], [0, 1, 0])  # worse than the baseline counts as 0


def test_loss_ratios_leave_out_solved_tables() -> None:
    from accuracy_statistics import compare, loss_ratios

    solved = [row("mushroom", model, 0, loss) for model, loss in zip(LOSSES, (0.02, 1e-5, 1e-3), strict=True)]
    found = np.exp(loss_ratios(compare([*rows(splits=1), *solved], list(LOSSES)), 1))
    np.testing.assert_allclose(found[2], [2, 1, 3])
    assert np.isnan(found[3]).all()


def test_wins_count_equal_losses_half() -> None:
    from accuracy_statistics import compare, wins

    shares = wins(compare(rows(), list(LOSSES)).loss)
    np.testing.assert_allclose(shares + shares.T, 1)
    np.testing.assert_allclose(shares[1], [2 / 3, 0.5, 2.5 / 3])


def test_intervals_hold_the_mean_and_are_the_same_every_time() -> None:
    from accuracy_statistics import interval

    by_table = np.random.default_rng(0).normal([0.0, 5.0], [1.0, 0.0], (40, 2))
    mean, low, high = interval(by_table)
    np.testing.assert_allclose(mean, by_table.mean(axis=0))
    np.testing.assert_allclose([low[1], high[1]], 5)
    # The interval of a mean of 40 normal numbers is ±1.96 / √40.
    np.testing.assert_allclose([mean[0] - low[0], high[0] - mean[0]], 1.96 / math.sqrt(40), rtol=0.2)
    np.testing.assert_array_equal(interval(by_table)[1], low)
    with_gap = np.where(np.arange(40)[:, None] == 0, np.nan, by_table)
    np.testing.assert_allclose(interval(with_gap)[0], by_table[1:].mean(axis=0))


def test_the_critical_difference_is_demsars() -> None:
    from accuracy_statistics import critical_difference, indistinct

    # Demšar (2006) has q = 2.569 for 4 classifiers, 2.343 for 3.
    assert critical_difference(4, 14) == pytest.approx(2.569 * math.sqrt(4 * 5 / (6 * 14)), rel=1e-3)
    assert critical_difference(3, 20) == pytest.approx(2.343 * math.sqrt(3 * 4 / (6 * 20)), rel=1e-3)
    assert indistinct(np.array([3.0, 1.0, 2.0]), 2.5) == [(1.0, 3.0)]
    assert indistinct(np.array([1.0, 4.0]), 1.0) == []


def test_slow_models_are_compared_apart() -> None:
    from accuracy_summary import groups

    tables = [f"table{place}" for place in range(6)]
    covered = {
        "linear": {(table, split) for table in tables for split in range(5)},
        "realmlp-td": {(table, 0) for table in tables},
        "tabm": {(table, 0) for table in tables[:5]},
        "xgboost": {(tables[0], 0)},
    }
    assert [models for _, models in groups(covered)] == [
        ["linear"],
        ["linear", "realmlp-td"],
        ["linear", "realmlp-td", "tabm"],
    ]


def test_rows_survive_being_written_and_taken_out(tmp_path: Path) -> None:
    from accuracy_runs import append_row, drop_rows, read_rows

    path = tmp_path / "results.csv"
    for one in rows(splits=1):
        append_row(path, one)
    assert len(read_rows(path)) == 9
    assert read_rows(path)[0] | {"log_loss": "0.4"} == read_rows(path)[0]
    drop_rows(path, {("magic", "0", "linear")})
    assert [one["table"] for one in read_rows(path) if one["model"] == "linear"] == ["pima", "price"]


def test_scores_of_known_predictions() -> None:
    from accuracy_scores import scores

    y, sure = np.array([0, 1, 1, 0]), np.array([0.2, 0.8, 0.4, 0.2])
    found = scores("binary", y, np.column_stack([1 - sure, sure]))
    assert found["accuracy"] == 0.75
    assert found["roc_auc"] == 1
    assert found["log_loss"] == pytest.approx(-(3 * math.log(0.8) + math.log(0.4)) / 4)
    assert found["brier"] == pytest.approx((3 * 0.2**2 + 0.6**2) / 4)
    assert found["calibration_error"] == pytest.approx((3 * 0.2 + 0.6) / 4)
    assert scores("regression", np.array([1.0, 3.0]), np.array([2.0, 2.0])) == {"rmse": 1, "mae": 1, "r2": 0}
    with pytest.raises(ValueError, match="not finite"):
        scores("regression", np.array([1.0]), np.array([np.nan]))


def test_a_third_of_the_tables_is_held_out_from_each_task() -> None:
    from accuracy_tables import TABLES, held_out, names

    apart = held_out()
    assert {TABLES[name].task for name in apart} == {"binary", "multiclass", "regression"}
    assert len(TABLES) / 4 < len(apart) < len(TABLES) / 2.5
    assert sorted([*names(["tuning"]), *names(["held-out"])]) == sorted(names(["all"]))
    with pytest.raises(SystemExit, match="no table nowhere"):
        names(["nowhere"])


def test_the_digits_are_loaded_from_scikit_learn() -> None:
    from accuracy_tables import load

    X, y, task = load("digits", most_rows=500)
    assert (X.shape[0], len(y), task) == (500, 500, "multiclass")
    assert load("digits", most_rows=500)[1].equals(y)
    assert load("digits")[0].nunique().min() > 1


def test_variants_are_written_as_in_a_call() -> None:
    from accuracy import parameters_of, splits_of

    assert parameters_of("hidden_layer_sizes=(64,32),solver=adam,dropout=0.2,use_bias=False") == {
        "hidden_layer_sizes": (64, 32),
        "solver": "adam",
        "dropout": 0.2,
        "use_bias": False,
    }
    assert parameters_of("") == {}
    assert splits_of("0,2-4") == [0, 2, 3, 4]
    for wrong in ("3", "solver adam", "solver=adam("):
        with pytest.raises(SystemExit, match="cannot read"):
            parameters_of(wrong)
    with pytest.raises(SystemExit, match="no parameter depth"):
        parameters_of("depth=3")


def broken(task: str, classes: int, seed: int) -> Any:
    raise ValueError("no such thing")


def crashing(task: str, classes: int, seed: int) -> Any:
    os._exit(3)


def endless(task: str, classes: int, seed: int) -> Any:
    while True:
        pass


def test_a_model_is_measured_in_a_process_of_its_own_and_may_fail() -> None:
    from accuracy_peers import MODELS, ModelSource
    from accuracy_runs import Run, measure

    found = measure(Run("digits", 0, "linear", MODELS["linear"]), "", 120)
    assert float(found["accuracy"]) > 0.9
    assert (found["rows_train"], found["rows_test"]) == (1437, 360)
    for make, error in (
        (broken, "ValueError: no such thing"),
        (crashing, "its process ended with code 3"),
        (endless, "stopped after 1 CPU s"),
    ):
        run = Run("digits", 0, "peer", ModelSource("sklearn", make, "peer"))
        assert error in measure(run, "", 1 if make is endless else 60)["error"]


def test_the_summary_separates_tuned_and_held_out_tables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import accuracy_summary
    from accuracy_runs import append_row

    tables = ("magic", "telco_churn", "pima", "taxi_tip", "concrete", "diamonds_price")
    for place, table in enumerate(tables):
        for model, loss in (("linear", 0.5), ("catboost", 0.3), ("tidynet", 0.4 - 0.05 * place)):
            task = "regression" if place >= 4 else "binary"
            names = {"rmse": loss, "r2": 1 - loss} if task == "regression" else {"log_loss": loss, "accuracy": 1 - loss}
            blank = {"rmse": "", "r2": "", "log_loss": "", "accuracy": "", "calibration_error": ""}
            append_row(tmp_path / "results.csv", row(table, model, 0, loss) | blank | names | {"task": task})
    monkeypatch.setattr(sys, "argv", ["accuracy_summary.py", str(tmp_path / "results.csv")])
    accuracy_summary.main()
    page = capsys.readouterr().out
    assert "**All tables**: 6, 1 split of each" in page
    assert "**Tables for tuning**: 3" in page
    assert "**Tables held out**: 3" in page
    assert "| diamonds_price | 0.5000 | 0.3000 | **0.1500** |" in page
    assert "| magic * | 0.5000 | **0.3000** | 0.4000 |" in page


def test_the_pictures_name_their_axes_and_the_best_model(tmp_path: Path) -> None:
    from accuracy_pictures import pictures, write
    from accuracy_statistics import compare

    drawn = pictures(compare(rows(), list(LOSSES)))
    assert list(drawn) == ["ranks", "time"]
    for figure, alt in drawn.values():
        assert figure.axes[0].get_xlabel()
        assert "CatBoost is" in alt
    write(drawn["time"][0], tmp_path / "time.svg", drawn["time"][1])
    assert (tmp_path / "time.svg").read_text("utf-8").startswith("<svg")
