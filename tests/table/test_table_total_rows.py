"""Rows of totals: the numbers decide, since a label such as 'Total' can be a name."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

import tidynet as tn
from tidynet.table.tidiness import check_tidiness

NUMBERS = [3.5, 8.0, 1.25, 19.0, 4.0]


def total_issues(frame: pl.DataFrame) -> list[str]:
    issues = check_tidiness(frame, tn.read(frame).inferred_types)
    return [issue.sentence for issue in issues if issue.function == "drop_rows"]


def labeled(label: str, value: float, where: int = 5) -> pl.DataFrame:
    names, values = ["Shell", "Eni", "Repsol", "Statoil", "Lukoil"], list(NUMBERS)
    names.insert(where, label)
    values.insert(where, value)
    return pl.DataFrame({"company": names, "sales": values})


@pytest.mark.parametrize(
    ("label", "value", "where"),
    [("Total", 12.0, 2), ("TOTAL", 35.0, 0), ("total", 0.0, 5), ("Subtotal", 9.0, 3), ("Grand Total", 36.2, 5)],
)
def test_a_name_whose_numbers_are_no_sums_is_no_total(label: str, value: float, where: int) -> None:
    assert total_issues(labeled(label, value, where)) == []


def test_a_company_among_two_thousand_is_no_total() -> None:
    rng = np.random.default_rng(0)
    names = [f"company {index}" for index in range(1999)]
    names.insert(16, "Total")
    assert total_issues(pl.DataFrame({"rank": range(1, 2001), "name": names, "sales": rng.lognormal(1, 1, 2000)})) == []


@pytest.mark.parametrize(
    ("label", "value", "where"),
    [("Total", 35.75, 5), ("total", 35.75, 0), ("TOTAL", 35.8, 5), ("All", 35.75, 5), ("Grand total", 35.75, 0)],
)
def test_a_row_with_the_sum_of_the_others_is_a_total(label: str, value: float, where: int) -> None:
    (sentence,) = total_issues(labeled(label, value, where))
    assert "1 total row" in sentence
    assert sentence.endswith("which repeats other rows: its 'sales' is their sum")


@pytest.mark.parametrize(
    "rows",
    [
        [("a", 1), ("b", 2), ("Subtotal", 3), ("c", 4), ("d", 5), ("Subtotal", 9), ("Grand total", 12)],
        [("a", 1), ("b", 2), ("Total", 3), ("c", 4), ("d", 6), ("Total", 10)],
        [("Total", 3), ("a", 1), ("b", 2), ("Total", 10), ("c", 4), ("d", 6)],
        [("a", 1.5), ("b", 2.5), ("Total", 4.0), ("a", 10.0), ("b", 30.0), ("Total", 40.0)],
        [("a", 7), ("b", -2), ("Subtotal", 5), ("c", 4), ("Subtotal", 4), ("Grand total", 9)],
    ],
)
def test_subtotals_are_sums_of_their_blocks(rows: list[tuple[str, float]]) -> None:
    frame = pl.DataFrame({"item": [name for name, _ in rows], "sold": [float(value) for _, value in rows]})
    (sentence,) = total_issues(frame)
    assert sentence.endswith("which repeat other rows: their 'sold' are sums of them")
