"""Predictions of whole tables: what is written, chunk by chunk, and what is refused."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import tidynet
from tidynet.core.errors import FileReadError, InputError
from tidynet.output import predictions
from tidynet.output.predictions import key_columns, predict_chunk, write_predictions

QUICK: dict[str, Any] = {"random_state": 0, "max_iter": 5, "n_networks": 1, "hidden_layer_sizes": (8,)}


def plants(count: int = 60) -> pl.DataFrame:
    random = np.random.default_rng(1)
    height = random.normal(size=count).round(3)
    leaf = random.choice(["oval", "round", "split"], size=count)
    return pl.DataFrame(
        {
            "plot": [f"p{number:03}" for number in range(count)],
            "height": height,
            "leaf": leaf,
            "kind": np.where(height + (leaf == "oval") > 0.3, "fern", "moss"),
            "mass": height * 2 + 5,
        }
    )


@pytest.fixture(scope="module")
def classifier() -> tidynet.MLPClassifier:
    table = tidynet.read(plants())
    return tidynet.MLPClassifier(**QUICK).fit(table.drop("kind", "mass"), table["kind"])


@pytest.fixture(scope="module")
def regressor() -> tidynet.MLPRegressor:
    table = tidynet.read(plants().drop("plot"))
    return tidynet.MLPRegressor(**QUICK).fit(table.drop("kind", "mass"), table["mass"])


def written(model: Any, source: Any, **options: Any) -> str:
    stream = io.BytesIO()
    write_predictions(model, source, stream=stream, **options)
    return stream.getvalue().decode()


def test_classes_come_with_keys_and_probabilities(classifier: tidynet.MLPClassifier) -> None:
    frame = plants()
    found = pl.read_csv(io.StringIO(written(classifier, frame)))
    assert found.columns == ["plot", "prediction", "probability_fern", "probability_moss"]
    assert found["plot"].to_list() == frame["plot"].to_list()
    assert found["prediction"].to_list() == classifier.predict(frame).tolist()
    assert np.array_equal(found.drop("plot", "prediction").to_numpy(), classifier.predict_proba(frame))


def test_a_table_without_keys_gets_row_numbers(regressor: tidynet.MLPRegressor) -> None:
    found = pl.read_csv(io.StringIO(written(regressor, plants())))
    assert found.columns == ["row", "prediction"]
    assert found["row"].to_list() == list(range(1, 61))
    assert np.array_equal(found["prediction"].to_numpy(), regressor.predict(plants()))


def test_keys_are_those_of_training(classifier: tidynet.MLPClassifier, regressor: tidynet.MLPRegressor) -> None:
    assert key_columns(classifier) == ["plot"]
    assert key_columns(regressor) == []


def test_a_key_that_the_new_table_lacks_is_not_needed(classifier: tidynet.MLPClassifier) -> None:
    assert written(classifier, plants(2).drop("plot", "kind")).splitlines()[1].startswith("1,")


@pytest.mark.parametrize("ending", ["csv", "parquet", "CSV", "PARQUET"])
def test_parts_and_whole_give_the_same_file(
    ending: str, classifier: tidynet.MLPClassifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "plants.parquet"
    plants().write_parquet(source)
    whole, parts = tmp_path / f"whole.{ending}", tmp_path / f"parts.{ending}"
    assert write_predictions(classifier, source, whole) == 60
    in_sevens = predictions.chunks
    monkeypatch.setattr(predictions, "chunks", lambda source, **options: in_sevens(source, rows=7, **options))
    assert write_predictions(classifier, source, parts) == 60
    read = pl.read_csv if ending.lower() == "csv" else pl.read_parquet
    assert read(parts).equals(read(whole))
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([source.name, whole.name, parts.name])


def test_row_numbers_go_on_over_the_parts(regressor: tidynet.MLPRegressor, monkeypatch: pytest.MonkeyPatch) -> None:
    in_sevens = predictions.chunks
    monkeypatch.setattr(predictions, "chunks", lambda source, **options: in_sevens(source, rows=7, **options))
    found = pl.read_csv(io.StringIO(written(regressor, plants())))
    assert found["row"].to_list() == list(range(1, 61))


def test_new_categories_missing_values_order_and_more_columns_all_work(classifier: tidynet.MLPClassifier) -> None:
    frame = plants(4).with_columns(
        pl.Series("leaf", ["heart", None, "oval", "round"]),
        pl.Series("height", [None, 0.5, 1.0, -1.0]),
        pl.lit("new").alias("more"),
    )
    found = pl.read_csv(io.StringIO(written(classifier, frame.select(reversed(frame.columns)))))
    assert found["plot"].to_list() == frame["plot"].to_list()
    chances = found.select("probability_fern", "probability_moss").to_numpy()
    np.testing.assert_allclose(chances.sum(axis=1), 1.0, rtol=1e-12)


def test_a_missing_column_is_named_with_the_nearest(classifier: tidynet.MLPClassifier, tmp_path: Path) -> None:
    out = tmp_path / "predictions.csv"
    with pytest.raises(InputError) as caught:
        write_predictions(classifier, plants().rename({"height": "heigth"}), out)
    assert str(caught.value) == (
        "the table has no column 'height', which the model was trained on; did you mean 'heigth'?"
    )
    assert list(tmp_path.iterdir()) == []


def test_a_key_named_like_a_new_column_is_renamed(tmp_path: Path) -> None:
    table = tidynet.read(plants().rename({"plot": "prediction"}))
    model = tidynet.MLPClassifier(**QUICK).fit(table.drop("kind", "mass"), table["kind"])
    found = predict_chunk(model, table.frame)
    assert found.columns[:2] == ["input_prediction", "prediction"]
    assert found["input_prediction"].to_list() == table["prediction"].to_list()


def test_several_targets_give_several_columns() -> None:
    frame = plants()
    model = tidynet.MLPRegressor(**QUICK).fit(frame.select("height"), frame.select("mass", "height").to_numpy())
    assert predict_chunk(model, frame).columns == ["row", "prediction_1", "prediction_2"]


@pytest.mark.parametrize("name", ["out.xlsx", "out", "out.csv.gz"])
def test_another_suffix_is_refused(name: str, classifier: tidynet.MLPClassifier, tmp_path: Path) -> None:
    out = tmp_path / name
    with pytest.raises(InputError) as caught:
        write_predictions(classifier, plants(), out)
    assert str(caught.value) == (
        f"the output file is '{out}', expected a name with the suffix .csv or .parquet; rename it"
    )
    assert list(tmp_path.iterdir()) == []


def test_the_table_itself_is_not_replaced(classifier: tidynet.MLPClassifier, tmp_path: Path) -> None:
    source = tmp_path / "plants.csv"
    plants().write_csv(source)
    before = source.read_bytes()
    with pytest.raises(InputError) as caught:
        write_predictions(classifier, str(source), source)
    assert str(caught.value) == (f"the output file is '{source}', which is the input table; choose another file")
    assert source.read_bytes() == before


def test_a_folder_that_is_not_there_is_one_sentence(classifier: tidynet.MLPClassifier, tmp_path: Path) -> None:
    with pytest.raises(FileReadError) as caught:
        write_predictions(classifier, plants(), tmp_path / "none" / "out.csv")
    assert str(caught.value) == (
        f"there is no folder '{tmp_path / 'none'}' for 'out.csv'; create it or choose another path"
    )


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_failure_halfway_leaves_the_old_file(
    ending: str, classifier: tidynet.MLPClassifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(source: object, **options: object) -> Iterator[pl.DataFrame]:
        yield plants(10)
        raise FileReadError("line 12 is ragged", "try --on-bad-lines skip")

    monkeypatch.setattr(predictions, "chunks", broken)
    out = tmp_path / f"out.{ending}"
    out.write_bytes(b"old")
    with pytest.raises(FileReadError):
        write_predictions(classifier, "plants.csv", out)
    assert out.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [out]


def test_bad_lines_are_handled_by_the_reader(classifier: tidynet.MLPClassifier, tmp_path: Path) -> None:
    source = tmp_path / "plants.csv"
    source.write_text("plot,height,leaf\np1,0.5,oval\np2,0.5,oval,more\np3,0.1,round\n")
    with pytest.raises(InputError):
        written(classifier, source)
    assert [line.split(",")[0] for line in written(classifier, source, on_bad_lines="skip").splitlines()] == [
        "plot",
        "p1",
        "p3",
    ]
