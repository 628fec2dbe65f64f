"""One clean table in many dialects reads back equal, and is never wrong without a note."""

from __future__ import annotations

from pathlib import Path

import pytest
from dialect_writer import Written, expected_names, write_table
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tidynet.core.errors import TidynetError
from tidynet.table import read


def outcome(written: Written, folder: Path) -> str:
    """Whether the file reads back equal, or is refused or wrong with a note, or wrong without one."""
    path = folder / "t.csv"
    path.write_bytes(written.content)
    try:
        table = read(path)
    except TidynetError:
        return "refused"
    is_equal = table.columns == expected_names(written) and table.frame.rows() == [tuple(row) for row in written.rows]
    return "equal" if is_equal else "noted" if table.notes else "silent"


@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(seed=st.integers(0, 10**9))
def test_no_dialect_is_read_wrong_without_a_note(seed: int, tmp_path: Path) -> None:
    assert outcome(write_table(seed), tmp_path) != "silent"


def test_nearly_every_dialect_reads_back_equal(tmp_path: Path) -> None:
    outcomes = [outcome(write_table(seed), tmp_path) for seed in range(150)]
    assert outcomes.count("equal") >= 0.99 * len(outcomes)


@pytest.mark.slow
def test_of_thousands_of_dialects_99_percent_read_back_equal(tmp_path: Path) -> None:
    outcomes = [outcome(write_table(seed), tmp_path) for seed in range(1_000, 4_000)]
    assert outcomes.count("silent") == 0
    assert outcomes.count("equal") >= 0.99 * len(outcomes)
