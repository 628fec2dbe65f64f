"""What estimators stumble over: broken tables, odd classes, every option of the loss, going on, saving."""

import json
import signal
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.linear_model import GammaRegressor, LinearRegression, LogisticRegression, PoissonRegressor, Ridge

import tidynet as tn
from tidynet.core.errors import InputError
from tidynet.engine import StopReason

RNG = np.random.default_rng(0)
X = RNG.normal(size=(300, 4))
LINE = X @ [1.0, -2.0, 0.5, 0.0]
NOISE = RNG.normal(size=300)
TWO, THREE, NUMBER = (LINE + NOISE > 0).astype(int), np.digitize(LINE + NOISE, [-1, 1]), LINE + NOISE
COUNT, WAIT = RNG.poisson(np.exp(0.3 * LINE)).astype(float), RNG.gamma(3, np.exp(0.3 * LINE) / 3) + 1e-6
LABELS = np.column_stack([TWO, LINE > 1, X[:, 3] > 0]).astype(int)

# to the optimum: scikit-learn's own preset on plain arrays, in float64
EXACT = {"solver": "lbfgs", "dtype": "float64", "tol": 1e-10, "max_iter": 10_000}
# a large tol ends training before max_iter, so that nothing warns
QUICK = {"hidden_layer_sizes": (6,), "random_state": 0, "max_iter": 500, "tol": 1e-3, "learning_rate_init": 0.01}


def broken(values, place, value):
    copy = values.copy()
    copy[place] = value
    return copy


def message_of(call):
    with pytest.raises(InputError) as caught:
        call()
    return str(caught.value)


# Broken numbers -----------------------------------------------------------------------------


def test_infinity_in_an_array_is_named_by_row_and_column():
    inside = broken(X, (4, 1), np.inf)
    expected = "X contains infinity (inf) in row 4, column 1, expected finite numbers; correct or drop that row"
    assert message_of(lambda: tn.MLPClassifier(**QUICK).fit(inside, TWO)) == expected
    model = tn.MLPClassifier(**QUICK).fit(X, TWO)
    assert message_of(lambda: model.predict(inside)) == expected


# Rows of the table as it was given, in training or held out.
@pytest.mark.parametrize("row", [4, 100, 150, 200, 299])
def test_infinity_in_a_frame_is_named_by_row_and_column(row):
    frame = pd.DataFrame(broken(X, (row, 1), -np.inf), columns=list("abcd"))
    assert message_of(lambda: tn.MLPClassifier(**QUICK).fit(frame, TWO)) == (
        f"the column 'b' contains -inf in row {row + 1}, expected finite numbers; correct or drop the row"
    )


def test_missing_numbers_in_an_array_are_a_value_of_their_own():
    hidden = X.copy()
    hidden[TWO == 1, 3] = np.nan  # that it is missing says everything
    model = tn.MLPClassifier(**QUICK).fit(hidden, TWO)
    assert model.score(hidden, TWO) > 0.98


@pytest.mark.parametrize("value", [np.inf, -np.inf])
def test_infinite_and_missing_targets_are_refused(value):
    assert message_of(lambda: tn.MLPRegressor(**QUICK).fit(X, broken(NUMBER, 7, value))) == (
        "the target y is infinite in 1 of 300 rows (first row 8), expected finite numbers; correct or drop those rows"
    )
    assert message_of(lambda: tn.MLPRegressor(**QUICK).fit(X, broken(NUMBER, 7, np.nan))) == (
        "the target y is missing (NaN) in 1 of 300 rows (first row 8); drop those rows before fit"
    )


def test_finite_array_whose_sum_overflows_is_let_through():
    huge = X.copy()
    huge[:, 3] = 1e308
    model = tn.MLPClassifier(**QUICK).fit(X, TWO)
    assert model.predict(huge).shape == (300,)


@pytest.mark.parametrize("preset", ["tidynet", "scikit-learn"])
def test_constant_columns_teach_nothing_and_harm_nothing(preset):
    constant = np.column_stack([X, np.full(300, 7.0), np.zeros(300)])
    model = tn.MLPClassifier(**QUICK, preset=preset, n_networks=1).fit(constant, TWO)
    assert np.isfinite(model.members_[0]).all()
    assert model.score(constant, TWO) > 0.8


# A unit without hidden layers is a linear model ----------------------------------------------


@pytest.mark.parametrize("y", [TWO, THREE], ids=["two classes", "three classes"])
@pytest.mark.parametrize("alpha", [0.5, 20.0])
def test_no_hidden_layer_is_logistic_regression(y, alpha):
    ours = tn.MLPClassifier((), alpha=alpha, **EXACT).fit(X, y)
    theirs = LogisticRegression(C=1 / alpha, tol=1e-10, max_iter=10_000).fit(X, y)
    np.testing.assert_allclose(ours.coefs_[0].T, theirs.coef_, atol=1e-4)
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), atol=1e-4)
    if len(theirs.classes_) == 2:  # softmax leaves a constant free that all intercepts share
        np.testing.assert_allclose(ours.intercepts_[0], theirs.intercept_, atol=1e-4)


@pytest.mark.parametrize(
    ("alpha", "loss", "theirs", "y"),
    [
        (0.0, "squared_error", LinearRegression(), NUMBER),
        (3.0, "squared_error", Ridge(3.0), NUMBER),
        (0.0, "poisson", PoissonRegressor(alpha=0, tol=1e-10, max_iter=10_000), COUNT),
        # scikit-learn's penalty is per row, ours is divided by the rows
        (3.0, "poisson", PoissonRegressor(alpha=3 / 300, tol=1e-10, max_iter=10_000), COUNT),
        (0.0, "gamma", GammaRegressor(alpha=0, tol=1e-10, max_iter=10_000), WAIT),
    ],
    ids=["LinearRegression", "Ridge", "PoissonRegressor", "PoissonRegressor with a penalty", "GammaRegressor"],
)
def test_no_hidden_layer_is_a_linear_model(alpha, loss, theirs, y):
    ours = tn.MLPRegressor((), alpha=alpha, loss=loss, **EXACT).fit(X, y)
    theirs.fit(X, y)
    np.testing.assert_allclose(ours.coefs_[0][:, 0], theirs.coef_, atol=1e-4)
    np.testing.assert_allclose(ours.intercepts_[0], theirs.intercept_, atol=1e-4)
    np.testing.assert_allclose(ours.predict(X), theirs.predict(X), atol=1e-3)


def test_several_targets_and_row_weights_are_those_of_ridge():
    both, weights = np.column_stack([NUMBER, COUNT]), RNG.random(300)
    weights[:40] = 0
    ours = tn.MLPRegressor((), alpha=2.0, **EXACT).fit(X, both, sample_weight=weights)
    theirs = Ridge(2.0).fit(X, both, sample_weight=weights)
    np.testing.assert_allclose(ours.coefs_[0].T, theirs.coef_, atol=1e-4)


# Losses and what bends them -------------------------------------------------------------------


@pytest.mark.parametrize("weight", [{0: 1, 1: 5}, "balanced"])
def test_class_weights_are_those_of_scikit_learn(weight):
    y = np.where(LINE > 1, 1, 0)
    ours = tn.MLPClassifier((), alpha=1.0, class_weight=weight, **EXACT).fit(X, y)
    theirs = LogisticRegression(class_weight=weight, tol=1e-10, max_iter=10_000).fit(X, y)
    np.testing.assert_allclose(ours.coefs_[0].T, theirs.coef_, atol=1e-4)
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), atol=1e-4)


def test_label_smoothing_draws_probabilities_to_its_own_targets():
    two = np.repeat([[-1.0], [1.0]], 50, axis=0)
    model = tn.MLPClassifier((), alpha=0.0, label_smoothing=0.2, **EXACT).fit(two, np.repeat([0, 1], 50))
    np.testing.assert_allclose(model.predict_proba([[-1.0], [1.0]]), [[0.9, 0.1], [0.1, 0.9]], atol=1e-5)
    three = np.repeat(np.eye(3), 30, axis=0)
    model = tn.MLPClassifier((), alpha=0.0, label_smoothing=0.3, **EXACT).fit(three, np.repeat([0, 1, 2], 30))
    np.testing.assert_allclose(model.predict_proba(np.eye(3)), 0.7 * np.eye(3) + 0.1, atol=1e-5)


@pytest.mark.parametrize("loss", ["huber", "absolute_error"])
def test_outliers_hardly_bend_robust_losses(loss):
    y = LINE.copy()
    y[::10] += 100
    robust = tn.MLPRegressor((), loss=loss, alpha=0.0, **EXACT).fit(X, y).coefs_[0][:, 0]
    squared = tn.MLPRegressor((), alpha=0.0, **EXACT).fit(X, y).coefs_[0][:, 0]
    assert np.abs(robust - [1, -2, 0.5, 0]).max() < 0.06 < np.abs(squared - [1, -2, 0.5, 0]).max()


def spreading(rows, seed):
    """A number whose noise grows with x."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(-1, 1, (rows, 1))
    return x, 3 * x[:, 0] + rng.normal(size=rows) * np.exp(x[:, 0])


def test_quantiles_are_in_order_and_cover_what_they_say():
    model = tn.MLPRegressor(**{**QUICK, "tol": 1e-4}, loss="quantile", quantiles=(0.1, 0.5, 0.9)).fit(
        *spreading(2000, 1)
    )
    x, y = spreading(4000, 2)
    low, middle, high = model.predict(x).T
    assert (low <= middle).all()
    assert (middle <= high).all()
    shares = [(y <= predicted).mean() for predicted in (low, middle, high)]
    np.testing.assert_allclose(shares, [0.1, 0.5, 0.9], atol=0.03)
    right = x[:, 0] > 0.5
    assert (high - low)[right].mean() > 2 * (high - low)[x[:, 0] < -0.5].mean()


def test_gaussian_learns_mean_and_deviation():
    model = tn.MLPRegressor((), loss="gaussian", alpha=0.0, **EXACT).fit(*spreading(4000, 1))
    x = np.linspace(-1, 1, 21)[:, None]
    mean, deviation = model.predict(x, return_std=True)
    np.testing.assert_allclose(mean, 3 * x[:, 0], atol=0.1)
    np.testing.assert_allclose(np.log(deviation), x[:, 0], atol=0.1)
    np.testing.assert_array_equal(model.predict(x), mean)
    other = tn.MLPRegressor((), **EXACT).fit(X, NUMBER)
    assert message_of(lambda: other.predict(X, return_std=True)) == (
        "return_std needs loss='gaussian', but the loss is 'squared_error'"
    )


@pytest.mark.parametrize("loss", ["poisson", "gamma"])
def test_positive_losses_predict_positive_numbers_and_refuse_others(loss):
    y = COUNT if loss == "poisson" else WAIT
    model = tn.MLPRegressor(**QUICK, loss=loss).fit(X, y)
    predicted = model.predict(X)
    assert (predicted > 0).all()
    assert np.corrcoef(predicted, np.exp(0.3 * LINE))[0, 1] > 0.9
    least = "of at least" if loss == "poisson" else "above"
    assert message_of(lambda: tn.MLPRegressor(**QUICK, loss=loss).fit(X, broken(y, 3, -1.0))) == (
        f"the target y contains -1, but the loss '{loss}' needs numbers {least} 0"
    )


def test_gamma_refuses_zero():
    assert message_of(lambda: tn.MLPRegressor(loss="gamma").fit(X, broken(WAIT, 3, 0.0))) == (
        "the target y contains 0, but the loss 'gamma' needs numbers above 0"
    )


# Going on -------------------------------------------------------------------------------------


@pytest.mark.parametrize("weight", [None, "balanced", {0: 1.0, 1: 2.0, 2: 3.0}], ids=["plain", "balanced", "given"])
def test_class_absent_from_a_batch_is_not_forgotten(weight):
    model = tn.MLPClassifier(**QUICK, class_weight=weight)
    model.partial_fit(X[THREE < 2], THREE[THREE < 2], classes=[0, 1, 2])
    assert model.classes_.tolist() == [0, 1, 2]
    assert model.predict_proba(X).shape == (300, 3)
    for _ in range(40):
        model.partial_fit(X[THREE != 1], THREE[THREE != 1])
        model.partial_fit(X, THREE)
    assert model.score(X, THREE) > 0.6
    assert set(model.predict(X)) == {0, 1, 2}


def test_partial_fit_mistakes_are_one_clear_sentence():
    assert message_of(lambda: tn.MLPClassifier().partial_fit(X, TWO)) == (
        "classes is None, expected all classes on the first call to partial_fit"
    )
    model = tn.MLPClassifier(**QUICK).partial_fit(X, TWO, classes=[0, 1])
    assert message_of(lambda: model.partial_fit(X, TWO, classes=[0, 1, 2])) == (
        "classes is [0, 1, 2], expected [0, 1] as in the first call"
    )
    assert message_of(lambda: model.partial_fit(X[:, :3], TWO)) == (
        "X has 3 features, but MLPClassifier is expecting 4 features as input"
    )


def test_partial_fits_are_epochs_of_one_training():
    model = tn.MLPRegressor(**QUICK, shuffle=False)
    for _ in range(5):
        model.partial_fit(X, NUMBER)
    with pytest.warns(match="training stopped after all 5 iterations without convergence; raise max_iter or tol"):
        whole = tn.MLPRegressor(**{**QUICK, "max_iter": 5}, shuffle=False).fit(X, NUMBER)
    np.testing.assert_allclose(model.members_[0], whole.members_[0], rtol=1e-12)
    np.testing.assert_allclose(model.loss_curve_, whole.loss_curve_, rtol=1e-12)
    assert model.n_iter_ == 5
    assert [record.epoch for record in model.history_.epochs] == [1, 2, 3, 4, 5]


def test_partial_fit_goes_on_with_the_best_restart():
    first = tn.MLPRegressor(**QUICK | {"random_state": 1}, n_networks=6).partial_fit(X, NUMBER)
    losses = [history.epochs[-1].training_loss for history in first.histories_]
    assert np.argmin(losses) > 0  # else any restart would do
    model = tn.MLPRegressor(**QUICK | {"random_state": 1}, n_networks=6, ensemble="best").partial_fit(X, NUMBER)
    best = model.members_[0].copy()
    model.partial_fit(X, NUMBER)
    # 300 rows are two steps, and Adam's step is hardly longer than its rate
    assert 0 < np.abs(model.members_[0] - best).max() < 0.05


@pytest.mark.parametrize("kind", [tn.MLPClassifier, tn.MLPRegressor])
def test_warm_start_goes_on_where_fit_ended(kind):
    y = TWO if kind is tn.MLPClassifier else NUMBER
    model = kind(**QUICK, warm_start=True).fit(X, y)
    first = model.loss_
    model.fit(X, y)
    assert model.loss_curve_[0] < 1.02 * first
    cold = kind(**QUICK).fit(X, y)
    assert model.loss_curve_[0] < 0.8 * cold.loss_curve_[0]
    exact = kind(**EXACT, hidden_layer_sizes=(), alpha=1.0, warm_start=True).fit(X, y)
    before = exact.members_[0].copy()
    np.testing.assert_allclose(exact.fit(X, y).members_[0], before, atol=1e-6)


def test_validation_rows_are_rows_of_x_though_other_rows_weigh_nothing():
    weights = np.ones(300)
    weights[:100] = 0
    model = tn.MLPClassifier(**QUICK).fit(X, TWO, sample_weight=weights, validation_rows=np.arange(250, 300))
    kept = tn.MLPClassifier(**QUICK).fit(X[100:], TWO[100:], validation_rows=np.arange(150, 200))
    assert (model.n_training_rows_, model.n_validation_rows_) == (150, 50)
    np.testing.assert_array_equal(model.members_[0], kept.members_[0])


# Restarts, time, averaging ----------------------------------------------------------------------


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_same_seed_same_weights_whatever_the_threads(solver):
    options = {**QUICK, "solver": solver, "n_networks": 4, "dropout": 0.2 if solver == "adam" else 0.0}
    options |= {"alpha": 1.0, "max_iter": 3000}
    models = [tn.MLPClassifier(**options, n_jobs=threads).fit(X, THREE) for threads in (1, 2, 4)]
    for model in models[1:]:
        assert len(model.members_) == 4
        for mine, theirs in zip(model.members_, models[0].members_, strict=True):
            np.testing.assert_array_equal(mine, theirs)
    assert not np.array_equal(models[0].members_[0], models[0].members_[1])
    other = tn.MLPClassifier(**{**options, "random_state": 1}).fit(X, THREE)
    assert not np.array_equal(other.members_[0], models[0].members_[0])


def test_combine_best_keeps_the_restart_with_the_lowest_loss():
    every = tn.MLPClassifier(**QUICK, n_networks=4).fit(X, THREE)
    best = tn.MLPClassifier(**QUICK, n_networks=4, ensemble="best").fit(X, THREE)
    losses = [min(record.training_loss for record in history.epochs) for history in every.histories_]
    assert len(best.members_) == len(best.histories_) == 1
    np.testing.assert_array_equal(best.members_[0], every.members_[int(np.argmin(losses))])
    assert best.best_loss_ == min(losses)


def test_combine_best_looks_at_the_validation_rows_if_there_are_any():
    options = {**QUICK, "n_networks": 4, "early_stopping_metric": "loss", "early_stopping": True}
    every = tn.MLPClassifier(**options).fit(X, THREE)
    best = tn.MLPClassifier(**options, ensemble="best").fit(X, THREE)
    losses = [min(record.validation_loss for record in history.epochs) for history in every.histories_]
    np.testing.assert_array_equal(best.members_[0], every.members_[int(np.argmin(losses))])


@pytest.mark.parametrize("restarts", [1, 3])
@pytest.mark.parametrize("preset", ["tidynet", "scikit-learn"])
def test_time_limit_ends_training_early(preset, restarts):
    options = {**QUICK, "max_iter": 10**7, "tol": 0.0, "n_iter_no_change": 10**7, "n_networks": restarts}
    model = tn.MLPClassifier(**options, preset=preset, time_limit=0.1).fit(X, THREE)
    assert 1 <= len(model.histories_) <= restarts  # networks far behind the best are left out
    assert {history.stop_reason for history in model.histories_} == {StopReason.TIME_LIMIT}
    assert all(0 < len(history) < 10**7 for history in model.histories_)
    assert not model.interrupted_


@pytest.mark.parametrize("idle", ["stop", "time_limit"])
def test_limits_that_are_not_reached_change_nothing(idle):
    options = {**QUICK, "hidden_layer_sizes": (1,), "n_networks": 6, "tol": 1e-2}
    free = tn.MLPClassifier(**options).fit(X, LINE**2 > 2)
    limit = 3600.0 if idle == "time_limit" else None
    asked = (lambda: False) if idle == "stop" else None
    watched = tn.MLPClassifier(**options, time_limit=limit).fit(X, LINE**2 > 2, stop=asked)
    assert len(free.members_) == len(watched.members_) == 6
    np.testing.assert_array_equal(watched.predict_proba(X), free.predict_proba(X))


def test_averaging_calms_a_restless_training():
    options = {**QUICK, "solver": "sgd", "momentum": 0.0, "learning_rate_init": 0.3, "batch_size": 4, "tol": 0.0}
    options |= {"max_iter": 31, "n_iter_no_change": 29, "alpha": 0.0, "hidden_layer_sizes": ()}
    optimum = tn.MLPClassifier((), alpha=0.0, **EXACT).fit(X, TWO).members_[0]
    distances = {}
    for decay in (0.0, 0.99):
        with pytest.warns(match="training stopped after all 31 iterations"):
            model = tn.MLPClassifier(**options, ema_decay=decay).fit(X, TWO)
        distances[decay] = np.linalg.norm(model.members_[0] - optimum)
    assert distances[0.99] < 0.5 * distances[0.0]


def test_initial_zeros_give_every_restart_the_same_even_start():
    model = tn.MLPClassifier(**QUICK, weight_init="zeros", n_networks=2, shuffle=False).fit(X, THREE)
    np.testing.assert_array_equal(model.members_[0], model.members_[1])
    assert not model.coefs_[0].any()
    # only the output's biases learn: the shares of the classes
    np.testing.assert_allclose(model.predict_proba(X[:2]), [np.bincount(THREE) / 300] * 2, atol=0.05)
    logistic = tn.MLPClassifier((), weight_init="zeros", alpha=1.0, **EXACT).fit(X, TWO)
    theirs = LogisticRegression(tol=1e-10, max_iter=10_000).fit(X, TWO)
    np.testing.assert_allclose(logistic.coefs_[0].T, theirs.coef_, atol=1e-4)


# Large tables -----------------------------------------------------------------------------------


def test_hundred_thousand_levels_in_a_column():
    rng = np.random.default_rng(0)
    city = np.concatenate([np.arange(100_000), rng.integers(0, 100_000, 60_000)])
    number = rng.normal(size=len(city))
    frame = pl.DataFrame({"city": [f"c{one:06d}" for one in city], "number": number})
    model = tn.MLPClassifier((8,), random_state=0, n_networks=1, max_iter=2, batch_size=256, early_stopping=False)
    model.fit(frame, np.where(number > 0, "up", "down"))
    assert model.network_.categories == (100_000,)
    assert model.score(frame, np.where(number > 0, "up", "down")) > 0.95
    unseen = pl.DataFrame({"city": ["nowhere"] * 2, "number": [-3.0, 3.0]})
    assert model.predict(unseen).tolist() == ["down", "up"]


def test_ten_thousand_columns():
    wide = np.random.default_rng(0).normal(size=(120, 10_000))
    model = tn.MLPClassifier(**{**QUICK, "tol": 1e-2}).fit(wide, TWO[:120])
    assert model.coefs_[0].shape == (10_000, 6)
    assert model.score(wide, TWO[:120]) == 1.0


@pytest.mark.slow
def test_million_rows_of_one_class():
    many, y = np.random.default_rng(0).normal(size=(1_000_000, 3)).astype(np.float32), np.full(1_000_000, "only")
    model = tn.MLPClassifier((4,), random_state=0, max_iter=50, tol=1e-3).fit(many, y)
    assert model.classes_.tolist() == ["only"]
    assert model.n_iter_ < 50
    np.testing.assert_array_equal(model.predict_proba(many[:3]), np.ones((3, 1)))
    assert set(model.predict(many)) == {"only"}


def test_one_class_and_one_row():
    model = tn.MLPClassifier(**QUICK).fit(X, np.full(300, 4))
    assert model.predict(X[:2]).tolist() == [4, 4]
    single = tn.MLPRegressor(**{**QUICK, "tol": 1e-2}).fit(X[:1], NUMBER[:1])
    assert np.isfinite(single.predict(X)).all()


# Ctrl-C -----------------------------------------------------------------------------------------

INTERRUPTED = """
import json, signal, sys
import numpy as np
import tidynet as tn
signal.signal(signal.SIGINT, signal.default_int_handler)
rng = np.random.default_rng(0)
X = rng.normal(size=(20_000, 5))
y = (X[:, 0] * X[:, 1] > 0).astype(int)

def going(seen=[]):
    seen.append(1)
    if len(seen) == int(sys.argv[3]):
        print("going", flush=True)

model = tn.MLPClassifier((16,), random_state=0, n_networks=int(sys.argv[1]), solver=sys.argv[2], max_iter=10**7, tol=0.0,
                         n_iter_no_change=10**7, max_fun=10**9).fit(X, y, stop=going)
print(json.dumps([model.interrupted_, model.score(X, y), [one.stop_text for one in model.histories_],
                  [len(one) for one in model.histories_]]))
"""


@pytest.mark.slow
@pytest.mark.parametrize(("restarts", "solver", "calls"), [(1, "adam", 4), (2, "adam", 6), (1, "lbfgs", 25)])
def test_real_ctrl_c_leaves_a_fitted_model(restarts, solver, calls):
    child = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, str(restarts), solver, str(calls)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    try:
        assert child.stdout.readline() == "going\n", child.stderr.read()
        time.sleep(0.06)
        child.send_signal(signal.SIGINT)
        out, error = child.communicate(timeout=60)
    finally:
        child.kill()
        child.wait()
    assert (child.returncode, error) == (0, "")
    interrupted, score, reasons, lengths = json.loads(out)
    assert interrupted
    assert score > 0.6  # a coin gets 0.5
    assert reasons == [f"interrupted by Ctrl-C after epoch {length}" for length in lengths]
    assert 1 <= len(lengths) <= restarts  # networks far behind the best are left out


# Saving ------------------------------------------------------------------------------------------

FRAME = pl.DataFrame({"a": X[:, 0], "b": X[:, 1], "kind": np.where(X[:, 2] > 0, "x", "y")})
KINDS = {
    "two classes": (tn.MLPClassifier, {}, X, TWO),
    "classes of text": (tn.MLPClassifier, {"early_stopping": True}, X, np.array(["low", "mid", "high"])[THREE]),
    "several labels": (tn.MLPClassifier, {}, X, LABELS),
    "no hidden layer": (tn.MLPClassifier, {"hidden_layer_sizes": ()}, X, THREE),
    "frame": (tn.MLPClassifier, {"n_networks": 2}, FRAME, TWO),
    "missing numbers": (tn.MLPRegressor, {"n_networks": 2}, broken(X, (slice(0, 50), 1), np.nan), NUMBER),
    "best of three": (tn.MLPRegressor, {"n_networks": 3, "ensemble": "best"}, X, NUMBER),
    "several targets": (tn.MLPRegressor, {}, X, np.column_stack([NUMBER, COUNT])),
    "float32": (tn.MLPRegressor, {}, X.astype(np.float32), NUMBER),
    "lbfgs": (tn.MLPRegressor, {"solver": "lbfgs", "alpha": 1.0}, X, NUMBER),
    "without biases": (tn.MLPRegressor, {"use_bias": False}, X, NUMBER),
    **{
        loss: (tn.MLPRegressor, {"loss": loss}, X, WAIT)
        for loss in ("absolute_error", "huber", "quantile", "poisson", "gamma", "gaussian")
    },
    "gaussian of a frame": (tn.MLPRegressor, {"loss": "gaussian"}, FRAME, NUMBER),
    "endless patience": (tn.MLPRegressor, {"n_iter_no_change": np.inf, "solver": "lbfgs", "alpha": 1.0}, X, NUMBER),
}


@pytest.fixture(scope="module")
def fitted():
    """Each kind of model, fitted once and only when it is asked for."""
    found = {}

    def fit(name):
        if name not in found:
            kind, options, features, y = KINDS[name]
            found[name] = kind(**{**QUICK, "tol": 1e-2, "max_iter": 3000, **options}).fit(features, y)
        return found[name]

    return fit


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_of_model_survives_its_file(fitted, tmp_path, name):
    model, features = fitted(name), KINDS[name][2]
    model.save(tmp_path / "model.tidynet")
    loaded = tn.load(tmp_path / "model.tidynet")
    assert type(loaded) is type(model)
    found, expected = loaded.predict(features), model.predict(features)
    np.testing.assert_array_equal(found, expected)
    assert (found.dtype, found.shape) == (expected.dtype, expected.shape)
    if hasattr(model, "predict_proba"):
        np.testing.assert_array_equal(loaded.predict_proba(features), model.predict_proba(features))
    if model.loss == "gaussian":
        for mine, theirs in zip(loaded.predict(features, True), model.predict(features, True), strict=True):
            np.testing.assert_array_equal(mine, theirs)
    assert loaded.get_params() == model.get_params()
    assert loaded.settings_ == model.settings_
    assert loaded.histories_ == model.histories_
    for mine, theirs in zip(loaded.coefs_ + loaded.intercepts_, model.coefs_ + model.intercepts_, strict=True):
        np.testing.assert_array_equal(mine, theirs)
    for name in ("n_iter_", "loss_", "loss_curve_", "out_activation_", "n_features_in_", "n_layers_", "t_"):
        assert getattr(loaded, name) == getattr(model, name)
    assert (loaded.n_iter_, loaded.loss_, loaded.best_loss_) == (model.n_iter_, model.loss_, model.best_loss_)


@pytest.mark.parametrize("name", ["two classes", "several labels", "several targets", "poisson", "frame"])
def test_loaded_model_goes_on_learning(fitted, tmp_path, name):
    model, (_, _, features, y) = fitted(name), KINDS[name]
    model.save(tmp_path / "model.tidynet")
    loaded = tn.load(tmp_path / "model.tidynet")
    before = loaded.members_[0].copy()
    loaded.partial_fit(features, y)
    assert 0 < np.abs(loaded.members_[0] - before).max() < 0.5
    assert loaded.n_iter_ == model.n_iter_ + 1
    warm = tn.load(tmp_path / "model.tidynet").set_params(warm_start=True).fit(features, y)
    assert warm.loss_curve_[0] < (model.loss_curve_[0] + model.loss_curve_[-1]) / 2


def test_several_labels_are_trained_each():
    model = tn.MLPClassifier(**QUICK).fit(X, LABELS)
    assert model.predict(X).shape == (300, 3)
    assert ((model.predict(X) == LABELS).mean(axis=0) > 0.8).all()
