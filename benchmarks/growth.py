"""CPU seconds an epoch and memory beyond the data, from 1e4 to 1e7 memory-mapped rows, each in a fresh process."""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from pathlib import Path

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[variable] = "1"

import numpy as np

COLUMNS, HIDDEN, BATCH = 20, (64, 32), 256
CHUNK = 250_000


def write(folder: Path, rows: int) -> None:
    """Random records as two memory-mapped files, made in pieces."""
    X = np.lib.format.open_memmap(folder / "X.npy", "w+", np.float32, (rows, COLUMNS))
    y = np.lib.format.open_memmap(folder / "y.npy", "w+", np.int32, (rows,))
    rng = np.random.default_rng(0)
    for begin in range(0, rows, CHUNK):
        part = rng.standard_normal((min(CHUNK, rows - begin), COLUMNS), dtype=np.float32)
        X[begin : begin + len(part)] = part
        y[begin : begin + len(part)] = part[:, 0] * part[:, 1] + part[:, 2] > 0


class Peak:
    """The largest anonymous memory while it watches: mapped files, the data, do not count."""

    def __init__(self) -> None:
        self.bytes, self._ended = 0, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "Peak":
        self._before = _anonymous()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(0.005):
            self.bytes = max(self.bytes, _anonymous() - self._before)


def _anonymous() -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("RssAnon"):
            return int(line.split()[1]) * 1024
    return 0


def by_net(X: np.ndarray, y: np.ndarray, epochs: int) -> float:
    """Seconds an epoch of `tidynet.engine` over the arrays."""
    from tidynet.engine import Inputs, Network, TrainingConfig, prepare_data, train

    network = Network(
        COLUMNS, HIDDEN, 2, activations=("relu", "relu"), output_activation="softmax", loss="cross_entropy"
    )
    data = prepare_data(network, Inputs.of(X), y)
    plan = TrainingConfig(batch_size=BATCH, epochs=epochs, patience=10**9)
    begun = time.thread_time()
    train(network, network.initial_parameters(), data, plan)
    return (time.thread_time() - begun) / epochs


def by_fit(X: np.ndarray, y: np.ndarray, epochs: int) -> float:
    """Seconds an epoch of the estimator, checks and splits included."""
    from tidynet import MLPClassifier

    begun = time.thread_time()
    MLPClassifier(HIDDEN, batch_size=BATCH, max_iter=epochs, n_iter_no_change=10**6).fit(X, y)
    return (time.thread_time() - begun) / epochs


WAYS = {"net": by_net, "fit": by_fit}


def once(folder: Path, way: str, epochs: int) -> dict[str, float]:
    """One training in this process, after a small one that loads everything."""
    warnings.simplefilter("ignore")
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    X = np.load(folder / "X.npy", mmap_mode="r+")
    y = np.load(folder / "y.npy", mmap_mode="r+")
    WAYS[way](np.array(X[:5000]), np.array(y[:5000]), 1)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    with Peak() as peak:
        seconds = WAYS[way](X, y, epochs)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - before
    return {"seconds": seconds, "anonymous": peak.bytes, "grown": grown, "data": X.nbytes + y.nbytes}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--once", nargs=3, metavar=("FOLDER", "WAY", "EPOCHS"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.once:
        print(json.dumps(once(Path(asked.once[0]), asked.once[1], int(asked.once[2]))))
        return
    print(f"Growth, one core, {COLUMNS} columns, hidden {HIDDEN}, batch {BATCH}; memory beyond the data, bar 64 MB")
    for rows in (10**4, 10**5, 10**6) if asked.quick else (10**4, 10**5, 10**6, 10**7):
        with tempfile.TemporaryDirectory() as folder:
            write(Path(folder), rows)
            epochs = max(2, min(100, 10**6 // rows))
            for way in WAYS:
                command = [sys.executable, __file__, "--once", folder, way, str(epochs)]
                found = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
                print(f"  {rows:>10,d} rows, {way}: {found['seconds']:9.4f} s an epoch, ", end="")
                print(f"{found['seconds'] / rows * 1e9:6.0f} ns a row; ", end="")
                print(f"peak {found['anonymous'] / 1e6:6.1f} MB of its own ", end="")
                print(f"(getrusage: {(found['grown'] - found['data']) / 1e6:+.1f} MB beyond the data)", flush=True)


if __name__ == "__main__":
    main()
