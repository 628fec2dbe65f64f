"""What is said of a training that goes on, and what `verbose` prints."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

import tidynet as tn
from tidynet.engine.history import EpochRecord
from tidynet.estimators.training_progress import EpochEnded, TrainingProgress

RECORD = EpochRecord(1, 0.7, 0.6, 0.01, 1.0, 5000.0, 0.5, 9.5, True)


def progress_after(*epochs: tuple[int, int], restarts: int, most: int = 10) -> TrainingProgress:
    """Progress after (restart, epoch), one after the other."""
    events = [EpochEnded(replace(RECORD, epoch=epoch), most, restart, restarts) for restart, epoch in epochs]
    progress = TrainingProgress(1.0, events[0])
    for event in events:
        progress.on_event(event)
    return progress


def test_several_networks_are_one_line() -> None:
    progress = progress_after((0, 1), (1, 1), (0, 2), restarts=4)
    assert progress.summary_line(1.5) == (
        "training network 2 of 4, epoch 2 of at most 10: loss 0.7, validation 0.6, at most 12 s left"
    )


def test_a_network_that_stopped_early_is_done() -> None:
    running = [(1, epoch) for epoch in range(1, 8)]
    assert progress_after((0, 3), *running[:6], restarts=2).fraction_done() == pytest.approx(9 / 20)
    assert progress_after((0, 3), *running, restarts=2).fraction_done() == pytest.approx(17 / 20)


@pytest.mark.parametrize("restarts", [1, 3])
def test_verbose_says_every_epoch_of_one_network_and_rounds_of_several(
    capsys: pytest.CaptureFixture[str], restarts: int
) -> None:
    X = np.linspace(-1, 1, 60)[:, None]
    model = tn.MLPRegressor(
        (3,), verbose=True, max_iter=20, n_networks=restarts, early_stopping=False, random_state=0, preset="tidynet"
    ).fit(X, X[:, 0])
    *lines, summary = capsys.readouterr().out.splitlines()
    epochs = [
        int(found[1]) for one in lines if (found := re.match(r"Iteration (\d+)(?: of network \d)?, loss = ", one))
    ]
    assert len(epochs) == len(lines)
    if restarts == 1:
        assert epochs == list(range(1, len(model.history_) + 1))
    else:
        assert set(epochs) <= {4, 8, 12, 16, 20}
    assert summary.startswith("trained")
