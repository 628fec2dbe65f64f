"""Memory does not grow with the table that is predicted."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

ROWS = 10_000_000


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc to measure memory")
def test_ten_million_rows_stay_under_a_gigabyte(trained: Path, tmp_path: Path) -> None:
    number = pl.int_range(ROWS, eager=False)
    leaf = pl.when(number % 3 == 0).then(pl.lit("oval")).otherwise(pl.lit("round"))
    pl.LazyFrame().select(
        plot=pl.lit("p") + number.cast(pl.String), height=(number % 1000) / 250 - 2, leaf=leaf
    ).sink_parquet(tmp_path / "many.parquet")
    # The high-water mark of this process alone; getrusage would count the parent's as well.
    code = (
        "import pathlib, re, sys; from tidynet.cli import main; code = main(sys.argv[1:]); "
        "print(code, *re.findall(r'VmHWM:\\s+(\\d+)', pathlib.Path('/proc/self/status').read_text()))"
    )
    words = ["predict", trained, tmp_path / "many.parquet", "--out", tmp_path / "out.parquet"]
    ran = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=True)
    exit_code, kilobytes = map(int, ran.stdout.splitlines()[-1].split())
    assert (exit_code, ran.stderr) == (0, "")
    assert pl.scan_parquet(tmp_path / "out.parquet").select(pl.len()).collect().item() == ROWS
    assert kilobytes < 1_000_000
