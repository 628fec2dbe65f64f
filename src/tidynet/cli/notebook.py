"""`tidynet notebook`: an analysis as a notebook, run, with pages and slides."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from tidynet.cli.app import app
from tidynet.cli.options import (
    ForceOption,
    TableArgument,
    make_console,
    option,
    takes_read_options,
    takes_train_options,
)

_MODEL = option("--model", metavar="MODEL", text="A model that `train` wrote from this table.  [default: train one]")
_TO = option(
    "--to", text="Write this format too; may be given several times.", parse=("html", "slides", "markdown", "script")
)


@app.command("notebook")
@takes_read_options
@takes_train_options("target", "seed", "effort")
def notebook_command(
    table: TableArgument,
    target: str,
    seed: int,
    effort: str,
    reading: dict[str, Any],
    model: Annotated[Path | None, _MODEL] = None,
    out: Annotated[Path, option("--out", "-o", metavar="FILE", text="The notebook.")] = Path("analysis.ipynb"),
    run: Annotated[
        bool, typer.Option("--run/--no-run", help="Run it in a new kernel, so that it holds its outputs.")
    ] = True,
    to: Annotated[list[str] | None, _TO] = None,
    jupytext: Annotated[
        bool, typer.Option("--jupytext", help="Pair it with a text file that jupytext keeps equal.")
    ] = False,
    force: ForceOption = False,
) -> None:
    """Write an analysis as a notebook that runs: the profile, the network, its test."""
    from tidynet.workflow.notebook import notebook

    with make_console() as console:
        files = notebook(
            table, target, model=model, out=out, run=run, formats=to or (), jupytext=jupytext,
            seed=seed, effort=effort, force=force, on_message=console.show_status, **reading,
        )  # fmt: skip
        for path in files:
            console.print_file(path, path.stat().st_size)
