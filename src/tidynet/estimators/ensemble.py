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

from tidynet.engine import (
    EpochRecord,
    Inputs,
    Network,
    StopReason,
    TrainingConfig,
    TrainingResult,
    TrainingStop,
    kernels,
    train,
)
from tidynet.engine.checkpoint import Checkpoint
from tidynet.engine.kernels import Data
from tidynet.engine.lbfgs import minimize_lbfgs
from tidynet.estimators.blas_threads import one_blas_thread

__all__ = [
    "EnsembleMember",
    "Listener",
    "Parts",
    "member_config",
    "n_available_cores",
    "predict_ensemble_mean",
    "train_ensemble",
    "validation_loss",
]

Array = NDArray[Any]
Listener = Callable[[int, EpochRecord], None]
Parts = Callable[[int], tuple[Data, Data | None]]

LEAST_SECONDS = 1e-3  # the first network is trained a little whatever the limit
SPLIT_FROM = 4 * 65536  # multiplications from which on OpenBLAS splits a product over threads


@dataclass(frozen=True)
class EnsembleMember(TrainingResult):
    """One network of several; `restart` is its number among those that were begun."""

    restart: int = 0


def member_config(plan: TrainingConfig, restart: int) -> TrainingConfig:
    """The plan with a seed of its own for each restart."""
    return replace(plan, seed=plan.seed + 7919 * restart)


def train_ensemble(
    network: Network,
    starts: list[Array],
    parts: Parts,
    plan: TrainingConfig,
    *,
    earlier: list[EnsembleMember] | None = None,
    threads: int | None = None,
    on_event: Listener | None = None,
    stop: Callable[[], bool] | None = None,
    checkpoint: Checkpoint | None = None,
    began: float | None = None,
) -> list[EnsembleMember]:
    """Train from each start; the same numbers come out whatever the number of threads.

    `parts` gives each restart its records to learn from and to watch, which may be its own fold.
    A time limit is for all together and counts from `began` (`time.perf_counter`, now by default): networks
    are trained to their end one after the other, and those that time is too short for are left out.
    Ctrl-C ends all of them cleanly: each keeps its best weights so far. With a checkpoint each saves its
    state in a file of its own, goes on from it where it exists, and removes it at the end.
    """
    ended = threading.Event()

    deadline = None if plan.time_limit is None else (began or time.perf_counter()) + plan.time_limit

    def run(restart: int) -> EnsembleMember | None:
        remaining = None if deadline is None else deadline - time.perf_counter()
        if remaining is not None and remaining <= 0 and restart > 0:
            return None

        def on_epoch_end(record: EpochRecord) -> None:
            if on_event is not None:
                on_event(restart, record)

        def asked() -> bool:
            return ended.is_set() or (stop is not None and stop())

        own = replace(
            member_config(plan, restart), time_limit=None if remaining is None else max(remaining, LEAST_SECONDS)
        )
        data, validation = parts(restart)
        hear = on_epoch_end if on_event is not None else None
        if plan.optimizer == "lbfgs":
            return EnsembleMember(
                **vars(minimize_lbfgs(network, starts[restart], data, own, validation, hear, asked)), restart=restart
            )
        go_on = None if earlier is None else earlier[restart]
        kept = (
            None
            if checkpoint is None
            else replace(checkpoint, path=_numbered_checkpoint_path(checkpoint.path, restart))
        )
        trained = train(network, starts[restart], data, own, validation, hear, asked, go_on, kept)
        if kept is not None and not trained.interrupted:
            kept.path.unlink(missing_ok=True)
        return EnsembleMember(**vars(trained), restart=restart)

    side_by_side = max(1, min(len(starts), threads or n_available_cores()))
    with one_blas_thread(look_again=True):
        if len(starts) == 1:
            return is_trained_long_enough([run(0)])
        with ThreadPoolExecutor(side_by_side) as pool:
            futures = [pool.submit(run, restart) for restart in range(len(starts))]
            try:
                # Polars has system calls restarted after a signal: only a wait that ends lets Ctrl-C through.
                while wait(futures, timeout=0.1).not_done:
                    pass
                return is_trained_long_enough([future.result() for future in futures])
            except KeyboardInterrupt:
                # The workers see the event at the end of their present call and keep their best weights.
                ended.set()
                begun = [future for future in futures if not future.cancel()]
                return is_trained_long_enough(
                    [_mark_interrupted(item) for future in begun if (item := future.result()) is not None]
                )


def _numbered_checkpoint_path(path: Path, restart: int) -> Path:
    return path.with_name(f"{path.name}.{restart}")


def validation_loss(trained: TrainingResult) -> float:
    """The loss that the kept weights had where it was watched; infinite if none were kept."""
    kept = [record for record in trained.history.epochs if record.is_best]
    if not kept:
        return math.inf
    return kept[-1].training_loss if kept[-1].validation_loss is None else kept[-1].validation_loss


def is_trained_long_enough(results: Iterable[EnsembleMember | None]) -> list[EnsembleMember]:
    """Those whose loss is within a tenth of the best one's: a network cut short early would spoil the mean."""
    trained = [item for item in results if item is not None]
    if not any(item.interrupted or _is_early_exit(item.history.stop_reason) for item in trained):
        return trained
    lowest = min(validation_loss(item) for item in trained)
    return [item for item in trained if validation_loss(item) <= lowest + 0.1 * abs(lowest)] or trained


def _mark_interrupted(trained: EnsembleMember) -> EnsembleMember:
    history = trained.history
    history.stop = TrainingStop(StopReason.INTERRUPTED, len(history), history.seconds)
    return replace(trained, interrupted=True)


def _is_early_exit(reason: StopReason | None) -> bool:
    return reason is not None and reason.is_early_exit


def n_available_cores() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def predict_ensemble_mean(network: Network, members: list[Array], inputs: Inputs) -> Array:
    """Mean over members of ŷ, float64 of shape (rows, outputs), always summed in the same order."""
    total = np.zeros((inputs.rows, network.outputs))
    if _fits_one_blas_thread(network):
        _add_predictions(network, members, inputs, total)
    else:
        with one_blas_thread():
            _add_predictions(network, members, inputs, total)
    if len(members) > 1:
        total /= len(members)
    return total


def _add_predictions(network: Network, members: list[Array], inputs: Inputs, total: Array) -> None:
    layout = kernels.make_parameter_layout(network)
    if network.rows_in == network.numbers:
        scratch = np.empty((5, kernels.BLOCK * max(network.sizes)), inputs.dtype)
        shape = layout.sizes, layout.weights_at, layout.biases_at, layout.activations
        for theta in members:
            kernels.add_predictions(inputs.numbers, theta, *shape, scratch, total)
        return
    work = kernels.make_workspace(network, kernels.BLOCK, inputs.dtype)
    predicted = np.empty_like(total, inputs.dtype)
    for theta in members:
        kernels.predict_rows(layout, theta, inputs, 0, inputs.rows, kernels.BLOCK, work, predicted)
        total += predicted


def _fits_one_blas_thread(network: Network) -> bool:
    """Whether no product of a block is large enough for OpenBLAS to split it."""
    largest = max(network.numbers * network.sizes[1], *(a * b for a, b in pairwise(network.sizes[1:])), 0)
    return kernels.BLOCK * largest <= SPLIT_FROM
