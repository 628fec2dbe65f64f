"""A notebook's file: cells put together, run in a fresh kernel, and written whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tidynet.core.errors import MissingDependencyError, TidynetError
from tidynet.output.notebook.cell import NotebookCell

if TYPE_CHECKING:
    from nbformat import NotebookNode

__all__ = ["LARGEST_OUTPUT", "execute", "make_notebook", "require_notebook_extra"]

# Code hosts stop showing a notebook whose outputs are larger.
LARGEST_OUTPUT = 5_000_000
_SECONDS_PER_CELL = 3600
_NEEDED = ("nbformat", "nbclient", "nbconvert", "ipykernel", "pandas", "pyarrow", "seaborn")


def require_notebook_extra(*packages: str) -> None:
    """Refuse to begin where a package of the extra is not installed."""
    absent = [name for name in (*_NEEDED, *packages) if find_spec(name) is None]
    if absent:
        raise MissingDependencyError(
            f"a notebook needs {', '.join(absent)}, which {'is' if len(absent) == 1 else 'are'} not installed",
            "run: pip install 'tidynet[notebook]'",
        )


def make_notebook(cells: Sequence[NotebookCell]) -> NotebookNode:
    """A valid notebook of these cells, not yet run; the same cells give the same file.

    Examples
    --------
    >>> made = make_notebook([NotebookCell("words", "# Penguins"), NotebookCell("code", "1 + 1")])
    >>> [cell.cell_type for cell in made.cells]
    ['markdown', 'code']
    """
    import nbformat

    v4: Any = nbformat.v4
    nodes = []
    for number, cell in enumerate(cells, 1):
        provenance: Any = (v4.new_markdown_cell if cell.kind == "words" else v4.new_code_cell)(cell.text)
        provenance["id"] = f"cell-{number}"  # by place: a random one would differ each time
        provenance["metadata"]["slideshow"] = {
            "slide_type": "skip" if cell.skipped else "slide" if cell.slide_type else "-"
        }
        nodes.append(provenance)
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    return v4.new_notebook(cells=nodes, metadata={"kernelspec": kernel, "language_info": {"name": "python"}})


def execute(notebook: NotebookNode, folder: Path, on_message: Callable[[str], None]) -> None:
    """Run all cells from the top in a fresh kernel; their outputs are put into `notebook`."""
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
        # A kernel warns of its own wire, which does not leave this machine.
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
    """Leave out the places where progress was shown, which are empty in the end."""
    for cell in notebook.cells:
        if "outputs" in cell:
            cell.outputs = [item for item in cell.outputs if item.get("data") is None or any(item.data.values())]


def _execution_error(notebook: NotebookNode, on_message: str) -> TidynetError:
    """The cell that failed: the first that has an error among its outputs, else the last that was run."""
    code = [(index, cell) for index, cell in enumerate(notebook.cells, 1) if cell.cell_type == "code"]
    failed = [pair for pair in code if any(item.output_type == "error" for item in pair[1].outputs)]
    begun = [pair for pair in code if pair[1].execution_count is not None]
    index, cell = (failed or begun[-1:] or code[:1])[0]
    return TidynetError(
        f"cell {index} of the notebook failed with {on_message}\n\n{cell.source}\n", "no file was written"
    )


def _check_sizes(notebook: NotebookNode) -> None:
    for index, cell in enumerate(notebook.cells, 1):
        size = sum(len(str(output)) for output in cell.get("outputs", ()))
        if size > LARGEST_OUTPUT:
            raise TidynetError(
                f"the output of cell {index} has {size:,} characters, expected at most {LARGEST_OUTPUT:,}",
                "look at fewer columns",
            )
