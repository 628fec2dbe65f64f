"""The engine compared with its peers, in one process on one core; then prediction, starts, cores and growth.

    python benchmarks/engine.py                 # everything
    python benchmarks/engine.py --quick         # fewer repeats, fewer rows
    python benchmarks/engine.py --sections shapes --shapes S1,S3 --peers tidynet,scikit-learn --repeats 7

Every peer trains the same network on the same data with the same batch size and Adam (`peers.py`). Runs are
interleaved and medians compared, so changes of the machine's speed cancel. Time is CPU time of the process, which
does not include other processes. Quote the ratios. The other sections are separate scripts in separate processes.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[variable] = "1"
WHOLE_MACHINE = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()
if WHOLE_MACHINE:
    os.sched_setaffinity(0, {max(WHOLE_MACHINE)})  # JAX ignores the thread variables

import numpy as np

from machine import machine
from peers import PEERS, Run, Shape, is_installed, records

LEVELS = tuple(int(count) for count in np.geomspace(10, 10_000, 12).round())
SHAPES: dict[str, Shape] = {
    "S0": {"rows": 400, "columns": 6, "hidden": (2,), "batch": 400, "epochs": 900},
    "S1": {"rows": 12_800, "columns": 20, "hidden": (64, 32), "batch": 32, "epochs": 2},
    "S3": {"rows": 25_600, "columns": 20, "hidden": (100,), "batch": 200, "epochs": 2},
    "S2": {"rows": 25_600, "columns": 50, "hidden": (256, 256, 256), "batch": 256, "epochs": 1},
    "S4": {"rows": 50_000, "columns": 8, "levels": LEVELS, "hidden": (128, 128), "batch": 256, "epochs": 1},
}
# Lowest accepted ratio of the peer's time to that of tidynet.
BARS = {
    "S0": {"scikit-learn": 12, "torch": 12, "jax": 10},
    "S1": {"scikit-learn": 12, "torch": 16, "jax": 1.5},
    "S3": {"scikit-learn": 5, "torch": 6, "jax": 2},
    "S2": {"scikit-learn": 1.7, "torch": 1.35, "jax": 1.1},
    "S4": {"scikit-learn": 10, "torch": 3, "jax": 2},
}
MAX_SECONDS = 12  # after which a slow peer is not run again on a shape
FRACTION_BARS = {"S1": 0.22, "S3": 0.22, "S2": 0.80}
OTHERS = {"prediction": "prediction.py", "starts": "starts.py", "cores": "cores.py", "growth": "growth.py"}


def sgemm_speed() -> float:
    """Floating-point operations per second of NumPy's own float32 matrix product."""
    A = np.ones((1024, 1024), np.float32)
    best = min(_seconds(lambda _: A @ A, 1) for _ in range(5))
    return 2 * 1024**3 / best


def operations(columns: int, hidden: tuple[int, ...], batch: int) -> float:
    """Multiplications and additions of one step: forward, weight gradient, δ below (not for the inputs)."""
    sizes = [columns, *hidden, 2]
    return 6 * batch * sum(a * b for a, b in pairwise(sizes)) - 2 * batch * sizes[0] * sizes[1]


def _seconds(run: Run, epochs: int) -> float:
    begun = time.process_time()
    run(epochs)
    return time.process_time() - begun


def _ready(shape: Shape, names: list[str]) -> dict[str, Run]:
    """The peers that run on this shape, each after a first epoch."""
    data, runs = records(shape), {}
    for name in names:
        if name == "torch-sparse" and not data.levels:
            continue
        try:
            run = PEERS[name](data, shape["hidden"], shape["batch"])
            if name != "scikit-learn":  # compiles nothing and takes half a minute for an epoch of S4
                run(1)
        except Exception as error:
            if name == "tidynet":
                raise
            print(f"  {name} skipped: {type(error).__name__}: {str(error).strip().splitlines()[0][:90]}")
            continue
        runs[name] = run
    return runs


def measure(shape: Shape, names: list[str], repeats: int) -> dict[str, float]:
    """Median seconds of an epoch of each peer, their runs interleaved."""
    runs = _ready(shape, names)
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(repeats):
        for name, run in runs.items():
            if sum(seconds[name]) * shape["epochs"] < MAX_SECONDS:
                seconds[name].append(_seconds(run, shape["epochs"]) / shape["epochs"])
    return {name: statistics.median(values) for name, values in seconds.items()}


def _verdict(shape: str, peer: str, ratio: float) -> str:
    bar = BARS[shape].get(peer.split("-")[0] if peer.startswith("torch") else peer)
    missed = "" if bar is None or ratio >= bar else ", missed"
    return f"  tidynet is {ratio:5.2f} times as fast (bar {bar}{missed})"


def compare(name: str, names: list[str], repeats: int, limit: float) -> None:
    """Print one shape's table."""
    shape = SHAPES[name]
    columns = f"{shape['columns']}" + (f" + {len(shape['levels'])} categories" if "levels" in shape else "")
    print(f"\n{name}: {shape['rows']} x {columns}, hidden {shape['hidden']}, batch {shape['batch']}", flush=True)
    results = measure(shape, names, repeats)
    steps = -(-shape["rows"] // shape["batch"])
    own = results.get("tidynet")
    for peer, seconds in results.items():
        utilization = operations(shape["columns"], shape["hidden"], shape["batch"]) * steps / seconds / limit
        fraction = f", {utilization:4.0%} of SGEMM" if "levels" not in shape else ""
        if peer == "tidynet" and name in FRACTION_BARS:
            fraction += f" (bar {FRACTION_BARS[name]:.0%}{'' if utilization >= FRACTION_BARS[name] else ', missed'})"
        ratio = _verdict(name, peer, seconds / own) if own and peer != "tidynet" else ""
        print(f"  {peer:14s} {seconds / steps * 1e6:8.1f} us per step{fraction}{ratio}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sections", default=",".join(["shapes", *OTHERS]))
    parser.add_argument("--shapes", default=",".join(SHAPES))
    parser.add_argument("--peers", default=",".join(PEERS))
    parser.add_argument("--repeats", type=int)
    parser.add_argument("--quick", action="store_true", help="fewer repeats and rows")
    arguments = parser.parse_args()
    sections = arguments.sections.split(",")
    print(machine("tidynet", "numpy", "numba", "scikit-learn", "torch", "jax"))
    if "shapes" in sections:
        names = [name for name in arguments.peers.split(",") if is_installed(name)]
        limit = sgemm_speed()
        print(f"\nTraining, one core; SGEMM on it: {limit / 1e9:.0f} GFLOP/s")
        for name in arguments.shapes.split(","):
            compare(name, names, arguments.repeats or (3 if arguments.quick else 7), limit)
    if WHOLE_MACHINE:
        os.sched_setaffinity(0, WHOLE_MACHINE)
    for section, script in OTHERS.items():
        if section in sections:
            print(flush=True)
            flags = ["--quick"] if arguments.quick else []
            subprocess.run([sys.executable, Path(__file__).parent / script, *flags], check=True)


if __name__ == "__main__":
    main()
