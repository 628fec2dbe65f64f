"""Do the 95% intervals of class scores hold where classes have few test rows? On tables drawn anew.

    python benchmarks/intervals.py --sets 200

Each setting has classes of so many test rows; its true value of a score is the mean over many draws of such a test.
"""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np
import numpy.typing as npt

from tidynet.evaluation.scores import metrics_for, scores

Values = npt.NDArray[np.float64]
NAMES = ("accuracy", "balanced accuracy", "macro F1", "Matthews correlation", "ROC AUC", "average precision")
# Rows of each class, and how far the true class's score stands out.
SETTINGS: dict[str, tuple[list[int], float]] = {
    "3 and 117": ([117, 3], 1.5),
    "5 and 115": ([115, 5], 1.5),
    "10 and 110": ([110, 10], 1.5),
    "20 and 100": ([100, 20], 1.5),
    "6 classes of 10": ([10] * 6, 1.5),
    "20 classes of 3": ([3] * 20, 1.5),
    "40 classes of 2": ([2] * 40, 1.0),
    "20 classes of 1, 20 of 3": ([1] * 20 + [3] * 20, 1.0),
}


def test(sizes: list[int], signal: float, seed: int) -> tuple[Any, Values]:
    """True classes, and the probabilities that a model gives."""
    random = np.random.default_rng(seed)
    truth = np.repeat(np.arange(len(sizes)), sizes)
    raw = random.normal(size=(len(truth), len(sizes)))
    raw[np.arange(len(truth)), truth] += signal
    chances = np.exp(1.5 * raw)
    return truth, chances / chances.sum(axis=1, keepdims=True)


def held(sizes: list[int], signal: float, sets: int) -> dict[str, tuple[float, float, bool]]:
    """For each score the share of intervals that hold its true value, their mean width, and whether all hold theirs."""
    classes = np.arange(len(sizes))
    task = "binary" if len(sizes) == 2 else "multiclass"
    values: dict[str, list[float]] = {name: [] for name in NAMES}
    for seed in range(1000):
        truth, chances = test(sizes, signal, 10_000 + seed)
        for one in metrics_for(task, truth, chances.argmax(axis=1), chances, classes=classes)[0]:
            if one.name in values:
                values[one.name].append(one.value(len(truth)))
    hits: dict[str, list[tuple[bool, float, bool]]] = {name: [] for name in NAMES}
    for seed in range(sets):
        truth, chances = test(sizes, signal, seed)
        found = scores(task, truth, chances.argmax(axis=1), chances, classes=classes, seed=seed)
        for name in NAMES:
            one = found[name]
            hit = one.low <= float(np.mean(values[name])) <= one.high
            hits[name].append((hit, one.high - one.low, one.low <= one.value <= one.high))
    return {
        name: (
            float(np.mean([hit for hit, _, _ in some])),
            float(np.mean([width for _, width, _ in some])),
            all(own for _, _, own in some),
        )
        for name, some in hits.items()
    }


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", type=int, default=200)
    sets = parser.parse_args().sets
    print("| test rows of the classes |", " | ".join(NAMES), "|\n|---|" + "---:|" * len(NAMES))
    for label, (sizes, signal) in SETTINGS.items():
        found = held(sizes, signal, sets)
        cells = [f"{share:.0%} ({width:.2f}{'' if own else ', value outside'})" for share, width, own in found.values()]
        print(f"| {label} |", " | ".join(cells), "|", flush=True)


if __name__ == "__main__":
    main()
