"""Would other scores make better prediction sets? Those of tidynet beside RAPS, randomized APS and 1 − p.

    python benchmarks/prediction_sets.py --tables splice,hpc_jobs --splits 5

Models and splits are those of benchmarks/uncertainty.py; all scores are of the same probabilities.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Callable
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray

from tidynet.estimators.conformal import class_conformity_scores, conformal_quantile

Array = NDArray[np.float64]

STATED = 0.9
TABLES = ("pima", "contraceptive", "credit_data", "hpc_jobs", "telco_churn", "phoneme", "splice")


def raps(penalty: float) -> Callable[[Array, Array], Array]:
    """Regularized scores (Angelopoulos and others, 2021): each class beyond the first costs `penalty` more."""

    def scores(p: Array, _: Array) -> Array:
        ranks = np.argsort(np.argsort(-p, axis=1, kind="stable"), axis=1)
        return class_conformity_scores(p) + penalty * ranks

    return scores


def randomized(p: Array, drawn: Array) -> Array:
    """Adaptive scores with a random share of the class's own probability (Romano, Sesia and Candès, 2020)."""
    return class_conformity_scores(p) + p * drawn[:, None]


# Scores of (probabilities, a number from 0 to 1 for each row), and whether an empty set gets the most probable class.
KINDS: dict[str, tuple[Callable[[Array, Array], Array], bool]] = {
    "tidynet": (lambda p, _: class_conformity_scores(p), False),
    "RAPS, penalty 0.01": (raps(0.01), False),
    "RAPS, penalty 0.1": (raps(0.1), False),
    "RAPS, penalty 0.5": (raps(0.5), False),
    "randomized APS": (randomized, False),
    "randomized APS, none empty": (randomized, True),
    "1 − p": (lambda p, _: 1 - p, False),
}


def predict_split(table: str, split: int, effort: str, cap: int) -> tuple[Array, Array, Array, Array]:
    """Probabilities and classes of the calibration rows and of the test rows."""
    from tables import load

    from tidynet import MLPClassifier
    from tidynet.estimators import classifier

    X, y, _ = load(table, cap=cap)
    order = np.random.default_rng(1000 + split).permutation(len(X))
    training, test = np.sort(order[: round(0.7 * len(X))]), np.sort(order[round(0.7 * len(X)) :])
    kept = {}

    def scored(p: Array) -> Array:
        kept["p"] = p
        return class_conformity_scores(p)

    with patch.object(classifier, "class_scores", scored):
        model = MLPClassifier(random_state=split, effort=effort).fit(X.iloc[training], y.to_numpy()[training])
    true = np.searchsorted(model.classes_, y.to_numpy()[test])
    return kept["p"], model._scores.codes, model.predict_proba(X.iloc[test]), true


def evaluate_sets(calibration: Array, codes: Array, p: Array, true: Array) -> dict[str, tuple[float, ...]]:
    """Coverage, labels in a set, share of empty sets, and coverage of the quarter that the network is least sure of."""
    random, found = np.random.default_rng(0), {}
    own, new = random.random(len(codes)), random.random(len(true))
    unsure = np.argsort(p.max(axis=1))[: len(p) // 4]
    for name, (scores, filled) in KINDS.items():
        members = scores(p, new) <= conformal_quantile(scores(calibration, own)[np.arange(len(codes)), codes], STATED)
        if filled:
            members[np.arange(len(p)), p.argmax(axis=1)] = True
        held, sizes = members[np.arange(len(true)), true], members.sum(axis=1)
        found[name] = (held.mean(), sizes.mean(), (sizes == 0).mean(), held[unsure].mean())
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", default=",".join(TABLES))
    parser.add_argument("--splits", type=int, default=20)
    parser.add_argument("--effort", default="balanced")
    parser.add_argument("--cap", type=int, default=3500)
    parser.add_argument("--shared", default="/work/shared/bench", help="the folder of tables.py")
    given = parser.parse_args()
    sys.path.insert(0, given.shared)
    print(
        "| table | scores | coverage | labels in a set | empty sets | least sure quarter |\n|---|---|---|---|---|---|"
    )
    for table in given.tables.split(","):
        rows = defaultdict(list)
        for split in range(given.splits):
            for name, numbers in evaluate_sets(*predict_split(table, split, given.effort, given.cap)).items():
                rows[name].append(numbers)
        for name, several in rows.items():
            coverage, size, empty, least = np.mean(several, axis=0)
            print(f"| {table} | {name} | {coverage:.3f} | {size:.3f} | {empty:.1%} | {least:.3f} |", flush=True)
