"""A notebook's file: made of cells, run in a new kernel; and the packages that a notebook needs."""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import packages_distributions
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tidynet.core.errors import FileReadError, MissingDependencyError, TidynetError
from tidynet.core.notebook_cell import NotebookCell

if TYPE_CHECKING:
    from nbformat import NotebookNode

# Code hosts do not show a notebook with larger outputs.
MAX_OUTPUT_SIZE = 5_000_000
_SECONDS_PER_CELL = 3600
_PACKAGES = ("nbformat", "nbclient", "nbconvert", "ipykernel", "pandas", "pyarrow", "seaborn")
# To open a notebook and to run it from the command line; pyarrow makes pandas frames.
_ALWAYS_REQUIRED = ("ipykernel", "nbclient", "nbformat", "pyarrow")


def require_notebook_extra(*packages: str) -> None:
    """Raise where a package of the extra is not installed."""
    absent = [name for name in (*_PACKAGES, *packages) if find_spec(name) is None]
    if absent:
        raise MissingDependencyError(
            f"a notebook needs packages that are not installed: {', '.join(absent)}",
            "run: pip install 'tidynet[notebook]'",
        )


def make_notebook(cells: Sequence[NotebookCell]) -> NotebookNode:
    """A valid notebook of these cells, not yet run; the same cells give the same file."""
    import nbformat

    v4: Any = nbformat.v4
    nodes = []
    for number, cell in enumerate(cells, 1):
        node: Any = (v4.new_markdown_cell if cell.cell_type == "markdown" else v4.new_code_cell)(cell.text)
        node["id"] = f"cell-{number}"  # by position: a random one would differ each time
        node["metadata"]["slideshow"] = {"slide_type": "skip" if cell.skipped else "slide" if cell.slide_type else "-"}
        nodes.append(node)
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    return v4.new_notebook(cells=nodes, metadata={"kernelspec": kernel, "language_info": {"name": "python"}})


def execute(notebook: NotebookNode, folder: Path, on_message: Callable[[str], None]) -> None:
    """Run all cells in order in a new kernel; their outputs are put into `notebook`."""
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    total = len(notebook.cells)

    def on_cell_start(cell_index: int, **_: Any) -> None:
        on_message(f"running cell {cell_index + 1} of {total}")

    client = NotebookClient(
        notebook,
        timeout=_SECONDS_PER_CELL,
        kernel_name="python3",
        resources={"metadata": {"path": str(folder)}},
        on_cell_start=on_cell_start,
        record_timing=False,
        # A kernel warns of its own connection, which stays on this machine.
        extra_arguments=["--log-level=40"],
    )
    try:
        client.execute()
    except CellExecutionError as error:
        raise _execution_error(notebook, f"{error.ename}: {error.evalue}") from None
    except (CellTimeoutError, DeadKernelError) as error:
        raise _execution_error(notebook, str(error)) from error
    _drop_empty_outputs(notebook)
    _check_sizes(notebook)


def _drop_empty_outputs(notebook: NotebookNode) -> None:
    """Remove the outputs that showed progress, which are empty in the end."""
    for cell in notebook.cells:
        if "outputs" in cell:
            cell.outputs = [item for item in cell.outputs if item.get("data") is None or any(item.data.values())]


def _execution_error(notebook: NotebookNode, message: str) -> TidynetError:
    """The cell that failed: the first that has an error among its outputs, else the last that was run."""
    code = [(index, cell) for index, cell in enumerate(notebook.cells, 1) if cell.cell_type == "code"]
    failed = [pair for pair in code if any(item.output_type == "error" for item in pair[1].outputs)]
    started = [pair for pair in code if pair[1].execution_count is not None]
    index, cell = (failed or started[-1:] or code[:1])[0]
    return TidynetError(f"cell {index} of the notebook failed: {message}\n\n{cell.source}\n", "no file was written")


def _check_sizes(notebook: NotebookNode) -> None:
    for index, cell in enumerate(notebook.cells, 1):
        size = sum(len(str(output)) for output in cell.get("outputs", ()))
        if size > MAX_OUTPUT_SIZE:
            raise TidynetError(
                f"the size of the output of cell {index} is {size:,} characters, expected at most {MAX_OUTPUT_SIZE:,}",
                "select fewer columns",
            )


def notebook_requirements(path: Path) -> tuple[str, ...]:
    """The packages of a notebook, by the names that installers use."""
    try:
        cells = json.loads(path.read_text("utf-8"))["cells"]
        source = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise FileReadError(f"the notebook '{path}' cannot be read ({reason})", "check its name") from error
    except (ValueError, KeyError, TypeError) as error:
        raise FileReadError(f"'{path}' is not a notebook, expected an .ipynb file", "choose another file") from error
    modules = sorted({module for text in source for module in _imported_modules(text)} - set(sys.stdlib_module_names))
    known = packages_distributions()
    return tuple(dict.fromkeys(name for module in modules for name in known.get(module, ())[:1])) + _ALWAYS_REQUIRED


def _imported_modules(text: str) -> set[str]:
    """The top-level modules that a cell imports; lines with ``%`` and ``!`` are ignored."""
    plain = "\n".join("" if line.lstrip().startswith(("%", "!")) else line for line in text.splitlines())
    try:
        nodes = list(ast.walk(ast.parse(plain)))
    except SyntaxError:
        return set()
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module and not node.level]
    return {name.partition(".")[0] for name in names}
