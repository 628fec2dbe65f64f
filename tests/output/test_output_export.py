"""Models in other forms answer as tidynet does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import tidynet as tn
from tidynet.core.errors import ColumnWarning
from tidynet.engine.activations import ACTIVATIONS
from tidynet.output.export.portable_model import make_portable_model, onnx_inputs

CLOSE = 1e-5
HIDDEN = [name for name in ACTIVATIONS if name != "softmax"]


def a_frame(rows: int = 240, seed: int = 0, *, strange: bool = False) -> pl.DataFrame:
    """Numbers, dates, durations, text, numbered levels and truth values, with gaps; `strange`: with new levels."""
    rng = np.random.default_rng(seed)
    size = rng.choice(["s", "m", "l", "été"], rows).tolist()
    frame = pl.DataFrame(
        {
            "width": rng.normal(10, 3, rows),
            "price": np.exp(rng.normal(8, 2, rows)),
            "when": np.datetime64("2020-01-01T06:00", "us")
            + rng.integers(0, 900 * 86_400, rows) * np.timedelta64(1, "s"),
            "took": rng.integers(0, 10**9, rows).astype("timedelta64[us]"),
            "size": size,
            "code": rng.choice([1, 2, 5], rows),
            "sold": rng.random(rows) < 0.5,
        }
    )
    gaps = rng.random((rows, 7)) < 0.1
    gaps[:, 1] = gaps[:, 1] & strange  # missing only in later tables
    frame = frame.with_columns(
        pl.when(pl.Series(gaps[:, place])).then(None).otherwise(pl.col(name)).alias(name)
        for place, name in enumerate(frame.columns)
    )
    if strange:
        odd = pl.int_range(pl.len()) % 7 == 0
        frame = frame.with_columns(
            pl.when(odd).then(pl.lit("huge")).otherwise("size").alias("size"),
            pl.when(odd).then(pl.lit(77, pl.Int64)).otherwise("code").alias("code"),
            pl.when(odd).then(1e6).otherwise("width").alias("width"),
        )
    return frame


KINDS = {"code": "nominal"}


def a_table(**options: Any) -> tn.Table:
    return tn.read(a_frame(**options), variable_types=KINDS)


def classes_of(frame: pl.DataFrame, count: int) -> np.ndarray:
    score = frame["width"].fill_null(10).to_numpy() + 3 * (frame["size"].fill_null("s") == "m").to_numpy()
    return np.array(["low", "mid", "high"])[np.digitize(score, [9.0, 12.0])] if count == 3 else score > 10


def fitted(classes: int = 3, **parameters: Any) -> Any:
    table = a_table()
    given = {"random_state": 0, "max_iter": 6, "n_networks": 2} | parameters
    return tn.MLPClassifier(**given).fit(table, classes_of(table.frame, classes))


def fitted_numbers(**parameters: Any) -> Any:
    table = a_table()
    y = 1e4 + 300 * table.frame["width"].fill_null(10).to_numpy()
    given = {"random_state": 0, "max_iter": 6, "n_networks": 2} | parameters
    return tn.MLPRegressor(**given).fit(table, y)


def by_onnx(model: Any, frame: pl.DataFrame) -> dict[str, Any]:
    pytest.importorskip("onnx")
    runtime = pytest.importorskip("onnxruntime")
    from tidynet.output.export.onnx_graph import onnx_model

    plain = make_portable_model(model)
    session = runtime.InferenceSession(onnx_model(plain).SerializeToString(), providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(None, onnx_inputs(plain, frame)), strict=True))


def by_numpy_text(model: Any) -> dict[str, Any]:
    from tidynet.output.export.numpy_source import numpy_text

    text = numpy_text(model)
    assert "tidynet" not in "".join(line for line in text.splitlines() if "import" in line)
    module: dict[str, Any] = {}
    exec(compile(text, "model.py", "exec"), module)
    return module


def by_numpy(model: Any, frame: pl.DataFrame) -> dict[str, Any]:
    module = by_numpy_text(model)
    given = (
        frame.to_numpy()
        if make_portable_model(model).takes_matrix
        else {name: frame[name].to_list() for name in frame.columns}
    )
    return module["predict"](given)


ROADS = {"onnx": by_onnx, "numpy": by_numpy}


@pytest.fixture(params=list(ROADS))
def road(request: pytest.FixtureRequest) -> Any:
    return ROADS[request.param]


def test_onnx_holds_no_constant_that_nothing_uses() -> None:
    pytest.importorskip("onnx")
    from tidynet.output.export.onnx_graph import onnx_model

    graph = onnx_model(make_portable_model(fitted())).graph
    taken = {name for node in graph.node for name in node.input}
    assert {constant.name for constant in graph.initializer} <= taken


def rows() -> pl.DataFrame:
    return a_frame(150, seed=1, strange=True)


def assert_classes(found: dict[str, Any], model: Any, frame: Any) -> None:
    wanted = model.predict_proba(frame)
    assert np.abs(found["probabilities"] - wanted).max() < CLOSE
    sure = np.sort(wanted, axis=1)[:, -1] - np.sort(wanted, axis=1)[:, -2] > CLOSE
    assert np.array_equal(np.asarray(found["label"])[sure], model.predict(frame)[sure])


@pytest.mark.parametrize("classes", [2, 3])
def test_a_mixed_table_with_gaps_and_new_levels(road: Any, classes: int) -> None:
    model = fitted(classes, max_iter=40)
    assert {column.input_type for column in make_portable_model(model).columns} == {
        "number",
        "date",
        "duration",
        "text",
        "code",
    }
    assert_classes(road(model, rows()), model, rows())


def spelt(form: str) -> pl.DataFrame:
    """Rows whose truth values and numbered levels come in other types, and one in a word never seen."""
    frame = rows()
    sold = {
        "text": pl.col("sold").cast(pl.String).str.to_titlecase(),
        "words": pl.when("sold").then(pl.lit("YES")).when(~pl.col("sold")).then(pl.lit("no")),
        "numbers": pl.col("sold").cast(pl.Float64).cast(pl.String),
    }[form]
    frame = frame.with_columns(sold.alias("sold"), pl.col("code").cast(pl.Float64).cast(pl.String))
    return frame.with_columns(
        pl.when(pl.int_range(pl.len()) == 3).then(pl.lit("maybe")).otherwise("sold").alias("sold")
    )


@pytest.mark.parametrize("form", ["text", "words", "numbers"])
def test_truth_values_mean_the_same_in_any_spelling(road: Any, form: str) -> None:
    model, frame = fitted(max_iter=40), spelt(form)
    messages = {
        "the column 'sold' is text, true and false in training; 1 of 139 values is an unseen category ('maybe')",
        "the column 'code' is text, numbers in training; 22 of 143 values are unseen categories ('77.0')",
    }
    with pytest.warns(ColumnWarning) as caught:
        assert_classes(road(model, frame), model, frame)
    assert {str(one.message) for one in caught} == messages
    plain, others = rows(), np.arange(frame.height) != 3
    assert np.array_equal(road(model, frame)["label"][others], model.predict(plain)[others])


def test_onnx_takes_truth_values_and_gaps_as_other_programs_write_them() -> None:
    pytest.importorskip("onnx")
    runtime = pytest.importorskip("onnxruntime")
    from tidynet.output.export.onnx_graph import onnx_model

    model, frame = fitted(max_iter=40), rows()
    plain = make_portable_model(model)
    session = runtime.InferenceSession(onnx_model(plain).SerializeToString(), providers=["CPUExecutionProvider"])
    given = onnx_inputs(plain, frame)
    for false, true, gap in (("False", "True", "None"), ("no", "yes", "NA"), ("0", "1", ""), ("0.0", "1.0", "nan")):
        words = [gap if value is None else true if value else false for value in frame["sold"]]
        other = given | {"sold": np.array(words, dtype=object)[:, None]}
        assert np.array_equal(session.run(None, other)[1], session.run(None, given)[1])


def test_rows_of_a_csv_reader_go_straight_into_a_numpy_file(tmp_path: Path) -> None:
    import csv

    model = fitted(max_iter=40)
    frame = rows().with_columns(pl.col("sold").cast(pl.String).str.to_titlecase())
    read = frame.with_columns(pl.col("when").dt.to_string("iso"), pl.col("took").dt.total_microseconds() / 1e6)
    read.write_csv(tmp_path / "rows.csv")
    with (tmp_path / "rows.csv").open(newline="", encoding="utf-8") as file:
        found = by_numpy_text(model)["predict"](list(csv.DictReader(file)))
    assert_classes(found, model, rows())


@pytest.mark.parametrize("activation", HIDDEN)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_every_activation(road: Any, activation: str, dtype: str) -> None:
    hidden = (4,) if activation == "exp" else (9, 5)  # exponentials of exponentials leave all bounds
    rate = 1e-6 if activation == "exp" else 1e-3
    model = fitted(activation=activation, hidden_layer_sizes=hidden, max_iter=2, dtype=dtype, learning_rate_init=rate)
    assert_classes(road(model, rows()), model, rows())


@pytest.mark.parametrize("calibrate", ["temperature", "isotonic"])
@pytest.mark.parametrize("classes", [2, 3])
def test_calibrated_probabilities(road: Any, calibrate: str, classes: int) -> None:
    from tidynet.estimators.probability_calibration import ProbabilityCalibrator

    model = fitted(classes, calibration=calibrate, max_iter=3)
    if model._uncertainty.calibrator.method == "none":  # calibration need not pay on these few rows
        points = np.array([[0.0, 0.3, 0.300001, 0.9], [0.05, 0.2, 0.4, 0.95]])
        calibrator = ProbabilityCalibrator(calibrate, 1.7, (points,) * (1 if classes == 2 else 3))
        model._uncertainty = replace(model._uncertainty, calibrator=calibrator)
    assert_classes(road(model, rows()), model, rows())


def test_one_layer_without_bins_or_biases(road: Any) -> None:
    model = fitted(hidden_layer_sizes=(), n_bins=0, use_bias=False)
    assert_classes(road(model, rows()), model, rows())


def test_several_labels_a_row(road: Any) -> None:
    table = a_table()
    y = np.random.default_rng(0).integers(0, 2, (table.height, 3))
    model = tn.MLPClassifier(random_state=0, max_iter=4).fit(table, y)
    found = road(model, rows())
    assert np.abs(found["probabilities"] - model.predict_proba(rows())).max() < CLOSE
    assert np.asarray(found["label"]).shape == (150, 3)


@pytest.mark.parametrize("preset", ["scikit-learn", "tidynet"])
def test_a_plain_array_is_one_matrix(road: Any, preset: str) -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(120, 4)).astype(np.float32)
    model = tn.MLPClassifier(random_state=0, max_iter=300, tol=1, preset=preset).fit(X, rng.integers(3, 6, 120))
    frame = pl.DataFrame({f"x{place}": X[:, place] for place in range(4)})
    assert_classes(road(model, frame), model, X)


def test_numbers_in_the_targets_own_units(road: Any) -> None:
    model = fitted_numbers()
    wanted = model.predict(rows())
    assert np.abs(road(model, rows())["prediction"] - wanted).max() < CLOSE * np.abs(wanted).max()


def test_quantiles_beside_a_mean(road: Any) -> None:
    model = fitted_numbers(quantiles=(0.9, 0.1))
    found, wanted = road(model, rows()), model.predict_quantiles(rows())
    assert np.abs(found["prediction"] - model.predict(rows())).max() < 0.1
    assert found["quantiles"].shape == wanted.shape
    assert np.abs(found["quantiles"] - wanted).max() < CLOSE * np.abs(wanted).max()


@pytest.mark.parametrize("targets", [1, 2])
@pytest.mark.parametrize("loss", ["gaussian", "quantile", "poisson", "huber"])
def test_every_form_of_output(road: Any, loss: str, targets: int) -> None:
    table = a_table()
    y = np.abs(np.random.default_rng(0).normal(3, 1, (table.height, targets)))
    model = tn.MLPRegressor(random_state=0, max_iter=4, loss=loss).fit(table, y[:, 0] if targets == 1 else y)
    found = road(model, rows())
    wanted = model.predict(rows())
    assert found["prediction"].shape == wanted.shape
    assert np.abs(found["prediction"] - wanted).max() < CLOSE * max(1, np.abs(wanted).max())
    if loss == "gaussian":
        deviation = model.predict(rows(), return_std=True)[1]
        assert np.abs(found["deviation"] - deviation).max() < CLOSE * max(1, deviation.max())


def test_columns_with_the_names_of_outputs(road: Any) -> None:
    frame = pl.DataFrame({"label": np.arange(60.0), "probabilities": ["", "b", "c"] * 20})
    y = np.arange(60) > 30
    model = tn.MLPClassifier(random_state=0, max_iter=4).fit(tn.read(frame), y)
    gap = frame.with_columns(pl.Series("probabilities", [None, *frame["probabilities"][1:]]))
    found = road(model, gap)
    name = "probabilities_" if road is by_onnx else "probabilities"
    assert np.abs(found[name] - model.predict_proba(gap)).max() < CLOSE


def test_arrays_without_pickle(tmp_path: Path) -> None:
    from tidynet.output.export.numpy_source import write_npz

    model = fitted()
    write_npz(model, tmp_path / "model.npz", "float64", rows())
    with np.load(tmp_path / "model.npz", allow_pickle=False) as found:
        assert found["W1"].dtype == np.float64
        assert found["W1"].shape[0] == len(model.members_)
        assert np.array_equal(found["W2"][1].astype(np.float32), model.network_.views(model.members_[1])[1][0])
        assert np.array_equal(found["features.codes"], model.recipe_.transform(rows()).codes)
        assert '"classes": ["high", "low", "mid"]' in str(found["facts"])


def test_weights_in_half_the_space_predict_nearly_the_same() -> None:
    from tidynet.output.export.numpy_source import numpy_text

    model, module = fitted(), {}
    exec(numpy_text(model, dtype="float16"), module)
    given = {name: rows()[name].to_list() for name in rows().columns}
    assert np.abs(module["predict"](given)["probabilities"] - model.predict_proba(rows())).max() < 0.01
    with pytest.raises(tn.InputError, match="expected float16, float32 or float64"):
        numpy_text(model, dtype="int8")


def test_a_perceptron_has_no_recipe_to_export() -> None:
    with pytest.raises(
        tn.InputError, match="the model is a Perceptron, expected a fitted MLPClassifier or MLPRegressor"
    ):
        make_portable_model(tn.Perceptron())


def test_hostile_names_stay_names(tmp_path: Path) -> None:
    name = '"""\nimport os; os.abort()\n#{}%s'
    frame = pl.DataFrame({name: ["a", '"""', "\\"] * 20, "x": np.arange(60.0)})
    model = tn.MLPClassifier(random_state=0, max_iter=3).fit(tn.read(frame), np.arange(60) > 30)
    model.record_ = {"target": name}
    found = by_numpy(model, frame)
    assert np.abs(found["probabilities"] - model.predict_proba(frame)).max() < CLOSE
    described = by_numpy_text(model)["__doc__"]
    assert f"Predicts {name!r}." in described
    assert f"    {name!r}: categories {chr(34) * 3!r}, {chr(92)!r}, 'a'\n" in described
