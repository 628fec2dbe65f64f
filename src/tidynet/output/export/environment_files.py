"""Files that recreate an environment: for pip, for conda, and the commands for both."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

from tidynet.core.atomic_write import atomic_write
from tidynet.core.errors import FileReadError
from tidynet.output.export.lock_file import LOCK_FILE, make_lock_file

ENVIRONMENT_FILES = ("environment.yml", "requirements.txt", "REPRODUCE.md")
# Requirements of tidynet on conda-forge, and their names there; conda resolves indirect requirements.
_CONDA = {
    **{name: name for name in ("jinja2", "narwhals", "numba", "numpy", "polars", "rich", "safetensors")},
    **{name: name for name in ("packaging", "scikit-learn", "scipy", "threadpoolctl", "typer", "fastexcel")},
    **{name: name for name in ("pandas", "pyarrow", "seaborn", "ipykernel", "nbformat", "nbclient", "nbconvert")},
    **{name: name for name in ("jupytext", "sqlalchemy", "dask", "distributed", "onnx", "onnxruntime")},
    "duckdb": "python-duckdb",
    "matplotlib": "matplotlib-base",
}


def environment_files(environment: Mapping[str, Any], name: str = "tidynet", *, lock: bool = False) -> dict[str, str]:
    """The texts of environment.yml, requirements.txt and REPRODUCE.md, and of pylock.toml if requested."""
    python, packages = environment["python"], environment["packages"]
    provenance = f"# Python {python} on {environment['platform']}"
    pins = [_requirement(package, version) for package, version in sorted(packages.items())]
    conda = [f"  - {_CONDA[package]}={version}" for package, version in sorted(packages.items()) if package in _CONDA]
    tidynet = [f"      - {_requirement('tidynet', packages['tidynet'])}"] if "tidynet" in packages else []
    lines = [
        provenance,
        f"name: {name}",
        "channels:",
        "  - conda-forge",
        "  - nodefaults",
        "dependencies:",
        f"  - python={python}",
        "  - pip",
        *conda,
        *(["  - pip:", *tidynet] if tidynet else []),
    ]
    files = {
        "environment.yml": "\n".join(lines) + "\n",
        "requirements.txt": "\n".join([f"{provenance}: the packages used and their requirements", *pins]) + "\n",
        "REPRODUCE.md": _readme_text(name, python, environment["platform"], _LOCKED if lock else ""),
    }
    return files | ({LOCK_FILE: make_lock_file(environment, pins)} if lock else {})


def _requirement(package: str, version: str) -> str:
    """An exact pin; for tidynet its source address, if it was not installed from an index."""
    return _tidynet_requirement(version) if package == "tidynet" else f"{package}=={version}"


def _tidynet_requirement(version: str) -> str:
    installed = distribution("tidynet")
    text = installed.read_text("direct_url.json") if installed.version == version else None
    origin = json.loads(text) if text else {}
    if "vcs_info" in origin:
        revision = origin["vcs_info"]
        return f"tidynet @ {revision['vcs']}+{origin['url']}@{revision['commit_id']}"
    return f"tidynet @ {origin['url']}" if "url" in origin else f"tidynet=={version}"


_LOCKED = f"""
## With the lock file

`{LOCK_FILE}` lists the installed files with their hashes, for this Python version and platform.

| task | command |
|---|---|
| install | `python -m pip install -r {LOCK_FILE}` (pip 26.1 or later), or `uv pip sync {LOCK_FILE}` |

pip does not install a folder from a file with hashes. If tidynet comes from a folder, use `uv` or `requirements.txt`.
"""


def _readme_text(name: str, python: str, platform: str, locked: str) -> str:
    short = ".".join(python.split(".")[:2])
    return f"""# Recreate this environment

Created with Python {python} on {platform}.

## With pip

Same versions of all packages: predictions are identical bit for bit on the same platform.

| task | command |
|---|---|
| create | `python{short} -m venv {name}-venv` |
| activate | `source {name}-venv/bin/activate` (Windows: `{name}-venv\\Scripts\\activate`) |
| install | `python -m pip install -r requirements.txt` |
| list | `python -m pip list` |
| deactivate | `deactivate` |
| remove | delete the folder `{name}-venv` |
{locked}
## With conda

Same versions of the packages used directly. conda builds differ from pip builds, so the last digits of a number may
differ.

| task | command |
|---|---|
| create | `conda env create -f environment.yml` |
| activate | `conda activate {name}` |
| list | `conda list`; all environments: `conda env list` |
| deactivate | `conda deactivate` |
| remove | `conda env remove -n {name}` |

## Source of tidynet

If the tidynet line contains a folder (`file://…`), tidynet was installed from that folder. On another machine, replace
the address by the folder there, or by `tidynet==` and a version.

## Check

`tidynet environment --check MODEL` lists the differences to the environment of the model, and their effect.
"""


def write_environment(folder: Path, environment: Mapping[str, Any], name: str, *, lock: bool = False) -> list[Path]:
    """Write the files into a folder, which is created if missing; all of them, or none if one cannot be made."""
    files = environment_files(environment, name, lock=lock)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise FileReadError(
            f"the folder '{folder}' cannot be created ({reason})", "choose another with --out"
        ) from error
    written = []
    for file, text in files.items():
        with atomic_write(folder / file) as temporary:
            temporary.write_text(text, "utf-8")
        written.append(folder / file)
    return written
