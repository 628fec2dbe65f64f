"""Every parameter: what it may be, and the sentence for what it may not."""

import inspect
from dataclasses import fields

import numpy as np
import pytest

import tidynet as tn
from tidynet.core.errors import InputError
from tidynet.engine import CustomLoss
from tidynet.estimators import training_settings
from tidynet.estimators.parameters import (
    EFFORT_PRESETS,
    PARAMETERS,
    PRESETS,
    PresetContext,
    check_parameters,
    preset_values,
)
from tidynet.estimators.parse_parameters import parse_parameters
from tidynet.estimators.training_settings import Settings, resolve_settings

RNG = np.random.default_rng(0)
X = RNG.normal(size=(80, 3))
NUMBER = X[:, 0] - X[:, 1] ** 2
TWO = (NUMBER > 0).astype(int)
QUICK = {"hidden_layer_sizes": (4,), "random_state": 0, "max_iter": 30, "tol": 1.0, "n_iter_no_change": 1}
FOURTH = CustomLoss(lambda y, p: ((y - p) ** 4).sum(axis=1), lambda y, p: 4 * (p - y) ** 3)


def message_of(call):
    with pytest.raises(InputError) as caught:
        call()
    return str(caught.value)


@pytest.mark.parametrize("kind", [tn.MLPClassifier, tn.MLPRegressor])
def test_the_signature_has_the_names_and_defaults_of_the_table(kind):
    parameters = inspect.signature(kind).parameters
    assert {name: item.default for name, item in parameters.items()} == {
        name: row.default for name, row in PARAMETERS.items()
    }


def test_the_docstrings_have_the_parameters_of_their_task():
    for kind, other in ((tn.MLPClassifier, "regression"), (tn.MLPRegressor, "classification")):
        for name, row in PARAMETERS.items():
            assert (f"    {name} : default {row.default!r}\n" in kind.__doc__) == (row.task != other)


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("effort", EFFORT_PRESETS)
def test_presets_have_allowed_values_for_all_that_is_resolved(preset, effort):
    values = preset_values(preset, PresetContext(900, 5, EFFORT_PRESETS[effort]))
    check_parameters(values)
    assert {item.name for item in fields(Settings)} - {"preset", "effort"} == set(values)


@pytest.mark.parametrize(("n_jobs", "threads"), [(None, 8), (-1, 8), (-2, 7), (1, 1), (3, 3), (-99, 1)])
def test_jobs_are_counted_as_in_scikit_learn(monkeypatch, n_jobs, threads):
    monkeypatch.setattr(training_settings, "n_available_cores", lambda: 8)
    assert training_settings.n_threads(n_jobs) == threads


@pytest.mark.parametrize("kind", [tn.MLPClassifier, tn.MLPRegressor])
def test_defaults_are_what_they_may_be(kind):
    check_parameters(kind().get_params(deep=False))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("alpha", -1), ("alpha", "x"), ("l1", -1), ("weight_decay", -1), ("max_norm", -1), ("gradient_clip_norm", np.nan),
        ("momentum", 2), ("momentum", np.nan), ("beta_1", 1), ("beta_2", 1), ("epsilon", 0),
        ("label_smoothing", 2), ("huber_delta", -1), ("n_bins", -1), ("max_fun", 0), ("max_iter", 2.5), ("max_iter", 0),
        ("batch_size", 2.5), ("batch_size", True), ("time_limit", -1), ("checkpoint_seconds", -1),
        ("checkpoint_epochs", 0), ("early_stopping", "yes"), ("n_iter_no_change", 0), ("dropout", "abc"),
        ("dropout", (0.1, 1.0)), ("hidden_layer_sizes", "abc"), ("hidden_layer_sizes", (8.5,)), ("activation", 5),
        ("class_weight", "x"), ("random_state", "a"), ("random_state", -1), ("weight_init", None), ("tol", -1.0),
        ("learning_rate_init", 0), ("lr_decay_factor", 1), ("lr_decay_epochs", 0), ("warmup_fraction", 1),
        ("early_stopping_metric", "luck"), ("ensemble", "worst"), ("n_jobs", 0), ("n_networks", 0), ("validation_folds", 1.5),
        ("dtype", "float16"), ("quantiles", (0.1, 1.0)), ("quantiles", ()), ("checkpoint_path", 3), ("solver", 3),
        ("validation_fraction", 2), ("shuffle", "no"), ("power_t", np.inf),
    ],
)  # fmt: skip
def test_values_out_of_range_name_parameter_value_and_range(name, value):
    expected = f"{name} is {value!r}, expected {PARAMETERS[name].constraint.expected_text}"
    assert message_of(lambda: tn.MLPRegressor(**QUICK | {name: value}).fit(X, NUMBER)) == expected
    assert message_of(lambda: tn.MLPRegressor(**QUICK | {name: value}).partial_fit(X, NUMBER)) == expected
    assert message_of(lambda: resolve_settings({name: value}, "tidynet", 80)) == expected


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("n_iter_no_change", np.inf), ("max_iter", np.int64(3)), ("alpha", np.float32(0.1)), ("beta_2", "auto"),
        ("hidden_layer_sizes", np.array([3, 4])), ("hidden_layer_sizes", ()), ("dropout", [0.0, 0.5]),
        ("dtype", np.float32), ("random_state", np.random.RandomState(0)), ("quantiles", 0.5), ("time_limit", None),
        ("loss", FOURTH), ("weight_init", ([], [])), ("early_stopping", np.bool_(True)),
    ],
)  # fmt: skip
def test_values_within_range_are_let_through(name, value):
    check_parameters({name: value})


def test_a_long_value_is_shown_shortened():
    assert len(message_of(lambda: check_parameters({"alpha": list(range(1000))}))) < 120


# What reaches the training ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("checkpoint_path=/a/b,c", "/a/b,c"),
        ("checkpoint_path=none", None),
        ("checkpoint_epochs=5", 5),
        ("class_weight=none", None),
        ("lr_decay_factor=0.5", 0.5),
        ("output_activation=exp", "exp"),
        ("hidden_layer_sizes=8.5", (8.5,)),
    ],
)
def test_the_command_reaches_them(text, expected):
    known = tn.MLPRegressor().get_params(deep=False)
    assert parse_parameters([text], known) == {text.partition("=")[0]: expected}


def test_checkpoints_of_the_command_are_written_every_so_many_epochs(tmp_path):
    seen = []

    def look():
        seen.append((tmp_path / "state.0").exists())
        return False

    options = QUICK | {
        "tol": 0.0,
        "n_iter_no_change": 50,
        "preset": "tidynet",
        "n_networks": 1,
        "early_stopping": False,
    }
    saving = {"checkpoint_path": tmp_path / "state", "checkpoint_epochs": 1, "checkpoint_seconds": 3600}
    tn.MLPRegressor(**options, **saving).fit(X, NUMBER, stop=look)
    assert any(seen)
    assert not any(tmp_path.iterdir())


def test_schedules_take_their_numbers():
    options = QUICK | {"solver": "sgd", "learning_rate": "step", "max_iter": 4, "n_iter_no_change": 9}
    options |= {"lr_decay_factor": 0.5, "lr_decay_epochs": 2, "learning_rate_init": 0.01}
    with pytest.warns(match="training stopped after all"):
        model = tn.MLPRegressor(**options).fit(X, NUMBER)
    assert [record.learning_rate for record in model.history_.epochs] == pytest.approx([0.01, 0.01, 0.005, 0.005])


@pytest.mark.parametrize("rates", ["adaptive", "invscaling"])
def test_scikit_learns_schedules_are_passed_over_by_adam_as_there(rates):
    plain = tn.MLPRegressor(**QUICK).fit(X, NUMBER)
    given = tn.MLPRegressor(**QUICK, learning_rate=rates).fit(X, NUMBER)
    np.testing.assert_array_equal(given.members_[0], plain.members_[0])


@pytest.mark.parametrize(("name", "low", "high"), [("exp", 0, np.inf), ("sigmoid", 0, 1), ("tanh", -1, 1)])
def test_output_activations_bound_the_predictions(name, low, high):
    y = np.clip(np.abs(NUMBER), 0, 1)
    model = tn.MLPRegressor(**QUICK, output_activation=name, preset="tidynet", n_networks=1).fit(X, y)
    assert model.out_activation_ == {"sigmoid": "logistic"}.get(name, name)
    predicted = model.predict(1000 * X)
    assert (predicted >= low).all()
    assert (predicted <= high).all()


def test_output_activations_that_cannot_be_are_refused():
    assert message_of(lambda: tn.MLPRegressor(output_activation="tanh", loss="gamma").fit(X, 1 + TWO)) == (
        "output_activation is 'tanh', expected 'exp' for the loss 'gamma'"
    )
    assert message_of(lambda: tn.MLPRegressor(output_activation="sigmoid").fit(X, 7 * TWO)) == (
        "the target y contains 7, expected numbers from 0 to 1, the range of the output activation 'sigmoid'"
    )
    assert message_of(lambda: tn.MLPClassifier(output_activation="tanh").fit(X, TWO)) == (
        "output_activation is 'tanh', but the model predicts classes; leave it at 'auto', or use MLPRegressor"
    )


@pytest.mark.parametrize(
    "option",
    [{"dropout": 0.1}, {"weight_decay": 0.1}, {"max_norm": 1.0}, {"gradient_clip_norm": 1.0}, {"ema_decay": 0.9},
     {"checkpoint_path": "state"}, {"loss": FOURTH}],
    ids=lambda option: next(iter(option)),
)  # fmt: skip
@pytest.mark.parametrize("preset", ["tidynet", "scikit-learn"])
def test_lbfgs_refuses_what_it_would_pass_over(option, preset):
    model = tn.MLPRegressor(**QUICK, solver="lbfgs", preset=preset, **option)
    assert message_of(lambda: model.fit(X, NUMBER)).endswith(
        "but the solver 'lbfgs' does not support it; choose another solver"
    )


@pytest.mark.parametrize("options", [{"solver": "sgd"}, {"solver": "adam"}, {"preset": "scikit-learn"}])
def test_weight_decay_is_refused_where_the_solver_would_pass_over_it(options):
    model = tn.MLPRegressor(**{**QUICK, **options}, weight_decay=0.1)
    solver = options.get("solver", "adam")
    assert message_of(lambda: model.fit(X, NUMBER)) == (
        f"weight_decay is 0.1, but the solver '{solver}' does not support it; choose adamw, or use alpha"
    )


def test_the_default_network_learns_by_lbfgs():
    settings = resolve_settings({"solver": "lbfgs"}, "tidynet", 80)
    assert (settings.weight_decay, any(settings.dropout)) == (0.0, False)


# Initial weights, rows to watch -------------------------------------------------------------------

RIGHT = [np.zeros((3, 4)), np.zeros((4, 1))], [np.zeros(4), np.zeros(1)]


@pytest.mark.parametrize(
    ("initial", "message"),
    [
        ((RIGHT[0][:1], RIGHT[1]), "weight_init has 1 coefs, expected 2: one array for each layer"),
        ((RIGHT[0], RIGHT[1][:1]), "weight_init has 1 intercepts, expected 2: one array for each layer"),
        ((RIGHT[0][::-1], RIGHT[1]), "weight_init: the coefs of layer 1 have shape (4, 1), expected (3, 4)"),
        ((RIGHT[0], RIGHT[1][::-1]), "weight_init: the intercepts of layer 1 have shape (1,), expected (4,)"),
        ((RIGHT[0], ["abc", None]), "weight_init: the intercepts of layer 1 are not numbers, expected an array"),
        (
            (RIGHT[0], [np.full(4, np.nan), np.zeros(1)]),
            "weight_init: the intercepts of layer 1 contain NaN or infinity, expected finite numbers",
        ),
    ],
)
def test_initial_weights_that_do_not_fit_are_named(initial, message):
    assert message_of(lambda: tn.MLPRegressor(**QUICK, weight_init=initial).fit(X, NUMBER)) == message


def test_initial_weights_that_fit_are_taken():
    assert not tn.MLPRegressor(**QUICK, weight_init=RIGHT, shuffle=False).fit(X, NUMBER).coefs_[0].any()


def test_a_mask_watches_the_rows_that_it_marks():
    mask = np.arange(80) % 4 == 0
    masked = tn.MLPRegressor(**QUICK).fit(X, NUMBER, validation_rows=mask)
    numbered = tn.MLPRegressor(**QUICK).fit(X, NUMBER, validation_rows=np.flatnonzero(mask).tolist())
    assert (masked.n_training_rows_, masked.n_validation_rows_) == (60, 20)
    np.testing.assert_array_equal(masked.members_[0], numbered.members_[0])


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([True, False], "validation_rows is a mask of 2 rows, expected 80 as in X"),
        ([-1, 3], "validation_rows contains -1, expected row numbers from 0 to 79"),
        ([3, 80], "validation_rows contains 80, expected row numbers from 0 to 79"),
        (range(80), "validation_rows contains all 80 rows, expected fewer; remove some for training"),
        (["a"], "validation_rows contains 'a', expected row numbers from 0, or a mask of True and False"),
        ([0.5], "validation_rows contains 0.5, expected row numbers from 0, or a mask of True and False"),
        (3, "validation_rows has shape (), expected one column of row numbers or a mask"),
    ],
)
def test_rows_to_watch_that_cannot_be_are_named(rows, message):
    assert message_of(lambda: tn.MLPRegressor(**QUICK).fit(X, NUMBER, validation_rows=rows)) == message


def test_all_rows_that_weigh_something_cannot_be_watched():
    weights = np.r_[np.zeros(40), np.ones(40)]
    call = tn.MLPRegressor(**QUICK).fit
    assert "contains all 40 rows" in message_of(
        lambda: call(X, NUMBER, sample_weight=weights, validation_rows=range(40, 80))
    )


def test_infinity_in_nested_lists_is_named_with_its_place():
    listed = X.tolist()
    listed[2][1] = float("inf")
    assert message_of(lambda: tn.MLPRegressor(**QUICK).fit(listed, NUMBER)) == (
        "X contains infinity (inf) in row 2, column 1, expected finite numbers; correct or drop that row"
    )


def test_weights_that_ran_away_say_how_training_ended():
    model = tn.MLPRegressor(**QUICK | {"solver": "sgd", "learning_rate_init": 1e200, "momentum": 0.0})
    text = message_of(lambda: model.fit(1e200 * X, NUMBER))
    assert text.startswith("Solver produced non-finite parameter weights.")
    assert " Training ended: " in text
