"""Drop-in for scikit-learn: its estimator checks, and its own tests of its MLP with our classes in their place."""

import pytest
import sklearn.neural_network.tests.test_mlp as original
from sklearn.utils.estimator_checks import parametrize_with_checks

import tidynet as tn

# What those tests look into is private to scikit-learn's classes.
PRIVATE = {
    "test_fit": "sets _coef_grads and _coef_velocity by hand",
    "test_gradient": "calls _loss_grad_lbfgs; our gradients are checked in tests/net",
    "test_learning_rate_warmstart": "reads _optimizer.learning_rate",
    "test_adaptive_learning_rate": "reads _optimizer.learning_rate",
    "test_n_iter_no_change": "reads _no_improvement_count",
    "test_n_iter_no_change_inf": "reads _no_improvement_count",
}
# What differs on purpose.
DIFFERENT = {
    "test_early_stopping_stratified": "expects scikit-learn's sentence, which calls class 1 'True'; ours names the class"
}
OURS = {"MLPClassifier": tn.MLPClassifier, "MLPRegressor": tn.MLPRegressor}

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning"),
]


@pytest.mark.slow
@parametrize_with_checks([tn.MLPClassifier(), tn.MLPRegressor()])
def test_scikit_learns_estimator_checks(estimator, check):
    check(estimator)


@pytest.fixture
def global_random_seed():
    return 42


@pytest.fixture(autouse=True)
def our_classes(monkeypatch):
    for name, ours in OURS.items():
        monkeypatch.setattr(original, name, ours)


def swapped(value):
    return OURS.get(getattr(value, "__name__", ""), value) if isinstance(value, type) else value


def taken_over(function):
    """The test with our classes in its parameters too."""

    def copy(*given, **named):
        return function(*given, **named)

    copy.__name__, copy.__doc__, copy.__wrapped__ = function.__name__, function.__doc__, function
    copy.pytestmark = [
        pytest.mark.parametrize(mark.args[0], [swapped(value) for value in mark.args[1]]).mark
        if mark.name == "parametrize"
        else mark
        for mark in getattr(function, "pytestmark", [])
    ]
    return pytest.mark.slow(copy)


for _name in dir(original):
    if _name.startswith("test_") and _name not in PRIVATE | DIFFERENT:
        globals()[f"test_scikit_learns_{_name[5:]}"] = taken_over(getattr(original, _name))


def test_the_list_of_exceptions_is_current():
    assert all(hasattr(original, name) for name in PRIVATE | DIFFERENT)


def test_a_class_too_rare_for_early_stopping_is_refused_by_its_name():
    with pytest.raises(
        ValueError, match=r"^early stopping splits each class, but class 1 has 1 row, expected 2 or more"
    ):
        tn.MLPClassifier(early_stopping=True).fit([[1, 2], [2, 3], [3, 4], [4, 5]], [0, 0, 0, 1])


def test_one_seed_gives_scikit_learns_initial_weights_and_so_its_full_batch_training():
    import numpy as np
    from sklearn.neural_network import MLPRegressor

    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(60, 4)), rng.normal(size=60)
    settings = {"solver": "sgd", "max_iter": 30, "batch_size": 60, "random_state": 5, "hidden_layer_sizes": (7, 3)}
    theirs, ours = MLPRegressor(**settings).fit(X, y), tn.MLPRegressor(**settings).fit(X, y)
    for mine, other in zip(ours.coefs_, theirs.coefs_, strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(ours.predict(X), theirs.predict(X), rtol=1e-7)
