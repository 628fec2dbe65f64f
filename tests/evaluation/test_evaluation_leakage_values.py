"""Numbers, limits and priorities of the leakage findings, and the expected number of equal rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy import stats

from tidynet.evaluation import train_test_duplicates as duplicates
from tidynet.evaluation.leakage import find_leakage
from tidynet.evaluation.train_test_duplicates import count_train_test_duplicates
from tidynet.table.read import read

ROWS = 600


def columns(rows: int = ROWS, seed: int = 0) -> dict[str, Any]:
    random = np.random.default_rng(seed)
    x, z = random.normal(size=(2, rows))
    noise = random.normal(size=rows)
    city = random.choice(["Oslo", "Bergen", "Hamar"], rows)
    return {"x": x, "z": z, "city": city, "y": np.where(x + z + noise > 0, "yes", "no")}


def found(table: dict[str, Any], **options: Any) -> dict[str, Any]:
    """The findings by code; every fifth row is a test row by default."""
    rows = np.arange(len(next(iter(table.values()))))
    test = options.pop("test", rows[::5])
    training = options.pop("training", np.setdiff1d(rows, test))
    return {item.code: item for item in find_leakage(read(table), "y", training=training, test=test, **options)}


@pytest.mark.parametrize(
    ("test_rows", "accuracy", "correct", "priority"),
    [(49, None, 39, 0.5), (25, 0.9, 22, 0.5), (24, 0.5, 12, 0.75), (1, 1.0, 1, 0.75)],
)
def test_few_test_rows_have_the_wilson_interval_of_the_accuracy(
    test_rows: int, accuracy: float | None, correct: int, priority: float
) -> None:
    item = found(columns(), test=np.arange(test_rows), accuracy=accuracy)["few-test-rows"]
    z, p, n = stats.norm.ppf(0.975), correct / test_rows, test_rows
    center, half = (
        (p + z**2 / (2 * n)) / (1 + z**2 / n),
        z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2)) / (1 + z**2 / n),
    )
    assert item.evidence == {
        "test rows": test_rows,
        "accuracy, CI low": pytest.approx(center - half),
        "accuracy, CI high": pytest.approx(center + half),
    }
    assert item.priority == priority
    assert item.columns == ()


def test_fifty_test_rows_are_enough() -> None:
    assert "few-test-rows" not in found(columns(), test=np.arange(50))
    assert find_leakage(read(columns()), "y", training=np.arange(ROWS), test=[]) == ()


def test_equal_rows_have_their_fraction_and_a_priority_that_grows_with_it() -> None:
    table = columns()
    copied = {name: np.concatenate([values, values[:60]]) for name, values in table.items()}
    training, test = np.arange(ROWS), np.arange(ROWS - 100, ROWS + 60)
    training = np.setdiff1d(training, test)
    item = found(copied, training=training, test=test)["train-test-duplicates"]
    assert item.evidence["rows"] == 60
    assert item.evidence["test rows"] == 160
    assert item.evidence["fraction of test rows"] == 60 / 160
    assert item.evidence["expected if independent"] < 0.01
    assert item.priority == pytest.approx(0.45 + 0.5)  # a fifth of the test rows or more
    assert item.sentence == "60 test rows (38%) are also training rows, such as row 601"
    few = {name: np.concatenate([values, values[:4]]) for name, values in columns(2000).items()}
    for count, priority in ((4, 0.3), (3, 0.3)):
        test = np.arange(1000, 2000 + count)
        item = found(few, training=np.arange(1000), test=test)["train-test-duplicates"]
        assert (item.evidence["rows"], item.priority) == (count, priority)
    some = found(few, training=np.arange(1000), test=np.arange(1700, 2004))["train-test-duplicates"]
    assert some.priority == pytest.approx(0.45 + 0.5 * 5 * 4 / 304, abs=5e-4)
    assert some.action.endswith("; they inflate the score")
    hundredth = found(few, training=np.arange(1000), test=np.arange(1604, 2004))["train-test-duplicates"]
    assert hundredth.action.endswith("; they inflate the score")  # exactly a hundredth of the test rows
    assert "train-test-duplicates" not in found(few, training=np.arange(1000), test=np.arange(1000, 2002))


def test_groups_of_several_rows_in_both_parts_are_a_finding_with_its_numbers() -> None:
    person = np.arange(ROWS) // 3
    table = {"patient": [f"p{number:03d}" for number in person], **columns()}
    test = np.concatenate([np.arange(0, 90), np.arange(90, 120, 3)])  # 30 whole persons, and a row each of 10 more
    item = found(table, test=test)["groups-in-both-splits"]
    assert item.evidence == {"fraction of test rows": 0.1, "groups": 200, "rows per group": 3.0, "test rows": 100}
    assert item.priority == pytest.approx(0.6 + 0.3 * 0.1)
    assert item.sentence == "10% of test rows share a value with training rows (200 values, 3 rows each on average)"
    # Under a tenth of the test rows is no finding; rows without a value are in no group.
    assert "groups-in-both-splits" not in found(table, test=test[:-1])
    missing = {
        **table,
        "patient": np.where(np.isin(np.arange(ROWS), [*test[-10:], *range(300, 330)]), None, table["patient"]).tolist(),
    }
    assert "groups-in-both-splits" not in found(missing, test=test)


@pytest.mark.parametrize(("groups", "named"), [(19, False), (20, True)])
def test_a_numeric_column_with_the_name_of_a_unit_needs_twenty_groups(groups: int, named: bool) -> None:
    table = {"household": np.arange(ROWS) % groups + 0.5, **columns()}
    assert ("groups-in-both-splits" in found(table, test=np.arange(100))) == named


@pytest.mark.parametrize(("repeated", "named"), [(99, False), (100, True)])
def test_groups_have_a_fifth_more_rows_than_values(repeated: int, named: bool) -> None:
    place = np.concatenate([np.arange(ROWS - repeated), np.arange(repeated)])
    table = {"patient": [f"p{number:03d}" for number in place], **columns()}
    assert ("groups-in-both-splits" in found(table, test=np.arange(ROWS - repeated, ROWS))) == named


@pytest.mark.parametrize(
    ("numbers", "reason"),
    [
        (np.arange(ROWS) * 9.0, "whole numbers, all different, in the order of the rows"),
        (np.arange(ROWS)[::-1] * 9.0, "whole numbers, all different, in the order of the rows"),
        (np.random.default_rng(0).permutation(900)[:ROWS], "whole numbers, all different, that fill 0 to 899"),
        (np.random.default_rng(0).permutation(2000)[:ROWS], ""),  # too sparse
        (np.random.default_rng(0).permutation(ROWS) + 0.5, ""),  # no whole numbers
        (np.random.default_rng(0).integers(0, 600, ROWS), ""),  # repeated
    ],
)
def test_a_counter_of_the_rows_is_named_with_its_reason(numbers: Any, reason: str) -> None:
    if reason.endswith("899"):
        numbers = np.concatenate([[0, 899], np.setdiff1d(numbers, [0, 899])[: ROWS - 2]])
        numbers = np.random.default_rng(1).permutation(numbers)
    items = found({"place": numbers, **columns()}, used=("place", "x"))
    if not reason:
        assert "identifier-column" not in items
        return
    item = items["identifier-column"]
    assert item.sentence == f"identifies the rows ({reason}); the network uses it as a feature"
    assert (item.priority, item.columns, item.call) == (0.7, ("place",), "tn.read(frame).drop('place')")
    assert item.action == "drop the column (--drop place): it has no meaning on new rows"
    assert item.evidence == {"rows": ROWS, "distinct": ROWS}
    unused = found({"place": numbers, **columns()}, used=("x", "z"))["identifier-column"]
    assert unused.sentence == f"identifies the rows ({reason}); excluded from training"
    assert (unused.priority, unused.action, unused.call) == (0.15, "none needed", "")


def test_thirty_values_are_enough_to_see_a_counter() -> None:
    for rows, named in ((30, True), (29, False)):
        items = found({"place": np.arange(rows) * 9.0, **columns(rows)}, used=("place", "x"))
        assert ("identifier-column" in items) == named


def test_findings_are_sorted_by_priority_and_of_used_columns_alone() -> None:
    table = columns()
    table["paid"] = np.where(table["y"] == "yes", "a", "b")
    table["id"] = np.arange(ROWS)
    items = list(found(table, test=np.arange(20), training=np.arange(20, ROWS)).values())
    assert [item.code for item in items] == ["target-leakage", "few-test-rows", "identifier-column"]
    assert [item.priority for item in items] == sorted((item.priority for item in items), reverse=True)
    unused = found(table, used=("x", "z", "city"))
    assert list(unused) == ["identifier-column"]


# Equal rows, and the number expected by chance ---------------------------------------------------


def pairs_within(others: list[tuple[Any, ...]], values: Any, training: Any, test: Any, width: float) -> Any:
    """For each test row its training rows that are equal but for a different value at most `width` away."""
    return np.array(
        [sum(others[a] == others[b] and 0 < abs(values[a] - values[b]) <= width for b in training) for a in test]
    )


@pytest.mark.parametrize("seed", range(4))
def test_the_expected_number_of_equal_rows_comes_from_pairs_that_differ_in_one_column(seed: int) -> None:
    random = np.random.default_rng(seed)
    kinds = {"a": random.integers(0, 3, 120), "b": random.integers(0, 4, 120), "n": random.integers(0, 40, 120)}
    frame = pl.DataFrame(kinds)
    training, test = np.arange(80), np.arange(80, 120)
    rows = list(frame.iter_rows())
    found = count_train_test_duplicates(frame.get_columns(), [False, False, True], training, test)
    seen = {rows[b] for b in training}
    assert found.rows.tolist() == [place for place, a in enumerate(test) if rows[a] in seen]
    assert len(found.rows)
    from_categories = np.zeros(40)
    for place in (0, 1):
        others = [row[:place] + row[place + 1 :] for row in rows]
        from_categories += pairs_within(others, frame.to_numpy()[:, place], training, test, np.inf)
    by_rank = frame["n"].rank("dense").to_numpy().astype(int)
    others = [row[:2] for row in rows]
    widths = [width for width in (1, 2, 4, 8, 16, 32, 64) if width <= by_rank.max()]
    near = [np.minimum(pairs_within(others, by_rank, training, test, w) / w, 1).sum() for w in widths]
    assert found.expected == pytest.approx(max(np.minimum(from_categories, 1).sum(), *near))


@pytest.mark.parametrize("values", [32, 33])
def test_pairs_are_counted_up_to_the_number_of_values(values: int) -> None:
    numbers = pl.Series("n", np.arange(values))
    training, test = np.arange(values - 1), np.array([0, values - 1])
    found = count_train_test_duplicates([numbers], [True], training, test)
    # Within 1, 2, 4, …, 32 values there are as many pairs for the row at each end as the width, or all others.
    assert found.rows.tolist() == [0]
    assert found.expected == pytest.approx(2.0)


def test_of_many_test_rows_a_sample_is_extrapolated(monkeypatch: pytest.MonkeyPatch) -> None:
    kinds = pl.DataFrame({"a": [*range(30), *range(30)], "b": [*range(30), *range(30)]})
    training, test = np.arange(30), np.arange(30, 60)
    whole = count_train_test_duplicates(kinds.get_columns(), [False, False], training, test)
    assert (len(whole.rows), whole.expected) == (30, 0.0)
    close = pl.DataFrame({"a": [*range(30), *range(30)], "b": [0] * 60})
    exact = count_train_test_duplicates(close.get_columns(), [False, False], training, test)
    monkeypatch.setattr(duplicates, "_MAX_TEST_ROWS", 10)
    sampled = count_train_test_duplicates(close.get_columns(), [False, False], training, test)
    assert exact.expected == sampled.expected == 30.0
    assert count_train_test_duplicates(kinds.get_columns(), [False, False], training[:3], test[5:]).expected == 0.0


def test_of_many_columns_those_with_the_most_values_are_varied(monkeypatch: pytest.MonkeyPatch) -> None:
    kinds = pl.DataFrame({"few": [0, 1, 1, 1, 0, 1, 2], "many": [0, 1, 2, 3, 0, 1, 3]})
    training, test = np.arange(4), np.arange(4, 7)
    both = count_train_test_duplicates(kinds.get_columns(), [False, False], training, test)
    assert both.rows.tolist() == [0, 1]
    assert both.expected == 2.0  # the third test row differs in `few`, the second in `many`
    monkeypatch.setattr(duplicates, "_MAX_COLUMNS", 1)
    one = count_train_test_duplicates(kinds.get_columns(), [False, False], training, test)
    assert one.expected == 1.0


@pytest.mark.parametrize("test_rows", [8, 15, 24, 42, 49])
def test_few_test_rows_of_numbers_have_the_interval_of_an_rmse(test_rows: int) -> None:
    rng = np.random.default_rng(0)
    table = {"x": rng.normal(size=300), "y": rng.normal(size=300)}
    item = found(table, test=np.arange(test_rows))["few-test-rows"]
    low, high = np.sqrt(test_rows / stats.chi2.ppf([0.975, 0.025], test_rows))
    assert item.evidence == {
        "test rows": test_rows,
        "RMSE, CI low": pytest.approx(low),
        "RMSE, CI high": pytest.approx(high),
    }
    assert "accuracy" not in item.sentence


@pytest.mark.parametrize("repeated", [0, 2, 5, 9, 12])
def test_an_identifier_with_repeated_values_is_said_to_repeat_them(repeated: int) -> None:
    rng = np.random.default_rng(0)
    names = [f"film {rng.integers(1e9)} of {index}" for index in range(300 - repeated)]
    table = {"title": names + names[:repeated], "x": rng.normal(size=300), "y": rng.integers(0, 2, 300)}
    item = next(item for item in find_leakage(read(table), "y", used=("x",)) if item.code == "identifier-column")
    assert item.sentence.startswith("an identifier that repeats" if repeated else "identifies the rows (")
