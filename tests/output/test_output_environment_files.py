"""The environment files list the packages used; a fresh environment made of them predicts the same."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tomllib
import urllib.request
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement

import tidynet as tn
from tidynet.cli import main
from tidynet.core import environment as kept
from tidynet.core.environment import current_environment, describe_differences, differences
from tidynet.core.errors import InputError
from tidynet.output.export import lock_file as lock
from tidynet.output.export.environment_files import environment_files
from tidynet.workflow import TrainOptions, run

THEN: dict[str, Any] = {
    "python": "3.12.1",
    "platform": "Linux x86_64",
    "packages": {"tidynet": "0.0.9", "numpy": "2.1.0", "matplotlib": "3.9.0", "pillow": "11.0.0"},
}


@pytest.fixture(scope="module")
def model_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model") / "o"
    run("penguins", TrainOptions(target="species", effort="fast", out=folder))
    return folder / "model.tidynet"


def pinned(folder: Path) -> set[str]:
    lines = (folder / "requirements.txt").read_text("utf-8").splitlines()
    return {Requirement(line).name for line in lines if not line.startswith("#")}


def run_fresh(words: list[str], folder: Path) -> None:
    """The command in a process that has imported nothing yet."""
    subprocess.run([sys.executable, "-m", "tidynet", *words], check=True, cwd=folder, capture_output=True)


def test_requirements_pin_what_is_used_and_nothing_else(tmp_path: Path) -> None:
    run_fresh(["environment"], tmp_path)
    lines = (tmp_path / "requirements.txt").read_text("utf-8").splitlines()
    assert {"numpy", "polars", "llvmlite", "tidynet"} <= pinned(tmp_path)
    assert not {"pytest", "ruff", "nbclient", "seaborn", "pandas", "fastexcel"} & pinned(tmp_path)
    assert all("==" in line or " @ " in line for line in lines if not line.startswith("#"))


def test_a_model_from_a_text_file_needs_no_reader_of_workbooks(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("x,y\n" + "".join(f"{n},{'a' if n % 3 else 'b'}\n" for n in range(60)))
    words = ["train", "rows.csv", "--target", "y", "--effort", "fast", "--quiet", "--section", "scores", "--out", "o"]
    run_fresh(words, tmp_path)
    used = tn.load(tmp_path / "o/model.tidynet").record_["provenance"]["environment"]["packages"]
    assert not {"fastexcel", "pandas", "pyarrow", "seaborn", "ipykernel"} & used.keys()


def test_pandas_is_used_where_the_script_imports_it() -> None:
    code = (
        "{}from tidynet.core.environment import current_environment; import sklearn.base; "
        "print('pandas' in current_environment()['packages'])"
    )
    for begin, used in (("", "False"), ("import pandas as pd; ", "True")):
        done = subprocess.run([sys.executable, "-c", code.format(begin)], check=True, capture_output=True, text=True)
        assert done.stdout.strip() == used


def test_a_notebook_needs_what_its_cells_import_and_a_kernel(tmp_path: Path) -> None:
    for package in ("nbformat", "seaborn", "ipykernel"):
        pytest.importorskip(package)
    assert main(["notebook", "penguins", "--target", "species", "-o", str(tmp_path / "n.ipynb"), "--no-run"]) == 0
    for words in (["n.ipynb", "-o", "one"], ["-o", "."]):
        run_fresh(["environment", *words], tmp_path)
    needed = {"pandas", "seaborn", "pyarrow", "nbformat", "ipykernel", "matplotlib", "tidynet"}
    assert needed <= pinned(tmp_path / "one") == pinned(tmp_path)
    assert not {"fastexcel", "onnx", "pytest"} & pinned(tmp_path)
    conda = (tmp_path / "environment.yml").read_text("utf-8")
    assert all(f"  - {name}=" in conda for name in needed - {"tidynet", "matplotlib"})


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (None, "the notebook 'x.ipynb' cannot be read (no such file or directory); check its name"),
        ("[1]", "'x.ipynb' is not a notebook, expected an .ipynb file; choose another file"),
        ("nothing", "'x.ipynb' is not a notebook, expected an .ipynb file; choose another file"),
    ],
)
def test_what_is_no_notebook(
    text: str | None, sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    if text is not None:
        (tmp_path / "x.ipynb").write_text(text)
    assert main(["environment", "x.ipynb", "-o", "there"]) == 2
    assert capsys.readouterr().err == f"tidynet: {sentence}\n"


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    assert main(["environment", "-o", str(tmp_path / "file/x")]) == 2
    assert capsys.readouterr().err == (
        f"tidynet: the folder '{tmp_path}/file/x' cannot be created (not a directory); choose another with --out\n"
    )


def test_the_conda_file_has_conda_names_and_pip_for_tidynet_alone() -> None:
    text = environment_files(THEN, "birds")["environment.yml"]
    assert text.splitlines()[1:] == [
        "name: birds",
        "channels:",
        "  - conda-forge",
        "  - nodefaults",
        "dependencies:",
        "  - python=3.12.1",
        "  - pip",
        "  - matplotlib-base=3.9.0",
        "  - numpy=2.1.0",
        "  - pip:",
        "      - tidynet==0.0.9",
    ]


def test_differences_say_what_they_do() -> None:
    now = THEN | {"python": "3.12.2", "packages": {"tidynet": "0.1.0", "numpy": "2.2.0", "matplotlib": "3.9.0"}}
    assert [str(one) for one in differences(THEN, now)] == [
        "tidynet 0.0.9 → 0.1.0: predictions may differ",
        "numpy 2.1.0 → 2.2.0: the last digits of predictions may differ",
        "python 3.12.1 → 3.12.2: no effect on predictions",
        "pillow 11.0.0 → absent: no effect on predictions",
    ]


def test_loading_warns_only_where_it_matters(model_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tn.load(model_file)
    here = current_environment()
    monkeypatch.setattr(kept, "_environment", lambda _: here | {"packages": here["packages"] | {"numpy": "9.0"}})
    tn.load(model_file)
    monkeypatch.setattr(kept, "_environment", lambda _: here | {"packages": {"tidynet": "7.0.0"}})
    with pytest.warns(UserWarning, match=r"trained with tidynet .*, not 7.0.0; predictions may differ"):
        tn.load(model_file)
    assert describe_differences(None) == ""


def test_the_command_writes_and_checks(
    model_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["environment", str(model_file), "-o", "handover"]) == 0
    assert {path.name for path in (tmp_path / "handover").iterdir()} == {
        "environment.yml",
        "requirements.txt",
        "REPRODUCE.md",
    }
    assert main(["environment", "-o", "handover"]) == 2
    assert "exists already" in capsys.readouterr().err
    assert main(["environment", "--check", str(model_file)]) == 0
    assert capsys.readouterr().out == "nothing differs from the model's environment\n"


PIPS_LOCK = """lock-version = "1.0"
created-by = "pip"

[[packages]]
name = "numpy"
version = "2.1.0"

[[packages.wheels]]
name = "numpy-2.1.0-cp311-cp311-linux_x86_64.whl"
url = "https://files.example.org/numpy-2.1.0-cp311-cp311-linux_x86_64.whl"

[packages.wheels.hashes]
sha256 = "00"

[[packages]]
name = "typer"
version = "0.15.0"

[[packages.wheels]]
name = "typer-0.15.0-py3-none-any.whl"
url = "https://files.example.org/typer-0.15.0-py3-none-any.whl"

[packages.wheels.hashes]
sha256 = "11"
"""


def answering(text: str = PIPS_LOCK, error: str = "") -> Callable[..., subprocess.CompletedProcess[str]]:
    """A pip that writes this lock file, or fails with this error."""

    def answer(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        pins = Path(command[command.index("-r") + 1]).read_text("utf-8")
        assert "file:" not in pins
        if not error:
            Path(command[command.index("-o") + 1]).write_text(text, "utf-8")
        return subprocess.CompletedProcess(command, 2 if error else 0, "", error)

    return answer


def test_a_lock_file_holds_what_pip_finds_and_what_is_a_folder_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock, "version", lambda _: "25.1")
    monkeypatch.setattr(lock.subprocess, "run", answering())
    wheel = tmp_path / "wheel.whl"
    wheel.write_bytes(b"some bytes")
    pins = ["numpy==2.1.0", f"tidynet @ {tmp_path.as_uri()}", f"zebra @ {wheel.as_uri()}", "typer==0.15.0"]
    made = tomllib.loads(lock.make_lock_file(current_environment(), pins))
    assert list(made)[:3] == ["lock-version", "environments", "requires-python"]
    assert Marker(made["environments"][0]).evaluate()
    assert [one["name"] for one in made["packages"]] == ["numpy", "tidynet", "typer", "zebra"]
    assert made["packages"][1] == {"name": "tidynet", "directory": {"path": tmp_path.as_posix()}}
    assert made["packages"][3]["archive"]["hashes"] == {"sha256": hashlib.sha256(b"some bytes").hexdigest()}


@pytest.mark.parametrize(
    ("pip", "error", "message"),
    [
        ("24.3.1", "", "requires pip 25.1 or later, but pip is 24.3.1; run: python -m pip install --upgrade pip"),
        ("", "", "requires pip 25.1 or later, but pip is not installed; run: python -m ensurepip --upgrade"),
        (
            "25.1",
            "WARNING: slow\nERROR: No matching distribution found for numpy==2.1.0\n",
            "requires the package index, but pip failed: No matching distribution found for numpy==2.1.0; check the network",
        ),
    ],
)
def test_where_no_lock_file_can_be_made_nothing_is_written(
    pip: str,
    error: str,
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def version(_: str) -> str:
        if not pip:
            raise PackageNotFoundError
        return pip

    monkeypatch.setattr(lock, "version", version)
    monkeypatch.setattr(lock.subprocess, "run", answering(error=error))
    assert main(["environment", "-o", str(tmp_path / "handover"), "--lock"]) == 2
    assert message in " ".join(capsys.readouterr().err.split())
    assert not (tmp_path / "handover").exists()


def test_a_lock_file_is_for_this_python_alone() -> None:
    with pytest.raises(InputError, match=r"is Python .*, expected Python 3\.8 on Linux x86_64; run this command there"):
        lock.make_lock_file(THEN | {"python": "3.8.1"}, [])


def _skip_without_an_index() -> None:
    try:
        urllib.request.urlopen("https://pypi.org/simple/wheel/", timeout=10).close()
    except OSError:
        pytest.skip("no package index can be reached")


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_index_gives_a_lock_file_that_pip_can_read(tmp_path: Path) -> None:
    _skip_without_an_index()
    assert main(["environment", "-o", str(tmp_path), "--lock"]) == 0
    packages = tomllib.loads((tmp_path / "pylock.toml").read_text("utf-8"))["packages"]
    versions = {one["name"]: one.get("version") for one in packages}
    assert versions.keys() == current_environment()["packages"].keys()
    assert versions["numpy"] == np.__version__
    assert all(one["hashes"]["sha256"] for package in packages for one in package.get("wheels", ()))
    assert "uv pip sync pylock.toml" in (tmp_path / "REPRODUCE.md").read_text("utf-8")


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_fresh_environment_predicts_the_same_bit_for_bit(model_file: Path, tmp_path: Path) -> None:
    _skip_without_an_index()
    folder = tmp_path / "handover"
    assert main(["environment", str(model_file), "-o", str(folder)]) == 0
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "venv")], check=True)
    python = tmp_path / "venv/bin/python"
    command = [str(python), "-m", "pip", "install", "-q", "-r", str(folder / "requirements.txt")]
    subprocess.run(command, check=True, cwd=tmp_path)
    code = (
        f"import tidynet as tn; model = tn.load({str(model_file)!r}); "
        "print(model.predict_proba(tn.read('penguins').drop(target='species')).tobytes().hex())"
    )
    done = subprocess.run(
        [str(python), "-c", code],
        check=True,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={
            "PATH": "/usr/bin:/bin",
            **{name: os.environ[name] for name in os.environ if name.startswith("OPENBLAS_")},
        },
    )
    here = tn.load(model_file).predict_proba(tn.read("penguins").drop(target="species"))
    assert done.stdout.strip() == here.tobytes().hex()
