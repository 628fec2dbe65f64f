"""Predictions with sets, intervals, blanks and unfamiliarity beside them."""

from __future__ import annotations

import io

import numpy as np
import polars as pl
import pytest

import tidynet as tn
from tidynet.errors import InputError
from tidynet.share.predictions import Extras, predict_chunk, write_predictions

QUICK = {"random_state": 0, "max_iter": 10, "restarts": 3, "hidden_layer_sizes": (8,)}


def rows_of(count=300, seed=0):
    rng = np.random.default_rng(seed)
    a = rng.normal(size=count)
    label = np.where(a + rng.normal(size=count) > 0, "yes, sure", "no")
    return pl.DataFrame(
        {"a": a, "b": rng.choice(["u", "v"], count), "label": label, "mass": a + rng.normal(size=count)}
    )


@pytest.fixture(scope="module")
def classifier():
    frame = rows_of()
    return tn.MLPClassifier(**QUICK).fit(frame.select("a", "b"), frame["label"].to_numpy())


@pytest.fixture(scope="module")
def regressor():
    frame = rows_of()
    return tn.MLPRegressor(**QUICK).fit(frame.select("a", "b"), frame["mass"].to_numpy())


def written(model, source, extras):
    with io.BytesIO() as stream:
        write_predictions(model, source, stream=stream, extras=extras)
        return pl.read_csv(io.BytesIO(stream.getvalue()))


def test_sets_are_written_from_the_most_probable_on(classifier):
    frame = rows_of(seed=1)
    found = written(classifier, frame, Extras(coverage=0.9))
    assert found.columns[-1] == "prediction_set"
    sets = [set(text.split(" | ")) for text in found["prediction_set"]]
    assert sets == classifier.predict_set(frame, 0.9)
    assert [text.split(" | ")[0] for text in found["prediction_set"]] == found["prediction"].to_list()


def test_intervals_are_written(regressor):
    frame = rows_of(seed=1)
    found = written(regressor, frame, Extras(coverage=0.8))
    assert found.columns[-2:] == ["lower", "upper"]
    np.testing.assert_allclose(found.select("lower", "upper").to_numpy(), regressor.predict_interval(frame, 0.8))


def test_unsure_predictions_are_left_blank_and_counted(classifier, regressor):
    frame = rows_of(seed=1)
    extras = Extras(abstain=True)
    found = written(classifier, frame, extras)
    unsure = [len(one) > 1 for one in classifier.predict_set(frame, 0.9)]
    assert found["prediction"].is_null().to_list() == unsure
    assert "prediction_set" not in found.columns
    assert (extras.rows, extras.blank) == (300, sum(unsure))
    right = classifier.predict(frame) == frame["label"].to_numpy()
    assert right[~np.array(unsure)].mean() > right.mean()
    width = np.ptp(regressor.predict_interval(frame), axis=1)
    extras = Extras(abstain=True, widest=float(np.median(width)))
    found = written(regressor, frame, extras)
    assert found["prediction"].is_null().to_list() == (width > np.median(width)).tolist()


def test_numbers_need_a_widest_interval_to_abstain(regressor):
    with pytest.raises(InputError, match=r"widest interval .* must be known.*--widest"):
        written(regressor, rows_of(), Extras(abstain=True))


def test_unfamiliarity_is_written_with_its_reasons(classifier):
    frame = pl.DataFrame({"a": [0.0, 50.0], "b": ["u", "w"]})
    found = written(classifier, frame, Extras(unfamiliarity=True))
    assert found["unfamiliarity"][1] == 1
    assert found["unfamiliar_because"][1].startswith("`a` 50 is above the largest seen, ")
    assert found["unfamiliar_because"][1].endswith("; `b` = 'w' was never seen")


def test_chunks_say_the_same_as_the_whole(classifier):
    frame, extras = rows_of(seed=1), Extras(coverage=0.9, unfamiliarity=True)
    whole = predict_chunk(classifier, frame, extras=extras)
    parts = [predict_chunk(classifier, frame[at : at + 7], first_row=at + 1, extras=extras) for at in range(0, 300, 7)]
    joined = pl.concat(parts)
    assert joined["prediction_set"].to_list() == whole["prediction_set"].to_list()
    np.testing.assert_allclose(joined["unfamiliarity"], whole["unfamiliarity"], atol=0.01)
