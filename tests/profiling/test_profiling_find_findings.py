"""Each rule has a finding on a table made for it, and none on a clean table."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest

from tidynet.profiling import Finding, profile_table
from tidynet.profiling.find_findings import RULES
from tidynet.profiling.findings.registry import OVERRULED
from tidynet.profiling.findings.rule import severity

ROWS = 600
Columns = dict[str, Any]


def clean(seed: int = 0) -> Columns:
    """A table without findings: numbers, counts, categories and a target that they explain in part."""
    rng = np.random.default_rng(seed)
    size = rng.normal(10, 2, ROWS)
    kind = rng.choice(["rose", "lily", "fern", "moss"], ROWS)
    return {
        "size": size,
        "weight": 3 * size + rng.normal(0, 4, ROWS),
        "petals": rng.poisson(6, ROWS),
        "kind": kind,
        "light": rng.choice(["low", "medium", "high"], ROWS),
        "blooms": np.where(size + rng.normal(0, 2, ROWS) > 10, "yes", "no"),
    }


def findings(columns: Columns, target: str | None = None) -> dict[str, Finding]:
    found = profile_table(pl.DataFrame(columns), target=target).findings
    assert [one.priority for one in found] == sorted((one.priority for one in found), reverse=True)
    assert all(one.sentence and one.action and one.evidence and one.severity == severity(one.priority) for one in found)
    json.dumps([dict(one.evidence) for one in found])
    return {one.code: one for one in reversed(found)}


def with_missing(values: Any, where: Any) -> pl.Series:
    return pl.Series(
        [None if missing else value for value, missing in zip(list(values), where, strict=True)], strict=False
    )


def _depends_on_size(t: Columns, rng: np.random.Generator) -> Columns:
    return {"weight": with_missing(t["weight"], (t["size"] > 11) & (rng.random(ROWS) < 0.6))}


def _missing_in_one_category(t: Columns, rng: np.random.Generator) -> Columns:
    return {"petals": with_missing(t["petals"], t["kind"] == "moss")}


def _reversed_sign(t: Columns, rng: np.random.Generator) -> Columns:
    group = rng.integers(0, 3, ROWS)
    x = 4 * group + rng.normal(size=ROWS)
    return {"site": np.array(["north", "south", "west"])[group], "x": x, "y": 8 * group - x + rng.normal(0, 0.5, ROWS)}


def _misspelled(t: Columns, rng: np.random.Generator) -> Columns:
    country = rng.choice(["Germany", "France", "Poland"], ROWS)
    country[7] = "Gemany"
    return {"country": country}


def _several_spellings(t: Columns, rng: np.random.Generator) -> Columns:
    return {"city": rng.choice(["New York", "new york ", "Málaga", "Malaga", "Bern"], ROWS)}


def _mixed(t: Columns, rng: np.random.Generator) -> Columns:
    return {"income": [str(value) if i % 40 else "unknown" for i, value in enumerate(rng.integers(20, 90, ROWS))]}


# Columns added to the clean table, the target, and the columns of the finding.
SHOWN: dict[str, tuple[Callable[[Columns, np.random.Generator], Columns], str | None, tuple[str, ...]]] = {
    "target-leakage": (
        lambda table, rng: {"score": 5.0 * (table["blooms"] == "yes") + rng.normal(0, 0.5, ROWS)},
        "blooms",
        ("score",),
    ),
    "missingness-predicts-target": (
        lambda table, rng: {"fruit": with_missing(rng.normal(size=ROWS), table["blooms"] == "no")},
        "blooms",
        ("fruit",),
    ),
    "missing-target": (
        lambda table, rng: {"goal": with_missing(table["weight"], rng.random(ROWS) < 0.1)},
        "goal",
        ("goal",),
    ),
    "class-imbalance": (lambda _table, rng: {"ill": np.where(rng.random(ROWS) < 0.04, "yes", "no")}, "ill", ("ill",)),
    "few-rows-in-class": (lambda _table, _rng: {"tribe": [f"t{row // 4}" for row in range(ROWS)]}, "tribe", ("tribe",)),
    "no-informative-column": (lambda _table, rng: {"coin": rng.choice(["heads", "tails"], ROWS)}, "coin", ("coin",)),
    "mixed-types": (_mixed, None, ("income",)),
    "sentinel-value": (
        lambda _table, rng: {"age": np.where(rng.random(ROWS) < 0.03, -999, rng.integers(18, 90, ROWS))},
        None,
        ("age",),
    ),
    "infinite-values": (
        lambda table, _rng: {"rate": np.where(np.arange(ROWS) == 5, np.inf, table["size"] ** 2)},
        None,
        ("rate",),
    ),
    "inconsistent-spelling": (_several_spellings, None, ("city",)),
    "misspelled-category": (_misspelled, None, ("country",)),
    "missingness-depends-on-column": (_depends_on_size, None, ("weight",)),
    "missing-values": (
        lambda _table, rng: {"height": with_missing(rng.normal(size=ROWS), rng.random(ROWS) < 0.2)},
        None,
        ("height",),
    ),
    "few-complete-rows": (
        lambda _table, rng: {f"q{i}": with_missing(rng.normal(size=ROWS), rng.random(ROWS) < 0.2) for i in range(5)},
        None,
        (),
    ),
    "simpsons-paradox": (_reversed_sign, None, ("x", "y", "site")),
    "near-duplicate-columns": (
        lambda table, rng: {"pounds": 2.2 * table["weight"] + rng.normal(0, 0.01, ROWS)},
        None,
        ("weight", "pounds"),
    ),
    "numbers-as-text": (lambda _table, rng: {"cost": [f"{v:.2f}" for v in rng.normal(50, 5, ROWS)]}, None, ("cost",)),
    "time-ordered-rows": (lambda _table, rng: {"year": np.sort(rng.integers(1950, 2020, ROWS))}, None, ("year",)),
    "drift-over-rows": (
        lambda _table, rng: {"sensor": np.arange(ROWS) / 200 + rng.normal(size=ROWS)},
        None,
        ("sensor",),
    ),
    "sorted-rows": (lambda _table, rng: {"grade": np.sort(rng.normal(size=ROWS))}, None, ("grade",)),
    "constant-column": (lambda _table, _rng: {"source": ["crm"] * ROWS}, None, ("source",)),
    "outliers": (
        lambda _table, rng: {"pulse": np.where(np.arange(ROWS) == 9, 700, rng.normal(70, 9, ROWS))},
        None,
        ("pulse",),
    ),
    "high-cardinality": (lambda _table, rng: {"shop": [f"s{v}" for v in rng.integers(0, 90, ROWS)]}, None, ("shop",)),
    "dates-as-text": (
        lambda _table, rng: {"day": [f"2020-0{1 + v}-11" for v in rng.integers(0, 9, ROWS)]},
        None,
        ("day",),
    ),
    "identifier-column": (lambda _table, rng: {"patient_id": rng.permutation(ROWS) + 1}, None, ("patient_id",)),
    "skewed-distribution": (lambda _table, rng: {"price": rng.lognormal(3, 1.2, ROWS)}, None, ("price",)),
    "zero-inflation": (
        lambda _table, rng: {"claim": np.where(rng.random(ROWS) < 0.7, 0, rng.lognormal(3, 1, ROWS))},
        None,
        ("claim",),
    ),
    "near-constant-column": (lambda _table, _rng: {"flag": np.where(np.arange(ROWS) == 3, "b", "a")}, None, ("flag",)),
    "coded-categories": (lambda _table, rng: {"zip": rng.choice([8001, 9000, 3011], ROWS)}, None, ("zip",)),
    "target-arithmetic": (
        lambda table, rng: {"stem": (stem := rng.integers(5, 90, ROWS)), "leaves": table["petals"] * stem},
        "leaves",
        ("petals", "stem"),
    ),
    "column-arithmetic": (
        lambda _table, rng: {"celsius": (c := rng.normal(20, 5, ROWS).round(1)), "fahrenheit": (1.8 * c + 32).round(2)},
        None,
        ("celsius", "fahrenheit"),
    ),
    "impossible-values": (
        lambda _table, rng: {"age": np.where(np.arange(ROWS) == 7, -4, rng.integers(18, 90, ROWS))},
        None,
        ("age",),
    ),
    "several-modes": (
        lambda _table, rng: {"depth": rng.normal(np.where(rng.random(ROWS) < 0.5, 20, 60), 5)},
        None,
        ("depth",),
    ),
    "personal-data": (lambda _table, _rng: {"mail": [f"p{i % 97}@example.org" for i in range(ROWS)]}, None, ("mail",)),
    "rare-categories": (lambda _table, _rng: {"make": ["x", "y"] * (ROWS // 2 - 1) + ["z", "w"]}, None, ("make",)),
}


@pytest.mark.parametrize("code", SHOWN)
def test_a_rule_detects_its_finding(code: str) -> None:
    added, target, columns = SHOWN[code]
    rng = np.random.default_rng(1)
    table = clean()
    shown = findings(table | added(table, rng), target)
    assert code in shown, list(shown)
    assert shown[code].columns == columns


@pytest.mark.parametrize("target", [None, "blooms", "weight"])
@pytest.mark.parametrize("seed", range(5))
def test_a_clean_table_has_no_findings(seed: int, target: str | None) -> None:
    assert findings(clean(seed), target) == {}


def test_every_rule_is_tested() -> None:
    elsewhere = {"untidy-layout", "duplicate-rows", "near-duplicate-rows", "too-few-rows"}  # below
    assert {rule.code for rule in RULES} == set(SHOWN) | elsewhere
    assert {code for code in OVERRULED if not code.startswith("untidy-layout-")} | {
        weaker for all_weaker in OVERRULED.values() for weaker in all_weaker
    } <= {rule.code for rule in RULES}


def test_duplicates_are_found_unless_they_are_expected() -> None:
    frame = pl.DataFrame(clean())
    repeated = profile_table(pl.concat([frame, frame.head(60)])).findings
    assert [one.code for one in repeated] == ["duplicate-rows"]
    assert repeated[0].evidence["duplicates"] == 60
    assert "duplicate-rows" not in findings({"kind": clean()["kind"], "light": clean()["light"]})


def test_few_rows_have_a_higher_priority_with_a_target() -> None:
    few = {name: values[:25] for name, values in clean().items()}
    assert findings(few)["too-few-rows"].severity == "low"
    assert findings(few, "weight")["too-few-rows"].severity == "high"
    rng = np.random.default_rng(0)
    wide = {f"x{i}": rng.normal(size=100) for i in range(30)}
    assert findings(wide, "x0")["too-few-rows"].sentence == "100 rows for 29 columns, fewer than 10 per column"
    assert "too-few-rows" not in findings(wide)


def test_an_untidy_layout_has_a_call_that_fixes_it() -> None:
    found = findings({"country": ["Chad", "Peru", "Cuba"], "2018": [5, 6, 9], "2019": [1, 3, 8], "2020": [2, 4, 7]})
    assert found["untidy-layout-values-as-column-names"].call.startswith("tn.tidy.melt(frame")
    found = findings(
        {"weight": [f"{number} kg" for number in range(60)], "x": np.random.default_rng(0).normal(size=60)}
    )
    [untidy] = [item for code, item in found.items() if code.startswith("untidy-layout")]
    assert untidy.statement == "weight: contains numbers with units ('kg'), such as '0 kg'"


def test_a_log_normal_column_has_no_outliers() -> None:
    price = np.random.default_rng(3).lognormal(3, 1.5, 5_000)
    assert list(findings({"price": price, "size": np.random.default_rng(4).normal(size=5_000)})) == [
        "skewed-distribution"
    ]


def test_values_missing_at_random_have_one_finding() -> None:
    for seed in range(10):
        rng = np.random.default_rng(seed + 100)
        table = clean(seed) | {f"q{i}": with_missing(rng.normal(size=ROWS), rng.random(ROWS) < 0.1) for i in range(3)}
        assert set(findings(table)) == {"missing-values"}


def test_missingness_in_one_category_is_one_sentence() -> None:
    table = clean()
    found = findings(table | _missing_in_one_category(table, np.random.default_rng(0)))
    assert found["missingness-depends-on-column"].text == (
        "MEDIUM petals: missing in 100% of rows where kind = moss, in 0% of other rows → "
        "add a missing indicator; do not drop these rows"
    )


def test_a_table_sorted_by_its_target_has_no_drift() -> None:
    frame = pl.DataFrame(clean()).sort("blooms")
    assert [one.sentence for one in profile_table(frame, target="blooms").findings] == ["600 rows sorted by the target"]


def test_one_finding_about_many_columns_is_merged() -> None:
    rng = np.random.default_rng(0)
    skewed = {f"price{i}": rng.lognormal(3, 1.2, ROWS) for i in range(7)}
    found = [one for one in profile_table(pl.DataFrame(skewed)).findings if one.code == "skewed-distribution"]
    assert len(found) == 1
    assert len(found[0].columns) == 7
    assert found[0].statement == (
        "7 columns: skewed: 'price0' (5.69), 'price1' (5.18), 'price2' (3.77), 'price3' (3.23), 'price4' (5.34) and 2 more"
    )


@pytest.mark.parametrize(
    "columns",
    [
        {"a": []},
        {"a": [None]},
        {"a": [1.0], "b": ["x"]},
        {"a": [float("inf")] * 40, "b": [float("nan")] * 40},
        {"^a$": list(range(40)), "": ["x", "y"] * 20},
        {"a": [[1], [2]] * 20, "b": [{"c": 1}] * 40},
        {"a": [True, None] * 30, "b": [b"x", b"y"] * 30},
    ],
)
def test_unusual_tables_have_findings_without_error(columns: Columns) -> None:
    findings(columns)
    findings(columns, next(iter(columns)))


@pytest.mark.parametrize("size", [1e100, 1e200, 1e305])
def test_huge_numbers_cause_no_error(size: float) -> None:
    findings({"a": [size, -size] * 30, "b": [5e-324, 0.0] * 30, "c": [i % 13 * size for i in range(60)]})


def test_repeated_one_to_one_categories_are_near_duplicates_but_unique_labels_are_not() -> None:
    place = np.random.default_rng(0).integers(0, 150, ROWS)
    country, code = [f"country {v}" for v in place], [f"c{v * 7}" for v in place]
    found = findings(clean() | {"country": country, "code": code})
    assert found["near-duplicate-columns"].columns == ("country", "code")
    labels = {"row": [f"r{v}" for v in range(ROWS)], "key": [f"k{v * 3}" for v in range(ROWS)]}
    assert "near-duplicate-columns" not in findings(clean() | labels)
