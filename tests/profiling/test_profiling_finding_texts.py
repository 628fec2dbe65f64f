"""Every finding: its whole sentence, its priority and its evidence on the table that shows it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from test_profiling_find_findings import SHOWN, clean, findings

# Subject and fact, priority, evidence.
EXPECTED: dict[str, tuple[str, float, dict[str, Any]]] = {
    "target-leakage": (
        "score: separates the classes of blooms: class agreement 100%",
        0.95,
        {"class agreement": 1.0, "rows": 600},
    ),
    "missingness-predicts-target": (
        "fruit: missing only where blooms = no (292 rows)",
        0.9,
        {"missing": 292, "rows": 600, "class": "no"},
    ),
    "missing-target": ("goal: target missing in 57 rows (9.5%)", 0.538, {"missing": 57, "rows": 600}),
    "class-imbalance": (
        "ill: class 'yes' in 3.7% of rows (22); always predicting 'no' has accuracy 96%",
        0.5,
        {
            "fraction of rarest class": 0.0366667,
            "rows of rarest class": 22,
            "fraction of most frequent class": 0.963333,
            "classes": 2,
        },
    ),
    "few-rows-in-class": (
        "tribe: 150 of 150 classes with fewer than 10 rows; 't99' has 4",
        0.6,
        {"fewest rows": 4, "small classes": 150, "classes": 150, "rows": 600},
    ),
    "no-informative-column": (
        "coin: none of 6 columns alone explains the target significantly (best: light, 0.1%)",
        0.5,
        {"largest explained share": 0.0011572, "column": "light", "columns": 6, "rows": 600},
    ),
    "mixed-types": (
        "income: numbers in 98% of rows, text in 15 rows: 'unknown'",
        0.68,
        {"numbers": 585, "texts": 15, "distinct texts": 1, "rows": 600},
    ),
    "sentinel-value": (
        "age: −999 in 16 rows; other values range from 18 to 89",
        0.66,
        {"value": -999.0, "rows": 16, "min of other values": 18.0, "max of other values": 89.0},
    ),
    "infinite-values": ("rate: infinite in 1 row", 0.65, {"infinite": 1, "rows": 600}),
    "inconsistent-spelling": (
        "city: 2 categories have several spellings: 'Malaga' = 'Málaga'; 'New York' = 'new york␣'",
        0.6,
        {"categories": 5, "categories with several spellings": 2, "rows with rarer spellings": 228},
    ),
    "misspelled-category": (
        "country: 1 possible misspelling: 'Gemany' (1 row) for 'Germany' (194)",
        0.42,
        {"categories": 4, "possible misspellings": 1, "rows": 1},
    ),
    "missingness-depends-on-column": (
        "weight: missing in 38% of rows where size > 9.91, in 0% of other rows",
        0.538,
        {
            "effect": 0.879659,
            "predictor": "size",
            "missing fraction there": 0.383333,
            "missing fraction elsewhere": 0.0,
            "p": 7.19899e-48,
            "rows": 600,
        },
    ),
    "missing-values": (
        "height: missing in 16% of rows (99 of 600)",
        0.346,
        {"missing": 99, "rows": 600, "missing fraction": 0.165},
    ),
    "few-complete-rows": (
        "table: 36% of rows are complete; no column is missing in over 22%",
        0.55,
        {"fraction of complete rows": 0.358333, "columns with missing values": 5, "rows": 600},
    ),
    "simpsons-paradox": (
        "x, y, site: Simpson's paradox, rank correlation 0.772 over all rows, −0.88 within site",
        0.604,
        {
            "overall": 0.771992,
            "within": -0.880168,
            "groups": 3,
            "groups with reversed sign": 3,
            "rows": 600,
            "p": 3.50363e-118,
        },
    ),
    "near-duplicate-columns": ("weight, pounds: correlation over 0.9999", 0.45, {"correlation": 1.0, "rows": 600}),
    "target-arithmetic": (
        "petals, stem: leaves = petals × stem in all 600 rows",
        0.95,
        {"relation": "leaves = petals × stem", "rows that agree": 600, "rows": 600},
    ),
    "column-arithmetic": (
        "celsius, fahrenheit: fahrenheit = 1.8 × celsius + 32 in all 600 rows",
        0.35,
        {"relation": "fahrenheit = 1.8 × celsius + 32", "rows that agree": 600, "rows": 600},
    ),
    "impossible-values": (
        "age: impossible age in 1 row (−4), expected 0 to 120",
        0.6,
        {"rows outside": 1, "rows": 600, "smallest": -4.0, "largest": -4.0},
    ),
    "several-modes": (
        "depth: 2 modes, near 19 and 60",
        0.33,
        {"modes": 2, "places": "19 and 60", "dip × √n": 2.68786, "dip × √n of one mode (99.9%)": 0.6, "rows": 600},
    ),
    "personal-data": (
        "mail: e-mail addresses in all rows",
        0.6,
        {"kind": "e-mail addresses", "rows with it": 600, "rows": 600},
    ),
    "numbers-as-text": (
        "cost: numbers stored as text in 600 rows, such as '51.30'",
        0.5,
        {"rows": 600, "distinct": 502},
    ),
    "time-ordered-rows": (
        "year: rows are in time order, from 1950 to 2019",
        0.35,
        {"rows": 600, "first": "1950", "last": "2019"},
    ),
    "drift-over-rows": (
        "sensor: distribution changes over the rows: row position explains 50% of the variance of its ranks",
        0.479,
        {"explained share": 0.496499, "rows": 600, "p": 7.10371e-59},
    ),
    "sorted-rows": ("grade: 600 rows sorted by this column", 0.2, {"rows": 600}),
    "constant-column": ("source: one value in 100% of rows", 0.38, {"rows": 600, "missing": 0}),
    "outliers": (
        "pulse: 1 outlier (700); other values range from 42.3 to 97.9",
        0.408,
        {"outliers": 1, "scale": "linear", "rows": 600, "most extreme": 700.0},
    ),
    "high-cardinality": (
        "shop: 90 categories, 6.67 rows each on average",
        0.32,
        {"categories": 90, "rows": 600, "rows per category": 6.66667},
    ),
    "dates-as-text": (
        "day: dates stored as text in 600 rows, such as '2020-05-11'",
        0.3,
        {"rows": 600, "format": "dates in the format year-month-day"},
    ),
    "identifier-column": (
        "patient_id: identifies the rows: consecutive numbers from 1 to 600, unique in each row",
        0.12,
        {"rows": 600, "distinct": 600},
    ),
    "skewed-distribution": (
        "price: skewness 6.46, −0.01 on a log scale",
        0.28,
        {"skew": 6.45727, "rows": 600, "median": 20.0546, "skew of the logarithm": -0.0125082},
    ),
    "zero-inflation": (
        "claim: zero in 71% of rows; other values range from 1.10 to 246",
        0.27,
        {"zero fraction": 0.706667, "rows": 600, "median of other values": 19.9008},
    ),
    "near-constant-column": (
        "flag: 'a' in 99.8% of rows; another value in 1 row",
        0.25,
        {"top fraction": 0.998333, "rows": 600, "rows with other values": 1, "missing": 0},
    ),
    "coded-categories": (
        "zip: 3 numeric codes of categories: the name suggests codes; 3 different numbers",
        0.2,
        {"distinct": 3, "rows": 600},
    ),
    "rare-categories": (
        "make: 2 of 4 categories with fewer than 5 rows: 'w', 'z'",
        0.2,
        {"rare categories": 2, "categories": 4, "rows in rare categories": 2, "rows": 600},
    ),
}


def test_every_table_has_an_expected_finding() -> None:
    assert set(EXPECTED) == set(SHOWN)


@pytest.mark.parametrize("code", EXPECTED)
def test_sentence_priority_and_evidence(code: str) -> None:
    added, target, _ = SHOWN[code]
    table = clean()
    finding = findings(table | added(table, np.random.default_rng(1)), target)[code]
    statement, priority, evidence = EXPECTED[code]
    assert finding.statement == statement
    assert finding.priority == priority
    assert finding.evidence.keys() == evidence.keys()
    for key, value in evidence.items():
        assert finding.evidence[key] == (pytest.approx(value, rel=1e-4, abs=0) if isinstance(value, float) else value)
