"""What engines stumble over: broken numbers, odd batches, zeros, width, Ctrl-C, kill -9 and resume."""

import json
import re
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from tidynet.core.errors import FileReadError, InputError
from tidynet.engine import (
    History,
    Inputs,
    Network,
    OptimizerOptions,
    Penalties,
    StopReason,
    TrainingConfig,
    lbfgs,
    prepare_data,
    train,
)
from tidynet.engine import numpy_reference as reference
from tidynet.engine.checkpoint import Checkpoint
from tidynet.engine.data import mean_loss
from tidynet.engine.stop_reason import describe_divergence

X = np.random.default_rng(0).normal(size=(61, 3))
Y = X @ [1.0, -2.0, 0.5] + np.sin(3 * X[:, 0])


def tanh_network(numbers=3, units=5, **changed):
    return Network(numbers=numbers, hidden=(units,), outputs=1, activations=("tanh",), **changed)


def data_of(network, X=X, y=Y, weights=None):
    return prepare_data(network, Inputs.of(X, dtype=np.float64), y, weights)


def fitted(network, data, plan, **more):
    return train(network, network.initial_parameters(1, dtype=np.float64), data, plan, **more)


def broken(values, place, value):
    copy = values.copy()
    copy[place] = value
    return copy


def message_of(call, kind=InputError):
    with pytest.raises(kind) as caught:
        call()
    return str(caught.value)


# Broken numbers -----------------------------------------------------------------------------


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_broken_number_is_named_by_row_and_column(value):
    network = tanh_network()
    assert message_of(lambda: data_of(network, broken(X, (4, 1), value))) == (
        f"the inputs are {value} in row 4, column 1, expected finite numbers; correct or drop that row"
    )
    assert message_of(lambda: data_of(network, y=broken(Y, 7, value))) == (
        f"the targets are {value} in row 7, column 0, expected finite numbers; correct or drop that row"
    )


def test_opposite_infinities_do_not_hide_each_other():
    both = broken(broken(X, (9, 2), np.inf), (3, 0), -np.inf)
    assert message_of(lambda: data_of(tanh_network(), both)) == (
        "the inputs are -inf in row 3, column 0, expected finite numbers; correct or drop that row"
    )


def test_finite_numbers_whose_sum_overflows_are_let_through():
    huge = np.full((61, 3), 1.7e308)
    assert data_of(tanh_network(), huge).inputs.numbers[0, 0] == 1.7e308


@pytest.mark.parametrize("value", [np.nan, np.inf, -1.0])
def test_weights_that_are_no_weights_are_refused(value):
    with pytest.raises(InputError):
        data_of(tanh_network(), weights=broken(np.ones(61), 5, value))


def test_broken_fractions_of_bins_are_refused():
    network = Network(numbers=0, bins=(4,), hidden=(), outputs=1)
    fractions = broken(np.ones((61, 1)), (2, 0), np.nan)
    inputs = Inputs.of(bins=np.zeros((61, 1)), fractions=fractions, dtype=np.float64)
    with pytest.raises(InputError):
        prepare_data(network, inputs, Y)


# Only that they are refused: training on them would write beyond the weights.
@pytest.mark.parametrize(
    ("shape", "parts"),
    [
        ({"numbers": 0, "categories": (3,)}, {"codes": np.full((61, 1), 3)}),
        ({"numbers": 0, "categories": (3,)}, {"codes": np.full((61, 1), -2)}),
        ({"numbers": 0, "bins": (3,)}, {"bins": np.full((61, 1), 3), "fractions": np.ones((61, 1))}),
        ({"numbers": 0, "bins": (3,)}, {"bins": np.full((61, 1), -1), "fractions": np.ones((61, 1))}),
        ({"numbers": 3}, {"numbers": X[:, :2]}),
        ({"numbers": 3, "categories": (2,)}, {"numbers": X}),
    ],
    ids=["level too high", "level too low", "bin too high", "bin too low", "a number too few", "a category too few"],
)
def test_inputs_that_do_not_fit_the_network_are_refused(shape, parts):
    with pytest.raises(InputError):
        prepare_data(Network(hidden=(), outputs=1, **shape), Inputs.of(**parts, dtype=np.float64), Y)


# Odd batches --------------------------------------------------------------------------------


@pytest.mark.parametrize("weighted", [False, True])
def test_one_row_in_the_last_batch_is_a_whole_step(weighted):
    weights = np.random.default_rng(1).random(61) + 0.1 if weighted else None
    network = tanh_network()
    plan = TrainingConfig("sgd", learning_rate=0.1, epochs=2, batch_size=20, shuffle=False, patience=9)
    found = fitted(network, data_of(network, weights=weights), plan).theta
    theta = network.initial_parameters(1, dtype=np.float64)
    for _ in range(2):
        for rows in (slice(0, 20), slice(20, 40), slice(40, 60), slice(60, 61)):
            part = None if weights is None else weights[rows]
            inputs = Inputs.of(X[rows], dtype=np.float64)
            theta -= 0.1 * reference.error_and_gradient(network, theta, inputs, Y[rows, None], part)[1]
    np.testing.assert_allclose(found, theta, rtol=1e-11, atol=1e-14)


def test_batch_larger_than_the_data_is_the_full_batch():
    network = tanh_network()
    data = data_of(network)
    larger = fitted(network, data, TrainingConfig("momentum", learning_rate=0.01, epochs=7, batch_size=10_000))
    whole = fitted(network, data, TrainingConfig("momentum", learning_rate=0.01, epochs=7, batch_size=61))
    np.testing.assert_array_equal(larger.theta, whole.theta)
    full = fitted(network, data, TrainingConfig("gradient_descent", learning_rate=0.01, epochs=7, batch_size=5)).theta
    plain = fitted(network, data, TrainingConfig("sgd", learning_rate=0.01, epochs=7, batch_size=10_000)).theta
    np.testing.assert_array_equal(full, plain)


def test_one_row_is_enough():
    network = tanh_network()
    trained = fitted(
        network, data_of(network, X[:1], Y[:1]), TrainingConfig(learning_rate=0.1, epochs=200, patience=200)
    )
    assert trained.history.epochs[-1].training_loss < 1e-3


def test_batch_of_weightless_rows_moves_nothing():
    network = tanh_network()
    weights = np.ones(61)
    weights[:20] = 0
    plan = TrainingConfig("adam", learning_rate=0.1, epochs=1, batch_size=20, shuffle=False)
    found = fitted(network, data_of(network, weights=weights), plan)
    assert np.isfinite(found.theta).all()
    assert np.isfinite(found.history.epochs[0].training_loss)
    nothing = TrainingConfig("sgd", learning_rate=0.1, epochs=1, batch_size=20, shuffle=False)
    first = fitted(network, data_of(network, weights=weights), nothing).theta
    without = fitted(network, data_of(network, X[20:], Y[20:]), nothing).theta
    np.testing.assert_allclose(first, without, rtol=1e-13)


# Zeros, width, levels -----------------------------------------------------------------------


def test_all_zero_weights_never_part_the_units():
    # With equal weights all hidden units get equal gradients: only the biases of the output learn at first.
    network = tanh_network()
    data = data_of(network)
    trained = train(
        network, np.zeros(network.parameters), data, TrainingConfig(learning_rate=0.05, epochs=30, batch_size=16)
    )
    (W, b), (V, c) = network.views(trained.theta)
    np.testing.assert_array_equal(W, np.zeros((3, 5)))
    np.testing.assert_array_equal(b, np.zeros(5))
    np.testing.assert_array_equal(V, np.zeros((5, 1)))
    assert c[0] != 0
    assert np.isfinite([record.training_loss for record in trained.history.epochs]).all()
    assert all(np.isfinite(record.update_to_weight_ratios).all() for record in trained.history.epochs)


def test_constant_column_and_constant_target():
    network = tanh_network()
    constant = X.copy()
    constant[:, 1] = 5.0
    trained = fitted(
        network,
        data_of(network, constant, np.full(61, 3.0)),
        TrainingConfig(learning_rate=0.05, epochs=200, patience=200),
    )
    assert trained.history.epochs[-1].training_loss < 1e-3
    validation = data_of(network, constant, np.full(61, 3.0))
    watched = fitted(
        network, data_of(network), TrainingConfig(epochs=3, stopping_criterion="score"), validation=validation
    )
    assert len(watched.history) == 3  # R² of a constant target is very low, but no NaN: nothing diverges


def test_a_hundred_thousand_categories_are_trained_and_only_those_present_change():
    rng = np.random.default_rng(0)
    levels, rows = 100_000, 4_000
    network = Network(numbers=0, categories=(levels,), hidden=(8,), outputs=1, activations=("relu",))
    codes = rng.integers(0, 50, (rows, 1)) * 2_000
    y = rng.normal(size=50)[codes[:, 0] // 2_000]
    start = network.initial_parameters(0)
    plan = TrainingConfig("adamw", learning_rate=0.02, epochs=20, batch_size=32, penalties=Penalties(decay=0.01))
    trained = train(network, start, prepare_data(network, Inputs.of(codes=codes), y), plan)
    assert trained.history.epochs[-1].training_loss < 0.05 * np.var(y)
    before, after = network.views(start)[0][0], network.views(trained.theta)[0][0]
    moved = np.flatnonzero((before != after).any(axis=1))
    np.testing.assert_array_equal(moved, np.unique(codes))


def test_ten_thousand_columns():
    rng = np.random.default_rng(0)
    wide = rng.normal(size=(60, 10_000)).astype(np.float32)
    network = Network(
        numbers=10_000, hidden=(4,), outputs=1, activations=("tanh",), output_activation="sigmoid",
        loss="binary_cross_entropy",
    )  # fmt: skip
    data = prepare_data(network, Inputs.of(wide), (wide[:, 0] > 0).astype(float))
    trained = train(
        network, network.initial_parameters(0), data, TrainingConfig(learning_rate=0.003, epochs=15, batch_size=20)
    )
    assert trained.history.epochs[-1].training_loss < 0.1 < trained.history.epochs[0].training_loss


# Rules --------------------------------------------------------------------------------------


def test_averaging_is_the_moving_average_of_the_weights():
    network = tanh_network()
    data = data_of(network)
    average = network.initial_parameters(1, dtype=np.float64)
    for epoch in range(1, 9):
        plan = TrainingConfig("momentum", learning_rate=0.05, epochs=epoch, batch_size=61, patience=99)
        average += 0.2 * (fitted(network, data, plan).theta - average)
    plan = TrainingConfig("momentum", learning_rate=0.05, epochs=8, batch_size=61, patience=99, ema_decay=0.8)
    found = fitted(network, data, plan)
    np.testing.assert_allclose(found.theta, average, rtol=1e-12)
    watched = fitted(network, data, plan, validation=data)
    assert watched.history.epochs[-1].validation_loss == pytest.approx(mean_loss(network, average, data), rel=1e-12)


def test_clip_bounds_the_step_and_leaves_short_gradients_alone():
    network = tanh_network()
    data, start = data_of(network), network.initial_parameters(1, dtype=np.float64)
    inputs = Inputs.of(X, dtype=np.float64)
    gradient = reference.error_and_gradient(network, start, inputs, Y[:, None])[1]
    length = np.linalg.norm(gradient)
    for share in (0.1, 0.5, 2.0):
        plan = TrainingConfig("sgd", learning_rate=0.3, epochs=1, batch_size=61, clip_norm=share * length)
        step = fitted(network, data, plan).theta - start
        np.testing.assert_allclose(step, -0.3 * min(1, share) * gradient, rtol=1e-10, atol=1e-14)


def test_max_norm_bounds_every_unit():
    network = tanh_network()
    data = data_of(network)
    free = fitted(network, data, TrainingConfig(learning_rate=0.1, epochs=60, batch_size=20, patience=99)).theta
    plan = TrainingConfig(learning_rate=0.1, epochs=60, batch_size=20, patience=99, penalties=Penalties(max_norm=0.7))
    bound = fitted(network, data, plan).theta
    assert max(np.linalg.norm(W, axis=0).max() for W, _ in network.views(free)) > 1
    lengths = np.concatenate([np.linalg.norm(W, axis=0) for W, _ in network.views(bound)])
    assert lengths.max() == pytest.approx(0.7, rel=1e-9)


@pytest.mark.parametrize("watched", [False, True])
@pytest.mark.parametrize("rate", [1e3, 1e6])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_twice_diverged_training_ends_with_the_best_weights_it_had(dtype, rate, watched):
    network = Network(numbers=3, hidden=(), outputs=1)
    data = prepare_data(network, Inputs.of(X, dtype=dtype), Y)
    plan = TrainingConfig("sgd", learning_rate=rate, epochs=300, batch_size=16, patience=300)
    trained = train(network, network.initial_parameters(0, dtype=dtype), data, plan, data if watched else None)
    assert trained.history.stop_reason is StopReason.DIVERGED
    assert trained.history.stop_text == describe_divergence(trained.history.divergences[1])
    assert len(trained.history.notes) == 1
    found, first = (
        mean_loss(network, trained.theta, data),
        mean_loss(network, network.initial_parameters(0, dtype=dtype), data),
    )
    assert found <= first
    if watched:
        losses = [record.validation_loss for record in trained.history.epochs]
        assert found == pytest.approx(np.nanmin([first, *losses]))


def test_history_of_a_diverged_training_survives_json():
    network = Network(numbers=3, hidden=(), outputs=1)
    data = data_of(network)
    plan = TrainingConfig("sgd", learning_rate=1e6, epochs=300, batch_size=16, patience=300)
    history = train(network, network.initial_parameters(0, dtype=np.float64), data, plan, data).history
    assert repr(History.from_dict(json.loads(json.dumps(history.to_dict())))) == repr(history)


# L-BFGS cut short ---------------------------------------------------------------------------


def test_ctrl_c_within_a_line_search_keeps_weights_that_are_no_worse(monkeypatch):
    network = tanh_network(units=12)
    # so steep that its line searches overshoot several times
    data, gradient_of = data_of(network, y=100 * Y), lbfgs.kernels.gradient_of
    losses = []
    for pressed in range(3, 30):  # the first iteration takes two evaluations
        calls = iter(range(pressed))

        def press(*arguments, calls=calls):
            if next(calls, None) is None:
                raise KeyboardInterrupt
            return gradient_of(*arguments)

        monkeypatch.setattr(lbfgs.kernels, "gradient_of", press)
        trained = lbfgs.minimize_lbfgs(
            network, network.initial_parameters(1, dtype=np.float64), data, TrainingConfig("lbfgs", epochs=500)
        )
        assert trained.interrupted
        assert trained.history.stop_text == f"interrupted by Ctrl-C after epoch {len(trained.history)}"
        losses.append(mean_loss(network, trained.theta, data))
        assert losses[-1] <= trained.history.epochs[-1].training_loss * (1 + 1e-9)
    assert losses == sorted(losses, reverse=True)


def test_stop_and_time_limit_end_lbfgs():
    network = tanh_network()
    data = data_of(network)
    trained = lbfgs.minimize_lbfgs(
        network, network.initial_parameters(1, dtype=np.float64), data, TrainingConfig("lbfgs"), stop=lambda: True
    )
    assert len(trained.history) == 1
    assert trained.history.stop_reason is StopReason.STOP_REQUESTED
    hurried = lbfgs.minimize_lbfgs(
        network, network.initial_parameters(1, dtype=np.float64), data, TrainingConfig("lbfgs", time_limit=1e-6)
    )
    assert len(hurried.history) == 1
    assert hurried.history.stop_reason is StopReason.TIME_LIMIT


# Signals ------------------------------------------------------------------------------------

PROBLEM = """
import json, os, signal, sys, time
import numpy as np
from tidynet.engine import History, Inputs, Network, TrainingConfig, prepare_data, train, trainer as training
from tidynet.engine.checkpoint import Checkpoint
from tidynet.engine.data import mean_loss
from tidynet.engine.stop_reason import describe_divergence
from pathlib import Path

rng = np.random.default_rng(0)

def problem(rows):
    X, codes = rng.normal(size=(rows, 4)), rng.integers(0, 5, (rows, 1))
    return Inputs.of(X, codes, dtype=np.float64), np.sin(2 * X[:, 0]) + codes[:, 0] * X[:, 1] + rng.normal(size=rows)

network = Network(numbers=4, categories=(5,), hidden=(16,), outputs=1, activations=("tanh",))
validation = prepare_data(network, *problem(200))
start = network.initial_parameters(2, dtype=np.float64)
"""

INTERRUPTED = """
signal.signal(signal.SIGINT, signal.default_int_handler)
rows, after = int(sys.argv[1]), int(sys.argv[2])
data = prepare_data(network, *problem(rows))
plan = TrainingConfig(learning_rate=0.003, epochs=10**8, batch_size=16, patience=10**9)

def going(seen=[]):
    seen.append(1)
    if len(seen) == after:
        print("going", flush=True)

trained = train(network, start, data, plan, validation, stop=going)
losses = [record.validation_loss for record in trained.history.epochs]
print(json.dumps({
    "interrupted": trained.interrupted, "reason": trained.history.stop_reason, "stopped_at": trained.history.stop.epoch, "epochs": len(losses),
    "clock": int(trained.clock[0]), "best": trained.history.best_epoch, "losses": losses,
    "kept": mean_loss(network, trained.theta, validation), "first": mean_loss(network, start, validation),
}))
"""


def interrupted(script, *arguments):
    """Run a script, send it a real Ctrl-C a moment after it says that it is going; what it printed last."""
    child = subprocess.Popen(
        [sys.executable, "-c", script, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert child.stdout.readline() == "going\n", child.stderr.read()
        time.sleep(0.06)  # into the middle of the next compiled call
        child.send_signal(signal.SIGINT)
        out, error = child.communicate(timeout=60)
    finally:
        child.kill()
        child.wait()
    assert (child.returncode, error) == (0, "")
    return json.loads(out)


# Few rows: hundreds of epochs in one compiled call. Many: one epoch takes several calls.
@pytest.mark.parametrize(("rows", "after"), [(64, 4), (300_000, 2)], ids=["many epochs a call", "many calls an epoch"])
def test_real_ctrl_c_ends_training_with_the_best_weights(rows, after):
    result = interrupted(PROBLEM + INTERRUPTED, str(rows), str(after))
    assert result["interrupted"]
    assert result["reason"] == "interrupted"
    assert result["stopped_at"] in (result["epochs"], result["epochs"] - 1)
    assert result["epochs"] == max(1, result["clock"])  # no epoch that was trained is missing from the history
    assert result["kept"] == pytest.approx(min(result["losses"]), rel=1e-12)
    assert result["best"] == int(np.argmin(result["losses"])) + 1
    assert result["kept"] < result["first"]


RESUMED = """
plans = {
    "adam": TrainingConfig(learning_rate=0.01, epochs=12, batch_size=16, dropout=(0.1, 0.2), ema_decay=0.9, patience=99, seed=3),
    "stopped early": TrainingConfig("nesterov", learning_rate=0.05, epochs=40, batch_size=16, patience=4, schedule="one_cycle"),
    "adaptive": TrainingConfig("sgd", learning_rate=0.2, schedule="adaptive", epochs=14, batch_size=16, patience=1,
                     min_delta=0.02),
    "diverged": TrainingConfig("sgd", learning_rate=3.0, epochs=12, batch_size=16, patience=99),
}
data = prepare_data(network, *problem(203))

def run(name, checkpoint=None, stop=None):
    return train(network, start, data, plans[name], validation, stop=stop, checkpoint=checkpoint)
"""

KILLED = """
training.CALL_SECONDS = 1e-9  # one step a compiled call, so that the kill falls within an epoch
name, path, calls, writing = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4]

def kill(*_, seen=[]):
    seen.append(1)
    if len(seen) == calls:
        os.kill(os.getpid(), signal.SIGKILL)

if writing == "writing":
    os.fsync = kill  # the new checkpoint is written, but has not taken the old one's place
run(name, Checkpoint(path, seconds=0.0), None if writing == "writing" else kill)
"""


@pytest.fixture(scope="module")
def resumable():
    """The training that is killed, as this process sees it."""
    made = {}
    exec(compile(PROBLEM + RESUMED, "the problem", "exec"), made)
    return made


@pytest.mark.parametrize("writing", ["training", "writing"])
@pytest.mark.parametrize("name", ["adam", "stopped early", "adaptive", "diverged"])
def test_killed_training_resumes_to_identical_weights(resumable, tmp_path, name, writing):
    path = tmp_path / "training.npz"
    child = subprocess.run(
        [sys.executable, "-c", PROBLEM + RESUMED + KILLED, name, str(path), "83", writing],
        capture_output=True, timeout=120, check=False,
    )  # fmt: skip
    assert (child.returncode, child.stderr) == (-signal.SIGKILL, b"")
    assert path.exists()
    resumed = resumable["run"](name, Checkpoint(path))
    whole = resumable["run"](name)
    np.testing.assert_array_equal(resumed.theta, whole.theta)
    np.testing.assert_array_equal(resumed.clock, whole.clock)
    assert resumed.history.stop_reason == whole.history.stop_reason
    assert resumed.history.notes == whole.history.notes
    for mine, theirs in zip(resumed.history.epochs, whole.history.epochs, strict=True):
        assert (mine.epoch, mine.learning_rate, mine.is_best) == (theirs.epoch, theirs.learning_rate, theirs.is_best)
        np.testing.assert_equal(mine.training_loss, theirs.training_loss)


def test_the_killed_trainings_are_what_they_are_called(resumable):
    histories = {name: resumable["run"](name).history for name in resumable["plans"]}
    assert histories["adam"].stop_text == "all 12 epochs completed"
    assert histories["stopped early"].stop_text == "the validation loss did not improve for 4 epochs"
    assert len({record.learning_rate for record in histories["adaptive"].epochs}) > 2
    assert histories["diverged"].divergences[0].restarted_from == "initial"
    # 83 calls of one of its 13 steps is the middle of the seventh epoch
    assert all(len(history) >= 7 for history in histories.values())


def test_finished_checkpoint_gives_the_same_weights_again(resumable, tmp_path):
    checkpoint = Checkpoint(tmp_path / "done.npz", epochs=1)
    first = resumable["run"]("adam", checkpoint)
    again = resumable["run"]("adam", checkpoint)
    np.testing.assert_array_equal(again.theta, first.theta)
    assert again.history == first.history


def checkpointed(path, network=None, plan=None, data=None):
    network = network or tanh_network()
    plan = plan or TrainingConfig(epochs=5, batch_size=20)
    return fitted(network, data or data_of(network), plan, checkpoint=Checkpoint(path, epochs=1))


@pytest.mark.parametrize(
    "other",
    [
        {"plan": TrainingConfig(epochs=6, batch_size=20)},
        {"plan": TrainingConfig(epochs=5, batch_size=20, optimizer_options=OptimizerOptions(beta_1=0.8))},
        {"network": tanh_network(units=6)},
        {"data": data_of(tanh_network(), X[:60], Y[:60])},
        {"data": data_of(tanh_network(), X + 1)},
        {"data": data_of(tanh_network(), y=Y + 1)},
        {"data": data_of(tanh_network(), weights=np.linspace(1, 2, 61))},
    ],
    ids=["epochs", "momentum", "network", "rows", "inputs", "targets", "weights"],
)
def test_checkpoint_of_another_training_is_refused(tmp_path, other):
    path = tmp_path / "training.npz"
    checkpointed(path)
    saved = path.read_bytes()
    assert message_of(lambda: checkpointed(path, **other)) == (
        f"the checkpoint '{path}' belongs to another network, configuration or table; remove it, or choose another path"
    )
    assert path.read_bytes() == saved


def test_checkpoint_is_resumed_with_another_number_of_threads(tmp_path):
    path = tmp_path / "training.npz"
    first = checkpointed(path, plan=TrainingConfig(epochs=5, batch_size=20, slices=2, threads=1))
    again = checkpointed(path, plan=TrainingConfig(epochs=5, batch_size=20, slices=2, threads=2))
    np.testing.assert_array_equal(first.theta, again.theta)


@pytest.mark.parametrize(
    "damage",
    [
        lambda whole: whole[:0],
        lambda whole: b"no checkpoint at all, but a text"[: len(whole)],
        lambda whole: whole[: len(whole) // 2],
        lambda whole: whole[:-1],
        lambda whole: whole[:200] + bytes([whole[200] ^ 1]) + whole[201:],
    ],
    ids=["empty", "text", "half", "a byte short", "a bit turned"],
)
def test_damaged_checkpoint_is_refused_in_one_sentence(tmp_path, damage):
    path = tmp_path / "training.npz"
    checkpointed(path)
    path.write_bytes(damage(path.read_bytes()))
    message = message_of(lambda: checkpointed(path), FileReadError)
    assert re.fullmatch(
        rf"'{re.escape(str(path))}' is not a complete checkpoint \([^\n]+\); remove it to start again", message
    )


def test_checkpoint_that_cannot_be_written_says_so(tmp_path):
    path = tmp_path / "no" / "training.npz"
    assert message_of(lambda: checkpointed(path), FileReadError) == (
        f"there is no folder '{path.parent}' for 'training.npz'; create it or choose another path"
    )
