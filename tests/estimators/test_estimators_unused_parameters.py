"""A parameter that would do nothing is refused; scikit-learn's own stay silent, as there."""

import warnings

import numpy as np
import pandas as pd
import pytest

import tidynet as tn
from tidynet.core.errors import InputError
from tidynet.engine import CustomLoss
from tidynet.estimators.training_settings import resolve_settings

X = np.random.default_rng(0).normal(size=(80, 3))
Y = X[:, 0]
HALF_SQUARE = CustomLoss(lambda y, p: ((y - p) ** 2).sum(axis=1) / 2, lambda y, p: p - y)


@pytest.mark.parametrize(
    ("preset", "given", "name"),
    [
        ("tidynet", {"lr_decay_factor": 0.5}, "lr_decay_factor"),
        ("tidynet", {"lr_decay_epochs": 3, "learning_rate": "adaptive"}, "lr_decay_epochs"),
        ("tidynet", {"warmup_fraction": 0.2, "learning_rate": "step"}, "warmup_fraction"),
        ("scikit-learn", {"warmup_fraction": 0.2}, "warmup_fraction"),
        ("tidynet", {"checkpoint_seconds": 5}, "checkpoint_seconds"),
        ("tidynet", {"checkpoint_epochs": 5}, "checkpoint_epochs"),
        ("tidynet", {"huber_delta": 2.0}, "huber_delta"),
        ("tidynet", {"huber_delta": 2.0, "loss": "absolute_error"}, "huber_delta"),
        ("tidynet", {"quantiles": (0.1, 0.9), "loss": HALF_SQUARE}, "quantiles"),
        ("tidynet", {"validation_folds": 4, "early_stopping": False}, "validation_folds"),
        ("scikit-learn", {"validation_folds": 4}, "validation_folds"),
        ("tidynet", {"validation_folds": 4, "solver": "lbfgs"}, "validation_folds"),
        ("tidynet", {"early_stopping_metric": "score", "early_stopping": False}, "early_stopping_metric"),
        ("scikit-learn", {"early_stopping_metric": "loss"}, "early_stopping_metric"),
        ("scikit-learn", {"ensemble": "best"}, "ensemble"),
        ("tidynet", {"ensemble": "best", "n_networks": 1}, "ensemble"),
        ("tidynet", {"dropout": 0.3, "hidden_layer_sizes": ()}, "dropout"),
        ("scikit-learn", {"effort": "balanced"}, "effort"),
    ],
)
def test_a_parameter_that_does_nothing_is_refused(preset, given, name):
    with pytest.raises(InputError, match=f"^{name} is "):
        resolve_settings(given, preset, 500)


@pytest.mark.parametrize(
    ("preset", "given"),
    [
        ("tidynet", {"lr_decay_factor": 0.5, "learning_rate": "adaptive"}),
        ("tidynet", {"lr_decay_epochs": 3, "learning_rate": "exponential"}),
        ("tidynet", {"warmup_fraction": 0.2}),
        ("tidynet", {"checkpoint_seconds": 5, "checkpoint_path": "x"}),
        ("tidynet", {"huber_delta": 2.0, "loss": "huber"}),
        ("tidynet", {"quantiles": (0.1, 0.9), "loss": "quantile"}),
        ("tidynet", {"validation_folds": 4}),
        ("tidynet", {"validation_folds": 0, "early_stopping": False}),
        ("scikit-learn", {"early_stopping_metric": "loss", "early_stopping": True}),
        ("tidynet", {"ensemble": "best"}),
        ("tidynet", {"dropout": (0.2,), "hidden_layer_sizes": ()}),
        ("tidynet", {"dropout": 0.0, "hidden_layer_sizes": ()}),
        ("tidynet", {"effort": "best"}),
        ("scikit-learn", {"momentum": 0.5, "power_t": 0.3, "nesterovs_momentum": False, "validation_fraction": 0.3}),
        ("scikit-learn", {"solver": "lbfgs", "early_stopping": True, "batch_size": 10, "beta_1": 0.5}),
    ],
)
def test_a_parameter_that_counts_is_accepted(preset, given):
    resolve_settings(given, preset, 500)


def test_the_message_names_both_parameters():
    with pytest.raises(InputError) as raised:
        resolve_settings({"lr_decay_factor": 0.5}, "tidynet", 500)
    assert str(raised.value) == (
        "lr_decay_factor is 0.5, but the schedule 'cosine' does not use it; choose the learning_rate step, exponential "
        "or adaptive"
    )


@pytest.mark.parametrize("kind", [tn.MLPClassifier, tn.MLPRegressor])
def test_effort_counts_on_an_array(kind):
    y = Y > 0 if kind is tn.MLPClassifier else Y
    networks = [len(kind(effort=e, max_iter=1, random_state=0).fit(X, y).members_) for e in ("fast", "balanced")]
    assert networks == [3, 8]
    assert kind(effort="fast", max_iter=1, random_state=0).fit(X, y).settings_.preset == "tidynet"
    with pytest.raises(InputError, match="effort is 'fast', but scikit-learn's settings do not use it"):
        kind(effort="fast", preset="scikit-learn").fit(X, y)


@pytest.mark.parametrize("form", [list, pd.DataFrame, np.asarray, np.float32, np.asfortranarray])
def test_effort_counts_on_every_form_of_numbers(form):
    rows = X.tolist() if form is list else form(X)
    assert tn.MLPRegressor(effort="fast", max_iter=1, random_state=0).fit(rows, Y).settings_.effort == "fast"


def test_without_effort_an_array_has_scikit_learns_settings():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = tn.MLPRegressor(max_iter=1, random_state=0).fit(X, Y)
    assert (model.settings_.preset, len(model.members_)) == ("scikit-learn", 1)
    assert tn.MLPRegressor(max_iter=1).fit(pd.DataFrame(X, columns=list("abc")), Y).settings_.effort == "balanced"


def test_bins_are_refused_where_an_array_is_read_as_it_is():
    with pytest.raises(InputError, match="n_bins is 8, but scikit-learn's settings read a plain array as it is"):
        tn.MLPRegressor(n_bins=8).fit(X, Y)
    tn.MLPRegressor(n_bins=8, preset="tidynet", max_iter=1, n_networks=1).fit(X, Y)


@pytest.mark.parametrize("calibration", ["temperature", "isotonic"])
def test_calibration_of_several_labels_is_refused(calibration):
    labels = np.column_stack([Y > 0, X[:, 1] > 0]).astype(int)
    with pytest.raises(InputError, match=f"calibration is '{calibration}', but a row may have several labels"):
        tn.MLPClassifier(calibration=calibration, effort="fast", max_iter=1).fit(X, labels)
    tn.MLPClassifier(calibration="none", effort="fast", max_iter=1).fit(X, labels)
