"""Tables of the engine and what a training records: values, limits and defaults, against direct computations."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tidynet.core.errors import InputError
from tidynet.engine import Inputs, Network, TrainingConfig, prepare_data, train
from tidynet.engine.activations import ACTIVATIONS, activation
from tidynet.engine.data import LossEvaluator, empty_data, mean_loss
from tidynet.engine.history import EpochRecord, History, make_epochs
from tidynet.engine.initializers import initialize_weights
from tidynet.engine.lbfgs import minimize_lbfgs
from tidynet.engine.learning_rate_range_test import LearningRateRangeTest, learning_rate_range
from tidynet.engine.learning_rate_schedules import ReduceOnPlateau, ScheduleOptions, schedule_factors
from tidynet.engine.regularization import Penalties
from tidynet.engine.stop_reason import Divergence, StopReason, TrainingStop, describe_divergence, describe_stop

X = np.random.default_rng(0).normal(size=(40, 2))
Y = X @ [1.0, -2.0] + 0.5
LINE = Network(numbers=2, hidden=(), outputs=1)


def data_of(y: Any = Y, x: Any = X, weights: Any = None) -> Any:
    return prepare_data(LINE, Inputs.of(x, dtype=np.float64), y, weights)


# Tables --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name in ACTIVATIONS if name != "softmax"])
def test_a_derivative_is_the_slope_of_its_activation(name: str) -> None:
    row, h = activation(name), np.array([-7.0, -2.0, -0.3, 0.4, 1.7, 6.0])
    slope = (row.function(h + 1e-6) - row.function(h - 1e-6)) / 2e-6
    assert row.derivative(h, row.function(h)) == pytest.approx(slope, abs=1e-7)


def test_at_zero_the_slope_is_that_of_the_left_and_softmax_has_none() -> None:
    zero = np.zeros(1)
    slopes = {name: float(activation(name).derivative(zero, zero)[0]) for name in ("relu", "leaky_relu", "elu", "selu")}
    assert slopes == {"relu": 0.0, "leaky_relu": 0.01, "elu": 1.0, "selu": pytest.approx(1.0507 * 1.67326, rel=1e-4)}
    with pytest.raises(InputError, match="softmax has no elementwise derivative"):
        activation("softmax").derivative(zero, zero)
    p = activation("softmax").function(np.array([[1.0, 2.0, 3.0]]))
    assert p == pytest.approx(np.exp([[1.0, 2.0, 3.0]]) / np.exp([1.0, 2.0, 3.0]).sum())
    fits = {row.initializer for row in ACTIVATIONS.values() if row.kind == "squashing"}
    assert (fits, activation("relu").initializer, activation("selu").initializer) == ({"glorot"}, "he", "lecun")
    assert [row.name for row in ACTIVATIONS.values() if not row.is_hidden] == ["softmax"]
    assert {row.kind for row in ACTIVATIONS.values()} == {"other", "rectifier", "squashing"}


@pytest.mark.parametrize(
    ("name", "activation_name", "deviation"),
    [
        ("normal", "relu", 50**-0.5),
        ("lecun", "relu", 50**-0.5),
        ("he", "tanh", 25**-0.5),
        ("glorot", "relu", (6 / 90) ** 0.5 / 3**0.5),
        ("auto", "relu", 25**-0.5),
        ("auto", "tanh", (6 / 90) ** 0.5 / 3**0.5),
        ("auto", "selu", 50**-0.5),
    ],
)
def test_initial_weights_vary_with_the_units(name: str, activation_name: str, deviation: float) -> None:
    weights = initialize_weights(np.random.default_rng(0), name, activation_name, (50, 40))
    assert weights.shape == (50, 40)
    assert weights.std() == pytest.approx(deviation, rel=0.05)
    if "glorot" in (name, activation(activation_name).initializer) and name in ("glorot", "auto"):
        assert np.abs(weights).max() <= (6 / 90) ** 0.5
    few = initialize_weights(np.random.default_rng(0), "normal", "relu", (50, 40), fan_in=2)
    assert few.std() == pytest.approx(2**-0.5, rel=0.05)
    none = initialize_weights(np.random.default_rng(0), "normal", "relu", (50, 40), fan_in=0)
    assert none.std() == pytest.approx(1.0, rel=0.05)
    assert not initialize_weights(np.random.default_rng(0), "zeros", "relu", (3, 2)).any()


def test_penalties_are_sums_over_all_weights() -> None:
    weights = [np.array([[1.0, -2.0], [0.0, 3.0]]), np.array([[-4.0]])]
    both = Penalties(l1=0.5, l2=0.2)
    assert both.value(weights) == pytest.approx(0.5 * 10 + 0.1 * 30)
    assert both.gradient(weights[0]) == pytest.approx(np.array([[0.7, -0.9], [0.0, 1.1]]))
    assert Penalties().value(weights) == 0
    assert Penalties().clip_norms(weights[0]) is weights[0]
    clipped = Penalties(max_norm=2.0).clip_norms(np.array([[3.0, 0.6, 0.0], [4.0, 0.8, 0.0]]))
    assert clipped == pytest.approx(np.array([[1.2, 0.6, 0.0], [1.6, 0.8, 0.0]]))


def test_schedules_have_their_default_numbers() -> None:
    assert schedule_factors("invscaling", 0, 5, 100, 2) == pytest.approx([1, 1, 2**-0.5, 2**-0.5, 3**-0.5])
    rows = schedule_factors("inverse_scaling", 0, 3, 9, 1, ScheduleOptions(power=1.0, rows=10))
    assert rows == pytest.approx([1, 1 / 11, 1 / 21])
    assert schedule_factors("step", 19, 2, 100, 2) == pytest.approx([1.0, 0.2])
    assert schedule_factors("exponential", 20, 1, 100, 2) == pytest.approx([0.2])
    assert schedule_factors("cosine", 0, 3, 40, 2)[:2] == pytest.approx(
        [0.5 * 0.5 * 2, 0.5 * (1 + math.cos(math.pi / 40))]
    )
    assert schedule_factors("cosine", 50, 1, 40, 2) == pytest.approx([0.0])
    assert schedule_factors("cosine", 0, 1, 4, 1) == pytest.approx([1.0])  # a warm-up of under one step
    assert schedule_factors("one_cycle", 30, 1, 100, 2) == pytest.approx([1.0])
    assert schedule_factors("one_cycle", 100, 2, 100, 2) == pytest.approx([1e-4, 1e-4])
    assert schedule_factors("constant", 3, 2, 100, 2).tolist() == [1.0, 1.0]
    assert schedule_factors("adaptive", 3, 2, 100, 2).tolist() == [1.0, 1.0]


def test_a_plateau_of_ten_epochs_reduces_the_rate_to_a_fifth() -> None:
    plateau = ReduceOnPlateau()
    assert plateau.factor == 1.0
    assert [plateau.update(1.0 - 0.00005 * number) for number in range(11)] == [False] * 10 + [True]
    assert plateau.factor == pytest.approx(0.2)
    assert plateau.best == pytest.approx(1.0 - 0.0005)
    assert "best" not in repr(plateau)


# A range test --------------------------------------------------------------------------------------


def test_a_range_test_trains_with_each_rate_from_the_same_weights() -> None:
    data, start = data_of(), np.array([0.1, 0.2, 0.0])
    config = TrainingConfig("sgd", batch_size=8, seed=3, schedule="cosine", patience=1)
    found = learning_rate_range(LINE, start, data, config, lowest=1e-3, highest=10.0, points=5, epochs=2)
    assert found.rates == pytest.approx([1e-3, 1e-2, 1e-1, 1.0, 10.0])
    for rate, loss in zip(found.rates[:3], found.losses[:3], strict=True):
        plain = TrainingConfig("sgd", batch_size=8, seed=3, learning_rate=float(rate), epochs=2)
        trained = train(LINE, start, data, plain, data)
        assert loss == pytest.approx(trained.history.epochs[1].validation_loss)
    assert np.isnan(found.losses[-1])
    assert start.tolist() == [0.1, 0.2, 0.0]
    assert found.suggested_rate == pytest.approx(found.rates[np.nanargmin(found.losses)] / 3)


def test_a_range_test_has_21_rates_and_one_epoch_by_default() -> None:
    found = learning_rate_range(LINE, np.zeros(3), data_of())
    assert found.rates == pytest.approx(np.geomspace(1e-5, 1.0, 21))
    assert np.isfinite(found.losses[:-1]).all()
    assert LearningRateRangeTest(np.array([0.3, 3.0]), np.array([np.nan, 1.0])).suggested_rate == pytest.approx(1.0)
    for options in ({"lowest": 0.0}, {"lowest": 2.0}, {"lowest": 1.0}, {"points": 2}):
        with pytest.raises(InputError, match=r"expected 0 < lowest < highest and 3 points"):
            learning_rate_range(LINE, np.zeros(3), data_of(), **options)  # type: ignore[arg-type]
    assert len(learning_rate_range(LINE, np.zeros(3), data_of(), points=3).losses) == 3


# L-BFGS --------------------------------------------------------------------------------------------


def test_iterations_of_lbfgs_are_epochs_with_their_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    import tidynet.engine.lbfgs as module

    clock = iter(np.arange(0, 1000, 0.5))
    monkeypatch.setattr(module.time, "perf_counter", lambda: float(next(clock)))
    seen: list[EpochRecord] = []
    found = minimize_lbfgs(LINE, np.zeros(3), data_of(), TrainingConfig("lbfgs", epochs=6), on_event=seen.append)
    records = found.history.epochs
    assert seen == records
    assert [item.epoch for item in records] == list(range(1, len(records) + 1))
    for item in records:
        assert item.rows_per_second == pytest.approx(40 * item.epoch / item.seconds)
        assert item.seconds_left == pytest.approx(item.seconds / item.epoch * (6 - item.epoch))
        assert item.learning_rate == 1.0
    assert records[0].validation_loss is None
    losses = [item.training_loss for item in records]
    assert [item.is_best for item in records] == [loss < min([*losses[:i], math.inf]) for i, loss in enumerate(losses)]
    assert losses[-1] == pytest.approx(mean_loss(LINE, found.theta, data_of()), abs=1e-9)


def test_lbfgs_ends_by_epochs_evaluations_or_a_minimum() -> None:
    data = data_of(np.sin(3 * X[:, 0]) * 5)

    def end(**options: Any) -> tuple[StopReason, float]:
        stop = minimize_lbfgs(LINE, np.zeros(3), data, TrainingConfig("lbfgs", **options)).history.stop
        assert stop is not None
        return stop.reason, stop.limit

    assert end(epochs=1) == (StopReason.MAX_EPOCHS, 1)
    assert end(epochs=500, evaluations=2)[0] is StopReason.MAX_EVALUATIONS
    assert end(epochs=500)[0] is StopReason.ZERO_GRADIENT
    best = minimize_lbfgs(LINE, np.zeros(3), data_of(), TrainingConfig("lbfgs", epochs=100)).theta
    again = minimize_lbfgs(LINE, best, data_of(), TrainingConfig("lbfgs", epochs=100, min_delta=1e-3)).history
    assert (len(again), again.stop_reason) == (1, StopReason.ZERO_GRADIENT)


# The history ---------------------------------------------------------------------------------------


def test_columns_of_a_call_become_records() -> None:
    raw = train(LINE, np.zeros(3), data_of(), TrainingConfig("sgd", epochs=3, learning_rate=0.1), data_of()).history
    assert [item.epoch for item in raw.epochs] == [1, 2, 3]
    from tidynet.engine.kernels import epoch as columns

    records = np.zeros((2, columns.LAYERS + 6))
    records[:, columns.TRAINING_LOSS], records[:, columns.VALIDATION_LOSS] = [3.0, 2.0], [5.0, 4.0]
    records[:, columns.RATE], records[:, columns.KEPT], records[:, columns.VALIDATION_SCORE] = 0.1, [1, 0], 0.25
    records[:, columns.LAYERS :] = [[3, 4, 0.1, 0.2, 0.5, 0.6], [6, 8, 0.3, 0.4, 0.7, 0.8]]
    for validated in (True, False):
        first, second = make_epochs(records, 7, validated, 99.0, np.array([1.0, 2.0]), np.array([4.0, 3.0])).records()
        assert first == EpochRecord(
            8, 3.0, 5.0 if validated else None, 0.1, 5.0, 99.0, 1.0, 4.0, True, 0.25 if validated else None,
            (3.0, 4.0), (0.1, 0.2), (0.5,),
        )  # fmt: skip
        assert (second.epoch, second.gradient_norm, second.is_best, second.seconds_left) == (9, 10.0, False, 3.0)
    history = History()
    history.add(make_epochs(records, 0, True, 99.0, np.array([1.0, 2.0]), np.array([4.0, 3.0])))
    history.add(make_epochs(records, 2, True, 99.0, np.array([3.0, 4.0]), np.array([2.0, 1.0])))
    assert (len(history), history.best_epoch, history.seconds) == (4, 3, 4.0)
    assert [item.epoch for item in history.epochs] == [1, 2, 3, 4]
    assert (len(history), history.best_epoch, history.seconds) == (4, 3, 4.0)
    assert (len(History()), History().best_epoch, History().seconds) == (0, 0, 0.0)
    records[:, columns.KEPT] = 0
    history.add(make_epochs(records, 4, True, 99.0, np.array([5.0, 6.0]), np.array([2.0, 1.0])))
    assert history.best_epoch == 3


def record(epoch: int, **changes: Any) -> EpochRecord:
    return replace(EpochRecord(epoch, 0.5, None, 0.1, 1.0, 10.0, 1.0, 0.0, epoch == 2), **changes)


def test_a_history_shows_its_first_best_and_last_epoch() -> None:
    epochs = [record(1), record(2, validation_loss=0.25, validation_score=0.75), record(3)]
    restart = Divergence(2, math.inf, 1e6, "best")
    history = History(epochs, TrainingStop(StopReason.MAX_EPOCHS, 3, limit=3), [restart])
    assert repr(history).splitlines() == [
        "History of 3 epochs: all 3 epochs completed",
        "first epoch 1: training loss 0.5",
        "last epoch 3: training loss 0.5",
        "best epoch 2: training loss 0.5, validation loss 0.25, validation score 0.75",
        "the loss diverged in epoch 2: the learning rate is probably too high; training restarted from the best weights "
        "with a tenth of it",
    ]
    again = History.from_dict(json.loads(json.dumps(history.to_dict(), allow_nan=False)))
    assert again == history
    assert history != History(epochs[:2])
    assert history != epochs
    ended = History(epochs, TrainingStop(StopReason.DIVERGED, 9), [restart, Divergence(9, 2e6, 1e6)])
    assert ended.stop_text == (
        "the loss diverged in epoch 9 (2e+06, more than a million times the first): the learning rate is probably too high"
    )
    assert len(ended.notes) == 1
    assert (History().stop_text, History().stop_reason) == ("", None)
    assert describe_divergence(Divergence(1, 1e6, 1e6)).startswith("the loss diverged in epoch 1: ")


def test_ends_are_described() -> None:
    assert describe_stop(TrainingStop(StopReason.NO_IMPROVEMENT, 9, limit=1, monitored="validation_loss")) == (
        "the validation loss did not improve for 1 epoch"
    )
    assert describe_stop(TrainingStop(StopReason.MIN_LEARNING_RATE, 9, limit=1e-6)) == "the learning rate fell to 1e-06"
    assert describe_stop(TrainingStop(StopReason.INTERRUPTED, 4)) == "interrupted by Ctrl-C after epoch 4"
    limits = {reason for reason in StopReason if reason.is_limit}
    early = {reason for reason in StopReason if reason.is_early_exit}
    assert limits == {StopReason.MAX_EPOCHS, StopReason.MAX_EVALUATIONS}
    assert early == {StopReason.TIME_LIMIT, StopReason.STOP_REQUESTED}


# Options and data ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"learning_rate": 0.0}, "learning_rate is 0.0, expected a number above 0"),
        ({"epochs": 0}, "epochs is 0, expected a number above 0"),
        ({"threads": 0}, "threads is 0, expected a number above 0"),
        ({"clip_norm": -0.1}, "clip_norm is -0.1, expected a number of at least 0"),
        ({"min_delta": math.inf}, "min_delta is inf, expected a number of at least 0"),
        ({"ema_decay": 1.0}, "ema_decay is 1.0, expected a number from 0 to below 1"),
        ({"ema_decay": -0.1}, "ema_decay is -0.1, expected a number from 0 to below 1"),
        ({"stopping_criterion": "time"}, "stopping_criterion is 'time', expected 'loss' or 'score'"),
        ({"dropout": (0.5, 1.0)}, "dropout is [0.5, 1.0], expected fractions from 0 to below 1"),
    ],
)
def test_options_outside_their_range_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as caught:
        TrainingConfig(**options)
    assert str(caught.value) == message
    TrainingConfig(clip_norm=0.0, min_delta=0.0, ema_decay=0.0, dropout=(0.0, 0.99), epochs=1, learning_rate=1e-9)


def test_a_mean_loss_is_weighted_and_of_any_batch() -> None:
    theta, weights = np.array([0.3, 0.1, -0.2]), np.arange(40.0)
    error = X @ theta[:2] + theta[2] - Y
    assert mean_loss(LINE, theta, data_of()) == pytest.approx(0.5 * np.mean(error**2))
    data = data_of(weights=weights)
    for batch in (7, 40, 512):
        loss, score = LossEvaluator(LINE, data, batch).measure(theta)
        assert loss == pytest.approx(0.5 * np.average(error**2, weights=weights))
    center = np.average(Y, weights=weights)
    assert score == pytest.approx(1 - (weights * error**2).sum() / (weights * (Y - center) ** 2).sum())
    none = empty_data(data)
    assert (none.inputs.rows, none.targets.shape, len(none.weights)) == (0, (0, 1), 0)


@pytest.mark.parametrize("codes", [[0, 1, 2], [-1, 1, 0]])
def test_classes_without_an_output_are_refused(codes: list[int]) -> None:
    network = Network(numbers=1, hidden=(), outputs=2, loss="cross_entropy", output_activation="softmax")
    inputs = Inputs.of(np.zeros((3, 1)))
    with pytest.raises(InputError, match=f"class codes are {min(codes)} to {max(codes)}, expected 0 to 1"):
        prepare_data(network, inputs, np.array(codes))
    assert prepare_data(network, inputs, np.array([0, 1, 0])).labels.tolist() == [0, 1, 0]
