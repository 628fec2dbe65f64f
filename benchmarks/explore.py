"""Profiling a table: tidynet, its peers and bare statistics, each as a whole process.

    python benchmarks/explore.py a.parquet b.parquet [--rounds 3] [--limit 480] [--only tidynet,floor]
        [--peers PYTHON]

Peers need an older pandas than tidynet: install them in their own environment and name its Python with
`--peers` (`python -m venv peers; peers/bin/pip install ydata-profiling "setuptools<81" "pandas<3" skrub sweetviz`).

The tables come from a generator that is not part of this repository (`big_table.py 100_000 a.parquet`); its path may
be given instead of tables, as `--generator PATH --rows 100_000,5_000_000`, and the tables are then written to a
temporary folder. Every tool runs in its own process, imports included. Runs are interleaved; the table shows the
minimum seconds of each tool, the CPU seconds of that run and its peak memory. Peers that are not installed are skipped.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from machine import machine

OURS = """
import sys, tidynet as tn
exploration = tn.explore(sys.argv[1])
exploration.save(sys.argv[2])
"""
PROFILE = """
import sys, polars as pl
from tidynet.profiling import profile_table
from tidynet.table import read
from tidynet.table.lazy_table import is_large
profile_table(pl.scan_parquet(sys.argv[1]) if is_large(sys.argv[1]) else read(sys.argv[1]))
"""
FLOOR = """
import sys, polars as pl, polars.selectors as cs
frame = pl.scan_parquet(sys.argv[1])
schema = frame.collect_schema()
numbers = [name for name, dtype in schema.items() if dtype.is_numeric()]
texts = [name for name, dtype in schema.items() if dtype == pl.String]
run = lambda lazy: lazy.collect(engine="streaming")
run(frame.select(pl.len(), pl.all().null_count().name.suffix(" missing"), pl.all().approx_n_unique().name.suffix(" n")))
moments = ("mean", "std", "skew", "kurtosis", "min", "max")
facts = run(frame.select(
    *[getattr(cs.numeric(), what)().name.suffix(f" {what}") for what in moments],
    *[cs.numeric().quantile(q).name.suffix(f" {q}") for q in (0.05, 0.25, 0.5, 0.75, 0.95)]))
for name in numbers:
    low, high = facts[f"{name} min"][0], facts[f"{name} max"][0]
    bin = ((pl.col(name) - low) / ((high - low) or 1) * 50).floor().clip(0, 49)
    run(frame.select(bin.alias("bin")).group_by("bin").len())
for name in texts:
    run(frame.select(name).group_by(name).len().sort("len").tail(20))
run(frame.select(pl.corr(a, b).alias(f"{a} {b}") for i, a in enumerate(numbers) for b in numbers[:i]))
"""
PEERS = {
    "ydata-profiling": ("ydata_profiling", """
import sys, pandas as pd
from ydata_profiling import ProfileReport
ProfileReport(pd.read_parquet(sys.argv[1]), progress_bar=False).to_file(sys.argv[2])
"""),
    "ydata-profiling, minimal": ("ydata_profiling", """
import sys, pandas as pd
from ydata_profiling import ProfileReport
ProfileReport(pd.read_parquet(sys.argv[1]), minimal=True, progress_bar=False).to_file(sys.argv[2])
"""),
    "skrub TableReport": ("skrub", """
import sys, polars as pl
from skrub import TableReport
TableReport(pl.read_parquet(sys.argv[1]), verbose=0).write_html(sys.argv[2])
"""),
    "sweetviz": ("sweetviz", """
import sys, pandas as pd, sweetviz
sweetviz.analyze(pd.read_parquet(sys.argv[1]), pairwise_analysis="off").show_html(sys.argv[2], open_browser=False)
"""),
    "ibis-profiling": ("ibis_profiling", """
import sys, ibis
from ibis_profiling import ProfileReport
ProfileReport(ibis.read_parquet(sys.argv[1])).to_file(sys.argv[2])
"""),
    "skimpy": ("skimpy", """
import sys, polars as pl
from skimpy import skim
skim(pl.read_parquet(sys.argv[1]))
"""),
}  # fmt: skip


@dataclass(frozen=True)
class Run:
    """The resources of one process."""

    seconds: float
    cpu: float
    gigabytes: float
    error: str = ""


def run(python: str, code: str, table: Path, report: Path, limit: float) -> Run:
    start = time.perf_counter()
    process = subprocess.Popen(
        [python, "-W", "ignore", "-c", code, str(table), str(report)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    timer = threading.Timer(limit, process.kill)
    timer.start()
    _, status, usage = os.wait4(process.pid, 0)
    timer.cancel()
    seconds = time.perf_counter() - start
    error = "" if status == 0 else f"over {limit:.0f} s, stopped" if seconds >= limit else "failed"
    return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1e6, error)


def select_tools(only: str, peers: str) -> dict[str, tuple[str, str]]:
    """The tools by name: the Python and the code of each."""
    codes = {"tidynet, report": OURS, "tidynet, profile only": PROFILE, "Polars, bare statistics (floor)": FLOOR}
    tools = {name: (sys.executable, code) for name, code in codes.items()}
    tools |= {name: (peers, code) for name, (module, code) in PEERS.items() if is_installed(peers, module)}
    requested = [word.strip() for word in only.split(",") if word.strip()]
    return {name: tool for name, tool in tools.items() if not requested or any(word in name for word in requested)}


def is_installed(python: str, module: str) -> bool:
    code = f"import importlib.util, sys; sys.exit(importlib.util.find_spec({module!r}) is None)"
    return subprocess.run([python, "-c", code], check=False).returncode == 0


def measure(table: Path, tools: dict[str, tuple[str, str]], rounds: int, limit: float, folder: Path) -> None:
    best: dict[str, Run] = {}
    sizes: dict[str, float] = {}
    for _ in range(rounds):
        for name, (python, code) in tools.items():
            if name in best and best[name].error:
                continue
            report = folder / "report.html"
            report.unlink(missing_ok=True)
            measured = run(python, code, table, report, limit)
            if name not in best or measured.error or measured.seconds < best[name].seconds:
                best[name] = measured
            if report.exists():
                sizes[name] = report.stat().st_size / 1e6
    ours = next((measured for name, measured in best.items() if name.startswith("tidynet")), None)
    print(f"\n{table.name}, {table.stat().st_size / 1e6:,.0f} MB, least of {rounds}")
    print("| tool | s | CPU s | peak GB | HTML, MB | times ours, s | CPU |\n|---|---|---|---|---|---|---|")
    for name, measured in sorted(best.items(), key=lambda item: item[1].seconds):
        if measured.error:
            print(f"| {name} | {measured.error} | – | {measured.gigabytes:.2f} | – | – | – |")
            continue
        ratio = (
            f"{measured.seconds / ours.seconds:.2f} | {measured.cpu / ours.cpu:.2f}"
            if ours and not ours.error
            else "– | –"
        )
        size = f"{sizes[name]:.1f}" if name in sizes else "–"
        print(f"| {name} | {measured.seconds:.1f} | {measured.cpu:.1f} | {measured.gigabytes:.2f} | {size} | {ratio} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tables", nargs="*", type=Path)
    parser.add_argument("--generator", type=Path, default=os.environ.get("TIDYNET_BIG_TABLE"))
    parser.add_argument("--rows", default="100_000")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--limit", type=float, default=480.0)
    parser.add_argument("--peers", default=sys.executable, help="the Python of the peers")
    parser.add_argument("--only", default="", help="parts of the names of the tools to run")
    arguments = parser.parse_args()
    print(machine("polars", "narwhals", "ydata-profiling", "skrub", "sweetviz", "ibis-profiling"))
    with tempfile.TemporaryDirectory() as temporary:
        tables = list(arguments.tables)
        if not tables and arguments.generator:
            for rows in arguments.rows.split(","):
                tables.append(Path(temporary) / f"{int(rows):,} rows.parquet")
                subprocess.run([sys.executable, arguments.generator, rows, tables[-1]], check=True)
        if not tables:
            parser.error("give Parquet files, or the path of the generator with --generator")
        for table in tables:
            measure(
                table, select_tools(arguments.only, arguments.peers), arguments.rounds, arguments.limit, Path(temporary)
            )


if __name__ == "__main__":
    main()
