"""Training continued: partial_fit, warm_start, a model from its file."""

import numpy as np
import polars as pl
import pytest

import tidynet as tn
from tidynet.core.errors import InputError
from tidynet.engine import CustomLoss

RNG = np.random.default_rng(0)
X = RNG.normal(size=(200, 3))
NUMBER = X @ [1.0, -2.0, 0.5]
TWO = (NUMBER > 0).astype(int)
FRAME = pl.DataFrame(X, schema=["a", "b", "c"], orient="row")
SMALL = {"hidden_layer_sizes": (6,), "random_state": 0, "n_networks": 1}
QUICK = SMALL | {"max_iter": 60, "tol": 1e-2}


def message_of(call):
    with pytest.raises(InputError) as caught:
        call()
    return str(caught.value)


def test_each_partial_fit_of_a_table_learns():
    model = tn.MLPRegressor(**SMALL, early_stopping=False, dropout=0.0).partial_fit(FRAME, NUMBER)
    for _ in range(4):
        before, loss = model.members_[0].copy(), model.loss_
        model.partial_fit(FRAME, NUMBER)
        assert np.abs(model.members_[0] - before).max() > 1e-4
        assert model.loss_ < loss


@pytest.mark.parametrize("rates", ["cosine", "one_cycle", "step", "exponential", "inverse_scaling"])
def test_no_schedule_ends_partial_fits(rates):
    model = tn.MLPRegressor(**SMALL, learning_rate=rates, learning_rate_init=0.01).partial_fit(X, NUMBER)
    model.partial_fit(X, NUMBER)
    before = model.members_[0].copy()
    assert np.abs(model.partial_fit(X, NUMBER).members_[0] - before).max() > 1e-4


def test_partial_fit_goes_on_from_the_last_fit_not_from_an_earlier_partial_fit():
    model = tn.MLPRegressor(**QUICK).partial_fit(X, NUMBER)
    fitted = model.fit(X, NUMBER).members_[0].copy()
    fresh = tn.MLPRegressor(**QUICK).fit(X, NUMBER)
    epochs = model.n_iter_
    np.testing.assert_array_equal(fitted, fresh.members_[0])
    model.partial_fit(X, NUMBER)
    assert 0 < np.abs(model.members_[0] - fitted).max() < 0.01  # one step of Adam's at 0.001
    np.testing.assert_array_equal(model.members_[0], fresh.partial_fit(X, NUMBER).members_[0])
    assert [record.epoch for record in model.history_.epochs] == list(range(1, epochs + 2))


@pytest.mark.parametrize(
    ("changed", "there", "asked"),
    [
        ({"hidden_layer_sizes": (8,)}, (6,), (8,)),
        ({"n_networks": 2}, 1, 2),
        ({"activation": "tanh"}, ("relu",), ("tanh",)),
        ({"loss": "huber"}, "squared_error", "huber"),
        ({"use_bias": False}, True, False),
    ],
)
def test_warm_start_refuses_another_network(changed, there, asked):
    model = tn.MLPRegressor(**QUICK, warm_start=True).fit(X, NUMBER)
    name = next(iter(changed))
    expected = (
        f"{name} is {asked}, but warm_start continues a network whose {name} is {there}; "
        "set warm_start=False to train anew"
    )
    assert message_of(lambda: model.set_params(**changed).fit(X, NUMBER)) == expected
    model.set_params(warm_start=False).fit(X, NUMBER)


def test_warm_start_refuses_other_columns():
    model = tn.MLPRegressor(**QUICK, warm_start=True).fit(X, NUMBER)
    assert message_of(lambda: model.fit(X[:, :2], NUMBER)) == (
        "X has 2 features, but MLPRegressor is expecting 3 features as input; set warm_start=False to train anew"
    )


@pytest.mark.parametrize("weights", [{0: 1.0, 1: 5.0}, {"no": 1, "yes": 2.5}])
def test_class_weights_survive_the_file(tmp_path, weights):
    y = np.array(list(weights))[TWO]
    tn.MLPClassifier(**QUICK, class_weight=weights).fit(X, y).save(tmp_path / "model")
    loaded = tn.load(tmp_path / "model")
    assert loaded.class_weight == weights
    loaded.partial_fit(X, y)


def test_an_own_loss_is_asked_for_only_when_training_goes_on(tmp_path):
    own = CustomLoss(lambda y, p: ((y - p) ** 4).sum(axis=1), lambda y, p: 4 * (p - y) ** 3)
    model = tn.MLPRegressor(**QUICK | {"tol": 1.0}, loss=own).fit(X, NUMBER)
    model.save(tmp_path / "model")
    loaded = tn.load(tmp_path / "model")
    np.testing.assert_array_equal(loaded.predict(X), model.predict(X))
    assert message_of(lambda: loaded.partial_fit(X, NUMBER)) == (
        "loss is None, expected a name, or a tidynet.engine.CustomLoss; a model file cannot store a custom loss: "
        "pass it again by set_params(loss=…)"
    )
    loaded.set_params(loss=own).partial_fit(X, NUMBER)


def test_a_checkpoint_without_a_seed_is_refused_before_the_work(tmp_path):
    path = tmp_path / "training.npz"
    with pytest.raises(InputError) as caught:
        tn.MLPRegressor(preset="tidynet", n_networks=1, checkpoint_path=path).fit([[0.0], [1.0]] * 30, [0.0, 1.0] * 30)
    assert str(caught.value) == (
        "random_state is None, but training can resume from a checkpoint only with the same seed; "
        "choose a number, as in random_state=0"
    )
    assert not path.exists()
