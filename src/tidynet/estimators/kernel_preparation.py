"""Compile the kernels of a training while the table is read, where the cache on disk lacks them."""

from __future__ import annotations

from contextlib import suppress
from threading import Thread

import numpy as np

from tidynet.engine import Inputs, Network, TrainingConfig, prepare_data, train
from tidynet.engine.train_network import is_compiled
from tidynet.estimators.ensemble import predict_ensemble_mean


def start_compilation() -> Thread | None:
    """A thread that waits for the compiler's process; None if nothing is to be compiled."""
    if is_compiled():
        return None
    thread = Thread(target=_train_and_predict, name="tidynet-compilation", daemon=True)
    thread.start()
    return thread


def _train_and_predict() -> None:
    """Train the smallest network and predict: one compilation serves the networks of all tables."""
    network = Network(numbers=1, hidden=(1,), outputs=1, categories=(2,), activations=("relu",))
    inputs = Inputs.of(np.zeros((2, 1)), codes=np.array([[0], [1]]))
    with suppress(Exception):  # whatever fails here fails again in the training, which reports it
        data = prepare_data(network, inputs, np.zeros(2))
        result = train(network, network.initial_parameters(), data, TrainingConfig(epochs=1))
        predict_ensemble_mean(network, [result.theta], inputs)
