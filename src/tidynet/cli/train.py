"""`tidynet train`: from a table to a model file and a report."""

from __future__ import annotations

from typing import Any

import typer

from tidynet.cli.app import app
from tidynet.cli.options import (
    QuietOption,
    TableArgument,
    VerboseOption,
    make_console,
    takes_read_options,
    takes_train_options,
)


@app.command("train")
@takes_read_options
@takes_train_options()
def train_command(
    context: typer.Context,
    table: TableArgument,
    reading: dict[str, Any],
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
    **values: Any,
) -> None:
    """Train a network on a table, test it, and write the model and a report."""
    from tidynet.workflow import TrainOptions, run

    options = TrainOptions(**values, reading=reading, command=context.obj)
    with make_console(verbose=verbose, quiet=quiet) as console:
        run(table, options, console)
