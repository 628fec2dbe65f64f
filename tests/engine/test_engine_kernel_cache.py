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


def trained(folder, code=TRAINED):
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(folder)}
    child = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=240, env=environment
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


@pytest.mark.slow
def test_kernels_linked_once_give_the_numbers_of_kernels_that_numba_links_itself(tmp_path):
    code = TRAINED.replace(
        "import numpy as np",
        "from tidynet.engine.kernel_cache import CompilerProcess as C\n"
        "C.compile = lambda self, function, sig: self._request(C.message(function, sig))\nimport numpy as np",
        1,
    )
    own_way = trained(tmp_path / "own", code)
    np.testing.assert_allclose(trained(tmp_path / "once"), own_way, rtol=1e-12)


# The child process that compiles ------------------------------------------------------------

ANSWERS = "import pickle, sys\nwhile True:\n pickle.load(sys.stdin.buffer)\n print({!r}, end='', flush=True)"


def kernel():
    """Stands for a kernel in requests: it has a module and a name."""


@pytest.fixture
def compiler():
    process = compilation.CompilerProcess()
    yield process
    process.end()


def test_one_child_process_serves_all_requests(compiler, monkeypatch):
    monkeypatch.setattr(compilation, "CHILD_CODE", ANSWERS.format("1"))
    assert compiler.compile(kernel, ())
    child = compiler._process
    assert compiler.compile(kernel, ())
    assert compiler._process is child
    compiler.end()
    assert child.poll() is not None


def test_a_child_process_that_waits_for_requests_ends_after_a_while(compiler, monkeypatch):
    monkeypatch.setattr(compilation, "CHILD_CODE", ANSWERS.format("1"))
    monkeypatch.setattr(compilation, "IDLE_SECONDS", 0.01)
    assert compiler.compile(kernel, ())
    compiler._end_timer.join(60)
    assert compiler._process is None


def test_what_cannot_be_linked_once_is_compiled_in_the_way_of_numba(compiler, monkeypatch):
    code = "import sys\n" + ANSWERS.format("1").replace("print('1'", "print('0' if '--link-once' in sys.argv else '1'")
    monkeypatch.setattr(compilation, "CHILD_CODE", code)
    assert compiler.compile(kernel, ())
    assert "--link-once" not in compiler._process.args


@pytest.mark.parametrize("code", ["raise SystemExit(3)", ANSWERS.format("0"), "import time; time.sleep(600)"])
def test_a_child_process_that_cannot_compile_is_given_up(compiler, monkeypatch, code):
    monkeypatch.setattr(compilation, "CHILD_CODE", code)
    monkeypatch.setattr(compilation, "MAX_SECONDS", 2.0)
    assert not compiler.compile(kernel, ())
    assert compiler._process is None


@pytest.mark.parametrize("program", ["", "/usr/bin/spreadsheet"])
def test_a_program_that_is_no_python_is_not_started_to_compile(compiler, monkeypatch, program):
    monkeypatch.setattr(sys, "executable", program)
    monkeypatch.setattr(subprocess, "Popen", lambda *_, **__: pytest.fail("a process was started"))
    assert not compiler.compile(kernel, ())


def test_a_child_of_a_fork_starts_its_own_compiler(compiler, monkeypatch):
    monkeypatch.setattr(compilation, "CHILD_CODE", ANSWERS.format("1"))
    assert compiler.compile(kernel, ())
    first, owner = compiler._process, compiler._parent
    compiler._parent = owner + 1  # as after a fork
    assert compiler.compile(kernel, ())
    assert compiler._process is not first
    assert first.poll() is None
    first.kill()
    first.communicate()


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
