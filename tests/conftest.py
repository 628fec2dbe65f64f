"""What all tests share: a steady Hypothesis profile, a backend without a window, the shared data."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

# Before anything imports matplotlib: a test must never ask for a display.
os.environ["MPLBACKEND"] = "Agg"

# Derandomized: the same examples in every run, so that a red test is red for everyone.
settings.register_profile("tidynet", derandomize=True, deadline=None)
settings.load_profile("tidynet")

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real tables beside the checkout, or a skip that says what is missing."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"needs the shared tables in {SHARED_DATA}, which is not there")
    return SHARED_DATA
