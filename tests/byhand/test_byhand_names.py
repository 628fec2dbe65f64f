"""The room's names: there, lazy, and known to those who check types."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

from tidynet import byhand


def test_every_name_is_there_with_a_docstring_and_its_type_is_known() -> None:
    tree = ast.parse(Path(byhand.__file__).read_text("utf-8"))
    typed = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("tidynet.byhand.")
        for alias in node.names
    }
    assert typed == set(byhand._MODULES)
    assert all(getattr(byhand, name).__doc__ for name in typed)
    assert typed <= set(dir(byhand))


def test_the_room_costs_nothing_until_it_is_entered() -> None:
    code = "import sys, tidynet.byhand; print([n for n in ('numpy', 'matplotlib', 'polars') if n in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout == "[]\n"
