"""What a notebook needs to run: the packages that its cells import, and a kernel."""

from __future__ import annotations

import ast
import json
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

from tidynet.core.errors import FileReadError

__all__ = ["notebook_requirements"]

# To open a notebook, and to run it from the command; tables become pandas frames by pyarrow.
_ALWAYS = ("ipykernel", "nbclient", "nbformat", "pyarrow")


def notebook_requirements(path: Path) -> tuple[str, ...]:
    """The packages, by the names that installers know, of a notebook."""
    try:
        cells = json.loads(path.read_text("utf-8"))["cells"]
        source = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise FileReadError(f"the notebook '{path}' cannot be read ({reason})", "check its name") from error
    except (ValueError, KeyError, TypeError) as error:
        raise FileReadError(f"'{path}' is no notebook", "expected an .ipynb file") from error
    modules = sorted({module for text in source for module in _imported(text)} - set(sys.stdlib_module_names))
    known = packages_distributions()
    return tuple(dict.fromkeys(name for module in modules for name in known.get(module, ())[:1])) + _ALWAYS


def _imported(text: str) -> set[str]:
    """The topmost modules that a cell imports; lines for the notebook alone (``%``, ``!``) are passed over."""
    plain = "\n".join("" if line.lstrip().startswith(("%", "!")) else line for line in text.splitlines())
    try:
        nodes = list(ast.walk(ast.parse(plain)))
    except SyntaxError:
        return set()
    named = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    named += [node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module and not node.level]
    return {name.partition(".")[0] for name in named}
