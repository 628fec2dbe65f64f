"""What a training is said to have been like: each rule on a network really trained to show it."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

import tidynet as tn
from tidynet.engine import Network, StopReason
from tidynet.estimators.training_diagnosis import RULES, diagnose, training_statistics
from tidynet.estimators.training_statistics import TrainingStatistics, baseline_loss

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

RNG = np.random.default_rng(0)
SQUARE = RNG.uniform(-1, 1, (400, 2))
NOISE = RNG.normal(size=400)
CROSSED = (SQUARE[:, 0] * SQUARE[:, 1] > 0).astype(int)  # not linearly separable


def classifier(X=SQUARE, y=CROSSED, **parameters):
    return tn.MLPClassifier(**{"random_state": 0, "learning_rate_init": 0.01, **parameters}).fit(X, y)


def underfitted():
    return classifier(hidden_layer_sizes=(), max_iter=100)


def without_a_relation():
    return tn.MLPRegressor(hidden_layer_sizes=(4,), learning_rate_init=0.01, random_state=0).fit(SQUARE, NOISE)


def overfitted():
    X = np.random.default_rng(1).normal(size=(80, 20))
    y = (X[:, 0] + np.random.default_rng(2).normal(0, 1.5, 80) > 0).astype(int)
    return classifier(
        X, y, hidden_layer_sizes=(64,), max_iter=300, early_stopping=True, n_iter_no_change=1000, early_stopping_metric="loss",
        validation_fraction=0.3,
    )  # fmt: skip


def diverged():
    model = tn.MLPRegressor(hidden_layer_sizes=(8,), solver="sgd", learning_rate_init=5.0, max_iter=50, random_state=0)
    return model.fit(SQUARE, 10 * SQUARE[:, 0])


def oscillated():
    return classifier(hidden_layer_sizes=(32,), learning_rate_init=3.0, max_iter=50, batch_size=32, n_iter_no_change=99)


def vanished():
    return classifier(hidden_layer_sizes=(16,) * 7, activation="logistic", learning_rate_init=0.001, max_iter=30)


def started(biases, factor=1.0, **parameters):
    """A network of 20 hidden units whose biases are put far off."""
    rng = np.random.default_rng(3)
    coefs = [factor * rng.normal(0, 0.7, (2, 20)), rng.normal(0, 0.4, (20, 1))]
    return classifier(hidden_layer_sizes=(20,), weight_init=(coefs, [biases, np.zeros(1)]), max_iter=60, **parameters)


def died():
    return started(np.r_[np.full(14, -9.0), np.zeros(6)])


def saturated():
    return started(np.full(20, 12.0), activation="tanh")


def disagreed():
    return classifier(
        hidden_layer_sizes=(3,), n_networks=6, learning_rate_init=0.02, max_iter=300, n_iter_no_change=300
    )


def unfinished():
    return classifier(hidden_layer_sizes=(32,), max_iter=15, learning_rate_init=0.005)


def well():
    return classifier(hidden_layer_sizes=(32,), max_iter=300, early_stopping=True, early_stopping_metric="loss")


SHOWN = {
    "underfitting": (underfitted, r"The network underfits: its training loss is 0\.\d+, that of the best constant prediction 0\.\d+ →"),
    "overfitting": (overfitted, r"The network overfits from epoch \d+ on: .* rises from 0\.\d+ to \d\.\d+"),
    "diverging-loss": (diverged, r"The learning rate of 5 is too high: the loss diverged in epoch \d+ → try learning_rate_init=0\.5\."),
    "oscillating-loss": (oscillated, r"The learning rate of 3 is too high: the training loss oscillates → try learning_rate_init=0\.3\."),
    "vanishing-gradients": (vanished, r"The gradients vanish in hidden layers 1 to \d \(sigmoid\): .* try activation='relu'"),
    "dead-units": (died, r"\d\d% of the units of hidden layer 1 are dead: .* activation='leaky_relu'"),
    "networks-disagree": (disagreed, r"The 6 networks disagree: .* try ensemble='best'"),
    "still-improving": (unfinished, r"The network still improved after 15 epochs → try a larger max_iter"),
}  # fmt: skip


def test_every_rule_has_a_network_that_shows_it():
    assert {rule.code for rule in RULES} == set(SHOWN)


@pytest.mark.parametrize("name", SHOWN)
def test_what_happened_is_said_and_what_to_try(name):
    make, said = SHOWN[name]
    model = make()
    assert name in [finding.code for finding in diagnose(training_statistics(model))]
    text = model.explain_training()
    assert re.search(said, text), text
    assert 2 <= len(re.findall(r"[a-z.\d')]\.(?: |$)", text)) <= 4, text


def test_the_epoch_from_which_it_overfits_is_the_one_kept():
    model = overfitted()
    assert f"overfits from epoch {model.history_.best_epoch} on" in model.explain_training()


def test_a_training_that_early_stopping_ended_in_time_needs_no_advice():
    from sklearn.datasets import load_diabetes

    data = load_diabetes(as_frame=True)
    model = tn.MLPRegressor(random_state=0).fit(data.data, data.target)
    assert diagnose(training_statistics(model)) == []
    assert "early stopping prevented overfitting after" in model.explain_training()


def test_a_training_without_a_problem_is_reported_too():
    model = well()
    assert diagnose(training_statistics(model)) == []
    assert "No problem found" in model.explain_training()


def test_a_default_network_on_a_table_is_well():
    table = tn.read("penguins")
    model = tn.MLPClassifier(random_state=0, n_networks=4)
    model.fit(table.drop(target="species"), table["species"])
    text = model.explain_training()
    assert text.startswith("The 4 networks trained for ")
    assert "No problem found" in text


def test_noise_that_nothing_can_learn_is_underfitted():
    assert "do not predict the target" in without_a_relation().explain_training()


def test_squashing_units_are_called_saturated():
    facts = training_statistics(saturated())
    assert any("are saturated" in str(finding) for finding in diagnose(facts))


def test_a_cause_hides_what_it_explains():
    names = [finding.code for finding in diagnose(training_statistics(vanished()))]
    assert "underfitting" not in names


def test_a_loaded_model_explains_itself_in_the_same_words(tmp_path):
    model = underfitted()
    model.save(tmp_path / "model.tidynet")
    assert tn.load(tmp_path / "model.tidynet").explain_training() == model.explain_training()


def test_lbfgs_and_partial_fit_are_explained_too():
    assert classifier(solver="lbfgs", hidden_layer_sizes=(8,), max_iter=50).explain_training()
    model = tn.MLPRegressor(random_state=0).partial_fit(SQUARE, SQUARE[:, 0])
    assert "trained for 1 epoch:" in model.explain_training()


def test_an_unfitted_model_says_so():
    from sklearn.exceptions import NotFittedError

    with pytest.raises(NotFittedError):
        tn.MLPClassifier().explain_training()


@pytest.mark.parametrize(
    ("loss", "output", "outputs", "y", "expected"),
    [
        ("cross_entropy", "softmax", 3, np.array([0, 1, 2]), np.log(3)),
        ("binary_cross_entropy", "sigmoid", 1, np.array([0, 1]), np.log(2)),
        ("squared_error", "identity", 1, np.array([0.0, 2.0]), 0.5),
        ("absolute_error", "identity", 1, np.array([0.0, 2.0]), np.nan),
    ],
)
def test_the_loss_of_a_constant(loss, output, outputs, y, expected):
    network = Network(numbers=1, hidden=(), outputs=outputs, output_activation=output, loss=loss)
    assert baseline_loss(network, y) == pytest.approx(expected, nan_ok=True)
    assert baseline_loss(network, y, np.ones(len(y))) == pytest.approx(expected, nan_ok=True)


def test_networks_that_stopped_at_other_epochs_do_not_disagree():
    fell = 0.7 * np.exp(-np.arange(40) / 15)
    lengths = (13, 40, 25)
    facts = TrainingStatistics(
        training=[fell[:length] for length in lengths],
        validation=[fell[:length] + 0.1 for length in lengths],
        best=[9, 36, 21],
        gradients=[np.ones((length, 2)) for length in lengths],
        dead_unit_shares=[np.zeros((length, 1)) for length in lengths],
        baseline_loss=0.69,
        activations=("relu",),
        learning_rate=0.001,
        last_batch=32,
        stop_reasons=[StopReason.NO_IMPROVEMENT] * 3,
        divergences=[],
    )
    assert "networks-disagree" not in [finding.code for finding in diagnose(facts)]
    stuck = replace(facts, training=[np.full(13, 0.69), *facts.training[1:]])
    assert "networks-disagree" in [finding.code for finding in diagnose(stuck)]
