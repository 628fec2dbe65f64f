"""Several networks of one kind, trained from different initial weights, side by side, and their mean."""

from __future__ import annotations

import math
import os
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tidynet.model.blas_threads import one_blas_thread
from tidynet.net import EpochRecord, Inputs, Network, Plan, Trained, kernels, train
from tidynet.net.checkpoint import Checkpoint
from tidynet.net.kernels import Data
from tidynet.net.lbfgs import minimise

__all__ = ["Listener", "Member", "Parts", "cores", "member_plan", "predict_mean", "train_members", "watched_loss"]

Array = NDArray[Any]
Listener = Callable[[int, EpochRecord], None]
Parts = Callable[[int], tuple[Data, Data | None]]

LEAST_SECONDS = 1e-3  # the first network is trained a little whatever the limit
CUT_SHORT = ("the time limit was reached", "asked to stop")
SPLIT_FROM = 4 * 65536  # multiplications from which on OpenBLAS splits a product over threads


@dataclass(frozen=True)
class Member(Trained):
    """One network of several; `restart` is its number among those that were begun."""

    restart: int = 0


def member_plan(plan: Plan, restart: int) -> Plan:
    """The plan with a seed of its own for each restart."""
    return replace(plan, seed=plan.seed + 7919 * restart)


def train_members(
    network: Network,
    starts: list[Array],
    parts: Parts,
    plan: Plan,
    *,
    earlier: list[Member] | None = None,
    threads: int | None = None,
    listen: Listener | None = None,
    stop: Callable[[], bool] | None = None,
    checkpoint: Checkpoint | None = None,
    began: float | None = None,
) -> list[Member]:
    """Train from each start; the same numbers come out whatever the number of threads.

    `parts` gives each restart its records to learn from and to watch, which may be its own fold.
    A time limit is for all together and counts from `began` (`time.perf_counter`, now by default): networks
    are trained to their end one after the other, and those that time is too short for are left out.
    Ctrl-C ends all of them cleanly: each keeps its best weights so far. With a checkpoint each saves its
    state in a file of its own, goes on from it where it exists, and removes it at the end.
    """
    ended = threading.Event()

    deadline = None if plan.time_limit is None else (began or time.perf_counter()) + plan.time_limit

    def run(restart: int) -> Member | None:
        left = None if deadline is None else deadline - time.perf_counter()
        if left is not None and left <= 0 and restart > 0:
            return None

        def heard(record: EpochRecord) -> None:
            if listen is not None:
                listen(restart, record)

        def asked() -> bool:
            return ended.is_set() or (stop is not None and stop())

        own = replace(member_plan(plan, restart), time_limit=None if left is None else max(left, LEAST_SECONDS))
        data, validation = parts(restart)
        hear = heard if listen is not None else None
        if plan.optimizer == "lbfgs":
            return Member(
                **vars(minimise(network, starts[restart], data, own, validation, hear, asked)), restart=restart
            )
        go_on = None if earlier is None else earlier[restart]
        kept = None if checkpoint is None else replace(checkpoint, path=_numbered(checkpoint.path, restart))
        trained = train(network, starts[restart], data, own, validation, hear, asked, go_on, kept)
        if kept is not None and not trained.interrupted:
            kept.path.unlink(missing_ok=True)
        return Member(**vars(trained), restart=restart)

    side_by_side = max(1, min(len(starts), threads or cores()))
    with one_blas_thread(look_again=True):
        if len(starts) == 1:
            return ripe([run(0)])
        with ThreadPoolExecutor(side_by_side) as pool:
            futures = [pool.submit(run, restart) for restart in range(len(starts))]
            try:
                # Polars has system calls restarted after a signal: only a wait that ends lets Ctrl-C through.
                while wait(futures, timeout=0.1).not_done:
                    pass
                return ripe([future.result() for future in futures])
            except KeyboardInterrupt:
                # The workers see the event at the end of their present call and keep their best weights.
                ended.set()
                begun = [future for future in futures if not future.cancel()]
                return ripe([_by_hand(one) for future in begun if (one := future.result()) is not None])


def _numbered(path: Path, restart: int) -> Path:
    return path.with_name(f"{path.name}.{restart}")


def watched_loss(trained: Trained) -> float:
    """The loss that the kept weights had where it was watched; infinite if none were kept."""
    kept = [record for record in trained.history.epochs if record.kept]
    if not kept:
        return math.inf
    return kept[-1].training_loss if kept[-1].validation_loss is None else kept[-1].validation_loss


def ripe(results: Iterable[Member | None]) -> list[Member]:
    """Those whose loss is within a tenth of the best one's: a network cut short early would spoil the mean."""
    trained = [one for one in results if one is not None]
    if not any(one.interrupted or one.history.stopped_because in CUT_SHORT for one in trained):
        return trained
    lowest = min(watched_loss(one) for one in trained)
    return [one for one in trained if watched_loss(one) <= lowest + 0.1 * abs(lowest)] or trained


def _by_hand(trained: Member) -> Member:
    trained.history.stopped_because = f"stopped by hand after epoch {len(trained.history)}"
    return replace(trained, interrupted=True)


def cores() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def predict_mean(network: Network, members: list[Array], inputs: Inputs) -> Array:
    """Mean over members of ŷ, float64 of shape (rows, outputs), always summed in the same order."""
    total = np.zeros((inputs.rows, network.outputs))
    if _stay_on_one_thread(network):
        _add_all(network, members, inputs, total)
    else:
        with one_blas_thread():
            _add_all(network, members, inputs, total)
    if len(members) > 1:
        total /= len(members)
    return total


def _add_all(network: Network, members: list[Array], inputs: Inputs, total: Array) -> None:
    layout = kernels.layout_of(network)
    if network.rows_in == network.numbers:
        scratch = np.empty((5, kernels.BLOCK * max(network.sizes)), inputs.dtype)
        shape = layout.sizes, layout.weights_at, layout.biases_at, layout.activations
        for theta in members:
            kernels.add_predictions(inputs.numbers, theta, *shape, scratch, total)
        return
    work = kernels.workspace_for(network, kernels.BLOCK, inputs.dtype)
    predicted = np.empty_like(total, inputs.dtype)
    for theta in members:
        kernels.predict_rows(layout, theta, inputs, 0, inputs.rows, kernels.BLOCK, work, predicted)
        total += predicted


def _stay_on_one_thread(network: Network) -> bool:
    """Whether no product of a block is large enough for OpenBLAS to split it."""
    largest = max(network.numbers * network.sizes[1], *(a * b for a, b in pairwise(network.sizes[1:])), 0)
    return kernels.BLOCK * largest <= SPLIT_FROM
