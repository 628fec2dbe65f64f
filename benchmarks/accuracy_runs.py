"""Runs: one model on one split of one table, each in a process of its own, each a row of a CSV file."""

from __future__ import annotations

import csv
import fcntl
import math
import multiprocessing
import os
import resource
import signal
import sys
import time
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from importlib.metadata import packages_distributions, version
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from sklearn.model_selection import train_test_split

import accuracy_tables
from accuracy_peers import ModelSource
from accuracy_scores import SCORES, scores

__all__ = ["COLUMNS", "STOPPED", "Run", "append_row", "drop_rows", "measure", "read_rows"]

COLUMNS = (
    *("table", "task", "split", "model", "settings", "rows_train", "rows_test"),
    *SCORES,
    *("fit_seconds", "predict_seconds", "peak_megabytes", "version", "error"),
)
STOPPED = "stopped after"
PATIENCE = 50  # how many times its CPU time a model may wait for the core or for ever
Row = dict[str, Any]


class Run(NamedTuple):
    """What to measure: a labeled model on one split of a table."""

    table: str
    split: int
    label: str
    source: ModelSource
    settings: str = ""


def measure(run: Run, version_note: str, most_seconds: int) -> Row:
    """A row of results; what goes wrong in the model's process is the row's error.

    The process has scikit-learn and the table loaded already, and imports the model's own library before the
    clock starts.
    """
    row: Row = {"table": run.table, "task": accuracy_tables.TABLES[run.table].task, "split": run.split}
    row |= {"model": run.label, "settings": run.settings, "version": f"{_version(run.source.package)}{version_note}"}
    # From a server without threads: a fork of this process could wait for ever for OpenMP's.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["accuracy_runs"])
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_answer, args=(sender, run, most_seconds))
    process.start()
    sender.close()
    try:
        waiting = PATIENCE * most_seconds
        row |= receiver.recv() if receiver.poll(waiting) else {"error": f"{STOPPED} {waiting:g} s of waiting"}
    except EOFError:
        process.join()
        too_long = process.exitcode == -signal.SIGXCPU
        row["error"] = (
            f"{STOPPED} {most_seconds} CPU s" if too_long else f"its process ended with code {process.exitcode}"
        )
    finally:
        process.kill()
        process.join()
    return row


@cache
def _version(package: str) -> str:
    """The distribution that brought a package, and its version."""
    distribution = packages_distributions().get(package, [package])[0]
    return f"{distribution} {version(distribution)}"


def _answer(sender: Any, run: Run, most_seconds: int) -> None:
    # In CPU time, so that others at work on the machine do not get a model stopped.
    resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(time.process_time()) + most_seconds, resource.RLIM_INFINITY))
    # Libraries print what would bury the results.
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            sender.send(_measured(run))
    except BaseException as problem:
        last = traceback.extract_tb(problem.__traceback__)[-1]
        text = f"{type(problem).__name__}: {problem} ({Path(last.filename).name}:{last.lineno})"
        sender.send({"error": " ".join(text.split())[:300]})


def _measured(run: Run) -> Row:
    X, y, task = accuracy_tables.load(run.table)
    classes = 0
    if task != "regression":
        labels, y = np.unique(y.to_numpy(str), return_inverse=True)
        classes = len(labels)
    else:
        y = y.to_numpy(np.float64)
    train, test = train_test_split(
        np.arange(len(X)), test_size=0.2, random_state=1000 + run.split, stratify=y if classes else None
    )
    X_train, X_test = X.iloc[train].reset_index(drop=True), X.iloc[test].reset_index(drop=True)
    model = run.source.make(task, classes, run.split)
    before = _forget_peak()
    start = time.process_time()
    model.fit(X_train, y[train])
    fitted = time.process_time()
    predicted = model.predict(X_test)
    done = time.process_time()
    return {
        "rows_train": len(train),
        "rows_test": len(test),
        **scores(task, y[test], predicted),
        "fit_seconds": fitted - start,
        "predict_seconds": done - fitted,
        "peak_megabytes": _peak() - before,
    }


def _peak() -> float:
    """Most megabytes that the process has held since `_forget_peak`, or since its start."""
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 1024)


def _forget_peak() -> float:
    """Where Linux lets us, start the peak anew; the megabytes held now."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")
    return _peak()


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """One process at a time, so that runs side by side may share a file of results."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(f".{path.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _as_text(rows: list[Row], header: bool) -> str:
    text = StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    if header:
        writer.writeheader()
    for row in rows:
        writer.writerow({name: f"{value:.6g}" if isinstance(value, float) else value for name, value in row.items()})
    return text.getvalue()


def append_row(path: Path, row: Row) -> None:
    """Add a row in one write, so that a process ended at any time leaves whole rows."""
    with _locked(path):
        text = _as_text([row], header=not path.exists() or not path.stat().st_size)
        with path.open("ab", buffering=0) as file:
            file.write(text.encode())


def read_rows(path: Path) -> list[Row]:
    if not path.exists():
        return []
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def drop_rows(path: Path, gone: set[tuple[str, str, str]]) -> None:
    """Take out the rows of these (table, split, model)."""
    with _locked(path):
        rows = read_rows(path)
        kept = [row for row in rows if (row["table"], row["split"], row["model"]) not in gone]
        if len(kept) < len(rows):
            new = path.with_name(f".{path.name}.new")
            new.write_text(_as_text(kept, header=True))
            os.replace(new, path)
