"""A training step number by number: the notes' own examples, the kernel's step, central differences."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from matplotlib.mathtext import MathTextParser

import tidynet as tn
from tidynet.byhand.math_markup import as_latex
from tidynet.byhand.trace import trace_row
from tidynet.engine import OPTIMIZERS, Inputs, Network, OptimizerOptions, Penalties, TrainingConfig, prepare_data
from tidynet.engine import numpy_reference as reference
from tidynet.engine.optimizers import Optimizer
from tidynet.engine.train_network import train
from tidynet.estimators.encoded_batch import encode_batch

WORKED = tn.byhand.manual_network([[0.4, -0.2], [0.1]])
EXERCISE = tn.byhand.manual_network([[[0.5, -0.6], [0.1, -0.2], [0.1, 0.7]], [0.1, -0.3]])


def lines(trace):
    return [" ".join(line.split()) for line in str(trace).splitlines()]


def test_the_notes_worked_example_to_its_printed_digits():
    found = tn.trace(WORKED, [0.1, 0.3], 1)
    hidden, output = found.step.layers
    assert hidden.h.item() == pytest.approx(-0.02)
    assert round(hidden.a.item(), 3) == 0.495
    assert round(output.a.item(), 3) == 0.512
    assert round(output.delta.item(), 3) == 0.122
    assert round(hidden.delta.item(), 3) == 0.003
    assert round(output.weights.step.item(), 4) == 0.0302
    # the notes multiply the δʰ that they have rounded
    assert (0.5 * hidden.delta.round(3) * [0.1, 0.3]).round(5).tolist() == [[0.00015, 0.00045]]


def test_the_notes_worked_example_reads_as_the_notes_print_it():
    written = lines(tn.trace(WORKED, [0.1, 0.3], 1))
    assert "h = Σ w·x = 0.4·0.1 − 0.2·0.3 = −0.02" in written
    assert "a = f(h) = 1/(1 + e⁻ʰ) = 1/(1 + e^(0.02)) = 0.495" in written
    assert "δᵒ = (y − ŷ)·f′(h) = (1 − 0.512)·0.512·(1 − 0.512) = 0.122" in written
    assert "δʰ = W·δᵒ·f′(h) = 0.1·0.122·0.495·(1 − 0.495) = 0.00305" in written
    assert "ΔW[a] = η·δᵒ·a = 0.5·0.122·0.495 = 0.0302" in written
    assert "w[x₁] new = w + Δw = 0.4 + 0.000152 = 0.40015" in written


def test_the_notes_exercise_to_its_printed_digits():
    hidden, output = tn.trace(EXERCISE, [0.5, 0.1, -0.2], 0.6).step.layers
    assert str(output.weights.step[:, 0]) == "[0.00804047 0.00555918]"
    assert str(hidden.weights.step) == (
        "[[ 1.77005547e-04 -5.11178506e-04]\n [ 3.54011093e-05 -1.02235701e-04]\n [-7.08022187e-05  2.04471402e-04]]"
    )


def test_one_unit_of_the_notes():
    unit = tn.byhand.manual_network([[-0.8, 0.5]])
    found = tn.trace(unit, [0.1, 0.3], 0.2)
    assert found.step.layers[0].weights.step[:, 0] == pytest.approx([-0.003963803079006883, -0.011891409237020648])
    assert any(line.startswith("δ = (y − ŷ)·f′(h) = (0.2 − 0.517)·0.517·(1 − 0.517) = ") for line in lines(found))


PENALTIES = Penalties(l1=0.05, l2=0.1)
PLANS = {
    "sgd": TrainingConfig("sgd", learning_rate=0.1),
    "momentum": TrainingConfig("momentum", learning_rate=0.1, penalties=PENALTIES),
    "nesterov": TrainingConfig("nesterov", learning_rate=0.1, optimizer_options=OptimizerOptions(momentum=0.5)),
    "rmsprop": TrainingConfig("rmsprop", learning_rate=0.01),
    "adam": TrainingConfig("adam", learning_rate=0.01, penalties=PENALTIES, dropout=(0.2, 0.3, 0.4)),
    "adamw": TrainingConfig("adamw", learning_rate=0.01, penalties=Penalties(decay=0.1)),
    "clipped": TrainingConfig("sgd", learning_rate=0.1, clip_norm=0.05),
    "bounded": TrainingConfig("sgd", learning_rate=0.1, penalties=Penalties(max_norm=0.5)),
}


@pytest.mark.parametrize("rows", [1, 5])
@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.parametrize("name", PLANS)
def test_steps_are_the_compiled_kernels(name, number, rows):
    rng = np.random.default_rng(4)
    weights = [rng.normal(0, 0.6, shape) for shape in ((3, 4), (4, 3), (3, 2))]
    biases = [rng.normal(0, 0.2, units) for units in (4, 3, 2)]
    plan = replace(
        PLANS[name], batch_size=rows, epochs=number, seed=6, shuffle=False, restore_best_weights=False, patience=1e9
    )
    net = tn.byhand.manual_network(weights, biases, activation=("tanh", "silu"), output="identity", config=plan)
    X, y = rng.normal(size=(rows, 3)), rng.normal(size=(rows, 2))
    found = tn.trace(net, X, y, step=number, seed=6)
    data = prepare_data(net.shape, Inputs.of(X, dtype=np.float64), y)
    earlier = net.theta if number == 1 else last_weights(net, data, replace(plan, epochs=number - 1))
    np.testing.assert_allclose(found.step.theta_before, earlier, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(found.step.theta_after, last_weights(net, data, plan), rtol=1e-9, atol=1e-12)


def last_weights(net, data, plan):
    """Where the compiled training stands after its epochs, whatever the loss there."""
    return train(net.shape, net.theta, data, plan).state.theta


@pytest.mark.parametrize("loss", ["squared_error", "huber", "poisson", "gaussian", "quantile"])
def test_gradients_are_central_differences(loss):
    rng = np.random.default_rng(1)
    outputs = {"gaussian": 2}.get(loss, 1)
    output = {"poisson": "exp"}.get(loss, "identity")
    net = tn.byhand.manual_network(
        [rng.normal(0, 0.5, (2, 3)), rng.normal(0, 0.5, (3, outputs))], [rng.normal(size=3), rng.normal(size=outputs)],
        activation="gelu", output=output, loss=loss, config=TrainingConfig("sgd", learning_rate=0.1, penalties=PENALTIES),
    )  # fmt: skip
    X, y = rng.normal(size=(4, 2)), rng.gamma(2.0, size=(4, 1)) + 0.5
    found = tn.trace(net, X, y)

    def error_at(theta):
        inputs = Inputs.of(X, dtype=np.float64)
        return reference.error_and_gradient(net.shape, theta, inputs, y, penalties=PENALTIES)[0]

    slope = np.empty(net.theta.size)
    for index in range(slope.size):
        change = np.zeros(slope.size)
        change[index] = 1e-6
        slope[index] = (error_at(net.theta + change) - error_at(net.theta - change)) / 2e-6
    np.testing.assert_allclose(found.step.gradient, slope, rtol=1e-5, atol=1e-8)
    assert found.step.error == pytest.approx(error_at(net.theta))
    assert found.step.theta_after - found.step.theta_before == pytest.approx(-0.1 * found.step.gradient)
    assert str(found)


@pytest.fixture(scope="module")
def penguins():
    return tn.read("penguins")


@pytest.fixture(scope="module")
def classifier(penguins):
    model = tn.MLPClassifier(random_state=0, max_iter=4, n_networks=2, hidden_layer_sizes=(16,))
    model.fit(penguins.drop(target="species"), penguins["species"])
    model.record_["target"] = "species"
    return model


def test_a_table_keeps_the_names_of_its_columns(penguins, classifier):
    found = tn.trace(classifier, penguins.drop(target="species"), penguins["species"], row=0, optimizer="sgd")
    written = lines(found.to_text(max_units=12))
    assert "island = Torgersen = 1" in written
    assert any(line.startswith("year = ") for line in written)
    assert any(line.startswith("bill_length_mm 3") for line in written)
    assert any("→ Adelie" in line for line in written)
    assert any("Δw[island = Torgersen → a" in line or "Δb[a" in line for line in written)
    assert any(line.startswith("δᵒ[Gentoo] = y − ŷ = 0 − 0.") for line in written)
    assert "Hidden layer: 38 inputs → 16 units, silu (… 4 more units)" in written
    assert "network 1 of 2" in written[0]


def test_a_traced_row_is_predicted_as_the_model_predicts_it(penguins, classifier):
    X, y = penguins.drop(target="species"), penguins["species"]
    traces = [tn.trace(classifier, X, y, row=5, member=member, dropout=False) for member in (0, 1)]
    mean = np.mean([found.step.predicted[0] for found in traces], axis=0)
    assert mean == pytest.approx(classifier.predict_proba_uncalibrated(X.take([5]))[0], abs=1e-5)
    scales = [note for note in traces[0].notes if note.startswith("predict_proba calibrates")]
    assert len(scales) == (classifier.calibration_["method"] != "none")


def test_a_models_own_step_is_the_kernels(penguins, classifier):
    X, y = penguins.drop(target="species").take([0, 200, 300]), penguins["species"].gather([0, 200, 300])
    found = tn.trace(classifier, X, y)
    batch = encode_batch(classifier, X, y)
    data = prepare_data(classifier.network_, batch.inputs, batch.y.argmax(axis=1))
    plan = replace(
        batch.plan, epochs=1, schedule="constant", batch_size=3, shuffle=False, restore_best_weights=False, seed=0
    )
    theta = classifier.members_[0].astype(np.float64)
    after = train(classifier.network_, theta, data, plan).state.theta
    np.testing.assert_allclose(found.step.theta_after, after, rtol=1e-9, atol=1e-12)
    assert any(found.config.dropout)


def test_a_number_is_traced_in_its_own_scale(penguins):
    table = penguins.frame.drop_nulls()
    model = tn.MLPRegressor(random_state=0, max_iter=3, n_networks=1, hidden_layer_sizes=(4,), preset="tidynet")
    model.fit(table[["bill_length_mm", "sex"]], table["body_mass_g"])
    found = tn.trace(model, table, table["body_mass_g"], row=0)
    assert found.step.y[0, 0] * model.target_scaler.std + model.target_scaler.mean == pytest.approx(3750)
    assert -1 < found.step.y[0, 0] < 0
    assert "y is standardized" in str(found)
    assert found.rows == [{"bill_length_mm": 39.1, "sex": "male"}]


@pytest.mark.parametrize("loss", ["absolute_error", "huber", "quantile", "poisson", "gamma", "gaussian"])
def test_every_loss_is_written(loss):
    X = np.random.default_rng(0).normal(size=(60, 2))
    model = tn.MLPRegressor(loss=loss, random_state=0, max_iter=3, hidden_layer_sizes=(3,), early_stopping=False)
    with pytest.warns(match="after all 3 iterations"):
        model.fit(X, np.exp(X[:, 0]))
    for form in ("text", "markdown", "latex", "html", "json"):
        assert tn.trace(model, X, np.exp(X[:, 0]), row=2).render(form)


@pytest.mark.parametrize(
    "activation", ["identity", "tanh", "relu", "leaky_relu", "elu", "selu", "gelu", "silu", "mish"]
)
def test_every_activation_is_written_and_its_latex_is_mathematics(activation):
    rng = np.random.default_rng(2)
    net = tn.byhand.manual_network(
        [rng.normal(size=shape) for shape in ((2, 3), (3, 2), (2, 3))], activation=activation, output="softmax",
        loss="cross_entropy", inputs=["x & y", "a_b"], config=TrainingConfig("adam", penalties=PENALTIES, dropout=(0, 0.5, 0)),
    )  # fmt: skip
    found = tn.trace(net, [0.3, -0.4], 2, step=2)
    mathematics = MathTextParser("path")
    shapes: dict[str, str] = {}
    for section in found.sections():
        for line in section.lines:
            for part in (line.symbol, line.formula, line.numbers, line.value):
                # matplotlib's parser lacks amsmath's small fraction and the ampersand, nothing else of these
                latex = as_latex(part).replace(r"\tfrac", r"\frac").replace(r"\&", "and")
                # The parser is slow, and lines that differ in digits alone are parsed alike.
                shapes.setdefault(re.sub(r"\d+(\.\d+)?", "1", latex), latex)
    for latex in filter(None, shapes.values()):
        assert mathematics.parse(f"${latex}$"), latex


def test_a_perceptrons_step_is_the_trick():
    X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    model = tn.Perceptron(weight_init=([1.0, 1.0], -0.5), max_epochs=1, learning_rate=0.25).fit(X, [0, 1, 1, 1])
    found = tn.trace(model, [0.0, 1.0], 0)
    assert found.step.theta_after.tolist() == [1.0, 0.75, -0.75]
    written = lines(found)
    assert "δ = y − ŷ = 0 − 1 = −1" in written
    assert "Δw[x₂] = η·δ·x = 0.25·(−1)·1 = −0.25" in written
    assert tn.trace(model, [0.0, 1.0], 1).step.theta_after.tolist() == [1.0, 1.0, -0.5]


def test_a_wide_network_is_written_in_short_form(penguins):
    model = tn.MLPClassifier(random_state=0, max_iter=1, n_networks=1).fit(
        penguins.drop(target="species"), penguins["species"]
    )
    found = tn.trace(model, penguins.drop(target="species"), penguins["species"], row=0)
    written = str(found).splitlines()
    assert len(written) <= 60
    assert written[-1] == (
        "Short form: 1 unit per layer, 3 terms per sum; all units and terms with max_units=128 or --max-units 128"
    )
    whole = found.to_text(max_units=128).splitlines()
    assert len(whole) > 1000
    sums = [line for line in whole if "Σ w⁽²⁾·a + b" in line]
    assert len(sums) == 128
    assert min(line.partition("·a + b")[2].count("·") for line in sums) == 128
    assert not any("Short form" in line or (" more" in line and "weights" not in line) for line in whole)
    assert repr(found).startswith("<Trace: One training step of MLPClassifier; 3 layers, 1 row, E = ")
    assert len(repr(found)) < 100


def test_json_is_whole_where_text_is_short(classifier, penguins):
    found = tn.trace(classifier, penguins.drop(target="species"), penguins["species"], row=0)
    state = json.loads(found.to_json())
    inputs, units = classifier.coefs_[0].shape
    weights = state["step"]["layers"][0]["weights"]["after"]
    assert (len(weights), len(weights[0])) == (inputs, units)
    assert state["rows"][0]["island"] == "Torgersen"
    assert state["step"]["theta_after"] == found.step.theta_after.tolist()


def test_a_batch_is_the_mean_of_its_rows():
    X, y = np.array([[0.1, 0.3], [0.4, -0.2]]), [1.0, 0.0]
    both = tn.trace(WORKED, X, y)
    single = [tn.trace(WORKED, X, y, row=row).step.layers[0].weights.step for row in (0, 1)]
    assert both.step.layers[0].weights.step == pytest.approx(np.mean(single, axis=0))
    assert any("(Σ δʰ·x)/m" in line for line in lines(both))
    weighted = tn.trace(WORKED, X, y, sample_weight=[3, 1]).step.layers[0].weights.step
    assert weighted == pytest.approx(np.average(single, axis=0, weights=[3, 1]))


def test_a_step_with_a_past_shows_it():
    net = tn.byhand.manual_network([[0.4, -0.2]], config=TrainingConfig("momentum", learning_rate=0.5))
    first, second = (tn.trace(net, [0.1, 0.3], 1, step=number) for number in (1, 2))
    assert first.step.layers[0].weights.state_before[0].tolist() == [[0], [0]]
    assert second.step.layers[0].weights.state_before[0] == pytest.approx(first.step.layers[0].weights.step)
    assert any(line.startswith("v[x₁] = β·v − η·g = 0.9·") for line in lines(second))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"row": 344}, "row is 344, expected a row number from 0 to 343"),
        ({"member": 2}, "member is 2, expected a network from 0 to 1"),
        ({"step": 0}, "step is 0, expected a whole number from 1"),
        ({"optimizer": "adamm"}, "did you mean 'adam"),
    ],
)
def test_errors_are_named(penguins, classifier, change, message):
    with pytest.raises(tn.InputError, match=message):
        tn.trace(classifier, penguins.drop(target="species"), penguins["species"], **({"row": 0} | change))


def test_what_cannot_be_traced_is_named(penguins, classifier):
    X, y = penguins.drop(target="species"), penguins["species"]
    with pytest.raises(tn.InputError, match="this MLPClassifier is not fitted"):
        tn.trace(tn.MLPClassifier(), X, y, row=0)
    with pytest.raises(tn.InputError, match=r"the table has no column .island., which the model was trained on"):
        tn.trace(classifier, X.frame.drop("island"), y, row=0)
    with pytest.raises(tn.InputError, match="the class 'Emperor' is unknown"):
        tn.trace(classifier, X.take([0]), ["Emperor"])
    with pytest.raises(tn.InputError, match="the model is a dict, expected an MLPClassifier"):
        tn.trace({}, X, y)
    with pytest.raises(tn.InputError, match="did you mean 'latex'"):
        tn.trace(WORKED, [0.1, 0.3], 1).render("latx")
    with pytest.raises(tn.InputError, match="the weights of layer 2 have 1 row, expected 2"):
        tn.byhand.manual_network([[[0.5, -0.6]], [0.1]])


def test_a_row_of_a_table_with_a_target_is_found_by_its_number(penguins, classifier):
    found = trace_row(classifier, penguins, 1)
    assert found.targets == ["Adelie"]
    for row in (0, 345):
        with pytest.raises(tn.InputError, match=f"row is {row}, expected a row of 'penguins' from 1 to 344"):
            trace_row(classifier, penguins, row)
    with pytest.raises(tn.InputError, match="the target 'species' is not a column"):
        trace_row(classifier, penguins.drop(target="species"), 1)


def test_weights_of_categories_without_rows_do_not_change():
    network = Network(numbers=1, categories=(3,), hidden=(), outputs=1)
    theta = np.arange(1.0, network.parameters + 1)
    from tidynet.byhand.training_step import compute_training_step

    X = np.array([[0.5, 1.0, 0.0, 0.0]])
    plan = TrainingConfig("momentum", learning_rate=0.1, penalties=Penalties(l2=1.0))
    step = compute_training_step(network, theta, X, np.array([[1.0]]), plan, names=(("x", "a", "b", "c"), ("y",)))
    moved = step.layers[0].weights.step[:, 0] != 0
    assert moved.tolist() == [True, True, False, False]


def test_odd_names_survive_every_format():
    frame = pl.DataFrame({"a_b & <c>": [0.1, 0.5, 0.9] * 20, "“q” | $x$": [1.0, 2.0, 4.0] * 20})
    model = tn.MLPRegressor(random_state=0, max_iter=2, n_networks=1, hidden_layer_sizes=(2,)).fit(
        frame, np.arange(60.0)
    )
    found = tn.trace(model, frame, np.arange(60.0), row=1)
    assert "a_b & <c>" in found.to_text()
    assert r"\text{a\_b \& \textless{}c\textgreater{}}" in found.to_latex()
    assert "a_b &amp; &lt;c&gt;" in found.to_html()
    assert "<c>" not in found.to_html()


@pytest.mark.parametrize("name", sorted(set(OPTIMIZERS) - {"lbfgs"}))
def test_every_optimizer_of_the_registry_is_written_as_it_steps(name):
    found = tn.trace(WORKED, [0.1, 0.3], 1, optimizer=name, learning_rate=0.5)
    state, options = np.zeros((OPTIMIZERS[name].n_vectors, 3)), found.config.optimizer_options
    moved = OPTIMIZERS[name].step(found.step.theta_before, found.step.gradient, state, found.step.rate, 1, options)
    np.testing.assert_allclose(found.step.theta_after - found.step.theta_before, moved, rtol=1e-6)
    assert str(found).count("\nUpdate of the ") == 2


def test_a_new_optimizer_needs_only_its_row_to_be_traced(monkeypatch: pytest.MonkeyPatch):
    def step(w, g, state, rate, t, options):
        state[0] += options.beta_1 * g
        return -rate * np.sign(state[0])

    texts = (("u + β₁·g", "{u} + {beta_1}·{g_}"), ("−η·sign u", "−{eta}·sign {u_}"))
    row = Optimizer("sign", 9, step, "", texts, ("u",))
    monkeypatch.setitem(OPTIMIZERS, "sign", row)
    found = lines(tn.trace(WORKED, [0.1, 0.3], 1, optimizer="sign", learning_rate=0.5))
    g = next(line.rpartition(" = ")[2] for line in found if line.startswith("g[x₁"))
    assert any(line.startswith("u[x₁") and f"= u + β₁·g = 0 + 0.9·({g}) = −" in line for line in found)
    assert any(line.startswith("Δw[x₁") and "= −η·sign u = −0.5·sign (−" in line for line in found)
