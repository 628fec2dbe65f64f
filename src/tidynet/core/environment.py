"""The environment of a run: the packages that it used, and differences to another environment.

These are tidynet's requirements with all of theirs, and of the optional packages those that were imported.
"""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from types import ModuleType
from typing import Any

# Packages that compute predictions; another version may round the last digits differently.
_ARITHMETIC = ("numpy", "scipy", "numba", "llvmlite")
# Optional packages, by names that are equal for package and module.
_OPTIONAL = (
    "dask", "distributed", "duckdb", "fastexcel", "ipykernel", "jupytext", "nbclient", "nbconvert", "nbformat", "onnx",
    "onnxruntime", "pandas", "pyarrow", "seaborn", "sqlalchemy",
)  # fmt: skip
# scikit-learn imports these two if they are installed; they count if the script or notebook uses them.
_IMPORTED_BY_OTHERS = ("pandas", "pyarrow")


class VersionEffect(StrEnum):
    """The effect of a version difference on predictions, the largest first."""

    PREDICTIONS = "predictions may differ"
    LAST_DIGITS = "the last digits of predictions may differ"
    NONE = "no effect on predictions"


@dataclass(frozen=True)
class VersionDifference:
    """A difference between the recorded and the current environment."""

    name: str
    recorded: str
    current: str
    effect: VersionEffect

    def __str__(self) -> str:
        return f"{self.name} {self.recorded or 'absent'} → {self.current or 'absent'}: {self.effect}"


def current_environment(also: Iterable[str] = ()) -> dict[str, Any]:
    """Python, platform and the packages used, with their exact versions."""
    return _environment([*(name for name in _OPTIONAL if _was_imported(name)), *also])


def _was_imported(name: str) -> bool:
    """Whether a package was imported by the run, not by another package or as a lazy placeholder."""
    if name in _IMPORTED_BY_OTHERS:
        own = vars(sys.modules["__main__"]).values()
        return "pandas" in sys.modules and any(value is sys.modules["pandas"] for value in own)
    return type(sys.modules.get(name)) is ModuleType


def _environment(further: Iterable[str]) -> dict[str, Any]:
    return {
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
        "packages": dict(sorted(_used_packages(frozenset(further)).items())),
    }


@cache
def _used_packages(further: frozenset[str]) -> dict[str, str]:
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    versions: dict[str, str] = {}
    waiting: list[tuple[str, frozenset[str]]] = [(name, frozenset()) for name in ("tidynet", *further)]
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        name, extras = waiting.pop()
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        try:
            installed = distribution(name)
        except PackageNotFoundError:
            continue
        versions[str(canonicalize_name(name))] = installed.version
        for line in installed.requires or ():
            needed = Requirement(line)
            if name == "tidynet" and needed.name in _OPTIONAL:
                continue
            if needed.marker is None or any(needed.marker.evaluate({"extra": extra}) for extra in ("", *extras)):
                waiting.append((str(canonicalize_name(needed.name)), frozenset(needed.extras)))
    return versions


def differences(recorded: Mapping[str, Any], current: Mapping[str, Any] | None = None) -> list[VersionDifference]:
    r"""The differences between two environments, the largest effects first."""
    here = _environment(recorded["packages"]) if current is None else current
    pairs = [
        *((name, str(recorded.get(name, "")), str(here.get(name, ""))) for name in ("python", "platform")),
        *(
            (name, recorded["packages"].get(name, ""), here["packages"].get(name, ""))
            for name in sorted({*recorded["packages"], *here["packages"]})
        ),
    ]
    changed = [VersionDifference(name, old, new, _effect(name, old, new)) for name, old, new in pairs if old != new]
    return sorted(changed, key=lambda difference: list(VersionEffect).index(difference.effect))


def _effect(name: str, recorded: str, current: str) -> VersionEffect:
    # A model is compatible within one minor version of tidynet.
    if name == "tidynet" and recorded.split(".")[:2] != current.split(".")[:2]:
        return VersionEffect.PREDICTIONS
    return VersionEffect.LAST_DIGITS if name in (*_ARITHMETIC, "platform", "tidynet") else VersionEffect.NONE


def describe_differences(recorded: Mapping[str, Any] | None) -> str:
    """The warning for a loaded model; empty if no difference affects predictions."""
    relevant = [item for item in differences(recorded) if item.effect is VersionEffect.PREDICTIONS] if recorded else []
    if not relevant:
        return ""
    text = ", ".join(f"{item.name} {item.recorded or 'absent'}, not {item.current or 'absent'}" for item in relevant)
    return f"the model was trained with {text}; predictions may differ; see `tidynet environment --check`"
