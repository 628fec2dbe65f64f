"""Exports equal the model for columns in any unit, columns that are mostly one value, and far values."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

import tidynet as tn
from tidynet.output.export.portable_model import make_portable_model, onnx_inputs

T = np.random.default_rng(0).uniform(-1, 1, 300)
COLUMNS = {
    "tiny": T * 1e-12,
    "denormal": T * 1e-200,
    "seconds": T + 1.7e9,
    "large": T * 1e12,
    "mostly zero": np.where(np.arange(300) % 10, 0.0, T),
    "mostly one value": np.where(np.arange(300) % 4, 7.0, 7 + T),
}


def by_onnx(model: Any, frame: pl.DataFrame) -> Any:
    pytest.importorskip("onnx")
    runtime = pytest.importorskip("onnxruntime")
    from tidynet.output.export.onnx_graph import onnx_model

    plain = make_portable_model(model)
    session = runtime.InferenceSession(onnx_model(plain).SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, onnx_inputs(plain, frame))[0]


def by_numpy(model: Any, frame: pl.DataFrame) -> Any:
    from tidynet.output.export.numpy_source import numpy_text

    module: dict[str, Any] = {}
    exec(compile(numpy_text(model), "model.py", "exec"), module)
    return next(iter(module["predict"]({name: frame[name].to_list() for name in frame.columns}).values()))


@pytest.mark.parametrize("export", [by_onnx, by_numpy])
@pytest.mark.parametrize("name", COLUMNS)
def test_an_export_predicts_what_the_model_predicts(name: str, export: Any) -> None:
    frame = pl.DataFrame({"x": COLUMNS[name], "t": T[::-1]})
    model = tn.MLPRegressor(random_state=0, effort="fast", max_iter=5).fit(frame, np.sin(6 * T))
    far = pl.DataFrame({"x": [1e100, -1e14, 1e300], "t": [0.0, 1e100, 0.5]})
    for rows in (frame, far):
        np.testing.assert_allclose(np.ravel(export(model, rows)), model.predict(rows), rtol=1e-4, atol=1e-4)
