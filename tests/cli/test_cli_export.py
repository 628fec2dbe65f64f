"""`tidynet export`, as it is typed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tidynet as tn
from tidynet.cli import app


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    table = tn.read("penguins")
    path = tmp_path_factory.mktemp("export") / "model.tidynet"
    fitted = tn.MLPClassifier(random_state=0, max_iter=3, n_networks=1)
    fitted.fit(table.drop(target="species"), table["species"]).save(path)
    return path


def run(*words: Any) -> None:
    app([str(word) for word in words], standalone_mode=False)


def test_the_form_follows_from_the_name(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("onnx")
    run("export", model)
    assert (model.parent / "model.onnx").exists()
    run("export", model, "--out", model.parent / "birds.npz", "--dtype", "float16", "--table", "penguins")
    with np.load(model.parent / "birds.npz") as arrays:
        assert arrays["W1"].dtype == arrays["features.numbers"].dtype == np.float16
    assert "7 columns → probabilities (" in " ".join(capsys.readouterr().out.split())


def test_the_python_file_needs_numpy_alone(model: Path) -> None:
    run("export", model, "--to", "numpy", "--out", model.parent / "birds.py")
    code = (
        "import sys; sys.path.insert(0, '.'); import birds\n"
        "row = dict(bill_length_mm=[39.1], bill_depth_mm=[18.7], flipper_length_mm=[181], body_mass_g=[None],"
        " year=[2007], island=['Torgersen'], sex=[None])\n"
        "print(birds.predict(row)['probabilities'].round(4).tolist())\n"
        "print('tidynet' in sys.modules, 'polars' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=model.parent, capture_output=True, text=True, check=True)
    row = {"bill_length_mm": 39.1, "bill_depth_mm": 18.7, "flipper_length_mm": 181, "body_mass_g": None}
    row |= {"year": 2007, "island": "Torgersen", "sex": None}
    frame = tn.read("penguins").frame.drop("species").head(0)
    wanted = tn.load(model).predict_proba(frame.vstack(type(frame)([row], schema=frame.schema))).round(4).tolist()
    assert done.stdout.splitlines() == [str(wanted), "False False"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--out", "model.txt"), "expected a name with the suffix .onnx, .py or .npz"),
        (("--out", "my-model.py"), "expected the name of a Python module"),
        (("--to", "npz", "--out", "a.onnx"), "expected a name with the suffix .npz for npz"),
        (("--to", "onnx", "--table", "penguins"), "but onnx has no features"),
        (("--to", "onnx", "--dtype", "float64"), "an ONNX graph has the dtype of the model"),
    ],
)
def test_mistakes_are_one_sentence(model: Path, words: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(tn.TidynetError, match=sentence):
        run("export", model, *words)


def test_a_file_that_is_there_stays(model: Path) -> None:
    taken = model.parent / "taken.npz"
    taken.write_bytes(b"mine")
    with pytest.raises(tn.TidynetError, match="exists already"):
        run("export", model, "--out", taken)
    assert taken.read_bytes() == b"mine"
