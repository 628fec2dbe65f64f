"""Reasons of variable types are true of the rows that are described."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from tidynet.profiling import profile_table
from tidynet.table.infer_types import infer_types, renew_reasons
from tidynet.table.variable_type import TypeInference, VariableType

ROWS = 240
FRAME = pl.DataFrame(
    {
        "level": [f"lev{i % 60}" for i in range(ROWS)],
        "day": [date(2001, 1, 1) + timedelta(days=i) for i in range(ROWS)],
        "size": [round(0.37 * i, 2) for i in range(ROWS)],
        "flag": ["a" if i < 120 else "b" for i in range(ROWS)],
        "count": [i % 13 for i in range(ROWS)],
    }
)


@pytest.mark.parametrize(
    ("name", "text"), [("level", "40 categories"), ("day", "2001-01-21"), ("size", "7.40"), ("count", "")]
)
def test_the_reason_is_that_of_the_rows(name: str, text: str) -> None:
    rows = FRAME.filter(pl.int_range(pl.len()) % 60 < 40)[10:]
    rows = rows.filter(pl.col("day") > date(2001, 1, 20))
    found = renew_reasons(rows, infer_types(FRAME), ROWS)[name]
    alone = infer_types(rows)[name]
    assert (found.variable_type, found.reason) == (infer_types(FRAME)[name].variable_type, alone.reason)
    assert text in found.reason


def test_a_type_that_the_rows_do_not_show_keeps_its_reason_with_the_number_of_rows() -> None:
    found = renew_reasons(FRAME[:100], infer_types(FRAME), ROWS)["flag"]
    before = infer_types(FRAME)["flag"]
    assert found.variable_type is before.variable_type
    assert found.reason == f"{before.reason} (in all 240 rows)"


def test_the_choice_of_a_user_and_kept_columns_stay() -> None:
    chosen = TypeInference(VariableType.ORDINAL, "requested", is_user_choice=True)
    types = {**infer_types(FRAME), "count": chosen}
    found = renew_reasons(FRAME[:40], types, ROWS, keep=["level"])
    assert found["count"] is chosen
    assert found["level"] is types["level"]


def test_a_sample_is_described_by_its_own_numbers() -> None:
    column = profile_table(FRAME, sample=30)["level"]
    assert column.type_reason.startswith(str(column.distinct)) or "(in all 240 rows)" in column.type_reason
    assert np.isfinite(column.distinct or 0)
