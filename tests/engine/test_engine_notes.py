"""The course notes' own numbers, from the plain NumPy reference and from the compiled engine."""

import numpy as np
import pandas as pd
import pytest

from tidynet.engine import Inputs, Network, TrainingConfig, prepare_data, train
from tidynet.engine import numpy_reference as reference
from tidynet.engine.stop_reason import Divergence, describe_divergence

ENGINES = ["sgd", "gradient_descent"]


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def notes_network(inputs, hidden=()):
    return Network(
        numbers=inputs, hidden=hidden, outputs=1, activations=("sigmoid",) * len(hidden), use_bias=False,
        output_activation="sigmoid", loss="squared_error",
    )  # fmt: skip


def passes(network, layers, x, y):
    """Forward and backward of one record in the reference, δ with the notes' sign."""
    theta = network.flatten([(W, None) for W in layers], np.float64)
    seen = reference.forward(network, theta, np.array([x]))
    found = reference.backward(network, theta, seen, np.array([[y]]))
    return seen, [-delta[0] for delta in found.delta], [-W for W, _ in network.views(found.gradient)]


def steps(network, layers, x, y, learning_rate, optimizer):
    """The weight steps ΔW that the compiled engine makes for one record."""
    theta = network.flatten([(W, None) for W in layers], np.float64)
    data = prepare_data(network, Inputs.of(np.array([x]), dtype=np.float64), np.array([y]))
    plan = TrainingConfig(optimizer, learning_rate=learning_rate, epochs=1, batch_size=1)
    return [W for W, _ in network.views(train(network, theta, data, plan).theta - theta)]


ONE_UNIT = ([[-0.8], [0.5]],), [0.1, 0.3], 0.2
# what the notes' own lines give: learnrate * error_term * x
ONE_UNIT_STEP = [-0.003963803079006883, -0.011891409237020648]


def test_one_unit_step_of_the_reference():
    layers, x, y = ONE_UNIT
    seen, (delta,), (slope,) = passes(notes_network(2), layers, x, y)
    assert seen.h[0].item() == pytest.approx(0.07, rel=1e-14)
    assert seen.predicted.item() == pytest.approx(sigmoid(0.07), rel=1e-14)
    assert delta.item() == pytest.approx((0.2 - sigmoid(0.07)) * sigmoid(0.07) * (1 - sigmoid(0.07)), rel=1e-12)
    np.testing.assert_allclose(0.5 * slope[:, 0], ONE_UNIT_STEP, rtol=1e-12)


@pytest.mark.parametrize("optimizer", ENGINES)
def test_one_unit_step_of_the_engine(optimizer):
    layers, x, y = ONE_UNIT
    (step,) = steps(notes_network(2), layers, x, y, 0.5, optimizer)
    np.testing.assert_allclose(step[:, 0], ONE_UNIT_STEP, rtol=1e-12)


WORKED = ([[0.4], [-0.2]], [[0.1]]), [0.1, 0.3], 1.0


def test_worked_example_to_the_printed_digits():
    layers, x, y = WORKED
    seen, (delta_hidden, delta_output), (slope_hidden, slope_output) = passes(notes_network(2, (1,)), layers, x, y)
    printed = [(seen.h[0], 2, -0.02), (seen.a[0], 3, 0.495), (seen.predicted, 3, 0.512), (delta_output, 3, 0.122),
               (delta_hidden, 3, 0.003), (0.5 * slope_output, 4, 0.0302)]  # fmt: skip
    assert [round(found.item(), digits) for found, digits, _ in printed] == [number for _, _, number in printed]
    # The notes multiply the δʰ that they have rounded to 0.003; the exact second step rounds to 0.00046.
    assert [round(0.5 * round(delta_hidden.item(), 3) * value, 5) for value in x] == [0.00015, 0.00045]
    np.testing.assert_allclose(slope_hidden[:, 0], delta_hidden.item() * np.array(x), rtol=1e-14)


@pytest.mark.parametrize("optimizer", ENGINES)
def test_worked_example_of_the_engine(optimizer):
    layers, x, y = WORKED
    step_hidden, step_output = steps(notes_network(2, (1,)), layers, x, y, 0.5, optimizer)
    assert round(step_output.item(), 4) == 0.0302
    # from the steps back to δʰ, and from its printed digits to the printed steps
    delta_hidden = step_hidden[:, 0] / (0.5 * np.array(x))
    assert delta_hidden.round(3).tolist() == [0.003, 0.003]
    assert (0.5 * delta_hidden.round(3) * x).round(5).tolist() == [0.00015, 0.00045]
    _, _, (slope_hidden, slope_output) = passes(notes_network(2, (1,)), layers, x, y)
    np.testing.assert_allclose(step_hidden, 0.5 * slope_hidden, rtol=1e-11)
    np.testing.assert_allclose(step_output, 0.5 * slope_output, rtol=1e-12)


EXERCISE = ([[0.5, -0.6], [0.1, -0.2], [0.1, 0.7]], [[0.1], [-0.3]]), [0.5, 0.1, -0.2], 0.6
EXERCISE_OUTPUT = "[0.00804047 0.00555918]"
EXERCISE_HIDDEN = "[[ 1.77005547e-04 -5.11178506e-04]\n [ 3.54011093e-05 -1.02235701e-04]\n [-7.08022187e-05  2.04471402e-04]]"  # fmt: skip


def test_backpropagation_exercise_of_the_reference():
    layers, x, y = EXERCISE
    _, _, (slope_hidden, slope_output) = passes(notes_network(3, (2,)), layers, x, y)
    assert str(0.5 * slope_output[:, 0]) == EXERCISE_OUTPUT
    assert str(0.5 * slope_hidden) == EXERCISE_HIDDEN


@pytest.mark.parametrize("optimizer", ENGINES)
def test_backpropagation_exercise_of_the_engine(optimizer):
    layers, x, y = EXERCISE
    step_hidden, step_output = steps(notes_network(3, (2,)), layers, x, y, 0.5, optimizer)
    assert str(step_output[:, 0]) == EXERCISE_OUTPUT
    assert str(step_hidden) == EXERCISE_HIDDEN


EPOCHS, RATE = 900, 0.005


@pytest.fixture(scope="module")
def admissions(shared_data):
    """(features, targets, features_test, targets_test) as the course's data_prep.py makes them."""
    path = shared_data / "admissions.csv"
    if not path.exists():
        pytest.skip(f"needs {path}, which is not there")
    table = pd.read_csv(path)
    data = pd.concat([table, pd.get_dummies(table["rank"], prefix="rank", dtype=float)], axis=1).drop(columns="rank")
    for name in ("gre", "gpa"):
        data[name] = (data[name] - data[name].mean()) / data[name].std()
    sample = np.random.RandomState(21).choice(data.index, size=int(len(data) * 0.9), replace=False)
    training, test = data.loc[sample], data.drop(sample)
    return [part for rows in (training, test) for part in (rows.drop(columns="admit").to_numpy(), rows["admit"].to_numpy(float))]  # fmt: skip


def notes_weights(features):
    """np.random.seed(21) and the notes' two draws."""
    rng = np.random.RandomState(21)
    scale = 1 / features.shape[1] ** 0.5
    return rng.normal(scale=scale, size=(features.shape[1], 2)), rng.normal(scale=scale, size=2)


def predict(features, hidden, output):
    return sigmoid(sigmoid(features @ hidden) @ output)


@pytest.fixture(scope="module")
def notes_run(admissions):
    """The notes' loop in plain NumPy, all records of an epoch at once: weights and loss after each epoch."""
    features, targets = admissions[:2]
    hidden, output = notes_weights(features)
    losses = []
    for _ in range(EPOCHS):
        a = sigmoid(features @ hidden)
        predicted = sigmoid(a @ output)
        output_term = (targets - predicted) * predicted * (1 - predicted)
        hidden_term = np.outer(output_term, output) * a * (1 - a)
        output = output + RATE * output_term @ a / len(targets)
        hidden = hidden + RATE * features.T @ hidden_term / len(targets)
        losses.append(np.mean((predict(features, hidden, output) - targets) ** 2))
    return hidden, output, losses


def test_notes_loop_spelt_record_by_record_is_the_same(admissions):
    """Three epochs of the loop as the notes print it hold the faster one of `notes_run` to it."""
    features, targets = admissions[:2]
    first_hidden, first_output = notes_weights(features)
    hidden, output = first_hidden.copy(), first_output.copy()
    network = notes_network(6, (2,))
    theta = network.flatten([(hidden, None), (output[:, None], None)], np.float64)
    for _ in range(3):
        step_hidden, step_output = np.zeros_like(hidden), np.zeros_like(output)
        for x, y in zip(features, targets, strict=True):
            a = sigmoid(np.dot(x, hidden))
            predicted = sigmoid(np.dot(a, output))
            output_term = (y - predicted) * predicted * (1 - predicted)
            hidden_term = np.dot(output_term, output) * a * (1 - a)
            step_output += output_term * a
            step_hidden += hidden_term * x[:, None]
        hidden += RATE * step_hidden / len(targets)
        output += RATE * step_output / len(targets)
        theta -= RATE * reference.error_and_gradient(network, theta, Inputs.of(features, dtype=np.float64), targets[:, None])[1]  # fmt: skip
    (found_hidden, _), (found_output, _) = network.views(theta)
    np.testing.assert_allclose(found_hidden, hidden, rtol=0, atol=1e-15)
    np.testing.assert_allclose(found_output[:, 0], output, rtol=0, atol=1e-15)
    assert np.abs(hidden - first_hidden).max() > 1e-6


def test_admissions_run_of_the_reference(admissions, notes_run):
    features, targets, features_test, targets_test = admissions
    network = notes_network(6, (2,))
    hidden, output = notes_weights(features)
    theta, inputs = network.flatten([(hidden, None), (output[:, None], None)], np.float64), Inputs.of(features, dtype=np.float64)  # fmt: skip
    for _ in range(EPOCHS):
        theta -= RATE * reference.error_and_gradient(network, theta, inputs, targets[:, None])[1]
    (found_hidden, _), (found_output, _) = network.views(theta)
    np.testing.assert_allclose(found_hidden, notes_run[0], rtol=0, atol=1e-10)
    np.testing.assert_allclose(found_output[:, 0], notes_run[1], rtol=0, atol=1e-10)
    assert np.mean((predict(features_test, found_hidden, found_output[:, 0]) > 0.5) == targets_test) == 0.725


@pytest.mark.parametrize("optimizer", ENGINES)
def test_admissions_run_of_the_engine(admissions, notes_run, optimizer):
    features, targets, features_test, targets_test = admissions
    network = notes_network(6, (2,))
    hidden, output = notes_weights(features)
    theta = network.flatten([(hidden, None), (output[:, None], None)], np.float64)
    data = prepare_data(network, Inputs.of(features, dtype=np.float64), targets)
    plan = TrainingConfig(optimizer, learning_rate=RATE, epochs=EPOCHS, batch_size=len(targets), patience=EPOCHS)
    trained = train(network, theta, data, plan)
    assert trained.history.stop_text == "all 900 epochs completed"
    (found_hidden, _), (found_output, _) = network.views(trained.theta)
    np.testing.assert_allclose(found_hidden, notes_run[0], rtol=0, atol=1e-10)
    np.testing.assert_allclose(found_output[:, 0], notes_run[1], rtol=0, atol=1e-10)
    predicted = predict(features_test, found_hidden, found_output[:, 0])
    assert np.mean((predicted > 0.5) == targets_test) == 0.725
    # The engine's loss is the notes' ½Σ(y − ŷ)² over m, before the epoch's step; `notes_run` measures after it.
    losses = 2 * np.array([record.training_loss for record in trained.history.epochs])
    np.testing.assert_allclose(losses[1:], notes_run[2][:-1], rtol=1e-11)


def test_admissions_losses_are_over_all_records(notes_run):
    # The notes' own loop prints other numbers: there `hidden_output` comes from `x`, which is by then the last
    # record alone, so its "train loss" compares one prediction with every target.
    losses = notes_run[2]
    assert f"{losses[0]:.6f}" == "0.268560"
    assert f"{losses[810]:.6f}" == "0.254414"


@pytest.mark.parametrize(
    ("loss", "restarted_from", "text"),
    [
        (
            2.5e7,
            "best",
            "the loss diverged in epoch 4 (2.5e+07, more than a million times the first): the learning rate is probably "
            "too high; training restarted from the best weights with a tenth of it",
        ),
        (float("inf"), "", "the loss diverged in epoch 4: the learning rate is probably too high"),
        (float("nan"), "", "the loss diverged in epoch 4: the learning rate is probably too high"),
    ],
)
def test_a_divergence_is_one_sentence(loss, restarted_from, text):
    assert describe_divergence(Divergence(4, loss, 1e6, restarted_from)) == text


def test_defaults_of_a_training():
    config = TrainingConfig()
    assert (config.seed, config.restore_best_weights, config.shuffle, config.evaluations) == (0, True, True, 15_000)
    assert Network(numbers=1, hidden=(), outputs=1).use_bias
