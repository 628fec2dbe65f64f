"""Prediction through the estimators on one core, compared with scikit-learn: rows a second, and one row (CPU)."""

import argparse
import os
import statistics
import time
import warnings
from typing import Any

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[variable] = "1"
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})

import numpy as np

COLUMNS, HIDDEN = 20, (64, 32)


def _seconds(model: Any, X: np.ndarray) -> float:
    begun = time.process_time()
    model.predict_proba(X)
    return time.process_time() - begun


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    from sklearn.neural_network import MLPClassifier as Peer

    from tidynet import MLPClassifier

    warnings.simplefilter("ignore")
    rows, repeats = (20_000, 7) if quick else (100_000, 15)
    rng = np.random.default_rng(0)
    print(f"Prediction, one core, {COLUMNS} columns, hidden {HIDDEN}, predict_proba")
    for dtype in (np.float32, np.float64):
        X = rng.standard_normal((rows, COLUMNS)).astype(dtype)
        y = X[:2000, 0] * X[:2000, 1] > 0
        models = [kind(HIDDEN, max_iter=3).fit(X[:2000], y) for kind in (MLPClassifier, Peer)]
        own, peer = _medians(models, X, repeats)
        print(f"  {dtype.__name__}: {rows / own:12,.0f} rows per second, scikit-learn {rows / peer:12,.0f}", end="")
        print(f": {peer / own:.2f} times as fast (bar 3)")
        own, peer = _medians(models, X[:1], 300 if quick else 2000)
        print(f"  {dtype.__name__}: one row {own * 1e6:.0f} us (bar 50), scikit-learn {peer * 1e6:.0f} us")


def _medians(models: list[Any], X: np.ndarray, repeats: int) -> list[float]:
    for model in models:
        model.predict_proba(X)
    found = [[_seconds(model, X) for model in models] for _ in range(repeats)]
    return [statistics.median(column) for column in zip(*found, strict=True)]


if __name__ == "__main__":
    main()
