"""The environment that a model was made in: the packages really used, and what differs in another.

Used are tidynet's own requirements and all that these require in turn, and of what it can do without (reading
workbooks, pandas, notebooks, ONNX) that which was imported; nothing that only happens to be installed.
"""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from types import ModuleType
from typing import Any

__all__ = ["VersionDifference", "current_environment", "describe_differences", "differences"]

# What the numbers of a prediction pass through: another version may round the last digits otherwise.
_ARITHMETIC = ("numpy", "scipy", "numba", "llvmlite")
# What only some work needs, by names that packages and modules share.
_AT_NEED = (
    "dask", "distributed", "duckdb", "fastexcel", "ipykernel", "jupytext", "nbclient", "nbconvert", "nbformat", "onnx",
    "onnxruntime", "pandas", "pyarrow", "seaborn", "sqlalchemy",
)  # fmt: skip
# scikit-learn imports these two wherever they are installed; the work uses them where its script or notebook does.
_BY_OTHERS = ("pandas", "pyarrow")


@dataclass(frozen=True)
class VersionDifference:
    """One thing that was otherwise when a model was made."""

    name: str
    recorded: str
    current: str
    effect: str

    def __str__(self) -> str:
        text = {
            "may matter": "predictions may differ",
            "last digits": "may change the last digits of predictions",
            "none": "changes no prediction",
        }[self.effect]
        return f"{self.name} {self.recorded or 'absent'} then, {self.current or 'absent'} now: {text}"


def current_environment(also: Iterable[str] = ()) -> dict[str, Any]:
    """Python, platform and the packages used, with their exact versions.

    >>> here = current_environment()
    >>> sorted(here), "llvmlite" in here["packages"], "pytest" in here["packages"]
    (['packages', 'platform', 'python'], True, False)
    """
    return _environment([*(name for name in _AT_NEED if _was_imported(name)), *also])


def _was_imported(name: str) -> bool:
    """Whether the work imported a package; others may have done so, or have put in its place what does at need."""
    if name in _BY_OTHERS:
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

    result: dict[str, str] = {}
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
        result[str(canonicalize_name(name))] = installed.version
        for line in installed.requires or ():
            needed = Requirement(line)
            if name == "tidynet" and needed.name in _AT_NEED:
                continue
            if needed.marker is None or any(needed.marker.evaluate({"extra": extra}) for extra in ("", *extras)):
                waiting.append((str(canonicalize_name(needed.name)), frozenset(needed.extras)))
    return result


def differences(recorded: Mapping[str, Any], current: Mapping[str, Any] | None = None) -> list[VersionDifference]:
    r"""What differs between two environments, what matters most first.

    >>> here = {"python": "3.12.1", "platform": "Linux x86_64", "packages": {"numpy": "2.1.0", "rich": "14.0"}}
    >>> print(*differences(here, here | {"packages": {"numpy": "2.2.0", "rich": "13.9"}}), sep="\n")
    numpy 2.1.0 then, 2.2.0 now: may change the last digits of predictions
    rich 14.0 then, 13.9 now: changes no prediction
    """
    here = _environment(recorded["packages"]) if current is None else current
    pairs = [
        *((name, str(recorded.get(name, "")), str(here.get(name, ""))) for name in ("python", "platform")),
        *(
            (name, recorded["packages"].get(name, ""), here["packages"].get(name, ""))
            for name in sorted({*recorded["packages"], *here["packages"]})
        ),
    ]
    result = [
        VersionDifference(name, item, other, _effect(name, item, other)) for name, item, other in pairs if item != other
    ]
    return sorted(result, key=lambda item: ("may matter", "last digits", "none").index(item.effect))


def _effect(name: str, recorded: str, current: str) -> str:
    if name == "tidynet" and _line(recorded) != _line(current):
        return "may matter"
    return "last digits" if name in (*_ARITHMETIC, "platform", "tidynet") else "none"


def _line(version: str) -> list[str]:
    """The part of tidynet's version within which a model means the same."""
    return version.split(".")[:2]


def describe_differences(recorded: Mapping[str, Any] | None) -> str:
    """What to warn of when a model is loaded; empty where nothing that differs matters."""
    matter = [item for item in differences(recorded) if item.effect == "may matter"] if recorded else []
    text = ", ".join(f"{item.name} {item.recorded or 'none'}, here {item.current or 'none'}" for item in matter)
    return (
        f"the model was made with {text}; its predictions may differ, see tidynet environment --check" if text else ""
    )
