"""What moves one row's prediction: tidynet's own sampling beside the shap package's explainers.

    python benchmarks/one_row.py --table credit_data

shap is no dependency of tidynet: `pip install shap` first. All explainers ask the same network through the same
function, of the same rows, with the same background; the truth is all subsets of the columns tried. It prints CPU
seconds for a row, rows predicted for it, and the root of the mean squared error over columns as a share of the
largest push.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from machine import machine

BACKGROUND, EXPLAINED = 100, 5


def prepared(table: str) -> Any:
    """Test rows of a table and a network fitted on others."""
    import polars as pl
    from tables import load

    import tidynet as tn
    from tidynet.evaluation.evaluation_data import predict_unlabeled_data

    X, y, task = load(table)
    frame = pl.from_pandas(X)
    order = np.random.default_rng(0).permutation(frame.height)
    test, training = order[: BACKGROUND + EXPLAINED], order[BACKGROUND + EXPLAINED :][:5000]
    kind = tn.MLPRegressor if task == "regression" else tn.MLPClassifier
    model = kind(random_state=0).fit(frame[training], y.to_numpy()[training])
    return predict_unlabeled_data(model, frame[test], "target")


def explainers(held: Any, count: list[int]) -> dict[str, Callable[[int], Any]]:
    """Names and functions from the place of a row to its pushes."""
    import shap

    from tidynet.evaluation.evaluation_data import replace_columns
    from tidynet.evaluation.shapley import shapley_values

    names = [name for name in held.features.columns if name in held.used]
    background = np.arange(BACKGROUND)

    def ours(work: int, *, exact: bool | None = False) -> Callable[[int], Any]:
        def explain(row: int) -> Any:
            found = shapley_values(held, row, background=background, max_evaluations=work, exact=exact)
            by_name = {one.column: one.value for one in found.columns}
            count[0] += work
            return np.array([by_name[name] for name in names])

        return explain

    # shap works on numbers: a cell is identified by the number of its row.
    def cells(rows: Any) -> Any:
        return np.repeat(np.asarray(rows, dtype=np.float64)[:, np.newaxis], len(names), axis=1)

    def theirs(algorithm: str, evaluations: int) -> Callable[[int], Any]:
        def explain(row: int) -> Any:
            output = 0 if not held.classes else int(held.outputs[row].argmax())

            from tidynet.evaluation.predictions import predict_frame

            def ask(places: Any) -> Any:
                count[0] += len(places)
                taken = {name: places[:, i].astype(np.int64) for i, name in enumerate(names)}
                return predict_frame(held.model, replace_columns(held.features, np.zeros(len(places)), taken))[
                    :, output
                ]

            if algorithm == "kernel":
                # by itself it keeps ten columns at most
                explainer = shap.KernelExplainer(ask, cells(background), silent=True)
                return np.asarray(explainer.shap_values(cells([row]), nsamples=evaluations, l1_reg=0, silent=True))[0]
            masker = shap.maskers.Independent(cells(background), max_samples=BACKGROUND)
            explainer = shap.PermutationExplainer(ask, masker)
            return explainer(cells([row]), max_evals=evaluations, silent=True).values[0]

        return explain

    d = len(names)
    return {
        "all subsets": ours(BACKGROUND << d, exact=True),
        "tidynet, 12,000 rows (report)": ours(12_000),
        "tidynet, 50,000 rows (command)": ours(50_000),
        "shap, permutation, its least": theirs("permutation", 2 * d + 1),
        "shap, permutation, its default": theirs("permutation", 10 * (2 * d + 1)),
        "shap, kernel, 120 masks": theirs("kernel", 120),
        "shap, kernel, its default": theirs("kernel", 2 * d + 2048),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--table", default="credit_data", help="of at most 14 columns, for all subsets")
    parser.add_argument("--shared", default="/work/shared/bench", help="the folder of tables.py")
    given = parser.parse_args()
    sys.path.insert(0, given.shared)
    held = prepared(given.table)
    count = [0]
    rows = range(BACKGROUND, BACKGROUND + EXPLAINED)
    print(machine("tidynet", "shap", "numpy") + "\n")
    print(f"{given.table}, {len(held.used)} columns, {EXPLAINED} rows, {BACKGROUND} background rows\n")
    print("| explainer | rows predicted | CPU s a row | error |\n|---|---:|---:|---:|")
    truth: list[Any] = []
    for name, explain in explainers(held, count).items():
        explain(BACKGROUND)  # imports and compilation are no part of it
        count[0], start = 0, time.process_time()
        found = [explain(row) for row in rows]
        spent = (time.process_time() - start) / EXPLAINED
        truth = truth or found
        errors = [np.sqrt(((a - b) ** 2).mean()) / np.abs(b).max() for a, b in zip(found, truth, strict=True)]
        print(f"| {name} | {count[0] // EXPLAINED:,} | {spent:.2f} | {np.mean(errors):.1%} |", flush=True)
