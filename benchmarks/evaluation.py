"""Time of an evaluation: every section of `tidynet.evaluate` on 20,000 test rows.

    python benchmarks/evaluation.py --tables trump_vote,diamonds_price

Cross-validation and learning curve are excluded, because they train networks. Wall and CPU seconds, and the longest
sections.
"""

from __future__ import annotations

import argparse
import sys
import time

import numpy as np

from machine import machine


def time_table(table: str, n_test: int, effort: str) -> str:
    """Fit on the other rows (at most 20,000), evaluate on `n_test`; a line of Markdown."""
    import polars as pl
    from tables import load

    import tidynet as tn

    X, y, task = load(table)
    frame = pl.from_pandas(X.assign(target=y.to_numpy()))
    order = np.random.default_rng(0).permutation(frame.height)
    test, training = frame[order[:n_test]], frame[order[n_test : n_test + 20_000]]
    kind = tn.MLPRegressor if task == "regression" else tn.MLPClassifier
    model = kind(random_state=0, effort=effort).fit(training.drop("target"), training["target"])
    started: list[tuple[str, float]] = []
    start, cpu = time.perf_counter(), time.process_time()
    found = tn.evaluate(
        model,
        tn.read(test),
        target="target",
        training_table=training,
        on_event=lambda title, *_: started.append((title, time.perf_counter())),
    )
    wall, cpu = time.perf_counter() - start, time.process_time() - cpu
    ends = [moment for _, moment in started[1:]] + [start + wall]
    parts = [("scores and baselines", started[0][1] - start)]
    parts += [(title, end - moment) for (title, moment), end in zip(started, ends, strict=True)]
    longest = ", ".join(f"{title} {seconds:.1f}" for title, seconds in sorted(parts, key=lambda part: -part[1])[:4])
    sizes = f"{frame.width - 1} | {training.height:,} | {found.rows:,}"
    return f"| {table} | {task} | {sizes} | {wall:.1f} | {cpu:.1f} | {longest} |"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", default="trump_vote,diamonds_price,movie_rating,portal_species")
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--effort", default="balanced")
    parser.add_argument("--shared", default="/work/shared/bench", help="folder of tables.py")
    given = parser.parse_args()
    sys.path.insert(0, given.shared)
    print(machine("tidynet", "numpy", "scikit-learn", "polars") + "\n")
    print("| table | task | columns | training rows | test rows | wall s | CPU s | longest sections, s |")
    print("|---|---|---|---|---|---|---|---|")
    for name in given.tables.split(","):
        print(time_table(name, given.rows, given.effort), flush=True)
