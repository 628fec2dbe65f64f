"""Kernels on disk: the first run's numbers are every run's, stale ones are not used."""

import os
import subprocess
import sys

import numpy as np
import pytest

from tidynet.engine import kernel_cache as compilation
from tidynet.engine import kernels

TRAINED = """
import numpy as np
from tidynet.engine import Inputs, Network, TrainingConfig, prepare_data, train
rng = np.random.default_rng(0)
X = rng.normal(size=(100, 5))
network = Network(numbers=5, hidden=(7, 3), outputs=1, activations=("tanh", "tanh"))
data = prepare_data(network, Inputs.of(X, dtype=np.float64), X[:, :1] * 2 - X[:, 1:2] ** 2)
theta = network.initial_parameters().astype(np.float64)
print(train(network, theta, data, TrainingConfig("sgd", learning_rate=0.05, epochs=20, batch_size=32)).theta.tobytes().hex())
"""


def trained(folder):
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(folder)}
    child = subprocess.run(
        [sys.executable, "-c", TRAINED], capture_output=True, text=True, check=True, timeout=240, env=environment
    )
    return np.frombuffer(bytes.fromhex(child.stdout.strip()))


@pytest.mark.slow
def test_the_run_that_compiles_gives_the_numbers_of_all_later_ones(tmp_path):
    first = trained(tmp_path)
    assert list(tmp_path.rglob("*train_steps*.nbc"))
    np.testing.assert_array_equal(first, trained(tmp_path))


@pytest.mark.slow
def test_where_no_process_can_be_started_the_kernel_is_compiled_in_place(tmp_path):
    code = TRAINED.replace("import numpy as np", "import sys; sys.executable = ''\nimport numpy as np", 1)
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    child = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=240, env=environment
    )
    assert np.isfinite(np.frombuffer(bytes.fromhex(child.stdout.strip()))).all()


def test_kernels_of_other_sources_are_stale(monkeypatch):
    monkeypatch.setattr(compilation, "engine_stamp", lambda: -1)
    other = compilation.KernelCache(kernels.train_steps.py_func)
    assert not other.is_filled()


def test_the_stamp_follows_every_source_of_the_engine(tmp_path, monkeypatch):
    (tmp_path / "kernels").mkdir()
    for name in ("noise.py", "kernels/epoch.py"):
        (tmp_path / name).write_text("a = 1\n")
    monkeypatch.setattr(compilation, "__file__", str(tmp_path / "compilation.py"))
    stamp = compilation.engine_stamp.__wrapped__
    before = stamp()
    (tmp_path / "kernels" / "epoch.py").write_text("a = 2\n")
    assert stamp() != before
