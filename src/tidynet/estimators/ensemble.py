"""Networks of one shape, trained in parallel from different initial weights, and their mean output."""

from __future__ import annotations

import math
import os
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tidynet.core.errors import InputError
from tidynet.engine import (
    EpochRecord,
    History,
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

Array = NDArray[Any]
OnEpoch = Callable[[int, EpochRecord], None]  # called with the number of the network
Parts = Callable[[int], tuple[Data, Data | None]]

LEAST_SECONDS = 1e-3  # the first network is trained a little whatever the limit
NOT_FINITE = (
    "Solver produced non-finite parameter weights. The input data may contain large values and need to be preprocessed."
)
SPLIT_FROM = 4 * 65536  # multiplications from which on OpenBLAS splits a product over threads


@dataclass(frozen=True)
class EnsembleMember(TrainingResult):
    """A trained network; `number` is its number among those whose training began."""

    number: int = 0


@dataclass
class Ensemble:
    """Trained networks of one shape, and how their training went; histories have one entry for each network."""

    network: Network
    members: list[Array]  # the flat parameter vector of each network
    histories: list[History]
    numbers: tuple[int, ...]  # the number of each network among those whose training began
    n_rows: tuple[int, int]  # training and validation rows of the first network
    is_interrupted: bool
    folds: tuple[Array, ...] = ()  # validation rows by fold, empty without folds
    baseline_loss: float = math.nan  # of the best constant prediction; NaN if not known

    @classmethod
    def from_training(
        cls, network: Network, trained: list[EnsembleMember], n_rows: tuple[int, int], folds: tuple[Array, ...]
    ) -> Ensemble:
        """The ensemble of trained networks, if their weights are finite."""
        for item in trained:
            if not any(record.is_best for record in item.history.epochs) or not np.isfinite(item.theta).all():
                raise InputError(f"{NOT_FINITE} Training ended: {item.history.stop_text}.")
        return cls(
            network,
            [item.theta for item in trained],
            [item.history for item in trained],
            tuple(item.number for item in trained),
            n_rows,
            any(item.interrupted for item in trained),
            folds,
        )

    def outputs(self, inputs: Inputs) -> Array:
        """Mean output of the networks, float64 of shape (rows, outputs)."""
        return predict_ensemble_mean(self.network, self.members, inputs)

    def outputs_by_network(self, inputs: Inputs) -> Array:
        """Output of each network, shape (networks, rows, outputs)."""
        return np.stack([predict_ensemble_mean(self.network, [theta], inputs) for theta in self.members])

    def single_networks(self) -> list[Ensemble]:
        """Each network as an ensemble of one."""
        parts = zip(self.members, self.histories, self.numbers, strict=True)
        return [
            replace(self, members=[theta], histories=[history], numbers=(number,)) for theta, history, number in parts
        ]

    def to_state(self) -> tuple[dict[str, Any], dict[str, Array]]:
        """Facts that JSON can hold, and arrays by name."""
        facts = {
            "network": self.network.to_dict(),
            "histories": [history.to_dict() for history in self.histories],
            "numbers": list(self.numbers),
            "rows": list(self.n_rows),
            "interrupted": self.is_interrupted,
            "baseline_loss": None if math.isnan(self.baseline_loss) else self.baseline_loss,
        }
        return facts, {f"member.{index}": theta for index, theta in enumerate(self.members)}

    @classmethod
    def from_state(cls, facts: Mapping[str, Any], arrays: Mapping[str, Array]) -> Ensemble:
        """The ensemble that `to_state` described."""
        numbers, loss = tuple(facts["numbers"]), facts["baseline_loss"]
        return cls(
            Network.from_dict(facts["network"]),
            [arrays[f"member.{index}"] for index in range(len(numbers))],
            [History.from_dict(item) for item in facts["histories"]],
            numbers,
            tuple(facts["rows"]),
            facts["interrupted"],
            baseline_loss=math.nan if loss is None else loss,
        )


def member_config(config: TrainingConfig, number: int) -> TrainingConfig:
    """The config with a seed of its own for each network."""
    return replace(config, seed=config.seed + 7919 * number)


@dataclass(frozen=True)
class _Job:
    """What all networks of one training share."""

    network: Network
    starts: list[Array]
    parts: Parts
    config: TrainingConfig
    earlier: list[EnsembleMember] | None
    on_event: OnEpoch | None
    stop: Callable[[], bool] | None
    checkpoint: Checkpoint | None
    deadline: float | None
    cancelled: threading.Event

    def train(self, number: int) -> EnsembleMember | None:
        """Train one network; None if no time is left."""
        remaining = None if self.deadline is None else self.deadline - time.perf_counter()
        if remaining is not None and remaining <= 0 and number > 0:
            return None
        limit = None if remaining is None else max(remaining, LEAST_SECONDS)
        config = replace(member_config(self.config, number), time_limit=limit)
        data, validation = self.parts(number)
        on_event = None if self.on_event is None else partial(self.on_event, number)
        if config.optimizer == "lbfgs":
            result = minimize_lbfgs(
                self.network, self.starts[number], data, config, validation, on_event, self.is_stopped
            )
            return EnsembleMember(**vars(result), number=number)
        earlier = None if self.earlier is None else self.earlier[number]
        checkpoint = None
        if self.checkpoint is not None:
            path = self.checkpoint.path
            checkpoint = replace(self.checkpoint, path=path.with_name(f"{path.name}.{number}"))
        result = train(
            self.network, self.starts[number], data, config, validation, on_event, self.is_stopped, earlier, checkpoint
        )
        if checkpoint is not None and not result.interrupted:
            checkpoint.path.unlink(missing_ok=True)
        return EnsembleMember(**vars(result), number=number)

    def is_stopped(self) -> bool:
        return self.cancelled.is_set() or (self.stop is not None and self.stop())


def train_ensemble(
    network: Network,
    starts: list[Array],
    parts: Parts,
    config: TrainingConfig,
    *,
    earlier: list[EnsembleMember] | None = None,
    threads: int | None = None,
    on_event: OnEpoch | None = None,
    stop: Callable[[], bool] | None = None,
    checkpoint: Checkpoint | None = None,
    began: float | None = None,
) -> list[EnsembleMember]:
    """Train a network from each start; the numbers are the same for any number of threads.

    `parts` gives the training and the validation rows of a network. A time limit is for all networks and counts from
    `began` (`time.perf_counter`, now by default); networks for which no time is left are omitted. Ctrl-C ends all of
    them, and each keeps its best weights. With a checkpoint each network saves its state in a file of its own,
    resumes from it where it exists, and removes it at the end.
    """
    limit = config.time_limit
    deadline = None if limit is None else (began or time.perf_counter()) + limit
    job = _Job(network, starts, parts, config, earlier, on_event, stop, checkpoint, deadline, threading.Event())
    with one_blas_thread(look_again=True):
        if len(starts) == 1:
            return without_undertrained([job.train(0)])
        with ThreadPoolExecutor(max(1, min(len(starts), threads or n_available_cores()))) as pool:
            futures = [pool.submit(job.train, number) for number in range(len(starts))]
            try:
                # Polars has system calls restarted after a signal: only a wait that ends lets Ctrl-C through.
                while wait(futures, timeout=0.1).not_done:
                    pass
                return without_undertrained([future.result() for future in futures])
            except KeyboardInterrupt:
                # The workers see the event at the end of their present call and keep their best weights.
                job.cancelled.set()
                begun = [future for future in futures if not future.cancel()]
                results = [future.result() for future in begun]
                return without_undertrained([_mark_interrupted(item) for item in results if item is not None])


def validation_loss(trained: TrainingResult) -> float:
    """Validation loss of the kept weights, else their training loss; infinite if none were kept."""
    kept = [record for record in trained.history.epochs if record.is_best]
    if not kept:
        return math.inf
    return kept[-1].training_loss if kept[-1].validation_loss is None else kept[-1].validation_loss


def without_undertrained(results: Iterable[EnsembleMember | None]) -> list[EnsembleMember]:
    """The networks whose loss is within a tenth of the lowest, if training was cut short; else all."""
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
