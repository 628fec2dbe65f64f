"""Speed-up by a second core: two networks in parallel, and one large network with sliced batches.

The minimum of interleaved runs, because other processes on the two cores can only lengthen them.
"""

import argparse
import os
import time
import warnings
from collections.abc import Callable
from dataclasses import replace

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, set(sorted(os.sched_getaffinity(0))[:2]))

import numpy as np

from peers import records

SHAPES = {
    "S1": {"rows": 12_800, "columns": 20, "hidden": (64, 32), "batch": 32, "epochs": 6},
    "S2": {"rows": 25_600, "columns": 50, "hidden": (256, 256, 256), "batch": 256, "epochs": 2},
}


def two_networks(shape: dict, repeats: int) -> tuple[float, float]:
    """Time of two networks over that of one: in two threads, in one."""
    from tidynet import MLPClassifier

    data = records(shape)

    def fit(count: int, threads: int) -> Callable[[], object]:
        model = MLPClassifier(
            shape["hidden"],
            batch_size=shape["batch"],
            max_iter=shape["epochs"],
            n_iter_no_change=10**6,
            n_networks=count,
            n_jobs=threads,
        )
        return lambda: model.fit(data.numbers, data.y)

    one, parallel, sequential = _best([fit(1, 1), fit(2, 2), fit(2, 1)], repeats)
    return parallel / one, sequential / one


def slices(shape: dict, repeats: int) -> tuple[float, float]:
    """Speed-up of one network by two threads, over one thread with whole batches and with slices."""
    from tidynet.engine import Inputs, Network, TrainingConfig, prepare_data, train

    data, hidden = records(shape), shape["hidden"]
    network = Network(
        shape["columns"],
        hidden,
        2,
        activations=("relu",) * len(hidden),
        output_activation="softmax",
        loss="cross_entropy",
    )
    prepared, theta = prepare_data(network, Inputs.of(data.numbers), data.y), network.initial_parameters()
    plan = TrainingConfig(batch_size=shape["batch"], epochs=shape["epochs"], patience=10**9)
    plans = [plan, replace(plan, slices=2), replace(plan, slices=2, threads=2)]
    whole, cut, two = _best([lambda plan=plan: train(network, theta, prepared, plan) for plan in plans], repeats)
    return whole / two, cut / two


def _best(runs: list[Callable[[], object]], repeats: int) -> list[float]:
    for run in runs:
        run()
    seconds: list[list[float]] = [[] for _ in runs]
    for _ in range(repeats):
        for run, found in zip(runs, seconds, strict=True):
            begun = time.perf_counter()
            run()
            found.append(time.perf_counter() - begun)
    return [min(found) for found in seconds]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    repeats = 5 if parser.parse_args().quick else 15
    warnings.simplefilter("ignore")
    # the machine itself: two loops of matrix products in parallel over one
    print(f"Two cores; two parallel loops of matrix products take {_machine(repeats):.2f} times one")
    for name, shape in SHAPES.items():
        together, sequential = two_networks(shape, repeats)
        print(f"  {name}: two networks take {together:.2f} times one (bar 1.2), in one thread {sequential:.2f}")
    whole, cut = slices(SHAPES["S2"], repeats)
    print(f"  S2: one network on two cores {whole:.2f} times as fast (bar 1.6), {cut:.2f} over one thread with slices")


def _machine(repeats: int) -> float:
    from threading import Thread

    A = np.ones((256, 256), np.float32)

    def work() -> None:
        out = np.empty_like(A)
        for _ in range(1500):
            np.dot(A, A, out)

    def both() -> None:
        threads = [Thread(target=work) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    one, two = _best([work, both], repeats)
    return two / one


if __name__ == "__main__":
    main()
