"""Coverage and calibration on real tables over many splits.

    python benchmarks/uncertainty.py run --tables concrete,pima --splits 3 --effort fast
    python benchmarks/uncertainty.py summary

Each split draws 70% of (at most `--cap`) rows for training; the others are the test set. Results are stored in
benchmarks/results/uncertainty.csv, and a run continues where it stopped.
"""

from __future__ import annotations

import argparse
import csv
import sys
import time
from pathlib import Path

import numpy as np
import polars as pl

RESULTS = Path(__file__).parent / "results" / "uncertainty.csv"
TABLES = (
    "concrete", "ames_price", "deliveries", "wage_islr", "movie_rating",
    "pima", "contraceptive", "credit_data", "hpc_jobs", "telco_churn", "phoneme", "splice",
)  # fmt: skip
FIELDS = (
    "table", "split", "effort", "task", "training", "test", "coverage", "size", "lowest_slice", "accuracy",
    "calibration", "error_before", "error_after", "loss_before", "loss_after", "novelty", "seconds",
)  # fmt: skip
TARGET = 0.9


def run_split(table: str, split: int, effort: str, cap: int) -> dict[str, object]:
    """One split of one table."""
    from tables import load

    from tidynet import MLPClassifier, MLPRegressor
    from tidynet.estimators.probability_calibration import log_losses
    from tidynet.evaluation.calibration import calibration
    from tidynet.evaluation.uncertainty import evaluate_uncertainty

    X, y, task = load(table, cap=cap)
    order = np.random.default_rng(1000 + split).permutation(len(X))
    training, test = np.sort(order[: round(0.7 * len(X))]), np.sort(order[round(0.7 * len(X)) :])
    truth = y.to_numpy()
    start = time.process_time()
    kind = MLPRegressor if task == "regression" else MLPClassifier
    model = kind(random_state=split, effort=effort).fit(X.iloc[training], truth[training])
    seconds = time.process_time() - start
    rows = pl.from_pandas(X.iloc[test].reset_index(drop=True))
    found = evaluate_uncertainty(model, rows, truth[test], TARGET)
    row: dict[str, object] = {
        "table": table, "split": split, "effort": effort, "task": task, "training": len(training), "test": len(test),
        "coverage": found.coverage.coverage, "size": found.coverage.size, "seconds": round(seconds, 2),
        "lowest_slice": min((part.coverage.coverage for part in found.parts), default=""),
        "novelty": model.novelty(rows).mean(),
    }  # fmt: skip
    if task != "regression":
        codes = np.searchsorted(model.classes_, truth[test])
        before, after = model.predict_proba_uncalibrated(rows), model.predict_proba(rows)
        row |= {
            "accuracy": found.abstention.score_of_all, "calibration": model.calibration_["method"],
            "error_before": calibration(codes, before).expected_calibration_error,
            "error_after": calibration(codes, after).expected_calibration_error,
            "loss_before": log_losses(before, codes).mean(), "loss_after": log_losses(after, codes).mean(),
        }  # fmt: skip
    return row


def run(tables: list[str], splits: int, effort: str, cap: int) -> None:
    """Run what is missing, table by table within each split."""
    done = {(row["table"], row["split"], row["effort"]) for row in results()}
    RESULTS.parent.mkdir(exist_ok=True)
    fresh = not RESULTS.exists()
    with RESULTS.open("a", newline="") as file:
        writer = csv.DictWriter(file, FIELDS)
        if fresh:
            writer.writeheader()
        for split in range(splits):
            for table in tables:
                if (table, str(split), effort) not in done:
                    row = run_split(table, split, effort, cap)
                    rounded = {k: f"{v:.5f}" if isinstance(v, float) and k != "seconds" else v for k, v in row.items()}
                    writer.writerow(rounded)
                    file.flush()


def results() -> list[dict[str, str]]:
    """The stored rows."""
    if not RESULTS.exists():
        return []
    with RESULTS.open(newline="") as file:
        return list(csv.DictReader(file))


def summary(effort: str) -> str:
    """A table in Markdown: means over the splits of each table, and over tables."""
    rows = [row for row in results() if row["effort"] == effort]
    names = list(dict.fromkeys(row["table"] for row in rows))
    lines = [
        "| table | splits | test rows | coverage | lowest | size or width | calibration error before → after "
        "| log loss before → after |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name in names:
        own = [row for row in rows if row["table"] == name]
        lines.append(f"| {name} | {len(own)} | {own[0]['test']} | {_line(own)} |")
    means = np.array([_mean([row for row in rows if row["table"] == name], "coverage") for name in names])
    large = [float(row["coverage"]) for row in rows if int(row["test"]) >= 500]
    confident = np.array(
        [_mean([r for r in rows if r["table"] == n], "accuracy") > TARGET for n in names]
    )  # where the most probable class alone exceeds the target coverage
    lines.append(f"\nMean coverage over tables {means.mean():.4f}; where the accuracy is "
                 f"below the target {means[~confident].mean():.4f}; lowest of {len(large)} splits with at least 500 "
                 f"test rows {min(large, default=np.nan):.4f}.")  # fmt: skip
    classes = [row for row in rows if row["task"] != "regression"]
    if classes:
        lines.append(f"Calibration error {_mean(classes, 'error_before'):.4f} → {_mean(classes, 'error_after'):.4f}, "
                     f"log loss {_mean(classes, 'loss_before'):.4f} → {_mean(classes, 'loss_after'):.4f}.")  # fmt: skip
    return "\n".join(lines)


def _line(own: list[dict[str, str]]) -> str:
    lowest = min(float(row["coverage"]) for row in own)
    cells = [f"{_mean(own, 'coverage'):.3f}", f"{lowest:.3f}", f"{_mean(own, 'size'):.4g}"]
    for what in ("error", "loss"):
        before, after = _mean(own, f"{what}_before"), _mean(own, f"{what}_after")
        cells.append("" if np.isnan(before) else f"{before:.4f} → {after:.4f}")
    return " | ".join(cells)


def _mean(rows: list[dict[str, str]], field: str) -> float:
    values = [float(row[field]) for row in rows if row[field] != ""]
    return float(np.mean(values)) if values else float("nan")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("run", "summary"))
    parser.add_argument("--tables", default=",".join(TABLES))
    parser.add_argument("--splits", type=int, default=20)
    parser.add_argument("--effort", default="balanced")
    parser.add_argument("--cap", type=int, default=3500)
    parser.add_argument("--shared", default="/work/shared/bench", help="folder of tables.py")
    given = parser.parse_args()
    sys.path.insert(0, given.shared)
    if given.what == "run":
        run(given.tables.split(","), given.splits, given.effort, given.cap)
    print(summary(given.effort))
