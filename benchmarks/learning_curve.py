"""Projections of learning curves beside networks trained on twice the rows.

    python benchmarks/learning_curve.py --tables phoneme,movie_rating --draws 6

A curve is computed on some rows of a table and projected to twice the training rows; then networks are trained on as
many rows, and tested on further rows.
"""

from __future__ import annotations

import argparse
import sys
from typing import Any

import numpy as np

from machine import machine

ROWS, TEST_ROWS = 1_500, 15_000


def loss(kind: Any, rows: Any, test: Any, seed: int) -> float:
    """Log loss or RMSE on further rows of a network trained on these rows."""
    import tidynet as tn

    model = kind(random_state=seed, effort="fast").fit(rows.drop("target"), rows["target"])
    found = tn.evaluate(model, test, "target", sections="scores").network
    return found["RMSE" if "RMSE" in found else "log loss"].value


def run_draw(frame: Any, kind: Any, seed: int) -> tuple[bool, bool, float, str]:
    """Whether the CIs of loss and of gain contain the observed values, the observed gain, and the verdict."""
    from tidynet.evaluation.learning_curve import learning_curve

    order = np.random.default_rng(seed).permutation(frame.height)
    some = frame[order[:ROWS]]
    model = kind(random_state=seed, effort="fast").fit(some.drop("target"), some["target"])
    found = learning_curve(model, some, "target", seed=seed)
    most = found.sizes[-1]
    test = frame[order[2 * most : 2 * most + TEST_ROWS]]
    now = np.mean([loss(kind, frame[order[part : part + most]], test, seed) for part in (0, most)])
    observed = loss(kind, frame[order[: 2 * most]], test, seed)
    gain = float(1 - observed / now)
    verdict = found.verdict.value
    return (
        found.projected_loss_low <= observed <= found.projected_loss_high,
        found.gain_low <= gain <= found.gain_high,
        gain,
        verdict,
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", default="phoneme,credit_data,movie_rating,diamonds_price")
    parser.add_argument("--draws", type=int, default=6)
    parser.add_argument("--shared", default="/work/shared/bench", help="folder of tables.py")
    given = parser.parse_args()
    sys.path.insert(0, given.shared)
    import polars as pl
    from tables import load

    import tidynet as tn

    print(machine("tidynet", "numpy") + "\n")
    print("| table | draws | loss in CI | gain in CI | observed gain | verdicts |")
    print("|---|---:|---:|---:|---:|---|")
    for name in given.tables.split(","):
        X, y, task = load(name)
        frame = pl.from_pandas(X.assign(target=y.to_numpy()))
        kind = tn.MLPRegressor if task == "regression" else tn.MLPClassifier
        found = [run_draw(frame, kind, seed) for seed in range(given.draws)]
        losses, gains, true, verdicts = zip(*found, strict=True)
        counts = ", ".join(f"{verdicts.count(one)} {one}" for one in dict.fromkeys(verdicts))
        print(f"| {name} | {len(found)} | {sum(losses)} | {sum(gains)} | {np.mean(true):.1%} | {counts} |", flush=True)
