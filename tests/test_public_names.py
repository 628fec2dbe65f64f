"""`import tidynet`: cheap, complete, and honest about what it does not have."""

from __future__ import annotations

import subprocess
import sys
from types import ModuleType

import pytest

import tidynet

HEAVY = ("numpy", "polars", "numba", "sklearn", "matplotlib", "scipy", "rich", "typer")


def test_import_brings_in_nothing_heavy() -> None:
    code = f"import sys, tidynet; dir(tidynet); print([name for name in {HEAVY!r} if name in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout == "[]\n"


def test_public_names_stay_few() -> None:
    assert len(tidynet.__all__) < 40
    assert sorted(tidynet.__all__) == tidynet.__all__


@pytest.mark.parametrize("name", tidynet.__all__)
def test_every_public_name_is_there_and_listed(name: str) -> None:
    assert getattr(tidynet, name) is not None
    assert name in dir(tidynet)


@pytest.mark.parametrize("name", [name for name in tidynet.__all__ if name != "__version__"])
def test_every_public_name_comes_from_a_room_and_has_a_docstring(name: str) -> None:
    public = getattr(tidynet, name)
    home = public.__name__ if isinstance(public, ModuleType) else public.__module__
    assert home.startswith("tidynet.")
    assert public.__name__.rpartition(".")[2] == name
    assert public.__doc__


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError) as caught:
        _ = tidynet.explode  # type: ignore[attr-defined]
    assert str(caught.value) == "module 'tidynet' has no attribute 'explode'"
