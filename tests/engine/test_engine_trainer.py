"""The training loop: early stopping, best weights, seeds, time, Ctrl-C, divergence."""

from dataclasses import replace

import numpy as np
import pytest

from tidynet.core.errors import InputError
from tidynet.engine import (
    History,
    Inputs,
    Network,
    StopReason,
    TrainingConfig,
    activation,
    kernels,
    loss,
    prepare_data,
    train,
)
from tidynet.engine import trainer as training
from tidynet.engine.counter_rng import permute, permuted_positions, prepare_order, random_bits, random_key, stream_key
from tidynet.engine.data import mean_loss
from tidynet.engine.initializers import initialize_weights
from tidynet.engine.learning_rate_schedules import SCHEDULES, ReduceOnPlateau, ScheduleOptions, schedule_factors


def two_moons(rows=300, seed=0):
    rng = np.random.default_rng(seed)
    angle, side = rng.random(rows) * np.pi, rng.integers(0, 2, rows)
    X = np.column_stack([np.cos(angle) + side, np.where(side, 0.4 - np.sin(angle), np.sin(angle))])
    return (X + rng.normal(0, 0.15, X.shape)).astype(np.float32), side


def moons_network(hidden=(16,)):
    return Network(
        numbers=2, hidden=hidden, outputs=1, activations=("relu",) * len(hidden), output_activation="sigmoid",
        loss="binary_cross_entropy",
    )  # fmt: skip


def fit_moons(config, validation=True, on_event=None, network=None, stop=None):
    network = network or moons_network()
    data = prepare_data(network, Inputs.of(two_moons()[0]), two_moons()[1])
    validation_data = (
        prepare_data(network, Inputs.of(two_moons(seed=1)[0]), two_moons(seed=1)[1]) if validation else None
    )
    return (
        network,
        validation_data,
        train(network, network.initial_parameters(3), data, config, validation_data, on_event, stop),
    )


def test_best_weights_are_restored_and_training_stops():
    seen = []
    network, validation_data, trained = fit_moons(
        TrainingConfig(learning_rate=0.05, epochs=500, batch_size=32, patience=8), on_event=seen.append
    )
    losses = [record.validation_loss for record in trained.history.epochs]
    best = int(np.argmin(losses)) + 1
    assert trained.history.best_epoch == best
    assert len(losses) == best + 8 < 500
    assert trained.history.stop_text == "the validation loss did not improve for 8 epochs"
    assert mean_loss(network, trained.theta, validation_data) == pytest.approx(min(losses), rel=1e-6)
    assert seen == trained.history.epochs
    assert History.from_dict(trained.history.to_dict()) == trained.history


def test_history_is_the_same_with_and_without_events():
    plan, seen = TrainingConfig(epochs=7, batch_size=32, patience=99), []
    _, _, observed = fit_moons(plan, on_event=seen.append)
    _, _, silent = fit_moons(plan)
    assert (len(silent.history), silent.history.best_epoch) == (7, observed.history.best_epoch)
    times = {"seconds": 0.0, "seconds_left": 0.0, "rows_per_second": 0.0}
    assert [replace(record, **times) for record in silent.history.epochs] == [replace(one, **times) for one in seen]
    assert (len(silent.history), silent.history.best_epoch) == (7, observed.history.best_epoch)


def test_it_learns_what_no_line_can():
    _, _, trained = fit_moons(TrainingConfig(learning_rate=0.01, epochs=60, batch_size=16, patience=60))
    assert trained.history.epochs[-1].validation_loss < 0.15


def test_same_seed_same_weights_and_another_seed_others():
    plan = TrainingConfig(epochs=5, batch_size=32, dropout=(0.1, 0.5), patience=99, seed=1)
    first, second = fit_moons(plan)[2], fit_moons(plan)[2]
    other = fit_moons(TrainingConfig(epochs=5, batch_size=32, dropout=(0.1, 0.5), patience=99, seed=2))[2]
    np.testing.assert_array_equal(first.theta, second.theta)
    assert not np.array_equal(first.theta, other.theta)


def test_weights_do_not_depend_on_how_an_epoch_is_cut_into_calls(monkeypatch):
    plan = TrainingConfig(epochs=3, batch_size=8, dropout=(0.0, 0.3), patience=99)
    whole = fit_moons(plan)[2].theta
    monkeypatch.setattr(training, "CALL_SECONDS", 1e-9)
    np.testing.assert_array_equal(fit_moons(plan)[2].theta, whole)


def test_ctrl_c_keeps_the_best_weights():
    def press(record):
        if record.epoch == 4:
            raise KeyboardInterrupt

    _, _, trained = fit_moons(TrainingConfig(epochs=50, patience=99), on_event=press)
    assert trained.interrupted
    assert trained.history.stop_text == "interrupted by Ctrl-C after epoch 4"
    assert len(trained.history) == 4
    assert np.isfinite(trained.theta).all()


@pytest.mark.parametrize("function", ["make_epochs", "History.add"])
def test_ctrl_c_between_a_call_and_its_record_loses_no_epoch(monkeypatch, function):
    plan = TrainingConfig(epochs=50, patience=99)
    whole = fit_moons(plan)[2].history
    owner = training.History if function == "History.add" else training
    name = function.rpartition(".")[2]
    original, pressed = getattr(owner, name), []

    def press(*arguments):
        if pressed:
            return original(*arguments)
        pressed.append(1)
        if function == "History.add":
            original(*arguments)
        raise KeyboardInterrupt

    monkeypatch.setattr(owner, name, press)
    history = fit_moons(plan)[2].history
    assert history.stop_reason is StopReason.INTERRUPTED
    assert 0 < len(history) == history.stop.epoch
    losses = [record.training_loss for record in whole.epochs][: len(history)]
    assert [record.training_loss for record in history.epochs] == losses


def test_time_limit_and_stop_request_end_training():
    _, _, trained = fit_moons(TrainingConfig(epochs=10**6, patience=10**6, time_limit=0.2))
    assert trained.history.stop_reason is StopReason.TIME_LIMIT
    assert 0 < len(trained.history) < 10**6
    _, _, trained = fit_moons(TrainingConfig(epochs=10**6, patience=10**6), stop=lambda: True)
    assert (len(trained.history), trained.history.stop_reason) == (1, StopReason.STOP_REQUESTED)


def test_divergence_goes_back_once_with_a_tenth_of_the_rate_then_stops():
    rng = np.random.default_rng(0)
    X, network = rng.normal(size=(64, 3)).astype(np.float32), Network(numbers=3, hidden=(), outputs=1)
    data = prepare_data(network, Inputs.of(X), X @ np.array([1.0, 2.0, 3.0]))
    once = train(
        network,
        network.initial_parameters(),
        data,
        TrainingConfig("sgd", learning_rate=4.0, epochs=200, batch_size=16, patience=200),
    )
    (event,) = once.history.divergences
    assert event.restarted_from == "initial"
    assert once.history.notes == [
        f"the loss diverged in epoch {event.epoch} ({event.loss:.3g}, more than a million times the first): the learning "
        "rate is probably too high; training restarted from the initial weights with a tenth of it"
    ]
    assert once.history.epochs[-1].training_loss < 1e-3
    twice = train(
        network, network.initial_parameters(), data, TrainingConfig("sgd", learning_rate=1e6, epochs=200, batch_size=16)
    )
    assert twice.history.stop_reason is StopReason.DIVERGED
    assert [event.restarted_from for event in twice.history.divergences] == ["initial", ""]
    assert np.isfinite(twice.theta).all()


def test_adaptive_schedule_drops_the_rate_until_it_no_longer_matters():
    _, _, trained = fit_moons(
        TrainingConfig(schedule="adaptive", learning_rate=0.05, epochs=3000, patience=2, min_delta=1e-3),
        validation=False,
    )
    rates = [record.learning_rate for record in trained.history.epochs]
    assert rates[0] == 0.05
    assert sorted(rates, reverse=True) == rates
    assert trained.history.stop_text == "the learning rate fell to 1e-06"


@pytest.mark.parametrize("name", [name for name in SCHEDULES if name != "adaptive"])
def test_schedules_stay_within_bounds_and_do_not_depend_on_the_slice(name):
    whole = schedule_factors(name, 0, 200, 200, 10)
    parts = np.concatenate([schedule_factors(name, begin, 40, 200, 10) for begin in range(0, 200, 40)])
    np.testing.assert_allclose(parts, whole)
    assert (whole > 0).all()
    assert whole.max() <= 1


def test_schedule_shapes():
    cosine = schedule_factors("cosine", 0, 100, 100, 10, ScheduleOptions(warmup_fraction=0.1))
    assert cosine.argmax() == 9
    assert cosine[-1] < 0.01
    cycle = schedule_factors("one_cycle", 0, 100, 100, 10)
    assert 25 < cycle.argmax() < 35
    np.testing.assert_allclose(schedule_factors("invscaling", 0, 4, 4, 1), [1, 2**-0.5, 3**-0.5, 0.5])
    plateau = ReduceOnPlateau(patience=2, minimum_gain=0.1, decay_factor=0.5)
    assert [plateau.update(value) for value in (1.0, 0.95, 0.94, 0.5)] == [False, False, True, False]
    assert plateau.factor == 0.5


def test_shuffle_and_bits_equal_their_plain_text():
    key = stream_key(2**40 + 3, 1, 5, 0)
    assert int(key) == random_key(2**40 + 3, 1, 5, 0)
    order = np.arange(1000)
    permute(order, key)
    expected, bits = list(range(1000)), random_bits(int(key), 1000)
    for last in range(999, 0, -1):
        chosen = int(bits[last]) * (last + 1) >> 32
        expected[last], expected[chosen] = expected[chosen], expected[last]
    assert order.tolist() == expected
    assert sorted(expected) == list(range(1000))


def test_bits_are_even_and_streams_unrelated():
    a, b = random_bits(random_key(0, 2, 1, 1), 20_000) / 2**32, random_bits(random_key(0, 2, 2, 1), 20_000) / 2**32
    counts = np.histogram(a, 20, (0, 1))[0]
    assert abs(counts - 1000).max() < 150
    assert abs(np.corrcoef(a, b)[0, 1]) < 0.03
    assert abs(np.corrcoef(a[1:], a[:-1])[0, 1]) < 0.03


def test_initial_weights_have_the_stated_spread():
    rng = np.random.default_rng(0)
    for rule, expected in (("normal", 400**-0.5), ("he", (2 / 400) ** 0.5), ("glorot", (2 / 700) ** 0.5)):
        assert initialize_weights(rng, rule, "relu", (400, 300)).std() == pytest.approx(expected, rel=0.02)
    network = Network(numbers=1000, hidden=(300,), outputs=1, activations=("relu",), categories=(2, 1000))
    weights, biases = network.views(network.initial_parameters(0))[0]
    assert weights[:1002].std() == pytest.approx((2 / 1002) ** 0.5, rel=0.02)
    assert weights[1002:].std() == pytest.approx((2 / 1002) ** 0.5 * (2 / 1000) ** 0.5, rel=0.02)
    assert not biases.any()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: activation("rellu"), "the activation 'rellu' is unknown; did you mean 'relu'?"),
        (lambda: loss("hubert"), "the loss 'hubert' is unknown; did you mean 'huber'?"),
        (lambda: TrainingConfig(optimizer="adamm"), "the optimizer 'adamm' is unknown; did you mean 'adam'?"),
        (
            lambda: TrainingConfig(schedule="cosin"),
            "the learning-rate schedule 'cosin' is unknown; did you mean 'cosine'?",
        ),
        (lambda: TrainingConfig(learning_rate=-1), "learning_rate is -1, expected a number above 0"),
        (lambda: TrainingConfig(dropout=(1.0,)), "dropout is [1.0], expected fractions from 0 to below 1"),
        (lambda: Network(0, (), 1), "the network has no inputs; give it at least one numeric or categorical column"),
        (
            lambda: Network(1, (0,), 1, activations=("relu",)),
            "the layer sizes are [0, 1], expected whole numbers above 0",
        ),
        (
            lambda: Network(1, (), 1, output_activation="softmax"),
            "the output activation is 'softmax', expected one that fits the loss 'squared_error': "
            "'identity', 'sigmoid', 'tanh', 'exp'",
        ),
        (
            lambda: prepare_data(Network(1, (), 1), Inputs.of(np.zeros((3, 1))), np.zeros(2)),
            "there are 3 rows of inputs and 2 targets, expected equal numbers",
        ),
    ],
)
def test_errors_are_one_sentence(call, message):
    with pytest.raises(InputError) as caught:
        call()
    assert str(caught.value) == message


def test_network_survives_json():
    network = Network(numbers=1, bins=(3,), categories=(2, 4), hidden=(5,), outputs=1, activations=("elu",))
    assert Network.from_dict(network.to_dict()) == network


def test_workspace_buffers_do_not_grow_with_the_rows():
    small = kernels.make_workspace(moons_network(), 32, np.float32)
    # Wᵀ of a small layer has a buffer of its own, of one size for every network
    assert sum(part.nbytes for part in small) - small.reordered.nbytes < 32 * 17 * 4 * 4 + 2048


@pytest.mark.parametrize("count", [1, 2, 3, 64, 1000, 4097])
def test_scattered_places_are_every_record_once(count):
    places = np.empty(count, np.int64)
    permuted_positions(places, 0, count, stream_key(3, 1, 0, 0))
    assert sorted(places) == list(range(count))
    later = np.empty(count // 2, np.int64)
    permuted_positions(later, count - len(later), count, stream_key(3, 1, 0, 0))
    np.testing.assert_array_equal(later, places[count - len(later) :])


def test_scattered_orders_are_even_and_unrelated():
    first, second = np.empty(20_000, np.int64), np.empty(20_000, np.int64)
    for places, epoch in ((first, 0), (second, 1)):
        permuted_positions(places, 0, 20_000, stream_key(3, 1, epoch, 0))
        assert abs(np.corrcoef(places, np.arange(20_000))[0, 1]) < 0.03
        assert abs(np.corrcoef(places[1:], places[:-1])[0, 1]) < 0.03
        tenths = (places.reshape(100, 200) * 10 // 20_000)[:, :, None] == np.arange(10)
        assert 15 < tenths.sum(axis=1).var() < 21  # of 200 draws with a chance of a tenth: 18
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.03


@pytest.mark.parametrize("shuffle", [True, False])
def test_an_order_that_is_not_kept_meets_every_record_once_an_epoch(monkeypatch, shuffle):
    monkeypatch.setattr(training, "LONGEST_ORDER", 10)
    X = np.eye(50)
    network = Network(numbers=50, hidden=(), outputs=1, use_bias=False)
    data = prepare_data(network, Inputs.of(X, dtype=np.float64), np.ones(50))
    plan = TrainingConfig("sgd", learning_rate=4.0, epochs=1, batch_size=8, shuffle=shuffle)
    trained = train(network, np.zeros(50), data, plan)
    # each record moves its own weight by 4 / (rows of its batch)
    assert sorted(trained.theta) == [0.5] * 48 + [2.0] * 2
    assert (list(trained.theta[-2:]) == [2.0, 2.0]) is (not shuffle)


@pytest.mark.parametrize(
    ("outputs", "output", "name"), [(2, "softmax", "cross_entropy"), (1, "sigmoid", "binary_cross_entropy")]
)
def test_a_sure_network_has_no_denormal_gradients(outputs, output, name):
    network = Network(1, (1,), outputs, activations=("relu",), output_activation=output, loss=name, use_bias=False)
    theta = np.array([0.01, 9000, 0] if outputs == 2 else [0.01, -9000], np.float32)
    data = prepare_data(network, Inputs.of(np.ones((1, 1))), np.zeros(1, int))
    gradient = train(network, theta, data, TrainingConfig("sgd", learning_rate=0.1, epochs=1)).state.gradient
    assert (gradient == 0).all()  # 1e-38 times the hidden unit's 0.01 would be a denormal number


# The last step of an epoch has fewer records than the buffer of a batch has places.
@pytest.mark.parametrize(
    ("count", "batch"),
    [(63, 5), (64, 5), (65, 5), (61, 60), (61, 2), (17, 3), (2, 1), (1023, 100), (2**20 - 1, 200), (2_097_100, 200)],
)
@pytest.mark.parametrize("shuffled", [True, False])
def test_every_step_of_an_epoch_arranges_its_own_records(count, batch, shuffled):
    order, met = np.empty(batch, np.int64), np.zeros(count, np.int64)
    key = stream_key(3, 1, 0, 0)
    for step in range(-(-count // batch)):
        begin = prepare_order(order, step, batch, count, shuffled, key)
        met[order[begin : begin + min(batch, count - step * batch)]] += 1
    assert (met == 1).all()
