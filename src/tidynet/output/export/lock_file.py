"""The lock file pylock.toml: for each package the file to install and its hash.

pip reads files and hashes from the package index. A package installed from a folder or a file is listed by its
path on this machine. The format: https://packaging.python.org/specifications/pylock-toml.
"""

from __future__ import annotations

import hashlib
import json
import platform
import re
import subprocess
import sys
import tomllib
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

from tidynet.core.errors import InputError, TidynetError
from tidynet.core.temporary_folder import temporary_folder

LOCK_FILE = "pylock.toml"
_FIRST_PIP = (25, 1)
_SECONDS = 900
_PACKAGE = re.compile(r'^\[\[packages\]\]\nname = "([^"]+)"', re.MULTILINE)


def make_lock_file(environment: Mapping[str, Any], requirements: Sequence[str]) -> str:
    """The text of a lock file for exact pins, which pip resolves with the package index."""
    _check_here(environment)
    _check_pip()
    local = {line.partition(" @ ")[0]: line.partition(" @ ")[2] for line in requirements if " @ file:" in line}
    text = _requested_packages([line for line in requirements if " @ file:" not in line])
    text = text.replace('lock-version = "1.0"\n', f'lock-version = "1.0"\n{_matches_platform()}', 1)
    for name, address in local.items():
        text = _with_package(text, name, _local(name, address))
    _validate(text)
    return text


def _check_here(environment: Mapping[str, Any]) -> None:
    here = {"python": platform.python_version(), "platform": f"{platform.system()} {platform.machine()}"}
    then, now = (
        f"Python {'.'.join(item['python'].split('.')[:2])} on {item['platform']}" for item in (environment, here)
    )
    if then != now:
        raise InputError(
            f"the environment of {LOCK_FILE} is {now}, expected {then}", "run this command there, or remove --lock"
        )


def _check_pip() -> None:
    try:
        result = version("pip")
    except PackageNotFoundError:
        raise TidynetError(
            f"{LOCK_FILE} requires pip 25.1 or later, but pip is not installed", "run: python -m ensurepip --upgrade"
        ) from None
    if tuple(int(part) for part in re.findall(r"\d+", result)[:2]) < _FIRST_PIP:
        raise TidynetError(
            f"{LOCK_FILE} requires pip 25.1 or later, but pip is {result}", "run: python -m pip install --upgrade pip"
        )


def _requested_packages(pins: Sequence[str]) -> str:
    """The lock file of pip for pins from an index or a repository."""
    options = ["--no-deps", "--disable-pip-version-check", "--no-input", "--retries", "1"]
    with temporary_folder() as folder:
        requested, locked = folder / "requirements.txt", folder / LOCK_FILE
        requested.write_text("\n".join(pins) + "\n", "utf-8")
        command = [sys.executable, "-m", "pip", "lock", *options, "-r", str(requested), "-o", str(locked)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, cwd=folder, check=False)  # noqa: S603
        except subprocess.TimeoutExpired:
            raise _unresolved(f"no answer in {_SECONDS // 60} minutes") from None
        if done.returncode or not locked.exists():
            lines = done.stderr.strip().splitlines()
            errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")]
            raise _unresolved((errors or lines or ["no message"])[-1])
        return locked.read_text("utf-8")


def _unresolved(message: str) -> TidynetError:
    return TidynetError(
        f"{LOCK_FILE} requires the package index, but pip failed: {message.rstrip('.')}",
        "check the network and the index of pip, or remove --lock",
    )


def _matches_platform() -> str:
    marks = {
        "implementation_name": sys.implementation.name,
        "python_version": ".".join(platform.python_version_tuple()[:2]),
        "sys_platform": sys.platform,
        "platform_machine": platform.machine(),
    }
    marker = " and ".join(f"{name} == '{value}'" for name, value in marks.items())
    return f'environments = ["{marker}"]\nrequires-python = "=={marks["python_version"]}.*"\n'


def _local(name: str, address: str) -> str:
    """A package from a folder or a file of this machine; a folder has no version, because it may change."""
    path = Path(url2pathname(urlsplit(address).path))
    # A JSON text is a TOML one.
    quoted, head = json.dumps(path.as_posix()), f'[[packages]]\nname = "{name}"\n'
    if path.is_dir():
        return f"{head}\n[packages.directory]\npath = {quoted}\n"
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return f'{head}\n[packages.archive]\npath = {quoted}\n\n[packages.archive.hashes]\nsha256 = "{digest}"\n'


def _with_package(text: str, name: str, entry: str) -> str:
    """The text with one more package, in the order of the names."""
    after = next((result.start() for result in _PACKAGE.finditer(text) if result[1] > name), None)
    if after is None:
        return f"{text.rstrip()}\n\n{entry}"
    return f"{text[:after]}{entry}\n{text[after:]}"


def _validate(text: str) -> None:
    """Check the text against the standard, if the installed `packaging` supports it."""
    facts = tomllib.loads(text)
    try:
        from packaging.pylock import Pylock
    except ImportError:
        return
    Pylock.from_dict(facts).validate()
