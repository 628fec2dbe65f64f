"""Predictions with sets, intervals, novelty and abstention."""

from __future__ import annotations

import io

import numpy as np
import polars as pl
import pytest

import tidynet as tn
from tidynet.core.errors import InputError
from tidynet.core.text import format_percent
from tidynet.evaluation.abstention import Abstention
from tidynet.output.predictions import PredictionOptions, predict_chunk, write_predictions
from tidynet.workflow import TrainOptions, run

QUICK = {"random_state": 0, "max_iter": 10, "n_networks": 3, "hidden_layer_sizes": (8,)}


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
        write_predictions(model, source, stream=stream, options=extras)
        return pl.read_csv(io.BytesIO(stream.getvalue()))


def test_sets_are_written_from_the_most_probable_on(classifier):
    frame = rows_of(seed=1)
    found = written(classifier, frame, PredictionOptions(coverage=0.9))
    assert found.columns[-1] == "prediction_set"
    sets = [set(text.split(" | ")) for text in found["prediction_set"]]
    assert sets == classifier.predict_set(frame, 0.9)
    assert [text.split(" | ")[0] for text in found["prediction_set"]] == found["prediction"].to_list()


def test_intervals_are_written(regressor):
    frame = rows_of(seed=1)
    found = written(regressor, frame, PredictionOptions(coverage=0.8))
    assert found.columns[-2:] == ["interval_lower", "interval_upper"]
    np.testing.assert_allclose(
        found.select("interval_lower", "interval_upper").to_numpy(), regressor.predict_interval(frame, 0.8)
    )


def test_uncertain_and_novel_rows_are_left_blank_and_counted(classifier):
    frame = rows_of(seed=1).with_columns(a=pl.when(pl.int_range(300) < 9).then(50.0 + pl.int_range(300)).otherwise("a"))
    extras = PredictionOptions(abstain=True)
    found = written(classifier, frame.drop("label"), extras)
    unsure = np.array([len(one) > 1 for one in classifier.predict_set(frame, 0.9)])
    unlike = classifier.novelty(frame) >= 0.99
    assert unlike[:9].all()
    assert not unsure[:9].any()
    assert found["prediction"].is_null().to_list() == (unsure | unlike).tolist()
    assert "prediction_set" not in found.columns
    more, blank = (unlike & ~unsure).sum(), (unsure | unlike).sum()
    assert extras.abstention == Abstention(300, unsure.sum(), more)
    reasons = extras.abstention.reasons()
    assert extras.sentence() == f"Abstained on {blank} of 300 rows ({format_percent(blank / 300)}; {reasons})"


def test_scores_of_the_other_rows_where_the_table_has_labels(classifier, monkeypatch):
    monkeypatch.setitem(classifier.record_, "target", "label")
    frame = rows_of(seed=1)
    some = frame.with_columns(label=pl.when(pl.int_range(300) % 3 == 0).then(None).otherwise("label"))
    right = classifier.predict(frame) == frame["label"].to_numpy()
    kept = np.array([len(one) == 1 for one in classifier.predict_set(frame, 0.9)])
    kept &= classifier.novelty(frame) < 0.99
    known = np.arange(300) % 3 != 0
    for table, rows, which in ((frame, kept >= 0, ""), (some, known, "of 200 labeled rows, ")):
        extras = PredictionOptions(abstain=True)
        written(classifier, table, extras)
        result = extras.abstention
        assert (result.score_of_kept, result.score_of_all) == (right[kept & rows].mean(), right[rows].mean())
        assert extras.sentence().endswith(f"); {which}{result.improvement()}")
        assert right[kept & rows].mean() > right[rows].mean()


def test_parts_of_a_table_are_counted_together(classifier):
    frame, whole, parts = rows_of(seed=1), PredictionOptions(abstain=True), PredictionOptions(abstain=True)
    predict_chunk(classifier, frame, options=whole)
    for start in range(0, 300, 70):
        predict_chunk(classifier, frame[start : start + 70], options=parts)
    assert parts.abstention == whole.abstention
    assert parts.sentence() == whole.sentence()


def test_numbers_are_left_blank_where_wide_or_novel(regressor, monkeypatch):
    monkeypatch.setitem(regressor.record_, "target", "mass")
    frame = rows_of(seed=1).with_columns(a=pl.when(pl.int_range(300) < 9).then(50.0 + pl.int_range(300)).otherwise("a"))
    width, unlike = np.ptp(regressor.predict_interval(frame), axis=1), regressor.novelty(frame) >= 0.99
    squares = (regressor.predict(frame) - frame["mass"].to_numpy()) ** 2
    extras = PredictionOptions(abstain=True)
    found = written(regressor, frame, extras)
    assert found["prediction"].is_null().to_list() == unlike.tolist()
    assert extras.abstention.score_of_kept == pytest.approx(squares[~unlike].mean() ** 0.5)
    assert extras.abstention.score_of_all == pytest.approx(squares.mean() ** 0.5)
    extras = PredictionOptions(abstain=True, max_interval_width=float(np.median(width)))
    found = written(regressor, frame, extras)
    wide = width > np.median(width)
    assert found["prediction"].is_null().to_list() == (wide | unlike).tolist()
    assert not (unlike & ~wide).any()  # what is far off has wide intervals
    assert extras.sentence().startswith("Abstained on 150 of 300 rows (50%; ")
    assert f"interval wider than {np.median(width):g}" in extras.sentence()


def test_a_model_without_stored_rows_abstains_on_uncertain_rows(classifier, regressor, monkeypatch):
    monkeypatch.setattr(classifier, "_novelty", None)
    monkeypatch.setattr(regressor, "_novelty", None)
    extras = PredictionOptions(abstain=True)
    written(classifier, rows_of(seed=1), extras)
    assert extras.sentence().endswith("; novelty not checked, as the model has no stored training rows")
    with pytest.raises(
        InputError, match=r"^--abstain needs the novelty of rows, but the model has no stored training rows"
    ):
        written(regressor, rows_of(), PredictionOptions(abstain=True))


@pytest.mark.parametrize(
    ("extras", "message"),
    [
        (PredictionOptions(max_interval_width=3.0), "--max-interval-width is 3, but --abstain is missing; add --abstain"),
        (PredictionOptions(per_class=True, coverage=0.9), "--per-class is given, but the model predicts numbers; remove it"),
    ],
)  # fmt: skip
def test_what_would_have_no_effect_on_numbers_is_refused(regressor, extras, message):
    with pytest.raises(InputError, match=f"^{message}$"):
        written(regressor, rows_of(), extras)


def test_every_number_of_a_row_is_left_blank():
    frame = rows_of()
    model = tn.MLPRegressor(**QUICK).fit(frame.select("a", "b"), frame.select("mass", pl.col("a") * 2 + 1).to_numpy())
    found = written(model, frame.with_columns(a=pl.lit(70.0)), PredictionOptions(abstain=True, coverage=0.9))
    assert found.select("prediction_1", "prediction_2").null_count().row(0) == (300, 300)
    assert found.select("interval_lower_1", "interval_upper_2").null_count().row(0) == (0, 0)


def test_without_labels_the_scores_are_those_of_the_training(tmp_path):
    trained = run(rows_of(), TrainOptions("label", out=tmp_path, drop=("mass",), max_epochs=4, effort="fast"))
    model = tn.load(tmp_path / "model.tidynet")
    extras = PredictionOptions(abstain=True)
    written(model, rows_of(seed=2).drop("label"), extras)
    tested = Abstention(**trained.evaluation.section("uncertainty").facts["abstention"])
    assert extras.sentence().endswith(f"; on the 60 test rows of the training {tested.improvement()}")


def test_novelty_is_written_with_its_reasons(classifier):
    frame = pl.DataFrame({"a": [0.0, 50.0], "b": ["u", "w"]})
    found = written(classifier, frame, PredictionOptions(novelty=True))
    assert found["novelty"][1] == 1
    assert found["novelty_reasons"][1].startswith("`a` = 50 > training maximum ")
    assert found["novelty_reasons"][1].endswith("; `b` = 'w', not in training")


def test_chunks_and_whole_table_give_the_same(classifier):
    frame, extras = rows_of(seed=1), PredictionOptions(coverage=0.9, novelty=True)
    whole = predict_chunk(classifier, frame, options=extras)
    parts = [predict_chunk(classifier, frame[at : at + 7], first_row=at + 1, options=extras) for at in range(0, 300, 7)]
    joined = pl.concat(parts)
    assert joined["prediction_set"].to_list() == whole["prediction_set"].to_list()
    np.testing.assert_allclose(joined["novelty"], whole["novelty"], atol=0.01)
