"""The environment's files say what was used, and a fresh environment made of them predicts the same."""

from __future__ import annotations

import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

import tidynet as tn
from tidynet.cli import main
from tidynet.experiment import Options, run
from tidynet.model import environment as kept
from tidynet.model.environment import current_environment, differences, matters_sentence
from tidynet.share.environment import environment_files

THEN: dict[str, Any] = {
    "python": "3.12.1",
    "platform": "Linux x86_64",
    "packages": {"tidynet": "0.0.9", "numpy": "2.1.0", "matplotlib": "3.9.0", "pillow": "11.0.0"},
}


@pytest.fixture(scope="module")
def model_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model") / "o"
    run("penguins", Options(target="species", effort="fast", out=folder))
    return folder / "model.tidynet"


def test_requirements_pin_what_is_used_and_nothing_else() -> None:
    lines = environment_files(current_environment())["requirements.txt"].splitlines()
    pins = {Requirement(line).name: line for line in lines if not line.startswith("#")}
    assert {"numpy", "polars", "llvmlite", "tidynet"} <= pins.keys()
    assert not {"pytest", "ruff", "nbclient", "seaborn"} & pins.keys()
    assert all("==" in line or " @ " in line for line in pins.values())


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
        "tidynet 0.0.9 then, 0.1.0 now (may matter)",
        "numpy 2.1.0 then, 2.2.0 now (last digits)",
        "python 3.12.1 then, 3.12.2 now (none)",
        "pillow 11.0.0 then, absent now (none)",
    ]


def test_loading_warns_only_where_it_matters(model_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tn.load(model_file)
    here = current_environment()
    monkeypatch.setattr(kept, "current_environment", lambda: here | {"packages": here["packages"] | {"numpy": "9.0"}})
    tn.load(model_file)
    monkeypatch.setattr(kept, "current_environment", lambda: here | {"packages": {"tidynet": "7.0.0"}})
    with pytest.warns(UserWarning, match=r"made with tidynet .*, here 7.0.0; its predictions may differ"):
        tn.load(model_file)
    assert matters_sentence(None) == ""


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
    assert "is there already" in capsys.readouterr().err
    assert main(["environment", "--check", str(model_file)]) == 0
    assert capsys.readouterr().out == "nothing differs from the environment that the model was made in\n"


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_fresh_environment_predicts_the_same_bit_for_bit(model_file: Path, tmp_path: Path) -> None:
    try:
        urllib.request.urlopen("https://pypi.org/simple/wheel/", timeout=10).close()
    except OSError:
        pytest.skip("no package index can be reached")
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
        env={"PATH": "/usr/bin:/bin"},
    )
    here = tn.load(model_file).predict_proba(tn.read("penguins").drop(target="species"))
    assert done.stdout.strip() == here.tobytes().hex()
