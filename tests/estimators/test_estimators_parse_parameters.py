"""Choices of training as text."""

import pytest

import tidynet as tn
from tidynet.core.errors import InputError
from tidynet.estimators.parse_parameters import parse_parameters

KNOWN = tn.MLPClassifier().get_params(deep=False)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hidden_layer_sizes=64,32", (64, 32)),
        ("hidden_layer_sizes=64", (64,)),
        ("hidden_layer_sizes=none", ()),
        ("activation=tanh", "tanh"),
        ("activation=tanh,relu", ("tanh", "relu")),
        ("dropout = 0.2", 0.2),
        ("dropout=0.1,0.2", (0.1, 0.2)),
        ("n_networks=2", 2),
        ("early_stopping=false", False),
        ("class_weight=balanced", "balanced"),
        ("quantiles=0.1,0.9", (0.1, 0.9)),
        ("weight_init=lecun", "lecun"),
        ("alpha=1e-3", 0.001),
        ("solver=auto", "auto"),
    ],
)
def test_texts_become_values(text, expected):
    assert parse_parameters([text], KNOWN) == {text.split("=")[0].strip(): expected}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("dropout", "--set is 'dropout', expected NAME=VALUE; try --set dropout=0.2"),
        ("dropuot=1", "--set has no parameter 'dropuot'; did you mean 'dropout'?"),
        ("dropout=much", "--set dropout is 'much', expected a number"),
        ("random_state=1", "--set does not support 'random_state'; use --seed"),
    ],
)
def test_mistakes_are_one_clear_sentence(text, message):
    with pytest.raises(InputError) as caught:
        parse_parameters([text], KNOWN)
    assert str(caught.value) == message


def train(tmp_path, table, target, *choices):
    from tidynet.workflow import TrainOptions, run

    options = TrainOptions(
        target, tmp_path / "out", max_epochs=6, hyperparameters=("n_networks=1", "hidden_layer_sizes=8", *choices)
    )
    return run(table, options)


@pytest.mark.parametrize(
    "choices",
    [
        ("activation=gelu", "solver=sgd", "learning_rate=one_cycle", "label_smoothing=0.1", "class_weight=balanced"),
        ("solver=lbfgs", "l1=0.001"),
        ("hidden_layer_sizes=none", "solver=rmsprop", "gradient_clip_norm=1", "ema_decay=0.9"),
        (
            "dropout=0.1,0.2",
            "max_norm=2",
            "early_stopping_metric=score",
            "weight_init=lecun",
            "dtype=float64",
            "n_bins=0",
        ),
    ],
)
def test_every_kind_of_choice_reaches_the_training_of_classes(tmp_path, choices):
    done = train(tmp_path, "penguins", "species", *choices)
    assert (tmp_path / "out" / "report.html").exists()
    assert tn.load(tmp_path / "out" / "model.tidynet").predict(done.table.frame).shape == (len(done.table),)


@pytest.mark.parametrize("loss", ["huber", "absolute_error", "quantile", "gaussian", "poisson", "gamma"])
def test_every_loss_of_numbers_reaches_the_command(tmp_path, loss):
    done = train(tmp_path, "penguins", "body_mass_g", f"loss={loss}")
    assert done.evaluation.task == "regression"
    assert tn.load(tmp_path / "out" / "model.tidynet").predict_point(done.table.frame).shape == (len(done.table),)


def test_a_bad_choice_is_refused_before_anything_is_written(tmp_path):
    with pytest.raises(InputError) as caught:
        train(tmp_path, "penguins", "species", "activation=rellu")
    assert str(caught.value) == "the activation 'rellu' is unknown; did you mean 'relu'?"
    assert not (tmp_path / "out").exists()
